//! Metafiles of old Windows: records of 16-bit numbers.

use crate::format::codepage;
use crate::format::ole::{bytes, dib};

use super::Read;
use super::pen::{After, Many};
use crate::config::Limits;
use crate::format::outlines::Point;
use crate::format::zeros;

const TEXT: u16 = 0x0521;
const TEXT_IN_BOX: u16 = 0x0a32;
const FONT: u16 = 0x02fb;
const SELECT: u16 = 0x012d;
const DELETE: u16 = 0x01f0;
const POLYGON: u16 = 0x0324;
const POLYLINE: u16 = 0x0325;
const POLYPOLYGON: u16 = 0x0538;
const STRETCH: u16 = 0x0f43;
const STRETCH_BITMAP: u16 = 0x0b41;
const BITMAP: u16 = 0x0940;
const TO_DEVICE: u16 = 0x0d33;
const ESCAPE: u16 = 0x0626;

/// Other records that make an object, which takes a number.
const OBJECTS: [u16; 6] = [0x00f7, 0x01f9, 0x02fa, 0x02fc, 0x06ff, 0x0142];

/// Objects that are noted.
const MOST: usize = 10_000;

/// Marks an enhanced metafile in comments.
const ENHANCED: &[u8] = b"WMFC";

/// Reads a metafile.
pub(super) fn read(file: &[u8], limits: &Limits) -> Read {
    let mut read = Read::default();
    let lead = if file.starts_with(b"\xd7\xcd\xc6\x9a") { 22 } else { 0 };
    let mut at = lead + 18;
    let mut objects: Vec<Option<u32>> = Vec::new();
    let mut page = 1252;
    let mut ended = false;
    let mut enhanced = Vec::new();
    while let (Some(words), Some(kind)) = (bytes::size(file, at), bytes::u16(file, at + 4)) {
        let length = words.saturating_mul(2);
        let record = bytes::part(file, at, length);
        if length < 6 || record.len() < length {
            break;
        }
        let body = &record[6..];
        match kind {
            0 => ended = true,
            TEXT => {
                let count = bytes::short(body, 0).unwrap_or_default();
                let behind = 2 + count.next_multiple_of(2);
                push(&mut read, body, behind, bytes::part(body, 2, count), page);
            }
            TEXT_IN_BOX => {
                let count = bytes::short(body, 4).unwrap_or_default();
                // A box stands before the text if it clips or is filled.
                let boxed = bytes::u16(body, 6).is_some_and(|flags| flags & 6 != 0);
                let start = if boxed { 16 } else { 8 };
                if bytes::u16(body, 6).is_some_and(|flags| flags & 0x10 != 0) && count > 0 {
                    read.glyphs += 1;
                } else {
                    push(&mut read, body, 0, bytes::part(body, start, count), page);
                }
            }
            FONT => {
                let charset = body.get(13).map_or(0, |charset| u32::from(*charset));
                place(&mut objects, codepage::of_font_charset(charset).or(Some(1252)));
            }
            SELECT => {
                let object = bytes::short(body, 0).and_then(|index| objects.get(index).copied().flatten());
                page = object.filter(|page| *page > 0).unwrap_or(page);
            }
            DELETE => {
                if let Some(object) = bytes::short(body, 0).and_then(|index| objects.get_mut(index)) {
                    *object = None;
                }
            }
            ESCAPE => escape(body, &mut enhanced),
            kind if OBJECTS.contains(&kind) => place(&mut objects, Some(0)),
            _ => drawn(kind, record, &mut read, limits),
        }
        at += length;
        if ended {
            break;
        }
    }
    read.damaged = !ended;
    read.end = at;
    read.pen.finish(limits);
    if !enhanced.is_empty() {
        read.pictures.push((enhanced, "emf"));
    }
    read
}

/// An object takes the first number that is free.
fn place(objects: &mut Vec<Option<u32>>, page: Option<u32>) {
    match objects.iter().position(Option::is_none) {
        Some(free) => objects[free] = page,
        None if objects.len() < MOST => objects.push(page),
        None => {}
    }
}

fn push(read: &mut Read, body: &[u8], place: usize, text: &[u8], page: u32) {
    let number = |at: usize| bytes::u16(body, at).map_or(0, |value| i32::from(value.cast_signed()));
    read.zeroed |= zeros::is_zeroed(text);
    read.lines.push(number(place + 2), number(place), &codepage::with_zeros(text, page));
}

fn drawn(kind: u16, record: &[u8], read: &mut Read, limits: &Limits) {
    let body = &record[6..];
    let pen = &mut read.pen;
    let number = |at: usize| bytes::u16(body, at).map_or(0.0, |value| f32::from(value.cast_signed()));
    let pair = || (number(2), number(0));
    match kind {
        POLYGON | POLYLINE => {
            let count = bytes::short(body, 0).unwrap_or_default();
            let after = if kind == POLYGON { After::Fill } else { After::Draw };
            pen.run(&points(body, 2, count), false, after, limits);
        }
        POLYPOLYGON => {
            let count = bytes::short(body, 0).unwrap_or_default();
            let lengths: Vec<usize> =
                (0..count).map(|index| bytes::short(body, 2 + 2 * index).unwrap_or_default()).collect();
            let all = points(body, 2 + 2 * count, lengths.iter().sum());
            pen.many(&Many { lengths, points: all }, After::Fill, limits);
        }
        0x0214 => pen.move_to(pair()),
        0x0213 => pen.go_on(&[pair()], false),
        0x020b => pen.window.0 = pair(),
        0x020c => pen.window.1 = pair(),
        0x020d => pen.view.0 = pair(),
        0x020e => pen.view.1 = pair(),
        0x0103 => pen.mode = bytes::u16(body, 0).map_or(0, i32::from),
        0x001e => pen.save(),
        0x0127 => pen.restore(bytes::u16(body, 0).map_or(0, |level| i32::from(level.cast_signed()))),
        STRETCH | STRETCH_BITMAP | BITMAP | TO_DEVICE => {
            let start = match kind {
                STRETCH => 22,
                STRETCH_BITMAP => 20,
                BITMAP => 16,
                _ => 18,
            };
            // Without a bitmap, the record is shorter, and fills a box.
            let Some(data) = body.get(start..).filter(|data| data.len() > 16) else { return };
            let file = dib::bmp(data);
            read.damaged |= file.is_none();
            read.pictures.extend(file.map(|file| (file, "bmp")));
        }
        _ => {}
    }
}

fn points(body: &[u8], start: usize, count: usize) -> Vec<Point> {
    let number = |at: &[u8]| bytes::u16(at, 0).map_or(0.0, |value| f32::from(value.cast_signed()));
    let data = bytes::part(body, start, count.saturating_mul(4));
    data.chunks_exact(4).map(|point| (number(point), number(&point[2..]))).collect()
}

/// Collects the enhanced metafile that comments may hold in pieces.
fn escape(body: &[u8], enhanced: &mut Vec<u8>) {
    if bytes::u16(body, 0) == Some(15) && body.get(4..8) == Some(ENHANCED) {
        let length = bytes::size(body, 26).unwrap_or_default();
        enhanced.extend_from_slice(bytes::part(body, 38, length));
    }
}
