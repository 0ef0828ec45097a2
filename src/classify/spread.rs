//! Words of several parts wherever a page parts them: a text in which a run of blanks with at most one line end, or a hyphen or
//! underscore inside a word, is one blank, and in which a line end beside Han characters or kana is nothing, as are the blanks
//! between single Han characters, with the way back to the bytes of the page.

use crate::script::is_han;

/// A text whose separators are alike.
#[derive(Debug)]
pub(super) struct Spread {
    /// The text.
    pub(super) text: String,
    /// Where the way back shifts: byte of the text, byte of the page.
    shifts: Vec<(usize, usize)>,
}

impl Spread {
    /// Makes separators of a page alike.
    pub(super) fn new(page: &str) -> Self {
        let mut spread = Self { text: String::with_capacity(page.len()), shifts: vec![(0, 0)] };
        let mut at = 0;
        while let Some(found) = page[at..].find(separates) {
            spread.keep(page, at..at + found);
            let from = at + found;
            let rest = page[from..].trim_start_matches(separates);
            at = page.len() - rest.len();
            spread.part(page, from, at);
        }
        spread.keep(page, at..page.len());
        spread
    }

    /// The bytes of the page that a range of the text stands for.
    pub(super) fn source(&self, start: usize, end: usize) -> (usize, usize) {
        (self.back(start), self.back(end.saturating_sub(1)) + usize::from(end > start))
    }

    fn back(&self, at: usize) -> usize {
        let index = self.shifts.partition_point(|shift| shift.0 <= at).saturating_sub(1);
        self.shifts.get(index).map_or(at, |(text, page)| page + (at - text))
    }

    fn keep(&mut self, page: &str, range: std::ops::Range<usize>) {
        let shifted = self.back(self.text.len()) != range.start;
        if shifted && !range.is_empty() {
            self.shifts.push((self.text.len(), range.start));
        }
        self.text.push_str(&page[range]);
    }

    /// A run of separators.
    fn part(&mut self, page: &str, from: usize, to: usize) {
        let run = &page[from..to];
        let (before, after) = (page[..from].chars().next_back(), page[to..].chars().next());
        let inside = before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        let lines = run.matches(['\n', '\u{c}']).count();
        let beside_han = before.is_some_and(is_scriptless) || after.is_some_and(is_scriptless);
        let blanks = run.chars().all(is_blank);
        if blanks && lines == 1 && inside && beside_han {
            return;
        }
        if blanks && lines == 0 && is_lone_han(page[..from].chars().rev()) && is_lone_han(page[to..].chars()) {
            // A word that is spaced out: 纸 灯 笼.
            return;
        }
        let one = lines <= 1 && (blanks || (inside && is_joint(run)));
        if !one {
            return self.keep(page, from..to);
        }
        if self.back(self.text.len()) != from {
            self.shifts.push((self.text.len(), from));
        }
        self.text.push(' ');
    }
}

/// An entry of a list as it stands in such a text; with Han characters beside its blanks also without these.
pub(super) fn spellings(entry: &str) -> Vec<String> {
    let plain = Spread::new(entry).text;
    let mut closed = String::with_capacity(plain.len());
    for (at, char) in plain.char_indices() {
        let beside = plain[..at].chars().next_back().is_some_and(is_scriptless)
            || plain[at + char.len_utf8()..].chars().next().is_some_and(is_scriptless);
        if !(char == ' ' && beside) {
            closed.push(char);
        }
    }
    if closed == plain { vec![plain] } else { vec![plain, closed] }
}

/// A run that joins the parts of a word: a hyphen or underscores, which may end a line. A stroke with blanks around it does not.
fn is_joint(run: &str) -> bool {
    let signs = run.trim_end_matches(is_blank);
    let ends_line = signs.len() == run.len() || run.contains('\n');
    ends_line && !signs.contains(is_blank) && (signs.chars().count() == 1 || signs.bytes().all(|byte| byte == b'_'))
}

/// Whether a single Han character stands beside a blank, with no letter beyond it.
fn is_lone_han(mut from_blank: impl Iterator<Item = char>) -> bool {
    from_blank.next().is_some_and(is_han) && !from_blank.next().is_some_and(char::is_alphanumeric)
}

fn separates(char: char) -> bool {
    is_blank(char) || matches!(char, '-' | '_' | '\u{2010}'..='\u{2015}')
}

fn is_blank(char: char) -> bool {
    char.is_whitespace() || char == '\u{ad}' || char == '\u{200b}'
}

/// Whether it is of a script whose words no blanks part.
fn is_scriptless(char: char) -> bool {
    is_han(char) || matches!(char, '\u{3041}'..='\u{30ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_one_blank_and_paragraphs_stay_apart() {
        for page in
            ["a harbour  plan", "a harbour\nplan", "a harbour\r\n plan", "a harbour\u{a0}plan", "a harbour-plan"]
                .into_iter()
                .chain(["a harbour_plan", "a harbour-\nplan", "a harbour\u{2011}plan", "a harbour\t\u{3000}plan"])
        {
            assert_eq!(Spread::new(page).text, "a harbour plan", "{page:?}");
        }
        for page in ["harbour\n\nplan", "harbour - plan", "-plan", "harbour--plan", "harbour, plan"] {
            assert_eq!(Spread::new(page).text, page, "{page:?}");
        }
    }

    #[test]
    fn a_line_end_beside_han_is_nothing_and_every_place_leads_back() {
        let page = "项目  纸灯\n  笼的 end-\nof  it";
        let spread = Spread::new(page);
        assert_eq!(spread.text, "项目 纸灯笼的 end of it");
        for (word, expected) in [("纸灯笼", "纸灯\n  笼"), ("end of it", "end-\nof  it"), ("笼的", "笼的")] {
            let at = spread.text.find(word).expect("there");
            let (from, to) = spread.source(at, at + word.len());
            assert_eq!(&page[from..to], expected);
        }
    }

    #[test]
    fn a_chinese_word_that_is_spaced_out_is_one_word() {
        assert_eq!(Spread::new("（纸 灯  笼）的").text, "（纸灯笼）的");
        assert_eq!(Spread::new("白纸 灯 笼罩").text, "白纸 灯 笼罩", "two words and a character");
    }

    #[test]
    fn an_entry_with_a_blank_beside_han_is_also_looked_for_without() {
        assert_eq!(spellings("海燕 计划"), ["海燕 计划", "海燕计划"]);
        assert_eq!(spellings("Blue-Heron"), ["Blue Heron"]);
    }
}
