//! What hostile documents do to readers, injected: the format `failing` exists only with the feature `failpoints`.

mod common;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Site, wait_until};
use misfile::config::Settings;
use misfile::document::Kind;
use misfile::read::pool::{ContentJob, Event, Pool};
use misfile::read::process::{ReaderCommand, ReaderProcess};
use misfile::read::reader;
use serde_json::Value;

/// A document of `pages` pages that misbehaves as `orders` say (`3 crash`: on page 3).
fn failing(pages: u32, orders: &[&str]) -> String {
    format!("%MISFILE-FAIL\npages {pages}\n{}\n", orders.join("\n"))
}

fn faults(file: &Value) -> Vec<(String, Value)> {
    let faults = file["coverage"]["faults"].as_array().expect("faults");
    faults.iter().map(|fault| (fault["reason"].as_str().expect("reason").to_owned(), fault["page"].clone())).collect()
}

#[test]
fn a_crash_costs_one_page_and_no_other_file() {
    let site = Site::new("");
    site.file("bad.fail", failing(20, &["3 crash", "17 crash"]));
    site.file("good.txt", "harmless\n");
    site.sweep();
    let files = site.files();
    assert_eq!(faults(&files["bad.fail"]), [("crash".to_owned(), 3.into()), ("crash".to_owned(), 17.into())]);
    assert_eq!(files["bad.fail"]["coverage"]["examined"], 18);
    assert_eq!(files["bad.fail"]["verdict"], "unverified");
    assert_eq!(files["good.txt"]["verdict"], "clear");
}

#[test]
fn evidence_on_other_pages_counts_although_one_crashed() {
    let site = Site::new("");
    site.file("bad.fail", failing(4, &["2 crash", "4 text TOP SECRET//SI//NOFORN"]));
    site.sweep();
    let file = &site.files()["bad.fail"];
    assert_eq!((&file["verdict"], &file["findings"][0]["page"]), (&"misfiled".into(), &4.into()));
}

#[test]
fn a_hung_reader_is_killed_and_its_page_is_a_timeout() {
    let site = Site::new("[limits]\npage_wall_seconds = 2\n");
    site.file("bad.fail", failing(3, &["2 hang"]));
    site.sweep();
    let file = &site.files()["bad.fail"];
    assert_eq!(faults(file), [("timeout".to_owned(), 2.into())]);
    assert!(file["coverage"]["faults"][0]["detail"].as_str().expect("detail").contains("limits.page_wall_seconds = 2"));
    assert_eq!(file["coverage"]["examined"], 2);
}

#[test]
fn a_page_that_burns_cpu_is_a_cpu_fault() {
    let site = Site::new("[limits]\nslice_cpu_seconds = 1\n");
    site.file("bad.fail", failing(2, &["1 spin"]));
    site.sweep();
    assert_eq!(faults(&site.files()["bad.fail"]), [("cpu".to_owned(), 1.into())]);
}

#[test]
fn a_page_that_wants_all_memory_costs_that_page() {
    let site = Site::new("[limits]\nreader_memory_mib = 2048\n");
    site.file("bad.fail", failing(2, &["1 memory"]));
    site.sweep();
    let file = &site.files()["bad.fail"];
    assert_eq!(faults(file), [("memory".to_owned(), 1.into())]);
    assert!(file["coverage"]["faults"][0]["detail"].as_str().expect("detail").contains("limits.reader_memory_mib"));
}

#[test]
fn a_panic_is_a_fault_of_its_page_and_the_reader_lives() {
    let site = Site::new("");
    site.file("bad.fail", failing(3, &["2 panic"]));
    site.sweep();
    assert_eq!(faults(&site.files()["bad.fail"]), [("crash".to_owned(), 2.into())]);
}

#[test]
fn a_document_that_crashes_on_opening_is_a_fault_of_the_whole() {
    let site = Site::new("");
    site.file("bad.fail", failing(3, &["0 crash"]));
    site.sweep();
    let file = &site.files()["bad.fail"];
    assert_eq!(faults(file), [("crash".to_owned(), Value::Null)]);
    assert_eq!(file["coverage"]["state"], "none");
}

