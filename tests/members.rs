//! Documents inside documents: each is a file of its own with a whole location, a container is no better than what lies in it, and
//! nothing is read twice.

mod common;

use std::io::{Cursor, Write as _};

use common::{Site, wait_until};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{AesMode, ZipWriter};

const MARKED: &str = "机密★10年\n\n关于某事的通知\n";

/// A ZIP of these members.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).expect("begun");
        writer.write_all(content).expect("written");
    }
    writer.finish().expect("ended").into_inner()
}

/// A document of orders for the tests' own format.
fn orders(lines: &str) -> Vec<u8> {
    format!("%MISFILE-FAIL\npages 1\n{lines}").into_bytes()
}

fn verdict<'a>(files: &'a std::collections::BTreeMap<String, Value>, path: &str) -> &'a str {
    files.get(path).unwrap_or_else(|| panic!("{path} is not in {:?}", files.keys()))["verdict"]
        .as_str()
        .expect("a verdict")
}

/// The details of all faults of a file.
fn faults(file: &Value) -> String {
    let faults = file["coverage"]["faults"].as_array().expect("faults").iter();
    faults.map(|fault| fault["detail"].as_str().expect("detail").to_owned()).collect::<Vec<_>>().join("; ")
}

#[test]
fn after_a_change_of_rules_the_index_takes_in_what_changed_and_everything_that_it_lies_in() {
    let site = Site::new("");
    let inner = archive(&[("memo.txt", MARKED.as_bytes()), ("notes.txt", b"nothing here")]);
    site.file("offer.zip", archive(&[("inner.zip", &inner)]));
    site.file("harmless.txt", "nothing there");
    site.sweep();
    let changes = || site.number("SELECT value FROM meta WHERE key = 'seq'");
    let (swept, before) = (site.files(), changes());
    let top = |files: &std::collections::BTreeMap<String, Value>| -> Vec<String> {
        files.iter().filter(|(_, file)| file["level"] == 4).map(|(path, _)| path.clone()).collect()
    };
    assert_eq!(top(&swept), [] as [&str; 0]);
    let config = std::fs::read_to_string(site.config()).expect("read");
    let relevel = |rule: &str| {
        std::fs::write(site.config(), format!("{config}\n[[relevel]]\nrule = \"{rule}\"\nlevel = 4\n"))
            .expect("written");
        let run = site.run(&["reclassify"]);
        assert_eq!(run.json()[0]["classified"], 5, "{}", run.stderr);
    };
    relevel("us.cui.*");
    assert_eq!(changes(), before, "nothing is found otherwise");
    relevel("cn.state.*");
    let marked = ["offer.zip", "offer.zip!/inner.zip", "offer.zip!/inner.zip!/memo.txt"];
    assert_eq!(top(&site.files()), marked);
    assert_eq!(changes() - before, 3, "the memo and the two archives around it");
    let found = site.run(&["search", "--no-snippets", "level:4"]).json();
    assert_eq!(found.iter().filter(|hit| hit["type"] == "hit").count(), 3, "{found:?}");
    assert_eq!(site.run(&["status", "--check"]).code, 0);
}

