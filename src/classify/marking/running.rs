//! Running heads and feet: a mark beside a page number, or in a cell of its own beside the name of a house.
//!
//! Patterns that stand for a whole line are tried on what is left of it without the page number, and on each cell where the line is
//! one of a head or foot: one with a page number in words, or at an end of its page.

use std::ops::Range;

use regex::Regex;

use super::line::letters;
use super::normal::Normal;

/// Cells of a head or foot besides the page number: left, middle, right, and one to spare. More are a table.
const CELLS: std::ops::RangeInclusive<usize> = 2..=4;

/// What a line is as a head or foot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Running {
    /// Page numbers.
    pub(super) numbers: Vec<Range<usize>>,
    /// Parts of the line that may be a mark as a whole.
    pub(super) parts: Vec<Range<usize>>,
    /// Whether it has several cells and a page number in words: a table has no such thing.
    pub(super) is_numbered: bool,
    /// Whether it has several cells and stands at an end of its page.
    pub(super) is_at_end: bool,
}

impl Running {
    /// Looks at a line; `at_end` says whether it stands at an end of its page, and is asked only where that matters.
    pub(super) fn of(normal: &Normal, page_number: &Regex, at_end: impl FnOnce() -> bool) -> Self {
        let text = normal.text.as_str();
        let numbers: Vec<Range<usize>> = page_number.find_iter(text).map(|found| found.range()).collect();
        let in_words = numbers.iter().any(|number| text[number.clone()].contains(char::is_alphabetic));
        let whole = bare(normal, &(0..text.len()), &[]);
        let mut parts: Vec<Range<usize>> = Some(bare(normal, &whole, &numbers))
            .filter(|left| *left != whole && !left.is_empty())
            .into_iter()
            .collect();
        let starts = std::iter::once(0).chain(normal.breaks.iter().copied());
        let ends = normal.breaks.iter().copied().chain([text.len()]);
        let parted = normal.breaks.len() + normal.values().len();
        let cells: Vec<Range<usize>> = if parted == 0 || parted > CELLS.end() + 1 {
            Vec::new()
        } else {
            // The value of a label is a cell, too.
            starts
                .zip(ends)
                .map(|(start, end)| start..end)
                .chain(normal.values())
                .map(|cell| bare(normal, &cell, &numbers))
                .filter(|cell| !cell.is_empty())
                .collect()
        };
        let several = CELLS.contains(&cells.len());
        let is_at_end = several && at_end();
        if several && (in_words || is_at_end) {
            parts.extend(cells);
        }
        Self { numbers, parts, is_numbered: several && in_words, is_at_end }
    }

    /// Letters and digits of a range, page numbers aside.
    pub(super) fn letters(&self, text: &str, range: Range<usize>) -> usize {
        let inside = self
            .numbers
            .iter()
            .filter_map(|number| text.get(number.start.max(range.start)..number.end.min(range.end)).map(letters));
        let furniture: usize = inside.sum();
        letters(&text[range]).saturating_sub(furniture)
    }
}

/// A range of a text without the signs at either end.
pub(super) fn words(text: &str, range: Range<usize>) -> Range<usize> {
    let is_sign = |char: char| !char.is_alphanumeric();
    let inner = text[range.clone()].trim_start_matches(is_sign);
    let start = range.end - inner.len();
    start..start + inner.trim_end_matches(is_sign).len()
}

/// A range without page numbers and signs at either end.
pub(super) fn bare(normal: &Normal, range: &Range<usize>, numbers: &[Range<usize>]) -> Range<usize> {
    let text = normal.text.as_str();
    let mut range = range.clone();
    loop {
        let Range { start, end } = words(text, range);
        let first = numbers.iter().find(|one| one.start <= start && start < one.end && apart(text, one));
        let last = numbers.iter().find(|one| one.start < end && end <= one.end && apart(text, one));
        if start >= end || (first.is_none() && last.is_none()) {
            return start..end;
        }
        let (start, end) = (first.map_or(start, |one| one.end), last.map_or(end, |one| one.start));
        if start >= end {
            return start..start;
        }
        range = start..end;
    }
}

/// Whether a page number is parted from what stands before it: `PROTECT-1` is a name.
fn apart(text: &str, number: &Range<usize>) -> bool {
    let words = &text[number.clone()];
    let before = text[..number.start].chars().next_back();
    words.contains(char::is_alphabetic)
        || words.starts_with(['|', '•', '·', ' '])
        || before.is_none_or(|char| !char.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::rules::Rules;
    use super::*;

    fn seen(line: &str, at_end: bool) -> (Vec<String>, bool) {
        let rules = Rules::built_in().expect("the built-in rules compile");
        let normal = Normal::new(line, 0, &[]);
        let running = Running::of(&normal, &rules.vocabulary.page_number, || at_end);
        (running.parts.iter().map(|part| normal.text[part.clone()].to_owned()).collect(), running.is_numbered)
    }

    #[test]
    fn a_page_number_is_no_part_of_what_a_line_says() {
        for line in [
            "Confidential – Page 3 of 10",
            "Confidential Page 1",
            "Confidential\tPage  of",
            "Confidential | 3",
            "Confidential - 3 -",
            "- 3 - Confidential",
            "3 | Confidential",
            "Page 3 Confidential",
            "Confidential 3/10",
            "Confidential Seite 3 von 10",
            "Confidential, p. 3",
        ] {
            assert_eq!(seen(line, false).0, ["Confidential"], "{line}");
        }
        assert_eq!(seen("机密 第3页 共10页", false).0, ["机密"]);
        for line in ["Confidential", "PROTECT-1", "RESTRICTED-2", "SECRET 3", "Confidential - Draft"] {
            assert!(seen(line, false).0.is_empty(), "{line}");
        }
    }

    #[test]
    fn cells_of_a_head_or_foot_are_looked_at_one_by_one() {
        assert_eq!(
            seen("北方公司\t机密\t第3页", false),
            (vec!["北方公司机密".into(), "北方公司".into(), "机密".into()], true)
        );
        assert_eq!(seen("Acme Ltd. | Confidential | 3", true).0[1..], ["Acme Ltd", "Confidential"]);
        assert_eq!(seen("Acme Ltd. | Confidential | 3", false).0, ["Acme Ltd. | Confidential"]);
        assert_eq!(seen("a\tb\tc\td\te\tf\tSECRET", true).0, Vec::<String>::new());
    }
}
