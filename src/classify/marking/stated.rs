//! What a mark states besides its level: caveats, the number of the copy, the term.
//!
//! Caveats stand on the line of the mark, or fill the line above or below it. The number of a copy stands on the line of the mark, or
//! fills a line, or a field of one, near the top or the bottom of its page; where its page has none, that of the first page holds.
//! What is told comes out of patterns that spell out words which may be told (`[[caveat]]` in `models/markings.toml`): a code word
//! is never among them.

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

/// What some marks state, in their order.
pub(super) fn of(rules: &Rules, pages: &[Page], candidates: &[Candidate]) -> Vec<Stated> {
    let mut known: Option<(usize, Vec<Copy>)> = None;
    let mut first: Option<Vec<Copy>> = None;
    let mut one = |candidate: &Candidate| {
        let Some(page) = pages.get(candidate.page) else { return Stated::default() };
        let rule = &rules.rules[candidate.rule];
        if matches!(rule.kind, Kind::Release | Kind::Declass) {
            return Stated::default();
        }
        let text = page.text.content.as_str();
        let line = text.get(candidate.line..candidate.line_end).unwrap_or("");
        let is_chinese = rule.jurisdiction == "CN";
        let take =
            |copies: &[Copy]| copies.iter().find(|copy| is_chinese || !copy.chinese).map(|copy| copy.number.clone());
        let mut copy_number = take(&copies_in(rules, line, true));
        if copy_number.is_none() {
            if known.as_ref().is_none_or(|(at, _)| *at != candidate.page) {
                known = Some((candidate.page, copies_on(rules, text)));
            }
            copy_number = known.as_ref().and_then(|(_, copies)| take(copies));
        }
        if copy_number.is_none() && candidate.page > 0 {
            let copies =
                first.get_or_insert_with(|| copies_on(rules, pages.first().map_or("", |page| &page.text.content)));
            copy_number = take(copies);
        }
        Stated {
            caveats: caveats(rules, text, line, candidate),
            copy_number,
            term: term::stated(rule.kind, &candidate.text),
        }
    };
    candidates.iter().map(&mut one).collect()
}

/// Numbers of copies near the top and the bottom of a page.
fn copies_on(rules: &Rules, text: &str) -> Vec<Copy> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let foot: Vec<&str> = lines().rev().take(FOOT_LINES).collect();
    let all = lines().take(HEAD_LINES).chain(foot.into_iter().rev());
    all.flat_map(|line| copies_in(rules, line, false)).collect()
}

/// Numbers of copies on a line: those that fill it or a field of it, and `anywhere` on it those that words say.
fn copies_in(rules: &Rules, line: &str, anywhere: bool) -> Vec<Copy> {
    if line.len() > LINE_BYTES || !line.contains(|char: char| char.is_numeric()) {
        return Vec::new();
    }
    let normal = Normal::new(line, 0, &[]);
    let text = normal.text.as_str();
    // Of most lines no pattern finds anything: their fields need not be told apart.
    let of_copies = rules.rules.iter().filter(|rule| rule.kind == Kind::Copyno);
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
        .flat_map(|cell| [bare(&normal, &cell, &numbers), bare(&normal, &cell, &[])])
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
fn caveats(rules: &Rules, text: &str, line: &str, candidate: &Candidate) -> Vec<String> {
    let labelled = candidate.signals.iter().any(|signal| signal.name == "label");
    // In running text only what the mark itself says is its own.
    let is_its_line = candidate.share >= 0.5 || candidate.zone.is_some() || labelled;
    let own = if is_its_line && !candidate.joined {
        let normal = Normal::new(line, u32::try_from(candidate.line).unwrap_or(u32::MAX), &[]);
        let at = normal.place(candidate.start);
        Struck::of(&normal.text).beside(&normal.text, &(at..at))
    } else {
        candidate.text.clone()
    };
    let mut found = found_in(rules, &own);
    if candidate.share >= 0.8 && !candidate.joined {
        let above =
            text.get(..candidate.line).and_then(|above| above.lines().rev().find(|line| !line.trim().is_empty()));
        let below = text.get(candidate.line_end..).and_then(|below| below.lines().find(|line| !line.trim().is_empty()));
        for line in [above, below].into_iter().flatten().filter(|line| line.len() <= LINE_BYTES) {
            let normal = Normal::new(line, 0, &[]).text;
            let there = found_in(rules, &normal);
            let said: usize = merged(there.iter().map(|one| one.0.clone())).map(|part| letters(&normal[part])).sum();
            let all = letters(&normal);
            if said > 0 && super::score::ratio(said, all) >= FILLED {
                found.extend(there);
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
    fn what_two_ranges_share_counts_once() {
        assert_eq!(merged([0..4, 2..6, 3..5].into_iter()).collect::<Vec<_>>(), [0..4, 4..6, 6..6]);
    }
}
