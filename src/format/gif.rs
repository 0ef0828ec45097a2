//! The blocks of a GIF, followed without decoding a pixel: what frames are counted by and captions are taken from.

use std::io::{self, BufRead, Read, Seek};

use super::frames::{BLOCKS, bytes};

/// A block.
pub(super) enum Block<'a> {
    /// A picture.
    Frame,
    /// Something else, by its label.
    Extension {
        label: u8,
        /// The first bytes of its data.
        data: &'a [u8],
        /// There is more of them.
        cut: bool,
    },
}

/// Walks the blocks of a file whose reader stands at its beginning, with at most so many bytes of an extension. Returns where the
/// trailer ends; none if there is an unknown block, or too many.
pub(super) fn walk(
    reader: &mut (impl BufRead + Seek),
    keep: usize,
    each: &mut dyn FnMut(Block<'_>),
) -> io::Result<Option<u64>> {
    let header: [u8; 13] = bytes(reader)?;
    skip_colours(reader, header[10])?;
    let mut data = Vec::new();
    for _ in 0..BLOCKS {
        match bytes(reader)? {
            // An image: place and size, perhaps colours, then data.
            [0x2c] => {
                let descriptor: [u8; 9] = bytes(reader)?;
                each(Block::Frame);
                skip_colours(reader, descriptor[8])?;
                reader.seek_relative(1)?;
                pieces(reader, 0, &mut data)?;
            }
            [0x21] => {
                let [label] = bytes(reader)?;
                let cut = pieces(reader, keep, &mut data)?;
                each(Block::Extension { label, data: &data, cut });
            }
            [0x3b] => return reader.stream_position().map(Some),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

fn skip_colours(reader: &mut impl Seek, flags: u8) -> io::Result<()> {
    if flags & 0x80 != 0 {
        reader.seek_relative(3 << ((flags & 7) + 1))?;
    }
    Ok(())
}

/// The data of a block, which come in pieces; whether there are more than are kept.
fn pieces(reader: &mut (impl Read + Seek), keep: usize, data: &mut Vec<u8>) -> io::Result<bool> {
    data.clear();
    let mut cut = false;
    loop {
        let [length] = bytes(reader)?;
        if length == 0 {
            return Ok(cut);
        }
        let taken = usize::from(length).min(keep - data.len());
        let before = data.len();
        data.resize(before + taken, 0);
        reader.read_exact(&mut data[before..])?;
        let rest = usize::from(length) - taken;
        cut |= rest > 0;
        reader.seek_relative(i64::try_from(rest).expect("a piece has 255 bytes at most"))?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A GIF of one picture and a comment in two pieces.
    fn file() -> Vec<u8> {
        let head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
        let frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
        [&head[..], b"\x21\xfe\x03Top\x07 Secret\0", frame, b"\x3b", b"behind"].concat()
    }

    fn walked(file: &[u8], keep: usize) -> (Vec<String>, Option<u64>) {
        let mut seen = Vec::new();
        let end = walk(&mut Cursor::new(file), keep, &mut |block| {
            seen.push(match block {
                Block::Frame => "frame".to_owned(),
                Block::Extension { label, data, cut } => format!("{label:x} {} {cut}", data.escape_ascii()),
            });
        });
        (seen, end.expect("whole"))
    }

    #[test]
    fn frames_and_the_beginning_of_extensions_are_told_and_where_the_file_ends() {
        let end = Some(file().len() as u64 - 6);
        let told = |comment: &str| (vec![comment.to_owned(), "frame".to_owned()], end);
        assert_eq!(walked(&file(), 99), told("fe Top Secret false"));
        assert_eq!(walked(&file(), 5), told("fe Top S true"));
        assert_eq!(walked(&file(), 0), told("fe  true"));
    }

    #[test]
    fn an_unknown_block_has_no_end() {
        let mut file = file();
        let trailer = file.len() - 7;
        file[trailer] = 0x77;
        assert_eq!(walked(&file, 0).1, None);
    }
}
