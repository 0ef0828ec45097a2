//! Lines in scripts that the networks do not know: a second reader tries the longest of them in each of its languages, and the
//! language that reads them surely reads all of them.

use super::super::tesseract::{Layout, Recognizer};
use super::super::{OcrError, reading};
use super::Eyes;
use super::found::{Found, LEAST_CONFIDENCE, lone_words};
use super::picture::Picture;
use super::recognize::{self, Glyph, Reading};
use super::rect::Tilted;

/// Lines that tell the language, and how much of them, in heights.
const TRIAL_LINES: usize = 2;
const TRIAL_LENGTH: f32 = 30.0;
/// Unread lines shorter than this together, in heights, are scraps: a logo, a signature, a speck taken for a line.
const LEAST_LENGTH: f32 = 3.0;
/// A language must read a trial as surely as this, and lines that count as examined. One of another script, and what is no
/// writing, reads below it.
pub(super) const SURE: f32 = 0.75;
/// Letters of its own that a language must read in a trial, and in each line: scraps are read as figures, or as a lone letter.
const TRIAL_LETTERS: usize = 4;
const LINE_LETTERS: usize = 2;
/// Pixels of a line's height for the second reader, and around it.
const HEIGHT: u32 = 48;
const MARGIN: u32 = 12;
/// Latin letters that other scripts have the like of: what is made of these alone may have been read in the wrong one.
const ALIKE: &str = "ABCEHIKMOPSTXYaceiopsxy";

/// Reads what was not read in the languages of the second reader. Says by how many clockwise quarter turns the page lies further
/// off than was thought: only a reader of its script can tell.
pub(super) fn read(eyes: &mut dyn Eyes, picture: &Picture, found: &mut [Found]) -> Result<i8, OcrError> {
    let mut languages = eyes.languages().to_vec();
    let mut turned = 0;
    loop {
        let unread = unread(picture, found);
        if unread.iter().map(|&index| found[index].length()).sum::<f32>() < LEAST_LENGTH {
            return Ok(turned);
        }
        let Some((at, turns)) = language(eyes, picture, found, &unread, &languages)? else { return Ok(turned) };
        let language = languages.swap_remove(at);
        let mostly = mostly_unread(found, &unread);
        turned += if mostly { turns } else { 0 };
        // Also what is too short to look like text: marks are. Lines over the limit of a page have no reading.
        let is_candidate = |line: &Found| {
            line.reading.is_some() && line.language.is_none() && (!line.is_trusted() || mostly && is_alike(line))
        };
        for line in found.iter_mut().filter(|line| is_candidate(line)) {
            let place = line.place.rect.turned(turns);
            let reading = eyes.read_in(picture, &place, &language)?;
            // What was read as writing more surely stays: a Latin stamp on a page of another script.
            let surer = !line.is_writing() || reading.confidence() > line.confidence() || is_alike(line);
            let least = if line.is_trusted() { SURE } else { LEAST_CONFIDENCE };
            if surer && reading.confidence() >= least && own_letters(&reading) >= LINE_LETTERS {
                line.unexplained = recognize::unexplained(picture, &place, &reading);
                line.place.rect = place;
                line.reading = Some(reading);
                line.language = Some(language.clone());
            }
        }
    }
}

/// Lines and words that look like text and count as unread, the longest first.
fn unread(picture: &Picture, found: &[Found]) -> Vec<usize> {
    let is_unread = |line: &Found| !line.is_trusted() && line.looks_like_text(picture);
    let lines = (0..found.len()).filter(|&index| is_unread(&found[index]));
    let mut unread: Vec<usize> = lines.chain(lone_words(found, picture)).collect();
    unread.retain(|&index| found[index].language.is_none());
    unread.sort_by(|&a, &b| found[b].length().total_cmp(&found[a].length()));
    unread
}

