//! Numbers and characters at places in bytes, none where there are too few.

/// Two bytes, little-endian.
pub(in crate::format) fn u16(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?))
}

/// Four bytes, little-endian.
pub(in crate::format) fn u32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// Four bytes that say how many or where.
pub(in crate::format) fn size(bytes: &[u8], at: usize) -> Option<usize> {
    u32(bytes, at).and_then(|value| usize::try_from(value).ok())
}

/// Two bytes that say how many.
pub(in crate::format) fn short(bytes: &[u8], at: usize) -> Option<usize> {
    u16(bytes, at).map(usize::from)
}

/// A double.
pub(in crate::format) fn f64(bytes: &[u8], at: usize) -> Option<f64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    Some(f64::from_le_bytes(eight.try_into().ok()?))
}

/// `length` bytes from `at`, as many as there are.
pub(in crate::format) fn part(bytes: &[u8], at: usize, length: usize) -> &[u8] {
    let start = at.min(bytes.len());
    let end = at.saturating_add(length).min(bytes.len());
    &bytes[start..end]
}

/// The units of UTF-16, little-endian.
pub(in crate::format) fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// UTF-16, little-endian, without NULs.
pub(in crate::format) fn utf16(bytes: &[u8]) -> String {
    String::from_utf16_lossy(&units(bytes)).replace('\0', "")
}

/// Characters of one byte each, the first 256 of Unicode: `compressed` UTF-16.
pub(in crate::format) fn latin(bytes: &[u8]) -> String {
    bytes.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}
