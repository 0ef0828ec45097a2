//! Numbers that nothing but a check speaks for: what one is worth alone, in a list, and among others that fail.

use super::*;

/// Confidence and whether it is alone, of each finding of a type.
fn worth(text: &str, rule: &str) -> Vec<(u8, bool)> {
    let pages = [page(text, false)];
    let found = detector_once().detect(Subject { pages: &pages }, 100).findings;
    found.iter().filter(|one| one.rule == rule).map(|one| (one.confidence, one.is_lone_number())).collect()
}

/// Different right numbers that begin alike.
fn right(check: &str, begin: &str, digits: usize, many: usize) -> Vec<String> {
    let check = checksum::named(check).expect("a check");
    let rest = digits - begin.len();
    let all = (0..10_usize.pow(u32::try_from(rest).expect("few"))).map(|tail| format!("{begin}{tail:0rest$}"));
    all.filter(|text| check(text)).step_by(7).take(many).collect()
}

#[test]
fn one_check_digit_decides_nothing_without_a_label_a_form_or_company() {
    let number = &right("se_personnummer", "260514", 10, 1)[0];
    assert_eq!(worth(&format!("Order {number}, total 410.00"), "se.personnummer"), [(65, true)]);
    assert_eq!(worth(&format!("Order {}-{}", &number[..6], &number[6..]), "se.personnummer"), [(75, false)]);
    assert_eq!(worth(&format!("personnummer {number}"), "se.personnummer"), [(85, false)]);
    let list = right("se_personnummer", "880320", 10, 12).join("\n");
    assert_eq!(worth(&list, "se.personnummer"), [(75, false); 12]);
    assert_eq!(worth(&list, BULK), [(85, false)], "a list is a collection");
}

#[test]
fn invoices_that_are_numbered_by_the_day_are_no_persons() {
    let invoices: Vec<String> = (0..60).map(|at| format!("2605{:02}{:04} open", at % 28 + 1, at * 37)).collect();
    let told = worth(&invoices.join("\n"), "se.personnummer");
    assert!(!told.is_empty() && told.iter().all(|one| *one == (65, true)), "{told:?}");
    assert!(worth(&invoices.join("\n"), BULK).is_empty());
}

#[test]
fn a_card_number_in_groups_is_for_people_and_one_in_a_matrix_is_not() {
    assert_eq!(worth("my card 4539 1488 0343 6467", "pan.card"), [(65, false)]);
    assert_eq!(worth("parcel 4539148803436467", "pan.card"), [(65, true)]);
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12345);
        (1000 + state / 65_536 % 9000).to_string()
    };
    let matrix: Vec<String> = (0..40).map(|_| (0..8).map(|_| next()).collect::<Vec<_>>().join(" ")).collect();
    let told = worth(&matrix.join("\n"), "pan.card");
    assert!(told.iter().all(|one| one.1), "{told:?}");
}

#[test]
fn two_check_digits_ask_people_and_do_not_decide_alone() {
    assert_eq!(worth("tracking 11144477735", "br.cpf"), [(65, false)]);
    assert_eq!(worth("tracking 111.444.777-35", "br.cpf"), [(75, false)]);
    let failing: Vec<String> = (0..60).map(|at| (23_100_299_901_u64 + at * 7_919).to_string()).collect();
    let told = worth(&format!("tracking 11144477735\n{}", failing.join("\n")), "br.cpf");
    assert!(!told.is_empty() && told.iter().all(|one| one.1), "{told:?}");
}

#[test]
fn a_decimal_number_is_no_number_in_the_form_of_its_type() {
    assert_eq!(worth("12.060105317 degrees", "be.nn"), [(65, false)]);
    assert_eq!(worth("12.06.01-053.17 then", "be.nn"), [(75, false)]);
}

#[test]
fn of_the_readings_of_the_same_digits_the_best_counts() {
    let pages = [page("my card 4111 1111 1111 1111", false)];
    let found = detector_once().detect(Subject { pages: &pages }, 100).findings;
    let rules: Vec<&str> = found.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(rules, ["pan.card"]);
    assert_eq!(worth("TFN 123456782", "au.tfn"), [(85, false)]);
    assert!(worth("TFN 123456782", "nz.ird").is_empty() && worth("TFN 123456782", "nl.bsn").is_empty());
}

