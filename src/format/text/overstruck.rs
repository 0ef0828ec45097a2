//! Text as printers and manual pages print it bold and underlined: a letter, a step back, and the letter or a line over it.

/// The step back.
const BACK: char = '\u{8}';

/// A text as it looks on paper: of what is printed over each other the letter counts, and not the line.
pub(super) fn as_printed(text: String) -> String {
    if !text.contains(BACK) {
        return text;
    }
    let mut printed = String::with_capacity(text.len());
    // What was stepped back over, the leftmost last.
    let mut under: Vec<char> = Vec::new();
    for c in text.chars() {
        match c {
            BACK if printed.ends_with('\n') => {}
            BACK => under.extend(printed.pop()),
            '\n' | '\u{c}' => {
                printed.extend(under.drain(..).rev());
                printed.push(c);
            }
            _ => match under.pop() {
                Some(before) if matches!(c, '_' | ' ') => printed.push(before),
                _ => printed.push(c),
            },
        }
    }
    printed.extend(under.into_iter().rev());
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_twice_reads_once() {
        for (text, expected) in [
            ("T\u{8}TO\u{8}OP\u{8}P", "TOP"),
            ("_\u{8}T_\u{8}O_\u{8}P SECRET", "TOP SECRET"),
            ("T\u{8}_O\u{8}_P\u{8}_", "TOP"),
            ("T\u{8}T\u{8}T\u{8}TOP", "TOP"),
            ("___\u{8}\u{8}\u{8}TOP", "TOP"),
            ("TOP\u{8}\u{8}\u{8}___ SECRET", "TOP SECRET"),
            ("机\u{8}机密\u{8}密", "机密"),
            ("a line\u{8}\u{8}\nTOP", "a line\nTOP"),
            ("\u{8}TOP\n\u{8}SECRET\u{8}", "TOP\nSECRET"),
        ] {
            assert_eq!(as_printed(text.to_owned()), expected, "{text:?}");
        }
    }
}
