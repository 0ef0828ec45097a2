//! The part of a page that shows best why it matches.
//!
//! Document text is hostile: control characters, which could steer a terminal, and characters that turn the direction of
//! writing are taken out; blanks and line ends become one blank.

use std::fmt;
use std::ops::Range;

use super::fold::is_invisible;

/// Characters of a snippet, about.
const LENGTH: usize = 160;

/// Matches of a page that are looked at to choose the best place.
const MAX_MATCHES: usize = 2000;

/// Characters by which the border of a snippet moves so as not to cut a word.
const MAX_SNAP: usize = 24;

/// Text around matches, fit to be shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The text; `…` where the page goes on.
    pub text: String,
    /// Bytes of `text` that match: in order, not overlapping.
    pub highlights: Vec<Range<usize>>,
}

/// Sizes only: the program reads secrets, so `{:?}` must never print them.
impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snippet({} bytes, {} highlights)", self.text.len(), self.highlights.len())
    }
}

/// A match on a page: which clause of the query, which bytes of the page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) clause: usize,
}

/// Makes the snippet of a page with the matches on it.
pub(super) fn snippet(page: &str, mut matches: Vec<Match>) -> Snippet {
    matches.sort_unstable();
    matches.truncate(MAX_MATCHES);
    let Some(best) = best_window(page, &matches) else { return Snippet::default() };
    let chosen = &matches[best];
    let from = chosen.iter().map(|found| found.from).min().unwrap_or_default();
    let to = chosen.iter().map(|found| found.to).max().unwrap_or_default();
    let spare = LENGTH.saturating_sub(page[from..to].chars().count());
    let start = before(page, from, spare / 3);
    let end = after(page, to, spare - spare / 3);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for found in chosen {
        match marks.last_mut() {
            Some(last) if found.from < last.end => last.end = last.end.max(found.to),
            _ => marks.push(found.from..found.to),
        }
    }
    render(page, start..end, &marks)
}

/// The run of matches inside one length with the most different clauses, then the most matches, then the first.
fn best_window(page: &str, matches: &[Match]) -> Option<Range<usize>> {
    let mut best: Option<((usize, usize), Range<usize>)> = None;
    let mut end = 0;
    for start in 0..matches.len() {
        end = end.max(start + 1);
        let from = matches[start].from;
        while let Some(next) = matches.get(end) {
            // A character has at least one byte: what is that near needs no counting, what is four times as far neither.
            let bytes = next.to.saturating_sub(from);
            if bytes > LENGTH && (bytes > 4 * LENGTH || page[from..next.to].chars().count() > LENGTH) {
                break;
            }
            end += 1;
        }
        let window = &matches[start..end];
        let mut clauses: Vec<usize> = window.iter().map(|found| found.clause).collect();
        clauses.sort_unstable();
        clauses.dedup();
        let value = (clauses.len(), window.len());
        if best.as_ref().is_none_or(|(known, _)| value > *known) {
            best = Some((value, start..end));
        }
    }
    best.map(|(_, window)| window)
}

/// The byte about `count` characters before `at`, at the beginning of a word if one is near.
fn before(page: &str, at: usize, count: usize) -> usize {
    let mut start = page[..at].char_indices().rev().take(count).last().map_or(at, |(index, _)| index);
    let cut = page[..start].chars().next_back().is_some_and(char::is_alphanumeric);
    if cut && page[start..at].chars().next().is_some_and(|c| c.is_ascii_alphanumeric()) {
        let blank = page[start..at].char_indices().take(MAX_SNAP).find(|(_, c)| c.is_whitespace());
        start += blank.map_or(0, |(index, c)| index + c.len_utf8());
    }
    start
}

