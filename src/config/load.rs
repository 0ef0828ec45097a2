//! Reads a user's file, lays it over the defaults, and refuses what is wrong with file, line, key and what to write.

use std::path::{Path, PathBuf};

use serde::de::IntoDeserializer;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::{ConfigError, DEFAULT, Settings, passwords};

/// What is wrong, and at which key (`zone[1].path`).
struct Complaint {
    key: String,
    message: String,
}

impl Complaint {
    fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }

    /// With its place in the file that holds the key.
    fn located(self, file: &str, text: &str) -> ConfigError {
        let file = line_of(text, &self.key).map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
        // The line says which entry of a list is meant.
        let entry = |part: &str| part.split_once('[').map_or(part, |(name, _)| name).to_owned();
        let key: Vec<String> = self.key.split('.').map(entry).collect();
        ConfigError { file, message: format!("{}: {}", key.join("."), self.message) }
    }
}

impl Settings {
    /// The embedded defaults alone.
    pub fn defaults() -> Self {
        Self::parse("", "pipeline.toml (built in)", Path::new(""))
            .expect("the embedded pipeline.toml is complete: a test reads it")
    }

    /// Reads a user's file and lays it over the defaults.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| ConfigError { file: shown.clone(), message: format!("cannot be read: {error}") })?;
        let base = file.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &shown, base)
    }

    /// Lays `text` over the defaults; relative zone paths count from `base`.
    pub fn parse(text: &str, file: &str, base: &Path) -> Result<Self, ConfigError> {
        let user: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map(|span| format!(":{}", line_at(text, span.start))).unwrap_or_default();
            ConfigError { file: format!("{file}{line}"), message: error.message().to_owned() }
        })?;
        Self::laid_over(user, base).map_err(|complaint| complaint.located(file, text))
    }

    fn laid_over(user: Table, base: &Path) -> Result<Self, Complaint> {
        let mut merged: Table = DEFAULT.parse().expect("the embedded pipeline.toml is TOML: a test reads it");
        let known = merged.clone();
        overlay(&mut merged, user, "", &known)?;
        let mut settings: Self = serde_path_to_error::deserialize(Value::Table(merged).into_deserializer())
            .map_err(|error| Complaint::new(error.path().to_string(), error.inner().message().trim_end()))?;
        for (index, zone) in settings.zone.iter_mut().enumerate() {
            zone.path = std::path::absolute(base.join(&zone.path))
                .map_err(|error| Complaint::new(format!("zone[{index}].path"), error.to_string()))?;
        }
        for list in &mut settings.keyword_list {
            list.file = base.join(&list.file);
        }
        if !settings.rules.folder.as_os_str().is_empty() {
            settings.rules.folder = base.join(&settings.rules.folder);
        }
        if !settings.read.passwords_file.as_os_str().is_empty() {
            settings.read.passwords_file = base.join(&settings.read.passwords_file);
        }
        if !settings.topic.model.as_os_str().is_empty() {
            settings.topic.model = base.join(&settings.topic.model);
        }
        settings.check()?;
        Ok(settings)
    }

    /// Rules that types cannot express.
    fn check(&self) -> Result<(), Complaint> {
        for (index, zone) in self.zone.iter().enumerate() {
            if self.zone[..index].iter().any(|other| other.name == zone.name) {
                let message = format!("two zones are named {:?}; give each its own name", zone.name);
                return Err(Complaint::new(format!("zone[{index}].name"), message));
            }
            let plain = |path: &Path| path.components().collect::<PathBuf>();
            if let Some(other) = self.zone[..index].iter().find(|other| plain(&other.path) == plain(&zone.path)) {
                let message = format!("the zone {:?} has the same folder; give each its own", other.name);
                return Err(Complaint::new(format!("zone[{index}].path"), message));
            }
            // Files of a zone that is configured no more are known by its name.
            if zone.name == self.zone_default.name {
                let message = format!("{:?} is the name of zone_default; give this zone another one", zone.name);
                return Err(Complaint::new(format!("zone[{index}].name"), message));
            }
        }
        rule_names("keyword_list", self.keyword_list.iter().map(|list| list.name.as_str()))?;
        rule_names("policy", self.policy.iter().map(|row| row.name.as_str()))?;
        let lists = self.keyword_list.iter().map(|list| (format!("keyword_list {:?}", list.name), list.confidence));
        let rows = self.policy.iter().map(|row| (format!("policy {:?}", row.name), row.confidence));
        // What is reported less sure than people look at would be nowhere, and its rule as good as off.
        if let Some((key, confidence)) = lists.chain(rows).find(|one| !(self.judge.review..=100).contains(&one.1)) {
            let message = format!("{confidence} must be {} (judge.review) to 100", self.judge.review);
            return Err(Complaint::new(format!("{key}: confidence"), message));
        }
        if let Some(line) = self.relevel.iter().find(|line| line.confidence.is_some_and(|confidence| confidence > 100))
        {
            return Err(Complaint::new(format!("relevel {:?}: confidence", line.rule), "must be 0 to 100"));
        }
        if let Some(index) = self.policy.iter().position(|row| row.when.is_empty()) {
            let message = "is empty: name at least one rule that must be there";
            return Err(Complaint::new(format!("policy[{index}].when"), message));
        }
        if self.judge.review > self.judge.decide {
            let message = format!("{} must not exceed judge.decide, which is {}", self.judge.review, self.judge.decide);
            return Err(Complaint::new("judge.review", message));
        }
        crate::walk::ignored_names(&self.walk.ignore)
            .map_err(|error| Complaint::new("walk.ignore", error.to_string()))?;
        passwords::Passwords::of(self).map_err(|error| Complaint::new("read.passwords_file", format!("{error:#}")))?;
        if self.ocr.languages.is_empty() {
            return Err(Complaint::new("ocr.languages", "at least one language is needed"));
        }
        if self.limits.store_depth > super::DEEPEST_STORE {
            let message = format!(
                "{} must be at most {}: folders are read from one to the next in it, and more would overflow the stack",
                self.limits.store_depth,
                super::DEEPEST_STORE
            );
            return Err(Complaint::new("limits.store_depth", message));
        }
        let positive = [
            ("walk.threads", self.walk.threads),
            ("read.slice_pages", self.read.slice_pages as usize),
            ("text.page_chars", self.text.page_chars),
            ("limits.queue_contents", self.limits.queue_contents),
            ("limits.queue_events", self.limits.queue_events),
            ("limits.queue_text_bytes", self.limits.queue_text_bytes),
            ("limits.queue_index_bytes", self.limits.queue_index_bytes),
            ("limits.queue_candidates", self.limits.queue_candidates),
            ("limits.slices_per_reader", self.limits.slices_per_reader as usize),
            ("limits.depth", self.limits.depth),
            ("limits.attempts", self.limits.attempts as usize),
            ("limits.page_wall_seconds", usize::try_from(self.limits.page_wall_seconds).unwrap_or(usize::MAX)),
            ("limits.start_wall_seconds", usize::try_from(self.limits.start_wall_seconds).unwrap_or(usize::MAX)),
        ];
        match positive.iter().find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(Complaint::new(*key, "must be at least 1")),
            None => Ok(()),
        }
    }
}

