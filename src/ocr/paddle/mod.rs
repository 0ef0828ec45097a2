//! The engine that finds lines with one network and reads them with another (the PP-OCR models, run by ONNX Runtime).
//!
//! A page's way: a small copy tells whether there is text at all, and how large; lines are found on a copy in which their
//! letters have a good size; a few long lines tell which way up they are read; then every line is read, from the full
//! pixels; then red and pale ink is looked at by itself; then lines in scripts that the networks do not know are read by
//! Tesseract. What was found and cannot be read counts as unread.

mod bands;
mod columns;
mod detect;
mod evidence;
mod found;
mod frames;
mod heads;
mod lines;
mod looks;
mod mend;
mod models;
mod network;
mod page;
mod picture;
mod recognize;
mod rect;
mod scripts;
mod upright;
mod widths;

use image::DynamicImage;

use self::detect::{Detector, Place};
use self::found::typical_height;
use self::models::Models;
use self::page::Prior;
use self::picture::Picture;
use self::recognize::{Reading, Recognizer};
use self::rect::Tilted;
use super::raster::size;
use super::tesseract::{Recognizer as _, Tesseract};
use super::{OcrEngine, OcrError, Recognition};
use crate::config::{OcrSettings, Settings};

/// The longer side of the copy on which the gate looks for text.
const GATE_SIDE: f32 = 640.0;
/// Sheets of paper are so much longer than wide; longer pictures are not made smaller than a sheet of their width.
const SHEET: f32 = std::f32::consts::SQRT_2;
/// Scans come with up to 300 dots an inch: copies for the gate are not smaller than this share, or small print vanishes.
const GATE_SCALE: f32 = 0.18;
/// The longer side of the copy on which lines are found.
const LINES_SIDE: f32 = 960.0;
/// Of which a page on which nothing has the shape of writing needs this share.
const CLEAR_SHARE: f32 = 0.5;
/// Lines lower than this on that copy, in its pixels, are looked for on a larger one.
const GOOD_LINE: f32 = 13.0;
/// A place that the gate saw and that lines cover by less than this share is read as well.
const COVERED: f32 = 0.3;
/// So few lines are looked at again if they are small.
const FEW_LINES: usize = 3;
/// Places of an almost blank page that are looked at closely; the rest are specks.
const MOST_ISLANDS: usize = 12;
/// Sheets of paper have up to so many pixels on their longer side, A4 at 300 dots an inch and some more; larger pictures are
/// plans and photographs, and where nothing is seen on one, it is looked at closely.
const LARGEST_SHEET: f32 = 4200.0;
const PLAN_SCALE: f32 = 0.5;
/// Regions are copies of pages: no smaller side than this, which the network needs to see anything.
const LEAST_SIDE: f32 = 320.0;

/// See the module.
struct Engine {
    networks: Networks,
    settings: Settings,
    fingerprint: String,
}

/// What a page's way needs of the networks. A trait, so that the way can be tested without models.
trait Eyes {
    /// Text as seen at a glance: by a cheap network that takes few pictures for text, and misses faint and lone lines.
    fn glance(&mut self, picture: &Picture, scale: f32) -> Result<Vec<Place>, OcrError>;

    /// Lines of text, seen on a copy of the picture at a scale, the surest first.
    fn places(&mut self, picture: &Picture, scale: f32) -> Result<Vec<Place>, OcrError>;

    /// Reads the line in a rectangle.
    fn read(&mut self, picture: &Picture, place: &Tilted) -> Result<Reading, OcrError>;

    /// Languages of the second reader: those that the networks do not know.
    fn languages(&self) -> &[String];

    /// Reads the line in a rectangle in one of them.
    fn read_in(&mut self, picture: &Picture, place: &Tilted, language: &str) -> Result<Reading, OcrError>;
}

struct Networks {
    gate: Detector,
    finder: Detector,
    reader: Recognizer,
    second: Tesseract,
}

impl Eyes for Networks {
    fn glance(&mut self, picture: &Picture, scale: f32) -> Result<Vec<Place>, OcrError> {
        self.gate.places(picture, scale)
    }

    fn places(&mut self, picture: &Picture, scale: f32) -> Result<Vec<Place>, OcrError> {
        self.finder.places(picture, scale)
    }

    fn read(&mut self, picture: &Picture, place: &Tilted) -> Result<Reading, OcrError> {
        self.reader.read(picture, place)
    }

    fn languages(&self) -> &[String] {
        self.second.others()
    }

