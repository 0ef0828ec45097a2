//! The pool: one queue of contents and slices, and the workers that serve it with reader processes.
//!
//! Callers submit contents and receive events; slicing, retries and faults stay in here. A reader that dies or hangs costs
//! one page: what it had sent is kept, the page it was on is retried once alone, then it is a fault, and the rest of the
//! slice goes on with a new reader.

use std::collections::VecDeque;
use std::fs::File;
use std::ops::RangeInclusive;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use rustix::process::{Signal, pidfd_send_signal};

use super::below::Below;
use super::lock::Held;
use super::process::{Cost, ReaderCommand};
use super::protocol::ReaderStamps;
use super::sandbox;
use super::spool::{Place, Spool, Unpacked};
use super::unpacking::MemberSlice;
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
    /// Whether an earlier sweep found that there are documents inside and did not get them all.
    pub members: bool,
    /// How many containers it lies in.
    pub depth: u32,
    /// What was unpacked of the file that it is or lies in.
    pub below: Arc<Below>,
    /// The room that it takes, if it was unpacked from a container: such contents are read before others.
    pub place: Option<Place>,
}

impl ContentJob {
    /// A content of which nothing is known.
    pub fn new(ticket: Ticket, file: File, kind: Kind) -> Self {
        Self {
            ticket,
            file,
            kind,
            missing: None,
            text_bytes: 0,
            members: false,
            depth: 0,
            below: Arc::default(),
            place: None,
        }
    }
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
    /// A document inside it was unpacked.
    Member(Ticket, Box<Unpacked>),
    /// A document inside it, with this number and name, cannot be had.
    MemberFault(Ticket, u32, String, Fault),
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
    pub(super) depth: u32,
    pub(super) below: Arc<Below>,
    /// Given back when it was read.
    #[expect(dead_code, reason = "dropping it is what it is for")]
    pub(super) place: Option<Place>,
}

#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Slices queued or being read.
    pub(super) open: usize,
    pub(super) crashes: u32,
    /// Bytes of text of all pages that were read.
    text_bytes: usize,
    /// Bytes of all members that were unpacked.
    pub(super) unpacked: u64,
    /// What readers have spent on it.
    pub(super) wall: Duration,
    pub(super) cpu_ms: u64,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Slices of contents already begun come first, so that contents finish.
    slices: VecDeque<Slice>,
    /// Contents out of containers come before other contents, so that they make room.
    inner: VecDeque<ContentJob>,
    /// Containers that are not wholly unpacked, the innermost first.
    members: VecDeque<MemberSlice>,
    contents: VecDeque<ContentJob>,
    /// Tasks that workers are at.
    pub(super) busy: usize,
    closed: bool,
    /// Stop at once: drop what is queued.
    pub(super) abandoned: bool,
}

/// What a worker does next.
#[derive(Debug)]
pub(super) enum Task {
    Read(Slice),
    Unpack(MemberSlice),
}

impl Task {
    pub(super) fn content(&self) -> &Arc<Content> {
        match self {
            Self::Read(slice) => &slice.content,
            Self::Unpack(slice) => &slice.content,
        }
    }
}

