//! Numbers of the People's Republic of China, Hong Kong and Taiwan, and the vehicle number that China shares with the
//! world.

use super::dates::past;
use super::digits::{digits, pair, value, values};
use super::iso7064::mod_11_2;
use super::weighted::{complement, letter, sum};

/// Whether the first two digits are a province of GB/T 2260; 81 to 83 are residents of Hong Kong, Macau and Taiwan, 91
/// foreigners. Counties change too often to be a test.
fn province(code: u32) -> bool {
    matches!(code, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91)
}

/// Resident identity number of 18 characters (GB 11643-1999), stripped and upper-cased: province, date of birth from
/// 1900 to today, ISO 7064 MOD 11-2.
pub(super) fn cn_resident_id(text: &str) -> bool {
    let Some(d) = text.get(..17).and_then(digits::<17>) else { return false };
    let year = pair(d[6], d[7]) * 100 + pair(d[8], d[9]);
    province(pair(d[0], d[1]))
        && year >= 1900
        && past(year, pair(d[10], d[11]), pair(d[12], d[13]))
        && text.as_bytes().get(17..) == Some(&[mod_11_2(&d)])
}

/// Resident identity number of the first generation, 15 digits without a check digit: province and a date in the 1900s.
pub(super) fn cn_resident_id15(text: &str) -> bool {
    let Some(d) = digits::<15>(text) else { return false };
    province(pair(d[0], d[1])) && past(1900 + pair(d[6], d[7]), pair(d[8], d[9]), pair(d[10], d[11]))
}

/// Hong Kong identity card, blanks and parentheses stripped: one or two letters, six digits, check character. A missing
/// first letter counts as a blank worth 36.
pub(super) fn hk_id(text: &str) -> bool {
    let (head, rest) = match text.len() {
        8 => (36, values::<8>(text)),
        9 => (i32::from(value(text.as_bytes()[0]).unwrap_or(0)), text.get(1..).and_then(values::<8>)),
        _ => return false,
    };
    let Some(v) = rest else { return false };
    let digits = v[1..7].iter().all(|&digit| digit < 10);
    let remainder = complement(head * 9 + sum(&v[..7], &[8, 7, 6, 5, 4, 3, 2]), 11);
    digits && head > 9 && v[0] > 9 && i32::from(v[7]) == remainder
}

/// The two-digit values of the letters A to Z in Taiwan's numbers.
const TAIWAN: [u8; 26] =
    [10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33];

fn taiwan(letter: u8) -> Option<u8> {
    TAIWAN.get(usize::from(letter.checked_sub(b'A')?)).copied()
}

