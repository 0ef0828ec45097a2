//! For people: a file with its verdict, then the evidence that decided and what could not be read.

use std::io::{self, Write};

use super::{
    Counts, Reporter, change_words, count_list, counted, decision_words, file_line, lock_list, padded, page_words,
    shown_path, verdict_list,
};
use crate::catalog::{FileRow, GoneRow};
use crate::finding::{Coverage, CoverageState, Finding, Verdict};

/// At most this many findings, and as many faults, are shown of a file; the rest are counted.
const SHOWN: usize = 3;

/// See the module.
pub(super) struct Table {
    /// Whether each file says how it came to be what it is.
    pub(super) changes: bool,
}

impl Reporter for Table {
    fn file(&mut self, file: &FileRow, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", file_line(file))?;
        if self.changes {
            writeln!(out, "             {}", change_words(&file.since))?;
        }
        if by_members(file) {
            writeln!(out, "             for what is in it")?;
        }
        // What decided first, then what people decided about.
        let mut order: Vec<usize> = (0..file.findings.len()).collect();
        order.sort_by_key(|index| (!file.decided_by.contains(index), !file.decisions.contains_key(index)));
        for index in order.iter().take(SHOWN) {
            let Finding { page, rule, confidence, excerpt, origin, .. } = &file.findings[*index];
            let page = page_words(*page, file.labels.get(page).map(String::as_str));
            writeln!(out, "             {page}: {excerpt}  ({rule}, {confidence} %, {})", origin.as_str())?;
            if let Some(decision) = file.decisions.get(index) {
                writeln!(out, "               {}", decision_words(decision))?;
            }
        }
        if order.len() > SHOWN {
            writeln!(out, "             and {}", more(order.len() - SHOWN, "finding"))?;
        }
        unread(&file.coverage, out)
    }

    fn gone(&mut self, gone: &GoneRow, out: &mut dyn Write) -> io::Result<()> {
        let before = gone.before.as_ref().map(|before| format!("  (was {before})")).unwrap_or_default();
        writeln!(out, "{} {}{before}", padded(&gone.event, 10), shown_path(&gone.path))
    }

    fn finish(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
        let Counts { files, pages, examined, ocr_pages, .. } = counts;
        let verdicts = verdict_list(&counts.verdicts);
        let colon = if verdicts.is_empty() { "" } else { ": " };
        writeln!(
            out,
            "{}{colon}{verdicts}; {examined} of {} examined, {ocr_pages} by OCR",
            counted(*files, "file"),
            counted(*pages, "known page"),
        )?;
        if counts.gone > 0 {
            writeln!(out, "{} no more", counted(counts.gone, "file"))?;
        }
        if !counts.decided.is_empty() {
            writeln!(out, "decided by people, files: {}", count_list(&counts.decided))?;
        }
        if !counts.faults.is_empty() {
            writeln!(out, "not fully read, files by reason: {}", count_list(&counts.faults))?;
        }
        if let Some(provenance) = &counts.provenance {
            writeln!(out, "readers were held: {}", lock_list(provenance))?;
        }
        Ok(())
    }
}

/// Whether a container has its verdict from what lies in it.
pub fn by_members(file: &FileRow) -> bool {
    match file.verdict {
        Verdict::Misfiled | Verdict::Review => file.decided_by.is_empty(),
        Verdict::Unverified => file.coverage.state() == CoverageState::Complete,
        Verdict::Clear(_) | Verdict::OutOfScope => false,
    }
}

fn more(number: usize, noun: &str) -> String {
    format!("{number} more {noun}{}", if number == 1 { "" } else { "s" })
}

/// What of a file was not read, and why.
fn unread(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    if coverage.state() == CoverageState::Complete {
        return Ok(());
    }
    for fault in coverage.faults.iter().take(SHOWN) {
        writeln!(out, "             unread: {fault}")?;
    }
    if coverage.faults.len() > SHOWN {
        writeln!(out, "             and {}", more(coverage.faults.len() - SHOWN, "fault"))?;
    }
    if coverage.examined < coverage.pages {
        writeln!(out, "             {} of {} examined", coverage.examined, counted(coverage.pages.into(), "page"))?;
    }
    Ok(())
}
