//! Plane maps: from the coordinates of what is drawn to those of the page.

use crate::document::Rect;

use super::Direction;

/// A plane map: `x' = a*x + c*y + e`, `y' = b*x + d*y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::format) struct Matrix(pub(in crate::format) [f32; 6]);

impl Matrix {
    /// Changes nothing.
    pub(in crate::format) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// Moves.
    pub(in crate::format) fn shift(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// Makes larger or smaller.
    pub(in crate::format) fn scale(factor: f32) -> Self {
        Self([factor, 0.0, 0.0, factor, 0.0, 0.0])
    }

    /// Six numbers with blanks or commas between them; none if there are others.
    pub(in crate::format) fn parse(text: &str) -> Option<Self> {
        numbers(text).try_into().ok().map(Self)
    }

    /// First this, then the other.
    #[must_use]
    pub(in crate::format) fn then(&self, outer: &Self) -> Self {
        let (m, o) = (self.0, outer.0);
        Self([
            m[0] * o[0] + m[1] * o[2],
            m[0] * o[1] + m[1] * o[3],
            m[2] * o[0] + m[3] * o[2],
            m[2] * o[1] + m[3] * o[3],
            m[4] * o[0] + m[5] * o[2] + o[4],
            m[4] * o[1] + m[5] * o[3] + o[5],
        ])
    }

    /// Where a point lies.
    pub(in crate::format) fn point(&self, x: f32, y: f32) -> (f32, f32) {
        let m = self.0;
        (m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5])
    }

    /// The box around a box.
    pub(in crate::format) fn rect(&self, rect: &Rect) -> Rect {
        let corners = [
            self.point(rect.x, rect.y),
            self.point(rect.right(), rect.y),
            self.point(rect.x, rect.bottom()),
            self.point(rect.right(), rect.bottom()),
        ];
        let start = corners[0];
        let fold =
            |pick: fn(&(f32, f32)) -> f32, best: fn(f32, f32) -> f32| corners.iter().map(pick).fold(pick(&start), best);
        let (x, y) = (fold(|p| p.0, f32::min), fold(|p| p.1, f32::min));
        Rect { x, y, w: fold(|p| p.0, f32::max) - x, h: fold(|p| p.1, f32::max) - y }
    }

    /// Where a step leads to.
    pub(super) fn direction(&self, x: f32, y: f32) -> Direction {
        let m = self.0;
        Direction::of(m[0] * x + m[2] * y, m[1] * x + m[3] * y)
    }
}

/// Changes nothing.
impl Default for Matrix {
    fn default() -> Self {
        Self::IDENTITY
    }
}

/// Numbers with blanks or commas between them, as far as they go.
pub(in crate::format) fn numbers(text: &str) -> Vec<f32> {
    let parts = text.split([' ', ',', '\t', '\r', '\n']).filter(|part| !part.is_empty());
    parts.map_while(|part| part.parse().ok().filter(|number: &f32| number.is_finite())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_a_place_of_the_page_as_it_is_composed() {
        let inner = Matrix([2.0, 0.0, 0.0, 2.0, 1.0, 1.0]);
        let both = inner.then(&Matrix::shift(10.0, 20.0));
        assert_eq!(both.rect(&Rect { x: 1.0, y: 1.0, w: 1.0, h: 1.0 }), Rect { x: 13.0, y: 23.0, w: 2.0, h: 2.0 });
    }

    #[test]
    fn numbers_are_read_as_far_as_they_go() {
        assert_eq!(numbers("1 2,3 x 4"), [1.0, 2.0, 3.0]);
        assert_eq!(Matrix::parse("1 0 0 1 5"), None);
    }
}
