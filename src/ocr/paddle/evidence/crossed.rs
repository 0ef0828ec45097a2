//! Ink in colour where black ink crosses it: both together are black, so strokes of a stamp have gaps where letters run through them.

use image::RgbImage;

use super::Ink;

/// Pixels of black that a stroke in colour goes on behind, at most: strokes of letters are thinner.
const LONGEST: usize = 16;
/// Pixels of ink on both sides, at least: letters themselves have thin edges in colour on screens and in JPEG.
const LEAST: usize = 3;
/// The strongest channel of black ink is weaker than this.
const BLACK: u8 = 128;

/// How much of an ink each pixel has, and which have it; gaps that black ink makes in its strokes are filled.
pub(in crate::ocr::paddle) fn strength(part: &RgbImage, ink: Ink) -> (Vec<u8>, Vec<bool>) {
    let (width, height) = (part.width() as usize, part.height() as usize);
    let excess: Vec<u8> = part.pixels().map(|pixel| ink.excess(&pixel.0)).collect();
    let inked: Vec<bool> = part.pixels().map(|pixel| ink.is_in(&pixel.0)).collect();
    let black = |at: usize| !inked[at] && is_black(&part.as_raw()[at * 3..][..3]);
    let (mut filled, mut has) = (excess.clone(), inked.clone());
    let mut along = |start: usize, step: usize, length: usize| {
        let place = |index: usize| start + index * step;
        let mut index = 0;
        // Pixels of ink without a gap, up to where `index` is.
        let mut before = 0;
        while index < length {
            if inked[place(index)] {
                (before, index) = (before + 1, index + 1);
                continue;
            }
            let end = (index..length).find(|index| !black(place(*index))).unwrap_or(length);
            let after = (end..length.min(end + LEAST)).take_while(|index| inked[place(*index)]).count();
            if before >= LEAST && after >= LEAST && end > index && end - index <= LONGEST {
                // Ink is weak at the very edge of the black.
                let mean = excess[place(index - 2)].midpoint(excess[place(end + 1)]);
                for at in (index..end).map(place) {
                    (filled[at], has[at]) = (filled[at].max(mean), true);
                }
            }
            (before, index) = (0, end.max(index + 1));
        }
    };
    (0..height).for_each(|y| along(y * width, 1, width));
    (0..width).for_each(|x| along(x, width, height));
    (filled, has)
}

/// Whether a pixel that has no ink in colour is one of black ink.
pub(super) fn is_black(pixel: &[u8]) -> bool {
    pixel.iter().all(|channel| *channel < BLACK)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn strokes_in_colour_go_on_behind_black_letters_and_black_letters_with_edges_in_colour_are_no_ink() {
        for (ink, colour) in [(Ink::Red, [205, 30, 35]), (Ink::Coloured, [40, 70, 200])] {
            let mut rgb = RgbImage::from_pixel(80, 60, Rgb([250; 3]));
            let mut fill = |x: std::ops::Range<u32>, y: std::ops::Range<u32>, colour| {
                y.for_each(|y| x.clone().for_each(|x| rgb.put_pixel(x, y, Rgb(colour))));
            };
            fill(20..28, 5..50, colour);
            fill(10..40, 20..25, [10; 3]);
            // A black stroke with thin edges.
            fill(59..66, 5..50, colour);
            fill(60..65, 5..50, [10; 3]);
            let (strength, has) = strength(&rgb, ink);
            let at = |x: usize, y: usize| y * 80 + x;
            assert!(has[at(24, 22)] && strength[at(24, 22)] == strength[at(24, 10)], "behind a letter");
            assert!(!has[at(12, 22)] && strength[at(12, 22)] == 0 && !has[at(35, 22)], "the letter beside it");
            assert!(!has[at(62, 30)], "a black stroke");
        }
    }

    #[test]
    fn strokes_do_not_go_on_behind_pictures_grey_ink_or_paper() {
        let goes_on = |gap: u32, grey: u8| {
            let mut rgb = RgbImage::from_pixel(40, 60, Rgb([250; 3]));
            for (x, y) in (10..20).flat_map(|x| (0..60).map(move |y| (x, y))) {
                rgb.put_pixel(x, y, if (20..20 + gap).contains(&y) { Rgb([grey; 3]) } else { Rgb([205, 30, 35]) });
            }
            strength(&rgb, Ink::Red).1[22 * 40 + 15]
        };
        assert!(goes_on(5, 20) && goes_on(16, 20) && goes_on(5, 120));
        assert!(!goes_on(17, 20) && !goes_on(5, 140) && !goes_on(5, 250));
    }
}
