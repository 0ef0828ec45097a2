//! From a line's picture to its characters: a network gives, for each narrow step along the line, the probability of every
//! character, and the likeliest of each step are put together (connectionist temporal classification, read greedily).

use super::super::OcrError;
use super::super::raster::{pixels, size};
use super::mend;
use super::network::Network;
use super::picture::Picture;
use super::rect::Tilted;
use super::widths::{self, Widths};

/// Lines are this high for the network.
const HEIGHT: u32 = 48;
/// Lines lower than this, in pixels, have none to lose: fonts of screens, print at 100 dots an inch.
const LEAST_SQUEEZED: f32 = 34.0;
/// Lines that are read less surely than this at less than their width are read again in full.
const SURE_SQUEEZED: f32 = 0.97;
/// A stretched reading counts if it is no less sure by this.
const LESS_SURE: f32 = 0.03;
/// Numbers of so many digits are read again at full width, as are addresses of mail.
const LONG_NUMBER: usize = 9;
/// Gaps between characters that are longer than this, in heights of the line, are looked at for ink.
const LONG_GAP: f32 = 1.2;
/// A column with this much between its lightest and darkest pixel has ink.
const INK: u8 = 64;
/// Pixels of a step.
const STEP: u32 = 8;
/// The narrowest line.
const LEAST_WIDTH: u32 = 24;
/// The widest; longer lines are read in parts.
const MOST_WIDTH: u32 = 2400;
/// Parts of a line; what is longer is squeezed.
const MOST_PARTS: u32 = 12;
/// Steps that hold no character belong to this class.
const BLANK: usize = 0;
/// The logarithm of the odds of a blank against nothing, above which one stands between two Latin characters. On blurred pages
/// the network sees the blanks but prefers nothing: read by these odds, 98 of 100 words stand apart instead of 56.
const HINT_OF_SPACE: f32 = -4.0;
/// Values further below the highest than this add nothing to the sum of a softmax.
const NEGLIGIBLE: f32 = 14.0;
/// Half the width that a character takes at most, in steps: a Han character is as wide as the line is high.
const HALF_CHARACTER: f32 = 3.2;

/// A character that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub character: char,
    /// What the network thinks of it, 0 to 1.
    pub probability: f32,
    /// Where it begins, as a share of the line's width.
    pub from: f32,
    /// Where it ends.
    pub to: f32,
}

/// A line as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub glyphs: Vec<Glyph>,
}

impl Reading {
    /// The mean probability; zero if nothing was read.
    pub(super) fn confidence(&self) -> f32 {
        let seen = self.glyphs.iter().filter(|glyph| glyph.character != ' ');
        let (sum, count) = seen.fold((0.0, 0.0), |(sum, count), glyph| (sum + glyph.probability, count + 1.0));
        if count == 0.0 { 0.0 } else { sum / count }
    }

    /// Readings of a place compare by their sure characters.
    pub(super) fn score(&self) -> f32 {
        let sum: f32 = self.glyphs.iter().map(|glyph| (glyph.probability - 0.5).max(0.0)).sum();
        sum * self.confidence()
    }

    /// Characters that are not blanks.
    pub(super) fn characters(&self) -> impl Iterator<Item = char> {
        self.glyphs.iter().map(|glyph| glyph.character).filter(|character| *character != ' ')
    }
}

/// Reads lines.
pub(super) struct Recognizer {
    network: Network,
    /// By class; the first is the blank.
    characters: Vec<char>,
    /// Of the page's lines.
    widths: Widths,
}

impl Recognizer {
    /// The network's metadata hold its characters.
    pub(super) fn new(network: Network) -> Result<Self, OcrError> {
        let listed = network
            .metadata("character")
            .ok_or_else(|| OcrError::Failed("the recognition model does not say what its characters are".to_owned()))?;
        let mut characters = vec!['\0'];
        characters.extend(listed.lines().filter_map(|line| line.chars().next()));
        characters.push(' ');
        Ok(Self { network, characters, widths: Widths::default() })
    }

