//! `misfile sweep`: one run over zones or paths, with progress on a terminal and a summary at the end.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Context;
use crate::catalog::{Catalog, CatalogView, DataDir, Totals};
use crate::error::{Exit, UsageError};
use crate::index;
use crate::read::process::ReaderCommand;
use crate::report::{Form, shown_path};
use crate::sweep::{self, Options, Progress, State, Summary, Until};
use crate::walk::{self, RootError};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folders or files; without any, all configured zones
    paths: Vec<PathBuf>,
    /// Stop after this long (`90m`, `6h`, `30s`); the next sweep goes on
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    lasting: Option<Duration>,
    /// Stop at this time of day (`06:00`); the next sweep goes on
    #[arg(long, value_name = "HH:MM", conflicts_with = "lasting", value_parser = until)]
    until: Option<Duration>,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    context.table()?;
    let begun = Instant::now();
    let settings = &context.settings;
    let (roots, unreadable) = roots(context, args)?;
    for error in &unreadable {
        super::complain(&anyhow::Error::msg(error.to_string()));
    }
    let dir = DataDir::create(&context.data_path()?)?;
    let _lock = dir.lock()?;
    let mut catalog = Catalog::open(&dir, &settings.store)?;
    let stop = super::stop_on_signals()?;
    let until = Until { deadline: args.lasting.or(args.until).map(|lasting| begun + lasting), stop: &stop };
    // What an earlier run left behind is caught up first, so that a sweep stopped early still answers for what it holds.
    index::catch_up(&dir, settings, &|| until.over())?;
    let options = Options { roots, unreadable, until, reader: ReaderCommand::this_program() };
    let mut bar = Bar::new(context);
    let summary = sweep::run(settings, &dir, &mut catalog, &options, &mut |progress| bar.show(progress))?;
    bar.finish();
    index::catch_up(&dir, settings, &|| until.over())?;
    for root in &summary.suddenly_empty {
        let what = "is empty, but files are known there: is it mounted? Nothing of it was taken for gone";
        super::complain(&anyhow::anyhow!("{root}: {what}"));
    }
    let totals = CatalogView::open(&dir)?.totals()?;
    match context.form() {
        Form::Table => print(&summary, &totals, out)?,
        _ => writeln!(out, "{}", machine(&summary, &totals)?)?,
    }
    let unreadable = !summary.unreadable_roots.is_empty() || !summary.suddenly_empty.is_empty();
    Ok(exit(&summary, &totals, unreadable))
}

/// Roots that can be read, and those that cannot.
fn roots(context: &Context, args: &Args) -> anyhow::Result<(Vec<PathBuf>, Vec<RootError>)> {
    let named: Vec<PathBuf> = match args.paths.is_empty() {
        false => args.paths.clone(),
        true => context.settings.zone.iter().map(|zone| zone.path.clone()).collect(),
    };
    if named.is_empty() {
        return Err(UsageError("nothing to sweep: name a PATH, or configure zones with --config".to_owned()).into());
    }
    let (mut roots, mut unreadable) = (Vec::new(), Vec::new());
    for path in named {
        match walk::resolve_root(&path) {
            Ok(root) => roots.push(root),
            Err(error) => unreadable.push(error),
        }
    }
    Ok((sweep::outermost(roots), unreadable))
}

/// Everything in the catalog counts, not only what this sweep met: yesterday's misfiled document is still misfiled.
fn exit(summary: &Summary, totals: &Totals, unreadable_root: bool) -> Exit {
    let of = |verdict: &str| totals.verdicts.get(verdict).copied().unwrap_or_default();
    // What is unread only because the sweep was stopped is what "stopped" says.
    let postponed = totals.faults.get("not_yet_read").copied().unwrap_or_default();
    if unreadable_root {
        Exit::Root
    } else if of("misfiled") > 0 {
        Exit::Misfiled
    } else if summary.state == State::Stopped && of("unverified") + of("review") <= postponed {
        Exit::Stopped
    } else if of("unverified") + of("review") > 0 {
        Exit::Unverified
    } else {
        Exit::Clear
    }
}

fn machine(summary: &Summary, totals: &Totals) -> anyhow::Result<Value> {
    let mut object = serde_json::to_value(summary)?;
    object["type"] = json!("summary");
    object["v"] = json!(1);
    object["verdicts"] = json!(totals.verdicts);
    object["faults"] = json!(totals.faults);
    object["incomplete_files"] = json!(totals.incomplete_files);
    object["unread_pages"] = json!(totals.unread_pages);
    Ok(object)
}

