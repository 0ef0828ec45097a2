//! Connected pieces of ink: letters, specks, rules, pictures.
//!
//! Rows are cut into runs of dark pixels, and runs that touch, also by a corner, are joined. The number of runs is
//! bounded: an image of pure noise has no letters worth the memory.

use image::GrayImage;

use super::raster::size;
use crate::document::Rect;

/// A dense page has about 150,000 runs.
const MOST_RUNS: usize = 2_000_000;

/// A connected piece of ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    /// First column.
    pub left: u32,
    /// First row.
    pub top: u32,
    /// One past the last column.
    pub right: u32,
    /// One past the last row.
    pub bottom: u32,
    /// Dark pixels.
    pub ink: u32,
}

impl Component {
    /// Columns.
    pub(super) fn width(&self) -> u32 {
        self.right - self.left
    }

    /// Rows.
    pub(super) fn height(&self) -> u32 {
        self.bottom - self.top
    }

    /// Its middle.
    pub(super) fn centre(&self) -> (f32, f32) {
        (size(self.left + self.right) / 2.0, size(self.top + self.bottom) / 2.0)
    }

    /// The rectangle around it.
    pub(super) fn bounds(&self) -> Rect {
        Rect { x: size(self.left), y: size(self.top), w: size(self.width()), h: size(self.height()) }
    }

    /// The same piece after a clockwise quarter turn of an image of this height.
    #[must_use]
    pub(super) fn turned(&self, height: u32) -> Self {
        Self { left: height - self.bottom, right: height - self.top, top: self.left, bottom: self.right, ink: self.ink }
    }

    fn join(&mut self, other: &Self) {
        self.left = self.left.min(other.left);
        self.top = self.top.min(other.top);
        self.right = self.right.max(other.right);
        self.bottom = self.bottom.max(other.bottom);
        self.ink = self.ink.saturating_add(other.ink);
    }
}

/// Takes the open cells of a grid that hang together with one, over gaps of less than `reach` cells, and calls `each` with them: their
/// place among all, column and row. Says whether that one was open.
pub(super) fn connected(
    open: &mut [bool],
    width: usize,
    start: usize,
    reach: usize,
    mut each: impl FnMut(usize, usize, usize),
) -> bool {
    if !std::mem::take(&mut open[start]) {
        return false;
    }
    let height = open.len() / width.max(1);
    let mut waiting = vec![start];
    while let Some(at) = waiting.pop() {
        let (x, y) = (at % width, at / width);
        each(at, x, y);
        let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
        for row in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            let near = row * width + left..row * width + right;
            for (place, open) in near.clone().zip(&mut open[near]) {
                if std::mem::take(open) {
                    waiting.push(place);
                }
            }
        }
    }
    true
}

struct Run {
    left: u32,
    right: u32,
    piece: usize,
}

/// Every piece of ink darker than a threshold, in order of its first row; none at all if the image is noise.
pub(super) fn components(image: &GrayImage, threshold: u8) -> Vec<Component> {
    let mut pieces: Vec<Component> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let (mut above, mut here): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
    let mut seen = 0;
    let width = (image.width() as usize).max(1);
    for (y, row) in (0_u32..).zip(image.as_raw().chunks_exact(width)) {
        here.clear();
        let mut first_above = 0;
        runs(row, threshold, |left, right| {
            let piece = Component { left, right, top: y, bottom: y + 1, ink: right - left };
            while above.get(first_above).is_some_and(|run| run.right < left) {
                first_above += 1;
            }
            let mut owner = None;
            for run in above[first_above..].iter().take_while(|run| run.left <= right) {
                let root = find(&mut parents, run.piece);
                match owner {
                    None => {
                        pieces[root].join(&piece);
                        owner = Some(root);
                    }
                    Some(other) if other != root => {
                        let joined = pieces[root.max(other)];
                        pieces[root.min(other)].join(&joined);
                        parents[root.max(other)] = root.min(other);
                        owner = Some(root.min(other));
                    }
                    Some(_) => {}
                }
            }
            let piece = owner.unwrap_or_else(|| {
                pieces.push(piece);
                parents.push(parents.len());
                parents.len() - 1
            });
            here.push(Run { left, right, piece });
        });
        seen += here.len();
        if seen > MOST_RUNS {
            return Vec::new();
        }
        std::mem::swap(&mut above, &mut here);
    }
    (0..pieces.len()).filter(|&index| parents[index] == index).map(|index| pieces[index]).collect()
}

/// Calls `found` with the borders of each run of dark pixels.
fn runs(row: &[u8], threshold: u8, mut found: impl FnMut(u32, u32)) {
    let mut x = 0;
    while let Some(skip) = row[x..].iter().position(|&pixel| pixel < threshold) {
        let left = x + skip;
        let length = row[left..].iter().position(|&pixel| pixel >= threshold).unwrap_or(row.len() - left);
        x = left + length;
        let column = |x: usize| u32::try_from(x).expect("columns of an image are counted in 32 bits");
        found(column(left), column(x));
    }
}

fn find(parents: &mut [usize], mut piece: usize) -> usize {
    while parents[piece] != piece {
        parents[piece] = parents[parents[piece]];
        piece = parents[piece];
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(rows: &[&str]) -> GrayImage {
        let width = u32::try_from(rows[0].len()).expect("short");
        let height = u32::try_from(rows.len()).expect("few");
        let raw = rows.iter().flat_map(|row| row.bytes()).map(|byte| if byte == b'#' { 0 } else { 255 }).collect();
        GrayImage::from_raw(width, height, raw).expect("rows of one length")
    }

    #[test]
    fn pieces_that_meet_late_are_one() {
        let image = draw(&["#.#..#", "#.#...", "###..#", ".....#"]);
        let found = components(&image, 128);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], Component { left: 0, top: 0, right: 3, bottom: 3, ink: 7 });
        assert_eq!(found[2].ink, 2);
    }

    #[test]
    fn cells_hang_together_over_gaps_below_the_reach_and_are_taken_once() {
        let drawn = [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]];
        let mut open: Vec<bool> = drawn.iter().flatten().map(|cell| *cell == 1).collect();
        let mut taken = Vec::new();
        let mut fill = |start, reach| connected(&mut open, 4, start, reach, |at, x, y| taken.push((at, x, y)));
        assert!(!fill(1, 1) && fill(0, 1) && !fill(5, 1) && fill(3, 2) && fill(12, 2));
        assert_eq!(taken, [(0, 0, 0), (5, 1, 1), (3, 3, 0), (12, 0, 3)]);
        let mut open = [true, false, false, true];
        let mut seen = 0;
        assert!(connected(&mut open, 4, 0, 3, |_, _, _| seen += 1) && seen == 2);
    }

    #[test]
    fn corners_join() {
        assert_eq!(components(&draw(&["#..", ".#.", "#.#"]), 128).len(), 1);
    }

    #[test]
    fn a_turned_piece_lies_where_the_turned_image_has_it() {
        let image = draw(&["....", ".##.", "....", "...."]);
        let turned = image::imageops::rotate90(&image);
        assert_eq!(components(&image, 128)[0].turned(4), components(&turned, 128)[0]);
    }
}