#[test]
fn a_document_that_crashes_again_and_again_is_given_up() {
    let site = Site::new("[limits]\ncrashes_per_content = 3\n");
    let orders: Vec<String> = (1..=40).map(|page| format!("{page} crash")).collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    site.file("bad.fail", failing(40, &orders));
    site.sweep();
    let file = &site.files()["bad.fail"];
    let faults = faults(file);
    assert_eq!(faults.len(), 40, "every page is accounted for");
    assert!(faults.iter().any(|(reason, _)| reason == "limit"));
}

#[test]
fn pages_over_the_limit_are_a_fault_that_names_the_key() {
    let site = Site::new("[limits]\npages = 10\n");
    site.file("long.fail", failing(25, &["10 text TOP SECRET//SI//NOFORN", "11 text never read"]));
    site.sweep();
    let file = &site.files()["long.fail"];
    assert_eq!(file["verdict"], "misfiled");
    assert_eq!((&file["coverage"]["pages"], &file["coverage"]["examined"]), (&25.into(), &10.into()));
    assert!(file["coverage"]["faults"][0]["detail"].as_str().expect("detail").contains("limits.pages = 10"));
}

#[test]
fn a_message_over_the_limit_is_a_fault_and_not_an_endless_retry() {
    let site = Site::new("[limits]\nmessage_bytes = 100000\n");
    let long = format!("1 text {}", "x".repeat(200_000));
    site.file("big.fail", failing(2, &[&long]));
    site.sweep();
    let file = &site.files()["big.fail"];
    assert_eq!(file["verdict"], "unverified");
    assert_eq!(file["coverage"]["examined"], 1);
}

#[test]
fn a_stopped_sweep_ends_at_once_although_a_reader_hangs_and_the_next_one_goes_on() {
    let site = Site::new("[limits]\npage_wall_seconds = 300\n");
    let bad = site.file("bad.fail", failing(3, &["2 hang"]));
    let mut sweep = site.command(&["sweep", "--quiet"]).stdout(Stdio::null()).spawn().expect("the program starts");
    let patience = Instant::now();
    while !(site.data().join("catalog.sqlite").exists() && site.files().contains_key("bad.fail")) {
        assert!(patience.elapsed() < Duration::from_secs(120), "the sweep never met the file");
        std::thread::sleep(Duration::from_millis(200));
    }
    let stopped = Instant::now();
    rustix::process::kill_process(rustix::process::Pid::from_child(&sweep), rustix::process::Signal::TERM)
        .expect("sent");
    assert_eq!(sweep.wait().expect("ends").code(), Some(12));
    // Not a measure of speed: without killing the reader this takes five minutes.
    assert!(stopped.elapsed() < Duration::from_secs(60));
    assert_eq!(faults(&site.files()["bad.fail"]), [("not_yet_read".to_owned(), Value::Null)]);
    std::fs::write(bad, failing(3, &[])).expect("written");
    site.sweep();
    assert_eq!(site.files()["bad.fail"]["verdict"], "clear");
}

#[test]
fn readers_are_replaced_after_their_number_of_slices_and_nothing_is_lost() {
    let site = Site::new("[limits]\nslices_per_reader = 1\n[read]\nslice_pages = 2\n");
    site.file("long.fail", failing(20, &["20 text TOP SECRET//SI//NOFORN"]));
    site.sweep();
    let file = &site.files()["long.fail"];
    assert_eq!((&file["coverage"]["examined"], &file["verdict"]), (&20.into(), &"misfiled".into()));
}

#[test]
fn crashes_side_by_side_and_at_the_end_of_a_slice_cost_their_pages_only() {
    let site = Site::new("[limits]\nreader_memory_mib = 2048\n");
    site.file("bad.fail", failing(12, &["3 crash", "4 crash", "8 crash"]));
    site.sweep();
    let file = &site.files()["bad.fail"];
    assert_eq!(
        faults(file),
        [("crash".to_owned(), 3.into()), ("crash".to_owned(), 4.into()), ("crash".to_owned(), 8.into())]
    );
    assert_eq!(file["coverage"]["examined"], 9);
}

