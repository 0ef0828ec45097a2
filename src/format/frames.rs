//! Walks the blocks of a picture without decoding a pixel: how many frames it has, and where it ends.
//!
//! Decoders fill up what is missing and stop where they have enough, and say nothing of either. So whether a file holds
//! its picture to the end, and whether something else lies behind it, is found out here.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use image::ImageFormat;

use super::gif::{self, Block};
use super::{Source, behind};

/// Blocks that are walked at most: far more than a file below the size limit of frames needs.
pub(super) const BLOCKS: usize = 10_000_000;

/// JPEGs behind the first that are walked at most: cameras write a handful, a file of many is no photo.
const FURTHER: usize = 1000;

/// What the blocks of a file say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Walk {
    /// Frames of the animation that begin before the file breaks off; 0 or 1 if it is a still picture.
    pub(super) frames: u32,
    /// A picture stands before the animation that is not part of it.
    pub(super) cover: bool,
    /// Where the whole JPEGs behind a JPEG begin: cameras put gain maps, depths and the other eye there.
    pub(super) further: Vec<u64>,
    /// One past the last byte of the last picture; none if the file breaks off before, or cannot be followed to there.
    pub(super) end: Option<u64>,
}

/// Walks a file of a known format.
pub(super) fn walk(source: &Source, format: ImageFormat) -> Walk {
    let mut walk = Walk::default();
    let mut reader = BufReader::new(source.clone());
    // An end of file in the middle ends the walk, and then there is no end mark.
    let end = match format {
        ImageFormat::Png => png(&mut reader, &mut walk),
        ImageFormat::Jpeg => jpeg(&mut reader),
        ImageFormat::Gif => gif::walk(&mut reader, 0, &mut |block| {
            walk.frames = walk.frames.saturating_add(u32::from(matches!(block, Block::Frame)));
        }),
        ImageFormat::WebP => webp(&mut reader, &mut walk),
        _ => bitmap(source),
    };
    walk.end = end.ok().flatten().filter(|end| *end <= source.size());
    if format == ImageFormat::Jpeg {
        further(source, &mut walk);
    }
    walk
}

/// Follows JPEGs that lie behind one another, with nothing but padding between them.
fn further(source: &Source, walk: &mut Walk) {
    while let Some(end) = walk.end.filter(|_| walk.further.len() < FURTHER) {
        let Some(start) = next_jpeg(source, end) else { return };
        let mut reader = source.clone();
        let followed = reader.seek(SeekFrom::Start(start)).and_then(|_| jpeg(&mut BufReader::new(reader)));
        // One that breaks off stays behind the end, where it is a fault.
        let Some(end) = followed.ok().flatten().filter(|end| *end <= source.size()) else { return };
        walk.further.push(start);
        walk.end = Some(end);
    }
}

fn next_jpeg(source: &Source, end: u64) -> Option<u64> {
    // The first byte of a JPEG counts as padding.
    let start = behind::skip_padding(source, end).ok()?.checked_sub(1).filter(|start| *start >= end)?;
    let mut reader = source.clone();
    reader.seek(SeekFrom::Start(start)).ok()?;
    (bytes::<3>(&mut reader).ok()? == *b"\xff\xd8\xff").then_some(start)
}

/// The end of the pixels of a bitmap, or what the header says if they are packed. A bitmap has no end mark: that bytes
/// are missing is for its decoder to find.
fn bitmap(source: &Source) -> io::Result<Option<u64>> {
    let mut head = source.head(54)?;
    head.resize(54, 0);
    let short = |at: usize| u64::from(u16::from_le_bytes([head[at], head[at + 1]]));
    let long = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let header = long(14);
    let (width, height, bits) = match header {
        12 => (short(18), short(20), short(24)),
        // Rows from top to bottom are said with a negative height.
        _ => (u64::from(long(18)), u64::from(long(22).cast_signed().unsigned_abs()), short(28)),
    };
    let packed = header >= 40 && !matches!(long(30), 0 | 3 | 6);
    let pixels = width.saturating_mul(bits).div_ceil(32).saturating_mul(4).saturating_mul(height);
    let end = if packed { u64::from(long(2)) } else { pixels.saturating_add(u64::from(long(10))) };
    Ok(Some(if end == 0 { source.size() } else { end.min(source.size()) }))
}

/// Chunks up to `IEND`; each frame of an animation has its `fcTL`.
fn png(reader: &mut (impl BufRead + Seek), walk: &mut Walk) -> io::Result<Option<u64>> {
    let (mut animated, mut picture) = (false, false);
    reader.seek_relative(8)?;
    for _ in 0..BLOCKS {
        let [a, b, c, d, kind @ ..] = bytes::<8>(reader)?;
        match &kind {
            b"acTL" => animated = true,
            b"fcTL" if animated => walk.frames = walk.frames.saturating_add(1),
            b"IDAT" if !picture => {
                picture = true;
                walk.cover = animated && walk.frames == 0;
            }
            _ => {}
        }
        reader.seek_relative(i64::from(u32::from_be_bytes([a, b, c, d])) + 4)?;
        if &kind == b"IEND" {
            return reader.stream_position().map(Some);
        }
    }
    Ok(None)
}

