//! Compares a text with the registered documents: stretches of agreement, not single hashes.
//!
//! All sampled windows of the text, page after page, are looked up. For one registered document the windows that agree
//! are a row of places in the text. A *stretch* gains the length that each hit stands for and loses a share of the
//! length it runs over, so that hits scattered over pages come to nothing, and a paragraph in which half of the windows
//! were misread still adds up; it ends where it has lost more than a match needs. Stretches above the threshold are the
//! match. The order of hits in the registered document is not looked at: columns may be read in any order.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::Range;

use super::limits::{Reached, Tuning};
use super::registry::{Id, Registry, Role};
use super::shingle::{Shingle, Shingled};

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// Registered documents of which parts are in the text, the strongest evidence first.
    pub matches: Vec<Match>,
    /// The limit that was reached, if one was: there may be more.
    pub cut: Option<Reached>,
}

/// A registered document of which parts are in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Its id.
    pub document: Id,
    /// What the user calls it.
    pub name: String,
    /// What it was registered for.
    pub role: Role,
    /// Length of agreement of the best stretch, less what it lost, in letters' worth.
    pub evidence: f32,
    /// Which pages agree, in order.
    pub pages: Vec<PagePair>,
    /// How much of the registered document is in the text, 0 to 1. Misread letters are allowed for.
    pub share_of_document: f32,
    /// How much of the text is from the registered document, 0 to 1.
    pub share_of_subject: f32,
}

/// A page of the text and the registered page that it agrees with.
#[derive(Clone, Debug, PartialEq)]
pub struct PagePair {
    /// Page of the text, from 1.
    pub here: u32,
    /// Page of the registered document, from 1.
    pub there: u32,
    /// Bytes of the page of the text between the first and the last agreement.
    pub span: Range<u32>,
    /// Hashes that agree.
    pub matched: u32,
    /// How much of the registered page is here, 0 to 1.
    pub share_of_there: f32,
    /// How much of the page of the text is from there, 0 to 1.
    pub share_of_here: f32,
}

/// A window of the text on its page.
struct Seen<'a> {
    shingle: &'a Shingle,
    /// Index of the page.
    page: usize,
    /// Where it begins in the whole text, in letters' worth.
    place: u64,
}

/// One window of the text that a registered page has, too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    /// Index of the registered document.
    document: u32,
    /// Index of the window.
    seen: u32,
    /// Index of the registered page.
    page: u32,
    /// How many families of documents have the hash.
    families: u32,
}

/// A stretch that is evidence.
#[derive(Clone, Debug, PartialEq)]
struct Stretch {
    /// Its hits, of those of the document.
    hits: Range<usize>,
    /// Length of agreement less what it lost, in letters' worth.
    score: f32,
}

/// The registered documents that the pages of a text hold parts of.
pub(super) fn compare(registry: &Registry, pages: &[Shingled]) -> Compared {
    let seen = line_up(pages);
    let tuning = registry.tuning.for_families(registry.families);
    let (hits, mut cut) = look_up(registry, &tuning, &seen);
    if pages.iter().any(|page| page.cut) {
        cut = cut.or(Some(registry.limits.letters_reached()));
    }
    let mut matches = Vec::new();
    for hits in hits.chunk_by(|a, b| a.document == b.document) {
        let stretches = stretches(registry, &tuning, &seen, hits);
        if !stretches.is_empty() {
            matches.push(describe(registry, pages, &seen, hits, &stretches));
        }
    }
    matches.sort_by(|a, b| b.evidence.total_cmp(&a.evidence).then_with(|| a.document.cmp(&b.document)));
    let most = usize::try_from(registry.limits.matches).unwrap_or(usize::MAX);
    if matches.len() > most {
        cut = cut.or(Some(registry.limits.matches_reached()));
    }
    matches.truncate(most);
    Compared { matches, cut }
}

fn line_up(pages: &[Shingled]) -> Vec<Seen<'_>> {
    let mut before = 0_u64;
    let mut seen = Vec::with_capacity(pages.iter().map(|page| page.shingles.len()).sum());
    for (number, page) in pages.iter().enumerate() {
        let place = |shingle: &Shingle| before + u64::from(shingle.place);
        seen.extend(page.shingles.iter().map(|shingle| Seen { shingle, page: number, place: place(shingle) }));
        before += u64::from(page.worth);
    }
    seen
}

