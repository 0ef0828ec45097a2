//! What people decided on findings. Decisions are never deleted: one that is taken back stays, with its day.

use rusqlite::{Connection, Row, params};

use super::{Catalog, CatalogError, CatalogView, Result};
use crate::decision::{Decision, Ruling, Scope};
use crate::document::ContentHash;
use crate::finding::Level;

const ALL: &str = "SELECT id, ruling, rule, content, paths, reason, made_by, made, expires, withdrawn, ceiling FROM decision ORDER BY id";

impl Catalog {
    /// Keeps a decision; returns its number. Its own number is not looked at.
    pub fn decide(&mut self, decision: &Decision) -> Result<i64> {
        let (content, paths) = match &decision.scope {
            Scope::Content(hash) => (Some(hash.0), None),
            Scope::Paths(glob) => (None, Some(glob)),
        };
        self.write(|catalog| {
            catalog.connection.execute(
                "INSERT INTO decision (ruling, rule, content, paths, reason, made_by, made, expires, withdrawn, ceiling)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    decision.ruling.as_str(),
                    decision.rule,
                    content,
                    paths,
                    decision.reason,
                    decision.by,
                    decision.made,
                    decision.expires,
                    decision.withdrawn,
                    decision.ceiling.map(Level::number),
                ],
            )?;
            Ok(catalog.connection.last_insert_rowid())
        })
    }

    /// Takes a decision back; false if there is none of this number that somebody could take back.
    pub fn withdraw(&mut self, id: i64, now: i64) -> Result<bool> {
        self.write(|catalog| {
            let set = "UPDATE decision SET withdrawn = ?2 WHERE id = ?1 AND withdrawn IS NULL";
            Ok(catalog.connection.execute(set, params![id, now])? > 0)
        })
    }

    /// All decisions, by number.
    pub fn decisions(&self) -> Result<Vec<Decision>> {
        load(&self.connection)
    }

    /// Contents with a finding of a rule in them or in the name of a place where they lie; a trailing `*` stands for anything.
    pub fn found_in(&self, rule: &str) -> Result<Vec<i64>> {
        let (start, begins) = rule.strip_suffix('*').map_or((rule, false), |start| (start, true));
        let query = "SELECT content FROM finding WHERE rule = ?1 OR (?2 AND substr(rule, 1, length(?1)) = ?1)
            UNION SELECT l.content FROM location l, json_each(l.grounds, '$.named') n WHERE l.content IS NOT NULL
                AND (n.value ->> 'rule' = ?1 OR (?2 AND substr(n.value ->> 'rule', 1, length(?1)) = ?1))
            ORDER BY content";
        let mut statement = self.connection.prepare(query)?;
        let contents = statement.query_map(params![start, begins], |row| row.get(0))?;
        Ok(contents.collect::<rusqlite::Result<_>>()?)
    }
}

impl CatalogView {
    /// All decisions, by number.
    pub fn decisions(&self) -> Result<Vec<Decision>> {
        load(&self.connection)
    }
}

fn load(connection: &Connection) -> Result<Vec<Decision>> {
    let mut statement = connection.prepare_cached(ALL)?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(decision(row)?);
    }
    Ok(all)
}

fn decision(row: &Row<'_>) -> Result<Decision> {
    let ruling: String = row.get(1)?;
    let ruling = Ruling::named(&ruling).ok_or_else(|| CatalogError::Damaged(format!("a decision {ruling:?}")))?;
    let scope = match (row.get::<_, Option<[u8; 32]>>(3)?, row.get::<_, Option<String>>(4)?) {
        (Some(hash), _) => Scope::Content(ContentHash(hash)),
        (None, glob) => Scope::Paths(glob.unwrap_or_default()),
    };
    Ok(Decision {
        id: row.get(0)?,
        ruling,
        rule: row.get(2)?,
        scope,
        reason: row.get(5)?,
        by: row.get(6)?,
        made: row.get(7)?,
        expires: row.get(8)?,
        withdrawn: row.get(9)?,
        ceiling: row.get::<_, Option<u8>>(10)?.map(TryInto::try_into).transpose().map_err(CatalogError::Damaged)?,
    })
}
