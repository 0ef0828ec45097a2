//! Why a model cannot be trained or used. No message quotes text of a document.

/// A result of this module.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, and what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are no model, or not those that were written.
    #[error("the model is damaged ({0}); put back a copy, or train it again with `misfile train`")]
    Damaged(&'static str),
    /// Written by another version.
    #[error("the model has format {found}, and this version reads {known}; train it again with `misfile train`")]
    Version {
        /// The version in the file.
        found: u8,
        /// The version that can be read.
        known: u8,
    },
    /// Not enough to learn from.
    #[error("{found} with text, and at least {least} are wanted: one folder a category, with its documents in it")]
    FewCategories {
        /// Categories that there are, with their noun.
        found: String,
        /// Categories that are wanted.
        least: usize,
    },
    /// A category with too little to learn from.
    #[error("{category}: {found} different documents with text, and at least {least} are wanted (50 make a good one)")]
    FewDocuments {
        /// The category.
        category: String,
        /// Documents that there are.
        found: usize,
        /// Documents that are wanted.
        least: usize,
    },
    /// More than a model can hold.
    #[error("{found} categories, and a model holds at most {most}")]
    ManyCategories {
        /// Categories that there are.
        found: usize,
        /// Categories that a model holds.
        most: usize,
    },
}
