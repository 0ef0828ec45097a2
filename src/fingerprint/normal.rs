//! What is left of a text when everything that a scanner or an editor may change is taken away.
//!
//! NFKD without marks, lower case, traditional Chinese folded to simplified; only letters and digits stay; characters
//! that recognition takes for each other become one. Every letter knows its bytes. Nothing is decided about words:
//! blanks and line breaks are gone, so that joined, split and hyphenated words agree.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::script::is_ideograph;
use crate::traditional::simplified;

/// One character that counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    /// What is compared.
    pub c: char,
    /// First byte of the text that it stands for.
    pub from: u32,
    /// One past the last byte.
    pub to: u32,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({}..{})", self.from, self.to)
    }
}

impl Letter {
    /// How much a letter tells, in letters' worth.
    pub(super) fn worth(self) -> u32 {
        if is_ideograph(self.c) { 2 } else { 1 }
    }
}

/// The letters of a text, at most `most`; and whether there were more.
pub(super) fn letters(text: &str, most: u64) -> (Vec<Letter>, bool) {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut letters = Vec::with_capacity(text.len().min(most));
    for (at, c) in text.char_indices() {
        if letters.len() >= most {
            return (letters, true);
        }
        let (Ok(from), Ok(to)) = (u32::try_from(at), u32::try_from(at + c.len_utf8())) else { return (letters, true) };
        if c.is_ascii() || is_ideograph(c) {
            if c.is_ascii_alphanumeric() || !c.is_ascii() {
                letters.push(Letter { c: confused(simplified(c.to_ascii_lowercase())), from, to });
            }
        } else {
            let folded = std::iter::once(c).nfkd().flat_map(char::to_lowercase);
            let folded = folded.filter(|&c| c.is_alphanumeric() && !is_combining_mark(c));
            letters.extend(folded.map(|c| Letter { c: confused(simplified(c)), from, to }));
        }
    }
    (letters, false)
}

/// The one character for those that recognition takes for each other.
fn confused(c: char) -> char {
    match c {
        '0' | 'q' | '〇' | 'Ο' | 'ο' | 'о' => 'o',
        '1' | 'l' | 'j' | 'ı' => 'i',
        '5' => 's',
        '8' => 'b',
        '2' => 'z',
        '9' => 'g',
        'c' => 'e',
        'v' => 'u',
        '曰' => '日',
        '已' | '巳' => '己',
        '末' => '未',
        '士' => '土',
        '入' => '人',
        '干' => '千',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let (letters, cut) = letters(text, 1000);
        assert_eq!(letters.iter().map(|letter| letter.c).collect::<String>(), expected, "{text}");
        assert!(!cut);
    }

    #[test]
    fn blanks_marks_and_line_breaks_count_nothing() {
        check("Ab-\n gh, «t» — x!", "abghtx");
        check("机 密 ★\n10 年", "机密io年");
    }

    #[test]
    fn width_case_diacritics_and_traditional_forms_are_one() {
        check("ＡＢ ﬁ é e\u{301} Ø", "abfieeø");
        check("國家機密", "国家机密");
        check("ガ ｶﾞ", "カカ");
    }

    #[test]
    fn what_recognition_confuses_is_one() {
        check("l0O1 5S 8B Z2", "iooi ss bb zz".replace(' ', "").as_str());
        check("己已巳", "己己己");
    }

    #[test]
    fn a_letter_knows_its_bytes_and_does_not_show_itself() {
        let text = "é 国½";
        let (letters, _) = letters(text, 10);
        let shown: Vec<&str> = letters.iter().map(|l| &text[l.from as usize..l.to as usize]).collect();
        assert_eq!(shown, ["é", "国", "½", "½"]);
        assert_eq!(format!("{:?}", letters[1]), "Letter(3..6)");
    }

    #[test]
    fn letters_over_the_limit_are_cut_and_said() {
        let (few, cut) = letters("abcdef", 4);
        assert_eq!((few.len(), cut), (4, true));
        assert!(!letters("abcd", 4).1);
    }
}
