//! Numbers as Excel shows them, where that is more than their digits: dates, long numbers, leading zeros.

use std::collections::{BTreeSet, HashMap};

use super::super::gather::Gather;
use super::super::relations::{Relation, targets};
use super::binary;
use crate::finding::Fault;
use crate::format::number_format::{self, NumberFormat};
use crate::format::package::xml::{Node, Xml};

/// Formats and styles that are kept: Excel allows 65,490.
const STYLES: usize = 100_000;

/// What a style makes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Look {
    /// Its digits.
    #[default]
    Plain,
    /// A day, a time of day, or both.
    Date,
    /// At least so many digits.
    Zeros(usize),
}

/// The formats of each style.
#[derive(Default)]
pub(super) struct Formats {
    /// What formats of the workbook's own make of numbers, and their words.
    own: HashMap<u32, Look>,
    words: number_format::Formats,
    styles: Vec<Style>,
    /// Words of formats that no style uses, as those of conditions.
    unused: BTreeSet<String>,
}

/// A style of cells.
#[derive(Clone, Copy, Default)]
struct Style {
    look: Look,
    format: u32,
}

impl Formats {
    /// Reads the styles of a workbook.
    pub(super) fn read(gather: &mut Gather<'_>, relations: &[Relation]) -> Self {
        let mut formats = Self::default();
        let parts: Vec<&str> = targets(relations, &["styles"]).collect();
        for part in parts {
            match binary::is_binary(part) {
                true => binary::styles(gather, part, &mut formats),
                false => gather.xml(part, |xml| formats.add(xml)),
            }
        }
        formats
    }

    fn add(&mut self, xml: &mut Xml<'_>) -> Result<(), Fault> {
        let (mut in_cells, mut in_conditions) = (false, false);
        while let Some(node) = xml.node()? {
            match node {
                Node::Start(element) => {
                    let id = || element.attribute("numFmtId").and_then(|id| id.parse::<u32>().ok()).unwrap_or_default();
                    let code = || element.attribute("formatCode").unwrap_or_default();
                    match element.name() {
                        // Its number means nothing outside of the condition.
                        "numFmt" if in_conditions => self.unused(&NumberFormat::of(&code())),
                        "numFmt" => self.format(id(), &code()),
                        "cellXfs" => in_cells = true,
                        "dxfs" => in_conditions = true,
                        "xf" if in_cells => self.style(id()),
                        _ => {}
                    }
                }
                Node::End(element) => match element.name() {
                    "cellXfs" => in_cells = false,
                    "dxfs" => in_conditions = false,
                    _ => {}
                },
                Node::Text(_) => {}
            }
        }
        Ok(())
    }

    fn unused(&mut self, format: &NumberFormat) {
        if self.unused.len() < STYLES {
            self.unused.extend(format.words().map(str::to_owned));
        }
    }

    /// Adds a format of the workbook's own.
    pub(super) fn format(&mut self, id: u32, code: &str) {
        if self.own.len() < STYLES {
            self.own.insert(id, look(code));
            self.words.add(id, code);
        }
    }

    /// Adds a style, which shows numbers in a format.
    pub(super) fn style(&mut self, format: u32) {
        if self.styles.len() < STYLES {
            let look = self.own.get(&format).copied().unwrap_or_else(|| built_in(format));
            self.styles.push(Style { look, format });
        }
    }

    fn at(&self, style: Option<usize>) -> Style {
        style.and_then(|style| self.styles.get(style)).copied().unwrap_or_default()
    }

    /// A number as a style shows it.
    pub(super) fn number(&self, raw: &str, style: Option<usize>, from_1904: bool) -> String {
        let style = self.at(style);
        let text = shown(raw, style.look, from_1904);
        match raw.trim().parse() {
            Ok(value) => self.words.number(style.format, value, text),
            Err(_) => text,
        }
    }

    /// A text as a style shows it.
    pub(super) fn text(&self, text: &str, style: Option<usize>) -> String {
        self.words.text(self.at(style).format, text.to_owned())
    }

    /// Words of formats that no cell shows.
    pub(super) fn unshown(&self) -> String {
        let mut lines = self.words.unshown();
        lines.extend(self.unused.iter().map(String::as_str));
        lines.into_iter().collect::<Vec<_>>().join("\n")
    }
}

