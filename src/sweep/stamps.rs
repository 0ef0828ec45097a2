//! What contents are read with: a changed stamp means that a content must be read again, but only by what it depends on.
//!
//! A stamp has three parts: how its kind was found, how its text layer is read, and how its pixels are. A content that
//! never went through OCR does not depend on the last one.

use std::collections::BTreeMap;

use crate::catalog::{Conditions, KnownContent};
use crate::config::passwords::Passwords;
use crate::config::{OcrSettings, Settings};
use crate::document::Kind;
use crate::format;
use crate::kind;
use crate::ocr;
use crate::read::gate;
use crate::read::protocol::ReaderStamps;

/// Between the parts of a stamp.
const BETWEEN: &str = "; ";

/// Stamps of today's readers.
#[derive(Clone, Debug)]
pub struct Stamps {
    kinds: String,
    /// The part of the layer, by name of the format.
    layers: BTreeMap<String, String>,
    ocr: String,
    conditions: Conditions,
    /// Kinds that are not read.
    out_of_scope: Vec<String>,
}

impl Stamps {
    /// From what the readers say of themselves, and the settings that change what is read.
    pub fn new(settings: &Settings, readers: &ReaderStamps) -> Self {
        let short = |text: String| blake3::hash(text.as_bytes()).to_hex()[..12].to_owned();
        let layer = short(format!("{}|{:?}|{:?}", gate::VERSION, settings.text, settings.gate));
        // Other languages matter to what stayed unread alone: they are a condition.
        let ocr = OcrSettings { other_languages: Vec::new(), ..settings.ocr.clone() };
        let layer = |(name, stamp): &(String, String)| (name.clone(), format!("{stamp} settings {layer}"));
        Self {
            kinds: format!("kinds/{}", kind::VERSION),
            layers: readers.formats.iter().map(layer).collect(),
            ocr: format!("{} ocr/{} settings {}", readers.engine, ocr::VERSION, short(format!("{ocr:?}"))),
            conditions: Conditions::new(
                &short(format!("{:?}", settings.limits)),
                &short(Passwords::stamp(settings)),
                &short(readers.other_languages.clone()),
            ),
            out_of_scope: settings.read.out_of_scope.clone(),
        }
    }

    /// Today's limits, passwords and other languages: contents that fell short by others are tried again.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Every format and the engine with their fingerprints, in words.
    pub fn parts(&self) -> Vec<String> {
        self.layers.values().chain([&self.ocr]).cloned().collect()
    }

    /// The stamp of a kind.
    pub fn of(&self, kind: &Kind) -> String {
        let ocr = has_pixels(kind).then_some(self.ocr.as_str());
        [self.kinds.as_str(), self.layer(kind)].into_iter().chain(ocr).collect::<Vec<_>>().join(BETWEEN)
    }

    fn layer(&self, kind: &Kind) -> &str {
        let unread =
            if self.out_of_scope.iter().any(|name| name == kind.as_str()) { "out of scope" } else { "unsupported" };
        format::for_kind(kind).and_then(|format| self.layers.get(format.name())).map_or(unread, String::as_str)
    }

    /// Whether there is nothing to be done about a known content: its kind would be found and its pages be read as before.
    pub fn hold(&self, content: &KnownContent) -> bool {
        content.read_with.split(BETWEEN).next() == Some(&self.kinds) && self.reading_holds(content, &content.kind)
    }

    /// Whether a content, now found to be of `kind`, would be read as it was.
    pub fn reading_holds(&self, content: &KnownContent, kind: &Kind) -> bool {
        let mut parts = content.read_with.split(BETWEEN).skip(1);
        let layer = parts.next() == Some(self.layer(kind));
        // Pages that stayed unread do not wait for an engine where there are no pixels.
        let ocr = !(content.wants_ocr && has_pixels(kind)) || parts.next() == Some(&self.ocr);
        let conditions = content.limited_by.as_deref().is_none_or(|kept| self.conditions.hold(kept));
        content.done && content.kind == *kind && layer && ocr && conditions
    }
}

