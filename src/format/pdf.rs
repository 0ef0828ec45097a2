//! PDF: text layer with boxes, a look at what else is on a page, and pixels. The only file that names `pdfium_render`.
//!
//! PDFium is bound once, before the reader is locked, and reads the document through the descriptor it was given. All
//! coordinates that leave this file are points from the top left corner of the page as a viewer shows it.

mod layout;
mod look;

use std::cell::OnceCell;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::Context as _;
use image::DynamicImage;
use pdfium_render::prelude as pdfium;
use pdfium_render::prelude::{
    PdfBitmapFormat, PdfDocument, PdfFormType, PdfPage, PdfPageTextChar, PdfPageTextRenderMode, PdfPoints, PdfRect,
    PdfRenderConfig, Pdfium, PdfiumError, PdfiumInternalError,
};

use crate::config::{Limits, Settings};
use crate::document::{Kind, PageSize, Rect};
use crate::finding::{Fault, FaultReason};

use super::{Document, Format, Layer, PageSource, Source};
use layout::Glyph;

/// The library; a process can bind it once.
static PDFIUM: OnceLock<Pdfium> = OnceLock::new();

/// Which library it is.
static FINGERPRINT: OnceLock<String> = OnceLock::new();

/// Colours from here up are paper: printing them leaves nothing to see.
const PAPER_WHITE: u8 = 245;

/// A "letter" that is higher than this share of the page is a picture in a font's clothes.
const HUGE_GLYPH: f32 = 0.35;

/// Reads PDF.
pub(super) struct Pdf;

impl Format for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn version(&self) -> u32 {
        1
    }

    fn stamp(&self, settings: &Settings) -> anyhow::Result<String> {
        let library = match FINGERPRINT.get() {
            Some(loaded) => loaded.clone(),
            None => fingerprint(find_library(&settings.read.pdfium)?.as_deref())?,
        };
        Ok(format!("pdf/{} pdfium {library}", self.version()))
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["pdf"]
    }

    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        if PDFIUM.get().is_some() {
            return Ok(());
        }
        let library = find_library(&settings.read.pdfium)?;
        let bindings = match &library {
            Some(path) => Pdfium::bind_to_library(path).map_err(describe).with_context(|| path.display().to_string()),
            None => Pdfium::bind_to_system_library().map_err(describe).context("libpdfium.so"),
        };
        let fingerprint = fingerprint(library.as_deref())?;
        match bindings {
            Ok(bindings) => {
                FINGERPRINT.get_or_init(|| fingerprint);
                PDFIUM.get_or_init(|| Pdfium::new(bindings));
                Ok(())
            }
            // Another thread was faster; only tests have more than one.
            Err(_) if PDFIUM.get().is_some() => Ok(()),
            Err(error) => {
                Err(error).context("PDFium cannot be loaded; run `make models`, or set read.pdfium to libpdfium.so")
            }
        }
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let library = PDFIUM.get().ok_or_else(|| Fault::whole(FaultReason::Unsupported, "PDFium was not loaded"))?;
        let document = library.load_pdf_from_reader(WholeReads(source), None).map_err(|error| open_fault(&error))?;
        Ok(Box::new(OpenPdf { document, limits: &settings.limits }))
    }
}

/// Where libpdfium lies: as configured, beside the program, in `models/` above it; none for the system's place.
fn find_library(configured: &std::path::Path) -> anyhow::Result<Option<PathBuf>> {
    let name = Pdfium::pdfium_platform_library_name();
    if !configured.as_os_str().is_empty() {
        let file = if configured.is_dir() { configured.join(&name) } else { configured.to_owned() };
        anyhow::ensure!(file.is_file(), "read.pdfium: there is no file {}; run `make models`", file.display());
        return Ok(Some(file));
    }
    let program = std::env::current_exe().context("the program's own place cannot be found")?;
    let beside = program.parent().map(|folder| folder.join(&name));
    let above = program.ancestors().skip(1).take(5).map(|folder| folder.join("models").join(&name));
    Ok(beside.into_iter().chain(above).find(|file| file.is_file()))
}

