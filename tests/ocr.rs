//! Pages as the OCR stage reads them: the way of boxes back to the input image, what costs nothing, and, in tests whose
//! names begin with `engine_`, what each engine reads of known words however the page lies.
//!
//! The fixtures are rendered by the project from Liberation Serif, Noto Serif CJK and `DejaVu Sans`; the stamp and the watermark are
//! pages of the part `tuning` of `scripts/ocr/pages.py`.

mod common;

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Write as _;

use image::{DynamicImage, GrayImage, Luma, Rgb};
use misfile::config::{OcrSettings, Settings};
use misfile::document::{Rect, Word};
use misfile::ocr::tesseract::{self, Layout, Recognizer};
use misfile::ocr::{self, Line, OcrEngine, OcrError, Recognition, RecognizedWord};

fn settings() -> OcrSettings {
    Settings::defaults().ocr
}

/// Finds the one solid square of a page, and counts how often it is asked.
#[derive(Default)]
struct SquareFinder {
    calls: u32,
    languages: Vec<String>,
}

impl Recognizer for SquareFinder {
    fn languages(&self) -> &[String] {
        &self.languages
    }

    fn others(&self) -> &[String] {
        &[]
    }

    fn recognize(&mut self, image: &GrayImage, _: &str, _: Layout) -> Result<Vec<Line>, OcrError> {
        self.calls += 1;
        // A pixel is inside the square if all around it, further than any bar is wide, is dark.
        let inside = |x: u32, y: u32| {
            let dark = |x, y| image.get_pixel_checked(x, y).is_some_and(|pixel| pixel.0[0] < 128);
            x >= 12 && y >= 12 && dark(x - 12, y) && dark(x + 12, y) && dark(x, y - 12) && dark(x, y + 12)
        };
        let points = image.enumerate_pixels().map(|(x, y, _)| (x, y)).filter(|&(x, y)| inside(x, y));
        let point = |x, y| Rect { x, y, w: 0.0, h: 0.0 };
        let square = points.map(|(x, y)| point(as_f32(x), as_f32(y))).reduce(|a, b| a.union(&b));
        let word = |bounds| RecognizedWord { text: "square".to_owned(), bounds, confidence: 90, space_before: false };
        Ok(square.map(|bounds| Line { words: vec![word(bounds)] }).into_iter().collect())
    }

    fn orientation(&mut self, _: &GrayImage) -> Result<Option<(u8, f32)>, OcrError> {
        self.calls += 1;
        Ok(None)
    }
}

#[allow(clippy::cast_precision_loss, reason = "pixels of small images")]
fn as_f32(value: u32) -> f32 {
    value as f32
}

fn centre(bounds: &Rect) -> (f32, f32) {
    (bounds.x + bounds.w / 2.0, bounds.y + bounds.h / 2.0)
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// Turns about the middle, so that lines fall to the right; also tells where a point goes.
fn tilt(image: &GrayImage, degrees: f32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (cx, cy) = (as_f32(image.width()) / 2.0, as_f32(image.height()) / 2.0);
    GrayImage::from_fn(image.width(), image.height(), |x, y| {
        let (dx, dy) = (as_f32(x) - cx, as_f32(y) - cy);
        let (from_x, from_y) = (cx + dx * cos + dy * sin, cy - dx * sin + dy * cos);
        image::imageops::interpolate_bilinear(image, from_x, from_y).unwrap_or(Luma([255]))
    })
}

fn tilted((x, y): (f32, f32), size: (u32, u32), degrees: f32) -> (f32, f32) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (cx, cy) = (as_f32(size.0) / 2.0, as_f32(size.1) / 2.0);
    (cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos)
}

/// Bars in lines, in the manner of letters, and one solid square.
fn bars_and_square() -> GrayImage {
    GrayImage::from_fn(1200, 1600, |x, y| {
        let bar = (150..1050).contains(&x) && (250..1350).contains(&y) && x % 17 < 6 && y % 50 < 18;
        let square = (700..780).contains(&x) && (600..680).contains(&y);
        let beside = (670..810).contains(&x) && (580..700).contains(&y);
        Luma([if square || bar && !beside { 20 } else { 250 }])
    })
}

fn read_fake(image: GrayImage) -> Recognition {
    let mut engine = SquareFinder { calls: 0, languages: vec!["eng".to_owned()] };
    tesseract::read_page(&mut engine, &DynamicImage::ImageLuma8(image), &settings(), None).expect("reads")
}

