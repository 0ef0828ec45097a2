//! Marks that are struck out: `[struck out: 机密★10年]`, as readers write what a line goes through, and `[deleted: …]`, which a
//! program that tracks changes shows in the same way.
//!
//! A stroke is what people do to a sign that holds no more; it is also what a hand does to a page that it wants to carry out. So a
//! struck mark keeps its level and decides nothing: it is for people to look at, with a flag. Where a statement of declassification
//! stands on its page, that statement says what is left of it, as of any other mark (`declass`). Where a lower level stands on the
//! page that nothing goes through, that one is the new sign, and the struck one comes down to it. A mark of level 0 is no such sign:
//! `UNCLASSIFIED` beside a struck `SECRET` is what a forger would write.

use std::ops::Range;

use super::declass::{far_east, is_of_a_state};
use super::line::letters;
use super::rules::Rules;
use super::score::{Candidate, Hit, PROBABLE, UNPARTED, ratio};
use crate::finding::Level;

/// What readers put before it, as normalisation leaves it.
const MARKERS: [&str; 2] = ["[struck out:", "[deleted:"];

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
            let Some(marker) = MARKERS.iter().find(|marker| text[open..].starts_with(**marker)) else { continue };
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
        let all = self.0.len() + 1;
        standing.take(if self.0.is_empty() { 0 } else { all }).chain(self.0.iter().map(|one| one.inner.clone()))
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
        for hit in said.into_iter().filter(|hit| hit.end > 0) {
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

/// Says what is left of struck marks.
pub(super) fn apply(rules: &Rules, candidates: &mut [Candidate]) {
    if !candidates.iter().any(Candidate::is_struck) {
        return;
    }
    let state = |one: &Candidate| is_of_a_state(&rules.rules[one.rule]);
    let script = |one: &Candidate| far_east(&rules.rules[one.rule]);
    let signs: Vec<(usize, bool, Level, u8)> = candidates
        .iter()
        .filter(|one| !one.is_struck() && state(one) && one.score() >= PROBABLE && one.value.0 > Level::Public)
        .map(|one| (one.page, script(one), one.value.0, one.value.1))
        .collect();
    for one in candidates.iter_mut().filter(|one| one.is_struck() && !one.flags.contains(&"declassified")) {
        let of_page = signs.iter().filter(|sign| sign.0 == one.page && sign.1 == script(one));
        let highest = of_page.map(|sign| (sign.2, sign.3)).max();
        if let Some((level, rank)) = highest.filter(|sign| state(one) && sign.0 < one.value.0) {
            (one.value.0, one.value.1) = (level, rank);
            one.flag("replaced");
        }
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
