//! Compound files: streams in a tree of storages, each a chain of sectors.
//!
//! Reads what can be read of damaged ones: a chain that ends early or runs in a circle gives what it has, and says so. No
//! stream is longer than the file, so nothing that the header claims takes memory.

use std::cell::Cell;

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::Source;
use crate::format::text::read_whole;

use super::bytes::{size, u16, u32, utf16};
use super::extent;

/// Chain ids from here on are marks: end of chain, free and the like.
const MARKS: u32 = 0xffff_fffa;

/// Bytes of a sector of the small streams.
const SMALL: usize = 64;

/// Entries of a directory that are looked at; a presentation with ten thousand objects has half of that.
const ENTRIES: usize = 200_000;

/// Times the size of the file that its streams may have together, as often as they are read.
const READINGS: usize = 4;

/// A compound file in memory.
pub(in crate::format) struct Compound {
    bytes: Vec<u8>,
    sector: usize,
    chains: Vec<u32>,
    small_chains: Vec<u32>,
    small: Vec<u8>,
    cutoff: usize,
    entries: Vec<Entry>,
    children: Vec<Vec<usize>>,
    damaged: bool,
    /// What lies behind its end.
    behind: Option<Fault>,
    /// Bytes that may still be read: chains may share sectors, and so give more than the file has.
    budget: Cell<usize>,
}

/// A stream or a storage.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its name.
    pub(super) name: String,
    /// Whether it is a storage.
    pub(super) storage: bool,
    start: u32,
    size: usize,
    links: [u32; 3],
}

/// The root storage.
pub(super) const ROOT: usize = 0;

impl Compound {
    /// Reads a file up to the limit.
    pub(super) fn open(source: &Source, settings: &Settings) -> Result<Self, Fault> {
        let bytes = read_whole(source, settings, "a document")?;
        let lost = || Fault::whole(FaultReason::Damaged, "the compound file has no directory");
        Ok(Self { behind: extent::fault(source), ..Self::of(bytes).ok_or_else(lost)? })
    }

    /// The compound file that bytes are.
    pub(in crate::format) fn of(bytes: Vec<u8>) -> Option<Self> {
        let sector = match u16(&bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let cutoff = size(&bytes, 56)?.min(1 << 16);
        let mut file = Self {
            bytes,
            sector,
            chains: Vec::new(),
            small_chains: Vec::new(),
            small: Vec::new(),
            cutoff,
            entries: Vec::new(),
            children: Vec::new(),
            damaged: false,
            behind: None,
            budget: Cell::new(0),
        };
        file.budget.set(file.bytes.len().saturating_mul(READINGS));
        file.read_chains()?;
        let (directory, _) = file.chain(u32(&file.bytes, 48)?, usize::MAX);
        file.read_entries(&directory);
        let root = file.entries.first()?.clone();
        file.link();
        let (small_table, _) = file.chain(u32(&file.bytes, 60)?, usize::MAX);
        file.small_chains = longs(&small_table);
        file.small = file.chain(root.start, root.size).0;
        Some(file)
    }

    /// The table of chains: its first 109 sectors are listed in the header, the rest in a chain of lists.
    fn read_chains(&mut self) -> Option<()> {
        let most = self.bytes.len() / self.sector + 1;
        let mut sectors: Vec<u32> = longs(self.bytes.get(76..512)?);
        let mut list = u32(&self.bytes, 68)?;
        for _ in 0..most {
            let Some(more) = (list < MARKS).then(|| self.sector(list)).flatten().map(longs) else { break };
            let (next, ids) = more.split_last()?;
            sectors.extend(ids);
            list = *next;
        }
        let ids = sectors.into_iter().filter(|id| *id < MARKS).take(most);
        let tables: Vec<u32> = ids.filter_map(|id| self.sector(id)).flat_map(longs).collect();
        self.chains = tables;
        Some(())
    }

    fn read_entries(&mut self, directory: &[u8]) {
        self.damaged |= directory.len() / 128 > ENTRIES;
        let wide = self.sector > 512;
        let most = self.bytes.len();
        let entry = |entry: &[u8]| {
            let length = usize::from(u16(entry, 64)?).min(64).saturating_sub(2);
            // The upper half of the size is noise in files of small sectors.
            let high = if wide { u32(entry, 124)? } else { 0 };
            let size = if high > 0 { most } else { size(entry, 120)?.min(most) };
            Some(Entry {
                name: utf16(entry.get(..length)?),
                storage: matches!(entry.get(66)?, 1 | 5),
                start: u32(entry, 116)?,
                size,
                links: [u32(entry, 68)?, u32(entry, 72)?, u32(entry, 76)?],
            })
        };
        self.entries = directory.chunks_exact(128).take(ENTRIES).filter_map(entry).collect();
    }

    /// Finds the storage of each entry, following the trees of names.
    fn link(&mut self) {
        let mut seen = vec![false; self.entries.len()];
        self.children = vec![Vec::new(); self.entries.len()];
        let mut open = vec![(self.entries[ROOT].links[2], ROOT)];
        seen[ROOT] = true;
        while let Some((id, parent)) = open.pop() {
            if id >= MARKS {
                continue;
            }
            let at = id as usize;
            match seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => {
                    self.damaged = true;
                    continue;
                }
            }
            self.children[parent].push(at);
            let [left, right, child] = self.entries[at].links;
            open.extend([(left, parent), (right, parent)]);
            if self.entries[at].storage {
                open.push((child, at));
            }
        }
        self.children.iter_mut().for_each(|children| children.sort_unstable());
    }

