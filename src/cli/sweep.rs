//! `misfile sweep`: one run over zones or paths, with progress on a terminal and a summary at the end.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Context;
use super::progress::Meter;
use crate::catalog::{Catalog, CatalogView, DataDir, Totals};
use crate::error::{Exit, UsageError};
use crate::index;
use crate::read::process::ReaderCommand;
use crate::report::{count_list, counted, human_seconds, lock_list, shown_path, verdict_list};
use crate::sweep::{self, Options, State, Summary, Until};
use crate::walk::{self, RootError};

#[derive(Debug, Default, clap::Args)]
pub(super) struct Args {
    /// Folders or files; without any, all configured zones
    paths: Vec<PathBuf>,
    /// Stop after this long (`90m`, `6h`, `30s`); the next sweep goes on
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    lasting: Option<Duration>,
    /// Stop at this time of day (`06:00`); the next sweep goes on
    #[arg(long, value_name = "HH:MM", conflicts_with = "lasting", value_parser = until)]
    until: Option<Duration>,
    /// A zone that is empty now really is: what was known there is gone. Without this it is taken for not mounted
    #[arg(long)]
    accept_empty: bool,
    /// Forget files that lie outside every zone: of a zone that is configured no more, or swept once by their path
    #[arg(long, conflicts_with = "paths")]
    forget_outside: bool,
}

impl Args {
    /// A sweep of these paths; without any, of all configured zones.
    pub(super) fn over(paths: Vec<PathBuf>) -> Self {
        Self { paths, ..Self::default() }
    }
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.objects()?;
    let begun = Instant::now();
    let deadline = match args.lasting.or(args.until) {
        None => None,
        Some(lasting) => {
            let beyond = || UsageError("--for reaches beyond what this machine's clock can count".to_owned());
            Some(begun.checked_add(lasting).ok_or_else(beyond)?)
        }
    };
    let settings = &context.settings;
    let (roots, unreadable) = roots(context, args)?;
    for error in &unreadable {
        super::complain(&anyhow::Error::msg(error.to_string()));
    }
    let dir = DataDir::create(&context.data_path()?)?;
    context.warn_if_open(&dir);
    let _lock = dir.lock()?;
    if dir.index().exists() && !dir.catalog().exists() {
        let what = "holds an index, but no catalog: everything is read anew";
        super::remark(context, &format!("{} {what}", shown_path(dir.path())));
    }
    let mut catalog = Catalog::open(&dir, &settings.store)?;
    let stop = super::stop_on_signals()?;
    let until = Until { deadline, stop: &stop };
    // What an earlier run left behind is caught up first, so that a sweep stopped early still answers for what it holds.
    index::catch_up(&dir, settings, &|| until.over())?;
    let options = Options {
        roots,
        unreadable,
        accept_empty: args.accept_empty,
        forget_outside: args.forget_outside,
        until,
        reader: ReaderCommand::this_program(),
    };
    let mut meter = Meter::new(context);
    meter.begin(&options.roots);
    let summary = sweep::run(settings, &dir, &mut catalog, &options, &mut |progress| meter.show(progress))?;
    meter.end(&summary);
    index::catch_up(&dir, settings, &|| until.over())?;
    say(context, args, &summary);
    let view = CatalogView::open(&dir)?;
    let (totals, unfinished) = (view.totals()?, context.unfinished(&view)?.is_some());
    match &mut objects {
        None => print(&summary, &totals, out)?,
        Some(objects) => objects.end(&machine(&summary, &totals)?, out)?,
    }
    let unreadable = !summary.unreadable_roots.is_empty() || !summary.suddenly_empty.is_empty();
    Ok(exit(&summary, &totals, unreadable, unfinished))
}

/// What of a sweep needs words of its own.
fn say(context: &Context, args: &Args, summary: &sweep::Summary) {
    if let Some(limit) = &summary.limit {
        super::complain(&anyhow::anyhow!("stopped early: {limit}"));
    }
    for root in &summary.suddenly_empty {
        let what = "is empty, but files are known there: is it mounted? Nothing of it was taken for gone; \
                    if it is meant to be empty, say `sweep --accept-empty`";
        super::complain(&anyhow::anyhow!("{root}: {what}"));
    }
    if args.forget_outside && summary.outside > 0 && summary.state == State::Complete {
        let why = "because a zone could not be read: what seems to lie outside may lie in it";
        super::complain(&anyhow::anyhow!("nothing was forgotten, {why}"));
    }
    if args.paths.is_empty() && summary.outside > 0 {
        let files = counted(summary.outside, "known file");
        let what = "outside every zone: no sweep of the zones looks there, and what is known is as old as the last \
                    `sweep PATH`; `sweep --forget-outside` forgets them";
        super::remark(context, &format!("{files} {what}"));
    }
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
/// So do other folders whose sweep was stopped.
fn exit(summary: &Summary, totals: &Totals, unreadable_root: bool, unfinished: bool) -> Exit {
    match unreadable_root {
        true => Exit::Root,
        false => Exit::of_verdicts(&totals.verdicts, &totals.faults, summary.state == State::Stopped || unfinished),
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
    object["folders"] = json!(totals.folders);
    Ok(object)
}

fn print(summary: &Summary, totals: &Totals, out: &mut dyn Write) -> anyhow::Result<()> {
    let state = match summary.state {
        State::Complete => "complete",
        State::Stopped => "stopped early; the next sweep goes on",
    };
    let Summary { contents_read, pages_read, pages_ocred, page_faults, reader_cpu_seconds, .. } = summary;
    let Summary { engine_cpu_seconds: engine, sweep_cpu_seconds: own, .. } = summary;
    let seconds = human_seconds;
    writeln!(out, "sweep       {state}, {}", seconds(summary.wall_seconds))?;
    writeln!(
        out,
        "files       {} met, {} of them unchanged; events: {}",
        summary.files,
        summary.unchanged,
        count_list(&summary.events)
    )?;
    if summary.links + summary.special > 0 {
        let (links, special) = (counted(summary.links, "link"), summary.special);
        writeln!(out, "other       {links} not followed; {special} of devices, sockets and pipes not read")?;
    }
    if summary.ignored > 0 {
        let ignored = counted(summary.ignored, "file or folder").replace("file or folders", "files or folders");
        writeln!(out, "ignored     {ignored} not looked at for the name (walk.ignore)")?;
    }
    summary.unreadable_roots.iter().try_for_each(|root| writeln!(out, "unreadable  {root}"))?;
    writeln!(
        out,
        "read        {}, {}, {pages_ocred} by OCR, {page_faults} unreadable",
        counted(*contents_read, "document"),
        counted(*pages_read, "page")
    )?;
    writeln!(
        out,
        "cost        {} of CPU time in readers ({} in the OCR engine), {} in the sweep",
        seconds(*reader_cpu_seconds),
        seconds(*engine),
        seconds(*own)
    )?;
    writeln!(
        out,
        "memory      peak {} MiB a reader, {} MiB the sweep",
        summary.reader_peak_mib, summary.sweep_peak_mib
    )?;
    writeln!(out, "locks       {}", lock_list(&serde_json::to_value(&summary.provenance)?))?;
    writeln!(out, "verdicts    {}: {}", super::known_files(totals), verdict_list(&totals.verdicts))?;
    super::unread(totals, out)
}

/// `30s`, `90m`, `6h`, `7d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no duration; write it as 30s, 90m, 6h or 7d");
    let (number, unit) = text.split_at(text.len() - text.chars().next_back().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
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
