//! The coordinator: the one thread that writes. It feeds the pool, keeps what comes back, and finishes contents.

mod begun;
mod places;

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use crossbeam_channel::{Receiver, Sender, never, select};

use super::classifying::{self, Classified, Job};
use super::gone::Seen;
use super::members::Judge;
use super::probing::Probed;
use super::provenance::Provenance;
use super::stamps::Stamps;
use super::summary::{State, Summary};
use super::{Options, outdated};
use crate::catalog::{Catalog, CatalogError, MemberRow};
use crate::classify::{self, Classification};
use crate::document::{ContentHash, Identity};
use crate::finding::{Coverage, Fault, FaultReason};
use crate::read::below::Below;
use crate::read::pool::{Event, Pool, Ticket};
use crate::read::sandbox;
use crate::walk::{self, Unreadable};
use crate::zone::Zones;
use places::Met;

/// At most this long until what was read is durable.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// Or this many changes.
const COMMIT_CHANGES: usize = 4000;
/// How often deadlines are looked at and progress is shown when nothing happens.
const TICK: Duration = Duration::from_millis(200);

/// That the sweep uses more memory than it may, in words.
fn over_memory(limit: u64) -> Option<String> {
    let used = sandbox::memory_kib("self") / 1024;
    (used >= limit)
        .then(|| format!("the sweep used {used} MiB, over limits.sweep_memory_mib = {limit}; raise that key"))
}

/// Whether more may be handed to the classifying threads, which have so many contents with so many bytes of text between them.
fn has_room(contents: usize, bytes: usize, most_bytes: usize) -> bool {
    contents < classifying::UNDER_WAY && bytes < most_bytes
}

/// What is under way, for a progress line.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Files met so far.
    pub files: u64,
    /// Pages read so far.
    pub pages: u64,
    /// Pages of opened documents that are still to be read.
    pub pages_left: u64,
    /// Whether the walk still goes on, so that totals are not known.
    pub walking: bool,
    /// The content being read for the longest time, and for how long.
    pub slowest: Option<(PathBuf, Duration)>,
}

/// A content being read.
struct Open {
    /// Where it was met first: a file, or a member as it is shown.
    path: PathBuf,
    /// None of what was unpacked.
    file: Option<File>,
    identity: Identity,
    settled: bool,
    hash: ContentHash,
    since: Instant,
    /// Pages in all, once it was opened.
    pages: u32,
    /// How many containers it lies in.
    depth: u32,
    /// What was unpacked of the file that it is or lies in.
    below: Arc<Below>,
}

/// What the coordinator works with.
pub(super) struct Tools<'a> {
    pub(super) judge: &'a Judge<'a>,
    pub(super) stamps: &'a Stamps,
    pub(super) pool: &'a Pool,
    pub(super) probed: Receiver<Result<Probed, CatalogError>>,
    pub(super) to_classify: Sender<Job>,
    pub(super) classified: Receiver<Classified>,
}

/// See the module.
pub(super) struct Coordinator<'a> {
    pub(super) catalog: &'a mut Catalog,
    tools: Tools<'a>,
    classified_with: String,
    /// Contents with the classifying threads, and the bytes of their text.
    classifying: usize,
    classifying_bytes: usize,
    open: HashMap<Ticket, Open>,
    /// Pages of documents that were opened in this sweep.
    pages_opened: u64,
    pub(super) seen: Seen,
    pub(super) unlisted: Vec<(PathBuf, Fault)>,
    committed: Instant,
    pub(super) summary: Summary,
}

impl<'a> Coordinator<'a> {
    pub(super) fn new(catalog: &'a mut Catalog, tools: Tools<'a>) -> Self {
        let provenance = Provenance::new(tools.judge.settings, tools.stamps);
        let summary = Summary { provenance, ..Summary::default() };
        Self {
            catalog,
            classified_with: classify::stamp(tools.judge.settings),
            tools,
            classifying: 0,
            classifying_bytes: 0,
            open: HashMap::new(),
            pages_opened: 0,
            seen: Seen::default(),
            unlisted: Vec::new(),
            committed: Instant::now(),
            summary,
        }
    }

