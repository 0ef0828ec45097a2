//! `misfile explain`: why a file has its verdict.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Answers, Context};
use crate::catalog::FileRow;
use crate::document::{GateAction, Page};
use crate::error::{Exit, UsageError};
use crate::finding::{Coverage, Finding};
use crate::report::{self, Counts, Object, Reporter, counted, shown_path};
use crate::zone::Zones;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file that a sweep has seen
    path: PathBuf,
    /// Only this page
    #[arg(long)]
    page: Option<u32>,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.objects()?;
    let Answers { view, current, .. } = context.answers()?;
    let path = args.path.canonicalize().or_else(|_| std::path::absolute(&args.path))?;
    let Some(file) = view.find(&path)? else {
        let message = match path.exists() {
            true => format!("{}: no sweep has seen this file; try `misfile inspect`", shown_path(&path)),
            false => format!(
                "{}: there is no such file, and none is known; `status --events` tells what is gone",
                shown_path(&path)
            ),
        };
        return Err(UsageError(message).into());
    };
    let mut pages = file.content.map_or(Ok(Vec::new()), |(id, _)| view.pages(id))?;
    if let Some(wanted) = args.page {
        if pages.iter().all(|page| page.number != wanted) {
            let there = counted(pages.len() as u64, "page");
            let message = format!("{}: {there} were read, and page {wanted} is none of them", shown_path(&path));
            return Err(UsageError(message).into());
        }
        pages.retain(|page| page.number == wanted);
    }
    let mut counts = Counts::default();
    counts.add(&file);
    let mut others = file.content.map_or(Ok(Vec::new()), |(id, _)| view.files_of(id))?;
    others.retain(|other| other.location != file.location);
    match &mut objects {
        None => {
            let read_in = file.content.map_or(Ok(None), |(id, _)| view.read_in(id))?;
            table(context, &file, &others, &pages, read_in.as_ref(), out)?;
        }
        Some(objects) => {
            objects.file(&file, out)?;
            others.iter().try_for_each(|other| objects.put(&copy(other), out))?;
            pages.iter().try_for_each(|page| objects.put(&gate(&path, page), out))?;
            objects.finish(&counts, out)?;
        }
    }
    Ok(counts.exit(!current))
}

fn table(
    context: &Context,
    file: &FileRow,
    others: &[FileRow],
    pages: &[Page],
    read_in: Option<&(i64, Option<Value>)>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let zones = Zones::configured(&context.settings);
    let zone = zones.of(&file.location.path);
    writeln!(out, "file        {}", shown_path(&file.location.shown()))?;
    writeln!(
        out,
        "zone        {} ({}, ceiling {}; {})",
        file.zone,
        zone.exposure.as_str(),
        zone.ceiling,
        zone.evidence
    )?;
    writeln!(out, "content     {}", content(file))?;
    for other in others {
        let FileRow { location, zone, verdict, .. } = other;
        writeln!(out, "also        {} (zone {zone}, {verdict})", shown_path(&location.shown()))?;
    }
    writeln!(out, "verdict     {}, {}", file.verdict, levels(file))?;
    writeln!(out, "since       {}", report::change_words(&file.since))?;
    let coverage = &file.coverage;
    let state = coverage.state().as_str();
    writeln!(out, "coverage    {state}: {}", examined(coverage))?;
    if report::by_members(file) {
        writeln!(out, "            the verdict is that of the worst in it")?;
    }
    for fault in &coverage.faults {
        writeln!(out, "            {fault}{}", fault.tries.map(report::tries_words).unwrap_or_default())?;
    }
    file.remarks.iter().try_for_each(|remark| writeln!(out, "remark      {remark}"))?;
    writeln!(out, "read with   {}", file.stamps.0.as_deref().unwrap_or("nothing"))?;
    if let Some((sweep, provenance)) = read_in {
        let locks = provenance.as_ref().map_or_else(|| "not known".to_owned(), report::lock_list);
        writeln!(out, "read in     sweep {sweep}; the reader was held: {locks}")?;
    }
    writeln!(out, "rules       {}", file.stamps.1.as_deref().unwrap_or("none"))?;
    for (index, found) in file.findings.iter().enumerate() {
        let label = file.labels.get(&found.page).map(String::as_str);
        finding(found, label, file.decided_by.contains(&index), out)?;
        if let Some(decision) = file.decisions.get(&index) {
            writeln!(out, "            {}", report::decision_words(decision))?;
        }
    }
    pages.iter().try_for_each(|read| page(read, out))
}

