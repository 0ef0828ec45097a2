//! A frame of samples as light. What a viewer shows at first is a window of them; where that hides anything, all of them are shown
//! below it.

use dicom_pixeldata::{ConvertOptions, DecodedPixelData, PhotometricInterpretation, PlanarConfiguration, VoiLutOption};
use image::{DynamicImage, GrayImage, RgbImage};

use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::raster::check_pixels;
use crate::format::stills::unreadable;

/// Of all brightness that there is, a share that no letters are written in.
const NOISE: f32 = 1.0 / 64.0;

/// A frame as it is read.
pub(super) fn picture(decoded: &DecodedPixelData<'_>, limits: &Limits) -> Result<DynamicImage, Fault> {
    let (width, height) = (decoded.columns(), decoded.rows());
    if *decoded.photometric_interpretation() == PhotometricInterpretation::PaletteColor {
        return Err(Fault::whole(FaultReason::Unsupported, "colours by a palette"));
    }
    let image = match decoded.samples_per_pixel() {
        3 => RgbImage::from_raw(width, height, coloured(decoded)?).map(DynamicImage::ImageRgb8),
        1 => {
            let (mut grey, views) = grey(decoded)?;
            check_pixels(width, height.saturating_mul(views), limits)?;
            if *decoded.photometric_interpretation() == PhotometricInterpretation::Monochrome1 {
                grey.iter_mut().for_each(|sample| *sample = u8::MAX - *sample);
            }
            GrayImage::from_raw(width, height.saturating_mul(views), grey).map(DynamicImage::ImageLuma8)
        }
        samples => return Err(Fault::whole(FaultReason::Unsupported, format!("pixels of {samples} samples"))),
    };
    image.ok_or_else(|| unreadable("its pixels are not as many as its size says"))
}

/// Brightness of a frame, a byte each: what its window shows, and where that hides anything all from the darkest to the lightest
/// below it. How many views that are.
fn grey(decoded: &DecodedPixelData<'_>) -> Result<(Vec<u8>, u32), Fault> {
    let options = ConvertOptions::new().with_voi_lut(VoiLutOption::Identity);
    let values: Vec<f32> = decoded.to_vec_frame_with_options(0, &options).map_err(unreadable)?;
    #[allow(clippy::cast_possible_truncation, reason = "ends of a scale")]
    let window = decoded.window().ok().flatten().and_then(|windows| windows.first()).map(|window| {
        let half = window.width.max(1.0) / 2.0;
        ((window.center - half) as f32, (window.center + half) as f32)
    });
    let whole = reach(values.iter());
    let Some(window) = window else { return Ok((shades(&values, whole), 1)) };
    let mut shown = shades(&values, window);
    let views = if hides(&values, window, whole) {
        shown.extend(shades(&values, whole));
        2
    } else {
        1
    };
    Ok((shown, views))
}

/// The least and the greatest of values.
fn reach<'a>(values: impl Iterator<Item = &'a f32>) -> (f32, f32) {
    values.fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(*value), high.max(*value)))
}

/// Whether a window makes alike what is not: below it or above it.
fn hides(values: &[f32], (low, high): (f32, f32), whole: (f32, f32)) -> bool {
    let noise = (whole.1 - whole.0) * NOISE;
    let ends =
        [reach(values.iter().filter(|value| **value <= low)), reach(values.iter().filter(|value| **value >= high))];
    ends.iter().any(|(least, most)| most - least > noise)
}

/// Values from black to white.
fn shades(values: &[f32], (low, high): (f32, f32)) -> Vec<u8> {
    let scale = 255.0 / (high - low).max(f32::MIN_POSITIVE);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
    let shade = |value: &f32| ((value - low) * scale).clamp(0.0, 255.0) as u8;
    values.iter().map(shade).collect()
}

/// Samples of red, green and blue, a byte each.
fn coloured(decoded: &DecodedPixelData<'_>) -> Result<Vec<u8>, Fault> {
    let samples = match decoded.bits_allocated() {
        8 => decoded.frame_data(0).map_err(unreadable)?.to_vec(),
        16 => decoded
            .frame_data_ow(0)
            .map_err(unreadable)?
            .into_iter()
            .map(|sample| byte(sample, decoded.high_bit()))
            .collect(),
        bits => return Err(Fault::whole(FaultReason::Unsupported, format!("colours of {bits} bits"))),
    };
    let mut samples = match decoded.planar_configuration() {
        PlanarConfiguration::Standard => samples,
        PlanarConfiguration::PixelFirst => {
            let plane = samples.len() / 3;
            (0..plane).flat_map(|at| [samples[at], samples[at + plane], samples[at + 2 * plane]]).collect()
        }
    };
    match decoded.photometric_interpretation() {
        PhotometricInterpretation::Rgb => Ok(samples),
        PhotometricInterpretation::YbrFull | PhotometricInterpretation::YbrFull422 => {
            samples.as_chunks_mut::<3>().0.iter_mut().for_each(|dot| *dot = red_green_blue(*dot));
            Ok(samples)
        }
        other => Err(Fault::whole(FaultReason::Unsupported, format!("colours called {}", other.as_str()))),
    }
}

/// The eight highest bits of a sample of which `high` is the highest, from 0: the bits above it may be anything.
fn byte(sample: u16, high: u16) -> u8 {
    let raised = sample << 15_u16.saturating_sub(high.min(15));
    u8::try_from(raised >> 8).unwrap_or(u8::MAX)
}

/// Brightness and two differences of colour as light.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn red_green_blue([light, blue, red]: [u8; 3]) -> [u8; 3] {
    let (light, blue, red) = (f32::from(light), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    let sums = [light + 1.402 * red, light - 0.344 * blue - 0.714 * red, light + 1.772 * blue];
    sums.map(|sum| sum.round().clamp(0.0, 255.0) as u8)
}
