//! Goes through RTF byte by byte.

mod destinations;

use crate::document::{DELETED, STRUCK_OUT};
use crate::finding::{Fault, FaultReason};
use crate::format::field;
use crate::format::framed::Frame;
use crate::format::zeros;

use super::data::{self, Digits, Picture, Size};
use super::fonts::Fonts;
use super::read::Read;
use super::state::{Ends, START, State};
use super::words::{self, Capture, Target};

/// Depth of groups that are told apart; deeper ones are read as if their braces were not there.
const DEPTH: usize = 10_000;

/// Pictures of one group for new programs that are looked for among those for old ones; programs write one. Of more the old ones are
/// read too.
const SHOWN: usize = 100;

/// The number that stands for no choice.
const NO_CHOICE: usize = 25;

/// A list to choose from.
#[derive(Default)]
struct Choices {
    items: Vec<String>,
    taken: Option<usize>,
    usual: usize,
}

/// A document that is being read.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    state: State,
    outer: Vec<State>,
    too_deep: usize,
    deepest: bool,
    fonts: Fonts,
    pending: Vec<u8>,
    units: Vec<u16>,
    skip: usize,
    starred: bool,
    section: usize,
    captured: String,
    names: [String; 2],
    author: String,
    marked: Option<(Target, &'static str)>,
    choices: Choices,
    /// The item of a list that is taken, until its field ends.
    taken: String,
    digits: Digits,
    /// Pictures of the last group of such, for new programs, and where it ends: the ones for old programs may stand there.
    shown: (Vec<Size>, usize),
    undecoded: usize,
    /// Zero bytes in long runs.
    zeroed: usize,
    read: Read,
}

/// Reads RTF.
pub(super) fn read(bytes: &[u8]) -> Read {
    let mut reader = Reader {
        bytes,
        at: 0,
        state: START,
        outer: Vec::new(),
        too_deep: 0,
        deepest: false,
        fonts: Fonts::default(),
        pending: Vec::new(),
        units: Vec::new(),
        skip: 0,
        starred: false,
        section: 0,
        captured: String::new(),
        names: Default::default(),
        author: String::new(),
        marked: None,
        choices: Choices::default(),
        taken: String::new(),
        digits: Digits::default(),
        shown: (Vec::new(), 0),
        undecoded: 0,
        zeroed: 0,
        read: Read { bodies: vec![(0, String::new())], frames: vec![Frame::default()], ..Read::default() },
    };
    reader.run();
    reader.read.pass_over_zeros();
    reader.read
}

