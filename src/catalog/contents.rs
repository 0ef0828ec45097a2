//! The one writer: contents, their readings page by page, and their findings.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::locations::since;
use super::{Catalog, Conditions, KnownContent, Result, body, json, load, locations};
use crate::classify::Classification;
use crate::document::{ContentHash, Identity, Kind, Opening, Page};
use crate::finding::{Coverage, Fault, FaultReason, Finding};

impl Catalog {
    /// What is known of a content.
    pub fn content(&self, hash: &ContentHash) -> Result<Option<KnownContent>> {
        let mut statement = self.connection.prepare_cached(locations::KNOWN_CONTENT)?;
        Ok(statement.query_row([hash.0], locations::known_content).optional()?.flatten())
    }

    /// Begins a reading of a content, or goes on with one of the same stamp and file. What an earlier reading found stays
    /// visible until this one is finished.
    ///
    /// Pages of a reading that another file had begun are not trusted: that file may have been changed under the reader,
    /// and only the end of a reading finds that out.
    pub fn begin_reading(&mut self, hash: &ContentHash, file: &Identity, kind: &Kind, read_with: &str) -> Result<i64> {
        let known = self.content(hash)?;
        let begun = format!("{file:?}");
        if let Some(known) = &known {
            self.fruitless(known.id, "fruitless + 1")?;
        }
        self.write(|catalog| match known {
            None => {
                catalog
                    .connection
                    .prepare_cached(
                        "INSERT INTO content (hash, size, kind, state, read_with, generation, begun, fruitless)
                     VALUES (?1, ?2, ?3, 'reading', ?4, 1, ?5, 1)",
                    )?
                    .execute(params![hash.0, file.size.cast_signed(), kind.as_str(), read_with, begun])?;
                Ok(catalog.connection.last_insert_rowid())
            }
            Some(row) => {
                catalog.connection.execute(
                    "UPDATE content SET state = 'reading', read_with = ?2, kind = ?3, generation = generation + 1,
                     begun = ?4, opened_pages = NULL, opened_members = 0
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

    /// Whether the reading under way has found documents inside.
    pub fn has_members(&self, content: i64) -> Result<bool> {
        let query = "SELECT opened_members FROM content WHERE id = ?1";
        Ok(self.connection.prepare_cached(query)?.query_row([content], |row| row.get(0))?)
    }

    /// Sets how many readings of a content were begun since one brought a page or an end.
    fn fruitless(&mut self, content: i64, number: &'static str) -> Result<()> {
        self.write(|catalog| {
            let set = format!("UPDATE content SET fruitless = {number} WHERE id = ?1 AND fruitless <> {number}");
            catalog.connection.prepare_cached(&set)?.execute([content])?;
            Ok(())
        })
    }

    /// Has a content read again by the next sweep, whatever earlier readings came to. What they found stays visible.
    pub fn read_again(&mut self, content: i64) -> Result<()> {
        self.restamp(content, "")?;
        self.fruitless(content, "0")
    }

    /// Notes that the document was opened.
    pub fn opened(&mut self, content: i64, opening: &Opening) -> Result<()> {
        let remarks = json(&opening.remarks)?;
        self.write(|catalog| {
            let set = "UPDATE content SET opened_pages = ?2, remarks = ?3, opened_members = ?4 WHERE id = ?1";
            catalog.connection.prepare_cached(set)?.execute(params![
                content,
                opening.pages,
                remarks,
                opening.members
            ])?;
            Ok(())
        })?;
        opening.faults.iter().try_for_each(|fault| self.add_fault(content, fault))
    }

    /// Keeps a page of the reading under way.
    pub fn add_page(&mut self, content: i64, page: &Page) -> Result<()> {
        let packed = body::pack_page(page, self.compression)?;
        self.fruitless(content, "0")?;
        self.write(|catalog| {
            catalog
                .connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO page (content, generation, number, body, label)
                 SELECT ?1, generation, ?2, ?3, ?4 FROM content WHERE id = ?1",
                )?
                .execute(params![content, page.number, packed, page.label])?;
            Ok(())
        })?;
        page.faults
            .iter()
            .try_for_each(|fault| self.add_fault(content, &Fault { page: Some(page.number), ..fault.clone() }))
    }

    /// Keeps a fault of the reading under way. If the readings before it ended with the same one, it goes on from there.
    pub fn add_fault(&mut self, content: i64, fault: &Fault) -> Result<()> {
        let now = crate::now();
        self.write(|catalog| {
            catalog
                .connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO fault
                        (content, generation, page, reason, detail, attempts, first_seen, last_seen)
                     SELECT ?1, c.generation, ?2, ?3, ?4, coalesce(max(f.attempts), 0) + 1,
                        coalesce(min(f.first_seen), ?5), ?5
                     FROM content c LEFT JOIN fault f ON f.content = ?1 AND f.generation <> c.generation
                        AND f.page = ?2 AND f.reason = ?3
                     WHERE c.id = ?1 GROUP BY c.id",
                )?
                .execute(params![content, fault.page.unwrap_or(0), fault.reason.as_str(), fault.detail, now])?;
            Ok(())
        })
    }

    /// Pages and coverage of the reading under way, for classification.
    pub fn reading(&self, content: i64) -> Result<(Vec<Page>, Coverage)> {
        load::load_reading(&self.connection, content, "generation", "opened_pages")
    }

    /// Notes that a content would be read today as it was: its reading stays, with today's stamp.
    pub fn restamp(&mut self, content: i64, read_with: &str) -> Result<()> {
        self.write(|catalog| {
            let set = "UPDATE content SET read_with = ?2 WHERE id = ?1";
            catalog.connection.prepare_cached(set)?.execute(params![content, read_with])?;
            Ok(())
        })
    }

    /// Finishes the reading under way: its pages, faults and findings become visible, the ones before are dropped, and the index
    /// has to take them in. What was not yet read before counts as changed in this sweep, whatever its verdict. Of `conditions` is
    /// kept what its faults depended on, so that others lead to another try.
    pub fn finish_reading(&mut self, content: i64, coverage: &Coverage, conditions: &Conditions) -> Result<()> {
        let query = "SELECT DISTINCT fault_reason FROM member WHERE content = ?1 AND fault_reason IS NOT NULL
            AND generation = (SELECT generation FROM content WHERE id = ?1)";
        let mut statement = self.connection.prepare_cached(query)?;
        let inside =
            statement.query_map([content], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        drop(statement);
        let inside: Vec<FaultReason> = inside.iter().filter_map(|reason| reason.parse().ok()).collect();
        // What could not be laid down for want of room is tried again whatever the settings.
        let no_room = inside.contains(&FaultReason::Io);
        let faults = inside.into_iter().map(|reason| Fault::whole(reason, String::new()));
        let faults: Vec<Fault> = coverage.faults.iter().cloned().chain(faults).collect();
        let opened = coverage.pages > 0;
        let limited = if no_room { Some(String::new()) } else { conditions.of(&faults, opened) };
        let sweep = self.sweep;
        self.write(|catalog| {
            let connection = &catalog.connection;
            connection
                .prepare_cached(concat!(
                    "UPDATE location SET ",
                    since!("TRUE", "?2"),
                    " WHERE content = ?1 AND (SELECT visible FROM content WHERE id = ?1) = 0",
                ))?
                .execute(params![content, sweep])?;
            connection.prepare_cached(
                "UPDATE content SET state = 'done', visible = generation, pages = ?2, examined = ?3, ocr_pages = ?4,
                 limited_by = ?5, fruitless = 0, read_in = ?6 WHERE id = ?1",
            )?
            .execute(params![content, coverage.pages, coverage.examined, coverage.ocr_pages, limited, sweep])?;
            for table in ["page", "fault", "member"] {
                connection.prepare_cached(&format!(
                    "DELETE FROM {table} WHERE content = ?1 AND generation < (SELECT visible FROM content WHERE id = ?1)"
                ))?
                .execute([content])?;
            }
            Ok(())
        })?;
        self.touch(content)
    }

    /// Throws the reading under way away: its pages are not those of the content after all.
    pub fn discard_reading(&mut self, content: i64) -> Result<()> {
        self.write(|catalog| {
            let connection = &catalog.connection;
            connection.execute("UPDATE content SET generation = generation + 1, opened_pages = NULL, opened_members = 0 WHERE id = ?1", [content])?;
            for table in ["page", "fault", "member"] {
                let delete = format!(
                    "DELETE FROM {table} WHERE content = ?1 AND generation <> (SELECT visible FROM content WHERE id = ?1)"
                );
                connection.execute(&delete, [content])?;
            }
            Ok(())
        })
    }

    /// What a content is, and its name.
    pub fn kind_and_hash(&self, content: i64) -> Result<(Kind, ContentHash)> {
        let query = "SELECT kind, hash FROM content WHERE id = ?1";
        let both = |row: &Row<'_>| Ok((Kind(row.get::<_, String>(0)?.into()), ContentHash(row.get(1)?)));
        Ok(self.connection.prepare_cached(query)?.query_row([content], both)?)
    }

    /// Replaces the findings of a content. Where they and its limit are what they were, nothing that the index shows has changed, and
    /// it is not told; returns whether they are not.
    pub fn set_findings(
        &mut self,
        content: i64,
        classification: &Classification,
        classified_with: &str,
    ) -> Result<bool> {
        let Classification { findings, fault } = classification;
        let fault = fault.as_ref().map(json).transpose()?;
        let packed = findings.iter().map(body::pack_finding).collect::<Result<Vec<_>>>()?;
        let query = "SELECT classify_fault IS ?2 FROM content WHERE id = ?1";
        let same: bool = self.connection.prepare_cached(query)?.query_row(params![content, fault], |row| row.get(0))?;
        let same = same && load::load_packed_findings(&self.connection, content)? == packed;
        self.write(|catalog| {
            let set = "UPDATE content SET classified_with = ?2, classify_fault = ?3 WHERE id = ?1";
            catalog.connection.prepare_cached(set)?.execute(params![content, classified_with, fault])?;
            if same { Ok(()) } else { replace_findings(&catalog.connection, content, findings, &packed) }
        })?;
        if !same {
            self.touch(content)?;
        }
        Ok(!same)
    }

    /// Findings and coverage that are visible of a content.
    pub fn evidence(&self, content: i64) -> Result<(Vec<Finding>, Coverage)> {
        Ok((load::load_findings(&self.connection, content)?, load::load_coverage(&self.connection, content)?))
    }

    /// Contents that are done but were classified with other rules, in order of number.
    pub fn stale_contents(&self, classified_with: &str) -> Result<Vec<i64>> {
        let query = "SELECT id FROM content WHERE visible > 0 AND classified_with IS NOT ?1 ORDER BY id";
        let mut statement = self.connection.prepare(query)?;
        let ids = statement.query_map([classified_with], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// Contents that lie somewhere, whether they were read or not, in order of number.
    pub fn placed_contents(&self) -> Result<Vec<i64>> {
        let query = "SELECT DISTINCT content FROM location WHERE content IS NOT NULL ORDER BY content";
        let mut statement = self.connection.prepare(query)?;
        let ids = statement.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// Pages that are visible of a content.
    pub fn visible(&self, content: i64) -> Result<PackedPages> {
        Ok(PackedPages(load::load_bodies(&self.connection, content, "visible")?))
    }
}

/// Puts findings in the place of those that are kept of a content.
fn replace_findings(connection: &Connection, content: i64, findings: &[Finding], packed: &[Vec<u8>]) -> Result<()> {
    connection.prepare_cached("DELETE FROM finding WHERE content = ?1")?.execute([content])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO finding (content, ordinal, detector, rule, page, level, confidence, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for (ordinal, (finding, packed)) in findings.iter().zip(packed).enumerate() {
        let (level, confidence) = (finding.level.number(), finding.confidence);
        let Finding { detector, rule, page, .. } = finding;
        insert.execute(params![content, ordinal, detector, rule, page, level, confidence, packed])?;
    }
    Ok(())
}

/// Pages as they are kept: whoever needs them unpacks them, on a thread of their own perhaps.
#[derive(Debug)]
pub struct PackedPages(Vec<Vec<u8>>);

impl PackedPages {
    /// The pages, in order.
    pub fn unpack(&self) -> Result<Vec<Page>> {
        self.0.iter().map(|packed| body::unpack_page(packed)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::{CatalogView, DataDir, LocationRecord, SweepState};
    use crate::config::Settings;
    use crate::document::Origin;
    use crate::finding::{Level, Stated, Verdict};
    use crate::judge::{Grounds, Judgement};

    const IDENTITY: Identity = Identity { device: 1, inode: 1, size: 1, mtime_ns: 1, ctime_ns: 1 };
    const PATH: &str = "/share/plan.pdf";

    fn site() -> (tempfile::TempDir, DataDir, Catalog) {
        let outer = tempfile::tempdir().expect("temporary folder");
        let dir = DataDir::create(outer.path()).expect("made");
        let mut catalog = Catalog::open(&dir, &Settings::defaults().store).expect("opens");
        catalog.begin_sweep("[]", 1).expect("begun");
        (outer, dir, catalog)
    }

    fn put(catalog: &mut Catalog, bytes: u8) -> i64 {
        let hash = ContentHash([bytes; 32]);
        let content = catalog.begin_reading(&hash, &IDENTITY, &Kind::new("pdf"), "today").expect("begun");
        place(catalog, content, None);
        content
    }

    fn finding(confidence: u8) -> Finding {
        Finding {
            detector: "marking".to_owned(),
            rule: "rule".to_owned(),
            page: 1,
            start: 0,
            end: 1,
            boxes: Vec::new(),
            level: Level::Restricted,
            rank: 0,
            native: String::new(),
            confidence,
            excerpt: String::new(),
            origin: Origin::Layer,
            signals: Vec::new(),
            flags: Vec::new(),
            stated: Stated::default(),
        }
    }

    fn place(catalog: &mut Catalog, content: i64, fault: Option<&Fault>) {
        let judgement = Judgement { verdict: Verdict::Unverified, level: Level::Public, grounds: Grounds::default() };
        let record = LocationRecord {
            path: Path::new(PATH),
            zone: "z",
            identity: IDENTITY,
            settled: true,
            content: Some(content),
            fault,
            folder: false,
            judgement: &judgement,
        };
        catalog.put_location(&record).expect("kept");
    }

    #[test]
    fn what_was_not_yet_read_and_turns_out_damaged_is_new() {
        let (_outer, dir, mut catalog) = site();
        let content = put(&mut catalog, 1);
        catalog.end_sweep(SweepState::Complete, "{}", 2).expect("ended");
        let second = catalog.begin_sweep("[]", 3).expect("begun");
        let damaged = Coverage::none(Fault::whole(FaultReason::Damaged, "cut short"));
        catalog.finish_reading(content, &damaged, &Conditions::default()).expect("finished");
        catalog.commit().expect("committed");
        let file = CatalogView::open(&dir).expect("opens").file(Path::new(PATH)).expect("answers").expect("known");
        assert_eq!(file.since.sweep, second);
    }

    #[test]
    fn only_what_differs_is_told_to_the_index() {
        let (_outer, dir, mut catalog) = site();
        let content = put(&mut catalog, 1);
        catalog.finish_reading(content, &Coverage::default(), &Conditions::default()).expect("finished");
        let seen = Classification { findings: vec![finding(65)], fault: None };
        let cut = Classification { fault: Some(Fault::whole(FaultReason::Limit, "too many")), ..seen.clone() };
        let mut told = |what: &Classification, stamp: &str| {
            catalog.commit().expect("committed");
            let before = CatalogView::open(&dir).expect("opens").last_seq().expect("answers");
            let said = catalog.set_findings(content, what, stamp).expect("kept");
            catalog.commit().expect("committed");
            assert_eq!(catalog.stale_contents(stamp).expect("answers"), [] as [i64; 0]);
            assert_eq!(CatalogView::open(&dir).expect("opens").last_seq().expect("answers") > before, said, "{stamp}");
            said
        };
        assert!(!told(&Classification::default(), "none, as before"));
        assert!(told(&seen, "one"));
        assert!(!told(&seen, "the same one"));
        assert!(told(&Classification { findings: vec![finding(66)], fault: None }, "surer"));
        assert!(told(&seen, "as before"));
        assert!(told(&cut, "and a limit"));
        assert!(!told(&cut, "and the same limit"));
        assert_eq!(catalog.evidence(content).expect("answers").0, [finding(65)]);
    }

    #[test]
    fn what_was_read_is_told_to_the_index_whatever_is_found_in_it() {
        let (_outer, dir, mut catalog) = site();
        let content = put(&mut catalog, 1);
        catalog.commit().expect("committed");
        let before = CatalogView::open(&dir).expect("opens").last_seq().expect("answers");
        catalog.finish_reading(content, &Coverage::default(), &Conditions::default()).expect("finished");
        catalog.commit().expect("committed");
        let changed = CatalogView::open(&dir).expect("opens").changed_since(before, 10).expect("answers");
        assert_eq!(changed.len(), 1);
    }

    #[test]
    fn a_document_that_was_not_read_to_its_end_says_how_much_of_it_is_kept() {
        let (_outer, dir, mut catalog) = site();
        let content = put(&mut catalog, 1);
        catalog.opened(content, &Opening { pages: 3, ..Opening::default() }).expect("opened");
        catalog.commit().expect("committed");
        let view = CatalogView::open(&dir).expect("opens");
        let coverage = view.file(Path::new(PATH)).expect("answers").expect("known").coverage;
        assert_eq!((coverage.pages, coverage.examined), (3, 0));
        assert!(coverage.faults[0].detail.contains("0 of its 3 pages are kept"), "{coverage:?}");
        assert_eq!(view.totals().expect("counts").unread_pages, 3);
    }

    #[test]
    fn the_verdict_before_is_that_of_the_last_sweep_that_came_to_its_end() {
        let (_outer, dir, mut catalog) = site();
        let content = put(&mut catalog, 1);
        catalog.finish_reading(content, &Coverage::default(), &Conditions::default()).expect("finished");
        let clear = |catalog: &mut Catalog| {
            let verdict = Verdict::Clear(Coverage::default().complete().expect("whole"));
            let place = catalog.places(Some(content)).expect("answers").remove(0);
            catalog
                .set_judgement(&place, &Judgement { verdict, level: Level::Public, grounds: Grounds::default() })
                .expect("kept");
        };
        clear(&mut catalog);
        catalog.end_sweep(SweepState::Complete, "{}", 2).expect("ended");
        catalog.begin_sweep("[]", 3).expect("begun");
        place(&mut catalog, content, Some(&Fault::whole(FaultReason::Permission, "denied")));
        let third = catalog.begin_sweep("[]", 4).expect("begun after a kill");
        place(&mut catalog, content, Some(&Fault::whole(FaultReason::Io, "broken")));
        catalog.commit().expect("committed");
        let file = CatalogView::open(&dir).expect("opens").file(Path::new(PATH)).expect("answers").expect("known");
        assert_eq!((file.since.sweep, file.since.before.as_deref()), (third, Some("clear")));
    }

    #[test]
    fn a_resumed_sweep_counts_each_file_once() {
        let (_outer, _dir, mut catalog) = site();
        put(&mut catalog, 1);
        catalog.begin_sweep("[]", 2).expect("resumed");
        let content = put(&mut catalog, 2);
        assert_eq!(catalog.events().expect("events"), [("new".to_owned(), 1)], "new, whatever became of it since");
        catalog.begin_sweep("[]", 3).expect("resumed");
        catalog.gone(Path::new(PATH), Some(content)).expect("gone");
        assert_eq!(catalog.events().expect("events"), [], "it came and went");
    }

    #[test]
    fn faults_are_counted_by_their_own_reason_and_unread_only_what_has_no_other() {
        let (_outer, dir, mut catalog) = site();
        let content = put(&mut catalog, 1);
        let reasons = |catalog: &mut Catalog| {
            catalog.commit().expect("committed");
            CatalogView::open(&dir).expect("opens").totals().expect("counts").faults
        };
        assert_eq!(reasons(&mut catalog).into_keys().collect::<Vec<_>>(), ["not_yet_read"]);
        let denied = Fault::whole(FaultReason::Permission, "denied");
        place(&mut catalog, content, Some(&denied));
        assert_eq!(reasons(&mut catalog).into_keys().collect::<Vec<_>>(), ["permission"]);
        let file = CatalogView::open(&dir).expect("opens").file(Path::new(PATH)).expect("answers").expect("known");
        let tries = file.coverage.faults[0].tries;
        assert!(tries.is_some_and(|tries| tries.attempts == 1 && tries.first == tries.last), "{tries:?}");
        assert_eq!(file.coverage.faults, [Fault { tries, ..denied }]);
        put(&mut catalog, 1);
        catalog.finish_reading(content, &Coverage::default(), &Conditions::default()).expect("finished");
        let crash = Fault::whole(FaultReason::Crash, "classification failed");
        let classification = Classification { fault: Some(crash), ..Classification::default() };
        catalog.set_findings(content, &classification, "rules").expect("kept");
        assert_eq!(reasons(&mut catalog).into_keys().collect::<Vec<_>>(), ["crash"]);
    }
}
