//! HTML to text, token by token: no tree is built, so a million nested elements cost a counter and not a stack.
//!
//! Kept: text, titles, `alt` and `title` attributes, descriptions in `meta`, labels of form fields; hidden elements too,
//! because hidden is not absent. Pages of their own are comments, with what conditional ones show in one program alone, data and
//! templates that scripts use, strings of words in programs, and texts that styles put on the page. Files in `data:` addresses, of
//! attributes and of styles, documents in `srcdoc`, and files packed into scripts and text are handed out.
//!
//! Programs are not run: a page with a program and next to no text of its own is a fault.

mod attributes;
mod capitals;
mod directions;
mod drawings;
mod programs;
mod strokes;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use crate::config::Settings;
use crate::document::{Kind, STRUCK_OUT};
use crate::finding::{Fault, FaultReason};

use super::mail::labels;
use super::packed::{self, Packed};
use super::text::{Part, TextPages, damage, read_bounded};
use super::{Document, Format, Source, escapes};
pub(super) use attributes::percent_decoded;
use capitals::Capitals;
use directions::Directions;
use drawings::Drawings;
pub(super) use programs::{strings, texts_of_style};
use strokes::Strokes;

/// Letters and digits, beside those of the title, that a page has at least unless a program fills it.
const OWN_LETTERS: usize = 20;

/// Elements that end a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "textarea",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];

/// Reads HTML.
pub(super) struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn version(&self) -> u32 {
        12
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["html"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let decoded = labels::decode_declared(bytes);
        faults.extend(damage(&decoded));
        let page = read(&decoded.text, false);
        drop(decoded);
        if page.filled_by_program {
            let detail = "what the page shows comes out of a program, which is not run";
            faults.push(Fault::whole(FaultReason::Unsupported, detail));
        }
        faults.extend(packed::sealed(&page.text));
        faults.extend(unrendered(page.drawings));
        if page.undecodable > 0 {
            let detail = format!("{} embedded pictures or files cannot be decoded", page.undecodable);
            faults.push(Fault::whole(FaultReason::Attachment, detail));
        }
        // Lines of the text are not those of the file, so its pages have numbers only.
        let part = |label: &str, text| Part { label: Some(label.to_owned()), text };
        let aside = [
            part("comments", page.comments),
            part("data of scripts", escapes::decode(page.data)),
            part("strings of scripts", page.strings),
            part("texts of styles", page.styled),
        ];
        let parts = [Part { label: None, text: page.text }].into_iter().chain(aside).collect();
        Ok(Box::new(TextPages::of_parts(parts, faults, settings).holding(page.files)))
    }
}

/// What a page holds.
struct Page {
    text: String,
    comments: String,
    /// What scripts hold that is no program: JSON, templates.
    data: String,
    /// Strings of words in programs, a line each.
    strings: String,
    /// Texts that styles put on the page, a line each.
    styled: String,
    /// A program makes what the page shows.
    filled_by_program: bool,
    /// Drawings that may be letters.
    drawings: usize,
    /// Files and documents inside.
    files: Vec<Packed>,
    /// Files in addresses that are none.
    undecodable: usize,
}

/// A page that is a part of something else.
pub(super) struct Piece {
    /// What it shows.
    pub(super) text: String,
    /// Its comments, data and strings of scripts, and texts of styles.
    pub(super) aside: String,
    /// How many files are inside.
    pub(super) files: usize,
    /// Drawings in it that may be letters.
    pub(super) drawings: usize,
}

/// The fault of so many drawings that may be letters.
pub(super) fn unrendered(drawings: usize) -> Option<Fault> {
    let detail = || format!("{drawings} drawings in it may be letters, and nothing renders them");
    (drawings > 0).then(|| Fault::whole(FaultReason::Unsupported, detail()))
}

/// The texts of a page. In XHTML an element may end where it begins, and text may be marked as such.
pub(super) fn piece(html: &str, is_xml: bool) -> Piece {
    let page = read(html, is_xml);
    let aside = page.comments + &page.data + &page.strings + &page.styled;
    let files = page.files.len() + page.undecodable;
    Piece { text: page.text, aside, files, drawings: page.drawings }
}

/// Reads a page.
fn read(html: &str, is_xml: bool) -> Page {
    let mut state = tokens(html, State { is_xml, ..State::default() });
    let unshown = std::mem::take(&mut state.unshown);
    state.addresses_in(&unshown);
    let strings = state.strings();
    let styled = state.styled();
    let own = state.text.chars().filter(|c| c.is_alphanumeric()).count().saturating_sub(state.title_letters);
    let runs = state.program_bytes > 0 && !programs::only_leads_on(&state.programs);
    let State { text, mut files, undecodable, mut comments, data, conditional, drawings, .. } = state;
    // What one program alone shows is mostly what the others show in another way. The lines of a large page are very many.
    let shown: HashSet<&str> = match conditional.is_empty() {
        true => HashSet::new(),
        false => text.lines().map(str::trim).collect(),
    };
    let says = |line: &&str| line.chars().any(char::is_alphabetic) && !shown.contains(line);
    conditional.lines().map(str::trim).filter(says).for_each(|line| comments.extend([line, "\n"]));
    // What stands in a `data:` address of a style was found above, and again by what it is packed in.
    let scripts =
        packed::files(&unshown).into_iter().filter(|file| !files.iter().any(|known| known.bytes == file.bytes));
    let packed: Vec<Packed> = scripts.chain(packed::files(&text)).collect();
    files.extend((1..).zip(packed).map(|(number, file)| Packed::new("base64", number, file.bytes)));
    let filled_by_program = runs && own < OWN_LETTERS && files.is_empty();
    let drawings = drawings.letters;
    Page { text, comments, data, strings, styled, filled_by_program, drawings, files, undecodable }
}

