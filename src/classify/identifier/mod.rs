//! Identifiers and secrets: numbers of people, firms and accounts, keys, tokens and passwords.
//!
//! What a type looks like is data (`models/identifiers.toml`); check digits are code (`checksum`). A page is passed over quickly
//! (`scan`): in text that was written, one walk tells all types that may begin at a place (`written`, `outline`); what was
//! recognized may be misread, and there each pattern sees whole lines. What may be a value is judged by itself (`candidate`), and
//! here values become findings: the first of each type as samples, and one more finding where there are so many that they are a
//! collection.

mod anchored;
mod candidate;
mod checksum;
mod cluster;
mod finder;
mod keywords;
mod lone;
mod outline;
mod plain;
mod repair;
pub(super) mod rules;
mod scan;
pub(in crate::classify) mod schema;
mod shape;
mod written;

use std::collections::{BTreeMap, HashSet};

use self::candidate::{Hit, Seen, hash};
use self::lone::Lone;
use self::rules::Rules;
use super::site::Site;
use super::{Detected, Detector, RuleInfo, Subject};
use crate::config::IdentifierSettings;
use crate::document::{self, Origin, Page};
use crate::finding::{Finding, LONE_NUMBER, Level, Signal};

/// Raise it when findings may differ for the same text and rules.
const VERSION: u32 = 3;
/// The rule of collections.
const BULK: &str = "bulk.personal";
/// Values of a type that are told apart while counting; a collection is one long before.
const MOST_DISTINCT: usize = 1 << 20;
/// Values count from this confidence on.
const PROBABLE: u8 = 75;
/// Characters at the end of a value that stay readable, if it has at least three times as many.
const SHOWN: usize = 4;

/// Sees identifiers and secrets.
pub struct Identifiers {
    rules: Rules,
    settings: IdentifierSettings,
}

/// What findings depend on besides the text.
pub fn stamp(settings: &IdentifierSettings) -> String {
    format!("identifier {VERSION} {} {settings:?}", blake3::hash(rules::BUILT_IN.as_bytes()).to_hex())
}

impl Identifiers {
    /// With the types of the program itself.
    pub fn built_in(settings: &IdentifierSettings) -> anyhow::Result<Self> {
        Ok(Self { rules: Rules::built_in()?, settings: settings.clone() })
    }

    /// With those of the house laid over them.
    pub(super) fn with(site: &Site, settings: &IdentifierSettings) -> anyhow::Result<Self> {
        Ok(Self { rules: Rules::with(site)?, settings: settings.clone() })
    }

    /// Hits of one page; types that are told by several different values need them on the page.
    fn on_page(&self, page: &Page) -> Seen {
        let mut seen = scan::page(&self.rules, page);
        let hits = &mut seen.hits;
        let needy: Vec<(usize, usize)> =
            self.rules.types.iter().enumerate().filter_map(|(kind, one)| Some((kind, one.entry.distinct?))).collect();
        for (kind, least) in needy {
            let different: HashSet<&str> =
                hits.iter().filter(|hit| hit.kind == kind).map(|hit| hit.value.as_str()).collect();
            if different.len() < least {
                hits.retain(|hit| hit.kind != kind);
            }
        }
        seen
    }

