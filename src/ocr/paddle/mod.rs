//! The engine that finds lines with one network and reads them with another (the PP-OCR models, run by ONNX Runtime).
//!
//! A page's way: a small copy tells whether there is text at all, and how large; lines are found on a copy in which their
//! letters have a good size; a few long lines tell which way up they are read; then every line is read, from the full
//! pixels. What was found and cannot be read counts as unread.

mod detect;
mod evidence;
mod lines;
mod mend;
mod models;
mod network;
mod picture;
mod recognize;
mod rect;

use image::DynamicImage;

use self::detect::{Detector, Place};
use self::models::Models;
use self::picture::Picture;
use self::recognize::{Reading, Recognizer};
use self::rect::Tilted;
use super::raster::size;
use super::{Line, OcrEngine, OcrError, Recognition, order, reading};
use crate::config::OcrSettings;
use crate::document::Rect;

/// The longer side of the copy on which the gate looks for text.
const GATE_SIDE: f32 = 640.0;
/// Sheets of paper are so much longer than wide; longer pictures are not made smaller than a sheet of their width.
const SHEET: f32 = std::f32::consts::SQRT_2;
/// Scans come with up to 300 dots an inch: copies for the gate are not smaller than this share, or small print vanishes.
const GATE_SCALE: f32 = 0.18;
/// The longer side of the copy on which lines are found.
const LINES_SIDE: f32 = 960.0;
/// Lines lower than this on that copy, in its pixels, are looked for on a larger one.
const GOOD_LINE: f32 = 13.0;
/// Lines of a page, and of all extra looks at it, that are read; more are no page, and count as unread.
const MOST_LINES: usize = 3000;
const MOST_LOOKS: usize = 500;
/// A place that the gate saw and that lines cover by less than this share is read as well.
const COVERED: f32 = 0.3;
/// Regions are copies of pages: no smaller side than this, which the network needs to see anything.
const LEAST_SIDE: f32 = 320.0;
/// Lines that tell which way up a page lies.
const TRIAL_LINES: usize = 3;
/// A trial that reads as surely as this needs no other.
const SURE_TRIAL: f32 = 0.9;
/// Another way up must read surer by this much.
const TRIAL_MARGIN: f32 = 0.08;
/// A place that is this much higher than wide holds no line that runs to the right.
const TALL: f32 = 1.5;
/// Lines below this confidence are no text, or cannot be read.
const LEAST_CONFIDENCE: f32 = 0.5;
/// The longer side of the copy on which pale writing, which is large, is found.
const PALE_SIDE: f32 = 640.0;
/// Lines of a layer need this confidence: layers are full of scraps.
const SURE_LAYER: f32 = 0.7;
/// Radians from the page's lines beyond which a line is oblique.
const OBLIQUE: f32 = 0.35;
/// Lines below this confidence do not count as examined: Latin and Chinese lines that are read well lie above 0.95, Greek,
/// Hebrew and Armenian ones, which no model knows, below 0.85.
const TRUSTED: f32 = 0.85;
/// Lines with ink and no characters over more than this share of their width do not count either.
const MOST_UNEXPLAINED: f32 = 0.25;
/// A place that takes this share of a picture is no line of text.
const MOST_OF_PICTURE: f32 = 0.3;
/// Lower places, in pixels, are specks.
const LEAST_LINE: f32 = 7.0;

/// See the module.
struct Engine {
    gate: Detector,
    finder: Detector,
    reader: Recognizer,
    settings: OcrSettings,
    fingerprint: String,
}

/// Makes the engine; what the registry calls.
pub fn make(settings: &OcrSettings) -> Result<Box<dyn OcrEngine>, OcrError> {
    let models = Models::read(settings)?;
    let (gate, finder, reader) = models.load()?;
    Ok(Box::new(Engine { gate, finder, reader, settings: settings.clone(), fingerprint: models.fingerprint() }))
}