#[test]
fn numbers_that_decide_do_not_stand_behind_others_that_do_not() {
    let orders: Vec<String> = (0..300).map(|at| format!("260514{:04}", at * 31 % 10_000)).collect();
    let text = format!("{}\nthen 880320-0016", orders.join("\n"));
    let told = worth(&text, "se.personnummer");
    assert!(told.contains(&(75, false)), "{told:?}");
    assert_eq!(told.iter().filter(|one| one.1).count(), 20, "{told:?}");
    let parcels: Vec<String> = (0..400).map(|at| format!("45391488{:08}", at * 7_919)).collect();
    let text = format!("{}\nmy card 4539 1488 0343 6467", parcels.join("\n"));
    assert!(worth(&text, "pan.card").contains(&(65, false)));
    let tests = format!("{}my card 4539 1488 0343 6467", "visa 4111 1111 1111 1111\n".repeat(25));
    let pages = [page(&tests, false)];
    let found = detector_once().detect(Subject { pages: &pages }, 100).findings;
    assert!(found.iter().any(|one| one.rule == "pan.card" && !one.flags.iter().any(|flag| flag == "test_number")));
}

#[test]
fn of_a_list_it_is_told_how_many_there_are() {
    let list = right("se_personnummer", "880320", 10, 60).join("\n");
    assert!(flags(&list, "se.personnummer").contains(&"60 in all".to_owned()));
}

#[test]
fn korean_numbers_given_since_2020_do_not_speak_against_the_others() {
    let check = checksum::named("kr_rrn").expect("a check");
    let formed = |begin: &str, passes: bool, many: usize| -> Vec<String> {
        let all = (0..1_000_000).step_by(37).map(|tail| format!("{begin}{tail:06}"));
        let wanted = all.filter(|text| check(text) == passes).take(many);
        wanted.map(|text| format!("{}-{}", &text[..6], &text[6..])).collect()
    };
    let roster = [formed("8504132", true, 5), formed("2103144", false, 8), formed("9002117", false, 6)].concat();
    assert_eq!(worth(&roster.join("\n"), "kr.rrn"), [(75, false); 5]);
    let other = [formed("8504132", true, 2), formed("8504132", false, 40)].concat();
    assert_eq!(worth(&other.join("\n"), "kr.rrn"), [(65, false); 2], "a day in its form is for people to look at");
}

#[test]
fn days_in_the_form_of_their_type_are_never_passed_over() {
    let cases: Vec<String> = (0..8).map(|at| format!("2605{:02}-{:04}", at + 10, at * 911 + 3)).collect();
    let failing = |text: &&String| !checksum::named("se_personnummer").expect("a check")(&text.replace('-', ""));
    let cases: Vec<&str> = cases.iter().filter(failing).map(String::as_str).collect();
    let right = right("se_personnummer", "880320", 10, 2);
    let formed: Vec<String> = right.iter().map(|text| format!("{}-{}", &text[..6], &text[6..])).collect();
    let told = worth(&format!("{}\n{}", formed.join("\n"), cases.join("\n")), "se.personnummer");
    assert_eq!(told, [(65, false); 2]);
}

#[test]
fn a_short_list_beside_other_numbers_is_a_list_if_chance_does_not_explain_it() {
    let cards = right("pan", "4539148803", 16, 9);
    let mut references: Vec<String> = (0..40).map(|at| format!("51{:014}", at * 104_729_371_u64 + 77)).collect();
    let check = checksum::named("pan").expect("a check");
    references.retain(|text| !check(text));
    references.truncate(9);
    let text = |cards: &[String]| format!("{}\n{}", cards.join("\n"), references.join("\n"));
    assert_eq!(worth(&text(&cards), "pan.card"), [(65, false); 9]);
    assert_eq!(worth(&text(&cards[..2]), "pan.card"), [(65, true); 2]);
}

