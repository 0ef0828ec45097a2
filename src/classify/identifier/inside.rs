//! Digits that are part of something else: of a UUID, or of a decimal number. What a program writes of a measurement or a probability,
//! `0.4539578763621486`, has as many digits behind its point as a card or a tax number, and there are thousands of them in a file.

/// Digits behind the point of a number in double precision that a program writes in full: shorter numbers are phones and the like,
/// and longer ones are not written by programs.
const DOUBLE: std::ops::RangeInclusive<usize> = 12..=17;

/// Digits of the number of an entry in a list.
const ENTRY: usize = 3;

/// Bytes around such a number in which that of the entry before or behind it is looked for.
const NEAR: usize = 4096;

/// Whether a match is nothing but digits behind the point of a decimal number. `1.` in front of an entry makes none of it where an
/// entry with the number before or the next is near.
pub(super) fn is_decimals(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let Some(point) = start.checked_sub(1).filter(|at| bytes[*at] == b'.') else { return false };
    if !DOUBLE.contains(&(end - start)) || !(start..end).all(digit) {
        return false;
    }
    let whole = digits_before(text, point, NEAR);
    let begin = point - whole;
    // A version has more points, and the name of a part a letter.
    let joined = begin.checked_sub(1).is_some_and(|at| bytes[at] == b'.' || bytes[at].is_ascii_alphabetic());
    let goes_on = bytes.get(end) == Some(&b'.') && digit(end + 1);
    whole > 0 && !joined && !goes_on && !is_entry(text, begin)
}

/// Whether a number is that of an entry in a list: entries begin a line or stand behind a semicolon or the colon of Chinese, the one
/// before has the number before, or the one behind the next.
fn is_entry(text: &str, begin: usize) -> bool {
    let Some(number) = entry_at(text, begin) else { return false };
    let from = text.floor_char_boundary(begin.saturating_sub(NEAR));
    let to = text.ceil_char_boundary((begin + NEAR).min(text.len()));
    let ends_at = |point: usize| entry_at(text, point - digits_before(text, point, ENTRY + 1));
    let above = text[from..begin].rmatch_indices('.').find_map(|(at, _)| ends_at(from + at));
    let point = begin + text[begin..to].find('.').map_or(0, |at| at + 1);
    let below = text[point..to].match_indices('.').find_map(|(at, _)| ends_at(point + at));
    let (follows, goes_on) = (above.map(|above| above + 1 == number), below.map(|below| below == number + 1));
    // Another list may end above and begin below. Measurements in order seldom fit on both sides.
    let may_follow = follows.is_none_or(|follows| follows || number == 1);
    let may_go_on = goes_on.is_none_or(|goes_on| goes_on || below == Some(1));
    (follows == Some(true) || goes_on == Some(true)) && may_follow && may_go_on
}

/// How many digits stand right before a place, as far as so many.
fn digits_before(text: &str, at: usize, most: usize) -> usize {
    text.as_bytes()[..at].iter().rev().take(most).take_while(|byte| byte.is_ascii_digit()).count()
}

/// The number of the entry that begins at a place, if one does.
fn entry_at(text: &str, begin: usize) -> Option<u16> {
    let before = text[..begin].trim_end_matches([' ', '\t', '\u{3000}']).chars().next_back();
    let begins = before.is_none_or(|c| matches!(c, '\n' | '\r' | ';' | '；' | '：'));
    let rest = &text.as_bytes()[begin..];
    let digits = rest.iter().take(ENTRY + 1).take_while(|byte| byte.is_ascii_digit()).count();
    let is_entry = begins && (1..=ENTRY).contains(&digits) && rest[0] != b'0' && rest.get(digits) == Some(&b'.');
    is_entry.then(|| text[begin..begin + digits].parse().ok()).flatten()
}

/// The groups of a UUID (RFC 9562), in characters.
const UUID: [usize; 5] = [8, 4, 4, 4, 12];
/// All of it.
const UUID_CHARACTERS: usize = 36;

