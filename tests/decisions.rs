//! Decisions of people: what they count for, where they hold, how they are told, and when they end.

mod common;

use std::collections::BTreeMap;
use std::io::Write as _;

use common::{Run, Site};
use serde_json::{Value, json};

const MARKED: &str = "机密★10年\n\n关于某事的通知\n各部门：\n请按照要求办理。\n";

/// Asks for a look, and decides nothing.
const DOUBTFUL: &str = "严禁外传\n\n材料\n各部门：\n";

fn verdict<'a>(files: &'a BTreeMap<String, Value>, path: &str) -> &'a str {
    files.get(path).and_then(|file| file["verdict"].as_str()).unwrap_or("not known")
}

fn archive(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a member");
    zip.write_all(bytes).expect("its bytes");
    zip.finish().expect("an archive").into_inner()
}

/// A site whose share has two more zones: `vault` beside it, where level 3 may lie, and `cloud`, where nothing may.
fn zoned() -> Site {
    let zone = |name: &str, ceiling: u8| {
        format!("[[zone]]\nname = \"{name}\"\npath = \"share/{name}\"\nexposure = \"shared\"\nceiling = {ceiling}\n")
    };
    Site::new(&(zone("vault", 2) + &zone("cloud", 0)))
}

fn decide(site: &Site, path: &str, rule: &str, what: &str) -> Run {
    let path = site.share().join(path);
    let path = path.to_str().expect("UTF-8");
    site.run(&[
        "decide",
        path,
        "--rule",
        rule,
        "--as",
        what,
        "--reason",
        "by contract",
        "--by",
        "ann",
        "--until",
        "90d",
    ])
}

