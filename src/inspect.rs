//! Inspects single files or folders: the stages without a store. Nothing is kept.

mod judging;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};

use self::judging::Judging;
use crate::catalog::FileRow;
use crate::config::Settings;
use crate::document::{ContentHash, Identity, Kind, Location, Page, Remark};
use crate::finding::Fault;
use crate::format;
use crate::probe::{self, Probe};
use crate::read::below::Below;
use crate::read::pool::{ContentJob, Event, Pool};
use crate::read::process::ReaderCommand;
use crate::read::reader;
use crate::read::spool::Unpacked;
use crate::sweep::Stamps;
use crate::walk::{self, Candidate, Listing, Unreadable};

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
    let judging = Judging::new(settings, stamps)?;
    let mut waiting = met.into_values();
    let mut window: VecDeque<Root> = VecDeque::new();
    let mut ticket = 0;
    loop {
        while window.len() < WINDOW
            && let Some(met) = waiting.next()
        {
            ticket += 1;
            let below = Arc::default();
            window.push_back(Root::new(begin(met, ticket, &below, settings, &pool), below));
        }
        let Some(first) = window.front_mut() else { return Ok(()) };
        if first.open == 0 {
            let root = window.pop_front().expect("it was just looked at");
            for (file, pages) in judging.finish_all(root.work)? {
                if each(file, &pages)?.is_break() {
                    return Ok(());
                }
            }
            continue;
        }
        take(&pool, &mut window, &mut ticket, settings)?;
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

/// A file on its way, with everything in it.
struct Root {
    work: Work,
    /// The first document in it of each content: every content is read once.
    contents: BTreeMap<ContentHash, i64>,
    /// Where each document in it stands: the numbers on the way to it.
    places: HashMap<i64, Vec<u32>>,
    /// Documents that are not wholly read.
    open: usize,
    /// What was unpacked of it.
    below: Arc<Below>,
}

impl Root {
    fn new(work: Work, below: Arc<Below>) -> Self {
        let contents = work.probe.iter().map(|(_, hash)| (*hash, work.ticket)).collect();
        let (places, open) = (HashMap::from([(work.ticket, Vec::new())]), usize::from(!work.done));
        Self { work, contents, places, open, below }
    }

    /// It, or what lies in it, by ticket.
    fn find(&mut self, ticket: i64) -> Option<&mut Work> {
        let place = self.places.get(&ticket)?;
        place.iter().try_fold(&mut self.work, |work, ordinal| work.members.get_mut(ordinal))
    }

    /// Keeps a document that lies in another one. One that is unpacked again, because its reader died over a later one, is read
    /// already.
    fn put(&mut self, container: i64, ordinal: u32, member: Work) {
        let Some(mut place) = self.places.get(&container).cloned() else { return };
        place.push(ordinal);
        self.places.insert(member.ticket, place);
        self.open += usize::from(!member.done);
        let Some(within) = self.find(container) else { return };
        if let Some(before) = within.members.insert(ordinal, member) {
            self.open -= usize::from(!before.done);
            self.places.remove(&before.ticket);
        }
    }

    /// Keeps a document that lies in another one and has it read, if its content is not read already.
    fn take(&mut self, container: i64, unpacked: Unpacked, ticket: i64, pool: &Pool, settings: &Settings) {
        let Unpacked { ordinal, name, file, place, size, hash, kind, fault } = unpacked;
        let Some(within) = self.find(container) else { return };
        let mut member = Work::new(ticket, within.location.inside(&name), no_identity(size));
        member.probe = Some((kind.clone(), hash));
        member.faults.extend(fault);
        match self.contents.get(&hash) {
            Some(_) => (member.again, member.done) = (true, true),
            None => {
                self.contents.insert(hash, ticket);
                let depth = u32::try_from(member.location.members.len()).unwrap_or(u32::MAX);
                let below = Arc::clone(&self.below);
                let job = ContentJob { place: Some(place), depth, below, ..ContentJob::new(ticket, file, kind) };
                member.submit(job, pool, settings);
            }
        }
        self.put(container, ordinal, member);
    }
}

/// One document on its way.
#[expect(clippy::struct_excessive_bools, reason = "four plain facts that say nothing about each other")]
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
    /// Its content is that of another document in the same file, and read there.
    again: bool,
    /// What lies in it, by number.
    members: BTreeMap<u32, Work>,
}

