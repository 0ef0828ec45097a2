//! Databases made by SQLite itself, in memory, and damaged by hand.

use rusqlite::Connection;

use crate::finding::FaultReason;
use crate::format::test_support::{fixture, members, open, settings, texts};

/// The file of a database in which these statements were run.
fn database(statements: &str, bytes: &[&[u8]]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.db");
    let connection = Connection::open(&path).expect("opens");
    connection.execute_batch(statements).expect("runs");
    for value in bytes {
        connection.execute("INSERT INTO files VALUES (?1)", [value]).expect("inserts");
    }
    connection.close().expect("closes");
    std::fs::read(&path).expect("reads")
}

fn read(file: &[u8]) -> Vec<(String, String)> {
    let settings = settings();
    let document = open(file, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    texts(document.as_ref()).into_iter().map(|(label, text)| (label.expect("named"), text)).collect()
}

#[test]
fn tables_are_parts_and_rows_are_lines() {
    let file = database(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, \"full name\" TEXT, share REAL, CHECK (id > 0));
         INSERT INTO people VALUES (13812345678, '机密', 0.5), (2, 'two', NULL);
         CREATE TABLE pairs (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
         INSERT INTO pairs VALUES ('x', -70000), ('y', 1);
         CREATE TABLE blank (a); CREATE VIEW seen AS SELECT 'Top Secret';",
        &[],
    );
    let parts = read(&file);
    let part = |label: &str| parts.iter().find(|part| part.0 == label).map(|part| part.1.as_str());
    assert_eq!(part("table \"people\""), Some("id\tfull name\tshare\n2\ttwo\t\n13812345678\t机密\t0.5\n"));
    assert_eq!(part("table \"pairs\""), Some("a\tb\nx\t-70000\ny\t1\n"));
    assert_eq!(part("table \"blank\""), None);
    assert!(part("schema").is_some_and(|schema| schema.contains("Top Secret")));
}

#[test]
fn large_tables_long_values_and_other_encodings_are_read() {
    for encoding in ["UTF-8", "UTF-16le", "UTF-16be"] {
        let file = database(
            &format!(
                "PRAGMA encoding = '{encoding}'; PRAGMA page_size = 512; CREATE TABLE t (a, b);
                 WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000)
                 INSERT INTO t SELECT '绝密 ' || x, replace(hex(zeroblob(x / 2)), '0', 'z') FROM n;
                 CREATE TABLE w (a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w SELECT a, b FROM t;"
            ),
            &[],
        );
        let text: String = read(&file).into_iter().map(|(_, text)| text).collect();
        for number in [1, 1500, 3000] {
            let row = format!("绝密 {number}\t{}\n", "z".repeat(number / 2 * 2));
            assert_eq!(text.matches(&row).count(), 2, "{encoding}: {number}");
        }
    }
}

#[test]
fn files_in_values_are_documents_inside() {
    let picture = fixture("rgb.png");
    let noise: Vec<u8> = (0..600_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let values = [picture.as_slice(), &noise, "绝密计划的文本".as_bytes(), &noise[..32]];
    let file = database("CREATE TABLE files (f BLOB)", &values);
    let settings = settings();
    let document = open(&file, &settings).expect("opens");
    assert!(document.has_members());
    let expected = [("files-1.png".to_owned(), Ok(picture)), ("files-2.bin".to_owned(), Ok(noise))];
    assert_eq!(members(document.as_ref()), expected);
    assert_eq!(read(&file)[0].1, "f\n\n\n绝密计划的文本\n\n");
}

#[test]
fn a_damaged_database_is_read_as_far_as_it_goes() {
    let rows = "CREATE TABLE t (a); WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 9000)
        INSERT INTO t SELECT 'row ' || x FROM n;";
    let whole = database(rows, &[]);
    let settings = settings();
    for file in [&whole[..whole.len() - 3000], &whole[..whole.len() / 2]] {
        let document = open(file, &settings).expect("opens");
        assert_eq!(document.faults()[0].reason, FaultReason::Damaged);
        assert!(texts(document.as_ref())[0].1.contains("row 5\n"));
    }
    let mut loops = whole.clone();
    // Every page below the root of the table becomes that root.
    let root = 4096;
    for at in (root + 12..root + 400).step_by(4) {
        loops[at..at + 4].copy_from_slice(&2_u32.to_be_bytes());
    }
    assert!(!open(&loops, &settings).expect("opens").faults().is_empty());
    for step in 1..60 {
        let mut broken = whole.clone();
        broken.iter_mut().skip(20).step_by(step * 7).for_each(|byte| *byte ^= 0x55);
        let _ = open(&broken, &settings).map(|document| document.page_count());
    }
}

#[test]
fn text_and_values_over_the_limits_are_faults() {
    let file = database("CREATE TABLE t (a); INSERT INTO t VALUES ('a long value of a table'), ('another');", &[]);
    let mut settings = settings();
    settings.limits.content_text_bytes = 20;
    assert_eq!(open(&file, &settings).expect("opens").faults()[0].reason, FaultReason::Limit);
    settings = self::settings();
    settings.limits.unpacked_bytes = 20;
    let faults = open(&file, &settings).expect("opens").faults();
    assert!(faults.iter().any(|fault| fault.detail.contains("limits.unpacked_bytes = 20")), "{faults:?}");
}

#[test]
fn entries_of_the_schema_over_the_limit_are_a_fault_that_names_it_and_those_before_it_are_read() {
    let file = database(
        "CREATE TABLE a (x); INSERT INTO a VALUES ('first'); CREATE TABLE b (x); CREATE VIEW c AS SELECT 1;",
        &[],
    );
    let mut settings = settings();
    settings.limits.database_tables = 3;
    assert_eq!(open(&file, &settings).expect("opens").faults(), []);
    settings.limits.database_tables = 2;
    let document = open(&file, &settings).expect("opens");
    let faults = document.faults();
    assert!(matches!(&faults[..], [fault] if fault.reason == FaultReason::Limit), "{faults:?}");
    assert!(faults[0].detail.contains("limits.database_tables = 2"), "{faults:?}");
    assert_eq!(texts(document.as_ref())[0].1, "x\nfirst\n");
}

#[test]
fn a_database_with_a_log_beside_it_is_read() {
    let mut file = database("CREATE TABLE t (a); INSERT INTO t VALUES ('kept');", &[]);
    file[18..20].copy_from_slice(&[2, 2]);
    assert_eq!(read(&file)[0].1, "a\nkept\n");
}

#[test]
fn rows_that_were_deleted_and_are_still_there_are_read() {
    let rows = "PRAGMA secure_delete = 0; CREATE TABLE t (a TEXT, b TEXT, c INTEGER);
        INSERT INTO t VALUES ('kept', 'public', 1), ('plan', 'TOP SECRET', 2), ('绝密', '作战计划的内容', 3), ('last', 'row', 4);
        DELETE FROM t WHERE c IN (2, 3);";
    let deleted = |parts: Vec<(String, String)>| -> String {
        parts.into_iter().filter(|part| part.0 == "deleted rows").map(|part| part.1).collect()
    };
    let found = deleted(read(&database(rows, &[])));
    assert!(found.contains("\tTOP SECRET\n") || found.contains("plan\tTOP SECRET"), "{found}");
    assert!(found.contains("作战计划的内容"), "{found}");
    // A whole table: its pages are free.
    let dropped = database(
        "PRAGMA secure_delete = 0; CREATE TABLE t (a, b); CREATE TABLE u (a); INSERT INTO u VALUES ('kept');
         WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000) INSERT INTO t SELECT '绝密 ' || x, x FROM n;
         DROP TABLE t;",
        &[],
    );
    let found = deleted(read(&dropped));
    // The page that lists the free ones has lost its head.
    let whole = (1..=2000).filter(|number| found.contains(&format!("绝密 {number}\t{number}\n"))).count();
    assert!(whole > 1500, "{whole}");
    assert_eq!(deleted(read(&database("CREATE TABLE t (a); INSERT INTO t VALUES ('kept');", &[]))), "");
}

#[test]
fn a_log_beside_a_database_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.db");
    let connection = Connection::open(&path).expect("opens");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (a, b); INSERT INTO t VALUES ('绝密计划', 13812345678);",
        )
        .expect("runs");
    let log = std::fs::read(folder.path().join("made.db-wal")).expect("a log");
    drop(connection);
    let parts = read(&log);
    assert_eq!(parts[0].0, "log");
    assert!(parts[0].1.contains("绝密计划\t13812345678\n"), "{}", parts[0].1);
    assert!(open(&log[..10], &settings()).is_err());
}

