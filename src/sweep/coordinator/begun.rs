//! Contents whose reading begins: a file that was probed, or a document that was unpacked from one, is at hand already or goes to the
//! readers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::places::{Met, NO_IDENTITY};
use super::{Coordinator, Open};
use crate::catalog::{Catalog, CatalogError, KnownContent, MemberRow};
use crate::classify::Classification;
use crate::document::{Identity, Kind, Location};
use crate::finding::Fault;
use crate::format;
use crate::probe::Probe;
use crate::read::pool::{ContentJob, Ticket};
use crate::read::spool::Unpacked;
use crate::walk::Candidate;

impl Coordinator<'_> {
    /// A file with a name for its content: already read, being read, or to be read.
    pub(super) fn take_open(&mut self, candidate: &Candidate, probe: Probe) -> anyhow::Result<()> {
        let path = &candidate.location.path;
        let Probe { file, identity, settled, hash, kind } = probe;
        let known = self.catalog.content(&hash)?;
        if let Some(content) = self.at_hand(known.as_ref(), &kind, 0)? {
            let before = self.catalog.known(path)?;
            if !self.open.contains_key(&content)
                && before.and_then(|before| before.content).is_some_and(|before| before.id == content)
            {
                self.summary.unchanged += 1;
            }
            return self.put(&Met::read(path, identity, settled, content));
        }
        let content = self.catalog.begin_reading(&hash, &identity, &kind, &self.tools.stamps.of(&kind))?;
        self.put(&Met::read(path, identity, settled, content))?;
        let copy = file.try_clone()?;
        let job = ContentJob::new(content, file, kind);
        let open = Open {
            path: path.clone(),
            file: Some(copy),
            identity,
            settled,
            hash,
            since: Instant::now(),
            pages: 0,
            depth: 0,
            below: Arc::clone(&job.below),
        };
        self.begin(open, job, known.map_or(0, |content| content.fruitless))
    }

    /// A document that was unpacked from a container which is being read.
    pub(super) fn take_member(&mut self, container: Ticket, unpacked: Unpacked) -> anyhow::Result<()> {
        let Unpacked { ordinal, name, file, place, size, hash, kind, fault } = unpacked;
        let Some(outer) = self.open.get(&container) else { return Ok(()) };
        let (path, depth, below) = (outer.path.clone(), outer.depth, Arc::clone(&outer.below));
        self.summary.members += 1;
        let known = self.catalog.content(&hash)?;
        let at_hand = self.at_hand(known.as_ref(), &kind, depth + 1)?;
        let identity = Identity { size, ..NO_IDENTITY };
        let content = match at_hand {
            Some(content) => content,
            None => self.catalog.begin_reading(&hash, &identity, &kind, &self.tools.stamps.of(&kind))?,
        };
        let row = MemberRow { ordinal, name, size, content: Some(content), fault };
        self.catalog.add_member(container, &row)?;
        if at_hand.is_some() {
            return Ok(());
        }
        let path = PathBuf::from(Location::file(path).inside(&row.name).to_string());
        let (since, depth) = (Instant::now(), depth + 1);
        let open =
            Open { path, file: None, identity, settled: true, hash, since, pages: 0, depth, below: Arc::clone(&below) };
        let job = ContentJob { place: Some(place), depth, below, ..ContentJob::new(content, file, kind) };
        self.begin(open, job, known.map_or(0, |content| content.fruitless))
    }

    /// The number of a known content that need not be read: it is being read, or it was and everything inside it as well.
    fn at_hand(&mut self, known: Option<&KnownContent>, kind: &Kind, depth: u32) -> anyhow::Result<Option<i64>> {
        let Some(content) = known else { return Ok(None) };
        if self.open.contains_key(&content.id) {
            return Ok(Some(content.id));
        }
        let stamps = self.tools.stamps;
        let inside_holds = |catalog: &Catalog| {
            let inside = if content.members { catalog.inside(content.id)? } else { Vec::new() };
            // What is being read now will hold when this sweep is over.
            Ok::<_, CatalogError>(inside.iter().all(|one| stamps.hold(one) || self.open.contains_key(&one.id)))
        };
        // What was met too deep to be unpacked is unpacked where it lies less deep.
        let too_deep = content.too_deep && depth < self.tools.judge.settings.limits.nesting;
        if too_deep || !stamps.reading_holds(content, kind) || !inside_holds(self.catalog)? {
            return Ok(None);
        }
        if !stamps.hold(content) {
            self.catalog.restamp(content.id, &stamps.of(kind))?;
        }
        Ok(Some(content.id))
    }

    /// Has a content read whose reading has begun in the catalog, or finishes one that nobody reads.
    fn begin(&mut self, open: Open, job: ContentJob, fruitless: u32) -> anyhow::Result<()> {
        let (content, limits) = (job.ticket, &self.tools.judge.settings.limits);
        if format::for_kind(&job.kind).is_none() || fruitless >= limits.attempts {
            if fruitless >= limits.attempts {
                let what = "beginning to read it again, no page of which ever came,";
                self.catalog.add_fault(content, &Fault::limit("attempts", limits.attempts, what))?;
            } else if let Some(fault) = format::unread(&job.kind, self.tools.judge.settings) {
                self.catalog.add_fault(content, &fault)?;
            }
            return self.finish(content, &self.catalog.reading(content)?.1, &Classification::default());
        }
        let missing = self.catalog.missing_pages(content, limits.pages)?.map(|(_, missing)| missing);
        let text_bytes = match missing {
            None => 0,
            Some(_) => self.catalog.reading(content)?.0.iter().map(|page| page.text.content.len()).sum(),
        };
        let members = missing.is_some() && self.catalog.has_members(content)?;
        self.open.insert(content, open);
        self.tools.pool.submit(ContentJob { missing, text_bytes, members, ..job });
        Ok(())
    }
}
