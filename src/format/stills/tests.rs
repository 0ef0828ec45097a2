//! Pictures of every kind, made by hand: 40 x 20 pixels, dark in the upper left quarter.

use std::io::Cursor;

use image::{DynamicImage, GrayImage};

use crate::config::Settings;
use crate::finding::FaultReason;
use crate::format::test_support::{fixture, open, settings, texts};

const WIDTH: u16 = 40;
const HEIGHT: u16 = 20;

/// Brightness of a pixel.
fn light(x: u16, y: u16) -> u8 {
    if x < WIDTH / 2 && y < HEIGHT / 2 { 20 } else { 240 }
}

/// The picture, a byte a pixel.
fn plane() -> Vec<u8> {
    (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| light(x, y))).collect()
}

fn image(file: &[u8], number: u32, settings: &Settings) -> DynamicImage {
    let document = open(file, settings).expect("opens");
    assert_eq!(document.faults(), []);
    let mut page = document.page(number).expect("a page");
    assert_eq!(page.layer().expect("a layer").faults, []);
    page.render(0).expect("renders").expect("has pixels")
}

/// Whether page `number` shows the picture.
fn assert_shows(file: &[u8], number: u32) {
    let grey = image(file, number, &settings()).to_luma8();
    assert_eq!(grey.dimensions(), (u32::from(WIDTH), u32::from(HEIGHT)));
    let at = |x: u32, y: u32| grey.get_pixel(x, y).0[0];
    assert!(at(5, 5) < 100 && at(35, 5) > 200 && at(5, 15) > 200, "{} {} {}", at(5, 5), at(35, 5), at(5, 15));
}

fn pages(file: &[u8]) -> u32 {
    open(file, &settings()).expect("opens").page_count()
}

fn reasons(file: &[u8]) -> Vec<FaultReason> {
    let settings = settings();
    let document = match open(file, &settings) {
        Ok(document) => document,
        Err(fault) => return vec![fault.reason],
    };
    let mut faults = document.faults();
    for number in 1..=document.page_count() {
        match document.page(number).and_then(|mut page| page.layer()) {
            Ok(layer) => faults.extend(layer.faults),
            Err(fault) => faults.push(fault),
        }
    }
    faults.into_iter().map(|fault| fault.reason).collect()
}

fn pnm(form: &str) -> Vec<u8> {
    [format!("{form}\n# Top Secret\n{WIDTH} {HEIGHT}\n255\n").as_bytes(), &plane()].concat()
}

#[test]
fn portable_maps_are_read_one_behind_the_other() {
    assert_shows(&pnm("P5"), 1);
    let two = [pnm("P5"), b"\n".to_vec(), pnm("P5")].concat();
    assert_shows(&two, 2);
    let document = settings();
    let document = open(&two, &document).expect("opens");
    assert_eq!(texts(document.as_ref())[2], (Some("properties".to_owned()), "comment: Top Secret\n".to_owned()));
    let digits: String = plane().iter().map(|byte| format!("{byte} ")).collect();
    assert_shows(format!("P2\n{WIDTH} {HEIGHT} 255\n{digits}\n").as_bytes(), 1);
    let cut = &pnm("P5")[..600];
    assert_eq!(reasons(cut), [FaultReason::Damaged]);
    let behind = [pnm("P5"), b"%PDF-1.7\n".to_vec()].concat();
    assert_eq!(reasons(&behind), [FaultReason::Attachment]);
}

#[test]
fn targas_are_read_with_what_is_said_of_them() {
    let [w, h] = [WIDTH.to_le_bytes(), HEIGHT.to_le_bytes()];
    let head = [6, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, w[0], w[1], h[0], h[1], 8, 0x20];
    let file = [head.as_slice(), b"a name", &plane()].concat();
    assert_shows(&file, 1);
    let area = u32::try_from(file.len()).expect("short").to_le_bytes();
    let mut more = vec![0; 495];
    more[2..12].copy_from_slice(b"the author");
    more[43..53].copy_from_slice(b"Top Secret");
    let whole = [file.as_slice(), &more, &area, &[0; 4], b"TRUEVISION-XFILE.\0"].concat();
    let settings = settings();
    let document = open(&whole, &settings).expect("opens");
    assert_eq!(texts(document.as_ref())[1].1, "name: a name\nauthor: the author\ncomment: Top Secret\n");
}