/// Names of entries that become names of rules: plain, and each only once.
fn rule_names<'a>(key: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Complaint> {
    let mut seen = std::collections::BTreeSet::new();
    for (index, name) in names.enumerate() {
        let complain = |message: String| Err(Complaint::new(format!("{key}[{index}].name"), message));
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(plain) {
            return complain(format!("{name:?} is no name for a rule: use letters, digits, - and _"));
        }
        if !seen.insert(name) {
            return complain(format!("two entries are named {name:?}; give each its own name"));
        }
    }
    Ok(())
}

/// Keys that hold lists of tables, with the keys of each entry: they have no default to compare with.
const ENTRIES: [(&str, &[&str]); 5] = [
    ("zone", &["name", "path", "exposure", "ceiling"]),
    ("target", &["name", "ceiling"]),
    ("keyword_list", &["name", "file", "level", "confidence"]),
    ("relevel", &["rule", "level", "confidence"]),
    ("policy", &["name", "level", "confidence", "when"]),
];

/// Lays `user` over `base`; a key that `base` does not have is refused with the nearest one that it has.
fn overlay(base: &mut Table, user: Table, prefix: &str, known: &Table) -> Result<(), Complaint> {
    for (key, value) in user {
        if prefix.is_empty()
            && let Some((_, valid)) = ENTRIES.iter().find(|(name, _)| *name == key)
        {
            check_entries(&key, &value, valid)?;
            base.insert(key, value);
            continue;
        }
        match (base.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(table)) => {
                overlay(inner, table, &format!("{prefix}{key}."), known)?;
            }
            (Some(Value::Table(_)), _) => {
                let message = format!("is a block of settings: write [{prefix}{key}] and its keys below");
                return Err(Complaint::new(format!("{prefix}{key}"), message));
            }
            (Some(slot), value) => *slot = value,
            (None, _) => {
                let full = format!("{prefix}{key}");
                let elsewhere = known.iter().find(|(_, inner)| inner.get(&key).is_some_and(|_| inner.is_table()));
                if let Some((block, _)) = elsewhere {
                    return Err(Complaint::new(full, format!("no such key; there is {block}.{key}")));
                }
                let lists = ENTRIES.iter().map(|(name, _)| *name).filter(|_| prefix.is_empty());
                return Err(unknown_key(full, &key, prefix, base.keys().map(String::as_str).chain(lists)));
            }
        }
    }
    Ok(())
}

