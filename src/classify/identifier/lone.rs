//! Numbers that nothing but their check speaks for. A tenth of all numbers of nine digits are some country's tax number: one of
//! them on a receipt tells nothing. Several different ones, of which hardly any fails, are a list; one with a label tells what
//! the others are. A number whose signs are those of its type, or with two check digits, stands by itself, unless so much beside
//! it looks the same and fails that chance explains it.

use std::collections::{BTreeMap, HashSet};

use super::PROBABLE;
use super::candidate::{Hit, Seen, hash};
use super::rules::Type;
use super::schema::Stands;

/// So many different numbers are a list if they pass this many times as often as by chance.
const MANY: usize = 10;
const BEYOND: f64 = 3.0;
/// From this share on what passes by chance a number alone, without signs that tell it, decides nothing.
const DECIDES: f64 = 0.005;

/// Numbers of a type in a content, those with signs that tell them apart from plain ones.
type Kind = (usize, bool);

/// What is known of them.
#[derive(Default)]
struct Known {
    /// Different numbers without a label, as hashes.
    passed: HashSet<u64>,
    /// Different ones that failed.
    failed: HashSet<u64>,
}

/// What a number without a label is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// What its type says.
    Whole,
    /// People are to look at it.
    Possible,
    /// Nobody need look at it.
    Alone,
}

/// Of each type whose check is counted what passed and what failed.
#[derive(Default)]
pub(super) struct Lone {
    known: BTreeMap<Kind, Known>,
    /// Types of which one has a label.
    labelled: HashSet<usize>,
}

impl Lone {
    /// What looked like values of a page and failed.
    pub(super) fn count_failed(&mut self, seen: &Seen) {
        for (kind, failed) in &seen.failed {
            let known = &mut self.known.entry(*kind).or_default().failed;
            known.extend(failed.iter().take(super::MOST_DISTINCT.saturating_sub(known.len())));
        }
    }

    /// A value of a type whose check is counted; whether it depends on the others what it is worth.
    pub(super) fn count(&mut self, hit: &Hit) -> bool {
        if !hit.is_unlabelled() {
            if hit.confidence >= PROBABLE {
                self.labelled.insert(hit.kind);
            }
            return false;
        }
        let known = self.known.entry((hit.kind, hit.formed)).or_default();
        if known.passed.len() < super::MOST_DISTINCT {
            known.passed.insert(hash(&hit.value));
        }
        true
    }

    /// What numbers of a type without a label are worth, where fewer than `least` are no list.
    pub(super) fn worth(&self, one: &Type, kind: Kind, least: usize) -> Worth {
        let Some(known) = self.known.get(&kind).filter(|_| least > 1 && !self.labelled.contains(&kind.0)) else {
            return Worth::Whole;
        };
        let (passed, all) = (known.passed.len(), known.passed.len() + known.failed.len());
        let chance = one.entry.chance;
        #[allow(clippy::cast_precision_loss, reason = "numbers of a document")]
        let beyond_chance = passed as f64 >= BEYOND * chance * all as f64;
        let stands = kind.1 || one.entry.stands == Some(Stands::Any);
        // Three of three are passed by chance once in a thousand texts, three of ten in every fourteenth; or it is a list beside
        // another column of numbers, of which a few pass as well.
        let is_list = passed >= least && (3 * passed >= 2 * all || passed >= MANY && beyond_chance);
        let stands = stands || !one.weak;
        if is_list {
            Worth::Whole
        } else if !(stands && beyond_chance) {
            Worth::Alone
        } else if !kind.1 && chance >= DECIDES {
            Worth::Possible
        } else {
            Worth::Whole
        }
    }

    /// The different numbers of a type without a label, as hashes.
    pub(super) fn passed(&self) -> impl Iterator<Item = (Kind, &HashSet<u64>)> {
        self.known.iter().map(|(kind, known)| (*kind, &known.passed))
    }
}
