//! How wide the lines of a page are read. Cost is by width, and with too little of it one of two equal letters is lost: the network tells
//! characters apart by steps, and needs one of nothing between two that are the same. So lines are squeezed as far as their letters leave
//! room, which the lines before tell, and what came out too narrow is read again: in full, and stretched where that is too little.
//!
//! Measured on drawn pages (benches/RESULTS.md): of the lines that lose a letter, nearly all have Latin letters with less than 1.4 steps
//! each. Han characters have 6 at full width, and lose nothing at seven tenths of it.

use super::recognize::{Glyph, Reading};
use crate::script::is_han;

/// Lines are squeezed to no less than this share.
const LEAST: f32 = 0.7;
/// A line of a page of which nothing is known.
const FIRST: f32 = 0.8;
/// From this share on it is not worth it.
const WORTH: f32 = 0.95;
/// Steps that Latin letters are to have, on the mean of a page; those of single lines differ by a tenth.
const WANTED: f32 = 1.6;
/// With fewer on a line it is read again.
const FEW: f32 = 1.4;
/// So many letters tell how wide they are.
const LETTERS: u16 = 2;
/// Figures are equal to their neighbours far more often than letters: of those of long numbers with less than 2 steps each some are lost in
/// one line of two, with more none.
const FEW_FIGURES: f32 = 2.0;
const WANTED_FIGURES: f32 = 2.3;
/// So many between two others are a long number.
const FIGURES: u16 = 4;
/// Lines are stretched by this at most.
const STRETCH: f32 = 1.5;
/// A line tells it for the page if it is in one script for the most part, and read well.
const MOST: f32 = 0.5;
const SURE: f32 = 0.9;

/// What the lines of a page told so far.
#[derive(Default)]
pub(super) struct Widths {
    has_han: bool,
    latin_lines: f32,
    /// The sum, over Latin lines, of the steps of a letter at full width.
    steps: f32,
}

impl Widths {
    /// The share of its full width at which the next line is read.
    pub(super) fn next(&self) -> f32 {
        let share = if self.latin_lines > 0.0 {
            (WANTED * self.latin_lines / self.steps).max(LEAST)
        } else if self.has_han {
            LEAST
        } else {
            FIRST
        };
        if share < WORTH { share } else { 1.0 }
    }

    /// Learns from a line that is so many steps long at full width.
    pub(super) fn learn(&mut self, reading: &Reading, full: f32) {
        #[allow(clippy::cast_precision_loss, reason = "characters of a line")]
        let share_of = |is_of: fn(&Glyph) -> bool| {
            reading.glyphs.iter().filter(|glyph| is_of(glyph)).count() as f32 / reading.glyphs.len().max(1) as f32
        };
        if reading.confidence() < SURE {
            return;
        }
        self.has_han |= share_of(|glyph| is_han(glyph.character)) > MOST;
        if let Some(width) = letter(&reading.glyphs).filter(|_| share_of(is_letter) > MOST) {
            self.latin_lines += 1.0;
            self.steps += width * full;
        }
    }
}

/// Whether Latin letters or figures of a line that was read in so many steps have too few of them.
pub(super) fn is_crowded(reading: &Reading, steps: f32) -> bool {
    stretch(reading, steps).is_some()
}

/// By how much a line that was read in so many steps is to be stretched, if its letters or figures have too few.
pub(super) fn stretch(reading: &Reading, steps: f32) -> Option<f32> {
    let letters = letter(&reading.glyphs).map(|width| width * steps).filter(|steps| *steps < FEW);
    let figures = figure(&reading.glyphs).map(|width| width * steps).filter(|steps| *steps < FEW_FIGURES);
    let wanted = letters.map(|steps| WANTED / steps).into_iter().chain(figures.map(|steps| WANTED_FIGURES / steps));
    wanted.reduce(f32::max).map(|share| share.min(STRETCH))
}

/// Puts the blanks of a reading in full into the stretched one where it has none: the network hardly sees a narrow one that is stretched.
/// Of those between figures the stretched reading knows more, unless they stand beside the end of a number.
pub(super) fn keep_blanks(wider: &mut Reading, full: &Reading) {
    let middle = |glyph: &Glyph| f32::midpoint(glyph.from, glyph.to);
    let is_blank = |glyph: &Glyph| glyph.character == ' ';
    for blank in full.glyphs.iter().filter(|glyph| is_blank(glyph)) {
        let at = wider.glyphs.partition_point(|glyph| middle(glyph) < middle(blank));
        let beside = |at: usize| at.checked_sub(1).and_then(|before| wider.glyphs.get(before..=at));
        if beside(at).is_none_or(|pair| pair.iter().any(is_blank)) {
            continue;
        }
        let may_be = |at: &usize| {
            beside(*at).is_some_and(|pair| {
                !pair.iter().any(is_blank) && !pair.iter().all(|glyph| glyph.character.is_ascii_digit())
            })
        };
        if let Some(at) = [at, at + 1, at - 1].into_iter().find(may_be) {
            wider.glyphs.insert(at, *blank);
        }
    }
}

/// Letters of scripts with narrow ones, figures and signs.
fn is_letter(glyph: &Glyph) -> bool {
    glyph.character != ' ' && glyph.character < '\u{530}'
}

