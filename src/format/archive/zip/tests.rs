//! Archives by the library's writer, and by hand where it writes none like that.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

use super::super::ZIP;
use super::super::test_support::{Held, held, held_with, passwords};
use crate::config::Settings;
use crate::document::Remark;
use crate::finding::FaultReason;
use crate::format::test_support::fixture;

const MARKED: &str = "TOP SECRET//SI//NOFORN\n";

/// A ZIP of these members, packed by one method.
fn written(method: CompressionMethod, members: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(method);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in members {
        writer.start_file(*name, options).expect("starts");
        writer.write_all(data).expect("writes");
    }
    writer.finish().expect("ends").into_inner()
}

fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
    written(CompressionMethod::Stored, members)
}

/// A member by hand, whose name is any bytes, and an extra field.
struct Raw<'r> {
    name: &'r [u8],
    data: &'r [u8],
    extra: &'r [u8],
    comment: &'r [u8],
    mode: u32,
    method: u16,
}

impl<'r> Raw<'r> {
    fn of(name: &'r [u8], data: &'r [u8]) -> Self {
        Self { name, data, extra: b"", comment: b"", mode: 0o100_644, method: 0 }
    }
}

/// A ZIP of stored members by hand, and a comment.
fn raw(members: &[Raw<'_>], about: &[u8]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for Raw { name, data, extra, comment, mode, method } in members {
        let (length, extra_length) = ((name.len() as u16).to_le_bytes(), (extra.len() as u16).to_le_bytes());
        let size = (data.len() as u32).to_le_bytes();
        let fields = [
            b"\x14\0\0\0".as_slice(),
            &method.to_le_bytes(),
            &[0; 4],
            &crc32fast::hash(data).to_le_bytes(),
            &size,
            &size,
            &length,
            &extra_length,
        ]
        .concat();
        let offset = (bytes.len() as u32).to_le_bytes();
        let mode = (mode << 16).to_le_bytes();
        let comment_length = (comment.len() as u16).to_le_bytes();
        directory.extend(
            [b"PK\x01\x02\x14\x03".as_slice(), &fields, &comment_length, &[0; 4], &mode, &offset, name, extra, comment]
                .concat(),
        );
        bytes.extend([b"PK\x03\x04".as_slice(), &fields, name, extra, data].concat());
    }
    let count = (members.len() as u16).to_le_bytes();
    let (size, offset) = ((directory.len() as u32).to_le_bytes(), (bytes.len() as u32).to_le_bytes());
    bytes.extend(directory);
    let length = (about.len() as u16).to_le_bytes();
    bytes.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size, &offset, &length, about].concat());
    bytes
}

fn opened(bytes: &[u8]) -> Held {
    held(&ZIP, bytes, &[]).expect("opens")
}

#[test]
fn every_method_gives_the_same_bytes() {
    let long = MARKED.repeat(5000);
    let methods = [
        CompressionMethod::Stored,
        CompressionMethod::Deflated,
        CompressionMethod::Bzip2,
        CompressionMethod::Zstd,
        CompressionMethod::Xz,
        CompressionMethod::Ppmd,
    ];
    for method in methods {
        let archive = opened(&written(method, &[("a.txt", long.as_bytes()), ("empty", b"")]));
        assert_eq!(archive.list(), [("a.txt", long.clone()), ("empty", String::new())], "{method}");
        assert_eq!((archive.faults, archive.pages.len()), (vec![], 0), "{method}");
    }
}

#[test]
fn a_method_that_nothing_unpacks_is_unsupported() {
    let iwork = Raw { method: 25_452, ..Raw::of(b"index.xml", b"x") };
    assert_eq!(opened(&raw(&[iwork], b"")).list(), [("index.xml", "encrypted".to_owned())]);
    let locked = held(&ZIP, &stored(&[(".iwpv2", b"x"), ("Index/Document.iwa", b"x")]), &[]).map(|_| ());
    assert_eq!(locked.expect_err("locked").reason, FaultReason::Encrypted);
    let archive = opened(&raw(&[Raw { method: 1, ..Raw::of(b"old.txt", b"x") }, Raw::of(b"a.txt", b"SECRET")], b""));
    assert_eq!(archive.list(), [("old.txt", "unsupported".to_owned()), ("a.txt", "SECRET".to_owned())]);
}

