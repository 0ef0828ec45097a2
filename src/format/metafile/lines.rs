//! Texts by where they stand: those at one height are a line, however many pieces it was drawn in.

use crate::format::zeros;

/// Pieces of text.
#[derive(Default)]
pub(super) struct Lines(Vec<Piece>);

struct Piece {
    x: i32,
    y: i32,
    text: String,
}

impl Lines {
    /// Takes a text, with the zeros inside of it; those at its ends say nothing.
    pub(super) fn push(&mut self, x: i32, y: i32, text: &str) {
        let text = text.trim_matches('\0');
        if !text.replace('\0', "").trim().is_empty() {
            self.0.push(Piece { x, y, text: text.to_owned() });
        }
    }

    /// The lines, in the order of drawing. A piece right of the one before it, at the same height, goes on with its line;
    /// one word drawn letter by letter stays one word. Zeros are passed over once a line is whole.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut last: Option<&Piece> = None;
        for piece in &self.0 {
            if let Some(last) = last {
                let on = piece.y == last.y && piece.x >= last.x;
                let single = piece.text.chars().count() == 1 || last.text.chars().count() == 1;
                match (on, single || last.text.ends_with(' ') || piece.text.starts_with(' ')) {
                    (true, true) => {}
                    (true, false) => text.push(' '),
                    (false, _) => text.push('\n'),
                }
            }
            text += &piece.text;
            last = Some(piece);
        }
        if last.is_some() {
            text.push('\n');
        }
        zeros::passed_over_in(text)
    }
}
