//! The way back: where a point of a prepared image lies in the image it was made from.

use super::raster::size;
use crate::document::Rect;

/// Maps points of a prepared image back to the image it was made from: `x' = a·x + b·y + c`, `y' = d·x + e·y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Affine {
    pub(super) a: f32,
    pub(super) b: f32,
    pub(super) c: f32,
    pub(super) d: f32,
    pub(super) e: f32,
    pub(super) f: f32,
}

impl Affine {
    /// Every point stays.
    pub(super) const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 0.0, e: 1.0, f: 0.0 };

    /// Multiplies both coordinates.
    pub(super) fn scale(factor_x: f32, factor_y: f32) -> Self {
        Self { a: factor_x, e: factor_y, ..Self::IDENTITY }
    }

    /// Moves by a distance.
    pub(super) fn shift(x: f32, y: f32) -> Self {
        Self { c: x, f: y, ..Self::IDENTITY }
    }

    /// From an image turned clockwise by quarter turns back to the unturned one of this size.
    pub(super) fn unturn(quarter_turns: u8, width: u32, height: u32) -> Self {
        let (width, height) = (size(width), size(height));
        match quarter_turns % 4 {
            1 => Self { a: 0.0, b: 1.0, c: 0.0, d: -1.0, e: 0.0, f: height },
            2 => Self { a: -1.0, b: 0.0, c: width, d: 0.0, e: -1.0, f: height },
            3 => Self { a: 0.0, b: -1.0, c: width, d: 1.0, e: 0.0, f: 0.0 },
            _ => Self::IDENTITY,
        }
    }

    /// From an image straightened by [`super::raster::straighten`] back to the skewed one; both have this size.
    pub(super) fn unstraighten(degrees: f32, width: u32, height: u32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (x, y) = (size(width) / 2.0, size(height) / 2.0);
        Self { a: cos, b: -sin, c: x - cos * x + sin * y, d: sin, e: cos, f: y - sin * x - cos * y }
    }

    /// First this map, then the other.
    #[must_use]
    pub(super) fn then(&self, next: &Self) -> Self {
        Self {
            a: next.a * self.a + next.b * self.d,
            b: next.a * self.b + next.b * self.e,
            c: next.a * self.c + next.b * self.f + next.c,
            d: next.d * self.a + next.e * self.d,
            e: next.d * self.b + next.e * self.e,
            f: next.d * self.c + next.e * self.f + next.f,
        }
    }

    /// The upright rectangle around a mapped rectangle.
    pub(super) fn bounds(&self, rect: &Rect) -> Rect {
        let corner = |x: f32, y: f32| (self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f);
        let corners = [
            corner(rect.x, rect.y),
            corner(rect.right(), rect.y),
            corner(rect.x, rect.bottom()),
            corner(rect.right(), rect.bottom()),
        ];
        let (left, right) = extent(corners.map(|(x, _)| x));
        let (top, bottom) = extent(corners.map(|(_, y)| y));
        Rect { x: left, y: top, w: right - left, h: bottom - top }
    }
}

fn extent(values: [f32; 4]) -> (f32, f32) {
    values.iter().fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(*value), high.max(*value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Rect, b: Rect) -> bool {
        [(a.x, b.x), (a.y, b.y), (a.w, b.w), (a.h, b.h)].iter().all(|(a, b)| (a - b).abs() < 0.01)
    }

    #[test]
    fn a_turned_box_comes_back_to_where_it_was() {
        let rect = Rect { x: 3.0, y: 5.0, w: 10.0, h: 4.0 };
        let turned = Rect { x: 60.0 - 9.0, y: 3.0, w: 4.0, h: 10.0 };
        assert!(near(Affine::unturn(1, 100, 60).bounds(&turned), rect));
        let turned = Rect { x: 100.0 - 13.0, y: 60.0 - 9.0, w: 10.0, h: 4.0 };
        assert!(near(Affine::unturn(2, 100, 60).bounds(&turned), rect));
        let turned = Rect { x: 5.0, y: 100.0 - 13.0, w: 4.0, h: 10.0 };
        assert!(near(Affine::unturn(3, 100, 60).bounds(&turned), rect));
    }

    #[test]
    fn a_straightened_point_comes_back_to_where_it_was() {
        let back = Affine::unstraighten(90.0, 200, 100);
        assert!(near(
            back.bounds(&Rect { x: 100.0, y: 50.0, w: 0.0, h: 0.0 }),
            Rect { x: 100.0, y: 50.0, w: 0.0, h: 0.0 }
        ));
        // A point to the right on the level page lay below, on a page whose lines fell straight down.
        assert!(near(
            back.bounds(&Rect { x: 130.0, y: 50.0, w: 0.0, h: 0.0 }),
            Rect { x: 100.0, y: 80.0, w: 0.0, h: 0.0 }
        ));
    }
}
