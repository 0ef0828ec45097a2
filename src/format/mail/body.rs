//! The bodies of a message: text as a person reads it, and the files that are written into it.

use std::fmt::Write as _;

use crate::finding::{Fault, FaultReason};
use crate::format::charset::Decoded;
use crate::format::{html, packed, text};

use super::fields::{decode_words, is_field};
use super::params::Value;
use super::{labels, transfer};

/// Characters of a mark of `text/enriched`.
const MARK: usize = 60;

/// Places that are tried for a line, and how often over a text is looked through, to see whether another repeats it.
const TRIES: usize = 100;
const LOOKS: usize = 64;

/// What a body is made of.
#[derive(Debug, Default)]
pub(in crate::format) struct Body {
    pub(in crate::format) text: String,
    /// Comments in it.
    pub(in crate::format) aside: String,
    /// Files written into it, with their names.
    pub(in crate::format) files: Vec<(String, Vec<u8>)>,
    pub(in crate::format) faults: Vec<Fault>,
}

/// Reads a body of plain text.
pub(in crate::format) fn plain(bytes: &[u8], kind: &Value) -> Body {
    let mut body = Body::default();
    let (rest, blocks) = transfer::uuencoded(bytes);
    for block in blocks {
        if !block.closed {
            let detail = "a uuencoded file in a message has no end";
            body.faults.push(Fault::whole(FaultReason::Damaged, detail));
        }
        body.files.push((block.name, block.bytes));
    }
    let mut own = rest.as_slice();
    if let Some(start) = message_in(&rest) {
        body.files.push(("message in the text.eml".to_owned(), rest[start..].to_vec()));
        own = &rest[..start];
    }
    let decoded = labels::decode(own, kind.param("charset"));
    body.faults.extend(text::damage(&decoded));
    let text = if decoded.text.contains("=?") { words_read(&decoded.text) } else { decoded.text };
    body.text = match kind.param("format") {
        Some(format) if format.eq_ignore_ascii_case("flowed") => {
            let deletes = kind.param("delsp").is_some_and(|it| it.eq_ignore_ascii_case("yes"));
            unflowed(&text, deletes)
        }
        _ => text,
    };
    let own = without_addresses(&body.text);
    body.faults.extend(packed::fault(&own));
    let (files, even) = packed::files_and_more(&own);
    body.faults.extend(even);
    body.files.extend(files.into_iter().map(|file| (file.name, file.bytes)));
    body.faults.extend(locked(&body.text));
    body
}

/// A text in which header lines are quoted as they were sent.
fn words_read(text: &str) -> String {
    text.split_inclusive('\n').map(decode_words).collect()
}

/// Reads a body of HTML. One with pictures in it is a file too, because its own format hands those out.
pub(in crate::format) fn hyper(decoded: Decoded, name: &str) -> Body {
    let mut body = Body::default();
    body.faults.extend(text::damage(&decoded));
    let html::Piece { text, aside, files: embedded, .. } = html::piece(&decoded.text, false);
    body.aside = aside;
    if embedded > 0 || !packed::files(&without_addresses(&text)).is_empty() {
        body.files.push((name.to_owned(), decoded.text.into_bytes()));
    }
    body.faults.extend(locked(&text));
    body.text = text;
    body
}

/// Reads a body with the marks of `text/enriched` (RFC 1896), which stand inside words.
pub(super) fn enriched(bytes: &[u8], kind: &Value) -> Body {
    let body = plain(bytes, kind);
    let mut text = String::with_capacity(body.text.len());
    let mut rest = body.text.as_str();
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('<') {
            text.push('<');
            rest = behind;
            continue;
        }
        let is_mark = |mark: &str| mark.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/'));
        match rest.split_once('>') {
            Some((mark, behind)) if mark.len() <= MARK && is_mark(mark) => rest = behind,
            _ => text.push('<'),
        }
    }
    text.push_str(rest);
    Body { text, ..body }
}

/// A text without its addresses of the web: those that count clicks are long, look like base64 and hold nothing.
fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        out.push(' ');
        let end = from.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '|')).unwrap_or(from.len());
        rest = &from[end..];
    }
    out.push_str(rest);
    out
}

/// The fault of something written into a text that cannot be read.
fn locked(text: &str) -> Option<Fault> {
    let is_message = |line: &str| line.trim().starts_with("-----BEGIN PGP MESSAGE");
    if text.lines().any(is_message) {
        return Some(Fault::whole(FaultReason::Encrypted, "an encrypted text (OpenPGP) is in the message"));
    }
    packed::sealed(text)
}

/// Where a whole message begins inside a text, as reports of failed delivery have them: at the first of the header lines
/// around one that says how parts are packed.
pub(super) fn message_in(text: &[u8]) -> Option<usize> {
    let (mut at, mut start) = (0, None);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let head = is_field(line);
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        let goes_on = start.is_some() && folded && !line.trim_ascii().is_empty();
        match (head, goes_on) {
            (true, _) => start = start.or(Some(at)),
            (false, true) => {}
            (false, false) => start = None,
        }
        let marks = || packed::is_message_line(&String::from_utf8_lossy(&line[..line.len().min(200)]));
        if let Some(start) = start.filter(|_| head && marks()) {
            return Some(start);
        }
        at += line.len();
    }
    None
}

/// Text of `format=flowed` with its lines joined to paragraphs.
fn unflowed(text: &str, deletes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // Depth of quotation of the line that goes on.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let content = &line[depth..];
        let content = content.strip_prefix(' ').unwrap_or(content);
        if open.is_some_and(|before| before != depth) {
            out.push('\n');
            open = None;
        }
        if open.is_none() && depth > 0 {
            _ = write!(out, "{} ", ">".repeat(depth.min(100)));
        }
        let flows = content.ends_with(' ') && content != "-- ";
        out.push_str(if flows && deletes { &content[..content.len() - 1] } else { content });
        open = flows.then_some(depth);
        if !flows {
            out.push('\n');
        }
    }
    out
}