/// The first digits of the library's BLAKE3; the system's own is not looked for.
fn fingerprint(library: Option<&std::path::Path>) -> anyhow::Result<String> {
    let Some(library) = library else { return Ok("of the system".to_owned()) };
    let mut hasher = blake3::Hasher::new();
    let file = std::fs::File::open(library).with_context(|| library.display().to_string())?;
    hasher.update_reader(file).with_context(|| library.display().to_string())?;
    Ok(hasher.finalize().to_hex()[..12].to_owned())
}

fn describe(error: PdfiumError) -> anyhow::Error {
    match error {
        PdfiumError::LoadLibraryError(error) => anyhow::anyhow!("{error}"),
        other => anyhow::anyhow!("{other:?}"),
    }
}

fn open_fault(error: &PdfiumError) -> Fault {
    match error {
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => {
            Fault::whole(FaultReason::Encrypted, "the PDF needs a password")
        }
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::SecurityError) => {
            Fault::whole(FaultReason::Encrypted, "the PDF is protected in a way that PDFium does not know")
        }
        PdfiumError::PdfiumLibraryInternalError(error) => {
            Fault::whole(FaultReason::Damaged, format!("PDFium cannot open it: {error:?}"))
        }
        error => Fault::whole(FaultReason::Damaged, format!("PDFium cannot open it: {error:?}")),
    }
}

/// PDFium takes any number of bytes for the whole block it asked for, so a short read must be continued here.
struct WholeReads(Source);

impl Read for WholeReads {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read(&mut buffer[filled..])? {
                0 => return Ok(0),
                count => filled += count,
            }
        }
        Ok(filled)
    }
}

impl Seek for WholeReads {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// An open PDF.
struct OpenPdf<'a> {
    document: PdfDocument<'a>,
    limits: &'a Limits,
}

impl Document for OpenPdf<'_> {
    fn page_count(&self) -> u32 {
        u32::try_from(self.document.pages().len()).unwrap_or_default()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let attachments = self.document.attachments().len();
        if attachments > 0 {
            let noun = if attachments == 1 { "attachment is" } else { "attachments are" };
            faults.push(Fault::whole(FaultReason::Attachment, format!("{attachments} {noun} not read yet")));
        }
        if self.document.form().is_some_and(|form| form.form_type() == PdfFormType::XfaFull) {
            faults.push(Fault::whole(FaultReason::Unsupported, "an XFA form: its content is not on its pages"));
        }
        if self.page_count() == 0 {
            faults.push(Fault::whole(FaultReason::Damaged, "the PDF has no page that can be found"));
        }
        faults
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let damaged = |error: &PdfiumError| {
            Fault::on_page(number, FaultReason::Damaged, format!("PDFium cannot load the page: {error:?}"))
        };
        let index = i32::try_from(number).unwrap_or(i32::MAX).saturating_sub(1).max(0);
        let page = self.document.pages().get(index).map_err(|error| damaged(&error))?;
        let frame = Frame::of(&page).map_err(|error| damaged(&error))?;
        Ok(Box::new(OpenPage { page, frame, number, limits: self.limits, native_dpi: OnceCell::new() }))
    }
}

/// From the coordinates inside a page to points from the top left corner of the page as shown: /Rotate and boxes that do
/// not start at zero are PDFium's business, so it is asked where three points come to lie.
#[derive(Clone, Copy)]
struct Frame {
    size: PageSize,
    origin: (f32, f32),
    across: (f32, f32),
    up: (f32, f32),
}

impl Frame {
    /// Pixels a point when asking: whole pixels are all PDFium answers.
    const FINE: f32 = 64.0;
    /// Distance of the points asked about.
    const REACH: f32 = 1024.0;

