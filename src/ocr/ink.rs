//! The colour of a word: what colour most of the pixels have that make its letters.

use image::{DynamicImage, GenericImageView};

use super::raster::offset;
use crate::document::{Ink, Rect};

/// By how much red must exceed green and blue, and blue red and green, of 255.
const RED: i32 = 40;
const BLUE: i32 = 30;
/// A pixel is ink if one of its channels lies so far from the ground, of 255: where there is ink as dark as letters, and where
/// there is none.
const DARK: i32 = 90;
const FAINT: i32 = 14;
/// Share of a box that dark ink has at least, if it is what the letters are made of.
const LEAST_DARK: f32 = 0.04;
/// Share of ink that must have a colour.
const MOSTLY: f32 = 0.5;
/// Pixels of a box that are looked at, in each direction.
const MOST_SAMPLES: u32 = 96;

/// The colour of the writing in a box, in pixels of the image.
pub fn of(image: &DynamicImage, bounds: &Rect) -> Ink {
    let pixels = samples(image, bounds);
    let ground = ground(&pixels);
    let distance = |pixel: &[i32; 3]| (0..3).map(|channel| (pixel[channel] - ground[channel]).abs()).max().unwrap_or(0);
    let ink = |least: i32| pixels.iter().filter(move |pixel| distance(pixel) >= least);
    #[allow(clippy::cast_precision_loss, reason = "some ten thousand samples")]
    let share = |part: usize, whole: usize| part as f32 / whole.max(1) as f32;
    let dark = ink(DARK).count();
    if share(dark, pixels.len()) < LEAST_DARK {
        let faint = ink(FAINT).count();
        return if share(faint, pixels.len()) >= LEAST_DARK { Ink::Pale } else { Ink::Plain };
    }
    let mostly = |is: fn(&[i32; 3]) -> bool| share(ink(DARK).filter(|pixel| is(pixel)).count(), dark) >= MOSTLY;
    if mostly(|[red, green, blue]| red - green.max(blue) >= RED) {
        Ink::Red
    } else if mostly(|[red, green, blue]| blue - red.max(green) >= BLUE) {
        Ink::Blue
    } else {
        Ink::Plain
    }
}

/// Pixels of a box, all of them if there are few.
pub(super) fn samples(image: &DynamicImage, bounds: &Rect) -> Vec<[i32; 3]> {
    let (left, top) = (offset(bounds.x), offset(bounds.y));
    let (right, bottom) = (offset(bounds.right()).min(image.width()), offset(bounds.bottom()).min(image.height()));
    let step = |from: u32, to: u32| (to.saturating_sub(from) / MOST_SAMPLES).max(1) as usize;
    (top..bottom)
        .step_by(step(top, bottom))
        .flat_map(|y| (left..right).step_by(step(left, right)).map(move |x| (x, y)))
        .map(|(x, y)| {
            let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(i32::from);
            [red, green, blue].map(|value| (value * alpha + 255 * (255 - alpha)) / 255)
        })
        .collect()
}

/// The middle of all colours: letters cover less of a box than their ground does.
pub(super) fn ground(pixels: &[[i32; 3]]) -> [i32; 3] {
    let median = |channel: usize| {
        let mut values: Vec<i32> = pixels.iter().map(|pixel| pixel[channel]).collect();
        let middle = values.len() / 2;
        if values.is_empty() { 0 } else { *values.select_nth_unstable(middle).1 }
    };
    [median(0), median(1), median(2)]
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn written(ground: [u8; 3], ink: [u8; 3]) -> Ink {
        let mut image = RgbImage::from_pixel(120, 40, Rgb(ground));
        (10..30).for_each(|y| (0..12).for_each(|letter| image.put_pixel(letter * 10 + 4, y, Rgb(ink))));
        of(&image.into(), &Rect { x: 0.0, y: 5.0, w: 120.0, h: 30.0 })
    }

    #[test]
    fn red_blue_pale_and_other_writing_are_told_apart_on_any_ground() {
        assert_eq!(written([250; 3], [20; 3]), Ink::Plain);
        assert_eq!(written([250; 3], [200, 30, 40]), Ink::Red);
        assert_eq!(written([240, 235, 220], [30, 40, 160]), Ink::Blue);
        assert_eq!(written([250; 3], [215; 3]), Ink::Pale);
        assert_eq!(written([30; 3], [240; 3]), Ink::Plain);
        assert_eq!(written([250; 3], [250; 3]), Ink::Plain);
        // White on red is no red ink.
        assert_eq!(written([190, 20, 30], [250; 3]), Ink::Plain);
    }

    #[test]
    fn a_box_outside_the_image_has_no_colour() {
        let image = DynamicImage::new_rgb8(4, 4);
        assert_eq!(of(&image, &Rect { x: 50.0, y: -9.0, w: 10.0, h: 3.0 }), Ink::Plain);
    }
}
