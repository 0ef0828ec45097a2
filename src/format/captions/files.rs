//! Where the captions stand in the files of each format.

use std::io::{BufReader, Read, Seek, SeekFrom};

use image::ImageFormat;

use super::{Captions, PIECE, PIECES, TEXT};
use crate::format::gif::{self, Block};
use crate::format::{Source, inflate};

/// The captions of a picture in a file of this format.
pub(in crate::format) fn of(source: &Source, format: ImageFormat) -> Captions {
    let mut captions = Captions::default();
    let mut reader = BufReader::new(source.clone());
    // Where the file breaks off the captions end, and its pixels say that it does.
    let _ = match format {
        ImageFormat::Png => png(&mut reader, &mut captions),
        ImageFormat::Jpeg => jpeg(&mut reader, &mut captions),
        ImageFormat::Gif => gif(&mut reader, &mut captions),
        ImageFormat::WebP => webp(&mut reader, &mut captions),
        _ => None,
    };
    captions
}

type In = BufReader<Source>;

fn bytes<const COUNT: usize>(reader: &mut In) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    reader.read_exact(&mut bytes).ok().map(|()| bytes)
}

/// The next `length` bytes, or as many of them as are looked at; the reader stands behind them all.
fn piece(reader: &mut In, length: u64, captions: &mut Captions) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    if length > PIECE {
        captions.lose();
    }
    reader.by_ref().take(length.min(PIECE)).read_to_end(&mut data).ok()?;
    skip(reader, length.saturating_sub(data.len() as u64))?;
    Some(data)
}

fn skip(reader: &mut In, length: u64) -> Option<()> {
    reader.seek_relative(i64::try_from(length).ok()?).ok()
}

/// Chunks of text (PNG, 11.3.4).
fn png(reader: &mut In, captions: &mut Captions) -> Option<()> {
    reader.seek(SeekFrom::Start(8)).ok()?;
    for _ in 0..PIECES {
        let [a, b, c, d, kind @ ..] = bytes::<8>(reader)?;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        match &kind {
            b"tEXt" | b"zTXt" | b"iTXt" | b"eXIf" => png_text(&kind, &piece(reader, length, captions)?, captions),
            b"IEND" => return Some(()),
            _ => skip(reader, length)?,
        }
        skip(reader, 4)?;
    }
    captions.lose();
    Some(())
}

fn png_text(kind: &[u8], data: &[u8], captions: &mut Captions) {
    if kind == b"eXIf" {
        return captions.exif(data);
    }
    let Some(end) = memchr::memchr(0, data) else { return };
    let (name, value) = (String::from_utf8_lossy(&data[..end]), &data[end + 1..]);
    let mut lost = false;
    let mut unpacked = |packed: &[u8]| {
        let unpacked = inflate::inflate(packed, PIECE);
        lost = matches!(unpacked, Err(inflate::Refused::Limit));
        unpacked.unwrap_or_default()
    };
    let value = match (kind, value) {
        (b"tEXt", value) => value.to_vec(),
        (b"zTXt", [_, packed @ ..]) => unpacked(packed),
        (_, [packed, _, rest @ ..]) => {
            // Behind the language and the name in that language.
            let text = rest.splitn(3, |byte| *byte == 0).nth(2).unwrap_or_default();
            if *packed == 1 { unpacked(text) } else { text.to_vec() }
        }
        _ => return,
    };
    if lost {
        captions.lose();
    }
    if name == "XML:com.adobe.xmp" { captions.xmp(&value) } else { captions.add_bytes(&name, &value) }
}

/// Segments before the picture: comments, and those of applications.
fn jpeg(reader: &mut In, captions: &mut Captions) -> Option<()> {
    reader.seek(SeekFrom::Start(2)).ok()?;
    for _ in 0..PIECES {
        let [mut mark] = bytes(reader)?;
        while mark == 0xff {
            [mark] = bytes(reader)?;
        }
        match mark {
            0 | 1 | 0xd0..=0xd8 => {}
            0xd9 | 0xda => return Some(()),
            _ => {
                let length = u64::from(u16::from_be_bytes(bytes(reader)?).saturating_sub(2));
                let data = piece(reader, length, captions)?;
                match mark {
                    0xfe => captions.add_bytes("comment", &data),
                    0xe1 => application(&data, captions),
                    0xed => {
                        if let Some(resources) = data.strip_prefix(b"Photoshop 3.0\0") {
                            captions.photoshop(resources);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    captions.lose();
    Some(())
}

fn application(data: &[u8], captions: &mut Captions) {
    if let Some(exif) = data.strip_prefix(b"Exif\0\0") {
        captions.exif(exif);
    } else if let Some(packet) = data.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
        captions.xmp(packet);
    } else if let Some(more) = data.strip_prefix(b"http://ns.adobe.com/xmp/extension/\0") {
        // Behind a digest and two numbers.
        captions.xmp(more.get(40..).unwrap_or_default());
    }
}

/// Comments, plain text, and XMP, which is no blocks but looks like them to those who do not know it. A file with unknown blocks is
/// told of by who counts its frames.
fn gif(reader: &mut In, captions: &mut Captions) -> Option<()> {
    let walked = gif::walk(reader, TEXT, &mut |block| {
        let Block::Extension { label, data, cut } = block else { return };
        if cut {
            captions.lose();
        }
        match label {
            0xfe => captions.add_bytes("comment", data),
            0x01 => captions.add_bytes("text", data.get(12..).unwrap_or_default()),
            0xff if data.starts_with(b"XMP DataXMP") => gif_xmp(data, captions),
            _ => {}
        }
    });
    walked.ok().flatten().map(|_| ())
}

/// XMP in a GIF: the bytes that say how long blocks are belong to it, and were left out.
fn gif_xmp(data: &[u8], captions: &mut Captions) {
    let text = String::from_utf8_lossy(data.get(11..).unwrap_or_default());
    captions.xmp(text.as_bytes());
}

fn webp(reader: &mut In, captions: &mut Captions) -> Option<()> {
    skip(reader, 12)?;
    for _ in 0..PIECES {
        let [kind @ .., a, b, c, d] = bytes::<8>(reader)?;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        match &kind {
            b"EXIF" => {
                let data = piece(reader, length, captions)?;
                captions.exif(data.strip_prefix(b"Exif\0\0").unwrap_or(&data));
            }
            b"XMP " => {
                let data = piece(reader, length, captions)?;
                captions.xmp(&data);
            }
            _ => skip(reader, length)?,
        }
        skip(reader, length & 1)?;
    }
    captions.lose();
    Some(())
}
