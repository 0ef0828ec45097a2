//! Secrets: checksums of tokens, entropy where there is none, and the values people write instead of a secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::told::is_unlike_words;

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// GitHub and npm tokens: the last six of the 36 characters are the CRC-32 of the thirty before them, in base 62.
pub(super) fn github_token(text: &str) -> bool {
    let Some((_, body)) = text.split_once('_').filter(|(_, body)| body.len() == 36 && body.is_ascii()) else {
        return false;
    };
    let (random, check) = body.split_at(30);
    let mut crc = crc32fast::hash(random.as_bytes());
    let mut expected = [b'0'; 6];
    for place in expected.iter_mut().rev() {
        *place = BASE62[(crc % 62) as usize];
        crc /= 62;
    }
    check.as_bytes() == expected
}

/// JSON web token (RFC 7519): the header is base64url of an object that names an algorithm.
pub(super) fn jwt(text: &str) -> bool {
    let header = text.split('.').next().and_then(|header| URL_SAFE_NO_PAD.decode(header).ok());
    let Some(header) = header.and_then(|bytes| String::from_utf8(bytes).ok()) else { return false };
    header.trim_start().starts_with('{') && header.trim_end().ends_with('}') && header.contains("\"alg\"")
}

/// `BitLocker` recovery key, as written: eight groups of six digits, each a multiple of 11 below 720,896.
pub(super) fn bitlocker(text: &str) -> bool {
    let group =
        |group: &str| group.len() == 6 && super::digits::number(group).is_some_and(|n| n % 11 == 0 && n < 720_896);
    text.len() == 55 && text.split('-').count() == 8 && text.split('-').all(group)
}

/// An assigned storage or access key of Azure: base64 of 64 or 32 bytes.
pub(super) fn azure_storage_key(text: &str) -> bool {
    let Some((_, key)) = text.split_once('=') else { return false };
    STANDARD_NO_PAD.decode(key.trim().trim_end_matches('=')).is_ok_and(|bytes| matches!(bytes.len(), 32 | 64))
}

/// An HTTP header of basic authorization: base64 of a user, a colon and a password.
pub(super) fn basic_auth(text: &str) -> bool {
    let credentials = text.split_whitespace().last().unwrap_or("").trim_end_matches('=');
    let decoded = STANDARD_NO_PAD.decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|text| {
        text.split_once(':').is_some_and(|(user, password)| !user.is_empty() && !password.is_empty())
    })
}

/// Bits per character.
pub(super) fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let total: f64 = counts.iter().copied().map(f64::from).sum();
    counts.iter().filter(|&&n| n > 0).map(|&n| f64::from(n) / total).map(|p| -p * p.log2()).sum()
}

/// What was assigned: the last run without blanks, quotes, colons or equals signs; the whole if nothing is assigned.
fn value(text: &str) -> &str {
    let text = text.trim_end_matches('=');
    text.rsplit([' ', '\t', '\n', '"', '\'', '=', ':', '：']).next().unwrap_or(text)
}

/// The value has 2.5 bits a character.
pub(super) fn entropy_2_5(text: &str) -> bool {
    entropy(value(text)) >= 2.5
}

/// The value has 3 bits a character.
pub(super) fn entropy_3(text: &str) -> bool {
    entropy(value(text)) >= 3.0
}

/// The value has 4 bits a character.
pub(super) fn entropy_4(text: &str) -> bool {
    entropy(value(text)) >= 4.0
}

/// The value has 4.2 bits a character.
pub(super) fn entropy_4_2(text: &str) -> bool {
    entropy(value(text)) >= 4.2
}

/// Values that stand for a password and are none.
#[rustfmt::skip]
const PLACEHOLDERS: &[&str] = &[
    "password", "passwd", "passphrase", "secret", "changeme", "change_me", "change-me", "example", "placeholder",
    "required", "optional", "redacted", "username", "yourpassword", "your_password", "your-password", "mypassword",
    "undefined", "incorrect", "invalid", "protected", "expired", "pass", "pwd", "none", "null", "hidden", "string",
];

/// Whether a value is a variable, a mask, a template, a word of the list or a name of itself (`#new-password`).
pub(super) fn placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    let template = value.starts_with(['<', '$', '%', '{', '[', '*']) && value.ends_with(['>', '}', '%', ']', '*', ')']);
    let uniform = value.chars().all(|c| value.starts_with(c));
    let variable = value.starts_with('$') && value[1..].bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let named = lower.contains("password") && !value.bytes().any(|b| b.is_ascii_digit());
    template
        || uniform
        || variable
        || named
        || PLACEHOLDERS.contains(&lower.trim_end_matches(['.', ',', ';', ')', '!']))
}

/// Base64 of a user, a colon and a password, in quotes.
pub(super) fn docker_auth(text: &str) -> bool {
    text.trim_end_matches('"').rsplit('"').next().is_some_and(basic_auth)
}

/// Host, port, database, user and a password that is no placeholder.
pub(super) fn pgpass(text: &str) -> bool {
    text.splitn(5, ':').nth(4).is_some_and(|password| !placeholder(password) && !code(password))
}

