//! What the index holds of a content, and how each field is stored.
//!
//! Only the content's name can be read back, and of a content that lies in several places these places: filters hold for
//! one place, which the many-valued fields alone could not tell (see [`super::places`]).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use tantivy::schema::{
    BytesOptions, DateOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{DateTime, TantivyDocument};

use super::filter::{FIRST_SECOND, LAST_SECOND};
use super::fold::fold;
use super::tokenizer::TOKENIZER;
use crate::document::{ContentHash, Kind};
use crate::finding::{CoverageState, FaultReason, Level};

/// Version of the fields below. An index with another one must be rebuilt.
pub(super) const SCHEMA_VERSION: u32 = 3;

/// One place where a content lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexLocation {
    /// The whole location as shown: path and members (`/srv/mail.eml!/scan.pdf`).
    pub path: String,
    /// Its last component.
    pub name: String,
    /// Name of its zone.
    pub zone: String,
    /// Stable name of its verdict.
    pub verdict: String,
    /// Complete, partial or none.
    pub coverage: CoverageState,
    /// Reasons of its faults.
    pub faults: Vec<FaultReason>,
    /// Last modification, nanoseconds since 1970-01-01 UTC.
    pub mtime_ns: i64,
}

/// One content, as the catalog knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexDocument {
    /// Its name.
    pub content: ContentHash,
    /// What it is.
    pub kind: Kind,
    /// The highest level that evidence decided.
    pub level: Level,
    /// Size in bytes.
    pub size: u64,
    /// Rules with a finding.
    pub rules: Vec<String>,
    /// Detectors with a finding.
    pub detectors: Vec<String>,
    /// Everywhere it lies.
    pub locations: Vec<IndexLocation>,
    /// Text of its pages, in order.
    pub pages: Vec<String>,
}

/// Sizes only: the program reads secrets, so `{:?}` must never print them.
impl fmt::Debug for IndexDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexDocument({}, {} pages, {} locations)", self.content, self.pages.len(), self.locations.len())
    }
}

/// The fields, by what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is named for what it holds")]
pub(super) struct Fields {
    pub(super) content: Field,
    /// The first eight bytes of the content's name, to order equal scores.
    pub(super) order: Field,
    pub(super) body: Field,
    pub(super) name: Field,
    pub(super) path: Field,
    pub(super) zone: Field,
    pub(super) kind: Field,
    pub(super) verdict: Field,
    pub(super) rule: Field,
    pub(super) detector: Field,
    pub(super) fault: Field,
    pub(super) coverage: Field,
    pub(super) level: Field,
    pub(super) size: Field,
    pub(super) mtime: Field,
    /// One value, of contents that lie in several places.
    pub(super) several: Field,
    /// The places of those contents.
    pub(super) places: Field,
}

/// The one value of field `several`.
pub(super) const SEVERAL: &str = "yes";

/// Name of the fast field that orders equal scores.
pub(super) const ORDER: &str = "order";

/// The schema and its fields.
pub(super) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let text = || {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        TextOptions::default().set_indexing_options(indexing)
    };
    let exact = || {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing)
    };
    let number = || NumericOptions::default().set_fast();
    let fields = Fields {
        content: builder.add_bytes_field("content", BytesOptions::default().set_indexed().set_stored()),
        order: builder.add_u64_field(ORDER, number()),
        body: builder.add_text_field("body", text()),
        name: builder.add_text_field("name", text()),
        path: builder.add_text_field("path", exact()),
        zone: builder.add_text_field("zone", exact()),
        kind: builder.add_text_field("kind", exact()),
        verdict: builder.add_text_field("verdict", exact()),
        rule: builder.add_text_field("rule", exact()),
        detector: builder.add_text_field("detector", exact()),
        fault: builder.add_text_field("fault", exact()),
        coverage: builder.add_text_field("coverage", exact()),
        level: builder.add_u64_field("level", number()),
        size: builder.add_u64_field("size", number()),
        mtime: builder.add_date_field("mtime", DateOptions::default().set_fast()),
        several: builder.add_text_field("several", exact()),
        places: builder.add_bytes_field("places", BytesOptions::default().set_stored()),
    };
    (builder.build(), fields)
}

