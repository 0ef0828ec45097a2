//! JSON among plain text: which text is, and lines for the words in its strings.
//!
//! A program writes a whole report into one line, in which every heading stands in quotes. What people wrote as a line is
//! one again, so that a marking in it is seen as the mark it is, in notebooks and exports too.

use std::fmt::Write as _;

use serde::de::IgnoredAny;

/// Letters of a word that may stand alone as a mark.
const WORD: usize = 4;

/// Whether a text is JSON, one value or many, to where it ends or is cut off. Many a log begins with a bracket.
pub(super) fn is_json(text: &str) -> bool {
    let begins = text.trim_start().starts_with(['{', '[']);
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    begins && values.find_map(Result::err).is_none_or(|error| error.is_eof())
}

/// What names of secrets hold, in small letters: what stands behind one stays beside it, words or not.
const SECRET_NAMES: &[&str] =
    &["pass", "pwd", "secret", "token", "key", "credential", "auth", "pin", "密码", "密碼", "口令", "密钥", "金鑰"];

/// The same with each string of words on a line of its own, between its quotes. Other values stay beside their names, which say
/// what they are.
pub(super) fn set_apart(text: &str) -> String {
    let mut lined = String::with_capacity(text.len());
    let mut rest = text;
    let mut name = "";
    while let Some(open) = rest.find('"') {
        let (before, string) = rest.split_at(open + 1);
        let length = string_bytes(string);
        let (inner, behind) = string.split_at(length);
        lined.push_str(before);
        // Writing into a string does not fail.
        let of_secret = before.trim_matches(['"', ' ', '\t', '\r', '\n']) == ":" && is_secret_name(name);
        let is_name = behind.strip_prefix('"').is_some_and(|behind| behind.trim_start().starts_with(':'));
        let of_secret = of_secret || is_name && is_secret_name(inner);
        name = inner;
        let _ = if is_words(inner) && !of_secret { write!(lined, "\n{inner}\n") } else { write!(lined, "{inner}") };
        let quote = behind.len().min(1);
        lined.push_str(&behind[..quote]);
        rest = &behind[quote..];
    }
    lined.push_str(rest);
    lined
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_NAMES.iter().any(|word| name.contains(word))
}

/// Bytes up to the quote that ends a string, or to the end of the text.
fn string_bytes(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &text.as_bytes()[at..]) {
        at += found;
        if text.as_bytes()[at] == b'"' {
            return at;
        }
        at = (at + 2).min(text.len());
    }
    text.len()
}

/// Whether a string is of words: several, in a writing without blanks, or one in capitals. Numbers in groups are none.
pub(super) fn is_words(string: &str) -> bool {
    if has_wide_escape(string) {
        return true;
    }
    let letters = string.chars().filter(|c| c.is_alphabetic()).count();
    let signs = string.chars().filter(|c| !c.is_whitespace()).count();
    let shouted = letters >= WORD && string.bytes().all(|byte| byte.is_ascii_uppercase());
    shouted || letters * 2 >= signs && letters > 1 && (string.contains(' ') || !string.is_ascii())
}

/// Whether a character beyond ASCII is written as `\u673a`; some programs write `&` and `<` so.
fn has_wide_escape(string: &str) -> bool {
    string.match_indices("\\u").any(|(at, _)| {
        let digits = string.get(at + 2..at + 6).unwrap_or_default();
        u32::from_str_radix(digits, 16).is_ok_and(|point| point > 0x7f)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_calls_a_secret_stays_beside_it() {
        for text in
            [r#"{"password":"KXQZVBNMPL"}"#, r#"{"api_key": "correct horse battery"}"#, r#"{"密码": "绿色 窗户"}"#]
        {
            assert_eq!(set_apart(text), text);
        }
        assert_eq!(set_apart(r#"{"title":"SECRET"}"#), "{\"title\":\"\nSECRET\n\"}");
    }

    #[test]
    fn strings_of_words_get_lines_of_their_own_and_values_stay_beside_their_names() {
        for (text, expected) in [
            (r#"{"note": "TOP SECRET", "n": 1}"#, "{\"note\": \"\nTOP SECRET\n\", \"n\": 1}"),
            (r#"["机密", "SECRET"]"#, "[\"\n机密\n\", \"\nSECRET\n\"]"),
            (r#"{"a b": "say \"no\" now"}"#, "{\"\na b\n\": \"\nsay \\\"no\\\" now\n\"}"),
            (r#"["\u673a"]"#, "[\"\n\\u673a\n\"]"),
            (r#"{"password": "hunter2", "phone": "+49 30 123456", "ID": "A B 12345678"}"#, ""),
            (r#"{"password": "a\u0026b"}"#, ""),
            (r#"{"cut": "off \"#, "{\"cut\": \"\noff \\\n"),
            ("{}", ""),
        ] {
            assert_eq!(set_apart(text), if expected.is_empty() { text } else { expected });
        }
    }

    #[test]
    fn a_text_is_json_if_it_is_to_its_end() {
        for (text, expected) in
            [("{\"a\": 1}\n{\"b\": 2}", true), ("[1, 2", true), ("[INFO] begins", false), ("\"a\"", false)]
        {
            assert_eq!(is_json(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_but_where_lines_end(text in "[\"\\\\ a-cé\n]{0,40}") {
            let kept = |text: &str| text.replace('\n', "");
            proptest::prop_assert_eq!(kept(&set_apart(&text)), kept(&text));
        }
    }
}
