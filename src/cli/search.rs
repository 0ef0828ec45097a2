//! `misfile search`: full text with fields and phrases, page hits with snippets, and what could not be searched. Files and members
//! that could not be read are in no index: they answer by their names and places, behind everything else.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::{Answers, Context, names};
use crate::catalog::{AsOf, CatalogView, FileRow, Totals};
use crate::error::{Exit, UsageError};
use crate::index::{FieldHelp, IndexLocation, PageHits, Query, Searcher, answers_unread, fields, fold, page_hits};
use crate::report::{self, Object, Objects, counted, file_line, page_words};

#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(super) struct Args {
    /// Words (all must occur), "phrases", OR, -not, word~1, prefix*, field:value; see below
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

const LANGUAGE: &str = "\
Query language (quote the whole query; one that begins with a dash goes behind --):
  plan cloud      both words, in the text or the file name; Chinese needs no quotes
  \"annual plan\"   the phrase
  plan OR draft   either; parentheses group
  plan -draft     NOT: without the word; -zone:vault: not what lies in that zone
  clou* secrat~1  words that begin so; one letter changed (~2: two); 国家秘密~1: one misread
  zone:shared     a filter; several hold together for one and the same place of a document

Fields:
";

fn help() -> String {
    let line = |field: &FieldHelp| format!("  {:<10} {}  ({})\n", field.name, field.meaning, field.example);
    fields().iter().map(line).fold(LANGUAGE.to_owned(), |help, line| help + &line)
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.objects()?;
    let query = Query::parse(&args.query.join(" ")).map_err(|error| UsageError(error.to_string()))?;
    let Answers { dir, view, .. } = context.answers()?;
    query.names().iter().try_for_each(|name| names::check(context, &view, name, fold))?;
    let searcher = Searcher::open(&dir.index())?;
    let hits = searcher.search(&query, args.limit, args.offset)?;
    for hit in &hits.hits {
        // The index may be a moment ahead of or behind the catalog; what is no longer there is no hit.
        let Some(content) = view.content_id(&hit.content)? else { continue };
        let files = matching(&searcher, &query, view.files_of(content)?)?;
        let Some(first) = files.first() else { continue };
        let mut labels = Labels::new();
        let texts = view.pages(content)?.into_iter().map(|page| {
            labels.extend(page.label.map(|label| (page.number, label)));
            (page.number, page.text.content)
        });
        let pages = page_hits(&query, texts, args.pages);
        match &mut objects {
            None => table(&files, &pages, &labels, args, out)?,
            Some(objects) => objects.put(&machine(first, &files, &pages, &labels, hit.score, args), out)?,
        }
    }
    let (unread, others) = unread(&view, &query, args, hits.total)?;
    for file in &others {
        match &mut objects {
            None => unread_table(file, out)?,
            Some(objects) => {
                let files = std::slice::from_ref(file);
                objects.put(&machine(file, files, &PageHits::default(), &Labels::new(), 0.0, args), out)?;
            }
        }
    }
    let totals = view.totals()?;
    let behind = view.last_seq()?.cast_unsigned().saturating_sub(searcher.last_seq());
    let shown = (args.offset, hits.hits.len() + others.len());
    coverage_line((hits.total + unread, shown), &totals, (behind, view.as_of()?), objects, out)?;
    Ok(Exit::Clear)
}

/// How many places without a content answer, and those to be shown: they are counted on behind what the index found.
fn unread(view: &CatalogView, query: &Query, args: &Args, indexed: u64) -> anyhow::Result<(u64, Vec<FileRow>)> {
    let first = args.offset as u64;
    let window = first..first.saturating_add(args.limit as u64);
    let (mut count, mut shown) = (0, Vec::new());
    view.each_unread(|place| {
        if answers_unread(query, &IndexLocation::of_unread(&place)) {
            if window.contains(&(indexed + count)) {
                shown.push(place.location);
            }
            count += 1;
        }
    })?;
    let shown = shown.iter().map(|location| Ok(view.at(location)?));
    Ok((count, shown.collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect()))
}

fn unread_table(file: &FileRow, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}", file_line(file))?;
    Ok(file.coverage.faults.iter().try_for_each(|fault| writeln!(out, "    unread: {fault}"))?)
}

/// What pages are called that are more than a number.
type Labels = BTreeMap<u32, String>;

