//! What is put in is found, by words, phrases and filters, in a stable order.

use std::fs;

use tempfile::TempDir;

use super::super::{IndexDocument, IndexLocation, IndexWriter, Query, Searcher};
use super::{Fixture, document, hash, location, settings};
use crate::document::Kind;
use crate::finding::{CoverageState, FaultReason, Level};

const DAY: i64 = 86_400_000_000_000;

#[test]
fn chinese_is_found_in_the_middle_of_a_word_and_as_a_lone_character() {
    let index = Fixture::of_pages(&[&["中华人民共和国国务院"], &["共和，国国"], &["秘密文件"]]);
    index.check(&[("民共和", &[1]), ("国国", &[1, 2]), ("密", &[3]), ("和国国务", &[1]), ("密秘", &[])]);
}

#[test]
fn no_phrase_crosses_a_gap_or_a_page() {
    let index = Fixture::of_pages(&[
        &["属于国家", "秘密"],
        &["国家。秘密"],
        &["国家秘\n密"],
        &["top", "secret"],
        &["top secret"],
        &["国", "家秘密"],
    ]);
    index.check(&[
        ("国家秘密", &[3]),
        ("\"top secret\"", &[5]),
        // With a free place punctuation is not seen, and the first or last character may be missing.
        ("国家秘密~1", &[2, 3, 6]),
        ("国家 秘密", &[1, 2, 3]),
        ("top secret", &[4, 5]),
    ]);
    let index = Fixture::of_pages(&[&["甲国", "秘密"]]);
    index.check(&[("国家秘密~1", &[])]);
}

#[test]
fn traditional_finds_simplified_and_back() {
    let index = Fixture::of_pages(&[&["國家機密檔案"], &["国家机密档案"]]);
    index.check(&[("国家机密", &[1, 2]), ("國家機密", &[1, 2]), ("檔", &[1, 2])]);
}

#[test]
fn width_case_and_accents_do_not_matter() {
    let index = Fixture::of_pages(&[&["ＴＯＰ　ＳＥＣＲＥＴ １２３"], &["Élan ﬁnal"], &["ｶﾞｲﾄﾞ"]]);
    index.check(&[("\"top secret\" 123", &[1]), ("ｔｏｐ", &[1]), ("elan FINAL", &[2]), ("ガイド", &[3])]);
}

#[test]
fn codes_and_mail_addresses_are_found_as_they_are_written() {
    let index = Fixture::of_pages(&[&["TOP SECRET//SI//NF"], &["SI and NF"], &["mail li.si@example.org now"]]);
    index.check(&[("SI//NF", &[1]), ("\"SI NF\"", &[1]), ("li.si@example.org", &[3]), ("secret//si", &[1])]);
}

#[test]
fn misspelt_words_and_prefixes_are_found_when_asked_for() {
    let index = Fixture::of_pages(&[&["the cloud"], &["clouds"], &["claud"], &["国冢秘密"], &["cldou"]]);
    index.check(&[
        ("cloud", &[1]),
        ("cloud~1", &[1, 2, 3]),
        ("cloud~2", &[1, 2, 3, 5]),
        ("clou*", &[1, 2]),
        ("国家秘密", &[]),
        ("国家秘密~1", &[4]),
    ]);
}

#[test]
fn words_combine_with_and_or_not_and_parentheses() {
    let index = Fixture::of_pages(&[&["a b"], &["a"], &["b"], &["c"]]);
    index.check(&[
        ("a b", &[1]),
        ("a OR b", &[1, 2, 3]),
        ("a -b", &[2]),
        ("-a", &[3, 4]),
        ("NOT (a OR b)", &[4]),
        ("c OR -a", &[3, 4]),
        ("(a OR c) NOT b", &[2, 4]),
        ("-(-a)", &[1, 2]),
    ]);
}

#[test]
fn a_word_is_found_in_the_file_name_too_and_each_can_be_asked_alone() {
    let mut named = document(2, &["nothing"]);
    named.locations = vec![location("/srv/作战计划 plan_2026.pdf", "shared")];
    let index = Fixture::new(&[document(1, &["the plan"]), named]);
    index.check(&[
        ("plan", &[1, 2]),
        ("text:plan", &[1]),
        ("name:plan", &[2]),
        ("name:作战计划", &[2]),
        ("2026", &[2]),
    ]);
    index.check(&[("name:\"plan 2026\"", &[2]), ("name:pla*", &[2]), ("name:plam~1", &[2])]);
}

