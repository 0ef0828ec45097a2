//! What the name of a document says, beside its content: a marking or a keyword in it or in the name of a folder that it lies in,
//! and a kind that the content is not.
//!
//! A name is no text: it is short, out of context and easily wrong. So evidence in it is for people to look at and decides
//! nothing, unless the house gives its rule another confidence. It belongs to the location, because the same content may lie elsewhere under another name.

mod kinds;
mod parts;

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::path::{Component, Path};

use crate::classify::policy::{self, Policy};
use crate::classify::{self, Classifier, RuleInfo};
use crate::config::Settings;
use crate::document::{Kind, Location, Page};
use crate::finding::{Finding, Level, Signal};

/// Raise it when other names say something.
const VERSION: u32 = 6;

/// What findings of kinds are the findings of.
pub const DETECTOR: &str = "name";

/// The detectors that look at names.
const DETECTORS: [&str; 2] = ["marking", "keyword"];

/// Confidence in evidence of a name: for people to look at.
const POSSIBLE: u8 = 65;

/// Confidence that a finding would need in a line of text.
const LEAST: u8 = 75;

/// Characters of a name that are looked at; file systems allow 255 bytes.
const LONGEST: usize = 1000;

/// Letters and digits of an ending: longer ones are words.
const LONGEST_ENDING: usize = 5;

/// Names of folders that are remembered with what they said.
const REMEMBERED: usize = 10_000;

/// Folders of a member that are looked at, the innermost ones: names in archives may be of hundreds.
const FOLDERS: usize = 20;

/// The flag of every finding in a name.
const FLAG: &str = "name";

/// The flag of every finding in the name of a folder.
const FOLDER_FLAG: &str = "folder";

/// A name, the kind of its content, and what it said.
type Answer = (String, Option<Kind>, Vec<Finding>);

/// Says what names say.
pub struct Names<'a> {
    settings: &'a Settings,
    /// Loaded for the first name that is looked at: on most nights none is.
    classifier: OnceCell<Classifier>,
    policy: Policy,
    /// The last answer: a location is judged several times in a row.
    last: RefCell<Option<Answer>>,
    /// What names of folders say: thousands of files lie in one.
    folders: RefCell<HashMap<String, Vec<Finding>>>,
}

/// What findings in names depend on besides the name.
pub fn stamp(settings: &Settings) -> String {
    format!("naming/{VERSION} {} {}", classify::stamp_of(settings, &DETECTORS), policy::stamp(settings))
}

/// The rules of names alone.
pub fn rules() -> Vec<RuleInfo> {
    let rule = |id: &str, name: &str| RuleInfo {
        id: id.to_owned(),
        whose: String::new(),
        name: name.to_owned(),
        level: Level::Internal,
    };
    vec![
        rule(kinds::OTHER_KIND, "a name that promises another kind of document than there is"),
        rule(kinds::SEALED, "random bytes under the name of a document"),
        RuleInfo {
            level: Level::Public,
            ..rule(kinds::VOLUME, "random bytes under the name of a volume of a split archive")
        },
        RuleInfo { level: Level::Public, ..rule(kinds::EMPTY, "nothing at all under the name of a document") },
    ]
}

