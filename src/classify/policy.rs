//! What findings together amount to: the house's table of levels, `[[relevel]]` and `[[policy]]` in the settings.
//!
//! It comes behind the detectors. A rule's findings may be given another level or confidence; rows of conditions (so many findings
//! of this rule, one of that topic) make findings of their own, with the level that the row says.

use crate::config::{PolicyRow, Relevel, Settings};
use crate::finding::{Finding, Signal, names_rule};

/// Name of its findings' detector.
pub const DETECTOR: &str = "policy";

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    relevel: Vec<Relevel>,
    rows: Vec<PolicyRow>,
}

/// What findings depend on besides the text.
pub fn stamp(settings: &Settings) -> String {
    format!("policy 1 {:?} {:?}", settings.relevel, settings.policy)
}

impl Policy {
    /// The table of the settings.
    pub fn of(settings: &Settings) -> Self {
        Self { relevel: settings.relevel.clone(), rows: settings.policy.clone() }
    }

    /// The rows, as names and levels.
    pub fn rows(&self) -> &[PolicyRow] {
        &self.rows
    }

    /// The names of rules that the table uses, with where.
    pub fn patterns(&self) -> impl Iterator<Item = (String, &str)> {
        let relevel = self.relevel.iter().map(|line| ("relevel".to_owned(), line.rule.as_str()));
        let when = |row: &'_ PolicyRow| format!("policy {:?}", row.name);
        let rows = self.rows.iter().flat_map(move |row| row.when.iter().map(move |one| (when(row), one.rule.as_str())));
        relevel.chain(rows)
    }

    /// Gives findings their levels and adds those of the rows that hold.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        self.relevel(findings);
        let made: Vec<Finding> = self.rows.iter().filter_map(|row| hold(row, findings)).collect();
        findings.extend(made);
    }

    /// Gives findings their levels and confidence in this house.
    pub fn relevel(&self, findings: &mut [Finding]) {
        for finding in findings.iter_mut() {
            // The last line that names a rule counts, as in any configuration.
            let Some(line) = self.relevel.iter().rev().find(|line| names_rule(&line.rule, &finding.rule)) else {
                continue;
            };
            if let Some(level) = line.level.filter(|level| *level != finding.level) {
                finding.flags.push(format!("level {} by relevel", finding.level));
                (finding.level, finding.rank) = (level, level.rank());
            }
            if let Some(confidence) = line.confidence.filter(|confidence| *confidence != finding.confidence) {
                finding.flags.push(format!("confidence {} by relevel", finding.confidence));
                finding.confidence = confidence;
            }
        }
    }
}

/// The finding of a row, if all its conditions hold.
fn hold(row: &PolicyRow, findings: &[Finding]) -> Option<Finding> {
    let mut signals = Vec::new();
    let mut first: Option<&Finding> = None;
    for condition in &row.when {
        let meant = |finding: &&Finding| {
            names_rule(&condition.rule, &finding.rule) && finding.confidence >= condition.confidence
        };
        let count = count(findings.iter().filter(meant));
        if count < condition.at_least {
            return None;
        }
        first = first.or_else(|| findings.iter().find(meant));
        signals.push(Signal { name: format!("{count} of {}", condition.rule), points: 0.0 });
    }
    let first = first?;
    Some(Finding {
        detector: DETECTOR.to_owned(),
        rule: format!("policy.{}", row.name),
        level: row.level,
        rank: row.level.rank(),
        native: row.name.clone(),
        confidence: row.confidence,
        excerpt: format!(
            "{}: {}",
            row.name,
            signals.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
        ),
        signals,
        flags: Vec::new(),
        ..first.clone()
    })
}

/// How many there are: of types of which only samples are kept, as many as the samples say.
fn count<'a>(findings: impl Iterator<Item = &'a Finding>) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for finding in findings {
        let said = finding.flags.iter().filter_map(|flag| flag.strip_suffix(" in all")?.parse::<usize>().ok()).max();
        let (seen, most) = counts.entry(finding.rule.as_str()).or_insert((0_usize, 0_usize));
        *seen += 1;
        *most = (*most).max(said.unwrap_or(0));
    }
    counts.values().map(|(seen, most)| *seen.max(most)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Classifier;
    use crate::document::Page;
    use crate::finding::{Level, Stated};

    fn seen(settings: &str, text: &str) -> Vec<(String, u8, u8)> {
        let settings = Settings::parse(settings, "test.toml", std::path::Path::new("")).expect("valid");
        let classifier = Classifier::load(&settings).expect("loads");
        let findings = classifier.classify(&[Page::plain(1, text)], &settings.limits).findings;
        findings.into_iter().map(|one| (one.rule, one.level.number(), one.confidence)).collect()
    }

    #[test]
    fn a_row_holds_when_all_its_conditions_do() {
        let settings = "[[policy]]\nname = \"two-marks\"\nlevel = 4\nwhen = [{ rule = \"cn.*\", at_least = 2 }, { rule = \"us.*\" }]\n";
        let with =
            |text: &str| seen(settings, text).iter().any(|(rule, level, _)| rule == "policy.two-marks" && *level == 4);
        assert!(with("机密★10年\nTOP SECRET//SI//NOFORN\n内部资料 注意保存\n秘密★5年\n"));
        assert!(!with("机密★10年\n秘密★5年\n"));
        assert!(!with("TOP SECRET//SI//NOFORN\n机密★10年\n"));
    }

    #[test]
    fn a_rule_gets_the_level_and_confidence_that_the_house_gives_it() {
        let settings = "[[relevel]]\nrule = \"cn.state.*\"\nlevel = 2\nconfidence = 65\n";
        let found = seen(settings, "机密★10年\n");
        assert!(
            found
                .iter()
                .any(|(rule, level, confidence)| rule == "cn.state.secret.full" && (*level, *confidence) == (2, 65)),
            "{found:?}"
        );
    }

    #[test]
    fn kept_samples_stand_for_all_that_were_counted() {
        let sample = |flags: &[&str]| Finding {
            detector: "identifier".to_owned(),
            rule: "cn.id".to_owned(),
            page: 1,
            start: 0,
            end: 1,
            boxes: Vec::new(),
            level: Level::Internal,
            rank: 0,
            native: String::new(),
            confidence: 85,
            excerpt: String::new(),
            origin: crate::document::Origin::Layer,
            signals: Vec::new(),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            stated: Stated::default(),
        };
        assert_eq!(count([sample(&[]), sample(&["40 in all"])].iter()), 40);
        assert_eq!(count([sample(&[]), sample(&[])].iter()), 2);
    }
}
