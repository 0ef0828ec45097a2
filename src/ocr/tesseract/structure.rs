//! What the pieces of ink say about a page before anything is read: how high its letters are, whether it lies on its side,
//! how far it is skewed, where its lines run, and which kind of script it is.
//!
//! Everything here is counting; nothing is read. Answers are `None` or zero where there is too little to count.

use std::cmp::Reverse;

use image::GrayImage;

use super::super::components::Component;
use super::super::raster::size;
use crate::document::Rect;

/// Fewer letters than this say nothing about direction or skew.
const FEW: usize = 12;
/// Skew is looked for within so many degrees.
const MOST_SKEW: f32 = 15.0;

/// The typical height of letters in pixels; none if nothing looks like letters.
pub(super) fn letter_height(components: &[Component]) -> Option<f32> {
    // Each piece counts with its height: specks are many but low, and radicals of Han characters less than whole ones.
    let mut heights: Vec<u32> = components.iter().filter(|c| is_compact(c)).map(Component::height).collect();
    heights.sort_unstable();
    let total: u64 = heights.iter().map(|&height| u64::from(height)).sum();
    let mut seen = 0;
    heights
        .into_iter()
        .find(|&height| {
            seen += u64::from(height);
            seen * 2 >= total
        })
        .map(size)
}

/// Neither a speck nor a rule nor a picture.
fn is_compact(piece: &Component) -> bool {
    let (width, height) = (piece.width(), piece.height());
    (4..=160).contains(&height)
        && width >= 2
        && width <= height * 6
        && height <= width * 8
        && piece.ink * 12 >= width * height
}

/// The pieces that look like letters of about this height.
pub(super) fn letters(components: &[Component], height: f32) -> Vec<Component> {
    let fits = |c: &&Component| {
        let (w, h) = (size(c.width()), size(c.height()));
        is_compact(c) && h >= height * 0.5 && h <= height * 2.5 && w <= height * 4.0
    };
    components.iter().filter(fits).copied().collect()
}

/// How much nearer letters lie to their neighbours above and below than to those at their sides: above 1 the lines run
/// down the page. None if there are too few to tell.
pub(super) fn downward(letters: &[Component], height: f32) -> Option<f32> {
    let across = typical_gap(letters, height)?;
    // A quarter turn makes below to beside.
    let turned: Vec<Component> = letters.iter().map(|letter| letter.turned(u32::MAX / 4)).collect();
    let down = typical_gap(&turned, height)?;
    Some((across + height * 0.1) / (down + height * 0.1))
}

/// The median distance to the next letter to the right, in its row.
fn typical_gap(letters: &[Component], height: f32) -> Option<f32> {
    if letters.len() < FEW {
        return None;
    }
    let far = height * 6.0;
    let order = by_left(letters);
    let mut gaps: Vec<f32> =
        (0..order.len()).map(|at| next_in_row(letters, &order, at, far).map_or(far, |(_, gap)| gap)).collect();
    let middle = gaps.len() / 2;
    gaps.select_nth_unstable_by(middle, f32::total_cmp);
    Some(gaps[middle])
}

fn by_left(letters: &[Component]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..letters.len()).collect();
    order.sort_unstable_by_key(|&index| (letters[index].left, letters[index].top, index));
    order
}

/// The nearest letter to the right that shares at least half of its rows, and the distance to it.
fn next_in_row(letters: &[Component], order: &[usize], at: usize, far: f32) -> Option<(usize, f32)> {
    let me = &letters[order[at]];
    let reach = f64::from(me.right) + f64::from(far);
    let mut best: Option<(usize, f32)> = None;
    for &index in &order[at + 1..] {
        let other = &letters[index];
        if f64::from(other.left) > reach || best.is_some_and(|(_, gap)| size(other.left.saturating_sub(me.right)) > gap)
        {
            break;
        }
        let shared = me.bottom.min(other.bottom).saturating_sub(me.top.max(other.top));
        let ahead = other.left + other.right > me.left + me.right && other.left + me.width() / 2 >= me.right;
        if ahead && shared * 2 >= me.height().min(other.height()) {
            let gap = size(other.left.saturating_sub(me.right));
            if best.is_none_or(|(_, nearest)| gap < nearest) {
                best = Some((index, gap));
            }
        }
    }
    best
}

