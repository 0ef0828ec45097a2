//! Styles, master pages, paragraphs, sheets, slides and cells: what begins and ends a block of text.

use crate::document::DELETED;
use crate::format::package::xml::Element;

use super::super::context::Target;
use super::{
    Cell, IDENTIFIER, MASTERS, Master, Mode, PARENTS, PICTURES, Page, Reader, RowUnderWay, SHAPES, STYLES, Style,
};
use crate::format::text::Row;

/// How often a row or a cell stands there.
fn repeated(element: &Element<'_>, name: &str) -> u32 {
    element.attribute(name).and_then(|times| times.parse().ok()).unwrap_or(1).max(1)
}

impl Reader<'_> {
    pub(super) fn begin_style(&mut self, element: &Element<'_>) {
        let name = element.attribute("name").unwrap_or_default();
        let key = format!("{} {name}", element.attribute("family").unwrap_or_default());
        let master = element.attribute("master-page-name").filter(|name| !name.is_empty());
        let family = element.attribute("family").unwrap_or_default();
        let parent = element.attribute("parent-style-name").map(|name| format!("{family} {name}"));
        if self.styles.len() < STYLES {
            self.styles.insert(key.clone(), Style { master, parent, ..Style::default() });
            self.style = Some(key);
        }
    }

    pub(super) fn style_properties(&mut self, element: &Element<'_>) {
        let Some(style) = self.style.as_ref().and_then(|key| self.styles.get_mut(key)) else { return };
        let is = |name: &str, value: &str| element.attribute(name).is_some_and(|found| found == value);
        style.breaks |= is("break-before", "page");
        style.hidden |= is("display", "false") || is("visibility", "hidden");
    }

    /// How a style shows letters.
    pub(super) fn letters(&mut self, element: &Element<'_>) {
        let Some(style) = self.style.as_ref().and_then(|key| self.styles.get_mut(key)) else { return };
        let forms = [element.attribute("text-transform"), element.attribute("font-variant")];
        for form in forms.into_iter().flatten() {
            match form.as_str() {
                "uppercase" | "small-caps" => style.capitals = Some(true),
                "none" | "normal" | "lowercase" => style.capitals = style.capitals.or(Some(false)),
                _ => {}
            }
        }
        let lines = [element.attribute("text-line-through-style"), element.attribute("text-line-through-type")];
        for line in lines.into_iter().flatten() {
            style.struck = Some(line != "none");
        }
    }

    /// Whether the letters of the element that begins are shown in some way: as its style says, or as the text around it is.
    pub(super) fn shown(
        &self,
        name: &str,
        element: &Element<'_>,
        around: bool,
        says: impl Fn(&Style) -> Option<bool>,
    ) -> bool {
        let families: &[&str] = match name {
            "p" | "h" => &["paragraph"],
            "span" | "a" => &["text"],
            "table-cell" | "covered-table-cell" => &["table-cell"],
            name if SHAPES.contains(&name) => &["graphic", "presentation"],
            _ => return around,
        };
        let stated = element
            .attribute("style-name")
            .and_then(|style| families.iter().find_map(|family| self.style_says(&format!("{family} {style}"), &says)));
        // A box has the letters of its own style and not of the paragraph that it hangs on.
        stated.unwrap_or(around && families[0] != "graphic")
    }

    /// What a style, or one that it builds on, says of its letters.
    fn style_says(&self, key: &str, says: impl Fn(&Style) -> Option<bool>) -> Option<bool> {
        let mut key = key.to_owned();
        for _ in 0..PARENTS {
            let style = self.styles.get(&key)?;
            let said = says(style);
            if said.is_some() {
                return said;
            }
            key = style.parent.clone()?;
        }
        None
    }

    /// Words that a list puts before or behind its numbers, or as its bullet.
    pub(super) fn list_style(&mut self, element: &Element<'_>) {
        for text in ["num-prefix", "num-suffix", "bullet-char"].iter().filter_map(|name| element.attribute(name)) {
            if text.chars().filter(|c| c.is_alphabetic()).count() > 1 {
                self.bytes = self.bytes.saturating_add(text.len());
                self.names.push_str(text.trim());
                self.names.push('\n');
            }
        }
    }

    /// Notes the place of a picture in the package.
    pub(super) fn picture(&mut self, element: &Element<'_>) {
        let place = element.attribute("href").unwrap_or_default();
        let of_table = element.name() == "image" && self.tabled.is_some_and(|frame| frame + 1 == self.open.len());
        let outside = place.starts_with(['#', '/']) || place.starts_with("../") || place.contains(':');
        if !place.is_empty() && !outside && self.pictures.len() < PICTURES {
            self.bytes = self.bytes.saturating_add(place.len());
            let places = if of_table { &mut self.previews } else { &mut self.pictures };
            places.insert(place);
        }
    }

    fn style_of(&self, family: &str, element: &Element<'_>) -> Style {
        let name = element.attribute("style-name").unwrap_or_default();
        self.styles.get(&format!("{family} {name}")).cloned().unwrap_or_default()
    }

    pub(super) fn begin_master(&mut self, element: &Element<'_>) {
        let name = element.attribute("name").unwrap_or_else(|| "handout".to_owned());
        if self.masters.len() >= MASTERS {
            return self.enter(Target::Area("shapes".to_owned()));
        }
        self.masters.push(Master { name, next: element.attribute("next-style-name"), ..Master::default() });
        self.enter(Target::Area("shapes".to_owned()));
    }

    pub(super) fn begin_paragraph(&mut self, element: &Element<'_>) {
        if self.mode == Mode::Text && self.inner.is_empty() && self.body.rows.is_empty() && self.body.written == 0 {
            let style = self.style_of("paragraph", element);
            if style.breaks || style.master.is_some() {
                self.break_page(style.master);
            }
        }
        let context = self.context();
        if context.rows.is_empty() && context.written == 0 {
            context.separate("\n");
        }
        self.write();
    }

    /// A new page of running text.
    pub(super) fn break_page(&mut self, master: Option<String>) {
        let is_body = self.mode == Mode::Text && self.inner.is_empty() && self.is_inside("body");
        if is_body {
            self.finish_page();
            self.page = Some(Page { master, ..Page::default() });
        }
    }

    pub(super) fn begin_sheet(&mut self, element: &Element<'_>) {
        self.finish_page();
        self.row = RowUnderWay::default();
        let style = self.style_of("table", element);
        let hidden = style.hidden || element.attribute("display").is_some_and(|display| display == "false");
        self.named(element);
        let name = Some(element.attribute("name").unwrap_or_default());
        self.page = Some(Page { name, hidden, master: style.master, ..Page::default() });
    }

    pub(super) fn begin_slide(&mut self, element: &Element<'_>) {
        self.finish_page();
        self.named(element);
        let uses = ["use-header-name", "use-footer-name", "use-date-time-name"];
        self.page = Some(Page {
            name: element.attribute("name"),
            hidden: self.style_of("drawing-page", element).hidden,
            master: element.attribute("master-page-name"),
            declared: uses.iter().filter_map(|name| element.attribute(name)).collect(),
            ..Page::default()
        });
    }

    /// Keeps a name that a person gave; `Table1` and `page1` are the program's.
    pub(super) fn named(&mut self, element: &Element<'_>) {
        let Some(name) = element.attribute("name") else { return };
        let made = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if !made.is_empty() && (made.len() == name.len() || !made.chars().all(char::is_alphabetic)) {
            self.bytes = self.bytes.saturating_add(name.len());
            self.names.push_str(&name);
            self.names.push('\n');
        }
    }

    /// Keeps the texts of a formula.
    pub(super) fn formula(&mut self, formula: Option<String>) {
        if let Some(formula) = formula.filter(|formula| formula.contains('"')) {
            self.formulas.of_formula(&formula, self.limits.content_text_bytes);
        }
    }

    pub(super) fn finish_page(&mut self) {
        self.body.flush();
        self.body.pending = "";
        let text = std::mem::take(&mut self.body.text);
        let page = self.page.take();
        if page.is_some() || !text.trim().is_empty() {
            let formulas = std::mem::take(&mut self.formulas);
            let rows = std::mem::take(&mut self.rows);
            self.pages.push(Page { text, formulas, rows, ..page.unwrap_or_default() });
        }
    }

    /// Whether the row or cell under way is one of the sheet itself, and of no table in a cell.
    fn is_of_sheet(&self) -> bool {
        self.mode == Mode::Sheets && self.inner.is_empty() && self.body.rows.len() == 1
    }

    pub(super) fn begin_row(&mut self, element: &Element<'_>) {
        self.context().rows.push(0);
        if self.is_of_sheet() {
            let row = &mut self.row;
            row.number = if row.times == 0 { 1 } else { row.number.saturating_add(row.times) };
            row.times = repeated(element, "number-rows-repeated");
            (row.column, row.filled, row.start) = (0, None, self.body.text.len());
        }
    }

    /// A row has ended, and where its text stands is noted.
    pub(super) fn end_row(&mut self) {
        if self.mode == Mode::Sheets && self.inner.is_empty() && self.body.rows.is_empty() {
            let text = &self.body.text;
            let led = text.get(self.row.start..).map_or(0, |text| text.len() - text.trim_start_matches('\n').len());
            if let Some(columns) = self.row.filled.take() {
                self.rows.extend(Row::of(self.row.start + led..text.len(), self.row.number, columns));
            }
        }
    }

    pub(super) fn begin_cell(&mut self, element: &Element<'_>) {
        let in_sheet = self.mode == Mode::Sheets && self.inner.is_empty();
        // Blank cells at the beginning of a row do not join it to the one before.
        let mut leads = false;
        if self.is_of_sheet() {
            self.row.column = self.row.column.saturating_add(1);
            self.row.ahead = repeated(element, "number-columns-repeated") - 1;
            leads = self.row.filled.is_none();
        }
        let context = self.context();
        if let Some(cells) = context.rows.last_mut() {
            let first = *cells == 0 || leads;
            *cells = cells.saturating_add(1);
            context.pending = if first { "\n" } else { "\t" };
        }
        let start = context.text.len();
        self.formula(element.attribute("formula"));
        self.cell = in_sheet.then(|| {
            let names = ["string-value", "value", "date-value", "time-value", "boolean-value"];
            Cell { value: names.iter().find_map(|name| element.attribute(name)), start }
        });
    }

    /// A cell shows a form of its value: of a long number perhaps not all digits, of a blank text nothing.
    pub(super) fn end_cell(&mut self) {
        let cell = self.cell.take();
        self.cell_value(cell.as_ref());
        if let Some(cell) = cell.filter(|_| self.is_of_sheet()) {
            let row = &mut self.row;
            if self.body.text.len() > cell.start {
                row.filled = Some((row.filled.map_or(row.column, |(first, _)| first), row.column));
            }
            row.column = row.column.saturating_add(row.ahead);
        }
    }

    fn cell_value(&mut self, cell: Option<&Cell>) {
        let Some(Cell { value: Some(value), start }) = cell else { return };
        let start = *start;
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let shown = self.body.text.get(start..).unwrap_or_default();
        let whole = !value.contains('.') && digits(value) >= IDENTIFIER && digits(shown) < digits(value);
        if shown.trim().is_empty() || whole {
            self.bytes = self.bytes.saturating_add(value.len());
            self.body.push(value);
        }
        self.body.separate(" ");
    }

    /// Deleted text is read where it stood.
    pub(super) fn deleted_here(&mut self, element: &Element<'_>) {
        let deleted = element.attribute("change-id").and_then(|id| self.deletions.remove(&id));
        if let Some(deleted) = deleted {
            let text = format!("{DELETED}{}]", deleted.trim());
            let context = self.context();
            if context.written > 0 {
                context.push(&text);
            } else {
                context.float(&text);
            }
            context.flush_outside();
        }
    }
}
