//! Rules of the house: a folder of files (`rules.folder`) whose rules come beside those of the program, in the same form, or take
//! their place where they have the same name; and a list of rules that are switched off.
//!
//! ```toml
//! disable = ["us.fouo"]
//!
//! [[rule]]      # as in models/markings.toml
//! [[negative]]  # as there
//! [[type]]      # as in models/identifiers.toml
//! [[dummy]]     # as there: published numbers beside those of the program
//! [words]       # as there
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use toml::Spanned;

use super::identifier::schema::{Dummy, Entry};
use super::marking::schema::{NegativeSource, RuleSource};

/// Files of one folder that are read.
const FILES: usize = 1000;

/// Whose rules are that do not say it.
pub(super) fn house() -> String {
    "house".to_owned()
}

/// A rule with its place.
#[derive(Debug)]
pub(super) struct Placed<T> {
    pub(super) rule: T,
    /// `FILE:LINE`.
    pub(super) place: String,
}

/// What the house adds, changes and switches off.
#[derive(Debug, Default)]
pub(super) struct Site {
    pub(super) markings: Vec<Placed<RuleSource>>,
    pub(super) negatives: Vec<Placed<NegativeSource>>,
    pub(super) identifiers: Vec<Placed<Entry>>,
    pub(super) dummies: Vec<Dummy>,
    /// Words that its types share; those of the program that have the same name give way.
    pub(super) words: BTreeMap<String, Vec<String>>,
    /// Names of rules that are off, with the file that says so.
    pub(super) disabled: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    disable: Vec<String>,
    #[serde(default)]
    rule: Vec<Spanned<RuleSource>>,
    #[serde(default)]
    negative: Vec<Spanned<NegativeSource>>,
    #[serde(default, rename = "type")]
    types: Vec<Spanned<Entry>>,
    #[serde(default)]
    dummy: Vec<Dummy>,
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
}

/// The files of a folder, in order of name.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list =
        || -> std::io::Result<Vec<PathBuf>> { std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    let mut files = list().with_context(|| format!("rules.folder: {}", folder.display()))?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    anyhow::ensure!(files.len() <= FILES, "rules.folder: {}: more than {FILES} files of rules", folder.display());
    files.sort();
    Ok(files)
}

/// The files of a folder with their texts; an empty path is no folder.
pub(super) fn texts(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    if folder.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let read = |path: PathBuf| {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).with_context(|| shown.clone())?;
        Ok((shown, text))
    };
    files(folder)?.into_iter().map(read).collect()
}

