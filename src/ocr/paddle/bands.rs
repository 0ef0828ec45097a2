//! Lines that nobody found: on a blurred page they are plain to the eye as grey bands, and the network that finds lines passes over
//! them, or over all but the headings.
//!
//! On a small copy the page is gone through in windows a few lines high. Where the grey of a window swings up and down at an even
//! distance, there are lines; where it also swings along them, more than a rule or a slat does and less than sharp print, which
//! is found, they are lines of blurred writing.

use image::RgbImage;

use super::super::raster::{offset, pixels, size};
use super::found::Found;
use super::picture::{Picture, resize};

/// The longer side of the copy.
const SIDE: f32 = 700.0;
/// A window, and how far the next one is from it: half of it.
const WIDTH: usize = 48;
const HEIGHT: usize = 100;
/// From one line to the next, in pixels of the copy.
const PITCH: std::ops::Range<usize> = 6..25;
/// Radius around a pixel of what is taken for its ground.
const GROUND: usize = 40;
/// The share of a window that must lie outside of lines that were found.
const FREE: f32 = 0.7;
/// By how much, of 255, the rows of a window swing (the root of the mean square).
const SWING: f32 = 3.0;
/// A row is that of a line if it is so many times as dark.
const DARK: f32 = 0.7;
/// How like the rows of a window are to those one pitch further (correlation), and how much more so than to those half of one.
const LIKE: f32 = 0.55;
const MORE: f32 = 0.9;
/// How much the darkness of a line changes along a third of a pitch, as a share of it. Rules change less, and sharp letters, grids and
/// textures more: blurred pages measure 0.2 to 0.8, sharp ones 0.9 and more.
const CHANGE: std::ops::Range<f32> = 0.15..0.9;
/// So few windows are a fence, a grille or the rules of a form; of a page of blurred text there are a hundred and more.
const LEAST: usize = 20;
/// Height of a line as a share of its pitch.
const LINE: f32 = 0.6;

/// How long the lines are that show as bands where none was found, in heights of a line; 0 where there are none to speak of.
pub(super) fn unread(picture: &Picture, found: &[Found]) -> f32 {
    let sheet = Sheet::of(picture, found);
    let upright = sheet.length();
    // The page may lie on its side.
    if upright > 0.0 { upright } else { sheet.turned().length() }
}

/// A small copy of a page.
struct Sheet {
    width: usize,
    height: usize,
    /// How much darker each pixel is than its ground; lighter ones are below 0, and those in lines that were found are 0.
    dark: Vec<f32>,
    /// Which pixels lie outside of such lines.
    free: Vec<bool>,
}

impl Sheet {
    fn of(picture: &Picture, found: &[Found]) -> Self {
        let scale = (SIDE / size(picture.width().max(picture.height()).max(1))).min(1.0);
        let (w, h) = (pixels(size(picture.width()) * scale), pixels(size(picture.height()) * scale));
        let copy = resize(&picture.rgb, w, h, None);
        let (width, height) = (w as usize, h as usize);
        let mut free = vec![true; width * height];
        // What is neither read nor like a line counts for nothing, and hides nothing: a block of blurred text is found as one place.
        for line in found.iter().filter(|line| line.is_trusted() || line.looks_like_text(picture)) {
            let bounds = line.place.rect.scaled(scale).bounds();
            let within = |from: f32, to: f32, most: usize| {
                let place = |at: f32| (offset(at) as usize).min(most);
                place(from)..place(to)
            };
            for y in within(bounds.y, bounds.bottom(), height) {
                let row = &mut free[y * width..(y + 1) * width];
                row[within(bounds.x, bounds.right(), width)].fill(false);
            }
        }
        let mut dark = darkness(&copy, width, height);
        dark.iter_mut().zip(&free).filter(|(_, free)| !**free).for_each(|(dark, _)| *dark = 0.0);
        Self { width, height, dark, free }
    }

    /// The same on its side.
    fn turned(&self) -> Self {
        let places = || (0..self.width).flat_map(|x| (0..self.height).map(move |y| y * self.width + x));
        let dark = places().map(|at| self.dark[at]).collect();
        let free = places().map(|at| self.free[at]).collect();
        Self { width: self.height, height: self.width, dark, free }
    }

