//! Talk about marks, settings and programs: words of a mark that mark nothing.

use super::*;

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
fn marks_in_a_text_that_is_about_marks_are_for_people_to_look_at() {
    let mentions = "处理涉及机密的文件时应当遵守国家秘密的有关规定，不得泄露秘密。\n".repeat(12);
    assert_eq!(levels(&format!("机密\n{mentions}")), (0, 3));
    assert_eq!(levels("机密\n"), (3, 0));
    let law: String = ["一", "二", "三", "四", "五", "六"].map(|n| format!("第{n}条 总则。\n")).concat();
    assert_eq!(levels(&format!("秘密\n{law}")), (0, 3));
}

#[test]
fn a_ladder_in_title_case_is_a_list() {
    assert_eq!(levels("Glossary\nConfidential\nSecret\nTop Secret\n").0, 0);
    assert_eq!(levels("Top Secret\n\nMemorandum for the file\n").0, 4);
}

#[test]
fn three_levels_among_the_signs_of_a_program_are_a_list() {
    for text in [
        "[\n  \"\nPUBLIC\n\",\n  \"\nCONFIDENTIAL\n\",\n  \"\nSECRET\n\",\n  \"\nTOP SECRET\n\"\n]",
        "{\n \"level1\": \"\n秘密\n\",\n \"level2\": \"\n机密\n\",\n \"level3\": \"\n绝密\n\"\n}",
        "\"enum\": [\"\nCONFIDENTIAL\n\",\"\nSECRET\n\",\n\"\nTOP SECRET\n\"\n],\n\"default\": \"\nSECRET\n\"\n",
        "Level\nPUBLIC\nCONFIDENTIAL\nSECRET\nTOP SECRET\n",
        "PUBLIC\nCONFIDENTIAL\nSECRET\n",
    ] {
        assert_eq!(levels(text).0, 0, "{text}: {:?}", seen(text));
        assert!(levels(text).1 >= 3, "{text}");
    }
}

#[test]
fn marks_that_stand_below_each_other_are_marks() {
    for (text, level) in [
        ("{\"level\": \"\nTOP SECRET\n\", \"name\": \"x\"}", 4),
        ("{\"header\": \"\nTOP SECRET\n\", \"footer\": \"\nSECRET\n\"}", 3),
        ("SECRET\n-----\n=====\n*****\nTOP SECRET\n", 4),
        ("SECRET\n\n\n\nCONFIDENTIAL\n\n\n\nTOP SECRET\n", 4),
        ("PUBLIC\nCONFIDENTIAL\n", 3),
        ("CONFIDENTIAL\nCONFIDENTIAL\n", 3),
        ("CONFIDENTIAL\n\nCONFIDENTIAL\n", 3),
        ("CONFIDENTIAL\n---\n---\n---\nCONFIDENTIAL\n", 3),
        ("NATO CONFIDENTIAL\nCONFIDENTIAL\n", 3),
        ("CONFIDENTIAL\nNATO CONFIDENTIAL\n", 3),
        ("COMPANY\nCONFIDENTIAL\n", 3),
        ("STRICTLY\nCONFIDENTIAL\nSECRET\n", 2),
        ("TOP\nSECRET\n", 4),
    ] {
        assert!(levels(text).0 >= level, "{text}: {:?}", seen(text));
    }
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
