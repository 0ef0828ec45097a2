//! What stands beside the text: symbols, codes of fields, words of forms and pictures, notes.

use std::collections::BTreeSet;

use super::{CODES, NOTES, Note, PLAIN_CODES, Walk};
use crate::format::field::CHOICES;
use crate::format::number_format::NumberFormat;
use crate::format::ooxml::flow::Flow;
use crate::format::package::xml::Element;

impl Walk {
    /// A character of a font of symbols. Those of ordinary fonts are what their code says; of the others the star is known, because
    /// it stands between a level of secrecy and its years.
    pub(super) fn symbol(&mut self, font: Option<String>, code: Option<String>) {
        let code = code.and_then(|code| u32::from_str_radix(&code, 16).ok()).unwrap_or_default();
        let font = font.unwrap_or_default().to_lowercase();
        let plain = if (0xf000..=0xf0ff).contains(&code) { code - 0xf000 } else { code };
        let symbols = ["symbol", "wingdings", "webdings", "dingbats", "marlett", "mt extra"];
        let character = match (symbols.iter().any(|name| font.contains(name)), plain) {
            (true, 0xab) if font == "wingdings" => Some('★'),
            (true, _) if plain < 0x100 => None,
            _ => char::from_u32(plain),
        };
        self.flow.text(character.unwrap_or(' ').encode_utf8(&mut [0; 4]));
    }

    pub(super) fn field(&mut self, kind: Option<&str>) {
        // A field may stand within the code of another one.
        if let Some(code) = self.code.take() {
            self.flow.give_back(code.len());
            self.keep_code(&code);
        }
        if kind == Some("begin") {
            self.code = Some(String::new());
        }
    }

    pub(super) fn keep_code(&mut self, code: &str) {
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        let word = code.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let plain = PLAIN_CODES.contains(&word.as_str()) || word.starts_with('=') || !code.contains(' ');
        // A place in the document itself, without a tip.
        let inside = word == "HYPERLINK" && code.split(' ').nth(1) == Some("\\l") && !code.contains("\\o");
        if !plain && !inside {
            keep(&mut self.codes, code, &mut self.flow, &mut self.more);
        }
    }

    pub(super) fn form(&mut self, text: Option<String>) {
        if let Some(text) = text.filter(|text| text.trim().chars().count() > 1) {
            keep(&mut self.forms, text, &mut self.flow, &mut self.more);
        }
    }

    /// One of the items of a list.
    pub(super) fn choice(&mut self, text: Option<String>) {
        let text = text.filter(|text| !text.trim().is_empty());
        match self.list.as_mut() {
            // An empty item has its number too.
            Some(list) if list.items.len() < CODES && self.flow.claim(text.as_ref().map_or(0, String::len)) => {
                list.items.push(text.unwrap_or_default());
            }
            Some(_) => self.more = true,
            None => self.form(text),
        }
    }

    /// Which item a list says that is taken; the first one if it says nothing.
    pub(super) fn take_choice(&mut self, name: &str, number: Option<String>) {
        let number = number.and_then(|number| number.parse().ok());
        if let Some(list) = self.list.as_mut().filter(|list| name == "result" || list.taken.is_none()) {
            list.taken = number.or(list.taken);
        }
    }

    /// A list ends. The item that is taken is text; what else could have been is a line of its own, which says what it is: a form
    /// that offers a level is not marked with it.
    pub(super) fn end_choices(&mut self) {
        let Some(list) = self.list.take() else { return };
        list.items.iter().for_each(|item| self.flow.give_back(item.len() + 1));
        if list.says {
            let taken = list.items.get(list.taken.unwrap_or_default());
            self.flow.text(taken.map_or("", String::as_str));
        }
        let items: Vec<&str> = list.items.iter().map(|item| item.trim()).filter(|item| !item.is_empty()).collect();
        if !items.is_empty() {
            self.form(Some(format!("{CHOICES} {}", items.join(" / "))));
        }
    }

    /// What the numbers of an axis are shown with.
    pub(super) fn words_of_format(&mut self, code: Option<String>) {
        for words in NumberFormat::of(&code.unwrap_or_default()).words() {
            self.flow.line(words);
        }
    }

    /// The bullet of a line, if it is more than a sign.
    pub(super) fn bullet(&mut self, text: Option<String>) {
        if let Some(text) = text.filter(|text| text.chars().filter(|c| c.is_alphanumeric()).count() > 1) {
            self.flow.text(text.trim());
            self.flow.gap('\t');
        }
    }

    /// What is said of a picture, once where a picture says it twice.
    pub(super) fn alt(&mut self, description: Option<String>, title: Option<String>) {
        for text in [title, description].into_iter().flatten().filter(|text| !text.trim().is_empty()) {
            if text != self.last_alt {
                self.flow.before(&text);
                self.last_alt = text;
            }
        }
    }

    pub(super) fn begin_note(&mut self, element: &Element<'_>) {
        let id = element.attribute("id").unwrap_or_default();
        let author = element.attribute("author").unwrap_or_default();
        self.open_notes.push((id, author));
        self.flow.enter();
    }

    pub(super) fn end_note(&mut self) {
        if let Some((id, author)) = self.open_notes.pop() {
            let text = self.flow.leave_for_good();
            if !text.is_empty() && self.notes.len() < NOTES {
                self.notes.push(Note { id, author, text });
            } else if !text.is_empty() {
                self.flow.line(&text);
            }
        }
    }

    /// What one of several ways to show a thing holds: a text box or a picture, which stands aside of its paragraph.
    pub(super) fn alternative(&mut self, text: &str) {
        if self.shape_depth > 0 {
            self.flow.line(text);
        } else {
            self.flow.before(text);
        }
    }
}

/// Keeps a text once, as long as there is room for it.
fn keep(texts: &mut BTreeSet<String>, text: String, flow: &mut Flow, more: &mut bool) {
    if texts.contains(&text) {
        return;
    }
    *more |= texts.len() >= CODES;
    if texts.len() < CODES && flow.claim(text.len()) {
        texts.insert(text);
    }
}
