//! Pixels that lie in planes, one for each colour: put together to pictures.

use image::{DynamicImage, GrayImage, RgbImage};

/// Runs of equal bytes (`PackBits`), up to `wanted` bytes; what is missing is `blank`. Says whether all were there.
pub(super) fn unpack_bits(mut packed: &[u8], wanted: usize, blank: u8) -> (Vec<u8>, bool) {
    let mut data = Vec::with_capacity(wanted);
    while data.len() < wanted {
        let [count, rest @ ..] = packed else { break };
        let count = count.cast_signed();
        match (count, rest) {
            (0.., _) => {
                let literal = &rest[..rest.len().min(usize::from(count.unsigned_abs()) + 1)];
                data.extend(literal);
                packed = &rest[literal.len()..];
            }
            (-128, _) => packed = rest,
            (_, [value, behind @ ..]) => {
                data.resize(data.len() + usize::from(count.unsigned_abs()) + 1, *value);
                packed = behind;
            }
            _ => break,
        }
    }
    let whole = data.len() >= wanted;
    data.resize(wanted, blank);
    (data, whole)
}

/// A grey picture.
pub(super) fn grey(width: u32, height: u32, plane: Vec<u8>) -> Option<DynamicImage> {
    GrayImage::from_raw(width, height, plane).map(DynamicImage::ImageLuma8)
}

/// A picture of red, green and blue.
pub(super) fn rgb(width: u32, height: u32, [red, green, blue]: [&[u8]; 3]) -> Option<DynamicImage> {
    let pixels = red.iter().zip(green).zip(blue).flat_map(|((red, green), blue)| [*red, *green, *blue]).collect();
    RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8)
}

/// A picture of inks: 255 is no ink.
pub(super) fn inks(width: u32, height: u32, [cyan, magenta, yellow, black]: [&[u8]; 4]) -> Option<DynamicImage> {
    let lit = |ink: u8, black: u8| u8::try_from(u16::from(ink) * u16::from(black) / 255).unwrap_or(u8::MAX);
    let lit = |plane: &[u8]| plane.iter().zip(black).map(|(ink, black)| lit(*ink, *black)).collect::<Vec<u8>>();
    rgb(width, height, [&lit(cyan), &lit(magenta), &lit(yellow)])
}