/// Whether a text is nothing but zeros, if that.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c == '\0')
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            self.at += 1;
            match byte {
                b'{' => self.open(),
                b'}' => {
                    self.close();
                    if self.outer.is_empty() {
                        break;
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' => {}
                0 => self.zeros(),
                byte => self.byte(byte),
            }
        }
        let unclosed = !self.outer.is_empty();
        while !self.outer.is_empty() {
            self.close();
        }
        self.flush();
        self.unmark();
        let behind = self.bytes.get(self.at..).unwrap_or_default();
        let behind = behind.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != 0).count();
        let faults = [
            (unclosed, "the RTF ends in the middle".to_owned()),
            (self.deepest, "groups of the RTF are nested too deep".to_owned()),
            (behind > 0, format!("{behind} bytes behind the end of the RTF are not read")),
            (self.zeroed > 0, format!("{} bytes of the RTF were zeroed", self.zeroed)),
            (self.undecoded > 0, format!("{} characters of the RTF cannot be decoded", self.undecoded)),
        ];
        let faults = faults.into_iter().filter(|(holds, _)| *holds);
        self.read.faults.extend(faults.map(|(_, detail)| Fault::whole(FaultReason::Damaged, detail)));
    }

    /// Passes over zeros. A lost sector leaves many of them, and no program puts them between characters.
    fn zeros(&mut self) {
        let more = self.bytes[self.at..].iter().take_while(|byte| **byte == 0).count();
        self.at += more;
        if more + 1 >= zeros::RAW {
            self.zeroed += more + 1;
        }
    }

    fn open(&mut self) {
        self.flush();
        (self.skip, self.starred) = (0, false);
        if self.outer.len() >= DEPTH {
            self.too_deep += 1;
            self.deepest = true;
            return;
        }
        self.outer.push(self.state.clone());
        self.state.ends = Ends::Nothing;
    }

    fn close(&mut self) {
        self.flush();
        (self.skip, self.starred) = (0, false);
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(outer) = self.outer.pop() else { return };
        let inner = std::mem::replace(&mut self.state, outer);
        match inner.ends {
            Ends::Nothing => {}
            Ends::Capture(capture, begin) => {
                let text = self.captured.split_off(begin.min(self.captured.len()));
                self.end_capture(capture, text.trim());
            }
            Ends::Picture => {
                let bytes = std::mem::take(&mut self.digits).bytes;
                let number = self.read.members.len() + 1;
                let picture = data::picture(bytes, inner.picture, number);
                if inner.is_old {
                    let twin = self.shown.0.iter().position(|size| size.agrees(inner.size));
                    if let Some(twin) = twin.filter(|_| picture.is_some()) {
                        self.shown.0.remove(twin);
                        return;
                    }
                } else if picture.is_some() && self.shown.0.len() < SHOWN {
                    self.shown.0.push(inner.size);
                }
                self.read.members.extend(picture);
            }
            Ends::Pictures => self.shown.1 = self.at,
            Ends::Object => {
                let bytes = std::mem::take(&mut self.digits).bytes;
                let number = self.read.members.len() + 1;
                self.read.members.extend(data::object(bytes, number));
            }
            Ends::Form => self.end_form(),
            Ends::Note => self.read.footnotes.push('\n'),
            Ends::Comment => {
                let author = std::mem::take(&mut self.author);
                let by = if author.is_empty() { ["", "", "\n"] } else { [" (", &author, ")\n"] };
                self.read.comments.extend(by);
            }
        }
    }

    /// A field of a form ends. What is taken of a list is what the document shows; what can be taken is told with what it is.
    fn end_form(&mut self) {
        let Choices { mut items, taken, usual } = std::mem::take(&mut self.choices);
        if items.is_empty() {
            return;
        }
        self.read.asides.extend([field::CHOICES, " ", &items.join(" / "), "\n"]);
        let taken = taken.filter(|taken| *taken != NO_CHOICE).unwrap_or(usual);
        if taken < items.len() {
            self.taken = items.swap_remove(taken);
        }
    }

    fn end_capture(&mut self, capture: Capture, text: &str) {
        let properties = &mut self.read.properties;
        match capture {
            Capture::ShapeName => text.clone_into(&mut self.names[0]),
            Capture::ShapeValue => {
                let shown = words::is_text_of_shape(&self.names[0]) && !text.is_empty() && !self.state.dead;
                self.append(if shown { text } else { "" });
                self.append(if shown { "\n" } else { "" });
            }
            Capture::FieldCode => {
                self.read.asides.push_str(&field::words(text));
                let taken = std::mem::take(&mut self.taken);
                self.put(&field::links(text));
                self.put(&taken);
            }
            Capture::Choice => self.choices.items.push(text.to_owned()),
            Capture::Aside => {
                // The length of a level's text, and the places of its numbers, are characters too small to be any.
                let text: String = text.chars().filter(|character| !character.is_control()).collect();
                if text.chars().filter(|character| character.is_alphanumeric()).count() > 1 {
                    self.read.asides.extend([text.trim_end_matches(';').trim(), "\n"]);
                }
            }
            Capture::Author => text.clone_into(&mut self.author),
            Capture::PropertyName => text.clone_into(&mut self.names[1]),
            _ if text.is_empty() => {}
            Capture::Property(name) => properties.extend([name, ": ", text, "\n"]),
            Capture::PropertyValue => properties.extend([self.names[1].as_str(), ": ", text, "\n"]),
            Capture::Variable => properties.extend([text, "\n"]),
        }
    }

    /// A byte of text or data.
    fn byte(&mut self, byte: u8) {
        if self.state.collects {
            self.digits.push(byte);
        } else if self.skip > 0 {
            self.skip -= 1;
        } else if !self.state.dropped && !self.state.dead {
            if !self.units.is_empty() {
                self.flush();
            }
            self.pending.push(byte);
        }
    }

    /// A unit of UTF-16.
    fn unit(&mut self, unit: u16) {
        if !self.state.dropped && !self.state.dead && !self.state.collects {
            if !self.pending.is_empty() {
                self.flush();
            }
            self.units.push(unit);
        }
        self.skip = self.state.fallback;
    }

    /// What stands behind a backslash.
    fn control(&mut self) {
        let Some(first) = self.bytes.get(self.at).copied() else { return };
        if first.is_ascii_alphabetic() {
            self.word();
            return;
        }
        self.at += 1;
        match first {
            b'\'' => self.escaped(),
            b'*' => self.starred = true,
            b'~' => self.symbol("\u{a0}"),
            b'_' => self.symbol("-"),
            b'\r' | b'\n' => self.symbol("\n"),
            b'\\' | b'{' | b'}' => self.byte(first),
            _ => {}
        }
    }

    fn escaped(&mut self) {
        let digit = |at: usize| self.bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(self.at), digit(self.at + 1)) else { return };
        self.at += 2;
        // Two digits are a byte.
        let byte = u8::try_from(high << 4 | low).unwrap_or_default();
        // Among digits of data it is there to mislead.
        if !self.state.collects {
            self.byte(byte);
        }
    }

    fn symbol(&mut self, text: &str) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.flush();
        self.put(text);
    }

    fn word(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(length);
        let minus = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[minus..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = (digits > 0).then(|| {
            let digits = rest[minus..minus + digits].iter();
            let value = digits.fold(0_i64, |value, digit| {
                value.saturating_mul(10).saturating_add(i64::from(*digit - b'0')).min(1 << 40)
            });
            if minus == 1 { -value } else { value }
        });
        let after = if digits > 0 { minus + digits } else { 0 };
        self.at += length + after + usize::from(rest.get(after) == Some(&b' '));
        self.act(word, number);
    }

    fn act(&mut self, word: &[u8], number: Option<i64>) {
        let starred = std::mem::take(&mut self.starred);
        if word == b"u" {
            let value = number.unwrap_or_default();
            // Values over 32767 are written as negative ones, and by some as they are.
            let unit = u16::try_from(value.rem_euclid(1 << 16)).unwrap_or_default();
            self.skip = 0;
            self.unit(unit);
            return;
        }
        self.skip = 0;
        let value = u32::try_from(number.unwrap_or_default().max(0)).unwrap_or(u32::MAX);
        match word {
            b"bin" => self.binary(value as usize),
            b"uc" => self.state.fallback = (value as usize).min(100),
            b"ansicpg" => self.fonts.page = Some(value),
            b"mac" => self.fonts.page = Some(10000),
            b"deff" => (self.fonts.default, self.state.font) = (value, value),
            b"f" if self.state.in_fonts => self.fonts.begin(value),
            b"f" => {
                self.flush();
                self.state.font = value;
            }
            b"fcharset" => self.fonts.charset(value),
            b"cpg" => self.fonts.code_page(value),
            b"plain" => {
                self.flush();
                self.state.font = self.fonts.default;
                (self.state.deleted, self.state.struck, self.state.capitals) = (false, false, false);
            }
            b"caps" | b"scaps" => {
                self.flush();
                self.state.capitals = number != Some(0);
            }
            b"ffres" => self.choices.taken = Some(value as usize),
            b"ffdefres" => self.choices.usual = value as usize,
            b"deleted" => {
                self.flush();
                self.state.deleted = number != Some(0);
            }
            b"strike" | b"striked" => {
                self.flush();
                self.state.struck = number != Some(0);
            }
            b"pngblip" => self.state.picture = Picture::Png,
            b"jpegblip" => self.state.picture = Picture::Jpeg,
            b"emfblip" => self.state.picture = Picture::Emf,
            b"wmetafile" => self.state.picture = Picture::Wmf,
            b"dibitmap" => self.state.picture = Picture::Dib,
            b"macpict" => self.state.picture = Picture::Pict,
            b"picwgoal" => self.state.size.width = number,
            b"pichgoal" => self.state.size.height = number,
            b"bliptag" => self.state.size.tag = number,
            _ => self.destination(word, starred),
        }
    }

    /// Bytes that are no characters.
    fn binary(&mut self, length: usize) {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let taken = length.min(rest.len());
        if taken < length {
            self.read.faults.push(Fault::whole(FaultReason::Damaged, "binary data of the RTF are cut short"));
        }
        if self.state.collects {
            self.digits.bytes.extend_from_slice(&rest[..taken]);
        }
        self.at += taken;
    }

    /// Makes text of the bytes and units that wait.
    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let bytes = std::mem::take(&mut self.pending);
            let text = self.fonts.decode(&bytes, self.state.font);
            self.undecoded += text.matches('\u{fffd}').count();
            self.put_with_zeros(text);
        }
        if !self.units.is_empty() {
            let units = std::mem::take(&mut self.units);
            let text = String::from_utf16_lossy(&units);
            self.undecoded += text.matches('\u{fffd}').count();
            self.put_with_zeros(text);
        }
    }

    /// Appends text that may have zeros in it. They stay until its line is whole, which a font or a stroke may part; in what is
    /// captured they stand for numbers.
    fn put_with_zeros(&mut self, text: String) {
        let text = if self.state.target == Target::Captured { text.replace('\0', "") } else { text };
        self.put(&text);
    }

    /// Appends to the text that is being read, with marks around what is deleted or struck out.
    fn put(&mut self, text: &str) {
        if self.state.dropped || self.state.dead || text.is_empty() {
            return;
        }
        // What is shown counts: capitals over `top secret` are a mark. A code or a name is not shown.
        if self.state.capitals && self.state.target != Target::Captured && text.contains(char::is_lowercase) {
            self.append(&text.to_uppercase());
        } else {
            self.append(text);
        }
    }

    fn append(&mut self, text: &str) {
        let target = self.state.target;
        // There is nothing that could be marked.
        if is_blank(text) {
            self.buffer(target).push_str(text);
            return;
        }
        let mark = match (self.state.deleted, self.state.struck) {
            _ if target == Target::Captured => None,
            (true, _) => Some(DELETED),
            (false, true) => Some(STRUCK_OUT),
            (false, false) => None,
        };
        if self.marked.is_some() && self.marked != mark.map(|mark| (target, mark)) {
            self.unmark();
        }
        // What goes over the end of a line is struck on each of its lines. Of deleted text the mark is one, as it was.
        let by_line = mark == Some(STRUCK_OUT);
        for piece in text.split_inclusive('\n').filter(|_| by_line) {
            let line = piece.trim_end_matches('\n');
            if !is_blank(line) {
                self.begin_mark(target, mark);
            }
            self.buffer(target).push_str(line);
            if line.len() < piece.len() {
                self.unmark();
                self.buffer(target).push('\n');
            }
        }
        if !by_line {
            self.begin_mark(target, mark);
            self.buffer(target).push_str(text);
        }
    }

    fn begin_mark(&mut self, target: Target, mark: Option<&'static str>) {
        if let Some(mark) = mark.filter(|_| self.marked.is_none()) {
            self.buffer(target).push_str(mark);
            self.marked = Some((target, mark));
        }
    }

    fn unmark(&mut self) {
        if let Some((target, _)) = self.marked.take() {
            self.buffer(target).push(']');
        }
    }

    fn buffer(&mut self, target: Target) -> &mut String {
        let frame = self.read.frames.last_mut().expect("there is one for each section");
        match target {
            Target::Body => &mut self.read.bodies.last_mut().expect("there is a page").1,
            Target::FirstHead => &mut frame.first_head,
            Target::Head => &mut frame.head,
            Target::Foot => &mut frame.foot,
            Target::FirstFoot => &mut frame.first_foot,
            Target::Notes => &mut self.read.footnotes,
            Target::Comments => &mut self.read.comments,
            Target::Captured => &mut self.captured,
        }
    }
}