#[test]
fn boxes_come_back_to_the_input_image_through_scale_and_skew() {
    for degrees in [0.0, 3.0, -8.0] {
        let image = tilt(&bars_and_square(), degrees);
        let read = read_fake(image);
        let found = centre(&read.text.words.first().expect("the square").bounds);
        let expected = tilted((740.0, 640.0), (1200, 1600), degrees);
        assert!(distance(found, expected) < 3.0, "{degrees}°: {found:?}, not {expected:?}");
        assert!((read.skew_degrees - degrees).abs() < 0.15, "{degrees}°: {}", read.skew_degrees);
    }
}

#[test]
fn boxes_come_back_to_the_input_image_from_a_page_on_its_side() {
    let read = read_fake(image::imageops::rotate90(&bars_and_square()));
    assert_eq!(read.quarter_turns % 2, 1);
    let found = centre(&read.text.words.first().expect("the square").bounds);
    assert!(distance(found, (1600.0 - 640.0, 740.0)) < 3.0, "{found:?}");
}

#[test]
fn a_blank_page_costs_no_engine_call() {
    let mut engine = SquareFinder { calls: 0, languages: vec!["eng".to_owned()] };
    // Paper noise, a grey ground, and the dark edge of a scan.
    let paper = GrayImage::from_fn(800, 1100, |x, y| {
        let grain = u8::try_from((x * 7919 + y * 104_729) % 23).expect("below 23");
        Luma([if x < 3 { 10 } else { 215 + grain }])
    });
    let read = tesseract::read_page(&mut engine, &DynamicImage::ImageLuma8(paper), &settings(), None).expect("reads");
    assert!(read.text.content.is_empty() && read.confidence.is_none());
    assert_eq!(engine.calls, 0);
}

#[test]
fn images_without_pixels_or_with_one_are_blank() {
    let mut engine = SquareFinder { calls: 0, languages: vec!["eng".to_owned()] };
    for (width, height) in [(0, 0), (1, 1), (1, 5000), (5000, 1)] {
        let image = DynamicImage::ImageLuma8(GrayImage::from_pixel(width, height, Luma([255])));
        assert!(tesseract::read_page(&mut engine, &image, &settings(), None).expect("reads").text.content.is_empty());
    }
    assert_eq!(engine.calls, 0);
}

fn fixture(name: &str) -> GrayImage {
    let path = format!("{}/tests/fixtures/ocr/{name}.png", env!("CARGO_MANIFEST_DIR"));
    image::open(path).expect("a fixture").to_luma8()
}

fn engine_with(name: &str, settings: OcrSettings) -> Box<dyn OcrEngine> {
    let mut all = Settings::defaults();
    all.ocr = OcrSettings { engine: name.to_owned(), models: "models".into(), ..settings };
    ocr::engine(&all).expect("models are installed")
}

/// The engine of a name; a thread keeps each that it has made.
fn with_engine<T>(name: &'static str, call: impl FnOnce(&mut dyn OcrEngine) -> T) -> T {
    thread_local! {
        static MADE: RefCell<HashMap<&'static str, Box<dyn OcrEngine>>> = RefCell::default();
    }
    let made = || engine_with(name, settings());
    MADE.with(|engines| call(engines.borrow_mut().entry(name).or_insert_with(made).as_mut()))
}

/// What every engine reads of an image.
fn read(image: impl Into<DynamicImage>) -> Vec<Recognition> {
    let image = image.into();
    let read = |(name, ..): &(&'static str, _, _)| {
        with_engine(name, |engine| {
            engine.read_page(&image, Some(150.0)).unwrap_or_else(|error| panic!("{name}: {error}"))
        })
    };
    ocr::ENGINES.iter().map(read).collect()
}

fn word<'a>(read: &'a Recognition, text: &str) -> &'a Word {
    let text_of = |word: &Word| &read.text.content[word.start as usize..word.end as usize];
    let found = read.text.words.iter().find(|word| text_of(word).trim_matches('.') == text);
    found.unwrap_or_else(|| panic!("{text} was not read, turned {}, skew {}", read.quarter_turns, read.skew_degrees))
}

