//! Copies, excerpts and scanned photocopies of documents that somebody registered.
//!
//! What is registered lies in the data directory (`misfile fingerprint`); how text is compared is the registry's business.

use anyhow::Context as _;

use super::{Detected, Detector, RuleInfo, Subject, over};
use crate::config::Settings;
use crate::document;
use crate::finding::{Finding, Level, Signal, Stated};
use crate::fingerprint::{Limits, Match, PagePair, Registry, Role};

/// Its one rule.
const RULE: &str = "registered.document";
/// Evidence (letters' worth that agree) from which on a match is probable, and confirmed; below, a shared passage of a line or
/// two, it is for people to look at.
const PROBABLE: f32 = 150.0;
const CONFIRMED: f32 = 300.0;

/// Sees parts of registered documents.
pub struct Registered {
    /// None where there is no data directory.
    registry: Option<Registry>,
    samples: usize,
}

/// What findings depend on besides the text. A registry that cannot be read fails when it is loaded.
pub fn stamp(settings: &Settings) -> String {
    if settings.store.data.as_os_str().is_empty() {
        return "registered 2".to_owned();
    }
    let bounds = format!("{} {:?}", settings.registered.samples, Limits::from(&settings.limits));
    match Registry::stamp_of(&settings.store.data) {
        Ok(stamp) => format!("registered 2 {bounds} {}", blake3::hash(&stamp).to_hex()),
        Err(error) => format!("registered 2 {bounds} {error}"),
    }
}

impl Registered {
    /// The registry of the data directory; without one nothing is registered.
    pub fn load(settings: &Settings) -> anyhow::Result<Self> {
        let data = &settings.store.data;
        let open = || Registry::open(data, Limits::from(&settings.limits)).context("registered documents");
        let registry = if data.as_os_str().is_empty() { None } else { Some(open()?) };
        Ok(Self { registry: registry.filter(|registry| !registry.is_empty()), samples: settings.registered.samples })
    }
}

impl Detector for Registered {
    fn name(&self) -> &'static str {
        "registered"
    }

    fn rules(&self) -> Vec<RuleInfo> {
        let name = "a part of a registered document".to_owned();
        vec![RuleInfo { id: RULE.to_owned(), whose: String::new(), name, level: Level::Restricted }]
    }

    fn detect(&self, subject: Subject<'_>, most: usize) -> Detected {
        let Some(registry) = &self.registry else { return Detected::default() };
        let texts: Vec<&str> = subject.pages.iter().map(|page| page.text.content.as_str()).collect();
        let compared = registry.matches(&texts);
        let mut findings = Vec::new();
        for one in &compared.matches {
            // Of a page of a long excerpt several pages of the document may agree: the best of them is told.
            let mut best: Vec<&PagePair> = Vec::new();
            for pair in &one.pages {
                match best.last_mut().filter(|last| last.here == pair.here) {
                    Some(last) if last.matched < pair.matched => *last = pair,
                    Some(_) => {}
                    None => best.push(pair),
                }
            }
            let pages = best.len();
            let mut told: Vec<Finding> =
                best.into_iter().take(self.samples).filter_map(|pair| finding(subject, one, pair)).collect();
            if let Some(first) = told.first_mut().filter(|_| pages > self.samples) {
                first.flags.push(format!("{pages} in all"));
            }
            findings.extend(told);
        }
        let cut = compared.cut.or_else(|| over(findings.len() > most, most));
        findings.truncate(most);
        findings.sort_by_key(|finding| (finding.page, finding.start));
        Detected { findings, cut }
    }
}

fn finding(subject: Subject<'_>, one: &Match, pair: &PagePair) -> Option<Finding> {
    let Role::Sensitive(level) = one.role else { return None };
    let level = Level::try_from(level).ok()?;
    let page = subject.pages.get((pair.here as usize).checked_sub(1)?)?;
    let words = page.text.words_in(&(pair.span.start as usize..pair.span.end as usize));
    let percent = |share: f32| format!("{:.0} %", share * 100.0);
    let shares = format!(
        "{} of its page {}, {} of it in all",
        percent(pair.share_of_there),
        pair.there,
        percent(one.share_of_document)
    );
    Some(Finding {
        detector: "registered".to_owned(),
        rule: RULE.to_owned(),
        page: page.number,
        start: pair.span.start,
        end: pair.span.end,
        boxes: document::bounds(words).into_iter().collect(),
        level,
        rank: level.rank(),
        native: "registered document".to_owned(),
        confidence: match one.evidence {
            evidence if evidence >= CONFIRMED => 85,
            evidence if evidence >= PROBABLE => 75,
            _ => 65,
        },
        excerpt: format!("{}: {shares}", one.name),
        origin: document::origin(words),
        signals: vec![
            Signal { name: "letters that agree".to_owned(), points: one.evidence },
            Signal { name: format!("{} of this page is from it", percent(pair.share_of_here)), points: 0.0 },
            Signal { name: format!("{} of this document is from it", percent(one.share_of_subject)), points: 0.0 },
        ],
        flags: Vec::new(),
        stated: Stated::default(),
    })
}
