//! The registry from outside: what is found, what is not, what is stored, and every limit.
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::limits::Tuning;
use super::{Error, Id, Key, Limits, Match, Registry, Role};
use crate::config::Settings;

const KEY: [u8; 32] = [42; 32];

fn limits() -> Limits {
    Limits::from(&Settings::defaults().limits)
}

fn registry(limits: Limits) -> Registry {
    Registry::empty(Path::new("/nowhere"), Key::from_bytes(KEY), limits, Tuning::default())
}

/// Words that no other seed gives in this order: some 8 letters' worth each.
fn text(seed: u32, words: u32) -> String {
    let mut text = String::new();
    for word in 0..words {
        let hash = blake3::hash(&[seed.to_le_bytes(), word.to_le_bytes()].concat());
        let letters = hash.as_bytes()[..7].iter().map(|byte| char::from(b'a' + byte % 26)).collect::<String>();
        write!(text, "{letters}{}", if word % 9 == 8 { ".\n" } else { " " }).expect("into memory");
    }
    text
}

/// Han characters that no other seed gives in this order.
fn han(seed: u32, many: u32) -> String {
    let of = |n: u32| blake3::hash(&[seed.to_le_bytes(), n.to_le_bytes(), [9; 4]].concat()).as_bytes()[..2].to_owned();
    let of = |n| u32::from(of(n)[0]) * 4 + u32::from(of(n)[1] % 4);
    (0..many).filter_map(|n| char::from_u32(0x5000 + of(n))).collect()
}

/// Every nth letter misread.
fn misread(text: &str, nth: usize) -> String {
    text.chars().enumerate().map(|(at, c)| if at % nth == nth / 2 && c.is_alphabetic() { 'x' } else { c }).collect()
}

fn add(registry: &mut Registry, name: &str, pages: &[&str]) -> Id {
    registry.add(name, Role::Sensitive(3), 1_700_000_000, pages).expect("added")
}

fn only(registry: &Registry, pages: &[&str]) -> Match {
    let compared = registry.matches(pages);
    assert_eq!(compared.cut, None);
    assert_eq!(compared.matches.len(), 1, "{:?}", compared.matches);
    compared.matches[0].clone()
}

fn about(share: f32, expected: f32) {
    assert!((share - expected).abs() < 0.12, "{share}, expected about {expected}");
}

#[test]
fn a_whole_copy_is_all_of_both() {
    let mut registry = registry(limits());
    let (one, two) = (text(1, 300), text(2, 300));
    let id = add(&mut registry, "plan", &[&one, &two]);
    let found = only(&registry, &[&one, &two]);
    assert_eq!((found.document, found.name.as_str(), found.role), (id, "plan", Role::Sensitive(3)));
    about(found.share_of_document, 1.0);
    about(found.share_of_subject, 1.0);
    let pairs: Vec<(u32, u32)> = found.pages.iter().map(|pair| (pair.here, pair.there)).collect();
    assert_eq!(pairs, [(1, 1), (2, 2)]);
}

#[test]
fn one_page_of_twenty_is_found_among_others_with_both_page_numbers() {
    let mut registry = registry(limits());
    let pages: Vec<String> = (0..20).map(|page| text(100 + page, 300)).collect();
    add(&mut registry, "plan", &pages.iter().map(String::as_str).collect::<Vec<_>>());
    let (other, another) = (text(7, 300), text(8, 300));
    let found = only(&registry, &[&other, &misread(&pages[12], 20), &another]);
    assert_eq!(found.pages.len(), 1);
    assert_eq!((found.pages[0].here, found.pages[0].there), (2, 13));
    about(found.share_of_document, 0.05);
    about(found.share_of_subject, 0.33);
    about(found.pages[0].share_of_there, 0.95);
}

#[test]
fn a_paragraph_in_another_text_is_found_where_it_is() {
    let mut registry = registry(limits());
    let page = text(1, 300);
    add(&mut registry, "plan", &[&page]);
    let pasted = format!("{}{}{}", text(2, 100), &page[800..1400], text(3, 100));
    let from = text(2, 100).len();
    let found = only(&registry, &[&pasted]);
    let span = &found.pages[0].span;
    assert!(span.start.abs_diff(u32::try_from(from).expect("small")) < 40, "{span:?}, pasted at {from}");
    assert!(span.end.abs_diff(u32::try_from(from + 600).expect("small")) < 40, "{span:?}");
    about(found.share_of_document, 0.25);
    about(found.share_of_subject, 0.27);
}

