//! What a mark states besides its level: caveats, the number of the copy, the term.
//!
//! Caveats stand on the line of the mark, or fill the line above or below it. The number of a copy stands on the line of the mark, or
//! fills a line, or a field of one, near the top or the bottom of its page; where its page has none, that of the first page holds.
//! What is told comes out of patterns that spell out words which may be told (`[[caveat]]` in `models/markings.toml`): a code word
//! is never among them.

use std::collections::HashMap;
use std::ops::Range;

use super::line::letters;
use super::normal::Normal;
use super::rules::{Kind, Rules};
use super::running::bare;
use super::score::Candidate;
use super::struck::Struck;
use super::term;
use crate::document::Page;
use crate::finding::Stated;
use crate::script::is_han;

/// Lines at the top and at the bottom of a page among which the number of a copy stands.
const HEAD_LINES: usize = 20;
const FOOT_LINES: usize = 6;
/// Bytes of a line that holds the number of a copy, or nothing but caveats.
const LINE_BYTES: usize = 160;
/// Share of a line's letters from which on it is nothing but caveats.
const FILLED: f32 = 0.9;
/// Caveats that are told of one mark: no banner has as many.
const CAVEATS: usize = 16;

/// The number of a copy, and whether only a Chinese mark may have it: six bare digits are a number of anything elsewhere.
#[derive(Clone, Debug)]
struct Copy {
    number: String,
    chinese: bool,
}

/// A line as marks see it that stand on it or beside it.
struct SeenLine {
    normal: Normal,
    caveats: Vec<(Range<usize>, String)>,
}

/// What is known of a page, and each line of it looked at once however many marks stand beside it.
struct SeenPage<'a> {
    rules: &'a Rules,
    number: usize,
    text: &'a str,
    lines: HashMap<(usize, usize), SeenLine>,
    copies: Option<Vec<Copy>>,
}

impl<'a> SeenPage<'a> {
    fn new(rules: &'a Rules, pages: &'a [Page], number: usize) -> Self {
        let text = pages.get(number).map_or("", |page| page.text.content.as_str());
        Self { rules, number, text, lines: HashMap::new(), copies: None }
    }

    fn line(&mut self, range: &Range<usize>) -> &SeenLine {
        let (rules, text) = (self.rules, self.text);
        self.lines.entry((range.start, range.end)).or_insert_with(|| {
            let normal = Normal::new(text.get(range.clone()).unwrap_or(""), 0, &[]);
            let caveats = found_in(rules, &normal.text);
            SeenLine { normal, caveats }
        })
    }

    /// Numbers of copies near the top and the bottom of the page.
    fn copies(&mut self) -> &[Copy] {
        let (rules, text) = (self.rules, self.text);
        self.copies.get_or_insert_with(|| {
            let lines = || text.lines().filter(|line| !line.trim().is_empty());
            let foot: Vec<&str> = lines().rev().take(FOOT_LINES).collect();
            let all = lines().take(HEAD_LINES).chain(foot.into_iter().rev());
            let numbered = all.filter(|line| line.len() <= LINE_BYTES && has_digit(line));
            numbered.flat_map(|line| copies_in(rules, &Normal::new(line, 0, &[]), false)).collect()
        })
    }
}

/// What some marks state, in their order.
pub(super) fn of(rules: &Rules, pages: &[Page], candidates: &[Candidate]) -> Vec<Stated> {
    let mut page = SeenPage::new(rules, pages, 0);
    let mut first = SeenPage::new(rules, pages, 0);
    let mut one = |candidate: &Candidate| {
        let rule = &rules.rules[candidate.rule];
        if matches!(rule.kind, Kind::Release | Kind::Declass) {
            return Stated::default();
        }
        if page.number != candidate.page {
            page = SeenPage::new(rules, pages, candidate.page);
        }
        let is_chinese = rule.jurisdiction == "CN";
        let take =
            |copies: &[Copy]| copies.iter().find(|copy| is_chinese || !copy.chinese).map(|copy| copy.number.clone());
        let mut copy_number = take(&copies_beside(&mut page, candidate));
        if copy_number.is_none() {
            copy_number = take(page.copies());
        }
        if copy_number.is_none() && candidate.page > 0 {
            copy_number = take(first.copies());
        }
        Stated {
            caveats: caveats(&mut page, candidate),
            copy_number,
            term: term::stated(rules, rule.kind, &candidate.text),
        }
    };
    candidates.iter().map(&mut one).collect()
}

