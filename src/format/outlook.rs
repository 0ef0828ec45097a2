//! Outlook's own files: messages, meetings, contacts, tasks (`.msg`) and what its mail carries where others have parts
//! (`winmail.dat`).
//!
//! A `.msg` is a compound file whose streams are properties. Messages and objects attached to it are storages inside; they
//! are handed out as compound files of their own.

mod mapi;
mod pst;
mod rtf;
mod tnef;

use std::io::{self, Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use cfb::CompoundFile;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::{Document, Format, Source, ole};
use mapi::{Attachment, Item, Props, Value, tag};
pub(super) use pst::Pst;
pub(super) use tnef::Tnef;

/// The stream of properties without length.
const PROPERTIES: &str = "__properties_version1.0";
/// The storage of the names of properties.
const NAMES: &str = "__nameid_version1.0";
/// How the names of streams of properties begin.
const STREAM: &str = "__substg1.0_";
/// A property that is a storage: an attached message or object.
const STORAGE: &str = "__substg1.0_3701000D";

/// Bytes before the properties of a message of its own, of one in another, and of a recipient or an attachment.
const OWN_HEAD: usize = 32;
const INNER_HEAD: usize = 24;
const PART_HEAD: usize = 8;

/// Reads `.msg`.
pub(super) struct Msg;

impl Format for Msg {
    fn name(&self) -> &'static str {
        "msg"
    }

    fn version(&self) -> u32 {
        8
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["msg"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let limit = settings.limits.content_text_bytes;
        if source.size() > limit as u64 {
            let seen = format!("a message of {} bytes", source.size());
            return Err(Fault::limit("content_text_bytes", limit, seen));
        }
        // Whatever a directory says, streams and copies of them hold no more than the file some times over.
        let budget = source.size().saturating_mul(4).saturating_add(1 << 20);
        let damaged = |error: io::Error| Fault::whole(FaultReason::Damaged, format!("a broken compound file: {error}"));
        let behind = ole::extent::fault(&source);
        let file = CompoundFile::open(source).map_err(damaged)?;
        let mut reader = Reader { file, budget, faults: behind.into_iter().collect() };
        let item = reader.item(settings.limits.message_parts);
        Ok(Box::new(item.letter(settings)))
    }
}

/// Reads the streams of a message.
struct Reader {
    file: CompoundFile<Source>,
    /// Bytes that may still be read.
    budget: u64,
    faults: Vec<Fault>,
}

impl Reader {
    /// The message of the file, with so many recipients and attachments at most.
    fn item(&mut self, most: usize) -> Item {
        let root = Path::new("/");
        let names = self.names();
        let mut props = self.props(root, OWN_HEAD);
        props.names = names;
        let code_page = [tag::CODE_PAGE, tag::INTERNET_CODE_PAGE].into_iter().find_map(|id| props.number(id));
        let code_page = code_page.and_then(|page| u32::try_from(page).ok());
        let (mut recipients, mut attachments) = (Vec::new(), Vec::new());
        let is_recipient = |name: &str| name.starts_with("__recip_version1.0_");
        let mut parts = self.storages(root);
        parts.retain(|name| is_recipient(name) || name.starts_with("__attach_version1.0_"));
        if parts.len() > most {
            let seen = format!("a message with {} recipients and attachments", parts.len());
            self.faults.push(Fault::limit("message_parts", most, seen));
        }
        for name in parts.into_iter().take(most) {
            let path = root.join(&name);
            match is_recipient(&name) {
                true => recipients.push(Props { code_page, ..self.props(&path, PART_HEAD) }),
                false => attachments.push(self.attachment(&path, code_page)),
            }
        }
        Item { props, recipients, attachments, faults: std::mem::take(&mut self.faults) }
    }

    /// The names of the storages in another, in order.
    fn storages(&mut self, path: &Path) -> Vec<String> {
        let Ok(entries) = self.file.read_storage(path) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.filter(cfb::Entry::is_storage).map(|entry| entry.name().to_owned()).collect();
        names.sort();
        names
    }

    /// A stream; what of it cannot be read is a fault.
    fn stream(&mut self, path: &Path) -> Vec<u8> {
        let mut bytes = Vec::new();
        let budget = self.budget;
        let read = self.file.open_stream(path).and_then(|stream| stream.take(budget).read_to_end(&mut bytes));
        self.budget = self.budget.saturating_sub(bytes.len() as u64);
        if read.is_err() || self.budget == 0 {
            self.faults.push(Fault::whole(FaultReason::Damaged, "streams of a message are broken"));
        }
        bytes
    }

    /// The properties in a storage, behind `head` bytes of other things.
    fn props(&mut self, path: &Path, head: usize) -> Props {
        let mut props = Props::default();
        let Ok(entries) = self.file.read_storage(path) else {
            self.faults.push(Fault::whole(FaultReason::Damaged, "streams of a message are broken"));
            return props;
        };
        let streams = entries.filter(cfb::Entry::is_stream).map(|entry| entry.name().to_owned());
        let mut streams: Vec<String> = streams.filter(|name| name.starts_with(STREAM)).collect();
        streams.sort();
        for name in streams {
            let Some((id, kind)) = property(&name) else { continue };
            let single = name.len() == STREAM.len() + 8;
            let wanted = matches!(kind, 0x1e | 0x1f | 0x102) && single || matches!(kind, 0x101e | 0x101f) && !single;
            if !wanted {
                continue;
            }
            let bytes = self.stream(&path.join(&name));
            props.push(
                id,
                match kind {
                    0x1f | 0x101f => Value::Text(wide(&bytes)),
                    0x1e | 0x101e => Value::Narrow(bytes),
                    _ => Value::Binary(bytes),
                },
            );
        }
        if self.file.is_stream(path.join(PROPERTIES)) {
            let bytes = self.stream(&path.join(PROPERTIES));
            if !fixed(bytes.get(head..).unwrap_or_default(), &mut props) {
                self.faults.push(Fault::whole(FaultReason::Damaged, "properties of a message were zeroed"));
            }
        }
        props
    }

    /// The names of the properties that have no fixed number.
    fn names(&mut self) -> std::collections::BTreeMap<u16, String> {
        let folder = Path::new("/").join(NAMES);
        let (list, texts) = (folder.join("__substg1.0_00030102"), folder.join("__substg1.0_00040102"));
        if !self.file.is_stream(&list) {
            return std::collections::BTreeMap::new();
        }
        let list = self.stream(&list);
        let texts = if self.file.is_stream(&texts) { self.stream(&texts) } else { Vec::new() };
        let name = |entry: &[u8]| {
            let index = u16::from_le_bytes([entry[6], entry[7]]);
            let named = entry[4] & 1 == 1;
            let at = usize::try_from(u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]])).ok()?;
            let length = texts.get(at..).filter(|_| named)?.get(..4)?;
            let length = usize::try_from(u32::from_le_bytes([length[0], length[1], length[2], length[3]])).ok()?;
            let text = texts.get(at + 4..)?.get(..length)?;
            Some((0x8000_u16.checked_add(index)?, wide(text).trim_matches('\0').to_owned()))
        };
        list.chunks_exact(8).filter_map(name).collect()
    }

    /// An attachment: its properties, and the file that it is if it lies in a storage.
    fn attachment(&mut self, path: &Path, code_page: Option<u32>) -> Attachment {
        let props = Props { code_page, ..self.props(path, PART_HEAD) };
        let storage = path.join(STORAGE);
        if !self.file.is_storage(&storage) {
            return Attachment { props, ..Attachment::default() };
        }
        let message = self.file.is_stream(storage.join(PROPERTIES));
        let file = self.copied(&storage, message);
        let file = file.map_err(|error| {
            Fault::whole(FaultReason::Damaged, format!("an attached message or object is broken: {error}"))
        });
        Attachment { props, file: Some(file), ending: if message { ".msg" } else { "" } }
    }

    /// A storage as a compound file of its own.
    fn copied(&mut self, from: &Path, message: bool) -> io::Result<Vec<u8>> {
        let mut out = CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
        if message {
            // First, because by its name the kind of the file is told, and not all names are looked at.
            out.create_stream(Path::new("/").join(PROPERTIES))?;
        }
        let mut folders = vec![(from.to_owned(), PathBuf::from("/"))];
        let names = Path::new("/").join(NAMES);
        if message && self.file.is_storage(&names) && !self.file.is_storage(from.join(NAMES)) {
            folders.push((names, Path::new("/").join(NAMES)));
        }
        for (folder, to) in folders {
            let entries: Vec<(PathBuf, bool)> =
                self.file.walk_storage(&folder)?.map(|entry| (entry.path().to_owned(), entry.is_stream())).collect();
            for (path, is_stream) in entries {
                let relative = path.strip_prefix(&folder).map_err(|_| io::ErrorKind::InvalidData)?;
                // A path joined with an empty one ends in a slash.
                let target = if relative.as_os_str().is_empty() { to.clone() } else { to.join(relative) };
                if !is_stream {
                    out.create_storage_all(&target)?;
                    continue;
                }
                let mut bytes = self.stream(&path);
                if self.budget == 0 {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "streams hold more than the file"));
                }
                if message && target == Path::new("/").join(PROPERTIES) && bytes.len() >= INNER_HEAD {
                    bytes.splice(INNER_HEAD..INNER_HEAD, [0; OWN_HEAD - INNER_HEAD]);
                }
                out.create_stream(&target)?.write_all(&bytes)?;
            }
        }
        out.flush()?;
        Ok(out.into_inner().into_inner())
    }
}

