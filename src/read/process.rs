//! One reader process as the sweep sees it: started, fed with slices, watched by the clock, and killed when it must be.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{MemfdFlags, OFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};

use super::lock::Held;
use super::protocol::{Channel, ReaderStamps, Reply, Request};
use super::prove::{Attempt, Targets};
use super::sandbox;
use crate::config::{Layer, Limits, Settings};
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

/// What a slice cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// CPU time inside the OCR engine, milliseconds, as the reader says.
    pub engine_ms: u64,
    /// CPU time in all, milliseconds, as the system says; 0 where it does not.
    pub cpu_ms: u64,
    /// Peak resident memory of the reader so far, KiB, as the system says; 0 where it does not.
    pub peak_kib: u64,
}

/// How a reader ended when it should not have.
#[derive(Debug)]
pub enum Death {
    /// No word within the time limit; it was killed.
    Hung(Duration),
    /// It ended by itself.
    Ended(Option<ExitStatus>),
    /// It ended by itself because it got no memory.
    OutOfMemory(ExitStatus),
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
            Self::OutOfMemory(_) => FaultReason::Memory,
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
            Self::OutOfMemory(status) if status.signal() == Some(Signal::KILL.as_raw()) => {
                write!(
                    f,
                    "the reader was killed by the system ({status}), as it does when the machine's memory runs out"
                )
            }
            Self::OutOfMemory(status) => {
                write!(f, "over limits.reader_memory_mib ({status}); raise that key to read on")
            }
            // Native libraries that get no memory often end without a word.
            Self::Ended(Some(status)) if status.signal().is_some() => {
                write!(f, "the reader died: {status}; it may have wanted more than limits.reader_memory_mib gives")
            }
            Self::Ended(Some(status)) => write!(f, "the reader died: {status}"),
            Self::Ended(None) => f.write_str("the reader died"),
            Self::Garbled(error) => write!(f, "the reader sent no message: {error}"),
        }
    }
}

/// Why a reader did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It says itself that it cannot work here: trying again changes nothing.
    #[error("reading cannot start: {0}")]
    Refused(String),
    /// The system was short of something, or it took too long: the next try may succeed.
    #[error("a reader did not start: {0:#}")]
    Failed(#[from] anyhow::Error),
}

/// A running reader.
#[derive(Debug)]
pub struct ReaderProcess {
    child: Child,
    /// What it and its libraries say on standard error; looked at for one thing only, never shown.
    said: File,
    channel: Channel,
    stamps: ReaderStamps,
    held: Vec<Held>,
    served: u32,
    /// CPU time that it had used when it died, milliseconds.
    lost_ms: u64,
    patience: Duration,
}

impl ReaderProcess {
    /// Starts a reader with all its locks and waits until it is ready.
    pub fn start(command: &ReaderCommand, settings: &Settings) -> Result<Self, StartError> {
        Self::start_with(command, settings, &Layer::ALL)
    }

    /// Starts a reader that is held by `layers` alone: for the proof, which shows what each of them is good for, and for the
    /// benchmark of what they cost.
    pub fn start_with(command: &ReaderCommand, settings: &Settings, layers: &[Layer]) -> Result<Self, StartError> {
        let mut process = Self::spawn(command, settings)?;
        process.greet_with(settings, layers)?;
        Ok(process)
    }

    /// Tells it its settings and waits until it is ready.
    pub fn greet(&mut self, settings: &Settings) -> Result<(), StartError> {
        self.greet_with(settings, &Layer::ALL)
    }

    fn greet_with(&mut self, settings: &Settings, layers: &[Layer]) -> Result<(), StartError> {
        // Zones, targets and names of the house are no business of a reader.
        let none = Settings { zone: Vec::new(), target: Vec::new(), keyword_list: Vec::new(), ..settings.clone() };
        let told = Settings { relevel: Vec::new(), policy: Vec::new(), ..none };
        let start = Request::Start(Box::new(told), layers.to_vec());
        let hello = self.channel.send(&start).and_then(|()| self.channel.receive());
        match hello {
            Ok(Reply::Ready(stamps, held)) => (self.stamps, self.held) = (stamps, held),
            Ok(Reply::CannotStart(why)) => return Err(StartError::Refused(why)),
            Ok(_) => return Err(anyhow::anyhow!("it spoke out of turn").into()),
            Err(error) if is_timeout(error.kind()) => {
                let seconds = settings.limits.start_wall_seconds;
                return Err(anyhow::anyhow!("it took more than limits.start_wall_seconds = {seconds}").into());
            }
            Err(error) => return Err(anyhow::anyhow!("{}", self.death(error.kind())).into()),
        }
        Ok(self.channel.set_patience(self.patience).map_err(anyhow::Error::from)?)
    }

    /// Starts the process; it waits for [`ReaderProcess::greet`].
    pub fn spawn(command: &ReaderCommand, settings: &Settings) -> anyhow::Result<Self> {
        let (here, there) = UnixStream::pair().context("cannot make a socket pair for a reader")?;
        let said = memfd_create()?;
        // What others left open for us is no business of a reader.
        close_fds::CloseFdsBuilder::new().cloexecfrom(FIRST_BEHIND_STREAMS);
        let child = Command::new(&command.program)
            .args(&command.arguments)
            .env_clear()
            // A Ctrl-C at the terminal is for the sweep, which then ends its readers in order.
            .process_group(0)
            // Tesseract's threads fight each other: measured 3.1 times the CPU at the default.
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::from(OwnedFd::from(there)))
            .stdout(Stdio::null())
            // Native libraries chatter, and what they say may quote documents: it stays in memory.
            .stderr(Stdio::from(said.try_clone()?))
            .spawn()
            .with_context(|| format!("cannot start a reader ({})", command.program.display()))?;
        let patience = Duration::from_secs(settings.limits.page_wall_seconds);
        let mut channel = Channel::new(here, settings.limits.message_bytes);
        channel.set_patience(Duration::from_secs(settings.limits.start_wall_seconds))?;
        Ok(Self {
            child,
            said,
            channel,
            stamps: ReaderStamps::default(),
            held: Vec::new(),
            served: 0,
            lost_ms: 0,
            patience,
        })
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

