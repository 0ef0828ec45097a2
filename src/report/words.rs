//! Numbers, times, names and columns as people read them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;
use unicode_width::UnicodeWidthStr;

use crate::catalog::{FileRow, Since};
use crate::decision::Decision;
use crate::finding::{Stated, Tries};

/// Verdicts in the order of their weight.
const VERDICTS: [&str; 5] = ["misfiled", "review", "unverified", "clear", "out_of_scope"];

/// `1 file`, `2 files`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `text` and blanks up to `columns`: a Chinese character takes two.
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// Files by verdict, the worst first: `20 misfiled, 1 review`; empty if there are none.
pub fn verdict_list<K: std::borrow::Borrow<str> + Ord>(verdicts: &BTreeMap<K, u64>) -> String {
    let parts = VERDICTS.iter().filter_map(|name| verdicts.get(*name).map(|count| format!("{count} {name}")));
    parts.collect::<Vec<_>>().join(", ")
}

/// Counts by name: `damaged 2, encrypted 1`; `none` if there are none.
pub fn count_list<K: std::fmt::Display>(counts: &BTreeMap<K, u64>) -> String {
    let parts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

/// The level of a file: `level 3 机密`; of one to be reviewed the level that is suspected, `level 2? 严禁外传`.
pub fn level_words(file: &FileRow) -> String {
    match (file.suspected(), file.natives.first()) {
        (Some((level, native)), _) => format!("level {level}? {native}"),
        (None, Some(native)) => format!("level {} {native}", file.level),
        (None, None) => format!("level {}", file.level),
    }
}

/// What was decided on a finding: `accepted until 2027-01-31 by ann: archive`.
pub fn decision_words(decision: &Decision) -> String {
    let until = decision.expires.map(|expires| format!(" until {}", human_time(expires))).unwrap_or_default();
    format!("{}{until} by {}: {} (decision {})", decision.ruling, decision.by, decision.reason, decision.id)
}

/// What a marking states besides its level: `caveats: NOFORN, SI; copy 3 of 10; term 10年`; none if that is nothing.
pub fn stated_words(stated: &Stated) -> Option<String> {
    let caveats = (!stated.caveats.is_empty()).then(|| format!("caveats: {}", stated.caveats.join(", ")));
    let copy = stated.copy_number.as_ref().map(|number| format!("copy {number}"));
    let term = stated.term.as_ref().map(|term| format!("term {term}"));
    let parts: Vec<String> = [caveats, copy, term].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// A page as a person finds it again: `page 3`, or `page 3 (sheet "Budget")`; page 0 is the name of the file.
pub fn page_words(number: u32, label: Option<&str>) -> String {
    match label {
        _ if number == 0 => "the name".to_owned(),
        Some(label) => format!("page {number} ({})", shown_path(Path::new(label))),
        None => format!("page {number}"),
    }
}

/// The columns that every list of files begins with: verdict, level, zone, path.
pub fn file_line(file: &FileRow) -> String {
    let (verdict, level, zone) = (file.verdict.as_str(), level_words(file), &file.zone);
    format!(
        "{} {} {} {}",
        padded(verdict, 10),
        padded(&level, 28),
        padded(zone, 12),
        shown_path(&file.location.shown())
    )
}

/// How a file came to be what it is: `sweep 7: moved from /srv/a; was clear`.
pub fn change_words(since: &Since) -> String {
    let event = match (&since.event, &since.origin) {
        // What lies in others has no events of its own.
        (None, _) if since.before.is_none() => "not known before".to_owned(),
        (Some(event), Some(origin)) => format!("{event} from {}", shown_path(origin)),
        (Some(event), None) => event.clone(),
        (None, _) => "the file is the same, what is told of it is not".to_owned(),
    };
    let before = since.before.as_ref().map(|before| format!("; was {before}")).unwrap_or_default();
    format!("sweep {}: {event}{before}", since.sweep)
}

/// A path for a terminal: control characters, which could steer it, are escaped.
pub fn shown_path(path: &Path) -> String {
    let safe = |c: char| if c.is_control() || is_bidi(c) { c.escape_unicode().to_string() } else { c.to_string() };
    path.to_string_lossy().chars().map(safe).collect()
}

/// Characters that make a name look like another one.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Seconds since 1970 UTC as a person reads them, in UTC.
pub fn human_time(seconds: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(format).ok()).unwrap_or_default()
}

/// A time span: `5.3 s`, `12 min 05 s`, `3 h 12 min`.
pub fn human_seconds(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// Bytes as a person reads them.
pub fn human_bytes(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

/// How often a fault was met, and since when; nothing of one that was met once.
pub fn tries_words(tries: Tries) -> String {
    match tries.attempts {
        0 | 1 => String::new(),
        many => format!(" ({many} times, first {}, last {})", human_time(tries.first), human_time(tries.last)),
    }
}

/// What held the readers of a sweep, of its provenance as it is kept.
pub fn lock_list(provenance: &Value) -> String {
    let Some(locks) = provenance["locks"].as_array().filter(|locks| !locks.is_empty()) else {
        return "nothing had to be read".to_owned();
    };
    let told = |lock: &Value| {
        let word = if lock["holds"] == true { "holds" } else { "DOES NOT HOLD" };
        let [layer, detail] = ["layer", "detail"].map(|key| lock[key].as_str().unwrap_or_default());
        format!("{layer} {word} ({detail})")
    };
    locks.iter().map(told).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_steer_the_terminal_or_pose_as_another() {
        assert_eq!(shown_path(Path::new("a\u{1b}[2Jb\u{202e}fdp.exe")), "a\\u{1b}[2Jb\\u{202e}fdp.exe");
    }

    #[test]
    fn a_change_says_what_happened_and_what_was_before() {
        let event = |event: &str| Some(event.to_owned());
        let new = Since { sweep: 3, before: None, event: event("new"), origin: None };
        assert_eq!(change_words(&new), "sweep 3: new");
        let moved = Since { before: event("clear"), event: event("moved"), origin: Some("/a".into()), ..new.clone() };
        assert_eq!(change_words(&moved), "sweep 3: moved from /a; was clear");
        let member = Since { event: None, ..new.clone() };
        assert_eq!(change_words(&member), "sweep 3: not known before");
        let judged = Since { before: event("clear"), event: None, ..new };
        assert_eq!(change_words(&judged), "sweep 3: the file is the same, what is told of it is not; was clear");
    }

    #[test]
    fn times_are_shown_in_utc() {
        assert_eq!(human_time(1_795_219_200), "2026-11-21 00:00:00Z");
    }

    #[test]
    fn spans_are_short_for_any_length() {
        assert_eq!(human_seconds(5.26), "5.3 s");
        assert_eq!(human_seconds(725.4), "12 min 05 s");
        assert_eq!(human_seconds(11_560.0), "3 h 12 min");
    }

    #[test]
    fn columns_are_those_of_the_terminal() {
        assert_eq!(padded("机密", 6), "机密  ");
        assert_eq!(padded("SECRET", 4), "SECRET");
    }

    #[test]
    fn numbers_agree_with_their_nouns_and_the_worst_verdict_comes_first() {
        assert_eq!((counted(1, "file"), counted(0, "file")), ("1 file".to_owned(), "0 files".to_owned()));
        let verdicts = BTreeMap::from([("clear", 2), ("misfiled", 1), ("review", 3)]);
        assert_eq!(verdict_list(&verdicts), "1 misfiled, 3 review, 2 clear");
    }
}
