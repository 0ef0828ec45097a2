//! Extra looks that only a marking is worth: at red and coloured ink, at what lies below it, and at pale writing.

use super::super::{Exceeded, OcrError, reading};
use super::detect::Place;
use super::evidence::{self, Ink, Strokes, Unread};
use super::found::{Found, put_in, typical_angle, with_doubtful_lines};
use super::frames::{Frame, frames, is_in};
use super::picture::Picture;
use super::rect::Tilted;
use super::upright::{TALL, surest};
use super::{Eyes, LEAST_SIDE, LINES_SIDE, sheet};
use crate::config::Limits;
use crate::document::Rect;

/// The longer side of the copy on which pale writing, which is large, is found.
const PALE_SIDE: f32 = 640.0;
/// Radians from the page's lines beyond which a line is oblique.
const OBLIQUE: f32 = 0.35;

/// A place in the layer of pale ink is that of a line that was read if so much of it lies within that line, and if it is no higher
/// than so many times the line: writing below the text is larger.
const SAME_SHARE: f32 = 0.6;
const SAME_HEIGHT: f32 = 1.5;

/// Letters of a stamp are larger by this than those of the line they lie over, have strokes of this share of their height, and are
/// so many at least.
const LARGER: f32 = 1.2;
const LEAST_STROKE: f32 = 0.08;
const LEAST_LETTERS: usize = 3;
/// A line that letters which read as nothing lie over goes on beside them: they take less than this share of it.
const GOES_ON: f32 = 0.6;

/// What the looks brought.
#[derive(Default)]
pub(super) struct Extra {
    /// Lines of red or pale ink that say what was not read before.
    pub lines: Vec<Found>,
    /// The length of writing in red or pale ink that could not be read, in heights of its lines.
    pub unread: f32,
    /// Limits that kept some of it from being looked at.
    pub beyond: Vec<Exceeded>,
    /// Red frames.
    pub frames: Vec<Frame>,
    /// Frames in colour that hold writing in it, and large letters in colour over lines of the page, that could not be read.
    pub unread_stamps: usize,
    /// Where ink alone was read surely.
    inked: Vec<(Ink, Rect)>,
    /// Areas of colours other than red that were looked at.
    coloured: Vec<Rect>,
    /// Places of large letters in colour over lines of the page that could not be read.
    letters: usize,
    /// The picture as if its paper were white, if that has a colour.
    white: Option<Picture<'static>>,
}

impl Extra {
    /// Looks for frames; `whole` says whether the picture is a page. Red ones of a page on which no line was found, too; those in
    /// other colours where lines run through them: boxes in colour are on many pages.
    pub(super) fn frame(&mut self, picture: &Picture, found: &[Found], whole: bool, limits: &Limits) {
        let areas = evidence::areas(picture, Ink::Red);
        let red = areas.iter().take(limits.ink_areas);
        self.frames = red.flat_map(|area| frames(picture, Ink::Red, area, whole)).collect();
        let lines: Vec<Rect> = found.iter().filter(|line| is_sure(line)).map(|line| line.place.rect.bounds()).collect();
        let toned = self.white.as_ref().unwrap_or(picture);
        let coloured = self.coloured.iter();
        let mut others: Vec<Frame> = coloured.flat_map(|area| frames(toned, Ink::Coloured, area, whole)).collect();
        others.retain(|frame| frame.lies_over(&lines));
        let unread = |ink: Ink, frames: &[Frame]| {
            if frames.is_empty() {
                return 0;
            }
            let mut words: Vec<Rect> = lines.iter().copied().filter(|place| is_in(toned, ink, place)).collect();
            words.extend(self.inked.iter().filter(|(of, _)| *of == ink).map(|(_, place)| place));
            frames.iter().filter(|frame| !frame.is_read(&words)).count()
        };
        // Letters in a frame are one stamp with it.
        self.unread_stamps = (unread(Ink::Red, &self.frames) + unread(Ink::Coloured, &others)).max(self.letters);
    }
}

