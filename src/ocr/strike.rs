//! Words that are struck out: a line of ink, drawn or printed, goes through the middle of a word and on past both of its ends.
//!
//! Letters make no such line: between them is paper, and past the ends of a word too. An underline runs lower, the rule of a table
//! lower or higher, and a dash does not cross letters.

use image::{DynamicImage, GenericImageView};

use super::ink::{ground, samples};
use super::raster::offset;
use crate::document::Rect;

/// By how much a channel of ink differs from the ground, of 255: a stroke of a pen is paler than print.
const INK: i32 = 64;
/// Where the line may run, as shares of the word's height: not where it would underline or stand above.
const BAND: (f32, f32) = (0.28, 0.72);
/// How far it goes on past the ends of the word, as a share of its height.
const PAST: f32 = 0.2;
/// Share of the height that is ink past the ends: more is a rule that stands upright, a box or a picture.
const MOST_INK: f32 = 0.4;
/// Columns without ink that a line of a poor scan has.
const GAP: u32 = 2;
/// Of so many columns one may be without ink, all in all: strokes of Chinese characters in a row have gaps between the characters.
const BROKEN: usize = 32;
/// How far a line is from a straight one, in pixels, and how far it rises or falls, as a share of its length.
const WAVES: usize = 1;
const ASKEW: f32 = 0.08;
/// Least height and width of a word, in pixels, and its width in heights: a single character is not told from a stroke of its own.
const LEAST_HEIGHT: f32 = 10.0;
const LEAST_WIDTH: f32 = 1.2;

/// Whether a line goes through the word in a box, in pixels of the image.
pub fn is_struck(image: &DynamicImage, bounds: &Rect) -> bool {
    if bounds.h < LEAST_HEIGHT || bounds.w < bounds.h * LEAST_WIDTH {
        return false;
    }
    let past = (bounds.h * PAST).max(3.0);
    let (left, right) = (bounds.x - past, bounds.right() + past);
    let (top, bottom) = (bounds.y + bounds.h * BAND.0, bounds.y + bounds.h * BAND.1);
    #[allow(clippy::cast_precision_loss, reason = "pixels of a page are exact in f32")]
    let inside =
        left >= 0.0 && right < image.width() as f32 && bounds.y >= 0.0 && bounds.bottom() < image.height() as f32;
    if !inside {
        return false;
    }
    let ground = ground(&samples(image, bounds));
    let is_ink = |x: u32, y: u32| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(i32::from);
        let over_white = |value: i32| (value * alpha + 255 * (255 - alpha)) / 255;
        [red, green, blue].iter().zip(ground).any(|(value, ground)| (over_white(*value) - ground).abs() >= INK)
    };
    let rows = offset(top)..offset(bottom).max(offset(top) + 1);
    let ends = [offset(left)..offset(bounds.x), offset(bounds.right()) + 1..offset(right) + 1];
    // Most words have nothing beside them, and are done with here.
    ends.iter().all(|end| end.clone().all(|x| rows.clone().any(|y| is_ink(x, y))))
        && ends.iter().all(|end| is_thin(end.clone(), offset(bounds.y)..offset(bounds.bottom()), &is_ink))
        && runs_through(offset(left)..offset(right) + 1, &rows, &is_ink)
}

/// Whether the columns past an end have little ink.
fn is_thin(columns: std::ops::Range<u32>, rows: std::ops::Range<u32>, is_ink: &impl Fn(u32, u32) -> bool) -> bool {
    let inked = columns.clone().map(|x| rows.clone().filter(|y| is_ink(x, *y)).count()).sum::<usize>();
    #[allow(clippy::cast_precision_loss, reason = "pixels beside a word")]
    let share = inked as f32 / (columns.len() * rows.len()).max(1) as f32;
    share <= MOST_INK
}

