//! Which way up lines are read: by reading a few of them each way, the surest way counts.

use super::super::{OcrError, reading};
use super::Eyes;
use super::detect::Place;
use super::found::{Found, SURE, typical_angle};
use super::picture::Picture;
use super::recognize::Reading;
use super::rect::Tilted;

/// Lines that tell which way up a page lies.
const TRIAL_LINES: usize = 3;
/// Another way up must read surer by this much.
const TRIAL_MARGIN: f32 = 0.08;
/// A place that is this much higher than wide holds no line that runs to the right.
pub(super) const TALL: f32 = 1.5;
/// One that is this much higher is no single letter either.
const COLUMN: f32 = 3.5;

/// Turns all places so that their lines are read the right way up, and says by how many clockwise quarter turns the page
/// lies off. The longest lines are read for it, and keep their reading.
pub(super) fn way_up(eyes: &mut dyn Eyes, picture: &Picture, found: &mut [Found]) -> Result<i8, OcrError> {
    let (mut across, mut down) = (0.0, 0.0);
    for Found { place: Place { rect, .. }, .. } in found.iter() {
        if rect.h > rect.w * TALL {
            down += rect.h - rect.w;
        } else {
            across += (rect.w - rect.h).max(0.0);
        }
    }
    let first = i8::from(down > across);
    turn(found, first);
    let mut longest: Vec<usize> = (0..found.len()).collect();
    longest.sort_by(|&a, &b| found[b].place.rect.w.total_cmp(&found[a].place.rect.w));
    longest.truncate(TRIAL_LINES);
    let mut trial = |quarters: i8| -> Result<Vec<Reading>, OcrError> {
        longest.iter().map(|&index| eyes.read(picture, &found[index].place.rect.turned(quarters))).collect()
    };
    let mut readings = trial(0)?;
    let mut turned = 0;
    if mean_confidence(&readings) < SURE {
        let other = trial(2)?;
        if mean_confidence(&other) > mean_confidence(&readings) + TRIAL_MARGIN {
            (readings, turned) = (other, 2);
        }
    }
    turn(found, turned);
    for (index, reading) in longest.into_iter().zip(readings) {
        found[index].reading = Some(reading);
    }
    Ok(first + turned)
}

/// A line, or a narrow place that may run down.
pub(super) fn read_line(eyes: &mut dyn Eyes, picture: &Picture, place: &mut Place) -> Result<Reading, OcrError> {
    if place.rect.h < place.rect.w * TALL {
        return eyes.read(picture, &place.rect);
    }
    // A single letter is higher than wide, a line is not.
    let ways: &[i8] = if place.rect.h > place.rect.w * COLUMN { &[1, -1] } else { &[0, 1, -1] };
    let (reading, quarters) = surest(eyes, picture, &place.rect, ways)?;
    place.rect = place.rect.turned(quarters);
    Ok(reading)
}

/// The surest reading of a place turned by quarters, and the turns.
pub(super) fn surest(
    eyes: &mut dyn Eyes,
    picture: &Picture,
    rect: &Tilted,
    ways: &[i8],
) -> Result<(Reading, i8), OcrError> {
    let mut best: Option<(Reading, i8)> = None;
    for &quarters in ways {
        let read = eyes.read(picture, &rect.turned(quarters))?;
        if best.as_ref().is_none_or(|(other, _)| read.score() > other.score()) {
            best = Some((read, quarters));
        }
    }
    Ok(best.unwrap_or_default())
}

/// Puts a column whose letters stand so far apart that it was found in pieces together again: a piece that is higher than wide, and what
/// stands right above or below it as wide as it is. Only what then reads as surely and as long is one column.
pub(super) fn whole_columns(eyes: &mut dyn Eyes, picture: &Picture, found: &mut Vec<Found>) -> Result<(), OcrError> {
    let upright = typical_angle(found);
    let mut at = 0;
    while at < found.len() {
        let other = (0..found.len()).find(|&other| other != at && goes_on(&found[at], &found[other], upright));
        let Some(other) = other else {
            at += 1;
            continue;
        };
        let (one, two) = (&found[at], &found[other]);
        let angle = one.place.rect.angle;
        let both = one.place.rect.seen_at(angle).union(&two.place.rect.seen_at(angle));
        let rect = Tilted::seen_as(&both, angle);
        let reading = eyes.read(picture, &rect)?;
        let score = one.place.score.min(two.place.score);
        let whole = Found { reading: Some(reading), ..Found::unread(Place { rect, score }) };
        if whole.is_sure() && signs(&whole) >= signs(one) + signs(two) {
            // It may go on further; what was tried before it is not tried again, so that there are no more readings than places.
            found[at] = whole;
            found.remove(other);
            at -= usize::from(other < at);
        } else {
            at += 1;
        }
    }
    Ok(())
}