/// The mean width of Latin letters between two others, as a share of the line's: those beside a blank or at an end look wider than they
/// are.
fn letter(glyphs: &[Glyph]) -> Option<f32> {
    mean_width(glyphs, is_letter, LETTERS)
}

/// The same of figures.
fn figure(glyphs: &[Glyph]) -> Option<f32> {
    mean_width(glyphs, |glyph| glyph.character.is_ascii_digit(), FIGURES)
}

fn mean_width(glyphs: &[Glyph], is_of: fn(&Glyph) -> bool, least: u16) -> Option<f32> {
    let inner = glyphs.windows(3).filter(|three| three.iter().all(is_of)).map(|three| three[1].to - three[1].from);
    let (count, sum) = inner.fold((0_u16, 0.0), |(count, sum), width| (count.saturating_add(1), sum + width));
    (count >= least).then(|| sum / f32::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of characters that are equally wide.
    fn line(text: &str) -> Reading {
        let count = f32::from(u8::try_from(text.chars().count()).expect("short"));
        let glyph = |(at, character): (u8, char)| {
            let from = f32::from(at) / count;
            Glyph { character, probability: 0.99, from, to: from + 1.0 / count }
        };
        Reading { glyphs: (0_u8..).zip(text.chars()).map(glyph).collect() }
    }

    fn after(text: &str, full: f32) -> f32 {
        let mut widths = Widths::default();
        widths.learn(&line(text), full);
        widths.next()
    }

    #[test]
    fn lines_are_squeezed_as_far_as_their_letters_leave_room() {
        let close = |a: f32, b: f32| assert!((a - b).abs() < 0.001, "{a}, not {b}");
        close(Widths::default().next(), 0.8);
        close(after("twenty-letters,-wide", 20.0 * 2.5), 0.7);
        close(after("twenty-letters,-good", 20.0 * 2.0), 0.8);
        close(after("twenty-letters,-thin", 20.0 * 1.4), 1.0);
        close(after("国家秘密及其密级的具体范围", 13.0 * 6.0), 0.7);
        close(after("国家秘密及其密级的具体范围 1.5 Wi-Fi", 120.0), 0.7);
    }

    #[test]
    fn doubtful_lines_tell_nothing() {
        for text in ["twenty-letters,-thin", "国家秘密及其密级的具体范围"] {
            let mut widths = Widths::default();
            let mut doubtful = line(text);
            doubtful.glyphs.iter_mut().for_each(|glyph| glyph.probability = 0.6);
            widths.learn(&doubtful, 28.0);
            assert!((widths.next() - 0.8).abs() < 0.001, "{text}");
        }
    }

    #[test]
    fn a_line_is_crowded_if_its_latin_letters_have_few_steps() {
        assert!(is_crowded(&line("twenty-letters,-thin"), 20.0 * 1.3));
        assert!(!is_crowded(&line("twenty-letters,-good"), 20.0 * 1.5));
        assert!(is_crowded(&line("密级(Wi-Fi)"), 9.0 * 1.3));
        assert!(!is_crowded(&line("国家秘密及其密级的具体范围"), 13.0));
        assert!(!is_crowded(&line("机密 X7"), 6.0), "too few to tell");
    }

    #[test]
    fn figures_of_long_numbers_need_more_room_than_letters() {
        let number = line("No. 4333331116666032");
        assert!(is_crowded(&number, 20.0 * 1.8) && !is_crowded(&number, 20.0 * 2.1));
        assert!(!is_crowded(&line("on 26.11.2026 at 12"), 19.0 * 1.8), "a date");
        let share = stretch(&number, 20.0 * 1.8).expect("crowded");
        assert!((share - 2.3 / 1.8).abs() < 0.001, "{share}");
        assert!((stretch(&number, 20.0).expect("crowded") - STRETCH).abs() < 0.001);
    }

    #[test]
    fn a_blank_that_is_lost_with_stretching_is_kept() {
        let after = |wider: &str, full: &str| -> String {
            let mut wider = line(wider);
            keep_blanks(&mut wider, &line(full));
            wider.glyphs.iter().map(|glyph| glyph.character).collect()
        };
        assert_eq!(
            after("No.4333331116666032Passport", "No. 43333111666032 Passport"),
            "No. 4333331116666032 Passport"
        );
        assert_eq!(after("No. 4333311116666032", "No. 43333 1116666032"), "No. 4333311116666032");
        assert_eq!(after("No. 4333 Passport", "No. 4333 Passport"), "No. 4333 Passport");
        assert_eq!((after("4333", " 4333 "), after("", "4 3")), ("4333".to_owned(), String::new()));
    }

    #[test]
    fn wide_gaps_hide_no_crowded_letters() {
        let mut row = line("Mill 1100 Hall 2200");
        // Letters of 1.2 steps in a line of 60, beside blanks that take the rest.
        for (at, glyph) in (0_u8..).zip(row.glyphs.iter_mut()).filter(|(_, glyph)| glyph.character != ' ') {
            (glyph.from, glyph.to) = (f32::from(at) * 0.02, f32::from(at) * 0.02 + 0.02);
        }
        row.glyphs.iter_mut().filter(|glyph| glyph.character == ' ').for_each(|glyph| glyph.to = glyph.from + 0.2);
        assert!(is_crowded(&row, 60.0));
    }
}
