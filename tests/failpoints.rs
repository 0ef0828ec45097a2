//! A sweep that dies between any two writes of catalog and index: the next one comes to the state of an undisturbed one.

mod common;

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;

use common::{Site, root, state};
use misfile::failpoint::PLACES;
use serde_json::json;

/// Deaths of one place that are tried; a sweep of the share comes to none of them as often.
const TIMES: u32 = 60;

/// A share with documents of several pages, marked ones, a copy, and ones that cannot be read.
fn fill(site: &Site) {
    for number in 0..6 {
        site.file(&format!("plain/{number}.txt"), format!("harmless {number}\n").repeat(1500));
    }
    site.file("marked.txt", "TOP SECRET//SI//NOFORN\n");
    site.file("copy/marked.txt", "TOP SECRET//SI//NOFORN\n");
    site.file("zh.txt", "机密★10年\n");
    site.file("cut.pdf", "%PDF-1.4\nnothing follows");
    let fixture = |name: &str| root().join("tests/fixtures/gate").join(name);
    for name in ["columns.pdf", "encrypted.pdf", "attachments.pdf"] {
        std::fs::copy(fixture(name), site.share().join(name)).expect("copied");
    }
}

/// A new site with the same share, at the same place inside it.
fn site() -> Site {
    let site = Site::new("");
    fill(&site);
    site
}

/// Runs a verb that dies at a place; false if it came to its end before.
fn dies(site: &Site, place: &str, time: u32, verb: &[&str]) -> bool {
    let mut command = site.command(verb);
    command.env("MISFILE_DIE_AT", format!("{place}:{time}")).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().expect("started");
    assert!(
        status.signal().is_some() || [0, 10, 11].contains(&status.code().unwrap_or(-1)),
        "{place} {time}: {status}"
    );
    status.signal().is_some()
}

fn is_sound(site: &Site) -> bool {
    let run = site.run(&["status", "--check"]);
    let summary = run.json().pop().unwrap_or_else(|| panic!("{}", run.stderr));
    summary["checked"] == json!(["catalog: sound", "index: sound, and holds what the catalog holds"])
}

/// Sweeps that die at a place for the first, second, … time, until one does not: returns how many did.
fn deaths(place: &str, undisturbed: &str, prepare: &dyn Fn(&Site)) -> u32 {
    for time in 1..=TIMES {
        let site = site();
        prepare(&site);
        let died = dies(&site, place, time, &["sweep"]);
        site.sweep();
        assert_eq!(state(&site), undisturbed, "{place}, death {time}");
        assert!(is_sound(&site), "{place}, death {time}");
        if !died {
            return time - 1;
        }
    }
    panic!("a sweep came to {place} more than {TIMES} times");
}

#[test]
fn a_sweep_that_dies_between_any_two_writes_is_made_good_by_the_next() {
    let undisturbed = site();
    undisturbed.sweep();
    let undisturbed = state(&undisturbed);
    assert!(undisturbed.contains("misfiled") && undisturbed.contains("encrypted"), "{undisturbed}");
    // A first sweep has no index to put another one in the place of.
    for place in PLACES.into_iter().filter(|place| *place != "index.exchange.after") {
        let died = deaths(place, &undisturbed, &|_| {});
        assert!(died > 0, "no sweep comes to {place}: it is no test of it");
    }
}

#[test]
fn a_second_sweep_that_dies_leaves_what_the_first_one_knew_until_the_next() {
    let change = |site: &Site| {
        site.file("marked.txt", "harmless now\n");
        site.file("new.txt", "SECRET//NOFORN\n");
        std::fs::remove_file(site.share().join("zh.txt")).expect("removed");
    };
    let undisturbed = site();
    undisturbed.sweep();
    change(&undisturbed);
    undisturbed.sweep();
    let undisturbed = state(&undisturbed);
    let swept_and_changed = |site: &Site| {
        site.sweep();
        change(site);
    };
    for place in ["catalog.commit.before", "catalog.commit.after", "index.commit.prepared", "index.commit.after"] {
        assert!(deaths(place, &undisturbed, &swept_and_changed) > 0, "{place}");
    }
}

/// Other rules, by which one document has another level and all others are what they were.
fn relevel(site: &Site) {
    let config = std::fs::read_to_string(site.config()).expect("read");
    let relevel = "\n[[relevel]]\nrule = \"cn.state.*\"\nlevel = 4\n";
    std::fs::write(site.config(), config + relevel).expect("written");
}

#[test]
fn stored_text_that_is_classified_anew_reaches_the_index_whenever_that_died() {
    let undisturbed = site();
    undisturbed.sweep();
    relevel(&undisturbed);
    undisturbed.run(&["reclassify"]);
    let undisturbed = state(&undisturbed);
    let mut died = 0;
    for place in ["catalog.commit.before", "catalog.commit.after", "index.commit.before", "index.commit.prepared"] {
        let site = site();
        site.sweep();
        relevel(&site);
        died += u32::from(dies(&site, place, 1, &["reclassify"]));
        site.run(&["reclassify"]);
        assert_eq!(state(&site), undisturbed, "{place}");
        assert!(is_sound(&site), "{place}");
    }
    assert_eq!(died, 4);
}

#[test]
fn what_a_sweep_had_read_that_died_reaches_the_index_though_other_rules_find_the_same_in_it() {
    let site = site();
    // The first commit is that of an empty index, before anything is read.
    assert!(dies(&site, "index.commit.before", 2, &["sweep"]));
    relevel(&site);
    site.run(&["reclassify"]);
    assert!(is_sound(&site));
    assert!(site.run(&["search", "harmless"]).json().len() > 1);
}

#[test]
fn an_index_that_is_made_anew_is_whole_or_the_one_before() {
    let site = site();
    site.sweep();
    let before = state(&site);
    let mut died = 0;
    for place in [
        "index.commit.before",
        "index.commit.prepared",
        "index.commit.after",
        "index.exchange.before",
        "index.exchange.after",
    ] {
        for time in 1..=3 {
            died += u32::from(dies(&site, place, time, &["index", "rebuild"]));
            assert_eq!(state(&site), before, "{place}, death {time}");
        }
    }
    assert!(died >= 5, "{died}");
    assert_eq!(site.run(&["index", "rebuild"]).code, 0);
    let left: Vec<_> =
        std::fs::read_dir(site.data()).expect("there").flatten().map(|entry| entry.file_name()).collect();
    assert!(
        !left.iter().any(|name| Path::new(name).extension().is_some_and(|end| end == "new" || end == "old")),
        "{left:?}"
    );
}
