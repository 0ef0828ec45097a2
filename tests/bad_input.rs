//! Bad input to every verb: a clear message (what, where, what to do), the right exit code, and nothing lost.

mod common;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use common::{Run, Site, misfile, run};

/// Every verb, with arguments that are right in themselves; `FILE` stands for a file of the share, `OUT` for a new folder.
const VERBS: [&[&str]; 14] = [
    &["sweep"],
    &["inspect", "FILE"],
    &["findings"],
    &["explain", "FILE"],
    &["search", "x"],
    &["reclassify"],
    &["ready", "s3"],
    &["zones"],
    &["status"],
    &["doctor"],
    &["index", "rebuild"],
    &["rules", "check"],
    &["completions", "bash"],
    &["man", "OUT"],
];

/// `doctor` reads a page in one language: in all six it takes most of the time of these tests, and `tests/cli.rs` has it read them.
const ONE_LANGUAGE: &str = "[ocr]\nlanguages = [\"eng\"]\nother_languages = []\n";

/// How a verb must end: its first word, the exit code, and what standard error (of `doctor` and `status`: the output) says.
type Row<'a> = (&'a str, i32, &'a [&'a str]);

/// A site with one file, swept.
fn swept() -> Site {
    let site = Site::new(ONE_LANGUAGE);
    site.file("a.txt", "nothing of note\n");
    site.sweep();
    site
}

fn arguments(site: &Site, verb: &[&str]) -> Vec<String> {
    let (file, out) = (site.share().join("a.txt"), site.dir.path().join("out"));
    let real = |word: &&str| match *word {
        "FILE" => file.display().to_string(),
        "OUT" => out.display().to_string(),
        word => word.to_owned(),
    };
    verb.iter().map(real).collect()
}

