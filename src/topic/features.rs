//! What a model sees of a document: numbers of buckets with weights.
//!
//! Han text gives runs of 1 to 4 characters, which need no word segmentation and survive a misread character; other text gives
//! words and, of longer words, runs of 4 letters. Each is hashed to one of 2^18 buckets; how often it occurs counts by its
//! logarithm, and the whole has length 1. The first lines, where documents say what they are, and the layout (`layout`) have
//! buckets of their own. The hash is part of the format of models: raise [`VERSION`] with any change.

use super::layout;
use super::look::{Look, is_character};
use crate::document::Page;

/// Version of what a feature is.
pub(super) const VERSION: u8 = 1;
/// Buckets, as a power of two.
pub(super) const BITS: u32 = 18;
/// Lines that are taken for the head of a document.
const FIRST_LINES: usize = 3;
/// Characters of them.
const FIRST_CHARS: usize = 120;
/// Length of the head's part beside the body's 1, and weight of each feature of the layout.
const HEAD_LENGTH: f32 = 0.4;
const LAYOUT_WEIGHT: f32 = 0.06;
/// A longer word is a number, a hash, a key: it tells nothing.
const WORD: usize = 32;
/// Characters of runs in longer words of scripts with letters.
const RUN: usize = 4;

/// A document as a model sees it: buckets with weights. The order depends on the text alone, and a bucket may be there twice:
/// of the body, and of the head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features(pub(super) Vec<(u32, f32)>);

impl Features {
    /// Of what was seen of a document, and of its pages' layout.
    pub fn of(look: &Look, pages: &[Page]) -> Self {
        let body = scaled(Counter::count(look.text(), Space::Body), 1.0);
        let mut head = String::new();
        for line in look.first_lines(FIRST_LINES) {
            head.extend(line.chars().take(FIRST_CHARS.saturating_sub(head.chars().count())));
            head.push('\n');
        }
        let head = scaled(Counter::count(&head, Space::Head), HEAD_LENGTH);
        let layout = layout::bins(look, pages).into_iter().map(|(what, bin)| {
            let hash = step(step(Space::Layout.seed(), u32::from(what)), u32::from(bin));
            (bucket(hash), LAYOUT_WEIGHT)
        });
        Self(body.into_iter().chain(head).chain(layout).collect())
    }

    /// A name for documents that look the same to a model.
    pub(super) fn digest(&self) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new();
        for (bucket, weight) in &self.0 {
            hasher.update(&bucket.to_le_bytes()).update(&weight.to_le_bytes());
        }
        *hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes")
    }
}

/// Which part of a document a feature is of.
#[derive(Clone, Copy)]
enum Space {
    Body = 1,
    Head = 2,
    Layout = 3,
}