/// What findings depend on besides the text. A folder that cannot be read fails when it is loaded.
pub(super) fn stamp(folder: &Path) -> String {
    if folder.as_os_str().is_empty() {
        return String::new();
    }
    let mut hasher = blake3::Hasher::new();
    for file in files(folder).unwrap_or_default() {
        hasher.update(&std::fs::read(&file).unwrap_or_default());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

fn placed<T>(shown: &str, text: &str, rule: Spanned<T>) -> Placed<T> {
    Placed { place: place(shown, text, rule.span().start), rule: rule.into_inner() }
}

/// `FILE:LINE` of a byte of the file.
fn place(shown: &str, text: &str, at: usize) -> String {
    format!("{shown}:{}", text[..at.min(text.len())].matches('\n').count() + 1)
}

impl Site {
    /// Reads a folder; an empty path is no folder.
    pub(super) fn load(folder: &Path) -> anyhow::Result<Self> {
        let mut site = Self::default();
        for (shown, text) in texts(folder)? {
            let file: File = toml::from_str(&text).map_err(|error| {
                let place = error.span().map_or_else(|| shown.clone(), |span| place(&shown, &text, span.start));
                anyhow::anyhow!("{place}: {}", error.message())
            })?;
            site.markings.extend(file.rule.into_iter().map(|rule| placed(&shown, &text, rule)));
            site.negatives.extend(file.negative.into_iter().map(|rule| placed(&shown, &text, rule)));
            site.identifiers.extend(file.types.into_iter().map(|rule| placed(&shown, &text, rule)));
            site.dummies.extend(file.dummy);
            site.words.extend(file.words);
            site.disabled.extend(file.disable.into_iter().map(|id| (id, shown.clone())));
        }
        let mut names = BTreeSet::new();
        for (id, place) in site.places() {
            if !names.insert(id) {
                bail!("{place}: another rule of the folder is named {id:?}");
            }
        }
        Ok(site)
    }

    /// Whether a rule is switched off.
    pub(super) fn disables(&self, id: &str) -> bool {
        self.disabled.iter().any(|(off, _)| off == id)
    }

    /// Where the house writes a rule.
    pub(super) fn place(&self, id: &str) -> Option<&str> {
        self.places().find(|(name, _)| *name == id).map(|(_, place)| place)
    }

    /// The names of all its rules, each with its place.
    fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let markings = self.markings.iter().map(|one| (&one.rule.id, &one.place));
        let negatives = self.negatives.iter().map(|one| (&one.rule.id, &one.place));
        let identifiers = self.identifiers.iter().map(|one| (&one.rule.id, &one.place));
        markings.chain(negatives).chain(identifiers).map(|(id, place)| (id.as_str(), place.as_str()))
    }
}

/// Lays rules of the house over those of the program: what has the same name takes the place, the others come behind, and what is
/// switched off goes.
pub(super) fn lay_over<T: Clone>(
    own: &mut Vec<T>,
    site: &[Placed<T>],
    id: impl Fn(&T) -> &str,
    off: impl Fn(&str) -> bool,
) {
    for Placed { rule, .. } in site {
        match own.iter_mut().find(|one| id(one) == id(rule)) {
            Some(one) => *one = rule.clone(),
            None => own.push(rule.clone()),
        }
    }
    own.retain(|one| !off(id(one)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Classifier;
    use crate::config::Settings;
    use crate::document::Page;

    fn settings(folder: &Path, text: &str) -> Settings {
        std::fs::write(folder.join("house.toml"), text).expect("written");
        let mut settings = Settings::defaults();
        settings.rules.folder = folder.to_owned();
        settings
    }

    fn rule(id: &str, example: &str) -> String {
        format!(
            "[[rule]]\nid = \"{id}\"\njurisdiction = \"house\"\nnative = \"BOARD ONLY\"\nlevel = 2\nrank = 30\nkind = \"level\"\nstrength = \"S3\"\n\
             zone = \"header\"\nregex = 'BOARD ONLY'\nexamples = [\"{example}\"]\n"
        )
    }

    fn seen(settings: &Settings, text: &str) -> Vec<String> {
        let classifier = Classifier::load(settings).expect("loads");
        let findings = classifier.classify(&[Page::plain(1, text)], &settings.limits).findings;
        findings.into_iter().filter(|one| one.detector != "topic").map(|one| one.rule).collect()
    }

    #[test]
    fn rules_of_the_house_add_change_and_switch_off() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let text = format!("disable = [\"cn.state.secret.full\"]\n{}", rule("house.board", "BOARD ONLY"));
        let house = settings(folder.path(), &text);
        assert_eq!(seen(&house, "BOARD ONLY\n"), ["house.board"]);
        assert!(!seen(&house, "机密★10年\n").contains(&"cn.state.secret.full".to_owned()));
        assert!(seen(&Settings::defaults(), "机密★10年\n").contains(&"cn.state.secret.full".to_owned()));
        let other = settings(folder.path(), &rule("cn.state.secret.full", "BOARD ONLY"));
        assert_eq!(seen(&other, "BOARD ONLY\n"), ["cn.state.secret.full"]);
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_said_with_file_rule_and_line() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let error = |text: &str| {
            let house = settings(folder.path(), text);
            format!("{:#}", Classifier::load(&house).map(drop).expect_err("refused"))
        };
        let missed = error(&rule("house.board", "nothing of the kind"));
        assert!(missed.contains("house.toml:1") && missed.contains("house.board"), "{missed}");
        let pattern = error(&rule("house.board", "BOARD ONLY").replace("'BOARD ONLY'", "'BOARD (ONLY'"));
        assert!(pattern.contains("house.toml:1") && pattern.contains("house.board"), "{pattern}");
        assert!(error("disable = [\"no.such\"]\n").contains("no rule is named \"no.such\""));
        assert!(error("[[rule]]\nid = \"x\"\ncolour = \"red\"\n").contains("house.toml:"));
        let twice = error(&(rule("house.board", "BOARD ONLY") + &rule("house.board", "BOARD ONLY")));
        assert!(twice.contains("another rule of the folder"), "{twice}");
    }

    #[test]
    fn what_the_house_need_not_say_is_its_own() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let short =
            rule("house.board", "BOARD ONLY").replace("jurisdiction = \"house\"\n", "").replace("rank = 30\n", "");
        assert_eq!(seen(&settings(folder.path(), &short), "BOARD ONLY\n"), ["house.board"]);
    }

    #[test]
    fn any_rule_that_is_listed_can_be_switched_off() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let minutes = "会议纪要\n出席：张三\n列席：李四\n会议议定事项如下";
        let topics = |house: &Settings| {
            let classifier = Classifier::load(house).expect("loads");
            classifier.classify(&[Page::plain(1, minutes)], &house.limits).findings.len()
        };
        assert_eq!(topics(&Settings::defaults()), 1);
        let off = "disable = [\"topic.minutes\", \"neg.zh.nature\", \"registered.document\", \"file.kdbx\", \"bulk.personal\"]\n";
        let house = settings(folder.path(), off);
        assert_eq!(topics(&house), 0);
        let rules = Classifier::load(&house).expect("loads").rules();
        assert!(!rules.iter().any(|rule| off.contains(&format!("\"{}\"", rule.id))));
    }

    #[test]
    fn a_type_of_the_program_may_be_copied_with_the_words_that_it_shares() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let written = crate::classify::check::source("secret.password_label").expect("it is written").text;
        let house = settings(folder.path(), &format!("[[type]]\n{}\n", written.trim_start_matches("[[type]]")));
        assert!(Classifier::load(&house).is_ok(), "{:#}", Classifier::load(&house).map(drop).expect_err("refused"));
    }

    #[test]
    fn words_and_published_numbers_of_the_house_come_beside_those_of_the_program() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let iban = "IBAN DE89 3704 0044 0532 0130 00\n";
        let dummy = "[[dummy]]\nvalue = \"DE89370400440532013000\"\ntypes = [\"iban\"]\neffect = \"ignore\"\n";
        let told = |settings: &Settings| seen(settings, iban).iter().any(|rule| rule == "iban");
        let house = settings(folder.path(), dummy);
        assert!(told(&Settings::defaults()) && !told(&house));
    }

    #[test]
    fn a_pattern_that_is_wrong_beside_han_is_refused_of_types_too() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let own = "[[type]]\nid = \"house.staff\"\nname = \"staff\"\ncategory = \"person\"\nlevel = 2\n\
                   pattern = 'PATTERN'\nconfidence = [75, 85, 0, 0]\nanchor = [\"ST-\"]\nexamples = [\"工号ST-123456的员工\"]\n";
        let refused = |pattern: &str, confidence: &str| {
            let text = own.replace("PATTERN", pattern).replace("[75, 85, 0, 0]", confidence);
            format!("{:#}", Classifier::load(&settings(folder.path(), &text)).map(drop).expect_err("refused"))
        };
        assert!(
            refused("\\bST-[0-9]{6}\\b", "[75, 85, 0, 0]").contains("house.toml:1: type house.staff: a Unicode \\b")
        );
        assert!(refused("ST-[0-9]{6}", "[200, 7, 0, 0]").contains("each must be 0"));
        assert!(Classifier::load(&settings(folder.path(), &own.replace("PATTERN", "ST-[0-9]{6}"))).is_ok());
    }

    #[test]
    fn the_stamp_changes_with_the_rules() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let before = crate::classify::stamp(&settings(folder.path(), &rule("house.board", "BOARD ONLY")));
        assert_ne!(before, crate::classify::stamp(&settings(folder.path(), &rule("house.staff", "BOARD ONLY"))));
    }
}
