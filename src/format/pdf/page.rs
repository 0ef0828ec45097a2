//! An open page: its text layer, a look at what else is on it, and its pixels.

use std::cell::{OnceCell, RefCell};

use image::DynamicImage;

use super::fonts::Fonts;
use super::frame::Frame;
use super::pdfium::{PdfBitmap, PdfBitmapFormat, PdfPage, PdfRenderConfig, PdfiumError};
use super::whole::Made;
use super::{annotations, glyph, layout, look};
use crate::config::Limits;
use crate::document::{PageSize, Rect, Text};
use crate::finding::{Fault, FaultReason};
use crate::format::{Layer, PageSource, Part, Pixels, raster};

/// An open page.
pub(super) struct OpenPage<'a> {
    page: PdfPage<'a>,
    frame: Frame,
    number: u32,
    limits: &'a Limits,
    /// Of the whole document.
    fonts: &'a RefCell<Fonts>,
    /// What the second reader saw; none if it was not asked.
    made: Option<Made>,
    /// Files attached to it are handed out with those of the document.
    handed_out: bool,
    /// It draws no picture but among its instructions; whether there is ink in what it does not show of those.
    without_pictures: Option<Box<dyn Fn() -> bool + 'a>>,
    label: Option<String>,
    /// Filled by the look at the page's objects, which may find none.
    native_dpi: OnceCell<Option<f32>>,
}

impl<'a> OpenPage<'a> {
    pub(super) fn new(
        page: PdfPage<'a>,
        frame: Frame,
        number: u32,
        limits: &'a Limits,
        fonts: &'a RefCell<Fonts>,
        made: Option<Made>,
        handed_out: bool,
    ) -> Self {
        Self {
            page,
            frame,
            number,
            limits,
            fonts,
            made,
            handed_out,
            without_pictures: None,
            label: None,
            native_dpi: OnceCell::new(),
        }
    }

    /// The same page by a name.
    pub(super) fn called(self, label: String) -> Self {
        Self { label: Some(label), ..self }
    }

    /// The same page, known to draw no pictures but those among its instructions; `hides_ink` says whether there is ink in what it does
    /// not show of them.
    pub(super) fn without_pictures(self, hides_ink: impl Fn() -> bool + 'a) -> Self {
        Self { without_pictures: Some(Box::new(hides_ink)), ..self }
    }

    /// The part of a render of `whole` pixels (width, height) that lies at `part`: in colour if it has any, else grey.
    fn picture(&self, whole: (u32, u32), part: Pixels) -> Result<DynamicImage, Fault> {
        let on_page = |fault: Fault| Fault { page: Some(self.number), ..fault };
        raster::check_pixels(part.w, part.h, self.limits).map_err(on_page)?;
        let failed = |why: String| {
            let detail = format!("PDFium cannot render {} x {} pixels: {why}", part.w, part.h);
            on_page(Fault::whole(FaultReason::Damaged, detail))
        };
        let mut colours = Vec::with_capacity(part.w as usize * part.h as usize * 3);
        // PDFium takes four bytes a pixel, and as many for handing them out: of a large page it never has all at once.
        let rows = (BAND_PIXELS / part.w.max(1)).max(1);
        let mut top = 0;
        while top < part.h {
            let band = Pixels { y: part.y + top, h: rows.min(part.h - top), ..part };
            let pixels = self.band(whole, band).map_err(|error| failed(format!("{error:?}")))?;
            colours.extend(pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]));
            top += band.h;
        }
        let image = if colours.chunks_exact(3).any(is_coloured) {
            image::RgbImage::from_raw(part.w, part.h, colours).map(DynamicImage::ImageRgb8)
        } else {
            image::GrayImage::from_raw(part.w, part.h, grey(&colours)).map(DynamicImage::ImageLuma8)
        };
        image.ok_or_else(|| failed("pixels are missing".to_owned()))
    }

    /// Pixels of a part, of four bytes: red, green, blue, nothing. PDFium is told to turn their order round.
    fn band(&self, whole: (u32, u32), band: Pixels) -> Result<Vec<u8>, PdfiumError> {
        let side = |length| i32::try_from(length).expect("a side is far below the limit of pixels");
        let config = PdfRenderConfig::new()
            .set_fixed_size(side(whole.0), side(whole.1))
            .set_origin(-side(band.x), -side(band.y))
            .set_reverse_byte_order(true)
            .render_annotations(true)
            .render_form_data(true);
        // PDFium's grey bitmaps end the process in some fills.
        let mut bitmap = PdfBitmap::empty(side(band.w), side(band.h), PdfBitmapFormat::BGRx)?;
        self.page.render_into_bitmap_with_config(&mut bitmap, &config)?;
        Ok(bitmap.as_raw_bytes())
    }
}

