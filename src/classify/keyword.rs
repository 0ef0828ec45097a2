//! Lists of words that mean something to the house alone: code names of projects, names of customers. A text file a list, an entry
//! a line, taken literally; tens of thousands of entries cost no more than one.
//!
//! Between the words of an entry there may be any blanks with at most one line end, a hyphen or an underscore, and inside Chinese
//! and Japanese ones a line end.
//!
//! The case of ASCII letters does not matter. An entry that begins or ends with a letter or digit of a script with capitals
//! stands there as a word of its own.

use std::collections::BTreeMap;
use std::path::Path;

use aho_corasick::{AhoCorasick, MatchKind};
use anyhow::{Context as _, bail};

use super::identifier::rules::is_word;
use super::spread::{self, Spread};
use super::{Detected, Detector, RuleInfo, Subject, over};
use crate::config::{KeywordList, Settings};
use crate::document;
use crate::finding::{Finding, Level, Signal, Stated};

/// Longest entry, bytes: a name, not a paragraph.
const LONGEST: usize = 200;
/// Shortest entry, characters: a single letter is everywhere.
const SHORTEST: usize = 2;

/// Sees entries of lists.
pub struct Keywords {
    lists: Vec<KeywordList>,
    /// None without entries.
    entries: Option<AhoCorasick>,
    /// The list of each entry.
    of: Vec<usize>,
    /// Findings of a list that are kept of a content.
    samples: usize,
}

/// What findings depend on besides the text. A list that cannot be read fails when it is loaded.
pub fn stamp(settings: &Settings) -> String {
    let list = |list: &KeywordList| match std::fs::read(&list.file) {
        Ok(bytes) => format!("{list:?} {}", blake3::hash(&bytes).to_hex()),
        Err(error) => format!("{list:?} {error}"),
    };
    let lists: Vec<String> = settings.keyword_list.iter().map(list).collect();
    format!("keyword 4 {} {}", settings.identifiers.samples, lists.join(" "))
}

impl Keywords {
    /// The lists of the settings.
    pub fn load(settings: &Settings) -> anyhow::Result<Self> {
        let lists = settings.keyword_list.clone();
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        for (index, list) in lists.iter().enumerate() {
            let text = text_of(&list.file).with_context(|| format!("keyword list {:?}", list.name))?;
            for word in entries(&text, &list.file)? {
                // Of lists that have the same entry the one of the highest level counts, and of those the first.
                let entry = words.entry(word).or_insert(index);
                if lists[*entry].level < list.level {
                    *entry = index;
                }
                if words.len() > settings.limits.keywords {
                    bail!(
                        "keyword list {:?}: {}: more than limits.keywords = {} entries in all lists; raise that key",
                        list.name,
                        list.file.display(),
                        settings.limits.keywords
                    );
                }
            }
        }
        let (patterns, of): (Vec<String>, Vec<usize>) = words.into_iter().unzip();
        let build = || {
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(&patterns)
        };
        let entries = if patterns.is_empty() { None } else { Some(build()?) };
        Ok(Self { lists, entries, of, samples: settings.identifiers.samples })
    }
}

/// The text of a list. Where it is no UTF-8, its first line that is none is named.
fn text_of(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    String::from_utf8(bytes).map_err(|error| {
        let read = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = memchr::memchr_iter(b'\n', read).count() + 1;
        anyhow::anyhow!("{}:{line}: this line is not UTF-8; save the list in UTF-8", file.display())
    })
}

/// The entries of a list; blank lines and those behind `#` are for people.
fn entries(text: &str, file: &Path) -> anyhow::Result<Vec<String>> {
    let mut words = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let word = line.trim();
        if word.is_empty() || word.starts_with('#') {
            continue;
        }
        let wrong = match word.chars().count() {
            ..SHORTEST => "is too short: it would be found everywhere",
            _ if word.len() > LONGEST => "is too long for a name: one entry a line",
            _ => {
                for word in spread::spellings(word) {
                    if !word.is_ascii() {
                        // Searching ignores the case of ASCII letters alone.
                        words.extend([word.clone(), word.to_uppercase()]);
                    }
                    words.push(word.to_lowercase());
                }
                continue;
            }
        };
        bail!("{}:{}: the entry {wrong}", file.display(), index + 1);
    }
    Ok(words)
}