/// Middles of words of the English fixture.
const KNOWN: [(&str, (f32, f32)); 3] =
    [("archive", (168.0, 76.5)), ("numbers", (330.5, 226.5)), ("waiting,", (0.0, 0.0))];

fn check(readings: &[Recognition], how: &str, to: impl Fn((f32, f32)) -> (f32, f32)) {
    for (read, (engine, ..)) in readings.iter().zip(ocr::ENGINES) {
        assert!(["eng", "latin"].contains(&read.language.as_str()), "{how}, {engine}");
        for (text, middle) in KNOWN {
            let found = centre(&word(read, text).bounds);
            if middle != (0.0, 0.0) {
                assert!(
                    distance(found, to(middle)) < 7.0,
                    "{how}, {engine}: {text} at {found:?}, not {:?}",
                    to(middle)
                );
            }
        }
        assert!(read.unread < 0.05, "{how}, {engine}: {}", read.unread);
    }
}

#[test]
fn engine_reads_a_page_that_is_level_or_skewed_and_knows_where_its_words_lie() {
    let page = fixture("english");
    for degrees in [0.0, 1.5, -4.0, 8.0] {
        let to = |point| tilted(point, page.dimensions(), degrees);
        check(&read(tilt(&page, degrees)), &format!("{degrees}°"), to);
    }
}

#[test]
fn engine_reads_a_page_however_it_was_laid_on_the_glass() {
    let page = fixture("english");
    let (width, height) = (as_f32(page.width()), as_f32(page.height()));
    check(&read(image::imageops::rotate90(&page)), "on its right side", |(x, y)| (height - y, x));
    check(&read(image::imageops::rotate180(&page)), "upside down", |(x, y)| (width - x, height - y));
    check(&read(image::imageops::rotate270(&page)), "on its left side", |(x, y)| (y, width - x));
}

#[test]
fn engine_reads_light_on_dark_shadows_and_other_sizes() {
    let page = fixture("english");
    let mut dark = page.clone();
    dark.pixels_mut().for_each(|pixel| pixel.0[0] = 230 - pixel.0[0] / 5 * 4);
    check(&read(dark), "dark", |point| point);
    let shadow = GrayImage::from_fn(page.width(), page.height(), |x, y| {
        let light = 255 - x / 5;
        Luma([u8::try_from(u32::from(page.get_pixel(x, y).0[0]) * light / 255).expect("below 256")])
    });
    check(&read(shadow), "in a shadow", |point| point);
    let half = image::imageops::thumbnail(&page, page.width() / 2, page.height() / 2);
    check(&read(half), "half as large", |(x, y)| (x / 2.0, y / 2.0));
}

#[test]
fn engine_reads_red_writing() {
    let page = fixture("english");
    let red = image::RgbImage::from_fn(page.width(), page.height(), |x, y| {
        let value = page.get_pixel(x, y).0[0];
        Rgb([255, value, value])
    });
    check(&read(red), "red", |point| point);
}

#[test]
fn engine_reads_chinese_as_chinese_without_blanks_between_characters() {
    for page in [fixture("chinese"), tilt(&fixture("chinese"), -3.0), image::imageops::rotate180(&fixture("chinese"))] {
        for read in read(page) {
            assert!(["chi_sim", "han"].contains(&read.language.as_str()));
            assert!(read.text.content.contains("档案室的文件按照年份"), "{:?}", read.text);
            assert!(!read.text.content.contains(' '), "{:?}", read.text);
        }
    }
}

#[test]
fn engine_reads_a_block_cut_out_of_a_page() {
    let page = DynamicImage::ImageLuma8(fixture("english"));
    let block = page.crop_imm(60, 205, 640, 50);
    for (name, ..) in ocr::ENGINES {
        let read = with_engine(name, |engine| engine.read_region(&block)).expect("reads");
        let found = centre(&word(&read, "numbers").bounds);
        assert!(distance(found, (270.5, 21.5)) < 7.0, "{name}: {found:?}");
    }
}

#[test]
fn engine_gives_the_same_answer_every_time() {
    let (first, second) = (read(fixture("english")), read(fixture("english")));
    let same = |(first, second): (&Recognition, &Recognition)| {
        first.text == second.text && first.confidence == second.confidence
    };
    assert!(first.iter().zip(&second).all(same));
}

