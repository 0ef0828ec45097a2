//! What the layout of a document tells of its topic: which scripts it is in, how its lines and tables are, and, where words
//! have places, how large its title and its pages are.
//!
//! Each is told as one of a few bins: a model that is linear can then say "few digits" and "many digits" alike.

use super::look::Look;
use crate::document::Page;

/// Words whose heights are looked at.
const WORDS: usize = 400;
/// A3 in points; the longer side of a larger page is a drawing's or a map's.
const LARGE: f32 = 1300.0;

/// Numbers of properties with the bins in which the document is. A property that cannot be measured is not there.
pub(super) fn bins(look: &Look, pages: &[Page]) -> Vec<(u8, u8)> {
    let characters = look.characters();
    if characters == 0 {
        return Vec::new();
    }
    let lines = look.line_count();
    let mut bins = vec![
        (1, bin(ratio(look.digits, characters), &[0.005, 0.02, 0.05, 0.1, 0.2, 0.35])),
        (2, bin(ratio(look.han, characters), &[0.01, 0.1, 0.3, 0.5, 0.7, 0.85])),
        (3, bin(ratio(look.latin, characters), &[0.01, 0.1, 0.3, 0.5, 0.7, 0.85])),
        (4, bin(ratio(look.others, characters), &[0.02, 0.05, 0.08, 0.12, 0.2])),
        (5, bin(ratio(characters, lines), &[6.0, 12.0, 20.0, 30.0, 45.0, 80.0, 200.0])),
        (6, bin(ratio(look.short_lines, lines), &[0.05, 0.2, 0.4, 0.6, 0.8])),
        (7, bin(ratio(look.tabs, lines), &[0.01, 0.3, 1.0, 3.0])),
        (8, bin(ratio(pages.len(), 1), &[1.5, 2.5, 5.5, 20.5])),
    ];
    bins.extend(pages.first().into_iter().flat_map(placed));
    bins
}

/// What the places on the first page tell.
fn placed(page: &Page) -> Vec<(u8, u8)> {
    let (width, height) = (page.size.width, page.size.height);
    let words = page.text.words.get(..WORDS).unwrap_or(&page.text.words);
    if width <= 0.0 || height <= 0.0 || words.is_empty() {
        return Vec::new();
    }
    let mut heights: Vec<f32> = words.iter().map(|word| word.bounds.h).filter(|h| h.is_finite() && *h > 0.0).collect();
    heights.sort_unstable_by(f32::total_cmp);
    let median = heights.get(heights.len() / 2).copied().unwrap_or(1.0);
    let top = words.iter().filter(|word| word.bounds.y < height / 3.0).map(|word| word.bounds.h);
    let title = top.fold(0.0_f32, f32::max) / median;
    let large = width.max(height) > LARGE && page.ocr_confidence.is_none();
    vec![
        (20, bin(width / height, &[0.6, 0.8, 1.2, 1.5, 1.7])),
        (21, bin(title, &[1.1, 1.4, 1.8, 2.5, 4.0])),
        (22, bin(ratio(page.text.words.len(), 1), &[20.0, 60.0, 150.0, 400.0, 800.0])),
        (23, u8::from(large)),
    ]
}

/// In which of the stretches between limits a value lies.
fn bin(value: f32, limits: &[f32]) -> u8 {
    u8::try_from(limits.iter().take_while(|limit| value >= **limit).count()).expect("a handful of limits")
}

#[allow(clippy::cast_precision_loss, reason = "counts of a few thousand")]
fn ratio(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Origin, PageSize, Rect};

    #[test]
    fn a_property_without_places_is_not_told() {
        let pages = [Page::plain(1, "姓名\t工资\n张三\t5000\n")];
        let bins = bins(&Look::at(&pages), &pages);
        assert!(bins.iter().all(|(what, _)| *what < 20));
        assert!(bins.contains(&(7, 3)), "a tab a line: {bins:?}");
    }

    #[test]
    fn a_title_is_larger_than_the_text_below_it() {
        let mut page = Page::plain(1, "");
        page.size = PageSize { width: 595.0, height: 842.0 };
        page.text.push_word("", "合同", Rect { x: 200.0, y: 60.0, w: 200.0, h: 30.0 }, 100, Origin::Layer);
        for row in 0_u8..9 {
            let place = Rect { x: 60.0, y: 300.0 + f32::from(row) * 20.0, w: 400.0, h: 12.0 };
            page.text.push_word("\n", "第一条", place, 100, Origin::Layer);
        }
        let pages = [page];
        let bins = bins(&Look::at(&pages), &pages);
        assert!(bins.contains(&(21, 4)) && bins.contains(&(20, 1)), "{bins:?}");
    }
}
