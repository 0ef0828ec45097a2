//! What a query asks for, as a tree, and the errors of writing one.
//!
//! The language, for auditors: words (all of them, in text or file name), `OR`, `NOT` or `-`, `"phrases"`, parentheses,
//! `clou*`, `word~1`, and filters `field:value` ([`super::fields`] lists them). Chinese needs no quotes: a run of
//! characters is a phrase, and `国家秘密~1` allows one misread character. [`super::parse`] reads it, [`super::plan`] makes
//! the library's query of it, [`super::pages`] finds the pages.

use std::fmt;
use std::str::FromStr;

use super::filter::{Filter, Keyword};
use super::parse;

/// A query that cannot be understood: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("query, character {at}: {what}; {advice}")]
pub struct QueryError {
    /// Character of the query, from 1.
    pub at: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub advice: String,
}

impl QueryError {
    pub(super) fn new(at: usize, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { at, what: what.into(), advice: advice.into() }
    }
}

/// A name that a filter compares with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameWanted {
    /// The field: `zone`, `kind`, `rule`, `topic` or `detector`.
    pub field: &'static str,
    /// The name, or how it begins.
    pub name: String,
    /// Whether anything may follow.
    pub begins: bool,
}

/// A query, read and checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    pub(super) root: Node,
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text).map(|root| Self { root })
    }

    /// Names that filters compare with: of zones, kinds, rules, topics and detectors.
    pub fn names(&self) -> Vec<NameWanted> {
        let mut names = Vec::new();
        self.root.collect_names(&mut names);
        names
    }

    /// Whether some part of it looks for words in page text, so that pages can be shown for a hit.
    pub(super) fn looks_at_pages(&self) -> bool {
        self.clauses().iter().any(|clause| clause.place != Place::Name)
    }

    /// The clauses that look for words and are not negated, in order.
    pub(super) fn clauses(&self) -> Vec<&Clause> {
        let mut clauses = Vec::new();
        self.root.collect(false, &mut clauses);
        clauses
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        Self::parse(text)
    }
}

/// Sizes only: what is searched for can be as secret as what is found.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Query({} text clauses)", self.clauses().len())
    }
}

/// A part of a query.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Node {
    All,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Text(Clause),
    Filter(Filter),
}

impl Node {
    fn collect_names(&self, into: &mut Vec<NameWanted>) {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().for_each(|node| node.collect_names(into)),
            Self::Not(node) => node.collect_names(into),
            Self::Filter(Filter::Keyword { field, value, prefix }) => {
                let field = match field {
                    Keyword::Zone => "zone",
                    Keyword::Kind => "kind",
                    Keyword::Rule => "rule",
                    Keyword::Topic => "topic",
                    Keyword::Detector => "detector",
                    // Closed lists, which were looked at when the query was read; and paths, which need not be known.
                    Keyword::Verdict | Keyword::Fault | Keyword::Coverage | Keyword::Path => return,
                };
                into.push(NameWanted { field, name: value.clone(), begins: *prefix });
            }
            Self::All | Self::Text(_) | Self::Filter(_) => {}
        }
    }

    fn collect<'a>(&'a self, negated: bool, into: &mut Vec<&'a Clause>) {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().for_each(|node| node.collect(negated, into)),
            Self::Not(node) => node.collect(!negated, into),
            Self::Text(clause) if !negated => into.push(clause),
            Self::All | Self::Text(_) | Self::Filter(_) => {}
        }
    }
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Page text or file name.
    Anywhere,
    Body,
    Name,
}

/// Words to look for.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) place: Place,
    pub(super) words: Words,
}

/// How words are compared.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Words {
    /// One of these phrases.
    Phrases(Vec<Phrase>),
    /// Words that begin so.
    Prefix(String),
    /// Words at most so many changes away.
    Fuzzy(String, u8),
}

/// Terms with their positions, the first at 0; never empty.
pub(super) type Phrase = Vec<(usize, String)>;
