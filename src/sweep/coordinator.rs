//! The coordinator: the one thread that writes. It feeds the pool, keeps what comes back, and finishes contents.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::bail;
use crossbeam_channel::{Receiver, RecvTimeoutError, never, select};

use super::probing::Probed;
use super::stamps::Stamps;
use super::summary::{State, Summary};
use super::{Options, outdated};
use crate::catalog::{Catalog, CatalogError, ContentRow, LocationRecord};
use crate::classify::Classifier;
use crate::config::Settings;
use crate::document::{Identity, Location};
use crate::finding::{Fault, FaultReason};
use crate::format;
use crate::judge;
use crate::probe::{self, Probe};
use crate::read::pool::{ContentJob, Event, Pool, Ticket};
use crate::read::sandbox;
use crate::walk::Candidate;
use crate::zone::Zones;

/// At most this long until what was read is durable.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// Or this many changes.
const COMMIT_CHANGES: usize = 4000;
/// How often deadlines are looked at and progress is shown when nothing happens.
const TICK: Duration = Duration::from_millis(200);

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
    path: PathBuf,
    file: File,
    identity: Identity,
    since: Instant,
    /// Pages in all, once it was opened.
    pages: u32,
}

/// See the module.
pub(super) struct Coordinator<'a> {
    catalog: &'a mut Catalog,
    settings: &'a Settings,
    zones: &'a Zones,
    classifier: &'a Classifier,
    stamps: &'a Stamps,
    pool: &'a Pool,
    open: HashMap<Ticket, Open>,
    /// Pages of documents that were opened in this sweep.
    pages_opened: u64,
    seen: Seen,
    unlisted: Vec<(PathBuf, Fault)>,
    committed: Instant,
    summary: Summary,
}

impl<'a> Coordinator<'a> {
    pub(super) fn new(
        catalog: &'a mut Catalog,
        settings: &'a Settings,
        zones: &'a Zones,
        classifier: &'a Classifier,
        stamps: &'a Stamps,
        pool: &'a Pool,
    ) -> Self {
        Self {
            catalog,
            settings,
            zones,
            classifier,
            stamps,
            pool,
            open: HashMap::new(),
            pages_opened: 0,
            seen: Seen::default(),
            unlisted: Vec::new(),
            committed: Instant::now(),
            summary: Summary::default(),
        }
    }

    /// Runs to the end, the deadline, or an error that stops everything.
    pub(super) fn run(
        mut self,
        probed: Receiver<Result<Probed, CatalogError>>,
        events: &Receiver<Event>,
        options: &Options<'_>,
        all_ended: &dyn Fn() -> bool,
        show: &mut dyn FnMut(&Progress),
    ) -> anyhow::Result<Summary> {
        let mut probed = Some(probed);
        let mut shown = Instant::now();
        while probed.is_some() || !self.open.is_empty() {
            if options.stop.load(Ordering::Relaxed)
                || options.deadline.is_some_and(|deadline| Instant::now() >= deadline)
            {
                self.stop(probed.take(), events)?;
                break;
            }
            self.step(&mut probed, events)?;
            self.commit_in_time()?;
            if shown.elapsed() >= TICK {
                shown = Instant::now();
                show(&self.progress(probed.is_some()));
            }
        }
        if self.summary.state == State::Complete {
            anyhow::ensure!(all_ended(), "a thread that lists or probes files ended early; nothing was taken for gone");
            self.bury_the_gone(&options.roots)?;
        }
        self.catalog.commit()?;
        self.summary.events = self.catalog.events()?.into_iter().collect();
        self.summary.sweep_cpu_seconds = Duration::from_millis(sandbox::cpu_milliseconds()).as_secs_f64();
        self.summary.sweep_peak_mib = sandbox::peak_kib("self") / 1024;
        Ok(self.summary)
    }

    /// Waits for the next thing to happen, and sees to it.
    fn step(
        &mut self,
        probed: &mut Option<Receiver<Result<Probed, CatalogError>>>,
        events: &Receiver<Event>,
    ) -> anyhow::Result<()> {
        let room = self.pool.waiting() < self.settings.limits.queue_contents;
        let closed = never();
        let source = probed.as_ref().filter(|_| room).unwrap_or(&closed);
        select! {
            recv(source) -> message => match message {
                Ok(message) => self.take_probed(message?),
                Err(_) => {
                    *probed = None;
                    Ok(())
                }
            },
            recv(events) -> event => self.take_event(event?),
            default(TICK) => Ok(()),
        }
    }