    /// Runs to the end, the deadline, or an error that stops everything.
    pub(super) fn run(
        mut self,
        options: &Options<'_>,
        all_ended: &dyn Fn() -> bool,
        show: &mut dyn FnMut(&Progress),
    ) -> anyhow::Result<Summary> {
        let mut shown = Instant::now();
        let mut walking = true;
        self.note_unreadable_roots(options)?;
        while walking || !self.open.is_empty() {
            if options.until.over() {
                self.stop()?;
                break;
            }
            self.step(&mut walking)?;
            self.commit_in_time()?;
            if shown.elapsed() >= TICK {
                if let Some(limit) = over_memory(self.tools.judge.settings.limits.sweep_memory_mib) {
                    self.summary.limit = Some(limit);
                    self.stop()?;
                    break;
                }
                shown = Instant::now();
                show(&self.progress(walking));
            }
        }
        if self.summary.state == State::Complete {
            anyhow::ensure!(all_ended(), "a thread that lists or probes files ended early; nothing was taken for gone");
            let roots = options.all_roots();
            if !self.bury_the_gone(&roots, options.accept_empty, options.until)? {
                self.summary.state = State::Stopped;
            } else if options.forget_outside && options.unreadable.is_empty() && self.summary.suddenly_empty.is_empty()
            {
                self.forget_outside(&super::outermost(roots))?;
            }
        }
        self.catalog.commit()?;
        self.summary.events = self.catalog.events()?.into_iter().collect();
        self.summary.sweep_cpu_seconds = Duration::from_millis(sandbox::cpu_milliseconds()).as_secs_f64();
        self.summary.sweep_peak_mib = sandbox::peak_kib("self") / 1024;
        Ok(self.summary)
    }

    /// A root that cannot be read is a folder that cannot be listed. It gets a place in the catalog where it is meant to be
    /// there: it is the root of a zone, or something is known below it. Anything else is a slip of the keyboard.
    fn note_unreadable_roots(&mut self, options: &Options<'_>) -> anyhow::Result<()> {
        for root in &options.unreadable {
            if super::is_meant(self.catalog, self.tools.judge.zones, &root.path)? {
                let fault = walk::fault_of(&root.error);
                // A file that was read, and is named by its path, stays one.
                match self.catalog.known(&root.path)?.is_some_and(|known| known.content.is_some()) {
                    true => self.put_unseen(&root.path, &fault)?,
                    false => self.put_folder(root.path.clone(), fault)?,
                }
            }
        }
        Ok(())
    }

    pub(super) fn zones(&self) -> &Zones {
        self.tools.judge.zones
    }

    /// Waits for the next thing to happen, and sees to it.
    fn step(&mut self, walking: &mut bool) -> anyhow::Result<()> {
        let room = self.tools.pool.waiting() < self.tools.judge.settings.limits.queue_contents;
        let source = if *walking && room { self.tools.probed.clone() } else { never() };
        // Whatever is read next may need classifying: what is under way is done first.
        let limit = self.tools.judge.settings.limits.queue_text_bytes;
        let events =
            if has_room(self.classifying, self.classifying_bytes, limit) { self.tools.pool.events() } else { &never() };
        select! {
            recv(source) -> message => match message {
                Ok(message) => self.take_probed(message?),
                Err(_) => {
                    *walking = false;
                    Ok(())
                }
            },
            recv(events) -> event => self.take_event(event?),
            recv(self.tools.classified) -> classified => self.take_classified(classified?),
            default(TICK) => Ok(()),
        }
    }

    fn take_probed(&mut self, probed: Probed) -> anyhow::Result<()> {
        match probed {
            Probed::Counted { same, links, special, ignored } => {
                self.summary.files += same.len() as u64;
                self.summary.unchanged += same.len() as u64;
                self.summary.links += links;
                self.summary.special += special;
                self.summary.ignored += ignored;
                same.into_iter().for_each(|id| self.seen.insert(id));
                Ok(())
            }
            Probed::Unreadable(Unreadable { location, fault, folder: true, .. }) => {
                self.put_folder(location.path, fault)
            }
            Probed::Unreadable(Unreadable { location, identity, fault, folder: false }) => {
                self.summary.files += 1;
                // One that vanished since it was listed is simply gone.
                if fault.reason == FaultReason::Vanished && !location.path.exists() {
                    return Ok(());
                }
                match identity {
                    Some(identity) => self.put(&Met::unreadable(&location.path, identity, &fault)),
                    None => self.put_unseen(&location.path, &fault),
                }
            }
            Probed::Open(candidate, probe) => {
                self.summary.files += 1;
                self.take_open(&candidate, probe)
            }
        }
    }

