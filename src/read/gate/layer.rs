//! What the text layer says, and whether it can be believed: doubts, samples, and the comparison with what was read.

use std::collections::HashMap;

use encoding_rs::{BIG5, EncoderResult, Encoding, GB18030, SHIFT_JIS};
use unicode_normalization::UnicodeNormalization as _;

use super::{SampleLine, ink};
use crate::document::{PageSize, Rect, Word};
use crate::format::Layer;

/// Share of a word's box that is ink if the word can be seen. Letters take 10 to 30 per cent.
const INK_OF_A_WORD: f32 = 0.012;
/// Characters below which letter statistics say nothing.
const ENOUGH_LETTERS: usize = 40;
/// Han characters below which theirs say nothing.
const ENOUGH_HAN: usize = 12;

/// Why the pixels must confirm a layer.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Something is drawn invisibly, or was painted over.
    pub(super) hidden: bool,
    /// It reads like a broken encoding.
    pub(super) garbled: bool,
    /// Words without ink.
    pub(super) inkless: Vec<u32>,
}

impl Doubts {
    /// Whether the doubt is about what can be seen.
    pub(super) fn need_pixels(&self) -> bool {
        self.hidden
    }
}

/// Doubts that arise before anything is rendered.
pub(super) fn doubts(layer: &Layer) -> Doubts {
    let hidden = layer.objects.invisible_chars > 0 || layer.objects.covered_texts > 0;
    Doubts { hidden, garbled: is_garbled(&layer.text.content), inkless: Vec::new() }
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

/// Lines that the pixels must confirm: those with doubtful words, spread over the page.
pub(super) fn sample(layer: &Layer, doubts: &Doubts, page: PageSize, limit: usize) -> Vec<SampleLine> {
    let is_doubtful = |index: u32| {
        doubts.garbled || layer.hidden.binary_search(&index).is_ok() || doubts.inkless.binary_search(&index).is_ok()
    };
    let lines = lines(layer);
    let mut doubtful: Vec<SampleLine> = lines
        .iter()
        .filter(|line| line.iter().any(|(index, _)| is_doubtful(*index)))
        .map(|line| {
            // Only the doubtful words: the rest of the line may well be true.
            let words: Vec<&Word> =
                line.iter().filter(|(index, _)| is_doubtful(*index)).map(|(_, word)| *word).collect();
            sample_line(&words, layer, page)
        })
        .collect();
    let length = |line: &SampleLine| line.expected.chars().filter(|c| c.is_alphanumeric()).count();
    // A line of three characters proves little; only where there is nothing better it must do.
    let longest = doubtful.iter().map(length).max().unwrap_or_default();
    doubtful.retain(|line| length(line) >= longest.min(6) && length(line) > 0);
    spread(doubtful, limit)
}

/// A line to be confirmed, with a margin; words that say not where they stand may stand anywhere on the page.
fn sample_line(words: &[&Word], layer: &Layer, page: PageSize) -> SampleLine {
    let texts: Vec<&str> =
        words.iter().map(|word| &layer.text.content[word.start as usize..word.end as usize]).collect();
    let boxes = words.iter().map(|word| word.bounds);
    let bounds = boxes.reduce(|all, next| all.union(&next)).unwrap_or_default();
    if bounds.w <= 0.0 || bounds.h <= 0.0 {
        let bounds = Rect { x: 0.0, y: 0.0, w: page.width, h: page.height };
        return SampleLine { bounds, expected: texts.join(" ") };
    }
    let margin = bounds.h.min(bounds.w) * 0.4;
    let (x, y) = ((bounds.x - margin).max(0.0), (bounds.y - margin).max(0.0));
    let bounds = Rect { x, y, w: bounds.right() + margin - x, h: bounds.bottom() + margin - y };
    SampleLine { bounds, expected: texts.join(" ") }
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

/// Whether text reads like glyph numbers taken for characters: Latin letters without vowels, Han that nobody writes,
/// letters of scripts that never stand together.
fn is_garbled(text: &str) -> bool {
    let (mut letters, mut vowels, mut han, mut rare, mut foreign) = (0, 0, 0, 0, 0);
    for c in text.chars().take(4000) {
        match c {
            'a'..='z' | 'A'..='Z' => {
                letters += 1;
                vowels += usize::from("aeiouyAEIOUY".contains(c));
            }
            '\u{4e00}'..='\u{9fff}' => {
                han += 1;
                rare += usize::from(!is_frequent(c));
            }
            '\u{3400}'..='\u{4dbf}' | '\u{a000}'..='\u{abff}' | '\u{1400}'..='\u{1cff}' | '\u{20000}'..='\u{3ffff}' => {
                foreign += 1;
            }
            _ => {}
        }
    }
    let no_vowels = letters >= ENOUGH_LETTERS && vowels * 100 < letters * 20;
    let nobody_writes = han >= ENOUGH_HAN && rare * 100 > han * 35;
    let nowhere = foreign >= ENOUGH_HAN && foreign > letters + han;
    no_vowels || nobody_writes || nowhere
}

/// A Han character that is among the frequent ones of some national set: two thirds of all code points are not.
fn is_frequent(c: char) -> bool {
    let lead = |encoding: &'static Encoding| {
        let (mut source, mut bytes) = ([0; 4], [0; 8]);
        let text = c.encode_utf8(&mut source);
        let (result, _, written) = encoding.new_encoder().encode_from_utf8_without_replacement(text, &mut bytes, true);
        (result == EncoderResult::InputEmpty && written == 2).then_some(bytes)
    };
    lead(GB18030).is_some_and(|b| (0xb0..=0xd7).contains(&b[0]) && b[1] >= 0xa1)
        || lead(BIG5).is_some_and(|b| (0xa4..=0xc6).contains(&b[0]))
        || lead(SHIFT_JIS).is_some_and(|b| (0x88..=0x97).contains(&b[0]))
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
    fn ordinary_text_is_not_garbled() {
        let texts = [
            "The committee met on Tuesday and agreed on the budget for the coming year, with two abstentions.",
            "国务院办公厅关于印发政府信息公开工作要点的通知，各省、自治区、直辖市人民政府",
            "機密文件不得外傳，請各部門主管妥善保管並於閱後歸還檔案室",
            "これは秘密の文書です。持ち出しを禁止します。会議の資料は全て回収すること",
            "Der Ausschuss beschloss die Änderung der Geschäftsordnung mit großer Mehrheit, ohne Aussprache.",
        ];
        for text in texts {
            assert!(!is_garbled(text), "{text}");
        }
    }

    #[test]
    fn glyph_numbers_taken_for_characters_are_garbled() {
        let plain = "The committee met on Tuesday and agreed on the budget for the coming year, with two abstentions.";
        let shifted: String =
            plain.chars().map(|c| char::from_u32(u32::from(c).wrapping_sub(29)).unwrap_or(' ')).collect();
        assert!(is_garbled(&shifted));
        let han: String = (0..40).map(|n| char::from_u32(0x4e00 + n * 487 % 0x5200).expect("a character")).collect();
        assert!(is_garbled(&han));
    }

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
}
