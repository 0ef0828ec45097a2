//! `misfile zones`: the configured zones and why we think so.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use super::Context;
use crate::error::Exit;
use crate::report::{self, shown_path};
use crate::zone::Zones;

pub(super) fn run(context: &Context, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let table = context.table()?;
    let zones = Zones::configured(&context.settings);
    for zone in zones.by_name() {
        let there = zone.path.is_dir();
        if table {
            let remark = if there { "" } else { "  (not there)" };
            let exposure = zone.exposure.as_str();
            writeln!(
                out,
                "{:<20} {exposure:<10} ceiling {}  {}{remark}",
                zone.name,
                zone.ceiling,
                shown_path(&zone.path)
            )?;
            continue;
        }
        let mut object = BTreeMap::from([
            ("type", json!("zone")),
            ("v", json!(1)),
            ("name", json!(zone.name)),
            ("exposure", json!(zone.exposure)),
            ("ceiling", json!(zone.ceiling)),
            ("evidence", json!(zone.evidence)),
            ("there", json!(there)),
        ]);
        report::path_fields(&mut object, &zone.path);
        report::line(&object, out)?;
    }
    Ok(Exit::Clear)
}
