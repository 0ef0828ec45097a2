//! A message put together: the text of its head and its bodies, and the files in it.

use std::io::Read;
use std::ops::{ControlFlow, Range};

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::Members;
use crate::format::text::{Holding, Part, TextPages};

use super::body::{self, Body};
use super::fields::{Fields, decode_words};
use super::params::Value;
use super::parts::{Leaf, Parts};
use super::transfer::Transfer;
use super::{apple, labels};

/// Bytes that begin a protected message of Microsoft's.
const RPMSG: &[u8] = b"\x76\xe8\x04\x60\xc4\x11\xe3\x86";

/// Types and the endings of names that people would give them.
const ENDINGS: &[(&str, &str)] = &[
    ("text/calendar", "ics"),
    ("text/x-vcard", "vcf"),
    ("text/vcard", "vcf"),
    ("text/rtf", "rtf"),
    ("application/rtf", "rtf"),
    ("text/css", "css"),
    ("text/csv", "csv"),
    ("text/xml", "xml"),
    ("text/plain", "txt"),
    ("text/html", "html"),
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/gif", "gif"),
    ("application/pdf", "pdf"),
    ("application/ms-tnef", "dat"),
    ("application/pkcs7-mime", "p7m"),
    ("application/x-pkcs7-mime", "p7m"),
    ("application/pkcs7-signature", "p7s"),
    ("application/x-pkcs7-signature", "p7s"),
];

/// What programs write before the first part.
const STANDARD: &[&str] = &[
    "This is a multi-part message in MIME format",
    "This is a multipart message in MIME format",
    "This is a cryptographically signed message in MIME format",
    "This is an S/MIME signed message",
    "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
    "This is a MIME-encapsulated message",
];

/// A file in a message.
pub(in crate::format) struct Member {
    pub(in crate::format) name: String,
    pub(in crate::format) content: Content,
}

/// Where its bytes are.
pub(in crate::format) enum Content {
    /// In memory.
    Held(Vec<u8>),
    /// In the message.
    Packed(Range<usize>, Transfer),
    /// Out of reach.
    Lost(Fault),
}

/// A message that was read: a document of pages of text, and of files.
pub(in crate::format) struct Letter {
    pages: TextPages,
    bytes: Vec<u8>,
    members: Vec<Member>,
}

impl Letter {
    /// Pages and files, and the bytes in which packed files lie.
    pub(in crate::format) fn new(pages: TextPages, bytes: Vec<u8>, members: Vec<Member>) -> Self {
        Self { pages, bytes, members }
    }
}

impl Holding for Letter {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn holds(&self) -> bool {
        !self.members.is_empty()
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        for Member { name, content } in &self.members {
            let flow = match content {
                Content::Held(bytes) => out.member(name, &mut bytes.as_slice()),
                Content::Packed(range, transfer) => {
                    let packed = self.bytes.get(range.clone()).unwrap_or_default();
                    let unpacked = transfer.decode(packed).bytes;
                    out.member(name, &mut unpacked.as_slice() as &mut dyn Read)
                }
                Content::Lost(fault) => out.unreadable(name, fault.clone()),
            };
            if flow == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}

/// What was gathered of a message.
#[derive(Default)]
struct Reading {
    head: String,
    plain: String,
    hyper: String,
    /// Text that is neither: reports, what stands around parts.
    more: Vec<Part>,
    members: Vec<Member>,
    faults: Vec<Fault>,
}

/// Reads the message at `range`; `extra` are pages of what stands beside it, and faults of how it was had.
pub(super) fn read(
    bytes: Vec<u8>,
    range: Range<usize>,
    extra: Vec<Part>,
    faults: Vec<Fault>,
    settings: &Settings,
) -> Letter {
    let message = &bytes[range.clone()];
    let mut reading = Reading { faults, ..Reading::default() };
    let (head, body) = Fields::parse(message, None);
    reading.head = head.shown();
    let limit = settings.limits.pages as usize;
    let parts = if head.is_empty() {
        // No head, so it is a text in which a message may be.
        let body = body::plain(message, &Value::default());
        reading.body(body, false);
        Parts::default()
    } else {
        Parts::of(message, head, body..message.len(), limit)
    };
    for leaf in &parts.leaves {
        reading.leaf(message, range.start, leaf);
    }
    for fields in &parts.heads {
        reading.described(fields);
    }
    for around in parts.around {
        reading.more("text around the parts", labels::decode(&message[around], None).text);
    }
    reading.faults.extend(parts.faults);
    let text = reading.joined();
    let mut pages = vec![Part { label: Some("message".to_owned()), text }];
    pages.append(&mut reading.more);
    pages.extend(extra);
    reading.faults.sort();
    reading.faults.dedup();
    let pages = TextPages::of_parts(pages, reading.faults, settings);
    Letter::new(pages, bytes, reading.members)
}

impl Reading {
    /// The page of the message: its head, and its bodies one after the other.
    fn joined(&self) -> String {
        let mut text = self.head.clone();
        let repeated = body::repeats(&self.hyper, &self.plain);
        for body in [Some(&self.plain), Some(&self.hyper).filter(|_| !repeated)].into_iter().flatten() {
            if !text.is_empty() && !body.trim().is_empty() {
                text.push('\n');
            }
            text.push_str(body);
            if !text.ends_with('\n') {
                text.push('\n');
            }
        }
        text
    }

