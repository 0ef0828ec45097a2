//! Inspects single files or folders: the stages without a store. Nothing is written anywhere.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, bail};
use crossbeam_channel::Receiver;

use crate::catalog::{FileRow, Since};
use crate::classify::{self, Classifier};
use crate::config::Settings;
use crate::document::{ContentHash, Identity, Kind, Location, Page, Remark};
use crate::finding::{Coverage, Fault, FaultReason};
use crate::format;
use crate::judge;
use crate::probe::{self, Probe};
use crate::read::pool::{ContentJob, Event, Pool};
use crate::read::process::ReaderCommand;
use crate::read::reader;
use crate::sweep::Stamps;
use crate::walk::{self, Candidate, Listing, Unreadable};
use crate::zone::Zones;

/// Files read at the same time, so that no reader waits for the last page of another's file.
const WINDOW: usize = 8;

/// Inspects roots (resolved) and hands over each file with its pages, in order of path, until told to stop.
pub fn inspect(
    settings: &Settings,
    roots: &[PathBuf],
    reader: ReaderCommand,
    mut each: impl FnMut(FileRow, &[Page]) -> anyhow::Result<ControlFlow<()>>,
) -> anyhow::Result<()> {
    let met = list(settings, roots)?;
    let reads_with = reader::stamps(settings)?;
    let stamps = Stamps::new(settings, &reads_with);
    let pool = Pool::start(settings, reader, reads_with);
    let inspector =
        Inspector { settings, zones: Zones::configured(settings), classifier: Classifier::load(settings)?, stamps };
    let mut waiting = met.into_values();
    let mut window: VecDeque<Work> = VecDeque::new();
    let mut ticket = 0;
    loop {
        while window.len() < WINDOW
            && let Some(met) = waiting.next()
        {
            ticket += 1;
            window.push_back(begin(met, ticket, settings, &pool));
        }
        let Some(first) = window.front_mut() else { return Ok(()) };
        if first.done {
            let work = window.pop_front().expect("it was just looked at");
            let (file, pages) = inspector.finish(work);
            if each(file, &pages)?.is_break() {
                return Ok(());
            }
            continue;
        }
        take(pool.events(), &mut window)?;
    }
}

/// Everything below the roots, in order of path.
fn list(settings: &Settings, roots: &[PathBuf]) -> anyhow::Result<BTreeMap<PathBuf, Met>> {
    let (out, met) = crossbeam_channel::unbounded();
    for root in roots {
        walk::walk(root, settings, None, &out).context("walk.ignore")?;
    }
    drop(out);
    let mut all = BTreeMap::new();
    for Listing { files, unreadable, .. } in met {
        all.extend(files.into_iter().map(|file| (file.location.path.clone(), Met::File(file))));
        all.extend(unreadable.into_iter().map(|one| (one.location.path.clone(), Met::Unreadable(one))));
    }
    Ok(all)
}

/// What is reported on.
enum Met {
    File(Candidate),
    Unreadable(Unreadable),
}

/// One file on its way.
struct Work {
    ticket: i64,
    location: Location,
    /// One that cannot be listed.
    folder: bool,
    size: u64,
    identity: Identity,
    settled: bool,
    probe: Option<(Kind, ContentHash)>,
    /// For a last look whether the file changed under us.
    file: Option<(std::fs::File, ContentHash)>,
    total: u32,
    pages: BTreeMap<u32, Page>,
    faults: Vec<Fault>,
    remarks: Vec<Remark>,
    done: bool,
}