/// Runs every verb; those that no row names must end with 0 and say nothing.
fn check(site: &Site, what: &str, rows: &[Row<'_>], start: impl Fn(&[String]) -> Run) {
    check_but_for(site, what, rows, None, start);
}

/// The same where some remark is rightly made.
fn check_but_for(site: &Site, what: &str, rows: &[Row<'_>], remark: Option<&str>, start: impl Fn(&[String]) -> Run) {
    for verb in VERBS {
        let run = start(&arguments(site, verb));
        let row = rows.iter().find(|(name, ..)| *name == verb[0]);
        let (code, says) = row.map_or((0, &[][..]), |(_, code, says)| (*code, *says));
        let said = format!("{}{}", run.stderr, if ["doctor", "status"].contains(&verb[0]) { &run.stdout } else { "" });
        assert_eq!(run.code, code, "{what}: {verb:?}: {said}");
        for part in says {
            assert!(said.contains(part), "{what}: {verb:?} does not say {part:?}: {said}");
        }
        let other = run.stderr.lines().find(|line| remark.is_none_or(|remark| !line.contains(remark)));
        assert!(code != 0 || other.is_none(), "{what}: {verb:?}: {}", run.stderr);
        assert!(!said.contains("panicked"), "{what}: {verb:?}: {said}");
    }
}

fn here(site: &Site) -> impl Fn(&[String]) -> Run {
    |arguments| site.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Runs as an ordinary user: as we are, or as nobody if we are root. None, with the reason printed, if that is impossible.
fn ordinary(site: &Site) -> Option<impl Fn(&[String]) -> Run> {
    let root = rustix::process::geteuid().is_root();
    let program = env!("CARGO_BIN_EXE_misfile");
    let command = move || {
        if !root {
            return misfile();
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
        command
    };
    if !command().arg("--version").output().is_ok_and(|output| output.status.success()) {
        skipped(&format!("we are root, and setpriv cannot run {program} as nobody"));
        return None;
    }
    std::fs::set_permissions(site.dir.path(), std::fs::Permissions::from_mode(0o777)).expect("chmod");
    let (config, data) = (site.config(), site.data());
    Some(move |arguments: &[String]| {
        run(command().arg("--config").arg(&config).arg("--data").arg(&data).args(arguments))
    })
}

/// Says why a case was not tried, past the harness, which shows the output of failed tests only.
fn skipped(reason: &str) {
    writeln!(std::io::stderr(), "tests/bad_input.rs: skipped: {reason}").expect("standard error");
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("chmod");
}

#[test]
fn a_missing_path() {
    let site = swept();
    for (arguments, code, says) in [
        (&["sweep", "/nowhere"][..], 4, "/nowhere: cannot be read: No such file"),
        (&["inspect", "/nowhere"], 4, "/nowhere: cannot be read: No such file"),
        (&["findings", "/nowhere"], 2, "/nowhere: no sweep has seen anything there"),
        (&["explain", "/nowhere"], 2, "/nowhere: there is no such file, and none is known"),
        (&["ready", "s3", "/nowhere"], 2, "/nowhere: no sweep has seen anything there"),
        (&["ready", "s3", "--allow", "/nowhere/list"], 2, "/nowhere/list: cannot be written"),
        (&["ready", "the-moon"], 2, "sharepoint"),
        (&["search", "path:nowhere"], 2, "does not begin with /"),
        (&["man", "/proc/nowhere"], 5, "/proc/nowhere: cannot be made"),
        (&["completions", "cmd.exe"], 2, "possible values: bash"),
        (&["status", "--sweeps", "many"], 2, "--sweeps"),
        (&["findings", "--zone", "nowhere"], 2, "there are: dept"),
        (&["findings", "--rule", "zzz"], 2, "no rule is called \"zzz\""),
        (&["findings", "--zone", "dep*"], 2, "no zone is called \"dep*\""),
        (
            &["findings", "--detector", "markings"],
            2,
            "there are: identifier, keystore, keyword, layer, marking, name, policy, registered, topic",
        ),
        (&["search", "zone:nope"], 2, "no zone is called \"nope\"; there are: dept"),
        (&["search", "a -kind:pdff"], 2, "no kind is called \"pdff\"; the nearest is pdf"),
        (&["index", "remake"], 2, "'remake'"),
        (&["rules", "chekc"], 2, "'check'"),
        (&["zones", "extra"], 2, "extra"),
        (&["doctor", "extra"], 2, "extra"),
        (&["reclassify", "extra"], 2, "extra"),
    ] {
        let run = site.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
    }
    for known in [&["findings", "--rule", "cn.*"][..], &["search", "zone:DEPT kind:doc* rule:us.s.bare"]] {
        let run = site.run(known);
        assert_eq!(run.code, 0, "{known:?}: a name that is known may have no answer: {}", run.stderr);
    }
    assert_eq!(site.files()["a.txt"]["verdict"], "clear", "nothing is lost");
}

#[test]
fn a_missing_zone_is_exit_4_and_the_others_are_swept() {
    let zone = "[[zone]]\nname = \"gone\"\npath = \"gone\"\nexposure = \"cloud\"\nceiling = 0\n";
    let site = Site::new(&format!("{ONE_LANGUAGE}{zone}"));
    site.file("a.txt", "x\n");
    let sweep = site.run(&["sweep"]);
    assert_eq!(
        (sweep.code, sweep.stderr.contains("gone: cannot be read: No such file")),
        (4, true),
        "{}",
        sweep.stderr
    );
    assert_eq!(site.files()["a.txt"]["verdict"], "clear");
    let zones = site.run(&["zones", "--format", "table"]);
    assert_eq!((zones.code, zones.stdout.contains("gone  (not there)")), (0, true), "{}", zones.stdout);
    let doctor = site.run(&["doctor", "--format", "table"]);
    assert_eq!((doctor.code, doctor.stdout.contains("ILL   zone gone: ")), (5, true), "{}", doctor.stdout);
    // Made and empty it is nothing to worry about: nothing was ever there.
    std::fs::create_dir(site.dir.path().join("gone")).expect("made");
    let sweep = site.run(&["sweep"]);
    assert_eq!(sweep.code, 0, "{}", sweep.stderr);
}

#[test]
fn an_unreadable_root() {
    let site = Site::new("");
    let file = site.file("closed/a.txt", "x\n");
    let Some(start) = ordinary(&site) else { return };
    let closed = site.share().join("closed");
    let says = |run: Run, code: i32, part: &str| {
        assert_eq!((run.code, run.stderr.contains(part)), (code, true), "{}{}", run.stdout, run.stderr);
    };
    chmod(&file, 0o000);
    chmod(&closed, 0o000);
    for verb in ["sweep", "inspect"] {
        let run = start(&[verb.to_owned(), closed.display().to_string()]);
        says(run, 4, "closed: cannot be read: Permission denied");
    }
    // A folder below a root that cannot be listed is no fault of the root: what lies in it is unverified.
    let run = start(&["sweep".to_owned()]);
    says(run, 11, "");
    let findings = start(&["findings".to_owned()]);
    assert!(findings.stdout.contains("\"reason\":\"permission\""), "{}", findings.stdout);
    chmod(&site.share(), 0o000);
    says(start(&["sweep".to_owned()]), 4, "share: cannot be read: Permission denied");
    let doctor = start(&["doctor".to_owned()]);
    assert!(doctor.stdout.contains("share: cannot be listed: Permission denied"), "{}", doctor.stdout);
    [&site.share(), &closed].into_iter().for_each(|path| chmod(path, 0o755));
    chmod(&file, 0o644);
    says(start(&["sweep".to_owned()]), 0, "");
}

#[test]
fn a_bad_key_in_the_configuration_stops_every_verb_before_it_does_anything() {
    let site = Site::new("[gate]\nunexplained_inc = 0.5\n");
    let place = format!("{}:2: gate.unexplained_inc", site.config().display());
    let says = [place.as_str(), "the nearest is gate.unexplained_ink"];
    let rows: Vec<Row<'_>> = VERBS.iter().map(|verb| (verb[0], 3, &says[..])).collect();
    check(&site, "a bad key", &rows, here(&site));
    assert!(!site.data().exists() && !site.dir.path().join("out").exists());
    let rows: Vec<Row<'_>> =
        VERBS.iter().map(|verb| (verb[0], 3, &["misfile.toml: cannot be read: No such"][..])).collect();
    std::fs::remove_file(site.config()).expect("removed");
    check(&site, "no configuration", &rows, here(&site));
}

#[test]
fn a_data_directory_that_does_not_exist() {
    let site = Site::new("");
    site.file("a.txt", "x\n");
    std::fs::remove_file(site.config()).expect("removed");
    std::fs::write(site.config(), ONE_LANGUAGE).expect("written");
    let says: &[&str] = &["holds no catalog; run `misfile sweep` first, or name the right folder with --data"];
    check(
        &site,
        "no data",
        &[
            ("sweep", 2, &["nothing to sweep"]),
            ("findings", 5, says),
            ("explain", 5, says),
            ("search", 5, says),
            ("reclassify", 5, says),
            ("ready", 5, says),
            ("status", 5, says),
            ("index", 5, says),
        ],
        here(&site),
    );
    assert!(!site.data().exists(), "nobody makes a data directory but a sweep");
}

#[test]
fn an_empty_catalog_is_no_good_answer() {
    let site = Site::new("[ocr]\nengine = \"tesseract\"\nlanguages = [\"zzz\"]\n");
    site.file("a.txt", "x\n");
    // Readers cannot start, so the catalog is made and stays empty.
    let sweep = site.run(&["sweep"]);
    assert_eq!((sweep.code, sweep.stderr.contains("tesseract-ocr-zzz")), (5, true), "{}", sweep.stderr);
    let says: &[&str] = &["is empty: no sweep has read anything yet; run `misfile sweep` first"];
    for verb in [&["findings"][..], &["explain", "x"], &["search", "x"], &["ready", "s3"], &["reclassify"]] {
        let run = site.run(verb);
        assert_eq!((run.code, run.stderr.contains(says[0])), (5, true), "{verb:?}: {}", run.stderr);
    }
    let status = site.run(&["status", "--format", "table"]);
    assert_eq!((status.code, status.stdout.contains("none yet")), (0, true), "{}", status.stdout);
    assert_eq!(site.run(&["index", "rebuild"]).code, 0);
    let file = site.data().join("catalog.sqlite");
    std::fs::write(&file, "").expect("emptied");
    let findings = site.run(&["findings"]);
    assert_eq!(
        (findings.code, findings.stderr.contains("run `misfile sweep` first")),
        (5, true),
        "{}",
        findings.stderr
    );
}

/// Verbs that open the catalog.
const STORED: [&str; 9] =
    ["sweep", "findings", "explain", "search", "reclassify", "ready", "status", "doctor", "index"];

#[test]
fn a_catalog_of_a_newer_version_is_refused_and_left_alone() {
    let site = swept();
    let catalog = site.data().join("catalog.sqlite");
    let connection = rusqlite::Connection::open(&catalog).expect("open");
    connection.pragma_update(None, "user_version", 999).expect("set");
    drop(connection);
    let before = std::fs::read(&catalog).expect("there");
    let says: &[&str] = &["the catalog has version 999", "use the newer misfile that wrote it"];
    check(&site, "newer", &STORED.map(|verb| (verb, 5, says)), here(&site));
    assert_eq!(std::fs::read(&catalog).expect("there"), before);
}

#[test]
fn a_catalog_of_an_older_version_is_brought_up_by_whoever_may_write() {
    let site = swept();
    site.file("memo.txt", "机密★10年\n\n关于某事的通知\n");
    site.sweep();
    let catalog = rusqlite::Connection::open(site.data().join("catalog.sqlite")).expect("open");
    let undo = "ALTER TABLE location DROP COLUMN verdict_before; ALTER TABLE location DROP COLUMN folder;
        ALTER TABLE event DROP COLUMN verdict;
        ALTER TABLE fault DROP COLUMN attempts; ALTER TABLE fault DROP COLUMN first_seen;
        ALTER TABLE fault DROP COLUMN last_seen; ALTER TABLE location DROP COLUMN fault_attempts;
        ALTER TABLE location DROP COLUMN fault_first; ALTER TABLE location DROP COLUMN fault_last;
        ALTER TABLE sweep DROP COLUMN provenance; ALTER TABLE content DROP COLUMN read_in;
        ALTER TABLE content DROP COLUMN fruitless; ALTER TABLE content DROP COLUMN remarks;
        DROP INDEX location_level; DROP INDEX content_unread;
        ALTER TABLE location ADD COLUMN decided_by TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE content ADD COLUMN level INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE content ADD COLUMN natives TEXT NOT NULL DEFAULT '[]';
        UPDATE location SET decided_by = json_extract(grounds, '$.decided_by');
        UPDATE content SET level = l.level, natives = json_extract(l.grounds, '$.natives')
            FROM location l WHERE l.content = content.id;
        DROP TABLE member; DROP TABLE decision; DROP INDEX location_container;
        ALTER TABLE location DROP COLUMN container; ALTER TABLE content DROP COLUMN opened_members;
        ALTER TABLE page DROP COLUMN label; ALTER TABLE location DROP COLUMN level;
        ALTER TABLE location DROP COLUMN grounds; PRAGMA user_version = 2";
    catalog.execute_batch(undo).expect("as the version before left it");
    drop(catalog);
    let before = site.run(&["findings"]);
    assert_eq!((before.code, before.stderr.contains("run `misfile reclassify` once")), (5, true), "{}", before.stderr);
    let anew = site.run(&["reclassify"]);
    assert_eq!((anew.code, &anew.json()[0]["judged_otherwise"]), (10, &0.into()), "what was judged is what it was");
    let files = site.files();
    assert_eq!(files["a.txt"]["verdict"], "clear", "nothing is lost");
    assert_eq!((&files["memo.txt"]["level"], &files["memo.txt"]["native"][0]), (&3.into(), &"机密".into()));
    assert_eq!(site.sweep()["contents_read"], 0);
}

#[test]
fn a_corrupt_catalog_is_refused_and_left_for_the_backup() {
    let site = swept();
    for suffix in ["-wal", "-shm"] {
        // They are there only if the last writer could not fold them in.
        let _ = std::fs::remove_file(site.data().join(format!("catalog.sqlite{suffix}")));
    }
    let catalog = site.data().join("catalog.sqlite");
    let sound = std::fs::read(&catalog).expect("there");
    let place = site.data().display().to_string();
    let says: &[&str] = &[&place, "the catalog is damaged", "restore it from a backup"];
    let rows = STORED.map(|verb| (verb, 5, says));
    std::fs::write(&catalog, vec![0x5a; 8192]).expect("written");
    check(&site, "no database", &rows, here(&site));
    assert_eq!(std::fs::read(&catalog).expect("there"), vec![0x5a; 8192]);
    // A whole head and rubbish behind it.
    let mut broken = sound.clone();
    broken[4096..].fill(0x5a);
    std::fs::write(&catalog, &broken).expect("written");
    check(&site, "rubbish", &rows, here(&site));
    std::fs::write(&catalog, &sound).expect("restored");
    check(&site, "restored", &[], here(&site));
}

#[test]
fn a_corrupt_index_is_named_and_mended_from_the_catalog() {
    for mend in [&["index", "rebuild"][..], &["sweep"]] {
        let site = swept();
        let index = site.data().join("index");
        for entry in std::fs::read_dir(&index).expect("there") {
            std::fs::write(entry.expect("entry").path(), "rubbish").expect("written");
        }
        for verb in [&["search", "note"][..], &["status"], &["doctor"]] {
            let run = site.run(verb);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert_eq!((run.code, said.contains("misfile index rebuild")), (5, true), "{verb:?}: {said}");
            assert!(said.contains(&index.display().to_string()), "{verb:?}: {said}");
        }
        for verb in [&["findings"][..], &["ready", "s3"]] {
            assert_eq!(site.run(verb).code, 0, "{verb:?} asks the catalog alone");
        }
        assert_eq!(site.run(mend).code, 0, "{mend:?}");
        assert_eq!(site.run(&["search", "note"]).json()[0]["type"], "hit", "{mend:?}");
        std::fs::remove_dir_all(&index).expect("removed");
        let search = site.run(&["search", "note"]);
        assert_eq!((search.code, search.stderr.contains("misfile index rebuild")), (5, true), "{}", search.stderr);
        assert_eq!(site.run(mend).code, 0, "{mend:?} after the index was deleted");
    }
}

#[test]
fn a_second_writer_at_the_same_time_is_refused_and_reading_goes_on() {
    let site = swept();
    let lock = std::fs::File::options().write(true).open(site.data().join("lock")).expect("lock file");
    lock.lock().expect("locked");
    let place = site.data().display().to_string();
    let says: &[&str] = &[&place, "is in use by another misfile", "wait for it or stop it"];
    check(&site, "locked", &[("sweep", 5, says), ("reclassify", 5, says), ("index", 5, says)], here(&site));
    drop(lock);
    check(&site, "free", &[], here(&site));
}

#[test]
fn a_read_only_data_directory_can_be_read_and_not_written() {
    let site = swept();
    let Some(start) = ordinary(&site) else { return };
    // As on a file system mounted read-only.
    let all = |mode: u32, folders: u32| {
        for folder in [site.data(), site.data().join("index")] {
            for entry in std::fs::read_dir(&folder).expect("there") {
                let path = entry.expect("entry").path();
                chmod(&path, if path.is_dir() { folders } else { mode });
            }
            chmod(&folder, folders);
        }
    };
    all(0o444, 0o555);
    let place = site.data().display().to_string();
    let says: &[&str] = &[&place, "cannot be written", "--data"];
    check_but_for(
        &site,
        "read-only",
        &[
            ("sweep", 5, says),
            ("reclassify", 5, says),
            ("index", 5, says),
            ("doctor", 5, &["others can look into it; chmod 700"]),
        ],
        Some("has mode 555: others can look into it"),
        start,
    );
    all(0o600, 0o700);
    check(&site, "writable again", &[], here(&site));
    let run = run(misfile().arg("--config").arg(site.config()).args(["--data", "/proc/misfile", "sweep"]));
    assert_eq!((run.code, run.stderr.contains("data directory /proc/misfile")), (5, true), "{}", run.stderr);
}

/// A small tmpfs inside a mount namespace of its own, so that no other process sees it.
fn on_a_tmpfs(site: &Site, size: &str, script: &str) -> Option<Run> {
    let unshare =
        |script: &str| run(Command::new("unshare").args(["--user", "--map-root-user", "--mount", "sh", "-c", script]));
    let data = site.data().display().to_string();
    std::fs::create_dir_all(site.data()).expect("folder");
    if unshare(&format!("mount -t tmpfs none {data}")).code != 0 {
        skipped("no tmpfs can be mounted here (no user namespaces)");
        return None;
    }
    let misfile = format!("{} --config {} --data {data}", env!("CARGO_BIN_EXE_misfile"), site.config().display());
    let script = script.replace("MISFILE", &misfile).replace("DATA", &data);
    Some(unshare(&format!("mount -t tmpfs -o size={size} none {data}; {script}")))
}

/// A share whose text compresses badly and holds no number: 300 files of 7 KB.
fn noisy() -> Site {
    let site = Site::new("");
    for number in 0..300 {
        let noise = |line: u64| (number * 1_000_003_u64 + line).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let lines: Vec<String> = (0..400).map(|line| format!("x{:016x}", noise(line))).collect();
        site.file(&format!("{number}.txt"), lines.join("\n"));
    }
    site
}

#[test]
fn a_disk_too_small_for_the_catalog() {
    let site = noisy();
    let script = "MISFILE sweep; echo first $?; MISFILE findings >/dev/null; echo findings $?; \
        mount -o remount,size=64m DATA; MISFILE sweep >/dev/null; echo second $?; MISFILE findings --all | tail -n 1";
    let Some(run) = on_a_tmpfs(&site, "700k", script) else { return };
    assert!(run.stdout.contains("first 5"), "{} {}", run.stdout, run.stderr);
    for part in ["full", "free some space and run again", &site.data().display().to_string()] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert!(!run.stdout.contains("findings 0"), "half a sweep is no clean bill: {} {}", run.stdout, run.stderr);
    assert!(run.stdout.contains("second 0"), "{} {}", run.stdout, run.stderr);
    assert!(run.stdout.contains("\"files\":300"), "{}", run.stdout);
}

#[test]
fn a_disk_too_small_for_the_index() {
    let site = noisy();
    // Catalog and index fit, and what is left is filled up but for some kilobytes.
    let script = "fill() { head -c 64m /dev/zero >>DATA/fill 2>/dev/null; truncate -s -200k DATA/fill; }; \
        MISFILE sweep >/dev/null; echo first $?; fill; MISFILE index rebuild; echo rebuild $?; \
        MISFILE findings >/dev/null; echo findings $?; MISFILE search x9e3779b97f4a7c15 | tail -n 1 | sed 's/^/full /'; \
        rm -r DATA/index; fill; MISFILE sweep >/dev/null; echo sweep $?; \
        rm DATA/fill; MISFILE sweep >/dev/null; echo again $?; MISFILE search x9e3779b97f4a7c15 | tail -n 1";
    let Some(run) = on_a_tmpfs(&site, "32m", script) else { return };
    // What cannot be made anew stays as it was.
    let kept = "\nfull {\"documents\":1";
    for part in ["first 0", "rebuild 5", "findings 0", kept, "sweep 5", "again 0", "\n{\"documents\":1"] {
        assert!(run.stdout.contains(part), "{part}: {} {}", run.stdout, run.stderr);
    }
    assert!(run.stderr.contains("index") && run.stderr.contains("space"), "{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

#[test]
fn standard_output_that_cannot_be_written_is_an_error_that_says_so() {
    let site = swept();
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    for verb in [&["findings", "--all"][..], &["status"], &["completions", "zsh"]] {
        let output = site.command(verb).stdout(full()).output().expect("starts");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(
            (output.status.code(), said.contains("standard output cannot be written")),
            (Some(5), true),
            "{said}"
        );
    }
}
