//! One line a finding or fault, for spreadsheets (RFC 4180). A file without either has one line.

use std::io::{self, Write};

use super::json::exact_path;
use super::{Counts, Reporter, decision_words};
use crate::catalog::{FileRow, GoneRow};
use crate::finding::Stated;

const HEAD: [&str; 24] = [
    "path",
    "zone",
    "verdict",
    "level",
    "suspected_level",
    "native",
    "coverage",
    "page",
    "detector",
    "rule",
    "confidence",
    "excerpt",
    "fault",
    "path_b64",
    "since_sweep",
    "event",
    "verdict_before",
    "from",
    "decision",
    "place",
    "flags",
    "caveats",
    "copy_number",
    "term",
];

/// Writes the head once.
#[derive(Default)]
pub(super) struct Csv {
    begun: bool,
}

impl Csv {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            row(&HEAD.map(str::to_owned), out)?;
        }
        Ok(())
    }
}

impl Reporter for Csv {
    fn file(&mut self, file: &FileRow, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let suspected = file.suspected();
        let head = [
            file.location.shown().to_string_lossy().into_owned(),
            file.zone.clone(),
            file.verdict.to_string(),
            file.level.to_string(),
            suspected.map(|(level, _)| level.to_string()).unwrap_or_default(),
            suspected.map_or_else(|| file.natives.join(" "), |(_, native)| native.to_owned()),
            file.coverage.state().as_str().to_owned(),
        ];
        let since = &file.since;
        let tail = [
            exact_path(&file.location.shown()).unwrap_or_default(),
            since.sweep.to_string(),
            since.event.clone().unwrap_or_default(),
            since.before.clone().unwrap_or_default(),
            since.origin.as_ref().map(|origin| origin.to_string_lossy().into_owned()).unwrap_or_default(),
        ];
        let write =
            |cells: [String; 6], decision: String, page: Option<u32>, said: [String; 4], out: &mut dyn Write| {
                let place = page.and_then(|page| file.labels.get(&page).cloned()).unwrap_or_default();
                row(&[&head[..], &cells[..], &tail[..], &[decision, place], &said[..]].concat(), out)
            };
        let nothing = || std::array::from_fn(|_| String::new());
        for (index, finding) in file.findings.iter().enumerate() {
            let page = if finding.page == 0 { "name".to_owned() } else { finding.page.to_string() };
            let confidence = finding.confidence.to_string();
            let rest = [
                page,
                finding.detector.clone(),
                finding.rule.clone(),
                confidence,
                finding.excerpt.clone(),
                String::new(),
            ];
            let decision = file.decisions.get(&index).map(decision_words).unwrap_or_default();
            let Stated { caveats, copy_number, term } = finding.stated.clone();
            let said = [
                finding.flags.join("; "),
                caveats.join("; "),
                copy_number.unwrap_or_default(),
                term.unwrap_or_default(),
            ];
            write(rest, decision, Some(finding.page), said, out)?;
        }
        for fault in &file.coverage.faults {
            let page = fault.page.map(|page| page.to_string()).unwrap_or_default();
            let none = String::new;
            let told = [page, none(), none(), none(), none(), format!("{}: {}", fault.reason, fault.detail)];
            write(told, none(), fault.page, nothing(), out)?;
        }
        if file.findings.is_empty() && file.coverage.faults.is_empty() {
            write(std::array::from_fn(|_| String::new()), String::new(), None, nothing(), out)?;
        }
        Ok(())
    }

    fn gone(&mut self, gone: &GoneRow, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let mut cells = HEAD.map(|_| String::new());
        for (name, value) in [
            ("path", gone.path.to_string_lossy().into_owned()),
            ("path_b64", exact_path(&gone.path).unwrap_or_default()),
            ("since_sweep", gone.sweep.to_string()),
            ("event", gone.event.clone()),
            ("verdict_before", gone.before.clone().unwrap_or_default()),
        ] {
            cells[HEAD.iter().position(|head| *head == name).expect("a column")] = value;
        }
        row(&cells, out)
    }

    fn finish(&mut self, _: &Counts, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)
    }
}

/// Quotes what needs it. A cell that a spreadsheet would run as a formula gets an apostrophe in front.
fn row(cells: &[String], out: &mut dyn Write) -> io::Result<()> {
    let quoted: Vec<String> = cells
        .iter()
        .map(|cell| {
            let cell =
                if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.clone() };
            match cell.contains([',', '"', '\n', '\r']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell,
            }
        })
        .collect();
    writeln!(out, "{}", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_run_as_formulas() {
        let mut out = Vec::new();
        row(&["a,b".into(), "say \"x\"".into(), "=cmd()".into()], &mut out).expect("memory");
        assert_eq!(String::from_utf8(out).expect("UTF-8"), "\"a,b\",\"say \"\"x\"\"\",'=cmd()\n");
    }
}
