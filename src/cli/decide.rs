//! `misfile decide` and `misfile decisions`: what people say of findings, kept with its reason and counted in every list.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;
use serde_json::json;
use time::{Date, Month};

use super::{Answers, Context};
use crate::catalog::{Catalog, CatalogView, FileRow};
use crate::decision::{Decision, Decisions, Ruling, Scope, Standing, glob};
use crate::error::{Exit, UsageError};
use crate::finding::names_rule;
use crate::report::{self, Object, counted, human_time, shown_path};
use crate::zone::Zones;
use crate::{index, sweep};

/// What can be decided.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The finding is wrong
    FalsePositive,
    /// The finding is right, and may stay where it is until a day
    Accepted,
    /// The finding is right
    Confirmed,
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Documents: the decision is of their content, wherever it lies; what is accepted is so only where as much may lie as where it
    /// lies now, and what a name says is decided about in its place alone. A member of a container is named as lists name it
    /// (`offer.zip!/plan.docx`)
    #[arg(required_unless_present = "paths", conflicts_with = "paths")]
    documents: Vec<PathBuf>,
    /// All files whose whole paths match this glob (`/srv/archive/**`; `*` ends at a `/`), and everything in them, instead of single documents
    #[arg(long, value_name = "GLOB")]
    paths: Option<String>,
    /// The rule whose findings it is about, as `findings` and `explain` name it; `cn.*` is every rule that begins so
    #[arg(long)]
    rule: String,
    /// What is decided
    #[arg(long = "as", value_name = "WHAT")]
    what: What,
    /// Why: it is shown wherever the decision counts
    #[arg(long)]
    reason: String,
    /// Until when it holds, as a day (2027-01-31) or a span (90d); what is accepted and what is about paths needs one
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Who decides; without it the user's name
    #[arg(long)]
    by: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Those that were taken back, too
    #[arg(long)]
    all: bool,
    /// Take the decision with this number back
    #[arg(long, value_name = "NUMBER")]
    withdraw: Option<i64>,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.asked_objects()?;
    let Answers { dir, view, .. } = context.answers()?;
    let now = crate::now();
    let ruling = match args.what {
        What::FalsePositive => Ruling::FalsePositive,
        What::Accepted => Ruling::Accepted,
        What::Confirmed => Ruling::Confirmed,
    };
    if args.reason.trim().is_empty() {
        return Err(UsageError("--reason must say something".to_owned()).into());
    }
    let expires = args.until.as_deref().map(|until| expiry(until, now)).transpose()?;
    if (ruling == Ruling::Accepted || args.paths.is_some()) && expires.is_none() {
        let what = if args.paths.is_some() { "a decision about paths" } else { "what is accepted" };
        return Err(UsageError(format!("{what} needs --until: a day (2027-01-31) or a span (90d)")).into());
    }
    if args.rule.strip_suffix('*').is_some_and(|start| !start.contains('.')) {
        return Err(UsageError(
            "--rule must say which rule, or of which family (cn.*): a decision about more would hide what nobody looked at"
                .to_owned(),
        )
        .into());
    }
    let zones = Zones::configured(&context.settings);
    let decision = |scope, ceiling| Decision {
        id: 0,
        ruling,
        rule: args.rule.clone(),
        scope,
        reason: args.reason.trim().to_owned(),
        by: args.by.clone().unwrap_or_else(user),
        made: now,
        ceiling,
        expires,
        withdrawn: None,
    };
    let decisions: Vec<Decision> = match &args.paths {
        Some(paths) => vec![decision(Scope::Paths(paths.clone()), None)],
        None => {
            let files = files(&view, args)?;
            // What is accepted may stay where it is: not wherever a copy of it turns up.
            let ceiling = |file: &FileRow| (ruling == Ruling::Accepted).then(|| zones.of(&file.location.path).ceiling);
            let mut decisions: Vec<Decision> = Vec::new();
            for file in &files {
                for scope in scopes(file, &args.rule)? {
                    let decision = decision(scope, ceiling(file));
                    // Copies of one document.
                    if !decisions.contains(&decision) {
                        decisions.push(decision);
                    }
                }
            }
            decisions
        }
    };
    drop(view);
    let _lock = dir.lock()?;
    let mut catalog = Catalog::open(&dir, &context.settings.store)?;
    if let Some(paths) = &args.paths {
        covers_something(&catalog, &args.rule, paths)?;
    }
    let mut numbers = Vec::new();
    let mut changed = 0;
    for decision in &decisions {
        let before = judged_with(context, &catalog)?;
        numbers.push(catalog.decide(decision)?);
        changed += judge_anew(context, &mut catalog, decision, &before)?;
    }
    catalog.commit()?;
    index::catch_up(&dir, &context.settings, &|| false)?;
    match &mut objects {
        None => {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            writeln!(out, "decision {}: {ruling}; {} changed", numbers.join(", "), counted(changed, "verdict"))?;
        }
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("decisions", json!(numbers));
            object.insert("judged_otherwise", json!(changed));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::Clear)
}