/// The language that reads the longest lines surest, if it reads them surely, and by how many quarter turns they lie off.
fn language(
    eyes: &mut dyn Eyes,
    picture: &Picture,
    found: &[Found],
    unread: &[usize],
    languages: &[String],
) -> Result<Option<(usize, i8)>, OcrError> {
    for turns in [0, 2] {
        let mut best = (None, SURE);
        for (at, language) in languages.iter().enumerate() {
            let mut all = Reading::default();
            for &index in unread.iter().take(TRIAL_LINES) {
                let place = found[index].place.rect.turned(turns);
                let place = place.part(0.0, (TRIAL_LENGTH * place.h / place.w.max(1.0)).min(1.0));
                all.glyphs.extend(eyes.read_in(picture, &place, language)?.glyphs);
            }
            if all.confidence() > best.1 && own_letters(&all) >= TRIAL_LETTERS {
                best = (Some((at, turns)), all.confidence());
            }
        }
        if best.0.is_some() {
            return Ok(best.0);
        }
    }
    Ok(None)
}

fn own_letters(reading: &Reading) -> usize {
    reading::own_letters(&reading.characters().collect::<String>())
}

/// Whether more of the page is unread than read.
fn mostly_unread(found: &[Found], unread: &[usize]) -> bool {
    let all: f32 = found.iter().map(Found::length).sum();
    unread.iter().map(|&index| found[index].length()).sum::<f32>() * 2.0 > all
}

/// Whether a line that was read may be in another script for all that.
fn is_alike(line: &Found) -> bool {
    let letters = line.reading.iter().flat_map(Reading::characters).filter(|character| character.is_alphabetic());
    let mut letters = letters.peekable();
    letters.peek().is_some() && letters.all(|letter| ALIKE.contains(letter))
}

/// What the second reader makes of a line.
pub(super) fn read_line(
    reader: &mut dyn Recognizer,
    picture: &Picture,
    place: &Tilted,
    language: &str,
) -> Result<Reading, OcrError> {
    let image = picture.line(place, HEIGHT, MARGIN);
    let (width, margin) = (super::size(image.width() - 2 * MARGIN).max(1.0), super::size(MARGIN));
    let mut reading = Reading::default();
    for word in reader.recognize(&image, language, Layout::Line)?.iter().flat_map(|line| &line.words) {
        let share = |x: f32| ((x - margin) / width).clamp(0.0, 1.0);
        let (from, to) = (share(word.bounds.x), share(word.bounds.right()));
        let probability = f32::from(word.confidence) / 100.0;
        if word.space_before
            && let Some(last) = reading.glyphs.last()
        {
            reading.glyphs.push(Glyph { character: ' ', from: last.to, to: from, ..*last });
        }
        let count = super::size(u32::try_from(word.text.chars().count()).unwrap_or(u32::MAX)).max(1.0);
        let leftwards = word.text.chars().any(runs_left);
        let step = (to - from) / count;
        let mut at = if leftwards { to } else { from };
        for character in word.text.chars() {
            let next = if leftwards { at - step } else { at + step };
            reading.glyphs.push(Glyph { character, probability, from: at.min(next), to: at.max(next) });
            at = next;
        }
    }
    Ok(reading)
}

