//! What contents are read with, per kind: a changed stamp means that a content must be read again.

use crate::config::Settings;
use crate::document::Kind;
use crate::format;
use crate::read::protocol::ReaderStamps;

/// Stamps of today's readers.
#[derive(Clone, Debug)]
pub struct Stamps {
    formats: Vec<(String, String)>,
    engine: String,
    settings: String,
    /// Of the settings those that formats without pixels depend on.
    text_settings: String,
    limits: String,
}

impl Stamps {
    /// From what the readers say of themselves, and the settings that change what is read.
    pub fn new(settings: &Settings, readers: &ReaderStamps) -> Self {
        let short = |text: String| blake3::hash(text.as_bytes()).to_hex()[..12].to_owned();
        Self {
            formats: readers.formats.clone(),
            engine: readers.engine.clone(),
            settings: short(format!("{:?}|{:?}|{:?}", settings.text, settings.gate, settings.ocr)),
            text_settings: short(format!("{:?}", settings.text)),
            limits: short(format!("{:?}", settings.limits)),
        }
    }

    /// The stamp of today's limits: contents that ran into others are tried again.
    pub fn limits(&self) -> &str {
        &self.limits
    }

    /// The stamp of a kind.
    pub fn of(&self, kind: &Kind) -> String {
        let Some(format) = format::for_kind(kind) else {
            return "unsupported".to_owned();
        };
        let stamp = self.formats.iter().find(|(name, _)| name == format.name()).map_or("", |(_, stamp)| stamp);
        match format.has_pixels() {
            true => format!("{stamp} {} settings {}", self.engine, self.settings),
            false => format!("{stamp} settings {}", self.text_settings),
        }
    }
}
