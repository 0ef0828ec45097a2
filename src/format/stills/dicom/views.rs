//! Which parts of the range of samples are shown: what a viewer shows at first, and what that makes alike though letters may be in it.
//!
//! People turn a wheel until they see something. Here each part of the range that the first view makes alike (below it, above it,
//! and what is squeezed into a narrow part of it by a few samples far away) is shown once more, from its own least to its own
//! greatest, unless all of it is noise: air around a body. What is more than that may be letters. Those that are fainter than
//! the noise around them, or squeezed among many samples of all brightness, stay hidden.

/// From black to white.
pub(super) type Scale = (f32, f32);

/// Of the samples of a part, those at either end that make no scale: one in this many.
const TAIL: usize = 1000;

/// A part of a view that has less than this share of its scale is squeezed.
const NARROW: f32 = 0.25;

/// Views of a frame.
const MOST: usize = 6;

/// How often a part is split where nothing is in it.
const SPLITS: u32 = 3;

/// Steps in which a part is looked at for a stretch without samples.
const STEPS: usize = 256;

/// Noise reaches over so many of the usual differences between neighbours.
const NOISE: f32 = 12.0;

/// Samples of a frame, row by row.
pub(super) struct Samples<'a> {
    pub(super) values: &'a [f32],
    pub(super) width: usize,
    /// What stands where nothing was measured.
    pub(super) padding: Option<f32>,
}

