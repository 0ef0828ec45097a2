//! Characters written as escapes in plain text: `&#26426;`, `&nbsp;`, `\u673a`, and line ends inside JSON strings.
//!
//! A marking must not hide behind the way a program writes characters down, so the decoded form is what is classified
//! and indexed, in every kind of plain text: XML, JSON, properties files, source code. Escapes that mean nothing stay as
//! they stand, and outside JSON a backslash with a letter is a path and means nothing. Percent signs in addresses,
//! quoted-printable and the like are not decoded.

use std::borrow::Cow;

use super::json;

/// Escapes inside escapes that are followed: HTML inside a feed, a page inside JSON. Deeper ones stay as they are.
const ROUNDS: usize = 3;

/// Longest reference by name, with its semicolon, that HTML knows: 32 and a few to spare.
const NAME_BYTES: usize = 40;

/// Text with its escapes decoded. Grows at most by a fifth, since no escape but a few names is shorter than what it means; JSON
/// besides by two line ends for each string of words.
pub(super) fn decode(text: String) -> String {
    // What was there before makes room: texts are large.
    let (mut text, mut short) = if json::is_json(&text) {
        let apart = json::set_apart(&text);
        drop(text);
        (apart, Short::Decoded)
    } else {
        (text, Short::Kept)
    };
    for _ in 0..ROUNDS {
        match round(&text, short) {
            Cow::Borrowed(_) => break,
            Cow::Owned(decoded) => text = decoded,
        }
        // JSON may stand in strings of JSON, and so may a path: `C:\restricted`.
        short = if short == Short::Kept { Short::Kept } else { Short::Guessed };
    }
    text
}

/// What is done with the short escapes of JSON strings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Short {
    /// They are no escapes.
    Kept,
    /// They are escapes.
    Decoded,
    /// They may be escapes: a letter in lower case behind them says that they are the beginning of a name.
    Guessed,
}

/// Decodes once, from left to right.
fn round(text: &str, short: Short) -> Cow<'_, str> {
    let mut decoded = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find(['&', '\\']) {
        at += found;
        let rest = &text[at..];
        let meant = if rest.starts_with('&') { reference(rest) } else { backslash(rest, short) };
        let Some((meaning, length)) = meant else {
            at += 1;
            continue;
        };
        decoded.push_str(&text[copied..at]);
        decoded.extend(meaning.into_iter().flatten());
        at += length;
        copied = at;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    decoded.push_str(&text[copied..]);
    Cow::Owned(decoded)
}

/// What an escape means (one or two characters) and how many bytes it takes.
type Meaning = ([Option<char>; 2], usize);

/// `&#26426;`, `&#x673a;` or a name of HTML; with its semicolon only, because an address may hold `&copy=1`.
fn reference(text: &str) -> Option<Meaning> {
    let body = text.as_bytes().get(1..)?;
    let length = body.iter().take(NAME_BYTES).position(|byte| *byte == b';')?;
    let name = text.get(1..=length)?;
    let whole = length + 2;
    if let Some(digits) = name.strip_prefix('#') {
        let point = match digits.strip_prefix(['x', 'X']) {
            Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok()?,
            None if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            _ => return None,
        };
        return Some(([Some(printable(point)?), None], whole));
    }
    // The table holds the beginnings of names too, which mean nothing: 0.
    let (first, second) = *html5ever::data::NAMED_ENTITIES.get(text.get(1..whole)?)?;
    let first = printable(first)?;
    Some(([Some(first), char::from_u32(second).filter(|c| *c != '\0')], whole))
}

/// `\u673a`, in two halves beyond the first 65,536 characters; in JSON the short escapes too.
fn backslash(text: &str, short: Short) -> Option<Meaning> {
    let half = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    };
    if let Some(first) = half(0) {
        if let (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) = (first, half(6)) {
            let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Some(([Some(printable(point)?), None], 12));
        }
        return Some(([Some(printable(first)?), None], 6));
    }
    let escape = match short {
        Short::Kept => false,
        Short::Decoded => true,
        Short::Guessed => !text.as_bytes().get(2).is_some_and(u8::is_ascii_lowercase),
    };
    let meaning = match text.as_bytes().get(1)? {
        b'n' if escape => '\n',
        b'r' if escape => '\r',
        b't' if escape => '\t',
        b'/' if short != Short::Kept => '/',
        b'"' if short != Short::Kept => '"',
        b'\\' if short == Short::Decoded => '\\',
        _ => return None,
    };
    Some(([Some(meaning), None], 2))
}

/// The character, unless it is one that text does not have.
fn printable(point: u32) -> Option<char> {
    char::from_u32(point).filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(escaped: &str, meant: &str) {
        assert_eq!(decode(escaped.to_owned()), meant, "{escaped}");
    }

    #[test]
    fn a_marking_written_in_escapes_is_read() {
        check("<t>&#26426;&#x5BC6;</t>", "<t>机密</t>");
        check("TOP&nbsp;SECRET &amp; more", "TOP\u{a0}SECRET & more");
        check(r#"{"t":"\u673a\u5bc6\n\ud842\udfb7 \"x\""}"#, "{\"t\":\"\n机密\n𠮷 \"x\"\n\"}");
        check(r"title=\u673a\u5bc6\n", "title=机密\\n");
    }

    #[test]
    fn a_path_in_a_log_is_no_line_end() {
        check(r"[12:00] C:\restricted\new", r"[12:00] C:\restricted\new");
        check(r"[0.5] C:\restricted", r"[0.5] C:\restricted");
        check(r#"{"path":"C:\\restricted"}"#, r#"{"path":"C:\restricted"}"#);
        check("[\"a\\r\\nb\"]\n{\"t\":\"x\\/y\"}", "[\"a\r\nb\"]\n{\"t\":\"x/y\"}");
        // Cut off at a limit, it is still JSON; and JSON may stand in a string of JSON.
        check(r#"["a\nSECRET", "b"#, "[\"a\nSECRET\", \"b");
        check(r#"{"log":"{\"t\":\"a\\nSECRET\"}"}"#, "{\"log\":\"{\"t\":\"a\nSECRET\"}\"}");
    }

    #[test]
    fn brackets_in_any_depth_are_walked() {
        let deep = "[".repeat(1_000_000);
        check(&deep, &deep);
    }

    #[test]
    fn escapes_inside_escapes_are_read_and_the_depth_is_bounded() {
        check("&amp;#26426;", "机");
        check(r#"{"html":"\u0026#26426;"}"#, "{\"html\":\"机\"}");
        check(&format!("&{}#26426;", "amp;".repeat(10)), &format!("&{}#26426;", "amp;".repeat(7)));
    }

    #[test]
    fn what_is_no_escape_stays_as_it_stands() {
        for text in [
            "AT&T; R&D",
            "a?b=1&copy=2",
            "&#0; &#xd800; &#x110000; &#; &#-1;",
            r"C:\users \u12 \ud800 \u{41}",
            "&机密;",
        ] {
            check(text, text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_decoding_panic_or_grow(text in "([{&#;xu0-9a-f\\\\\"机]|&nGt;){0,80}") {
            let bytes = text.len();
            proptest::prop_assert!(decode(text).len() <= bytes + bytes / 2);
        }
    }
}
