//! Whole pages through the detector: what the tests share, and what holds for any mark. Each file below tests one thing about marks.

mod declassified;
mod forms;
mod limits;
mod place;
mod recognized;
mod stated;
mod struck;
mod subjects;
mod talk;
mod terms;

use proptest::prelude::*;

use super::*;
use crate::config::Settings;
use crate::document::{Ink, PageSize, Rect, Text, Word};

fn page(number: u32, text: Text) -> Page {
    Page { size: PageSize { width: 1000.0, height: 1400.0 }, text, ..Page::plain(number, "") }
}

fn detect(pages: &[Page]) -> Vec<Finding> {
    static MARKING: LazyLock<Marking> =
        LazyLock::new(|| Marking::built_in(&Settings::defaults().limits).expect("the built-in rules compile"));
    MARKING.detect(Subject { pages }, 1000).findings
}

/// Rules, levels and confidences found in plain text.
fn seen(text: &str) -> Vec<(String, u8, u8)> {
    let pages = [page(1, Text::plain(text))];
    detect(&pages).into_iter().map(|one| (one.rule, one.level.number(), one.confidence)).collect()
}

/// The highest level that is decided, and the highest that is for review.
fn levels(text: &str) -> (u8, u8) {
    let seen = seen(text);
    let highest =
        |decided: bool| seen.iter().filter(|one| (one.2 >= 75) == decided).map(|one| one.1).max().unwrap_or_default();
    (highest(true), highest(false))
}

#[test]
fn a_bare_word_that_other_schemes_use_is_flagged() {
    let flags = |text: &str| detect(&[page(1, Text::plain(text))]).swap_remove(0).flags;
    assert_eq!(flags("机密"), ["ambiguous_scheme"]);
    assert_eq!(flags("000012\n机密\n特急"), ["official_head"]);
}

#[test]
fn no_excerpt_shows_more_than_the_level() {
    let text = "TOP SECRET//SAR-BUTTER POPCORN\n机密★2030年12月31日\nAcme Confidential\n";
    for finding in detect(&[page(1, Text::plain(text))]) {
        for content in ["BUTTER", "POPCORN", "2030", "Acme"] {
            assert!(!finding.excerpt.contains(content), "{}", finding.excerpt);
        }
    }
}

#[test]
fn no_rule_of_the_program_is_without_a_note() {
    let file: super::schema::File = toml::from_str(super::rules::BUILT_IN).expect("the built-in rules");
    for rule in &file.rule {
        assert!(rule.notes.is_some() && rule.verified.is_some() && rule.rank.is_some(), "{}", rule.id);
    }
    for negative in &file.negative {
        assert!(negative.notes.is_some() && negative.verified.is_some(), "{}", negative.id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_with_any_words_is_classified_without_a_panic(
        content in "([机秘绝]密|★|密级：|SECRET|//|NOFORN|\\(S\\)|[ \t\n　]|。|\"|[a-zA-Z0-9é㊙Ⅱ\u{301}\u{fb01}]){0,60}",
        places in proptest::collection::vec((0_u32..300, 0_u32..12, -10.0_f32..1500.0, any::<bool>()), 0..12),
    ) {
        let mut words: Vec<Word> = places.iter().map(|&(start, length, y, ocr)| Word {
            start,
            end: start + length,
            bounds: Rect { x: y / 2.0, y, w: 40.0, h: 10.0 },
            confidence: 50,
            origin: if ocr { Origin::Ocr } else { Origin::Layer },
            ink: Ink::Plain,
        }).collect();
        words.sort_by_key(|word| word.start);
        let pages = [page(1, Text { content: content.clone(), words: words.clone() }), page(2, Text { content, words })];
        for finding in detect(&pages) {
            prop_assert!(finding.start < finding.end);
            prop_assert!(pages[0].text.content.get(finding.start as usize..finding.end as usize).is_some());
        }
    }

    #[test]
    fn whatever_blanks_and_widths_do_to_a_mark_the_prefilter_stops_at_it(
        mark in prop_oneof![Just("机密★长期"), Just("绝密"), Just("内部资料"), Just("TOP SECRET"), Just("商业秘密")],
        blank in prop_oneof![Just(" "), Just("　"), Just("  "), Just("\u{a0}")],
    ) {
        let spaced: String = mark.chars().flat_map(|char| [char.to_string(), blank.to_owned()]).collect();
        let wide: String = mark.chars().map(|char| match char {
            'A'..='Z' => char::from_u32(u32::from(char) + 0xfee0).unwrap_or(char),
            char => char,
        }).collect();
        prop_assert!(!seen(&wide).is_empty(), "{wide}");
        prop_assert!(!seen(&spaced).is_empty(), "{spaced}");
    }
}
