//! How good a model is, and how sure it must be: cross-validation.
//!
//! Each document is judged once by a model that has not seen it. From these scores come what a score means (Platt's
//! calibration) and the probability from which on a category is told. What is reported of answers with thresholds is measured
//! with those that the *other* parts give, so that no document has a say in how it is judged.

use super::learn::{Chance, Sample, learn};
use super::model::{Class, Model, NONE};

/// Parts that documents are divided into.
pub const FOLDS: usize = 5;
/// Share of answers of a category that may be wrong; those that are less sure are not given.
pub const MOST_WRONG: f32 = 0.05;
/// An answer that is less likely than not is never given.
const LEAST: f32 = 0.5;
/// A threshold that no probability reaches.
const NEVER: f32 = 2.0;

/// How good a model is.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Of each category.
    pub classes: Vec<ClassReport>,
    /// Mean of the categories' F1, every document answered.
    pub macro_f1: f32,
    /// Share of right answers, every document answered.
    pub accuracy: f32,
    /// Share of documents that are answered where the model must be sure.
    pub answered: f32,
    /// Share of these answers that are wrong.
    pub wrong: f32,
}

/// How good a category is.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassReport {
    /// Its name.
    pub name: String,
    /// Documents.
    pub documents: usize,
    /// Of the documents that are said to be of it the share that is.
    pub precision: f32,
    /// Of its documents the share that is said to be of it.
    pub recall: f32,
    /// The harmonic mean of both.
    pub f1: f32,
    /// Probability from which on it is told; above 1 it never is.
    pub least: f32,
    /// Share of its documents that get its name where the model must be sure.
    pub answered: f32,
    /// Answers of its name then, and how many of them are wrong.
    pub answers: (usize, usize),
}

/// Scores of documents by a model that has not seen them.
struct Judged {
    class: usize,
    fold: usize,
    scores: Vec<f32>,
}

/// Trains on everything, with thresholds from cross-validation.
pub(super) fn train(names: &[String], samples: &[Sample], buckets: usize) -> (Model, Report) {
    let folds = divide(samples, names.len());
    let mut judged = Vec::new();
    for fold in 0..FOLDS {
        let known: Vec<&Sample> =
            samples.iter().zip(&folds).filter(|(_, at)| **at != fold).map(|pair| pair.0).collect();
        let model = Model::rounded(names, known.len(), &learn(&known, names.len(), buckets));
        let unknown = samples.iter().zip(&folds).filter(|(_, at)| **at == fold);
        judged.extend(unknown.map(|(sample, _)| Judged {
            class: sample.class,
            fold,
            scores: model.scores(&sample.features),
        }));
    }
    let all: Vec<&Sample> = samples.iter().collect();
    let mut model = Model::rounded(names, samples.len(), &learn(&all, names.len(), buckets));
    let everything: Vec<&Judged> = judged.iter().collect();
    settle(&mut model.classes, &everything);
    let report = report(&model.classes, &judged);
    (model, report)
}

/// The part of each document: every category is spread over all of them.
fn divide(samples: &[Sample], classes: usize) -> Vec<usize> {
    let mut folds = vec![0; samples.len()];
    let mut chance = Chance(0x6d69_7366_696c_6532);
    for class in 0..classes {
        let mut members: Vec<usize> = (0..samples.len()).filter(|at| samples[*at].class == class).collect();
        chance.shuffle(&mut members);
        for (turn, at) in members.into_iter().enumerate() {
            folds[at] = (turn + class) % FOLDS;
        }
    }
    folds
}

/// Gives each category the meaning of its scores, and its threshold.
fn settle(classes: &mut [Class], judged: &[&Judged]) {
    for (at, class) in classes.iter_mut().enumerate() {
        let pairs: Vec<(f32, bool)> = judged.iter().map(|one| (one.scores[at], one.class == at)).collect();
        (class.slope, class.offset) = calibrate(&pairs);
    }
    let answers: Vec<(usize, f32, bool)> = judged
        .iter()
        .map(|one| {
            let (best, probability) = best(classes, &one.scores);
            (best, probability, one.class == best)
        })
        .collect();
    for (at, class) in classes.iter_mut().enumerate() {
        let mut own: Vec<(f32, bool)> = answers
            .iter()
            .filter(|(best, ..)| *best == at)
            .map(|(_, probability, right)| (*probability, *right))
            .collect();
        own.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        class.least = if class.name == NONE { NEVER } else { threshold(&own) };
    }
}

/// The likeliest category and its probability.
fn best(classes: &[Class], scores: &[f32]) -> (usize, f32) {
    let likely = classes.iter().zip(scores).map(|(class, score)| class.probability(*score)).enumerate();
    likely.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
}

/// The least probability with which not more than [`MOST_WRONG`] of the answers are wrong, of answers from the surest on.
fn threshold(answers: &[(f32, bool)]) -> f32 {
    let (mut given, mut wrong) = (0.0_f32, 0.0_f32);
    let mut least = NEVER;
    for (at, (probability, right)) in answers.iter().enumerate() {
        if *probability < LEAST {
            break;
        }
        given += 1.0;
        wrong += if *right { 0.0 } else { 1.0 };
        let tied = answers.get(at + 1).is_some_and(|next| next.0 >= *probability);
        if !tied && wrong <= given * MOST_WRONG {
            // Half-way to the next one: a threshold that only just lets through what was seen is chance.
            let next = answers.get(at + 1).map_or(LEAST, |next| next.0.max(LEAST));
            least = f32::midpoint(*probability, next);
        }
    }
    least
}

