//! What recognition makes of digits, undone: letters where a number has digits. Only a check can tell whether it was right, so
//! only types with one are repaired.

/// Different characters that may have been misread in one value.
const MOST_KINDS: usize = 3;

/// A text with letters amid digits read as digits.
pub(super) struct Repaired {
    pub text: String,
    /// For each byte of the text the byte it stands for, and one for its end.
    source: Vec<usize>,
    /// Bytes of the text that were put in, and the characters they were.
    changed: Vec<(usize, char)>,
}

impl Repaired {
    /// None where there is nothing to repair. `careful`: values have letters of their own, and one stands for a digit only if
    /// digits are on both sides, or the line ends there.
    pub(super) fn of(text: &str, careful: bool) -> Option<Self> {
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let mut repaired = Self {
            text: String::with_capacity(text.len()),
            source: Vec::with_capacity(text.len() + 1),
            changed: Vec::new(),
        };
        for (index, &(at, char)) in chars.iter().enumerate() {
            let near = |step: isize| {
                let mut near = index.checked_add_signed(step);
                // Over blanks and over characters that are in doubt themselves.
                for _ in 0..6 {
                    let Some(&(_, other)) = near.and_then(|at| chars.get(at)) else { return false };
                    if other.is_ascii_digit() {
                        return true;
                    }
                    if other != ' ' && digit(other).is_none() {
                        return false;
                    }
                    near = near.and_then(|at| at.checked_add_signed(step.signum()));
                }
                false
            };
            let ends = |index: usize| chars.get(index + 1).is_none_or(|(_, next)| *next == '\n');
            let put = match digit(char) {
                Some(digit) if near(-1) && (near(1) || ends(index)) || !careful && (near(-1) || near(1)) => Some(digit),
                _ if matches!(char, '×' | '火' | '乂') && near(-1) => Some('X'),
                _ => None,
            };
            let written = put.unwrap_or(char);
            if put.is_some() {
                repaired.changed.push((repaired.text.len(), char));
            }
            repaired.source.extend(std::iter::repeat_n(at, written.len_utf8()));
            repaired.text.push(written);
        }
        repaired.source.push(text.len());
        (!repaired.changed.is_empty()).then_some(repaired)
    }

    /// The bytes of the original that a range stands for.
    pub(super) fn source(&self, start: usize, end: usize) -> (usize, usize) {
        (self.source[start], self.source[end])
    }

    /// Whether what was changed in a range is little: few different characters, and less than was read well.
    pub(super) fn is_credible(&self, start: usize, end: usize) -> bool {
        let mut kinds: Vec<char> =
            self.changed.iter().filter(|(at, _)| (start..end).contains(at)).map(|(_, char)| *char).collect();
        let changed = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        changed > 0 && kinds.len() <= MOST_KINDS && changed * 2 < end - start
    }
}

/// The digit that recognition makes such a letter of.
fn digit(char: char) -> Option<char> {
    Some(match char {
        'O' | 'o' | 'D' | 'Q' => '0',
        'l' | 'I' | '|' | 'i' => '1',
        'Z' => '2',
        'S' | 's' => '5',
        'B' => '8',
        'b' => '6',
        'q' => '9',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_amid_digits_become_digits_and_words_stay() {
        let repaired = Repaired::of("身份证号 l10105l9491231002×, BOSS", false).expect("repaired");
        assert_eq!(repaired.text, "身份证号 11010519491231002X, BOSS");
        let (start, end) = (repaired.text.find('1').expect("a digit"), repaired.text.find(',').expect("there"));
        assert!(repaired.is_credible(start, end));
        let (from, to) = repaired.source(start, end);
        assert_eq!(&"身份证号 l10105l9491231002×, BOSS"[from..to], "l10105l9491231002×");
    }

    #[test]
    fn what_was_mostly_misread_is_not_repaired() {
        let repaired = Repaired::of("1OOOOOOO2", false).expect("changed");
        assert!(!repaired.is_credible(0, 9));
        assert!(Repaired::of("plain words", false).is_none());
    }
}
