//! Enhanced metafiles: records of 32-bit numbers.

use crate::format::codepage;
use crate::format::ole::{bytes, dib};

use super::Read;
use super::pen::{After, Many};
use crate::config::Limits;
use crate::format::outlines::Point;
use crate::format::placed::Matrix;
use crate::format::zeros;

/// Records of text: wide, narrow, and several at a time.
const TEXT_NARROW: u32 = 83;
const TEXT_WIDE: u32 = 84;
const TEXTS_NARROW: u32 = 96;
const TEXTS_WIDE: u32 = 97;
const SMALL_TEXT: u32 = 108;

/// Records with a bitmap, with where its header and its pixels are said to be.
const BITMAPS: &[(u32, usize)] = &[(76, 84), (77, 84), (78, 84), (79, 96), (80, 48), (81, 48), (114, 84), (116, 84)];

const COMMENT: u32 = 70;
const END: u32 = 14;
const FONT: u32 = 82;
const SELECT: u32 = 37;

/// Texts are numbers of glyphs.
const GLYPHS: u32 = 0x10;

/// Characters of a text in a small record are narrow.
const SMALL_NARROW: u32 = 0x200;
/// A small record has no box.
const SMALL_BARE: u32 = 0x100;

/// Fonts that are noted.
const FONTS: usize = 10_000;

/// Reads an enhanced metafile.
pub(super) fn read(file: &[u8], limits: &Limits) -> Read {
    let mut read = Read::default();
    let mut fonts: Vec<(u32, u32)> = Vec::new();
    let mut page = 1252;
    let mut at = 0_usize;
    let mut ended = false;
    let mut dual = Dual::default();
    while let (Some(kind), Some(length)) = (bytes::u32(file, at), bytes::size(file, at + 4)) {
        let record = bytes::part(file, at, length);
        if length < 8 || record.len() < length {
            break;
        }
        match kind {
            END => ended = true,
            TEXT_NARROW | TEXT_WIDE => text(record, 36, kind == TEXT_WIDE, page, &mut read),
            TEXTS_NARROW | TEXTS_WIDE => {
                let count = bytes::size(record, 32).unwrap_or_default().min(length / 40);
                (0..count).for_each(|index| text(record, 36 + 40 * index, kind == TEXTS_WIDE, page, &mut read));
            }
            SMALL_TEXT => small_text(record, page, &mut read),
            FONT if fonts.len() < FONTS => {
                let charset = record.get(12 + 23).map_or(0, |charset| u32::from(*charset));
                fonts.push((bytes::u32(record, 8).unwrap_or_default(), charset));
            }
            SELECT => {
                let id = bytes::u32(record, 8);
                let font = fonts.iter().rev().find(|font| Some(font.0) == id);
                page = font.and_then(|font| codepage::of_font_charset(font.1)).unwrap_or(page);
            }
            COMMENT => dual.comment(record, &mut read),
            _ if outline(kind, record, &mut read, limits) => {}
            _ => bitmap(kind, record, &mut read),
        }
        at += length;
        if ended {
            break;
        }
    }
    read.damaged = !ended;
    read.end = at;
    read.pen.finish(limits);
    read.newer = dual.unread();
    read
}

/// A text with its place.
fn text(record: &[u8], at: usize, wide: bool, page: u32, read: &mut Read) {
    let number = |offset: usize| bytes::u32(record, at + offset).unwrap_or_default();
    let (x, y) = (number(0).cast_signed(), number(4).cast_signed());
    let (count, place) = (number(8) as usize, number(12) as usize);
    let characters = bytes::part(record, place, if wide { count.saturating_mul(2) } else { count });
    if count > 0 && number(16) & GLYPHS != 0 {
        read.glyphs += 1;
    } else {
        read.zeroed |= is_zeroed(characters, wide);
        let text = codepage::with_zeros(characters, if wide { codepage::UTF_16 } else { page });
        read.lines.push(x, y, &text);
    }
}