/// Whether a value is part of a program: a variable, a call, an index or a member of something, or a path.
pub(super) fn code(value: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let value = value.trim_start_matches('&').trim_end_matches([',', ';', ')']);
    let rest = value.trim_start_matches(name);
    let named = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let member = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && part.chars().all(name);
    let variable =
        value.starts_with('$') && value[1..].starts_with(|c: char| member(&c.to_string()) || "{(".contains(c));
    let members = rest.starts_with('.') && value.split(['.', '(', '[']).take(2).all(member);
    let expression =
        named && (rest.starts_with(['(', '[']) || rest.starts_with("::") || rest.starts_with("->") || members);
    let filled_in = value.starts_with("#{") || value.starts_with("{{");
    let path = value.starts_with(['/', '.']) && value.matches('/').count() >= 2;
    variable || expression || filled_in || path
}

/// A password after a label: no placeholder, and 2.5 bits a character or three kinds of characters.
pub(super) fn password(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let labels =
        [":", "=", "：", " is ", "is "].into_iter().filter_map(|mark| lower.find(mark).map(|at| at + mark.len()));
    let assigned = labels.min().and_then(|at| text.get(at..)).unwrap_or(text);
    let assigned = assigned.trim_start_matches([' ', '\t', '=', '>', ':', '：', '\\']);
    // A label in bold letters of Markdown.
    let bold = assigned.strip_prefix("** ");
    let assigned = bold.unwrap_or(assigned);
    let in_bold = assigned.strip_prefix("**").and_then(|value| value.strip_suffix("**")).filter(|_| bold.is_some());
    let assigned = in_bold.unwrap_or(assigned);
    let bold = bold.is_some() || text.contains("**:");
    let value = assigned.trim_matches([' ', '\t', '"', '\'', '`']);
    // A quotation that does not end with its first word is a sentence.
    let opened = assigned.starts_with(['"', '\'']);
    let sentence = opened && !assigned[1..].ends_with(['"', '\'']) && value.bytes().all(|b| b.is_ascii_alphabetic());
    let kinds: [fn(&char) -> bool; 4] =
        [char::is_ascii_lowercase, char::is_ascii_uppercase, char::is_ascii_digit, char::is_ascii_punctuation];
    let mixed = kinds.iter().filter(|kind| value.chars().any(|c| kind(&c))).count() >= 3;
    // After "is" comes more prose than passwords.
    let prose = !text.contains([':', '=', '：']) && !value.bytes().any(|b| b.is_ascii_digit());
    // `SECRET: harbour plan` is a mark and what it is on.
    let is_mark = text.strip_prefix("SECRET").is_some_and(|rest| rest.trim_start_matches('*').starts_with(':'));
    // Manuals have such labels, and words behind them.
    let words = bold && !is_unlike_words(value);
    let mark = is_mark && value.bytes().all(|b| b.is_ascii_alphabetic());
    !placeholder(value) && !code(value) && !prose && !sentence && !mark && !words && (mixed || entropy(value) >= 2.5)
}

/// An address with a user and a password that is no placeholder.
pub(super) fn uri_password(text: &str) -> bool {
    let credentials =
        text.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(credentials, _)| credentials);
    credentials.and_then(|both| both.split_once(':')).is_some_and(|(_, password)| !placeholder(password))
}

/// A connection string whose password is no placeholder.
pub(super) fn connection_password(text: &str) -> bool {
    text.rsplit_once('=').is_some_and(|(_, password)| !placeholder(password.trim()))
}

/// A token after a label: letters and digits, 3 bits a character, not made of words, and no code.
pub(super) fn credential(text: &str) -> bool {
    let value = value(text);
    let words = value.split(['_', '-', '.', '/', '+', '~']);
    let words = words.filter(|word| word.len() >= 3 && word.bytes().all(|b| b.is_ascii_alphabetic())).count();
    let kinds: [fn(&u8) -> bool; 2] = [u8::is_ascii_alphabetic, u8::is_ascii_digit];
    let mixed = kinds.iter().all(|kind| value.bytes().any(|b| kind(&b)));
    value.len() >= 16 && mixed && words < 3 && entropy(value) >= 3.0 && !placeholder(value) && !code(value)
}

/// A command or call whose last word is a password and no placeholder.
pub(super) fn last_password(text: &str) -> bool {
    let value = value(text);
    value.len() >= 4 && !placeholder(value) && !code(value)
}

/// An element or attribute whose content is a password and no placeholder.
pub(super) fn xml_password(text: &str) -> bool {
    let value = text.trim_end_matches("</").rsplit(['"', '>']).next().unwrap_or("").trim();
    value.len() >= 4 && !placeholder(value) && !code(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_instead_is_no_password() {
        assert!(password("password: Summer-2026!x") && password("密码：Hx@2024soft"));
        for text in ["password: ********", "password: <password>", "pwd=$PASSWORD", "password is required"] {
            assert!(!password(text), "{text}");
        }
    }

    #[test]
    fn keys_of_zeros_have_no_entropy() {
        assert!(!entropy_3("appsecret: 00000000000000000000000000000000"));
    }
}
