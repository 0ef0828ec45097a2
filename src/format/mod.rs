//! Formats: from bytes to pages with a text layer and pixels. A format knows nothing of OCR.
//!
//! A new format is one file here and one line in [`FORMATS`]; raise its `version` when its text may change, and contents
//! it read are read again.

mod archive;
mod behind;
mod captions;
mod card;
mod certificate;
pub(crate) mod charset;
mod codepage;
pub(crate) mod debris;
mod diagram;
mod epub;
mod escapes;
#[cfg(feature = "failpoints")]
pub(crate) mod failing;
mod fax;
mod fb2;
mod field;
mod formulas;
mod framed;
mod frames;
mod gif;
mod html;
mod hwpx;
mod image;
mod inflate;
mod jpeg;
mod json;
mod keystore;
pub(crate) mod mail;
mod metafile;
mod number_format;
mod odf;
mod ofd;
mod ole;
mod ooxml;
mod outlines;
mod outlook;
mod package;
pub(crate) mod packed;
mod pdf;
mod placed;
mod raster;
mod rtf;
mod sqlite;
mod stills;
mod svg;
#[cfg(test)]
pub(crate) mod test_support;
mod text;
mod tiff;
mod webarchive;
mod xml;
mod xmp;
mod xps;
mod zeros;

pub(crate) use archive::documents::Directory as ZipDirectory;
pub(crate) use package::office_kind;

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use ::image::DynamicImage;

use crate::config::Settings;
use crate::document::{Kind, PageSize, Rect, Remark, Text};
use crate::finding::{Fault, FaultReason};

/// Reads one family of kinds.
pub trait Format: Sync {
    /// Stable name, shown by `doctor` and part of the read stamp.
    fn name(&self) -> &'static str;

    /// Raise it when the text of any document may change.
    fn version(&self) -> u32;

    /// Name and version, and fingerprints of native parts: part of the stamp that tells when to read again. Found out
    /// without loading anything.
    fn stamp(&self, settings: &Settings) -> anyhow::Result<String> {
        let _ = settings;
        Ok(format!("{}/{}", self.name(), self.version()))
    }

    /// Whether pages can only be had by decoding everything before them, so that slices would do the work over and over: so it
    /// is with most formats of text alone.
    fn sequential(&self) -> bool {
        !self.has_pixels()
    }

    /// Whether pages have pixels, so that what is read depends on recognition.
    fn has_pixels(&self) -> bool {
        true
    }

    /// The kinds it reads.
    fn kinds(&self) -> &'static [&'static str];

    /// Loads what lies on disk (native libraries), before the reader is locked. Nothing is opened by path afterwards.
    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        let _ = settings;
        Ok(())
    }

    /// Opens a document. A document that cannot be opened at all is one fault of the whole content.
    fn open<'a>(&'a self, source: Source, kind: &Kind, settings: &'a Settings)
    -> Result<Box<dyn Document + 'a>, Fault>;
}

/// An open document.
pub trait Document {
    /// Pages in all; at least as many as can be read.
    fn page_count(&self) -> u32;

    /// What of the whole document is not covered by its pages (attachments, frames over a limit).
    fn faults(&self) -> Vec<Fault> {
        Vec::new()
    }

    /// What is remarkable about how it was opened.
    fn remarks(&self) -> Vec<Remark> {
        Vec::new()
    }

    /// Opens page `number`, from 1.
    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault>;

    /// Whether there are documents inside (members, attachments, embedded pictures). Costs little: it is asked when a document
    /// is opened, and [`Document::members`] only of those that say so.
    fn has_members(&self) -> bool {
        false
    }

    /// Hands out every document inside this one, one level down, in an order that is the same each time. A fault says that
    /// not all of them could be found; one that was found and cannot be had goes to [`Members::unreadable`].
    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        let _ = out;
        Ok(())
    }
}

