//! Marks that are broken over lines: `TOP` above `SECRET`, and characters that stand one below the other, as in margins and on
//! the spines of folders.
//!
//! Only short lines are joined: a few words in capitals, or one character each. What stands on one of them alone is seen there;
//! of the joined ones only what goes over the end of a line counts.

use std::borrow::Cow;
use std::ops::Range;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::line::Sheet;
use super::score::Candidate;
use crate::finding::Level;
use crate::script::is_han;

/// Lines that a banner is broken over.
const MOST_LINES: usize = 3;
/// Bytes and words of a line of a broken banner.
const LINE_BYTES: usize = 40;
const LINE_WORDS: usize = 4;
/// Characters one below the other: fewer of Latin letters are initials, more of any are a column of a table.
const LEAST_LETTERS: usize = 5;
const MOST_CHARACTERS: usize = 24;

/// Lines joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Joined {
    /// Their bytes in the text.
    pub(super) range: Range<usize>,
    /// Whether they are characters one below the other, between which there is no blank.
    pub(super) column: bool,
}

/// What a line is to a broken mark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One character, or a number of a term.
    Character,
    /// A few words in capitals.
    Capitals,
    /// Anything else.
    Other,
}

/// The lines that could hold a mark together, in order.
pub(super) fn joined(text: &str, trigger: &Regex) -> Vec<Joined> {
    let mut found = Vec::new();
    let mut run: Vec<Range<usize>> = Vec::new();
    let mut shape = Shape::Other;
    let mut at = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let range = at..end;
        at = end + 1;
        let now = shape_of(&text[range.clone()]);
        if now != shape {
            flush(text, trigger, shape, &run, &mut found);
            run.clear();
            shape = now;
        }
        if now != Shape::Other {
            run.push(range);
        }
    }
    flush(text, trigger, shape, &run, &mut found);
    found
}