fn taiwan_passes(first: u8, digits: &[u8]) -> bool {
    let head = [first / 10, first % 10];
    let all = [&head, digits].concat();
    sum(&all, &[1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 == 0
}

/// Taiwan's national number, and the number of resident certificates since 2021: the second character is 1, 2, 8 or 9.
pub(super) fn tw_id(text: &str) -> bool {
    let first = text.bytes().next().and_then(taiwan);
    let (Some(first), Some(d)) = (first, text.get(1..).and_then(digits::<9>)) else { return false };
    matches!(d[0], 1 | 2 | 8 | 9) && taiwan_passes(first, &d)
}

/// Taiwan's resident certificate until 2020: two letters, the second of A to D, which counts with its units digit.
pub(super) fn tw_arc(text: &str) -> bool {
    let mut letters = text.bytes();
    let (first, second) = (letters.next().and_then(taiwan), letters.next());
    let (Some(first), Some(second @ b'A'..=b'D')) = (first, second) else { return false };
    let Some(d) = text.get(2..).and_then(digits::<8>) else { return false };
    let units = taiwan(second).unwrap_or(0) % 10;
    taiwan_passes(first, &[&[units], &d[..]].concat())
}

const CREDIT_CODE: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Unified social credit code (GB 32100-2015): 31 symbols, weights 3^(i-1), modulo 31.
pub(super) fn cn_uscc(text: &str) -> bool {
    let symbol = |byte: u8| CREDIT_CODE.bytes().position(|b| b == byte).and_then(|i| u8::try_from(i).ok());
    let Some(v) = text.bytes().take(19).map(symbol).collect::<Option<Vec<u8>>>() else { return false };
    let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    v.len() == 18 && complement(sum(&v[..17], &weights), 31) == i32::from(v[17])
}

/// Organisation code (GB 11714-1997), hyphen stripped: eight characters, weights 3 7 9 10 5 8 4 2, modulo 11, `X` for
/// ten.
pub(super) fn cn_org_code(text: &str) -> bool {
    let Some(v) = text.get(..8).and_then(values::<8>) else { return false };
    let remainder = complement(sum(&v, &[3, 7, 9, 10, 5, 8, 4, 2]), 11);
    text.len() == 9 && v.iter().any(|&v| v != 0) && letter("0123456789X", remainder, text.as_bytes()[8])
}

/// Mobile number, stripped: the country code may lead; the first three digits are assigned to an operator.
pub(super) fn cn_mobile(text: &str) -> bool {
    let text = text.trim_start_matches('+');
    let national = ["0086", "86"].iter().find_map(|code| text.strip_prefix(code)).unwrap_or(text);
    let Some(d) = digits::<11>(national) else { return false };
    let assigned = match d[1] {
        3 | 8 => true,
        4 => matches!(d[2], 5..=9),
        5 | 9 => matches!(d[2], 0..=3 | 5..=9),
        6 => matches!(d[2], 2 | 5 | 6 | 7),
        7 => matches!(d[2], 0..=8),
        _ => false,
    };
    d[0] == 1 && assigned
}

/// Whether 17 characters hold a letter and a digit, as a vehicle identification number does, and pass [`vin`] where the
/// law of the maker's country asks for it: the first character is 1, 4 or 5 in the United States, 2 in Canada, L in
/// China.
pub(super) fn vin_shape(text: &str) -> bool {
    letter_and_digit(text) && (!text.starts_with(['1', '2', '4', '5', 'L']) || vin(text))
}

fn letter_and_digit(text: &str) -> bool {
    text.len() == 17 && text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_uppercase())
}

/// Vehicle identification number (ISO 3779, GB 16735, 49 CFR 565): transliterated, weighted, modulo 11 at place 9.
/// Required in China and North America; elsewhere a failure says nothing.
pub(super) fn vin(text: &str) -> bool {
    let transliterated = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'H' => Some(byte - b'A' + 1),
        b'J'..=b'N' => Some(byte - b'J' + 1),
        b'P' | b'R' => Some(byte - b'P' + 7),
        b'S'..=b'Z' => Some(byte - b'S' + 2),
        _ => None,
    };
    let Some(v) = text.bytes().take(18).map(transliterated).collect::<Option<Vec<u8>>>() else { return false };
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    letter_and_digit(text) && letter("0123456789X", sum(&v, &weights) % 11, text.as_bytes()[8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_check_digit_does_not_make_a_date_or_a_province() {
        assert!(cn_resident_id("11010519491231002X"));
        assert!(!cn_resident_id("990105199003070029") && !cn_resident_id("110105199002310023"));
        assert!(cn_resident_id15("440301850615121") && !cn_resident_id15("110105491331002"));
    }

    #[test]
    fn neighbours_have_their_own_sums() {
        assert!(hk_id("A1234563") && hk_id("AB9876543") && !hk_id("A1234564") && !hk_id("11234563"));
        assert!(tw_id("A123456789") && !tw_id("A323456783") && tw_arc("AC01234567") && !tw_arc("AE01234567"));
        assert!(cn_uscc("91350100M000100Y43") && cn_org_code("D2143569X") && vin("1M8GDM9AXKP042788"));
    }

    #[test]
    fn unassigned_prefixes_are_no_telephones() {
        assert!(cn_mobile("+8618612345678") && cn_mobile("13800138000") && !cn_mobile("14012345678"));
    }
}