#[test]
fn files_packed_into_the_text_of_a_cell_are_handed_out() {
    let packed = "5py65a+G5paH5Lu2".repeat(10);
    let text = "机密文件".repeat(10).into_bytes();
    let digits: String = text.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
    let file = database(
        &format!(
            "CREATE TABLE t (a); INSERT INTO t VALUES ('{digits}'), ('{packed}'), ('{{\"img\": \"{packed}\"}}'), \
             ('data:text/plain;base64,{packed}');"
        ),
        &[],
    );
    let settings = settings();
    let document = open(&file, &settings).expect("opens");
    assert!(document.has_members());
    let names = ["base64-1.txt", "base64-2.txt", "base64-3.txt", "hex-1.txt"];
    assert_eq!(members(document.as_ref()), names.map(|name| (name.to_owned(), Ok(text.clone()))));
}

#[test]
fn text_that_was_zeroed_is_a_fault_and_the_rest_is_read() {
    let mut file = database("CREATE TABLE t (a); INSERT INTO t VALUES ('one TOP SECRET plan'), ('two');", &[]);
    let at = file.windows(10).position(|window| window == b"TOP SECRET").expect("there");
    file[at..at + 10].fill(0);
    let settings = settings();
    let document = open(&file, &settings).expect("opens");
    assert_eq!(document.faults().into_iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Damaged]);
    assert!(texts(&*document)[0].1.contains("two"));
}
