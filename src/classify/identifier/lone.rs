//! Numbers that only a weak check speaks for. A tenth of all numbers of nine digits are some country's tax number: one of them
//! on a receipt tells nothing. Several different ones, of which hardly any fails, are a list; one with a label tells what the
//! others are.

use std::collections::{BTreeMap, HashSet};

use super::PROBABLE;
use super::candidate::{Hit, Seen, hash};

/// So many different numbers are a list if they pass this many times as often as by chance.
const MANY: usize = 10;
const BEYOND: f64 = 3.0;

/// What is known of one type in a content.
#[derive(Default)]
struct Kind {
    /// Different numbers without a label, as hashes.
    different: HashSet<u64>,
    /// Different ones that failed.
    failed: HashSet<u64>,
    /// One is surer.
    labelled: bool,
}

/// Of each type with a weak check what passed and what failed.
#[derive(Default)]
pub(super) struct Lone {
    kinds: BTreeMap<usize, Kind>,
}

impl Lone {
    /// What looked like values of a page and failed.
    pub(super) fn count_failed(&mut self, seen: &Seen) {
        for (kind, failed) in &seen.failed {
            let known = &mut self.kinds.entry(*kind).or_default().failed;
            known.extend(failed.iter().take(super::MOST_DISTINCT.saturating_sub(known.len())));
        }
    }

    /// A value of a type with a weak check.
    pub(super) fn count(&mut self, hit: &Hit) {
        let kind = self.kinds.entry(hit.kind).or_default();
        kind.labelled |= hit.confidence >= PROBABLE;
        if hit.is_unlabelled() && kind.different.len() < super::MOST_DISTINCT {
            kind.different.insert(hash(&hit.value));
        }
    }

    /// The types of which there are only numbers without company: fewer than `least`, or among so many that fail that chance
    /// explains them. `chance` is the share of all such numbers that pass a type's check.
    pub(super) fn told(&self, least: usize, chance: impl Fn(usize) -> f64) -> Vec<usize> {
        #[allow(clippy::cast_precision_loss, reason = "numbers of a document")]
        let alone = |index: usize, kind: &Kind| {
            let (passed, all) = (kind.different.len(), kind.different.len() + kind.failed.len());
            // Three of three are passed by chance once in a thousand texts, three of ten in every fourteenth.
            let mostly = 3 * passed >= 2 * all;
            // A list beside another column of numbers: of those a few pass as well.
            let beyond_chance = passed >= MANY && passed as f64 >= BEYOND * chance(index) * all as f64;
            !(kind.labelled || passed >= least && (least <= 1 || mostly || beyond_chance))
        };
        self.kinds.iter().filter(|(index, kind)| alone(**index, kind)).map(|(index, _)| *index).collect()
    }
}
