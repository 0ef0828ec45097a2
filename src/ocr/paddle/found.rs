//! A place where a line was found, what was read there, and what that is worth.

use super::super::raster::size;
use super::super::reading;
use super::detect::Place;
use super::picture::Picture;
use super::recognize::Reading;
use super::scripts;
use crate::document::Rect;

/// Lines below this confidence are no text, or cannot be read.
pub(super) const LEAST_CONFIDENCE: f32 = 0.5;
/// Lines of a layer of ink need this confidence: layers are full of scraps.
const SURE_LAYER: f32 = 0.7;
/// A line that reads as surely as this needs no other look.
pub(super) const SURE: f32 = 0.9;
/// Lines below this confidence do not count as examined: Latin and Chinese lines that are read well lie above 0.95, Greek,
/// Hebrew and Armenian ones, which no model knows, below 0.85.
const TRUSTED: f32 = 0.85;
/// Lines with ink and no characters over more than this share of their width do not count either.
const MOST_UNEXPLAINED: f32 = 0.25;
/// A place that takes this share of a picture is no line of text.
const MOST_OF_PICTURE: f32 = 0.3;
/// Lower places, in pixels, are specks.
const LEAST_LINE: f32 = 7.0;
/// Lines are so many times as long as they are high, and words.
const LINE: f32 = 3.0;
const WORD: f32 = 1.5;
/// So many words that were not read are no scraps, if lines that were read are as high, but for this factor.
const FEW_WORDS: usize = 3;
const AS_HIGH: f32 = 1.4;

/// A line that was found, and what was read there.
pub(super) struct Found {
    pub place: Place,
    pub reading: Option<Reading>,
    /// Share of its width that has ink and no character.
    pub unexplained: f32,
    /// The language of the second reader, if it read the line.
    pub language: Option<String>,
}

impl Found {
    /// A place that has not been read.
    pub(super) fn unread(place: Place) -> Self {
        Self { place, reading: None, unexplained: 0.0, language: None }
    }

    /// How long it is, in heights: about its characters, so that a large heading does not outweigh small print.
    pub(super) fn length(&self) -> f32 {
        let (w, h) = (self.place.rect.w, self.place.rect.h);
        w.max(h) / w.min(h).max(1.0)
    }

    pub(super) fn confidence(&self) -> f32 {
        self.reading.as_ref().map_or(0.0, Reading::confidence)
    }

    /// Whether it counts as examined.
    pub(super) fn is_trusted(&self) -> bool {
        let least = if self.language.is_some() { scripts::SURE } else { TRUSTED };
        self.unexplained <= MOST_UNEXPLAINED && self.confidence() >= least
    }

    /// Whether what was read is text.
    pub(super) fn is_text(&self) -> bool {
        self.confidence() >= LEAST_CONFIDENCE
    }

    /// Whether it was read so surely that nothing can lie over it.
    pub(super) fn is_sure(&self) -> bool {
        self.confidence() >= SURE
    }

    /// Whether it is more than a single sign that a shape may look like.
    pub(super) fn is_writing(&self) -> bool {
        self.reading.as_ref().is_some_and(|reading| {
            let sure =
                reading.glyphs.iter().filter(|glyph| glyph.probability > 0.8 && glyph.character.is_alphanumeric());
            sure.count() >= 2
        })
    }

    /// Whether it is writing beyond doubt: textures are read as one sign again and again, or without being sure.
    pub(super) fn is_surely_writing(&self) -> bool {
        let Some(reading) = &self.reading else { return false };
        let mut signs: Vec<char> = reading.characters().filter(|character| character.is_alphanumeric()).collect();
        signs.sort_unstable();
        signs.dedup();
        let least = if signs.iter().any(|sign| reading::is_east_asian(*sign)) { 2 } else { 3 };
        self.is_sure() && signs.len() >= least
    }

    /// Whether a place that was not read holds writing for all that: textures and shapes are found too, but they are no lines.
    pub(super) fn looks_like_text(&self, picture: &Picture) -> bool {
        let (w, h) = (self.place.rect.w, self.place.rect.h);
        let (long, low) = (w.max(h), w.min(h).max(1.0));
        let glyphs = self.reading.as_ref().map_or(0, |reading| reading.characters().count());
        let share = w * h / (size(picture.width()) * size(picture.height())).max(1.0);
        let line_like = long >= low * LINE;
        // A line may fill a picture that was cut around it; a texture fills one of any shape.
        low * picture.factor >= LEAST_LINE
            && (line_like || share < MOST_OF_PICTURE && long >= low * WORD && glyphs >= 2)
    }

    /// Whether a line of another layer of ink says what was not read in its place already.
    pub(super) fn is_news(&self, found: &[Self]) -> bool {
        let Some(reading) = &self.reading else { return false };
        let text: String = reading.characters().collect();
        let bounds = self.place.rect.bounds();
        let known =
            found.iter().filter(|other| reading::overlap(&other.place.rect.bounds(), &bounds) > 0.1).any(|other| {
                other.reading.as_ref().is_some_and(|other| other.characters().collect::<String>().contains(&text))
            });
        // 秘 and 密 are marks of one character; a single letter is a scrap.
        let lone_mark = reading.confidence() >= SURE && text.chars().all(reading::is_east_asian);
        let count = text.chars().count();
        (count >= 2 && reading.confidence() >= SURE_LAYER || count == 1 && lone_mark) && !known
    }
}

