//! Boxes that are ticked: `密级：□绝密 ☑机密 □秘密`, `Classification: [ ] Public [X] Secret`, `绝密（ ）机密（√）`.
//!
//! Of the choices of a form the ticked one is what the document says of itself, and the others are nothing. A sign alone says
//! little, since squares are bullets too: what counts is that some are ticked and others are not, on the line or on those above
//! and below it.

use std::cmp::Ordering;
use std::ops::Range;

/// Lines above and below one that are looked at for other boxes of a list.
const LIST_LINES: usize = 8;
/// Characters between the brackets of a box.
const INSIDE: usize = 4;

/// A box on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tick {
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// Whether it is ticked.
    pub(super) ticked: bool,
    /// Whether it is a box whatever stands beside it: a filled square may be a bullet.
    sure: bool,
}

/// The choices of a line: which box belongs to which of its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choices {
    boxes: Vec<Tick>,
    /// Whether each box stands behind its words.
    behind: bool,
}

impl Choices {
    /// Those of a line, of which `above` and `below` are what stands around it; none if its signs are no boxes. More than `most` are a
    /// pattern and no form.
    pub(super) fn of(line: &str, above: &str, below: &str, most: usize) -> Self {
        let boxes = boxes(line);
        let is_choice = match boxes.as_slice() {
            [] => false,
            many if many.len() > most => false,
            [one] => {
                let begins = !line[..one.range.start].contains(char::is_alphanumeric);
                begins && is_listed(one.ticked, above, below)
            }
            // Of filled squares alone, and of ticks alone, none was chosen.
            several => !several.iter().all(|one| one.ticked),
        };
        if is_choice { Self { behind: is_behind(line, &boxes), boxes } } else { Self::default() }
    }

    /// Those of a form field whose label stands on the line: one box that is ticked is enough.
    pub(super) fn of_field(line: &str) -> Self {
        match boxes(line) {
            boxes if boxes.len() == 1 && boxes.iter().all(|one| one.ticked && one.sure) => {
                Self { behind: is_behind(line, &boxes), boxes }
            }
            _ => Self::default(),
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// Whether what stands at `range` of the line is ticked; nothing if no box belongs to it, or if its words go on at `end`.
    pub(super) fn ticked(&self, line: &str, range: &Range<usize>, end: impl Fn(usize) -> usize) -> Option<bool> {
        let blank =
            |from: usize, to: usize| line.get(from..to).is_some_and(|text| !text.contains(char::is_alphanumeric));
        let before = self.boxes.partition_point(|one| one.range.end <= range.start).checked_sub(1);
        let before = before.and_then(|at| self.boxes.get(at));
        let behind = self.boxes.get(self.boxes.partition_point(|one| one.range.start < range.end));
        if self.behind {
            // A label may stand before the first choice.
            let found = behind.filter(|one| blank(range.end, one.range.start))?;
            let from = before.map_or(0, |one| one.range.end);
            let from = line[from..range.start].rfind([':', ' ']).map_or(from, |at| from + at);
            return blank(from, range.start).then_some(found.ticked);
        }
        let found = before.filter(|one| blank(one.range.end, range.start))?;
        let to = behind.map_or(line.len(), |one| one.range.start).min(end(range.end));
        blank(range.end, to.max(range.end)).then_some(found.ticked)
    }

    /// What stands between the boxes, on the side on which the words of each are.
    pub(super) fn options(&self, length: usize) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.boxes.iter().map(|one| one.range.end));
        let ends = self.boxes.iter().map(|one| one.range.start).chain([length]);
        let (skip, take) = (usize::from(!self.behind), self.boxes.len());
        starts.zip(ends).skip(skip).take(take).map(|(start, end)| start..end.max(start))
    }
}

/// Whether the boxes stand behind their words: more of them touch words before them than behind, or nothing is behind the last.
fn is_behind(line: &str, boxes: &[Tick]) -> bool {
    let (Some(first), Some(last)) = (boxes.first(), boxes.last()) else { return false };
    let has_words = |text: &str| text.contains(char::is_alphanumeric);
    // What stands before the first box and is no label.
    let lead = line[..first.range.start].trim_end();
    let before = lead.rsplit([':', '|']).next().is_some_and(has_words);
    let touches = |char: Option<char>| usize::from(char.is_some_and(char::is_alphanumeric));
    let of = |one: &Tick| {
        (touches(line[..one.range.start].chars().next_back()), touches(line[one.range.end..].chars().next()))
    };
    let (words_before, words_behind) = boxes.iter().map(of).fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    match words_before.cmp(&words_behind) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal if words_before > 0 => before,
        Ordering::Equal => before && !has_words(&line[last.range.end..]),
    }
}

/// Whether a box that begins its line is one of a list on the lines around it.
fn is_listed(ticked: bool, above: &str, below: &str) -> bool {
    let above = above.lines().rev().skip_while(|line| line.is_empty()).take(LIST_LINES);
    let below = below.lines().skip_while(|line| line.is_empty()).take(LIST_LINES);
    let of_line = |line: &str| {
        let start = line.trim_start_matches([' ', '\t', '\u{3000}', '-', '*', '•']);
        boxes(start).first().filter(|one| one.range.start == 0).map(|one| one.ticked)
    };
    let others: Vec<bool> = above.map_while(of_line).chain(below.map_while(of_line)).collect();
    // Of filled squares alone, and of ticks alone, none was chosen.
    !others.is_empty() && (!ticked || others.iter().any(|other| !other))
}

