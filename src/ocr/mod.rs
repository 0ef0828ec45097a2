//! OCR: from pixels to words with places and confidence. Knows nothing of documents.
//!
//! An engine is one folder here and one line in [`ENGINES`]; its native crate is named in one file of it.

mod affine;
mod background;
mod components;
mod ink;
mod order;
pub mod paddle;
mod raster;
mod reading;
mod recognition;
mod remembered;
mod rule;
mod strike;
pub mod tesseract;
mod timed;

pub use ink::of as ink;
pub use recognition::{Exceeded, Line, Recognition, RecognizedWord};
pub use remembered::Remembered;
pub use rule::red_rule;
pub use strike::is_struck;
pub use timed::Timed;

use image::DynamicImage;

use crate::config::{OcrSettings, Settings};

/// Raise it when preparation, the choice of language or the second looks may give other text for the same pixels: what went
/// through OCR is then read again.
pub const VERSION: u32 = 13;

/// An OCR engine: reads images of pages. One a reader process; single-threaded inside. The same image always gives the same
/// answer.
pub trait OcrEngine {
    /// Name, version and models, so that a change of any of them re-reads what it affects.
    fn fingerprint(&self) -> String;

    /// The same of the languages that are tried where lines stay unread.
    fn fingerprint_of_others(&self) -> String;

    /// Reads a whole page, whichever way up it lies. `dpi` is that of the image, where it is known.
    fn read_page(&mut self, image: &DynamicImage, dpi: Option<f32>) -> Result<Recognition, OcrError>;

    /// Reads a part of a page that holds a block of upright text, or a single line.
    fn read_region(&mut self, image: &DynamicImage) -> Result<Recognition, OcrError>;
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
pub type MakeEngine = fn(&Settings) -> Result<Box<dyn OcrEngine>, OcrError>;

/// Finds out the fingerprint of the engine that would be made, without loading anything.
pub type EngineFingerprint = fn(&OcrSettings) -> Result<String, OcrError>;

/// Every engine by name.
pub const ENGINES: &[(&str, MakeEngine, EngineFingerprint)] =
    &[("paddle", paddle::make, paddle::fingerprint), ("tesseract", tesseract::make, tesseract::fingerprint)];

/// Takes the best engine of which models are installed.
const AUTO: &str = "auto";

/// Makes the configured engine.
pub fn engine(settings: &Settings) -> Result<Box<dyn OcrEngine>, OcrError> {
    configured(&settings.ocr)?.1(settings)
}

/// The fingerprint that the configured engine would have.
pub fn fingerprint(settings: &OcrSettings) -> Result<String, OcrError> {
    configured(settings)?.2(settings)
}

/// The fingerprint that the engine's other languages would have.
pub fn fingerprint_of_others(settings: &OcrSettings) -> Result<String, OcrError> {
    tesseract::fingerprint_of_others(settings)
}

/// The name of the engine that the settings choose on this machine.
pub fn chosen(settings: &OcrSettings) -> &str {
    match settings.engine.as_str() {
        AUTO if paddle::is_meant(settings) => "paddle",
        AUTO => "tesseract",
        named => named,
    }
}

/// Files of the chosen engine that are not those that `make models` brings; none where the system brings them.
pub fn strange_models(settings: &OcrSettings) -> Result<Vec<&'static str>, OcrError> {
    if configured(settings)?.0 == "paddle" { paddle::strange(settings) } else { Ok(Vec::new()) }
}

fn configured(settings: &OcrSettings) -> Result<&'static (&'static str, MakeEngine, EngineFingerprint), OcrError> {
    let wanted = chosen(settings);
    ENGINES.iter().find(|(name, ..)| *name == wanted).ok_or_else(|| {
        let known: Vec<&str> = [AUTO].into_iter().chain(ENGINES.iter().map(|(name, ..)| *name)).collect();
        let message = format!("no OCR engine is named {:?}; there are: {}", settings.engine, known.join(", "));
        OcrError::MissingModel(message)
    })
}
