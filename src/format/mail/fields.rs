//! The fields at the head of a message or of a part: unfolded, in their character set, with their encoded words read.

use std::fmt::Write as _;

use crate::format::mail::{labels, transfer};

/// Bytes in which the end of an encoded word is looked for; a rule says 75, and some writers do not know it.
const WORD_REACH: usize = 4096;

/// Fields that people read, in the order in which they are shown.
const FIRST: &[&str] = &["from", "sender", "to", "cc", "bcc", "subject", "date"];

/// Fields of machines: ways, proofs and numbers.
const TECHNICAL: &[&str] = &[
    "received",
    "return-path",
    "delivered-to",
    "message-id",
    "references",
    "in-reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "content-id",
    "content-location",
    "content-length",
    "content-language",
    "content-md5",
    "content-class",
    "thread-index",
    "lines",
    "status",
    "x-status",
    "x-uid",
    "x-uidl",
    "x-keywords-hash",
    "xref",
    "path",
    "dkim-signature",
    "domainkey-signature",
    "authentication-results",
    "received-spf",
    "user-agent",
    "x-mailer",
    "x-mimeole",
    "x-priority",
    "x-msmail-priority",
    "x-originating-ip",
    "x-received",
    "x-envelope-from",
    "x-envelope-to",
    "x-ms-has-attach",
    "x-ms-tnef-correlator",
    "x-mozilla-status",
    "x-mozilla-status2",
    "feedback-id",
    "precedence",
    "x-attachment-id",
    "x-unix-mode",
    "x-apple-content-length",
    "content-duration",
    "content-base",
    "nntp-posting-host",
];

/// How the names of other such fields begin.
const TECHNICAL_BEGINS: &[&str] = &[
    "arc-",
    "list-",
    "x-arc-",
    "x-dkim",
    "x-spam",
    "x-virus",
    "x-google-",
    "x-gm-",
    "x-ms-exchange-",
    "x-forefront-",
    "x-microsoft-antispam",
    "x-ms-office365-filtering",
    "x-exchange-antispam",
    "x-qq-",
    "x-coremail-",
    "x-cm-",
    "x-ironport-",
    "x-proofpoint-",
    "x-mimecast-",
    "x-authentication-",
    "resent-message-id",
];

/// What the name of a field with a marking has in it, whoever writes it.
const MARKING: &[&str] =
    &["classif", "label", "marking", "sensitiv", "protect", "confid", "secre", "security", "handling", "caveat"];

/// The fields of a head.
#[derive(Debug, Default)]
pub(in crate::format) struct Fields {
    /// Name as written, and value. A line that is no field has an empty name.
    list: Vec<(String, String)>,
    /// Some lines are no fields, so nothing in the head is only technical.
    broken: bool,
}

impl Fields {
    /// Reads the head at the beginning of `bytes`; returns it and where the body begins. No head is no field.
    pub(in crate::format) fn parse(bytes: &[u8], hint: Option<&str>) -> (Self, usize) {
        let length = head_length(bytes);
        let (head, body) = match length {
            Some((head, body)) => (&bytes[..head], body),
            None => return (Self::default(), 0),
        };
        let hint = hint.map(str::to_owned).or_else(|| charset_in(head));
        let text = labels::decode(head, hint.as_deref()).text;
        let mut fields = Self::default();
        for line in text.lines() {
            if let (true, Some(last)) = (line.starts_with([' ', '\t']), fields.list.last_mut()) {
                last.1.push(' ');
                last.1.push_str(line.trim());
                continue;
            }
            match split(line) {
                Some((name, value)) => fields.list.push((name.to_owned(), value.trim().to_owned())),
                None if line.trim().is_empty() || is_envelope(line.as_bytes()) => {}
                None => {
                    fields.broken = true;
                    fields.list.push((String::new(), line.trim().to_owned()));
                }
            }
        }
        (fields, body)
    }

    /// The value of the first field of a name (in lower case), as written.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|field| field.0.eq_ignore_ascii_case(name)).map(|field| field.1.as_str())
    }

    /// The same, decoded.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.raw(name).map(decode_words).filter(|value| !value.trim().is_empty())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What people read, a line a field.
    pub(in crate::format) fn shown(&self) -> String {
        let mut text = String::new();
        let first = FIRST.iter().flat_map(|name| self.list.iter().filter(|field| field.0.eq_ignore_ascii_case(name)));
        let is_rest = |field: &&(String, String)| {
            let name = field.0.to_ascii_lowercase();
            !FIRST.contains(&name.as_str()) && (self.broken || !is_technical(&name))
        };
        for (name, value) in first.chain(self.list.iter().filter(is_rest)) {
            let value = decode_words(value);
            let value = value.trim();
            match (name.is_empty(), value.is_empty()) {
                (_, true) => {}
                (true, false) => _ = writeln!(text, "{value}"),
                (false, false) => _ = writeln!(text, "{name}: {value}"),
            }
        }
        text
    }
}

/// Whether a field, its name in lower case, tells people nothing.
pub(in crate::format) fn is_technical(name: &str) -> bool {
    let marks = MARKING.iter().any(|part| name.contains(part));
    !marks && (TECHNICAL.contains(&name) || TECHNICAL_BEGINS.iter().any(|begin| name.starts_with(begin)))
}

/// Name and value of a field.
fn split(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end();
    let fits = !name.is_empty() && name.len() <= 100 && name.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    fits.then_some((name, value))
}

/// The line that mail boxes put before a message.
fn is_envelope(line: &[u8]) -> bool {
    line.starts_with(b"From ") || line.starts_with(b">From ")
}

