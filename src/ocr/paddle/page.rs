//! From places to what a page says: lines read, looked at again where it is worth it, and put in order.

use super::super::{Exceeded, Line, OcrError, Recognition, order, reading};
use super::detect::Place;
use super::found::{Found, lone_words, typical_angle};
use super::looks::{self, Extra};
use super::picture::Picture;
use super::recognize::{self, Reading};
use super::{Eyes, bands, columns, heads, lines, scripts, upright};
use crate::config::Settings;

/// What is known of a picture before its lines are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prior {
    /// A block of upright text.
    Block,
    /// A page, which may lie on its side or on its head.
    Page,
    /// A page on which a glance saw no text: what is read must be writing beyond doubt.
    Doubtful,
}

/// Reads the lines of a picture.
pub(super) fn read(
    eyes: &mut dyn Eyes,
    picture: &Picture,
    places: Vec<Place>,
    prior: Prior,
    settings: &Settings,
) -> Result<Recognition, OcrError> {
    let limits = &settings.limits;
    let lines = Exceeded::of("page_lines", limits.page_lines, places.len(), "lines on a page");
    let beyond = lines.into_iter().chain(reduced(picture, limits.ocr_pixels));
    let mut found: Vec<Found> = places.into_iter().map(Found::unread).collect();
    if found.is_empty() {
        let mut extra = Extra::default();
        extra.frame(picture, &[], prior != Prior::Block, limits);
        let Extra { unread_stamps, .. } = extra;
        let unread = if prior != Prior::Block && bands::unread(picture, &[]) > 0.0 { 1.0 } else { 0.0 };
        return Ok(Recognition { unread_stamps, unread, beyond: beyond.collect(), ..Recognition::default() });
    }
    let quarters = if prior == Prior::Block { 0 } else { upright::way_up(eyes, picture, &mut found)? };
    // The surest come first; what is not read counts as unread.
    for line in found.iter_mut().take(limits.page_lines) {
        if line.reading.is_none() {
            line.reading = Some(upright::read_line(eyes, picture, &mut line.place)?);
        }
    }
    columns::join(eyes, picture, &mut found)?;
    let mut extra = looks::look(eyes, picture, &mut found, limits)?;
    extra.beyond.extend(beyond);
    for line in &mut found {
        if let Some(reading) = &line.reading {
            line.unexplained = recognize::unexplained(picture, &line.place.rect, reading);
        }
    }
    let quarters = quarters + scripts::read(eyes, picture, &mut found)?;
    extra.frame(picture, &found, prior != Prior::Block, limits);
    if prior != Prior::Block {
        extra.unread += bands::unread(picture, &found);
    }
    Ok(recognition(picture, &found, extra, quarters, prior, settings))
}

/// The limit, if the picture was reduced so far that small print is lost: at half its size a scan of 300 dots an inch is still
/// read, at a third it is not.
fn reduced(picture: &Picture, most: usize) -> Option<Exceeded> {
    let seen = || format!("a picture that was read at 1/{:.0} of its size", picture.factor);
    (picture.factor >= 3.0).then(|| Exceeded { limit: "ocr_pixels", most, seen: seen() })
}

