//! `misfile rules check`: do all rules compile, find their examples, and leave their counter-examples alone?

use std::io::Write;

use serde_json::json;

use super::Context;
use crate::classify::rules;
use crate::error::Exit;
use crate::report::{self, counted};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Action {
    /// Check every rule against its own examples and counter-examples
    Check,
}

pub(super) fn run(context: &Context, action: &Action, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let Action::Check = action;
    let mut objects = context.asked_objects()?;
    let problems = rules::check();
    for problem in &problems {
        match &mut objects {
            None => writeln!(out, "{problem}")?,
            Some(objects) => {
                let mut object = report::typed("problem");
                object.insert("problem", json!(problem.to_string()));
                objects.put(&object, out)?;
            }
        }
    }
    match &mut objects {
        None if problems.is_empty() => writeln!(out, "all rules are in order")?,
        None => writeln!(out, "{}", counted(problems.len() as u64, "problem"))?,
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("problems", json!(problems.len()));
            objects.end(&object, out)?;
        }
    }
    Ok(if problems.is_empty() { Exit::Clear } else { Exit::Config })
}