impl PageSource for OpenPage<'_> {
    fn label(&self) -> Option<String> {
        self.label.clone()
    }

    fn size(&self) -> PageSize {
        self.frame.size
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        let on_page = |reason, detail: String| Fault::on_page(self.number, reason, detail);
        let text = self.page.text();
        let text =
            text.map_err(|error| on_page(FaultReason::Damaged, format!("the text layer cannot be read: {error:?}")))?;
        let limit = self.limits.page_text_bytes;
        let untold = self.made.as_ref().map(|made| &made.fonts);
        let (glyphs, cut) = glyph::read(&text, &self.frame, &mut self.fonts.borrow_mut(), untold, limit);
        let laid = layout::lay_out(glyphs.into_iter(), limit);
        let room = limit.saturating_sub(laid.text.content.len());
        let notes = annotations::read(&self.page, self.number, room, self.handed_out, self.limits);
        let mut seen = look::look(&self.page);
        seen.objects.invisible_chars = laid.invisible;
        seen.objects.unmapped_chars = laid.unmapped;
        seen.objects.visible_chars = laid.visible;
        seen.objects.opaque = seen.objects.opaque.saturating_add(laid.huge).saturating_add(notes.opaque);
        self.native_dpi = OnceCell::from(seen.native_dpi);
        let places = notes.places.filter(|_| !seen.anywhere && laid.huge == 0);
        let suspects = places.map(|places| {
            let seen = seen.suspects.iter().chain(&places).map(|place| self.frame.rect(place));
            seen.chain(laid.lone.iter().copied()).collect()
        });
        let mut layer = Layer {
            text: laid.text,
            objects: seen.objects,
            hidden: laid.hidden,
            unproven: laid.unproven,
            doubtful: laid.doubtful,
            unmapped: laid.runs,
            symbols: laid.symbols,
            suspects,
            faults: notes.faults,
        };
        layer.text.append(&Text::plain(notes.text));
        if let Some(made) = &self.made {
            layer.faults.extend(made.faults.iter().cloned());
            layer.text.append(&Text::plain(made.alternatives.clone()));
            if made.drawn > seen.drawn {
                let detail = format!("its content draws {} things, of which PDFium finds {}", made.drawn, seen.drawn);
                layer.faults.push(on_page(FaultReason::Damaged, detail));
            }
        }
        if seen.objects.images > 0 && self.without_pictures.as_ref().is_some_and(|hides_ink| hides_ink()) {
            let detail = "a picture among its instructions is larger than what shows of it, and not read whole";
            layer.faults.push(on_page(FaultReason::Unsupported, detail.to_owned()));
        }
        if seen.largest_picture > self.limits.image_pixels {
            let what = format!("a picture of {} pixels", seen.largest_picture);
            let fault = Fault::limit("image_pixels", self.limits.image_pixels, what);
            layer.faults.push(Fault { page: Some(self.number), ..fault });
        }
        if laid.cut || cut {
            let fault = Fault::limit("page_text_bytes", limit, "a page's text");
            layer.faults.push(Fault { page: Some(self.number), ..fault });
        }
        Ok(layer)
    }

    fn render(&mut self, longest: u32) -> Result<Option<DynamicImage>, Fault> {
        let (w, h) = pixels(self.frame.size, longest);
        self.picture((w, h), Pixels { x: 0, y: 0, w, h }).map(Some)
    }

    fn render_part(&mut self, longest: u32, part: &Rect) -> Result<Option<Part>, Fault> {
        let whole = pixels(self.frame.size, longest);
        let Some(pixels) = Pixels::of(part, self.frame.size, whole) else { return Ok(None) };
        Ok(Some(Part { image: self.picture(whole, pixels)?, pixels, whole }))
    }

    fn native_dpi(&mut self) -> Option<f32> {
        *self.native_dpi.get_or_init(|| look::look(&self.page).native_dpi)
    }
}

/// Pixels that PDFium renders at once: A4 at 300 dots an inch and as much again.
const BAND_PIXELS: u32 = 16_000_000;
/// By how much the channels of a pixel must differ to be a colour; scans of black print are tinted a little.
const TINT: u8 = 32;

fn is_coloured(pixel: &[u8]) -> bool {
    pixel[0].max(pixel[1]).max(pixel[2]) - pixel[0].min(pixel[1]).min(pixel[2]) > TINT
}

/// Brightness of pixels of three bytes, by the usual weights in 256ths: the `image` crate's own conversion works in floating
/// point and takes as long as the render.
fn grey(pixels: &[u8]) -> Vec<u8> {
    let weigh = |p: &[u8]| (77 * u32::from(p[0]) + 150 * u32::from(p[1]) + 29 * u32::from(p[2])) >> 8;
    pixels.chunks_exact(3).map(|p| u8::try_from(weigh(p)).expect("a mean of bytes is a byte")).collect()
}

/// Pixels of a render. A page that is a thread wide keeps its length and loses its shape.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what PDFium takes")]
pub(super) fn pixels(size: PageSize, longest: u32) -> (u32, u32) {
    #[allow(clippy::cast_precision_loss, reason = "a render has far fewer than 2^24 pixels a side")]
    let scale = longest.clamp(4, 60_000) as f32 / size.width.max(size.height);
    let side = |length: f32| (length * scale).round().clamp(1.0, 60_000.0) as u32;
    (side(size.width), side(size.height))
}
