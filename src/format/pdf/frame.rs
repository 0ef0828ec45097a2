//! From the coordinates inside a page to those of the page as shown.

use super::pdfium::{PdfPage, PdfPoints, PdfRect, PdfRenderConfig, PdfiumError};
use crate::document::{PageSize, Rect};

/// From the coordinates inside a page to points from the top left corner of the page as shown: /Rotate and boxes that do
/// not start at zero are PDFium's business, so it is asked where three points come to lie.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// Size of the page as shown, in points.
    pub(super) size: PageSize,
    origin: (f32, f32),
    across: (f32, f32),
    up: (f32, f32),
}

impl Frame {
    /// Pixels a point when asking: whole pixels are all PDFium answers.
    const FINE: f32 = 64.0;
    /// Distance of the points asked about.
    const REACH: f32 = 1024.0;

    pub(super) fn of(page: &PdfPage<'_>) -> Result<Self, PdfiumError> {
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

    /// Where a point lies.
    pub(super) fn place(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let along = |origin, across, up| origin + across * x + up * y;
        (along(self.origin.0, self.across.0, self.up.0), along(self.origin.1, self.across.1, self.up.1))
    }

    pub(super) fn rect(&self, rect: &PdfRect) -> Rect {
        let a = self.place((rect.left().value, rect.bottom().value));
        let b = self.place((rect.right().value, rect.top().value));
        Rect { x: a.0.min(b.0), y: a.1.min(b.1), w: (a.0 - b.0).abs(), h: (a.1 - b.1).abs() }
    }
}
