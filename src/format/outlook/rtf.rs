//! The packing of rich text in Outlook's messages (LZFu): a window of 4096 bytes that begins with common words.

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};

/// What stands in the window before anything was written.
const BEGINNING: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const WINDOW: usize = 4096;

/// Unpacks; the text is as long as its beginning says, or shorter with a fault.
pub(super) fn unpacked(packed: &[u8], settings: &Settings) -> Result<Vec<u8>, Fault> {
    let damaged = || Fault::whole(FaultReason::Damaged, "the rich text of a message is broken");
    if packed.is_empty() {
        return Ok(Vec::new());
    }
    let long = |at: usize| packed.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let (size, magic) = (long(4).ok_or_else(damaged)?, packed.get(8..12).ok_or_else(damaged)?);
    let size = usize::try_from(size).map_err(|_| damaged())?;
    if size as u64 > settings.limits.unpacked_bytes {
        let limit = settings.limits.unpacked_bytes;
        return Err(Fault::limit("unpacked_bytes", limit, "the rich text of a message"));
    }
    let body = packed.get(16..).unwrap_or_default();
    match magic {
        b"MELA" => body.get(..size).map(<[u8]>::to_vec).ok_or_else(damaged),
        b"LZFu" => lzfu(body, size).ok_or_else(damaged),
        _ => Err(damaged()),
    }
}

fn lzfu(body: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut window = [b' '; WINDOW];
    window[..BEGINNING.len()].copy_from_slice(BEGINNING);
    let mut at = BEGINNING.len();
    // Not as much as a number in the file says: what is written grows with what is read.
    let mut out = Vec::with_capacity(size.min(body.len().saturating_mul(9)));
    let mut bytes = body.iter().copied();
    while out.len() < size {
        let control = bytes.next()?;
        for bit in 0..8 {
            if out.len() >= size {
                break;
            }
            if control >> bit & 1 == 0 {
                let byte = bytes.next()?;
                window[at] = byte;
                at = (at + 1) % WINDOW;
                out.push(byte);
                continue;
            }
            let pair = u16::from_be_bytes([bytes.next()?, bytes.next()?]);
            let (offset, length) = (usize::from(pair >> 4), usize::from(pair & 15) + 2);
            if offset == at {
                return (out.len() == size).then_some(out);
            }
            for step in 0..length {
                let byte = window[(offset + step) % WINDOW];
                window[at] = byte;
                at = (at + 1) % WINDOW;
                out.push(byte);
            }
        }
    }
    out.truncate(size);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::settings;

    #[test]
    fn rich_text_is_unpacked() {
        // The example of the specification, MS-OXRTFCP 3.1.1.
        let packed = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125\x42\x32\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        let text = unpacked(packed, &settings()).expect("whole");
        assert_eq!(text, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert!(unpacked(&packed[..30], &settings()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_unpacking_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let head = [&[0, 0, 0, 0, 0xff, 0xff, 0, 0], b"LZFu".as_slice(), &[0; 4]].concat();
            let _ = unpacked(&[head, bytes].concat(), &settings());
        }
    }
}
