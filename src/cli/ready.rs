//! `misfile ready`: what may move to a target, what may not, and why.
//!
//! Lists are allow-lists first: a line missing there leaves a file behind, which is safe; a line missing from an exclude
//! list uploads a secret. What was not wholly examined is `unknown`, and unknown blocks. What no sweep has seen is unknown
//! too: the folders are listed once more, so that it stands in the list of what must not go.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;
use tempfile::NamedTempFile;

use super::{Answers, Context};
use crate::catalog::{CatalogView, DataDir, FileRow, Filter};
use crate::decision::{Decision, Ruling, Standing};
use crate::document::Location;
use crate::error::{Exit, UsageError};
use crate::finding::{Fault, FaultReason, Level};
use crate::report::{self, Objects, counted, lock_list, shown_path};
use crate::zone::Zones;
use crate::{judge, probe, sweep, walk};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A target of the configuration, or the highest level that may go there (0-4)
    target: String,
    /// Only what lies at or below these paths; without any, everything known
    paths: Vec<PathBuf>,
    /// Write the paths of what may go to this file
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,
    /// Write the paths of what may not go to this file
    #[arg(long, value_name = "FILE")]
    deny: Option<PathBuf>,
    /// End paths in the lists with NUL instead of a line end
    #[arg(long, short = '0')]
    null: bool,
    /// Write paths in the lists relative to this folder
    #[arg(long, value_name = "DIR")]
    relative_to: Option<PathBuf>,
}

/// Listings that wait to be looked at.
const LISTINGS: usize = 16;

/// May it go?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readiness {
    Ready,
    Blocked,
    Unknown,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.objects()?;
    let ceiling = ceiling(context, &args.target)?;
    let Answers { dir, view, complete, current } = context.answers()?;
    let filter = Filter { below: super::known_or_present_paths(&view, &args.paths)?, ..Filter::default() };
    let unseen = Unseen::look(context, &dir, &view, &filter.below)?;
    can_be_listed(args, &view, &filter, &unseen)?;
    let mut lists = Lists::open(args)?;
    let (mut ready, mut blocked, mut unknown) = (0_u64, 0_u64, 0_u64);
    // Unknown only because the last sweep did not come to its end: another one is all that it needs.
    let mut waiting = 0_u64;
    let mut put = |path: &Path, level: Option<Level>, (readiness, reason): (Readiness, &str)| {
        let count = match readiness {
            Readiness::Ready => &mut ready,
            Readiness::Blocked => &mut blocked,
            Readiness::Unknown => &mut unknown,
        };
        *count += 1;
        lists.put(path, readiness)?;
        print(objects.as_mut(), path, level, readiness, reason, out)
    };
    let mut whole: Option<Whole> = None;
    let mut settle = |whole: Whole| {
        waiting += u64::from(whole.readiness == Readiness::Unknown && whole.unread && !complete);
        put(&whole.path, Some(whole.level), (whole.readiness, &whole.reason))
    };
    view.each_file(&filter, |file| {
        // A sweep under way may have come to know it since we looked.
        if unseen.files.contains_key(&file.location.path) {
            return Ok(());
        }
        let seen = Whole::of(context, &file, ceiling);
        match &mut whole {
            // What lies in a file goes where the file goes. It comes right behind it.
            Some(container) if container.path == file.location.path => container.add(&seen, &file.location),
            _ => whole.replace(seen).into_iter().try_for_each(&mut settle)?,
        }
        Ok(())
    })?;
    whole.into_iter().try_for_each(&mut settle)?;
    unseen.files.iter().try_for_each(|(path, reason)| put(path, None, (Readiness::Unknown, reason)))?;
    if !complete {
        waiting += unseen.files.values().filter(|reason| *reason == NOT_SEEN).count() as u64;
    }
    let (links, provenance) = (unseen.links, view.provenance()?);
    lists.finish()?;
    match &mut objects {
        None => {
            let files = counted(ready + blocked + unknown, "file");
            writeln!(out, "{files}: {ready} may go, {blocked} must not, {unknown} unknown (unknown blocks)")?;
            if links > 0 {
                writeln!(out, "{}, devices, sockets and pipes are in neither list", counted(links, "link"))?;
            }
            if let Some(provenance) = &provenance {
                writeln!(out, "readers were held: {}", lock_list(provenance))?;
            }
        }
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("target", json!(args.target));
            object.insert("ceiling", json!(ceiling));
            report::date(&mut object, view.as_of()?);
            object.insert("ready", json!(ready));
            object.insert("blocked", json!(blocked));
            object.insert("unknown", json!(unknown));
            object.insert("neither", json!(links));
            object.insert("provenance", json!(provenance));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::of_counts(blocked, unknown - waiting, !complete || !current))
}

