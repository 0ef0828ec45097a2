//! The cells of a sheet, cut into ranges of rows, and what its own part says besides: headers, footers, lists to choose from.

use super::super::flow::Flow;
use super::super::gather::Gather;
use super::strings::is_worded;
use super::{Book, around, binary};
use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::formulas::Texts;
use crate::format::package::xml::{Element, Node, Xml};

/// Columns of a sheet, of Excel's 16,384: a larger number is no place.
const COLUMNS: u32 = 16_384;

/// Headers, and footers, that stand on each page: a sheet has three. Those of further views are told with lists and tips.
const STORIES: usize = 16;

/// What a sheet is, by its root element.
const ROOTS: &[&str] = &["worksheet", "chartsheet", "dialogsheet", "macrosheet"];

/// A range of rows: its first and last row, its first and last column, and its text.
struct Range {
    rows: (u32, u32),
    columns: (u32, u32),
    text: String,
}

/// Reads the cells of a sheet.
pub(super) fn read(gather: &mut Gather<'_>, part: &str, label: &str, book: &Book) {
    let macros = part.to_lowercase().contains("macrosheet");
    let mut sheet = Reading::new([gather.flow(), gather.flow()], book, gather.settings, macros);
    match binary::is_binary(part) {
        true => binary::cells(gather, part, &mut sheet),
        false => gather.xml_as(part, ROOTS, |xml| sheet.all(xml)),
    }
    sheet.keep_all(gather, label);
}

impl Reading<'_> {
    /// Keeps what was read: a part a range, and what is said about the sheet.
    fn keep_all(mut self, gather: &mut Gather<'_>, label: &str) {
        self.cut();
        self.over |= self.formulas.is_over(self.most);
        let formulas = std::mem::take(&mut self.formulas);
        formulas.lines().for_each(|text| self.keep(text));
        if self.over || self.about.is_over() {
            gather.full();
        }
        if self.lost > 0 {
            let detail = format!("{} cells refer to strings that are not in the workbook", self.lost);
            gather.fault(Fault::whole(FaultReason::Damaged, detail));
        }
        let Self { ranges, heads, feet, mut about, .. } = self;
        let (head, foot) = (heads.join("\n"), feet.join("\n"));
        let one = ranges.len() == 1;
        if ranges.is_empty() {
            gather.part(Some(label.to_owned()), joined(&[&head, &foot]));
        }
        for range in ranges {
            let place = format!("{}:{}", place(range.columns.0, range.rows.0), place(range.columns.1, range.rows.1));
            let label = if one { label.to_owned() } else { format!("{label} {place}") };
            gather.part(Some(label), joined(&[&head, &range.text, &foot]));
        }
        gather.part(Some(format!("{label}, lists and tips")), about.take());
    }
}

fn joined(lines: &[&str]) -> String {
    lines.iter().copied().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// The name of a cell: column and row from 1.
fn place(column: u32, row: u32) -> String {
    let (mut letters, mut rest) = (String::new(), column.clamp(1, COLUMNS));
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{row}")
}

/// Column and row of the name of a cell.
fn column_and_row(name: &str) -> Option<(u32, u32)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = name.split_at(digits);
    let mut column = 0_u32;
    for letter in letters.bytes().filter(u8::is_ascii_alphabetic) {
        column = column.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A' + 1))?;
    }
    Some((column.clamp(1, COLUMNS), digits.parse().ok()?))
}

/// A sheet that is read.
pub(super) struct Reading<'b> {
    book: &'b Book,
    flow: Flow,
    page_chars: usize,
    /// Bytes that a text may have.
    most: usize,
    macros: bool,
    ranges: Vec<Range>,
    heads: Vec<String>,
    feet: Vec<String>,
    about: Flow,
    formulas: Texts,
    /// The last line of that.
    last: String,
    rows: Option<(u32, u32)>,
    columns: Option<(u32, u32)>,
    row: u32,
    column: u32,
    cell: Cell,
    /// Characters since the last cut.
    chars: usize,
    pub(super) over: bool,
    lost: usize,
}

