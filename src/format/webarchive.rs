//! Pages that Safari saved (`.webarchive`): a binary property list of a page, its pictures and its frames. Each is a
//! document of its own.

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::mail::labels;
use super::mail::message::{Content, Letter, Member, safe};
use super::text::{TextPages, read_bounded};
use super::{Document, Format, Source};

/// Frames in frames.
const DEPTH: usize = 16;

/// Resources in all.
const RESOURCES: usize = 20_000;

/// Reads saved pages.
pub(super) struct WebArchive;

impl Format for WebArchive {
    fn name(&self) -> &'static str {
        "webarchive"
    }

    fn version(&self) -> u32 {
        2
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["webarchive"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let broken = || Fault::whole(FaultReason::Damaged, "the property list of a saved page is broken");
        let list = List::of(&bytes).ok_or_else(broken)?;
        let mut members = Vec::new();
        if archive(&list, list.top, &mut members, 0).is_none() {
            faults.push(broken());
        }
        // An object may be named many times over; what a file holds is held once.
        let held =
            members.iter().map(|member| if let Content::Held(bytes) = &member.content { bytes.len() } else { 0 });
        if held.sum::<usize>() > bytes.len().saturating_mul(4) {
            return Err(broken());
        }
        Ok(Box::new(Letter::new(TextPages::of_parts(Vec::new(), faults, settings), Vec::new(), members)))
    }
}

/// Notes the resources of an archive.
fn archive(list: &List<'_>, object: usize, members: &mut Vec<Member>, depth: usize) -> Option<()> {
    let dict = list.dict(object)?;
    let find = |key: &str| dict.iter().find(|entry| entry.0 == key).map(|entry| entry.1);
    resource(list, find("WebMainResource")?, members)?;
    for part in find("WebSubresources").map_or(Some(Vec::new()), |object| list.array(object))? {
        resource(list, part, members)?;
    }
    for frame in find("WebSubframeArchives").map_or(Some(Vec::new()), |object| list.array(object))? {
        (depth < DEPTH).then(|| archive(list, frame, members, depth + 1))??;
    }
    Some(())
}

/// Notes a resource.
fn resource(list: &List<'_>, object: usize, members: &mut Vec<Member>) -> Option<()> {
    let dict = list.dict(object)?;
    let find = |key: &str| dict.iter().find(|entry| entry.0 == key).map(|entry| entry.1);
    let text = |key: &str| find(key).and_then(|object| list.text(object));
    let bytes = list.data(find("WebResourceData")?)?;
    let address = text("WebResourceURL").unwrap_or_default();
    let address = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
    let mut name = address.rsplit('/').next().unwrap_or_default().to_owned();
    let kind = text("WebResourceMIMEType").unwrap_or_default();
    let bytes = if kind.ends_with("html") {
        if !name.to_ascii_lowercase().contains(".htm") {
            name.push_str(".html");
        }
        // The page itself need not say in which set it is.
        labels::decode(bytes, text("WebResourceTextEncodingName").as_deref()).text.into_bytes()
    } else {
        bytes.to_vec()
    };
    if members.len() >= RESOURCES {
        return None;
    }
    if !bytes.is_empty() {
        members.push(Member { name: safe(&name), content: Content::Held(bytes) });
    }
    Some(())
}

/// A binary property list.
struct List<'a> {
    bytes: &'a [u8],
    /// Where the places of objects are, and in how many bytes each.
    table: usize,
    width: usize,
    /// Bytes of a reference to an object.
    reference: usize,
    top: usize,
}