/// Refuses what cannot be written into lists, before anything is written: half a list looks like a good one.
fn can_be_listed(args: &Args, view: &CatalogView, filter: &Filter, unseen: &Unseen) -> anyhow::Result<()> {
    if args.allow.is_none() && args.deny.is_none() {
        return Ok(());
    }
    for place in [&args.allow, &args.deny].into_iter().flatten() {
        if let Ok(place) = place.canonicalize()
            && view.file(&place)?.is_some()
        {
            let what = "is a document that a sweep has seen; write the list elsewhere";
            return Err(UsageError(format!("{}: {what}", shown_path(&place))).into());
        }
    }
    if !args.null {
        let new = unseen.files.keys().find(|path| path.as_os_str().as_bytes().contains(&b'\n'));
        if let Some(path) = view.names_with_line_ends()?.iter().find(|path| filter.covers(path)).or(new) {
            return Err(line_end(path));
        }
    }
    let Some(base) = args.base()? else { return Ok(()) };
    let outside = match filter.below.is_empty() {
        true => view.first_outside(&base)?,
        false => filter.below.iter().find(|root| !root.starts_with(&base)).cloned(),
    };
    let outside = outside.or_else(|| unseen.files.keys().find(|path| !path.starts_with(&base)).cloned());
    outside.map_or(Ok(()), |path| Err(not_below(&path, &base)))
}

fn line_end(path: &Path) -> anyhow::Error {
    UsageError(format!("{}: a name holds a line end: write the lists with --null", shown_path(path))).into()
}

fn not_below(path: &Path, base: &Path) -> anyhow::Error {
    let (path, base) = (shown_path(path), shown_path(base));
    UsageError(format!("{path} does not lie below {base}: name the paths to look at")).into()
}

/// Why a file that is there now may not go.
const NOT_SEEN: &str = "no sweep has seen it; sweep again";

/// What is there now and no sweep has seen.
#[derive(Default)]
struct Unseen {
    /// Files, and folders that cannot be listed, with the reason why they may not go.
    files: BTreeMap<PathBuf, String>,
    /// Links and special files.
    links: u64,
}

impl Unseen {
    /// Lists what lies below some paths; without any, in all zones and wherever else something is known.
    fn look(context: &Context, dir: &DataDir, view: &CatalogView, below: &[PathBuf]) -> anyhow::Result<Self> {
        let roots = match below.is_empty() {
            true => all_roots(context, view)?,
            false => below.to_vec(),
        };
        let data = dir.path().canonicalize().ok();
        let mut unseen = Self::default();
        for root in sweep::outermost(roots) {
            match walk::resolve_root(&root) {
                Ok(root) => unseen.walk(&root, context, data.as_deref(), view)?,
                // What is not there any more is told with the files that were known there.
                Err(error) if error.error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => unseen.put(view, &root, &walk::fault_of(&error.error))?,
            }
        }
        Ok(unseen)
    }

    fn walk(&mut self, root: &Path, context: &Context, data: Option<&Path>, view: &CatalogView) -> anyhow::Result<()> {
        let (listings_in, listings) = crossbeam_channel::bounded(LISTINGS);
        let settings = &context.settings;
        std::thread::scope(|scope| {
            let walk = scope.spawn(move || walk::walk(root, settings, data, &listings_in));
            for listing in listings {
                self.links += listing.links + listing.special;
                let known = view.known(listing.files.iter().map(|file| file.location.path.as_path()))?;
                for (file, _) in listing.files.into_iter().zip(known).filter(|(_, known)| known.is_none()) {
                    self.files.insert(file.location.path, NOT_SEEN.to_owned());
                }
                for unreadable in listing.unreadable {
                    self.put(view, &unreadable.location.path, &unreadable.fault)?;
                }
            }
            walk.join().expect("the walk does not panic")?;
            Ok(())
        })
    }

    /// Keeps what cannot be looked at, unless a sweep has seen it so.
    fn put(&mut self, view: &CatalogView, path: &Path, fault: &Fault) -> anyhow::Result<()> {
        if view.known(std::iter::once(path))?.iter().all(Option::is_none) {
            self.files.insert(path.to_owned(), format!("cannot be looked at: {fault}"));
        }
        Ok(())
    }
}