/// The cell that is read.
#[derive(Default)]
struct Cell {
    kind: String,
    style: Option<usize>,
    value: String,
    formula: String,
    /// It has a result, even an empty one.
    calculated: bool,
    into: Into,
}

/// Where text goes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Into {
    #[default]
    Nowhere,
    Value,
    Formula,
}

impl<'b> Reading<'b> {
    fn new([flow, about]: [Flow; 2], book: &'b Book, settings: &Settings, macros: bool) -> Self {
        Self {
            book,
            flow,
            page_chars: settings.text.page_chars,
            most: settings.limits.content_text_bytes,
            macros,
            ranges: Vec::new(),
            heads: Vec::new(),
            feet: Vec::new(),
            about,
            formulas: Texts::default(),
            last: String::new(),
            rows: None,
            columns: None,
            row: 0,
            column: 0,
            cell: Cell::default(),
            chars: 0,
            over: false,
            lost: 0,
        }
    }

    fn all(&mut self, xml: &mut Xml<'_>) -> Result<(), Fault> {
        while let Some(node) = xml.node()? {
            let mut whole = None;
            match node {
                Node::Start(element) => match element.name() {
                    "c" => self.begin(&element),
                    "v" | "t" => {
                        self.cell.into = Into::Value;
                        self.cell.calculated = true;
                    }
                    "f" => self.cell.into = Into::Formula,
                    "rPh" => whole = Some("rPh".to_owned()),
                    "row" => {
                        let row = element.attribute("r").and_then(|row| row.parse().ok());
                        self.row = row.unwrap_or_else(|| self.row.saturating_add(1));
                        self.column = 0;
                    }
                    "sheetData" => {}
                    name @ ("oddHeader" | "evenHeader" | "firstHeader" | "oddFooter" | "evenFooter" | "firstFooter"
                    | "formula" | "formula1" | "formula2") => whole = Some(name.to_owned()),
                    _ => self.say(&element),
                },
                Node::End(element) => match element.name() {
                    "v" | "t" | "f" => self.cell.into = Into::Nowhere,
                    "c" => self.write(),
                    "row" => self.end_row(),
                    _ => {}
                },
                Node::Text(text) => match self.cell.into {
                    Into::Value => self.cell.value.push_str(&text),
                    Into::Formula => self.cell.formula.push_str(&text),
                    Into::Nowhere => {}
                },
            }
            if let Some(name) = whole {
                let text = xml.text(self.most)?;
                self.whole(&name, &text);
            }
        }
        Ok(())
    }

    fn begin(&mut self, element: &Element<'_>) {
        let cell = &mut self.cell;
        (cell.style, cell.calculated) = (None, false);
        [&mut cell.kind, &mut cell.value, &mut cell.formula].into_iter().for_each(String::clear);
        let mut at = None;
        for (name, value) in element.attributes() {
            match name {
                "r" => at = column_and_row(&value),
                "t" => cell.kind.push_str(&value),
                "s" => cell.style = value.parse().ok(),
                _ => {}
            }
        }
        self.column = at.map_or(self.column.saturating_add(1), |(column, _)| column);
        self.row = at.map_or(self.row, |(_, row)| row);
    }

    /// The cell as it is shown.
    fn write(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let value = cell.value.trim();
        if cell.calculated && cell.formula.contains('"') {
            self.formulas.of_formula(&cell.formula, self.most);
        }
        match cell.kind.as_str() {
            _ if !cell.formula.is_empty() && (self.macros || !cell.calculated) => {
                self.put(&format!("={} {value}", cell.formula));
            }
            _ if value.is_empty() => {}
            "s" => self.put_shared(value.parse().unwrap_or(usize::MAX), cell.style),
            "b" => self.put(if value == "1" { "TRUE" } else { "FALSE" }),
            "" | "n" => self.put_number(value, cell.style),
            "str" | "inlineStr" => self.put_text(value, cell.style),
            _ => self.put(value),
        }
        // Its memory serves the next cell.
        self.cell = cell;
    }

    /// Where the next cell stands.
    pub(super) fn go(&mut self, column: u32, row: u32) {
        (self.column, self.row) = (column, row);
    }

