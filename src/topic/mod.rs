//! Topics of documents: a classifier that learns from folders of examples, one folder a category.
//!
//! Pages are looked at in a few places (`look`), become weights of hashed buckets (`features`, `layout`), and one linear
//! model a category weighs them (`model`), as it was learned (`learn`) and tried on documents that it had not seen
//! (`validate`). A model is a few hundred kilobytes (`file`).
//!
//! Promises: the same documents give the same model, byte for byte; a document that is like none of the categories gets none;
//! bytes that are no model are refused. Nothing of the text can be read from a model but which hashed buckets its categories
//! have; with a list of words one can try which of them they are, so a model is kept like the documents it was made of. Does
//! *not* know of files, levels or verdicts.

mod error;
mod features;
mod file;
mod layout;
mod learn;
mod look;
mod model;
mod validate;

use std::collections::BTreeSet;

pub use error::{Error, Result};
pub use features::Features;
pub use file::MOST_BYTES;
pub use look::Look;
pub use model::{Answer, Class, Model, NONE};
pub use validate::{ClassReport, FOLDS, MOST_WRONG, Report};

use crate::document::Page;
use learn::Sample;

/// Categories of a model: each costs a byte of every bucket.
pub const MOST_CATEGORIES: usize = 64;
/// Bytes of a category's name.
pub const MOST_NAME: usize = 80;
/// Documents of one category that are learned from, and of all: what they look like is held in memory, 50 kB each.
pub const MOST_OF_CATEGORY: usize = 2000;
/// See [`MOST_OF_CATEGORY`].
pub const MOST_DOCUMENTS: usize = 20_000;
/// Categories, and documents of each, without which nothing is learned.
pub const LEAST_CATEGORIES: usize = 2;
/// See [`LEAST_CATEGORIES`]: one for each part of the cross-validation.
pub const LEAST_DOCUMENTS: usize = FOLDS;

/// Documents to learn from.
#[derive(Debug, Default)]
pub struct Corpus {
    names: Vec<String>,
    samples: Vec<Sample>,
    seen: BTreeSet<[u8; 16]>,
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It will be learned from.
    Added,
    /// It has no text.
    Blank,
    /// One that looks the same is there: it would be on both sides of the cross-validation.
    Twice,
    /// There are as many as can be.
    Full,
}

impl Corpus {
    /// Takes a document of a category.
    pub fn add(&mut self, category: &str, pages: &[Page]) -> Taken {
        let look = Look::at(pages);
        if look.text().is_empty() {
            return Taken::Blank;
        }
        let known = self.names.iter().position(|name| name == category);
        let class = known.unwrap_or(self.names.len());
        if self.samples.len() >= MOST_DOCUMENTS || self.documents(class) >= MOST_OF_CATEGORY {
            return Taken::Full;
        }
        let features = Features::of(&look, pages);
        if !self.seen.insert(features.digest()) {
            return Taken::Twice;
        }
        if known.is_none() {
            self.names.push(category.to_owned());
        }
        self.samples.push(Sample { class, features });
        Taken::Added
    }

    /// Documents that will be learned from.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    fn documents(&self, class: usize) -> usize {
        self.samples.iter().filter(|sample| sample.class == class).count()
    }

    /// Learns, and says how well that went.
    pub fn train(&self) -> Result<(Model, Report)> {
        let found = self.names.len();
        if found < LEAST_CATEGORIES {
            let found = if found == 1 { "1 category".to_owned() } else { format!("{found} categories") };
            return Err(Error::FewCategories { found, least: LEAST_CATEGORIES });
        }
        if found > MOST_CATEGORIES {
            return Err(Error::ManyCategories { found, most: MOST_CATEGORIES });
        }
        for (class, category) in self.names.iter().enumerate() {
            let found = self.documents(class);
            if found < LEAST_DOCUMENTS {
                return Err(Error::FewDocuments { category: category.clone(), found, least: LEAST_DOCUMENTS });
            }
        }
        Ok(validate::train(&self.names, &self.samples, 1 << features::BITS))
    }
}

#[cfg(test)]
mod tests;
