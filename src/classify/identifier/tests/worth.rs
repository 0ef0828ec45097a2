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
