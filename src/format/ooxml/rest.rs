//! The parts that the reader of a kind has left: XML is read for its words, drawings of the old kind too, everything else is a
//! document inside this one, unless it carries nothing.

use super::flow::Flow;
use super::gather::Gather;
use crate::finding::Fault;
use crate::format::package::xml::{Node, Xml};

/// Files that carry nothing: how things look, and numbers about them.
const NOTHING: &[&str] = &[
    "styles.xml",
    "styleswitheffects.xml",
    "fonttable.xml",
    "websettings.xml",
    "tablestyles.xml",
    "presprops.xml",
    "viewprops.xml",
    "calcchain.xml",
    "metadata.xml",
    "commentsextended.xml",
    "commentsextensible.xml",
    "commentsids.xml",
    "commentauthors.xml",
    "authors.xml",
    "people.xml",
    "vbadata.xml",
    "vbaprojectsignature.bin",
    "vbaprojectsignatureagile.bin",
    "vbaprojectsignaturev3.bin",
    "revisioninfo.xml",
    "changesinfo1.xml",
    "windows.xml",
];

/// Folders whose files carry nothing.
const NO_FOLDERS: &[&str] =
    &["theme", "fonts", "_xmlsignatures", "printersettings", "persons", "_rels", "customui", "digital-signature"];

/// Begins and ends of names of files that carry nothing.
const NO_NAMES: &[(&str, &str)] = &[
    ("itemprops", ".xml"),
    ("printersettings", ".bin"),
    ("thumbnail", ""),
    ("colors", ".xml"),
    ("style", ".xml"),
    ("layout", ".xml"),
    ("quickstyle", ".xml"),
    ("", ".odttf"),
    ("", ".fntdata"),
    ("", ".ttf"),
    ("", ".otf"),
    ("", ".rels"),
    ("[content_types]", ""),
];

/// Attributes that hold words, by their elements.
const WORDS: &[(&str, &str)] = &[
    ("dbPr", "connection"),
    ("dbPr", "command"),
    ("connection", "name"),
    ("connection", "description"),
    ("connection", "sourceFile"),
    ("webPr", "url"),
    ("textPr", "sourceFile"),
    ("sheetName", "val"),
    ("cNvPr", "descr"),
    ("docPr", "descr"),
    ("textpath", "string"),
    ("ocxPr", "value"),
    ("tag", "val"),
    ("cacheField", "name"),
    ("s", "v"),
    ("CommentEntry", "Text"),
    ("formControlPr", "val"),
    ("webextension", "id"),
    ("property", "value"),
];

/// Reads what is left.
pub(super) fn read(gather: &mut Gather<'_>) {
    // Not `gather.package`: the loop changes what was seen.
    let names: Vec<String> = gather.package.names().map(str::to_owned).collect();
    for name in names {
        let lower = name.to_lowercase();
        if gather.has_seen(&name) || lower.starts_with("docprops/") || lower.starts_with("docmetadata/") {
            continue;
        }
        if is_nothing(&lower) {
            gather.saw(&name);
        } else if lower.ends_with(".vml") {
            if let Some(text) = drawing(gather, &name) {
                gather.part(Some(format!("part {name}")), text);
            }
        } else if lower.ends_with(".xml") {
            let mut flow = gather.flow();
            gather.xml(&name, |xml| words(xml, &mut flow));
            if flow.is_over() {
                gather.full();
            }
            gather.part(Some(format!("part {name}")), flow.take());
        } else {
            gather.member(&name);
        }
    }
}

/// Whether a part carries nothing, by its name in lower case.
fn is_nothing(name: &str) -> bool {
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    let styled = ["charts", "diagrams", "_rels"].iter().any(|folder| folders.ends_with(folder));
    let named = |(begin, end): &(&str, &str)| {
        let only_beside_charts = matches!(*begin, "colors" | "style" | "layout" | "quickstyle");
        file.starts_with(begin) && file.ends_with(end) && (styled || !only_beside_charts)
    };
    NOTHING.contains(&file)
        || folders.split('/').any(|folder| NO_FOLDERS.contains(&folder))
        || NO_NAMES.iter().any(named)
}

/// The words of any XML: its text, a line an element, and attributes that are known to hold words.
fn words(xml: &mut Xml<'_>, flow: &mut Flow) -> Result<(), Fault> {
    while let Some(node) = xml.node()? {
        match node {
            Node::Start(element) => {
                let wanted = |name: &str| WORDS.contains(&(element.name(), name));
                for (_, value) in element.attributes().filter(|(name, _)| wanted(name)) {
                    flow.line(&value);
                }
            }
            // Runs are pieces of one text.
            Node::End(element) if matches!(element.name(), "t" | "r" | "delText" | "rPr") => {}
            Node::End(_) => flow.gap('\n'),
            Node::Text(text) if text.trim().is_empty() => {}
            Node::Text(text) => flow.text(&text),
        }
    }
    Ok(())
}

/// The words of a drawing of the old kind: text boxes, captions of buttons, word art. None if it was read before.
pub(super) fn drawing(gather: &mut Gather<'_>, part: &str) -> Option<String> {
    if gather.has_seen(part) {
        return None;
    }
    let mut flow = gather.flow();
    gather.xml(part, |xml| {
        xml.lenient();
        let mut boxes = 0_usize;
        while let Some(node) = xml.node()? {
            match node {
                Node::Start(element) => match element.name() {
                    "textbox" => boxes += 1,
                    "textpath" => flow.line(&element.attribute("string").unwrap_or_default()),
                    "shape" => flow.line(&element.attribute("alt").unwrap_or_default()),
                    "br" => flow.gap('\n'),
                    _ => {}
                },
                Node::End(element) => match element.name() {
                    "textbox" => {
                        boxes = boxes.saturating_sub(1);
                        flow.gap('\n');
                    }
                    "div" | "p" => flow.gap('\n'),
                    _ => {}
                },
                Node::Text(text) if boxes > 0 && !text.trim().is_empty() => flow.text(text.trim_matches(['\n', '\r'])),
                Node::Text(_) => {}
            }
        }
        Ok(())
    });
    if flow.is_over() {
        gather.full();
    }
    Some(flow.take())
}
