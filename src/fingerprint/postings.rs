//! Which registered pages have which hash: sorted arrays, 8 bytes a pair, and a small set of pairs that wait.
//!
//! A hash has 48 bits: 16 choose a bucket, 32 are kept in it. What is added waits in an ordered set, and is merged into
//! the arrays when there is much of it or before they are written, so that adding ten thousand documents one by one
//! does not move the arrays ten thousand times.

use std::collections::BTreeSet;
use std::fmt;

/// Buckets, by the upper 16 bits of a hash.
pub(super) const BUCKETS: usize = 1 << 16;

/// Pairs that wait at most before they are merged: 60 MB.
const WAITING: usize = 1 << 21;

/// Pairs of a hash and a page, in order.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Postings {
    /// Where each bucket begins; one more for the end. Empty if nothing was merged yet.
    pub(super) starts: Vec<u32>,
    /// The lower 32 bits of each hash, ascending inside a bucket.
    pub(super) rests: Vec<u32>,
    /// The page of each.
    pub(super) pages: Vec<u32>,
    waiting: BTreeSet<(u64, u32)>,
}

impl fmt::Debug for Postings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} postings", self.len())
    }
}

impl Postings {
    /// Arrays that were read from a file, if they fit together.
    pub(super) fn settled_from(starts: Vec<u32>, rests: Vec<u32>, pages: Vec<u32>) -> Option<Self> {
        let fit = starts.len() == BUCKETS + 1
            && starts.is_sorted()
            && starts.last().is_some_and(|&end| end as usize == rests.len())
            && rests.len() == pages.len();
        fit.then(|| Self { starts, rests, pages, waiting: BTreeSet::new() })
    }

    /// Pairs in all.
    pub(super) fn len(&self) -> usize {
        self.rests.len() + self.waiting.len()
    }

    /// Adds a pair.
    pub(super) fn insert(&mut self, hash: u64, page: u32) {
        self.waiting.insert((hash, page));
    }

    /// Merges what waits, if that is much.
    pub(super) fn relieve(&mut self) {
        if self.waiting.len() > WAITING {
            self.settle();
        }
    }

    /// The pages of a hash, ascending.
    pub(super) fn pages(&self, hash: u64) -> impl Iterator<Item = u32> {
        let settled = self.settled(hash).iter().copied();
        settled.chain(self.waiting.range((hash, 0)..=(hash, u32::MAX)).map(|pair| pair.1))
    }

    fn settled(&self, hash: u64) -> &[u32] {
        let (bucket, rest) = split(hash);
        let (Some(&from), Some(&to)) = (self.starts.get(bucket), self.starts.get(bucket + 1)) else { return &[] };
        let (from, to) = (from as usize, to as usize);
        let rests = self.rests.get(from..to).unwrap_or_default();
        let first = rests.partition_point(|&other| other < rest);
        let many = rests[first..].iter().take_while(|&&other| other == rest).count();
        self.pages.get(from + first..from + first + many).unwrap_or_default()
    }

    /// Merges what waits into the arrays, from the back, in place.
    pub(super) fn settle(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if self.starts.is_empty() {
            self.starts = vec![0; BUCKETS + 1];
        }
        let mut old = self.rests.len();
        let mut new = old + waiting.len();
        self.rests.resize(new, 0);
        self.pages.resize(new, 0);
        let mut bucket = BUCKETS;
        let mut grown = waiting.len();
        for &(hash, page) in waiting.iter().rev() {
            let (into, rest) = split(hash);
            // Whole buckets behind this one are complete: so many waiting pairs are still to come before them.
            while bucket > into {
                self.move_bucket(bucket, &mut old, &mut new, grown);
                bucket -= 1;
            }
            let begin = self.starts[bucket] as usize;
            while old > begin && (self.rests[old - 1], self.pages[old - 1]) > (rest, page) {
                (old, new) = (old - 1, new - 1);
                (self.rests[new], self.pages[new]) = (self.rests[old], self.pages[old]);
            }
            new -= 1;
            (self.rests[new], self.pages[new]) = (rest, page);
            grown -= 1;
        }
    }

