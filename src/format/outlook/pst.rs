//! Stores of Outlook (`.pst`, `.ost`): folders of messages. Each message is handed out as a `.msg`, written anew from its
//! properties, so that one reader reads them wherever they come from.
//!
//! Messages attached to messages come along with their text; what is attached to those in turn is a fault.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Write as _};
use std::ops::ControlFlow;
use std::rc::Rc;

use cfb::CompoundFile;
use outlook_pst::ltp::prop_context::PropertyValue;
use outlook_pst::ltp::table_context::TableContext;
use outlook_pst::messaging::attachment::{AnsiAttachment, Attachment, AttachmentData, UnicodeAttachment};
use outlook_pst::messaging::folder::Folder;
use outlook_pst::messaging::message::{AnsiMessage, Message, UnicodeMessage};
use outlook_pst::messaging::store::{AnsiStore, EntryId, Store, UnicodeStore};
use outlook_pst::ndb::node_id::{NID_ROOT_FOLDER, NodeId};
use outlook_pst::{AnsiPstFile, UnicodePstFile};

use crate::config::{Limits, Settings};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::mail::message::safe;
use crate::format::text::{Holding, Part, TextPages, unreadable};
use crate::format::{Document, Format, Members, Source, behind};

use super::mapi::{Props, Value, tag};
use super::{INNER_HEAD, NAMES, OWN_HEAD, PART_HEAD, PROPERTIES, STORAGE, STREAM};

/// The flag of an item that carries files.
const HAS_FILES: i64 = 0x10;

/// Reads stores.
pub(in crate::format) struct Pst;

impl Format for Pst {
    fn name(&self) -> &'static str {
        "pst"
    }

    fn version(&self) -> u32 {
        5
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["pst"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let head = source.head(1024).map_err(|error| unreadable(&error))?;
        let version = head.get(10).copied().unwrap_or_default();
        // How blocks are enciphered: two ways that keep nothing from anybody, and one with the keys of an account.
        let cipher = if version < 20 { 461 } else { 513 };
        if head.get(cipher) == Some(&0x10) {
            return Err(Fault::whole(
                FaultReason::Encrypted,
                "a store of Outlook's that only its owner's account opens",
            ));
        }
        let behind = behind::fault_past(&source, end(&head, version).unwrap_or(source.size()).min(source.size()));
        let opened = match version {
            14 | 15 => AnsiPstFile::read_from(Box::new(source))
                .and_then(|file| AnsiStore::read(Rc::new(file)))
                .map(Opened::Ansi),
            21 | 23 => UnicodePstFile::read_from(Box::new(source))
                .and_then(|file| UnicodeStore::read(Rc::new(file)))
                .map(Opened::Unicode),
            _ => {
                let detail = format!("a store of Outlook's of version {version} is not read");
                return Err(Fault::whole(FaultReason::Unsupported, detail));
            }
        };
        let store = opened.map_err(|error| broken("a store of Outlook's", &error))?;
        let mut faults: Vec<Fault> = behind.into_iter().collect();
        let (mut folders, mut seen) = (Vec::new(), BTreeSet::new());
        let mut to =
            Gathering { folders: &mut folders, seen: &mut seen, faults: &mut faults, limits: &settings.limits };
        gather(&|node| opened_folder(store.store(), node), NID_ROOT_FOLDER, "", &mut to, 0);
        let text = folders.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>().join("\n");
        let pages =
            TextPages::of_parts(vec![Part { label: Some("list of folders".to_owned()), text }], faults, settings);
        Ok(Box::new(Opening { store, folders, pages }))
    }
}

/// Where a store ends by its header; none of one that does not say so.
fn end(head: &[u8], version: u8) -> Option<u64> {
    let (place, digits) = if version < 20 { (168, 4) } else { (184, 8) };
    let digits = head.get(place..place + digits)?;
    let end = digits.iter().rev().fold(0_u64, |end, byte| end << 8 | u64::from(*byte));
    (end > 0).then_some(end)
}

fn broken(what: &str, error: &io::Error) -> Fault {
    Fault::whole(FaultReason::Damaged, format!("{what} is broken: {error}"))
}

/// A store in one of its two layouts.
enum Opened {
    Unicode(Rc<UnicodeStore>),
    Ansi(Rc<AnsiStore>),
}

/// A message in it.
enum Found {
    Unicode(Rc<UnicodeMessage>),
    Ansi(Rc<AnsiMessage>),
    /// One attached to another.
    Inner(Rc<dyn Message>),
}