/// The boxes of a line; neighbours with nothing between are one (`□√机密`).
fn boxes(line: &str) -> Vec<Tick> {
    let mut boxes: Vec<Tick> = Vec::new();
    let mut at = 0;
    while let Some(char) = line[at..].chars().next() {
        let found = sign(char).map(|(ticked, sure)| (char.len_utf8(), ticked, sure)).or_else(|| bracketed(&line[at..]));
        let Some((length, ticked, sure)) = found else {
            at += char.len_utf8();
            continue;
        };
        match boxes.last_mut().filter(|last| line[last.range.end..at].trim().is_empty()) {
            Some(last) => {
                last.range.end = at + length;
                last.ticked |= ticked;
                last.sure |= sure;
            }
            None => boxes.push(Tick { range: at..at + length, ticked, sure }),
        }
        at += length;
    }
    // Where there is a tick, a cross says no.
    let has_tick =
        boxes.iter().any(|one| line[one.range.clone()].contains(['√', '✓', '✔', '☑', '✅', '\u{f0fe}', '\u{f052}']));
    for one in boxes.iter_mut().filter(|_| has_tick) {
        let crossed = line[one.range.clone()].contains(['×', '✗', '✘', 'x', 'X']);
        one.ticked &= !crossed;
    }
    boxes
}

/// Whether a character is a box, and then whether it is ticked and whether it is nothing else. The last are those of the fonts of
/// symbols that office programs use.
fn sign(char: char) -> Option<(bool, bool)> {
    match char {
        '☑' | '☒' | '✓' | '✔' | '√' | '✅' | '⊠' | '🗹' | '🗷' | '\u{f0fe}' | '\u{f0fd}' | '\u{f052}' | '\u{f054}' => {
            Some((true, true))
        }
        '■' | '▣' | '◼' | '⬛' | '●' | '◉' => Some((true, false)),
        '□' | '☐' | '▢' | '◻' | '⬜' | '○' | '◯' | '❏' | '❑' | '\u{f0a8}' | '\u{f06f}' => {
            Some((false, true))
        }
        _ => None,
    }
}

/// `[ ]`, `( )`, `[x]`, `(√)`: its length, whether it is ticked, and that it is a box.
fn bracketed(text: &str) -> Option<(usize, bool, bool)> {
    let close = match text.chars().next()? {
        '[' => ']',
        '(' => ')',
        '【' => '】',
        _ => return None,
    };
    let open = text.chars().next()?.len_utf8();
    let end = text[open..].char_indices().take(INSIDE + 1).find(|(_, char)| *char == close)?.0;
    let inside = &text[open..open + end];
    let length = open + inside.len() + close.len_utf8();
    match inside.trim() {
        "" | "_" | "__" => Some((length, false, true)),
        "x" | "X" | "√" | "✓" | "✔" | "×" | "✗" | "✘" | "*" | "V" | "v" => Some((length, true, true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticked<'a>(line: &'a str, words: &[&'a str]) -> Vec<(&'a str, Option<bool>)> {
        let choices = Choices::of(line, "", "", 64);
        let of = |word: &&'a str| {
            let at = line.find(word).expect("on the line");
            (*word, choices.ticked(line, &(at..at + word.len()), |_| line.len()))
        };
        words.iter().map(of).collect()
    }

    #[test]
    fn a_box_belongs_to_the_words_behind_it_or_before_it() {
        let three = [("绝密", Some(false)), ("机密", Some(true)), ("秘密", Some(false))];
        for line in [
            "密级:□绝密 ☑机密 □秘密",
            "密级:□绝密■机密□秘密",
            "密级:绝密[ ]机密[x]秘密[ ]",
            "密级:绝密( )机密(√)秘密( )",
            "密级:绝密(×)机密(√)秘密(×)",
            "○绝密 ●机密 ○秘密",
            "□绝密 □√机密 □秘密",
        ] {
            assert_eq!(ticked(line, &["绝密", "机密", "秘密"]), three, "{line}");
        }
        assert_eq!(
            ticked("[ ] Public [X] Secret", &["Public", "Secret"]),
            [("Public", Some(false)), ("Secret", Some(true))]
        );
    }

    #[test]
    fn words_that_go_on_are_no_choice() {
        assert_eq!(ticked("[ ] Rotate it [x] Confidential waste", &["Confidential"]), [("Confidential", None)]);
    }

    #[test]
    fn bullets_and_brackets_of_other_kinds_are_no_boxes() {
        for line in ["■ 绝密 ■ 机密", "■ 机密", "□ 机密", "机密（2）秘密（3）", "array[x] = SECRET", "SECRET"]
        {
            assert!(Choices::of(line, "", "", 64).is_empty(), "{line}");
        }
    }

    #[test]
    fn a_list_of_boxes_may_stand_one_below_the_other() {
        let of = |line: &str, below: &str| {
            Choices::of(line, "密级：\n", below, 64).ticked(line, &(line.len() - 6..line.len()), |_| line.len())
        };
        assert_eq!(of("□ 绝密", "\n☑ 机密\n"), Some(false));
        assert_eq!(of("☑ 绝密", "\n□ 机密\n"), Some(true));
        assert_eq!(of("□ 绝密", "\n□ 机密\n"), Some(false));
        assert_eq!(of("■ 绝密", "\n■ 机密\n"), None);
        assert_eq!(of("□ 绝密", "\n正文\n"), None);
    }
}
