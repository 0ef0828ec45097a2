//! Zeros that a lost sector, or a cut of the power, leaves where text was.
//!
//! How many of them in a row tell so depends on what is known of the place: the more a format says of its characters, the fewer.

use std::borrow::Cow;

/// Where nothing says how a text is written: two characters of the widest encoding, and more than lists put between their words.
/// Fewer are UTF-16 or UTF-32, or ends of strings.
pub(super) const RAW: usize = 8;

/// Among characters that a format counts. A single one is an end or a blank that a careless program counted along; where a lost
/// sector takes one character alone, it also takes what stands beside the text.
const COUNTED: usize = 2;

/// At the end of such a text, which programs end with one and fill up to a multiple of four.
const FILL: usize = 4;

/// Bytes of a text in any encoding that are zeros in long runs.
pub(super) fn in_raw(bytes: &[u8]) -> usize {
    runs(bytes, RAW)
}

/// Characters that are zeros, several in a row.
pub(super) fn among<C: Copy + Default + PartialEq>(characters: &[C]) -> usize {
    runs(characters, COUNTED)
}

/// Whether zeros stand where characters of a text should be. Those at its end may end it.
pub(super) fn is_zeroed<C: Copy + Default + PartialEq>(characters: &[C]) -> bool {
    let zero = C::default();
    let end = characters.iter().rposition(|character| *character != zero).map_or(0, |last| last + 1);
    characters.len() - end > FILL || among(&characters[..end]) > 0
}

/// A text without the zeros in it. One may stand inside of a word or between two: a line with some inside is told twice, without them
/// and with blanks in their place. In every encoding but the wide ones no other character has a zero byte, or one of a line end, in it.
pub(super) fn passed_over(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&0) {
        return Cow::Borrowed(text);
    }
    let mut all = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let (line, end) = line.strip_suffix(b"\n").map_or((line, b"".as_slice()), |line| (line, b"\n"));
        all.extend(line.iter().filter(|byte| **byte != 0));
        let first = line.iter().position(|byte| *byte != 0).unwrap_or(line.len());
        let last = line.iter().rposition(|byte| *byte != 0).map_or(first, |last| last + 1);
        if line[first..last].contains(&0) {
            all.push(b'\n');
            all.extend(line[first..last].iter().map(|byte| if *byte == 0 { b' ' } else { *byte }));
        }
        all.extend_from_slice(end);
    }
    Cow::Owned(all)
}

/// The same of characters.
pub(super) fn passed_over_in(text: String) -> String {
    match passed_over(text.as_bytes()) {
        Cow::Borrowed(_) => text,
        // No character was cut.
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn runs<C: Copy + Default + PartialEq>(characters: &[C], least: usize) -> usize {
    let runs = characters.split(|character| *character != C::default());
    runs.map(<[C]>::len).filter(|run| *run >= least).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_in_a_line_leaves_the_word_whole_and_what_stands_behind_it_a_word_of_its_own() {
        for (text, expected) in [
            ("机密", "机密"),
            ("plan\0\0\0", "plan"),
            ("\0plan\n\0", "plan\n"),
            ("TOP SEC\0RET", "TOP SECRET\nTOP SEC RET"),
            ("one\n机\0密\r\ntwo\0\n", "one\n机密\r\n机 密\r\ntwo\n"),
        ] {
            assert_eq!(passed_over_in(text.to_owned()), expected, "{text:?}");
        }
    }

    #[test]
    fn a_hole_is_told_from_the_zeros_that_programs_write() {
        assert_eq!([in_raw(b"one\0two\0\0three\0"), in_raw(&[b"one".as_slice(), &[0; 8], b"two"].concat())], [0, 8]);
        for (text, zeroed) in
            [("plan\0", false), ("plan\0\0\0\0", false), ("pl\0an", false), ("pl\0\0an", true), ("pl\0\0\0\0\0", true)]
        {
            assert_eq!(is_zeroed(text.as_bytes()), zeroed, "{text:?}");
            assert_eq!(is_zeroed(&text.encode_utf16().collect::<Vec<_>>()), zeroed, "{text:?}");
        }
    }
}
