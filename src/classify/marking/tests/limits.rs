//! What limits leave unseen.

use super::*;

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