    /// How long all lines are that show as bands, in heights.
    #[allow(clippy::cast_precision_loss, reason = "sides of a small copy")]
    fn length(&self) -> f32 {
        let starts = |side: usize, window: usize| (0..(side + 1).saturating_sub(window)).step_by(window / 2);
        let windows =
            starts(self.height, HEIGHT).flat_map(|top| starts(self.width, WIDTH).map(move |left| (left, top)));
        let swinging: Vec<(usize, bool)> = windows.filter_map(|(left, top)| self.pitch(left, top)).collect();
        let pitches: Vec<usize> = swinging.iter().filter(|(_, blurred)| *blurred).map(|(pitch, _)| *pitch).collect();
        // A grid that was made small is blurred here and there.
        if pitches.len() < LEAST || 3 * pitches.len() < 2 * swinging.len() {
            return 0.0;
        }
        // A window stands for a quarter of itself: others lie over the rest.
        let length = |pitch: &usize| {
            let pitch = *pitch as f32;
            (HEIGHT as f32 / 2.0 / pitch) * (WIDTH as f32 / 2.0 / (LINE * pitch))
        };
        pitches.iter().map(length).sum()
    }

    /// From one line to the next, if a window shows lines, and whether they are of blurred writing.
    #[allow(clippy::cast_precision_loss, reason = "sides of a window")]
    fn pitch(&self, left: usize, top: usize) -> Option<(usize, bool)> {
        let row = |y: usize| (top + y) * self.width + left..(top + y) * self.width + left + WIDTH;
        let free = (0..HEIGHT).map(|y| self.free[row(y)].iter().filter(|free| **free).count());
        let free: Vec<usize> = free.collect();
        if (free.iter().sum::<usize>() as f32) < FREE * (WIDTH * HEIGHT) as f32 {
            return None;
        }
        let sum = |y: usize| self.dark[row(y)].iter().sum::<f32>();
        let mut rows: Vec<f32> = free.iter().enumerate().map(|(y, free)| sum(y) / (*free).max(1) as f32).collect();
        let mean = rows.iter().sum::<f32>() / HEIGHT as f32;
        rows.iter_mut().for_each(|row| *row -= mean);
        let swing = (rows.iter().map(|row| row * row).sum::<f32>() / HEIGHT as f32).sqrt();
        if swing < SWING {
            return None;
        }
        let likeness = |pitch: usize| (likeness(&rows, pitch), likeness(&rows, pitch / 2));
        let best = PITCH.map(|pitch| (pitch, likeness(pitch)));
        let (pitch, (like, half)) = best.max_by(|a, b| (a.1.0 - a.1.1).total_cmp(&(b.1.0 - b.1.1)))?;
        if like < LIKE || like - half < MORE {
            return None;
        }
        let is_dark = |row: &f32| *row > DARK * swing;
        // A few lines among none are no page.
        if !rows.chunks(HEIGHT / 4).all(|part| part.iter().any(is_dark)) {
            return None;
        }
        let step = (pitch / 3).max(2);
        let (mut change, mut darkness, mut lines) = (0.0, 0.0, 0);
        for y in (0..HEIGHT).filter(|y| is_dark(&rows[*y])) {
            let row = &self.dark[row(y)];
            let changes = row.iter().zip(&row[step..]).map(|(one, next)| (next - one).abs());
            change += changes.sum::<f32>() / (WIDTH - step) as f32;
            darkness += row.iter().map(|dark| dark.abs()).sum::<f32>() / WIDTH as f32;
            lines += 1;
        }
        let blurred = CHANGE.contains(&(change / darkness.max(f32::EPSILON)));
        (lines * pitch >= HEIGHT).then_some((pitch, blurred))
    }
}

/// How like rows are to those some further, from -1 to 1.
fn likeness(rows: &[f32], further: usize) -> f32 {
    let (one, other) = (&rows[..rows.len() - further], &rows[further..]);
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    product(one, other) / (product(one, one) * product(other, other)).sqrt().max(f32::EPSILON)
}