/// Name, kind and size of a content; of one that could not be had nothing is known but what its file says.
fn content(file: &FileRow) -> String {
    let size = report::human_bytes(file.size);
    match file.content {
        Some((_, hash)) => format!("{hash} {}, {size}", file.kind_name().unwrap_or("of unknown kind")),
        None if file.folder => "a folder that cannot be listed".to_owned(),
        None if file.location.members.is_empty() => format!("could not be had: its kind is not known; {size}"),
        None => "could not be had: neither kind nor size are known".to_owned(),
    }
}

fn finding(finding: &Finding, label: Option<&str>, decided: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let Finding { page, rule, level, rank, native, confidence, excerpt, origin, .. } = finding;
    let decided = if decided { ", decided" } else { "" };
    let native = if native.is_empty() { String::new() } else { format!(" {native},") };
    writeln!(
        out,
        "finding     {}: {excerpt}  ({rule},{native} level {level}, rank {rank}, confidence {confidence} %, {}{decided})",
        report::page_words(*page, label),
        origin.as_str()
    )?;
    let signals: Vec<String> =
        finding.signals.iter().map(|signal| format!("{} {:+}", signal.name, signal.points)).collect();
    writeln!(out, "            {}", signals.join("; "))?;
    if let Some(stated) = report::stated_words(&finding.stated) {
        writeln!(out, "            {stated}")?;
    }
    if !finding.flags.is_empty() {
        writeln!(out, "            flags: {}", finding.flags.join(", "))?;
    }
    Ok(())
}

fn page(page: &Page, out: &mut dyn Write) -> anyhow::Result<()> {
    let action = match page.gate.action {
        GateAction::TrustLayer => "layer trusted",
        GateAction::Blank => "blank",
        GateAction::OcrPage => "whole page recognized",
        GateAction::OcrUnexplained => "unexplained part recognized",
    };
    let confidence =
        page.ocr_confidence.map(|confidence| format!(", OCR confidence {confidence} %")).unwrap_or_default();
    let label = page.label.as_ref().map(|label| format!("{}: ", shown_path(Path::new(label)))).unwrap_or_default();
    writeln!(out, "page {:<6} {label}{action}: {}{confidence}", page.number, page.gate.reason)?;
    let numbers: Vec<String> = page.gate.numbers.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if !numbers.is_empty() {
        writeln!(out, "            {}", numbers.join(", "))?;
    }
    Ok(())
}

/// Another place of the same content.
fn copy(file: &FileRow) -> Object {
    let mut object = report::typed("copy");
    object.insert("zone", json!(file.zone));
    object.insert("verdict", json!(file.verdict.as_str()));
    report::path_fields(&mut object, &file.location.shown());
    object
}

/// The level that decided, and the one that is suspected.
fn levels(file: &FileRow) -> String {
    let natives = if file.natives.is_empty() { String::new() } else { format!(" ({})", file.natives.join(", ")) };
    let suspected = file.suspected().map(|(level, native)| format!(", suspected level {level} ({native})"));
    format!("level {}{natives}{}", file.level, suspected.unwrap_or_default())
}

fn gate(path: &Path, page: &Page) -> Object {
    let mut object = report::typed("gate");
    object.insert("page", json!(page.number));
    object.insert("label", json!(page.label));
    object.insert("origin", json!(page.origin()));
    object.insert("confidence", json!(page.ocr_confidence));
    object.insert("action", json!(page.gate.action));
    object.insert("reason", json!(page.gate.reason));
    object.insert("numbers", json!(page.gate.numbers));
    report::path_fields(&mut object, path);
    object
}

/// How much of a document was examined. An archive has no pages of its own, and what was refused before any page was known has none.
fn examined(coverage: &Coverage) -> String {
    match (coverage.pages, coverage.faults.is_empty()) {
        (0, true) => "no pages of its own".to_owned(),
        (0, false) => "it was not opened, or has no pages of its own".to_owned(),
        (pages, _) => {
            let pages = counted(pages.into(), "page");
            format!("{} of {pages} examined, {} by OCR", coverage.examined, coverage.ocr_pages)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Fault;

    #[test]
    fn what_has_no_pages_is_not_told_how_many_of_them_were_examined() {
        let bomb = Coverage::none(Fault::limit("expansion", 250, "members that unpack to more"));
        assert_eq!(examined(&bomb), "it was not opened, or has no pages of its own");
        assert_eq!(examined(&Coverage::default()), "no pages of its own");
        let scan = Coverage { pages: 3, examined: 2, ocr_pages: 1, faults: Vec::new() };
        assert_eq!(examined(&scan), "2 of 3 pages examined, 1 by OCR");
    }
}