/// Reads a page or a piece of one, token by token.
fn tokens(html: &str, state: State) -> State {
    let tokenizer = Tokenizer::new(Sink(RefCell::new(state)), TokenizerOpts::default());
    let mut rest = html;
    while !rest.is_empty() {
        // In pieces, because a tendril holds at most 4 GiB and is copied.
        let (piece, next) = rest.split_at(rest.floor_char_boundary(1 << 16));
        rest = next;
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(piece));
        // The sink never blocks on a script, so one call takes the whole piece.
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// Receives the tokens.
#[derive(Default)]
struct Sink(RefCell<State>);

#[derive(Default)]
struct State {
    text: String,
    /// A blank waits to be written before the next character.
    blank: bool,
    /// Inside `pre`, where blanks count.
    preformatted: u32,
    strokes: Strokes,
    directions: Directions,
    capitals: Capitals,
    /// How deep inside of one another addresses of styles stand that hold what they lead to.
    addresses: u32,
    /// Inside an element whose text is dropped; raw text elements cannot nest.
    dropped: Option<&'static str>,
    /// The text of scripts and styles, which is looked through for files.
    unshown: String,
    comments: String,
    /// What conditional comments show in one program alone.
    conditional: String,
    data: String,
    /// Programs of scripts and of events, and how many bytes are of scripts.
    programs: String,
    program_bytes: usize,
    /// Styles, of elements too, and how much of them is known where elements begin.
    styles: String,
    styles_known: usize,
    /// Values of attributes that a style may show, with their names.
    shown_by_style: Vec<(String, String)>,
    /// Letters and digits of titles, which no page shows, and how many are open.
    title_letters: usize,
    titles: u32,
    /// The script that is open is data.
    is_data: bool,
    drawings: Drawings,
    /// How deep inside of a page a piece of one stands: what is inside of it again is not looked for.
    depth: u32,
    /// Documents inside.
    files: Vec<Packed>,
    undecodable: usize,
    is_xml: bool,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(characters) => state.push(&characters),
            Token::TagToken(tag) => return state.tag(&tag),
            Token::CommentToken(comment) => state.comment(&comment),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.0.borrow().is_xml
    }
}

impl State {
    /// Appends text; runs of blanks become one outside `pre`.
    fn push(&mut self, text: &str) {
        if self.dropped.is_some() {
            self.unshown.push_str(text);
            match self.dropped {
                _ if self.is_data => self.data.push_str(text),
                Some("script") => {
                    self.program_bytes += text.trim().len();
                    self.programs.push_str(text);
                }
                _ => self.styles.push_str(text),
            }
            return;
        }
        if self.titles > 0 {
            self.title_letters += text.chars().filter(|c| c.is_alphanumeric()).count();
        }
        let struck = self.strokes.is_struck();
        if !struck {
            self.close_stroke();
        }
        let text = match self.capitals.is_shown() {
            true => Cow::Owned(text.to_uppercase()),
            false => Cow::Borrowed(text),
        };
        for c in text.chars() {
            if struck && c == '\n' && self.preformatted > 0 {
                self.close_stroke();
            }
            if self.preformatted > 0 || !c.is_whitespace() {
                if self.blank && !self.text.is_empty() && !self.text.ends_with(['\n', '\t']) {
                    self.text.push(' ');
                }
                self.blank = false;
                match c {
                    '\n' => self.end_direction(),
                    _ => self.mark_direction(),
                }
                if struck && !self.strokes.is_open && !c.is_whitespace() {
                    self.text.push_str(STRUCK_OUT);
                    self.strokes.is_open = true;
                }
                self.text.push(c);
            } else {
                self.blank = true;
            }
        }
    }

