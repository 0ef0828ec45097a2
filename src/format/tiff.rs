//! TIFF: every frame of it, as scanners and fax servers write them.
//!
//! Bilevel and grey of any depth, CCITT G3 and G4, LZW, deflate, JPEG, palette, RGB, CMYK, YCbCr, planes. A frame that
//! cannot be decoded is a fault of that frame; the frames after it are read. Another file behind them is a
//! fault. What people wrote into it besides is a page without pixels behind the frames.

mod chunks;
mod extent;
mod fax_page;
mod palette;
mod samples;

use std::cell::RefCell;
use std::io::BufReader;

use image::metadata::Orientation;
use tiff::TiffError;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

use crate::config::{Limits, Settings};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::captions::Captions;
use super::raster::{Picture, check_pixels};
use super::text::TextPages;
use super::{Document, Format, PageSource, Source, behind};
use palette::Patched;

/// Reads TIFF.
pub(super) struct Tiff;

impl Format for Tiff {
    fn name(&self) -> &'static str {
        "tiff"
    }

    fn version(&self) -> u32 {
        7
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["tiff"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let limits = &settings.limits;
        let (frames, mut faults) = count(&source, limits)?;
        if faults.is_empty() {
            faults.extend(behind::fault(&source, extent::end(&source).unwrap_or(source.size())));
        }
        let mut said = Captions::default();
        said.tiff(&source);
        let captions = said.pages(settings);
        Ok(Box::new(Frames { source, count: frames, captions, faults, limits, decoder: RefCell::default() }))
    }
}

type Reader = Decoder<BufReader<Patched>>;

/// An open TIFF.
struct Frames<'a> {
    source: Source,
    count: u32,
    captions: TextPages,
    faults: Vec<Fault>,
    limits: &'a Limits,
    /// Kept between frames: finding one means walking the chain of directories before it.
    decoder: RefCell<Option<Reader>>,
}

/// Walks the chain of directories once; a chain that breaks or bites its tail is a fault of the whole.
fn count(source: &Source, limits: &Limits) -> Result<(u32, Vec<Fault>), Fault> {
    // The tags of the first frame are read on opening: if they cannot be, the frames behind it cannot be reached either.
    let mut decoder = reader(Patched::plain(source), limits).map_err(|error| unreadable(&error))?;
    let (mut frames, mut faults) = (1, Vec::new());
    while decoder.more_images() {
        if frames >= limits.frames {
            faults.push(Fault::limit("frames", limits.frames, "an image of more frames"));
            break;
        }
        let before = decoder.ifd_pointer();
        let result = decoder.next_image();
        if let Err(error) = result
            && decoder.ifd_pointer() == before
        {
            let detail = format!("the chain of frames breaks after frame {frames}: {error}");
            faults.push(Fault::whole(FaultReason::Damaged, detail));
            break;
        }
        frames += 1;
    }
    Ok((frames, faults))
}

impl Document for Frames<'_> {
    fn page_count(&self) -> u32 {
        self.count.saturating_add(self.captions.page_count())
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults.iter().cloned().chain(self.captions.faults()).collect()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let place = |fault: Fault| Fault { page: Some(number), ..fault };
        if let Some(behind) = number.checked_sub(self.count).filter(|behind| *behind > 0) {
            return self.captions.page(behind).map_err(place);
        }
        let mut kept = self.decoder.borrow_mut();
        let mut decoder = match kept.take() {
            Some(decoder) => decoder,
            None => reader(Patched::plain(&self.source), self.limits).map_err(|error| place(unreadable(&error)))?,
        };
        let index = number.saturating_sub(1) as usize;
        let picture = self.picture(&mut decoder, index).map_err(place)?;
        *kept = Some(decoder);
        Ok(Box::new(picture))
    }
}

impl Frames<'_> {
    fn picture(&self, decoder: &mut Reader, index: usize) -> Result<Picture, Fault> {
        decoder.seek_to_image(index).map_err(|error| unreadable(&error))?;
        let (width, height) = decoder.dimensions().map_err(|error| unreadable(&error))?;
        check_pixels(width, height, self.limits)?;
        let photometric = decoder.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation).ok().flatten();
        let mut faults = Vec::new();
        let mut image = if photometric == Some(3) {
            let (image, fault) = palette::page(&self.source, self.limits, decoder, index)?;
            faults.extend(fault);
            image
        } else if let Some(coding) = fax_page::coding(decoder) {
            let (image, fault) = fax_page::page(&self.source, decoder, coding, photometric == Some(0))?;
            faults.extend(fault);
            image
        } else {
            let (image, broken) = samples::decode(decoder).map_err(|error| unreadable(&error))?;
            faults.extend(broken.as_ref().map(unreadable));
            image
        };
        if faults.is_empty() {
            faults.extend(chunks::damage(&self.source, decoder, self.limits));
        }
        faults.iter_mut().for_each(|fault| fault.page = u32::try_from(index + 1).ok());
        let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
        image.apply_orientation(orientation.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms));
        Ok(Picture { image, dpi: dpi(decoder), faults })
    }
}

