//! The parts that the reader of a kind has left: XML is read for its words, drawings of the old kind too, everything else is a
//! document inside this one, unless it carries nothing.

use std::collections::HashSet;

use super::flow::Flow;
use super::gather::Gather;
use super::ink::Ink;
use super::relations;
use super::sheets;
use super::walk::older_fault;
use crate::config::Limits;
use crate::finding::Fault;
use crate::format::outlines::{Outlines, Syntax};
use crate::format::package::has_extension;
use crate::format::package::xml::{Node, Xml};
use crate::format::xml;

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
    "calcchain.bin",
    "metadata.bin",
];

/// Files that carry nothing by their folder and the end of their name.
const NO_FOLDERS: &[(&str, &str)] = &[
    ("theme", ".xml"),
    ("_xmlsignatures", ".xml"),
    ("_xmlsignatures", ".sigs"),
    ("digital-signature", ""),
    ("printersettings", ".bin"),
    ("persons", ".xml"),
    ("customui", ".xml"),
];

/// Files that carry nothing by the begin and the end of their name.
const NO_NAMES: &[(&str, &str)] = &[
    ("itemprops", ".xml"),
    ("printersettings", ".bin"),
    ("binaryindex", ".bin"),
    ("", ".odttf"),
    ("", ".fntdata"),
    ("", ".ttf"),
    ("", ".otf"),
    ("", ".rels"),
    ("[content_types]", ".xml"),
];

/// How charts and diagrams look, by the begin of their names.
const LOOKS: &[&str] = &["colors", "style", "layout", "quickstyle"];

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
    ("lvlText", "val"),
    ("tag", "val"),
    ("cacheField", "name"),
    ("s", "v"),
    ("CommentEntry", "Text"),
    ("formControlPr", "val"),
    ("item", "val"),
    ("dataField", "name"),
    ("pivotField", "name"),
    ("property", "value"),
];

/// Attributes that are said to somebody, whatever their element.
const SAID: &[&str] = &[
    "caption",
    "columnHeaderCaption",
    "dataCaption",
    "errorCaption",
    "grandTotalCaption",
    "missingCaption",
    "rowHeaderCaption",
    "label",
    "text",
    "title",
    "tooltip",
    "descr",
    "prompt",
    "propertyName",
];

/// Attributes that name a font.
const FONTS: &[&str] = &["typeface", "ascii", "hAnsi", "eastAsia", "cs", "font"];

/// Elements whose text is where a drawing lies and how large it is.
const PLACES: &[&str] = &["posOffset", "align", "pctWidth", "pctHeight", "pctPosHOffset", "pctPosVOffset"];

/// Whether a text is a number or one of the words for a side.
fn is_place(text: &str) -> bool {
    let sides = ["left", "right", "center", "inside", "outside", "top", "bottom"];
    let text = text.trim();
    sides.contains(&text) || text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
}

/// Root elements of the parts that carry nothing: whatever else such a part is called holds words.
const NO_ROOTS: &[&str] = &[
    "Relationships",
    "Signature",
    "Types",
    "Windows",
    "authorLst",
    "calcChain",
    "chartStyle",
    "chgInfo",
    "cmAuthorLst",
    "colorStyle",
    "colorsDef",
    "commentsEx",
    "commentsExtensible",
    "commentsIds",
    "customUI",
    "datastoreItem",
    "fonts",
    "layoutDef",
    "metadata",
    "people",
    "personList",
    "presentationPr",
    "revInfo",
    "styleDef",
    "styleSheet",
    "styles",
    "tblStyleLst",
    "theme",
    "themeManager",
    "themeOverride",
    "vbaSuppData",
    "viewPr",
    "webSettings",
];

/// Reads what is left. `shown` are the parts, in lower case, that relations of the document show.
pub(super) fn read(gather: &mut Gather<'_>, shown: &HashSet<String>) {
    let own = relations::of(gather, "");
    for thumbnail in relations::targets(&own, &["thumbnail"]) {
        // A picture of the first page, unless a page shows it or it is no picture.
        if !shown.contains(&thumbnail.to_lowercase()) && is_picture(gather, thumbnail) {
            gather.saw(thumbnail);
        }
    }
    let names: Vec<String> = gather.package.names().map(str::to_owned).collect();
    let binary = gather.package.has("xl/workbook.bin");
    for name in names {
        let lower = name.to_lowercase();
        if gather.has_seen(&name) || super::properties::is_one(&lower, &own) {
            continue;
        }
        let is_xml = has_extension(&lower, "xml");
        if is_nothing(&lower) && carries_nothing(gather, &name, is_xml, shown.contains(&lower)) {
            gather.saw(&name);
        } else if has_extension(&lower, "vml") {
            if let Some(text) = drawing(gather, &name) {
                gather.part(Some(format!("part {name}")), text);
            }
        } else if is_xml && !gather.package.is_shown(&name) {
            let mut flow = gather.flow();
            let (mut ink, limits) = (Ink::default(), &gather.settings.limits);
            let is_custom = lower.starts_with("customxml/");
            gather.xml(&name, |xml| words(xml, &mut flow, &mut ink, limits, is_custom));
            ink.tell(&name, gather);
            if flow.is_over() {
                gather.full();
            }
            gather.part(Some(format!("part {name}")), flow.take());
        } else if is_records(&lower, binary) {
            let text = sheets::words_of(gather, &name);
            gather.part(Some(format!("part {name}")), text);
        } else {
            gather.member(&name);
        }
    }
}