/// Whether a straight line of ink leads through all columns within the rows: strokes of Chinese characters that touch each other lead
/// through a word as well, but up and down.
fn runs_through(
    columns: std::ops::Range<u32>,
    rows: &std::ops::Range<u32>,
    is_ink: &impl Fn(u32, u32) -> bool,
) -> bool {
    let ink: Vec<Vec<bool>> = columns.map(|x| rows.clone().map(|y| is_ink(x, y)).collect()).collect();
    let (width, height) = (ink.len(), rows.len());
    let last = width.saturating_sub(1).max(1);
    let most = (width / BROKEN).max(GAP as usize);
    let is_line = |from: usize, to: usize| {
        let (mut missing, mut broken) = (0, 0);
        ink.iter().enumerate().all(|(at, column)| {
            let row = (from * (last - at) + to * at + last / 2) / last;
            let near = &column[row.saturating_sub(WAVES)..(row + WAVES + 1).min(height)];
            let is_ink = near.contains(&true);
            missing = if is_ink { 0 } else { missing + 1 };
            broken += usize::from(!is_ink);
            missing <= GAP && broken <= most
        })
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "pixels of a word"
    )]
    let askew = (width as f32 * ASKEW).ceil() as usize;
    (0..height).any(|from| (from.saturating_sub(askew)..(from + askew + 1).min(height)).any(|to| is_line(from, to)))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    const WORD: Rect = Rect { x: 60.0, y: 40.0, w: 120.0, h: 30.0 };

    /// Letters as upright strokes and feet, with what else is drawn over them.
    fn page(over: impl Fn(u32, u32) -> Option<[u8; 3]>) -> DynamicImage {
        RgbImage::from_fn(260, 120, |x, y| {
            let letter = (60..180).contains(&x) && (40..70).contains(&y) && (x % 20 < 5 || (x % 20 < 15 && y % 15 < 4));
            Rgb(over(x, y).unwrap_or(if letter { [20; 3] } else { [250; 3] }))
        })
        .into()
    }

    #[test]
    fn a_line_through_a_word_and_past_its_ends_strikes_it_out() {
        for colour in [[10, 10, 10], [200, 30, 40], [60, 60, 160]] {
            let line = move |from: u32, to: u32, slope: f32| {
                page(move |x, y| {
                    #[allow(clippy::cast_precision_loss, reason = "a small picture")]
                    let middle = 55.0 + (x as f32 - 120.0) * slope;
                    #[allow(clippy::cast_precision_loss, reason = "a small picture")]
                    let on = (y as f32 - middle).abs() <= 1.5 && (from..to).contains(&x);
                    on.then_some(colour)
                })
            };
            assert!(is_struck(&line(45, 200, 0.0), &WORD), "{colour:?}");
            assert!(is_struck(&line(45, 200, 0.05), &WORD), "askew, {colour:?}");
            assert!(!is_struck(&line(60, 180, 0.0), &WORD), "it ends with the word");
            assert!(!is_struck(&line(45, 120, 0.0), &WORD), "it ends in the word");
        }
    }

    #[test]
    fn strokes_of_characters_in_a_row_are_no_line_and_a_broken_line_is() {
        let line = |gap: u32, every: u32| {
            page(move |x, y| {
                let on = (54..57).contains(&y) && (30..210).contains(&x) && x % every >= gap;
                on.then_some([10; 3]).or(((30..210).contains(&x) && x % every < gap).then_some([250; 3]))
            })
        };
        assert!(!is_struck(&line(2, 20), &WORD), "between characters is paper");
        assert!(is_struck(&line(2, 70), &WORD), "a scan has holes");
    }

    #[test]
    fn underlines_rules_boxes_and_plain_words_are_no_strokes() {
        let ink = |on: bool| on.then_some([10; 3]);
        assert!(!is_struck(&page(|_, _| None), &WORD));
        assert!(!is_struck(&page(|_, y| ink((70..73).contains(&y))), &WORD), "an underline");
        assert!(!is_struck(&page(|_, y| ink((36..41).contains(&y))), &WORD), "a rule above");
        assert!(!is_struck(&page(|x, _| ink(x % 135 < 60 && x > 45)), &WORD), "rules that stand upright");
        assert!(
            !is_struck(&page(|x, y| ink((30..80).contains(&y) && !(58..182).contains(&x))), &WORD),
            "bars beside it"
        );
        let tall = Rect { x: 60.0, y: 40.0, w: 20.0, h: 30.0 };
        assert!(!is_struck(&page(|_, y| ink((54..57).contains(&y))), &tall), "one character may be a stroke");
        assert!(!is_struck(&page(|_, _| None), &Rect { x: -20.0, ..WORD }));
    }
}