/// The byte about `count` characters after `at`, at the end of a word if one is near.
fn after(page: &str, at: usize, count: usize) -> usize {
    let end = page[at..].char_indices().nth(count).map_or(page.len(), |(index, _)| at + index);
    let cut = page[end..].chars().next().is_some_and(char::is_alphanumeric);
    if !cut || !page[at..end].ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return end;
    }
    let blank = page[at..end].char_indices().rev().take(MAX_SNAP).find(|(_, c)| c.is_whitespace());
    blank.map_or(end, |(index, _)| at + index)
}

/// The text of `range`, cleaned, with `marks` moved along.
fn render(page: &str, range: Range<usize>, marks: &[Range<usize>]) -> Snippet {
    let mut shown = Snippet::default();
    if range.start > 0 {
        shown.text.push('…');
    }
    let first = shown.text.len();
    let mut marks = marks.iter().peekable();
    let mut open = None;
    for (index, c) in page[range.clone()].char_indices() {
        let at = range.start + index;
        if open.is_some() && marks.next_if(|mark| mark.end <= at).is_some() {
            close(&mut shown, &mut open);
        }
        let blank = c.is_whitespace() || c.is_control();
        if blank && (shown.text.ends_with(' ') || shown.text.len() == first) || is_invisible(c) {
            continue;
        }
        if open.is_none() && marks.peek().is_some_and(|mark| mark.start <= at) {
            open = Some(shown.text.len());
        }
        shown.text.push(if blank { ' ' } else { c });
    }
    close(&mut shown, &mut open);
    let kept = shown.text.trim_end().len().max(shown.highlights.last().map_or(0, |mark| mark.end));
    shown.text.truncate(kept);
    if range.end < page.len() {
        shown.text.push('…');
    }
    shown
}

fn close(shown: &mut Snippet, open: &mut Option<usize>) {
    if let Some(start) = open.take()
        && start < shown.text.len()
    {
        shown.highlights.push(start..shown.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The snippet of `page` for all places of `words`, highlights in brackets.
    fn check(page: &str, words: &[&str]) -> String {
        let places = words.iter().enumerate().flat_map(|(clause, word)| {
            page.match_indices(word).map(move |(from, word)| Match { from, to: from + word.len(), clause })
        });
        let found = snippet(page, places.collect());
        let mut text = found.text.clone();
        for range in found.highlights.iter().rev() {
            text.insert(range.end, ']');
            text.insert(range.start, '[');
        }
        text
    }

    #[test]
    fn a_short_page_is_shown_whole_with_every_match() {
        assert_eq!(check("the plan\nis  a plan", &["plan"]), "the [plan] is a [plan]");
    }

    #[test]
    fn the_window_with_most_different_words_wins() {
        let page = format!("plan plan plan {} secret plan {}", "x ".repeat(300), "y ".repeat(300));
        let shown = check(&page, &["plan", "secret"]);
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("[secret] [plan]"), "{shown}");
        assert!(shown.chars().count() < LENGTH + 10);
    }

    #[test]
    fn chinese_is_counted_in_characters() {
        let page = format!("{}国家秘密{}", "前".repeat(500), "后".repeat(500));
        let shown = check(&page, &["国家秘密"]);
        assert_eq!(shown.chars().count(), LENGTH + 4);
        assert!(shown.contains("前[国家秘密]后"));
    }

    #[test]
    fn control_characters_and_turned_writing_are_not_shown() {
        assert_eq!(check("a \u{1b}[31mplan\u{202e}\u{0}\tb", &["plan"]), "a [31m[plan] b");
        assert_eq!(check("  pl\u{200b}an", &["pl\u{200b}an"]), "[plan]");
    }

    #[test]
    fn matches_that_overlap_are_one_highlight() {
        assert_eq!(check("top secret plan", &["top secret", "secret plan"]), "[top secret plan]");
    }

    #[test]
    fn latin_words_are_not_cut_at_the_borders() {
        let page = format!("{}plan{}", "alpha ".repeat(100), " omega".repeat(100));
        let shown = check(&page, &["plan"]);
        assert!(shown.starts_with("…alpha ") && shown.ends_with(" omega…"), "{shown}");
    }
}
