//! The library behind [`Recognizer`]: the only file that names `tesseract_rs`.
//!
//! Models are read once, in the constructor, and handed over as bytes: what is hashed for the fingerprint is what reads,
//! and nothing is opened by path afterwards, so the reader process may lock itself. There is one handle a language; those of
//! the other languages, which few pages need, are made when one does. The library runs OpenMP threads that fight each other;
//! whoever starts the process sets `OMP_THREAD_LIMIT=1`.
//!
//! It does not prepare images, choose languages or judge results. A crash inside the C++ library kills the process: the
//! pool of readers turns that into a fault.

use std::fs;
use std::path::{Path, PathBuf};

use image::GrayImage;
use tesseract_rs::{ResultIterator, TessPageIteratorLevel, TessPageSegMode, TesseractAPI};

use super::super::{Line, OcrError, RecognizedWord};
use super::{Layout, Recognizer};
use crate::config::OcrSettings;
use crate::document::Rect;

/// Where distributions put the models, the newest first.
const SYSTEM_FOLDERS: [&str; 6] = [
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/usr/local/share/tesseract-ocr/tessdata",
];

/// Prepared pages are about 2200 px high, which is 190 dpi on A4. Layout analysis wants to know; without it the library
/// assumes 70 and takes letters for pictures.
const PREPARED_DPI: i32 = 190;

/// The library multiplies sizes in 32 bits and keeps coordinates in 16.
const MAX_SIDE: u32 = 32_000;

/// Engine modes of the library: the LSTM recognizer, and the old one that orientation detection needs.
const OEM_LSTM: i32 = 1;
const OEM_LEGACY: i32 = 0;

/// Tesseract with its models loaded.
pub struct Tesseract {
    handles: Vec<(String, TesseractAPI)>,
    languages: Vec<String>,
    others: Vec<String>,
    /// Models of the other languages that no page has needed yet.
    unloaded: Vec<(String, Vec<u8>)>,
    orientation: Option<TesseractAPI>,
    fingerprint: String,
    fingerprint_of_others: String,
}

/// Name, version and models of the engine that would be made; found out without loading them.
pub fn fingerprint(settings: &OcrSettings) -> Result<String, OcrError> {
    let osd = read_model(&settings.tessdata, "osd")?.map(|model| ("osd".to_owned(), model));
    let models = read_models(&settings.languages, settings)?;
    Ok(hashed(models.iter().chain(&osd)))
}

/// Version and models of the other languages; found out without loading them.
pub fn fingerprint_of_others(settings: &OcrSettings) -> Result<String, OcrError> {
    Ok(hashed(read_models(&settings.other_languages, settings)?.iter()))
}

fn read_models(names: &[String], settings: &OcrSettings) -> Result<Vec<(String, Vec<u8>)>, OcrError> {
    let folder = &settings.tessdata;
    let read = |name: &String| Ok((name.clone(), read_model(folder, name)?.ok_or_else(|| missing(folder, name))?));
    names.iter().map(read).collect()
}

fn hashed<'a>(models: impl Iterator<Item = &'a (String, Vec<u8>)>) -> String {
    models.fold(format!("tesseract {}", TesseractAPI::version()), |all, (name, model)| {
        format!("{all} {name}:{}", short_hash(model))
    })
}

impl Tesseract {
    /// Loads every configured language, and `osd` where it is installed.
    pub fn new(settings: &OcrSettings) -> Result<Self, OcrError> {
        let models = read_models(&settings.languages, settings)?;
        let load_one = |(name, model): &(String, Vec<u8>)| Ok((name.clone(), load(model, name, OEM_LSTM)?));
        let handles = models.iter().map(load_one).collect::<Result<_, OcrError>>()?;
        let osd = read_model(&settings.tessdata, "osd")?.map(|model| ("osd".to_owned(), model));
        let fingerprint = hashed(models.iter().chain(&osd));
        let orientation = osd.map(|(name, model)| load(&model, &name, OEM_LEGACY)).transpose()?;
        let languages = settings.languages.clone();
        Ok(Self { handles, languages, orientation, fingerprint, ..Self::second(settings)? })
    }

    /// Has the other languages alone: the second reader of another engine.
    pub fn second(settings: &OcrSettings) -> Result<Self, OcrError> {
        let unloaded = read_models(&settings.other_languages, settings)?;
        Ok(Self {
            handles: Vec::new(),
            languages: Vec::new(),
            others: settings.other_languages.clone(),
            fingerprint_of_others: hashed(unloaded.iter()),
            unloaded,
            orientation: None,
            fingerprint: String::new(),
        })
    }

