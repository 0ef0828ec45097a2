//! Every limit of `pipeline.toml` is reached here: the fault names it, and what was read until then counts.
//!
//! Those of queues and of starting readers are reached in `tests/failures.rs`, those inside a format where it stands.

mod common;

use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;

use common::{Site, root, wait_until};
use misfile::config::DEFAULT;
use serde_json::Value;

/// How often the index is committed when it is made anew under this limit: a run that is to die at a later commit comes to its end.
fn index_commits(site: &Site, limit: &str) -> u32 {
    let settings = std::fs::read_to_string(site.config()).expect("read");
    let zone = settings.find("[[zone]]").expect("the zone comes last");
    std::fs::write(site.config(), format!("[limits]\n{limit}\n{}", &settings[zone..])).expect("written");
    let dies = |time: u32| {
        let mut command = site.command(&["index", "rebuild"]);
        command.env("MISFILE_DIE_AT", format!("index.commit.after:{time}")).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().expect("started");
        assert!(status.success() || status.signal().is_some(), "{limit}: {status}");
        !status.success()
    };
    (1..=60).find(|time| !dies(*time)).expect("it is committed less often") - 1
}

/// The details of a file's faults with this reason.
fn details(file: &Value, reason: &str) -> Vec<String> {
    let faults = file["coverage"]["faults"].as_array().expect("faults").iter();
    let with = faults.filter(|fault| fault["reason"] == reason);
    with.map(|fault| fault["detail"].as_str().expect("detail").to_owned()).collect()
}

/// Sweeps `files` with `limits`, and returns what is known of the first.
fn swept(limits: &str, files: &[(&str, &[u8])]) -> Value {
    let site = Site::new(&format!("[limits]\n{limits}\n"));
    files.iter().for_each(|(name, content)| drop(site.file(name, content)));
    site.sweep();
    site.files().remove(files[0].0).expect("it was met")
}

/// The first of the files has a `limit` fault that names the key and its value.
#[track_caller]
fn reaches(limit: &str, files: &[(&str, &[u8])]) -> Value {
    let file = swept(limit, files);
    let named = details(&file, "limit").iter().any(|detail| detail.contains(&format!("limits.{limit}")));
    assert!(named && file["verdict"] != "clear", "{limit}: {file}");
    file
}

const MARKED: &str = "TOP SECRET//SI//NOFORN\n";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/fixtures").join(name)).expect("fixture")
}

