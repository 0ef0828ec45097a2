//! Tesseract: the library behind [`Recognizer`], and all that makes it read well.
//!
//! The library reads prepared images; what surrounds it here prepares them, chooses the language and the way up, and looks a
//! second time at what stayed unread.

mod library;
mod page;
mod prepare;
mod red;
mod structure;
mod trial;

pub use library::{Tesseract, fingerprint, fingerprint_of_others};
pub use page::{read_page, read_region};

use image::{DynamicImage, GrayImage};

use super::{Line, OcrEngine, OcrError, Recognition};
use crate::config::{OcrSettings, Settings};

/// Recognizes prepared images. One handle a reader process; single-threaded inside.
pub trait Recognizer {
    /// Languages it can read, in order of preference.
    fn languages(&self) -> &[String];

    /// Languages that are tried where lines stay unread in those.
    fn others(&self) -> &[String];

    /// Recognizes an upright grey image, dark on light.
    fn recognize(&mut self, image: &GrayImage, language: &str, layout: Layout) -> Result<Vec<Line>, OcrError>;

    /// Quarter turns clockwise (0 to 3) that make the image upright, with a confidence (above about 2 is sure); none if it
    /// cannot tell.
    fn orientation(&mut self, image: &GrayImage) -> Result<Option<(u8, f32)>, OcrError>;
}

/// What a recognizer is told to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A page: find columns and blocks.
    Page,
    /// One block of lines.
    Block,
    /// Words anywhere.
    Sparse,
    /// A single line.
    Line,
}

/// Tesseract as an engine.
struct Engine {
    library: Tesseract,
    settings: OcrSettings,
}

/// Makes the engine; what the registry calls.
pub fn make(settings: &Settings) -> Result<Box<dyn OcrEngine>, OcrError> {
    Ok(Box::new(Engine { library: Tesseract::new(&settings.ocr)?, settings: settings.ocr.clone() }))
}

impl OcrEngine for Engine {
    fn fingerprint(&self) -> String {
        self.library.fingerprint().to_owned()
    }

    fn fingerprint_of_others(&self) -> String {
        self.library.fingerprint_of_others().to_owned()
    }

    fn read_page(&mut self, image: &DynamicImage, dpi: Option<f32>) -> Result<Recognition, OcrError> {
        read_page(&mut self.library, image, &self.settings, dpi)
    }

    fn read_region(&mut self, image: &DynamicImage) -> Result<Recognition, OcrError> {
        read_region(&mut self.library, image, &self.settings, None)
    }
}
