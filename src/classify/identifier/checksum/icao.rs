//! ICAO Doc 9303: check digits of travel documents (weights 7 3 1, A=10 to Z=35, the filler `<` 0, modulo 10).
//!
//! The machine-readable zones are checked line by line; the text between the lines may be any blanks.

use super::dates::exists;
use super::digits::{digits, pair, value, values};

/// The check digit of a field; none if it holds other characters than capitals, digits and fillers.
fn digit(field: impl IntoIterator<Item = u8>) -> Option<u8> {
    let mut sum = 0_u32;
    for (byte, weight) in field.into_iter().zip([7, 3, 1].into_iter().cycle()) {
        let value = if byte == b'<' { 0 } else { value(byte)? };
        sum += u32::from(value) * weight;
    }
    Some(b"0123456789"[(sum % 10) as usize])
}

/// Whether the character after a field is its check digit.
fn holds(line: &[u8], start: usize, check: usize) -> bool {
    let field = line.get(start..check);
    field.is_some_and(|field| digit(field.iter().copied()) == line.get(check).copied())
}

/// Whether a composite check digit covers these ranges of a text.
fn composite(text: &[u8], ranges: &[(usize, usize)], check: usize) -> bool {
    let fields: Option<Vec<&[u8]>> = ranges.iter().map(|&(start, end)| text.get(start..end)).collect();
    fields.is_some_and(|fields| digit(fields.concat()) == text.get(check).copied())
}

/// Month and day of a YYMMDD field exist in some year; unknown parts may be fillers.
fn date(field: Option<&[u8]>) -> bool {
    let Some(&[_, _, m1, m2, d1, d2]) = field else { return false };
    if [m1, m2, d1, d2].contains(&b'<') {
        return true;
    }
    let [m1, m2, d1, d2] = [m1, m2, d1, d2].map(|b| b.wrapping_sub(b'0').min(10));
    // A leap year: the century, and with it 29 February, cannot be told.
    exists(2000, pair(m1, m2), pair(d1, d2))
}

fn lines(text: &str) -> Vec<&[u8]> {
    text.split('\n').map(|line| line.trim().as_bytes()).filter(|line| !line.is_empty()).collect()
}

/// Passport zone, two lines of 44: number, birth, expiry, optional data (its digit may be a filler) and composite.
pub(super) fn mrz_td3(text: &str) -> bool {
    let lines = lines(text);
    let [first, line] = lines[..] else { return false };
    let optional = line.get(42) == Some(&b'<') && line.get(28..42).is_some_and(|f| f.iter().all(|&b| b == b'<'));
    first.len() == 44
        && line.len() == 44
        && holds(line, 0, 9)
        && holds(line, 13, 19)
        && holds(line, 21, 27)
        && (optional || holds(line, 28, 42))
        && composite(line, &[(0, 10), (13, 20), (21, 43)], 43)
        && date(line.get(13..19))
        && date(line.get(21..27))
}

/// Zone of a document of size 2, two lines of 36.
pub(super) fn mrz_td2(text: &str) -> bool {
    let lines = lines(text);
    let [first, line] = lines[..] else { return false };
    first.len() == 36
        && line.len() == 36
        && (holds(line, 0, 9) || line.get(9) == Some(&b'<'))
        && holds(line, 13, 19)
        && holds(line, 21, 27)
        && composite(line, &[(0, 10), (13, 20), (21, 35)], 35)
        && date(line.get(13..19))
        && date(line.get(21..27))
}

/// Zone of a card, three lines of 30. A filler as the number's check digit means that the number goes on in the
/// optional data; the composite digit covers it then.
pub(super) fn mrz_td1(text: &str) -> bool {
    let lines = lines(text);
    let [first, second, third] = lines[..] else { return false };
    let both = [first, second].concat();
    first.len() == 30
        && second.len() == 30
        && third.len() == 30
        && (holds(first, 5, 14) || first.get(14) == Some(&b'<'))
        && holds(second, 0, 6)
        && holds(second, 8, 14)
        && composite(&both, &[(5, 30), (30, 37), (38, 45), (48, 59)], 59)
        && date(second.get(0..6))
        && date(second.get(8..14))
}

/// German identity card or passport: nine characters of the consonant alphabet and their check digit.
pub(super) fn de_id_card(text: &str) -> bool {
    let Some(all) = values::<10>(text) else { return false };
    let vowel = text.bytes().any(|b| b"AEIOUBDQS".contains(&b));
    !vowel && all[0] > 9 && digits::<1>(&text[9..]).is_some() && holds(text.as_bytes(), 0, 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specimen_of_the_standard_passes() {
        let zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
        assert!(mrz_td3(zone));
        for (i, c) in zone.char_indices().filter(|(i, c)| *i > 44 && c.is_ascii_digit()) {
            let other = if c == '9' { "0" } else { "9" };
            let mut changed = zone.to_owned();
            changed.replace_range(i..=i, other);
            assert!(!mrz_td3(&changed), "{changed}");
        }
    }
}
