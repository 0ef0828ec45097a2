//! Evens the ground of a page: light on dark becomes dark on light, and lighting gradients, shadows and yellowed paper
//! become white.
//!
//! The ground is measured on a coarse grid (one value a cell, high enough to lie above the writing), small dark holes are
//! closed so that bold letters and bands keep their colour, and pixels are divided by the ground in between. A page whose
//! ground is even already is left as it is.

use image::GrayImage;

/// Pixels of a side of a cell: about two lines of a page at reading size.
const CELL: usize = 32;
/// Grounds that differ by less than this are even.
const EVEN: u8 = 16;
/// A ground this light is white; greyer paper is whitened, or the white that turning brings in would frame it.
const WHITE: u8 = 225;
/// A ground darker than this, on most of the page, means light writing on dark.
const DARK: u8 = 104;
/// Ground is brightened at most so much: more would turn dark pictures into noise.
const MOST_GAIN: u32 = 4;

/// What was done to the ground.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Evened {
    /// Light writing on dark ground was turned around.
    pub inverted: bool,
    /// The ground was uneven and was divided out.
    pub divided: bool,
}

struct Grid {
    columns: usize,
    rows: usize,
    values: Vec<u8>,
}

/// Makes the ground white where it is uneven, and dark writing out of light.
pub(super) fn even(image: &mut GrayImage) -> Evened {
    if image.width() == 0 || image.height() == 0 {
        return Evened::default();
    }
    let inverted = percentile(&ground(image, 50).values, 50) < DARK;
    if inverted {
        image.iter_mut().for_each(|pixel| *pixel = 255 - *pixel);
    }
    let grid = close(&ground(image, 80));
    let (low, high) = (percentile(&grid.values, 4), percentile(&grid.values, 96));
    let divided = high - low.min(high) > EVEN || low < WHITE;
    if divided {
        divide(image, &blur(&grid));
    }
    Evened { inverted, divided }
}

fn percentile(values: &[u8], percent: usize) -> u8 {
    let mut counts = [0_usize; 256];
    values.iter().for_each(|&value| counts[usize::from(value)] += 1);
    rank(&counts, values.len() * percent / 100)
}

/// The value below which `below` of the counted values lie.
fn rank(counts: &[usize; 256], below: usize) -> u8 {
    let mut seen = 0;
    for (value, count) in (0..=u8::MAX).zip(counts) {
        seen += count;
        if seen > below {
            return value;
        }
    }
    255
}

/// One percentile a cell. Every second row is enough.
fn ground(image: &GrayImage, percent: usize) -> Grid {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let mut values = Vec::with_capacity(columns * rows);
    let mut counts = vec![[0_usize; 256]; columns];
    for band in image.as_raw().chunks(width * CELL) {
        counts.iter_mut().for_each(|cell| *cell = [0; 256]);
        for line in band.chunks_exact(width).step_by(2) {
            for (cell, part) in counts.iter_mut().zip(line.chunks(CELL)) {
                part.iter().for_each(|&pixel| cell[usize::from(pixel)] += 1);
            }
        }
        values.extend(counts.iter().map(|cell| rank(cell, cell.iter().sum::<usize>() * percent / 100)));
    }
    Grid { columns, rows, values }
}

/// Each value out of the square of nine around it.
fn around(grid: &Grid, pick: impl Fn(&[u8]) -> u8) -> Grid {
    let mut values = Vec::with_capacity(grid.values.len());
    let mut near = Vec::with_capacity(9);
    for row in 0..grid.rows {
        for column in 0..grid.columns {
            near.clear();
            for y in row.saturating_sub(1)..=(row + 1).min(grid.rows - 1) {
                let line = &grid.values[y * grid.columns..][..grid.columns];
                near.extend_from_slice(&line[column.saturating_sub(1)..=(column + 1).min(grid.columns - 1)]);
            }
            values.push(pick(&near));
        }
    }
    Grid { values, ..*grid }
}

/// Fills dark holes of up to two cells.
fn close(grid: &Grid) -> Grid {
    let wide = around(grid, |near| near.iter().copied().max().unwrap_or(255));
    around(&wide, |near| near.iter().copied().min().unwrap_or(255))
}

fn blur(grid: &Grid) -> Grid {
    around(grid, |near| {
        let sum: usize = near.iter().map(|&value| usize::from(value)).sum();
        u8::try_from(sum / near.len().max(1)).unwrap_or(255)
    })
}

