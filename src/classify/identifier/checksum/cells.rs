//! Cells of a column of secrets: what in them is a secret, and what says of one that it is set, due or elsewhere.

use super::tokens::{code, credential, entropy, placeholder};

/// What people count, behind a number: `90days`, `12chars`.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "d", "day", "days", "w", "week", "weeks", "m", "month", "months", "y", "year", "years", "h", "hours", "min", "char", "chars",
    "characters", "bit", "bits", "bytes", "tage", "monate", "zeichen", "jours", "mois", "дней", "день", "дня", "месяц", "месяца",
    "месяцев", "знаков", "символов",
];
/// What rules for passwords say beside what they count.
#[rustfmt::skip]
const RULES: &[&str] = &[
    "at", "atleast", "case", "digit", "digits", "every", "least", "letters", "lower", "max", "maximum", "min", "minimum", "mixed",
    "more", "most", "number", "numbers", "or", "special", "symbol", "symbols", "than", "upper",
];
/// Ways to keep or check passwords.
#[rustfmt::skip]
const METHODS: &[&str] = &[
    "aes", "argon", "base", "bcrypt", "crypt", "hmac", "kerberos", "ldap", "md", "ntlm", "ntlmv", "oauth", "pbkdf", "rsa", "saml", "scrypt",
    "sha", "ssha", "tacacs", "yescrypt",
];
/// Words that are of remarks, and not of what people make pass phrases of.
#[rustfmt::skip]
const REMARKS: &[&str] = &[
    "a", "admin", "after", "an", "and", "are", "as", "ask", "at", "be", "been", "by", "call", "can", "card", "change", "changed",
    "contact", "do", "does", "first", "for", "from", "has", "have", "in", "is", "it", "keep", "kept", "known", "last", "login", "may",
    "must", "new", "no", "not", "of", "old", "on", "only", "or", "password", "passwords", "per", "please", "same", "saved", "see",
    "sent", "set", "should", "that", "the", "they", "this", "to", "use", "used", "user", "via", "was", "will", "with", "you", "your",
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
    let letters = text.chars().any(char::is_alphabetic);
    let secret = match (letters, digits) {
        (true, true) => true,
        (true, false) => !is_words(text) && mixed(text),
        (false, true) => text.bytes().all(|byte| byte.is_ascii_digit()) && !is_date(text),
        (false, false) => false,
    };
    let is_other = || is_count(text) || is_dated(text) || is_method(text) || text.contains(' ');
    secret && may_be_secret(text) && !is_other() && (mixed(text) || entropy(text) >= 2.25)
}

/// A word as a password, or a phrase of some words that no remark has.
pub(super) fn word(text: &str) -> bool {
    let is_word = |text: &str| text.chars().all(has_cases);
    let is_state = |text: &str| STATES.contains(&text.to_lowercase().as_str());
    let said = if text.contains(' ') { is_phrase(text) } else { is_word(text) && !is_state(text) && !is_method(text) };
    said && may_be_secret(text) && entropy(text) >= 2.25
}

/// Four words or more in small letters, none of them twice, and none that a remark has.
fn is_phrase(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let is_part = |word: &&str| {
        let told = REMARKS.contains(word) || STATES.contains(word) || UNITS.contains(word) || RULES.contains(word);
        word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase()) && !told
    };
    let differ = words.iter().enumerate().all(|(at, word)| !words[..at].contains(word));
    (4..=10).contains(&words.len()) && words.iter().all(is_part) && differ
}

/// Whether a character is a letter of a script that has capitals: of others people write remarks without blanks.
fn has_cases(char: char) -> bool {
    char.is_lowercase() || char.is_uppercase()
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
    let letters = text.chars().filter(|char| !char.is_ascii()).all(has_cases);
    letters && !placeholder(text) && !code(text) && !is_address
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
    let kinds: [fn(&char) -> bool; 4] =
        [|char| char.is_lowercase(), |char| char.is_uppercase(), char::is_ascii_digit, char::is_ascii_punctuation];
    kinds.iter().filter(|kind| text.chars().any(|char| kind(&char))).count() >= 3
}

/// Words that are joined: `Not-set`, `self/service`.
fn is_words(text: &str) -> bool {
    let inner = text.trim_matches(|char: char| char.is_ascii_punctuation());
    inner.split(['-', '/', '_', '.', ',']).all(|word| word.chars().all(char::is_alphabetic))
}

/// Runs of letters, and of digits, in small letters: `Min12chars` has three.
pub(super) fn runs(text: &str) -> Vec<String> {
    let sort = |char: char| (char.is_ascii_digit(), char.is_alphabetic());
    let lower: Vec<char> = text.to_lowercase().chars().collect();
    let runs = lower.chunk_by(|a, b| sort(*a) == sort(*b));
    runs.filter(|run| run[0].is_alphanumeric()).map(|run| run.iter().collect()).collect()
}

/// A number of something, or a rule that has one: `90days`, `<=90d`, `min10chars-upper`. All of it is number, unit, and what rules
/// say.
fn is_count(text: &str) -> bool {
    let runs = runs(text);
    let words = || runs.iter().filter(|run| !run.starts_with(|char: char| char.is_ascii_digit()));
    let counts = words().any(|word| UNITS.contains(&word.as_str()));
    counts
        && words().count() < runs.len()
        && words().all(|word| UNITS.contains(&word.as_str()) || RULES.contains(&word.as_str()))
}

/// The name of a way to keep passwords, with its number: `bcrypt-2b`, `SHA-256`, `argon2id`.
fn is_method(text: &str) -> bool {
    let runs = runs(text);
    let is_known = |run: &String| METHODS.contains(&run.as_str());
    let is_short = |run: &String| run.len() <= 3 || METHODS.contains(&run.as_str());
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/ +.".contains(&byte));
    plain && runs.first().is_some_and(is_known) && runs.iter().all(is_short)
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
        for text in [
            "Summer-2026!x",
            "Kj7#pq92Lm",
            "hunter22",
            "QwErtz!mn",
            "482913",
            "P@ssw0rd1",
            "Aug!ust77",
            "Harbour2026min!x",
            "Пароль123",
            "Größe2026!",
            "Sha7lin!9x",
        ] {
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
            "min10chars-upper",
            "AtLeast12-Chars",
            "<=90d",
            "90дней",
            "bcrypt-2b",
            "SHA-256",
            "argon2id",
            "pbkdf2-sha256",
            "2026年11月",
            "见保险箱2号",
            "see vault 7",
        ] {
            assert!(!password(text), "{text}");
        }
        assert!(word("sunshine") && !word("Not-set") && !word("required") && !word("Expired"));
        assert!(word("correct horse battery staple") && word("журавлик") && !word("bcrypt"));
        for remark in [
            "see the key vault",
            "was sent with letter",
            "ask Maria for it",
            "not yet set here",
            "horse horse horse horse",
            "已经通知本人",
        ] {
            assert!(!word(remark), "{remark}");
        }
        assert!(pin("4821") && !pin("20261126") && !pin("48"));
        assert!(token("3f9ad07be1164c27a5d80e9b1c46f2a7") && !token("your_access_token_goes_here1"));
    }
}
