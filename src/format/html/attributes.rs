//! What attributes hold: words that a reader sees, programs and styles, and whole files in `data:` addresses.

use html5ever::tokenizer::Tag;

use super::State;
use crate::format::{charset, diagram, packed};

/// Begins an address that holds what it leads to.
const SCHEME: &str = "data:";

/// Characters of an address of a picture that may hold text.
const PIXEL: usize = 100;

/// Kinds of programs.
const PROGRAMS: &[&str] = &["text/javascript", "text/ecmascript", "application/javascript", "application/x-javascript"];

/// Style sheets in addresses of one another that are read.
const DEPTH: u32 = 4;

impl State {
    /// Keeps attributes that a reader sees or a search engine shows.
    pub(super) fn attributes(&mut self, tag: &Tag) {
        let value = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            found.map(|attribute| attribute.value.as_ref())
        };
        let shown = match &*tag.name {
            "meta" if value("name").or_else(|| value("property")).is_some_and(is_description) => vec!["content"],
            "meta" => vec![],
            "v:textpath" => vec!["string"],
            "option" | "optgroup" | "track" => vec!["label", "title"],
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
        for name in ["src", "href", "xlink:href", "data", "poster", "background"] {
            let address = value(name).map(str::trim_start).and_then(|address| address.split_at_checked(SCHEME.len()));
            if let Some((_, address)) = address.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME)) {
                self.address(address);
            }
        }
        for name in ["srcset", "style"] {
            self.addresses_in(value(name).unwrap_or_default());
        }
        if let Some(style) = value("style") {
            self.styles.extend([style, ";}\n"]);
        }
        for attribute in &tag.attrs {
            let (name, value) = (&*attribute.name.local, attribute.value.trim());
            if name.starts_with("on") && value.contains(['"', '\'', '`']) {
                self.programs.extend([value, "\n"]);
            } else if name.starts_with("data-") && !value.is_empty() {
                // Styles may show it, whatever else it is.
                self.shown_by_style.push((name.to_owned(), value.to_owned()));
                if diagram::may_be(value) {
                    let diagram = diagram::read(value);
                    self.data.extend([&diagram.text, "\n"]);
                    self.undecodable += diagram.lost;
                }
            }
        }
        if let Some(document) = value("srcdoc") {
            self.keep("srcdoc", document.as_bytes().to_vec());
        }
    }

    /// Keeps what the `data:` addresses in a list or a style hold.
    pub(super) fn addresses_in(&mut self, text: &str) {
        let mut rest = text;
        while let Some(behind) = behind_scheme(rest) {
            let end = behind.find(|c: char| matches!(c, '"' | '\'' | ')' | '<') || c.is_whitespace());
            let (address, behind) = behind.split_at(end.unwrap_or(behind.len()));
            self.address(address);
            rest = behind;
        }
    }

    /// Keeps what one `data:` address holds, behind its scheme.
    fn address(&mut self, address: &str) {
        let Some((kind, data)) = address.split_once(',') else { return };
        let kind = kind.to_ascii_lowercase();
        let text =
            kind.starts_with("text/") || kind.starts_with("image/svg") || kind.starts_with(';') || kind.is_empty();
        // The invisible one-pixel GIF that tracks readers holds nothing.
        let is = |kinds: &[&str]| kinds.iter().any(|begin| kind.starts_with(begin));
        let (is_style, is_program) = (is(&["text/css"]), is(PROGRAMS));
        if is(&["font/", "application/font"]) || !text && !is_program && data.len() < PIXEL {
            return;
        }
        let bytes = percent_decoded(data);
        let bytes = match kind.ends_with(";base64") {
            true => packed::decode(bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect()),
            false => Some(bytes),
        };
        match bytes {
            Some(bytes) if is_style => self.style(&charset::decode(&bytes, None).text),
            Some(bytes) if is_program => {
                let program = charset::decode(&bytes, None).text;
                self.program_bytes += program.trim().len();
                self.programs.extend([&program, "\n"]);
                self.unshown.extend([&program, "\n\n"]);
            }
            Some(bytes) => self.keep("data", bytes),
            None => self.undecodable += 1,
        }
    }

    /// Reads a style sheet that stands in an address.
    fn style(&mut self, style: &str) {
        if self.addresses >= DEPTH {
            self.undecodable += 1;
            return;
        }
        self.addresses += 1;
        self.capitals.learn(style);
        self.styles.extend([style, "\n"]);
        self.addresses_in(style);
        self.addresses -= 1;
    }
}

/// What stands behind the next address that holds what it leads to, of the scheme in letters of any case.
fn behind_scheme(text: &str) -> Option<&str> {
    let mut at = 0;
    loop {
        at += memchr::memchr(b':', &text.as_bytes()[at..])? + 1;
        let is_one = |scheme: &str| scheme.eq_ignore_ascii_case(SCHEME);
        if at.checked_sub(SCHEME.len()).and_then(|start| text.get(start..at)).is_some_and(is_one) {
            return text.get(at..);
        }
    }
}

/// Bytes with `%e7` and the like decoded.
pub(in crate::format) fn percent_decoded(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    while let Some((first, behind)) = rest.split_first() {
        let escaped = match (first, behind) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        decoded.push(escaped.map_or(*first, |(high, low)| high << 4 | low));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    decoded
}

fn is_description(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["description", "keywords", "author", "subject", "title", "classification", "og:title", "og:description"]
        .contains(&name.as_str())
}
