//! `misfile rules check`: do all rules compile, find their examples, and leave their counter-examples alone?

use std::io::Write;

use super::Context;
use crate::classify::rules;
use crate::error::Exit;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Action {
    /// Check every rule against its own examples and counter-examples
    Check,
}

pub(super) fn run(_: &Context, action: &Action, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let Action::Check = action;
    let problems = rules::check();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    match problems.len() {
        0 => {
            writeln!(out, "all rules are in order")?;
            Ok(Exit::Clear)
        }
        _ => Ok(Exit::Config),
    }
}