#[test]
fn a_missing_model_is_named_with_what_brings_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::defaults();
    settings.ocr.engine = "paddle".to_owned();
    settings.ocr.models = folder.path().to_owned();
    let Err(error) = ocr::engine(&settings) else { panic!("there are no models") };
    assert!(error.to_string().contains("make models"), "{error}");
    // A folder of models that has none is a mistake, not a wish for another engine.
    settings.ocr.engine = "auto".to_owned();
    let error = ocr::fingerprint(&settings.ocr).expect_err("there are no models").to_string();
    assert!(error.contains("make models") && error.contains(&folder.path().display().to_string()), "{error}");
}

#[test]
fn an_unknown_engine_is_refused_with_those_there_are() {
    let settings = OcrSettings { engine: "cloud".to_owned(), ..settings() };
    let error = ocr::fingerprint(&settings).expect_err("no such engine").to_string();
    assert!(error.contains("auto") && error.contains("paddle") && error.contains("tesseract"), "{error}");
}

/// What the engine of the networks reads of an image.
fn paddle(image: impl Into<DynamicImage>) -> Recognition {
    with_engine("paddle", |engine| engine.read_page(&image.into(), None)).expect("reads")
}

#[test]
fn paddle_does_not_pass_over_writing_that_no_model_knows() {
    let alone = OcrSettings { other_languages: Vec::new(), ..settings() };
    let mut alone = engine_with("paddle", alone);
    for script in ["greek", "cyrillic", "hebrew"] {
        let read = alone.read_page(&fixture(script).into(), None).expect("reads");
        assert!(read.unread > 0.5, "{script}: {}", read.unread);
        let region = alone.read_region(&fixture(script).into()).expect("reads");
        assert!(region.unread > 0.5, "{script} as a region: {}", region.unread);
    }
    // Nor do the other languages take one script for another.
    assert!(paddle(fixture("greek")).unread > 0.5);
}

#[test]
fn paddle_has_other_scripts_read_by_tesseract_whichever_way_up_they_lie() {
    for language in ["rus", "ukr", "kor", "heb"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/testpages");
        let page = image::open(format!("{folder}/{language}.png")).expect("a page").into_luma8();
        let expected = std::fs::read_to_string(format!("{folder}/{language}.txt")).expect("its text");
        for page in [page.clone(), image::imageops::rotate180(&page)] {
            let read = paddle(page);
            let share = misfile::read::gate::layer_match(&expected, &read.text.content);
            assert!(share > 0.9 && read.unread < 0.1, "{language}: {share} {} {:?}", read.unread, read.text);
            assert_eq!(read.language, language);
        }
    }
}

#[test]
fn tesseract_reads_other_languages_where_its_own_read_poorly() {
    let page = image::open(concat!(env!("CARGO_MANIFEST_DIR"), "/models/testpages/kor.png")).expect("a page");
    let read = with_engine("tesseract", |engine| engine.read_page(&page, None)).expect("reads");
    assert!(read.text.content.contains("대외비"), "{} {:?} {}", read.language, read.confidence, read.unread);
    assert_eq!(read.language, "kor");
}

#[test]
fn paddle_reads_what_a_stamp_says_and_what_it_hides() {
    let page = image::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ocr/stamp.png")).expect("a fixture");
    let read = paddle(page);
    assert!(read.text.content.contains("絕密") && read.text.content.contains("長期"), "the stamp: {:?}", read.text);
    assert!(read.text.content.contains("〔2026〕286"), "what lies below it: {:?}", read.text);
    let inside = |word: &Word| word.bounds.x >= 0.0 && word.bounds.right() <= 1500.0 && word.bounds.h < 200.0;
    assert!(read.text.words.iter().all(inside));
}

/// A PDF whose one page is a picture, as scanners make it.
fn scanned(image: &image::RgbImage) -> Vec<u8> {
    let (width, height) = image.dimensions();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(image.as_raw()).expect("memory");
    let packed = packed.finish().expect("memory");
    // At 150 dots an inch.
    let (points_wide, points_high) = (width * 72 / 150, height * 72 / 150);
    let content = format!("{points_wide} 0 0 {points_high} 0 0 cm /I Do");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {points_wide} {points_high}] /Contents 4 0 R \
             /Resources << /XObject << /I 5 0 R >> >> >>"
        ),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
    ];
    let (mut file, mut places) = (b"%PDF-1.7\n".to_vec(), Vec::new());
    for (number, object) in (1..).zip(&objects) {
        places.push(file.len());
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    places.push(file.len());
    let head = format!(
        "5 0 obj\n<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB \
         /BitsPerComponent 8 /Filter /FlateDecode /Length {} >>\nstream\n",
        packed.len()
    );
    file.extend(head.into_bytes());
    file.extend(packed);
    file.extend(b"\nendstream\nendobj\n");
    let table = file.len();
    file.extend(b"xref\n0 6\n0000000000 65535 f \n");
    places.iter().for_each(|place| file.extend(format!("{place:010} 00000 n \n").into_bytes()));
    file.extend(format!("trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").into_bytes());
    file
}

