//! The proof: what a reader that was taken over would try, tried in a real reader. `misfile doctor --prove` prints what
//! came of it.
//!
//! An attempt counts as refused only if the system says so (EPERM, EACCES). Anything else, an address that does not answer
//! among it, means that the attempt got past the locks.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::net::{
    AddressFamily, SendFlags, SocketAddrUnix, SocketType, bind, connect, getsockname, listen, sendto, socket,
};
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

/// Where the attempts go: places that are there, so that without locks they succeed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Targets {
    /// A TCP port of this machine at which somebody listens.
    pub port: u16,
    /// A folder of its own, with a listening socket and a file for each attempt in it.
    pub folder: PathBuf,
}

/// Names inside [`Targets::folder`].
const SOCKET: &str = "socket";
const VICTIMS: [&str; 2] = ["delete", "rename"];

impl Targets {
    /// Makes the places. The sockets listen as long as they are kept.
    pub fn make(folder: &Path) -> io::Result<(Self, [OwnedFd; 2])> {
        let listener = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        bind(&listener, &here(0))?;
        let port = SocketAddrV4::try_from(getsockname(&listener)?)?.port();
        let local = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        bind(&local, &SocketAddrUnix::new(folder.join(SOCKET))?)?;
        for listener in [&listener, &local] {
            listen(listener, 8)?;
        }
        let targets = Self { port, folder: folder.to_owned() };
        targets.renew()?;
        Ok((targets, [listener, local]))
    }

    /// Puts back what attempts that succeeded have changed.
    pub fn renew(&self) -> io::Result<()> {
        VICTIMS.iter().try_for_each(|name| std::fs::write(self.folder.join(name), []))
    }
}

/// A way out.
type Way = (&'static str, fn(&Targets) -> io::Result<()>);

/// Every way out that is tried. Executable memory and the calls that need `unsafe` are not among them; the filter's list is
/// tested against their names.
const WAYS: &[Way] = &[
    ("open /etc/passwd", |_| File::open("/etc/passwd").map(drop)),
    ("open the memory of the sweep", |_| open_parent_memory()),
    ("list the root folder", |_| std::fs::read_dir("/").map(drop)),
    ("create a file", |_| create_file()),
    ("delete a file", |targets| std::fs::remove_file(targets.folder.join(VICTIMS[0]))),
    ("rename a file", |targets| std::fs::rename(targets.folder.join(VICTIMS[1]), targets.folder.join("renamed"))),
    ("connect by TCP", |targets| connect_tcp(targets.port)),
    ("send by UDP", |_| send_udp(DISCARD)),
    ("connect to a local socket", |targets| connect_unix(&targets.folder.join(SOCKET))),
    ("ask a DNS server", |_| send_udp(DNS)),
    ("ask the kernel by netlink", |_| Ok(socket(AddressFamily::NETLINK, SocketType::RAW, None).map(drop)?)),
    ("start a process", |_| start_process()),
    ("start a thread", |_| start_thread()),
    ("signal the sweep", |_| Ok(test_kill_process(parent()?)?)),
];

/// The port of this machine at which nobody is meant to listen (RFC 863).
const DISCARD: u16 = 9;
/// The port at which a resolver asks (RFC 1035).
const DNS: u16 = 53;

/// Whether this process is refused an outward socket; the error is of one that fails for another reason.
pub fn is_locked() -> io::Result<bool> {
    match socket(AddressFamily::INET, SocketType::STREAM, None).map_err(io::Error::from) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(true),
        outcome => outcome.map(|_| false),
    }
}

/// Tries everything once, in this process.
pub fn attempt_all(targets: &Targets) -> Vec<Attempt> {
    let attempt = |(what, way): &Way| {
        let outcome = way(targets);
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
fn connect_tcp(port: u16) -> io::Result<()> {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    Ok(connect(socket, &here(port))?)
}

fn send_udp(port: u16) -> io::Result<()> {
    let socket = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    sendto(socket, &[0], SendFlags::NOSIGNAL, &here(port))?;
    Ok(())
}

fn connect_unix(path: &Path) -> io::Result<()> {
    let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    Ok(connect(socket, &SocketAddrUnix::new(path)?)?)
}

fn start_thread() -> io::Result<()> {
    // Nothing of it outlives the attempt.
    std::thread::Builder::new().spawn(|| {})?.join().map_err(|_| io::Error::other("it failed"))
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
        let folder = tempfile::tempdir().expect("temporary folder");
        let targets = Targets { port: DISCARD, folder: folder.path().to_owned() };
        targets.renew().expect("written");
        let free = attempt_all(&targets);
        assert_eq!(free.len(), WAYS.len());
        for what in [
            "open /etc/passwd",
            "list the root folder",
            "create a file",
            "delete a file",
            "rename a file",
            "start a process",
            "start a thread",
            "signal the sweep",
        ] {
            let attempt = free.iter().find(|attempt| attempt.what == what).expect("tried");
            assert_eq!(attempt.said, "it succeeded", "{what}");
        }
    }
}
