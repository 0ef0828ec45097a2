//! Words in the formats of numbers of workbooks: what a cell shows besides its value, or in its place.
//!
//! A format has up to four sections: for numbers above zero, below it, for zero, and for texts; or sections with conditions.
//! The words of one are what stands in quotes, behind a backslash, or is no letter of the language of formats at all.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Characters that stand in dates between their numbers and are no words of anybody.
const OF_DATES: &str = "年月日时時分秒上下午星期周";

/// Sections that are told apart.
const SECTIONS: usize = 4;

/// The formats of a workbook's own that have words, by their numbers.
#[derive(Default)]
pub(super) struct Formats {
    all: BTreeMap<u32, NumberFormat>,
    /// Those whose words a cell has shown.
    shown: RefCell<BTreeSet<u32>>,
}

impl Formats {
    /// Adds a format; the last one of a number counts.
    pub(super) fn add(&mut self, number: u32, code: &str) {
        let format = NumberFormat::of(code);
        if format.words().next().is_some() {
            self.all.insert(number, format);
        } else {
            self.all.remove(&number);
        }
    }

    /// A number as a cell shows it, of `shown`, which is the number itself as it is shown.
    pub(super) fn number(&self, number: u32, value: f64, shown: String) -> String {
        self.dressed(number, shown, |format, shown| format.number(value, shown))
    }

    /// A text as a cell shows it.
    pub(super) fn text(&self, number: u32, shown: String) -> String {
        self.dressed(number, shown, NumberFormat::text)
    }

    fn dressed(&self, number: u32, plain: String, dress: impl FnOnce(&NumberFormat, String) -> String) -> String {
        let Some(format) = self.all.get(&number) else { return plain };
        let dressed = dress(format, plain.clone());
        if dressed != plain {
            self.shown.borrow_mut().insert(number);
        }
        dressed
    }

    /// Words of formats that no cell has shown, each once.
    pub(super) fn unshown(&self) -> BTreeSet<&str> {
        let shown = self.shown.borrow();
        let left = self.all.iter().filter(|(number, _)| !shown.contains(*number));
        left.flat_map(|(_, format)| format.words()).collect()
    }
}

/// A format.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct NumberFormat {
    sections: Vec<Section>,
}

/// A section of a format.
#[derive(Clone, Debug, Default, PartialEq)]
struct Section {
    /// The numbers that it is for.
    condition: Option<(Comparison, f64)>,
    before: String,
    after: String,
    /// It shows the value.
    shows: bool,
    /// It shows texts as they are.
    shows_text: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Other,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

impl NumberFormat {
    /// Reads a format.
    pub(super) fn of(code: &str) -> Self {
        let mut sections = vec![Section::default()];
        let mut literal = String::new();
        let mut characters = code.chars();
        while let Some(character) = characters.next() {
            let Some(section) = sections.last_mut() else { break };
            match character {
                '"' => literal.extend(characters.by_ref().take_while(|character| *character != '"')),
                '\\' => literal.extend(characters.next()),
                // The width of a character, or a character that fills the cell.
                '_' | '*' => {
                    characters.next();
                }
                '[' => {
                    let inside: String = characters.by_ref().take_while(|character| *character != ']').collect();
                    match inside.strip_prefix('$') {
                        Some(sign) => literal.push_str(sign.split('-').next().unwrap_or_default()),
                        None => section.condition = section.condition.or_else(|| condition(&inside)),
                    }
                }
                ';' => {
                    section.keep(&mut literal);
                    if sections.len() == SECTIONS {
                        break;
                    }
                    sections.push(Section::default());
                }
                '@' => {
                    section.keep(&mut literal);
                    (section.shows, section.shows_text) = (true, true);
                }
                character if is_of_the_language(character) => {
                    section.keep(&mut literal);
                    section.shows |= character.is_ascii_alphanumeric() || matches!(character, '#' | '?');
                }
                character => literal.push(character),
            }
        }
        if let Some(section) = sections.last_mut() {
            section.keep(&mut literal);
        }
        Self { sections }
    }

    /// The words of all its sections, a text each.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let both = self.sections.iter().flat_map(|section| [section.before.as_str(), section.after.as_str()]);
        both.filter(|text| has_words(text))
    }

    /// A number with the words that are shown with it, of `shown`, which is the number itself as it is shown.
    pub(super) fn number(&self, value: f64, shown: String) -> String {
        // A section with `@` alone is for texts.
        let last = self.sections.len().saturating_sub(1);
        let of_numbers = if last == SECTIONS - 1 { last } else { self.sections.len() };
        let numbers = self.sections.get(..of_numbers).unwrap_or_default();
        let numbers = match numbers {
            [before @ .., text] if text.shows_text => before,
            all => all,
        };
        let stated = numbers.iter().any(|section| section.condition.is_some());
        let section = match (stated, numbers.len()) {
            (true, _) => numbers.iter().find(|section| section.holds(value)),
            (false, 2..) if value < 0.0 => numbers.get(1),
            (false, 3..) if value == 0.0 => numbers.get(2),
            _ => numbers.first(),
        };
        match section {
            Some(section) => section.dress(shown),
            None => shown,
        }
    }

