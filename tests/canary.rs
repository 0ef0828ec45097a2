//! What the program says and keeps besides the text of documents holds nothing of their content: a word that stands in every
//! document turns up nowhere that it should not.
//!
//! By design it does stand in the pages that the catalog keeps (packed) and in the words of the index, which the README says; in
//! the output of `inspect --text`, and in snippets of a search for what stands beside it.

mod common;

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Site, run};

const CANARY: &str = "zebrakanarie4711";

/// Lines of which the canary is a part where rules look closely: a code word, a holder, an authority, a term, a number.
const MARKINGS: [&str; 16] = [
    "TOP SECRET//SI-CANARY//NOFORN",
    "SECRET//REL TO USA, CANARY",
    "COSMIC TOP SECRET CANARY",
    "UK SECRET CANARY EYES ONLY",
    "CUI//SP-CANARY//NOFORN",
    "(S//CANARY) paragraph",
    "TLP:AMBER+CANARY",
    "SECRET: CANARY",
    "Classified By: CANARY",
    "Derived From: CANARY",
    "CANARY Company Confidential",
    "机密★CANARY",
    "CANARY★绝密",
    "编号:CANARY 密级:机密",
    "CANARY商业秘密",
    "仅限CANARY内部使用",
];

/// A PDF with one line of text, and the canary wherever a PDF names something: title, attachment, layer, field, note.
fn pdf(text: &str) -> Vec<u8> {
    let content = format!("/OC /L0 BDC BT /F1 12 Tf 72 720 Td ({text}) Tj ET EMC");
    let objects = [
        format!(
            "<< /Type /Catalog /Pages 2 0 R /Lang ({CANARY}) /Names << /EmbeddedFiles << /Names [({CANARY}) 7 0 R] >> >>
             /OCProperties << /OCGs [8 0 R] /D << >> >> /AcroForm << /Fields [10 0 R] >> >>"
        ),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [9 0 R 10 0 R]
         /Resources << /Properties << /L0 8 0 R >> /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        format!("<< /Title ({CANARY}) /Author ({CANARY}) >>"),
        "<< /Type /Filespec /F (annex.txt) /EF << /F 11 0 R >> >>".to_string(),
        format!("<< /Type /OCG /Name ({CANARY}) >>"),
        format!(
            "<< /Type /Annot /Subtype /FreeText /Rect [10 10 300 40] /Contents (SECRET//{CANARY}) /DA (/F1 9 Tf) >>"
        ),
        format!("<< /Type /Annot /Subtype /Widget /FT /Tx /T ({CANARY}) /V (SECRET//{CANARY}) /Rect [10 50 300 90] >>"),
        format!("<< /Length {} >>\nstream\n{CANARY}\nendstream", CANARY.len()),
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).into_bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).into_bytes());
    places.iter().for_each(|place| out.extend(format!("{place:010} 00000 n \n").into_bytes()));
    let size = places.len() + 1;
    out.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF\n").into_bytes(),
    );
    out
}

/// A share of which every document holds the canary: behind a marking, beside one, where nothing else stands, and in
/// documents that fail in every way. It is a password too.
fn site() -> Site {
    let site = Site::new("[limits]\npage_wall_seconds = 3\n[read]\npasswords_file = \"passwords\"\n");
    let passwords = site.dir.path().join("passwords");
    std::fs::write(&passwords, format!("{CANARY}\n")).expect("written");
    std::fs::set_permissions(&passwords, Permissions::from_mode(0o600)).expect("ours");
    for (number, marking) in MARKINGS.iter().enumerate() {
        // Rules for English look at capitals.
        site.file(&format!("line{number}.txt"), marking.replace("CANARY", &CANARY.to_uppercase()));
    }
    site.file("charset.html", [b"<meta charset=\"", CANARY.as_bytes(), b"\">", &[0xE4; 40]].concat());
    site.file("mail.eml", format!("From: {CANARY}@example.org\nSubject: {CANARY}\nMIME-Version: 1.0\n\n{CANARY}\n"));
    site.file("marked.txt", format!("TOP SECRET//SI//NOFORN {CANARY}\n{CANARY} 绝密★10年 {CANARY}\n"));
    site.file("plain.txt", format!("nothing but {CANARY}\n"));
    site.file("page.html", format!("<html><title>{CANARY}</title><p>机密★{CANARY}</p></html>"));
    site.file("text.pdf", pdf(&format!("SECRET//NOFORN {CANARY}")));
    let cut = pdf(CANARY);
    site.file("cut.pdf", &cut[..cut.len() - 60]);
    site.file("broken.png", [b"\x89PNG\r\n\x1a\n".as_slice(), CANARY.as_bytes()].concat());
    site.file("binary.bin", [&[0, 1, 2, 3], CANARY.as_bytes(), &[0xFF; 40]].concat());
    site.file("opening.fail", format!("%MISFILE-FAIL\npages 1\n0 panic {CANARY}\n"));
    site.file("order.fail", format!("%MISFILE-FAIL\npages {CANARY}\n"));
    for order in ["panic", "crash", "hang", "memory", "garbage"] {
        site.file(&format!("{order}.fail"), format!("%MISFILE-FAIL\npages 2\n1 text {CANARY}\n2 {order} {CANARY}\n"));
    }
    site
}