    fn of(page: &PdfPage<'_>) -> Result<Self, PdfiumError> {
        let sane = |points: PdfPoints| if points.value.is_finite() { points.value.clamp(1.0, 1e6) } else { 612.0 };
        let size = PageSize { width: sane(page.width()), height: sane(page.height()) };
        // A coarser grid on giant pages, so that the device coordinates stay far within 32 bits.
        let fine = Self::FINE.min(1e8 / size.width.max(size.height));
        #[allow(clippy::cast_possible_truncation, reason = "at most 1e8")]
        let pixels = |length: f32| (length * fine).round().max(1.0) as i32;
        let (width, height) = (pixels(size.width), pixels(size.height));
        let config = PdfRenderConfig::new().set_fixed_size(width, height);
        #[allow(clippy::cast_precision_loss, reason = "sixteen points of a millimetre do not matter")]
        let place = |x: f32, y: f32| {
            let (px, py) = page.points_to_pixels(PdfPoints::new(x), PdfPoints::new(y), &config)?;
            Ok((px as f32 * size.width / width as f32, py as f32 * size.height / height as f32))
        };
        let (origin, right, top) = (place(0.0, 0.0)?, place(Self::REACH, 0.0)?, place(0.0, Self::REACH)?);
        let step = |to: (f32, f32)| ((to.0 - origin.0) / Self::REACH, (to.1 - origin.1) / Self::REACH);
        Ok(Self { size, origin, across: step(right), up: step(top) })
    }

    fn rect(&self, rect: &PdfRect) -> Rect {
        let place = |x: f32, y: f32| {
            let along = |origin, across, up| origin + across * x + up * y;
            (along(self.origin.0, self.across.0, self.up.0), along(self.origin.1, self.across.1, self.up.1))
        };
        let (a, b) = (place(rect.left().value, rect.bottom().value), place(rect.right().value, rect.top().value));
        Rect { x: a.0.min(b.0), y: a.1.min(b.1), w: (a.0 - b.0).abs(), h: (a.1 - b.1).abs() }
    }
}

/// An open page.
struct OpenPage<'a> {
    page: PdfPage<'a>,
    frame: Frame,
    number: u32,
    limits: &'a Limits,
    /// Filled by the look at the page's objects, which may find none.
    native_dpi: OnceCell<Option<f32>>,
}

impl PageSource for OpenPage<'_> {
    fn size(&self) -> PageSize {
        self.frame.size
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        let on_page = |reason, detail| Fault::on_page(self.number, reason, detail);
        let text = self.page.text();
        let text =
            text.map_err(|error| on_page(FaultReason::Damaged, format!("the text layer cannot be read: {error:?}")))?;
        let chars = text.chars();
        let glyphs = chars.iter().map(|char| glyph(&char, &self.frame));
        let laid = layout::lay_out(glyphs, self.limits.page_text_bytes);
        let mut seen = look::look(&self.page);
        seen.objects.invisible_chars = laid.invisible;
        seen.objects.unmapped_chars = laid.unmapped;
        seen.objects.visible_chars = laid.visible;
        seen.objects.opaque = seen.objects.opaque.saturating_add(laid.huge);
        self.native_dpi = OnceCell::from(seen.native_dpi);
        let mut layer = Layer {
            text: laid.text,
            objects: seen.objects,
            hidden: laid.hidden,
            symbols: laid.symbols,
            faults: Vec::new(),
        };
        for note in seen.notes {
            if layer.text.content.len() + note.len() < self.limits.page_text_bytes {
                layer.text.append(&crate::document::Text::plain(note));
            }
        }
        if laid.cut {
            let limit = self.limits.page_text_bytes;
            layer
                .faults
                .push(Fault { page: Some(self.number), ..Fault::limit("page_text_bytes", limit, "a page's text") });
        }
        if seen.attached > 0 {
            let detail = format!("{} files attached to the page are not read yet", seen.attached);
            layer.faults.push(Fault::on_page(self.number, FaultReason::Attachment, detail));
        }
        Ok(layer)
    }

    fn render(&mut self, longest: u32) -> Result<Option<DynamicImage>, Fault> {
        let on_page = |fault: Fault| Fault { page: Some(self.number), ..fault };
        let (width, height) = pixels(self.frame.size, longest);
        super::raster::check_pixels(width, height, self.limits).map_err(on_page)?;
        let side = |length| i32::try_from(length).expect("a side is far below the limit of pixels");
        let config = PdfRenderConfig::new()
            .set_fixed_size(side(width), side(height))
            // Four bytes a pixel: PDFium's grey bitmaps end the process in some fills.
            .set_format(PdfBitmapFormat::BGRx)
            .render_annotations(true)
            .render_form_data(true);
        let failed = |why: String| {
            let detail = format!("PDFium cannot render {width} x {height} pixels: {why}");
            on_page(Fault::whole(FaultReason::Damaged, detail))
        };
        let bitmap = self.page.render_with_config(&config).map_err(|error| failed(format!("{error:?}")))?;
        let image = image::GrayImage::from_raw(width, height, grey(&bitmap.as_rgba_bytes()));
        image.map(|image| Some(DynamicImage::ImageLuma8(image))).ok_or_else(|| failed("pixels are missing".to_owned()))
    }

    fn native_dpi(&mut self) -> Option<f32> {
        *self.native_dpi.get_or_init(|| look::look(&self.page).native_dpi)
    }
}

