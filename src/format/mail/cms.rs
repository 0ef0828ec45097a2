//! Signed envelopes of S/MIME (`.p7m`, `.p7s`): what is signed lies inside, in plain bytes. Sealed ones need a key.
//!
//! Messages under Microsoft's protection of rights (`message.rpmsg`) need a key too. Only as much of the encoding (BER) is walked as it takes to come to the content. Signatures and certificates are
//! nobody's text.

use std::io::Read as _;

use base64::Engine as _;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::packed::LENIENT;
use crate::format::text::{TextPages, read_bounded};
use crate::format::{Document, Format, Source, behind};

use super::message::{Content, Letter, Member};

/// The types of content: the arcs `1.2.840.113549.1.7.n` and `1.2.840.113549.1.9.16.1.n`.
const PKCS7: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07";
const SMIME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01";

/// Pieces in pieces of one string of bytes.
const DEPTH: usize = 8;

/// Reads signed envelopes.
pub(in crate::format) struct Cms;

impl Format for Cms {
    fn name(&self) -> &'static str {
        "cms"
    }

    fn version(&self) -> u32 {
        3
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["cms", "rpmsg"]
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        if kind.as_str() == "rpmsg" {
            return Err(Fault::whole(FaultReason::Encrypted, "a message under protection of rights"));
        }
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let der = unarmoured(&bytes);
        let content = content(der.as_deref().unwrap_or(&bytes), settings)?;
        let end = match &der {
            Some(_) => end_of_armour(&bytes),
            None => Item::split(&bytes).map(|(_, behind)| bytes.len() - behind.len()),
        };
        faults.extend(end.and_then(|end| behind::fault_past(&source, end as u64)));
        let member = |bytes| Member { name: "signed content".to_owned(), content: Content::Held(bytes) };
        let members = content.filter(|bytes| !bytes.is_empty()).map(member).into_iter().collect();
        Ok(Box::new(Letter::new(TextPages::of_parts(Vec::new(), faults, settings), Vec::new(), members)))
    }
}

/// The bytes between lines of dashes.
fn unarmoured(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = bytes.strip_prefix(b"-----BEGIN ")?;
    let start = memchr::memchr(b'\n', text)? + 1;
    let body = &text[start..];
    let end = memchr::memchr(b'-', body).unwrap_or(body.len());
    let packed: Vec<u8> = body[..end].iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    LENIENT.decode(packed.strip_suffix(b"==").or(packed.strip_suffix(b"=")).unwrap_or(&packed)).ok()
}

/// One past the line of dashes that ends an envelope in text.
fn end_of_armour(bytes: &[u8]) -> Option<usize> {
    let start = memchr::memmem::find(bytes, b"-----END ")? + 9;
    let rest = &bytes[start..];
    Some(start + memchr::memchr(b'\n', rest).map_or(rest.len(), |line| line + 1))
}

/// The content of an envelope; none if it has only signatures.
fn content(der: &[u8], settings: &Settings) -> Result<Option<Vec<u8>>, Fault> {
    let envelope = Item::first(der).and_then(|item| item.children()).ok_or_else(damaged)?;
    let mut fields = envelope.into_iter();
    let kind = fields.next().filter(|item| item.tag == 0x06).ok_or_else(damaged)?;
    let inner = fields.next().and_then(|item| item.children()).and_then(|items| items.into_iter().next());
    match (kind.bytes.strip_prefix(PKCS7), kind.bytes.strip_prefix(SMIME)) {
        (Some([1]), _) => Ok(inner.and_then(|item| item.joined(DEPTH))),
        (Some([2]), _) => encapsulated(&inner.ok_or_else(damaged)?),
        (Some([3 | 4 | 6]), _) | (_, Some([23])) => {
            Err(Fault::whole(FaultReason::Encrypted, "an envelope of S/MIME that needs a private key"))
        }
        (_, Some([9])) => inflated(&inner.ok_or_else(damaged)?, settings),
        _ => {
            Err(Fault::whole(FaultReason::Unsupported, "an envelope of S/MIME of another kind than signed and sealed"))
        }
    }
}