/// Readers that are started to read three files of 20 pages in slices of two, with so much memory to keep.
fn readers_for_three(kept_mib: u64) -> usize {
    let mut settings = Settings::defaults();
    settings.read.readers = 1;
    settings.read.slice_pages = 2;
    settings.limits.reader_kept_mib = kept_mib;
    let stamps = reader::stamps(&settings).expect("readers can work here");
    let pool = Pool::start(&settings, this_reader(), stamps);
    for ticket in 1..=3 {
        let file = tempfile::NamedTempFile::new().expect("file");
        std::fs::write(file.path(), failing(20, &[])).expect("written");
        pool.submit(ContentJob::new(ticket, file.reopen().expect("open"), Kind::new("failing")));
    }
    let (mut started, mut finished, mut pages) = (0, 0, 0);
    while finished < 3 {
        match pool.events().recv_timeout(Duration::from_secs(120)).expect("the pool reports") {
            Event::Started(_) => started += 1,
            Event::Finished(_) => finished += 1,
            Event::Page(..) => pages += 1,
            _ => {}
        }
    }
    assert_eq!(pages, 60);
    started
}

#[test]
fn a_reader_that_holds_too_much_memory_is_replaced_between_two_contents_and_not_within_one() {
    assert_eq!(readers_for_three(1), 3);
    assert_eq!(readers_for_three(1 << 20), 1);
}

/// This program as a reader.
fn this_reader() -> ReaderCommand {
    ReaderCommand { program: env!("CARGO_BIN_EXE_misfile").into(), arguments: vec!["reader".to_owned()] }
}

/// Has a pool read one text file with readers started by `command`; returns what it reported, in order.
fn read_one(command: ReaderCommand, retries: u32) -> Vec<Event> {
    let mut settings = Settings::defaults();
    settings.limits.start_retries = retries;
    settings.read.readers = 1;
    let file = tempfile::NamedTempFile::new().expect("file");
    std::fs::write(file.path(), "harmless\n").expect("written");
    let pool = Pool::start(&settings, command, reader::stamps(&settings).expect("readers can work here"));
    let file = file.reopen().expect("open");
    pool.submit(ContentJob::new(1, file, Kind::new("text")));
    let mut events = Vec::new();
    loop {
        let event = pool.events().recv_timeout(Duration::from_secs(120)).expect("the pool reports");
        let last = matches!(event, Event::Finished(_) | Event::Broken(_));
        events.push(event);
        if last {
            return events;
        }
    }
}

#[test]
fn a_reader_that_fails_to_start_once_is_started_again() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let script = dir.path().join("reader");
    let program = env!("CARGO_BIN_EXE_misfile");
    let text = format!("#!/bin/sh\n/bin/mkdir \"$0.tried\" 2>/dev/null && exit 1\nexec {program} reader\n");
    std::fs::write(&script, text).expect("script");
    let command = ReaderCommand { program: "/bin/sh".into(), arguments: vec![script.display().to_string()] };
    let events = read_one(command, 2);
    assert!(matches!(events.last(), Some(Event::Finished(1))), "{events:?}");
    assert!(events.iter().any(|event| matches!(event, Event::Page(1, _))));
}

#[test]
fn readers_that_never_start_end_the_run_with_a_reason() {
    let command = ReaderCommand { program: "/bin/false".into(), arguments: Vec::new() };
    let events = read_one(command, 1);
    let [Event::Broken(why)] = &events[..] else { panic!("{events:?}") };
    assert!(why.contains("a reader did not start"), "{why}");
}

#[test]
fn a_reader_that_does_not_get_ready_in_time_did_not_start() {
    let settings = Settings::parse("[limits]\nstart_wall_seconds = 1\n", "test", std::path::Path::new("/"));
    let command = ReaderCommand { program: "/bin/sleep".into(), arguments: vec!["60".to_owned()] };
    let error = ReaderProcess::start(&command, &settings.expect("valid")).expect_err("it sleeps").to_string();
    assert!(error.contains("limits.start_wall_seconds = 1"), "{error}");
}