/// Of the places of a content those that answer the query.
fn matching(searcher: &Searcher, query: &Query, files: Vec<FileRow>) -> anyhow::Result<Vec<FileRow>> {
    let Some(content) = files.first().and_then(|file| file.content).map(|(_, hash)| hash) else { return Ok(files) };
    let places: Vec<IndexLocation> = files.iter().map(IndexLocation::of).collect();
    let answers = searcher.places(query, &content, &places)?;
    Ok(files.into_iter().zip(answers).filter(|(_, answers)| *answers).map(|(file, _)| file).collect())
}

fn table(files: &[FileRow], pages: &PageHits, labels: &Labels, args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    files.iter().try_for_each(|file| writeln!(out, "{}", file_line(file)))?;
    for hit in &pages.hits {
        let page = page_words(hit.page, labels.get(&hit.page).map(String::as_str));
        match args.no_snippets {
            true => writeln!(out, "    {page}")?,
            false => {
                writeln!(out, "    {page}: {}", highlighted(&hit.snippet.text, &hit.snippet.highlights))?;
            }
        }
    }
    if pages.total as usize > pages.hits.len() {
        let more = pages.total as usize - pages.hits.len();
        writeln!(out, "    and {more} more {}", if more == 1 { "page" } else { "pages" })?;
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

fn machine(first: &FileRow, files: &[FileRow], pages: &PageHits, labels: &Labels, score: f32, args: &Args) -> Object {
    let places: Vec<Value> = files
        .iter()
        .map(|file| {
            let mut object = Object::from([
                ("zone", json!(file.zone)),
                ("verdict", json!(file.verdict.as_str())),
                ("coverage", json!(file.coverage.state().as_str())),
                ("suspected_level", json!(file.suspected().map(|(level, _)| level))),
            ]);
            report::path_fields(&mut object, &file.location.shown());
            json!(object)
        })
        .collect();
    let hits: Vec<Value> = pages
        .hits
        .iter()
        .map(|hit| match args.no_snippets {
            true => json!({ "page": hit.page, "label": labels.get(&hit.page) }),
            false => {
                let ranges: Vec<[usize; 2]> =
                    hit.snippet.highlights.iter().map(|range| [range.start, range.end]).collect();
                json!({
                    "page": hit.page,
                    "label": labels.get(&hit.page),
                    "snippet": hit.snippet.text,
                    "highlights": ranges,
                })
            }
        })
        .collect();
    let mut object = report::typed("hit");
    object.insert("score", json!(score));
    object.insert("locations", json!(places));
    object.insert("pages", json!(hits));
    object.insert("pages_total", json!(pages.total));
    object.insert("pages_complete", json!(pages.complete));
    object.insert("level", json!(first.level));
    object.insert("content", json!(first.content.map(|(_, hash)| hash.to_string())));
    object
}

/// Every answer ends with what it cannot speak for.
fn coverage_line(
    (documents, (offset, shown)): (u64, (usize, usize)),
    totals: &Totals,
    (behind, as_of): (u64, Option<AsOf>),
    objects: Option<Objects>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (files, pages) = (totals.incomplete_files, totals.unread_pages);
    if let Some(mut objects) = objects {
        let mut object = report::typed("summary");
        object.insert("documents", json!(documents));
        object.insert("incomplete_files", json!(files));
        object.insert("unread_pages", json!(pages));
        object.insert("index_behind", json!(behind));
        report::date(&mut object, as_of);
        return Ok(objects.end(&object, out)?);
    }
    let matching =
        if documents == 1 { "1 document matches".to_owned() } else { format!("{documents} documents match") };
    let part = match shown as u64 == documents || documents == 0 {
        true => String::new(),
        false if shown == 0 => format!(" (none shown from {} on)", offset + 1),
        false => format!(" ({} to {} shown; --offset, --limit)", offset + 1, offset + shown),
    };
    let unread = match files {
        0 => "every known file was fully read".to_owned(),
        _ => {
            let verb = if files == 1 { "was" } else { "were" };
            format!("{} {verb} not or not fully read ({})", counted(files, "file"), counted(pages, "known page"))
        }
    };
    let behind = match behind {
        0 => String::new(),
        changes => format!("; the index is {} behind the catalog", counted(changes, "change")),
    };
    Ok(writeln!(out, "{matching}{part}; {unread}{behind}")?)
}
