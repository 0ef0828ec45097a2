//! Counts over everything that is known.

use std::collections::BTreeMap;

use super::rows::Totals;
use super::{CatalogView, Result};

impl CatalogView {
    /// Counts over everything.
    pub fn totals(&self) -> Result<Totals> {
        let mut totals = Totals::default();
        let counts = |query: &str| -> Result<BTreeMap<String, u64>> {
            let mut statement = self.connection.prepare(query)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        totals.verdicts = counts("SELECT verdict, count(*) FROM location GROUP BY verdict")?;
        totals.faults = counts(
            "SELECT reason, count(*) FROM (
                SELECT l.path, f.reason FROM location l JOIN content c ON c.id = l.content
                    JOIN fault f ON f.content = c.id AND f.generation = c.visible
                UNION SELECT path, fault_reason FROM location WHERE fault_reason IS NOT NULL
                UNION SELECT l.path, json_extract(c.classify_fault, '$.reason') FROM location l JOIN content c ON c.id = l.content
                    WHERE c.classify_fault IS NOT NULL
                UNION SELECT l.path, 'not_yet_read' FROM location l JOIN content c ON c.id = l.content
                    WHERE c.visible = 0 AND l.fault_reason IS NULL)
             GROUP BY reason",
        )?;
        let number = |query: &str| self.connection.query_row(query, [], |row| row.get::<_, u64>(0));
        totals.incomplete_files = number(
            "SELECT count(*) FROM location l LEFT JOIN content c ON c.id = l.content
             WHERE l.content IS NULL OR l.fault_reason IS NOT NULL OR c.visible = 0 OR c.examined < c.pages
             OR c.classify_fault IS NOT NULL OR EXISTS (SELECT 1 FROM fault f WHERE f.content = c.id AND f.generation = c.visible
                AND f.reason <> 'out_of_scope')",
        )?;
        totals.unread_pages = number(
            "SELECT coalesce(sum(CASE WHEN visible > 0 THEN pages - examined ELSE coalesce(opened_pages, 0) END), 0)
                + (SELECT coalesce(sum(c.examined), 0) FROM location l JOIN content c ON c.id = l.content
                   WHERE l.fault_reason IS NOT NULL AND c.visible > 0)
             FROM content c WHERE EXISTS (SELECT 1 FROM location WHERE content = c.id)",
        )?;
        totals.folders = number("SELECT count(*) FROM location WHERE folder")?;
        totals.members = number("SELECT count(*) FROM location WHERE container IS NOT NULL")?;
        Ok(totals)
    }

    /// Files by what people decided on findings of theirs, as it held when they were judged.
    pub fn decided(&self) -> Result<BTreeMap<String, u64>> {
        let query = "SELECT d.ruling, count(DISTINCT l.path) FROM location l, json_each(l.grounds, '$.decisions') held
            JOIN decision d ON d.id = held.value WHERE instr(l.grounds, '\"decisions\":{}') = 0 GROUP BY d.ruling";
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
