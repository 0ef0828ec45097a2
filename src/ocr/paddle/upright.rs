//! Which way up lines are read: by reading a few of them each way, the surest way counts.

use super::super::OcrError;
use super::Eyes;
use super::detect::Place;
use super::found::{Found, SURE};
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
