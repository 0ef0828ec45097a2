//! Secrets in a column: what stands below `Password` in a table. There nothing of a value tells its kind but the heading, so a cell
//! counts as a whole, and what people write into such a column besides secrets (`set`, `n/a`, dates, days) does not.

use std::collections::HashSet;
use std::ops::Range;

use super::candidate::{Hit, Look, Seen};
use super::checksum::Check;
use super::table::Table;

/// A column varies if it has so many different values; of five cells one at most repeats another, and one at most is no value.
const LEAST_DIFFERENT: usize = 3;
/// Numbers that are given out one after the other rise by no more each, in the mean.
const MOST_STEP: u64 = 5;

/// All values of a type in the columns of a table, which is in parts.
pub(super) fn find(look: &Look<'_>, kind: usize, parts: &[Table], seen: &mut Seen) {
    let one = &look.rules.types[kind];
    let cells: Vec<Range<usize>> = parts.iter().flat_map(|part| part.cells(look.text, kind)).collect();
    let doubted = parts.iter().any(|part| part.doubts(kind));
    let (headed, named) = (parts.iter().any(Table::is_headed), parts.iter().any(|part| part.labels(kind)));
    let passes = |check: Option<Check>, cell: &Range<usize>| {
        let value = &look.text[cell.clone()];
        let is_none = doubted && is_unsure(look, kind, value);
        !is_none && check.is_some_and(|check| check(value)) && one.end_at_start(value) == Some(value.len())
    };
    let (sure, left): (Vec<_>, Vec<_>) = cells.iter().cloned().partition(|cell| passes(one.check, cell));
    let mut found: Vec<Range<usize>> =
        left.into_iter().filter(|cell| passes(one.varied, cell)).chain(sure.clone()).collect();
    found.sort_unstable_by_key(|cell| cell.start);
    let mostly = found.len() * 5 >= cells.len() * 4;
    if !(headed && mostly && varies(look.text, &found)) {
        found = sure;
    }
    seen.hits.extend(found.into_iter().map(|cell| hit(look, kind, named, cell)));
}

fn hit(look: &Look<'_>, kind: usize, named: bool, cell: Range<usize>) -> Hit {
    let one = &look.rules.types[kind];
    let keyword = named || look.is_near(kind, &cell);
    let [alone, labelled, ..] = one.entry.confidence;
    Hit {
        kind,
        start: cell.start,
        end: cell.end,
        confidence: if keyword && !is_unsure(look, kind, &look.text[cell.clone()]) { labelled } else { alone },
        level: one.level,
        value: look.text[cell].to_owned(),
        keyword,
        heading: None,
        formed: false,
        checked: true,
        repaired: false,
        test_number: false,
    }
}

/// Whether a cell has a form that the type shares with others.
fn is_unsure(look: &Look<'_>, kind: usize, value: &str) -> bool {
    look.rules.types[kind].unsure.as_ref().is_some_and(|unsure| unsure.is_match(value))
}

/// Whether values hardly repeat, and are not counted: states and serial numbers are no secrets.
fn varies(text: &str, cells: &[Range<usize>]) -> bool {
    let values: Vec<&str> = cells.iter().map(|cell| &text[cell.clone()]).collect();
    let different = values.iter().collect::<HashSet<_>>().len();
    different >= LEAST_DIFFERENT && different * 5 >= values.len() * 4 && !are_counted(&values)
}

/// Whether values rise, and numbers by small or even steps: a list that is sorted by what it holds rises, too.
fn are_counted(values: &[&str]) -> bool {
    let rise = values.windows(2).all(|pair| pair[0].len() == pair[1].len() && pair[0] < pair[1]);
    // Of digits alone: `+99` stands before `010`, and is more.
    let number = |value: &&str| value.parse().ok().filter(|_| value.bytes().all(|byte| byte.is_ascii_digit()));
    let numbers: Option<Vec<u64>> = values.iter().map(number).collect();
    rise && numbers.is_none_or(|numbers| {
        let steps: Vec<u64> = numbers.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let are_small = steps.iter().sum::<u64>() <= steps.iter().map(|_| MOST_STEP).sum::<u64>();
        are_small || steps.windows(2).all(|pair| pair[0] == pair[1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_that_rise_by_small_or_even_steps() {
        assert!(are_counted(&["1001", "1002", "1004"]) && are_counted(&["1010", "1030", "1050"]));
        assert!(!are_counted(&["4482", "7103", "9255"]) && !are_counted(&["1003", "1002", "1001"]));
        assert!(are_counted(&["+99", "010", "020"]), "it rises as text");
    }
}
