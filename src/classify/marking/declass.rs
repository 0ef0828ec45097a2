//! What a statement of declassification or of a new level does to the marks that it is about.
//!
//! The old sign is struck out on paper and the stamp stands beside it; text shows no stroke. So the marks stay findings, with
//! a flag, at the level that the statement speaks for. A statement counts for its own page, and one on the first page for the
//! document. It must be a line of its own: `Declassify On:` and talk about declassified papers lower nothing.

use super::rules::{Kind, Rule, Rules};
use super::score::{Candidate, PROBABLE};
use crate::finding::Level;

/// A statement that counts.
struct Statement {
    page: usize,
    far_east: bool,
    level: Level,
    rank: u8,
}

/// Lowers every mark of a state that a statement is about.
pub(super) fn apply(rules: &Rules, candidates: &mut [Candidate]) {
    let statements: Vec<Statement> = candidates
        .iter()
        .filter(|one| rules.rules[one.rule].kind == Kind::Declass && one.score() >= PROBABLE)
        .map(|one| Statement {
            page: one.page,
            far_east: far_east(&rules.rules[one.rule]),
            level: one.value.0,
            rank: one.value.1,
        })
        .collect();
    for candidate in candidates.iter_mut() {
        let rule = &rules.rules[candidate.rule];
        if rule.kind == Kind::Declass {
            candidate.flag("declassified");
            continue;
        }
        let about = |one: &&Statement| {
            (one.page == 0 || one.page == candidate.page) && one.far_east == far_east(rule) && is_of_a_state(rule)
        };
        let Some(lowest) = statements.iter().filter(about).min_by_key(|one| (one.level, one.rank)) else { continue };
        let (level, rank) = (lowest.level, lowest.rank);
        if candidate.value.0 > level {
            candidate.value.0 = level;
            candidate.value.1 = rank;
            candidate.flag("declassified");
        }
    }
}

/// What a stamp of declassification ends; marks of firms and controls of export go on.
fn is_of_a_state(rule: &Rule) -> bool {
    let firms = matches!(rule.jurisdiction.as_str(), "CORP" | "FIRST" | "META");
    let kind = matches!(
        rule.kind,
        Kind::Level | Kind::LevelPeriod | Kind::Banner | Kind::Legacy | Kind::Caveat | Kind::Block | Kind::Portion
    );
    kind && !firms
}

/// Whether the scheme is written in Chinese characters: a stamp in English says nothing about it.
fn far_east(rule: &Rule) -> bool {
    matches!(rule.jurisdiction.as_str(), "CN" | "TW" | "JP")
}
