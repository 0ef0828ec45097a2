//! OCR: from pixels to words with places and confidence. Knows nothing of documents.
//!
//! An engine is one file here and one line in [`ENGINES`]; its native crate is named in that file only.

mod affine;
mod background;
mod components;
mod page;
mod prepare;
mod raster;
mod reading;
mod red;
mod structure;
pub mod tesseract;
mod timed;
mod trial;

pub use page::{Recognition, read_page, read_region};
pub use timed::Timed;

use std::fmt;

use image::GrayImage;

use crate::config::OcrSettings;
use crate::document::Rect;

/// Raise it when preparation, the choice of language or the second looks may give other text for the same pixels: what went
/// through OCR is then read again.
pub const VERSION: u32 = 3;

/// An OCR engine: recognizes prepared images. One handle a reader process; single-threaded inside.
pub trait OcrEngine {
    /// Name, version and models, so that a change of any of them re-reads what it affects.
    fn fingerprint(&self) -> String;

    /// Languages it can read, in order of preference.
    fn languages(&self) -> &[String];

    /// Recognizes an upright grey image, dark on light.
    fn recognize(&mut self, image: &GrayImage, language: &str, layout: Layout) -> Result<Vec<Line>, OcrError>;

    /// Quarter turns clockwise (0 to 3) that make the image upright, with a confidence (above about 2 is sure); none if it
    /// cannot tell.
    fn orientation(&mut self, image: &GrayImage) -> Result<Option<(u8, f32)>, OcrError>;
}

/// What the engine is told to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A page: find columns and blocks.
    Page,
    /// One block of lines.
    Block,
    /// Words anywhere.
    Sparse,
}

/// A recognized line, in pixels of the image that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its words, left to right.
    pub words: Vec<RecognizedWord>,
}

/// A recognized word.
#[derive(Clone, PartialEq)]
pub struct RecognizedWord {
    /// The characters.
    pub text: String,
    /// Place in pixels of the image that was read.
    pub bounds: Rect,
    /// 0 to 100.
    pub confidence: u8,
    /// Whether a blank stands before it.
    pub space_before: bool,
}

/// Sizes only: the program reads secrets, so `{:?}` must never print them.
impl fmt::Debug for RecognizedWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecognizedWord({} bytes, {:?}, {} %)", self.text.len(), self.bounds, self.confidence)
    }
}

/// Why an engine could not read.
#[derive(Debug, thiserror::Error)]
pub enum OcrError {
    /// The engine failed on this image.
    #[error("the OCR engine failed: {0}")]
    Failed(String),
    /// A model is missing.
    #[error("{0}")]
    MissingModel(String),
}

/// Makes an engine from its settings.
pub type MakeEngine = fn(&OcrSettings) -> Result<Box<dyn OcrEngine>, OcrError>;

/// Finds out the fingerprint of the engine that would be made, without loading anything.
pub type EngineFingerprint = fn(&OcrSettings) -> Result<String, OcrError>;

/// Every engine by name.
pub const ENGINES: &[(&str, MakeEngine, EngineFingerprint)] = &[("tesseract", tesseract::make, tesseract::fingerprint)];

/// Makes the configured engine.
pub fn engine(settings: &OcrSettings) -> Result<Box<dyn OcrEngine>, OcrError> {
    configured(settings)?.1(settings)
}

/// The fingerprint that the configured engine would have.
pub fn fingerprint(settings: &OcrSettings) -> Result<String, OcrError> {
    configured(settings)?.2(settings)
}

fn configured(settings: &OcrSettings) -> Result<&'static (&'static str, MakeEngine, EngineFingerprint), OcrError> {
    ENGINES.iter().find(|(name, ..)| *name == settings.engine).ok_or_else(|| {
        let known: Vec<&str> = ENGINES.iter().map(|(name, ..)| *name).collect();
        let message = format!("no OCR engine is named {:?}; there are: {}", settings.engine, known.join(", "));
        OcrError::MissingModel(message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recognized_is_not_printed_for_debugging() {
        let word = RecognizedWord {
            text: "zebrakanarie".to_owned(),
            bounds: Rect::default(),
            confidence: 90,
            space_before: false,
        };
        let said = format!("{:?}", Line { words: vec![word] });
        assert!(said.contains("12 bytes") && !said.contains("zebra"), "{said}");
    }
}
