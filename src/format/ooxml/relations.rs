//! Relations: which part belongs to which, and what lies outside.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::finding::{Fault, FaultReason};
use crate::format::package::has_extension;
use crate::format::package::xml::{Node, Xml};

use super::gather::Gather;

/// A relation of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Relation {
    /// Its name inside the part.
    pub(super) id: String,
    /// The last word of its type (`header`, `chart`), which is the same for transitional and strict documents.
    pub(super) kind: String,
    /// The part, as its name is in the package; or whatever lies outside.
    pub(super) target: String,
    /// Whether it lies outside.
    pub(super) external: bool,
}

/// The relations of a part; `""` for those of the package.
pub(super) fn of(gather: &mut Gather<'_>, part: &str) -> Vec<Relation> {
    let (name, folder) = list_of(part);
    list(gather, &name, folder)
}

/// The name of the list of a part's relations, and the folder where its targets begin.
fn list_of(part: &str) -> (String, &str) {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let separator = if folder.is_empty() { "" } else { "/" };
    (format!("{folder}{separator}_rels/{file}.rels"), folder)
}

/// The same without a word about what is broken, for a second look.
pub(super) fn quietly_of(gather: &Gather<'_>, part: &str) -> Vec<Relation> {
    let (name, folder) = list_of(part);
    let mut relations = Vec::new();
    let most = gather.settings.limits.package_parts;
    let _ = gather.package.xml(&name, |xml| all(xml, folder, &mut relations, most));
    relations
}

/// The relations of a list. `folder` is where its targets begin.
fn list(gather: &mut Gather<'_>, list: &str, folder: &str) -> Vec<Relation> {
    let mut relations = Vec::new();
    let most = gather.settings.limits.package_parts;
    let mut more = false;
    gather.xml(list, |xml| {
        more = all(xml, folder, &mut relations, most)?;
        Ok(())
    });
    if more {
        gather.fault(Fault::limit("package_parts", most, "the number of relations of a part"));
    }
    relations
}

/// Adds all relations of a list up to so many in all; whether there are more.
fn all(xml: &mut Xml<'_>, folder: &str, relations: &mut Vec<Relation>, most: usize) -> Result<bool, Fault> {
    while let Some(node) = xml.node()? {
        let Node::Start(element) = node else { continue };
        if element.name() != "Relationship" {
            continue;
        }
        if relations.len() >= most {
            return Ok(true);
        }
        let value = |name| element.attribute(name).unwrap_or_default();
        let kind = value("Type").rsplit('/').next().unwrap_or_default().to_owned();
        let external = value("TargetMode").eq_ignore_ascii_case("external");
        let target = if external { value("Target") } else { resolve(folder, &value("Target")) };
        relations.push(Relation { id: value("Id"), kind, target, external });
    }
    Ok(false)
}

/// Parts of the kinds of relation, in the order they are listed.
pub(super) fn targets<'r>(relations: &'r [Relation], kinds: &'r [&'r str]) -> impl Iterator<Item = &'r str> {
    let wanted =
        |relation: &&Relation| !relation.external && kinds.iter().any(|kind| relation.kind.eq_ignore_ascii_case(kind));
    relations.iter().filter(wanted).map(|relation| relation.target.as_str())
}

/// What each relation names, by its name inside the part; the first of two counts.
pub(super) fn by_id(relations: &[Relation]) -> HashMap<&str, &str> {
    relations.iter().rev().map(|relation| (relation.id.as_str(), relation.target.as_str())).collect()
}

/// The main part of the package: what its relation of type `officeDocument` names, else `usual`.
pub(super) fn main_part(gather: &mut Gather<'_>, usual: &str) -> String {
    let relations = of(gather, "");
    let main = targets(&relations, &["officeDocument", "document"]).next().map(str::to_owned);
    main.filter(|part| gather.package.has(part)).unwrap_or_else(|| usual.to_owned())
}

