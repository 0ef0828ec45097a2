//! Real calendar dates. A number whose check digit is right and whose date does not exist is no identity number.
//!
//! Dates of birth also do not lie far in the future. Results must not depend on the day, or the same files would give
//! different findings tomorrow: a constant ends the calendar, not the clock.

use super::digits::pair;

/// The last year in which a birthday is believed. Move it on now and then.
const LAST_YEAR: u32 = 2035;

/// Whether the day exists in the Gregorian calendar.
pub(super) fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Whether the day exists and is not after the last year.
pub(super) fn past(year: u32, month: u32, day: u32) -> bool {
    year <= LAST_YEAR && exists(year, month, day)
}

/// Whether the day exists in one of the centuries that a two-digit year may mean (1800s, 1900s, 2000s). 1900 was no
/// leap year, but 2000 was, so 29 February of the year 00 passes.
pub(super) fn any_century(year: u32, month: u32, day: u32) -> bool {
    [1800, 1900, 2000].iter().any(|century| past(century + year % 100, month, day))
}

/// The same for six digits in the order year, month, day.
pub(super) fn yymmdd(d: &[u8]) -> bool {
    d.len() == 6 && any_century(pair(d[0], d[1]), pair(d[2], d[3]), pair(d[4], d[5]))
}

/// The same for six digits in the order day, month, year.
pub(super) fn ddmmyy(d: &[u8]) -> bool {
    d.len() == 6 && any_century(pair(d[4], d[5]), pair(d[2], d[3]), pair(d[0], d[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_known() {
        assert!(exists(2000, 2, 29) && exists(2024, 2, 29));
        assert!(!exists(1900, 2, 29) && !exists(2023, 2, 29) && !exists(2023, 4, 31) && !exists(2023, 13, 1));
        assert!(!exists(2023, 1, 0));
    }

    #[test]
    fn the_future_is_no_birthday() {
        assert!(past(1990, 3, 7));
        assert!(past(LAST_YEAR, 12, 31) && !past(LAST_YEAR + 1, 1, 1));
    }
}
