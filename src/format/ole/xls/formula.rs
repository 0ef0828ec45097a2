//! Texts in the formulas of binary workbooks of Excel 97 and later: a walk over tokens, whose sizes are known.

use super::super::bytes::{size, u16};
use super::strings::Reader;
use crate::format::formulas::Texts;

/// Takes the texts of a formula's tokens. A token that is not known ends the walk: what follows has no known beginning.
pub(super) fn texts(tokens: &[u8], into: &mut Texts, most: usize) {
    let mut at = 0_usize;
    while let Some(&token) = tokens.get(at) {
        let behind = at.saturating_add(1);
        let operands = match token {
            // A text: its length in characters, and how they are written.
            0x17 => {
                let (Some(count), Some(flags)) = (tokens.get(behind), tokens.get(behind + 1)) else { return };
                let mut reader = Reader::new(vec![tokens.get(behind + 1..).unwrap_or_default()]);
                if let Some(text) = reader.string(usize::from(*count)) {
                    into.add(&text, most);
                }
                let width = if flags & 1 == 1 { 2 } else { 1 };
                2 + usize::from(*count) * width
            }
            // An attribute; a choice has a table of jumps.
            0x19 => {
                let jumps = tokens.get(behind).is_some_and(|flags| flags & 4 == 4);
                let count = u16(tokens, behind + 1).map_or(0, usize::from);
                3 + if jumps { 2 * (count + 1) } else { 0 }
            }
            _ => match operands(token) {
                Some(operands) => operands,
                None => return,
            },
        };
        at = behind.saturating_add(operands);
    }
}

/// Bytes behind a token; none if it is not known.
fn operands(token: u8) -> Option<usize> {
    // Tokens of references come in three classes.
    let plain = if token >= 0x40 { token & 0x1f | 0x20 } else { token };
    Some(match plain {
        0x03..=0x16 => 0,
        0x1c | 0x1d => 1,
        0x1e | 0x21 | 0x29 => 2,
        0x22 => 3,
        0x01 | 0x02 | 0x23 | 0x24 | 0x2a | 0x2c => 4,
        0x26..=0x28 | 0x39 | 0x3a | 0x3c => 6,
        0x20 => 7,
        0x1f | 0x25 | 0x2b | 0x2d => 8,
        0x3b | 0x3d => 10,
        _ => return None,
    })
}

/// The tokens of a record of a formula in a cell.
pub(super) fn tokens(body: &[u8]) -> &[u8] {
    let length = size(&[body.get(20..22).unwrap_or_default(), &[0, 0]].concat(), 0).unwrap_or_default();
    body.get(22..).map(|rest| &rest[..rest.len().min(length)]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tokens: &[u8]) -> Vec<String> {
        let mut into = Texts::default();
        texts(tokens, &mut into, 1000);
        into.lines().map(str::to_owned).collect()
    }

    #[test]
    fn texts_are_found_between_other_tokens() {
        let condition = [0x44, 0, 0, 0, 0, 0x1e, 5, 0, 0x0d, 0x19, 2, 9, 0];
        let narrow = [b"\x17\x06\0secret".as_slice(), b"\x19\x08\x03\0"].concat();
        let wide = b"\x17\x02\x01\x3a\x67\xc6\x5b\x42\x03\x01\0";
        assert_eq!(found(&[condition.as_slice(), &narrow, wide].concat()), ["secret", "机密"]);
    }

    #[test]
    fn what_is_not_known_ends_the_walk_and_a_text_that_is_cut_off_is_read_as_far_as_it_goes() {
        assert_eq!(found(b"\x17\xff\0abc"), ["abc"]);
        assert_eq!(found(b"\x7f\x17\x03\0abc"), [""; 0]);
    }

    proptest::proptest! {
        #[test]
        fn no_tokens_make_the_walk_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            found(&bytes);
            tokens(&bytes);
        }
    }
}
