//! What identifiers promise beyond their form: check digits, real dates, assigned prefixes. Each check says "valid" or
//! not; the rules in `identifiers.toml` name it.
//!
//! A check gets what the pattern matched, after the rule's `strip` and `upper`; no check panics or takes long, whatever
//! the text. Checks do not look at the neighbourhood: keywords and boundaries are the matcher's.

mod americas;
mod asia;
mod banking;
mod cards;
mod cells;
mod china;
mod crypto;
mod dates;
mod digits;
mod europe;
mod icao;
mod iso7064;
mod oceania;
mod technical;
mod tokens;
mod told;
mod vat;
mod verhoeff;
mod weighted;

use crate::luhn;

/// Whether a normalised candidate is valid.
pub(super) type Check = fn(&str) -> bool;

/// All checks, by the name rules use.
#[rustfmt::skip]
pub(super) const CHECKS: &[(&str, Check)] = &[
    ("us_ssn", americas::us_ssn),
    ("us_ein", americas::us_ein),
    ("us_npi", americas::us_npi),
    ("us_dea", americas::us_dea),
    ("ca_sin", americas::ca_sin),
    ("br_cpf", americas::br_cpf),
    ("br_cnpj", americas::br_cnpj),
    ("mx_curp", americas::mx_curp),
    ("mx_rfc_date", americas::mx_rfc_date),
    ("mx_rfc", americas::mx_rfc),
    ("ar_cuit", americas::ar_cuit),
    ("cl_rut", americas::cl_rut),
    ("in_aadhaar", asia::in_aadhaar),
    ("in_pan", asia::in_pan),
    ("in_gstin", asia::in_gstin),
    ("kr_rrn_date", asia::kr_rrn_date),
    ("kr_rrn", asia::kr_rrn),
    ("kr_rrn_unchecked", asia::kr_rrn_unchecked),
    ("kr_brn", asia::kr_brn),
    ("jp_my_number", asia::jp_my_number),
    ("jp_corporate", asia::jp_corporate),
    ("sg_nric", asia::sg_nric),
    ("my_nric", asia::my_nric),
    ("th_pin", asia::th_pin),
    ("id_nik", asia::id_nik),
    ("tr_tckn", asia::tr_tckn),
    ("il_id", asia::il_id),
    ("za_id", asia::za_id),
    ("iban", banking::iban),
    ("bic", banking::bic),
    ("lei", banking::lei),
    ("us_aba", banking::us_aba),
    ("pan", cards::pan),
    ("pan_track", cards::pan_track),
    ("imei", cards::imei),
    ("cn_resident_id", china::cn_resident_id),
    ("cn_resident_id15", china::cn_resident_id15),
    ("hk_id", china::hk_id),
    ("tw_id", china::tw_id),
    ("tw_arc", china::tw_arc),
    ("cn_uscc", china::cn_uscc),
    ("cn_org_code", china::cn_org_code),
    ("cn_mobile", china::cn_mobile),
    ("vin_shape", china::vin_shape),
    ("vin", china::vin),
    ("base58check", crypto::base58check),
    ("bech32", crypto::bech32),
    ("eip55", crypto::eip55),
    ("gb_nhs", europe::gb_nhs),
    ("gb_utr", europe::gb_utr),
    ("gb_nino", europe::gb_nino),
    ("gb_driver_license", europe::gb_driver_license),
    ("ie_pps", europe::ie_pps),
    ("de_steuer_id", europe::de_steuer_id),
    ("de_rvnr", europe::de_rvnr),
    ("fr_nir", europe::fr_nir),
    ("es_dni", europe::es_dni),
    ("es_nie", europe::es_nie),
    ("it_cf", europe::it_cf),
    ("nl_bsn", europe::nl_bsn),
    ("be_nn", europe::be_nn),
    ("se_personnummer", europe::se_personnummer),
    ("dk_cpr", europe::dk_cpr),
    ("fi_hetu", europe::fi_hetu),
    ("no_fnr", europe::no_fnr),
    ("at_svnr", europe::at_svnr),
    ("ch_ahv", europe::ch_ahv),
    ("pt_nif", europe::pt_nif),
    ("hr_oib", europe::hr_oib),
    ("gr_amka", europe::gr_amka),
    ("pl_pesel", europe::pl_pesel),
    ("pl_nip", europe::pl_nip),
    ("ro_cnp", europe::ro_cnp),
    ("bg_egn", europe::bg_egn),
    ("cz_rc", europe::cz_rc),
    ("ee_ik", europe::ee_ik),
    ("ru_inn", europe::ru_inn),
    ("ru_snils", europe::ru_snils),
    ("ua_rntrc", europe::ua_rntrc),
    ("mrz_td3", icao::mrz_td3),
    ("mrz_td2", icao::mrz_td2),
    ("mrz_td1", icao::mrz_td1),
    ("de_id_card", icao::de_id_card),
    ("luhn", luhn::luhn),
    ("au_tfn", oceania::au_tfn),
    ("au_abn", oceania::au_abn),
    ("au_medicare", oceania::au_medicare),
    ("nz_ird", oceania::nz_ird),
    ("phone", technical::phone),
    ("national_phone", technical::national_phone),
    ("ipv4", technical::ipv4),
    ("ipv6", technical::ipv6),
    ("mac", technical::mac),
    ("coordinates", technical::coordinates),
    ("github_token", tokens::github_token),
    ("jwt", tokens::jwt),
    ("bitlocker", tokens::bitlocker),
    ("azure_storage_key", tokens::azure_storage_key),
    ("basic_auth", tokens::basic_auth),
    ("entropy_2_5", tokens::entropy_2_5),
    ("entropy_3", tokens::entropy_3),
    ("entropy_4", tokens::entropy_4),
    ("entropy_4_2", tokens::entropy_4_2),
    ("password", tokens::password),
    ("uri_password", tokens::uri_password),
    ("connection_password", tokens::connection_password),
    ("credential", tokens::credential),
    ("last_password", tokens::last_password),
    ("xml_password", tokens::xml_password),
    ("docker_auth", tokens::docker_auth),
    ("pgpass", tokens::pgpass),
    ("seed_phrase", told::seed_phrase),
    ("labelled_password", told::labelled),
    ("told_password", told::told),
    ("separated_password", told::separated),
    ("password_cell", cells::password),
    ("word_cell", cells::word),
    ("token_cell", cells::token),
    ("pin_cell", cells::pin),
    ("eu_vat", vat::eu_vat),
    ("verhoeff", verhoeff::verhoeff),
];