    /// What is wrong with the types by their own examples: id and problem.
    pub(super) fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for (kind, one) in self.rules.types.iter().enumerate() {
            let entry = &one.entry;
            let mut problem = |text: String| problems.push((entry.id.clone(), text));
            let found = |text: &str| {
                let page = Page::plain(1, text.replace(rules::BREAK, ""));
                self.on_page(&page).hits.iter().any(|hit| hit.kind == kind)
            };
            if entry.examples.is_empty() {
                problem("there is no example".to_owned());
            }
            for text in entry.examples.iter().filter(|text| !found(text)) {
                problem(format!("the example {text:?} is not found"));
            }
            for counter in entry.counter_examples.iter().filter(|counter| found(&counter.text)) {
                problem(format!(
                    "the counter-example {:?} ({}: {}) is found",
                    counter.text, counter.fails, counter.why
                ));
            }
        }
        problems
    }

    fn finding(&self, page: &Page, hit: &Hit) -> Finding {
        let one = &self.rules.types[hit.kind];
        let range = hit.start..hit.end;
        let words = page.text.words_in(&range);
        let [pattern, keyword, passed, _] = one.entry.confidence;
        let mut signals = vec![Signal { name: "pattern".to_owned(), points: f32::from(pattern) }];
        let rest = f32::from(hit.confidence) - f32::from(pattern);
        let shares: Vec<(&str, f32)> = match (hit.checked, hit.keyword) {
            (true, true) => {
                let check =
                    f32::from(if one.filters { pattern } else { passed }.min(hit.confidence)) - f32::from(pattern);
                vec![("check", check), ("keyword", rest - check)]
            }
            (true, false) => vec![("check", rest)],
            (false, true) => vec![("keyword", f32::from(keyword.min(hit.confidence)) - f32::from(pattern))],
            (false, false) => Vec::new(),
        };
        signals.extend(shares.into_iter().map(|(name, points)| Signal { name: name.to_owned(), points }));
        if hit.repaired {
            signals.push(Signal { name: "misread characters repaired".to_owned(), points: 0.0 });
        }
        let flags = [("test_number", hit.test_number), ("repaired", hit.repaired)];
        Finding {
            detector: "identifier".to_owned(),
            rule: one.entry.id.clone(),
            page: page.number,
            start: byte(hit.start),
            end: byte(hit.end),
            boxes: document::bounds(words).into_iter().collect(),
            level: hit.level,
            rank: hit.level.rank(),
            native: one.entry.name.clone(),
            confidence: hit.confidence,
            excerpt: mask(&page.text.content[range], one.entry.category == "secret"),
            origin: document::origin(words),
            signals,
            flags: flags.into_iter().filter(|(_, set)| *set).map(|(name, _)| name.to_owned()).collect(),
        }
    }

    /// The finding that says a content is a collection; none if it is not.
    fn bulk(&self, counted: &BTreeMap<usize, Counted>) -> Option<Finding> {
        // A number that several countries' types know counts once.
        let sum = |categories: &[&str]| -> usize {
            let of = |kind: usize| categories.contains(&self.rules.types[kind].entry.category.as_str());
            let sets = counted.iter().filter(|(kind, _)| of(**kind)).map(|(_, count)| &count.distinct);
            sets.flatten().collect::<HashSet<_>>().len()
        };
        let (identity, contact) = (sum(&["gov-id", "financial", "health"]), sum(&["contact", "person"]));
        let is_bulk = identity >= self.settings.bulk_identity || contact >= self.settings.bulk_contact;
        let first = counted.values().min_by_key(|count| count.page).filter(|_| is_bulk)?;
        let mut kinds: Vec<(usize, &str)> = counted
            .iter()
            .map(|(kind, count)| (count.distinct.len(), self.rules.types[*kind].entry.id.as_str()))
            .collect();
        kinds.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let listed: Vec<String> = kinds.iter().take(5).map(|(count, id)| format!("{count} {id}")).collect();
        Some(Finding {
            detector: "identifier".to_owned(),
            rule: BULK.to_owned(),
            page: first.page,
            start: 0,
            end: 0,
            boxes: Vec::new(),
            level: Level::Classified,
            rank: Level::Classified.rank(),
            native: "bulk personal data".to_owned(),
            confidence: 85,
            excerpt: format!("different values: {}", listed.join(", ")),
            origin: Origin::Layer,
            #[allow(clippy::cast_precision_loss, reason = "counts for people to read")]
            signals: kinds
                .iter()
                .map(|(count, id)| Signal { name: format!("different {id}"), points: *count as f32 })
                .collect(),
            flags: Vec::new(),
        })
    }
}

