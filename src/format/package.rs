//! Packages: documents that are a ZIP of XML parts and pictures (Office Open XML, `OpenDocument`, OFD, EPUB).
//!
//! Parts are found by name as OPC wants it, whatever the case and whichever slash, and read through a cap. A part that cannot
//! be had is a fault of that part; the rest is read. A package whose directory is lost is read by the headers of its parts.

mod main_part;
mod salvage;
mod window;
pub(super) mod xml;

use std::collections::HashMap;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;

use ::zip::ZipArchive;
use ::zip::result::ZipError;

use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::kind;

use super::archive::documents::{Directory, Gap};
use super::outlines::Drawing;
use super::text::{Holding, TextPages};
use super::{Document, Members, Source};
pub(super) use main_part::kind_of_type;
pub(crate) use main_part::office_kind;
use salvage::Salvaged;
use window::Window;
use xml::Xml;

/// Bytes of a part's name that a fault tells.
const NAME_SHOWN: usize = 120;

/// Bytes of a part that are looked at to see what it is.
const LOOK: u64 = 4096;

/// What makes a package the document of a family, by parts in lower case: all of one line must be there.
const FAMILIES: &[(&str, &[&str])] = &[
    ("Office Open XML", &["[content_types].xml"]),
    ("OpenDocument", &["content.xml", "mimetype"]),
    ("OpenDocument", &["content.xml", "meta-inf/manifest.xml"]),
    ("OFD", &["ofd.xml"]),
    ("EPUB", &["meta-inf/container.xml", "mimetype"]),
];

/// An open package.
pub(super) struct Package {
    archive: Archive,
    /// Names as they stand there, with `/`, in the order of the directory.
    names: Vec<String>,
    /// Index of each name in lower case.
    index: HashMap<String, usize>,
    /// What lies in the file and in no part, if anything does.
    beside: Option<(Directory, Vec<Gap>)>,
    limits: Limits,
    faults: Vec<Fault>,
}

/// Where parts come from.
enum Archive {
    /// Parts in memory.
    Held(Vec<(String, Vec<u8>)>),
    Whole(ZipArchive<Window>),
    Salvaged(Salvaged),
}

impl Package {
    /// Opens a package; one that has no part is a fault.
    pub(super) fn open(source: &Source, limits: &Limits) -> Result<Self, Fault> {
        let mut faults = Vec::new();
        let archive = match ZipArchive::new(Window::new(source.clone())) {
            Ok(archive) => Archive::Whole(archive),
            Err(error) => {
                let salvaged =
                    Salvaged::find(source).map_err(|error| Fault::whole(FaultReason::Io, error.to_string()))?;
                if salvaged.is_empty() {
                    return Err(fault_of(&error, "the package"));
                }
                faults.push(Fault::whole(FaultReason::Damaged, "the directory of the package is damaged"));
                Archive::Salvaged(salvaged)
            }
        };
        let mut names = archive.names();
        if archive.has_duplicates() {
            faults
                .push(Fault::whole(FaultReason::Damaged, "the package has several parts of one name, and one is read"));
        }
        let most = limits.package_parts;
        if names.len() > most {
            faults.push(Fault::limit("package_parts", most, format!("a package of {} parts", names.len())));
            names.truncate(most);
        }
        let index = index_of(&names);
        let is_whole = |parts: &[&str]| parts.iter().all(|part| index.contains_key(*part));
        let mut families: Vec<&str> =
            FAMILIES.iter().filter(|(_, parts)| is_whole(parts)).map(|(name, _)| *name).collect();
        families.dedup();
        if families.len() > 1 {
            let detail = format!("the package is several documents ({}), and one is read", families.join(", "));
            faults.push(Fault::whole(FaultReason::Unsupported, detail));
        }
        let mut beside = None;
        // Of a package without a directory everything that can be found is a part.
        if matches!(archive, Archive::Whole(_)) {
            let directory = Directory::find(source).map_err(|error| fault_of_read(&error, "the package"))?;
            if let Some(directory) = directory {
                let gaps = directory.gaps()?;
                beside = (!gaps.is_empty()).then_some((directory, gaps));
            }
        }
        Ok(Self { archive, names, index, beside, limits: limits.clone(), faults })
    }

