//! Lines in large letters at the head or foot of a page that could not be read: there and so stand markings, and one line among many is
//! too small a share of a page to tell that it was not examined.
//!
//! Logos are not meant, nor handwriting: only rows of letters that are larger than those of the page and as thick as print.

use super::evidence;
use super::found::Found;
use super::picture::Picture;
use super::rect::Tilted;
use crate::ocr::raster::size;
use crate::ocr::{order, reading};

/// The head and the foot take this share of the page's height each.
const BAND: f32 = 0.15;
/// Letters are larger by this than those of most lines that were read.
const LARGER: f32 = 1.3;
/// A line is longer by this than it is high.
const LONG: f32 = 3.0;
/// Fewer lines that were read are no page whose letters have a size.
const LEAST_LINES: usize = 5;
/// So many letters it has at least, with strokes of this share of its height.
const LEAST_LETTERS: usize = 5;
const STROKES: std::ops::RangeInclusive<f32> = 0.05..=0.2;

/// How many there are, on a page whose lines run at an angle.
pub(super) fn unread(picture: &Picture, found: &[Found], angle: f32) -> usize {
    let read: Vec<&Found> = found.iter().filter(|line| line.is_trusted() && line.is_writing()).collect();
    if read.len() < LEAST_LINES {
        return 0;
    }
    let typical = order::typical(read.iter().map(|line| line.place.rect.seen_at(angle).h));
    let (w, h) = (size(picture.width()), size(picture.height()));
    let page = Tilted { x: w / 2.0, y: h / 2.0, w, h, angle: 0.0 }.seen_at(angle);
    let is_unread = |line: &&Found| {
        let (rect, seen) = (line.place.rect, line.place.rect.seen_at(angle));
        let at = (seen.y + seen.h / 2.0 - page.y) / page.h.max(1.0);
        let outside = !(BAND..=1.0 - BAND).contains(&at);
        !line.is_trusted()
            && outside
            && seen.h >= typical * LARGER
            && seen.w >= seen.h * LONG
            && line.looks_like_text(picture)
            && !read.iter().any(|other| reading::overlap(&other.place.rect.bounds(), &rect.bounds()) > 0.3)
            && is_print(picture, &rect)
    };
    found.iter().filter(is_unread).count()
}

/// Whether what stands in a place is a row of letters with the strokes of print.
fn is_print(picture: &Picture, place: &Tilted) -> bool {
    let strokes = evidence::strokes(picture, place);
    strokes.letters >= LEAST_LETTERS && STROKES.contains(&strokes.width)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::detect::Place;
    use super::super::recognize::{Glyph, Reading};
    use super::*;

    fn line(y: f32, h: f32, probability: f32) -> Found {
        let glyphs = "zebra".chars().zip(0_u8..).map(|(character, at)| {
            let from = f32::from(at) / 5.0;
            Glyph { character, probability, from, to: from + 0.2 }
        });
        let rect = Tilted { x: 400.0, y, w: 400.0, h, angle: 0.0 };
        Found { reading: Some(Reading { glyphs: glyphs.collect() }), ..Found::unread(Place { rect, score: 0.9 }) }
    }

    /// Pages of lines that were read but one, whose letters are drawn this wide each so many pixels.
    fn unread_heads(lines: u8, head: Found, width: u32, each: u32) -> usize {
        let (y, h) = (head.place.rect.y, head.place.rect.h);
        let rgb = RgbImage::from_fn(800, 1000, |x, row| {
            let is_ink = (size(row) - y).abs() < h * 0.35 && (220..580).contains(&x) && x % each < width;
            Rgb([if is_ink { 30 } else { 250 }; 3])
        });
        let mut found: Vec<Found> = (0..lines).map(|row| line(200.0 + 40.0 * f32::from(row), 30.0, 0.99)).collect();
        found.push(head);
        unread(&Picture::owned(rgb, 1.0), &found, 0.0)
    }

    #[test]
    fn a_line_in_large_letters_at_head_or_foot_that_was_not_read_is_seen() {
        for y in [80.0, 940.0] {
            assert_eq!(unread_heads(12, line(y, 60.0, 0.4), 6, 40), 1, "{y}");
        }
    }

    #[test]
    fn lines_that_were_read_small_or_elsewhere_and_what_is_no_print_are_not() {
        let head = |h: f32, probability| line(80.0, h, probability);
        assert_eq!(unread_heads(12, head(60.0, 0.99), 6, 40), 0, "read");
        assert_eq!(unread_heads(12, head(36.0, 0.4), 4, 30), 0, "no larger than the page's lines");
        assert_eq!(unread_heads(12, line(500.0, 60.0, 0.4), 6, 40), 0, "in the middle");
        assert_eq!(unread_heads(12, head(60.0, 0.4), 2, 40), 0, "strokes of a pen");
        assert_eq!(unread_heads(12, head(60.0, 0.4), 30, 40), 0, "bars");
        assert_eq!(unread_heads(12, head(60.0, 0.4), 6, 120), 0, "three strokes");
        assert_eq!(unread_heads(4, head(60.0, 0.4), 6, 40), 0, "too few lines to compare with");
    }
}
