//! Reports: files with their evidence, in the form somebody asked for. Reads catalog rows only; decides nothing.
//!
//! A new form is one file here and one line in [`reporter`]. Excerpts come masked from classification; no report shows
//! document text.

mod csv;
mod json;
mod table;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use serde_json::Value;

use crate::catalog::{AsOf, FileRow, GoneRow};
use crate::decision::Ruling;
use crate::document::Page;

pub use json::{Object, Objects, date, finding_object, path_fields, typed};
pub use table::by_members;
pub use words::{
    change_words, count_list, counted, decision_words, file_line, human_bytes, human_seconds, human_time, level_words,
    lock_list, padded, page_words, shown_path, stated_words, tries_words, verdict_list,
};

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line: the stable machine form.
    Jsonl,
    /// One line a finding, for spreadsheets.
    Csv,
}

/// Writes files one after the other, and counts them.
pub trait Reporter {
    /// Writes one file.
    fn file(&mut self, file: &FileRow, out: &mut dyn Write) -> io::Result<()>;

    /// Writes a file that is no more.
    fn gone(&mut self, gone: &GoneRow, out: &mut dyn Write) -> io::Result<()>;

    /// Writes the text of a page, where the form has a place for it.
    fn page(&mut self, path: &Path, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let _ = (path, page, out);
        Ok(())
    }

    /// Writes what comes last.
    fn finish(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()>;
}

/// The reporter of a form. With `changes`, people are told of each file how it came to be what it is; machines always are.
pub fn reporter(form: Form, changes: bool) -> Box<dyn Reporter> {
    match form {
        Form::Table => Box::new(table::Table { changes }),
        Form::Json => Box::new(Objects::document()),
        Form::Jsonl => Box::new(Objects::lines()),
        Form::Csv => Box::new(csv::Csv::default()),
    }
}

/// Counts over the files of a report, so that a cut-off report shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files in all.
    pub files: u64,
    /// Files that are no more.
    pub gone: u64,
    /// Files by verdict.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// Files by fault reason.
    pub faults: BTreeMap<&'static str, u64>,
    /// Files by what people decided on findings of theirs.
    pub decided: BTreeMap<String, u64>,
    /// Pages in all.
    pub pages: u64,
    /// Pages examined.
    pub examined: u64,
    /// Pages that went through OCR.
    pub ocr_pages: u64,
    /// What the readings were made with, and what held the readers, of the sweep whose readers were held least.
    pub provenance: Option<Value>,
    /// The last sweep: what the answer is as old as.
    pub as_of: Option<AsOf>,
}

impl Counts {
    /// Counts one file.
    pub fn add(&mut self, file: &FileRow) {
        self.files += 1;
        *self.verdicts.entry(file.verdict.as_str()).or_default() += 1;
        let mut reasons: Vec<&'static str> = file.coverage.faults.iter().map(|fault| fault.reason.as_str()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        for reason in reasons {
            *self.faults.entry(reason).or_default() += 1;
        }
        let rulings: BTreeSet<Ruling> = file.decisions.values().map(|decision| decision.ruling).collect();
        for ruling in rulings {
            *self.decided.entry(ruling.as_str().to_owned()).or_default() += 1;
        }
        self.pages += u64::from(file.coverage.pages);
        self.examined += u64::from(file.coverage.examined);
        self.ocr_pages += u64::from(file.coverage.ocr_pages);
    }

    /// The exit that these files lead to.
    pub fn exit(&self, stopped: bool) -> crate::error::Exit {
        crate::error::Exit::of_verdicts(&self.verdicts, &self.faults, stopped)
    }
}