/// Whether normalisation may leave a digit in a line: Han characters hold none, and are most of what there is.
fn has_digit(line: &str) -> bool {
    line.chars().any(|char| char.is_ascii_digit() || (!char.is_ascii() && !is_han(char) && char.is_numeric()))
}

/// Numbers of copies on the line of a mark.
fn copies_beside(page: &mut SeenPage<'_>, candidate: &Candidate) -> Vec<Copy> {
    let range = candidate.line..candidate.line_end;
    let line = page.text.get(range.clone()).unwrap_or("");
    if line.len() > LINE_BYTES || !has_digit(line) {
        return Vec::new();
    }
    let rules = page.rules;
    copies_in(rules, &page.line(&range).normal, true)
}

/// Numbers of copies on a line: those that fill it or a field of it, and `anywhere` on it those that words say.
fn copies_in(rules: &Rules, normal: &Normal, anywhere: bool) -> Vec<Copy> {
    let text = normal.text.as_str();
    // Of most lines no pattern finds anything: their fields need not be told apart.
    let of_copies = rules.copies_in(text);
    let hits: Vec<_> = of_copies.flat_map(|rule| rule.regex.find_iter(text).map(move |hit| (rule, hit))).collect();
    if hits.is_empty() {
        return Vec::new();
    }
    let numbers: Vec<Range<usize>> = rules.vocabulary.page_number.find_iter(text).map(|found| found.range()).collect();
    let starts = std::iter::once(0).chain(normal.breaks.iter().copied());
    let ends = normal.breaks.iter().copied().chain([text.len()]);
    let whole = std::iter::once(0..text.len());
    let cells: Vec<Range<usize>> = whole
        .chain(starts.zip(ends).map(|(start, end)| start..end.max(start)))
        .flat_map(|cell| [bare(normal, &cell, &numbers), bare(normal, &cell, &[])])
        .collect();
    let fills = |found: &Range<usize>| {
        cells.iter().any(|cell| found.start <= cell.start && cell.end <= found.end && !cell.is_empty())
    };
    let mut found: Vec<(usize, Copy)> = Vec::new();
    for (rule, hit) in hits {
        let in_words = hit.as_str().contains(char::is_alphabetic);
        if fills(&hit.range()) || (anywhere && in_words) {
            let chinese = rule.jurisdiction == "CN";
            found.extend(number_of(hit.as_str()).map(|number| (hit.start(), Copy { number, chinese })));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, copy)| copy).collect()
}

/// `3`, or `3 of 10`.
fn number_of(text: &str) -> Option<String> {
    let mut runs = text.split(|char: char| !char.is_ascii_digit()).filter(|run| !run.is_empty());
    let number = runs.next()?;
    Some(runs.next().map_or_else(|| number.to_owned(), |all| format!("{number} of {all}")))
}