/// Words that were not read and are too short to look like lines, such as cells of a table in a script that nobody knows. Lines beside them
/// that were read tell how high they are; a few are scraps.
pub(super) fn lone_words(found: &[Found], picture: &Picture) -> Vec<usize> {
    let low = |line: &Found| line.place.rect.h.min(line.place.rect.w).max(1.0);
    let read = found.iter().filter(|line| line.is_trusted() && line.is_writing());
    let mut heights: Vec<f32> = read.map(low).collect();
    heights.sort_by(f32::total_cmp);
    let is_as_high = |line: &Found| {
        let from = heights.partition_point(|height| *height < low(line) / AS_HIGH);
        heights.get(from).is_some_and(|height| *height <= low(line) * AS_HIGH)
    };
    let is_word = |line: &Found| {
        let is_speck = low(line) * picture.factor < LEAST_LINE;
        let is_unread = !line.is_trusted() && !line.looks_like_text(picture);
        is_unread && line.length() >= WORD && !is_speck && is_as_high(line)
    };
    let words: Vec<usize> = (0..found.len()).filter(|index| is_word(&found[*index])).collect();
    if words.len() < FEW_WORDS { Vec::new() } else { words }
}

/// Puts a line in the place of those that lie within it and were read less surely; gives it back if some reach beyond it.
pub(super) fn put_in(found: &mut Vec<Found>, line: Found) -> Option<Found> {
    let bounds = line.place.rect.bounds();
    let share = |other: &Found| {
        let other = other.place.rect.bounds();
        other.intersection(&bounds).area() / other.area().max(1.0)
    };
    let within = |other: &Found| share(other) > 0.6;
    if found.iter().any(|other| {
        !within(other) && share(other) > 0.05 && reading::overlap(&other.place.rect.bounds(), &bounds) > 0.4
    }) {
        return Some(line);
    }
    let old: f32 =
        found.iter().filter(|other| within(other)).filter_map(|other| other.reading.as_ref()).map(Reading::score).sum();
    if line.reading.as_ref().is_some_and(|reading| reading.score() > old) {
        found.retain(|other| !within(other));
        found.push(line);
    }
    None
}

/// The height that most places reach, low ones counting more: the smallest fifth.
pub(super) fn typical_height(places: &[Place]) -> f32 {
    let mut heights: Vec<f32> = places.iter().map(|place| place.rect.h.min(place.rect.w)).collect();
    heights.sort_by(f32::total_cmp);
    heights.get(heights.len() / 5).copied().unwrap_or_default()
}

/// The angle at which lines run: the median, by their length.
pub(super) fn typical_angle(found: &[Found]) -> f32 {
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

/// An area grown to take in the doubtful lines that it meets, and kept inside the picture.
pub(super) fn with_doubtful_lines(area: Rect, found: &[Found], picture: &Picture) -> Rect {
    let is_line = |line: &&Found| !line.is_sure() && line.looks_like_text(picture);
    let doubtful = found.iter().filter(is_line).map(|line| line.place.rect.bounds());
    let grown = doubtful.filter(|line| line.intersection(&area).area() > 0.0).fold(area, |all, line| all.union(&line));
    let (right, bottom) = (grown.right().min(size(picture.width())), grown.bottom().min(size(picture.height())));
    let (x, y) = (grown.x.max(0.0), grown.y.max(0.0));
    Rect { x, y, w: right - x, h: bottom - y }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::recognize::Glyph;
    use super::super::rect::Tilted;
    use super::*;

    fn place(y: f32, w: f32) -> Found {
        Found::unread(Place { rect: Tilted { x: 200.0, y, w, h: 30.0, angle: 0.0 }, score: 0.9 })
    }

    #[test]
    fn several_words_as_high_as_lines_that_were_read_are_no_scraps() {
        let picture = Picture::owned(RgbImage::from_pixel(1000, 1000, Rgb([255; 3])), 1.0);
        let glyph = |character| Glyph { character, probability: 0.99, from: 0.0, to: 1.0 };
        let read = Reading { glyphs: "2026-03-02".chars().map(glyph).collect() };
        let line = |h: f32| {
            let mut line = Found { reading: Some(read.clone()), ..place(50.0, 150.0) };
            line.place.rect.h = h;
            line
        };
        let words = |line: Found, widths: &[f32]| {
            let words = (1_u8..).zip(widths).map(|(at, width)| place(f32::from(at) * 60.0, *width));
            lone_words(&std::iter::once(line).chain(words).collect::<Vec<_>>(), &picture)
        };
        assert_eq!(words(line(30.0), &[60.0, 80.0, 85.0]), [1, 2, 3]);
        assert_eq!(words(line(30.0), &[60.0, 80.0, 85.0, 120.0, 30.0]), [1, 2, 3], "a line, and a speck");
        assert!(words(line(30.0), &[60.0, 80.0]).is_empty(), "scraps");
        assert!(words(line(60.0), &[60.0, 80.0, 85.0]).is_empty(), "no line is as high");
        assert!(words(place(50.0, 150.0), &[60.0, 80.0, 85.0]).is_empty(), "nothing was read");
    }
}