impl<'a> Names<'a> {
    /// With the rules of the settings.
    pub fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            classifier: OnceCell::new(),
            policy: Policy::of(settings),
            last: RefCell::default(),
            folders: RefCell::default(),
        }
    }

    /// What the name of a location says, given the kind of its content if there is one, and what the names of the folders say in
    /// which it lies below `root`. Page 0 stands for the name.
    pub fn findings(&self, location: &Location, kind: Option<&Kind>, root: &Path) -> anyhow::Result<Vec<Finding>> {
        let whole = location.name();
        let mut findings = self.own(whole.rsplit('/').next().unwrap_or_default(), kind)?;
        for folder in folders(location, root) {
            for said in self.of_folder(&folder)? {
                if findings.iter().all(|known| known.rule != said.rule) {
                    findings.push(said);
                }
            }
        }
        Ok(findings)
    }

    /// What a name itself says.
    fn own(&self, name: &str, kind: Option<&Kind>) -> anyhow::Result<Vec<Finding>> {
        if let Some((last, of, findings)) = &*self.last.borrow()
            && last == name
            && of.as_ref() == kind
        {
            return Ok(findings.clone());
        }
        let mut findings = self.marks(stem(name))?;
        if parts::is_module(name) {
            // What programs call their modules is no marking; the house's words are.
            findings.retain(|finding| finding.detector != "marking");
        }
        findings.extend(kind.and_then(|kind| kinds::other_kind(name, kind.as_str())));
        self.policy.relevel(&mut findings);
        *self.last.borrow_mut() = Some((name.to_owned(), kind.cloned(), findings.clone()));
        Ok(findings)
    }

    /// What the name of a folder says.
    fn of_folder(&self, name: &str) -> anyhow::Result<Vec<Finding>> {
        if let Some(known) = self.folders.borrow().get(name) {
            return Ok(known.clone());
        }
        let mut findings: Vec<Finding> =
            self.marks(name)?.into_iter().map(|finding| of_folder(finding, name)).collect();
        self.policy.relevel(&mut findings);
        let mut folders = self.folders.borrow_mut();
        if folders.len() >= REMEMBERED {
            folders.clear();
        }
        folders.insert(name.to_owned(), findings.clone());
        Ok(findings)
    }

    /// Markings and keywords in a name without its ending.
    fn marks(&self, stem: &str) -> anyhow::Result<Vec<Finding>> {
        let classifier = match self.classifier.get() {
            Some(classifier) => classifier,
            None => {
                let loaded = Classifier::of(self.settings, &DETECTORS)?;
                self.classifier.get_or_init(|| loaded)
            }
        };
        let mut found: Vec<Finding> = Vec::new();
        for line in parts::of(stem) {
            let seen = classifier.classify(&[Page::plain(1, line.as_str())], &self.settings.limits).findings;
            let sure = seen.into_iter().filter(|finding| finding.confidence >= LEAST).map(of_name);
            found.extend(sure.filter(|one| !found.iter().any(|known| known.rule == one.rule)).collect::<Vec<_>>());
        }
        Ok(found)
    }
}

/// The folders that a location lies in, from the innermost outwards: those of a file below `root`, those of a member inside its
/// container. What lies around the container is said of the container.
fn folders(location: &Location, root: &Path) -> Vec<String> {
    let mut folders: Vec<String> = match location.members.last() {
        Some(member) => member.split('/').map(str::to_owned).collect(),
        None => {
            let below = location.path.strip_prefix(root).unwrap_or(&location.path);
            let named = |part: Component<'_>| match part {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                _ => None,
            };
            below.components().filter_map(named).collect()
        }
    };
    folders.pop();
    folders.retain(|name| !name.is_empty());
    folders.reverse();
    if !location.members.is_empty() {
        folders.truncate(FOLDERS);
    }
    folders
}

/// A finding of a name as one of the name of a folder.
fn of_folder(mut finding: Finding, name: &str) -> Finding {
    let shown: String = name.chars().take(LONGEST).collect();
    finding.flags.push(FOLDER_FLAG.to_owned());
    Finding { excerpt: format!("the folder {shown:?}"), ..finding }
}

/// A name without its ending. What stands behind a full stop and looks like none may be a mark: `v2.0（机密）`.
fn stem(name: &str) -> &str {
    let is_ending = |ending: &str| {
        (1..=LONGEST_ENDING).contains(&ending.len())
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && is_ending(ending) => stem,
        _ => name,
    }
}

