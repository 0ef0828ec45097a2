//! A frame of samples as light. What a viewer shows at first is a window of them; parts of their range that it makes alike are
//! shown below it where letters may be in them ([`super::views`]).

use dicom_pixeldata::{ConvertOptions, DecodedPixelData, PhotometricInterpretation, PlanarConfiguration, VoiLutOption};
use image::{DynamicImage, GrayImage, RgbImage};

use super::views::{Samples, Scale};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::raster::check_pixels;
use crate::format::stills::unreadable;

/// A frame as it is read.
pub(super) fn picture(
    decoded: &DecodedPixelData<'_>,
    padding: Option<f64>,
    limits: &Limits,
) -> Result<DynamicImage, Fault> {
    let (width, height) = (decoded.columns(), decoded.rows());
    if *decoded.photometric_interpretation() == PhotometricInterpretation::PaletteColor {
        return Err(Fault::whole(FaultReason::Unsupported, "colours by a palette"));
    }
    let image = match decoded.samples_per_pixel() {
        3 => RgbImage::from_raw(width, height, coloured(decoded)?).map(DynamicImage::ImageRgb8),
        1 => {
            let negative = *decoded.photometric_interpretation() == PhotometricInterpretation::Monochrome1;
            return grey(decoded, padding)?.stacked((width, height), negative, limits);
        }
        samples => return Err(Fault::whole(FaultReason::Unsupported, format!("pixels of {samples} samples"))),
    };
    image.ok_or_else(|| unreadable("its pixels are not as many as its size says"))
}

/// Brightness of a frame, and on which scales it is shown.
pub(super) struct Grey {
    values: Vec<f32>,
    views: Vec<Scale>,
}

impl Grey {
    /// Of a frame `width` wide. Samples of the value of padding are of nothing.
    pub(super) fn of(values: Vec<f32>, width: u32, padding: Option<f32>, window: Option<Scale>) -> Self {
        let views = Samples { values: &values, width: width as usize, padding }.views(window);
        Self { values, views }
    }

    /// All views, one below the other, a byte each.
    pub(super) fn stacked(
        &self,
        (width, height): (u32, u32),
        negative: bool,
        limits: &Limits,
    ) -> Result<DynamicImage, Fault> {
        let height = height.saturating_mul(u32::try_from(self.views.len()).unwrap_or(u32::MAX));
        check_pixels(width, height, limits)?;
        let mut grey: Vec<u8> = self.views.iter().flat_map(|view| shades(&self.values, *view)).collect();
        if negative {
            grey.iter_mut().for_each(|sample| *sample = u8::MAX - *sample);
        }
        let image = GrayImage::from_raw(width, height, grey).map(DynamicImage::ImageLuma8);
        image.ok_or_else(|| unreadable("its pixels are not as many as its size says"))
    }
}

/// Brightness as the file means it, with the window that it asks for.
#[allow(clippy::cast_possible_truncation, reason = "ends of a scale")]
fn grey(decoded: &DecodedPixelData<'_>, padding: Option<f64>) -> Result<Grey, Fault> {
    let options = ConvertOptions::new().with_voi_lut(VoiLutOption::Identity);
    let values: Vec<f32> = decoded.to_vec_frame_with_options(0, &options).map_err(unreadable)?;
    let window = decoded.window().ok().flatten().and_then(|windows| windows.first()).map(|window| {
        let half = window.width.max(1.0) / 2.0;
        ((window.center - half) as f32, (window.center + half) as f32)
    });
    let rescale = decoded.rescale().ok().and_then(|rescales| rescales.first());
    let rescaled = |value: f64| rescale.map_or(value, |rescale| value * rescale.slope + rescale.intercept) as f32;
    Ok(Grey::of(values, decoded.columns(), padding.map(rescaled), window))
}

/// Values from black to white.
fn shades(values: &[f32], (low, high): Scale) -> impl Iterator<Item = u8> {
    let scale = 255.0 / (high - low).max(f32::MIN_POSITIVE);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
    let shade = move |value: &f32| ((value - low) * scale).clamp(0.0, 255.0) as u8;
    values.iter().map(shade)
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