fn has_pixels(kind: &Kind) -> bool {
    format::for_kind(kind).is_some_and(format::Format::has_pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Fault, FaultReason};

    fn stamps(engine: &str) -> Stamps {
        stamps_with(engine, "rus")
    }

    fn stamps_with(engine: &str, others: &str) -> Stamps {
        stamps_of(&Settings::defaults(), engine, others)
    }

    /// What is kept with a reading that ended with a fault.
    fn kept(reason: FaultReason) -> Option<String> {
        stamps("engine 1").conditions().of(&[Fault::whole(reason, "so")], true)
    }

    fn stamps_of(settings: &Settings, engine: &str, others: &str) -> Stamps {
        let formats = format::FORMATS.iter().map(|format| (format.name().to_owned(), format!("{}/1", format.name())));
        let (formats, engine) = (formats.collect(), engine.to_owned());
        Stamps::new(settings, &ReaderStamps { formats, engine, other_languages: others.to_owned() })
    }

    fn content(kind: &'static str, wants_ocr: bool) -> KnownContent {
        let kind = Kind::new(kind);
        let read_with = stamps("engine 1").of(&kind);
        KnownContent {
            id: 1,
            done: true,
            read_with,
            kind,
            limited_by: None,
            wants_ocr,
            fruitless: 0,
            members: false,
            too_deep: false,
        }
    }

    #[test]
    fn another_engine_concerns_only_what_went_through_ocr() {
        assert!(stamps("engine 1").hold(&content("pdf", true)));
        assert!(!stamps("engine 2").hold(&content("pdf", true)));
        assert!(stamps("engine 2").hold(&content("pdf", false)));
        assert!(stamps("engine 2").hold(&content("text", false)));
    }

    #[test]
    fn other_limits_concern_only_what_ran_into_one() {
        let cut = KnownContent { limited_by: Some("others".to_owned()), ..content("text", false) };
        assert!(!stamps("engine 1").hold(&cut));
    }

    #[test]
    fn another_language_for_what_stays_unread_concerns_only_what_did() {
        let read = content("pdf", true);
        let unread = KnownContent { limited_by: kept(FaultReason::OcrFailed), ..content("pdf", true) };
        let more = stamps_with("engine 1", "rus tha");
        assert!(stamps("engine 1").hold(&unread) && more.hold(&read) && !more.hold(&unread));
    }

    #[test]
    fn a_new_password_concerns_only_what_is_encrypted() {
        let passwords = tempfile::NamedTempFile::new().expect("temporary file");
        let mut settings = Settings::defaults();
        settings.read.passwords_file = passwords.path().to_owned();
        let today = stamps_of(&settings, "engine 1", "rus");
        let [scan, sealed] = [FaultReason::OcrFailed, FaultReason::Encrypted]
            .map(|reason| KnownContent { limited_by: kept(reason), ..content("pdf", true) });
        assert!(today.hold(&scan) && !today.hold(&sealed));
        assert!(stamps("engine 1").hold(&sealed));
    }

    #[test]
    fn pages_that_stay_unread_in_a_format_without_pixels_are_not_read_again_every_night() {
        assert!(stamps("engine 1").hold(&content("ofd", true)));
        assert!(stamps("engine 2").hold(&content("docx", true)));
    }

    #[test]
    fn a_new_way_to_find_kinds_has_files_looked_at_and_not_read() {
        let stamps = stamps("engine 1");
        let mut old = content("text", false);
        old.read_with = old.read_with.replacen("kinds/", "kinds/0.", 1);
        assert!(!stamps.hold(&old));
        assert!(stamps.reading_holds(&old, &Kind::new("text")));
        assert!(!stamps.reading_holds(&old, &Kind::new("html")));
    }
}
