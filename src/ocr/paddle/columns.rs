//! Columns of signs that the detector has found in pieces, because their signs stand far apart: marks in margins do.

use super::super::{OcrError, order, reading};
use super::Eyes;
use super::detect::Place;
use super::found::{Found, typical_angle};
use super::picture::Picture;
use super::recognize::{Glyph, Reading};
use super::rect::Tilted;
use super::upright::TALL;
use crate::document::Rect;
use crate::script::is_han;

/// Pieces lie aside of each other by less than this share of their width, have a gap of less, and are as wide up to these factors.
const ASIDE: f32 = 0.3;
const GAP: f32 = 0.8;
const AS_WIDE: std::ops::Range<f32> = 0.7..1.4;
/// A place is that of one sign if its sides differ by no more.
const SQUARE: std::ops::Range<f32> = 0.6..1.6;
/// Signs stand alone if nothing is beside them within this share of their width.
const ROOM: f32 = 0.8;
/// Signs that are larger than those of lines by this are none of a list.
const LARGER: f32 = 1.2;

/// Puts them together again.
pub(super) fn join(eyes: &mut dyn Eyes, picture: &Picture, found: &mut Vec<Found>) -> Result<(), OcrError> {
    stack(found);
    whole(eyes, picture, found)
}

/// Two signs that stand right above each other with nothing beside them are a column. Entries of a list or of a table are none: they are as
/// large as the text.
fn stack(found: &mut Vec<Found>) {
    let upright = typical_angle(found);
    let seen: Vec<Rect> = found.iter().map(|line| line.place.rect.seen_at(upright)).collect();
    let typical = order::typical(seen.iter().filter(|place| place.w > place.h * 3.0).map(|line| line.h));
    let middle = |place: &Rect| place.x + place.w / 2.0;
    let is_alone = |index: &usize| {
        let this = seen[*index];
        let near = Rect {
            x: this.x - this.w * ROOM,
            y: this.y + this.h * 0.2,
            w: this.w * (1.0 + 2.0 * ROOM),
            h: this.h * 0.6,
        };
        let aside = |place: &&Rect| (middle(place) - middle(&this)).abs() > this.w * ASIDE;
        let is_sign = |found: &Found| {
            let reading = found.reading.as_ref().filter(|_| found.is_sure());
            reading.is_some_and(|reading| reading.characters().all(is_han) && reading.characters().count() == 1)
        };
        SQUARE.contains(&(this.w / this.h.max(1.0)))
            && is_sign(&found[*index])
            && !seen.iter().filter(aside).any(|place| place.intersection(&near).area() > 0.0)
    };
    let mut squares: Vec<usize> = (0..found.len()).filter(is_alone).collect();
    squares.sort_by(|&a, &b| seen[a].y.total_cmp(&seen[b].y));
    let below = |one: usize| {
        let follows = |other: &usize| {
            let (one, two) = (seen[one], seen[*other]);
            (middle(&one) - middle(&two)).abs() < one.w * ASIDE
                && (two.y - one.bottom()).abs() < one.w.min(one.h) * GAP
                && AS_WIDE.contains(&(two.w / one.w.max(1.0)))
        };
        squares.iter().copied().find(|other| *other != one && follows(other))
    };
    let pairs: Vec<(usize, usize)> = squares.iter().filter_map(|&one| Some((one, below(one)?))).collect();
    let mut gone: Vec<usize> = Vec::new();
    for &(one, two) in &pairs {
        if gone.contains(&one) || gone.contains(&two) {
            continue;
        }
        let goes_on = pairs.iter().any(|&(above, below)| above == two || below == one);
        let large = seen[one].h.max(seen[one].w) >= typical * LARGER;
        // On a page without lines nothing tells how large text is.
        if !large || goes_on && typical == 0.0 {
            continue;
        }
        let place = Place {
            rect: Tilted::seen_as(&seen[one].union(&seen[two]), upright).turned(1),
            score: found[one].place.score.min(found[two].place.score),
        };
        let halves = [(one, 0.0), (two, 0.5)].into_iter().flat_map(|(index, from)| {
            let glyphs = found[index].reading.iter().flat_map(|reading| &reading.glyphs);
            glyphs.map(move |glyph| Glyph { from, to: from + 0.5, ..*glyph })
        });
        let reading = Reading { glyphs: halves.collect() };
        found[one] = Found { reading: Some(reading), ..Found::unread(place) };
        gone.push(two);
    }
    gone.sort_unstable();
    gone.into_iter().rev().for_each(|index| drop(found.remove(index)));
}

