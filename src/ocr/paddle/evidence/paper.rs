//! Paper that is not white: what is printed on it is told by its colour against the paper's, not by its own.

use image::RgbImage;

use super::count;
use crate::ocr::paddle::picture::Picture;
use crate::ocr::raster::size;

/// Channels of white and grey paper differ by no more than this.
const TINT: u8 = 24;
/// Of each channel so many pixels are as light as the paper, within this distance: more than of a weave or a grid in two colours.
const LEAST_PAPER: f32 = 0.55;
const NEAR: u8 = 16;
/// Paper is lighter than this in every channel.
const DARKEST: u8 = 96;
/// Each so many pixels one is looked at.
const EACH: usize = 13;

/// The picture as if its paper were white; none if it is, or if there is no even paper.
pub(in crate::ocr::paddle) fn on_white_paper(picture: &Picture) -> Option<Picture<'static>> {
    let channels = [0, 1, 2].map(|channel| paper(&picture.rgb, channel));
    let [Some(red), Some(green), Some(blue)] = channels else { return None };
    if red.max(green).max(blue) - red.min(green).min(blue) <= TINT {
        return None;
    }
    let lighter = |paper: u8| {
        std::array::from_fn::<u8, 256, _>(|value| {
            u8::try_from((value * 255 / usize::from(paper)).min(255)).expect("at most 255")
        })
    };
    let tables = [red, green, blue].map(lighter);
    let mut rgb = RgbImage::clone(&picture.rgb);
    for pixel in rgb.pixels_mut() {
        for (channel, table) in pixel.0.iter_mut().zip(&tables) {
            *channel = table[usize::from(*channel)];
        }
    }
    Some(Picture::owned(rgb, picture.factor))
}

/// The value of a channel that most pixels have, if it is that of paper.
fn paper(rgb: &RgbImage, channel: usize) -> Option<u8> {
    let mut counts = [0_u32; 256];
    rgb.as_raw().chunks_exact(3).step_by(EACH).for_each(|pixel| counts[usize::from(pixel[channel])] += 1);
    let most = (DARKEST..=u8::MAX).max_by_key(|value| counts[usize::from(*value)])?;
    let near: u32 =
        (most.saturating_sub(NEAR)..=most.saturating_add(NEAR)).map(|value| counts[usize::from(value)]).sum();
    let all = count(rgb.as_raw().len() / 3 / EACH);
    (size(near) > size(all) * LEAST_PAPER).then_some(most)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::ocr::paddle::evidence::{Ink, areas};

    #[test]
    fn blue_ink_on_yellow_paper_is_told_from_it_and_white_paper_is_left_as_it_is() {
        let page = |paper: [u8; 3]| {
            let rgb = RgbImage::from_fn(600, 600, |x, y| {
                let ink = (200..400).contains(&x) && (240..320).contains(&y) && x % 20 < 7;
                Rgb(if ink { [40, 50, 110] } else { paper })
            });
            Picture::owned(rgb, 1.0)
        };
        assert!(on_white_paper(&page([250, 248, 240])).is_none());
        let yellow = page([240, 220, 150]);
        assert!(areas(&yellow, Ink::Coloured).is_empty(), "all of it is in colour");
        let white = on_white_paper(&yellow).expect("yellow paper");
        assert_eq!(white.rgb.get_pixel(5, 5).0, [255; 3]);
        let found = areas(&white, Ink::Coloured);
        assert!(found.len() == 1 && found[0].x >= 96.0 && found[0].right() <= 500.0, "{found:?}");
    }

    #[test]
    fn uneven_yellow_paper_is_paper_and_weaves_dark_grounds_and_slightly_warm_paper_are_not() {
        let is_paper = |of: &dyn Fn(u32, u32) -> [u8; 3]| {
            on_white_paper(&Picture::owned(RgbImage::from_fn(300, 300, |x, y| Rgb(of(x, y))), 1.0)).is_some()
        };
        let yellow = [240, 220, 150];
        assert!(is_paper(&|x, y| yellow.map(|value| value - u8::try_from((x * 7 + y * 11) % 15).expect("small"))));
        assert!(!is_paper(&|x, y| yellow.map(|value| value - u8::try_from((x * 7 + y * 11) % 90).expect("small"))));
        assert!(!is_paper(&|x, y| if (x / 5 + y / 5) % 2 == 0 { yellow } else { [200, 120, 60] }));
        assert!(!is_paper(&|_, _| [90, 60, 40]));
        assert!(!is_paper(&|_, _| [240, 236, 218]) && is_paper(&|_, _| [240, 236, 212]));
    }
}
