//! Folding of characters: what is the same to a searcher becomes the same character.
//!
//! NFKC (width, ligatures, compatibility forms), lower case, diacritics of Latin letters dropped, traditional Chinese
//! folded to simplified, invisible characters dropped. Every folded character knows which bytes of the original text it
//! stands for, so that a match can be shown in the original. Nothing is decided here about where words begin.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::traditional::simplified;

/// Marks that are taken together with their base; a longer pile is noise, and its rest is folded on its own.
const MAX_MARKS: usize = 16;

/// A folded character and the bytes of the text that it stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) c: char,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The folded characters of a text, in order.
pub(super) struct Folder<'a> {
    text: &'a str,
    at: usize,
    /// Folded characters of one cluster that wait, the next one last.
    waiting: Vec<char>,
    from: usize,
}

impl<'a> Folder<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, waiting: Vec::new(), from: 0 }
    }

    /// The end of the cluster that begins with a character of `first` bytes: the character and its marks.
    fn cluster_end(&self, first: usize) -> usize {
        let (mut end, mut marks) = (self.at + first, 0);
        // Nothing below U+0300 extends a cluster, and all of that has a first byte below 0xCC.
        while marks < MAX_MARKS && self.text.as_bytes().get(end).is_some_and(|&byte| byte >= 0xCC) {
            let next = self.text[end..].chars().next().expect("a byte was just seen at this border");
            if !extends(next) {
                break;
            }
            end += next.len_utf8();
            marks += 1;
        }
        end
    }
}

impl Iterator for Folder<'_> {
    type Item = Folded;

    fn next(&mut self) -> Option<Folded> {
        loop {
            if let Some(c) = self.waiting.pop() {
                return Some(Folded { c, from: self.from, to: self.at });
            }
            let c = self.text[self.at..].chars().next()?;
            self.from = self.at;
            if is_invisible(c) {
                self.at += c.len_utf8();
                continue;
            }
            let end = self.cluster_end(c.len_utf8());
            let plain = end == self.at + c.len_utf8();
            let cluster = &self.text[self.at..end];
            self.at = end;
            if plain && (c.is_ascii() || ('\u{4e00}'..='\u{9fff}').contains(&c)) {
                return Some(Folded { c: simplified(c.to_ascii_lowercase()), from: self.from, to: end });
            }
            fold_cluster(cluster, &mut self.waiting);
            self.waiting.reverse();
        }
    }
}

/// A whole text folded: for values that are compared as a whole, such as names of zones.
pub fn fold(text: &str) -> String {
    Folder::new(text.trim()).map(|folded| folded.c).collect()
}

/// Whether a character belongs to the one before it when text is normalised.
fn extends(c: char) -> bool {
    // Marks; the half-width voiced sound marks of Japanese; vowels and finals of decomposed Hangul.
    is_combining_mark(c) && !is_invisible(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}' | '\u{1160}'..='\u{11ff}')
}

/// Characters without a look of their own, used for layout or to break up words: they must not hide a word.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

fn fold_cluster(cluster: &str, into: &mut Vec<char>) {
    let latin = cluster.nfkd().next().is_some_and(|c| {
        c.is_ascii_alphabetic() || (matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic())
    });
    if !latin {
        let lower = cluster.nfkc().flat_map(char::to_lowercase);
        into.extend(lower.map(|c| if c == 'ς' { 'σ' } else { simplified(c) }).filter(|c| !is_invisible(*c)));
        return;
    }
    for c in cluster.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => into.extend(['s', 's']),
            'æ' => into.extend(['a', 'e']),
            'œ' => into.extend(['o', 'e']),
            'þ' => into.extend(['t', 'h']),
            'ø' => into.push('o'),
            'đ' | 'ð' => into.push('d'),
            'ł' => into.push('l'),
            'ħ' => into.push('h'),
            'ŧ' => into.push('t'),
            'ı' => into.push('i'),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(fold(text), expected, "{text}");
    }

    #[test]
    fn width_case_and_compatibility_forms_are_one() {
        check("ＡＢＣ１２３", "abc123");
        check("ﬁle ㎏ ⑫", "file kg 12");
        check("Straße ΣΊΣΥΦΟΣ", "strasse σίσυφοσ");
    }

    #[test]
    fn diacritics_of_latin_letters_are_dropped_however_they_are_written() {
        check("Élève Łódź Ørsted", "eleve lodz orsted");
        check("E\u{301}le\u{300}ve", "eleve");
        check("İstanbul", "istanbul");
    }

    #[test]
    fn marks_that_change_the_letter_stay_in_other_scripts() {
        check("ガ", "ガ");
        check("ｶﾞ", "ガ");
        check("й", "й");
        check("\u{1112}\u{1161}\u{11ab}", "한");
    }

    #[test]
    fn traditional_is_folded_to_simplified_in_both_planes() {
        check("國家機密 絕密 祕密 檔案", "国家机密 绝密 秘密 档案");
        check("髮發", "发发");
        check("\u{2f2f}", "工");
    }

    #[test]
    fn invisible_characters_do_not_hide_a_word() {
        check("se\u{200b}c\u{ad}ret", "secret");
        check("机\u{fe0f}密", "机密");
    }

    #[test]
    fn offsets_are_those_of_the_original() {
        let text = "é国ｶﾞ½x";
        let shown: Vec<(char, &str)> = Folder::new(text).map(|f| (f.c, &text[f.from..f.to])).collect();
        assert_eq!(shown, [('e', "é"), ('国', "国"), ('ガ', "ｶﾞ"), ('1', "½"), ('⁄', "½"), ('2', "½"), ('x', "x")]);
    }

    #[test]
    fn a_pile_of_marks_is_bounded() {
        let text = format!("a{}b", "\u{301}".repeat(10_000));
        let folded: Vec<Folded> = Folder::new(&text).collect();
        assert_eq!((folded[0].c, folded[0].to), ('a', 1 + 2 * MAX_MARKS));
        assert_eq!(folded.last().map(|f| f.c), Some('b'));
    }
}
