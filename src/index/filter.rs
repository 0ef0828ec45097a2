//! Fields of the query language: their names, their help, and how their values are read.

use std::ops::{Range, RangeInclusive};

use time::{Date, Month};

use super::fold::fold;
use super::query::{Place, QueryError};
use crate::document::ContentHash;
use crate::finding::FaultReason;

/// A field of the query language, for the help of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldHelp {
    /// Its name, before the colon.
    pub name: &'static str,
    /// What it filters by.
    pub meaning: &'static str,
    /// An example.
    pub example: &'static str,
    kind: FieldKind,
}

/// How the value of a field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    Text(Place),
    Keyword(Keyword),
    Closed(Keyword, &'static [&'static str]),
    Fault,
    Path,
    Number(Number),
    Date,
    Content,
}

/// Fields whose values are compared as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Zone,
    Kind,
    Verdict,
    Rule,
    /// A rule of the detector of topics, by the topic's name.
    Topic,
    Detector,
    Fault,
    Coverage,
    Path,
}

/// Fields with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Level,
    Size,
}

/// A condition on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Keyword {
        field: Keyword,
        value: String,
        prefix: bool,
    },
    Number {
        field: Number,
        range: RangeInclusive<u64>,
    },
    /// Seconds since 1970-01-01 UTC.
    Date(Range<i64>),
    Content(ContentHash),
}

const VERDICTS: &[&str] = &["misfiled", "review", "unverified", "clear", "out_of_scope"];
const COVERAGES: &[&str] = &["complete", "partial", "none"];

const fn field(name: &'static str, kind: FieldKind, meaning: &'static str, example: &'static str) -> FieldHelp {
    FieldHelp { name, meaning, example, kind }
}

const FIELDS: &[FieldHelp] = &[
    field("text", FieldKind::Text(Place::Body), "words in the text of pages only", "text:草案"),
    field("name", FieldKind::Text(Place::Name), "words in the file name only", "name:plan"),
    field("zone", FieldKind::Keyword(Keyword::Zone), "name of a zone", "zone:shared"),
    field("path", FieldKind::Path, "a file, or everything in a folder or container", "path:/srv/share/dept1"),
    field("kind", FieldKind::Keyword(Keyword::Kind), "kind of the content", "kind:pdf"),
    field("level", FieldKind::Number(Number::Level), "level that evidence decided, 0 to 4", "level:>=3"),
    field(
        "verdict",
        FieldKind::Closed(Keyword::Verdict, VERDICTS),
        "misfiled, review, unverified, clear or out_of_scope",
        "verdict:misfiled",
    ),
    field("rule", FieldKind::Keyword(Keyword::Rule), "rule with a finding", "rule:cn.state.*"),
    field("topic", FieldKind::Keyword(Keyword::Topic), "what it is about; also topic:*", "topic:contract"),
    field("detector", FieldKind::Keyword(Keyword::Detector), "detector with a finding", "detector:marking"),
    field("fault", FieldKind::Fault, "reason why something was not read", "fault:encrypted"),
    field(
        "coverage",
        FieldKind::Closed(Keyword::Coverage, COVERAGES),
        "how much was examined: complete, partial, none",
        "coverage:partial",
    ),
    field("mtime", FieldKind::Date, "last modification, days in UTC", "mtime:2026-01-01..2026-06-30"),
    field("size", FieldKind::Number(Number::Size), "size in bytes, or kb, mb, gb of 1024", "size:>1mb"),
    field("content", FieldKind::Content, "BLAKE3 hash of the content", "content:…64 digits…"),
];

/// The fields of the query language, in the order in which help shows them.
pub fn fields() -> &'static [FieldHelp] {
    FIELDS
}

impl FieldHelp {
    /// The field of that name, in any case.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field whose name is nearest.
    pub(super) fn nearest(name: &str) -> &'static str {
        let name = name.to_ascii_lowercase();
        let nearest = FIELDS.iter().min_by_key(|field| strsim::levenshtein(field.name, &name));
        nearest.map_or("zone", |field| field.name)
    }

    /// Where a text field looks; none for filters.
    pub(super) fn place(&self) -> Option<Place> {
        match self.kind {
            FieldKind::Text(place) => Some(place),
            _ => None,
        }
    }

    /// Reads a value of this field; `None` for text fields and for a filter that everything passes.
    pub(super) fn filter(&self, value: &str, quoted: bool, at: usize) -> Result<Option<Filter>, QueryError> {
        let wrong = |what: String| QueryError::new(at, what, format!("write it like `{}`", self.example));
        let filter = match self.kind {
            FieldKind::Text(_) => return Ok(None),
            FieldKind::Keyword(keyword) => keyword_filter(keyword, &fold(value), quoted),
            FieldKind::Closed(keyword, known) => known_filter(keyword, value, known).map_err(wrong)?,
            FieldKind::Fault => {
                let known: Vec<&str> = FaultReason::ALL.iter().map(|reason| reason.as_str()).collect();
                known_filter(Keyword::Fault, value, &known).map_err(wrong)?
            }
            FieldKind::Path => return path_filter(value, quoted).map_err(wrong),
            FieldKind::Number(field) => Filter::Number { field, range: number_range(field, value).map_err(wrong)? },
            FieldKind::Date => Filter::Date(date_range(value).map_err(wrong)?),
            FieldKind::Content => Filter::Content(
                ContentHash::from_hex(&value.to_ascii_lowercase())
                    .ok_or_else(|| wrong(format!("{value:?} is not a hash of 64 hexadecimal digits")))?,
            ),
        };
        Ok(Some(filter))
    }
}