/// What is known of a type's values in a content.
#[derive(Default)]
struct Counted {
    distinct: HashSet<u64>,
    /// How many there are.
    kept: usize,
    /// The first page with one.
    page: u32,
}

impl Detector for Identifiers {
    fn name(&self) -> &'static str {
        "identifier"
    }

    fn rules(&self) -> Vec<RuleInfo> {
        let info = |one: &rules::Type| RuleInfo {
            id: one.entry.id.clone(),
            whose: one.entry.region.clone(),
            name: one.entry.name.clone(),
            level: one.level,
        };
        let name = "many different numbers, accounts or addresses".to_owned();
        let bulk = RuleInfo { id: BULK.to_owned(), whose: String::new(), name, level: Level::Classified };
        self.rules.types.iter().map(info).chain([bulk]).collect()
    }

    fn detect(&self, subject: Subject<'_>, _: usize) -> Detected {
        let mut counted: BTreeMap<usize, Counted> = BTreeMap::new();
        let mut possible: BTreeMap<usize, usize> = BTreeMap::new();
        let mut findings = Vec::new();
        let mut lone = Lone::default();
        for page in subject.pages {
            let seen = self.on_page(page);
            lone.count_failed(&seen);
            for hit in seen.hits {
                if self.rules.types[hit.kind].weak {
                    lone.count(&hit);
                }
                let kept = if hit.confidence >= PROBABLE {
                    let count =
                        counted.entry(hit.kind).or_insert_with(|| Counted { page: page.number, ..Counted::default() });
                    if !hit.test_number && hit.level > Level::Public && count.distinct.len() < MOST_DISTINCT {
                        count.distinct.insert(hash(&hit.value));
                    }
                    &mut count.kept
                } else {
                    possible.entry(hit.kind).or_default()
                };
                *kept += 1;
                if *kept <= self.settings.samples {
                    findings.push(self.finding(page, &hit));
                }
            }
        }
        for (kind, count) in counted.iter().filter(|(_, count)| count.kept > self.settings.samples) {
            let id = &self.rules.types[*kind].entry.id;
            let sample = findings.iter_mut().find(|one| one.rule == *id && one.confidence >= PROBABLE);
            sample.into_iter().for_each(|one| one.flags.push(format!("{} in all", count.kept)));
        }
        let told = lone.told(self.settings.lone_numbers, |kind| self.rules.types[kind].entry.chance);
        let told = |one: &Finding| told.iter().any(|kind| self.rules.types[*kind].entry.id == one.rule);
        let alone = findings.iter_mut().filter(|one| one.confidence < PROBABLE && told(one));
        alone.for_each(|one| one.flags.push(LONE_NUMBER.to_owned()));
        findings.extend(self.bulk(&counted));
        Detected { findings, cut: None }
    }
}

fn byte(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A value with only its last characters readable; of a secret none but the first, which tell its kind.
fn mask(text: &str, secret: bool) -> String {
    const MOST: usize = 60;
    let count = text.chars().filter(|char| char.is_alphanumeric()).count();
    let shown = if count >= SHOWN * 3 { SHOWN } else { 0 };
    let mut at = 0;
    let mut masked: String = text
        .chars()
        .map(|char| {
            if !char.is_alphanumeric() {
                return if char.is_control() { ' ' } else { char };
            }
            at += 1;
            let readable = if secret { at <= shown } else { at > count - shown };
            if readable { char } else { '•' }
        })
        .collect();
    if masked.chars().count() > MOST {
        masked = if secret {
            masked.chars().take(MOST).chain(['…']).collect()
        } else {
            let skip = masked.chars().count() - MOST;
            std::iter::once('…').chain(masked.chars().skip(skip)).collect()
        };
    }
    masked
}

#[cfg(test)]
mod tests;
