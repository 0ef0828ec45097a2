//! Text as it is put together: lines, cells and what stands aside.
//!
//! What parts two pieces of text is written when the second one comes, so that the last of several (a paragraph, its cell, its
//! row) decides, and nothing ends in blanks.

/// Text in the making.
pub(super) struct Flow {
    frames: Vec<Frame>,
    room: usize,
    over: bool,
}

/// A place to write to: the page, a text box, a note.
#[derive(Default)]
struct Frame {
    text: String,
    gap: Option<char>,
    /// Where the paragraph begins, and what parts it from the one before.
    start: usize,
    start_gap: Option<char>,
    /// Text boxes and the like of the paragraph: they come before it, because a marking in one belongs to the head of the page.
    before: String,
    /// What is said beside a word (its pronunciation): it comes after the paragraph.
    after: String,
}

impl Flow {
    /// Takes at most `room` bytes.
    pub(super) fn new(room: usize) -> Self {
        Self { frames: vec![Frame::default()], room, over: false }
    }

    /// Whether text was left out.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Takes room for what is kept elsewhere, with a byte that parts it from the next; false if there is none.
    pub(super) fn claim(&mut self, bytes: usize) -> bool {
        let room = self.room.checked_sub(bytes.saturating_add(1));
        self.over |= room.is_none();
        self.room = room.unwrap_or(self.room);
        room.is_some()
    }

    /// Bytes of the frame that is written to.
    pub(super) fn len(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.text.len())
    }

    /// Frames inside the first one.
    pub(super) fn depth(&self) -> usize {
        self.frames.len().saturating_sub(1)
    }

    /// Writes.
    pub(super) fn text(&mut self, text: &str) {
        let Some(frame) = self.frames.last_mut() else { return };
        if text.is_empty() {
            return;
        }
        let gap = frame.gap.filter(|_| !frame.text.is_empty());
        let Some(room) = self.room.checked_sub(text.len() + usize::from(gap.is_some())) else {
            self.over = true;
            return;
        };
        self.room = room;
        frame.gap = None;
        frame.text.extend(gap);
        frame.text.push_str(text);
    }

    /// Writes a line of its own.
    pub(super) fn line(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.gap('\n');
            self.text(text.trim());
            self.gap('\n');
        }
    }

    /// What comes next is parted by this from what stands there.
    pub(super) fn gap(&mut self, gap: char) {
        if let Some(frame) = self.frames.last_mut() {
            frame.gap = Some(gap);
        }
    }

    /// Writes into a place of its own from now on.
    pub(super) fn enter(&mut self) {
        self.frames.push(Frame::default());
    }

    /// What was written since [`Flow::enter`].
    pub(super) fn leave(&mut self) -> String {
        self.end_paragraph();
        if self.frames.len() < 2 {
            return String::new();
        }
        self.frames.pop().map_or_else(String::new, |frame| self.refund(frame.text))
    }

    /// What was written since [`Flow::enter`], which is kept elsewhere: its room is not given back.
    pub(super) fn leave_for_good(&mut self) -> String {
        let text = self.leave();
        self.room = self.room.saturating_sub(text.len());
        text
    }

    /// Gives back the room of what is kept no more.
    pub(super) fn give_back(&mut self, bytes: usize) {
        self.room = self.room.saturating_add(bytes);
    }

    /// What was written to the first frame; a new one begins.
    pub(super) fn take(&mut self) -> String {
        while self.frames.len() > 1 {
            let text = self.leave();
            self.text(&text);
        }
        self.end_paragraph();
        // Pages keep their share of the room.
        let frame = std::mem::take(&mut self.frames);
        self.frames.push(Frame::default());
        frame.into_iter().next().map_or_else(String::new, |frame| frame.text)
    }

    fn refund(&mut self, text: String) -> String {
        self.room = self.room.saturating_add(text.len());
        text
    }

    /// A paragraph begins.
    pub(super) fn begin_paragraph(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.start = frame.text.len();
            frame.start_gap = frame.gap;
        }
    }

    /// A line that comes before the paragraph that is written.
    pub(super) fn before(&mut self, text: &str) {
        self.aside(text, |frame| &mut frame.before);
    }

    /// A line that comes after the paragraph that is written.
    pub(super) fn after(&mut self, text: &str) {
        self.aside(text, |frame| &mut frame.after);
    }

    fn aside(&mut self, text: &str, place: impl Fn(&mut Frame) -> &mut String) {
        let text = text.trim();
        let Some(room) = self.room.checked_sub(text.len() + 1) else {
            self.over = true;
            return;
        };
        let Some(frame) = self.frames.last_mut().filter(|_| !text.is_empty()) else { return };
        self.room = room;
        let place = place(frame);
        if !place.is_empty() {
            place.push('\n');
        }
        place.push_str(text);
    }

    /// A paragraph ends: what stands aside is put before and after it.
    pub(super) fn end_paragraph(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        if !frame.before.is_empty() {
            let (before, start) = (std::mem::take(&mut frame.before), frame.start.min(frame.text.len()));
            let paragraph = frame.text.split_off(start);
            frame.gap = frame.start_gap;
            let paragraph = self.refund(paragraph);
            let before = self.refund(before);
            self.text(&before);
            self.gap('\n');
            self.text(paragraph.trim_start_matches(['\n', '\t']));
        }
        let Some(frame) = self.frames.last_mut() else { return };
        if !frame.after.is_empty() {
            let after = std::mem::take(&mut frame.after);
            let after = self.refund(after);
            self.gap('\n');
            self.text(&after);
        }
        self.gap('\n');
        self.begin_paragraph();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_gap_decides_and_nothing_ends_in_one() {
        let mut flow = Flow::new(100);
        for (text, gap) in [("a", '\t'), ("b", '\n'), ("c", '\n')] {
            flow.text(text);
            flow.gap('\n');
            flow.gap(gap);
        }
        assert_eq!(flow.take(), "a\tb\nc");
    }

    #[test]
    fn what_stands_aside_goes_around_its_paragraph() {
        let mut flow = Flow::new(100);
        flow.line("one");
        flow.begin_paragraph();
        flow.text("tw");
        flow.before("box");
        flow.after("aside");
        flow.text("o");
        flow.end_paragraph();
        flow.text("three");
        assert_eq!(flow.take(), "one\nbox\ntwo\naside\nthree");
    }

    #[test]
    fn room_is_bounded_and_comes_back_with_what_is_left() {
        let mut flow = Flow::new(10);
        for _ in 0..100 {
            flow.enter();
            flow.text("12345");
            flow.leave();
        }
        assert!(!flow.is_over());
        flow.text(&"x".repeat(20));
        assert!(flow.is_over() && flow.take().is_empty());
    }
}
