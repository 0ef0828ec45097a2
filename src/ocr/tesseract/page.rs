//! Reads a page: prepares it, chooses language and orientation, reads it, and looks a second time at what stayed unread.
//!
//! A first reading is not believed for its confidence alone, because missing text has none: letters that no word covers
//! count as unread, and a page that reads poorly is tried another way up and in another language. The better reading is
//! kept by its score. The same image always gives the same answer.

use image::{DynamicImage, GrayImage, Luma};

use super::super::components::Component;
use super::super::raster::{pixels, size};
use super::super::{Line, OcrError, Recognition, reading};
use super::prepare::{Prepared, Source};
use super::structure::{self, TextLine};
use super::{Layout, Recognizer, red, trial};
use crate::config::OcrSettings;
use crate::document::Rect;

/// Below this mean confidence a reading is poor.
const POOR_CONFIDENCE: f32 = 70.0;
/// Above this share of uncovered letters a reading is poor.
const POOR_COVERAGE: f32 = 0.4;
/// Unread letters in lines, by share, that are worth a second look.
const SECOND_LOOK: f32 = 0.02;
/// Words below this confidence are looked at again.
const DOUBTFUL: u8 = 60;

/// One prepared page and the best reading of it so far.
pub(super) struct Attempt {
    pub page: Prepared,
    pub language: String,
    pub lines: Vec<Line>,
}

/// Reads a whole page. A blank one costs no engine call. `dpi` is that of the input image, where it is known.
pub fn read_page(
    engine: &mut dyn Recognizer,
    image: &DynamicImage,
    settings: &OcrSettings,
    dpi: Option<f32>,
) -> Result<Recognition, OcrError> {
    let source = Source::new(image, dpi);
    if source.blank {
        return Ok(Recognition::default());
    }
    let page = source.prepare(u8::from(source.lies_on_side()), settings.page_height);
    let language = trial::language(engine, &page)?;
    let page = upright(engine, &source, page, &language, settings)?;
    let mut attempt = Attempt::read(engine, page, language, settings)?;
    if attempt.is_poor() {
        attempt = rescue(engine, &source, attempt, settings)?;
    }
    second_look(engine, &mut attempt, settings)?;
    red::add(engine, image, &mut attempt, settings)?;
    Ok(attempt.finish())
}

/// Reads a part of a page that holds a block of text: no search for orientation, and the language where it is known.
pub fn read_region(
    engine: &mut dyn Recognizer,
    image: &DynamicImage,
    settings: &OcrSettings,
    language: Option<&str>,
) -> Result<Recognition, OcrError> {
    let source = Source::new(image, None);
    if source.blank {
        return Ok(Recognition::default());
    }
    let page = source.prepare(0, settings.page_height);
    let wanted = match language {
        Some(language) => language.to_owned(),
        None => trial::language(engine, &page)?,
    };
    let lines = recognize(engine, &page.image, &wanted, region_layout(&page, &wanted), settings)?;
    let mut best = Attempt { page, language: wanted, lines };
    if language.is_none() && best.is_poor() {
        let mut others = engine.languages().to_vec();
        others.retain(|other| *other != best.language);
        for other in others {
            let layout = region_layout(&best.page, &other);
            let lines = recognize(engine, &best.page.image, &other, layout, settings)?;
            if reading::score(&lines) > reading::score(&best.lines) {
                best = Attempt { language: other, lines, ..best };
            }
        }
    }
    Ok(best.finish())
}

/// A few lines are a block; Chinese text of many lines is read far better as a page.
fn region_layout(page: &Prepared, language: &str) -> Layout {
    if trial::is_dense(language) && page.lines.len() > 6 { Layout::Page } else { Layout::Block }
}

/// A page on its side has two ways up; a trial tells.
fn upright(
    engine: &mut dyn Recognizer,
    source: &Source,
    page: Prepared,
    language: &str,
    settings: &OcrSettings,
) -> Result<Prepared, OcrError> {
    if page.quarter_turns % 2 == 1 && trial::is_upside_down(engine, &page, language)? {
        return Ok(source.prepare(page.quarter_turns + 2, settings.page_height));
    }
    Ok(page)
}