/// Whether a column goes on with another piece: right above or below it and as wide.
fn goes_on(column: &Found, piece: &Found, upright: f32) -> bool {
    /// Of the column's width: how far from its middle the piece's may lie, and how wide a gap may be.
    const ASIDE: f32 = 0.3;
    const GAP: f32 = 0.8;
    let rect = column.place.rect;
    let runs_down = (rect.angle - upright).sin().abs() > 0.9 && rect.w > rect.h * TALL;
    if !runs_down || signs(column) < 2 || signs(piece) < 1 {
        return false;
    }
    let (one, two) = (rect.seen_at(rect.angle), piece.place.rect.seen_at(rect.angle));
    let aside = (two.y + two.h / 2.0 - one.y - one.h / 2.0).abs();
    let gap = (two.x - one.right()).max(one.x - two.right());
    aside < one.h * ASIDE && (gap.abs() < one.h * GAP) && (0.7..1.4).contains(&(two.h / one.h.max(1.0)))
}

/// Characters of a place that was read, if they are all of scripts that are written in columns.
fn signs(line: &Found) -> usize {
    let reading = line.reading.as_ref().filter(|reading| reading.characters().all(reading::is_east_asian));
    reading.map_or(0, |reading| reading.characters().count())
}

fn turn(found: &mut [Found], quarters: i8) {
    for line in found {
        line.place.rect = line.place.rect.turned(quarters);
    }
}

/// By characters.
fn mean_confidence(readings: &[Reading]) -> f32 {
    let glyphs: usize = readings.iter().map(|reading| reading.glyphs.len()).sum();
    #[allow(clippy::cast_precision_loss, reason = "a few hundred characters")]
    let weighted: f32 = readings.iter().map(|reading| reading.confidence() * reading.glyphs.len() as f32).sum();
    #[allow(clippy::cast_precision_loss, reason = "a few hundred characters")]
    let mean = weighted / glyphs.max(1) as f32;
    mean
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::recognize::Glyph;
    use super::*;

    /// Reads 密 in each hundred pixels along a line, and this surely.
    struct Fake(f32);

    impl Eyes for Fake {
        fn glance(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(Vec::new())
        }

        fn places(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(Vec::new())
        }

        fn read(&mut self, _: &Picture, place: &Tilted) -> Result<Reading, OcrError> {
            Ok(read(place, '密', self.0))
        }

        fn languages(&self) -> &[String] {
            &[]
        }

        fn read_in(&mut self, _: &Picture, _: &Tilted, language: &str) -> Result<Reading, OcrError> {
            panic!("there is no second reader to read {language}")
        }
    }

    fn read(place: &Tilted, character: char, probability: f32) -> Reading {
        let glyphs = std::iter::successors(Some(100.0), |along| Some(along + 100.0));
        let glyphs = glyphs.take_while(|along| *along <= place.w + 1.0);
        Reading { glyphs: glyphs.map(|_| Glyph { character, probability, from: 0.0, to: 1.0 }).collect() }
    }

    fn found(x: f32, y: f32, w: f32, h: f32, angle: f32, character: char) -> Found {
        let rect = Tilted { x, y, w, h, angle };
        Found { reading: Some(read(&rect, character, 0.99)), ..Found::unread(Place { rect, score: 0.9 }) }
    }

    /// How many places there are, and the signs of the first, when a column of three signs and another piece were put together.
    fn joined(piece: Found, sure: f32) -> (usize, usize) {
        let picture = Picture::owned(RgbImage::from_pixel(10, 10, Rgb([250; 3])), 1.0);
        let line = found(400.0, 700.0, 800.0, 100.0, 0.0, '文');
        let column = found(1000.0, 350.0, 300.0, 100.0, std::f32::consts::FRAC_PI_2, '密');
        let mut found = vec![column, line, piece];
        whole_columns(&mut Fake(sure), &picture, &mut found).expect("the fake never fails");
        (found.len(), signs(&found[0]))
    }

    #[test]
    fn a_column_that_was_found_in_pieces_is_read_as_one() {
        assert_eq!(joined(found(1000.0, 110.0, 100.0, 100.0, 0.0, '绝'), 0.99), (2, 4));
        assert_eq!(joined(found(1005.0, 600.0, 100.0, 100.0, 0.0, '绝'), 0.99), (2, 4));
        let below = found(1000.0, 650.0, 200.0, 90.0, std::f32::consts::FRAC_PI_2, '件');
        assert_eq!(joined(below, 0.99), (2, 5));
    }

    #[test]
    fn what_stands_aside_far_off_in_other_letters_or_reads_unsurely_is_no_piece_of_a_column() {
        assert_eq!(joined(found(1060.0, 110.0, 100.0, 100.0, 0.0, '绝'), 0.99), (3, 3), "aside");
        assert_eq!(joined(found(1000.0, 40.0, 100.0, 100.0, 0.0, '绝'), 0.99), (3, 3), "far off");
        assert_eq!(joined(found(1000.0, 110.0, 300.0, 100.0, 0.0, '绝'), 0.99), (3, 3), "a line");
        assert_eq!(joined(found(1000.0, 110.0, 100.0, 100.0, 0.0, 'A'), 0.99), (3, 3), "a letter");
        assert_eq!(joined(found(1000.0, 110.0, 100.0, 100.0, 0.0, '绝'), 0.8), (3, 3), "unsure");
    }
}