pub(super) fn list(context: &Context, args: &ListArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.objects()?;
    let Answers { dir, view, .. } = context.answers()?;
    let now = crate::now();
    if let Some(number) = args.withdraw {
        let Some(decision) = view.decisions()?.into_iter().find(|decision| decision.id == number) else {
            return Err(UsageError(format!("there is no decision {number}; `misfile decisions` lists them")).into());
        };
        drop(view);
        let _lock = dir.lock()?;
        let mut catalog = Catalog::open(&dir, &context.settings.store)?;
        let before = judged_with(context, &catalog)?;
        if !catalog.withdraw(number, now)? {
            return Err(UsageError(format!("decision {number} was taken back before")).into());
        }
        judge_anew(context, &mut catalog, &decision, &before)?;
        catalog.commit()?;
        index::catch_up(&dir, &context.settings, &|| false)?;
        return list(context, &ListArgs { all: true, withdraw: None }, out);
    }
    let mut counts = std::collections::BTreeMap::new();
    for decision in view.decisions()? {
        let places = places(&view, &decision)?;
        let standing = decision.standing(now);
        *counts.entry(standing.as_str()).or_insert(0_u64) += 1;
        if standing == Standing::Withdrawn && !args.all {
            continue;
        }
        match &mut objects {
            None => line(&decision, standing, &places, out)?,
            Some(objects) => objects.put(&object(&decision, standing, &places), out)?,
        }
    }
    match &mut objects {
        None => {
            let counts = if counts.is_empty() { "none yet".to_owned() } else { report::count_list(&counts) };
            writeln!(out, "decisions: {counts}")?;
        }
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("decisions", json!(counts));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::Clear)
}

/// Refuses a glob that is about nothing that was found: a slip of the pen would be kept, and hide what comes later.
fn covers_something(catalog: &Catalog, rule: &str, paths: &str) -> anyhow::Result<()> {
    if !paths.starts_with(['/', '*']) {
        return Err(UsageError(format!("--paths {paths:?} must match whole paths: begin it with `/` or `**/`")).into());
    }
    let matcher = glob(paths).map_err(|error| UsageError(format!("--paths {error}")))?;
    if catalog.paths_with(rule)?.iter().any(|path| matcher.is_match(path)) {
        return Ok(());
    }
    Err(UsageError(format!("--paths {paths:?}: no document there has a finding of rule {rule}")).into())
}

/// What a decision on findings of a rule in a file is about: its content, and what its name says in this place alone.
fn scopes(file: &FileRow, rule: &str) -> anyhow::Result<Vec<Scope>> {
    let (mut in_name, mut in_content) = (false, false);
    for finding in file.findings.iter().filter(|finding| names_rule(rule, &finding.rule)) {
        *(if finding.page == 0 { &mut in_name } else { &mut in_content }) = true;
    }
    let content = file.content.filter(|_| in_content).map(|(_, hash)| Scope::Content(hash));
    let path = &file.location.path;
    let name = match path.to_str() {
        _ if !in_name => None,
        Some(path) => Some(Scope::Paths(globset::escape(path))),
        None => return Err(UsageError(format!("{}: the name is not UTF-8; use --paths", shown_path(path))).into()),
    };
    Ok(content.into_iter().chain(name).collect())
}

