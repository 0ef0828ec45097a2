//! Accounts and the institutions that hold them: IBAN, BIC, LEI, US routing numbers.

use super::digits::digits;
use super::iso7064::mod_97;
use super::weighted::sum;

/// The length of an IBAN in each country of the SWIFT registry.
#[rustfmt::skip]
const IBAN_LENGTHS: &[(&str, usize)] = &[
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG", 22), ("BH", 22),
    ("BI", 27), ("BR", 29), ("BY", 28), ("CH", 21), ("CR", 22), ("CY", 28), ("CZ", 24), ("DE", 22), ("DJ", 27),
    ("DK", 18), ("DO", 28), ("EE", 20), ("EG", 29), ("ES", 24), ("FI", 18), ("FK", 18), ("FO", 18), ("FR", 27),
    ("GB", 22), ("GE", 22), ("GI", 23), ("GL", 18), ("GR", 27), ("GT", 28), ("HN", 28), ("HR", 21), ("HU", 28),
    ("IE", 22), ("IL", 23), ("IQ", 23), ("IS", 26), ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20), ("LB", 28),
    ("LC", 32), ("LI", 21), ("LT", 20), ("LU", 20), ("LV", 21), ("LY", 25), ("MC", 27), ("MD", 24), ("ME", 22),
    ("MK", 19), ("MN", 20), ("MR", 27), ("MT", 31), ("MU", 30), ("NI", 28), ("NL", 18), ("NO", 15), ("OM", 23),
    ("PK", 24), ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24), ("RS", 22), ("RU", 33), ("SA", 24),
    ("SC", 31), ("SD", 18), ("SE", 24), ("SI", 19), ("SK", 24), ("SM", 27), ("SO", 23), ("ST", 25), ("SV", 28),
    ("TL", 23), ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20), ("YE", 30),
];

/// The countries of ISO 3166-1, and Kosovo, whose code banks use.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET \
    FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ \
    IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS \
    PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL \
    TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// An IBAN (ISO 13616), separators stripped: MOD 97-10 with the first four characters moved to the end leaves 1, and
/// the length is its country's.
pub(super) fn iban(text: &str) -> bool {
    let Some((head, tail)) = text.split_at_checked(4) else { return false };
    let known = IBAN_LENGTHS.iter().any(|(country, length)| head.starts_with(country) && *length == text.len());
    known && mod_97(tail.bytes().chain(head.bytes())) == Some(1)
}

/// A BIC (ISO 9362) of 8 or 11 characters whose country exists. It has no check digit.
pub(super) fn bic(text: &str) -> bool {
    let country = text.get(4..6).filter(|code| code.bytes().all(|b| b.is_ascii_uppercase()));
    matches!(text.len(), 8 | 11) && country.is_some_and(|code| COUNTRIES.split(' ').any(|known| known == code))
}

/// A legal entity identifier (ISO 17442): 20 characters, MOD 97-10 leaves 1.
pub(super) fn lei(text: &str) -> bool {
    text.len() == 20 && text.ends_with(|c: char| c.is_ascii_digit()) && mod_97(text.bytes()) == Some(1)
}

/// A routing number of the American Bankers Association: assigned prefix, weights 3 7 1, modulo 10.
pub(super) fn us_aba(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let assigned = matches!(d[0] * 10 + d[1], 0..=12 | 21..=32 | 61..=72 | 80);
    assigned && d.iter().any(|&digit| digit != 0) && sum(&d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_belong_to_countries() {
        assert!(iban("DE89370400440532013000"));
        assert!(!iban("GB24NWBK6016133192681"), "the sum is right, the length is not Britain's");
        assert!(!iban("DE8") && !iban("DÉ89"));
    }

    #[test]
    fn words_are_no_institutions() {
        assert!(bic("DEUTDEFF500") && !bic("DEUTQQFF") && !bic("DEVELOPMENT"));
        assert!(lei("7LTWFZYICNSX8D621K86") && us_aba("021000021") && !us_aba("000000000"));
    }
}
