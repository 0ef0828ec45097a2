//! The locks of readers, from outside: what the proof shows, and that the proof can fail.

mod common;

use std::process::Command;

use common::{Site, root, run};
use misfile::config::{Layer, Settings};
use misfile::read::process::{ReaderCommand, ReaderProcess, StartError};
use misfile::read::prove::{Attempt, Targets};

fn attempts(layers: &[Layer]) -> Vec<Attempt> {
    let command = ReaderCommand { program: env!("CARGO_BIN_EXE_misfile").into(), arguments: vec!["reader".into()] };
    let mut settings = Settings::defaults();
    settings.security.require = Vec::new();
    let mut reader = ReaderProcess::start_with(&command, &settings, layers).expect("a reader");
    let folder = tempfile::tempdir().expect("temporary folder");
    let (targets, _listeners) = Targets::make(folder.path()).expect("places");
    reader.prove(&targets).expect("it answers")
}

fn refused(attempts: &[Attempt]) -> Vec<&str> {
    attempts.iter().filter(|attempt| attempt.refused).map(|attempt| attempt.what.as_str()).collect()
}

#[test]
fn a_locked_reader_is_refused_every_way_out() {
    let attempts = attempts(&Layer::ALL);
    assert!(attempts.len() >= 14);
    assert_eq!(refused(&attempts).len(), attempts.len(), "{attempts:?}");
}

#[test]
fn seccomp_alone_refuses_every_way_out() {
    let attempts = attempts(&[Layer::Seccomp]);
    assert_eq!(refused(&attempts).len(), attempts.len(), "{attempts:?}");
}

#[test]
fn the_attempts_are_real_an_unlocked_reader_succeeds_with_them() {
    let mut attempts = attempts(&[]);
    // Some systems refuse that to everybody but root (Yama).
    attempts.retain(|attempt| attempt.what != "open the memory of the sweep");
    assert_eq!(refused(&attempts), Vec::<&str>::new(), "{attempts:?}");
    let succeeded = |what: &str| attempts.iter().any(|one| one.what == what && one.said == "it succeeded");
    for attempt in &attempts {
        assert!(succeeded(&attempt.what), "{attempt:?}");
    }
}

#[test]
fn doctor_prints_the_proof_and_a_sweep_without_a_network_gives_the_same_answers() {
    let site = Site::new("");
    let share = root().join("examples/share").display().to_string();
    let proof = site.run(&["--format", "jsonl", "doctor", "--prove", "--share", &share]);
    assert_eq!(proof.code, 0, "{}{}", proof.stdout, proof.stderr);
    let checks = proof.json();
    let detail = |what: &str| {
        let check = checks.iter().find(|check| check["what"] == what).unwrap_or_else(|| panic!("{what}"));
        check["detail"].as_str().expect("detail").to_owned()
    };
    assert!(detail("cannot connect by TCP").contains("seccomp"));
    assert!(detail("cannot send by UDP").contains("the program's lock"));
    assert!(detail("cannot start a process").contains("without locks: it succeeded"));
    assert!(detail("sweep without a network").contains("same answers"));
}

#[test]
fn a_required_lock_that_nobody_knows_is_a_configuration_error() {
    let run = Site::new("[security]\nrequire = ['selinux']\n").run(&["doctor"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("security.require") && run.stderr.contains("seccomp"), "{}", run.stderr);
}

#[test]
fn what_held_the_readers_is_kept_with_the_sweep_and_reported() {
    let site = Site::new("");
    site.file("a.txt", "harmless");
    let provenance = site.sweep()["provenance"].clone();
    let locks = provenance["locks"].as_array().expect("locks");
    assert!(locks.iter().any(|lock| lock["layer"] == "seccomp" && lock["holds"] == true), "{provenance}");
    assert!(provenance["kernel"].as_str().is_some_and(|kernel| !kernel.is_empty()));
    assert!(site.run(&["--format", "table", "status"]).stdout.contains("seccomp holds"));
    let summary = site.run(&["findings"]).json().pop().expect("a summary");
    assert_eq!(summary["provenance"], provenance);
    // A night in which nothing had to be read says so, and the reports still tell how the answers came about.
    assert_eq!(site.sweep()["provenance"]["locks"], serde_json::json!([]));
    for report in [["findings", "--all"], ["ready", "1"]] {
        let summary = site.run(&report).json().pop().expect("a summary");
        assert_eq!(summary["provenance"], provenance, "{report:?}");
    }
    assert!(site.run(&["--format", "table", "ready", "1"]).stdout.contains("seccomp holds"));
}

#[test]
fn descriptors_that_the_program_inherits_do_not_reach_its_readers() {
    let site = Site::new("");
    site.file("a.txt", "harmless");
    let open = |command: String| vec!["-c".to_owned(), format!("exec 7</etc/hostname; exec {command}")];
    let program = env!("CARGO_BIN_EXE_misfile");
    let (config, data) = (site.config(), site.data());
    let sweep = open(format!("'{program}' --config '{}' --data '{}' sweep", config.display(), data.display()));
    let run = run(Command::new("sh").args(sweep));
    assert_eq!(run.code, 0, "{}", run.stderr);
    // That is because they are closed: a reader that finds one does not start.
    let command = ReaderCommand { program: "/bin/sh".into(), arguments: open(format!("'{program}' reader")) };
    let refused = ReaderProcess::start(&command, &Settings::defaults()).expect_err("it has a stranger's descriptor");
    assert!(matches!(refused, StartError::Failed(_)), "{refused}");
}
