//! How right classification is on documents that somebody labelled: precision, recall and F2, by level and by rule, with intervals.
//!
//! The truth is one JSON object a line: `path` (below the folder), and what is known of the document: `level` (0 to 4), `rules` (all
//! that must be found, and no others), `pages` (a list of `page` and `level`), `group` (a name to be counted by).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::UsageError;
use crate::finding::Level;

/// Draws of the bootstrap.
const DRAWS: u64 = 500;

/// What is known of a document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Where it lies below the folder.
    pub path: String,
    /// Its level, if that is known.
    pub level: Option<Level>,
    /// The rules that must be found in it, if they are known.
    pub rules: Option<BTreeSet<String>>,
    /// Levels of its pages, as far as they are known.
    #[serde(default)]
    pub pages: Vec<PageTruth>,
    /// What it is counted with.
    pub group: Option<String>,
}

/// What is known of a page.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageTruth {
    /// Its number, from 1.
    pub page: u32,
    /// Its level.
    pub level: Level,
}

/// What the program says of a document.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Its level.
    pub level: Level,
    /// Rules that decide.
    pub rules: BTreeSet<String>,
    /// Levels of its pages; those without evidence are 0.
    pub pages: BTreeMap<u32, Level>,
    /// Whether something in it could not be read: that nothing is said of it then says nothing.
    pub unread: bool,
}

/// One comparison that came out wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// The document.
    pub path: String,
    /// `level`, `page N`, or a rule.
    pub what: String,
    /// What the truth says.
    pub wanted: String,
    /// What the program says.
    pub said: String,
}

/// How right one yes or no is over documents.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Of each document: whether it should be, and whether it was said to be.
    pairs: Vec<(bool, bool)>,
}

/// Precision, recall and F2, with the interval in which 95 % of bootstrap draws of F2 lie. One that cannot be told is none.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Score {
    /// Documents.
    pub documents: usize,
    /// That should be.
    pub positives: usize,
    /// Of what was said, what is so.
    pub precision: Option<f64>,
    /// Of what is so, what was said.
    pub recall: Option<f64>,
    /// Both, recall weighing four times.
    pub f2: Option<f64>,
    /// Interval of F2.
    pub f2_low: Option<f64>,
    /// Interval of F2.
    pub f2_high: Option<f64>,
}

/// Everything that was compared.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// By what was asked: `level >= 2`, a rule, a group at level 2 and above.
    pub tallies: BTreeMap<String, Tally>,
    /// Documents whose level is exactly right, of how many.
    pub exact: (usize, usize),
    /// Pages whose level is exactly right, of how many.
    pub pages: (usize, usize),
    /// Documents that are not compared: there is nothing to find in them, nothing was found, and they were not fully read.
    pub unread: usize,
    /// What came out wrong.
    pub wrong: Vec<Wrong>,
}

/// Reads the truth; what is wrong with it is said with its line.
pub fn read_truth(text: &str, file: &str) -> Result<Vec<Truth>, UsageError> {
    let mut paths = BTreeMap::new();
    let mut all: Vec<Truth> = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let one: Truth = serde_json::from_str(line).map_err(|error| UsageError(format!("{file}:{number}: {error}")))?;
        if let Some(before) = paths.insert(one.path.clone(), number) {
            return Err(UsageError(format!("{file}:{number}: {:?} stands in line {before} as well", one.path)));
        }
        all.push(one);
    }
    Ok(all)
}

impl Tally {
    fn counts(pairs: impl Iterator<Item = (bool, bool)>) -> (usize, usize, usize) {
        pairs.fold((0, 0, 0), |(right, said, wanted), pair| {
            (right + usize::from(pair == (true, true)), said + usize::from(pair.1), wanted + usize::from(pair.0))
        })
    }

    fn f2((right, said, wanted): (usize, usize, usize)) -> Option<f64> {
        // Five times the right ones over four times the wanted ones and the said ones.
        share(5 * right, 4 * wanted + said)
    }

