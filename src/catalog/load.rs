//! Pages, coverage and findings of a content, read back: for the writer and for views.

use rusqlite::Connection;

use super::{CatalogError, Result, body};
use crate::document::Page;
use crate::finding::{Coverage, Fault, FaultReason, Finding, Tries};

/// Pages and coverage of one reading of a content: `generation` and `pages` name the columns that tell which.
pub(super) fn load_reading(
    connection: &Connection,
    content: i64,
    generation: &str,
    pages: &str,
) -> Result<(Vec<Page>, Coverage)> {
    let bodies = load_bodies(connection, content, generation)?;
    let read = bodies.iter().map(|packed| body::unpack_page(packed)).collect::<Result<Vec<Page>>>()?;
    let query = format!("SELECT {pages} FROM content WHERE id = ?1");
    let total: Option<u32> = connection.prepare_cached(&query)?.query_row([content], |row| row.get(0))?;
    let faults = load_faults(connection, content, generation)?;
    let coverage = Coverage::of(&read, total.unwrap_or_default(), faults);
    Ok((read, coverage))
}

/// The pages of one reading of a content, in order and as they are kept.
pub(super) fn load_bodies(connection: &Connection, content: i64, generation: &str) -> Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT body FROM page WHERE content = ?1 AND generation = (SELECT {generation} FROM content WHERE id = ?1) ORDER BY number"
    ))?;
    let bodies = statement.query_map([content], |row| row.get(0))?;
    Ok(bodies.collect::<rusqlite::Result<_>>()?)
}

/// The visible coverage of a content.
pub(super) fn load_coverage(connection: &Connection, content: i64) -> Result<Coverage> {
    let query = "SELECT visible, pages, examined, ocr_pages, classify_fault FROM content WHERE id = ?1";
    let (visible, pages, examined, ocr_pages, limit) =
        connection.prepare_cached(query)?.query_row([content], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, Option<String>>(4)?))
        })?;
    if visible == 0 {
        return unfinished(connection, content);
    }
    let mut faults = load_faults(connection, content, "visible")?;
    if let Some(fault) = limit {
        faults.push(serde_json::from_str(&fault).map_err(|error| CatalogError::Damaged(error.to_string()))?);
    }
    Ok(Coverage { pages, examined, ocr_pages, faults })
}

/// The coverage of a content whose first reading was not finished. Nothing of it is judged yet.
fn unfinished(connection: &Connection, content: i64) -> Result<Coverage> {
    let query =
        "SELECT opened_pages, (SELECT count(*) FROM page p WHERE p.content = c.id AND p.generation = c.generation)
        FROM content c WHERE id = ?1";
    let (pages, kept) = connection
        .prepare_cached(query)?
        .query_row([content], |row| Ok((row.get::<_, Option<u32>>(0)?, row.get::<_, u32>(1)?)))?;
    let so_far = pages.map(|pages| format!(" ({kept} of its {pages} pages are kept)")).unwrap_or_default();
    let detail = format!("the sweep ended before it was read{so_far}; the next one goes on");
    let fault = Fault::whole(FaultReason::NotYetRead, detail);
    Ok(Coverage { pages: pages.unwrap_or_default(), ..Coverage::none(fault) })
}

fn load_faults(connection: &Connection, content: i64, generation: &str) -> Result<Vec<Fault>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT page, reason, detail, attempts, first_seen, last_seen FROM fault WHERE content = ?1
         AND generation = (SELECT {generation} FROM content WHERE id = ?1) ORDER BY page, reason, detail"
    ))?;
    let rows = statement.query_map([content], |row| {
        let tries = Tries { attempts: row.get(3)?, first: row.get(4)?, last: row.get(5)? };
        Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?, row.get(2)?, tries))
    })?;
    rows.map(|row| {
        let (page, reason, detail, tries) = row?;
        let reason = reason.parse().map_err(CatalogError::Damaged)?;
        Ok(Fault { page: (page > 0).then_some(page), reason, detail, tries: Some(tries) })
    })
    .collect()
}

/// The findings of a content, in order.
pub(super) fn load_findings(connection: &Connection, content: i64) -> Result<Vec<Finding>> {
    load_packed_findings(connection, content)?.iter().map(|packed| body::unpack_finding(packed)).collect()
}

/// The same as they are kept.
pub(super) fn load_packed_findings(connection: &Connection, content: i64) -> Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT body FROM finding WHERE content = ?1 ORDER BY ordinal")?;
    let bodies = statement.query_map([content], |row| row.get(0))?;
    Ok(bodies.collect::<rusqlite::Result<_>>()?)
}
