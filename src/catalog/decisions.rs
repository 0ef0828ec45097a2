//! What people decided on findings. Decisions are never deleted: one that is taken back stays, with its day.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rusqlite::{Connection, Row, params};

use super::{Catalog, CatalogError, CatalogView, Result, below};
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

    /// Contents that lie somewhere with a finding of a rule, in them or in the name of the place; a trailing `*` stands for
    /// anything.
    pub fn found_in(&self, rule: &str) -> Result<BTreeSet<i64>> {
        let contents: BTreeSet<Option<i64>> = self.where_found(rule, |row| row.get(1))?;
        Ok(contents.into_iter().flatten().collect())
    }

    /// Files with a finding of a rule, in them, in what lies in them, or in a name; a trailing `*` stands for anything.
    pub fn paths_with(&self, rule: &str) -> Result<BTreeSet<PathBuf>> {
        self.where_found(rule, |row| Ok(below::location(row, 0)?.path))
    }

    /// What is wanted of the key and the content of each location with a finding of a rule.
    fn where_found<T: Ord>(&self, rule: &str, wanted: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> Result<BTreeSet<T>> {
        let (start, begins) = rule.strip_suffix('*').map_or((rule, false), |start| (start, true));
        let query = "SELECT path, content FROM (
                SELECT l.path, l.content, f.rule FROM finding f JOIN location l ON l.content = f.content
                UNION ALL SELECT l.path, l.content, n.value ->> 'rule' FROM location l, json_each(l.grounds, '$.named') n)
            WHERE rule = ?1 OR (?2 AND substr(rule, 1, length(?1)) = ?1)";
        let mut statement = self.connection.prepare(query)?;
        let found = statement.query_map(params![start, begins], |row| wanted(row))?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
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
