//! Zeros that a lost sector, or a cut of the power, leaves where text was.
//!
//! How many of them in a row tell so depends on what is known of the place: the more a format says of its characters, the fewer.

use std::ops::Range;

use crate::document::{DELETED, STRUCK_OUT};

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

/// Characters that are told on either side of a zero: a label may stand so far before what it is of.
const AROUND: usize = 120;

/// A text without the zeros in it. One may stand inside of a word or between two: below a line with some inside stands what is around
/// them once more, with blanks in their place.
///
/// For whole lines: of a piece of one, what stands behind the piece would be cut off.
pub(super) fn passed_over_in(text: String) -> String {
    if !text.contains('\0') {
        return text;
    }
    let mut all = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let end = line.trim_end_matches('\n').trim_end_matches('\r').len();
        let (line, end) = line.split_at(end);
        all.extend(line.split('\0'));
        let parted = parted_in(line);
        if !parted.is_empty() {
            all.extend([if end.is_empty() { "\n" } else { end }, &parted]);
        }
        all.push_str(end);
    }
    all
}

/// What stands around the zeros of a text, with blanks in their place, a line each.
pub(super) fn parted(text: &str) -> String {
    let parted = text.lines().map(parted_in).filter(|line| !line.is_empty());
    parted.fold(String::new(), |all, line| all + &line + "\n")
}

/// What stands around the zeros of a line; stretches that lie far from each other are lines.
fn parted_in(line: &str) -> String {
    let line = line.trim_matches('\0');
    let mut stretches: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(zero) = line[at..].find('\0').map(|zero| at + zero) {
        let behind = line[zero..].trim_start_matches('\0');
        at = line.len() - behind.len();
        // Where a blank stands already the words are parted without another, and so they are at a bracket and the ends of the line.
        let is_parted = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || matches!(c, '[' | ']'));
        if is_parted(line[..zero].chars().next_back()) || is_parted(behind.chars().next()) {
            continue;
        }
        let before = zero - back(&line[..zero]).len();
        let after = at + ahead(behind).len();
        match stretches.last_mut().filter(|last| before <= last.end) {
            Some(last) => last.end = last.end.max(after),
            None => stretches.push(before..after),
        }
    }
    let marks = if stretches.is_empty() { Vec::new() } else { marks(line) };
    let stretches = stretches.into_iter().map(|stretch| marked(line, stretch, &marks).replace('\0', " "));
    stretches.collect::<Vec<_>>().join("\n")
}

/// What is told of the text behind a zero; a word or a number at its end is whole, unless it is long by itself.
fn ahead(text: &str) -> &str {
    let Some((most, _)) = text.char_indices().nth(AROUND) else { return text };
    let whole = text[..most].trim_end_matches(is_of_word);
    if whole.is_empty() { &text[..most] } else { whole }
}

/// The same of the text before one.
fn back(text: &str) -> &str {
    let Some((least, _)) = text.char_indices().rev().nth(AROUND - 1).filter(|(at, _)| *at > 0) else { return text };
    let whole = text[least..].trim_start_matches(is_of_word);
    if whole.is_empty() { &text[least..] } else { whole }
}

/// Whether a character is part of a word or a number that may not be cut. Zeros, and characters of Chinese, stand beside words.
fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '@')
}

/// What is marked in a line as struck out or deleted: where the mark begins, where its words do, and where it ends.
struct Mark {
    start: usize,
    words: usize,
    end: usize,
    name: &'static str,
    is_closed: bool,
}

fn marks(line: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut at = 0;
    while let Some(start) = line[at..].find('[').map(|open| at + open) {
        at = start + 1;
        let Some(name) = [STRUCK_OUT, DELETED].into_iter().find(|name| line[start..].starts_with(name)) else {
            continue;
        };
        let words = start + name.len();
        let close = line[words..].find(']').map(|close| words + close + 1);
        at = close.unwrap_or(line.len());
        marks.push(Mark { start, words, end: at, name, is_closed: close.is_some() });
    }
    marks
}