    /// A text with the words that are shown with it.
    pub(super) fn text(&self, shown: String) -> String {
        let own = self.sections.get(SECTIONS - 1);
        match own.or_else(|| self.sections.last().filter(|section| section.shows_text)) {
            Some(section) => section.dress(shown),
            None => shown,
        }
    }
}

impl Section {
    /// Keeps a literal before or behind the value, if it is a word.
    fn keep(&mut self, literal: &mut String) {
        let text = std::mem::take(literal);
        if !text.chars().any(is_of_a_word) {
            return;
        }
        let place = if self.shows { &mut self.after } else { &mut self.before };
        if !place.is_empty() {
            place.push(' ');
        }
        place.push_str(text.trim());
    }

    /// Whether a number is one of those that the section is for.
    fn holds(&self, value: f64) -> bool {
        self.condition.is_none_or(|(comparison, other)| match comparison {
            // Both were written by the same hand: the nearest number is meant.
            Comparison::Equal => (value - other).abs() < f64::EPSILON,
            Comparison::Other => (value - other).abs() >= f64::EPSILON,
            Comparison::Less => value < other,
            Comparison::LessOrEqual => value <= other,
            Comparison::More => value > other,
            Comparison::MoreOrEqual => value >= other,
        })
    }

    /// A value between its words. One that is not shown at all stands behind them, a cell further.
    fn dress(&self, shown: String) -> String {
        if !has_words(&self.before) && !has_words(&self.after) {
            return shown;
        }
        let behind = if self.shows { ' ' } else { '\t' };
        let mut all = self.before.clone();
        for text in [shown.trim(), self.after.as_str()].into_iter().filter(|text| !text.is_empty()) {
            if !all.is_empty() {
                all.push(behind);
            }
            all.push_str(text);
        }
        all
    }
}

/// The condition in brackets, if it is one.
fn condition(inside: &str) -> Option<(Comparison, f64)> {
    let known = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::MoreOrEqual),
        ("<>", Comparison::Other),
        ("<", Comparison::Less),
        (">", Comparison::More),
        ("=", Comparison::Equal),
    ];
    known.into_iter().find_map(|(sign, comparison)| Some((comparison, inside.strip_prefix(sign)?.trim().parse().ok()?)))
}

/// Whether a character outside of quotes stands for a digit, a part of a date or a sign, and is no word.
fn is_of_the_language(character: char) -> bool {
    character.is_ascii()
}

/// Whether a character may belong to a word of somebody.
fn is_of_a_word(character: char) -> bool {
    character.is_alphabetic() && !OF_DATES.contains(character)
}

/// Whether a text is more than a unit of one letter.
fn has_words(text: &str) -> bool {
    text.chars().filter(|character| is_of_a_word(*character)).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, value: f64) -> String {
        NumberFormat::of(code).number(value, format!("{value}"))
    }

    #[test]
    fn words_of_a_format_stand_where_the_cell_shows_them() {
        let cases = [
            ("\"TOP SECRET\"", 1.0, "TOP SECRET\t1"),
            ("\"TOP SECRET \"0", 7.0, "TOP SECRET 7"),
            ("0.00\" days\"", 7.0, "7 days"),
            ("0;\"below zero\";\"nothing\"", -3.0, "below zero\t-3"),
            ("0;\"below zero\";\"nothing\"", 0.0, "nothing\t0"),
            ("[=1]\"public\";[=2]\"secret\";General", 2.0, "secret\t2"),
            ("[=1]\"public\";[=2]\"secret\";General", 3.0, "3"),
            ("\\S\\E\\C\\R\\E\\T 0", 1.0, "SECRET 1"),
            ("[$机密]0", 1.0, "机密 1"),
            ("机密0", 1.0, "机密 1"),
            ("#,##0.00\\ \"€\"", 5.0, "5"),
            ("[$-804]yyyy\"年\"m\"月\"", 5.0, "5"),
            ("0\"m\"", 5.0, "5"),
            ("General;General;General;\"TOP SECRET \"@", 5.0, "5"),
            ("", 5.0, "5"),
        ];
        for (code, value, expected) in cases {
            assert_eq!(shown(code, value), expected, "{code}");
        }
        let text = |code: &str| NumberFormat::of(code).text("plan".to_owned());
        assert_eq!(text("General;General;General;\"TOP SECRET \"@"), "TOP SECRET plan");
        assert_eq!(text("\"secret\" @"), "secret plan");
        assert_eq!(text("0;0;0;\"hidden words\""), "hidden words\tplan");
        assert_eq!(text("\"secret\" 0"), "plan");
    }

    proptest::proptest! {
        #[test]
        fn no_format_makes_it_panic(code in r#"([";\\_*@\[\]$<>=0#a-z机密 -]{0,3}){0,20}"#, value in -10.0_f64..10.0) {
            let format = NumberFormat::of(&code);
            format.number(value, String::new());
            format.text("x".to_owned());
        }
    }
}
