//! HEIC and AVIF: pictures in the boxes of the ISO media formats, coded as HEVC or AV1, whole or in tiles.
//!
//! Each picture that is not a tile, a small thumbnail or an aside (transparency, depth) of another one is a page, and the first is
//! the one that viewers show ([`items`] says which is what, [`outline`] what stands around them). What lies outside of the part that is shown,
//! and what tiles overhang by, still leaves the house: it is cropped only where it is plain and fills up the blocks of the coding.

mod av1;
mod items;
mod outline;
mod size;

use heic_rs::grid;
use heic_rs::hevc::{self, ChromaFormat, Frame};
use heic_rs::meta::iref::{RefKind, targets};
use heic_rs::meta::{self, Meta};
use heic_rs::props::colr::Nclx;
use heic_rs::props::simple::{AuxKind, Clap};
use heic_rs::props::{self, ItemProps};
use heic_rs::{Error, PixelLayout, Transform, color, metadata, transform};
use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};

use self::outline::Outline;
use super::{Pictures, unreadable};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::captions::Captions;
use crate::format::raster::check_pixels;

/// Samples of a plain area differ by less: what is coded with loss has some noise, and letters stand out by more.
const PLAIN: u8 = 40;

/// A file of pictures.
pub(super) struct Heif {
    bytes: Vec<u8>,
    /// The numbers that pictures have in the file, the shown one first.
    numbers: Vec<u32>,
    faults: Vec<Fault>,
    end: Option<u64>,
}

impl Heif {
    pub(super) fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Fault> {
        let outline = Outline::of(&bytes);
        let parsed = meta::parse(&bytes).map_err(|error| match outline.film {
            true => Fault::whole(FaultReason::Unsupported, "a film of pictures, none of which stands for itself"),
            false => fault(&error),
        })?;
        let items::Sorted { numbers, mut faults } = items::sort(&parsed, &bytes);
        let end = outline.end;
        faults.extend(outline.faults(&parsed, &bytes));
        let first = numbers.first().ok_or_else(|| unreadable("it holds no picture"))?;
        let properties = props::gather(&parsed.props, *first).map_err(|error| fault(&error))?;
        if let Some(size) = properties.ispe {
            check_pixels(size.width, size.height, limits)?;
        }
        Ok(Self { bytes, numbers, faults, end })
    }

    fn file(&self, limits: &Limits) -> Result<File<'_>, Fault> {
        let meta = meta::parse(&self.bytes).map_err(|error| fault(&error))?;
        // Tiles at the rim may overhang; more pixels than this are tiles of a size that their picture does not need.
        let pixels = limits.image_pixels.saturating_mul(2);
        Ok(File { bytes: &self.bytes, meta, most: limits.image_pixels, pixels, frames: limits.frames })
    }
}

impl Pictures for Heif {
    fn count(&self) -> usize {
        self.numbers.len()
    }

    fn picture(&self, index: usize, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let number = *self.numbers.get(index).ok_or_else(|| unreadable("there is no such picture"))?;
        let mut file = self.file(limits)?;
        let (decoded, broken) = file.decode(number)?;
        let (alpha, unfit) = file.alpha(number, &decoded.frame);
        Ok((upright(&decoded, alpha.as_ref(), &file.properties(number)?, limits)?, broken.or(unfit)))
    }

    fn captions(&self) -> Captions {
        let mut captions = Captions::default();
        let Ok(parsed) = meta::parse(&self.bytes) else { return captions };
        for item in &parsed.items {
            let xmp = metadata::is_xmp(item.content_type);
            if !xmp && &item.item_type != b"Exif" {
                continue;
            }
            match parsed.item_data(&self.bytes, item.id) {
                Ok(data) if xmp => captions.xmp(&data),
                Ok(data) => match metadata::exif_tiff(&data) {
                    Ok(tiff) => captions.exif(tiff),
                    Err(_) => captions.lose(),
                },
                Err(_) => captions.lose(),
            }
        }
        outline::packets(&self.bytes).for_each(|packet| captions.xmp(packet));
        captions
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults.clone()
    }

    fn end(&self) -> Option<u64> {
        self.end
    }
}

/// Samples, and what colours they mean.
struct Decoded {
    frame: Frame,
    /// What the coding says of colours; the file may say otherwise.
    colours: Option<Nclx>,
    /// What of it is shown, from the upper left.
    shown: Option<(u32, u32)>,
    /// Why it is not all that there is.
    rest: Option<Fault>,
}

