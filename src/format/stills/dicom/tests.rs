//! Files of medicine, put together by hand: 40 x 20 samples, dark in the upper left quarter.

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::test_support::{fixture, open, settings, texts};

const WIDTH: u16 = 40;
const HEIGHT: u16 = 20;

/// A value of a data set, by the numbers of its tag, in the form that says what values are.
fn value(group: u16, element: u16, kind: [u8; 2], data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    if data.len() % 2 == 1 {
        data.push(if &kind == b"OB" { 0 } else { b' ' });
    }
    let length = u32::try_from(data.len()).expect("short");
    let length = match &kind {
        b"OB" | b"OW" | b"SQ" => [&[0, 0][..], &length.to_le_bytes()].concat(),
        _ => u16::try_from(length).expect("short").to_le_bytes().to_vec(),
    };
    [&group.to_le_bytes()[..], &element.to_le_bytes(), &kind, &length, &data].concat()
}

fn number(element: u16, number: u16) -> Vec<u8> {
    value(0x28, element, *b"US", &number.to_le_bytes())
}

/// A file of such values, the pixels of which are not packed.
fn file(values: &[Vec<u8>]) -> Vec<u8> {
    let meta = [
        value(2, 2, *b"UI", b"1.2.840.10008.5.1.4.1.1.7\0"),
        value(2, 3, *b"UI", b"1.2.3.4\0"),
        value(2, 0x10, *b"UI", b"1.2.840.10008.1.2.1\0"),
    ]
    .concat();
    let length = u32::try_from(meta.len()).expect("short").to_le_bytes();
    [vec![0; 128], b"DICM".to_vec(), value(2, 0, *b"UL", &length), meta, values.concat()].concat()
}

/// What is said of pixels: samples, their meaning, bits that are kept, the highest, and more that comes behind it.
fn image(samples: u16, meaning: &str, bits: [u16; 3], more: &[Vec<u8>], pixels: &[u8]) -> Vec<u8> {
    let [allocated, stored, high] = bits;
    let mut values = vec![number(2, samples), value(0x28, 4, *b"CS", meaning.as_bytes())];
    if samples > 1 {
        values.push(number(6, 0));
    }
    values.extend([
        value(0x28, 8, *b"IS", b"1"),
        number(0x10, HEIGHT),
        number(0x11, WIDTH),
        number(0x100, allocated),
        number(0x101, stored),
        number(0x102, high),
        number(0x103, 0),
    ]);
    values.extend(more.iter().cloned());
    values.push(value(0x7fe0, 0x10, *b"OW", pixels));
    file(&values)
}

/// Samples of two bytes: one in the upper left quarter, another elsewhere.
fn wide(dark: u16, light: u16, samples: usize) -> Vec<u8> {
    let at = |index: u16| if index % WIDTH < WIDTH / 2 && index / WIDTH < HEIGHT / 2 { dark } else { light };
    (0..WIDTH * HEIGHT).flat_map(|index| at(index).to_le_bytes().repeat(samples)).collect()
}

