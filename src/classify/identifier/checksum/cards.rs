//! Payment cards and devices: numbers that end in a Luhn digit.

use super::digits::uniform;
use super::luhn;

/// A payment card number (ISO/IEC 7812-1), separators stripped: Luhn, the lengths its issuer uses, and neither one
/// digit repeated nor a run that counts up.
pub(super) fn pan(text: &str) -> bool {
    if !(12..=19).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let digits: Vec<u8> = text.bytes().map(|b| b - b'0').collect();
    let counting = digits.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 10);
    let head = digits.iter().take(4).fold(0_u16, |head, &digit| head * 10 + u16::from(digit));
    length_fits(head, text.len()) && !uniform(&digits) && !counting && luhn::passes(&digits)
}

/// Whether the issuer that the first four digits name makes cards with so many digits.
fn length_fits(head: u16, length: usize) -> bool {
    match head {
        4000..=4999 => matches!(length, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 | 3528..=3589 | 6011 | 6440..=6599 => length == 16,
        // American Express, and what JCB made before it had numbers of sixteen digits.
        3400..=3499 | 3700..=3799 | 1800 | 2131 => length == 15,
        3000..=3059 | 3600..=3699 | 3800..=3899 => length == 14,
        6200..=6299 => (16..=19).contains(&length),
        // Maestro.
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => (12..=19).contains(&length),
        _ => false,
    }
}

/// Track 1 or 2 of a magnetic stripe (ISO/IEC 7813), as read: the account number passes [`pan`]'s sum.
pub(super) fn pan_track(text: &str) -> bool {
    let digits = text.trim_start_matches(['%', 'B', ';']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    (12..=19).contains(&end) && luhn::luhn(&digits[..end])
}

/// An IMEI (3GPP TS 23.003), separators stripped: 15 digits, Luhn.
pub(super) fn imei(text: &str) -> bool {
    text.len() == 15 && text.bytes().any(|b| b != b'0') && luhn::luhn(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_have_their_lengths() {
        assert!(pan("4111111111111111") && pan("378282246310005") && pan("6228480402564890018"));
        assert!(!pan("411111111111116"), "Visa has no 15 digits");
        assert!(!pan("1111111111111117"));
    }

    #[test]
    fn devices_and_tracks() {
        assert!(imei("490154203237518") && !imei("000000000000000"));
        assert!(pan_track(";4111111111111111=29121010000") && !pan_track(";"));
    }
}