/// A line that is part of a mark broken over several is no mark of its own: `SECRET` below `TOP`, `密` below `机`. One that is more
/// by itself stays. Where each of the lines is a mark of its own that says no less, and one a release, they are a list: `PUBLIC`
/// above `CONFIDENTIAL`.
pub(super) fn apply(sheets: &[Sheet<'_>], candidates: &mut Vec<Candidate>) {
    let lists: Vec<usize> =
        (0..candidates.len()).filter(|&at| candidates[at].joined && is_list(sheets, candidates, at)).collect();
    let mut at = 0..;
    candidates.retain(|_| at.next().is_none_or(|at| lists.binary_search(&at).is_err()));
    let joined: Vec<(usize, u32, u32, u8)> =
        candidates.iter().filter(|one| one.joined).map(|one| (one.page, one.start, one.end, one.value.1)).collect();
    let is_part = |one: &Candidate| {
        joined.iter().any(|(page, start, end, rank)| {
            *page == one.page && *start <= one.start && one.end <= *end && *rank >= one.value.1
        })
    };
    candidates.retain(|one| one.joined || !is_part(one));
    for one in candidates.iter_mut().filter(|one| one.text.chars().count() == 1) {
        let text = sheets.get(one.page).map_or("", |sheet| sheet.page.text.content.as_str());
        let above = text.get(..one.line).and_then(|above| above.lines().next_back());
        let below = text.get(one.line_end..).and_then(|below| below.lines().nth(1));
        if [above, below].into_iter().flatten().any(is_lone) {
            one.add("one of characters below one another", -4.0);
        }
    }
}

/// Whether each line of a joined candidate is a mark of its own, one of them of no lower rank and one a release.
fn is_list(sheets: &[Sheet<'_>], candidates: &[Candidate], at: usize) -> bool {
    let joined = &candidates[at];
    let text = sheets.get(joined.page).map_or("", |sheet| sheet.page.text.content.as_str());
    // In the order of their places those inside stand around it.
    let inside = |one: &&Candidate| joined.start <= one.start && one.end <= joined.end;
    let around = candidates[..at].iter().rev().take_while(|one| one.page == joined.page && one.start >= joined.start);
    let around =
        around.chain(candidates[at..].iter().take_while(|one| one.page == joined.page && one.start < joined.end));
    let own: Vec<&Candidate> = around.filter(|one| !one.joined && one.stands_alone()).filter(inside).collect();
    let Some(lines) = text.get(joined.start as usize..joined.end as usize) else { return false };
    let mut start = joined.start as usize;
    let each = lines.split('\n').all(|line| {
        let range = start..start + line.len();
        start = range.end + 1;
        own.iter().any(|one| range.start <= one.start as usize && one.end as usize <= range.end)
    });
    each && own.iter().any(|one| one.value.1 >= joined.value.1) && own.iter().any(|one| one.value.0 == Level::Public)
}

/// One Han character.
fn is_lone(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() == 1 && line.chars().all(is_han)
}

fn flush(text: &str, trigger: &Regex, shape: Shape, run: &[Range<usize>], found: &mut Vec<Joined>) {
    let mut push = |lines: &[Range<usize>], between: &str| {
        let parts: Vec<&str> = lines.iter().map(|line| text[line.clone()].trim()).collect();
        if let (Some(first), Some(last)) = (lines.first(), lines.last())
            && trigger.is_match(&parts.join(between))
        {
            found.push(Joined { range: first.start..last.end, column: between.is_empty() });
        }
    };
    match shape {
        Shape::Character if (2..=MOST_CHARACTERS).contains(&run.len()) => {
            let first = run.iter().filter_map(|line| text[line.clone()].trim().chars().next());
            let (han, letters) = first.fold((0, 0), |(han, letters), char| {
                (han + usize::from(is_han(char)), letters + usize::from(char.is_alphabetic() && !is_han(char)))
            });
            if han >= 2 || letters >= LEAST_LETTERS {
                push(run, "");
            }
        }
        Shape::Capitals => {
            for count in 2..=MOST_LINES {
                run.windows(count).for_each(|lines| push(lines, " "));
            }
        }
        _ => {}
    }
}

fn shape_of(line: &str) -> Shape {
    let line = line.trim();
    // Most lines have a small letter, and need not be made plain.
    if line.is_empty() || line.len() > LINE_BYTES || line.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Shape::Other;
    }
    let plain: Cow<'_, str> = if line.is_ascii() { line.into() } else { line.nfkc().collect() };
    let line = plain.as_ref();
    let mut chars = line.chars();
    let one = (chars.next(), chars.next());
    let alone = |char: char| is_han(char) || matches!(char, '★' | '☆') || char.is_uppercase();
    if matches!(one, (Some(char), None) if alone(char)) || is_term(line) {
        return Shape::Character;
    }
    let is_capital =
        |char: char| char.is_uppercase() || matches!(char, ' ' | '-' | '–' | '—' | '/' | '&' | '.' | '(' | ')');
    let words = line.split(' ').filter(|word| !word.is_empty()).count();
    let is_capitals = line.chars().all(is_capital) && line.contains(char::is_uppercase);
    if is_capitals && words <= LINE_WORDS { Shape::Capitals } else { Shape::Other }
}

/// `10`, `10年`: the number of a term, with or without its unit.
fn is_term(line: &str) -> bool {
    let digits = line.trim_end_matches(['年', '月', '个']);
    (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::rules::Rules;
    use super::*;

    fn seen(text: &str) -> Vec<(&str, bool)> {
        let rules = Rules::built_in().expect("the built-in rules compile");
        joined(text, &rules.trigger).into_iter().map(|one| (&text[one.range], one.column)).collect()
    }

    #[test]
    fn words_in_capitals_and_single_characters_are_joined() {
        assert_eq!(seen("x\nTOP\nSECRET\n\nthe plan"), [("TOP\nSECRET", false)]);
        assert_eq!(seen("机\n密\n★\n1\n0\n年\n"), [("机\n密\n★\n1\n0\n年", true)]);
        assert_eq!(seen("机\n密\n★\n１\n\u{f98e}\n"), [("机\n密\n★\n１\n\u{f98e}", true)]);
        assert_eq!(seen("S\nE\nC\nR\nE\nT"), [("S\nE\nC\nR\nE\nT", true)]);
    }

    #[test]
    fn columns_of_tables_and_lines_of_other_words_are_not() {
        assert_eq!(seen("A\nB\nC\n1\n2\n"), []);
        assert_eq!(seen("The top\nSECRET"), []);
        assert_eq!(seen("TOP\n\nSECRET"), []);
        assert_eq!(seen("HARBOUR\nPLAN"), []);
        assert_eq!(seen(&"密\n机\n".repeat(20)), []);
    }
}
