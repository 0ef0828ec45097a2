//! ODF (ISO/IEC 26300) and its forerunner of Star Office 6, packed or as one flat XML file: text, sheets, slides,
//! drawings, charts and formulas.
//!
//! Pages end where the program that wrote the file noted so and where a style says so; each has the header and footer of its
//! master page. Footnotes and comments stand at the end of their page. Text that is hidden, deleted with tracking, or on no
//! page at all is read. Embedded objects that are ODF themselves are read along; all else in the package is handed out.

mod context;
mod drawn;
mod pages;
mod reader;
mod sealed;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::ops::ControlFlow;

use base64::Engine as _;

use crate::config::{Limits, Settings};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::ole::secured;
use super::outlines::Drawing;
use super::package::xml::{self, Node, Xml};
use super::package::{Package, Packaged};
use super::packed::LENIENT;
use super::text::{Holding, Part, TextPages};
use super::{Document, Format, Members, Source};
use reader::{Mode, Reader};

/// Bytes of base64 that stand for a picture in a flat file; less is a bullet.
const SMALL: usize = 32;

/// Parts that programs write for themselves.
const FURNITURE: &[&str] = &[
    "mimetype",
    "settings.xml",
    "layout-cache",
    "manifest.rdf",
    "script-lc.xml",
    "script-lb.xml",
    "dialog-lc.xml",
    "dialog-lb.xml",
];

/// How a drawing in the form of `LibreOffice` itself begins.
const PREVIEW: &[u8] = b"VCLMTF";

/// Reads ODF.
pub(super) struct Odf;

impl Format for Odf {
    fn name(&self) -> &'static str {
        "odf"
    }

    fn version(&self) -> u32 {
        10
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        secured::prepare(settings)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["odt", "ods", "odp", "odg", "odf", "sxw", "sxc", "sxi", "sxd", "sxm", "fodf"]
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        let mode = match kind.as_str() {
            "ods" | "sxc" => Mode::Sheets,
            "odp" | "sxi" => Mode::Slides,
            "odg" | "sxd" => Mode::Drawing,
            _ => Mode::Text,
        };
        if kind.as_str() == "fodf" {
            return Flat::open(source, settings).map(|flat| Box::new(flat) as Box<dyn Document>);
        }
        let package = Package::open(&source, &settings.limits)?;
        let mut faults = match encryption(&package, &settings.limits) {
            Err(closed) if closed.reason == FaultReason::Encrypted => {
                let sealed = sealed::parts(&package, settings.limits.page_objects)?;
                let document = sealed::opened(&package, &sealed, secured::known(), settings)?.ok_or(closed)?;
                return Ok(Box::new(document));
            }
            other => other?,
        };
        let mut used = Used::default();
        let (mut parts, found) = document(&package, "", mode, None, settings, &mut used);
        faults.extend(found);
        let objects: Vec<String> =
            package.names().filter_map(|name| name.strip_suffix("/content.xml")).map(str::to_owned).collect();
        let most = settings.limits.embedded_objects;
        if objects.len() > most {
            faults.push(Fault::limit("embedded_objects", most, format!("a document with {} in it", objects.len())));
        }
        for object in objects.iter().take(most) {
            let length: usize = parts.iter().map(|part| part.text.len()).sum();
            if length > settings.limits.content_text_bytes {
                break;
            }
            let folder = format!("{object}/");
            let (inside, found) = document(&package, &folder, Mode::Text, Some(object), settings, &mut used);
            parts.extend(inside);
            faults.extend(found);
        }
        let (macros, found) = macros(&package, settings, &mut used);
        parts.extend(macros);
        faults.extend(found);
        faults.extend(used.missing(&package));
        let members = package.names().filter(|name| !used.read.contains(*name) && !is_furniture(name, &package, &used));
        let members = members.map(str::to_owned).collect();
        Ok(Box::new(Packaged {
            pages: TextPages::of_parts(parts, faults, settings).unpacked(),
            package,
            members,
            drawn: used.drawn,
        }))
    }
}

/// Parts of a package that are spoken for.
#[derive(Default)]
struct Used {
    /// Those that were read.
    read: BTreeSet<String>,
    /// Those that pages show as pictures.
    shown: BTreeSet<String>,
    /// Those that a program made of tables that are read.
    previews: BTreeSet<String>,
    /// Pictures that pages show, of which there is no part.
    missing: usize,
    /// Drawings that may be letters, by the names of their pictures.
    drawn: Vec<(String, Drawing)>,
}

impl Used {
    /// Notes the pictures that a document in a folder shows. Writers disagree from where their places count.
    fn show(&mut self, package: &Package, folder: &str, places: BTreeSet<String>) {
        for place in places {
            let place = place.trim_start_matches("./");
            let blanks = place.replace("%20", " ");
            let parts = [format!("{folder}{place}"), place.to_owned(), format!("{folder}{blanks}"), blanks];
            match parts.into_iter().find(|part| package.has(part)) {
                Some(part) => {
                    self.shown.insert(part.to_lowercase());
                }
                // An object, or the picture of one.
                None if place.contains("ObjectReplacements/") => {}
                None if package.has(&format!("{folder}{place}/content.xml")) => {}
                None => self.missing = self.missing.saturating_add(1),
            }
        }
    }