#[test]
fn a_container_is_no_better_than_what_lies_in_it() {
    let site = Site::new("");
    let inner = archive(&[("plans/memo.txt", MARKED.as_bytes()), ("notes.txt", b"nothing here")]);
    site.file("offer.zip", archive(&[("inner.zip", &inner), ("readme.txt", b"hello")]));
    site.file("clean.zip", archive(&[("readme.txt", b"hello")]));
    site.file("odd.zip", archive(&[("blob", &[1, 2, 3, 254, 0, 7]), ("readme.txt", b"hello")]));
    site.sweep();
    let files = site.files();
    assert_eq!(verdict(&files, "offer.zip!/inner.zip!/plans/memo.txt"), "misfiled");
    for path in ["offer.zip", "offer.zip!/inner.zip"] {
        assert_eq!(verdict(&files, path), "misfiled", "{path}");
        assert_eq!(files[path]["level"], 3, "{path}");
    }
    assert_eq!(verdict(&files, "offer.zip!/inner.zip!/notes.txt"), "clear");
    assert_eq!(verdict(&files, "clean.zip"), "clear");
    assert_eq!(verdict(&files, "odd.zip"), "unverified");
    // `inspect` says the same without a catalog.
    let share = site.share();
    let inspected = site.run(&["inspect", share.to_str().expect("UTF-8")]);
    assert_eq!(inspected.code, 10);
    for object in inspected.json().iter().filter(|object| object["type"] == "file") {
        let path = object["path"].as_str().expect("a path");
        let below = path.split_once("/share/").expect("below the share").1;
        assert_eq!(object["verdict"], files[below]["verdict"], "{below}");
    }
    // And whoever moves the share is told.
    let ready = site.run(&["ready", "sharepoint"]).json();
    let said = |name: &str| {
        let of = |object: &&Value| object["path"].as_str().is_some_and(|path| path.ends_with(name));
        ready.iter().find(of).unwrap_or_else(|| panic!("{name} in {ready:?}"))["readiness"].clone()
    };
    assert_eq!(
        (said("/offer.zip"), said("/clean.zip"), said("/odd.zip")),
        ("blocked".into(), "ready".into(), "unknown".into())
    );
}

#[test]
fn nothing_is_read_twice_and_a_moved_container_takes_its_members_along() {
    let site = Site::new("");
    let zip = archive(&[("memo.txt", MARKED.as_bytes()), ("copy.txt", MARKED.as_bytes())]);
    site.file("a.zip", &zip);
    let first = site.sweep();
    assert_eq!((first["contents_read"].as_u64(), first["members"].as_u64()), (Some(2), Some(2)));
    assert_eq!(site.sweep()["unchanged"], 1);
    std::fs::rename(site.share().join("a.zip"), site.share().join("b.zip")).expect("moved");
    site.file("memo.txt", MARKED);
    let moved = site.sweep();
    assert_eq!((moved["contents_read"].as_u64(), &moved["events"]["moved"]), (Some(0), &1.into()));
    let files = site.files();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["b.zip", "b.zip!/copy.txt", "b.zip!/memo.txt", "memo.txt"]);
    let explained = site.run(&["explain", site.share().join("b.zip!/memo.txt").to_str().expect("UTF-8")]);
    assert_eq!(explained.code, 10, "{}", explained.stderr);
    let found = site.run(&["search", "通知"]).stdout;
    assert!(found.contains("b.zip!/memo.txt") && !found.contains("a.zip"), "{found}");
    assert_eq!(site.run(&["status", "--check"]).code, 0);
}

#[test]
fn a_container_that_changes_or_goes_leaves_nothing_behind() {
    let site = Site::new("");
    site.file("a.zip", archive(&[("memo.txt", MARKED.as_bytes()), ("b.zip", &archive(&[("c.txt", b"one")]))]));
    site.sweep();
    assert_eq!(site.files().len(), 4);
    site.file("a.zip", archive(&[("memo.txt", b"harmless now")]));
    site.sweep();
    let files = site.files();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["a.zip", "a.zip!/memo.txt"]);
    assert_eq!((verdict(&files, "a.zip"), verdict(&files, "a.zip!/memo.txt")), ("clear", "clear"));
    site.file("a.zip", "plain text now");
    site.sweep();
    assert_eq!(site.files().keys().collect::<Vec<_>>(), ["a.zip"]);
    std::fs::remove_file(site.share().join("a.zip")).expect("removed");
    site.file("z.txt", "the share is not empty");
    site.sweep();
    assert_eq!(site.files().keys().collect::<Vec<_>>(), ["z.txt"]);
}

#[test]
fn a_file_named_like_a_member_is_another_location() {
    let site = Site::new("");
    site.file("a.zip", archive(&[("x.txt", MARKED.as_bytes())]));
    site.file("a.zip!/x.txt", "harmless");
    site.sweep();
    let shown = site.run(&["findings", "--all"]).json();
    let verdicts: Vec<&Value> = shown
        .iter()
        .filter(|object| object["path"].as_str().is_some_and(|path| path.ends_with("a.zip!/x.txt")))
        .map(|object| &object["verdict"])
        .collect();
    assert_eq!(verdicts, ["misfiled", "clear"]);
    assert_eq!(site.sweep()["unchanged"], 2);
}

