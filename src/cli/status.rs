//! `misfile status`: the last sweeps, what is known in all, and whether the index holds it.

mod check;

use std::io::Write;

use serde_json::{Value, json};

use super::Context;
use crate::catalog::{CatalogView, SweepRow, parse_roots};
use crate::error::Exit;
use crate::index::Searcher;
use crate::report::{self, Objects, count_list, counted, human_time, lock_list, shown_path, verdict_list};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many sweeps to show
    #[arg(long, default_value_t = 5)]
    sweeps: usize,
    /// Show what happened in the last sweep, file by file: new, changed, moved, copied, gone
    #[arg(long)]
    events: bool,
    /// Check that the catalog is sound and that the index holds what it holds; the index is made anew if it does not.
    /// Reads both wholly
    #[arg(long)]
    check: bool,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.objects()?;
    let dir = context.data()?;
    let view = CatalogView::open(&dir)?;
    context.is_current(&view)?;
    let checked = args.check.then(|| check::run(&dir, &view, &context.settings)).transpose()?;
    let sweeps = view.sweeps(Some(args.sweeps.max(1)))?;
    let totals = view.totals()?;
    let decided = view.decided()?;
    let (index, broken) = match Searcher::open(&dir.index()) {
        Ok(searcher) => match view.last_seq()?.cast_unsigned().saturating_sub(searcher.last_seq()) {
            0 => ("holds everything".to_owned(), false),
            behind => (format!("is {} behind; the next sweep catches up", counted(behind, "change")), false),
        },
        Err(error) => (error.to_string(), true),
    };
    if objects.is_none() {
        writeln!(out, "data        {}", shown_path(dir.path()))?;
        let (files, verdicts) = (super::known_files(&totals), verdict_list(&totals.verdicts));
        let colon = if verdicts.is_empty() { "" } else { ": " };
        writeln!(out, "known       {files}{colon}{verdicts}")?;
        super::unread(&totals, out)?;
        if !decided.is_empty() {
            writeln!(out, "decided     by people, files: {}", count_list(&decided))?;
        }
        writeln!(out, "index       {index}")?;
        let lines = checked.iter().flat_map(|checked| &checked.lines);
        lines.into_iter().try_for_each(|line| writeln!(out, "checked     {line}"))?;
        if sweeps.is_empty() {
            writeln!(out, "sweeps      none yet")?;
        }
    }
    for row in &sweeps {
        // One that never ended was cut off, unless somebody is still at it.
        let state = if row.state == "running" && !dir.in_use() { "interrupted" } else { &row.state };
        sweep(row, state, objects.as_mut(), out)?;
    }
    if args.events
        && let Some(last) = sweeps.first()
    {
        events(&view, last.id, objects.as_mut(), out)?;
    }
    if let Some(objects) = &mut objects {
        let mut object = report::typed("summary");
        object.insert("verdicts", json!(totals.verdicts));
        object.insert("decided", json!(decided));
        object.insert("faults", json!(totals.faults));
        object.insert("incomplete_files", json!(totals.incomplete_files));
        object.insert("unread_pages", json!(totals.unread_pages));
        object.insert("index", json!(index));
        if let Some(checked) = &checked {
            object.insert("checked", json!(checked.lines));
        }
        objects.end(&object, out)?;
    }
    let broken = broken || checked.is_some_and(|checked| checked.broken);
    Ok(if broken { Exit::Damaged } else { Exit::Clear })
}

/// One sweep: when, how it ended, and where it looked.
fn sweep(row: &SweepRow, state: &str, objects: Option<&mut Objects>, out: &mut dyn Write) -> anyhow::Result<()> {
    let roots = parse_roots(&row.roots)?;
    let summary: Value = row.summary.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let Some(objects) = objects else {
        let ended = row.ended.map_or_else(|| "?".to_owned(), human_time);
        writeln!(out, "sweep {:<5} {} to {ended}, {}", row.id, human_time(row.started), state)?;
        roots.iter().try_for_each(|root| writeln!(out, "            {}", shown_path(root)))?;
        if summary.is_object() {
            let number = |key: &str| summary[key].as_u64().unwrap_or_default();
            let events = summary["events"].as_object().into_iter().flatten();
            let events = events.map(|(kind, count)| (kind.clone(), count.as_u64().unwrap_or_default())).collect();
            let (files, documents) = (counted(number("files"), "file"), counted(number("contents_read"), "document"));
            let (events, pages) = (count_list::<String>(&events), counted(number("pages_read"), "page"));
            writeln!(out, "            {files} met; events: {events}; read: {documents}, {pages}")?;
            if summary["provenance"].is_object() {
                writeln!(out, "            locks: {}", lock_list(&summary["provenance"]))?;
            }
        }
        let unreadable = summary["unreadable_roots"].as_array().into_iter().flatten().filter_map(Value::as_str);
        return Ok(unreadable.into_iter().try_for_each(|root| writeln!(out, "            unreadable: {root}"))?);
    };
    let mut object = report::typed("sweep");
    object.insert("id", json!(row.id));
    object.insert("started", json!(row.started));
    object.insert("ended", json!(row.ended));
    object.insert("state", json!(state));
    object.insert("roots", json!(roots.iter().map(|root| root.to_string_lossy()).collect::<Vec<_>>()));
    object.insert("summary", summary);
    Ok(objects.put(&object, out)?)
}

fn events(
    view: &CatalogView,
    sweep: i64,
    mut objects: Option<&mut Objects>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for (kind, path, origin) in view.events(sweep)? {
        let Some(objects) = &mut objects else {
            let from = origin.map(|origin| format!("  (from {})", shown_path(&origin))).unwrap_or_default();
            writeln!(out, "{kind:<11} {}{from}", shown_path(&path))?;
            continue;
        };
        let mut object = report::typed("event");
        object.insert("event", json!(kind));
        object.insert("sweep", json!(sweep));
        object.insert("from", json!(origin.map(|origin| origin.to_string_lossy().into_owned())));
        report::path_fields(&mut object, &path);
        objects.put(&object, out)?;
    }
    Ok(())
}