    fn read_in(&mut self, picture: &Picture, place: &Tilted, language: &str) -> Result<Reading, OcrError> {
        scripts::read_line(&mut self.second, picture, place, language)
    }
}

/// Makes the engine; what the registry calls.
pub fn make(settings: &Settings) -> Result<Box<dyn OcrEngine>, OcrError> {
    let models = Models::read(&settings.ocr)?;
    let (gate, finder, reader) = models.load()?;
    let networks = Networks { gate, finder, reader, second: Tesseract::second(&settings.ocr)? };
    Ok(Box::new(Engine { networks, settings: settings.clone(), fingerprint: models.fingerprint() }))
}

/// Name and models of the engine that [`make`] would make; found out without loading them.
pub fn fingerprint(settings: &OcrSettings) -> Result<String, OcrError> {
    Ok(Models::read(settings)?.fingerprint())
}

/// Its files that are not those that `make models` brings.
pub fn strange(settings: &OcrSettings) -> Result<Vec<&'static str>, OcrError> {
    models::strange(settings)
}

/// Whether it is meant to be used: some of its models are there, or a folder is named where they should be.
pub fn is_meant(settings: &OcrSettings) -> bool {
    Models::are_meant(settings)
}

impl OcrEngine for Engine {
    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn fingerprint_of_others(&self) -> String {
        self.networks.second.fingerprint_of_others().to_owned()
    }

    fn read_page(&mut self, image: &DynamicImage, _: Option<f32>) -> Result<Recognition, OcrError> {
        let picture = Picture::new(image, self.settings.limits.ocr_pixels);
        self.networks.reader.turn_page();
        whole(&mut self.networks, &picture, &self.settings)
    }

    fn read_region(&mut self, image: &DynamicImage) -> Result<Recognition, OcrError> {
        let picture = Picture::new(image, self.settings.limits.ocr_pixels);
        self.networks.reader.turn_page();
        block(&mut self.networks, &picture, &self.settings)
    }
}

