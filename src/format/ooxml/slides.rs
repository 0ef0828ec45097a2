//! Presentations of `PowerPoint`: a part a slide, in the order in which they are shown, with what is written about it.
//!
//! Masters and layouts stand behind many slides and are read once, without the words that say what to write where.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::gather::Gather;
use super::relations::{self, Relation, by_id, targets};
use super::walk::{Capitals, Walk, Way};
use crate::finding::{Fault, FaultReason};
use crate::format::package::xml::Node;

const SLIDE: Way = Way { pages: 0, chart: false, shapes: true, prompts: false };
const MASTER: Way = Way { prompts: true, ..SLIDE };
/// How a chart is walked through.
pub(super) const CHART: Way = Way { pages: 0, chart: true, shapes: false, prompts: false };
const PLAIN: Way = Way { chart: false, ..CHART };
/// How a drawing over a sheet is walked through.
pub(super) const SHAPES: Way = SLIDE;

/// Reads a presentation.
pub(super) fn read(gather: &mut Gather<'_>) {
    let main = relations::main_part(gather, "ppt/presentation.xml");
    let relations = relations::of(gather, &main);
    let (mut ids, mut names) = (Vec::new(), gather.flow());
    let most = gather.settings.limits.package_parts;
    gather.xml_as(&main, &["presentation"], |xml| {
        while let Some(node) = xml.node()? {
            let Node::Start(element) = node else { continue };
            match element.name() {
                "sldId" if ids.len() <= most => ids.extend(element.prefixed("id")),
                "section" | "custShow" => names.line(&element.attribute("name").unwrap_or_default()),
                _ => {}
            }
        }
        Ok(())
    });
    let mut masters = Masters::default();
    let parts = by_id(&relations);
    if ids.len() > most {
        gather.fault(Fault::limit("package_parts", most, "the number of slides of the presentation"));
    }
    for (number, id) in (1_u32..).zip(ids.iter().take(most)) {
        match parts.get(id.as_str()) {
            // A part that is shown twice is read once.
            Some(part) if gather.has_seen(part) => {}
            Some(part) => slide(gather, part, &format!("slide {number}"), &mut masters),
            None => gather.fault(Fault::whole(FaultReason::Damaged, format!("slide {number} is missing"))),
        }
    }
    // Slides that are not in the show are in the file.
    let left: Vec<String> = targets(&relations, &["slide"]).map(str::to_owned).collect();
    for part in left.into_iter().filter(|part| part.to_lowercase().contains("slide")) {
        if !gather.has_seen(&part) {
            slide(gather, &part, "slide out of the show", &mut masters);
        }
    }
    let own = targets(&relations, &["slideMaster", "notesMaster", "handoutMaster"]).map(str::to_owned);
    masters.parts.extend(own);
    behind(gather, masters.parts);
    if names.is_over() {
        gather.full();
    }
    gather.part(Some("sections".to_owned()), names.take());
}

/// What stands behind the slides that were read.
#[derive(Default)]
struct Masters {
    parts: Vec<String>,
    /// Styles of each layout with its master that show letters as capitals.
    capitals: HashMap<String, Rc<Capitals>>,
}

impl Masters {
    /// Styles behind a slide with these relations. Layouts and masters are read for their words later.
    fn capitals(&mut self, gather: &Gather<'_>, relations: &[Relation]) -> Rc<Capitals> {
        let mut all = Capitals::default();
        for layout in targets(relations, &["slideLayout"]) {
            let known = self.capitals.entry(layout.to_lowercase()).or_insert_with(|| {
                let mut capitals = Capitals::default();
                for part in std::iter::once(layout.to_owned()).chain(master_of(gather, layout)) {
                    // What is broken is told where the words are read.
                    let _ = gather.package.xml(&part, |xml| capitals.add_layout(xml));
                }
                Rc::new(capitals)
            });
            all.join(known);
        }
        Rc::new(all)
    }
}

/// The masters of a layout.
fn master_of(gather: &Gather<'_>, layout: &str) -> Vec<String> {
    targets(&relations::quietly_of(gather, layout), &["slideMaster"]).map(str::to_owned).collect()
}

/// A slide with its notes and comments; layouts it uses are added to `masters`.
fn slide(gather: &mut Gather<'_>, part: &str, name: &str, masters: &mut Masters) {
    let relations = relations::of(gather, part);
    let capitals = masters.capitals(gather, &relations);
    let (hidden, text) = shapes(gather, part, SLIDE, capitals);
    let label = if hidden { format!("{name}, hidden") } else { name.to_owned() };
    let diagrams = diagrams(gather, &relations);
    gather.part(Some(label), text);
    for (diagram, text) in diagrams {
        gather.part(Some(format!("{name}, {diagram}")), text);
    }
    for (kinds, what) in [(["notesSlide", ""], "notes"), (["comments", "comment"], "comments")] {
        let parts: Vec<&str> = targets(&relations, &kinds).collect();
        for part in parts {
            let text =
                if what == "notes" { shapes(gather, part, SLIDE, Rc::default()).1 } else { comments(gather, part) };
            gather.part(Some(format!("{name}, {what}")), text);
            let relations = relations::of(gather, part);
            for (diagram, text) in self::diagrams(gather, &relations) {
                gather.part(Some(format!("{name}, {what}, {diagram}")), text);
            }
        }
    }
    masters.parts.extend(targets(&relations, &["slideLayout"]).map(str::to_owned));
}