impl Work {
    /// One of which nothing is known yet.
    fn new(ticket: i64, location: Location, identity: Identity) -> Self {
        Self {
            ticket,
            location,
            folder: false,
            size: identity.size,
            identity,
            settled: false,
            probe: None,
            file: None,
            total: 0,
            pages: BTreeMap::new(),
            faults: Vec::new(),
            remarks: Vec::new(),
            done: false,
            again: false,
            members: BTreeMap::new(),
        }
    }

    /// Has a content read whose kind is known.
    fn submit(&mut self, job: ContentJob, pool: &Pool, settings: &Settings) {
        if format::for_kind(&job.kind).is_some() {
            return pool.submit(job);
        }
        self.done = true;
        self.faults.extend(format::unread(&job.kind, settings));
    }
}

/// Of locations of which `stat` said nothing.
fn no_identity(size: u64) -> Identity {
    Identity { device: 0, inode: 0, size, mtime_ns: 0, ctime_ns: 0 }
}

/// Probes a file and submits it.
fn begin(met: Met, ticket: i64, below: &Arc<Below>, settings: &Settings, pool: &Pool) -> Work {
    let none = |location, size, fault, folder| {
        let work = Work::new(ticket, location, no_identity(size));
        Work { folder, faults: vec![fault], done: true, ..work }
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
            let mut work = Work::new(ticket, location, identity);
            (work.settled, work.probe, work.file) = (settled, Some((kind.clone(), hash)), Some((copy, hash)));
            let job = ContentJob { below: Arc::clone(below), ..ContentJob::new(ticket, file, kind) };
            work.submit(job, pool, settings);
            work
        }
    }
}

/// Takes the next event into the file it belongs to.
fn take(pool: &Pool, window: &mut VecDeque<Root>, last: &mut i64, settings: &Settings) -> anyhow::Result<()> {
    let event = pool.events().recv().context("all readers ended")?;
    let ticket = match &event {
        Event::Opened(ticket, ..)
        | Event::Page(ticket, _)
        | Event::Fault(ticket, _)
        | Event::Member(ticket, _)
        | Event::MemberFault(ticket, ..)
        | Event::Finished(ticket) => *ticket,
        Event::Started(_) | Event::Served(_) => return Ok(()),
        Event::Broken(why) => bail!("readers cannot be started any more: {why}"),
    };
    let mut roots = window.iter_mut();
    let Some(root) = roots.find_map(|root| root.places.contains_key(&ticket).then_some(root)) else { return Ok(()) };
    let most = settings.limits.members_below;
    let full = root.places.len() > most;
    *last += 1;
    let event = match event {
        Event::Member(_, unpacked) if !full => {
            root.take(ticket, *unpacked, *last, pool, settings);
            return Ok(());
        }
        event => event,
    };
    let Some(work) = root.find(ticket) else { return Ok(()) };
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
        Event::Member(..) => {
            work.faults.push(Fault::limit("members_below", most, "that many documents, or more, at all depths of it"));
        }
        Event::MemberFault(_, ordinal, name, fault) => {
            let member = Work::new(*last, work.location.inside(&name), no_identity(0));
            root.put(ticket, ordinal, Work { faults: vec![fault], done: true, ..member });
        }
        Event::Finished(_) => {
            let was_open = !std::mem::replace(&mut work.done, true);
            root.open -= usize::from(was_open);
        }
        Event::Started(_) | Event::Served(_) | Event::Broken(_) => {}
    }
    Ok(())
}
