//! Cabinets: stored, MSZIP and LZX.
//!
//! The library reads a file by its name and unpacks a folder anew for each, so it is given a cabinet of one folder with
//! one file that is all of it, made of a new header before the bytes in the file; files are cut out of that.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::bytes::{Exactly, Spliced, le16, le32, read_at};
use super::names::Names;
use super::out::{Out, damaged, fault_of, hidden, one_of_several, packed_by};
use super::{Container, Context};
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::Source;

/// Bytes of the header, of a folder and of a file without their variable parts.
const HEADER: usize = 36;
const FOLDER: usize = 8;
const FILE: usize = 16;

/// Folder numbers from here on say that a file begins or ends in another cabinet.
const ELSEWHERE: u16 = 0xfffd;

/// Flag of a file with a name in UTF-8.
const UTF8: u16 = 0x80;

/// Bytes of a list of files: 65,535 of them, each with a name of 256 bytes and its end.
const LIST: u64 = 65_535 * (16 + 257);

/// Opens a cabinet.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let list = List::of(&source)?;
    let mut faults = Vec::new();
    if list.flags & 3 != 0 {
        faults.push(one_of_several());
    }
    if source.size() > list.size {
        let behind = source.size() - list.size;
        // A signature stands there by right; its place is in the part of the header that is reserved.
        if list.flags & 4 == 0 {
            faults.push(hidden(behind, "behind the cabinet"));
        }
    }
    Ok(Container::new(Vec::new(), faults, context, move |out| list.hand_out(&source, out)))
}

/// What the cabinet says it holds.
struct List {
    size: u64,
    flags: u16,
    /// Bytes that are reserved in each block of data.
    reserved: u8,
    folders: Vec<Folder>,
    files: Vec<File>,
    names: Names,
}

struct Folder {
    start: u32,
    blocks: u16,
    packing: u16,
}

struct File {
    folder: u16,
    start: u32,
    size: u32,
    utf8: bool,
    name: Vec<u8>,
}