/// Every hit that tells something, by document and place; and the limit, if there were too many.
fn look_up(registry: &Registry, tuning: &Tuning, seen: &[Seen<'_>]) -> (Vec<Hit>, Option<Reached>) {
    let most = usize::try_from(registry.limits.hits).unwrap_or(usize::MAX);
    let per_hash = usize::try_from(registry.limits.pages_per_hash).unwrap_or(usize::MAX);
    let (mut hits, mut found, mut cut) = (Vec::new(), Vec::new(), None);
    for (number, one) in seen.iter().enumerate() {
        let Ok(number) = u32::try_from(number) else {
            cut = Some(registry.limits.letters_reached());
            break;
        };
        found.clear();
        found.extend(registry.postings.pages(one.shingle.hash).take(per_hash.saturating_add(1)));
        if found.is_empty() {
            continue;
        }
        // What many families have is boilerplate and tells nothing, on however many pages it stands.
        let Some(families) = families(registry, tuning, &found) else { continue };
        if found.len() > per_hash {
            cut = cut.or(Some(registry.limits.pages_per_hash_reached()));
            continue;
        }
        if hits.len() + found.len() > most {
            cut = Some(registry.limits.hits_reached());
            break;
        }
        let owner = |page: u32| registry.owners.get(page as usize).copied();
        let hit = |&page: &u32| owner(page).map(|document| Hit { document, seen: number, page, families });
        hits.extend(found.iter().filter_map(hit));
    }
    hits.sort_unstable();
    (hits, cut)
}

/// How many families have these pages; none if that is too many to tell anything.
fn families(registry: &Registry, tuning: &Tuning, pages: &[u32]) -> Option<u32> {
    let mut families: Vec<u32> = Vec::with_capacity(4);
    for &page in pages {
        let document = &registry.documents[*registry.owners.get(page as usize)? as usize];
        if document.role == Role::Common {
            return None;
        }
        if !families.contains(&document.family) {
            families.push(document.family);
            if families.len() > tuning.common as usize {
                return None;
            }
        }
    }
    u32::try_from(families.len()).ok()
}

/// The stretches of one document's hits that are evidence.
fn stretches(registry: &Registry, tuning: &Tuning, seen: &[Seen<'_>], hits: &[Hit]) -> Vec<Stretch> {
    let Some(first) = hits.first() else { return Vec::new() };
    let document = &registry.documents[first.document as usize];
    if hits.len() < tuning.least_hits as usize {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut open = Open::default();
    let mut at = 0;
    for hits in hits.chunk_by(|a, b| a.seen == b.seen) {
        let one = &seen[hits[0].seen as usize];
        let past = at + hits.len();
        if open.lost(one.place, tuning) {
            found.extend(open.close(tuning));
            open = Open::default();
        }
        open.take(one, at..past, weight(hits[0].families, tuning), document.rate, tuning);
        at = past;
    }
    found.extend(open.close(tuning));
    found
}

/// How much a hash counts that so many families have.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn weight(families: u32, tuning: &Tuning) -> f32 {
    (tuning.rare as f32 / families.max(1) as f32).min(1.0)
}

/// A stretch that is still growing.
#[derive(Default)]
struct Open {
    begin: Option<(u64, usize)>,
    last: u64,
    /// Length that agreed and length that was lost, in letters' worth.
    gained: f32,
    lost: f32,
    /// Hashes that were counted: each counts once.
    counted: HashSet<u64>,
    /// The best score so far, the hit past it, and the different hashes up to it.
    best: f32,
    best_past: usize,
    best_hits: usize,
}

#[expect(clippy::cast_precision_loss, reason = "lengths of stretches, in letters")]
impl Open {
    /// Whether nothing is left of it at a place.
    fn lost(&self, place: u64, tuning: &Tuning) -> bool {
        let now = self.gained - self.lost - tuning.penalty * (place - self.last.min(place)) as f32;
        self.begin.is_some() && (now < 0.0 || self.best - now > tuning.evidence)
    }

    fn take(&mut self, one: &Seen<'_>, hits: Range<usize>, weight: f32, rate: u32, tuning: &Tuning) {
        let (begin, _) = *self.begin.get_or_insert((one.place, hits.start));
        if self.counted.is_empty() {
            self.last = one.place;
        }
        self.lost += tuning.penalty * (one.place - self.last) as f32;
        self.last = one.place;
        if self.counted.insert(one.shingle.hash) {
            // Hits that lie close by chance cannot stand for more than they cover.
            let covered = (one.place - begin) as f32 + tuning.window as f32;
            self.gained = (self.gained + weight * (rate * one.shingle.step) as f32).min(covered);
        }
        if self.gained - self.lost >= self.best {
            self.best = self.gained - self.lost;
            (self.best_past, self.best_hits) = (hits.end, self.counted.len());
        }
    }

    fn close(&self, tuning: &Tuning) -> Option<Stretch> {
        let (_, first) = self.begin?;
        let enough = self.best >= tuning.evidence && self.best_hits >= tuning.least_hits as usize;
        enough.then_some(Stretch { hits: first..self.best_past, score: self.best })
    }
}

/// What the stretches say about one page of the text.
#[derive(Default)]
struct Here {
    /// Length that the stretches run over, in letters' worth.
    covered: u64,
    /// Length that the hits stand for.
    gained: u64,
    /// Windows with a hit.
    hits: u32,
    /// Registered pages: hits, and the bytes from the first to the last.
    there: BTreeMap<u32, (u32, Range<u32>)>,
}

fn describe(registry: &Registry, pages: &[Shingled], seen: &[Seen<'_>], hits: &[Hit], found: &[Stretch]) -> Match {
    let number = hits[0].document as usize;
    let document = &registry.documents[number];
    let mut here: BTreeMap<usize, Here> = BTreeMap::new();
    for stretch in found {
        let hits = &hits[stretch.hits.clone()];
        for hits in hits.chunk_by(|a, b| seen[a.seen as usize].page == seen[b.seen as usize].page) {
            let page = seen[hits[0].seen as usize].page;
            here.entry(page).or_default().take(seen, hits, document.rate, registry.tuning.window, pages[page].worth);
        }
    }
    let first = registry.firsts[number];
    let mut pairs = Vec::new();
    for (&page, one) in &here {
        pairs.extend(one.pairs(page, pages[page].worth, first, &document.pages));
    }
    let covered = here.iter().map(|(&page, one)| one.covered.min(u64::from(pages[page].worth))).sum();
    Match {
        document: document.id,
        name: document.name.clone(),
        role: document.role,
        evidence: found.iter().map(|stretch| stretch.score).fold(0.0, f32::max),
        share_of_document: share_of_document(&pairs, &document.pages),
        share_of_subject: share(covered, pages.iter().map(|page| u64::from(page.worth)).sum()),
        pages: pairs,
    }
}

impl Here {
    fn take(&mut self, seen: &[Seen<'_>], hits: &[Hit], rate: u32, window: u32, worth: u32) {
        let of = |hit: &Hit| seen[hit.seen as usize].shingle;
        let (first, last) = (of(&hits[0]), of(&hits[hits.len() - 1]));
        // Beyond the outermost hits it goes on, on average, for as long as from one sample to the next.
        let (from, to) = (first.place.saturating_sub(rate), (last.place + window + rate).min(worth));
        self.covered += u64::from(to.saturating_sub(from));
        for hits in hits.chunk_by(|a, b| a.seen == b.seen) {
            let shingle = of(&hits[0]);
            self.hits += 1;
            self.gained += u64::from(rate * shingle.step);
            for hit in hits {
                let there = self.there.entry(hit.page).or_insert((0, shingle.from..shingle.to));
                there.0 += 1;
                there.1 = there.1.start.min(shingle.from)..there.1.end.max(shingle.to);
            }
        }
    }

    /// The registered pages that are not only touched.
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    fn pairs(&self, page: usize, worth: u32, first: u32, counts: &[u32]) -> Vec<PagePair> {
        let most = self.there.values().map(|there| there.0).max().unwrap_or(0);
        let read = share(self.gained, self.covered).max(0.05);
        let mut pairs = Vec::new();
        for (&registered, (matched, span)) in &self.there {
            let Some(&count) = counts.get((registered - first) as usize) else { continue };
            if *matched < most && (*matched < 2 || *matched * 5 < most) {
                continue;
            }
            let part = *matched as f32 / self.hits as f32;
            pairs.push(PagePair {
                here: u32::try_from(page + 1).unwrap_or(u32::MAX),
                there: registered - first + 1,
                span: span.clone(),
                matched: *matched,
                share_of_there: (*matched as f32 / (count as f32 * read)).min(1.0),
                share_of_here: (share(self.covered, u64::from(worth)) * part).min(1.0),
            });
        }
        pairs
    }
}

#[expect(clippy::cast_precision_loss, reason = "shares")]
fn share(part: u64, whole: u64) -> f32 {
    if whole == 0 { 0.0 } else { (part as f32 / whole as f32).min(1.0) }
}

/// The registered pages' shares, by their number of hashes.
#[expect(clippy::cast_precision_loss, reason = "shares")]
fn share_of_document(pairs: &[PagePair], counts: &[u32]) -> f32 {
    let mut found: BTreeMap<u32, f32> = BTreeMap::new();
    pairs.iter().for_each(|pair| *found.entry(pair.there).or_default() += pair.share_of_there);
    let count = |page: u32| counts.get(page as usize - 1).copied().unwrap_or(0) as f32;
    let whole: f32 = counts.iter().map(|&count| count as f32).sum();
    if whole == 0.0 {
        return 0.0;
    }
    found.iter().map(|(&page, share)| share.min(1.0) * count(page)).sum::<f32>() / whole
}

impl fmt::Debug for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hit({} on page {})", self.document, self.page)
    }
}
