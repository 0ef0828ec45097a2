//! Pages as a person sees them: bodies with the headers and footers of their master pages, and notes.

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::document::DELETED;
use crate::finding::Fault;
use crate::format::formulas::Texts;
use crate::format::text::{Part, cut_sheet};

use super::reader::{Master, Mode, Page, Reader, lines};

/// Areas of master pages that stand at the head of a page, and those at its foot.
const HEAD: [&str; 3] = ["header", "header-left", "header-first"];
const FOOT: [&str; 3] = ["footer", "footer-left", "footer-first"];

/// Puts pages together, and hands out the faults of doing so. `inside` names the object that the document is in another one.
pub(super) fn parts(reader: Reader<'_>, inside: Option<&str>, settings: &Settings) -> (Vec<Part>, Vec<Fault>) {
    let limits = &settings.limits;
    let mut maker = Maker {
        reader,
        used: BTreeSet::new(),
        parts: Vec::new(),
        room: limits.content_text_bytes,
        full: false,
        page_chars: settings.text.page_chars,
    };
    maker.all();
    let mut faults = std::mem::take(&mut maker.reader.faults);
    if maker.full {
        faults.push(Fault::limit("content_text_bytes", limits.content_text_bytes, "the text of all pages"));
    }
    let named = |part: Part| {
        let label = match (part.label, inside) {
            (label, None) => label,
            (None, Some(object)) => Some(format!("object \"{object}\"")),
            (Some(label), Some(object)) => Some(format!("object \"{object}\", {label}")),
        };
        Part { label, ..part }
    };
    (maker.parts.into_iter().map(named).collect(), faults)
}

struct Maker<'a> {
    reader: Reader<'a>,
    /// Areas of master pages, and declared texts, that stand on a page.
    used: BTreeSet<(String, String)>,
    parts: Vec<Part>,
    /// Bytes that may still be made: a header of a megabyte on each of a million pages is a bomb.
    room: usize,
    full: bool,
    /// Characters of a page.
    page_chars: usize,
}

