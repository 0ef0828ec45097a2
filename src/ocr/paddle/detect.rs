//! Where text stands: a network marks the cores of lines, and each core is grown to a rectangle around its line.
//!
//! The network is of the kind "differentiable binarization" (Liao et al., 2020), which shrinks lines so that neighbours do
//! not touch; thresholds and the rule of growing are those that go with its models.

use super::super::OcrError;
use super::super::components::connected;
use super::super::raster::{pixels, size};
use super::network::Network;
use super::picture::Picture;
use super::rect::Tilted;

/// A pixel above this belongs to the core of a line.
const CORE: f32 = 0.3;
/// How much a core grows: its area times this, over its circumference.
const GROWTH: f32 = 1.6;
/// Cores with a shorter side than this, in pixels of the map, are specks.
const LEAST_SIDE: f32 = 3.0;
/// Networks of this kind want sides that are multiples of this.
const STEP: u32 = 32;
/// Pixels of the copy that is looked at: twelve times those of an ordinary page.
const MOST_PIXELS: u32 = 8_000_000;
/// Sides of one run of the network; larger maps are put together from tiles.
const TILE: u32 = 1536;
/// What tiles share at their edges.
const SHARED: u32 = 128;

/// A place where text probably stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// In pixels of the picture.
    pub rect: Tilted,
    /// Mean probability that a pixel of it belongs to text.
    pub score: f32,
}

/// Finds text.
pub(super) struct Detector {
    network: Network,
    /// Places with a lower score are left out.
    least_score: f32,
}

impl Detector {
    pub(super) fn new(network: Network, least_score: f32) -> Self {
        Self { network, least_score }
    }

    /// Text in a picture, looked at on a copy at a scale, the surest first.
    pub(super) fn places(&mut self, picture: &Picture, scale: f32) -> Result<Vec<Place>, OcrError> {
        if picture.width() == 0 || picture.height() == 0 {
            return Ok(Vec::new());
        }
        let (width, height) = copy_size(picture.width(), picture.height(), scale);
        let map = self.map(picture, width, height)?;
        let back = (size(picture.width()) / size(width), size(picture.height()) / size(height));
        let mut places = cores(&map, width as usize, self.least_score);
        places.sort_by(|a, b| b.score.total_cmp(&a.score));
        for place in &mut places {
            place.rect = stretched(&place.rect, back);
        }
        Ok(places)
    }

    /// The probability of text at each pixel of the picture at a size.
    fn map(&mut self, picture: &Picture, width: u32, height: u32) -> Result<Vec<f32>, OcrError> {
        if width <= TILE && height <= TILE {
            let planes = picture.planes(width, height);
            return self.network.run(&planes, height as usize, width as usize, |_, values| values.to_vec());
        }
        let whole = super::picture::resize(&picture.rgb, width, height, None);
        let mut map = vec![0.0_f32; width as usize * height as usize];
        for top in tiles(height) {
            for left in tiles(width) {
                let (w, h) = (TILE.min(width), TILE.min(height));
                let part = image::imageops::crop_imm(&whole, left, top, w, h).to_image();
                let planes = super::picture::planes(&part);
                let values = self.network.run(&planes, h as usize, w as usize, |_, values| values.to_vec())?;
                for (row, line) in values.chunks_exact(w as usize).enumerate() {
                    let start = (top as usize + row) * width as usize + left as usize;
                    // At the edge of a tile text is cut and seen less well: the surer answer counts.
                    for (to, from) in map[start..start + w as usize].iter_mut().zip(line) {
                        *to = to.max(*from);
                    }
                }
            }
        }
        Ok(map)
    }
}

/// Sides of the copy at a scale, as the network wants them, and within its bound whatever the shape.
fn copy_size(width: u32, height: u32, scale: f32) -> (u32, u32) {
    let scale = scale.min((size(MOST_PIXELS) / (size(width) * size(height))).sqrt());
    let multiple = |length: u32| pixels(size(length) * scale / size(STEP)) * STEP;
    let (width, height) = (multiple(width), multiple(height));
    // A strip of a few pixels became wider when its side was rounded up.
    let within = |side: u32, other: u32| side.min((MOST_PIXELS / other / STEP).max(1) * STEP);
    if width > height { (within(width, height), height) } else { (width, within(height, width)) }
}

/// Where tiles begin along a side.
fn tiles(length: u32) -> Vec<u32> {
    if length <= TILE {
        return vec![0];
    }
    let mut starts: Vec<u32> = (0..length - TILE).step_by((TILE - SHARED) as usize).collect();
    starts.push(length - TILE);
    starts
}

/// A rectangle of the map in pixels of the picture; both sides may have been scaled a little differently.
fn stretched(rect: &Tilted, (x, y): (f32, f32)) -> Tilted {
    let (sin, cos) = rect.angle.sin_cos();
    let along = (cos * x).hypot(sin * y);
    let across = (sin * x).hypot(cos * y);
    Tilted { x: rect.x * x, y: rect.y * y, w: rect.w * along, h: rect.h * across, angle: (sin * y).atan2(cos * x) }
}

