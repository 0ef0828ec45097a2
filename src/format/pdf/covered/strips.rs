//! Covers that are pictures in strips too thin to hide a line by themselves: together they hide one.

use super::{Found, holds_line};
use crate::document::Rect;

/// Of the thinner one of two pictures, the part from which on they share more than their edges, which are rounded.
const HAIR: f32 = 0.25;

/// Such strips of one picture.
pub(super) struct Strips {
    /// Which group of pictures they are of.
    pub(super) group: usize,
    /// Where each hides something, and when it was drawn.
    strips: Vec<(Rect, usize)>,
}

/// Such strips, by the groups of pictures that they are of.
pub(super) fn covers(found: &[Found], groups: &[Vec<usize>]) -> Vec<Strips> {
    let strip = |index: &usize| {
        let one = found.get(*index)?;
        let area = one.member.bounds.intersection(&one.shown.area);
        (one.hides && area.area() > 0.0 && !holds_line(&area)).then_some((area, one.order))
    };
    let of = |(group, members): (usize, &Vec<usize>)| {
        let strips: Vec<_> = members.iter().filter_map(strip).collect();
        let around = strips.iter().map(|strip| strip.0).reduce(|all, next| all.union(&next));
        around.is_some_and(|around| holds_line(&around)).then_some(Strips { group, strips })
    };
    groups.iter().enumerate().filter_map(of).collect()
}

impl Strips {
    /// What they hide together of another picture where it is drawn before them, if a line may be in it.
    pub(super) fn over(&self, found: &[&Found], visible: &Rect) -> Option<Rect> {
        let mut around: Option<Rect> = None;
        for (strip, order) in self.strips.iter().filter(|(strip, _)| strip.overlaps(visible)) {
            for one in found.iter().filter(|one| one.order < *order) {
                let bounds = &one.member.bounds;
                let part = bounds.intersection(strip);
                let thinner = bounds.w.min(bounds.h).min(strip.w.min(strip.h));
                if part.w.min(part.h) >= HAIR * thinner {
                    around = Some(around.map_or(part, |around| around.union(&part)));
                }
            }
        }
        around.map(|around| around.intersection(visible)).filter(holds_line)
    }
}
