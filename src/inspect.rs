//! Inspects single files or folders: the stages without a store. Nothing is kept.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::catalog::{FileRow, Since};
use crate::classify::{self, Classifier};
use crate::config::Settings;
use crate::document::{ContentHash, Identity, Kind, Location, Page, Remark};
use crate::finding::{Coverage, Fault, Level, Verdict};
use crate::format;
use crate::judge;
use crate::naming::Names;
use crate::probe::{self, Probe};
use crate::read::below::Below;
use crate::read::pool::{ContentJob, Event, Pool};
use crate::read::process::ReaderCommand;
use crate::read::reader;
use crate::read::spool::Unpacked;
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
    let inspector = Inspector {
        settings,
        zones: Zones::configured(settings),
        classifier: Classifier::load(settings)?,
        names: Names::new(settings),
        stamps,
    };
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
            for (file, pages) in inspector.finish_all(root.work)? {
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

/// A document that was read and judged by itself.
struct Finished {
    row: FileRow,
    pages: Vec<Page>,
    /// Place of its container in the list.
    container: Option<usize>,
    again: bool,
}

/// Gives each container the worst verdict of what lies in it: that stands behind it. In the second copy of a container
/// (`first`: the place of the one that was read) lies what lies in the first.
fn lift(finished: &mut [Finished], first: &[Option<usize>]) {
    let worse = |one: (Verdict, Level), other: (Verdict, Level)| (one.0.worse(other.0), one.1.max(other.1));
    let mut inside = vec![(Verdict::OutOfScope, Level::Public); finished.len()];
    // From the inside out. A copy may stand before the first one, which may hold copies itself; this ends, because everything
    // only gets worse.
    loop {
        let before = inside.clone();
        for (at, one) in finished.iter().enumerate().rev() {
            if let Some(first) = first[at] {
                inside[at] = worse(inside[at], inside[first]);
            }
            if let Some(container) = one.container {
                let whole = worse((one.row.verdict, one.row.level), inside[at]);
                inside[container] = worse(inside[container], whole);
            }
        }
        if inside == before {
            break;
        }
    }
    for (Finished { row, .. }, (verdict, level)) in finished.iter_mut().zip(inside) {
        let worst = row.verdict.worse(verdict);
        if worst != row.verdict {
            (row.verdict, row.decided_by) = (worst, Vec::new());
        }
        row.level = row.level.max(level);
    }
}

impl Finished {
    fn hash(&self) -> Option<ContentHash> {
        self.row.content.map(|(_, hash)| hash)
    }
}

struct Inspector<'a> {
    settings: &'a Settings,
    zones: Zones,
    classifier: Classifier,
    names: Names<'a>,
    stamps: Stamps,
}

