//! National numbers of North and South America.

use super::dates::{exists, yymmdd};
use super::digits::{digits, pair, uniform, value};
use super::luhn;
use super::weighted::{complement, letter, sum};

/// Published numbers that were never anybody's: a wallet insert, an advertisement, a leaflet.
const SPECIMEN_SSN: &[&str] = &["078051120", "219099999", "457555462"];

/// United States: social security number, stripped: assigned area, group and serial, not a published dummy.
pub(super) fn us_ssn(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let area = pair(d[0], d[1]) * 10 + u32::from(d[2]);
    let issued = !matches!(area, 0 | 666 | 900..) && pair(d[3], d[4]) > 0 && d[5..].iter().any(|&digit| digit != 0);
    issued && !SPECIMEN_SSN.contains(&text)
}

/// United States: employer identification number, stripped: the prefix is a campus that assigns them.
pub(super) fn us_ein(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    matches!(
        pair(d[0], d[1]),
        1..=6 | 10..=16 | 20..=27 | 30..=48 | 50..=68 | 71..=77 | 80..=88 | 90..=95 | 98 | 99
    )
}

/// United States: national provider identifier: Luhn over the digits with 80840 before them.
pub(super) fn us_npi(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    matches!(d[0], 1 | 2) && luhn::passes(&[&[8, 0, 8, 4, 0], &d[..]].concat())
}

/// United States: registration number of the Drug Enforcement Administration.
pub(super) fn us_dea(text: &str) -> bool {
    let Some(d) = text.get(2..).and_then(digits::<7>) else { return false };
    let registrant = b"ABCDEFGHJKLMPRSTUX".contains(&text.as_bytes()[0]);
    registrant && d.iter().any(|&digit| digit != 0) && sum(&d[..6], &[1, 2, 1, 2, 1, 2]) % 10 == i32::from(d[6])
}

/// Canada: social insurance number, stripped: Luhn; 0 and 8 are not issued.
pub(super) fn ca_sin(text: &str) -> bool {
    digits::<9>(text).is_some_and(|d| !matches!(d[0], 0 | 8) && luhn::passes(&d))
}

/// The check digit that completes a sum to a multiple of eleven; 10 becomes 0, as Brazil does it.
fn brazil(values: &[u8], weights: &[i32]) -> u8 {
    let remainder = sum(values, weights) % 11;
    if remainder < 2 { 0 } else { u8::try_from(11 - remainder).unwrap_or(0) }
}

/// Brazil: CPF, stripped: two check digits, not all digits equal.
pub(super) fn br_cpf(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let weights = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    !uniform(&d) && brazil(&d[..9], &weights[1..]) == d[9] && brazil(&d[..10], &weights) == d[10]
}

/// Brazil: CNPJ, stripped: two check digits. Letters, given since July 2026, count with their ASCII distance from `0`.
pub(super) fn br_cnpj(text: &str) -> bool {
    if text.len() != 14 || text.bytes().any(|b| value(b).is_none()) {
        return false;
    }
    let v: Vec<u8> = text.bytes().map(|b| b - b'0').collect();
    let weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    !uniform(&v) && brazil(&v[..12], &weights[1..]) == v[12] && brazil(&v[..13], &weights) == v[13]
}

const CURP: &str = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";
const MEXICAN_STATES: &str =
    "AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ YN ZS";

/// Mexico: CURP: date (the character at place 17 tells the century), state, weights 18 to 2 over 37 symbols.
pub(super) fn mx_curp(text: &str) -> bool {
    if text.len() != 18 || !text.is_ascii() {
        return false;
    }
    let (Some(d), Some(check)) = (digits::<6>(&text[4..10]), digits::<1>(&text[17..])) else { return false };
    let century = if text.as_bytes()[16].is_ascii_digit() { 1900 } else { 2000 };
    let position = |c: char| CURP.chars().position(|known| known == c).and_then(|i| u8::try_from(i).ok());
    let Some(v) = text[..17].chars().map(position).collect::<Option<Vec<u8>>>() else { return false };
    let weights: Vec<i32> = (2..=18).rev().collect();
    exists(century + pair(d[0], d[1]), pair(d[2], d[3]), pair(d[4], d[5]))
        && MEXICAN_STATES.split(' ').any(|state| state == &text[11..13])
        && complement(sum(&v, &weights), 10) == i32::from(check[0])
}

/// Mexico: the date in an RFC exists.
pub(super) fn mx_rfc_date(text: &str) -> bool {
    let tail = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    tail.get(..6).and_then(digits::<6>).is_some_and(|d| yymmdd(&d))
}

const RFC: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ";

/// Mexico: RFC of a person (13 characters) or company (12): date, modulo 11 over 39 symbols. Older numbers may fail.
pub(super) fn mx_rfc(text: &str) -> bool {
    let chars: Vec<char> = text.chars().take(14).collect();
    let (12 | 13, Some((&check, body))) = (chars.len(), chars.split_last()) else { return false };
    let position = |c: &char| RFC.chars().position(|known| known == *c).and_then(|i| u8::try_from(i).ok());
    let Some(v) = body.iter().map(position).collect::<Option<Vec<u8>>>() else { return false };
    // The name of a company has three letters: a blank, worth 37, stands before it.
    let padded = if v.len() == 11 { [&[37], &v[..]].concat() } else { v };
    let remainder = complement(sum(&padded, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]), 11);
    mx_rfc_date(text) && check.is_ascii() && letter("0123456789A", remainder, check as u8)
}

/// Argentina: CUIT and CUIL, stripped: weights 5 4 3 2 7 6 5 4 3 2, modulo 11.
pub(super) fn ar_cuit(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let kind = matches!(pair(d[0], d[1]), 20 | 23..=27 | 30 | 33 | 34);
    let remainder = sum(&d[..10], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    kind && cuit_digit(remainder) == i32::from(d[10])
}

/// The check digit of a CUIT: 9 where the sum would need ten.
fn cuit_digit(remainder: i32) -> i32 {
    match remainder {
        0 => 0,
        1 => 9,
        other => 11 - other,
    }
}

/// Chile: RUT, stripped and upper-cased: weights 2 to 7 from the right, modulo 11, `K` for ten.
pub(super) fn cl_rut(text: &str) -> bool {
    let Some((check, body)) = text.as_bytes().split_last() else { return false };
    let fits = (7..=8).contains(&body.len()) && body.iter().all(u8::is_ascii_digit);
    let d: Vec<u8> = body.iter().rev().map(|b| b.wrapping_sub(b'0')).collect();
    fits && !uniform(&[&d[..], &[check.wrapping_sub(b'0')]].concat())
        && letter("0123456789K", complement(sum(&d, &[2, 3, 4, 5, 6, 7, 2, 3]), 11), *check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_pass() {
        assert!(us_npi("1234567893") && us_dea("AB1234563") && us_ein("911144442") && ca_sin("130692544"));
        assert!(br_cpf("39053344705") && br_cnpj("16727230000197") && br_cnpj("12ABC34501DE35"));
        assert!(mx_curp("BOXW310820HNERXN09") && mx_rfc("GODE561231GR8") && mx_rfc("MAB9307148T4"));
        assert!(ar_cuit("20055361682") && cl_rut("760864285") && cl_rut("125319092"));
    }

    #[test]
    fn dummies_and_unassigned_numbers_fail() {
        assert!(us_ssn("536904399") && !us_ssn("078051120") && !us_ssn("666123456") && !us_ssn("900123456"));
        assert!(!us_ein("071144442") && !ca_sin("812345676") && !br_cpf("11111111111"));
    }
}
