//! The descriptions in an OFD package: which documents, pages, templates, annotations and resources there are, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::package::Package;
use crate::format::package::xml::{Node, Xml};

/// Elements of one description: a document of 20,000 pages has as many, and its outline.
const ELEMENTS: usize = 500_000;

/// An element of a description.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) name: String,
    /// The element around it.
    pub(super) parent: String,
    attributes: Vec<(String, String)>,
    /// Its own text.
    pub(super) text: String,
}

impl Item {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// The text of an element, or what its attribute says where a writer put it there.
    pub(super) fn place(&self, attribute: &str) -> Option<&str> {
        self.get(attribute).or(Some(self.text.trim())).filter(|place| !place.is_empty())
    }
}

/// The elements of a description in their order; what could be read of them, and why not the rest.
pub(super) fn items(xml: &mut Xml<'_>, limits: &Limits) -> (Vec<Item>, Option<Fault>) {
    let mut items: Vec<Item> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut bytes = 0_usize;
    loop {
        match xml.node() {
            Ok(Some(Node::Start(element))) => {
                if items.len() >= ELEMENTS {
                    let detail = format!("a description has more than {ELEMENTS} elements");
                    return (items, Some(Fault::whole(FaultReason::Limit, detail)));
                }
                let parent =
                    open.last().and_then(|at| items.get(*at)).map(|item| item.name.clone()).unwrap_or_default();
                let attributes =
                    element.attributes().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
                open.push(items.len());
                let name = element.name().to_owned();
                items.push(Item { name, parent, attributes, text: String::new() });
            }
            Ok(Some(Node::End(_))) => {
                open.pop();
            }
            Ok(Some(Node::Text(text))) => {
                bytes = bytes.saturating_add(text.len());
                if bytes > limits.content_text_bytes {
                    return (
                        items,
                        Some(Fault::limit("content_text_bytes", limits.content_text_bytes, "a description")),
                    );
                }
                if let Some(item) = open.last().and_then(|at| items.get_mut(*at)) {
                    item.text.push_str(&text);
                }
            }
            Ok(None) => return (items, None),
            Err(fault) => return (items, Some(fault)),
        }
    }
}

/// A page, and where its content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PagePlace {
    pub(super) part: String,
    /// Which of the documents of the file it is in.
    pub(super) body: usize,
    /// Annotations on it.
    pub(super) annotations: Vec<String>,
}

/// One document of the file.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The size of pages that say nothing of their own.
    pub(super) page_box: Option<String>,
    /// Template pages by their numbers.
    pub(super) templates: BTreeMap<String, String>,
    /// Parts with drawings that pages use by number.
    pub(super) resources: Vec<String>,
}

/// All that the descriptions tell.
#[derive(Debug, Default)]
pub(super) struct Descriptions {
    pub(super) bodies: Vec<Body>,
    pub(super) pages: Vec<PagePlace>,
    /// Lines of properties: name and value.
    pub(super) properties: String,
    /// Parts that are read as pages or descriptions: what is handed out is the rest, but for fonts. In lower case.
    pub(super) used: BTreeSet<String>,
    /// Parts that a list of resources calls fonts, in lower case.
    pub(super) fonts: BTreeSet<String>,
    /// Descriptions that were read.
    read: BTreeSet<String>,
    /// Seals and signed values.
    pub(super) seals: BTreeSet<String>,
    pub(super) faults: Vec<Fault>,
}

/// Reads descriptions.
pub(super) struct Reading<'a> {
    pub(super) package: &'a Package,
    pub(super) limits: &'a Limits,
    pub(super) found: Descriptions,
}