impl Maker<'_> {
    fn all(&mut self) {
        let pages = std::mem::take(&mut self.reader.pages);
        let count = pages.len();
        let (mut master, mut first) = (self.default_master(), true);
        for (index, page) in pages.into_iter().enumerate() {
            let number = index.saturating_add(1);
            if page.master.is_some() {
                (master, first) = (page.master.clone(), true);
            } else if self.reader.mode == Mode::Text && index > 0 {
                let next = self.master(master.as_deref()).and_then(|master| master.next.clone());
                (master, first) = (next.filter(|next| !next.is_empty()).or(master), false);
            } else {
                match self.reader.mode {
                    Mode::Text => {}
                    Mode::Sheets => master = self.default_master(),
                    Mode::Slides | Mode::Drawing => master = None,
                }
            }
            self.page(page, number, count, master.as_deref(), first);
        }
        self.rest();
    }

    fn master(&self, name: Option<&str>) -> Option<&Master> {
        self.reader.masters.iter().find(|master| Some(master.name.as_str()) == name)
    }

    fn default_master(&self) -> Option<String> {
        let known = ["Standard", "Default"].into_iter().find(|name| self.master(Some(name)).is_some());
        known.map(str::to_owned).or_else(|| self.reader.masters.first().map(|master| master.name.clone()))
    }

    fn page(&mut self, page: Page, number: usize, count: usize, master: Option<&str>, first: bool) {
        let mode = self.reader.mode;
        let (mut head, mut foot) = (String::new(), String::new());
        let chosen = |areas: &[&'static str; 3]| -> Vec<&'static str> {
            let [usual, left, special] = *areas;
            let has = |area: &str| self.master(master).is_some_and(|master| master.areas.contains_key(area));
            match () {
                () if mode == Mode::Sheets => areas.to_vec(),
                () if first && has(special) => vec![special],
                () if number.is_multiple_of(2) && has(left) => vec![left],
                () => vec![usual],
            }
        };
        let (at_head, mut at_foot) = (chosen(&HEAD), chosen(&FOOT));
        at_foot.extend(["shapes", "notes"]);
        for (areas, all) in [(at_head, &mut head), (at_foot, &mut foot)] {
            for area in areas {
                if let Some(text) = self.master(master).and_then(|master| master.areas.get(area)) {
                    lines(all, text);
                    self.used.insert((master.unwrap_or_default().to_owned(), area.to_owned()));
                }
            }
        }
        for name in page.declared {
            if let Some(text) = self.reader.declared.get(&name) {
                lines(&mut foot, text);
                self.used.insert((String::new(), name));
            }
        }
        let mut text = head;
        let mut start = 0;
        for (index, more) in [&page.text, &page.notes, &foot].into_iter().enumerate() {
            if !more.trim().is_empty() {
                lines(&mut text, more);
                start = if index == 0 { text.len() - more.len() } else { start };
            }
        }
        let hidden = if page.hidden { " (hidden)" } else { "" };
        let label = match mode {
            Mode::Sheets => page.name.map(|name| format!("sheet \"{name}\"{hidden}")),
            Mode::Slides => Some(format!("slide {number}{}{hidden}", given(page.name.as_deref()))),
            Mode::Drawing => Some(format!("page {number}{}{hidden}", given(page.name.as_deref()))),
            Mode::Text => (count > 1).then(|| format!("page {number}")),
        };
        let speech = label.as_ref().map(|label| format!("{label}, notes"));
        let formulas = label.as_ref().map(|label| format!("{label}, formulas"));
        match label {
            Some(label) if mode == Mode::Sheets => {
                let rows = page.rows.into_iter().map(|row| row.moved(start)).collect::<Vec<_>>();
                for part in cut_sheet(&label, text, &rows, self.page_chars) {
                    self.add(part.label, part.text);
                }
            }
            label => self.add(label, text),
        }
        self.add(speech, page.speech);
        self.formulas(formulas.as_deref().unwrap_or("formulas"), &page.formulas);
    }

    /// What stands on no page, and is in the document nevertheless.
    fn rest(&mut self) {
        let mut unused = String::new();
        for master in &self.reader.masters {
            for (area, text) in &master.areas {
                if !self.used.contains(&(master.name.clone(), area.clone())) {
                    lines(&mut unused, text);
                }
            }
        }
        for (name, text) in &self.reader.declared {
            if !self.used.contains(&(String::new(), name.clone())) {
                lines(&mut unused, text);
            }
        }
        self.add(Some("page styles that are not used".to_owned()), unused);
        let mut deleted = String::new();
        for text in self.reader.deletions.values() {
            lines(&mut deleted, &format!("{DELETED}{}]", text.trim()));
        }
        self.add(Some("tracked changes".to_owned()), deleted);
        let names = std::mem::take(&mut self.reader.names);
        self.add(Some("names".to_owned()), names);
        let formulas = std::mem::take(&mut self.reader.formulas);
        self.formulas("formulas", &formulas);
        let properties = std::mem::take(&mut self.reader.properties);
        self.add(Some("properties".to_owned()), properties);
    }

    fn formulas(&mut self, label: &str, formulas: &Texts) {
        self.full |= formulas.is_over(self.reader.limits.content_text_bytes);
        self.add(Some(label.to_owned()), formulas.lines().flat_map(|text| [text, "\n"]).collect());
    }

    fn add(&mut self, label: Option<String>, text: String) {
        if text.trim().is_empty() || self.full {
            return;
        }
        match self.room.checked_sub(text.len()) {
            Some(room) => {
                self.room = room;
                self.parts.push(Part { label, text });
            }
            None => self.full = true,
        }
    }
}

/// The name that somebody gave a slide; programs give numbers.
fn given(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    let begin = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim().to_lowercase();
    if begin.is_empty() || ["page", "slide", "seite", "幻灯片", "页面"].contains(&begin.as_str()) {
        String::new()
    } else {
        format!(" \"{name}\"")
    }
}
