//! What happens to catalog and index under our feet, and what `status --check` says and mends.

mod common;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Run, Site, copy_tree, run, wait_until};
use serde_json::{Value, json};

/// A swept share of two documents.
fn swept() -> Site {
    let site = Site::new("");
    site.file("a.txt", "harmless heron\n");
    site.file("b.txt", "TOP SECRET//SI//NOFORN\n");
    site.sweep();
    site
}

/// The summary of `status --check`, and the exit code.
fn check(site: &Site) -> (Value, i32) {
    let run = site.run(&["status", "--check"]);
    (run.json().pop().unwrap_or_else(|| panic!("{}", run.stderr)), run.code)
}

/// Names of the files in which a word is found.
fn herons(site: &Site) -> Vec<String> {
    let hits = site.run(&["search", "--no-snippets", "heron"]).json();
    let paths = hits.iter().filter_map(|hit| hit["locations"][0]["path"].as_str());
    let mut names: Vec<String> = paths.filter_map(|path| path.rsplit('/').next()).map(str::to_owned).collect();
    names.sort_unstable();
    names
}

fn sql(site: &Site, statement: &str) {
    let catalog = rusqlite::Connection::open(site.data().join("catalog.sqlite")).expect("open");
    catalog.execute_batch(statement).expect("done");
}

const SOUND: [&str; 2] = ["catalog: sound", "index: sound, and holds what the catalog holds"];

#[test]
fn what_is_sound_is_said_to_be() {
    let (summary, code) = check(&swept());
    assert_eq!((&summary["checked"], code), (&json!(SOUND), 0));
}

#[test]
fn an_index_that_is_gone_or_of_another_catalog_is_made_anew() {
    let site = swept();
    let index = site.data().join("index");
    let other = Site::new("");
    other.file("c.txt", "another heron\n");
    other.file("d.txt", "a third one\n");
    other.sweep();
    let gone: &dyn Fn() = &|| {};
    let foreign: &dyn Fn() = &|| copy_tree(&other.data().join("index"), &index);
    for put in [gone, foreign] {
        std::fs::remove_dir_all(&index).expect("removed");
        put();
        let (summary, code) = check(&site);
        assert!(summary["checked"][1].as_str().is_some_and(|line| line.contains("mended")), "{summary}");
        assert_eq!(code, 0);
        assert_eq!(check(&site).0["checked"], json!(SOUND));
        assert_eq!(herons(&site), ["a.txt"]);
    }
}

#[test]
fn a_catalog_that_says_clear_of_what_was_not_read_is_found_out() {
    let site = swept();
    site.file("cut.pdf", "%PDF-1.4\nnothing follows");
    site.sweep();
    sql(&site, "UPDATE location SET verdict = 'clear' WHERE verdict = 'unverified'");
    let (summary, code) = check(&site);
    assert!(summary["checked"][0].as_str().is_some_and(|line| line.contains("1 files that are clear")), "{summary}");
    assert_eq!(code, 5);
    assert_eq!(site.files()["cut.pdf"]["verdict"], "unverified", "no answer says so anyway");
}

#[test]
fn pages_that_were_lost_are_found_out() {
    let site = swept();
    sql(&site, "DELETE FROM page");
    let (summary, code) = check(&site);
    assert!(summary["checked"][0].as_str().is_some_and(|line| line.contains("fewer pages are kept")), "{summary}");
    assert_eq!(code, 5);
}

#[test]
fn an_older_catalog_put_back_under_a_newer_index_is_swept_and_searched_rightly() {
    let site = swept();
    let older = site.dir.path().join("older.sqlite");
    sql(&site, "PRAGMA wal_checkpoint(TRUNCATE)");
    std::fs::copy(site.data().join("catalog.sqlite"), &older).expect("copied");
    site.file("c.txt", "a later heron\n");
    site.sweep();
    sql(&site, "PRAGMA wal_checkpoint(TRUNCATE)");
    std::fs::copy(&older, site.data().join("catalog.sqlite")).expect("copied");
    site.sweep();
    assert_eq!(check(&site).0["checked"], json!(SOUND));
    assert_eq!(herons(&site), ["a.txt", "c.txt"]);
}

