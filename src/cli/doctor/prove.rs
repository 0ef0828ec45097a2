//! `misfile doctor --prove`: what a reader that was taken over would try, tried in real readers; and a sweep without any
//! network.
//!
//! Every way out is tried in a reader with all its locks, then in readers with one lock alone and with none, so that it is
//! seen which lock refuses what, and that the attempt itself is a real one.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::{Doctor, TEST_PAGES};
use crate::config::{Layer, SecuritySettings, Settings};
use crate::error::Exit;
use crate::read::lock;
use crate::read::process::{ReaderCommand, ReaderProcess};
use crate::read::prove::Attempt;

/// The lock of the whole program, as the proof names it.
const PROGRAM: &str = "the program's lock";

/// What came of every attempt in one reader.
struct Trial {
    /// What held the reader.
    locks: String,
    attempts: Vec<Attempt>,
}

/// Prints the proof. The program's own lock is put on half-way: before it, that of readers is seen alone.
pub(super) fn run(doctor: &mut Doctor<'_>, settings: &Settings, share: Option<&Path>) -> anyhow::Result<()> {
    let locked = trial(settings, "all locks", &Layer::ALL)?;
    // The others may start without the locks that are required: they get no document.
    let loose = Settings { security: SecuritySettings { require: Vec::new() }, ..settings.clone() };
    let mut alone = Vec::new();
    for layer in Layer::ALL {
        alone.push(trial(&loose, layer.as_str(), &[layer])?);
    }
    let free = trial(&loose, "nothing", &[])?;
    lock::no_outward_sockets()?;
    alone.push(trial(&loose, PROGRAM, &[])?);
    for (index, attempt) in locked.attempts.iter().enumerate() {
        doctor.report(&format!("cannot {}", attempt.what), refused(attempt, index, &alone, &free))?;
    }
    doctor.report("sweep without a network", without_network(settings, share))
}

/// Starts a reader that these layers hold, and has it try everything.
fn trial(settings: &Settings, locks: &str, layers: &[Layer]) -> anyhow::Result<Trial> {
    let mut reader = ReaderProcess::start_with(&ReaderCommand::this_program(), settings, layers)?;
    let attempts = reader.prove().map_err(|death| anyhow::anyhow!("{locks}: {death}"))?;
    Ok(Trial { locks: locks.to_owned(), attempts })
}

fn refused(attempt: &Attempt, index: usize, alone: &[Trial], free: &Trial) -> anyhow::Result<String> {
    ensure!(attempt.refused, "NOT REFUSED: {}", attempt.said);
    let by = |trial: &&Trial| trial.attempts[index].refused;
    let layers: Vec<&str> = alone.iter().filter(by).map(|trial| trial.locks.as_str()).collect();
    let control = &free.attempts[index];
    let control = match control.refused {
        false => format!("without locks: {}", control.said),
        true => "this machine refuses it to everybody".to_owned(),
    };
    Ok(format!("refused ({}), by each of these alone: {}; {control}", attempt.said, layers.join(", ")))
}

/// Sweeps a share twice, the second time where there is no network at all, and compares every answer.
fn without_network(settings: &Settings, share: Option<&Path>) -> anyhow::Result<String> {
    let dir = tempfile::tempdir().context("no place for two catalogs")?;
    let config = dir.path().join("settings.toml");
    std::fs::write(&config, toml::to_string(settings).context("settings")?)?;
    let sample = dir.path().join("sample");
    let share = match share {
        Some(share) => share.canonicalize().with_context(|| format!("{}", share.display()))?,
        None => {
            std::fs::create_dir(&sample)?;
            for (name, png, text) in TEST_PAGES {
                std::fs::write(sample.join(name).with_extension("png"), png)?;
                std::fs::write(sample.join(name).with_extension("txt"), text)?;
            }
            sample
        }
    };
    let answers = |data: &str, within: &[&str]| swept(&config, &dir.path().join(data), &share, within);
    let outside = answers("outside", &[])?;
    let inside = answers("inside", &["unshare", "--user", "--map-root-user", "--net", "--"])?;
    let other = outside.iter().zip(&inside).find(|(outside, inside)| outside != inside);
    ensure!(other.is_none(), "the answers differ, for the first time in {}", other.map_or("", |(_, line)| line));
    ensure!(outside.len() == inside.len(), "{} answers outside, {} inside", outside.len(), inside.len());
    let files = outside.iter().filter(|line| line.contains(r#""type":"file""#)).count();
    ensure!(files > 0, "there was nothing to sweep in {}", share.display());
    Ok(format!("in a network namespace of its own, {files} files have the same answers as outside"))
}

/// Sweeps into a new catalog; returns all that `findings` says of it, without the times at which it was seen.
fn swept(config: &Path, data: &Path, share: &Path, within: &[&str]) -> anyhow::Result<Vec<String>> {
    let program = std::env::current_exe().context("which program this is")?;
    let run = |arguments: &[&OsStr]| -> anyhow::Result<Output> {
        let mut words = within.iter().map(OsStr::new).chain([program.as_os_str()]);
        let first = words.next().expect("there is the program");
        Command::new(first)
            .args(words)
            .args(["--quiet", "--format", "jsonl"])
            .args([OsStr::new("--config"), config.as_os_str(), OsStr::new("--data"), data.as_os_str()])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} cannot be started", first.display()))
    };
    let sweep = run(&[OsStr::new("sweep"), share.as_os_str()])?;
    complete(&sweep, "the sweep")?;
    let findings = run(&[OsStr::new("findings"), OsStr::new("--all")])?;
    complete(&findings, "its findings")?;
    String::from_utf8(findings.stdout)?.lines().map(timeless).collect()
}

/// An answer without the times at which faults were seen.
fn timeless(line: &str) -> anyhow::Result<String> {
    let mut object: Value = serde_json::from_str(line)?;
    let faults = object.pointer_mut("/coverage/faults").and_then(Value::as_array_mut);
    for fault in faults.into_iter().flatten().filter_map(Value::as_object_mut) {
        fault.retain(|key, _| !["first_seen", "last_seen"].contains(&key.as_str()));
    }
    Ok(object.to_string())
}

/// An end that is an answer: anything found, or nothing.
fn complete(output: &Output, what: &str) -> anyhow::Result<()> {
    let answers = [Exit::Clear, Exit::Misfiled, Exit::Unverified].map(|exit| i32::from(exit.code()));
    if output.status.code().is_some_and(|code| answers.contains(&code)) {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    bail!("{what} failed ({}): {}", output.status, said.trim())
}
