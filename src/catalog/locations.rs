//! The one writer: locations and their verdicts.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::below::{self, Below, at_or_below};
use super::members::INSIDE;
use super::{Catalog, CatalogError, Result, json};
use crate::document::{Identity, Kind, Location};
use crate::finding::Fault;
use crate::judge::Judgement;

/// What the catalog knows of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Number of the location, small and dense: fit for a set of bits.
    pub id: i64,
    /// What `stat` said when it was last read.
    pub identity: Identity,
    /// Whether that identity tells a later change.
    pub settled: bool,
    /// Its content.
    pub content: Option<KnownContent>,
    /// Why it could not be looked at, if so.
    pub fault: Option<String>,
}

/// What the catalog knows of a path's content.
#[expect(clippy::struct_excessive_bools, reason = "plain facts of a row that say nothing about each other")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownContent {
    /// Its number.
    pub id: i64,
    /// Whether a reading is finished and none is under way.
    pub done: bool,
    /// Stamp of the reading.
    pub read_with: String,
    /// What the bytes are.
    pub kind: Kind,
    /// Stamps of the settings that the last reading fell short by.
    pub limited_by: Option<String>,
    /// Whether pages went through OCR, or could not be read and may need it.
    pub wants_ocr: bool,
    /// Readings that were begun since one of them brought a page or came to its end.
    pub fruitless: u32,
    /// Whether there are documents inside.
    pub members: bool,
    /// Whether what is inside was not unpacked because it lay too deep where it was met.
    pub too_deep: bool,
}

/// What is to be kept of a location.
#[derive(Debug)]
pub struct LocationRecord<'a> {
    /// Where.
    pub path: &'a Path,
    /// Name of its zone.
    pub zone: &'a str,
    /// What `stat` said; zeros if it did not answer.
    pub identity: Identity,
    /// Whether that identity tells a later change.
    pub settled: bool,
    /// Its content, if it could be had.
    pub content: Option<i64>,
    /// Why it could not.
    pub fault: Option<&'a Fault>,
    /// A folder that cannot be listed: it stands for everything below it.
    pub folder: bool,
    /// The verdict.
    pub judgement: &'a Judgement,
}

/// A location to be judged anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub location: Location,
    /// Name of its zone.
    pub zone: String,
    /// Why it could not be looked at, if so.
    pub fault: Option<Fault>,
}

/// What happened to a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Never seen before, with content never seen before.
    New,
    /// Never seen before, with content known from elsewhere.
    Copied,
    /// Known, with other content than before.
    Changed,
    /// Known, with the same content.
    Same,
}

/// The columns of a [`KnownContent`].
macro_rules! known_content {
    () => {
        "c.id, c.state = 'done', c.read_with, c.kind, c.limited_by, c.ocr_pages > 0 OR c.examined < c.pages, c.fruitless,
        EXISTS (SELECT 1 FROM member m WHERE m.content = c.id AND m.generation = c.visible),
        EXISTS (SELECT 1 FROM fault f WHERE f.content = c.id AND f.generation = c.visible AND f.page = 0
            AND f.reason = 'limit' AND f.detail LIKE '%limits.nesting %')"
    };
}

/// SQL for every [`known_content()`].
const KNOWN_COLUMNS: &str = concat!("SELECT ", known_content!(), " FROM content c");

/// SQL for [`known_content()`].
pub(super) const KNOWN_CONTENT: &str = concat!("SELECT ", known_content!(), " FROM content c WHERE c.hash = ?1");

/// SQL for [`known`]; also used by probing threads on connections of their own.
pub(super) const KNOWN: &str = concat!(
    "SELECT ",
    known_content!(),
    ", l.id, l.device, l.inode, l.size, l.mtime_ns, l.ctime_ns, l.fault_reason, l.settled
    FROM location l LEFT JOIN content c ON c.id = l.content WHERE l.path = ?1"
);

/// A row of [`KNOWN_CONTENT`], or the beginning of one of [`KNOWN`]; none without a content.
pub(super) fn known_content(row: &Row<'_>) -> rusqlite::Result<Option<KnownContent>> {
    let Some(id) = row.get(0)? else { return Ok(None) };
    Ok(Some(KnownContent {
        id,
        done: row.get(1)?,
        read_with: row.get(2)?,
        kind: Kind(row.get::<_, String>(3)?.into()),
        limited_by: row.get(4)?,
        wants_ocr: row.get(5)?,
        fruitless: row.get(6)?,
        members: row.get(7)?,
        too_deep: row.get(8)?,
    }))
}

