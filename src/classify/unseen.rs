//! Characters that nobody sees, which markings and identifiers are found without.

/// Soft hyphens, what joins and directs characters, and what chooses between two pictures of one (an emoji, a plain sign).
pub(super) fn is_unseen(char: char) -> bool {
    matches!(
        char,
        '\u{ad}'
            | '\u{34f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{fe0e}'
            | '\u{fe0f}'
            | '\u{feff}'
    )
}
