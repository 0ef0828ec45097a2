//! ISO/IEC 7064: check systems that notice every single error and every swap of neighbours.

use super::digits::value;

/// MOD 11-2 over digits: the check character that follows them, `X` for ten.
pub(super) fn mod_11_2(digits: &[u8]) -> u8 {
    let remainder = digits.iter().fold(0_u32, |sum, &digit| (sum + u32::from(digit)) * 2 % 11);
    match (12 - remainder) % 11 {
        10 => b'X',
        other => b"0123456789"[other as usize % 10],
    }
}

/// MOD 97-10: the remainder of digits and capitals (A=10 to Z=35) read as one long number; none for other characters.
pub(super) fn mod_97(text: impl IntoIterator<Item = u8>) -> Option<u32> {
    text.into_iter().try_fold(0, |remainder, byte| {
        let value = u32::from(value(byte)?);
        Some((remainder * if value < 10 { 10 } else { 100 } + value) % 97)
    })
}

/// MOD 11,10 (hybrid): the check digit that follows the digits.
pub(super) fn mod_11_10(digits: &[u8]) -> u8 {
    let product = digits.iter().fold(10_u32, |product, &digit| {
        let sum = (product + u32::from(digit)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    b"0123456789"[((11 - product) % 10) as usize] - b'0'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples() {
        assert_eq!(mod_11_2(&[1, 1, 0, 1, 0, 5, 1, 9, 4, 9, 1, 2, 3, 1, 0, 0, 2]), b'X');
        assert_eq!(mod_11_2(&[0, 7, 9, 4]), b'0', "the example of the standard: 0794-0");
        assert_eq!(mod_97(*b"370400440532013000DE89"), Some(1));
        assert_eq!(mod_97(*b"a"), None);
        assert_eq!(mod_11_10(&[0, 7, 9, 4]), 5, "the example of the standard: 0794-5");
    }
}