#[test]
fn every_limit_has_a_test_that_reaches_it() {
    let table: toml::Table = DEFAULT.parse().expect("TOML");
    let tests: String = [
        "tests/limits.rs",
        "tests/fingerprint.rs",
        "tests/failures.rs",
        "tests/bad_input.rs",
        "tests/members.rs",
        "src/read/spool.rs",
    ]
    .map(|file| std::fs::read_to_string(root().join(file)).expect("tests"))
    .concat();
    // Reached in the unit tests of these files.
    let inside = [
        ("findings_per_content", "src/classify/mod.rs"),
        ("line_mentions", "src/classify/marking/tests/limits.rs"),
        ("form_boxes", "src/classify/marking/tests/limits.rs"),
        ("exam_bytes", "src/classify/marking/tests/limits.rs"),
        ("law_bytes", "src/classify/marking/tests/limits.rs"),
        ("date_pages", "src/classify/marking/tests/limits.rs"),
        ("date_bytes", "src/classify/marking/tests/limits.rs"),
        ("image_pixels", "src/format/raster.rs"),
        ("passwords", "src/config/passwords.rs"),
        ("repair_bytes", "src/format/pdf/document.rs"),
        ("depth", "src/walk/mod.rs"),
        ("page_text_bytes", "src/format/pdf/annotations.rs"),
        ("page_annotations", "src/format/pdf/annotations.rs"),
        ("covered_pictures", "src/format/pdf/covered/tests.rs"),
        ("list_choices", "src/format/pdf/whole/tests.rs"),
        ("whole_bytes", "src/format/pdf/whole/tests.rs"),
        ("instruction_bytes", "src/format/pdf/whole/tests.rs"),
        ("unpacked_bytes", "src/format/pdf/whole/tests.rs"),
        ("archive_entries", "src/format/archive/zip/tests.rs"),
        ("archive_marks", "src/format/archive/zip/tests.rs"),
        ("keywords", "src/classify/keyword.rs"),
        ("expansion", "src/read/unpack.rs"),
        ("members", "src/read/unpack.rs"),
        ("members_bytes", "src/read/unpack.rs"),
        ("members_below_bytes", "src/read/unpack.rs"),
        ("page_objects", "src/format/pdf/whole/tests.rs"),
        ("revisions", "src/format/pdf/unseen.rs"),
        ("drawing_points", "src/format/outlines/drawing.rs"),
        ("ocr_pixels", "src/ocr/paddle/page.rs"),
        ("page_lines", "src/ocr/paddle/page.rs"),
        ("layer_lines", "src/ocr/paddle/page.rs"),
        ("ink_areas", "src/ocr/paddle/page.rs"),
        ("key_rounds", "src/format/odf/sealed.rs"),
        ("data_set_depth", "src/format/stills/dicom/tests.rs"),
        ("package_parts", "src/format/package/tests.rs"),
        ("embedded_objects", "src/format/odf/tests.rs"),
        ("message_parts", "src/format/outlook/tests.rs"),
        ("store_folders", "src/format/outlook/pst.rs"),
        ("store_depth", "src/format/outlook/pst.rs"),
        ("archive_folder_bytes", "src/format/archive/iso/tests.rs"),
        ("database_tables", "src/format/sqlite/tests.rs"),
        ("password_tries", "src/format/archive/zip/tests.rs"),
    ];
    let code = |text: &str| -> String { text.lines().filter(|line| !line.trim_start().starts_with("//")).collect() };
    let tests = code(&tests);
    for key in table["limits"].as_table().expect("a table").keys() {
        let reached = match inside.iter().find(|(name, _)| name == key) {
            Some((_, file)) => {
                let source = std::fs::read_to_string(root().join(file)).expect("source");
                let tests = source.split_once("#[cfg(test)]").map_or(source.as_str(), |(_, tests)| tests);
                code(tests).contains(&format!("limits.{key}"))
            }
            None => tests.contains(&format!("{key} = ")) || tests.contains(&format!("{key}: ")),
        };
        assert!(reached, "limits.{key} is reached by no test");
    }
}

#[test]
fn a_file_over_the_limit_of_bytes_is_not_read_and_not_clear() {
    reaches("file_bytes = 10", &[("a.txt", b"harmless, but long")]);
}

#[test]
fn queues_with_room_for_one_make_others_wait_and_lose_nothing() {
    let site = Site::new("[limits]\nqueue_candidates = 1\nqueue_contents = 1\nqueue_events = 1\n");
    for number in 0..300 {
        site.file(&format!("{}/{number}.txt", number % 20), format!("harmless {number}"));
    }
    let summary = site.sweep();
    assert_eq!((&summary["files"], &summary["contents_read"]), (&300.into(), &300.into()));
}

#[test]
fn text_that_waits_to_be_classified_or_indexed_makes_others_wait_and_nothing_is_lost() {
    let site = Site::new("[limits]\nqueue_text_bytes = 1\nqueue_index_bytes = 1\n");
    for number in 0..40 {
        site.file(&format!("{number}.txt"), format!("harmless words {number}"));
        site.file(&format!("copies/{number}.txt"), "the same words");
    }
    let summary = site.sweep();
    assert_eq!((&summary["files"], &summary["contents_read"]), (&80.into(), &41.into()));
    let found = |query| {
        let said = site.run(&["search", "--limit", "1000", "--no-snippets", query]).json();
        said.iter().filter(|object| object["type"] == "hit").count()
    };
    assert_eq!((found("harmless"), found("\"the same words\"")), (40, 1));
}

