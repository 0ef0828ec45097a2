//! Plain text, and everything that is plain text: Markdown, CSV, logs, source code. Cut into pages at line ends.
//!
//! Nothing is lost: a line longer than a page is cut, form feeds end pages, files packed into a text are handed out, and what
//! lies over a limit, cannot be decoded or is no text at all is a fault.

use std::io::Read as _;
use std::ops::{ControlFlow, Range};

use crate::config::Settings;
use crate::document::{Kind, PageSize, Remark, Text};
use crate::finding::{Fault, FaultReason};

use super::mail::message::safe;
use super::mail::transfer;
use super::packed::{self, Packed};
use super::{Document, Format, Layer, Members, Objects, PageSource, Source, charset, diagram, escapes, xml};

/// Reads plain text.
pub(super) struct PlainText;

impl Format for PlainText {
    fn name(&self) -> &'static str {
        "text"
    }

    fn version(&self) -> u32 {
        11
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["text"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let declared = bytes.starts_with(b"<?xml").then(|| charset::declared(&bytes)).flatten();
        let decoded = charset::decode_owned(bytes, declared);
        faults.extend(damage(&decoded));
        let is_xml = decoded.text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
        let limit = settings.limits.content_text_bytes;
        let (unmarked, over) = if is_xml { xml::unmarked(&decoded.text, limit) } else { (String::new(), false) };
        faults.extend(over.then(|| Fault::limit("content_text_bytes", limit, "the text of its entities")));
        let unmarked = Part { label: Some("text without its markup".to_owned()), text: unmarked };
        let diagram = diagram::read(&decoded.text);
        faults.extend((diagram.lost > 0).then(|| {
            let detail = format!("{} pages of a diagram in the text cannot be unpacked", diagram.lost);
            Fault::whole(FaultReason::Attachment, detail)
        }));
        let diagram = Part { label: Some("diagram".to_owned()), text: diagram.text };
        let text = escapes::decode(decoded.text);
        faults.extend(packed::fault(&text));
        faults.extend(packed::sealed(&text));
        let (mut files, even) = packed::files_and_more(&text);
        faults.extend(even);
        let (uuencoded, broken) = uuencoded(&text);
        faults.extend(broken);
        files.extend(uuencoded);
        Ok(Box::new(
            TextPages::new(text, faults, settings).with(unmarked, settings).with(diagram, settings).holding(files),
        ))
    }
}

/// The files that are uuencoded in a text, and the fault of one that breaks off.
fn uuencoded(text: &str) -> (Vec<Packed>, Option<Fault>) {
    // Most texts have none.
    if !text.starts_with("begin ") && memchr::memmem::find(text.as_bytes(), b"\nbegin ").is_none() {
        return (Vec::new(), None);
    }
    let (_, blocks) = transfer::uuencoded(text.as_bytes());
    let is_open = blocks.iter().any(|block| !block.closed);
    let files = blocks.into_iter().map(|block| Packed { name: safe(&block.name), bytes: block.bytes }).collect();
    (files, is_open.then(|| Fault::whole(FaultReason::Damaged, "a uuencoded file in the text has no end")))
}

/// All bytes of a document that is read as a whole (`what`: a document, a metafile); none of one over `limits.whole_bytes`.
pub(super) fn read_whole(source: &Source, settings: &Settings, what: &str) -> Result<Vec<u8>, Fault> {
    let limit = settings.limits.whole_bytes;
    if source.size() > limit {
        return Err(Fault::limit("whole_bytes", limit, format!("{what} of {} bytes", source.size())));
    }
    source.bytes().map_err(|error| unreadable(&error))
}

/// The system could not read.
pub(super) fn unreadable(error: &std::io::Error) -> Fault {
    Fault::whole(FaultReason::Io, format!("reading failed: {error}"))
}

/// The bytes of a text file up to the limit, and the fault if there are more.
pub(super) fn read_bounded(source: &Source, settings: &Settings) -> Result<(Vec<u8>, Vec<Fault>), Fault> {
    let limit = settings.limits.content_text_bytes;
    let mut bytes = Vec::new();
    let read = source.clone().take(limit as u64).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(&error))?;
    let over = source.size() > bytes.len() as u64;
    let seen = || format!("a text of {} bytes", source.size());
    Ok((bytes, over.then(|| Fault::limit("content_text_bytes", limit, seen())).into_iter().collect()))
}

