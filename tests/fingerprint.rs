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

/// A site with these limits, and what `fingerprint add` said of documents outside of its share.
fn registering(limits: &str, documents: &[(&str, &str)]) -> (Site, Run) {
    let site = Site::new(&format!("[limits]\n{limits}\n"));
    let outside = site.data().with_file_name("outside");
    std::fs::create_dir_all(&outside).expect("a folder");
    for (name, text) in documents {
        std::fs::write(outside.join(name), text).expect("written");
    }
    let run = site.run(&["fingerprint", "add", &outside.display().to_string()]);
    (site, run)
}

#[test]
fn what_is_over_a_limit_of_the_registry_is_not_registered_and_told_with_its_key() {
    let (one, other) = (document(1), document(2));
    let pages = format!("{one}\u{c}{other}");
    for (limit, documents) in [
        ("registered_documents = 1", vec![("a.txt", &*one), ("b.txt", &*other)]),
        ("registered_pages = 1", vec![("a.txt", &*pages)]),
        ("registered_hashes = 20", vec![("a.txt", &*one)]),
        ("registered_name_bytes = 4", vec![("a.txt", &*one)]),
        ("compared_letters = 500", vec![("a.txt", &*one)]),
    ] {
        let (site, run) = registering(limit, &documents);
        assert_eq!(run.code, 11, "{limit}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("limits.{limit}; raise that key")), "{limit}: {}", run.stderr);
        let listed = site.run(&["--format", "jsonl", "fingerprint", "list"]).json();
        assert_eq!(listed.iter().filter(|one| one["type"] == "registered").count(), documents.len() - 1, "{limit}");
    }
}

#[test]
fn a_text_of_which_not_everything_could_be_compared_is_not_clear_and_names_the_limit() {
    let (one, other) = (document(1), document(2));
    for limit in ["compared_hits = 20", "compared_matches = 1"] {
        let (site, run) = registering(limit, &[("a.txt", &*one), ("b.txt", &*other)]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        site.file("both.txt", format!("{one}\n{other}"));
        site.sweep();
        let file = site.files().remove("both.txt").expect("it was met");
        assert!(file["coverage"]["faults"].to_string().contains(&format!("limits.{limit}")), "{file}");
    }
    let site = Site::new("[limits]\ncompared_letters = 2000\n");
    let outside = site.data().with_file_name("outside.txt");
    std::fs::write(&outside, &document(1)[..1500]).expect("written");
    assert_eq!(site.run(&["fingerprint", "add", &outside.display().to_string()]).code, 0);
    site.file("long.txt", document(3));
    site.sweep();
    let file = site.files().remove("long.txt").expect("it was met");
    assert!(file["coverage"]["faults"].to_string().contains("limits.compared_letters = 2000"), "{file}");
}

#[test]
fn what_few_documents_have_on_more_pages_than_the_limit_is_not_clear_and_names_the_limit() {
    let page = document(1);
    for (limit, verdict) in [("compared_pages_per_hash = 2", "unverified"), ("compared_pages_per_hash = 3", "misfiled")]
    {
        let (site, run) = registering(limit, &[("a.txt", &format!("{page}\u{c}{page}\u{c}{page}"))]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        site.file("copy.txt", &page);
        site.sweep();
        let file = site.files().remove("copy.txt").expect("it was met");
        assert_eq!(file["verdict"], verdict, "{limit}: {file}");
        let names_limit = file["coverage"]["faults"].to_string().contains(&format!("limits.{limit}"));
        assert_eq!(names_limit, verdict == "unverified", "{file}");
    }
}

#[test]
fn the_first_pages_of_a_long_copy_are_findings_and_tell_how_many_there_are() {
    let site = Site::new("[registered]\nsamples = 2\n");
    let outside = site.data().with_file_name("outside.txt");
    let text = (0..5).map(document).collect::<Vec<_>>().join("\u{c}");
    std::fs::write(&outside, &text).expect("written");
    assert_eq!(site.run(&["fingerprint", "add", &outside.display().to_string()]).code, 0);
    site.file("copy.txt", &text);
    site.sweep();
    let file = site.files().remove("copy.txt").expect("it was met");
    let found: Vec<_> =
        file["findings"].as_array().expect("findings").iter().filter(|one| one["detector"] == "registered").collect();
    assert_eq!((found.len(), &found[0]["flags"][0]), (2, &"5 in all".into()), "{file}");
}