#[test]
fn chinese_in_traditional_characters_without_line_breaks_is_the_same() {
    let mut registry = registry(limits());
    let page = format!("{}国家机密档案{}", han(1, 300), han(2, 300));
    add(&mut registry, "方案", &[&page]);
    let copy = page.replace("国家机密档案", "國家機密檔案").chars().flat_map(|c| [c, ' ']).collect::<String>();
    about(only(&registry, &[&copy]).share_of_document, 1.0);
    assert_eq!(registry.matches(&[&han(3, 600)]).matches, []);
}

#[test]
fn other_texts_and_empty_ones_do_not_match() {
    let mut registry = registry(limits());
    assert_eq!(registry.matches(&[&text(1, 300)]).matches, []);
    add(&mut registry, "plan", &[&text(1, 300)]);
    for seed in 10..40 {
        assert_eq!(registry.matches(&[&text(seed, 300), ""]).matches, []);
    }
    assert_eq!(registry.matches(&[]).matches, []);
}

#[test]
fn a_sentence_that_agrees_is_not_enough_and_many_of_them_far_apart_are_not() {
    let mut registry = registry(limits());
    let page = text(1, 400);
    add(&mut registry, "plan", &[&page]);
    let scattered =
        |n: usize| format!("{}{}", &page[n * 200..n * 200 + 30], text(50 + u32::try_from(n).expect("small"), 21));
    let scattered: String = (0..12).map(scattered).collect();
    assert_eq!(registry.matches(&[&scattered]).matches, []);
}

#[test]
fn a_footer_on_every_small_page_does_not_add_up() {
    let mut registry = registry(limits());
    let footer = &text(99, 6);
    let page = |seed: u32, words: u32| format!("{}{footer}", text(seed, words));
    let plan: Vec<String> = (0..10).map(|n| page(n, 40)).collect();
    add(&mut registry, "plan", &plan.iter().map(String::as_str).collect::<Vec<_>>());
    let slides: Vec<String> = (0..30).map(|n| page(500 + n, 12)).collect();
    assert_eq!(registry.matches(&slides.iter().map(String::as_str).collect::<Vec<_>>()).matches, []);
}

#[test]
fn what_many_documents_have_is_boilerplate_and_what_versions_have_is_not() {
    let mut registry = registry(limits());
    let clause = text(77, 80);
    for seed in 0..12 {
        add(&mut registry, &format!("contract {seed}"), &[&format!("{}{clause}", text(seed, 200))]);
    }
    assert_eq!(registry.matches(&[&format!("{}{clause}", text(900, 200))]).matches, []);
    let body = text(55, 300);
    for version in 0..12 {
        add(&mut registry, &format!("draft {version}"), &[&format!("{body}{}", text(600 + version, 20))]);
    }
    let found = registry.matches(&[&body]).matches;
    assert_eq!(found.len(), 12);
    assert!(found.iter().all(|one| one.name.starts_with("draft")));
}

#[test]
fn what_is_registered_as_common_tells_nothing_from_then_on() {
    let mut registry = registry(limits());
    let (letterhead, secret) = (text(1, 60), text(2, 300));
    add(&mut registry, "plan", &[&format!("{letterhead}{secret}")]);
    let harmless = format!("{letterhead}{}", text(3, 300));
    assert_eq!(registry.matches(&[&harmless]).matches.len(), 1);
    registry.add("letterhead", Role::Common, 0, &[&letterhead]).expect("added");
    assert_eq!(registry.matches(&[&harmless]).matches, []);
    assert_eq!(registry.matches(&[&format!("{letterhead}{secret}")]).matches.len(), 1);
}

#[test]
fn a_removed_document_is_not_found_and_the_others_still_are() {
    let mut registry = registry(limits());
    let ids: Vec<Id> =
        (0..3).map(|n| add(&mut registry, &format!("plan {n}"), &[&text(n, 200), &text(n + 50, 200)])).collect();
    let before = registry.stamp();
    assert_eq!(registry.remove(ids[1]).expect("removed").name, "plan 1");
    assert_ne!(registry.stamp(), before);
    assert_eq!(registry.matches(&[&text(1, 200)]).matches, []);
    let found = only(&registry, &[&text(52, 200)]);
    assert_eq!((found.name.as_str(), found.pages[0].there), ("plan 2", 2));
    assert!(matches!(registry.remove(ids[1]), Err(Error::Unknown(_))));
    assert_eq!(registry.named("plan 2"), [ids[2]]);
}

