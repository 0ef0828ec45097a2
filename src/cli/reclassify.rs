//! `misfile reclassify`: stored text against today's rules and zones. Reads no document.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use super::{Answers, Context};
use crate::catalog::{Catalog, CatalogView, Rehearsed, Said};
use crate::error::Exit;
use crate::report::{self, Objects, counted, padded, shown_path, verdict_list};
use crate::sweep::{Outdated, Until};
use crate::zone::Zones;
use crate::{index, sweep};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Change nothing: say of which files something else would be said, with another `--config` perhaps
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.objects()?;
    let dir = context.data()?;
    let _lock = dir.lock()?;
    let settings = &context.settings;
    // Before anything is asked of it: an older catalog is brought up here.
    let mut catalog = Catalog::open(&dir, &settings.store)?;
    let Answers { dir, complete, .. } = context.answers_of(dir.clone(), CatalogView::open(&dir)?)?;
    let zones = Zones::configured(settings);
    let stop = super::stop_on_signals()?;
    let until = Until { deadline: None, stop: &stop };
    if args.dry_run {
        catalog.rehearse()?;
        let done = sweep::bring_up_to_date(&mut catalog, &zones, settings, until)?;
        return rehearsal(&catalog, done, objects, out);
    }
    let done = sweep::bring_up_to_date(&mut catalog, &zones, settings, until)?;
    index::catch_up(&dir, settings, &|| until.over())?;
    let totals = CatalogView::open(&dir)?.totals()?;
    match &mut objects {
        None => {
            let (classified, judged) =
                (counted(done.classified, "document"), counted(done.judged_otherwise, "verdict"));
            writeln!(out, "changed     {classified} classified anew, {judged} changed")?;
            let known = counted(totals.verdicts.values().sum(), "known file");
            writeln!(out, "verdicts    {known}: {}", verdict_list(&totals.verdicts))?;
        }
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("classified", json!(done.classified));
            object.insert("judged_otherwise", json!(done.judged_otherwise));
            object.insert("verdicts", json!(totals.verdicts));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::of_verdicts(&totals.verdicts, &totals.faults, !complete || done.stopped))
}

/// Tells what would change, and lets it go.
fn rehearsal(
    catalog: &Catalog,
    done: Outdated,
    mut objects: Option<Objects>,
    out: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let (mut changes, mut counts) = (0_u64, BTreeMap::<String, u64>::new());
    catalog.rehearsed(|one| {
        let Rehearsed { location, zone, before, now } = one;
        changes += 1;
        *counts.entry(format!("{} to {}", before.verdict, now.verdict)).or_default() += 1;
        let path = location.shown();
        let Some(objects) = &mut objects else {
            let words = |said: &Said| padded(&format!("{} {}", said.verdict, said.level), 12);
            let (from, to) = (words(before), words(now));
            return Ok(writeln!(out, "{from} -> {to} {} {}{}", padded(zone, 12), shown_path(&path), why(before, now))?);
        };
        let mut object = report::typed("change");
        report::path_fields(&mut object, &path);
        object.insert("zone", json!(zone));
        object.insert("verdict_before", json!(before.verdict));
        object.insert("level_before", json!(before.level));
        object.insert("rules_before", json!(before.rules));
        object.insert("verdict", json!(now.verdict));
        object.insert("level", json!(now.level));
        object.insert("rules", json!(now.rules));
        Ok(objects.put(&object, out)?)
    })?;
    match &mut objects {
        None => {
            let classified = counted(done.classified, "document");
            let counts = if counts.is_empty() { String::new() } else { format!(": {}", report::count_list(&counts)) };
            writeln!(out, "would change {}{counts}; {classified} would be classified anew", counted(changes, "file"))?;
        }
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("changes", json!(changes));
            object.insert("classified", json!(done.classified));
            object.insert("verdicts", json!(counts));
            objects.end(&object, out)?;
        }
    }
    Ok(if done.stopped { Exit::Stopped } else { Exit::Clear })
}

/// The rules that would decide, or would decide no more.
fn why(before: &Said, now: &Said) -> String {
    let beyond = |one: &Said, other: &Said| {
        one.rules.iter().filter(|rule| !other.rules.contains(rule)).cloned().collect::<Vec<_>>().join(", ")
    };
    let parts = [("by", beyond(now, before)), ("no longer by", beyond(before, now))];
    let parts = parts.iter().filter(|(_, rules)| !rules.is_empty()).map(|(word, rules)| format!("{word} {rules}"));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("  ({})", parts.join("; ")) }
}
