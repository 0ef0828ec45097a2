//! Settings: `pipeline.toml` with the user's file laid over it, checked once, before anything is done.
//!
//! The embedded file is complete, so the structs below have no defaults of their own and the file is the manual. They are
//! read in `config/load.rs`; nothing else in the program reads configuration.

mod load;
pub mod passwords;

use std::path::PathBuf;

use serde::Deserialize;

use crate::finding::Level;

/// The embedded default of every setting.
pub const DEFAULT: &str = include_str!("../pipeline.toml");

/// A configuration that cannot be used: which file, which line, which key, why.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct ConfigError {
    /// The file, with `:` and the line if it is about one.
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
    /// Lists of words of the house.
    #[serde(default)]
    pub keyword_list: Vec<KeywordList>,
    /// Levels of rules in this house.
    #[serde(default)]
    pub relevel: Vec<Relevel>,
    /// Levels that findings together amount to.
    #[serde(default)]
    pub policy: Vec<PolicyRow>,
    /// Rules of the house.
    pub rules: RuleSettings,
    /// Stage 1.
    pub walk: WalkSettings,
    /// Stage 3.
    pub read: ReadSettings,
    /// What must hold a reader.
    pub security: SecuritySettings,
    /// Plain text.
    pub text: TextSettings,
    /// What to recognize.
    pub gate: GateSettings,
    /// How to recognize.
    pub ocr: OcrSettings,
    /// Stage 4: identifiers and secrets.
    pub identifiers: IdentifierSettings,
    /// Stage 4: registered documents.
    pub registered: RegisteredSettings,
    /// Stage 4: topics.
    pub topic: TopicSettings,
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

/// A list of words that mean something to the house alone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeywordList {
    /// Name of its rule: `keyword.NAME`; unique.
    pub name: String,
    /// A text file, an entry a line; a relative path counts from the configuration file's folder.
    pub file: PathBuf,
    /// Level that an entry speaks for.
    pub level: Level,
    /// How sure a find is, 0 to 100.
    #[serde(default = "probable")]
    pub confidence: u8,
}

/// Another level or confidence for findings of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Relevel {
    /// The rule; a trailing `*` stands for anything.
    pub rule: String,
    /// Its level here.
    pub level: Option<Level>,
    /// Its confidence here, 0 to 100.
    pub confidence: Option<u8>,
}

/// A level that findings together amount to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRow {
    /// Name of its rule: `policy.NAME`; unique.
    pub name: String,
    /// The level then.
    pub level: Level,
    /// How sure that is, 0 to 100.
    #[serde(default = "probable")]
    pub confidence: u8,
    /// What must all be there.
    pub when: Vec<Condition>,
}

/// So many findings of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The rule; a trailing `*` stands for anything.
    pub rule: String,
    /// How many at least.
    #[serde(default = "one")]
    pub at_least: usize,
    /// Least confidence of those that count.
    #[serde(default = "possible")]
    pub confidence: u8,
}

fn one() -> usize {
    1
}

/// The confidence of what people look at.
fn possible() -> u8 {
    65
}

/// The confidence of what decides.
fn probable() -> u8 {
    75
}

/// Rules of the house.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// A folder of files with rules, or empty.
    pub folder: PathBuf,
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
    /// Path of a file of passwords, or empty.
    pub passwords_file: PathBuf,
    /// Kinds that carry no text and are not read.
    pub out_of_scope: Vec<String>,
    /// Path of libpdfium.so, or empty.
    pub pdfium: PathBuf,
}

/// What must hold a reader.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct SecuritySettings {
    /// Locks without which nothing is read.
    pub require: Vec<Layer>,
}

/// A lock of the kernel's that holds a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// No path, no TCP, no signal to others.
    Landlock,
    /// Only the calls that reading needs.
    Seccomp,
}

