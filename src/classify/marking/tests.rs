//! Whole pages through the detector.

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
fn a_form_field_decides_wherever_it_stands() {
    assert_eq!(levels("密级：秘密  等级：紧急  时间：2023年5月10日  主题：报告").0, 3);
    assert_eq!(levels("密级：机密 第1版 分册名称：无").0, 3);
    assert_eq!(levels("本报告仅供内部培训（密级：机密），旨在提升能力。").0, 3);
    assert_eq!(levels("CLASSIFICATION: SECRET CAVEATS: NOFORN").0, 3);
}

#[test]
fn talk_about_marks_is_not_a_mark() {
    for text in [
        "公开,内部,秘密★10年,机密★20年",
        "密级：机密、秘密",
        "绝密\n机密\n秘密\n",
        "常写在版头左上角,如「机密★1年」「秘密」。",
        "有保密期限的一并标注（如\"秘密★10年\"）。",
        "标记 \"密级：秘密\" 的文件",
        "information whose classification is no higher than\nCONFIDENTIAL.",
    ] {
        assert_eq!(levels(text).0, 0, "{text}: {:?}", seen(text));
    }
}

#[test]
fn an_examination_paper_is_level_1_and_a_document_with_the_same_term_is_not() {
    let exam = seen("绝密★启用前\n学校：____ 姓名：____ 考号：____\n");
    assert_eq!(exam, [("cn.exam".to_owned(), 1, 85)]);
    assert_eq!(seen("绝密★考试结束前\n历史试题")[0].1, 1);
    assert_eq!(seen("绝密★启用前\n关于新印章的通知")[0].1, 4);
}

