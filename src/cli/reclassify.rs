//! `misfile reclassify`: stored text against today's rules and zones. Reads no document.

use std::io::Write;

use serde_json::json;

use super::{Answers, Context};
use crate::catalog::{Catalog, CatalogView};
use crate::error::Exit;
use crate::report::{self, counted, verdict_list};
use crate::sweep::Until;
use crate::zone::Zones;
use crate::{index, sweep};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(context: &Context, _: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
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
