//! Topics by rules: `models/topics.toml`, read, refused where unsafe, compiled, and how a document's points are counted.
//!
//! A rule is data; nothing here knows what any topic means.

use aho_corasick::AhoCorasick;
use anyhow::{Context as _, bail};
use regex::{Regex, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use crate::classify::pattern::pattern_of;
use crate::document::Page;
use crate::topic::Look;

/// The built-in rules.
pub const BUILT_IN: &str = include_str!("../../../models/topics.toml");

/// Where the built-in rules stand in the repository: what problems name.
pub const FILE: &str = "models/topics.toml";

/// Lines from the first on in which a title is looked for, and characters of a line that can be one.
const TITLE_LINES: usize = 12;
const TITLE_CHARS: usize = 60;
/// What a title is worth.
const TITLE_POINTS: f32 = 4.0;
/// Characters of a line that patterns for lines look at.
const LINE_BYTES: usize = 240;

/// The file: what may stand in it. Unknown keys are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    topic: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    id: String,
    name: String,
    least: f32,
    title: String,
    cues: Vec<(f32, Vec<String>)>,
    #[serde(default)]
    lines: Vec<LinesSource>,
    #[serde(default)]
    against: Vec<(f32, Vec<String>)>,
    most_characters: Option<usize>,
    examples: Vec<String>,
    counter_examples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinesSource {
    points: f32,
    least: usize,
    regex: String,
}

/// A topic, compiled.
pub struct Rule {
    /// Stable name (`topic.contract`).
    pub id: String,
    /// In words.
    pub name: String,
    /// Points that make a document one of it.
    pub least: f32,
    /// A longer document is none.
    most_characters: Option<usize>,
    lines: Vec<Lines>,
    /// Texts that are of it.
    pub examples: Vec<String>,
    /// Texts that are not.
    pub counter_examples: Vec<String>,
}

/// Lines of a form.
struct Lines {
    points: f32,
    least: usize,
    regex: Regex,
}

/// A cue of a topic; below zero it speaks against it.
struct Cue {
    rule: usize,
    points: f32,
}

/// All topics, compiled.
pub struct Rules {
    /// The topics, in the order of the file, which breaks ties.
    pub rules: Vec<Rule>,
    titles: RegexSet,
    finder: AhoCorasick,
    /// The words of cues, as the finder numbers them, and what each says of topics.
    words: Vec<(String, Vec<Cue>)>,
}

/// What speaks for a topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Points in all.
    pub points: f32,
    /// Cues that were found with their points, the strongest first; `title` and `lines` are among them.
    pub cues: Vec<(String, f32)>,
}

impl Rules {
    /// Reads and compiles the built-in rules.
    pub fn built_in() -> anyhow::Result<Self> {
        Self::parse(BUILT_IN).with_context(|| FILE.to_owned())
    }