/// An open file.
struct File<'a> {
    bytes: &'a [u8],
    meta: Meta<'a>,
    /// Pixels that one picture may have.
    most: u64,
    /// Pixels that may still be decoded.
    pixels: u64,
    /// Pieces that one picture may be in.
    frames: u32,
}

impl File<'_> {
    fn properties(&self, number: u32) -> Result<ItemProps<'_>, Fault> {
        props::gather(&self.meta.props, number).map_err(|error| fault(&error))
    }

    /// A picture, and why it is not all there.
    fn decode(&mut self, number: u32) -> Result<(Decoded, Option<Fault>), Fault> {
        match self.meta.item(number) {
            Some(item) if item.is_grid() => self.tiled(number),
            _ => {
                let mut decoded = self.coded(number)?;
                let rest = decoded.rest.take();
                Ok((decoded, rest))
            }
        }
    }

    /// A picture in tiles, with all that they overhang by. In the place of a tile that cannot be read is blank paper.
    fn tiled(&mut self, number: u32) -> Result<(Decoded, Option<Fault>), Fault> {
        let data = self.meta.item_data(self.bytes, number).map_err(|error| fault(&error))?;
        let plan = grid::parse(&data).map_err(|error| fault(&error))?;
        let tiles = targets(&self.meta.refs, number, RefKind::Dimg).to_vec();
        grid::check_tiles(&plan, &tiles).map_err(|error| fault(&error))?;
        let decoded: Vec<Result<Decoded, Fault>> = tiles.into_iter().map(|tile| self.coded(tile)).collect();
        let Some(good) = decoded.iter().find_map(|tile| tile.as_ref().ok()) else {
            return Err(decoded.into_iter().find_map(Result::err).unwrap_or_else(|| unreadable("it has no tiles")));
        };
        let (blank, colours) = (blank(&good.frame), good.colours);
        let shown = Some((plan.output_width, plan.output_height));
        let (plan, mut broken) = match self.with_overhang(plan, &blank) {
            Ok(whole) => (whole, None),
            Err(fault) => (plan, Some(fault)),
        };
        let frames: Vec<Frame> = decoded
            .into_iter()
            .map(|tile| match tile {
                Ok(tile) => {
                    broken = broken.take().or(tile.rest);
                    tile.frame
                }
                Err(fault) => {
                    broken.get_or_insert(fault);
                    blank.clone()
                }
            })
            .collect();
        let frame = grid::compose(&plan, &frames, self.most).map_err(|error| fault(&error))?;
        Ok((Decoded { frame, colours, shown, rest: None }, broken))
    }

    /// A plan with all that its tiles overhang by; tiles that are too small for their picture are told by the plan as it is.
    fn with_overhang(&self, plan: grid::Grid, tile: &Frame) -> Result<grid::Grid, Fault> {
        let (width, height) = (plan.columns.saturating_mul(tile.width), plan.rows.saturating_mul(tile.height));
        let pixels = u64::from(width) * u64::from(height);
        if width < plan.output_width || height < plan.output_height {
            return Ok(plan);
        }
        if pixels > self.most && (width, height) != (plan.output_width, plan.output_height) {
            return Err(Fault::limit(
                "image_pixels",
                self.most,
                format!("a picture with its tiles' overhang ({pixels} pixels)"),
            ));
        }
        Ok(grid::Grid { output_width: width, output_height: height, ..plan })
    }

    /// A picture that is coded as a whole.
    fn coded(&mut self, number: u32) -> Result<Decoded, Fault> {
        let item = self.meta.item(number).ok_or_else(|| fault(&Error::MissingItem(number)))?;
        let coding = item.item_type;
        let hevc = item.is_hevc();
        if !hevc && &coding != b"av01" {
            let name = String::from_utf8_lossy(&coding);
            return Err(Fault::whole(FaultReason::Unsupported, format!("a picture coded as {name}")));
        }
        let data = self.meta.item_data(self.bytes, number).map_err(|error| fault(&error))?;
        let decoded = match hevc {
            true => self.hevc(number, &data)?,
            false => av1::decode(&data, self.most, self.frames)?,
        };
        let pixels = u64::from(decoded.frame.width) * u64::from(decoded.frame.height);
        let over = || fault(&Error::PixelLimit { pixels, max_pixels: self.most });
        self.pixels = self.pixels.checked_sub(pixels).ok_or_else(over)?;
        Ok(decoded)
    }

    fn hevc(&self, number: u32, data: &[u8]) -> Result<Decoded, Fault> {
        let properties = self.properties(number)?;
        let config = properties.hvcc.as_ref().ok_or_else(|| fault(&Error::MissingBox("hvcC")))?;
        let sets = config.parameter_sets();
        let decode = || {
            let said = hevc::probe(&sets)?;
            heic_rs::image::check_pixels(said.width, said.height, self.most)?;
            let units = config.split_nals(data)?;
            let (first, others) = first_picture(&units);
            let frame = hevc::decode_still(&sets, &first)?;
            frame.validate()?;
            Ok((frame, others))
        };
        let (frame, others) = decode().map_err(|error: Error| fault(&error))?;
        let rest = || {
            Fault::whole(FaultReason::Unsupported, "further pictures or layers in the data of a picture are not read")
        };
        Ok(Decoded { frame, colours: None, shown: None, rest: others.then(rest) })
    }

    /// The transparency of a picture, and why one that it has is not put on it: then everything shows, but not what that alone draws.
    fn alpha(&mut self, number: u32, of: &Frame) -> (Option<Frame>, Option<Fault>) {
        let asides = self.meta.refs.iter().filter(|one| one.kind == RefKind::Auxl && one.to.contains(&number));
        let mut numbers: Vec<u32> = asides.map(|aside| aside.from).filter(|aside| self.is_alpha(*aside)).collect();
        numbers.dedup();
        let [aside] = numbers[..] else {
            let several = || Fault::whole(FaultReason::Unsupported, "several transparencies of one picture");
            return (None, (!numbers.is_empty()).then(several));
        };
        let (frame, broken) = match self.decode(aside) {
            Ok((decoded, broken)) => (decoded.frame, broken),
            Err(fault) => return (None, Some(fault)),
        };
        if broken.is_some() {
            return (None, broken);
        }
        if (frame.width, frame.height) != (of.width, of.height) {
            return (
                None,
                Some(Fault::whole(FaultReason::Unsupported, "a transparency of another size than its picture")),
            );
        }
        (Some(frame), None)
    }

    fn is_alpha(&self, aside: u32) -> bool {
        let properties = self.properties(aside).ok();
        properties.and_then(|properties| properties.auxc).is_some_and(|kind| kind.kind == AuxKind::Alpha)
    }
}

