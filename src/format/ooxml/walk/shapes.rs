//! Shapes of slides and drawings, put in the order in which they stand from top to bottom.

use super::{NOTES, Shape, Walk};

impl Walk {
    /// The text that is not yet on a page; shapes from top to bottom.
    pub(in crate::format::ooxml) fn take(&mut self) -> String {
        self.field(None);
        let mut shapes = std::mem::take(&mut self.shapes);
        shapes.sort_by_key(|(top, _)| *top);
        for (_, text) in shapes {
            self.flow.give_back(text.len());
            self.flow.line(&text);
        }
        self.flow.take()
    }

    pub(super) fn begin_shape(&mut self) {
        if !self.way.shapes {
            return;
        }
        if self.shape_depth == 0 {
            self.shape = Shape::default();
            self.flow.enter();
        }
        self.shape_depth += 1;
    }

    pub(super) fn end_shape(&mut self) {
        if !self.way.shapes || self.shape_depth == 0 {
            return;
        }
        self.shape_depth -= 1;
        if self.shape_depth > 0 {
            return;
        }
        let text = self.flow.leave_for_good();
        let shape = std::mem::take(&mut self.shape);
        let placeholder = shape.placeholder.as_deref();
        if self.way.prompts && placeholder.is_some_and(|kind| !matches!(kind, "ftr" | "hdr")) {
            return;
        }
        // Where a placeholder has no place of its own, its layout says where: at the usual one.
        let usual = match placeholder {
            Some("hdr") => 0,
            Some("title" | "ctrTitle") => 300_000,
            Some("ftr" | "dt" | "sldNum") => 6_300_000,
            _ => 1_600_000,
        };
        if !text.is_empty() && self.shapes.len() < NOTES {
            self.shapes.push((shape.top.unwrap_or(usual), text));
        } else {
            self.flow.line(&text);
        }
    }
}