    fn take_event(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Opened(content, opening) => {
                if let Some(open) = self.open.get_mut(&content) {
                    self.pages_opened += u64::from(opening.pages.saturating_sub(open.pages));
                    open.pages = opening.pages;
                }
                Ok(self.catalog.opened(content, &opening)?)
            }
            Event::Page(content, page) => {
                self.summary.pages_read += 1;
                self.summary.pages_ocred += u64::from(page.ocr);
                Ok(self.catalog.add_page(content, &page)?)
            }
            Event::Fault(content, fault) => {
                self.summary.page_faults += u64::from(fault.page.is_some());
                Ok(self.catalog.add_fault(content, &fault)?)
            }
            Event::Member(container, unpacked) => self.take_member(container, *unpacked),
            Event::MemberFault(container, ordinal, name, fault) => {
                self.summary.members += 1;
                let row = MemberRow { ordinal, name, size: 0, content: None, fault: Some(fault) };
                Ok(self.catalog.add_member(container, &row)?)
            }
            Event::Started(held) => {
                self.summary.provenance.started(held);
                Ok(self.catalog.held(&serde_json::to_string(&self.summary.provenance)?)?)
            }
            Event::Served(cost) => {
                self.summary.engine_cpu_seconds += Duration::from_millis(cost.engine_ms).as_secs_f64();
                self.summary.reader_peak_mib = self.summary.reader_peak_mib.max(cost.peak_kib / 1024);
                Ok(())
            }
            Event::Broken(why) => bail!("readers cannot be started any more: {why}"),
            Event::Finished(content) => self.hand_over(content),
        }
    }

    /// Hands a content that was read to the classifying threads.
    fn hand_over(&mut self, content: Ticket) -> anyhow::Result<()> {
        let Some(open) = self.open.get(&content) else { return Ok(()) };
        let file = open.file.as_ref().map(File::try_clone).transpose()?;
        let (identity, settled, hash) = (open.identity, open.settled, open.hash);
        let (pages, coverage) = self.catalog.reading(content)?;
        self.summary.contents_read += 1;
        self.classifying += 1;
        let bytes = classifying::bytes_of(&pages);
        self.classifying_bytes = self.classifying_bytes.saturating_add(bytes);
        // There is room: no event is taken while `UNDER_WAY` contents are on their way.
        Ok(self.tools.to_classify.send(Job { content, file, identity, settled, hash, pages, bytes, coverage })?)
    }

    fn take_classified(&mut self, classified: Classified) -> anyhow::Result<()> {
        let Classified { content, bytes, coverage, outcome } = classified;
        self.classifying -= 1;
        self.classifying_bytes = self.classifying_bytes.saturating_sub(bytes);
        let Some(open) = self.open.remove(&content) else { return Ok(()) };
        match outcome {
            Ok(classification) => self.finish(content, &coverage, &classification),
            Err(fault) => {
                self.catalog.discard_reading(content)?;
                self.put(&Met { settled: open.settled, ..Met::unreadable(&open.path, open.identity, &fault) })
            }
        }
    }

    /// Makes a reading visible: pages, findings and verdicts together.
    fn finish(&mut self, content: i64, coverage: &Coverage, classification: &Classification) -> anyhow::Result<()> {
        self.catalog.finish_reading(content, coverage, self.tools.stamps.conditions())?;
        self.catalog.set_findings(content, classification, &self.classified_with)?;
        let judge = self.tools.judge;
        for mut place in self.catalog.places(Some(content))? {
            if let Some(fault) = judge.place(self.catalog, &place.location, content, place.fault.as_ref())?
                && place.fault.is_none()
            {
                place.fault = Some(fault);
                self.catalog.set_fault(&place)?;
            }
        }
        outdated::judge_places(self.catalog, content, judge)?;
        Ok(())
    }

    /// Stops at once: keeps what readers have already sent, drops the rest.
    fn stop(&mut self) -> anyhow::Result<()> {
        self.tools.probed = never();
        self.tools.pool.abandon();
        self.summary.state = State::Stopped;
        while let Ok(event) = self.tools.pool.events().try_recv() {
            // Pages are kept; what is whole is classified next time, and what was unpacked is unpacked again.
            if !matches!(event, Event::Finished(_) | Event::Member(..) | Event::MemberFault(..)) {
                self.take_event(event)?;
            }
        }
        Ok(())
    }

    pub(super) fn commit_in_time(&mut self) -> anyhow::Result<()> {
        let due = self.catalog.pending() >= COMMIT_CHANGES || self.committed.elapsed() >= COMMIT_EVERY;
        if due {
            self.catalog.commit()?;
            self.committed = Instant::now();
        }
        Ok(())
    }

    fn progress(&self, walking: bool) -> Progress {
        let slowest = self.open.values().min_by_key(|open| open.since);
        Progress {
            files: self.summary.files,
            pages: self.summary.pages_read,
            pages_left: self.pages_opened.saturating_sub(self.summary.pages_read + self.summary.page_faults),
            walking,
            slowest: slowest.map(|open| (open.path.clone(), open.since.elapsed())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_to_classify_below_both_limits_only() {
        let (few, most) = (classifying::UNDER_WAY - 1, 1000);
        assert!(has_room(0, 0, most) && has_room(few, most - 1, most));
        for bytes in [most, most + 1, usize::MAX] {
            assert!(!has_room(0, bytes, most) && !has_room(few, bytes, most), "{bytes}");
        }
        for contents in [classifying::UNDER_WAY, classifying::UNDER_WAY + 1] {
            assert!(!has_room(contents, 0, most) && !has_room(contents, most, most), "{contents}");
        }
        // A content over the limit is classified by itself: nothing was under way when it was taken.
        assert!(has_room(0, 0, 1) && !has_room(1, most, 1));
    }
}
