//! `misfile doctor --prove`: what a reader that was taken over would try, tried in real readers; and a sweep without any
//! network.
//!
//! Every way out is tried in a reader with all its locks, then in readers with one lock alone and with none, so that it is
//! seen which lock refuses what, and that the attempt itself is a real one.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail, ensure};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::Timespec;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde_json::Value;
use tempfile::TempDir;

use super::{Context, Doctor, TEST_PAGES};
use crate::config::{Layer, SecuritySettings, Settings};
use crate::error::Exit;
use crate::read::lock;
use crate::read::process::{ReaderCommand, ReaderProcess};
use crate::read::prove::{Attempt, Targets};
use crate::report;

/// The lock of the whole program, as the proof names it.
const PROGRAM: &str = "the program's lock";

/// What came of every attempt in one reader.
struct Trial {
    /// What held the reader.
    locks: String,
    attempts: Vec<Attempt>,
}

/// Prints the proof. The program's own lock is put on half-way: before it, that of readers is seen alone.
pub(super) fn run(doctor: &mut Doctor<'_>, context: &Context, share: Option<&Path>) -> anyhow::Result<()> {
    let settings = &context.settings;
    let stop = super::super::stop_on_signals()?;
    let place = place(context)?;
    let (targets, listeners) = Targets::make(place.path()).context("no place for the attempts")?;
    doctor.report("proof", Ok(heading(settings)))?;
    let locked = trial(settings, "all locks", &Layer::ALL, &targets)?;
    // The others may start without the locks that are required: they get no document.
    let loose = Settings { security: SecuritySettings { require: Vec::new() }, ..settings.clone() };
    let mut alone = Vec::new();
    for layer in Layer::ALL {
        alone.push(trial(&loose, layer.as_str(), &[layer], &targets)?);
    }
    let free = trial(&loose, "nothing", &[], &targets)?;
    lock::no_outward_sockets()?;
    alone.push(trial(&loose, PROGRAM, &[], &targets)?);
    drop(listeners);
    for (index, attempt) in locked.attempts.iter().enumerate() {
        doctor.report(&format!("cannot {}", attempt.what), refused(attempt, index, &alone, &free))?;
    }
    doctor.report("sweep without a network", without_network(settings, share, place.path(), &stop))
}

/// A folder for two catalogs, which hold text: private, and in the data directory where there is one.
fn place(context: &Context) -> anyhow::Result<TempDir> {
    let data = context.data_path()?;
    let mut builder = tempfile::Builder::new();
    builder.prefix("proof-").permissions(Permissions::from_mode(0o700));
    let place = if data.is_dir() { builder.tempdir_in(data) } else { builder.tempdir() };
    place.context("no place for two catalogs")
}

/// What is proved, and when: a proof that is filed says of itself what it is about.
fn heading(settings: &Settings) -> String {
    let require: Vec<&str> = settings.security.require.iter().map(|layer| layer.as_str()).collect();
    format!(
        "misfile {} on Linux {}, {}; security.require = [{}]",
        env!("CARGO_PKG_VERSION"),
        rustix::system::uname().release().to_string_lossy(),
        report::human_time(crate::now()),
        require.join(", ")
    )
}

/// Starts a reader that these layers hold, and has it try everything.
fn trial(settings: &Settings, locks: &str, layers: &[Layer], targets: &Targets) -> anyhow::Result<Trial> {
    targets.renew()?;
    let mut reader = ReaderProcess::start_with(&ReaderCommand::this_program(), settings, layers)?;
    let attempts = reader.prove(targets).map_err(|death| anyhow::anyhow!("{locks}: {death}"))?;
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
fn without_network(
    settings: &Settings,
    share: Option<&Path>,
    place: &Path,
    stop: &AtomicBool,
) -> anyhow::Result<String> {
    let config = place.join("settings.toml");
    std::fs::write(&config, toml::to_string(settings).context("settings")?)?;
    let sample = place.join("sample");
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
    let answers = |data: &str, within: &[&str]| swept(&config, &place.join(data), &share, within, stop);
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
fn swept(config: &Path, data: &Path, share: &Path, within: &[&str], stop: &AtomicBool) -> anyhow::Result<Vec<String>> {
    let program = std::env::current_exe().context("which program this is")?;
    let run = |arguments: &[&OsStr]| -> anyhow::Result<Output> {
        let mut words = within.iter().map(OsStr::new).chain([program.as_os_str()]);
        let first = words.next().expect("there is the program");
        let mut command = Command::new(first);
        command
            .args(words)
            .args(["--quiet", "--format", "jsonl", "--with-parent"])
            .args([OsStr::new("--config"), config.as_os_str(), OsStr::new("--data"), data.as_os_str()])
            .args(arguments)
            .stdin(Stdio::null());
        output(command, stop).with_context(|| first.display().to_string())
    };
    let sweep = run(&[OsStr::new("sweep"), share.as_os_str()])?;
    complete(&sweep, "the sweep")?;
    let findings = run(&[OsStr::new("findings"), OsStr::new("--all")])?;
    complete(&findings, "its findings")?;
    String::from_utf8(findings.stdout)?.lines().map(timeless).collect()
}

/// Runs a process to its end, or kills it when we are told to stop: it must not run on, nor its catalog stay behind.
fn output(mut command: Command, stop: &AtomicBool) -> anyhow::Result<Output> {
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("it cannot be started")?;
    let handle = pidfd_open(Pid::from_child(&process), PidfdFlags::empty())?;
    std::thread::scope(|scope| {
        let watch = scope.spawn(move || {
            let moment = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
            while !stop.load(Ordering::SeqCst) {
                if poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&moment)).is_ok_and(|ended| ended > 0) {
                    return false;
                }
            }
            // One that has just ended needs no signal.
            let _ = pidfd_send_signal(&handle, Signal::KILL);
            true
        });
        let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
        let said = scope.spawn(move || read_all(stderr));
        let told = read_all(stdout);
        let status = process.wait()?;
        ensure!(!watch.join().expect("it does not panic"), "stopped");
        Ok(Output { status, stdout: told?, stderr: said.join().expect("it does not panic")? })
    })
}

fn read_all(from: Option<impl Read>) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    from.map_or(Ok(0), |mut from| from.read_to_end(&mut all))?;
    Ok(all)
}

/// An answer without the times at which faults were seen.
fn timeless(line: &str) -> anyhow::Result<String> {
    let mut object: Value = serde_json::from_str(line)?;
    if let Some(summary) = object.as_object_mut() {
        summary.remove("sweep_ended");
    }
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
