//! Numbers that nothing but their check speaks for. A tenth of all numbers of nine digits are some country's tax number: one of
//! them on a receipt tells nothing. Several different ones, of which hardly any fails, are a list; one with a label tells what
//! the others are. A number whose signs are those of its type, or with two check digits, stands by itself, unless so much beside
//! it looks the same and fails that chance explains it. A heading is a label as long as its column does not speak against it.

use std::collections::{BTreeMap, HashSet};

use super::PROBABLE;
use super::candidate::{Hit, Seen, hash};
use super::rules::Type;
use super::schema::Stands;
use crate::finding::Level;

/// That so many numbers pass by chance is believed no more where it happens less often than that.
const RARE: f64 = 1e-3;
/// Numbers of a list pass this many times as often as by chance: what numbers of one origin pass is not quite what random ones do.
const OFTEN: f64 = 2.0;
/// Up to so many times chance explains what passes where nobody says that it is a list.
const BEYOND: f64 = 3.0;
/// From this share on what passes by chance a number alone, without signs that tell it, decides nothing.
const DECIDES: f64 = 0.005;

/// Numbers of a type in a content, those with signs that tell them apart from plain ones.
pub(super) type Kind = (usize, bool);

/// What is known of them.
#[derive(Default)]
struct Known {
    /// Different numbers without a label, as hashes.
    passed: HashSet<u64>,
    /// Different ones that failed.
    failed: HashSet<u64>,
}

/// A column that its heading says to be of a type.
#[derive(Default)]
struct Column {
    /// Different numbers in it, as hashes, plain ones and those with signs.
    passed: [HashSet<u64>; 2],
    failed: HashSet<u64>,
    /// Those that speak for a level.
    evidence: HashSet<u64>,
    /// Whether one is probable.
    is_label: bool,
}

/// What a number is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// What its type says.
    Whole,
    /// People are to look at it.
    Possible,
    /// Nobody need look at it.
    Alone,
}

/// What the worth of a number depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depends {
    /// On nothing else.
    Not,
    /// On all others of its type.
    OnOthers,
    /// On the column of this table that it stands in.
    OnColumn(usize),
}

/// Of each type whose check is counted what passed and what failed.
#[derive(Default)]
pub(super) struct Lone {
    known: BTreeMap<Kind, Known>,
    /// By type and number of the table.
    columns: BTreeMap<(usize, usize), Column>,
    /// Types of which one has a label.
    labelled: HashSet<usize>,
}

impl Lone {
    /// What looked like values of a page and failed.
    pub(super) fn count_failed(&mut self, seen: &Seen) {
        for (kind, failed) in &seen.failed {
            add(&mut self.known.entry(*kind).or_default().failed, failed.iter().copied());
        }
        for (column, failed) in &seen.failed_below {
            add(&mut self.columns.entry(*column).or_default().failed, failed.iter().copied());
        }
    }

    /// A value of a type whose check is counted, and what it depends on what it is worth.
    pub(super) fn count(&mut self, hit: &Hit) -> Depends {
        let value = [hash(&hit.value)];
        if let Some(table) = hit.heading.filter(|_| hit.checked) {
            let column = self.columns.entry((hit.kind, table)).or_default();
            add(&mut column.passed[usize::from(hit.formed)], value);
            if hit.confidence >= PROBABLE {
                column.is_label = true;
                if hit.is_evidence() {
                    add(&mut column.evidence, value);
                }
            }
            return Depends::OnColumn(table);
        }
        if !hit.is_unlabelled() {
            if hit.confidence >= PROBABLE {
                self.labelled.insert(hit.kind);
            }
            return Depends::Not;
        }
        add(&mut self.known.entry((hit.kind, hit.formed)).or_default().passed, value);
        Depends::OnOthers
    }

    /// Makes labels of the headings whose columns do not speak against them; what stands below others has no label.
    pub(super) fn settle(&mut self, types: &[Type]) {
        for (&(kind, _), column) in &self.columns {
            if column.stands(types[kind].entry.chance) {
                if column.is_label {
                    self.labelled.insert(kind);
                }
                continue;
            }
            for (passed, formed) in column.passed.iter().zip([false, true]).filter(|(passed, _)| !passed.is_empty()) {
                add(&mut self.known.entry((kind, formed)).or_default().passed, passed.iter().copied());
            }
        }
    }

    /// Whether the heading of a column is a label.
    pub(super) fn is_label(&self, one: &Type, kind: usize, table: usize) -> bool {
        self.columns.get(&(kind, table)).is_some_and(|column| column.stands(one.entry.chance))
    }