/// Number and type of the property that a stream is.
fn property(name: &str) -> Option<(u16, u16)> {
    let digits = name.get(STREAM.len()..STREAM.len() + 8)?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    Some((u16::try_from(number >> 16).ok()?, u16::try_from(number & 0xffff).ok()?))
}

/// The properties of fixed length.
fn fixed(bytes: &[u8], props: &mut Props) -> bool {
    let mut is_sound = true;
    for entry in bytes.chunks_exact(16) {
        let (kind, id) = (u16::from_le_bytes([entry[0], entry[1]]), u16::from_le_bytes([entry[2], entry[3]]));
        let mut value = [0; 8];
        value.copy_from_slice(&entry[8..]);
        let whole = u64::from_le_bytes(value);
        let low = i32::from_le_bytes([value[0], value[1], value[2], value[3]]);
        match kind {
            2 => props.push(id, Value::Number(i64::from(i16::from_le_bytes([value[0], value[1]])))),
            3 => props.push(id, Value::Number(i64::from(low))),
            0x40 => props.push(id, Value::Time(whole)),
            _ => is_sound &= (kind, id) != (0, 0),
        }
    }
    is_sound
}

/// Text in UTF-16.
fn wide(bytes: &[u8]) -> String {
    String::from_utf16_lossy(&units(bytes))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[cfg(test)]
mod tests;
