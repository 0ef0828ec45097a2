//! Where a compound file ends: behind the last sector in use.
//!
//! Its table of chains tells that of every sector. Sectors that are free, or in use by no stream, are not looked at before that end.

use crate::finding::Fault;
use crate::format::{Source, behind};

use super::bytes::{u16, u32};

/// Ids from here on are marks and no sectors.
const MARKS: u32 = 0xffff_fffa;

/// The mark of a sector that is free.
const FREE: u32 = 0xffff_ffff;

/// The fault of what lies behind the end of a compound file: nothing in it points there, and no program shows it.
pub(in crate::format) fn fault(source: &Source) -> Option<Fault> {
    behind::fault_past(source, end(source)?.min(source.size()))
}

/// One past the last sector in use; none of what has no header.
fn end(source: &Source) -> Option<u64> {
    let head = source.head(512).ok()?;
    let sector: u64 = match u16(&head, 30)? {
        9 => 512,
        12 => 4096,
        _ => return None,
    };
    let all = source.size() / sector;
    let longs = |bytes: &[u8]| -> Vec<u32> { (0..bytes.len() / 4).filter_map(|index| u32(bytes, 4 * index)).collect() };
    let read = |id: u32| {
        let start = (u64::from(id) + 1) * sector;
        source.bytes_of(start..start + sector).ok().map(|bytes| longs(&bytes))
    };
    let is_there = |id: &u32| *id < MARKS && u64::from(*id) < all;
    let mut last = [u32(&head, 48)?, u32(&head, 60)?].into_iter().filter(is_there).max().unwrap_or_default();
    // The first 109 sectors of the table are listed in the header, the rest in a chain of lists.
    let mut tables = longs(head.get(76..512)?);
    let wanted = usize::try_from(all / (sector / 4)).unwrap_or(usize::MAX).saturating_add(1);
    let mut list = u32(&head, 68)?;
    while is_there(&list) && tables.len() < wanted.saturating_add(109) {
        last = last.max(list);
        let more = read(list)?;
        let (next, ids) = more.split_last()?;
        tables.extend(ids);
        list = *next;
    }
    let mut id = 0_u32;
    for table in tables.into_iter().filter(|id| *id < MARKS).take(wanted) {
        let entries = if is_there(&table) { read(table)? } else { Vec::new() };
        last = last.max(Some(table).filter(is_there).unwrap_or_default());
        for next in entries {
            if next != FREE && is_there(&id) {
                last = last.max(id);
            }
            // Some writers mark the last sector of a chain as free.
            last = last.max(Some(next).filter(is_there).unwrap_or_default());
            id = id.saturating_add(1);
        }
    }
    Some((u64::from(last) + 2) * sector)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FaultReason;
    use crate::format::ole::object::compound;
    use crate::format::test_support::source;

    #[test]
    fn what_lies_behind_the_last_sector_in_use_is_a_fault_and_padding_is_not() {
        let file = compound(&[("Large", [7; 10_000].as_slice()), ("In/Side", b"two")]);
        let found = |behind: &[u8]| fault(&source(&[&file, behind].concat()));
        assert_eq!(found(b""), None);
        assert_eq!(found(&[0; 4096]), None);
        let message = b"From: a@example.org\nSubject: offer\nMIME-Version: 1.0\n\nTOP SECRET\n";
        let fault = found(message).expect("a fault");
        assert_eq!(
            (fault.reason, fault.detail.as_str()),
            (FaultReason::Attachment, format!("{} bytes behind the end are not read: eml", message.len()).as_str())
        );
        assert!(found(&[[0; 512].as_slice(), b"PK\x03\x04 and so on"].concat()).is_some());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(changes in proptest::collection::vec((0_usize..20_000, proptest::num::u8::ANY), 0..30)) {
            let mut bytes = compound(&[("Large", &[7; 10_000]), ("In/Side", b"two")]);
            let length = bytes.len();
            changes.into_iter().for_each(|(at, byte)| bytes[at % length] = byte);
            let _ = fault(&source(&bytes));
        }
    }
}