/// The first eight bytes of a content's name.
pub(super) fn order_of(content: &ContentHash) -> u64 {
    let first = content.0.first_chunk().expect("a name has 32 bytes");
    u64::from_be_bytes(*first)
}

impl IndexDocument {
    /// The library's form of the document.
    pub(super) fn into_tantivy(self, fields: &Fields) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_bytes(fields.content, &self.content.0);
        document.add_u64(fields.order, order_of(&self.content));
        document.add_u64(fields.level, u64::from(self.level.number()));
        document.add_u64(fields.size, self.size);
        // Copied, and let go page by page.
        for page in self.pages {
            document.add_text(fields.body, page);
        }
        let folded = |values: &mut dyn Iterator<Item = &str>| values.map(fold).collect::<BTreeSet<String>>();
        let locations = &self.locations;
        let faults = locations.iter().flat_map(|location| &location.faults);
        let sets: [(Field, BTreeSet<String>); 7] = [
            (fields.zone, folded(&mut locations.iter().map(|location| location.zone.as_str()))),
            (fields.verdict, folded(&mut locations.iter().map(|location| location.verdict.as_str()))),
            (fields.kind, folded(&mut [self.kind.as_str()].into_iter())),
            (fields.rule, folded(&mut self.rules.iter().map(String::as_str))),
            (fields.detector, folded(&mut self.detectors.iter().map(String::as_str))),
            (fields.fault, folded(&mut faults.map(|reason| reason.as_str()))),
            (fields.coverage, folded(&mut locations.iter().map(|location| location.coverage.as_str()))),
        ];
        for (field, values) in sets {
            for value in values {
                document.add_text(field, value);
            }
        }
        for name in locations.iter().map(|location| location.name.as_str()).collect::<BTreeSet<_>>() {
            document.add_text(fields.name, name);
        }
        for folder in locations.iter().flat_map(|location| folders(&location.path)).collect::<BTreeSet<_>>() {
            document.add_text(fields.path, folder);
        }
        for time in locations.iter().map(|location| second(location.mtime_ns)).collect::<BTreeSet<_>>() {
            document.add_date(fields.mtime, DateTime::from_timestamp_secs(time));
        }
        if locations.len() > 1 {
            document.add_text(fields.several, SEVERAL);
            document.add_bytes(fields.places, &serde_json::to_vec(locations).expect("plain data becomes JSON"));
        }
        document
    }
}

/// The whole second in which a time lies, inside what dates of queries can name. The library would round towards 1970.
pub(super) fn second(nanoseconds: i64) -> i64 {
    nanoseconds.div_euclid(1_000_000_000).clamp(FIRST_SECOND, LAST_SECOND - 1)
}

/// The location itself and everything it lies in: folders, and containers with and without the mark of a member
/// (`/srv/mail.eml!/scan.pdf` lies in `/srv`, `/srv/mail.eml!` and `/srv/mail.eml`).
pub(super) fn folders(path: &str) -> impl Iterator<Item = &str> {
    let above = path.match_indices('/').filter(|(at, _)| *at > 0).flat_map(|(at, _)| {
        let folder = &path[..at];
        [Some(folder), folder.strip_suffix('!')]
    });
    above.flatten().chain([path])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_lies_in_each_folder_and_container_above_it() {
        let all: Vec<&str> = folders("/srv/a b/mail.eml!/scan.pdf").collect();
        assert_eq!(all, ["/srv", "/srv/a b", "/srv/a b/mail.eml!", "/srv/a b/mail.eml", "/srv/a b/mail.eml!/scan.pdf"]);
        assert_eq!(folders("/x").collect::<Vec<_>>(), ["/x"]);
        assert_eq!(folders("").count(), 1);
    }

    #[test]
    fn debug_output_prints_no_text() {
        let document = IndexDocument {
            content: ContentHash([7; 32]),
            kind: Kind::new("text"),
            level: Level::Public,
            size: 1,
            rules: Vec::new(),
            detectors: Vec::new(),
            locations: Vec::new(),
            pages: vec!["机密".to_owned()],
        };
        assert!(!format!("{document:?}").contains('机'));
    }
}