    /// Forgets what the lines of the page before told.
    pub(super) fn turn_page(&mut self) {
        self.widths = Widths::default();
    }

    /// Reads the line in a rectangle.
    pub(super) fn read(&mut self, picture: &Picture, place: &Tilted) -> Result<Reading, OcrError> {
        let squeeze = if place.h < LEAST_SQUEEZED { 1.0 } else { self.widths.next() };
        let full = (size(HEIGHT) * place.w / place.h.max(1.0)).min(size(MOST_WIDTH * MOST_PARTS));
        let mut reading = self.read_at(picture, place, full * squeeze)?;
        let steps = full / size(STEP);
        let is_full = squeeze >= 1.0 || !is_sure_squeezed(&reading, steps * squeeze);
        if is_full && squeeze < 1.0 {
            reading = self.read_at(picture, place, full)?;
        }
        if let Some(stretch) = widths::stretch(&reading, steps).filter(|_| is_full) {
            let mut wider = self.read_at(picture, place, full * stretch)?;
            // What loses a letter is read no less surely.
            if wider.confidence() > reading.confidence() - LESS_SURE {
                widths::keep_blanks(&mut wider, &reading);
                reading = wider;
            }
        }
        self.widths.learn(&reading, steps);
        Ok(reading)
    }

    /// Reads it at a width, in pixels of the network's input.
    fn read_at(&mut self, picture: &Picture, place: &Tilted, wanted: f32) -> Result<Reading, OcrError> {
        let mut reading = Reading::default();
        let parts = pixels(wanted).div_ceil(MOST_WIDTH).min(MOST_PARTS);
        let mut from = 0.0;
        for part in 1..=parts {
            let to = if part == parts { 1.0 } else { gap_near(picture, place, size(part) / size(parts)) };
            let read = self.read_part(picture, &place.part(from, to), wanted * (to - from))?;
            let moved = |at: f32| from + at * (to - from);
            reading.glyphs.extend(read.glyphs.iter().map(|glyph| Glyph {
                from: moved(glyph.from),
                to: moved(glyph.to),
                ..*glyph
            }));
            from = to;
        }
        mend::line(&mut reading.glyphs);
        Ok(reading)
    }

    fn read_part(&mut self, picture: &Picture, place: &Tilted, wanted: f32) -> Result<Reading, OcrError> {
        let steps = pixels(wanted / size(STEP));
        let width = (steps * STEP).clamp(LEAST_WIDTH, MOST_WIDTH);
        let planes = picture.cut(place, width, HEIGHT);
        let characters = &self.characters;
        self.network.run(&planes, HEIGHT as usize, width as usize, |shape, values| {
            let fits = shape.last().is_some_and(|classes| usize::try_from(*classes) == Ok(characters.len()));
            fits.then(|| decode(values, characters)).ok_or_else(|| {
                OcrError::Failed("the recognition model and its list of characters do not go together".to_owned())
            })
        })?
    }
}

/// Whether nothing was lost with the width of a line that was read in so many steps. In a number or an address nothing would tell.
fn is_sure_squeezed(reading: &Reading, steps: f32) -> bool {
    reading.confidence() >= SURE_SQUEEZED
        && longest_number(reading) < LONG_NUMBER
        && !reading.glyphs.iter().any(|glyph| glyph.character == '@')
        && !widths::is_crowded(reading, steps)
}

/// The share of a line's width that has ink and no character. Of letters that it does not know, the network says nothing at all,
/// and what it says of the points between them is sure.
pub(super) fn unexplained(picture: &Picture, place: &Tilted, reading: &Reading) -> f32 {
    let least = LONG_GAP * place.h / place.w.max(1.0);
    let mut unexplained = 0.0;
    let mut from = 0.0;
    let seen = reading.glyphs.iter().filter(|glyph| glyph.character != ' ').map(|glyph| (glyph.from, glyph.to));
    let mut seen: Vec<(f32, f32)> = seen.collect();
    // Some scripts run to the left.
    seen.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (start, end) in seen.into_iter().chain([(1.0, 1.0)]) {
        if start - from > least {
            let level = picture.level(&place.part(from, start));
            let inked = (0..level.width()).filter(|&x| spread(&level, x) > INK).count();
            #[allow(clippy::cast_precision_loss, reason = "columns of a line")]
            let share = inked as f32 / size(level.width().max(1));
            unexplained += share * (start - from);
        }
        from = from.max(end);
    }
    unexplained
}

