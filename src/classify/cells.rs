//! Cells of tables on pages whose words have places: PDF and recognition know blanks only. They end at wide gaps between words, and at
//! narrower ones that stand above each other; there a tab is put in, as sheets have it.

use std::borrow::Cow;
use std::ops::Range;

use super::seams::Seams;
use crate::document::{Origin, Rect, Text, Word, bounds, origin};
use crate::script::is_han;

/// Gaps this wide, in heights of words, end cells.
const WIDE: f32 = 2.0;
/// Narrower ones, which yet are more than a blank, may, in heights of words.
const NARROW: f32 = 0.6;
/// They do if so many lines have one there: the line itself, and of those before it and those behind it the nearest.
const SHARING: usize = 3;
const NEAREST: usize = 3;
/// Gaps stand above each other if they share this much, in heights of words.
const SHARED: f32 = 0.3;
/// Places of recognized words have room around them, by which gaps look narrower, in heights of words.
const ROOM: f32 = 0.25;
/// A blank is narrower than this in letters, also where all letters are as wide as blanks.
const LETTERS: f32 = 2.0;

/// A text with tabs, and where its bytes stand in the original.
pub(super) struct Tabbed<'a> {
    pub text: Cow<'a, str>,
    seams: Seams,
}

impl<'a> Tabbed<'a> {
    pub(super) fn of(text: &'a Text) -> Self {
        let content = text.content.as_str();
        let (mut tabbed, mut seams, mut copied) = (String::new(), Seams::default(), 0);
        for gap in ends(text) {
            let is_blank = content.get(gap.clone()).is_some_and(|between| between.bytes().all(|byte| byte == b' '));
            if is_blank && gap.start >= copied {
                tabbed.push_str(&content[copied..gap.start]);
                tabbed.push('\t');
                copied = gap.end;
                seams.push(tabbed.len(), copied);
            }
        }
        if seams.is_empty() {
            return Self { text: Cow::Borrowed(content), seams };
        }
        tabbed.push_str(&content[copied..]);
        Self { text: Cow::Owned(tabbed), seams }
    }

    /// The byte of the original that one here stands for.
    pub(super) fn source(&self, at: usize) -> usize {
        self.seams.place(at)
    }
}

/// What lies between two words of a line: along the line as it runs, and in the text.
struct Gap {
    from: f32,
    to: f32,
    bytes: Range<usize>,
}

/// A line's typical height, and its gaps that are more than a blank, from left to right.
struct Line {
    height: f32,
    gaps: Vec<Gap>,
}

/// The bytes between words at which cells end, in order.
pub(super) fn ends(text: &Text) -> Vec<Range<usize>> {
    let same_line = |a: &Word, b: &Word| {
        let between = text.content.get(a.end as usize..b.start as usize);
        between.is_some_and(|between| !between.contains('\n'))
    };
    let lines: Vec<Line> = text.words.chunk_by(same_line).map(|words| Line::of(words, &text.content)).collect();
    let is_end = |index: usize, gap: &Gap| {
        let near = lines[index.saturating_sub(NEAREST)..].iter().take(index.min(NEAREST) + 1 + NEAREST);
        let shared = || near.filter(|line| line.shares(gap)).take(SHARING).count() == SHARING;
        gap.to - gap.from > lines[index].height * WIDE || shared()
    };
    let ends = |(index, line): (usize, &Line)| -> Vec<Range<usize>> {
        line.gaps.iter().filter(|gap| is_end(index, gap)).map(|gap| gap.bytes.clone()).collect()
    };
    let mut ends: Vec<Range<usize>> = lines.iter().enumerate().flat_map(ends).collect();
    ends.sort_unstable_by_key(|gap| gap.start);
    ends
}

impl Line {
    fn of(words: &[Word], content: &str) -> Self {
        // On a page that lies on its side lines run down.
        let across = bounds(words).is_none_or(|bounds| bounds.w >= bounds.h);
        let along = |place: &Rect| if across { (place.x, place.right()) } else { (place.y, place.bottom()) };
        let mut heights: Vec<f32> =
            words.iter().map(|word| if across { word.bounds.h } else { word.bounds.w }).collect();
        heights.sort_by(f32::total_cmp);
        let height = heights.get(heights.len() / 2).copied().unwrap_or_default();
        let (length, letters) = words.iter().fold((0.0, 0.0), |(length, letters), word| {
            let (from, to) = along(&word.bounds);
            let text = content.get(word.start as usize..word.end as usize).unwrap_or("");
            (length + to - from, letters + text.chars().map(|char| if is_han(char) { 2.0 } else { 1.0 }).sum::<f32>())
        });
        let room = if origin(words) == Origin::Ocr { height * ROOM } else { 0.0 };
        let least = (height * NARROW).max(length / letters.max(1.0) * LETTERS) - room;
        let gap = |pair: &[Word]| {
            let (one, two) = (along(&pair[0].bounds), along(&pair[1].bounds));
            let (from, to) = if one.0 <= two.0 { (one.1, two.0) } else { (two.1, one.0) };
            Gap { from, to, bytes: pair[0].end as usize..pair[1].start as usize }
        };
        let gaps = words.windows(2).map(gap).filter(|gap| gap.to - gap.from >= least && height > 0.0);
        let mut gaps: Vec<Gap> = gaps.collect();
        gaps.sort_by(|a, b| a.from.total_cmp(&b.from));
        Self { height, gaps }
    }

