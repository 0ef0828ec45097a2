//! Pictures with captions in every place that each format has for them.

use image::ImageFormat;

use super::*;
use crate::format::Document as _;
use crate::format::test_support::{fixture, open, settings, source, texts};

/// A TIFF of one directory with these tags, all bytes.
fn directory(tags: &[(u16, &[u8])]) -> Vec<u8> {
    let mut head = b"II*\0\x08\0\0\0".to_vec();
    let mut values = Vec::new();
    let number = |number: usize| u32::try_from(number).expect("small").to_le_bytes();
    head.extend(u16::try_from(tags.len()).expect("few").to_le_bytes());
    for (tag, value) in tags {
        head.extend([tag.to_le_bytes(), 1_u16.to_le_bytes()].concat());
        head.extend(number(value.len()));
        head.extend(number(8 + 2 + 12 * tags.len() + 4 + values.len()));
        values.extend(*value);
    }
    head.extend([0; 4]);
    [head, values].concat()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(&[kind.as_slice(), data].concat());
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [&length, kind.as_slice(), data, &sum.to_be_bytes()].concat()
}

fn segment(mark: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).expect("short").to_be_bytes();
    [&[0xff, mark], length.as_slice(), data].concat()
}

/// Labels and texts of the pages behind the picture.
fn beside(file: &[u8]) -> Vec<(String, String)> {
    let settings = settings();
    let document = open(file, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let named = |(label, text): (Option<String>, String)| label.map(|label| (label, text));
    texts(document.as_ref()).into_iter().filter_map(named).collect()
}

fn page(text: &str) -> Vec<(String, String)> {
    vec![("properties".to_owned(), text.to_owned())]
}

#[test]
fn pictures_without_captions_have_no_further_page() {
    for name in ["rgb.png", "rgb.jpg", "palette.gif", "rgb.webp", "rgb.bmp", "exif_turned.jpg", "g4.tif", "lzw.tif"] {
        assert_eq!(beside(&fixture(name)), [], "{name}");
    }
}

#[test]
fn captions_of_a_png_are_a_page() {
    let picture = fixture("rgb.png");
    let packed = {
        use std::io::Write as _;
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all("密级: 绝密".as_bytes()).expect("packs");
        packer.finish().expect("packs")
    };
    let xmp = b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta><dc:rights>eyes only</dc:rights></x:xmpmeta>";
    let chunks = [
        chunk(b"tEXt", b"Comment\0Top Secret"),
        chunk(b"tEXt", b"Software\0A program"),
        chunk(b"iTXt", &[b"Title\0\x01\0zh\0t\0".as_slice(), &packed].concat()),
        chunk(b"iTXt", xmp),
        chunk(b"eXIf", &directory(&[(0x010e, b"the description\0"), (0x010f, b"A camera\0")])),
    ];
    let file = [&picture[..33], &chunks.concat(), &picture[33..]].concat();
    let expected = "Comment: Top Secret\nTitle: 密级: 绝密\ndc:rights: eyes only\ndescription: the description\n";
    assert_eq!(beside(&file), page(expected));
}

#[test]
fn the_diagram_that_a_picture_was_made_of_is_read() {
    let picture = fixture("rgb.png");
    let file = crate::format::diagram::tests::packed(&["TOP SECRET"]).replace('<', "%3C").replace('+', "%2B");
    let made = chunk(b"tEXt", format!("mxfile\0{file}").as_bytes());
    let file = [&picture[..33], &made, &picture[33..]].concat();
    assert_eq!(beside(&file), page("Page-1\nTOP SECRET\n"));
}

#[test]
fn captions_of_a_jpeg_are_a_page() {
    let picture = fixture("rgb.jpg");
    let wide: Vec<u8> = "机密文件".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let exif =
        directory(&[(0x010e, b"OLYMPUS DIGITAL CAMERA\0"), (0x9c9c, &wide), (0x9286, b"ASCII\0\0\0a note here")]);
    let iptc = b"8BIM\x04\x04\0\0\0\0\0\x0c\x1c\x02\x78\0\x07Caption";
    let segments = [
        segment(0xfe, b"a comment"),
        segment(0xe1, &[b"Exif\0\0".as_slice(), &exif].concat()),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><dc:subject>label</dc:subject></x:xmpmeta>"),
        segment(0xed, &[b"Photoshop 3.0\0".as_slice(), iptc].concat()),
    ];
    let file = [&picture[..2], &segments.concat(), &picture[2..]].concat();
    let expected = "comment: a comment\ncomment: 机密文件\ncomment: a note here\ndc:subject: label\ncaption: Caption\n";
    assert_eq!(beside(&file), page(expected));
}

#[test]
fn a_comment_in_jis_is_read() {
    let euc = encoding_rs::EUC_JP.encode("極秘文書").0.into_owned();
    let seven: Vec<u8> = euc.iter().map(|byte| byte & 0x7f).collect();
    let mail = [b"\x1b$B".as_slice(), &seven, b"\x1b(B"].concat();
    for text in [seven, mail] {
        let mut captions = Captions::default();
        captions.exif(&directory(&[(0x9286, &[b"JIS\0\0\0\0\0".as_slice(), &text].concat())]));
        assert!(captions.text.contains("comment: 極秘文書\n"), "{}", captions.text);
    }
    let mut captions = Captions::default();
    captions.exif(&directory(&[(0x9286, b"JIS\0\0\0\0\0TOP SECRET")]));
    assert!(captions.text.contains("comment: TOP SECRET\n"), "{}", captions.text);
}

#[test]
fn captions_of_a_gif_and_a_webp_are_a_page() {
    let picture = fixture("palette.gif");
    let end = picture.len() - 1;
    let file = [&picture[..end], b"\x21\xfe\x0aTop Secret\0", &picture[end..]].concat();
    assert_eq!(beside(&file), page("comment: Top Secret\n"));
    let mut file = fixture("rgb.webp");
    let exif = directory(&[(0x010e, b"the description")]);
    file.extend(b"EXIF");
    file.extend(u32::try_from(exif.len()).expect("short").to_le_bytes());
    file.extend(&exif);
    file.extend(vec![0; exif.len() & 1]);
    let size = u32::try_from(file.len() - 8).expect("short").to_le_bytes();
    file[4..8].copy_from_slice(&size);
    assert_eq!(beside(&file), page("description: the description\n"));
}

#[test]
fn captions_of_a_tiff_are_a_page() {
    use tiff::encoder::{TiffEncoder, colortype::Gray8};
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).expect("a header");
    let mut frame = encoder.new_image::<Gray8>(8, 8).expect("a frame");
    frame.encoder().write_tag(tiff::tags::Tag::ImageDescription, "Top Secret").expect("writes");
    frame.write_data(&[200; 64]).expect("writes");
    assert_eq!(beside(&bytes.into_inner()), page("description: Top Secret\n"));
}

