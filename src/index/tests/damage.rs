//! What breaks is named, with what to do about it, and never panics.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::super::{IndexError, IndexWriter, Query, Searcher};
use super::{Fixture, document, settings};

fn refused(result: Result<impl Sized, IndexError>) -> IndexError {
    result.err().expect("must be refused")
}

#[test]
fn a_deleted_index_is_missing_and_rebuild_makes_an_empty_one() {
    let index = Fixture::of_pages(&[&["old"]]);
    fs::remove_dir_all(index.dir()).expect("deletes");
    assert!(matches!(refused(Searcher::open(&index.dir())), IndexError::Missing { .. }));
    let error = refused(IndexWriter::open(&index.dir(), &settings()));
    assert!(error.to_string().contains("misfile index rebuild"), "{error}");
    fs::create_dir(index.dir()).expect("creates");
    assert!(matches!(refused(Searcher::open(&index.dir())), IndexError::Missing { .. }));
    let writer = IndexWriter::rebuild(&index.dir(), &settings()).expect("rebuilds");
    assert_eq!(writer.last_seq(), 0);
    index.check(&[("old", &[])]);
}

#[test]
fn rebuild_replaces_whatever_lies_there_and_leaves_nothing_behind() {
    let index = Fixture::of_pages(&[&["old"]]);
    fs::write(index.dir().join("meta.json"), "rubbish").expect("writes");
    fs::create_dir(index.dir().with_file_name("index.new")).expect("creates");
    let mut writer = IndexWriter::rebuild(&index.dir(), &settings()).expect("rebuilds");
    writer.put(document(1, &["new"])).expect("put");
    writer.commit(4).expect("commit");
    index.check(&[("old", &[]), ("new", &[1])]);
    assert_eq!(fs::read_dir(index.folder.path()).expect("lists").count(), 1);
}

#[test]
fn the_index_directory_is_private() {
    let index = Fixture::of_pages(&[&["a"]]);
    let mode = |dir: &Path| fs::metadata(dir).expect("stat").permissions().mode() & 0o777;
    assert_eq!(mode(&index.dir()), 0o700);
    fs::set_permissions(index.dir(), fs::Permissions::from_mode(0o755)).expect("chmod");
    drop(index.writer());
    assert_eq!(mode(&index.dir()), 0o700);
}

#[test]
fn another_version_of_the_tokenizer_is_refused_by_name() {
    let index = Fixture::of_pages(&[&["a"]]);
    let meta = index.dir().join("meta.json");
    let text = fs::read_to_string(&meta).expect("reads");
    let other = text.replace(r#"\"tokenizer\":1"#, r#"\"tokenizer\":0"#);
    assert_ne!(text, other);
    fs::write(&meta, other).expect("writes");
    for error in [refused(Searcher::open(&index.dir())), refused(IndexWriter::open(&index.dir(), &settings()))] {
        assert!(matches!(error, IndexError::WrongVersion { .. }), "{error}");
        assert!(error.to_string().contains("tokenizer 0") && error.to_string().contains("misfile index rebuild"));
    }
}

#[test]
fn damage_is_told_from_absence() {
    let cut = |name: &dyn Fn(&str) -> bool| {
        let index = Fixture::of_pages(&[&["a"]]);
        for entry in fs::read_dir(index.dir()).expect("lists").filter_map(Result::ok) {
            if name(&entry.file_name().to_string_lossy()) {
                let length = entry.metadata().expect("stat").len();
                let file = fs::File::options().write(true).open(entry.path()).expect("opens");
                file.set_len(length / 2).expect("cuts");
            }
        }
        index
    };
    let cases: [&dyn Fn(&str) -> bool; 4] = [
        &|name| name == "meta.json",
        &|name| name == ".managed.json",
        &|name| Path::new(name).extension().is_some_and(|kind| kind == "idx"),
        &|name| Path::new(name).extension().is_some_and(|kind| kind == "term"),
    ];
    for (case, name) in cases.into_iter().enumerate() {
        let index = cut(name);
        let error = refused(IndexWriter::open(&index.dir(), &settings()));
        assert!(matches!(error, IndexError::Damaged { .. }), "case {case}: {error:?}");
        assert!(error.to_string().contains("misfile index rebuild"), "{error}");
    }
    for gone in ["meta.json", ".term"] {
        let index = Fixture::of_pages(&[&["a"]]);
        for entry in fs::read_dir(index.dir()).expect("lists").filter_map(Result::ok) {
            if entry.file_name().to_string_lossy().ends_with(gone) {
                fs::remove_file(entry.path()).expect("deletes");
            }
        }
        let error = refused(IndexWriter::open(&index.dir(), &settings()));
        assert!(matches!(error, IndexError::Damaged { .. }), "{gone}: {error:?}");
    }
}

#[test]
fn flipped_bytes_are_found_by_verify_and_never_panic_a_search() {
    let index = Fixture::of_pages(&[&["国家秘密 plan cloud"], &["plan"]]);
    Searcher::open(&index.dir()).expect("opens").verify().expect("a sound index");
    for entry in fs::read_dir(index.dir()).expect("lists").filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !["idx", "term", "pos", "fast", "store", "fieldnorm"].iter().any(|kind| name.ends_with(kind)) {
            continue;
        }
        let sound = fs::read(entry.path()).expect("reads");
        let mut broken = sound.clone();
        let half = broken.len() / 2;
        broken[..half].iter_mut().for_each(|byte| *byte = !*byte);
        fs::write(entry.path(), &broken).expect("writes");
        match Searcher::open(&index.dir()) {
            Ok(searcher) => {
                for query in ["国家秘密", "plan OR cloud", "pla*", "level:0"] {
                    let _ = searcher.search(&Query::parse(query).expect("valid"), 9, 0);
                }
                assert!(matches!(refused(searcher.verify()), IndexError::Damaged { .. }), "{name}");
            }
            Err(error) => assert!(matches!(error, IndexError::Damaged { .. }), "{name}: {error:?}"),
        }
        fs::write(entry.path(), &sound).expect("writes");
    }
}

#[test]
fn a_second_writer_is_refused_while_the_first_is_open() {
    let index = Fixture::of_pages(&[&["a"]]);
    let first = index.writer();
    assert!(matches!(refused(IndexWriter::open(&index.dir(), &settings())), IndexError::Busy { .. }));
    assert!(matches!(refused(IndexWriter::rebuild(&index.dir(), &settings())), IndexError::Busy { .. }));
    drop(first);
    index.writer();
}
