//! Marks that recognition misspelt: a recognized line that is, but for a few letters, all that an example of a rule says, and
//! one whose capitals recognition set apart unevenly (`S ECRE T`).
//!
//! Patterns for recognized text name the confusions of short marks. Long ones, under a stamp or across a page of print, are
//! misread in ways that no list holds: their length makes a few wrong letters unmistakable.

use super::rules::{Kind, Rule};

/// Letters from which on a line may have one wrong; and letters more for each further one.
const LEAST_MISSPELT: usize = 9;
const LETTERS_AN_ERROR: usize = 5;
/// Letters from which on a line may have its blanks wrong.
const LEAST_SPACED: usize = 5;
/// Longer lines are prose.
const MOST_LETTERS: usize = 60;

/// How marks are spelt.
#[derive(Debug, Default)]
pub(super) struct Spellings(Vec<Spelling>);

#[derive(Debug)]
struct Spelling {
    rule: usize,
    letters: Letters,
    /// Whether it is a mark in capitals only.
    capitals: bool,
    /// The order of the rule's mark among others.
    rank: (u8, u8),
}

/// Lower-case letters, and how often each comes.
#[derive(Debug, Default)]
struct Letters {
    text: String,
    counts: [u8; 26],
}

impl Letters {
    /// Of a text of Latin letters; none if it has other letters or digits.
    fn of(text: &str) -> Option<Self> {
        let mut letters = Self::default();
        for letter in text.chars().filter(|char| char.is_alphanumeric()) {
            if !letter.is_ascii_alphabetic() || letters.text.len() >= MOST_LETTERS {
                return None;
            }
            let lower = letter.to_ascii_lowercase();
            letters.text.push(lower);
            letters.counts[usize::from(lower as u8 - b'a')] += 1;
        }
        Some(letters)
    }

    /// Letters that one has and the other has not: twice the number of errors is no less.
    fn differing(&self, other: &Self) -> usize {
        self.counts.iter().zip(&other.counts).map(|(a, b)| usize::from(a.abs_diff(*b))).sum()
    }
}

/// Wrong letters that a mark of so many may have. `UNRESTRICTED` is not `RESTRICTED`.
fn most_errors(letters: usize) -> usize {
    if letters < LEAST_MISSPELT { 0 } else { (letters - 2) / LETTERS_AN_ERROR }
}

impl Spellings {
    /// Those of levels, in the examples of their rules.
    pub(super) fn of(rules: &[Rule]) -> Self {
        let levels = rules.iter().enumerate().filter(|(_, rule)| {
            matches!(rule.kind, Kind::Level | Kind::Corp | Kind::Legacy)
                && rule.values.is_empty()
                && rule.needs.is_none()
        });
        let spellings = levels.flat_map(|(at, rule)| {
            let whole = rule
                .examples
                .iter()
                .filter(|example| rule.regex.find(example).is_some_and(|found| found.as_str() == *example));
            whole.filter_map(move |example| {
                let letters = Letters::of(example).filter(|letters| letters.text.len() >= LEAST_SPACED)?;
                let capitals = !rule.regex.is_match(&example.to_lowercase());
                Some(Spelling { rule: at, letters, capitals, rank: (rule.level.number(), rule.rank) })
            })
        });
        Self(spellings.collect())
    }

    /// The rule whose mark a line is most nearly, the highest of several.
    pub(super) fn nearest(&self, line: &str) -> Option<usize> {
        let letters = Letters::of(line).filter(|letters| letters.text.len() >= LEAST_SPACED)?;
        let capitals = !line.chars().any(char::is_lowercase);
        let errors = |spelling: &Spelling| {
            let most = most_errors(spelling.letters.text.len());
            let near = spelling.letters.text.len().abs_diff(letters.text.len()) <= most
                && letters.differing(&spelling.letters) <= 2 * most
                && (capitals || !spelling.capitals);
            let distance = near.then(|| strsim::levenshtein(&letters.text, &spelling.letters.text));
            distance.filter(|errors| *errors <= most)
        };
        let found = self.0.iter().filter_map(|spelling| Some((errors(spelling)?, spelling)));
        found
            .min_by_key(|(errors, spelling)| (*errors, std::cmp::Reverse(spelling.rank)))
            .map(|(_, spelling)| spelling.rule)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::Rules;

    fn nearest(line: &str) -> Option<String> {
        let rules = Rules::built_in().expect("the built-in rules compile");
        rules.spellings.nearest(line).map(|rule| rules.rules[rule].id.clone())
    }

    #[test]
    fn a_long_mark_with_a_few_wrong_letters_is_known() {
        assert_eq!(nearest("Commerctal in Contidence").as_deref(), Some("corp.commercial"));
        assert_eq!(nearest("Strctly Prvate & Contudenial").as_deref(), Some("corp.strict"));
    }

    #[test]
    fn capitals_set_apart_unevenly_are_one_word() {
        assert_eq!(nearest("S ECRE T").as_deref(), nearest("SECRET").as_deref());
        assert!(nearest("S ECRE T").is_some());
    }

    #[test]
    fn other_words_are_no_misspelt_marks() {
        for line in [
            "UNRESTRICTED",
            "UNCLASSIFIED",
            "Secret",
            "secrecy",
            "SECURE",
            "Confidentiality",
            "CONFERENCE",
            "PROTECTION",
            "Commercial Insurance",
            "Private and Public",
            "Distribution",
            "Memorandum",
            "S ECRE T 7",
        ] {
            assert_eq!(nearest(line).filter(|rule| !rule.contains("unclass")), None, "{line}");
        }
    }
}
