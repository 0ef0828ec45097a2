//! Classification: text with boxes in, evidence out. Pure functions; rules are data under `models/`.
//!
//! A detector is one file (or folder) here and one line in `DETECTORS`. What comes out does not depend on threads, on
//! the clock or on the file's name.

mod cells;
pub mod check;
pub mod identifier;
pub mod keystore;
pub mod keyword;
pub mod layer;
pub mod marking;
mod pattern;
pub mod policy;
pub mod registered;
mod seams;
mod site;
mod spread;
pub mod topic;
mod unseen;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::bail;

use self::policy::Policy;
use self::site::Site;
use crate::config::{Limits, PolicyRow, Settings};
use crate::document::Page;
use crate::finding::{Fault, FaultReason, Finding, Level, names_rule};
use crate::fingerprint::Reached;

/// What a detector looks at: all pages of one content, in order.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The pages.
    pub pages: &'a [Page],
}

/// What a detector saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detected {
    /// The evidence, in order of page and place.
    pub findings: Vec<Finding>,
    /// The limit that was reached, if there was more than a detector may look at.
    pub cut: Option<Reached>,
}

/// `limits.findings_per_content`, if it was reached.
fn over(reached: bool, most: usize) -> Option<Reached> {
    reached.then_some(("findings_per_content", most as u64))
}

/// What a rule is, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Stable name, in findings.
    pub id: String,
    /// Whose mark or number; empty where it is nobody's.
    pub whose: String,
    /// What it finds, in words.
    pub name: String,
    /// Level that it speaks for.
    pub level: Level,
}

/// Sees one kind of evidence.
pub trait Detector: Send + Sync {
    /// Stable name (`marking`).
    fn name(&self) -> &'static str;

    /// The rules that its findings may name.
    fn rules(&self) -> Vec<RuleInfo>;

    /// Everything seen, in order of page and place. Memory stays within a small multiple of `most` findings.
    fn detect(&self, subject: Subject<'_>, most: usize) -> Detected;
}

/// Makes a detector by the settings and the rules of the house.
type MakeDetector = fn(&Settings, &Site) -> anyhow::Result<Box<dyn Detector>>;

/// Name, version and hash of what a detector goes by, without making it: when it changes, stored text is classified again.
type DetectorStamp = fn(&Settings) -> String;

/// Every detector by name.
const DETECTORS: &[(&str, MakeDetector, DetectorStamp)] = &[
    (
        "marking",
        |settings, site| marking_of(settings, site).map_err(check::invalid),
        |settings| marking::stamp(&settings.limits),
    ),
    (
        "identifier",
        |settings, site| identifiers_of(settings, site).map_err(check::invalid),
        |settings| identifier::stamp(&settings.identifiers),
    ),
    ("keystore", |_, _| Ok(Box::new(keystore::KeyStores)), |_| keystore::stamp()),
    ("keyword", |settings, _| Ok(Box::new(keyword::Keywords::load(settings).map_err(check::invalid)?)), keyword::stamp),
    ("registered", |settings, _| Ok(Box::new(registered::Registered::load(settings)?)), registered::stamp),
    (
        "layer",
        |settings, _| Ok(Box::new(layer::LayerMismatch { least: settings.gate.sample_match })),
        |settings| layer::stamp(settings.gate.sample_match),
    ),
    ("topic", |settings, _| Ok(Box::new(topic::Topics::load(settings)?)), topic::stamp),
];

fn marking_of(settings: &Settings, site: &Site) -> anyhow::Result<Box<dyn Detector>> {
    let marking = marking::Marking::with(site, &settings.limits)?;
    check::check_markings_of(site, &marking)?;
    Ok(Box::new(marking))
}

fn identifiers_of(settings: &Settings, site: &Site) -> anyhow::Result<Box<dyn Detector>> {
    let identifiers = identifier::Identifiers::with(site, &settings.identifiers)?;
    check::check_identifiers_of(site, &identifiers)?;
    Ok(Box::new(identifiers))
}

/// A hash of everything that findings depend on besides the text. Found out without loading a rule.
pub fn stamp(settings: &Settings) -> String {
    let mut stamps: Vec<String> = DETECTORS.iter().map(|(_, _, stamp)| stamp(settings)).collect();
    stamps.push(policy::stamp(settings));
    stamps.push(site::stamp(&settings.rules.folder));
    stamps.push(format!("most {}", settings.limits.findings_per_content));
    blake3::hash(stamps.join("\n").as_bytes()).to_hex().to_string()
}

/// The same of some detectors, by name.
pub fn stamp_of(settings: &Settings, names: &[&str]) -> String {
    let some = DETECTORS.iter().filter(|(name, ..)| names.contains(name));
    let mut stamps: Vec<String> = some.map(|(_, _, stamp)| stamp(settings)).collect();
    stamps.push(site::stamp(&settings.rules.folder));
    blake3::hash(stamps.join("\n").as_bytes()).to_hex().to_string()
}

/// All detectors, ready.
pub struct Classifier {
    detectors: Vec<Box<dyn Detector>>,
    policy: Policy,
    /// Rules of the house's list that are code, or of a model: no detector leaves them out by itself.
    off: BTreeSet<String>,
}

/// Names of the rules that the house switches off.
fn off(site: &Site) -> BTreeSet<String> {
    site.disabled.iter().map(|(id, _)| id.clone()).collect()
}

/// What all detectors saw in one content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classification {
    /// Sorted by page, place and rule.
    pub findings: Vec<Finding>,
    /// A limit (`findings_per_content`, `compared_hits`) was reached: the rest is not known, so the content cannot be clear.
    pub fault: Option<Fault>,
}