/// Brightness of pixels of four bytes, by the usual weights in 256ths: the `image` crate's own conversion works in floating
/// point and takes as long as the render.
fn grey(pixels: &[u8]) -> Vec<u8> {
    let weigh = |p: &[u8]| (77 * u32::from(p[0]) + 150 * u32::from(p[1]) + 29 * u32::from(p[2])) >> 8;
    pixels.chunks_exact(4).map(|p| u8::try_from(weigh(p)).expect("a mean of bytes is a byte")).collect()
}

/// Pixels of a render. A page that is a thread wide keeps its length and loses its shape.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what PDFium takes")]
fn pixels(size: PageSize, longest: u32) -> (u32, u32) {
    #[allow(clippy::cast_precision_loss, reason = "a render has far fewer than 2^24 pixels a side")]
    let scale = longest.clamp(4, 60_000) as f32 / size.width.max(size.height);
    let side = |length: f32| (length * scale).round().clamp(1.0, 60_000.0) as u32;
    (side(size.width), side(size.height))
}

/// A character of the text page as plain data.
fn glyph(char: &PdfPageTextChar<'_>, frame: &Frame) -> Glyph {
    let ch = char::from_u32(char.unicode_value()).unwrap_or(char::REPLACEMENT_CHARACTER);
    let generated = char.is_generated().unwrap_or(false);
    let mut bounds = char.tight_bounds().ok().map(|rect| frame.rect(&rect));
    if !generated {
        // The loose box has the height of the font, so that the words of a line are of one height.
        let loose = char.loose_bounds().ok().map(|rect| frame.rect(&rect));
        bounds = match (bounds, loose) {
            (Some(tight), Some(loose)) if loose.w > 0.0 && loose.h > 0.0 => Some(tight.union(&loose)),
            (tight, _) => tight,
        };
    }
    let bounds = bounds.filter(|b| [b.x, b.y, b.w, b.h].iter().all(|v| v.is_finite())).unwrap_or_default();
    let huge = bounds.h > frame.size.height * HUGE_GLYPH && bounds.w > frame.size.width * HUGE_GLYPH / 2.0;
    let outside =
        bounds.right() < 0.0 || bounds.bottom() < 0.0 || bounds.x > frame.size.width || bounds.y > frame.size.height;
    Glyph { ch, bounds, generated, hidden: !generated && (outside || is_hidden(char)), huge }
}

