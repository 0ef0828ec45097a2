//! What a statement of declassification or of a new level does to the marks that it is about.
//!
//! The old sign is struck out and the stamp stands beside it, but a stroke is not always seen. So the marks stay findings, with
//! a flag, at the level that the statement speaks for where it stands on their page. One on the first page may be about the whole
//! document, or be a cover that is about itself: marks on other pages keep their level and are for people to look at.
//! It must be a line of its own: `Declassify On:` and talk about declassified papers lower nothing. So does what was declassified in
//! part, and what will be on a day to come.

use super::day;
use super::line::Sheet;
use super::normal::Normal;
use super::rules::{Kind, Rule, Rules};
use super::score::{Candidate, PROBABLE, UNPARTED};
use crate::finding::Level;

/// Bytes of the line behind a statement that may go on with it.
const NEXT_BYTES: usize = 120;

/// A statement that counts.
struct Statement {
    page: usize,
    far_east: bool,
    level: Level,
    rank: u8,
}

/// Lowers every mark of a state that a statement is about.
pub(super) fn apply(rules: &Rules, sheets: &[Sheet<'_>], candidates: &mut [Candidate]) {
    let is_statement = |one: &Candidate| rules.rules[one.rule].kind == Kind::Declass;
    let mut statements: Vec<Statement> = Vec::new();
    for one in candidates.iter_mut().filter(|one| is_statement(one)) {
        if one.is_struck() || !holds(rules, sheets, one) {
            one.flags.retain(|flag| *flag != "declassified");
            one.flag("not_declassified");
            continue;
        }
        one.flag("declassified");
        if one.score() >= PROBABLE {
            let (level, rank) = (one.value.0, one.value.1);
            statements.push(Statement { page: one.page, far_east: far_east(&rules.rules[one.rule]), level, rank });
        }
    }
    for candidate in candidates.iter_mut().filter(|one| !is_statement(one)) {
        let rule = &rules.rules[candidate.rule];
        let about = |one: &&Statement| {
            (one.page == 0 || one.page == candidate.page)
                && one.far_east == far_east(rule)
                && is_of_a_state(rule)
                && candidate.value.0 > one.level
        };
        let on_page = |one: &&Statement| one.page == candidate.page;
        let all: Vec<&Statement> = statements.iter().filter(about).collect();
        if let Some(lowest) = all.iter().copied().filter(|one| on_page(one)).min_by_key(|one| (one.level, one.rank)) {
            (candidate.value.0, candidate.value.1) = (lowest.level, lowest.rank);
            candidate.flag("declassified");
        } else if !all.is_empty() {
            candidate.flag("declassified");
            let rest = UNPARTED - candidate.score();
            if rest < 0.0 {
                candidate.add("declassified, the first page says", rest);
            }
        }
    }
}

/// Whether a statement is about all of its document, and about what was.
fn holds(rules: &Rules, sheets: &[Sheet<'_>], one: &Candidate) -> bool {
    let text = sheets.get(one.page).map_or("", |sheet| sheet.page.text.content.as_str());
    let line = Normal::new(text.get(one.line..one.line_end).unwrap_or(""), 0, &[]).text;
    let next = text.get(one.line_end..).and_then(|rest| rest.strip_prefix('\n')).and_then(|rest| rest.lines().next());
    let next = Normal::new(next.filter(|next| next.len() <= NEXT_BYTES).unwrap_or(""), 0, &[]).text;
    let goes_on = rules.vocabulary.statement_goes_on.is_match(&next);
    let said = if goes_on { format!("{line} {next}") } else { line };
    !rules.vocabulary.partial.is_match(&said) && day::latest(&said).is_none_or(|day| day <= rules.vocabulary.as_of)
}

/// What a stamp of declassification ends; marks of firms and controls of export go on.
pub(super) fn is_of_a_state(rule: &Rule) -> bool {
    let firms = matches!(rule.jurisdiction.as_str(), "CORP" | "FIRST" | "META");
    let kind = matches!(
        rule.kind,
        Kind::Level | Kind::LevelPeriod | Kind::Banner | Kind::Legacy | Kind::Caveat | Kind::Block | Kind::Portion
    );
    kind && !firms
}

/// Whether the scheme is written in Chinese characters: a stamp in English says nothing about it.
pub(super) fn far_east(rule: &Rule) -> bool {
    matches!(rule.jurisdiction.as_str(), "CN" | "TW" | "JP")
}