/// Looks at red and pale ink. What stands below red ink is put in the place of what was read through it; what red and pale ink
/// itself says is returned.
pub(super) fn look(
    eyes: &mut dyn Eyes,
    picture: &Picture,
    found: &mut Vec<Found>,
    limits: &Limits,
) -> Result<Extra, OcrError> {
    let mut looking = Looking { eyes, upright: typical_angle(found), seen: 0, most: limits.layer_lines };
    let mut layers = Vec::new();
    let mut extra = Extra::default();
    let white = evidence::on_white_paper(picture);
    let toned = white.as_ref().unwrap_or(picture);
    let (areas, beyond) = inked_areas(toned, found, limits);
    extra.beyond.extend(beyond);
    let mut looked: Vec<(Ink, Rect)> = Vec::new();
    for (ink, area, unread) in areas {
        // Whole lines: a piece of one could not take its place.
        let area = with_doubtful_lines(area, found, picture);
        // Grown so, several areas may be one and the same.
        if looked.iter().any(|(other, before)| *other == ink && lies_in(&area, before)) {
            continue;
        }
        looked.push((ink, area));
        let mut below = match unread {
            Unread::Beside => looking.at(&evidence::without(toned, ink, &area), LINES_SIDE, |_| true)?,
            // What lies below was read surely, and as whole lines.
            Unread::Across => Vec::new(),
        };
        let alone = evidence::alone(toned, ink, &area);
        let mut inked = looking.at(&alone, LINES_SIDE, |_| true)?;
        let strokes: Vec<Strokes> = inked.iter().map(|line| evidence::strokes(&alone, &line.place.rect)).collect();
        for line in below.iter_mut().chain(&mut inked) {
            line.place.rect = line.place.rect.moved(area.x, area.y);
        }
        extra.inked.extend(inked.iter().filter(|line| is_sure(line)).map(|line| (ink, line.place.rect.bounds())));
        let unread = inked.iter().zip(strokes).filter(|(line, stroke)| is_unread_stamp(line, *stroke, picture, found));
        extra.letters += unread.count();
        if ink == Ink::Coloured {
            extra.coloured.push(area);
        }
        for line in below.into_iter().filter(Found::is_text) {
            layers.extend(put_in(found, line));
        }
        layers.extend(inked);
    }
    if let Some(pale) = evidence::pale_alone(picture) {
        // Blurred text is pale, too, and was read.
        let read: Vec<Tilted> = found.iter().filter(|line| line.is_sure()).map(|line| line.place.rect).collect();
        let upright = looking.upright;
        let is_news = |place: &Tilted| {
            let place = place.scaled(pale.factor);
            !read.iter().any(|line| is_same_line(&place, line, upright))
        };
        let mut seen = looking.at(&pale, PALE_SIDE, is_news)?;
        seen.iter_mut().for_each(|line| line.place.rect = line.place.rect.scaled(pale.factor));
        layers.extend(seen);
    }
    let lines =
        Exceeded::of("layer_lines", limits.layer_lines, looking.seen, "lines of coloured and pale ink on a page");
    extra.beyond.extend(lines);
    extra.white = white;
    extra.unread = layers.iter().filter(|line| is_unread(line, picture, found)).map(Found::length).sum();
    layers.retain(|line| line.is_text() && line.is_news(found));
    extra.lines = layers;
    Ok(extra)
}

/// Areas with ink in colour that the lines that were read surely do not explain, and the limit that kept some out.
fn inked_areas(picture: &Picture, found: &[Found], limits: &Limits) -> (Vec<(Ink, Rect, Unread)>, Option<Exceeded>) {
    // Stamps of any page; other colours only beside writing beyond doubt: drawings are full of them.
    let inks: &[Ink] = match found.iter().any(Found::is_surely_writing) {
        true => &[Ink::Red, Ink::Coloured],
        false => &[Ink::Red],
    };
    let sure: Vec<Tilted> = found.iter().filter(|line| line.is_sure()).map(|line| line.place.rect).collect();
    let of_ink = |ink: Ink| {
        let areas = evidence::areas(picture, ink).into_iter();
        let sure = &sure;
        areas.filter_map(move |area| Some((ink, area, evidence::unread(picture, ink, &area, sure)?)))
    };
    let mut areas: Vec<(Ink, Rect, Unread)> = inks.iter().copied().flat_map(of_ink).collect();
    let beyond = Exceeded::of("ink_areas", limits.ink_areas, areas.len(), "areas of red or coloured ink on a page");
    areas.truncate(limits.ink_areas);
    (areas, beyond)
}

/// Whether a place in a layer of ink holds letters of a stamp that could not be read: larger than those of a line that was read
/// surely and that they lie over, in strokes of this share of their height. Handwriting and signatures are thinner.
fn is_unread_stamp(line: &Found, strokes: Strokes, picture: &Picture, found: &[Found]) -> bool {
    let place = line.place.rect;
    let signs = line.reading.as_ref().map_or(0, |reading| reading.characters().count());
    // A script that no model knows reads as nothing, and has letters for all that.
    let has_letters = line.is_text() && signs >= LEAST_LETTERS || strokes.letters >= LEAST_LETTERS;
    if line.is_trusted() || !has_letters || !line.looks_like_text(picture) {
        return false;
    }
    let bounds = place.bounds();
    strokes.width >= LEAST_STROKE
        && place.w > place.h * 2.0
        && found.iter().filter(|other| is_sure(other)).any(|other| {
            let shared = other.place.rect.bounds().intersection(&bounds);
            let height = other.place.rect.h.min(other.place.rect.w);
            // What cannot be told from the line itself, read once more in its ink alone, is no stamp on it.
            let goes_on = line.is_text() || shared.area() < GOES_ON * other.place.rect.bounds().area();
            goes_on && place.h > height * LARGER && shared.h > 0.5 * height && shared.w > 0.5 * bounds.w
        })
}

