//! Marks that are struck out: `[struck out: 机密★10年]`, as readers write what a line goes through, and `[deleted: …]`, which a
//! program that tracks changes shows in the same way.
//!
//! A stroke is what people do to a sign that holds no more; it is also what a hand does to a page that it wants to carry out. So a
//! struck mark keeps its level and decides nothing: it is for people to look at, with a flag, whatever stands beside it. Where a
//! statement of declassification stands on its page, that statement says what is left of it, as of any other mark (`declass`). A mark
//! that is struck in part (`机密★[struck out: 10年]`) is one that stands.

use std::ops::Range;

use super::line::letters;
use super::running;
use super::score::{Candidate, Hit, UNPARTED, ratio};
use crate::classify::seams::Seams;
use crate::document::{DELETED, STRUCK_OUT};

/// What readers put before it; of the blank at its end normalisation leaves what it likes.
pub(super) fn markers() -> [&'static str; 2] {
    [STRUCK_OUT, DELETED].map(str::trim_end)
}

/// The flag of a mark that is struck out.
pub(super) const FLAG: &str = "struck_out";

/// What is struck out on a line.
#[derive(Debug, Default)]
pub(super) struct Struck(Vec<Segment>);

#[derive(Debug)]
struct Segment {
    /// With its brackets.
    whole: Range<usize>,
    /// What they hold.
    inner: Range<usize>,
}

impl Struck {
    /// Looks at the text of a line, normalised.
    pub(super) fn of(text: &str) -> Self {
        let mut segments = Vec::new();
        let mut at = 0;
        while let Some(open) = text[at..].find('[').map(|open| at + open) {
            at = open + 1;
            let Some(marker) = markers().into_iter().find(|marker| text[open..].starts_with(marker)) else { continue };
            let inner = open + marker.len();
            let end = text[inner..].find(']').map_or(text.len(), |end| inner + end);
            at = (end + 1).min(text.len());
            segments.push(Segment { whole: open..at, inner: inner..end });
        }
        Self(segments)
    }

    /// Whether nothing is.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a part of the line is.
    pub(super) fn holds(&self, part: &Range<usize>) -> bool {
        self.segment(part).is_some()
    }

    fn segment(&self, part: &Range<usize>) -> Option<&Segment> {
        // A pattern may take in the sign that ends its words.
        self.0.iter().find(|one| one.whole.start <= part.start && part.end <= one.whole.end)
    }

    /// What is struck, piece by piece, and what is not: each may be a mark as a whole.
    pub(super) fn parts(&self, length: usize) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.0.iter().map(|one| one.whole.end));
        let ends = self.0.iter().map(|one| one.whole.start).chain([length]);
        let standing = starts.zip(ends).map(|(start, end)| start..end.max(start));
        standing.filter(|_| !self.is_empty()).chain(self.0.iter().map(|one| one.inner.clone()))
    }

    /// The line as it was before anything was struck: its text, and where each piece of it stands in the line. A stroke through a
    /// part of a mark must not hide it.
    pub(super) fn joined(&self, text: &str) -> Joined {
        let mut joined = Joined::default();
        let mut at = 0;
        for one in &self.0 {
            joined.push(text, at..one.whole.start);
            let words = text[one.inner.clone()].trim_start_matches(' ');
            joined.push(text, one.inner.end - words.len()..one.inner.end);
            at = one.whole.end;
        }
        joined.push(text, at..text.len());
        joined
    }

    /// Whether a part of the line is struck in part.
    pub(super) fn crosses(&self, part: &Range<usize>) -> bool {
        let within = |at: usize| part.start < at && at < part.end;
        self.0.iter().any(|one| within(one.inner.start) || within(one.inner.end))
    }

    /// Of a line the text that stands as a part of it does: of what is struck its own piece, else all that is not.
    pub(super) fn beside(&self, text: &str, part: &Range<usize>) -> String {
        match self.segment(part) {
            Some(segment) => text[segment.inner.clone()].to_owned(),
            None => self.standing(text),
        }
    }

    /// What is not struck.
    fn standing(&self, text: &str) -> String {
        let mut left = text.to_owned();
        self.0.iter().rev().for_each(|one| left.replace_range(one.whole.clone(), " "));
        left
    }

    /// The share of the line that each mark has: one that stands of all that stands, a struck one of its piece and of what no other
    /// mark says on the rest of the line.
    pub(super) fn shares(&self, text: &str, hits: &[Hit]) -> Vec<Option<f32>> {
        let standing = letters(&self.standing(text));
        let mut said: Vec<Range<usize>> =
            hits.iter().map(|hit| hit.start..hit.end).filter(|hit| !self.holds(hit)).collect();
        said.sort_by_key(|hit| (hit.start, hit.end));
        let (mut covered, mut reach) = (0, 0);
        for hit in said {
            covered += text.get(hit.start.max(reach)..hit.end).map_or(0, letters);
            reach = reach.max(hit.end);
        }
        let share = |hit: &Hit| {
            let part = hit.start..hit.end;
            let own = letters(&text[part.clone()]);
            match self.segment(&part) {
                Some(segment) => ratio(own, letters(&text[segment.inner.clone()]) + standing.saturating_sub(covered)),
                None => ratio(own, standing),
            }
        };
        hits.iter().map(|hit| Some(share(hit))).collect()
    }
}

