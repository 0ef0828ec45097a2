//! The subject of a message: a mark in it stands at its beginning, or in brackets, and the rest of the line says what the
//! message is about. So each such part is looked at as a line of its own, and then the subject as a whole.

use std::ops::Range;

use crate::script::is_han;

/// Bytes between brackets: longer ones are part of a sentence.
const LONGEST_TAG: usize = 96;
/// Leading tags: `[EXTERNAL] [SECRET] …`.
const TAGS: usize = 8;
/// Words that stand before the double slash of a banner: `COSMIC TOP SECRET//…`.
const BANNER_WORDS: usize = 3;
/// Words in capitals that may be a mark before the rest of a subject: `COSMIC TOP SECRET`.
const LEAD_WORDS: usize = 4;

/// A part of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its bytes in the subject.
    pub(super) range: Range<usize>,
    /// What it is.
    pub(super) role: Role,
}

/// What a line is to the subject of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// No part of a subject.
    None,
    /// In brackets.
    Tag,
    /// Before a colon, a stroke or, of banners and of Chinese levels with a term, a blank.
    Head,
    /// Capitals before words of small letters, with nothing between but a blank.
    Lead,
    /// All of it but the tags at its beginning.
    Whole,
    /// No part of a subject: words of a recognized line that are red where the others are not.
    Stamp,
}

/// The parts of a subject that marks may be, in order.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = skip_blanks(text, 0);
    while let Some(end) = tag(text, at).filter(|_| parts.len() < TAGS) {
        parts.push(Part { range: at..end, role: Role::Tag });
        at = skip_blanks(text, end);
    }
    let rest = &text[at..];
    if rest.is_empty() {
        return parts;
    }
    let head = head(rest).filter(|&end| end > 0);
    if let Some(end) = head {
        parts.push(Part { range: at..at + end, role: Role::Head });
    }
    if let Some(end) = lead(rest).filter(|lead| head.is_none_or(|head| *lead < head)) {
        parts.push(Part { range: at..at + end, role: Role::Lead });
    }
    parts.push(Part { range: at..text.len(), role: Role::Whole });
    let last = rest.trim_end();
    if let Some(open) = last.rfind(|char| closing(char).is_some()).filter(|&open| open > 0)
        && tag(last, open) == Some(last.len())
    {
        parts.push(Part { range: at + open..at + last.len(), role: Role::Tag });
    }
    parts
}

fn skip_blanks(text: &str, from: usize) -> usize {
    text.len() - text[from..].trim_start().len()
}

/// The bracket that closes one.
fn closing(open: char) -> Option<char> {
    match open {
        '[' => Some(']'),
        '(' => Some(')'),
        '【' => Some('】'),
        '〔' => Some('〕'),
        '［' => Some('］'),
        '（' => Some('）'),
        _ => None,
    }
}

/// Where the brackets end that open at a place.
fn tag(text: &str, at: usize) -> Option<usize> {
    let close = text[at..].chars().next().and_then(closing)?;
    let end = at + text[at..].find(close)? + close.len_utf8();
    (end - at <= LONGEST_TAG).then_some(end)
}

/// Where the head of a subject ends: at a colon or a stroke, of a banner behind its slashes, of a Chinese level with its term at a
/// blank.
fn head(text: &str) -> Option<usize> {
    let separators = [":", "：", " - ", " – ", " — ", "——", " | "];
    let separated = separators.iter().filter_map(|separator| text.find(separator)).min();
    let blanks = || text.char_indices().filter(|(_, char)| char.is_whitespace()).map(|(at, _)| at);
    let banner = || blanks().take(BANNER_WORDS).find(|&at| text[..at].contains("//"));
    // A level with its term; a bare word before a blank may be the beginning of a title (秘密 花园).
    let with_term = |at: &usize| text[..*at].contains(|char: char| matches!(char, '★' | '☆') || char.is_ascii_digit());
    let han = || text.starts_with(is_han).then(|| blanks().next()).flatten().filter(with_term);
    match (separated, banner().or_else(han)) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Where the words in capitals end that a subject begins with, if words of small letters follow.
fn lead(text: &str) -> Option<usize> {
    let is_capitals = |word: &&str| word.contains(char::is_uppercase) && !word.contains(char::is_lowercase);
    let words = text.split(' ').take_while(is_capitals).take(LEAD_WORDS + 1);
    let (count, end) = words.fold((0, 0), |(count, end), word| (count + 1, end + word.len() + 1));
    let follows = text.get(end..).is_some_and(|rest| rest.contains(char::is_lowercase));
    (follows && (1..=LEAD_WORDS).contains(&count)).then(|| end - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<(&str, Role)> {
        parts(text).into_iter().map(|part| (&text[part.range], part.role)).collect()
    }

    #[test]
    fn tags_a_head_and_the_whole_are_looked_at() {
        assert_eq!(seen("SECRET"), [("SECRET", Role::Whole)]);
        assert_eq!(
            seen("[EXTERNAL] [SECRET] harbour"),
            [("[EXTERNAL]", Role::Tag), ("[SECRET]", Role::Tag), ("harbour", Role::Whole)]
        );
        assert_eq!(seen("SECRET: plan"), [("SECRET", Role::Head), ("SECRET: plan", Role::Whole)]);
        assert_eq!(
            seen("TOP SECRET//SI//NOFORN the plan - two"),
            [("TOP SECRET//SI//NOFORN", Role::Head), ("TOP SECRET//SI//NOFORN the plan - two", Role::Whole)]
        );
        assert_eq!(seen("SECRET harbour plan"), [("SECRET", Role::Lead), ("SECRET harbour plan", Role::Whole)]);
        assert_eq!(seen("SECRET plan: two")[1], ("SECRET", Role::Lead));
        assert_eq!(seen("SECRET HARBOUR PLAN"), [("SECRET HARBOUR PLAN", Role::Whole)]);
        assert_eq!(seen("A VERY LONG BEGINNING OF it"), [("A VERY LONG BEGINNING OF it", Role::Whole)]);
        assert_eq!(seen("机密★10年 关于会议"), [("机密★10年", Role::Head), ("机密★10年 关于会议", Role::Whole)]);
        assert_eq!(seen("秘密 花园"), [("秘密 花园", Role::Whole)]);
        assert_eq!(seen("the plan (S//NF)"), [("the plan (S//NF)", Role::Whole), ("(S//NF)", Role::Tag)]);
        assert_eq!(seen(""), []);
        assert_eq!(seen("[open"), [("[open", Role::Whole)]);
    }
}
