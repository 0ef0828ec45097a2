//! What a mark states besides its level.

use super::*;

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
