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
mod column;
mod finder;
mod found;
mod inside;
mod keywords;
mod lone;
mod outline;
mod plain;
mod prose;
mod repair;
pub(super) mod rules;
mod scan;
pub(in crate::classify) mod schema;
mod shape;
mod table;
mod written;

use std::collections::{BTreeMap, HashSet};

use self::candidate::{Hit, Seen};
use self::found::{Counted, Found};
use self::rules::Rules;
use self::table::Context;
use super::site::Site;
use super::{Detected, Detector, RuleInfo, Subject};
use crate::config::IdentifierSettings;
use crate::document::{self, Origin, Page};
use crate::finding::{Finding, Level, Signal, Stated};

/// Raise it when findings may differ for the same text and rules.
const VERSION: u32 = 9;
/// The rule of collections.
const BULK: &str = "bulk.personal";
/// Values of a type that are told apart while counting; a collection is one long before.
const MOST_DISTINCT: usize = 1 << 20;
/// Values count from this confidence on; below, people are to look at them.
const PROBABLE: u8 = 75;
const POSSIBLE: u8 = 65;
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
    fn on_page(&self, page: &Page, context: &mut Context) -> Seen {
        context.turn(page.label.as_deref());
        let mut seen = scan::page(&self.rules, page, context);
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
                self.on_page(&page, &mut Context::default()).hits.iter().any(|hit| hit.kind == kind)
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
        let label = if hit.keyword { "keyword" } else { "heading" };
        let shares: Vec<(&str, f32)> = match (hit.checked, hit.keyword || hit.heading.is_some()) {
            (true, true) => {
                let check =
                    f32::from(if one.filters { pattern } else { passed }.min(hit.confidence)) - f32::from(pattern);
                vec![("check", check), (label, rest - check)]
            }
            (true, false) => vec![("check", rest)],
            (false, true) => vec![(label, f32::from(keyword.min(hit.confidence)) - f32::from(pattern))],
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
            excerpt: mask(&page.text.content[range], one.shown()),
            origin: document::origin(words),
            signals,
            flags: flags.into_iter().filter(|(_, set)| *set).map(|(name, _)| name.to_owned()).collect(),
            stated: Stated::default(),
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
            stated: Stated::default(),
        })
    }
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
        let mut found = Found::default();
        let mut context = Context::default();
        for page in subject.pages {
            let seen = self.on_page(page, &mut context);
            found.lone.count_failed(&seen);
            for hit in seen.hits {
                self.keep(&mut found, page, &hit);
            }
        }
        let mut findings = self.weigh(&mut found, subject.pages);
        for (kind, count) in found.counted.iter().filter(|(_, count)| count.kept > self.settings.samples) {
            let id = &self.rules.types[*kind].entry.id;
            let sample = findings.iter_mut().find(|one| one.rule == *id && one.confidence >= PROBABLE);
            sample.into_iter().for_each(|one| one.flags.push(format!("{} in all", count.kept)));
        }
        findings.extend(self.bulk(&found.counted));
        Detected { findings, cut: None }
    }
}

fn byte(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What of a value stays readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// The last characters.
    End,
    /// The first ones of a secret, which tell its kind.
    Beginning,
    /// None, and no sign either: of a password in a column nothing tells a kind.
    Nothing,
}

impl rules::Type {
    fn shown(&self) -> Shown {
        match self.way {
            rules::Way::Column => Shown::Nothing,
            _ if self.entry.hidden => Shown::Nothing,
            _ if self.entry.category == "secret" => Shown::Beginning,
            _ => Shown::End,
        }
    }
}

/// A value of which only a few characters are readable.
fn mask(text: &str, shown: Shown) -> String {
    const MOST: usize = 60;
    if shown == Shown::Nothing {
        return "•".repeat(text.chars().count().min(MOST));
    }
    let count = text.chars().filter(|char| char.is_alphanumeric()).count();
    let readable = if count >= SHOWN * 3 { SHOWN } else { 0 };
    let mut at = 0;
    let mut masked: String = text
        .chars()
        .map(|char| {
            if !char.is_alphanumeric() {
                return if char.is_control() { ' ' } else { char };
            }
            at += 1;
            let is_readable = if shown == Shown::Beginning { at <= readable } else { at > count - readable };
            if is_readable { char } else { '•' }
        })
        .collect();
    if masked.chars().count() > MOST {
        masked = if shown == Shown::Beginning {
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