/// Blank paper of the form of a tile.
fn blank(tile: &Frame) -> Frame {
    let white = u16::try_from((1_u32 << tile.bit_depth.min(16)) - 1).unwrap_or(u16::MAX);
    let grey = 1 << tile.bit_depth.clamp(1, 16).saturating_sub(1);
    Frame {
        y: vec![white; tile.y.len()],
        cb: vec![grey; tile.cb.len()],
        cr: vec![grey; tile.cr.len()],
        ..Frame { y: Vec::new(), cb: Vec::new(), cr: Vec::new(), ..*tile }
    }
}

/// A decoded picture in colours, upright.
fn upright(
    decoded: &Decoded,
    alpha: Option<&Frame>,
    properties: &ItemProps<'_>,
    limits: &Limits,
) -> Result<DynamicImage, Fault> {
    let layout = match (alpha, decoded.frame.chroma) {
        (Some(_), _) => PixelLayout::Rgba8,
        (None, ChromaFormat::Monochrome) => PixelLayout::Gray8,
        _ => PixelLayout::Rgb8,
    };
    let colours = properties.nclx.or(decoded.colours).unwrap_or_default();
    let image = color::convert(&decoded.frame, alpha, colours, layout, limits.image_pixels, Some(1));
    let turned = |image: heic_rs::Image, turn: &Transform| match turn {
        Transform::Crop(part) => Ok(cropped(image, *part)),
        turn => transform::apply_all(image, std::slice::from_ref(turn)),
    };
    let image = image.map(|image| match decoded.shown {
        Some((width, height)) => trimmed(image, width, height),
        None => image,
    });
    let image = image.and_then(|image| properties.transforms.iter().try_fold(image, turned));
    let image = image.map_err(|error| fault(&error))?;
    let (width, height) = (image.width, image.height);
    let image = match layout {
        PixelLayout::Gray8 => GrayImage::from_raw(width, height, image.data).map(DynamicImage::ImageLuma8),
        PixelLayout::Rgba8 => RgbaImage::from_raw(width, height, image.data).map(DynamicImage::ImageRgba8),
        _ => RgbImage::from_raw(width, height, image.data).map(DynamicImage::ImageRgb8),
    };
    image.ok_or_else(|| unreadable("its pixels are not as many as its size says"))
}

