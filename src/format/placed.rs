//! Text with places: from runs of characters somewhere on a page to lines in reading order.
//!
//! Formats that draw text at coordinates (OFD, XPS) may draw it in any order: the head of a page after its body, a line in
//! pieces, a table by columns. What is read across comes first, from top to bottom and from left to right; then what is
//! read down, up or upside down, each in its own order; then what stands aslant, as watermarks do.

mod matrix;

use std::collections::BTreeSet;

use crate::document::{Origin, PageSize, Rect, Text};
use crate::finding::{Fault, FaultReason};

use super::outlines::Outlines;
use super::{Layer, Objects, PageSource};
pub(super) use matrix::{Matrix, numbers};

/// A gap as wide as this share of the height of a line ends a word although nobody wrote a blank.
const WORD_GAP: f32 = 0.3;
/// Between Han characters, which are spread to fill lines and titles, the gap must be wider.
const HAN_GAP: f32 = 0.8;
/// Points beyond which nothing is placed: no page is a kilometre long.
const FAR: f32 = 3_000_000.0;
/// The same text this close to itself, as a share of its height, is drawn twice to look bold.
const TWICE: f32 = 0.2;

/// Which way a run is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// To the right.
    Right,
    /// Down: columns go from right to left.
    Down,
    /// Up: on a page lying on its side.
    Up,
    /// Upside down.
    Left,
    /// Aslant.
    Oblique,
}

impl Direction {
    fn of(x: f32, y: f32) -> Self {
        let (across, down) = (x.abs(), y.abs());
        match () {
            () if down <= across * 0.2 && x >= 0.0 => Self::Right,
            () if down <= across * 0.2 => Self::Left,
            () if across <= down * 0.2 && y >= 0.0 => Self::Down,
            () if across <= down * 0.2 => Self::Up,
            () => Self::Oblique,
        }
    }

    /// A box seen by one who reads this way: `x` along the line, `y` from line to line.
    fn seen(self, rect: &Rect) -> Rect {
        match self {
            Self::Right | Self::Oblique => *rect,
            Self::Down => Rect { x: rect.y, y: -rect.right(), w: rect.h, h: rect.w },
            Self::Up => Rect { x: -rect.bottom(), y: rect.x, w: rect.h, h: rect.w },
            Self::Left => Rect { x: -rect.right(), y: -rect.bottom(), w: rect.w, h: rect.h },
        }
    }
}

/// A character where it is drawn, before the page's own coordinates are applied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) ch: char,
    /// The origin on the base line.
    pub(super) x: f32,
    pub(super) y: f32,
    /// Width, as far as it is known.
    pub(super) width: f32,
}

/// Characters that belong together, with their places on the page.
#[derive(Clone, Debug)]
pub(super) struct Run {
    direction: Direction,
    chars: Vec<(char, Rect)>,
    bounds: Rect,
}

/// Cuts the characters of one piece of text into runs: it may go over several lines.
pub(super) fn runs(glyphs: &[Glyph], size: f32, forward: (f32, f32), matrix: &Matrix) -> Vec<Run> {
    let forward = heading(glyphs, size).unwrap_or(forward);
    let direction = matrix.direction(forward.0, forward.1);
    let mut runs: Vec<Run> = Vec::new();
    let mut last: Option<&Glyph> = None;
    for glyph in glyphs {
        let bounds = sane(&matrix.rect(&Rect { x: glyph.x, y: glyph.y - 0.85 * size, w: glyph.width, h: size }));
        let follows = last.is_some_and(|last| follows(last, glyph, size, forward));
        last = Some(glyph);
        match runs.last_mut().filter(|_| follows) {
            Some(run) => {
                run.chars.push((glyph.ch, bounds));
                run.bounds = run.bounds.union(&bounds);
            }
            None => runs.push(Run { direction, chars: vec![(glyph.ch, bounds)], bounds }),
        }
    }
    runs
}

/// A place that can be reckoned with. Text at no place at all is text nevertheless.
fn sane(place: &Rect) -> Rect {
    let sane = |number: f32| if number.is_finite() { number.clamp(-FAR, FAR) } else { 0.0 };
    Rect { x: sane(place.x), y: sane(place.y), w: sane(place.w), h: sane(place.h) }
}