#[test]
fn the_index_takes_in_what_it_was_given_as_soon_as_that_is_over_the_limit() {
    let site = Site::new("");
    for number in 0..6 {
        site.file(&format!("{number}.txt"), format!("harmless words {number}\n").repeat(100));
    }
    site.sweep();
    // Each text has 1,700 bytes, and its name some more.
    let commits = ["queue_index_bytes = 67108864", "queue_index_bytes = 4000", "queue_index_bytes = 1"]
        .map(|limit| index_commits(&site, limit));
    assert!(commits[0] < commits[1] && commits[1] < commits[2], "{commits:?}");
    assert!(commits[2] >= commits[0] + 5, "one behind each of them: {commits:?}");
}

#[test]
fn frames_over_the_limit_are_not_read_and_those_before_it_are() {
    let file = reaches("frames = 1", &[("scans.tif", &fixture("format/three_frames.tif"))]);
    assert_eq!(file["coverage"]["examined"], 1, "{file}");
}

#[test]
fn text_over_the_limit_of_a_content_is_not_kept_and_what_was_read_before_counts() {
    let long = format!("{MARKED}{}", "harmless words\n".repeat(2000));
    let file = reaches("content_text_bytes = 8000", &[("long.txt", long.as_bytes())]);
    assert_eq!(file["verdict"], "misfiled", "the marking on page 1 counts: {file}");
}

#[test]
fn a_document_that_takes_too_long_in_all_is_cut_and_what_was_read_counts() {
    for (limit, reason, order) in
        [("content_wall_seconds = 1", "timeout", "* nap 150"), ("content_cpu_seconds = 1", "cpu", "* burn 150")]
    {
        let orders = format!("%MISFILE-FAIL\npages 60\n1 text {MARKED}\n{order}\n");
        let file = swept(limit, &[("long.fail", orders.as_bytes())]);
        let name = limit.split(' ').next().expect("a key");
        assert!(details(&file, reason).iter().any(|detail| detail.contains(name)), "{limit}: {file}");
        let examined = file["coverage"]["examined"].as_u64().expect("a number");
        assert!((1..50).contains(&examined), "{limit}: {file}");
        assert_eq!(file["verdict"], "misfiled", "the mark on the first page counts: {file}");
    }
}

#[test]
fn a_sweep_that_needs_too_much_memory_stops_and_the_next_one_goes_on() {
    let site = Site::new("[limits]\nsweep_memory_mib = 1\n");
    site.file("slow.fail", "%MISFILE-FAIL\npages 3\n2 hang\n");
    site.file("marked.txt", MARKED);
    let run = site.run(&["sweep"]);
    assert!(run.stderr.contains("limits.sweep_memory_mib = 1"), "{}", run.stderr);
    let summary = run.json().pop().expect("a summary");
    assert_eq!(summary["state"], "stopped");
    std::fs::remove_file(site.share().join("slow.fail")).expect("removed");
    let settings = std::fs::read_to_string(site.config()).expect("read").replace("sweep_memory_mib = 1", "pages = 9");
    std::fs::write(site.config(), settings).expect("written");
    assert_eq!(site.sweep()["state"], "complete");
    assert_eq!(site.files()["marked.txt"]["verdict"], "misfiled");
}

#[test]
fn a_document_whose_reading_never_comes_to_anything_is_given_up_until_somebody_asks_for_it() {
    let site = Site::new("[limits]\nattempts = 2\n");
    site.file("poison.fail", "%MISFILE-FAIL\npages 2\n1 hang\n");
    let begun_to_read = || site.number("SELECT coalesce(max(fruitless), 0) FROM content");
    let cut_short = || {
        let before = begun_to_read();
        let mut sweep = site.command(&["sweep"]).stdout(std::process::Stdio::null()).spawn().expect("started");
        wait_until("the reading was begun", || begun_to_read() > before);
        sweep.kill().expect("killed");
        sweep.wait().expect("ended");
    };
    cut_short();
    cut_short();
    let begun = std::time::Instant::now();
    site.sweep();
    assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it was not read a third time");
    let file = site.files().remove("poison.fail").expect("known");
    assert!(details(&file, "limit").iter().any(|detail| detail.contains("limits.attempts = 2")), "{file}");
    // What it has become is read when it is asked for.
    site.file("poison.fail", "%MISFILE-FAIL\npages 2\n1 text harmless\n");
    site.sweep();
    assert_eq!(site.files()["poison.fail"]["verdict"], "clear");
}