    fn missing(&self, package: &Package) -> Option<Fault> {
        // Of a package without its directory only what can be found is there, and that is said of it as a whole.
        let whole = !package.is_salvaged() && self.missing > 0;
        whole.then(|| {
            let detail = format!("{} pictures that the document shows are missing", self.missing);
            Fault::whole(FaultReason::Damaged, detail)
        })
    }
}

/// Reads a document in a folder of a package, its styles first.
fn document(
    package: &Package,
    folder: &str,
    mode: Mode,
    inside: Option<&str>,
    settings: &Settings,
    used: &mut Used,
) -> (Vec<Part>, Vec<Fault>) {
    let limits = &settings.limits;
    let mut reader = Reader::new(mode, limits);
    for part in ["styles.xml", "content.xml", "meta.xml"] {
        let name = format!("{folder}{part}");
        let read = package.xml(&name, |xml| {
            reader.part(xml);
            Ok(())
        });
        match read {
            Some(read) => reader.faults.extend(read.err()),
            None if part == "content.xml" => {
                reader.faults.push(Fault::whole(FaultReason::Damaged, "part content.xml is missing"));
            }
            None => {}
        }
        used.read.insert(name);
    }
    used.show(package, folder, std::mem::take(&mut reader.pictures));
    let previews = std::mem::take(&mut reader.previews);
    used.previews.extend(previews.iter().map(|place| format!("{folder}{}", place.trim_start_matches("./"))));
    let drawn = std::mem::take(&mut reader.drawn).pictures(inside, limits, &mut reader.faults);
    used.drawn.extend(drawn);
    pages::parts(reader, inside, settings)
}

/// The modules of Basic, a page each, as those of VBA are. What is no module is handed out.
fn macros(package: &Package, settings: &Settings, used: &mut Used) -> (Vec<Part>, Vec<Fault>) {
    let most = settings.limits.content_text_bytes;
    let (mut parts, mut faults, mut left, mut is_full) = (Vec::new(), Vec::new(), most, false);
    let is_module = |name: &&str| {
        let base = name.rsplit('/').next().unwrap_or(name);
        name.starts_with("Basic/")
            && base.rsplit_once('.').is_some_and(|(_, ending)| ending == "xml")
            && !FURNITURE.contains(&base)
    };
    for name in package.names().filter(is_module) {
        let (mut found, mut comments) = (None, String::new());
        let read = package.xml(name, |xml| {
            xml.keep_comments();
            let read = module(xml, most, &mut found);
            comments = xml.take_comments();
            read
        });
        let Some((called, mut text)) = found else { continue };
        used.read.insert(name.to_owned());
        faults.extend(read.and_then(Result::err));
        if !comments.is_empty() {
            text.extend(["\n", &comments]);
        }
        if text.len() > left {
            is_full = true;
            text.truncate(text.floor_char_boundary(left));
        }
        left = left.saturating_sub(text.len());
        parts.push(Part { label: Some(format!("macros \"{called}\"")), text });
    }
    if is_full {
        faults.push(Fault::limit("content_text_bytes", most, "the text of macros"));
    }
    (parts, faults)
}

/// Reads a part to its end; if it is a module, its name and text are found.
fn module(xml: &mut Xml<'_>, most: usize, found: &mut Option<(String, String)>) -> Result<(), Fault> {
    while let Some(node) = xml.node()? {
        let element = match node {
            Node::Start(element) => element,
            Node::Text(text) if !text.trim().is_empty() => {
                // Read as any other part, all of it is found.
                return Err(Fault::whole(FaultReason::Damaged, "text stands before the module of a macro"));
            }
            _ => continue,
        };
        if element.name() != "module" {
            break;
        }
        let called = element.attribute("name").unwrap_or_default();
        *found = Some((called, xml.text(most)?));
    }
    xml.uncut()
}

/// Whether a part of a package holds nothing that a person wrote or drew.
fn is_furniture(name: &str, package: &Package, used: &Used) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    let of_object = |object: &str| package.has(object) || package.has(&format!("{object}/content.xml"));
    // A picture of an object that is there itself.
    if name.strip_prefix("ObjectReplacements/").is_some_and(of_object) {
        return true;
    }
    if used.shown.contains(&name.to_lowercase()) {
        return false;
    }
    // A picture of a table, as LibreOffice draws one.
    if used.previews.contains(name) {
        let is_drawn = package.stream(name, |bytes| {
            let mut mark = Vec::new();
            // What cannot be read is handed out, and told there.
            let _ = bytes.take(PREVIEW.len() as u64).read_to_end(&mut mark);
            Ok(mark == PREVIEW)
        });
        return matches!(is_drawn, Some(Ok(true)));
    }
    // The small picture of the first page, of the document or of an object in it.
    let of_document = name.strip_suffix("Thumbnails/thumbnail.png").map(|folder| folder.trim_end_matches('/'));
    if of_document.is_some_and(|folder| folder.is_empty() || of_object(folder)) {
        return true;
    }
    let folders = ["META-INF/", "Thumbnails/", "Configurations2/", "Fonts/"];
    let by_name = folders.iter().any(|folder| name.starts_with(folder) || name.contains(&format!("/{folder}")))
        || FURNITURE.contains(&base);
    by_name && !package.is_shown(name)
}