/// The faults of characters that could not be decoded, and of bytes that are no text.
///
/// A single one is a fault: nobody can say that the character lost was not the one that mattered.
pub(super) fn damage(decoded: &charset::Decoded) -> impl Iterator<Item = Fault> {
    let undecoded = (decoded.damaged > 0).then(|| {
        let characters = decoded.text.chars().count();
        let encoding = decoded.encoding.name();
        format!("{} of {characters} characters cannot be decoded (taken for {encoding})", decoded.damaged)
    });
    let binary =
        decoded.binary.map(|(first, bytes)| format!("{bytes} bytes are no text, the first of them at offset {first}"));
    let zeroed = (decoded.zeroed > 0).then(|| format!("{} bytes were zeroed", decoded.zeroed));
    undecoded.into_iter().chain(binary).chain(zeroed).map(|detail| Fault::whole(FaultReason::Damaged, detail))
}

/// Text cut into pages: the document of every format that has text alone.
pub(super) struct TextPages {
    content: String,
    pages: Vec<TextRange>,
    faults: Vec<Fault>,
    files: Vec<Packed>,
}

/// A page of a text.
struct TextRange {
    range: Range<usize>,
    label: Option<String>,
}

/// A part of a document that begins a page of its own, with what it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// What its pages are called (`sheet "Budget"`), if it is more than a number.
    pub(super) label: Option<String>,
    /// Its text. What stands at the head of its pages (a running header) comes first, what stands at their foot last.
    pub(super) text: String,
}

impl TextPages {
    /// Cuts text into pages of about `text.page_chars` characters, which are called by their lines if they are several.
    pub(super) fn new(mut content: String, mut faults: Vec<Fault>, settings: &Settings) -> Self {
        let limit = settings.limits.content_text_bytes;
        if content.len() > limit {
            faults.push(Fault::limit("content_text_bytes", limit, format!("a text of {} bytes", content.len())));
            content.truncate(content.floor_char_boundary(limit));
            content.shrink_to_fit();
        }
        let ranges = paginate(&content, settings.text.page_chars);
        let labels = if ranges.len() > 1 { line_labels(&content, &ranges) } else { vec![None; ranges.len()] };
        let pages = ranges.into_iter().zip(labels).map(|(range, label)| TextRange { range, label }).collect();
        Self { content, pages, faults, files: Vec::new() }
    }

    /// The same pages, with those of a part behind them.
    fn with(mut self, part: Part, settings: &Settings) -> Self {
        self.add(part, settings.limits.content_text_bytes, settings);
        self
    }

    /// Puts a part behind the others, up to `room` bytes of it. No second copy of a large text is made.
    fn add(&mut self, part: Part, room: usize, settings: &Settings) {
        let Part { label, mut text } = part;
        if text.len() > room {
            let limit = settings.limits.content_text_bytes;
            self.faults.push(Fault::limit("content_text_bytes", limit, "the text of all parts"));
            text.truncate(text.floor_char_boundary(room));
            text.shrink_to_fit();
        }
        if text.trim().is_empty() {
            return;
        }
        let start = self.content.len();
        let ranges = paginate(&text, settings.text.page_chars);
        // A piece of a text is no page that somebody could turn to.
        let is_cut = label.is_none() && ranges.len() > 1;
        let called = |number: usize| match is_cut {
            true => Some(format!("part {number} of the text")),
            false => label.clone(),
        };
        self.pages.extend(
            (1..).zip(ranges).map(|(number, range)| TextRange {
                range: start + range.start..start + range.end,
                label: called(number),
            }),
        );
        match self.content.is_empty() {
            true => self.content = text,
            false => self.content.push_str(&text),
        }
    }

    /// The same pages, with documents inside.
    pub(super) fn holding(self, files: Vec<Packed>) -> Self {
        Self { files, ..self }
    }

    /// Pages of parts, each of which begins a new one; parts longer than a page are cut like any text. Blank parts are no pages.
    pub(super) fn of_parts(parts: Vec<Part>, faults: Vec<Fault>, settings: &Settings) -> Self {
        let limit = settings.limits.content_text_bytes;
        let mut all = Self { content: String::new(), pages: Vec::new(), faults, files: Vec::new() };
        for part in parts {
            let room = limit - all.content.len();
            all.add(part, room, settings);
        }
        all.faults.dedup();
        all
    }
}

impl Document for TextPages {
    fn page_count(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults.clone()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let page = (number as usize).checked_sub(1).and_then(|index| self.pages.get(index));
        let page = page.ok_or_else(|| Fault::on_page(number, FaultReason::Damaged, "there is no such page"))?;
        Ok(Box::new(TextPage { text: &self.content[page.range.clone()], label: page.label.as_deref() }))
    }

