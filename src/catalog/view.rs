//! Read-only views: what probing threads, classification, the index and reports ask.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use super::below::{self, Below, at_or_below};
use super::load::{load_coverage, load_findings, load_reading};
use super::roots::parse_roots;
use super::rows::{FileRow, Filter, GoneRow, IndexRow, Since, SweepRow, UnreadRow};
use super::{CatalogError, DataDir, Known, KnownContent, Result, VERSION, locations};
use crate::decision::Decision;
use crate::document::{ContentHash, Identity, Kind, Location, Page};
use crate::finding::{Coverage, Fault, FaultReason, Finding, Level, Tries, Verdict};
use crate::judge::Grounds;

/// A read-only connection.
#[derive(Debug)]
pub struct CatalogView {
    pub(super) connection: Connection,
    /// All decisions by number, once somebody asked.
    decisions: OnceCell<BTreeMap<i64, Decision>>,
}

const FILE: &str = "
    SELECT l.path, l.zone, l.content, c.hash, c.kind, l.size, l.level, l.grounds, l.verdict,
        l.fault_reason, l.fault_detail, l.verdict_sweep, c.read_with, c.classified_with, l.mtime_ns,
        l.device, l.inode, l.ctime_ns, l.settled, l.folder, l.verdict_before, e.kind, e.origin,
        l.fault_attempts, l.fault_first, l.fault_last, c.remarks
    FROM location l LEFT JOIN content c ON c.id = l.content
        LEFT JOIN event e ON e.sweep = l.verdict_sweep AND e.path = l.path";

