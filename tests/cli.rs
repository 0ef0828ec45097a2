//! The command line: bad input to every verb gives a clear message and the right exit code, and loses nothing.

mod common;

use common::{Site, misfile, run};

#[test]
fn every_verb_explains_itself() {
    let help = run(misfile().arg("--help"));
    for verb in [
        "sweep",
        "inspect",
        "findings",
        "explain",
        "search",
        "reclassify",
        "ready",
        "zones",
        "status",
        "doctor",
        "index",
        "rules",
    ] {
        assert!(help.stdout.contains(&format!("  {verb}")), "{verb} is missing:\n{}", help.stdout);
        assert_eq!(run(misfile().args([verb, "--help"])).code, 0, "{verb}");
    }
    assert!(!help.stdout.contains("  reader"), "the reader is no verb for people");
}

#[test]
fn a_wrong_command_line_is_exit_2() {
    let site = Site::new("");
    assert_eq!(site.run(&["sweeep"]).code, 2);
    assert_eq!(site.run(&["sweep", "--for", "soon"]).code, 2);
    site.file("a.txt", "x");
    site.sweep();
    assert_eq!(site.run(&["findings", "--level", "7"]).code, 2);
    assert_eq!(site.run(&["findings", "--new-since=yesterday"]).code, 2);
    let ready = site.run(&["ready", "the-moon"]);
    assert_eq!(ready.code, 2);
    assert!(ready.stderr.contains("sharepoint"), "{}", ready.stderr);
    let search = site.run(&["search", "\"open"]);
    assert_eq!(search.code, 2, "{}", search.stderr);
}

#[test]
fn a_sweep_of_nothing_is_exit_2() {
    let site = Site::new("");
    std::fs::write(site.config(), "").expect("written");
    let run = site.run(&["sweep"]);
    assert_eq!((run.code, run.stderr.contains("nothing to sweep")), (2, true), "{}", run.stderr);
}

#[test]
fn a_bad_configuration_is_exit_3_with_the_key_and_nothing_is_done() {
    let site = Site::new("[gate]\nunexplained_inc = 0.5\n");
    let sweep = site.run(&["sweep"]);
    assert_eq!(sweep.code, 3);
    assert!(
        sweep.stderr.contains("gate.unexplained_inc: no such key; the nearest is gate.unexplained_ink"),
        "{}",
        sweep.stderr
    );
    assert!(!site.data().exists());
    let missing = run(misfile().args(["--config", "/nowhere/misfile.toml", "zones"]));
    assert_eq!(missing.code, 3);
}

#[test]
fn a_root_that_cannot_be_read_is_exit_4_and_the_others_are_swept() {
    let site = Site::new("[[zone]]\nname = \"gone\"\npath = \"gone\"\nexposure = \"cloud\"\nceiling = 0\n");
    site.file("a.txt", "x\n");
    let run = site.run(&["sweep"]);
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("gone: cannot be read"), "{}", run.stderr);
    assert_eq!(site.files()["a.txt"]["verdict"], "clear");
    assert_eq!(site.run(&["sweep", "/nowhere"]).code, 4);
    assert_eq!(site.run(&["inspect", "/nowhere"]).code, 4);
}

#[test]
fn verbs_that_need_a_catalog_say_so_when_there_is_none() {
    let site = Site::new("");
    for verb in [
        &["findings"][..],
        &["search", "x"],
        &["explain", "x"],
        &["status"],
        &["reclassify"],
        &["ready", "s3"],
        &["index", "rebuild"],
    ] {
        let run = site.run(verb);
        assert_eq!(run.code, 5, "{verb:?}: {}", run.stderr);
        assert!(run.stderr.contains("run `misfile sweep` first"), "{verb:?}: {}", run.stderr);
    }
}

#[test]
fn a_file_that_no_sweep_has_seen_cannot_be_explained() {
    let site = Site::new("");
    site.file("a.txt", "x\n");
    site.sweep();
    let run = site.run(&["explain", "/nowhere/b.txt"]);
    assert_eq!((run.code, run.stderr.contains("no sweep has seen this file")), (2, true), "{}", run.stderr);
}

#[test]
fn a_catalog_of_a_newer_version_is_refused_and_left_alone() {
    let site = Site::new("");
    site.file("a.txt", "x\n");
    site.sweep();
    let catalog = site.data().join("catalog.sqlite");
    let connection = rusqlite::Connection::open(&catalog).expect("open");
    connection.pragma_update(None, "user_version", 999).expect("set");
    drop(connection);
    for verb in [&["sweep"][..], &["findings"]] {
        let run = site.run(verb);
        assert_eq!(run.code, 5, "{verb:?}");
        assert!(run.stderr.contains("the catalog has version 999"), "{}", run.stderr);
    }
}

#[test]
fn a_damaged_catalog_is_exit_5_and_says_what_to_do() {
    let site = Site::new("");
    site.file("a.txt", "x\n");
    site.sweep();
    for suffix in ["-wal", "-shm"] {
        // They are there only if the last writer could not fold them in.
        let _ = std::fs::remove_file(site.data().join(format!("catalog.sqlite{suffix}")));
    }
    std::fs::write(site.data().join("catalog.sqlite"), vec![0x5a; 8192]).expect("written");
    let run = site.run(&["sweep"]);
    assert_eq!((run.code, run.stderr.contains("damaged")), (5, true), "{}", run.stderr);
}