    fn sector(&self, id: u32) -> Option<&[u8]> {
        let start = (id as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end).filter(|bytes| !bytes.is_empty())
    }

    /// The bytes of a chain, at most `size`, and whether they are all there.
    fn chain(&self, start: u32, size: usize) -> (Vec<u8>, bool) {
        let most = size.min(self.bytes.len());
        let mut bytes = Vec::new();
        let mut id = start;
        while bytes.len() < most && id < MARKS {
            let Some(sector) = self.sector(id) else { break };
            bytes.extend_from_slice(sector);
            // A sector that is cut is the last of the file.
            id = self.chains.get(id as usize).copied().unwrap_or(MARKS);
        }
        let whole = bytes.len() >= most || size == usize::MAX;
        bytes.truncate(most);
        (bytes, whole)
    }

    fn small_chain(&self, start: u32, size: usize) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        let mut id = start;
        while bytes.len() < size && id < MARKS {
            let at = (id as usize).saturating_mul(SMALL);
            let Some(sector) = self.small.get(at..(at.saturating_add(SMALL)).min(self.small.len())) else { break };
            if sector.is_empty() {
                break;
            }
            bytes.extend_from_slice(sector);
            id = self.small_chains.get(id as usize).copied().unwrap_or(MARKS);
        }
        let whole = bytes.len() >= size;
        bytes.truncate(size);
        (bytes, whole)
    }

    /// An entry.
    pub(super) fn entry(&self, id: usize) -> &Entry {
        &self.entries[id]
    }

    /// What lies in a storage, in the order of the directory.
    pub(super) fn children(&self, storage: usize) -> impl Iterator<Item = usize> + '_ {
        self.children[storage].iter().copied()
    }

    /// The entry of that name in a storage.
    pub(super) fn find(&self, storage: usize, name: &str) -> Option<usize> {
        self.children(storage).find(|id| self.entries[*id].name.eq_ignore_ascii_case(name))
    }

    /// The bytes of a stream, and whether they are all there.
    pub(super) fn read(&self, id: usize) -> (Vec<u8>, bool) {
        let entry = &self.entries[id];
        let Some(left) = self.budget.get().checked_sub(entry.size) else { return (Vec::new(), false) };
        self.budget.set(left);
        if entry.size < self.cutoff {
            self.small_chain(entry.start, entry.size)
        } else {
            self.chain(entry.start, entry.size)
        }
    }

    /// The bytes of a stream of the root storage; a fault goes to `faults` if they are not all there.
    pub(super) fn stream(&self, name: &str, faults: &mut Vec<Fault>) -> Option<Vec<u8>> {
        let id = self.find(ROOT, name).filter(|id| !self.entries[*id].storage)?;
        let (bytes, whole) = self.read(id);
        if !whole {
            let shown = self.entries[id].name.escape_debug();
            faults.push(Fault::whole(FaultReason::Damaged, format!("the stream {shown} is cut short")));
        }
        Some(bytes)
    }

    /// The fault of a directory that is broken, or else of what lies behind the end.
    pub(super) fn fault(&self) -> Option<Fault> {
        let broken = || Fault::whole(FaultReason::Damaged, "the directory of the compound file is broken");
        self.damaged.then(broken).or_else(|| self.behind.clone())
    }
}

fn longs(bytes: impl AsRef<[u8]>) -> Vec<u32> {
    bytes.as_ref().chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ole::object::compound;

    #[test]
    fn streams_are_read_small_and_large_and_in_storages() {
        let large = vec![7; 10_000];
        let bytes = compound(&[("Small", b"one".as_slice()), ("Large", &large), ("In/Side", b"two")]);
        let file = Compound::of(bytes).expect("opens");
        let mut faults = Vec::new();
        assert_eq!(file.stream("small", &mut faults).expect("there"), b"one");
        assert_eq!(file.stream("Large", &mut faults).expect("there"), large);
        let storage = file.find(ROOT, "In").expect("there");
        let inside: Vec<_> = file.children(storage).map(|id| file.read(id).0).collect();
        assert_eq!(inside, [b"two"]);
        assert!(faults.is_empty() && file.fault().is_none());
    }

    #[test]
    fn a_file_that_is_cut_gives_what_it_has_and_a_fault() {
        let bytes = compound(&[("Large", &[7; 10_000])]);
        let file = Compound::of(bytes[..bytes.len() - 4000].to_vec());
        let mut faults = Vec::new();
        let read = file.and_then(|file| file.stream("Large", &mut faults));
        assert!(read.is_none_or(|read| read.len() < 10_000 && !faults.is_empty()));
    }

    #[test]
    fn chains_in_circles_end() {
        let mut bytes = compound(&[("Large", &[7; 10_000])]);
        // Every sector is followed by the second one.
        let table = (u32(&bytes, 76).expect("listed") as usize + 1) * 512;
        let table = if bytes[30] == 12 { (u32(&bytes, 76).expect("listed") as usize + 1) * 4096 } else { table };
        for at in (table..table + 400).step_by(4) {
            bytes[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
        }
        drop(Compound::of(bytes));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(changes in proptest::collection::vec((0_usize..20_000, proptest::num::u8::ANY), 0..30)) {
            let mut bytes = compound(&[("Large", &[7; 10_000]), ("In/Side", b"two")]);
            let length = bytes.len();
            changes.into_iter().for_each(|(at, byte)| bytes[at % length] = byte);
            if let Some(file) = Compound::of(bytes) {
                for id in 0..file.entries.len() {
                    file.read(id);
                }
            }
        }
    }
}