impl Classifier {
    /// Every detector of the registry with the built-in rules.
    pub fn load(settings: &Settings) -> anyhow::Result<Self> {
        let site = Site::load(&settings.rules.folder).map_err(check::invalid)?;
        let detectors = DETECTORS.iter().map(|(_, make, _)| make(settings, &site)).collect::<anyhow::Result<_>>()?;
        let classifier = Self { detectors, policy: Policy::of(settings), off: off(&site) };
        classifier.check_disabled(&site).map_err(check::invalid)?;
        classifier.check_policy().map_err(check::invalid)?;
        Ok(classifier)
    }

    /// Refuses to switch off what nobody has: a mistyped name would go on alarming, or be thought of as off.
    fn check_disabled(&self, site: &Site) -> anyhow::Result<()> {
        let own: BTreeSet<String> =
            self.detectors.iter().flat_map(|detector| detector.rules()).map(|rule| rule.id).collect();
        let is_there = |id: &str| own.contains(id) || check::source(id).is_some() || site.place(id).is_some();
        if let Some((id, file)) = site.disabled.iter().find(|(id, _)| !is_there(id)) {
            bail!("{file}: disable: no rule is named {id:?}; `misfile rules list` lists all");
        }
        Ok(())
    }

    /// Refuses a table of levels that names rules which are not there: it would never hold.
    fn check_policy(&self) -> anyhow::Result<()> {
        let rules = self.rules();
        for (key, pattern) in self.policy.patterns() {
            // Topics are learnt: those of a model to come may be named.
            if !pattern.starts_with("topic.") && !rules.iter().any(|rule| names_rule(pattern, &rule.id)) {
                bail!("{key}: no rule is named {pattern:?}; `misfile rules list` lists all");
            }
        }
        Ok(())
    }

    /// Some detectors of the registry, by name, without a policy.
    pub fn of(settings: &Settings, names: &[&str]) -> anyhow::Result<Self> {
        let site = Site::load(&settings.rules.folder).map_err(check::invalid)?;
        let some = DETECTORS.iter().filter(|(name, ..)| names.contains(name));
        let detectors = some.map(|(_, make, _)| make(settings, &site)).collect::<anyhow::Result<_>>()?;
        Ok(Self { detectors, policy: Policy::default(), off: off(&site) })
    }

    /// Names of the detectors.
    pub fn detectors(&self) -> Vec<String> {
        let names = self.detectors.iter().map(|detector| detector.name().to_owned());
        names.chain([policy::DETECTOR.to_owned()]).collect()
    }

    /// The rules of all detectors.
    pub fn rules(&self) -> Vec<RuleInfo> {
        let row = |row: &PolicyRow| RuleInfo {
            id: format!("policy.{}", row.name),
            whose: String::new(),
            name: "a row of the policy".to_owned(),
            level: row.level,
        };
        let rows = self.policy.rows().iter().map(row);
        let all = self.detectors.iter().flat_map(|detector| detector.rules()).chain(rows);
        all.filter(|rule| !self.off.contains(&rule.id)).collect()
    }

