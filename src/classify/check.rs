//! `misfile rules check`: every rule is tried on its own examples.
//!
//! An example stands alone on a line, where the rule says its mark is put (twice, on two pages, for marks at the top and
//! bottom of pages), and must be found by its own rule at 75 or more; a counter-example must not. Rules that are signals
//! for others need only match. Types of identifiers find their examples wherever they stand, and an example of a topic is a
//! whole document. The third promise is that a rule without an example is a problem.

use std::fmt;

use super::identifier::Identifiers;
use super::identifier::rules as identifier;
use super::marking::Marking;
use super::marking::rules::{BUILT_IN, Caveat, FILE, Kind, Need, Negative, Place, Rule, Rules};
use super::site::{Placed, Site};
use super::topic::rules as topic;
use crate::config::Settings;
use crate::document::{Origin, Page, PageSize, Rect, Text};

/// A rule that does not do what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// The file of the rule.
    pub file: String,
    /// The rule; empty when the file cannot be read at all.
    pub rule: String,
    /// The line of the file at which the rule begins, from 1; 0 when not known.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.rule, self.problem)
    }
}

/// Rules or lists of the house that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRules(String);

/// Says of an error that the house's rules are why.
#[allow(clippy::needless_pass_by_value, reason = "the signature of map_err")]
pub(super) fn invalid(error: anyhow::Error) -> anyhow::Error {
    InvalidRules(format!("{error:#}")).into()
}

/// The lines of a rule in the file that holds it, and where they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRule {
    /// The file, as in the source tree, or of the house.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The rule.
    pub text: String,
}

/// Where a rule is written; none for rules that are code.
pub fn source(id: &str) -> Option<WrittenRule> {
    [(FILE, BUILT_IN), (identifier::FILE, identifier::BUILT_IN), (topic::FILE, topic::BUILT_IN)]
        .into_iter()
        .find_map(|(file, text)| written(file, text, id))
}

/// Where the house writes a rule (`rules.folder`); none if it does not.
pub fn source_of_house(settings: &Settings, id: &str) -> anyhow::Result<Option<WrittenRule>> {
    let files = super::site::texts(&settings.rules.folder).map_err(invalid)?;
    Ok(files.iter().find_map(|(file, text)| written(file, text, id)))
}

fn written(file: &str, text: &str, id: &str) -> Option<WrittenRule> {
    let at = text.find(&format!("\nid = \"{id}\"\n"))? + 1;
    let rest = &text[at..];
    let end = rest.find("\n[[").unwrap_or(rest.len());
    Some(WrittenRule { file: file.to_owned(), line: line_of(text, id), text: rest[..end].trim_end().to_owned() })
}

/// Checks the built-in rules; an empty list is what one wants.
pub fn check() -> Vec<RuleProblem> {
    let mut problems = check_markings();
    problems.extend(check_identifiers());
    problems.extend(check_topics());
    problems
}

fn check_topics() -> Vec<RuleProblem> {
    let found = topic::Rules::built_in().map(|rules| rules.problems());
    problems_of(topic::FILE, topic::BUILT_IN, found)
}

fn check_identifiers() -> Vec<RuleProblem> {
    let found = Identifiers::built_in(&Settings::defaults().identifiers).map(|identifiers| identifiers.problems());
    problems_of(identifier::FILE, identifier::BUILT_IN, found)
}

/// What is wrong with the rules of a file, each with its name; or why they are none.
fn problems_of(file: &str, text: &str, found: anyhow::Result<Vec<(String, String)>>) -> Vec<RuleProblem> {
    let found = found.unwrap_or_else(|error| vec![(String::new(), format!("{error:#}"))]);
    let problem = |(rule, problem): (String, String)| RuleProblem {
        file: file.to_owned(),
        line: line_of(text, &rule),
        rule,
        problem,
    };
    found.into_iter().map(problem).collect()
}

fn check_markings() -> Vec<RuleProblem> {
    let marking = match Marking::built_in(&Settings::defaults().limits) {
        Ok(marking) => marking,
        Err(error) => {
            let problem = format!("{error:#}");
            return vec![RuleProblem { file: FILE.to_owned(), rule: String::new(), line: 0, problem }];
        }
    };
    let rules = marking.rules();
    let problem = |id: &str, problem: String| RuleProblem {
        file: FILE.to_owned(),
        rule: id.to_owned(),
        line: line_of(BUILT_IN, id),
        problem,
    };
    let mut problems = Vec::new();
    for (index, rule) in rules.rules.iter().enumerate() {
        problems.extend(check_rule(&marking, index, rule).into_iter().map(|text| problem(&rule.id, text)));
    }
    for negative in &rules.negatives {
        problems.extend(check_negative(negative).into_iter().map(|text| problem(&negative.id, text)));
    }
    for caveat in &rules.caveats {
        problems.extend(check_caveat(caveat).into_iter().map(|text| problem(&caveat.id, text)));
    }
    problems
}

/// An error for the first marking rule of the house that its own examples are against.
pub(super) fn check_markings_of(site: &Site, marking: &Marking) -> anyhow::Result<()> {
    for Placed { rule, place } in &site.markings {
        let rules = marking.rules();
        let Some(index) = rules.rules.iter().position(|one| one.id == rule.id) else { continue };
        if let Some(problem) = check_rule(marking, index, &rules.rules[index]).into_iter().next() {
            anyhow::bail!("{place}: rule {}: {problem}", rule.id);
        }
    }
    for Placed { rule, place } in &site.negatives {
        let negatives = &marking.rules().negatives;
        let problem =
            negatives.iter().filter(|one| one.id == rule.id).find_map(|one| check_negative(one).into_iter().next());
        if let Some(problem) = problem {
            anyhow::bail!("{place}: negative {}: {problem}", rule.id);
        }
    }
    Ok(())
}

