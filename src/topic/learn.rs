//! Learning: for each category one logistic regression against all others, by `AdaGrad`, one document at a time.
//!
//! The same documents in the same order give the same weights, bit for bit: the order of documents is shuffled by a fixed
//! seed, and nothing runs beside anything.

use super::features::Features;

/// Times that every document is seen.
const EPOCHS: u64 = 12;
/// Length of steps, and the pull towards zero, a step.
const RATE: f32 = 0.6;
const DECAY: f32 = 1e-5;
/// A category that is this sure of a document learns nothing from it.
const SETTLED: f32 = 0.002;
/// Of at least so many documents a feature that only one has is left out: it is chance, and most of the model's bytes.
const MANY_DOCUMENTS: usize = 2000;

/// A document to learn from.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// Its category.
    pub(super) class: usize,
    /// What it looks like.
    pub(super) features: Features,
}

/// What was learned.
pub(super) struct Weights {
    /// The buckets that have weights, in order.
    pub(super) buckets: Vec<u32>,
    /// For each of them the weights of all categories.
    pub(super) values: Vec<f32>,
    /// For each category the weight that every document has.
    pub(super) biases: Vec<f32>,
}

/// Learns `classes` categories.
pub(super) fn learn(samples: &[&Sample], classes: usize, buckets: usize) -> Weights {
    let (row_of, kept) = rows(samples, buckets);
    let documents: Vec<(usize, Vec<(u32, f32)>)> = samples
        .iter()
        .map(|sample| {
            let row = |&(bucket, weight): &(u32, f32)| Some((row_of[bucket as usize].checked_sub(1)?, weight));
            (sample.class, sample.features.0.iter().filter_map(row).collect())
        })
        .collect();
    let mut state = State {
        classes,
        values: vec![0.0; kept.len() * classes],
        squares: vec![1e-3; kept.len() * classes],
        biases: vec![0.0; classes],
        bias_squares: vec![1.0; classes],
    };
    let mut order: Vec<usize> = (0..documents.len()).collect();
    let mut chance = Chance(0x6d69_7366_696c_6531);
    let mut gradients = vec![0.0; classes];
    for _ in 0..EPOCHS {
        chance.shuffle(&mut order);
        for &at in &order {
            let (class, row) = &documents[at];
            state.see(row, *class, &mut gradients);
        }
    }
    Weights { buckets: kept, values: state.values, biases: state.biases }
}

/// Row plus 1 of each bucket that enough documents have, and these buckets.
fn rows(samples: &[&Sample], buckets: usize) -> (Vec<u32>, Vec<u32>) {
    let mut counts = vec![0_u32; buckets];
    for (bucket, _) in samples.iter().flat_map(|sample| &sample.features.0) {
        counts[*bucket as usize] += 1;
    }
    let least = if samples.len() < MANY_DOCUMENTS { 1 } else { 2 };
    let mut kept = Vec::new();
    for (bucket, count) in (0_u32..).zip(&mut counts) {
        if *count >= least {
            kept.push(bucket);
            *count = u32::try_from(kept.len()).expect("no more rows than buckets");
        } else {
            *count = 0;
        }
    }
    (counts, kept)
}

/// Weights on their way.
struct State {
    classes: usize,
    values: Vec<f32>,
    squares: Vec<f32>,
    biases: Vec<f32>,
    bias_squares: Vec<f32>,
}

impl State {
    /// Learns from one document.
    fn see(&mut self, document: &[(u32, f32)], class: usize, gradients: &mut [f32]) {
        gradients.copy_from_slice(&self.biases);
        for &(row, weight) in document {
            let from = row as usize * self.classes;
            for (score, value) in gradients.iter_mut().zip(&self.values[from..from + self.classes]) {
                *score += weight * value;
            }
        }
        let mut any = false;
        for (at, score) in gradients.iter_mut().enumerate() {
            let wanted = if at == class { 1.0 } else { 0.0 };
            let gradient = logistic(*score) - wanted;
            *score = if gradient.abs() < SETTLED { 0.0 } else { gradient };
            any |= *score != 0.0;
        }
        if !any {
            return;
        }
        for ((bias, square), gradient) in self.biases.iter_mut().zip(&mut self.bias_squares).zip(gradients.iter()) {
            *square += gradient * gradient;
            *bias -= RATE * gradient / square.sqrt();
        }
        for &(row, weight) in document {
            let from = row as usize * self.classes;
            let values = &mut self.values[from..from + self.classes];
            let squares = &mut self.squares[from..from + self.classes];
            for ((value, square), gradient) in values.iter_mut().zip(squares).zip(gradients.iter()) {
                let slope = gradient * weight + DECAY * *value;
                *square += slope * slope;
                *value -= RATE * slope / square.sqrt();
            }
        }
    }
}

/// Probability of a score.
pub(super) fn logistic(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

/// Numbers that look like chance and are the same each time (splitmix64).
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is at least 1.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("below a limit of that type")
    }

    /// Another order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}