/// A page, whichever way up it lies.
fn whole(eyes: &mut dyn Eyes, picture: &Picture, settings: &Settings) -> Result<Recognition, OcrError> {
    let scale = (GATE_SIDE / sheet(picture)).max(GATE_SCALE * picture.factor).min(1.0);
    let seen = eyes.glance(picture, scale)?;
    let mut found = find(eyes, picture, &seen)?;
    let prior = if seen.is_empty() || found.is_empty() { Prior::Doubtful } else { Prior::Page };
    // What one network sees and the other does not is read too: nothing that was seen is passed over.
    let missed = |place: &&Place| {
        let bounds = place.rect.bounds();
        let covered: f32 = found.iter().map(|other| bounds.intersection(&other.rect.bounds()).area()).sum();
        covered < COVERED * bounds.w * bounds.h
    };
    let missed: Vec<Place> = seen.iter().filter(missed).copied().collect();
    found.extend(missed);
    if found.is_empty() {
        found = on_islands(eyes, picture)?;
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    page::read(eyes, picture, found, prior, settings)
}

/// Lines in the few places that have anything on a page that is blank for the most part.
fn on_islands(eyes: &mut dyn Eyes, picture: &Picture) -> Result<Vec<Place>, OcrError> {
    let mut more = Vec::new();
    for area in evidence::islands(picture).into_iter().take(MOST_ISLANDS) {
        let part = evidence::part(picture, &area);
        let scale = (sheet(&part).clamp(LEAST_SIDE, LINES_SIDE) / sheet(&part)).min(2.0);
        more.extend(
            eyes.places(&part, scale)?
                .into_iter()
                .map(|place| Place { rect: place.rect.moved(area.x, area.y), ..place }),
        );
    }
    Ok(more)
}

/// A block of upright text, or a single line.
fn block(eyes: &mut dyn Eyes, picture: &Picture, settings: &Settings) -> Result<Recognition, OcrError> {
    let scale = (sheet(picture).clamp(LEAST_SIDE, LINES_SIDE)) / sheet(picture);
    let first = eyes.places(picture, scale)?;
    let small = first.is_empty() || typical_height(&first) * scale < GOOD_LINE;
    let found = match small && scale < 1.0 {
        true if first.is_empty() => eyes.places(picture, 1.0)?,
        true => find(eyes, picture, &first)?,
        false => first,
    };
    page::read(eyes, picture, found, Prior::Block, settings)
}

/// Lines, on a copy whose size suits what was seen; on one of ordinary size where nothing was: a lone line of small print is
/// too little for a glance.
fn find(eyes: &mut dyn Eyes, picture: &Picture, seen: &[Place]) -> Result<Vec<Place>, OcrError> {
    let ordinary = LINES_SIDE / sheet(picture);
    let wanted = match seen.is_empty() {
        true if sheet(picture) > LARGEST_SHEET => PLAN_SCALE,
        true => ordinary,
        false => GOOD_LINE / typical_height(seen).max(1.0),
    };
    // Blank pages and even grounds: what a glance missed there is large and pale, or nothing.
    if seen.is_empty() && evidence::is_clear(picture) {
        let found = eyes.places(picture, (ordinary * CLEAR_SHARE).max(LEAST_SIDE / sheet(picture)).min(wanted))?;
        if found.is_empty() {
            return Ok(found);
        }
    }
    // Small pictures are enlarged a little at most: there is no more to see.
    let most = (LEAST_SIDE / sheet(picture)).max(1.0) * 1.5;
    let scale = wanted.max(ordinary).min(most);
    let found = eyes.places(picture, scale)?;
    let better = (GOOD_LINE / typical_height(&found).max(1.0)).min(most);
    // Of a few lines that are small on the copy the ends are cut off; among many, a glance told how large they are.
    if (1..=FEW_LINES).contains(&found.len()) && better > scale * 1.2 {
        return eyes.places(picture, better);
    }
    Ok(found)
}

/// The longer side of the picture, or of a sheet of its width if that is shorter; at least one.
fn sheet(picture: &Picture) -> f32 {
    let (width, height) = (size(picture.width()), size(picture.height()));
    width.max(height).min(width.min(height).max(16.0) * SHEET).max(1.0)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::rect::Tilted;
    use super::*;

    /// Sees nothing at a glance, finds what it is told to, and notes at which scales it was asked.
    #[derive(Default)]
    struct Fake {
        found: Vec<Place>,
        scales: Vec<f32>,
    }

    impl Eyes for Fake {
        fn glance(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(Vec::new())
        }

        fn places(&mut self, _: &Picture, scale: f32) -> Result<Vec<Place>, OcrError> {
            self.scales.push(scale);
            Ok(self.found.clone())
        }

        fn read(&mut self, _: &Picture, _: &Tilted) -> Result<Reading, OcrError> {
            Ok(Reading::default())
        }

        fn languages(&self) -> &[String] {
            &[]
        }

        fn read_in(&mut self, _: &Picture, _: &Tilted, language: &str) -> Result<Reading, OcrError> {
            panic!("there is no second reader to read {language}")
        }
    }

    fn place(h: f32) -> Place {
        Place { rect: Tilted { x: 600.0, y: 400.0, w: 200.0, h, angle: 0.0 }, score: 0.9 }
    }

    fn scales(picture: &Picture, found: Vec<Place>) -> Vec<f32> {
        let mut fake = Fake { found, ..Fake::default() };
        find(&mut fake, picture, &[]).expect("the fake never fails");
        fake.scales
    }

    #[test]
    fn a_page_that_is_clear_of_writing_is_looked_at_on_a_small_copy_and_closely_if_something_is_found() {
        let mut rgb = RgbImage::from_pixel(1400, 1920, Rgb([240; 3]));
        let blank = Picture::owned(rgb.clone(), 1.0);
        assert_eq!(scales(&blank, Vec::new()), [0.25]);
        assert_eq!(scales(&blank, vec![place(30.0)]), [0.25, 0.5]);
        (0..40).for_each(|at| rgb.put_pixel(600 + at / 2, 800 + at, Rgb([40; 3])));
        (0..40).for_each(|at| rgb.put_pixel(640 - at / 2, 800 + at, Rgb([40; 3])));
        assert_eq!(scales(&Picture::owned(rgb, 1.0), Vec::new()), [0.5]);
    }

    #[test]
    fn no_picture_is_looked_at_twice_at_one_scale() {
        let rgb = RgbImage::from_fn(960, 960, |x, y| Rgb([if (x / 9 + y / 9) % 2 == 0 { 60 } else { 200 }; 3]));
        let picture = Picture::owned(rgb, 1.0);
        // Small, and smaller: a copy half as large again is the largest.
        assert_eq!(scales(&picture, vec![place(10.0)]), [1.0, 1.3]);
        let mut fake = Fake { found: vec![place(2.0)], ..Fake::default() };
        find(&mut fake, &picture, &[place(2.0)]).expect("the fake never fails");
        assert_eq!(fake.scales, [1.5]);
    }
}
