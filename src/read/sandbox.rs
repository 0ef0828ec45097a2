//! What holds a reader down: its memory, its CPU time, and that it does not outlive the sweep.
//!
//! The order matters: libraries and models are loaded first, then the reader is limited, and nothing is opened by path
//! afterwards. That last property is what lets the reader be cut off from files and sockets altogether.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit};

use crate::config::Limits;

/// Bytes that a reader may write to files, which is standard error alone: it is kept in memory.
pub const SAID_BYTES: usize = 64 << 10;

/// Called first thing in a reader: die with the sweep, leave no core file (it would hold document text), fill no file.
pub fn at_start() -> std::io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // Past the limit a write fails instead of killing us.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    let bytes = Some(SAID_BYTES as u64);
    Ok(setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: bytes })?)
}

/// Called before each page: what libraries said about the one before makes room.
pub fn before_page() {
    // Where standard error is no file of ours there is nothing to make room in.
    let _ = rustix::fs::ftruncate(std::io::stderr(), 0);
}

/// Called when everything is loaded: bounds memory for good.
pub fn after_loading(limits: &Limits) -> rustix::io::Result<()> {
    let bytes = limits.reader_memory_mib.saturating_mul(1 << 20);
    setrlimit(Resource::As, Rlimit { current: Some(bytes), maximum: Some(bytes) })
}

/// Called before each slice: the kernel kills the reader (SIGXCPU) when it has used `limits.slice_cpu_seconds` more.
pub fn before_slice(limits: &Limits) -> rustix::io::Result<()> {
    let used = cpu_milliseconds() / 1000;
    let current = used.saturating_add(1).saturating_add(limits.slice_cpu_seconds);
    setrlimit(Resource::Cpu, Rlimit { current: Some(current), maximum: getrlimit(Resource::Cpu).maximum })
}

/// CPU time this process has used, milliseconds.
pub fn cpu_milliseconds() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(used.tv_sec * 1000 + used.tv_nsec / 1_000_000).unwrap_or_default()
}

/// Peak resident memory of a process (this one: `self`), KiB; 0 where /proc does not tell.
pub fn peak_kib(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or_default()
}
