//! What a document says about itself: title, author, company, properties of its own, and labels of sensitivity.

use super::flow::Flow;
use super::gather::Gather;
use super::relations::{self, Relation};
use crate::format::package::has_extension;
use crate::format::package::xml::Node;

/// Properties that are told, and as what; of the others only those that somebody added are.
const TOLD: &[(&str, &str)] = &[
    ("title", "Title"),
    ("subject", "Subject"),
    ("creator", "Author"),
    ("keywords", "Keywords"),
    ("description", "Comments"),
    ("lastModifiedBy", "Last modified by"),
    ("category", "Category"),
    ("contentStatus", "Status"),
    ("Company", "Company"),
    ("Manager", "Manager"),
    ("Template", "Template"),
    ("HyperlinkBase", "Base of links"),
];

/// Reads the properties of a package.
pub(super) fn read(gather: &mut Gather<'_>) {
    let mut flow = gather.flow();
    let names: Vec<String> = gather.package.names().map(str::to_owned).collect();
    let own = relations::of(gather, "");
    for name in names {
        let lower = name.to_lowercase();
        if gather.has_seen(&name) || !is_one(&lower, &own) {
            continue;
        }
        if lower.starts_with("docmetadata/") || is_target(&lower, &own, &["classificationlabels"]) {
            sensitivity(gather, &name, &mut flow);
        } else {
            told(gather, &name, &mut flow);
        }
    }
    if flow.is_over() {
        gather.full();
    }
    gather.part(Some("properties".to_owned()), flow.take());
}

/// Whether a part, by its name in lower case, holds properties: by its place, or because the package says so.
pub(super) fn is_one(part: &str, own: &[Relation]) -> bool {
    let kinds = ["core-properties", "extended-properties", "custom-properties", "classificationlabels"];
    let usual = part.starts_with("docprops/") || part.starts_with("docmetadata/");
    (usual && has_extension(part, "xml")) || is_target(part, own, &kinds)
}

fn is_target(part: &str, own: &[Relation], kinds: &[&str]) -> bool {
    relations::targets(own, kinds).any(|target| target.to_lowercase() == part)
}

/// Properties of Office, and those that somebody added.
fn told(gather: &mut Gather<'_>, part: &str, flow: &mut Flow) {
    let most = gather.settings.limits.content_text_bytes;
    gather.xml(part, |xml| {
        while let Some(node) = xml.node()? {
            let Node::Start(element) = node else { continue };
            let name = match element.name() {
                "property" => element.attribute("name"),
                name => TOLD.iter().find(|(told, _)| *told == name).map(|(_, shown)| (*shown).to_owned()),
            };
            if let Some(name) = name {
                let value = xml.text(most)?;
                if !value.trim().is_empty() {
                    flow.line(&format!("{name}: {}", value.trim()));
                }
            }
        }
        Ok(())
    });
}

/// Labels of sensitivity: which, whose, and how it came there. A label that was taken off again is none.
fn sensitivity(gather: &mut Gather<'_>, part: &str, flow: &mut Flow) {
    gather.xml(part, |xml| {
        while let Some(node) = xml.node()? {
            let Node::Start(element) = node else { continue };
            if element.name() != "label" {
                continue;
            }
            let value = |name: &str| element.attribute(name).unwrap_or_default();
            let removed = matches!(value("removed").as_str(), "1" | "true");
            let enabled = !matches!(value("enabled").as_str(), "0" | "false");
            if enabled && !removed {
                let (id, site, method) = (value("id"), value("siteId"), value("method"));
                flow.line(&format!("Sensitivity label: {id} site {site} method {method}"));
            }
        }
        Ok(())
    });
}
