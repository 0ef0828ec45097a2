//! The prefilter: one pattern over a page's raw text that stops at every line a rule could match.
//!
//! It is derived from the rules, so that it cannot be forgotten when one is added: from each pattern the best set of
//! strings is taken of which every match contains one, and written so that it matches before normalisation too. It may
//! stop too often, never too rarely. Recognized text does not pass here: its lines are few and all are looked at.

use anyhow::bail;
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::normal::{glues, unfold};
use super::rules::{Kind, Rule};
use super::struck;
use crate::script::is_han;

/// Alternatives kept of one pattern.
const MOST_WORDS: usize = 64;

/// Characters that normalisation changes or drops, in blocks; a line with one of them is looked at.
const COMPATIBILITY: &str = r"[\x{AD}\x{17F}\x{300}-\x{36F}\x{1100}-\x{11FF}\x{1C80}-\x{1C8F}\x{2E80}-\x{2FDF}\x{2000}-\x{200F}\x{2060}\x{212A}\x{2150}-\x{217F}\x{2460}-\x{24FF}\x{3200}-\x{33FF}\x{F900}-\x{FAFF}\x{FE30}-\x{FE4F}\x{FEFF}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{1D400}-\x{1D7FF}]";

/// Latin letters beside Greek or Cyrillic ones: normalisation makes one word of what looks like one.
const MIXED: &str = r"[A-Za-z][\x{370}-\x{52F}]|[\x{370}-\x{52F}][A-Za-z]";

/// Length from which strings are rare enough.
const LONG_ENOUGH: usize = 5;

/// Length from which a few strings are better than one: `security level` and its like are rarer than `secret`.
const RARE: usize = 12;
const FEW: usize = 8;

/// Words in any case up to this length are asked for as whole words: `intern` is in every `international`.
const SHORT_WORD: usize = 8;

/// Letter-spaced capitals.
const SPACED: &str = r"[A-ZÀ-ÞА-Я][ \t\x{A0}\x{3000}]{1,3}[A-ZÀ-ÞА-Я][ \t\x{A0}\x{3000}]{1,3}[A-ZÀ-ÞА-Я]";

/// Portion marks are too short for strings: their line begins with the bracket, or with a number or bullet before it.
const PORTION: &str = r"^[ \t\x{3000}]{0,40}(?:(?:[0-9]{1,3}|[a-z]|[ivx]{1,5})[.)][ \t]{0,4}|[-•*·][ \t]{0,4})?[(（](?:TS|S|C|U|CUI|R)(?:[)）]|//)";

/// A blank, as raw text may have it.
const BLANK: &str = r"[ \t\x{A0}\x{3000}]";

/// Characters of which some may match in either case, and edges of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Symbol {
    Char(char),
    AnyCase(char),
    Edge,
}

pub(super) type Words = Vec<Vec<Symbol>>;

/// What is known of a part of a pattern.
struct Part {
    /// All strings it can match, if they are few.
    exact: Option<Words>,
    /// Strings of which every match contains one.
    required: Option<Words>,
}

/// Builds the prefilter of some rules. It stops at every line that `subject` matches too: a mark in it may be of a kind that
/// stands at the beginning of a line elsewhere.
pub(super) fn build<'a>(rules: impl Iterator<Item = &'a Rule>, subject: &Regex) -> anyhow::Result<Regex> {
    let mut alternatives = vec![
        COMPATIBILITY.to_owned(),
        MIXED.to_owned(),
        SPACED.to_owned(),
        PORTION.to_owned(),
        subject.as_str().to_owned(),
    ];
    // A mark may go on behind the bracket of what is struck out.
    alternatives.extend(struck::markers().map(regex::escape));
    let mut words = Words::new();
    for rule in rules {
        words.extend(words_of(rule)?);
    }
    let words = fewest(words);
    alternatives.extend(words.iter().map(|word| render(word)));
    let pattern = alternatives.join("|");
    Ok(RegexBuilder::new(&pattern).multi_line(true).size_limit(64 << 20).dfa_size_limit(64 << 20).build()?)
}

/// The strings of which every match of a rule contains one; none of a rule that is not looked for by strings.
pub(super) fn words_of(rule: &Rule) -> anyhow::Result<Words> {
    if rule.kind == Kind::Portion || !rule.finds() {
        return Ok(Words::new());
    }
    let hir = regex_syntax::Parser::new().parse(rule.regex.as_str())?;
    let Some(words) = required(&hir) else {
        bail!("rule {}: regex: no string of two characters is in every match of it", rule.id)
    };
    Ok(words)
}