#[test]
fn a_clock_that_goes_backwards_changes_no_answer() {
    let site = swept();
    let before = site.files();
    // As if the sweeps so far had been made in the year 2100.
    sql(&site, "UPDATE sweep SET started = started + 2335219200, ended = ended + 2335219200");
    site.file("c.txt", "harmless\n");
    let summary = site.sweep();
    assert_eq!((&summary["state"], &summary["contents_read"]), (&json!("complete"), &json!(1)));
    let after = site.files();
    assert_eq!((&after["a.txt"], &after["b.txt"]), (&before["a.txt"], &before["b.txt"]));
    assert_eq!(site.run(&["findings", "--new-since", "--all"]).json()[0]["event"], "new");
}

#[test]
fn a_sweep_that_is_told_to_end_does_so_within_five_seconds_whatever_its_readers_do() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let site = Site::new("");
        site.file("a.txt", "harmless heron\n");
        for number in 0..4 {
            site.file(
                &format!("{number}.fail"),
                format!("%MISFILE-FAIL\npages 9\n* nap 2000\n9 text heron {number}\n"),
            );
        }
        let sweep = site.command(&["sweep"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        wait_until("a page is kept", || site.pages_kept() > 0);
        let begun = Instant::now();
        std::process::Command::new("kill").args([signal, &sweep.id().to_string()]).status().expect("kill");
        let status = sweep.wait_with_output().expect("ended").status;
        assert!(begun.elapsed() < Duration::from_secs(5), "{signal}: {:?}", begun.elapsed());
        assert_eq!(status.code(), Some(12), "{signal}: {status}");
        // What was in flight is read by the next sweep; these need not take as long again.
        for number in 0..4 {
            site.file(&format!("{number}.fail"), format!("%MISFILE-FAIL\npages 1\n1 text heron {number}\n"));
        }
        assert_eq!(site.sweep()["state"], "complete");
        assert_eq!(check(&site).0["checked"], json!(SOUND));
        assert!(site.files().values().all(|file| file["verdict"] == "clear"));
    }
}

