//! What a pattern says of its matches before it is run: how many letters and digits they have, how many bytes at most, and
//! which signs stand in them. With that most places are passed over without asking the pattern.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Letters and digits of a value that are told apart; more count as so many.
pub(super) const MOST_CHARS: usize = 63;

/// What is known of every match of a pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// ASCII letters and digits, at least.
    pub least: usize,
    /// And at most, up to [`MOST_CHARS`].
    pub most: usize,
    /// Digits, at least.
    pub digits: usize,
    /// Bytes, at most, where that is known.
    pub bytes: Option<usize>,
    /// A bit for each number of letters and digits that a match may have.
    pub lengths: u64,
}

impl Shape {
    /// That of a pattern.
    pub(super) fn of(pattern: &str) -> anyhow::Result<Self> {
        let hir = regex_syntax::Parser::new().parse(pattern)?;
        let [least, most, digits] = counts(&hir);
        let most = most.min(MOST_CHARS);
        let lengths = (least.min(MOST_CHARS)..=most).fold(0, |bits, length| bits | 1 << length);
        Ok(Self { least, most, digits, bytes: hir.properties().maximum_len(), lengths })
    }
}

/// Letters and digits at least and at most, and digits at least.
fn counts(hir: &Hir) -> [usize; 3] {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => [0; 3],
        HirKind::Literal(literal) => {
            let alphanumeric = literal.0.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
            [alphanumeric, alphanumeric, literal.0.iter().filter(|byte| byte.is_ascii_digit()).count()]
        }
        HirKind::Class(class) => of_class(class),
        HirKind::Capture(capture) => counts(&capture.sub),
        HirKind::Repetition(repetition) => {
            let [least, most, digits] = counts(&repetition.sub);
            let times = |count: usize, number: Option<u32>| {
                let number = number.and_then(|number| usize::try_from(number).ok()).unwrap_or(MOST_CHARS);
                count.saturating_mul(number)
            };
            [times(least, Some(repetition.min)), times(most, repetition.max), times(digits, Some(repetition.min))]
        }
        HirKind::Concat(parts) => {
            parts.iter().map(counts).fold([0; 3], |all, part| [0, 1, 2].map(|at| all[at] + part[at]))
        }
        HirKind::Alternation(parts) => {
            parts.iter().map(counts).reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1]), a[2].min(b[2])]).unwrap_or_default()
        }
    }
}

fn of_class(class: &Class) -> [usize; 3] {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
        Class::Bytes(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
    };
    let within = |low: char, high: char| {
        let (low, high) = (u32::from(low), u32::from(high));
        move |&(from, to): &(u32, u32)| low <= from && to <= high
    };
    let (digit, upper, lower) = (within('0', '9'), within('A', 'Z'), within('a', 'z'));
    let all = ranges.iter().all(|range| digit(range) || upper(range) || lower(range));
    let touches =
        |low: char, high: char| ranges.iter().any(|&(from, to)| from <= u32::from(high) && u32::from(low) <= to);
    let some = touches('0', '9') || touches('A', 'Z') || touches('a', 'z');
    [usize::from(all), usize::from(some), usize::from(ranges.iter().all(digit))]
}

/// The signs that stand in the matches of a pattern beside letters and digits.
pub(super) fn signs(pattern: &str) -> anyhow::Result<Vec<char>> {
    let mut signs = Vec::new();
    collect(&regex_syntax::Parser::new().parse(pattern)?, &mut signs);
    signs.sort_unstable();
    signs.dedup();
    Ok(signs)
}

fn collect(hir: &Hir, signs: &mut Vec<char>) {
    /// A class of more characters than that names no signs.
    const FEW: u32 = 128;
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => {}
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0).into_owned();
            signs.extend(text.chars().filter(|char| !char.is_ascii_alphanumeric()));
        }
        HirKind::Class(Class::Unicode(class)) => {
            for range in class.iter().filter(|range| u32::from(range.end()) - u32::from(range.start()) < FEW) {
                signs.extend((range.start()..=range.end()).filter(|char| !char.is_ascii_alphanumeric()));
            }
        }
        HirKind::Capture(capture) => collect(&capture.sub, signs),
        HirKind::Repetition(repetition) => collect(&repetition.sub, signs),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| collect(part, signs)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_tells_how_long_its_matches_are() {
        let shape = Shape::of("[1-9][0-9]{2}[ -]?(?:[0-9]{3}|[A-Z]{4})X?").expect("a pattern");
        assert_eq!(shape, Shape { least: 6, most: 8, digits: 3, bytes: Some(9), lengths: 0b1_1100_0000 });
        assert_eq!(Shape::of("[京沪][A-Z][·. ]?[0-9]+").expect("a pattern").most, MOST_CHARS);
        assert_eq!(signs("[京沪][A-Z][·. ]?[0-9]+(?:-| )?").expect("a pattern"), [' ', '-', '.', '·', '京', '沪']);
    }
}
