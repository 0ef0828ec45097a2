//! The engine that finds lines with one network and reads them with another (the PP-OCR models, run by ONNX Runtime).
//!
//! A page's way: a small copy tells whether there is text at all, and how large; lines are found on a copy in which their
//! letters have a good size; a few long lines tell which way up they are read; then every line is read, from the full
//! pixels; then red and pale ink is looked at by itself. What was found and cannot be read counts as unread.

mod detect;
mod evidence;
mod found;
mod lines;
mod looks;
mod mend;
mod models;
mod network;
mod page;
mod picture;
mod recognize;
mod rect;
mod upright;

use image::DynamicImage;

use self::detect::{Detector, Place};
use self::found::typical_height;
use self::models::Models;
use self::picture::Picture;
use self::recognize::{Reading, Recognizer};
use self::rect::Tilted;
use super::raster::size;
use super::{OcrEngine, OcrError, Recognition, reading};
use crate::config::{OcrSettings, Settings};

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
/// A place that the gate saw and that lines cover by less than this share is read as well.
const COVERED: f32 = 0.3;
/// Regions are copies of pages: no smaller side than this, which the network needs to see anything.
const LEAST_SIDE: f32 = 320.0;

/// See the module.
struct Engine {
    gate: Detector,
    networks: Networks,
    settings: Settings,
    fingerprint: String,
}

/// What a page's way needs of the networks. A trait, so that the way can be tested without models.
trait Eyes {
    /// Lines of text, seen on a copy of the picture at a scale, the surest first.
    fn places(&mut self, picture: &Picture, scale: f32) -> Result<Vec<Place>, OcrError>;

    /// Reads the line in a rectangle.
    fn read(&mut self, picture: &Picture, place: &Tilted) -> Result<Reading, OcrError>;
}

struct Networks {
    finder: Detector,
    reader: Recognizer,
}

impl Eyes for Networks {
    fn places(&mut self, picture: &Picture, scale: f32) -> Result<Vec<Place>, OcrError> {
        self.finder.places(picture, scale)
    }

    fn read(&mut self, picture: &Picture, place: &Tilted) -> Result<Reading, OcrError> {
        self.reader.read(picture, place)
    }
}

/// Makes the engine; what the registry calls.
pub fn make(settings: &Settings) -> Result<Box<dyn OcrEngine>, OcrError> {
    let models = Models::read(&settings.ocr)?;
    let (gate, finder, reader) = models.load()?;
    let networks = Networks { finder, reader };
    Ok(Box::new(Engine { gate, networks, settings: settings.clone(), fingerprint: models.fingerprint() }))
}

/// Name and models of the engine that [`make`] would make; found out without loading them.
pub fn fingerprint(settings: &OcrSettings) -> Result<String, OcrError> {
    Ok(Models::read(settings)?.fingerprint())
}

/// Whether all its files are there.
pub fn is_installed(settings: &OcrSettings) -> bool {
    Models::are_installed(settings)
}

impl OcrEngine for Engine {
    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn read_page(&mut self, image: &DynamicImage, _: Option<f32>) -> Result<Recognition, OcrError> {
        let picture = Picture::new(image);
        let scale = (GATE_SIDE / sheet(&picture)).max(GATE_SCALE * picture.factor).min(1.0);
        let seen = self.gate.places(&picture, scale)?;
        if seen.is_empty() {
            return Ok(Recognition::default());
        }
        let mut found = find(&mut self.networks, &picture, &seen)?;
        // What one network sees and the other does not is read too: nothing that was seen is passed over.
        let missed = |place: &&Place| {
            let bounds = place.rect.bounds();
            let covered: f32 = found.iter().map(|other| reading::shared(&bounds, &other.rect.bounds())).sum();
            covered < COVERED * bounds.w * bounds.h
        };
        let missed: Vec<Place> = seen.iter().filter(missed).copied().collect();
        found.extend(missed);
        page::read(&mut self.networks, &picture, found, true, &self.settings)
    }

    fn read_region(&mut self, image: &DynamicImage) -> Result<Recognition, OcrError> {
        let picture = Picture::new(image);
        let scale = (sheet(&picture).clamp(LEAST_SIDE, LINES_SIDE)) / sheet(&picture);
        let first = self.networks.places(&picture, scale)?;
        let small = first.is_empty() || typical_height(&first) * scale < GOOD_LINE;
        let found = if small && scale < 1.0 { find(&mut self.networks, &picture, &first)? } else { first };
        page::read(&mut self.networks, &picture, found, false, &self.settings)
    }
}

/// Lines, on a copy whose size suits what was seen.
fn find(eyes: &mut dyn Eyes, picture: &Picture, seen: &[Place]) -> Result<Vec<Place>, OcrError> {
    let wanted = GOOD_LINE / typical_height(seen).max(1.0);
    let ordinary = LINES_SIDE / sheet(picture);
    // Small pictures are enlarged a little at most: there is no more to see.
    let most = (LEAST_SIDE / sheet(picture)).max(1.0) * 1.5;
    eyes.places(picture, wanted.max(ordinary).min(most))
}

/// The longer side of the picture, or of a sheet of its width if that is shorter; at least one.
fn sheet(picture: &Picture) -> f32 {
    let (width, height) = (size(picture.width()), size(picture.height()));
    width.max(height).min(width.min(height).max(16.0) * SHEET).max(1.0)
}
