//! A worker: one thread and the reader process it feeds; what happens when the reader does not start, or dies.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::pool::{Event, Shared, Slice};
use super::process::{Death, ReaderProcess, StartError};
use super::protocol::{Reply, SliceRequest};
use crate::finding::{Fault, FaultReason};

/// How long to wait before a reader is started a second time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// One thread and the reader process it feeds.
pub(super) struct Worker<'a> {
    pub(super) shared: &'a Shared,
    /// Its place among the workers.
    pub(super) slot: usize,
    /// Started when there is something to read.
    pub(super) process: Option<ReaderProcess>,
}

impl Worker<'_> {
    pub(super) fn run(mut self) {
        while let Some(slice) = self.shared.next() {
            match self.serve(&slice) {
                Ok(()) => {}
                // Nobody waits for anything any more.
                Err(_) if self.shared.lock().abandoned => return,
                Err(error) => return self.shared.send(Event::Broken(error.to_string())),
            }
            let left = {
                let mut progress = slice.content.lock();
                progress.open -= 1;
                progress.open
            };
            if left == 0 && !self.shared.lock().abandoned {
                self.shared.send(Event::Finished(slice.content.ticket));
            }
        }
    }

    /// Starts a reader, after pauses that double if need be: a machine short of memory or processes may recover.
    fn start(&self) -> Result<ReaderProcess, StartError> {
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            match ReaderProcess::start(&self.shared.command, &self.shared.settings) {
                Ok(process) if *process.stamps() == self.shared.stamps => return Ok(process),
                Ok(_) => {
                    let why = "the OCR engine, its models or PDFium were changed while this ran; run it again";
                    return Err(StartError::Refused(why.to_owned()));
                }
                Err(StartError::Failed(_)) if tries < self.shared.settings.limits.start_retries => {}
                Err(error) => return Err(error),
            }
            tries += 1;
            if self.shared.wait(pause) {
                return Err(StartError::Refused("the sweep was stopped".to_owned()));
            }
            pause = pause.saturating_mul(2);
        }
    }

    /// Reads a slice; an error means that no reader can be started.
    fn serve(&mut self, slice: &Slice) -> Result<(), StartError> {
        let limits = &self.shared.settings.limits;
        if slice.content.lock().crashes >= limits.crashes_per_content {
            let fault = Fault::limit("crashes_per_content", limits.crashes_per_content, "crashing readers");
            self.fault_pages(slice, slice.pages.clone(), &fault);
            return Ok(());
        }
        if self.process.as_ref().is_none_or(|process| process.served() >= limits.slices_per_reader) {
            self.process = None;
            self.process = Some(self.start()?);
        }
        let process = self.process.as_mut().expect("started above");
        self.shared.readers()[self.slot] = Some(process.handle().map_err(anyhow::Error::from)?);
        if self.shared.lock().abandoned {
            return Ok(());
        }
        let mut seen = Seen { next: *slice.pages.start(), opened: false };
        let (first, last) = (*slice.pages.start(), *slice.pages.end());
        let request = SliceRequest { kind: slice.content.kind.clone(), first, last };
        let shared = self.shared;
        let outcome = process.read(request, &slice.content.file, |reply| seen.take(shared, slice, reply));
        self.shared.readers()[self.slot] = None;
        if let Err(death) = outcome {
            self.process = None;
            self.bury(slice, &seen, &death);
        }
        Ok(())
    }

    /// What follows from a reader's death: one retry alone, then a fault; the rest of the slice goes on.
    fn bury(&self, slice: &Slice, seen: &Seen, death: &Death) {
        if self.shared.lock().abandoned {
            // We killed it ourselves; what it was reading is no fault, it is read next time.
            return;
        }
        slice.content.lock().crashes += 1;
        let again = |pages, retry| Slice {
            content: Arc::clone(&slice.content),
            pages,
            retry,
            head: slice.head && !seen.opened,
        };
        let fault = Fault::whole(death.reason(), death.to_string());
        if !seen.opened {
            match slice.retry {
                false => self.shared.push([again(slice.pages.clone(), true)]),
                true if slice.head => self.shared.send(Event::Fault(slice.content.ticket, fault)),
                true => self.fault_pages(slice, slice.pages.clone(), &fault),
            }
            return;
        }
        if seen.next > *slice.pages.end() {
            // It died behind its last page: nothing of the slice is missing.
            return;
        }
        match slice.retry {
            false => self.shared.push([again(seen.next..=seen.next, true)]),
            true => self.fault_pages(slice, seen.next..=seen.next, &fault),
        }
        // A retry may be a whole slice whose first try died on opening; what follows the page goes on in either case.
        let rest = seen.next.saturating_add(1)..=*slice.pages.end();
        if !rest.is_empty() {
            self.shared.push([again(rest, false)]);
        }
    }

    /// One fault for each of a bounded number of pages; an open end is one fault of the content.
    fn fault_pages(&self, slice: &Slice, pages: RangeInclusive<u32>, fault: &Fault) {
        let ticket = slice.content.ticket;
        if *pages.end() == u32::MAX || slice.head {
            return self.shared.send(Event::Fault(ticket, fault.clone()));
        }
        for page in pages {
            self.shared.send(Event::Fault(ticket, Fault { page: Some(page), ..fault.clone() }));
        }
    }
}

/// What has come of a slice so far.
struct Seen {
    /// The page that is being read.
    next: u32,
    opened: bool,
}

impl Seen {
    fn take(&mut self, shared: &Shared, slice: &Slice, reply: Reply) {
        let ticket = slice.content.ticket;
        match reply {
            Reply::Opened { pages, faults } => {
                self.opened = true;
                shared.send(Event::Opened(ticket, pages, faults));
                let last = pages.min(shared.settings.limits.pages);
                if slice.head && *slice.pages.end() < last {
                    shared.push(shared.cut(&slice.content, *slice.pages.end() + 1..=last));
                }
            }
            // The reader may have been taken over by its input: pages that were not asked for are not believed.
            Reply::Page(page) if slice.pages.contains(&page.number) => {
                self.next = page.number.saturating_add(1);
                shared.send(Event::Page(ticket, page));
            }
            Reply::PageFault(fault) if fault.page.is_some_and(|page| slice.pages.contains(&page)) => {
                self.next = fault.page.unwrap_or(self.next).saturating_add(1);
                shared.send(Event::Fault(ticket, fault));
            }
            Reply::Failed(fault) => {
                self.opened = true;
                self.next = u32::MAX;
                shared.send(Event::Fault(ticket, fault));
            }
            Reply::Done(cost) => shared.send(Event::Served(cost)),
            Reply::Page(_) | Reply::PageFault(_) | Reply::Ready(_) | Reply::CannotStart(_) => {
                let fault = Fault::whole(FaultReason::Crash, "the reader spoke out of turn");
                shared.send(Event::Fault(ticket, fault));
            }
        }
    }
}