/// Takes the documents inside a document.
///
/// Counts and limits are the receiver's: an implementor hands out what there is, streaming, and stops at `Break`.
pub trait Members {
    /// Whether the next member was handed out before: then it counts as handed out again, and nothing of it need be unpacked.
    /// Asking is a courtesy of formats in which a look at a member costs something.
    fn skip(&mut self) -> bool {
        false
    }

    /// Takes a member, reading `bytes` to their end or to a limit. `name` is its path inside the container as it stands there
    /// (never trusted: only a name), with `/` between folders. A read error is that of the container's bytes: its kind
    /// `InvalidData` means damage.
    fn member(&mut self, name: &str, bytes: &mut dyn Read) -> ControlFlow<()>;

    /// Notes a member that is there and cannot be had: encrypted, packed by an unknown method.
    fn unreadable(&mut self, name: &str, fault: Fault) -> ControlFlow<()>;
}

/// An open page.
pub trait PageSource {
    /// What the page is called in its document, where that is not simply its number: `sheet "Budget"`, `slide 3, notes`,
    /// `message body`, `lines 201-400`.
    fn label(&self) -> Option<String> {
        None
    }

    /// Size in page units (points for PDF, pixels for images); zero where the format has no geometry.
    fn size(&self) -> PageSize;

    /// The document's own text of this page.
    fn layer(&mut self) -> Result<Layer, Fault>;

    /// The page as a picture whose longer side has about `longest` pixels (PDF), or the image as it is (images, which
    /// ignore `longest`); none for formats without pixels. Grey or RGB, 8 bits, upright as a viewer shows it.
    fn render(&mut self, longest: u32) -> Result<Option<DynamicImage>, Fault>;

    /// A part of what [`PageSource::render`] gives at `longest`, with whole pixels around `part` (page units); none where
    /// there are no pixels or the part lies off the page. Formats that can spare the rest of the page say how.
    fn render_part(&mut self, longest: u32, part: &Rect) -> Result<Option<Part>, Fault> {
        let size = self.size();
        let Some(image) = self.render(longest)? else { return Ok(None) };
        let whole = (image.width(), image.height());
        let pixels = Pixels::of(part, size, whole);
        Ok(pixels.map(|pixels| Part { image: image.crop_imm(pixels.x, pixels.y, pixels.w, pixels.h), pixels, whole }))
    }

    /// Resolution at which the page's pictures are stored, dots per inch; none if unknown.
    fn native_dpi(&mut self) -> Option<f32> {
        None
    }
}

/// A part of a rendered page.
#[derive(Clone)]
pub struct Part {
    /// Its picture.
    pub image: DynamicImage,
    /// Where it lies in the render of the whole page.
    pub pixels: Pixels,
    /// Width and height of a render of the whole page.
    pub whole: (u32, u32),
}

/// The place only: `{:?}` of a picture prints its pixels, and they may show secrets.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({:?} of {:?})", self.pixels, self.whole)
    }
}

/// A place in a rendered page, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

impl Pixels {
    /// The whole pixels that a place in page units touches in a render of `pixels` (width, height); none if nothing of it
    /// is on the page.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the render, whose sides are exact in f32"
    )]
    pub fn of(place: &Rect, page: PageSize, pixels: (u32, u32)) -> Option<Self> {
        let (width, height) = (pixels.0 as f32, pixels.1 as f32);
        let (across, down) = (width / page.width.max(f32::MIN_POSITIVE), height / page.height.max(f32::MIN_POSITIVE));
        let left = (place.x * across).clamp(0.0, width).floor();
        let top = (place.y * down).clamp(0.0, height).floor();
        let right = (place.right() * across).clamp(0.0, width).ceil();
        let bottom = (place.bottom() * down).clamp(0.0, height).ceil();
        let (w, h) = ((right - left) as u32, (bottom - top) as u32);
        (w > 0 && h > 0).then_some(Self { x: left as u32, y: top as u32, w, h })
    }
}

