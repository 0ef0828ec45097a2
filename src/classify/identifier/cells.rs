//! Cells of tables on pages whose words have places: PDF and recognition know blanks only. They end at wide gaps between words, and at
//! narrower ones that stand above each other; there a tab is put in, as sheets have it.

use std::borrow::Cow;
use std::ops::Range;

use crate::classify::seams::Seams;
use crate::document::{Origin, Rect, Text, Word, bounds, origin};

/// Gaps this wide, in heights of words, end cells.
const WIDE: f32 = 2.0;
/// Narrower ones, which yet are more than a blank, do if so many of the nearest lines have one there, too: these before and these behind.
const NARROW: f32 = 0.6;
/// Places of recognized words have room around them, by which gaps look narrower, in heights of words.
const ROOM: f32 = 0.25;
/// A blank is narrower than this in letters, also where all letters are as wide as blanks.
const LETTERS: f32 = 2.0;
const LEAST_SHARED: usize = 2;
const NEAREST: usize = 3;
/// Gaps stand above each other if they share this much, in heights of words.
const SHARED: f32 = 0.3;

/// A text with tabs, and where its bytes stand in the original.
pub(super) struct Parted<'a> {
    pub text: Cow<'a, str>,
    seams: Seams,
}

impl<'a> Parted<'a> {
    pub(super) fn of(text: &'a Text) -> Self {
        let content = text.content.as_str();
        let (mut parted, mut seams, mut copied) = (String::new(), Seams::default(), 0);
        for gap in cell_ends(text) {
            if content.get(gap.clone()).is_some_and(|between| between.bytes().all(|byte| byte == b' ')) {
                parted.push_str(&content[copied..gap.start]);
                parted.push('\t');
                copied = gap.end;
                seams.push(parted.len(), copied);
            }
        }
        if seams.is_empty() {
            return Self { text: Cow::Borrowed(content), seams };
        }
        parted.push_str(&content[copied..]);
        Self { text: Cow::Owned(parted), seams }
    }

    /// The byte of the original that one here stands for.
    pub(super) fn source(&self, at: usize) -> usize {
        self.seams.place(at)
    }
}

/// What lies between two words of a line.
struct Gap {
    /// Along the line, as it runs.
    from: f32,
    to: f32,
    /// In the text.
    bytes: Range<usize>,
}

/// A line's typical height, and the gaps that are more than a blank.
struct Line {
    height: f32,
    gaps: Vec<Gap>,
}

/// The bytes between words at which cells end, in order.
fn cell_ends(text: &Text) -> Vec<Range<usize>> {
    let same_line = |a: &Word, b: &Word| {
        let between = text.content.get(a.end as usize..b.start as usize);
        between.is_some_and(|between| !between.contains('\n'))
    };
    let lines: Vec<Line> = text.words.chunk_by(same_line).map(Line::of).collect();
    let is_end = |index: usize, gap: &Gap| {
        let near = lines[index.saturating_sub(NEAREST)..].iter().take(index.min(NEAREST) + 1 + NEAREST);
        gap.to - gap.from > lines[index].height * WIDE
            // The line itself is one of them.
            || near.filter(|line| line.shares(gap)).count() > LEAST_SHARED
    };
    let ends = |(index, line): (usize, &Line)| -> Vec<Range<usize>> {
        line.gaps.iter().filter(|gap| is_end(index, gap)).map(|gap| gap.bytes.clone()).collect()
    };
    lines.iter().enumerate().flat_map(ends).collect()
}

impl Line {
    fn of(words: &[Word]) -> Self {
        // On a page that lies on its side lines run down.
        let across = bounds(words).is_none_or(|bounds| bounds.w >= bounds.h);
        let along = |place: &Rect| if across { (place.x, place.right()) } else { (place.y, place.bottom()) };
        let mut heights: Vec<f32> =
            words.iter().map(|word| if across { word.bounds.h } else { word.bounds.w }).collect();
        heights.sort_by(f32::total_cmp);
        let height = heights.get(heights.len() / 2).copied().unwrap_or_default();
        let (length, letters) = words.iter().fold((0.0, 0.0), |(length, letters), word| {
            let (from, to) = along(&word.bounds);
            // Signs of Han take three bytes and the room of two letters.
            (length + to - from, letters + count(word.end - word.start))
        });
        let room = if origin(words) == Origin::Ocr { height * ROOM } else { 0.0 };
        let least = (height * NARROW).max(length / letters.max(1.0) * LETTERS) - room;
        let gap = |pair: &[Word]| {
            let (one, two) = (along(&pair[0].bounds), along(&pair[1].bounds));
            let (from, to) = if one.0 <= two.0 { (one.1, two.0) } else { (two.1, one.0) };
            Gap { from, to, bytes: pair[0].end as usize..pair[1].start as usize }
        };
        let gaps = words.windows(2).map(gap).filter(|gap| gap.to - gap.from >= least && height > 0.0);
        Self { height, gaps: gaps.collect() }
    }

    /// Whether it has a gap where another line has one.
    fn shares(&self, gap: &Gap) -> bool {
        self.gaps.iter().any(|other| gap.to.min(other.to) - gap.from.max(other.from) >= self.height * SHARED)
    }
}

#[allow(clippy::cast_precision_loss, reason = "bytes of a word")]
fn count(bytes: u32) -> f32 {
    bytes as f32
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
            let parted = Parted::of(&text);
            assert_eq!(parted.text, "姓名\t密码 is\tset");
            for word in ["姓名", "密码", "is", "set"] {
                let (here, there) = (parted.text.find(word), text.content.find(word));
                assert_eq!(here.map(|at| parted.source(at)), there);
                assert_eq!(here.map(|at| parted.source(at + word.len())), there.map(|at| at + word.len()));
            }
        }
    }

    #[test]
    fn narrow_gaps_end_cells_where_they_stand_above_each_other() {
        let row = |end: f32| [("some-words", 0.0, end), ("of-a-cell", 120.0, 200.0)];
        let rows = [row(90.0), row(96.0), row(84.0)];
        for turned in [false, true] {
            let table = page(&[&rows[0], &rows[1], &rows[2]], turned);
            assert_eq!(Parted::of(&table).text, ["some-words\tof-a-cell"; 3].join("\n"));
        }
        let two = page(&[&rows[0], &rows[1]], false);
        assert_eq!(Parted::of(&two).text, two.content, "two lines may have them by chance");
    }

    #[test]
    fn blanks_as_wide_as_letters_are_none_although_they_stand_above_each_other() {
        let row = [("4111", 0.0, 48.0), ("1111", 64.0, 108.0)];
        let rows = page(&[&row, &row, &row, &row], false);
        assert_eq!(Parted::of(&rows).text, rows.content);
    }

    #[test]
    fn gaps_of_prose_stand_anywhere() {
        let row = |at: f32| [("full", 0.0, at), ("line", at + 15.0, 300.0)];
        let rows = [row(40.0), row(130.0), row(75.0), row(200.0), row(20.0)];
        let prose = page(&[&rows[0], &rows[1], &rows[2], &rows[3], &rows[4]], false);
        assert!(matches!(Parted::of(&prose).text, Cow::Borrowed(_)));
    }
}
