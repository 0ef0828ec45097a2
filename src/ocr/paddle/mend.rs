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
    dashes(glyphs);
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
