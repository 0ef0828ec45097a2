//! Traditional Chinese characters as simplified ones: one table for all who compare text.

use std::sync::LazyLock;

/// Pairs of a traditional character and the simplified one that is taken instead.
pub(crate) const TABLE: &str = include_str!("../models/traditional.txt");

/// First and last character of the directly addressed part of the table.
const DIRECT: std::ops::RangeInclusive<char> = '\u{3400}'..='\u{9fff}';

/// The pairs of [`TABLE`]: direct for the basic plane, sorted for the few beyond it.
struct Simplified {
    direct: Vec<char>,
    beyond: Vec<(char, char)>,
}

static SIMPLIFIED: LazyLock<Simplified> = LazyLock::new(|| {
    let mut table = Simplified { direct: DIRECT.collect(), beyond: Vec::new() };
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut pair = line.chars();
        let (Some(from), Some(to)) = (pair.next(), pair.next()) else { continue };
        match place(from).and_then(|index| table.direct.get_mut(index)) {
            Some(slot) => *slot = to,
            None => table.beyond.push((from, to)),
        }
    }
    table.beyond.sort_unstable();
    table
});

fn place(c: char) -> Option<usize> {
    u32::from(c).checked_sub(u32::from(*DIRECT.start())).and_then(|index| usize::try_from(index).ok())
}

/// The simplified character of a traditional one; any other character as it is.
pub(crate) fn simplified(c: char) -> char {
    let Some(index) = place(c) else { return c };
    let table = &*SIMPLIFIED;
    match table.direct.get(index) {
        Some(&to) => to,
        None => table.beyond.binary_search_by_key(&c, |pair| pair.0).map_or(c, |found| table.beyond[found].1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_beyond_the_basic_plane_are_folded_too() {
        let (from, to) = SIMPLIFIED.beyond[0];
        assert_eq!(simplified(from), to);
    }

    #[test]
    fn every_pair_of_the_table_leads_to_a_character_that_stays() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let pair: Vec<char> = line.chars().collect();
            assert_eq!(pair.len(), 2, "{line}");
            assert_eq!((simplified(pair[0]), simplified(pair[1])), (pair[1], pair[1]), "{line}");
        }
    }
}