    /// A package whose parts are in memory, by their names; of two of one name the first counts.
    pub(super) fn held(parts: Vec<(String, Vec<u8>)>, limits: &Limits) -> Self {
        let archive = Archive::Held(parts);
        let names = archive.names();
        let index = index_of(&names);
        Self { archive, names, index, beside: None, limits: limits.clone(), faults: Vec::new() }
    }

    /// Whether bytes lie in the file and in no part of the package.
    pub(super) fn has_beside(&self) -> bool {
        self.beside.is_some()
    }

    /// Hands out what lies before, between and behind the parts, if it is anything known.
    pub(super) fn beside_to(&self, out: &mut dyn Members) -> Result<ControlFlow<()>, Fault> {
        match &self.beside {
            Some((directory, gaps)) => directory.hand_out(gaps, self.limits.archive_marks, out),
            None => Ok(ControlFlow::Continue(())),
        }
    }

    /// Whether the bytes of a part are a picture or a document, whatever its name says: then it is no font, and nothing that
    /// only a program needs. Text that is nothing further may be either.
    pub(super) fn is_shown(&self, name: &str) -> bool {
        self.kind(name).is_some_and(|kind| !matches!(kind, "text" | "font"))
    }

    /// What the bytes of a part begin like; none if that is nothing known, or there is no such part.
    pub(super) fn kind(&self, name: &str) -> Option<&'static str> {
        let head = self.reading(name, |bytes| {
            let mut head = Vec::new();
            // What cannot be read is told where it is handed out.
            let _ = bytes.take(LOOK).read_to_end(&mut head);
            Ok(head)
        });
        head.and_then(Result::ok).and_then(|head| kind::of_head(&head))
    }

    /// What of the package itself is damaged.
    pub(super) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether its directory is lost, so that parts may be missing that nobody took out.
    pub(super) fn is_salvaged(&self) -> bool {
        matches!(self.archive, Archive::Salvaged(_))
    }

    /// Names of the parts, with `/` between folders, without folders themselves.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str).filter(|name| !name.ends_with('/'))
    }

    /// Whether there is a part.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches('/').to_lowercase();
        self.index.get(&name).copied().or_else(|| self.index.get(&name.replace('\\', "/")).copied())
    }

    /// A part, wholly unpacked; none if there is none.
    pub(super) fn part(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.reading(name, |bytes| {
            let limit = self.limits.unpacked_bytes;
            let mut all = Vec::new();
            bytes.take(limit.saturating_add(1)).read_to_end(&mut all).map_err(|error| fault_of_read(&error, name))?;
            match all.len() as u64 > limit {
                true => Err(Fault::limit("unpacked_bytes", limit, shown(name))),
                false => Ok(all),
            }
        })
        .transpose()
    }

    /// Reads a part as XML, streaming; none if there is none. `read` asks [`Xml::uncut`] if it reads whole texts.
    pub(super) fn xml<T>(
        &self,
        name: &str,
        read: impl FnOnce(&mut Xml<'_>) -> Result<T, Fault>,
    ) -> Option<Result<T, Fault>> {
        self.reading(name, |bytes| {
            let bytes = BufReader::with_capacity(1 << 15, bytes);
            read(&mut Xml::new(bytes, shown(name), &self.limits)?)
        })
    }

    /// Reads the bytes of a part through a function, at most one more than the limit; none if there is none.
    pub(super) fn stream<T>(
        &self,
        name: &str,
        read: impl FnOnce(&mut dyn Read) -> Result<T, Fault>,
    ) -> Option<Result<T, Fault>> {
        let limit = self.limits.unpacked_bytes;
        self.reading(name, |bytes| {
            let mut bytes = bytes.take(limit.saturating_add(1));
            let value = read(&mut bytes)?;
            if bytes.limit() == 0 { Err(Fault::limit("unpacked_bytes", limit, shown(name))) } else { Ok(value) }
        })
    }

    /// Hands a part out as a member, under its own name.
    pub(super) fn part_to(&self, name: &str, out: &mut dyn Members) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        let mut handed = false;
        let read = self.reading(name, |bytes| {
            flow = out.member(name, bytes);
            handed = true;
            Ok(())
        });
        match read {
            Some(Err(fault)) if !handed => out.unreadable(name, fault),
            None => out.unreadable(name, Fault::whole(FaultReason::Damaged, format!("{} is missing", shown(name)))),
            _ => flow,
        }
    }

    /// Reads a part through a function; none if there is none.
    fn reading<T>(&self, name: &str, read: impl FnOnce(&mut dyn Read) -> Result<T, Fault>) -> Option<Result<T, Fault>> {
        let index = self.find(name)?;
        Some(match &self.archive {
            Archive::Whole(archive) => match archive.clone().by_index(index) {
                Ok(mut part) => read(&mut part),
                Err(error) => Err(fault_of(&error, &shown(name))),
            },
            Archive::Salvaged(salvaged) => salvaged.reading(index, &shown(name), read),
            Archive::Held(parts) => read(&mut parts.get(index).map_or(&[][..], |(_, bytes)| bytes.as_slice())),
        })
    }
}

