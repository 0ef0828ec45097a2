//! Values in text that was written, not recognized: there they look as they should, so all types are looked for at once, in one
//! walk from each place where a value may begin.

use std::ops::Range;

use super::candidate::{Look, Seen};
use super::cluster::clusters;
use super::rules::Way;

/// Bytes of a value whose pattern knows no end.
const LONGEST: usize = 2048;

/// All values of the types that are looked for where there are digits, and at signs.
pub(super) fn find(look: &Look<'_>, seen: &mut Seen) {
    // Where each type goes on: behind its last value. Some need a keyword, and the page has none.
    let types = 0..look.rules.types.len();
    let mut next: Vec<usize> = types.map(|kind| if look.can_tell(kind) { 0 } else { usize::MAX }).collect();
    at_digits(look, &mut next, seen);
    at_signs(look, &mut next, seen);
}

fn at_digits(look: &Look<'_>, next: &mut [usize], seen: &mut Seen) {
    let rules = look.rules;
    let bytes = look.text.as_bytes();
    let reach = reach(look);
    let mut walk = rules.at_digits.walk();
    for cluster in clusters(look.text, &rules.all_signs) {
        for start in starts(bytes, cluster.clone()) {
            walk.types_at(&bytes[start..bytes.len().min(start + reach)], &mut |kind| {
                let one = &rules.types[kind];
                if next[kind] > start {
                    return;
                }
                let end = if one.way == Way::Cluster { cluster.end } else { bytes.len() };
                let most = start + one.outline.bytes.unwrap_or(LONGEST);
                let limit = look.text.ceil_char_boundary(most.min(end));
                if let Some(end) = look.take(kind, start, limit, seen) {
                    next[kind] = end;
                }
            });
        }
    }
}

fn at_signs(look: &Look<'_>, next: &mut [usize], seen: &mut Seen) {
    let rules = look.rules;
    let bytes = look.text.as_bytes();
    let reach = reach(look);
    let mut walk = rules.at_signs.walk();
    for at in rules.outline_signs.places(bytes) {
        let word = bytes[..at].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        for start in [at - word, at].into_iter().skip(usize::from(word == 0)) {
            walk.types_at(&bytes[start..bytes.len().min(start + reach)], &mut |kind| {
                let most = start + rules.types[kind].outline.bytes.unwrap_or(LONGEST);
                if next[kind] <= start
                    && let Some(end) = look.take(kind, start, look.text.ceil_char_boundary(most), seen)
                {
                    next[kind] = end;
                }
            });
        }
    }
}

/// Bytes that are looked at from each place: the longest value that any pattern allows, so that a text of nothing but beginnings
/// is not walked to its end again and again.
fn reach(look: &Look<'_>) -> usize {
    look.rules.types.iter().filter_map(|one| one.outline.bytes).fold(LONGEST, usize::max)
}

/// Where a value may begin: not inside of a word.
fn starts(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
    let mut inside = range.start > 0 && bytes[range.start - 1].is_ascii_alphanumeric();
    range.filter(move |&at| {
        let byte = bytes[at];
        let was_inside = std::mem::replace(&mut inside, byte.is_ascii_alphanumeric());
        !(was_inside && inside)
    })
}
