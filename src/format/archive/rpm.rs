//! RPM packages: the payload, a packed cpio archive, is the one member. What the package says about itself is a page.

use super::bytes::{be32, part, read_at};
use super::out::{Out, damaged, fault_of};
use super::{Container, Context, comment};
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::{Source, charset};

/// Bytes before the first header.
const LEAD: u64 = 96;

/// Bytes of a header that are read.
const HEADER: u64 = 64 << 20;

/// Tags of what is text for people, and what it is called: name, summary, description, vendor, packager, group, URL, log.
const TAGS: &[u32] = &[1000, 1001, 1002, 1004, 1005, 1011, 1014, 1015, 1016, 1020, 1081, 1082];

/// Opens an RPM package.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let signature = Header::at(&source, LEAD)?;
    // The signature is padded to eight bytes.
    let header = Header::at(&source, signature.end.next_multiple_of(8))?;
    let about = comment("package header", header.about()).into_iter().collect();
    let start = header.end;
    Ok(Container::new(about, Vec::new(), context, move |out: &mut Out<'_>| {
        let _ = out.member("payload", part(&source, start, source.size().saturating_sub(start)));
        Ok(())
    }))
}

/// A header: an index of tags, and their values.
struct Header {
    index: Vec<u8>,
    values: Vec<u8>,
    end: u64,
}

impl Header {
    fn at(source: &Source, at: u64) -> Result<Self, Fault> {
        let read = |start, length| read_at(source, start, length).map_err(|error| fault_of(&error));
        let head = read(at, 16)?;
        let (Some(tags), Some(size)) = (be32(&head, 8), be32(&head, 12)) else {
            return Err(damaged("it is cut in its headers"));
        };
        if !head.starts_with(b"\x8e\xad\xe8") {
            return Err(damaged("it has no header where one must be"));
        }
        let (tags, size) = (u64::from(tags).saturating_mul(16), u64::from(size));
        let start = at.saturating_add(16);
        if start.saturating_add(tags).saturating_add(size) > source.size() || tags + size > HEADER {
            return Err(damaged("it is cut in its headers"));
        }
        Ok(Self { index: read(start, tags)?, values: read(start + tags, size)?, end: start + tags + size })
    }

    /// What it says for people to read.
    fn about(&self) -> String {
        let mut lines = Vec::new();
        for entry in self.index.chunks_exact(16) {
            let (Some(tag), Some(kind), Some(at), Some(count)) =
                (be32(entry, 0), be32(entry, 4), be32(entry, 8), be32(entry, 12))
            else {
                continue;
            };
            // Strings, lists of strings and translated strings.
            if TAGS.contains(&tag) && matches!(kind, 6 | 8 | 9) {
                let values = usize::try_from(at).ok().and_then(|at| self.values.get(at..)).unwrap_or_default();
                let strings = values.split(|byte| *byte == 0).take(count as usize);
                lines.extend(strings.map(|string| charset::decode(string, None).text));
            }
        }
        lines.join("\n")
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "fixtures are small and made here")]
mod tests {
    use super::super::RPM;
    use super::super::test_support::held;

    fn header(tags: &[(u32, &str)]) -> Vec<u8> {
        let (mut index, mut values) = (Vec::new(), Vec::new());
        for (tag, value) in tags {
            [*tag, 6, values.len() as u32, 1].iter().for_each(|number: &u32| index.extend(number.to_be_bytes()));
            values.extend(value.as_bytes());
            values.push(0);
        }
        let sizes = [tags.len() as u32, values.len() as u32].map(u32::to_be_bytes).concat();
        [b"\x8e\xad\xe8\x01\0\0\0\0".as_slice(), &sizes, &index, &values].concat()
    }

    #[test]
    fn the_payload_is_a_member_and_the_description_a_page() {
        let mut bytes = [b"\xed\xab\xee\xdb".as_slice(), &[0; 92], &header(&[(1000, "x")])].concat();
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend(header(&[(1000, "plans"), (1005, "TOP SECRET\nkeep away")]));
        bytes.extend(b"070701 and so on");
        let package = held(&RPM, &bytes, &[]).expect("opens");
        assert_eq!(package.list(), [("payload", "070701 and so on".to_owned())]);
        assert_eq!(package.pages, [(Some("package header".to_owned()), "plans\nTOP SECRET\nkeep away".to_owned())]);
        assert!(held(&RPM, &bytes[..120], &[]).is_err());
    }
}
