//! Settings: `pipeline.toml` with the user's file laid over it, checked once, before anything is done.
//!
//! The embedded file is complete, so the structs below have no defaults of their own and the file is the manual. Nothing
//! else in the program reads configuration.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::{Table, Value};

use crate::finding::Level;

/// The embedded default of every setting.
pub const DEFAULT: &str = include_str!("../pipeline.toml");

/// A configuration that cannot be used: which file, which key, why.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct ConfigError {
    /// The file, or `pipeline.toml (built in)`.
    pub file: String,
    /// The key and what is wrong with it.
    pub message: String,
}

/// Every setting.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where files are that no zone holds.
    pub zone_default: ZoneDefault,
    /// Configured zones.
    #[serde(default)]
    pub zone: Vec<ZoneSettings>,
    /// Targets that `ready` knows by name.
    #[serde(default)]
    pub target: Vec<TargetSettings>,
    /// Stage 1.
    pub walk: WalkSettings,
    /// Stage 3.
    pub read: ReadSettings,
    /// Plain text.
    pub text: TextSettings,
    /// What to recognize.
    pub gate: GateSettings,
    /// How to recognize.
    pub ocr: OcrSettings,
    /// Stage 5.
    pub judge: JudgeSettings,
    /// Stage 6: catalog.
    pub store: StoreSettings,
    /// Stage 6: index.
    pub index: IndexSettings,
    /// Bounds.
    pub limits: Limits,
}

/// How exposed storage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Exposure {
    /// Known people only.
    Contained,
    /// A department or the whole house.
    Shared,
    /// Leaves the house.
    Cloud,
    /// Everybody.
    Public,
}

impl Exposure {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contained => "contained",
            Self::Shared => "shared",
            Self::Cloud => "cloud",
            Self::Public => "public",
        }
    }
}

/// What holds for files in no zone.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneDefault {
    /// Name shown in findings.
    pub name: String,
    /// How exposed.
    pub exposure: Exposure,
    /// Highest level that may lie there.
    pub ceiling: Level,
}

/// A configured zone.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneSettings {
    /// Name shown in findings; unique.
    pub name: String,
    /// Root of the zone; relative paths count from the configuration file's folder.
    pub path: PathBuf,
    /// How exposed.
    pub exposure: Exposure,
    /// Highest level that may lie there.
    pub ceiling: Level,
}

/// A migration target.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSettings {
    /// Name on the command line; unique.
    pub name: String,
    /// Highest level that may go there.
    pub ceiling: Level,
}

/// Stage 1.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct WalkSettings {
    /// Globs of names never looked at.
    pub ignore: Vec<String>,
    /// Descend into other file systems.
    pub cross_filesystems: bool,
    /// Listing threads.
    pub threads: usize,
    /// Least size, bytes, of a block-less file to count as a placeholder.
    pub placeholder_min_bytes: u64,
}

/// Stage 3.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReadSettings {
    /// Reader processes; 0 is one a core.
    pub readers: usize,
    /// Pages a slice.
    pub slice_pages: u32,
    /// Path of libpdfium.so, or empty.
    pub pdfium: PathBuf,
}

/// Plain text.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct TextSettings {
    /// Characters a page.
    pub page_chars: usize,
}

/// What to recognize. See `pipeline.toml` for each threshold's reason.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct GateSettings {
    /// Longest side of the small render, pixels.
    pub render_pixels: u32,
    /// Contrast that makes a pixel ink, of 255.
    pub ink_contrast: u8,
    /// Growth of character boxes, share of their height.
    pub box_growth: f32,
    /// Share of the page.
    pub unexplained_ink: f32,
    /// Connected pieces.
    pub unexplained_pieces: u32,
    /// Lines.
    pub sample_lines: usize,
    /// Share of characters.
    pub sample_match: f32,
    /// Share of the page.
    pub whole_page_share: f32,
}

/// How to recognize.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct OcrSettings {
    /// Name of an engine in the registry.
    pub engine: String,
    /// Tesseract names of languages.
    pub languages: Vec<String>,
    /// Folder of models, or empty.
    pub tessdata: PathBuf,
    /// Pixels.
    pub page_height: u32,
    /// 0 to 100.
    pub min_word_confidence: u8,
    /// Share of lines, 0 to 1.
    pub unread_share: f32,
}

/// Stage 5.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeSettings {
    /// Confidence that decides.
    pub decide: u8,
    /// Confidence that is for people to look at.
    pub review: u8,
}

/// Catalog.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSettings {
    /// Data directory, or empty.
    pub data: PathBuf,
    /// zstd level.
    pub compression: i32,
}

/// Index.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct IndexSettings {
    /// MiB.
    pub writer_mib: usize,
}

