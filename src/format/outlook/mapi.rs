//! Properties of MAPI, in which Outlook keeps everything, and the document that a set of them is: the same for `.msg`
//! files, for `winmail.dat` and for stores.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::mail::body::{self, Body};
use crate::format::mail::fields::{Fields, is_technical};
use crate::format::mail::labels;
use crate::format::mail::message::{Content, Letter, Member, safe};
use crate::format::mail::params::Value as Kind;
use crate::format::text::{Part, TextPages};
use crate::format::{charset, charset::Decoded, text, zeros};

use super::rtf;

/// Numbers of properties that this reader knows by name.
pub(super) mod tag {
    pub(in super::super) const CLASS: u16 = 0x001a;
    pub(in super::super) const SENSITIVITY: u16 = 0x0036;
    pub(in super::super) const SUBJECT: u16 = 0x0037;
    pub(in super::super) const SUBMITTED: u16 = 0x0039;
    pub(in super::super) const HEADERS: u16 = 0x007d;
    pub(in super::super) const RECIPIENT_TYPE: u16 = 0x0c15;
    pub(in super::super) const DELIVERED: u16 = 0x0e06;
    pub(in super::super) const FLAGS: u16 = 0x0e07;
    pub(in super::super) const BODY: u16 = 0x1000;
    pub(in super::super) const RTF: u16 = 0x1009;
    pub(in super::super) const HTML: u16 = 0x1013;
    pub(in super::super) const DISPLAY_NAME: u16 = 0x3001;
    pub(in super::super) const ADDRESS: u16 = 0x3003;
    pub(in super::super) const DATA: u16 = 0x3701;
    pub(in super::super) const SHORT_NAME: u16 = 0x3704;
    pub(in super::super) const METHOD: u16 = 0x3705;
    pub(in super::super) const LONG_NAME: u16 = 0x3707;
    pub(in super::super) const SMTP: u16 = 0x39fe;
    pub(in super::super) const INTERNET_CODE_PAGE: u16 = 0x3fde;
    pub(in super::super) const CODE_PAGE: u16 = 0x3ffd;
}

/// Properties that people read, in the order in which they are shown, and what they are called.
const SHOWN: &[(u16, &str)] = &[
    (0x0042, "From"),
    (0x0065, "From address"),
    (0x0c1a, "Sender"),
    (0x0c1f, "Sender address"),
    (0x0e04, "To"),
    (0x0e03, "Cc"),
    (0x0e02, "Bcc"),
    (tag::SUBJECT, "Subject"),
    (0x3001, "Name"),
    (0x3a16, "Company"),
    (0x3a17, "Title"),
    (0x3a18, "Department"),
];

/// Text properties that only say how a machine is to take the others.
const TECHNICAL: &[u16] = &[
    0x001a, 0x003d, 0x0064, 0x0075, 0x0077, 0x0c1e, 0x0c24, 0x1035, 0x1039, 0x1042, 0x10f3, 0x3002, 0x300b, 0x5d01,
    0x5d02, 0x3ff8, 0x3ffa, 0x4022, 0x4023, 0x4024, 0x4025, 0x4030, 0x4031, 0x4038, 0x4039, 0x0e28, 0x0e29, 0x5909,
    0x0076, 0x0078,
];

/// Bytes that no text of words has, for zeros while it is decoded.
const STAND_INS: [u8; 6] = [0x08, 0x1c, 0x1d, 0x1e, 0x1f, 0x01];

/// What is no character, for zeros in HTML while it is read.
const NO_CHARACTER: &str = "\u{fdd0}";

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    /// Text in the code page of the message.
    Narrow(Vec<u8>),
    Number(i64),
    /// In 100 nanoseconds since 1601.
    Time(u64),
    Binary(Vec<u8>),
    /// Of a type that holds no text.
    Other,
}

/// The properties of one thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Props {
    pub(super) values: Vec<(u16, Value)>,
    /// Names of those that have no fixed number.
    pub(super) names: BTreeMap<u16, String>,
    /// Code page if it has none of its own.
    pub(super) code_page: Option<u32>,
}

impl Props {
    pub(super) fn push(&mut self, id: u16, value: Value) {
        self.values.push((id, value));
    }

    fn get(&self, id: u16) -> Option<&Value> {
        self.values.iter().find(|entry| entry.0 == id).map(|entry| &entry.1)
    }