/// An error for the first type of identifier of the house that its own examples are against.
pub(super) fn check_identifiers_of(site: &Site, identifiers: &Identifiers) -> anyhow::Result<()> {
    // The built-in types are tried by `rules check`, not at every start.
    if site.identifiers.is_empty() {
        return Ok(());
    }
    let problem =
        identifiers.problems().into_iter().find(|(id, _)| site.identifiers.iter().any(|one| one.rule.id == *id));
    match problem {
        Some((id, problem)) => anyhow::bail!("{}: type {id}: {problem}", site.place(&id).unwrap_or_default()),
        None => Ok(()),
    }
}

fn check_negative(negative: &Negative) -> Vec<String> {
    let missed = negative.examples.iter().filter(|text| !negative.regex.is_match(&normalised(text)));
    let mut problems: Vec<String> = missed.map(|text| format!("the example {text:?} is not hit")).collect();
    if negative.examples.is_empty() {
        problems.push("there is no example".to_owned());
    }
    problems
}

fn check_caveat(caveat: &Caveat) -> Vec<String> {
    let is_found = |text: &str| caveat.regex.is_match(&normalised(text));
    let missed = caveat.examples.iter().filter(|text| !is_found(text));
    let wrong = caveat.counter_examples.iter().filter(|text| is_found(text));
    let mut problems: Vec<String> = missed.map(|text| format!("the example {text:?} is not found")).collect();
    problems.extend(wrong.map(|text| format!("the counter-example {text:?} is found")));
    if caveat.examples.is_empty() {
        problems.push("there is no example".to_owned());
    }
    problems
}

fn check_rule(marking: &Marking, index: usize, rule: &Rule) -> Vec<String> {
    let mut problems = Vec::new();
    if rule.examples.is_empty() {
        problems.push("there is no example".to_owned());
    }
    for text in &rule.examples {
        if rule.is_signal() {
            if !rule.regex.is_match(&normalised(text)) {
                problems.push(format!("the example {text:?} is not matched"));
            }
            continue;
        }
        if !reaches_trigger(marking.rules(), rule, text) {
            problems.push(format!("the prefilter does not stop at the example {text:?}"));
        }
        let best = marking.best_score(index, &on_pages(rule.place, text, needed_words(rule)));
        match best {
            Some(score) if score >= 5.0 => {}
            Some(score) => problems.push(format!("the example {text:?} gets only {score} points, 5 make 75")),
            None => problems.push(format!("the example {text:?} is not matched")),
        }
    }
    for text in &rule.counter_examples {
        let best = marking.best_score(index, &on_pages(Place::Body, text, ""));
        if let Some(score) = best.filter(|&score| score >= 5.0) {
            problems.push(format!("the counter-example {text:?} gets {score} points, 5 make 75"));
        }
    }
    problems
}

/// The words without which a rule does not apply: those of an examination, Japanese kana.
fn needed_words(rule: &Rule) -> &'static str {
    match (rule.id.as_str(), rule.needs) {
        ("cn.exam", _) => "试题卷 考试 准考证号",
        (_, Some(Need::Kana)) => "この文書",
        _ => "",
    }
}

fn reaches_trigger(rules: &Rules, rule: &Rule, text: &str) -> bool {
    rule.kind == Kind::Portion || rules.trigger.is_match(text)
}

fn normalised(text: &str) -> String {
    super::marking::normalised(text)
}

/// Two pages of 1000 × 1400 with `text` in a place; `words` stand in the body.
fn on_pages(place: Place, text: &str, words: &str) -> Vec<Page> {
    let (x, y) = match place {
        Place::Header => (400.0, 60.0),
        Place::Footer => (400.0, 1320.0),
        Place::TopLeft => (80.0, 200.0),
        Place::TopRight => (700.0, 200.0),
        Place::Body | Place::Path => (400.0, 700.0),
    };
    let count = if matches!(place, Place::Header | Place::Footer) { 2 } else { 1 };
    let page = |number| {
        let mut content = Text::default();
        for (row, line) in text.lines().enumerate() {
            // Rows of an example are few; their height is a matter of taste.
            #[allow(clippy::cast_precision_loss, reason = "a handful of rows")]
            let bounds = Rect { x, y: y + 30.0 * row as f32, w: 200.0, h: 20.0 };
            content.push_word(if row == 0 { "" } else { "\n" }, line, bounds, 100, Origin::Layer);
        }
        if !words.is_empty() {
            let bounds = Rect { x: 100.0, y: 800.0, w: 600.0, h: 20.0 };
            content.push_word("\n", words, bounds, 100, Origin::Layer);
        }
        Page { size: PageSize { width: 1000.0, height: 1400.0 }, text: content, ..Page::plain(number, "") }
    };
    (1..=count).map(page).collect()
}

/// The line at which the rule named `id` begins.
fn line_of(text: &str, id: &str) -> usize {
    let wanted = format!("id = \"{id}\"");
    text.lines().position(|line| line == wanted).map_or(0, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_finds_its_examples_and_none_of_its_counter_examples() {
        let problems: Vec<String> = check().iter().map(RuleProblem::to_string).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn a_problem_names_file_rule_and_line() {
        assert_eq!(line_of("a\n[[rule]]\nid = \"x.y\"\n", "x.y"), 3);
    }
}