/// Name and models of the engine that [`make`] would make; found out without loading them.
pub fn fingerprint(settings: &OcrSettings) -> Result<String, OcrError> {
    Ok(Models::read(settings)?.fingerprint())
}

/// Whether all its files are there.
pub fn is_installed(settings: &OcrSettings) -> bool {
    Models::are_installed(settings)
}

/// A line that was found, and what was read there.
struct Found {
    place: Place,
    reading: Option<Reading>,
    /// Share of its width that has ink and no character.
    unexplained: f32,
}

impl OcrEngine for Engine {
    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn read_page(&mut self, image: &DynamicImage, _: Option<f32>) -> Result<Recognition, OcrError> {
        let picture = Picture::new(image);
        let seen =
            self.gate.places(&picture, (GATE_SIDE / sheet(&picture)).max(GATE_SCALE * picture.factor).min(1.0))?;
        if seen.is_empty() {
            return Ok(Recognition::default());
        }
        let mut found = self.find(&picture, &seen)?;
        // What one network sees and the other does not is read too: nothing that was seen is passed over.
        let missed = |place: &&Place| {
            let bounds = place.rect.bounds();
            let covered: f32 = found.iter().map(|other| reading::shared(&bounds, &other.rect.bounds())).sum();
            covered < COVERED * bounds.w * bounds.h
        };
        let missed: Vec<Place> = seen.iter().filter(missed).copied().collect();
        found.extend(missed);
        self.read_found(&picture, found, true)
    }

    fn read_region(&mut self, image: &DynamicImage) -> Result<Recognition, OcrError> {
        let picture = Picture::new(image);
        let scale = (sheet(&picture).clamp(LEAST_SIDE, LINES_SIDE)) / sheet(&picture);
        let first = self.finder.places(&picture, scale)?;
        let small = first.is_empty() || typical_height(&first) * scale < GOOD_LINE;
        let found = if small && scale < 1.0 { self.find(&picture, &first)? } else { first };
        self.read_found(&picture, found, false)
    }
}

impl Engine {
    /// Lines, on a copy whose size suits what was seen.
    fn find(&mut self, picture: &Picture, seen: &[Place]) -> Result<Vec<Place>, OcrError> {
        let wanted = GOOD_LINE / typical_height(seen).max(1.0);
        let ordinary = LINES_SIDE / sheet(picture);
        // Small pictures are enlarged a little at most: there is no more to see.
        let most = (LEAST_SIDE / sheet(picture)).max(1.0) * 1.5;
        self.finder.places(picture, wanted.max(ordinary).min(most))
    }

    fn read_found(&mut self, picture: &Picture, places: Vec<Place>, any_way_up: bool) -> Result<Recognition, OcrError> {
        let mut found: Vec<Found> =
            places.into_iter().map(|place| Found { place, reading: None, unexplained: 0.0 }).collect();
        if found.is_empty() {
            return Ok(Recognition::default());
        }
        let quarters = if any_way_up { self.way_up(picture, &mut found)? } else { 0 };
        for line in found.iter_mut().take(MOST_LINES) {
            if line.reading.is_none() {
                line.reading = Some(self.read_line(picture, &mut line.place)?);
            }
        }
        let extra = self.evidence(picture, &mut found)?;
        for line in &mut found {
            if let Some(reading) = &line.reading {
                line.unexplained = recognize::unexplained(picture, &line.place.rect, reading);
            }
        }
        Ok(self.recognition(picture, &found, &extra, quarters))
    }