    pub(super) fn number(&self, id: u16) -> Option<i64> {
        match self.get(id) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn binary(&self, id: u16) -> Option<&[u8]> {
        match self.get(id) {
            Some(Value::Binary(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// The value of a property as text; none if it is blank.
    pub(super) fn text(&self, id: u16) -> Option<String> {
        self.with_zeros(id).map(zeros::passed_over_in)
    }

    /// The same with the zeros inside of it, for a piece of a line.
    fn with_zeros(&self, id: u16) -> Option<String> {
        let text = self.get(id).and_then(|value| self.as_text(value))?;
        // A subject in a store begins with a mark, and a letter that says how long its prefix is.
        let text = text.strip_prefix('\u{1}').map_or(text.as_str(), |rest| rest.get(1..).unwrap_or(rest));
        let text = text.trim_matches('\0');
        text.contains(|c: char| c != '\0' && !c.is_whitespace()).then(|| text.to_owned())
    }

    /// A value as text, with the zeros in it.
    fn as_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Text(text) => Some(text.replace("\r\n", "\n").replace('\r', "\n")),
            Value::Narrow(bytes) => Some(self.decode(bytes, &[tag::CODE_PAGE, tag::INTERNET_CODE_PAGE]).text),
            _ => None,
        }
    }

    /// Decodes bytes in the code page that the first of some properties names. Zeros that part words stay.
    fn decode(&self, bytes: &[u8], pages: &[u16]) -> Decoded {
        let named = pages.iter().find_map(|id| self.number(*id)).and_then(|page| u32::try_from(page).ok());
        let label = named.or(self.code_page).and_then(labels::of_code_page);
        keeping_zeros(bytes, label.as_deref())
    }

    /// Whether zeros stand for characters of a text that people read.
    fn is_zeroed(&self) -> bool {
        self.values.iter().filter(|(id, _)| !TECHNICAL.contains(id)).any(|(_, value)| match value {
            // As UTF-8: no other character has a zero in it.
            Value::Text(text) => zeros::is_zeroed(text.as_bytes()),
            Value::Narrow(text) => is_zeroed(text),
            _ => false,
        })
    }

    /// The texts that people read, a line each.
    fn shown(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut show = |label: Option<&str>, text: String| {
            let text = text.trim().to_owned();
            if !text.is_empty() && seen.insert(text.clone()) {
                // A name may have a zero in it as well.
                let line = label.map(|label| zeros::passed_over_in(format!("{label}: {text}")));
                lines.push(line.unwrap_or(text));
            }
        };
        for (id, label) in SHOWN {
            if let Some(text) = self.text(*id) {
                show(Some(label), text);
            }
        }
        if let Some(time) = [tag::SUBMITTED, tag::DELIVERED].into_iter().find_map(|id| self.time(id)) {
            show(Some("Date"), time);
        }
        let sensitivity = match self.number(tag::SENSITIVITY) {
            Some(1) => "Personal",
            Some(2) => "Private",
            Some(3) => "Company-Confidential",
            _ => "",
        };
        show(Some("Sensitivity"), sensitivity.to_owned());
        let bodies = [tag::BODY, tag::HTML, tag::HEADERS];
        for (id, value) in &self.values {
            if TECHNICAL.contains(id) || bodies.contains(id) || SHOWN.iter().any(|entry| entry.0 == *id) {
                continue;
            }
            let name = self.names.get(id);
            if name.is_some_and(|name| is_technical(&name.replace('\0', "").to_ascii_lowercase())) {
                continue;
            }
            if let Some(text) = self.as_text(value).map(zeros::passed_over_in) {
                show(name.map(String::as_str), text);
            }
        }
        lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
    }

    /// A time as people write it.
    fn time(&self, id: u16) -> Option<String> {
        let Some(Value::Time(ticks)) = self.get(id) else { return None };
        let seconds = i64::try_from(ticks / 10_000_000).ok()?.checked_sub(11_644_473_600)?;
        let time = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        let (date, hour, minute) = (time.date(), time.hour(), time.minute());
        Some(format!("{date} {hour:02}:{minute:02} UTC"))
    }
}

/// A file in a message.
#[derive(Debug, Default)]
pub(super) struct Attachment {
    pub(super) props: Props,
    /// The file, if it is not the property for it: a message or an object, as a file of its own.
    pub(super) file: Option<Result<Vec<u8>, Fault>>,
    /// How the names of such files end.
    pub(super) ending: &'static str,
}

/// A message, a meeting, a contact: whatever has properties.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) props: Props,
    pub(super) recipients: Vec<Props>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) faults: Vec<Fault>,
}

impl Item {
    /// The document that it is.
    pub(super) fn letter(self, settings: &Settings) -> Letter {
        let mut faults = self.faults;
        let mut members = Vec::new();
        let attached = self.attachments.iter().map(|attachment| &attachment.props);
        if std::iter::once(&self.props).chain(&self.recipients).chain(attached).any(Props::is_zeroed) {
            faults.push(Fault::whole(FaultReason::Damaged, "texts of a message were zeroed"));
        }
        let mut head = self.props.shown();
        for recipient in &self.recipients {
            let line = zeros::passed_over_in(recipient_line(recipient));
            if line.split_once(": ").is_some_and(|(_, who)| !head.contains(who)) {
                head.push_str(&line);
            }
        }
        head.push_str(&headers(&self.props, &head));
        let mut text = head;
        let (plain, hyper) = bodies(&self.props);
        let repeated = body::repeats(&hyper.text, &plain.text);
        let comments = hyper.aside.clone();
        for (body, said) in [(plain, false), (hyper, repeated)] {
            if !said && !body.text.trim().is_empty() {
                text.extend(["\n", &body.text, "\n"]);
            }
            faults.extend(body.faults);
            members.extend(body.files.into_iter().map(|(name, bytes)| held(name, bytes)));
        }
        match self.props.binary(tag::RTF).map(|packed| rtf::unpacked(packed, settings)) {
            Some(Ok(bytes)) if !bytes.is_empty() => members.push(held("body.rtf".to_owned(), bytes)),
            Some(Err(fault)) => faults.push(fault),
            _ => {}
        }
        for (number, attachment) in (1_usize..).zip(self.attachments) {
            members.extend(attachment.member(number));
        }
        faults.sort();
        faults.dedup();
        let part = |label: &str, text| Part { label: Some(label.to_owned()), text };
        let parts = vec![part("message", text), part("comments in the message", comments)];
        Letter::new(TextPages::of_parts(parts, faults, settings), Vec::new(), members)
    }
}

fn held(name: String, bytes: Vec<u8>) -> Member {
    Member { name, content: Content::Held(bytes) }
}

/// The plain body and the one in HTML.
fn bodies(props: &Props) -> (Body, Body) {
    let plain = match props.get(tag::BODY) {
        Some(Value::Text(text)) => body::plain(zeros::passed_over_in(text.clone()).as_bytes(), &utf8()),
        Some(Value::Narrow(bytes)) => {
            let mut decoded = props.decode(bytes, &[tag::CODE_PAGE, tag::INTERNET_CODE_PAGE]);
            decoded.text = zeros::passed_over_in(decoded.text);
            let mut body = body::plain(decoded.text.as_bytes(), &utf8());
            body.faults.extend(text::damage(&decoded));
            body
        }
        _ => Body::default(),
    };
    let hyper = match props.get(tag::HTML) {
        Some(Value::Text(text)) => keeping_zeros(text.as_bytes(), Some("utf-8")),
        Some(Value::Narrow(bytes) | Value::Binary(bytes)) => match labels::stated(bytes) {
            Some(label) => keeping_zeros(bytes, Some(&label)),
            None => props.decode(bytes, &[tag::INTERNET_CODE_PAGE, tag::CODE_PAGE]),
        },
        _ => return (plain, Body::default()),
    };
    (plain, page(hyper))
}

/// The body in HTML. Its zeros are passed over on the page and not in the markup, of which the words around them are no part that could
/// be read.
fn page(mut hyper: Decoded) -> Body {
    let marked = hyper.text.contains('\0').then(|| hyper.text.replace('\0', NO_CHARACTER));
    hyper.text = hyper.text.replace('\0', "");
    let own = Decoded { text: String::new(), encoding: hyper.encoding, damaged: 0, binary: None, zeroed: 0 };
    let mut body = body::hyper(hyper, "message.html");
    if let Some(marked) = marked {
        let marked = body::hyper(Decoded { text: marked, ..own }, "message.html");
        for (text, marked) in [(&mut body.text, marked.text), (&mut body.aside, marked.aside)] {
            let parted = zeros::parted(&marked.replace(NO_CHARACTER, "\0"));
            if !parted.is_empty() {
                text.extend(["\n", &parted]);
            }
        }
    }
    body
}

/// Decodes bytes that a label describes, with the zeros in them that part words: those in UTF-16, inside of a character and in place of
/// some do not.
fn keeping_zeros(bytes: &[u8], label: Option<&str>) -> Decoded {
    // Zeros that end a short text make it look like UTF-16.
    let end = if is_wide(bytes) || zeros::is_zeroed(bytes) { None } else { bytes.iter().rposition(|byte| *byte != 0) };
    let bytes = end.map_or(bytes, |last| &bytes[..=last]);
    let decoded = labels::decode(bytes, label);
    // UTF-16 is of the narrow type by mistake.
    let is_wide = [encoding_rs::UTF_16LE, encoding_rs::UTF_16BE].contains(&decoded.encoding);
    if is_wide || !bytes.contains(&0) || zeros::is_zeroed(bytes) {
        return decoded;
    }
    let without: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let mut decoded = labels::decode(&without, label);
    // Decoders drop zeros. Another character that the text does not have stands for them, which is a byte of its own everywhere.
    let Some(sign) = STAND_INS.into_iter().find(|sign| !bytes.contains(sign)) else { return decoded };
    let marked: Vec<u8> = bytes.iter().map(|byte| if *byte == 0 { sign } else { *byte }).collect();
    let marked = labels::decode(&marked, label).text.replace(char::from(sign), "\0");
    if decoded.text.split('\n').count() == marked.split('\n').count() {
        let lines = decoded.text.split('\n').zip(marked.split('\n'));
        let lines = lines.map(|(plain, marked)| if marked.replace('\0', "") == plain { marked } else { plain });
        decoded.text = lines.collect::<Vec<_>>().join("\n");
    }
    decoded
}

/// Whether a text of the narrow type is in truth UTF-16, by what stands before the character that may end it.
pub(super) fn is_wide(text: &[u8]) -> bool {
    let is_marked = text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff");
    let before_end = &text[..text.len().saturating_sub(2)];
    text.len().is_multiple_of(2) && (is_marked || charset::utf16_without_bom(before_end).is_some())
}

/// Whether zeros stand for characters of a text of the narrow type.
pub(super) fn is_zeroed(text: &[u8]) -> bool {
    // Of either order of bytes: a zero is one in both.
    if is_wide(text) { zeros::is_zeroed(&super::units(text)) } else { zeros::is_zeroed(text) }
}

fn utf8() -> Kind {
    Kind::parse("text/plain; charset=utf-8")
}

/// `To: name <address>`, with its end and the zeros inside of it.
fn recipient_line(recipient: &Props) -> String {
    let label = match recipient.number(tag::RECIPIENT_TYPE) {
        Some(2) => "Cc",
        Some(3) => "Bcc",
        _ => "To",
    };
    let name = recipient.with_zeros(tag::DISPLAY_NAME).unwrap_or_default();
    let address = recipient.with_zeros(tag::SMTP).or_else(|| recipient.with_zeros(tag::ADDRESS)).unwrap_or_default();
    match (name.is_empty(), address.is_empty() || address == name) {
        (true, true) => String::new(),
        (false, true) => format!("{label}: {name}\n"),
        (true, false) => format!("{label}: {address}\n"),
        (false, false) => format!("{label}: {name} <{address}>\n"),
    }
}

/// What the fields under which a message came say more than its properties.
fn headers(props: &Props, shown: &str) -> String {
    let Some(headers) = props.with_zeros(tag::HEADERS) else { return String::new() };
    let fields = |headers: &str| Fields::parse(headers.as_bytes(), Some("utf-8")).0.shown();
    let (mut more, mut said) = (String::new(), BTreeSet::new());
    // A field is one as a whole: that with a blank in place of a zero is another.
    let own = fields(&headers.replace('\0', ""));
    let parted = if headers.contains('\0') { fields(&headers.replace('\0', " ")) } else { String::new() };
    for line in own.lines().chain(parted.lines()) {
        let value = line.split_once(": ").map_or(line, |field| field.1);
        let is_new = parted.is_empty() || said.insert(line);
        if is_new && !shown.contains(value) {
            let _ = writeln!(more, "{line}");
        }
    }
    more
}

impl Attachment {
    /// The file that it is; none if there is nothing.
    fn member(self, number: usize) -> Option<Member> {
        let name = [tag::LONG_NAME, tag::SHORT_NAME, tag::DISPLAY_NAME].into_iter().find_map(|id| self.props.text(id));
        let name = name.unwrap_or_else(|| format!("attachment-{number}"));
        let ending = self.ending;
        let ends = name.to_ascii_lowercase().ends_with(ending);
        let name = safe(&if ends { name } else { format!("{name}{ending}") });
        let lost = |reason, detail: &str| Content::Lost(Fault::whole(reason, detail));
        let bytes = match self.file {
            Some(Ok(bytes)) => Some(bytes),
            Some(Err(fault)) => return Some(Member { name, content: Content::Lost(fault) }),
            None => self.props.binary(tag::DATA).map(<[u8]>::to_vec),
        };
        let content = match (bytes, self.props.number(tag::METHOD)) {
            (Some(bytes), _) if bytes.starts_with(b"\x76\xe8\x04\x60\xc4\x11\xe3\x86") => {
                lost(FaultReason::Encrypted, "a message under protection of rights")
            }
            (Some(bytes), _) if bytes.is_empty() => return None,
            (Some(bytes), _) => Content::Held(bytes),
            (None, Some(2 | 3 | 4 | 7)) => {
                lost(FaultReason::Attachment, "the file lies elsewhere; only its address is here")
            }
            // No file was attached.
            (None, Some(0) | None) => return None,
            (None, Some(1)) => lost(FaultReason::Damaged, "the bytes of an attached file are not there"),
            (None, Some(_)) => lost(FaultReason::Attachment, "an attached object cannot be had"),
        };
        Some(Member { name, content })
    }
}
