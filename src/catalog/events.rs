//! The one writer: what happened to locations, event by event, and locations that are no more.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{OptionalExtension, params};

use super::{Catalog, Result};
use crate::document::Location;

impl Catalog {
    /// Notes what happened to a path: one event each, so that what a stopped sweep saw is not counted twice.
    ///
    /// `verdict` is the one that a file had which is no more. Returned is that of a file which was taken for gone before.
    pub(super) fn note(
        &mut self,
        kind: &str,
        path: &Path,
        origin: Option<&[u8]>,
        verdict: Option<&str>,
    ) -> Result<Option<String>> {
        let sweep = self.sweep;
        let itself = path.as_os_str().as_bytes();
        self.write(|catalog| {
            let query = "SELECT kind, origin, verdict FROM event WHERE sweep = ?1 AND path = ?2";
            let (before, from, had): (Option<String>, Option<Vec<u8>>, Option<String>) = catalog
                .connection
                .prepare_cached(query)?
                .query_row(params![sweep, itself], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?
                .unwrap_or_default();
            let arrived = matches!(before.as_deref(), Some("new" | "copied" | "moved"));
            // What had been moved here and is gone now is gone from where it was, if nothing else lies there by now.
            let moved_from = from.filter(|_| kind == "gone" && before.as_deref() == Some("moved"));
            let replaced = match &moved_from {
                Some(from) => catalog.known(Path::new(OsStr::from_bytes(from)))?.is_some(),
                None => false,
            };
            let path = moved_from.as_deref().filter(|_| !replaced).unwrap_or(itself);
            let in_all = match (kind, before.as_deref()) {
                // Other content since it arrived: it is new all the same. Gone again: nothing happened.
                ("changed", _) if arrived => Some("new"),
                ("gone", Some("new" | "copied")) => None,
                ("gone", Some("moved")) if replaced => None,
                ("new" | "copied", Some("gone")) => Some("changed"),
                _ => Some(kind),
            };
            let forget = "DELETE FROM event WHERE sweep = ?1 AND path IN (?2, ?3)";
            catalog.connection.prepare_cached(forget)?.execute(params![sweep, path, itself])?;
            if let Some(kind) = in_all {
                let origin = origin.filter(|_| kind != "changed");
                let insert = "INSERT INTO event (sweep, kind, path, origin, verdict) VALUES (?1, ?2, ?3, ?4, ?5)";
                catalog.connection.prepare_cached(insert)?.execute(params![sweep, kind, path, origin, verdict])?;
            }
            Ok(had)
        })
    }

    /// Notes a file that has come, with the verdict of one that lay there before and was taken for gone.
    pub(super) fn arrived(&mut self, kind: &str, path: &Path, origin: Option<&[u8]>) -> Result<()> {
        match self.note(kind, path, origin, None)? {
            Some(before) => self.remember(path, Some(&before)),
            None => Ok(()),
        }
    }

    /// Keeps the verdict that a file which came in this sweep had where it was before.
    pub(super) fn remember(&mut self, path: &Path, before: Option<&str>) -> Result<()> {
        let sweep = self.sweep;
        self.write(|catalog| {
            let set = "UPDATE location SET verdict_before = ?3 WHERE path = ?1 AND verdict_sweep = ?2";
            catalog.connection.prepare_cached(set)?.execute(params![path.as_os_str().as_bytes(), sweep, before])?;
            Ok(())
        })
    }

    /// Removes a location that is no more. If its content turned up elsewhere in this sweep, it was moved there.
    pub fn gone(&mut self, path: &Path, content: Option<i64>) -> Result<()> {
        let sweep = self.sweep;
        let bytes = path.as_os_str().as_bytes();
        let arrived: Option<Vec<u8>> = match content {
            None => None,
            Some(content) => {
                let query = "SELECT e.path FROM event e JOIN location l ON l.path = e.path
                    WHERE e.sweep = ?1 AND e.kind IN ('new', 'copied') AND l.content = ?2 ORDER BY e.path LIMIT 1";
                self.connection.prepare_cached(query)?.query_row([sweep, content], |row| row.get(0)).optional()?
            }
        };
        let Some((verdict, folder)) = self.remove(path)? else { return Ok(()) };
        match arrived {
            // It can be listed again, or was never more than a place to look at.
            _ if folder => {}
            Some(arrived) => {
                let arrived = Path::new(OsStr::from_bytes(&arrived));
                self.note("moved", arrived, Some(bytes), None)?;
                self.remember(arrived, verdict.as_deref())?;
                // An event of its own, from before the sweep was stopped, is over with it.
                self.write(|catalog| {
                    let forget = "DELETE FROM event WHERE sweep = ?1 AND path = ?2";
                    catalog.connection.prepare_cached(forget)?.execute(params![sweep, bytes])?;
                    Ok(())
                })?;
            }
            None => drop(self.note("gone", path, None, verdict.as_deref())?),
        }
        content.into_iter().try_for_each(|content| self.touch(content))
    }

    /// Removes a location that nobody wants to know of any more.
    pub fn forget(&mut self, path: &Path, content: Option<i64>) -> Result<()> {
        let Some((verdict, _)) = self.remove(path)? else { return Ok(()) };
        self.note("forgotten", path, None, verdict.as_deref())?;
        content.into_iter().try_for_each(|content| self.touch(content))
    }

    /// Removes a location and everything in it. Returns the verdict it had before this sweep, and whether it was a folder; none if it is not known.
    fn remove(&mut self, path: &Path) -> Result<Option<(Option<String>, bool)>> {
        let sweep = self.sweep;
        self.remove_below(&Location::file(path))?;
        self.write(|catalog| {
            let remove = "DELETE FROM location WHERE path = ?1
                RETURNING CASE WHEN verdict_sweep = ?2 THEN verdict_before ELSE verdict END, folder";
            let mut statement = catalog.connection.prepare_cached(remove)?;
            let removed =
                statement.query_row(params![path.as_os_str().as_bytes(), sweep], |row| Ok((row.get(0)?, row.get(1)?)));
            Ok(removed.optional()?)
        })
    }

    /// How many of each kind of event this sweep has noted.
    pub fn events(&self) -> Result<Vec<(String, u64)>> {
        let query = "SELECT kind, count(*) FROM event WHERE sweep = ?1 GROUP BY kind ORDER BY kind";
        let mut statement = self.connection.prepare(query)?;
        let counts = statement.query_map([self.sweep], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(counts.collect::<rusqlite::Result<_>>()?)
    }
}
