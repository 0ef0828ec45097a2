//! A content that lies in several places is filtered and listed by each of them alone.

use super::super::{IndexLocation, Query, Searcher, answers_unread};
use super::{Fixture, document, hash, location};
use crate::finding::{CoverageState, FaultReason};

fn misfiled(path: &str, zone: &str) -> IndexLocation {
    IndexLocation { verdict: "misfiled".to_owned(), ..location(path, zone) }
}

/// 1 lies clear in the vault and misfiled in the cloud; 2 in the vault alone; 3 misfiled in the cloud alone.
fn copies() -> Fixture {
    let mut first = document(1, &["the plan"]);
    first.locations = vec![location("/vault/plan.txt", "vault"), misfiled("/cloud/copy.txt", "cloud")];
    let mut second = document(2, &["plan"]);
    second.locations = vec![location("/vault/other.txt", "vault")];
    let mut third = document(3, &["draft"]);
    third.locations = vec![misfiled("/cloud/draft.txt", "cloud")];
    Fixture::new(&[first, second, third])
}

#[test]
fn filters_that_hold_for_different_places_only_do_not_find_the_content() {
    copies().check(&[
        ("zone:vault verdict:misfiled", &[]),
        ("zone:cloud verdict:misfiled", &[1, 3]),
        ("path:/vault verdict:clear", &[1, 2]),
        ("name:plan zone:cloud", &[]),
        ("name:copy zone:cloud", &[1]),
        ("plan zone:vault -verdict:misfiled", &[1, 2]),
        ("(zone:vault verdict:misfiled) OR draft", &[3]),
        ("(zone:vault OR draft) (verdict:misfiled OR the)", &[1, 3]),
    ]);
}

#[test]
fn what_is_excluded_in_one_place_is_found_in_another() {
    copies().check(&[
        ("plan -zone:cloud", &[1, 2]),
        ("plan -zone:vault", &[1]),
        ("plan -zone:vault -zone:cloud", &[]),
        ("-(zone:cloud verdict:misfiled)", &[1, 2]),
        ("-verdict:misfiled", &[1, 2]),
        ("NOT (-zone:cloud)", &[1, 3]),
    ]);
}

#[test]
fn a_place_whose_content_could_not_be_had_answers_by_its_name_and_place_alone() {
    let sealed = IndexLocation {
        verdict: "unverified".to_owned(),
        coverage: CoverageState::None,
        faults: vec![FaultReason::Encrypted],
        ..location("/vault/a.zip!/budget plan.txt", "vault")
    };
    let answers = |query: &str| answers_unread(&Query::parse(query).expect("valid"), &sealed);
    for query in [
        "budget",
        "budget plan zone:vault",
        "name:plan",
        "fault:encrypted",
        "verdict:unverified -draft",
        "draft OR plan",
    ] {
        assert!(answers(query), "{query}");
    }
    for query in ["draft", "text:budget", "zone:cloud", "plan -zone:vault", "kind:zip", "level:0", "fault:damaged"] {
        assert!(!answers(query), "{query}");
    }
}

#[test]
fn only_the_places_that_answer_are_named() {
    let index = copies();
    let searcher = Searcher::open(&index.dir()).expect("opens");
    let places = [location("/vault/plan.txt", "vault"), misfiled("/cloud/copy.txt", "cloud")];
    let check = |query: &str, expected: [bool; 2]| {
        let query = Query::parse(query).expect("valid");
        assert_eq!(searcher.places(&query, &hash(1), &places).expect("answers"), expected, "{query:?}");
    };
    check("plan", [true, true]);
    check("zone:vault", [true, false]);
    check("plan -zone:vault", [false, true]);
    check("zone:vault OR the", [true, true]);
    check("name:copy OR path:/nowhere", [false, true]);
    check("mtime:>=2000", [false, false]);
}