#[test]
fn a_reader_that_dies_over_a_member_costs_that_member_alone() {
    let site = Site::new("");
    site.file("a", orders("0 member one.txt first\n0 member-crash two.txt\n0 member three.txt third\n1 text page\n"));
    site.sweep();
    let files = site.files();
    assert_eq!((verdict(&files, "a!/one.txt"), verdict(&files, "a!/three.txt")), ("clear", "clear"));
    assert_eq!((verdict(&files, "a!/two.txt"), verdict(&files, "a")), ("unverified", "unverified"));
    assert!(faults(&files["a!/two.txt"]).contains("the reader died"), "{}", files["a!/two.txt"]);
}

#[test]
fn members_that_were_not_read_when_the_sweep_ended_are_read_by_the_next() {
    let site = Site::new("[read]\nreaders = 1\n");
    let slow = orders("1 nap 1500\n2 text never\n");
    site.file("a.zip", archive(&[("slow", &slow), ("memo.txt", MARKED.as_bytes())]));
    let mut sweep = site.command(&["sweep"]).stdout(std::process::Stdio::null()).spawn().expect("starts");
    wait_until("a member is known", || site.number("SELECT count(*) FROM member") > 0);
    sweep.kill().expect("killed");
    sweep.wait().expect("ended");
    site.sweep();
    let files = site.files();
    assert_eq!(files.len(), 3, "{:?}", files.keys());
    assert_eq!((verdict(&files, "a.zip!/slow"), verdict(&files, "a.zip!/memo.txt")), ("clear", "misfiled"));
    assert_eq!(site.run(&["status", "--check"]).code, 0);
}

#[test]
fn other_settings_of_reading_have_members_read_again() {
    let site = Site::new("");
    let picture = std::fs::read(common::root().join("models/testpages/eng.png")).expect("a picture");
    site.file("a.zip", archive(&[("scan.png", &picture), ("readme.txt", b"hello")]));
    site.sweep();
    let settings = "[ocr]\nmin_word_confidence = 30\n";
    let config = std::fs::read_to_string(site.config()).expect("there");
    std::fs::write(site.config(), format!("{settings}{config}")).expect("written");
    let again = site.sweep();
    assert_eq!((again["pages_ocred"].as_u64(), again["unchanged"].as_u64()), (Some(1), Some(0)));
    assert_eq!(site.sweep()["unchanged"], 1);
}

#[test]
fn containers_nested_deeper_than_the_limit_are_not_clear() {
    let site = Site::new("[limits]\nnesting = 3\n");
    let mut deep = archive(&[("memo.txt", MARKED.as_bytes())]);
    for depth in 0..5 {
        deep = archive(&[(format!("{depth}.zip").as_str(), deep.as_slice())]);
    }
    site.file("a.zip", deep);
    site.sweep();
    let files = site.files();
    assert_eq!(files.len(), 4, "{:?}", files.keys());
    assert_eq!(verdict(&files, "a.zip"), "unverified");
    assert!(files.values().any(|file| faults(file).contains("limits.nesting = 3")));
}

#[test]
fn more_documents_in_one_file_than_the_limit_are_a_fault_of_it() {
    let site = Site::new("[limits]\nmembers_below = 3\n");
    let inner = archive(&[("1", b"one"), ("2", b"two")]);
    site.file("a.zip", archive(&[("a.zip", &inner), ("b.zip", &inner), ("c.zip", &inner)]));
    site.sweep();
    let files = site.files();
    assert_eq!(verdict(&files, "a.zip"), "unverified");
    // It stands where something is missing: on the file, or on a container in it that was read later.
    assert!(files.values().any(|file| faults(file).contains("limits.members_below = 3")), "{files:?}");
    for (path, file) in files.iter().filter(|(_, file)| file["kind"] == "zip") {
        let members = files.keys().filter(|other| other.starts_with(&format!("{path}!/"))).count();
        assert!(file["verdict"] != "clear" || members == 2, "{path} is clear, and {members} of its members are kept");
    }
}

