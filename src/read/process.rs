//! One reader process as the sweep sees it: started, fed with slices, watched by the clock, and killed when it must be.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::protocol::{Channel, ReaderStamps, Reply, Request, SliceRequest};
use crate::config::Settings;
use crate::finding::FaultReason;

/// How a reader is started: a program and the hidden verb.
#[derive(Clone, Debug)]
pub struct ReaderCommand {
    /// The program; normally this one.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl ReaderCommand {
    /// This very program with its hidden verb. By its running image, not by its name: an update that replaces the file
    /// in the middle of a sweep must not mix two versions.
    pub fn this_program() -> Self {
        Self { program: PathBuf::from("/proc/self/exe"), arguments: vec!["reader".to_owned()] }
    }
}

/// How a reader ended when it should not have.
#[derive(Debug)]
pub enum Death {
    /// No word within the time limit; it was killed.
    Hung(Duration),
    /// It ended by itself.
    Ended(Option<ExitStatus>),
    /// It sent something that is no message.
    Garbled(io::Error),
}

impl Death {
    /// The fault reason it becomes.
    pub fn reason(&self) -> FaultReason {
        match self {
            Self::Hung(_) => FaultReason::Timeout,
            Self::Ended(Some(status)) if status.signal() == Some(rustix::process::Signal::XCPU.as_raw()) => {
                FaultReason::Cpu
            }
            Self::Ended(_) | Self::Garbled(_) => FaultReason::Crash,
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hung(limit) => write!(
                f,
                "no page within limits.page_wall_seconds = {}; raise that key to wait longer",
                limit.as_secs()
            ),
            Self::Ended(Some(status)) if self.reason() == FaultReason::Cpu => {
                write!(f, "over limits.slice_cpu_seconds ({status}); raise that key to read on")
            }
            Self::Ended(Some(status)) => write!(f, "the reader died: {status}"),
            Self::Ended(None) => f.write_str("the reader died"),
            Self::Garbled(error) => write!(f, "the reader sent no message: {error}"),
        }
    }
}

/// A running reader.
#[derive(Debug)]
pub struct ReaderProcess {
    child: Child,
    channel: Channel,
    stamps: ReaderStamps,
    served: u32,
    patience: Duration,
}

impl ReaderProcess {
    /// Starts a reader and waits until it is ready.
    pub fn start(command: &ReaderCommand, settings: &Settings) -> anyhow::Result<Self> {
        let (here, there) = UnixStream::pair().context("cannot make a socket pair for a reader")?;
        let child = Command::new(&command.program)
            .args(&command.arguments)
            .env_clear()
            // A Ctrl-C at the terminal is for the sweep, which then ends its readers in order.
            .process_group(0)
            // Tesseract's threads fight each other: measured 3.1 times the CPU at the default.
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::from(OwnedFd::from(there)))
            .stdout(Stdio::null())
            // Native libraries chatter, and what they say may quote documents.
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start a reader ({})", command.program.display()))?;
        let patience = Duration::from_secs(settings.limits.page_wall_seconds);
        here.set_read_timeout(Some(Duration::from_secs(settings.limits.start_wall_seconds)))?;
        here.set_write_timeout(Some(patience))?;
        let channel = Channel::new(here, settings.limits.message_bytes);
        let mut process = Self { child, channel, stamps: ReaderStamps::default(), served: 0, patience };
        // Zones and targets are no business of a reader.
        let told = Settings { zone: Vec::new(), target: Vec::new(), ..settings.clone() };
        let hello = process.channel.send(&Request::Start(Box::new(told))).and_then(|()| process.channel.receive());
        match hello {
            Ok(Reply::Ready(stamps)) => {
                process.stamps = stamps;
                process.channel.stream().set_read_timeout(Some(patience))?;
            }
            Ok(Reply::CannotStart(why)) => bail!("reading cannot start: {why}"),
            Ok(_) => bail!("a reader spoke out of turn at its start"),
            Err(error) if is_timeout(error.kind()) => {
                bail!(
                    "a reader did not start within limits.start_wall_seconds = {}",
                    settings.limits.start_wall_seconds
                )
            }
            Err(error) => bail!("a reader did not start: {}", process.death(error.kind())),
        }
        Ok(process)
    }

    /// A handle that kills it from another thread, which its number could not do safely: numbers are used again.
    pub fn handle(&self) -> io::Result<OwnedFd> {
        let pid = Pid::from_child(&self.child);
        Ok(pidfd_open(pid, PidfdFlags::empty())?)
    }

    /// What it reads with.
    pub fn stamps(&self) -> &ReaderStamps {
        &self.stamps
    }

    /// Slices served so far.
    pub fn served(&self) -> u32 {
        self.served
    }

    /// Has a slice read; every reply but the last goes to `take`, the last ([`Reply::Done`]) too.
    pub fn read(&mut self, request: SliceRequest, file: &File, mut take: impl FnMut(Reply)) -> Result<(), Death> {
        self.served += 1;
        if let Err(error) = self.channel.send_with(&Request::Read(request), Some(file)) {
            return Err(self.death(error.kind()));
        }
        loop {
            match self.channel.receive::<Reply>() {
                Ok(reply) => {
                    let last = matches!(reply, Reply::Done(_));
                    take(reply);
                    if last {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(Death::Garbled(error)),
                Err(error) => return Err(self.death(error.kind())),
            }
        }
    }

    /// Finds out how it died. One that only hangs is killed when it is dropped.
    fn death(&mut self, kind: io::ErrorKind) -> Death {
        if is_timeout(kind) {
            return Death::Hung(self.patience);
        }
        // It may have closed its socket and live on; killing one that has ended changes nothing.
        let _ = self.child.kill();
        Death::Ended(self.child.wait().ok())
    }
}

/// What the system answers when a time limit on a socket has passed.
fn is_timeout(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

impl Drop for ReaderProcess {
    fn drop(&mut self) {
        // Killing one that has ended is an error of no consequence; waiting leaves no zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
