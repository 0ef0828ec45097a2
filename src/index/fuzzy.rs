//! Words a few changes away, looked up in the dictionary of the index.
//!
//! The library's own query walks through every Chinese pair (each is two changes away from nothing), millions of terms.
//! Here a word keeps its family of scripts: what begins with Han is no misspelling of what begins with a Latin letter.

use std::fmt;

use tantivy::Term;
use tantivy::query::{AutomatonWeight, DfaWrapper, EnableScoring, FuzzyTermQuery, Query, Weight};
use tantivy::schema::Field;
use tantivy_fst::Automaton;

/// First byte of the characters from U+0800 on: Han, kana, Hangul, the scripts of India and their neighbours.
const EASTERN: u8 = 0xE0;

/// Whether a word may be a misspelling of another one as far as scripts go.
pub(super) fn same_family(one: &str, other: &str) -> bool {
    let eastern = |word: &str| word.as_bytes().first().is_some_and(|byte| *byte >= EASTERN);
    eastern(one) == eastern(other)
}

/// Words of a field at most `changes` away from `word`; two letters that changed places are one change.
#[derive(Clone)]
pub(super) struct FuzzyQuery {
    pub(super) field: Field,
    pub(super) word: String,
    pub(super) changes: u8,
}

/// No words: what is searched for can be as secret as what is found.
impl fmt::Debug for FuzzyQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FuzzyQuery({} bytes, {} changes)", self.word.len(), self.changes)
    }
}

impl Query for FuzzyQuery {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let term = Term::from_field_text(self.field, &self.word);
        let distance = FuzzyTermQuery::new(term, self.changes, true).automaton()?;
        let eastern = self.word.as_bytes().first().is_some_and(|byte| *byte >= EASTERN);
        Ok(Box::new(AutomatonWeight::new(self.field, SameFamily { distance, eastern })))
    }
}

/// The library's automaton, for words of one family of scripts.
struct SameFamily {
    distance: DfaWrapper,
    eastern: bool,
}

/// Before the first byte, behind it, or lost.
#[derive(Clone, Copy)]
enum State {
    Start,
    Inside(u32),
    Lost,
}

impl Automaton for SameFamily {
    type State = State;

    fn start(&self) -> State {
        State::Start
    }

    fn is_match(&self, state: &State) -> bool {
        matches!(state, State::Inside(inner) if self.distance.is_match(inner))
    }

    fn can_match(&self, state: &State) -> bool {
        match state {
            State::Start => true,
            State::Inside(inner) => self.distance.can_match(inner),
            State::Lost => false,
        }
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        match state {
            State::Start if (byte >= EASTERN) == self.eastern => {
                State::Inside(self.distance.accept(&self.distance.start(), byte))
            }
            State::Inside(inner) => State::Inside(self.distance.accept(inner, byte)),
            State::Start | State::Lost => State::Lost,
        }
    }
}
