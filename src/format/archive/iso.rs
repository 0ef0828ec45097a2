//! ISO 9660 images, with Joliet and Rock Ridge names. Files are members.
//!
//! Of two trees the one with the better names is walked first, and then what stands in the other alone. A UDF file system
//! beside them is a fault, and so is a file that is laid out interleaved.

use std::collections::HashSet;
use std::io::{self, Read};
use std::ops::ControlFlow;

use super::bytes::{Exactly, le32, part, read_at};
use super::names::Names;
use super::out::{Out, damaged, fault_of, packed_by};
use super::{Container, Context, comment};
use crate::config::Limits;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::Source;

/// Bytes of a sector.
const SECTOR: u64 = 2048;

/// Sectors of descriptors that are looked at.
const DESCRIPTORS: u64 = 64;

/// Opens an image.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let image = Image::of(&source).map_err(|error| fault_of(&error))?;
    let mut faults = Vec::new();
    if image.roots.is_empty() {
        faults.push(damaged("it has no root folder"));
    }
    if image.udf {
        faults.push(Fault::whole(FaultReason::Unsupported, "it has a UDF file system, which is not read"));
    }
    let about = comment("volume", image.about.clone()).into_iter().collect();
    let limits = &context.settings.limits;
    Ok(Container::new(about, faults, context, move |out| image.hand_out(&source, limits, out)))
}

/// What the descriptors say.
#[derive(Default)]
struct Image {
    /// Root folders, the one with the better names first.
    roots: Vec<Root>,
    udf: bool,
    /// The names of the volume, its publisher and the like.
    about: String,
}

#[derive(Clone, Copy)]
struct Root {
    extent: u32,
    size: u32,
    /// Names are UTF-16.
    joliet: bool,
}

impl Image {
    fn of(source: &Source) -> io::Result<Self> {
        let mut image = Self::default();
        for sector in 16..16 + DESCRIPTORS {
            let descriptor = read_at(source, sector * SECTOR, SECTOR)?;
            match descriptor.get(1..6) {
                Some(b"CD001") => image.descriptor(&descriptor),
                Some(b"NSR02" | b"NSR03") => image.udf = true,
                Some(b"BEA01" | b"TEA01" | b"BOOT2" | b"CDW02") => {}
                _ => break,
            }
        }
        Ok(image)
    }

    fn descriptor(&mut self, descriptor: &[u8]) {
        let joliet = descriptor[0] == 2 && descriptor.get(88..90) == Some(b"%/");
        let root = (|| Some(Root { extent: le32(descriptor, 158)?, size: le32(descriptor, 166)?, joliet }))();
        match (descriptor[0], root) {
            (1, Some(root)) => {
                self.roots.push(root);
                let fields = [(40, 32), (190, 128), (318, 128), (446, 128), (574, 128)];
                let text = fields.iter().filter_map(|(at, length)| descriptor.get(*at..at + length));
                let lines = text.map(|field| String::from_utf8_lossy(field).trim_matches([' ', '\0']).to_owned());
                self.about = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
            }
            (2, Some(root)) if joliet => self.roots.insert(0, root),
            _ => {}
        }
    }

