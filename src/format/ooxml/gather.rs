//! What is read of a package, gathered within the limits: parts of text, faults, members, and which parts were looked at.

use std::collections::HashSet;

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::outlines::Drawing;
use crate::format::package::Package;
use crate::format::package::xml::Xml;
use crate::format::text::Part;

use super::flow::Flow;

/// Faults that are told one by one; a package may have as many broken parts as it likes.
const FAULTS: usize = 50;

/// What was read so far.
pub(super) struct Gather<'a> {
    pub(super) package: &'a Package,
    pub(super) settings: &'a Settings,
    parts: Vec<Part>,
    faults: Vec<Fault>,
    untold: usize,
    members: Vec<String>,
    /// Drawings that may be letters, by the names of their pictures, and points of all.
    drawn: Vec<(String, Drawing)>,
    points: usize,
    /// Names, in lower case, of the parts that were read or that carry nothing.
    seen: HashSet<String>,
    room: usize,
}

impl<'a> Gather<'a> {
    pub(super) fn new(package: &'a Package, settings: &'a Settings) -> Self {
        let room = settings.limits.content_text_bytes;
        let (parts, faults, members, seen) = (Vec::new(), Vec::new(), Vec::new(), HashSet::new());
        Self { package, settings, parts, faults, untold: 0, members, drawn: Vec::new(), points: 0, seen, room }
    }

    /// Text to write into, with as much room as is left.
    pub(super) fn flow(&self) -> Flow {
        Flow::new(self.room)
    }

    /// Keeps text under a name; blank text is nothing.
    pub(super) fn part(&mut self, label: Option<String>, mut text: String) {
        if text.trim().is_empty() {
            return;
        }
        if text.len() > self.room {
            text.truncate(text.floor_char_boundary(self.room));
            self.full();
        }
        self.room = self.room.saturating_sub(text.len());
        self.parts.push(Part { label, text });
    }

    /// Notes that text had to be left out.
    pub(super) fn full(&mut self) {
        let limit = self.settings.limits.content_text_bytes;
        self.fault(Fault::limit("content_text_bytes", limit, "the text of all parts"));
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        if self.faults.contains(&fault) {
            return;
        }
        match self.faults.len() < FAULTS {
            true => self.faults.push(fault),
            false => self.untold = self.untold.saturating_add(1),
        }
    }

    /// Notes that a part is read, or carries nothing.
    pub(super) fn saw(&mut self, part: &str) {
        self.seen.insert(part.to_lowercase());
    }

    pub(super) fn has_seen(&self, part: &str) -> bool {
        self.seen.contains(&part.to_lowercase())
    }

    /// Hands a part out as a document inside this one.
    pub(super) fn member(&mut self, part: &str) {
        if self.seen.insert(part.to_lowercase()) {
            self.members.push(part.to_owned());
        }
    }

    /// Keeps what was drawn in a part, if it may be letters: it is handed out as a picture.
    pub(super) fn drawing(&mut self, part: &str, drawing: Drawing) {
        if !drawing.outlines.may_be_letters() {
            return;
        }
        let limit = self.settings.limits.drawing_points;
        self.points = self.points.saturating_add(drawing.points());
        match self.points <= limit {
            true => self.drawn.push((format!("{part}, drawn shapes.png"), drawing)),
            false => self.fault(Fault::limit("drawing_points", limit, "the drawings that may be letters")),
        }
    }

    /// Reads a part as XML and notes that it was; a part that is not there is nothing, a broken one is a fault.
    pub(super) fn xml(&mut self, part: &str, read: impl FnOnce(&mut Xml<'_>) -> Result<(), Fault>) {
        self.saw(part);
        if let Some(Err(fault)) = self.package.xml(part, |xml| read(xml).and_then(|()| xml.uncut())) {
            self.fault(fault);
        }
    }

    /// The same for a part that must be there.
    pub(super) fn xml_of(&mut self, part: &str, read: impl FnOnce(&mut Xml<'_>) -> Result<(), Fault>) {
        if !self.package.has(part) {
            self.fault(Fault::whole(FaultReason::Damaged, format!("part {} is missing", part.escape_debug())));
        }
        self.xml(part, read);
    }

    /// The same for a part whose root element must be one of these. One that is something else is a fault, and is left to be read
    /// as whatever it is.
    pub(super) fn xml_as(&mut self, part: &str, roots: &[&str], read: impl FnOnce(&mut Xml<'_>) -> Result<(), Fault>) {
        let mut other = false;
        self.xml_of(part, |xml| {
            other = !xml.root()?.is_some_and(|root| roots.contains(&root.as_str()));
            if other { Ok(()) } else { read(xml) }
        });
        if other && self.package.has(part) {
            self.seen.remove(&part.to_lowercase());
            let detail = format!("part {} is not what the package says that it is", part.escape_debug());
            self.fault(Fault::whole(FaultReason::Damaged, detail));
        }
    }

    pub(super) fn done(mut self) -> Gathered {
        if self.untold > 0 {
            let detail = format!("{} more parts of the package are damaged", self.untold);
            self.faults.push(Fault::whole(FaultReason::Damaged, detail));
        }
        Gathered { parts: self.parts, faults: self.faults, members: self.members, drawn: self.drawn }
    }
}

/// What was gathered.
pub(super) struct Gathered {
    pub(super) parts: Vec<Part>,
    pub(super) faults: Vec<Fault>,
    pub(super) members: Vec<String>,
    pub(super) drawn: Vec<(String, Drawing)>,
}
