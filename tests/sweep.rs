//! The sweep as its user sees it: a share in; exit code, catalog and search answers out.

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use base64::Engine;

use common::{Site, copy_tree, misfile, root, run};
use serde_json::Value;

const SECRET: &str = "机密★10年\n特急\n\n关于开展保密检查的通知\n";

fn verdicts(site: &Site) -> BTreeMap<String, String> {
    let verdict = |file: &Value| file["verdict"].as_str().expect("a verdict").to_owned();
    site.files().into_iter().map(|(path, file)| (path, verdict(&file))).collect()
}

fn events(site: &Site) -> Vec<(String, String, Option<String>)> {
    let share = site.share().canonicalize().expect("there");
    let below = |path: &Value| {
        let path = path.as_str()?;
        Some(Path::new(path).strip_prefix(&share).expect("below the share").display().to_string())
    };
    let objects = site.run(&["status", "--events"]).json().into_iter().filter(|object| object["type"] == "event");
    objects
        .map(|event| {
            (
                event["event"].as_str().expect("kind").to_owned(),
                below(&event["path"]).expect("path"),
                below(&event["from"]),
            )
        })
        .collect()
}

#[test]
fn a_marked_document_on_a_shared_folder_is_misfiled_and_a_plain_one_is_clear() {
    let site = Site::new("");
    site.file("plan.txt", SECRET);
    site.file("lunch.txt", "Noodles on Monday, rice on Tuesday.\n");
    let run = site.run(&["sweep"]);
    assert_eq!(run.code, 10, "{}", run.stderr);
    let files = site.files();
    assert_eq!(files["plan.txt"]["verdict"], "misfiled");
    assert_eq!(files["plan.txt"]["level"], 3);
    assert_eq!(files["plan.txt"]["findings"][0]["rule"], "cn.state.secret.full");
    assert_eq!(files["lunch.txt"]["verdict"], "clear");
    assert_eq!(files["lunch.txt"]["coverage"]["state"], "complete");
}

#[test]
fn findings_never_show_the_text_of_a_document() {
    let site = Site::new("");
    site.file("plan.txt", "TOP SECRET//SAR-BUTTER POPCORN//NOFORN\nThe convoy leaves from quay nine.\n");
    site.sweep();
    for form in ["table", "json", "jsonl", "csv"] {
        let shown = site.run(&["findings", "--format", form]).stdout;
        assert!(shown.contains("TOP SECRET"), "{form}: {shown}");
        assert!(!shown.contains("BUTTER") && !shown.contains("convoy"), "{form}: {shown}");
    }
}

#[test]
fn the_same_content_may_lie_in_one_zone_and_is_misfiled_in_another() {
    let site = Site::new("[[zone]]\nname = \"vault\"\npath = \"share/vault\"\nexposure = \"contained\"\nceiling = 4\n");
    site.file("vault/plan.txt", SECRET);
    site.file("open/plan.txt", SECRET);
    let summary = site.sweep();
    assert_eq!(summary["contents_read"], 1, "one content is read once: {summary}");
    assert_eq!(
        verdicts(&site),
        [("open/plan.txt", "misfiled"), ("vault/plan.txt", "clear")].map(|(a, b)| (a.into(), b.into())).into()
    );
}

#[test]
fn a_second_sweep_reads_nothing() {
    let site = Site::new("");
    (0..50).for_each(|number| drop(site.file(&format!("folder/{number}.txt"), format!("number {number}\n"))));
    assert_eq!(site.sweep()["contents_read"], 50);
    let second = site.sweep();
    assert_eq!((&second["contents_read"], &second["unchanged"]), (&0.into(), &50.into()), "{second}");
}

#[test]
fn moved_copied_changed_and_deleted_files_are_seen_as_what_they_are() {
    let site = Site::new("");
    for name in ["moved", "copied", "changed", "deleted"] {
        site.file(&format!("a/{name}.txt"), format!("The {name} document.\n"));
    }
    site.sweep();
    std::fs::create_dir(site.share().join("b")).expect("folder");
    std::fs::rename(site.share().join("a/moved.txt"), site.share().join("b/moved.txt")).expect("moved");
    std::fs::copy(site.share().join("a/copied.txt"), site.share().join("b/copy.txt")).expect("copied");
    site.file("a/changed.txt", "Another text.\n");
    std::fs::remove_file(site.share().join("a/deleted.txt")).expect("deleted");
    let summary = site.sweep();
    assert_eq!(summary["contents_read"], 1, "only what changed is read: {summary}");
    let expected = [
        ("changed", "a/changed.txt", None),
        ("gone", "a/deleted.txt", None),
        ("copied", "b/copy.txt", Some("a/copied.txt")),
        ("moved", "b/moved.txt", Some("a/moved.txt")),
    ];
    let expected = expected.map(|(kind, path, from)| (kind.to_owned(), path.to_owned(), from.map(str::to_owned)));
    assert_eq!(events(&site), expected);
}