impl Opened {
    fn store(&self) -> &dyn Store {
        match self {
            Self::Unicode(store) => &**store,
            Self::Ansi(store) => &**store,
        }
    }

    fn message(&self, entry: &EntryId) -> io::Result<Found> {
        Ok(match self {
            Self::Unicode(store) => Found::Unicode(UnicodeMessage::read(store.clone(), entry, None)?),
            Self::Ansi(store) => Found::Ansi(AnsiMessage::read(store.clone(), entry, None)?),
        })
    }
}

impl Found {
    fn message(&self) -> &dyn Message {
        match self {
            Self::Unicode(message) => &**message,
            Self::Ansi(message) => &**message,
            Self::Inner(message) => &**message,
        }
    }

    /// Whether it is a message, or carries files.
    fn is_message(&self) -> bool {
        let message = self.message();
        let files = message.attachment_table().is_some_and(|table| table.rows_matrix().next().is_some());
        files || is_message(&props(message.properties().iter()))
    }

    fn attachment(&self, node: NodeId) -> io::Result<Rc<dyn Attachment>> {
        Ok(match self {
            Self::Unicode(message) => UnicodeAttachment::read(message.clone(), node, None)?,
            Self::Ansi(message) => AnsiAttachment::read(message.clone(), node, None)?,
            Self::Inner(_) => return Err(io::ErrorKind::Unsupported.into()),
        })
    }
}

/// What is noted on the way through the folders.
struct Gathering<'a, F> {
    folders: &'a mut Vec<(String, F)>,
    seen: &'a mut BTreeSet<u32>,
    faults: &'a mut Vec<Fault>,
    limits: &'a Limits,
}

/// The limit that a folder at this depth is over, behind so many others.
fn over(folders: usize, depth: usize, limits: &Limits) -> Option<Fault> {
    let (most, deepest) = (limits.store_folders, limits.store_depth);
    if folders >= most {
        return Some(Fault::limit("store_folders", most, "the number of folders of a store"));
    }
    (depth > deepest).then(|| Fault::limit("store_depth", deepest, "the depth of folders of a store"))
}

/// What is known of a folder that was opened.
struct Known<F> {
    folder: F,
    name: String,
    /// The folders in it, if there is a list of them.
    inner: Option<Vec<NodeId>>,
    /// Whether there should be one.
    has_inner: bool,
}

fn opened_folder(store: &dyn Store, node: NodeId) -> io::Result<Known<Rc<dyn Folder>>> {
    let folder = store.properties().make_entry_id(node).and_then(|entry| store.open_folder(&entry))?;
    let name = folder.properties().display_name().unwrap_or_default();
    let rows =
        |table: &Rc<dyn TableContext>| table.rows_matrix().map(|row| NodeId::from(u32::from(row.id()))).collect();
    let inner = folder.hierarchy_table().map(rows);
    let has_inner = folder.properties().has_sub_folders().unwrap_or(false);
    Ok(Known { folder, name, inner, has_inner })
}

/// Notes a folder and those in it.
fn gather<F>(
    open: &dyn Fn(NodeId) -> io::Result<Known<F>>,
    node: NodeId,
    path: &str,
    to: &mut Gathering<'_, F>,
    depth: usize,
) {
    if !to.seen.insert(u32::from(node)) {
        return;
    }
    if let Some(fault) = over(to.folders.len(), depth, to.limits) {
        if !to.faults.contains(&fault) {
            to.faults.push(fault);
        }
        return;
    }
    let Known { folder, name, inner, has_inner } = match open(node) {
        Ok(known) => known,
        Err(error) => return to.faults.push(broken("a folder", &error)),
    };
    let path = match (path.is_empty(), name.is_empty()) {
        (_, true) => path.to_owned(),
        (true, false) => safe(&name),
        (false, false) => format!("{path}/{}", safe(&name)),
    };
    if inner.is_none() && has_inner {
        to.faults.push(Fault::whole(FaultReason::Damaged, "the folders in a folder cannot be found"));
    }
    to.folders.push((path.clone(), folder));
    for node in inner.unwrap_or_default() {
        gather(open, node, &path, to, depth + 1);
    }
}

/// An open store.
struct Opening {
    store: Opened,
    folders: Vec<(String, Rc<dyn Folder>)>,
    pages: TextPages,
}

