//! Reading digits and letters of fixed-length numbers. Whatever has another length or other characters is no such
//! number, so that no check needs to look before it counts.

/// The digits of a text of exactly `N` ASCII digits.
pub(super) fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
    bytes.iter().all(u8::is_ascii_digit).then(|| bytes.map(|b| b - b'0'))
}

/// The values of a text of exactly `N` ASCII digits and capitals: 0 to 9, then A=10 to Z=35.
pub(super) fn values<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
    bytes.iter().all(|&b| value(b).is_some()).then(|| bytes.map(|b| value(b).unwrap_or(0)))
}

/// The value of one digit or capital, A=10 to Z=35.
pub(super) fn value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'Z' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// A number of at most 18 digits.
pub(super) fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Two digits as a number.
pub(super) fn pair(tens: u8, units: u8) -> u32 {
    u32::from(tens) * 10 + u32::from(units)
}

/// Whether all digits are equal: such numbers pass many sums and are never issued.
pub(super) fn uniform(digits: &[u8]) -> bool {
    digits.iter().all(|d| Some(d) == digits.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ascii_of_the_right_length_is_read() {
        assert_eq!(digits::<3>("120"), Some([1, 2, 0]));
        assert_eq!(digits::<3>("12"), None);
        assert_eq!(digits::<3>("１"), None, "full-width: three bytes, no digit");
        assert_eq!(values::<2>("A9"), Some([10, 9]));
        assert_eq!(number("1234567890123456789"), None);
    }
}