impl Space {
    fn seed(self) -> u64 {
        0xcbf2_9ce4_8422_2325 ^ (self as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// One character more in a hash (FNV-1a, a character at a time).
fn step(hash: u64, unit: u32) -> u64 {
    (hash ^ u64::from(unit)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The bucket of a hash. The multiplication brings what differs into the highest bits.
fn bucket(hash: u64) -> u32 {
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    u32::try_from(mixed >> (64 - BITS)).expect("as many bits as buckets have")
}

/// How often each bucket occurs: a table that is searched from the bucket's place on.
struct Counter {
    /// Bucket plus 1, and its count; 0 where nothing is.
    slots: Vec<(u32, u32)>,
}

impl Counter {
    fn count(text: &str, space: Space) -> Vec<(u32, f32)> {
        // A Han character of three bytes gives four features, a letter one, so that the table has room.
        let size = (text.len() * 2 + 64).next_power_of_two();
        let mut counter = Self { slots: vec![(0, 0); size] };
        counter.text(text, space.seed());
        counter.weights()
    }

    fn add(&mut self, hash: u64) {
        let key = bucket(hash) + 1;
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.0 == key || slot.0 == 0 {
                *slot = (key, slot.1.saturating_add(1));
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// Walks through runs of Han characters and words.
    fn text(&mut self, text: &str, seed: u64) {
        // Hashes of the runs that end at the character at hand: of 1, 2 and 3 Han characters.
        let mut runs = [seed; 3];
        let mut length = 0;
        let mut word = Word::default();
        for c in text.chars() {
            if is_character(c) {
                word.end(self, seed);
                let unit = u32::from(c);
                let next = [step(seed, unit), step(runs[0], unit), step(runs[1], unit)];
                let four = step(runs[2], unit);
                for (hash, least) in [(next[0], 0), (next[1], 1), (next[2], 2), (four, 3)] {
                    if length >= least {
                        self.add(hash);
                    }
                }
                runs = next;
                length += 1;
            } else {
                length = 0;
                if c.is_alphanumeric() { word.push(c) } else { word.end(self, seed) }
            }
        }
        word.end(self, seed);
    }

    /// One and the logarithm of the count, in the order of the table.
    #[allow(clippy::cast_precision_loss, reason = "counts of a few thousand")]
    fn weights(self) -> Vec<(u32, f32)> {
        let weight = |(key, count): (u32, u32)| (key - 1, if count == 1 { 1.0 } else { 1.0 + (count as f32).ln() });
        self.slots.into_iter().filter(|(key, _)| *key > 0).map(weight).collect()
    }
}

/// The word at hand.
#[derive(Default)]
struct Word {
    units: [u32; WORD],
    length: usize,
}

impl Word {
    fn push(&mut self, c: char) {
        if let Some(unit) = self.units.get_mut(self.length) {
            // Which number it is tells nothing; that it is one of four digits does.
            *unit = if c.is_ascii_digit() { u32::from('0') } else { u32::from(c) };
        }
        self.length += 1;
    }

    fn end(&mut self, counter: &mut Counter, seed: u64) {
        let units = self.units.get(..self.length).unwrap_or_default();
        if !units.is_empty() {
            // Words and runs of letters that spell the same are two things.
            let whole = units.iter().fold(step(seed, 1), |hash, unit| step(hash, *unit));
            counter.add(whole);
        }
        if units.len() > RUN {
            // Four letters at once: there are more of these than of anything else.
            for run in units.windows(RUN) {
                let [a, b, c, d] = run else { continue };
                let packed = u64::from(*a) << 48 ^ u64::from(*b) << 32 ^ u64::from(*c) << 16 ^ u64::from(*d);
                counter.add((packed ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            }
        }
        self.length = 0;
    }
}

/// Weights of that length.
fn scaled(mut weights: Vec<(u32, f32)>, length: f32) -> Vec<(u32, f32)> {
    let sum: f32 = weights.iter().map(|(_, weight)| weight * weight).sum();
    if sum > 0.0 {
        let factor = length / sum.sqrt();
        weights.iter_mut().for_each(|(_, weight)| *weight *= factor);
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Features {
        let pages = [Page::plain(1, text)];
        Features::of(&Look::at(&pages), &pages)
    }

    fn shared(a: &str, b: &str) -> f32 {
        let (a, b) = (of(a), of(b));
        let weight = |bucket| b.0.iter().find(|one| one.0 == bucket).map_or(0.0, |one| one.1);
        a.0.iter().map(|(bucket, own)| own * weight(*bucket)).sum::<f32>()
    }

    #[test]
    fn the_same_text_gives_the_same_buckets_and_all_are_below_their_number() {
        let features = of("本合同由甲方与乙方签订。 This agreement is made on 26 January 2026.");
        assert_eq!(features, of("本合同由甲方与乙方签订。 This agreement is made on 26 January 2026."));
        assert!(features.0.iter().all(|(bucket, weight)| *bucket < 1 << BITS && *weight > 0.0));
    }

    #[test]
    fn a_scanner_that_misreads_a_character_leaves_most_features() {
        let text = "本合同由甲方与乙方于北京签订 the parties shall indemnify each other";
        let read = "本 合 同 由 甲 方 与 乙 万 于 北 京 签 订\nThe parties shal1 indemnify eacn other";
        assert!(shared(text, read) > 0.6, "{}", shared(text, read));
        assert!(shared(text, "会议由主任主持 minutes of a meeting") < 0.2);
    }

    #[test]
    fn the_hash_is_the_one_that_models_were_written_with() {
        let hash = "合同".chars().fold(Space::Body.seed(), |hash, c| step(hash, u32::from(c)));
        assert_eq!(bucket(hash), bucket(step(step(Space::Body.seed(), 0x5408), 0x540c)));
        assert_eq!((VERSION, BITS, bucket(hash)), (1, 18, PINNED));
    }

    const PINNED: u32 = 169_233;
}
