//! OFD (GB/T 33190), the format of Chinese official documents and invoices: pages of text at coordinates.
//!
//! A page is read with the templates below and above it (letterheads and markings stand there), its annotations, and the
//! units of graphics on it. Titles, keywords, names of seals and the like are a page of their own, `properties`. Pictures,
//! attachments, what custom tags say, and the pictures of seals are handed out, and so is every part that nothing names.
//! There is no renderer: drawings that may be letters, and glyphs that only a font can tell, are faults of their page.

mod content;
pub(super) mod parts;
mod seal;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::rc::Rc;

use crate::config::{Limits, Settings};
use crate::document::{Kind, PageSize, Text};
use crate::finding::{Fault, FaultReason};

use super::outlines::Outlines;
use super::package::Package;
use super::placed::{self, Matrix, PlacedPage, Run};
use super::{Document, Format, Members, PageSource, Source};
use content::Content;
use parts::{Descriptions, PagePlace, Reading};

/// Points of a millimetre, the unit of OFD.
const POINTS: f32 = 72.0 / 25.4;
/// Units of graphics inside units.
const NESTING: usize = 8;
/// Templates that are kept: a document has one to three.
const KEPT: usize = 32;
/// The page of a document that says nothing of it: A4.
const PAGE: &str = "0 0 210 297";
/// Extensions of fonts, which some packages hold without naming them.
const FONTS: &[&str] = &["ttf", "otf", "ttc", "cff", "pfb"];

/// Reads OFD.
pub(super) struct Ofd;

impl Format for Ofd {
    fn name(&self) -> &'static str {
        "ofd"
    }

    fn version(&self) -> u32 {
        3
    }

    fn sequential(&self) -> bool {
        false
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["ofd"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let package = Package::open(&source, &settings.limits)?;
        let mut reading = Reading { package: &package, limits: &settings.limits, found: Descriptions::default() };
        reading.file();
        let mut found = reading.found;
        let is_key = |name: &str| {
            let name = name.to_lowercase();
            name.rsplit('/').next().is_some_and(|name| name.starts_with("encrypt") || name.starts_with("decrypt"))
        };
        if package.names().any(is_key) {
            let fault = Fault::whole(FaultReason::Encrypted, "parts of the document are encrypted");
            if found.pages.is_empty() {
                return Err(fault);
            }
            found.faults.push(fault);
        }
        found.faults.extend_from_slice(package.faults());
        found.faults.dedup();
        let mut document = OfdDocument { settings, package, found, units: Vec::new(), templates: RefCell::default() };
        document.read_units();
        document.name_seals();
        Ok(Box::new(document))
    }
}

/// Units of graphics by number.
type Units = BTreeMap<String, Content>;

/// An open OFD.
struct OfdDocument<'a> {
    settings: &'a Settings,
    package: Package,
    found: Descriptions,
    /// Those of each document.
    units: Vec<Units>,
    /// Templates that were read.
    templates: RefCell<BTreeMap<String, Rc<Content>>>,
}

