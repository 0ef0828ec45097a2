//! `misfile reclassify`: stored text against today's rules and zones. Reads no document.

use std::io::Write;

use serde_json::json;

use super::Context;
use crate::catalog::{Catalog, CatalogView};
use crate::error::Exit;
use crate::report::{Form, line};
use crate::sweep::Until;
use crate::zone::Zones;
use crate::{index, sweep};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(context: &Context, _: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    context.table()?;
    let dir = context.data()?;
    let _lock = dir.lock()?;
    let settings = &context.settings;
    let mut catalog = Catalog::open(&dir, &settings.store)?;
    let zones = Zones::configured(settings);
    let stop = super::stop_on_signals()?;
    let until = Until { deadline: None, stop: &stop };
    let done = sweep::bring_up_to_date(&mut catalog, &zones, settings, until)?;
    index::catch_up(&dir, settings, &|| until.over())?;
    let totals = CatalogView::open(&dir)?.totals()?;
    match context.form() {
        Form::Table => {
            writeln!(out, "{} contents classified anew, {} verdicts changed", done.classified, done.judged_otherwise)?;
        }
        _ => {
            let object = [
                ("type", json!("summary")),
                ("v", json!(1)),
                ("classified", json!(done.classified)),
                ("judged_otherwise", json!(done.judged_otherwise)),
                ("verdicts", json!(totals.verdicts)),
            ];
            line(&object.into(), out)?;
        }
    }
    let of = |verdict: &str| totals.verdicts.get(verdict).copied().unwrap_or_default();
    if done.stopped {
        return Ok(Exit::Stopped);
    }
    Ok(match (of("misfiled"), of("unverified") + of("review")) {
        (0, 0) => Exit::Clear,
        (0, _) => Exit::Unverified,
        _ => Exit::Misfiled,
    })
}
