//! The ledger of faults: how often and when; what is tried again, and when; passwords.

mod common;

use std::os::unix::fs::PermissionsExt;

use common::{Site, root};
use serde_json::{Value, json};

fn fault(file: &Value) -> &Value {
    &file["coverage"]["faults"][0]
}

fn fixture(site: &Site, name: &str) {
    let content = std::fs::read(root().join("tests/fixtures").join(name)).expect("fixture");
    site.file(name.rsplit('/').next().expect("a name"), content);
}

#[test]
fn a_fault_is_counted_each_time_that_a_reading_ends_with_it() {
    let site = Site::new("");
    site.file("cut.pdf", b"%PDF-1.4\nnothing follows");
    site.sweep();
    let first = site.files();
    assert_eq!(
        (&fault(&first["cut.pdf"])["reason"], &fault(&first["cut.pdf"])["attempts"]),
        (&json!("damaged"), &json!(1))
    );
    // Nothing has changed: it is not tried again.
    assert_eq!(site.sweep()["contents_read"], 0);
    let retried = site.run(&["retry", "--fault", "damaged"]);
    assert_eq!(retried.code, 11, "{}", retried.stderr);
    assert_eq!(retried.json().pop().expect("a summary")["contents_read"], 1);
    let second = site.files();
    assert_eq!(fault(&second["cut.pdf"])["attempts"], 2);
    assert_eq!(fault(&second["cut.pdf"])["first_seen"], fault(&first["cut.pdf"])["first_seen"]);
    assert!(
        site.run(&["--format", "table", "explain", &site.share().join("cut.pdf").display().to_string()])
            .stdout
            .contains("2 times")
    );
}

#[test]
fn retry_reads_what_is_asked_for_and_nothing_else() {
    let site = Site::new("");
    site.file("a/cut.pdf", b"%PDF-1.4\nnothing follows");
    site.file("b/cut.pdf", b"%PDF-1.4\nnothing follows at all");
    site.file("c/help.chm", [b"ITSF\x03\0\0\0".as_slice(), &[7; 100]].concat());
    site.file("c/good.txt", "harmless");
    site.sweep();
    let read = |arguments: &[&str]| {
        let run = site.run(&[&["retry"], arguments].concat());
        run.json().pop().unwrap_or_else(|| panic!("{}", run.stderr))["contents_read"].clone()
    };
    assert_eq!(read(&[&site.share().join("a").display().to_string()]), 1);
    assert_eq!(read(&["--fault", "timeout"]), 0);
    assert_eq!(read(&[]), 2, "what no reader reads is not helped by another reading");
}

#[test]
fn a_file_that_cannot_be_opened_is_counted_too() {
    let site = Site::new("");
    let path = site.file("big.txt", "");
    std::fs::File::options().write(true).open(&path).expect("open").set_len(1 << 20).expect("sparse");
    site.sweep();
    site.sweep();
    let files = site.files();
    let fault = fault(&files["big.txt"]);
    assert_eq!((&fault["reason"], &fault["attempts"]), (&json!("placeholder"), &json!(2)), "{fault}");
}

#[test]
fn a_pdf_that_anybody_can_open_is_read_and_flagged() {
    let site = Site::new("");
    fixture(&site, "gate/open_encrypted.pdf");
    site.sweep();
    let file = &site.files()["open_encrypted.pdf"];
    assert_eq!(
        (&file["coverage"]["state"], &file["remarks"]),
        (&json!("complete"), &json!(["empty_password"])),
        "{file}"
    );
}

#[test]
fn an_encrypted_pdf_is_read_once_its_password_is_known_and_the_password_is_nowhere() {
    let site = Site::new("");
    fixture(&site, "gate/encrypted.pdf");
    site.sweep();
    assert_eq!(fault(&site.files()["encrypted.pdf"])["reason"], "encrypted");
    let passwords = site.dir.path().join("passwords");
    std::fs::write(&passwords, "kingfisher\nuser\n").expect("written");
    let settings = std::fs::read_to_string(site.config()).expect("read");
    std::fs::write(site.config(), format!("[read]\npasswords_file = 'passwords'\n{settings}")).expect("written");
    std::fs::set_permissions(&passwords, std::fs::Permissions::from_mode(0o644)).expect("mode");
    let refused = site.run(&["sweep"]);
    assert_eq!(refused.code, 3, "others could read it: {}", refused.stderr);
    std::fs::set_permissions(&passwords, std::fs::Permissions::from_mode(0o600)).expect("mode");
    let sweep = site.run(&["--verbose", "sweep"]);
    assert!(!format!("{}{}", sweep.stdout, sweep.stderr).contains("kingfisher"));
    let file = &site.files()["encrypted.pdf"];
    assert_eq!(
        (&file["coverage"]["state"], &file["remarks"]),
        (&json!("complete"), &json!(["known_password"])),
        "{file}"
    );
    for entry in std::fs::read_dir(site.data()).expect("data").map(|entry| entry.expect("entry").path()) {
        let held = if entry.is_file() { std::fs::read(&entry).expect("read") } else { Vec::new() };
        assert!(!held.windows(10).any(|bytes| bytes == b"kingfisher"), "{}", entry.display());
    }
}

#[test]
fn kinds_without_text_are_out_of_scope_until_somebody_wants_them_examined() {
    let site = Site::new("");
    site.file("film.mp4", [&b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"[..], &[7; 200]].concat());
    let run = site.run(&["sweep"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let film = &site.files()["film.mp4"];
    assert_eq!((&film["verdict"], &film["kind"]), (&"out_of_scope".into(), &"mp4".into()));
    let settings = "[read]\nout_of_scope = []\n";
    let config = std::fs::read_to_string(site.config()).expect("there");
    std::fs::write(site.config(), format!("{settings}{config}")).expect("written");
    assert_eq!(site.run(&["sweep"]).code, 11);
    assert_eq!(site.files()["film.mp4"]["verdict"], "unverified");
}
