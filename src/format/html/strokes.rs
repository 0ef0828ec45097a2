//! Lines through the text: elements that strike out what they hold, and spans whose style does.

use html5ever::tokenizer::Tag;

use super::State;

/// Lines through the text.
#[derive(Default)]
pub(super) struct Strokes {
    /// Elements that strike out what they hold, how many are open.
    elements: u32,
    /// Spans that do by their style, with those inside of them.
    spans: u32,
    /// The bracket of what is struck out is written and not closed.
    pub(super) is_open: bool,
}

impl Strokes {
    pub(super) fn is_struck(&self) -> bool {
        self.elements > 0 || self.spans > 0
    }
}

impl State {
    pub(super) fn close_stroke(&mut self) {
        if std::mem::take(&mut self.strokes.is_open) {
            self.text.push(']');
        }
    }

    /// Counts elements that a line goes through: `del`, `s`, `strike`, and spans whose style says so.
    pub(super) fn stroke(&mut self, tag: &Tag, start: bool) {
        let empty = self.is_xml && tag.self_closing;
        match &*tag.name {
            "del" | "s" | "strike" if start && !empty => {
                self.strokes.elements = self.strokes.elements.saturating_add(1);
            }
            "del" | "s" | "strike" if !start => self.strokes.elements = self.strokes.elements.saturating_sub(1),
            "span" | "font" if start && !empty => {
                let style = tag.attrs.iter().find(|attribute| &*attribute.name.local == "style");
                let through = style.is_some_and(|style| style.value.to_ascii_lowercase().contains("line-through"));
                if through || self.strokes.spans > 0 {
                    self.strokes.spans = self.strokes.spans.saturating_add(1);
                }
            }
            "span" | "font" if !start => self.strokes.spans = self.strokes.spans.saturating_sub(1),
            _ => return,
        }
        if !self.strokes.is_struck() {
            self.close_stroke();
        }
    }
}
