//! VAT numbers of the European Union (VIES): a country and its own rule.

use super::digits::{digits, number, value};
use super::europe::{bg_egn, es_dni, es_nie, hr_oib, nl_bsn, pl_nip, pt_nif};
use super::iso7064::{mod_11_10, mod_97};
use super::luhn;
use super::weighted::{complement, letter, sum};

/// A VAT number with its country code, stripped.
pub(super) fn eu_vat(text: &str) -> bool {
    let Some((country, rest)) = text.split_at_checked(2) else { return false };
    match country {
        "AT" => austria(rest),
        "BE" => number(rest).is_some_and(|n| rest.len() == 10 && 97 - n / 100 % 97 == n % 100),
        "BG" => bulgaria(rest),
        "CY" => cyprus(rest),
        "CZ" => czechia(rest),
        "DE" => digits::<9>(rest).is_some_and(|d| d[0] != 0 && mod_11_10(&d[..8]) == d[8]),
        "DK" => digits::<8>(rest).is_some_and(|d| d[0] != 0 && sum(&d, &[2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
        "EE" => digits::<9>(rest).is_some_and(|d| sum(&d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0),
        "EL" => digits::<9>(rest)
            .is_some_and(|d| sum(&d[..8], &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == i32::from(d[8])),
        "ES" => spain(rest),
        "FI" => digits::<8>(rest).is_some_and(|d| sum(&d, &[7, 9, 10, 5, 8, 4, 2, 1]) % 11 == 0),
        "FR" => france(rest),
        "HR" => hr_oib(rest),
        "HU" => digits::<8>(rest).is_some_and(|d| sum(&d, &[9, 7, 3, 1, 9, 7, 3, 1]) % 10 == 0),
        "IE" => ireland(rest),
        "IT" => digits::<11>(rest).is_some_and(|d| luhn::passes(&d) && d[..7].iter().any(|&digit| digit != 0)),
        "LT" => lithuania(rest),
        "LU" => number(rest).is_some_and(|n| rest.len() == 8 && n / 100 % 89 == n % 100),
        "LV" => latvia(rest),
        "MT" => digits::<8>(rest).is_some_and(|d| d[0] != 0 && sum(&d, &[3, 4, 6, 7, 8, 9, 10, 1]) % 37 == 0),
        "NL" => netherlands(text, rest),
        "PL" => pl_nip(rest),
        "PT" => pt_nif(rest),
        "RO" => romania(rest),
        "SE" => rest.ends_with("01") && rest.get(..10).and_then(digits::<10>).is_some_and(|d| luhn::passes(&d)),
        "SI" => digits::<8>(rest).is_some_and(|d| {
            let check = complement(sum(&d[..7], &[8, 7, 6, 5, 4, 3, 2]), 11);
            d[0] != 0 && check % 10 == i32::from(d[7])
        }),
        "SK" => number(rest).is_some_and(|n| rest.len() == 10 && !rest.starts_with('0') && n % 11 == 0),
        _ => false,
    }
}

fn austria(rest: &str) -> bool {
    let Some(d) = rest.strip_prefix('U').and_then(digits::<8>) else { return false };
    let crossed: i32 =
        d[..7].iter().zip([1, 2, 1, 2, 1, 2, 1]).map(|(&d, w)| i32::from(d) * w).map(|p| p / 10 + p % 10).sum();
    complement(crossed + 4, 10) == i32::from(d[7])
}

/// Nine digits are a company, ten a person.
fn bulgaria(rest: &str) -> bool {
    let Some(d) = digits::<9>(rest) else { return bg_egn(rest) };
    let first = sum(&d[..8], &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    let second = sum(&d[..8], &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10;
    i32::from(d[8]) == if first == 10 { second } else { first }
}

fn cyprus(rest: &str) -> bool {
    let Some(d) = rest.get(..8).and_then(digits::<8>) else { return false };
    let odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let total: i32 =
        d.iter().enumerate().map(|(i, &v)| if i % 2 == 0 { odd[usize::from(v)] } else { i32::from(v) }).sum();
    letter("ABCDEFGHIJKLMNOPQRSTUVWXYZ", total % 26, rest.as_bytes().get(8).copied().unwrap_or(0))
}

/// Eight digits are a company; nine or ten a person, with the rule of the identity number.
fn czechia(rest: &str) -> bool {
    let Some(d) = digits::<8>(rest) else { return super::europe::cz_rc(rest) };
    let check = (11 - sum(&d[..7], &[8, 7, 6, 5, 4, 3, 2]) % 11) % 10;
    d[0] != 9 && check == i32::from(d[7])
}

/// Persons have DNI or NIE, companies a Luhn digit, as a digit or a letter.
fn spain(rest: &str) -> bool {
    let Some(d) = rest.get(1..8).and_then(digits::<7>) else { return false };
    let check = (0..10).find(|&digit| luhn::passes(&[&d[..], &[digit]].concat())).unwrap_or(0);
    let last = rest.as_bytes().get(8).copied().unwrap_or(0);
    let company = rest.starts_with(|c: char| "ABCDEFGHJKLMNPQRSUVW".contains(c));
    let company = company && (last == check + b'0' || letter("JABCDEFGHI", i32::from(check), last));
    company || es_dni(rest) || es_nie(rest)
}

fn france(rest: &str) -> bool {
    let Some((key, siren)) = rest.split_at_checked(2) else { return false };
    let (Some(d), Some(n)) = (digits::<9>(siren), number(siren)) else { return false };
    // Keys with letters follow rules of their own that are checked by form only.
    luhn::passes(&d) && number(key).is_none_or(|key| key == (n * 100 + 12) % 97)
}

fn ireland(rest: &str) -> bool {
    if rest.get(..7).and_then(digits::<7>).is_some() {
        return super::europe::ie_pps(rest);
    }
    // The older form has a letter or sign in second place: the first digit goes last.
    let old = rest.get(2..7).zip(rest.get(..1)).zip(rest.get(7..8));
    old.is_some_and(|((middle, first), check)| super::europe::ie_pps(&format!("0{middle}{first}{check}")))
}

fn lithuania(rest: &str) -> bool {
    let Some(d) = rest.bytes().map(value).collect::<Option<Vec<u8>>>() else { return false };
    let Some((&check, body)) = d.split_last() else { return false };
    let weighted = |offset: usize| {
        body.iter()
            .enumerate()
            .map(|(i, &v)| i32::from(v) * i32::try_from((i + offset) % 9 + 1).unwrap_or(0))
            .sum::<i32>()
            % 11
    };
    let remainder = if weighted(0) == 10 { weighted(2) % 10 } else { weighted(0) };
    matches!(d.len(), 9 | 12) && remainder == i32::from(check)
}

/// Numbers of companies lead with 4 or more; persons' are checked by form only.
fn latvia(rest: &str) -> bool {
    let Some(d) = digits::<11>(rest) else { return false };
    d[0] <= 3 || sum(&d, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3
}

fn netherlands(text: &str, rest: &str) -> bool {
    let old = rest.get(..9).is_some_and(nl_bsn) && rest.get(9..10) == Some("B");
    old || mod_97(text.bytes()) == Some(1)
}

fn romania(rest: &str) -> bool {
    let Some(d) = digits::<10>(&format!("{rest:0>10}")) else { return false };
    let check = 10 * sum(&d[..9], &[7, 5, 3, 2, 1, 7, 5, 3, 2]) % 11 % 10;
    (2..=10).contains(&rest.len()) && !rest.starts_with('0') && check == i32::from(d[9])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_its_rule() {
        // The examples of the European Commission and of the national offices.
        for number in [
            "ATU13585627",
            "BE0428759497",
            "BG175074752",
            "CY10259033P",
            "CZ25123891",
            "DE136695976",
            "DK13585628",
            "EE100931558",
            "EL094259216",
            "ESB64717838",
            "FI20774740",
            "FR40303265045",
            "HR33392005961",
            "HU12892312",
            "IE6433435F",
            "IT00743110157",
            "LT119511515",
            "LU15027442",
            "LV40003521600",
            "MT11679112",
            "NL004495445B01",
            "PL8567346215",
            "PT501964843",
            "RO18547290",
            "SE123456789701",
            "SI50223054",
            "SK2022749619",
        ] {
            assert!(eu_vat(number), "{number}");
        }
        assert!(!eu_vat("DE136695977") && !eu_vat("ATU13585628") && !eu_vat("XX1") && !eu_vat("é"));
    }
}