/// The number of each name, in lower case. Salvaged packages may hold a part twice; the first is the one that was written whole.
fn index_of(names: &[String]) -> HashMap<String, usize> {
    let mut index = HashMap::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        index.entry(name.to_lowercase()).or_insert(at);
    }
    index
}

impl Archive {
    fn names(&self) -> Vec<String> {
        match self {
            Self::Whole(archive) => {
                let name = |index| archive.name_for_index(index).and_then(Result::ok).map(std::borrow::Cow::into_owned);
                let raw: Vec<&[u8]> = archive.file_names_raw().collect();
                let lossy =
                    |index: usize| String::from_utf8_lossy(raw.get(index).copied().unwrap_or_default()).into_owned();
                (0..archive.len()).map(|index| name(index).unwrap_or_else(|| lossy(index)).replace('\\', "/")).collect()
            }
            Self::Salvaged(salvaged) => salvaged.names(),
            Self::Held(parts) => parts.iter().map(|(name, _)| name.replace('\\', "/")).collect(),
        }
    }

    fn has_duplicates(&self) -> bool {
        match self {
            Self::Whole(archive) => archive.has_duplicate_names(),
            Self::Salvaged(_) | Self::Held(_) => false,
        }
    }
}

/// Whether a name ends in an extension, whatever its case.
pub(super) fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
}

/// The name of a part as a fault tells it.
fn shown(name: &str) -> String {
    let short = name.get(..name.floor_char_boundary(NAME_SHOWN)).unwrap_or(name);
    format!("part {}", short.escape_debug())
}

/// The fault of a part, or of a package, that cannot be opened.
fn fault_of(error: &ZipError, what: &str) -> Fault {
    match error {
        ZipError::Io(error) => fault_of_read(error, what),
        ZipError::InvalidPassword => Fault::whole(FaultReason::Encrypted, format!("{what} is encrypted")),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            Fault::whole(FaultReason::Encrypted, format!("{what} is encrypted"))
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            Fault::whole(FaultReason::Unsupported, format!("{what} is packed by an unknown method"))
        }
        _ => Fault::whole(FaultReason::Damaged, format!("{what} is damaged")),
    }
}

/// The fault of bytes that cannot be read to their end: only what the system says is no damage.
fn fault_of_read(error: &io::Error, what: &str) -> Fault {
    match error.raw_os_error() {
        Some(_) => Fault::whole(FaultReason::Io, format!("reading {what} failed: {error}")),
        None => Fault::whole(FaultReason::Damaged, format!("{what} is damaged")),
    }
}

/// The document of every package: pages of text, and parts that are documents themselves.
pub(super) struct Packaged {
    /// Its text.
    pub(super) pages: TextPages,
    /// Where its members come from.
    pub(super) package: Package,
    /// Names of the parts that are handed out.
    pub(super) members: Vec<String>,
    /// Drawings in parts, by the names of their pictures.
    pub(super) drawn: Vec<(String, Drawing)>,
}

impl Holding for Packaged {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn uncovered(&self) -> Vec<Fault> {
        let mut faults = self.package.faults().to_vec();
        faults.extend(self.pages.faults());
        faults
    }

    fn holds(&self) -> bool {
        !self.members.is_empty() || !self.drawn.is_empty() || self.package.has_beside()
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        for name in &self.members {
            if self.package.part_to(name, out).is_break() {
                return Ok(());
            }
        }
        if Drawing::hand_out(&self.drawn, &self.package.limits, out).is_break() {
            return Ok(());
        }
        self.package.beside_to(out).map(|_| ())
    }
}

#[cfg(test)]
pub(super) mod tests;
