//! What is looked at of a document, and how it is written: one text for rules and for the model.
//!
//! The beginning and a few places of later pages, so that a document of a thousand pages costs no more than one of five.
//! Letters are folded to what survives a scanner and a keyboard: full-width forms, capitals and traditional characters become
//! plain ones, blanks between Han characters go, every other run of blanks is one. Where lines began is kept beside the text.

use crate::document::Page;
use crate::script::is_ideograph;
use crate::traditional;

/// Bytes that are looked at from the beginning of a document on.
const HEAD: usize = 8 << 10;
/// Places of the rest that are looked at, and bytes at each.
const SAMPLES: usize = 4;
const SAMPLE: usize = 1 << 10;
/// A line of fewer characters is short: a field, a heading, a cell.
const SHORT: usize = 14;

/// What was seen of a document. Counts are of the folded text.
#[derive(Clone, Debug, Default)]
pub struct Look {
    text: String,
    /// First bytes of the lines in the text.
    lines: Vec<usize>,
    pub(super) han: usize,
    pub(super) latin: usize,
    pub(super) digits: usize,
    pub(super) others: usize,
    pub(super) tabs: usize,
    pub(super) short_lines: usize,
    /// Characters of the line at hand.
    line: usize,
    pending: Pending,
}

/// Blanks that have been seen and not been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pending {
    #[default]
    Nothing,
    Blank,
    Line,
}

impl Look {
    /// At the pages of a document, in order.
    pub fn at(pages: &[Page]) -> Self {
        let mut look = Self { pending: Pending::Line, ..Self::default() };
        let mut left = HEAD;
        let mut rest: Vec<&str> = Vec::new();
        for page in pages {
            let content = page.text.content.as_str();
            let (head, tail) = content.split_at(content.floor_char_boundary(left));
            look.take(head);
            left -= head.len();
            if left < 4 {
                left = 0;
            }
            if !tail.is_empty() {
                rest.push(tail);
            }
        }
        let step = rest.len().div_ceil(SAMPLES).max(1);
        for tail in rest.into_iter().step_by(step) {
            look.take(&tail[..tail.floor_char_boundary(SAMPLE)]);
        }
        look.end_line();
        look
    }

    /// The folded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first lines that are not blank.
    pub fn first_lines(&self, count: usize) -> impl Iterator<Item = &str> {
        self.lines().take(count)
    }

    /// All lines that are not blank, without blanks at their ends.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let ends = self.lines.iter().skip(1).copied().chain([self.text.len()]);
        self.lines.iter().zip(ends).map(|(&start, end)| self.text[start..end].trim_end())
    }

    /// Lines that are not blank.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Characters that are no blanks.
    pub(super) fn characters(&self) -> usize {
        self.han + self.latin + self.digits + self.others
    }

    /// Takes a part of a page, which begins a line.
    fn take(&mut self, raw: &str) {
        self.text.reserve(raw.len());
        for c in raw.chars() {
            if c.is_ascii() {
                self.ascii(c);
            } else {
                self.beyond(c);
            }
        }
        self.blank(Pending::Line);
    }

    fn ascii(&mut self, c: char) {
        match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' => self.blank(Pending::Line),
            ' ' | '\t' => {
                self.tabs += usize::from(c == '\t');
                self.blank(Pending::Blank);
            }
            c if c.is_ascii_control() => {}
            c => {
                match c {
                    'a'..='z' | 'A'..='Z' => self.latin += 1,
                    '0'..='9' => self.digits += 1,
                    _ => self.others += 1,
                }
                self.write(c.to_ascii_lowercase(), false);
            }
        }
    }

    fn beyond(&mut self, c: char) {
        match c {
            '\u{3000}' | '\u{a0}' => self.blank(Pending::Blank),
            '\u{feff}' | '\u{200b}' | '\u{ad}' => {}
            '\u{ff01}'..='\u{ff5e}' => {
                let plain = char::from_u32(u32::from(c) - 0xfee0).expect("full-width forms have plain ones");
                self.ascii(plain);
            }
            c if is_character(c) => {
                self.han += 1;
                self.write(traditional::simplified(c), true);
            }
            c if c.is_whitespace() => self.blank(Pending::Blank),
            c if c.is_alphabetic() => {
                self.latin += 1;
                self.write(c.to_lowercase().next().unwrap_or(c), false);
            }
            c => {
                self.others += 1;
                self.write(c, false);
            }
        }
    }

    fn blank(&mut self, kind: Pending) {
        if self.pending != Pending::Line {
            self.pending = kind;
        }
        if kind == Pending::Line {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        if self.line > 0 {
            self.short_lines += usize::from(self.line < SHORT);
            self.line = 0;
        }
    }

    fn write(&mut self, c: char, han: bool) {
        if self.pending != Pending::Nothing {
            // Words that a line's end parts are one word in Chinese, and two elsewhere.
            let joined = han && self.text.chars().next_back().is_none_or(is_character);
            if !joined && !self.text.is_empty() {
                self.text.push(' ');
            }
            if self.pending == Pending::Line {
                self.lines.push(self.text.len());
            }
            self.pending = Pending::Nothing;
        }
        self.line += 1;
        self.text.push(c);
    }
}

/// Whether a character is looked at as a Han one: compatibility forms and hexagrams too, since what models have learnt depends on
/// this very set.
pub(super) fn is_character(c: char) -> bool {
    is_ideograph(c) || matches!(c, '\u{4dc0}'..='\u{4dff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Look {
        Look::at(&[Page::plain(1, text)])
    }

    #[test]
    fn forms_capitals_and_traditional_characters_are_folded_and_blanks_between_han_go() {
        let look = look("合 同\n編號：ＡＢ－１２\r\n\n  Statement  of\nAccount");
        assert_eq!(look.text(), "合同编号:ab-12 statement of account");
        assert_eq!(look.lines().collect::<Vec<_>>(), ["合同", "编号:ab-12", "statement of", "account"]);
        assert_eq!((look.han, look.digits, look.latin, look.short_lines), (4, 2, 20, 4));
    }

    #[test]
    fn a_long_document_is_looked_at_in_a_few_places() {
        let pages: Vec<Page> = (1..=1000).map(|number| Page::plain(number, "word\u{20000} ".repeat(600))).collect();
        let look = Look::at(&pages);
        assert!(
            look.text().len() > HEAD / 2 && look.text().len() <= HEAD + SAMPLES * SAMPLE + SAMPLES,
            "{}",
            look.text().len()
        );
    }

    #[test]
    fn nothing_is_looked_at_where_nothing_is() {
        assert_eq!((look("\n \t").lines().count(), Look::at(&[]).text()), (0, ""));
    }
}
