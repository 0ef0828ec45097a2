//! Paths and what lies below them, as ranges of the key of table `location`.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row};

use crate::document::Location;

/// SQL for "at or below a path", with the [`Below`] of it as the first three parameters.
macro_rules! at_or_below {
    () => {
        "(path = ?1 OR (path >= ?2 AND path < ?3))"
    };
}
pub(super) use at_or_below;

/// A path, and the range of everything below it: `/srv/a`, and from `/srv/a/` up to but not including `/srv/a0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Below {
    itself: Vec<u8>,
    first: Vec<u8>,
    end: Vec<u8>,
}

impl Below {
    pub(super) fn of(path: &Path) -> Self {
        let itself = path.as_os_str().as_bytes().to_vec();
        let mut first = itself.clone();
        if first.last() != Some(&b'/') {
            first.push(b'/');
        }
        let mut end = first.clone();
        // The byte that follows the slash.
        *end.last_mut().expect("it ends with a slash") = b'0';
        Self { itself, first, end }
    }

    /// The parameters of [`at_or_below!`].
    pub(super) fn params(&self) -> [&[u8]; 3] {
        [&self.itself, &self.first, &self.end]
    }
}

/// Whether anything is known at or below a path.
pub(super) fn knows(connection: &Connection, path: &Path) -> rusqlite::Result<bool> {
    let query = concat!("SELECT EXISTS (SELECT 1 FROM location WHERE ", at_or_below!(), ")");
    connection.prepare_cached(query)?.query_row(Below::of(path).params(), |row| row.get(0))
}

/// A path out of a row.
pub(super) fn path(row: &Row<'_>, column: usize) -> rusqlite::Result<PathBuf> {
    Ok(PathBuf::from(OsString::from_vec(row.get(column)?)))
}

/// A location out of a row.
pub(super) fn location(row: &Row<'_>, column: usize) -> rusqlite::Result<Location> {
    Ok(Location::from_key(row.get_ref(column)?.as_blob()?))
}

/// What lies at or below none of some paths, none of which lies inside another: ranges from the first key up to but not
/// including the second; none: up to the last.
pub(super) fn gaps<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let ranges = paths.map(|path| Below::of(path)).flat_map(|Below { itself, first, end }| {
        // No key lies between a path and itself with a zero byte, which no path holds.
        let behind = [itself.as_slice(), &[0]].concat();
        [(itself, behind), (first, end)]
    });
    let mut ranges: Vec<_> = ranges.collect();
    ranges.sort();
    let mut gaps = Vec::new();
    let mut from = Vec::new();
    for (first, end) in ranges {
        if from < first {
            gaps.push((from, Some(first)));
        }
        from = end;
    }
    gaps.push((from, None));
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(gaps: &[(Vec<u8>, Option<Vec<u8>>)], path: &str) -> bool {
        let path = path.as_bytes();
        gaps.iter().any(|(from, to)| from.as_slice() <= path && to.as_deref().is_none_or(|to| path < to))
    }

    #[test]
    fn a_name_that_only_begins_alike_lies_outside() {
        let paths = ["/srv/b", "/srv/a"].map(PathBuf::from);
        let gaps = gaps(paths.iter());
        for outside in ["/", "/srv", "/srv/a.txt", "/srv/a0", "/srv/ab/x", "/srv/c", "/zoo"] {
            assert!(is_in(&gaps, outside), "{outside}");
        }
        for inside in ["/srv/a", "/srv/a/", "/srv/a/x/y", "/srv/b", "/srv/b/\u{7f}"] {
            assert!(!is_in(&gaps, inside), "{inside}");
        }
    }

    #[test]
    fn nothing_lies_outside_the_root_and_everything_outside_of_no_path() {
        let root = [PathBuf::from("/")];
        assert!(!is_in(&gaps(root.iter()), "/srv/a") && !is_in(&gaps(root.iter()), "/"));
        assert!(is_in(&gaps(std::iter::empty()), "/srv/a"));
    }
}
