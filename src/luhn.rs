//! Luhn (ISO/IEC 7812-1, annex B): from the right, every second value is doubled and its digits added; the sum is a
//! multiple of the base. Also over the 36 digits and letters, as India uses it. One in ten random numbers passes.

/// Whether digits pass; an empty list does not.
pub(crate) fn passes(digits: &[u8]) -> bool {
    remainder(digits, 10) == Some(0)
}

/// Whether values of the 36-symbol alphabet pass.
pub(crate) fn passes_36(values: &[u8]) -> bool {
    remainder(values, 36) == Some(0)
}

fn remainder(values: &[u8], base: u32) -> Option<u32> {
    let doubled = |value: u8| {
        let twice = u32::from(value) * 2;
        twice / base + twice % base
    };
    let pairs = values.iter().rev().enumerate();
    let sum: u32 = pairs.map(|(i, &value)| if i % 2 == 1 { doubled(value) } else { u32::from(value) }).sum();
    (!values.is_empty()).then_some(sum % base)
}

/// Luhn alone, for digits of any length from 2 to 32.
pub(crate) fn luhn(text: &str) -> bool {
    let plain = (2..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain && passes(&text.bytes().map(|b| b - b'0').collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digit_off_is_noticed() {
        assert!(luhn("4111111111111111"));
        assert!(!luhn("4111111111111112"));
        assert!(!luhn("") && !luhn("0") && !luhn("４１"));
    }
}