fn small_text(record: &[u8], page: u32, read: &mut Read) {
    let number = |at: usize| bytes::u32(record, at).unwrap_or_default();
    let (count, flags) = (number(16) as usize, number(20));
    let start = if flags & SMALL_BARE == 0 { 52 } else { 36 };
    let narrow = flags & SMALL_NARROW != 0;
    let characters = bytes::part(record, start, if narrow { count } else { count.saturating_mul(2) });
    if count > 0 && flags & GLYPHS != 0 {
        read.glyphs += 1;
        return;
    }
    read.zeroed |= is_zeroed(characters, !narrow);
    let text = codepage::with_zeros(characters, if narrow { page } else { codepage::UTF_16 });
    read.lines.push(number(8).cast_signed(), number(12).cast_signed(), &text);
}

/// Whether zeros stand for characters of a text.
fn is_zeroed(characters: &[u8], wide: bool) -> bool {
    if wide { zeros::is_zeroed(&bytes::units(characters)) } else { zeros::is_zeroed(characters) }
}

/// What draws outlines, or says where and how they are drawn; false if the record is none of these.
fn outline(kind: u32, record: &[u8], read: &mut Read, limits: &Limits) -> bool {
    let pen = &mut read.pen;
    let number = |at: usize| bytes::u32(record, at).unwrap_or_default().cast_signed();
    #[allow(clippy::cast_precision_loss, reason = "places in a drawing")]
    let pair = |at: usize| (number(at) as f32, number(at + 4) as f32);
    // Curves and lines of 32 and of 16 bits a number, from where they are or from the last point.
    match kind {
        2 => pen.run(&points(record, 24, false), true, After::Draw, limits),
        3 => pen.run(&points(record, 24, false), false, After::Fill, limits),
        4 => pen.run(&points(record, 24, false), false, After::Draw, limits),
        5 => pen.go_on(&points(record, 24, false), true),
        6 => pen.go_on(&points(record, 24, false), false),
        85 => pen.run(&points(record, 24, true), true, After::Draw, limits),
        86 => pen.run(&points(record, 24, true), false, After::Fill, limits),
        87 => pen.run(&points(record, 24, true), false, After::Draw, limits),
        88 => pen.go_on(&points(record, 24, true), true),
        89 => pen.go_on(&points(record, 24, true), false),
        7 | 8 | 90 | 91 => {
            let count = bytes::size(record, 24).unwrap_or_default().min(record.len() / 4);
            let lengths = (0..count).map(|index| bytes::size(record, 32 + 4 * index).unwrap_or_default()).collect();
            let all = read_points(record, 32 + 4 * count, bytes::size(record, 28).unwrap_or_default(), kind >= 90);
            let after = if matches!(kind, 8 | 91) { After::Fill } else { After::Draw };
            pen.many(&Many { lengths, points: all }, after, limits);
        }
        27 => pen.move_to(pair(8)),
        54 => pen.go_on(&[pair(8)], false),
        59 => pen.begin_path(),
        61 => pen.close(),
        // What is clipped by letters shows as letters.
        62 | 63 | 67 => pen.end_path(After::Fill, limits),
        64 => pen.end_path(After::Draw, limits),
        68 => pen.end_path(After::Nothing, limits),
        9 => pen.window.1 = pair(8),
        10 => pen.window.0 = pair(8),
        11 => pen.view.1 = pair(8),
        12 => pen.view.0 = pair(8),
        17 => pen.mode = number(8),
        33 => pen.save(),
        34 => pen.restore(number(8)),
        35 => pen.world = matrix(record),
        36 => match number(32) {
            1 => pen.world = Matrix::default(),
            2 => pen.world = matrix(record).then(&pen.world),
            3 => pen.world = pen.world.then(&matrix(record)),
            _ => pen.world = matrix(record),
        },
        _ => return false,
    }
    true
}

fn matrix(record: &[u8]) -> Matrix {
    let number = |index: usize| f32::from_bits(bytes::u32(record, 8 + 4 * index).unwrap_or_default());
    Matrix(std::array::from_fn(number))
}

