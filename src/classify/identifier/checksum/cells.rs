//! Cells of a column of secrets: what in them is a secret, and what says of one that it is set, due or elsewhere.

use super::tokens::{code, credential, entropy, placeholder};

/// What people count, behind a number: `90days`, `12chars`.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "d", "day", "days", "w", "week", "weeks", "m", "month", "months", "y", "year", "years", "h", "hours", "min", "char", "chars",
    "characters", "bit", "bits", "bytes", "tage", "monate", "zeichen", "jours", "mois",
];
/// States of passwords and rules for them.
#[rustfmt::skip]
const STATES: &[&str] = &[
    "active", "always", "changed", "compliant", "default", "disabled", "enabled", "expired", "inactive", "initial", "locked",
    "manual", "medium", "missing", "monthly", "never", "normal", "pending", "personal", "quarterly", "reset", "rotated", "shared",
    "standard", "stored", "strong", "temporary", "unchanged", "unknown", "unlocked", "updated", "verified", "weekly", "yearly",
];
/// Months, as dates begin with them or have them inside.
const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A password: no placeholder, date, amount or address; letters of both cases, or letters beside digits or signs, or digits alone.
pub(super) fn password(text: &str) -> bool {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let secret = match (letters, digits) {
        (true, true) => true,
        (true, false) => !is_words(text) && mixed(text),
        (false, true) => text.bytes().all(|byte| byte.is_ascii_digit()) && !is_date(text),
        (false, false) => false,
    };
    secret && may_be_secret(text) && !is_count(text) && !is_dated(text) && (mixed(text) || entropy(text) >= 2.25)
}

/// A word as a password.
pub(super) fn word(text: &str) -> bool {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_word && !STATES.contains(&text.to_ascii_lowercase().as_str()) && may_be_secret(text) && entropy(text) >= 2.25
}

/// A token or key.
pub(super) fn token(text: &str) -> bool {
    may_be_secret(text) && credential(text)
}

/// A personal number of an account: four to eight digits and no date.
pub(super) fn pin(text: &str) -> bool {
    (4..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && !is_date(text)
}

fn may_be_secret(text: &str) -> bool {
    let is_address =
        text.contains("://") || text.split_once('@').is_some_and(|(user, host)| is_name(user) && is_host(host));
    text.is_ascii() && !placeholder(text) && !code(text) && !is_address
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte))
}

fn is_host(text: &str) -> bool {
    let end = text.rsplit_once('.').map_or("", |(_, end)| end);
    is_name(text) && end.len() >= 2 && end.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Three kinds of characters.
fn mixed(text: &str) -> bool {
    let kinds: [fn(&u8) -> bool; 4] =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_punctuation];
    kinds.iter().filter(|kind| text.bytes().any(|byte| kind(&byte))).count() >= 3
}

/// Words that are joined: `Not-set`, `self/service`.
fn is_words(text: &str) -> bool {
    let inner = text.trim_matches(|char: char| char.is_ascii_punctuation());
    inner.split(['-', '/', '_', '.', ',']).all(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// A number of something, or a rule that has one: `90days`, `<=90d`, `min10chars-upper`.
fn is_count(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let whole = lower.trim_start_matches(|char: char| char.is_ascii_punctuation());
    let after = |text: &str| text.trim_start_matches(['-', '_', '+']).to_owned();
    let rest = whole.trim_start_matches(|char: char| char.is_ascii_digit());
    let is_whole = rest.len() < whole.len() && UNITS.contains(&after(rest).as_str());
    // A short unit amid other letters is part of a word.
    let is_unit = |part: &str| {
        let word = after(part);
        let end = word.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(word.len());
        end >= 3 && UNITS.contains(&&word[..end])
    };
    let behind_digits = lower.char_indices().filter(|(_, char)| char.is_ascii_digit()).map(|(at, _)| &lower[at + 1..]);
    is_whole || behind_digits.into_iter().any(is_unit)
}

/// Eight digits that are a day of our time: `20261126`, `26112026`.
fn is_date(text: &str) -> bool {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let day = |year: u32, month: u32, day: u32| {
        (1950..=2099).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
    };
    text.len() == 8 && (day(part(0..4), part(4..6), part(6..8)) || day(part(4..8), part(2..4), part(0..2)))
}

/// A day with the name of its month, or a time: `26-Nov-2026`, `2026-11-26T08:00:00Z`.
fn is_dated(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut parts = lower.split(|char: char| !char.is_ascii_alphanumeric());
    let is_part = |part: &str| {
        let letters = part.trim_matches(|char: char| char.is_ascii_digit());
        matches!(letters, "" | "t" | "z") || MONTHS.iter().any(|month| letters.starts_with(month))
    };
    let has_year = parts.clone().any(|part| part.len() == 4 && part.starts_with(['1', '2']));
    lower.contains(['-', '/', '.', ',']) && has_year && parts.all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_password_if_nothing_else_is_written_so() {
        for text in ["Summer-2026!x", "Kj7#pq92Lm", "hunter22", "QwErtz!mn", "482913", "P@ssw0rd1", "Aug!ust77"] {
            assert!(password(text), "{text}");
        }
        for text in [
            "2026-11-26",
            "26.11.2026",
            "26-Nov-2026",
            "2026-11-26T08:00:00Z",
            "20261126",
            "90days",
            "12+chars",
            "Not-set",
            "expired",
            "********",
            "n/a",
            "o.krag@lindmere.example",
            "https://vault.lindmere.example/7",
            "1,250.00",
            "10.0.0.17",
            "<password>",
            "required",
            "111111",
            "+45 3312",
        ] {
            assert!(!password(text), "{text}");
        }
        assert!(word("sunshine") && !word("Not-set") && !word("required") && !word("Expired"));
        assert!(pin("4821") && !pin("20261126") && !pin("48"));
        assert!(token("3f9ad07be1164c27a5d80e9b1c46f2a7") && !token("your_access_token_goes_here1"));
    }
}