    fn has_members(&self) -> bool {
        !self.files.is_empty()
    }

    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        let mut files = self.files.iter();
        let _: ControlFlow<()> = files.try_for_each(|file| out.member(&file.name, &mut file.bytes.as_slice()));
        Ok(())
    }
}

/// A document whose own pages are plain text, and in which others lie: it says what those are, and is a [`Document`] by that.
pub(super) trait Holding {
    /// Its pages.
    fn pages(&self) -> &TextPages;

    /// What of the whole document its pages do not cover.
    fn uncovered(&self) -> Vec<Fault> {
        self.pages().faults()
    }

    /// What is remarkable about how it was opened.
    fn opening(&self) -> Vec<Remark> {
        self.pages().remarks()
    }

    /// See [`Document::has_members`].
    fn holds(&self) -> bool;

    /// See [`Document::members`].
    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault>;
}

impl<H: Holding> Document for H {
    fn page_count(&self) -> u32 {
        self.pages().page_count()
    }

    fn faults(&self) -> Vec<Fault> {
        self.uncovered()
    }

    fn remarks(&self) -> Vec<Remark> {
        self.opening()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        self.pages().page(number)
    }

    fn has_members(&self) -> bool {
        self.holds()
    }

    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        self.hand_out(out)
    }
}

/// The lines of each page, from 1: `lines 201-400`.
fn line_labels(content: &str, pages: &[Range<usize>]) -> Vec<Option<String>> {
    let (mut at, mut line) = (0, 1);
    let ends = |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).count();
    let mut label = |page: &Range<usize>| {
        let first = line + ends(&content[at..page.start]);
        line = first + ends(&content[page.clone()]);
        at = page.end;
        // The line end that closes a page begins no line of it.
        let last = if content[page.clone()].ends_with('\n') { line - 1 } else { line };
        Some(if first == last { format!("line {first}") } else { format!("lines {first}-{last}") })
    };
    pages.iter().map(&mut label).collect()
}

/// A page of text.
struct TextPage<'a> {
    text: &'a str,
    label: Option<&'a str>,
}

impl PageSource for TextPage<'_> {
    fn label(&self) -> Option<String> {
        self.label.map(str::to_owned)
    }

    fn size(&self) -> PageSize {
        PageSize::default()
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        let visible_chars = u32::try_from(self.text.chars().filter(|c| !c.is_whitespace()).count()).unwrap_or(u32::MAX);
        let objects = Objects { text_only_format: true, visible_chars, ..Objects::default() };
        Ok(Layer { text: Text::plain(self.text), objects, ..Layer::default() })
    }

    fn render(&mut self, _: u32) -> Result<Option<image::DynamicImage>, Fault> {
        Ok(None)
    }
}

/// Cuts text into ranges of at most `page_chars` characters: at form feeds, else after the last line end that fits, else
/// at a blank of the last tenth, else in the middle of the line.
fn paginate(content: &str, page_chars: usize) -> Vec<Range<usize>> {
    let mut pages = Vec::new();
    let mut start = 0;
    while start < content.len() {
        let rest = &content[start..];
        // `page_chars` is at least 1, so each round goes forward.
        let full = rest.char_indices().nth(page_chars.max(1)).map(|(index, _)| index);
        let window = &rest[..full.unwrap_or(rest.len())];
        let length = match (window.find('\u{c}'), full) {
            (Some(feed), _) => feed + 1,
            (None, None) => rest.len(),
            (None, Some(full)) => {
                let at_blank = || {
                    let blank = window.rfind(char::is_whitespace).filter(|at| *at >= full / 10 * 9);
                    blank.map_or(full, |at| at + window[at..].chars().next().map_or(1, char::len_utf8))
                };
                window.rfind('\n').map_or_else(at_blank, |end| end + 1)
            }
        };
        pages.push(start..start + length);
        start += length;
    }
    let nothing_but_line_ends = pages_is_single(content);
    pages.retain(|page| nothing_but_line_ends || !content[page.clone()].trim_matches(['\u{c}', '\n', '\r']).is_empty());
    pages
}

