//! Certificates (X.509) as they are sent in binary: the names of whom they are for and who made them, addresses, and whatever
//! else of text is in them.
//!
//! Nothing is checked. Values that are files themselves are handed out; keys and signatures are numbers.

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::kind;

use super::mail::cms::Item;
use super::mail::message::{Content, Letter, Member};
use super::text::{Part, TextPages, read_bounded};
use super::{Document, Format, Source, behind, charset};

/// Values in values: an extension has six or so.
const DEPTH: usize = 24;

/// Values that are looked at: a certificate with a thousand addresses has a few thousand.
const VALUES: usize = 100_000;

/// Bytes of a value from which on it may be a file.
const FILE: usize = 32;

/// Reads certificates.
pub(super) struct Certificate;

impl Format for Certificate {
    fn name(&self) -> &'static str {
        "certificate"
    }

    fn version(&self) -> u32 {
        2
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["x509"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let broken = || Fault::whole(FaultReason::Damaged, "the certificate is broken");
        let (item, behind) = Item::split(&bytes).ok_or_else(broken)?;
        let mut found = Found { left: VALUES, ..Found::default() };
        if !found.walk(&item, DEPTH) || is_cut(&bytes) {
            faults.push(broken());
        }
        faults.extend(behind::fault_past(&source, (bytes.len() - behind.len()) as u64));
        let parts = vec![Part { label: Some("certificate".to_owned()), text: found.text }];
        Ok(Box::new(Letter::new(TextPages::of_parts(parts, faults, settings), Vec::new(), found.members)))
    }
}

/// Whether a certificate says that it is longer than the file.
fn is_cut(bytes: &[u8]) -> bool {
    let digits = bytes.get(1).map_or(0, |length| usize::from(*length).saturating_sub(0x80)).min(4);
    let length =
        bytes.get(2..2 + digits).unwrap_or_default().iter().fold(0, |all, digit| all << 8 | usize::from(*digit));
    digits > 0 && length > bytes.len().saturating_sub(2 + digits)
}

#[derive(Default)]
struct Found {
    text: String,
    said: BTreeSet<String>,
    members: Vec<Member>,
    left: usize,
}

impl Found {
    /// Reads a value and those in it; false if there is more than is looked at.
    fn walk(&mut self, item: &Item<'_>, depth: usize) -> bool {
        let Some(left) = self.left.checked_sub(1).filter(|_| depth > 0) else { return false };
        self.left = left;
        if let Some(items) = item.children() {
            return items.iter().all(|item| self.walk(item, depth - 1));
        }
        match item.tag {
            // UTF-8, and the strings of one byte a character; names of a mail box, a host or a page stand under tags of their own.
            0x0c | 0x12..=0x16 | 0x19..=0x1b | 0x81 | 0x82 | 0x86 => self.say(&charset::decode(item.bytes, None).text),
            0x1e => self.say(&encoding_rs::UTF_16BE.decode_without_bom_handling(item.bytes).0),
            0x1c => {
                let units =
                    item.bytes.chunks_exact(4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
                let text: String = units.map(|unit| char::from_u32(unit).unwrap_or('\u{fffd}')).collect();
                self.say(&text);
            }
            // The first of a string of bits says how many are unused.
            0x03 => return self.bytes(item.bytes.get(1..).unwrap_or_default(), depth),
            0x01 | 0x02 | 0x05 | 0x06 | 0x0a | 0x17 | 0x18 => {}
            // Extensions are packed in bytes.
            _ => return self.bytes(item.bytes, depth),
        }
        true
    }

    /// Bytes of which nobody says what they are: values again, a file, or a number.
    fn bytes(&mut self, bytes: &[u8], depth: usize) -> bool {
        if let Some((item, [])) = Item::split(bytes)
            && item.tag & 0x20 != 0
            && item.bytes.len() + 2 <= bytes.len()
        {
            return self.walk(&item, depth - 1);
        }
        let known = kind::of_head(&bytes[..bytes.len().min(4096)]);
        if bytes.len() >= FILE && known.is_some() {
            let name = format!("value {}", self.members.len() + 1);
            self.members.push(Member { name, content: Content::Held(bytes.to_vec()) });
        } else if let Ok(text) = std::str::from_utf8(bytes)
            && text.chars().all(|c| !c.is_control())
            && text.chars().filter(|c| c.is_alphanumeric()).count() > 3
        {
            self.say(text);
        }
        true
    }

    fn say(&mut self, text: &str) {
        let text = text.trim_matches(|c: char| c.is_control() || c.is_whitespace());
        if !text.is_empty() && self.said.insert(text.to_owned()) {
            self.text.push_str(text);
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{der as item, members, open, settings, texts};

    fn name(tag: u8, text: &[u8]) -> Vec<u8> {
        let entry = item(0x30, &[item(6, b"\x55\x04\x03"), item(tag, text)].concat());
        item(0x30, &item(0x31, &entry))
    }

    /// A certificate of two names and an extension.
    fn certificate(extension: &[u8]) -> Vec<u8> {
        let algorithm = item(0x30, &[item(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), item(5, &[])].concat());
        let wide: Vec<u8> = "绝密".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let dates = item(0x30, &[item(0x17, b"260101000000Z"), item(0x17, b"270101000000Z")].concat());
        let key = item(0x30, &[algorithm.clone(), item(3, &[0; 70])].concat());
        let extension = item(0x30, &[item(6, b"\x55\x1d\x11"), item(4, extension)].concat());
        let body = [
            item(0xa0, &item(2, &[2])),
            item(2, &[1, 2, 3, 4]),
            algorithm.clone(),
            name(0x0c, b"TOP SECRET authority"),
            dates,
            name(0x1e, &wide),
            key,
            item(0xa3, &item(0x30, &extension)),
        ];
        item(0x30, &[item(0x30, &body.concat()), algorithm, item(3, &[0; 65])].concat())
    }

    #[test]
    fn the_names_in_a_certificate_are_text() {
        let settings = settings();
        let file = certificate(&item(0x30, &[item(0x82, b"host.example.org"), item(0x81, b"a@example.org")].concat()));
        let document = open(&file, &settings).expect("opens");
        let expected = "TOP SECRET authority\n绝密\nhost.example.org\na@example.org\n".to_owned();
        assert_eq!(texts(&*document), [(Some("certificate".to_owned()), expected)]);
        assert_eq!((document.faults(), document.has_members()), (vec![], false));
        let behind = [file.as_slice(), b"a letter that stands behind it, and is TOP SECRET\n"].concat();
        assert_eq!(open(&behind, &settings).expect("opens").faults()[0].reason, FaultReason::Attachment);
        assert_eq!(open(&file[..file.len() - 9], &settings).expect("opens").faults()[0].reason, FaultReason::Damaged);
    }

    #[test]
    fn a_file_in_a_certificate_is_handed_out() {
        let settings = settings();
        let letter = b"a letter in an extension that nobody looks at, TOP SECRET";
        let document = open(&certificate(letter), &settings).expect("opens");
        assert_eq!(members(&*document), [("value 1".to_owned(), Ok(letter.to_vec()))]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(changes in proptest::collection::vec((0_usize..1000, proptest::num::u8::ANY), 0..20)) {
            let mut file = certificate(&item(0x30, &item(0x82, b"host.example.org")));
            let length = file.len();
            changes.into_iter().for_each(|(at, byte)| file[at % length] = byte);
            let mut found = Found { left: VALUES, ..Found::default() };
            if let Some((item, _)) = Item::split(&file) {
                found.walk(&item, DEPTH);
            }
        }
    }
}