/// How much lighter the lightest pixel of a column is than the darkest.
fn spread(image: &image::RgbImage, x: u32) -> u8 {
    let values = (0..image.height()).map(|y| image.get_pixel(x, y).0[1]);
    let (low, high) = values.fold((u8::MAX, u8::MIN), |(low, high), value| (low.min(value), high.max(value)));
    high.saturating_sub(low)
}

/// Digits of the longest number, blanks between them left out.
fn longest_number(reading: &Reading) -> usize {
    let runs = reading.glyphs.chunk_by(|a, b| is_of_number(a) == is_of_number(b));
    runs.map(|run| run.iter().filter(|glyph| glyph.character.is_ascii_digit()).count()).max().unwrap_or(0)
}

fn is_of_number(glyph: &Glyph) -> bool {
    glyph.character.is_ascii_digit() || glyph.character == ' '
}

/// A place without ink near a share of the line's width, so that no character is cut.
fn gap_near(picture: &Picture, place: &Tilted, share: f32) -> f32 {
    const REACH: f32 = 0.02;
    let window = place.part((share - REACH).max(0.0), (share + REACH).min(1.0));
    let level = picture.level(&window);
    let middle = level.width() / 2;
    let flattest = (0..level.width()).min_by_key(|&x| (spread(&level, x), x.abs_diff(middle))).unwrap_or(middle);
    share - REACH + 2.0 * REACH * (size(flattest) + 0.5) / size(level.width().max(1))
}

/// The likeliest character of each step, without repetitions and blanks.
fn decode(values: &[f32], characters: &[char]) -> Reading {
    let classes = characters.len();
    let steps = values.len() / classes.max(1);
    let mut runs: Vec<(usize, usize, usize, f32)> = Vec::new();
    let mut before = BLANK;
    // The best odds of a blank between two words since the last character, and where.
    let mut gap: Option<(usize, f32)> = None;
    for (step, scores) in values.chunks_exact(classes).enumerate() {
        let class = likeliest(scores);
        if class == BLANK {
            let odds = odds(scores, classes - 1);
            if gap.is_none_or(|(_, best)| odds > best) {
                gap = Some((step, odds));
            }
        } else if class != before {
            let last = runs.last().map(|run| characters[run.0]);
            if let (Some((at, odds)), Some(last)) = (gap.take(), last)
                && odds > HINT_OF_SPACE
                && last.is_ascii_graphic()
                && characters[class].is_ascii_graphic()
            {
                runs.push((classes - 1, at, at, 0.5));
            }
        }
        if class != BLANK {
            if class == before {
                // The surest step of a run speaks for it.
                if let Some((_, _, last, probability)) = runs.last_mut() {
                    *last = step;
                    *probability = probability.max(share(scores, class));
                }
            } else {
                runs.push((class, step, step, share(scores, class)));
            }
        }
        before = class;
    }
    let steps = f32::from(u16::try_from(steps.max(1)).unwrap_or(u16::MAX));
    #[allow(clippy::cast_precision_loss, reason = "a few hundred steps")]
    let centres: Vec<f32> = runs.iter().map(|(_, first, last, _)| (first + last + 1) as f32 / 2.0).collect();
    let glyph = |(index, (class, _, _, probability)): (usize, &(usize, usize, usize, f32))| {
        let centre = centres[index];
        let half = |other: Option<&f32>| {
            other.map_or(HALF_CHARACTER, |other| ((other - centre).abs() / 2.0).min(HALF_CHARACTER))
        };
        let before = if index == 0 { None } else { centres.get(index - 1) };
        Glyph {
            character: characters[*class],
            probability: *probability,
            from: ((centre - half(before)) / steps).clamp(0.0, 1.0),
            to: ((centre + half(centres.get(index + 1))) / steps).clamp(0.0, 1.0),
        }
    };
    Reading { glyphs: runs.iter().enumerate().map(glyph).collect() }
}

