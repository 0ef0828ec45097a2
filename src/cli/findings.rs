//! `misfile findings`: what is misfiled, to be reviewed, or unverified.

use std::io::Write;
use std::path::PathBuf;

use crate::catalog::{CatalogView, Filter};
use crate::error::{Exit, UsageError};
use crate::finding::{FaultReason, Level};
use crate::report::{self, Counts};
use crate::zone::Zones;

use super::Context;

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
    /// Only what changed in the last sweep, or in the sweep with this number or later
    #[arg(long, value_name = "SWEEP", num_args = 0..=1, require_equals = true, default_missing_value = "last")]
    new_since: Option<String>,
}

/// Parses a level.
pub(super) fn level(text: &str) -> Result<Level, String> {
    let number: u8 = text.parse().map_err(|_| "a level is a number from 0 to 4".to_owned())?;
    number.try_into()
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let (view, complete) = context.answers()?;
    let filter = filter(args, &view)?;
    let mut reporter = report::reporter(context.form());
    let mut counts = Counts::default();
    view.each_file(&filter, |file| {
        counts.add(&file);
        Ok(reporter.file(&file, out)?)
    })?;
    reporter.finish(&counts, out)?;
    let zones = Zones::configured(&context.settings);
    if view.meta("judged_with")?.is_some_and(|with| with != zones.judged_with(&context.settings.judge)) {
        super::remark(
            context,
            "the configuration changed since these verdicts were given; `misfile reclassify` gives them anew",
        );
    }
    Ok(counts.exit(!complete))
}

fn filter(args: &Args, view: &CatalogView) -> anyhow::Result<Filter> {
    let mut verdicts = args.verdict.clone();
    if args.unverified {
        verdicts.push("unverified".to_owned());
    }
    if verdicts.is_empty() && !args.all && args.fault.is_none() {
        verdicts = ["misfiled", "review", "unverified"].map(str::to_owned).to_vec();
    }
    let last = view.sweeps(1)?.first().map_or(0, |sweep| sweep.id);
    let since_sweep = match args.new_since.as_deref() {
        None => None,
        Some("last") => Some(last),
        Some(text) => {
            let wrong = || UsageError(format!("--new-since takes the number of a sweep (1 to {last}), not {text:?}"));
            Some(text.parse().ok().filter(|number| (1..=last).contains(number)).ok_or_else(wrong)?)
        }
    };
    if let Some(zone) = &args.zone {
        let known = view.zones()?;
        if !known.contains(zone) {
            return Err(UsageError(format!("no file lies in a zone {zone:?}; there are: {}", known.join(", "))).into());
        }
    }
    let below = super::known_paths(view, &args.paths)?;
    Ok(Filter {
        zone: args.zone.clone(),
        verdicts,
        level: args.level,
        detector: args.detector.clone(),
        rule: args.rule.clone(),
        fault: args.fault,
        since_sweep,
        below,
    })
}
