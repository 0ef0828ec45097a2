//! From one night to the next: what the morning's answer says of what changed, of what came right, and of what no sweep
//! looks at any more.

mod common;

use std::path::Path;

use common::Site;
use serde_json::Value;

const SECRET: &str = "机密★10年\n\n关于开展保密检查的通知\n";
const ANNEX: &str = "[[zone]]\nname = \"annex\"\npath = \"annex\"\nexposure = \"shared\"\nceiling = 1\n";

/// A second zone beside the share, with one file.
fn with_annex(text: &str) -> Site {
    let site = Site::new(ANNEX);
    site.file("lunch.txt", "Noodles.\n");
    std::fs::create_dir(site.dir.path().join("annex")).expect("folder");
    std::fs::write(site.dir.path().join("annex/note.txt"), text).expect("file");
    site
}

fn configure(site: &Site, change: impl Fn(String) -> String) {
    let config = std::fs::read_to_string(site.config()).expect("read");
    std::fs::write(site.config(), change(config)).expect("written");
}

/// The file below the annex, as `findings` has it now.
fn note(site: &Site) -> Option<Value> {
    site.files().into_iter().find(|(path, _)| path.ends_with("annex/note.txt")).map(|(_, file)| file)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn what_lay_in_a_zone_that_is_configured_no_more_is_clear_no_more() {
    let site = with_annex("harmless\n");
    site.sweep();
    assert_eq!(note(&site).expect("known")["verdict"], "clear");
    configure(&site, |config| config.replace(ANNEX, ""));
    let run = site.run(&["sweep"]);
    assert_eq!((run.code, run.stderr.contains("1 known file outside every zone")), (11, true), "{}", run.stderr);
    let left = note(&site).expect("known");
    assert_eq!((&left["verdict"], &left["coverage"]["faults"][0]["reason"]), (&"unverified".into(), &"outside".into()));
    let detail = left["coverage"]["faults"][0]["detail"].as_str().expect("text");
    assert!(detail.contains("annex") && detail.contains("--forget-outside"), "{detail}");
    assert_eq!(left["coverage"]["examined"], 0, "of the file as it is now nothing was examined");
    // Another sweep of the zones changes nothing about it; one by its path looks at it.
    site.sweep();
    assert_eq!(note(&site).expect("known")["verdict"], "unverified");
    let annex = site.dir.path().join("annex");
    assert_eq!(site.run(&["sweep", text(&annex)]).json().pop().expect("a summary")["contents_read"], 0);
    assert_eq!(note(&site).expect("known")["verdict"], "clear");
}

#[test]
fn a_zone_that_is_configured_again_is_looked_at_again_and_nothing_of_it_is_read() {
    let site = with_annex("harmless\n");
    site.sweep();
    configure(&site, |config| config.replace(ANNEX, ""));
    site.sweep();
    configure(&site, |config| format!("{config}{ANNEX}"));
    assert_eq!(site.run(&["reclassify"]).code, 11, "until a sweep has looked there, nobody vouches for it");
    assert_eq!(site.sweep()["contents_read"], 0);
    let back = note(&site).expect("known");
    assert_eq!((&back["verdict"], &back["zone"]), (&"clear".into(), &"annex".into()));
}

#[test]
fn what_lies_outside_every_zone_is_forgotten_on_request_only() {
    let site = with_annex(SECRET);
    site.sweep();
    configure(&site, |config| config.replace(ANNEX, ""));
    site.sweep();
    assert_eq!(note(&site).expect("known")["verdict"], "misfiled", "evidence does not go away with its zone");
    let summary = site.run(&["sweep", "--forget-outside"]).json().pop().expect("a summary");
    assert_eq!((&summary["events"]["forgotten"], &summary["outside"]), (&1.into(), &0.into()), "{summary}");
    assert_eq!(note(&site), None);
    assert_eq!(site.run(&["ready", "s3"]).code, 0, "nothing looks there any more");
    let search = site.run(&["search", "保密检查"]).json();
    assert_eq!(search.len(), 1, "the index has forgotten it too: {search:?}");
    assert_eq!(site.run(&["sweep", "--forget-outside", text(&site.share())]).code, 2, "a PATH has no outside");
}

#[test]
fn nothing_is_forgotten_while_a_zone_cannot_be_found() {
    let site = with_annex(SECRET);
    let (link, disk) = (site.dir.path().join("annex"), site.dir.path().join("disk"));
    std::fs::rename(&link, &disk).expect("moved");
    std::os::unix::fs::symlink("disk", &link).expect("link");
    site.sweep();
    std::fs::remove_file(&link).expect("removed");
    let run = site.run(&["sweep", "--forget-outside"]);
    assert_eq!((run.code, run.stderr.contains("nothing was forgotten")), (4, true), "{}", run.stderr);
    std::os::unix::fs::symlink("disk", &link).expect("link");
    site.sweep();
    assert!(site.files().values().any(|file| file["verdict"] == "misfiled"));
}

#[test]
fn a_zone_that_was_never_finished_keeps_nobody_waiting_when_it_is_gone() {
    let site = with_annex("harmless\n");
    assert_eq!(site.run(&["sweep", "--for", "0s"]).code, 12);
    configure(&site, |config| config.replace(ANNEX, ""));
    site.sweep();
    assert_eq!(site.run(&["findings"]).code, 0);
}

#[test]
fn every_answer_says_that_the_configuration_changed_since_its_verdicts_were_given() {
    let site = Site::new("");
    let path = site.file("plan.txt", SECRET);
    site.sweep();
    configure(&site, |config| config.replace("ceiling = 1", "ceiling = 3"));
    for verb in [&["findings"][..], &["explain", text(&path)], &["search", "x"], &["ready", "s3"], &["status"]] {
        let run = site.run(verb);
        assert!(run.stderr.contains("`misfile reclassify` gives them anew"), "{verb:?}: {}", run.stderr);
    }
    assert!(!site.run(&["reclassify"]).stderr.contains("reclassify"));
    assert!(!site.run(&["findings"]).stderr.contains("reclassify"));
}

#[test]
fn the_morning_after_says_what_is_new_what_was_mended_and_what_is_gone() {
    let site = Site::new("");
    for name in ["mended.txt", "deleted.txt", "moved.txt", "same.txt"] {
        site.file(name, format!("{SECRET}{name}\n"));
    }
    site.file("spoilt.txt", "harmless\n");
    site.sweep();
    site.file("mended.txt", "harmless\n");
    site.file("spoilt.txt", SECRET);
    site.file("new.txt", format!("{SECRET}new\n"));
    std::fs::remove_file(site.share().join("deleted.txt")).expect("deleted");
    std::fs::create_dir(site.share().join("folder")).expect("folder");
    std::fs::rename(site.share().join("moved.txt"), site.share().join("folder/moved.txt")).expect("moved");
    site.sweep();
    let morning = site.run(&["findings", "--new-since"]);
    let seen: Vec<[String; 4]> = morning
        .json()
        .iter()
        .filter(|object| object["type"] != "summary")
        .map(|object| {
            let name = Path::new(object["path"].as_str().expect("a path")).file_name().expect("a name");
            let word = |key: &str| object[key].as_str().unwrap_or("-").to_owned();
            [name.to_str().expect("UTF-8").to_owned(), word("verdict"), word("event"), word("verdict_before")]
        })
        .collect();
    let expected = [
        ["moved.txt", "misfiled", "moved", "misfiled"],
        ["mended.txt", "clear", "changed", "misfiled"],
        ["new.txt", "misfiled", "new", "-"],
        ["spoilt.txt", "misfiled", "changed", "clear"],
        ["deleted.txt", "-", "gone", "misfiled"],
    ];
    assert_eq!(seen, expected.map(|row| row.map(str::to_owned)));
    let table = site.run(&["findings", "--new-since=2", "--format", "table"]).stdout;
    assert!(table.contains("sweep 2: changed; was clear"), "{table}");
    assert!(table.contains("deleted.txt  (was misfiled)") && table.contains("1 file no more"), "{table}");
    let csv = site.run(&["findings", "--new-since", "--format", "csv"]).stdout;
    assert!(csv.lines().any(|line| line.contains("deleted.txt") && line.ends_with(",2,gone,misfiled,,,,,,,")), "{csv}");
}

#[test]
fn a_misfiled_document_that_was_moved_to_where_it_may_lie_is_mended() {
    let site = Site::new(&ANNEX.replace("ceiling = 1", "ceiling = 4"));
    std::fs::create_dir(site.dir.path().join("annex")).expect("folder");
    site.file("lunch.txt", "Noodles.\n");
    let path = site.file("note.txt", SECRET);
    site.sweep();
    std::fs::rename(path, site.dir.path().join("annex/note.txt")).expect("moved");
    site.sweep();
    let morning = site.run(&["findings", "--new-since"]).json();
    let (file, rest) = morning.split_first().expect("a file");
    assert_eq!((&file["verdict"], &file["event"]), (&"clear".into(), &"moved".into()), "{file}");
    assert_eq!((&file["verdict_before"], rest.len()), (&"misfiled".into(), 1), "and the summary");
    assert!(file["from"].as_str().expect("a path").ends_with("share/note.txt"));
}

#[test]
fn a_nested_zone_that_is_not_mounted_is_not_taken_for_emptied() {
    let site = Site::new("[[zone]]\nname = \"inner\"\npath = \"share/inner\"\nexposure = \"cloud\"\nceiling = 0\n");
    site.file("lunch.txt", "Noodles.\n");
    site.file("inner/plan.txt", SECRET);
    site.sweep();
    std::fs::rename(site.share().join("inner"), site.dir.path().join("elsewhere")).expect("moved");
    std::fs::create_dir(site.share().join("inner")).expect("empty mount point");
    let run = site.run(&["sweep"]);
    assert_eq!((run.code, run.stderr.contains("is it mounted?")), (4, true), "{}", run.stderr);
    assert_eq!(site.files()["inner/plan.txt"]["verdict"], "misfiled");
    assert_eq!(site.run(&["sweep", "--accept-empty"]).code, 0);
}

#[test]
fn a_deleted_file_that_is_named_by_its_path_is_told_as_gone_and_a_slip_of_the_keyboard_changes_nothing() {
    let site = Site::new("");
    site.file("lunch.txt", "Noodles.\n");
    let path = site.file("plan.txt", SECRET);
    site.sweep();
    std::fs::remove_file(&path).expect("deleted");
    assert_eq!(site.run(&["sweep", text(&path)]).code, 4);
    assert_eq!(site.files()["plan.txt"]["kind"], "text", "a file stays one");
    site.sweep();
    let gone = site.run(&["findings", "--new-since"]).json().remove(0);
    assert_eq!((&gone["event"], &gone["verdict_before"]), (&"gone".into(), &"misfiled".into()), "{gone}");
    assert_eq!(site.run(&["sweep", text(&site.share().join("shaer"))]).code, 4);
    assert_eq!(site.run(&["findings"]).code, 0, "nobody waits for a place that does not exist");
}

#[test]
fn a_misfiled_document_that_was_out_of_sight_and_comes_back_clear_is_mended() {
    let site = Site::new("[limits]\ndepth = 20\n");
    site.file("a/b/plan.txt", SECRET);
    site.file("lunch.txt", "Noodles.\n");
    site.sweep();
    configure(&site, |config| config.replace("ceiling = 1", "ceiling = 3").replace("depth = 20", "depth = 2"));
    site.sweep();
    assert_eq!(site.files()["a/b/plan.txt"]["verdict"], "unverified");
    configure(&site, |config| config.replace("depth = 2", "depth = 20"));
    site.sweep();
    let file = site.run(&["findings", "--new-since"]).json().remove(0);
    assert_eq!((&file["verdict"], &file["verdict_before"]), (&"clear".into(), &"misfiled".into()), "{file}");
}

#[test]
fn what_reclassify_changed_is_news_until_the_next_sweep_has_ended() {
    let site = Site::new("");
    site.file("plan.txt", SECRET);
    site.sweep();
    configure(&site, |config| config.replace("ceiling = 1", "ceiling = 3"));
    site.run(&["reclassify"]);
    for moment in ["after it", "after the next sweep"] {
        assert_eq!(site.run(&["findings", "--new-since"]).json().len(), 2, "{moment}");
        site.sweep();
    }
    site.sweep();
    assert_eq!(site.run(&["findings", "--new-since"]).json().len(), 1, "no news any more");
}

#[test]
fn a_list_is_not_written_over_a_document() {
    let site = Site::new("");
    let path = site.file("plan.txt", SECRET);
    site.sweep();
    let run = site.run(&["ready", "s3", "--allow", text(&path)]);
    assert_eq!((run.code, run.stderr.contains("is a document")), (2, true), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(path).expect("there"), SECRET);
}

#[test]
fn a_sweep_of_one_file_is_12_while_that_of_its_zone_waits() {
    let site = Site::new("");
    let path = site.file("lunch.txt", "Noodles.\n");
    assert_eq!(site.run(&["sweep", "--for", "0s"]).code, 12);
    assert_eq!(site.run(&["ready", "s3"]).code, 12, "what no sweep has seen yet only waits for one");
    assert_eq!(site.run(&["sweep", text(&path)]).code, 12);
    assert_eq!(site.run(&["sweep"]).code, 0);
    site.file("dinner.txt", "Rice.\n");
    assert_eq!(site.run(&["ready", "s3"]).code, 11, "a file that came behind a complete sweep was not examined");
}

#[test]
fn what_is_judged_otherwise_says_that_the_file_is_the_same() {
    let site = Site::new("");
    site.file("plan.txt", SECRET);
    site.sweep();
    configure(&site, |config| config.replace("ceiling = 1", "ceiling = 3"));
    site.sweep();
    let since = |since: &str| site.run(&["findings", since]).json();
    let [file, _] = since("--new-since").try_into().expect("a file and a summary");
    assert_eq!(
        (&file["verdict"], &file["event"], &file["verdict_before"]),
        (&"clear".into(), &Value::Null, &"misfiled".into())
    );
    assert_eq!(since("--new-since=1h").len(), 2, "the sweeps of the last hour");
    let run = site.run(&["findings", "--new-since=3"]);
    assert_eq!((run.code, run.stderr.contains("a time span such as 24h")), (2, true), "{}", run.stderr);
}

#[test]
fn a_file_that_can_be_looked_at_no_more_is_new_and_keeps_its_size_and_evidence() {
    let site = Site::new("[limits]\ndepth = 20\n");
    site.file("a/b/plan.txt", SECRET);
    site.sweep();
    configure(&site, |config| config.replace("depth = 20", "depth = 2"));
    site.sweep();
    let morning = site.run(&["findings", "--new-since"]).json();
    let kinds: Vec<&Value> =
        morning.iter().filter(|object| object["type"] == "file").map(|file| &file["kind"]).collect();
    assert_eq!(kinds, ["folder", "text"], "the folder that cannot be listed, and the file in it: {morning:?}");
    let file = &site.files()["a/b/plan.txt"];
    assert_eq!((&file["verdict"], &file["size"]), (&"misfiled".into(), &SECRET.len().into()));
    assert_eq!((&file["coverage"]["examined"], &file["coverage"]["pages"]), (&0.into(), &1.into()));
    let status = site.run(&["status", "--format", "table"]).stdout;
    assert!(status.contains("2 known files (1 of them a folder that cannot be listed)"), "{status}");
    assert_eq!(site.run(&["status"]).json().pop().expect("a summary")["unread_pages"], 1);
}

#[test]
fn tesseract_readers_that_a_stop_killed_are_in_the_bill() {
    let site = Site::new("[read]\nreaders = 1\n");
    common::copy_tree(&common::root().join("examples/share"), &site.share());
    let summary = site.run(&["sweep", "--for", "3s"]).json().pop().expect("a summary");
    assert_eq!(summary["state"], "stopped");
    assert!(summary["reader_cpu_seconds"].as_f64().expect("a number") > 0.0, "{summary}");
}

#[test]
fn a_list_holds_what_no_sweep_has_seen_among_what_must_not_go() {
    let site = Site::new("");
    site.file("lunch.txt", "Noodles.\n");
    site.sweep();
    site.file("new.txt", SECRET);
    std::os::unix::fs::symlink("lunch.txt", site.share().join("link.txt")).expect("link");
    let (allow, deny) = (site.dir.path().join("allow"), site.dir.path().join("deny"));
    let base = site.share();
    let lists = ["--relative-to", text(&base), "--allow", text(&allow), "--deny", text(&deny)];
    let run = site.run(&[&["ready", "s3"], &lists[..]].concat());
    assert_eq!(run.code, 11, "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&allow).expect("list"), "lunch.txt\n");
    assert_eq!(std::fs::read_to_string(&deny).expect("list"), "new.txt\n");
    let objects = run.json();
    let new = objects.iter().find(|object| object["readiness"] == "unknown").expect("the new file");
    assert_eq!(new["level"], Value::Null, "nobody knows its level");
    assert_eq!(objects.last().expect("a summary")["neither"], 1, "the link");
    let late = site.share().join("new.txt");
    let alone = site.run(&["ready", "s3", text(&late)]);
    assert_eq!((alone.code, alone.json()[0]["readiness"].as_str()), (11, Some("unknown")), "{}", alone.stderr);
    // A list that is written into the share holds neither itself nor its unfinished halves.
    let inside = site.share().join("go.lst");
    assert_eq!(site.run(&["ready", "s3", "--allow", text(&inside)]).code, 11);
    assert_eq!(
        std::fs::read_to_string(&inside).expect("list"),
        format!("{}\n", text(&base.canonicalize().expect("there").join("lunch.txt")))
    );
}

#[test]
fn a_name_with_a_line_end_stops_lists_of_lines_before_anything_is_written() {
    let site = Site::new("");
    site.file("lunch.txt", "Noodles.\n");
    site.file("two\nlines.txt", "Noodles.\n");
    site.sweep();
    let allow = site.dir.path().join("allow");
    std::fs::write(&allow, "as before\n").expect("written");
    let run = site.run(&["ready", "s3", "--allow", text(&allow)]);
    assert_eq!((run.code, run.stderr.contains("--null")), (2, true), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&allow).expect("list"), "as before\n");
    let elsewhere = site.dir.path().join("data");
    assert_eq!(
        site.run(&["ready", "s3", "--null", "--allow", text(&allow), "--relative-to", text(&elsewhere)]).code,
        2
    );
    let left: Vec<_> =
        std::fs::read_dir(site.dir.path()).expect("there").map(|entry| entry.expect("entry").file_name()).collect();
    assert_eq!(left.len(), 4, "allow, data, the configuration, the share: {left:?}");
    assert_eq!(site.run(&["ready", "s3", "--null", "--allow", text(&allow)]).code, 0);
    assert_eq!(std::fs::read_to_string(&allow).expect("list").matches('\0').count(), 2);
}
