//! Weighted sums: most national check digits are the remainder of one, with weights and a table of the country's own.

/// The sum of values times weights; the shorter of the two ends it.
pub(super) fn sum(values: &[u8], weights: &[i32]) -> i32 {
    values.iter().zip(weights).map(|(&value, weight)| i32::from(value) * weight).sum()
}

/// What completes the sum to a multiple of `modulus`, below `modulus`.
pub(super) fn complement(sum: i32, modulus: i32) -> i32 {
    (-sum).rem_euclid(modulus)
}

/// Whether a character is the one the table holds for this remainder.
pub(super) fn letter(table: &str, remainder: i32, found: u8) -> bool {
    usize::try_from(remainder).is_ok_and(|index| table.as_bytes().get(index) == Some(&found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_complements() {
        assert_eq!(sum(&[1, 2, 3], &[3, 2, 1]), 10);
        assert_eq!(complement(10, 11), 1);
        assert_eq!(complement(22, 11), 0);
        assert!(letter("XYZ", 2, b'Z') && !letter("XYZ", 3, b'Z') && !letter("XYZ", -1, b'X'));
    }
}