/// Hebrew, Arabic and their kin.
fn runs_left(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::detect::Place;
    use super::*;

    /// Reads every line surely in one language, if it lies the right way up, and as scraps in others.
    struct Fake {
        languages: Vec<String>,
        knows: &'static str,
        upright: f32,
    }

    impl Eyes for Fake {
        fn glance(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(Vec::new())
        }

        fn places(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(Vec::new())
        }

        fn read(&mut self, _: &Picture, _: &Tilted) -> Result<Reading, OcrError> {
            panic!("lines were read before")
        }

        fn languages(&self) -> &[String] {
            &self.languages
        }

        fn read_in(&mut self, _: &Picture, place: &Tilted, language: &str) -> Result<Reading, OcrError> {
            let knows = language == self.knows && (place.angle - self.upright).cos() > 0.9;
            Ok(reading("секретно", if knows { 0.95 } else { 0.4 }))
        }
    }

    fn reading(text: &str, probability: f32) -> Reading {
        let glyph = |character| Glyph { character, probability, from: 0.0, to: 1.0 };
        Reading { glyphs: text.chars().map(glyph).collect() }
    }

    fn line(row: u8, text: &str, probability: f32) -> Found {
        let y = 30.0 + 30.0 * f32::from(row);
        let place = Place { rect: Tilted { x: 200.0, y, w: 300.0, h: 20.0, angle: 0.0 }, score: 0.9 };
        Found { reading: Some(reading(text, probability)), ..Found::unread(place) }
    }

    fn read_with(upright: f32, lines: &mut [Found]) -> (i8, Vec<String>) {
        let languages = ["ukr", "rus"].map(str::to_owned).to_vec();
        let mut fake = Fake { languages, knows: "rus", upright };
        let picture = Picture::owned(RgbImage::from_pixel(400, 300, Rgb([250; 3])), 1.0);
        let turned = read(&mut fake, &picture, lines).expect("the fake never fails");
        let text = |line: &Found| line.reading.iter().flat_map(Reading::characters).collect();
        (turned, lines.iter().map(text).collect())
    }

    #[test]
    fn unread_lines_are_read_in_the_language_that_reads_them_surely_and_others_stay() {
        let mut lines = [line(0, "harbour", 0.99), line(1, "o6", 0.6), line(2, "harbour", 0.99)];
        assert_eq!(read_with(0.0, &mut lines), (0, ["harbour", "секретно", "harbour"].map(str::to_owned).to_vec()));
        assert!(lines[1].is_trusted() && lines[1].language.as_deref() == Some("rus"));
    }

    #[test]
    fn lines_that_look_alike_are_read_again_where_most_of_the_page_is_in_another_script() {
        let mut lines = [line(0, "CEKPETHO", 0.99), line(1, "o6", 0.6), line(2, "o6", 0.6)];
        assert_eq!(read_with(0.0, &mut lines).1, ["секретно"; 3]);
        let mut lines = [line(0, "CEKPETHO", 0.99), line(1, "o6", 0.6), line(2, "harbour", 0.99)];
        assert_eq!(read_with(0.0, &mut lines).1, ["CEKPETHO", "секретно", "harbour"]);
    }

    #[test]
    fn what_was_read_more_surely_as_writing_stays() {
        let mut lines = [line(0, "SECRET", 0.96), line(1, "o6", 0.6), line(2, "o6", 0.6)];
        lines[0].unexplained = 0.5;
        assert_eq!(read_with(0.0, &mut lines).1, ["SECRET", "секретно", "секретно"]);
    }

    #[test]
    fn figures_and_lone_letters_are_no_other_script() {
        assert_eq!(
            ["85 95", "a", "я", "№ 6 Я", "да 1", "harbour да"].map(|text| own_letters(&reading(text, 0.9))),
            [0, 0, 1, 1, 2, 0]
        );
    }

    #[test]
    fn a_page_on_its_head_is_turned_by_the_reader_of_its_script() {
        let mut lines = [line(0, "o6", 0.6), line(1, "o6", 0.6)];
        assert_eq!(read_with(std::f32::consts::PI, &mut lines), (2, ["секретно"; 2].map(str::to_owned).to_vec()));
        assert!((lines[0].place.rect.angle.cos() + 1.0).abs() < 0.01);
    }

    #[test]
    fn what_no_language_reads_surely_stays_unread() {
        let mut lines = [line(0, "o6", 0.6), line(1, "o6", 0.6)];
        assert_eq!(read_with(std::f32::consts::FRAC_PI_2, &mut lines), (0, ["o6"; 2].map(str::to_owned).to_vec()));
        assert!(!lines[0].is_trusted());
    }
}
