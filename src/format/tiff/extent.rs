//! Where a TIFF ends: the farthest byte that any of its directories refers to.
//!
//! The `tiff` crate does not tell where values lie, so the directories are read here once more. Nothing is decoded.

use std::collections::HashSet;
use std::io::{Read as _, Seek as _, SeekFrom};

use crate::format::Source;

/// Directories that are followed at most.
const DIRECTORIES: usize = 100_000;
/// Values of a list of strips or tiles in bytes at most.
const LIST: u64 = 16 << 20;

/// How numbers and directories are written.
struct Layout {
    little: bool,
    /// Bytes of the count of entries, of an entry, and of an offset.
    count: usize,
    entry: usize,
    offset: usize,
}

/// What a directory refers to.
#[derive(Default)]
struct Directory {
    end: u64,
    others: Vec<u64>,
    starts: Vec<u64>,
    lengths: Vec<u64>,
}

/// One past the farthest byte that belongs to the TIFF; none if that cannot be told, or lies beyond the file.
pub(super) fn end(source: &Source) -> Option<u64> {
    let head = read(source, 0, 16)?;
    let little = head[0] == b'I';
    let layout = match number(&head[2..4], little) {
        43 => Layout { little, count: 8, entry: 20, offset: 8 },
        _ => Layout { little, count: 2, entry: 12, offset: 4 },
    };
    let mut waiting = vec![number(&head[layout.offset..2 * layout.offset], little)];
    let (mut seen, mut end) = (HashSet::new(), 0);
    while let Some(at) = waiting.pop() {
        if at == 0 || !seen.insert(at) {
            continue;
        }
        let directory = directory(source, &layout, at).filter(|_| seen.len() <= DIRECTORIES)?;
        end = end.max(directory.end);
        if directory.starts.len() != directory.lengths.len() {
            return None;
        }
        for (start, length) in directory.starts.into_iter().zip(directory.lengths) {
            // Old writers leave the length of the only strip open; a strip at 0 is one that is left out.
            end = end.max(if length == 0 && start > 0 { return None } else { start.checked_add(length)? });
        }
        waiting.extend(directory.others);
    }
    (end <= source.size()).then_some(end)
}

/// Reads the directory at `at`.
fn directory(source: &Source, layout: &Layout, at: u64) -> Option<Directory> {
    let value = |bytes: &[u8]| number(bytes, layout.little);
    let count = value(&read(source, at, layout.count as u64)?);
    let length = count.checked_mul(layout.entry as u64)?.checked_add(layout.offset as u64)?;
    let first = at.checked_add(layout.count as u64)?;
    let bytes = read(source, first, length).filter(|_| length <= LIST)?;
    let (entries, next) = bytes.split_at(bytes.len() - layout.offset);
    let mut found = Directory { end: first + length, others: vec![value(next)], ..Directory::default() };
    for entry in entries.chunks_exact(layout.entry) {
        let (head, field) = entry.split_at(4 + layout.offset);
        let size = match value(&head[2..4]) {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => continue,
        };
        let length = value(&head[4..]).checked_mul(size)?;
        let place = (length > field.len() as u64).then(|| value(field));
        if let Some(place) = place {
            found.end = found.end.max(place.checked_add(length)?);
        }
        let wanted = match value(&head[..2]) {
            // The rest of old JPEG files, and the directories of previews and of a camera.
            273 | 324 | 513 => &mut found.starts,
            279 | 325 | 514 => &mut found.lengths,
            330 | 34665 | 34853 | 40965 => &mut found.others,
            _ => continue,
        };
        let list = match place {
            Some(place) => read(source, place, length)?,
            None => field[..usize::try_from(length).ok()?].to_vec(),
        };
        wanted.extend(list.chunks_exact(usize::try_from(size).ok()?).map(value));
    }
    Some(found)
}

/// Exactly `length` bytes at `at`.
fn read(source: &Source, at: u64, length: u64) -> Option<Vec<u8>> {
    at.checked_add(length).filter(|end| *end <= source.size() && length <= LIST)?;
    let (mut source, mut bytes) = (source.clone(), Vec::new());
    source.seek(SeekFrom::Start(at)).ok()?;
    source.take(length).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}

/// A number of at most eight bytes.
fn number(bytes: &[u8], little: bool) -> u64 {
    let add = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    if little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{fixture, source};

    #[test]
    fn a_tiff_ends_where_its_farthest_value_ends() {
        for name in ["g3.tif", "g4.tif", "lzw.tif", "jpeg.tif", "planar.tif", "three_frames.tif", "palette.tif"] {
            let whole = fixture(name);
            let end = end(&source(&whole)).unwrap_or_else(|| panic!("{name}: no end"));
            // A last byte that makes the size even may be one that nothing refers to.
            assert!(whole.len() as u64 - end <= 1, "{name}: {end} of {}", whole.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_damage_makes_the_walk_panic(at in 0_usize..400, byte in proptest::num::u8::ANY) {
            let mut whole = fixture("three_frames.tif");
            let at = at % whole.len();
            whole[at] = byte;
            end(&source(&whole));
        }
    }
}
