//! Which pages of one document a query means, with a snippet of each.
//!
//! The index knows contents only; pages are worked out for the few hits that are shown, from the text in the catalog and
//! with the same words as in the index. Filters say nothing about pages. If some page answers the whole query, only such
//! pages are meant; otherwise (`a AND b` on two pages) every page with some of its words.

use std::collections::HashMap;

use tantivy::tokenizer::TokenStream;

use super::fuzzy::same_family;
use super::query::{Clause, Node, Phrase, Place, Query, Words};
use super::snippet::{Match, Snippet, snippet};
use super::tokenizer::GramStream;

/// Bytes of one document's text that are looked through; about a second.
const MAX_BYTES: usize = 32 << 20;

/// A page that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageHit {
    /// Page, from 1.
    pub page: u32,
    /// The place that shows best why.
    pub snippet: Snippet,
}

/// The pages of one document that match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageHits {
    /// The best, in page order. Empty where only the file name or filters matched.
    pub hits: Vec<PageHit>,
    /// Pages that match, also those not in `hits`.
    pub total: u32,
    /// False if the document has too much text and its last pages were not looked through.
    pub complete: bool,
}

/// Works out which pages match, and makes snippets of at most `max_pages` of them.
pub fn page_hits<S: AsRef<str>>(
    query: &Query,
    pages: impl IntoIterator<Item = (u32, S)>,
    max_pages: usize,
) -> PageHits {
    let clauses: Vec<&Clause> = query.clauses();
    let mut result = PageHits { complete: true, ..PageHits::default() };
    if !query.looks_at_pages() {
        return result;
    }
    let (mut whole, mut some) = (Kept::new(max_pages), Kept::new(max_pages));
    let mut bytes = 0_usize;
    for (number, page) in pages {
        let page = page.as_ref();
        bytes = bytes.saturating_add(page.len());
        if bytes > MAX_BYTES {
            result.complete = false;
            break;
        }
        let matches = Words::find(&clauses, page);
        let mut found = vec![false; clauses.len()];
        for one in &matches {
            found[one.clause] = true;
        }
        if matches.is_empty() {
            continue;
        }
        let seen = found.iter().filter(|found| **found).count();
        if holds(&query.root, &mut clauses.iter().zip(&found), false) == Some(true) {
            whole.add(number, seen, page, matches);
        } else {
            some.add(number, seen, page, matches);
        }
    }
    let chosen = if whole.total > 0 { whole } else { some };
    result.total = chosen.total;
    result.hits = chosen.into_hits();
    result
}

/// Whether a page answers a part of the query; none for parts that say nothing about pages.
///
/// The index has decided about negated words for the whole document, so they say nothing about a page.
fn holds<'a>(node: &Node, found: &mut impl Iterator<Item = (&'a &'a Clause, &'a bool)>, negated: bool) -> Option<bool> {
    match node {
        Node::All | Node::Filter(_) => None,
        Node::Not(node) => {
            holds(node, found, !negated);
            None
        }
        Node::Text(_) if negated => None,
        Node::Text(_) => {
            let (clause, found) = found.next()?;
            (clause.place != Place::Name).then_some(*found)
        }
        Node::And(nodes) | Node::Or(nodes) => {
            let known: Vec<bool> = nodes.iter().filter_map(|node| holds(node, found, negated)).collect();
            if known.is_empty() {
                return None;
            }
            let all = matches!(node, Node::And(_));
            Some(if all { known.iter().all(|known| *known) } else { known.iter().any(|known| *known) })
        }
    }
}

/// The best pages of one sort: those with most different words, then the first.
struct Kept {
    limit: usize,
    total: u32,
    pages: Vec<(usize, PageHit)>,
}

impl Kept {
    fn new(limit: usize) -> Self {
        Self { limit, total: 0, pages: Vec::new() }
    }

    fn add(&mut self, page: u32, seen: usize, text: &str, matches: Vec<Match>) {
        self.total = self.total.saturating_add(1);
        if self.pages.len() >= self.limit {
            // The last of the worst makes room, if it is worse.
            let worst = self.pages.iter().enumerate().min_by_key(|(at, (seen, _))| (*seen, std::cmp::Reverse(*at)));
            match worst {
                Some((at, (known, _))) if *known < seen => drop(self.pages.remove(at)),
                _ => return,
            }
        }
        self.pages.push((seen, PageHit { page, snippet: snippet(text, matches) }));
    }

    fn into_hits(self) -> Vec<PageHit> {
        let mut hits: Vec<PageHit> = self.pages.into_iter().map(|(_, hit)| hit).collect();
        hits.sort_by_key(|hit| hit.page);
        hits
    }
}

/// Where a term stands on a page.
struct Occurrence {
    position: usize,
    from: usize,
    to: usize,
}

impl Words {
    /// Every match of the clauses in the text of a page.
    fn find(clauses: &[&Clause], page: &str) -> Vec<Match> {
        let mut terms: HashMap<&str, Vec<Occurrence>> = HashMap::new();
        let mut inexact: Vec<(usize, &Self)> = Vec::new();
        for (index, clause) in clauses.iter().enumerate().filter(|(_, clause)| clause.place != Place::Name) {
            match &clause.words {
                Self::Phrases(phrases) => {
                    terms.extend(phrases.iter().flatten().map(|(_, term)| (term.as_str(), Vec::new())));
                }
                words => inexact.push((index, words)),
            }
        }
        let mut matches = Vec::new();
        let mut stream = GramStream::new(page);
        while stream.advance() {
            let token = stream.token();
            let (position, from, to) = (token.position, token.offset_from, token.offset_to);
            if let Some(occurrences) = terms.get_mut(token.text.as_str()) {
                occurrences.push(Occurrence { position, from, to });
            }
            let hit = inexact.iter().filter(|(_, words)| words.accepts(&token.text));
            matches.extend(hit.map(|(clause, _)| Match { from, to, clause: *clause }));
        }
        for (index, clause) in clauses.iter().enumerate().filter(|(_, clause)| clause.place != Place::Name) {
            if let Self::Phrases(phrases) = &clause.words {
                for phrase in phrases {
                    phrase_matches(phrase, &terms, index, &mut matches);
                }
            }
        }
        matches
    }