/// A finding of a line as one of a name.
fn of_name(mut finding: Finding) -> Finding {
    let doubt = f32::from(POSSIBLE) - f32::from(finding.confidence);
    finding.signals.push(Signal { name: "in the name alone".to_owned(), points: doubt });
    finding.flags.push(FLAG.to_owned());
    Finding { page: 0, start: 0, end: 0, boxes: Vec::new(), confidence: finding.confidence.min(POSSIBLE), ..finding }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::KeywordList;

    fn said(name: &str, kind: &'static str) -> Vec<(String, u8, u32)> {
        let settings = Settings::defaults();
        let names = Names::new(&settings);
        let location = Location::file(Path::new("/share").join(name));
        let found = names.findings(&location, Some(&Kind::new(kind)), Path::new("/share")).expect("the rules compile");
        found.into_iter().map(|one| (one.rule, one.confidence, one.page)).collect()
    }

    #[test]
    fn a_marking_in_a_name_is_for_people_to_look_at() {
        assert_eq!(said("机密★10年 会议纪要.docx", "docx"), [("cn.state.secret.full".to_owned(), POSSIBLE, 0)]);
        for name in [
            "[机密]年度报告.docx",
            "年度报告（机密）.docx",
            "绝密 作战计划.docx",
            "会议纪要-秘密.docx",
            "会议纪要v2.0（机密）",
            "方案1.机密",
            "TOP_SECRET_plan.docx",
            "2026-05 SECRET briefing.docx",
            "budget_CONFIDENTIAL_v2.xlsx",
            "CONFIDENTIAL_2026.DOCX",
            "Confidential - budget.xlsx",
            "budget_-_strictly_confidential.xlsx",
            "annual plan – NATO SECRET.docx",
            "机密方案.txt",
            "2_机_密.png",
            "plan - secret.txt",
            "confidential drafts.docx",
        ] {
            assert!(
                said(name, "docx").iter().all(|one| (one.1, one.2) == (POSSIBLE, 0)) && !said(name, "docx").is_empty(),
                "{name}"
            );
        }
        for name in [
            "会议纪要.docx",
            "会议纪要v2.0",
            "机密文件管理办法.docx",
            "秘密花园.docx",
            "Secret Santa list.docx",
            "the-secret-history.docx",
            "secret_santa.docx",
            "top-secret-recipe.docx",
            "Top Secret Recipe.docx",
            "TOP SECRET RECIPE.DOCX",
            "SECRET_GARDEN_TOUR.docx",
            "password_reset.docx",
            "AWS_SECRET_key.docx",
            "Confidentiality - agreement.docx",
            "confidential_waste_collection.docx",
            "保密制度.docx",
            "secret_store.rs",
            "Confidential.pm",
            "secret - a novel.docx",
        ] {
            assert_eq!(said(name, "docx"), [], "{name}");
        }
    }

    #[test]
    fn a_name_inside_a_container_is_its_last_part() {
        let settings = Settings::defaults();
        let names = Names::new(&settings);
        let inside = Location::file(Path::new("/share/all.zip")).inside("TOP SECRET//NOFORN/list.txt");
        let found = names.findings(&inside, None, Path::new("")).expect("said");
        assert!(found.iter().all(|one| one.flags.iter().any(|flag| flag == FOLDER_FLAG)), "{found:?}");
        // Words of a sentence of Latin letters are no mark.
        for (name, is_marked) in [
            ("[机密]年度报告.docx", true),
            ("[TOP SECRET] list.txt", true),
            ("TOP SECRET list.txt", true),
            ("TOP SECRET NOFORN list.txt", true),
            ("top secret recipes list.txt", false),
        ] {
            let inside = Location::file(Path::new("/share/all.zip")).inside(&format!("lists/{name}"));
            let found = names.findings(&inside, None, Path::new("")).expect("said");
            let rules: Vec<&str> = found.iter().map(|one| one.rule.as_str()).collect();
            let alone = said(name, "text");
            assert_eq!(rules, alone.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), "{name}");
            assert_eq!(!rules.is_empty(), is_marked, "{name}");
        }
    }

    /// What is said of a file, and whether it is said of its folders.
    fn told(path: &str, root: &str) -> Vec<(String, bool)> {
        let settings = Settings::defaults();
        let location = Location::file(Path::new(path));
        let found = Names::new(&settings).findings(&location, None, Path::new(root)).expect("said");
        let folder = |one: &Finding| one.flags.iter().any(|flag| flag == FOLDER_FLAG);
        found
            .iter()
            .inspect(|one| assert_eq!((one.confidence, one.page), (POSSIBLE, 0)))
            .map(|one| (one.rule.clone(), folder(one)))
            .collect()
    }

    #[test]
    fn a_folder_that_is_called_like_a_marking_is_for_people_to_look_at_in_all_that_lies_in_it() {
        for folder in [
            "机密",
            "绝密",
            "TOP SECRET",
            "CONFIDENTIAL",
            "confidential drafts",
            "2026 [机密]",
            "NATO SECRET",
            "budget_CONFIDENTIAL_v2",
        ] {
            for path in [format!("/srv/share/{folder}/list.txt"), format!("/srv/share/{folder}/2026/may/list.txt")] {
                let found = told(&path, "/srv/share");
                assert!(!found.is_empty() && found.iter().all(|(_, folder)| *folder), "{path} {found:?}");
            }
        }
        for folder in
            ["plans", "Secret Santa", "机密文件管理办法", "secrets", "confidential_waste_collection", "OFFICE"]
        {
            assert_eq!(told(&format!("/srv/share/{folder}/list.txt"), "/srv/share"), [], "{folder}");
        }
    }

    #[test]
    fn folders_above_the_zone_say_nothing_and_what_the_name_says_too_is_said_once() {
        assert_eq!(told("/srv/机密/share/list.txt", "/srv/机密/share"), []);
        assert_eq!(told("/srv/机密/list.txt", "").len(), told("/srv/a/机密.txt", "").len());
        let both = told("/srv/share/机密/机密 纪要.txt", "/srv/share");
        assert_eq!(both, told("/srv/share/a/机密 纪要.txt", "/srv/share"));
    }

    #[test]
    fn the_name_of_a_folder_is_looked_at_once() {
        let settings = Settings::defaults();
        let names = Names::new(&settings);
        for file in ["a.txt", "b.txt", "deep/c.txt"] {
            let location = Location::file(Path::new("/srv/机密").join(file));
            assert!(!names.findings(&location, None, Path::new("/srv")).expect("said").is_empty());
        }
        let mut known: Vec<String> = names.folders.borrow().keys().cloned().collect();
        known.sort_unstable();
        assert_eq!(known, ["deep", "机密"]);
    }

    #[test]
    fn a_list_of_keywords_that_is_switched_off_says_nothing_of_names_either() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("projects.txt");
        std::fs::write(&file, "Blue Heron\n").expect("written");
        let list = KeywordList { name: "projects".to_owned(), file, level: Level::Restricted, confidence: 75 };
        let found = |disable: &str| {
            let rules = tempfile::tempdir().expect("temporary folder");
            std::fs::write(rules.path().join("own.toml"), disable).expect("written");
            let mut settings = Settings::defaults();
            settings.keyword_list = vec![list.clone()];
            settings.rules.folder = rules.path().to_owned();
            let location = Location::file(Path::new("/share/Blue Heron budget.docx"));
            Names::new(&settings).findings(&location, None, Path::new("/share")).expect("said").len()
        };
        assert_eq!((found("disable = []\n"), found("disable = [\"keyword.projects\"]\n")), (1, 0));
    }

    #[test]
    fn of_the_folders_of_a_member_the_innermost_are_looked_at() {
        let settings = Settings::defaults();
        let names = Names::new(&settings);
        let inside = |folders: usize| {
            let name = format!("机密/{}list.txt", "a/".repeat(folders));
            let member = Location::file(Path::new("/srv/all.zip")).inside(&name);
            names.findings(&member, None, Path::new("/srv")).expect("said").len()
        };
        assert_eq!((inside(FOLDERS - 1), inside(FOLDERS)), (1, 0));
        // Those of a file are as many as its system allows.
        assert_eq!(told(&format!("/srv/机密/{}list.txt", "a/".repeat(FOLDERS)), "/srv").len(), 1);
    }

    #[test]
    fn an_ending_is_a_few_letters_and_digits() {
        for (name, expected) in [
            ("plan.docx", "plan"),
            ("all.7z", "all"),
            ("a.tar.gz", "a.tar"),
            ("会议纪要v2.0（机密）", "会议纪要v2.0（机密）"),
            ("方案1.机密", "方案1.机密"),
            ("notes 2.0", "notes 2.0"),
            ("report.SECRET", "report.SECRET"),
            (".docx", ".docx"),
            ("plan.", "plan."),
            ("plan", "plan"),
        ] {
            assert_eq!(stem(name), expected);
        }
    }
}