/// Whether a part that is called like one that carries nothing is one by what it holds too, and no page shows it.
#[allow(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime, and a reader is of any")]
fn carries_nothing(gather: &Gather<'_>, name: &str, is_xml: bool, shown: bool) -> bool {
    let root = || gather.package.xml(name, |xml| xml.root()).and_then(Result::ok).flatten();
    match () {
        () if shown || gather.package.is_shown(name) => false,
        () if is_xml => root().is_none_or(|root| NO_ROOTS.contains(&root.as_str())),
        () => true,
    }
}

/// Whether a part is a picture, by its bytes.
fn is_picture(gather: &Gather<'_>, name: &str) -> bool {
    let kinds = ["png", "jpeg", "gif", "bmp", "tiff", "emf", "wmf"];
    gather.package.kind(name).is_some_and(|kind| kinds.contains(&kind))
}

/// Whether a part of a binary workbook is made of records, by its name in lower case: nothing else there ends so but objects.
fn is_records(name: &str, binary: bool) -> bool {
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    let objects = ["embeddings", "activex", "media", "ctrlprops"].iter().any(|folder| folders.ends_with(folder));
    binary && folders.starts_with("xl") && sheets::is_binary(file) && !objects && file != "vbaproject.bin"
}

/// Whether a part carries nothing, by its name in lower case.
fn is_nothing(name: &str) -> bool {
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    let folder = folders.rsplit('/').next().unwrap_or_default();
    let looks = matches!(folder, "charts" | "diagrams") && has_extension(file, "xml");
    NOTHING.contains(&file)
        || NO_FOLDERS.iter().any(|(name, end)| *name == folder && file.ends_with(end))
        || NO_NAMES.iter().any(|(begin, end)| file.starts_with(begin) && file.ends_with(end))
        || (looks && LOOKS.iter().any(|begin| file.starts_with(begin)))
}

/// The words of any XML: its text, a line an element, and attributes that are known to hold words; of what others put into a document
/// (`is_custom`) every one, but for addresses and the like.
fn words(xml: &mut Xml<'_>, flow: &mut Flow, ink: &mut Ink, limits: &Limits, is_custom: bool) -> Result<(), Fault> {
    let mut placing = false;
    while let Some(node) = xml.node()? {
        placing &= !matches!(node, Node::End(_));
        match node {
            Node::Start(element) => {
                ink.start(element.name());
                placing = PLACES.contains(&element.name());
                let wanted = |name: &str| WORDS.contains(&(element.name(), name)) || SAID.contains(&name);
                for (name, value) in element.attributes() {
                    let told = value.chars().filter(|c| c.is_alphanumeric()).count() > 1;
                    let is_any = || is_custom && !value.contains(['{', '=', '<']) && !value.contains("://");
                    if told && (wanted(name) || is_any() || xml::is_phrase(&value) && !FONTS.contains(&name)) {
                        flow.line(&value);
                    }
                }
            }
            // Runs are pieces of one text.
            Node::End(element) if matches!(element.name(), "t" | "r" | "delText" | "rPr") => {}
            Node::End(element) => {
                ink.end(element.name(), limits);
                flow.gap('\n');
            }
            Node::Text(text) if ink.takes(&text) => {}
            Node::Text(text) if placing && is_place(&text) || text.trim().is_empty() => {}
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
    let mut outlines = Outlines::default();
    gather.xml(part, |xml| {
        xml.lenient();
        let mut boxes = 0_usize;
        while let Some(node) = xml.node()? {
            match node {
                Node::Start(element) => match element.name() {
                    "textbox" => boxes += 1,
                    "textpath" => flow.line(&element.attribute("string").unwrap_or_default()),
                    "shape" => {
                        flow.line(&element.attribute("alt").unwrap_or_default());
                        flow.line(&element.attribute("title").unwrap_or_default());
                        if let Some(path) = element.attribute("path").filter(|path| !path.contains('@')) {
                            outlines.add(&path, Syntax::Vml);
                        }
                    }
                    "polyline" => outlines.add_points(&element.attribute("points").unwrap_or_default()),
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
    older_fault(outlines).into_iter().for_each(|fault| gather.fault(fault));
    if flow.is_over() {
        gather.full();
    }
    Some(flow.take())
}