/// Where most of the steps of a text lead to: across or down, forwards or backwards.
fn heading(glyphs: &[Glyph], size: f32) -> Option<(f32, f32)> {
    let mut votes = [0_u32; 4];
    for pair in glyphs.windows(2) {
        let (x, y) = (pair[1].x - pair[0].x, pair[1].y - pair[0].y);
        // Bold and stacked characters stand still.
        if x.abs().max(y.abs()) > 0.05 * size {
            let way = if x.abs() >= y.abs() { usize::from(x < 0.0) } else { 2 + usize::from(y < 0.0) };
            votes[way] += 1;
        }
    }
    let best = (0..4).rev().max_by_key(|way| votes[*way]).filter(|way| votes[*way] > 0)?;
    Some([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)][best])
}

/// Whether a character goes on where the last one ends.
fn follows(last: &Glyph, next: &Glyph, size: f32, forward: (f32, f32)) -> bool {
    let (x, y) = (next.x - last.x, next.y - last.y);
    let (along, aside) = (x * forward.0 + y * forward.1, (x * forward.1 - y * forward.0).abs());
    let taken = if forward.1 == 0.0 { last.width } else { size };
    aside <= 0.5 * size && along >= -0.3 * size && along <= taken + 1.5 * size
}

/// Puts runs in reading order, and says whether there was more text than `limit` bytes.
pub(super) fn text(mut runs: Vec<Run>, limit: usize) -> (Text, bool) {
    // The order of the document decides where places do not.
    runs.sort_by_key(|run| run.direction);
    let mut page = Builder { text: Text::default(), limit, cut: false };
    for block in runs.chunk_by(|a, b| a.direction == b.direction) {
        let direction = block[0].direction;
        // A watermark that covers the page says the same over and over.
        let mut seen = BTreeSet::new();
        for line in lines(block) {
            let text = || line.iter().flat_map(|run| &run.chars).map(|(ch, _)| *ch).collect::<String>();
            if direction != Direction::Oblique || seen.insert(text()) {
                page.line(&line, direction);
            }
        }
    }
    (page.text, page.cut)
}

/// Runs of one direction by lines, each from its beginning to its end.
fn lines(runs: &[Run]) -> Vec<Vec<&Run>> {
    let direction = runs[0].direction;
    let seen = |run: &Run| direction.seen(&run.bounds);
    let middle = |rect: &Rect| rect.y + rect.h / 2.0;
    let mut sorted: Vec<(&Run, Rect)> = runs.iter().map(|run| (run, seen(run))).collect();
    sorted.sort_by(|a, b| middle(&a.1).total_cmp(&middle(&b.1)));
    let mut lines: Vec<(Rect, Vec<(&Run, Rect)>)> = Vec::new();
    for (run, rect) in sorted {
        let same = |line: &Rect| {
            let shared = line.bottom().min(rect.bottom()) - line.y.max(rect.y);
            let (low, high) = (line.h.min(rect.h), line.h.max(rect.h));
            // Beside a large letter or a seal there may be several lines, which are none of its own.
            direction != Direction::Oblique && shared > 0.5 * low.max(high * 0.4)
        };
        match lines.last_mut().filter(|(line, _)| same(line)) {
            Some((line, members)) => {
                // A line is as high as its tallest run, so that small print beside a large title stays with it.
                if rect.h > line.h {
                    *line = rect;
                }
                members.push((run, rect));
            }
            None => lines.push((rect, vec![(run, rect)])),
        }
    }
    let mut in_order = Vec::with_capacity(lines.len());
    for (_, mut members) in lines {
        members.sort_by(|a, b| a.1.x.total_cmp(&b.1.x));
        in_order.push(members.into_iter().map(|(run, _)| run).collect());
    }
    in_order
}

struct Builder {
    text: Text,
    limit: usize,
    cut: bool,
}

impl Builder {
    fn line(&mut self, runs: &[&Run], direction: Direction) {
        let mut before = if self.text.content.is_empty() { "" } else { "\n" };
        let mut last: Option<(char, Rect, &Run)> = None;
        for run in runs {
            if last.is_some_and(|(_, _, last)| twice(last, run)) {
                continue;
            }
            let mut word = String::new();
            let mut place: Option<Rect> = None;
            for (ch, bounds) in &run.chars {
                if ch.is_whitespace() {
                    self.word(&mut before, &mut word, &mut place);
                    before = if before == "\n" { before } else { " " };
                    continue;
                }
                if let Some((before_ch, before_bounds, _)) = last.filter(|_| word.is_empty() && before.is_empty()) {
                    before = gap((before_ch, &direction.seen(&before_bounds)), (*ch, &direction.seen(bounds)));
                }
                word.push(*ch);
                place = Some(place.map_or(*bounds, |place| place.union(bounds)));
                last = Some((*ch, *bounds, run));
            }
            self.word(&mut before, &mut word, &mut place);
        }
    }

