//! Recognized text: damage, ink, stamps, frames and rules.

use super::*;

#[test]
fn damaged_marks_are_found_in_recognized_text_only() {
    let with = |origin| {
        let mut text = Text::default();
        text.push_word("", "机窗女10年", Rect { x: 80.0, y: 60.0, w: 150.0, h: 20.0 }, 80, origin);
        detect(&[page(1, text)])
    };
    let found = with(Origin::Ocr).swap_remove(0);
    assert_eq!((found.rule.as_str(), found.level.number(), found.origin), ("cn.state.secret.full", 3, Origin::Ocr));
    assert_eq!(found.boxes, [Rect { x: 80.0, y: 60.0, w: 150.0, h: 20.0 }]);
    assert!(!found.excerpt.contains("10") && found.flags.contains(&"damaged".to_owned()));
    assert!(with(Origin::Layer).is_empty());
}

#[test]
fn a_korean_grade_whose_numeral_was_read_as_a_syllable_is_the_lowest() {
    let with = |line: &str, origin| {
        let mut text = Text::default();
        text.push_word("", line, Rect { x: 300.0, y: 30.0, w: 90.0, h: 25.0 }, 80, origin);
        detect(&[page(1, text)]).into_iter().map(|found| (found.rule, found.level.number())).collect::<Vec<_>>()
    };
    assert_eq!(with("피급비밀", Origin::Ocr), [("kr.3".to_owned(), 3)]);
    assert!(with("피급비밀", Origin::Layer).is_empty());
    for word in ["등급 비밀", "고급비밀", "급비밀", "이것은 피급비밀 이다"] {
        assert!(with(word, Origin::Ocr).is_empty(), "{word}");
    }
}

#[test]
fn red_and_pale_ink_speak_for_a_mark_that_stands_alone() {
    let with = |ink| {
        let mut text = Text::default();
        text.push_word("", "秘密", Rect { x: 300.0, y: 500.0, w: 60.0, h: 20.0 }, 80, Origin::Ocr);
        text.words[0].ink = ink;
        detect(&[page(1, text)]).swap_remove(0)
    };
    let (plain, red, pale) = (with(Ink::Plain), with(Ink::Red), with(Ink::Pale));
    assert!(plain.confidence < red.confidence, "{} {}", plain.confidence, red.confidence);
    assert!(red.signals.iter().any(|signal| signal.name == "red ink"));
    assert!(pale.flags.contains(&"watermark".to_owned()) && !red.flags.contains(&"watermark".to_owned()));
}

#[test]
fn a_red_stamp_on_a_recognized_line_is_for_people_to_look_at_and_red_prose_is_not() {
    let stamped = |words: &[(&str, Ink)]| {
        let mut text = Text::default();
        for (at, (word, ink)) in (0_u8..).zip(words) {
            let bounds = Rect { x: 50.0 + 90.0 * f32::from(at), y: 700.0, w: 80.0, h: 20.0 };
            text.push_word("", word, bounds, 90, Origin::Ocr);
            if let Some(word) = text.words.last_mut() {
                word.ink = *ink;
            }
        }
        let found = detect(&[page(1, text)]);
        found.into_iter().map(|one| (one.level.number(), one.confidence)).collect::<Vec<_>>()
    };
    let line = "港口委员会于周二召开会议讨论新码头的建设费用";
    assert_eq!(stamped(&[(line, Ink::Plain), ("机密", Ink::Red)]), [(3, 65)]);
    assert_eq!(stamped(&[(line, Ink::Plain), ("机密", Ink::Plain)]), []);
    assert_eq!(stamped(&[("严禁泄露", Ink::Plain), ("国家秘密", Ink::Red), ("的文件", Ink::Plain)]), []);
}

#[test]
fn a_red_frame_and_a_red_rule_speak_for_a_mark() {
    let with = |ink, rule| {
        let mut text = Text::default();
        text.push_word("", "秘密", Rect { x: 300.0, y: 300.0, w: 60.0, h: 20.0 }, 80, Origin::Ocr);
        text.words[0].ink = ink;
        let page = Page { red_rule: rule, ..page(1, text) };
        let one = detect(&[page]).swap_remove(0);
        let signals: Vec<(String, f32)> = one.signals.into_iter().map(|signal| (signal.name, signal.points)).collect();
        (one.confidence, one.flags.contains(&"official_head".to_owned()), signals)
    };
    let framed = with(Ink::Framed, None);
    assert!(framed.2.contains(&("inside a red frame".to_owned(), 1.5)), "{framed:?}");
    let below = with(Ink::Plain, Some(0.35));
    assert!(below.1 && below.2.contains(&("red rule below it".to_owned(), 2.0)), "{below:?}");
    assert!(!with(Ink::Plain, Some(0.1)).1, "the rule stands above it");
    assert!(!with(Ink::Plain, None).1);
}

#[test]
fn a_british_mark_whose_first_letter_was_read_small_is_found_at_an_end_of_its_page() {
    let with = |line: &str, y: f32, origin| {
        let mut text = Text::default();
        text.push_word("", line, Rect { x: 400.0, y, w: 200.0, h: 20.0 }, 90, origin);
        detect(&[page(1, text)]).into_iter().filter(|one| one.confidence >= 75).map(|one| one.rule).collect::<Vec<_>>()
    };
    assert_eq!(with("official-Sensitive", 40.0, Origin::Ocr), ["uk.os.title"]);
    assert_eq!(with("Official-sensitive", 40.0, Origin::Ocr), ["uk.os.title"]);
    for line in ["official-sensitive", "official-sensitive information", "official Sensitive information is kept"] {
        assert!(with(line, 40.0, Origin::Ocr).is_empty(), "{line}");
    }
    assert!(with("official-Sensitive", 40.0, Origin::Layer).is_empty());
    assert!(with("official-Sensitive", 700.0, Origin::Ocr).is_empty(), "in the middle of a page");
}
