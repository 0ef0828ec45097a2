//! Rectangles that lie at any angle: the smallest around a set of points, and how they relate to a direction of reading.

use crate::document::Rect;

/// A rectangle at an angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tilted {
    /// Its middle.
    pub x: f32,
    /// Its middle.
    pub y: f32,
    /// Length of the side that runs at `angle`.
    pub w: f32,
    /// Length of the other side.
    pub h: f32,
    /// Clockwise radians from the right: that way its text runs, or would run.
    pub angle: f32,
}

impl Tilted {
    /// The smallest rectangle around points, by turning it against each edge of their hull; its longer or shorter side runs
    /// within 45° of the right. None around fewer than two points.
    pub(super) fn around(points: &mut Vec<(f32, f32)>) -> Option<Self> {
        let hull = hull(points);
        let mut best: Option<(f32, Self)> = None;
        for (index, from) in hull.iter().enumerate() {
            let to = hull[(index + 1) % hull.len()];
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            if dx == 0.0 && dy == 0.0 {
                continue;
            }
            let quarter = std::f32::consts::FRAC_PI_2;
            let angle = dy.atan2(dx);
            let angle = angle - (angle / quarter).round() * quarter;
            let rect = Self::at(&hull, angle);
            let area = rect.w * rect.h;
            // Ties go to the more level one.
            if best.as_ref().is_none_or(|(least, other)| {
                area < least * 0.999 || area <= least * 1.001 && angle.abs() < other.angle.abs()
            }) {
                best = Some((area, rect));
            }
        }
        best.map(|(_, rect)| rect)
    }

    /// The rectangle around points at an angle.
    fn at(points: &[(f32, f32)], angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        let mut low = (f32::MAX, f32::MAX);
        let mut high = (f32::MIN, f32::MIN);
        for (x, y) in points {
            let (u, v) = (x * cos + y * sin, y * cos - x * sin);
            low = (low.0.min(u), low.1.min(v));
            high = (high.0.max(u), high.1.max(v));
        }
        let middle = (f32::midpoint(low.0, high.0), f32::midpoint(low.1, high.1));
        Self::turned_back(middle, (high.0 - low.0, high.1 - low.1), angle)
    }

    /// The rectangle at an angle that [`Self::seen_at`] sees as this one.
    pub(super) fn seen_as(seen: &Rect, angle: f32) -> Self {
        Self::turned_back((seen.x + seen.w / 2.0, seen.y + seen.h / 2.0), (seen.w, seen.h), angle)
    }

    /// The rectangle whose middle lies here in the plane in which it is level.
    fn turned_back((u, v): (f32, f32), (w, h): (f32, f32), angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self { x: u * cos - v * sin, y: u * sin + v * cos, w, h, angle }
    }

    /// Moved by a distance.
    #[must_use]
    pub(super) fn moved(self, x: f32, y: f32) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }
    }

    /// Grown by a distance on every side.
    #[must_use]
    pub(super) fn grown(self, distance: f32) -> Self {
        Self { w: self.w + distance * 2.0, h: self.h + distance * 2.0, ..self }
    }

    /// In another unit.
    #[must_use]
    pub(super) fn scaled(self, factor: f32) -> Self {
        Self { x: self.x * factor, y: self.y * factor, w: self.w * factor, h: self.h * factor, angle: self.angle }
    }

    /// The same place, read a quarter turn further clockwise, `quarters` times.
    #[must_use]
    pub(super) fn turned(self, quarters: i8) -> Self {
        let (w, h) = if quarters % 2 == 0 { (self.w, self.h) } else { (self.h, self.w) };
        Self { w, h, angle: self.angle + f32::from(quarters) * std::f32::consts::FRAC_PI_2, ..self }
    }

    /// The part between two shares of its width.
    #[must_use]
    pub(super) fn part(&self, from: f32, to: f32) -> Self {
        let (sin, cos) = self.angle.sin_cos();
        let along = (f32::midpoint(from, to) - 0.5) * self.w;
        Self { x: self.x + along * cos, y: self.y + along * sin, w: self.w * (to - from), ..*self }
    }

    /// The upright rectangle around it.
    pub(super) fn bounds(&self) -> Rect {
        let (sin, cos) = self.angle.sin_cos();
        let (sin, cos) = (sin.abs(), cos.abs());
        let (w, h) = (self.w * cos + self.h * sin, self.w * sin + self.h * cos);
        Rect { x: self.x - w / 2.0, y: self.y - h / 2.0, w, h }
    }

    /// The rectangle around it as seen by a reader whose lines run at `angle`: the same plane, turned back.
    pub(super) fn seen_at(&self, angle: f32) -> Rect {
        let (sin, cos) = angle.sin_cos();
        let (x, y) = (self.x * cos + self.y * sin, self.y * cos - self.x * sin);
        Self { x, y, angle: self.angle - angle, ..*self }.bounds()
    }
}

