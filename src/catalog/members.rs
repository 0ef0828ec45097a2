//! The one writer: documents inside documents. What a container holds is kept once, as a list of the content; where the container
//! lies, each of its members gets a location of its own, whose key goes on behind a zero byte.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::locations::since;
use super::{Catalog, CatalogError, KnownContent, Place, Result, json, locations};
use crate::document::Location;
use crate::finding::{Fault, Level, Verdict};
use crate::judge::Judgement;

/// A document inside a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Its number, from 1.
    pub ordinal: u32,
    /// Its name, different from that of every other one.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Number of its content, if it could be had.
    pub content: Option<i64>,
    /// Why it could not, or not wholly.
    pub fault: Option<Fault>,
}

/// Contents inside content ?1 at all depths, by number. A container that holds itself ends it.
pub(super) const INSIDE: &str = "WITH RECURSIVE inside (id) AS (
    SELECT m.member FROM member m JOIN content c ON c.id = m.content AND m.generation = c.visible
        WHERE m.content = ?1 AND m.member IS NOT NULL
    UNION SELECT m.member FROM inside i JOIN content c ON c.id = i.id
        JOIN member m ON m.content = c.id AND m.generation = c.visible WHERE m.member IS NOT NULL)";

impl Catalog {
    /// Keeps a member of the reading under way. Of two that have the same name the later one gets its number as well.
    pub fn add_member(&mut self, container: i64, member: &MemberRow) -> Result<()> {
        self.write(|catalog| {
            let connection = &catalog.connection;
            let taken = "SELECT EXISTS (SELECT 1 FROM member m JOIN content c ON c.id = m.content AND c.generation = m.generation
                WHERE m.content = ?1 AND m.name = ?2 AND m.ordinal <> ?3)";
            let mut statement = connection.prepare_cached(taken)?;
            let mut name = member.name.clone();
            // A member may be called what another one was given.
            while statement.query_row(params![container, name, member.ordinal], |row| row.get(0))? {
                name = format!("{name} ({})", member.ordinal);
            }
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO member (content, generation, ordinal, name, size, member, fault_reason, fault_detail)
                     SELECT ?1, generation, ?2, ?3, ?4, ?5, ?6, ?7 FROM content WHERE id = ?1",
                )?
                .execute(params![
                    container,
                    member.ordinal,
                    name,
                    member.size.cast_signed(),
                    member.content,
                    member.fault.as_ref().map(|fault| fault.reason.as_str()),
                    member.fault.as_ref().map(|fault| &fault.detail),
                ])?;
            Ok(())
        })
    }

    /// The members of a content as its last finished reading found them, in order.
    pub fn members(&self, container: i64) -> Result<Vec<MemberRow>> {
        let query = "SELECT m.ordinal, m.name, m.size, m.member, m.fault_reason, m.fault_detail FROM member m
            JOIN content c ON c.id = m.content AND c.visible = m.generation WHERE m.content = ?1 ORDER BY m.ordinal";
        let mut statement = self.connection.prepare_cached(query)?;
        let rows = statement.query_map([container], |row| {
            let fault = (row.get::<_, Option<String>>(4)?, row.get::<_, Option<String>>(5)?);
            let size = row.get::<_, i64>(2)?.cast_unsigned();
            Ok((MemberRow { ordinal: row.get(0)?, name: row.get(1)?, size, content: row.get(3)?, fault: None }, fault))
        })?;
        rows.map(|row| {
            let (member, (reason, detail)) = row?;
            let reason = reason.map(|reason| reason.parse().map_err(CatalogError::Damaged)).transpose()?;
            Ok(MemberRow { fault: reason.map(|reason| Fault::whole(reason, detail.unwrap_or_default())), ..member })
        })
        .collect()
    }

    /// What is known of everything inside a content, at all depths.
    pub fn inside(&self, container: i64) -> Result<Vec<KnownContent>> {
        locations::inside(&self.connection, container)
    }

    /// Locations that lie in the container at a location, one level down, with the keys of those further down left out.
    pub(super) fn placed_in(&self, container: &Location) -> Result<BTreeSet<Vec<u8>>> {
        let query = "SELECT path FROM location WHERE container = ?1";
        let mut statement = self.connection.prepare_cached(query)?;
        let keys = statement.query_map([container.key()], |row| row.get(0))?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    }

    /// How many locations lie in the file of a location, at all depths.
    pub fn count_below(&self, file: &Location) -> Result<usize> {
        let [first, end] = file.below();
        let query = "SELECT count(*) FROM location WHERE path >= ?1 AND path < ?2";
        Ok(self.connection.prepare_cached(query)?.query_row([first, end], |row| row.get(0))?)
    }

    /// Keeps the location of a member, in the zone of its container.
    pub fn put_member(
        &mut self,
        container: &Location,
        zone: &str,
        member: &MemberRow,
        judgement: &Judgement,
    ) -> Result<Location> {
        let location = container.inside(&member.name);
        let (key, sweep) = (location.key(), self.sweep);
        let (verdict, level) = (judgement.verdict.as_str(), judgement.level.number());
        let grounds = json(&judgement.grounds)?;
        let reason = member.fault.as_ref().map(|fault| fault.reason.as_str());
        let query =
            "SELECT id, content, zone = ?2 AND verdict = ?3 AND level = ?4 AND grounds = ?7 AND fault_reason IS ?5
            AND content IS ?6
            FROM location WHERE path = ?1";
        let same = params![key, zone, verdict, level, reason, member.content, grounds];
        let before: Option<(i64, Option<i64>, bool)> = self
            .connection
            .prepare_cached(query)?
            .query_row(same, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        if before.is_some_and(|(_, _, same)| same) {
            return Ok(location);
        }
        let id = match before {
            Some((id, ..)) => id,
            None => self.next_location()?,
        };
        let had = before.and_then(|(_, content, _)| content);
        let changed = before.is_some() && had != member.content;
        self.write(|catalog| {
            catalog.connection.prepare_cached(concat!(
                "INSERT INTO location (path, id, zone, device, inode, size, mtime_ns, ctime_ns, content, fault_reason,
                    fault_detail, verdict, level, first_sweep, verdict_sweep, fault_first, fault_last, container, grounds)
                 VALUES (?1, ?2, ?3, 0, 0, ?4, coalesce((SELECT mtime_ns FROM location WHERE path = ?14), 0), 0, ?5, ?6, ?7, ?8, ?9,
                    ?10, ?10, ?12, ?12, ?13, ?15)
                 ON CONFLICT (path) DO UPDATE SET zone = ?3, size = ?4, mtime_ns = excluded.mtime_ns, content = ?5, fault_reason = ?6, fault_detail = ?7,
                    level = ?9, grounds = ?15, fault_last = ?12,
                    fault_attempts = CASE WHEN fault_reason IS ?6 THEN fault_attempts + 1 ELSE 1 END,
                    fault_first = CASE WHEN fault_reason IS ?6 THEN fault_first ELSE ?12 END, ",
                since!("?11 OR verdict <> ?8 OR fault_reason IS NOT ?6", "?10"),
                ", verdict = ?8",
            ))?
            .execute(params![
                key,
                id,
                zone,
                member.size.cast_signed(),
                member.content,
                reason,
                member.fault.as_ref().map(|fault| &fault.detail),
                verdict,
                level,
                sweep,
                changed,
                crate::now(),
                container.key(),
                Location::file(&container.path).key(),
                grounds,
            ])?;
            Ok(())
        })?;
        let contents: BTreeSet<i64> = had.into_iter().chain(member.content).collect();
        contents.into_iter().try_for_each(|content| self.touch(content))?;
        Ok(location)
    }

    /// Removes everything that lies in a location, at all depths.
    pub fn remove_below(&mut self, location: &Location) -> Result<()> {
        let [first, end] = location.below();
        let contents: BTreeSet<i64> = self.write(|catalog| {
            let delete = "DELETE FROM location WHERE path >= ?1 AND path < ?2 RETURNING content";
            let mut statement = catalog.connection.prepare_cached(delete)?;
            let contents = statement.query_map([first, end], |row| row.get::<_, Option<i64>>(0))?;
            Ok(contents.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?)
        })?;
        contents.into_iter().try_for_each(|content| self.touch(content))
    }

    /// Removes the location of a member and everything in it.
    pub(crate) fn remove_member(&mut self, location: &Location) -> Result<()> {
        self.remove_below(location)?;
        let content: Option<Option<i64>> = self.write(|catalog| {
            let delete = "DELETE FROM location WHERE path = ?1 RETURNING content";
            let mut statement = catalog.connection.prepare_cached(delete)?;
            Ok(statement.query_row([location.key()], |row| row.get(0)).optional()?)
        })?;
        content.flatten().into_iter().try_for_each(|content| self.touch(content))
    }

    /// Members of a container that are placed at a location and that its content does not have any more.
    pub fn stale_members(&self, container: &Location, members: &[MemberRow]) -> Result<Vec<Location>> {
        let mut placed = self.placed_in(container)?;
        for member in members {
            placed.remove(&container.inside(&member.name).key());
        }
        Ok(placed.iter().map(|key| Location::from_key(key)).collect())
    }

    /// The worst verdict and the highest level of what lies in a location, one level down: a container is no better than that.
    pub fn worst_inside(&self, location: &Location) -> Result<(Option<Verdict>, Level)> {
        let key = location.key();
        let highest = "SELECT coalesce(max(level), 0) FROM location WHERE container = ?1";
        let level: u8 = self.connection.prepare_cached(highest)?.query_row([&key], |row| row.get(0))?;
        let level = level.try_into().map_err(CatalogError::Damaged)?;
        let query = "SELECT EXISTS (SELECT 1 FROM location WHERE container = ?1 AND verdict = ?2)";
        let mut statement = self.connection.prepare_cached(query)?;
        for verdict in [Verdict::Misfiled, Verdict::Review, Verdict::Unverified] {
            if statement.query_row(params![key, verdict.as_str()], |row| row.get(0))? {
                return Ok((Some(verdict), level));
            }
        }
        Ok((None, level))
    }

    /// Whether a location is known.
    pub fn is_placed(&self, location: &Location) -> Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM location WHERE path = ?1)";
        Ok(self.connection.prepare_cached(query)?.query_row([location.key()], |row| row.get(0))?)
    }

    /// A location to be judged anew, with its content.
    pub fn place_at(&self, location: &Location) -> Result<Option<(Place, Option<i64>)>> {
        let query = "SELECT zone, fault_reason, fault_detail, content FROM location WHERE path = ?1";
        let row = self.connection.prepare_cached(query)?.query_row([location.key()], |row| {
            Ok((row.get(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Option<String>>(2)?, row.get(3)?))
        });
        let Some((zone, reason, detail, content)) = row.optional()? else { return Ok(None) };
        let reason = reason.map(|reason| reason.parse().map_err(CatalogError::Damaged)).transpose()?;
        let fault = reason.map(|reason| Fault::whole(reason, detail.unwrap_or_default()));
        Ok(Some((Place { location: location.clone(), zone, fault }, content)))
    }

    /// What a location holds, if it is known.
    pub fn content_at(&self, location: &Location) -> Result<Option<i64>> {
        let query = "SELECT content FROM location WHERE path = ?1";
        let content =
            self.connection.prepare_cached(query)?.query_row([location.key()], |row| row.get(0)).optional()?;
        Ok(content.flatten())
    }
}
