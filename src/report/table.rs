//! For people: a file with its verdict, then the evidence that decided and what could not be read.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use time::OffsetDateTime;
use time::macros::format_description;

use super::{Counts, Reporter};
use crate::catalog::FileRow;
use crate::finding::{Coverage, CoverageState, Finding};

/// At most this many findings, and as many faults, are shown of a file; the rest are counted.
const SHOWN: usize = 3;

/// See the module.
pub(super) struct Table;

impl Reporter for Table {
    fn file(&mut self, file: &FileRow, out: &mut dyn Write) -> io::Result<()> {
        let level = match file.natives.first() {
            Some(native) => format!("level {} {native}", file.level),
            None => format!("level {}", file.level),
        };
        writeln!(out, "{:<10} {level:<22} {:<14} {}", file.verdict.as_str(), file.zone, shown_path(&file.path))?;
        let decided = |index: &usize| file.findings.get(*index);
        let shown: Vec<&Finding> = match file.decided_by.is_empty() {
            true => file.findings.iter().collect(),
            false => file.decided_by.iter().filter_map(decided).collect(),
        };
        for finding in shown.iter().take(SHOWN) {
            let Finding { page, rule, confidence, excerpt, origin, .. } = finding;
            writeln!(out, "             page {page}: {excerpt}  ({rule}, {confidence} %, {})", origin.as_str())?;
        }
        if shown.len() > SHOWN {
            writeln!(out, "             and {} more findings", shown.len() - SHOWN)?;
        }
        unread(&file.coverage, out)
    }

    fn finish(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
        let mut verdicts = String::new();
        for (verdict, count) in &counts.verdicts {
            let _ = write!(verdicts, ", {count} {verdict}");
        }
        let Counts { files, pages, examined, ocr_pages, .. } = counts;
        writeln!(out, "{files} files{verdicts}; {examined} of {pages} known pages examined, {ocr_pages} by OCR")?;
        if !counts.faults.is_empty() {
            let faults: Vec<String> = counts.faults.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            writeln!(out, "not fully read, files by reason: {}", faults.join(", "))?;
        }
        Ok(())
    }
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
        writeln!(out, "             and {} more faults", coverage.faults.len() - SHOWN)?;
    }
    if coverage.examined < coverage.pages {
        writeln!(out, "             {} of {} pages examined", coverage.examined, coverage.pages)?;
    }
    Ok(())
}

/// A path for a terminal: control characters, which could steer it, are escaped.
pub fn shown_path(path: &Path) -> String {
    let safe = |c: char| if c.is_control() || is_bidi(c) { c.escape_unicode().to_string() } else { c.to_string() };
    path.to_string_lossy().chars().map(safe).collect()
}

/// Characters that make a name look like another one.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Seconds since 1970 UTC as a person reads them, in UTC.
pub fn human_time(seconds: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(format).ok()).unwrap_or_default()
}

/// Bytes as a person reads them.
pub fn human_bytes(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_steer_the_terminal_or_pose_as_another() {
        assert_eq!(shown_path(Path::new("a\u{1b}[2Jb\u{202e}fdp.exe")), "a\\u{1b}[2Jb\\u{202e}fdp.exe");
    }

    #[test]
    fn times_are_shown_in_utc() {
        assert_eq!(human_time(1_795_219_200), "2026-11-21 00:00:00Z");
    }
}
