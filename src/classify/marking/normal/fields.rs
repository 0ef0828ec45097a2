//! Fields: a label with its value behind a sign, or in a cell of its own with its value in the next, which are one field then.
//!
//! Cells end at wide gaps, tabs and bars, on drawn pages where gaps stand above each other, behind Han words at any blank, and in rows of
//! comma-separated values at the comma or semicolon.

use std::ops::Range;

use regex::Regex;

use super::{Normal, fold, is_bar};
use crate::script::is_han;

/// Two cells side by side, of which the first is a label.
struct Pair {
    /// The label.
    label: Range<usize>,
    /// What stands between both.
    between: Range<usize>,
    /// Where the cell of the value ends.
    end: usize,
    /// Whether they are of a row of separated values.
    separated: bool,
}

impl Normal {
    /// Makes one field of a label that fills a cell and of the value in the next: `密级 | 机密` says what `密级：机密` does. A row of
    /// levels is the head of a table, and no value. `cells` tells the bytes of the page at which cells begin on drawn pages, in
    /// order; it is asked where there is a label.
    pub(in super::super) fn join_cells<'a>(&mut self, label: &Regex, level: &Regex, cells: impl FnOnce() -> &'a [u32]) {
        let text = self.folded.as_deref().unwrap_or(&self.text);
        let labels: Vec<Range<usize>> = label.find_iter(text).map(|label| label.range()).collect();
        let (Some(first), Some(last)) = (self.from.first(), self.from.last()) else { return };
        if labels.is_empty() {
            return;
        }
        let cells = cells();
        let on_line = cells.partition_point(|at| at <= first)..cells.partition_point(|at| at <= last);
        let drawn: Vec<usize> = cells.get(on_line).unwrap_or_default().iter().map(|at| self.place(*at)).collect();
        let is_value = |pair: &Pair| {
            let value = &text[pair.between.end..];
            let behind =
                text[pair.end..].trim_start_matches(|char| is_blank(char) || is_separator(char) || char == '"');
            let is_label = labels.iter().any(|other| other.start == pair.between.end);
            let is_head = level.is_match(value) && level.is_match(behind);
            // A heading of a sheet or a name in a program is written small.
            let is_name = text[pair.label.clone()].starts_with(char::is_lowercase);
            value.starts_with(char::is_alphanumeric) && !is_label && !is_head && !is_name
        };
        let pair = |label: &Range<usize>| self.beside(text, label, &drawn).or_else(|| self.separated(text, label));
        let mut pairs: Vec<Pair> = labels.iter().filter_map(pair).filter(is_value).collect();
        let mut next = usize::MAX;
        for pair in pairs.iter_mut().rev() {
            pair.end = pair.end.min(next);
            next = pair.label.start;
        }
        for pair in pairs.into_iter().rev() {
            self.put_colon(pair);
        }
        self.folded = fold(&self.text);
    }

    /// A label that fills a cell, and the cell beside it; `drawn` are places at which cells begin on drawn pages.
    fn beside(&self, text: &str, label: &Range<usize>, drawn: &[usize]) -> Option<Pair> {
        let next = |from: usize, is_han: bool| {
            let seams = if is_han { self.seams.as_slice() } else { &[] };
            [&self.breaks, drawn, seams].into_iter().filter_map(|ends| first_from(ends, from)).min()
        };
        let ends_cell = |from: usize, to: usize, is_han: bool| next(from, is_han).is_some_and(|at| at <= to);
        let before = text[..label.start].trim_end().trim_end_matches(is_bar).trim_end();
        let after_han = before.ends_with(is_han) || text[label.start..].starts_with(is_han);
        if !before.is_empty() && !ends_cell(before.len(), label.start, after_han) {
            return None;
        }
        let rest = text[label.end..].trim_start();
        let rest = rest.strip_prefix(is_bar).unwrap_or(rest).trim_start();
        let between = label.end..text.len() - rest.len();
        let of_han = text[..label.end].ends_with(is_han);
        if !ends_cell(between.start, between.end, of_han) {
            return None;
        }
        let end = next(between.end + 1, of_han).unwrap_or(text.len());
        Some(Pair { label: label.clone(), between, end, separated: false })
    }

    /// A label that is all of a value of a row of separated ones, and the value behind it: `Classification,Secret`, `"密级";"机密"`. There
    /// is no blank about the sign, as there is in a sentence, and pairs stand before it: another place is that of a column.
    fn separated(&self, text: &str, label: &Range<usize>) -> Option<Pair> {
        // Full-width commas are those of sentences.
        let is_narrow = |at: usize| self.to.get(at).zip(self.from.get(at)).is_some_and(|(to, from)| to - from == 1);
        let before = text[..label.start].strip_suffix('"').unwrap_or(&text[..label.start]);
        let rest = &text[label.end..];
        let rest = rest.strip_prefix('"').unwrap_or(rest);
        let sign = rest.chars().next().filter(|char| is_separator(*char))?;
        let begins = before.is_empty() || (before.ends_with(sign) && is_narrow(before.len() - 1));
        // Every other piece of what stands before is outside of quotes.
        let is_paired = before.split('"').step_by(2).map(|part| part.matches(sign).count()).sum::<usize>() % 2 == 0;
        if !begins || !is_paired || !is_narrow(text.len() - rest.len()) {
            return None;
        }
        let value = &rest[1..];
        let (value, ends) = value.strip_prefix('"').map_or((value, sign), |quoted| (quoted, '"'));
        let between = label.end..text.len() - value.len();
        let end = between.end + value.find(ends).unwrap_or(value.len());
        Some(Pair { label: label.clone(), between, end, separated: true })
    }

    /// Puts a colon in place of what stands between two cells, which are one field then.
    fn put_colon(&mut self, Pair { label, between, end, separated }: Pair) {
        let from = self.from.get(between.start).copied().unwrap_or_default();
        self.text.replace_range(between.clone(), ":");
        self.from.splice(between.clone(), [from]);
        self.to.splice(between.clone(), [from]);
        let moved = |at: usize| if at >= between.end { at + 1 - between.len() } else { at };
        for ends in [&mut self.breaks, &mut self.seams] {
            ends.retain(|at| !(between.start..=between.end).contains(at));
            ends.iter_mut().for_each(|at| *at = moved(*at));
        }
        if separated {
            self.breaks.extend([label.start, moved(end)]);
            self.breaks.sort_unstable();
            self.breaks.dedup();
        }
        for field in &mut self.fields {
            *field = moved(field.start)..moved(field.end);
        }
        self.fields.push(between.start..moved(end));
    }

    /// Fields with a label, and what each says: patterns of a whole line are tried on both. A value ends with its cell, at a sign, and in
    /// Han at any blank; where something else may follow it, it is tried without that, too. What goes on with another level is a list.
    pub(in super::super) fn labelled(&self, label: &Regex, level: &Regex) -> Vec<Range<usize>> {
        let text = self.folded.as_deref().unwrap_or(&self.text);
        let mut parts = Vec::new();
        // Most lines have no sign that a value may stand behind, and labels are many words.
        if !text.contains([':', '-', '–', '—']) {
            return parts;
        }
        for label in label.find_iter(text).map(|label| label.range()) {
            let is_inside = text[label.start..].starts_with(is_alphabet) && text[..label.start].ends_with(is_alphabet);
            let Some(from) = behind_sign(text, label.end).filter(|_| !is_inside) else { continue };
            let seams = if text[from..].starts_with(is_han) { self.seams.as_slice() } else { &[] };
            let ends = [&self.breaks, seams].into_iter().filter_map(|ends| first_from(ends, from + 1));
            let to = ends.min().unwrap_or(text.len());
            let mut value = &text[from..to];
            if let Some(end) = value.find(is_end) {
                let behind = value[end..].trim_start_matches(|char: char| !char.is_alphanumeric());
                let is_list = value[end..].starts_with([',', ';', '、']) && level.is_match(behind);
                value = if is_list { "" } else { &value[..end] };
            }
            let mut whole = 0;
            for end in ends_of(value) {
                let end = value[..end].trim_end_matches(|char: char| !char.is_alphanumeric()).len();
                if end > 0 && end != whole {
                    parts.extend([label.start..from + end, from..from + end]);
                    whole = end;
                }
            }
        }
        parts
    }

    /// What a cell says that begins at a place, up to its first blank.
    pub(in super::super) fn cell(&self, at: usize) -> Option<&str> {
        let before = self.text[..at].trim_end();
        let begins = before.is_empty() || before.ends_with(is_bar) || self.breaks.binary_search(&at).is_ok();
        let end = first_from(&self.seams, at + 1).unwrap_or(self.text.len());
        begins.then(|| self.text[at..end].trim_end_matches(is_blank))
    }

    /// The values of labels in cells of their own.
    pub(in super::super) fn values(&self) -> impl ExactSizeIterator<Item = Range<usize>> {
        self.fields.iter().map(|field| field.start + 1..field.end)
    }

    /// Whether a mark that takes in a label in a cell of its own is all that the next cell says, but for what is in brackets or follows a
    /// level: `Classification | Secret key` says none.
    pub(in super::super) fn fills_cells(&self, mark: &Range<usize>) -> bool {
        self.values().filter(|value| mark.start < value.start && value.start < mark.end).all(|value| {
            let rest = self.text.get(mark.end..value.end).unwrap_or("").trim_matches(is_blank);
            rest.is_empty() || rest.starts_with(['(', '[', '★', '☆', ')', ']']) || rest.starts_with("//")
        })
    }
}

