//! Whether the catalog is sound.

use super::{CatalogView, Result};

impl CatalogView {
    /// What is wrong with the catalog, in words; nothing if it is sound. Reads all of it.
    pub fn check(&self) -> Result<Vec<String>> {
        let mut problems = self.names("PRAGMA integrity_check(10)")?;
        problems.retain(|line| line != "ok");
        let questions = [
            (
                "files that are clear although something of them was not read",
                "SELECT count(*) FROM location l JOIN content c ON c.id = l.content WHERE l.verdict = 'clear'
                 AND (c.visible = 0 OR c.examined < c.pages OR c.classify_fault IS NOT NULL OR l.fault_reason IS NOT NULL
                    OR EXISTS (SELECT 1 FROM fault f WHERE f.content = c.id AND f.generation = c.visible))",
            ),
            (
                "documents of which fewer pages are kept than were examined",
                "SELECT count(*) FROM content c WHERE visible > 0 AND c.examined >
                 (SELECT count(*) FROM page p WHERE p.content = c.id AND p.generation = c.visible)",
            ),
            (
                "containers that are clear although something in them is not",
                "SELECT count(*) FROM location l WHERE l.verdict = 'clear' AND EXISTS (SELECT 1 FROM location i
                 WHERE i.container = l.path AND i.verdict IN ('misfiled', 'review', 'unverified'))",
            ),
            (
                "documents inside others that have no location of their own",
                "SELECT count(*) FROM location l JOIN content c ON c.id = l.content
                 JOIN member m ON m.content = c.id AND m.generation = c.visible
                 WHERE l.fault_reason IS NULL AND NOT EXISTS (SELECT 1 FROM location i
                    WHERE i.path = CAST(l.path || x'00' || CAST(m.name AS BLOB) AS BLOB))",
            ),
            ("rows that belong to nothing", "SELECT count(*) FROM pragma_foreign_key_check"),
        ];
        for (what, query) in questions {
            let count: u64 = self.connection.query_row(query, [], |row| row.get(0))?;
            if count > 0 {
                problems.push(format!("{count} {what}"));
            }
        }
        Ok(problems)
    }
}