/// The name of a part from the folder of the one that refers to it.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let target = target.split(['#', '?']).next().unwrap_or_default();
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path.retain(|step| !step.is_empty());
    decode(&path.join("/"))
}

/// Percent signs of a name that is written as an address.
fn decode(name: &str) -> String {
    if !name.contains('%') {
        return name.to_owned();
    }
    let bytes = name.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let value = code.filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(value.unwrap_or(*byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| name.to_owned())
}

/// Kinds of relations that name what a document shows or holds, in lower case: without its part something is lost.
const SHOWN: &[&str] = &[
    "image",
    "hdphoto",
    "header",
    "footer",
    "footnotes",
    "endnotes",
    "comments",
    "chart",
    "chartex",
    "diagramdata",
    "oleobject",
    "package",
    "afchunk",
    "notesslide",
    "video",
    "audio",
    "media",
];

/// What the relations of all parts name.
#[derive(Default)]
pub(super) struct Named {
    /// Parts, in lower case, that the document shows, whatever they are called.
    pub(super) shown: HashSet<String>,
    /// Addresses that lie outside: links, templates, linked pictures and workbooks. Each is told once.
    addresses: BTreeSet<String>,
    /// There are more addresses than a document may have text.
    is_over: bool,
}

/// Reads all relations. A part that the document shows and that is missing is a fault.
pub(super) fn named(gather: &mut Gather<'_>) -> Named {
    let lists: Vec<String> =
        gather.package.names().filter(|name| has_extension(name, "rels")).map(str::to_owned).collect();
    let mut named = Named::default();
    let mut room = gather.settings.limits.content_text_bytes;
    for name in lists {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", &name));
        let folder = folder.strip_suffix("_rels").unwrap_or(folder).trim_end_matches('/').to_owned();
        let owner = file.strip_suffix(".rels").unwrap_or_default();
        // What a part that is gone showed is not missed.
        let has_owner = owner.is_empty() || gather.package.has(&format!("{folder}/{owner}"));
        for relation in list(gather, &name, &folder) {
            if relation.external {
                named.note_address(unescaped(&relation.target), &mut room);
            } else if has_owner && SHOWN.contains(&relation.kind.to_lowercase().as_str()) {
                // Office writes such a name for a picture that it could not have when it saved.
                let is_told = !relation.target.is_empty() && relation.target.rsplit('/').next() != Some("NULL");
                if is_told && !gather.package.has(&relation.target) && !gather.package.is_salvaged() {
                    let detail = format!("part {} is missing", relation.target.escape_debug());
                    gather.fault(Fault::whole(FaultReason::Damaged, detail));
                }
                named.shown.insert(relation.target.to_lowercase());
            }
        }
    }
    named
}

impl Named {
    fn note_address(&mut self, address: String, room: &mut usize) {
        if self.is_over || address.trim().is_empty() || self.addresses.contains(&address) {
            return;
        }
        *room = room.saturating_sub(address.len() + 1);
        self.is_over = *room == 0;
        if !self.is_over {
            self.addresses.insert(address);
        }
    }

    /// A part of the addresses that lie outside; none of them where they are too many.
    pub(super) fn links(self, gather: &mut Gather<'_>) {
        if self.is_over {
            return gather.full();
        }
        let lines: Vec<String> = self.addresses.into_iter().collect();
        gather.part(Some("links".to_owned()), lines.join("\n"));
    }
}

/// An address with its words readable: Chinese in percent signs says nothing to a reader of text.
fn unescaped(address: &str) -> String {
    let decoded = decode(address);
    if decoded == address || decoded.chars().any(char::is_control) { address.to_owned() } else { decoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_from_the_folder_of_their_part() {
        let cases = [
            ("word", "header1.xml", "word/header1.xml"),
            ("ppt/slides", "../charts/chart1.xml", "ppt/charts/chart1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("", "word\\document.xml", "word/document.xml"),
            ("word", "../../../a%20b.png", "a b.png"),
        ];
        for (folder, target, part) in cases {
            assert_eq!(resolve(folder, target), part);
        }
    }
}
