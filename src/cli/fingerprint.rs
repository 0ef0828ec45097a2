//! `misfile fingerprint`: documents to be recognized wherever copies, excerpts or photocopies of them lie.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use serde_json::json;

use super::Context;
use crate::catalog::DataDir;
use crate::document::Location;
use crate::error::{Exit, UsageError};
use crate::fingerprint::{self, Id, Limits, Registered, Registry, Role};
use crate::read::process::ReaderCommand;
use crate::report::{self, counted, shown_path};
use crate::walk::RootError;
use crate::{inspect, sweep, walk};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Action {
    /// Register documents; only keyed hashes of their text are kept
    Add(Add),
    /// List what is registered
    List,
    /// Forget registered documents
    Remove {
        /// Names or ids, as `list` shows them
        #[arg(required = true)]
        names: Vec<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// Files or folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Level of the documents, 1 to 4
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=4))]
    level: u8,
    /// They are letterheads, forms, laws or standard clauses: what is in them tells nothing
    #[arg(long, conflicts_with = "level")]
    common: bool,
}

pub(super) fn run(context: &Context, action: &Action, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match action {
        Action::Add(args) => add(context, args, out),
        Action::List => list(context, out),
        Action::Remove { names } => remove(context, names, out),
    }
}

/// A document that is not registered.
struct Refused {
    location: Location,
    /// Whether there is too little text in it.
    is_short: bool,
    why: String,
}

/// Reads the documents like any others and adds what was read. What is already registered, has too little text or could not be
/// read completely is said; what can be added is.
fn add(context: &Context, args: &Add, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let role = if args.common { Role::Common } else { Role::Sensitive(args.level) };
    let roots = args.paths.iter().map(|path| walk::resolve_root(path)).collect::<Result<Vec<_>, RootError>>()?;
    let dir = DataDir::create(&context.data_path()?)?;
    let _lock = dir.lock()?;
    let mut registry = Registry::open(dir.path(), Limits::from(&context.settings.limits))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let (mut added, mut refused) = (0_u64, Vec::new());
    // Containers of which something inside is registered: no text of their own is missed.
    let mut with_members = BTreeSet::new();
    inspect::inspect(&context.settings, &sweep::outermost(roots), ReaderCommand::this_program(), |file, pages| {
        let name = file.location.name().into_owned();
        let texts: Vec<&str> = pages.iter().map(|page| page.text.content.as_str()).collect();
        let incomplete = file.coverage.faults.first().map(ToString::to_string);
        let refusal = match (registry.add(&name, role, now, &texts), incomplete) {
            (Ok(_), None) => {
                added += 1;
                if !file.location.members.is_empty() {
                    with_members.insert(file.location.path.clone());
                }
                None
            }
            (Ok(id), Some(fault)) => {
                registry.remove(id)?;
                Some((false, fault))
            }
            (Err(error), _) => Some((matches!(error, fingerprint::Error::TooLittle { .. }), error.to_string())),
        };
        refused.extend(refusal.map(|(is_short, why)| Refused { location: file.location, is_short, why }));
        Ok(if context.listener.gone() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    refused
        .retain(|one| !(one.is_short && one.location.members.is_empty() && with_members.contains(&one.location.path)));
    for Refused { location, why, .. } in &refused {
        super::complain(&anyhow::anyhow!("{}: not registered: {why}", shown_path(&location.shown())));
    }
    if added > 0 {
        registry.save()?;
    }
    summary(context, out, &format!("{} registered", counted(added, "document")), added)?;
    Ok(match refused.is_empty() {
        _ if context.listener.gone() => Exit::Stopped,
        true => Exit::Clear,
        false => Exit::Unverified,
    })
}

fn list(context: &Context, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let registry = Registry::open(&context.data_path()?, Limits::from(&context.settings.limits))?;
    let mut objects = context.asked_objects()?;
    for Registered { id, name, role, added, pages, .. } in registry.list() {
        let level = match role {
            Role::Sensitive(level) => Some(level),
            Role::Common => None,
        };
        match &mut objects {
            None => {
                let role = level.map_or_else(|| "common".to_owned(), |level| format!("level {level}"));
                writeln!(out, "{id}  {role:8} {:>12}  {name}", counted(pages as u64, "page"))?;
            }
            Some(objects) => {
                let mut object = report::typed("registered");
                object.insert("id", json!(id.to_string()));
                object.insert("name", json!(name));
                object.insert("level", json!(level));
                object.insert("pages", json!(pages));
                object.insert("added", json!(added));
                objects.put(&object, out)?;
            }
        }
    }
    let count = registry.list().len() as u64;
    match objects {
        None => writeln!(out, "{}", counted(count, "registered document"))?,
        Some(mut objects) => {
            let mut object = report::typed("summary");
            object.insert("documents", json!(count));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::Clear)
}

fn remove(context: &Context, names: &[String], out: &mut dyn Write) -> anyhow::Result<Exit> {
    let dir = DataDir::create(&context.data_path()?)?;
    let _lock = dir.lock()?;
    let mut registry = Registry::open(dir.path(), Limits::from(&context.settings.limits))?;
    let mut ids: Vec<Id> = Vec::new();
    for name in names {
        let before = ids.len();
        ids.extend(
            registry.list().iter().filter(|one| one.name == *name || one.id.to_string() == *name).map(|one| one.id),
        );
        if ids.len() == before {
            let message = format!("{name:?} is not registered; `misfile fingerprint list` lists what is");
            return Err(UsageError(message).into());
        }
    }
    ids.sort_unstable();
    ids.dedup();
    for id in &ids {
        registry.remove(*id).context("it was just listed")?;
    }
    registry.save()?;
    summary(context, out, &format!("{} forgotten", counted(ids.len() as u64, "document")), ids.len() as u64)?;
    Ok(Exit::Clear)
}

fn summary(context: &Context, out: &mut dyn Write, said: &str, count: u64) -> anyhow::Result<()> {
    match context.asked_objects()? {
        None if count == 0 => writeln!(out, "{said}")?,
        None => writeln!(out, "{said}; `misfile reclassify` judges what is known already by it")?,
        Some(mut objects) => {
            let mut object = report::typed("summary");
            object.insert("documents", json!(count));
            objects.end(&object, out)?;
        }
    }
    Ok(())
}