/// Refuses unknown keys in entries of a list of tables.
fn check_entries(list: &str, value: &Value, valid: &[&str]) -> Result<(), Complaint> {
    let Value::Array(entries) = value else {
        return Err(Complaint::new(list, format!("write it as [[{list}]], one block an entry")));
    };
    for (index, entry) in entries.iter().enumerate() {
        let keys = entry.as_table().into_iter().flat_map(Table::keys);
        if let Some(key) = keys.into_iter().find(|key| !valid.contains(&key.as_str())) {
            return Err(unknown_key(format!("{list}[{index}].{key}"), key, &format!("{list}."), valid.iter().copied()));
        }
    }
    Ok(())
}

/// "no such key", with the nearest valid one.
fn unknown_key<'a>(full: String, key: &str, prefix: &str, valid: impl Iterator<Item = &'a str>) -> Complaint {
    let nearest = valid.min_by_key(|candidate| strsim::levenshtein(candidate, key)).unwrap_or_default();
    Complaint::new(full, format!("no such key; the nearest is {prefix}{nearest}"))
}

/// The line of a key, or of the last part of it that the text has.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let parsed = DeTable::parse(text).ok()?;
    let mut table = parsed.get_ref();
    let mut place = None;
    for part in key.split('.') {
        let (name, index) = match part.trim_end_matches(']').split_once('[') {
            Some((name, index)) => (name, index.parse::<usize>().ok()),
            None => (part, None),
        };
        let Some((found, value)) = table.iter().find(|(key, _)| key.get_ref().as_ref() == name) else { break };
        place = Some(found.span().start);
        let mut value = value.get_ref();
        if let (Some(index), DeValue::Array(entries)) = (index, value) {
            let Some(entry) = entries.get(index) else { break };
            place = Some(entry.span().start);
            value = entry.get_ref();
        }
        let DeValue::Table(inner) = value else { break };
        table = inner;
    }
    place.map(|place| line_at(text, place))
}

