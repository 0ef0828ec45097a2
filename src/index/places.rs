//! Filters that speak of a place (zone, path, name, verdict, coverage, fault, mtime) hold for one and the same place.
//!
//! The index has one document a content, and its fields hold the values of all its places. For a content that lies in one
//! place that is exact. One that lies in several would answer `zone:shared verdict:misfiled` by the zone of one place and
//! the verdict of another; so each of its places is tried by itself: the query with every such part replaced by what it
//! says of that place is a query again.

use super::filter::{Filter, Keyword};
use super::fold::fold;
use super::query::{Node, Place, Query};
use super::schema::{IndexLocation, folders, second};

/// The parts of a query that speak of a place, in order.
pub(super) struct PlaceParts<'a> {
    parts: Vec<&'a Node>,
    /// Whether the many-valued fields of a content with several places can mislead.
    pub(super) entangled: bool,
}

impl<'a> PlaceParts<'a> {
    pub(super) fn of(root: &'a Node) -> Self {
        let mut parts = Vec::new();
        let negated = collect(root, false, &mut parts);
        // One part by itself, not negated, asks whether some place has the value, and the fields answer just that.
        Self { entangled: negated || parts.len() > 1, parts }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What each part says of a place.
    pub(super) fn truths(&self, place: &IndexLocation) -> Vec<bool> {
        self.parts.iter().map(|part| holds(part, place)).collect()
    }
}

/// Collects the parts; whether one of them is negated.
fn collect<'a>(node: &'a Node, negated: bool, into: &mut Vec<&'a Node>) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().fold(false, |any, node| collect(node, negated, into) | any),
        Node::Not(node) => collect(node, !negated, into),
        part if speaks_of_a_place(part) => {
            into.push(part);
            negated
        }
        Node::All | Node::Text(_) | Node::Filter(_) => false,
    }
}

fn speaks_of_a_place(part: &Node) -> bool {
    match part {
        Node::Text(clause) => clause.place == Place::Name,
        Node::Filter(Filter::Keyword { field, .. }) => match field {
            Keyword::Zone | Keyword::Path | Keyword::Verdict | Keyword::Coverage | Keyword::Fault => true,
            Keyword::Kind | Keyword::Rule | Keyword::Topic | Keyword::Detector => false,
        },
        Node::Filter(Filter::Date(_)) => true,
        _ => false,
    }
}

fn holds(part: &Node, place: &IndexLocation) -> bool {
    match part {
        Node::Text(clause) => clause.words.occur_in(&place.name),
        Node::Filter(Filter::Date(seconds)) => seconds.contains(&second(place.mtime_ns)),
        Node::Filter(Filter::Keyword { field, value, prefix }) => {
            let is = |text: &str| if *prefix { text.starts_with(value.as_str()) } else { text == value };
            match field {
                Keyword::Zone => is(&fold(&place.zone)),
                Keyword::Verdict => is(&fold(&place.verdict)),
                Keyword::Coverage => is(place.coverage.as_str()),
                Keyword::Fault => place.faults.iter().any(|reason| is(reason.as_str())),
                Keyword::Path => folders(&place.path).any(is),
                Keyword::Kind | Keyword::Rule | Keyword::Topic | Keyword::Detector => false,
            }
        }
        _ => false,
    }
}

/// Whether a place whose content could not be had, and is in no index, answers a query: by its name and by what is known of the
/// place. It has no text, kind, level or evidence, and is without every word that its name does not have.
pub fn answers_unread(query: &Query, place: &IndexLocation) -> bool {
    unread(&query.root, place)
}

fn unread(node: &Node, place: &IndexLocation) -> bool {
    match node {
        Node::All => true,
        Node::And(nodes) => nodes.iter().all(|node| unread(node, place)),
        Node::Or(nodes) => nodes.iter().any(|node| unread(node, place)),
        Node::Not(node) => !unread(node, place),
        Node::Text(clause) => clause.place != Place::Body && clause.words.occur_in(&place.name),
        part @ Node::Filter(_) => holds(part, place),
    }
}

/// The query for one place: each part that speaks of places is replaced by what it says of this one.
pub(super) fn fixed(node: &Node, truths: &[bool]) -> Node {
    replaced(node, false, &mut truths.iter(), &|_, _, truth| Some(truth.copied().unwrap_or_default()))
}

/// A query that holds wherever the query holds for some place: negated parts are taken to hold somewhere.
pub(super) fn loosened(node: &Node) -> Node {
    replaced(node, false, &mut [].iter(), &|_, negated, _| negated.then_some(false))
}

/// Rewrites the parts that speak of places; `None` leaves one as it is.
fn replaced<'a>(
    node: &Node,
    negated: bool,
    truths: &mut impl Iterator<Item = &'a bool>,
    value: &impl Fn(&Node, bool, Option<&bool>) -> Option<bool>,
) -> Node {
    let mut all = |nodes: &[Node]| nodes.iter().map(|node| replaced(node, negated, truths, value)).collect();
    match node {
        Node::And(nodes) => Node::And(all(nodes)),
        Node::Or(nodes) => Node::Or(all(nodes)),
        Node::Not(node) => Node::Not(Box::new(replaced(node, !negated, truths, value))),
        part if speaks_of_a_place(part) => match value(part, negated, truths.next()) {
            Some(true) => Node::All,
            Some(false) => Node::Not(Box::new(Node::All)),
            None => part.clone(),
        },
        other => other.clone(),
    }
}
