//! What is found in a content: its values page by page, and what they are worth when all of them are known. Of each type the first
//! ones are kept as samples, chosen when that is known: numbers that decide do not stand behind others that do not.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::candidate::{Hit, hash};
use super::lone::{Depends, Kind, Lone, Worth};
use super::{Identifiers, MOST_DISTINCT, POSSIBLE, PROBABLE, prose};
use crate::document::Page;
use crate::finding::{Finding, LONE_NUMBER, Level, Signal};

/// What is known of a type's values in a content.
pub(super) struct Counted {
    pub distinct: HashSet<u64>,
    /// How many there are.
    pub kept: usize,
    /// The first page with one.
    pub page: u32,
}

impl Counted {
    /// Of a type that is met for the first time.
    fn from(page: u32) -> Self {
        Self { distinct: HashSet::new(), kept: 0, page }
    }

    fn add(&mut self, more: &HashSet<u64>) {
        let room = MOST_DISTINCT.saturating_sub(self.distinct.len());
        self.distinct.extend(more.iter().take(room));
    }
}

/// Values that are worth the same, whatever that is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    kind: Kind,
    /// Whether their worth depends on all others of their type, and the table whose heading they may stand below.
    depends: bool,
    column: Option<usize>,
    probable: bool,
}

/// A value that may become a finding.
struct Sample {
    finding: Finding,
    alike: Alike,
    test_number: bool,
}

/// What is found in a content, page by page.
#[derive(Default)]
pub(super) struct Found {
    samples: Vec<Sample>,
    /// How many samples there are of each sort, test numbers apart: those of nobody displace none.
    taken: BTreeMap<(Alike, bool), usize>,
    /// Of values whose worth depends on others how many there are, and the first page with one.
    dependent: BTreeMap<Alike, (usize, u32)>,
    pub counted: BTreeMap<usize, Counted>,
    pub lone: Lone,
}

impl Identifiers {
    /// Counts a value, and keeps the first ones that are worth the same.
    pub(super) fn keep(&self, found: &mut Found, page: &Page, hit: &Hit) {
        let counts = self.rules.types[hit.kind].counted;
        let depends = if counts { found.lone.count(hit) } else { Depends::Not };
        let column = if let Depends::OnColumn(table) = depends { Some(table) } else { None };
        let depends = depends != Depends::Not;
        let alike = Alike { kind: (hit.kind, hit.formed), depends, column, probable: hit.confidence >= PROBABLE };
        if depends {
            found.dependent.entry(alike).or_insert((0, page.number)).0 += 1;
        } else if alike.probable {
            let count = found.counted.entry(hit.kind).or_insert_with(|| Counted::from(page.number));
            if !hit.test_number && hit.level > Level::Public && count.distinct.len() < MOST_DISTINCT {
                count.distinct.insert(hash(&hit.value));
            }
            count.kept += 1;
        }
        let taken = found.taken.entry((alike, hit.test_number)).or_default();
        *taken += 1;
        if *taken <= self.settings.samples {
            found.samples.push(Sample { finding: self.finding(page, hit), alike, test_number: hit.test_number });
        }
    }