/// Where the value begins behind a label that ends at a place, if a colon or a dash stands between them.
fn behind_sign(text: &str, label_end: usize) -> Option<usize> {
    let rest = &text[label_end..];
    let value = match rest.trim_start_matches([' ', '*', '_', '`']).strip_prefix(':') {
        Some(value) => value,
        None => rest.strip_prefix(' ')?.strip_prefix(['-', '–', '—'])?.strip_prefix(' ')?,
    };
    Some(text.len() - value.trim_start_matches(|char: char| !char.is_alphanumeric()).len())
}

/// Where a value may end, with its last letter at the latest: before a label, a word with a capital, a number or a dash, and behind a full
/// stop.
fn ends_of(value: &str) -> impl Iterator<Item = usize> {
    const MOST: usize = 4;
    let is_begin = |char: char| char.is_uppercase() || char.is_ascii_digit() || matches!(char, '№' | '-' | '–' | '—');
    let blanks = value.match_indices(' ').map(|(at, _)| at);
    let behind_label = value.find(':').map_or(0, |colon| value[..colon].rfind(' ').unwrap_or(0));
    let ends = move |at: &usize| {
        value[..*at].ends_with('.') || value[at + 1..].starts_with(is_begin) || (*at == behind_label && *at > 0)
    };
    blanks.filter(ends).take(MOST).chain([value.len()])
}