/// Whether a line counts as read, and is more than a sign that a shape may look like.
fn is_sure(line: &Found) -> bool {
    line.is_trusted() && line.is_writing()
}

/// Whether an area lies within another that is looked at as closely.
fn lies_in(area: &Rect, other: &Rect) -> bool {
    let within =
        area.x >= other.x && area.y >= other.y && area.right() <= other.right() && area.bottom() <= other.bottom();
    within && (area == other || area.w.max(area.h) >= LEAST_SIDE && other.w.max(other.h) <= LINES_SIDE)
}

/// Whether a place in a layer of ink holds writing that was read neither there nor on the page itself.
fn is_unread(line: &Found, picture: &Picture, found: &[Found]) -> bool {
    let bounds = line.place.rect.bounds();
    let read = |other: &&Found| other.is_trusted() && reading::overlap(&other.place.rect.bounds(), &bounds) > 0.3;
    !line.is_trusted() && line.looks_like_text(picture) && !found.iter().any(|other| read(&other))
}

/// Whether a place is that of a line: it lies within it for the most part, and its letters are no larger.
fn is_same_line(place: &Tilted, line: &Tilted, upright: f32) -> bool {
    let (place, line) = (place.seen_at(upright), line.seen_at(upright));
    place.h < line.h * SAME_HEIGHT && place.intersection(&line).area() > SAME_SHARE * place.area()
}

struct Looking<'a> {
    eyes: &'a mut dyn Eyes,
    /// The angle of the page's lines.
    upright: f32,
    /// Lines found in layers so far, and how many are read at most.
    seen: usize,
    most: usize,
}

impl Looking<'_> {
    /// Finds and reads what stands in a layer of ink, at whatever angle, in places that are news.
    fn at(&mut self, layer: &Picture, longest: f32, is_news: impl Fn(&Tilted) -> bool) -> Result<Vec<Found>, OcrError> {
        let scale = sheet(layer).clamp(LEAST_SIDE, longest) / sheet(layer);
        let mut places = self.eyes.places(layer, scale)?;
        places.retain(|place| is_news(&place.rect));
        let room = self.most.saturating_sub(self.seen);
        self.seen += places.len();
        places.truncate(room);
        places.into_iter().map(|place| self.read(layer, place)).collect()
    }

    /// As the lines of the page run; only oblique ones are tried the other ways too.
    fn read(&mut self, layer: &Picture, mut place: Place) -> Result<Found, OcrError> {
        let quarter = std::f32::consts::FRAC_PI_2;
        let turns = ((self.upright - place.rect.angle) / quarter).round();
        #[allow(clippy::cast_possible_truncation, reason = "a few quarter turns")]
        let rect = place.rect.turned(turns as i8);
        let oblique = (rect.angle - self.upright).abs() > OBLIQUE || rect.h > rect.w * TALL;
        let ways: &[i8] = if oblique { &[0, 1, -1, 2] } else { &[0] };
        let (reading, turns) = surest(self.eyes, layer, &rect, ways)?;
        place.rect = rect.turned(turns);
        Ok(Found { reading: Some(reading), ..Found::unread(place) })
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::recognize::{Glyph, Reading};
    use super::*;

    fn line(y: f32, h: f32, probability: f32) -> Found {
        let glyph = |character| Glyph { character, probability, from: 0.0, to: 1.0 };
        let rect = Tilted { x: 400.0, y, w: 500.0, h, angle: 0.0 };
        let reading = Some(Reading { glyphs: "zebra".chars().map(glyph).collect() });
        Found { reading, ..Found::unread(Place { rect, score: 0.9 }) }
    }

    #[test]
    fn thick_letters_of_an_unknown_script_over_a_line_are_an_unread_stamp_and_pens_and_pictures_are_none() {
        let picture = Picture::owned(RgbImage::from_pixel(800, 600, Rgb([250; 3])), 1.0);
        let found = [line(300.0, 40.0, 0.99)];
        let mut short = line(300.0, 80.0, 0.2);
        short.place.rect.w = 250.0;
        let unknown = short;
        let is_stamp = |line: &Found, width: f32, letters: usize| {
            is_unread_stamp(line, Strokes { width, letters }, &picture, &found)
        };
        assert!(is_stamp(&unknown, 0.1, 8));
        assert!(!is_stamp(&unknown, 0.05, 8), "a pen");
        assert!(!is_stamp(&unknown, 0.1, 2), "a picture");
        assert!(!is_stamp(&line(300.0, 80.0, 0.2), 0.1, 8), "the line itself");
        assert!(is_stamp(&line(300.0, 80.0, 0.6), 0.1, 0), "text");
        assert!(!is_stamp(&line(300.0, 44.0, 0.6), 0.1, 8), "no larger than the line");
        assert!(!is_stamp(&line(500.0, 80.0, 0.6), 0.1, 8), "over no line");
        assert!(!is_stamp(&line(300.0, 80.0, 0.99), 0.1, 8), "read");
    }
}
