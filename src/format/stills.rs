//! Rarer pictures: HEIC, AVIF, JPEG XL, JPEG 2000, JBIG2, DICOM, Photoshop, PCX, icons, Targa, PNM and DDS. They are held in
//! memory while they are read.
//!
//! Every picture of a file is a page: pictures of a HEIC, frames of a JPEG XL and a DICOM, pages of a JBIG2, pictures behind one
//! another in a PNM, icons large enough to show letters, layers of a Photoshop document that its picture does not show.

mod dds;
mod dicom;
mod heif;
mod icons;
mod jpx;
mod jxl;
mod pcx;
mod photoshop;
mod plain;
mod planes;

use image::DynamicImage;

use crate::config::{Limits, Settings};
use crate::document::{Kind, PageSize, Rect};
use crate::finding::{Fault, FaultReason};

use super::captions::Captions;
use super::raster::{Picture, flatten};
use super::text::TextPages;
use super::{Document, Format, Layer, PageSource, Part, Source, behind};

/// Reads rarer pictures.
pub(super) struct Stills;

impl Format for Stills {
    fn name(&self) -> &'static str {
        "stills"
    }

    fn version(&self) -> u32 {
        6
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["heic", "avif", "jxl", "jp2", "jbig2", "dicom", "psd", "pcx", "ico", "tga", "pnm", "dds"]
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        let limit = settings.limits.unpacked_bytes;
        if source.size() > limit {
            return Err(Fault::limit("unpacked_bytes", limit, "a picture that is held in memory"));
        }
        let bytes = Source::bytes(&source).map_err(|error| Fault::whole(FaultReason::Io, error.to_string()))?;
        let limits = &settings.limits;
        let pictures: Box<dyn Pictures> = match kind.as_str() {
            "heic" | "avif" => Box::new(heif::Heif::open(bytes, limits)?),
            "jxl" => Box::new(jxl::Jxl::open(&bytes, limits)?),
            "dicom" => Box::new(dicom::Dicom::open(&bytes, limits)?),
            "jp2" => Box::new(jpx::Jpx::open(bytes, limits)?),
            "jbig2" => Box::new(jpx::Jbig2::open(bytes)?),
            "psd" => Box::new(photoshop::Photoshop::open(bytes, limits)?),
            "pcx" => Box::new(pcx::Pcx::open(bytes, limits)?),
            "ico" => Box::new(icons::Icons::open(&bytes)?),
            other => Box::new(plain::Plain::open(bytes, other)?),
        };
        let mut faults = pictures.faults();
        // Without an end that is known an archive is still found: those end where the file ends.
        faults.extend(behind::fault(&source, pictures.end().unwrap_or(source.size()).min(source.size())));
        let frames = u32::try_from(pictures.count()).unwrap_or(u32::MAX);
        if frames > limits.frames {
            faults.push(Fault::limit("frames", limits.frames, format!("an image of {frames} frames")));
        }
        let captions = pictures.captions().pages(settings);
        Ok(Box::new(Opened { pictures, frames: frames.min(limits.frames), captions, faults, limits }))
    }
}

/// The pictures of a file.
trait Pictures {
    /// How many there are.
    fn count(&self) -> usize;

    /// Picture `index`, from 0, and why it is not all there.
    fn picture(&self, index: usize, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault>;

    /// What a picture is called.
    fn label(&self, index: usize) -> Option<String> {
        let _ = index;
        None
    }

    /// What is said of them in words.
    fn captions(&self) -> Captions {
        Captions::default()
    }

    /// What of the file is not covered by its pictures.
    fn faults(&self) -> Vec<Fault> {
        Vec::new()
    }

    /// One past the last byte of the last picture, if that can be told.
    fn end(&self) -> Option<u64> {
        None
    }
}

struct Opened<'a> {
    pictures: Box<dyn Pictures>,
    frames: u32,
    captions: TextPages,
    faults: Vec<Fault>,
    limits: &'a Limits,
}

impl Document for Opened<'_> {
    fn page_count(&self) -> u32 {
        self.frames.saturating_add(self.captions.page_count())
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults.iter().cloned().chain(self.captions.faults()).collect()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let place = |fault: Fault| Fault { page: Some(number), ..fault };
        if let Some(behind) = number.checked_sub(self.frames).filter(|behind| *behind > 0) {
            return self.captions.page(behind).map_err(place);
        }
        let index = number.saturating_sub(1) as usize;
        let (image, fault) = self.pictures.picture(index, self.limits).map_err(place)?;
        let picture = Picture { image: flatten(image), dpi: None, faults: fault.map(place).into_iter().collect() };
        Ok(Box::new(Named { picture, label: self.pictures.label(index) }))
    }
}

/// A picture with a name.
struct Named {
    picture: Picture,
    label: Option<String>,
}

impl PageSource for Named {
    fn label(&self) -> Option<String> {
        self.label.clone()
    }

    fn size(&self) -> PageSize {
        self.picture.size()
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        self.picture.layer()
    }

    fn render(&mut self, longest: u32) -> Result<Option<DynamicImage>, Fault> {
        self.picture.render(longest)
    }

    fn render_part(&mut self, longest: u32, part: &Rect) -> Result<Option<Part>, Fault> {
        self.picture.render_part(longest, part)
    }
}

fn unreadable(what: impl std::fmt::Display) -> Fault {
    Fault::whole(FaultReason::UnreadableImage, what.to_string())
}

/// Kinds of parts that are named in a fault; more are counted.
const NAMED: usize = 5;

/// The fault of parts (`what`) of kinds that are not read, if there are any.
fn of_other_kinds(what: &str, mut kinds: Vec<String>) -> Option<Fault> {
    let more = match kinds.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    kinds.truncate(NAMED);
    let fault = || {
        let detail = format!("{what} of other kinds are not read: {}{more}", kinds.join(", "));
        Fault::whole(FaultReason::Unsupported, detail)
    };
    (!kinds.is_empty()).then(fault)
}

fn broken_off() -> Fault {
    Fault::whole(FaultReason::Damaged, "the picture breaks off before its end: part of it may be missing")
}

#[cfg(test)]
#[allow(clippy::format_collect, reason = "fixtures are small and made here")]
mod tests;
