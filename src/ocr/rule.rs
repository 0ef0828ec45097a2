//! The red rule below the head of an official document: thin, across most of the page, in its upper half.

use image::{DynamicImage, GenericImageView};

/// Columns and rows that are looked at.
const COLUMNS: u32 = 160;
const ROWS: u32 = 400;
/// By how much red exceeds green and blue.
const RED: u8 = 40;
/// Share of the page's width that the rule takes: the text of an official document takes 156 of 210 millimetres.
const LENGTH: f32 = 0.55;
/// Rows that it may run over, askew and thick, and the distance at which there is next to no red above and below it.
const THICK: usize = 3;
const CLEAR: usize = 5;
const LEAST_CLEAR: f32 = 0.2;

/// Where a red rule runs, as a share of the height; none in the lower half.
#[allow(clippy::cast_precision_loss, reason = "a few hundred rows and columns")]
pub fn red_rule(image: &DynamicImage) -> Option<f32> {
    let (width, height) = image.dimensions();
    if width < COLUMNS || height < ROWS {
        return None;
    }
    let upper = ROWS / 2;
    let is_red = |x: u32, y: u32| {
        let [red, green, blue, _] = image.get_pixel(x, y).0;
        red.saturating_sub(green.max(blue)) >= RED
    };
    // Of each row of cells, the columns that have red somewhere in the height of the cell.
    let row = |row: u32| -> Vec<bool> {
        let rows = row * height / ROWS..((row + 1) * height / ROWS).max(row * height / ROWS + 1);
        let column = |column: u32| column * width / COLUMNS + width / COLUMNS / 2;
        (0..COLUMNS).map(|at| rows.clone().step_by(2).any(|y| is_red(column(at), y.min(height - 1)))).collect()
    };
    let rows: Vec<Vec<bool>> = (0..upper + u32::try_from(CLEAR + THICK).unwrap_or(0)).map(row).collect();
    let share = |from: usize, to: usize| {
        let inked = (0..COLUMNS as usize).filter(|at| rows[from..to].iter().any(|row| row[*at])).count();
        inked as f32 / COLUMNS as f32
    };
    let found = (CLEAR..upper as usize).find(|at| {
        let (above, below) = (at - CLEAR, at + THICK - 1 + CLEAR);
        share(*at, at + THICK) >= LENGTH
            && share(above, above + 1) < LEAST_CLEAR
            && share(below, below + 1) < LEAST_CLEAR
    })?;
    Some((found as f32 + THICK as f32 / 2.0) / ROWS as f32)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn page(red: impl Fn(u32, u32) -> bool) -> DynamicImage {
        RgbImage::from_fn(1000, 1400, |x, y| Rgb(if red(x, y) { [205, 30, 40] } else { [250; 3] })).into()
    }

    #[test]
    fn a_red_rule_below_the_head_is_seen_and_other_red_is_not() {
        let rule = |x: u32, y: u32| (130..870).contains(&x) && (420..424).contains(&y);
        let title = |x: u32, y: u32| (200..800).contains(&x) && (200..290).contains(&y) && x % 40 < 30;
        let seen = red_rule(&page(|x, y| rule(x, y) || title(x, y))).expect("a rule");
        assert!((seen - 0.3).abs() < 0.02, "{seen}");
        let askew = |x: u32, y: u32| (130..870).contains(&x) && (420 + x / 100..424 + x / 100).contains(&y);
        assert!(red_rule(&page(askew)).is_some());
        assert_eq!(red_rule(&page(title)), None, "a title");
        assert_eq!(red_rule(&page(|x, y| rule(x, y) && x < 500)), None, "too short");
        assert_eq!(red_rule(&page(|x, y| rule(x, y.wrapping_sub(600)))), None, "in the lower half");
        assert_eq!(red_rule(&page(|_, y| y < 500)), None, "an area");
    }
}
