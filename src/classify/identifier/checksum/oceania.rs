//! National numbers of Australia and New Zealand, separators stripped.

use super::digits::{digits, number, uniform};
use super::weighted::{complement, sum};

/// Australia: tax file number of 8 or 9 digits: weights 1 4 3 7 5 8 6 9 10, modulo 11.
pub(super) fn au_tfn(text: &str) -> bool {
    let weights = [1, 4, 3, 7, 5, 8, 6, 9, 10];
    let passes = |d: &[u8]| !uniform(d) && sum(d, &weights) % 11 == 0;
    digits::<9>(text).map_or_else(|| digits::<8>(text).is_some_and(|d| passes(&d)), |d| passes(&d))
}

/// Australia: business number: one less in the first digit, modulo 89.
pub(super) fn au_abn(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    d[0] != 0 && (sum(&d, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 == 0
}

/// Australia: Medicare card: 2 to 6 leads, weights 1 3 7 9, modulo 10; then the issue, from 1.
pub(super) fn au_medicare(text: &str) -> bool {
    let Some(d) = text.get(..10).and_then(digits::<10>) else { return false };
    let person = matches!(text.as_bytes().get(10), None | Some(b'0'..=b'9')) && text.len() <= 11;
    person && matches!(d[0], 2..=6) && d[9] != 0 && sum(&d[..8], &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == i32::from(d[8])
}

/// New Zealand: IRD number: two rounds of weights modulo 11.
pub(super) fn nz_ird(text: &str) -> bool {
    let Some(d) = digits::<9>(&format!("{text:0>9}")) else { return false };
    let first = complement(sum(&d[..8], &[3, 2, 7, 6, 5, 4, 3, 2]), 11);
    let second = complement(sum(&d[..8], &[7, 4, 3, 2, 5, 2, 7, 6]), 11);
    let issued = number(text).is_some_and(|n| (10_000_000..150_000_000).contains(&n));
    issued && i32::from(d[8]) == if first == 10 { second } else { first }
}