/// Layouts and masters, and the masters of those.
fn behind(gather: &mut Gather<'_>, mut parts: Vec<String>) {
    let mut known: HashSet<String> = HashSet::new();
    let mut at = 0;
    while let Some(part) = parts.get(at).cloned() {
        at += 1;
        if !known.insert(part.to_lowercase()) || !gather.package.has(&part) {
            continue;
        }
        let relations = relations::of(gather, &part);
        let text = shapes(gather, &part, MASTER, Rc::default()).1;
        let folder = part.rsplit('/').nth(1).unwrap_or_default();
        let name = match folder.to_lowercase().as_str() {
            "slidelayouts" => "slide layout",
            "slidemasters" => "slide master",
            "notesmasters" => "notes master",
            _ => "master",
        };
        gather.part(Some(name.to_owned()), text);
        for (diagram, text) in diagrams(gather, &relations) {
            gather.part(Some(format!("{name}, {diagram}")), text);
        }
        parts.extend(targets(&relations, &["slideMaster", "slideLayout"]).map(str::to_owned));
    }
}

/// The text of the shapes of a part, from top to bottom, and whether the slide is hidden.
fn shapes(gather: &mut Gather<'_>, part: &str, way: Way, capitals: Rc<Capitals>) -> (bool, String) {
    let mut hidden = false;
    let mut walk = Walk::new(gather.flow(), way).with(capitals);
    let limits = &gather.settings.limits;
    gather.xml_of(part, |xml| {
        // The root says whether the slide is shown.
        while let Some(node) = xml.node()? {
            if let Node::Start(element) = node {
                hidden = matches!(element.attribute("show").as_deref(), Some("0" | "false"));
                break;
            }
        }
        walk.all(xml, limits)
    });
    let text = walk.take();
    walk.tell(part, gather);
    (hidden, text)
}

/// Comments of either age: the older keep their words in an element `text`, the newer in paragraphs.
fn comments(gather: &mut Gather<'_>, part: &str) -> String {
    let mut flow = gather.flow();
    let most = gather.settings.limits.content_text_bytes;
    gather.xml(part, |xml| {
        while let Some(node) = xml.node()? {
            let wanted = matches!(&node, Node::Start(element) if matches!(element.name(), "text" | "t"));
            let ends = matches!(&node, Node::End(element) if matches!(element.name(), "p" | "cm"));
            if wanted {
                let text = xml.text(most)?;
                flow.text(&text);
            } else if ends {
                flow.gap('\n');
            }
        }
        Ok(())
    });
    if flow.is_over() {
        gather.full();
    }
    flow.take()
}

/// Charts, diagrams and drawings that belong to a part: what each is called, and its text.
pub(super) fn diagrams(gather: &mut Gather<'_>, relations: &[Relation]) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (kind, name, way) in [
        ("chart", "chart", CHART),
        ("chartEx", "chart", CHART),
        ("diagramData", "diagram", PLAIN),
        ("vmlDrawing", "drawing", PLAIN),
    ] {
        let parts: Vec<&str> = targets(relations, std::slice::from_ref(&kind)).collect();
        for part in parts {
            if gather.has_seen(part) {
                continue;
            }
            if kind == "vmlDrawing" {
                super::rest::drawing(gather, part).into_iter().for_each(|text| texts.push((name.to_owned(), text)));
                continue;
            }
            let own = relations::of(gather, part);
            let mut text = walked(gather, part, way);
            // Boxes that are drawn over a chart.
            for shapes in targets(&own, &["chartUserShapes"]).map(str::to_owned).collect::<Vec<_>>() {
                text = format!("{text}\n{}", walked(gather, &shapes, PLAIN));
            }
            texts.push((name.to_owned(), text));
        }
    }
    // What a diagram looks like says its words again; those that only the picture has, as of another diagram, it alone has.
    let known: HashSet<String> =
        texts.iter().flat_map(|(_, text)| text.lines()).map(|line| line.trim().to_owned()).collect();
    for drawing in targets(relations, &["diagramDrawing"]).map(str::to_owned).collect::<Vec<_>>() {
        if gather.has_seen(&drawing) || !gather.package.has(&drawing) {
            continue;
        }
        let text = walked(gather, &drawing, PLAIN);
        let more: Vec<&str> = text.lines().filter(|line| !known.contains(line.trim())).collect();
        texts.push(("diagram".to_owned(), more.join("\n")));
    }
    texts
}

/// The text of a part that is walked through.
pub(super) fn walked(gather: &mut Gather<'_>, part: &str, way: Way) -> String {
    let mut walk = Walk::new(gather.flow(), way);
    let limits = &gather.settings.limits;
    gather.xml(part, |xml| walk.all(xml, limits));
    let text = walk.take();
    walk.tell(part, gather);
    text
}