fn keyword_filter(field: Keyword, value: &str, quoted: bool) -> Filter {
    match value.strip_suffix('*').filter(|_| !quoted) {
        Some(prefix) => Filter::Keyword { field, value: prefix.to_owned(), prefix: true },
        None => Filter::Keyword { field, value: value.to_owned(), prefix: false },
    }
}

fn known_filter(field: Keyword, value: &str, known: &[&str]) -> Result<Filter, String> {
    let value = fold(value);
    if known.contains(&value.as_str()) {
        return Ok(Filter::Keyword { field, value, prefix: false });
    }
    Err(format!("there is no {value:?}, only {}", known.join(", ")))
}

fn path_filter(value: &str, quoted: bool) -> Result<Option<Filter>, String> {
    if !value.starts_with('/') {
        return Err(format!("the path {value:?} does not begin with /"));
    }
    let prefix = value.strip_suffix('*').filter(|prefix| !quoted && !prefix.ends_with('/'));
    if let Some(prefix) = prefix {
        return Ok(Some(Filter::Keyword { field: Keyword::Path, value: prefix.to_owned(), prefix: true }));
    }
    let value = if quoted { value } else { value.strip_suffix("/*").unwrap_or(value) };
    let value = value.trim_end_matches('/');
    // Everything lies below the root.
    let filter = Filter::Keyword { field: Keyword::Path, value: value.to_owned(), prefix: false };
    Ok(if value.is_empty() { None } else { Some(filter) })
}

/// `3`, `>=3`, `<2`, `1..3`, `..3`, `1..` as an inclusive range of whatever `point` reads.
fn range_of<T>(value: &str, point: impl Fn(&str) -> Result<T, String>) -> Result<Ends<T>, String> {
    let open = |text: &str| if text.is_empty() { Ok(Bound::Open) } else { point(text).map(Bound::With) };
    if let Some((low, high)) = value.split_once("..") {
        if low.is_empty() && high.is_empty() {
            return Err("the range has no end on either side".to_owned());
        }
        return Ok((open(low)?, open(high)?));
    }
    let signs: [(&str, MakeEnds<T>); 5] = [
        (">=", |value| (Bound::With(value), Bound::Open)),
        ("<=", |value| (Bound::Open, Bound::With(value))),
        (">", |value| (Bound::Without(value), Bound::Open)),
        ("<", |value| (Bound::Open, Bound::Without(value))),
        ("=", |value| (Bound::Exactly(value), Bound::Open)),
    ];
    for (sign, range) in signs {
        if let Some(rest) = value.strip_prefix(sign) {
            return point(rest).map(range);
        }
    }
    point(value).map(|value| (Bound::Exactly(value), Bound::Open))
}

/// The lower and the upper end of a range.
type Ends<T> = (Bound<T>, Bound<T>);

/// Makes a range of the one value behind a sign.
type MakeEnds<T> = fn(T) -> Ends<T>;

/// One end of a range. `Exactly` stands for both ends, on the lower one.
enum Bound<T> {
    Open,
    With(T),
    Without(T),
    Exactly(T),
}

fn number_range(field: Number, value: &str) -> Result<RangeInclusive<u64>, String> {
    let point = |text: &str| match field {
        Number::Level => match text.parse::<u64>() {
            Ok(level) if level <= 4 => Ok(level),
            _ => Err(format!("{text:?} is not a level from 0 to 4")),
        },
        Number::Size => size(text).ok_or_else(|| format!("{text:?} is not a size")),
    };
    let none = || format!("no number is in {value:?}");
    let (low, high) = range_of(value, point)?;
    let low = match low {
        Bound::Exactly(value) => return Ok(value..=value),
        Bound::Open => 0,
        Bound::With(value) => value,
        Bound::Without(value) => value.checked_add(1).ok_or_else(none)?,
    };
    let high = match high {
        Bound::Open | Bound::Exactly(_) => u64::MAX,
        Bound::With(value) => value,
        Bound::Without(value) => value.checked_sub(1).ok_or_else(none)?,
    };
    if low > high { Err(none()) } else { Ok(low..=high) }
}

