//! What was not met: burying it, and the set that tells.

use std::path::{Path, PathBuf};

use super::coordinator::Coordinator;
use super::until::Until;

impl Coordinator<'_> {
    /// Known locations that were not met: gone, or below a folder that could not be listed. False if it ended early.
    pub(super) fn bury_the_gone(
        &mut self,
        roots: &[PathBuf],
        accept_empty: bool,
        until: Until<'_>,
    ) -> anyhow::Result<bool> {
        let hollow = if accept_empty { Vec::new() } else { self.suddenly_empty(roots)? };
        self.summary.suddenly_empty = hollow.iter().map(|root| root.display().to_string()).collect();
        for root in roots {
            for (path, content) in self.catalog.unseen(root, |id| self.seen.contains(id))? {
                if until.over() {
                    return Ok(false);
                }
                if hollow.iter().any(|root| path.starts_with(root)) {
                    continue;
                }
                match self.unlisted.iter().find(|(folder, _)| path.starts_with(folder)) {
                    Some((_, fault)) => {
                        let fault = fault.clone();
                        self.put_unseen(&path, &fault)?;
                    }
                    None => self.catalog.gone(&path, content)?,
                }
                self.commit_in_time()?;
            }
        }
        Ok(true)
    }

    /// Roots, and zones inside them, that are empty folders although something is known below them: a share that is not
    /// mounted looks like this.
    fn suddenly_empty(&self, roots: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
        let zones = self.zones().by_name().into_iter().map(|zone| &zone.path);
        let inside = zones.filter(|zone| roots.iter().any(|root| zone.starts_with(root) && *zone != root));
        let mut hollow = Vec::new();
        for root in roots.iter().chain(inside) {
            // The root itself is known where it was not there before.
            let knows_more = || -> anyhow::Result<bool> {
                Ok(self.catalog.unseen(root, |id| self.seen.contains(id))?.iter().any(|(path, _)| path != root))
            };
            if is_empty_folder(root) && knows_more()? {
                hollow.push(root.clone());
            }
        }
        Ok(hollow)
    }

    /// Forgets what lies outside every zone.
    pub(super) fn forget_outside(&mut self, zones: &[PathBuf]) -> anyhow::Result<()> {
        for (path, content) in self.catalog.outside(zones.iter())? {
            self.catalog.forget(&path, content)?;
            self.commit_in_time()?;
        }
        Ok(())
    }
}

fn is_empty_folder(root: &Path) -> bool {
    std::fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_none())
}

/// Numbers of locations, as bits: a million of them in 125 KB.
#[derive(Debug, Default)]
pub(super) struct Seen(Vec<u64>);

impl Seen {
    pub(super) fn insert(&mut self, id: i64) {
        let (word, bit) = Self::place(id);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    pub(super) fn contains(&self, id: i64) -> bool {
        let (word, bit) = Self::place(id);
        self.0.get(word).is_some_and(|bits| bits >> bit & 1 == 1)
    }

    fn place(id: i64) -> (usize, u32) {
        let id = usize::try_from(id).expect("numbers of locations count up from 1");
        (id / 64, u32::try_from(id % 64).expect("less than 64"))
    }
}
