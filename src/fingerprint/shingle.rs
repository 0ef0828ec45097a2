//! Shingles: overlapping windows over the letters of a page, hashed under a key, sampled by value.
//!
//! A window begins at every letter and has a fixed worth, so it is longer in Latin letters than in Han characters. Its
//! hash is BLAKE3 under the key: what is stored cannot be tried out by guessing texts. Sampling by value (a hash is kept
//! if its low bits are zero) needs no neighbours: an error changes only the windows that hold it.

use std::fmt;

use super::key::Key;
use super::normal::{Letter, letters};

/// The finest sampling rate: one hash in so many.
pub(super) const FINEST: u32 = 4;

/// Bits of a hash that are kept.
const KEPT_BITS: u32 = 48;

/// Fewer different characters in a window of Latin letters, or Han characters, are rows of dots, zeros and dashes.
const LEAST_DIFFERENT: usize = 3;

/// One sampled window.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Shingle {
    /// The upper bits of the hash; what is stored.
    pub hash: u64,
    /// The coarsest rate (a power of two) under which it is still kept.
    pub rate: u32,
    /// Where it begins, in letters' worth from the beginning of the page.
    pub place: u32,
    /// How much its first letter is worth: a row of windows moves on by so much.
    pub step: u32,
    /// First byte in the text of the page.
    pub from: u32,
    /// One past its last byte.
    pub to: u32,
}

impl fmt::Debug for Shingle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shingle({}..{})", self.from, self.to)
    }
}

/// A page as it is compared.
#[derive(Debug, Default)]
pub(super) struct Shingled {
    /// Its windows, in order; of equal ones the first.
    pub shingles: Vec<Shingle>,
    /// Length of the page, in letters' worth.
    pub worth: u32,
    /// The page had more letters than are compared.
    pub cut: bool,
}

/// Cuts and hashes pages.
pub(super) struct Shingler {
    key: [u8; 32],
    window: u32,
    letters_per_page: u64,
    finest: u32,
}

impl Shingler {
    /// A shingler with windows of this worth.
    pub(super) fn new(key: &Key, window: u32, letters_per_page: u64) -> Self {
        Self { key: key.derive("shingles"), window, letters_per_page, finest: FINEST }
    }

    /// The sampled windows of a page.
    pub(super) fn page(&self, text: &str) -> Shingled {
        let (letters, cut) = letters(text, self.letters_per_page);
        let (mut shingles, mut place) = (Vec::with_capacity(letters.len() / FINEST as usize + 1), 0_u32);
        let mut bytes = Vec::with_capacity(64);
        let (mut end, mut inside) = (0, 0);
        for (start, letter) in letters.iter().enumerate() {
            while inside < self.window && end < letters.len() {
                inside += letters[end].worth();
                end += 1;
            }
            if inside >= self.window {
                let window = &letters[start..end];
                if let Some((hash, rate)) = self.hash(window, &mut bytes) {
                    let to = window[window.len() - 1].to;
                    shingles.push(Shingle { hash, rate, place, step: letter.worth(), from: letter.from, to });
                }
            }
            inside -= letter.worth();
            place = place.saturating_add(letter.worth());
        }
        keep_first(&mut shingles);
        Shingled { shingles, worth: place, cut }
    }

    /// The kept bits of a window's hash and the coarsest rate that keeps it, if the finest does.
    fn hash(&self, window: &[Letter], bytes: &mut Vec<u8>) -> Option<(u64, u32)> {
        bytes.clear();
        window.iter().for_each(|letter| bytes.extend_from_slice(&u32::from(letter.c).to_le_bytes()));
        let hash = blake3::keyed_hash(&self.key, bytes);
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        let hash = u64::from_le_bytes(first);
        let rate = 1_u32 << (hash.trailing_zeros().min(64 - KEPT_BITS));
        (rate >= self.finest && tells(window)).then_some((hash >> (64 - KEPT_BITS), rate))
    }
}

impl fmt::Debug for Shingler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shingler(window {})", self.window)
    }
}

/// Whether a window holds enough different characters.
fn tells(window: &[Letter]) -> bool {
    let mut seen: [char; LEAST_DIFFERENT] = ['\0'; LEAST_DIFFERENT];
    let mut different = 0;
    for letter in window {
        if !seen[..different].contains(&letter.c) {
            seen[different] = letter.c;
            different += 1;
            if different == LEAST_DIFFERENT {
                return true;
            }
        }
    }
    false
}

/// Of equal hashes the first stays, order kept.
fn keep_first(shingles: &mut Vec<Shingle>) {
    let mut order: Vec<(u64, u32)> = shingles.iter().map(|shingle| (shingle.hash, shingle.place)).collect();
    order.sort_unstable();
    let firsts = order.len();
    order.dedup_by_key(|pair| pair.0);
    if order.len() < firsts {
        shingles.retain(|shingle| order.binary_search(&(shingle.hash, shingle.place)).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The quick brown fox jumps over the lazy dog, and a second sentence follows it at some length. \
        本条例所称档案是指过去和现在的国家机构社会组织以及个人从事政治军事经济科学技术文化宗教等活动直接形成的";

    fn shingler(key: u8) -> Shingler {
        Shingler::new(&Key::from_bytes([key; 32]), 10, 10_000)
    }

    fn hashes(text: &str, key: u8) -> Vec<u64> {
        shingler(key).page(text).shingles.iter().map(|shingle| shingle.hash).collect()
    }

    #[test]
    fn layout_and_case_change_no_shingle() {
        let other = TEXT.to_uppercase().replace(' ', "\n");
        assert_eq!(hashes(TEXT, 1), hashes(&other, 1));
        assert!(hashes(TEXT, 1).len() > 10);
    }

    #[test]
    fn without_the_key_the_hashes_are_others() {
        let (one, two) = (hashes(TEXT, 1), hashes(TEXT, 2));
        assert!(one.iter().all(|hash| !two.contains(hash)));
    }

    #[test]
    fn an_inserted_character_changes_only_the_shingles_around_it() {
        let (one, two) = (hashes(TEXT, 1), hashes(&TEXT.replace("second", "secXond"), 1));
        let lost = one.iter().filter(|hash| !two.contains(hash)).count();
        assert!(lost <= 9, "{lost} of {}", one.len());
        assert!(one.len() - lost > one.len() / 2);
    }

    #[test]
    fn rows_of_zeros_have_no_shingles_and_repeated_text_has_them_once() {
        assert!(hashes(&"0.00 ".repeat(100), 1).is_empty());
        assert_eq!(hashes(TEXT, 1).len(), {
            let mut twice = hashes(&format!("{TEXT}{TEXT}"), 1);
            twice.retain(|hash| hashes(TEXT, 1).contains(hash));
            twice.len()
        });
    }

    #[test]
    fn places_and_bytes_are_those_of_the_text() {
        let page = shingler(1).page(TEXT);
        assert!(page.shingles.windows(2).all(|pair| pair[0].place < pair[1].place));
        let last = page.shingles[page.shingles.len() - 1];
        assert!(TEXT.get(last.from as usize..last.to as usize).is_some_and(|piece| piece.chars().count() == 5));
        let (letters, _) = letters(TEXT, 1000);
        assert_eq!(page.worth, letters.iter().map(|letter| letter.worth()).sum::<u32>());
    }

    #[test]
    fn a_text_shorter_than_a_window_has_no_shingle() {
        assert!(hashes("", 1).is_empty());
        assert!(hashes("abc", 1).is_empty());
    }
}
