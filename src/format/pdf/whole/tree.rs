//! The tree of pages (ISO 32000-1, 7.7.3), as plain numbers of objects in the order of the pages.
//!
//! The library has such a list of its own, in which a page that occurs twice is left out the second time.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};
use hayro_syntax::page::Resources;

use crate::config::Limits;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Its object; none if it is not there.
    pub(super) page: Option<ObjectIdentifier>,
    /// The node above it whose resources it inherits.
    pub(super) heir_of: Option<ObjectIdentifier>,
}

/// All pages, up to one more than the limit: the walk ends where a tree bites its tail or has no end.
pub(super) fn leaves(document: &Pdf, limits: &Limits) -> Vec<Leaf> {
    let most = limits.pages as usize + 1;
    // A tree in which each page has a node of its own, and some above these.
    let mut walk = Walk { document, most, nodes: 2 * most + DEPTH, leaves: Vec::new() };
    let root = dictionary(document, document.xref().root_id());
    if let Some(MaybeRef::Ref(top)) = root.and_then(|root| root.get_raw::<Object<'_>>("Pages")) {
        walk.node(top.into(), None, &mut Vec::new());
    }
    walk.leaves
}

/// An object that is a dictionary.
pub(super) fn dictionary(document: &Pdf, number: ObjectIdentifier) -> Option<Dict<'_>> {
    document.xref().get::<Dict<'_>>(number)
}

/// The resources of a page: its own, or those it inherits.
pub(super) fn resources<'a>(document: &'a Pdf, page: &Dict<'a>, leaf: &Leaf) -> Resources<'a> {
    let inherited = leaf.heir_of.and_then(|node| dictionary(document, node));
    let mut nodes = [Some(page), inherited.as_ref()].into_iter().flatten();
    Resources::new(nodes.find_map(|node| node.get::<Dict<'a>>("Resources")).unwrap_or_default())
}

struct Walk<'a> {
    document: &'a Pdf,
    /// Pages that are still wanted.
    most: usize,
    /// Nodes that may still be looked at.
    nodes: usize,
    leaves: Vec<Leaf>,
}

/// Nodes above one another; deeper trees are attacks.
const DEPTH: usize = 100;

impl Walk<'_> {
    fn node(&mut self, number: ObjectIdentifier, heir_of: Option<ObjectIdentifier>, above: &mut Vec<ObjectIdentifier>) {
        if above.contains(&number) || above.len() > DEPTH || self.leaves.len() >= self.most || self.nodes == 0 {
            return;
        }
        self.nodes -= 1;
        let Some(node) = dictionary(self.document, number) else {
            self.leaves.push(Leaf { page: None, heir_of });
            return;
        };
        let is_node = node.get::<Name<'_>>("Type").is_some_and(|name| name.as_ref() == b"Pages");
        let Some(kids) = node.get::<Array<'_>>("Kids").filter(|_| is_node) else {
            self.leaves.push(Leaf { page: Some(number), heir_of });
            return;
        };
        let heir_of = if node.contains_key("Resources") { Some(number) } else { heir_of };
        above.push(number);
        for kid in kids.raw_iter() {
            match kid {
                MaybeRef::Ref(kid) => self.node(kid.into(), heir_of, above),
                MaybeRef::NotRef(_) => self.leaves.push(Leaf { page: None, heir_of }),
            }
        }
        above.pop();
    }
}
