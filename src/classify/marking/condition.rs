//! Conditions of a mark: `SECRET (UNCLASSIFIED when separated from the enclosure)`. What they say is no part of the mark, and the level
//! that holds under the condition is not the level of what lies here.

use std::ops::Range;

use super::rules::Rules;
use super::score::Hit;

/// What conditions say on a line, in order; the level that holds under one is no hit any more, if another stands before it.
pub(super) fn set_aside(rules: &Rules, text: &str, hits: &mut Vec<Hit>) -> Vec<Range<usize>> {
    let notices: Vec<Range<usize>> = rules.vocabulary.notice.find_iter(text).map(|found| found.range()).collect();
    if notices.is_empty() || hits.is_empty() {
        return Vec::new();
    }
    let mut aside: Vec<Range<usize>> = Vec::new();
    for mut notice in notices {
        let before = text[..notice.start].trim_end().len();
        let conditional: Vec<usize> = hits.iter().filter(|hit| hit.end == before).map(|hit| hit.start).collect();
        let start = conditional.into_iter().min().unwrap_or(notice.start);
        if hits.iter().any(|hit| hit.end <= start) {
            hits.retain(|hit| !(hit.start >= start && hit.end <= notice.end));
            notice.start = start;
        }
        // A mark that reaches into its condition keeps what is its own.
        let own = hits.iter().filter(|hit| hit.start < notice.start).map(|hit| hit.end).max().unwrap_or(0);
        notice.start = notice.start.max(own.min(notice.end));
        if aside.last().is_none_or(|last| last.end <= notice.start) && !notice.is_empty() {
            aside.push(notice);
        }
    }
    aside
}