fn recognize(
    engine: &mut dyn Recognizer,
    image: &GrayImage,
    language: &str,
    layout: Layout,
    settings: &OcrSettings,
) -> Result<Vec<Line>, OcrError> {
    let mut lines = engine.recognize(image, language, layout)?;
    reading::drop_doubtful(&mut lines, settings.min_word_confidence);
    Ok(lines)
}

/// Tries a poor page another way up, and in the other languages.
fn rescue(
    engine: &mut dyn Recognizer,
    source: &Source,
    mut best: Attempt,
    settings: &OcrSettings,
) -> Result<Attempt, OcrError> {
    // Before the page is turned: what no language knows may look upright on its head.
    best = in_other_language(engine, best, settings)?;
    let turns = if best.is_poor() { other_way_up(engine, &best)? } else { 0 };
    if turns != 0 {
        let page = source.prepare((best.page.quarter_turns + turns) % 4, settings.page_height);
        let language = trial::language(engine, &page)?;
        best = best.or_better(Attempt::read(engine, page, language, settings)?);
    }
    best = in_other_language(engine, best, settings)?;
    if best.is_poor() && engine.languages().len() > 1 {
        let languages = engine.languages().to_vec();
        let language = trial::best_of(engine, &best.page, &languages.iter().collect::<Vec<_>>())?;
        if language != best.language {
            let lines = recognize(engine, &best.page.image, &language, Layout::Page, settings)?;
            if reading::score(&lines) > reading::score(&best.lines) {
                best = Attempt { language, lines, ..best };
            }
        }
    }
    Ok(best)
}

/// Reads a poor page in the other language that reads its longest lines surely, if there is one.
fn in_other_language(engine: &mut dyn Recognizer, best: Attempt, settings: &OcrSettings) -> Result<Attempt, OcrError> {
    if !best.is_poor() {
        return Ok(best);
    }
    match trial::other(engine, &best.page)? {
        Some(language) => {
            let lines = recognize(engine, &best.page.image, &language, Layout::Page, settings)?;
            // Surer, not longer: what is read in a wrong script has as many letters.
            let surer = reading::confidence(&lines) > reading::confidence(&best.lines);
            Ok(if surer { Attempt { language, lines, ..best } } else { best })
        }
        None => Ok(best),
    }
}

/// Quarter turns that a poor page probably needs: by a trial of its lines, else by the engine's own detection.
fn other_way_up(engine: &mut dyn Recognizer, attempt: &Attempt) -> Result<u8, OcrError> {
    if trial::is_upside_down(engine, &attempt.page, &attempt.language)? {
        return Ok(2);
    }
    Ok(engine
        .orientation(&attempt.page.image)?
        .filter(|(_, confidence)| *confidence > 1.0)
        .map_or(0, |(turns, _)| turns))
}

/// Paints over what was read with confidence and reads the rest, words anywhere.
fn second_look(engine: &mut dyn Recognizer, attempt: &mut Attempt, settings: &OcrSettings) -> Result<(), OcrError> {
    if attempt.unread_lines().1 >= SECOND_LOOK {
        let lines = recognize(engine, &attempt.leftover(), &attempt.language, Layout::Sparse, settings)?;
        reading::add(&mut attempt.lines, lines);
    }
    other_script(engine, attempt, settings)
}

