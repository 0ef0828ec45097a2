//! Numbers that only a weak check speaks for. A tenth of all numbers of nine digits are some country's tax number: one of them
//! on a receipt tells nothing. Several different ones, of which hardly any fails, are a list; one with a label tells what the
//! others are.

use std::collections::{BTreeMap, HashSet};

use super::PROBABLE;
use super::candidate::{Hit, Seen};

/// What is known of one type in a content.
#[derive(Default)]
struct Kind {
    /// Different numbers without a label, as hashes.
    different: HashSet<u64>,
    passed: usize,
    failed: usize,
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
            self.kinds.entry(*kind).or_default().failed += failed;
        }
    }

    /// A value of a type with a weak check.
    pub(super) fn count(&mut self, hit: &Hit) {
        let kind = self.kinds.entry(hit.kind).or_default();
        kind.labelled |= hit.confidence >= PROBABLE;
        if hit.is_unlabelled() {
            kind.passed += 1;
            if kind.different.len() < super::MOST_DISTINCT {
                let hash = blake3::hash(hit.value.as_bytes());
                kind.different.insert(u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("8 of 32 bytes")));
            }
        }
    }

    /// The types of which there are only numbers without company: fewer than `least`, or among many that fail.
    pub(super) fn told(&self, least: usize) -> Vec<usize> {
        let alone = |kind: &Kind| {
            let many = kind.different.len() >= least;
            // Three of three are passed by chance once in a thousand texts, three of ten in every fourteenth.
            let listed = least <= 1 || 3 * kind.passed >= 2 * (kind.passed + kind.failed);
            !(kind.labelled || many && listed)
        };
        self.kinds.iter().filter(|(_, kind)| alone(kind)).map(|(index, _)| *index).collect()
    }
}
