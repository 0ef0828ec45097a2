//! The clip path of an object: the part of the page in which it may draw (ISO 32000-2, 8.5.4).

use super::pdfium::{PdfPageObject, PdfPathSegmentType, PdfPathSegments as _};

/// Segments of one path that are looked at.
const SEGMENTS: u32 = 5_000;
/// Points of a box: its corners, the first of them again, and once more as some writers do.
const BOX_POINTS: u32 = 6;

/// One path that cuts an object; several cut it one after the other.
pub(super) struct Clip {
    /// Its points, in the coordinates of the object.
    pub(super) points: Vec<(f32, f32)>,
    /// It is a box along the axes, so that its bounds say all of it.
    pub(super) is_box: bool,
}

/// The paths that cut an object.
pub(super) fn of(object: &PdfPageObject<'_>) -> Vec<Clip> {
    let Some(paths) = object.get_clip_path() else { return Vec::new() };
    let mut clips = Vec::new();
    for index in 0..paths.len() {
        let Ok(path) = paths.get(index) else { continue };
        let count = path.len();
        let mut clip = Clip { points: Vec::new(), is_box: count <= BOX_POINTS };
        let mut outlines = 0;
        for index in 0..count.min(SEGMENTS) {
            let Ok(segment) = path.get(index) else {
                clip.is_box = false;
                break;
            };
            let to = (segment.x().value, segment.y().value);
            match segment.segment_type() {
                PdfPathSegmentType::MoveTo => outlines += 1,
                PdfPathSegmentType::LineTo => {
                    let from = clip.points.last().copied().unwrap_or(to);
                    clip.is_box &= (from.0 - to.0).abs() < 0.01 || (from.1 - to.1).abs() < 0.01;
                }
                _ => clip.is_box = false,
            }
            clip.points.push(to);
        }
        clip.is_box &= outlines <= 1;
        clips.push(clip);
    }
    clips
}

/// Whether something of another shape than a box cuts an object: letters, say, through which a box is seen.
pub(super) fn is_shaped(object: &PdfPageObject<'_>) -> bool {
    of(object).iter().any(|clip| !clip.is_box)
}