/// Where the head ends and where the body begins; none if it does not begin with a field.
fn head_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut fields = 0_usize;
    while at < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |line| at + line + 1);
        let line = &bytes[at..end];
        match line.trim_ascii() {
            [] if fields > 0 => return Some((at, end)),
            [] => {}
            trimmed if fields == 0 && !is_envelope(trimmed) && !is_field(line) => return None,
            trimmed => fields += usize::from(!is_envelope(trimmed) || fields > 0),
        }
        at = end;
    }
    (fields > 0).then_some((bytes.len(), bytes.len()))
}

/// Whether a line looks like a field.
pub(super) fn is_field(line: &[u8]) -> bool {
    let Some(colon) = line.iter().take(100).position(|byte| *byte == b':') else { return false };
    let name = line[..colon].trim_ascii_end();
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The character set that the body has: fields without encoded words mostly have the same.
fn charset_in(head: &[u8]) -> Option<String> {
    if head.is_ascii() {
        return None;
    }
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let after = head.split_once("charset=")?.1.trim_start_matches('"');
    let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(after.len());
    Some(after[..end].to_owned())
}

/// A value with its encoded words (`=?utf-8?B?...?=`) read.
pub(in crate::format) fn decode_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A character may be cut in two by the end of a word, so words of one set are joined before they are decoded.
    let mut pending: Option<(&str, Vec<u8>)> = None;
    let flush = |pending: &mut Option<(&str, Vec<u8>)>, out: &mut String| {
        if let Some((label, bytes)) = pending.take() {
            out.push_str(&labels::decode(&bytes, Some(label)).text.replace('\n', " "));
        }
    };
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let (before, from) = rest.split_at(at);
        if pending.is_none() || !before.trim().is_empty() {
            flush(&mut pending, &mut out);
            out.push_str(before);
        }
        let Some((label, bytes, after)) = word(from) else {
            flush(&mut pending, &mut out);
            out.push_str("=?");
            rest = &from[2..];
            continue;
        };
        match &mut pending {
            Some((same, before)) if same.eq_ignore_ascii_case(label) => before.extend(bytes),
            _ => {
                flush(&mut pending, &mut out);
                pending = Some((label, bytes));
            }
        }
        rest = after;
    }
    flush(&mut pending, &mut out);
    out.push_str(rest);
    out
}

/// The character set, the bytes and the rest behind an encoded word at the beginning of a text.
fn word(text: &str) -> Option<(&str, Vec<u8>, &str)> {
    let reach = &text[2..text.floor_char_boundary(WORD_REACH.min(text.len()))];
    let (label, reach) = reach.split_once('?')?;
    let (how, reach) = reach.split_once('?')?;
    let (packed, _) = reach.split_once("?=")?;
    let label_fits = label.len() <= 60 && !label.contains(char::is_whitespace);
    let bytes = match how {
        "B" | "b" if label_fits => transfer::base64(packed.as_bytes()).bytes,
        "Q" | "q" if label_fits => transfer::quoted_printable(packed.replace('_', " ").as_bytes()),
        _ => return None,
    };
    let length = 2 + label.len() + 1 + how.len() + 1 + packed.len() + 2;
    Some((label.split('*').next().unwrap_or(label), bytes, &text[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_read_though_writers_break_their_rules() {
        for (written, read) in [
            ("=?utf-8?B?5py65a+G?= x", "机密 x"),
            ("=?UTF-8?B?5py6?=\t =?utf-8?B?5a+G?=", "机密"),
            ("=?utf-8?B?5py6?= =?utf-8?B?5a+?= =?utf-8?B?hg==?=", "机密"),
            ("=?gb2312?Q?=BB=FA=C3=DC?=(a)", "机密(a)"),
            ("=?utf-8*zh?q?a_b=3D?=", "a b="),
            ("=?gb2312?B?u/rD3A?=", "机密"),
            ("a =? b ?= =?x", "a =? b ?= =?x"),
        ] {
            assert_eq!(decode_words(written), read, "{written}");
        }
    }

    #[test]
    fn fields_in_raw_bytes_are_read_in_the_set_of_the_body() {
        let head = encoding_rs::GBK.encode("Subject: 一些\nContent-Type: text/plain; charset=gb2312\n\nbody").0;
        let (fields, body) = Fields::parse(&head, None);
        assert_eq!(fields.value("subject").as_deref(), Some("一些"));
        assert_eq!(&head[body..], b"body");
    }

    #[test]
    fn marks_are_shown_and_the_ways_of_a_message_are_not() {
        let head = b"Received: from a\n by b\nX-MS-Exchange-Organization-Classification: top\nX-Note: hello\nTo: you\n\
                     DKIM-Signature: abc\nSubject: a\n  long one\n\n";
        let shown = Fields::parse(head, None).0.shown();
        assert_eq!(
            shown,
            "To: you\nSubject: a long one\nX-MS-Exchange-Organization-Classification: top\nX-Note: hello\n"
        );
    }

    #[test]
    fn a_text_without_a_head_has_no_fields() {
        let (fields, body) = Fields::parse(b"hello you\nFrom: x\n\n", None);
        assert!(fields.is_empty() && body == 0);
    }

    proptest::proptest! {
        #[test]
        fn no_value_makes_words_panic(value in "(=\\?|\\?=|\\?|[bBqQ]|utf-8|gb2312|=[0-9A-F]{2}|[ -~\u{4e00}]{0,4}){0,30}") {
            decode_words(&value);
        }
    }
}
