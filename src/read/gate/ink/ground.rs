//! The local background of a small render: the most frequent brightness around each tile of it.

use image::GrayImage;

/// Side of the tiles whose most frequent brightness is the local background, in pixels.
pub(super) const TILE: u32 = 16;
/// Brightnesses that count as one when the most frequent is looked for.
const BIN: u8 = 8;

/// The most frequent brightness around each tile.
pub(super) struct Tiles {
    across: usize,
    grounds: Vec<u8>,
}

impl Tiles {
    pub(super) fn new(image: &GrayImage) -> Self {
        let (width, height) = image.dimensions();
        let (across, down) = (width.div_ceil(TILE) as usize, height.div_ceil(TILE) as usize);
        let mut counts = vec![[0_u16; 256 / BIN as usize]; across * down];
        for (y, row) in image.as_raw().chunks_exact(width.max(1) as usize).enumerate() {
            let tiles = &mut counts[y / TILE as usize * across..][..across];
            for (pixels, counts) in row.chunks(TILE as usize).zip(tiles) {
                for value in pixels {
                    counts[usize::from(value / BIN)] += 1;
                }
            }
        }
        let mut grounds = Vec::with_capacity(across * down);
        for y in 0..down {
            for x in 0..across {
                // A heading fills a tile; with its neighbours, paper outweighs it.
                let mut sums = [0_u32; 256 / BIN as usize];
                for ny in y.saturating_sub(1)..(y + 2).min(down) {
                    for tile in &counts[ny * across + x.saturating_sub(1)..ny * across + (x + 2).min(across)] {
                        sums.iter_mut().zip(tile).for_each(|(sum, count)| *sum += u32::from(*count));
                    }
                }
                grounds.push(mode(&sums));
            }
        }
        Self { across, grounds }
    }

    /// Backgrounds of the tiles of pixel row `y`.
    pub(super) fn row(&self, y: usize) -> &[u8] {
        let start = y / TILE as usize * self.across;
        &self.grounds[start..start + self.across]
    }
}

/// The brightness at the heaviest pair of neighbouring bins, so that a peak on a border is not cut in two.
fn mode(sums: &[u32; 256 / BIN as usize]) -> u8 {
    let pair = |index: usize| sums[index] + sums.get(index + 1).copied().unwrap_or_default();
    // Of equals the brightest: a page half black is a page with black on it.
    let best = (0..sums.len()).max_by_key(|index| pair(*index)).unwrap_or_default();
    let (first, second) = (sums[best], sums.get(best + 1).copied().unwrap_or_default());
    let middle = u32::from(BIN) * u32::try_from(best).expect("32 bins") + u32::from(BIN / 2);
    let shift = u32::from(BIN) * second / (first + second).max(1);
    u8::try_from((middle + shift).min(255)).expect("at most 255")
}
