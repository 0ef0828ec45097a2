//! The parts of a message: where each begins and ends, however deep it lies, with the text that stands around them.

use std::ops::Range;

use memchr::memmem;

use crate::finding::{Fault, FaultReason};

use super::fields::{Fields, is_field};
use super::params::Value;

/// Parts in parts; deeper ones are a fault. Real messages have five, and a message in a message is a document of its own.
const DEPTH: usize = 24;

/// A part that has no parts.
#[derive(Debug)]
pub(super) struct Leaf {
    /// Its place: `1.2` is the second part of the first.
    pub(super) path: String,
    pub(super) fields: Fields,
    /// Type, in lower case.
    pub(super) kind: Value,
    /// Where its body lies.
    pub(super) body: Range<usize>,
    /// The type of what it is a part of; empty for the whole message.
    pub(super) inside: String,
}

/// The parts of a message.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) leaves: Vec<Leaf>,
    /// Heads of parts that have parts.
    pub(super) heads: Vec<Fields>,
    /// Texts before, between and behind parts.
    pub(super) around: Vec<Range<usize>>,
    pub(super) faults: Vec<Fault>,
    limit: usize,
}

/// Where a part of a message lies, and what it belongs to.
struct Place<'a> {
    range: Range<usize>,
    path: String,
    inside: &'a str,
    depth: usize,
}

impl Parts {
    /// Finds the parts of a message whose head was read; at most `limit` of them.
    pub(super) fn of(bytes: &[u8], head: Fields, body: Range<usize>, limit: usize) -> Self {
        let mut parts = Self { limit, ..Self::default() };
        parts.walk(bytes, head, Place { range: body, path: String::new(), inside: "", depth: 0 });
        parts
    }

    fn walk(&mut self, bytes: &[u8], fields: Fields, place: Place<'_>) {
        if self.leaves.len() >= self.limit {
            self.faults.push(Fault::limit("pages", self.limit, "the number of parts of a message"));
            self.faults.dedup();
            return;
        }
        let standard = if place.inside == "multipart/digest" { "message/rfc822" } else { "text/plain" };
        let mut kind = fields.raw("content-type").map(Value::parse).unwrap_or_default();
        if !kind.main.contains('/') {
            standard.clone_into(&mut kind.main);
        }
        let inner = if kind.main.starts_with("multipart/") { self.cut(bytes, &kind, &place) } else { None };
        let Some(inner) = inner else {
            let path = if place.path.is_empty() { "1".to_owned() } else { place.path };
            let inside = place.inside.to_owned();
            self.leaves.push(Leaf { path, fields, kind, body: place.range, inside });
            return;
        };
        if place.depth > 0 {
            self.heads.push(fields);
        }
        for (number, range) in (1_usize..).zip(inner) {
            let (fields, length) = part_head(&bytes[range.clone()]);
            let dot = if place.path.is_empty() { "" } else { "." };
            let path = format!("{}{dot}{number}", place.path);
            let range = range.start + length..range.end;
            self.walk(bytes, fields, Place { range, path, inside: &kind.main, depth: place.depth + 1 });
        }
    }

    /// The parts of a multipart, with what stands around them noted; none if it cannot be cut.
    fn cut(&mut self, bytes: &[u8], kind: &Value, place: &Place<'_>) -> Option<Vec<Range<usize>>> {
        if place.depth >= DEPTH {
            let detail = format!("parts of a message lie deeper than {DEPTH} in each other");
            self.faults.push(Fault::whole(FaultReason::Damaged, detail));
            return None;
        }
        let body = &bytes[place.range.clone()];
        let named = kind.param("boundary").map(str::trim_end);
        let lines = named.map(|boundary| delimiters(body, boundary.as_bytes())).filter(|lines| !lines.is_empty());
        let lines = lines.or_else(|| guessed(body).map(|boundary| delimiters(body, boundary)));
        let Some(lines) = lines.filter(|lines| !lines.is_empty()) else {
            if !body.trim_ascii().is_empty() {
                let detail = "a message says that it has parts, and where they begin cannot be found";
                self.faults.push(Fault::whole(FaultReason::Damaged, detail));
            }
            return None;
        };
        let mut ranges = Vec::new();
        let moved = |range: Range<usize>| place.range.start + range.start..place.range.start + range.end;
        self.around.push(moved(0..lines[0].line.start));
        for (index, delimiter) in lines.iter().enumerate() {
            let next = lines.get(index + 1).map_or(body.len(), |next| next.line.start);
            let range = moved(delimiter.line.end.min(next)..next);
            // What follows the last part is text, and so is what stands before another beginning.
            if delimiter.last { self.around.push(range) } else { ranges.push(range) }
        }
        let closed = lines.iter().any(|delimiter| delimiter.last);
        if !closed && place.range.end == bytes.len() {
            let detail = "a message ends before its last part is closed";
            self.faults.push(Fault::whole(FaultReason::Damaged, detail));
            self.faults.dedup();
        }
        Some(ranges)
    }
}