/// Connected cores of a map, each grown to its line.
fn cores(map: &[f32], width: usize, least_score: f32) -> Vec<Place> {
    let height = map.len() / width.max(1);
    let mut open: Vec<bool> = map.iter().map(|value| *value > CORE).collect();
    let mut places = Vec::new();
    let mut points = Vec::new();
    // The first and last column of each row of the core at hand.
    let mut extents: Vec<(usize, usize)> = vec![(usize::MAX, 0); height];
    for start in 0..map.len() {
        let (mut top, mut bottom) = (height, 0);
        let visit = |_, x: usize, y: usize| {
            extents[y] = (extents[y].0.min(x), extents[y].1.max(x));
            (top, bottom) = (top.min(y), bottom.max(y));
        };
        if !connected(&mut open, width, start, 1, visit) {
            continue;
        }
        outline(&mut extents[top..=bottom], top, &mut points);
        if let Some(place) = line_of(map, width, height, &mut points, least_score) {
            places.push(place);
        }
    }
    places
}

/// The first and last pixel of each row are all that a hull needs; corners of pixels, so that one pixel has an area. The rows
/// are left empty for the next core.
#[allow(clippy::cast_precision_loss, reason = "sides of maps are small")]
fn outline(rows: &mut [(usize, usize)], top: usize, points: &mut Vec<(f32, f32)>) {
    points.clear();
    for (offset, row) in rows.iter_mut().enumerate() {
        let (first, last) = std::mem::replace(row, (usize::MAX, 0));
        let (y, first, last) = ((top + offset) as f32, first as f32, last as f32 + 1.0);
        points.extend([(first, y), (first, y + 1.0), (last, y), (last, y + 1.0)]);
    }
}

fn line_of(map: &[f32], width: usize, height: usize, points: &mut Vec<(f32, f32)>, least_score: f32) -> Option<Place> {
    let core = Tilted::around(points)?;
    if core.w.min(core.h) < LEAST_SIDE {
        return None;
    }
    let score = mean_inside(map, width, height, &core);
    let distance = core.w * core.h * GROWTH / (2.0 * (core.w + core.h));
    (score >= least_score).then(|| Place { rect: core.grown(distance), score })
}

/// The mean of a map inside a rectangle. Of each row only what lies inside is looked at.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the map")]
#[allow(clippy::cast_precision_loss, reason = "sides of maps are small")]
fn mean_inside(map: &[f32], width: usize, height: usize, rect: &Tilted) -> f32 {
    let bounds = rect.bounds();
    let (sin, cos) = rect.angle.sin_cos();
    let (top, bottom) = (bounds.y.max(0.0) as usize, (bounds.bottom().ceil().max(0.0) as usize).min(height));
    let (mut sum, mut count) = (0.0, 0_u32);
    for y in top..bottom {
        let dy = y as f32 + 0.5 - rect.y;
        // Where `slope · dx + offset` lies within ±half.
        let within = |slope: f32, offset: f32, half: f32| {
            let (a, b) = ((-half - offset) / slope, (half - offset) / slope);
            if slope.abs() > 1e-6 { (a.min(b), a.max(b)) } else { (f32::MIN, f32::MAX) }
        };
        let along = within(cos, dy * sin, rect.w / 2.0);
        let across = within(-sin, dy * cos, rect.h / 2.0);
        let (from, to) = (along.0.max(across.0) + rect.x, along.1.min(across.1) + rect.x);
        let first = ((from - 0.5).ceil().max(0.0) as usize).min(width);
        let end = ((to - 0.5).floor().max(-1.0) + 1.0) as usize;
        for value in &map[y * width + first..y * width + end.clamp(first, width)] {
            sum += value;
            count += 1;
        }
    }
    if count == 0 { 0.0 } else { sum / size(count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_grow_to_rectangles_around_their_lines() {
        let (width, height) = (200, 100);
        let map: Vec<f32> = (0..width * height)
            .map(|at| (at % width, at / width))
            .map(|(x, y)| {
                let core = (20..180).contains(&x) && (30..40).contains(&y);
                let speck = x < 2 && y < 2;
                f32::from(u8::from(core || speck)) * 0.9
            })
            .collect();
        let found = cores(&map, width, 0.5);
        assert_eq!(found.len(), 1, "{found:?}");
        let Place { rect, score } = found[0];
        assert!((score - 0.9).abs() < 0.01);
        // 160 × 10 grown by 1600 · 1.6 / 340.
        assert!((rect.x - 100.0).abs() < 0.1 && (rect.y - 35.0).abs() < 0.1, "{rect:?}");
        assert!((rect.w - 175.06).abs() < 0.1 && (rect.h - 25.06).abs() < 0.1, "{rect:?}");
    }

    #[test]
    fn the_copy_is_bounded_whatever_the_shape() {
        for (width, height, scale) in [(8, 4_000_000, 1.0), (4_000_000, 8, 3.0), (9000, 9000, 1.0), (1, 1, 1.0)] {
            let (w, h) = copy_size(width, height, scale);
            assert!(u64::from(w) * u64::from(h) <= u64::from(MOST_PIXELS), "{width} × {height}: {w} × {h}");
            assert_eq!((w % STEP, h % STEP), (0, 0));
        }
        assert_eq!(copy_size(2480, 3508, 0.25), (608, 864));
    }

    #[test]
    fn tiles_cover_a_side_and_share_their_edges() {
        assert_eq!(tiles(1000), [0]);
        let starts = tiles(4000);
        assert_eq!((starts[0], starts[starts.len() - 1]), (0, 4000 - TILE));
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] <= TILE - SHARED));
    }
}
