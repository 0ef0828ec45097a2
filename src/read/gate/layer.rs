//! What the text layer says, and whether it can be believed: doubts, samples, and the comparison with what was read.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;

use super::{SampleLine, garble, ink};
use crate::document::{PageSize, Rect, Word};
use crate::format::Layer;

/// Share of a word's box that is ink if the word can be seen. Letters take 10 to 30 per cent.
const INK_OF_A_WORD: f32 = 0.012;
/// Letters of a line with fewer characters say little when they are read again.
const LONG: usize = 6;
/// Letters of a line that tell something when they are read again, and how high it must be, in points.
const TELLING: usize = 3;
const TELLING_HEIGHT: f32 = 3.5;
/// Share of the page's height at its top and at its bottom where marks stand.
const MARGIN: f32 = 0.15;
/// A line this much higher than the page's usual one is written large.
const LARGE: f32 = 1.4;

/// Why the pixels must confirm a layer.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Something is drawn invisibly, or was painted over.
    pub(super) hidden: bool,
    /// All of it reads like a broken encoding.
    pub(super) garbled: bool,
    /// Words without ink.
    pub(super) inkless: Vec<u32>,
    /// Words that explain no ink, in ascending order: their glyphs are not what their characters say, or their line reads
    /// like a broken encoding.
    pub(super) unread: Vec<u32>,
}

impl Doubts {
    /// Whether the doubt is about what can be seen.
    pub(super) fn need_pixels(&self) -> bool {
        self.hidden || !self.unread.is_empty()
    }
}

/// Doubts that arise before anything is rendered.
pub(super) fn doubts(layer: &Layer) -> Doubts {
    let hidden = layer.objects.invisible_chars > 0 || layer.objects.covered_texts > 0;
    let garbled = garble::is_garbled(&layer.text.content);
    let mut unread = layer.doubtful.clone();
    // A page that is garbled as a whole is sampled, and what comes of it is a finding.
    if !garbled {
        for line in lines(layer) {
            let (Some((_, first)), Some((_, last))) = (line.first(), line.last()) else { continue };
            if garble::is_garbled_line(&layer.text.content[first.start as usize..last.end as usize]) {
                unread.extend(line.iter().map(|(index, _)| *index));
            }
        }
        unread.sort_unstable();
        unread.dedup();
    }
    Doubts { hidden, garbled, inkless: Vec::new(), unread }
}

/// Places of the words that explain the ink in them.
pub(super) fn explaining(layer: &Layer, doubts: &Doubts) -> Vec<Rect> {
    let words = (0_u32..).zip(&layer.text.words);
    words.filter(|(index, _)| doubts.unread.binary_search(index).is_err()).map(|(_, word)| word.bounds).collect()
}

/// Places that are to be read although little ink may lie there, because what stands in them is not known: two characters
/// make a mark.
pub(super) fn unread_places(layer: &Layer, doubts: &Doubts) -> Vec<Rect> {
    let unread = doubts.unread.iter().filter_map(|index| layer.text.words.get(*index as usize));
    let places = unread.map(|word| word.bounds).chain(layer.unmapped.iter().copied());
    let grown = places.filter(|place| place.w > 0.0 && place.h > 0.0).map(|place| {
        let margin = place.h.min(place.w) * 0.4;
        let (x, y) = ((place.x - margin).max(0.0), (place.y - margin).max(0.0));
        Rect { x, y, w: place.right() + margin - x, h: place.bottom() + margin - y }
    });
    grown.collect()
}

/// Whether most of a place lies in a region.
pub(super) fn lies_in(place: &Rect, region: &Rect) -> bool {
    place.intersection(region).area() >= 0.7 * place.area()
}

/// Words of letters or digits whose boxes have no ink in them, by index. Where only `parts` of the page were rendered, the
/// words inside them.
pub(super) fn inkless(layer: &Layer, view: &ink::View, parts: Option<&[Rect]>) -> Vec<u32> {
    let rendered = |bounds: &Rect| parts.is_none_or(|parts| parts.iter().any(|part| part.contains(bounds)));
    let words = layer.text.words.iter().enumerate();
    let inkless = words.filter(|(_, word)| {
        let text = &layer.text.content[word.start as usize..word.end as usize];
        let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
        letters >= 2
            && word.bounds.w > 0.0
            && word.bounds.h > 0.0
            && rendered(&word.bounds)
            && view.ink_in(&word.bounds) < INK_OF_A_WORD
    });
    inkless.map(|(index, _)| u32::try_from(index).unwrap_or(u32::MAX)).collect()
}