impl Reading<'_> {
    /// Everything, from `OFD.xml` on.
    pub(super) fn file(&mut self) {
        let Some(items) = self.description("OFD.xml") else {
            self.found.faults.push(Fault::whole(FaultReason::Damaged, "OFD.xml is missing"));
            return;
        };
        self.properties(&items);
        for item in &items {
            match item.name.as_str() {
                "DocRoot" => {
                    if let Some(root) = self.find("", item.text.trim()) {
                        self.body(&root);
                    } else {
                        let detail = "the description of a document is missing";
                        self.found.faults.push(Fault::whole(FaultReason::Damaged, detail));
                    }
                }
                "Signatures" => self.signatures(item.text.trim()),
                _ => {}
            }
        }
    }

    /// What is said of the documents.
    fn properties(&mut self, items: &[Item]) {
        const SHOWN: &[&str] =
            &["Title", "Author", "Subject", "Abstract", "Keyword", "DocUsage", "Creator", "DocID", "CustomData"];
        for item in items.iter().filter(|item| SHOWN.contains(&item.name.as_str())) {
            let name = item.get("Name").unwrap_or(&item.name);
            self.property(name, item.text.trim());
        }
    }

    fn property(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            let _ = writeln!(self.found.properties, "{name}: {value}");
        }
    }

    /// One document.
    fn body(&mut self, root: &str) {
        let Some(items) = self.description(root) else { return };
        let mut body = Body::default();
        let mut pages: Vec<(String, String)> = Vec::new();
        let mut annotations: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in &items {
            match item.name.as_str() {
                "PhysicalBox" if item.parent == "PageArea" => body.page_box = Some(item.text.clone()),
                "Page" if item.parent == "Pages" => {
                    let place = item.place("BaseLoc").unwrap_or_default();
                    let part = self.find(root, place).unwrap_or_else(|| resolve(root, place));
                    pages.push((item.get("ID").unwrap_or_default().to_owned(), part));
                }
                "TemplatePage" => {
                    let place = item.place("BaseLoc").unwrap_or_default();
                    let part = self.find(root, place).unwrap_or_else(|| resolve(root, place));
                    self.use_part(&part);
                    body.templates.insert(item.get("ID").unwrap_or_default().to_owned(), part);
                }
                "PublicRes" | "DocumentRes" => self.resources(root, item.text.trim(), &mut body),
                "Annotations" => annotations = self.annotations(root, item.text.trim()),
                "Attachments" => self.attachments(root, item.text.trim()),
                "CustomTags" => {
                    // What the tags say is handed out, each as the XML that it is.
                    if let Some(part) = self.find(root, item.text.trim()) {
                        self.use_part(&part);
                    }
                }
                "OutlineElem" => self.property("Outline", item.get("Title").unwrap_or_default()),
                "Bookmark" => self.property("Bookmark", item.get("Name").unwrap_or_default()),
                _ => {}
            }
        }
        let number = self.found.bodies.len();
        for (id, part) in pages {
            self.use_part(&part);
            let annotations = annotations.remove(&id).unwrap_or_default();
            self.found.pages.push(PagePlace { part, body: number, annotations });
        }
        // Of pages that are not there, or not there any more.
        for part in annotations.into_values().flatten() {
            self.found.used.remove(&key(&part));
        }
        self.found.bodies.push(body);
    }

    /// A list of resources.
    pub(super) fn resources(&mut self, root: &str, place: &str, body: &mut Body) {
        let Some(part) = self.find(root, place) else { return };
        let Some(items) = self.description(&part) else { return };
        let base = items.iter().find_map(|item| (item.name == "Res").then(|| item.get("BaseLoc")).flatten());
        for item in items.iter().filter(|item| item.name == "FontFile") {
            let inside = format!("{}/{}", base.unwrap_or("."), item.text.trim());
            if let Some(font) = self.find(&part, &inside).or_else(|| self.find(&part, item.text.trim())) {
                self.found.fonts.insert(key(&font));
            }
        }
        for item in items.iter().filter(|item| item.name == "MediaFile" && !item.text.trim().is_empty()) {
            let inside = format!("{}/{}", base.unwrap_or("."), item.text.trim());
            if self.find(&part, &inside).or_else(|| self.find(&part, item.text.trim())).is_none() {
                let detail = "a picture that the document names is missing";
                self.found.faults.push(Fault::whole(FaultReason::Damaged, detail));
            }
        }
        if items.iter().any(|item| item.name == "CompositeGraphicUnit") {
            body.resources.push(part);
        }
    }

    fn annotations(&mut self, root: &str, place: &str) -> BTreeMap<String, Vec<String>> {
        let mut annotations: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let Some(part) = self.find(root, place) else { return annotations };
        let mut page = String::new();
        for item in self.description(&part).unwrap_or_default() {
            match item.name.as_str() {
                "Page" => item.get("PageID").unwrap_or_default().clone_into(&mut page),
                "FileLoc" => {
                    if let Some(found) = self.find(&part, item.text.trim()) {
                        self.use_part(&found);
                        annotations.entry(page.clone()).or_default().push(found);
                    }
                }
                _ => {}
            }
        }
        annotations
    }

    fn attachments(&mut self, root: &str, place: &str) {
        let Some(part) = self.find(root, place) else { return };
        for item in self.description(&part).unwrap_or_default() {
            if item.name == "Attachment" {
                self.property("Attachment", item.get("Name").unwrap_or_default());
            }
        }
    }

    fn signatures(&mut self, place: &str) {
        let Some(list) = self.find("", place) else { return };
        for item in self.description(&list).unwrap_or_default() {
            let signature = (item.name == "Signature").then(|| item.place("BaseLoc")).flatten();
            let Some(part) = signature.and_then(|place| self.find(&list, place)) else { continue };
            for item in self.description(&part).unwrap_or_default() {
                let place = match (item.name.as_str(), item.parent.as_str()) {
                    ("SignedValue", _) | ("BaseLoc", "Seal") => item.text.trim(),
                    ("Seal", _) => item.place("BaseLoc").unwrap_or_default(),
                    _ => continue,
                };
                if let Some(found) = self.find(&part, place) {
                    self.use_part(&found);
                    self.found.seals.insert(found);
                }
            }
        }
    }

    /// The elements of a description; none if there is none. What is broken is a fault.
    fn description(&mut self, part: &str) -> Option<Vec<Item>> {
        self.use_part(part);
        // Once: a list that names itself, or one part a thousand times, tells nothing new.
        if !self.found.read.insert(key(part)) {
            return None;
        }
        let limits = self.limits;
        match self.package.xml(part, |xml| Ok(items(xml, limits)))? {
            Ok((items, fault)) => {
                self.found.faults.extend(fault);
                Some(items)
            }
            Err(fault) => {
                self.found.faults.push(fault);
                None
            }
        }
    }

    fn use_part(&mut self, part: &str) {
        self.found.used.insert(key(part));
    }

    /// The part at a place as seen from another; writers disagree from where places count.
    pub(super) fn find(&self, from: &str, place: &str) -> Option<String> {
        if place.is_empty() {
            return None;
        }
        [resolve(from, place), resolve("", place)].into_iter().find(|part| self.package.has(part))
    }
}

/// The name of a part that stands for it.
pub(in crate::format) fn key(part: &str) -> String {
    part.trim_start_matches('/').replace('\\', "/").to_lowercase()
}

/// A place, absolute or as seen from a part.
pub(in crate::format) fn resolve(from: &str, place: &str) -> String {
    let place = place.replace('\\', "/");
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if place.starts_with('/') { place } else { format!("{folder}/{place}") };
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_absolute_or_seen_from_a_part() {
        assert_eq!(resolve("Doc_0/Document.xml", "Pages/Page_0/Content.xml"), "Doc_0/Pages/Page_0/Content.xml");
        assert_eq!(resolve("Doc_0/Document.xml", "/Doc_0/a.xml"), "Doc_0/a.xml");
        assert_eq!(resolve("Doc_0/Pages/Page_0/Content.xml", "..\\..\\.\\Res/a.png"), "Doc_0/Res/a.png");
        assert_eq!(resolve("a.xml", "../../b.xml"), "b.xml");
    }
}
