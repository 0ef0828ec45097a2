//! National numbers of Asia, Turkey, Israel and South Africa.

use super::dates::{any_century, past, yymmdd};
use super::digits::{digits, number, pair, uniform, values};
use super::weighted::{complement, letter, sum};
use super::{luhn, verhoeff};

/// India: Aadhaar, stripped: Verhoeff, first digit 2 to 9, not a palindrome.
pub(super) fn in_aadhaar(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else { return false };
    let palindrome = d.iter().eq(d.iter().rev());
    d[0] > 1 && !palindrome && verhoeff::passes(&d)
}

/// India: permanent account number, structure only: the kind of holder at place 4, a serial that is not 0000.
pub(super) fn in_pan(text: &str) -> bool {
    let Some(v) = values::<10>(text) else { return false };
    let letters = [0, 1, 2, 3, 4, 9].iter().all(|&i: &usize| v[i] > 9);
    let serial = text.get(5..9).and_then(number);
    letters && b"ABCFGHJLPT".contains(&text.as_bytes()[3]) && serial.is_some_and(|serial| serial > 0)
}

/// India: goods-and-services tax number: state, account number, Luhn over 36 symbols.
pub(super) fn in_gstin(text: &str) -> bool {
    let Some(v) = values::<15>(text) else { return false };
    let state = matches!(pair(v[0].min(9), v[1].min(9)), 1..=38 | 97);
    state
        && v[0] < 10
        && v[1] < 10
        && text.get(2..12).is_some_and(in_pan)
        && text.as_bytes()[13] == b'Z'
        && luhn::passes_36(&v)
}

/// South Korea: the date in a resident registration number exists; the seventh digit tells the century.
pub(super) fn kr_rrn_date(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let century = match d[6] {
        9 | 0 => 1800,
        1 | 2 | 5 | 6 => 1900,
        _ => 2000,
    };
    past(century + pair(d[0], d[1]), pair(d[2], d[3]), pair(d[4], d[5]))
}

/// South Korea: resident registration number, stripped. Numbers given since October 2020 need not pass.
pub(super) fn kr_rrn(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let remainder = (11 - sum(&d[..12], &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10;
    kr_rrn_date(text) && remainder == i32::from(d[12])
}

/// South Korea: a number that was given since October 2020, as to those born since and to foreigners, or may have been.
pub(super) fn kr_rrn_unchecked(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let since = (pair(d[0], d[1]), pair(d[2], d[3])) >= (20, 10);
    kr_rrn_date(text) && (matches!(d[6], 5..=8) || matches!(d[6], 3 | 4) && since)
}

/// South Korea: business registration number, stripped: weights 1 3 7 1 3 7 1 3 5, and the tens of five times the ninth
/// digit.
pub(super) fn kr_brn(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let total = sum(&d[..9], &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + i32::from(d[8]) * 5 / 10;
    !uniform(&d) && complement(total, 10) == i32::from(d[9])
}

/// Japan: My Number of a person, stripped.
pub(super) fn jp_my_number(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else { return false };
    let remainder = sum(&d[..11], &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if remainder <= 1 { 0 } else { 11 - remainder };
    !uniform(&d) && check == i32::from(d[11])
}

/// Japan: corporate number; the check digit leads and is never 0.
pub(super) fn jp_corporate(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    9 - sum(&d[1..], &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]) % 9 == i32::from(d[0])
}

/// Singapore: NRIC and FIN.
pub(super) fn sg_nric(text: &str) -> bool {
    let Some(d) = text.get(1..8).and_then(digits::<7>) else { return false };
    let (offset, table) = match text.as_bytes()[0] {
        b'S' => (0, "JZIHGFEDCBA"),
        b'T' => (4, "JZIHGFEDCBA"),
        b'F' => (0, "XWUTRQPNMLK"),
        b'G' => (4, "XWUTRQPNMLK"),
        b'M' => (3, "XWUTRQPNJLK"),
        _ => return false,
    };
    let remainder = (offset + sum(&d, &[2, 7, 6, 5, 4, 3, 2])) % 11;
    text.len() == 9 && letter(table, remainder, text.as_bytes()[8])
}

/// Malaysia: `MyKad`, stripped: a date and a place of birth that is assigned. There is no check digit.
pub(super) fn my_nric(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else { return false };
    let place = matches!(pair(d[6], d[7]), 1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99);
    place && yymmdd(&d[..6])
}

/// Thailand: national number, stripped.
pub(super) fn th_pin(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let remainder = sum(&d[..12], &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    (1..=8).contains(&d[0]) && (11 - remainder) % 10 == i32::from(d[12])
}

/// Indonesia: NIK: a province, and a date of birth, for women with 40 added to the day. There is no check digit.
pub(super) fn id_nik(text: &str) -> bool {
    let Some(d) = digits::<16>(text) else { return false };
    let province = matches!(pair(d[0], d[1]), 11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97);
    let day = pair(d[6], d[7]);
    let day = if day > 40 { day - 40 } else { day };
    province && any_century(pair(d[10], d[11]), pair(d[8], d[9]), day) && d[12..].iter().any(|&digit| digit != 0)
}

/// Turkey: identity number: the tenth digit from odd and even places, the eleventh from all.
pub(super) fn tr_tckn(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let tenth = sum(&d[..9], &[7, -1, 7, -1, 7, -1, 7, -1, 7]).rem_euclid(10);
    let eleventh = sum(&d[..10], &[1; 10]) % 10;
    d[0] != 0 && tenth == i32::from(d[9]) && eleventh == i32::from(d[10])
}

/// Israel: identity number: Luhn over nine digits, not all equal.
pub(super) fn il_id(text: &str) -> bool {
    digits::<9>(text).is_some_and(|d| !uniform(&d) && luhn::passes(&d))
}

/// South Africa: identity number: a date, citizenship 0 to 2, Luhn.
pub(super) fn za_id(text: &str) -> bool {
    digits::<13>(text).is_some_and(|d| yymmdd(&d[..6]) && d[10] <= 2 && luhn::passes(&d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_pass() {
        assert!(in_aadhaar("234123412346") && in_pan("ACUPA7085R") && in_gstin("27AAPFU0939F1ZV"));
        assert!(kr_rrn("9710139019902") && kr_brn("1248100998") && jp_my_number("621498320257"));
        assert!(jp_corporate("5835678256246") && sg_nric("S1234567D") && my_nric("770305021234"));
        assert!(th_pin("1234545678781") && tr_tckn("17291716060") && il_id("039337423") && za_id("7503305044089"));
    }

    #[test]
    fn structure_counts_as_much_as_the_sum() {
        assert!(!in_pan("ACUPA0000R") && !my_nric("770305171234") && !id_nik("9971011708450001"));
        assert!(!il_id("000000000") && !jp_my_number("000000000000"));
    }
}
