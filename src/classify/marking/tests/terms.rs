//! Terms of secrecy, and of examinations.

use super::*;

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
fn an_examination_paper_is_level_1_and_a_document_with_the_same_term_is_not() {
    let exam = seen("绝密★启用前\n学校：____ 姓名：____ 考号：____\n");
    assert_eq!(exam, [("cn.exam".to_owned(), 1, 85)]);
    assert_eq!(seen("绝密★考试结束前\n历史试题")[0].1, 1);
    assert_eq!(seen("绝密★启用前\n关于新印章的通知")[0].1, 4);
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