/// A content of nothing but line ends still has its one page.
fn pages_is_single(content: &str) -> bool {
    content.trim_matches(['\u{c}', '\n', '\r']).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{members, open, settings};

    fn cut(content: &str, page_chars: usize) -> Vec<&str> {
        paginate(content, page_chars).into_iter().map(|page| &content[page]).collect()
    }

    #[test]
    fn pages_end_at_line_ends_and_form_feeds() {
        assert_eq!(cut("one\ntwo\nthree\n", 9), ["one\ntwo\n", "three\n"]);
        assert_eq!(cut("one\u{c}two", 100), ["one\u{c}", "two"]);
        assert!(cut("", 10).is_empty());
    }

    #[test]
    fn parts_begin_pages_of_their_own_and_keep_their_names() {
        let part = |label: &str, text: &str| Part { label: Some(label.to_owned()), text: text.to_owned() };
        let mut settings = settings();
        settings.text.page_chars = 4;
        let pages =
            TextPages::of_parts(vec![part("a", "one\ntwo"), part("b", " \n"), part("c", "three")], vec![], &settings);
        let named = |number| {
            let mut page = pages.page(number).expect("there");
            (page.label().expect("named"), page.layer().expect("has text").text.content)
        };
        let named: Vec<_> = (1..=pages.page_count()).map(named).collect();
        let expected = [("a", "one\n"), ("a", "two"), ("c", "thre"), ("c", "e")];
        assert_eq!(named, expected.map(|(label, text)| (label.to_owned(), text.to_owned())));
    }

    #[test]
    fn pages_of_a_long_text_are_called_by_their_lines() {
        let mut settings = settings();
        settings.text.page_chars = 8;
        let labels = |text: &str| {
            let pages = TextPages::new(text.to_owned(), Vec::new(), &settings);
            (1..=pages.page_count()).map(|number| pages.page(number).expect("there").label()).collect::<Vec<_>>()
        };
        let named = |label: &str| Some(label.to_owned());
        assert_eq!(labels("one"), [None]);
        assert_eq!(labels("one\ntwo\nthree\nfour"), [named("lines 1-2"), named("line 3"), named("line 4")]);
        assert_eq!(labels("one long line\ntwo"), [named("line 1"), named("line 1"), named("lines 1-2")]);
        // The page between them is blank, and none.
        assert_eq!(labels("one\u{c}\n\n\u{c}two\n"), [named("line 1"), named("line 3")]);
    }

    #[test]
    fn a_line_longer_than_a_page_is_cut_and_nothing_is_lost() {
        let line = "机密".repeat(1000);
        assert_eq!(cut(&line, 300).concat(), line);
        assert_eq!(cut(&line, 300).len(), 7);
        assert_eq!(cut("aaaa bbbbbbbbbbbbbbbbbbb cc dd", 28), ["aaaa bbbbbbbbbbbbbbbbbbb cc ", "dd"]);
    }

    #[test]
    fn a_text_over_the_limit_is_kept_up_to_it_with_a_fault() {
        let mut settings = Settings::defaults();
        settings.limits.content_text_bytes = 10;
        let pages = TextPages::new("0123456789abc".to_owned(), Vec::new(), &settings);
        assert_eq!(pages.content, "0123456789");
        assert_eq!(pages.faults()[0].reason, FaultReason::Limit);
    }

    /// The text and the reasons of the faults of a content.
    fn read(bytes: &[u8]) -> (String, Vec<FaultReason>) {
        let settings = Settings::defaults();
        let document = open(bytes, &settings).expect("it is text");
        let mut text = String::new();
        for number in 1..=document.page_count() {
            text += &document.page(number).expect("there").layer().expect("has text").text.content;
        }
        (text, document.faults().into_iter().map(|fault| fault.reason).collect())
    }

    #[test]
    fn one_undecodable_character_is_a_fault() {
        let (text, faults) = read("机密文件机密文件".as_bytes().split_at(22).0);
        assert!(text.starts_with("机密文件机密"));
        assert_eq!(faults, [FaultReason::Damaged]);
    }

    #[test]
    fn text_that_turns_binary_far_in_is_read_as_far_as_it_goes_and_is_damaged() {
        let noise: Vec<u8> = (0..9000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
        let log = b"all is well\n".repeat(9000);
        let (text, faults) = read(&[&log, noise.as_slice(), b"\nTOP SECRET\n"].concat());
        assert!(text.starts_with("all is well") && text.contains("TOP SECRET"));
        assert_eq!(faults, [FaultReason::Damaged; 2]);
        let controls: Vec<u8> = noise.iter().map(|byte| byte & 0x3f).collect();
        assert_eq!(read(&[&log, controls.as_slice()].concat()).1, [FaultReason::Damaged]);
        // A hole may be where a marking was.
        assert_eq!(read(&[log.as_slice(), &[0; 9000], &log].concat()).1, [FaultReason::Damaged]);
    }

    #[test]
    fn a_hole_of_zeros_is_damage_and_single_zeros_are_separators() {
        // What begins so is no text: it stands behind the bytes by which kinds are told.
        let faults =
            |text: &[u8]| open(&[&b"prose\n".repeat(20_000), text].concat(), &settings()).expect("opens").faults();
        assert_eq!(faults(b"one\0two\0three, a list of names\n"), []);
        let found =
            faults(&[&b"a log that was written before "[..], &[0; 600], b"and after the power went\n"].concat());
        assert!(found.iter().any(|fault| fault.reason == FaultReason::Damaged), "{found:?}");
    }

    #[test]
    fn escapes_are_read_and_packed_files_are_handed_out() {
        assert!(read(b"<?xml version='1.0'?><t>&#26426;&#23494;</t>").0.contains("机密"));
        assert!(read(b"{\"t\":\"\\u673a\\u5bc6\"}").0.contains("机密"));
        let settings = settings();
        let document = open("5py65a+G5paH5Lu2".repeat(10).as_bytes(), &settings).expect("it is text");
        assert!(document.has_members() && document.faults().is_empty());
        let expected = ("base64-1.txt".to_owned(), Ok("机密文件".repeat(10).into_bytes()));
        assert_eq!(members(document.as_ref()), [expected]);
    }

    #[test]
    fn uuencoded_files_in_a_text_are_handed_out_and_a_cut_one_is_a_fault() {
        let settings = settings();
        let text = b"see\nbegin 644 a/b.txt\n#0V%T\n`\nend\nyours\n";
        let document = open(text, &settings).expect("it is text");
        assert_eq!(members(document.as_ref()), [("a_b.txt".to_owned(), Ok(b"Cat".to_vec()))]);
        assert_eq!(read(text), (String::from_utf8_lossy(text).into_owned(), Vec::new()));
        assert_eq!(read(b"begin 644 a.txt\n#0V%T\n").1, [FaultReason::Damaged]);
        assert_eq!(read(b"begin 644 words\nand so on in small letters\n").1, []);
    }

    #[test]
    fn pieces_of_a_long_text_without_pages_are_called_so() {
        let long = "a line of words\n".repeat(900);
        let part = |label: Option<&str>, text: &str| Part { label: label.map(str::to_owned), text: text.to_owned() };
        let settings = settings();
        let labels = |parts: Vec<Part>| {
            let pages = TextPages::of_parts(parts, Vec::new(), &settings);
            crate::format::test_support::texts(&pages).into_iter().map(|(label, _)| label).collect::<Vec<_>>()
        };
        let pieces =
            ["part 1 of the text", "part 2 of the text", "part 3 of the text"].map(|label| Some(label.to_owned()));
        assert_eq!(labels(vec![part(None, &long)]), pieces);
        assert_eq!(
            labels(vec![part(None, "short"), part(Some("notes"), &long)])[..2],
            [None, Some("notes".to_owned())]
        );
    }

    #[test]
    fn a_diagram_in_a_text_is_a_page() {
        let settings = settings();
        let file = diagram::tests::packed(&["TOP SECRET"]);
        let document = open(file.as_bytes(), &settings).expect("opens");
        let pages = crate::format::test_support::texts(document.as_ref());
        assert!(pages.contains(&(Some("diagram".to_owned()), "Page-1\nTOP SECRET\n".to_owned())), "{pages:?}");
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn encrypted_text_inside_a_text_is_a_fault() {
        let line = "hQEMAYxzNzjhFKKr3g8qnHaO82odOdsdO2SHTekyIAywZqaMb8mc7qUj";
        let text = format!("Hi, see below\n-----BEGIN PGP MESSAGE-----\n\n{line}\n{line}\n");
        assert_eq!(read(text.as_bytes()).1, [FaultReason::Encrypted]);
    }

    #[test]
    fn what_markup_parts_is_joined_on_a_page_of_its_own() {
        let xml = b"<?xml version='1.0'?><article><para>This is <emphasis>T</emphasis>OP SEC<emphasis>RET</emphasis></para></article>";
        let settings = settings();
        let document = open(xml, &settings).expect("it is text");
        let pages = crate::format::test_support::texts(document.as_ref());
        assert_eq!(pages[1], (Some("text without its markup".to_owned()), "This is TOP SECRET\n".to_owned()));
        assert_eq!(document.faults(), []);
    }

    proptest::proptest! {
        #[test]
        fn pages_hold_every_character(content in "[a-z \u{4e00}-\u{4e10}]{0,200}", size in 1_usize..20) {
            proptest::prop_assert_eq!(cut(&content, size).concat(), content);
        }
    }
}
