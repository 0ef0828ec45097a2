//! Text that a mark of direction shows from right to left (U+202E, right-to-left override): written backwards it reads forwards.
//!
//! What is read of a document is in the order of its characters. What people see is a page beside it and does not replace it.

/// Overrides inside one another that count, as Unicode has it; the others are as if they were not there.
const DEPTH: usize = 125;

/// The mark that shows what follows from right to left, to the end of its line or the mark that ends it.
pub(in crate::format) const OVERRIDE: char = '\u{202e}';
/// The mark that shows it from left to right again.
pub(in crate::format) const OVERRIDE_BACK: char = '\u{202d}';
/// The mark that ends either.
pub(in crate::format) const POP: char = '\u{202c}';
/// The mark that ends an isolate, and all that is open inside of it.
const POP_ISOLATE: char = '\u{2069}';

/// Brackets, which are shown as their counterparts from right to left: the one at an even place is that of the one behind it.
const BRACKETS: &str = "()[]{}<>（）［］《》〈〉【】〔〕「」『』«»";

/// The lines that hold such marks as they are shown, without the others.
pub(super) fn displayed(text: &str) -> String {
    let mut all = String::new();
    if !text.contains(OVERRIDE) {
        return all;
    }
    for line in text.lines().filter(|line| line.contains(OVERRIDE)) {
        all.extend(shown(line));
        all.push('\n');
    }
    all
}

/// A piece of a line in the order in which it is shown, and in which direction that is.
#[derive(Default)]
struct Piece {
    characters: Vec<char>,
    is_turned: bool,
    /// Whether another mark ends it than that of the others.
    is_isolate: bool,
}

impl Piece {
    /// Puts this piece, which ends, behind what is there of the one around it.
    fn close(mut self, around: &mut Self) {
        if self.is_turned {
            self.characters.reverse();
        }
        // The piece around it is turned as a whole when it ends, and this one with it.
        match around.is_turned {
            true => around.characters.extend(self.characters.iter().rev()),
            false => around.characters.append(&mut self.characters),
        }
    }
}

fn shown(line: &str) -> Vec<char> {
    let mut open = vec![Piece::default()];
    let mut too_deep = 0_usize;
    for c in line.chars() {
        match c {
            // Embeddings, overrides and isolates: of those from right to left letters of Latin and Han keep their order in all but
            // the override.
            '\u{202a}' | '\u{202b}' | OVERRIDE_BACK | OVERRIDE | '\u{2066}'..='\u{2068}' => {
                if open.len() > DEPTH {
                    too_deep += 1;
                } else {
                    let is_isolate = matches!(c, '\u{2066}'..='\u{2068}');
                    open.push(Piece { is_turned: c == OVERRIDE, is_isolate, ..Piece::default() });
                }
            }
            POP | POP_ISOLATE if too_deep > 0 => too_deep -= 1,
            POP => {
                if open.len() > 1 && !open.last().is_some_and(|piece| piece.is_isolate) {
                    end(&mut open);
                }
            }
            POP_ISOLATE => {
                if let Some(at) = open.iter().rposition(|piece| piece.is_isolate) {
                    while open.len() > at {
                        end(&mut open);
                    }
                }
            }
            c => {
                if let Some(piece) = open.last_mut() {
                    piece.characters.push(if piece.is_turned { counterpart(c) } else { c });
                }
            }
        }
    }
    while open.len() > 1 {
        end(&mut open);
    }
    open.pop().map(|piece| piece.characters).unwrap_or_default()
}

fn end(open: &mut Vec<Piece>) {
    let inner = open.pop();
    if let (Some(inner), Some(around)) = (inner, open.last_mut()) {
        inner.close(around);
    }
}

fn counterpart(c: char) -> char {
    BRACKETS.chars().position(|bracket| bracket == c).and_then(|at| BRACKETS.chars().nth(at ^ 1)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_backwards_under_an_override_is_read_as_it_is_shown() {
        for (text, expected) in [
            ("plain\nTOP SECRET", ""),
            ("first\n\u{202e}TERCES POT\u{202c} for all\nlast", "TOP SECRET for all\n"),
            ("\u{202e}TERCES POT", "TOP SECRET\n"),
            ("a \u{202e}【年01★密机】\u{202c} b", "a 【机密★10年】 b\n"),
            // From left to right again inside of it, and one in an isolate.
            ("\u{202e}TERCES\u{202d}TOP \u{202c}", "TOP SECRET\n"),
            ("\u{2067}\u{202e}密机\u{202c}\u{2069}", "机密\n"),
            // A mark that ends nothing, and one that ends what is open inside as well.
            ("\u{202e}TERCES\u{2069} POT", "TOP SECRET\n"),
            ("\u{2068}\u{202e}TERCES\u{2069} no", "SECRET no\n"),
            ("\u{202e}TERCES\u{2068}\u{202c} \u{2069}POT", "TOP SECRET\n"),
        ] {
            assert_eq!(displayed(text), expected, "{text:?}");
        }
        let deep = format!("{}TERCES", "\u{202e}".repeat(100_000));
        assert_eq!(displayed(&deep).trim().chars().count(), 6);
    }

    proptest::proptest! {
        #[test]
        fn every_character_is_shown(text in "[ab(\u{202a}-\u{202e}\u{2066}-\u{2069}\n]{0,60}") {
            let letters = |text: &str| text.chars().filter(|c| matches!(c, 'a' | 'b')).count();
            let marked: String = text.lines().filter(|line| line.contains(OVERRIDE)).collect();
            proptest::prop_assert_eq!(letters(&displayed(&text)), letters(&marked));
        }
    }
}