/// The points of a record, which counts them at `count`.
fn points(record: &[u8], count: usize, short: bool) -> Vec<Point> {
    read_points(record, count + 4, bytes::size(record, count).unwrap_or_default(), short)
}

fn read_points(record: &[u8], start: usize, count: usize, short: bool) -> Vec<Point> {
    let size = if short { 4 } else { 8 };
    let data = bytes::part(record, start, count.saturating_mul(size));
    let point = |data: &[u8]| match *data {
        [a, b, c, d] => (f32::from(i16::from_le_bytes([a, b])), f32::from(i16::from_le_bytes([c, d]))),
        _ => {
            #[allow(clippy::cast_precision_loss, reason = "places in a drawing")]
            let number = |at: usize| bytes::u32(data, at).unwrap_or_default().cast_signed() as f32;
            (number(0), number(4))
        }
    };
    data.chunks_exact(size).map(point).collect()
}

/// A bitmap.
fn bitmap(kind: u32, record: &[u8], read: &mut Read) {
    if let Some((_, places)) = BITMAPS.iter().find(|bitmap| bitmap.0 == kind) {
        let place = |index: usize| bytes::size(record, places + 4 * index).unwrap_or_default();
        let (info, pixels) = (bytes::part(record, place(0), place(1)), bytes::part(record, place(2), place(3)));
        if !pixels.is_empty() {
            let file = dib::bmp_of(info, pixels);
            read.damaged |= file.is_none();
            read.pictures.extend(file.map(|file| (file, "bmp")));
        }
    }
}

/// What comments hold: drawings of the newer kind (EMF+), most of them beside the same in records.
#[derive(Default)]
struct Dual {
    draws: usize,
    only: bool,
}

impl Dual {
    fn comment(&mut self, record: &[u8], read: &mut Read) {
        if record.get(12..16) != Some(b"EMF+") {
            return;
        }
        let data = bytes::part(record, 16, bytes::size(record, 8).unwrap_or_default().saturating_sub(4));
        let mut at = 0_usize;
        while let (Some(kind), Some(length)) = (bytes::u16(data, at), bytes::size(data, at + 4)) {
            let body = bytes::part(data, at + 12, bytes::size(data, at + 8).unwrap_or_default());
            match kind {
                // The header says whether ordinary records say the same.
                0x4001 => self.only = bytes::u16(data, at + 2).is_some_and(|flags| flags & 1 == 0),
                0x4008 => {
                    let picture = plus_image(body);
                    let is_image = data.get(at + 3).is_some_and(|kind| kind & 0x7f == 5);
                    self.draws += usize::from(is_image && picture.is_none());
                    read.pictures.extend(picture);
                }
                0x401c => {
                    let count = bytes::size(body, 8).unwrap_or_default();
                    let characters = bytes::part(body, 28, count.saturating_mul(2));
                    if self.only {
                        read.zeroed |= is_zeroed(characters, true);
                        let text = codepage::with_zeros(characters, codepage::UTF_16);
                        read.lines.push(0, i32::try_from(self.draws).unwrap_or_default(), &text);
                    }
                }
                // Outlines, filled and not, and glyphs.
                0x4014 | 0x4015 | 0x4036 => self.draws += 1,
                _ => {}
            }
            if length < 12 {
                break;
            }
            at = at.saturating_add(length);
        }
    }

    /// Drawings that no ordinary record repeats.
    fn unread(&self) -> usize {
        if self.only { self.draws } else { 0 }
    }
}

/// The picture of an object of the newer kind, where it is a whole file.
fn plus_image(object: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    // A version, the kind "bitmap", its size, stride and format, and that it is a packed one.
    let is_packed = bytes::u32(object, 4) == Some(1) && bytes::u32(object, 24) == Some(1);
    let file = object.get(28..)?;
    let known = crate::kind::of_head(&file[..file.len().min(64)]);
    let ending = match known? {
        "png" => "png",
        "jpeg" => "jpg",
        "gif" => "gif",
        "tiff" => "tif",
        _ => return None,
    };
    is_packed.then(|| (file.to_vec(), ending))
}
