//! Frames, cuts and limits of raster images.

use super::*;
use crate::format::for_kind;
use crate::format::test_support::{fixture, open, open_fixture, pictures, settings};

/// The corner of each fixture is red, the rest is white: 40 x 20 pixels, red in the upper left quarter.
fn assert_red_corner(name: &str) {
    let settings = Settings::defaults();
    let images = pictures(name, &settings).expect("the fixture is sound");
    for image in &images {
        let rgb = image.to_rgb8();
        assert_eq!(rgb.dimensions(), (40, 20), "{name}");
        let [r, g, b] = rgb.get_pixel(5, 5).0;
        assert!(r > 150 && g < 90 && b < 90, "{name}: corner is {r},{g},{b}");
        let [r, g, b] = rgb.get_pixel(35, 15).0;
        assert!(r > 200 && g > 200 && b > 200, "{name}: paper is {r},{g},{b}");
    }
}

#[test]
fn every_colour_model_gives_the_same_picture() {
    for name in ["rgb.png", "palette.png", "alpha.png", "sixteen.png", "rgb.bmp", "rgb.jpg", "rgb.webp", "palette.gif"]
    {
        assert_red_corner(name);
    }
    for name in ["cmyk.jpg", "exif_turned.jpg"] {
        assert_red_corner(name);
    }
}

#[test]
fn every_frame_of_an_animation_is_a_page() {
    let settings = Settings::defaults();
    for name in ["three_frames.gif", "three_frames.webp"] {
        let images = pictures(name, &settings).expect("the fixture is sound");
        let corners: Vec<u8> = images.iter().map(|image| image.to_luma8().get_pixel(5, 5).0[0] / 100).collect();
        assert_eq!(corners, [0, 1, 2], "{name}");
    }
}

#[test]
fn frames_can_be_read_in_any_order() {
    let settings = Settings::defaults();
    let document = open_fixture("three_frames.gif", &settings).expect("opens");
    let corner = |number| {
        let image = document.page(number).expect("a frame").render(0).expect("renders").expect("has pixels");
        image.to_luma8().get_pixel(5, 5).0[0] / 100
    };
    assert_eq!([corner(3), corner(1), corner(2)], [2, 0, 1]);
}

#[test]
fn frames_over_the_limit_are_a_fault() {
    let mut settings = Settings::defaults();
    settings.limits.frames = 2;
    let document = open_fixture("three_frames.gif", &settings).expect("opens");
    assert_eq!(document.page_count(), 2);
    assert_eq!(document.faults()[0].reason, FaultReason::Limit);
}

#[test]
fn a_picture_cut_off_anywhere_is_a_fault_and_not_a_silence() {
    let settings = settings();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/format");
    for entry in std::fs::read_dir(folder).expect("there are fixtures") {
        let name = entry.expect("readable").file_name().into_string().expect("UTF-8");
        // Archives say what breaks off when they hand out their members.
        if name.strip_suffix(".rar").is_some() {
            continue;
        }
        let whole = fixture(&name);
        for tenth in 0..10 {
            let length = whole.len() * tenth / 10;
            assert!(is_faulty(&whole[..length], &name, &settings), "{name}: {length} of {}", whole.len());
        }
        // A bitmap and a TIFF have no end mark: a last byte may be one that nothing refers to.
        if !matches!(name.rsplit_once('.'), Some((_, "bmp" | "tif"))) {
            assert!(is_faulty(&whole[..whole.len() - 1], &name, &settings), "{name}: the last byte");
        }
    }
}

#[test]
fn of_a_picture_that_breaks_off_what_stands_above_the_break_is_read() {
    let settings = settings();
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Jpeg, ImageFormat::Gif] {
        let mut whole = Vec::new();
        let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_le_bytes()[1];
        let image = image::RgbImage::from_fn(200, 200, |x, y| image::Rgb([noise(x, y); 3]));
        image.write_to(&mut std::io::Cursor::new(&mut whole), format).expect("encodes");
        let document = open(&whole[..whole.len() * 3 / 4], &settings).expect("opens");
        let mut page = document.page(1).unwrap_or_else(|fault| panic!("{format:?}: {fault}"));
        assert_eq!(page.layer().expect("reads").faults.len(), 1, "{format:?}");
        let picture = page.render(0).expect("renders").expect("has pixels").to_luma8();
        let (near, far) = if format == ImageFormat::Bmp { (190, 10) } else { (10, 190) };
        let row = |y| (0..200).map(|x| picture.get_pixel(x, y).0[0]).collect::<std::collections::HashSet<_>>().len();
        assert!(row(near) > 20 && row(far) <= 2, "{format:?}: {} {}", row(near), row(far));
    }
}

/// Whether reading all of a picture as the format of its name meets any fault.
fn is_faulty(bytes: &[u8], name: &str, settings: &Settings) -> bool {
    let kind = match name.rsplit_once('.').expect("it has an extension").1 {
        "jpg" => "jpeg",
        "tif" => "tiff",
        "dcm" => "dicom",
        other => other,
    };
    let kind = Kind(kind.to_owned().into());
    let source = crate::format::test_support::source(bytes);
    let Ok(document) = for_kind(&kind).expect("known").open(source, &kind, settings) else { return true };
    let faulty = |number| match document.page(number) {
        Err(fault) => fault.page == Some(number),
        Ok(mut page) => !page.layer().expect("has a layer").faults.is_empty(),
    };
    !document.faults().is_empty() || (1..=document.page_count()).any(faulty)
}

