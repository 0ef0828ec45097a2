//! Which pictures are strips or tiles of one.

use std::collections::HashSet;

use super::{LINE_LENGTH, holds_line};
use crate::document::Rect;

/// How far apart the parts of one picture may lie, in points.
pub(super) const SEAM: f32 = 1.5;
/// Comparisons of pictures with those of other groups: a page of six thousand strips takes 36 million.
const COMPARISONS: usize = 50_000_000;
/// Comparisons of two groups from which on what they showed is kept: less is done again sooner than found again, and six thousand
/// pictures on one place are eighteen million pairs.
const DEAR: usize = 64;
/// The part of a picture from which on it lies over another one, however thin it is.
const MOST: f32 = 0.75;

/// Puts pictures together that touch one another, and says whether all were looked at. The members of a group are in the order
/// in which they are drawn, the groups in that of their first members.
///
/// What lies over another picture is no part of it, even where an edge of it happens to lie on a border between two strips.
pub(super) fn groups(places: &[Rect]) -> (Vec<Vec<usize>>, bool) {
    let (groups, whole, _) = put_together(places);
    (groups, whole)
}

/// The same with what was kept of groups that lie over one another.
fn put_together(places: &[Rect]) -> (Vec<Vec<usize>>, bool, Apart) {
    let mut of: Vec<usize> = (0..places.len()).collect();
    let mut groups: Vec<Vec<usize>> = of.iter().map(|index| vec![*index]).collect();
    let mut compared = 0;
    let mut apart = Apart::default();
    for index in 1..places.len() {
        for before in 0..index {
            let (first, last) = (of[index].min(of[before]), of[index].max(of[before]));
            if first == last || !touch(&places[before], &places[index]) || apart.knows(first, last) {
                continue;
            }
            if compared > COMPARISONS {
                return (groups.into_iter().filter(|group| !group.is_empty()).collect(), false, apart);
            }
            let (one, other, before_these) = (&groups[first], &groups[last], compared);
            if lies_over(one, other, places, &mut compared) || lies_over(other, one, places, &mut compared) {
                apart.keep(first, last, compared - before_these);
                continue;
            }
            let moved = std::mem::take(&mut groups[last]);
            moved.iter().for_each(|member| of[*member] = first);
            groups[first].extend(moved);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups.iter_mut().for_each(|group| group.sort_unstable());
    (groups, true, apart)
}

/// Groups that lie over one another: they do so whatever is added to them.
#[derive(Debug, Default)]
struct Apart(HashSet<(usize, usize)>);

impl Apart {
    fn knows(&self, first: usize, last: usize) -> bool {
        self.0.contains(&(first, last))
    }

    /// Keeps what so many comparisons showed.
    fn keep(&mut self, first: usize, last: usize, compared: usize) {
        if compared >= DEAR {
            self.0.insert((first, last));
        }
    }
}

/// Whether a picture of one group lies over, or below, so much of the other that a line may be written there. Strips may be lower
/// than a line, many of them are not: so a strip that lies over others with most of itself is none of theirs either.
fn lies_over(group: &[usize], other: &[usize], places: &[Rect], compared: &mut usize) -> bool {
    group.iter().any(|one| {
        let (mut area, mut around) = (0.0, None);
        for two in other {
            *compared += 1;
            let part = places[*one].intersection(&places[*two]);
            if holds_line(&part) {
                return true;
            }
            if part.area() > 0.0 {
                area += part.area();
                around = Some(around.map_or(part, |around: Rect| around.union(&part)));
            }
        }
        // Strips that were rounded share a hair along their edges, and no more of the box around that.
        around.is_some_and(|around| {
            area >= 0.5 * around.area() && (holds_line(&around) || is_most(&around, area, &places[*one]))
        })
    })
}

/// Whether what lies over others, in a box around it, is most of a picture.
fn is_most(around: &Rect, area: f32, picture: &Rect) -> bool {
    let is_thick = around.w.min(around.h) >= MOST * picture.w.min(picture.h);
    is_thick && (around.w.max(around.h) >= LINE_LENGTH || area >= MOST * picture.area())
}

/// Whether two pictures lie side by side without a gap, as strips and tiles of one picture do.
fn touch(a: &Rect, b: &Rect) -> bool {
    let gap = |a0: f32, a1: f32, b0: f32, b1: f32| a0.max(b0) - a1.min(b1);
    let (across, down) = (gap(a.x, a.right(), b.x, b.right()), gap(a.y, a.bottom(), b.y, b.bottom()));
    let beside = across.abs() <= SEAM && -down >= 0.5 * a.h.min(b.h);
    let below = down.abs() <= SEAM && -across >= 0.5 * a.w.min(b.w);
    beside || below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f32, y: f32, w: f32, h: f32) -> Rect {
        Rect { x, y, w, h }
    }

    fn strip(number: u8, height: f32) -> Rect {
        rect(0.0, height * f32::from(number), 300.0, height + 0.01)
    }

    #[test]
    fn strips_and_tiles_are_one_picture_and_pictures_apart_or_over_one_another_are_not() {
        assert!(touch(&strip(0, 20.0), &strip(1, 20.0)) && !touch(&strip(0, 20.0), &strip(2, 20.0)));
        assert!(touch(&rect(0.0, 0.0, 50.0, 50.0), &rect(50.5, 0.0, 50.0, 50.0)));
        assert!(!touch(&rect(0.0, 0.0, 300.0, 300.0), &rect(100.0, 100.0, 50.0, 50.0)));
        assert!(!touch(&rect(0.0, 0.0, 50.0, 50.0), &rect(60.0, 0.0, 50.0, 50.0)));
        let tiles: Vec<Rect> = (0..20_u8)
            .flat_map(|row| (0..20_u8).map(move |column| (f32::from(column), f32::from(row))))
            .map(|(column, row)| rect(20.0 * column, 20.0 * row, 20.3, 20.3))
            .collect();
        let (found, whole) = groups(&tiles);
        assert_eq!((found.len(), whole), (1, true));
        assert!(found[0].is_sorted() && found[0].len() == 400);
    }

    #[test]
    fn a_patch_whose_edge_lies_on_a_border_between_strips_is_no_strip() {
        for height in [2.0, 5.0, 20.0, 100.0] {
            let count = 10;
            let mut places: Vec<Rect> = (0..count).map(|number| strip(number, height)).collect();
            let high = if height < 20.0 { 4.0 * height } else { height };
            places.push(rect(20.0, 2.0 * height, 200.0, high));
            let strips: Vec<usize> = (0..usize::from(count)).collect();
            assert_eq!(groups(&places).0, [strips, vec![usize::from(count)]], "{height}");
        }
    }

    #[test]
    fn a_patch_in_strips_of_its_own_is_no_part_of_the_strips_below_it_however_thin() {
        for height in [0.24, 1.0, 3.0, 5.0] {
            for shift in [0.0, 0.5] {
                let place = |number: u8| rect(20.0, height * (f32::from(number) + shift), 200.0, height);
                let places: Vec<Rect> =
                    (0..40).map(|number| strip(number, height)).chain((10..20).map(place)).collect();
                let expected = vec![(0..40).collect::<Vec<_>>(), (40..50).collect()];
                assert_eq!(groups(&places), (expected, true), "{height}, {shift}");
            }
        }
        let tile = |column: u8, row: u8| rect(5.0 * f32::from(column), 5.0 * f32::from(row), 5.0, 5.0);
        let tiles = |side: u8| (0..side).flat_map(move |row| (0..side).map(move |column| tile(column, row)));
        let found = groups(&tiles(20).chain(tiles(4)).collect::<Vec<_>>()).0;
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [400, 16]);
    }

    #[test]
    fn of_pictures_that_lie_on_one_place_only_what_was_dear_to_find_is_kept() {
        let places = vec![rect(10.0, 10.0, 300.0, 1.0); 2_000];
        let (found, whole, apart) = put_together(&places);
        assert_eq!((found.len(), whole, apart.0.len()), (2_000, true, 0));
        let over = (0..100).map(|number| rect(20.0, 0.24 * f32::from(number + 50_u8), 200.0, 0.24));
        let strips: Vec<Rect> = (0..200).map(|number| strip(number, 0.24)).chain(over).collect();
        let (found, whole, apart) = put_together(&strips);
        assert_eq!((found.len(), whole), (2, true));
        assert!((1..300).contains(&apart.0.len()), "{}", apart.0.len());
    }

    #[test]
    fn a_patch_that_is_drawn_between_strips_is_no_strip_of_those_it_covers() {
        let places = [strip(0, 20.0), strip(2, 20.0), rect(20.0, 0.0, 200.0, 40.0), strip(1, 20.0)];
        let (found, _) = groups(&places);
        let of = |index: usize| found.iter().position(|group| group.contains(&index));
        assert_ne!(of(0), of(2), "{found:?}");
    }
}
