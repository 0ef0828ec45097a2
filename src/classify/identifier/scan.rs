//! Where on a page values may stand: at words that their patterns need, and in clusters of words with digits. Most text is
//! passed over at the speed at which bytes are counted.

use std::borrow::Cow;
use std::ops::Range;

use super::candidate::{Hit, Look, Seen, find};
use super::cluster::{clusters, measure};
use super::column;
use super::keywords::Word;
use super::plain::Plain;
use super::rules::{Rules, Way, is_word};
use super::table::{Context, Table, Tables};
use super::written;
use crate::classify::cells::Tabbed;
use crate::document::{Origin, Page};

/// Bytes around a word in which its value is looked for: 300 characters of any script but the rarest, and long texts of keys.
const BEFORE: usize = 900;
const AFTER: usize = 4096;
/// Bytes from which on a stretch is looked through before more is taken in.
const LONGEST_STRETCH: usize = 8192;
/// Bytes from such a word to the end of its value.
const LONGEST: usize = 2048;
/// Bytes of a line that are looked at in one piece, and what pieces share.
const PIECE: usize = 4096;
const SHARED: usize = 128;

/// All values on a page, in order of place, and what looked like some. The context is that of the page; the heading in it becomes
/// that of the next one.
pub(super) fn page(rules: &Rules, page: &Page, context: &mut Context) -> Seen {
    let mut seen = Seen::default();
    let tabbed = Tabbed::of(&page.text);
    let beside = matches!(tabbed.text, Cow::Owned(_)).then(|| context.clone());
    view(rules, page, &page.text.content, &|at| at, context, &mut seen);
    if let Some(mut beside) = beside {
        // Groups of a number stand as far apart as cells, and bars part cells, too: what tabs take away was found without them. Tables of
        // drawn pages do not go on on the next one.
        beside.tables = context.tables;
        view(rules, page, &tabbed.text, &|at| tabbed.source(at), &mut beside, &mut seen);
        context.tables = beside.tables;
    }
    seen.hits = settled(rules, seen.hits);
    seen
}

/// Values in a text of a page, by where they stand in its content.
fn view(
    rules: &Rules,
    page: &Page,
    text: &str,
    place: &dyn Fn(usize) -> usize,
    context: &mut Context,
    seen: &mut Seen,
) {
    let plain = Plain::of(text);
    let source = |start: usize, end: usize| {
        let (start, end) = plain.source(start, end);
        (place(start), place(end))
    };
    let text = plain.text.as_ref();
    let mut words = Vec::new();
    let keywords = rules.words.look(text, &mut |word, place| words.push((word, place)));
    let tables = Tables::of(rules, text, keywords.lines(), context);
    let look = Look::new(rules, text, keywords, tables);
    let before = seen.hits.len();
    if page.text.words.iter().any(|word| word.origin == Origin::Ocr) {
        let recognized = |range: Range<usize>| {
            let (from, to) = source(range.start, range.end);
            page.text.words_in(&(from..to)).iter().any(|word| word.origin == Origin::Ocr)
        };
        at_words(&look, &words, false, &recognized, seen);
        in_clusters(&look, &rules.numeric_types, &recognized, seen);
        in_lines(&look, &recognized, seen);
        in_tables(&look, false, &recognized, seen);
    } else {
        at_words(&look, &words, true, &|_| false, seen);
        in_clusters(&look, &rules.without_outline, &|_| false, seen);
        written::find(&look, seen);
        in_tables(&look, true, &|_| false, seen);
    }
    for hit in &mut seen.hits[before..] {
        (hit.start, hit.end) = source(hit.start, hit.end);
    }
    look.tables.leave(context);
}

/// Values below headings that name their types: of types that are looked for around their keywords, and of those of columns.
/// `left` are those alone that are not looked for by their outline.
fn in_tables(look: &Look<'_>, left: bool, recognized: &dyn Fn(Range<usize>) -> bool, seen: &mut Seen) {
    let is_column = |kind: &usize| look.rules.types[*kind].way == Way::Column;
    for parts in look.tables.all() {
        // The last part knows all headings.
        let kinds = parts.last().map(Table::kinds).unwrap_or_default();
        kinds.into_iter().filter(is_column).for_each(|kind| column::find(look, kind, parts, seen));
        for table in parts {
            for kind in table.kinds() {
                let one = &look.rules.types[kind];
                if one.is_looked_for_at_keywords() && (one.way == Way::Words || !left && !is_column(&kind)) {
                    for piece in pieces(look.text, table.rows.clone()) {
                        find(look, kind, piece, recognized, seen);
                    }
                }
            }
        }
    }
}

