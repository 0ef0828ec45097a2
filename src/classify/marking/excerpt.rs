//! Masked excerpts: the words of the level stay readable, everything else that was matched does not.
//!
//! Code words, names and conditions are content, and a report is read by people who may not read the content. What else a mark
//! states, its caveats and its term, is told in fields of its own (`stated`).

use regex_syntax::ast::{Ast, parse::Parser};

use super::normal::{Normal, fold};

/// Characters of an excerpt.
const MOST_CHARS: usize = 80;

/// ASCII words of at least this length stay readable inside longer ones too: recognition glues what follows to a mark.
const GLUED: usize = 4;

/// `original` with every letter and digit replaced by `•` but those of the `native` words. Where none of these is in it,
/// the words that the rule's `pattern` spells out stay (`Classified by:`), and where there are none either (a mark that was
/// misread) the native words stand before it, in parentheses: an excerpt of nothing but dots tells nothing.
pub(super) fn mask(original: &str, native: &str, pattern: &str) -> String {
    let normal = Normal::new(original, 0, &[]);
    let haystack = lower(&fold(&normal.text).unwrap_or_else(|| normal.text.clone()));
    let words = |text: &str| -> Vec<String> {
        let folded = lower(&fold(text).unwrap_or_else(|| text.to_owned()));
        let words = folded.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let mut readable = places(&haystack, &normal, &words(native));
    if readable.is_empty() {
        let spelt: Vec<String> = spelt_out(pattern).iter().flat_map(|word| words(word)).collect();
        readable = places(&haystack, &normal, &spelt);
    }
    let shown = |at: usize| readable.iter().any(|&(from, to)| (from as usize..to as usize).contains(&at));
    let mut masked = if readable.is_empty() { format!("({native}) ") } else { String::new() };
    masked.extend(original.char_indices().take(MOST_CHARS).map(|(at, char)| match char {
        char if char.is_control() => ' ',
        char if shown(at) || !(char.is_alphanumeric()) => char,
        _ => '•',
    }));
    if original.chars().nth(MOST_CHARS).is_some() {
        masked.push('…');
    }
    masked
}

/// Where the words stand in the original.
fn places(haystack: &str, normal: &Normal, words: &[String]) -> Vec<(u32, u32)> {
    // Lengths agree unless lower case changed them, in some scripts; then nothing stays readable.
    if haystack.len() != normal.text.len() {
        return Vec::new();
    }
    let of = |word: &String| {
        let found: Vec<(usize, &str)> = haystack.match_indices(word.as_str()).collect();
        let kept = found.into_iter().filter(|(at, _)| word.len() >= GLUED || whole_word(haystack, *at, word));
        kept.map(|(at, word)| normal.source(at, at + word.len())).collect::<Vec<_>>()
    };
    words.iter().flat_map(of).collect()
}

/// The words of at least two characters that a pattern spells out.
fn spelt_out(pattern: &str) -> Vec<String> {
    let (mut run, mut words) = (String::new(), Vec::new());
    // Patterns were parsed when the rules were compiled.
    if let Ok(ast) = Parser::new().parse(pattern) {
        spell(&ast, &mut run, &mut words);
        end(&mut run, &mut words);
    }
    words.retain(|word| word.chars().count() >= 2);
    words
}

fn spell(ast: &Ast, run: &mut String, words: &mut Vec<String>) {
    let mut apart = |ast: &Ast| {
        end(run, words);
        spell(ast, run, words);
        end(run, words);
    };
    match ast {
        Ast::Literal(literal) if literal.c.is_alphanumeric() => run.push(literal.c),
        Ast::Concat(concat) => concat.asts.iter().for_each(|ast| spell(ast, run, words)),
        Ast::Alternation(either) => either.asts.iter().for_each(apart),
        Ast::Group(group) => apart(&group.ast),
        Ast::Repetition(repetition) => apart(&repetition.ast),
        _ => end(run, words),
    }
}

fn end(run: &mut String, words: &mut Vec<String>) {
    if !run.is_empty() {
        words.push(std::mem::take(run));
    }
}

/// Not a part of a longer ASCII word: `C` of a level is no reason to show the `C` of a name.
fn whole_word(text: &str, at: usize, word: &str) -> bool {
    let ascii = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
    let starts = word.starts_with(|char: char| char.is_ascii());
    !(starts && (ascii(before) || ascii(after)))
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_of_the_level_stay_readable() {
        let check = |original: &str, native: &str, masked: &str| {
            assert_eq!(mask(original, native, "(?i)secret//[a-z]+ ?popcorn|10 ?年"), masked);
        };
        check("TOP SECRET//SAR-BUTTER POPCORN", "TOP SECRET", "TOP SECRET//•••-•••••• •••••••");
        check("机 密★10 年", "机密", "机 密★•• •");
        check("機密", "机密", "機密");
        check("Acme Corp Confidential", "Company confidential", "•••• •••• Confidential");
        check("SECRETIINOFORN", "SECRET", "SECRET••••••••");
        check("Mr C: C", "C", "•• C: C");
    }

    #[test]
    fn an_excerpt_is_never_nothing_but_dots() {
        let block = "(?i)(?:classified by|derived from) ?: ?[a-z ]+";
        assert_eq!(mask("Classified By: Jane Doe", "authority block", block), "Classified By: •••• •••");
        assert_eq!(mask("CONFIDENT1AL/N0F", "CONFIDENTIAL", "CONFIDENTIAL//[A-Z]+"), "(CONFIDENTIAL) ••••••••••••/•••");
        assert_eq!(mask("机窗", "机密", "机密"), "(机密) ••");
    }

    #[test]
    fn a_long_match_is_cut() {
        assert!(mask(&"x".repeat(500), "SECRET", "SECRET").chars().count() <= MOST_CHARS + "(SECRET) …".len());
    }
}
