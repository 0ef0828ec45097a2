//! Mail: messages of RFC 5322 with their parts (`.eml`), saved web pages that are such (`.mht`), Apple's files of one
//! message (`.emlx`), boxes of many ([`mbox::Mbox`]) and signed envelopes ([`cms::Cms`]).
//!
//! The head that people read and every body are pages; every other part is a document of its own. A message is held in
//! memory; boxes are not.

mod apple;
pub(super) mod body;
pub(super) mod cms;
pub(super) mod fields;
pub(super) mod labels;
pub(crate) mod mbox;
pub(super) mod message;
pub(super) mod params;
mod parts;
#[cfg(test)]
#[allow(clippy::format_collect, reason = "fixtures are small and made here")]
mod tests;
pub(super) mod transfer;

use std::ops::Range;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::Fault;

use super::text::{Part, read_bounded};
use super::{Document, Format, Source, behind, charset, html};

/// Reads single messages.
pub(super) struct Mail;

impl Format for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn version(&self) -> u32 {
        6
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["eml", "emlx"]
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let bytes = narrowed(bytes);
        let is_apple = kind.as_str() == "emlx";
        let (range, extra) = if is_apple { apple_message(&bytes) } else { (0..bytes.len(), Vec::new()) };
        if is_apple {
            let end = end_of_properties(&bytes, range.end) as u64 + source.size().saturating_sub(bytes.len() as u64);
            faults.extend(behind::fault_past(&source, end.min(source.size())));
        }
        Ok(Box::new(message::read(bytes, range, extra, faults, settings)))
    }
}

/// Bytes in which lines end with `\n` and fields are ASCII: messages saved as UTF-16, or by old Macs, are made so.
pub(super) fn narrowed(bytes: Vec<u8>) -> Vec<u8> {
    let head = &bytes[..bytes.len().min(4096)];
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    if wide || charset::utf16_without_bom(head).is_some() {
        return charset::decode(&bytes, None).text.into_bytes();
    }
    if memchr::memchr(b'\n', head).is_none() && memchr::memchr(b'\r', head).is_some() {
        return bytes.into_iter().map(|byte| if byte == b'\r' { b'\n' } else { byte }).collect();
    }
    match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => rest.to_vec(),
        None => bytes,
    }
}

/// Where the message of Apple's file lies: behind its length in digits, and before a list of properties, which is text too.
fn apple_message(bytes: &[u8]) -> (Range<usize>, Vec<Part>) {
    let start = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |line| line + 1);
    let length = std::str::from_utf8(&bytes[..start]).ok().and_then(|line| line.trim().parse().ok());
    let end = length.and_then(|length: usize| start.checked_add(length)).unwrap_or(bytes.len()).min(bytes.len());
    let properties = charset::decode(&bytes[end..], None).text;
    let text = html::piece(&properties, false).text;
    (start..end, vec![Part { label: Some("properties".to_owned()), text }])
}

/// One past the list of properties behind a message that ends at `message`; that, if there is no such list.
fn end_of_properties(bytes: &[u8], message: usize) -> usize {
    const END: &[u8] = b"</plist>";
    memchr::memmem::find(&bytes[message..], END).map_or(message, |at| message + at + END.len())
}
