//! Portion marks: `(S//NF)` in front of a paragraph. One alone is never evidence; three or more are.

use super::rules::{Kind, Rules};
use super::score::{Candidate, PROBABLE};
use super::subject::Role;
use crate::finding::Level;

/// Paragraphs that must carry marks.
const PARAGRAPHS: usize = 3;

/// Marked paragraphs speak for a level that stands alone on a line and covers them all, where it may be theirs.
fn agree(rules: &Rules, candidates: &mut [Candidate], highest: (Level, u8)) {
    let theirs = |one: &Candidate| {
        let rule = &rules.rules[one.rule];
        let scheme = matches!(rule.jurisdiction.as_str(), "US" | "UK" | "CA" | "AU" | "NZ" | "NATO" | "EU");
        scheme && rule.kind.names_level() && one.stands_alone()
    };
    for candidate in candidates.iter_mut().filter(|one| (one.value.0, one.value.1) >= highest && theirs(one)) {
        if highest.0.number() > 0 {
            candidate.add("paragraphs agree", 3.0);
        }
    }
}

/// The mark of a message's subject, `(S//NF) the plan`, is that of the message: its controls have no other meaning.
fn of_subject(mut portion: Candidate) -> Candidate {
    portion.signals.clear();
    portion.add("strength S1", 1.0);
    portion.add("subject of a message", 3.0);
    portion.add("with controls", 1.0);
    portion
}

/// Replaces the portion marks of a document by the highest of each page, if there are enough of them.
///
/// Lists numbered (A), (B), (C) look the same: without a control such as `//NF` they do not count. `listed` says whether
/// the document has lines that begin with (A), (B) or (D).
pub(super) fn apply(rules: &Rules, candidates: &mut Vec<Candidate>, listed: bool) {
    let is_portion = |candidate: &Candidate| rules.rules[candidate.rule].kind == Kind::Portion;
    let (mut portions, rest): (Vec<Candidate>, Vec<Candidate>) =
        std::mem::take(candidates).into_iter().partition(is_portion);
    *candidates = rest;
    let messages =
        portions.extract_if(.., |one| !matches!(one.role, Role::None | Role::Stamp) && one.text.contains("//"));
    candidates.extend(messages.filter(|one| one.value.0.number() > 0).map(of_subject));
    candidates.sort_by_key(|one| (one.page, one.start, one.end));
    let controls = portions.iter().any(|one| one.text.contains("//"));
    if portions.len() < PARAGRAPHS || (listed && !controls) {
        return;
    }
    let highest = portions.iter().map(|one| (one.value.0, one.value.1)).max().unwrap_or_default();
    agree(rules, candidates, highest);
    let banner = candidates.iter().filter(|one| one.score() >= PROBABLE).map(|one| (one.value.0, one.value.1)).max();
    let first = portions[0].value.2.clone();
    let several = portions.iter().any(|one| one.value.2 != first);
    let count = portions.len();
    portions.sort_by(|a, b| a.page.cmp(&b.page).then(b.value.0.cmp(&a.value.0)).then(b.value.1.cmp(&a.value.1)));
    portions.dedup_by_key(|one| one.page);
    for mut portion in portions.into_iter().filter(|one| one.value.0.number() > 0) {
        portion.signals.clear();
        portion.add("strength S1", 1.0);
        portion.add(format!("{count} marked paragraphs"), 3.0);
        portion.add("capitals", 0.5);
        if controls {
            portion.add("with controls", 1.0);
        }
        if several {
            portion.add("several levels", 1.0);
        }
        match banner {
            Some(banner) if banner >= (portion.value.0, portion.value.1) => portion.add("the banner agrees", 3.0),
            Some(_) => portion.flag("conflicting_levels"),
            None => {}
        }
        candidates.push(portion);
    }
    candidates.sort_by_key(|one| (one.page, one.start, one.end));
}
