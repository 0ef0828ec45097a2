//! Marks that a line goes through.

use super::*;

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