/// Values of types that are looked for wherever there are digits.
fn in_clusters(look: &Look<'_>, kinds: &[usize], recognized: &dyn Fn(Range<usize>) -> bool, seen: &mut Seen) {
    let rules = look.rules;
    if kinds.is_empty() {
        return;
    }
    for cluster in clusters(look.text, &rules.signs) {
        let (digits, lengths) = measure(&look.text[cluster.clone()]);
        for &kind in kinds {
            let outline = &rules.types[kind].outline;
            if outline.digits <= digits && outline.lengths & lengths != 0 {
                for piece in pieces(look.text, cluster.clone()) {
                    find(look, kind, piece, recognized, seen);
                }
            }
        }
    }
}

/// What is misread has other signs and letters than it should: there all patterns see whole lines.
fn in_lines(look: &Look<'_>, recognized: &dyn Fn(Range<usize>) -> bool, seen: &mut Seen) {
    let rules = look.rules;
    for line in lines(look.text) {
        let digits = look.text[line.clone()].bytes().filter(u8::is_ascii_digit).count();
        if digits < rules.least_digits.min(4) || !recognized(line.clone()) {
            continue;
        }
        let missed = |kind: &&usize| rules.types[**kind].check.is_some() && !rules.types[**kind].filters;
        for &kind in rules.numeric_types.iter().filter(missed) {
            if !seen.hits.iter().rev().take(64).any(|hit| hit.kind == kind && line.contains(&hit.start)) {
                find(look, kind, line.clone(), recognized, seen);
            }
        }
    }
}

/// Values of the types that need a word or a sign: around each, hardly any part of the text twice. `left` are those alone that
/// are not looked for by their outline.
fn at_words(
    look: &Look<'_>,
    words: &[(&Word, Range<usize>)],
    left: bool,
    recognized: &dyn Fn(Range<usize>) -> bool,
    seen: &mut Seen,
) {
    let Look { rules, text, .. } = *look;
    let wanted = |kind: usize| !left || rules.types[kind].way == Way::Words;
    // What was recognized may have other signs around the word than it should.
    let is_talk = |kind: usize, word: &Range<usize>| left && !rules.types[kind].may_be_around(text, word);
    let mut stretches = Stretches { look, recognized, open: vec![None; rules.types.len()], seen };
    for (word, place) in words {
        for &(kind, is_keyword) in word.needed_by.iter().filter(|(kind, _)| wanted(*kind)) {
            let counts = if is_keyword { is_word(text, place.start, place.end) } else { !is_talk(kind, place) };
            if counts {
                stretches.add(kind, place.clone(), is_keyword);
            }
        }
    }
    stretches.finish();
    let signs = if left { &rules.stretch_signs } else { &rules.all_needed_signs };
    for at in signs.places(text.as_bytes()) {
        for &kind in rules.at_sign[usize::from(text.as_bytes()[at])].iter().filter(|kind| wanted(**kind)) {
            if !is_talk(kind, &(at..at + 1)) {
                stretches.add(kind, at..at + 1, false);
            }
        }
    }
    stretches.finish();
}

/// Parts of a text that are to be looked through for each type.
struct Stretches<'a> {
    look: &'a Look<'a>,
    recognized: &'a dyn Fn(Range<usize>) -> bool,
    /// The stretch of each type that may still grow.
    open: Vec<Option<Range<usize>>>,
    seen: &'a mut Seen,
}

impl Stretches<'_> {
    /// Takes in what surrounds a word; words of a type come in order.
    fn add(&mut self, kind: usize, word: Range<usize>, is_keyword: bool) {
        let (before, after) = match (is_keyword, self.look.rules.types[kind].outline.bytes) {
            (true, _) => (BEFORE, BEFORE),
            // A value is no longer than its pattern allows, and the word is in it.
            (false, Some(most)) if most <= LONGEST => (most, most),
            (false, _) => (BEFORE, AFTER),
        };
        let slot = &mut self.open[kind];
        if let Some(range) = slot {
            let enough = if after == AFTER { LONGEST } else { after };
            if word.end + enough <= range.end {
                return;
            }
            if word.start.saturating_sub(before) <= range.end && range.len() < LONGEST_STRETCH {
                range.end = self.look.text.ceil_char_boundary(word.end + after);
                return;
            }
        }
        let range = self.look.text.floor_char_boundary(word.start.saturating_sub(before))
            ..self.look.text.ceil_char_boundary(word.end + after);
        if let Some(whole) = slot.replace(range) {
            self.look(kind, whole);
        }
    }

    /// Looks through what is still open.
    fn finish(&mut self) {
        for kind in 0..self.open.len() {
            if let Some(range) = self.open[kind].take() {
                self.look(kind, range);
            }
        }
    }

    fn look(&mut self, kind: usize, stretch: Range<usize>) {
        let least = self.look.rules.types[kind].outline.digits;
        let digits = self.look.text.as_bytes()[stretch.clone()].iter().filter(|byte| byte.is_ascii_digit());
        if least == 0 || digits.take(least).count() == least || (self.recognized)(stretch.clone()) {
            find(self.look, kind, stretch, self.recognized, self.seen);
        }
    }
}

