//! Pages with running headers and footers: what stands in the head of a page comes first in its text, what stands in its
//! foot last.

/// Bytes of headers and footers that are repeated on every page of a section; longer ones stand on its first alone.
const REPEATED: usize = 2000;

/// The headers and footers of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Header of the first page.
    pub(super) first_head: String,
    /// Header of the pages.
    pub(super) head: String,
    /// Footer of the pages.
    pub(super) foot: String,
    /// Footer of the first page.
    pub(super) first_foot: String,
}

impl Frame {
    /// The text of a page of the section, or of its first one.
    pub(super) fn around(&self, page: &str, first: bool) -> String {
        let repeats = first || self.head.len() + self.foot.len() <= REPEATED;
        let lines = [
            (first, &*self.first_head),
            (repeats, &self.head),
            (true, page),
            (repeats, &self.foot),
            (first, &self.first_foot),
        ];
        let lines = lines.into_iter().filter(|(holds, text)| *holds && !text.trim().is_empty());
        lines.flat_map(|(_, text)| [text.trim_end(), "\n"]).collect()
    }

    /// Takes from the section before what this one does not say.
    pub(super) fn inherit(&mut self, before: &Self) {
        let pairs = [
            (&mut self.first_head, &before.first_head),
            (&mut self.head, &before.head),
            (&mut self.foot, &before.foot),
            (&mut self.first_foot, &before.first_foot),
        ];
        for (own, before) in pairs {
            if own.trim().is_empty() && before.len() <= REPEATED {
                own.clone_from(before);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_stand_first_and_footers_last() {
        let text = |text: &str| text.to_owned();
        let frame = Frame { first_head: text("a"), head: text("b"), foot: text("d"), first_foot: text("e") };
        assert_eq!(frame.around("c\n", true), "a\nb\nc\nd\ne\n");
        assert_eq!(frame.around("c\n", false), "b\nc\nd\n");
        let mut next = Frame { head: text("x"), ..Frame::default() };
        next.inherit(&frame);
        assert_eq!(next.around("", true), "a\nx\nd\ne\n");
    }
}