#[test]
fn a_bomb_is_a_fault_and_nothing_else_suffers() {
    let site = Site::new("");
    let zeros = vec![b'0'; 80 << 20];
    site.file("bomb.zip", archive(&[("zeros.txt", &zeros), ("memo.txt", MARKED.as_bytes())]));
    site.file("memo.txt", MARKED);
    site.sweep();
    let files = site.files();
    assert_eq!((verdict(&files, "bomb.zip"), verdict(&files, "memo.txt")), ("unverified", "misfiled"));
    assert!(faults(&files["bomb.zip"]).contains("limits.expansion = 250"), "{}", files["bomb.zip"]);
}

/// Distinct archives in each other, `width` at each of `depth` levels.
fn tree(width: usize, depth: usize, name: &str) -> Vec<u8> {
    let inner: Vec<(String, Vec<u8>)> = (0..width)
        .map(|number| {
            let name = format!("{name}-{number}");
            let content = if depth == 0 { name.clone().into_bytes() } else { tree(width, depth - 1, &name) };
            (if depth == 0 { format!("{name}.txt") } else { format!("{name}.zip") }, content)
        })
        .collect();
    let members: Vec<(&str, &[u8])> = inner.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    archive(&members)
}

#[test]
fn containers_that_take_all_the_room_do_not_wait_for_each_other_forever() {
    for readers in [1, 3] {
        let settings = format!("[read]\nreaders = {readers}\n[limits]\nqueue_members = 4\n");
        let site = Site::new(&settings);
        (0..3).for_each(|number| drop(site.file(&format!("{number}.zip"), tree(3, 2, &format!("t{number}")))));
        let run = site.run(&["sweep", "--for", "50s"]);
        assert_eq!(run.code, 0, "{readers} readers: {}", run.stderr);
        assert_eq!(site.files().len(), 3 * (1 + 3 + 9 + 27));
    }
}

#[test]
fn members_of_one_name_are_all_kept() {
    // The crate refuses two members of one name, so the names are made one in the bytes.
    let mut bytes = archive(&[("a (3)", MARKED.as_bytes()), ("b", b"two"), ("c", b"three")]);
    for at in 0..bytes.len() - 3 {
        let heads = [(&b"PK\x03\x04"[..], 30), (&b"PK\x01\x02"[..], 46)];
        for (head, name) in heads {
            if bytes[at..].starts_with(head) && [b'b', b'c'].contains(&bytes[at + name]) && bytes[at + name - 4] < 2 {
                bytes[at + name] = b'a';
            }
        }
    }
    let site = Site::new("");
    site.file("x.zip", bytes);
    site.sweep();
    let files = site.files();
    assert_eq!(files.len(), 4, "{:?}", files.keys());
    assert_eq!((verdict(&files, "x.zip!/a (3)"), verdict(&files, "x.zip")), ("misfiled", "misfiled"));
    assert_eq!(site.run(&["status", "--check"]).code, 0);
}

#[test]
fn a_second_copy_of_a_container_is_no_better_than_the_first() {
    let site = Site::new("");
    let inner = archive(&[("memo.txt", MARKED.as_bytes())]);
    site.file("a.zip", archive(&[("b.zip", &inner), ("d.zip", &archive(&[("c.zip", &inner)]))]));
    site.sweep();
    let swept = site.files();
    let share = site.share();
    for object in site.run(&["inspect", share.to_str().expect("UTF-8")]).json() {
        let Some((_, below)) = object["path"].as_str().and_then(|path| path.split_once("/share/")) else { continue };
        assert_eq!((&object["verdict"], &object["level"]), (&"misfiled".into(), &3.into()), "{below}");
    }
    for path in ["a.zip", "a.zip!/b.zip", "a.zip!/d.zip", "a.zip!/d.zip!/c.zip"] {
        assert_eq!(verdict(&swept, path), "misfiled", "{path}");
    }
}