    /// Whether it has a gap where another line has one.
    fn shares(&self, gap: &Gap) -> bool {
        /// Gaps of a line lie behind each other: of those that begin before another one ends the last few may reach into it.
        const FEW: usize = 4;
        let before = self.gaps.partition_point(|other| other.from < gap.to);
        let shared = |other: &Gap| gap.to.min(other.to) - gap.from.max(other.from) >= self.height * SHARED;
        self.gaps[..before].iter().rev().take(FEW).any(shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of words, each with where it begins and ends.
    fn page(lines: &[&[(&str, f32, f32)]], turned: bool) -> Text {
        let mut text = Text::default();
        for (line, y) in lines.iter().zip([0.0, 30.0, 60.0, 90.0, 120.0]) {
            for (index, &(word, from, to)) in line.iter().enumerate() {
                let (w, h) = (to - from, 20.0);
                let place = if turned { Rect { x: y, y: -to, w: h, h: w } } else { Rect { x: from, y, w, h } };
                let separator = match index {
                    0 if y == 0.0 => "",
                    0 => "\n",
                    _ if word.is_ascii() => " ",
                    _ => "",
                };
                text.push_word(separator, word, place, 90, Origin::Ocr);
            }
        }
        text
    }

    #[test]
    fn a_wide_gap_ends_a_cell_whichever_way_the_page_lies() {
        for turned in [false, true] {
            let text = page(
                &[&[("姓名", 0.0, 40.0), ("密码", 85.0, 125.0), ("is", 129.0, 150.0), ("set", 195.0, 220.0)]],
                turned,
            );
            let tabbed = Tabbed::of(&text);
            assert_eq!(tabbed.text, "姓名\t密码 is\tset");
            for word in ["姓名", "密码", "is", "set"] {
                let (here, there) = (tabbed.text.find(word), text.content.find(word));
                assert_eq!(here.map(|at| tabbed.source(at)), there);
                assert_eq!(here.map(|at| tabbed.source(at + word.len())), there.map(|at| at + word.len()));
            }
        }
    }

    #[test]
    fn narrow_gaps_end_cells_where_they_stand_above_each_other() {
        let row = |end: f32| [("some-words", 0.0, end), ("of-a-cell", 120.0, 200.0)];
        let rows = [row(90.0), row(96.0), row(84.0)];
        for turned in [false, true] {
            let table = page(&[&rows[0], &rows[1], &rows[2]], turned);
            assert_eq!(Tabbed::of(&table).text, ["some-words\tof-a-cell"; 3].join("\n"));
        }
        let two = page(&[&rows[0], &rows[1]], false);
        assert_eq!(Tabbed::of(&two).text, two.content, "two lines may have them by chance");
    }

    #[test]
    fn blanks_as_wide_as_letters_are_none_although_they_stand_above_each_other() {
        let row = [("4111", 0.0, 48.0), ("1111", 64.0, 108.0)];
        let rows = page(&[&row, &row, &row, &row], false);
        assert_eq!(Tabbed::of(&rows).text, rows.content);
    }

    #[test]
    fn gaps_of_prose_stand_anywhere() {
        // Letters are eight pixels wide, and gaps are those of cells if they stand above each other.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some letters")]
        let letters = |from: f32, to: f32| "letters-".repeat(40)[..((to - from) / 8.0) as usize].to_owned();
        let rows = |at: [f32; 5]| at.map(|at| (letters(0.0, at), at, letters(at + 18.0, 400.0)));
        let tabs = |at: [f32; 5]| {
            let rows = rows(at);
            let rows =
                rows.each_ref().map(|(one, at, two)| [(one.as_str(), 0.0, *at), (two.as_str(), at + 18.0, 400.0)]);
            let text = page(&rows.each_ref().map(|row| &row[..]), false);
            Tabbed::of(&text).text.matches('\t').count()
        };
        assert_eq!(tabs([80.0, 240.0, 160.0, 320.0, 40.0]), 0);
        assert_eq!(tabs([80.0, 84.0, 160.0, 80.0, 40.0]), 3);
    }

    #[test]
    fn a_line_of_many_gaps_is_looked_at_once_a_gap() {
        let mut text = Text::default();
        for line in 0..8_u16 {
            for word in 0..20_000_u16 {
                let place = Rect { x: f32::from(word) * 30.0, y: f32::from(line) * 30.0, w: 8.0, h: 20.0 };
                let separator = if word > 0 {
                    " "
                } else if line > 0 {
                    "\n"
                } else {
                    ""
                };
                text.push_word(separator, "i", place, 90, Origin::Layer);
            }
        }
        let tabbed = Tabbed::of(&text);
        assert_eq!(tabbed.text.matches('\t').count(), 8 * 19_999);
        assert_eq!(tabbed.source(tabbed.text.len()), text.content.len());
    }
}
