//! The reader's side of unpacking: hands the documents inside a document to the sweep, a bounded number at a time.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::protocol::{Channel, MembersRequest, Reply};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::{Document, Members};

/// Bytes of one message.
const CHUNK: usize = 1 << 18;

/// Longest name that is kept, characters.
const NAME: usize = 1000;

/// Unpacked bytes below which nobody asks what they were packed into.
const HARMLESS: u64 = 64 << 20;

/// Sends the members of a document from the one that is asked for on, as many as fit into one slice.
pub(super) fn members(
    channel: &mut Channel,
    limits: &Limits,
    request: &MembersRequest,
    document: &dyn Document,
    packed: u64,
) -> io::Result<()> {
    let expansion = packed.saturating_mul(limits.expansion).max(HARMLESS);
    let mut outlet =
        Outlet { channel, limits, request, expansion, next: 1, sent: 0, bytes: 0, stopped: false, failed: None };
    let found = document.members(&mut outlet);
    let (failed, stopped, next) = (outlet.failed.take(), outlet.stopped, outlet.next);
    match (failed, found) {
        (Some(error), _) => Err(error),
        // The last word was said.
        (None, _) if stopped => Ok(()),
        (None, Err(fault)) => channel.send(&Reply::MembersFault(fault)),
        (None, Ok(())) if next < request.from => {
            let detail = "it holds fewer documents than it did when it was opened before";
            channel.send(&Reply::MembersFault(Fault::whole(FaultReason::Damaged, detail)))
        }
        (None, Ok(())) => Ok(()),
    }
}

struct Outlet<'a> {
    channel: &'a mut Channel,
    limits: &'a Limits,
    request: &'a MembersRequest,
    /// Bytes that the whole container may unpack to.
    expansion: u64,
    /// Number of the next member.
    next: u32,
    /// Members of this slice, and their bytes.
    sent: u64,
    bytes: u64,
    /// The last word was said.
    stopped: bool,
    /// The socket broke.
    failed: Option<io::Error>,
}

impl Outlet<'_> {
    /// Counts a member; none if it is of another slice, or over a limit.
    fn take(&mut self) -> Result<u32, ControlFlow<()>> {
        let ordinal = self.next;
        self.next += 1;
        if ordinal < self.request.from {
            return Err(ControlFlow::Continue(()));
        }
        if ordinal > self.limits.members {
            let fault = Fault::limit("members", self.limits.members, "more of them");
            return Err(self.end(&Reply::MembersFault(fault)));
        }
        if self.request.below.0.saturating_add(self.sent) >= self.limits.members_below as u64 {
            let seen = "that many documents, or more, at all depths of one file";
            let fault = Fault::limit("members_below", self.limits.members_below, seen);
            return Err(self.end(&Reply::MembersFault(fault)));
        }
        let (members, bytes) = self.request.room;
        let full = self.sent >= members.max(1) || self.bytes > bytes;
        if full {
            return Err(self.end(&Reply::MembersMore(ordinal)));
        }
        self.sent += 1;
        Ok(ordinal)
    }

    /// Sends the last word.
    fn end(&mut self, reply: &Reply) -> ControlFlow<()> {
        self.stopped = true;
        let _ = self.say(reply);
        ControlFlow::Break(())
    }

    fn say(&mut self, reply: &Reply) -> ControlFlow<()> {
        match self.channel.send(reply) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// Sends bytes to their end, an error or a limit; whether the container may give more.
    fn copy(&mut self, bytes: &mut dyn Read) -> ControlFlow<(), (Option<Fault>, bool)> {
        let (mut chunk, mut size) = (vec![0; CHUNK.min(self.limits.message_bytes / 2)], 0_u64);
        loop {
            let length = match bytes.read(&mut chunk) {
                Ok(0) => return ControlFlow::Continue((None, true)),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let fault =
                        Fault::whole(FaultReason::Damaged, format!("it cannot be unpacked to its end: {error}"));
                    return ControlFlow::Continue((Some(fault), true));
                }
            };
            size += length as u64;
            self.bytes += length as u64;
            if size > self.limits.file_bytes {
                let fault = Fault::limit("file_bytes", self.limits.file_bytes, "a member that unpacks to more");
                return ControlFlow::Continue((Some(fault), true));
            }
            let in_all = self.request.unpacked.saturating_add(self.bytes);
            if in_all > self.limits.members_bytes {
                let fault = Fault::limit("members_bytes", self.limits.members_bytes, "members that unpack to more");
                return ControlFlow::Continue((Some(fault), false));
            }
            if self.request.below.1.saturating_add(self.bytes) > self.limits.members_below_bytes {
                let seen = "what all containers of one file unpack to";
                let fault = Fault::limit("members_below_bytes", self.limits.members_below_bytes, seen);
                return ControlFlow::Continue((Some(fault), false));
            }
            if in_all > self.expansion {
                let seen = "members that unpack to more than that many times the size of their container";
                return ControlFlow::Continue((Some(Fault::limit("expansion", self.limits.expansion, seen)), false));
            }
            self.say(&Reply::Bytes(chunk[..length].to_vec()))?;
        }
    }
}

