//! Text that elements show from right to left, whatever its letters (`<bdo dir=rtl>`): in the text the mark of Unicode that does the
//! same stands around it.

use html5ever::tokenizer::Tag;

use super::State;
use crate::format::text::turned;

/// Elements inside one another that count, as Unicode has it.
const DEPTH: usize = 125;

/// In which direction text is shown.
#[derive(Default)]
pub(super) struct Directions {
    /// Of each open element whether it shows its text from right to left.
    open: Vec<bool>,
    /// Open elements that do not count: there are too many.
    too_deep: usize,
    /// How many of the others have their mark on this line.
    marked: usize,
}

impl State {
    /// Takes a tag of the page.
    pub(super) fn direct(&mut self, tag: &Tag, start: bool) {
        if &*tag.name != "bdo" {
            return;
        }
        let directions = &mut self.directions;
        if start && directions.open.len() < DEPTH {
            let is_dir = |name: &str| name == "dir";
            let dir = tag.attrs.iter().find(|attribute| is_dir(&attribute.name.local));
            let is_turned = match dir.map(|attribute| attribute.value.trim().to_ascii_lowercase()).as_deref() {
                Some("rtl") => true,
                Some("ltr") => false,
                // Without a direction it changes nothing.
                _ => directions.open.last().copied().unwrap_or_default(),
            };
            directions.open.push(is_turned);
        } else if start {
            directions.too_deep += 1;
        } else if directions.too_deep > 0 {
            directions.too_deep -= 1;
        } else if let Some(is_turned) = directions.open.pop() {
            let around = directions.open.last().copied().unwrap_or_default();
            if directions.marked > directions.open.len() {
                directions.marked = directions.open.len();
                if is_turned != around {
                    self.text.push(turned::POP);
                }
            }
        }
    }

    /// Marks the text that follows, if it is shown from right to left and that is not said on this line.
    pub(super) fn mark_direction(&mut self) {
        let directions = &mut self.directions;
        if directions.marked == directions.open.len() || !directions.open.contains(&true) {
            return;
        }
        // Elements in the direction of the one around them have no mark of their own.
        let mut around = directions.marked.checked_sub(1).is_some_and(|last| directions.open[last]);
        for is_turned in &directions.open[directions.marked..] {
            if std::mem::replace(&mut around, *is_turned) != *is_turned {
                self.text.push(if *is_turned { turned::OVERRIDE } else { turned::OVERRIDE_BACK });
            }
        }
        directions.marked = directions.open.len();
    }

    /// A line ends, and the marks on it.
    pub(super) fn end_direction(&mut self) {
        self.directions.marked = 0;
    }
}