    /// The score; the same each time.
    pub fn score(&self) -> Score {
        let counts = Self::counts(self.pairs.iter().copied());
        let (right, said, positives) = counts;
        // A small generator of our own (Knuth's constants): nothing here must be hard to guess, only the same on each machine.
        let mut state = self.pairs.len() as u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % (self.pairs.len().max(1) as u64)).unwrap_or_default()
        };
        let mut drawn: Vec<f64> = (0..if self.pairs.is_empty() { 0 } else { DRAWS })
            .filter_map(|_| Self::f2(Self::counts((0..self.pairs.len()).map(|_| self.pairs[draw()]))))
            .collect();
        drawn.sort_by(f64::total_cmp);
        let at = |part: usize| drawn.get(drawn.len() * part / 40).or(drawn.last()).copied();
        Score {
            documents: self.pairs.len(),
            positives,
            precision: share(right, said),
            recall: share(right, positives),
            f2: Self::f2(counts),
            f2_low: at(1),
            f2_high: at(39),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of documents are exact in f64")]
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Evaluation {
    fn tally(&mut self, what: impl Into<String>, wanted: bool, said: bool) {
        self.tallies.entry(what.into()).or_default().pairs.push((wanted, said));
    }

    /// Compares one document.
    pub fn add(&mut self, truth: &Truth, said: &Said) {
        let mut levels = truth.pages.iter().map(|one| one.level).chain(truth.level);
        let none_wanted =
            levels.all(|level| level == Level::Public) && truth.rules.as_ref().is_none_or(BTreeSet::is_empty);
        if said.unread && said.level == Level::Public && said.rules.is_empty() && none_wanted {
            self.unread += 1;
            return;
        }
        let path = &truth.path;
        let mut wrong = Vec::new();
        let mut note = |what: String, wanted: String, said: String| {
            wrong.push(Wrong { path: path.clone(), what, wanted, said });
        };
        if let Some(level) = truth.level {
            (1..=4).for_each(|least| {
                self.tally(format!("level >= {least}"), level.number() >= least, said.level.number() >= least);
            });
            if let Some(group) = &truth.group {
                self.tally(format!("group {group}"), level >= Level::Restricted, said.level >= Level::Restricted);
            }
            self.exact = (self.exact.0 + usize::from(level == said.level), self.exact.1 + 1);
            if level != said.level {
                note("level".to_owned(), level.to_string(), said.level.to_string());
            }
        }
        for PageTruth { page, level } in &truth.pages {
            let found = said.pages.get(page).copied().unwrap_or_default();
            self.pages = (self.pages.0 + usize::from(*level == found), self.pages.1 + 1);
            if *level != found {
                note(format!("page {page}"), level.to_string(), found.to_string());
            }
        }
        if let Some(rules) = &truth.rules {
            let all: BTreeSet<&String> = rules.union(&said.rules).collect();
            for rule in all {
                let (wanted, found) = (rules.contains(rule), said.rules.contains(rule));
                self.tally(format!("rule {rule}"), wanted, found);
                if wanted != found {
                    let word = |is: bool| if is { "found" } else { "not found" }.to_owned();
                    note(rule.clone(), word(wanted), word(found));
                }
            }
        }
        self.wrong.extend(wrong);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(line: &str) -> Truth {
        read_truth(line, "truth").expect("valid").remove(0)
    }

    #[test]
    fn documents_pages_and_rules_are_compared_each_by_itself() {
        let mut evaluation = Evaluation::default();
        let rules = ["a".to_owned(), "c".to_owned()].into();
        let said = Said { level: Level::Classified, rules, pages: [(2, Level::Classified)].into(), unread: false };
        evaluation.add(&truth(r#"{"path": "x", "level": 3, "rules": ["a", "b"], "pages": [{"page": 1, "level": 0}, {"page": 2, "level": 2}]}"#), &said);
        evaluation.add(
            &truth(r#"{"path": "y", "level": 0, "group": "laws"}"#),
            &Said { level: Level::Restricted, ..Said::default() },
        );
        assert_eq!((evaluation.exact, evaluation.pages), ((1, 2), (1, 2)));
        let two = evaluation.tallies["level >= 2"].score();
        assert_eq!((two.precision, two.recall, two.positives), (Some(0.5), Some(1.0), 1));
        assert_eq!(evaluation.tallies["rule b"].score().recall, Some(0.0));
        assert_eq!(evaluation.tallies["rule c"].score().precision, Some(0.0));
        assert_eq!(evaluation.tallies["group laws"].score().f2, Some(0.0));
        let wrong: Vec<&str> = evaluation.wrong.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(wrong, ["page 2", "b", "c", "level"]);
    }

    #[test]
    fn a_document_that_was_not_read_is_no_success() {
        let mut evaluation = Evaluation::default();
        let unread = Said { unread: true, ..Said::default() };
        evaluation.add(&truth(r#"{"path": "x", "level": 0}"#), &unread);
        assert_eq!((evaluation.exact, evaluation.unread, evaluation.tallies.len()), ((0, 0), 1, 0));
        evaluation.add(&truth(r#"{"path": "y", "level": 3}"#), &unread);
        assert_eq!((evaluation.exact, evaluation.unread, evaluation.wrong.len()), ((0, 1), 1, 1));
    }

    #[test]
    fn an_interval_holds_its_score_and_is_the_same_each_time() {
        let tally = Tally { pairs: (0..200).map(|n| (n % 4 == 0, n % 4 == 0 && n % 20 > 0 || n % 50 == 1)).collect() };
        let (one, two) = (tally.score(), tally.score());
        let (low, f2, high) = (one.f2_low.expect("told"), one.f2.expect("told"), one.f2_high.expect("told"));
        assert!(low < f2 && f2 < high && high - low < 0.3, "{one:?}");
        assert_eq!(one.f2_low, two.f2_low);
    }

    #[test]
    fn truth_that_cannot_be_read_is_named_with_its_line() {
        for wrong in [
            r#"{"level": 1}"#,
            r#"{"path": "y", "levle": 1}"#,
            r#"{"path": "y", "level": 9}"#,
            r#"{"path": "y", "pages": [{"page": 1, "levl": 2}]}"#,
            r#"{"path": "x", "level": 2}"#,
            "path: y",
        ] {
            let error = read_truth(&format!("{{\"path\": \"x\"}}\n{wrong}\n"), "truth.jsonl").expect_err(wrong);
            assert!(error.to_string().starts_with("truth.jsonl:2: "), "{error}");
        }
    }
}
