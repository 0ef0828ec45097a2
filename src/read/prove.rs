//! The proof: what a reader that was taken over would try, tried in a real reader. `misfile doctor --prove` prints what
//! came of it.
//!
//! An attempt counts as refused only if the system says so (EPERM, EACCES). Anything else, an address that does not answer
//! among it, means that the attempt got past the locks.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};

use rustix::net::{AddressFamily, SendFlags, SocketAddrUnix, SocketType, connect, sendto, socket};
use rustix::process::{Pid, getppid, test_kill_process};
use serde::{Deserialize, Serialize};

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// What was tried.
    pub what: String,
    /// Whether the system refused it.
    pub refused: bool,
    /// What the system said.
    pub said: String,
}

/// A way out.
type Way = (&'static str, fn() -> io::Result<()>);

/// Every way out that is tried.
const WAYS: &[Way] = &[
    ("open /etc/passwd", || File::open("/etc/passwd").map(drop)),
    ("open the memory of the sweep", open_parent_memory),
    ("list the root folder", || std::fs::read_dir("/").map(drop)),
    ("create a file", create_file),
    ("connect by TCP", connect_tcp),
    ("send by UDP", || send_udp(DISCARD)),
    ("connect to a local socket", connect_unix),
    ("ask a DNS server", || send_udp(DNS)),
    ("start a process", start_process),
    ("signal the sweep", || Ok(test_kill_process(parent()?)?)),
];

/// The port of this machine at which nobody is meant to listen (RFC 863).
const DISCARD: u16 = 9;
/// The port at which a resolver asks (RFC 1035).
const DNS: u16 = 53;

/// Tries everything once, in this process.
pub fn attempt_all() -> Vec<Attempt> {
    let attempt = |(what, way): &Way| {
        let outcome = way();
        let refused = outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
        let said = outcome.map_or_else(|error| error.to_string(), |()| "it succeeded".to_owned());
        Attempt { what: (*what).to_owned(), refused, said }
    };
    WAYS.iter().map(attempt).collect()
}

fn parent() -> io::Result<Pid> {
    getppid().ok_or_else(|| io::ErrorKind::NotFound.into())
}

fn open_parent_memory() -> io::Result<()> {
    File::open(format!("/proc/{}/mem", parent()?.as_raw_pid())).map(drop)
}

/// Leaves nothing behind where it succeeds: the file has no name.
fn create_file() -> io::Result<()> {
    let nameless = rustix::fs::OFlags::TMPFILE.bits().cast_signed();
    OpenOptions::new().write(true).custom_flags(nameless).open("/tmp").map(drop)
}

fn here(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
}

/// To this machine itself: what is shown is that the call is refused, and where it is not, nothing leaves.
fn connect_tcp() -> io::Result<()> {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    Ok(connect(socket, &here(DISCARD))?)
}

fn send_udp(port: u16) -> io::Result<()> {
    let socket = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    sendto(socket, &[0], SendFlags::NOSIGNAL, &here(port))?;
    Ok(())
}

fn connect_unix() -> io::Result<()> {
    let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    Ok(connect(socket, &SocketAddrUnix::new("/dev/log")?)?)
}

fn start_process() -> io::Result<()> {
    let status = Command::new("/bin/true").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_locks_nothing_is_refused_that_is_not_a_socket() {
        // Of sockets it says nothing: the machine that runs this may forbid them.
        let free = attempt_all();
        assert_eq!(free.len(), WAYS.len());
        for what in ["open /etc/passwd", "list the root folder", "create a file", "start a process", "signal the sweep"]
        {
            let attempt = free.iter().find(|attempt| attempt.what == what).expect("tried");
            assert_eq!(attempt.said, "it succeeded", "{what}");
        }
    }
}