/// A page's own text, and what the gate must know about it.
#[derive(Debug, Default)]
pub struct Layer {
    /// Text with boxes in page units.
    pub text: Text,
    /// What stands on the page besides ordinary visible text.
    pub objects: Objects,
    /// Indices of the words that are drawn invisibly or in the colour of paper, in ascending order.
    pub hidden: Vec<u32>,
    /// Indices of the words that nothing but pixels can prove, in ascending order: whoever made their font may have drawn anything.
    pub unproven: Vec<u32>,
    /// Indices of the words whose glyphs are not what their characters say, in ascending order: they explain no ink.
    pub doubtful: Vec<u32>,
    /// Places of runs of characters without a Unicode mapping.
    pub unmapped: Vec<Rect>,
    /// Places of bullets without a meaning of their own: they explain ink, but are no text.
    pub symbols: Vec<Rect>,
    /// Where pictures, drawings, opaque things and boxes over text lie, in page units; none if they may be anywhere.
    pub suspects: Option<Vec<Rect>>,
    /// Faults of this page met on the way (text over the limit, …).
    pub faults: Vec<Fault>,
}

/// What a look at a page's objects tells before anything is rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// The format has no pixels: the layer is all there is.
    pub text_only_format: bool,
    /// Pictures.
    pub images: u32,
    /// Paths that may draw letters (curves, many segments); straight rules and boxes do not count.
    pub drawings: u32,
    /// Forms, shadings, annotations with an appearance: anything not looked into.
    pub opaque: u32,
    /// Characters drawn invisibly (render mode 3 or clipped away) or in the colour of paper.
    pub invisible_chars: u32,
    /// Characters without a Unicode mapping.
    pub unmapped_chars: u32,
    /// Visible, mapped characters.
    pub visible_chars: u32,
    /// Pieces of text that a filled box was painted over.
    pub covered_texts: u32,
}

impl Objects {
    /// How many of them may show letters that the text layer does not have.
    pub fn suspicious(&self) -> u32 {
        self.images.saturating_add(self.drawings).saturating_add(self.opaque)
    }
}

/// The bytes of a document: a descriptor read by position, so that processes can share it.
#[derive(Clone, Debug)]
pub struct Source {
    file: Arc<File>,
    position: u64,
    size: u64,
}

impl Source {
    /// Wraps an open file.
    pub fn new(file: File) -> io::Result<Self> {
        // Not by `metadata`: a locked reader may ask nothing that could also be asked of a path.
        let size = (&file).seek(SeekFrom::End(0))?;
        Ok(Self { file: Arc::new(file), position: 0, size })
    }

    /// Bytes in all.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The first bytes, at most `limit`.
    pub fn head(&self, limit: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        Self { position: 0, ..self.clone() }.take(limit as u64).read_to_end(&mut head)?;
        Ok(head)
    }

    /// Everything; the caller has checked [`Source::size`] against a limit.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        self.bytes_of(0..self.size)
    }

    /// A part; the caller has checked [`Source::size`] against a limit.
    pub fn bytes_of(&self, part: Range<u64>) -> io::Result<Vec<u8>> {
        let length = part.end.min(self.size).saturating_sub(part.start);
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        Self { position: part.start, ..self.clone() }.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?;
        Ok(self.position)
    }
}

/// Every format, in order of priority.
pub const FORMATS: &[&dyn Format] = &[
    &text::PlainText,
    &html::Html,
    &image::Image,
    &tiff::Tiff,
    &stills::Stills,
    &sqlite::Sqlite,
    &sqlite::log::Log,
    &xml::Xml,
    &pdf::Pdf,
    &archive::ZIP,
    &archive::TAR,
    &archive::STREAM,
    &archive::SEVENZ,
    &archive::RAR,
    &archive::CAB,
    &archive::ISO,
    &archive::CPIO,
    &archive::AR,
    &archive::RPM,
    &archive::LHA,
    &archive::WARC,
    &archive::APPENDED,
    &rtf::Rtf,
    &metafile::Metafile,
    &ole::doc::Doc,
    &ole::xls::Xls,
    &ole::ppt::Ppt,
    &ole::hwp::Hwp,
    &ole::secured::Secured,
    &ole::any::Any,
    &keystore::KeyStore,
    &certificate::Certificate,
    &debris::Debris,
    &ofd::Ofd,
    &odf::Odf,
    &xps::Xps,
    &epub::Epub,
    &fb2::FictionBook,
    &svg::Svg,
    &hwpx::Hwpx,
    &ooxml::Ooxml,
    &mail::Mail,
    &mail::mbox::Mbox,
    &mail::cms::Cms,
    &outlook::Msg,
    &outlook::Tnef,
    &outlook::Pst,
    &card::Card,
    &webarchive::WebArchive,
    #[cfg(feature = "failpoints")]
    &failing::Failing,
];

