//! `misfile ready`: what may move to a target, what may not, and why.
//!
//! Lists are allow-lists first: a line missing there leaves a file behind, which is safe; a line missing from an exclude
//! list uploads a secret. What was not wholly examined is `unknown`, and unknown blocks.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;

use super::Context;
use crate::catalog::{FileRow, Filter};
use crate::error::{Exit, UsageError};
use crate::finding::Level;
use crate::report::{self, Objects, counted, shown_path};
use crate::{judge, probe, walk};

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
    let (view, complete) = context.answers()?;
    let filter = Filter { below: super::known_paths(&view, &args.paths)?, ..Filter::default() };
    let mut lists = Lists::open(args)?;
    let (mut ready, mut blocked, mut unknown) = (0_u64, 0_u64, 0_u64);
    view.each_file(&filter, |file| {
        let (readiness, reason) = readiness(context, &file, ceiling);
        let count = match readiness {
            Readiness::Ready => &mut ready,
            Readiness::Blocked => &mut blocked,
            Readiness::Unknown => &mut unknown,
        };
        *count += 1;
        lists.put(&file.path, readiness)?;
        print(objects.as_mut(), &file, readiness, &reason, out)
    })?;
    lists.finish()?;
    match &mut objects {
        None => writeln!(
            out,
            "{}: {ready} may go, {blocked} must not, {unknown} unknown (unknown blocks)",
            counted(ready + blocked + unknown, "file")
        )?,
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("ceiling", json!(ceiling));
            object.insert("ready", json!(ready));
            object.insert("blocked", json!(blocked));
            object.insert("unknown", json!(unknown));
            objects.end(&object, out)?;
        }
    }
    Ok(Exit::of_counts(blocked, unknown, !complete))
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
fn readiness(context: &Context, file: &FileRow, ceiling: Level) -> (Readiness, String) {
    let judgement = judge::judge(&file.findings, &file.coverage, ceiling, &context.settings.judge);
    let evidence = |why: &str| {
        let finding = judgement.decided_by.first().and_then(|index| file.findings.get(*index));
        finding.map_or_else(
            || why.to_owned(),
            |finding| {
                format!(
                    "{why}: {} on page {} ({}, {} %)",
                    finding.native, finding.page, finding.rule, finding.confidence
                )
            },
        )
    };
    // Lists are made now, the sweep was then: what changed since is not what was examined.
    let now = std::fs::symlink_metadata(&file.path).map(|metadata| walk::identity(&metadata));
    if now.ok() != Some(file.identity) {
        return (Readiness::Unknown, "changed or gone since the last sweep".to_owned());
    }
    match judgement.verdict.as_str() {
        // The times of one that was written to just before the sweep prove nothing: its bytes do.
        "clear" if !file.settled && !holds_what_was_read(file) => {
            (Readiness::Unknown, "changed since it was read; sweep again".to_owned())
        }
        "clear" => (Readiness::Ready, format!("level {}, fully examined", file.level)),
        "misfiled" => (Readiness::Blocked, evidence("above the target's ceiling")),
        "review" => (Readiness::Unknown, evidence("to be reviewed by a person")),
        _ => {
            let faults: Vec<String> = file.coverage.faults.iter().take(3).map(ToString::to_string).collect();
            (Readiness::Unknown, format!("not fully examined: {}", faults.join("; ")))
        }
    }
}

/// Whether a file still holds the content that was examined.
fn holds_what_was_read(file: &FileRow) -> bool {
    file.content.is_some_and(|(_, hash)| probe::holds(&file.path, &hash).unwrap_or(false))
}

fn print(
    objects: Option<&mut Objects>,
    file: &FileRow,
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
        return Ok(writeln!(out, "{word:<10} {}\n             {reason}", shown_path(&file.path))?);
    };
    let mut object = report::typed("readiness");
    object.insert("readiness", json!(word));
    object.insert("reason", json!(reason));
    object.insert("level", json!(file.level));
    report::path_fields(&mut object, &file.path);
    Ok(objects.put(&object, out)?)
}

/// The files for the transfer tool. They get their names when they are whole: half a list looks like a good one.
struct Lists {
    allow: Option<List>,
    deny: Option<List>,
    end: u8,
    base: Option<PathBuf>,
}

/// A list being written beside its place.
struct List {
    file: BufWriter<File>,
    written: PathBuf,
    place: PathBuf,
}

impl List {
    fn create(place: &Path) -> anyhow::Result<Self> {
        let mut name = place.file_name().with_context(|| format!("{}: is no file name", place.display()))?.to_owned();
        name.push(".part");
        let written = place.with_file_name(name);
        let file = File::create(&written)
            .map_err(|error| UsageError(format!("{}: cannot be written: {error}", place.display())))?;
        Ok(Self { file: BufWriter::new(file), written, place: place.to_owned() })
    }

    fn finish(self) -> anyhow::Result<()> {
        self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&self.written, &self.place)
            .with_context(|| format!("{}: cannot be written", self.place.display()))
    }
}

impl Lists {
    fn open(args: &Args) -> anyhow::Result<Self> {
        if args.allow.is_some() && args.allow == args.deny {
            return Err(UsageError("--allow and --deny name the same file".to_owned()).into());
        }
        let create = |path: &Option<PathBuf>| path.as_deref().map(List::create).transpose();
        let base = args
            .relative_to
            .as_ref()
            .map(|base| base.canonicalize().or_else(|_| std::path::absolute(base)))
            .transpose()?;
        Ok(Self {
            allow: create(&args.allow)?,
            deny: create(&args.deny)?,
            end: if args.null { 0 } else { b'\n' },
            base,
        })
    }

    fn put(&mut self, path: &Path, readiness: Readiness) -> anyhow::Result<()> {
        let list = if readiness == Readiness::Ready { &mut self.allow } else { &mut self.deny };
        let Some(list) = list else { return Ok(()) };
        let shown = match &self.base {
            None => path,
            Some(base) => path.strip_prefix(base).map_err(|_| {
                UsageError(format!(
                    "{} does not lie below {}: name the paths to look at",
                    shown_path(path),
                    shown_path(base)
                ))
            })?,
        };
        let bytes = shown.as_os_str().as_bytes();
        if self.end == b'\n' && bytes.contains(&b'\n') {
            let message = format!("{}: a name holds a line end: write the lists with --null", shown_path(path));
            return Err(UsageError(message).into());
        }
        list.file.write_all(bytes)?;
        Ok(list.file.write_all(&[self.end])?)
    }

    fn finish(self) -> anyhow::Result<()> {
        [self.allow, self.deny].into_iter().flatten().try_for_each(List::finish)
    }
}