    /// The findings of a content, now that all values are known.
    pub(super) fn weigh(&self, found: &mut Found, pages: &[Page]) -> Vec<Finding> {
        found.lone.settle(&self.rules.types);
        let mut samples = std::mem::take(&mut found.samples);
        let in_prose = self.in_prose(&found.lone, &samples, pages);
        // What a value is worth; none has the label that its heading seemed to be.
        let worth = |alike: &Alike| {
            let (one, lone) = (&self.rules.types[alike.kind.0], &found.lone);
            if !alike.depends || alike.column.is_some_and(|table| lone.is_label(one, alike.kind.0, table)) {
                return (Worth::Whole, true);
            }
            let worth = match lone.worth(one, alike.kind, self.settings.lone_numbers) {
                Worth::Alone if in_prose.contains(&alike.kind) => Worth::Possible,
                worth => worth,
            };
            (worth, alike.column.is_none())
        };
        for (alike, (many, page)) in &found.dependent {
            let (worth, labelled) = worth(alike);
            if worth == Worth::Whole && self.is_probable(alike, labelled) {
                let count = found.counted.entry(alike.kind.0).or_insert_with(|| Counted::from(*page));
                count.kept += many;
                count.page = count.page.min(*page);
            }
        }
        for sample in &mut samples {
            let (worth, labelled) = worth(&sample.alike);
            if !labelled {
                lower(&mut sample.finding, self.alone(sample.alike.kind.0), "most of its column fails");
            }
            if worth != Worth::Whole {
                lower(&mut sample.finding, POSSIBLE, "nothing but its check");
            }
            if worth == Worth::Alone {
                sample.finding.flags.push(LONE_NUMBER.to_owned());
            }
        }
        let lists = found.lone.passed().filter(|(kind, _)| self.is_evidence(kind.0));
        let lists = lists.filter(|(kind, _)| {
            worth(&Alike { kind: *kind, depends: true, column: None, probable: true }).0 == Worth::Whole
        });
        let below = found.lone.below_headings(&self.rules.types);
        for (kind, passed) in lists.map(|(kind, passed)| (kind.0, passed)).chain(below) {
            if let Some(count) = found.counted.get_mut(&kind) {
                count.add(passed);
            }
        }
        self.first(samples)
    }

    /// Types of which a plain number stands in a sentence, and no other like it in the content.
    fn in_prose(&self, lone: &Lone, samples: &[Sample], pages: &[Page]) -> BTreeSet<Kind> {
        let mut kinds = BTreeSet::new();
        for Sample { finding, alike, .. } in samples.iter().filter(|sample| sample.alike.depends) {
            let entry = &self.rules.types[alike.kind.0].entry;
            if entry.sentence && lone.different(alike.kind) == 1 && !kinds.contains(&alike.kind) {
                let page = pages.iter().find(|page| page.number == finding.page);
                let range = finding.start as usize..finding.end as usize;
                if page.is_some_and(|page| prose::is_in_sentence(&page.text.content, &range))
                    && prose::is_single(pages, self.rules.types[alike.kind.0].outline.digits)
                {
                    kinds.insert(alike.kind);
                }
            }
        }
        kinds
    }

    /// Of each type the first findings that decide, the first for people to look at, and the first of those that ask nobody.
    fn first(&self, samples: Vec<Sample>) -> Vec<Finding> {
        let mut taken: BTreeMap<(usize, u8), usize> = BTreeMap::new();
        let mut stays = vec![false; samples.len()];
        for test_numbers in [false, true] {
            for (sample, stays) in samples.iter().zip(&mut stays).filter(|(one, _)| one.test_number == test_numbers) {
                let finding = &sample.finding;
                let sort = if finding.is_lone_number() { 0 } else { 1 + u8::from(finding.confidence >= PROBABLE) };
                let many = taken.entry((sample.alike.kind.0, sort)).or_default();
                *many += 1;
                *stays = *many <= self.settings.samples && finding.confidence > 0;
            }
        }
        samples.into_iter().zip(stays).filter(|(_, stays)| *stays).map(|(sample, _)| sample.finding).collect()
    }

    /// Whether values are probable, with the label that they seem to have or without it.
    fn is_probable(&self, alike: &Alike, labelled: bool) -> bool {
        alike.probable && (labelled || self.alone(alike.kind.0) >= PROBABLE)
    }

    /// What a type says of values without a label.
    fn alone(&self, kind: usize) -> u8 {
        let one = &self.rules.types[kind];
        one.entry.confidence[if one.filters { 0 } else { 2 }]
    }

    /// Whether values of a type without a label are probable, and speak for a level.
    fn is_evidence(&self, kind: usize) -> bool {
        self.alone(kind) >= PROBABLE && self.rules.types[kind].level > Level::Public
    }
}

/// Makes a finding less sure, for a reason.
fn lower(finding: &mut Finding, most: u8, reason: &str) {
    let excess = finding.confidence.saturating_sub(most);
    if excess > 0 {
        finding.confidence = most;
        finding.signals.push(Signal { name: reason.to_owned(), points: -f32::from(excess) });
    }
}
