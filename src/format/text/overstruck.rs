//! Text as printers and manual pages print it bold and underlined: a letter, a step back, and the letter or a line over it.

/// The step back.
const BACK: char = '\u{8}';

/// A text as it looks on paper: of what is printed over each other the letter counts, and not the line.
pub(super) fn as_printed(text: String) -> String {
    if !text.contains(BACK) {
        return text;
    }
    let mut printed = String::with_capacity(text.len());
    // What was stepped back over, the leftmost last, and what was typed over other letters.
    let (mut under, mut over): (Vec<char>, String) = (Vec::new(), String::new());
    for c in text.chars() {
        match c {
            BACK if printed.ends_with(['\n', '\u{c}']) => {}
            BACK => under.extend(printed.pop()),
            '\n' | '\u{c}' => {
                printed.extend(under.drain(..).rev());
                append(&mut printed, &mut over);
                printed.push(c);
            }
            _ => match under.pop() {
                Some(before) if matches!(c, '_' | ' ') => printed.push(before),
                // Over another letter, as where somebody goes back and types again: both are kept.
                Some(before) if before != c && !matches!(before, '_' | ' ') => {
                    printed.push(before);
                    over.push(c);
                }
                _ => printed.push(c),
            },
        }
    }
    printed.extend(under.into_iter().rev());
    append(&mut printed, &mut over);
    printed
}

/// Puts what was typed over the letters of a line on a line of its own below it.
fn append(printed: &mut String, over: &mut String) {
    if !over.is_empty() {
        printed.push('\n');
        printed.push_str(over);
        over.clear();
    }
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
            ("TOP\u{8}\u{8}\u{8}abc x\nplan", "TOP x\nabc\nplan"),
            ("TOP\u{c}\u{8}SECRET", "TOP\u{c}SECRET"),
            ("a line\u{8}\u{8}\nTOP", "a line\nTOP"),
            ("\u{8}TOP\n\u{8}SECRET\u{8}", "TOP\nSECRET"),
        ] {
            assert_eq!(as_printed(text.to_owned()), expected, "{text:?}");
        }
    }
}
