//! Workbooks of Excel: sheets in their order, cut into ranges of rows, hidden ones too, with what is written around the cells.
//!
//! Cells are read as they come and never held all at once. Numbers are written as Excel shows them where that matters: dates,
//! long numbers, leading zeros. A formula is its result; only one that was never calculated is itself.

mod around;
mod binary;
mod cells;
mod numbers;
mod strings;

use super::flow::Flow;
use super::gather::Gather;
use super::relations::{self, Relation, by_id, targets};
use super::slides::{CHART, diagrams, walked};
use crate::finding::{Fault, FaultReason};
use crate::format::package::xml::{Node, Xml};

pub(super) use binary::{is_binary, words_of};
use numbers::Formats;
use strings::Strings;

/// A sheet of the workbook.
struct Sheet {
    name: String,
    /// `hidden` or `veryHidden`, which only a program can show again.
    state: Option<String>,
    id: String,
}

/// What the workbook's own part tells.
struct List {
    /// One more than are read, if there are more.
    sheets: Vec<Sheet>,
    /// How many are read.
    most_sheets: usize,
    /// Names of places and values.
    names: Flow,
    from_1904: bool,
}

impl List {
    fn read(&mut self, xml: &mut Xml<'_>, most: usize) -> Result<(), Fault> {
        while let Some(node) = xml.node()? {
            let Node::Start(element) = node else { continue };
            let value = |name: &str| element.attribute(name);
            match element.name() {
                "sheet" if self.sheets.len() <= self.most_sheets => self.sheets.push(Sheet {
                    name: value("name").unwrap_or_default(),
                    state: value("state").filter(|state| state != "visible"),
                    id: element.prefixed("id").unwrap_or_default(),
                }),
                "workbookPr" => self.from_1904 = matches!(value("date1904").as_deref(), Some("1" | "true")),
                "definedName" => {
                    let name = [value("name"), value("comment")].into_iter().flatten().collect::<Vec<_>>().join(", ");
                    self.names.line(&format!("{name}: {}", xml.text(most)?));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What all sheets of a workbook share.
pub(super) struct Book {
    strings: Strings,
    formats: Formats,
    /// Days count from 1904.
    from_1904: bool,
}

/// Reads a workbook.
pub(super) fn read(gather: &mut Gather<'_>) {
    let main = relations::main_part(gather, "xl/workbook.xml");
    let relations = relations::of(gather, &main);
    let most_sheets = gather.settings.limits.package_parts;
    let mut list = List { sheets: Vec::new(), most_sheets, names: gather.flow(), from_1904: false };
    match binary::is_binary(&main) {
        true => binary::list(gather, &main, &mut list),
        false => {
            let most = gather.settings.limits.content_text_bytes;
            gather.xml_as(&main, &["workbook"], |xml| list.read(xml, most));
        }
    }
    let List { mut sheets, mut names, from_1904, .. } = list;
    if sheets.len() > most_sheets {
        gather.fault(Fault::limit("package_parts", most_sheets, "the number of sheets of the workbook"));
        sheets.truncate(most_sheets);
    }
    if names.is_over() {
        gather.full();
    }
    let mut strings = Strings::read(gather, &relations);
    let readings = strings.take_readings();
    let formats = Formats::read(gather, &relations);
    let book = Book { strings, formats, from_1904 };
    // A sheet without a cell still has a name, and labels are no text.
    let mut lines: Vec<String> = sheets.iter().map(|sheet| format!("sheet: {}", sheet.name)).collect();
    lines.extend(Some(names.take()).filter(|names| !names.is_empty()));
    let parts = by_id(&relations);
    for sheet in sheets {
        let state = sheet.state.map_or("", |state| if state == "veryHidden" { ", very hidden" } else { ", hidden" });
        let label = format!("sheet \"{}\"{state}", sheet.name);
        match parts.get(sheet.id.as_str()) {
            Some(part) if gather.has_seen(part) => {}
            Some(part) => read_sheet(gather, part, &label, &book),
            None => gather.fault(Fault::whole(FaultReason::Damaged, "a sheet is missing")),
        }
    }
    // Sheets that the workbook does not list.
    let kinds = ["worksheet", "chartsheet", "dialogsheet", "macrosheet", "xlMacrosheet", "xlIntlMacrosheet"];
    for part in targets(&relations, &kinds).map(str::to_owned).collect::<Vec<_>>() {
        if !gather.has_seen(&part) {
            read_sheet(gather, &part, "sheet out of the workbook", &book);
        }
    }
    gather.part(Some("names".to_owned()), lines.join("\n"));
    gather.part(Some("words in formats of numbers".to_owned()), book.formats.unshown());
    gather.part(Some("readings of names".to_owned()), readings);
    around::read_caches(gather, &relations);
}

/// A sheet: its cells, then comments, drawings and charts.
fn read_sheet(gather: &mut Gather<'_>, part: &str, label: &str, book: &Book) {
    if !gather.package.has(part) {
        return gather.fault(Fault::whole(FaultReason::Damaged, format!("part {} is missing", part.escape_debug())));
    }
    cells::read(gather, part, label, book);
    let relations = relations::of(gather, part);
    for (kind, what) in [("comments", "comments"), ("threadedComment", "comments")] {
        for part in owned(&relations, kind) {
            let text = if is_binary(&part) { words_of(gather, &part) } else { around::comments(gather, &part) };
            gather.part(Some(format!("{label}, {what}")), text);
        }
    }
    for part in owned(&relations, "table").into_iter().filter(|part| !is_binary(part)) {
        let text = around::columns(gather, &part);
        gather.part(Some(format!("{label}, table")), text);
    }
    for part in owned(&relations, "drawing") {
        let text = walked(gather, &part, super::slides::SHAPES);
        gather.part(Some(format!("{label}, drawing")), text);
        let relations = relations::of(gather, &part);
        for (name, text) in diagrams(gather, &relations) {
            gather.part(Some(format!("{label}, {name}")), text);
        }
        for part in owned(&relations, "chart") {
            if !gather.has_seen(&part) {
                let text = walked(gather, &part, CHART);
                gather.part(Some(format!("{label}, chart")), text);
            }
        }
    }
    for (name, text) in diagrams(gather, &relations) {
        gather.part(Some(format!("{label}, {name}")), text);
    }
}

fn owned(relations: &[Relation], kind: &str) -> Vec<String> {
    targets(relations, &[kind]).map(str::to_owned).collect()
}