#[test]
fn of_two_files_of_one_content_that_are_both_new_neither_is_called_the_copy() {
    let site = Site::new("");
    site.file("a/one.txt", "The same.\n");
    site.file("b/two.txt", "The same.\n");
    site.sweep();
    let both = ["a/one.txt", "b/two.txt"].map(|path| ("new".to_owned(), path.to_owned(), None));
    assert_eq!(events(&site), both);
}

#[test]
fn a_file_with_its_old_time_put_back_is_read_again() {
    let site = Site::new("");
    let path = site.file("a.txt", "harmless, and as long\n");
    let time = std::fs::metadata(&path).expect("there").modified().expect("time");
    site.sweep();
    std::fs::write(&path, "TOP SECRET//SI//NOFORN").expect("written");
    std::fs::File::options().write(true).open(&path).expect("open").set_modified(time).expect("time set");
    site.sweep();
    assert_eq!(verdicts(&site)["a.txt"], "misfiled");
}

#[test]
fn new_zones_judge_stored_text_anew_without_reading() {
    let site = Site::new("");
    site.file("plan.txt", SECRET);
    site.sweep();
    let config = std::fs::read_to_string(site.config()).expect("configuration");
    std::fs::write(site.config(), config.replace("ceiling = 1", "ceiling = 3")).expect("written");
    let run = site.run(&["reclassify"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.json()[0]["judged_otherwise"], 1);
    assert_eq!(verdicts(&site)["plan.txt"], "clear");
}

#[test]
fn kinds_without_a_reader_are_unverified_and_never_clear() {
    let site = Site::new("");
    site.file("help.chm", b"ITSF\x03\0\0\0\x60\0\0\0\x01\0\0\0");
    site.file("empty.txt", "");
    let run = site.run(&["sweep"]);
    assert_eq!(run.code, 11, "{}", run.stderr);
    let files = site.files();
    assert_eq!(files["help.chm"]["verdict"], "unverified");
    assert_eq!(files["help.chm"]["coverage"]["faults"][0]["reason"], "unsupported");
    assert_eq!(files["empty.txt"]["verdict"], "clear");
}

#[test]
fn a_placeholder_is_reported_unread() {
    let site = Site::new("");
    std::fs::File::create(site.share().join("cloud.pdf")).expect("file").set_len(1 << 20).expect("sparse");
    site.sweep();
    assert_eq!(site.files()["cloud.pdf"]["coverage"]["faults"][0]["reason"], "placeholder");
}

#[test]
fn a_name_that_is_not_utf8_survives_end_to_end() {
    use std::os::unix::ffi::OsStrExt;
    let site = Site::new("");
    let name = std::ffi::OsStr::from_bytes(b"\xb2\xe2\xca\xd4.txt");
    std::fs::write(site.share().join(name), SECRET).expect("file");
    site.sweep();
    let file = site.run(&["findings"]).json().remove(0);
    let mut path = site.share().canonicalize().expect("there").into_os_string().as_bytes().to_vec();
    path.extend(b"/\xb2\xe2\xca\xd4.txt");
    assert_eq!(file["path_b64"], base64::engine::general_purpose::STANDARD.encode(path));
}

#[test]
fn searching_finds_pages_and_says_what_could_not_be_searched() {
    let site = Site::new("");
    site.file("plan.txt", "关于海岸线测量的说明\n");
    site.file("help.chm", b"ITSF\x03\0\0\0\x60\0\0\0\x01\0\0\0");
    site.sweep();
    let answer = site.run(&["search", "海岸线"]).json();
    assert_eq!(answer[0]["pages"][0]["page"], 1);
    assert_eq!(answer[0]["pages"][0]["snippet"], "关于海岸线测量的说明");
    assert_eq!((&answer[1]["documents"], &answer[1]["incomplete_files"]), (&1.into(), &1.into()));
    let table = site.run(&["search", "海岸线", "--format", "table"]).stdout;
    assert!(table.ends_with("1 document matches; 1 file was not or not fully read (0 known pages)\n"), "{table}");
}

#[test]
fn a_deleted_index_is_made_anew_by_the_next_sweep() {
    let site = Site::new("");
    site.file("plan.txt", "关于海岸线测量的说明\n");
    site.sweep();
    std::fs::remove_dir_all(site.data().join("index")).expect("deleted");
    let answer = site.run(&["search", "海岸线"]);
    assert_eq!(answer.code, 5);
    assert!(answer.stderr.contains("misfile index rebuild"), "{}", answer.stderr);
    site.sweep();
    assert_eq!(site.run(&["search", "海岸线"]).json()[0]["type"], "hit");
}

#[test]
fn a_sweep_stopped_at_its_deadline_goes_on_where_it_was() {
    let site = Site::new("");
    (0..200).for_each(|number| drop(site.file(&format!("{number}.txt"), format!("number {number}\n"))));
    let run = site.run(&["sweep", "--for", "0s"]);
    assert_eq!(run.code, 12, "{}", run.stderr);
    site.sweep();
    let all = verdicts(&site);
    assert_eq!(all.len(), 200);
    assert!(all.values().all(|verdict| verdict == "clear"));
}

#[test]
fn what_may_not_move_is_left_out_of_the_list() {
    let site = Site::new("");
    site.file("plan.txt", SECRET);
    site.file("lunch.txt", "Noodles.\n");
    site.file("clip.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom");
    site.sweep();
    let allow = site.dir.path().join("allow");
    let deny = site.dir.path().join("deny");
    let share = site.share();
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let run = site.run(&[
        "ready",
        "s3",
        "--null",
        "--relative-to",
        &text(&share),
        "--allow",
        &text(&allow),
        "--deny",
        &text(&deny),
    ]);
    assert_eq!(run.code, 10, "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(allow).expect("list"), "lunch.txt\0");
    assert_eq!(std::fs::read_to_string(deny).expect("list"), "clip.mp4\0plan.txt\0");
}

#[test]
fn the_share_is_not_changed_by_a_sweep() {
    use std::os::unix::fs::MetadataExt;
    let site = Site::new("");
    let path = site.file("plan.txt", SECRET);
    // An access time before the modification time would be brought up even by relatime.
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(86_400 * 3);
    let times = std::fs::FileTimes::new().set_accessed(old);
    std::fs::File::options().write(true).open(&path).expect("open").set_times(times).expect("set");
    let before = std::fs::metadata(&path).expect("there");
    site.sweep();
    let after = std::fs::metadata(&path).expect("there");
    assert_eq!((before.atime(), before.mtime(), before.ctime()), (after.atime(), after.mtime(), after.ctime()));
}

#[test]
fn a_file_that_can_no_longer_be_listed_does_not_stay_clear() {
    let site = Site::new("[limits]\ndepth = 20\n");
    site.file("a/b/plan.txt", "harmless\n");
    site.sweep();
    assert_eq!(verdicts(&site)["a/b/plan.txt"], "clear");
    let config = std::fs::read_to_string(site.config()).expect("configuration");
    std::fs::write(site.config(), config.replace("depth = 20", "depth = 2")).expect("written");
    site.sweep();
    assert_eq!(verdicts(&site)["a/b/plan.txt"], "unverified");
}

/// The sample share is the truth table of the product: `examples/expected.tsv`.
#[test]
fn tesseract_the_sample_share_is_judged_as_its_truth_table_says() {
    let site = Site::new("");
    copy_tree(&root().join("examples/share"), &site.share());
    std::fs::copy(root().join("examples/share.toml"), site.config()).expect("copied");
    let run = site.run(&["sweep"]);
    assert_eq!(run.code, 10, "{}", run.stderr);
    let files = site.files();
    let expected = std::fs::read_to_string(root().join("examples/expected.tsv")).expect("truth table");
    let mut wrong = Vec::new();
    let mut rows = 0;
    for row in expected.lines().skip(1) {
        let [path, verdict, level, page, fault, _remark] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("six columns: {row}");
        };
        rows += 1;
        let Some(file) = files.get(path) else {
            wrong.push(format!("{path}: not in the catalog"));
            continue;
        };
        let reasons: Vec<&str> = file["coverage"]["faults"]
            .as_array()
            .expect("faults")
            .iter()
            .filter_map(|fault| fault["reason"].as_str())
            .collect();
        let pages: Vec<String> =
            file["findings"].as_array().expect("findings").iter().map(|finding| finding["page"].to_string()).collect();
        // In a row to be reviewed the level is that of the doubtful evidence.
        let level_is = verdict == "review" || file["level"] == level.parse::<u8>().expect("a level");
        let page_is = page == "-" || pages.iter().any(|found| found == page);
        let fault_is = fault == "-" || fault.split('|').any(|one| reasons.contains(&one));
        if file["verdict"] != verdict || !level_is || !page_is || !fault_is {
            wrong.push(format!(
                "{path}: expected {verdict} level {level} page {page} fault {fault}, found {} level {} pages {pages:?} faults {reasons:?}",
                file["verdict"], file["level"]
            ));
        }
    }
    let own = files.keys().filter(|path| !path.contains("!/")).count();
    assert_eq!(own, rows, "every file of the share is in the table");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn inspecting_stores_nothing_and_prints_text_when_asked() {
    let site = Site::new("");
    let path = site.file("plan.txt", SECRET);
    let run = run(misfile().args(["inspect", "--text"]).arg(&path).env("HOME", site.dir.path()));
    assert_eq!(run.code, 10, "{}", run.stderr);
    let objects = run.json();
    let types: Vec<&str> = objects.iter().filter_map(|object| object["type"].as_str()).collect();
    assert_eq!(types, ["file", "page", "summary"]);
    assert_eq!(objects[1]["text"], SECRET);
    assert!(!site.data().exists() && !site.dir.path().join(".local").exists());
}

#[test]
fn a_file_changed_since_the_sweep_is_not_ready_to_move() {
    let site = Site::new("");
    let path = site.file("lunch.txt", "Noodles.\n");
    site.sweep();
    std::fs::write(path, SECRET).expect("written");
    let run = site.run(&["ready", "s3"]);
    assert_eq!(run.code, 11, "{}", run.stdout);
    assert_eq!(run.json()[0]["readiness"], "unknown");
}

#[test]
fn a_share_that_is_not_mounted_is_not_taken_for_emptied() {
    let site = Site::new("");
    site.file("plan.txt", SECRET);
    site.sweep();
    std::fs::rename(site.share(), site.dir.path().join("elsewhere")).expect("moved");
    std::fs::create_dir(site.share()).expect("empty mount point");
    let run = site.run(&["sweep"]);
    assert_eq!((run.code, run.stderr.contains("is it mounted?")), (4, true), "{}", run.stderr);
    assert_eq!(verdicts(&site)["plan.txt"], "misfiled");
}

#[test]
fn evidence_does_not_go_away_because_access_did() {
    let site = Site::new("[limits]\ndepth = 20\n");
    site.file("a/b/plan.txt", SECRET);
    site.sweep();
    let config = std::fs::read_to_string(site.config()).expect("configuration");
    std::fs::write(site.config(), config.replace("depth = 20", "depth = 2")).expect("written");
    site.sweep();
    assert_eq!(verdicts(&site)["a/b/plan.txt"], "misfiled");
}

#[test]
fn a_raised_limit_leads_to_another_try_of_what_ran_into_it() {
    let site = Site::new("[limits]\ncontent_text_bytes = 1000\n");
    site.file("long.txt", "harmless words in a line\n".repeat(200));
    site.file("short.txt", "harmless\n");
    site.sweep();
    assert_eq!(verdicts(&site)["long.txt"], "unverified");
    let config = std::fs::read_to_string(site.config()).expect("configuration");
    std::fs::write(site.config(), config.replace("= 1000", "= 100000")).expect("written");
    let summary = site.sweep();
    assert_eq!(summary["contents_read"], 1, "only what ran into a limit is read again: {summary}");
    assert_eq!(verdicts(&site)["long.txt"], "clear");
}

#[test]
fn what_is_not_read_by_its_nature_is_counted() {
    let site = Site::new("");
    site.file("lunch.txt", "Noodles.\n");
    std::os::unix::fs::symlink("lunch.txt", site.share().join("link.txt")).expect("link");
    let _socket = std::os::unix::net::UnixListener::bind(site.share().join("socket")).expect("socket");
    site.file(".git/plan.txt", "Noodles, too.\n");
    let summary = site.sweep();
    assert_eq!((&summary["files"], &summary["links"], &summary["special"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(summary["ignored"], 1, "the folder, whatever it holds");
}

#[test]
fn a_root_that_cannot_be_read_is_kept_and_nothing_below_it_stays_clear() {
    let site = Site::new("");
    site.file("lunch.txt", "Noodles.\n");
    site.sweep();
    std::fs::rename(site.share(), site.dir.path().join("elsewhere")).expect("moved");
    let run = site.run(&["sweep"]);
    assert_eq!((run.code, run.stderr.contains("cannot be read")), (4, true), "{}", run.stderr);
    let status = site.run(&["status"]).json();
    assert!(status[0]["summary"]["unreadable_roots"][0].as_str().expect("a root").contains("No such file"));
    let files = site.run(&["findings", "--all"]).json();
    let files: Vec<&Value> = files.iter().filter(|object| object["type"] == "file").collect();
    assert!(files.len() == 2 && files.iter().all(|file| file["verdict"] == "unverified"), "{files:?}");
    std::fs::rename(site.dir.path().join("elsewhere"), site.share()).expect("back");
    site.sweep();
    assert_eq!(verdicts(&site), BTreeMap::from([("lunch.txt".to_owned(), "clear".to_owned())]));
}

#[test]
fn a_renamed_file_is_not_read_again_and_an_unread_root_named_by_mistake_is_not_kept() {
    let site = Site::new("");
    let path = site.file("lunch.txt", "Noodles.\n");
    site.sweep();
    std::fs::rename(&path, site.share().join("dinner.txt")).expect("renamed");
    assert_eq!(site.sweep()["contents_read"], 0);
    let slip = site.dir.path().join("shaer").display().to_string();
    assert_eq!(site.run(&["sweep", &slip]).code, 4);
    assert_eq!(site.files().len(), 1);
}

#[test]
fn a_file_rewritten_in_the_tick_of_its_reading_is_not_ready_to_move() {
    let site = Site::new("");
    let path = site.file("lunch.txt", "Noodles.\n");
    site.sweep();
    assert_eq!(site.run(&["ready", "s3"]).json()[0]["readiness"], "ready", "its bytes are those that were read");
    std::fs::write(&path, "Nudeln..\n").expect("written");
    // A coarse clock gives it the times that it was read with.
    let metadata = path.metadata().expect("there");
    let nanoseconds = |seconds: i64, rest: i64| seconds * 1_000_000_000 + rest;
    let times =
        [nanoseconds(metadata.mtime(), metadata.mtime_nsec()), nanoseconds(metadata.ctime(), metadata.ctime_nsec())];
    let catalog = rusqlite::Connection::open(site.data().join("catalog.sqlite")).expect("open");
    catalog.execute("UPDATE location SET mtime_ns = ?1, ctime_ns = ?2", times).expect("updated");
    drop(catalog);
    assert_eq!(site.run(&["ready", "s3"]).json()[0]["readiness"], "unknown");
}

#[test]
fn nothing_below_a_root_that_is_reached_through_a_link_stays_clear_when_it_cannot_be_read() {
    let site = Site::new("");
    std::fs::rename(site.share(), site.dir.path().join("disk")).expect("moved");
    std::os::unix::fs::symlink("disk", site.share()).expect("link");
    site.file("lunch.txt", "Noodles.\n");
    site.sweep();
    std::fs::rename(site.dir.path().join("disk"), site.dir.path().join("elsewhere")).expect("moved");
    assert_eq!(site.run(&["sweep"]).code, 4);
    let files = site.run(&["findings", "--all"]).json();
    let files: Vec<&Value> = files.iter().filter(|object| object["type"] == "file").collect();
    assert!(files.len() == 2 && files.iter().all(|file| file["verdict"] == "unverified"), "{files:?}");
    assert!(files.iter().all(|file| file["zone"] == "dept"), "{files:?}");
}

#[test]
fn a_root_that_cannot_be_read_is_told_also_by_a_sweep_that_is_stopped_at_once() {
    let site = Site::new("");
    site.file("lunch.txt", "Noodles.\n");
    site.sweep();
    let config = std::fs::read_to_string(site.config()).expect("read");
    std::fs::write(site.config(), config.replace("ceiling = 1", "ceiling = 2")).expect("written");
    std::fs::rename(site.share(), site.dir.path().join("elsewhere")).expect("moved");
    let run = site.run(&["sweep", "--for", "0s"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    let summary = run.json().pop().expect("a summary");
    assert_eq!((&summary["state"], summary["unreadable_roots"].as_array().map(Vec::len)), (&"stopped".into(), Some(1)));
}