/// Probes a file and submits it.
fn begin(met: Met, ticket: i64, settings: &Settings, pool: &Pool) -> Work {
    let none = |location, size, fault, folder| Work {
        ticket,
        location,
        folder,
        size,
        identity: Identity { device: 0, inode: 0, size, mtime_ns: 0, ctime_ns: 0 },
        settled: false,
        probe: None,
        file: None,
        total: 0,
        pages: BTreeMap::new(),
        faults: vec![fault],
        remarks: Vec::new(),
        done: true,
    };
    let candidate = match met {
        Met::File(candidate) => candidate,
        Met::Unreadable(Unreadable { location, identity, fault, folder }) => {
            return none(location, identity.map_or(0, |identity| identity.size), fault, folder);
        }
    };
    let probed = probe::probe(&candidate, settings);
    let Candidate { location, identity, .. } = candidate;
    match probed.map_err(|(_, fault)| fault).and_then(|probe| {
        let copy = probe.file.try_clone().map_err(|error| walk::fault_of(&error))?;
        Ok((probe, copy))
    }) {
        Err(fault) => none(location, identity.size, fault, false),
        Ok((probe, copy)) => {
            let Probe { file, identity, settled, hash, kind } = probe;
            let mut work = Work {
                ticket,
                location,
                folder: false,
                size: identity.size,
                identity,
                settled,
                probe: Some((kind.clone(), hash)),
                file: Some((copy, hash)),
                total: 0,
                pages: BTreeMap::new(),
                faults: Vec::new(),
                remarks: Vec::new(),
                done: false,
            };
            if format::for_kind(&kind).is_some() {
                pool.submit(ContentJob { ticket, file, kind, missing: None, text_bytes: 0 });
            } else {
                work.done = true;
                if work.probe.as_ref().is_some_and(|(kind, _)| kind.as_str() != "empty") {
                    work.faults.push(Fault::whole(FaultReason::Unsupported, format!("no reader for kind {kind} yet")));
                }
            }
            work
        }
    }
}

/// Takes the next event into the file it belongs to.
fn take(events: &Receiver<Event>, window: &mut VecDeque<Work>) -> anyhow::Result<()> {
    let event = events.recv().context("all readers ended")?;
    let ticket = match &event {
        Event::Opened(ticket, ..) | Event::Page(ticket, _) | Event::Fault(ticket, _) | Event::Finished(ticket) => {
            *ticket
        }
        Event::Started(_) | Event::Served(_) => return Ok(()),
        Event::Broken(why) => bail!("readers cannot be started any more: {why}"),
    };
    let Some(work) = window.iter_mut().find(|work| work.ticket == ticket) else { return Ok(()) };
    match event {
        Event::Opened(_, opening) => {
            work.total = opening.pages;
            work.faults.extend(opening.faults);
            work.remarks = opening.remarks;
        }
        Event::Page(_, page) => {
            let number = page.number;
            work.faults.extend(page.faults.iter().map(|fault| Fault { page: Some(number), ..fault.clone() }));
            work.pages.insert(number, *page);
        }
        Event::Fault(_, fault) => work.faults.push(fault),
        Event::Finished(_) => work.done = true,
        Event::Started(_) | Event::Served(_) | Event::Broken(_) => {}
    }
    Ok(())
}

struct Inspector<'a> {
    settings: &'a Settings,
    zones: Zones,
    classifier: Classifier,
    stamps: Stamps,
}

impl Inspector<'_> {
    /// Classifies and judges.
    fn finish(&self, mut work: Work) -> (FileRow, Vec<Page>) {
        if let Some((file, hash)) = &work.file
            && let Err(fault) = probe::still(file, &work.identity, work.settled, hash)
        {
            work.faults.push(fault);
        }
        work.faults.sort();
        work.faults.dedup();
        let pages: Vec<Page> = work.pages.into_values().collect();
        let classification = self.classifier.classify(&pages, &self.settings.limits);
        work.faults.extend(classification.fault);
        let coverage = Coverage::of(&pages, work.total, work.faults);
        let findings = classification.findings;
        let zone = self.zones.of(&work.location.path);
        let judgement = judge::judge(&findings, &coverage, zone.ceiling, &self.settings.judge);
        let (level, natives) = judge::level(&findings, &self.settings.judge);
        let stamps = (work.probe.as_ref().map(|(kind, _)| self.stamps.of(kind)), Some(classify::stamp(self.settings)));
        let (kind, hash) = work.probe.unzip();
        let file = FileRow {
            path: work.location.path,
            zone: zone.name.clone(),
            content: hash.map(|hash| (0, hash)),
            kind,
            size: work.size,
            identity: work.identity,
            settled: work.settled,
            level,
            natives,
            verdict: judgement.verdict,
            decided_by: judgement.decided_by,
            coverage,
            findings,
            remarks: work.remarks,
            since: Since::default(),
            looked_at: true,
            folder: work.folder,
            stamps,
        };
        (file, pages)
    }
}
