//! What an engine read, judged and joined: scores, two readings made one, and lines made text.
//!
//! Nothing here looks at pixels. The score of a reading is the number of characters that are probably right; by it two
//! readings of the same image compare, whatever made them.

use super::affine::Affine;
use super::components::Component;
use super::raster::size;
use super::{Line, RecognizedWord};
use crate::document::{Origin, Rect, Text};
use crate::script::is_han;

/// Characters that are probably right. Han characters count twice: they take the room of two letters, and a Latin engine
/// makes two letters of one.
pub(super) fn score(lines: &[Line]) -> f32 {
    words(lines).map(|word| weight(&word.text) * credit(word.confidence)).sum()
}

/// The mean confidence, by characters; none without words.
pub(super) fn confidence(lines: &[Line]) -> Option<f32> {
    let (mut sum, mut total) = (0.0, 0.0);
    for word in words(lines) {
        let weight = weight(&word.text).max(0.5);
        sum += f32::from(word.confidence) * weight;
        total += weight;
    }
    (total > 0.0).then(|| sum / total)
}

/// A confidence as a whole number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
pub(super) fn percent(value: f32) -> u8 {
    value.round().clamp(0.0, 100.0) as u8
}

/// Words of this confidence are writing.
const SURE_WORD: u8 = 80;

/// All words.
pub(super) fn words(lines: &[Line]) -> impl Iterator<Item = &RecognizedWord> {
    lines.iter().flat_map(|line| &line.words)
}

/// Letters and digits, Han twice.
pub(super) fn weight(text: &str) -> f32 {
    text.chars().map(|c| if is_east_asian(c) { 2.0 } else { f32::from(u8::from(c.is_alphanumeric())) }).sum()
}

/// Letters that are not Latin; none if most are.
pub(super) fn own_letters(text: &str) -> usize {
    let letters = || text.chars().filter(|character| character.is_alphabetic());
    let own = letters().filter(|letter| !letter.is_ascii()).count();
    if own * 2 >= letters().count() { own } else { 0 }
}

/// How far a confidence is to be believed: words below 40 are as good as noise.
fn credit(confidence: u8) -> f32 {
    ((f32::from(confidence) - 40.0) / 50.0).clamp(0.0, 1.0)
}

