//! XML read piece by piece: what is open costs a counter and not a stack, and no piece is larger than a limit.
//!
//! Namespace prefixes are dropped: the formats of packages have no two elements of one name in one place that mean different
//! things. A document type that declares entities is refused, and nothing outside the part is ever looked at.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek as _};

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};

use crate::config::{Limits, Settings};
use crate::finding::{Fault, FaultReason};
use crate::format::{Source, charset};

/// Elements that may be open at once: tables in text boxes in tables come to a hundred.
const NESTING: usize = 4096;

/// A piece of XML.
pub(in crate::format) enum Node<'a> {
    /// An element begins; one without content ends with the next piece.
    Start(Element<'a>),
    /// An element ends.
    End(Ending<'a>),
    /// Text, or a part of one: references cut it.
    Text(Cow<'a, str>),
}

/// The begin of an element.
pub(in crate::format) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// Its name without a prefix.
    pub(in crate::format) fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }

    /// The value of an attribute, whatever its prefix; one without a prefix is preferred.
    pub(in crate::format) fn attribute(&self, name: &str) -> Option<String> {
        self.value(|key| key == name).or_else(|| self.prefixed(name))
    }

    /// The value of an attribute that has a prefix (`r:id` beside `id`).
    pub(in crate::format) fn prefixed(&self, name: &str) -> Option<String> {
        self.value(|key| key.len() > name.len() && local(key) == name)
    }

    /// All attributes: names without prefixes, and values.
    pub(in crate::format) fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let all = self.0.html_attributes().filter_map(Result::ok);
        all.map(|attribute| {
            let value = match attribute.value {
                Cow::Borrowed(value) => quick_xml::escape::unescape(value).unwrap_or(Cow::Borrowed(value)),
                Cow::Owned(value) => Cow::Owned(unescape(&value)),
            };
            (local(attribute.key.into_inner()), value)
        })
    }

    fn value(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut all = self.0.html_attributes().filter_map(Result::ok);
        all.find(|attribute| wanted(attribute.key.into_inner())).map(|attribute| unescape(&attribute.value))
    }
}

/// The end of an element.
pub(in crate::format) struct Ending<'a>(BytesEnd<'a>);

impl Ending<'_> {
    /// Its name without a prefix.
    pub(in crate::format) fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }
}

/// A document that is XML as a whole, from its start; `what` it is called in faults.
pub(in crate::format) fn of_source<'a>(source: &Source, what: &str, settings: &Settings) -> Result<Xml<'a>, Fault> {
    let mut source = source.clone();
    // Seeking to the start never fails: nothing is asked of the file.
    let _ = source.rewind();
    Xml::new(BufReader::new(source), what.to_owned(), &settings.limits)
}

/// A part read as XML.
pub(in crate::format) struct Xml<'a> {
    reader: Reader<Bounded<'a>>,
    buffer: Vec<u8>,
    depth: usize,
    what: String,
    ended: bool,
    /// The root element has begun.
    rooted: bool,
    lenient: bool,
    /// Bytes that a text was cut to.
    cut: Option<usize>,
    /// Comments and instructions, where somebody wants them.
    comments: Option<String>,
}

