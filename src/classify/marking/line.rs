//! A line of a page as the detector looks at it: normalised, with its words, its fields and its place on the page.
//!
//! Zones are shares of the page, so they need word boxes and a page size; plain text has no zones.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use regex::Regex;

use super::broken;
use super::normal::Normal;
use super::rules::{Rules, Vocabulary};
use super::running::Running;
use super::subject::{self, Role};
use crate::classify::cells;
use crate::document::{self, Ink, Origin, Page, Rect, Word, words_in};
use crate::script::is_han;

/// Longest line that is looked at in one piece, in bytes: no mark is longer, and work stays linear on lines of megabytes.
const MOST_BYTES: usize = 4096;

/// Letters that a piece of a longer line is taken to have at least: a mark in it never stands alone.
const PIECE_LETTERS: usize = 2000;

/// Letters of a line that a sentence can run over.
const PROSE_LETTERS: usize = 20;

/// Share of the page's height that is the top.
const TOP: f32 = 0.12;
/// Share of the page's height below which the bottom begins.
const BOTTOM: f32 = 0.90;
/// Share of the page's height down to which the blocks at the top corners reach: three lines below a top margin of
/// 37 mm on A4, as Chinese official documents have it.
const CORNER: f32 = 0.22;
/// Lines at either end of a page without places that are its running head and foot: a mark, its companions, a page number.
const EDGE_LINES: usize = 3;
/// Gap between words, in heights of a word, that separates fields.
const FIELD_GAP: f32 = 2.0;

/// A page being looked at.
pub(super) struct Sheet<'a> {
    /// The page.
    pub(super) page: &'a Page,
    /// Its place among the pages of the content.
    pub(super) index: usize,
    median_height: OnceCell<f32>,
    cells: OnceCell<Vec<u32>>,
}

/// The first or the last lines of a page without places, where running heads and feet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge {
    /// Among the first.
    Head,
    /// Among the last.
    Foot,
}

/// A line of a page.
pub(super) struct Line<'a> {
    /// The normalised text.
    pub(super) normal: Normal,
    /// Its bytes in the page's text.
    pub(super) range: Range<usize>,
    /// The words in it.
    pub(super) words: &'a [Word],
    /// Letters and digits in it, page numbers aside.
    pub(super) letters: usize,
    /// What it is to the subject of a message.
    pub(super) role: Role,
    /// Whether it is several lines of the page.
    pub(super) joined: bool,
    /// What it is as a running head or foot.
    pub(super) running: Running,
    /// What a condition says, which is none of its mark: `UNCLASSIFIED when separated from the enclosure`.
    pub(super) aside: Vec<Range<usize>>,
    /// The ends of lines inside it.
    ends: Vec<u32>,
}

impl<'a> Sheet<'a> {
    /// A page, the `index`th of its content.
    pub(super) fn new(page: &'a Page, index: usize) -> Self {
        Self { page, index, median_height: OnceCell::new(), cells: OnceCell::new() }
    }

