//! `misfile inspect`: single files or folders, printed; nothing is stored.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::Context;
use crate::document::Page;
use crate::error::{Exit, UsageError};
use crate::read::process::ReaderCommand;
use crate::report::{self, Counts, Form, shown_path};
use crate::{inspect, sweep, walk};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files or folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Print the extracted text page by page
    #[arg(long)]
    text: bool,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let (mut roots, mut unreadable) = (Vec::new(), false);
    for path in &args.paths {
        match walk::resolve_root(path) {
            Ok(root) => roots.push(root),
            Err(error) => {
                unreadable = true;
                super::complain(&error.into());
            }
        }
    }
    let form = context.form();
    if args.text && form == Form::Csv {
        return Err(UsageError("--text has no CSV form; use --format jsonl".to_owned()).into());
    }
    if roots.is_empty() {
        return Ok(Exit::Root);
    }
    let mut reporter = report::reporter(form, false);
    let mut counts = Counts::default();
    let mut stopped = false;
    inspect::inspect(&context.settings, &sweep::outermost(roots), ReaderCommand::this_program(), |file, pages| {
        counts.add(&file);
        reporter.file(&file, out)?;
        if args.text {
            pages.iter().try_for_each(|page| text(&file.location.shown(), page, form, reporter.as_mut(), out))?;
        }
        out.flush()?;
        // Reading on for nobody would take hours; what was not reached is said by the exit code.
        stopped = context.listener.gone();
        Ok(if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    reporter.finish(&counts, out)?;
    Ok(if unreadable { Exit::Root } else { counts.exit(stopped) })
}

/// One page's text, asked for in so many words.
fn text(
    path: &std::path::Path,
    page: &Page,
    form: Form,
    reporter: &mut dyn report::Reporter,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if form != Form::Table {
        return Ok(reporter.page(path, page, out)?);
    }
    let confidence = page.ocr_confidence.map(|confidence| format!(", {confidence} %")).unwrap_or_default();
    writeln!(
        out,
        "--- {} {} ({}{confidence})",
        shown_path(path),
        report::page_words(page.number, page.label.as_deref()),
        page.origin()
    )?;
    // Control characters of a hostile document must not steer the terminal.
    let safe: String = page.text.content.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    Ok(writeln!(out, "{}", safe.trim_end())?)
}