#[test]
fn a_second_sweep_at_the_same_time_is_refused() {
    let site = Site::new("");
    site.file("a.txt", "x\n");
    site.sweep();
    let lock = std::fs::File::options().write(true).open(site.data().join("lock")).expect("lock file");
    lock.lock().expect("locked");
    for verb in [&["sweep"][..], &["reclassify"], &["index", "rebuild"]] {
        let run = site.run(verb);
        assert_eq!((run.code, run.stderr.contains("in use by another misfile")), (5, true), "{verb:?}: {}", run.stderr);
    }
    assert_eq!(site.run(&["findings"]).code, 0, "reading goes on meanwhile");
}

#[test]
fn a_data_directory_that_cannot_be_written_is_exit_5() {
    let site = Site::new("");
    site.file("a.txt", "x\n");
    let run = run(misfile().arg("--config").arg(site.config()).args(["--data", "/proc/misfile", "sweep"]));
    assert_eq!(run.code, 5);
    assert!(run.stderr.contains("data directory /proc/misfile"), "{}", run.stderr);
}

/// A small tmpfs inside a mount namespace of its own, so that no other process sees it.
fn on_a_tmpfs(site: &Site, size: &str, script: &str) -> common::Run {
    let program = env!("CARGO_BIN_EXE_misfile");
    let (data, config) = (site.data(), site.config());
    let prepare = format!("set -e; mkdir -p {0}; mount -t tmpfs -o size={size} none {0}; set +e", data.display());
    let misfile = format!("{program} --config {} --data {}", config.display(), data.display());
    let script = format!("{prepare}; {}", script.replace("MISFILE", &misfile));
    run(std::process::Command::new("unshare").args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]))
}

#[test]
fn a_full_disk_is_exit_5_and_the_next_sweep_goes_on() {
    let site = Site::new("");
    for number in 0..300 {
        let noise = |line: u64| (number * 1_000_003_u64 + line).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let lines: Vec<String> = (0..400).map(|line| format!("{:016x}", noise(line))).collect();
        site.file(&format!("{number}.txt"), lines.join("\n"));
    }
    let grow = format!("mount -o remount,size=64m {}", site.data().display());
    let run = on_a_tmpfs(
        &site,
        "700k",
        &format!(
            "MISFILE sweep; echo first $?; {grow}; MISFILE sweep >/dev/null; echo second $?; MISFILE findings --all | tail -n 1"
        ),
    );
    assert!(run.stdout.contains("first 5"), "{} {}", run.stdout, run.stderr);
    assert!(run.stderr.contains("full"), "{}", run.stderr);
    assert!(run.stdout.contains("second 0"), "{} {}", run.stdout, run.stderr);
    assert!(run.stdout.contains("\"files\":300"), "{}", run.stdout);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let site = Site::new("");
    (0..2000).for_each(|number| drop(site.file(&format!("{number}.txt"), format!("{number}\n"))));
    site.sweep();
    let program = env!("CARGO_BIN_EXE_misfile");
    let script = format!(
        "{program} --data {} findings --all | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}",
        site.data().display()
    );
    let run = run(std::process::Command::new("bash").args(["-c", &script]));
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("0\n", ""));
}

#[test]
fn zones_rules_completions_and_manual_pages_are_there() {
    let site = Site::new("");
    let zones = site.run(&["zones"]).json();
    assert_eq!((&zones[0]["name"], &zones[0]["ceiling"]), (&"dept".into(), &1.into()));
    let rules = site.run(&["rules", "check"]);
    assert_eq!((rules.code, rules.stdout.as_str()), (0, "all rules are in order\n"));
    assert!(site.run(&["completions", "bash"]).stdout.contains("misfile"));
    let man = site.dir.path().join("man");
    assert_eq!(site.run(&["man", man.to_str().expect("UTF-8")]).code, 0);
    assert!(man.join("misfile-sweep.1").exists());
}

#[test]
fn tesseract_doctor_reads_a_test_page_in_each_language() {
    let site = Site::new("");
    let doctor = site.run(&["doctor"]);
    assert_eq!(doctor.code, 0, "{}{}", doctor.stdout, doctor.stderr);
    for language in ["eng", "chi_sim"] {
        assert!(doctor.stdout.contains(&format!("ok    language {language}:")), "{}", doctor.stdout);
    }
}

#[test]
fn a_missing_language_is_named_with_its_package() {
    let site = Site::new("[ocr]\nlanguages = [\"eng\", \"zzz\"]\n");
    let doctor = site.run(&["doctor"]);
    assert_eq!(doctor.code, 5);
    assert!(doctor.stdout.contains("tesseract-ocr-zzz"), "{}", doctor.stdout);
    site.file("a.txt", "x\n");
    let sweep = site.run(&["sweep"]);
    assert_eq!(sweep.code, 5);
    assert!(sweep.stderr.contains("tesseract-ocr-zzz"), "{}", sweep.stderr);
}