impl<'a> Xml<'a> {
    /// Reads bytes. `what` names them in faults.
    pub(in crate::format) fn new(mut bytes: impl BufRead + 'a, what: String, limits: &Limits) -> Result<Self, Fault> {
        let damaged = |error: &io::Error| super::fault_of_read(error, &what);
        let head = bytes.fill_buf().map_err(|error| damaged(&error))?;
        let bytes: Box<dyn BufRead + 'a> = match is_utf8(head) {
            true => Box::new(bytes),
            false => Box::new(Cursor::new(decoded(bytes, &what, limits)?)),
        };
        let (all, most) = (limits.unpacked_bytes, limits.content_text_bytes);
        let bounded = Bounded { bytes, all, read: 0, piece: 0, most, over: None };
        let mut reader = Reader::from_reader(bounded);
        reader.config_mut().expand_empty_elements = true;
        let (buffer, cut, comments) = (Vec::new(), None, None);
        Ok(Self { reader, buffer, depth: 0, what, ended: false, rooted: false, lenient: false, cut, comments })
    }

    /// Reads bytes that are in memory.
    #[cfg(test)]
    pub(in crate::format) fn of(bytes: &'a [u8], what: &str, limits: &Limits) -> Result<Self, Fault> {
        Self::new(bytes, what.to_owned(), limits)
    }

    /// The next piece; none at the end. What is no text (comments, instructions) is an empty one.
    pub(in crate::format) fn node(&mut self) -> Result<Option<Node<'_>>, Fault> {
        if self.ended {
            return Ok(None);
        }
        self.buffer.clear();
        self.reader.get_mut().piece = 0;
        let position = self.reader.buffer_position();
        let fault = |why: &str| Fault::whole(FaultReason::Damaged, format!("{}, byte {position}: {why}", self.what));
        let event = self.reader.read_event_into(&mut self.buffer);
        let is_behind = self.rooted && self.depth == 0 && !self.lenient;
        match event {
            Ok(event) if is_behind && says_something(&event) => {
                self.ended = true;
                let detail = format!("{}, byte {position}: what stands behind its end is not read", self.what);
                Err(Fault::whole(FaultReason::Attachment, detail))
            }
            Ok(Event::Start(element) | Event::Empty(element)) => {
                self.depth += 1;
                self.rooted = true;
                if self.depth > NESTING {
                    self.ended = true;
                    let detail = format!("{}: elements are nested more than {NESTING} deep", self.what);
                    return Err(Fault::whole(FaultReason::Limit, detail));
                }
                Ok(Some(Node::Start(Element(element))))
            }
            Ok(Event::End(element)) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(Some(Node::End(Ending(element))))
            }
            Ok(Event::Text(text)) => Ok(Some(Node::Text(text.xml10_content()))),
            Ok(Event::CData(text)) => Ok(Some(Node::Text(text.xml10_content()))),
            Ok(Event::GeneralRef(reference)) => Ok(Some(Node::Text(resolved(&reference)))),
            Ok(Event::DocType(declared)) if declared.to_ascii_uppercase().contains("<!ENTITY") => {
                self.ended = true;
                Err(fault("it declares entities, which may stand for anything"))
            }
            Ok(Event::Eof) => {
                self.ended = true;
                if self.depth > 0 && !self.lenient { Err(fault("it ends too early")) } else { Ok(None) }
            }
            Ok(Event::Comment(text)) => {
                let most = self.reader.get_ref().most;
                aside(&text.xml10_content(), most, self.comments.as_mut(), &mut self.cut);
                Ok(Some(Node::Text(Cow::Borrowed(""))))
            }
            Ok(Event::PI(instruction)) => {
                let most = self.reader.get_ref().most;
                aside(&instruction, most, self.comments.as_mut(), &mut self.cut);
                Ok(Some(Node::Text(Cow::Borrowed(""))))
            }
            Ok(_) => Ok(Some(Node::Text(Cow::Borrowed("")))),
            Err(error) => {
                self.ended = true;
                let bounded = self.reader.get_ref();
                Err(match (bounded.over, &error) {
                    (Some(Over::Part), _) => Fault::limit("unpacked_bytes", bounded.all, &self.what),
                    (Some(Over::Piece), _) => Fault::limit("content_text_bytes", bounded.most, &self.what),
                    (None, quick_xml::Error::Io(error)) => super::fault_of_read(error, &self.what),
                    // The library's words quote what it met, and that may be the text.
                    (None, _) => fault("its XML is broken"),
                })
            }
        }
    }

    /// The name of the root element, read up to its begin; none if there is no element.
    pub(in crate::format) fn root(&mut self) -> Result<Option<String>, Fault> {
        while let Some(node) = self.node()? {
            if let Node::Start(element) = node {
                return Ok(Some(element.name().to_owned()));
            }
        }
        Ok(None)
    }

    /// Takes what is not well-formed for what it seems to be, as the drawings that Office itself writes.
    pub(in crate::format) fn lenient(&mut self) {
        let config = self.reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        self.lenient = true;
    }

    /// Keeps comments and instructions from here on, as many bytes as text may have; that some were left out is told by
    /// [`Xml::uncut`].
    pub(in crate::format) fn keep_comments(&mut self) {
        self.comments = Some(String::new());
    }

    /// The comments and instructions that were kept, a line each. They are no part of the text, and may stand inside of words.
    pub(in crate::format) fn take_comments(&mut self) -> String {
        self.comments.take().unwrap_or_default()
    }

    /// Reads over the rest of the element that has just begun.
    pub(in crate::format) fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside && self.node()?.is_some() {}
        Ok(())
    }

    /// All text inside the element that has just begun, up to `most` bytes, which are the limit for text. That it was cut is
    /// told by [`Xml::uncut`].
    pub(in crate::format) fn text(&mut self, most: usize) -> Result<String, Fault> {
        let outside = self.depth.saturating_sub(1);
        let mut all = String::new();
        while self.depth > outside {
            match self.node()? {
                Some(Node::Text(text)) if all.len() < most => all.push_str(&text),
                Some(Node::Text(text)) if !text.trim().is_empty() => self.cut = Some(most),
                Some(_) => {}
                None => break,
            }
        }
        Ok(all)
    }

    /// A fault if a text was cut by [`Xml::text`].
    pub(in crate::format) fn uncut(&self) -> Result<(), Fault> {
        self.cut.map_or(Ok(()), |most| Err(Fault::limit("content_text_bytes", most, &self.what)))
    }
}