/// `500`, `10kb`, `1 MB` without the blank, `2GiB`.
fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let shift = match text[digits..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn date_range(value: &str) -> Result<Range<i64>, String> {
    let none = || format!("no day is in {value:?}");
    let point = |text: &str| span(text).ok_or_else(|| format!("{text:?} is not a day, month or year"));
    let (low, high) = range_of(value, point)?;
    let from = match low {
        Bound::Exactly(span) => return Ok(span),
        Bound::Open => FIRST_SECOND,
        Bound::With(span) => span.start,
        Bound::Without(span) => span.end,
    };
    let until = match high {
        Bound::Open | Bound::Exactly(_) => LAST_SECOND,
        Bound::With(span) => span.end,
        Bound::Without(span) => span.start,
    };
    if from < until { Ok(from..until) } else { Err(none()) }
}

/// Seconds that nanoseconds in 64 bits can hold, with room to spare: the years 1700 to 2250.
pub(super) const FIRST_SECOND: i64 = -8_520_336_000;
pub(super) const LAST_SECOND: i64 = 8_835_955_200;

/// The seconds of `2026`, `2026-03` or `2026-03-05`, UTC.
fn span(text: &str) -> Option<Range<i64>> {
    let mut parts = text.split('-');
    let year: i32 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month: Option<Month> = match parts.next() {
        Some(month) => Some(month.parse::<u8>().ok()?.try_into().ok()?),
        None => None,
    };
    let day: Option<u8> = match parts.next() {
        Some(day) => Some(day.parse().ok()?),
        None => None,
    };
    if parts.next().is_some() || !(1700..2250).contains(&year) {
        return None;
    }
    let start = Date::from_calendar_date(year, month.unwrap_or(Month::January), day.unwrap_or(1)).ok()?;
    let end = match (month, day) {
        (None, _) | (Some(Month::December), None) => Date::from_calendar_date(year + 1, Month::January, 1).ok()?,
        (Some(month), None) => Date::from_calendar_date(year, month.next(), 1).ok()?,
        (Some(_), Some(_)) => start.next_day()?,
    };
    let second = |date: Date| date.midnight().assume_utc().unix_timestamp();
    Some(second(start)..second(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(field: Number, value: &str) -> Option<(u64, u64)> {
        number_range(field, value).ok().map(RangeInclusive::into_inner)
    }

    #[test]
    fn numbers_are_read_with_signs_ranges_and_units() {
        assert_eq!(number(Number::Level, "3"), Some((3, 3)));
        assert_eq!(number(Number::Level, ">=3"), Some((3, u64::MAX)));
        assert_eq!(number(Number::Level, "<1"), Some((0, 0)));
        assert_eq!(number(Number::Level, "1..3"), Some((1, 3)));
        assert_eq!(number(Number::Size, ">1mb"), Some((1_048_577, u64::MAX)));
        assert_eq!(number(Number::Size, "..10KiB"), Some((0, 10_240)));
        for (field, bad) in [(Number::Level, "5"), (Number::Level, "<0"), (Number::Size, "1x"), (Number::Size, "..")] {
            assert_eq!(number(field, bad), None, "{bad}");
        }
        assert_eq!(number(Number::Size, "99999999999999999999"), None);
        assert_eq!(number(Number::Size, "18446744073709551615tb"), None);
        assert_eq!(number(Number::Size, ">18446744073709551615"), None);
    }

    #[test]
    fn dates_are_days_months_years_and_ranges_that_hold_their_ends() {
        let day = 86_400;
        assert_eq!(date_range("1970-01-02").ok(), Some(day..2 * day));
        assert_eq!(date_range("1970-02").ok(), Some(31 * day..59 * day));
        assert_eq!(date_range("1970-12").ok(), Some(334 * day..365 * day));
        assert_eq!(date_range("1970").ok(), Some(0..365 * day));
        assert_eq!(date_range("1970-01-01..1970-01-02").ok(), Some(0..2 * day));
        assert_eq!(date_range(">1970").ok(), Some(365 * day..LAST_SECOND));
        assert_eq!(date_range("<=1970-01-01").ok(), Some(FIRST_SECOND..day));
        for bad in ["1970-02-30", "1970-13", "70", "1970-01-01-01", "2026..2025", "99999", "1970-", "１９７０"] {
            assert!(date_range(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_example_of_the_help_is_accepted() {
        for field in fields().iter().filter(|field| field.name != "content") {
            let (name, value) = field.example.split_once(':').expect("examples have a colon");
            assert_eq!(name, field.name);
            assert!(field.filter(value, false, 1).is_ok(), "{}", field.example);
        }
    }

    #[test]
    fn a_folder_may_end_with_a_slash_or_a_star() {
        let expected = Filter::Keyword { field: Keyword::Path, value: "/srv/a".to_owned(), prefix: false };
        for path in ["/srv/a", "/srv/a/", "/srv/a/*"] {
            assert_eq!(path_filter(path, false), Ok(Some(expected.clone())), "{path}");
        }
        assert_eq!(path_filter("/", false), Ok(None));
        assert!(path_filter("srv", false).is_err());
    }
}