/// Bounds. See `pipeline.toml` for each one's reason.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each limit is described where its value stands, in pipeline.toml")]
pub struct Limits {
    pub file_bytes: u64,
    pub pages: u32,
    pub frames: u32,
    pub image_pixels: u64,
    pub page_text_bytes: usize,
    pub content_text_bytes: usize,
    pub page_wall_seconds: u64,
    pub start_wall_seconds: u64,
    pub slice_cpu_seconds: u64,
    pub reader_memory_mib: u64,
    pub message_bytes: usize,
    pub queue_contents: usize,
    pub queue_events: usize,
    pub start_retries: u32,
    pub queue_candidates: usize,
    pub crashes_per_content: u32,
    pub slices_per_reader: u32,
    pub findings_per_content: usize,
    pub depth: usize,
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
        let fail = |message: String| ConfigError { file: file.to_owned(), message };
        let mut merged: Table = DEFAULT.parse().expect("the embedded pipeline.toml is TOML: a test reads it");
        let user: Table = text.parse().map_err(|error: toml::de::Error| fail(error.to_string()))?;
        overlay(&mut merged, user, "").map_err(fail)?;
        let mut settings: Self = serde_path_to_error::deserialize(Value::Table(merged).into_deserializer())
            .map_err(|error| fail(format!("{}: {}", error.path(), error.inner().message())))?;
        for zone in &mut settings.zone {
            zone.path = std::path::absolute(base.join(&zone.path))
                .map_err(|error| fail(format!("zone {:?}: path: {error}", zone.name)))?;
        }
        settings.check().map_err(fail)?;
        Ok(settings)
    }

    /// Rules that types cannot express.
    fn check(&self) -> Result<(), String> {
        let mut names: Vec<&str> = self.zone.iter().map(|zone| zone.name.as_str()).collect();
        names.sort_unstable();
        if let Some([name, _]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("zone: two zones are named {name:?}; give each its own name"));
        }
        if self.judge.review > self.judge.decide {
            return Err(format!(
                "judge.review ({}) must not exceed judge.decide ({})",
                self.judge.review, self.judge.decide
            ));
        }
        crate::walk::ignored_names(&self.walk.ignore).map_err(|error| format!("walk.ignore: {error}"))?;
        if self.ocr.languages.is_empty() {
            return Err("ocr.languages: at least one language is needed".to_owned());
        }
        let positive = [
            ("walk.threads", self.walk.threads),
            ("read.slice_pages", self.read.slice_pages as usize),
            ("text.page_chars", self.text.page_chars),
            ("limits.queue_contents", self.limits.queue_contents),
            ("limits.queue_events", self.limits.queue_events),
            ("limits.queue_candidates", self.limits.queue_candidates),
            ("limits.slices_per_reader", self.limits.slices_per_reader as usize),
            ("limits.depth", self.limits.depth),
            ("limits.page_wall_seconds", usize::try_from(self.limits.page_wall_seconds).unwrap_or(usize::MAX)),
            ("limits.start_wall_seconds", usize::try_from(self.limits.start_wall_seconds).unwrap_or(usize::MAX)),
        ];
        match positive.iter().find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(format!("{key} must be at least 1")),
            None => Ok(()),
        }
    }
}

/// Keys that hold lists of tables, with the keys of each entry: they have no default to compare with.
const ENTRIES: [(&str, &[&str]); 2] =
    [("zone", &["name", "path", "exposure", "ceiling"]), ("target", &["name", "ceiling"])];

/// Lays `user` over `base`; a key that `base` does not have is refused with the nearest one that it has.
fn overlay(base: &mut Table, user: Table, prefix: &str) -> Result<(), String> {
    for (key, value) in user {
        if prefix.is_empty()
            && let Some((_, valid)) = ENTRIES.iter().find(|(name, _)| *name == key)
        {
            check_entries(&key, &value, valid)?;
            base.insert(key, value);
            continue;
        }
        match (base.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(table)) => overlay(inner, table, &format!("{prefix}{key}."))?,
            (Some(slot), value) => *slot = value,
            (None, _) => {
                let valid = base.keys().map(String::as_str);
                let lists = ENTRIES.iter().map(|(name, _)| *name).filter(|_| prefix.is_empty());
                return Err(unknown_key(&format!("{prefix}{key}"), &key, prefix, valid.chain(lists)));
            }
        }
    }
    Ok(())
}

/// Refuses unknown keys in entries of a list of tables.
fn check_entries(list: &str, value: &Value, valid: &[&str]) -> Result<(), String> {
    let Value::Array(entries) = value else {
        return Err(format!("{list}: write it as [[{list}]], one block an entry"));
    };
    for entry in entries {
        let keys = entry.as_table().into_iter().flat_map(Table::keys);
        if let Some(key) = keys.into_iter().find(|key| !valid.contains(&key.as_str())) {
            return Err(unknown_key(&format!("{list}.{key}"), key, &format!("{list}."), valid.iter().copied()));
        }
    }
    Ok(())
}

/// "no such key", with the nearest valid one.
fn unknown_key<'a>(full: &str, key: &str, prefix: &str, valid: impl Iterator<Item = &'a str>) -> String {
    let nearest = valid.min_by_key(|candidate| strsim::levenshtein(candidate, key)).unwrap_or_default();
    format!("{full}: no such key; the nearest is {prefix}{nearest}")
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_bad_key_is_named_with_the_nearest_valid_one() {
        assert_eq!(
            refuse("[gate]\nunexplained_inc = 1\n"),
            "test.toml: gate.unexplained_inc: no such key; the nearest is gate.unexplained_ink"
        );
        assert_eq!(refuse("[limit]\npages = 1\n"), "test.toml: limit: no such key; the nearest is limits");
        assert!(
            refuse("[[zone]]\nname='a'\npaht='/x'\nexposure='cloud'\nceiling=1\n").contains("the nearest is zone.path")
        );
    }

    #[test]
    fn a_bad_value_is_named_with_its_key() {
        assert!(refuse("[limits]\npages = 'many'\n").contains("limits.pages"));
        assert!(
            refuse("[[zone]]\nname='a'\npath='/x'\nexposure='cloud'\nceiling=7\n").contains("a level is 0 to 4, not 7")
        );
        assert!(refuse("[read]\nslice_pages = 0\n").contains("read.slice_pages must be at least 1"));
    }

    #[test]
    fn a_pattern_that_is_no_glob_is_refused_before_anything_is_done() {
        assert!(refuse("[walk]\nignore = ['[abc']\n").contains("walk.ignore"));
    }

    #[test]
    fn two_zones_of_one_name_are_refused() {
        let zone = "[[zone]]\nname='a'\npath='/x'\nexposure='cloud'\nceiling=1\n";
        assert!(refuse(&zone.repeat(2)).contains("two zones are named \"a\""));
    }
}
