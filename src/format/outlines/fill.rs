//! Grey paper on which outlines are filled and lines drawn.

use ::image::{GrayImage, Luma};

use super::Point;
use crate::config::Limits;
use crate::finding::Fault;

/// Rows that are looked at of each row of pixels.
const FINE: f32 = 4.0;
const FINE_ROWS: u8 = 4;

/// A side of an outline, from its upper end to its lower, in fine rows.
struct Side {
    from: Point,
    to: Point,
}

/// The paper.
pub(super) struct Paper {
    picture: GrayImage,
    sides: Vec<Side>,
    /// Crossings of sides with fine rows that may still be looked for.
    room: f32,
    limit: u64,
}

impl Paper {
    /// White paper of so many pixels.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "checked")]
    pub(super) fn new(width: f32, height: f32, limits: &Limits) -> Result<Self, Fault> {
        let limit = limits.image_pixels;
        // No wider and higher than a hundred thousand pixels, so every place is exact enough.
        if !(width * height <= limit as f32 && width < 1e5 && height < 1e5) {
            return Err(too_large(limit));
        }
        let picture = GrayImage::from_pixel(width.ceil() as u32, height.ceil() as u32, Luma([255]));
        Ok(Self { picture, sides: Vec::new(), room: limit as f32, limit })
    }

    /// An outline, which ends where it begins.
    pub(super) fn outline(&mut self, points: &[Point]) {
        let ends = points.iter().zip(points.iter().cycle().skip(1));
        for (from, to) in ends {
            let (from, to) = ((from.0, from.1 * FINE), (to.0, to.1 * FINE));
            let (from, to) = if from.1 <= to.1 { (from, to) } else { (to, from) };
            self.room -= to.1 - from.1;
            self.sides.push(Side { from, to });
        }
    }

    /// A line of some width.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the paper")]
    pub(super) fn line(&mut self, points: &[Point], width: f32) {
        let half = width / 2.0;
        for ends in points.windows(2) {
            let [from, to] = ends else { continue };
            let (across, down) = (to.0 - from.0, to.1 - from.1);
            let length = across.hypot(down);
            self.room -= length * width;
            if self.room < 0.0 {
                return;
            }
            // A dot every pixel.
            let dots = length.ceil().max(1.0);
            for dot in 0..=(dots as u32) {
                #[allow(clippy::cast_precision_loss, reason = "fewer than the pixels of the paper")]
                let share = dot as f32 / dots;
                let middle = (from.0 + across * share, from.1 + down * share);
                let range =
                    |at: f32, most: u32| (at - half).max(0.0) as u32..((at + half).ceil().max(0.0) as u32).min(most);
                for y in range(middle.1, self.picture.height()) {
                    for x in range(middle.0, self.picture.width()) {
                        self.picture.put_pixel(x, y, Luma([0]));
                    }
                }
            }
        }
    }

    /// The picture, with all outlines filled.
    pub(super) fn picture(mut self) -> Result<GrayImage, Fault> {
        if self.room < 0.0 {
            return Err(too_large(self.limit));
        }
        self.sides.retain(|side| side.to.1 > side.from.1);
        self.sides.sort_unstable_by(|a, b| a.from.1.total_cmp(&b.from.1));
        let (mut next, mut open): (usize, Vec<usize>) = (0, Vec::new());
        let mut crossings: Vec<f32> = Vec::new();
        let width = self.picture.width() as usize;
        let mut dark = vec![0.0_f32; width];
        for row in 0..self.picture.height() {
            dark.fill(0.0);
            for fine in 0..FINE_ROWS {
                #[allow(clippy::cast_precision_loss, reason = "no higher than a hundred thousand pixels")]
                let y = row as f32 * FINE + f32::from(fine) + 0.5;
                while let Some(side) = self.sides.get(next).filter(|side| side.from.1 <= y) {
                    if side.to.1 > y {
                        open.push(next);
                    }
                    next += 1;
                }
                open.retain(|at| self.sides[*at].to.1 > y);
                crossings.clear();
                crossings.extend(open.iter().map(|at| {
                    let Side { from, to } = &self.sides[*at];
                    from.0 + (to.0 - from.0) * (y - from.1) / (to.1 - from.1)
                }));
                crossings.sort_unstable_by(f32::total_cmp);
                for span in crossings.chunks_exact(2) {
                    darken(&mut dark, span[0], span[1]);
                }
            }
            for (x, share) in (0_u32..).zip(&dark) {
                if *share > 0.0 {
                    let before = f32::from(self.picture.get_pixel(x, row).0[0]);
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
                    let after = (before * (1.0 - share / FINE).clamp(0.0, 1.0)) as u8;
                    self.picture.put_pixel(x, row, Luma([after]));
                }
            }
        }
        Ok(self.picture)
    }
}

/// Adds a span to what is dark of each pixel of a row.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "on the paper")]
fn darken(dark: &mut [f32], from: f32, to: f32) {
    let (from, to) = (from.clamp(0.0, dark.len() as f32), to.clamp(0.0, dark.len() as f32));
    let first = from as usize;
    for (at, pixel) in dark.iter_mut().enumerate().skip(first).take(to.ceil() as usize - first.min(to.ceil() as usize))
    {
        let at = at as f32;
        *pixel += (to.min(at + 1.0) - from.max(at)).max(0.0);
    }
}

fn too_large(limit: u64) -> Fault {
    Fault::limit("image_pixels", limit, "a drawing that may be letters")
}
