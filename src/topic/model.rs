//! A trained model: for each category weights of one byte a feature, what its scores mean, and how sure it must be.

use super::features::{BITS, Features};
use super::learn::{Weights, logistic};

/// Documents of a category of this name are those of no category: it is learned and never told.
pub const NONE: &str = "none";

/// A category of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name: that of its folder.
    pub name: String,
    /// Probability from which on it is told; above 1 it never is.
    pub least: f32,
    pub(super) bias: f32,
    /// The probability of a score is that of `slope * score + offset`.
    pub(super) slope: f32,
    pub(super) offset: f32,
    /// What a weight of 1 is worth.
    pub(super) scale: f32,
}

/// What a model says of a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer<'a> {
    /// The category.
    pub name: &'a str,
    /// How likely it is, 0 to 1.
    pub probability: f32,
}

/// A trained model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) classes: Vec<Class>,
    /// Documents that it was trained on.
    pub(super) documents: u32,
    /// The buckets that have weights, in order.
    pub(super) buckets: Vec<u32>,
    /// For each of them the weights of all categories.
    pub(super) weights: Vec<i8>,
    /// Row plus 1 of each bucket; 0 where none is.
    row_of: Vec<u32>,
}

impl Model {
    /// Of its parts, which fit each other: there are as many weights as buckets times categories.
    pub(super) fn of(classes: Vec<Class>, documents: u32, buckets: Vec<u32>, weights: Vec<i8>) -> Self {
        let mut row_of = vec![0; 1 << BITS];
        for (row, bucket) in (1_u32..).zip(&buckets) {
            row_of[*bucket as usize] = row;
        }
        Self { classes, documents, buckets, weights, row_of }
    }

    /// From what was learned, not yet knowing what scores mean. Buckets without a weight that counts are left out.
    pub(super) fn rounded(names: &[String], documents: usize, learned: &Weights) -> Self {
        let count = names.len();
        let mut scales = vec![0.0_f32; count];
        for row in learned.values.chunks_exact(count) {
            for (scale, value) in scales.iter_mut().zip(row) {
                *scale = scale.max(value.abs());
            }
        }
        scales.iter_mut().for_each(|scale| *scale /= 127.0);
        let (mut buckets, mut weights) = (Vec::new(), Vec::new());
        for (bucket, row) in learned.buckets.iter().zip(learned.values.chunks_exact(count)) {
            let rounded = row.iter().zip(&scales).map(|(value, scale)| round(*value, *scale));
            let before = weights.len();
            weights.extend(rounded);
            if weights[before..].iter().all(|weight| *weight == 0) {
                weights.truncate(before);
            } else {
                buckets.push(*bucket);
            }
        }
        let class = |((name, bias), scale): ((&String, &f32), f32)| Class {
            name: name.clone(),
            least: 0.5,
            bias: *bias,
            slope: 1.0,
            offset: 0.0,
            scale,
        };
        let classes = names.iter().zip(&learned.biases).zip(scales).map(class).collect();
        Self::of(classes, u32::try_from(documents).unwrap_or(u32::MAX), buckets, weights)
    }

    /// Its categories.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Documents that it was trained on.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// What each category makes of a document, before that is made a probability.
    pub(super) fn scores(&self, features: &Features) -> Vec<f32> {
        let count = self.classes.len();
        let mut sums = vec![0.0_f32; count];
        for &(bucket, weight) in &features.0 {
            let Some(row) = self.row_of[bucket as usize].checked_sub(1) else { continue };
            let from = row as usize * count;
            for (sum, value) in sums.iter_mut().zip(&self.weights[from..from + count]) {
                *sum += weight * f32::from(*value);
            }
        }
        sums.iter().zip(&self.classes).map(|(sum, class)| sum * class.scale + class.bias).collect()
    }

    /// The likeliest category, if it is as likely as it must be.
    pub fn answer(&self, features: &Features) -> Option<Answer<'_>> {
        let scores = self.scores(features);
        let likely = self.classes.iter().zip(scores).map(|(class, score)| (class, class.probability(score)));
        let (class, probability) = likely.max_by(|a, b| a.1.total_cmp(&b.1))?;
        let told = probability >= class.least && class.name != NONE;
        told.then_some(Answer { name: &class.name, probability })
    }
}

impl Class {
    /// How likely a score makes the category.
    pub(super) fn probability(&self, score: f32) -> f32 {
        logistic(self.slope * score + self.offset)
    }
}

/// The nearest number of steps.
#[allow(clippy::cast_possible_truncation, reason = "no weight is more than 127 steps")]
fn round(value: f32, scale: f32) -> i8 {
    if scale > 0.0 { (value / scale).round().clamp(-127.0, 127.0) as i8 } else { 0 }
}
