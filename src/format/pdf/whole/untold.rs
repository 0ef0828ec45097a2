//! Fonts that say of their glyphs what nothing but pixels can confirm: those drawn by instructions (Type 3, ISO 32000-2, 9.6.4),
//! and those that are not in the file and have a map of their own, so that no outline can be compared with what the map says.

use std::collections::HashSet;

use hayro_syntax::object::{Array, Dict, Name, Stream};

use super::streams::{self, Rules};

/// Codes of plain Latin text, which stand for the same characters in every encoding of single bytes.
const PLAIN: std::ops::RangeInclusive<u32> = 0x20..=0x7e;

/// Such fonts of a page, by the name that the first reader knows them by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::format::pdf) struct UntoldFonts {
    /// Their glyphs are drawn by instructions: they have no name, as a rule.
    pub(in crate::format::pdf) drawn: HashSet<String>,
    /// They are not in the file, and a map says what they are.
    pub(in crate::format::pdf) mapped: HashSet<String>,
}

impl UntoldFonts {
    pub(in crate::format::pdf) fn is_empty(&self) -> bool {
        self.drawn.is_empty() && self.mapped.is_empty()
    }

    /// Takes a font if it is one of them.
    pub(super) fn take(&mut self, font: &Dict<'_>, rules: Rules<'_>) {
        let name_of = |font: &Dict<'_>| {
            let name = font.get::<Name<'_>>("BaseFont");
            name.map(|name| String::from_utf8_lossy(name.as_ref()).into_owned()).unwrap_or_default()
        };
        if is(font, "Subtype", b"Type3") || font.contains_key("CharProcs") {
            self.drawn.insert(name_of(font));
            return;
        }
        let Some(map) = font.get::<Stream<'_>>("ToUnicode") else { return };
        let below = font.get::<Array<'_>>("DescendantFonts").and_then(|list| list.iter::<Dict<'_>>().next());
        let own = below.as_ref().unwrap_or(font);
        let described = own.get::<Dict<'_>>("FontDescriptor");
        let files = ["FontFile", "FontFile2", "FontFile3"];
        if described.is_some_and(|descriptor| files.iter().any(|key| descriptor.contains_key(key))) {
            return;
        }
        let named = font.get::<Dict<'_>>("Encoding").is_some_and(|encoding| encoding.contains_key("Differences"));
        let is_plain = below.is_none() && !named && streams::data(&map, rules).is_ok_and(|map| keeps_plain_text(&map));
        if !is_plain {
            self.mapped.extend([name_of(font), name_of(own)]);
        }
    }
}

fn is(font: &Dict<'_>, key: &str, value: &[u8]) -> bool {
    font.get::<Name<'_>>(key).is_some_and(|name| name.as_ref() == value)
}

/// Whether a map of single bytes leaves plain Latin text what it is.
fn keeps_plain_text(map: &[u8]) -> bool {
    let text = String::from_utf8_lossy(map);
    let entries = |begin: &str, end: &str| -> Vec<String> {
        text.split(begin).skip(1).map(|rest| rest.split(end).next().unwrap_or_default().to_owned()).collect()
    };
    // Spaces may stand within the digits.
    let numbers = |entry: &str| -> Vec<Option<u32>> {
        let parts = entry.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
        parts.map(|digits| u32::from_str_radix(&digits.split_ascii_whitespace().collect::<String>(), 16).ok()).collect()
    };
    let same = |code: Option<u32>, to: Option<u32>| match (code, to) {
        (Some(code), to) if PLAIN.contains(&code) => to == Some(code),
        (code, _) => code.is_some(),
    };
    let singles = entries("beginbfchar", "endbfchar");
    let ranges = entries("beginbfrange", "endbfrange");
    singles.iter().all(|entry| numbers(entry).chunks(2).all(|pair| pair.len() == 2 && same(pair[0], pair[1])))
        && ranges.iter().all(|entry| {
            !entry.contains('[')
                && numbers(entry).chunks(3).all(|range| {
                    let &[Some(first), Some(last), Some(to)] = range else { return false };
                    last < *PLAIN.start() || first > *PLAIN.end() || first == to
                })
        })
}

#[cfg(test)]
mod tests {
    use super::keeps_plain_text;

    #[test]
    fn a_map_that_leaves_latin_letters_what_they_are_says_nothing_new() {
        assert!(keeps_plain_text(b"2 beginbfchar <41> <0041> <a0> <20ac> endbfchar"));
        assert!(keeps_plain_text(b"1 beginbfrange <20> <7e> <0020> endbfrange"));
        assert!(!keeps_plain_text(b"1 beginbfchar <41> <0042> endbfchar"));
        assert!(!keeps_plain_text(b"1 beginbfrange <20><7e><0021> endbfrange"));
        assert!(!keeps_plain_text(b"1 beginbfrange <41> <42> [<0058> <0059>] endbfrange"));
        assert!(!keeps_plain_text(b"1 beginbfchar <41> <00410042> endbfchar"));
    }
}