/// The part of an image that is shown, if that begins in its upper left and the rest is plain; else all of it.
fn cropped(image: heic_rs::Image, part: Clap) -> heic_rs::Image {
    match transform::crop_rect(image.width, image.height, part) {
        Ok((0, 0, width, height)) => trimmed(image, width, height),
        _ => image,
    }
}

/// The upper left of an image if the rest is plain; else all of it.
fn trimmed(image: heic_rs::Image, width: u32, height: u32) -> heic_rs::Image {
    let (dot, row) = (image.layout.bytes_per_pixel(), image.width as usize * image.layout.bytes_per_pixel());
    let keep = width as usize * dot;
    if width == 0 || height == 0 || width > image.width || height > image.height || row == 0 {
        return image;
    }
    let (above, below) = image.data.split_at(row * height as usize);
    let beside = || above.chunks_exact(row).map(|line| &line[keep - dot..]);
    let last = above.len() - row;
    // Encoders repeat the edge, or fill up with one colour.
    let repeated = beside().all(|line| is_plain(line.chunks_exact(dot), dot))
        && below
            .chunks_exact(row)
            .all(|line| line.iter().zip(&above[last..]).all(|(one, other)| one.abs_diff(*other) < PLAIN));
    let filled =
        || is_plain(beside().flat_map(|line| line[dot..].chunks_exact(dot)).chain(below.chunks_exact(dot)), dot);
    if !repeated && !filled() {
        return image;
    }
    let data = above.chunks_exact(row).flat_map(|line| &line[..keep]).copied().collect();
    heic_rs::Image { data, width, height, ..image }
}

/// Whether dots are all of nearly one colour.
fn is_plain<'a>(dots: impl Iterator<Item = &'a [u8]>, samples: usize) -> bool {
    let mut reach = vec![(u8::MAX, u8::MIN); samples];
    for dot in dots {
        for ((low, high), sample) in reach.iter_mut().zip(dot) {
            (*low, *high) = ((*low).min(*sample), (*high).max(*sample));
        }
    }
    reach.iter().all(|(low, high)| high.saturating_sub(*low) < PLAIN)
}

/// The slices of the first picture in the data of an item, and whether there is another one, or a layer, behind it.
fn first_picture<'a>(units: &[&'a [u8]]) -> (Vec<&'a [u8]>, bool) {
    let is_slice = |unit: &[u8]| unit.first().is_some_and(|head| (head >> 1) & 0x3f < 32);
    let is_layer = |unit: &[u8]| matches!(unit, [head, next, ..] if (head & 1) << 5 | next >> 3 != 0);
    let begins = |unit: &[u8]| unit.get(2).is_some_and(|flags| flags & 0x80 != 0);
    let layers = units.iter().any(|unit| is_slice(unit) && is_layer(unit));
    let own: Vec<&[u8]> = units.iter().copied().filter(|unit| !(is_slice(unit) && is_layer(unit))).collect();
    let second = own.iter().enumerate().filter(|(_, unit)| is_slice(unit) && begins(unit)).map(|(at, _)| at).nth(1);
    let end = second.unwrap_or(own.len());
    (own[..end].to_vec(), layers || second.is_some())
}

/// Why the library gave up.
fn fault(error: &Error) -> Fault {
    let reason = match error {
        Error::Truncated(_) => FaultReason::Damaged,
        Error::Unsupported(_) => FaultReason::Unsupported,
        Error::PixelLimit { .. } => FaultReason::Limit,
        _ => FaultReason::UnreadableImage,
    };
    let detail = match reason {
        FaultReason::Limit => format!("limits.image_pixels: {error}"),
        _ => error.to_string(),
    };
    Fault::whole(reason, detail)
}

#[cfg(test)]
mod tests;