    /// Reads and compiles rules.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        if file.version != 1 {
            bail!("version {} of the rules is not known to this program; it knows version 1", file.version);
        }
        let mut words: Vec<(String, Vec<Cue>)> = Vec::new();
        let (mut rules, mut titles): (Vec<Rule>, Vec<String>) = (Vec::new(), Vec::new());
        for (at, source) in file.topic.into_iter().enumerate() {
            if !source.id.starts_with("topic.") || rules.iter().any(|rule| rule.id == source.id) {
                bail!("rule {:?}: a topic has a name of its own that begins with `topic.`", source.id);
            }
            for (points, cues) in source.cues.iter().chain(&source.against) {
                for cue in cues {
                    add(&mut words, at, *points, cue).with_context(|| format!("rule {}", source.id))?;
                }
            }
            pattern_of(&source.title).with_context(|| format!("rule {}: title", source.id))?;
            titles.push(source.title);
            let lines = |lines: LinesSource| {
                let regex = pattern_of(&lines.regex).with_context(|| format!("rule {}: lines", source.id))?;
                Ok(Lines { points: lines.points, least: lines.least, regex })
            };
            rules.push(Rule {
                lines: source.lines.into_iter().map(lines).collect::<anyhow::Result<_>>()?,
                id: source.id,
                name: source.name,
                least: source.least,
                most_characters: source.most_characters,
                examples: source.examples,
                counter_examples: source.counter_examples,
            });
        }
        let titles = RegexSetBuilder::new(titles).build().context("titles")?;
        let finder = AhoCorasick::new(words.iter().map(|(word, _)| word)).context("cues")?;
        Ok(Self { rules, titles, finder, words })
    }

    /// Points of each topic.
    pub fn scores(&self, look: &Look) -> Vec<Score> {
        let mut scores = vec![Score::default(); self.rules.len()];
        let text = look.text();
        let mut seen = vec![false; self.words.len()];
        for found in self.finder.find_overlapping_iter(text) {
            let word = found.pattern().as_usize();
            if !seen[word] && stands_alone(text, found.start(), found.end()) {
                seen[word] = true;
                for cue in &self.words[word].1 {
                    scores[cue.rule].add(self.words[word].0.clone(), cue.points);
                }
            }
        }
        let mut titled = vec![false; self.rules.len()];
        for line in look.first_lines(TITLE_LINES).filter(|line| line.chars().nth(TITLE_CHARS).is_none()) {
            for rule in self.titles.matches(line) {
                titled[rule] = true;
            }
        }
        for (at, rule) in self.rules.iter().enumerate() {
            if titled[at] {
                scores[at].add("title".to_owned(), TITLE_POINTS);
            }
            let reachable: f32 = rule.lines.iter().map(|lines| lines.points).sum();
            if scores[at].points + reachable < rule.least {
                continue;
            }
            for lines in &rule.lines {
                let cut = |line: &str| lines.regex.is_match(&line[..line.floor_char_boundary(LINE_BYTES)]);
                if look.lines().filter(|line| cut(line)).take(lines.least).count() == lines.least {
                    scores[at].add("lines".to_owned(), lines.points);
                }
            }
            if rule.most_characters.is_some_and(|most| text.chars().nth(most).is_some()) {
                scores[at] = Score::default();
            }
        }
        for score in &mut scores {
            score.cues.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        }
        scores
    }

    /// Topics that do not do what their examples say.
    pub(in crate::classify) fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            let points = |text: &str| self.scores(&Look::at(&[Page::plain(1, text)]))[at].points;
            for text in rule.examples.iter().filter(|text| points(text) < rule.least) {
                let problem = format!("the example {text:?} gets {} points of {}", points(text), rule.least);
                problems.push((rule.id.clone(), problem));
            }
            for text in rule.counter_examples.iter().filter(|text| points(text) >= rule.least) {
                let problem =
                    format!("the counter-example {text:?} gets {} points, {} make it", points(text), rule.least);
                problems.push((rule.id.clone(), problem));
            }
            if rule.examples.is_empty() {
                problems.push((rule.id.clone(), "there is no example".to_owned()));
            }
        }
        problems
    }
}

impl Score {
    fn add(&mut self, cue: String, points: f32) {
        self.points += points;
        self.cues.push((cue, points));
    }
}

/// Adds a cue. One that is not written as text is folded would never be found.
fn add(words: &mut Vec<(String, Vec<Cue>)>, rule: usize, points: f32, cue: &str) -> anyhow::Result<()> {
    let folded = Look::at(&[Page::plain(1, cue)]);
    if folded.text() != cue {
        bail!("the cue {cue:?} must be written as text is folded: {:?}", folded.text());
    }
    let cue_of = Cue { rule, points };
    match words.iter_mut().find(|(word, _)| word == cue) {
        Some((_, cues)) if cues.iter().any(|known| known.rule == rule) => bail!("the cue {cue:?} stands there twice"),
        Some((_, cues)) => cues.push(cue_of),
        None => words.push((cue.to_owned(), vec![cue_of])),
    }
    Ok(())
}

/// Whether no letter or digit of Latin script goes on with one at either end.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let goes_on = |inside: usize, outside: Option<usize>| letter(inside) && outside.is_some_and(letter);
    !goes_on(start, start.checked_sub(1)) && !goes_on(end - 1, Some(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_categories_of_the_specification_are_there() {
        let rules = Rules::built_in().expect("the built-in rules compile");
        assert_eq!(rules.rules.len(), 21, "20 categories, and the negative one");
    }

    #[test]
    fn a_cue_that_could_never_be_found_is_refused_by_rule_and_cue() {
        let refuse = |from: &str, to: &str| {
            let error = Rules::parse(&BUILT_IN.replacen(from, to, 1)).err().expect("must be refused");
            format!("{error:#}")
        };
        let cue = refuse("\"甲方\"", "\"甲 方\"");
        assert!(cue.starts_with("rule topic.contract: the cue \"甲 方\" must be written"), "{cue}");
        assert!(refuse("\"甲方\"", "\"乙方\"").contains("stands there twice"));
        assert!(refuse("version = 1", "version = 2").contains("it knows version 1"));
        assert!(refuse("least = 8.0", "leest = 8.0").contains("leest"));
        let title = refuse("title = '", "title = '\\d");
        assert!(title.starts_with("rule topic.contract: title"), "{title}");
    }

    #[test]
    fn a_cue_inside_another_word_is_none() {
        assert!(stands_alone("the vat is", 4, 7));
        assert!(!stands_alone("private", 3, 6) && !stands_alone("vats", 0, 3));
        assert!(stands_alone("按vat税", 3, 6));
    }
}