/// Without the strings that contain another: where they are, that one is.
fn fewest(mut words: Words) -> Words {
    for word in &mut words {
        let any_case = word.iter().all(|symbol| matches!(symbol, Symbol::AnyCase(_) | Symbol::Edge));
        if !(any_case && word.len() <= SHORT_WORD) {
            word.retain(|symbol| *symbol != Symbol::Edge);
        }
    }
    words.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
    words.dedup();
    let mut kept = Words::new();
    for word in words {
        if !kept.iter().any(|inner| contains(&word, inner)) {
            kept.push(word);
        }
    }
    kept
}

/// Whether `inner` is found wherever `outer` is.
fn contains(outer: &[Symbol], inner: &[Symbol]) -> bool {
    let same = |(a, b): (&Symbol, &Symbol)| match (a, b) {
        (Symbol::Char(a), Symbol::AnyCase(b)) => a.to_lowercase().eq([*b]),
        (a, b) => a == b,
    };
    outer.windows(inner.len().max(1)).any(|part| part.iter().zip(inner).all(same))
}

/// Strings of which every match contains one, if they say enough.
fn required(hir: &Hir) -> Option<Words> {
    let part = analyse(hir);
    let best = better(part.exact, part.required)?;
    (quality(&best) >= 2).then_some(best)
}