impl Layer {
    /// All of them, in the order in which they are put on.
    pub const ALL: [Self; 2] = [Self::Landlock, Self::Seccomp];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
        }
    }
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
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
    /// Folder of the models and the runtime of the engine `paddle`; empty: beside the program.
    pub models: PathBuf,
    /// Tesseract names of languages.
    pub languages: Vec<String>,
    /// Tesseract names of the languages that are tried where lines stay unread.
    pub other_languages: Vec<String>,
    /// Folder of models, or empty.
    pub tessdata: PathBuf,
    /// Pixels.
    pub page_height: u32,
    /// 0 to 100.
    pub min_word_confidence: u8,
    /// Share of lines, 0 to 1.
    pub unread_share: f32,
}

/// Identifiers and secrets, of stage 4.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierSettings {
    /// Findings of each type that are kept of one content.
    pub samples: usize,
    /// Different numbers of people, accounts and patients from which on a content is a collection.
    pub bulk_identity: usize,
    /// Different addresses, telephone numbers and names from which on it is one.
    pub bulk_contact: usize,
    /// Different numbers of a type, which only a weak check digit speaks for, from which on they are for people to look at.
    pub lone_numbers: usize,
}

/// Registered documents, of stage 4.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredSettings {
    /// Pages of one registered document in one content that are findings of their own.
    pub samples: usize,
}

/// Topics, of stage 4.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct TopicSettings {
    /// Whether they are looked for.
    pub enabled: bool,
    /// Path of a trained model, or empty.
    pub model: PathBuf,
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

/// The largest value of `limits.store_depth`, in folders: each takes some of the stack.
pub(crate) const DEEPEST_STORE: usize = 1000;

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
    pub content_wall_seconds: u64,
    pub content_cpu_seconds: u64,
    pub reader_memory_mib: u64,
    pub sweep_memory_mib: u64,
    pub message_bytes: usize,
    pub queue_contents: usize,
    pub queue_events: usize,
    pub queue_text_bytes: usize,
    pub queue_index_bytes: usize,
    pub start_retries: u32,
    pub queue_candidates: usize,
    pub crashes_per_content: u32,
    pub attempts: u32,
    pub keywords: usize,
    pub package_parts: usize,
    pub embedded_objects: usize,
    pub message_parts: usize,
    pub store_folders: usize,
    pub store_depth: usize,
    pub database_tables: usize,
    pub members: u32,
    pub members_bytes: u64,
    pub members_below: usize,
    pub members_below_bytes: u64,
    pub expansion: u64,
    pub nesting: u32,
    pub queue_members: u64,
    pub spool_bytes: u64,
    pub passwords: usize,
    pub password_tries: usize,
    pub key_rounds: u64,
    pub data_set_depth: usize,
    pub repair_bytes: usize,
    pub whole_bytes: u64,
    pub unpacked_bytes: u64,
    pub archive_entries: u64,
    pub archive_folder_bytes: u64,
    pub archive_marks: u64,
    pub instruction_bytes: u64,
    pub page_objects: usize,
    pub drawing_points: usize,
    pub revisions: usize,
    pub covered_pictures: usize,
    pub list_choices: usize,
    pub page_annotations: usize,
    pub ocr_pixels: usize,
    pub page_lines: usize,
    pub layer_lines: usize,
    pub ink_areas: usize,
    pub slices_per_reader: u32,
    pub reader_kept_mib: u64,
    pub findings_per_content: usize,
    pub line_mentions: usize,
    pub form_boxes: usize,
    pub exam_bytes: usize,
    pub law_bytes: usize,
    pub date_pages: usize,
    pub date_bytes: usize,
    pub registered_documents: u64,
    pub registered_pages: u64,
    pub registered_hashes: u64,
    pub registered_name_bytes: u64,
    pub compared_letters: u64,
    pub compared_pages_per_hash: u64,
    pub compared_hits: u64,
    pub compared_matches: u64,
    pub depth: usize,
}