/// Han characters, their parts, kana and the punctuation that goes with them: between two of these a blank is an artefact.
pub(super) fn is_east_asian(c: char) -> bool {
    is_han(c) || matches!(c, '\u{2e80}'..='\u{30ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

/// Drops words below a confidence, and lines that have none left. A doubtful word of two or more letters amid a line that is
/// read well is no speck: it stays.
pub(super) fn drop_doubtful(lines: &mut Vec<Line>, least: u8) {
    for line in lines.iter_mut() {
        let (sure, all) = line.words.iter().fold((0.0, 0.0), |(sure, all), word| {
            let weight = weight(&word.text);
            (if word.confidence >= SURE_WORD { sure + weight } else { sure }, all + weight)
        });
        let sure = sure > all * 0.6;
        line.words.retain(|word| {
            let believed = word.confidence >= least || sure && weight(&word.text) >= 2.0;
            believed && word.bounds.w > 0.0 && word.bounds.h > 0.0
        });
    }
    lines.retain(|line| !line.words.is_empty());
}

/// Keeps words of at least a confidence.
pub(super) fn keep_sure(lines: &mut Vec<Line>, least: u8) {
    lines.iter_mut().for_each(|line| line.words.retain(|word| word.confidence >= least));
    lines.retain(|line| !line.words.is_empty());
}

/// Takes out the lines that are Latin writing, not numbers or single words.
pub(super) fn take_latin(lines: &mut Vec<Line>) -> Vec<Line> {
    let is_latin = |line: &mut Line| {
        let characters = || line.words.iter().flat_map(|word| word.text.chars());
        let latin = characters().filter(char::is_ascii_alphabetic).count();
        latin >= 10 && latin * 5 >= characters().filter(|c| c.is_alphanumeric()).count() * 4
    };
    lines.extract_if(.., is_latin).collect()
}

/// Moves all words by a map.
pub(super) fn map(lines: &mut [Line], to: &Affine) {
    for word in lines.iter_mut().flat_map(|line| &mut line.words) {
        word.bounds = to.bounds(&word.bounds);
    }
}

/// The rectangle around a line; none without words.
pub(super) fn line_bounds(line: &Line) -> Option<Rect> {
    line.words.iter().map(|word| word.bounds).reduce(|a, b| a.union(&b))
}

/// Adds to a reading what another one has besides. Where both have words, those with the higher score stay.
pub(super) fn add(first: &mut Vec<Line>, second: Vec<Line>) {
    for mut line in second {
        line.words.retain(|word| wins(word, first));
        let Some(bounds) = line_bounds(&line) else { continue };
        for other in first.iter_mut() {
            other.words.retain(|word| !line.words.iter().any(|new| overlap(&word.bounds, &new.bounds) > 0.4));
        }
        first.retain(|line| !line.words.is_empty());
        let at = place(first, &bounds);
        first.insert(at, line);
    }
}

/// Adds lines of another layer of ink, which may lie over those of the first: only what says the same in the same place is
/// left out.
pub(super) fn add_beside(first: &mut Vec<Line>, second: Vec<Line>) {
    for mut line in second {
        line.words.retain(|new| {
            let same = |old: &RecognizedWord| overlap(&old.bounds, &new.bounds) > 0.4 && old.text.contains(&new.text);
            new.confidence >= SURE_BESIDE && weight(&new.text) >= 2.0 && !words(first).any(same)
        });
        let Some(bounds) = line_bounds(&line) else { continue };
        let at = place(first, &bounds);
        first.insert(at, line);
    }
}

/// Words of another layer need this confidence: there is no ground truth beside them.
const SURE_BESIDE: u8 = 40;

/// Whether a new word is better than all old words that lie where it lies.
fn wins(new: &RecognizedWord, old: &[Line]) -> bool {
    let mut there = words(old).filter(|word| overlap(&word.bounds, &new.bounds) > 0.4).peekable();
    if there.peek().is_none() {
        return true;
    }
    let old: f32 = there.map(|word| weight(&word.text) * credit(word.confidence)).sum();
    weight(&new.text) * credit(new.confidence) > old * 1.1
}

/// The shared part of two rectangles, as a share of the smaller one.
pub(super) fn overlap(a: &Rect, b: &Rect) -> f32 {
    a.intersection(b).area() / a.area().min(b.area()).max(1.0)
}

/// Where a line belongs among lines in reading order: before the first one below it in its own columns.
fn place(lines: &[Line], bounds: &Rect) -> usize {
    let middle = bounds.y + bounds.h / 2.0;
    let below = |line: &Line| {
        line_bounds(line).is_some_and(|other| {
            let same_row = other.y < middle && other.bottom() > middle;
            let beside = other.x < bounds.right() && other.right() > bounds.x;
            if same_row { other.x >= bounds.right() } else { other.y >= middle && beside }
        })
    };
    lines.iter().position(below).unwrap_or(lines.len())
}

/// Lines as text, with words in the units of the lines. Blanks between Han characters are left out, and those in numbers of documents.
pub(super) fn text(lines: &[Line]) -> Text {
    let mut text = Text::default();
    for line in lines {
        for (index, word) in line.words.iter().enumerate() {
            let last = text.content.chars().next_back();
            // The number of a document goes on behind its year: `〔2026〕286號`.
            let is_number = last == Some('〕') && word.text.starts_with(|first: char| first.is_ascii_digit());
            let joined = is_number || last.is_some_and(is_east_asian) && word.text.starts_with(is_east_asian);
            let separator = match index {
                0 if text.content.is_empty() => "",
                0 => "\n",
                _ if word.space_before && !joined => " ",
                _ => "",
            };
            text.push_word(separator, &word.text, word.bounds, word.confidence, Origin::Ocr);
        }
    }
    text
}

/// The letters that no word covers: their middle lies in no word's box.
pub(super) fn uncovered(letters: &[Component], lines: &[Line]) -> Vec<Component> {
    let boxes = Boxes::new(lines);
    let read = |letter: &Component| {
        let (x, y) = letter.centre();
        boxes.hold(x, y)
    };
    letters.iter().filter(|letter| !read(letter)).copied().collect()
}

/// Boxes of words, sorted into bands of rows so that looking one up does not pass all.
struct Boxes {
    bands: Vec<Vec<Rect>>,
}

/// Rows of a band.
const BAND: f32 = 32.0;

impl Boxes {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to integer saturates; bounded")]
    fn new(lines: &[Line]) -> Self {
        let mut bands: Vec<Vec<Rect>> = Vec::new();
        for word in words(lines) {
            let (first, last) =
                ((word.bounds.y / BAND) as usize, (word.bounds.bottom() / BAND).min(size(4096)) as usize);
            for band in first..=last {
                if bands.len() <= band {
                    bands.resize_with(band + 1, Vec::new);
                }
                bands[band].push(word.bounds);
            }
        }
        Self { bands }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to integer saturates")]
    fn hold(&self, x: f32, y: f32) -> bool {
        let inside = |b: &Rect| b.x <= x && x <= b.right() && b.y <= y && y <= b.bottom();
        self.bands.get((y / BAND) as usize).is_some_and(|band| band.iter().any(inside))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, x: f32, y: f32, confidence: u8) -> RecognizedWord {
        RecognizedWord {
            text: text.to_owned(),
            bounds: Rect { x, y, w: 40.0, h: 20.0 },
            confidence,
            space_before: true,
        }
    }

    fn line(words: Vec<RecognizedWord>) -> Line {
        Line { words }
    }

    #[test]
    fn blanks_between_han_characters_are_joined_and_others_stay() {
        let lines = [line(vec![word("国家", 0.0, 0.0, 90), word("秘密", 50.0, 0.0, 90), word("top", 100.0, 0.0, 90)])];
        let text = text(&lines);
        assert_eq!(text.content, "国家秘密 top");
        assert_eq!(&text.content[text.words[1].start as usize..text.words[1].end as usize], "秘密");
        let number = ["發〔", "2026", "〕", "286", "號"].map(|part| word(part, 0.0, 0.0, 90)).to_vec();
        assert!(super::text(&[line(number)]).content.ends_with("〕286 號"));
    }

    #[test]
    fn a_second_reading_adds_what_is_missing_where_it_belongs() {
        let mut first = vec![line(vec![word("one", 0.0, 0.0, 90)]), line(vec![word("three", 0.0, 80.0, 90)])];
        add(&mut first, vec![line(vec![word("two", 0.0, 40.0, 80)]), line(vec![word("0ne", 0.0, 0.0, 60)])]);
        assert_eq!(text(&first).content, "one\ntwo\nthree");
    }

    #[test]
    fn a_better_second_reading_of_a_word_replaces_it() {
        let mut first = vec![line(vec![word("5ecr#", 0.0, 0.0, 30)])];
        add(&mut first, vec![line(vec![word("secret", 2.0, 0.0, 90)])]);
        assert_eq!(text(&first).content, "secret");
    }

    #[test]
    fn noise_scores_nothing() {
        assert!(score(&[line(vec![word("xqj", 0.0, 0.0, 30)])]) < 0.1);
        assert!(score(&[line(vec![word("机密", 0.0, 0.0, 90)])]) > 3.9);
    }

    #[test]
    fn letters_outside_all_words_are_unread() {
        let at = |top| Component { left: 5, top, right: 13, bottom: top + 10, ink: 40 };
        let unread = uncovered(&[at(5), at(105)], &[line(vec![word("a", 0.0, 0.0, 90)])]);
        assert_eq!(unread, [at(105)]);
    }
}