#[test]
fn what_lay_too_deep_is_read_where_it_lies_less_deep() {
    let site = Site::new("[limits]\nnesting = 2\n");
    let deep = archive(&[("memo.txt", MARKED.as_bytes())]);
    site.file("a.zip", archive(&[("b.zip", &archive(&[("deep.zip", &deep)]))]));
    site.sweep();
    assert_eq!(verdict(&site.files(), "a.zip"), "unverified");
    site.file("deep.zip", &deep);
    site.sweep();
    let files = site.files();
    assert_eq!((verdict(&files, "deep.zip"), verdict(&files, "deep.zip!/memo.txt")), ("misfiled", "misfiled"));
    assert_ne!(verdict(&files, "a.zip!/b.zip!/deep.zip"), "clear");
}

#[test]
fn what_lies_in_a_file_that_cannot_be_looked_at_is_not_clear() {
    let site = Site::new("");
    let path = site.file("a.zip", archive(&[("readme.txt", b"hello")]));
    site.sweep();
    assert_eq!(verdict(&site.files(), "a.zip!/readme.txt"), "clear");
    // Written to, and larger than may be read now: what is known is of the file as it was.
    std::fs::write(&path, vec![b'x'; 5000]).expect("written");
    let config = std::fs::read_to_string(site.config()).expect("there");
    std::fs::write(site.config(), format!("[limits]\nfile_bytes = 1000\n{config}")).expect("written");
    site.sweep();
    let files = site.files();
    assert_eq!((verdict(&files, "a.zip"), verdict(&files, "a.zip!/readme.txt")), ("unverified", "unverified"));
}

#[test]
fn what_is_encrypted_in_a_container_is_told_of_by_every_answer() {
    let site = Site::new("");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let sealed = SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, "kiesel");
    for (name, options) in [("heron.txt", SimpleFileOptions::default()), ("sealed heron.txt", sealed)] {
        writer.start_file(name, options).expect("begun");
        writer.write_all(b"a plan").expect("written");
    }
    site.file("a.zip", writer.finish().expect("ended").into_inner());
    site.file("b.7z", include_bytes!("fixtures/format/encrypted.7z"));
    site.file("c.rar", include_bytes!("fixtures/format/encrypted.rar"));
    site.sweep();
    let paths = |query: &[&str]| -> Vec<String> {
        let hits = site.run(&[&["search"], query].concat()).json();
        let mut paths: Vec<String> = hits
            .iter()
            .filter(|hit| hit["type"] == "hit")
            .flat_map(|hit| hit["locations"].as_array().expect("places").clone())
            .map(|place| place["path"].as_str().expect("UTF-8").split_once("/share/").expect("in it").1.to_owned())
            .collect();
        paths.sort_unstable();
        paths
    };
    assert_eq!(paths(&["heron"]), ["a.zip!/heron.txt", "a.zip!/sealed heron.txt"]);
    assert_eq!(paths(&["name:heron verdict:unverified"]), ["a.zip!/sealed heron.txt"]);
    let encrypted = paths(&["fault:encrypted"]);
    for container in ["a.zip!/", "b.7z!/", "c.rar!/"] {
        assert!(encrypted.iter().any(|path| path.starts_with(container)), "{container} in {encrypted:?}");
    }
    // Pages of answers count them on behind the indexed ones.
    let (one, other) = (paths(&["heron", "--limit", "1"]), paths(&["heron", "--limit", "1", "--offset", "1"]));
    assert_eq!((one, other), (vec!["a.zip!/heron.txt".to_owned()], vec!["a.zip!/sealed heron.txt".to_owned()]));
    let explain = |name: &str| {
        let path = site.share().join(name);
        site.run(&["explain", "--format", "table", path.to_str().expect("UTF-8")]).stdout
    };
    let member = explain("a.zip!/sealed heron.txt");
    for said in ["neither kind nor size are known", "encrypted: it is encrypted", "sweep 1: not known before"] {
        assert!(member.contains(said), "{said} in {member}");
    }
    assert!(!member.contains("none none") && !member.contains("0 B"), "{member}");
    assert!(explain("a.zip").contains("the verdict is that of the worst in it"));
}