    /// Name, version and models.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Version and models of the other languages.
    pub fn fingerprint_of_others(&self) -> &str {
        &self.fingerprint_of_others
    }

    /// The handle of a language.
    fn handle(&mut self, language: &str) -> Result<&TesseractAPI, OcrError> {
        if let Some(at) = self.unloaded.iter().position(|(name, _)| name == language) {
            let (name, model) = self.unloaded.swap_remove(at);
            let api = load(&model, &name, OEM_LSTM)?;
            self.handles.push((name, api));
        }
        let found = self.handles.iter().find(|(name, _)| name == language);
        let (_, api) = found.ok_or_else(|| OcrError::Failed(format!("the language {language} is not loaded")))?;
        Ok(api)
    }
}

impl Recognizer for Tesseract {
    fn languages(&self) -> &[String] {
        &self.languages
    }

    fn others(&self) -> &[String] {
        &self.others
    }

    fn recognize(&mut self, image: &GrayImage, language: &str, layout: Layout) -> Result<Vec<Line>, OcrError> {
        let api = self.handle(language)?;
        let mode = match layout {
            Layout::Page => TessPageSegMode::PSM_AUTO,
            Layout::Block => TessPageSegMode::PSM_SINGLE_BLOCK,
            Layout::Sparse => TessPageSegMode::PSM_SPARSE_TEXT,
            Layout::Line => TessPageSegMode::PSM_SINGLE_LINE,
        };
        api.set_page_seg_mode(mode).map_err(failed)?;
        set_image(api, image)?;
        let recognized = api.recognize().map_err(failed);
        // An image without text has no iterator: no lines.
        let lines = recognized.map(|()| api.get_iterator().map_or_else(|_| Vec::new(), |words| read_lines(&words)));
        api.clear().map_err(failed)?;
        lines
    }

    fn orientation(&mut self, image: &GrayImage) -> Result<Option<(u8, f32)>, OcrError> {
        let Some(api) = &self.orientation else { return Ok(None) };
        api.set_page_seg_mode(TessPageSegMode::PSM_OSD_ONLY).map_err(failed)?;
        set_image(api, image)?;
        // The library calls "too few characters" an error.
        let answer = api.detect_os().ok();
        api.clear().map_err(failed)?;
        Ok(answer.map(|(degrees, confidence, _, _)| (turns_to_upright(degrees), confidence)))
    }
}

/// The library reports how far the page is turned counter-clockwise; we want the clockwise turns that undo it.
fn turns_to_upright(degrees: i32) -> u8 {
    u8::try_from((4 - (degrees / 90).rem_euclid(4)) % 4).expect("a remainder of four fits")
}

fn set_image(api: &TesseractAPI, image: &GrayImage) -> Result<(), OcrError> {
    let (width, height) = image.dimensions();
    if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
        return Err(OcrError::Failed(format!("an image of {width} × {height} pixels cannot be read")));
    }
    let side = |length: u32| i32::try_from(length).expect("bounded by MAX_SIDE");
    api.set_image(image.as_raw(), side(width), side(height), 1, side(width)).map_err(failed)?;
    api.set_source_resolution(PREPARED_DPI).map_err(failed)
}

/// Collects words by line. The iterator points into the engine: it must not outlive the next `clear`.
fn read_lines(iterator: &ResultIterator) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line_box = None;
    let mut rest = String::new();
    loop {
        let place = iterator.get_bounding_box(TessPageIteratorLevel::RIL_TEXTLINE).ok();
        if place != line_box || lines.is_empty() {
            line_box = place;
            lines.push(Line { words: Vec::new() });
            rest = iterator.get_utf8_text(TessPageIteratorLevel::RIL_TEXTLINE).unwrap_or_default();
        }
        if let (Ok((text, left, top, right, bottom, confidence)), Some(line)) =
            (iterator.get_word_with_bounds(), lines.last_mut())
            && !text.trim().is_empty()
        {
            let text = text.trim().to_owned();
            let space_before = !line.words.is_empty() && take_word(&mut rest, &text);
            if line.words.is_empty() {
                take_word(&mut rest, &text);
            }
            let bounds = bounds(left, top, right, bottom);
            line.words.push(RecognizedWord { text, bounds, confidence: percent(confidence), space_before });
        }
        if !iterator.next_word().unwrap_or(false) {
            break;
        }
    }
    lines.retain(|line| !line.words.is_empty());
    lines
}