    /// What holds it.
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// Has it try every way out.
    pub fn prove(&mut self, targets: &Targets) -> Result<Vec<Attempt>, Death> {
        match self.channel.send(&Request::Prove(targets.clone())).and_then(|()| self.channel.receive()) {
            Ok(Reply::Proof(attempts)) => Ok(attempts),
            Ok(_) => Err(Death::Garbled(io::Error::other("it spoke out of turn"))),
            Err(error) => Err(self.death(error.kind())),
        }
    }

    /// Slices served so far.
    pub fn served(&self) -> u32 {
        self.served
    }

    /// Memory that it holds, MiB; 0 where the system does not tell.
    pub fn memory_mib(&self) -> u64 {
        sandbox::memory_kib(&self.child.id().to_string()) / 1024
    }

    /// Has a slice read or unpacked; every reply but the last ([`Reply::Done`]) goes to `take`, which says whether it came in its turn.
    /// One that did not comes from a reader that its input has taken over. A death comes with the CPU time that the slice has
    /// used until then, milliseconds.
    pub fn read(
        &mut self,
        request: &Request,
        file: &File,
        limits: &Limits,
        take: impl FnMut(Reply) -> bool,
    ) -> Result<Cost, (Death, u64)> {
        self.served += 1;
        let pid = Pid::from_child(&self.child);
        let before = sandbox::cpu_of(pid);
        let replies = sandbox::before_slice(pid, before, limits)
            .map_err(rustix::io::Errno::kind)
            .and_then(|()| self.channel.send_with(request, Some(file)).map_err(|error| error.kind()));
        let outcome = match replies {
            Ok(()) => self.replies(before, take),
            Err(kind) => Err(self.death(kind)),
        };
        outcome.map_err(|death| (death, self.lost_ms.saturating_sub(before)))
    }

    /// Takes replies to their end.
    fn replies(&mut self, before: u64, mut take: impl FnMut(Reply) -> bool) -> Result<Cost, Death> {
        let pid = Pid::from_child(&self.child);
        loop {
            match self.channel.receive::<Reply>() {
                Ok(Reply::Done { engine_ms }) => {
                    let cpu_ms = sandbox::cpu_of(pid).saturating_sub(before);
                    let peak_kib = sandbox::peak_kib(&self.child.id().to_string());
                    return Ok(Cost { engine_ms: engine_ms.min(cpu_ms), cpu_ms, peak_kib });
                }
                Ok(reply) => {
                    if !take(reply) {
                        self.lost_ms = sandbox::cpu_of(pid);
                        return Err(Death::Garbled(io::Error::other("it spoke out of turn")));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.lost_ms = sandbox::cpu_of(pid);
                    return Err(Death::Garbled(error));
                }
                Err(error) => return Err(self.death(error.kind())),
            }
        }
    }

    /// Finds out how it died. One that only hangs is killed when it is dropped.
    fn death(&mut self, kind: io::ErrorKind) -> Death {
        self.lost_ms = sandbox::cpu_of(Pid::from_child(&self.child));
        if is_timeout(kind) {
            return Death::Hung(self.patience);
        }
        // It may have closed its socket and live on; then we kill it, and what killed it is not the lack of memory.
        let by_itself = self.ends_soon();
        // One that has ended and was not waited for still says what it has used.
        self.lost_ms = sandbox::cpu_of(Pid::from_child(&self.child));
        let _ = self.child.kill();
        match self.child.wait() {
            Ok(status) if by_itself && self.wanted_memory(status) => Death::OutOfMemory(status),
            status => Death::Ended(status.ok()),
        }
    }

    /// Whether it ends by itself within a moment.
    fn ends_soon(&self) -> bool {
        let Ok(handle) = self.handle() else { return false };
        let moment = Timespec { tv_sec: 2, tv_nsec: 0 };
        poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&moment)).is_ok_and(|ended| ended > 0)
    }

    /// Whether it ended for want of memory: the system killed it, or it gave up with the words of an allocator.
    fn wanted_memory(&self, status: ExitStatus) -> bool {
        let mut said = vec![0; sandbox::SAID_BYTES];
        let length = self.said.read_at(&mut said, 0).unwrap_or_default();
        let said = String::from_utf8_lossy(&said[..length]).into_owned();
        let in_words = OUT_OF_MEMORY.iter().any(|words| said.contains(words));
        status.signal() == Some(Signal::KILL.as_raw()) || (!status.success() && in_words)
    }
}

/// Standard input, output and error come before it.
const FIRST_BEHIND_STREAMS: i32 = 3;

/// What Rust, the C++ library and common C code say before they end a process that got no memory.
const OUT_OF_MEMORY: [&str; 4] = ["memory allocation of", "bad_alloc", "ut of memory", "Cannot allocate memory"];

/// A file in memory, written at its end whoever writes.
fn memfd_create() -> io::Result<File> {
    let file = rustix::fs::memfd_create("reader stderr", MemfdFlags::CLOEXEC)?;
    rustix::fs::fcntl_setfl(&file, OFlags::APPEND)?;
    Ok(File::from(file))
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
