//! `misfile index rebuild`: makes the index anew from the catalog.

use std::io::Write;

use super::Context;
use crate::error::Exit;
use crate::index;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Action {
    /// Make the index anew from the catalog
    Rebuild,
}

pub(super) fn run(context: &Context, action: &Action, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let Action::Rebuild = action;
    let dir = context.data()?;
    let _lock = dir.lock()?;
    let contents = index::rebuild(&dir, &context.settings, &|| false)?;
    writeln!(out, "{contents} contents indexed")?;
    Ok(Exit::Clear)
}
