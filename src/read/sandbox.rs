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

/// CPU time that processes started by this one have used, milliseconds: those that have ended and were waited for. 0 where
/// /proc does not tell.
pub fn children_cpu_milliseconds() -> u64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold anything, `cutime` and `cstime` are the 14th and 15th fields (proc_pid_stat(5)).
    let fields = status.rsplit_once(')').map(|(_, rest)| rest.split_whitespace()).into_iter().flatten();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks * 1000 / rustix::param::clock_ticks_per_second().max(1)
}

/// Peak resident memory of a process (this one: `self`), KiB; 0 where /proc does not tell.
pub fn peak_kib(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_child_counts_when_it_has_ended() {
        let before = children_cpu_milliseconds();
        let spin = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        assert!(std::process::Command::new("sh").args(["-c", spin]).status().expect("a shell").success());
        assert!(children_cpu_milliseconds() > before);
    }
}