/// A PCX of so many planes and bits, with rows that have no runs.
fn pcx(bits: u8, planes: u8, row: u16, data: &[u8]) -> Vec<u8> {
    let mut file = vec![0x0a, 5, 1, bits, 0, 0, 0, 0];
    file.extend([(WIDTH - 1).to_le_bytes(), (HEIGHT - 1).to_le_bytes(), [0; 2], [0; 2]].concat());
    file.extend([[0; 3], [0xff; 3]].concat());
    file.resize(65, 0);
    file.push(planes);
    file.extend(row.to_le_bytes());
    file.resize(128, 0);
    for byte in data {
        // Bytes that look like a run are runs of one.
        file.extend([0xc1_u8, *byte].iter().skip(usize::from(*byte < 0xc0)));
    }
    file
}

#[test]
fn pcx_of_every_depth_is_read() {
    let colours: Vec<u8> = (0..=255).flat_map(|grey| [grey; 3]).collect();
    assert_shows(&[pcx(8, 1, WIDTH, &plane()), vec![0x0c], colours].concat(), 1);
    let rows: Vec<u8> = plane().chunks(usize::from(WIDTH)).flat_map(|row| row.repeat(3)).collect();
    assert_shows(&pcx(8, 3, WIDTH, &rows), 1);
    let bits: Vec<u8> =
        plane().chunks(8).map(|eight| eight.iter().fold(0, |byte, light| byte << 1 | u8::from(*light > 99))).collect();
    assert_shows(&pcx(1, 1, WIDTH / 8, &bits), 1);
    let whole = pcx(8, 3, WIDTH, &rows);
    assert_eq!(reasons(&whole[..whole.len() / 2]), [FaultReason::Damaged]);
    assert_eq!(reasons(&pcx(8, 2, WIDTH, &plane())), [FaultReason::UnreadableImage]);
}

#[test]
fn large_icons_are_pages_and_small_ones_only_if_there_are_no_others() {
    use image::ImageEncoder as _;
    let png = |side: u32| {
        let mut bytes = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder
            .write_image(&vec![200; (side * side * 4) as usize], side, side, image::ExtendedColorType::Rgba8)
            .expect("encodes");
        bytes
    };
    let icons = |sides: &[u32]| {
        let mut file = vec![0, 0, 1, 0, u8::try_from(sides.len()).expect("few"), 0];
        let mut data = Vec::new();
        for side in sides {
            let byte = side.to_le_bytes()[0];
            file.extend([byte, byte, 0, 0, 1, 0, 32, 0]);
            file.extend(u32::try_from(png(*side).len()).expect("short").to_le_bytes());
            file.extend(u32::try_from(6 + 16 * sides.len() + data.len()).expect("short").to_le_bytes());
            data.extend(png(*side));
        }
        [file, data].concat()
    };
    assert_eq!(pages(&icons(&[16, 256, 32, 64])), 2);
    assert_eq!(image(&icons(&[16, 256, 32, 64]), 1, &settings()).width(), 256);
    assert_eq!(pages(&icons(&[16, 32])), 1);
    assert_eq!(image(&icons(&[16, 32]), 1, &settings()).width(), 32);
}

#[test]
fn an_icon_of_a_png_in_any_form_is_read() {
    let mut png = Vec::new();
    let grey = GrayImage::from_raw(WIDTH.into(), HEIGHT.into(), plane()).expect("whole");
    grey.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).expect("encodes");
    let length = u32::try_from(png.len()).expect("short").to_le_bytes();
    let head = [&[0, 0, 1, 0, 1, 0, 40, 20, 0, 0, 1, 0, 8, 0], length.as_slice(), &22_u32.to_le_bytes()].concat();
    assert_shows(&[head, png].concat(), 1);
}

