//! The one writer: its connection, its transactions, and the sweeps.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{DataDir, Result, below, schema, tune};
use crate::config::StoreSettings;
use crate::document::Location;
use crate::failpoint;

/// The writer's connection.
#[derive(Debug)]
pub struct Catalog {
    pub(super) connection: Connection,
    pub(super) compression: i32,
    /// Changes since the last commit.
    pending: usize,
    /// The sweep under way.
    pub(super) sweep: i64,
    /// Nothing is made durable: see [`Catalog::rehearse`].
    rehearsing: bool,
}

/// A location of which something else would be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// Where.
    pub location: Location,
    /// Name of its zone.
    pub zone: String,
    /// What is said today.
    pub before: Said,
    /// What would be.
    pub now: Said,
}

/// What is said of a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Stable name of the verdict.
    pub verdict: String,
    /// Number of the level.
    pub level: u8,
    /// Rules whose findings decided, in order.
    pub rules: Vec<String>,
}

impl Said {
    /// Of three columns.
    fn of(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let rules: Option<String> = row.get(first + 2)?;
        let rules = rules.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        Ok(Self { verdict: row.get(first)?, level: row.get(first + 1)?, rules })
    }
}

/// SQL for the rules that decided on location `l`: those of its content, and those of its name behind them.
macro_rules! rules_that_decided {
    () => {
        "CASE WHEN l.verdict IN ('misfiled', 'review') THEN (SELECT group_concat(rule, ' ') FROM (
            SELECT f.rule FROM finding f WHERE f.content = l.content
                AND f.ordinal IN (SELECT value FROM json_each(l.grounds, '$.decided_by'))
            UNION SELECT n.value ->> 'rule' FROM json_each(l.grounds, '$.named') n
                WHERE n.key + (SELECT count(*) FROM finding f WHERE f.content = l.content)
                    IN (SELECT value FROM json_each(l.grounds, '$.decided_by')))) END"
    };
}

/// How a sweep stands or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepState {
    /// Everything was looked at.
    Complete,
    /// Stopped at its deadline or by a signal; the next sweep goes on.
    Stopped,
}

impl Catalog {
    /// Opens the catalog for writing, making or migrating it. The caller holds the lock.
    pub fn open(dir: &DataDir, settings: &StoreSettings) -> Result<Self> {
        let mut connection = Connection::open(dir.catalog())?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // The index makes its commits durable: with less here, a power cut could leave it ahead of the catalog, with
        // other contents under the same numbers.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        tune(&connection)?;
        schema::migrate(&mut connection)?;
        // Outside a sweep (`reclassify`) changes count as those of the next one: they are news until it has ended.
        let sweep = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM sweep", [], |row| row.get(0))?;
        Ok(Self { connection, compression: settings.compression, pending: 0, sweep, rehearsing: false })
    }

    /// Begins a sweep. What an earlier one that never ended had noted becomes part of this one.
    pub fn begin_sweep(&mut self, roots: &str, now: i64) -> Result<i64> {
        self.write(|catalog| {
            catalog.connection.execute("UPDATE sweep SET state = 'interrupted' WHERE state = 'running'", [])?;
            catalog
                .connection
                .execute("INSERT INTO sweep (started, state, roots) VALUES (?1, 'running', ?2)", params![now, roots])?;
            catalog.sweep = catalog.connection.last_insert_rowid();
            catalog.connection.execute(
                "UPDATE OR REPLACE event SET sweep = ?1
                 WHERE sweep > (SELECT coalesce(max(id), 0) FROM sweep WHERE state = 'complete')",
                [catalog.sweep],
            )?;
            catalog.connection.execute(
                "UPDATE location SET verdict_sweep = ?1
                 WHERE verdict_sweep > (SELECT coalesce(max(id), 0) FROM sweep WHERE state = 'complete')",
                [catalog.sweep],
            )?;
            Ok(())
        })?;
        self.commit()?;
        Ok(self.sweep)
    }

    /// Ends the sweep.
    pub fn end_sweep(&mut self, state: SweepState, summary: &str, now: i64) -> Result<()> {
        let state = if state == SweepState::Complete { "complete" } else { "stopped" };
        let sweep = self.sweep;
        self.write(|catalog| {
            catalog.connection.execute(
                "UPDATE sweep SET state = ?2, ended = ?3, summary = ?4 WHERE id = ?1",
                params![sweep, state, now, summary],
            )?;
            Ok(())
        })?;
        self.commit()
    }

    /// A value kept beside the data.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        let query = "SELECT CAST(value AS TEXT) FROM meta WHERE key = ?1";
        Ok(self.connection.query_row(query, [key], |row| row.get(0)).optional()?)
    }

    /// Keeps a value beside the data.
    pub fn set_meta(&mut self, key: &str, value: &str) -> Result<()> {
        self.write(|catalog| {
            catalog.connection.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", [key, value])?;
            Ok(())
        })
    }

    /// Tells the index that something it shows of a content has changed.
    pub fn content_changed(&mut self, content: i64) -> Result<()> {
        self.touch(content)
    }

    /// Gives a content the next sequence number: something that the index shows has changed.
    pub(super) fn touch(&mut self, content: i64) -> Result<()> {
        self.write(|catalog| {
            catalog.connection.prepare_cached("UPDATE meta SET value = value + 1 WHERE key = 'seq'")?.execute([])?;
            let set = "UPDATE content SET seq = (SELECT value FROM meta WHERE key = 'seq') WHERE id = ?1";
            catalog.connection.prepare_cached(set)?.execute([content])?;
            Ok(())
        })
    }

    /// Runs a change inside the transaction under way, opening one if there is none.
    pub(super) fn write<T>(&mut self, change: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.connection.is_autocommit() {
            failpoint::reached("catalog.begin");
            self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        }
        self.pending += 1;
        change(self)
    }

    /// From now on nothing is made durable: what is changed is seen through this catalog alone, and is gone with it.
    pub fn rehearse(&mut self) -> Result<()> {
        self.write(|catalog| {
            catalog.rehearsing = true;
            catalog.connection.execute_batch(concat!(
                "CREATE TEMP TABLE was AS SELECT l.path, l.verdict, l.level, ",
                rules_that_decided!(),
                " AS rules FROM location l"
            ))?;
            Ok(())
        })
    }

    /// Locations whose verdict or level is not what it was before [`Catalog::rehearse`], in order: where, and what is said of
    /// them before and now.
    pub fn rehearsed(&self, mut each: impl FnMut(&Rehearsed) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let query = concat!(
            "SELECT l.path, l.zone, w.verdict, w.level, w.rules, l.verdict, l.level, ",
            rules_that_decided!(),
            " FROM location l JOIN was w ON w.path = l.path WHERE w.verdict <> l.verdict OR w.level <> l.level ORDER BY l.path"
        );
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (before, now) = (Said::of(row, 2)?, Said::of(row, 5)?);
            each(&Rehearsed { location: below::location(row, 0)?, zone: row.get(1)?, before, now })?;
        }
        Ok(())
    }

    /// Changes since the last commit.
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// Makes everything since the last commit durable.
    pub fn commit(&mut self) -> Result<()> {
        if !self.connection.is_autocommit() && !self.rehearsing {
            failpoint::reached("catalog.commit.before");
            self.connection.prepare_cached("COMMIT")?.execute([])?;
            failpoint::reached("catalog.commit.after");
        }
        self.pending = 0;
        Ok(())
    }
}
