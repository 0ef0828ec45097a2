//! What a network confuses for want of sense, where the characters beside it leave no doubt.
//!
//! Only signs that look alike are exchanged, and only where the other reading makes no word, number or pair of brackets.

use super::recognize::Glyph;
use crate::luhn;

/// Brackets that go together. Where two kinds are mixed, the rarer one was seen rightly: nothing is taken for it by mistake.
const BRACKETS: [(char, char); 7] =
    [('〔', '〕'), ('【', '】'), ('《', '》'), ('〈', '〉'), ('（', '）'), ('[', ']'), ('(', ')')];

/// Mends a line in place.
pub(super) fn line(glyphs: &mut [Glyph]) {
    brackets(glyphs);
    dashes(glyphs);
    amounts(glyphs);
    for number in glyphs.chunk_by_mut(|a, b| is_of_number(a) && is_of_number(b)) {
        card_number(number);
    }
    for word in glyphs.chunk_by_mut(|a, b| a.character != ' ' && b.character != ' ') {
        slashes(word);
        capitals(word);
    }
    for word in glyphs.chunk_by_mut(|a, b| is_of_address(a) && is_of_address(b)) {
        mail_address(word);
    }
    for word in glyphs.chunk_by_mut(|a, b| a.character.is_ascii_alphanumeric() && b.character.is_ascii_alphanumeric()) {
        letters_and_digits(word);
    }
}

/// Gives a bracket the kind of its partner.
fn brackets(glyphs: &mut [Glyph]) {
    let kind = |character: char| BRACKETS.iter().position(|(open, close)| *open == character || *close == character);
    let mut open: Vec<usize> = Vec::new();
    for index in 0..glyphs.len() {
        let Some(this) = kind(glyphs[index].character) else { continue };
        if BRACKETS[this].0 == glyphs[index].character {
            open.push(index);
        } else if let Some(start) = open.pop() {
            let other = kind(glyphs[start].character).unwrap_or(this);
            let (from, to) = BRACKETS[this.min(other)];
            (glyphs[start].character, glyphs[index].character) = (from, to);
        }
    }
}

fn is_of_number(glyph: &Glyph) -> bool {
    matches!(glyph.character, '0'..='9' | '.' | ',' | ' ')
}

