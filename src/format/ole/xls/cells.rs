//! Values of cells as text: numbers whole, dates as dates.

use super::super::bytes::f64;
use crate::format::number_format::Formats;

/// Formats of numbers by cell style.
#[derive(Default)]
pub(super) struct Styles {
    /// Days are counted from 1904 and not from 1900.
    pub(super) from_1904: bool,
    dates: Vec<u16>,
    styles: Vec<u16>,
    formats: Formats,
}

/// Formats built in that show a date or a time.
fn is_built_in_date(format: u16) -> bool {
    matches!(format, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

impl Styles {
    /// Notes a format of the workbook's own.
    pub(super) fn format(&mut self, number: u16, pattern: &str) {
        let mut quoted = false;
        let mut bracket = false;
        let shows_date = pattern.chars().any(|c| {
            match c {
                '"' => quoted = !quoted,
                '[' => bracket = true,
                ']' => bracket = false,
                _ => {}
            }
            !quoted && !bracket && "ymdhsYMDHS年月日".contains(c)
        });
        if shows_date && !pattern.contains("General") && !pattern.contains("Red") {
            self.dates.push(number);
        }
        self.formats.add(number.into(), pattern);
    }

    /// Notes a cell style.
    pub(super) fn style(&mut self, format: u16) {
        self.styles.push(format);
    }

    /// A number as a cell of that style means it.
    pub(super) fn number(&self, value: f64, style: u16) -> String {
        let format = self.styles.get(usize::from(style)).copied().unwrap_or_default();
        let dated = is_built_in_date(format) || self.dates.contains(&format);
        let text = dated.then(|| self.date(value)).flatten().unwrap_or_else(|| plain(value));
        self.formats.number(format.into(), value, text)
    }

    /// A text as a cell of that style shows it.
    pub(super) fn text(&self, text: String, style: u16) -> String {
        let format = self.styles.get(usize::from(style)).copied().unwrap_or_default();
        self.formats.text(format.into(), text)
    }

    /// Words of formats that no cell shows, a line each.
    pub(super) fn unshown(&self) -> String {
        self.formats.unshown().into_iter().flat_map(|line| [line, "\n"]).collect()
    }

    #[allow(clippy::cast_possible_truncation, reason = "checked to be a day of the calendar")]
    fn date(&self, value: f64) -> Option<String> {
        if !(0.0..2_958_466.0).contains(&value) {
            return None;
        }
        let seconds = ((value - value.floor()) * 86400.0).round() as i64;
        let days = value.floor() as i64;
        // Excel takes 1900 for a leap year.
        let days = if self.from_1904 { days - 24107 } else { days - 25569 + i64::from(days < 60) };
        let moment = time::OffsetDateTime::from_unix_timestamp(days * 86400 + seconds).ok()?;
        let (date, clock) = (moment.date(), moment.time());
        let hours = format!("{:02}:{:02}", clock.hour(), clock.minute());
        Some(match (value < 1.0, seconds) {
            (true, _) => hours,
            (false, 0) => format!("{date}"),
            _ => format!("{date} {hours}"),
        })
    }
}

/// A number with all its digits.
pub(super) fn plain(value: f64) -> String {
    // What was computed shows noise in the last digits.
    let rounded = format!("{value:.10}");
    let short = rounded.trim_end_matches('0').trim_end_matches('.');
    if value != 0.0 && matches!(short, "0" | "-0") { format!("{value}") } else { short.to_owned() }
}

/// A number packed into four bytes.
pub(super) fn small(packed: u32) -> f64 {
    let value = if packed & 2 == 0 {
        f64::from_bits(u64::from(packed & !3) << 32)
    } else {
        f64::from(packed.cast_signed() >> 2)
    };
    if packed & 1 == 0 { value } else { value / 100.0 }
}

/// What a formula gives: a number or truth; none if a string follows.
pub(super) fn result(bytes: &[u8]) -> Option<Value> {
    if bytes.get(6..8)? == [0xff, 0xff] {
        return Some(match bytes.first()? {
            0 => Value::StringFollows,
            1 => Value::Text(truth(*bytes.get(2)?, false)),
            2 => Value::Text(truth(*bytes.get(2)?, true)),
            _ => Value::Text(String::new()),
        });
    }
    f64(bytes, 0).map(Value::Number)
}

/// A result of a formula.
pub(super) enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A text in the next record.
    StringFollows,
}

/// Truth or an error.
pub(super) fn truth(value: u8, error: bool) -> String {
    match (error, value) {
        (false, 0) => "FALSE",
        (false, _) => "TRUE",
        (true, 0x07) => "#DIV/0!",
        (true, 0x0f) => "#VALUE!",
        (true, 0x17) => "#REF!",
        (true, 0x1d) => "#NAME?",
        (true, 0x24) => "#NUM!",
        (true, 0x2a) => "#N/A",
        (true, _) => "#NULL!",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_stay_whole_and_dates_are_dates() {
        assert_eq!(plain(110_105_194_912_310.0), "110105194912310");
        assert_eq!(plain(0.1 + 0.2), "0.3");
        assert_eq!(plain(1e-15), "0.000000000000001");
        let mut styles = Styles::default();
        styles.style(14);
        styles.format(164, "yyyy\"年\"m\"月\"");
        styles.style(164);
        assert_eq!(styles.number(41690.5, 0), "2014-02-20 12:00");
        assert_eq!(styles.number(41690.0, 1), "2014-02-20");
        assert_eq!(styles.number(41690.0, 9), "41690");
        styles.style(165);
        styles.format(165, "\"TOP SECRET\"");
        styles.style(166);
        styles.format(166, "0;0;0;\"secret \"@");
        styles.format(167, "\"unused words\"");
        assert_eq!(styles.number(1.0, 2), "TOP SECRET\t1");
        assert_eq!(styles.text("plan".to_owned(), 3), "secret plan");
        assert_eq!(styles.unshown(), "unused words\n");
        styles.from_1904 = true;
        assert_eq!(styles.number(40228.0, 0), "2014-02-20");
        assert!((small(0x0000_0fa2) - 1000.0).abs() < f64::EPSILON);
    }
}