/// How much darker each pixel is than what is around it.
#[allow(clippy::cast_precision_loss, reason = "sums of a few thousand bytes")]
fn darkness(copy: &RgbImage, width: usize, height: usize) -> Vec<f32> {
    let grey: Vec<u32> =
        copy.pixels().map(|pixel| pixel.0.iter().map(|value| u32::from(*value)).sum::<u32>()).collect();
    // Sums of all pixels above and left of each corner.
    let mut sums = vec![0_u32; (width + 1) * (height + 1)];
    for y in 0..height {
        let mut row = 0;
        for x in 0..width {
            row += grey[y * width + x];
            sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
        }
    }
    let mut dark = Vec::with_capacity(grey.len());
    for y in 0..height {
        let (top, bottom) = (y.saturating_sub(GROUND), (y + GROUND + 1).min(height));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(GROUND), (x + GROUND + 1).min(width));
            let corner = |x: usize, y: usize| sums[y * (width + 1) + x];
            let sum = corner(right, bottom) + corner(left, top) - corner(right, top) - corner(left, bottom);
            let ground = sum as f32 / ((right - left) * (bottom - top)) as f32;
            dark.push((ground - grey[y * width + x] as f32) / 3.0);
        }
    }
    dark
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::super::detect::Place;
    use super::super::rect::Tilted;
    use super::*;

    /// A page on which the darkness of each pixel is drawn by a rule.
    fn page(dark: impl Fn(f32, f32) -> f32) -> Picture<'static> {
        let grey = |x: u32, y: u32| pixels((230.0 - dark(size(x), size(y))).clamp(0.0, 255.0));
        let rgb = RgbImage::from_fn(990, 1400, |x, y| Rgb([u8::try_from(grey(x, y)).expect("a byte"); 3]));
        Picture::owned(rgb, 1.0)
    }

    /// Bands of words of different lengths without an edge, `pitch` apart.
    fn blurred(along: f32, across: f32, pitch: f32) -> f32 {
        let line = (across / pitch).floor();
        let swell = (1.0 - (across / pitch * std::f32::consts::TAU).cos()) / 2.0;
        let length = 60.0 + 17.0 * (line % 5.0);
        let gap = ((along + 31.0 * line) % length / length * std::f32::consts::TAU).cos().max(0.0);
        if (90.0..900.0).contains(&along) { 70.0 * swell * (1.0 - 0.8 * gap) } else { 0.0 }
    }

    fn found(rect: Tilted) -> Found {
        Found::unread(Place { rect, score: 0.9 })
    }

    #[test]
    fn bands_of_blurred_words_are_unread_lines_whichever_way_the_page_lies() {
        let body = |x: f32, y: f32| if (100.0..1300.0).contains(&y) { blurred(x, y, 30.0) } else { 0.0 };
        let upright = unread(&page(body), &[]);
        // Forty lines of some 45 heights.
        assert!((500.0..4000.0).contains(&upright), "{upright}");
        let turned = unread(&page(|x, y| if (100.0..900.0).contains(&x) { blurred(y, x, 30.0) } else { 0.0 }), &[]);
        assert!(turned > 300.0, "{turned}");
        // A heading that was found changes little, a page that was found is no band.
        let heading = Tilted { x: 300.0, y: 120.0, w: 400.0, h: 40.0, angle: 0.0 };
        assert!(unread(&page(body), &[found(heading)]) > 500.0);
        let block = Tilted { x: 495.0, y: 700.0, w: 900.0, h: 1300.0, angle: 0.0 };
        assert!(unread(&page(body), &[found(block)]) > 500.0);
        let lines = (0..43_u8).map(|line| Tilted { y: 85.0 + 30.0 * f32::from(line), h: 28.0, ..block });
        assert_eq!(unread(&page(body), &lines.map(found).collect::<Vec<_>>()).to_bits(), 0);
    }

    #[test]
    fn rules_slats_grids_and_a_few_lines_are_none() {
        type Darkness = fn(f32, f32) -> f32;
        let slats: Darkness = |_, y| 60.0 * (y / 30.0 * std::f32::consts::TAU).cos();
        let grid: Darkness = |x, y| if (x % 30.0 < 15.0) == (y % 30.0 < 15.0) { 100.0 } else { 0.0 };
        let three: Darkness = |x, y| if (600.0..690.0).contains(&y) { blurred(x, y, 30.0) } else { 0.0 };
        let cases: [(&str, Darkness); 6] = [
            ("paper", |_, _| 0.0),
            ("rules", |_, y| if y % 30.0 < 2.0 { 120.0 } else { 0.0 }),
            ("slats", slats),
            ("a grid", grid),
            ("a slope", |x, y| (x + y) / 20.0),
            ("three lines", three),
        ];
        for (what, dark) in cases {
            assert_eq!(unread(&page(dark), &[]).to_bits(), 0, "{what}");
        }
    }

    #[test]
    fn pictures_of_any_size_are_gone_through() {
        for (width, height) in [(1, 1), (700, 1), (47, 3000), (3, 100), (20_000, 2)] {
            let picture = Picture::owned(RgbImage::from_pixel(width, height, Rgb([200; 3])), 1.0);
            assert_eq!(unread(&picture, &[]).to_bits(), 0, "{width} by {height}");
        }
    }
}