    /// Extra looks at red and pale ink. What stands below red ink is put in the place of what was read through it; what red
    /// and pale ink says is returned.
    fn evidence(&mut self, picture: &Picture, found: &mut Vec<Found>) -> Result<Vec<Found>, OcrError> {
        let upright = typical_angle(found);
        let mut extra = Vec::new();
        let mut looks = MOST_LOOKS;
        for area in evidence::red_areas(picture) {
            let sure = found.iter().filter(|line| is_sure(line)).map(|line| line.place.rect.bounds());
            if !evidence::has_unread_red(picture, &area, sure) {
                continue;
            }
            // Whole lines: a piece of one could not take its place.
            let area = with_doubtful_lines(area, found, picture);
            let mut below = self.look(&evidence::without_red(picture, &area), upright, LINES_SIDE, &mut looks)?;
            let mut red = self.look(&evidence::red_alone(picture, &area), upright, LINES_SIDE, &mut looks)?;
            for line in below.iter_mut().chain(&mut red) {
                line.place.rect = line.place.rect.moved(area.x, area.y);
            }
            for line in below.into_iter().filter(is_text) {
                extra.extend(put_in(found, line));
            }
            extra.extend(red);
        }
        if let Some(pale) = evidence::pale_alone(picture) {
            let mut seen = self.look(&pale, upright, PALE_SIDE, &mut looks)?;
            seen.iter_mut().for_each(|line| line.place.rect = line.place.rect.scaled(pale.factor));
            extra.extend(seen);
        }
        extra.retain(|line| is_text(line) && is_news(line, found));
        Ok(extra)
    }

    /// Finds and reads what stands in a layer of ink, at whatever angle.
    fn look(&mut self, layer: &Picture, upright: f32, most: f32, looks: &mut usize) -> Result<Vec<Found>, OcrError> {
        let scale = sheet(layer).clamp(LEAST_SIDE, most) / sheet(layer);
        let mut places = self.finder.places(layer, scale)?;
        places.truncate(*looks);
        *looks -= places.len();
        let quarter = std::f32::consts::FRAC_PI_2;
        let mut found = Vec::with_capacity(places.len());
        for mut place in places {
            // As the lines of the page run; only oblique ones are tried the other ways too.
            let turns = ((upright - place.rect.angle) / quarter).round();
            #[allow(clippy::cast_possible_truncation, reason = "a few quarter turns")]
            let rect = place.rect.turned(turns as i8);
            let oblique = (rect.angle - upright).abs() > OBLIQUE || rect.h > rect.w * TALL;
            let ways: &[i8] = if oblique { &[0, 1, -1, 2] } else { &[0] };
            let (reading, turns) = self.surest(layer, &rect, ways)?;
            place.rect = rect.turned(turns);
            found.push(Found { place, reading: Some(reading), unexplained: 0.0 });
        }
        Ok(found)
    }

    /// The surest reading of a place turned by quarters, and the turns.
    fn surest(&mut self, picture: &Picture, rect: &Tilted, ways: &[i8]) -> Result<(Reading, i8), OcrError> {
        let mut best: Option<(Reading, i8)> = None;
        for &quarters in ways {
            let read = self.reader.read(picture, &rect.turned(quarters))?;
            if best.as_ref().is_none_or(|(other, _)| score(&read) > score(other)) {
                best = Some((read, quarters));
            }
        }
        Ok(best.unwrap_or_default())
    }

    /// A line, or a narrow place that may run down.
    fn read_line(&mut self, picture: &Picture, place: &mut Place) -> Result<Reading, OcrError> {
        if place.rect.h < place.rect.w * TALL {
            return self.reader.read(picture, &place.rect);
        }
        // A single letter is higher than wide, a line is not.
        let ways: &[i8] = if place.rect.h > place.rect.w * 3.5 { &[1, -1] } else { &[0, 1, -1] };
        let (reading, quarters) = self.surest(picture, &place.rect, ways)?;
        place.rect = place.rect.turned(quarters);
        Ok(reading)
    }

