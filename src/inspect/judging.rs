//! The last stage of an inspection: every document is classified and judged by itself, then containers by what lies in them.

use std::collections::BTreeMap;

use super::Work;
use crate::catalog::{FileRow, Since};
use crate::classify::{self, Classifier};
use crate::config::Settings;
use crate::document::{ContentHash, Page};
use crate::finding::{Coverage, Level, Verdict};
use crate::judge::{self, Judgement};
use crate::naming::Names;
use crate::probe;
use crate::sweep::Stamps;
use crate::zone::Zones;

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

/// What documents are classified and judged with.
pub(super) struct Judging<'a> {
    settings: &'a Settings,
    zones: Zones,
    classifier: Classifier,
    names: Names<'a>,
    stamps: Stamps,
}

impl<'a> Judging<'a> {
    /// With the rules and zones of the settings; `stamps` are those of the readers.
    pub(super) fn new(settings: &'a Settings, stamps: Stamps) -> anyhow::Result<Self> {
        Ok(Self {
            settings,
            zones: Zones::configured(settings),
            classifier: Classifier::load(settings)?,
            names: Names::new(settings),
            stamps,
        })
    }

    /// Classifies and judges a file, and behind it everything in it.
    pub(super) fn finish_all(&self, work: Work) -> anyhow::Result<Vec<(FileRow, Vec<Page>)>> {
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
        (row.verdict, row.level) = (judgement.verdict, judgement.level);
        (row.natives, row.decided_by) = (judgement.grounds.natives, judgement.grounds.decided_by);
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
        let zone = self.zones.of(&work.location.path);
        findings.extend(self.names.findings(&work.location, kind, &zone.path)?);
        let labels = pages.iter().filter_map(|page| Some((page.number, page.label.clone()?))).collect();
        let Judgement { verdict, level, grounds } =
            judge::judge(&findings, &coverage, zone.ceiling, &self.settings.judge);
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
            natives: grounds.natives,
            verdict,
            decided_by: grounds.decided_by,
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
    use super::super::no_identity;
    use super::*;
    use crate::document::{Kind, Location};
    use crate::finding::{Fault, FaultReason};
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
        let stamps = Stamps::new(&settings, &ReaderStamps::default());
        let judging = Judging::new(&settings, stamps).expect("the rules compile");
        let done = judging.finish_all(work("outer.zip", "outer", members)).expect("judged");
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
