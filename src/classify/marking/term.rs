//! Terms of secrecy that are over: `秘密★6个月` in a document signed in 2011.
//!
//! An expired term is no act of declassification, so the level stays and a flag is set. There is no clock here: a term is
//! over if it ended before the day on which the rules were written, so the same text always gives the same findings.

use std::sync::LazyLock;

use regex::Regex;

use super::day::Day;
use super::line::Sheet;
use super::rules::{Kind, Rules};
use super::score::Candidate;
use crate::classify::pattern::constant;
use crate::config::Limits;

/// A date alone on its line, as a document is signed; or the year of its number.
static SIGNED: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?m)^[ \t\x{3000}]*([0-9〇○零一二三四五六七八九]{4})[ \x{3000}]?年[ \x{3000}]?([0-9一二三四五六七八九十]{1,3})[ \x{3000}]?月[ \x{3000}]?([0-9一二三四五六七八九十]{1,3})[ \x{3000}]?日[ \t\x{3000}\r]*$|[〔\[【]((?:19|20)[0-9]{2})[〕\]】][ ]?[0-9]{1,5} ?号",
    )
});
/// A term after its star.
static TERM: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"[★☆＊*] ?[(\[〔【]?(?:(?:至|到|截至|截止)?((?:19|20)[0-9]{2}|[〇○零一二三四五六七八九]{4}) ?(?:[年./-] ?([0-9]{1,2}|[一二三四五六七八九十]{1,3})?(?: ?[月./-] ?([0-9]{1,2}|[一二三四五六七八九十]{1,3})?日?)?)?[前止]?|((?:[0-9]{1,2}|[一二三四五六七八九十]{1,3}))个?年|((?:[0-9]{1,2}|[一二三四五六七八九十]{1,3}))个?月)[)\]〕】]?$",
    )
});
/// A term in digits alone.
static COMPACT: LazyLock<Regex> =
    LazyLock::new(|| constant(r"[★☆＊*] ?(?:至|到|截至|截止)?((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})[前止]?$"));
/// What behind a term says that it is not all: it was made longer, or a span ends later.
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| constant(r"^[^\n]{0,12}(?:延|(?:19|20)[0-9]{2}|[-~—–至到])"));
/// The date of an authority block.
static DECLASSIFY: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)declassify on ?:? ?((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})$"));

/// What an authority block says of declassification, where it is a day or an exemption.
static UNTIL: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)declassify on ?:? ?((?:19|20)[0-9]{6}|25X[1-9]|50X[12]-(?:HUM|WMD)|75X[1-9])"));

/// The term of a mark in its own words, as far as it may be told.
pub(super) fn stated(rules: &Rules, kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::LevelPeriod => Some(
            rules.vocabulary.told_term.find(text)?.as_str().trim_end_matches([')', ']', '〕', '】']).replace(' ', ""),
        ),
        Kind::Block => Some(UNTIL.captures(text)?.get(1)?.as_str().to_uppercase()),
        _ => None,
    }
}

/// Flags marks whose term was over when the rules were written.
pub(super) fn apply(rules: &Rules, limits: &Limits, sheets: &[Sheet<'_>], candidates: &mut [Candidate]) {
    let mut signed: Option<Option<Day>> = None;
    for candidate in candidates.iter_mut() {
        let rule = &rules.rules[candidate.rule];
        let end = match rule.kind {
            Kind::LevelPeriod => {
                let Some(term) = COMPACT.captures(&candidate.text).or_else(|| TERM.captures(&candidate.text)) else {
                    continue;
                };
                if goes_on(sheets, candidate) {
                    continue;
                }
                let part = |at: usize| term.get(at).and_then(|part| number(part.as_str()));
                match (part(1), part(4), part(5)) {
                    (Some(year), _, _) => Some((year, part(2).unwrap_or(12), part(3).unwrap_or(31)))
                        .filter(|day| day.1 <= 12 && day.2 <= 31),
                    (_, years, months) => {
                        let signed = *signed.get_or_insert_with(|| signed_on(sheets, limits));
                        signed.map(|day| later(day, years.unwrap_or(0) * 12 + months.unwrap_or(0)))
                    }
                }
            }
            Kind::Block => DECLASSIFY.captures(&candidate.text).and_then(|date| {
                let part = |at: usize| date.get(at).and_then(|part| number(part.as_str()));
                Some((part(1)?, part(2)?, part(3)?))
            }),
            _ => None,
        };
        if end.is_some_and(|day| day < rules.vocabulary.as_of) {
            candidate.flag("expired");
        }
    }
}

/// The latest date that may be that of the document.
fn signed_on(sheets: &[Sheet<'_>], limits: &Limits) -> Option<Day> {
    let dates = sheets.iter().take(limits.date_pages).flat_map(|sheet| {
        let text = sheet.page.text.content.as_str();
        SIGNED.captures_iter(&text[..text.floor_char_boundary(limits.date_bytes)]).filter_map(|date| {
            let part = |at: usize| date.get(at).and_then(|part| number(part.as_str()));
            match part(4) {
                Some(year) => Some((year, 12, 31)),
                None => Some((part(1)?, part(2)?, part(3)?)),
            }
        })
    });
    dates.filter(|day| (1949..2100).contains(&day.0)).max()
}

/// Whether what follows a term on its line makes it longer.
fn goes_on(sheets: &[Sheet<'_>], candidate: &Candidate) -> bool {
    let text = sheets.get(candidate.page).map_or("", |sheet| sheet.page.text.content.as_str());
    let rest = usize::try_from(candidate.end).ok().and_then(|end| text.get(end..candidate.line_end.max(end)));
    rest.is_some_and(|rest| GOES_ON.is_match(rest))
}

/// So many months after a day.
fn later((year, month, day): Day, months: u32) -> Day {
    let all = year * 12 + month.max(1) - 1 + months;
    (all / 12, all % 12 + 1, day)
}

/// A number in digits, in Chinese digits one by one, or up to 99 in words.
fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let digit = |char: char| match char {
        '〇' | '○' | '零' => Some(0),
        _ => char.to_digit(10).or_else(|| {
            let at = "一二三四五六七八九".chars().position(|other| other == char)?;
            u32::try_from(at + 1).ok()
        }),
    };
    match text.split_once('十') {
        Some((tens, ones)) => {
            let of = |part: &str, none: u32| part.chars().next().map_or(Some(none), digit);
            Some(of(tens, 1)? * 10 + of(ones, 0)?)
        }
        None => text.chars().try_fold(0, |value, char| Some(value * 10 + digit(char)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_digits_and_in_words() {
        for (text, value) in [("12", 12), ("二〇一一", 2011), ("十", 10), ("二十三", 23), ("三", 3), ("三十", 30)]
        {
            assert_eq!(number(text), Some(value), "{text}");
        }
        assert_eq!(number("长期"), None);
    }

    #[test]
    fn a_term_ends_so_many_months_later() {
        assert_eq!(later((2011, 3, 5), 6), (2011, 9, 5));
        assert_eq!(later((2011, 11, 30), 13), (2012, 12, 30));
    }
}