/// What the manifest says of encryption: a document whose text is encrypted cannot be opened.
pub(super) fn encryption(package: &Package, limits: &Limits) -> Result<Vec<Fault>, Fault> {
    let mut encrypted: Vec<String> = Vec::new();
    let read = package.xml("META-INF/manifest.xml", |xml| {
        let mut path = String::new();
        let mut left = limits.page_objects;
        while let Some(node) = xml.node()? {
            if let Node::Start(element) = node {
                match element.name() {
                    "file-entry" => path = element.attribute("full-path").unwrap_or_default(),
                    "encryption-data" if left > 0 => {
                        left -= 1;
                        encrypted.push(std::mem::take(&mut path));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    });
    let mut faults: Vec<Fault> = read.and_then(Result::err).into_iter().collect();
    if encrypted.is_empty() {
        return Ok(faults);
    }
    let fault = Fault::whole(FaultReason::Encrypted, format!("{} parts are encrypted", encrypted.len()));
    if encrypted.iter().any(|path| path == "content.xml" || path == "encrypted-package") {
        return Err(fault);
    }
    faults.push(fault);
    Ok(faults)
}

/// A document in one XML file, its pictures in it as base64.
struct Flat<'a> {
    source: Source,
    pages: TextPages,
    binaries: bool,
    drawn: Vec<(String, Drawing)>,
    settings: &'a Settings,
}

impl<'a> Flat<'a> {
    fn open(source: Source, settings: &'a Settings) -> Result<Self, Fault> {
        let limits = &settings.limits;
        let mut reader = Reader::new(Mode::Text, limits);
        let mut xml = xml::of_source(&source, "the document", settings)?;
        reader.part(&mut xml);
        let drawn = std::mem::take(&mut reader.drawn).pictures(None, limits, &mut reader.faults);
        let (parts, faults) = pages::parts(reader, None, settings);
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        let mut flat = Self { pages, source, binaries: false, drawn, settings };
        let mut found = false;
        // Damage further on was met before.
        let _ = flat.each_binary(&mut |_, _| {
            found = true;
            ControlFlow::Break(())
        });
        flat.binaries = found;
        Ok(flat)
    }

    /// Every picture and object, in order, by its number.
    fn each_binary(&self, take: &mut dyn FnMut(usize, &str) -> ControlFlow<()>) -> Result<(), Fault> {
        let limits = &self.settings.limits;
        let mut xml = xml::of_source(&self.source, "the document", self.settings)?;
        let mut number = 0_usize;
        // Elements that are open; of frames, whether they hold an object that is read along.
        let mut open: Vec<(String, bool)> = Vec::new();
        loop {
            match xml.node()? {
                None => break,
                Some(Node::End(_)) => {
                    open.pop();
                    continue;
                }
                Some(Node::Text(_)) => continue,
                Some(Node::Start(element)) => {
                    let name = element.name().to_owned();
                    if name == "object"
                        && let Some((_, holds)) = open.iter_mut().rfind(|(name, _)| name == "frame")
                    {
                        *holds = true;
                    }
                    open.push((name, false));
                }
            }
            if open.last().is_none_or(|(name, _)| name != "binary-data") {
                continue;
            }
            let packed = xml.text(limits.content_text_bytes)?;
            xml.uncut()?;
            open.pop();
            // Beside an object stands a picture of it.
            let is_picture = open.last().is_some_and(|(name, _)| name == "image");
            let is_copy = is_picture && open.iter().rfind(|(name, _)| name == "frame").is_some_and(|(_, holds)| *holds);
            if packed.len() > SMALL && !is_copy {
                number = number.saturating_add(1);
                if take(number, &packed).is_break() {
                    break;
                }
            }
        }
        Ok(())
    }
}

impl Holding for Flat<'_> {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn holds(&self) -> bool {
        self.binaries || !self.drawn.is_empty()
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        let mut flow = ControlFlow::Continue(());
        let read = self.each_binary(&mut |number, packed| {
            flow = hand_out(&format!("embedded {number}"), packed, out);
            flow
        });
        if flow.is_continue() {
            let _ = Drawing::hand_out(&self.drawn, &self.settings.limits, out);
        }
        read
    }
}

/// Hands out a file that stands in XML as base64.
pub(super) fn hand_out(name: &str, packed: &str, out: &mut dyn Members) -> ControlFlow<()> {
    let packed: String = packed.split_whitespace().collect();
    match LENIENT.decode(packed) {
        Ok(bytes) => out.member(name, &mut bytes.as_slice()),
        Err(_) => out.unreadable(name, Fault::whole(FaultReason::Damaged, "its base64 is damaged")),
    }
}

#[cfg(test)]
pub(super) mod tests;