/// Removes a word from the front of the line's text and says whether a blank stood before it. Only the line's text knows:
/// the library cuts Chinese into words that have no blanks between them.
fn take_word(rest: &mut String, word: &str) -> bool {
    match rest.find(word) {
        Some(at) => {
            let blank = rest[..at].chars().any(char::is_whitespace);
            rest.drain(..at + word.len());
            blank
        }
        None => true,
    }
}

#[allow(clippy::cast_precision_loss, reason = "pixel coordinates are below 32,000")]
fn bounds(left: i32, top: i32, right: i32, bottom: i32) -> Rect {
    Rect { x: left as f32, y: top as f32, w: (right - left).max(0) as f32, h: (bottom - top).max(0) as f32 }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped first")]
fn percent(confidence: f32) -> u8 {
    confidence.round().clamp(0.0, 100.0) as u8
}

#[allow(clippy::needless_pass_by_value, reason = "the signature of map_err")]
fn failed(error: tesseract_rs::TesseractError) -> OcrError {
    OcrError::Failed(error.to_string())
}

fn load(model: &[u8], language: &str, mode: i32) -> Result<TesseractAPI, OcrError> {
    let api = TesseractAPI::new();
    let size =
        i32::try_from(model.len()).map_err(|_| OcrError::Failed(format!("the model {language} is too large")))?;
    api.init_5(model, size, language, mode, &[])
        .map_err(|_| OcrError::Failed(format!("the model {language} is damaged or of another version")))?;
    Ok(api)
}

fn read_model(folder: &Path, language: &str) -> Result<Option<Vec<u8>>, OcrError> {
    // A language becomes part of a path: it must be a plain name.
    if language.is_empty() || !language.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(OcrError::Failed(format!("{language:?} is not the name of a language")));
    }
    let name = format!("{language}.traineddata");
    let Some(path) = folders(folder).into_iter().map(|folder| folder.join(&name)).find(|path| path.is_file()) else {
        return Ok(None);
    };
    fs::read(&path).map(Some).map_err(|error| OcrError::Failed(format!("{}: {error}", path.display())))
}

fn folders(configured: &Path) -> Vec<PathBuf> {
    if configured.as_os_str().is_empty() {
        SYSTEM_FOLDERS.iter().map(PathBuf::from).collect()
    } else {
        vec![configured.to_owned()]
    }
}

fn missing(folder: &Path, language: &str) -> OcrError {
    let package = format!("tesseract-ocr-{}", language.replace('_', "-"));
    let place = if folder.as_os_str().is_empty() { SYSTEM_FOLDERS[0].to_owned() } else { folder.display().to_string() };
    OcrError::MissingModel(format!(
        "no model {language}.traineddata in {place}: install the Debian package {package}, set ocr.tessdata, or take {language} out of \
         ocr.languages or ocr.other_languages"
    ))
}

fn short_hash(model: &[u8]) -> String {
    blake3::hash(model).to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn a_missing_model_is_named_with_its_debian_package() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::defaults().ocr;
        settings.tessdata = folder.path().to_owned();
        settings.languages = vec!["chi_sim".to_owned()];
        let Err(OcrError::MissingModel(message)) = Tesseract::new(&settings) else { panic!("must miss its model") };
        assert!(message.contains("tesseract-ocr-chi-sim"), "{message}");
    }

    #[test]
    fn a_language_cannot_leave_the_models_folder() {
        assert!(read_model(Path::new("/models"), "../eng").is_err());
    }

    #[test]
    fn blanks_between_words_come_from_the_text_of_the_line() {
        let mut rest = "国家秘密 保密".to_owned();
        assert!(!take_word(&mut rest, "国家"));
        assert!(!take_word(&mut rest, "秘密"));
        assert!(take_word(&mut rest, "保密"));
    }

    #[test]
    fn turns_undo_what_the_library_reports() {
        assert_eq!([0, 90, 180, 270].map(turns_to_upright), [0, 3, 2, 1]);
    }

    #[test]
    fn tesseract_reads_nothing_from_white_and_keeps_its_fingerprint() {
        let settings = Settings::defaults().ocr;
        let mut engine = Tesseract::new(&settings).expect("models are installed");
        let white = GrayImage::from_pixel(400, 300, image::Luma([255]));
        assert!(engine.recognize(&white, "eng", Layout::Page).expect("reads").is_empty());
        assert_eq!(engine.fingerprint(), Tesseract::new(&settings).expect("models").fingerprint());
        assert!(engine.fingerprint().contains("eng:"));
    }
}
