//! Which types may match at a place, found out for all of them in one walk over the characters there.
//!
//! For that each pattern is reduced to its outline: any digit stands for all digits, any capital for all capitals, any small
//! letter for all. So much alike do numbers look that one small automaton tells all outlines apart, and only the patterns
//! whose outline matches are asked. An outline may match too often, never too rarely.

use std::collections::HashMap;

use anyhow::Context as _;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::Compiler;
use regex_automata::util::pool::{Pool, PoolGuard};
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind};
use rustc_hash::FxBuildHasher;

/// Bytes of states that are kept for walks to come. Text of all kinds needs a tenth of it; beyond, they are made anew.
const KEPT_STATES: usize = 8 << 20;

/// Why the automaton never gives up.
const GIVES_UP: &str = "the automaton knows every byte, and makes states anew as often as it must";

type MakeKept = Box<dyn Fn() -> Kept + Send + Sync>;

/// What is kept for walks to come.
struct Kept {
    /// The states of the automaton.
    cache: Cache,
    /// Where in `sets` the outlines begin that are met in a state: to ask the automaton for one after another takes as long as the
    /// walk.
    met: HashMap<LazyStateID, usize, FxBuildHasher>,
    /// A bit for each outline, as many words for each state.
    sets: Vec<u64>,
    /// How often the states were made anew when these were asked for: then other states have their names.
    cleared: usize,
}

/// The outlines of some types.
pub(super) struct Outlines {
    automaton: DFA,
    kept: Pool<Kept, MakeKept>,
    /// The type of each outline.
    types: Vec<usize>,
    /// A bit for each two bytes with which a match of any may begin, or one of the first alone: the first tells the row.
    first: Vec<[u64; 4]>,
}

/// Walks from one place of a text after another.
pub(super) struct Walk<'a> {
    outlines: &'a Outlines,
    kept: PoolGuard<'a, Kept, MakeKept>,
    /// A bit for each outline that was met.
    found: Vec<u64>,
}

impl Outlines {
    /// Of these types: number and pattern of each, without places such as `^`.
    pub(super) fn of<'a>(types: impl Iterator<Item = (usize, &'a str)>) -> anyhow::Result<Self> {
        let (mut outlines, mut numbers) = (Vec::new(), Vec::new());
        for (number, pattern) in types {
            outlines.push(outline(&regex_syntax::Parser::new().parse(pattern)?));
            numbers.push(number);
        }
        let all = Compiler::new().build_many_from_hir(&outlines).context("outlines of patterns")?;
        let config =
            DFA::config().match_kind(MatchKind::All).cache_capacity(KEPT_STATES).skip_cache_capacity_check(true);
        let automaton = DFA::builder().configure(config).build_from_nfa(all).context("outlines of patterns")?;
        let make = automaton.clone();
        let kept: Pool<Kept, MakeKept> = Pool::new(Box::new(move || Kept {
            cache: make.create_cache(),
            met: HashMap::default(),
            sets: Vec::new(),
            cleared: 0,
        }));
        let mut outlines = Self { automaton, kept, types: numbers, first: Vec::new() };
        let mut first = vec![[0; 4]; 256];
        let mut walk = outlines.walk();
        for byte in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let state = walk.next(None, byte);
                if state.is_dead() {
                    break;
                }
                // A match is told one byte later.
                let may_be = !walk.next(Some(state), second).is_dead();
                first[usize::from(byte)][usize::from(second / 64)] |= u64::from(may_be) << (second % 64);
            }
        }
        drop(walk);
        outlines.first = first;
        Ok(outlines)
    }

    /// Begins walks over one text.
    pub(super) fn walk(&self) -> Walk<'_> {
        Walk { outlines: self, kept: self.kept.get(), found: vec![0; self.types.len().div_ceil(64)] }
    }
}

