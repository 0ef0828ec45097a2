//! A worker: one thread and the reader process it feeds; what happens when the reader does not start, or dies.

use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::believe::believable;
use super::pool::{Event, Progress, Shared, Slice, Task, Ticket};
use super::process::{Death, ReaderProcess, StartError};
use super::protocol::{Reply, Request, SliceRequest};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};

/// How long to wait before a reader is started a second time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Why nothing is started any more.
const STOPPED: &str = "the sweep was stopped";

/// One thread and the reader process it feeds.
pub(super) struct Worker<'a> {
    pub(super) shared: &'a Shared,
    /// Its place among the workers.
    pub(super) slot: usize,
    /// Started when there is something to read.
    pub(super) process: Option<ReaderProcess>,
    /// What it read or unpacked last.
    pub(super) content: Option<Ticket>,
}

impl Worker<'_> {
    /// Serves until there is nothing more to do. Behind a wall: with one worker missing, its content would never finish.
    pub(super) fn run(self) {
        let shared = self.shared;
        if catch_unwind(AssertUnwindSafe(|| self.work())).is_err() {
            shared.send(Event::Broken("a thread that feeds a reader failed; this is a defect of misfile".to_owned()));
        }
    }

    fn work(mut self) {
        let shared = self.shared;
        while let Some(task) = self.shared.next() {
            let served = match &task {
                Task::Read(slice) => self.serve(slice),
                Task::Unpack(slice) => self.unpack(slice),
            };
            shared.done();
            match served {
                Ok(()) => {}
                // Nobody waits for anything any more.
                Err(_) if self.shared.lock().abandoned => return,
                Err(error) => return self.shared.send(Event::Broken(error.to_string())),
            }
            let left = {
                let mut progress = task.content().lock();
                progress.open -= 1;
                progress.open
            };
            if left == 0 && !self.shared.lock().abandoned {
                self.shared.send(Event::Finished(task.content().ticket));
            }
        }
    }

    /// Starts a reader, after pauses that double if need be: a machine short of memory or processes may recover.
    fn start(&self) -> Result<ReaderProcess, StartError> {
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            match self.try_to_start() {
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
                return Err(StartError::Refused(STOPPED.to_owned()));
            }
            pause = pause.saturating_mul(2);
        }
    }

    /// Starts a reader that a stop ends from its first moment on: it may take long to load.
    fn try_to_start(&self) -> Result<ReaderProcess, StartError> {
        let mut process = ReaderProcess::spawn(&self.shared.command, &self.shared.settings)?;
        self.shared.readers()[self.slot] = Some(process.handle().map_err(anyhow::Error::from)?);
        // A stop before this did not find it, one behind it does.
        if self.shared.lock().abandoned {
            return Err(StartError::Refused(STOPPED.to_owned()));
        }
        process.greet(&self.shared.settings)?;
        Ok(process)
    }

    /// The reader for a slice of a content: a new one if there is none, or the old one has served long enough or holds too much.
    /// What it holds counts where a content begins only: a large one would otherwise pay for a new reader at each of its slices.
    pub(super) fn reader(&mut self, content: Ticket) -> Result<&mut ReaderProcess, StartError> {
        let shared = self.shared;
        let limits = &shared.settings.limits;
        let another = self.content.replace(content) != Some(content);
        let worn = |process: &ReaderProcess| {
            process.served() >= limits.slices_per_reader || another && process.memory_mib() > limits.reader_kept_mib
        };
        if self.process.as_ref().is_none_or(worn) {
            self.process = None;
            let process = self.start()?;
            shared.send(Event::Started(process.held().to_vec()));
            self.process = Some(process);
        }
        Ok(self.process.as_mut().expect("started above"))
    }

    /// Reads a slice; an error means that no reader can be started.
    fn serve(&mut self, slice: &Slice) -> Result<(), StartError> {
        let shared = self.shared;
        let limits = &shared.settings.limits;
        if let Some(fault) = given_up(&slice.content.lock(), limits) {
            self.fault_pages(slice, slice.pages.clone(), &fault);
            return Ok(());
        }
        if slice.content.admit_text(0) > limits.content_text_bytes {
            self.shared.send(Event::Fault(slice.content.ticket, too_much_text(limits.content_text_bytes)));
            return Ok(());
        }
        let process = self.reader(slice.content.ticket)?;
        let mut seen = Seen { next: *slice.pages.start(), opened: None };
        let (first, last) = (*slice.pages.start(), *slice.pages.end());
        let kind = slice.content.kind.clone();
        let request = Request::Read(SliceRequest { content: slice.content.ticket, kind, first, last });
        let (begun, mut late) = (Instant::now(), false);
        let left = Duration::from_secs(limits.content_wall_seconds).saturating_sub(slice.content.lock().wall);
        let outcome = process.read(&request, &slice.content.file, limits, |reply| {
            late = begun.elapsed() > left;
            !late && seen.take(shared, slice, reply)
        });
        let mut progress = slice.content.lock();
        progress.wall += begun.elapsed();
        progress.cpu_ms += outcome.as_ref().map_or_else(|(_, cpu_ms)| *cpu_ms, |cost| cost.cpu_ms);
        let given_up = given_up(&progress, limits).filter(|_| late);
        drop(progress);
        match (outcome, given_up) {
            (Ok(cost), _) => {
                seen.done(shared, slice);
                shared.send(Event::Served(cost));
            }
            (Err(_), Some(fault)) => {
                self.process = None;
                self.fault_pages(slice, seen.next..=last, &fault);
            }
            (Err((death, _)), None) => {
                self.process = None;
                self.bury(slice, &seen, &death);
            }
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
            head: slice.head && seen.opened.is_none(),
        };
        let fault = Fault::whole(death.reason(), death.to_string());
        if seen.opened.is_none() {
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

/// Why no more of a content is read, if that is so. The same words whichever slice it was.
pub(super) fn given_up(progress: &Progress, limits: &Limits) -> Option<Fault> {
    if progress.crashes >= limits.crashes_per_content {
        return Some(Fault::limit("crashes_per_content", limits.crashes_per_content, "crashing readers"));
    }
    if progress.wall.as_secs() >= limits.content_wall_seconds {
        let fault = Fault::limit("content_wall_seconds", limits.content_wall_seconds, "the time for one document");
        return Some(Fault { reason: FaultReason::Timeout, ..fault });
    }
    if progress.cpu_ms / 1000 >= limits.content_cpu_seconds {
        let fault = Fault::limit("content_cpu_seconds", limits.content_cpu_seconds, "CPU time for one document");
        return Some(Fault { reason: FaultReason::Cpu, ..fault });
    }
    None
}

/// The same words whichever page it was, so that it is one fault.
fn too_much_text(limit: usize) -> Fault {
    Fault::limit("content_text_bytes", limit, "the text of all pages")
}

/// What has come of a slice so far.
struct Seen {
    /// The page that is being read.
    next: u32,
    /// Pages that may come, once the document was opened.
    opened: Option<u32>,
}

impl Seen {
    /// Takes a reply; false if it did not come in its turn. Pages come in ascending order, each once: a reader that was taken
    /// over by its input can send neither pages that were not asked for nor messages without end.
    fn take(&mut self, shared: &Shared, slice: &Slice, reply: Reply) -> bool {
        let ticket = slice.content.ticket;
        let most = self.opened.unwrap_or(0);
        let in_turn = |page: u32| page >= self.next && page <= most && slice.pages.contains(&page);
        if !believable(&reply) {
            return false;
        }
        match reply {
            Reply::Opened(opening) if self.opened.is_none() => {
                let last = opening.pages.min(shared.settings.limits.pages);
                self.opened = Some(last);
                let most = shared.settings.limits.nesting;
                match slice.head && opening.members {
                    true if slice.content.depth >= most => {
                        shared.send(Event::Fault(ticket, Fault::limit("nesting", most, "containers in containers")));
                    }
                    true => shared.push_members(&slice.content, 1, false),
                    false => {}
                }
                shared.send(Event::Opened(ticket, opening));
                if slice.head && *slice.pages.end() < last {
                    shared.push(shared.cut(&slice.content, *slice.pages.end() + 1..=last));
                }
            }
            Reply::Page(page) if in_turn(page.number) => {
                self.next = page.number.saturating_add(1);
                let limit = shared.settings.limits.content_text_bytes;
                match slice.content.admit_text(page.text.content.len()) > limit {
                    true => shared.send(Event::Fault(ticket, too_much_text(limit))),
                    false => shared.send(Event::Page(ticket, page)),
                }
            }
            Reply::PageFault(fault) if fault.page.is_some_and(in_turn) => {
                self.next = fault.page.unwrap_or(self.next).saturating_add(1);
                shared.send(Event::Fault(ticket, fault));
            }
            Reply::Failed(fault) if self.next < u32::MAX => {
                self.opened = Some(0);
                self.next = u32::MAX;
                shared.send(Event::Fault(ticket, fault));
            }
            _ => return false,
        }
        true
    }

    /// The reader says that there is no more.
    fn done(&self, shared: &Shared, slice: &Slice) {
        if self.opened.is_none() {
            // Without pages and without a fault it would look wholly read.
            let fault = Fault::whole(FaultReason::Crash, "the reader was done before it opened the document");
            shared.send(Event::Fault(slice.content.ticket, fault));
        }
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::Receiver;

    use super::super::pool::Content;
    use super::super::process::ReaderCommand;
    use super::super::protocol::ReaderStamps;
    use super::*;
    use crate::config::Settings;
    use crate::document::{Kind, Opening, Page, PageSize};

    fn shared(settings: &Settings, readers: usize) -> (Shared, Receiver<Event>) {
        let command = ReaderCommand { program: "/bin/true".into(), arguments: Vec::new() };
        Shared::new(settings, command, ReaderStamps::default(), readers, std::env::temp_dir(), u64::MAX)
    }

    fn head() -> Slice {
        let file = tempfile::tempfile().expect("file");
        let content = Content {
            ticket: 1,
            file,
            kind: Kind::new("pdf"),
            progress: std::sync::Mutex::default(),
            depth: 0,
            below: Arc::default(),
            place: None,
        };
        Slice { content: Arc::new(content), pages: 1..=2, head: true, retry: false }
    }

    fn page(number: u32, text: &str) -> Reply {
        let size = PageSize { width: 1.0, height: 1.0 };
        Reply::Page(Box::new(Page { size, ..Page::plain(number, text) }))
    }

    fn opened(pages: u32) -> Reply {
        Reply::Opened(Opening { pages, ..Opening::default() })
    }

    /// What comes of these replies: events, slices that are queued, and whether all came in their turn.
    fn told(settings: &Settings, replies: Vec<Reply>) -> (Vec<Event>, usize, bool) {
        let (shared, events) = shared(settings, 1);
        let (slice, mut seen) = (head(), Seen { next: 1, opened: None });
        let in_turn = replies.into_iter().all(|reply| seen.take(&shared, &slice, reply));
        seen.done(&shared, &slice);
        let queued = slice.content.lock().open;
        (events.try_iter().collect(), queued, in_turn)
    }

    #[test]
    fn a_reader_that_is_done_before_it_opened_anything_leaves_a_fault() {
        let (events, ..) = told(&Settings::defaults(), Vec::new());
        assert!(matches!(&events[..], [Event::Fault(1, _)]), "{events:?}");
        let failed = Reply::Failed(Fault::whole(FaultReason::Damaged, "cut short"));
        let (events, ..) = told(&Settings::defaults(), vec![failed]);
        assert!(matches!(&events[..], [Event::Fault(..)]), "one fault is enough: {events:?}");
    }

    #[test]
    fn messages_that_come_out_of_turn_are_not_believed() {
        let opened = || opened(4);
        let failed = || Reply::Failed(Fault::whole(FaultReason::Damaged, "cut short"));
        let fault = |page| Reply::PageFault(Fault { page, ..Fault::whole(FaultReason::Damaged, "cut short") });
        let in_turn = |replies| told(&Settings::defaults(), replies).2;
        assert!(in_turn(vec![opened(), page(1, "one"), fault(Some(2))]));
        for replies in [
            vec![opened(), opened()],
            vec![page(1, "before it was opened")],
            vec![opened(), page(1, "one"), page(1, "again")],
            vec![opened(), page(2, "two"), page(1, "backwards")],
            vec![opened(), page(3, "of another slice")],
            vec![Reply::Opened(Opening { pages: 1, ..Opening::default() }), page(2, "beyond the end")],
            vec![opened(), fault(None)],
            vec![failed(), failed()],
            vec![opened(), Reply::Proof(Vec::new())],
        ] {
            assert!(!in_turn(replies));
        }
    }

    #[test]
    fn a_document_that_is_opened_twice_has_its_other_pages_read_once() {
        let opened = || opened(4);
        let (events, queued, _) = told(&Settings::defaults(), vec![opened(), opened()]);
        assert!(matches!(&events[..], [Event::Opened(1, Opening { pages: 4, .. })]), "{events:?}");
        assert_eq!(queued, 1, "pages 3 and 4, once");
    }

    #[test]
    fn text_over_the_limit_of_a_content_is_dropped_with_a_fault_that_names_the_key() {
        let mut settings = Settings::defaults();
        settings.limits.content_text_bytes = 5;
        let opened = opened(2);
        let (events, ..) = told(&settings, vec![opened, page(1, "four"), page(2, "four")]);
        let [Event::Opened(..), Event::Page(_, kept), Event::Fault(_, fault)] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((kept.number, fault.reason, fault.page), (1, FaultReason::Limit, None));
        assert!(fault.detail.contains("limits.content_text_bytes = 5"), "{fault}");
        // What is still queued of it is not even read.
        let (shared, events) = shared(&settings, 1);
        let slice = head();
        slice.content.admit_text(6);
        Worker { shared: &shared, slot: 0, process: None, content: None }.serve(&slice).expect("no reader is needed");
        assert!(matches!(events.try_recv(), Ok(Event::Fault(1, _))));
    }

    #[test]
    fn a_worker_that_panics_ends_the_run_with_a_reason() {
        // It has no slot for the handle of its reader.
        let (shared, events) = shared(&Settings::defaults(), 0);
        shared.push([head()]);
        Worker { shared: &shared, slot: 0, process: None, content: None }.run();
        assert!(matches!(events.try_recv(), Ok(Event::Broken(_))));
    }
}