    /// Notes text that is a page of its own, unless it only says to old programs what they see.
    fn more(&mut self, label: &str, text: String) {
        let said = text.trim().trim_end_matches('.');
        if !said.is_empty() && !STANDARD.iter().any(|standard| said.eq_ignore_ascii_case(standard)) {
            self.more.push(Part { label: Some(label.to_owned()), text });
        }
    }

    /// Notes a body.
    fn body(&mut self, body: Body, hyper: bool) {
        let text = if hyper { &mut self.hyper } else { &mut self.plain };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&body.text);
        self.more("comments in the message", body.aside);
        self.faults.extend(body.faults);
        let held = |(name, bytes)| Member { name, content: Content::Held(bytes) };
        self.members.extend(body.files.into_iter().map(held));
    }

    /// Reads a part that has no parts. `moved` is where the message begins in the bytes that are kept.
    fn leaf(&mut self, message: &[u8], moved: usize, leaf: &Leaf) {
        let disposition = leaf.fields.raw("content-disposition").map(Value::parse).unwrap_or_default();
        let written = leaf.fields.raw("content-transfer-encoding").unwrap_or_default();
        let transfer = Transfer::of(written);
        let packed = &message[leaf.body.clone()];
        let name = disposition.param("filename").or_else(|| leaf.kind.param("name"));
        if packed.trim_ascii().is_empty() {
            self.elsewhere(leaf, name);
            return;
        }
        if !leaf.inside.is_empty() {
            self.described(&leaf.fields);
        }
        if transfer == Transfer::Unknown {
            let detail = "a part of the message is packed in a way that is not known";
            self.faults.push(Fault::whole(FaultReason::Attachment, detail));
        }
        let is_body = name.is_none() && disposition.main != "attachment";
        let label = leaf.kind.param("charset");
        match leaf.kind.main.as_str() {
            "message/partial" | "message/external-body" => {
                let detail = format!("a part of the message ({}) lies elsewhere", leaf.kind.main);
                self.faults.push(Fault::whole(FaultReason::Attachment, detail));
                self.more("text of a part that lies elsewhere", labels::decode(packed, label).text);
            }
            "message/delivery-status"
            | "message/disposition-notification"
            | "message/feedback-report"
            | "message/global-delivery-status"
            | "text/rfc822-headers" => {
                let unpacked = transfer.decode(packed);
                let text = labels::decode(&unpacked.bytes, label).text;
                self.more("delivery status", text.lines().map(|line| decode_words(line) + "\n").collect());
            }
            "text/html" | "application/xhtml+xml" | "text/x-amp-html" | "text/watch-html" if is_body => {
                let bytes = self.unpack(transfer, packed);
                let label = label.map(str::to_owned).or_else(|| labels::stated(&bytes));
                self.body(body::hyper(labels::decode(&bytes, label.as_deref()), "message.html"), true);
            }
            "text/enriched" | "text/richtext" if is_body => {
                let bytes = self.unpack(transfer, packed);
                self.body(body::enriched(&bytes, &leaf.kind), false);
            }
            "text/plain" | "text/x-markdown" | "text/markdown" | "text" if is_body => {
                let bytes = self.unpack(transfer, packed);
                self.body(body::plain(&bytes, &leaf.kind), false);
            }
            kind if kind.starts_with("multipart/") && is_body => {
                let bytes = self.unpack(transfer, packed);
                self.body(body::plain(&bytes, &Value::default()), false);
            }
            _ => self.member(moved, packed, leaf, name.map(str::to_owned), transfer),
        }
    }

