//! What holds inside of a group of RTF.

use super::data::{Picture, Size};
use super::words::{Capture, Target};

/// What holds inside of a group.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the language")]
pub(super) struct State {
    /// Where text goes.
    pub(super) target: Target,
    /// What stands here is no text; what stands in some groups of it is.
    pub(super) dropped: bool,
    /// Nothing in here is text, however deep.
    pub(super) dead: bool,
    /// Characters to pass over behind one of Unicode.
    pub(super) fallback: usize,
    /// The font.
    pub(super) font: u32,
    /// Whether text is deleted.
    pub(super) deleted: bool,
    /// Whether a line goes through the text.
    pub(super) struck: bool,
    /// Whether letters are shown as capitals.
    pub(super) capitals: bool,
    /// Whether this is the table of fonts.
    pub(super) in_fonts: bool,
    /// Whether characters are digits of data.
    pub(super) collects: bool,
    /// What the picture is.
    pub(super) picture: Picture,
    /// How large the picture says it is.
    pub(super) size: Size,
    /// Whether pictures here are for old programs and may be the ones before them once more.
    pub(super) is_old: bool,
    /// What to do where this very group ends.
    pub(super) ends: Ends,
}

/// What to do where a group ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// Nothing.
    Nothing,
    /// Deal with something short, which begins at that place of what was captured.
    Capture(Capture, usize),
    /// Keep a picture.
    Picture,
    /// Note that pictures end.
    Pictures,
    /// Keep an object.
    Object,
    /// End the line of a note.
    Note,
    /// End a comment with its author.
    Comment,
    /// End a field of a form.
    Form,
}

/// The state outside of all groups.
pub(super) const START: State = State {
    target: Target::Body,
    dropped: false,
    dead: false,
    fallback: 1,
    font: 0,
    deleted: false,
    struck: false,
    capitals: false,
    in_fonts: false,
    collects: false,
    picture: Picture::Unknown,
    size: Size { width: None, height: None, tag: None },
    is_old: false,
    ends: Ends::Nothing,
};