/// Puts a column whose letters stand so far apart that it was found in pieces together again: a piece that is higher than wide, and what
/// stands right above or below it as wide as it is. Only what then reads as surely and as long is one column.
fn whole(eyes: &mut dyn Eyes, picture: &Picture, found: &mut Vec<Found>) -> Result<(), OcrError> {
    let upright = typical_angle(found);
    let mut at = 0;
    while at < found.len() {
        let other = (0..found.len()).find(|&other| other != at && goes_on(&found[at], &found[other], upright));
        let Some(other) = other else {
            at += 1;
            continue;
        };
        let (one, two) = (&found[at], &found[other]);
        let angle = one.place.rect.angle;
        let both = one.place.rect.seen_at(angle).union(&two.place.rect.seen_at(angle));
        let rect = Tilted::seen_as(&both, angle);
        let reading = eyes.read(picture, &rect)?;
        let score = one.place.score.min(two.place.score);
        let whole = Found { reading: Some(reading), ..Found::unread(Place { rect, score }) };
        if whole.is_sure() && signs(&whole) >= signs(one) + signs(two) {
            // It may go on further; what was tried before it is not tried again, so that there are no more readings than places.
            found[at] = whole;
            found.remove(other);
            at -= usize::from(other < at);
        } else {
            at += 1;
        }
    }
    Ok(())
}

/// Whether a column goes on with another piece: right above or below it and as wide.
fn goes_on(column: &Found, piece: &Found, upright: f32) -> bool {
    let rect = column.place.rect;
    let runs_down = (rect.angle - upright).sin().abs() > 0.9 && rect.w > rect.h * TALL;
    if !runs_down || signs(column) < 2 || signs(piece) < 1 {
        return false;
    }
    let (one, two) = (rect.seen_at(rect.angle), piece.place.rect.seen_at(rect.angle));
    let aside = (two.y + two.h / 2.0 - one.y - one.h / 2.0).abs();
    let gap = (two.x - one.right()).max(one.x - two.right());
    aside < one.h * ASIDE && gap.abs() < one.h * GAP && AS_WIDE.contains(&(two.h / one.h.max(1.0)))
}