/// Lines that the pixels must confirm: those with doubtful words. Up to half of them are short ones that stand where marks
/// stand (two characters make a mark); the others are spread over the page.
pub(super) fn sample(layer: &Layer, doubts: &Doubts, page: PageSize, limit: usize) -> Vec<SampleLine> {
    let is_among = |lists: &[&Vec<u32>], index: u32| lists.iter().any(|list| list.binary_search(&index).is_ok());
    // What cannot be seen may be anything, however short it is.
    let is_suspect = |index: u32| doubts.garbled || is_among(&[&layer.hidden, &doubts.inkless], index);
    let is_doubtful = |index: u32| is_suspect(index) || is_among(&[&layer.unproven], index);
    let lines = lines(layer);
    let usual = usual_height(&lines);
    let (mut marks, mut long, mut short) = (Vec::new(), Vec::new(), Vec::new());
    for line in &lines {
        // Only the doubtful words: the rest of the line may well be true.
        let words: Vec<&Word> = line
            .iter()
            .filter(|(index, word)| is_doubtful(*index) && is_on_page(&word.bounds, page))
            .map(|(_, word)| *word)
            .collect();
        if words.is_empty() {
            continue;
        }
        let mut sample = sample_line(&words, layer, page);
        let letters = sample.expected.chars().filter(|c| c.is_alphanumeric()).count();
        let place = words.iter().map(|word| word.bounds).reduce(|all, next| all.union(&next)).unwrap_or_default();
        let height = place.w.min(place.h);
        let is_small = letters < TELLING || (height > 0.0 && height < TELLING_HEIGHT);
        sample.tells = !is_small || line.iter().any(|(index, _)| is_suspect(*index));
        match letters {
            0 => {}
            length if length >= LONG * 2 => long.push(sample),
            length => match prominence(&words, &sample.expected, usual, page) {
                Some(rank) => marks.push((rank, sample)),
                None if length >= LONG => long.push(sample),
                None => short.push(sample),
            },
        }
    }
    // Stable, so that of equals the first on the page comes first.
    marks.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let few = limit.div_ceil(2).max(limit.saturating_sub(long.len() + short.len()));
    let mut sample: Vec<SampleLine> = marks.into_iter().map(|(_, sample)| sample).take(few).collect();
    let left = limit.saturating_sub(sample.len());
    // A line of three characters proves little; only where there is nothing better it must do.
    sample.extend(spread(if long.is_empty() { short } else { long }, left));
    sample
}

/// Whether the page shows a word: what it cuts off, pixels can neither confirm nor deny.
fn is_on_page(bounds: &Rect, page: PageSize) -> bool {
    let has_place = bounds.w > 0.0 && bounds.h > 0.0 && page.width > 0.0 && page.height > 0.0;
    !has_place || lies_in(bounds, &Rect { x: 0.0, y: 0.0, w: page.width, h: page.height })
}

/// How much a short line looks like a mark: large letters count most, then a place at the top or bottom of the page, words
/// more than numbers; none for one that does not.
fn prominence(words: &[&Word], text: &str, usual: f32, page: PageSize) -> Option<u32> {
    let bounds = words.iter().map(|word| word.bounds).reduce(|all, next| all.union(&next))?;
    if bounds.w <= 0.0 || bounds.h <= 0.0 {
        return None;
    }
    let large = bounds.h.min(bounds.w.max(usual)) > usual * LARGE;
    let outer = bounds.bottom() < page.height * MARGIN || bounds.y > page.height * (1.0 - MARGIN);
    let word = text.chars().any(char::is_alphabetic);
    (large || outer).then_some(4 * u32::from(word) + 2 * u32::from(large) + u32::from(outer))
}

/// The height of most words.
fn usual_height(lines: &[Vec<(u32, &Word)>]) -> f32 {
    let mut heights: Vec<f32> = lines.iter().flatten().map(|(_, word)| word.bounds.h).filter(|h| *h > 0.0).collect();
    heights.sort_by(f32::total_cmp);
    heights.get(heights.len() / 2).copied().unwrap_or(f32::MAX)
}

/// A line to be confirmed, with a margin; words that say not where they stand may stand anywhere on the page.
fn sample_line(words: &[&Word], layer: &Layer, page: PageSize) -> SampleLine {
    let texts: Vec<&str> =
        words.iter().map(|word| &layer.text.content[word.start as usize..word.end as usize]).collect();
    let boxes = words.iter().map(|word| word.bounds);
    let bounds = boxes.reduce(|all, next| all.union(&next)).unwrap_or_default();
    if bounds.w <= 0.0 || bounds.h <= 0.0 {
        let bounds = Rect { x: 0.0, y: 0.0, w: page.width, h: page.height };
        return SampleLine { bounds, expected: texts.join(" "), tells: true };
    }
    let margin = bounds.h.min(bounds.w) * 0.4;
    let (x, y) = ((bounds.x - margin).max(0.0), (bounds.y - margin).max(0.0));
    let bounds = Rect { x, y, w: bounds.right() + margin - x, h: bounds.bottom() + margin - y };
    SampleLine { bounds, expected: texts.join(" "), tells: true }
}

/// Evenly spread members of a list.
fn spread<T>(items: Vec<T>, limit: usize) -> Vec<T> {
    let count = items.len();
    if count <= limit {
        return items;
    }
    let wanted: Vec<usize> = (0..limit).map(|n| n * (count - 1) / (limit - 1).max(1)).collect();
    items.into_iter().enumerate().filter(|(index, _)| wanted.contains(index)).map(|(_, item)| item).collect()
}