    /// What numbers of a type without a label are worth, where fewer than `least` are no list.
    pub(super) fn worth(&self, one: &Type, kind: Kind, least: usize) -> Worth {
        let Some(known) = self.known.get(&kind).filter(|_| least > 1 && !self.labelled.contains(&kind.0)) else {
            return Worth::Whole;
        };
        let (passed, all) = (known.passed.len(), known.passed.len() + known.failed.len());
        let chance = one.entry.chance;
        let stands = kind.1 || one.entry.stands == Some(Stands::Any) || !one.weak;
        if passed >= least && is_list(passed, all, chance) {
            Worth::Whole
        } else if !(stands && is_beyond(passed, all, chance)) {
            // Of a day of birth in the form of its type chance explains little.
            if kind.1 && one.entry.dated { Worth::Possible } else { Worth::Alone }
        } else if !kind.1 && chance >= DECIDES {
            Worth::Possible
        } else {
            Worth::Whole
        }
    }

    /// How many different numbers of a type there are without a label.
    pub(super) fn different(&self, kind: Kind) -> usize {
        self.known.get(&kind).map_or(0, |known| known.passed.len())
    }

    /// The different numbers of a type without a label, as hashes.
    pub(super) fn passed(&self) -> impl Iterator<Item = (Kind, &HashSet<u64>)> {
        self.known.iter().map(|(kind, known)| (*kind, &known.passed))
    }

    /// The different numbers that speak for a level below headings of their types which are labels, as hashes.
    pub(super) fn below_headings<'a>(
        &'a self,
        types: &'a [Type],
    ) -> impl Iterator<Item = (usize, &'a HashSet<u64>)> + 'a {
        let labels = self.columns.iter().filter(|((kind, _), column)| column.stands(types[*kind].entry.chance));
        labels.map(|((kind, _), column)| (*kind, &column.evidence))
    }
}

impl Column {
    /// Whether its numbers do not speak against its heading: most of them pass, or more than by chance.
    fn stands(&self, chance: f64) -> bool {
        let passed = self.passed.iter().map(HashSet::len).sum();
        let all = passed + self.failed.len();
        2 * passed >= all || is_beyond(passed, all, chance) || is_list(passed, all, chance)
    }
}

/// Puts hashes to others, as many as are kept.
fn add(to: &mut HashSet<u64>, more: impl IntoIterator<Item = u64>) {
    let room = super::MOST_DISTINCT.saturating_sub(to.len());
    to.extend(more.into_iter().take(room));
}

/// Whether so many of all do not pass by chance: it is a list, maybe beside another column of numbers, of which a few pass as well.
#[allow(clippy::cast_precision_loss, reason = "numbers of a document")]
fn is_list(passed: usize, all: usize, chance: f64) -> bool {
    // Three of three are just as rare where every tenth number passes.
    passed as f64 >= OFTEN * chance * all as f64 && tail(passed, all, chance) <= RARE * 1.001
}

/// Whether more pass than chance explains.
#[allow(clippy::cast_precision_loss, reason = "numbers of a document")]
fn is_beyond(passed: usize, all: usize, chance: f64) -> bool {
    passed as f64 >= BEYOND * chance * all as f64
}

/// How often so many of all or more pass, if each does with that chance: the tail of the binomial distribution.
#[allow(clippy::cast_precision_loss, reason = "numbers of a document")]
fn tail(passed: usize, all: usize, chance: f64) -> f64 {
    let (all, odds) = (all as f64, chance / (1.0 - chance));
    // Logarithms: one of a million numbers is no power of a half that a float holds.
    let mut term = all * (1.0 - chance).ln();
    let mut sum = 0.0;
    let mut at = 0.0;
    while at <= all {
        if at >= passed as f64 {
            let part = term.exp();
            sum += part;
            // Behind the peak terms fall faster and faster.
            if at > all * chance && part <= sum * 1e-9 {
                break;
            }
        }
        term += ((all - at) / (at + 1.0) * odds).ln();
        at += 1.0;
    }
    sum
}

/// Whether a hit speaks for a level.
impl Hit {
    fn is_evidence(&self) -> bool {
        !self.test_number && self.level > Level::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_what_chance_does_not_let_pass() {
        assert!(is_list(3, 3, 0.1) && is_list(9, 18, 0.1) && is_list(10, 12, 0.1) && is_list(30, 100, 0.1));
        assert!(
            !is_list(2, 2, 0.1) && !is_list(3, 10, 0.1) && !is_list(30, 300, 0.1) && !is_list(100_800, 1_000_000, 0.1)
        );
        assert!((tail(3, 3, 0.1) - 0.001).abs() < 1e-9 && (tail(0, 50, 0.3) - 1.0).abs() < 1e-6);
    }
}