#[test]
fn what_the_archive_and_its_members_say_of_themselves_is_a_page() {
    let gbk = encoding_rs::GBK.encode("机密★10年 内部资料").0.into_owned();
    let archive = opened(&raw(&[Raw { comment: b"CONFIDENTIAL", ..Raw::of(b"a", b"x") }], &gbk));
    let page = |label: &str, text: &str| (Some(label.to_owned()), text.to_owned());
    assert_eq!(
        archive.pages,
        [page("archive comment", "机密★10年 内部资料"), page("comments of members", "CONFIDENTIAL\n")]
    );
}

#[test]
fn names_are_handed_on_in_whatever_they_are_written() {
    let gbk = |name: &str| encoding_rs::GBK.encode(name).0.into_owned();
    let (folder, secret) = (gbk("会议纪要/"), gbk("会议纪要/绝密文件.txt"));
    let mut field = vec![1];
    field.extend(crc32fast::hash(b"plain.txt").to_le_bytes());
    field.extend("机密.txt".as_bytes());
    let extra = [&0x7075_u16.to_le_bytes()[..], &(field.len() as u16).to_le_bytes(), &field].concat();
    let long = [b'n'; 65_535];
    let archive = opened(&raw(
        &[
            Raw::of(&folder, b""),
            Raw::of(&secret, b"1"),
            Raw { extra: &extra, ..Raw::of(b"plain.txt", b"2") },
            Raw::of(b"../../etc/TOP SECRET", b"3"),
            Raw::of(b"C:\\x\0\x1b.txt", b"4"),
            Raw::of(b"", b"5"),
            Raw::of(&long, b"6"),
            Raw::of(b"twice", b"7"),
            Raw::of(b"twice", b"8"),
        ],
        b"",
    ));
    let names: Vec<&str> = archive.members.iter().map(|(name, _)| name.as_str()).collect();
    let long = "n".repeat(65_535);
    let expected = [
        "会议纪要/绝密文件.txt",
        "机密.txt",
        "../../etc/TOP SECRET",
        "C:/x\0\x1b.txt",
        "member 5",
        &long,
        "twice",
        "twice",
    ];
    assert_eq!(names, expected);
    assert_eq!(archive.list()[7].1, "8");
}

#[test]
fn a_name_that_only_a_members_own_header_has_is_handed_on() {
    let of = |own: &[u8], listed: &[u8]| {
        let mut bytes = raw(&[Raw::of(own, b"x"), Raw::of(b"b.txt", b"y")], b"");
        let at = bytes.windows(4).position(|four| four == b"PK\x01\x02").expect("there") + 46;
        bytes[at..at + own.len()].copy_from_slice(listed);
        opened(&bytes).members.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(of("绝密.docx".as_bytes(), b"harmle.docx"), ["绝密/harmle.docx", "b.txt"]);
    let gbk = encoding_rs::GBK.encode("会议/绝密文件.docx").0.into_owned();
    assert_eq!(of(&gbk, &b"a-harmless-name.docx"[..gbk.len()])[0].split('/').nth(1), Some("绝密文件"));
    // The other stroke between folders, and a header without a name.
    assert_eq!(of(b"a/b.txt", b"a\\b.txt")[0], "a/b.txt");
    assert_eq!(of(b"\0\0\0\0\0", b"a.txt")[0], "a.txt");
}

#[test]
fn folders_are_no_members_and_links_and_what_came_through_a_pipe_are() {
    let archive = opened(&raw(
        &[
            Raw { mode: 0o120_777, ..Raw::of(b"link", b"target") },
            Raw { mode: 0o40_755, ..Raw::of(b"folder/", b"") },
            Raw { mode: 0o10_600, ..Raw::of(b"-", b"SECRET") },
            Raw { mode: 0o120_777, ..Raw::of(b"no link", &[b'x'; 5000]) },
        ],
        b"",
    ));
    assert_eq!(
        archive.members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["link (link)", "-", "no link (link)"]
    );
}

#[test]
fn members_in_members_are_handed_out_as_they_are() {
    let inner = stored(&[("secret.txt", MARKED.as_bytes())]);
    let archive = opened(&written(CompressionMethod::Deflated, &[("inner.zip", &inner)]));
    let (_, bytes) = &archive.members[0];
    assert_eq!(opened(bytes.as_ref().expect("whole")).list(), [("secret.txt", MARKED.to_owned())]);
}

#[test]
fn known_passwords_open_both_ciphers_and_without_them_it_is_encrypted() {
    let options = SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, "kiesel");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["a.txt", "b.txt"] {
        writer.start_file(name, options).expect("starts");
        writer.write_all(MARKED.repeat(20).as_bytes()).expect("writes");
    }
    let aes = writer.finish().expect("ends").into_inner();
    for bytes in [aes, fixture("zipcrypto.zip")] {
        let wrong: Vec<String> = (0..99).map(|number| format!("wrong {number}")).collect();
        let mut lines: Vec<&str> = wrong.iter().map(String::as_str).collect();
        let closed = held(&ZIP, &bytes, &lines).expect("opens");
        assert!(closed.list().iter().all(|(_, said)| said == "encrypted"), "{:?}", closed.list());
        assert_eq!(closed.remarks, []);
        lines.push("kiesel");
        let open = held(&ZIP, &bytes, &lines).expect("opens");
        assert!(open.list().iter().all(|(_, said)| said.starts_with("TOP SECRET//SI")), "{:?}", open.list());
        assert_eq!(open.remarks, [Remark::KnownPassword]);
    }
}

