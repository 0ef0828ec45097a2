//! Which document an OLE compound file is, by the names of its streams. Follows the directory chain by position.

use std::io::{Read as _, Seek as _, SeekFrom};

use crate::format::Source;

/// Sectors of the directory that are looked at: 64 of 512 bytes hold 256 streams.
const SECTORS: usize = 64;

/// Names of streams and the kinds they prove, in order of priority.
const STREAMS: &[(&str, &str)] = &[
    ("EncryptedPackage", "ooxml-encrypted"),
    ("EncryptionInfo", "ooxml-encrypted"),
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("VisioDocument", "vsd"),
    ("Quill", "pub"),
    ("Props9", "mpp"),
    ("Props12", "mpp"),
    ("Props14", "mpp"),
    ("HwpSummaryInformation", "hwp"),
    ("\u{5}HwpSummaryInformation", "hwp"),
    ("MatOST", "works"),
    ("MM", "works"),
    ("StarWriterDocument", "sdw"),
    ("StarCalcDocument", "sdc"),
    ("StarDrawDocument3", "sdd"),
];

/// The kinds that streams prove.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    STREAMS.iter().map(|(_, kind)| *kind)
}

/// The kind of a compound file; `ole` if its streams say nothing.
pub(super) fn kind(head: &[u8], source: &Source) -> &'static str {
    let names = stream_names(head, source).unwrap_or_default();
    let found = STREAMS.iter().find(|(stream, _)| names.iter().any(|name| name.eq_ignore_ascii_case(stream)));
    found.map_or("ole", |(_, kind)| *kind)
}

/// Names in the directory; what could be read of them.
fn stream_names(head: &[u8], source: &Source) -> Option<Vec<String>> {
    let shift = match head.get(30..32)? {
        [9, 0] => 9,
        [12, 0] => 12,
        _ => return None,
    };
    let size = 1_usize << shift;
    let sector = |id: u32| -> Option<Vec<u8>> {
        let mut source = source.clone();
        source.seek(SeekFrom::Start((u64::from(id) + 1) << shift)).ok()?;
        let mut bytes = Vec::with_capacity(size);
        source.take(size as u64).read_to_end(&mut bytes).ok()?;
        (!bytes.is_empty()).then_some(bytes)
    };
    let mut names = Vec::new();
    let mut id = long(head, 48)?;
    for _ in 0..SECTORS {
        // Ids from 0xFFFFFFFA up are marks for "end", "free" and the like.
        let Some(bytes) = (id < 0xffff_fffa).then(|| sector(id)).flatten() else { break };
        names.extend(bytes.chunks_exact(128).filter_map(entry_name));
        let per_sector = u32::try_from(size / 4).expect("a sector has 512 or 4096 bytes");
        let (table, index) = (id / per_sector, id % per_sector);
        // The first 109 sectors of the allocation table are listed in the header: enough for 7 MB and more.
        let Some(table) = (table < 109).then(|| long(head, 76 + 4 * table as usize)).flatten() else { break };
        let Some(next) = sector(table).and_then(|bytes| long(&bytes, 4 * index as usize)) else { break };
        id = next;
    }
    Some(names)
}

/// The name of a directory entry.
fn entry_name(entry: &[u8]) -> Option<String> {
    let length = usize::from(u16::from_le_bytes([entry[64], entry[65]]));
    let name = entry.get(..length.min(64).checked_sub(2)?)?;
    let units: Vec<u16> = name.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// A compound file with one directory sector, which may point to itself.
    fn compound(stream: &str, next: u32) -> Vec<u8> {
        let mut bytes = vec![0; 512 * 3];
        bytes[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
        bytes[30] = 9;
        bytes[48] = 1;
        for (index, unit) in stream.encode_utf16().enumerate() {
            bytes[1024 + 2 * index..1026 + 2 * index].copy_from_slice(&unit.to_le_bytes());
        }
        bytes[1024 + 64] = u8::try_from(2 * stream.len() + 2).expect("short");
        bytes[512 + 4..512 + 8].copy_from_slice(&next.to_le_bytes());
        bytes
    }

    fn kind_of(bytes: &[u8]) -> &'static str {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("writes");
        kind(bytes, &Source::new(file).expect("has a size"))
    }

    #[test]
    fn compound_files_are_told_apart_by_their_streams() {
        assert_eq!(kind_of(&compound("WordDocument", 0xffff_fffe)), "doc");
        assert_eq!(kind_of(&compound("Workbook", 0xffff_fffe)), "xls");
        assert_eq!(kind_of(&compound("EncryptedPackage", 0xffff_fffe)), "ooxml-encrypted");
        assert_eq!(kind_of(&compound("Other", 0xffff_fffe)), "ole");
    }

    #[test]
    fn a_directory_that_points_to_itself_ends() {
        assert_eq!(kind_of(&compound("Other", 1)), "ole");
    }
}