impl Members for Outlet<'_> {
    fn skip(&mut self) -> bool {
        let skipped = self.next < self.request.from;
        self.next += u32::from(skipped);
        skipped
    }

    fn member(&mut self, name: &str, bytes: &mut dyn Read) -> ControlFlow<()> {
        let ordinal = match self.take() {
            Ok(ordinal) => ordinal,
            Err(flow) => return flow,
        };
        self.say(&Reply::Member { ordinal, name: clean(name, ordinal) })?;
        let (fault, more) = self.copy(bytes)?;
        // What the container does not give any more is missing in it, not only in this member.
        let whole = fault.clone().filter(|_| !more);
        self.say(&Reply::MemberEnd(fault))?;
        match whole {
            Some(fault) => self.end(&Reply::MembersFault(fault)),
            None => ControlFlow::Continue(()),
        }
    }

    fn unreadable(&mut self, name: &str, fault: Fault) -> ControlFlow<()> {
        let ordinal = match self.take() {
            Ok(ordinal) => ordinal,
            Err(flow) => return flow,
        };
        self.say(&Reply::Unreadable { ordinal, name: clean(name, ordinal), fault })
    }
}

/// A name that can be part of a location: never empty, never too long, without the zeros that stand between the parts.
fn clean(name: &str, ordinal: u32) -> String {
    let name: String =
        name.trim_matches('/').chars().map(|c| if c == '\0' { '\u{fffd}' } else { c }).take(NAME).collect();
    if name.is_empty() { format!("member {ordinal}") } else { name }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "fixtures are small and made here")]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::config::Settings;
    use crate::document::Kind;
    use crate::format::PageSource;

    /// A container of members of some size.
    struct Box(Vec<(&'static str, usize)>);

    impl Document for Box {
        fn page_count(&self) -> u32 {
            0
        }

        fn page(&self, number: u32) -> Result<std::boxed::Box<dyn PageSource + '_>, Fault> {
            Err(Fault::on_page(number, FaultReason::Damaged, "there is no such page"))
        }

        fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
            for (name, size) in &self.0 {
                if out.member(name, &mut vec![b'x'; *size].as_slice()).is_break() {
                    break;
                }
            }
            Ok(())
        }
    }

    /// What is said of the members from one on, in short.
    fn said(container: &Box, limits: &Limits, from: u32, packed: u64) -> Vec<String> {
        said_with_room(container, limits, from, packed, (100, 1 << 30))
    }

    fn said_with_room(container: &Box, limits: &Limits, from: u32, packed: u64, room: (u64, u64)) -> Vec<String> {
        let (here, there) = UnixStream::pair().expect("sockets");
        let (mut here, mut there) = (Channel::new(here, 1 << 20), Channel::new(there, 1 << 20));
        let kind = Kind::new("zip");
        let request = MembersRequest { content: 1, kind, from, unpacked: 0, below: (5, 50), room };

        std::thread::scope(|scope| {
            let listening = scope.spawn(move || {
                std::iter::from_fn(|| there.receive::<Reply>().ok()).map(|reply| short(&reply)).collect::<Vec<_>>()
            });
            members(&mut here, limits, &request, container, packed).expect("sent");
            drop(here);
            listening.join().expect("no panic")
        })
    }

    fn short(reply: &Reply) -> String {
        match reply {
            Reply::Member { ordinal, name } => format!("{ordinal} {name}"),
            Reply::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Reply::MemberEnd(None) => "end".to_owned(),
            Reply::MemberEnd(Some(fault)) => format!("end: {}", fault.detail),
            Reply::MembersFault(fault) => format!("fault: {}", fault.detail),
            Reply::MembersMore(next) => format!("more from {next}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn members_come_a_slice_at_a_time_and_the_next_one_goes_on_where_it_ended() {
        let container = Box(vec![("a", 3), ("", 2), ("c\0d", 1)]);
        let limits = Settings::defaults().limits;
        let said = |from, room| said_with_room(&container, &limits, from, 10, room);
        let two = ["1 a", "3 bytes", "end", "2 member 2", "2 bytes", "end", "more from 3"];
        assert_eq!(said(1, (2, 100)), two);
        assert_eq!(said(1, (100, 4)), two);
        assert_eq!(said(3, (2, 100)), ["3 c\u{fffd}d", "1 bytes", "end"]);
    }

    #[test]
    fn a_bomb_is_cut_where_it_unpacks_to_more_than_its_size_allows() {
        let container = Box(vec![("small", 3), ("bomb", (HARMLESS + 1) as usize), ("behind", 1)]);
        let limits = Settings::defaults().limits;
        let said = said(&container, &limits, 1, 1000);
        let end = said.iter().rev().take(2).cloned().collect::<Vec<_>>();
        assert!(end.iter().all(|words| words.contains("limits.expansion = 250")), "{end:?}");
        assert!(!said.iter().any(|words| words.contains("behind")));
    }

    #[test]
    fn more_members_than_the_limit_and_members_over_the_limit_are_faults() {
        let container = Box(vec![("a", 30), ("b", 2), ("c", 1)]);
        let limits = Limits { members: 2, file_bytes: 20, ..Settings::defaults().limits };
        let said = said(&container, &limits, 1, 10);
        assert!(said[1].contains("limits.file_bytes = 20"), "{said:?}");
        assert!(said.last().expect("the last word").contains("limits.members = 2"), "{said:?}");
        let limits = Limits { members_below: 7, ..Settings::defaults().limits };
        let said = self::said(&container, &limits, 1, 10);
        assert_eq!(said[3], "2 b", "what was unpacked of other containers counts: {said:?}");
        assert!(said.last().expect("the last word").contains("limits.members_below = 7"), "{said:?}");
        let limits = Limits { members_below_bytes: 81, ..Settings::defaults().limits };
        let said = self::said(&container, &limits, 1, 10);
        assert!(said.last().expect("the last word").contains("limits.members_below_bytes = 81"), "{said:?}");
        let limits = Limits { members_bytes: 31, ..Settings::defaults().limits };
        let said = self::said(&container, &limits, 1, 10);
        assert!(said.last().expect("the last word").contains("limits.members_bytes = 31"), "{said:?}");
    }
}