    fn word(&mut self, before: &mut &'static str, word: &mut String, place: &mut Option<Rect>) {
        let (text, place) = (std::mem::take(word), place.take());
        let Some(place) = place.filter(|_| !text.is_empty()) else { return };
        if self.text.content.len().saturating_add(text.len()) >= self.limit {
            self.cut = true;
            return;
        }
        self.text.push_word(before, &text, place, 100, Origin::Layer);
        *before = "";
    }
}

/// What separates two characters of a line.
fn gap(last: (char, &Rect), next: (char, &Rect)) -> &'static str {
    let height = last.1.h.max(next.1.h);
    let share = if is_wide(last.0) && is_wide(next.0) { HAN_GAP } else { WORD_GAP };
    if next.1.x - last.1.right() > share * height || next.1.right() < last.1.x { " " } else { "" }
}

/// Whether a run is the last one drawn again.
fn twice(last: &Run, next: &Run) -> bool {
    let near = TWICE * last.bounds.h.min(next.bounds.h);
    (last.bounds.x - next.bounds.x).abs() < near
        && (last.bounds.y - next.bounds.y).abs() < near
        && last.chars.len() == next.chars.len()
        && last.chars.iter().zip(&next.chars).all(|(a, b)| a.0 == b.0)
}

/// Characters as wide as they are high.
pub(super) fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}' | '★' | '“' | '”' | '—' | '…')
}

