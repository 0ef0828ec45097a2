//! Text cut into pages at line ends: the document of every format that has text alone, or text beside the documents in it.

use std::ops::{ControlFlow, Range};

use crate::config::Settings;
use crate::document::{PageSize, Remark, Text};
use crate::finding::{Fault, FaultReason};
use crate::format::packed::{self, Packed};
use crate::format::text::turned;
use crate::format::{Document, Layer, Members, Objects, PageSource};

/// Text cut into pages: the document of every format that has text alone.
pub(in crate::format) struct TextPages {
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
pub(in crate::format) struct Part {
    /// What its pages are called (`sheet "Budget"`), if it is more than a number.
    pub(in crate::format) label: Option<String>,
    /// Its text. What stands at the head of its pages (a running header) comes first, what stands at their foot last.
    pub(in crate::format) text: String,
}

impl TextPages {
    /// Cuts text into pages of about `text.page_chars` characters, which are called by their lines if they are several.
    pub(in crate::format) fn new(mut content: String, mut faults: Vec<Fault>, settings: &Settings) -> Self {
        let limit = settings.limits.content_text_bytes;
        if content.len() > limit {
            faults.push(Fault::limit("content_text_bytes", limit, format!("a text of {} bytes", content.len())));
            content.truncate(content.floor_char_boundary(limit));
            content.shrink_to_fit();
        }
        let ranges = paginate(&content, settings.text.page_chars);
        let labels = if ranges.len() > 1 { line_labels(&content, &ranges) } else { vec![None; ranges.len()] };
        let pages = ranges.into_iter().zip(labels).map(|(range, label)| TextRange { range, label }).collect();
        Self { content, pages, faults, files: Vec::new() }.with_shown(settings)
    }

    /// The same pages, and lines that are shown otherwise than their characters stand.
    fn with_shown(self, settings: &Settings) -> Self {
        match turned::displayed(&self.content) {
            lines if lines.is_empty() => self,
            lines => self.with(Part { label: Some("lines as they are shown".to_owned()), text: lines }, settings),
        }
    }