#[test]
fn the_same_text_is_registered_once_and_too_little_text_never() {
    let mut registry = registry(limits());
    add(&mut registry, "plan", &[&text(1, 200)]);
    let again = registry.add("copy", Role::Sensitive(1), 5, &[&text(1, 200).to_uppercase()]);
    assert!(matches!(again, Err(Error::Known { as_name, .. }) if as_name == "plan"));
    let short = registry.add("note", Role::Sensitive(1), 5, &["Meet me at noon"]);
    assert!(matches!(short, Err(Error::TooLittle { .. })));
    assert_eq!(registry.list().len(), 1);
}

#[test]
fn every_limit_on_adding_is_an_error_that_names_it() {
    let all = limits();
    let (page, long_name) = (text(1, 200), "n".repeat(11));
    let cases: [(&str, Limits, &str, Vec<&str>); 5] = [
        ("limits.registered_documents", Limits { documents: 0, ..all }, "plan", vec![&page]),
        ("limits.registered_pages", Limits { pages_per_document: 2, ..all }, "plan", vec![&page, &page, &page]),
        ("limits.registered_hashes", Limits { hashes: 20, ..all }, "plan", vec![&page]),
        ("limits.registered_name_bytes", Limits { name_bytes: 10, ..all }, &long_name, vec![&page]),
        ("limits.compared_letters", Limits { letters_per_page: 1000, ..all }, "plan", vec![&page]),
    ];
    for (expected, limits, name, pages) in cases {
        let error = registry(limits).add(name, Role::Sensitive(2), 0, &pages).expect_err(expected);
        assert!(matches!(&error, Error::Limit { limit, .. } if *limit == expected), "{expected}: {error}");
    }
    let at_limit = Limits { documents: 1, pages_per_document: 1, name_bytes: 4, ..all };
    add(&mut registry(at_limit), "plan", &[&page]);
}

#[test]
fn every_limit_on_comparing_is_said() {
    let pages: Vec<String> = (0..3).map(|n| text(n, 200)).collect();
    let compared = |limits: Limits| {
        let mut registry = registry(limits);
        for page in &pages {
            add(&mut registry, "plan", &[page]);
        }
        registry.matches(&[&pages.concat()])
    };
    let all = Limits { letters_per_page: 10_000, ..limits() };
    assert_eq!(compared(all).cut, None);
    assert_eq!(compared(Limits { letters_per_page: 2000, ..all }).cut, Some(("compared_letters", 2000)));
    assert_eq!(compared(Limits { hits: 50, ..all }).cut, Some(("compared_hits", 50)));
    let few = compared(Limits { matches: 2, ..all });
    assert_eq!((few.matches.len(), few.cut), (2, Some(("compared_matches", 2))));
}

#[test]
fn a_hash_on_more_pages_than_the_limit_is_boilerplate() {
    let mut registry = registry(Limits { pages_per_hash: 3, ..limits() });
    let page = text(1, 100);
    add(&mut registry, "plan", &[&page, &page, &page]);
    assert_eq!(registry.matches(&[&page]).matches.len(), 1);
    add(&mut registry, "plan, again", &[&page, &text(2, 100)]);
    assert_eq!(registry.matches(&[&page]).matches, []);
}

fn saved(folder: &Path) -> Registry {
    let mut registry = Registry::open(folder, limits()).expect("a new one");
    add(&mut registry, "very telling name", &[&text(1, 300)]);
    add(&mut registry, "second", &[&text(2, 300), &han(2, 300)]);
    registry.save().expect("saved");
    registry
}

#[test]
fn what_was_saved_is_what_is_opened() {
    let dir = tempfile::tempdir().expect("folder");
    assert_eq!(Registry::stamp_of(dir.path()).expect("none"), [0; 32]);
    let before = saved(dir.path());
    let mut after = Registry::open(dir.path(), limits()).expect("opened");
    assert_eq!(after.list(), before.list());
    assert_eq!(after.stamp(), before.stamp());
    assert_eq!(Registry::stamp_of(dir.path()).expect("read"), before.stamp());
    assert_eq!(after.matches(&[&text(2, 300)]), before.matches(&[&text(2, 300)]));
    let id = after.named("second")[0];
    after.remove(id).expect("removed");
    after.save().expect("saved");
    assert_eq!(Registry::open(dir.path(), limits()).expect("opened").list().len(), 1);
}

