//! Values with parameters (`text/plain; charset=gbk; name*0*=utf-8''...`), however badly they are quoted.

use std::collections::BTreeMap;

use crate::format::mail::fields::decode_words;
use crate::format::mail::{labels, transfer};

/// A value and its parameters.
#[derive(Clone, Debug, Default)]
pub(in crate::format) struct Value {
    /// In lower case (`text/plain`, `attachment`); empty if there is none.
    pub(super) main: String,
    params: BTreeMap<String, String>,
}

/// A piece of a parameter that was cut into several.
struct Piece {
    number: u32,
    /// Written with a character set and `%`.
    extended: bool,
    value: String,
}

impl Value {
    /// Reads a value as it is written in a field.
    pub(in crate::format) fn parse(written: &str) -> Self {
        let (main, mut rest) = written.split_once(';').unwrap_or((written, ""));
        let main = main.split('(').next().unwrap_or_default().trim().trim_matches('"').to_ascii_lowercase();
        let mut pieces: BTreeMap<String, Vec<Piece>> = BTreeMap::new();
        while !rest.is_empty() {
            let (name, value, after) = parameter(rest);
            rest = after;
            let mut name = name.trim().to_ascii_lowercase();
            if name.is_empty() {
                continue;
            }
            let extended = name.ends_with('*');
            name.truncate(name.trim_end_matches('*').len());
            let (name, number) = match name.split_once('*') {
                Some((name, number)) => (name.to_owned(), number.parse().unwrap_or(u32::MAX)),
                None => (name, 0),
            };
            pieces.entry(name).or_default().push(Piece { number, extended, value });
        }
        let params = pieces.into_iter().map(|(name, pieces)| (name, joined(pieces))).collect();
        Self { main, params }
    }

    /// A parameter by its name in lower case.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }
}

/// Name, value and the rest behind the first parameter.
fn parameter(text: &str) -> (&str, String, &str) {
    let text = text.trim_start_matches([';', ' ', '\t']);
    let Some(end) = text.find(['=', ';']) else { return ("", String::new(), "") };
    let (name, rest) = text.split_at(end);
    let Some(rest) = rest.strip_prefix('=') else { return ("", String::new(), rest) };
    let rest = rest.trim_start();
    let Some(quoted) = rest.strip_prefix('"') else {
        let (value, after) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        return (name, value.trim().to_owned(), after);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => {
                let after = &quoted[at + 1..];
                return (name, value, after.find(';').map_or("", |next| &after[next..]));
            }
            // Names of Windows paths are not escaped by those who write them.
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                Some((_, other)) => value.extend(['\\', other]),
                None => {}
            },
            other => value.push(other),
        }
    }
    (name, value, "")
}

/// The pieces of a parameter in order. A parameter that is written in two ways counts in the richer one.
fn joined(mut pieces: Vec<Piece>) -> String {
    if pieces.iter().any(|piece| piece.extended) && pieces.iter().filter(|piece| piece.number == 0).count() > 1 {
        pieces.retain(|piece| piece.extended || piece.number > 0);
    }
    pieces.sort_by_key(|piece| piece.number);
    let mut label = None;
    let mut bytes = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let mut value = piece.value.as_str();
        if piece.extended && index == 0 {
            let mut parts = value.splitn(3, '\'');
            if let (Some(set), Some(_), Some(rest)) = (parts.next(), parts.next(), parts.next()) {
                label = Some(set.to_owned()).filter(|set| !set.is_empty());
                value = rest;
            }
        }
        bytes.extend(if piece.extended { unescaped(value.as_bytes()) } else { value.as_bytes().to_vec() });
    }
    let text = if pieces.iter().any(|piece| piece.extended) {
        labels::decode(&bytes, label.as_deref()).text
    } else {
        String::from_utf8_lossy(&bytes).into_owned()
    };
    decode_words(&text)
}

/// Bytes in which some are written as `%` and two digits.
pub(in crate::format) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escaped = (byte == b'%').then(|| transfer::hex_pair(&text[at + 1..])).flatten();
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_all_the_ways_in_which_they_are_written() {
        for (written, name) in [
            ("attachment; filename=\"=?gb2312?B?u/rD3A==?=.doc\"", "机密.doc"),
            ("attachment; filename*=UTF-8''%E6%9C%BA%E5%AF%86.doc", "机密.doc"),
            ("attachment; filename*0*=gbk''%BB%FA; filename*1*=%C3%DC; filename*2=.doc", "机密.doc"),
            ("attachment; filename=\"plain.doc\"; filename*=utf-8''%E6%9C%BA.doc", "机.doc"),
            ("attachment; filename = My file.doc ; size=3", "My file.doc"),
            ("attachment; filename=\"a;b\\\"c.doc\"", "a;b\"c.doc"),
            ("attachment; size=1; filename=机密.doc", "机密.doc"),
        ] {
            assert_eq!(Value::parse(written).param("filename"), Some(name), "{written}");
        }
        let value = Value::parse("Text/Plain (a note); charset=\"gbk\"; format=flowed");
        assert_eq!((value.main.as_str(), value.param("charset")), ("text/plain", Some("gbk")));
    }

    proptest::proptest! {
        #[test]
        fn no_value_makes_parameters_panic(value in "([a-z]{1,3}|[*0-9]{1,2}|[=;\"\\\\' ]|%[0-9A-F]{0,2}|\u{4e00}){0,30}") {
            Value::parse(&value);
        }
    }
}
