//! `misfile eval`: how right it is on documents that somebody labelled. Nothing is stored.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;

use super::Context;
use crate::catalog::FileRow;
use crate::error::{Exit, UsageError};
use crate::eval::{self, Evaluation, Said, Score, Truth};
use crate::inspect;
use crate::read::process::ReaderCommand;
use crate::report::{self, padded, shown_path};
use crate::walk;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The truth: a JSON object a line, `{"path": "a/b.pdf", "level": 3, "rules": [...], "pages": [{"page": 1, "level": 3}],
    /// "group": "..."}`, of which all but the path may be missing
    truth: PathBuf,
    /// The folder that the paths lie in
    folder: PathBuf,
    /// Wrong answers that are shown; all of them go into JSON
    #[arg(long, default_value_t = 20)]
    errors: usize,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.asked_objects()?;
    let shown = args.truth.display().to_string();
    let truth = std::fs::read_to_string(&args.truth).with_context(|| shown.clone())?;
    let truth = eval::read_truth(&truth, &shown)?;
    let folder = walk::resolve_root(&args.folder)?;
    let mut missing: BTreeMap<PathBuf, Truth> = truth.into_iter().map(|one| (folder.join(&one.path), one)).collect();
    if let Some(path) = missing.keys().find(|path| !path.is_file()) {
        return Err(UsageError(format!("{shown}: {} is no file", shown_path(path))).into());
    }
    // Nothing beside them: a folder may hold much that nobody labelled.
    let files: Vec<PathBuf> = missing.keys().cloned().collect();
    let (mut evaluation, mut unread) = (Evaluation::default(), 0_u64);
    let decide = context.settings.judge.decide;
    // What lies in a container speaks for the container, as a reader would see it.
    let mut whole: Option<(PathBuf, Said)> = None;
    let mut settle = |done: Option<(PathBuf, Said)>, evaluation: &mut Evaluation| {
        if let Some((path, said)) = done
            && let Some(truth) = missing.remove(&path)
        {
            evaluation.add(&truth, &said);
        }
    };
    inspect::inspect(&context.settings, &files, ReaderCommand::this_program(), |file, _| {
        unread += u64::from(file.coverage.complete().is_none());
        match &mut whole {
            Some((path, said)) if *path == file.location.path => add(said, &file, decide, false),
            _ => {
                let mut said = Said::default();
                add(&mut said, &file, decide, true);
                settle(whole.replace((file.location.path.clone(), said)), &mut evaluation);
            }
        }
        Ok(if context.listener.gone() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    settle(whole, &mut evaluation);
    if let Some(path) = missing.keys().next() {
        let message = format!(
            "{shown}: {} of its documents are passed over (walk.ignore), as {}",
            missing.len(),
            shown_path(path)
        );
        return Err(UsageError(message).into());
    }
    let Evaluation { tallies, exact, pages, unread: not_compared, wrong } = &evaluation;
    match &mut objects {
        None => {
            writeln!(out, "{} documents  positive  precision  recall  F2 (95 %)", padded("", 40))?;
            for (what, tally) in tallies {
                line(what, &tally.score(), out)?;
            }
            writeln!(out, "exact level: {} of {} documents; {} of {} pages", exact.0, exact.1, pages.0, pages.1)?;
            for one in wrong.iter().take(args.errors) {
                writeln!(out, "wrong: {} {}: wanted {}, said {}", one.path, one.what, one.wanted, one.said)?;
            }
            if wrong.len() > args.errors {
                writeln!(out, "and {} more wrong; --errors {} shows them", wrong.len() - args.errors, wrong.len())?;
            }
            writeln!(
                out,
                "not fully read: {unread}; {not_compared} of them are not compared, as nothing was to be found"
            )?;
        }
        Some(objects) => {
            for (what, tally) in tallies {
                let mut object = report::typed("score");
                object.insert("what", json!(what));
                object.insert("score", json!(tally.score()));
                objects.put(&object, out)?;
            }
            for one in wrong {
                let mut object = report::typed("wrong");
                object.insert("wrong", json!(one));
                objects.put(&object, out)?;
            }
            let mut object = report::typed("summary");
            object.insert("exact_documents", json!(exact.0));
            object.insert("documents", json!(exact.1));
            object.insert("exact_pages", json!(pages.0));
            object.insert("pages", json!(pages.1));
            object.insert("wrong", json!(wrong.len()));
            object.insert("not_fully_read", json!(unread));
            object.insert("not_compared", json!(not_compared));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::Clear)
}

/// Adds what is said of a file, or of a member of one, whose pages are its own.
fn add(said: &mut Said, file: &FileRow, decide: u8, own: bool) {
    said.unread |= file.coverage.complete().is_none();
    for finding in file.findings.iter().filter(|finding| finding.confidence >= decide) {
        said.rules.insert(finding.rule.clone());
        said.level = said.level.max(finding.level);
        if own {
            let page = said.pages.entry(finding.page).or_default();
            *page = (*page).max(finding.level);
        }
    }
}

fn line(what: &str, score: &Score, out: &mut dyn Write) -> anyhow::Result<()> {
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let Score { documents, positives, precision, recall, f2, f2_low, f2_high } = *score;
    writeln!(
        out,
        "{} {documents:>9}  {positives:>8}  {:>9}  {:>6}  {} ({} to {})",
        padded(what, 40),
        number(precision),
        number(recall),
        number(f2),
        number(f2_low),
        number(f2_high)
    )?;
    Ok(())
}