/// Where the canary sits in some bytes: in their own encoding, or in UTF-16.
fn holds(bytes: &[u8]) -> bool {
    let wide: Vec<u8> = CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let lower = bytes.to_ascii_lowercase();
    [CANARY.as_bytes(), &wide].iter().any(|canary| lower.windows(canary.len()).any(|window| window == *canary))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn nothing_that_is_said_at_any_level_of_talk_quotes_a_document() {
    let site = site();
    let temporary = tempfile::tempdir().expect("temporary folder");
    let marked = site.share().join("marked.txt").display().to_string();
    let share = site.share().display().to_string();
    let pdf = site.share().join("text.pdf").display().to_string();
    let verbs: [&[&str]; 19] = [
        &["sweep"],
        &["--verbose", "sweep"],
        &["--quiet", "retry"],
        &["--format", "table", "sweep"],
        &["findings", "--all"],
        &["--format", "csv", "findings", "--all"],
        &["--format", "table", "findings", "--all"],
        &["--format", "table", "explain", &marked],
        &["explain", &marked],
        &["explain", &pdf],
        &["--format", "table", "explain", &pdf],
        &["inspect", &share],
        &["search", "--no-snippets", "nothing"],
        &["ready", "1"],
        &["status", "--events", "--check"],
        &["reclassify"],
        &["findings", "--new-since"],
        &["index", "rebuild"],
        &["doctor"],
    ];
    for verb in verbs {
        let mut command = site.command(verb);
        // Whatever can be asked of Rust and its libraries to talk.
        command
            .current_dir(site.dir.path())
            .env("TMPDIR", temporary.path())
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace");
        let said = run(&mut command);
        assert_ne!(said.code, 2, "{verb:?}: {}", said.stderr);
        assert!(!holds(said.stdout.as_bytes()), "{verb:?} says it:\n{}", said.stdout);
        assert!(!holds(said.stderr.as_bytes()), "{verb:?} says it:\n{}", said.stderr);
    }
    assert_eq!(files(temporary.path()), Vec::<PathBuf>::new(), "temporary files stay");
    let cores: Vec<PathBuf> = files(site.dir.path())
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("core")))
        .collect();
    assert_eq!(cores, Vec::<PathBuf>::new());
    // The test itself can see it: asked for the text, the program shows it.
    assert!(holds(site.run(&["inspect", "--text", &marked]).stdout.as_bytes()));
}

#[test]
fn of_what_is_kept_only_pages_and_the_index_hold_text() {
    let site = site();
    site.sweep();
    let catalog = rusqlite::Connection::open(site.data().join("catalog.sqlite")).expect("open");
    let tables: Vec<String> = rows(&catalog, "SELECT name FROM sqlite_master WHERE type = 'table'");
    assert!(tables.contains(&"finding".to_owned()) && tables.contains(&"fault".to_owned()), "{tables:?}");
    for table in tables.iter().filter(|table| *table != "page") {
        let columns = rows(&catalog, &format!("SELECT name FROM pragma_table_info('{table}')"));
        for column in columns {
            let query = format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\"");
            let mut statement = catalog.prepare(&query).expect("prepares");
            let mut values = statement.query([]).expect("answers");
            while let Some(row) = values.next().expect("a row") {
                let value: Option<Vec<u8>> = row.get(0).expect("bytes");
                assert!(!value.is_some_and(|value| holds(&value)), "{table}.{column}");
            }
        }
    }
    // The pages do hold it, as the README says: one version byte stands before what is packed.
    let mut statement = catalog.prepare("SELECT body FROM page").expect("prepares");
    let bodies = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("answers");
    let plain = |body: Vec<u8>| zstd::stream::decode_all(&body[1..]).expect("a packed page");
    assert!(bodies.map(|body| plain(body.expect("a body"))).any(|page| holds(&page)));
}