/// Drawn invisibly, or in the colour of paper.
fn is_hidden(char: &PdfPageTextChar<'_>) -> bool {
    let mode = char.render_mode().unwrap_or(PdfPageTextRenderMode::Unknown);
    match mode {
        PdfPageTextRenderMode::Invisible | PdfPageTextRenderMode::InvisibleClipping => true,
        PdfPageTextRenderMode::FilledUnstroked | PdfPageTextRenderMode::FilledUnstrokedClipping => {
            char.fill_color().is_ok_and(|colour| {
                colour.alpha() < 13 || colour.red().min(colour.green()).min(colour.blue()) >= PAPER_WHITE
            })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;
    use crate::document::Word;
    use crate::finding::FaultReason;
    use crate::format::test_support::{fixture, open, open_fixture, settings};

    #[test]
    fn words_of_a_page_have_their_places_on_the_page_as_shown() {
        let settings = settings();
        let document = open_fixture("gate/columns.pdf", &settings).expect("opens");
        let layer = document.page(1).expect("a page").layer().expect("a layer");
        let text = &layer.text.content;
        assert!(text.starts_with("Report of the committee\n"), "the first line is its own");
        let first: &Word = &layer.text.words[0];
        // 16-point type on a baseline 800 points from the bottom of A4, 72 from the left.
        assert!((first.bounds.x - 72.0).abs() < 2.0, "{:?}", first.bounds);
        assert!(
            first.bounds.y > 841.9 - 800.0 - 18.0 && first.bounds.bottom() < 841.9 - 800.0 + 6.0,
            "{:?}",
            first.bounds
        );
    }

    #[test]
    fn chinese_lines_are_single_words() {
        let settings = settings();
        let document = open_fixture("gate/chinese.pdf", &settings).expect("opens");
        let layer = document.page(1).expect("a page").layer().expect("a layer");
        let line = layer.text.content.lines().nth(2).expect("a third line");
        assert_eq!(line, "一、各单位应当按期清点文件，登记造册。");
    }

    #[test]
    fn what_is_not_on_the_pages_is_a_fault() {
        let settings = settings();
        let faults = open_fixture("gate/attachments.pdf", &settings).expect("opens").faults();
        assert_eq!((faults.len(), faults[0].reason), (1, FaultReason::Attachment));
        assert_eq!(faults[0].detail, "2 attachments are not read yet");
        let locked = open_fixture("gate/encrypted.pdf", &settings).map(|_| ()).expect_err("needs a password");
        assert_eq!(locked.reason, FaultReason::Encrypted);
        let damaged = open(b"%PDF-1.4\nnothing follows", &settings).map(|_| ()).expect_err("no PDF");
        assert_eq!(damaged.reason, FaultReason::Damaged);
    }

    #[test]
    fn a_render_has_the_size_asked_for_and_never_more_than_the_limit() {
        let mut small: Settings = settings();
        let document = open_fixture("gate/turned.pdf", &small).expect("opens");
        let mut page = document.page(1).expect("a page");
        let image = page.render(1000).expect("renders").expect("has pixels");
        assert!(image.width().abs_diff(1000) <= 4 && image.height() < 800, "{} x {}", image.width(), image.height());
        drop(page);
        drop(document);
        small.limits.image_pixels = 100_000;
        let document = open_fixture("gate/turned.pdf", &small).expect("opens");
        let fault = document.page(1).expect("a page").render(1000).expect_err("over the limit");
        assert_eq!((fault.page, fault.reason), (Some(1), FaultReason::Limit));
    }

    #[test]
    fn a_pdf_that_ends_anywhere_is_a_fault_or_read_and_never_a_crash() {
        let settings = settings();
        let whole = fixture("gate/stamp.pdf");
        for length in (0..whole.len()).step_by(whole.len() / 40) {
            let cut = [b"%PDF-1.4\n", &whole[..length]].concat();
            if let Ok(document) = open(&cut, &settings) {
                for number in 1..=document.page_count().min(3) {
                    let _ = document.page(number).and_then(|mut page| page.layer().map(|_| ()));
                }
            }
        }
    }
}