/// Sorted and without doubles. A value that is only possible gives way to a longer one around it that is probable: twelve digits
/// of a card are no number of their own. One whose type yields gives way to any that is probable in its place.
fn settled(rules: &Rules, hits: Vec<Hit>) -> Vec<Hit> {
    let yields = |kind: usize| rules.types[kind].entry.yields;
    let mut hits = best_readings(rules, hits);
    let surer = |hit: &&Hit| hit.confidence >= 75 && !yields(hit.kind);
    let probable: Vec<(usize, usize)> = hits.iter().filter(surer).map(|hit| (hit.start, hit.end)).collect();
    let mut at = 0;
    hits.retain(|hit| {
        while probable.get(at).is_some_and(|(_, end)| *end <= hit.start) {
            at += 1;
        }
        let yields = yields(hit.kind);
        let holds = |&(start, end): &(usize, usize)| {
            let longer = yields || end - start > hit.end - hit.start;
            start <= hit.start && hit.end <= end && longer
        };
        hit.confidence >= 75 && !yields
            || !probable[at.saturating_sub(1).min(probable.len())..].iter().take(8).any(holds)
    });
    hits
}

/// Sorted and without doubles, of which the surest stays. A number that nothing but a check which many pass speaks for gives way to a labelled reading of its
/// digits, and to one as sure of more of them.
fn best_readings(rules: &Rules, mut hits: Vec<Hit>) -> Vec<Hit> {
    /// Readings of a place that are compared.
    const MOST: usize = 64;
    let surest = |hit: &Hit| std::cmp::Reverse((hit.confidence, hit.heading.is_some()));
    hits.sort_by(|a, b| (a.start, b.end, a.kind, surest(a)).cmp(&(b.start, a.end, b.kind, surest(b))));
    hits.dedup_by(|a, b| (a.kind, a.start, a.end) == (b.kind, b.start, b.end));
    let gives_way = |at: usize| {
        let hit = &hits[at];
        let better = |other: &Hit| {
            let covers = other.start <= hit.start && hit.end <= other.end;
            let longer = other.end - other.start > hit.end - hit.start;
            // Of what nothing but checks speaks for, the type of the surest check is a guess.
            let surer = longer && other.confidence >= hit.confidence
                || other.confidence > hit.confidence && !other.is_unlabelled();
            covers && surer && !rules.types[other.kind].entry.yields
        };
        let around = hits[..at].iter().rev().take(MOST).chain(hits[at + 1..].iter().take(MOST));
        rules.types[hit.kind].counted && hit.is_unlabelled() && around.into_iter().any(better)
    };
    let stays: Vec<bool> = (0..hits.len()).map(|at| !gives_way(at)).collect();
    let mut stays = stays.into_iter();
    hits.retain(|_| stays.next() == Some(true));
    hits
}

/// Lines, long ones in pieces that overlap.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    text.split_inclusive('\n').flat_map(move |line| {
        let start = at;
        at += line.len();
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        pieces(text, start..end)
    })
}

/// A stretch in pieces that overlap.
fn pieces(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let (start, end) = (range.start, range.end);
    (start..end.max(start + 1).min(text.len()))
        .step_by(PIECE - SHARED)
        .map(move |from| text.floor_char_boundary(from)..text.ceil_char_boundary((from + PIECE).min(end).max(from)))
}

#[cfg(test)]
mod tests {
    use super::super::rules::BREAK;
    use super::*;

    #[test]
    fn one_walk_finds_what_each_pattern_finds_by_itself() {
        let rules = Rules::built_in().expect("the built-in types compile");
        let entries = rules.types.iter().map(|one| &one.entry);
        let examples = entries.flat_map(|one| {
            let counter = one.counter_examples.iter().map(|counter| &counter.text);
            one.examples.iter().chain(counter).zip(one.keywords.iter().chain([&one.id]).cycle())
        });
        let texts: Vec<String> = examples.map(|(text, word)| format!("{word}: {text}; ").replace(BREAK, "")).collect();
        for page in texts.chunks(8) {
            let text = Plain::of(&page.concat()).text.into_owned();
            let mut by_itself = Seen::default();
            let mut words = Vec::new();
            let keywords = rules.words.look(&text, &mut |word, place| words.push((word, place)));
            let tables = Tables::of(&rules, &text, keywords.lines(), &Context::default());
            let look = Look::new(&rules, &text, keywords, tables);
            at_words(&look, &words, false, &|_| false, &mut by_itself);
            in_clusters(&look, &rules.numeric_types, &|_| false, &mut by_itself);
            in_tables(&look, false, &|_| false, &mut by_itself);
            let told = |hits: Vec<Hit>| -> Vec<(usize, usize, usize, u8)> {
                hits.iter().map(|hit| (hit.start, hit.end, hit.kind, hit.confidence)).collect()
            };
            let walked = super::page(&rules, &Page::plain(1, text.as_str()), &mut Context::default());
            let settled = settled(&rules, by_itself.hits);
            assert_eq!(told(walked.hits), told(settled), "{text}");
        }
    }
}
