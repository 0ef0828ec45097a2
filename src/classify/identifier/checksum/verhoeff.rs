//! Verhoeff: a check digit from the dihedral group D5; it notices every single error and every swap of neighbours.

const PRODUCT: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

const PERMUTATION: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// Whether digits, the last of them the check digit, pass.
pub(super) fn passes(digits: &[u8]) -> bool {
    let check = digits.iter().rev().enumerate().fold(0_u8, |check, (i, &digit)| {
        let permuted = PERMUTATION[i % 8][usize::from(digit) % 10];
        PRODUCT[usize::from(check)][usize::from(permuted)]
    });
    !digits.is_empty() && check == 0
}

/// Verhoeff alone, for digits of any length from 2 to 32.
pub(super) fn verhoeff(text: &str) -> bool {
    let plain = (2..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain && passes(&text.bytes().map(|b| b - b'0').collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_passes() {
        assert!(verhoeff("2363") && !verhoeff("2364") && !verhoeff("2336"));
    }
}