#[test]
fn directories_that_bite_their_tail_end() {
    let mut captions = Captions::default();
    let mut loops = directory(&[(0x8769, b"xxxxx"), (0x010e, b"a text")]);
    let next = loops.len() - 11 - 4;
    loops[next..next + 4].copy_from_slice(&8_u32.to_le_bytes());
    loops[18..22].copy_from_slice(&8_u32.to_le_bytes());
    captions.exif(&loops);
    assert_eq!(captions.text, "description: a text\n");
}

#[test]
fn captions_that_are_not_looked_at_are_a_fault() {
    let faults = |bytes: &[u8]| {
        let mut captions = Captions::default();
        captions.add_bytes("comment", bytes);
        captions.pages(&settings()).faults().len()
    };
    assert_eq!((faults(b"a few words"), faults(&vec![b'x'; TEXT + 1])), (0, 1));
    let mut captions = Captions::default();
    captions.xmp(b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x:xmpmeta><dc:title>&a;</dc:title></x:xmpmeta>");
    assert!(captions.lost);
    let block = [&[255][..], &[b'x'; 255]].concat();
    let comment = [b"!\xfe".as_slice(), &block.repeat(TEXT / 255 + 2), &[0, 0x3b]].concat();
    let file = [b"GIF89a\x08\0\x08\0\0\0\0".as_slice(), &comment].concat();
    assert!(of(&source(&file), ImageFormat::Gif).lost);
}

#[test]
fn behind_an_entry_without_room_none_more_is_looked_at() {
    let mut captions = Captions::default();
    captions.add("comment", &"first ".repeat(TEXT / 8));
    captions.add("comment", &"second ".repeat(TEXT / 8));
    captions.add("comment", "a short one");
    assert!(captions.lost && captions.values.len() == 1 && !captions.text.contains("a short one"));
    // What is lost for another reason leaves room.
    let mut captions = Captions::default();
    captions.lose();
    captions.add("comment", "a short one");
    assert!(captions.text.contains("a short one"));
}