impl Detector for Keywords {
    fn name(&self) -> &'static str {
        "keyword"
    }

    fn rules(&self) -> Vec<RuleInfo> {
        let rule = |list: &KeywordList| RuleInfo {
            id: format!("keyword.{}", list.name),
            whose: String::new(),
            name: format!("an entry of {}", list.file.display()),
            level: list.level,
        };
        self.lists.iter().map(rule).collect()
    }

    fn detect(&self, subject: Subject<'_>, most: usize) -> Detected {
        let Some(entries) = &self.entries else { return Detected::default() };
        let mut detected = Detected::default();
        let mut counts = vec![0_usize; self.lists.len()];
        for page in subject.pages {
            let text = page.text.content.as_str();
            let spread = Spread::new(text);
            // Words first: what is no word must not hide one that overlaps it. Then the longest, but one of a lower level hides none.
            let mut hits: Vec<(usize, usize, usize)> = entries
                .find_overlapping_iter(&spread.text)
                .map(|hit| (spread.source(hit.start(), hit.end()), self.of[hit.pattern().as_usize()]))
                .filter(|((start, end), _)| is_word(text, *start, *end))
                .map(|((start, end), list)| (start, end, list))
                .collect();
            hits.sort_by_key(|&(start, end, _)| (start, std::cmp::Reverse(end)));
            let mut reached = [0; Level::Top as usize + 1];
            for (start, end, index) in hits {
                let levels = &mut reached[..=usize::from(self.lists[index].level.number())];
                if levels.last().is_some_and(|reached| start < *reached) {
                    continue;
                }
                levels.iter_mut().for_each(|reached| *reached = end.max(*reached));
                counts[index] += 1;
                if counts[index] > self.samples {
                    continue;
                }
                if detected.findings.len() >= most {
                    detected.cut = over(true, most);
                    break;
                }
                let list = &self.lists[index];
                let words = page.text.words_in(&(start..end));
                let characters = text[start..end].chars().count();
                let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                detected.findings.push(Finding {
                    detector: "keyword".to_owned(),
                    rule: format!("keyword.{}", list.name),
                    page: page.number,
                    start: place(start),
                    end: place(end),
                    boxes: document::bounds(words).into_iter().collect(),
                    level: list.level,
                    rank: list.level.rank(),
                    native: list.name.clone(),
                    confidence: list.confidence,
                    excerpt: "•".repeat(characters),
                    origin: document::origin(words),
                    signals: vec![Signal { name: format!("an entry of list {}", list.name), points: 0.0 }],
                    flags: Vec::new(),
                    stated: Stated::default(),
                });
            }
        }
        for (finding, count) in detected.findings.iter_mut().map(|finding| {
            let index = self.lists.iter().position(|list| finding.native == list.name).unwrap_or_default();
            (finding, counts[index])
        }) {
            if count > self.samples {
                finding.flags.push(format!("{count} in all"));
            }
        }
        detected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Page;

    fn settings(folder: &Path, lists: &[(&str, u8, &str)]) -> Settings {
        let mut settings = Settings::defaults();
        for (name, level, text) in lists {
            let file = folder.join(format!("{name}.txt"));
            std::fs::write(&file, text).expect("written");
            let level = Level::try_from(*level).expect("a level");
            settings.keyword_list.push(KeywordList { name: (*name).to_owned(), file, level, confidence: 75 });
        }
        settings
    }

    fn seen(settings: &Settings, text: &str) -> Vec<(String, String, String)> {
        let keywords = Keywords::load(settings).expect("loads");
        let findings = keywords.detect(Subject { pages: &[Page::plain(1, text)] }, 100).findings;
        let told = |one: Finding| (one.rule, text[one.start as usize..one.end as usize].to_owned(), one.excerpt);
        findings.into_iter().map(told).collect()
    }

    /// Rules with what they found.
    fn pairs(settings: &Settings, text: &str) -> Vec<String> {
        seen(settings, text).into_iter().map(|(rule, found, _)| format!("{rule} {found}")).collect()
    }

    #[test]
    fn entries_are_found_as_words_in_any_case_and_are_not_shown() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let lists = [("projects", 2, "# code names\n\nBlue Heron\n海燕计划\n"), ("customers", 1, "acme\n")];
        let settings = settings(folder.path(), &lists);
        let found = seen(&settings, "on BLUE HERON, 关于海燕计划的通知, Acme; not acmes or bluebird");
        let told = |rule: &str, text: &str, excerpt: &str| (rule.to_owned(), text.to_owned(), excerpt.to_owned());
        assert_eq!(
            found,
            [
                told("keyword.projects", "BLUE HERON", "••••••••••"),
                told("keyword.projects", "海燕计划", "••••"),
                told("keyword.customers", "Acme", "••••"),
            ]
        );
    }

    #[test]
    fn an_entry_is_found_whatever_parts_its_words() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let settings = settings(folder.path(), &[("projects", 2, "harbour plan\n纸灯笼\nBlue-Heron\n")]);
        for text in [
            "the harbour\nplan",
            "the HARBOUR  plan",
            "harbour\u{a0}plan",
            "harbour-plan",
            "harbour_plan",
            "关于纸灯\n笼的通知",
            "blue heron",
            "代号（纸  灯  笼）",
            "代号 纸 灯 笼",
        ] {
            assert_eq!(seen(&settings, text).len(), 1, "{text:?}");
        }
        for text in ["the harbour\n\nplan", "harbour - plan", "harbour, plan", "纸灯\n\n笼", "白纸 灯 笼罩"] {
            assert_eq!(seen(&settings, text), [], "{text:?}");
        }
    }

    #[test]
    fn an_entry_is_found_inside_what_is_no_word() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let lists = [("projects", 1, "art deco\ndeco\n"), ("customers", 2, "deco\n")];
        assert_eq!(
            pairs(&settings(folder.path(), &lists), "smart deco, art deco"),
            ["keyword.customers deco", "keyword.projects art deco", "keyword.customers deco"]
        );
    }

    #[test]
    fn an_entry_is_not_hidden_by_one_of_a_lower_level_around_or_before_it() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let lists = [("low", 1, "harbour plan\nblue sky\n"), ("high", 4, "plan blue\n")];
        assert_eq!(
            pairs(&settings(folder.path(), &lists), "the harbour plan blue sky"),
            ["keyword.low harbour plan", "keyword.high plan blue"]
        );
    }

    #[test]
    fn an_entry_that_is_no_name_is_refused_with_its_place() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let error = |text: &str| {
            let settings = settings(folder.path(), &[("projects", 2, text)]);
            Keywords::load(&settings).map(drop).expect_err("refused").to_string()
        };
        assert!(error("Blue Heron\nx\n").contains("projects.txt:2: the entry is too short"));
        let list = settings(folder.path(), &[("latin", 2, "")]).keyword_list.remove(0);
        std::fs::write(&list.file, b"Blue Heron\nM\xfcnster\n").expect("written");
        let latin = Settings { keyword_list: vec![list], ..Settings::defaults() };
        let refused = format!("{:#}", Keywords::load(&latin).map(drop).expect_err("refused"));
        assert!(refused.contains("latin.txt:2: this line is not UTF-8"), "{refused}");
        assert!(error(&"y".repeat(300)).contains("projects.txt:1: the entry is too long"));
        let mut few = settings(folder.path(), &[("projects", 2, "one\ntwo\nthree\n")]);
        few.limits.keywords = 2;
        assert!(Keywords::load(&few).map(drop).expect_err("too many").to_string().contains("limits.keywords = 2"));
    }

    #[test]
    fn the_stamp_changes_with_the_list() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let before = stamp(&settings(folder.path(), &[("projects", 2, "Blue Heron\n")]));
        assert_ne!(before, stamp(&settings(folder.path(), &[("projects", 2, "Red Kite\n")])));
    }
}