/// A row of [`KNOWN`].
pub(super) fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    let unsigned = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
    Ok(Known {
        id: row.get(9)?,
        identity: Identity {
            device: unsigned(10)?,
            inode: unsigned(11)?,
            size: unsigned(12)?,
            mtime_ns: row.get(13)?,
            ctime_ns: row.get(14)?,
        },
        fault: row.get(15)?,
        settled: row.get(16)?,
        content: known_content(row)?,
    })
}

/// What is known of everything inside a content, at all depths.
pub(super) fn inside(connection: &Connection, container: i64) -> Result<Vec<KnownContent>> {
    let query = format!("{INSIDE} {KNOWN_COLUMNS} JOIN inside i ON i.id = c.id ORDER BY c.id");
    let mut statement = connection.prepare_cached(&query)?;
    let contents = statement.query_map([container], known_content)?;
    Ok(contents.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?)
}

/// SQL that notes since when a location is what it is, for an update that changes it if `$changed`, in sweep `$sweep`.
///
/// `verdict_before` is the verdict before this sweep; of one that was not verified in between the worse one before that:
/// losing sight of a misfiled document is no cure.
macro_rules! since {
    ($changed:literal, $sweep:literal) => {
        concat!(
            "verdict_before = CASE WHEN NOT (",
            $changed,
            ") OR verdict_sweep = ",
            $sweep,
            " THEN verdict_before
                WHEN verdict = 'unverified' AND verdict_before IN ('misfiled', 'review') THEN verdict_before
                ELSE verdict END,
             verdict_sweep = CASE WHEN ",
            $changed,
            " THEN ",
            $sweep,
            " ELSE verdict_sweep END"
        )
    };
}
pub(super) use since;

impl Catalog {
    /// What is known of a path.
    pub fn known(&self, path: &Path) -> Result<Option<Known>> {
        Ok(self.connection.prepare_cached(KNOWN)?.query_row([path.as_os_str().as_bytes()], known).optional()?)
    }

    /// Keeps a location and notes what happened to it. Returns its number.
    pub fn put_location(&mut self, record: &LocationRecord<'_>) -> Result<(i64, Change)> {
        let before = self.known(record.path)?;
        let elsewhere = self.elsewhere(record)?;
        let change = match (&before, record.content) {
            (None, Some(_)) if elsewhere.is_some() => Change::Copied,
            (None, _) => Change::New,
            (Some(Known { content: Some(before), .. }), Some(content)) if before.id != content => Change::Changed,
            // Losing access to a content, or getting it back, is a fault or its end, not a change of the content.
            (Some(_), _) => Change::Same,
        };
        let id = match &before {
            Some(before) => before.id,
            None => self.next_location()?,
        };
        self.upsert(id, record, change)?;
        match change {
            // Nothing came or went: only the view of it.
            _ if record.folder => {}
            Change::New => self.arrived("new", record.path, None)?,
            Change::Copied => self.arrived("copied", record.path, elsewhere.as_deref())?,
            Change::Changed => drop(self.note("changed", record.path, None, None)?),
            Change::Same => {}
        }
        let contents: BTreeSet<i64> =
            before.and_then(|known| known.content).map(|known| known.id).into_iter().chain(record.content).collect();
        contents.into_iter().try_for_each(|content| self.touch(content))?;
        self.date_below(record)?;
        Ok((id, change))
    }

    /// What lies in a file is as old as the file.
    fn date_below(&mut self, record: &LocationRecord<'_>) -> Result<()> {
        let [first, end] = Location::file(record.path).below();
        let dated: BTreeSet<i64> = self.write(|catalog| {
            let set =
                "UPDATE location SET mtime_ns = ?3 WHERE path >= ?1 AND path < ?2 AND mtime_ns <> ?3 RETURNING content";
            let mut statement = catalog.connection.prepare_cached(set)?;
            let contents = statement.query_map(params![first, end, record.identity.mtime_ns], |row| row.get(0))?;
            Ok(contents.filter_map(rusqlite::Result::<Option<i64>>::transpose).collect::<rusqlite::Result<_>>()?)
        })?;
        dated.into_iter().try_for_each(|content| self.touch(content))
    }