#[test]
fn a_term_of_any_form_stands_behind_its_level() {
    let mut wrong = Vec::new();
    for term in [
        "2035",
        "20351231",
        " 2035. 12. 31",
        "2026 . 6 . 30",
        "到2035年12月31日",
        "截至2035年12月31日",
        "解密日期2035年",
        "二〇三五年十二月三十一日",
        "至二〇三五年",
        "十二个月",
        "90天",
        "【10年】",
        "公布后自动解密",
        "阅后即焚",
        "永久",
        " （十年）",
        "任務完成後解密",
    ] {
        for before in ["", "000012    ", "密级："] {
            let text = format!("{before}机密★{term}\n\n关于水利工程的报告");
            if levels(&text).0 != 3 {
                wrong.push((seen(&text), text));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for text in ["机密★(评分)", "秘密★(张靓颖专辑)", "秘密★不为人知的背后", "机密★看完后我哭了", "机密★3.5分"]
    {
        assert_eq!(levels(text).0, 0, "{text}: {:?}", seen(text));
    }
    assert_eq!(seen("绝密★考试结束后解密\n学校：____ 姓名：____ 考号：____\n"), [("cn.exam".to_owned(), 1, 85)]);
}

#[test]
fn a_hyphen_between_the_words_of_the_highest_level_changes_nothing() {
    let rules = Rules::built_in().expect("they compile");
    let examples = rules.rules.iter().filter(|rule| rule.level.number() == 4).flat_map(|rule| &rule.examples);
    let (mut tried, mut wrong) = (0, Vec::new());
    for example in examples {
        for words in ["TOP SECRET", "Top Secret", "top secret"].into_iter().filter(|words| example.contains(*words)) {
            for sign in ["-", "–", "\u{2011}", " - "] {
                // A dash with blanks around it is none inside of running text.
                if sign == " - " && words != "TOP SECRET" {
                    continue;
                }
                let hyphened = example.replace(words, &words.replace(' ', sign));
                tried += 1;
                if levels(&hyphened) != levels(example) {
                    wrong.push((seen(&hyphened), hyphened));
                }
            }
        }
    }
    assert!(tried > 40, "{tried}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(levels("NOT TOP-SECRET"), levels("NOT TOP SECRET"));
    assert_eq!(levels("NATO - SECRET"), levels("NATO SECRET"));
}

#[test]
fn marks_in_a_text_that_is_about_marks_are_for_people_to_look_at() {
    let mentions = "处理涉及机密的文件时应当遵守国家秘密的有关规定，不得泄露秘密。\n".repeat(12);
    assert_eq!(levels(&format!("机密\n{mentions}")), (0, 3));
    assert_eq!(levels("机密\n"), (3, 0));
    let law: String = ["一", "二", "三", "四", "五", "六"].map(|n| format!("第{n}条 总则。\n")).concat();
    assert_eq!(levels(&format!("秘密\n{law}")), (0, 3));
}

#[test]
fn a_mark_alone_at_the_same_end_of_plain_pages_is_repeated() {
    let pages = |marks: [&str; 2]| {
        [1, 2].map(|number| {
            page(number, Text::plain(format!("{}\n正文的内容。\n- {number} -", marks[number as usize - 1])))
        })
    };
    let best = |pages: [Page; 2]| detect(&pages).iter().map(|one| one.confidence).max();
    assert_eq!(best(pages(["商业秘密", "商业秘密"])), Some(75));
    assert_eq!(best(pages(["商业秘密", "商业秘密的保护"])), Some(65));
    let apart = [page(1, Text::plain("商业秘密\n一\n二\n三\n四")), page(2, Text::plain("一\n二\n三\n四\n商业秘密"))];
    assert_eq!(best(apart), Some(65));
}

#[test]
fn marks_side_by_side_do_not_take_from_each_other() {
    assert_eq!(levels("TRÈS SECRET - SPÉCIAL FRANCE").0, 4);
    assert_eq!(levels("机密　严禁外传").0, 3);
    assert_eq!(levels("机密、秘密").0, 0);
}

#[test]
fn a_statement_of_declassification_lowers_and_a_date_to_come_does_not() {
    let level = |text: &str, rule: &str| {
        let found = detect(&[page(1, Text::plain(text))]);
        let one = found.into_iter().find(|one| one.rule == rule).expect("kept");
        (one.level.number(), one.flags.contains(&"declassified".to_owned()))
    };
    assert_eq!(level("SECRET//NOFORN\nDECLASSIFIED 12 May 2009\n", "us.s.banner"), (1, true));
    assert_eq!(level("机密★5年\n已解密\n", "cn.state.secret.full"), (1, true));
    assert_eq!(level("绝密★长期\n变更为秘密★5年\n", "cn.state.top.full"), (3, true));
    assert_eq!(level("TOP SECRET\nDowngraded to SECRET on 3 May 1999\n", "us.ts.bare"), (3, true));
    assert_eq!(level("SECRET//NOFORN\nDeclassify On: 20480101\n", "us.s.banner"), (3, false));
    let talk = "SECRET//NOFORN\nDeclassified papers show how the decision was taken.\n";
    assert_eq!(level(talk, "us.s.banner"), (3, false));
    assert_eq!(level("Acme Confidential\nDECLASSIFIED 12 May 2009\n", "corp.conf"), (2, false));
}

#[test]
fn a_statement_lowers_marks_of_its_page_and_on_the_first_page_has_the_others_looked_at() {
    let text = ["SECRET//NOFORN\n", "SECRET//NOFORN\nDECLASSIFIED 12 May 2009\n"];
    let levels = |order: [usize; 2]| {
        let pages = [1, 2].map(|number| page(number, Text::plain(text[order[number as usize - 1]])));
        let marks = detect(&pages).into_iter().filter(|one| one.rule == "us.s.banner");
        marks.map(|one| (one.level.number(), one.confidence)).collect::<Vec<_>>()
    };
    assert_eq!(levels([0, 1]), [(3, 85), (1, 85)]);
    assert_eq!(levels([1, 0]), [(1, 85), (3, 65)], "a cover may be about itself");
}

#[test]
fn what_is_declassified_in_part_or_on_a_day_to_come_holds() {
    for text in [
        "DECLASSIFIED IN PART\n\nTOP SECRET//SI//NOFORN\n",
        "DECLASSIFIED\nin part on 3 May 1999\nTOP SECRET//SI//NOFORN\n",
        "Declassified on 1 January 2048\nTOP SECRET//SI//NOFORN\n",
        "DECLASSIFIED ON: 20480101\nTOP SECRET//SI//NOFORN\n",
        "DECLASSIFIED DATE: 20500101\nTOP SECRET//SI//NOFORN\n",
        "DECLASSIFIED\nEffective January 2050\nTOP SECRET//SI//NOFORN\n",
        "downgraded to confidential effective 1 January 2050\nTOP SECRET//SI//NOFORN\n",
        "绝密★20年\n本件于2045年3月5日解密\n",
    ] {
        assert_eq!(levels(text).0, 4, "{text}: {:?}", seen(text));
    }
    assert_eq!(levels("绝密★20年\n本件于2015年3月5日解密\n").0, 1);
    let kept = detect(&[page(1, Text::plain("Declassified on 1 January 2048\nSECRET//NOFORN\n"))]);
    let statement = kept.iter().find(|one| one.rule == "us.declass").expect("kept");
    assert_eq!(statement.flags, ["not_declassified"]);
}

#[test]
fn a_condition_beside_a_mark_is_no_part_of_its_line() {
    for (text, level) in [
        ("CONFIDENTIAL (UNCLASSIFIED upon removal of attachments)", 2),
        ("SECRET - UNCLASSIFIED when separated from classified enclosure", 2),
        ("SECRET when with attachments; UNCLASSIFIED when separated", 2),
        ("SECRET (when attached to Annex A)", 2),
        ("TOP SECRET (SECRET when separated from attachment)", 3),
    ] {
        let found = detect(&[page(1, Text::plain(format!("{text}\n\nThe plan.")))]);
        let seen: Vec<_> = found.iter().map(|one| (one.level.number(), one.confidence)).collect();
        assert_eq!(seen, [(level, 75)], "{text}");
        assert!(found[0].flags.contains(&"conditional_release".to_owned()), "{text}");
        assert_eq!(found[0].rank, [0, 14, 44, 69][usize::from(level)], "the rank goes down with the level: {text}");
    }
    for text in ["The annex is SECRET when separated from the plan.", "UNCLASSIFIED when separated from enclosure"] {
        assert_eq!(levels(text), (0, 0), "{text}");
    }
}

#[test]
fn a_mark_beside_a_page_number_or_the_name_of_a_house_is_seen() {
    for (text, level) in [
        ("Confidential    Page 3 of 6", 2),
        ("Confidential – Page 3 of 10", 2),
        ("Confidential\tPage  of", 2),
        ("Acme Confidential | 1", 2),
        ("Strictly Confidential - 3 -", 2),
        ("机密　第3页　共10页", 3),
        ("北方公司\t机密\t第3页", 3),
        ("Copy No. 3    SECRET    Page 1 of 9", 3),
        ("Acme Ltd. | Confidential | Page 4", 2),
    ] {
        assert_eq!(levels(&format!("{text}\n\nThe plan.\nOne.\nTwo.\n")).0, level, "{text}: {:?}", seen(text));
    }
    let pages = |foot: &str| {
        [1, 2].map(|number| page(number, Text::plain(format!("The plan.\nOne.\nTwo.\n{foot} | {number}"))))
    };
    let best = |pages: &[Page]| detect(pages).iter().map(|one| one.confidence).max();
    assert_eq!(best(&pages("Acme Ltd. | Confidential")[..1]), Some(65), "alone it may be a row of a table");
    assert_eq!(best(&pages("Acme Ltd. | Confidential")), Some(75));
    for text in ["PROTECT-1\nThe plan.", "a\nb\nc\n7-Zip\tProprietary\tyes\na\nb\nc\n", "关于机密工作的通知\t第3页\n"]
    {
        assert_eq!(levels(text), (0, 0), "{text}: {:?}", seen(text));
    }
}

#[test]
fn of_the_boxes_of_a_form_the_ticked_one_counts() {
    for (text, level) in [
        ("密级\t□绝密 ☑机密 □秘密\t期限\t10年", 3),
        ("密级：□绝密  □机密  ☑秘密  □内部", 3),
        ("密级：□绝密 ■机密 □秘密", 3),
        ("绝密[ ] 机密[x] 秘密[ ]", 3),
        ("绝密（ ）机密（√）秘密（ ）", 3),
        ("密级：绝密☑ 机密□ 秘密□  期限：10年", 4),
        ("密级：\n□ 绝密\n☑ 机密\n□ 秘密", 3),
        ("密级：☑机密", 3),
        ("Classification: ☒ SECRET  ☐ Unclassified", 3),
        ("Classification: [ ] Public [ ] Internal [X] Secret", 3),
        ("■ 机密", 3),
    ] {
        assert_eq!(levels(&format!("{text}\n\n一\n二\n三\n四\n")), (level, 0), "{text}: {:?}", seen(text));
    }
    for text in [
        "密级：□绝密　□机密　□秘密　□非密",
        "密级：\n□ 绝密\n□ 机密\n☑ 非密",
        "密级：□绝密 □机密 ☑非密",
        "Classification: [ ] Top Secret [ ] Secret [ ] Confidential [x] Unclassified",
        "Confidential? [ ] yes [ ] no",
    ] {
        assert_eq!(levels(&format!("{text}\n\n一\n二\n三\n四\n")), (0, 0), "{text}: {:?}", seen(text));
    }
    let list = "- [ ] SECRET rotation\n- [x] CONFIDENTIAL waste bins";
    assert_eq!(levels(list).0, 0, "words that go on: {:?}", seen(list));
}

#[test]
fn settings_and_denials_and_signs_of_copyright_are_no_marks() {
    for text in [
        "SECRET=",
        "SECRET = ",
        "SECRET: \"\"",
        "export SECRET=${SECRET}",
        "SECRET=$(cat /run/secrets/one)",
        "PROTECTED=true",
        "NOT CONFIDENTIAL",
        "(C) 2019 Red Hat, Inc.\n(C) 2012 Red Hat\n(C) 1999-2004 Acme Corp.\n(C) Copyright 2001 Foo\n",
    ] {
        assert_eq!(levels(text), (0, 0), "{text}: {:?}", seen(text));
    }
    assert_eq!(levels("===== SECRET =====").0, 3);
    assert_eq!(levels("<<SECRET>>").0, 3);
    assert_eq!(levels("(C) One.\n(C) 2 ships.\n(C//NF) Three.").0, 3);
}

#[test]
fn a_mark_behind_many_mentions_on_its_line_is_seen() {
    for mentions in [15, 16, 60] {
        let text = format!("{}    密级：机密    ", "关于机密事项的清单，".repeat(mentions));
        assert_eq!(levels(&text), (0, 3), "{mentions}");
    }
}

#[test]
fn a_paper_that_is_still_to_be_sat_keeps_its_level() {
    for text in
        ["绝密★启用前\n2031年普通高等学校招生全国统一考试\n语文", "绝密★启用前\n历史试题\n考试时间：2031年6月7日"]
    {
        assert_eq!(levels(text).0, 4, "{text}: {:?}", seen(text));
    }
    for text in [
        "绝密★启用前\n2024年普通高等学校招生全国统一考试\n31. 到2035年，基本实现现代化。",
        "绝密★启用前\n2027届高三模拟考试\n答题卡",
    ] {
        assert_eq!(levels(text).0, 1, "{text}: {:?}", seen(text));
    }
    let elsewhere = [page(1, Text::plain("员工考试安排")), page(2, Text::plain("绝密★启用前\n关于新印章的通知"))];
    assert_eq!(detect(&elsewhere).iter().map(|one| one.level.number()).max(), Some(4));
    let paper = [page(1, Text::plain("绝密★启用前\n历史试题")), page(2, Text::plain("绝密★启用前\n一、"))];
    assert_eq!(detect(&paper).iter().map(|one| one.level.number()).max(), Some(1));
}

#[test]
fn a_document_that_says_of_itself_what_it_is_is_seen() {
    for (text, decided, review) in [
        ("本文件属于机密级国家秘密，未经批准不得复制、摘抄。", 3, 0),
        ("This document is classified SECRET. It must not leave the building.", 3, 0),
        ("本次会议纪要属秘密级，请勿外传。", 3, 0),
        ("本件为绝密件", 4, 0),
        ("本文件含有国家秘密", 0, 3),
        ("机密级国家秘密", 0, 3),
        ("会议材料（机密，会后收回）", 0, 3),
        ("绝密 · 仅限董事会", 4, 0),
        ("机密，请勿外传", 3, 0),
        ("公司机密，请勿外传", 2, 0),
        ("商业秘密，严禁外传", 2, 0),
        ("本资料为公司机密，未经许可不得复制、传播", 2, 0),
        ("北方公司 机密", 0, 2),
        ("机密  保密期限：10年", 3, 0),
        ("秘密级★保密期限3年", 3, 0),
        ("机密（10年）", 3, 0),
        ("SECRET - PERSONAL", 3, 0),
        ("DRAFT - CONFIDENTIAL", 2, 0),
        ("Confidential - Not for Distribution", 2, 0),
        ("機密等級：機密", 3, 0),
        ("安全级别：秘密", 3, 0),
        ("密级：核心数据", 4, 0),
        ("Data classification: Restricted", 2, 0),
        ("信息密级：L3-机密", 3, 0),
    ] {
        assert_eq!(levels(&format!("{text}\n关于港口的通知\n")), (decided, review), "{text}: {:?}", seen(text));
    }
}

#[test]
fn a_term_that_is_over_is_flagged_and_lowers_nothing() {
    let first = |text: &str| {
        let one = detect(&[page(1, Text::plain(text))]).swap_remove(0);
        (one.level.number(), one.flags.contains(&"expired".to_owned()))
    };
    assert_eq!(first("秘密★6个月\n通知\n2011年3月5日\n"), (3, true));
    assert_eq!(first("秘密★6个月\n通知\n二〇一一年三月五日\n"), (3, true));
    assert_eq!(first("机密★10年\n云水发〔2012〕12号\n"), (3, true));
    assert_eq!(first("机密★2015年6月30日\n"), (3, true));
    assert_eq!(first("机密★20年\n通知\n2011年3月5日\n"), (3, false));
    assert_eq!(first("机密★长期\n通知\n2011年3月5日\n"), (3, false));
    assert_eq!(first("机密★10年\n通知\n"), (3, false));
}

#[test]
fn paragraphs_speak_for_the_banner_and_against_one_that_is_too_low() {
    let text = "(U) One.\n1. (S//NF) Two.\n(C) Three.\n";
    let agreed = detect(&[page(1, Text::plain(format!("SECRET\n{text}")))]);
    let banner = agreed.iter().find(|one| one.rule == "us.s.bare").expect("found");
    assert!(banner.confidence == 85 && banner.signals.iter().any(|signal| signal.name == "paragraphs agree"));
    let low = detect(&[page(1, Text::plain(format!("CONFIDENTIAL\n{text}")))]);
    let portion = low.iter().find(|one| one.rule == "us.portion").expect("found");
    assert!(portion.level.number() == 3 && portion.flags.contains(&"conflicting_levels".to_owned()));
}

#[test]
fn a_ladder_in_title_case_is_a_list() {
    assert_eq!(levels("Glossary\nConfidential\nSecret\nTop Secret\n").0, 0);
    assert_eq!(levels("Top Secret\n\nMemorandum for the file\n").0, 4);
}

#[test]
fn portion_marks_count_from_three_paragraphs_on() {
    assert_eq!(levels("(S//NF) One paragraph.\n(U) Another.\n"), (0, 0));
    assert_eq!(levels("(S//NF) One paragraph.\n(U) Another.\n(U) Third.\n").0, 3);
    assert_eq!(levels("(A) one\n(B) two\n(C) three\n(C) four\n(C) five\n"), (0, 0));
}

#[test]
fn a_conditional_release_lowers_by_one_level_and_never_clears() {
    let mut text = Text::default();
    let line = "SECRET//NOFORN (UNCLASSIFIED when separated from enclosure)";
    text.push_word("", line, Rect { x: 300.0, y: 60.0, w: 400.0, h: 20.0 }, 100, Origin::Layer);
    let finding = detect(&[page(1, text)]).into_iter().find(|one| one.rule == "us.s.banner").expect("found");
    assert_eq!(finding.level.number(), 2);
    assert!(finding.flags.contains(&"conditional_release".to_owned()));
}

#[test]
fn a_bare_word_that_other_schemes_use_is_flagged() {
    let flags = |text: &str| detect(&[page(1, Text::plain(text))]).swap_remove(0).flags;
    assert_eq!(flags("机密"), ["ambiguous_scheme"]);
    assert_eq!(flags("000012\n机密\n特急"), ["official_head"]);
}

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
fn no_excerpt_shows_more_than_the_level() {
    let text = "TOP SECRET//SAR-BUTTER POPCORN\n机密★2030年12月31日\nAcme Confidential\n";
    for finding in detect(&[page(1, Text::plain(text))]) {
        for content in ["BUTTER", "POPCORN", "2030", "Acme"] {
            assert!(!finding.excerpt.contains(content), "{}", finding.excerpt);
        }
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

/// The highest level that is decided, and the highest that is for review, of a message with a subject.
fn levels_of_subject(subject: &str) -> (u8, u8) {
    levels(&format!("From: a@example.org\nTo: b@example.org\nSubject: {subject}\nDate: today\n\nhello\n"))
}

#[test]
fn a_mark_at_the_beginning_of_a_subject_is_that_of_the_message() {
    for (subject, level) in [
        ("SECRET", 3),
        ("[SECRET]", 3),
        ("Re: Fwd: [SECRET] the harbour", 3),
        ("[EXTERNAL] [SECRET] the harbour", 3),
        ("SECRET: harbour plan", 3),
        ("the harbour (SECRET)", 3),
        ("SECRET//NOFORN harbour", 3),
        ("(S//NF) harbour", 3),
        ("NATO SECRET - harbour", 3),
        ("[TLP:RED] x", 3),
        ("机密★10年", 3),
        ("机密★10年 关于会议的通知", 3),
        ("【机密】关于会议的通知", 3),
        ("绝密：港口通知", 4),
        ("CLASSIFIED: SECRET", 3),
        ("Re: Classified: TOP SECRET", 4),
    ] {
        assert_eq!(levels_of_subject(subject).0, level, "{subject}");
    }
    assert_eq!(levels("主题：回复：【机密】港口\n").0, 3);
}

#[test]
fn a_mark_in_capitals_before_a_subject_is_for_people_and_one_within_is_not() {
    for (subject, level) in [
        ("SECRET harbour plan", 3),
        ("Fwd: TOP SECRET harbour plan of 2026", 4),
        ("[EXTERNAL] CUI harbour", 2),
        ("SECRET Harbour plan", 3),
    ] {
        assert_eq!(levels_of_subject(subject), (0, level), "{subject}");
    }
    for subject in ["The SECRET harbour plan", "SECRET Santa draw", "Secret harbour plan", "secret harbour plan"] {
        assert_eq!(levels_of_subject(subject), (0, 0), "{subject}");
    }
}

#[test]
fn the_mark_of_a_form_decides_nothing_wherever_it_stands() {
    let mut text = Text::default();
    text.push_word("", "SECRET (when completed)", Rect { x: 300.0, y: 40.0, w: 200.0, h: 20.0 }, 100, Origin::Layer);
    let pages = [page(1, text.clone()), page(2, text)];
    let found = detect(&pages);
    assert!(found.len() == 2 && found.iter().all(|one| one.rule == "us.form" && one.confidence == 65), "{found:?}");
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

#[test]
fn a_subject_that_talks_is_no_mark() {
    for subject in [
        "Secret santa",
        "Re: secret of success",
        "Confidential waste bins",
        "Intern - summer of 2026",
        "(S) sizes are sold out",
        "关于做好保密工作的通知",
        "机密文件管理办法培训",
    ] {
        assert_eq!(levels_of_subject(subject).0, 0, "{subject}");
    }
}

#[test]
fn a_mark_whose_sign_was_lost_still_counts() {
    for (text, level) in [
        ("机密 10年\n关于港口的通知", 3),
        ("绝密30年\n关于港口的通知", 4),
        ("机密・10年\n关于港口的通知", 3),
        ("密级：机密  保密期限：10年\n关于港口的通知", 3),
        ("密级：机密 保密期限：10年 编号：001\n关于港口的通知", 3),
        ("商密▲5年\n关于港口的通知", 2),
        ("内部文件，严禁外传\n关于港口的通知", 2),
        ("SECRET NOFORN\nHarbour plan", 3),
        ("SECRET REL TO USA, GBR\nHarbour plan", 3),
        ("EU RESTRICTED / RESTREINT UE\nHarbour plan", 2),
        ("Official-Sensitive\nHarbour plan", 2),
    ] {
        assert_eq!(levels(text).0, level, "{text}: {:?}", seen(text));
    }
    assert_eq!(levels("SECRET (when completed)\nHarbour plan"), (0, 3));
    assert_eq!(levels("相关档案属机密20年后方可查阅，请各单位遵照执行。\n").0, 0);
}

#[test]
fn a_mark_that_is_broken_over_lines_is_one() {
    for (text, expected) in [
        ("TOP\nSECRET\n\nThe plan.", ("us.ts.bare", 4)),
        ("机\n密\n★\n1\n0\n年\n\n会议", ("cn.state.secret.full", 3)),
        ("NATO\nCONFIDENTIAL\n\nThe plan.", ("nato.c", 3)),
        ("S\nE\nC\nR\nE\nT\n", ("us.s.bare", 3)),
    ] {
        let found: Vec<(String, u8)> = seen(text).into_iter().map(|one| (one.0, one.1)).collect();
        assert_eq!(found, [(expected.0.to_owned(), expected.1)], "{text:?}");
    }
    for text in ["密\n级\n", "THE\nHARBOUR PLAN\n", "TOP\nTHE SECRETARY\n", "绝对\n机遇\n"] {
        assert_eq!(levels(text), (0, 0), "{text:?}: {:?}", seen(text));
    }
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
fn a_level_before_a_title_decides_and_talk_in_brackets_does_not() {
    assert_eq!(levels("【机密】港口建设方案\n正文").0, 3);
    assert_eq!(levels("本文件密级为绝密，请勿外传。\n").0, 4);
    assert_eq!(levels("内部机密，严禁外泄\n").0, 2);
    assert_eq!(levels("【机密】港口扩建二期\n正文"), (0, 3));
    for text in [
        "【机密】文件管理办法对各级机关的要求如下。",
        "（机密）级文件的传递应当通过机要渠道。",
        "如本文件密级为机密以上，应当登记。",
        "泄露密级定为机密的资料的，依法处理。",
    ] {
        assert_eq!(levels(text).0, 0, "{text}: {:?}", seen(text));
    }
}

/// What the mark of a rule states: caveats, number of the copy, term.
fn stated(text: &str, rule: &str) -> (Vec<String>, Option<String>, Option<String>) {
    let found = detect(&[page(1, Text::plain(text))]);
    let one = found
        .into_iter()
        .find(|one| one.rule == rule)
        .unwrap_or_else(|| panic!("{rule} in {text:?}: {:?}", seen(text)));
    (one.stated.caveats, one.stated.copy_number, one.stated.term)
}

#[test]
fn a_mark_states_its_caveats() {
    for (text, rule, caveats) in [
        ("TOP SECRET//SI-G/TK//ORCON/NOFORN", "us.ts.banner", &["SI-G", "TK", "ORCON", "NOFORN"][..]),
        ("SECRET//REL TO USA, GBR, FVEY\nThe plan.", "us.s.banner", &["REL TO USA, GBR, FVEY"]),
        ("SECRET NOFORN\nThe plan.", "us.caveat.loose", &["NOFORN"]),
        ("CUI//SP-CTI/SP-EXPT//NOFORN", "us.cui.banner", &["SP-CTI/SP-EXPT", "NOFORN"]),
        ("TOP SECRET//SAR-BUTTER POPCORN//NOFORN", "us.ts.banner", &["SAR", "NOFORN"]),
        ("TOP SECRET STRAP1", "uk.ts", &["STRAP1"]),
        ("OFFICIAL-SENSITIVE COMMERCIAL", "uk.os", &["COMMERCIAL"]),
        ("NATO SECRET ATOMAL", "nato.s", &["ATOMAL"]),
        ("TRÈS SECRET - SPÉCIAL FRANCE", "fr.ts", &["SPÉCIAL FRANCE"]),
        ("机密★10年 发至县团级", "cn.state.secret.full", &["发至县团级"]),
        ("CLASSIFICATION: SECRET CAVEATS: NOFORN", "us.s.field", &["NOFORN"]),
        // What is struck out says what it said for itself alone.
        ("[deleted: SECRET//NOFORN]CONFIDENTIAL//REL TO USA, GBR", "us.c.banner", &["REL TO USA, GBR"]),
        ("[deleted: SECRET//NOFORN]CONFIDENTIAL//REL TO USA, GBR", "us.s.banner", &["NOFORN"]),
        // The line below says nothing else, and the one below that is prose.
        ("NATO CONFIDENTIAL\nUK EYES ONLY\nThe plan.", "nato.c", &["UK EYES ONLY"]),
        ("NATO CONFIDENTIAL\nPapers marked NOFORN are kept in the safe.", "nato.c", &[]),
        ("NATO CONFIDENTIAL\nThe plan.", "nato.c", &[]),
    ] {
        assert_eq!(stated(text, rule).0, caveats, "{text}");
    }
}

#[test]
fn a_mark_states_the_number_of_its_copy() {
    for (text, rule, number) in [
        ("000012\n机密★10年\n特急\n", "cn.state.secret.full", Some("000012")),
        ("份号：12\n机密★10年\n", "cn.state.secret.full", Some("12")),
        ("机密★10年\n第3份，共10份\n", "cn.state.secret.full", Some("3 of 10")),
        ("COSMIC TOP SECRET\nCopy 3 of 10\n", "nato.cts", Some("3 of 10")),
        ("Copy No. 3    NATO SECRET    Page 1 of 9\n", "nato.s", Some("3")),
        ("Совершенно секретно\nЭкз. № 2\n", "ru.ss", Some("2")),
        ("NATO SECRET\nExemplaire n° 3/10\n", "nato.s", Some("3 of 10")),
        // Six digits are a number of anything, and talk of copies is none.
        ("NATO SECRET\n000012\n", "nato.s", None),
        ("NATO SECRET\nMake copy 3 of 10 pages before noon.\n", "nato.s", None),
        ("机密★10年\n关于港口的通知\n", "cn.state.secret.full", None),
    ] {
        assert_eq!(stated(text, rule).1.as_deref(), number, "{text}");
    }
    let pages = [page(1, Text::plain("NATO SECRET\nCopy 4 of 9\n")), page(2, Text::plain("NATO SECRET\nThe plan.\n"))];
    assert!(detect(&pages).iter().all(|one| one.stated.copy_number.as_deref() == Some("4 of 9")));
    // A number of a copy is the head of no Chinese document.
    assert!(
        detect(&[page(1, Text::plain("Copy 3 of 10\n机密\n"))]).iter().all(|one| one.flags == ["ambiguous_scheme"])
    );
}

#[test]
fn a_mark_states_its_term_and_never_a_condition() {
    for (text, rule, term) in [
        ("机密★10年", "cn.state.secret.full", Some("10年")),
        ("秘密★6个月", "cn.state.confidential.full", Some("6个月")),
        ("绝密★长期", "cn.state.top.full", Some("长期")),
        ("机密★2030年12月31日", "cn.state.secret.full", Some("2030年12月31日")),
        ("机密★港口开工前", "cn.state.secret.full", None),
    ] {
        assert_eq!(stated(text, rule).2.as_deref(), term, "{text}");
    }
}

#[test]
fn nothing_that_a_mark_states_is_a_code_word() {
    let text = "TOP SECRET//SI-ABC//SAR-BUTTER POPCORN//NOFORN\n机密★港口开工前\nCopy 3 of 10\n";
    for finding in detect(&[page(1, Text::plain(text))]) {
        let said = format!("{:?}", finding.stated);
        for content in ["BUTTER", "POPCORN", "ABC", "港口"] {
            assert!(!said.contains(content), "{said}");
        }
    }
}

/// Levels, confidences and the flags that tell of strokes.
fn struck(text: &str) -> Vec<(u8, u8, Vec<String>)> {
    let told = |flag: &String| matches!(flag.as_str(), "struck_out" | "declassified");
    let found = detect(&[page(1, Text::plain(text))]).into_iter();
    found.map(|one| (one.level.number(), one.confidence, one.flags.into_iter().filter(told).collect())).collect()
}

#[test]
fn a_mark_that_is_struck_out_keeps_its_level_and_is_for_people() {
    let flags = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for text in [
        "[struck out: SECRET//NOFORN]\nThe plan.",
        "[struck out: 机密★10年]\n关于港口的通知",
        "[struck out: 机密]\n关于港口的通知",
        "[deleted: SECRET//NOFORN]\nThe plan.",
        "[struck out: SECRET//NOFORN] UNCLASSIFIED\nThe plan.",
    ] {
        let found: Vec<_> = struck(text).into_iter().filter(|one| one.0 > 0).collect();
        assert_eq!(found, [(3, 65, flags(&["struck_out"]))], "{text}");
    }
    // Another one stands: that one decides.
    let stands = struck("[struck out: SECRET//NOFORN]\n\nSECRET//NOFORN\nThe plan.");
    assert_eq!(stands, [(3, 65, flags(&["struck_out"])), (3, 85, vec![])]);
    // So does a lower one beside it: that is the new sign, and the old one is still for people to look at.
    let beside = struck("[struck out: 绝密★30年] 秘密★5年\n关于港口的通知");
    assert_eq!(beside, [(4, 65, flags(&["struck_out"])), (3, 85, vec![])]);
    let below = struck("[struck out: TOP SECRET//SI]\nRESTRICTED\nThe plan.");
    assert_eq!(below[0], (4, 65, flags(&["struck_out"])), "{below:?}");
    // A statement says what is left.
    let stamped = struck("[struck out: 机密★10年]\n解密\n关于港口的通知");
    assert_eq!(
        (stamped[0].0, stamped[0].2.as_slice()),
        (1, &flags(&["struck_out", "declassified"])[..]),
        "{stamped:?}"
    );
    // One that is struck out itself says nothing.
    let stamped = struck("机密★10年\n[struck out: 解密]\n关于港口的通知");
    assert_eq!((stamped[0].0, stamped[0].1), (3, 85), "{stamped:?}");
}

#[test]
fn a_mark_that_is_struck_in_part_stands() {
    for (text, level) in [
        ("机密★[struck out: 10年]20年\n关于港口的通知", 3),
        ("[struck out: 机密]★10年\n关于港口的通知", 3),
        ("机[struck out: 密]★10年\n关于港口的通知", 3),
        ("TOP [struck out: SECRET]//NOFORN\nThe plan.", 4),
        ("TOP SEC[struck out: R]ET//NOFORN\nThe plan.", 4),
        ("[struck out: TOP SECR]ET//SI//NOFORN\nThe plan.", 4),
        ("TOP SECR[deleted: E]T//SI//NOFORN\nThe plan.", 4),
        ("[deleted: TOP SEC][deleted: RET//SI//NOFORN]\nThe plan.", 4),
    ] {
        let found = levels(text);
        assert_eq!(found.0, level, "{text}: {:?}", seen(text));
    }
}

#[test]
fn struck_prose_is_no_mark() {
    for text in [
        "The [struck out: secret] plan of the harbour is to be kept by the section.",
        "[struck out: 本办法所称国家秘密的密级分为绝密、机密、秘密三级。]",
        "处理[struck out: 机密]文件时应当遵守有关规定，并登记在册备查。",
        "[struck out: The harbour] opens on Monday.",
    ] {
        assert_eq!(levels(text), (0, 0), "{text}: {:?}", seen(text));
    }
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

#[test]
fn limits_bound_what_is_looked_at_on_a_page() {
    let with = |change: &dyn Fn(&mut Limits), text: &str| {
        let mut limits = Settings::defaults().limits;
        change(&mut limits);
        let marking = Marking::built_in(&limits).expect("the built-in rules compile");
        marking.detect(Subject { pages: &[page(1, Text::plain(text))] }, 1000).findings
    };
    let highest = |found: &[Finding]| found.iter().map(|one| (one.confidence, one.level.number())).max();
    let same = |_: &mut Limits| {};
    let filled = "员工须知和港口的情况介绍。\n".repeat(20);

    let exam = format!("绝密★启用前\n{filled}考试时间：九点\n");
    assert_eq!(highest(&with(&same, &exam)), Some((85, 1)));
    assert_eq!(highest(&with(&|limits| limits.exam_bytes = 200, &exam)), Some((85, 4)));

    let law: String = ["一", "二", "三", "四", "五", "六"].map(|n| format!("第{n}条 总则。\n")).concat();
    let law = [Text::plain(format!("秘密\n{filled}")), Text::plain(law)];
    let two = |limits: &Limits| {
        let marking = Marking::built_in(limits).expect("the built-in rules compile");
        let pages = [page(1, law[0].clone()), page(2, law[1].clone())];
        marking.detect(Subject { pages: &pages }, 1000).findings
    };
    let mut limits = Settings::defaults().limits;
    assert_eq!(highest(&two(&limits)), Some((65, 3)));
    limits.law_bytes = 100;
    assert_eq!(highest(&two(&limits)), Some((75, 3)));

    let signed = format!("秘密★6个月\n{filled}2011年3月5日\n");
    let expired = |found: Vec<Finding>| found[0].flags.contains(&"expired".to_owned());
    assert!(expired(with(&same, &signed)));
    assert!(!expired(with(&|limits| limits.date_bytes = 200, &signed)));
    assert!(!expired(with(&|limits| limits.date_pages = 0, &signed)));

    let boxes = "密级：□绝密 ☑机密 □秘密\n\n一\n二\n三\n四\n";
    assert_eq!(highest(&with(&same, boxes)).map(|one| one.1), Some(3));
    assert_ne!(highest(&with(&|limits| limits.form_boxes = 2, boxes)), highest(&with(&same, boxes)));

    let mentions = format!("{}机密", "机密事项，".repeat(12));
    let counted = |limits: &dyn Fn(&mut Limits)| {
        let mut own = Settings::defaults().limits;
        limits(&mut own);
        let marking = Marking::built_in(&own).expect("the built-in rules compile");
        marking.candidates(Subject { pages: &[page(1, Text::plain(mentions.as_str()))] }, 1000).0.len()
    };
    assert!(counted(&|limits| limits.line_mentions = 4) < counted(&same));
}
