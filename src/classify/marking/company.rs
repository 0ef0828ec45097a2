//! Marks side by side: `TRÈS SECRET - SPÉCIAL FRANCE`, `机密 严禁外传`. Together they fill their line, and none takes from the
//! share of the others. Several levels on a line are no company but a list, and what commas join is a phrase.

use super::line::{Line, letters};
use super::rules::Rules;
use super::score::{Hit, label_start};

/// Share of the line from which on marks that stand together are all that it says.
const WHOLE: f32 = 0.8;

/// For each hit the share of the line's letters that all its marks cover, where they stand together and alone.
///
/// Beside the mark of a firm or a lawyer `CONFIDENTIAL` is theirs: marks of states have no part in such company.
pub(super) fn shares(rules: &Rules, line: &Line<'_>, hits: &[Hit]) -> Vec<Option<f32>> {
    let share = if hits.len() > 1 { share(rules, line, hits) } else { None };
    let firm = |hit: &Hit| rules.rules[hit.rule].jurisdiction == "CORP";
    let among_firms = hits.iter().any(firm);
    hits.iter().map(|hit| share.filter(|_| firm(hit) || !among_firms)).collect()
}

/// The share that all of them cover.
fn share(rules: &Rules, line: &Line<'_>, hits: &[Hit]) -> Option<f32> {
    let text = line.normal.text.as_str();
    let level = |hit: &Hit| {
        let rule = &rules.rules[hit.rule];
        rule.kind.names_level() && rule.level.number() >= 2
    };
    let apart = |a: &Hit, b: &Hit| a.end <= b.start && text[a.start..a.end] != text[b.start..b.end];
    let levels: Vec<&Hit> = hits.iter().filter(|hit| level(hit)).collect();
    let several = levels.iter().any(|one| levels.iter().any(|other| apart(one, other)));
    if several || !hits.iter().any(|one| hits.iter().any(|other| one.start < other.start && one.end < other.end)) {
        return None;
    }
    let mut ranges: Vec<(usize, usize)> =
        hits.iter().map(|hit| (label_start(rules, line, *hit).unwrap_or(hit.start), hit.end)).collect();
    ranges.sort_unstable();
    let (mut covered, mut reach) = (0, 0);
    for (start, end) in ranges {
        let last = text[..reach].trim_end_matches(|char: char| !char.is_alphanumeric()).len();
        if text.get(last..start).is_some_and(|between| last > 0 && between.contains([',', '、', '。', ';'])) {
            return None;
        }
        if end > reach {
            covered += letters(&text[start.max(reach)..end]);
            reach = end;
        }
    }
    let share = super::score::ratio(covered, line.letters);
    (share >= WHOLE).then_some(share)
}
