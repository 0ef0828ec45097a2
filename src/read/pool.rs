//! The pool: reader processes, slices of work for them, and what happens when one dies.
//!
//! Callers submit contents and receive events; slicing, retries and faults stay in here. A reader that dies or hangs costs
//! one page: what it had sent is kept, the page it was on is retried once alone, then it is a fault, and the rest of the
//! slice goes on with a new reader.

use std::collections::VecDeque;
use std::fs::File;
use std::ops::RangeInclusive;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;

use crossbeam_channel::Sender;
use rustix::process::{Signal, pidfd_send_signal};

use super::process::{Death, ReaderCommand, ReaderProcess};
use super::protocol::{Cost, ReaderStamps, Reply, SliceRequest};
use crate::config::Settings;
use crate::document::{Kind, Page};
use crate::finding::{Fault, FaultReason};
use crate::format;

/// The caller's number for a content.
pub type Ticket = i64;

/// A content to be read.
#[derive(Debug)]
pub struct ContentJob {
    /// The caller's number.
    pub ticket: Ticket,
    /// The open file.
    pub file: File,
    /// What the bytes are.
    pub kind: Kind,
    /// Pages in all and those still to be read, if an earlier sweep found out; none for a content never opened.
    pub missing: Option<(u32, Vec<RangeInclusive<u32>>)>,
}

/// What the pool reports. Events of one content come in no particular order, but `Finished` is its last.
#[derive(Debug)]
pub enum Event {
    /// The document was opened.
    Opened(Ticket, u32, Vec<Fault>),
    /// A page was read.
    Page(Ticket, Box<Page>),
    /// A page, or with no page number the whole content, could not be read.
    Fault(Ticket, Fault),
    /// Nothing more will come for this content.
    Finished(Ticket),
    /// A slice was served.
    Served(Cost),
    /// Readers cannot be started any more; the run cannot go on.
    Broken(String),
}

/// A part of a content that a reader works on at a time.
#[derive(Debug)]
struct Slice {
    content: Arc<Content>,
    pages: RangeInclusive<u32>,
    /// The first slice of a content whose page count is not known: it cuts the rest.
    head: bool,
    /// This is the one retry.
    retry: bool,
}

#[derive(Debug)]
struct Content {
    ticket: Ticket,
    file: File,
    kind: Kind,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    /// Slices queued or being read.
    open: usize,
    crashes: u32,
}

#[derive(Debug, Default)]
struct Queue {
    /// Slices of contents already begun come first, so that contents finish.
    slices: VecDeque<Slice>,
    contents: VecDeque<ContentJob>,
    closed: bool,
    /// Stop at once: drop what is queued.
    abandoned: bool,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// Handles of the readers at work, one slot a worker.
    readers: Mutex<Vec<Option<OwnedFd>>>,
    changed: Condvar,
    settings: Settings,
    command: ReaderCommand,
    events: Sender<Event>,
}

/// Reader processes behind one queue.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    stamps: ReaderStamps,
}

