//! What scripts characters are of: one range for all who ask.

/// Whether a character is written with Han characters.
pub(crate) fn is_han(char: char) -> bool {
    is_ideograph(char) || matches!(char, '々' | '〇')
}

/// Whether it is a Han character, without the sign that repeats one and the zero, which recognition takes for a letter.
pub(crate) fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}
