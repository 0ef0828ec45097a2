//! Statements of declassification, and conditions under which a level is lower.

use super::*;

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
fn a_conditional_release_lowers_by_one_level_and_never_clears() {
    let mut text = Text::default();
    let line = "SECRET//NOFORN (UNCLASSIFIED when separated from enclosure)";
    text.push_word("", line, Rect { x: 300.0, y: 60.0, w: 400.0, h: 20.0 }, 100, Origin::Layer);
    let finding = detect(&[page(1, text)]).into_iter().find(|one| one.rule == "us.s.banner").expect("found");
    assert_eq!(finding.level.number(), 2);
    assert!(finding.flags.contains(&"conditional_release".to_owned()));
}