#[test]
fn a_reader_waits_when_nobody_takes_what_it_has_read() {
    let mut settings = Settings::defaults();
    settings.limits.queue_events = 1;
    settings.read.readers = 1;
    let file = tempfile::NamedTempFile::new().expect("file");
    std::fs::write(file.path(), failing(6, &["6 text the last"])).expect("written");
    let pool = Pool::start(&settings, this_reader(), reader::stamps(&settings).expect("readers can work here"));
    let (ticket, kind, file) = (1, Kind::new("failing"), file.reopen().expect("open"));
    pool.submit(ContentJob::new(ticket, file, kind));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(pool.events().len(), 1, "limits.queue_events");
    let mut pages = 0;
    loop {
        match pool.events().recv_timeout(Duration::from_secs(60)).expect("the pool reports") {
            Event::Page(..) => pages += 1,
            Event::Finished(_) => break,
            Event::Broken(why) => panic!("{why}"),
            _ => {}
        }
    }
    assert_eq!(pages, 6);
}

#[test]
fn a_reader_that_was_taken_over_gets_nothing_out() {
    let site = Site::new("");
    let outside = tempfile::tempdir().expect("temporary folder");
    let loot = outside.path().join("loot");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("set");
    let connect = format!("1 connect {}", listener.local_addr().expect("an address").port());
    let write = format!("1 write {}", loot.display());
    site.file("bad.fail", failing(1, &[&write, &connect, "1 kill", "1 text TOP SECRET//SI//NOFORN"]));
    site.file("good.txt", "harmless\n");
    site.sweep();
    assert!(!loot.exists(), "a file was written");
    assert!(listener.accept().is_err(), "a connection was made");
    // That the sweep has come to its end shows that it was not killed.
    let files = site.files();
    assert_eq!((&files["bad.fail"]["verdict"], &files["good.txt"]["verdict"]), (&"misfiled".into(), &"clear".into()));
}

#[test]
fn a_reader_that_says_what_no_reader_says_costs_its_page_and_no_other_file() {
    for order in ["garbage", "giant", "flood", "dribble"] {
        let site = Site::new("[limits]\npage_wall_seconds = 3\n");
        site.file("bad.fail", failing(3, &[&format!("2 {order}"), "3 text TOP SECRET//SI//NOFORN"]));
        site.file("good.txt", "harmless\n");
        site.sweep();
        let files = site.files();
        let bad = &files["bad.fail"];
        assert_eq!(bad["coverage"]["examined"], 2, "{order}: {bad}");
        assert!(faults(bad).iter().all(|(_, page)| *page == 2) && !faults(bad).is_empty(), "{order}: {bad}");
        assert_eq!((&bad["verdict"], &files["good.txt"]["verdict"]), (&"misfiled".into(), &"clear".into()), "{order}");
    }
}

#[test]
fn pages_that_a_document_does_not_have_are_not_believed() {
    let site = Site::new("");
    site.file("bad.fail", failing(1, &["1 ascend"]));
    site.file("good.txt", "harmless\n");
    site.sweep();
    let files = site.files();
    assert_eq!(faults(&files["bad.fail"]), [("crash".to_owned(), 1.into())]);
    assert_eq!((&files["bad.fail"]["coverage"]["pages"], &files["good.txt"]["verdict"]), (&1.into(), &"clear".into()));
}

/// The processes that any thread of a process has started.
fn children(process: u32) -> Vec<String> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
    let of = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
    let all: Vec<String> = threads.map(|thread| of(thread.expect("a thread"))).collect();
    all.iter().flat_map(|some| some.split_whitespace()).map(str::to_owned).collect()
}

#[test]
fn a_reader_that_is_stopped_from_outside_is_taken_for_hung_and_costs_nothing() {
    let site = Site::new("[limits]\npage_wall_seconds = 3\n[read]\nreaders = 1\n");
    site.file("slow.fail", failing(40, &["* nap 100", "40 text harmless"]));
    let begun = Instant::now();
    let mut sweep = site.command(&["sweep"]).stdout(Stdio::null()).spawn().expect("started");
    // Pages are kept once a second: the reader is at work when some are.
    wait_until("some are", || site.pages_kept() > 0);
    let reader = children(sweep.id()).pop().expect("a reader");
    let stopped = std::process::Command::new("kill").args(["-STOP", &reader]).status().expect("kill");
    assert!(stopped.success());
    sweep.wait().expect("it ends");
    assert!(begun.elapsed() > Duration::from_secs(4 + 3), "it was stopped in the middle: {:?}", begun.elapsed());
    let file = &site.files()["slow.fail"];
    assert_eq!((&file["coverage"]["examined"], &file["verdict"]), (&40.into(), &"clear".into()), "{file}");
}
