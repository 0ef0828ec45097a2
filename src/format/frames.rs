//! Counts the frames of animations by walking their blocks, without decoding a pixel.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::Source;

/// Blocks that are walked at most: far more than a file below the size limit of frames needs.
const BLOCKS: usize = 10_000_000;

/// Frames of a GIF; of a damaged one, those that begin before the damage.
pub(super) fn count_gif(source: &Source) -> u32 {
    let mut frames = 0;
    // An end of file in the middle ends the count; the decoder will say what is missing.
    let _ = walk_gif(&mut BufReader::new(source.clone()), &mut frames);
    frames
}

fn walk_gif(reader: &mut (impl Read + Seek), frames: &mut u32) -> std::io::Result<()> {
    let mut header = [0; 13];
    reader.read_exact(&mut header)?;
    skip_colours(reader, header[10])?;
    for _ in 0..BLOCKS {
        match byte(reader)? {
            // An image: place and size, perhaps colours, then data.
            0x2c => {
                let mut descriptor = [0; 9];
                reader.read_exact(&mut descriptor)?;
                *frames = frames.saturating_add(1);
                skip_colours(reader, descriptor[8])?;
                byte(reader)?;
                skip_blocks(reader)?;
            }
            0x21 => {
                byte(reader)?;
                skip_blocks(reader)?;
            }
            _ => break,
        }
    }
    Ok(())
}

fn skip_colours(reader: &mut impl Seek, flags: u8) -> std::io::Result<()> {
    if flags & 0x80 != 0 {
        reader.seek_relative(3 << ((flags & 7) + 1))?;
    }
    Ok(())
}

fn skip_blocks(reader: &mut (impl Read + Seek)) -> std::io::Result<()> {
    loop {
        match byte(reader)? {
            0 => return Ok(()),
            length => reader.seek_relative(i64::from(length))?,
        }
    }
}

fn byte(reader: &mut impl Read) -> std::io::Result<u8> {
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Frames of a WEBP: its `ANMF` chunks; a still picture has none.
pub(super) fn count_webp(source: &Source) -> u32 {
    let mut source = source.clone();
    let mut at = 12;
    let mut frames = 0_u32;
    for _ in 0..BLOCKS {
        let mut header = [0; 8];
        if source.seek(SeekFrom::Start(at)).is_err() || source.read_exact(&mut header).is_err() {
            break;
        }
        frames = frames.saturating_add(u32::from(&header[..4] == b"ANMF"));
        let size = u64::from(u32::from_le_bytes([header[4], header[5], header[6], header[7]]));
        at += 8 + size + (size & 1);
    }
    frames
}
