//! From the tree of a query to the library's query.

use std::ops::Bound;

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, InvertedIndexRangeQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DateTime, Term};

use super::filter::{Filter, Keyword, Number};
use super::fuzzy::FuzzyQuery;
use super::query::{Clause, Node, Phrase, Place, Words};
use super::schema::{Fields, SEVERAL};
use crate::document::ContentHash;

/// The library's query for a tree.
pub(super) fn plan(node: &Node, fields: &Fields) -> Box<dyn Query> {
    match node {
        Node::All => everything(),
        Node::And(nodes) => {
            let mut parts: Vec<(Occur, Box<dyn Query>)> = nodes
                .iter()
                .map(|node| match node {
                    Node::Not(node) => (Occur::MustNot, plan(node, fields)),
                    node => (Occur::Must, plan(node, fields)),
                })
                .collect();
            if parts.iter().all(|(occur, _)| *occur == Occur::MustNot) {
                parts.push((Occur::Must, everything()));
            }
            Box::new(BooleanQuery::new(parts))
        }
        Node::Or(nodes) => Box::new(BooleanQuery::union(nodes.iter().map(|node| plan(node, fields)).collect())),
        Node::Not(node) => {
            let parts = vec![(Occur::Must, everything()), (Occur::MustNot, plan(node, fields))];
            Box::new(BooleanQuery::new(parts))
        }
        Node::Text(clause) => text(clause, fields),
        // A filter says nothing about how well a document answers the query.
        Node::Filter(condition) => Box::new(ConstScoreQuery::new(filter(condition, fields), 0.0)),
    }
}

/// The library's query for a tree, among contents that lie in several places, or among all others.
pub(super) fn plan_among(node: &Node, fields: &Fields, several: bool) -> BooleanQuery {
    let occur = if several { Occur::Must } else { Occur::MustNot };
    let mark = ConstScoreQuery::new(exact(Term::from_field_text(fields.several, SEVERAL)), 0.0);
    BooleanQuery::new(vec![(Occur::Must, plan(node, fields)), (occur, Box::new(mark))])
}

/// The library's query for a tree, about one content.
pub(super) fn plan_about(node: &Node, fields: &Fields, content: &ContentHash) -> BooleanQuery {
    let name = exact(Term::from_field_bytes(fields.content, &content.0));
    BooleanQuery::new(vec![(Occur::Must, plan(node, fields)), (Occur::Must, name)])
}

fn everything() -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))
}

fn text(clause: &Clause, fields: &Fields) -> Box<dyn Query> {
    let places: &[Field] = match clause.place {
        Place::Anywhere => &[fields.body, fields.name],
        Place::Body => &[fields.body],
        Place::Name => &[fields.name],
    };
    union(places.iter().map(|field| words(&clause.words, *field)).collect())
}

fn words(words: &Words, field: Field) -> Box<dyn Query> {
    match words {
        Words::Phrases(phrases) => union(phrases.iter().map(|terms| phrase(terms, field)).collect()),
        Words::Prefix(stem) => prefix(field, stem),
        Words::Fuzzy(word, changes) => Box::new(FuzzyQuery { field, word: word.clone(), changes: *changes }),
    }
}

fn union(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if queries.len() == 1 { queries.remove(0) } else { Box::new(BooleanQuery::union(queries)) }
}

fn phrase(terms: &Phrase, field: Field) -> Box<dyn Query> {
    let term = |text: &str| Term::from_field_text(field, text);
    match terms.as_slice() {
        [(_, only)] => Box::new(TermQuery::new(term(only), IndexRecordOption::WithFreqs)),
        terms => Box::new(PhraseQuery::new_with_offset(terms.iter().map(|(at, text)| (*at, term(text))).collect())),
    }
}

/// All terms that begin with `stem`.
fn prefix(field: Field, stem: &str) -> Box<dyn Query> {
    let end = format!("{stem}\u{10ffff}");
    Box::new(InvertedIndexRangeQuery::new(
        Bound::Included(Term::from_field_text(field, stem)),
        Bound::Included(Term::from_field_text(field, &end)),
    ))
}

fn filter(filter: &Filter, fields: &Fields) -> Box<dyn Query> {
    match filter {
        Filter::Keyword { field: Keyword::Topic, value, prefix } => {
            let rule = |rule| Filter::Keyword { field: Keyword::Rule, value: rule, prefix: *prefix };
            Box::new(BooleanQuery::union(
                topic_rules(value).into_iter().map(|name| self::filter(&rule(name), fields)).collect(),
            ))
        }
        Filter::Keyword { field, value, prefix: true } => prefix(keyword(*field, fields), value),
        Filter::Keyword { field, value, prefix: false } => exact(Term::from_field_text(keyword(*field, fields), value)),
        Filter::Number { field, range } => {
            let field = match field {
                Number::Level => fields.level,
                Number::Size => fields.size,
            };
            let bound = |value: u64| Bound::Included(Term::from_field_u64(field, value));
            Box::new(RangeQuery::new(bound(*range.start()), bound(*range.end())))
        }
        Filter::Date(range) => {
            let term = |seconds| Term::from_field_date(fields.mtime, DateTime::from_timestamp_secs(seconds));
            Box::new(RangeQuery::new(Bound::Included(term(range.start)), Bound::Excluded(term(range.end))))
        }
        Filter::Content(content) => exact(Term::from_field_bytes(fields.content, &content.0)),
    }
}

/// The rules that find a topic: the built-in one, and that of a trained model.
fn topic_rules(topic: &str) -> [String; 2] {
    [format!("topic.{topic}"), format!("topic.model.{topic}")]
}

fn exact(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn keyword(field: Keyword, fields: &Fields) -> Field {
    match field {
        Keyword::Zone => fields.zone,
        Keyword::Kind => fields.kind,
        Keyword::Verdict => fields.verdict,
        Keyword::Rule | Keyword::Topic => fields.rule,
        Keyword::Detector => fields.detector,
        Keyword::Fault => fields.fault,
        Keyword::Coverage => fields.coverage,
        Keyword::Path => fields.path,
    }
}