    /// What all detectors see in the pages of one content. Over the limit, the strongest evidence is kept.
    pub fn classify(&self, pages: &[Page], limits: &Limits) -> Classification {
        let most = limits.findings_per_content;
        let mut findings: Vec<Finding> = Vec::new();
        let mut cut = None;
        let mut failed = None;
        for detector in &self.detectors {
            // Behind a wall: a defect in a detector is a fault of this content, not the end of every sweep that meets it.
            match catch_unwind(AssertUnwindSafe(|| detector.detect(Subject { pages }, most))) {
                Ok(detected) => {
                    findings.extend(detected.findings);
                    cut = cut.or(detected.cut);
                }
                Err(_) => {
                    let detail = format!("detector {} failed on its text", detector.name());
                    failed = Some(Fault::whole(FaultReason::Crash, detail));
                }
            }
        }
        findings.retain(|finding| !self.off.contains(&finding.rule));
        self.policy.apply(&mut findings);
        // A topic is no evidence that a limit could hide, and must not keep a content from being clear.
        let seen = findings.iter().filter(|one| one.detector != topic::NAME).count();
        if seen > most {
            findings.sort_by_key(|one| std::cmp::Reverse((one.level, one.confidence, one.rank)));
            findings.truncate(most);
        }
        findings.sort_by(|a, b| (a.page, a.start, &a.rule).cmp(&(b.page, b.start, &b.rule)));
        let reached = cut.or_else(|| over(seen > most, most));
        let limit = reached.map(|(key, most)| Fault::limit(key, most, format!("evidence in {seen} places or more")));
        Classification { findings, fault: failed.or(limit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classifier() -> (Classifier, Settings) {
        let settings = Settings::defaults();
        (Classifier::load(&settings).expect("the built-in rules compile"), settings)
    }

    #[test]
    fn names_of_detectors_are_unique_and_their_own() {
        let settings = Settings::defaults();
        let mut names: Vec<&str> = DETECTORS.iter().map(|(name, ..)| *name).collect();
        for (name, make, _) in DETECTORS {
            assert_eq!(make(&settings, &Site::default()).expect("made").name(), *name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DETECTORS.len());
    }

    #[test]
    fn a_finding_points_at_the_bytes_of_the_page() {
        let (classifier, settings) = classifier();
        let text = "000012\n机 密 ★ 10 年\n特急";
        let findings = classifier.classify(&[Page::plain(1, text)], &settings.limits).findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        let finding = &findings[0];
        assert_eq!(&text[finding.start as usize..finding.end as usize], "机 密 ★ 10 年");
        assert_eq!((finding.rule.as_str(), finding.confidence), ("cn.state.secret.full", 85));
        assert_eq!(finding.excerpt, "机 密 ★ •• •");
    }

    #[test]
    fn more_evidence_than_the_limit_is_a_fault_and_the_strongest_is_kept() {
        let (classifier, settings) = classifier();
        let limits = Limits { findings_per_content: 10, ..settings.limits };
        let text = format!("{}TOP SECRET//SI//NOFORN\n", "内部资料 注意保存\n".repeat(20));
        let classified = classifier.classify(&[Page::plain(1, text.as_str())], &limits);
        assert_eq!(classified.findings.len(), 10);
        assert!(classified.findings.iter().any(|one| one.level.number() == 4));
        let fault = classified.fault.expect("the limit was reached");
        assert!(fault.detail.contains("limits.findings_per_content = 10"), "{}", fault.detail);
    }

    #[test]
    fn a_topic_makes_no_limit_reached() {
        let (classifier, settings) = classifier();
        let limits = Limits { findings_per_content: 1, ..settings.limits };
        let text = "机密★10年\n会议纪要\n出席：张三\n列席：李四\n会议议定事项如下";
        let classified = classifier.classify(&[Page::plain(1, text)], &limits);
        let rules: Vec<&str> = classified.findings.iter().map(|one| one.rule.as_str()).collect();
        assert_eq!((rules, classified.fault), (vec!["cn.state.secret.full", "topic.minutes"], None));
    }

    #[test]
    fn the_stamp_changes_with_what_findings_depend_on() {
        let mut settings = Settings::defaults();
        let before = stamp(&settings);
        settings.gate.sample_match = 0.25;
        assert_ne!(stamp(&settings), before);
    }
}