/// A line without the brackets of what is struck.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub(super) text: String,
    /// Where each piece of it stands in the line.
    seams: Seams,
}

impl Joined {
    fn push(&mut self, text: &str, piece: Range<usize>) {
        if !piece.is_empty() {
            self.seams.push(self.text.len(), piece.start);
            self.text.push_str(&text[piece]);
        }
    }

    /// A range without the signs at either end.
    pub(super) fn words(&self, range: Range<usize>) -> Range<usize> {
        running::words(&self.text, range)
    }

    /// The bytes of the line that a range which is not empty stands for.
    pub(super) fn source(&self, range: &Range<usize>) -> Range<usize> {
        self.seams.place(range.start)..self.seams.place(range.end - 1) + 1
    }
}

/// Says what is left of struck marks.
pub(super) fn apply(candidates: &mut [Candidate]) {
    for one in candidates.iter_mut().filter(|one| one.is_struck() && !one.flags.contains(&"declassified")) {
        let rest = UNPARTED - one.score();
        if rest < 0.0 {
            one.add("struck out", rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_joined_as_it_was_before_the_stroke() {
        let text = "x [struck out: TOP SECR]ET [deleted: a][deleted: b";
        let struck = Struck::of(text);
        let joined = struck.joined(text);
        assert_eq!(joined.text, "x TOP SECRET ab");
        let at = joined.text.find("SECRET").expect("joined");
        let source = joined.source(&(at..at + 6));
        assert_eq!(&text[source.clone()], "SECR]ET");
        assert!(struck.crosses(&source) && !struck.crosses(&joined.source(&(2..5))) && !struck.crosses(&(0..1)));
    }

    #[test]
    fn what_is_struck_out_is_parted_from_what_stands() {
        let text = "[struck out: 机密★10年] 秘密★5年 [deleted: old";
        let struck = Struck::of(text);
        let parts: Vec<&str> = struck.parts(text.len()).map(|part| text[part].trim()).collect();
        assert_eq!(parts, ["", "秘密★5年", "", "机密★10年", "old"]);
        assert_eq!(struck.standing(text).trim(), "秘密★5年");
        let at = |word: &str| text.find(word).map(|at| at..at + word.len()).expect("on the line");
        assert!(struck.holds(&at("机密★10年")) && !struck.holds(&at("秘密★5年")));
        for text in ["SECRET", "[SECRET]", "[struck] out: SECRET", "(struck out: SECRET)"] {
            assert!(Struck::of(text).is_empty() && Struck::of(text).parts(text.len()).next().is_none(), "{text}");
        }
    }
}