#[test]
fn dds_of_plain_pixels_are_read() {
    let file = |flags: u32, bits: u32, masks: [u32; 4], data: &[u8]| {
        let mut head: Vec<u8> = [124, 0x100f, u32::from(HEIGHT), u32::from(WIDTH), 0, 0, 0]
            .into_iter()
            .chain([0; 11])
            .chain([32, flags, 0, bits])
            .chain(masks)
            .flat_map(u32::to_le_bytes)
            .collect();
        head.resize(124, 0);
        [b"DDS ".as_slice(), &head, data].concat()
    };
    assert_shows(&file(0x2_0000, 8, [0xff, 0, 0, 0], &plane()), 1);
    let blue_first: Vec<u8> = plane().iter().flat_map(|light| [*light, *light, *light]).collect();
    let whole = file(0x40, 24, [0xff_0000, 0xff00, 0xff, 0], &blue_first);
    assert_shows(&whole, 1);
    let short: Vec<u8> = plane().iter().flat_map(|light| if *light > 99 { [0xff; 2] } else { [0; 2] }).collect();
    assert_shows(&file(0x41, 16, [0xf800, 0x07e0, 0x001f, 0], &short), 1);
    assert_eq!(reasons(&whole[..1000]), [FaultReason::Damaged]);
    assert_eq!(reasons(&file(0x40, 12, [0xf00, 0xf0, 0xf, 0], &short)), [FaultReason::UnreadableImage]);
}

#[test]
fn what_lies_behind_a_rarer_picture_is_a_fault() {
    let rows: Vec<u8> = plane().chunks(usize::from(WIDTH)).flat_map(|row| row.repeat(3)).collect();
    let colours: Vec<u8> = (0..=255).flat_map(|grey| [grey; 3]).collect();
    let files = [
        pcx(8, 3, WIDTH, &rows),
        [pcx(8, 1, WIDTH, &plane()), vec![0x0c], colours].concat(),
        photoshop(1, 1, &[], &[], &packed(1)),
        photoshop(1, 1, &[], &[], &[[0, 0].as_slice(), &plane()].concat()),
        fixture("rgb.jp2"),
    ];
    let behind = b"Subject: offer\nFrom: a@example.org\nMIME-Version: 1.0\n\nTOP SECRET\n";
    for (number, file) in files.into_iter().enumerate() {
        let reasons = reasons(&[file.as_slice(), behind].concat());
        assert_eq!(reasons, [FaultReason::Attachment], "{number}");
        assert_eq!(self::reasons(&[file.as_slice(), &[0; 600]].concat()), [], "{number}");
    }
}

fn part(data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len()).expect("short").to_be_bytes(), data].concat()
}

/// Runs of a row, as a Photoshop document has them, with the packing before them.
fn packed(planes: usize) -> Vec<u8> {
    let rows: Vec<Vec<u8>> = (0..HEIGHT)
        .map(|y| {
            let half = u8::try_from(WIDTH / 2).expect("small");
            let run = |x: u16| [1_u8.wrapping_sub(half), light(x, y)];
            [run(0), run(WIDTH - 1)].concat()
        })
        .collect();
    let lengths = rows.iter().flat_map(|row| u16::try_from(row.len()).expect("short").to_be_bytes());
    let lengths: Vec<u8> = lengths.collect::<Vec<u8>>().repeat(planes);
    [[0, 1].as_slice(), &lengths, &rows.concat().repeat(planes)].concat()
}

/// A Photoshop document: its resources, its layers, and the picture of the whole.
fn photoshop(mode: u16, channels: u16, resources: &[u8], layers: &[u8], pixels: &[u8]) -> Vec<u8> {
    let head = [b"8BPS".as_slice(), &[0, 1, 0, 0, 0, 0, 0, 0], &channels.to_be_bytes()].concat();
    let size = [u32::from(HEIGHT).to_be_bytes(), u32::from(WIDTH).to_be_bytes()].concat();
    let shape = [8_u16.to_be_bytes(), mode.to_be_bytes()].concat();
    [head, size, shape, part(&[]), part(resources), part(layers), pixels.to_vec()].concat()
}

/// A layer of the size of the document: its record, and its pixels.
fn layer(name: &str, flags: u8, extra: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let data = [[0, 0].as_slice(), &plane()].concat();
    let sides = [0, 0, u32::from(HEIGHT), u32::from(WIDTH)].map(u32::to_be_bytes).concat();
    let channel = [[0, 0].as_slice(), &u32::try_from(data.len()).expect("short").to_be_bytes()].concat();
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let long = [&u32::try_from(name.encode_utf16().count()).expect("short").to_be_bytes(), wide.as_slice()].concat();
    let blocks = [b"\0\0\0\0\0\0\0\0\0\0\0\0".as_slice(), b"8BIMluni", &part(&long), extra].concat();
    ([sides, vec![0, 1], channel, b"8BIMnorm".to_vec(), vec![255, 0, flags, 0], part(&blocks)].concat(), data)
}

