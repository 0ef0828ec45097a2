//! Drawings of Visio: a part a page, with the texts of its shapes, their data and links, and the masters that shapes are made of.

use std::collections::HashMap;

use super::gather::Gather;
use super::relations::{self, targets};
use crate::format::package::xml::Node;

/// Sections of shapes that hold words of somebody, and the cells there that do.
const SECTIONS: &[&str] = &["Property", "Hyperlink", "Annotation"];
const CELLS: &[&str] = &["Value", "Label", "Prompt", "Address", "Description", "Comment"];

/// Reads a drawing.
pub(super) fn read(gather: &mut Gather<'_>) {
    let main = relations::main_part(gather, "visio/document.xml");
    let relations = relations::of(gather, &main);
    for (kind, name) in [("pages", "page"), ("masters", "master")] {
        for list in targets(&relations, &[kind]).map(str::to_owned).collect::<Vec<_>>() {
            let names = names(gather, &list);
            let own = relations::of(gather, &list);
            for relation in own.iter().filter(|relation| relation.kind == name && !relation.external) {
                let text = shapes(gather, &relation.target);
                let text = [names.get(&relation.id).cloned().unwrap_or_default(), text].join("\n").trim().to_owned();
                let named =
                    names.get(&relation.id).map_or_else(|| name.to_owned(), |known| format!("{name} \"{known}\""));
                gather.part(Some(named), text);
            }
        }
    }
}

/// Names of pages or masters by their relation.
fn names(gather: &mut Gather<'_>, list: &str) -> HashMap<String, String> {
    let (mut names, mut name) = (HashMap::new(), String::new());
    gather.xml(list, |xml| {
        while let Some(node) = xml.node()? {
            let Node::Start(element) = node else { continue };
            match element.name() {
                "Page" | "Master" => name = element.attribute("Name").unwrap_or_default(),
                "Rel" => {
                    names.extend(element.prefixed("id").map(|id| (id, std::mem::take(&mut name))));
                }
                _ => {}
            }
        }
        Ok(())
    });
    names
}

/// The texts of the shapes of a page.
fn shapes(gather: &mut Gather<'_>, part: &str) -> String {
    let mut flow = gather.flow();
    gather.xml_of(part, |xml| {
        let (mut inside, mut told) = (false, false);
        while let Some(node) = xml.node()? {
            match node {
                Node::Start(element) => match element.name() {
                    "Text" => inside = true,
                    "Section" => told = element.attribute("N").is_some_and(|name| SECTIONS.contains(&name.as_str())),
                    "Cell" if told => {
                        let name = element.attribute("N").unwrap_or_default();
                        let value = element.attribute("V").unwrap_or_default();
                        if CELLS.contains(&name.as_str()) && value.chars().any(char::is_alphanumeric) {
                            flow.line(&value);
                        }
                    }
                    _ => {}
                },
                Node::End(element) => match element.name() {
                    "Text" => {
                        inside = false;
                        flow.gap('\n');
                    }
                    "Section" => told = false,
                    _ => {}
                },
                Node::Text(text) if inside => flow.text(text.trim_end_matches('\n')),
                _ => {}
            }
        }
        Ok(())
    });
    if flow.is_over() {
        gather.full();
    }
    flow.take()
}
