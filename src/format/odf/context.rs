//! A text under way: blanks as XML has them become one, and separators wait until something follows them.

/// Where a text goes when it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Target {
    #[default]
    Body,
    Shape,
    /// A footnote or an endnote.
    Note,
    Comment,
    /// Deleted text, by the change that took it away.
    Deletion(String),
    /// A part of the master page under way.
    Area(String),
    /// Notes of a slide.
    Speech,
    /// A header or footer that slides use by name.
    Declared(String),
    Property(String),
}

/// A text under way.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) target: Target,
    pub(super) text: String,
    /// What must stand before the next character: nothing, a blank, a tab or a line end.
    pub(super) pending: &'static str,
    /// Elements open in which characters are text.
    pub(super) written: u32,
    /// Shapes met inside a paragraph or a row; they follow it.
    floats: String,
    /// Cells begun in each open row.
    pub(super) rows: Vec<u32>,
    /// The element at whose end the text ends.
    pub(super) depth: usize,
}

impl Context {
    pub(super) fn new(target: Target, depth: usize) -> Self {
        Self { target, depth, ..Self::default() }
    }

    /// Appends text; runs of blanks become one.
    pub(super) fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() && c != '\u{3000}' && c != '\u{a0}' {
                self.separate(" ");
            } else {
                let again = self.pending == " " && self.text.ends_with([' ', '\t', '\n']);
                if !again && !self.text.is_empty() {
                    self.text.push_str(self.pending);
                }
                self.pending = "";
                self.text.push(c);
            }
        }
    }

    /// Appends blanks that count.
    pub(super) fn verbatim(&mut self, blanks: &str) {
        if self.written > 0 {
            if !self.text.is_empty() {
                self.text.push_str(self.pending);
            }
            self.pending = "";
            self.text.push_str(blanks);
        }
    }

    /// A separator stands before what comes next; the strongest wins.
    pub(super) fn separate(&mut self, separator: &'static str) {
        let strength = |separator: &str| ["", " ", "\t", "\n"].iter().position(|known| *known == separator);
        if strength(separator) > strength(self.pending) {
            self.pending = separator;
        }
    }

    pub(super) fn end_paragraph(&mut self, separator: &'static str) {
        self.separate(separator);
        self.flush_outside();
    }

    /// Takes a text that stands beside the paragraph under way.
    pub(super) fn float(&mut self, text: &str) {
        super::reader::lines(&mut self.floats, text);
        self.flush_outside();
    }

    /// What stands beside a paragraph follows it, and what stands beside a cell follows the row.
    pub(super) fn flush_outside(&mut self) {
        if self.written == 0 && self.rows.is_empty() {
            self.flush();
        }
    }

    pub(super) fn flush(&mut self) {
        let floats = std::mem::take(&mut self.floats);
        if !floats.is_empty() {
            super::reader::lines(&mut self.text, &floats);
            self.pending = "\n";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_wait_for_text_and_the_strongest_wins() {
        let mut context = Context { written: 1, ..Context::default() };
        context.separate("\n");
        context.push(" one \n two");
        context.separate(" ");
        context.separate("\n");
        context.separate("\t");
        context.push("three  ");
        assert_eq!(context.text, "one two\nthree");
        context.verbatim("  ");
        context.push("four");
        assert_eq!(context.text, "one two\nthree   four");
    }

    #[test]
    fn what_floats_follows_the_paragraph() {
        let mut context = Context { written: 1, ..Context::default() };
        context.push("be");
        context.float("box");
        context.push("side");
        context.written = 0;
        context.end_paragraph("\n");
        context.push("next");
        assert_eq!(context.text, "beside\nbox\nnext");
    }
}