fn section(layers: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let count = u16::try_from(layers.len()).expect("few").to_be_bytes().to_vec();
    let records = layers.iter().map(|(record, _)| record.as_slice()).collect::<Vec<_>>().concat();
    let pixels = layers.iter().map(|(_, pixels)| pixels.as_slice()).collect::<Vec<_>>().concat();
    part(&[count, records, pixels].concat())
}

#[test]
fn photoshop_documents_of_every_colour_are_read() {
    assert_shows(&photoshop(1, 1, &[], &[], &packed(1)), 1);
    assert_shows(&photoshop(3, 4, &[], &[], &packed(4)), 1);
    assert_shows(&photoshop(4, 4, &[], &[], &[[0, 0].as_slice(), &plane().repeat(4)].concat()), 1);
    let whole = photoshop(3, 3, &[], &[], &packed(3));
    assert_eq!(reasons(&whole[..whole.len() - 90]), [FaultReason::Damaged]);
}

#[test]
fn layers_that_are_switched_off_are_pages_and_words_of_layers_are_text() {
    let group = |kind: u8| [b"8BIMlsct".as_slice(), &part(&[0, 0, 0, kind])].concat();
    let text = [b"8BIMTySh".as_slice(), &part(&[b"Txt TEXT\0\0\0\x02".as_slice(), &[0x7e, 0xdd, 0x5b, 0xc6]].concat())]
        .concat();
    // From the lowest: the group is switched off, and what is in it.
    let all = [
        layer("shown", 0, &[]),
        layer("end", 0, &group(3)),
        layer("inside", 0, &text),
        layer("group", 2, &group(1)),
        layer("机密", 2, &[]),
    ];
    let file = photoshop(3, 3, &[], &section(&all), &packed(3));
    let settings = settings();
    let document = open(&file, &settings).expect("opens");
    let labels: Vec<_> =
        texts(document.as_ref()).into_iter().map(|(label, text)| (label.unwrap_or_default(), text)).collect();
    let named = |label: &str, text: &str| (label.to_owned(), text.to_owned());
    let expected = [
        named("", ""),
        named("layer \"inside\"", ""),
        named("layer \"group\"", ""),
        named("layer \"机密\"", ""),
        named("properties", "text: 绝密\n"),
    ];
    assert_eq!(labels, expected);
    assert_shows(&file, 2);
    let broken = photoshop(3, 3, &[], &section(&all)[..200], &packed(3));
    assert!(reasons(&broken).contains(&FaultReason::Damaged));
}

#[test]
fn layers_are_pages_where_the_picture_of_the_whole_was_left_out() {
    let version = [b"8BIM\x04\x21\0\0".as_slice(), &part(&[0, 0, 0, 1, 0, 0])].concat();
    let file = photoshop(3, 3, &version, &section(&[layer("shown", 0, &[])]), &packed(3));
    assert_eq!(pages(&file), 2);
    assert_shows(&file, 2);
}

#[test]
fn pictures_over_the_limits_are_never_decoded() {
    let mut settings = settings();
    settings.limits.image_pixels = 799;
    let decoded = |file: &[u8], settings: &Settings| {
        open(file, settings).and_then(|document| document.page(1).map(|_| ())).map_err(|fault| fault.reason)
    };
    for file in [pnm("P5"), pcx(8, 1, WIDTH, &plane()), photoshop(1, 1, &[], &[], &packed(1))] {
        assert_eq!(decoded(&file, &settings), Err(FaultReason::Limit));
    }
    settings.limits.unpacked_bytes = 99;
    assert_eq!(decoded(&pnm("P5"), &settings), Err(FaultReason::Limit));
    settings = self::settings();
    settings.limits.frames = 1;
    let two = pnm("P5").repeat(2);
    let document = open(&two, &settings).expect("opens");
    assert_eq!((document.page_count(), document.faults()[0].reason), (2, FaultReason::Limit));
}

#[test]
fn pictures_cut_off_anywhere_do_not_make_the_readers_panic() {
    let text = [layer("a", 2, &[]), layer("b", 0, &[])];
    let files =
        [pnm("P5"), pcx(8, 1, WIDTH, &plane()), photoshop(3, 3, &[], &section(&text), &packed(3)), fixture("rgb.bmp")];
    for file in files {
        for length in (140..file.len()).step_by(13) {
            reasons(&file[..length]);
        }
    }
}