/// The head of a part; a part may have none, and then begins with an empty line.
fn part_head(bytes: &[u8]) -> (Fields, usize) {
    let first = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes, |end| &bytes[..end]);
    if first.trim_ascii().is_empty() {
        return (Fields::default(), bytes.len().min(first.len() + 1));
    }
    Fields::parse(bytes, None)
}

/// A line between parts, from the line end before it to its own.
struct Delimiter {
    line: Range<usize>,
    last: bool,
}

/// The lines of a boundary.
fn delimiters(body: &[u8], boundary: &[u8]) -> Vec<Delimiter> {
    let mark = [b"--", boundary].concat();
    let mut found = Vec::new();
    for at in memmem::find_iter(body, &mark) {
        if at > 0 && body[at - 1] != b'\n' {
            continue;
        }
        let rest = &body[at + mark.len()..];
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let tail = rest[..end].trim_ascii_end();
        // A longer boundary begins with this one.
        if !tail.is_empty() && tail != b"--" {
            continue;
        }
        let before = &body[..at];
        let before = before.strip_suffix(b"\n").unwrap_or(before);
        let start = before.strip_suffix(b"\r").unwrap_or(before).len();
        let end = (at + mark.len() + end + 1).min(body.len());
        found.push(Delimiter { line: start..end, last: tail == b"--" });
    }
    found
}

/// The boundary of parts whose own says nothing: the first line with two dashes that a field follows.
fn guessed(body: &[u8]) -> Option<&[u8]> {
    let mut lines = body.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let boundary = line.trim_ascii_end().strip_prefix(b"--").filter(|rest| !rest.is_empty());
        let follows =
            |next: &&[u8]| is_field(next) && next.get(..8).is_some_and(|it| it.eq_ignore_ascii_case(b"content-"));
        if let (Some(boundary), true) = (boundary, lines.peek().is_some_and(follows)) {
            return Some(boundary);
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::format_collect, reason = "fixtures are small and made here")]
mod tests {
    use super::*;

    /// Places and texts of the parts of a message, the texts around them, and the number of faults.
    fn cut(message: &str) -> (Vec<(String, String)>, Vec<String>, usize) {
        let bytes = message.as_bytes();
        let (head, body) = Fields::parse(bytes, None);
        let parts = Parts::of(bytes, head, body..bytes.len(), 100);
        let leaves = parts.leaves.iter().map(|leaf| (leaf.path.clone(), message[leaf.body.clone()].to_owned()));
        let around = parts.around.iter().map(|range| message[range.clone()].trim().to_owned());
        (leaves.collect(), around.filter(|text| !text.is_empty()).collect(), parts.faults.len())
    }

    fn at(path: &str, text: &str) -> (String, String) {
        (path.to_owned(), text.to_owned())
    }

    #[test]
    fn parts_in_parts_are_found_with_what_stands_around_them() {
        let message = "Content-Type: multipart/mixed; boundary=a\n\nbefore\n--a\nContent-Type: multipart/alternative; \
                       boundary=\"a-b\"\n\n--a-b\n\none\n--a-b\n\ntwo\n--a-b--\n--a\n\nthree\n--a--\nbehind\n";
        let parts = vec![at("1.1", "one"), at("1.2", "two"), at("2", "three")];
        let around = vec!["before".to_owned(), "behind".to_owned()];
        assert_eq!(cut(message), (parts, around, 0));
    }

    #[test]
    fn a_message_that_was_cut_is_read_as_far_as_it_goes_with_a_fault() {
        let message = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a\n\ntw";
        assert_eq!(cut(message), (vec![at("1", "one"), at("2", "tw")], vec![], 1));
    }

    #[test]
    fn a_wrong_boundary_is_guessed_and_none_at_all_is_a_fault() {
        let message =
            "Content-Type: multipart/mixed; boundary=wrong\n\n--x y\nContent-Type: text/plain\n\none\n--x y--\n";
        assert_eq!(cut(message), (vec![at("1", "one")], vec![], 0));
        assert_eq!(cut("Content-Type: multipart/mixed\n\nhello"), (vec![at("1", "hello")], vec![], 1));
    }

    #[test]
    fn parts_are_read_to_a_bounded_depth_and_number() {
        let deep: String =
            (0..100).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
        assert!(cut(&deep).2 > 0);
        let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n", "--b\n\nx\n".repeat(1000));
        let (parts, _, faults) = cut(&many);
        assert_eq!((parts.len(), faults), (100, 1));
    }
}
