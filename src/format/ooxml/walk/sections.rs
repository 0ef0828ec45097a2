//! Where pages and sections end.

use super::{Walk, is_on};
use crate::format::ooxml::word::{Page, Section};
use crate::format::package::xml::Element;

/// Headers and footers that a section names: three kinds of each.
const STORIES: usize = 16;

impl Walk {
    /// Ends the last page.
    pub(in crate::format::ooxml) fn finish(&mut self) {
        self.field(None);
        self.page.text = self.flow.take();
        self.pages.push(std::mem::take(&mut self.page));
    }

    /// Properties of sections.
    pub(super) fn start_of_section(&mut self, name: &str, element: &Element<'_>) -> bool {
        if name == "sectPr" {
            self.section = Some((Section::default(), self.in_properties));
        }
        let Some((section, _)) = self.section.as_mut() else { return false };
        match name {
            "headerReference" | "footerReference" if section.stories.len() < STORIES => {
                let known = |kind: &String| matches!(kind.as_str(), "first" | "even");
                let kind = element.attribute("type").filter(known).unwrap_or_else(|| "default".to_owned());
                section.stories.extend(element.prefixed("id").map(|id| (name == "headerReference", kind, id)));
            }
            "titlePg" => section.has_first = is_on(element.attribute("val").as_deref()),
            "type" => section.goes_on = element.attribute("val").as_deref() == Some("continuous"),
            _ => {}
        }
        false
    }

    /// A page ends here, and with it perhaps a section. Text boxes, notes and headers are on one page.
    pub(super) fn cut(&mut self, section: bool) {
        if self.flow.depth() > 0 || self.pages.len() + 1 >= self.way.pages {
            return self.flow.gap('\n');
        }
        self.close_deletion();
        self.page.text = self.flow.take();
        let next = Page { section: self.sections.len(), begins_section: section, ..Page::default() };
        self.pages.push(std::mem::replace(&mut self.page, next));
    }

    pub(super) fn end_section(&mut self, section: Section) {
        if self.way.pages > 0 && self.sections.len() < self.way.pages {
            self.sections.push(section);
            self.cut(true);
        }
    }
}
