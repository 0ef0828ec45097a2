//! One picture coded as AV1.

use heic_rs::hevc::{ChromaFormat, Frame};
use heic_rs::props::colr::{MatrixCoefficients, Nclx, Range};
use re_rav1d::dav1d::pixel::YUVRange;
use re_rav1d::dav1d::{Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings};

use super::Decoded;
use crate::finding::{Fault, FaultReason};
use crate::format::stills::{broken_off, unreadable};

/// Decodes the last picture of `data`, in this thread; one of more than `most` pixels is refused by its header, and so is one in more
/// than `frames` pieces (the layers of a picture that grows sharper are some).
pub(super) fn decode(data: &[u8], most: u64, frames: u32) -> Result<Decoded, Fault> {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    // Grain is noise that is put on the picture to please, and hides fine letters.
    settings.set_apply_grain(false);
    settings.set_frame_size_limit(u32::try_from(most).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(unreadable)?;
    let mut sent = decoder.send_data(data.to_vec(), None, None, None);
    let mut last = None;
    let mut pieces = 0;
    loop {
        if pieces >= frames {
            return Err(Fault::limit("frames", frames, "a picture in more pieces"));
        }
        pieces += 1;
        match sent {
            Err(error) if !error.is_again() => return Err(fault(error)),
            _ => {}
        }
        match decoder.get_picture() {
            // An item is one picture: of several, programs show one or the other.
            Ok(_) if last.is_some() => return Err(unreadable("several pictures where there may be one")),
            Ok(picture) => last = Some(picture),
            Err(Error::Again) if sent.is_ok() => break,
            Err(Error::Again) => {}
            Err(error) => return Err(fault(error)),
        }
        sent = decoder.send_pending_data();
    }
    let picture = last.ok_or_else(broken_off)?;
    Ok(Decoded { frame: frame(&picture)?, colours: Some(colours(&picture)), shown: None, rest: None })
}

/// The samples of a picture, without what pads its rows.
fn frame(picture: &Picture) -> Result<Frame, Fault> {
    let depth = picture.bits_per_component().ok_or_else(|| unreadable("samples of an unknown depth"))?.0;
    let chroma = match picture.pixel_layout() {
        PixelLayout::I400 => ChromaFormat::Monochrome,
        PixelLayout::I420 => ChromaFormat::Yuv420,
        PixelLayout::I422 => ChromaFormat::Yuv422,
        PixelLayout::I444 => ChromaFormat::Yuv444,
    };
    let (width, height) = (picture.width(), picture.height());
    let (across, down) = chroma.chroma_size(width, height);
    let plane = |component, width: u32, height: u32| match width {
        0 => Ok(Vec::new()),
        _ => samples(picture, component, width as usize, height as usize),
    };
    Ok(Frame {
        width,
        height,
        bit_depth: u8::try_from(depth).map_err(unreadable)?,
        chroma,
        y: plane(PlanarImageComponent::Y, width, height)?,
        cb: plane(PlanarImageComponent::U, across, down)?,
        cr: plane(PlanarImageComponent::V, across, down)?,
        y_stride: width,
        c_stride: across,
    })
}

/// The samples of a plane, each as a number.
fn samples(picture: &Picture, plane: PlanarImageComponent, width: usize, height: usize) -> Result<Vec<u16>, Fault> {
    let bytes = picture.plane(plane);
    let stride = picture.stride(plane) as usize;
    let wide = picture.bit_depth() > 8;
    let row = if wide { width * 2 } else { width };
    if stride < row || bytes.len() / stride.max(1) < height {
        return Err(unreadable("a plane is smaller than its picture"));
    }
    let mut samples = Vec::with_capacity(width * height);
    for line in bytes.chunks_exact(stride).take(height) {
        match wide {
            true => samples.extend(line[..row].as_chunks::<2>().0.iter().map(|pair| u16::from_ne_bytes(*pair))),
            false => samples.extend(line[..row].iter().map(|sample| u16::from(*sample))),
        }
    }
    Ok(samples)
}

/// What the coding says of colours.
fn colours(picture: &Picture) -> Nclx {
    let code = picture.matrix_coefficients() as u16;
    // Unspecified is what cameras and browsers take for the matrix of JPEG.
    let matrix = if code == 2 { 6 } else { code };
    let range = match picture.color_range() {
        YUVRange::Full => Range::Full,
        YUVRange::Limited => Range::Limited,
    };
    Nclx { matrix: MatrixCoefficients::from_code(matrix), matrix_code: matrix, range, ..Nclx::default() }
}

fn fault(error: Error) -> Fault {
    let reason = match error {
        Error::NotEnoughMemory => FaultReason::Limit,
        Error::UnsupportedBitstream => FaultReason::Unsupported,
        _ => FaultReason::UnreadableImage,
    };
    Fault::whole(reason, format!("AV1: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::fixture;

    #[test]
    fn a_picture_in_more_pieces_than_the_limit_is_a_fault() {
        let file = fixture("rgb.avif");
        let parsed = heic_rs::meta::parse(&file).expect("a fixture");
        let data = parsed.item_data(&file, parsed.primary).expect("its data");
        assert!(decode(&data, 1 << 20, 9).is_ok());
        let fault = decode(&data, 1 << 20, 0).map(|_| ()).expect_err("over the limit");
        assert!(fault.reason == FaultReason::Limit && fault.detail.contains("limits.frames"), "{fault}");
    }
}
