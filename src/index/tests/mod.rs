//! The index as a whole: what is put in is found ([`answers`], [`places`]), and what breaks is named ([`damage`]).

mod answers;
mod damage;
mod places;

use tempfile::TempDir;

use super::{IndexDocument, IndexLocation, IndexWriter, Query, Searcher};
use crate::config::IndexSettings;
use crate::document::{ContentHash, Kind};
use crate::finding::{CoverageState, Level};

fn settings() -> IndexSettings {
    IndexSettings { writer_mib: 16 }
}

fn hash(number: u8) -> ContentHash {
    ContentHash([number; 32])
}

/// A document with these pages; everything else is unremarkable.
fn document(number: u8, pages: &[&str]) -> IndexDocument {
    IndexDocument {
        content: hash(number),
        kind: Kind::new("text"),
        level: Level::Public,
        size: 100,
        rules: Vec::new(),
        detectors: Vec::new(),
        locations: vec![location("/srv/share/file.txt", "shared")],
        pages: pages.iter().map(|page| (*page).to_owned()).collect(),
    }
}

fn location(path: &str, zone: &str) -> IndexLocation {
    IndexLocation {
        path: path.to_owned(),
        name: path.rsplit('/').next().unwrap_or_default().to_owned(),
        zone: zone.to_owned(),
        verdict: "clear".to_owned(),
        coverage: CoverageState::Complete,
        faults: Vec::new(),
        mtime_ns: 0,
    }
}

/// An index in a folder that goes with it.
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new(documents: &[IndexDocument]) -> Self {
        let fixture = Self { folder: TempDir::new().expect("a temporary folder") };
        let mut writer = IndexWriter::rebuild(&fixture.dir(), &settings()).expect("an empty index");
        for document in documents {
            writer.put(document.clone()).expect("put");
        }
        writer.commit(1).expect("commit");
        writer.close().expect("close");
        fixture
    }

    /// One document a page list, numbered from 1.
    fn of_pages(documents: &[&[&str]]) -> Self {
        let documents: Vec<IndexDocument> = (1..).zip(documents).map(|(n, pages)| document(n, pages)).collect();
        Self::new(&documents)
    }

    fn dir(&self) -> std::path::PathBuf {
        self.folder.path().join("index")
    }

    fn writer(&self) -> IndexWriter {
        IndexWriter::open(&self.dir(), &settings()).expect("the index opens")
    }

    /// The numbers of the documents that match, sorted.
    fn find(&self, query: &str) -> Vec<u8> {
        let query = Query::parse(query).expect("a valid query");
        let hits = Searcher::open(&self.dir()).expect("opens").search(&query, 100, 0).expect("searches");
        assert_eq!(hits.total, hits.hits.len() as u64);
        let mut found: Vec<u8> = hits.hits.iter().map(|hit| hit.content.0[0]).collect();
        found.sort_unstable();
        found
    }

    fn check(&self, cases: &[(&str, &[u8])]) {
        for (query, expected) in cases {
            assert_eq!(self.find(query), *expected, "{query}");
        }
    }
}
