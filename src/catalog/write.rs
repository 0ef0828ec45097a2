//! The one writer: sweeps, contents, pages and findings.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, params};

use super::{CatalogError, DataDir, Result, body, load, schema};
use crate::classify::Classification;
use crate::config::StoreSettings;
use crate::document::{ContentHash, Identity, Kind, Page};
use crate::finding::{Coverage, Fault, Finding, Level};

/// The writer's connection.
#[derive(Debug)]
pub struct Catalog {
    pub(super) connection: Connection,
    compression: i32,
    /// Changes since the last commit.
    pending: usize,
    /// The sweep under way.
    pub(super) sweep: i64,
}

/// What is known of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentRow {
    /// Its number.
    pub id: i64,
    /// Whether a reading is finished and none is under way.
    pub done: bool,
    /// Stamp of the reading.
    pub read_with: String,
    /// Stamp of the classification.
    pub classified_with: Option<String>,
    /// What the bytes are.
    pub kind: Kind,
    /// Limits that the last reading ran into, as a stamp.
    pub limited_by: Option<String>,
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
        // NORMAL loses no consistency in WAL mode; a power cut may cost the last commits, which the next sweep redoes.
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::migrate(&mut connection)?;
        // Outside a sweep (`reclassify`) changes count as those of the last one.
        let sweep = connection.query_row("SELECT coalesce(max(id), 0) FROM sweep", [], |row| row.get(0))?;
        Ok(Self { connection, compression: settings.compression, pending: 0, sweep })
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

    /// What is known of a content.
    pub fn content(&self, hash: &ContentHash) -> Result<Option<ContentRow>> {
        let query = "SELECT id, state, read_with, classified_with, kind, limited_by FROM content WHERE hash = ?1";
        let row = |row: &rusqlite::Row<'_>| {
            Ok(ContentRow {
                id: row.get(0)?,
                done: row.get_ref(1)?.as_str()? == "done",
                read_with: row.get(2)?,
                classified_with: row.get(3)?,
                kind: Kind(row.get::<_, String>(4)?.into()),
                limited_by: row.get(5)?,
            })
        };
        Ok(self.connection.prepare_cached(query)?.query_row([hash.0], row).optional()?)
    }

    /// Begins a reading of a content, or goes on with one of the same stamp and file. What an earlier reading found stays
    /// visible until this one is finished.
    ///
    /// Pages of a reading that another file had begun are not trusted: that file may have been changed under the reader,
    /// and only the end of a reading finds that out.
    pub fn begin_reading(&mut self, hash: &ContentHash, file: &Identity, kind: &Kind, read_with: &str) -> Result<i64> {
        let known = self.content(hash)?;
        let begun = format!("{file:?}");
        self.write(|catalog| match known {
            None => {
                catalog
                    .connection
                    .prepare_cached(
                        "INSERT INTO content (hash, size, kind, state, read_with, generation, begun)
                     VALUES (?1, ?2, ?3, 'reading', ?4, 1, ?5)",
                    )?
                    .execute(params![hash.0, file.size.cast_signed(), kind.as_str(), read_with, begun])?;
                Ok(catalog.connection.last_insert_rowid())
            }
            Some(row) => {
                catalog.connection.execute(
                    "UPDATE content SET state = 'reading', read_with = ?2, kind = ?3, generation = generation + 1,
                     begun = ?4, opened_pages = NULL
                     WHERE id = ?1 AND NOT (state = 'reading' AND read_with = ?2 AND begun = ?4)",
                    params![row.id, read_with, kind.as_str(), begun],
                )?;
                Ok(row.id)
            }
        })
    }

    /// Pages in all and ranges of pages that the reading under way still lacks; none if it was never opened.
    pub fn missing_pages(&self, content: i64, limit: u32) -> Result<Option<(u32, Vec<RangeInclusive<u32>>)>> {
        let query = "SELECT opened_pages FROM content WHERE id = ?1";
        let Some(pages) = self.connection.query_row(query, [content], |row| row.get::<_, Option<u32>>(0))? else {
            return Ok(None);
        };
        let mut done = self.connection.prepare_cached(
            "SELECT number FROM page WHERE content = ?1 AND generation = (SELECT generation FROM content WHERE id = ?1)
             UNION SELECT page FROM fault WHERE content = ?1 AND page > 0
             AND generation = (SELECT generation FROM content WHERE id = ?1) ORDER BY 1",
        )?;
        let mut missing = Vec::new();
        let mut next = 1;
        for number in done.query_map([content], |row| row.get::<_, u32>(0))? {
            let number = number?;
            if number > next {
                missing.push(next..=number - 1);
            }
            next = number.saturating_add(1);
        }
        if next <= pages.min(limit) {
            missing.push(next..=pages.min(limit));
        }
        Ok(Some((pages, missing)))
    }

    /// Notes that the document was opened.
    pub fn opened(&mut self, content: i64, pages: u32, faults: &[Fault]) -> Result<()> {
        self.write(|catalog| {
            let set = "UPDATE content SET opened_pages = ?2 WHERE id = ?1";
            catalog.connection.prepare_cached(set)?.execute(params![content, pages])?;
            Ok(())
        })?;
        faults.iter().try_for_each(|fault| self.add_fault(content, fault))
    }

    /// Keeps a page of the reading under way.
    pub fn add_page(&mut self, content: i64, page: &Page) -> Result<()> {
        let packed = body::pack_page(page, self.compression)?;
        self.write(|catalog| {
            catalog
                .connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO page
                 SELECT ?1, generation, ?2, ?3 FROM content WHERE id = ?1",
                )?
                .execute(params![content, page.number, packed])?;
            Ok(())
        })?;
        page.faults
            .iter()
            .try_for_each(|fault| self.add_fault(content, &Fault { page: Some(page.number), ..fault.clone() }))
    }

    /// Keeps a fault of the reading under way.
    pub fn add_fault(&mut self, content: i64, fault: &Fault) -> Result<()> {
        self.write(|catalog| {
            catalog
                .connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO fault SELECT ?1, generation, ?2, ?3, ?4 FROM content WHERE id = ?1",
                )?
                .execute(params![content, fault.page.unwrap_or(0), fault.reason.as_str(), fault.detail])?;
            Ok(())
        })
    }

    /// Pages and coverage of the reading under way, for classification.
    pub fn reading(&self, content: i64) -> Result<(Vec<Page>, Coverage)> {
        load::load_reading(&self.connection, content, "generation", "opened_pages")
    }

    /// Finishes the reading under way: its pages, faults and findings become visible, the ones before are dropped.
    /// `limits` is kept if the reading ran into one, so that other limits lead to another try.
    pub fn finish_reading(&mut self, content: i64, coverage: &Coverage, limits: &str) -> Result<()> {
        let limited = coverage.faults.iter().any(|fault| fault.reason.depends_on_limits());
        self.write(|catalog| {
            let connection = &catalog.connection;
            connection.prepare_cached(
                "UPDATE content SET state = 'done', visible = generation, pages = ?2, examined = ?3, ocr_pages = ?4,
                 limited_by = ?5 WHERE id = ?1",
            )?
            .execute(params![content, coverage.pages, coverage.examined, coverage.ocr_pages, limited.then_some(limits)])?;
            for table in ["page", "fault"] {
                connection.prepare_cached(&format!(
                    "DELETE FROM {table} WHERE content = ?1 AND generation < (SELECT visible FROM content WHERE id = ?1)"
                ))?
                .execute([content])?;
            }
            Ok(())
        })
    }

    /// Throws the reading under way away: its pages are not those of the content after all.
    pub fn discard_reading(&mut self, content: i64) -> Result<()> {
        self.write(|catalog| {
            let connection = &catalog.connection;
            connection.execute("UPDATE content SET generation = generation + 1, opened_pages = NULL WHERE id = ?1", [content])?;
            for table in ["page", "fault"] {
                let delete = format!(
                    "DELETE FROM {table} WHERE content = ?1 AND generation <> (SELECT visible FROM content WHERE id = ?1)"
                );
                connection.execute(&delete, [content])?;
            }
            Ok(())
        })
    }

    /// Replaces the findings of a content.
    pub fn set_findings(
        &mut self,
        content: i64,
        classification: &Classification,
        (level, natives): (Level, &[String]),
        classified_with: &str,
    ) -> Result<()> {
        let Classification { findings, fault } = classification;
        let json = |error: serde_json::Error| CatalogError::Other(error.to_string());
        let natives = serde_json::to_string(natives).map_err(json)?;
        let fault = fault.as_ref().map(serde_json::to_string).transpose().map_err(json)?;
        self.write(|catalog| {
            catalog.connection.prepare_cached("DELETE FROM finding WHERE content = ?1")?.execute([content])?;
            let mut insert = catalog.connection.prepare_cached(
                "INSERT INTO finding (content, ordinal, detector, rule, page, level, confidence, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            for (ordinal, finding) in findings.iter().enumerate() {
                let packed = body::pack_finding(finding)?;
                let (level, confidence) = (finding.level.number(), finding.confidence);
                insert.execute(params![
                    content,
                    ordinal,
                    finding.detector,
                    finding.rule,
                    finding.page,
                    level,
                    confidence,
                    packed
                ])?;
            }
            catalog.connection.prepare_cached(
                "UPDATE content SET level = ?2, natives = ?3, classified_with = ?4, classify_fault = ?5 WHERE id = ?1",
            )?
            .execute(params![content, level.number(), natives, classified_with, fault])?;
            Ok(())
        })?;
        self.touch(content)
    }

    /// Findings and coverage that are visible of a content.
    pub fn evidence(&self, content: i64) -> Result<(Vec<Finding>, Coverage)> {
        Ok((load::load_findings(&self.connection, content)?, load::load_coverage(&self.connection, content)?))
    }

    /// Contents that are done but were classified with other rules, in order of number.
    pub fn stale_contents(&self, classified_with: &str, all: bool) -> Result<Vec<i64>> {
        let query = "SELECT id FROM content WHERE visible > 0 AND (?2 OR classified_with IS NOT ?1) ORDER BY id";
        let mut statement = self.connection.prepare(query)?;
        let ids = statement.query_map(params![classified_with, all], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// Pages and coverage that are visible of a content.
    pub fn visible(&self, content: i64) -> Result<(Vec<Page>, Coverage)> {
        load::load_reading(&self.connection, content, "visible", "pages")
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
            self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        }
        self.pending += 1;
        change(self)
    }

    /// Changes since the last commit.
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// Makes everything since the last commit durable.
    pub fn commit(&mut self) -> Result<()> {
        if !self.connection.is_autocommit() {
            self.connection.prepare_cached("COMMIT")?.execute([])?;
        }
        self.pending = 0;
        Ok(())
    }
}
