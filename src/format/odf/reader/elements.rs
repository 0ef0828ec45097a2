//! What each element of ODF begins and ends.

use super::super::context::{Context, Target};
use super::{BLANKS, Mode, Open, PROPERTIES, Reader, SHAPES, lines};
use crate::format::package::xml::Element;

impl Reader<'_> {
    pub(super) fn start(&mut self, element: &Element<'_>) {
        let name = element.name();
        let around = self.open.last().map_or((false, false), |open| (open.capitals, open.struck));
        let capitals = self.shown(name, element, around.0, |style| style.capitals);
        let struck = self.shown(name, element, around.1, |style| style.struck);
        self.drawn.start(element, self.pages.len(), self.mode, self.limits);
        self.open.push(Open { name: name.to_owned(), capitals, struck, writes: false });
        self.watch(name, |count| count.saturating_add(1));
        match name {
            "document-content" | "document" => {
                let class = element.attribute("class").and_then(|class| Mode::named(&class));
                self.mode = class.unwrap_or(self.mode);
            }
            "style" => self.begin_style(element),
            "paragraph-properties" | "table-properties" | "drawing-page-properties" | "properties" => {
                self.style_properties(element);
            }
            "text-properties" => self.letters(element),
            // What stands before each number of a list.
            "list-level-style-number" | "list-level-style-bullet" | "outline-level-style" => {
                self.list_style(element);
            }
            "image" | "fill-image" | "background-image" | "plugin" | "object-ole" => self.picture(element),
            "master-page" | "handout-master" => self.begin_master(element),
            "header" | "footer" | "header-left" | "footer-left" | "header-first" | "footer-first"
                if self.is_inside("master-page") =>
            {
                self.enter(Target::Area(name.to_owned()));
            }
            name if self.open.get(1).is_some_and(|open| open.name == "meta") => self.property(name, element),
            name if self.is_inside("forms") && name != "p" => {
                self.attributes(element, &["label", "title", "value", "current-value"]);
            }
            _ => self.start_of_body(name, element),
        }
    }

    fn start_of_body(&mut self, name: &str, element: &Element<'_>) {
        let on_pages = matches!(self.mode, Mode::Slides | Mode::Drawing);
        match name {
            "p" | "h" => self.begin_paragraph(element),
            "math" => self.write(),
            "title" | "desc" if self.context().written == 0 => self.write(),
            "creator" if self.context().target == Target::Comment => self.write(),
            "footer-decl" | "header-decl" | "date-time-decl" => {
                self.enter(Target::Declared(element.attribute("name").unwrap_or_default()));
                self.context().written = 1;
            }
            "table" if self.mode == Mode::Sheets && self.inner.is_empty() && self.is_in_body() => {
                self.begin_sheet(element);
            }
            "table" | "section" if self.is_inside("body") => {
                if name == "table" && self.parent() == "frame" {
                    self.tabled = Some(self.open.len() - 1);
                }
                self.named(element);
            }
            "named-expression" => self.formula(element.attribute("expression")),
            "table-row" => self.begin_row(element),
            "table-cell" | "covered-table-cell" => self.begin_cell(element),
            "page" if on_pages && self.inner.is_empty() => self.begin_slide(element),
            "notes" if self.is_inside("master-page") => self.enter(Target::Area(name.to_owned())),
            "notes" if on_pages => self.enter(Target::Speech),
            // Also the name of the source of a formula.
            "annotation" if !self.is_inside("math") => {
                self.enter(Target::Comment);
                if let Some(author) = element.attribute("author") {
                    self.context().push(&author);
                }
            }
            "note-body" | "footnote-body" | "endnote-body" => self.enter(Target::Note),
            "changed-region" => self.region = element.attribute("id").unwrap_or_default(),
            "deletion" if self.mode == Mode::Text => self.enter(Target::Deletion(self.region.clone())),
            "tracked-changes" if self.mode == Mode::Sheets => self.enter(Target::Deletion(String::new())),
            "change" => self.deleted_here(element),
            "soft-page-break" => self.break_page(None),
            "s" => {
                let count = element.attribute("c").and_then(|count| count.parse::<usize>().ok()).unwrap_or(1);
                self.bytes = self.bytes.saturating_add(count.min(BLANKS));
                self.context().verbatim(&" ".repeat(count.min(BLANKS)));
            }
            "tab" | "tab-stop" => self.context().verbatim("\t"),
            "line-break" => self.context().verbatim("\n"),
            // Macros in a flat file; those of a package are parts of it.
            "source-code" => {
                self.enter(Target::Property("macro".to_owned()));
                self.context().written = 1;
            }
            "hidden-text" | "user-field-decl" => self.attributes(element, &["string-value"]),
            "conditional-text" => self.attributes(element, &["string-value-if-true", "string-value-if-false"]),
            shape if SHAPES.contains(&shape) => self.enter(Target::Shape),
            other if self.open.len() == 3 && self.parent() == "body" => {
                self.mode = Mode::named(other).unwrap_or(self.mode);
            }
            _ => {}
        }
    }

    pub(super) fn end(&mut self) {
        let depth = self.open.len();
        let Some(open) = self.open.pop() else { return };
        self.drawn.end(&open.name);
        self.watch(&open.name, |count| count.saturating_sub(1));
        self.tabled = self.tabled.filter(|frame| *frame < depth);
        if let Some(context) = self.inner.pop_if(|context| context.depth == depth) {
            self.leave(context);
            return;
        }
        let is_sheet = self.mode == Mode::Sheets;
        let context = self.context();
        if open.writes {
            context.written = context.written.saturating_sub(1);
        }
        match open.name.as_str() {
            "p" | "h" => {
                let line = if is_sheet && !context.rows.is_empty() { " " } else { "\n" };
                context.end_paragraph(line);
            }
            "title" | "desc" if open.writes => context.end_paragraph("\n"),
            "creator" if open.writes => context.push(": "),
            "mi" | "mo" | "mn" | "mtext" | "annotation" => context.separate(" "),
            "table-cell" | "covered-table-cell" => self.end_cell(),
            "table-row" => {
                context.rows.pop();
                context.end_paragraph("\n");
                self.end_row();
            }
            "style" => self.style = None,
            "page" if !is_sheet && self.mode != Mode::Text && self.inner.is_empty() => self.finish_page(),
            "table" if is_sheet && self.inner.is_empty() && self.was_in_body() => self.finish_page(),
            _ => {}
        }
    }

    /// Whether what has just begun stands in the body itself.
    fn is_in_body(&self) -> bool {
        matches!(self.parent(), "spreadsheet" | "body")
    }

    /// Whether what has just ended stood there.
    fn was_in_body(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.name.as_str(), "spreadsheet" | "body"))
    }

    /// A text inside another ends.
    pub(super) fn leave(&mut self, mut context: Context) {
        context.flush();
        let text = context.text.trim_end().to_owned();
        if text.trim().is_empty() {
            return;
        }
        match context.target {
            Target::Body => {}
            Target::Shape => self.context().float(&text),
            Target::Note => self.note(&text),
            Target::Comment => self.note(&format!("[comment: {}]", text.trim_start())),
            Target::Deletion(region) => lines(self.deletions.entry(region).or_default(), &text),
            Target::Speech => lines(&mut self.page.get_or_insert_default().speech, &text),
            Target::Declared(name) => lines(self.declared.entry(name).or_default(), &text),
            Target::Property(name) => lines(&mut self.properties, &format!("{name}: {text}")),
            Target::Area(name) => {
                if let Some(master) = self.masters.last_mut() {
                    lines(master.areas.entry(name).or_default(), &text);
                }
            }
        }
    }

    /// Footnotes and comments stand at the end of their page; those in another text at its end.
    fn note(&mut self, text: &str) {
        let in_area = self.inner.iter().any(|context| matches!(context.target, Target::Area(_) | Target::Speech));
        if in_area {
            self.context().float(text);
        } else {
            lines(&mut self.page.get_or_insert_default().notes, text);
        }
    }

    fn attributes(&mut self, element: &Element<'_>, names: &[&str]) {
        let values = names.iter().filter_map(|name| element.attribute(name));
        for value in values.filter(|value| !value.trim().is_empty()) {
            self.bytes = self.bytes.saturating_add(value.len());
            self.context().float(&value);
        }
        let context = self.context();
        if context.written == 0 {
            context.flush();
        }
    }

    fn property(&mut self, name: &str, element: &Element<'_>) {
        if PROPERTIES.contains(&name) {
            self.enter(Target::Property(element.attribute("name").unwrap_or_else(|| name.to_owned())));
            self.context().written = 1;
        }
    }
}