/// The check with a name.
pub(super) fn named(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|&(_, check)| check)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that failures repeat (xorshift64*).
    fn next(state: &mut u64) -> u64 {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(state: &mut u64, end: usize) -> usize {
        usize::try_from(next(state) % 1_000_000).unwrap() % end
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
        assert!(named("luhn").is_some() && named("nothing").is_none());
    }

    #[test]
    fn no_text_makes_a_check_panic() {
        let alphabets: [&[char]; 4] = [
            &['0', '1', '5', '9'],
            &['0', '7', 'A', 'B', 'X', 'Z', 'K', 'P', 'U', 'S'],
            &[
                '0', 'A', 'a', 'é', 'Ñ', '身', '🔒', '\u{301}', '１', '٣', '\0', '\n', '<', '.', '-', ':', '=', '$',
                '@', '/', '_', '%', '+', ' ',
            ],
            &['<', 'A', '0', '\n'],
        ];
        let heads = [
            "", "bc1", "0x", "AT", "DE", "FR", "IE", "NL", "ES", "LT", "CY", "1", "ghp_", "eyJ", "a=", "x://a:", "$",
            "+1", ";", "%B",
        ];
        let mut state = 0x9e37_79b9_7f4a_7c15;
        for round in 0..20_000_u64 {
            let alphabet = alphabets[(round % 4) as usize];
            let length = if round % 1000 == 0 { 3000 } else { next(&mut state) % 46 };
            let mut text = heads[below(&mut state, heads.len())].to_owned();
            text.extend((0..length).map(|_| alphabet[below(&mut state, alphabet.len())]));
            for (_, check) in CHECKS {
                check(&text);
            }
        }
    }
}