    /// Moves what is left of the bucket `bucket` up, and its end by the pairs that were merged before that.
    fn move_bucket(&mut self, bucket: usize, old: &mut usize, new: &mut usize, grown: usize) {
        let begin = self.starts[bucket] as usize;
        while *old > begin {
            (*old, *new) = (*old - 1, *new - 1);
            (self.rests[*new], self.pages[*new]) = (self.rests[*old], self.pages[*old]);
        }
        self.starts[bucket] += u32::try_from(grown).expect("Limits::hashes is below 2^32");
    }

    /// Takes away the pages `from..to`; later pages move down by so many.
    pub(super) fn remove(&mut self, from: u32, to: u32) {
        self.settle();
        let mut kept = 0;
        for bucket in 0..BUCKETS {
            let (begin, end) = (self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
            self.starts[bucket] = count(kept);
            for at in begin..end {
                let page = self.pages[at];
                if (from..to).contains(&page) {
                    continue;
                }
                self.rests[kept] = self.rests[at];
                self.pages[kept] = if page >= to { page - (to - from) } else { page };
                kept += 1;
            }
            // The end of this bucket is the begin of the next and still needed as it was.
        }
        self.starts[BUCKETS] = count(kept);
        self.rests.truncate(kept);
        self.pages.truncate(kept);
    }
}

fn count(pairs: usize) -> u32 {
    u32::try_from(pairs).expect("Limits::hashes is below 2^32")
}

/// The bucket of a hash, and what is kept in it.
fn split(hash: u64) -> (usize, u32) {
    (usize::try_from((hash >> 32) & 0xFFFF).expect("16 bits"), u32::try_from(hash & 0xFFFF_FFFF).expect("32 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs that fall into few buckets, some of them equal in the hash.
    fn pairs(seed: u64, many: u64) -> Vec<(u64, u32)> {
        let pair = |n: u64| {
            let mixed = (n * 7 + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16;
            (mixed & 0x0003_0000_0007 | (mixed & 0xFF) << 40, u32::try_from(n % 50).expect("small"))
        };
        (0..many).map(pair).collect()
    }

    fn all(postings: &Postings, known: &[(u64, u32)]) -> Vec<(u64, u32)> {
        let mut hashes: Vec<u64> = known.iter().map(|pair| pair.0).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes.iter().flat_map(|&hash| postings.pages(hash).map(move |page| (hash, page))).collect()
    }

    #[test]
    fn pairs_are_found_before_and_after_they_are_merged() {
        let (mut postings, mut known) = (Postings::default(), Vec::new());
        for round in 0..5 {
            for (hash, page) in pairs(round, 300) {
                let page = page + u32::try_from(round).expect("small") * 50;
                postings.insert(hash, page);
                known.push((hash, page));
            }
            let mut expected = known.clone();
            expected.sort_unstable();
            expected.dedup();
            let waiting = all(&postings, &known);
            assert_eq!(waiting, expected);
            postings.settle();
            assert_eq!(all(&postings, &known), expected);
            assert_eq!(postings.len(), expected.len());
            assert_eq!(postings.starts[BUCKETS] as usize, expected.len());
        }
    }

    #[test]
    fn removed_pages_are_gone_and_later_ones_move_down() {
        let mut postings = Postings::default();
        let known = pairs(3, 500);
        known.iter().for_each(|&(hash, page)| postings.insert(hash, page));
        postings.remove(10, 20);
        let mut expected: Vec<(u64, u32)> = known.iter().copied().filter(|pair| !(10..20).contains(&pair.1)).collect();
        expected.iter_mut().for_each(|pair| pair.1 -= if pair.1 >= 20 { 10 } else { 0 });
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(all(&postings, &known), expected);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        let mut postings = Postings::default();
        assert_eq!(postings.pages(5).count(), 0);
        postings.settle();
        postings.remove(0, 5);
        assert_eq!((postings.pages(5).count(), postings.len()), (0, 0));
    }
}
