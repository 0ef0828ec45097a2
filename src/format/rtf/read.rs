//! What was read of RTF, and how its pages are put together.

use crate::finding::Fault;
use crate::format::framed::Frame;
use crate::format::ole::Inside;
use crate::format::text::Part;
use crate::format::zeros;

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    /// The pages, with the number of their section.
    pub(super) bodies: Vec<(usize, String)>,
    /// Headers and footers by section.
    pub(super) frames: Vec<Frame>,
    /// Footnotes and endnotes.
    pub(super) footnotes: String,
    /// Comments.
    pub(super) comments: String,
    /// Properties.
    pub(super) properties: String,
    /// What lists and forms say, and words in codes of fields.
    pub(super) asides: String,
    /// Pictures and objects.
    pub(super) members: Vec<Inside>,
    /// What is wrong with it.
    pub(super) faults: Vec<Fault>,
}

impl Read {
    /// Passes over the zeros in what is whole now.
    pub(super) fn pass_over_zeros(&mut self) {
        let frames = self.frames.iter_mut();
        let frames =
            frames.flat_map(|frame| [&mut frame.first_head, &mut frame.head, &mut frame.foot, &mut frame.first_foot]);
        let bodies = self.bodies.iter_mut().map(|body| &mut body.1);
        for text in bodies.chain(frames).chain([&mut self.footnotes, &mut self.comments]) {
            *text = zeros::passed_over_in(std::mem::take(text));
        }
    }

    /// The pages of the body with their headers and footers.
    pub(super) fn pages(&self) -> Vec<Part> {
        let mut frames: Vec<Frame> = Vec::new();
        for own in &self.frames {
            let mut frame = own.clone();
            if let Some(before) = frames.last() {
                frame.inherit(before);
            }
            frames.push(frame);
        }
        let none = Frame::default();
        let mut last = None;
        let mut pages = Vec::new();
        for (section, body) in &self.bodies {
            let first = last != Some(*section);
            last = Some(*section);
            if !first && body.trim().is_empty() {
                continue;
            }
            pages.push(Part { label: None, text: frames.get(*section).unwrap_or(&none).around(body, first) });
        }
        pages
    }
}