    /// Keeps a comment. What a conditional one (`<!--[if mso]>…<![endif]-->`) holds is shown by Outlook, and is read like the page.
    fn comment(&mut self, comment: &str) {
        let comment = comment.trim();
        // The declaration of a page that is XML as well.
        let declaration = comment.starts_with("?xml");
        let mark = matches!(comment, "<![endif]" | "[endif]") || is_condition(comment);
        if let Some((_, shown)) = comment.split_once("]>").filter(|_| comment.starts_with("[if") && self.depth == 0) {
            let inner = State { is_xml: self.is_xml, depth: 1, ..State::default() };
            let inner = tokens(shown.strip_suffix("<![endif]").unwrap_or(shown), inner);
            self.conditional.extend([&inner.text, "\n", &inner.comments]);
            self.unshown.extend([&inner.unshown, "\n\n"]);
            self.data.push_str(&inner.data);
            self.programs.push_str(&inner.programs);
            self.program_bytes += inner.program_bytes;
            self.styles.push_str(&inner.styles);
            self.shown_by_style.extend(inner.shown_by_style);
            self.undecodable += inner.undecodable;
            for file in inner.files {
                self.keep("data", file.bytes);
            }
        } else if !declaration && !mark && comment.chars().any(char::is_alphanumeric) {
            self.comments.push_str(comment);
            self.comments.push('\n');
        }
    }

    /// Strings of words in programs, a line each; markup in them is read like that of a page.
    fn strings(&self) -> String {
        let plain = |string: &str| tokens(string, State { depth: 1, ..State::default() }).text;
        programs::strings(&self.programs, plain).into_iter().map(|string| string + "\n").collect()
    }

    /// Texts that styles put on the page, a line each.
    fn styled(&self) -> String {
        let mut attributes = BTreeSet::new();
        let texts = programs::texts_of_style(&self.styles, &mut attributes);
        let of_attributes = self.shown_by_style.iter().filter(|(name, _)| attributes.contains(name));
        let all = texts.iter().chain(of_attributes.map(|(_, value)| value));
        all.flat_map(|text| [text.trim(), "\n"]).collect()
    }

    fn end_line(&mut self) {
        self.close_stroke();
        self.end_direction();
        self.blank = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let start = tag.kind == TagKind::StartTag;
        if let Some(dropped) = self.dropped {
            if !start && name == dropped {
                self.dropped = None;
                if name == "style" {
                    let known = self.styles_known;
                    self.capitals.learn(&self.styles[known..]);
                    self.styles_known = self.styles.len();
                }
                self.unshown.push_str("\n\n");
                self.programs.push('\n');
                self.styles.push('\n');
                if std::mem::take(&mut self.is_data) {
                    self.data.push('\n');
                }
            }
            return TokenSinkResult::Continue;
        }
        self.drawings.tag(tag, tag.self_closing);
        self.stroke(tag, start);
        self.capitals.tag(tag, start, self.is_xml && tag.self_closing);
        self.direct(tag, start);
        if name == "title" {
            self.titles = u32::from(start && !(self.is_xml && tag.self_closing));
        }
        if BLOCKS.contains(&name) {
            self.end_line();
        } else if matches!(name, "td" | "th") && start && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.close_stroke();
            self.text.push('\t');
            self.blank = false;
        }
        if name == "pre" {
            self.preformatted =
                if start { self.preformatted.saturating_add(1) } else { self.preformatted.saturating_sub(1) };
        }
        if !start {
            return TokenSinkResult::Continue;
        }
        self.attributes(tag);
        if self.is_xml && tag.self_closing {
            if name == "pre" {
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            return TokenSinkResult::Continue;
        }
        match name {
            "script" => {
                let kind = tag.attrs.iter().find(|attribute| &*attribute.name.local == "type");
                self.is_data = kind.is_some_and(|kind| is_data(&kind.value));
                self.drop_until("script", RawKind::ScriptData)
            }
            "style" => self.drop_until("style", RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }

    fn drop_until(&mut self, name: &'static str, kind: RawKind) -> TokenSinkResult<()> {
        self.dropped = Some(name);
        TokenSinkResult::RawData(kind)
    }

    fn keep(&mut self, way: &str, bytes: Vec<u8>) {
        if !bytes.trim_ascii().is_empty() {
            self.files.push(Packed::new(way, self.files.len() + 1, bytes));
        }
    }
}

/// Words in conditions of conditional comments.
const CONDITIONS: [&str; 12] = ["if", "ie", "mso", "vml", "gt", "gte", "lt", "lte", "true", "false", "excel", "ppt"];

/// Whether a comment is a condition alone, as Word writes hundreds of into a page: `[if !supportLists]`.
fn is_condition(comment: &str) -> bool {
    let inside = comment.strip_prefix('[').and_then(|rest| rest.strip_suffix(']').or(rest.strip_suffix("]><!")));
    let known = |word: &str| {
        let word = word.to_ascii_lowercase();
        CONDITIONS.contains(&word.as_str()) || word.starts_with("support") || word.bytes().all(|b| b.is_ascii_digit())
    };
    inside.is_some_and(|inside| inside.split(|c: char| !c.is_alphanumeric()).all(known))
}

/// Whether the kind of a script is that of data or of a template, and not of a program.
fn is_data(kind: &str) -> bool {
    let kind = kind.trim().to_ascii_lowercase();
    kind.contains("json") || kind.contains("template") || (kind.starts_with("text/") && !kind.contains("script"))
}

#[cfg(test)]
mod tests;