    /// The lines that can hold a mark: those at which the prefilter stops, and all with recognized words.
    pub(super) fn lines(&self, rules: &Rules) -> Vec<Line<'a>> {
        let vocabulary = &rules.vocabulary;
        let of_range = |range: Range<usize>| self.lines_of(range, vocabulary);
        let mut lines: Vec<Line<'a>> = self.ranges(&rules.trigger).into_iter().flat_map(of_range).collect();
        let stamps: Vec<Range<usize>> = lines.iter().flat_map(stamps).collect();
        lines.extend(stamps.into_iter().map(|range| self.line(range, Role::Stamp, vocabulary)));
        let joined = broken::joined(&self.page.text.content, &rules.trigger);
        lines.extend(joined.into_iter().map(|joined| self.joined(joined, vocabulary)));
        lines
    }

    /// Several lines as one.
    fn joined(&self, joined: broken::Joined, vocabulary: &Vocabulary) -> Line<'a> {
        let mut line = if joined.column {
            let offset = u32::try_from(joined.range.start).unwrap_or(u32::MAX);
            let normal = Normal::column(&self.page.text.content[joined.range.clone()], offset);
            let words = words_in(&self.page.text.words, &joined.range);
            self.line_of(normal, joined.range, words, Role::None, vocabulary)
        } else {
            self.line(joined.range, Role::None, vocabulary)
        };
        line.ends = line_ends(&self.page.text.content, &line.range);
        line.joined = true;
        line
    }

    /// Where such lines are.
    fn ranges(&self, trigger: &Regex) -> Vec<Range<usize>> {
        let text = self.page.text.content.as_str();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while let Some(hit) = (at < text.len()).then(|| trigger.find_at(text, at)).flatten() {
            let range = piece(text, hit.start(), hit.end());
            at = range.end.max(hit.end()).max(at + 1);
            while !text.is_char_boundary(at) {
                at += 1;
            }
            ranges.push(range);
        }
        let recognized = self.page.text.words.iter().filter(|word| word.origin == Origin::Ocr);
        for word in recognized {
            let (start, end) = (word.start as usize, word.end as usize);
            let inside = start < end && text.is_char_boundary(start) && text.is_char_boundary(end);
            if inside && ranges.last().is_none_or(|last| !last.contains(&start)) {
                ranges.push(piece(text, start, end));
            }
        }
        ranges.sort_unstable_by_key(|range| (range.start, range.end));
        ranges.dedup();
        ranges
    }

    /// A line, or what it holds of a message's subject.
    fn lines_of(&self, range: Range<usize>, vocabulary: &Vocabulary) -> Vec<Line<'a>> {
        let text = &self.page.text.content[range.clone()];
        let Some(label) = vocabulary.subject.find(text).filter(|label| label.start() == 0) else {
            return vec![self.line(range, Role::None, vocabulary)];
        };
        let start = range.start + label.end();
        let parts = subject::parts(&text[label.end()..]).into_iter();
        parts.map(|part| self.line(start + part.range.start..start + part.range.end, part.role, vocabulary)).collect()
    }

    /// The normalised text around `start..end`, across lines.
    pub(super) fn around(&self, start: usize, end: usize, chars: usize) -> Normal {
        let text = self.page.text.content.as_str();
        let from = text[..start].char_indices().rev().nth(chars.saturating_sub(1)).map_or(0, |(at, _)| at);
        let to = text[end..].char_indices().nth(chars).map_or(text.len(), |(at, _)| end + at);
        Normal::new(&text[from..to], 0, &[])
    }

    /// Height of a box as a multiple of the page's median line height, where there are lines enough to tell.
    pub(super) fn relative_height(&self, height: f32) -> Option<f32> {
        let median = *self.median_height.get_or_init(|| self.measure_median());
        (median > 0.0).then(|| height / median)
    }

    /// The zone of a mark, by its own box and that of its field.
    pub(super) fn zone(&self, mark: &Rect, field: &Rect) -> Option<&'static str> {
        let size = self.page.size;
        if size.width <= 0.0 || size.height <= 0.0 {
            return None;
        }
        let middle = (mark.y + mark.h / 2.0) / size.height;
        let half = size.width / 2.0;
        match middle {
            y if y <= TOP => Some("header"),
            y if y >= BOTTOM => Some("footer"),
            y if y <= CORNER && field.right() <= half => Some("top-left"),
            y if y <= CORNER && field.x >= half => Some("top-right"),
            _ => None,
        }
    }

    /// Whether a line is among the first or the last of the page that are not blank.
    pub(super) fn edges(&self, range: &Range<usize>) -> [Option<Edge>; 2] {
        let text = self.page.text.content.as_str();
        let few = |lines: &mut dyn Iterator<Item = &str>| {
            lines.filter(|line| !line.trim().is_empty()).take(EDGE_LINES).count() < EDGE_LINES
        };
        let head = few(&mut text[..range.start].lines().rev());
        let foot = few(&mut text[range.end..].lines());
        [head.then_some(Edge::Head), foot.then_some(Edge::Foot)]
    }

    fn line(&self, range: Range<usize>, role: Role, vocabulary: &Vocabulary) -> Line<'a> {
        let words = words_in(&self.page.text.words, &range);
        let wide: Vec<u32> = words
            .windows(2)
            .filter(|pair| {
                let height = pair[0].bounds.h.max(pair[1].bounds.h);
                pair[1].bounds.x - pair[0].bounds.right() > FIELD_GAP * height
            })
            .map(|pair| pair[1].start)
            .collect();
        let text = &self.page.text.content;
        let mut normal = Normal::new(&text[range.clone()], u32::try_from(range.start).unwrap_or(u32::MAX), &wide);
        normal.join_cells(&vocabulary.label, &vocabulary.level, || self.cells());
        self.line_of(normal, range, words, role, vocabulary)
    }

    /// A line that is normalised already.
    fn line_of(
        &self,
        normal: Normal,
        range: Range<usize>,
        words: &'a [Word],
        role: Role,
        vocabulary: &Vocabulary,
    ) -> Line<'a> {
        let text = &self.page.text.content;
        let running =
            Running::of(&normal, &vocabulary.page_number, || role == Role::None && self.is_at_end(&range, words));
        let is_piece = role == Role::None && !ends_line(text, &range);
        let least = if is_piece { PIECE_LETTERS } else { 0 };
        let own = running.letters(&normal.text, 0..normal.text.len());
        let letters = (own + self.letters_before(&range, words)).max(least);
        Line { normal, range, words, letters, role, joined: false, running, aside: Vec::new(), ends: Vec::new() }
    }

    /// Whether a line stands where running heads and feet do.
    fn is_at_end(&self, range: &Range<usize>, words: &[Word]) -> bool {
        match document::bounds(words) {
            Some(bounds) => matches!(self.zone(&bounds, &bounds), Some("header" | "footer")),
            None => self.edges(range) != [None; 2],
        }
    }

    /// What stands around a line, above and below it.
    pub(super) fn beside(&self, range: &Range<usize>) -> (&str, &str) {
        let text = self.page.text.content.as_str();
        (&text[..range.start], &text[range.end..])
    }

    /// Letters of the line before, if this line is the end of its sentence: `CONFIDENTIAL.` under a full line of prose.
    fn letters_before(&self, range: &Range<usize>, words: &[Word]) -> usize {
        let text = self.page.text.content.as_str();
        let ends = text[range.clone()].trim_end().ends_with(['.', '。', ';', '；', ')', '）']);
        let after_line_end = |at: &usize| text.as_bytes().get(*at) == Some(&b'\n');
        let Some(before) = range.start.checked_sub(1).filter(|at| ends && after_line_end(at)) else { return 0 };
        let from = text[..before].rfind('\n').map_or(0, |at| at + 1);
        let line = text[from..before].trim_end();
        let open =
            line.ends_with(|char: char| char.is_lowercase() || is_han(char) || matches!(char, ',' | '，' | '、'));
        let count = if line.len() <= MOST_BYTES { letters(line) } else { 0 };
        let above = words_in(&self.page.text.words, &(from..before));
        let far = match (above.last(), words.first()) {
            (Some(above), Some(below)) => below.bounds.y - above.bounds.bottom() > below.bounds.h.max(above.bounds.h),
            _ => false,
        };
        if open && !far && count >= PROSE_LETTERS { count } else { 0 }
    }

    /// The bytes at which cells begin, where the words of the page have places.
    fn cells(&self) -> &[u32] {
        let begins = |end: Range<usize>| u32::try_from(end.end).ok();
        self.cells.get_or_init(|| cells::ends(&self.page.text).into_iter().filter_map(begins).collect())
    }

    fn measure_median(&self) -> f32 {
        let text = self.page.text.content.as_bytes();
        let mut heights: Vec<f32> = Vec::new();
        let mut end = 0_usize;
        for word in &self.page.text.words {
            let start = (word.start as usize).min(text.len());
            let new_line = heights.is_empty() || text[end.min(start)..start].contains(&b'\n');
            match heights.last_mut() {
                Some(height) if !new_line => *height = height.max(word.bounds.h),
                _ => heights.push(word.bounds.h),
            }
            end = (word.end as usize).min(text.len());
        }
        if heights.len() < 5 {
            return 0.0;
        }
        heights.sort_unstable_by(f32::total_cmp);
        heights[heights.len() / 2]
    }
}

