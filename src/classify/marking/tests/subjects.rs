//! Marks in the subject of a message.

use super::*;

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
