//! Control words that write, end pages, or say what a group is.

use crate::format::framed::Frame;

use super::super::data::{Digits, Picture, Size};
use super::super::state::Ends;
use super::super::words::{self, Target, Word};
use super::{Choices, Reader};

/// Pages of a document: more breaks are ends of lines.
const PAGES: usize = 100_000;

impl Reader<'_> {
    pub(super) fn destination(&mut self, word: &[u8], starred: bool) {
        if self.state.dead {
            return;
        }
        match words::meaning(word) {
            Word::Write(text) => {
                self.flush();
                self.put(text);
            }
            Word::Page => self.page(false),
            Word::Section => self.page(true),
            Word::Into(target) => {
                self.flush();
                (self.state.target, self.state.dropped, self.state.collects) = (target, false, false);
                self.state.ends = match target {
                    Target::Comments => Ends::Comment,
                    Target::Notes => Ends::Note,
                    _ => Ends::Nothing,
                };
            }
            Word::Capture(capture) => {
                self.flush();
                (self.state.target, self.state.dropped) = (Target::Captured, false);
                self.state.collects = false;
                self.state.ends = Ends::Capture(capture, self.captured.len());
            }
            Word::Around => {
                // A shape holds numbers and names of its own, and its text inside of them.
                self.flush();
                self.state.collects = false;
                self.state.dropped = matches!(
                    word,
                    b"shpinst"
                        | b"shp"
                        | b"sp"
                        | b"picprop"
                        | b"info"
                        | b"userprops"
                        | b"upr"
                        | b"formfield"
                        | b"pn"
                        | b"pnseclvl"
                        | b"listtable"
                );
                if word == b"formfield" {
                    self.choices = Choices::default();
                    self.state.ends = Ends::Form;
                }
                if word == b"shppict" {
                    self.shown = (Vec::new(), 0);
                    self.state.ends = Ends::Pictures;
                }
            }
            Word::FontTable => (self.state.in_fonts, self.state.dropped) = (true, true),
            Word::Picture => {
                self.flush();
                (self.state.collects, self.state.ends) = (true, Ends::Picture);
                (self.state.picture, self.state.size) = (Picture::Unknown, Size::default());
                self.digits = Digits::default();
            }
            Word::ObjectData => {
                self.flush();
                (self.state.collects, self.state.ends) = (true, Ends::Object);
                self.digits = Digits::default();
            }
            // The picture for old programs is the same as the one right before it, if there is one. Text in the group is not.
            Word::OldPicture => {
                self.flush();
                self.state.is_old = true;
                // Blanks may stand there by the million, and groups like this one behind them.
                if self.shown.0.is_empty() {
                    return;
                }
                let between = self.bytes.get(self.shown.1..self.at).unwrap_or_default();
                if between.trim_ascii() != br"{\nonshppict" {
                    self.shown.0.clear();
                }
            }
            Word::Drop => self.drop_group(),
            Word::Other if starred => self.drop_group(),
            Word::Other => {}
        }
    }

    fn drop_group(&mut self) {
        self.flush();
        (self.state.dead, self.state.collects) = (true, false);
    }

    fn page(&mut self, section: bool) {
        self.flush();
        if self.state.dropped || self.state.dead || self.state.target != Target::Body || self.read.bodies.len() >= PAGES
        {
            self.put("\n");
            return;
        }
        self.unmark();
        if section {
            self.section += 1;
            self.read.frames.push(Frame::default());
        }
        self.read.bodies.push((self.section, String::new()));
    }
}