/// The groups of digits of a number, as ranges.
fn groups(number: &[Glyph]) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, glyph) in number.iter().enumerate() {
        if !glyph.character.is_ascii_digit() {
            continue;
        }
        match groups.last_mut() {
            Some(group) if group.end == at => group.end += 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

/// Signs and words of currencies, beside which a number is an amount.
const CURRENCY_SIGNS: &str = "$€£¥￥元圆圓円";
const CURRENCIES: [&str; 8] = ["USD", "EUR", "GBP", "CNY", "RMB", "JPY", "HKD", "CHF"];

/// Points and commas are alike on worn pages. Where an amount of money has groups of three digits and ends in one of two, the last sign
/// parts whole from hundredths, and all others are the other sign.
fn amounts(glyphs: &mut [Glyph]) {
    let is_part = |glyph: &Glyph| glyph.character != ' ' && is_of_number(glyph);
    let mut start = 0;
    while start < glyphs.len() {
        let length = glyphs[start..].iter().take_while(|glyph| is_part(glyph)).count();
        if length == 0 {
            start += 1;
            continue;
        }
        let behind = glyphs[start + length..].iter().map(|glyph| glyph.character).find(|character| *character != ' ');
        let mut before =
            glyphs[..start].iter().rev().map(|glyph| glyph.character).skip_while(|character| *character == ' ');
        let word: String = before.clone().take(3).collect();
        let is_word = CURRENCIES.iter().any(|name| name.chars().rev().eq(word.chars()));
        let is_sign = |character: Option<char>| character.is_some_and(|character| CURRENCY_SIGNS.contains(character));
        if is_sign(behind) || is_word || is_sign(before.next()) {
            amount(&mut glyphs[start..start + length]);
        }
        start += length;
    }
}

fn amount(word: &mut [Glyph]) {
    let groups = groups(word);
    let [first, middle @ .., last] = groups.as_slice() else { return };
    let side_by_side = groups.windows(2).all(|pair| pair[0].end + 1 == pair[1].start);
    let is_grouped = middle.len() >= 2 && first.len() <= 3 && middle.iter().all(|group| group.len() == 3);
    if !side_by_side || !is_grouped || last.len() != 2 {
        return;
    }
    let parting: Vec<usize> = groups[1..].iter().map(|group| group.start - 1).collect();
    let (hundredths, thousands) = parting.split_last().expect("a number has several groups");
    let end = word[*hundredths].character;
    let other = if end == '.' { ',' } else { '.' };
    if thousands.iter().all(|at| word[*at].character == end) {
        word[*hundredths].character = other;
    } else {
        thousands.iter().for_each(|at| word[*at].character = other);
    }
}

/// Whether the first four digits are those of cards of payment: 2221 to 2720, and all from 3 to 6.
fn is_of_an_issuer(group: &[Glyph]) -> bool {
    let first = group.iter().filter_map(|glyph| glyph.character.to_digit(10)).fold(0, |all, digit| all * 10 + digit);
    matches!(first, 2221..=2720 | 3000..=6999)
}

/// Sixteen digits in groups of four, with the check sum of a card, are its number: a point between two of them is a speck on a blank.
fn card_number(number: &mut [Glyph]) {
    const GROUPS: usize = 4;
    let groups = groups(number);
    let is_card = groups.len() == GROUPS
        && groups.iter().all(|group| group.len() == 4)
        && groups.windows(2).all(|pair| pair[0].end + 1 == pair[1].start)
        && is_of_an_issuer(&number[groups[0].clone()]);
    if !is_card {
        return;
    }
    let digits = number.iter().filter_map(|glyph| u8::try_from(glyph.character.to_digit(10)?).ok());
    let passes = luhn::passes(&digits.collect::<Vec<_>>());
    let between: Vec<usize> = groups[1..].iter().map(|group| group.start - 1).collect();
    let points = between.iter().filter(|at| number[**at].character == '.').count();
    let has_blank = between.iter().any(|at| number[*at].character == ' ');
    if passes && points * 2 < GROUPS && has_blank {
        for at in between {
            if number[at].character == '.' {
                number[at].character = ' ';
            }
        }
    }
}

fn is_of_address(glyph: &Glyph) -> bool {
    glyph.character.is_ascii_alphanumeric() || "._%+-,@".contains(glyph.character)
}

/// In the only part of a host's name behind `@` there is no comma: one before its last letters is a point.
fn mail_address(word: &mut [Glyph]) {
    const TOP_LEVEL: std::ops::RangeInclusive<usize> = 2..=4;
    let mut ats = (0..word.len()).filter(|at| word[*at].character == '@');
    let (Some(at), None) = (ats.next(), ats.next()) else { return };
    let host: Vec<char> = word[at + 1..].iter().map(|glyph| glyph.character).collect();
    let Some(comma) = host.iter().position(|character| matches!(character, ',' | '.')) else { return };
    let is_host =
        comma > 1 && host[..comma].iter().all(|character| character.is_ascii_alphanumeric() || *character == '-');
    let last = &host[comma + 1..];
    if host[comma] == ',' && is_host && TOP_LEVEL.contains(&last.len()) && last.iter().all(char::is_ascii_lowercase) {
        word[at + 1 + comma].character = '.';
    }
}

/// The two strokes that part a level from what restricts it (`SECRET//NOFORN`) look like letters when they stand upright: there is no
/// word in which a level goes on with two of them and a capital.
fn slashes(word: &mut [Glyph]) {
    const LEVELS: [&str; 4] = ["SECRET", "CONFIDENTIAL", "RESTRICTED", "UNCLASSIFIED"];
    let is_stroke = |glyph: &Glyph| matches!(glyph.character, 'I' | 'l' | '|');
    let text: Vec<char> = word.iter().map(|glyph| glyph.character).collect();
    for level in LEVELS {
        let length = level.len();
        let starts = (0..text.len().saturating_sub(length + 2))
            .filter(|start| level.chars().eq(text[*start..start + length].iter().copied()));
        for behind in starts.map(|start| start + length) {
            // Behind a slash that was read the first letter of the next word may stand.
            let are_strokes = is_stroke(&word[behind]) && (is_stroke(&word[behind + 1]) || text[behind + 1] == '/');
            if are_strokes && text[behind + 2].is_ascii_uppercase() {
                (word[behind].character, word[behind + 1].character) = ('/', '/');
            }
        }
    }
}

/// A single small letter whose capital has the same shape, in a word of capitals that is long enough to be one and no code, with two
/// on either side, is a capital.
fn capitals(word: &mut [Glyph]) {
    const ALIKE: &str = "ciosz";
    const LEAST: usize = 7;
    let is_letter = |glyph: &Glyph| glyph.character.is_ascii_alphabetic();
    let is_sign = |glyph: &Glyph| glyph.character.is_ascii_digit() || "/+=_@".contains(glyph.character);
    if word.iter().any(is_sign) {
        return;
    }
    for word in word.chunk_by_mut(|a, b| is_letter(a) && is_letter(b)) {
        let mut small = (0..word.len()).filter(|at| word[*at].character.is_ascii_lowercase());
        if let (Some(at), None) = (small.next(), small.next())
            && word.len() >= LEAST
            && at >= 2
            && at + 2 < word.len()
            && ALIKE.contains(word[at].character)
        {
            word[at].character = word[at].character.to_ascii_uppercase();
        }
    }
}

/// What is counted: a dash before one of these, after a Han character, is the number one.
const COUNTED: &str = "号號级級期章节節类類条條册卷";

/// A dash between a Han character and what is counted is the number one; a number one between Latin letters or digits is a
/// dash.
fn dashes(glyphs: &mut [Glyph]) {
    for index in 1..glyphs.len().saturating_sub(1) {
        let (before, after) = (glyphs[index - 1].character, glyphs[index + 1].character);
        let here = &mut glyphs[index].character;
        let han = |character: char| ('\u{3400}'..='\u{9fff}').contains(&character);
        if matches!(*here, '—' | '－' | '一') {
            if *here != '一' && han(before) && COUNTED.contains(after) {
                *here = '一';
            } else if *here == '一' && before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric() {
                *here = '-';
            }
        }
    }
}

/// One digit amid the small letters of a word is a letter, and one letter amid the digits of a number is a digit.
fn letters_and_digits(word: &mut [Glyph]) {
    let digits = word.iter().filter(|glyph| glyph.character.is_ascii_digit()).count();
    let letters = word.iter().filter(|glyph| glyph.character.is_ascii_alphabetic()).count();
    if digits + letters != word.len() {
        return;
    }
    for index in 0..word.len() {
        let near = |offset: isize| {
            index.checked_add_signed(offset).and_then(|near| word.get(near)).map(|glyph| glyph.character)
        };
        let small = |character: Option<char>| character.is_some_and(|character| character.is_ascii_lowercase());
        let digit = |character: Option<char>| character.is_some_and(|character| character.is_ascii_digit());
        let here = word[index].character;
        let mended = if digits == 1 && letters >= 5 && here.is_ascii_digit() && small(near(1)) {
            match (here, near(-1)) {
                ('0', None) => 'O',
                ('0', before) if small(before) => 'o',
                // "v1beta" is a name, "A1bert" is none.
                ('1', before) if index > 1 || before.is_none_or(|before| before.is_ascii_uppercase()) => 'l',
                _ => here,
            }
        } else if letters == 1 && digits >= 4 && digit(near(-1)) && digit(near(1)) {
            match here {
                'O' | 'o' => '0',
                'l' | 'I' => '1',
                _ => here,
            }
        } else {
            here
        };
        word[index].character = mended;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        let glyph = |character| Glyph { character, probability: 0.9, from: 0.0, to: 0.0 };
        let mut glyphs: Vec<Glyph> = text.chars().map(glyph).collect();
        line(&mut glyphs);
        glyphs.iter().map(|glyph| glyph.character).collect()
    }

    #[test]
    fn mixed_brackets_become_the_rarer_kind() {
        assert_eq!(mended("参见〔2025]333号和[2026〕1号"), "参见〔2025〕333号和〔2026〕1号");
        assert_eq!(mended("a[0] (b) 】 [c"), "a[0] (b) 】 [c");
    }

    #[test]
    fn points_and_commas_of_an_amount_are_those_that_make_it_a_number() {
        assert_eq!(mended("共8,672.243.76元"), "共8,672,243.76元");
        assert_eq!(mended("USD 78,492,363,39"), "USD 78,492,363.39");
        assert_eq!(mended("€ 1.234,567,89"), "€ 1.234.567,89");
        for kept in [
            "8,672,243.76元",
            "EUR 1.234.567,89",
            "192.168.100.12",
            "USD 12,345,67",
            "tcp 25,110,143,80",
            "(192,168,101,212,195,80)",
            "vertex 121.473,131.230,12",
        ] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn a_point_in_a_card_number_is_a_blank() {
        assert_eq!(mended("card 4111 1111.1111 1111."), "card 4111 1111 1111 1111.");
        for kept in [
            "4111.1111.1111.1111",
            "4111 1111.1111 1112",
            "4111 1111.1111 11",
            "4111 1111.1111",
            "2029 2030.2031 2032 years",
            "2450 1234.5678 3000",
            "4.5",
            "5555 ",
        ] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn a_comma_in_the_host_of_a_mail_address_is_a_point() {
        assert_eq!(mended("to constance@example,org, or"), "to constance@example,org, or");
        assert_eq!(mended("to constance@example,org or"), "to constance@example.org or");
        for kept in [
            "a@example.org,b@example.org",
            "Smith,Anna,anna@example.org,Sales,Berlin",
            "ops@example.org,Winter2029",
            "12@1,250.00",
            "12@1,250",
            "预算1,250,000元请联系li@example.cn",
        ] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn a_single_small_letter_amid_capitals_is_a_capital() {
        assert_eq!(mended("COBALT SENTiNEL, AUTHoRITY"), "COBALT SENTINEL, AUTHORITY");
        for kept in [
            "McDONALD",
            "DoDIIS",
            "LaTeX",
            "NoSQL",
            "PDFs",
            "NATIONaL",
            "QWcRTY",
            "USAvUNITED",
            "ABCDoEFG/HI",
            "ABCDoEFGH1",
        ] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn two_strokes_between_a_level_and_a_capital_are_slashes() {
        assert_eq!(mended("TOP SECRETIISI//NOFORN"), "TOP SECRET//SI//NOFORN");
        assert_eq!(mended("(SECRETl/NOFORN)"), "(SECRET//NOFORN)");
        for kept in [
            "SECRET II",
            "SECRETIN",
            "SECRETII",
            "SECRET//SI",
            "SECRETARIAL",
            "CONFIDENTIAL/INTERNAL USE ONLY",
            "/mnt/SECRET/IMAGES/plan.png",
            "RESTRICTED/1A",
            "SECRET/IN",
        ] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn a_dash_between_han_characters_is_a_number() {
        assert_eq!(mended("北斗—号"), "北斗一号");
        assert_eq!(mended("他说——不行"), "他说——不行");
        assert_eq!(mended("北京—上海"), "北京—上海");
        assert_eq!(mended("A一4"), "A-4");
        assert_eq!(mended("第一章"), "第一章");
    }

    #[test]
    fn a_digit_amid_letters_and_a_letter_amid_digits_are_mended() {
        assert_eq!(mended("A1bert 0akeshott Si1verstone"), "Albert Oakeshott Silverstone");
        assert_eq!(mended("11010119900307O012"), "110101199003070012");
        for kept in ["K1001", "sha1", "mp3", "H2O", "2O", "base64", "v1beta", "AKIA0OBCDEF", "x86"] {
            assert_eq!(mended(kept), kept);
        }
    }
}
