//! Documents of Word: pages with their headers and footers, and what stands apart from them.
//!
//! Pages are those that Word saw when it saved, or that the author began; without either the text is one stretch. A header
//! stands first on each page of its section and a footer last, as they are printed.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::gather::Gather;
use super::relations::{self, Relation, by_id, targets};
use super::walk::{Capitals, Note, Walk, Way, is_on};
use crate::format::package::xml::Node;

/// A page of the body.
#[derive(Default)]
pub(super) struct Page {
    pub(super) text: String,
    /// Notes that are referred to: whether at the end of the document, and which.
    pub(super) notes: Vec<(bool, String)>,
    /// The section in which it begins, from 0.
    pub(super) section: usize,
    /// Whether it begins because its section does.
    pub(super) begins_section: bool,
}

/// A section of the body.
#[derive(Default)]
pub(super) struct Section {
    /// Headers (true) and footers: on which pages (`first`, `even`, `default`), and the relation that names them.
    pub(super) stories: Vec<(bool, String, String)>,
    /// Its first page has a header and footer of its own.
    pub(super) has_first: bool,
    /// It begins on the page on which the one before ends.
    pub(super) goes_on: bool,
}

/// Headers and footers in force: whether a header, and on which pages, to their part.
type InForce = HashMap<(bool, String), String>;

/// Reads a document.
pub(super) fn read(gather: &mut Gather<'_>) {
    let main = relations::main_part(gather, "word/document.xml");
    let relations = relations::of(gather, &main);
    let way = Way { pages: gather.settings.limits.pages as usize, ..Way::default() };
    let capitals = capitals(gather, &relations);
    let mut walk = Walk::new(gather.flow(), way).with(Rc::clone(&capitals));
    let limits = &gather.settings.limits;
    gather.xml_as(&main, &["document"], |xml| walk.all(xml, limits));
    walk.finish();
    walk.tell(&main, gather);
    let mut aside = Aside { capitals, ..Aside::default() };
    aside.keep(&mut walk);
    let notes = Notes {
        foot: notes(gather, &relations, "footnotes", &mut aside),
        end: notes(gather, &relations, "endnotes", &mut aside),
    };
    let stories = Stories::read(gather, &relations, &mut aside);
    let used = pages(gather, walk, &relations, &stories, &notes);
    apart(gather, &relations, &stories, &used, &notes, &mut aside);
}

/// Styles that show letters as capitals.
fn capitals(gather: &mut Gather<'_>, relations: &[Relation]) -> Rc<Capitals> {
    let mut capitals = Capitals::default();
    for part in targets(relations, &["styles"]) {
        gather.xml(part, |xml| {
            capitals = Capitals::of_document(xml)?;
            Ok(())
        });
    }
    Rc::new(capitals)
}

/// What belongs to no page: codes of fields, and what forms say and let choose.
#[derive(Default)]
struct Aside {
    codes: Vec<String>,
    forms: Vec<String>,
    capitals: Rc<Capitals>,
}

impl Aside {
    fn keep(&mut self, walk: &mut Walk) {
        self.codes.extend(std::mem::take(&mut walk.codes));
        self.forms.extend(std::mem::take(&mut walk.forms));
    }
}

/// A part that is walked through: its text and its notes.
fn story(gather: &mut Gather<'_>, part: &str, aside: &mut Aside) -> (String, Vec<Note>) {
    let mut walk = Walk::new(gather.flow(), Way::default()).with(Rc::clone(&aside.capitals));
    let limits = &gather.settings.limits;
    gather.xml(part, |xml| walk.all(xml, limits));
    let text = walk.take();
    walk.tell(part, gather);
    aside.keep(&mut walk);
    (text, walk.notes)
}

/// Notes by what refers to them.
fn notes(gather: &mut Gather<'_>, relations: &[Relation], kind: &str, aside: &mut Aside) -> Vec<Note> {
    let parts: Vec<&str> = targets(relations, std::slice::from_ref(&kind)).collect();
    parts.into_iter().flat_map(|part| story(gather, part, aside).1).collect()
}

struct Notes {
    foot: Vec<Note>,
    end: Vec<Note>,
}

/// Headers and footers: the text of each part.
struct Stories {
    texts: HashMap<String, String>,
    /// Parts in the order of their relations.
    order: Vec<String>,
    even: bool,
}

impl Stories {
    fn read(gather: &mut Gather<'_>, relations: &[Relation], aside: &mut Aside) -> Self {
        let even = settings(gather, relations, aside);
        let order: Vec<String> = targets(relations, &["header", "footer"]).map(str::to_owned).collect();
        let mut texts = HashMap::new();
        for part in &order {
            texts.insert(part.clone(), story(gather, part, aside).0);
        }
        Self { texts, order, even }
    }

    fn text(&self, part: Option<&String>) -> &str {
        part.and_then(|part| self.texts.get(part)).map_or("", String::as_str)
    }
}