#[test]
fn paddle_reads_a_stamp_on_a_scan_in_a_pdf_as_on_a_picture() {
    let page = image::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ocr/stamp.png")).expect("a fixture");
    let site = common::Site::new("[ocr]\nengine = \"paddle\"\n");
    let file = site.file("scan.pdf", scanned(&page.to_rgb8()));
    let read = site.run(&["--format", "jsonl", "inspect", "--text", &file.display().to_string()]);
    let lines = read.json();
    let page = lines.iter().find(|line| line["type"] == "page").unwrap_or_else(|| panic!("{}", read.stderr));
    let text = page["text"].as_str().expect("a text");
    assert!(text.contains("絕密") && text.contains("長期"), "the stamp: {text}");
    assert!(text.contains("〔2026〕286"), "what lies below it: {text}");
}

/// What `inspect` says of a picture: its file, and the text of its page.
fn inspected(image: &image::RgbImage) -> (serde_json::Value, String) {
    let site = common::Site::new("[ocr]\nengine = \"paddle\"\n");
    let mut bytes = Vec::new();
    let png = image::ImageFormat::Png;
    image.write_to(&mut std::io::Cursor::new(&mut bytes), png).expect("memory");
    let file = site.file("page.png", bytes);
    let lines = site.run(&["--format", "jsonl", "inspect", "--text", &file.display().to_string()]).json();
    let of = |kind: &str| lines.iter().find(|line| line["type"] == kind).expect("told").clone();
    let text = of("page")["text"].as_str().expect("a text").to_owned();
    (of("file"), text)
}

/// Reasons of the faults of a file.
fn reasons(file: &serde_json::Value) -> Vec<String> {
    let faults = file["coverage"]["faults"].as_array().expect("faults").iter();
    faults.map(|fault| fault["reason"].as_str().expect("a reason").to_owned()).collect()
}

/// Draws in red what `ink` says of each pixel around a middle, turned by six degrees.
fn stamped(image: image::RgbImage, middle: (f32, f32), ink: impl Fn(f32, f32) -> bool) -> image::RgbImage {
    stamped_in([205, 35, 45], image, middle, ink)
}

/// As [`stamped`], in another colour.
fn stamped_in(
    colour: [u8; 3],
    mut image: image::RgbImage,
    middle: (f32, f32),
    ink: impl Fn(f32, f32) -> bool,
) -> image::RgbImage {
    let (sin, cos) = 6_f32.to_radians().sin_cos();
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        let (x, y) = (as_f32(x) - middle.0, as_f32(y) - middle.1);
        if ink(x * cos + y * sin, y * cos - x * sin) {
            *pixel = Rgb(colour);
        }
    }
    image
}

/// A page, and on it a word of its own, enlarged, in a colour that lets black through, without a frame over the lines at a middle.
fn stamped_with_its_word(colour: [u8; 3], tint: [u8; 3]) -> (image::RgbImage, String) {
    let page = DynamicImage::from(fixture("english")).into_rgb8();
    let read = paddle(page.clone());
    let text_of = |word: &Word| read.text.content[word.start as usize..word.end as usize].to_owned();
    let is_long = |word: &&Word| {
        let text = text_of(word);
        (6..=10).contains(&text.len())
            && text.chars().all(|char| char.is_ascii_lowercase())
            && read.text.content.matches(text.as_str()).count() == 1
    };
    let word = read.text.words.iter().find(is_long).expect("a long word");
    let Rect { x, y, w, h } = word.bounds;
    let scale = 70.0 / h;
    let middle = (as_f32(page.width()) * 0.5, as_f32(page.height()) * 0.6);
    let mut stamped = page.clone();
    for (column, row, pixel) in stamped.enumerate_pixels_mut() {
        let (u, v) = ((as_f32(column) - middle.0) / scale + w / 2.0, (as_f32(row) - middle.1) / scale + h / 2.0);
        let inside = u >= 0.0 && u < w && v >= 0.0 && v < h;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the page")]
        let inked = inside && page.get_pixel((x + u) as u32, (y + v) as u32).0[0] < 110;
        for (channel, (colour, tint)) in pixel.0.iter_mut().zip(colour.iter().zip(tint)) {
            let through = u16::from(*channel) * u16::from(if inked { *colour } else { 255 }) / 255;
            *channel = u8::try_from(through * u16::from(tint) / 255).expect("at most 255");
        }
    }
    (stamped, text_of(word))
}