/// Formats that every workbook has.
fn built_in(id: u32) -> Look {
    match id {
        14..=22 | 27..=36 | 45..=47 | 50..=58 => Look::Date,
        _ => Look::Plain,
    }
}

/// What a format of the workbook's own makes of a number.
fn look(code: &str) -> Look {
    let code = code.split(';').next().unwrap_or_default();
    if code.eq_ignore_ascii_case("general") {
        return Look::Plain;
    }
    if code.len() > 1 && code.bytes().all(|byte| byte == b'0') {
        return Look::Zeros(code.len().min(40));
    }
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for character in code.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'e' if !quoted && !bracketed => {
                return Look::Date;
            }
            _ => {}
        }
    }
    Look::Plain
}

/// A number as it is shown.
fn shown(raw: &str, look: Look, from_1904: bool) -> String {
    let raw = raw.trim();
    let Ok(number) = raw.parse::<f64>() else { return raw.to_owned() };
    let digits = || match (raw.contains(['e', 'E']), raw.contains('.') && raw.len() > 16) {
        (true, _) => plain(number),
        (false, true) => rounded(number),
        // A long number keeps all digits that the file has, even those that Excel would not show.
        (false, false) => raw.to_owned(),
    };
    match look {
        Look::Date => date(number, from_1904).unwrap_or_else(digits),
        Look::Zeros(width) if number >= 0.0 => format!("{:0>width$}", format!("{number:.0}")),
        Look::Zeros(_) | Look::Plain => digits(),
    }
}

/// All digits of a number instead of a power of ten, unless there are too many.
fn plain(number: f64) -> String {
    let readable = number == 0.0 || (1e-20..1e40).contains(&number.abs());
    if readable { format!("{number}") } else { format!("{number:e}") }
}

/// A number with the 15 digits that Excel shows at most.
fn rounded(number: f64) -> String {
    plain(format!("{number:.14e}").parse().unwrap_or(number))
}

/// A day, and the time of day if there is one, of days counted from 1900 or 1904; none if there is no such day.
#[allow(clippy::cast_possible_truncation, reason = "checked to be a day of the years 1900 to 9999")]
fn date(number: f64, from_1904: bool) -> Option<String> {
    if !(0.0..2_958_466.0).contains(&number) {
        return None;
    }
    let seconds = (number * 86_400.0).round() as i64;
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let time = |second: i64| format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    if day == 0 && !from_1904 {
        return Some(time(second));
    }
    // Excel's 1900 has a 29 February, so that days before it count one less.
    let epoch = match (from_1904, day < 60) {
        (true, _) => time::macros::date!(1904 - 01 - 01),
        (false, true) => time::macros::date!(1899 - 12 - 31),
        (false, false) => time::macros::date!(1899 - 12 - 30),
    };
    let date = epoch.checked_add(time::Duration::days(day))?;
    let day = format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day());
    Some(if second == 0 { day } else { format!("{day} {}", time(second)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_shown() {
        let cases = [
            ("45292", Look::Date, "2024-01-01"),
            ("45292.75", Look::Date, "2024-01-01 18:00:00"),
            ("0.5", Look::Date, "12:00:00"),
            ("59", Look::Date, "1900-02-28"),
            ("-1", Look::Date, "-1"),
            ("1.10105194912310E+17", Look::Plain, "110105194912310000"),
            ("110105194912310021", Look::Plain, "110105194912310021"),
            ("0.30000000000000004", Look::Plain, "0.3"),
            ("12345", Look::Zeros(8), "00012345"),
            ("3.14", Look::Plain, "3.14"),
            ("1e300", Look::Plain, "1e300"),
            ("no number", Look::Plain, "no number"),
        ];
        for (raw, look, expected) in cases {
            assert_eq!(shown(raw, look, false), expected, "{raw}");
        }
        assert_eq!(shown("0", Look::Date, true), "1904-01-01");
    }

    #[test]
    fn formats_of_dates_are_told_from_those_that_only_hold_their_letters() {
        for code in ["yyyy\"年\"m\"月\"", "[$-804]aaaa, d", "hh:mm", "[h]:mm"] {
            assert_eq!(look(code), Look::Date, "{code}");
        }
        for code in ["0.00", "\"days\" 0", "[Red]0", "General", "#,##0\\d", "0.0_);@"] {
            assert_eq!(look(code), Look::Plain, "{code}");
        }
        assert_eq!(look("000000"), Look::Zeros(6));
    }
}