/// The caveats of a mark, each once.
fn caveats(page: &mut SeenPage<'_>, candidate: &Candidate) -> Vec<String> {
    let rules = page.rules;
    let labelled = candidate.signals.iter().any(|signal| signal.name == "label");
    // In running text only what the mark itself says is its own.
    let is_its_line = candidate.share >= 0.5 || candidate.zone.is_some() || labelled;
    let mut found = if is_its_line && !candidate.joined {
        let seen = page.line(&(candidate.line..candidate.line_end));
        let struck = Struck::of(&seen.normal.text);
        if struck.is_empty() {
            seen.caveats.clone()
        } else {
            // The line was looked at from its own beginning on.
            let line = u32::try_from(candidate.line).unwrap_or(u32::MAX);
            let place = |at: u32| seen.normal.place(at.saturating_sub(line));
            found_in(rules, &struck.beside(&seen.normal.text, &(place(candidate.start)..place(candidate.end))))
        }
    } else {
        found_in(rules, &candidate.text)
    };
    if candidate.share >= 0.8 && !candidate.joined {
        let beside = [above(page.text, candidate.line), below(page.text, candidate.line_end)];
        for range in beside.into_iter().flatten().filter(|line| line.len() <= LINE_BYTES) {
            let seen = page.line(&range);
            let text = seen.normal.text.as_str();
            let said: usize =
                merged(seen.caveats.iter().map(|one| one.0.clone())).map(|part| letters(&text[part])).sum();
            if said > 0 && super::score::ratio(said, letters(text)) >= FILLED {
                found.extend(seen.caveats.iter().cloned());
            }
        }
    }
    let mut told: Vec<String> = Vec::new();
    for (_, shown) in found {
        if !told.contains(&shown) && told.len() < CAVEATS {
            told.push(shown);
        }
    }
    told
}

/// The line with anything on it before a byte that begins one.
fn above(text: &str, at: usize) -> Option<Range<usize>> {
    let end = text.get(..at)?.trim_end().len();
    let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    (start < end).then_some(start..end)
}

/// The line with anything on it behind a byte that ends one.
fn below(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let start = at + rest.len() - rest.trim_start().len();
    let line = text[start..].lines().next()?;
    Some(start..start + line.trim_end().len())
}

/// Caveats in a text with their places, in order.
fn found_in(rules: &Rules, text: &str) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for caveat in rules.caveats_in(text) {
        for captures in caveat.regex.captures_iter(text) {
            let mut shown = String::new();
            captures.expand(&caveat.shown, &mut shown);
            let range = captures.get(0).map_or(0..0, |all| all.range());
            found.push((range, shown.trim().to_owned()));
        }
    }
    found.retain(|(_, shown)| !shown.is_empty());
    found.sort_by(|a, b| (a.0.start, b.0.end, &a.1).cmp(&(b.0.start, a.0.end, &b.1)));
    // What lies within another says less: `NOFORN` of `SBU NOFORN`.
    let mut reach = 0;
    found.retain(|(range, _)| {
        let is_within = range.end <= reach;
        reach = reach.max(range.end);
        !is_within
    });
    found
}

/// Ranges in order without what two of them share.
fn merged(ranges: impl Iterator<Item = Range<usize>>) -> impl Iterator<Item = Range<usize>> {
    let mut reach = 0;
    ranges.map(move |range| {
        let start = range.start.max(reach);
        reach = reach.max(range.end);
        start..range.end.max(start)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_copy_is_its_digits() {
        for (text, number) in [("Copy 3 of 10 copies", "3 of 10"), ("份号:000012", "000012"), ("Экз. No 2", "2")] {
            assert_eq!(number_of(text).as_deref(), Some(number));
        }
        assert_eq!(number_of("Copy"), None);
    }

    #[test]
    fn the_lines_above_and_below_are_the_next_with_anything_on_them() {
        let text = "\r\nNOFORN\r\n \r\nSECRET\r\n\r\n  ORCON \r\nx";
        let at = text.find("SECRET").expect("there");
        assert_eq!(above(text, at).map(|line| &text[line]), Some("NOFORN"));
        assert_eq!(below(text, at + 6).map(|line| &text[line]), Some("ORCON"));
        assert_eq!((above(text, 2), below(text, text.len())), (None, None));
    }

    #[test]
    fn digits_of_any_width_are_seen_before_a_line_is_normalised() {
        for (line, holds) in
            [("Copy 3", true), ("份号：０００１", true), ("份号：一", false), ("第①份", true), ("Copy", false)]
        {
            assert_eq!(has_digit(line), holds, "{line}");
            let digits = Normal::new(line, 0, &[]).text.contains(|char: char| char.is_ascii_digit());
            assert!(holds || !digits, "{line}");
        }
    }

    #[test]
    fn what_two_ranges_share_counts_once() {
        assert_eq!(merged([0..4, 2..6, 3..5].into_iter()).collect::<Vec<_>>(), [0..4, 4..6, 6..6]);
    }
}