/// Slope and offset with which scores become probabilities (Platt; Newton's method as Lin, Lin and Weng write it).
fn calibrate(pairs: &[(f32, bool)]) -> (f32, f32) {
    let positive = pairs.iter().filter(|pair| pair.1).count();
    #[allow(clippy::cast_precision_loss, reason = "counts of documents")]
    let (positive, negative) = (positive as f64, (pairs.len() - positive) as f64);
    // Targets that are not quite 0 and 1: few documents are no proof.
    let (high, low) = ((positive + 1.0) / (positive + 2.0), 1.0 / (negative + 2.0));
    let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..50 {
        let (mut g, mut h) = ([0.0_f64; 2], [1e-6_f64, 0.0, 1e-6]);
        for (score, is) in pairs {
            let score = f64::from(*score);
            let probability = 1.0 / (1.0 + (-(slope * score + offset)).exp());
            let error = probability - if *is { high } else { low };
            let curve = (probability * (1.0 - probability)).max(1e-9);
            g = [g[0] + error * score, g[1] + error];
            h = [h[0] + curve * score * score, h[1] + curve * score, h[2] + curve];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        let step = [(h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant];
        if !step.iter().all(|part| part.is_finite()) {
            break;
        }
        // Newton's steps from afar may be too long.
        let length = step[0].abs().max(step[1].abs());
        let shorter = if length > 2.0 { 2.0 / length } else { 1.0 };
        slope -= step[0] * shorter;
        offset -= step[1] * shorter;
        if length < 1e-6 {
            break;
        }
    }
    #[allow(clippy::cast_possible_truncation, reason = "numbers of a few digits")]
    let fitted = (slope as f32, offset as f32);
    // A score that speaks against what it stands for is one without meaning: never likely.
    if fitted.0 > 0.0 && fitted.1.is_finite() { fitted } else { (0.0, -20.0) }
}

fn report(classes: &[Class], judged: &[Judged]) -> Report {
    let count = classes.len();
    let (mut said, mut right, mut of) = (vec![0_usize; count], vec![0_usize; count], vec![0_usize; count]);
    let mut sure = vec![(0_usize, 0_usize); count];
    let mut hits = vec![0_usize; count];
    let mut settled = classes.to_vec();
    for fold in 0..FOLDS {
        let others: Vec<&Judged> = judged.iter().filter(|one| one.fold != fold).collect();
        settle(&mut settled, &others);
        for one in judged.iter().filter(|one| one.fold == fold) {
            let (best, probability) = best(&settled, &one.scores);
            of[one.class] += 1;
            said[best] += 1;
            right[best] += usize::from(best == one.class);
            if probability >= settled[best].least {
                sure[best].0 += 1;
                sure[best].1 += usize::from(best != one.class);
                hits[best] += usize::from(best == one.class);
            }
        }
    }
    let each = |at: usize| {
        let (precision, recall) = (share(right[at], said[at]), share(right[at], of[at]));
        let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
        ClassReport {
            name: classes[at].name.clone(),
            documents: of[at],
            precision,
            recall,
            f1,
            least: classes[at].least,
            answered: share(hits[at], of[at]),
            answers: sure[at],
        }
    };
    let classes: Vec<ClassReport> = (0..count).map(each).collect();
    let sum = |numbers: &[usize]| numbers.iter().sum::<usize>();
    let (given, wrong) = (sure.iter().map(|one| one.0).sum(), sure.iter().map(|one| one.1).sum());
    #[allow(clippy::cast_precision_loss, reason = "a handful of categories")]
    let macro_f1 = classes.iter().map(|class| class.f1).sum::<f32>() / count as f32;
    Report {
        macro_f1,
        accuracy: share(sum(&right), judged.len()),
        answered: share(given, judged.len()),
        wrong: share(wrong, given),
        classes,
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of documents")]
fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

#[cfg(test)]
mod tests {
    use super::super::learn::logistic;
    use super::*;

    #[test]
    fn a_threshold_keeps_wrong_answers_below_their_share_and_is_out_of_reach_where_none_does() {
        let right: Vec<(f32, bool)> = (0..40_u8).map(|at| (0.99 - f32::from(at) * 0.01, at < 30)).collect();
        let least = threshold(&right);
        assert!((0.68..0.71).contains(&least), "{least}");
        assert!(threshold(&[(0.9, false), (0.8, true)]) > 1.0);
        assert!((threshold(&[(0.9, true)]) - 0.7).abs() < 1e-6);
        assert!(threshold(&[(0.4, true)]) > 1.0);
    }

    #[test]
    fn scores_become_the_shares_that_are_right() {
        let pairs: Vec<(f32, bool)> =
            (0..1000_u16).map(|at| (f32::from(at % 2) * 4.0 - 2.0, at % 20 != at % 2 && at % 2 == 1)).collect();
        let (slope, offset) = calibrate(&pairs);
        let high = logistic(slope * 2.0 + offset);
        assert!((0.85..0.95).contains(&high), "{high}");
        assert_eq!(calibrate(&[(1.0, false), (-1.0, true)]), (0.0, -20.0));
    }
}