/// Not a test of its own: what the next one starts as a process.
#[test]
#[ignore = "it fails, as it should"]
fn a_bug_cuts_a_text_in_the_middle_of_a_character() {
    misfile::cli::withhold_panic_messages();
    let text = format!("机密 {CANARY}");
    let middle = text.find('密').expect("it is there") + 1;
    assert!(!text[middle..].is_empty());
}

#[test]
fn a_bug_says_where_it_is_and_not_what_it_stumbled_over() {
    assert!(include_str!("../src/main.rs").contains("{\n    cli::withhold_panic_messages();"), "main does it first");
    let bug = "a_bug_cuts_a_text_in_the_middle_of_a_character";
    let program = std::env::current_exe().expect("this test");
    let said =
        run(Command::new(program).args(["--ignored", "--exact", "--nocapture", bug]).env("RUST_BACKTRACE", "full"));
    assert!(said.stderr.contains("a bug at tests/canary.rs:"), "{}", said.stderr);
    assert!(!holds(said.stderr.as_bytes()) && !holds(said.stdout.as_bytes()), "{}{}", said.stdout, said.stderr);
}

fn rows(catalog: &rusqlite::Connection, query: &str) -> Vec<String> {
    let mut statement = catalog.prepare(query).expect("prepares");
    let rows = statement.query_map([], |row| row.get(0)).expect("answers");
    rows.map(|row| row.expect("a row")).collect()
}

/// Every file and folder below one: whether it is a folder, and its permissions. What is removed meanwhile is left out.
fn modes(folder: &Path, into: &mut BTreeMap<PathBuf, (bool, u32)>) {
    let Ok(found) = std::fs::symlink_metadata(folder) else { return };
    into.insert(folder.to_owned(), (found.is_dir(), found.permissions().mode() & 0o7777));
    if found.is_dir() {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.for_each(|entry| modes(&entry.path(), into));
    }
}

#[test]
fn whatever_the_program_writes_is_for_its_owner_alone() {
    let site = site();
    let lists = site.dir.path().join("lists");
    std::fs::create_dir(&lists).expect("folder");
    let mut seen = BTreeMap::new();
    // A generous umask must not matter, nor at which instant somebody looks.
    let mut generous = |arguments: &str| {
        let program = env!("CARGO_BIN_EXE_misfile");
        let (config, data) = (site.config(), site.data());
        let line = format!(
            "umask 000; exec '{program}' --quiet --config '{}' --data '{}' {arguments}",
            config.display(),
            data.display()
        );
        let mut running = Command::new("sh").args(["-c", &line]).stdout(Stdio::null()).spawn().expect("started");
        loop {
            let ended = running.try_wait().expect("ours");
            modes(&data, &mut seen);
            if let Some(status) = ended {
                assert!([Some(0), Some(10)].contains(&status.code()), "{arguments}: {status}");
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        // The folder of the lists is the test's own.
        for list in files(&lists) {
            modes(&list, &mut seen);
        }
    };
    generous("sweep");
    generous("index rebuild");
    generous(&format!("ready 1 --allow '{0}/allow' --deny '{0}/deny'", lists.display()));
    let names: Vec<_> = seen.keys().filter_map(|path| path.file_name()).collect();
    // What SQLite writes beside the catalog was there to be seen.
    for name in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm", "meta.json", "allow", "deny"] {
        assert!(names.iter().any(|one| *one == name), "{name} is not among {names:?}");
    }
    for (path, (folder, mode)) in &seen {
        let private = if *folder { 0o700 } else { 0o600 };
        assert_eq!(*mode, private, "{} has mode {mode:o}", path.display());
    }
}