/// Characters of a place that was read, if they are all of scripts that are written in columns.
fn signs(line: &Found) -> usize {
    let reading = line.reading.as_ref().filter(|reading| reading.characters().all(reading::is_east_asian));
    reading.map_or(0, |reading| reading.characters().count())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::recognize::{Glyph, Reading};
    use super::*;

    /// Reads 密 in each hundred pixels along a line, and this surely.
    struct Fake(f32);

    impl Eyes for Fake {
        fn glance(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(Vec::new())
        }

        fn places(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(Vec::new())
        }

        fn read(&mut self, _: &Picture, place: &Tilted) -> Result<Reading, OcrError> {
            Ok(read(place, '密', self.0))
        }

        fn languages(&self) -> &[String] {
            &[]
        }

        fn read_in(&mut self, _: &Picture, _: &Tilted, language: &str) -> Result<Reading, OcrError> {
            panic!("there is no second reader to read {language}")
        }
    }

    fn read(place: &Tilted, character: char, probability: f32) -> Reading {
        let glyphs = std::iter::successors(Some(100.0), |along| Some(along + 100.0));
        let glyphs = glyphs.take_while(|along| *along <= place.w + 1.0);
        Reading { glyphs: glyphs.map(|_| Glyph { character, probability, from: 0.0, to: 1.0 }).collect() }
    }

    fn found(x: f32, y: f32, w: f32, h: f32, angle: f32, character: char) -> Found {
        let rect = Tilted { x, y, w, h, angle };
        Found { reading: Some(read(&rect, character, 0.99)), ..Found::unread(Place { rect, score: 0.9 }) }
    }

    /// How many places there are, and the signs of the first, when a column of three signs and another piece were put together.
    fn joined(piece: Found, sure: f32) -> (usize, usize) {
        let picture = Picture::owned(RgbImage::from_pixel(10, 10, Rgb([250; 3])), 1.0);
        let line = found(400.0, 700.0, 800.0, 100.0, 0.0, '文');
        let column = found(1000.0, 350.0, 300.0, 100.0, std::f32::consts::FRAC_PI_2, '密');
        let mut found = vec![column, line, piece];
        whole(&mut Fake(sure), &picture, &mut found).expect("the fake never fails");
        (found.len(), signs(&found[0]))
    }

    #[test]
    fn a_column_that_was_found_in_pieces_is_read_as_one() {
        assert_eq!(joined(found(1000.0, 110.0, 100.0, 100.0, 0.0, '绝'), 0.99), (2, 4));
        assert_eq!(joined(found(1005.0, 600.0, 100.0, 100.0, 0.0, '绝'), 0.99), (2, 4));
        let below = found(1000.0, 650.0, 200.0, 90.0, std::f32::consts::FRAC_PI_2, '件');
        assert_eq!(joined(below, 0.99), (2, 5));
    }

    #[test]
    fn what_stands_aside_far_off_in_other_letters_or_reads_unsurely_is_no_piece_of_a_column() {
        assert_eq!(joined(found(1060.0, 110.0, 100.0, 100.0, 0.0, '绝'), 0.99), (3, 3), "aside");
        assert_eq!(joined(found(1000.0, 40.0, 100.0, 100.0, 0.0, '绝'), 0.99), (3, 3), "far off");
        assert_eq!(joined(found(1000.0, 110.0, 300.0, 100.0, 0.0, '绝'), 0.99), (3, 3), "a line");
        assert_eq!(joined(found(1000.0, 110.0, 100.0, 100.0, 0.0, 'A'), 0.99), (3, 3), "a letter");
        assert_eq!(joined(found(1000.0, 110.0, 100.0, 100.0, 0.0, '绝'), 0.8), (3, 3), "unsure");
    }

    /// What signs in a margin become beside lines of text whose places are 50 high, each sign with its width, one below the other.
    fn stacked(signs: &[(char, f32)], step: f32, beside: f32, probability: f32, lines: u8) -> Vec<Found> {
        let mut found: Vec<Found> =
            (0..lines).map(|row| found(600.0, 100.0 * f32::from(row), 800.0, 50.0, 0.0, '文')).collect();
        found.extend(signs.iter().zip(0_u8..).map(|(&(character, w), at)| {
            let rect =
                Tilted { x: beside, y: 330.0 + step * f32::from(at), w, h: 100.0_f32.min(step * 0.8), angle: 0.0 };
            let glyph = Glyph { character, probability, from: 0.0, to: 1.0 };
            Found { reading: Some(Reading { glyphs: vec![glyph] }), ..Found::unread(Place { rect, score: 0.9 }) }
        }));
        stack(&mut found);
        found.split_off(usize::from(lines))
    }

    fn said(found: &[Found]) -> Vec<String> {
        found.iter().map(|line| line.reading.iter().flat_map(Reading::characters).collect()).collect()
    }

    const MARK: [(char, f32); 2] = [('绝', 100.0), ('密', 100.0)];

    #[test]
    fn two_large_signs_above_each_other_in_a_margin_are_a_column() {
        let column = stacked(&MARK, 150.0, 60.0, 0.99, 8);
        assert_eq!(said(&column), ["绝密"]);
        let rect = column[0].place.rect;
        assert_eq!((rect.w.round(), rect.h.round(), rect.y.round()), (250.0, 100.0, 405.0));
        assert!((rect.angle - std::f32::consts::FRAC_PI_2).abs() < 0.01, "{rect:?}");
        let bounds = |from, to| rect.part(from, to).bounds();
        assert!(bounds(0.0, 0.5).y < bounds(0.5, 1.0).y, "the first sign is above");
        assert_eq!(said(&stacked(&MARK, 150.0, 60.0, 0.99, 0)), ["绝密"], "on a page without lines");
    }

    #[test]
    fn a_third_large_sign_is_put_to_the_column() {
        let three = [('绝', 100.0), ('密', 100.0), ('件', 100.0)];
        let picture = Picture::owned(RgbImage::from_pixel(10, 10, Rgb([250; 3])), 1.0);
        let mut found = stacked(&three, 150.0, 60.0, 0.99, 8);
        assert_eq!(said(&found), ["绝密", "件"]);
        found.push(self::found(600.0, 0.0, 800.0, 50.0, 0.0, '文'));
        join(&mut Fake(0.99), &picture, &mut found).expect("the fake never fails");
        assert_eq!((found.len(), signs(&found[0])), (2, 4), "the fake reads a sign in each hundred pixels");
    }

    #[test]
    fn signs_of_lists_and_tables_far_apart_beside_text_unsure_or_of_other_scripts_are_none() {
        let apart = |signs: [(char, f32); 2], step, beside, probability| {
            said(&stacked(&signs, step, beside, probability, 8)).len()
        };
        assert_eq!(said(&stacked(&[('男', 50.0), ('女', 50.0)], 60.0, 60.0, 0.99, 8)).len(), 2, "as large as text");
        assert_eq!(said(&stacked(&[('一', 50.0), ('二', 50.0), ('三', 50.0)], 60.0, 60.0, 0.99, 0)).len(), 3, "a list");
        assert_eq!(apart(MARK, 200.0, 60.0, 0.99), 2, "far apart");
        assert_eq!(apart(MARK, 150.0, 140.0, 0.99), 2, "beside text");
        assert_eq!(apart(MARK, 150.0, 60.0, 0.8), 2, "unsure");
        assert_eq!(apart([('绝', 100.0), ('密', 160.0)], 150.0, 60.0, 0.99), 2, "no square");
        assert_eq!(apart([('绝', 80.0), ('密', 120.0)], 150.0, 60.0, 0.99), 2, "not as wide");
        assert_eq!(apart([('！', 100.0), ('密', 100.0)], 150.0, 60.0, 0.99), 2, "no sign");
    }
}