/// Whether a text says nothing that another does not say, as a body in HTML mostly repeats the plain one: each line of it is a run
/// of whole words of the other. One with lines in another order, a great many of them, counts as saying more.
pub(in crate::format) fn repeats(text: &str, of: &str) -> bool {
    let (all, begins) = squeezed(of);
    // Lines mostly come in their order, so each is looked for behind the last.
    let (mut at, mut looked) = (0, 0_usize);
    text.lines().map(squeezed).filter(|(line, _)| !line.is_empty()).all(|(line, starts)| {
        let is_run = |place: &usize| {
            let mut places = (0..=line.len()).map(|offset| (starts[offset], begins[place + offset], place + offset));
            places.all(|(wanted, found, here)| wanted == found || found && is_inside_wide(&all, here))
        };
        let mut found = |from: usize, to: usize| {
            let hit = memchr::memmem::find_iter(&all.as_bytes()[from..to], line.as_bytes()).map(|hit| from + hit);
            let hit = hit.take(TRIES).find(is_run);
            looked = looked.saturating_add(hit.unwrap_or(to) - from);
            hit
        };
        let hit = found(at, all.len()).or_else(|| found(0, at.saturating_add(line.len()).min(all.len())));
        at = hit.map_or(at, |hit| hit + line.len());
        hit.is_some() && looked <= LOOKS.saturating_mul(all.len().max(1))
    })
}

/// Letters and digits alone, and for each place whether a word begins there; the end begins one.
fn squeezed(text: &str) -> (String, Vec<bool>) {
    let (mut letters, mut begins, mut inside) = (String::with_capacity(text.len()), Vec::new(), false);
    for c in text.chars() {
        if c.is_alphanumeric() {
            begins.push(!inside);
            begins.extend(std::iter::repeat_n(false, c.len_utf8() - 1));
            letters.push(c);
        }
        inside = c.is_alphanumeric();
    }
    begins.push(true);
    (letters, begins)
}

/// Whether a place lies between characters of a writing without blanks, where a line may end inside of a word.
fn is_inside_wide(text: &str, at: usize) -> bool {
    let is_wide = |c: Option<char>| c.is_some_and(|c| !c.is_ascii());
    is_wide(text[..at].chars().next_back()) && is_wide(text[at..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowing_lines_are_joined() {
        assert_eq!(unflowed("one \ntwo\n> a \n> b\n>> c\n-- \nme\n", false), "one two\n> a b\n>> c\n-- \nme\n");
        assert_eq!(unflowed("机 \n密\n", true), "机密\n");
    }

    #[test]
    fn what_is_packed_into_a_text_is_a_file_or_a_fault() {
        let body = plain(b"see\nbegin 644 a.txt\n#0V%T\n`\nend\nyours\n", &Value::default());
        assert_eq!((body.text.as_str(), body.files), ("see\nyours\n", vec![("a.txt".to_owned(), b"Cat".to_vec())]));
        let reasons =
            |text: &[u8]| plain(text, &Value::default()).faults.into_iter().map(|fault| fault.reason).collect();
        let found: Vec<Vec<FaultReason>> = vec![
            reasons(b"=ybegin line=128 size=9 name=a\n"),
            reasons(b"-----BEGIN PGP MESSAGE-----\n"),
            reasons(b"hi"),
        ];
        assert_eq!(found, [vec![FaultReason::Attachment], vec![FaultReason::Encrypted], vec![]]);
    }

    #[test]
    fn a_body_is_repeated_only_where_all_its_lines_are_whole_words_of_the_other() {
        assert!(repeats("Dear all,\nthe plan is here.\n", "> Dear all, the\n> plan is *here*"));
        assert!(repeats("二、各单位应当按期\n一、清点文件", "一、清点文\n件。二、各单位应当按期"));
        assert!(repeats(" \n", "anything"));
        for (text, of) in [
            ("机密", "您的随机密码已发送"),
            ("TOP SECRET", "STOP SECRETARY POOL"),
            ("TOP SECRET", "TOPSECRET"),
            ("one\ntwo", "one three"),
            ("secret", "SECRET"),
            ("one", ""),
        ] {
            assert!(!repeats(text, of), "{text} in {of}");
        }
    }

    #[test]
    fn marks_inside_words_are_dropped() {
        let said = enriched(b"ZEB<bold>RA</bold>MARK <<b> 1 < 2", &Value::default()).text;
        assert_eq!(said, "ZEBRAMARK <b> 1 < 2");
    }

    #[test]
    fn an_address_is_no_file_and_what_follows_it_may_be_one() {
        let packed = "5py65a+G5paH5Lu2".repeat(10);
        let files = |text: String| plain(text.as_bytes(), &Value::default()).files.len();
        assert_eq!(files(format!("see https://example.org/click/{packed}\n")), 0);
        assert_eq!(files(format!("see https://example.org/\n\n{packed}\n")), 1);
    }

    #[test]
    fn a_message_inside_a_text_is_a_file() {
        let text = b"It failed.\n\nReceived: a\n b\nSubject: x\nContent-Transfer-Encoding: base64\n\n5py65a+G\n";
        let body = plain(text, &Value::default());
        assert_eq!(body.text, "It failed.\n\n");
        assert!(body.files[0].1.starts_with(b"Received: a\n b\n") && body.faults.is_empty());
    }
}