impl Inspector<'_> {
    /// Classifies and judges a file, and behind it everything in it.
    fn finish_all(&self, work: Work) -> anyhow::Result<Vec<(FileRow, Vec<Page>)>> {
        let mut finished = Vec::new();
        self.finish(work, &mut finished)?;
        let read: BTreeMap<ContentHash, usize> = (0..finished.len())
            .filter(|at| !finished[*at].again)
            .filter_map(|at| Some((finished[at].hash()?, at)))
            .collect();
        let first: Vec<Option<usize>> =
            finished.iter().map(|one| read.get(&one.hash()?).copied().filter(|_| one.again)).collect();
        for (at, first) in first.iter().enumerate() {
            if let Some(first) = *first {
                finished[at].row = self.renamed(&finished[first].row, &finished[at].row);
                let pages = finished[first].pages.clone();
                finished[at].pages = pages;
            }
        }
        lift(&mut finished, &first);
        Ok(finished.into_iter().map(|one| (one.row, one.pages)).collect())
    }

    /// A document that was read under another name, by itself, with what is said of it where it lies: its own name, and why it is
    /// not all there.
    fn renamed(&self, first: &FileRow, here: &FileRow) -> FileRow {
        let mut row = FileRow { location: here.location.clone(), ..first.clone() };
        row.findings.retain(|one| one.page != 0);
        row.findings.extend(here.findings.iter().cloned());
        row.coverage.faults.extend(here.coverage.faults.iter().cloned());
        let ceiling = self.zones.of(&row.location.path).ceiling;
        let judgement = judge::judge(&row.findings, &row.coverage, ceiling, &self.settings.judge);
        (row.verdict, row.decided_by) = (judgement.verdict, judgement.decided_by);
        row
    }

    /// Puts a document and behind it what lies in it.
    fn finish(&self, root: Work, finished: &mut Vec<Finished>) -> anyhow::Result<()> {
        let mut waiting = vec![(root, None)];
        while let Some((mut work, container)) = waiting.pop() {
            let members = std::mem::take(&mut work.members);
            let again = work.again;
            let (row, pages) = self.finish_one(work)?;
            finished.push(Finished { row, pages, container, again });
            let at = finished.len() - 1;
            waiting.extend(members.into_values().rev().map(|member| (member, Some(at))));
        }
        Ok(())
    }

    fn finish_one(&self, mut work: Work) -> anyhow::Result<(FileRow, Vec<Page>)> {
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
        let mut findings = classification.findings;
        let kind = work.probe.as_ref().map(|(kind, _)| kind);
        // What it says of the content alone is its level.
        let (level, natives) = judge::level(&findings, &self.settings.judge);
        findings.extend(self.names.findings(&work.location, kind)?);
        let labels = pages.iter().filter_map(|page| Some((page.number, page.label.clone()?))).collect();
        let zone = self.zones.of(&work.location.path);
        let judgement = judge::judge(&findings, &coverage, zone.ceiling, &self.settings.judge);
        let stamps = (work.probe.as_ref().map(|(kind, _)| self.stamps.of(kind)), Some(classify::stamp(self.settings)));
        let (kind, hash) = work.probe.unzip();
        let file = FileRow {
            location: work.location,
            labels,
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
            decisions: BTreeMap::new(),
            remarks: work.remarks,
            since: Since::default(),
            looked_at: true,
            folder: work.folder,
            stamps,
        };
        Ok((file, pages))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FaultReason;
    use crate::read::protocol::ReaderStamps;

    /// A document of these bytes, under a name, with what lies in it.
    fn work(name: &str, bytes: &str, members: Vec<Work>) -> Work {
        let mut work = Work::new(0, Location::file("/share/outer.zip").inside(name), no_identity(1));
        let kind = Kind::new(if name.strip_suffix(".zip").is_some() { "zip" } else { "text" });
        work.probe = Some((kind, ContentHash(*blake3::hash(bytes.as_bytes()).as_bytes())));
        work.members = (1..).zip(members).collect();
        work
    }

    /// Another document of these bytes, which is not read.
    fn copy(name: &str, bytes: &str) -> Work {
        Work { again: true, ..work(name, bytes, Vec::new()) }
    }

    fn encrypted(name: &str) -> Work {
        Work { faults: vec![Fault::whole(FaultReason::Encrypted, "a password")], ..work(name, name, Vec::new()) }
    }

    fn marked(name: &str) -> Work {
        let pages = BTreeMap::from([(1, Page::plain(1, "机密★10年\n\n关于某事的通知\n"))]);
        Work { total: 1, pages, ..work(name, name, Vec::new()) }
    }

    /// Verdicts and levels by name of an archive of these.
    fn judged(members: Vec<Work>) -> BTreeMap<String, (&'static str, u8)> {
        let settings = Settings::defaults();
        let inspector = Inspector {
            settings: &settings,
            zones: Zones::configured(&settings),
            classifier: Classifier::load(&settings).expect("the rules compile"),
            names: Names::new(&settings),
            stamps: Stamps::new(&settings, &ReaderStamps::default()),
        };
        let done = inspector.finish_all(work("outer.zip", "outer", members)).expect("judged");
        let said = |row: FileRow| {
            assert!(row.decided_by.iter().all(|index| *index < row.findings.len()), "{}", row.location);
            (row.location.name().into_owned(), (row.verdict.as_str(), row.level.number()))
        };
        done.into_iter().map(|(row, _)| said(row)).collect()
    }

    #[test]
    fn a_copy_of_a_container_whose_name_is_marked_holds_what_the_first_one_holds() {
        for (member, expected) in [
            (encrypted("a.txt"), ("unverified", 0)),
            (work("年度报告（机密）.txt", "report", Vec::new()), ("review", 0)),
            (marked("a.txt"), ("misfiled", 3)),
            (work("a.txt", "harmless", Vec::new()), ("clear", 0)),
        ] {
            let first = work("[机密]年度报告.zip", "inner", vec![member]);
            let said = judged(vec![first, copy("copy.zip", "inner")]);
            assert_eq!(said["copy.zip"], expected);
            let of_both = if expected.0 == "misfiled" { expected } else { ("review", 0) };
            assert_eq!((said["[机密]年度报告.zip"], said["outer.zip"]), (of_both, of_both), "{expected:?}");
        }
    }

    #[test]
    fn a_copy_is_no_better_for_where_it_stands_or_for_copies_in_the_first_one() {
        for (member, expected) in [(encrypted("a.txt"), "unverified"), (marked("a.txt"), "misfiled")] {
            let middle = work("middle.zip", "middle", vec![copy("inner copy.zip", "inner")]);
            let said = judged(vec![
                copy("copy.zip", "middle"),
                work("folder.zip", "folder", vec![middle]),
                work("inner.zip", "inner", vec![member]),
            ]);
            assert!(said.values().all(|one| one.0 == expected), "{said:?}");
        }
        // An archive that holds itself.
        let said = judged(vec![work("self.zip", "self", vec![copy("again.zip", "self"), encrypted("a.txt")])]);
        assert!(said.values().all(|one| one.0 == "unverified"), "{said:?}");
    }

    #[test]
    fn a_copy_has_its_own_name_and_its_own_faults() {
        let said = judged(vec![work("a.txt", "text", Vec::new()), copy("[机密]年度报告.txt", "text")]);
        assert_eq!((said["a.txt"].0, said["[机密]年度报告.txt"].0), ("clear", "review"));
        let cut = Fault::whole(FaultReason::Damaged, "cut short");
        let said = judged(vec![work("a.txt", "text", Vec::new()), Work { faults: vec![cut], ..copy("b.txt", "text") }]);
        assert_eq!((said["a.txt"].0, said["b.txt"].0, said["outer.zip"].0), ("clear", "unverified", "unverified"));
    }
}