/// Whether some bytes are a JPEG with data and an end.
pub(super) fn is_whole_jpeg(data: &[u8]) -> bool {
    behind_jpeg(data).is_some()
}

/// What lies behind the first JPEG in some bytes, if that has data and an end. Decoders look for its beginning, and so do we.
pub(super) fn behind_jpeg(data: &[u8]) -> Option<&[u8]> {
    let begin = memchr::memmem::find(data, &[0xff, 0xd8])?;
    let end = jpeg(&mut io::Cursor::new(&data[begin..])).ok()??;
    data.get(begin.checked_add(usize::try_from(end).ok()?)?..)
}

/// Segments up to the end mark. One inside a segment is that of a preview; data between segments is passed over.
fn jpeg(reader: &mut (impl BufRead + Seek)) -> io::Result<Option<u64>> {
    let mut scans = false;
    reader.seek_relative(2)?;
    loop {
        if reader.skip_until(0xff)? == 0 {
            return Ok(None);
        }
        let mut mark = 0xff;
        while mark == 0xff {
            [mark] = bytes(reader)?;
        }
        match mark {
            0xd9 => return if scans { reader.stream_position().map(Some) } else { Ok(None) },
            // A byte of data that happens to be 0xff, marks inside data, and marks without a segment.
            0 | 1 | 0xd0..=0xd8 => {}
            _ => {
                scans |= mark == 0xda;
                let length = u16::from_be_bytes(bytes(reader)?);
                reader.seek_relative(i64::from(length.saturating_sub(2)))?;
            }
        }
    }
}

/// `ANMF` chunks of the file, whose header tells its size; a still picture has none.
fn webp(reader: &mut (impl BufRead + Seek), walk: &mut Walk) -> io::Result<Option<u64>> {
    let header: [u8; 12] = bytes(reader)?;
    let end = 8 + u64::from(u32::from_le_bytes([header[4], header[5], header[6], header[7]]));
    for _ in 0..BLOCKS {
        let position = reader.stream_position()?;
        // A last byte that makes the size even may be missing.
        if position + 1 >= end {
            return Ok(Some(end.min(position)));
        }
        let [kind @ .., a, b, c, d] = bytes::<8>(reader)?;
        walk.frames = walk.frames.saturating_add(u32::from(&kind == b"ANMF"));
        let size = i64::from(u32::from_le_bytes([a, b, c, d]));
        reader.seek_relative(size + (size & 1))?;
    }
    Ok(None)
}

/// The next bytes of a file.
pub(super) fn bytes<const COUNT: usize>(reader: &mut impl Read) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{fixture, source};

    const PICTURES: &[(&str, ImageFormat, u32)] = &[
        ("rgb.png", ImageFormat::Png, 0),
        ("rgb.bmp", ImageFormat::Bmp, 0),
        ("rgb.jpg", ImageFormat::Jpeg, 0),
        ("exif_turned.jpg", ImageFormat::Jpeg, 0),
        ("palette.gif", ImageFormat::Gif, 1),
        ("three_frames.gif", ImageFormat::Gif, 3),
        ("rgb.webp", ImageFormat::WebP, 0),
        ("three_frames.webp", ImageFormat::WebP, 3),
    ];

    #[test]
    fn a_picture_is_followed_to_its_end_whatever_lies_behind() {
        for (name, format, frames) in PICTURES {
            let whole = fixture(name);
            let end = Some(whole.len() as u64);
            let expected = Walk { frames: *frames, end, ..Walk::default() };
            assert_eq!(walk(&source(&whole), *format), expected, "{name}");
            assert_eq!(walk(&source(&[&whole, b"\xff\xd9;more".as_slice()].concat()), *format).end, end, "{name}");
        }
    }

    #[test]
    fn a_picture_cut_off_anywhere_has_no_end() {
        // A bitmap has no end mark.
        for (name, format, _) in PICTURES.iter().filter(|picture| picture.1 != ImageFormat::Bmp) {
            let whole = fixture(name);
            for length in (0..whole.len()).step_by(whole.len() / 50 + 1) {
                assert_eq!(walk(&source(&whole[..length]), *format).end, None, "{name} at {length}");
            }
        }
    }

    #[test]
    fn the_end_mark_of_a_preview_is_not_that_of_the_picture() {
        let preview = b"\xff\xd8\xff\xe1\0\x0a\xff\xd8\xff\xda\0\x02\xff\xd9";
        assert_eq!(walk(&source(preview), ImageFormat::Jpeg).end, None);
        let picture = [preview.as_slice(), b"\xff\xda\0\x02data\xff\0\xff\xd3\xff\xd9"].concat();
        assert_eq!(walk(&source(&picture), ImageFormat::Jpeg).end, Some(picture.len() as u64));
    }

    #[test]
    fn an_unknown_block_is_no_end_of_an_animation() {
        let mut whole = fixture("three_frames.gif");
        let end = whole.len() - 1;
        whole.splice(end..end, [0x77]);
        assert_eq!(walk(&source(&whole), ImageFormat::Gif), Walk { frames: 3, ..Walk::default() });
    }
}
