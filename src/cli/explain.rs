//! `misfile explain`: why a file has its verdict.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Context;
use crate::catalog::{CatalogView, FileRow};
use crate::document::{GateAction, Page};
use crate::error::{Exit, UsageError};
use crate::finding::Finding;
use crate::report::{self, Counts, Form, shown_path};
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
    context.table()?;
    let view = CatalogView::open(&context.data()?)?;
    let path = args.path.canonicalize().or_else(|_| std::path::absolute(&args.path))?;
    let Some(file) = view.file(&path)? else {
        let message = format!("{}: no sweep has seen this file; try `misfile inspect`", shown_path(&path));
        return Err(UsageError(message).into());
    };
    let mut pages = file.content.map_or(Ok(Vec::new()), |(id, _)| view.pages(id))?;
    pages.retain(|page| args.page.is_none_or(|wanted| wanted == page.number));
    let mut counts = Counts::default();
    counts.add(&file);
    match context.form() {
        Form::Table => table(context, &file, &pages, out)?,
        form => {
            let mut reporter = report::reporter(form);
            reporter.file(&file, out)?;
            pages.iter().try_for_each(|page| line(&path, page, out))?;
            reporter.finish(&counts, out)?;
        }
    }
    Ok(counts.exit())
}

fn table(context: &Context, file: &FileRow, pages: &[Page], out: &mut dyn Write) -> anyhow::Result<()> {
    let zones = Zones::configured(&context.settings);
    let zone = zones.of(&file.path);
    let unknown = || "none".to_owned();
    writeln!(out, "file        {}", shown_path(&file.path))?;
    writeln!(
        out,
        "zone        {} ({}, ceiling {}; {})",
        file.zone,
        zone.exposure.as_str(),
        zone.ceiling,
        zone.evidence
    )?;
    let kind = file.kind.as_ref().map_or_else(unknown, ToString::to_string);
    writeln!(
        out,
        "content     {} {kind}, {}",
        file.content.map_or_else(unknown, |(_, hash)| hash.to_string()),
        report::human_bytes(file.size)
    )?;
    writeln!(out, "verdict     {}, level {} {}", file.verdict, file.level, file.natives.join(", "))?;
    let coverage = &file.coverage;
    let state = coverage.state().as_str();
    writeln!(
        out,
        "coverage    {state}: {} of {} pages examined, {} by OCR",
        coverage.examined, coverage.pages, coverage.ocr_pages
    )?;
    coverage.faults.iter().try_for_each(|fault| writeln!(out, "            {fault}"))?;
    writeln!(out, "read with   {}", file.stamps.0.as_deref().unwrap_or("nothing"))?;
    writeln!(out, "rules       {}", file.stamps.1.as_deref().unwrap_or("none"))?;
    for (index, found) in file.findings.iter().enumerate() {
        finding(found, file.decided_by.contains(&index), out)?;
    }
    pages.iter().try_for_each(|read| page(read, out))
}

fn finding(finding: &Finding, decided: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let Finding { page, rule, level, rank, native, confidence, excerpt, origin, .. } = finding;
    let decided = if decided { ", decided" } else { "" };
    writeln!(
        out,
        "finding     page {page}: {excerpt}  ({rule}, {native}, level {level}, rank {rank}, {confidence} %, {}{decided})",
        origin.as_str()
    )?;
    let signals: Vec<String> =
        finding.signals.iter().map(|signal| format!("{} {:+}", signal.name, signal.points)).collect();
    writeln!(out, "            {}", signals.join("; "))?;
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
    writeln!(out, "page {:<6} {action}: {}{confidence}", page.number, page.gate.reason)?;
    let numbers: Vec<String> = page.gate.numbers.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if !numbers.is_empty() {
        writeln!(out, "            {}", numbers.join(", "))?;
    }
    Ok(())
}

fn line(path: &Path, page: &Page, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut object = std::collections::BTreeMap::from([
        ("type", json!("gate")),
        ("v", json!(1)),
        ("page", json!(page.number)),
        ("origin", json!(page.origin())),
        ("confidence", json!(page.ocr_confidence)),
        ("action", json!(page.gate.action)),
        ("reason", json!(page.gate.reason)),
        ("numbers", json!(page.gate.numbers)),
    ]);
    report::path_fields(&mut object, path);
    Ok(report::line(&object, out)?)
}
