//! Text that elements show from right to left, whatever its letters (`<bdo dir=rtl>`): in the text the mark of Unicode that does the
//! same stands around it.

use html5ever::tokenizer::Tag;

use super::State;
use crate::format::text::turned;

/// In which direction text is shown.
#[derive(Default)]
pub(super) struct Directions {
    /// Elements that are open and show their text from right to left.
    open: u32,
    /// The mark of that stands on this line, and none that ends it.
    is_marked: bool,
}

impl State {
    /// Takes a tag of the page.
    pub(super) fn direct(&mut self, tag: &Tag, start: bool) {
        if &*tag.name != "bdo" {
            return;
        }
        let directions = &mut self.directions;
        if !start {
            directions.open = directions.open.saturating_sub(1);
        } else if tag
            .attrs
            .iter()
            .any(|attribute| &*attribute.name.local == "dir" && attribute.value.trim().eq_ignore_ascii_case("rtl"))
        {
            directions.open = directions.open.saturating_add(1);
        }
        if directions.open == 0 && std::mem::take(&mut directions.is_marked) {
            self.text.push(turned::POP);
        }
    }

    /// Marks the text that follows, if it is shown from right to left and that is not said on this line.
    pub(super) fn mark_direction(&mut self) {
        if self.directions.open > 0 && !std::mem::replace(&mut self.directions.is_marked, true) {
            self.text.push(turned::OVERRIDE);
        }
    }

    /// A line ends, and the mark on it.
    pub(super) fn end_direction(&mut self) {
        self.directions.is_marked = false;
    }
}