/// Divides by the ground, interpolated between the centres of cells.
fn divide(image: &mut GrayImage, grid: &Grid) {
    let width = image.width() as usize;
    // Gains with 8 fractional bits.
    let gains: Vec<u32> =
        grid.values.iter().map(|&ground| (255 * 256 / u32::from(ground.max(1))).min(MOST_GAIN * 256)).collect();
    let mut line = vec![0_u32; grid.columns];
    for (y, row) in image.chunks_exact_mut(width).enumerate() {
        let (above, below, part) = between(y, grid.rows);
        let (upper, lower) = (&gains[above * grid.columns..], &gains[below * grid.columns..]);
        line.iter_mut()
            .zip(upper.iter().zip(lower))
            .for_each(|(gain, (upper, lower))| *gain = (upper * (CELL_U32 - part) + lower * part) / CELL_U32);
        for (x, pixel) in row.iter_mut().enumerate() {
            let (left, right, part) = between(x, grid.columns);
            let gain = (line[left] * (CELL_U32 - part) + line[right] * part) / CELL_U32;
            *pixel = u8::try_from((u32::from(*pixel) * gain) >> 8).unwrap_or(255);
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a small constant")]
const CELL_U32: u32 = CELL as u32;

/// The cells whose centres lie around a pixel, and how far it lies towards the second, in parts of a cell.
fn between(at: usize, cells: usize) -> (usize, usize, u32) {
    let from_centre = (at + CELL / 2) / CELL;
    let part = (at + CELL / 2) % CELL;
    let first = from_centre.saturating_sub(1).min(cells - 1);
    (first, from_centre.min(cells - 1), u32::try_from(part).expect("below the size of a cell"))
}

/// A threshold between writing and ground on an evened image, by Otsu's criterion, within sane bounds.
pub(super) fn threshold(image: &GrayImage) -> u8 {
    let mut counts = [0_u32; 256];
    // A sample of the rows decides as well as all of them.
    image.rows().step_by(3).for_each(|row| row.for_each(|pixel| counts[usize::from(pixel.0[0])] += 1));
    let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let all: f64 = (0_u32..).zip(&counts).map(|(value, &count)| f64::from(value) * f64::from(count)).sum();
    let (mut below, mut sum, mut best) = (0.0, 0.0, 0.0);
    let (mut first_best, mut last_best) = (0, 0);
    for (value, &count) in (0_u32..).zip(&counts) {
        below += f64::from(count);
        sum += f64::from(value) * f64::from(count);
        let above = total - below;
        if below > 0.0 && above > 0.0 {
            let gap = sum / below - (all - sum) / above;
            let variance = below * above * gap * gap;
            if variance > best {
                (best, first_best, last_best) = (variance, value, value);
            } else if variance >= best {
                last_best = value;
            }
        }
    }
    // Between two clean peaks every value is equally good: take the middle.
    u8::try_from(u32::midpoint(first_best, last_best)).unwrap_or(255).clamp(96, 208)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ground: impl Fn(u32, u32) -> u8, writing: impl Fn(u8) -> u8) -> GrayImage {
        GrayImage::from_fn(400, 300, |x, y| {
            let value = ground(x, y);
            // Bars in the manner of text: a fifth of the pixels.
            image::Luma([if y % 20 < 8 && x % 5 < 2 { writing(value) } else { value }])
        })
    }

    #[test]
    fn a_white_page_is_left_as_it_is() {
        let mut image = page(|_, _| 250, |_| 0);
        let before = image.clone();
        assert_eq!(even(&mut image), Evened::default());
        assert_eq!(image, before);
    }

    #[test]
    fn a_shadow_is_removed_and_writing_in_it_stays() {
        let mut image = page(|x, _| 250 - u8::try_from(x * 2 / 5).expect("below 160"), |ground| ground / 4);
        assert!(even(&mut image).divided);
        for x in [10, 200, 390] {
            assert!(image.get_pixel(x - x % 5 + 3, 30).0[0] > 215, "ground at {x}");
            assert!(image.get_pixel(x - x % 5, 41).0[0] < 100, "writing at {x}");
        }
    }

    #[test]
    fn light_writing_on_dark_is_turned_around() {
        let mut image = page(|_, _| 30, |_| 230);
        assert!(even(&mut image).inverted);
        assert!(image.get_pixel(0, 0).0[0] < 60 && image.get_pixel(3, 10).0[0] > 200);
    }

    #[test]
    fn the_threshold_lies_between_writing_and_ground() {
        let image = page(|_, _| 240, |_| 40);
        assert!((96..=208).contains(&threshold(&image)));
    }
}