    fn take_probed(&mut self, probed: Probed) -> anyhow::Result<()> {
        match probed {
            Probed::Same(ids) => {
                self.summary.files += ids.len() as u64;
                self.summary.unchanged += ids.len() as u64;
                ids.into_iter().for_each(|id| self.seen.insert(id));
                Ok(())
            }
            Probed::Unreadable { location, fault, folder: true, .. } => {
                self.put(&location.path, no_identity(), None, Some(&fault))?;
                self.unlisted.push((location.path, fault));
                Ok(())
            }
            Probed::Unreadable { location, identity, fault, folder: false } => {
                self.summary.files += 1;
                self.unreadable(&location, identity, &fault)
            }
            Probed::Open(candidate, probe) => {
                self.summary.files += 1;
                self.take_open(&candidate, probe)
            }
        }
    }

    /// A file that cannot be had. One that vanished since it was listed is simply gone.
    fn unreadable(&mut self, location: &Location, identity: Option<Identity>, fault: &Fault) -> anyhow::Result<()> {
        if fault.reason == FaultReason::Vanished && !location.path.exists() {
            return Ok(());
        }
        self.put(&location.path, identity.unwrap_or_else(no_identity), None, Some(fault))
    }

    /// A file with a name for its content: already read, being read, or to be read.
    fn take_open(&mut self, candidate: &Candidate, probe: Probe) -> anyhow::Result<()> {
        let path = &candidate.location.path;
        let read_with = self.stamps.of(&probe.kind);
        let known = self.catalog.content(&probe.hash)?;
        let limits = self.stamps.limits();
        let read = |row: &ContentRow| {
            row.done && row.read_with == read_with && row.limited_by.as_deref().is_none_or(|by| by == limits)
        };
        if let Some(row) = known.clone().filter(read) {
            return self.put(path, probe.identity, Some(row.id), None);
        }
        if let Some(row) = known.filter(|row| self.open.contains_key(&row.id)) {
            return self.put(path, probe.identity, Some(row.id), None);
        }
        let content = self.catalog.begin_reading(&probe.hash, &probe.identity, &probe.kind, &read_with)?;
        self.put(path, probe.identity, Some(content), None)?;
        if format::for_kind(&probe.kind).is_none() {
            if probe.kind.as_str() != "empty" {
                let detail = format!("no reader for kind {} yet", probe.kind);
                self.catalog.add_fault(content, &Fault::whole(FaultReason::Unsupported, detail))?;
            }
            return self.finish(content);
        }
        let missing = self.catalog.missing_pages(content, self.settings.limits.pages)?;
        let open = Open {
            path: path.clone(),
            file: probe.file.try_clone()?,
            identity: probe.identity,
            since: Instant::now(),
            pages: 0,
        };
        self.open.insert(content, open);
        self.pool.submit(ContentJob { ticket: content, file: probe.file, kind: probe.kind, missing });
        Ok(())
    }

    fn take_event(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Opened(content, pages, faults) => {
                if let Some(open) = self.open.get_mut(&content) {
                    self.pages_opened += u64::from(pages.saturating_sub(open.pages));
                    open.pages = pages;
                }
                Ok(self.catalog.opened(content, pages, &faults)?)
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
            Event::Served(cost) => {
                self.summary.reader_cpu_seconds += Duration::from_millis(cost.cpu_ms).as_secs_f64();
                self.summary.engine_cpu_seconds += Duration::from_millis(cost.engine_ms).as_secs_f64();
                self.summary.reader_peak_mib = self.summary.reader_peak_mib.max(cost.peak_kib / 1024);
                Ok(())
            }
            Event::Broken(why) => bail!("readers cannot be started any more: {why}"),
            Event::Finished(content) => {
                let Some(open) = self.open.remove(&content) else { return Ok(()) };
                self.summary.contents_read += 1;
                match probe::unchanged(&open.file, &open.identity) {
                    Ok(()) => self.finish(content),
                    Err(fault) => {
                        self.catalog.discard_reading(content)?;
                        self.put(&open.path, open.identity, None, Some(&fault))
                    }
                }
            }
        }
    }