/// The documents that are named, each with a finding of the rule.
fn files(view: &CatalogView, args: &Args) -> anyhow::Result<Vec<FileRow>> {
    let mut files = Vec::new();
    for document in &args.documents {
        let path = document.canonicalize().or_else(|_| std::path::absolute(document))?;
        let Some(file) = view.find(&path)? else {
            return Err(UsageError(format!("{}: no sweep has seen this file", shown_path(&path))).into());
        };
        if !file.findings.iter().any(|finding| names_rule(&args.rule, &finding.rule)) {
            let mut rules: Vec<&str> = file.findings.iter().map(|finding| finding.rule.as_str()).collect();
            rules.sort_unstable();
            rules.dedup();
            let there = if rules.is_empty() {
                "it has no findings".to_owned()
            } else {
                format!("there are {}", rules.join(", "))
            };
            bail!(UsageError(format!("{}: no finding of rule {}; {there}", shown_path(&path), args.rule)));
        }
        files.push(file);
    }
    Ok(files)
}

/// Judges everything anew that a decision is about.
fn judge_anew(context: &Context, catalog: &mut Catalog, decision: &Decision, before: &str) -> anyhow::Result<u64> {
    sweep::judge_anew(catalog, &Zones::configured(&context.settings), &context.settings, decision, before)
}

/// What verdicts are given with at this moment.
fn judged_with(context: &Context, catalog: &Catalog) -> anyhow::Result<String> {
    let decisions = Decisions::at(crate::now(), catalog.decisions()?)?;
    Ok(sweep::judged_with(&Zones::configured(&context.settings), &context.settings, &decisions))
}

/// The end of a day, or of a span from now.
fn expiry(until: &str, now: i64) -> anyhow::Result<i64> {
    let wrong = || UsageError(format!("--until takes a day (2027-01-31) or a span (90d), not {until:?}"));
    let expires = match day(until) {
        Some(day) => day.next_day().ok_or_else(wrong)?.midnight().assume_utc().unix_timestamp(),
        None => {
            let span = super::sweep::duration(until).map_err(|_| wrong())?;
            now.saturating_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
        }
    };
    if expires <= now {
        return Err(UsageError(format!("--until {until} is over")).into());
    }
    Ok(expires)
}

fn day(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    parts.next().is_none().then(|| Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok())?
}

/// Who works here, as the system calls them.
fn user() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    named.unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw()))
}

/// Where the content of a decision lies now.
fn places(view: &CatalogView, decision: &Decision) -> anyhow::Result<Vec<PathBuf>> {
    let Scope::Content(hash) = &decision.scope else { return Ok(Vec::new()) };
    let files = view.content_id(hash)?.map_or(Ok(Vec::new()), |id| view.files_of(id))?;
    Ok(files.iter().map(|file| file.location.shown()).collect())
}

fn line(decision: &Decision, standing: Standing, places: &[PathBuf], out: &mut dyn Write) -> anyhow::Result<()> {
    let Decision { id, ruling, rule, reason, by, made, .. } = decision;
    let about = match (&decision.scope, places) {
        (Scope::Paths(glob), _) => shown_path(Path::new(glob)),
        (Scope::Content(hash), []) => format!("content {hash}, which lies nowhere any more"),
        (Scope::Content(_), [place]) => shown_path(place),
        (Scope::Content(_), [first, more @ ..]) => {
            format!("{} and {}", shown_path(first), counted(more.len() as u64, "other place"))
        }
    };
    let about = match decision.ceiling {
        Some(ceiling) => format!("{about}, where level {ceiling} may lie"),
        None => about,
    };
    let until = decision.expires.map(|expires| format!(", until {}", human_time(expires))).unwrap_or_default();
    writeln!(out, "{id:<5} {:<9} {ruling}: {rule} in {about}", standing.as_str())?;
    writeln!(out, "      {} by {by}{until}: {reason}", human_time(*made))?;
    Ok(())
}

fn object(decision: &Decision, standing: Standing, places: &[PathBuf]) -> Object {
    let mut object = report::typed("decision");
    object.insert("id", json!(decision.id));
    object.insert("standing", json!(standing));
    object.insert("ruling", json!(decision.ruling));
    object.insert("rule", json!(decision.rule));
    match &decision.scope {
        Scope::Content(hash) => {
            object.insert("content", json!(hash.to_string()));
            object.insert("places", places.iter().map(|place| place.to_string_lossy()).collect())
        }
        Scope::Paths(glob) => object.insert("paths", json!(glob)),
    };
    object.insert("ceiling", json!(decision.ceiling));
    object.insert("reason", json!(decision.reason));
    object.insert("by", json!(decision.by));
    object.insert("made", json!(decision.made));
    object.insert("expires", json!(decision.expires));
    object.insert("withdrawn", json!(decision.withdrawn));
    object
}
