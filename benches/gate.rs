//! What the gate costs on born-digital PDFs, beside reading their text layer alone.
//!
//! `cargo bench --bench gate -- FOLDER…` opens every PDF under the folders, reads the layer of its pages (at most
//! `--pages N` a file, 20 by default), and lets the gate decide. It prints, by what the gate looked at, pages, CPU
//! milliseconds for layer and gate, their ratio, and what was decided. No OCR runs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use misfile::config::Settings;
use misfile::document::GateAction;
use misfile::format::{self, Source};
use misfile::kind;
use misfile::read::gate;

/// Longer side of the render that OCR would want.
const READING_PIXELS: u32 = 2200;

/// Figures of one group of pages.
#[derive(Default)]
struct Row {
    pages: u32,
    layer: f64,
    gate: f64,
    actions: BTreeMap<String, u32>,
}

/// CPU milliseconds of this process.
#[allow(clippy::cast_precision_loss, reason = "milliseconds")]
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn main() -> anyhow::Result<()> {
    let (mut folders, mut most, mut verbose) = (Vec::new(), 20, false);
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--pages" => most = arguments.next().unwrap_or_default().parse()?,
            "--verbose" => verbose = true,
            _ => folders.push(PathBuf::from(argument)),
        }
    }
    if folders.is_empty() {
        folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/share"));
    }
    let mut settings = Settings::defaults();
    settings.read.pdfium = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/libpdfium.so");
    let mut files = Vec::new();
    folders.iter().try_for_each(|folder| collect(folder, &mut files))?;
    files.sort();
    let mut rows: BTreeMap<&'static str, Row> = BTreeMap::new();
    for path in &files {
        if let Err(error) = measure(path, &settings, most, verbose, &mut rows) {
            eprintln!("{}: {error}", path.display());
        }
    }
    print(&rows);
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "pdf") {
            files.push(path);
        }
    }
    Ok(())
}

fn measure(
    path: &Path,
    settings: &Settings,
    most: u32,
    verbose: bool,
    rows: &mut BTreeMap<&'static str, Row>,
) -> anyhow::Result<()> {
    let source = Source::new(File::open(path)?)?;
    let kind = kind::detect(&source.head(kind::HEAD_BYTES)?, &source);
    let Some(format) = format::for_kind(&kind).filter(|format| format.name() == "pdf") else { return Ok(()) };
    format.prepare(settings)?;
    let document = format.open(source, &kind, settings).map_err(|fault| anyhow::anyhow!("{}", fault.detail))?;
    for number in 1..=document.page_count().min(most) {
        let begun = cpu();
        let Ok(mut page) = document.page(number) else { continue };
        let Ok(layer) = page.layer() else { continue };
        let read = cpu();
        let Ok(plan) = gate::decide(page.as_mut(), &layer, &settings.gate, READING_PIXELS) else { continue };
        let decided = cpu();
        let objects = layer.objects;
        // Pages without a layer are scans: there is nothing to compare with.
        let group = match () {
            () if layer.text.is_blank() => "no text layer",
            () if objects.opaque > 0 => "forms, shadings, annotations",
            () if objects.drawings > 0 => "drawings",
            () if objects.images > 0 => "pictures",
            () => "text and rules",
        };
        if verbose {
            let (layer_ms, gate_ms) = (read - begun, decided - read);
            let decision = &plan.decision;
            println!(
                "{}:{number} {group}: {layer_ms:.1} + {gate_ms:.1} ms {:?} {objects:?}",
                path.display(),
                decision.action
            );
        }
        let row = rows.entry(group).or_default();
        row.pages += 1;
        row.layer += read - begun;
        row.gate += decided - read;
        let sampled = if plan.sample.is_empty() { "" } else { " (sampled)" };
        let action = match plan.decision.action {
            GateAction::TrustLayer => "trusted",
            GateAction::Blank => "blank",
            GateAction::OcrPage => "whole to OCR",
            GateAction::OcrUnexplained => "part to OCR",
        };
        *row.actions.entry(format!("{action}{sampled}")).or_default() += 1;
    }
    Ok(())
}

fn print(rows: &BTreeMap<&'static str, Row>) {
    println!("{:<30} {:>6} {:>10} {:>10} {:>7}  decided", "pages with", "pages", "layer ms", "gate ms", "ratio");
    let line = |name: &str, pages: u32, layer: f64, gate: f64, decided: &str| {
        let each = f64::from(pages.max(1));
        println!(
            "{name:<30} {pages:>6} {:>10.2} {:>10.2} {:>7.2}  {decided}",
            layer / each,
            gate / each,
            (layer + gate) / layer.max(f64::MIN_POSITIVE)
        );
    };
    for (name, row) in rows {
        let decided: Vec<String> = row.actions.iter().map(|(action, count)| format!("{count} {action}")).collect();
        line(name, row.pages, row.layer, row.gate, &decided.join(", "));
    }
    let text = || rows.iter().filter(|(name, _)| **name != "no text layer").map(|(_, row)| row);
    line(
        "all with a text layer",
        text().map(|row| row.pages).sum(),
        text().map(|row| row.layer).sum(),
        text().map(|row| row.gate).sum(),
        "",
    );
}