#[test]
fn paddle_reads_large_letters_in_any_colour_over_black_text() {
    let white = [255; 3];
    for (colour, tint) in [
        ([205, 30, 35], white),
        ([40, 70, 200], white),
        ([30, 30, 150], white),
        ([0, 120, 60], white),
        ([120, 30, 140], white),
        ([40, 70, 160], [240, 222, 150]),
    ] {
        let (page, word) = stamped_with_its_word(colour, tint);
        let read = paddle(page);
        let seen = read.text.content.matches(word.as_str()).count();
        assert_eq!(seen, 2, "{word} once in the text and once in {colour:?}: {:?}", read.text.content);
        assert_eq!(read.unread_stamps, 0, "{colour:?}");
    }
}

#[test]
fn paddle_does_not_pass_over_a_stamp_in_another_colour_over_lines_that_it_cannot_read() {
    let page = DynamicImage::from(fixture("english")).into_rgb8();
    let middle = (as_f32(page.width()) * 0.5, as_f32(page.height()) * 0.6);
    let frame = |x: f32, y: f32| x.abs() <= 130.0 && y.abs() <= 55.0 && (x.abs() >= 125.0 || y.abs() >= 50.0);
    // Strokes that are no writing.
    let strokes = |x: f32, y: f32| {
        x.abs() < 105.0
            && y.abs() < 32.0
            && ((x * 0.9 + y).rem_euclid(26.0) < 6.0 || (x - y * 1.3).rem_euclid(37.0) < 5.0)
    };
    let blue = [40, 70, 200];
    let over = stamped_in(blue, page.clone(), middle, |x, y| frame(x, y) || strokes(x, y));
    assert_eq!(paddle(over).unread_stamps, 1);
    // A box in colour beside the text is no stamp.
    let blank = image::RgbImage::from_pixel(page.width(), page.height() + 400, Rgb([255; 3]));
    let mut longer = blank;
    image::imageops::replace(&mut longer, &page, 0, 0);
    let below = (as_f32(page.width()) * 0.5, as_f32(page.height()) + 200.0);
    let beside = stamped_in(blue, longer, below, |x, y| frame(x, y) || strokes(x, y));
    assert_eq!(paddle(beside).unread_stamps, 0);
    // Nor is a signature.
    let sign = |x: f32, y: f32| x.abs() < 150.0 && (y - 40.0 * (x / 9.0).sin() * (x / 31.0).cos()).abs() < 5.0;
    assert_eq!(paddle(stamped_in(blue, page, middle, sign)).unread_stamps, 0);
}

#[test]
fn paddle_says_which_words_a_line_goes_through() {
    let page = DynamicImage::from(fixture("english")).into_rgb8();
    let read = paddle(page.clone());
    // A whole line of the page.
    let first = read.text.words.iter().find(|word| word.bounds.x > 40.0).expect("a word with room before it").bounds;
    let beside = |word: &&Word| (centre(&word.bounds).1 - centre(&first).1).abs() < first.h / 2.0;
    let whole = read.text.words.iter().filter(beside).map(|word| word.bounds).reduce(|a, b| a.union(&b));
    let Rect { x, y, w, h } = whole.expect("a line");
    let line = |from: f32, to: f32, at: f32| {
        let mut page = page.clone();
        for (column, row, pixel) in page.enumerate_pixels_mut() {
            let (column, row) = (as_f32(column), as_f32(row));
            if (from..to).contains(&column) && (row - at).abs() <= 1.5 {
                *pixel = Rgb([200, 30, 40]);
            }
        }
        inspected(&page).1
    };
    let struck = line(x - h * 0.35, x + w + h * 0.35, y + h * 0.5);
    assert!(struck.contains("[struck out: "), "{struck}");
    let underlined = line(x - h * 0.35, x + w + h * 0.35, y + h + 2.0);
    assert!(!underlined.contains("[struck out: ") && !inspected(&page).1.contains("[struck out: "), "{underlined}");
}