/// Words by line, with their indices.
fn lines(layer: &Layer) -> Vec<Vec<(u32, &Word)>> {
    let mut lines: Vec<Vec<(u32, &Word)>> = Vec::new();
    let mut end = 0;
    for (index, word) in (0_u32..).zip(&layer.text.words) {
        let new = index == 0 || layer.text.content[end..word.start as usize].contains('\n');
        match lines.last_mut() {
            Some(line) if !new => line.push((index, word)),
            _ => lines.push(vec![(index, word)]),
        }
        end = word.end as usize;
    }
    lines
}

/// Share of the expected characters that were read, 0 to 1: pairs of neighbours in common, whatever their order. Blanks,
/// case, width and punctuation do not count. Nothing expected is matched by anything.
pub fn layer_match(expected: &str, read: &str) -> f32 {
    let (expected, read) = (essence(expected), essence(read));
    if expected.is_empty() {
        return 1.0;
    }
    let length = if expected.len() == 1 { 1 } else { 2 };
    let mut counts: HashMap<&[char], u32> = HashMap::new();
    for pair in read.windows(length) {
        *counts.entry(pair).or_default() += 1;
    }
    let (mut found, mut all) = (0.0, 0.0);
    for pair in expected.windows(length) {
        all += 1.0;
        if let Some(count) = counts.get_mut(pair).filter(|count| **count > 0) {
            *count -= 1;
            found += 1.0;
        }
    }
    found / all
}

/// Letters and digits alone, in one case and width.
fn essence(text: &str) -> Vec<char> {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_matches_in_spite_of_blanks_width_case_and_order() {
        assert!(layer_match("机密★10年", "机 密 ★ １０ 年") > 0.99);
        assert!(layer_match("Top Secret report", "TOPSECRET  REPORT") > 0.99);
        assert!(layer_match("first line second line", "second line\nfirst line") > 0.8);
        assert!(layer_match("Quarterly figures of the plant", "Nothing like it was printed") < 0.3);
        assert!(layer_match("secret", "") == 0.0);
        assert!(layer_match("  ", "anything") > 0.99);
        assert!(layer_match("密", "密级") > 0.99);
    }

    #[test]
    fn samples_are_spread_from_the_first_to_the_last() {
        assert_eq!(spread((0..100).collect(), 3), [0, 49, 99]);
        assert_eq!(spread(vec![1, 2], 3), [1, 2]);
        assert_eq!(spread(vec![1, 2, 3], 1), [1]);
    }

    fn layer(lines: &[(&str, f32, f32)]) -> Layer {
        let mut layer = Layer::default();
        for (text, y, h) in lines {
            let separator = if layer.text.content.is_empty() { "" } else { "\n" };
            let bounds = Rect { x: 72.0, y: *y, w: 80.0, h: *h };
            layer.text.push_word(separator, text, bounds, 100, crate::document::Origin::Layer);
        }
        layer.hidden = (0..u32::try_from(lines.len()).expect("few")).collect();
        layer
    }

    const A4: PageSize = PageSize { width: 595.0, height: 842.0 };

    #[test]
    fn short_lines_where_marks_stand_are_sampled_beside_long_ones() {
        let long: Vec<(String, f32)> =
            (0..40_u8).map(|n| (format!("an ordinary line number {n}"), 150.0 + 12.0 * f32::from(n))).collect();
        let mut lines: Vec<(&str, f32, f32)> = vec![("机密", 40.0, 10.0)];
        lines.extend(long.iter().map(|(text, y)| (text.as_str(), *y, 10.0)));
        lines.push(("密件", 400.0, 30.0));
        lines.push(("17", 800.0, 10.0));
        let layer = layer(&lines);
        let sample = sample(&layer, &Doubts { hidden: true, ..Doubts::default() }, A4, 6);
        let texts: Vec<&str> = sample.iter().map(|line| line.expected.as_str()).collect();
        assert_eq!(texts.len(), 6);
        assert_eq!(texts[..3], ["密件", "机密", "17"]);
        assert!(texts[3..].iter().all(|text| text.contains("ordinary")), "{texts:?}");
    }

    #[test]
    fn short_lines_are_sampled_where_there_is_nothing_else() {
        let layer = layer(&[("abc", 300.0, 10.0), ("机密", 340.0, 10.0)]);
        let sample = sample(&layer, &Doubts::default(), A4, 6);
        assert_eq!(sample.len(), 2);
    }

    #[test]
    fn words_of_a_garbled_line_explain_no_ink() {
        let layer = layer(&[("An ordinary line of text", 100.0, 10.0), ("!\"#$%&'()*+$#", 120.0, 10.0)]);
        let doubts = doubts(&Layer { doubtful: vec![], ..layer });
        assert_eq!(doubts.unread, [1]);
    }
}