impl Line<'_> {
    /// Whether a hit at `start..end` of the normalised text counts: of joined lines only what goes over the end of one.
    pub(super) fn takes(&self, start: usize, end: usize) -> bool {
        let (from, to) = self.normal.source(start, end);
        !self.joined || self.ends.iter().any(|at| (from..to).contains(at))
    }

    /// Takes what a condition says out of what counts as the line.
    pub(super) fn set_aside(&mut self, aside: Vec<Range<usize>>) {
        let said: usize = aside.iter().map(|range| letters(&self.normal.text[range.clone()])).sum();
        self.letters = self.letters.saturating_sub(said);
        self.aside = aside;
    }

    /// The text without what a condition says.
    pub(super) fn without_aside(&self) -> Cow<'_, str> {
        let text = self.normal.text.as_str();
        let mut left = Cow::Borrowed(text);
        for range in self.aside.iter().rev() {
            left.to_mut().replace_range(range.clone(), "");
        }
        left
    }

    /// The words that `start..end` of the page touches.
    pub(super) fn words_at(&self, start: u32, end: u32) -> &[Word] {
        words_in(self.words, &(start as usize..end as usize))
    }

    /// The box around the words that `start..end` of the page touches.
    pub(super) fn bounds(&self, start: u32, end: u32) -> Option<Rect> {
        document::bounds(self.words_at(start, end))
    }

    /// The colour that most letters of `start..end` have.
    pub(super) fn ink(&self, start: u32, end: u32) -> Ink {
        let words = self.words_at(start, end);
        let letters =
            |ink: Ink| -> u32 { words.iter().filter(|word| word.ink == ink).map(|word| word.end - word.start).sum() };
        [Ink::Red, Ink::Blue, Ink::Pale, Ink::Framed]
            .into_iter()
            .find(|ink| letters(*ink) > letters(Ink::Plain))
            .unwrap_or_default()
    }

    /// Where the words come from: recognized only if every one of them is.
    pub(super) fn origin(&self, start: u32, end: u32) -> Origin {
        document::origin(self.words_at(start, end))
    }
}