    /// Makes a reading visible: pages, findings and verdicts together.
    fn finish(&mut self, content: i64) -> anyhow::Result<()> {
        let (pages, coverage) = self.catalog.reading(content)?;
        let classification = self.classifier.classify(&pages, &self.settings.limits);
        let (level, natives) = judge::level(&classification.findings, &self.settings.judge);
        self.catalog.finish_reading(content, &coverage, self.stamps.limits())?;
        self.catalog.set_findings(content, &classification, (level, &natives), &self.classifier.stamp())?;
        outdated::judge_places(self.catalog, content, self.zones, self.settings)?;
        Ok(())
    }

    /// Keeps a location with the verdict that its evidence so far gives. What cannot be looked at this time keeps the
    /// content it had: evidence does not go away because access did.
    fn put(
        &mut self,
        path: &Path,
        identity: Identity,
        content: Option<i64>,
        fault: Option<&Fault>,
    ) -> anyhow::Result<()> {
        let zone = self.zones.of(path);
        let content = match content {
            Some(content) => Some(content),
            None => self.catalog.known(path)?.and_then(|known| known.content).map(|known| known.id),
        };
        let (findings, mut coverage) = match content {
            Some(content) => self.catalog.evidence(content)?,
            None => Default::default(),
        };
        coverage.faults.extend(fault.cloned());
        let judgement = judge::judge(&findings, &coverage, zone.ceiling, &self.settings.judge);
        let record = LocationRecord { path, zone: &zone.name, identity, content, fault, judgement: &judgement };
        let (id, _) = self.catalog.put_location(&record)?;
        self.seen.insert(id);
        Ok(())
    }

    /// Known locations that were not met: gone, or below a folder that could not be listed.
    fn bury_the_gone(&mut self, roots: &[PathBuf]) -> anyhow::Result<()> {
        for root in roots {
            let unseen = self.catalog.unseen(root, |id| self.seen.contains(id))?;
            if !unseen.is_empty() && is_empty_folder(root) {
                // A share that is not mounted looks like this.
                self.summary.suddenly_empty.push(root.display().to_string());
                continue;
            }
            for (path, content) in unseen {
                match self.unlisted.iter().find(|(folder, _)| path.starts_with(folder)) {
                    Some((_, fault)) => {
                        let fault = fault.clone();
                        self.put(&path, no_identity(), None, Some(&fault))?;
                    }
                    None => self.catalog.gone(&path, content)?,
                }
                self.commit_in_time()?;
            }
        }
        Ok(())
    }

    /// Stops at once: keeps what readers have already sent, drops the rest.
    fn stop(
        &mut self,
        probed: Option<Receiver<Result<Probed, CatalogError>>>,
        events: &Receiver<Event>,
    ) -> anyhow::Result<()> {
        drop(probed);
        self.pool.abandon();
        self.summary.state = State::Stopped;
        loop {
            match events.recv_timeout(Duration::ZERO) {
                Ok(event) => self.take_event(event)?,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    fn commit_in_time(&mut self) -> anyhow::Result<()> {
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

fn is_empty_folder(root: &Path) -> bool {
    std::fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_none())
}

/// For locations of which `stat` said nothing.
fn no_identity() -> Identity {
    Identity { device: 0, inode: 0, size: 0, mtime_ns: 0, ctime_ns: 0 }
}

/// Numbers of locations, as bits: a million of them in 125 KB.
#[derive(Debug, Default)]
struct Seen(Vec<u64>);

impl Seen {
    fn insert(&mut self, id: i64) {
        let (word, bit) = Self::place(id);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    fn contains(&self, id: i64) -> bool {
        let (word, bit) = Self::place(id);
        self.0.get(word).is_some_and(|bits| bits >> bit & 1 == 1)
    }

    fn place(id: i64) -> (usize, u32) {
        let id = usize::try_from(id).expect("numbers of locations count up from 1");
        (id / 64, u32::try_from(id % 64).expect("less than 64"))
    }
}
