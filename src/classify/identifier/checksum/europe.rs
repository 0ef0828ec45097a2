//! National numbers of western and northern Europe. Input is stripped of separators unless it says otherwise.

use super::dates::{any_century, ddmmyy, exists, past};
use super::digits::{digits, number, pair, uniform, value};
use super::iso7064::mod_11_10;
use super::luhn;
use super::weighted::{complement, letter, sum};

/// United Kingdom: NHS number: weights 10 to 2, modulo 11; a remainder that needs ten is not issued.
pub(super) fn gb_nhs(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    !uniform(&d) && complement(sum(&d[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]), 11) == i32::from(d[9])
}

/// United Kingdom: unique taxpayer reference; the check digit leads, a `K` may follow.
pub(super) fn gb_utr(text: &str) -> bool {
    let Some(d) = digits::<10>(text.strip_suffix('K').unwrap_or(text)) else { return false };
    letter("21987654321", sum(&d[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11, d[0] + b'0')
}

/// United Kingdom: National Insurance number, whose prefix is not an administrative one.
pub(super) fn gb_nino(text: &str) -> bool {
    let prefix = text.get(..2).unwrap_or("");
    let letters = prefix.bytes().all(|b| b.is_ascii_uppercase() && !b"DFIQUV".contains(&b)) && !prefix.ends_with('O');
    let excluded = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].contains(&prefix);
    letters && !excluded && text.get(2..8).and_then(digits::<6>).is_some() && text.len() == 9
}

/// United Kingdom: driving licence: the birthday exists; women have 5 added to the tens of the month. No public
/// checksum.
pub(super) fn gb_driver_license(text: &str) -> bool {
    let Some(d) = text.get(5..11).and_then(digits::<6>) else { return false };
    let month = pair(if d[1] >= 5 { d[1] - 5 } else { d[1] }, d[2]);
    any_century(pair(d[0], d[5]), month, pair(d[3], d[4]))
}

/// Ireland: PPS number: weights 8 to 2, nine times a second letter A, B or H, modulo 23.
pub(super) fn ie_pps(text: &str) -> bool {
    let Some(d) = text.get(..7).and_then(digits::<7>) else { return false };
    let extra = match text.as_bytes().get(8) {
        Some(letter @ (b'A' | b'B' | b'H')) => i32::from(letter - b'A') + 1,
        _ => 0,
    };
    let total = sum(&d, &[8, 7, 6, 5, 4, 3, 2]) + 9 * extra;
    text.as_bytes().get(7).is_some_and(|&check| letter("WABCDEFGHIJKLMNOPQRSTUV", total % 23, check))
}

/// Germany: tax identification number: MOD 11,10; among the first ten digits exactly one occurs two or three times.
pub(super) fn de_steuer_id(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let counts = (0..10_u8).map(|digit| d[..10].iter().map(|&other| usize::from(other == digit)).sum());
    let repeated: Vec<usize> = counts.filter(|&count| count > 1).collect();
    d[0] != 0 && matches!(repeated[..], [2 | 3]) && mod_11_10(&d[..10]) == d[10]
}

/// Germany: pension insurance number: birthday (50 may be added), cross-sums with weights 2 1 2 5 7 1 2 1 2 1 2 1.
pub(super) fn de_rvnr(text: &str) -> bool {
    let (Some(d), Some(tail)) = (text.get(..8).and_then(digits::<8>), text.get(9..).and_then(digits::<3>)) else {
        return false;
    };
    let initial = text.as_bytes()[8].wrapping_sub(b'A').min(99) + 1;
    let all = [&d[..], &[initial / 10 % 10, initial % 10], &tail[..2]].concat();
    let weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let crossed: i32 = all.iter().zip(weights).map(|(&d, w)| i32::from(d) * w).map(|p| p / 10 + p % 10).sum();
    let day = pair(d[2], d[3]);
    let birthday = any_century(pair(d[6], d[7]), pair(d[4], d[5]), if day > 50 { day - 50 } else { day });
    initial <= 26 && birthday && crossed % 10 == i32::from(tail[2])
}

/// France: NIR: the key completes the first 13 digits to 97; Corsica's 2A counts as 19, 2B as 18.
pub(super) fn fr_nir(text: &str) -> bool {
    if text.len() != 15 || !text.is_ascii() {
        return false;
    }
    let department = match &text[5..7] {
        "2A" => "19",
        "2B" => "18",
        other => other,
    };
    let body = number(&[&text[..5], department, &text[7..13]].concat());
    let month = number(&text[3..5]).is_some_and(|month| matches!(month, 1..=12 | 20..=99));
    month && body.zip(number(&text[13..])).is_some_and(|(body, key)| 97 - body % 97 == key)
}

/// Spain: DNI: the letter is the number modulo 23.
pub(super) fn es_dni(text: &str) -> bool {
    let Some(n) = text.get(..8).and_then(number) else { return false };
    text.len() == 9 && b"TRWAGMYFPDXBNJZSQVHLCKE".get((n % 23) as usize) == text.as_bytes().get(8)
}

/// Spain: NIE: as DNI, with 0, 1, 2 for X, Y, Z.
pub(super) fn es_nie(text: &str) -> bool {
    let lead = match text.as_bytes().first() {
        Some(b'X') => "0",
        Some(b'Y') => "1",
        Some(b'Z') => "2",
        _ => return false,
    };
    text.get(1..).is_some_and(|rest| es_dni(&format!("{lead}{rest}")))
}

/// Italy: codice fiscale: birthday (women: day plus 40), odd and even places, modulo 26. The letters LMNPQRSTUV stand
/// for digits where two people would have the same code.
pub(super) fn it_cf(text: &str) -> bool {
    const ODD: [i32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes.iter().any(|&b| value(b).is_none()) {
        return false;
    }
    let plain = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        other => b"LMNPQRSTUV".iter().position(|&b| b == other).and_then(|i| u8::try_from(i).ok()),
    };
    let two = |at: usize| Some(pair(plain(bytes[at])?, plain(bytes[at + 1])?));
    let month = b"ABCDEHLMPRST".iter().position(|&b| b == bytes[8]).and_then(|i| u32::try_from(i + 1).ok());
    let (Some(year), Some(month), Some(day)) = (two(6), month, two(9)) else { return false };
    let worth = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
    let total: i32 = bytes[..15]
        .iter()
        .enumerate()
        .map(|(i, &b)| if i % 2 == 0 { ODD[usize::from(worth(b))] } else { i32::from(worth(b)) })
        .sum();
    any_century(year, month, if day > 40 { day - 40 } else { day }) && total % 26 == i32::from(bytes[15]) - 65
}

/// Netherlands: BSN: the eleven-test, weights 9 to 2 and -1.
pub(super) fn nl_bsn(text: &str) -> bool {
    digits::<9>(text).is_some_and(|d| !uniform(&d) && sum(&d, &[9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0)
}

/// Belgium: national number: 97 minus the remainder of nine digits, with a 2 before them for births since 2000. A zero
/// month or day is unknown; 20 or 40 added to the month marks people who are not residents.
pub(super) fn be_nn(text: &str) -> bool {
    let (Some(d), Some(n)) = (digits::<11>(text), text.get(..9).and_then(number)) else { return false };
    let (year, month, day, key) = (pair(d[0], d[1]), pair(d[2], d[3]) % 20, pair(d[4], d[5]), pair(d[9], d[10]));
    let dated = |century: u32| if month == 0 || day == 0 { day <= 31 } else { past(century + year, month, day) };
    let passes = |n: u64| 97 - n % 97 == u64::from(key);
    n % 1000 != 0 && (passes(n) && dated(1900) || passes(n + 2_000_000_000) && dated(2000))
}

/// Sweden: personnummer of 10 or 12 digits: birthday (plus 60 for co-ordination numbers), Luhn over the last ten.
pub(super) fn se_personnummer(text: &str) -> bool {
    let century = text.len().checked_sub(10).and_then(|extra| text.split_at_checked(extra));
    let Some((century, d)) = century.and_then(|(century, rest)| Some((century, digits::<10>(rest)?))) else {
        return false;
    };
    let (year, month, day) = (pair(d[0], d[1]), pair(d[2], d[3]), pair(d[4], d[5]));
    let day = if day > 60 { day - 60 } else { day };
    let dated = match digits::<2>(century) {
        Some([a, b]) => past(pair(a, b) * 100 + year, month, day),
        None => century.is_empty() && any_century(year, month, day),
    };
    dated && luhn::passes(&d)
}

/// Denmark: CPR: the date exists in the century the seventh digit tells. Modulo 11 is not promised since 2007.
pub(super) fn dk_cpr(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let year = pair(d[4], d[5]);
    let century = match (d[6], year) {
        (0..=3, _) | (4 | 9, 37..) => 1900,
        (5..=8, 58..) => 1800,
        _ => 2000,
    };
    past(century + year, pair(d[2], d[3]), pair(d[0], d[1]))
}

/// Finland: henkilötunnus with its century sign: date, remainder by 31 as a character. The example in use everywhere is
/// born in 2052, so the date need not be past.
pub(super) fn fi_hetu(text: &str) -> bool {
    let (Some(d), Some(serial)) = (text.get(..6).and_then(digits::<6>), text.get(7..10).and_then(digits::<3>)) else {
        return false;
    };
    let century = match text.as_bytes()[6] {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return false,
    };
    let n = d.iter().chain(&serial).fold(0_i32, |n, &digit| n * 10 + i32::from(digit));
    text.len() == 11
        && exists(century + pair(d[4], d[5]), pair(d[2], d[3]), pair(d[0], d[1]))
        && letter("0123456789ABCDEFHJKLMNPRSTUVWXY", n % 31, text.as_bytes()[10])
}

/// Norway: fødselsnummer: date (D-numbers add 4 to the first digit, H-numbers 4 to the third), two check digits modulo
/// 11.
pub(super) fn no_fnr(text: &str) -> bool {
    let Some(mut d) = digits::<11>(text) else { return false };
    let first = complement(sum(&d[..9], &[3, 7, 6, 1, 8, 9, 4, 5, 2]), 11);
    let second = complement(sum(&d[..10], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]), 11);
    let passes = first == i32::from(d[9]) && second == i32::from(d[10]);
    for place in [0, 2] {
        d[place] = if d[place] >= 4 { d[place] - 4 } else { d[place] };
    }
    passes && ddmmyy(&d[..6])
}

/// Austria: insurance number: the fourth digit checks the others; months 13 to 15 stand for an unknown birthday.
pub(super) fn at_svnr(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let dated = pair(d[6], d[7]) > 12 || ddmmyy(&d[4..]);
    d[0] != 0 && dated && sum(&d, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == i32::from(d[3])
}

/// Switzerland: AHV number: 756 and an EAN-13 check digit.
pub(super) fn ch_ahv(text: &str) -> bool {
    digits::<13>(text)
        .is_some_and(|d| text.starts_with("756") && sum(&d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0)
}

/// Portugal: NIF: weights 9 to 2, modulo 11; ten becomes 0.
pub(super) fn pt_nif(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    complement(sum(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]), 11) % 10 == i32::from(d[8])
}

/// Croatia: OIB: MOD 11,10.
pub(super) fn hr_oib(text: &str) -> bool {
    digits::<11>(text).is_some_and(|d| !uniform(&d) && mod_11_10(&d[..10]) == d[10])
}

/// Greece: AMKA: date and Luhn.
pub(super) fn gr_amka(text: &str) -> bool {
    digits::<11>(text).is_some_and(|d| ddmmyy(&d[..6]) && luhn::passes(&d))
}

/// Poland: PESEL: date, the month plus 80, 20, 40, 60 outside the 1900s; weights 1 3 7 9.
pub(super) fn pl_pesel(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let month = pair(d[2], d[3]);
    let century = [1900, 2000, 2100, 2200, 1800][month as usize / 20 % 5];
    exists(century + pair(d[0], d[1]), month % 20, pair(d[4], d[5]))
        && complement(sum(&d[..10], &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]), 10) == i32::from(d[10])
}

/// Poland: NIP: weights 6 5 7 2 3 4 5 6 7, modulo 11.
pub(super) fn pl_nip(text: &str) -> bool {
    digits::<10>(text)
        .is_some_and(|d| !uniform(&d) && sum(&d[..9], &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == i32::from(d[9]))
}

/// Romania: CNP: date, the first digit tells the century; modulo 11, ten becomes 1.
pub(super) fn ro_cnp(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let (year, month, day) = (pair(d[1], d[2]), pair(d[3], d[4]), pair(d[5], d[6]));
    let dated = match d[0] {
        1 | 2 => past(1900 + year, month, day),
        3 | 4 => past(1800 + year, month, day),
        5 | 6 => past(2000 + year, month, day),
        0 => false,
        _ => any_century(year, month, day),
    };
    let remainder = sum(&d[..12], &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    dated && i32::from(d[12]) == if remainder == 10 { 1 } else { remainder }
}

/// Bulgaria: EGN: date, the month plus 20 in the 1800s and 40 in the 2000s; modulo 11, ten becomes 0.
pub(super) fn bg_egn(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let month = pair(d[2], d[3]);
    let century = [1900, 1800, 2000, 9900, 9900][month as usize / 20 % 5];
    past(century + pair(d[0], d[1]), month % 20, pair(d[4], d[5]))
        && sum(&d[..9], &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == i32::from(d[9])
}

/// Czechia and Slovakia: rodné číslo: date (women: month plus 50, spare series plus 20); ten digits are a multiple of
/// 11 or, until 1985, nine leave ten and a 0 follows; nine digits end in 1953.
pub(super) fn cz_rc(text: &str) -> bool {
    let Some(d) = text.get(..9).and_then(digits::<9>) else { return false };
    let (year, month, day) = (pair(d[0], d[1]), pair(d[2], d[3]) % 50, pair(d[4], d[5]));
    let month = if month > 20 { month - 20 } else { month };
    let Some(n) = number(text) else { return false };
    if text.len() == 9 {
        let century = if year >= 80 { 1800 } else { 1900 };
        return !(54..80).contains(&year) && exists(century + year, month, day);
    }
    let sum = n % 11 == 0 || (n / 10 % 11 == 10 && n % 10 == 0);
    text.len() == 10 && sum && past(if year < 54 { 2000 } else { 1900 } + year, month, day)
}

/// Estonia and Lithuania: personal code: date, the first digit tells the century; two rounds of weights modulo 11.
pub(super) fn ee_ik(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let century = match d[0] {
        1 | 2 => 1800,
        3 | 4 => 1900,
        5 | 6 => 2000,
        _ => return false,
    };
    let first = sum(&d[..10], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = sum(&d[..10], &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
    past(century + pair(d[1], d[2]), pair(d[3], d[4]), pair(d[5], d[6]))
        && i32::from(d[10]) == if first == 10 { second } else { first }
}

/// Russia: INN of 10 or 12 digits, modulo 11, ten becomes 0.
pub(super) fn ru_inn(text: &str) -> bool {
    let weights = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let check = |d: &[u8], skip: usize| sum(d, &weights[skip..]) % 11 % 10;
    if let Some(d) = digits::<10>(text) {
        return !uniform(&d) && check(&d[..9], 2) == i32::from(d[9]);
    }
    let Some(d) = digits::<12>(text) else { return false };
    !uniform(&d) && check(&d[..10], 1) == i32::from(d[10]) && check(&d[..11], 0) == i32::from(d[11])
}

/// Russia: SNILS: weights 9 to 1, modulo 101, then 100 becomes 00; numbers up to 001-001-998 have no such digits.
pub(super) fn ru_snils(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let serial = text.get(..9).and_then(number).unwrap_or(0);
    let remainder = sum(&d[..9], &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
    serial > 1_001_998 && u32::try_from(remainder) == Ok(pair(d[9], d[10]))
}

/// Ukraine: taxpayer number: weights -1 5 7 9 4 6 10 5 7, modulo 11, ten becomes 0.
pub(super) fn ua_rntrc(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    !uniform(&d) && sum(&d[..9], &[-1, 5, 7, 9, 4, 6, 10, 5, 7]).rem_euclid(11) % 10 == i32::from(d[9])
}