fn analyse(hir: &Hir) -> Part {
    match hir.kind() {
        HirKind::Look(Look::Start | Look::End | Look::WordAscii) => exact(vec![vec![Symbol::Edge]]),
        HirKind::Empty | HirKind::Look(_) => exact(vec![vec![]]),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => exact(vec![text.chars().map(Symbol::Char).collect()]),
            Err(_) => unknown(),
        },
        HirKind::Class(class) => class_symbols(class).map_or_else(unknown, exact),
        HirKind::Capture(capture) => analyse(&capture.sub),
        HirKind::Repetition(repetition) => {
            let sub = analyse(&repetition.sub);
            match (repetition.min, repetition.max, sub.exact) {
                (0, Some(1), Some(mut words)) => {
                    words.push(vec![]);
                    exact(words)
                }
                (0, _, _) => unknown(),
                (_, _, exact) => Part { exact: None, required: better(exact, sub.required) },
            }
        }
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn exact(words: Words) -> Part {
    Part { exact: Some(words), required: None }
}

fn unknown() -> Part {
    Part { exact: None, required: None }
}

/// Runs of parts with few strings are multiplied out; the best run stands for the whole.
fn concat(parts: &[Hir]) -> Part {
    let (mut run, mut best, mut whole): (Words, Option<Words>, bool) = (vec![vec![]], None, true);
    for part in parts.iter().map(analyse) {
        match part.exact {
            Some(words) if run.len() * words.len() <= MOST_WORDS => {
                let longer = |word: &Vec<Symbol>| -> Words {
                    words.iter().map(|next| word.iter().chain(next).copied().collect()).collect()
                };
                let grown = run.iter().flat_map(longer).collect();
                best = better(best, Some(std::mem::replace(&mut run, grown)));
            }
            other => {
                whole = false;
                best = better(best, Some(std::mem::replace(&mut run, vec![vec![]])));
                best = better(best, part.required);
                match other {
                    Some(words) if words.len() <= MOST_WORDS => run = words,
                    _ => {}
                }
            }
        }
    }
    if whole { exact(run) } else { Part { exact: None, required: better(best, Some(run)) } }
}

fn alternation(parts: &[Hir]) -> Part {
    let parts: Vec<Part> = parts.iter().map(analyse).collect();
    let total = |words: &Words| words.len();
    let exact: Option<Words> =
        parts.iter().map(|part| part.exact.clone()).collect::<Option<Vec<_>>>().map(|all| all.concat());
    let branches: Option<Vec<Words>> = parts.into_iter().map(|part| better(part.exact, part.required)).collect();
    Part {
        exact: exact.filter(|words| total(words) <= MOST_WORDS),
        required: branches.map(|all| all.concat()).filter(|words| total(words) <= MOST_WORDS),
    }
}

/// A class of few characters; both cases of one letter count as one.
fn class_symbols(class: &Class) -> Option<Words> {
    let Class::Unicode(class) = class else { return None };
    let mut symbols: Vec<Symbol> = Vec::new();
    for range in class.ranges() {
        if range.len() > 16 || symbols.len() > 16 {
            return None;
        }
        symbols.extend((range.start()..=range.end()).map(Symbol::Char));
    }
    // Upper case first: some letters, such as the long s, reach their plain form only that way.
    let lower = |symbol: &Symbol| match symbol {
        Symbol::Char(char) => char.to_uppercase().flat_map(char::to_lowercase).next(),
        _ => None,
    };
    let first = symbols.first().and_then(lower)?;
    if symbols.len() > 1 && symbols.iter().all(|symbol| lower(symbol) == Some(first)) {
        return Some(vec![vec![Symbol::AnyCase(first)]]);
    }
    Some(symbols.into_iter().map(|symbol| vec![symbol]).collect())
}

/// Length of the shortest string, in letters; a Han character counts as two.
fn quality(words: &Words) -> usize {
    let weight = |symbol: &Symbol| match symbol {
        Symbol::Char(char) | Symbol::AnyCase(char) => char.len_utf8().min(2),
        Symbol::Edge => 0,
    };
    words.iter().map(|word| word.iter().map(weight).sum()).min().unwrap_or(0)
}

/// Longer strings are rarer, up to a length; then a few that are rare are better, and then fewer.
fn better(a: Option<Words>, b: Option<Words>) -> Option<Words> {
    let key = |words: &Words| {
        let quality = quality(words);
        (quality.min(LONG_ENOUGH), quality >= RARE && words.len() <= FEW, usize::MAX - words.len(), quality)
    };
    match (a, b) {
        (Some(a), Some(b)) => Some(if key(&b) > key(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// A string as it may stand in raw text: blanks inside, traditional characters, full-width signs.
fn render(word: &[Symbol]) -> String {
    let neighbours = (0..word.len()).map(|at| (at.checked_sub(1).and_then(|at| word.get(at)), word.get(at + 1)));
    word.iter().zip(neighbours).map(|(symbol, (before, after))| render_symbol(*symbol, before, after)).collect()
}

fn render_symbol(symbol: Symbol, before: Option<&Symbol>, after: Option<&Symbol>) -> String {
    let letter = |symbol: Option<&Symbol>| matches!(symbol, Some(Symbol::Char(char) | Symbol::AnyCase(char)) if char.is_ascii_alphabetic());
    match symbol {
        Symbol::AnyCase(char) => format!("[{char}{}]", char.to_uppercase()),
        Symbol::Edge if before.is_none() && letter(after) => "(?:^|[^A-Za-z])".to_owned(),
        Symbol::Edge if after.is_none() && letter(before) => "(?:[^A-Za-z]|$)".to_owned(),
        Symbol::Edge => String::new(),
        Symbol::Char(' ') => format!("{BLANK}+"),
        Symbol::Char(char) if is_han(char) => {
            let class: String = unfold(char).chain([char]).collect();
            let gap = if after.is_some() { format!("{BLANK}*") } else { String::new() };
            format!("[{class}]{gap}")
        }
        // Between cells there is no colon yet, but what parts them.
        Symbol::Char(':') => r#"[:：|¦│,;" \t\x{A0}\x{3000}]{1,8}"#.to_owned(),
        Symbol::Char(char @ '!'..='~') if !char.is_ascii_alphanumeric() => {
            let wide = char::from_u32(u32::from(char) + 0xfee0).unwrap_or(char);
            format!("(?:{}|{wide})", regex::escape(&char.to_string()))
        }
        Symbol::Char(char) => {
            let glued = matches!(after, Some(Symbol::Char(next)) if glues(*next, char) || glues(char, *next));
            let gap = if glued { format!("{BLANK}*") } else { String::new() };
            format!("{}{gap}", regex::escape(&char.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pattern: &str) -> Option<Vec<String>> {
        let hir = regex_syntax::Parser::new().parse(pattern).expect("a pattern");
        let mut words: Vec<String> = required(&hir)?.iter().map(|word| render(word)).collect();
        words.sort();
        Some(words)
    }

    #[test]
    fn the_rarest_strings_of_a_pattern_stand_for_it() {
        assert_eq!(words("TOP ?SECRET(?: X)?"), words("TOP SECRET|TOP SECRET X|TOPSECRET|TOPSECRET X"));
        assert_eq!(words("[0-9]{1,8}NATO SECRET.{0,9}"), words("NATO SECRET"));
        assert_eq!(words("(?i)ab"), Some(vec!["[aA][bB]".to_owned()]));
        assert_eq!(words("[0-9]+.x"), None);
        let few = "(?:the security level|classified so as)";
        assert_eq!(words(&format!("{few}.secret")), words(few), "rarer than one that is in ordinary text");
    }

    #[test]
    fn a_string_that_contains_another_is_not_asked_for() {
        let word = |text: &str| -> Vec<Symbol> {
            text.chars().map(|char| if char == '^' { Symbol::Edge } else { Symbol::Char(char) }).collect()
        };
        let left = |words: &[&str]| fewest(words.iter().map(|text| word(text)).collect());
        assert_eq!(left(&["商业秘密", "秘密", "TOP SECRET^", "^SECRET^"]), [word("秘密"), word("SECRET")]);
        assert_eq!(left(&["XSECRET", "SECRET X"]).len(), 2);
    }

    #[test]
    fn raw_text_is_met_before_normalisation() {
        let raw = Regex::new(&words("机密:A").expect("strings")[0]).expect("a pattern");
        for text in ["机密:A", "機 密：A", "机\u{3000}密 :A", "机密 | A", "\"机密\",\"A\"", "机密 A"] {
            assert!(raw.is_match(text), "{text}");
        }
    }
}
