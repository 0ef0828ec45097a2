//! Passwords in running text: what a label of any language or a sentence says is one, and phrases of words that are keys.

use std::collections::HashSet;

use super::cells::{password, runs};

/// Signs that words and names hardly have.
const SIGNS: &[char] = &['!', '#', '$', '%', '&', '*', '?', '^', '~', '+', '='];
/// Words of prose that no list of seed words has.
#[rustfmt::skip]
const PROSE: &[&str] = &[
    "and", "are", "been", "before", "but", "does", "for", "from", "had", "has", "him", "his", "its", "not", "our", "she", "should",
    "the", "their", "them", "then", "these", "they", "was", "were", "which", "who", "will", "with", "would", "you", "your",
];

/// What stands behind the first colon or equals sign: what a cell of a column of passwords may hold.
pub(super) fn labelled(text: &str) -> bool {
    /// What networks call the kinds of their keys.
    const KINDS_OF_KEY: [&str; 3] = ["WPA-", "WPA2-", "WPA3-"];
    let value = text.split_once([':', '=']).map_or("", |(_, value)| value);
    let value = value.trim_start_matches(['=', '>']);
    // A label in bold letters of Markdown.
    let value = value.strip_prefix("** ").unwrap_or(value).trim_matches([' ', '\t', '"', '\'', '`']);
    let names_kind = |kind: &&str| value.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind));
    !KINDS_OF_KEY.iter().any(names_kind) && password(value.trim_end_matches(['.', ',', ';', ')']))
}

/// What stands last, where nothing but a sentence or its place says that it is a password: letters and digits that are no name, word
/// or version. Digits alone count behind the Chinese words for `is`.
pub(super) fn told(text: &str) -> bool {
    let apart = |char: char| char.is_whitespace() || matches!(char, '|' | '"' | '\'') || !char.is_ascii();
    let text = text.trim_end_matches(|char: char| char.is_ascii() && apart(char));
    let value = text.rsplit(apart).next().unwrap_or("");
    // `PW:value` has no blank.
    let value =
        value.rsplit_once([':', '=']).filter(|(label, _)| is_short_label(label)).map_or(value, |(_, value)| value);
    let label = text[..text.len() - value.len()].trim_end();
    let value = value.trim_end_matches(['.', ',', ';', ')']);
    let only_digits = value.len() >= 6 && value.bytes().all(|byte| byte.is_ascii_digit());
    if only_digits {
        return label.ends_with(['是', '为', '為']) && password(value);
    }
    let begins = value.starts_with(|char: char| char.is_ascii_alphanumeric() || SIGNS.contains(&char));
    begins && value.len() >= 6 && !value.ends_with(':') && password(value) && is_unlike_words(value)
}

/// The same of what stands behind the first comma or semicolon, in quotes or not.
pub(super) fn separated(text: &str) -> bool {
    text.split_once([',', ';']).is_some_and(|(label, value)| told(&format!("{label}\t{value}")))
}

fn is_short_label(label: &str) -> bool {
    label.eq_ignore_ascii_case("pw")
}

/// Letters and digits in three runs, beside a sign, or with four digits in succession; no words that are joined, no file, version or
/// name with a number.
pub(super) fn is_unlike_words(value: &str) -> bool {
    // One letter between numbers multiplies them: `24x7x365`.
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).collect::<HashSet<_>>().len();
    let runs = runs(value);
    let is_number = |run: &str| run.starts_with(|char: char| char.is_ascii_digit());
    let numbers = runs.iter().filter(|run| is_number(run)).count();
    let long_number = runs.iter().any(|run| is_number(run) && run.len() >= 4);
    let signed = value.contains(SIGNS);
    let varied = signed || runs.len() >= 3 || long_number;
    letters >= 2 && numbers > 0 && varied && (signed || !is_joined(value) && !is_file_or_version(value))
}

/// Two words or more with signs between them, or one and its number: `utf8_general_ci`, `base64-encoded`.
fn is_joined(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['_', '-', '/', '.']).collect();
    let letters = |part: &&&str| part.bytes().filter(u8::is_ascii_alphabetic).count() >= 3;
    let words = parts.iter().filter(letters).count();
    parts.len() >= 2 && (words >= 2 || words == 1 && parts.len() == 2)
}

fn is_file_or_version(value: &str) -> bool {
    let Some((_, end)) = value.rsplit_once('.') else { return false };
    let is_end = (2..=5).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_version = value.starts_with(['v', 'V']) && value[1..].starts_with(|char: char| char.is_ascii_digit());
    is_version
        || is_end
        || end.bytes().all(|byte| byte.is_ascii_digit())
        || value.split('.').all(|part| part.len() <= 3)
}

/// Twelve words, or three, six, nine or twelve more, none of which is of prose and few of which repeat.
pub(super) fn seed_phrase(text: &str) -> bool {
    let words: Vec<&str> = text.split([' ', ',', '\n']).filter(|word| is_word(word)).collect();
    let different = words.iter().collect::<HashSet<_>>().len();
    let counts = matches!(words.len(), 12 | 15 | 18 | 21 | 24);
    counts && different + 3 >= words.len() && !words.iter().any(|word| PROSE.contains(word))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sentence_tells_is_a_password_if_it_is_no_word_name_or_version() {
        for value in ["Hf9#kLw2pQ", "kranich77x", "Hafen!2037xQ.", "Luna#8812x", "Kranich-7714-zx", "Summer2026"] {
            assert!(told(&format!("the password for db1 is {value}")), "{value}");
        }
        for value in [
            "expired",
            "Office365",
            "base64-encoded",
            "SHA-256",
            "utf8_general_ci",
            "v1.2.3-rc1",
            "notes2a.docx",
            "Server01:",
            "12-digit",
            "2026-11-26",
            "os.environ[",
            "830412",
            "24x7x365",
        ] {
            assert!(!told(&format!("the password for db1 is {value}")), "{value}");
        }
        assert!(told("初始密码为830412") && !told("密码830412") && told("PW:kranich77x"));
    }

    #[test]
    fn prose_behind_its_label_is_no_seed_phrase() {
        let words = "lumber copper ridge velvet onion harbor maple tunnel basket silent rocket pencil";
        assert!(seed_phrase(words) && !seed_phrase(&words.replace("maple", "with")) && !seed_phrase(&words[7..]));
        assert!(!seed_phrase(&["lumber"; 12].join(" ")));
    }
}