/// The zones, and the roots of sweeps below which something is known.
fn all_roots(context: &Context, view: &CatalogView) -> anyhow::Result<Vec<PathBuf>> {
    let zones = Zones::configured(&context.settings);
    let mut roots: Vec<PathBuf> = zones.by_name().into_iter().map(|zone| zone.path.clone()).collect();
    for root in view.roots()? {
        if view.knows_below(&root)? {
            roots.push(root);
        }
    }
    Ok(roots)
}

/// The target's ceiling.
fn ceiling(context: &Context, target: &str) -> anyhow::Result<Level> {
    if let Some(known) = context.settings.target.iter().find(|known| known.name == target) {
        return Ok(known.ceiling);
    }
    super::findings::level(target).map_err(|_| {
        let names: Vec<&str> = context.settings.target.iter().map(|known| known.name.as_str()).collect();
        UsageError(format!(
            "{target:?} is no target; configured are: {}; or name a level from 0 to 4",
            names.join(", ")
        ))
        .into()
    })
}

/// May a file go where `ceiling` holds, and why not?
/// A file, with everything in it.
struct Whole {
    path: PathBuf,
    level: Level,
    readiness: Readiness,
    reason: String,
    /// Everything that keeps it back is that it was not read yet.
    unread: bool,
}

impl Whole {
    fn of(context: &Context, file: &FileRow, ceiling: Level) -> Self {
        let (readiness, reason) = readiness(context, file, ceiling);
        let faults = &file.coverage.faults;
        let unread = !faults.is_empty() && faults.iter().all(|fault| fault.reason == FaultReason::NotYetRead);
        Self { path: file.location.path.clone(), level: file.level, readiness, reason, unread }
    }

    /// Adds something that lies in it: the worst decides.
    fn add(&mut self, inner: &Self, location: &Location) {
        let place = |readiness| match readiness {
            Readiness::Blocked => 0,
            Readiness::Unknown => 1,
            Readiness::Ready => 2,
        };
        self.unread &= inner.readiness == Readiness::Ready || inner.unread;
        if place(inner.readiness) < place(self.readiness) {
            let unread = inner.unread && self.readiness == Readiness::Ready;
            let reason = format!("{} in it: {}", shown_path(Path::new(&location.members.join("!/"))), inner.reason);
            (self.readiness, self.reason, self.unread) = (inner.readiness, reason, unread);
        }
    }
}

