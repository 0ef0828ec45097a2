//! Days that are written in a text, in figures or with the name of the month.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::classify::pattern::constant;

/// A day as year, month and day; an end of a month is always the 31st.
pub(super) type Day = (u32, u32, u32);

static YEAR_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?-u:\b)((?:19|20|21)[0-9]{2})(?:([0-9]{2})([0-9]{2})(?-u:\b)| ?年 ?(?:([0-9]{1,2}) ?月 ?(?:([0-9]{1,2}) ?日)?)?|[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?-u:\b)|(?-u:\b))",
    )
});
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)(?:([0-9]{1,2})(?:st|nd|rd|th)?[ -])?(?-u:\b)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?[ ,-]{1,2}(?:([0-9]{1,2})(?:st|nd|rd|th)?,? ?)?((?:19|20|21)[0-9]{2})(?-u:\b)",
    )
});

/// The latest day that a text names. Of a year alone it is the first day, of a month alone too.
pub(super) fn latest(text: &str) -> Option<Day> {
    let number = |found: &Captures<'_>, at: usize| found.get(at).and_then(|part| part.as_str().parse().ok());
    let year_first = YEAR_FIRST.captures_iter(text).filter_map(|found| {
        let first = |places: [usize; 3]| places.into_iter().find_map(|at| number(&found, at)).unwrap_or(1);
        Some((number(&found, 1)?, first([2, 4, 6]), first([3, 5, 7])))
    });
    let named = DAY_FIRST.captures_iter(text).filter_map(|found| {
        let month = found.get(2)?.as_str().to_ascii_lowercase();
        let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        let month = months.iter().zip(1..).find(|(name, _)| **name == month).map_or(1, |(_, month)| month);
        Some((number(&found, 4)?, month, number(&found, 1).or_else(|| number(&found, 3)).unwrap_or(1)))
    });
    year_first.chain(named).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_however_it_is_written() {
        for text in [
            "20480105",
            "2048-01-05",
            "2048年1月5日",
            "于2048年01月05日解密",
            "5 January 2048",
            "January 5, 2048",
            "5 JAN 2048",
        ] {
            assert_eq!(latest(text), Some((2048, 1, 5)), "{text}");
        }
        assert_eq!(latest("in March 2048"), Some((2048, 3, 1)));
        assert_eq!(latest("3 March 1999, again 2048"), Some((2048, 1, 1)));
        assert_eq!(latest("E.O. 13526, box 204811"), None);
    }
}