impl Samples<'_> {
    /// The scales to show them on, that of the window first if there is one.
    pub(super) fn views(&self, window: Option<Scale>) -> Vec<Scale> {
        let all = (f32::MIN, f32::MAX);
        let Some(whole) = self.ends(all) else { return vec![window.unwrap_or((0.0, 1.0))] };
        let first = window.unwrap_or(whole);
        let mut views = vec![first];
        self.look((all.0, first.0), None, SPLITS, &mut views);
        self.look(first, Some(first.1 - first.0), SPLITS, &mut views);
        self.look((first.1, all.1), None, SPLITS, &mut views);
        views.truncate(MOST);
        views
    }

    /// Adds views of a part that is shown on a scale of so much, or not at all.
    fn look(&self, part: Scale, mut scale: Option<f32>, splits: u32, views: &mut Vec<Scale>) {
        let Some(ends) = self.ends(part).filter(|ends| ends.1 > ends.0) else { return };
        for view in [Some(ends), self.cut(part)].into_iter().flatten().filter(|view| view.1 > view.0) {
            let reach = view.1 - view.0;
            if scale.is_none_or(|scale| reach < scale * NARROW) && !self.is_noise(view) {
                views.push(view);
                scale = Some(reach);
            }
        }
        if let Some((below, above)) = self.gap(part, ends).filter(|_| splits > 0) {
            self.look((part.0, below), scale, splits - 1, views);
            self.look((above, part.1), scale, splits - 1, views);
        }
    }

    fn within(&self, part: Scale) -> impl Iterator<Item = f32> {
        self.values.iter().copied().filter(move |value| self.is_in(part, *value))
    }

    fn is_in(&self, part: Scale, value: f32) -> bool {
        part.0 <= value && value <= part.1 && self.padding != Some(value)
    }

    /// The least and the greatest of a part.
    fn ends(&self, part: Scale) -> Option<Scale> {
        let ends = |(low, high): Scale, value: f32| (low.min(value), high.max(value));
        self.within(part).fold(None, |known, value| Some(ends(known.unwrap_or((value, value)), value)))
    }

    /// The ends of a part without its tails.
    fn cut(&self, part: Scale) -> Option<Scale> {
        let mut values: Vec<f32> = self.within(part).collect();
        let tail = values.len() / TAIL;
        let last = values.len().checked_sub(1 + tail)?;
        let low = *values.select_nth_unstable_by(tail, f32::total_cmp).1;
        let high = *values.select_nth_unstable_by(last, f32::total_cmp).1;
        Some((low, high))
    }

    /// The samples around a stretch of more than half of a part in which there are none.
    fn gap(&self, part: Scale, (low, high): Scale) -> Option<Scale> {
        #[allow(clippy::cast_precision_loss, reason = "a few steps")]
        let step = (high - low) / STEPS as f32;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the number of steps")]
        let number = |value: f32| (((value - low) / step) as usize).min(STEPS - 1);
        let mut held = [None::<Scale>; STEPS];
        for value in self.within(part) {
            let step = &mut held[number(value)];
            let (least, most) = step.unwrap_or((value, value));
            *step = Some((least.min(value), most.max(value)));
        }
        let held: Vec<Scale> = held.into_iter().flatten().collect();
        let gaps = held.windows(2).map(|pair| (pair[0].1, pair[1].0));
        gaps.into_iter().find(|gap| gap.1 - gap.0 > (high - low) / 2.0)
    }

    /// Whether a part reaches no further than neighbours in it differ.
    fn is_noise(&self, part: Scale) -> bool {
        let rows = self.values.chunks_exact(self.width.max(1));
        let pairs =
            rows.flat_map(|row| row.windows(2)).filter(|pair| pair.iter().all(|value| self.is_in(part, *value)));
        let mut differences: Vec<f32> = pairs.map(|pair| (pair[1] - pair[0]).abs()).collect();
        let middle = differences.len() / 2;
        if differences.is_empty() {
            return false;
        }
        let usual = *differences.select_nth_unstable_by(middle, f32::total_cmp).1;
        part.1 - part.0 <= usual * NOISE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 200;

    /// Numbers that look like chance, about -3 to 3 as noise is spread.
    fn noise(seed: u64) -> impl Iterator<Item = f32> {
        let mut state = seed;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f32::from(u16::try_from(state >> 48).expect("sixteen bits")) / 65_536.0
        };
        std::iter::repeat_with(move || (0..12).map(|_| next()).sum::<f32>() - 6.0)
    }

    /// A frame of noise about `ground`, with strokes like those of letters of `ink` over a few places of it.
    fn frame(ground: f32, spread: f32, ink: Option<f32>) -> Vec<f32> {
        let is_ink = |at: usize| {
            let (x, y) = (at % WIDTH, at / WIDTH);
            (40..100).contains(&x) && (50..70).contains(&y) && x % 10 < 3
        };
        let values = noise(7).take(WIDTH * WIDTH).enumerate();
        values.map(|(at, noise)| ink.filter(|_| is_ink(at)).unwrap_or(ground) + spread * noise).collect()
    }

    fn views(values: &[f32], padding: Option<f32>, window: Option<Scale>) -> Vec<Scale> {
        Samples { values, width: WIDTH, padding }.views(window)
    }

    #[test]
    fn letters_that_padding_or_a_dot_squeezes_have_a_view_of_their_own() {
        for far in [-32_768.0, 32_767.0] {
            let mut values = frame(5000.0, 10.0, Some(5300.0));
            values[..8000].fill(far);
            let found = views(&values, None, None);
            assert!(found[1..].iter().any(|view| view.0 > 4900.0 && view.1 < 5400.0), "{found:?}");
            // Where the file says what padding is, it makes no scale.
            let found = views(&values, Some(far), None);
            assert!(found.len() == 1 && found[0].1 - found[0].0 < 500.0, "{found:?}");
        }
        let mut values = frame(5000.0, 10.0, Some(5300.0));
        values[3] = 32_767.0;
        values[9000] = -32_768.0;
        let found = views(&values, None, None);
        assert!(found[1..].iter().any(|view| view.0 > 4900.0 && view.1 < 5400.0), "{found:?}");
    }

    #[test]
    fn letters_on_either_side_of_a_window_have_a_view_and_those_in_it_none() {
        let values = frame(-500.0, 5.0, Some(-400.0));
        assert_eq!(views(&values, None, Some((-160.0, 240.0))).len(), 2);
        assert_eq!(views(&values, None, Some((-2000.0, -900.0))).len(), 2);
        assert_eq!(views(&values, None, Some((-600.0, -300.0))), [(-600.0, -300.0)]);
        // A window as wide as all that there may be squeezes them.
        assert_eq!(views(&values, None, Some((-32_768.0, 32_767.0))).len(), 2);
    }

    #[test]
    fn noise_of_air_around_a_body_is_shown_no_second_time() {
        let air = frame(-1000.0, 12.0, None);
        assert_eq!(views(&air, None, Some((-160.0, 240.0))).len(), 1);
        // A body in air, all of it inside the window.
        let body: Vec<f32> = air
            .iter()
            .enumerate()
            .map(|(at, air)| {
                let (x, y) = (at % WIDTH, at / WIDTH);
                let away = x.abs_diff(100).pow(2) + y.abs_diff(100).pow(2);
                if away < 60 * 60 { 40.0 + (air + 1000.0) } else { *air }
            })
            .collect();
        assert_eq!(views(&body, None, Some((-160.0, 240.0))).len(), 1);
        assert_eq!(views(&body, None, None).len(), 1);
    }

    #[test]
    fn few_and_thin_strokes_in_noise_have_a_view() {
        let mut values = frame(-600.0, 12.0, None);
        for at in [5050, 5051, 5250, 5251, 5450, 5451] {
            values[at] = -440.0;
        }
        assert_eq!(views(&values, None, Some((-160.0, 240.0))).len(), 2);
    }

    #[test]
    fn a_frame_of_one_value_or_of_padding_alone_has_one_view() {
        assert_eq!(views(&[7.0; WIDTH * 4], None, None), [(7.0, 7.0)]);
        assert_eq!(views(&[7.0; WIDTH * 4], Some(7.0), None).len(), 1);
        assert_eq!(views(&[], None, None).len(), 1);
    }
}