#[test]
fn decisions_of_people_count_are_counted_and_end() {
    let site = Site::new("");
    site.file("a.zip", archive("memo.txt", MARKED.as_bytes()));
    site.file("archive/b.txt", "TOP SECRET//SI//NOFORN\n");
    site.sweep();
    let member = site.share().join("a.zip!/memo.txt");
    let member = member.to_str().expect("UTF-8");
    let decide = |more: &[&str]| site.run(&[&["decide"], more].concat());
    let wrong = decide(&[member, "--rule", "no.such", "--as", "false-positive", "--reason", "x"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("cn.state.secret"), "{}", wrong.stderr);
    let no_end = decide(&[member, "--rule", "cn.*", "--as", "accepted", "--reason", "x"]);
    assert!(no_end.code == 2 && no_end.stderr.contains("--until"), "{}", no_end.stderr);
    let done = decide(&[member, "--rule", "cn.*", "--as", "false-positive", "--reason", "a template", "--by", "ann"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let glob = format!("{}/archive/**", site.share().canonicalize().expect("there").display());
    let done =
        decide(&["--paths", &glob, "--rule", "us.*", "--as", "accepted", "--reason", "cleared", "--until", "90d"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let files = site.files();
    assert_eq!(
        (verdict(&files, "a.zip!/memo.txt"), verdict(&files, "a.zip"), verdict(&files, "archive/b.txt")),
        ("clear", "clear", "clear")
    );
    assert_eq!(files["a.zip!/memo.txt"]["findings"][0]["decision"]["reason"], "a template");
    for verb in [&["findings", "--all"][..], &["findings"], &["status"]] {
        let summary = site.run(verb).json().pop().expect("a summary");
        assert_eq!(summary["decided"], json!({ "accepted": 1, "false_positive": 1 }), "{verb:?}");
    }
    // They survive a sweep, go where the content goes, and a target asks anew what was accepted in its place.
    site.file("copy.txt", MARKED);
    site.sweep();
    assert_eq!(verdict(&site.files(), "copy.txt"), "clear");
    assert_eq!(site.run(&["ready", "sharepoint"]).json().pop().expect("a summary")["blocked"], 1);
    // One that is over or taken back counts no more.
    let catalog = rusqlite::Connection::open(site.data().join("catalog.sqlite")).expect("opens");
    catalog.execute("UPDATE decision SET expires = 1 WHERE paths IS NOT NULL", []).expect("set");
    site.sweep();
    assert_eq!(verdict(&site.files(), "archive/b.txt"), "misfiled");
    assert_eq!(site.run(&["decisions", "--withdraw", "1"]).code, 0);
    let files = site.files();
    assert_eq!((verdict(&files, "a.zip"), verdict(&files, "copy.txt")), ("misfiled", "misfiled"));
    let listed = site.run(&["decisions", "--all"]).json().pop().expect("a summary");
    assert_eq!(listed["decisions"], json!({ "expired": 1, "withdrawn": 1 }));
}

#[test]
fn what_is_accepted_is_so_where_it_lies_and_not_where_a_copy_turns_up_that_more_can_see() {
    let site = zoned();
    site.file("a.txt", MARKED);
    site.file("vault/none.txt", "harmless\n");
    site.file("cloud/none.txt", "harmless\n");
    site.sweep();
    let done = decide(&site, "a.txt", "cn.*", "accepted");
    assert_eq!(done.code, 0, "{}", done.stderr);
    for path in ["b.txt", "vault/c.txt", "cloud/d.txt"] {
        site.file(path, MARKED);
    }
    site.sweep();
    let files = site.files();
    let verdicts = ["a.txt", "b.txt", "vault/c.txt", "cloud/d.txt"].map(|path| verdict(&files, path));
    assert_eq!(verdicts, ["clear", "clear", "clear", "misfiled"]);
    assert_eq!(files["a.txt"]["level"], 3, "what is accepted keeps its level");
    assert!(files["cloud/d.txt"]["findings"][0].get("decision").is_none(), "{}", files["cloud/d.txt"]);
    // Accepted there, too, and where the zone changes its mind no longer.
    assert_eq!(decide(&site, "cloud/d.txt", "cn.*", "accepted").code, 0);
    assert_eq!(verdict(&site.files(), "cloud/d.txt"), "clear");
    let lower = std::fs::read_to_string(site.config()).expect("there").replace("ceiling = 2", "ceiling = 0");
    std::fs::write(site.config(), lower).expect("written");
    assert_eq!(site.run(&["decisions", "--withdraw", "2"]).code, 0);
    site.run(&["reclassify"]);
    let files = site.files();
    assert_eq!((verdict(&files, "vault/c.txt"), verdict(&files, "a.txt")), ("misfiled", "clear"));
}

#[test]
fn what_is_confirmed_has_its_level_in_lists_in_filters_and_on_what_it_lies_in() {
    let site = Site::new("");
    site.file("a.zip", archive("memo.txt", DOUBTFUL.as_bytes()));
    site.sweep();
    let files = site.files();
    let finding = &files["a.zip!/memo.txt"]["findings"][0];
    let rule = finding["rule"].as_str().expect("a rule");
    assert_eq!((verdict(&files, "a.zip"), &files["a.zip"]["level"]), ("review", &json!(0)));
    assert_eq!(decide(&site, "a.zip!/memo.txt", rule, "confirmed").code, 0);
    let files = site.files();
    for path in ["a.zip", "a.zip!/memo.txt"] {
        assert_eq!((verdict(&files, path), &files[path]["level"]), ("misfiled", &finding["level"]), "{path}");
    }
    assert_eq!(files["a.zip!/memo.txt"]["native"], json!([finding["native"]]));
    let level = format!("level:>={}", finding["level"]);
    let found = site.run(&["search", &format!("严禁外传 {level}")]).json();
    assert_eq!(found[0]["type"], "hit", "{found:?}");
    let listed = site.run(&["findings", "--level", &finding["level"].to_string()]).json();
    assert_eq!(listed.iter().filter(|object| object["type"] == "file").count(), 2);
    // And back.
    assert_eq!(site.run(&["decisions", "--withdraw", "1"]).code, 0);
    assert_eq!(site.files()["a.zip"]["level"], 0);
}

#[test]
fn a_decision_is_told_wherever_it_counts_and_its_list_says_what_it_is_about() {
    let site = Site::new("");
    let path = site.file("a.txt", MARKED).canonicalize().expect("there").display().to_string();
    site.sweep();
    assert_eq!(decide(&site, "a.txt", "cn.*", "false-positive").code, 0);
    let said = "by ann: by contract (decision 1)";
    for verb in [&["explain", &path][..], &["ready", "sharepoint"], &["findings", "--all", "--format", "csv"]] {
        let run = site.run(&[&["--format", "table"], verb].concat());
        let run = if verb[0] == "findings" { site.run(verb) } else { run };
        assert!(run.stdout.contains(said), "{verb:?}: {}{}", run.stdout, run.stderr);
    }
    let listed = site.run(&["decisions"]).json();
    assert_eq!(listed[0]["places"], json!([path]));
    site.file("b.txt", MARKED);
    site.sweep();
    let table = site.run(&["--format", "table", "decisions"]).stdout;
    assert!(table.contains(&format!("{path} and 1 other place")), "{table}");
}

#[test]
fn a_glob_that_is_about_nothing_is_refused() {
    let site = Site::new("");
    site.file("a.txt", MARKED);
    site.sweep();
    let share = site.share().canonicalize().expect("there").display().to_string();
    let decide = |paths: &str, rule: &str| {
        site.run(&["decide", "--paths", paths, "--rule", rule, "--as", "accepted", "--reason", "x", "--until", "9d"])
    };
    for (paths, rule, says) in [
        (format!("{share}/*.pdf"), "cn.*", "no document there"),
        (format!("{share}/**"), "us.*", "no document there"),
        ("share/**".to_owned(), "cn.*", "whole paths"),
        (format!("{share}/[a"), "cn.*", "--paths"),
    ] {
        let run = decide(&paths, rule);
        assert!(run.code == 2 && run.stderr.contains(says), "{paths}: {}", run.stderr);
    }
    assert_eq!(site.run(&["decisions"]).json().len(), 1, "nothing is kept of them");
    assert_eq!(decide(&format!("{share}/*.txt"), "cn.*").code, 0);
}

#[test]
fn a_rehearsal_names_the_rules_that_would_decide() {
    let site = Site::new("");
    site.file("a.txt", MARKED);
    site.file("b.txt", DOUBTFUL);
    site.sweep();
    let rules = |path: &str| site.files()[path]["findings"][0]["rule"].as_str().expect("a rule").to_owned();
    let (sure, doubtful) = (rules("a.txt"), rules("b.txt"));
    let config = std::fs::read_to_string(site.config()).expect("there");
    let relevel = |rule: &str| format!("\n[[relevel]]\nrule = \"{rule}\"\nlevel = 0\n");
    std::fs::write(site.config(), config + &relevel(&sure) + &relevel(&doubtful)).expect("written");
    let told = site.run(&["reclassify", "--dry-run"]).json();
    assert_eq!((&told[0]["rules_before"], &told[0]["rules"]), (&json!([sure]), &json!([])));
    assert_eq!((&told[1]["rules_before"], &told[1]["verdict"]), (&json!([doubtful]), &json!("clear")));
    let table = site.run(&["--format", "table", "reclassify", "--dry-run"]).stdout;
    assert!(table.contains(&format!("(no longer by {sure})")), "{table}");
}

#[test]
fn a_decision_that_is_over_lets_nothing_go() {
    let site = Site::new("");
    site.file("a.txt", MARKED);
    site.sweep();
    assert_eq!(decide(&site, "a.txt", "cn.*", "false-positive").code, 0);
    let blocked = || site.run(&["ready", "sharepoint"]).json().pop().expect("a summary")["blocked"].clone();
    assert_eq!(blocked(), 0);
    let catalog = rusqlite::Connection::open(site.data().join("catalog.sqlite")).expect("opens");
    catalog.execute("UPDATE decision SET expires = 1", []).expect("set");
    assert_eq!(blocked(), 1, "without a sweep between");
    let path = site.share().join("a.txt");
    for verb in [&["findings"][..], &["explain", path.to_str().expect("UTF-8")]] {
        let run = site.run(verb);
        assert!(run.code == 12 && run.stderr.contains("a decision expired"), "exit {}: {}", run.code, run.stderr);
    }
    assert_eq!(site.run(&["reclassify"]).code, 10);
    assert_eq!(site.run(&["findings"]).code, 10);
}

#[test]
fn what_the_name_of_an_unread_member_says_is_decided_about_by_its_path_and_counts_for_its_archive() {
    let site = Site::new("");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let sealed = zip::write::SimpleFileOptions::default().with_aes_encryption(zip::AesMode::Aes256, "not known");
    zip.start_file("[机密]年度报告.txt", sealed).expect("a member");
    zip.write_all(b"report").expect("its bytes");
    let path = site.file("a.zip", zip.finish().expect("an archive").into_inner()).canonicalize().expect("there");
    site.sweep();
    let member = "a.zip!/[机密]年度报告.txt";
    let files = site.files();
    assert_eq!((verdict(&files, member), verdict(&files, "a.zip")), ("review", "review"), "{files:?}");
    let path = path.to_str().expect("UTF-8");
    let run = site.run(&[
        "decide",
        "--paths",
        path,
        "--rule",
        "cn.*",
        "--as",
        "false-positive",
        "--reason",
        "a name",
        "--until",
        "9d",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let files = site.files();
    assert_eq!((verdict(&files, member), verdict(&files, "a.zip")), ("unverified", "unverified"));
}

#[test]
fn what_a_name_says_is_decided_about_in_its_place_and_verdicts_that_changed_are_counted() {
    let site = Site::new("");
    for path in ["[机密]报告.txt", "报告（机密）.txt", "plain.txt"] {
        site.file(path, "the same\n");
    }
    site.sweep();
    let rule = site.files()["[机密]报告.txt"]["findings"][0]["rule"].as_str().expect("a rule").to_owned();
    let done = decide(&site, "[机密]报告.txt", &rule, "false-positive");
    assert_eq!((done.code, done.stdout.contains("1 verdict changed")), (0, true), "{}{}", done.stdout, done.stderr);
    let files = site.files();
    let verdicts = ["[机密]报告.txt", "报告（机密）.txt", "plain.txt"].map(|path| verdict(&files, path));
    assert_eq!(verdicts, ["clear", "review", "clear"]);
    // The verdict is what it was: nothing changed.
    let again = decide(&site, "[机密]报告.txt", &rule, "false-positive");
    assert!(again.stdout.contains("0 verdicts changed"), "{}", again.stdout);
}
