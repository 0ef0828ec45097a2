//! Pages of a sheet: cut as any text is, and called by the cells on them.

use std::ops::Range;

use super::pages::{Part, paginate};

/// A row of a sheet: where its line stands in the text of the sheet, and which cells of it are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) struct Row {
    start: u32,
    end: u32,
    number: u32,
    columns: (u32, u32),
}

impl Row {
    /// The row `number` with its first and last filled column, all from 1; none of a text larger than any that is kept.
    pub(in crate::format) fn of(line: Range<usize>, number: u32, columns: (u32, u32)) -> Option<Self> {
        Some(Self { start: u32::try_from(line.start).ok()?, end: u32::try_from(line.end).ok()?, number, columns })
    }

    /// The same row, so many bytes further on.
    pub(in crate::format) fn moved(self, by: usize) -> Self {
        let by = u32::try_from(by).unwrap_or(u32::MAX);
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by), ..self }
    }
}

/// The parts of a sheet: cut where its pages end, and called by the cells on them if they are several.
pub(in crate::format) fn cut_sheet(label: &str, text: String, rows: &[Row], page_chars: usize) -> Vec<Part> {
    let pages = paginate(&text, page_chars);
    if pages.len() < 2 {
        return vec![Part { label: Some(label.to_owned()), text }];
    }
    let called = |page: &Range<usize>| {
        let first = rows.partition_point(|row| row.end as usize <= page.start);
        let shown = rows[first..].iter().take_while(|row| (row.start as usize) < page.end);
        let place = shown.fold(None, |place: Option<((u32, u32), (u32, u32))>, row| {
            let ((left, top), (right, _)) = place.unwrap_or(((row.columns.0, row.number), row.columns));
            Some(((left.min(row.columns.0), top), (right.max(row.columns.1), row.number)))
        });
        match place {
            Some((from, to)) => format!("{label} {}:{}", address(from), address(to)),
            // Boxes, comments and footers.
            None => format!("{label}, beside the cells"),
        }
    };
    pages.iter().map(|page| Part { label: Some(called(page)), text: text[page.clone()].to_owned() }).collect()
}

/// The place of a cell, by column and row from 1, as people write it.
pub(in crate::format) fn address((column, row): (u32, u32)) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    while rest > 0 {
        letters.push(char::from_u32(u32::from(b'A') + (rest - 1) % 26).unwrap_or('?'));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect::<String>() + &row.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_sheet_are_called_by_the_cells_on_them() {
        let rows: Vec<Row> = [(5..15, 3, (2, 4)), (15..25, 4, (1, 1)), (25..35, 9, (3, 28))]
            .into_iter()
            .filter_map(|(line, number, columns)| Row::of(line, number, columns))
            .collect();
        let text = "head\n123456789\n123456789\n123456789\nfoot\n";
        let called = |page_chars| {
            let parts = cut_sheet("sheet \"A\"", text.to_owned(), &rows, page_chars);
            assert_eq!(parts.iter().map(|part| part.text.as_str()).collect::<String>(), text);
            parts.into_iter().filter_map(|part| part.label).collect::<Vec<_>>()
        };
        assert_eq!(called(100), ["sheet \"A\""]);
        assert_eq!(called(25), ["sheet \"A\" A3:D4", "sheet \"A\" C9:AB9"]);
        let each = ["sheet \"A\", beside the cells", "sheet \"A\" B3:D3", "sheet \"A\" A4:A4", "sheet \"A\" C9:AB9"];
        assert_eq!(called(10)[..4], each);
    }
}
