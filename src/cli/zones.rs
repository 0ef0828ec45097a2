//! `misfile zones`: the configured zones and why we think so.

use std::io::Write;

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::Context;
use crate::error::Exit;
use crate::report::{self, counted, padded, shown_path};
use crate::zone::Zones;

pub(super) fn run(context: &Context, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.objects()?;
    let zones = Zones::configured(&context.settings);
    let all = zones.by_name();
    let widest = all.iter().map(|zone| zone.name.width()).max().unwrap_or_default();
    for zone in &all {
        let there = zone.path.is_dir();
        let Some(objects) = &mut objects else {
            let remark = if there { "" } else { "  (not there)" };
            let (name, exposure) = (padded(&zone.name, widest), zone.exposure.as_str());
            writeln!(out, "{name}  {exposure:<9}  ceiling {}  {}{remark}", zone.ceiling, shown_path(&zone.path))?;
            continue;
        };
        let mut object = report::typed("zone");
        object.insert("name", json!(zone.name));
        object.insert("exposure", json!(zone.exposure));
        object.insert("ceiling", json!(zone.ceiling));
        object.insert("evidence", json!(zone.evidence));
        object.insert("there", json!(there));
        report::path_fields(&mut object, &zone.path);
        objects.put(&object, out)?;
    }
    let default = &context.settings.zone_default;
    match &mut objects {
        None => writeln!(
            out,
            "{}; everything else is {:?} ({}, ceiling {})",
            counted(all.len() as u64, "configured zone"),
            default.name,
            default.exposure.as_str(),
            default.ceiling
        )?,
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("zones", json!(all.len()));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::Clear)
}