/// The convex hull, by Andrew's monotone chain.
fn hull(points: &mut Vec<(f32, f32)>) -> Vec<(f32, f32)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.dedup();
    if points.len() < 3 {
        return points.clone();
    }
    let turn = |o: (f32, f32), a: (f32, f32), b: (f32, f32)| (a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0);
    let mut hull: Vec<(f32, f32)> = Vec::with_capacity(64);
    for pass in 0..2 {
        let start = hull.len();
        let mut add = |point: (f32, f32)| {
            while hull.len() >= start + 2 && turn(hull[hull.len() - 2], hull[hull.len() - 1], point) <= 0.0 {
                hull.pop();
            }
            hull.push(point);
        };
        if pass == 0 {
            points.iter().for_each(|&point| add(point));
        } else {
            points.iter().rev().for_each(|&point| add(point));
        }
        hull.pop();
    }
    hull
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corners(rect: &Tilted) -> Vec<(f32, f32)> {
        let (sin, cos) = rect.angle.sin_cos();
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (0.0, 0.0), (0.5, -0.25)]
            .map(|(u, v)| (u * rect.w / 2.0, v * rect.h / 2.0))
            .map(|(u, v)| (rect.x + u * cos - v * sin, rect.y + u * sin + v * cos))
            .to_vec()
    }

    #[test]
    fn the_smallest_rectangle_around_a_tilted_one_is_itself() {
        for angle in [0.0_f32, 0.1, -0.3, 0.7] {
            let rect = Tilted { x: 50.0, y: 70.0, w: 40.0, h: 10.0, angle };
            let found = Tilted::around(&mut corners(&rect)).expect("points");
            for (a, b) in [(found.x, 50.0), (found.y, 70.0), (found.w, 40.0), (found.h, 10.0), (found.angle, angle)] {
                assert!((a - b).abs() < 0.01, "{found:?}, not {rect:?}");
            }
        }
    }

    #[test]
    fn an_upright_line_of_points_is_tall_not_turned() {
        let found = Tilted::around(&mut vec![(5.0, 0.0), (5.0, 20.0), (6.0, 0.0), (6.0, 20.0)]).expect("points");
        assert!(found.h > found.w && found.angle.abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_part_lies_where_it_is_in_the_whole() {
        let whole = Tilted { x: 100.0, y: 50.0, w: 200.0, h: 20.0, angle: 0.0 };
        assert_eq!(whole.part(0.25, 0.5).bounds(), Rect { x: 50.0, y: 40.0, w: 50.0, h: 20.0 });
        let down = whole.turned(1);
        let part = Tilted { w: 20.0, h: 200.0, ..down }.part(0.0, 1.0);
        assert!((part.x - 100.0).abs() < 0.01 && (part.y - 50.0).abs() < 0.01);
    }

    #[test]
    fn a_page_on_its_side_is_seen_upright_by_a_reader_who_turns() {
        // Text that runs down: the reader's right is down, and his down is left.
        let line = Tilted { x: 30.0, y: 100.0, w: 80.0, h: 10.0, angle: std::f32::consts::FRAC_PI_2 };
        let seen = line.seen_at(std::f32::consts::FRAC_PI_2);
        assert!((seen.x - 60.0).abs() < 0.01 && (seen.y + 35.0).abs() < 0.01, "{seen:?}");
        assert!((seen.w - 80.0).abs() < 0.01 && (seen.h - 10.0).abs() < 0.01, "{seen:?}");
    }
}
