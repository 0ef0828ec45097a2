//! What stands right before and behind a word that a pattern needs. Most such words are talk (`it is no secret that`): no value is
//! looked for around them.
//!
//! A pattern is cut at the word that each of its matches must have (`secret`, and behind it a sign and a value), and what is left
//! of it on either side becomes a small automaton. Where a pattern cannot be cut so, every such word is looked around. The
//! automata may let too much pass, never too little.

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// Bytes on either side that are looked at; what goes on beyond may be a value.
const REACH: usize = 128;
/// Repetitions that are told apart: more count as so many or more, which keeps automata small.
const MOST_REPEATED: u32 = 8;
/// Spellings of a part of a pattern.
const MOST_SPELLINGS: usize = 64;
/// Characters of a class that are told apart.
const MOST_CHARACTERS: usize = 8;
/// Bytes of an automaton.
const MOST_TABLE: usize = 1 << 20;

type Table = Box<dense::DFA<Vec<u32>>>;

/// What a pattern has on both sides of the words that it needs.
pub(super) struct Ends {
    before: Option<Table>,
    behind: Option<Table>,
}

/// A way to match: what stands before a needed word, and behind it.
struct Cut {
    before: Vec<Hir>,
    behind: Vec<Hir>,
}

impl Ends {
    /// Of a pattern whose matches have one of some words, in any case.
    pub(super) fn of(pattern: &str, words: &[String]) -> Self {
        let hir = regex_syntax::Parser::new().parse(pattern);
        let words: Vec<String> = words.iter().map(|word| lower(word)).collect();
        let Some(cuts) = hir.ok().and_then(|hir| cuts(&hir, &words)) else {
            return Self { before: None, behind: None };
        };
        let (before, behind): (Vec<Hir>, Vec<Hir>) =
            cuts.into_iter().map(|cut| (Hir::concat(cut.before), Hir::concat(cut.behind))).unzip();
        Self { before: table(&before, true), behind: table(&behind, false) }
    }

    /// Whether a match may have the word that stands in a range of a text.
    pub(super) fn may_be_around(&self, text: &str, start: usize, end: usize) -> bool {
        let bytes = text.as_bytes();
        let behind = |table: &Table| {
            let from = table.start_state_forward(&Input::new(bytes).span(end..end).anchored(Anchored::Yes));
            let most = bytes.len().min(end + REACH);
            leads_on(table, from.ok(), bytes[end..most].iter(), most == bytes.len())
        };
        let before = |table: &Table| {
            let from = table.start_state_reverse(&Input::new(bytes).span(start..start).anchored(Anchored::Yes));
            let least = start.saturating_sub(REACH);
            leads_on(table, from.ok(), bytes[least..start].iter().rev(), least == 0)
        };
        self.behind.as_ref().is_none_or(behind) && self.before.as_ref().is_none_or(before)
    }
}

/// Whether an automaton matches, or still may when the bytes are at their end; `all` if no more follow.
fn leads_on<'a>(table: &Table, from: Option<StateID>, bytes: impl Iterator<Item = &'a u8>, all: bool) -> bool {
    let Some(mut state) = from else { return true };
    for byte in bytes {
        state = table.next_state(state, *byte);
        if table.is_special_state(state) {
            if table.is_match_state(state) {
                return true;
            }
            if table.is_dead_state(state) || table.is_quit_state(state) {
                return table.is_quit_state(state);
            }
        }
    }
    !all || table.is_match_state(table.next_eoi_state(state))
}

/// The automaton of some patterns, if it is small enough.
fn table(patterns: &[Hir], reverse: bool) -> Option<Table> {
    let pattern = Hir::alternation(patterns.iter().map(loosened).collect());
    let nfa = thompson::Compiler::new()
        .configure(thompson::Config::new().reverse(reverse).which_captures(thompson::WhichCaptures::None))
        .build_from_hir(&pattern)
        .ok()?;
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .dfa_size_limit(Some(MOST_TABLE))
        .determinize_size_limit(Some(MOST_TABLE));
    dense::Builder::new().configure(config).build_from_nfa(&nfa).ok().map(Box::new)
}