/// What the settings hold besides switches: variables, and where letters get their addresses from. Whether even pages have headers
/// of their own.
fn settings(gather: &mut Gather<'_>, relations: &[Relation], aside: &mut Aside) -> bool {
    let mut even = false;
    let parts: Vec<&str> = targets(relations, &["settings"]).collect();
    for part in parts {
        gather.xml(part, |xml| {
            while let Some(node) = xml.node()? {
                let Node::Start(element) = node else { continue };
                match element.name() {
                    "evenAndOddHeaders" => even = is_on(element.attribute("val").as_deref()),
                    "docVar" | "connectString" | "query" | "udl" => {
                        let said = [element.attribute("name"), element.attribute("val")];
                        aside.codes.push(said.into_iter().flatten().collect::<Vec<_>>().join(": "));
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
    even
}

/// Makes the pages; which headers, footers and notes stand on one.
fn pages(
    gather: &mut Gather<'_>,
    walk: Walk,
    relations: &[Relation],
    stories: &Stories,
    notes: &Notes,
) -> HashSet<(u8, String)> {
    let mut used = HashSet::new();
    let mut force = InForce::new();
    let parts = by_id(relations);
    let Walk { pages, sections, .. } = walk;
    let in_force: Vec<InForce> = sections
        .iter()
        .map(|section| {
            for (header, kind, id) in &section.stories {
                if let Some(part) = parts.get(id.as_str()) {
                    force.insert((*header, kind.clone()), (*part).to_owned());
                }
            }
            force.clone()
        })
        .collect();
    let by_note = [index(&notes.foot), index(&notes.end)];
    let merged = merge(pages, &sections);
    let odd =
        merged.iter().any(|page| page.text.trim().is_empty() || page.text.len() > gather.settings.text.page_chars);
    let last_section = sections.len().saturating_sub(1);
    let several = merged.len() > 1;
    let mut before = None;
    for (number, page) in (1_usize..).zip(merged) {
        let section = page.section.min(last_section);
        let first = before.replace(section) != Some(section) && sections.get(section).is_some_and(|s| s.has_first);
        let kind = match () {
            () if first => "first",
            () if stories.even && number % 2 == 0 => "even",
            () => "default",
        };
        let part = |header| in_force.get(section).and_then(|force| force.get(&(header, kind.to_owned())));
        let mut lines: Vec<&str> = vec![stories.text(part(true)), &page.text];
        for (end, id) in &page.notes {
            let texts = if *end { &by_note[1] } else { &by_note[0] };
            if let Some(text) = texts.get(id.as_str()).filter(|_| used.insert((u8::from(*end), id.clone()))) {
                lines.push(text);
            }
        }
        lines.push(stories.text(part(false)));
        used.extend([part(true), part(false)].into_iter().flatten().map(|part| (2, part.clone())));
        lines.retain(|line| !line.trim().is_empty());
        let label = (odd && several).then(|| format!("page {number}"));
        gather.part(label, lines.join("\n"));
    }
    used
}

fn index(notes: &[Note]) -> HashMap<&str, &str> {
    notes.iter().map(|note| (note.id.as_str(), note.text.as_str())).collect()
}

/// A page that a merged list holds.
struct Merged {
    text: String,
    notes: Vec<(bool, String)>,
    section: usize,
}

/// Pages that begin with a section that goes on where the one before ended belong to the page before.
fn merge(pages: Vec<Page>, sections: &[Section]) -> Vec<Merged> {
    let mut merged: Vec<Merged> = Vec::with_capacity(pages.len());
    for Page { text, notes, section, begins_section } in pages {
        // What follows the last section is nothing but the end of the document.
        let goes_on = begins_section && sections.get(section).is_none_or(|section| section.goes_on);
        match merged.last_mut().filter(|_| goes_on) {
            Some(last) => {
                if !last.text.is_empty() && !text.is_empty() {
                    last.text.push('\n');
                }
                last.text.push_str(&text);
                last.notes.extend(notes);
            }
            None => merged.push(Merged { text, notes, section }),
        }
    }
    merged
}

/// What stands on no page: headers of no page, notes that nothing refers to, comments, diagrams, codes of fields, building blocks.
fn apart(
    gather: &mut Gather<'_>,
    relations: &[Relation],
    stories: &Stories,
    used: &HashSet<(u8, String)>,
    notes: &Notes,
    aside: &mut Aside,
) {
    let unused = |part: &&String| !used.contains(&(2, (*part).clone()));
    let texts: Vec<&str> = stories.order.iter().filter(unused).map(|part| stories.text(Some(part))).collect();
    gather.part(Some("headers and footers of no page".to_owned()), texts.join("\n"));
    for (kind, name, notes) in [(0, "footnotes", &notes.foot), (1, "endnotes", &notes.end)] {
        let unused = notes.iter().filter(|note| !used.contains(&(kind, note.id.clone())));
        let texts: Vec<&str> = unused.map(|note| note.text.as_str()).collect();
        gather.part(Some(name.to_owned()), texts.join("\n"));
    }
    let comments: Vec<&str> = targets(relations, &["comments"]).collect();
    for part in comments {
        let (rest, notes) = story(gather, part, aside);
        let said = |note: &Note| {
            if note.author.is_empty() { note.text.clone() } else { format!("{}: {}", note.author, note.text) }
        };
        let texts: Vec<String> = notes.iter().map(said).chain((!rest.is_empty()).then_some(rest)).collect();
        gather.part(Some("comments".to_owned()), texts.join("\n"));
    }
    let diagrams = super::slides::diagrams(gather, relations);
    for (label, text) in diagrams {
        gather.part(Some(label), text);
    }
    let blocks: Vec<&str> = targets(relations, &["glossaryDocument"]).collect();
    for part in blocks {
        let text = story(gather, part, aside).0;
        gather.part(Some("building blocks".to_owned()), text);
    }
    let chunks: Vec<&str> = targets(relations, &["aFChunk"]).collect();
    for part in chunks {
        gather.member(part);
    }
    let Aside { codes, forms, .. } = std::mem::take(aside);
    gather.part(Some("fields".to_owned()), codes.join("\n"));
    gather.part(Some("forms".to_owned()), forms.join("\n"));
}
