//! What a document is about: a contract, a payroll, minutes. Evidence of level 0, and a filter of searches (`topic:contract`).
//!
//! A model that `misfile train` made of the house's own folders is asked first; of categories that it does not know the rules of
//! `models/topics.toml` are. A content has at most two topics and mostly one or none: neither a model nor rules guess. A topic
//! speaks for no level, so that it raises none and breaks no ceiling.

pub mod rules;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use self::rules::{BUILT_IN, Rule, Rules, Score};
use super::{Detected, Detector, RuleInfo, Subject};
use crate::config::Settings;
use crate::document::{self, Origin, Page};
use crate::finding::{Finding, Level, Signal, Stated};
use crate::topic::{Features, Look, MOST_BYTES, Model, NONE};

/// The detector's name.
pub const NAME: &str = "topic";
/// The model's name in the data directory.
pub const MODEL_FILE: &str = "topics.model";
/// Topics of one content.
const MOST: usize = 2;
/// A second topic has at least this share of the first one's points, each measured by what it needs.
const SECOND: f32 = 0.7;
/// Cues that are told.
const TOLD: usize = 3;

/// Sees what a content is about.
pub struct Topics {
    /// None where topics are switched off.
    rules: Option<Rules>,
    model: Option<Model>,
}

/// What topics depend on besides the text. A model that cannot be read fails when it is loaded.
pub fn stamp(settings: &Settings) -> String {
    if !settings.topic.enabled {
        return "topic off".to_owned();
    }
    let rules = blake3::hash(BUILT_IN.as_bytes()).to_hex();
    match checksum(settings) {
        Ok(model) => format!("topic 1 {rules} {model}"),
        Err(error) => format!("topic 1 {rules} {error:#}"),
    }
}

/// Where the model lies; none if there is no place for one. One that the settings name must be there.
fn place(settings: &Settings) -> Option<(PathBuf, bool)> {
    let (named, data) = (&settings.topic.model, &settings.store.data);
    match (named.as_os_str().is_empty(), data.as_os_str().is_empty()) {
        (false, _) => Some((named.clone(), true)),
        (true, false) => Some((data.join(MODEL_FILE), false)),
        (true, true) => None,
    }
}