/// Letters and digits.
pub(super) fn letters(text: &str) -> usize {
    text.chars().filter(|char| char.is_alphanumeric()).count()
}

/// Recognized words of a line that are red where others are not: a stamp that lies over the line, or stands at its end.
fn stamps(line: &Line<'_>) -> Vec<Range<usize>> {
    let is_red = |word: &Word| word.origin == Origin::Ocr && word.ink == Ink::Red;
    if line.words.iter().all(is_red) {
        return Vec::new();
    }
    let runs = line.words.chunk_by(|a, b| is_red(a) == is_red(b)).filter(|run| run.first().is_some_and(is_red));
    let range = |run: &[Word]| Some(run.first()?.start as usize..run.last()?.end as usize);
    runs.filter_map(range).filter(|range| line.range.start <= range.start && range.end <= line.range.end).collect()
}

/// Where lines end inside a range.
fn line_ends(text: &str, range: &Range<usize>) -> Vec<u32> {
    let ends = text[range.clone()].match_indices('\n').map(|(at, _)| range.start + at);
    ends.filter_map(|at| u32::try_from(at).ok()).collect()
}

/// The line around a hit, or a piece of it where the line is very long.
fn piece(text: &str, start: usize, end: usize) -> Range<usize> {
    let begin = |at: usize| text[..at].rfind('\n').map_or(0, |line| line + 1);
    // A hit may begin with the end of the line before: what counts is where its first letter is.
    let start = text[start..end].find(|char| char != '\n').map_or(start, |skip| start + skip);
    let mut from = begin(start).max(start.saturating_sub(MOST_BYTES / 2));
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = (from + MOST_BYTES).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let line_end = text[start..to].find('\n').map_or(to, |at| start + at);
    from..line_end
}

/// Whether a range is a whole line.
fn ends_line(text: &str, range: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let starts = range.start == 0 || bytes.get(range.start - 1) == Some(&b'\n');
    starts && bytes.get(range.end).is_none_or(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_megabytes_is_looked_at_in_pieces() {
        let text = format!("{}SECRET{}", "密 x ".repeat(300_000), "y".repeat(300_000));
        let at = text.find("SECRET").expect("there");
        let range = piece(&text, at, at + 6);
        assert!(range.len() <= MOST_BYTES && text[range.clone()].contains("SECRET"));
        assert!(!ends_line(&text, &range));
    }

    #[test]
    fn the_end_of_a_sentence_is_no_line_of_its_own() {
        let text = "a level of classification that is not higher than\nCONFIDENTIAL.\n\nSECRET\n";
        let page = Page::plain(1, text);
        let lines = Sheet::new(&page, 0).lines(&Rules::built_in().expect("the built-in rules compile"));
        let marks = lines.iter().filter(|line| line.normal.text.starts_with(['C', 'S']));
        assert_eq!(marks.map(|line| line.letters > 30).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_hit_belongs_to_the_line_of_its_first_letter() {
        let text = "one\nSECRET\nthree";
        assert_eq!(&text[piece(text, 3, 10)], "SECRET");
        assert_eq!(&text[piece(text, 4, 11)], "SECRET");
    }
}