pub(crate) use text::Dump;

/// The format that reads a kind.
pub fn for_kind(kind: &Kind) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.kinds().contains(&kind.as_str()))
}

/// Why a kind is not read that no format reads; none if there is nothing to be read.
pub fn unread(kind: &Kind, settings: &Settings) -> Option<Fault> {
    let listed = settings.read.out_of_scope.iter().any(|name| name == kind.as_str());
    match kind.as_str() {
        "empty" => None,
        // Sealed as a whole: nobody can read them without a key.
        name @ ("pgp" | "age" | "luks") => Some(Fault::whole(FaultReason::Encrypted, format!("encrypted ({name})"))),
        "pgp-packed" => {
            let detail = "OpenPGP that is packed or signed and not encrypted is not read";
            Some(Fault::whole(FaultReason::Unsupported, detail))
        }
        "drm" => Some(Fault::whole(FaultReason::Encrypted, "wrapped by rights management (DRM)")),
        "random" => {
            let detail = "possibly DRM-wrapped or encrypted, or a further volume of a split archive: its bytes look random, and it begins \
                like no known format";
            Some(Fault::whole(FaultReason::Encrypted, detail))
        }
        name if listed => {
            let detail = format!("kind {name} carries no text: read.out_of_scope lists it");
            Some(Fault::whole(FaultReason::OutOfScope, detail))
        }
        name => Some(Fault::whole(FaultReason::Unsupported, format!("no reader for kind {name} yet"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_off_the_page_is_no_part_of_it() {
        let page = PageSize { width: 100.0, height: 100.0 };
        let place = |x: f32| Rect { x, y: 10.0, w: 50.0, h: 20.0 };
        assert_eq!(Pixels::of(&place(90.0), page, (200, 100)), Some(Pixels { x: 180, y: 10, w: 20, h: 20 }));
        assert_eq!(Pixels::of(&place(120.0), page, (200, 100)), None);
    }

    #[test]
    fn neither_text_nor_pixels_of_a_page_are_printed_for_debugging() {
        let pixels = Pixels { x: 1, y: 2, w: 3, h: 4 };
        let part = Part { image: DynamicImage::new_luma8(100, 100), pixels, whole: (100, 200) };
        let layer = Layer { text: Text::plain("zebrakanarie"), ..Layer::default() };
        let said = format!("{part:?} {layer:?}");
        assert!(said.len() < 1000 && said.contains("12 bytes") && !said.contains("zebra"), "{said}");
    }

    #[test]
    fn what_no_format_reads_is_sealed_out_of_scope_or_unsupported() {
        let reason = |kind| unread(&Kind::new(kind), &Settings::defaults()).map(|fault| fault.reason);
        let expected = [
            ("empty", None),
            ("pgp", Some(FaultReason::Encrypted)),
            ("mp4", Some(FaultReason::OutOfScope)),
            ("chm", Some(FaultReason::Unsupported)),
        ];
        assert_eq!(expected.map(|(kind, _)| (kind, reason(kind))), expected);
    }

    #[test]
    fn names_and_kinds_of_formats_are_unique() {
        let mut kinds: Vec<&str> = FORMATS.iter().flat_map(|format| format.kinds()).copied().collect();
        let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
        for list in [&mut kinds, &mut names] {
            let length = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), length, "{list:?}");
        }
    }
}