fn line_at(text: &str, place: usize) -> usize {
    text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::super::Exposure;
    use super::*;
    use crate::finding::Level;

    const ZONE: &str = "[[zone]]\nname='a'\npath='/x'\nexposure='cloud'\nceiling=1\n";

    fn refuse(text: &str) -> String {
        Settings::parse(text, "test.toml", Path::new("/srv")).expect_err("must be refused").to_string()
    }

    #[test]
    fn the_embedded_file_is_complete() {
        let settings = Settings::defaults();
        assert_eq!(settings.zone_default.ceiling, Level::Internal);
        assert!(settings.zone.is_empty());
    }

    #[test]
    fn a_file_may_hold_zones_alone_and_relative_paths_count_from_the_file() {
        let text = "[[zone]]\nname='d'\npath='dept'\nexposure='cloud'\nceiling=0\n";
        let settings = Settings::parse(text, "z.toml", Path::new("/srv")).expect("valid");
        assert_eq!(settings.zone[0].path, Path::new("/srv/dept"));
        assert_eq!(settings.zone[0].exposure, Exposure::Cloud);
        assert_eq!(settings.ocr.page_height, 2200);
    }

    #[test]
    fn a_bad_key_is_named_with_its_line_and_the_nearest_valid_one() {
        assert_eq!(
            refuse("[gate]\nunexplained_inc = 1\n"),
            "test.toml:2: gate.unexplained_inc: no such key; the nearest is gate.unexplained_ink"
        );
        assert_eq!(refuse("\n[limit]\npages = 1\n"), "test.toml:2: limit: no such key; the nearest is limits");
        assert_eq!(
            refuse(&format!("{ZONE}\n{}", ZONE.replace("path", "paht"))),
            "test.toml:9: zone.paht: no such key; the nearest is zone.path"
        );
        assert_eq!(refuse("languages = ['eng']\n"), "test.toml:1: languages: no such key; there is ocr.languages");
    }

    #[test]
    fn a_bad_value_is_named_with_its_line_and_key() {
        assert!(refuse("[limits]\npages = 'many'\n").starts_with("test.toml:2: limits.pages: "));
        let level = refuse(&ZONE.replace("ceiling=1", "ceiling=7"));
        assert!(level.starts_with("test.toml:5: zone.ceiling: a level is 0 to 4, not 7"), "{level}");
        assert!(refuse(&ZONE.replace("path='/x'\n", "")).contains("missing field `path`"));
        assert!(refuse("[read]\nslice_pages = 0\n").contains("read.slice_pages: must be at least 1"));
        assert!(refuse("[limits]\nstore_depth = 1001\n").contains("limits.store_depth: 1001 must be at most 1000"));
        assert!(refuse("gate = 1\n").contains("write [gate]"));
        assert!(refuse("zone = 1\n").contains("write it as [[zone]]"));
    }

    #[test]
    fn what_is_no_toml_is_named_with_its_line_in_one_line() {
        let error = refuse("[limits]\npages = = 1\n");
        assert!(error.starts_with("test.toml:2: ") && !error.contains('\n'), "{error}");
    }

    #[test]
    fn a_pattern_that_is_no_glob_is_refused_before_anything_is_done() {
        assert!(refuse("[walk]\nignore = ['[abc']\n").starts_with("test.toml:2: walk.ignore: "));
    }

    #[test]
    fn two_zones_on_one_folder_are_refused() {
        let other = ZONE.replace("name='a'", "name='b'").replace("/x", "/./x/");
        assert!(refuse(&format!("{ZONE}{other}")).contains("zone.path: the zone \"a\" has the same folder"));
    }

    #[test]
    fn two_zones_of_one_name_are_refused() {
        assert!(refuse(&ZONE.repeat(2)).starts_with("test.toml:7: zone.name: two zones are named \"a\""));
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_file_holds_it_is_settings_or_an_error_that_names_the_file(text in "\\PC{0,300}") {
            if let Err(error) = Settings::parse(&text, "site.toml", Path::new("/")) {
                proptest::prop_assert!(error.file.starts_with("site.toml") && !error.message.is_empty());
            }
        }

        #[test]
        fn a_default_that_was_tampered_with_is_settings_or_an_error(
            spoil in proptest::collection::vec((proptest::num::usize::ANY, "[-0-9a-z\\[\\]\"='. \n]{0,4}"), 1..6)
        ) {
            let mut text = DEFAULT.to_owned();
            for (at, piece) in spoil {
                let at = text.floor_char_boundary(at % text.len());
                let end = text.ceil_char_boundary((at + piece.len()).min(text.len()));
                text.replace_range(at..end, &piece);
            }
            if let Err(error) = Settings::parse(&text, "site.toml", Path::new("/")) {
                proptest::prop_assert!(error.file.starts_with("site.toml") && !error.message.is_empty());
            }
        }
    }
}
