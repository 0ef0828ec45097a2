//! `misfile search`: full text with fields and phrases, page hits with snippets, and what could not be searched.

use std::io::Write;

use serde_json::{Value, json};

use super::Context;
use crate::catalog::{CatalogView, FileRow, Totals};
use crate::error::{Exit, UsageError};
use crate::index::{FieldHelp, PageHits, Query, Searcher, fields, page_hits};
use crate::report::{self, Form, shown_path};

#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(super) struct Args {
    /// Words (all must occur), "phrases", OR, NOT, word~1, prefix*, field:value
    #[arg(required = true)]
    query: Vec<String>,
    /// Documents to show
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Documents to pass over
    #[arg(long, default_value_t = 0)]
    offset: usize,
    /// Pages to show of a document
    #[arg(long, default_value_t = 3)]
    pages: usize,
    /// Places and pages only, no text
    #[arg(long)]
    no_snippets: bool,
}

fn help() -> String {
    let line = |field: &FieldHelp| format!("  {:<10} {}  ({})\n", field.name, field.meaning, field.example);
    fields().iter().map(line).fold("Fields:\n".to_owned(), |help, line| help + &line)
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    context.table()?;
    let dir = context.data()?;
    let view = CatalogView::open(&dir)?;
    let query = Query::parse(&args.query.join(" ")).map_err(|error| UsageError(error.to_string()))?;
    let searcher = Searcher::open(&dir.index())?;
    let hits = searcher.search(&query, args.limit, args.offset)?;
    let form = context.form();
    for hit in &hits.hits {
        // The index may be a moment ahead of or behind the catalog; what is no longer there is no hit.
        let Some(content) = view.content_id(&hit.content)? else { continue };
        let files = view.files_of(content)?;
        let texts = view.pages(content)?.into_iter().map(|page| (page.number, page.text.content));
        let pages = page_hits(&query, texts, args.pages);
        match form {
            Form::Table => table(&files, &pages, args, out)?,
            _ => writeln!(out, "{}", machine(&files, &pages, hit.score, args))?,
        }
    }
    let totals = view.totals()?;
    let behind = view.last_seq()?.cast_unsigned().saturating_sub(searcher.last_seq());
    coverage_line(hits.total, &totals, behind, form, out)?;
    Ok(Exit::Clear)
}

fn table(files: &[FileRow], pages: &PageHits, args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    for file in files {
        let level =
            file.natives.first().map_or_else(|| file.level.to_string(), |native| format!("{} {native}", file.level));
        writeln!(out, "{:<10} level {level:<14} {:<14} {}", file.verdict.as_str(), file.zone, shown_path(&file.path))?;
    }
    for hit in &pages.hits {
        match args.no_snippets {
            true => writeln!(out, "    page {}", hit.page)?,
            false => {
                writeln!(out, "    page {}: {}", hit.page, highlighted(&hit.snippet.text, &hit.snippet.highlights))?;
            }
        }
    }
    if pages.total as usize > pages.hits.len() {
        writeln!(out, "    and {} more pages", pages.total as usize - pages.hits.len())?;
    }
    if !pages.complete {
        writeln!(out, "    more pages may match: the document has too much text to look through for snippets")?;
    }
    Ok(())
}

/// The snippet on one line, matches in brackets.
fn highlighted(text: &str, highlights: &[std::ops::Range<usize>]) -> String {
    let mut shown = String::new();
    let mut at = 0;
    for range in highlights {
        shown.push_str(&text[at..range.start]);
        shown.push('[');
        shown.push_str(&text[range.clone()]);
        shown.push(']');
        at = range.end;
    }
    shown.push_str(&text[at..]);
    shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn machine(files: &[FileRow], pages: &PageHits, score: f32, args: &Args) -> Value {
    let places: Vec<Value> = files
        .iter()
        .map(|file| {
            let mut object = std::collections::BTreeMap::from([
                ("zone", json!(file.zone)),
                ("verdict", json!(file.verdict.as_str())),
                ("coverage", json!(file.coverage.state().as_str())),
            ]);
            report::path_fields(&mut object, &file.path);
            json!(object)
        })
        .collect();
    let hits: Vec<Value> = pages
        .hits
        .iter()
        .map(|hit| match args.no_snippets {
            true => json!({ "page": hit.page }),
            false => {
                let ranges: Vec<[usize; 2]> =
                    hit.snippet.highlights.iter().map(|range| [range.start, range.end]).collect();
                json!({ "page": hit.page, "snippet": hit.snippet.text, "highlights": ranges })
            }
        })
        .collect();
    let first = files.first();
    json!({ "type": "hit", "v": 1, "score": score, "locations": places, "pages": hits, "pages_total": pages.total,
        "level": first.map(|file| file.level), "content": first.and_then(|file| file.content).map(|(_, hash)| hash.to_string()) })
}

/// Every answer ends with what it cannot speak for.
fn coverage_line(documents: u64, totals: &Totals, behind: u64, form: Form, out: &mut dyn Write) -> anyhow::Result<()> {
    let (files, pages) = (totals.incomplete_files, totals.unread_pages);
    if form != Form::Table {
        let object = json!({ "type": "summary", "v": 1, "documents": documents, "incomplete_files": files,
            "unread_pages": pages, "index_behind": behind });
        return Ok(writeln!(out, "{object}")?);
    }
    let behind =
        if behind == 0 { String::new() } else { format!("; the index is {behind} changes behind the catalog") };
    let plural = if documents == 1 { "document matches" } else { "documents match" };
    Ok(writeln!(out, "{documents} {plural}; {files} files are not or not fully read ({pages} known pages){behind}")?)
}
