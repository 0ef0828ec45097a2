//! Cheap answers before the whole page is read: which language, which way up.
//!
//! The strokes that a column of writing crosses tell Latin from Han without reading anything. Where they are in doubt, a
//! few of the longest lines are cut out, stacked, and read in each language, or both ways up; the better score decides.
//! Answers depend on nothing but the image.

use std::cmp::Reverse;

use image::{GrayImage, Luma};

use super::super::raster::{pixels, size};
use super::super::{OcrError, reading};
use super::prepare::Prepared;
use super::structure::{self, TextLine};
use super::{Layout, Recognizer};

/// Lines in a trial.
const LINES: usize = 3;
/// Columns of a trial: the beginning of a long line is as telling as the whole.
const MOST_COLUMNS: u32 = 1200;
/// Fewer strokes a column than this are Latin.
pub(super) const LATIN: f32 = 1.75;
/// More strokes a column than this are Han.
pub(super) const HAN: f32 = 2.05;
/// The confidence from which on another language has read a trial surely; of another script, none reads so.
const SURE: f32 = 75.0;
/// Letters of its own that it must have read.
const OWN_LETTERS: usize = 4;
/// How much better a trial must be to overturn the first answer.
const MARGIN: f32 = 1.3;

/// Whether a language is written with many strokes to the square: Han, kana, hangul.
pub(super) fn is_dense(language: &str) -> bool {
    ["chi", "jpn", "kor"].iter().any(|family| language.starts_with(family))
}

/// The language of a page, by its strokes, or by a trial where they are in doubt.
pub(super) fn language(engine: &mut dyn Recognizer, page: &Prepared) -> Result<String, OcrError> {
    let languages = engine.languages().to_vec();
    let [first, others @ ..] = languages.as_slice() else {
        return Err(OcrError::Failed("no language is loaded".to_owned()));
    };
    if others.is_empty() {
        return Ok(first.clone());
    }
    let strokes = structure::strokes(&page.image, page.threshold, &page.lines);
    let candidates: Vec<&String> = match strokes {
        Some(strokes) if strokes < LATIN => languages.iter().filter(|name| !is_dense(name)).collect(),
        Some(strokes) if strokes > HAN => languages.iter().filter(|name| is_dense(name)).collect(),
        _ => Vec::new(),
    };
    match candidates.as_slice() {
        [only] => Ok((*only).clone()),
        [] => best_of(engine, page, &languages.iter().collect::<Vec<_>>()),
        several => best_of(engine, page, several),
    }
}

/// The language in which a trial reads best; ties go to the earlier one.
pub(super) fn best_of(engine: &mut dyn Recognizer, page: &Prepared, languages: &[&String]) -> Result<String, OcrError> {
    let strip = strip(page);
    let mut best: Option<(&String, f32)> = None;
    for language in languages {
        let score = score(engine, &strip, language)?;
        if best.is_none_or(|(_, highest)| score > highest * 1.02) {
            best = Some((language, score));
        }
    }
    best.map(|(language, _)| language.clone()).ok_or_else(|| OcrError::Failed("no language is loaded".to_owned()))
}

/// The other language that reads a trial surest, if it reads it surely.
pub(super) fn other(engine: &mut dyn Recognizer, page: &Prepared) -> Result<Option<String>, OcrError> {
    let strip = strip(page);
    let mut best = (None, SURE);
    for language in engine.others().to_vec() {
        let lines = engine.recognize(&strip, &language, Layout::Block)?;
        let confidence = reading::confidence(&lines).unwrap_or_default();
        let text: String = reading::words(&lines).map(|word| word.text.as_str()).collect();
        if confidence > best.1 && reading::own_letters(&text) >= OWN_LETTERS {
            best = (Some(language), confidence);
        }
    }
    Ok(best.0)
}

/// Whether a page reads clearly better upside down.
pub(super) fn is_upside_down(engine: &mut dyn Recognizer, page: &Prepared, language: &str) -> Result<bool, OcrError> {
    let strip = strip(page);
    let upright = score(engine, &strip, language)?;
    let turned = score(engine, &image::imageops::rotate180(&strip), language)?;
    Ok(turned > upright * MARGIN + 2.0)
}

fn score(engine: &mut dyn Recognizer, strip: &GrayImage, language: &str) -> Result<f32, OcrError> {
    Ok(reading::score(&engine.recognize(strip, language, Layout::Block)?))
}

/// The longest lines below each other on white; the whole page where there are no lines.
fn strip(page: &Prepared) -> GrayImage {
    let mut longest: Vec<&TextLine> = page.lines.iter().filter(|line| line.pieces >= 4).collect();
    longest.sort_by_key(|line| Reverse(line.pieces));
    longest.truncate(LINES);
    if longest.is_empty() {
        return page.image.clone();
    }
    longest.sort_by(|a, b| a.bounds.y.total_cmp(&b.bounds.y));
    let margin = page.letter_height.max(8.0) * 0.5;
    let heights: f32 = longest.iter().map(|line| line.bounds.h + margin * 3.0).sum();
    let widest = longest.iter().map(|line| line.bounds.w).fold(0.0, f32::max);
    let mut strip = GrayImage::from_pixel(
        pixels(widest + margin * 4.0).min(MOST_COLUMNS),
        pixels(heights + margin * 2.0),
        Luma([255]),
    );
    let mut top = margin * 2.0;
    for line in longest {
        let (left, upper) = ((line.bounds.x - margin).max(0.0), (line.bounds.y - margin / 2.0).max(0.0));
        let width = pixels(line.bounds.w + margin * 2.0).min(MOST_COLUMNS - pixels(margin * 2.0).min(MOST_COLUMNS / 2));
        let cut =
            image::imageops::crop_imm(&page.image, pixels(left), pixels(upper), width, pixels(line.bounds.h + margin));
        image::imageops::replace(&mut strip, &cut.to_image(), i64::from(pixels(margin)), i64::from(pixels(top)));
        top += line.bounds.h + margin * 3.0;
    }
    debug_assert!(size(strip.height()) < 40_000.0);
    strip
}