/// No meaning: control, replacement, private use, not a character.
pub(super) fn is_unreadable(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{fffd}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Bullets of Symbol and Wingdings: ornaments at the places of letters.
pub(super) fn is_bullet(ch: char) -> bool {
    matches!(ch, '\u{f020}'..='\u{f0ff}')
}

/// The faults of a page on which something may be written that nobody can read without a renderer.
pub(super) fn unread(characters: usize, outlines: Outlines) -> impl Iterator<Item = Fault> {
    let lost = (characters > 0).then(|| format!("{characters} characters cannot be told without their font"));
    let drawn =
        outlines.may_be_letters().then(|| "it has drawings that may be letters, and nothing renders them".to_owned());
    lost.into_iter().chain(drawn).map(|detail| Fault::whole(FaultReason::Unsupported, detail))
}

/// A page of text at its places.
#[derive(Default)]
pub(super) struct PlacedPage {
    pub(super) label: Option<String>,
    pub(super) size: PageSize,
    pub(super) text: Text,
    pub(super) faults: Vec<Fault>,
}

impl PlacedPage {
    /// A page of what is said of a document, without places.
    pub(super) fn properties(text: &str, number: u32, limit: usize) -> Self {
        let fault =
            || Fault { page: Some(number), ..Fault::limit("page_text_bytes", limit, "what is said of the document") };
        let faults = (text.len() > limit).then(fault).into_iter().collect();
        let text = Text::plain(text.get(..text.floor_char_boundary(limit)).unwrap_or(text));
        Self { label: Some("properties".to_owned()), size: PageSize::default(), text, faults }
    }
}

impl PageSource for PlacedPage {
    fn label(&self) -> Option<String> {
        self.label.clone()
    }

    fn size(&self) -> PageSize {
        self.size
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        let visible = self.text.content.chars().filter(|c| !c.is_whitespace()).count();
        let visible_chars = u32::try_from(visible).unwrap_or(u32::MAX);
        let objects = Objects { text_only_format: true, visible_chars, ..Objects::default() };
        Ok(Layer { text: self.text.clone(), objects, faults: self.faults.clone(), ..Layer::default() })
    }

    fn render(&mut self, _: u32) -> Result<Option<image::DynamicImage>, Fault> {
        Ok(None)
    }
}

#[cfg(test)]
#[allow(clippy::needless_pass_by_value, reason = "fixtures are small and made here")]
mod tests {
    use super::*;

    fn piece(text: &str, x: f32, y: f32, step: (f32, f32)) -> Vec<Glyph> {
        let mut at = (x, y);
        let mut place = |ch| {
            let glyph = Glyph { ch, x: at.0, y: at.1, width: 10.0 };
            at = (at.0 + step.0, at.1 + step.1);
            glyph
        };
        text.chars().map(&mut place).collect()
    }

    fn across(text: &str, x: f32, y: f32) -> Vec<Run> {
        runs(&piece(text, x, y, (10.0, 0.0)), 10.0, (1.0, 0.0), &Matrix::IDENTITY)
    }

    fn read(parts: Vec<Vec<Run>>) -> String {
        text(parts.concat(), 10_000).0.content
    }

    #[test]
    fn a_page_is_read_from_top_to_bottom_whatever_is_drawn_first() {
        let body = across("正文内容", 30.0, 300.0);
        let head = across("绝密", 30.0, 20.0);
        let page = read(vec![body, across("★十年", 51.0, 21.0), across("第一页", 300.0, 20.0), head]);
        assert_eq!(page, "绝密★十年 第一页\n正文内容");
    }

    #[test]
    fn a_text_that_goes_over_lines_is_cut_into_them() {
        let mut glyphs = piece("第一行", 10.0, 20.0, (10.0, 0.0));
        glyphs.extend(piece("第二行", 10.0, 40.0, (10.0, 0.0)));
        let cut = runs(&glyphs, 10.0, (1.0, 0.0), &Matrix::IDENTITY);
        assert_eq!(text(cut, 1000).0.content, "第一行\n第二行");
    }

    #[test]
    fn columns_written_down_are_read_from_right_to_left() {
        let column = |text: &str, x| runs(&piece(text, x, 20.0, (0.0, 10.0)), 10.0, (1.0, 0.0), &Matrix::IDENTITY);
        assert_eq!(read(vec![column("左边的列", 20.0), column("右边的列", 60.0)]), "右边的列\n左边的列");
    }

    #[test]
    fn a_page_on_its_side_is_read_by_its_own_lines() {
        // A quarter turn: to the right becomes down.
        let turned = Matrix([0.0, 1.0, -1.0, 0.0, 500.0, 0.0]);
        let line = |text: &str, y| runs(&piece(text, 10.0, y, (10.0, 0.0)), 10.0, (1.0, 0.0), &turned);
        assert_eq!(read(vec![line("第二行", 60.0), line("第一行", 20.0)]), "第一行\n第二行");
    }

    #[test]
    fn words_have_their_boxes() {
        let (text, cut) = text(across("TOP SECRET", 10.0, 20.0), 1000);
        let words: Vec<_> = text.words.iter().map(|word| (word.bounds.x, word.bounds.w)).collect();
        assert_eq!((words, cut), (vec![(10.0, 30.0), (50.0, 60.0)], false));
        assert!(text.is_sound());
    }

    #[test]
    fn text_drawn_twice_to_look_bold_is_read_once() {
        assert_eq!(read(vec![across("机密", 10.0, 20.0), across("机密", 10.5, 20.0)]), "机密");
        assert_eq!(read(vec![across("机密", 10.0, 20.0), across("机密", 60.0, 20.0)]), "机密 机密");
    }

    #[test]
    fn watermarks_stand_behind_what_is_read_across() {
        let aslant = Matrix([0.7, 0.7, -0.7, 0.7, 0.0, 0.0]);
        let mark = runs(&piece("保密资料", 10.0, 10.0, (10.0, 0.0)), 10.0, (1.0, 0.0), &aslant);
        assert_eq!(read(vec![mark.clone(), across("正文", 10.0, 90.0), mark]), "正文\n保密资料", "once");
    }

    #[test]
    fn text_over_the_limit_is_cut_and_text_at_no_place_is_kept() {
        assert!(text(across("机密文件", 10.0, 20.0), 5).1);
        let lost = Matrix([f32::NAN, 0.0, 0.0, f32::MAX, 0.0, 0.0]);
        let (text, _) = text(runs(&piece("机密", 1.0, 1.0, (1.0, 0.0)), 9.0, (1.0, 0.0), &lost), 1000);
        assert!(text.is_sound() && text.content.contains('密'));
    }
}
