//! What readings were made with, and what held the readers: kept with each sweep, and asked for by reports.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::{Catalog, CatalogView, Result};

/// The last sweep: what answers are as old as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// Its number.
    pub sweep: i64,
    /// When it ended, seconds since 1970 UTC; none if it did not.
    pub ended: Option<i64>,
}

impl Catalog {
    /// Keeps what the readers of the sweep under way are held by: also of one that is killed.
    pub fn held(&mut self, provenance: &str) -> Result<()> {
        let sweep = self.sweep;
        self.write(|catalog| {
            let set = "UPDATE sweep SET provenance = ?2 WHERE id = ?1";
            catalog.connection.prepare_cached(set)?.execute(params![sweep, provenance])?;
            Ok(())
        })
    }
}

impl CatalogView {
    /// Of all sweeps in which something was read that is still known: what they read with, and what held their readers, of
    /// the one whose readers were held least, the newest of several.
    pub fn provenance(&self) -> Result<Option<Value>> {
        let mut statement = self.connection.prepare(
            "SELECT provenance FROM sweep WHERE provenance IS NOT NULL
             AND id IN (SELECT read_in FROM content WHERE id IN (SELECT content FROM location)) ORDER BY id DESC",
        )?;
        let known = statement.query_map([], |row| row.get::<_, String>(0))?;
        let known = known.collect::<rusqlite::Result<Vec<String>>>()?;
        let holding = |provenance: &Value| {
            let locks = provenance["locks"].as_array().into_iter().flatten();
            locks.filter(|lock| lock["holds"] == true).count()
        };
        Ok(known.iter().filter_map(|text| serde_json::from_str(text).ok()).min_by_key(holding))
    }

    /// The sweep in which the visible reading of a content was made, and what it read with; none if nothing was read.
    pub fn read_in(&self, content: i64) -> Result<Option<(i64, Option<Value>)>> {
        let query = "SELECT c.read_in, s.provenance FROM content c LEFT JOIN sweep s ON s.id = c.read_in
             WHERE c.id = ?1 AND c.read_in IS NOT NULL";
        let row =
            self.connection.query_row(query, [content], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)));
        let parse = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(row.optional()?.map(|(sweep, provenance)| (sweep, parse(provenance))))
    }

    /// The last sweep; none before the first.
    pub fn as_of(&self) -> Result<Option<AsOf>> {
        let query = "SELECT id, ended FROM sweep ORDER BY id DESC LIMIT 1";
        let of = |row: &rusqlite::Row<'_>| Ok(AsOf { sweep: row.get(0)?, ended: row.get(1)? });
        Ok(self.connection.query_row(query, [], of).optional()?)
    }
}
