//! An archive behind a program or a film, as self-extracting ones are made: the archive is the one member. What stands before it
//! carries no text.

use std::io::{self, Read as _};

use super::bytes::{from, le16, le32, part, read_at};
use super::out::{Out, damaged, fault_of};
use super::{Container, Context};
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::Source;

/// Bytes that are searched at a time.
const WINDOW: u64 = 1 << 20;

/// What archives begin with, of the same length, and the endings of their names.
const MARKS: [(&[u8; 6], &str); 2] = [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "rar")];

/// Bytes of the first header of a RAR, which has at most a few dozen.
const HEADER: u64 = 1024;

/// Opens a program with an archive behind it.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    Ok(Container::new(Vec::new(), Vec::new(), context, move |out| hand_out(&source, out)))
}

fn hand_out(source: &Source, out: &mut Out<'_>) -> Result<(), Fault> {
    let (place, ending) = find(source)
        .map_err(|error| fault_of(&error))?
        .ok_or_else(|| damaged("an archive stands behind it, and where it begins is not to be found"))?;
    let _ = out.member(&format!("archive.{ending}"), part(source, place, source.size().saturating_sub(place)));
    Ok(())
}

/// The first archive.
fn find(source: &Source) -> io::Result<Option<(u64, &'static str)>> {
    let (mut at, mut window) = (0, Vec::new());
    loop {
        window.clear();
        from(source, at).take(WINDOW).read_to_end(&mut window)?;
        for (mark, ending) in MARKS {
            for place in memchr::memmem::find_iter(&window, mark) {
                if begins(source, at + place as u64)? {
                    return Ok(Some((at + place as u64, ending)));
                }
            }
        }
        // A mark may lie across the border of two windows.
        if (window.len() as u64) < WINDOW {
            return Ok(None);
        }
        at += window.len() as u64 - 5;
    }
}

/// Whether a mark begins an archive: programs that unpack know the mark as well, and the check sum of a header not.
fn begins(source: &Source, place: u64) -> io::Result<bool> {
    let header = read_at(source, place, HEADER)?;
    let sum = |range: std::ops::Range<usize>| header.get(range).map(crc32fast::hash);
    Ok(if header.starts_with(b"7z") {
        sum(12..32).is_some_and(|sum| le32(&header, 8) == Some(sum))
    } else if header.starts_with(b"Rar!\x1a\x07\x01\0") {
        // The length is of at most three bytes, seven bits in each.
        let length = header.iter().skip(12).take(3).position(|byte| byte & 0x80 == 0).map_or(3, |last| last + 1);
        let size = header.iter().skip(12).take(length).rev().fold(0, |size, byte| size << 7 | usize::from(byte & 0x7f));
        sum(12..12 + length + size).is_some_and(|sum| le32(&header, 8) == Some(sum))
    } else {
        header.starts_with(b"Rar!\x1a\x07\0")
            && header.get(9) == Some(&0x73)
            && le16(&header, 12).is_some_and(|size| (13..100).contains(&size))
    })
}

#[cfg(test)]
mod tests {
    use super::super::APPENDED;
    use super::super::test_support::held;
    use crate::format::test_support::source;

    /// A program of Windows with one section that ends where the bytes end.
    fn program() -> Vec<u8> {
        let mut bytes = vec![0; 1024];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3c] = 0x80;
        bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
        bytes[0x86] = 1;
        // The unpacker knows the mark.
        bytes[0x80 + 24..0x80 + 40].copy_from_slice(&[0; 16]);
        bytes[0x80 + 24 + 16..0x80 + 24 + 24].copy_from_slice(&[0, 2, 0, 0, 0, 2, 0, 0]);
        bytes[0x300..0x306].copy_from_slice(b"7z\xbc\xaf\x27\x1c");
        bytes
    }

    /// The beginning of a 7z with a right check sum.
    fn archive() -> Vec<u8> {
        let rest = [7_u8; 20];
        [b"7z\xbc\xaf\x27\x1c\0\x04".as_slice(), &crc32fast::hash(&rest).to_le_bytes(), &rest, b"and so on"].concat()
    }

    #[test]
    fn an_archive_behind_a_program_is_its_member_and_a_program_alone_is_none() {
        let settings = b";!@Install@!UTF-8!\nTitle=\"x\"\n;!@InstallEnd@!";
        let archive = archive();
        let bytes = [program().as_slice(), settings, &archive].concat();
        let held = held(&APPENDED, &bytes, &[]).expect("opens");
        assert_eq!(held.members, [("archive.7z".to_owned(), Ok(archive))]);
        let kind = |bytes: &[u8]| crate::kind::detect(bytes, &source(bytes)).to_string();
        assert_eq!(kind(&program()), "pe");
        assert_eq!(kind(&[program().as_slice(), b"notes of the builder"].concat()), "pe");
    }

    #[test]
    fn a_rar_behind_a_film_is_its_member() {
        let header = b"\x03\x01\x05\x00";
        let rar = [
            b"Rar!\x1a\x07\x01\0".as_slice(),
            &crc32fast::hash(header).to_le_bytes(),
            header,
            b"\x1d\x77\x56\x51\x03\x05\x04\0",
        ]
        .concat();
        let film = [b"\0\0\0\x14ftypisom\0\0\0\0isom".as_slice(), &[0; 100]].concat();
        let held = held(&APPENDED, &[film, rar.clone()].concat(), &[]).expect("opens");
        assert_eq!(held.members, [("archive.rar".to_owned(), Ok(rar))]);
    }
}
