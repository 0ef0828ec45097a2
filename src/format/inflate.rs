//! Packed data (zlib, RFC 1950) to their very end: the checksum behind them tells any damage.
//!
//! Readers of pictures and documents make do with what they got before the damage, and say nothing.

use flate2::{Decompress, FlushDecompress, Status};

/// Bytes that are unpacked at a time.
const BLOCK: usize = 64 << 10;

/// Why data were not unpacked to their end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// They are damaged, or cut.
    Damaged,
    /// They unpack to more than the limit.
    Limit,
}

/// How data end that were flushed and never closed.
const FLUSHED: &[u8] = &[0, 0, 0xff, 0xff];

/// Unpacks all there is, up to `limit` bytes, and hands it over block by block. What stands behind the end is passed over. Two ways of Adobe's programs to end are whole: at a flush, and a byte or four before the end of the checksum.
pub(super) fn inflate_to(packed: &[u8], limit: u64, mut take: impl FnMut(&[u8])) -> Result<(), Refused> {
    let mut block = vec![0; BLOCK];
    let mut stream = Decompress::new(true);
    let mut rest = packed;
    // Some writers pack nothing by writing nothing.
    while !packed.is_empty() {
        let (read, written) = (stream.total_in(), stream.total_out());
        let status = stream.decompress(rest, &mut block, FlushDecompress::None).map_err(|_| Refused::Damaged)?;
        rest = &rest[usize::try_from(stream.total_in() - read).expect("no more than there is")..];
        let fresh = usize::try_from(stream.total_out() - written).expect("no more than the block");
        if stream.total_out() > limit {
            return Err(Refused::Limit);
        }
        take(&block[..fresh]);
        match status {
            Status::StreamEnd => break,
            // It wants more than there is.
            _ if fresh == 0 && rest.is_empty() => {
                let whole = packed.ends_with(FLUSHED) || last_block_ends(packed, limit);
                return if whole { Ok(()) } else { Err(Refused::Damaged) };
            }
            _ => {}
        }
    }
    Ok(())
}

/// Unpacks all there is, up to `limit` bytes.
pub(super) fn inflate(packed: &[u8], limit: u64) -> Result<Vec<u8>, Refused> {
    let mut data = Vec::new();
    inflate_to(packed, limit, |block| data.extend_from_slice(block))?;
    Ok(data)
}

/// Whether nothing but the checksum is missing.
fn last_block_ends(packed: &[u8], limit: u64) -> bool {
    let (mut block, mut stream) = (vec![0; BLOCK], Decompress::new(false));
    let mut rest = packed.get(2..).unwrap_or_default();
    while stream.total_out() <= limit {
        let (read, written) = (stream.total_in(), stream.total_out());
        let Ok(status) = stream.decompress(rest, &mut block, FlushDecompress::None) else { return false };
        rest = &rest[usize::try_from(stream.total_in() - read).expect("no more than there is")..];
        if status == Status::StreamEnd || (rest.is_empty() && stream.total_out() == written) {
            return status == Status::StreamEnd;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        flate2::read::ZlibEncoder::new(data, flate2::Compression::default()).read_to_end(&mut packed).expect("packed");
        packed
    }

    #[test]
    fn a_bit_that_is_wrong_anywhere_and_a_byte_that_is_missing_are_damage() {
        let text = "an ordinary line of a document, and another one ".repeat(9);
        let whole = packed(text.as_bytes());
        assert_eq!(inflate(&whole, 9999).as_deref(), Ok(text.as_bytes()));
        assert!(inflate(&[&whole, b"\r\n".as_slice()].concat(), 9999).is_ok(), "what stands behind");
        for length in 1..whole.len() - 5 {
            assert_eq!(inflate(&whole[..length], 9999), Err(Refused::Damaged), "{length}");
        }
        // The first two bytes also say how the data were packed, which changes nothing.
        for bit in 16..8 * whole.len() {
            let mut wrong = whole.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            // A few bits before the checksum only fill up a byte.
            let told = inflate(&wrong, 9999);
            assert!(told == Err(Refused::Damaged) || told.as_deref() == Ok(text.as_bytes()), "bit {bit}");
        }
    }

    #[test]
    fn data_that_end_at_a_flush_or_within_the_checksum_are_whole() {
        let text = b"what a form says that was filled in and saved";
        let whole = packed(text);
        for missing in 1..=4 {
            assert_eq!(inflate(&whole[..whole.len() - missing], 99).as_deref(), Ok(text.as_slice()), "{missing}");
        }
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(text).and_then(|()| writer.flush()).expect("in memory");
        let flushed = writer.get_ref().clone();
        assert_eq!(inflate(&flushed, 99).as_deref(), Ok(text.as_slice()));
        assert_eq!(inflate(&flushed[..flushed.len() - 1], 99), Err(Refused::Damaged));
    }

    #[test]
    fn more_than_the_limit_is_not_unpacked() {
        let bomb = packed(&vec![0; 10 << 20]);
        assert_eq!(inflate(&bomb, 10 << 20).map(|data| data.len()), Ok(10 << 20));
        assert_eq!(inflate(&bomb, (10 << 20) - 1), Err(Refused::Limit));
    }
}