#[test]
fn a_single_card_number_in_a_sentence_is_for_people_to_look_at_and_one_of_many_references_is_not() {
    let sentence = "Please charge it to 4539148803436467 as we agreed last week.";
    assert_eq!(worth(sentence, "pan.card"), [(65, false)]);
    assert_eq!(worth("Please charge my Visa 4539148803436467", "pan.card"), [(85, false)]);
    assert_eq!(worth("银联 4539148803436467", "pan.card"), [(85, false)]);
    let others = "5105105105105101\n4539148803436461\n";
    assert_eq!(worth(&format!("{sentence}\n{others}"), "pan.card"), [(65, true)], "there are others like it");
    assert_eq!(worth("Reference\tDate\n4539148803436467\t2026-11-02", "pan.card"), [(65, true)]);
    let repeated = format!("4539148803436467\n{sentence}");
    assert_eq!(worth(&repeated, "pan.card"), [(65, false); 2], "the same number is no other");
}

#[test]
fn what_programs_write_of_measurements_is_no_number_of_anybody() {
    let value = |at: u32| f64::from(at.wrapping_mul(2_654_435_761)) / f64::from(u32::MAX);
    let rows: Vec<String> = (1..4000).map(|at| format!("{{\"id\": {at}, \"score\": {}}}", value(at))).collect();
    let pages = [page(&rows.join(",\n"), false)];
    let found = detector_once().detect(Subject { pages: &pages }, 100).findings;
    let rules: Vec<&str> = found.iter().map(|one| one.rule.as_str()).collect();
    assert!(found.is_empty(), "{rules:?}");
    assert_eq!(worth("credit card: 1.4539148803436467", "pan.card"), [(85, false)], "a label says that it is one");
}

#[test]
fn a_column_of_fifteen_digits_is_no_list_of_insured_people() {
    let digits =
        |at: u64| at.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) % 900_000_000_000_000 + 100_000_000_000_000;
    let rows: Vec<String> = (1..1500).map(|at| digits(at).to_string()).collect();
    let told = worth(&format!("serial\n{}", rows.join("\n")), "fr.nir");
    assert!(told.iter().all(|one| one.1), "{told:?}");
    assert_eq!(worth("sécurité sociale 2 95 10 99 126 111 93", "fr.nir"), [(85, false)]);
}

/// How much of what has the pattern of a type and is made of digits at random passes its check: of up to `MANY` numbers of a length.
fn passing(kind: &rules::Type, digits: usize) -> Option<f64> {
    const MANY: usize = 4_000;
    let check = kind.check?;
    let mut state = 7_u64;
    let mut digit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from((state >> 33) % 10).expect("a digit"))
    };
    let (mut matching, mut passed) = (0_usize, 0_usize);
    for drawn in 0..200_000 {
        let number: String = (0..digits).map(|_| digit()).collect();
        let is_whole = kind.regex.find(&number).is_some_and(|found| found.range() == (0..digits));
        if is_whole && kind.shape.is_none_or(|shape| shape(&number)) {
            matching += 1;
            passed += usize::from(check(&number));
        }
        if matching == MANY || (drawn == 2_000 && matching == 0) {
            break;
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    (matching >= 1_000).then(|| passed as f64 / matching as f64)
}

#[test]
fn no_check_is_passed_by_chance_more_often_than_its_row_says() {
    let mut unmeasured = Vec::new();
    for kind in detector_once().rules.types.iter().filter(|kind| kind.counted) {
        let shares = (6..=20).filter_map(|digits| Some((digits, passing(kind, digits)?)));
        let shares: Vec<(usize, f64)> = shares.collect();
        for (digits, share) in &shares {
            let said = kind.entry.chance;
            // Four thousand draws are a tenth off, now and then.
            assert!(*share <= 1.15 * said + 0.002, "{} of {digits} digits: {share:.4}, said {said}", kind.entry.id);
        }
        if shares.is_empty() {
            unmeasured.push(kind.entry.id.as_str());
        }
    }
    // They have letters or signs in them.
    let lettered = [
        "cn.hkid",
        "cn.tw_id",
        "cn.org_code",
        "us.dea",
        "ie.pps",
        "de.id_card",
        "es.dni",
        "ch.ahv",
        "kr.brn",
        "cl.rut",
    ];
    assert_eq!(unmeasured, lettered);
}