    /// Unpacks a body; what is not of its packing is text too.
    fn unpack(&mut self, transfer: Transfer, packed: &[u8]) -> Vec<u8> {
        let unpacked = transfer.decode(packed);
        self.noted(unpacked.stray, unpacked.damaged);
        unpacked.bytes
    }

    /// Notes what came along with a packed part.
    fn noted(&mut self, stray: String, damaged: bool) {
        self.more("text around the parts", stray);
        if damaged {
            self.faults.push(Fault::whole(FaultReason::Damaged, "a packed part of the message is broken"));
        }
    }

    /// A part with a body that was left on a server.
    fn elsewhere(&mut self, leaf: &Leaf, name: Option<&str>) {
        // A file of no bytes is no document, but its name may say something.
        self.more("names of empty attachments", name.map(|name| format!("{name}\n")).unwrap_or_default());
        if leaf.fields.raw("x-apple-content-length").is_some() {
            let detail = "a part of the message was not downloaded";
            self.faults.push(Fault::whole(FaultReason::Attachment, detail));
        }
    }

    /// What the head of a part says about it; that of the whole message is shown before its body.
    fn described(&mut self, fields: &Fields) {
        let shown = fields.shown();
        self.more("heads of parts", shown);
    }

    /// A part that is a file of its own.
    fn member(&mut self, moved: usize, packed: &[u8], leaf: &Leaf, name: Option<String>, transfer: Transfer) {
        let kind = leaf.kind.main.as_str();
        let unpacked = transfer.decode(packed);
        let nested = matches!(kind, "message/rfc822" | "message/global" | "message/news");
        let name = name.or_else(|| nested.then(|| "forwarded.eml".to_owned()));
        let name = name.or_else(|| leaf.fields.value("content-location").map(|place| from_address(&place)));
        let name = safe(&name.unwrap_or_else(|| {
            let ending = ENDINGS.iter().find(|entry| entry.0 == kind).map_or("bin", |entry| entry.1);
            format!("part-{}.{ending}", leaf.path)
        }));
        let armoured = |what: &[u8]| unpacked.bytes.trim_ascii_start().starts_with(what);
        let proof = kind == "application/pgp-signature" && armoured(b"-----BEGIN PGP SIGNATURE");
        let keys = kind == "application/pgp-keys" && armoured(b"-----BEGIN PGP PUBLIC KEY");
        let version = kind == "application/pgp-encrypted" && unpacked.bytes.len() < 200;
        let folder = kind == "application/applefile" && apple::carries_nothing(&unpacked.bytes);
        self.noted(unpacked.stray, unpacked.damaged);
        if proof || keys || version || folder || unpacked.bytes.is_empty() {
            return;
        }
        let locked = leaf.inside == "multipart/encrypted"
            || armoured(b"-----BEGIN PGP MESSAGE")
            || unpacked.bytes.starts_with(RPMSG)
            || kind == "application/x-microsoft-rpmsg-message";
        let content = if locked {
            Content::Lost(Fault::whole(FaultReason::Encrypted, "an encrypted part of a message"))
        } else if transfer == Transfer::Plain || transfer == Transfer::Base64 || transfer == Transfer::QuotedPrintable {
            Content::Packed(moved + leaf.body.start..moved + leaf.body.end, transfer)
        } else {
            Content::Held(unpacked.bytes)
        };
        self.members.push(Member { name, content });
    }
}

/// The last part of an address, as a saved page names its pictures.
fn from_address(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    address.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A name that is only a name: without folders, and not empty.
pub(in crate::format) fn safe(name: &str) -> String {
    let name: String = name.chars().map(|c| if matches!(c, '/' | '\\') || c.is_control() { '_' } else { c }).collect();
    let name = name.trim();
    if name.is_empty() || name.chars().all(|c| c == '.') { "attachment.bin".to_owned() } else { name.to_owned() }
}