impl Pool {
    /// Starts the readers; events go to `events`. Fails, naming what to install, if a reader cannot work on this machine.
    pub fn start(settings: &Settings, command: ReaderCommand, events: Sender<Event>) -> anyhow::Result<Self> {
        let readers = match settings.read.readers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            readers => readers,
        };
        let first = ReaderProcess::start(&command, settings)?;
        let stamps = first.stamps().clone();
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            readers: Mutex::new((0..readers).map(|_| None).collect()),
            changed: Condvar::new(),
            settings: settings.clone(),
            command,
            events,
        });
        let mut first = Some(first);
        let workers = (0..readers)
            .map(|slot| {
                let (shared, process) = (Arc::clone(&shared), first.take());
                std::thread::spawn(move || Worker { shared: &shared, slot, process }.run())
            })
            .collect();
        Ok(Self { shared, workers, stamps })
    }

    /// What the readers read with.
    pub fn stamps(&self) -> &ReaderStamps {
        &self.stamps
    }

    /// Contents submitted and not begun.
    pub fn waiting(&self) -> usize {
        self.shared.lock().contents.len()
    }

    /// Queues a content. The caller keeps [`Pool::waiting`] below `limits.queue_contents`.
    pub fn submit(&self, job: ContentJob) {
        self.shared.lock().contents.push_back(job);
        self.shared.changed.notify_one();
    }

    /// Drops everything that is queued and kills the readers; contents already begun keep the pages they have and get no
    /// `Finished`.
    pub fn abandon(&self) {
        let mut queue = self.shared.lock();
        queue.abandoned = true;
        queue.contents.clear();
        queue.slices.clear();
        drop(queue);
        for reader in self.shared.readers().iter().flatten() {
            // One that has ended meanwhile needs no signal.
            let _ = pidfd_send_signal(reader, Signal::KILL);
        }
        self.shared.changed.notify_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Whoever ends before everything is read has no use for the rest.
        self.abandon();
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        for worker in self.workers.drain(..) {
            // A worker that panicked has already dropped its reader; there is nothing left to save.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("no code panics while it holds the queue")
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Option<OwnedFd>>> {
        self.readers.lock().expect("no code panics while it holds the handles")
    }

    /// The next slice; none when the pool is closed and empty.
    fn next(&self) -> Option<Slice> {
        let mut queue = self.lock();
        loop {
            if let Some(slice) = queue.slices.pop_front() {
                return Some(slice);
            }
            if let Some(job) = queue.contents.pop_front() {
                match self.begin(job, &mut queue) {
                    Some(slice) => return Some(slice),
                    None => continue,
                }
            }
            if queue.closed || queue.abandoned {
                return None;
            }
            queue = self.changed.wait(queue).expect("no code panics while it holds the queue");
        }
    }

    /// Cuts a content's first slices.
    fn begin(&self, job: ContentJob, queue: &mut Queue) -> Option<Slice> {
        let content =
            Arc::new(Content { ticket: job.ticket, file: job.file, kind: job.kind, progress: Mutex::default() });
        let slices: Vec<Slice> = match job.missing {
            None => vec![Slice { pages: 1..=self.slice_pages(&content.kind), head: true, retry: false, content }],
            Some((_, missing)) => missing.into_iter().flat_map(|pages| self.cut(&content, pages)).collect(),
        };
        let ticket = job.ticket;
        if let Some(first) = slices.first() {
            first.content.lock().open = slices.len();
        } else {
            self.send(Event::Finished(ticket));
        }
        queue.slices.extend(slices);
        // There may be work for others now.
        self.changed.notify_all();
        queue.slices.pop_front()
    }

    /// Pages in a slice of this kind; formats that can only be decoded from the start are read in one.
    fn slice_pages(&self, kind: &Kind) -> u32 {
        match format::for_kind(kind).is_some_and(format::Format::sequential) {
            true => u32::MAX,
            false => self.settings.read.slice_pages,
        }
    }

    fn cut(&self, content: &Arc<Content>, pages: RangeInclusive<u32>) -> Vec<Slice> {
        let step = self.slice_pages(&content.kind);
        let last = *pages.end();
        pages
            .step_by(step as usize)
            .map(|first| Slice {
                content: Arc::clone(content),
                pages: first..=first.saturating_add(step - 1).min(last),
                head: false,
                retry: false,
            })
            .collect()
    }

    fn push(&self, slices: impl IntoIterator<Item = Slice>) {
        let mut queue = self.lock();
        if queue.abandoned {
            return;
        }
        for slice in slices {
            slice.content.lock().open += 1;
            queue.slices.push_back(slice);
        }
        self.changed.notify_all();
    }

    /// Nobody listening means that the sweep is over; there is nobody to tell.
    fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }
}

impl Content {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().expect("no code panics while it holds the progress")
    }
}

/// One thread and the reader process it feeds.
struct Worker<'a> {
    shared: &'a Shared,
    slot: usize,
    process: Option<ReaderProcess>,
}

impl Worker<'_> {
    fn run(mut self) {
        while let Some(slice) = self.shared.next() {
            if let Err(error) = self.serve(&slice) {
                self.shared.send(Event::Broken(format!("{error:#}")));
                return;
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

    /// Reads a slice; an error means that no reader can be started.
    fn serve(&mut self, slice: &Slice) -> anyhow::Result<()> {
        let limits = &self.shared.settings.limits;
        if slice.content.lock().crashes >= limits.crashes_per_content {
            let fault = Fault::limit("crashes_per_content", limits.crashes_per_content, "crashing readers");
            self.fault_pages(slice, slice.pages.clone(), &fault);
            return Ok(());
        }
        if self.process.as_ref().is_none_or(|process| process.served() >= limits.slices_per_reader) {
            self.process = None;
            self.process = Some(ReaderProcess::start(&self.shared.command, &self.shared.settings)?);
        }
        let process = self.process.as_mut().expect("started above");
        self.shared.readers()[self.slot] = Some(process.handle()?);
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