impl OfdDocument<'_> {
    fn read_units(&mut self) {
        for body in &self.found.bodies {
            let mut units = Units::new();
            for part in &body.resources {
                let read = self.content(part, &mut units);
                self.found.faults.extend(read.faults);
            }
            self.units.push(units);
        }
    }

    /// The names of seals are what is written on them.
    fn name_seals(&mut self) {
        let mut names = BTreeSet::new();
        for part in &self.found.seals {
            if let Ok(Some(bytes)) = self.package.part(part) {
                names.extend(seal::read(&bytes).names);
            }
        }
        for name in names {
            let _ = writeln!(self.found.properties, "Seal: {name}");
        }
    }

    /// What is drawn in a part. That it is missing is a fault like any other of its content.
    fn content(&self, part: &str, units: &mut Units) -> Content {
        let limits = &self.settings.limits;
        match self.package.xml(part, |xml| Ok(content::read(xml, limits, units))) {
            Some(Ok(content)) => content,
            Some(Err(fault)) => Content { faults: vec![fault], ..Content::default() },
            None => {
                let fault = Fault::whole(FaultReason::Damaged, "its content is missing");
                Content { faults: vec![fault], ..Content::default() }
            }
        }
    }

    fn template(&self, part: &str) -> Rc<Content> {
        if let Some(known) = self.templates.borrow().get(part) {
            return Rc::clone(known);
        }
        let content = Rc::new(self.content(part, &mut Units::new()));
        let mut templates = self.templates.borrow_mut();
        if templates.len() >= KEPT {
            templates.clear();
        }
        templates.insert(part.to_owned(), Rc::clone(&content));
        content
    }

    /// A page with all that lies on it.
    fn read(&self, place: &PagePlace) -> Sheet {
        let mut own = Units::new();
        let page = self.content(&place.part, &mut own);
        let body = self.found.bodies.get(place.body);
        let mut reading =
            Reading { package: &self.package, limits: &self.settings.limits, found: Descriptions::default() };
        let mut resources = parts::Body::default();
        page.resources.iter().for_each(|part| reading.resources(&place.part, part, &mut resources));
        let mut faults = reading.found.faults;
        for part in &resources.resources {
            faults.extend(self.content(part, &mut own).faults);
        }
        let templates: Vec<Rc<Content>> = page
            .templates
            .iter()
            .filter_map(|id| {
                let part = body.and_then(|body| body.templates.get(id));
                if part.is_none() {
                    faults.push(Fault::whole(FaultReason::Damaged, "a template of the page is missing"));
                }
                part.map(|part| self.template(part))
            })
            .collect();
        let annotations: Vec<Content> =
            place.annotations.iter().map(|part| self.content(part, &mut Units::new())).collect();
        let area = page.page_box.as_deref().or(templates.iter().find_map(|template| template.page_box.as_deref()));
        let area = area.or(body.and_then(|body| body.page_box.as_deref()));
        let mut sheet = Sheet::new(area.unwrap_or(PAGE), faults);
        let shared = self.units.get(place.body);
        let unit = |id: &str| own.get(id).or_else(|| shared.and_then(|units| units.get(id)));
        for content in templates.iter().map(Rc::as_ref).chain([&page]).chain(&annotations) {
            sheet.place(content, &Matrix::IDENTITY, 0, &self.settings.limits, &unit);
        }
        sheet
    }

    /// The parts that are handed out.
    fn members(&self) -> impl Iterator<Item = &str> {
        let is_font = |name: &str| name.rsplit_once('.').is_some_and(|(_, extension)| FONTS.contains(&extension));
        self.package.names().filter(move |name| {
            let key = parts::key(name);
            // A picture may be called a font, and a page shows it all the same.
            let font = || self.found.fonts.contains(&key) || is_font(&key);
            !self.found.used.contains(&key) && (!font() || self.package.is_shown(name))
        })
    }
}

impl Document for OfdDocument<'_> {
    fn page_count(&self) -> u32 {
        let properties = usize::from(!self.found.properties.is_empty());
        u32::try_from(self.found.pages.len().saturating_add(properties)).unwrap_or(u32::MAX)
    }

    fn faults(&self) -> Vec<Fault> {
        self.found.faults.clone()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let index = (number as usize).checked_sub(1);
        if index == Some(self.found.pages.len()) {
            let limit = self.settings.limits.page_text_bytes;
            return Ok(Box::new(PlacedPage::properties(&self.found.properties, number, limit)));
        }
        let place = index.and_then(|index| self.found.pages.get(index));
        let place = place.ok_or_else(|| Fault::on_page(number, FaultReason::Damaged, "there is no such page"))?;
        let sheet = self.read(place);
        let mut page = sheet.finish(number, self.settings.limits.page_text_bytes);
        if self.found.bodies.len() > 1 {
            let before = self.found.pages.iter().take_while(|other| other.body < place.body).count();
            let inside = index.unwrap_or_default().saturating_sub(before).saturating_add(1);
            page.label = Some(format!("document {}, page {inside}", place.body.saturating_add(1)));
        }
        Ok(Box::new(page))
    }

    fn has_members(&self) -> bool {
        !self.found.seals.is_empty() || self.package.has_beside() || self.members().next().is_some()
    }

    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        for name in self.members() {
            if self.package.part_to(name, out).is_break() {
                return Ok(());
            }
        }
        for part in &self.found.seals {
            if self.hand_out_seal(part, out).is_break() {
                return Ok(());
            }
        }
        self.package.beside_to(out).map(|_| ())
    }
}