/// Keeps a comment or an instruction, if somebody wants them and there is room below `most` bytes.
fn aside(text: &str, most: usize, kept: Option<&mut String>, cut: &mut Option<usize>) {
    if let Some(kept) = kept {
        match kept.len().saturating_add(text.len()) <= most {
            true => kept.extend([text.trim(), "\n"]),
            false => *cut = Some(most),
        }
    }
}

/// Whether a piece that stands outside of the root element is more than blanks, a comment or an instruction.
fn says_something(event: &Event<'_>) -> bool {
    match event {
        Event::Start(_) | Event::Empty(_) | Event::CData(_) | Event::GeneralRef(_) => true,
        Event::Text(text) => !text.xml10_content().trim_matches(['\0', ' ', '\t', '\r', '\n', '\u{feff}']).is_empty(),
        _ => false,
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// The value of an attribute; one with an unknown reference stays as it is written.
fn unescape(value: &str) -> String {
    quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), Cow::into_owned)
}

/// What a reference stands for; an unknown one stands for itself.
fn resolved<'a>(reference: &BytesRef<'a>) -> Cow<'a, str> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Cow::Owned(character.to_string()),
        _ => match resolve_predefined_entity(reference) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(format!("&{};", &**reference)),
        },
    }
}

/// Whether a part is UTF-8 by its first bytes: nearly all are, and are read as they come.
fn is_utf8(head: &[u8]) -> bool {
    let wide =
        head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || head.iter().take(4).any(|byte| *byte == 0);
    let declaration = head.get(..head.len().min(200)).unwrap_or_default();
    let end = declaration.iter().position(|byte| *byte == b'>').unwrap_or(0);
    let declared = declaration.get(..end).filter(|text| text.starts_with(b"<?xml")).and_then(charset::declared);
    !wide && declared.is_none_or(|encoding| encoding == encoding_rs::UTF_8)
}

/// A part of another encoding, decoded as a whole.
fn decoded(bytes: impl Read, what: &str, limits: &Limits) -> Result<Vec<u8>, Fault> {
    let mut all = Vec::new();
    let limit = limits.content_text_bytes as u64;
    bytes.take(limit.saturating_add(1)).read_to_end(&mut all).map_err(|error| super::fault_of_read(&error, what))?;
    if all.len() as u64 > limit {
        return Err(Fault::limit("content_text_bytes", limit, what));
    }
    let declared = all.starts_with(b"<?xml").then(|| charset::declared(&all)).flatten();
    let decoded = charset::decode(&all, declared);
    match decoded.damaged {
        0 => Ok(decoded.text.into_bytes()),
        count => Err(Fault::whole(FaultReason::Damaged, format!("{what}: {count} characters cannot be decoded"))),
    }
}

/// A reader that ends with an error when a part, or a single piece of it, is larger than it may be.
struct Bounded<'a> {
    bytes: Box<dyn BufRead + 'a>,
    /// Bytes a part may have.
    all: u64,
    read: u64,
    /// Bytes of the piece that is read.
    piece: usize,
    /// Bytes a piece may have.
    most: usize,
    over: Option<Over>,
}

#[derive(Clone, Copy)]
enum Over {
    Part,
    Piece,
}

impl Read for Bounded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Bounded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let over = match () {
            () if self.read > self.all => Some(Over::Part),
            () if self.piece > self.most => Some(Over::Piece),
            () => None,
        };
        if over.is_some() {
            self.over = over;
            return Err(io::Error::other("over a limit"));
        }
        self.bytes.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.read = self.read.saturating_add(count as u64);
        self.piece = self.piece.saturating_add(count);
        self.bytes.consume(count);
    }
}
