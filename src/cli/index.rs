//! `misfile index rebuild`: makes the index anew from the catalog.

use std::io::Write;

use serde_json::json;

use super::Context;
use crate::error::Exit;
use crate::index;
use crate::report::{self, counted};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Action {
    /// Make the index anew from the catalog
    Rebuild,
}

pub(super) fn run(context: &Context, action: &Action, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let Action::Rebuild = action;
    context.asked_objects()?;
    let dir = context.data()?;
    let _lock = dir.lock()?;
    let contents = index::rebuild(&dir, &context.settings, &|| false)?;
    match context.asked_objects()? {
        None => writeln!(out, "{} indexed", counted(contents, "document"))?,
        Some(mut objects) => {
            let mut object = report::typed("summary");
            object.insert("indexed", json!(contents));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::Clear)
}
