//! Brings the index up to the catalog: everything whose sequence number it does not hold yet.
//!
//! The index's own commit carries the last number it holds, so it does not matter where an earlier run was killed.

use super::{IndexDocument, IndexError, IndexLocation, IndexWriter, Searcher};
use crate::catalog::{CatalogView, DataDir, FileRow, IndexRow, UnreadRow};
use crate::config::Settings;
use crate::document::Location;
use crate::finding::CoverageState;

/// Contents taken from the catalog at a time.
const BATCH: usize = 256;

/// Catches up; makes the index anew if there is none, if it is damaged or of another version, or if it is ahead of the
/// catalog (which then comes from a backup). Returns how many contents were put or removed. When `over` says so it ends
/// early, with what it has; the next run goes on.
pub fn catch_up(dir: &DataDir, settings: &Settings, over: &dyn Fn() -> bool) -> anyhow::Result<u64> {
    let last = CatalogView::open(dir)?.last_seq()?.cast_unsigned();
    // Opening a searcher opens every file of the index, and is much cheaper than a writer.
    if Searcher::open(&dir.index()).is_ok_and(|index| index.last_seq() == last) {
        return Ok(0);
    }
    match IndexWriter::open(&dir.index(), &settings.index) {
        Ok(writer) if writer.last_seq() <= last => fill(dir, settings, writer, over),
        Ok(writer) => {
            writer.close()?;
            rebuild(dir, settings, over)
        }
        Err(IndexError::Missing { .. } | IndexError::Damaged { .. } | IndexError::WrongVersion { .. }) => {
            rebuild(dir, settings, over)
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the index anew from the catalog, beside the old one, which serves until the new one is there: if the disk is
/// full, it stays.
pub fn rebuild(dir: &DataDir, settings: &Settings, over: &dyn Fn() -> bool) -> anyhow::Result<u64> {
    let place = dir.index();
    let writer = IndexWriter::open_beside(&place, &settings.index);
    match writer.map_err(anyhow::Error::from).and_then(|writer| fill(dir, settings, writer, over)) {
        Ok(done) => {
            IndexWriter::put_in_place(&place)?;
            Ok(done)
        }
        Err(error) => {
            // What is left behind is removed by the next try at the latest.
            let _ = IndexWriter::remove_beside(&place);
            Err(error)
        }
    }
}

fn fill(dir: &DataDir, settings: &Settings, mut writer: IndexWriter, over: &dyn Fn() -> bool) -> anyhow::Result<u64> {
    let view = CatalogView::open(dir)?;
    let mut seq = writer.last_seq().cast_signed();
    let mut done = 0;
    let mut waiting = 0_usize;
    loop {
        let rows = view.changed_since(seq, BATCH)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            seq = row.seq;
            match document(&view, &row)? {
                None => writer.remove(&row.hash)?,
                Some(document) => {
                    waiting = waiting.saturating_add(bytes_of(&document));
                    writer.put(document)?;
                }
            }
            done += 1;
            // The library's threads are slower than the catalog, and its queue counts documents: what waits in it may be all that
            // was ever read.
            if waiting >= settings.limits.queue_index_bytes {
                writer.commit(seq.cast_unsigned())?;
                waiting = 0;
            }
        }
        if over() {
            writer.commit(seq.cast_unsigned())?;
            // Without waiting for merges: dropping the writer gives them up, which is safe.
            return Ok(done);
        }
    }
    // Changes that left no content to show (a location without content) still count as held.
    let last = view.last_seq()?;
    if done > 0 || last.cast_unsigned() != writer.last_seq() {
        writer.commit(last.max(seq).cast_unsigned())?;
    }
    writer.close()?;
    Ok(done)
}

/// A content as the index takes it; none if it lies nowhere any more.
fn document(view: &CatalogView, row: &IndexRow) -> anyhow::Result<Option<IndexDocument>> {
    let mut made = None;
    view.each_file_of(row.content, |file| {
        let location = IndexLocation::of(&file);
        let document = made.get_or_insert_with(|| first(row, &file));
        // What people decided may hold in one place and not in another.
        document.level = document.level.max(file.level);
        document.locations.push(location);
    })?;
    if let Some(document) = &mut made {
        document.pages = view.pages(row.content)?.into_iter().map(|page| page.text.content).collect();
    }
    Ok(made)
}

/// What the first place of a content says of all of them; without places and text.
fn first(row: &IndexRow, file: &FileRow) -> IndexDocument {
    // What a name says belongs to one place, not to the content.
    let of_content = || file.findings.iter().filter(|finding| finding.page > 0);
    let unique = |mut names: Vec<String>| {
        names.sort_unstable();
        names.dedup();
        names
    };
    IndexDocument {
        content: row.hash,
        kind: file.kind.clone().expect("a file with content has a kind"),
        level: file.level,
        size: file.size,
        rules: unique(of_content().map(|finding| finding.rule.clone()).collect()),
        detectors: unique(of_content().map(|finding| finding.detector.clone()).collect()),
        locations: Vec::new(),
        pages: Vec::new(),
    }
}

/// Bytes of text, names and places.
fn bytes_of(document: &IndexDocument) -> usize {
    let places = document.locations.iter().map(|location| location.path.len() + location.name.len());
    document.pages.iter().map(String::len).chain(places).sum()
}

impl IndexLocation {
    /// A place that nothing was read of, as the index would take it.
    pub fn of_unread(place: &UnreadRow) -> Self {
        Self {
            path: place.location.to_string(),
            name: last_component(&place.location),
            zone: place.zone.clone(),
            verdict: place.verdict.clone(),
            coverage: CoverageState::None,
            faults: vec![place.fault],
            mtime_ns: place.mtime_ns,
        }
    }

    /// A file as the index takes it.
    pub fn of(file: &FileRow) -> Self {
        let mut faults: Vec<_> = file.coverage.faults.iter().map(|fault| fault.reason).collect();
        faults.sort_unstable();
        faults.dedup();
        Self {
            path: file.location.to_string(),
            name: last_component(&file.location),
            zone: file.zone.clone(),
            verdict: file.verdict.to_string(),
            coverage: file.coverage.state(),
            faults,
            mtime_ns: file.identity.mtime_ns,
        }
    }
}

/// The name of a file, or of a member without the folders before it.
fn last_component(location: &Location) -> String {
    location.name().rsplit('/').next().unwrap_or_default().to_owned()
}