/// Three documents that differ in everything filters can see.
fn varied() -> Fixture {
    let mut first = document(1, &["plan"]);
    first.kind = Kind::new("pdf");
    first.level = Level::Classified;
    first.size = 2 << 20;
    first.rules = vec!["cn.state.secret.full".to_owned()];
    first.detectors = vec!["marking".to_owned()];
    first.locations = vec![
        IndexLocation {
            mtime_ns: 20_454 * DAY,
            verdict: "misfiled".to_owned(),
            coverage: CoverageState::Partial,
            faults: vec![FaultReason::Encrypted, FaultReason::OcrFailed],
            ..location("/srv/share/a b/plan.pdf", "Shared")
        },
        location("/cloud/mail.eml!/plan.pdf", "云盘 2"),
    ];
    let mut second = document(2, &["plan"]);
    second.level = Level::Internal;
    second.rules = vec!["us.cui".to_owned()];
    second.locations[0].mtime_ns = 20_453 * DAY - 1;
    let mut third = document(3, &["plan"]);
    third.locations = vec![location("/srv/sharedx/x", "other")];
    third.locations[0].mtime_ns = -1;
    Fixture::new(&[first, second, third])
}

#[test]
fn each_filter_finds_what_it_says() {
    varied().check(&[
        ("zone:shared", &[1, 2]),
        ("zone:\"云盤 2\"", &[1]),
        ("zone:sha*", &[1, 2]),
        ("kind:pdf", &[1]),
        ("level:>=3", &[1]),
        ("level:1", &[2]),
        ("level:0..1", &[2, 3]),
        ("verdict:misfiled", &[1]),
        ("verdict:clear", &[1, 2, 3]),
        ("rule:cn.state.*", &[1]),
        ("rule:us.cui", &[2]),
        ("detector:marking", &[1]),
        ("fault:encrypted", &[1]),
        ("fault:ocr_failed", &[1]),
        ("fault:io", &[]),
        ("coverage:partial", &[1]),
        ("size:>1mb", &[1]),
        ("size:100", &[2, 3]),
        ("content:0202020202020202020202020202020202020202020202020202020202020202", &[2]),
        ("plan -zone:other level:<3", &[2]),
    ]);
}

#[test]
fn folders_hold_what_is_below_them_and_not_their_namesakes() {
    varied().check(&[
        ("path:/srv", &[1, 2, 3]),
        ("path:/srv/share", &[1, 2]),
        ("path:/srv/share/", &[1, 2]),
        ("path:\"/srv/share/a b\"", &[1]),
        ("path:/srv/share*", &[1, 2, 3]),
        ("path:/cloud/mail.eml", &[1]),
        ("path:/cloud/mail.eml!/plan.pdf", &[1]),
        ("path:/srv/share/file.txt", &[2]),
        ("path:/", &[1, 2, 3]),
        ("path:/nowhere", &[]),
    ]);
}

#[test]
fn days_of_modification_include_their_first_and_last_moment() {
    // Day 20,454 is 2026-01-01.
    varied().check(&[
        ("mtime:2026-01-01", &[1]),
        ("mtime:2025-12-30", &[2]),
        ("mtime:2025-12-30..2026-01-01", &[1, 2]),
        ("mtime:2025-12", &[2]),
        ("mtime:>=2026", &[1]),
        ("mtime:<1970", &[3]),
    ]);
}

#[test]
fn a_document_that_changes_or_goes_is_found_as_it_is_now() {
    let index = Fixture::of_pages(&[&["old"], &["gone"]]);
    let mut writer = index.writer();
    writer.put(document(1, &["new"])).expect("put");
    writer.put(document(1, &["newest"])).expect("put");
    writer.remove(&hash(2)).expect("remove");
    writer.remove(&hash(9)).expect("remove");
    assert_eq!(index.find("old OR gone"), [1, 2]);
    writer.commit(7).expect("commit");
    assert_eq!(writer.last_seq(), 7);
    index.check(&[("old OR gone OR new", &[]), ("newest", &[1])]);
}