    /// Turns all places so that their lines are read the right way up, and says by how many clockwise quarter turns the page
    /// lies off. The longest lines are read for it, and keep their reading.
    fn way_up(&mut self, picture: &Picture, found: &mut [Found]) -> Result<i8, OcrError> {
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
            longest.iter().map(|&index| self.reader.read(picture, &found[index].place.rect.turned(quarters))).collect()
        };
        let mut readings = trial(0)?;
        let mut turned = 0;
        if mean_confidence(&readings) < SURE_TRIAL {
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

    /// What was read, in reading order and in pixels of the input.
    fn recognition(&self, picture: &Picture, found: &[Found], extra: &[Found], quarters: i8) -> Recognition {
        let angle = typical_angle(found);
        let mut read: Vec<&Found> = found.iter().filter(|line| is_text(line)).collect();
        // Shapes are read as single signs: they are believed beside writing only.
        if !read.iter().any(|line| is_writing(line)) {
            read.clear();
        }
        // What is read with little confidence is kept, and is no proof that the page was examined: so read other scripts.
        let (sure, unread): (Vec<&Found>, Vec<&Found>) = found
            .iter()
            .filter(|line| is_trusted(line) || looks_like_text(line, picture))
            .partition(|line| is_trusted(line));
        let area = |lines: &[&Found]| lines.iter().map(|line| line.place.rect.w * line.place.rect.h).sum::<f32>();
        let seen: Vec<_> = read.iter().map(|line| line.place.rect.seen_at(angle)).collect();
        let mut lines: Vec<Line> = order::rows(&seen)
            .into_iter()
            .map(|row| {
                let parts = row.into_iter().filter_map(|index| {
                    read[index].reading.as_ref().map(|reading| (reading, read[index].place.rect.scaled(picture.factor)))
                });
                lines::joined(parts)
            })
            .collect();
        lines.extend(extra.iter().filter_map(|line| {
            let reading = line.reading.as_ref()?;
            Some(lines::joined([(reading, line.place.rect.scaled(picture.factor))].into_iter()))
        }));
        reading::drop_doubtful(&mut lines, self.settings.min_word_confidence);
        let han = read
            .iter()
            .copied()
            .chain(extra)
            .flat_map(|line| line.reading.iter().flat_map(Reading::characters))
            .any(reading::is_han);
        let all = area(&sure) + area(&unread);
        Recognition {
            text: reading::text(&lines),
            confidence: reading::confidence(&lines).map(reading::percent),
            language: if lines.is_empty() {
                ""
            } else if han {
                "han"
            } else {
                "latin"
            }
            .to_owned(),
            quarter_turns: u8::try_from((-quarters).rem_euclid(4)).unwrap_or_default(),
            skew_degrees: (angle - f32::from(quarters) * std::f32::consts::FRAC_PI_2).to_degrees(),
            unread: if all > 0.0 { area(&unread) / all } else { 0.0 },
        }
    }
}

/// Whether a line counts as examined.
fn is_trusted(line: &Found) -> bool {
    line.unexplained <= MOST_UNEXPLAINED && line.reading.as_ref().is_some_and(|reading| reading.confidence() >= TRUSTED)
}

/// Whether what was read at a place is text.
fn is_text(line: &Found) -> bool {
    line.reading.as_ref().is_some_and(|reading| reading.confidence() >= LEAST_CONFIDENCE)
}

/// Whether a line is more than a single sign that a shape may look like.
fn is_writing(line: &Found) -> bool {
    line.reading.as_ref().is_some_and(|reading| {
        let sure = reading.glyphs.iter().filter(|glyph| glyph.probability > 0.8 && glyph.character.is_alphanumeric());
        sure.count() >= 2
    })
}

/// Whether a line was read so surely that nothing can lie over it.
fn is_sure(line: &Found) -> bool {
    line.reading.as_ref().is_some_and(|reading| reading.confidence() >= SURE_TRIAL)
}

/// An area grown to take in the doubtful lines that it meets.
fn with_doubtful_lines(area: Rect, found: &[Found], picture: &Picture) -> Rect {
    let doubtful = found.iter().filter(|line| !is_sure(line)).map(|line| line.place.rect.bounds());
    let grown = doubtful.filter(|line| reading::shared(line, &area) > 0.0).fold(area, |all, line| all.union(&line));
    let (right, bottom) = (grown.right().min(size(picture.width())), grown.bottom().min(size(picture.height())));
    let (x, y) = (grown.x.max(0.0), grown.y.max(0.0));
    Rect { x, y, w: right - x, h: bottom - y }
}

/// Puts a line in the place of those that lie within it and were read less surely; gives it back if some reach beyond it.
fn put_in(found: &mut Vec<Found>, line: Found) -> Option<Found> {
    let bounds = line.place.rect.bounds();
    let share = |other: &Found| {
        let other = other.place.rect.bounds();
        reading::shared(&other, &bounds) / (other.w * other.h).max(1.0)
    };
    let within = |other: &Found| share(other) > 0.6;
    if found.iter().any(|other| {
        !within(other) && share(other) > 0.05 && reading::overlap(&other.place.rect.bounds(), &bounds) > 0.4
    }) {
        return Some(line);
    }
    let old: f32 =
        found.iter().filter(|other| within(other)).filter_map(|other| other.reading.as_ref()).map(score).sum();
    if line.reading.as_ref().is_some_and(|reading| score(reading) > old) {
        found.retain(|other| !within(other));
        found.push(line);
    }
    None
}

/// Whether a line of another layer says what was not read in its place already.
fn is_news(line: &Found, found: &[Found]) -> bool {
    let Some(reading) = &line.reading else { return false };
    let text: String = reading.characters().collect();
    let bounds = line.place.rect.bounds();
    let known = found.iter().filter(|other| reading::overlap(&other.place.rect.bounds(), &bounds) > 0.1).any(|other| {
        other.reading.as_ref().is_some_and(|other| other.characters().collect::<String>().contains(&text))
    });
    text.chars().count() >= 2 && reading.confidence() >= SURE_LAYER && !known
}

/// Whether a place that was not read holds writing for all that: textures and shapes are found too, but they are no lines.
fn looks_like_text(line: &Found, picture: &Picture) -> bool {
    let (w, h) = (line.place.rect.w, line.place.rect.h);
    let (long, low) = (w.max(h), w.min(h).max(1.0));
    let glyphs = line.reading.as_ref().map_or(0, |reading| reading.characters().count());
    let share = w * h / (size(picture.width()) * size(picture.height())).max(1.0);
    let line_like = long >= low * 3.0;
    // A line may fill a picture that was cut around it; a texture fills one of any shape.
    low * picture.factor >= LEAST_LINE && (line_like || share < MOST_OF_PICTURE && long >= low * 1.5 && glyphs >= 2)
}

/// Readings compare by their sure characters.
fn score(reading: &Reading) -> f32 {
    let sum: f32 = reading.glyphs.iter().map(|glyph| (glyph.probability - 0.5).max(0.0)).sum();
    sum * reading.confidence()
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

/// The longer side of the picture, or of a sheet of its width if that is shorter; at least one.
fn sheet(picture: &Picture) -> f32 {
    let (width, height) = (size(picture.width()), size(picture.height()));
    width.max(height).min(width.min(height).max(16.0) * SHEET).max(1.0)
}

/// The height that most lines reach, low ones counting more: the smallest fifth.
fn typical_height(places: &[Place]) -> f32 {
    let mut heights: Vec<f32> = places.iter().map(|place| place.rect.h.min(place.rect.w)).collect();
    heights.sort_by(f32::total_cmp);
    heights.get(heights.len() / 5).copied().unwrap_or_default()
}

/// The angle at which lines run: the median, by their length.
fn typical_angle(found: &[Found]) -> f32 {
    let mut angles: Vec<(f32, f32)> = found
        .iter()
        .filter(|line| line.place.rect.w > line.place.rect.h * 3.0)
        .map(|line| (line.place.rect.angle, line.place.rect.w))
        .collect();
    angles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = angles.iter().map(|(_, length)| length).sum::<f32>() / 2.0;
    let mut passed = 0.0;
    let median = angles.iter().find(|(_, length)| {
        passed += length;
        passed >= half
    });
    median
        .or(angles.first())
        .map_or_else(|| found.first().map_or(0.0, |line| line.place.rect.angle), |(angle, _)| *angle)
}