/// The content in the data of signed and packed envelopes: behind numbers and sets the type, and the bytes; none if the
/// bytes lie beside the envelope.
fn encapsulated(data: &Item<'_>) -> Result<Option<Vec<u8>>, Fault> {
    let fields = data.children().ok_or_else(damaged)?;
    // The algorithm of a packed envelope looks much the same and stands before it.
    let found = fields.iter().filter(|item| item.tag == 0x30).find_map(|item| {
        let parts = item.children()?;
        let typed = parts.first().is_some_and(|part| part.tag == 0x06);
        (typed && parts.get(1).is_none_or(|part| part.tag == 0xa0)).then_some(parts)
    });
    let explicit = found.ok_or_else(damaged)?.get(1).copied();
    let Some(content) = explicit.and_then(|item| item.children()).and_then(|items| items.into_iter().next()) else {
        return Ok(None);
    };
    content.joined(DEPTH).map(Some).ok_or_else(damaged)
}

/// What is packed.
fn inflated(data: &Item<'_>, settings: &Settings) -> Result<Option<Vec<u8>>, Fault> {
    let packed = encapsulated(data)?.ok_or_else(damaged)?;
    let limit = settings.limits.unpacked_bytes;
    let mut bytes = Vec::new();
    let reader = flate2::read::ZlibDecoder::new(packed.as_slice());
    let read = reader.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    match read {
        Err(_) => Err(damaged()),
        Ok(_) if bytes.len() as u64 > limit => Err(Fault::limit("unpacked_bytes", limit, "a packed envelope")),
        Ok(_) => Ok(Some(bytes)),
    }
}

fn damaged() -> Fault {
    Fault::whole(FaultReason::Damaged, "a signed envelope is broken")
}

/// A value with its tag.
#[derive(Clone, Copy)]
pub(in crate::format) struct Item<'a> {
    /// What it is.
    pub(in crate::format) tag: u8,
    /// What stands in it.
    pub(in crate::format) bytes: &'a [u8],
}

impl<'a> Item<'a> {
    /// The value at the beginning of some bytes.
    fn first(bytes: &'a [u8]) -> Option<Self> {
        Self::split(bytes).map(|(item, _)| item)
    }

    /// The value at the beginning, and what follows. A value of unknown length reaches to the end of all, without its marks.
    pub(in crate::format) fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&tag, rest) = bytes.split_first()?;
        let (&length, rest) = rest.split_first()?;
        let (length, rest) = match length {
            0..=0x7f => (usize::from(length), rest),
            0x80 => {
                let length = indefinite(rest, 0)?;
                let (bytes, after) = rest.split_at_checked(length)?;
                return Some((Self { tag, bytes }, after.get(2..)?));
            }
            _ => {
                let count = usize::from(length & 0x7f);
                let (digits, rest) = rest.split_at_checked(count).filter(|_| count <= 8)?;
                let length = digits.iter().fold(0_u64, |value, digit| value << 8 | u64::from(*digit));
                (usize::try_from(length).ok()?, rest)
            }
        };
        // The end may be missing: what is there is better than nothing, and its own format sees the damage.
        let length = length.min(rest.len());
        Some((Self { tag, bytes: &rest[..length] }, &rest[length..]))
    }

    /// The values inside.
    pub(in crate::format) fn children(&self) -> Option<Vec<Self>> {
        if self.tag & 0x20 == 0 {
            return None;
        }
        let (mut items, mut rest) = (Vec::new(), self.bytes);
        while let Some((item, after)) = Self::split(rest) {
            items.push(item);
            rest = after;
        }
        Some(items)
    }

    /// A string of bytes, which may be in pieces.
    fn joined(&self, depth: usize) -> Option<Vec<u8>> {
        if self.tag & 0x20 == 0 {
            return Some(self.bytes.to_vec());
        }
        // A structure in place of bytes is content as it is written.
        if !matches!(self.tag, 0x24 | 0xa0) {
            return Some(self.bytes.to_vec());
        }
        let pieces = self.children().filter(|_| depth > 0)?;
        let pieces: Option<Vec<Vec<u8>>> = pieces.iter().map(|piece| piece.joined(depth - 1)).collect();
        pieces.map(|pieces| pieces.concat())
    }
}