impl Walk<'_> {
    /// Calls `each` with the types of which a match may begin at the beginning of a text.
    pub(super) fn types_at(&mut self, text: &[u8], each: &mut dyn FnMut(usize)) {
        let Some((&byte, rest)) = text.split_first() else { return };
        if let Some(&second) = rest.first()
            && self.outlines.first[usize::from(byte)][usize::from(second / 64)] >> (second % 64) & 1 == 0
        {
            return;
        }
        let mut state = self.next(None, byte);
        let mut any = false;
        for &byte in rest {
            state = self.next(Some(state), byte);
            if state.is_tagged() {
                if !state.is_match() {
                    break;
                }
                any = true;
                self.add(state);
            }
        }
        if !state.is_dead() {
            // A match is told one byte later.
            let end = self.outlines.automaton.next_eoi_state(&mut self.kept.cache, state).expect(GIVES_UP);
            if end.is_match() {
                any = true;
                self.add(end);
            }
        }
        if any {
            self.tell(each);
        }
    }

    /// The state behind a byte, at the beginning or after another state.
    fn next(&mut self, state: Option<LazyStateID>, byte: u8) -> LazyStateID {
        let automaton = &self.outlines.automaton;
        let begin = || start::Config::new().anchored(Anchored::Yes);
        let state = match state {
            Some(state) => state,
            None => automaton.start_state(&mut self.kept.cache, &begin()).expect(GIVES_UP),
        };
        automaton.next_state(&mut self.kept.cache, state, ALIKE[usize::from(byte)]).expect(GIVES_UP)
    }

    fn add(&mut self, state: LazyStateID) {
        let Kept { cache, met, sets, cleared } = &mut *self.kept;
        if *cleared != cache.clear_count() {
            *cleared = cache.clear_count();
            met.clear();
            sets.clear();
        }
        let words = self.found.len();
        let from = *met.entry(state).or_insert_with(|| {
            let from = sets.len();
            sets.resize(from + words, 0);
            let automaton = &self.outlines.automaton;
            for at in 0..automaton.match_len(cache, state) {
                let outline = automaton.match_pattern(cache, state, at).as_usize();
                sets[from + outline / 64] |= 1 << (outline % 64);
            }
            from
        });
        self.found.iter_mut().zip(&sets[from..]).for_each(|(found, set)| *found |= set);
    }

    fn tell(&mut self, each: &mut dyn FnMut(usize)) {
        for (index, bits) in self.found.iter_mut().enumerate() {
            let mut left = std::mem::take(bits);
            while left != 0 {
                each(self.outlines.types[index * 64 + left.trailing_zeros() as usize]);
                left &= left - 1;
            }
        }
    }
}

/// What stands for each byte.
const ALIKE: [u8; 256] = {
    let mut alike = [0; 256];
    let mut byte = 0_u8;
    loop {
        alike[byte as usize] = match byte {
            b'0'..=b'9' => b'0',
            b'A'..=b'Z' => b'A',
            b'a'..=b'z' => b'a',
            other => other,
        };
        if byte == u8::MAX {
            break alike;
        }
        byte += 1;
    }
};

/// A pattern in which every digit and letter is what stands for it.
fn outline(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
        HirKind::Literal(literal) => {
            Hir::literal(literal.0.iter().map(|&byte| ALIKE[usize::from(byte)]).collect::<Box<[u8]>>())
        }
        HirKind::Class(Class::Unicode(class)) => Hir::class(Class::Unicode(of_class(class))),
        HirKind::Class(Class::Bytes(class)) => {
            let bytes = class.iter().flat_map(|range| range.start()..=range.end());
            let alike = bytes.map(|byte| ALIKE[usize::from(byte)]).map(|byte| ClassBytesRange::new(byte, byte));
            Hir::class(Class::Bytes(ClassBytes::new(alike)))
        }
        HirKind::Capture(capture) => outline(&capture.sub),
        HirKind::Repetition(repetition) => Hir::repetition(repetition.with(outline(&repetition.sub))),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(outline).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(outline).collect()),
    }
}

fn of_class(class: &ClassUnicode) -> ClassUnicode {
    let ascii = |range: &ClassUnicodeRange| {
        let (from, to) = (u32::from(range.start()), u32::from(range.end()).min(0x7f));
        (from..=to).filter_map(|code| u8::try_from(code).ok()).map(|byte| char::from(ALIKE[usize::from(byte)]))
    };
    let plain = class.iter().flat_map(ascii).map(|char| ClassUnicodeRange::new(char, char));
    let other = class.iter().filter(|range| !range.end().is_ascii());
    ClassUnicode::new(plain.chain(other.map(|range| ClassUnicodeRange::new(range.start().max('\u{80}'), range.end()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_types_that_may_begin_at_a_place_are_told_at_once() {
        let patterns = [
            "[1-9][0-9]{2}",
            "[2-4]{3}[- ]?[0-9A-F]{2}",
            "(?:京|沪)[A-Z]",
            "x{2,}",
            "[^0-9]{2}",
            "(?-u:[1-8])0(?-u:[b-d])",
        ];
        let outlines =
            Outlines::of(patterns.into_iter().enumerate().map(|(at, one)| (10 + at, one))).expect("patterns");
        let mut walk = outlines.walk();
        let mut seen = |text: &str| {
            let mut types = Vec::new();
            walk.types_at(text.as_bytes(), &mut |kind| types.push(kind));
            types
        };
        assert_eq!(seen("911"), [10]);
        assert_eq!(seen("911-7Z, and more"), [10, 11]);
        assert_eq!(seen("沪B"), [12, 14]);
        assert_eq!(seen("30c"), [15]);
        assert_eq!(seen("ab"), [13, 14]);
        assert!(seen("1").is_empty());
        assert!(seen("").is_empty());
    }
}