    fn hand_out(&self, source: &Source, limits: &Limits, out: &mut Out<'_>) -> Result<(), Fault> {
        let mut walk = Walk { source, limits, files: 0, handed: HashSet::new(), folders: HashSet::new() };
        for (index, root) in self.roots.iter().enumerate() {
            walk.folders.clear();
            if walk.tree(*root, index > 0, out)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// What was seen of an image.
struct Walk<'s> {
    source: &'s Source,
    limits: &'s Limits,
    files: u64,
    /// Where files that were handed out lie, and folders that were walked.
    handed: HashSet<(u32, u32)>,
    folders: HashSet<u32>,
}

impl Walk<'_> {
    /// Walks a tree; of a second one only what the first did not have.
    fn tree(&mut self, root: Root, second: bool, out: &mut Out<'_>) -> Result<ControlFlow<()>, Fault> {
        let mut stack = vec![(root.extent, root.size, String::new())];
        while let Some((extent, size, path)) = stack.pop() {
            // A folder that holds itself is walked once.
            if !self.folders.insert(extent) {
                continue;
            }
            let records = self.records(extent, size, root.joliet)?;
            let mut files: Vec<(String, Vec<Record>)> = Vec::new();
            let mut goes_on = false;
            for record in records {
                let name = format!("{path}{}", record.name);
                self.files += 1;
                let limit = self.limits.archive_entries;
                if self.files > limit {
                    return Err(Fault::limit("archive_entries", limit, "an image of more files and folders"));
                }
                if record.flags & 2 != 0 {
                    stack.push((record.extent, record.size, name + "/"));
                    continue;
                }
                let more = record.flags & 0x80 != 0;
                match files.last_mut().filter(|_| goes_on) {
                    Some((_, extents)) => extents.push(record),
                    None => files.push((name, vec![record])),
                }
                goes_on = more;
            }
            for (name, extents) in files {
                if self.file(&name, &extents, second, out).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn file(&mut self, name: &str, extents: &[Record], second: bool, out: &mut Out<'_>) -> ControlFlow<()> {
        let fresh = extents.first().is_some_and(|record| self.handed.insert((record.extent, record.size)));
        if second && !fresh {
            return ControlFlow::Continue(());
        }
        if extents.iter().any(|record| record.interleaved) {
            return out.unreadable(name, packed_by("interleaving"));
        }
        let parts: Vec<_> =
            extents.iter().map(|record| part(self.source, place(record.extent), record.size.into())).collect();
        out.member(name, Joined { parts, at: 0 })
    }

    /// The records of a folder, without itself and the one above.
    fn records(&self, extent: u32, size: u32, joliet: bool) -> Result<Vec<Record>, Fault> {
        let (size, limit) = (u64::from(size), self.limits.archive_folder_bytes);
        if size > limit && place(extent).saturating_add(size) <= self.source.size() {
            let seen = format!("a folder of an image, of {size} bytes,");
            return Err(Fault::limit("archive_folder_bytes", limit, seen));
        }
        let bytes = read_at(self.source, place(extent), size.min(limit)).map_err(|error| fault_of(&error))?;
        if (bytes.len() as u64) < size {
            return Err(damaged("a folder goes over the end of the image"));
        }
        let mut records = Vec::new();
        for sector in bytes.chunks(usize::try_from(SECTOR).unwrap_or(2048)) {
            let mut rest = sector;
            while let Some((length, _)) = rest.split_first().filter(|(length, _)| **length > 33) {
                let Some((record, others)) = rest.split_at_checked(usize::from(*length)) else { break };
                records.extend(Record::parse(record, joliet));
                rest = others;
            }
        }
        Ok(records)
    }
}

/// Where a sector lies.
fn place(extent: u32) -> u64 {
    u64::from(extent) * SECTOR
}

/// Several stretches as one file.
struct Joined {
    parts: Vec<Exactly<Source>>,
    at: usize,
}

impl Read for Joined {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.parts.get_mut(self.at) {
            let count = part.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.at += 1;
        }
        Ok(0)
    }
}

/// What a folder says of a file or a folder.
struct Record {
    name: String,
    extent: u32,
    size: u32,
    flags: u8,
    interleaved: bool,
}

impl Record {
    /// None for the folder itself, the one above it, and what is no file.
    fn parse(record: &[u8], joliet: bool) -> Option<Self> {
        let length = usize::from(*record.get(32)?);
        let name = record.get(33..33 + length)?;
        if name == [0] || name == [1] {
            return None;
        }
        let plain = match joliet {
            true => encoding_rs::UTF_16BE.decode_without_bom_handling(name).0.into_owned(),
            false => Names::of(std::iter::once(name)).decode(name),
        };
        // Rock Ridge keeps its fields behind the name, on an even place.
        let system = record.get(33 + length + usize::from(length % 2 == 0)..).unwrap_or_default();
        let (long, link) = rock_ridge(system);
        if link {
            return None;
        }
        let plain = plain.rsplit_once(';').map_or(plain.as_str(), |(name, _)| name).trim_end_matches('.').to_owned();
        let name = long.map_or(plain, |long| Names::of(std::iter::once(long.as_slice())).decode(&long));
        let extended = u32::from(*record.get(1)?);
        Some(Self {
            name,
            extent: le32(record, 2)?.saturating_add(extended),
            size: le32(record, 10)?,
            flags: *record.get(25)?,
            interleaved: *record.get(26)? != 0 || *record.get(27)? != 0,
        })
    }
}

/// The name in Rock Ridge's fields, and whether it is that of a link.
fn rock_ridge(mut fields: &[u8]) -> (Option<Vec<u8>>, bool) {
    let (mut name, mut link): (Option<Vec<u8>>, bool) = (None, false);
    while let Some(length) = fields.get(2).map(|length| usize::from(*length)).filter(|length| *length >= 4) {
        let Some((field, rest)) = fields.split_at_checked(length) else { break };
        match &field[..2] {
            b"NM" => name.get_or_insert_default().extend(field.get(5..).unwrap_or_default()),
            b"SL" => link = true,
            _ => {}
        }
        fields = rest;
    }
    (name.filter(|name| !name.is_empty()), link)
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "fixtures are small and made here")]
mod tests;