/// How many degrees lines fall to the right; zero if nothing stands out.
pub(super) fn skew(letters: &[Component], height: f32) -> f32 {
    if letters.len() < FEW {
        return 0.0;
    }
    // Feet of letters stand on lines. A sample is enough.
    let step = letters.len().div_ceil(4000);
    let feet: Vec<(f32, f32)> =
        letters.iter().step_by(step).map(|c| (size(c.left + c.right) / 2.0, size(c.bottom))).collect();
    let coarse = sharpest(&feet, -MOST_SKEW, MOST_SKEW, 0.5, height * 0.5);
    let middle = sharpest(&feet, coarse.0 - 0.75, coarse.0 + 0.75, 0.1, height * 0.25);
    let fine = sharpest(&feet, middle.0 - 0.15, middle.0 + 0.15, 0.025, (height * 0.125).max(1.0));
    let level = sharpness(&feet, 0.0, (height * 0.125).max(1.0));
    // Turning costs sharpness: only for a clear gain.
    if fine.0.abs() > 0.1 && fine.1 > level * 1.08 { fine.0 } else { 0.0 }
}

fn sharpest(feet: &[(f32, f32)], from: f32, to: f32, step: f32, bin: f32) -> (f32, f32) {
    let mut best = (0.0, 0.0);
    let mut degrees = from;
    while degrees <= to + step / 2.0 {
        let score = sharpness(feet, degrees, bin);
        // Ties go to the smaller angle.
        if score > best.1 || (score >= best.1 && degrees.abs() < f32::abs(best.0)) {
            best = (degrees, score);
        }
        degrees += step;
    }
    best
}

/// The sum of squares of a projection profile at an angle, with bins laid twice, so that no line falls between two.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bins are bounded by the size of the page")]
fn sharpness(feet: &[(f32, f32)], degrees: f32, bin: f32) -> f32 {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let heights: Vec<f32> = feet.iter().map(|(x, y)| y * cos - x * sin).collect();
    let low = heights.iter().copied().fold(f32::MAX, f32::min);
    let high = heights.iter().copied().fold(f32::MIN, f32::max);
    let mut bins = vec![0_u32; ((high - low) / bin) as usize + 3];
    let mut total = 0.0;
    for offset in [0.0, 0.5] {
        bins.fill(0);
        heights.iter().for_each(|height| bins[((height - low) / bin + offset) as usize] += 1);
        total += bins.iter().map(|&count| size(count) * size(count)).sum::<f32>();
    }
    total
}

/// A line of letters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TextLine {
    /// The rectangle around its letters.
    pub bounds: Rect,
    /// How many pieces it has.
    pub pieces: usize,
}

/// Chains letters into lines of a straight page, from top to bottom.
pub(super) fn lines(letters: &[Component], height: f32) -> Vec<TextLine> {
    let order = by_left(letters);
    let mut line_of: Vec<usize> = (0..letters.len()).collect();
    for at in 0..order.len() {
        if let Some((next, _)) = next_in_row(letters, &order, at, height * 2.0) {
            let (a, b) = (root(&mut line_of, order[at]), root(&mut line_of, next));
            line_of[a.max(b)] = a.min(b);
        }
    }
    let mut found: Vec<Option<TextLine>> = vec![None; letters.len()];
    for (index, letter) in letters.iter().enumerate() {
        let line = &mut found[root(&mut line_of, index)];
        let bounds = letter.bounds();
        *line = Some(match line {
            Some(line) => TextLine { bounds: line.bounds.union(&bounds), pieces: line.pieces + 1 },
            None => TextLine { bounds, pieces: 1 },
        });
    }
    let mut lines: Vec<TextLine> = found.into_iter().flatten().collect();
    lines.sort_by(|a, b| a.bounds.y.total_cmp(&b.bounds.y).then(a.bounds.x.total_cmp(&b.bounds.x)));
    lines
}

