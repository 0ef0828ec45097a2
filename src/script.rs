//! What scripts characters are of: one range for all who ask.

/// Whether a character is written with Han characters.
pub(crate) fn is_han(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' | '々' | '〇')
}
