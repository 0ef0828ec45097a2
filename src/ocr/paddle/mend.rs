//! What a network confuses for want of sense, where the characters beside it leave no doubt.
//!
//! Only signs that look alike are exchanged, and only where the other reading makes no word, number or pair of brackets.

use super::recognize::Glyph;

/// Brackets that go together. Where two kinds are mixed, the rarer one was seen rightly: nothing is taken for it by mistake.
const BRACKETS: [(char, char); 7] =
    [('〔', '〕'), ('【', '】'), ('《', '》'), ('〈', '〉'), ('（', '）'), ('[', ']'), ('(', ')')];

/// Mends a line in place.
pub(super) fn line(glyphs: &mut [Glyph]) {
    brackets(glyphs);
    document_numbers(glyphs);
    dashes(glyphs);
    for number in glyphs.chunk_by_mut(|a, b| is_of_number(a) && is_of_number(b)) {
        amount(number);
        card_number(number);
    }
    for word in glyphs.chunk_by_mut(|a, b| a.character != ' ' && b.character != ' ') {
        mail_address(word);
        slashes(word);
    }
    for word in glyphs.chunk_by_mut(|a, b| a.character.is_ascii_alphabetic() && b.character.is_ascii_alphabetic()) {
        capitals(word);
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

/// The year in the number of a Chinese official document, of four digits before its count and 号, stands in brackets of its own
/// (GB/T 9704-2012, 7.2.5), for which square ones are taken.
fn document_numbers(glyphs: &mut [Glyph]) {
    const YEAR: usize = 4;
    for start in 0..glyphs.len().saturating_sub(YEAR + 3) {
        let is_digit = |glyph: &Glyph| glyph.character.is_ascii_digit();
        let (head, count) = glyphs[start..].split_at(YEAR + 2);
        let is_year = matches!(head[0].character, '[' | '［')
            && head[1..=YEAR].iter().all(is_digit)
            && matches!(head[YEAR + 1].character, ']' | '］');
        let digits = count.iter().take_while(|glyph| is_digit(glyph)).count();
        let is_counted = digits > 0 && count.get(digits).is_some_and(|glyph| matches!(glyph.character, '号' | '號'));
        if is_year && is_counted {
            (glyphs[start].character, glyphs[start + YEAR + 1].character) = ('〔', '〕');
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

/// Points and commas are alike on worn pages. Where groups of three digits end in one of two, the last sign parts whole from
/// hundredths, and all others are the other sign. What may be an address on a network, with points only, is left.
fn amount(number: &mut [Glyph]) {
    const SIGNS: [char; 2] = ['.', ','];
    for word in number.chunk_by_mut(|a, b| a.character != ' ' && b.character != ' ') {
        let groups = groups(word);
        let [first, middle @ .., last] = groups.as_slice() else { continue };
        let side_by_side = groups.windows(2).all(|pair| pair[0].end + 1 == pair[1].start);
        let is_grouped = middle.len() >= 2 && first.len() <= 3 && middle.iter().all(|group| group.len() == 3);
        if !side_by_side || !is_grouped || last.len() != 2 {
            continue;
        }
        let parting: Vec<usize> = groups[1..].iter().map(|group| group.start - 1).collect();
        let (hundredths, thousands) = parting.split_last().expect("a number has several groups");
        let end = word[*hundredths].character;
        let other = if end == SIGNS[0] { SIGNS[1] } else { SIGNS[0] };
        match thousands.iter().filter(|at| word[**at].character == end).count() {
            all if all == thousands.len() && end == ',' => word[*hundredths].character = other,
            some if some < thousands.len() && !is_network_address(word, &groups) => {
                thousands.iter().for_each(|at| word[*at].character = other);
            }
            _ => {}
        }
    }
}

/// Whether there are four groups, each a number below 256.
fn is_network_address(word: &[Glyph], groups: &[std::ops::Range<usize>]) -> bool {
    let value = |group: &std::ops::Range<usize>| {
        word[group.clone()]
            .iter()
            .filter_map(|glyph| glyph.character.to_digit(10))
            .fold(0, |all, digit| all * 10 + digit)
    };
    groups.len() == 4 && groups.iter().all(|group| value(group) < 256)
}

/// Sixteen digits in groups of four are the number of a card: a point between two of them is a speck on a blank.
fn card_number(number: &mut [Glyph]) {
    const GROUPS: usize = 4;
    let groups = groups(number);
    let is_card = groups.len() == GROUPS
        && groups.iter().all(|group| group.len() == 4)
        && groups.windows(2).all(|pair| pair[0].end + 1 == pair[1].start)
        && matches!(number[groups[0].start].character, '2'..='6');
    let points: Vec<usize> = groups[1.min(groups.len())..]
        .iter()
        .map(|group| group.start - 1)
        .filter(|at| number[*at].character == '.')
        .collect();
    let is_blank = |group: &std::ops::Range<usize>| number[group.start - 1].character == ' ';
    if is_card && points.len() * 2 < GROUPS && groups[1..].iter().any(is_blank) {
        points.into_iter().for_each(|at| number[at].character = ' ');
    }
}

/// There is no comma in a mail address: one with a letter or digit on either side, in a word with one `@`, is a point.
fn mail_address(word: &mut [Glyph]) {
    if word.iter().filter(|glyph| glyph.character == '@').count() != 1 {
        return;
    }
    for at in 1..word.len().saturating_sub(1) {
        let is_part = |at: usize| word[at].character.is_ascii_alphanumeric();
        if word[at].character == ',' && is_part(at - 1) && is_part(at + 1) {
            word[at].character = '.';
        }
    }
}

/// The two strokes that part a level from what restricts it (`SECRET//NOFORN`) look like letters when they stand upright: there is no
/// word in which a level goes on with two of them and a capital.
fn slashes(word: &mut [Glyph]) {
    const LEVELS: [&str; 4] = ["SECRET", "CONFIDENTIAL", "RESTRICTED", "UNCLASSIFIED"];
    let is_stroke = |glyph: &Glyph| matches!(glyph.character, 'I' | 'l' | '1' | '|' | '/');
    let text: Vec<char> = word.iter().map(|glyph| glyph.character).collect();
    for level in LEVELS {
        let length = level.len();
        let starts = (0..text.len().saturating_sub(length + 2))
            .filter(|start| level.chars().eq(text[*start..start + length].iter().copied()));
        for behind in starts.map(|start| start + length).collect::<Vec<_>>() {
            if word[behind..behind + 2].iter().all(is_stroke) && word[behind + 2].character.is_ascii_uppercase() {
                (word[behind].character, word[behind + 1].character) = ('/', '/');
            }
        }
    }
}

/// A single small letter whose capital has the same shape, with two capitals on either side, is a capital.
fn capitals(word: &mut [Glyph]) {
    const ALIKE: &str = "ciosvwxz";
    let small: Vec<usize> = (0..word.len()).filter(|at| word[*at].character.is_ascii_lowercase()).collect();
    if let [at] = small[..]
        && at >= 2
        && at + 2 < word.len()
        && ALIKE.contains(word[at].character)
    {
        word[at].character = word[at].character.to_ascii_uppercase();
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
    fn the_year_of_a_document_number_stands_in_brackets_of_its_own() {
        assert_eq!(mended("国办发[2030]235号，[2029]41號"), "国办发〔2030〕235号，〔2029〕41號");
        for kept in ["[2030]", "见[2030]235页", "[20]235号", "(2030)京01民终235号", "[2030]号"] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn points_and_commas_of_an_amount_are_those_that_make_it_a_number() {
        assert_eq!(mended("共8,672.243.76元"), "共8,672,243.76元");
        assert_eq!(mended("USD 78,492,363,39"), "USD 78,492,363.39");
        assert_eq!(mended("1.234,567,89 EUR"), "1.234.567,89 EUR");
        for kept in ["8,672,243.76", "1.234.567,89", "192.168.100.12", "192,168.100.12", "12,345,67", "2.0.1.10"] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn a_point_in_a_card_number_is_a_blank() {
        assert_eq!(mended("card 6295 9848.1108 3233."), "card 6295 9848 1108 3233.");
        for kept in
            ["6295.9848.1108.3233", "1295 9848.1108 3233", "6295 9848.1108 32", "6295 9848.1108", "4.5", "5555 "]
        {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn a_comma_in_a_mail_address_is_a_point() {
        assert_eq!(mended("to constance,donaghue@example,org, or"), "to constance.donaghue@example.org, or");
        for kept in ["a@example.org,b@example.org", "yes, b@example.org", "one,two"] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn a_single_small_letter_amid_capitals_is_a_capital() {
        assert_eq!(mended("COBALT SENTiNEL, AUTHoRITY"), "COBALT SENTINEL, AUTHORITY");
        for kept in ["McDONALD", "DoDIIS", "LaTeX", "NoSQL", "PDFs", "MiG", "NATIONaL"] {
            assert_eq!(mended(kept), kept);
        }
    }

    #[test]
    fn two_strokes_between_a_level_and_a_capital_are_slashes() {
        assert_eq!(mended("TOP SECRETIISI//NOFORN"), "TOP SECRET//SI//NOFORN");
        assert_eq!(mended("(SECRETl/NOFORN)"), "(SECRET//NOFORN)");
        for kept in ["SECRET II", "SECRETIN", "SECRETII", "SECRET//SI", "SECRETARIAL"] {
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