#[test]
fn a_crash_before_the_commit_leaves_the_state_before() {
    let index = Fixture::of_pages(&[&["old"]]);
    let mut writer = index.writer();
    writer.put(document(1, &["new"])).expect("put");
    writer.put(document(2, &["new"])).expect("put");
    // A killed process runs no destructor; its lock goes with it, which a copy of the files stands for.
    let copy = TempDir::new().expect("a temporary folder");
    for entry in fs::read_dir(index.dir()).expect("lists") {
        let entry = entry.expect("an entry");
        match fs::copy(entry.path(), copy.path().join(entry.file_name())) {
            // The threads of the writer make and remove files meanwhile; one that is gone is none of a crash at this instant.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            copied => drop(copied.expect("copies")),
        }
    }
    std::mem::forget(writer);
    let mut writer = IndexWriter::open(copy.path(), &settings()).expect("opens after the crash");
    assert_eq!(writer.last_seq(), 1);
    let mut searcher = Searcher::open(copy.path()).expect("opens");
    let query = Query::parse("old").expect("valid");
    assert_eq!(searcher.search(&query, 9, 0).expect("searches").total, 1);
    writer.put(document(1, &["new"])).expect("put");
    writer.commit(2).expect("commit");
    assert_eq!((searcher.last_seq(), searcher.search(&query, 9, 0).expect("searches").total), (1, 1));
    searcher.reload().expect("reloads");
    assert_eq!((searcher.last_seq(), searcher.search(&query, 9, 0).expect("searches").total), (2, 0));
}

#[test]
fn equal_scores_are_ordered_by_name_and_pages_of_answers_join_without_gap() {
    let documents: Vec<IndexDocument> = (1..=50).rev().map(|n| document(n, &["same words"])).collect();
    let index = Fixture::new(&documents);
    let mut writer = index.writer();
    // More segments, and deleted documents that must not change any score.
    for number in [3, 30, 17] {
        writer.put(document(number, &["same words"])).expect("put");
        writer.commit(2).expect("commit");
    }
    let searcher = Searcher::open(&index.dir()).expect("opens");
    let query = Query::parse("words").expect("valid");
    let mut seen = Vec::new();
    for offset in (0..60).step_by(7) {
        let hits = searcher.search(&query, 7, offset).expect("searches");
        assert_eq!(hits.total, 50);
        seen.extend(hits.hits);
    }
    assert_eq!(seen.iter().map(|hit| hit.content).collect::<Vec<_>>(), (1..=50).map(hash).collect::<Vec<_>>());
    assert!(seen.iter().all(|hit| (hit.score - seen[0].score).abs() < f32::EPSILON && hit.score > 0.0));
    assert!(searcher.search(&query, 0, 0).expect("searches").hits.is_empty());
    assert!(searcher.search(&query, usize::MAX, usize::MAX).expect("searches").hits.is_empty());
}

#[test]
fn scores_do_not_depend_on_what_was_deleted_or_merged() {
    let texts = ["plan", "plan plan cloud", "cloud and a much longer text about a plan", "nothing"];
    let documents: Vec<IndexDocument> = (1..).zip(texts).map(|(n, text)| document(n, &[text])).collect();
    let clean = Fixture::new(&documents);
    let worn = Fixture::of_pages(&[&["plan"], &["cloud"], &["plan"], &["plan"], &["cloud cloud"], &["plan"]]);
    let mut writer = worn.writer();
    (1..=6).for_each(|number| writer.remove(&hash(number)).expect("remove"));
    for document in &documents {
        writer.put(document.clone()).expect("put");
        writer.commit(3).expect("commit");
    }
    let answer = |index: &Fixture, query: &str| {
        let query = Query::parse(query).expect("valid");
        Searcher::open(&index.dir()).expect("opens").search(&query, 9, 0).expect("searches")
    };
    for query in ["plan", "plan cloud", "plan OR cloud", "\"a plan\"", "-nothing", "pla*"] {
        assert_eq!(answer(&clean, query), answer(&worn, query), "{query}");
    }
}

#[test]
fn odd_documents_are_held_and_found() {
    let mut empty = document(1, &[]);
    empty.locations.clear();
    let mut odd = document(2, &["", "\u{0}\u{1b}", "x"]);
    odd.locations[0].path = "/srv/\u{fffd}\u{fffd}/ü".to_owned();
    odd.locations[0].mtime_ns = i64::MIN;
    odd.size = u64::MAX;
    let index = Fixture::new(&[empty, odd]);
    index.check(&[("kind:text", &[1, 2]), ("x", &[2]), ("size:>1tb", &[2]), ("path:/srv", &[2])]);
}