#[test]
fn members_behind_too_many_wrong_passwords_are_encrypted_and_the_limit_is_named() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, password) in [("a.txt", "unknown"), ("b.txt", "kiesel")] {
        let options = SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, password);
        writer.start_file(name, options).expect("starts");
        writer.write_all(MARKED.as_bytes()).expect("writes");
    }
    let bytes = writer.finish().expect("ends").into_inner();
    let second = |tries: usize| {
        let mut settings = Settings::defaults();
        settings.limits.password_tries = tries;
        let known = passwords(&["wrong", "kiesel"]);
        held_with(&ZIP, &bytes, &known, &settings).expect("opens").members.swap_remove(1).1
    };
    // Two on the first member, and one more before the right one.
    assert_eq!(second(4), Ok(MARKED.as_bytes().to_vec()));
    let fault = second(2).expect_err("none is tried");
    assert_eq!(fault.reason, FaultReason::Encrypted, "a new password may open it as well");
    assert!(fault.detail.contains("limits.password_tries = 2"), "{fault}");
}

#[test]
fn a_member_with_a_wrong_check_sum_is_damaged_and_the_others_are_read() {
    let mut bytes = stored(&[("a", b"the first"), ("b", b"the other")]);
    let place = memchr::memmem::find(&bytes, b"first").expect("there");
    bytes[place] ^= 1;
    let archive = opened(&bytes);
    assert_eq!(archive.list(), [("a", "damaged".to_owned()), ("b", "the other".to_owned())]);
}

#[test]
fn what_is_in_no_directory_is_handed_out() {
    let (first, second) = (stored(&[("hidden.txt", MARKED.as_bytes())]), stored(&[("shown.txt", b"nothing")]));
    // Two archives, one behind the other: only the last is shown by anything.
    let archive = opened(&[first.as_slice(), &second].concat());
    assert_eq!(archive.list(), [("shown.txt", "nothing".to_owned()), ("hidden.txt", MARKED.to_owned())]);
    // A directory that lists less than there is.
    let both = raw(&[Raw::of(b"hidden.txt", MARKED.as_bytes()), Raw::of(b"shown.txt", b"nothing")], b"");
    let directory = memchr::memmem::find(&both, b"PK\x01\x02").expect("there");
    let mut short = [&both[..directory], &both[directory + 46 + 10..]].concat();
    let end = short.len() - 22;
    short[end + 8..end + 12].copy_from_slice(b"\x01\0\x01\0");
    let size = (end - directory) as u32;
    short[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    assert_eq!(opened(&short).list(), [("shown.txt", "nothing".to_owned()), ("hidden.txt", MARKED.to_owned())]);
}

#[test]
fn documents_before_and_behind_an_archive_are_handed_out() {
    let before = "a letter that stands before the archive and is TOP SECRET\n";
    let behind = "{\\rtf1 a document that stands behind it}\n";
    let bytes = [before.as_bytes(), &stored(&[("a", b"x")]), behind.as_bytes()].concat();
    let archive = opened(&bytes);
    assert_eq!(archive.members.len(), 3, "{:?}", archive.list());
    assert_eq!(archive.list()[1].1, before);
    assert_eq!(archive.list()[2].1, behind);
    assert_eq!(opened(&[stored(&[("a", b"x")]), vec![0; 3000]].concat()).members.len(), 1);
}

#[test]
fn of_an_archive_that_was_cut_the_members_are_read_and_it_is_damaged() {
    let long = vec![b'x'; 60_000];
    let whole = stored(&[("a.txt", MARKED.as_bytes()), ("b", &long), ("c", &long)]);
    let archive = opened(&whole[..90_000]);
    assert_eq!(archive.faults.iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Damaged]);
    assert_eq!(archive.members.len(), 3);
    assert_eq!(archive.list()[0].1, MARKED);
    assert!(archive.members[1].1.as_ref().is_ok_and(|bytes| *bytes == long));
    assert_eq!(archive.list()[2].1, "damaged");
}