impl OfdDocument<'_> {
    fn hand_out_seal(&self, part: &str, out: &mut dyn Members) -> ControlFlow<()> {
        let bytes = match self.package.part(part) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(fault) => return out.unreadable(part, fault),
        };
        let seal = seal::read(&bytes);
        // A signed value may be a signature without a seal; a seal always has its picture.
        if seal.pictures.is_empty() && part.to_lowercase().ends_with(".esl") {
            let fault = Fault::whole(FaultReason::Unsupported, "the picture of the seal cannot be found");
            return out.unreadable(part, fault);
        }
        for (claimed, picture) in &seal.pictures {
            let name = format!("{part}/seal.{}", seal::extension(claimed, picture));
            out.member(&name, &mut picture.as_slice())?;
        }
        ControlFlow::Continue(())
    }
}

/// A page that is put together.
struct Sheet {
    /// From millimetres of the page's area to points.
    matrix: Matrix,
    size: PageSize,
    runs: Vec<Run>,
    remarks: Vec<String>,
    drawings: Outlines,
    unreadable: usize,
    placed: usize,
    glyphs: usize,
    faults: Vec<Fault>,
}

impl Sheet {
    fn new(area: &str, faults: Vec<Fault>) -> Self {
        let numbers = placed::numbers(area);
        let [x, y, width, height] =
            numbers.get(..4).and_then(|area| area.try_into().ok()).unwrap_or([0.0, 0.0, 210.0, 297.0]);
        let size = PageSize { width: width.abs() * POINTS, height: height.abs() * POINTS };
        let matrix = Matrix::shift(-x, -y).then(&Matrix::scale(POINTS));
        Self {
            matrix,
            size,
            runs: Vec::new(),
            remarks: Vec::new(),
            drawings: Outlines::default(),
            unreadable: 0,
            placed: 0,
            glyphs: 0,
            faults,
        }
    }

    /// Lays content on the page, with the units of graphics in it.
    fn place<'u>(
        &mut self,
        content: &Content,
        outer: &Matrix,
        depth: usize,
        limits: &Limits,
        unit: &impl Fn(&str) -> Option<&'u Content>,
    ) {
        self.placed = self.placed.saturating_add(1).saturating_add(content.pieces.len());
        let glyphs: usize = content.pieces.iter().map(|piece| piece.glyphs.len()).sum();
        self.glyphs = self.glyphs.saturating_add(glyphs);
        if self.placed > limits.page_objects || self.glyphs > limits.page_text_bytes || depth > NESTING {
            let (key, limit) = match self.glyphs > limits.page_text_bytes {
                true => ("page_text_bytes", limits.page_text_bytes),
                false => ("page_objects", limits.page_objects),
            };
            self.faults.push(Fault::limit(key, limit, "what is drawn on the page, or its nesting,"));
            self.placed = usize::MAX;
            return;
        }
        for piece in &content.pieces {
            let matrix = piece.matrix.then(outer).then(&self.matrix);
            self.runs.extend(placed::runs(&piece.glyphs, piece.size, piece.forward, &matrix));
        }
        self.remarks.extend_from_slice(&content.remarks);
        self.drawings.join(content.drawings);
        self.unreadable = self.unreadable.saturating_add(content.unreadable);
        self.faults.extend_from_slice(&content.faults);
        for (id, matrix) in &content.composites {
            match unit(id) {
                Some(inside) if self.placed <= limits.page_objects => {
                    self.place(inside, &matrix.then(outer), depth + 1, limits, unit);
                }
                Some(_) => return,
                None => self.faults.push(Fault::whole(FaultReason::Damaged, "a drawing of the page is missing")),
            }
        }
    }

    fn finish(mut self, number: u32, limit: usize) -> PlacedPage {
        let (mut text, cut) = placed::text(self.runs, limit);
        let mut cut = cut;
        for remark in &self.remarks {
            if text.content.len().saturating_add(remark.len()) >= limit {
                cut = true;
                break;
            }
            text.append(&Text::plain(remark.as_str()));
        }
        if cut {
            self.faults.push(Fault::limit("page_text_bytes", limit, "the text of the page"));
        }
        self.faults.extend(placed::unread(self.unreadable, self.drawings));
        self.faults.dedup();
        let faults = self.faults.into_iter().map(|fault| Fault { page: Some(number), ..fault }).collect();
        PlacedPage { label: None, size: self.size, text, faults }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "fixtures are small and made here")]
mod tests;
