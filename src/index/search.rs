//! Answers queries: which contents match, how many, in which order.
//!
//! The order is the same whatever the segments of the index look like: scores are computed from living documents only, a
//! fixed average length stands for the measured one, and equal scores are ordered by the content's name.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use tantivy::collector::{Collector, Count, DocSetCollector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{
    DocAddress, DocId, DocSet, IndexReader, ReloadPolicy, Score, SegmentOrdinal, SegmentReader, TERMINATED,
    TantivyDocument, TantivyError, Term,
};

use super::places::{PlaceParts, fixed, loosened};
use super::plan::{plan, plan_about, plan_among};
use super::query::Query;
use super::reading::ReadingDirectory;
use super::schema::{Fields, IndexLocation, ORDER};
use super::writer::{open_index, read_stamp};
use super::{IndexError, guarded};
use crate::document::ContentHash;

/// Words of an average page of text: what scores take as the usual length of a document.
const USUAL_LENGTH: u64 = 500;

/// Steps of a score. Sums of floating-point numbers differ in the last bit with their order; steps are far coarser.
const SCORE_STEPS: f32 = 1024.0;

/// A content that matches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its name.
    pub content: ContentHash,
    /// How well it matches; 0 where the query has filters only. Comparable inside one answer.
    pub score: f32,
}

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Contents that match in all.
    pub total: u64,
    /// Those asked for, the best first, equal ones by name.
    pub hits: Vec<Hit>,
}

/// Reads the index. Sees the last commit at opening, or at the last [`Searcher::reload`].
pub struct Searcher {
    dir: PathBuf,
    reader: IndexReader,
    fields: Fields,
    last_seq: u64,
}

impl Searcher {
    /// Opens the index for reading; a writer may be at work at the same time.
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        let (index, fields, stamp) = open_index(dir, ReadingDirectory)?;
        let reader = guarded(dir, || index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into())?;
        Ok(Self { dir: dir.to_owned(), reader, fields, last_seq: stamp.seq })
    }

    /// Takes up what was committed since.
    pub fn reload(&mut self) -> Result<(), IndexError> {
        let stamp = read_stamp(&self.dir, self.reader.searcher().index())?;
        guarded(&self.dir, || self.reader.reload())?;
        self.last_seq = stamp.seq;
        Ok(())
    }

    /// The last sequence number of the catalog that is searched; the catalog may be ahead.
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Contents in the index.
    pub fn documents(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Reads every file of the index and compares checksums: slow, for `doctor`.
    pub fn verify(&self) -> Result<(), IndexError> {
        let searcher = self.reader.searcher();
        let broken = guarded(&self.dir, || searcher.index().validate_checksum())?;
        match broken.iter().min() {
            Some(file) => Err(IndexError::damaged(&self.dir, format!("{} has a wrong checksum", file.display()))),
            None => Ok(()),
        }
    }

    /// Every content that it holds.
    pub fn contents(&self) -> Result<BTreeSet<ContentHash>, IndexError> {
        let searcher = self.reader.searcher();
        let all = || -> tantivy::Result<BTreeSet<ContentHash>> {
            let mut contents = BTreeSet::new();
            for segment in searcher.segment_readers() {
                let names = segment.inverted_index(self.fields.content)?;
                let mut stream = names.terms().stream()?;
                while let Some((name, info)) = stream.next() {
                    let Ok(name) = <[u8; 32]>::try_from(name) else { continue };
                    let mut documents = names.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
                    // Documents that were replaced stay in the list until segments are merged.
                    while documents.doc() != TERMINATED {
                        if !segment.is_deleted(documents.doc()) {
                            contents.insert(ContentHash(name));
                        }
                        documents.advance();
                    }
                }
            }
            Ok(contents)
        };
        guarded(&self.dir, all)
    }

    /// Contents that match, from place `offset` on, at most `limit` of them.
    pub fn search(&self, query: &Query, limit: usize, offset: usize) -> Result<Hits, IndexError> {
        guarded(&self.dir, || self.answer(query, limit, offset))
    }

    fn answer(&self, query: &Query, limit: usize, offset: usize) -> tantivy::Result<Hits> {
        let searcher = self.reader.searcher();
        let keep = limit.saturating_add(offset);
        let parts = PlaceParts::of(&query.root);
        let best = match parts.entangled {
            false => best(&searcher, plan(&query.root, &self.fields).as_ref(), keep)?,
            true => {
                let mut one = best(&searcher, &plan_among(&query.root, &self.fields, false), keep)?;
                let several = self.in_several_places(&searcher, query, &parts)?;
                one.total += several.len() as u64;
                one.ranked.extend(several);
                one.ranked.sort_unstable();
                one.ranked.truncate(keep);
                one
            }
        };
        let mut hits = Vec::with_capacity(best.ranked.len().saturating_sub(offset));
        for ranked in best.ranked.into_iter().skip(offset) {
            let document: TantivyDocument = searcher.doc(ranked.address)?;
            let name = document.get_first(self.fields.content).and_then(|value| value.as_bytes());
            let name = name.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let name = name.ok_or_else(|| TantivyError::InternalError("a document has no name".to_owned()))?;
            hits.push(Hit { content: ContentHash(name), score: shown(ranked.score.0) });
        }
        Ok(Hits { total: best.total, hits })
    }

    /// Contents that lie in several places, of which one answers the query.
    fn in_several_places(
        &self,
        searcher: &tantivy::Searcher,
        query: &Query,
        parts: &PlaceParts<'_>,
    ) -> tantivy::Result<Vec<Ranked>> {
        let candidates = best(searcher, &plan_among(&loosened(&query.root), &self.fields, true), usize::MAX)?;
        // Places of which the parts say the same ask the same query, which is answered once for all contents.
        let mut answers: HashMap<Vec<bool>, HashSet<DocAddress>> = HashMap::new();
        let mut found = Vec::new();
        for candidate in candidates.ranked {
            let document: TantivyDocument = searcher.doc(candidate.address)?;
            let places = document.get_first(self.fields.places).and_then(|value| value.as_bytes());
            let places: Vec<IndexLocation> = places
                .and_then(|bytes| serde_json::from_slice(bytes).ok())
                .ok_or_else(|| TantivyError::InternalError("the places of a document are unreadable".to_owned()))?;
            for place in &places {
                let truths = parts.truths(place);
                if !answers.contains_key(&truths) {
                    let fixed = plan_among(&fixed(&query.root, &truths), &self.fields, true);
                    answers.insert(truths.clone(), searcher.search(&fixed, &DocSetCollector)?);
                }
                if answers.get(&truths).is_some_and(|documents| documents.contains(&candidate.address)) {
                    found.push(candidate);
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Which places of a content that matches answer the query themselves.
    pub fn places(
        &self,
        query: &Query,
        content: &ContentHash,
        places: &[IndexLocation],
    ) -> Result<Vec<bool>, IndexError> {
        let parts = PlaceParts::of(&query.root);
        if parts.is_empty() {
            return Ok(vec![true; places.len()]);
        }
        let searcher = self.reader.searcher();
        let mut answers: HashMap<Vec<bool>, bool> = HashMap::new();
        let mut answer = |truths: Vec<bool>| -> tantivy::Result<bool> {
            if let Some(known) = answers.get(&truths) {
                return Ok(*known);
            }
            let about = plan_about(&fixed(&query.root, &truths), &self.fields, content);
            let holds = searcher.search(&about, &Count)? > 0;
            answers.insert(truths, holds);
            Ok(holds)
        };
        guarded(&self.dir, || places.iter().map(|place| answer(parts.truths(place))).collect())
    }
}

/// The best matches of a planned query.
fn best(searcher: &tantivy::Searcher, planned: &dyn tantivy::query::Query, keep: usize) -> tantivy::Result<Found> {
    searcher.search_with_statistics_provider(planned, &Best { keep }, &Living(searcher))
}

/// Statistics over living documents only. The library's own count deleted ones until a merge, whose time is chance.
struct Living<'a>(&'a tantivy::Searcher);

impl Bm25StatisticsProvider for Living<'_> {
    fn total_num_tokens(&self, _field: Field) -> tantivy::Result<u64> {
        Ok(self.0.num_docs().saturating_mul(USUAL_LENGTH))
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.0.num_docs())
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let mut count = 0_u64;
        for segment in self.0.segment_readers() {
            let inverted = segment.inverted_index(term.field())?;
            let Some(alive) = segment.alive_bitset() else {
                count += u64::from(inverted.doc_freq(term)?);
                continue;
            };
            let Some(mut postings) = inverted.read_postings(term, IndexRecordOption::Basic)? else { continue };
            let mut document = postings.doc();
            while document != TERMINATED {
                count += u64::from(alive.is_alive(document));
                document = postings.advance();
            }
        }
        Ok(count)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and scores are positive"
)]
fn steps(score: Score) -> u32 {
    (score * SCORE_STEPS) as u32
}

#[allow(clippy::cast_precision_loss, reason = "a score is for display")]
fn shown(steps: u32) -> f32 {
    steps as f32 / SCORE_STEPS
}

/// A match with its rank; less is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    score: Reverse<u32>,
    order: u64,
    address: DocAddress,
}

