//! Boxes of mail: many messages one after the other, each a document of its own. Boxes have gigabytes, so they are read
//! through by position; what is kept of a message is where it lies.
//!
//! A message begins at a line `From ` that stands behind an empty line or before a field, as Unix has it, or at the mark of
//! Foxmail. Where a line of a text looks like one, a message is cut in two, and nothing of it is lost.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::text::{Holding, Part, TextPages, unreadable};
use crate::format::{Document, Format, Members, Source};

use super::fields::{Fields, is_field};

/// The mark before each message of a box of Foxmail's.
pub(crate) const FOXMAIL: &[u8] = b"\x10\x10\x10\x10\x10\x10\x10\x11\x11\x11\x11\x11\x11\x53";

/// Bytes of the head of a message in which its subject is looked for.
const HEAD: u64 = 16 << 10;

/// Bytes of a line that are held; the rest of a longer one begins no message.
const LINE: usize = 1 << 16;

/// Reads boxes.
pub(in crate::format) struct Mbox;

impl Format for Mbox {
    fn name(&self) -> &'static str {
        "mbox"
    }

    fn version(&self) -> u32 {
        3
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["mbox"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let failed = |error: io::Error| unreadable(&error);
        let places = places(&source).map_err(failed)?;
        let (mut text, mut faults) = (String::new(), Vec::new());
        for (number, place) in (1_usize..).zip(&places) {
            if text.len() > settings.limits.content_text_bytes {
                let limit = settings.limits.content_text_bytes;
                faults.push(Fault::limit("content_text_bytes", limit, "the list of the messages of a box"));
                break;
            }
            let subject = subject(&source, place).map_err(failed)?;
            let _ = writeln!(text, "{number}\t{}\t{subject}", place.line);
        }
        let parts = vec![Part { label: Some("list of messages".to_owned()), text }];
        Ok(Box::new(Mailbox { pages: TextPages::of_parts(parts, faults, settings), places, source }))
    }
}

/// Where a message lies.
struct Place {
    /// The line before it, and where that begins.
    line: String,
    mark: u64,
    start: u64,
    end: u64,
}

/// A box.
struct Mailbox {
    pages: TextPages,
    places: Vec<Place>,
    source: Source,
}

impl Holding for Mailbox {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn holds(&self) -> bool {
        !self.places.is_empty()
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        let failed = |error: io::Error| unreadable(&error);
        for (number, place) in (1_usize..).zip(&self.places) {
            // By number: names are shown in every list, and a subject is text.
            let name = format!("{number:04}.eml");
            let mut bytes = part(&self.source, place).map(Unquoted::new).map_err(failed)?;
            if out.member(&name, &mut bytes) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}

/// The bytes of a message as they lie there.
fn part(source: &Source, place: &Place) -> io::Result<BufReader<io::Take<Source>>> {
    let mut source = source.clone();
    source.seek(SeekFrom::Start(place.start))?;
    Ok(BufReader::new(source.take(place.end.saturating_sub(place.start))))
}

/// The subject of a message; empty if it has none.
fn subject(source: &Source, place: &Place) -> io::Result<String> {
    let mut head = Vec::new();
    part(source, place)?.take(HEAD).read_to_end(&mut head)?;
    Ok(Fields::parse(&head, None).0.value("subject").unwrap_or_default())
}

/// The places of all messages.
fn places(source: &Source) -> io::Result<Vec<Place>> {
    let mut whole = source.clone();
    whole.rewind()?;
    let mut reader = BufReader::with_capacity(1 << 20, whole);
    let mut places: Vec<Place> = Vec::new();
    let (mut at, mut blank) = (0_u64, true);
    // A line `From ` of which only the next line tells whether it begins a message.
    let mut doubtful: Option<Place> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = read_line(&mut reader, &mut line)?;
        if let Some(place) = doubtful.take().filter(|_| is_field(&line)) {
            push(&mut places, place);
        }
        if length == 0 {
            break;
        }
        let next = at + length;
        let place = || Place { line: shown(&line), mark: at, start: next, end: u64::MAX };
        if line.starts_with(FOXMAIL) || (line.starts_with(b"From ") && blank && is_dated(&line)) {
            push(&mut places, place());
        } else if line.starts_with(b"From ") {
            doubtful = Some(place());
        }
        blank = line.trim_ascii().is_empty();
        at = next;
    }
    // What stands before the first mark is text of somebody's.
    let first = places.first().map_or(u64::MAX, |first| first.mark);
    if first > 0 {
        places.insert(0, Place { line: String::new(), mark: 0, start: 0, end: first });
    }
    Ok(places)
}

/// Notes a message, with which the one before ends.
fn push(places: &mut Vec<Place>, place: Place) {
    if let Some(before) = places.last_mut() {
        before.end = place.mark;
    }
    places.push(place);
}

/// What is shown of the line before a message.
fn shown(line: &[u8]) -> String {
    if line.starts_with(FOXMAIL) { String::new() } else { String::from_utf8_lossy(line).trim().to_owned() }
}

/// Whether a line `From ` has a time in it.
fn is_dated(line: &[u8]) -> bool {
    let digits = |part: &&[u8]| part.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3;
    line.split(|byte| *byte == b' ').skip(2).any(|part| part.contains(&b':') && digits(&part))
}

/// Reads a line with its end; of a long one only the beginning is kept. Returns its length.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    let mut length = 0_u64;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(length);
        }
        let end = memchr::memchr(b'\n', buffer);
        let taken = end.map_or(buffer.len(), |end| end + 1);
        line.extend(buffer.iter().take(taken.min(LINE.saturating_sub(line.len()))));
        reader.consume(taken);
        length += taken as u64;
        if end.is_some() {
            return Ok(length);
        }
    }
}

/// A message without the `>` that boxes put before lines that look like the beginning of one.
struct Unquoted<R> {
    inner: R,
    line: Cursor<Vec<u8>>,
    /// The next bytes begin a line.
    fresh: bool,
}

impl<R: BufRead> Unquoted<R> {
    fn new(inner: R) -> Self {
        Self { inner, line: Cursor::default(), fresh: true }
    }
}

impl<R: BufRead> Read for Unquoted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.line.position() >= self.line.get_ref().len() as u64 {
            let mut line = std::mem::take(self.line.get_mut());
            line.clear();
            Read::by_ref(&mut self.inner).take(LINE as u64).read_until(b'\n', &mut line)?;
            let quotes = line.iter().take_while(|byte| **byte == b'>').count();
            if self.fresh && quotes > 0 && line[quotes..].starts_with(b"From ") {
                line.remove(0);
            }
            self.fresh = line.ends_with(b"\n");
            self.line = Cursor::new(line);
        }
        self.line.read(buffer)
    }
}