/// How often workers look for room to unpack into.
const LOOK_FOR_ROOM: Duration = Duration::from_millis(50);

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
    pub(super) spool: Spool,
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
    /// all. What is unpacked lies in the system's temporary folder.
    pub fn start(settings: &Settings, command: ReaderCommand, stamps: ReaderStamps) -> Self {
        Self::start_in(settings, command, stamps, std::env::temp_dir())
    }

    /// The same, with what is unpacked in `folder`.
    pub fn start_in(settings: &Settings, command: ReaderCommand, stamps: ReaderStamps, folder: PathBuf) -> Self {
        let readers = match settings.read.readers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            readers => readers,
        };
        let descriptors = sandbox::allow_descriptors();
        let (shared, events) = Shared::new(settings, command, stamps, readers, folder, descriptors);
        let shared = Arc::new(shared);
        let workers = (0..readers)
            .map(|slot| {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || Worker { shared: &shared, slot, process: None, content: None }.run())
            })
            .collect();
        Self { shared, workers, events }
    }

    /// What the pool reports. Workers wait when nobody takes it.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Contents submitted and not begun, those out of containers left aside: of them there are no more than there is room for.
    pub fn waiting(&self) -> usize {
        self.shared.lock().contents.len()
    }

    /// Queues a content. The caller keeps [`Pool::waiting`] below `limits.queue_contents`.
    pub fn submit(&self, job: ContentJob) {
        let mut queue = self.shared.lock();
        match job.place {
            Some(_) => queue.inner.push_back(job),
            None => queue.contents.push_back(job),
        }
        drop(queue);
        self.shared.changed.notify_one();
    }

    /// Drops everything that is queued and kills the readers; contents already begun keep the pages they have and get no
    /// `Finished`.
    pub fn abandon(&self) {
        let mut queue = self.shared.lock();
        queue.abandoned = true;
        queue.contents.clear();
        queue.inner.clear();
        queue.members.clear();
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
        folder: PathBuf,
        descriptors: u64,
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
            spool: Spool::new(folder, &settings.limits, descriptors),
        };
        (shared, out)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("no code panics while it holds the queue")
    }

    pub(super) fn readers(&self) -> MutexGuard<'_, Vec<Option<OwnedFd>>> {
        self.readers.lock().expect("no code panics while it holds the handles")
    }

    /// What is to be done next; none when the pool is closed and empty. Whoever takes a task says [`Shared::done`] behind it.
    pub(super) fn next(&self) -> Option<Task> {
        let mut queue = self.lock();
        loop {
            if let Some(slice) = queue.slices.pop_front() {
                queue.busy += 1;
                return Some(Task::Read(slice));
            }
            let inner = queue.inner.pop_front();
            // With nobody at anything, all the room is held by containers that wait for some: the innermost goes on without.
            if inner.is_none()
                && (self.spool.has_room() || queue.busy == 0)
                && let Some(slice) = queue.members.pop_front()
            {
                queue.busy += 1;
                return Some(Task::Unpack(slice));
            }
            // With containers waiting for room no further one is begun.
            let job = if queue.members.is_empty() { inner.or_else(|| queue.contents.pop_front()) } else { inner };
            if let Some(job) = job {
                let ticket = job.ticket;
                match self.begin(job, &mut queue) {
                    // A slice of its pages or of its members is in its queue now.
                    true => continue,
                    false => {
                        // Not while we hold the queue: whoever takes events also looks at the queue.
                        drop(queue);
                        self.send(Event::Finished(ticket));
                        queue = self.lock();
                        continue;
                    }
                }
            }
            if queue.closed || queue.abandoned {
                return None;
            }
            queue = if queue.members.is_empty() {
                self.changed.wait(queue).expect("no code panics while it holds the queue")
            } else {
                // Room is given back without a word.
                let waited = self.changed.wait_timeout(queue, LOOK_FOR_ROOM);
                waited.expect("no code panics while it holds the queue").0
            };
        }
    }

    /// A task is over.
    pub(super) fn done(&self) {
        self.lock().busy -= 1;
        self.changed.notify_all();
    }

    /// Cuts a content's first slices; false if nothing of it is missing.
    fn begin(&self, job: ContentJob, queue: &mut Queue) -> bool {
        let progress = Mutex::new(Progress { text_bytes: job.text_bytes, ..Progress::default() });
        let ContentJob { ticket, file, kind, missing, members, depth, below, place, .. } = job;
        let content = Arc::new(Content { ticket, file, kind, progress, depth, below, place });
        let slices: Vec<Slice> = match missing {
            None => {
                let pages = 1..=self.slice_pages(&content.kind);
                vec![Slice { pages, head: true, retry: false, content: Arc::clone(&content) }]
            }
            Some(missing) => missing.into_iter().flat_map(|pages| self.cut(&content, pages)).collect(),
        };
        content.lock().open = slices.len() + usize::from(members);
        let begun = !slices.is_empty() || members;
        queue.slices.extend(slices);
        if members {
            queue.members.push_front(MemberSlice { content, from: 1, retry: false });
        }
        // There may be work for others now.
        self.changed.notify_all();
        begun
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

    /// Has members of a content unpacked from one on.
    pub(super) fn push_members(&self, content: &Arc<Content>, from: u32, retry: bool) {
        let mut queue = self.lock();
        if queue.abandoned {
            return;
        }
        content.lock().open += 1;
        queue.members.push_front(MemberSlice { content: Arc::clone(content), from, retry });
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