/// Length of values up to the mark that ends them.
fn indefinite(bytes: &[u8], depth: usize) -> Option<usize> {
    let mut rest = bytes;
    loop {
        if rest.starts_with(&[0, 0]) {
            return Some(bytes.len() - rest.len());
        }
        rest = match rest.get(1) {
            Some(0x80) if depth < 2 * DEPTH => {
                let inner = indefinite(&rest[2..], depth + 1)?;
                rest.get(2 + inner + 2..)?
            }
            Some(0x80) | None => return None,
            Some(_) => Item::split(rest)?.1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{der as item, members, open, settings};

    fn envelope(arc: u8, data: &[u8]) -> Vec<u8> {
        item(0x30, &[item(6, &[PKCS7, &[arc]].concat()), item(0xa0, data)].concat())
    }

    fn signed_data(content: Option<&[u8]>) -> Vec<u8> {
        let kind = item(6, &[PKCS7, &[1]].concat());
        let content = content.map(|bytes| item(0xa0, bytes)).unwrap_or_default();
        let parts = [item(2, &[1]), item(0x31, &[]), item(0x30, &[kind, content].concat()), item(0x31, &[])].concat();
        envelope(2, &item(0x30, &parts))
    }

    #[test]
    fn what_is_signed_is_a_document() {
        let message = b"Content-Type: text/plain\r\n\r\n\xe6\x9c\xba\xe5\xaf\x86";
        let pieces = item(0x24, &[item(4, &message[..10]), item(4, &message[10..])].concat());
        for bytes in [signed_data(Some(&item(4, message))), signed_data(Some(&pieces))] {
            let settings = settings();
            let document = open(&bytes, &settings).expect("opens");
            let found = members(&*document);
            assert_eq!(found[0].1.as_deref().expect("there"), message);
            assert_eq!((found.len(), document.faults()), (1, vec![]));
        }
    }

    #[test]
    fn what_stands_behind_an_envelope_is_a_fault() {
        let settings = settings();
        let faults = |behind: &[u8]| {
            let signed = signed_data(Some(&item(4, b"Content-Type: text/plain\r\n\r\nhello")));
            let wrapped = format!(
                "-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n",
                base64::prelude::BASE64_STANDARD.encode(&signed)
            );
            let counted = |bytes: &[u8]| open(&[bytes, behind].concat(), &settings).expect("opens").faults().len();
            (counted(&signed), counted(wrapped.as_bytes()))
        };
        assert_eq!(faults(b"\0\0\n"), (0, 0));
        assert_eq!(faults(b"TOP SECRET, and none of it is in the envelope at all\n"), (1, 1));
    }

    #[test]
    fn pieces_of_unknown_length_are_read() {
        let kind = item(6, &[PKCS7, &[1]].concat());
        let data = [&[0xa0, 0x80, 0x24, 0x80][..], &item(4, b"to"), &item(4, b"p"), &[0; 4]].concat();
        let inner = [&[0x30, 0x80][..], &kind, &data, &[0; 2]].concat();
        let parts = [&[0x30, 0x80][..], &item(2, &[1]), &item(0x31, &[]), &inner, &item(0x31, &[]), &[0; 2]].concat();
        let oid = item(6, &[PKCS7, &[2]].concat());
        let bytes = [&[0x30, 0x80][..], &oid, &[0xa0, 0x80], &parts, &[0; 4]].concat();
        assert_eq!(content(&bytes, &settings()).expect("reads").as_deref(), Some(b"top".as_slice()));
    }

    #[test]
    fn a_signature_alone_holds_nothing_and_a_sealed_envelope_is_encrypted() {
        let settings = settings();
        let document = open(&signed_data(None), &settings).expect("opens");
        assert!(!document.has_members() && document.faults().is_empty());
        let sealed = open(&envelope(3, &item(0x30, &item(2, &[0]))), &settings).err().expect("needs a key");
        assert_eq!(sealed.reason, FaultReason::Encrypted);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_envelopes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), arc in 1_u8..7) {
            let _ = content(&bytes, &settings());
            let _ = content(&envelope(arc, &bytes), &settings());
        }
    }
}