/// A stretch of a line, with the marks around what is marked of it: what is struck out must not seem to stand.
fn marked(line: &str, stretch: Range<usize>, marks: &[Mark]) -> String {
    let cut = |at: usize| {
        let index = marks.partition_point(|mark| mark.end <= at);
        marks.get(index).filter(|mark| mark.start < at)
    };
    let (mut from, mut to, mut lead, mut close) = (stretch.start, stretch.end, "", "");
    match cut(from) {
        Some(mark) if from <= mark.words => from = mark.start,
        Some(mark) => lead = mark.name,
        None => {}
    }
    match cut(to) {
        Some(mark) if to <= mark.words => to = mark.start,
        Some(mark) if mark.is_closed || to < mark.end => close = "]",
        _ => {}
    }
    [lead, &line[from..to.max(from)], close].concat()
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
    fn below_a_line_with_a_zero_stands_what_is_around_it_and_not_all_of_a_long_line() {
        let chinese = "甲方姓名地址电话邮箱职务部门合同编号签订日期生效条件违约责任争议解决附件清单".repeat(5);
        let end = chinese.char_indices().nth(AROUND - 18).map_or(0, |(at, _)| at);
        let start = chinese.char_indices().rev().nth(AROUND - 5).map_or(0, |(at, _)| at);
        let words = "word ".repeat(40);
        for (text, expected) in [
            ("one two\0three four".to_owned(), "one two three four".to_owned()),
            ("IBAN DE89 3704\x000044 0532 0130 00".to_owned(), "IBAN DE89 3704 0044 0532 0130 00".to_owned()),
            (
                "Das Passwort für den Server lautet:\0hunter2".to_owned(),
                "Das Passwort für den Server lautet: hunter2".to_owned(),
            ),
            (
                format!("{chinese}身份证号\x00110101199003078515{chinese}"),
                format!("{}身份证号 110101199003078515{}", &chinese[start..], &chinese[..end]),
            ),
            (
                format!("{words}SSN\x00078-05-1120 {words}"),
                format!("{0}SSN 078-05-1120 {1}", " word".repeat(23) + " ", "word ".repeat(21)),
            ),
            // Far from each other they are lines.
            (
                format!("a\0b {words}{words}c\0d"),
                format!("a b {} \n{} c d", "word ".repeat(23).trim_end(), " word".repeat(23)),
            ),
            // The words are parted as it is.
            ("SSN\0 078-05-1120 \0plan\0".to_owned(), String::new()),
        ] {
            let whole = text.replace('\0', "");
            let below = if expected.is_empty() { expected } else { format!("\n{expected}") };
            assert_eq!(passed_over_in(text.clone()), format!("{whole}{below}"), "{text:?}");
        }
    }

    #[test]
    fn what_is_struck_out_does_not_stand_where_it_is_told_once_more() {
        for (text, expected) in [
            ("[struck out: a plan TOP\0SECRET] new", "[struck out: a plan TOP SECRET] new"),
            (
                &format!("[deleted: one {}TOP\0SECRET] new", "of ".repeat(60)),
                &format!("[deleted: {}TOP SECRET] new", " of".repeat(38) + " "),
            ),
            (&format!("new\0er [deleted: {}]", "of ".repeat(60)), &format!("new er [deleted: {}]", "of ".repeat(35))),
            ("[deleted: old]\0SECRET", ""),
        ] {
            assert_eq!(parted(text).trim_end(), expected, "{text:?}");
        }
    }

    #[test]
    fn very_many_zeros_and_very_long_words_are_told_in_little_more_room() {
        for text in [
            "a\0".repeat(1_000_000),
            format!("{}{}", "x".repeat(1_000_000), "\0-".repeat(500_000)),
            "机\0[".repeat(300_000),
            "\0,".repeat(300_000),
        ] {
            assert!(passed_over_in(text.clone()).len() <= 4 * text.len(), "{}", text.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r"(\x00|\n|\r|[ a1,-]|[机，]|\[|\]|\[deleted: |\[struck out: ){0,60}") {
            assert!(!passed_over_in(text).contains('\0'));
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
