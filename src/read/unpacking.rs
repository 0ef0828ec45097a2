//! The sweep's side of unpacking: takes the members of a container from its reader and lays each down until it is read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::believe::believable;
use super::pool::{Content, Event, Shared};
use super::process::{Death, StartError};
use super::protocol::{MembersRequest, Reply, Request};
use super::spool::Spooling;
use super::worker::{Worker, given_up};
use crate::finding::{Fault, FaultReason};

/// Members of a content that a reader unpacks at a time.
#[derive(Debug)]
pub(super) struct MemberSlice {
    pub(super) content: Arc<Content>,
    /// Number of the first.
    pub(super) from: u32,
    /// This is the one retry.
    pub(super) retry: bool,
}

impl Worker<'_> {
    /// Unpacks a slice; an error means that no reader can be started.
    pub(super) fn unpack(&mut self, slice: &MemberSlice) -> Result<(), StartError> {
        let (shared, ticket) = (self.shared, slice.content.ticket);
        let limits = &shared.settings.limits;
        if let Some(fault) = given_up(&slice.content.lock(), limits) {
            shared.send(Event::Fault(ticket, fault));
            return Ok(());
        }
        let unpacked = slice.content.lock().unpacked;
        let kind = slice.content.kind.clone();
        let request = Request::Unpack(MembersRequest {
            content: ticket,
            kind,
            from: slice.from,
            unpacked,
            below: slice.content.below.so_far(),
            room: shared.spool.slice(shared.readers().len()),
        });
        let process = self.reader(slice.content.ticket)?;
        let mut taking =
            Taking { shared, slice, next: slice.from, opened: false, current: None, more: None, ended: false };
        let begun = Instant::now();
        let left = Duration::from_secs(limits.content_wall_seconds).saturating_sub(slice.content.lock().wall);
        let outcome =
            process.read(&request, &slice.content.file, limits, |reply| begun.elapsed() <= left && taking.take(reply));
        let mut progress = slice.content.lock();
        progress.wall += begun.elapsed();
        progress.cpu_ms += outcome.as_ref().map_or_else(|(_, cpu_ms)| *cpu_ms, |cost| cost.cpu_ms);
        drop(progress);
        match outcome {
            Ok(cost) => {
                let cut = Fault::whole(FaultReason::Crash, "the reader was done before its end");
                taking.end_current(Some(cut));
                if let Some(from) = taking.more {
                    shared.push_members(&slice.content, from, false);
                }
                shared.send(Event::Served(cost));
            }
            Err((death, _)) => {
                self.process = None;
                taking.bury(&death);
            }
        }
        Ok(())
    }
}

/// What has come of a slice so far.
struct Taking<'a> {
    shared: &'a Shared,
    slice: &'a MemberSlice,
    /// Number of the next member.
    next: u32,
    opened: bool,
    /// The one that is being unpacked.
    current: Option<Spooling>,
    /// Where the next slice begins, if there is one.
    more: Option<u32>,
    /// The last word was said.
    ended: bool,
}

impl Taking<'_> {
    /// Takes a reply; false if it did not come in its turn.
    fn take(&mut self, reply: Reply) -> bool {
        let ticket = self.slice.content.ticket;
        if !believable(&reply) || self.ended {
            return false;
        }
        let limits = &self.shared.settings.limits;
        let in_turn = |ordinal: u32, next: u32| ordinal == next && ordinal <= limits.members;
        match reply {
            Reply::Opened(_) if !self.opened => self.opened = true,
            Reply::Failed(fault) if !self.opened => {
                self.ended = true;
                self.shared.send(Event::Fault(ticket, fault));
            }
            _ if !self.opened => return false,
            Reply::Member { ordinal, name } if self.current.is_none() && in_turn(ordinal, self.next) => {
                self.next = ordinal.saturating_add(1);
                self.slice.content.below.member();
                self.current = Some(self.shared.spool.begin(ordinal, name));
            }
            Reply::Bytes(bytes) if !bytes.is_empty() => {
                let Some(current) = &mut self.current else { return false };
                // An honest reader stops a message before either limit.
                if current.size() > limits.file_bytes {
                    return false;
                }
                current.write(&bytes);
                if !self.slice.content.below.bytes(bytes.len() as u64, limits) {
                    return false;
                }
                let most = limits.members_bytes.saturating_add(bytes.len() as u64);
                let mut progress = self.slice.content.lock();
                progress.unpacked = progress.unpacked.saturating_add(bytes.len() as u64);
                return progress.unpacked <= most;
            }
            Reply::MemberEnd(fault) if self.current.is_some() => self.end_current(fault),
            Reply::Unreadable { ordinal, name, fault } if self.current.is_none() && in_turn(ordinal, self.next) => {
                self.next = ordinal.saturating_add(1);
                self.slice.content.below.member();
                self.shared.send(Event::MemberFault(ticket, ordinal, name, fault));
            }
            Reply::MembersFault(fault) => {
                self.ended = true;
                self.end_current(Some(fault.clone()));
                self.shared.send(Event::Fault(ticket, fault));
            }
            Reply::MembersMore(from) if self.current.is_none() && from == self.next && from > self.slice.from => {
                self.ended = true;
                self.more = Some(from);
            }
            _ => return false,
        }
        true
    }

    /// Hands the member on that was begun.
    fn end_current(&mut self, fault: Option<Fault>) {
        let Some(current) = self.current.take() else { return };
        let ticket = self.slice.content.ticket;
        self.shared.send(match current.end(fault) {
            Ok(unpacked) => Event::Member(ticket, Box::new(unpacked)),
            Err((ordinal, name, fault)) => Event::MemberFault(ticket, ordinal, name, fault),
        });
    }

    /// What follows from a reader's death: one retry from the member that it died on, then a fault; the others go on.
    fn bury(&mut self, death: &Death) {
        if self.shared.lock().abandoned {
            return;
        }
        let content = &self.slice.content;
        content.lock().crashes += 1;
        let fault = Fault::whole(death.reason(), death.to_string());
        let died_on = self.current.as_ref().map(Spooling::ordinal);
        if !self.slice.retry {
            self.current = None;
            return self.shared.push_members(content, died_on.unwrap_or(self.next), true);
        }
        match died_on {
            Some(ordinal) => {
                self.end_current(Some(fault));
                self.shared.push_members(content, ordinal.saturating_add(1), false);
            }
            // It died before it said which: the next one is given up, the others go on.
            None if self.opened => {
                let name = format!("member {}", self.next);
                self.shared.send(Event::MemberFault(content.ticket, self.next, name, fault));
                self.shared.push_members(content, self.next.saturating_add(1), false);
            }
            None => {
                let detail = format!("the documents inside it: {}", fault.detail);
                self.shared.send(Event::Fault(content.ticket, Fault { detail, ..fault }));
            }
        }
    }
}
