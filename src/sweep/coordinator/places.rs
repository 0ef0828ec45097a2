//! Places in the catalog: a path as the walk met it, kept with the verdict that its evidence so far gives.

use std::path::{Path, PathBuf};

use super::Coordinator;
use crate::catalog::LocationRecord;
use crate::document::{Identity, Location};
use crate::finding::Fault;
use crate::sweep::members::Evidence;

/// Of locations of which `stat` said nothing.
pub(super) const NO_IDENTITY: Identity = Identity { device: 0, inode: 0, size: 0, mtime_ns: 0, ctime_ns: 0 };

/// A path as it was met.
pub(super) struct Met<'a> {
    pub(super) path: &'a Path,
    pub(super) identity: Identity,
    pub(super) settled: bool,
    pub(super) content: Option<i64>,
    pub(super) fault: Option<&'a Fault>,
    pub(super) folder: bool,
}

impl<'a> Met<'a> {
    /// A file with its content.
    pub(super) fn read(path: &'a Path, identity: Identity, settled: bool, content: i64) -> Self {
        Self { path, identity, settled, content: Some(content), fault: None, folder: false }
    }

    /// A file whose content cannot be had.
    pub(super) fn unreadable(path: &'a Path, identity: Identity, fault: &'a Fault) -> Self {
        Self { path, identity, settled: false, content: None, fault: Some(fault), folder: false }
    }
}

impl Coordinator<'_> {
    /// One of which `stat` said nothing: it keeps what was known of it.
    pub(in crate::sweep) fn put_unseen(&mut self, path: &Path, fault: &Fault) -> anyhow::Result<()> {
        let known = self.catalog.known(path)?;
        self.put(&Met::unreadable(path, known.map_or(NO_IDENTITY, |known| known.identity), fault))
    }

    /// Keeps a folder that cannot be listed, and with it why nothing below it is met.
    pub(super) fn put_folder(&mut self, path: PathBuf, fault: Fault) -> anyhow::Result<()> {
        self.put(&Met { folder: true, ..Met::unreadable(&path, NO_IDENTITY, &fault) })?;
        self.unlisted.push((path, fault));
        Ok(())
    }

    /// Keeps a location with the verdict that its evidence so far gives. What cannot be looked at this time keeps the
    /// content it had: evidence does not go away because access did.
    pub(super) fn put(&mut self, met: &Met<'_>) -> anyhow::Result<()> {
        let Met { path, identity, settled, content, fault, folder } = *met;
        let zone = self.tools.judge.zones.of(path);
        let content = match content {
            Some(content) => Some(content),
            None => self.catalog.known(path)?.and_then(|known| known.content).map(|known| known.id),
        };
        let (location, judge) = (Location::file(path), self.tools.judge);
        // First, because no container is better than what lies in it.
        let over = match content {
            Some(content) => judge.place(self.catalog, &location, content, fault)?,
            None => None,
        };
        let fault = fault.or(over.as_ref());
        let evidence = Evidence::of(self.catalog, content)?;
        let judgement = judge.judge(self.catalog, &location, &evidence, fault)?;
        let record =
            LocationRecord { path, zone: &zone.name, identity, settled, content, fault, folder, judgement: &judgement };
        let (id, _) = self.catalog.put_location(&record)?;
        self.seen.insert(id);
        Ok(())
    }
}