    /// Another place that had the same content before this sweep, the first by path. Of two that both came with this sweep
    /// nobody can tell which is the copy, and it must not depend on which was met first.
    fn elsewhere(&self, record: &LocationRecord<'_>) -> Result<Option<Vec<u8>>> {
        let Some(content) = record.content else { return Ok(None) };
        let query = "SELECT path FROM location l WHERE content = ?1 AND path <> ?2 AND container IS NULL
            AND NOT EXISTS (SELECT 1 FROM event e WHERE e.sweep = ?3 AND e.path = l.path) ORDER BY path LIMIT 1";
        let wanted = params![content, record.path.as_os_str().as_bytes(), self.sweep];
        Ok(self.connection.prepare_cached(query)?.query_row(wanted, |row| row.get(0)).optional()?)
    }

    pub(super) fn next_location(&mut self) -> Result<i64> {
        self.write(|catalog| {
            let take = "UPDATE meta SET value = value + 1 WHERE key = 'next_location' RETURNING value - 1";
            Ok(catalog.connection.prepare_cached(take)?.query_row([], |row| row.get(0))?)
        })
    }

    fn upsert(&mut self, id: i64, record: &LocationRecord<'_>, change: Change) -> Result<()> {
        let sweep = self.sweep;
        let identity = &record.identity;
        let changed = change != Change::Same;
        let grounds = json(&record.judgement.grounds)?;
        self.write(|catalog| {
            catalog
                .connection
                .prepare_cached(concat!(
                "INSERT INTO location (path, id, zone, device, inode, size, mtime_ns, ctime_ns, content, fault_reason,
                    fault_detail, verdict, level, first_sweep, verdict_sweep, settled, folder, fault_first, fault_last,
                    grounds)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?16, ?17, ?18, ?18, ?19)
                 ON CONFLICT (path) DO UPDATE SET zone = ?3, device = ?4, inode = ?5, size = ?6, mtime_ns = ?7,
                    ctime_ns = ?8, content = ?9, fault_reason = ?10, fault_detail = ?11, level = ?13, settled = ?16,
                    folder = ?17, fault_last = ?18, grounds = ?19,
                    fault_attempts = CASE WHEN fault_reason IS ?10 THEN fault_attempts + 1 ELSE 1 END,
                    fault_first = CASE WHEN fault_reason IS ?10 THEN fault_first ELSE ?18 END, ",
                since!("?15 OR verdict <> ?12 OR fault_reason IS NOT ?10", "?14"),
                ", verdict = ?12",
            ))?
                .execute(params![
                    record.path.as_os_str().as_bytes(),
                    id,
                    record.zone,
                    identity.device.cast_signed(),
                    identity.inode.cast_signed(),
                    identity.size.cast_signed(),
                    identity.mtime_ns,
                    identity.ctime_ns,
                    record.content,
                    record.fault.map(|fault| fault.reason.as_str()),
                    record.fault.map(|fault| &fault.detail),
                    record.judgement.verdict.as_str(),
                    record.judgement.level.number(),
                    sweep,
                    changed,
                    record.settled,
                    record.folder,
                    crate::now(),
                    grounds,
                ])?;
            Ok(())
        })
    }

    /// Where a content lies, in order of path; without one, the locations that have no content of their own.
    pub fn places(&self, content: Option<i64>) -> Result<Vec<Place>> {
        let query = "SELECT path, zone, fault_reason, fault_detail FROM location WHERE content IS ?1 ORDER BY path";
        let mut statement = self.connection.prepare_cached(query)?;
        let rows = statement.query_map([content], |row| {
            let (reason, detail) = (row.get::<_, Option<String>>(2)?, row.get::<_, Option<String>>(3)?);
            Ok((below::location(row, 0)?, row.get(1)?, reason, detail))
        })?;
        rows.map(|row| {
            let (location, zone, reason, detail) = row?;
            let reason = reason.map(|reason| reason.parse().map_err(CatalogError::Damaged)).transpose()?;
            let fault = reason.map(|reason| Fault::whole(reason, detail.unwrap_or_default()));
            Ok(Place { location, zone, fault })
        })
        .collect()
    }

    /// Replaces the judgement of a place, and its zone and fault, which may have another cause since zones were configured anew.
    /// True if anything changed.
    pub fn set_judgement(&mut self, place: &Place, judgement: &Judgement) -> Result<bool> {
        let sweep = self.sweep;
        let grounds = json(&judgement.grounds)?;
        self.write(|catalog| {
            let update = concat!(
                "UPDATE location SET zone = ?2, level = ?4, fault_reason = ?6, fault_detail = ?7, grounds = ?8, ",
                since!("verdict <> ?3 OR fault_reason IS NOT ?6", "?5"),
                ", verdict = ?3
                WHERE path = ?1 AND (zone <> ?2 OR verdict <> ?3 OR level <> ?4 OR grounds <> ?8
                    OR fault_reason IS NOT ?6)"
            );
            let changed = catalog.connection.prepare_cached(update)?.execute(params![
                place.location.key(),
                place.zone,
                judgement.verdict.as_str(),
                judgement.level.number(),
                sweep,
                place.fault.as_ref().map(|fault| fault.reason.as_str()),
                place.fault.as_ref().map(|fault| &fault.detail),
                grounds,
            ])?;
            Ok(changed > 0)
        })
    }

    /// Notes why a place that could be looked at was not kept account of in full.
    pub fn set_fault(&mut self, place: &Place) -> Result<()> {
        self.write(|catalog| {
            let set = "UPDATE location SET fault_reason = ?2, fault_detail = ?3 WHERE path = ?1";
            let fault = place.fault.as_ref();
            let (reason, detail) = (fault.map(|fault| fault.reason.as_str()), fault.map(|fault| &fault.detail));
            catalog.connection.prepare_cached(set)?.execute(params![place.location.key(), reason, detail])?;
            Ok(())
        })
    }

    /// Whether anything is known at or below a path.
    pub fn knows_below(&self, path: &Path) -> Result<bool> {
        Ok(below::knows(&self.connection, path)?)
    }

    /// Files at or below `root` whose numbers `seen` does not hold, in order of path.
    pub fn unseen(&self, root: &Path, seen: impl Fn(i64) -> bool) -> Result<Vec<(PathBuf, Option<i64>)>> {
        let below = Below::of(root);
        let query = concat!(
            "SELECT path, id, content FROM location WHERE ",
            at_or_below!(),
            " AND container IS NULL ORDER BY path"
        );
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query(below.params())?;
        let mut unseen = Vec::new();
        while let Some(row) = rows.next()? {
            if !seen(row.get(1)?) {
                unseen.push((below::path(row, 0)?, row.get(2)?));
            }
        }
        Ok(unseen)
    }

    /// How many files lie at or below none of some paths, none of which lies inside another.
    pub fn count_outside<'a>(&self, paths: impl Iterator<Item = &'a PathBuf>) -> Result<u64> {
        let count = |(query, params): (String, Vec<Vec<u8>>)| {
            Ok(self.connection.query_row(&query, params_from_iter(params), |row| row.get::<_, u64>(0))?)
        };
        below::gaps(paths).into_iter().map(|gap| count(in_gap("count(*)", gap))).sum()
    }

    /// Those files: their paths and contents.
    pub fn outside<'a>(&self, paths: impl Iterator<Item = &'a PathBuf>) -> Result<Vec<(PathBuf, Option<i64>)>> {
        let mut outside = Vec::new();
        for (query, params) in below::gaps(paths).into_iter().map(|gap| in_gap("path, content", gap)) {
            let mut statement = self.connection.prepare(&query)?;
            let rows = statement.query_map(params_from_iter(params), |row| Ok((below::path(row, 0)?, row.get(1)?)))?;
            rows.into_iter().try_for_each(|row| row.map(|row| outside.push(row)))?;
        }
        Ok(outside)
    }
}

/// SQL for what is wanted of the locations in a gap, and its parameters.
fn in_gap(wanted: &str, (from, to): (Vec<u8>, Option<Vec<u8>>)) -> (String, Vec<Vec<u8>>) {
    let end = if to.is_some() { " AND path < ?2" } else { "" };
    (
        format!("SELECT {wanted} FROM location WHERE container IS NULL AND path >= ?1{end}"),
        std::iter::once(from).chain(to).collect(),
    )
}