fn root(line_of: &mut [usize], mut index: usize) -> usize {
    while line_of[index] != index {
        line_of[index] = line_of[line_of[index]];
        index = line_of[index];
    }
    index
}

/// How many strokes a column of writing crosses on average: Latin below two, Han about three. None without enough lines.
pub(super) fn strokes(image: &GrayImage, threshold: u8, lines: &[TextLine]) -> Option<f32> {
    let mut longest: Vec<&TextLine> = lines.iter().filter(|line| line.pieces >= 4).collect();
    longest.sort_by_key(|line| Reverse(line.pieces));
    let (mut columns, mut crossed) = (0_u32, 0_u32);
    for line in longest.into_iter().take(16) {
        let (more_columns, more_crossed) = crossings(image, threshold, &line.bounds);
        columns += more_columns;
        crossed += more_crossed;
    }
    (columns >= 60).then(|| size(crossed) / size(columns))
}

/// Columns with ink inside a rectangle, and the runs of ink in them.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the image")]
fn crossings(image: &GrayImage, threshold: u8, bounds: &Rect) -> (u32, u32) {
    let (left, right) = (bounds.x.max(0.0) as u32, (bounds.right() as u32).min(image.width()));
    let (top, bottom) = (bounds.y.max(0.0) as u32, (bounds.bottom() as u32).min(image.height()));
    let (mut columns, mut crossed) = (0, 0);
    for x in left..right {
        let mut inside = false;
        let mut runs = 0;
        for y in top..bottom {
            let ink = image.get_pixel(x, y).0[0] < threshold;
            runs += u32::from(ink && !inside);
            inside = ink;
        }
        columns += u32::from(runs > 0);
        crossed += runs;
    }
    (columns, crossed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters 10 wide and 16 high, 3 apart, in lines 40 apart that fall by some degrees.
    fn page(degrees: f32) -> Vec<Component> {
        let slope = degrees.to_radians().tan();
        (0..20_u32)
            .flat_map(|line| (0..50_u32).map(move |column| (line, column)))
            .map(|(line, column)| {
                let left = 100 + column * 13;
                let drop = crate::ocr::raster::pixels(500.0 + size(left) * slope) - 500;
                let top = 400 + line * 40 + drop;
                Component { left, top, right: left + 10, bottom: top + 16, ink: 80 }
            })
            .collect()
    }

    #[test]
    fn the_height_of_letters_is_seen_through_specks() {
        let mut pieces = page(0.0);
        pieces.extend((0..2000).map(|x| Component { left: x * 3, top: 0, right: x * 3 + 2, bottom: 2, ink: 4 }));
        assert_eq!(letter_height(&pieces), Some(16.0));
    }

    #[test]
    fn skew_is_found_to_a_tenth_of_a_degree() {
        for degrees in [3.0, 0.7, 7.5, 14.0] {
            let found = skew(&page(degrees), 16.0);
            assert!((found - degrees).abs() <= 0.1, "{degrees}: {found}");
        }
        assert!(skew(&page(0.0), 16.0).abs() < 0.01);
    }

    #[test]
    fn a_page_on_its_side_is_seen() {
        let upright = page(1.0);
        assert!(downward(&upright, 16.0).expect("enough letters") < 0.7);
        let turned: Vec<Component> = upright.iter().map(|c| c.turned(3000)).collect();
        assert!(downward(&turned, 16.0).expect("enough letters") > 1.4);
    }

    #[test]
    fn letters_chain_into_lines() {
        let lines = lines(&page(0.0), 16.0);
        assert_eq!(lines.len(), 20);
        assert!(lines.iter().all(|line| line.pieces == 50));
    }
}