    /// Writes a cell.
    pub(super) fn put(&mut self, text: &str) {
        let text = text.trim();
        self.flow.text(text);
        self.flow.gap('\t');
        self.chars = self.chars.saturating_add(text.chars().count() + 1);
        let wider =
            |range: Option<(u32, u32)>, at: u32| range.map_or((at, at), |(from, to)| (from.min(at), to.max(at)));
        self.rows = Some(wider(self.rows, self.row));
        self.columns = Some(wider(self.columns, self.column));
    }

    /// Writes a shared string.
    pub(super) fn put_shared(&mut self, index: usize, style: Option<usize>) {
        let book = self.book;
        match book.strings.get(index) {
            Some(text) => self.put_text(text, style),
            None => self.lost = self.lost.saturating_add(1),
        }
    }

    /// Writes a number.
    pub(super) fn put_number(&mut self, number: &str, style: Option<usize>) {
        let book = self.book;
        self.put(&book.formats.number(number, style, book.from_1904));
    }

    /// Writes a text.
    pub(super) fn put_text(&mut self, text: &str, style: Option<usize>) {
        let book = self.book;
        self.put(&book.formats.text(text, style));
    }

    /// A row ends, and with it perhaps a range. A fifth of a page is left for its header and footer.
    pub(super) fn end_row(&mut self) {
        self.flow.gap('\n');
        if self.chars >= self.page_chars / 5 * 4 {
            self.cut();
        }
    }

    /// A range ends with the row.
    fn cut(&mut self) {
        self.over |= self.flow.is_over();
        self.chars = 0;
        let text = self.flow.take();
        let (rows, columns) = (self.rows.take(), self.columns.take());
        if let Some((rows, columns)) = rows.zip(columns).filter(|_| !text.trim().is_empty()) {
            self.ranges.push(Range { rows, columns, text });
        }
    }

    /// An element whose text is one thing.
    fn whole(&mut self, name: &str, text: &str) {
        if name.ends_with("Header") || name.ends_with("Footer") {
            self.story(name.ends_with("Header"), text);
        } else if name == "rPh" {
            if is_worded(text) {
                self.keep(text);
            }
        } else if name == "formula" {
            // Of a condition: what it looks for, or what it compares with.
            self.formulas.of_formula(text, self.most);
        } else if let Some(list) = text.strip_prefix('"') {
            self.keep(&list.trim_end_matches('"').replace(',', "\t"));
        }
    }

    /// A header or a footer, with its codes.
    pub(super) fn story(&mut self, header: bool, text: &str) {
        let place = if header { &mut self.heads } else { &mut self.feet };
        let line = around::without_codes(text);
        if line.is_empty() || place.contains(&line) {
            return;
        }
        if place.len() < STORIES { place.push(line) } else { self.keep(&line) }
    }

    /// What rules and links say to whoever comes to a cell.
    fn say(&mut self, element: &Element<'_>) {
        let attributes: &[&str] = match element.name() {
            "dataValidation" => &["promptTitle", "prompt", "errorTitle", "error"],
            "hyperlink" => &["display", "tooltip"],
            "inputCells" => &["val"],
            "scenario" => &["name", "comment"],
            "cfRule" => &["text"],
            _ => return,
        };
        for name in attributes {
            if let Some(text) = element.attribute(name) {
                self.keep(&text);
            }
        }
    }

    pub(super) fn keep(&mut self, line: &str) {
        let line = line.trim();
        if !line.is_empty() && self.last != line {
            self.about.line(line);
            self.last.clear();
            self.last.push_str(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_names() {
        for (name, column, row) in [("A1", 1, 1), ("Z9", 26, 9), ("AA10", 27, 10), ("XFD1048576", 16_384, 1_048_576)] {
            assert_eq!(column_and_row(name), Some((column, row)));
            assert_eq!(place(column, row), name);
        }
        assert_eq!(column_and_row("none"), None);
        assert_eq!(column_and_row(&format!("{}1", "Z".repeat(50))), None);
    }
}
