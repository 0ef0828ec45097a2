//! What the program says and keeps besides the text of documents holds nothing of their content: a word that stands in every
//! document turns up nowhere that it should not.
//!
//! By design it does stand in the pages that the catalog keeps (packed) and in the words of the index, which the README says; in
//! the output of `inspect --text`, and in snippets of a search for what stands beside it.

mod common;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Site, run};

const CANARY: &str = "zebrakanarie4711";

/// A PDF with one line of text.
fn pdf(text: &str) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
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
    out.extend(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").into_bytes());
    out
}

/// A share of which every document holds the canary: behind a marking, beside one, where nothing else stands, and in documents
/// that fail in every way.
fn site() -> Site {
    let site = Site::new("[limits]\npage_wall_seconds = 3\n");
    site.file("marked.txt", format!("TOP SECRET//SI//NOFORN {CANARY}\n{CANARY} 绝密★10年 {CANARY}\n"));
    site.file("plain.txt", format!("nothing but {CANARY}\n"));
    site.file("page.html", format!("<html><title>{CANARY}</title><p>机密★{CANARY}</p></html>"));
    site.file("text.pdf", pdf(&format!("SECRET//NOFORN {CANARY}")));
    let cut = pdf(CANARY);
    site.file("cut.pdf", &cut[..cut.len() - 60]);
    site.file("broken.png", [b"\x89PNG\r\n\x1a\n".as_slice(), CANARY.as_bytes()].concat());
    site.file("binary.bin", [&[0, 1, 2, 3], CANARY.as_bytes(), &[0xFF; 40]].concat());
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
    let verbs: [&[&str]; 14] = [
        &["sweep"],
        &["--verbose", "sweep"],
        &["--quiet", "retry"],
        &["--format", "table", "sweep"],
        &["findings", "--all"],
        &["--format", "csv", "findings", "--all"],
        &["--format", "table", "findings", "--all"],
        &["--format", "table", "explain", &marked],
        &["explain", &marked],
        &["inspect", &share],
        &["search", "--no-snippets", "nothing"],
        &["ready", "1"],
        &["status", "--events", "--check"],
        &["reclassify"],
    ];
    for verb in verbs {
        let mut command = site.command(verb);
        // Whatever can be asked of Rust and its libraries to talk.
        command.env("TMPDIR", temporary.path()).env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace");
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
}

fn rows(catalog: &rusqlite::Connection, query: &str) -> Vec<String> {
    let mut statement = catalog.prepare(query).expect("prepares");
    let rows = statement.query_map([], |row| row.get(0)).expect("answers");
    rows.map(|row| row.expect("a row")).collect()
}

#[test]
fn whatever_the_program_writes_is_for_its_owner_alone() {
    let site = site();
    let lists = site.dir.path().join("lists");
    std::fs::create_dir(&lists).expect("folder");
    // A generous umask must not matter.
    let generous = |arguments: &str| {
        let program = env!("CARGO_BIN_EXE_misfile");
        let (config, data) = (site.config(), site.data());
        let line = format!(
            "umask 000; exec '{program}' --quiet --config '{}' --data '{}' {arguments}",
            config.display(),
            data.display()
        );
        run(Command::new("sh").args(["-c", &line]))
    };
    generous("sweep");
    generous("index rebuild");
    let ready = generous(&format!("ready 1 --allow '{0}/allow' --deny '{0}/deny'", lists.display()));
    assert_ne!(ready.code, 2, "{}", ready.stderr);
    let written: Vec<PathBuf> = files(&site.data()).into_iter().chain(files(&lists)).collect();
    assert!(written.len() > 5, "{written:?}");
    for path in written {
        let mode = std::fs::metadata(&path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    }
    let folder = std::fs::metadata(site.data()).expect("there");
    assert_eq!(folder.mode() & 0o777, 0o700);
}
