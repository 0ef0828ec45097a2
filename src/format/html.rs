//! HTML to text, token by token: no tree is built, so a million nested elements cost a counter and not a stack.
//!
//! Kept: text, titles, `alt` and `title` attributes, descriptions in `meta`, labels of form fields; hidden elements too,
//! because hidden is not absent. Dropped: scripts, styles, comments. Pictures inside `data:` addresses are not read yet
//! and are a fault.

use std::cell::RefCell;

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::text::{TextPages, damage, read_bounded};
use super::{Document, Format, Source, charset, packed};

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
        4
    }

    fn sequential(&self) -> bool {
        true
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["html"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let decoded = charset::decode(&bytes, charset::declared(&bytes));
        faults.extend(damage(&decoded));
        let (text, pictures) = to_text(&decoded.text);
        let embedded = pictures.saturating_add(packed::files(&text));
        if embedded > 0 {
            let detail = format!("{embedded} embedded pictures or files are not read yet");
            faults.push(Fault::whole(FaultReason::Attachment, detail));
        }
        Ok(Box::new(TextPages::new(text, faults, settings)))
    }
}

/// The text of a page, and how many things inside `data:` addresses it holds.
pub(super) fn to_text(html: &str) -> (String, usize) {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
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
    let state = tokenizer.sink.0.into_inner();
    (state.text, state.embedded)
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
    /// Inside an element whose text is dropped; raw text elements cannot nest.
    dropped: Option<&'static str>,
    embedded: usize,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(characters) => state.push(&characters),
            Token::TagToken(tag) => return state.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    /// Appends text; runs of blanks become one outside `pre`.
    fn push(&mut self, text: &str) {
        if self.dropped.is_some() {
            return;
        }
        for c in text.chars() {
            if self.preformatted > 0 || !c.is_whitespace() {
                if self.blank && !self.text.is_empty() && !self.text.ends_with(['\n', '\t']) {
                    self.text.push(' ');
                }
                self.blank = false;
                self.text.push(c);
            } else {
                self.blank = true;
            }
        }
    }

    fn end_line(&mut self) {
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
            }
            return TokenSinkResult::Continue;
        }
        if BLOCKS.contains(&name) {
            self.end_line();
        } else if matches!(name, "td" | "th") && start && !self.text.is_empty() && !self.text.ends_with('\n') {
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
        match name {
            "script" => self.drop_until("script", RawKind::ScriptData),
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

    /// Keeps attributes that a reader sees or a search engine shows.
    fn attributes(&mut self, tag: &Tag) {
        let value = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            found.map(|attribute| attribute.value.as_ref())
        };
        let shown = match &*tag.name {
            "meta" if value("name").or_else(|| value("property")).is_some_and(is_description) => vec!["content"],
            "meta" => vec![],
            "input" | "button" => vec!["value", "placeholder", "alt", "title", "aria-label"],
            _ => vec!["alt", "title", "aria-label", "summary"],
        };
        for attribute in shown {
            if let Some(text) = value(attribute).filter(|text| !text.trim().is_empty()) {
                self.blank = true;
                self.push(text);
                self.blank = true;
            }
        }
        if tag.name.starts_with("meta") && self.blank {
            self.end_line();
        }
        let embeds = |name| value(name).is_some_and(|address: &str| is_embedded(address));
        self.embedded += ["src", "href", "data", "srcset", "poster"].into_iter().filter(|name| embeds(name)).count();
    }
}

fn is_description(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["description", "keywords", "author", "subject", "title", "classification", "og:title", "og:description"]
        .contains(&name.as_str())
}

/// A `data:` address with something in it that may hold text.
fn is_embedded(address: &str) -> bool {
    let address = address.trim_start();
    let kind = address.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).and_then(|_| address.get(5..));
    // The invisible one-pixel GIF that tracks readers holds nothing.
    kind.is_some_and(|kind| !kind.starts_with("text/css") && !kind.starts_with("font/") && address.len() > 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        to_text(html).0
    }

    #[test]
    fn text_is_kept_and_scripts_and_styles_are_not() {
        let html = "<html><head><title>Plan &amp; cost</title><style>p{}</style><script>if (a<b) secret()</script></head>\
                    <body><h1>Top</h1><p>One  two<b>three</b></p><img alt='a map' src=x><table><tr><td>1<td>2</table></body>";
        assert_eq!(text(html).trim(), "Plan & cost\nTop\nOne twothree\na map\n1\t2");
    }

    #[test]
    fn hidden_elements_are_read() {
        assert_eq!(text("<p style='display:none'>内部资料</p>").trim(), "内部资料");
    }

    #[test]
    fn a_hundred_thousand_nested_elements_are_read() {
        let html = format!("{}deep{}", "<div><b>".repeat(100_000), "</b></div>".repeat(100_000));
        assert_eq!(text(&html).trim(), "deep");
    }

    #[test]
    fn the_declared_encoding_is_followed_unless_the_bytes_contradict_it() {
        let gbk = encoding_rs::GBK.encode("<meta charset=gb2312><p>机密").0;
        assert_eq!(charset::decode(&gbk, charset::declared(&gbk)).text, "<meta charset=gb2312><p>机密");
        let wrong = "<meta charset=gb2312><p>机密".as_bytes();
        assert_eq!(charset::decode(wrong, charset::declared(wrong)).text, "<meta charset=gb2312><p>机密");
    }

    #[test]
    fn an_embedded_picture_is_counted() {
        let html = format!("<img src='data:image/png;base64,{}'>", "A".repeat(400));
        assert_eq!(to_text(&html).1, 1);
    }

    #[test]
    fn a_file_packed_into_the_text_of_a_page_is_a_fault() {
        let packed = "5py65a+G5paH5Lu2".repeat(10);
        let lines: Vec<&str> = [&packed[..64], &packed[64..128], &packed[128..]].to_vec();
        let settings = Settings::defaults();
        for body in [format!("<pre>{}</pre>", lines.join("\n")), format!("<p>{}</p>", lines.join("<br>\n"))] {
            let page = format!("<!doctype html><html><body>{body}</body></html>");
            let document = crate::format::test_support::open(page.as_bytes(), &settings).expect("opens");
            assert_eq!(document.faults()[0].reason, FaultReason::Attachment, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_html_makes_the_tokenizer_panic(html in "(<[a-z/!-]{0,6}|>|&[a-z#0-9]{0,4};?|[a-z\"'= ]{0,4}){0,40}") {
            to_text(&html);
        }
    }
}