#[test]
fn a_directory_that_says_another_number_or_breaks_off_is_damage() {
    let mut bytes = raw(&[Raw::of(b"a", b"SECRET"), Raw::of(b"b", b"x")], b"");
    let end = bytes.len() - 22;
    bytes[end + 10] = 3;
    let archive = opened(&bytes);
    assert_eq!((archive.members.len(), archive.faults.len()), (2, 1));
    bytes[end + 10] = 2;
    bytes[end + 4] = 1;
    assert_eq!(opened(&bytes).faults[0].reason, FaultReason::Unsupported, "one volume of several");
}

#[test]
fn entries_beyond_the_limit_are_a_fault_that_names_it() {
    let mut settings = Settings::defaults();
    settings.limits.archive_entries = 2;
    let bytes = stored(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let archive = held_with(&ZIP, &bytes, &passwords(&[]), &settings).expect("opens");
    assert_eq!(archive.faults[0].reason, FaultReason::Limit);
    assert!(archive.faults[0].detail.contains("limits.archive_entries = 2"), "{}", archive.faults[0]);
}

#[test]
fn marks_that_begin_no_member_cost_little_and_are_a_fault_beyond_the_limit() {
    let mut settings = Settings::defaults();
    let bytes = [b"PK\x03\x04".repeat(2 << 18).as_slice(), &stored(&[("a.txt", b"SECRET")])].concat();
    let started = std::time::Instant::now();
    let archive = held_with(&ZIP, &bytes, &passwords(&[]), &settings).expect("opens");
    assert_eq!(archive.list(), [("a.txt", "SECRET".to_owned())]);
    assert_eq!(archive.faults, []);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    settings.limits.archive_marks = 1000;
    let archive = held_with(&ZIP, &bytes, &passwords(&[]), &settings).expect("opens");
    assert_eq!(archive.faults.len(), 1, "{:?}", archive.faults);
    assert!(archive.faults[0].detail.contains("limits.archive_marks = 1000"), "{}", archive.faults[0]);
}

#[test]
fn a_link_is_a_file_with_its_target_in_it() {
    let link = Raw { mode: 0o120_777, ..Raw::of(b"link.pdf", b"this is a text that is TOP SECRET") };
    let expected = [("link.pdf (link)", "this is a text that is TOP SECRET".to_owned())];
    assert_eq!(opened(&raw(&[link], b"")).list(), expected);
}

#[test]
fn of_iwork_the_preview_and_pictures_are_members_and_the_text_is_a_fault() {
    let bytes = stored(&[
        ("Index/Document.iwa", b"\0packed"),
        ("Data/photo.jpg", b"picture"),
        ("QuickLook/Preview.pdf", b"preview"),
        ("Metadata/Properties.plist", b"bplist00"),
    ]);
    let archive = opened(&bytes);
    assert_eq!(
        archive.list(),
        [("Data/photo.jpg", "picture".to_owned()), ("QuickLook/Preview.pdf", "preview".to_owned())]
    );
    assert_eq!(archive.faults[0].reason, FaultReason::Unsupported);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(place in 0_usize..400, value in proptest::num::u8::ANY, cut in 0_usize..400) {
        let mut bytes = written(CompressionMethod::Deflated, &[("a.txt", MARKED.as_bytes()), ("b.txt", b"x")]);
        let (length, cut) = (bytes.len(), cut.min(bytes.len()));
        bytes[place % length] = value;
        let kind = crate::document::Kind::new("zip");
        for bytes in [&bytes[..], &bytes[..cut], &bytes[cut..]] {
            let (settings, known) = (Settings::defaults(), passwords(&[]));
            let context = super::super::Context { settings: &settings, passwords: &known };
            if let Ok(opened) = super::open(crate::format::test_support::source(bytes), &kind, context) {
                let mut collected = crate::format::test_support::Collected::default();
                let _ = crate::format::Document::members(&opened, &mut collected);
            }
        }
    }
}
