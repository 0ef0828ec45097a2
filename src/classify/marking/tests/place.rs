//! Where a mark stands and what stands beside it: alone on its line, at an end of its page, in a field, broken over lines.

use super::*;

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
fn portion_marks_count_from_three_paragraphs_on() {
    assert_eq!(levels("(S//NF) One paragraph.\n(U) Another.\n"), (0, 0));
    assert_eq!(levels("(S//NF) One paragraph.\n(U) Another.\n(U) Third.\n").0, 3);
    assert_eq!(levels("(A) one\n(B) two\n(C) three\n(C) four\n(C) five\n"), (0, 0));
}
