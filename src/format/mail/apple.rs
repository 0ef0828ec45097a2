//! What Macs put beside a file: the part of its resources, in the packing of `AppleDouble`.

/// Entries with dates, types, comments of the Finder: of no more bytes than this they are only those.
const FINDER_BYTES: u32 = 4096;

/// An empty resource fork.
const EMPTY_FORK: u32 = 286;

/// Whether a file of resources has none, and only says how the Finder shows the file.
pub(super) fn carries_nothing(bytes: &[u8]) -> bool {
    let long = |at: usize| bytes.get(at..at + 4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
    let is_apple = matches!(long(0), Some(0x0005_1607 | 0x0005_1600));
    let Some(count) = bytes.get(24..26).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]]))) else {
        return false;
    };
    is_apple
        && (0..count).all(|index| {
            let at = 26 + 12 * index;
            match (long(at), long(at + 8)) {
                // The data themselves, and resources.
                (Some(1), Some(length)) => length == 0,
                (Some(2), Some(length)) => length <= EMPTY_FORK,
                (Some(_), Some(length)) => length <= FINDER_BYTES,
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::carries_nothing;

    #[test]
    fn only_a_file_without_resources_carries_nothing() {
        let file = |id: u32, length: u32| {
            let entry = [id, 38, length].map(u32::to_be_bytes).concat();
            [b"\0\x05\x16\x07\0\x02\0\0".as_slice(), &[b' '; 16], &[0, 1], &entry].concat()
        };
        assert!(carries_nothing(&file(9, 32)));
        assert!(carries_nothing(&file(2, 286)));
        assert!(!carries_nothing(&file(2, 5000)));
        assert!(!carries_nothing(b"\0\x05\x16\x07"));
    }
}