#[test]
fn a_sweep_that_was_killed_is_told_as_interrupted_and_what_held_its_readers_is_kept() {
    let site = Site::new("");
    site.file("slow.fail", "%MISFILE-FAIL\npages 9\n* nap 2000\n9 text heron\n");
    let mut sweep = site.command(&["sweep"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    wait_until("a page is kept", || site.pages_kept() > 0);
    sweep.kill().expect("killed");
    sweep.wait().expect("ended");
    assert_eq!(site.run(&["status"]).json()[0]["state"], "interrupted");
    let provenance = "SELECT count(*) FROM sweep WHERE provenance LIKE '%seccomp%'";
    assert_eq!(site.number(provenance), 1);
}

#[test]
fn what_was_read_without_a_lock_is_told_until_it_is_read_again() {
    let site = Site::new("");
    site.file("a.txt", "harmless heron\n");
    site.sweep();
    let held = |verb: &[&str]| site.run(verb).json().pop().expect("a summary")["provenance"]["locks"].clone();
    let before = held(&["findings"]);
    // As if Landlock had not held in that sweep.
    let lock = "json_extract(provenance, '$.locks')";
    sql(
        &site,
        &format!(
            "UPDATE sweep SET provenance = json_set(provenance, '$.locks', json(replace({lock}, 'true', 'false')))"
        ),
    );
    site.file("b.txt", "another heron\n");
    site.sweep();
    let now = held(&["findings"]);
    assert!(now != before && !now.to_string().contains("true"), "{now}");
    // Read again under all locks, both of them.
    site.file("a.txt", "a changed heron\n");
    site.sweep();
    assert_eq!(held(&["ready", "1"]), before);
}

#[test]
fn an_index_without_its_catalog_is_told_and_made_anew() {
    let site = swept();
    for file in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"] {
        let _ = std::fs::remove_file(site.data().join(file));
    }
    let run = site.run(&["sweep"]);
    assert!(run.stderr.contains("holds an index, but no catalog"), "{}", run.stderr);
    assert_eq!(check(&site).0["checked"], json!(SOUND));
    assert_eq!(herons(&site), ["a.txt"]);
}

#[test]
fn two_sweeps_at_once_are_one_sweep_and_one_message() {
    let site = Site::new("");
    for number in 0..300 {
        site.file(&format!("{number}.txt"), format!("harmless {number}\n").repeat(500));
    }
    let first = site.command(&["sweep"]).stdout(Stdio::piped()).spawn().expect("started");
    wait_until("the first sweep has the catalog", || site.data().join("catalog.sqlite").exists());
    let second = site.run(&["sweep"]);
    assert_eq!((second.code, second.stderr.contains("is in use by another misfile")), (5, true), "{}", second.stderr);
    assert!(second.stderr.contains(&format!("process {}", first.id())), "{}", second.stderr);
    // It has the catalog a moment before it has begun.
    wait_until("the first sweep is said to run", || site.run(&["status"]).json()[0]["state"] == "running");
    assert_eq!(first.wait_with_output().expect("ended").status.code(), Some(0));
    assert_eq!(check(&site).0["checked"], json!(SOUND));
}

/// Runs a shell script in which `$misfile` runs a verb on the site, and the data directory lies on a disk of `$1`.
fn on_a_disk(site: &Site, size: &str, script: &str) -> Run {
    let (program, config, data) = (env!("CARGO_BIN_EXE_misfile"), site.config(), site.data());
    let misfile = format!("{program} --config {} --data {}", config.display(), data.display());
    let disk = format!("mkdir -p '{0}' && mount -t tmpfs -o mode=700,size={size} none '{0}'", data.display());
    let script = format!("set -u; misfile='{misfile}'; disk='{}'; {disk} || exit 99; {script}", data.display());
    run(std::process::Command::new("unshare").args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]))
}

#[test]
fn a_disk_that_fills_up_while_a_sweep_writes_costs_nothing_that_was_committed() {
    let site = Site::new("");
    for number in 0..400 {
        // Text that does not pack.
        let lines = (0..400).map(|line| format!("{}\n", blake3::hash(format!("{number} {line}").as_bytes())));
        site.file(&format!("{number}.txt"), lines.collect::<Vec<_>>().concat());
    }
    site.file("marked.txt", "TOP SECRET//SI//NOFORN\n");
    let told = on_a_disk(
        &site,
        "4m",
        "$misfile --quiet sweep >/dev/null; echo first $?; $misfile findings >/dev/null; echo asked $?; \
         mount -o remount,size=200m \"$disk\"; $misfile --quiet sweep >/dev/null; echo second $?; \
         $misfile status --check; $misfile findings --all | tail -n 1",
    );
    assert_ne!(told.code, 99, "no disk of its own can be made (unshare of util-linux): {}", told.stderr);
    assert!(told.stderr.contains("the disk that holds the catalog is full"), "{} {}", told.stdout, told.stderr);
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!((lines[0], lines[2]), ("first 5", "second 10"), "{}", told.stdout);
    // What was asked meanwhile was answered from what is there, or refused; never by a crash.
    assert!(["asked 12", "asked 10", "asked 5"].contains(&lines[1]), "{}", told.stdout);
    let checked = lines.iter().find(|line| line.contains("checked")).expect("a summary");
    assert!(SOUND.iter().all(|sound| checked.contains(sound)), "{checked}");
    let summary: Value = serde_json::from_str(lines.last().expect("a line")).expect("JSON");
    assert_eq!(summary["verdicts"]["clear"], 400, "{summary}");
    assert_eq!(summary["verdicts"]["misfiled"], 1, "{summary}");
}