/// The class with the highest value. There are 18,710 at each of thousands of steps a page: the highest of many lanes side by
/// side is found first, which compilers turn into few instructions, then where it stands.
fn likeliest(scores: &[f32]) -> usize {
    const LANES: usize = 32;
    let mut highest = [f32::MIN; LANES];
    let (blocks, rest) = scores.as_chunks::<LANES>();
    for block in blocks {
        for (highest, value) in highest.iter_mut().zip(block) {
            *highest = if *value > *highest { *value } else { *highest };
        }
    }
    let highest = highest.iter().chain(rest).copied().fold(f32::MIN, f32::max);
    scores.iter().position(|value| *value >= highest).unwrap_or(BLANK)
}

/// The logarithm of the odds of a class against nothing.
fn odds(scores: &[f32], class: usize) -> f32 {
    if is_probabilities(scores) {
        (scores[class].max(f32::MIN_POSITIVE) / scores[BLANK].max(f32::MIN_POSITIVE)).ln()
    } else {
        scores[class] - scores[BLANK]
    }
}

fn is_probabilities(scores: &[f32]) -> bool {
    scores[..scores.len().min(64)].iter().all(|value| (0.0..=1.0).contains(value))
}

/// The probability of a class. Models with a last softmax give probabilities, which lie between 0 and 1 and add up to 1;
/// models without give values whose softmax is taken here.
fn share(scores: &[f32], class: usize) -> f32 {
    let highest = scores[class];
    if (0.0..=1.0).contains(&highest) && is_probabilities(scores) {
        return highest;
    }
    let near = scores.iter().filter(|value| **value > highest - NEGLIGIBLE);
    1.0 / near.map(|value| (value - highest).exp()).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(classes: &[usize]) -> Vec<f32> {
        classes.iter().flat_map(|class| (0..4).map(move |other| if other == *class { 9.0 } else { -3.0 })).collect()
    }

    #[test]
    fn repeated_steps_are_one_character_and_a_blank_parts_two() {
        let reading = decode(&steps(&[0, 1, 1, 0, 1, 2, 0, 3]), &['\0', 'a', 'b', ' ']);
        let text: String = reading.glyphs.iter().map(|glyph| glyph.character).collect();
        assert_eq!(text, "aab ");
        assert!(reading.confidence() > 0.99);
        assert!(reading.glyphs.windows(2).all(|pair| pair[0].to <= pair[1].from + 1e-6), "{reading:?}");
    }

    #[test]
    fn a_doubtful_step_has_a_low_probability() {
        let reading = decode(&[0.0, 1.0, 0.9, -4.0], &['\0', 'a', 'b', ' ']);
        let confidence = reading.confidence();
        assert!((0.35..0.5).contains(&confidence), "{confidence}");
    }

    #[test]
    fn a_hint_of_a_blank_between_latin_characters_is_taken() {
        let hinted = [[0.0, 9.0, 0.0, 0.0], [6.0, -4.0, -4.0, 3.0], [0.0, 0.0, 9.0, 0.0]].concat();
        let read = |values: &[f32], characters: &[char]| -> String {
            decode(values, characters).glyphs.iter().map(|glyph| glyph.character).collect()
        };
        assert_eq!(read(&hinted, &['\0', 'a', 'b', ' ']), "a b");
        assert_eq!(read(&hinted, &['\0', '秘', '密', ' ']), "秘密");
        let unhinted = [[0.0, 9.0, 0.0, 0.0], [6.0, -4.0, -4.0, -3.0], [0.0, 0.0, 9.0, 0.0]].concat();
        assert_eq!(read(&unhinted, &['\0', 'a', 'b', ' ']), "ab");
    }

    #[test]
    fn the_likeliest_class_is_found_beyond_the_first_block() {
        let mut scores = vec![0.0; 200];
        scores[170] = 3.0;
        assert_eq!(likeliest(&scores), 170);
    }
}
