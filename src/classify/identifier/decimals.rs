//! Decimals of numbers: what a program writes of a measurement or a probability, `0.4539578763621486`, has as many digits behind
//! its point as a card or a tax number, and there are thousands of them in a file.

/// Digits that a number in double precision has at most; longer ones are no decimals that a program wrote.
const DOUBLE: usize = 17;

/// Digits of the number of an entry in a list.
const ENTRY: usize = 3;

/// Whether a match is nothing but digits behind the point of a decimal number. `1.` in front of an entry makes none of it where the
/// line above or below has the number before or after.
pub(super) fn is_decimals(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let Some(point) = start.checked_sub(1).filter(|at| bytes[*at] == b'.') else { return false };
    if end - start > DOUBLE || !(start..end).all(digit) {
        return false;
    }
    let whole = bytes[..point].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let begin = point - whole;
    // A version has more points, and the name of a part a letter.
    let joined = begin.checked_sub(1).is_some_and(|at| bytes[at] == b'.' || bytes[at].is_ascii_alphabetic());
    let goes_on = bytes.get(end) == Some(&b'.') && digit(end + 1);
    whole > 0 && !joined && !goes_on && !is_entry(text, begin, &text[begin..point])
}

/// Whether a number is that of an entry in a list: it begins a line, and a line beside it begins with the next or the one before.
fn is_entry(text: &str, begin: usize, number: &str) -> bool {
    let start = text[..begin].rfind('\n').map_or(0, |at| at + 1);
    if number.len() > ENTRY || number.starts_with('0') || !text[start..begin].trim().is_empty() {
        return false;
    }
    let of = |line: &str| {
        let line = line.trim_start();
        let digits = line.bytes().take(ENTRY + 1).take_while(u8::is_ascii_digit).count();
        let is_entry = !line.starts_with('0') && line[digits..].starts_with('.');
        line[..digits].parse::<u16>().ok().filter(|_| is_entry && digits <= ENTRY)
    };
    let Ok(number) = number.parse::<u16>() else { return false };
    let filled = |line: &&str| !line.trim().is_empty();
    let above = text[..start].lines().rev().find(filled).and_then(of);
    let below = text[begin..].lines().skip(1).find(filled).and_then(of);
    above.is_some_and(|above| above + 1 == number) || below == Some(number + 1)
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
            "1.Wang 62\r\n2.4111111111111111\r\n",
        ] {
            assert!(!decimals(text), "{text}");
        }
        // Nineteen digits no program writes of a number in double precision.
        let long = "1.6228480402564890018";
        assert!(!is_decimals(long, 2, long.len()));
    }
}