fn print(summary: &Summary, totals: &Totals, out: &mut dyn Write) -> anyhow::Result<()> {
    let list = |counts: &std::collections::BTreeMap<String, u64>| {
        let parts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    };
    let state = match summary.state {
        State::Complete => "complete",
        State::Stopped => "stopped early; the next sweep goes on",
    };
    writeln!(out, "sweep       {state}, {:.1} s", summary.wall_seconds)?;
    writeln!(out, "files       {} ({} unchanged); {}", summary.files, summary.unchanged, list(&summary.events))?;
    if summary.links + summary.special > 0 {
        let Summary { links, special, .. } = summary;
        writeln!(out, "other       {links} links not followed; {special} devices, sockets or pipes not read")?;
    }
    summary.unreadable_roots.iter().try_for_each(|root| writeln!(out, "unreadable  {root}"))?;
    let Summary { contents_read, pages_read, pages_ocred, page_faults, reader_cpu_seconds, .. } = summary;
    writeln!(
        out,
        "read        {contents_read} contents, {pages_read} pages, {pages_ocred} by OCR, {page_faults} unreadable"
    )?;
    let (readers, sweep) = (summary.reader_peak_mib, summary.sweep_peak_mib);
    let Summary { engine_cpu_seconds: engine, sweep_cpu_seconds: own, .. } = summary;
    writeln!(
        out,
        "cost        {reader_cpu_seconds:.1} CPU s in readers ({engine:.1} in the OCR engine), {own:.1} in the sweep"
    )?;
    writeln!(out, "memory      peak {readers} MiB a reader, {sweep} MiB the sweep")?;
    writeln!(out, "verdicts    {} (all files known)", list(&totals.verdicts))?;
    writeln!(
        out,
        "unread      {} files, {} pages; by reason: {}",
        totals.incomplete_files,
        totals.unread_pages,
        list(&totals.faults)
    )?;
    Ok(())
}

/// The progress line: only on a terminal.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new(context: &Context) -> Self {
        let wanted = !context.quiet && std::io::stderr().is_terminal();
        Self(wanted.then(|| {
            let style =
                ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}").expect("the template is valid");
            ProgressBar::new_spinner().with_style(style)
        }))
    }

    fn show(&mut self, progress: &Progress) {
        let Some(bar) = &self.0 else { return };
        let seconds = bar.elapsed().as_secs_f64().max(0.1);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = progress.pages as f64 / seconds;
        let mut parts = vec![format!("{} files, {} pages ({rate:.1}/s)", progress.files, progress.pages)];
        #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
        if progress.pages_left > 0 && rate > 0.0 {
            // While the walk goes on, more may come.
            let least = if progress.walking { "at least " } else { "" };
            let left = HumanDuration(Duration::from_secs_f64(progress.pages_left as f64 / rate));
            parts.push(format!("{least}{left:#} left"));
        }
        if let Some((path, since)) = &progress.slowest {
            parts.push(format!("slowest: {} ({} s)", shown_path(path), since.as_secs()));
        }
        let line = parts.join("; ");
        bar.set_message(line);
        bar.tick();
    }

    fn finish(&mut self) {
        if let Some(bar) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}

/// `30s`, `90m`, `6h`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no duration; write it as 30s, 90m or 6h");
    let (number, unit) = text.split_at(text.len() - text.chars().next_back().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

/// From now until the next time the clock shows `HH:MM`, local time.
fn until(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no time of day; write it as 06:00");
    let format = time::macros::format_description!("[hour]:[minute]");
    let time = time::Time::parse(text, format).map_err(|_| wrong())?;
    let now = OffsetDateTime::now_local().unwrap_or_else(|_| OffsetDateTime::now_utc());
    let mut end = now.replace_time(time);
    if end <= now {
        end += time::Duration::DAY;
    }
    Duration::try_from(end - now).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("90m"), Ok(Duration::from_secs(5400)));
        assert!(duration("90").is_err() && duration("").is_err() && duration("h").is_err() && duration("5日").is_err());
    }

    #[test]
    fn a_time_of_day_is_less_than_a_day_away() {
        assert!(until("06:00").expect("a time") <= Duration::from_secs(86_400));
        assert!(until("25:00").is_err());
    }
}