    /// Whether some text holds the words.
    pub(super) fn occur_in(&self, text: &str) -> bool {
        let clause = Clause { place: Place::Body, words: self.clone() };
        !Self::find(&[&clause], text).is_empty()
    }

    /// Whether one word of a page is meant by a prefix or a word with changes.
    fn accepts(&self, word: &str) -> bool {
        match self {
            Self::Prefix(stem) => word.starts_with(stem.as_str()),
            Self::Fuzzy(wanted, changes) => {
                let changes = usize::from(*changes);
                // Four bytes are the longest character: most words are told apart by their length.
                word.len().abs_diff(wanted.len()) <= 4 * changes
                    && same_family(word, wanted)
                    && strsim::osa_distance(word, wanted) <= changes
            }
            Self::Phrases(_) => false,
        }
    }
}

/// Every place where the terms of a phrase stand at their positions.
fn phrase_matches(phrase: &Phrase, terms: &HashMap<&str, Vec<Occurrence>>, clause: usize, into: &mut Vec<Match>) {
    let lists: Option<Vec<(usize, &Vec<Occurrence>)>> =
        phrase.iter().map(|(offset, term)| Some((*offset, terms.get(term.as_str())?))).collect();
    let Some(lists) = lists else { return };
    let Some(((_, first), rest)) = lists.split_first() else { return };
    'starts: for start in *first {
        let mut to = start.to;
        for (offset, occurrences) in rest {
            let wanted = start.position + offset;
            match occurrences.binary_search_by_key(&wanted, |one| one.position) {
                Ok(found) => to = to.max(occurrences[found].to),
                Err(_) => continue 'starts,
            }
        }
        into.push(Match { from: start.from, to, clause });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, pages: &[&str], expected: &[(u32, &str)]) {
        let query = Query::parse(query).expect("a valid query");
        let found = page_hits(&query, (1..).zip(pages), 10);
        let shown: Vec<(u32, String)> = found.hits.iter().map(|hit| (hit.page, brackets(&hit.snippet))).collect();
        let expected: Vec<(u32, String)> = expected.iter().map(|(page, text)| (*page, (*text).to_owned())).collect();
        assert_eq!(shown, expected);
    }

    fn brackets(snippet: &Snippet) -> String {
        let mut text = snippet.text.clone();
        for range in snippet.highlights.iter().rev() {
            text.insert(range.end, ']');
            text.insert(range.start, '[');
        }
        text
    }

    #[test]
    fn only_pages_that_answer_the_whole_query_are_shown_if_there_are_any() {
        let pages = ["plan", "cloud", "the cloud plan"];
        check("plan cloud", &pages, &[(3, "the [cloud] [plan]")]);
        check("plan cloud", &pages[..2], &[(1, "[plan]"), (2, "[cloud]")]);
    }

    #[test]
    fn filters_and_negated_words_and_names_say_nothing_about_pages() {
        let pages = ["draft", "draft plan"];
        check("draft -plan zone:a", &pages, &[(1, "[draft]"), (2, "[draft] plan")]);
        check("zone:a", &pages, &[]);
        check("name:draft", &pages, &[]);
        check("draft (name:x OR plan)", &pages, &[(2, "[draft] [plan]")]);
    }

    #[test]
    fn chinese_phrases_are_one_highlight_and_lone_characters_are_found() {
        check("国家秘密", &["属于國家秘\n密。", "国家。秘密"], &[(1, "属于[國家秘 密]。")]);
        check("密", &["机密"], &[(1, "机[密]")]);
        check("国家秘密~1", &["国冢秘密", "国国国"], &[(1, "[国冢秘密]")]);
    }

    #[test]
    fn prefixes_and_changed_words_are_highlighted() {
        check("clou*", &["The Clouds"], &[(1, "The [Clouds]")]);
        check("secrat~1", &["a secret", "secrete"], &[(1, "a [secret]")]);
        check("S//NF", &["(S//NF)"], &[(1, "([S//NF])")]);
    }

    #[test]
    fn the_best_pages_are_kept_and_all_are_counted() {
        let query = Query::parse("a OR b").expect("valid");
        let found = page_hits(&query, (1..).zip(["a", "a", "a b", "b", "none"]), 2);
        assert_eq!(found.hits.iter().map(|hit| hit.page).collect::<Vec<_>>(), [1, 3]);
        assert_eq!((found.total, found.complete), (4, true));
        assert!(page_hits(&query, [(1, "a")], 0).hits.is_empty());
    }

    #[test]
    fn endless_documents_are_looked_through_up_to_a_limit_that_is_reported() {
        let query = Query::parse("needle").expect("valid");
        let filler = "x".repeat(MAX_BYTES);
        let found = page_hits(&query, [(1, "needle"), (2, filler.as_str()), (3, "needle")], 5);
        assert_eq!((found.total, found.complete), (1, false));
    }

    #[test]
    fn debug_output_prints_no_text() {
        let query = Query::parse("机密").expect("valid");
        let found = page_hits(&query, [(1, "机密")], 5);
        assert!(!format!("{query:?} {found:?}").contains('机'));
    }
}
