//! Text put together of pieces of another: where a byte of it stands there.

/// Where each piece begins, here and in the original; between two, bytes go on side by side. Before the first both begin at 0.
#[derive(Debug, Default)]
pub(super) struct Seams(Vec<(usize, usize)>);

impl Seams {
    /// A piece begins: behind all that were added.
    pub(super) fn push(&mut self, here: usize, there: usize) {
        self.0.push((here, there));
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The byte of the original that one here stands for.
    pub(super) fn place(&self, at: usize) -> usize {
        let after = self.0.partition_point(|seam| seam.0 <= at);
        let (here, there) = after.checked_sub(1).map_or((0, 0), |last| self.0[last]);
        there + (at - here)
    }
}
