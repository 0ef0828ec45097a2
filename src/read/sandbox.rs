//! What bounds a reader: its memory, its CPU time, its descriptors, and that it does not outlive the sweep.
//!
//! The order matters: libraries and models are loaded first, then the reader is limited, and nothing is opened by path
//! afterwards. That last property is what lets [`super::lock`] cut it off from files and sockets altogether.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{
    DumpableBehavior, Pid, Resource, Rlimit, Signal, getrlimit, prlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};

use crate::config::Limits;

/// Bytes that a reader may write to files, which is standard error alone: it is kept in memory.
pub const SAID_BYTES: usize = 64 << 10;

/// Descriptors that a locked reader may have: its socket twice, two streams, a document, and a few to spare.
const DESCRIPTORS: u64 = 16;

/// Called first thing in a reader: die with the sweep, have nothing that others left open, leave no core file (it would hold
/// document text) and no memory to look into, fill no file.
pub fn at_start() -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    no_more_than_streams()?;
    setrlimit(Resource::Core, none())?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // Past the limit a write fails instead of killing us.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    let bytes = Some(SAID_BYTES as u64);
    Ok(setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: bytes })?)
}

/// The socket, standard output and standard error are all that a reader is given. The list itself takes a descriptor.
fn no_more_than_streams() -> io::Result<()> {
    let open = std::fs::read_dir("/proc/self/fd")?.count();
    match open > 4 {
        true => Err(io::Error::other(format!("{} descriptors were left open for it by others", open - 4))),
        false => Ok(()),
    }
}

fn none() -> Rlimit {
    Rlimit { current: Some(0), maximum: Some(0) }
}

/// Called before each page: what libraries said about the one before makes room.
pub fn before_page() {
    // Where standard error is no file of ours there is nothing to make room in.
    let _ = rustix::fs::ftruncate(std::io::stderr(), 0);
}

/// Called when everything is loaded: bounds memory, descriptors and processes for good.
pub fn after_loading(limits: &Limits) -> io::Result<()> {
    // A lock of the kernel's holds the thread that puts it on: one that a library started would go free.
    let threads = std::fs::read_dir("/proc/self/task")?.count();
    if threads != 1 {
        return Err(io::Error::other(format!("a library started threads: there are {threads}")));
    }
    let bytes = limits.reader_memory_mib.saturating_mul(1 << 20);
    setrlimit(Resource::As, Rlimit { current: Some(bytes), maximum: Some(bytes) })?;
    setrlimit(Resource::Nofile, Rlimit { current: Some(DESCRIPTORS), maximum: Some(DESCRIPTORS) })?;
    Ok(setrlimit(Resource::Nproc, none())?)
}

/// Called by the sweep before each slice: the kernel kills the reader (SIGXCPU) when it has used `limits.slice_cpu_seconds`
/// more than the `used` milliseconds so far. Not by the reader, which may have been taken over by its input.
pub fn before_slice(reader: Pid, used: u64, limits: &Limits) -> rustix::io::Result<()> {
    let current = (used / 1000).saturating_add(1).saturating_add(limits.slice_cpu_seconds);
    let maximum = getrlimit(Resource::Cpu).maximum;
    prlimit(Some(reader), Resource::Cpu, Rlimit { current: Some(current), maximum }).map(drop)
}

/// CPU time that a process has used, milliseconds; 0 where /proc does not tell.
pub fn cpu_of(process: Pid) -> u64 {
    // `utime` and `stime`.
    ticks_of(&process.as_raw_pid().to_string(), 11)
}

/// Two neighbouring counts of ticks in `/proc/…/stat`, the `first` one counted from behind the name of the process, which
/// may hold anything (`proc_pid_stat(5)`); milliseconds.
fn ticks_of(process: &str, first: usize) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = status.rsplit_once(')').map(|(_, rest)| rest.split_whitespace()).into_iter().flatten();
    let ticks: u64 = fields.skip(first).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks * 1000 / rustix::param::clock_ticks_per_second().max(1)
}

/// CPU time this process has used, milliseconds.
pub fn cpu_milliseconds() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(used.tv_sec * 1000 + used.tv_nsec / 1_000_000).unwrap_or_default()
}

/// CPU time that processes started by this one have used, milliseconds: those that have ended and were waited for. 0 where
/// /proc does not tell.
pub fn children_cpu_milliseconds() -> u64 {
    // `cutime` and `cstime`.
    ticks_of("self", 13)
}

/// Descriptors that a sweep may want: each document that was unpacked and waits to be read holds one.
const SWEEP_DESCRIPTORS: u64 = 65_536;

/// Lets this process have as many descriptors as the system allows it, up to what a sweep may want. With fewer it works as well as
/// it can: what finds no descriptor is a fault, and tried again. Returns how many it has.
pub(super) fn allow_descriptors() -> u64 {
    let limits = getrlimit(Resource::Nofile);
    let most = limits.maximum.map_or(SWEEP_DESCRIPTORS, |maximum| maximum.min(SWEEP_DESCRIPTORS));
    if limits.current.is_some_and(|current| current < most) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limits.maximum });
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Peak resident memory of a process (this one: `self`), KiB; 0 where /proc does not tell.
pub fn peak_kib(process: &str) -> u64 {
    status_kib(process, "VmHWM:")
}

/// Memory of a process (this one: `self`) that the system cannot take back, KiB; 0 where /proc does not tell.
pub fn memory_kib(process: &str) -> u64 {
    status_kib(process, "RssAnon:")
}

fn status_kib(process: &str, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
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
