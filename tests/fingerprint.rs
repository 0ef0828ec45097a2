//! `misfile fingerprint` from outside: what is registered is found where it lies, and forgotten when it is removed.

mod common;

use std::fmt::Write as _;

use common::{Run, Site};

/// A document that no other seed gives.
fn document(seed: u32) -> String {
    let mut text = String::new();
    for word in 0..400_u32 {
        let hash = blake3::hash(&[seed.to_le_bytes(), word.to_le_bytes()].concat());
        let letters: String = hash.as_bytes()[..6].iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        write!(text, "{letters}{}", if word % 12 == 11 { ".\n" } else { " " }).expect("into memory");
    }
    text
}

/// The excerpt that a colleague put into a note of his own.
fn excerpt(document: &str) -> String {
    let lines: Vec<&str> = document.lines().skip(10).take(8).collect();
    format!("Here is what I told you about.\n{}\nRegards\n", lines.join("\n"))
}

fn registered(site: &Site) -> Run {
    let outside = site.data().with_file_name("plan.txt");
    std::fs::write(&outside, document(1)).expect("a document outside the share");
    site.run(&["fingerprint", "add", "--level", "4", &outside.display().to_string()])
}

#[test]
fn an_excerpt_of_a_registered_document_is_misfiled_until_it_is_forgotten() {
    let site = Site::new("");
    site.file("note.txt", excerpt(&document(1)));
    site.file("other.txt", document(2));
    site.sweep();
    assert_eq!(site.files()["note.txt"]["verdict"], "clear");
    assert_eq!(registered(&site).code, 0);
    assert_eq!(site.run(&["reclassify"]).code, 10);
    let files = site.files();
    assert_eq!((&files["note.txt"]["verdict"], &files["other.txt"]["verdict"]), (&"misfiled".into(), &"clear".into()));
    let finding = &files["note.txt"]["findings"][0];
    assert_eq!((&finding["rule"], &finding["level"]), (&"registered.document".into(), &4.into()), "{finding}");
    assert!(finding["excerpt"].as_str().is_some_and(|text| text.starts_with("plan.txt: ")), "{finding}");
    assert_eq!(site.run(&["fingerprint", "remove", "plan.txt"]).code, 0);
    assert_eq!(site.run(&["reclassify"]).code, 0);
    assert_eq!(site.files()["note.txt"]["verdict"], "clear");
}

#[test]
fn a_document_is_registered_once_and_one_that_cannot_be_read_not_at_all() {
    let site = Site::new("");
    assert_eq!(registered(&site).code, 0);
    let again = registered(&site);
    assert_eq!(again.code, 11);
    assert!(again.stderr.contains("its text is registered as plan.txt"), "{}", again.stderr);
    let office = site.file("a.docx", [b"PK\x03\x04".as_slice(), &[0; 200]].concat());
    let unread = site.run(&["fingerprint", "add", &office.display().to_string()]);
    assert_eq!(unread.code, 11, "{}", unread.stderr);
    assert!(unread.stderr.contains("not registered"), "{}", unread.stderr);
    let list = site.run(&["--format", "jsonl", "fingerprint", "list"]).json();
    assert_eq!((&list[0]["name"], &list[0]["level"], list.len()), (&"plan.txt".into(), &4.into(), 2));
    assert_eq!(site.run(&["fingerprint", "remove", "nobody.txt"]).code, 2);
}

#[test]
fn a_registry_without_its_key_ends_a_sweep_and_is_no_empty_registry() {
    let site = Site::new("");
    site.file("note.txt", excerpt(&document(1)));
    assert_eq!(registered(&site).code, 0);
    std::fs::remove_file(site.data().join("fingerprint.key")).expect("a key");
    let sweep = site.run(&["sweep"]);
    assert_eq!(sweep.code, 5, "{}", sweep.stderr);
    assert!(sweep.stderr.contains("fingerprint.key"), "{}", sweep.stderr);
}