fn shown(file: &[u8]) -> image::GrayImage {
    let settings = settings();
    let document = open(file, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    document.page(1).expect("a page").render(0).expect("renders").expect("has pixels").to_luma8()
}

fn faults(file: &[u8], settings: &Settings) -> Vec<Fault> {
    let document = match open(file, settings) {
        Ok(document) => document,
        Err(fault) => return vec![fault],
    };
    let pages = 1..=document.page_count();
    let of_pages = pages.flat_map(|number| match document.page(number).and_then(|mut page| page.layer()) {
        Ok(layer) => layer.faults,
        Err(fault) => vec![fault],
    });
    document.faults().into_iter().chain(of_pages).collect()
}

fn reasons(file: &[u8]) -> Vec<FaultReason> {
    faults(file, &settings()).into_iter().map(|fault| fault.reason).collect()
}

#[test]
fn colours_of_twelve_bits_in_sixteen_are_as_light_as_those_of_sixteen() {
    for (bits, dark, light) in [([16, 16, 15], 4000, 60_000), ([16, 12, 11], 250, 3750), ([16, 12, 11], 0xf0fa, 0xfea6)]
    {
        let picture = shown(&image(3, "RGB", bits, &[], &wide(dark, light, 3)));
        let at = |x, y| picture.get_pixel(x, y).0[0];
        assert!(at(5, 5) < 30 && at(35, 5) > 220, "{bits:?}: {} {}", at(5, 5), at(35, 5));
    }
}

#[test]
fn what_a_window_hides_is_shown_below_it() {
    let window = |centre: &str, width: &str| {
        [value(0x28, 0x1050, *b"DS", centre.as_bytes()), value(0x28, 0x1051, *b"DS", width.as_bytes())]
    };
    let pixels = wide(3000, 3400, 1);
    let narrow = shown(&image(1, "MONOCHROME2", [16, 12, 11], &window("500", "200"), &pixels));
    assert_eq!(narrow.dimensions(), (40, 40));
    let at = |x, y| narrow.get_pixel(x, y).0[0];
    assert_eq!([at(5, 5), at(35, 5), at(5, 25), at(35, 25)], [255, 255, 0, 255]);
    // One that shows all, and one that cuts off what is the same anyway, is enough.
    for (centre, width) in [("3200", "1000"), ("3200", "200")] {
        let fitting = shown(&image(1, "MONOCHROME2", [16, 12, 11], &window(centre, width), &pixels));
        assert_eq!(fitting.dimensions(), (40, 20), "{centre} {width}");
    }
}

#[test]
fn padding_that_a_file_tells_of_makes_no_scale() {
    let mut pixels = wide(3000, 3300, 1);
    // The lowest rows.
    let padded = pixels.len() - 2 * 5 * usize::from(WIDTH);
    pixels[padded..].fill(0);
    let picture = shown(&image(1, "MONOCHROME2", [16, 16, 15], &[number(0x120, 0)], &pixels));
    let at = |x, y| picture.get_pixel(x, y).0[0];
    assert_eq!((picture.dimensions(), at(5, 5), at(35, 5), at(5, 18)), ((40, 20), 0, 255, 0));
    // Without being told of it squeezes the others: they have a view of their own.
    let picture = shown(&image(1, "MONOCHROME2", [16, 16, 15], &[], &pixels));
    let at = |x, y| picture.get_pixel(x, y).0[0];
    assert_eq!((picture.dimensions(), at(5, 25), at(35, 25)), ((40, 40), 0, 255));
}

#[test]
fn pictures_inside_data_sets_and_large_binary_values_of_makers_are_faults() {
    let item = |data: &[u8]| {
        let length = u32::try_from(data.len()).expect("short").to_le_bytes();
        [&[0xfe, 0xff, 0x00, 0xe0][..], &length, data].concat()
    };
    let whole = wide(100, 3000, 1);
    let with = |more: Vec<u8>| reasons(&image(1, "MONOCHROME2", [16, 12, 11], &[more], &whole));
    let icon = value(0x88, 0x200, *b"SQ", &item(&value(0x7fe0, 0x10, *b"OW", &[7; 64])));
    assert_eq!(with(icon), [FaultReason::Unsupported]);
    let maker = |length: usize| value(0x29, 0x1010, *b"OB", &vec![7; length]);
    assert_eq!(with(maker(5000)), [FaultReason::Unsupported]);
    assert_eq!(with(maker(500)), []);
    // A profile of colours is about the picture.
    assert_eq!(with(value(0x28, 0x2000, *b"OB", &[7; 5000])), []);
}

#[test]
fn pixels_that_no_frame_tells_of_are_a_fault() {
    let whole = wide(100, 3000, 1);
    assert_eq!(reasons(&image(1, "MONOCHROME2", [16, 12, 11], &[], &whole)), []);
    let two = image(1, "MONOCHROME2", [16, 12, 11], &[], &whole.repeat(2));
    assert_eq!(reasons(&two), [FaultReason::Attachment]);
    // Behind the picture of a frame in another format: the JPEG once more.
    let mut packed = fixture("jpeg.dcm");
    let item = memchr::memmem::find(&packed, b"\xff\xd8\xff").expect("a picture") - 4;
    let length = u32::from_le_bytes(packed[item..item + 4].try_into().expect("four"));
    let picture = packed[item + 4..item + 4 + length as usize].to_vec();
    packed.splice(item..item + 4, (2 * length).to_le_bytes());
    packed.splice(item + 4..item + 4, picture);
    assert_eq!(reasons(&packed), [FaultReason::Attachment]);
}

#[test]
fn pixels_of_other_than_one_or_three_samples_are_not_read_as_grey() {
    assert_eq!(reasons(&image(4, "ARGB", [16, 16, 15], &[], &wide(0, 60_000, 4))), [FaultReason::Unsupported]);
}

#[test]
fn data_sets_deeper_than_the_limit_are_a_fault_and_words_above_them_are_read() {
    let item = |data: &[u8]| {
        let length = u32::try_from(data.len()).expect("short").to_le_bytes();
        [&[0xfe, 0xff, 0x00, 0xe0][..], &length, data].concat()
    };
    let said = |text: &str| value(0x10, 0x4000, *b"LT", text.as_bytes());
    let inner = value(0x40, 0xa730, *b"SQ", &item(&said("below it")));
    let report = file(&[said("above it"), value(0x40, 0xa730, *b"SQ", &item(&inner))]);
    let mut settings = settings();
    assert_eq!(faults(&report, &settings), []);
    settings.limits.data_set_depth = 2;
    let over = faults(&report, &settings);
    assert!(over.len() == 1 && over[0].detail.contains("limits.data_set_depth = 2"), "{over:?}");
    let document = open(&report, &settings).expect("opens");
    let text = texts(document.as_ref()).pop().expect("a page").1;
    assert!(text.contains("above it") && !text.contains("below it"), "{text}");
}