#[test]
fn paddle_does_not_pass_over_a_framed_red_stamp_that_it_cannot_read() {
    let page = DynamicImage::from(fixture("english")).into_rgb8();
    let middle = (as_f32(page.width()) * 0.6, as_f32(page.height()) * 0.6);
    let frame = |x: f32, y: f32| x.abs() <= 130.0 && y.abs() <= 55.0 && (x.abs() >= 125.0 || y.abs() >= 50.0);
    // Strokes that are no writing.
    let strokes = |x: f32, y: f32| {
        x.abs() < 105.0
            && y.abs() < 32.0
            && ((x * 0.9 + y).rem_euclid(26.0) < 6.0 || (x - y * 1.3).rem_euclid(37.0) < 5.0)
    };
    let (file, _) = inspected(&stamped(page.clone(), middle, |x, y| frame(x, y) || strokes(x, y)));
    assert!(reasons(&file).contains(&"unread_red_stamp".to_owned()), "{file}");
    assert_eq!(file["verdict"], "unverified", "{file}");
    // A round seal is on every contract.
    let ring = |x: f32, y: f32| (88.0..=96.0).contains(&x.hypot(y));
    let arc = |x: f32, y: f32| (62.0..=80.0).contains(&x.hypot(y)) && (y.atan2(x) * 9.0).sin() > 0.2 && y < 30.0;
    let star = |x: f32, y: f32| x.hypot(y) < 16.0 + 8.0 * (y.atan2(x) * 5.0).cos();
    let (file, _) = inspected(&stamped(page, middle, |x, y| ring(x, y) || arc(x, y) || star(x, y)));
    assert!(!reasons(&file).contains(&"unread_red_stamp".to_owned()), "{file}");
    // One that is read is none.
    let stamp = image::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ocr/stamp.png")).expect("a fixture");
    assert!(!reasons(&inspected(&stamp.to_rgb8()).0).contains(&"unread_red_stamp".to_owned()));
}

#[test]
fn paddle_reads_a_watermark_below_the_text_and_says_where_it_is() {
    let read = paddle(fixture("watermark"));
    assert!(read.text.content.contains("内部资料") && read.text.content.contains("严禁外传"), "{:?}", read.text);
    let text_of = |word: &&Word| &read.text.content[word.start as usize..word.end as usize] == "内部资料";
    let mark = read.text.words.iter().rev().find(text_of).expect("a word of its own");
    let middle = centre(&mark.bounds);
    // It runs upwards from the lower left: its first half lies there.
    assert!(middle.0 < 420.0 && middle.1 > 575.0, "{middle:?}");
}

#[test]
fn paddle_survives_pictures_of_every_shape_and_invents_nothing() {
    let grain = |x: u32, y: u32| {
        u8::try_from((x.wrapping_mul(7919) ^ y.wrapping_mul(104_729)).wrapping_mul(31) % 251).expect("a byte")
    };
    for (width, height) in [(0, 0), (1, 1), (1, 3000), (3000, 1), (20_000, 12), (40, 40), (900, 700)] {
        let white = GrayImage::from_pixel(width, height, Luma([255]));
        assert!(paddle(white).text.content.is_empty(), "white, {width} × {height}");
        let noise = GrayImage::from_fn(width, height, |x, y| Luma([grain(x, y)]));
        let read = paddle(noise.clone());
        assert!(read.text.content.chars().count() < 4, "noise, {width} × {height}: {:?}", read.text);
        with_engine("paddle", |engine| engine.read_region(&noise.into())).expect("reads");
    }
}

#[test]
fn paddle_finds_small_writing_on_a_picture_that_is_long() {
    let page = fixture("english");
    let mut long = GrayImage::from_pixel(page.width(), 12_000, Luma([255]));
    image::imageops::replace(&mut long, &page, 0, 11_000 - i64::from(page.height()));
    let read = paddle(long);
    assert!(read.text.content.contains("numbers"), "{:?}", read.text);
}
