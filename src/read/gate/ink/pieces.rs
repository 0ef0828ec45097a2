//! Pieces of ink that may be letters, and the regions they form: what OCR is asked to read.

use crate::document::Rect;

/// Regions handed to OCR; more are merged.
const REGIONS: usize = 24;
/// Margin around a region, in pixels.
const MARGIN: f32 = 6.0;

/// A place in pixels, right and bottom exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
}

impl Cell {
    pub(super) fn width(&self) -> u32 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> u32 {
        self.bottom - self.top
    }

    fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// A connected piece of letter size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) place: Cell,
    pub(super) ink: u32,
    /// How many letters it may hold.
    pub(super) letters: u32,
}

/// Unexplained pieces of a page.
pub(in crate::read::gate) struct Pieces {
    pub(super) all: Vec<Piece>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) unit: (f32, f32),
}

/// Where unexplained ink lies, in page units, and the share of the page it takes.
#[derive(Debug, Default)]
pub(in crate::read::gate) struct Regions {
    pub(in crate::read::gate) places: Vec<Rect>,
    pub(in crate::read::gate) share: f32,
}

impl Pieces {
    /// Letters they may be.
    pub(in crate::read::gate) fn count(&self) -> u32 {
        self.all.iter().fold(0, |sum, piece| sum.saturating_add(piece.letters))
    }

    /// Their ink as a share of the page.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    pub(in crate::read::gate) fn ink_share(&self) -> f32 {
        let ink: u64 = self.all.iter().map(|piece| u64::from(piece.ink)).sum();
        ink as f32 / (self.width as f32 * self.height as f32).max(1.0)
    }

    /// Pieces near each other, merged. A group counts if it is more than one piece or has as much ink as a word: twenty
    /// bullets down a page are twenty lone specks, and no text.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    pub(in crate::read::gate) fn regions(&self, least_ink: f32, least_pieces: u32) -> Regions {
        let page = self.width as f32 * self.height as f32;
        let mut reach = 1.0;
        let mut groups = self.groups(reach);
        groups.retain(|group| {
            let enough = group.ink as f32 >= least_ink * page;
            (group.letters >= 2 && group.ink as f32 * 2.0 >= least_ink * page)
                || group.letters >= least_pieces
                || enough
        });
        // Few regions, or OCR reads the same words over and over at the margins.
        while groups.len() > REGIONS && reach < 64.0 {
            reach *= 2.0;
            groups = merge(&groups, reach, self.width, self.height);
        }
        let margin = |cell: &Cell| {
            let (x, y) = ((cell.left as f32 - MARGIN).max(0.0), (cell.top as f32 - MARGIN).max(0.0));
            let right = (cell.right as f32 + MARGIN).min(self.width as f32);
            let bottom = (cell.bottom as f32 + MARGIN).min(self.height as f32);
            Rect { x, y, w: right - x, h: bottom - y }
        };
        let places: Vec<Rect> = groups.iter().map(|group| margin(&group.place)).collect();
        let share = places.iter().map(|place| place.w * place.h).sum::<f32>() / page.max(1.0);
        let (across, down) = self.unit;
        let scale = |p: Rect| Rect { x: p.x * across, y: p.y * down, w: p.w * across, h: p.h * down };
        Regions { places: places.into_iter().map(scale).collect(), share }
    }

    fn groups(&self, reach: f32) -> Vec<Piece> {
        merge(&self.all, reach, self.width, self.height)
    }
}

/// Merges pieces that lie within about a letter's height of each other, times `reach`: each marks the tiles of a coarse
/// grid that it reaches, and pieces on connected tiles belong together.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped pixels"
)]
fn merge(pieces: &[Piece], reach: f32, width: u32, height: u32) -> Vec<Piece> {
    const GRID: u32 = 8;
    let (across, down) = (width.div_ceil(GRID).max(1), height.div_ceil(GRID).max(1));
    let mut owner: Vec<Option<usize>> = vec![None; (across * down) as usize];
    let mut parents: Vec<usize> = (0..pieces.len()).collect();
    for (index, piece) in pieces.iter().enumerate() {
        let place = piece.place;
        // Blanks between words are wider than gaps between lines are high.
        let letter = place.height().clamp(8, 48) as f32;
        let (dx, dy) = ((letter * 0.75 * reach) as u32, (letter * 0.5 * reach) as u32);
        let columns = place.left.saturating_sub(dx) / GRID..((place.right + dx) / GRID + 1).min(across);
        for y in place.top.saturating_sub(dy) / GRID..((place.bottom + dy) / GRID + 1).min(down) {
            for x in columns.clone() {
                match &mut owner[(y * across + x) as usize] {
                    Some(other) => join(&mut parents, *other, index),
                    free => *free = Some(index),
                }
            }
        }
    }
    let mut merged: Vec<Option<Piece>> = vec![None; pieces.len()];
    for (index, piece) in pieces.iter().enumerate() {
        let root = root(&mut parents, index);
        merged[root] = Some(merged[root].map_or(*piece, |group| Piece {
            place: group.place.union(&piece.place),
            ink: group.ink.saturating_add(piece.ink),
            letters: group.letters.saturating_add(piece.letters),
        }));
    }
    absorb(merged.into_iter().flatten().collect())
}

/// Merges groups whose boxes overlap, so that no ink is read twice.
fn absorb(mut groups: Vec<Piece>) -> Vec<Piece> {
    let overlap = |a: &Cell, b: &Cell| a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    // Beyond this the groups are specks all over the page; comparing all with all would take for ever.
    if groups.len() > 2000 {
        return groups;
    }
    let mut index = 0;
    while index < groups.len() {
        let found = (index + 1..groups.len()).find(|other| overlap(&groups[index].place, &groups[*other].place));
        match found {
            Some(other) => {
                let group = groups.swap_remove(other);
                let own = &mut groups[index];
                own.place = own.place.union(&group.place);
                own.ink = own.ink.saturating_add(group.ink);
                own.letters = own.letters.saturating_add(group.letters);
                // It has grown and may now overlap groups that were passed over.
                index = 0;
            }
            None => index += 1,
        }
    }
    groups.sort_by_key(|group| (group.place.top, group.place.left));
    groups
}

fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}

fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
}