impl List {
    fn of(source: &Source) -> Result<Self, Fault> {
        let read = |start: u64, length: u64| read_at(source, start, length).map_err(|error| fault_of(&error));
        // Four names of 256 bytes and 64 KiB that are reserved may stand before the folders.
        let head = read(0, (128 << 10) + u64::from(u16::MAX) * 263)?;
        let cut = || damaged("its header is cut");
        let short = |at| le16(&head, at).ok_or_else(cut);
        let (folders, files, flags) = (short(26)?, short(28)?, short(30)?);
        let (mut at, mut reserved) = (HEADER, [0, 0]);
        if flags & 4 != 0 {
            reserved = [*head.get(38).ok_or_else(cut)?, *head.get(39).ok_or_else(cut)?];
            at = at + 4 + usize::from(short(36)?);
        }
        // Names of the cabinets before and behind, and of their disks.
        for _ in 0..(flags & 3).count_ones() * 2 {
            let name = head.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0)).ok_or_else(cut)?;
            at += name + 1;
        }
        let folder = |at: usize| {
            Some(Folder { start: le32(&head, at)?, blocks: le16(&head, at + 4)?, packing: le16(&head, at + 6)? })
        };
        let step = FOLDER + usize::from(reserved[0]);
        let folders = (0..usize::from(folders))
            .map(|index| folder(at + index * step).ok_or_else(cut))
            .collect::<Result<_, _>>()?;
        let list = read(u64::from(le32(&head, 16).ok_or_else(cut)?), LIST)?;
        let mut files = parse_files(&list, files).ok_or_else(|| damaged("its list of files is cut"))?;
        let names = Names::of(files.iter().filter(|file| !file.utf8).map(|file| file.name.as_slice()));
        files.sort_by_key(|file| (file.folder, file.start));
        let size = le32(&head, 8).ok_or_else(cut)?.into();
        Ok(Self { size, flags, reserved: reserved[1], folders, files, names })
    }

    fn hand_out(&self, source: &Source, out: &mut Out<'_>) -> Result<(), Fault> {
        for (index, folder) in self.folders.iter().enumerate() {
            let files = self.files.iter().filter(|file| usize::from(file.folder) == index).collect::<Vec<_>>();
            if self.folder(source, folder, &files, out).is_break() {
                return Ok(());
            }
        }
        for file in self.files.iter().filter(|file| usize::from(file.folder) >= self.folders.len()) {
            let fault = if file.folder >= ELSEWHERE { one_of_several() } else { damaged("it is in no folder") };
            if out.unreadable(&self.name(file), fault).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Hands out the files of a folder, in the order in which they were packed.
    fn folder(&self, source: &Source, folder: &Folder, files: &[&File], out: &mut Out<'_>) -> ControlFlow<()> {
        let end = files.iter().map(|file| file.start.saturating_add(file.size)).max().unwrap_or_default();
        let cabinet = match folder.packing & 0xf {
            2 => Err(packed_by("Quantum")),
            0 | 1 | 3 => cab::Cabinet::new(self.alone(source, folder, end)).map_err(|error| fault_of(&error)),
            other => Err(packed_by(&format!("method {other}"))),
        };
        let opened = cabinet.map(|cabinet| Unpacked { cabinet, at: 0, failed: false });
        let mut opened = match opened {
            Ok(opened) => opened,
            Err(fault) => return files.iter().try_for_each(|file| out.unreadable(&self.name(file), fault.clone())),
        };
        let mut bytes = match opened.cabinet.read_file("x") {
            Ok(bytes) => bytes,
            Err(error) => {
                let fault = fault_of(&error);
                return files.iter().try_for_each(|file| out.unreadable(&self.name(file), fault.clone()));
            }
        };
        for file in files {
            let name = self.name(file);
            let skipped = u64::from(file.start).checked_sub(opened.at);
            let mut counted = Counted { inner: &mut bytes, count: 0, failed: opened.failed };
            match skipped {
                // The library must not be asked again for what it could not read.
                _ if opened.failed => out.unreadable(&name, damaged("the packed bytes before it are damaged"))?,
                None => out.unreadable(&name, damaged("it lies over another file"))?,
                Some(skipped) => match io::copy(&mut (&mut counted).take(skipped), &mut io::sink()) {
                    Ok(_) => out.member(&name, Exactly { inner: &mut counted, left: u64::from(file.size) })?,
                    Err(error) => out.unreadable(&name, fault_of(&error))?,
                },
            }
            opened.at = opened.at.saturating_add(counted.count);
            opened.failed = counted.failed;
        }
        ControlFlow::Continue(())
    }

    /// A cabinet of this folder alone, with one file in it.
    fn alone(&self, source: &Source, folder: &Folder, end: u32) -> Spliced {
        const NAME: &[u8] = b"x\0";
        let size = HEADER + 4 + FOLDER + FILE + NAME.len();
        let shift = u32::try_from(size).unwrap_or_default();
        let files = shift - u32::try_from(FILE + NAME.len()).unwrap_or_default();
        let head = [
            b"MSCF\0\0\0\0".as_slice(),
            &[0; 8],
            &files.to_le_bytes(),
            &[0; 4],
            &[3, 1],
            &1_u16.to_le_bytes(),
            &1_u16.to_le_bytes(),
            &4_u16.to_le_bytes(),
            &[0; 4],
            &[0, 0, 0, self.reserved],
            &folder.start.saturating_add(shift).to_le_bytes(),
            &folder.blocks.to_le_bytes(),
            &folder.packing.to_le_bytes(),
            &end.to_le_bytes(),
            &[0; 12],
            NAME,
        ]
        .concat();
        Spliced { head, source: source.clone(), start: 0, length: source.size(), tail: Vec::new(), position: 0 }
    }

    fn name(&self, file: &File) -> String {
        let name =
            if file.utf8 { String::from_utf8_lossy(&file.name).into_owned() } else { self.names.decode(&file.name) };
        name.replace('\\', "/")
    }
}

/// A folder that is unpacked from its beginning, how far it is, and whether it goes no further.
struct Unpacked {
    cabinet: cab::Cabinet<Spliced>,
    at: u64,
    failed: bool,
}

/// Counts what is read, and notes when it fails.
struct Counted<R> {
    inner: R,
    count: u64,
    failed: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer).inspect_err(|_| self.failed = true)?;
        self.count = self.count.saturating_add(count as u64);
        Ok(count)
    }
}

/// The list of files; none if it is cut.
fn parse_files(mut list: &[u8], count: u16) -> Option<Vec<File>> {
    let mut files = Vec::new();
    for _ in 0..count {
        let rest = list.get(FILE..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        files.push(File {
            size: le32(list, 0)?,
            start: le32(list, 4)?,
            folder: le16(list, 8)?,
            utf8: le16(list, 14)? & UTF8 != 0,
            name: rest[..end].to_vec(),
        });
        list = &rest[end + 1..];
    }
    Some(files)
}

#[cfg(test)]
mod tests;
