//! `misfile findings`: what is misfiled, to be reviewed, or unverified.

use std::io::Write;
use std::path::PathBuf;

use super::{Answers, Context, names};
use crate::catalog::{CatalogView, Filter};
use crate::error::{Exit, UsageError};
use crate::finding::{FaultReason, Level};
use crate::index::NameWanted;
use crate::report::{self, Counts};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only what lies at or below these paths
    paths: Vec<PathBuf>,
    /// Every file, clear ones too
    #[arg(long)]
    all: bool,
    /// Only files with this verdict (misfiled, review, unverified, clear); may be repeated
    #[arg(long, value_name = "VERDICT", value_parser = ["misfiled", "review", "unverified", "clear", "out_of_scope"])]
    verdict: Vec<String>,
    /// Only what is unverified; short for --verdict unverified
    #[arg(long)]
    unverified: bool,
    /// Only this zone
    #[arg(long)]
    zone: Option<String>,
    /// Only documents of at least this level (0-4), decided or suspected
    #[arg(long, value_parser = level)]
    level: Option<Level>,
    /// Only documents with a finding of this detector
    #[arg(long)]
    detector: Option<String>,
    /// Only documents with a finding of this rule; `cn.*` is every rule that begins so
    #[arg(long)]
    rule: Option<String>,
    /// Only documents with this fault (encrypted, damaged, unsupported, …)
    #[arg(long, value_name = "REASON", value_parser = |name: &str| name.parse::<FaultReason>())]
    fault: Option<FaultReason>,
    /// Only what changed in the last sweep; `=5`: in sweep 5 or later; `=24h`: in sweeps that ended in the last 24 hours.
    /// With it come files that are no longer misfiled or to be reviewed, and files that are gone
    #[arg(long, value_name = "SINCE", num_args = 0..=1, require_equals = true, default_missing_value = "last")]
    new_since: Option<String>,
}

impl Args {
    /// Whether it asks for everything that is misfiled, to be reviewed or unverified, without a filter.
    fn is_plain(&self) -> bool {
        let of_files = self.paths.is_empty() && self.zone.is_none() && self.level.is_none() && self.fault.is_none();
        let of_findings = self.detector.is_none() && self.rule.is_none();
        let of_verdicts = self.verdict.is_empty() && !self.unverified && !self.all && self.new_since.is_none();
        of_files && of_findings && of_verdicts
    }
}

/// Parses a level.
pub(super) fn level(text: &str) -> Result<Level, String> {
    let number: u8 = text.parse().map_err(|_| "a level is a number from 0 to 4".to_owned())?;
    number.try_into()
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let Answers { view, complete, current, .. } = context.answers()?;
    let filter = filter(context, args, &view)?;
    let mut reporter = report::reporter(context.form(), filter.since_sweep.is_some());
    let mut counts = Counts { provenance: view.provenance()?, as_of: view.as_of()?, ..Counts::default() };
    view.each_file(&filter, |file| {
        counts.add(&file);
        Ok(reporter.file(&file, out)?)
    })?;
    if let Some(sweep) = filter.since_sweep.filter(|_| filter.mended) {
        for gone in view.gone_since(sweep)?.iter().filter(|gone| filter.covers(&gone.path)) {
            counts.gone += 1;
            reporter.gone(gone, out)?;
        }
    }
    if args.is_plain() {
        // Of all files: those that are clear because people said so are not listed.
        counts.decided = view.decided()?;
    }
    reporter.finish(&counts, out)?;
    Ok(counts.exit(!complete || !current))
}

fn filter(context: &Context, args: &Args, view: &CatalogView) -> anyhow::Result<Filter> {
    let mut verdicts = args.verdict.clone();
    if args.unverified {
        verdicts.push("unverified".to_owned());
    }
    let usual = verdicts.is_empty() && !args.all && args.fault.is_none();
    if usual {
        verdicts = ["misfiled", "review", "unverified"].map(str::to_owned).to_vec();
    }
    for (field, value) in [("zone", &args.zone), ("detector", &args.detector), ("rule", &args.rule)] {
        let Some(value) = value else { continue };
        let (name, begins) = match value.strip_suffix('*') {
            Some(start) if field == "rule" => (start, true),
            _ => (value.as_str(), false),
        };
        names::check(context, view, &NameWanted { field, name: name.to_owned(), begins }, str::to_owned)?;
    }
    let since_sweep = args.new_since.as_deref().map(|since| since_sweep(since, view)).transpose()?;
    // What is asked for by its content cannot be told of files that are gone.
    let by_content = args.zone.is_some() || args.level.is_some() || args.detector.is_some() || args.rule.is_some();
    Ok(Filter {
        zone: args.zone.clone(),
        verdicts,
        level: args.level,
        detector: args.detector.clone(),
        rule: args.rule.clone(),
        fault: args.fault,
        since_sweep,
        mended: since_sweep.is_some() && usual && !by_content,
        below: super::known_paths(view, &args.paths)?,
    })
}

/// The first sweep that `--new-since` means: the last one, a number, or a span of time.
fn since_sweep(since: &str, view: &CatalogView) -> anyhow::Result<i64> {
    let last = view.sweeps(Some(1))?.first().map_or(0, |sweep| sweep.id);
    let wrong = || {
        let known = format!("--new-since takes the number of a sweep (1 to {last}) or a time span such as 24h");
        UsageError(format!("{known}, not {since:?}"))
    };
    if since == "last" {
        return Ok(last);
    }
    if let Ok(number) = since.parse::<i64>() {
        return Ok(Some(number).filter(|number| (1..=last).contains(number)).ok_or_else(wrong)?);
    }
    let span = super::sweep::duration(since).map_err(|_| wrong())?;
    let from = crate::now().saturating_sub(i64::try_from(span.as_secs()).unwrap_or(i64::MAX));
    // Newest first; one that is under way has not ended yet.
    let sweeps = view.sweeps(None)?;
    let recent = sweeps.iter().take_while(|sweep| sweep.ended.is_none_or(|ended| ended >= from)).last();
    Ok(recent.map_or(last + 1, |sweep| sweep.id))
}