impl CatalogView {
    /// Opens the catalog for reading.
    pub fn open(dir: &DataDir) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let mut connection = Connection::open_with_flags(dir.catalog(), flags)?;
        let version =
            |connection: &Connection| connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
        let found = match version(&connection).map_err(CatalogError::from) {
            // In a folder that we cannot write, SQLite cannot share memory with a writer.
            Err(CatalogError::ReadOnly) => {
                connection = Self::open_unshared(dir, flags)?;
                version(&connection)?
            }
            found => found?,
        };
        match found {
            0 => Err(CatalogError::Missing(dir.path().to_owned())),
            found if found > VERSION => Err(CatalogError::Newer { found, ours: VERSION }),
            found if found < VERSION => Err(CatalogError::Older { found, ours: VERSION }),
            _ => {
                super::tune(&connection)?;
                Ok(Self { connection, decisions: OnceCell::new() })
            }
        }
    }

    /// Opens the catalog as a file that nobody changes. What only the log holds would be missing then.
    fn open_unshared(dir: &DataDir, flags: OpenFlags) -> Result<Connection> {
        let mut log = dir.catalog().into_os_string();
        log.push("-wal");
        if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
            return Err(CatalogError::Unfolded);
        }
        let path = dir.catalog();
        let path = path.to_str().ok_or(CatalogError::ReadOnly)?;
        let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        Ok(Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)?)
    }

    /// What is known of some paths, in their order and as of one instant.
    pub fn known<'a>(&self, paths: impl Iterator<Item = &'a Path>) -> Result<Vec<Option<Known>>> {
        // One transaction for all: each of its own would take and leave the file's locks.
        let transaction = self.connection.unchecked_transaction()?;
        let mut statement = transaction.prepare_cached(locations::KNOWN)?;
        let mut known =
            |path: &Path| Ok(statement.query_row([path.as_os_str().as_bytes()], locations::known).optional()?);
        paths.map(&mut known).collect()
    }

    /// Whether anything is known at or below a path.
    pub fn knows_below(&self, path: &Path) -> Result<bool> {
        Ok(below::knows(&self.connection, path)?)
    }

    /// A known path that lies neither at nor below `base`, the first.
    pub fn first_outside(&self, base: &Path) -> Result<Option<PathBuf>> {
        let query = concat!(
            "SELECT path FROM location WHERE container IS NULL AND NOT ",
            at_or_below!(),
            " ORDER BY path LIMIT 1"
        );
        let path = self.connection.query_row(query, Below::of(base).params(), |row| below::path(row, 0));
        Ok(path.optional()?)
    }

    /// Every root that a sweep has looked at.
    pub fn roots(&self) -> Result<Vec<PathBuf>> {
        let mut statement = self.connection.prepare("SELECT DISTINCT roots FROM sweep")?;
        let lists = statement.query_map([], |row| row.get::<_, String>(0))?;
        let mut roots = Vec::new();
        for list in lists {
            roots.extend(parse_roots(&list?)?);
        }
        Ok(roots)
    }

    /// Names of the zones that files lie in.
    pub fn zones(&self) -> Result<Vec<String>> {
        self.names("SELECT DISTINCT zone FROM location ORDER BY zone")
    }

    /// Kinds of the contents that are kept.
    pub fn kinds(&self) -> Result<Vec<String>> {
        self.names("SELECT DISTINCT kind FROM content ORDER BY kind")
    }

    pub(super) fn names(&self, query: &str) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare(query)?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// Detectors and rules of all findings that are kept, as pairs.
    pub fn found_by(&self) -> Result<Vec<(String, String)>> {
        let mut statement = self.connection.prepare("SELECT DISTINCT detector, rule FROM finding")?;
        let pairs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(pairs.collect::<rusqlite::Result<_>>()?)
    }

    /// A value kept beside the data.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        let query = "SELECT CAST(value AS TEXT) FROM meta WHERE key = ?1";
        Ok(self.connection.query_row(query, [key], |row| row.get(0)).optional()?)
    }

    /// One file.
    pub fn file(&self, path: &Path) -> Result<Option<FileRow>> {
        self.at(&Location::file(path))
    }

    /// One file or member.
    pub fn at(&self, location: &Location) -> Result<Option<FileRow>> {
        let query = format!("{FILE} WHERE l.path = ?1");
        let row = self.connection.query_row(&query, [location.key()], |row| Ok(self.file_row(row))).optional()?;
        row.transpose()
    }

    /// The file or member that a path as it is shown names: `/srv/a.zip!/b.docx`.
    pub fn find(&self, shown: &Path) -> Result<Option<FileRow>> {
        if let Some(file) = self.file(shown)? {
            return Ok(Some(file));
        }
        let bytes = shown.as_os_str().as_bytes();
        let ends = bytes.windows(2).enumerate().filter(|(_, pair)| *pair == b"!/").map(|(at, _)| at);
        for end in ends {
            let file = Location::file(Path::new(std::ffi::OsStr::from_bytes(&bytes[..end])));
            let query = format!("{FILE} WHERE l.path >= ?1 AND l.path < ?2 ORDER BY l.path");
            let mut statement = self.connection.prepare_cached(&query)?;
            let mut rows = statement.query(file.below())?;
            while let Some(row) = rows.next()? {
                if below::location(row, 0)?.shown() == shown {
                    return self.file_row(row).map(Some);
                }
            }
        }
        Ok(None)
    }

    /// What is known of everything inside a content, at all depths.
    pub fn inside(&self, container: i64) -> Result<Vec<KnownContent>> {
        locations::inside(&self.connection, container)
    }

    /// Files in order of path, one after the other: a catalog may hold millions.
    pub fn each_file(
        &self,
        filter: &Filter,
        mut each: impl FnMut(FileRow) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let query = format!(
            "{FILE} WHERE (?1 IS NULL OR l.zone = ?1) AND (?2 IS NULL OR instr(?2, ' ' || l.verdict || ' ')
                OR (?5 AND l.verdict = 'clear' AND l.verdict_before IN ('misfiled', 'review')))
             AND (?3 IS NULL OR l.level >= ?3 OR l.verdict = 'review') AND (?4 IS NULL OR l.verdict_sweep >= ?4) ORDER BY l.path"
        );
        let mut statement = self.connection.prepare(&query).map_err(CatalogError::from)?;
        let verdicts = (!filter.verdicts.is_empty()).then(|| format!(" {} ", filter.verdicts.join(" ")));
        let level = filter.level.map(Level::number);
        let mut rows = statement
            .query(params![filter.zone, verdicts, level, filter.since_sweep, filter.mended])
            .map_err(CatalogError::from)?;
        while let Some(row) = rows.next().map_err(CatalogError::from)? {
            let location = below::location(row, 0).map_err(CatalogError::from)?;
            if !filter.covers(&location.path) {
                continue;
            }
            let file = self.file_row(row)?;
            if filter.matches(&file) {
                each(file)?;
            }
        }
        Ok(())
    }

    fn file_row(&self, row: &Row<'_>) -> Result<FileRow> {
        let id: Option<i64> = row.get(2)?;
        let hash: Option<[u8; 32]> = row.get(3)?;
        let (mut coverage, mut findings) = match id {
            Some(id) => (load_coverage(&self.connection, id)?, load_findings(&self.connection, id)?),
            None => (Coverage::default(), Vec::new()),
        };
        let fault: Option<String> = row.get(9)?;
        let looked_at = fault.is_none();
        if let Some(reason) = fault {
            let reason = reason.parse().map_err(CatalogError::Damaged)?;
            // What cannot be looked at is not merely unread yet: going on with the sweep alone does not help it.
            coverage.faults.retain(|fault| fault.reason != FaultReason::NotYetRead);
            // What is kept was read when the file could be looked at. Of the file as it is now, nothing was.
            coverage.examined = 0;
            let tries = Tries { attempts: row.get(23)?, first: row.get(24)?, last: row.get(25)? };
            coverage.faults.push(Fault { tries: Some(tries), ..Fault::whole(reason, row.get::<_, String>(10)?) });
        } else if id.is_none() {
            coverage.faults.push(Fault::whole(FaultReason::NotYetRead, "not read yet"));
        }
        let json = |error: serde_json::Error| CatalogError::Damaged(error.to_string());
        let grounds: Grounds = serde_json::from_str(&row.get::<_, String>(7)?).map_err(json)?;
        // Places of evidence count what the name says behind what the content says.
        findings.extend(grounds.named);
        let verdict: String = row.get(8)?;
        Ok(FileRow {
            location: below::location(row, 0)?,
            zone: row.get(1)?,
            content: id.zip(hash.map(ContentHash)),
            kind: row.get::<_, Option<String>>(4)?.map(|kind| Kind(kind.into())),
            size: row.get::<_, i64>(5)?.cast_unsigned(),
            level: row.get::<_, u8>(6)?.try_into().map_err(CatalogError::Damaged)?,
            natives: grounds.natives,
            verdict: Verdict::restore(&verdict, &coverage),
            decided_by: grounds.decided_by,
            labels: self.labels(id, &findings, &coverage)?,
            decisions: self.decisions_of(&grounds.decisions)?,
            coverage,
            findings,
            remarks: row
                .get::<_, Option<String>>(26)?
                .map_or(Ok(Vec::new()), |text| serde_json::from_str(&text))
                .map_err(json)?,
            since: Since {
                sweep: row.get(11)?,
                before: row.get(20)?,
                event: row.get(21)?,
                origin: row.get::<_, Option<Vec<u8>>>(22)?.map(|path| PathBuf::from(OsString::from_vec(path))),
            },
            looked_at,
            folder: row.get(19)?,
            stamps: (row.get(12)?, row.get(13)?),
            identity: Identity {
                device: row.get::<_, i64>(15)?.cast_unsigned(),
                inode: row.get::<_, i64>(16)?.cast_unsigned(),
                size: row.get::<_, i64>(5)?.cast_unsigned(),
                mtime_ns: row.get(14)?,
                ctime_ns: row.get(17)?,
            },
            settled: row.get(18)?,
        })
    }

    /// What people decided that held when a location was judged, by the indices of its findings.
    fn decisions_of(&self, numbers: &BTreeMap<usize, i64>) -> Result<BTreeMap<usize, Decision>> {
        if numbers.is_empty() {
            return Ok(BTreeMap::new());
        }
        let decisions = match self.decisions.get() {
            Some(decisions) => decisions,
            None => {
                let all = self.decisions()?.into_iter().map(|decision| (decision.id, decision)).collect();
                self.decisions.get_or_init(|| all)
            }
        };
        Ok(numbers.iter().filter_map(|(index, id)| Some((*index, decisions.get(id)?.clone()))).collect())
    }

    /// What pages are called on which there are findings or faults.
    fn labels(&self, content: Option<i64>, findings: &[Finding], coverage: &Coverage) -> Result<BTreeMap<u32, String>> {
        let pages =
            findings.iter().map(|finding| finding.page).chain(coverage.faults.iter().filter_map(|fault| fault.page));
        let pages: BTreeSet<u32> = pages.collect();
        let Some(content) = content.filter(|_| !pages.is_empty()) else { return Ok(BTreeMap::new()) };
        let query = "SELECT p.label FROM content c JOIN page p ON p.content = c.id AND p.generation = c.visible AND p.number = ?2
            WHERE c.id = ?1 AND p.label IS NOT NULL";
        let mut statement = self.connection.prepare_cached(query)?;
        let mut labels = BTreeMap::new();
        for page in pages {
            if let Some(label) = statement.query_row(params![content, page], |row| row.get(0)).optional()? {
                labels.insert(page, label);
            }
        }
        Ok(labels)
    }

    /// The visible pages of a content, in order.
    pub fn pages(&self, content: i64) -> Result<Vec<Page>> {
        Ok(load_reading(&self.connection, content, "visible", "pages")?.0)
    }

    /// Number of a content.
    pub fn content_id(&self, hash: &ContentHash) -> Result<Option<i64>> {
        Ok(self
            .connection
            .query_row("SELECT id FROM content WHERE hash = ?1", [hash.0], |row| row.get(0))
            .optional()?)
    }

    /// Files that hold a content, in order of path.
    pub fn files_of(&self, content: i64) -> Result<Vec<FileRow>> {
        let mut files = Vec::new();
        self.each_file_of(content, |file| files.push(file))?;
        Ok(files)
    }

    /// The same one by one: an empty file may lie in a hundred thousand places.
    pub fn each_file_of(&self, content: i64, mut each: impl FnMut(FileRow)) -> Result<()> {
        let mut statement = self.connection.prepare_cached(&format!("{FILE} WHERE l.content = ?1 ORDER BY l.path"))?;
        let mut rows = statement.query([content])?;
        while let Some(row) = rows.next()? {
            each(self.file_row(row)?);
        }
        Ok(())
    }

    /// Files and members of which no content was ever read, in order of path: no index knows them. There may be very many.
    pub fn each_unread(&self, mut each: impl FnMut(UnreadRow)) -> Result<()> {
        let query = "SELECT path, zone, verdict, fault_reason, mtime_ns FROM location WHERE content IS NULL
            UNION ALL SELECT l.path, l.zone, l.verdict, l.fault_reason, l.mtime_ns
                FROM content c JOIN location l ON l.content = c.id WHERE c.visible = 0
            ORDER BY path";
        let mut statement = self.connection.prepare_cached(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let fault: Option<String> = row.get(3)?;
            let fault = fault.map_or(Ok(FaultReason::NotYetRead), |reason| reason.parse());
            each(UnreadRow {
                location: below::location(row, 0)?,
                zone: row.get(1)?,
                verdict: row.get(2)?,
                fault: fault.map_err(CatalogError::Damaged)?,
                mtime_ns: row.get(4)?,
            });
        }
        Ok(())
    }

    /// Contents changed after sequence number `seq`, in order of it, at most `limit`; only readings that were finished.
    pub fn changed_since(&self, seq: i64, limit: usize) -> Result<Vec<IndexRow>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT seq, id, hash FROM content WHERE seq > ?1 AND visible > 0 ORDER BY seq LIMIT ?2")?;
        let rows = statement.query_map(params![seq, limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.map(|row| {
            let (seq, content, hash) = row?;
            Ok(IndexRow { seq, content, hash: ContentHash(hash) })
        })
        .collect()
    }

    /// Contents that the index must hold: those that were read and lie somewhere.
    pub fn indexed_contents(&self) -> Result<BTreeSet<ContentHash>> {
        let query = "SELECT hash FROM content c WHERE visible > 0
            AND EXISTS (SELECT 1 FROM location l WHERE l.content = c.id)";
        let mut statement = self.connection.prepare(query)?;
        let hashes = statement.query_map([], |row| row.get(0).map(ContentHash))?;
        Ok(hashes.collect::<rusqlite::Result<_>>()?)
    }

    /// The last sequence number.
    pub fn last_seq(&self) -> Result<i64> {
        Ok(self.connection.query_row("SELECT value FROM meta WHERE key = 'seq'", [], |row| row.get(0))?)
    }

    /// The newest sweep that did not come to its end and that no later one has made up for, with those of its roots that
    /// no later complete sweep covers. A complete sweep of one folder says nothing of the others.
    ///
    /// `wanted` says of a root whether anybody still wants to know.
    pub fn unfinished(&self, wanted: impl Fn(&Path) -> Result<bool>) -> Result<Option<(SweepRow, Vec<PathBuf>)>> {
        let mut covered: Vec<PathBuf> = Vec::new();
        for sweep in self.sweeps(None)? {
            let roots = parse_roots(&sweep.roots)?;
            if sweep.state == "complete" {
                covered.extend(roots);
                continue;
            }
            let mut open = Vec::new();
            for root in roots {
                if !covered.iter().any(|done| root.starts_with(done)) && wanted(&root)? {
                    open.push(root);
                }
            }
            if !open.is_empty() {
                return Ok(Some((sweep, open)));
            }
        }
        Ok(None)
    }

    /// The last sweeps, newest first; without a limit all of them.
    pub fn sweeps(&self, limit: Option<usize>) -> Result<Vec<SweepRow>> {
        // To SQLite no limit is a negative one.
        let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let query = "SELECT id, started, ended, state, roots, summary FROM sweep ORDER BY id DESC LIMIT ?1";
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([limit], |row| {
            Ok(SweepRow {
                id: row.get(0)?,
                started: row.get(1)?,
                ended: row.get(2)?,
                state: row.get(3)?,
                roots: row.get(4)?,
                summary: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What happened in a sweep: kind, path, and where it was moved or copied from.
    pub fn events(&self, sweep: i64) -> Result<Vec<(String, PathBuf, Option<PathBuf>)>> {
        let mut statement =
            self.connection.prepare("SELECT kind, path, origin FROM event WHERE sweep = ?1 ORDER BY path, kind")?;
        let path = |bytes: Vec<u8>| PathBuf::from(OsString::from_vec(bytes));
        let rows = statement.query_map([sweep], |row| {
            Ok((row.get(0)?, path(row.get(1)?), row.get::<_, Option<Vec<u8>>>(2)?.map(path)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Files that went in a sweep or later and did not come back, in order of path.
    pub fn gone_since(&self, sweep: i64) -> Result<Vec<GoneRow>> {
        // Of those that went more than once the last time counts; max() takes the other columns from its row.
        let query = "SELECT path, max(sweep), kind, verdict FROM event e
            WHERE sweep >= ?1 AND kind IN ('gone', 'forgotten') AND NOT EXISTS (SELECT 1 FROM location l WHERE l.path = e.path)
            GROUP BY path ORDER BY path";
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([sweep], |row| {
            Ok(GoneRow { path: below::path(row, 0)?, sweep: row.get(1)?, event: row.get(2)?, before: row.get(3)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Paths that hold a line end.
    pub fn names_with_line_ends(&self) -> Result<Vec<PathBuf>> {
        let mut statement = self
            .connection
            .prepare("SELECT path FROM location WHERE container IS NULL AND instr(path, x'0a') ORDER BY path")?;
        let paths = statement.query_map([], |row| below::path(row, 0))?;
        Ok(paths.collect::<rusqlite::Result<_>>()?)
    }
}
