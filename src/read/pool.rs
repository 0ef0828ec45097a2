//! The pool: one queue of contents and slices, and the workers that serve it with reader processes.
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
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use rustix::process::{Signal, pidfd_send_signal};

use super::lock::Held;
use super::process::{Cost, ReaderCommand};
use super::protocol::ReaderStamps;
use super::worker::Worker;
use crate::config::Settings;
use crate::document::{Kind, Opening, Page};
use crate::finding::Fault;
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
    /// Pages still to be read, if an earlier sweep found out; none for a content never opened.
    pub missing: Option<Vec<RangeInclusive<u32>>>,
    /// Bytes of text of its pages that were read before.
    pub text_bytes: usize,
}

/// What the pool reports. Events of one content come in no particular order, but `Finished` is its last.
#[derive(Debug)]
pub enum Event {
    /// The document was opened.
    Opened(Ticket, Opening),
    /// A page was read.
    Page(Ticket, Box<Page>),
    /// A page, or with no page number the whole content, could not be read.
    Fault(Ticket, Fault),
    /// Nothing more will come for this content.
    Finished(Ticket),
    /// A reader was started; what holds it.
    Started(Vec<Held>),
    /// A slice was served.
    Served(Cost),
    /// Readers cannot be started any more; the run cannot go on.
    Broken(String),
}

/// A part of a content that a reader works on at a time.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) content: Arc<Content>,
    pub(super) pages: RangeInclusive<u32>,
    /// The first slice of a content whose page count is not known: it cuts the rest.
    pub(super) head: bool,
    /// This is the one retry.
    pub(super) retry: bool,
}

#[derive(Debug)]
pub(super) struct Content {
    pub(super) ticket: Ticket,
    pub(super) file: File,
    pub(super) kind: Kind,
    pub(super) progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Slices queued or being read.
    pub(super) open: usize,
    pub(super) crashes: u32,
    /// Bytes of text of all pages that were read.
    text_bytes: usize,
    /// What readers have spent on it.
    pub(super) wall: Duration,
    pub(super) cpu_ms: u64,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Slices of contents already begun come first, so that contents finish.
    slices: VecDeque<Slice>,
    contents: VecDeque<ContentJob>,
    closed: bool,
    /// Stop at once: drop what is queued.
    pub(super) abandoned: bool,
}

#[derive(Debug)]
pub(super) struct Shared {
    queue: Mutex<Queue>,
    /// Handles of the readers at work, one slot a worker.
    readers: Mutex<Vec<Option<OwnedFd>>>,
    changed: Condvar,
    pub(super) settings: Settings,
    pub(super) command: ReaderCommand,
    /// What a reader must read with.
    pub(super) stamps: ReaderStamps,
    events: Sender<Event>,
}

/// Reader processes behind one queue.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    events: Receiver<Event>,
}

impl Pool {
    /// Makes the workers; each starts its reader when there is something to read, and has it read with `stamps` or not at
    /// all.
    pub fn start(settings: &Settings, command: ReaderCommand, stamps: ReaderStamps) -> Self {
        let readers = match settings.read.readers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            readers => readers,
        };
        let (shared, events) = Shared::new(settings, command, stamps, readers);
        let shared = Arc::new(shared);
        let workers = (0..readers)
            .map(|slot| {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || Worker { shared: &shared, slot, process: None }.run())
            })
            .collect();
        Self { shared, workers, events }
    }

    /// What the pool reports. Workers wait when nobody takes it.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
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
        // A worker may wait until its last event is taken: with nobody to take it, it goes on.
        self.events = crossbeam_channel::never();
        for worker in self.workers.drain(..) {
            // A worker that panicked has already dropped its reader; there is nothing left to save.
            let _ = worker.join();
        }
    }
}

impl Shared {
    /// What `readers` workers share, and the end at which their events come out.
    pub(super) fn new(
        settings: &Settings,
        command: ReaderCommand,
        stamps: ReaderStamps,
        readers: usize,
    ) -> (Self, Receiver<Event>) {
        let (events, out) = crossbeam_channel::bounded(settings.limits.queue_events);
        let shared = Self {
            queue: Mutex::default(),
            readers: Mutex::new((0..readers).map(|_| None).collect()),
            changed: Condvar::new(),
            settings: settings.clone(),
            command,
            stamps,
            events,
        };
        (shared, out)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("no code panics while it holds the queue")
    }

    pub(super) fn readers(&self) -> MutexGuard<'_, Vec<Option<OwnedFd>>> {
        self.readers.lock().expect("no code panics while it holds the handles")
    }

    /// The next slice; none when the pool is closed and empty.
    pub(super) fn next(&self) -> Option<Slice> {
        let mut queue = self.lock();
        loop {
            if let Some(slice) = queue.slices.pop_front() {
                return Some(slice);
            }
            if let Some(job) = queue.contents.pop_front() {
                let ticket = job.ticket;
                if let Some(slice) = self.begin(job, &mut queue) {
                    return Some(slice);
                }
                // Not while we hold the queue: whoever takes events also looks at the queue.
                drop(queue);
                self.send(Event::Finished(ticket));
                queue = self.lock();
                continue;
            }
            if queue.closed || queue.abandoned {
                return None;
            }
            queue = self.changed.wait(queue).expect("no code panics while it holds the queue");
        }
    }

    /// Cuts a content's first slices; none if nothing of it is missing.
    fn begin(&self, job: ContentJob, queue: &mut Queue) -> Option<Slice> {
        let progress = Mutex::new(Progress { text_bytes: job.text_bytes, ..Progress::default() });
        let content = Arc::new(Content { ticket: job.ticket, file: job.file, kind: job.kind, progress });
        let slices: Vec<Slice> = match job.missing {
            None => vec![Slice { pages: 1..=self.slice_pages(&content.kind), head: true, retry: false, content }],
            Some(missing) => missing.into_iter().flat_map(|pages| self.cut(&content, pages)).collect(),
        };
        if let Some(first) = slices.first() {
            first.content.lock().open = slices.len();
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

    pub(super) fn cut(&self, content: &Arc<Content>, pages: RangeInclusive<u32>) -> Vec<Slice> {
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

    pub(super) fn push(&self, slices: impl IntoIterator<Item = Slice>) {
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

    /// Waits; true if the run was stopped meanwhile.
    pub(super) fn wait(&self, pause: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), pause, |queue| !queue.abandoned && !queue.closed);
        let (queue, _) = waited.expect("no code panics while it holds the queue");
        queue.abandoned || queue.closed
    }

    /// Nobody listening means that the sweep is over; there is nobody to tell.
    pub(super) fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }
}

impl Content {
    pub(super) fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().expect("no code panics while it holds the progress")
    }

    /// Counts the text of one more page; returns how much it is in all. What is over the limit counts too, so that it
    /// stays over.
    pub(super) fn admit_text(&self, bytes: usize) -> usize {
        let mut progress = self.lock();
        progress.text_bytes = progress.text_bytes.saturating_add(bytes);
        progress.text_bytes
    }
}