/// The first bytes of the model, at most `most`.
fn read(settings: &Settings, most: usize) -> anyhow::Result<Option<(PathBuf, Vec<u8>)>> {
    let Some((path, wanted)) = place(settings) else { return Ok(None) };
    let mut bytes = Vec::new();
    match File::open(&path).and_then(|file| file.take(most as u64).read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some((path, bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !wanted => Ok(None),
        Err(error) => Err(unreadable(&path).context(error)),
    }
}

fn unreadable(path: &Path) -> anyhow::Error {
    anyhow::anyhow!("the model of topics {} cannot be read", path.display())
}

fn checksum(settings: &Settings) -> anyhow::Result<String> {
    match read(settings, Model::CHECKSUM_BYTES)? {
        Some((_, head)) => Ok(Model::checksum(&head)?.to_hex().to_string()),
        None => Ok("no model".to_owned()),
    }
}

impl Topics {
    /// The built-in rules, and the model of the settings or of the data directory.
    pub fn load(settings: &Settings) -> anyhow::Result<Self> {
        if !settings.topic.enabled {
            return Ok(Self { rules: None, model: None });
        }
        let model = match read(settings, MOST_BYTES + 1)? {
            Some((path, bytes)) => {
                Some(Model::from_bytes(&bytes).with_context(|| format!("topics: {}", path.display()))?)
            }
            None => None,
        };
        Ok(Self { rules: Some(Rules::built_in()?), model })
    }

    /// The model's answer, and then the topics by rules that it does not know.
    fn seen(&self, rules: &Rules, pages: &[Page]) -> Vec<Finding> {
        let look = Look::at(pages);
        let Some(first) = pages.first().filter(|_| !look.text().is_empty()) else { return Vec::new() };
        let answer = self.model.as_ref().and_then(|model| Some((model, model.answer(&Features::of(&look, pages))?)));
        let mut findings: Vec<Finding> = Vec::new();
        if let Some((model, answer)) = answer {
            let excerpt =
                format!("probability {:.2}, by a model of {} documents", answer.probability, model.documents());
            let signals = vec![Signal { name: "probability".to_owned(), points: answer.probability }];
            let confidence = steps(answer.probability, 0.75, 0.9);
            findings.push(finding(first, &model_rule(answer.name), answer.name, confidence, excerpt, signals));
        }
        let trained = |rule: &Rule| self.model.as_ref().is_some_and(|model| knows(model, &rule.id));
        let scores = rules.scores(&look);
        let mut by_rules: Vec<(f32, &Rule, &Score)> = rules
            .rules
            .iter()
            .zip(&scores)
            .map(|(rule, score)| (score.points / rule.least, rule, score))
            .filter(|(share, rule, _)| *share >= 1.0 && !trained(rule))
            .collect();
        by_rules.sort_by(|a, b| b.0.total_cmp(&a.0));
        let best = by_rules.first().map_or(0.0, |one| one.0);
        let told = by_rules.iter().filter(|(share, ..)| *share >= best * SECOND);
        findings.extend(told.map(|(share, rule, score)| {
            let cues = score.cues.iter().filter(|(_, points)| *points > 0.0).take(TOLD);
            let excerpt = cues.map(|(cue, _)| cue.as_str()).collect::<Vec<_>>().join(", ");
            let signals =
                score.cues.iter().map(|(cue, points)| Signal { name: cue.clone(), points: *points }).collect();
            finding(first, &rule.id, &rule.name, steps(*share, 1.5, 2.0), excerpt, signals)
        }));
        findings.truncate(MOST);
        findings
    }
}

/// The rule of a trained category.
fn model_rule(name: &str) -> String {
    format!("topic.model.{name}")
}

/// Whether a model has the category that a rule is for.
fn knows(model: &Model, rule: &str) -> bool {
    model.classes().iter().any(|class| rule.strip_prefix("topic.") == Some(class.name.as_str()))
}

/// 65, 75 or 85.
fn steps(value: f32, probable: f32, confirmed: f32) -> u8 {
    match value {
        value if value >= confirmed => 85,
        value if value >= probable => 75,
        _ => 65,
    }
}

/// A topic is of the whole content: it has no place on its page.
fn finding(page: &Page, rule: &str, name: &str, confidence: u8, excerpt: String, signals: Vec<Signal>) -> Finding {
    Finding {
        detector: NAME.to_owned(),
        rule: rule.to_owned(),
        page: page.number,
        start: 0,
        end: 0,
        boxes: Vec::new(),
        level: Level::Public,
        rank: 0,
        native: name.to_owned(),
        confidence,
        excerpt,
        origin: if page.text.words.is_empty() { Origin::Layer } else { document::origin(&page.text.words) },
        signals,
        flags: Vec::new(),
        stated: Stated::default(),
    }
}

impl Detector for Topics {
    fn name(&self) -> &'static str {
        NAME
    }

    fn rules(&self) -> Vec<RuleInfo> {
        let info =
            |id: String, name: &str| RuleInfo { id, whose: String::new(), name: name.to_owned(), level: Level::Public };
        let classes = self.model.iter().flat_map(Model::classes).filter(|class| class.name != NONE);
        let trained = classes.map(|class| info(model_rule(&class.name), &class.name));
        let rules = self.rules.iter().flat_map(|rules| &rules.rules);
        rules.map(|rule| info(rule.id.clone(), &rule.name)).chain(trained).collect()
    }

    fn detect(&self, subject: Subject<'_>, most: usize) -> Detected {
        let Some(rules) = &self.rules else { return Detected::default() };
        let mut findings = self.seen(rules, subject.pages);
        // A topic is no evidence that a limit could hide.
        findings.truncate(most);
        Detected { findings, cut: None }
    }
}

#[cfg(test)]
mod tests;