    /// The same pages, with those of a part behind them.
    pub(super) fn with(mut self, part: Part, settings: &Settings) -> Self {
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
        // Where one part ends, nothing that is packed in it goes on.
        if !self.content.is_empty() {
            self.content.push_str("\n\n");
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
    pub(in crate::format) fn holding(self, files: Vec<Packed>) -> Self {
        Self { files, ..self }
    }

    /// The same pages, with the files that are packed into their text as documents inside, and the faults of what is packed there and
    /// cannot be read: what people put into a cell or a paragraph they may put there as base64.
    pub(in crate::format) fn unpacked(mut self) -> Self {
        let (files, even) = packed::files_and_more(&self.content);
        self.faults.extend(packed::sealed(&self.content));
        self.faults.extend(even);
        self.files.extend(files);
        self
    }

    /// Hands out the documents that are packed into the text.
    fn hand_out(&self, out: &mut dyn Members) -> ControlFlow<()> {
        self.files.iter().try_for_each(|file| out.member(&file.name, &mut file.bytes.as_slice()))
    }

    /// Pages of parts, each of which begins a new one; parts longer than a page are cut like any text. Blank parts are no pages.
    pub(in crate::format) fn of_parts(parts: Vec<Part>, faults: Vec<Fault>, settings: &Settings) -> Self {
        let limit = settings.limits.content_text_bytes;
        let mut all = Self { content: String::new(), pages: Vec::new(), faults, files: Vec::new() };
        for part in parts {
            let room = limit.saturating_sub(all.content.len());
            all.add(part, room, settings);
        }
        all.faults.dedup();
        all.with_shown(settings)
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
        let _: ControlFlow<()> = self.hand_out(out);
        Ok(())
    }
}

/// A document whose own pages are plain text, and in which others lie: it says what those are, and is a [`Document`] by that.
pub(in crate::format) trait Holding {
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
        self.pages().has_members() || self.holds()
    }

    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        if self.pages().hand_out(out).is_break() {
            return Ok(());
        }
        Holding::hand_out(self, out)
    }
}

/// The lines of each page, from 1: `lines 201-400`; of a page that holds a piece of one line, which of its characters:
/// `line 2, characters 10001-20000`.
fn line_labels(content: &str, pages: &[Range<usize>]) -> Vec<Option<String>> {
    let (mut at, mut line) = (0, 1);
    // Characters of the line under way that stand before the page.
    let mut before = 0;
    let ends = |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).count();
    let behind_end = |text: &str, before: usize| match memchr::memrchr2(b'\n', b'\x0c', text.as_bytes()) {
        Some(end) => text[end + 1..].chars().count(),
        None => before + text.chars().count(),
    };
    let mut label = |page: &Range<usize>| {
        let (between, text) = (&content[at..page.start], &content[page.clone()]);
        let first = line + ends(between);
        line = first + ends(text);
        before = behind_end(between, before);
        let start = before;
        before = behind_end(text, before);
        at = page.end;
        // The line end that closes a page begins no line of it.
        let last = if text.ends_with('\n') { line - 1 } else { line };
        let goes_on = !text.ends_with(['\n', '\u{c}']) && content[at..].starts_with(|c| c != '\n' && c != '\u{c}');
        Some(match first == last {
            true if start > 0 || goes_on => {
                let length = text.trim_end_matches(['\n', '\r', '\u{c}']).chars().count();
                format!("line {first}, characters {}-{}", start + 1, start + length)
            }
            true => format!("line {first}"),
            false => format!("lines {first}-{last}"),
        })
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
pub(super) fn paginate(content: &str, page_chars: usize) -> Vec<Range<usize>> {
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
    use crate::format::package::tests::package;
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
        assert_eq!(
            labels("one long line\ntwo"),
            [named("line 1, characters 1-4"), named("line 1, characters 5-9"), named("lines 1-2")]
        );
        assert_eq!(
            labels("one\n12345678901234"),
            [named("line 1"), named("line 2, characters 1-8"), named("line 2, characters 9-14")]
        );
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
    fn files_packed_into_the_words_of_any_document_are_handed_out() {
        let (packed, text) = ("5py65a+G5paH5Lu2".repeat(10), "机密文件".repeat(10).into_bytes());
        let word = format!(
            "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>plain</w:t></w:r></w:p><w:p><w:r><w:t>{packed}</w:t></w:r></w:p></w:body></w:document>"
        );
        let custom = format!("<x><img>{packed}</img></x>");
        let types = "<Types><Override PartName='/word/document.xml' ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>";
        let links =
            "<Relationships><Relationship Id='a' Type='x/officeDocument' Target='word/document.xml'/></Relationships>";
        let docx = |word: &str, custom: &str| {
            package(&[
                ("[Content_Types].xml", types.as_bytes()),
                ("_rels/.rels", links.as_bytes()),
                ("word/document.xml", word.as_bytes()),
                ("customXml/item1.xml", custom.as_bytes()),
            ])
        };
        let cases = [
            docx(&word, "<x/>"),
            docx("<w:document xmlns:w='w'><w:body/></w:document>", &custom),
            format!("{{\\rtf1 plain\\par {packed}\\par}}").into_bytes(),
            format!("<svg><metadata>{packed}</metadata><text>x</text></svg>").into_bytes(),
            format!("<?xml version='1.0'?><FictionBook><body><section><p>{packed}</p></section></body></FictionBook>")
                .into_bytes(),
            format!("<?xml version='1.0'?><office:document office:mimetype='application/vnd.oasis.opendocument.text'><office:body><office:text><text:p>{packed}</text:p></office:text></office:body></office:document>")
                .into_bytes(),
        ];
        let settings = settings();
        for (number, bytes) in cases.iter().enumerate() {
            let document = open(bytes, &settings).expect("opens");
            assert!(document.has_members(), "case {number}");
            assert_eq!(members(document.as_ref()), [("base64-1.txt".to_owned(), Ok(text.clone()))], "case {number}");
            assert_eq!(document.faults(), [], "case {number}");
        }
    }

    #[test]
    fn encrypted_text_in_a_part_is_a_fault_and_no_part_goes_on_in_the_next() {
        let line = "hQEMAYxzNzjhFKKr3g8qnHaO82odOdsdO2SHTekyIAywZqaMb8mc7qUj";
        let part = |text: String| Part { label: None, text };
        let sealed = part(format!("-----BEGIN PGP MESSAGE-----\n\n{line}\n{line}"));
        let pages = |parts| TextPages::of_parts(parts, Vec::new(), &settings()).unpacked();
        assert_eq!(pages(vec![sealed]).faults()[0].reason, FaultReason::Encrypted);
        let packed = part("5py65a+G5paH5Lu2".repeat(10));
        let found = pages(vec![packed, part("words".to_owned())]);
        assert_eq!(members(&found), [("base64-1.txt".to_owned(), Ok("机密文件".repeat(10).into_bytes()))]);
    }

    proptest::proptest! {
        #[test]
        fn pages_hold_every_character(content in "[a-z \u{4e00}-\u{4e10}]{0,200}", size in 1_usize..20) {
            proptest::prop_assert_eq!(cut(&content, size).concat(), content);
        }
    }
}
