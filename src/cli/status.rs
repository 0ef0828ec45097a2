//! `misfile status`: the last sweeps, what is known in all, and whether the index holds it.

use std::io::Write;

use serde_json::{Value, json};

use super::Context;
use crate::catalog::CatalogView;
use crate::error::Exit;
use crate::index::Searcher;
use crate::report::{self, Form, human_time, shown_path};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many sweeps to show
    #[arg(long, default_value_t = 5)]
    sweeps: usize,
    /// Show what happened in the last sweep, file by file: new, changed, moved, copied, gone
    #[arg(long)]
    events: bool,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    context.table()?;
    let dir = context.data()?;
    let view = CatalogView::open(&dir)?;
    let sweeps = view.sweeps(args.sweeps.max(1))?;
    let totals = view.totals()?;
    let behind = Searcher::open(&dir.index())
        .map(|searcher| view.last_seq().map(|last| last.cast_unsigned().saturating_sub(searcher.last_seq())));
    let index = match behind {
        Ok(Ok(0)) => "holds everything".to_owned(),
        Ok(Ok(changes)) => format!("is {changes} changes behind; the next sweep catches up"),
        Ok(Err(error)) => return Err(error.into()),
        Err(error) => error.to_string(),
    };
    let table = context.form() == Form::Table;
    if table {
        writeln!(out, "data        {}", dir.path().display())?;
        let verdicts: Vec<String> =
            totals.verdicts.iter().map(|(verdict, count)| format!("{verdict} {count}")).collect();
        writeln!(out, "files       {}", verdicts.join(", "))?;
        writeln!(out, "unread      {} files, {} pages", totals.incomplete_files, totals.unread_pages)?;
        writeln!(out, "index       {index}")?;
    }
    for sweep in &sweeps {
        if table {
            let ended = sweep.ended.map_or_else(|| "-".to_owned(), human_time);
            writeln!(
                out,
                "sweep {:<5} {} to {ended}  {}  {}",
                sweep.id,
                human_time(sweep.started),
                sweep.state,
                sweep.roots
            )?;
            let summary: Value =
                sweep.summary.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            let unreadable = summary["unreadable_roots"].as_array().into_iter().flatten().filter_map(Value::as_str);
            unreadable.into_iter().try_for_each(|root| writeln!(out, "            unreadable: {root}"))?;
        } else {
            let summary: Value =
                sweep.summary.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            let roots: Value = serde_json::from_str(&sweep.roots).unwrap_or_default();
            let object = json!({ "type": "sweep", "v": 1, "id": sweep.id, "started": sweep.started, "ended": sweep.ended,
                "state": sweep.state, "roots": roots, "summary": summary });
            writeln!(out, "{object}")?;
        }
    }
    if args.events
        && let Some(last) = sweeps.first()
    {
        events(&view, last.id, table, out)?;
    }
    if !table {
        let object = json!({ "type": "summary", "v": 1, "verdicts": totals.verdicts, "faults": totals.faults,
            "incomplete_files": totals.incomplete_files, "unread_pages": totals.unread_pages, "index": index });
        writeln!(out, "{object}")?;
    }
    Ok(Exit::Clear)
}

fn events(view: &CatalogView, sweep: i64, table: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    for (kind, path, origin) in view.events(sweep)? {
        if table {
            let from = origin.map(|origin| format!("  (from {})", shown_path(&origin))).unwrap_or_default();
            writeln!(out, "{kind:<8} {}{from}", shown_path(&path))?;
            continue;
        }
        let mut object = std::collections::BTreeMap::from([
            ("type", json!("event")),
            ("v", json!(1)),
            ("event", json!(kind)),
            ("sweep", json!(sweep)),
            ("from", json!(origin.map(|origin| origin.to_string_lossy().into_owned()))),
        ]);
        report::path_fields(&mut object, &path);
        report::line(&object, out)?;
    }
    Ok(())
}
