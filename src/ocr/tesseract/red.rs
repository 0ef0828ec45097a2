//! Red marks over text: stamps and red heads, read apart from the black.
//!
//! In grey a red stamp and the black text under it spoil each other. Where red letters stayed unread, the red is read
//! alone, and then the lines it lies on without it. Both only add: dropping red from the one reading of a page would
//! erase red heads and marks.

use image::{DynamicImage, GrayImage};

use super::super::affine::Affine;
use super::super::components::{Component, components};
use super::super::raster::{pixels, size};
use super::super::{Line, OcrError, reading};
use super::page::Attempt;
use super::{Layout, Recognizer, structure};
use crate::config::OcrSettings;

/// By how much red must exceed green and blue.
const RED: u8 = 60;
/// Share of red pixels below which there is no red layer.
const LEAST_SHARE: f32 = 0.001;
/// Red letters covered by words of this confidence need no second reading.
const READ: u8 = 75;
/// Fewer unread red letters than this are specks.
const FEW: usize = 2;

/// Adds what the red layer says beyond the page's own reading, and what stands under it.
pub(super) fn add(
    engine: &mut dyn Recognizer,
    image: &DynamicImage,
    attempt: &mut Attempt,
    settings: &OcrSettings,
) -> Result<(), OcrError> {
    let Some(layer) = layer(image) else { return Ok(()) };
    let layer = attempt.page.likewise(&layer);
    let Some((top, bottom)) = unread_band(&layer, attempt) else { return Ok(()) };
    let band = |image: &GrayImage| image::imageops::crop_imm(image, 0, top, image.width(), bottom - top).to_image();
    let mut read = |image: GrayImage, layout| -> Result<Vec<Line>, OcrError> {
        let mut lines = engine.recognize(&image, &attempt.language, layout)?;
        reading::drop_doubtful(&mut lines, settings.min_word_confidence);
        reading::map(&mut lines, &Affine::shift(0.0, size(top)));
        Ok(lines)
    };
    let red = read(band(&layer), Layout::Sparse)?;
    let black = read(without(&band(&attempt.page.image), &band(&layer)), Layout::Page)?;
    reading::add(&mut attempt.lines, black);
    reading::add_beside(&mut attempt.lines, red);
    Ok(())
}

/// The red layer as dark on white, reduced like the grey one; none without enough red.
fn layer(image: &DynamicImage) -> Option<GrayImage> {
    let DynamicImage::ImageRgb8(rgb) = image else { return None };
    let (mut red, mut seen) = (0_u32, 0_u32);
    // A sample decides: a prime step does not fall in with the rows.
    for pixel in rgb.pixels().step_by(7) {
        seen += 1;
        red += u32::from(is_red(pixel.0));
    }
    if size(red) < size(seen) * LEAST_SHARE {
        return None;
    }
    let dark = |pixel: &[u8; 3]| if is_red(*pixel) { 0 } else { 255 };
    Some(crate::raster::reduce::<3>(
        rgb.as_raw(),
        rgb.width(),
        rgb.height(),
        crate::raster::reduction(rgb.width(), rgb.height()),
        dark,
    ))
}

fn is_red([red, green, blue]: [u8; 3]) -> bool {
    red.saturating_sub(green.max(blue)) > RED
}

/// The rows of the page that hold red letters which were not read, with some room.
fn unread_band(layer: &GrayImage, attempt: &Attempt) -> Option<(u32, u32)> {
    let found = components(layer, 128);
    let height = structure::letter_height(&found)?;
    let letters = structure::letters(&found, height);
    let mut sure = attempt.lines.clone();
    reading::keep_sure(&mut sure, READ);
    let unread = reading::uncovered(&letters, &sure);
    if unread.len() < FEW {
        return None;
    }
    let room = pixels(height + attempt.page.letter_height * 2.0);
    let top = unread.iter().map(|letter| letter.top).min().unwrap_or(0).saturating_sub(room);
    let bottom = unread.iter().map(|letter: &Component| letter.bottom).max().unwrap_or(0).saturating_add(room);
    Some((top, bottom.min(layer.height())))
}

/// The page with the red painted white, edges included.
fn without(page: &GrayImage, layer: &GrayImage) -> GrayImage {
    let mut page = page.clone();
    let (width, height) = page.dimensions();
    for (x, y, pixel) in layer.enumerate_pixels() {
        if pixel.0[0] < 200 {
            for near_y in y.saturating_sub(1)..(y + 2).min(height) {
                for near_x in x.saturating_sub(1)..(x + 2).min(width) {
                    // Black that the red crosses is darker than any red.
                    let value = &mut page.get_pixel_mut(near_x, near_y).0[0];
                    if *value > 48 {
                        *value = 255;
                    }
                }
            }
        }
    }
    page
}