/// What was read, in reading order and in pixels of the input.
fn recognition(
    picture: &Picture,
    found: &[Found],
    mut extra: Extra,
    quarters: i8,
    prior: Prior,
    settings: &Settings,
) -> Recognition {
    let angle = typical_angle(found);
    let mut read: Vec<&Found> = found.iter().filter(|line| line.is_text()).collect();
    // Shapes are read as single signs, and textures as more of them: they are believed beside writing only.
    let is_writing = if prior == Prior::Doubtful { Found::is_surely_writing } else { Found::is_writing };
    if !read.iter().any(|line| is_writing(line)) && !extra.lines.iter().any(Found::is_surely_writing) {
        read.clear();
        extra.lines.clear();
    }
    // What is read with little confidence is kept, and is no proof that the page was examined: so read other scripts.
    let length = |trusted: bool| -> f32 {
        let like_text = |line: &&Found| line.is_trusted() || line.looks_like_text(picture);
        found.iter().filter(like_text).filter(|line| line.is_trusted() == trusted).map(Found::length).sum()
    };
    let words: f32 = lone_words(found, picture).into_iter().map(|index| found[index].length()).sum();
    let (examined, unread) = (length(true), length(false) + words + extra.unread);
    let place = |line: &Found| line.place.rect.scaled(picture.factor);
    let seen: Vec<_> = read.iter().map(|line| line.place.rect.seen_at(angle)).collect();
    let mut lines: Vec<Line> = order::rows(&seen)
        .into_iter()
        .map(|row| {
            let line = row.into_iter().map(|index| read[index]);
            lines::joined(line.filter_map(|line| Some((line.reading.as_ref()?, place(line)))))
        })
        .collect();
    lines.extend(extra.lines.iter().filter_map(|line| {
        let reading = line.reading.as_ref()?;
        Some(lines::joined([(reading, place(line))].into_iter()))
    }));
    reading::drop_doubtful(&mut lines, settings.ocr.min_word_confidence);
    let han = read
        .iter()
        .copied()
        .chain(&extra.lines)
        .flat_map(|line| line.reading.iter().flat_map(Reading::characters))
        .any(reading::is_east_asian);
    let second = read.iter().find_map(|line| line.language.as_deref());
    let language = match (lines.is_empty(), second, han) {
        (true, ..) => "",
        (false, Some(second), _) => second,
        (false, None, true) => "han",
        (false, None, false) => "latin",
    };
    Recognition {
        text: reading::text(&lines),
        confidence: reading::confidence(&lines).map(reading::percent),
        language: language.to_owned(),
        quarter_turns: u8::try_from((-quarters).rem_euclid(4)).unwrap_or_default(),
        skew_degrees: (angle - f32::from(quarters) * std::f32::consts::FRAC_PI_2).to_degrees(),
        unread_stamps: extra.unread_stamps,
        unread_heads: if prior == Prior::Block { 0 } else { heads::unread(picture, found, angle) },
        red_frames: extra.frames.iter().map(|frame| frame.rect.scaled(picture.factor).bounds()).collect(),
        unread: if unread > 0.0 { unread / (examined + unread) } else { 0.0 },
        beyond: extra.beyond,
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::recognize::Glyph;
    use super::super::rect::Tilted;
    use super::*;

    /// Finds what it is told to, and reads the same text everywhere, surely only the right way up.
    struct Fake {
        layers: Vec<Place>,
        upright: f32,
        reads: usize,
    }

    impl Eyes for Fake {
        fn glance(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(Vec::new())
        }

        fn places(&mut self, _: &Picture, _: f32) -> Result<Vec<Place>, OcrError> {
            Ok(self.layers.clone())
        }

        fn read(&mut self, _: &Picture, place: &Tilted) -> Result<Reading, OcrError> {
            self.reads += 1;
            let probability = if (place.angle - self.upright).cos() > 0.9 { 0.99 } else { 0.6 };
            let glyphs = "zebra".chars().zip(0_u8..).map(|(character, at)| {
                let from = f32::from(at) / 5.0;
                Glyph { character, probability, from, to: from + 0.2 }
            });
            Ok(Reading { glyphs: glyphs.collect() })
        }

        fn languages(&self) -> &[String] {
            &[]
        }

        fn read_in(&mut self, _: &Picture, _: &Tilted, language: &str) -> Result<Reading, OcrError> {
            panic!("there is no second reader to read {language}")
        }
    }

    fn place(x: f32, y: f32) -> Place {
        Place { rect: Tilted { x, y, w: 100.0, h: 20.0, angle: 0.0 }, score: 0.9 }
    }

    fn column(count: u8) -> Vec<Place> {
        (0..count).map(|row| place(100.0, 30.0 + 30.0 * f32::from(row))).collect()
    }

    fn page(colour: [u8; 3]) -> Picture<'static> {
        let mut rgb = RgbImage::from_pixel(600, 800, Rgb([250; 3]));
        (300..400).filter(|x| x % 8 < 3).for_each(|x| (600..700).for_each(|y| rgb.put_pixel(x, y, Rgb(colour))));
        Picture::owned(rgb, 1.0)
    }

    fn read_with(fake: &mut Fake, picture: &Picture, places: Vec<Place>, settings: &Settings) -> Recognition {
        read(fake, picture, places, Prior::Page, settings).expect("the fake never fails")
    }

    #[test]
    fn a_page_on_its_head_is_turned_by_reading_three_lines() {
        let mut fake = Fake { layers: Vec::new(), upright: std::f32::consts::PI, reads: 0 };
        let settings = Settings::defaults();
        let read = read_with(&mut fake, &page([250; 3]), column(10), &settings);
        assert_eq!((read.quarter_turns, read.unread, fake.reads), (2, 0.0, 13));
        assert_eq!(read.text.content.lines().count(), 10);
        assert_eq!(read.beyond, []);
    }

    #[test]
    fn lines_over_the_limit_are_not_read_count_as_unread_and_name_it() {
        let mut fake = Fake { layers: Vec::new(), upright: 0.0, reads: 0 };
        let mut settings = Settings::defaults();
        settings.limits.page_lines = 4;
        let read = read_with(&mut fake, &page([250; 3]), column(10), &settings);
        assert_eq!((fake.reads, read.text.words.len()), (4, 4));
        assert!((read.unread - 0.6).abs() < 0.01, "{}", read.unread);
        let exceeded = Exceeded { limit: "page_lines", most: 4, seen: "10 lines on a page".to_owned() };
        assert_eq!(read.beyond, [exceeded]);
    }

    #[test]
    fn red_ink_over_the_limits_is_named() {
        let layers = vec![place(60.0, 40.0), place(60.0, 80.0)];
        let mut fake = Fake { layers, upright: 0.0, reads: 0 };
        let mut settings = Settings::defaults();
        settings.limits.layer_lines = 3;
        let beyond = read_with(&mut fake, &page([210, 30, 40]), column(2), &settings).beyond;
        assert_eq!(beyond.iter().map(|limit| limit.limit).collect::<Vec<_>>(), ["layer_lines"], "{beyond:?}");
        settings.limits.ink_areas = 0;
        let beyond = read_with(&mut fake, &page([210, 30, 40]), column(2), &settings).beyond;
        assert_eq!(beyond.iter().map(|limit| limit.limit).collect::<Vec<_>>(), ["ink_areas"], "{beyond:?}");
    }

    #[test]
    fn red_writing_that_cannot_be_read_counts_as_unread() {
        // Nothing is read surely in any of the four ways.
        let layers = vec![place(60.0, 40.0)];
        let mut fake = Fake { layers, upright: std::f32::consts::FRAC_PI_4, reads: 0 };
        let unread = read_with(&mut fake, &page([210, 30, 40]), Vec::from([place(100.0, 30.0)]), &Settings::defaults());
        assert!(unread.unread > 0.9, "{}", unread.unread);
    }

    #[test]
    fn coloured_ink_is_looked_at_only_beside_writing_and_red_ink_always() {
        let reads = |upright: f32, colour| {
            let mut fake = Fake { layers: vec![place(60.0, 40.0)], upright, reads: 0 };
            read_with(&mut fake, &page(colour), vec![place(100.0, 30.0)], &Settings::defaults());
            fake.reads
        };
        let (read, unread) = (0.0, std::f32::consts::FRAC_PI_4);
        let (paper, red, blue) = ([250; 3], [210, 30, 40], [10, 20, 90]);
        assert!(reads(read, paper) < reads(read, red) && reads(unread, paper) < reads(unread, red));
        assert!(reads(read, paper) < reads(read, blue));
        assert_eq!(reads(unread, paper), reads(unread, blue));
    }

    #[test]
    fn ink_in_a_colour_is_told_against_the_paper_that_it_stands_on() {
        let reads = |paper: [u8; 3], ink: [u8; 3]| {
            let mut rgb = RgbImage::from_pixel(600, 800, Rgb(paper));
            let strokes = (300..400).filter(|x| x % 8 < 3).flat_map(|x| (600..700).map(move |y| (x, y)));
            strokes.for_each(|(x, y)| rgb.put_pixel(x, y, Rgb(ink)));
            let mut fake = Fake { layers: vec![place(60.0, 40.0)], upright: 0.0, reads: 0 };
            read_with(&mut fake, &Picture::owned(rgb, 1.0), vec![place(100.0, 30.0)], &Settings::defaults());
            fake.reads
        };
        let yellow = [240, 220, 150];
        assert!(reads(yellow, [40, 50, 110]) > reads(yellow, [20, 18, 12]));
        assert_eq!(reads(yellow, [20, 18, 12]), reads([250; 3], [20; 3]));
    }

    #[test]
    fn a_line_that_no_glance_sees_is_found_and_read() {
        let mut fake = Fake { layers: column(1), upright: 0.0, reads: 0 };
        let read =
            super::super::whole(&mut fake, &page([250; 3]), &Settings::defaults()).expect("the fake never fails");
        assert_eq!(read.text.content, "zebra");
    }

    #[test]
    fn pale_places_of_lines_that_were_read_are_not_read_again_and_others_are() {
        let mut page = page([250; 3]);
        let pale = (20..580).flat_map(|x| (300..360).map(move |y| (x, y)));
        pale.for_each(|(x, y)| page.rgb.to_mut().put_pixel(x, y, Rgb([200; 3])));
        let reads = |layer: Tilted| {
            let mut fake = Fake { layers: vec![Place { rect: layer, score: 0.9 }], upright: 0.0, reads: 0 };
            read_with(&mut fake, &page, column(1), &Settings::defaults());
            fake.reads
        };
        let line = place(100.0, 30.0).rect;
        assert_eq!(reads(Tilted { x: 102.0, w: 96.0, h: 22.0, ..line }), 1);
        for news in [
            Tilted { h: 40.0, ..line },
            Tilted { y: 60.0, ..line },
            Tilted { w: 300.0, ..line },
            Tilted { angle: 0.6, ..line },
        ] {
            assert!(reads(news) > 1, "{news:?}");
        }
    }

    #[test]
    fn areas_of_red_ink_that_a_doubtful_line_joins_are_looked_at_once_and_a_texture_joins_none() {
        let reads = |second: bool, doubtful: Tilted| {
            let mut page = page([210, 30, 40]);
            if second {
                let strokes = (500..590).filter(|x| x % 8 < 3).flat_map(|x| (600..700).map(move |y| (x, y)));
                strokes.for_each(|(x, y)| page.rgb.to_mut().put_pixel(x, y, Rgb([210, 30, 40])));
            }
            let mut fake = Fake { layers: vec![place(60.0, 40.0)], upright: std::f32::consts::FRAC_PI_4, reads: 0 };
            read_with(&mut fake, &page, vec![Place { rect: doubtful, score: 0.9 }], &Settings::defaults());
            fake.reads
        };
        let line = Tilted { x: 300.0, y: 650.0, w: 620.0, h: 200.0, angle: 0.0 };
        assert_eq!(reads(true, line), reads(false, line));
        let texture = Tilted { y: 400.0, w: 600.0, h: 800.0, ..line };
        assert!(reads(true, texture) > reads(false, texture));
    }

    #[test]
    fn small_print_that_was_not_read_weighs_more_than_a_large_heading_that_was() {
        let mut fake = Fake { layers: Vec::new(), upright: 0.0, reads: 0 };
        let mut places = column(6);
        places.insert(0, Place { rect: Tilted { x: 300.0, y: 500.0, w: 500.0, h: 200.0, angle: 0.0 }, score: 0.9 });
        let mut settings = Settings::defaults();
        settings.limits.page_lines = 1;
        let read = read_with(&mut fake, &page([250; 3]), places, &settings);
        assert!(read.unread > 0.6, "{}", read.unread);
    }

    #[test]
    fn a_picture_that_had_to_be_reduced_too_far_names_the_limit() {
        let mut fake = Fake { layers: Vec::new(), upright: 0.0, reads: 0 };
        let mut settings = Settings::defaults();
        settings.limits.ocr_pixels = 600 * 800 / 9;
        let image = image::DynamicImage::ImageRgb8(page([250; 3]).rgb.into_owned());
        let small = Picture::new(&image, settings.limits.ocr_pixels);
        assert_eq!((small.width(), small.height()), (200, 266));
        let beyond = read_with(&mut fake, &small, Vec::new(), &settings).beyond;
        assert_eq!(beyond.iter().map(|limit| limit.limit).collect::<Vec<_>>(), ["ocr_pixels"], "{beyond:?}");
    }
}