impl Holding for Opening {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn holds(&self) -> bool {
        true
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        let names = self.names();
        for (path, folder) in &self.folders {
            let Some(table) = folder.contents_table() else {
                if folder.properties().content_count().is_ok_and(|count| count > 0) {
                    return Err(Fault::whole(FaultReason::Damaged, "the messages of a folder cannot be found"));
                }
                continue;
            };
            for (number, row) in (1_usize..).zip(table.rows_matrix()) {
                let node = NodeId::from(u32::from(row.id()));
                let read = self.store.store().properties().make_entry_id(node);
                let read = read.and_then(|entry| self.store.message(&entry)).and_then(|found| as_msg(&found, &names));
                let flow = match read {
                    // By number: names are shown in every list, and a subject is text.
                    Ok(bytes) => out.member(&format!("{path}/{number:04}.msg"), &mut bytes.as_slice()),
                    Err(error) => out.unreadable(&format!("{path}/{number:04}.msg"), broken("a message", &error)),
                };
                if flow == ControlFlow::Break(()) {
                    return Ok(());
                }
            }
        }
        for (path, folder) in &self.folders {
            if self.hidden(path, &**folder, &names, out)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Opening {
    /// Hands out the hidden items of a folder that are messages or carry files. The others are settings of views, forms and rules.
    fn hidden(
        &self,
        path: &str,
        folder: &dyn Folder,
        names: &(Vec<u8>, Vec<u8>),
        out: &mut dyn Members,
    ) -> Result<ControlFlow<()>, Fault> {
        let Some(table) = folder.associated_table() else { return Ok(ControlFlow::Continue(())) };
        let listed = rows(table).map_err(|error| broken("the list of hidden items of a folder", &error))?;
        for (number, (row, listed)) in (1_usize..).zip(table.rows_matrix().zip(&listed)) {
            let node = NodeId::from(u32::from(row.id()));
            let entry = self.store.store().properties().make_entry_id(node);
            let found = entry.and_then(|entry| self.store.message(&entry));
            // One without anything below it cannot be opened, and has no files.
            let wanted = is_message(listed) || found.as_ref().is_ok_and(Found::is_message);
            if !wanted {
                continue;
            }
            let name = format!("{path}/hidden-{number:04}.msg");
            let flow = match found.and_then(|found| as_msg(&found, names)) {
                Ok(bytes) => out.member(&name, &mut bytes.as_slice()),
                Err(error) => out.unreadable(&name, broken("a hidden message", &error)),
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The two streams of names of properties, which are the same in a `.msg`.
    fn names(&self) -> (Vec<u8>, Vec<u8>) {
        let Ok(map) = self.store.store().named_property_map() else { return Default::default() };
        let bytes = |id| match map.properties().get(id) {
            Some(PropertyValue::Binary(value)) => value.buffer().to_vec(),
            _ => Vec::new(),
        };
        (bytes(3), bytes(4))
    }
}

/// Whether properties say that an item is a message, or that it carries files.
fn is_message(props: &Props) -> bool {
    let class = props.text(tag::CLASS).unwrap_or_default().to_ascii_lowercase();
    class.starts_with("ipm.note") || props.number(tag::FLAGS).is_some_and(|flags| flags & HAS_FILES != 0)
}

/// The properties that are read.
fn props<'a>(values: impl Iterator<Item = (&'a u16, &'a PropertyValue)>) -> Props {
    let mut props = Props::default();
    for (id, value) in values {
        push(&mut props, *id, value);
    }
    props
}

fn push(props: &mut Props, id: u16, value: &PropertyValue) {
    match value {
        PropertyValue::Integer16(number) => props.push(id, Value::Number(i64::from(*number))),
        PropertyValue::Integer32(number) => props.push(id, Value::Number(i64::from(*number))),
        PropertyValue::Time(time) => props.push(id, Value::Time(time.cast_unsigned())),
        PropertyValue::String8(text) => props.push(id, Value::Narrow(text.buffer().to_vec())),
        PropertyValue::Unicode(text) => props.push(id, Value::Text(String::from_utf16_lossy(text.buffer()))),
        PropertyValue::Binary(bytes) => props.push(id, Value::Binary(bytes.buffer().to_vec())),
        PropertyValue::MultipleString8(texts) => {
            texts.iter().for_each(|text| props.push(id, Value::Narrow(text.buffer().to_vec())));
        }
        PropertyValue::MultipleUnicode(texts) => {
            texts.iter().for_each(|text| props.push(id, Value::Text(String::from_utf16_lossy(text.buffer()))));
        }
        _ => {}
    }
}

/// A message as a `.msg`.
fn as_msg(found: &Found, names: &(Vec<u8>, Vec<u8>)) -> io::Result<Vec<u8>> {
    let mut out = CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
    out.create_storage(format!("/{NAMES}"))?;
    out.create_stream(format!("/{NAMES}/__substg1.0_00030102"))?.write_all(&names.0)?;
    out.create_stream(format!("/{NAMES}/__substg1.0_00040102"))?.write_all(&names.1)?;
    message(&mut out, "/", found, OWN_HEAD)?;
    out.flush()?;
    Ok(out.into_inner().into_inner())
}

type Out = CompoundFile<Cursor<Vec<u8>>>;

/// Writes a message under a path.
fn message(out: &mut Out, path: &str, found: &Found, head: usize) -> io::Result<()> {
    let message = found.message();
    write(out, path, &props(message.properties().iter()), head)?;
    for (number, props) in message.recipient_table().map(rows).transpose()?.unwrap_or_default().iter().enumerate() {
        let path = format!("{path}__recip_version1.0_#{number:08X}/");
        out.create_storage(&path)?;
        write(out, &path, props, PART_HEAD)?;
    }
    let Some(table) = message.attachment_table() else { return Ok(()) };
    for (number, row) in table.rows_matrix().enumerate() {
        let path = format!("{path}__attach_version1.0_#{number:08X}/");
        out.create_storage(&path)?;
        let Ok(attachment) = found.attachment(NodeId::from(u32::from(row.id()))) else {
            // An object that is not there is a fault to whom reads it.
            let mut lost = Props::default();
            lost.push(tag::METHOD, Value::Number(6));
            write(out, &path, &lost, PART_HEAD)?;
            continue;
        };
        let mut kept = props(attachment.properties().iter());
        match attachment.data() {
            Some(AttachmentData::Message(inner)) => {
                let storage = format!("{path}{STORAGE}/");
                out.create_storage(&storage)?;
                self::message(out, &storage, &Found::Inner(inner.clone()), INNER_HEAD)?;
            }
            Some(AttachmentData::Binary(bytes)) if kept.binary(tag::DATA).is_none() => {
                kept.push(tag::DATA, Value::Binary(bytes.buffer().to_vec()));
            }
            _ => {}
        }
        write(out, &path, &kept, PART_HEAD)?;
    }
    Ok(())
}

/// The rows of a table, each with its properties.
fn rows(table: &Rc<dyn TableContext>) -> io::Result<Vec<Props>> {
    let context = table.context();
    let row = |row: &outlook_pst::ltp::table_context::TableRowData| {
        let mut props = Props::default();
        for (column, value) in context.columns().iter().zip(row.columns(context)?) {
            if let Some(value) = value {
                push(&mut props, column.prop_id(), &table.read_column(&value, column.prop_type())?);
            }
        }
        Ok(props)
    };
    table.rows_matrix().map(row).collect()
}

/// Writes properties: each text in a stream, numbers in one.
pub(super) fn write(out: &mut Out, path: &str, props: &Props, head: usize) -> io::Result<()> {
    // First, because by its name the kind of the file is told, and not all names are looked at.
    out.create_stream(format!("{path}{PROPERTIES}"))?;
    let mut fixed = vec![0; head];
    let mut times: BTreeMap<u16, u32> = BTreeMap::new();
    for (id, value) in &props.values {
        let count = times.entry(*id).or_default();
        let suffix = if *count == 0 { String::new() } else { format!("-{count:08X}") };
        let many = if *count == 0 { "0" } else { "1" };
        *count += 1;
        let (kind, bytes) = match value {
            Value::Text(text) => ("01F", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Value::Narrow(bytes) => ("01E", bytes.clone()),
            Value::Binary(bytes) => ("102", bytes.clone()),
            Value::Other => continue,
            Value::Number(number) => {
                fixed.extend([3, 0].into_iter().chain(id.to_le_bytes()).chain([0; 4]));
                fixed.extend(number.to_le_bytes());
                continue;
            }
            Value::Time(time) => {
                fixed.extend([0x40, 0].into_iter().chain(id.to_le_bytes()).chain([0; 4]));
                fixed.extend(time.to_le_bytes());
                continue;
            }
        };
        out.create_stream(format!("{path}{STREAM}{id:04X}{many}{kind}{suffix}"))?.write_all(&bytes)?;
    }
    out.create_stream(format!("{path}{PROPERTIES}"))?.write_all(&fixed)
}