/// Reads lines of the other script in a language of it: a Chinese mark on an English form, an English paragraph on a Chinese
/// page. Doubtful lines show by their strokes; a Han engine reads Latin well enough not to doubt it, but without blanks.
fn other_script(engine: &mut dyn Recognizer, attempt: &mut Attempt, settings: &OcrSettings) -> Result<(), OcrError> {
    let dense = trial::is_dense(&attempt.language);
    let Some(language) = engine.languages().iter().find(|name| trial::is_dense(name) != dense).cloned() else {
        return Ok(());
    };
    let held = if dense { reading::take_latin(&mut attempt.lines) } else { Vec::new() };
    let doubtful = attempt.doubtful_lines();
    let strokes = structure::strokes(&attempt.page.image, attempt.page.threshold, &doubtful);
    let other = strokes.is_some_and(|strokes| if dense { strokes < trial::LATIN } else { strokes > trial::HAN });
    if other || !held.is_empty() {
        let layout = if doubtful.len() > 4 { Layout::Page } else { Layout::Sparse };
        let lines = recognize(engine, &attempt.leftover(), &language, layout, settings)?;
        reading::add(&mut attempt.lines, lines);
        reading::add(&mut attempt.lines, held);
    }
    Ok(())
}

impl Attempt {
    fn read(
        engine: &mut dyn Recognizer,
        page: Prepared,
        language: String,
        settings: &OcrSettings,
    ) -> Result<Self, OcrError> {
        let lines = recognize(engine, &page.image, &language, Layout::Page, settings)?;
        Ok(Self { page, language, lines })
    }

    fn is_poor(&self) -> bool {
        reading::confidence(&self.lines).is_none_or(|confidence| confidence < POOR_CONFIDENCE)
            || self.unread_lines().1 > POOR_COVERAGE
    }

    fn or_better(self, other: Self) -> Self {
        if reading::score(&other.lines) > reading::score(&self.lines) { other } else { self }
    }

    /// Lines of letters that no word covers, and their share of all letters in lines.
    fn unread_lines(&self) -> (Vec<TextLine>, f32) {
        let lines = self.lines_of(&reading::uncovered(&self.page.letters, &self.lines));
        let count = |lines: &[TextLine]| lines.iter().map(|line| line.pieces).sum::<usize>();
        let all = self.page.lines.iter().filter(|line| line.pieces >= 3).map(|line| line.pieces).sum::<usize>();
        #[allow(clippy::cast_precision_loss, reason = "numbers of letters")]
        let share = count(&lines) as f32 / all.max(count(&lines)).max(1) as f32;
        (lines, share)
    }

    /// Lines of letters that no sure word covers.
    fn doubtful_lines(&self) -> Vec<TextLine> {
        let mut sure = self.lines.clone();
        reading::keep_sure(&mut sure, DOUBTFUL);
        self.lines_of(&reading::uncovered(&self.page.letters, &sure))
    }

    fn lines_of(&self, letters: &[Component]) -> Vec<TextLine> {
        let mut lines = structure::lines(letters, self.page.letter_height);
        lines.retain(|line| line.pieces >= 3);
        lines
    }

    /// The page with everything painted white that was read with confidence.
    fn leftover(&self) -> GrayImage {
        let mut image = self.page.image.clone();
        for word in reading::words(&self.lines).filter(|word| word.confidence >= DOUBTFUL) {
            paint(&mut image, &word.bounds);
        }
        image
    }

    fn finish(mut self) -> Recognition {
        let unread = self.unread_lines().1;
        reading::map(&mut self.lines, &self.page.to_input);
        Recognition {
            text: reading::text(&self.lines),
            confidence: reading::confidence(&self.lines).map(reading::percent),
            language: self.language,
            quarter_turns: self.page.quarter_turns,
            skew_degrees: self.page.skew_degrees,
            unread,
            beyond: Vec::new(),
            ..Recognition::default()
        }
    }
}

fn paint(image: &mut GrayImage, rect: &Rect) {
    let (width, height) = image.dimensions();
    let left = pixels(rect.x + 1.0) - 1;
    let top = pixels(rect.y + 1.0) - 1;
    let right = pixels(size(left) + rect.w + 2.0).min(width);
    let bottom = pixels(size(top) + rect.h + 2.0).min(height);
    for y in top.min(height)..bottom {
        for x in left.min(width)..right {
            image.put_pixel(x, y, Luma([255]));
        }
    }
}