impl<'a> List<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let trailer = bytes.get(bytes.len().checked_sub(32)?..)?;
        let (width, reference) = (usize::from(trailer[6]), usize::from(trailer[7]));
        let top = number(&trailer[16..24])?;
        let table = number(&trailer[24..32])?;
        ((1..=8).contains(&width) && (1..=8).contains(&reference)).then_some(Self {
            bytes,
            table,
            width,
            reference,
            top,
        })
    }

    /// Type, count, and the bytes from the content of an object on.
    fn object(&self, index: usize) -> Option<(u8, usize, &'a [u8])> {
        let at = index.checked_mul(self.width)?.checked_add(self.table)?;
        let place = number(self.bytes.get(at..)?.get(..self.width)?)?;
        let (&mark, rest) = self.bytes.get(place..)?.split_first()?;
        if mark & 15 < 15 {
            return Some((mark >> 4, usize::from(mark & 15), rest));
        }
        let (&size, rest) = rest.split_first().filter(|(mark, _)| **mark >> 4 == 1)?;
        let (digits, rest) = rest.split_at_checked(1 << (size & 3))?;
        Some((mark >> 4, number(digits)?, rest))
    }

    /// References to objects.
    fn references(&self, count: usize, bytes: &[u8]) -> Option<Vec<usize>> {
        bytes.get(..count.checked_mul(self.reference)?)?.chunks_exact(self.reference).map(number).collect()
    }

    fn array(&self, index: usize) -> Option<Vec<usize>> {
        let (kind, count, bytes) = self.object(index)?;
        (kind == 0xa).then(|| self.references(count, bytes))?
    }

    fn dict(&self, index: usize) -> Option<Vec<(String, usize)>> {
        let (kind, count, bytes) = self.object(index)?;
        let all = (kind == 0xd).then(|| self.references(count.checked_mul(2)?, bytes))??;
        let (keys, values) = all.split_at(count);
        Some(keys.iter().map(|key| self.text(*key).unwrap_or_default()).zip(values.iter().copied()).collect())
    }

    fn data(&self, index: usize) -> Option<&'a [u8]> {
        let (kind, count, bytes) = self.object(index)?;
        bytes.get(..count).filter(|_| kind == 4)
    }

    fn text(&self, index: usize) -> Option<String> {
        let (kind, count, bytes) = self.object(index)?;
        match kind {
            5 => bytes.get(..count).map(|text| String::from_utf8_lossy(text).into_owned()),
            6 => {
                let wide = bytes.get(..count.checked_mul(2)?)?;
                let units: Vec<u16> = wide.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
                Some(String::from_utf16_lossy(&units))
            }
            _ => None,
        }
    }
}

/// A number of up to eight bytes.
fn number(bytes: &[u8]) -> Option<usize> {
    usize::try_from(bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte))).ok()
}

#[cfg(test)]
mod tests {
    use crate::format::test_support::{members, open, settings};

    /// A list of a page in GBK and a picture, of objects in the order of their numbers.
    fn page() -> Vec<u8> {
        let text = |text: &str| [&[0x5f, 0x10, u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
        let data = |bytes: &[u8]| [&[0x4f, 0x10, u8::try_from(bytes.len()).expect("short")], bytes].concat();
        let html = encoding_rs::GBK.encode("<p>一些</p>").0;
        let objects = [
            vec![0xd2, 1, 2, 3, 4],
            text("WebMainResource"),
            text("WebSubresources"),
            vec![0xd3, 5, 6, 7, 9, 10, 11],
            vec![0xa1, 8],
            text("WebResourceData"),
            text("WebResourceMIMEType"),
            text("WebResourceTextEncodingName"),
            vec![0xd2, 5, 14, 12, 13],
            data(&html),
            text("text/html"),
            text("gb2312"),
            data(b"\x89PNG\r\n\x1a\n"),
            text("https://example.org/a/picture.png?x=1"),
            text("WebResourceURL"),
        ];
        let (mut bytes, mut table) = (b"bplist00".to_vec(), Vec::new());
        for object in &objects {
            table.extend(u16::try_from(bytes.len()).expect("short").to_be_bytes());
            bytes.extend(object);
        }
        let at = bytes.len() as u64;
        let count = objects.len() as u64;
        [bytes, table, vec![0, 0, 0, 0, 0, 0, 2, 1], [count, 0, at].map(u64::to_be_bytes).concat()].concat()
    }

    #[test]
    fn a_page_and_its_pictures_are_documents() {
        let settings = settings();
        let document = open(&page(), &settings).expect("opens");
        let files = members(&*document);
        assert_eq!(files[0].0, ".html");
        assert_eq!(files[0].1.as_deref(), Ok("<p>一些</p>".as_bytes()));
        assert_eq!((files[1].0.as_str(), files[1].1.as_deref()), ("picture.png", Ok(b"\x89PNG\r\n\x1a\n".as_slice())));
        assert_eq!(document.faults(), []);
    }

    proptest::proptest! {
        #[test]
        fn no_changed_byte_makes_the_reader_panic(at in 8_usize..300, byte in proptest::num::u8::ANY) {
            let mut bytes = page();
            let at = 8 + at % (bytes.len() - 8);
            bytes[at] = byte;
            let format = super::WebArchive;
            let settings = settings();
            let source = crate::format::test_support::source(&bytes);
            let _ = crate::format::Format::open(&format, source, &crate::document::Kind::new("webarchive"), &settings);
        }
    }
}