#[test]
fn files_are_private_and_hold_neither_names_nor_text_nor_the_same_bytes_twice() {
    let dir = tempfile::tempdir().expect("folder");
    let mut registry = saved(dir.path());
    let files = ["fingerprint.key", "fingerprint.registry"].map(|name| dir.path().join(name));
    for file in &files {
        assert_eq!(fs::metadata(file).expect("there").permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(dir.path()).expect("read").count(), 2);
    let bytes = fs::read(&files[1]).expect("read");
    assert!(!bytes.windows(7).any(|piece| piece == b"telling"));
    registry.save().expect("saved");
    assert_ne!(fs::read(&files[1]).expect("read"), bytes);
    assert_eq!(format!("{registry:?}").find("telling"), None);
}

#[test]
fn any_changed_byte_and_any_missing_end_is_an_error_that_names_the_file() {
    let dir = tempfile::tempdir().expect("folder");
    saved(dir.path());
    let file = dir.path().join("fingerprint.registry");
    let good = fs::read(&file).expect("read");
    let refused = |bytes: &[u8]| {
        fs::write(&file, bytes).expect("written");
        let error = Registry::open(dir.path(), limits()).expect_err("damaged").to_string();
        assert!(error.contains("fingerprint.registry"), "{error}");
    };
    for at in (0..160).chain((160..good.len()).step_by(9973)).chain([good.len() - 1]) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        refused(&bytes);
    }
    for length in [0, 7, 8, 135, 136, good.len() / 2, good.len() - 1] {
        refused(&good[..length]);
    }
    refused(&[&good[..], b"x"].concat());
}

#[test]
fn a_missing_half_a_wrong_key_and_an_open_key_are_errors_and_never_an_empty_registry() {
    let dir = tempfile::tempdir().expect("folder");
    saved(dir.path());
    let (key, file) = (dir.path().join("fingerprint.key"), dir.path().join("fingerprint.registry"));
    let error = || Registry::open(dir.path(), limits()).expect_err("refused");
    let good = fs::read(&key).expect("key");
    fs::write(&key, [1; 32]).expect("written");
    assert!(matches!(error(), Error::WrongKey { .. }));
    fs::write(&key, [1; 31]).expect("written");
    assert!(matches!(error(), Error::Damaged { .. }));
    fs::write(&key, &good).expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("mode");
    assert!(matches!(error(), Error::OpenToOthers { mode: 0o640, .. }));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("mode");
    fs::rename(&key, dir.path().join("away")).expect("moved");
    assert!(matches!(error(), Error::Half { .. }));
    fs::rename(dir.path().join("away"), &key).expect("moved");
    fs::remove_file(&file).expect("removed");
    assert!(matches!(error(), Error::Half { .. }));
}

#[test]
fn a_registry_larger_than_the_limits_is_not_opened() {
    let dir = tempfile::tempdir().expect("folder");
    saved(dir.path());
    let all = limits();
    for limits in [Limits { hashes: 10, ..all }, Limits { documents: 1, ..all }] {
        assert!(matches!(Registry::open(dir.path(), limits), Err(Error::Limit { .. })));
    }
}

#[test]
fn a_failed_save_leaves_the_old_registry() {
    let dir = tempfile::tempdir().expect("folder");
    let mut registry = saved(dir.path());
    let stamp = registry.stamp();
    // A folder in the place of the temporary file cannot be replaced.
    fs::create_dir_all(dir.path().join("fingerprint.registry.new/x")).expect("folder");
    add(&mut registry, "third", &[&text(3, 300)]);
    assert!(matches!(registry.save(), Err(Error::Io { .. })));
    assert_eq!(Registry::open(dir.path(), limits()).expect("opened").stamp(), stamp);
}

#[test]
fn a_phrase_shorter_than_the_evidence_never_matches_however_the_samples_fall() {
    let mut registry = registry(limits());
    let pages: Vec<String> = (0..20).map(|page| text(100 + page, 300)).collect();
    add(&mut registry, "plan", &pages.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(registry.list()[0].rate, 16);
    for at in 0..900 {
        let phrase = &pages[at % 20][at * 2..at * 2 + 50];
        let other = format!("{}{phrase}{}", text(9, 20), text(8, 20));
        assert_eq!(registry.matches(&[&other]).matches, [], "{at}");
    }
}