/// Whether a match is digits of a UUID, or goes on into one.
pub(super) fn is_in_uuid(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let part = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    // A match with letters may be the UUID itself, as a key. Next to most numbers neither a letter nor a hyphen goes on.
    let has_letters = bytes[start..end].iter().any(u8::is_ascii_alphabetic);
    if has_letters || !(start.checked_sub(1).is_some_and(part) || part(end) || bytes[start..end].contains(&b'-')) {
        return false;
    }
    let from = (start.saturating_sub(UUID_CHARACTERS)..start).rev().take_while(|at| part(*at)).last().unwrap_or(start);
    (from..end).any(|at| {
        let whole = bytes
            .get(at..at + UUID_CHARACTERS)
            .filter(|whole| whole.iter().all(|byte| *byte == b'-' || byte.is_ascii_hexdigit()));
        whole.is_some_and(|whole| {
            whole.split(|byte| *byte == b'-').map(<[u8]>::len).eq(UUID)
                && !(at > 0 && part(at - 1))
                && !part(at + UUID_CHARACTERS)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the card number in a text stands behind a point.
    fn decimals(text: &str) -> bool {
        let digits = "4111111111111111";
        let start = text.find(digits).expect("it is there");
        is_decimals(text, start, start + digits.len())
    }

    #[test]
    fn digits_behind_a_point_are_decimals_and_entries_of_a_list_are_none() {
        for text in [
            "0.4111111111111111",
            "[12.4111111111111111, 3]",
            "-7.4111111111111111e-05",
            "x=1.4111111111111111;",
            "1.4111111111111111\n",
            "5.02\n1.4111111111111111\n3.5\n",
            "0.1\n1.5\n0.4111111111111111\n",
            "3.25\n4.4111111111111111\n3.5\n",
            "[2.25, 1.4111111111111111, 2.5]",
            "{\"a\": 1.4111111111111111, \"b\": 7.5}",
        ] {
            assert!(decimals(text), "{text}");
        }
        for text in [
            "4111111111111111",
            "No.4111111111111111",
            ".4111111111111111",
            "see above.4111111111111111",
            "A1.4111111111111111",
            "1.2.4111111111111111",
            "1.4111111111111111.2",
            "1.4111111111111111\n\n2.5500005555555559\n",
            "  1. Li\n  2.4111111111111111\n",
            "3. Wang\n4.4111111111111111\n5. Li\n",
            "1.Wang 62\r\n2.4111111111111111\r\n",
            "1.4111111111111111\n张三\n中国银行\n2.5500005555555559\n李四\n",
            "付款\n1.55\n2.4111111111111111\n收款\n1.77\n2.88\n",
            "3.4111111111111111\n4.5500005555555559\n",
            "名单：1.4111111111111111；2.5500005555555559",
        ] {
            assert!(!decimals(text), "{text}");
        }
        let long = format!("1.4111111111111111 {}\n2.5500005555555559\n", "见附件所列各项".repeat(40));
        assert!(!decimals(&long), "entries of many words");
        // Nineteen digits no program writes of a number in double precision.
        let long = "1.6228480402564890018";
        assert!(!is_decimals(long, 2, long.len()));
        let phone = "1.13800138000";
        assert!(!is_decimals(phone, 2, phone.len()));
    }

    #[test]
    fn digits_of_a_uuid_are_known() {
        let uuid = "id=41111111-1111-4111-8111-536228726123, 4111111111111111 and 536-22-8726";
        for digits in ["41111111-1111-4111", "536228726123", "8111-536228726123", "1111-4111-8111"] {
            let start = uuid.find(digits).expect("it is there");
            assert!(is_in_uuid(uuid, start, start + digits.len()), "{digits}");
        }
        for digits in ["4111111111111111", "536-22-8726"] {
            let start = uuid.find(digits).expect("it is there");
            assert!(!is_in_uuid(uuid, start, start + digits.len()), "{digits}");
        }
        assert!(!is_in_uuid("4111-1111-1111-1111", 0, 19));
    }
}