#[test]
fn sound_pictures_have_no_fault() {
    let settings = settings();
    for name in ["rgb.png", "rgb.jpg", "cmyk.jpg", "rgb.bmp", "rgb.webp", "three_frames.gif", "g3.tif", "g4.tif"] {
        assert!(!is_faulty(&fixture(name), name, &settings), "{name}");
    }
}

#[test]
fn every_frame_of_an_animated_png_is_a_page() {
    let frame = |grey: u8| image::GrayImage::from_pixel(8, 4, image::Luma([grey]));
    // Chunks by hand: the pictures come out of ordinary files, the marks of the animation go between.
    let picture = |grey| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        frame(grey).write_to(&mut bytes, ImageFormat::Png).expect("writes");
        chunks(&bytes.into_inner())
    };
    let control = |sequence: u32| {
        let sizes = [sequence, 8, 4, 0, 0].map(u32::to_be_bytes).concat();
        chunk(*b"fcTL", &[sizes, vec![0, 1, 0, 10, 0, 0]].concat())
    };
    let data = |grey| picture(grey).into_iter().find(|(kind, _)| kind == b"IDAT").expect("has data").1;
    let animations: [(bool, &[(u32, u8)]); 3] = [
        (false, &[(1, 200)]),
        (true, &[(0, 100), (2, 200)]),
        // The single frame is what browsers show, and the cover is not.
        (true, &[(0, 100)]),
    ];
    for (cover, rest) in animations {
        let frames = u32::try_from(rest.len()).expect("few") + u32::from(!cover);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        file.extend(chunk(*b"IHDR", &picture(0)[0].1));
        file.extend(chunk(*b"acTL", &[frames, 0].map(u32::to_be_bytes).concat()));
        let first = if cover { Vec::new() } else { control(0) };
        file.extend([first, chunk(*b"IDAT", &data(0))].concat());
        for (sequence, grey) in rest {
            let numbered = [(sequence + 1).to_be_bytes().as_slice(), &data(*grey)].concat();
            file.extend([control(*sequence), chunk(*b"fdAT", &numbered)].concat());
        }
        file.extend(chunk(*b"IEND", &[]));
        let settings = settings();
        let document = crate::format::test_support::open(&file, &settings).expect("opens");
        let corners: Vec<u8> = (1..=document.page_count())
            .map(|number| {
                let image = document.page(number).expect("a frame").render(0).expect("renders").expect("has pixels");
                image.to_luma8().get_pixel(1, 1).0[0]
            })
            .collect();
        let expected = std::iter::once(0).chain(rest.iter().map(|(_, grey)| *grey));
        assert!(expected.eq(corners.iter().copied()), "{corners:?}");
    }
}

#[test]
fn pictures_behind_a_jpeg_are_its_further_pages() {
    let photo = fixture("rgb.jpg");
    let file = [photo.as_slice(), &[0; 5], &fixture("exif_turned.jpg"), &photo].concat();
    let settings = settings();
    let document = crate::format::test_support::open(&file, &settings).expect("opens");
    assert_eq!((document.page_count(), document.faults().len()), (3, 0));
    for number in 1..=3 {
        let image = document.page(number).expect("a picture").render(0).expect("renders").expect("has pixels");
        assert_eq!(image.to_rgb8().dimensions(), (40, 20), "{number}");
    }
    let cut = &file[..file.len() - 20];
    let document = crate::format::test_support::open(cut, &settings).expect("opens");
    assert_eq!((document.page_count(), document.faults()[0].reason), (2, FaultReason::Attachment));
}

#[test]
fn a_file_behind_a_bitmap_or_a_tiff_is_a_fault() {
    let settings = settings();
    for name in ["rgb.bmp", "g4.tif", "three_frames.tif", "rgba.tif"] {
        let whole = fixture(name);
        assert!(!is_faulty(&[&whole, [0; 9000].as_slice()].concat(), name, &settings), "{name}: padding");
        let more = [&whole, [0; 9000].as_slice(), b"%PDF-1.7\n"].concat();
        assert!(is_faulty(&more, name, &settings), "{name}");
    }
}

/// Kinds and data of the chunks of a PNG.
fn chunks(file: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let (mut at, mut found) = (8, Vec::new());
    while at < file.len() {
        let length = u32::from_be_bytes(file[at..at + 4].try_into().expect("four")) as usize;
        found.push((file[at + 4..at + 8].try_into().expect("four"), file[at + 8..at + 8 + length].to_vec()));
        at += length + 12;
    }
    found
}

/// A chunk with its check sum.
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let sum = body
        .iter()
        .fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xedb8_8320 * (sum & 1))));
    let length = u32::try_from(data.len()).expect("short");
    [length.to_be_bytes().as_slice(), &body, &(!sum).to_be_bytes()].concat()
}

#[test]
fn a_picture_over_the_pixel_limit_is_never_decoded() {
    let mut settings = Settings::defaults();
    settings.limits.image_pixels = 799;
    let fault = open_fixture("rgb.png", &settings).map(|_| ()).expect_err("over the limit");
    assert_eq!(fault.reason, FaultReason::Limit);
}