fn reader(source: Patched, limits: &Limits) -> Result<Reader, TiffError> {
    let pixels = usize::try_from(limits.image_pixels).unwrap_or(usize::MAX);
    let mut bounds = tiff::decoder::Limits::default();
    // Four samples a pixel, of 16 bits at most; deeper pictures reach the limit sooner.
    bounds.decoding_buffer_size = pixels.saturating_mul(8);
    bounds.intermediate_buffer_size = pixels.saturating_mul(8);
    bounds.ifd_value_size = 16 << 20;
    Ok(Decoder::new(BufReader::new(source))?.with_limits(bounds))
}

fn dpi(decoder: &mut Reader) -> Option<f32> {
    let unit = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).ok().flatten().unwrap_or(2);
    let value = decoder.get_tag_f32(Tag::XResolution).ok()?;
    let dpi = if unit == 3 { value * 2.54 } else { value };
    (unit != 1 && (50.0..=2400.0).contains(&dpi)).then_some(dpi)
}

fn unreadable(error: &TiffError) -> Fault {
    match error {
        TiffError::LimitsExceeded => {
            Fault::whole(FaultReason::Limit, "the picture needs more memory than limits.image_pixels allows")
        }
        TiffError::IoError(io) if io.raw_os_error().is_some() => Fault::whole(FaultReason::Io, error.to_string()),
        _ => Fault::whole(FaultReason::UnreadableImage, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tiff::encoder::colortype::Gray8;
    use tiff::encoder::{Compression, DeflateLevel, TiffEncoder};

    use super::*;
    use crate::format::test_support::{open, open_fixture, pictures};

    #[test]
    fn every_compression_and_colour_model_gives_the_same_picture() {
        let names = [
            "g3",
            "g3_2d",
            "g4",
            "g4_lowest_bit_first",
            "lzw",
            "deflate",
            "packbits",
            "jpeg",
            "palette",
            "palette4",
            "cmyk",
            "grey16",
            "rgb16",
            "white_is_zero",
            "turned",
            "planar",
            "bilevel",
            "ycbcr_jpeg",
            "rgba",
        ];
        let settings = Settings::defaults();
        for name in names {
            let images = pictures(&format!("{name}.tif"), &settings).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            let grey = images[0].to_luma8();
            assert_eq!(grey.dimensions(), (40, 20), "{name}");
            let (ink, paper) = (grey.get_pixel(5, 5).0[0], grey.get_pixel(35, 15).0[0]);
            assert!(ink < 130 && paper > 200, "{name}: ink {ink}, paper {paper}");
        }
    }

    #[test]
    fn every_frame_is_a_page_and_a_broken_one_does_not_hide_the_others() {
        let settings = Settings::defaults();
        assert_eq!(pictures("three_frames.tif", &settings).expect("sound").len(), 3);
        let document = open_fixture("broken_second_frame.tif", &settings).expect("opens");
        assert_eq!(document.page_count(), 3);
        let fault = document.page(2).map(|_| ()).expect_err("broken");
        assert_eq!((fault.page, fault.reason), (Some(2), FaultReason::UnreadableImage));
        assert!(document.page(1).is_ok() && document.page(3).is_ok());
    }

    #[test]
    fn of_a_frame_with_a_broken_strip_the_strips_above_it_are_read() {
        let settings = Settings::defaults();
        let mut bytes = Vec::new();
        let mut encoder = TiffEncoder::new(Cursor::new(&mut bytes)).expect("a header");
        encoder = encoder.with_compression(Compression::Deflate(DeflateLevel::Fast));
        let mut frame = encoder.new_image::<Gray8>(64, 64).expect("a frame");
        frame.rows_per_strip(16).expect("no strip yet");
        let grey: Vec<u8> =
            (0..64 * 64_u32).map(|pixel| pixel.wrapping_mul(2_654_435_761).to_le_bytes()[2] | 1).collect();
        frame.write_data(&grey).expect("writes");
        // The third of four strips.
        let place = bytes.len() * 5 / 8;
        bytes[place..place + 100].fill(0xff);
        let document = open(&bytes, &settings).expect("opens");
        let mut page = document.page(1).unwrap_or_else(|fault| panic!("{fault}"));
        let faults = page.layer().expect("reads").faults;
        assert!(matches!(faults[..], [Fault { page: Some(1), .. }]), "{faults:?}");
        let picture = page.render(0).expect("renders").expect("has pixels").to_luma8();
        assert_eq!(picture.as_raw()[..64 * 32], grey[..64 * 32]);
    }

    #[test]
    fn a_chain_of_frames_that_bites_its_tail_ends() {
        let settings = Settings::defaults();
        let document = open_fixture("cycle.tif", &settings).expect("opens");
        assert!(document.page_count() <= 3);
        assert_eq!(document.faults().len(), 1);
    }
}