/// A pattern that matches more, with few states: long repetitions have no end.
fn loosened(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
        HirKind::Capture(capture) => loosened(&capture.sub),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: repetition.min.min(MOST_REPEATED),
            max: repetition.max.filter(|most| *most <= MOST_REPEATED),
            greedy: true,
            sub: Box::new(loosened(&repetition.sub)),
        }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(loosened).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(loosened).collect()),
    }
}

/// Cuts of which every match has one; none where a match need not have any of the words.
fn cuts(hir: &Hir, words: &[String]) -> Option<Vec<Cut>> {
    match hir.kind() {
        HirKind::Capture(capture) => cuts(&capture.sub, words),
        HirKind::Alternation(ways) => {
            let all: Option<Vec<Vec<Cut>>> = ways.iter().map(|way| cuts(way, words)).collect();
            Some(all?.into_iter().flatten().collect())
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            let rest = Hir::repetition(Repetition {
                min: repetition.min - 1,
                max: repetition.max.map(|most| most - 1),
                ..repetition.clone()
            });
            Some(around(cuts(&repetition.sub, words)?, &[], &[rest]))
        }
        HirKind::Concat(parts) => {
            let spelt = (0..parts.len()).find_map(|from| spelt_from(parts, from, words));
            spelt.or_else(|| {
                (0..parts.len()).find_map(|at| Some(around(cuts(&parts[at], words)?, &parts[..at], &parts[at + 1..])))
            })
        }
        HirKind::Literal(_) | HirKind::Class(_) => spelt_from(std::slice::from_ref(hir), 0, words),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Cuts with more around them.
fn around(cuts: Vec<Cut>, before: &[Hir], behind: &[Hir]) -> Vec<Cut> {
    let more = |cut: Cut| Cut {
        before: before.iter().cloned().chain(cut.before).collect(),
        behind: cut.behind.into_iter().chain(behind.iter().cloned()).collect(),
    };
    cuts.into_iter().map(more).collect()
}

/// Cuts at the words in the spellings of the parts from one on, as few parts as are needed for each spelling to have one.
fn spelt_from(parts: &[Hir], from: usize, words: &[String]) -> Option<Vec<Cut>> {
    let mut spelt = vec![String::new()];
    for (at, part) in parts.iter().enumerate().skip(from) {
        let next = spellings(part)?;
        if spelt.len() * next.len() > MOST_SPELLINGS {
            return None;
        }
        spelt = spelt.iter().flat_map(|head| next.iter().map(move |tail| format!("{head}{tail}"))).collect();
        let place =
            |spelling: &String| words.iter().filter_map(|word| Some((spelling.find(word.as_str())?, word.len()))).min();
        let found: Option<Vec<(usize, usize)>> = spelt.iter().map(place).collect();
        let Some(found) = found else { continue };
        let cut = |(spelling, (start, length)): (&String, (usize, usize))| Cut {
            before: parts[..from].iter().cloned().chain([in_any_case(&spelling[..start])]).collect(),
            behind: [in_any_case(&spelling[start + length..])]
                .into_iter()
                .chain(parts[at + 1..].iter().cloned())
                .collect(),
        };
        return Some(spelt.iter().zip(found).map(cut).collect());
    }
    None
}

/// All that a part of a pattern matches, in small letters, if that is little.
fn spellings(hir: &Hir) -> Option<Vec<String>> {
    let mut all = match hir.kind() {
        HirKind::Empty => vec![String::new()],
        HirKind::Literal(literal) => vec![spelling(std::str::from_utf8(&literal.0).ok()?)?],
        HirKind::Class(Class::Unicode(class)) => {
            let characters = class.iter().flat_map(|range| range.start()..=range.end());
            let characters: Vec<char> = characters.take(MOST_CHARACTERS + 1).collect();
            (characters.len() <= MOST_CHARACTERS)
                .then(|| characters.iter().map(|char| spelling(&char.to_string())).collect::<Option<Vec<_>>>())??
        }
        HirKind::Class(Class::Bytes(_)) | HirKind::Look(_) => return None,
        HirKind::Capture(capture) => return spellings(&capture.sub),
        HirKind::Repetition(repetition) => {
            let mut all = spellings(&repetition.sub).filter(|_| repetition.max == Some(1))?;
            all.extend((repetition.min == 0).then(String::new));
            all
        }
        HirKind::Concat(parts) => parts.iter().try_fold(vec![String::new()], |heads, part| {
            let tails = spellings(part)?;
            (heads.len() * tails.len() <= MOST_SPELLINGS)
                .then(|| heads.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}"))).collect())
        })?,
        HirKind::Alternation(ways) => ways.iter().map(spellings).collect::<Option<Vec<_>>>()?.concat(),
    };
    all.sort_unstable();
    all.dedup();
    (all.len() <= MOST_SPELLINGS).then_some(all)
}

/// In small letters; none where that takes more letters than before (`ß`), which no pattern without case does.
fn spelling(text: &str) -> Option<String> {
    Some(lower(text)).filter(|lower| lower.chars().count() == text.chars().count())
}

/// In small letters. By way of capitals: some letters, such as the long s, reach their plain form only so.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// A text in any case.
fn in_any_case(text: &str) -> Hir {
    let parsed = regex_syntax::Parser::new().parse(&format!("(?i:{})", regex_syntax::escape(text)));
    parsed.expect("an escaped text is a pattern")
}

#[cfg(test)]
mod tests {
    use super::super::rules::{BREAK, Rules, Way};
    use super::*;

    fn check(pattern: &str, word: &str, text: &str) -> bool {
        let at = text.find(word).expect("there");
        Ends::of(pattern, &[word.to_owned()]).may_be_around(text, at, at + word.len())
    }

    #[test]
    fn a_word_that_no_match_can_have_where_it_stands_is_passed_over() {
        let label = r#"(?:[A-Za-z]{0,40}Secret|(?i:secret|api[_ ]?secret))["']?[ \t]*[:=][ \t]*[!-~]{20,64}"#;
        let value = "x".repeat(20);
        assert!(!check(label, "secret", "It is no secret that the figures"));
        assert!(!check(label, "secret", "the secretary: a long letter of twenty"));
        assert!(!check(label, "secret", "secret: short"));
        assert!(check(label, "secret", &format!("secret = {value}")));
        assert!(check(label, "SECRET", &format!("API_SECRET: {value}")));
        assert!(check("[京沪][A-Z][0-9]{1,5}号", "号", "京A12号") && !check("[京沪][A-Z][0-9]{1,5}号", "号", "编号 7"));
    }

    #[test]
    fn what_goes_on_out_of_sight_may_be_a_value() {
        let blanks = " ".repeat(2 * REACH);
        assert!(check("secret *=", "secret", &format!("secret{blanks}=")));
        assert!(check("key *secret", "secret", &format!("key{blanks}secret")));
        assert!(!check("secret *=", "secret", "secret  "));
    }

    #[test]
    fn a_pattern_whose_matches_need_not_have_the_word_is_looked_for_at_each() {
        for pattern in ["[a-z]{6}=[0-9]", "(?:secret|token)=[0-9]", "(?:secret)?=[0-9]"] {
            assert!(check(pattern, "secret", "no secret at all"), "{pattern}");
        }
    }

    #[test]
    fn every_example_has_a_word_that_is_looked_around() {
        let rules = Rules::built_in().expect("the built-in types compile");
        let mut cut = 0;
        for one in rules.types.iter().filter(|one| one.way == Way::Words && !one.entry.anchor.is_empty()) {
            let ends = Ends::of(&one.entry.pattern, &one.entry.anchor);
            cut += usize::from(ends.behind.is_some() || ends.before.is_some());
            for example in &one.entry.examples {
                let text = example.replace(BREAK, "");
                let folded = text.to_ascii_lowercase();
                let places = one.entry.anchor.iter().flat_map(|word| {
                    let word = word.to_ascii_lowercase();
                    folded.match_indices(&word).map(|(at, word)| (at, at + word.len())).collect::<Vec<_>>()
                });
                let around = places.into_iter().any(|(start, end)| ends.may_be_around(&text, start, end));
                assert!(around, "{}: {text:?}", one.entry.id);
            }
        }
        assert!(cut > 80, "only {cut} patterns can be cut at their words");
    }
}