/// Letters that words are made of, with blanks between them.
fn is_alphabet(char: char) -> bool {
    char.is_alphabetic() && !is_han(char)
}

/// What ends a value that goes on.
fn is_end(char: char) -> bool {
    is_separator(char)
        || is_bar(char)
        || matches!(char, '(' | ')' | '[' | ']' | '/' | '<' | '"' | '“' | '”' | '»' | '」' | '、' | '。' | '★' | '☆')
}

/// The first of places in order that is not before another.
fn first_from(places: &[usize], from: usize) -> Option<usize> {
    places.get(places.partition_point(|at| *at < from)).copied()
}

/// What parts values of a row.
fn is_separator(char: char) -> bool {
    matches!(char, ',' | ';')
}

/// What stands around what a cell says.
fn is_blank(char: char) -> bool {
    char.is_whitespace() || is_bar(char)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line, a hundred bytes into its page, on which cells begin at `cells`.
    fn joined(line: &str, cells: &[u32]) -> Normal {
        let (label, level) = (
            Regex::new("密级|Classification").expect("valid"),
            Regex::new("^(?:公开|秘密|Public|Secret)").expect("valid"),
        );
        let mut normal = Normal::new(line, 100, &[]);
        normal.join_cells(&label, &level, || cells);
        assert_eq!((normal.from.len(), normal.to.len()), (normal.text.len(), normal.text.len()), "{line}");
        for Range { start, end } in normal.values() {
            assert!(normal.text.get(start..end).is_some(), "{line}");
        }
        assert!(normal.breaks.iter().all(|at| normal.text.is_char_boundary(*at)), "{line}");
        for word in ["机密", "機密", "Secret", "份数"].into_iter().filter(|word| line.contains(word)) {
            let at = normal.text.find(word).expect("kept");
            let (from, to) = normal.source(at, at + word.len());
            assert_eq!(&line[from as usize - 100..to as usize - 100], word, "{line}");
        }
        normal
    }

    fn values(normal: &Normal) -> Vec<&str> {
        normal.values().map(|value| &normal.text[value]).collect()
    }

    #[test]
    fn a_label_in_a_cell_and_its_value_are_one_field() {
        for (line, text) in [
            ("编号 7 密级 机密 份数 3", "编号7密级:机密份数3"),
            ("密级│機密", "密级:機密"),
            (
                "Title\tPlan\tClassification\tSecret\t密级 | 机密 | 份数",
                "Title Plan Classification:Secret 密级:机密 | 份数",
            ),
            ("| Classification | | Secret |", "| Classification | | Secret |"),
            ("Classification\tSecret\tPublic", "Classification Secret Public"),
            ("密级 Classification | 机密", "密级 Classification:机密"),
            ("classification\tsecret", "classification secret"),
            ("the Classification Secret", "the Classification Secret"),
        ] {
            assert_eq!(joined(line, &[]).text, text, "{line}");
        }
        let normal = joined("Classification\tSecret key\tRegion", &[]);
        let (at, value) = (normal.text.find(" key").expect("kept"), normal.values().next().expect("one"));
        assert!(!normal.fills_cells(&(0..at)) && normal.fills_cells(&(value.start..at)));
        assert_eq!(normal.field(0, at), (0, normal.text.find(" Region").expect("kept")));
    }

    #[test]
    fn bars_around_a_row_are_no_part_of_its_last_value() {
        let normal = joined("| Project | Heron | Classification | Secret |", &[]);
        let value = normal.values().next().expect("one");
        assert!(normal.fills_cells(&(0..value.start + "Secret".len())), "{:?}", values(&normal));
    }

    #[test]
    fn rows_of_separated_values_have_cells() {
        for (line, text, value) in [
            ("Classification,Secret", "Classification:Secret", "Secret"),
            ("7;x;Classification;Secret;x", "7;x;Classification:Secret;x", "Secret"),
            ("\"密级\",\"机密\",\"份数\"", "\"密级:机密\",\"份数\"", "机密"),
            ("编号,7,密级,機密", "编号,7,密级:機密", "機密"),
            ("\"x\",\"Smith, John\",\"密级\",\"机密\"", "\"x\",\"Smith, John\",\"密级:机密\"", "机密"),
        ] {
            let normal = joined(line, &[]);
            assert_eq!((normal.text.as_str(), values(&normal)), (text, vec![value]), "{line}");
        }
        let line = joined("7,x,Classification,Secret,x", &[]);
        assert_eq!(line.breaks, [4, 4 + "Classification:Secret".len()]);
        for line in [
            "the Classification,Secret",
            "Classification, Secret",
            "标明，密级，机密",
            "Classification,Secret,Public",
            "classification,secret",
            "Classification,,Secret",
            "Program,Classification,Secret",
            "\"Smith, John\",\"Classification\",\"Secret\"",
        ] {
            assert_eq!(values(&joined(line, &[])), [""; 0], "{line}");
        }
    }

    #[test]
    fn the_cell_of_a_value_ends_before_the_next_label_at_the_latest() {
        for (line, expected) in [
            ("Classification | Heron 密级 | 机密", vec!["机密", "Heron "]),
            ("Classification\tAlpha 密级 | 机密", vec!["机密", "Alpha "]),
            ("Classification\tX,Classification,\"y\"", vec!["X,Classification,\"y\""]),
            ("Classification,Se;Classification;\"x\";SECRET", vec!["Se;Classification;\"x\";SECRET"]),
        ] {
            assert_eq!(values(&joined(line, &[])), expected, "{line}");
        }
    }

    #[test]
    fn a_field_is_its_label_and_what_it_says() {
        let label = Regex::new("(?i)密级|classification").expect("valid");
        let level = Regex::new("^(?:Secret|Public)").expect("valid");
        for (line, fields) in [
            ("Classification: Secret, copy 3", vec!["Classification: Secret", "Secret"]),
            ("7 Classification – Secret (draft)", vec!["Classification – Secret", "Secret"]),
            (
                "Classification: Secret Copy 3",
                vec![
                    "Classification: Secret",
                    "Secret",
                    "Classification: Secret Copy",
                    "Secret Copy",
                    "Classification: Secret Copy 3",
                    "Secret Copy 3",
                ],
            ),
            ("[Classification: Secret] Plan", vec!["Classification: Secret", "Secret"]),
            ("Classification: Secret / Public", vec!["Classification: Secret", "Secret"]),
            (
                "Classification: Stg. Secret",
                vec!["Classification: Stg", "Stg", "Classification: Stg. Secret", "Stg. Secret"],
            ),
            (
                "Classification: secret kopia: 3",
                vec![
                    "Classification: secret",
                    "secret",
                    "Classification: secret kopia",
                    "secret kopia",
                    "Classification: secret kopia: 3",
                    "secret kopia: 3",
                ],
            ),
            ("密级：机密　份数：3", vec!["密级:机密", "机密"]),
            ("Declassification: Secret", vec![]),
            ("**Classification:** Secret", vec!["Classification:** Secret", "Secret"]),
            ("Classification: \"Secret\"", vec!["Classification: \"Secret", "Secret"]),
            ("Classification: Secret, Public", vec![]),
            ("Classification:", vec![]),
            ("Classification Secret", vec![]),
        ] {
            let normal = joined(line, &[]);
            let found: Vec<&str> = normal.labelled(&label, &level).into_iter().map(|part| &normal.text[part]).collect();
            assert_eq!(found, fields, "{line}");
        }
    }

    #[test]
    fn cells_of_drawn_pages_end_where_their_words_say() {
        let line = "Title Classification Secret Copies";
        let at = |word: &str| 100 + u32::try_from(line.find(word).expect("there")).expect("small");
        let normal = joined(line, &[3, at("Classification"), at("Secret"), at("Copies"), 900]);
        assert_eq!((normal.text.as_str(), values(&normal)), ("Title Classification:Secret Copies", vec!["Secret "]));
        assert_eq!(joined(line, &[at("Secret"), at("Copies")]).text, line, "the title stands in the cell of the label");
    }
}
