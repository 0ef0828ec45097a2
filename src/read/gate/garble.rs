//! Whether text reads like glyph numbers taken for characters. Knows letters only; places and pixels are not its business.

use std::collections::BTreeSet;

use encoding_rs::{BIG5, EncoderResult, Encoding, GB18030, SHIFT_JIS};

/// Characters below which letter statistics of a page say nothing.
const ENOUGH_LETTERS: usize = 40;
/// Han characters below which theirs say nothing.
const ENOUGH_HAN: usize = 12;

/// Whether text reads like glyph numbers taken for characters: Latin letters without vowels, Han that nobody writes,
/// letters of scripts that never stand together.
pub(super) fn is_garbled(text: &str) -> bool {
    let (mut letters, mut vowels, mut han, mut rare, mut foreign) = (0, 0, 0, 0, 0);
    for c in text.chars().take(4000) {
        match c {
            'a'..='z' | 'A'..='Z' => {
                letters += 1;
                vowels += usize::from("aeiouyAEIOUY".contains(c));
            }
            '\u{4e00}'..='\u{9fff}' => {
                han += 1;
                rare += usize::from(!is_frequent(c));
            }
            '\u{3400}'..='\u{4dbf}' | '\u{a000}'..='\u{abff}' | '\u{1400}'..='\u{1cff}' | '\u{20000}'..='\u{3ffff}' => {
                foreign += 1;
            }
            _ => {}
        }
    }
    let no_vowels = letters >= ENOUGH_LETTERS && vowels * 100 < letters * 20;
    let nobody_writes = han >= ENOUGH_HAN && rare * 100 > han * 35;
    let nowhere = foreign >= ENOUGH_HAN && foreign > letters + han;
    no_vowels || nobody_writes || nowhere
}

/// Whether one line does. A line is short, so only what no language and no table has counts: many different signs and
/// few letters, letters of three alphabets at once, lower-case letters without vowels, Han that nobody writes.
pub(super) fn is_garbled_line(line: &str) -> bool {
    let (mut all, mut lower, mut vowels, mut han, mut rare, mut signs) = (0, 0, 0, 0, 0, 0);
    let (mut kinds, mut alphabets) = (BTreeSet::new(), BTreeSet::new());
    for c in line.chars().filter(|c| !c.is_whitespace()).take(400) {
        all += 1;
        match c {
            'a'..='z' => {
                lower += 1;
                vowels += usize::from("aeiouy".contains(c));
            }
            '\u{4e00}'..='\u{9fff}' => {
                han += 1;
                rare += usize::from(!is_frequent(c));
            }
            // Leaders, dates, sums and paths have many signs, but few kinds of them.
            _ if c.is_ascii_punctuation() => {
                signs += 1;
                kinds.insert(c);
            }
            // Blocks of 256: an alphabet has one or two. Greek stands among Latin letters in every formula.
            '\u{250}'..='\u{36f}' | '\u{400}'..='\u{1fff}' | '\u{a000}'..='\u{abff}' if c.is_alphabetic() => {
                alphabets.insert(u32::from(c) >> 8);
            }
            _ => {}
        }
    }
    let all_signs = kinds.len() >= 6 && signs * 2 >= all;
    let no_vowels = lower >= 14 && vowels * 10 < lower;
    let nobody_writes = han >= 4 && rare * 2 >= han;
    all_signs || no_vowels || nobody_writes || alphabets.len() >= 3
}

/// A Han character that is among the frequent ones of some national set: two thirds of all code points are not.
fn is_frequent(c: char) -> bool {
    let lead = |encoding: &'static Encoding| {
        let (mut source, mut bytes) = ([0; 4], [0; 8]);
        let text = c.encode_utf8(&mut source);
        let (result, _, written) = encoding.new_encoder().encode_from_utf8_without_replacement(text, &mut bytes, true);
        (result == EncoderResult::InputEmpty && written == 2).then_some(bytes)
    };
    lead(GB18030).is_some_and(|b| (0xb0..=0xd7).contains(&b[0]) && b[1] >= 0xa1)
        || lead(BIG5).is_some_and(|b| (0xa4..=0xc6).contains(&b[0]))
        || lead(SHIFT_JIS).is_some_and(|b| (0x88..=0x97).contains(&b[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_garbled() {
        let texts = [
            "The committee met on Tuesday and agreed on the budget for the coming year, with two abstentions.",
            "国务院办公厅关于印发政府信息公开工作要点的通知，各省、自治区、直辖市人民政府",
            "機密文件不得外傳，請各部門主管妥善保管並於閱後歸還檔案室",
            "これは秘密の文書です。持ち出しを禁止します。会議の資料は全て回収すること",
            "Der Ausschuss beschloss die Änderung der Geschäftsordnung mit großer Mehrheit, ohne Aussprache.",
        ];
        for text in texts {
            assert!(!is_garbled(text), "{text}");
        }
    }

    #[test]
    fn glyph_numbers_taken_for_characters_are_garbled() {
        let plain = "The committee met on Tuesday and agreed on the budget for the coming year, with two abstentions.";
        let shifted: String =
            plain.chars().map(|c| char::from_u32(u32::from(c).wrapping_sub(29)).unwrap_or(' ')).collect();
        assert!(is_garbled(&shifted));
        let han: String = (0..40).map(|n| char::from_u32(0x4e00 + n * 487 % 0x5200).expect("a character")).collect();
        assert!(is_garbled(&han));
    }

    #[test]
    fn ordinary_lines_are_not_garbled() {
        let lines = [
            "1. Introduction ........................ 12",
            "HTTP, TCP/IP, XML, PDF, SQL, XSLT, CSS",
            "2026-03-05 12:30 (UTC+8) #17",
            "https://example.org/a/b?c=d&e=f",
            "E = mc², α + β ≤ γ",
            "机密★10年",
            "Страница 3 из 10",
            "if (a != b) { return x; }",
            "龘靐",
            "第十二届全国人民代表大会第三次会议",
            "--------- * * * ---------",
        ];
        for line in lines {
            assert!(!is_garbled_line(line), "{line}");
        }
    }

    #[test]
    fn lines_of_glyph_numbers_are_garbled() {
        for line in ["!\"#$%&'()*+", "\u{254}\u{431}\u{5d2}\u{1234}", "bcdfg hjklm npqrs tvwxz", "乂乄乆乊乑乕乗"]
        {
            assert!(is_garbled_line(line), "{line}");
        }
    }
}