/// Counts all matches and keeps the best.
struct Best {
    keep: usize,
}

struct Found {
    total: u64,
    ranked: Vec<Ranked>,
}

impl Collector for Best {
    type Fruit = Found;
    type Child = BestOfSegment;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<BestOfSegment> {
        let order = reader.fast_fields().u64(ORDER)?;
        Ok(BestOfSegment { segment, order, keep: self.keep, total: 0, heap: BinaryHeap::new() })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<Found>) -> tantivy::Result<Found> {
        let total = segments.iter().map(|found| found.total).sum();
        let mut ranked: Vec<Ranked> = segments.into_iter().flat_map(|found| found.ranked).collect();
        ranked.sort_unstable();
        ranked.truncate(self.keep);
        Ok(Found { total, ranked })
    }
}

struct BestOfSegment {
    segment: SegmentOrdinal,
    order: Column<u64>,
    keep: usize,
    total: u64,
    /// The worst of the kept ones on top.
    heap: BinaryHeap<Ranked>,
}

impl SegmentCollector for BestOfSegment {
    type Fruit = Found;

    fn collect(&mut self, document: DocId, score: Score) {
        self.total += 1;
        let score = Reverse(steps(score));
        let full = self.heap.len() >= self.keep;
        // Looking up the order costs more than comparing scores; most documents end here.
        if full && self.heap.peek().is_none_or(|worst| score > worst.score) {
            return;
        }
        let order = self.order.first(document).unwrap_or_default();
        self.heap.push(Ranked { score, order, address: DocAddress::new(self.segment, document) });
        if self.heap.len() > self.keep {
            self.heap.pop();
        }
    }

    fn harvest(self) -> Found {
        Found { total: self.total, ranked: self.heap.into_vec() }
    }
}