#[test]
fn modern_pictures_cut_off_anywhere_are_never_whole() {
    for name in [
        "rgb.heic",
        "two.heic",
        "tile.heic",
        "rgb.avif",
        "alpha.avif",
        "rgb.jxl",
        "alpha.jxl",
        "rgb.dcm",
        "two_frames.dcm",
        "jpeg.dcm",
        "jpeg2000.dcm",
    ] {
        let file = fixture(name);
        // From where each is taken for what it is.
        for length in (140..file.len()).step_by(7).chain([file.len() - 1]) {
            assert_ne!(reasons(&file[..length]), [], "{name} of {length} bytes");
        }
    }
}

/// Whether page `number` of a fixture shows the picture: red or dark in the upper left quarter.
fn assert_fixture_shows(name: &str, number: u32) {
    let rgb = image(&fixture(name), number, &settings()).to_rgb8();
    assert_eq!(rgb.dimensions(), (u32::from(WIDTH), u32::from(HEIGHT)), "{name}");
    let at = |x: u32, y: u32| rgb.get_pixel(x, y).0;
    let ([_, green, blue], light) = (at(5, 5), [at(35, 5), at(5, 15), at(35, 15)]);
    assert!(green < 110 && blue < 110, "{name}: corner {:?}", at(5, 5));
    assert!(light.iter().flatten().all(|sample| *sample > 200), "{name}: paper {light:?}");
}

#[test]
fn pictures_of_telephones_browsers_and_hospitals_are_read() {
    for name in [
        "rgb.heic",
        "grey.heic",
        "two.heic",
        "rgb.avif",
        "alpha.avif",
        "rgb.jxl",
        "alpha.jxl",
        "rgb.dcm",
        "two_frames.dcm",
        "jpeg.dcm",
        "jpeg2000.dcm",
    ] {
        assert_fixture_shows(name, 1);
    }
    assert_fixture_shows("two_frames.dcm", 2);
}

#[test]
fn every_picture_of_a_heic_is_a_page_and_the_shown_one_is_the_first() {
    let file = fixture("two.heic");
    assert_eq!(pages(&file), 2);
    let second = image(&file, 2, &settings()).to_rgb8();
    let red = |x: u32| second.get_pixel(x, 5).0[2] < 110;
    assert!(red(35) && !red(5), "the second is mirrored");
}

#[test]
fn words_about_pictures_of_telephones_are_a_page() {
    for name in ["rgb.heic", "rgb.avif", "rgb.jxl"] {
        let settings = settings();
        let document = open(&fixture(name), &settings).expect("opens");
        let said = texts(document.as_ref()).pop().expect("a page of words");
        assert_eq!(said, (Some("properties".to_owned()), "description: Plan of the harbour\n".to_owned()), "{name}");
    }
}

#[test]
fn what_is_said_of_patients_is_a_page() {
    let settings = settings();
    let document = open(&fixture("rgb.dcm"), &settings).expect("opens");
    let (label, text) = texts(document.as_ref()).pop().expect("a page of words");
    assert_eq!(label.as_deref(), Some("properties"));
    let expected = [
        "PatientName: Muster^Max",
        "PatientBirthDate: 19800101",
        "StudyDescription: 机密 study",
        "InstitutionName: Clinic of the harbour",
    ];
    for line in expected {
        assert!(text.lines().any(|said| said == line), "{line}: {text}");
    }
}

#[test]
fn modern_pictures_over_the_pixel_limit_are_never_decoded() {
    let mut settings = settings();
    settings.limits.image_pixels = 799;
    for name in ["rgb.heic", "rgb.avif", "rgb.jxl", "rgb.dcm"] {
        let fault = open(&fixture(name), &settings).map(|_| ()).expect_err("over the limit");
        assert_eq!(fault.reason, FaultReason::Limit, "{name}");
    }
}

#[test]
fn a_picture_in_a_coding_that_is_not_read_is_unsupported() {
    let mut file = fixture("rgb.heic");
    let at = memchr::memmem::find(&file, b"hvc1").expect("its coding");
    file[at..at + 4].copy_from_slice(b"vvc1");
    assert_eq!(reasons(&file), [FaultReason::Unsupported]);
}