fn readiness(context: &Context, file: &FileRow, ceiling: Level) -> (Readiness, String) {
    // What is accepted where it lies need not be so elsewhere.
    let now = crate::now();
    // One that is over since the last sweep holds no more.
    let holds =
        |decision: &&Decision| decision.ruling != Ruling::Accepted && decision.standing(now) == Standing::Active;
    let decided = |index: usize| file.decisions.get(&index).filter(holds);
    let judgement = judge::judge_with(&file.findings, &file.coverage, ceiling, &context.settings.judge, decided);
    let evidence = |why: &str| {
        let finding = judgement.grounds.decided_by.first().and_then(|index| file.findings.get(*index));
        finding.map_or_else(
            || why.to_owned(),
            |finding| {
                format!(
                    "{why}: {} on {} ({}, {} %)",
                    finding.named(),
                    report::page_words(finding.page, None),
                    finding.rule,
                    finding.confidence
                )
            },
        )
    };
    let inner = !file.location.members.is_empty();
    // Lists are made now, the sweep was then: what changed since is not what was examined.
    let now = std::fs::symlink_metadata(&file.location.path).map(|metadata| walk::identity(&metadata));
    let differs = match now {
        // What could not be looked at then had no times, or old ones: its fault says more.
        _ if !file.looked_at || inner => None,
        Ok(identity) if identity == file.identity => None,
        Ok(_) => Some("changed since the last sweep; sweep again".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some("gone since the last sweep".to_owned()),
        Err(error) => Some(format!("cannot be looked at: {error}")),
    };
    if let Some(reason) = differs {
        return (Readiness::Unknown, reason);
    }
    match judgement.verdict.as_str() {
        // The times of one that was written to just before the sweep prove nothing: its bytes do.
        "clear" if !inner && !file.settled && !holds_what_was_read(file) => {
            (Readiness::Unknown, "changed since it was read; sweep again".to_owned())
        }
        "clear" => (Readiness::Ready, format!("level {}, fully examined{}", file.level, ruled_out(file))),
        "out_of_scope" => {
            let kind = file.kind_name().unwrap_or("unknown");
            (Readiness::Unknown, format!("kind {kind} is out of scope (read.out_of_scope): not examined"))
        }
        "misfiled" => (Readiness::Blocked, evidence("above the target's ceiling")),
        "review" => (Readiness::Unknown, evidence("to be reviewed by a person")),
        _ => {
            let faults: Vec<String> = file.coverage.faults.iter().take(3).map(ToString::to_string).collect();
            (Readiness::Unknown, format!("not fully examined: {}", faults.join("; ")))
        }
    }
}

/// What people said is wrong, which would count otherwise.
fn ruled_out(file: &FileRow) -> String {
    let wrong = file.decisions.iter().filter(|(_, decision)| decision.ruling == Ruling::FalsePositive);
    let told = wrong.filter_map(|(index, decision)| {
        Some(format!("; {}: {}", file.findings.get(*index)?.rule, report::decision_words(decision)))
    });
    let mut told: Vec<String> = told.collect();
    told.dedup();
    told.concat()
}

/// Whether a file still holds the content that was examined.
fn holds_what_was_read(file: &FileRow) -> bool {
    file.content.is_some_and(|(_, hash)| probe::holds(&file.location.path, &hash).unwrap_or(false))
}

fn print(
    objects: Option<&mut Objects>,
    path: &Path,
    level: Option<Level>,
    readiness: Readiness,
    reason: &str,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let word = match readiness {
        Readiness::Ready => "ready",
        Readiness::Blocked => "blocked",
        Readiness::Unknown => "unknown",
    };
    let Some(objects) = objects else {
        return Ok(writeln!(out, "{word:<10} {}\n             {reason}", shown_path(path))?);
    };
    let mut object = report::typed("readiness");
    object.insert("readiness", json!(word));
    object.insert("reason", json!(reason));
    object.insert("level", json!(level));
    report::path_fields(&mut object, path);
    Ok(objects.put(&object, out)?)
}

impl Args {
    /// The folder that paths in the lists are relative to.
    fn base(&self) -> io::Result<Option<PathBuf>> {
        let resolve = |base: &PathBuf| base.canonicalize().or_else(|_| std::path::absolute(base));
        self.relative_to.as_ref().map(resolve).transpose()
    }
}

/// The files for the transfer tool. They get their names when they are whole: half a list looks like a good one.
struct Lists {
    allow: Option<List>,
    deny: Option<List>,
    end: u8,
    base: Option<PathBuf>,
}

/// A list being written beside its place, and removed if it is never put there.
struct List {
    file: BufWriter<NamedTempFile>,
    place: PathBuf,
}

impl List {
    fn create(place: &Path) -> anyhow::Result<Self> {
        place.file_name().with_context(|| format!("{}: is no file name", place.display()))?;
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder)
            .map_err(|error| UsageError(format!("{}: cannot be written: {error}", place.display())))?;
        Ok(Self { file: BufWriter::new(file), place: place.to_owned() })
    }

    fn finish(self) -> anyhow::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.place).with_context(|| format!("{}: cannot be written", self.place.display()))?;
        Ok(())
    }
}

impl Lists {
    fn open(args: &Args) -> anyhow::Result<Self> {
        if args.allow.is_some() && args.allow == args.deny {
            return Err(UsageError("--allow and --deny name the same file".to_owned()).into());
        }
        let create = |path: &Option<PathBuf>| path.as_deref().map(List::create).transpose();
        let end = if args.null { 0 } else { b'\n' };
        Ok(Self { allow: create(&args.allow)?, deny: create(&args.deny)?, end, base: args.base()? })
    }

    fn put(&mut self, path: &Path, readiness: Readiness) -> anyhow::Result<()> {
        let list = if readiness == Readiness::Ready { &mut self.allow } else { &mut self.deny };
        let Some(list) = list else { return Ok(()) };
        let shown = match &self.base {
            None => path,
            Some(base) => path.strip_prefix(base).map_err(|_| not_below(path, base))?,
        };
        let bytes = shown.as_os_str().as_bytes();
        if self.end == b'\n' && bytes.contains(&b'\n') {
            return Err(line_end(path));
        }
        list.file.write_all(bytes)?;
        Ok(list.file.write_all(&[self.end])?)
    }

    fn finish(self) -> anyhow::Result<()> {
        [self.allow, self.deny].into_iter().flatten().try_for_each(List::finish)
    }
}
