//! Archives by the `tar` library's writer, and by hand.

use super::super::TAR;
use super::super::test_support::{Held, held, held_with, passwords};
use super::*;
use crate::config::Settings;

fn opened(bytes: &[u8]) -> Held {
    held(&TAR, bytes, &[]).expect("opens")
}

/// A header by hand.
fn header(name: &[u8], kind: u8, size: usize, magic: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name);
    header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    header[156] = kind;
    header[257..257 + magic.len()].copy_from_slice(magic);
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

fn entry(name: &[u8], kind: u8, data: &[u8], magic: &[u8]) -> Vec<u8> {
    let mut bytes = [header(name, kind, data.len(), magic), data.to_vec()].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

#[test]
fn long_names_and_every_kind_of_entry_are_understood() {
    let long = format!("{}/机密.txt", "folder".repeat(40));
    let mut builder = tar::Builder::new(Vec::new());
    let mut add = |name: &str, kind: tar::EntryType, data: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_entry_type(kind);
        builder.append_data(&mut header, name, data).expect("appends");
    };
    add("d", tar::EntryType::Directory, b"");
    add(&long, tar::EntryType::Regular, b"SECRET");
    add("l", tar::EntryType::Symlink, b"");
    add("a.txt", tar::EntryType::Regular, &[b'x'; 1000]);
    let archive = opened(&builder.into_inner().expect("ends"));
    assert_eq!(archive.list(), [(long.as_str(), "SECRET".to_owned()), ("a.txt", "x".repeat(1000))]);
    assert_eq!(archive.faults, []);
}

#[test]
fn the_rest_of_a_member_of_another_volume_is_a_member_and_a_fault() {
    let bytes = [
        entry(b"label \xe6\x9c\xba\xe5\xaf\x86", b'V', b"", b"ustar  "),
        entry(b"a.txt", b'M', b"TOP SECRET", b"ustar  "),
    ];
    let archive = opened(&bytes.concat());
    assert_eq!(archive.list(), [("a.txt", "TOP SECRET".to_owned())]);
    assert_eq!(archive.pages, [(Some("label of the volume".to_owned()), "label 机密".to_owned())]);
    assert_eq!(archive.faults.iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Unsupported]);
    let labelled = opened(&entry(b"label", b'V', b"SECRET", b"ustar  "));
    assert_eq!(labelled.list(), [("label", "SECRET".to_owned())]);
    assert_eq!(labelled.faults, []);
}

#[test]
fn the_oldest_format_names_in_pax_and_names_in_chinese_are_read() {
    let gbk = encoding_rs::GBK.encode("会议纪要/绝密文件.txt").0.into_owned();
    let pax = "24 path=very/long/名.txt\n";
    let pax = format!("{} path=very/long/名.txt\n", pax.len() + 1 - 1);
    let bytes = [
        entry(b"old.txt", 0, b"CONFIDENTIAL", b""),
        entry(b"old/", 0, b"", b""),
        entry(&gbk, b'0', b"SECRET", b"ustar\x0000"),
        entry(b"pax", b'x', pax.as_bytes(), b"ustar\x0000"),
        entry(b"short", b'0', b"TOP SECRET", b"ustar\x0000"),
        vec![0; 1024],
    ];
    let archive = opened(&bytes.concat());
    let expected =
        [("old.txt", "CONFIDENTIAL"), ("会议纪要/绝密文件.txt", "SECRET"), ("very/long/名.txt", "TOP SECRET")];
    assert_eq!(archive.list(), expected.map(|(name, text)| (name, text.to_owned())));
}

/// A record of pax.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let length = (1..9).map(|digits| rest.len() + digits).find(|all| all.to_string().len() + rest.len() == *all);
    format!("{}{rest}", length.expect("found"))
}

#[test]
fn comments_behind_very_many_members_are_a_document_inside() {
    let magic = b"ustar\x0000";
    let first = entry(b"g", b'g', record("comment", "first").as_bytes(), magic);
    let many = entry(b"a", b'0', b"1", magic).repeat(usize::try_from(COMMENTED).expect("few"));
    let last = record("comment", "first") + &record("SCHILY.xattr.user.comment", "TOP SECRET");
    let last = [entry(b"x", b'x', last.as_bytes(), magic), entry(b"b", b'0', b"2", magic)].concat();
    let archive = opened(&[first, many, last].concat());
    assert_eq!(archive.pages, [(Some("comments of members".to_owned()), "first\n".to_owned())]);
    let list = archive.list();
    assert_eq!(list[list.len() - 2..], [("b", "2".to_owned()), ("comments of members.txt", "TOP SECRET\n".to_owned())]);
    assert_eq!(archive.faults, []);
}

#[test]
fn comments_over_the_limit_are_not_held_in_memory_and_a_fault() {
    let magic = b"ustar\x0000";
    let said = |number: usize| entry(b"g", b'g', record("comment", &format!("{number:0400}")).as_bytes(), magic);
    let bytes = [(0..5).flat_map(said).collect(), entry(b"a", b'0', b"1", magic)].concat();
    let mut settings = Settings::defaults();
    settings.limits.content_text_bytes = 1000;
    let archive = held_with(&TAR, &bytes, &passwords(&[]), &settings).expect("opens");
    assert_eq!(archive.list(), [("a", "1".to_owned()), ("comments of members", "limit".to_owned())]);
    let fault = archive.members[1].1.as_ref().expect_err("too many");
    assert!(fault.detail.contains("limits.content_text_bytes = 1000"), "{fault}");
    let source = crate::format::test_support::source(&bytes);
    let kept = super::said(Headers::of(&source), 1000);
    assert_eq!(kept.iter().map(Vec::len).sum::<usize>(), 800);
}

#[test]
fn what_of_a_header_of_pax_is_not_read_is_a_fault() {
    let magic = b"ustar\x0000";
    let long = record("mtime", &"1".repeat(1 << 20)) + &record("comment", "TOP SECRET");
    let broken = record("mtime", "1") + "x comment=TOP SECRET\n";
    for (records, reason) in [(long, "limit"), (broken, "damaged"), (record("mtime", "1") + "\0\0", "")] {
        for kind in *b"gx" {
            let bytes = [entry(b"pax", kind, records.as_bytes(), magic), entry(b"a", b'0', b"1", magic)].concat();
            let archive = opened(&bytes);
            let list = archive.list();
            let faults: Vec<&str> = list[1..].iter().map(|member| member.1.as_str()).collect();
            assert_eq!((list[0].0, faults.concat().as_str()), ("a", reason));
        }
    }
}

#[test]
fn an_error_of_reading_leaves_the_comments_before_it() {
    let magic = b"ustar\x0000";
    let said = record("comment", "TOP SECRET") + &record("size", &(1_u64 << 62).to_string());
    let bytes = [entry(b"x", b'x', said.as_bytes(), magic), header(b"a", b'0', 0, magic)].concat();
    // The memory of this process as a file: what would stand behind the member is none of it.
    let file = std::fs::File::open("/proc/self/mem").expect("opens").into();
    let source = Source { file, position: 0, size: u64::MAX };
    // Members begin at multiples of a block.
    let mut memory = vec![0_u8; bytes.len() + 512];
    let first = memory.as_ptr().addr().next_multiple_of(512) - memory.as_ptr().addr();
    memory[first..first + bytes.len()].copy_from_slice(&bytes);
    let memory = std::hint::black_box(memory);
    let at = u64::try_from(memory[first..].as_ptr().addr()).expect("fits");
    let headers = || Headers { at, ..Headers::of(&source) };
    let mut each = headers();
    assert!(matches!((each.next(), each.next()), (Ok(Some(_)), Err(_))));
    assert_eq!(super::said(headers(), 1000), BTreeSet::from([b"TOP SECRET".to_vec()]));
}

#[test]
fn comments_that_pax_keeps_are_a_page() {
    let global = record("comment", "TOP SECRET//NOFORN");
    let own = record("mtime", "1") + &record("SCHILY.xattr.user.xdg.comment", "机密★10年") + &record("path", "b.txt");
    let magic = b"ustar\x0000";
    let bytes = [
        entry(b"global", b'g', global.as_bytes(), magic),
        entry(b"a.txt", b'0', b"1", magic),
        entry(b"pax", b'x', own.as_bytes(), magic),
        entry(b"short", b'0', b"2", magic),
        vec![0; 1024],
    ];
    let archive = opened(&bytes.concat());
    assert_eq!(archive.list(), [("a.txt", "1".to_owned()), ("b.txt", "2".to_owned())]);
    let text = "TOP SECRET//NOFORN\n机密★10年\n".to_owned();
    assert_eq!(archive.pages, [(Some("comments of members".to_owned()), text)]);
    assert_eq!(archive.faults, []);
}

#[test]
fn members_behind_the_end_are_members_and_anything_else_there_is_damage() {
    let magic = b"ustar\x0000";
    let bytes =
        [entry(b"a", b'0', b"1", magic), vec![0; 1024], entry(b"b", b'0', b"SECRET", magic), vec![0; 9000]].concat();
    let archive = opened(&bytes);
    assert_eq!(archive.list(), [("a", "1".to_owned()), ("b", "SECRET".to_owned())]);
    assert_eq!(archive.faults, []);
    let hidden = opened(&[bytes.as_slice(), b"hidden text"].concat());
    assert_eq!(hidden.faults[0].reason, FaultReason::Damaged);
}

#[test]
fn a_broken_header_is_damage_and_the_members_behind_it_are_read() {
    let magic = b"ustar\x0000";
    let mut bytes =
        [entry(b"a", b'0', b"1", magic), entry(b"b", b'0', b"2", magic), entry(b"c", b'0', b"3", magic)].concat();
    bytes[1024] = b'x';
    let archive = opened(&bytes);
    assert_eq!(archive.list(), [("a", "1".to_owned()), ("c", "3".to_owned())]);
    assert_eq!(archive.faults[0].reason, FaultReason::Damaged);
}

#[test]
fn a_member_that_was_cut_is_damaged_and_a_sparse_one_unsupported() {
    let magic = b"ustar\x0000";
    let cut = [entry(b"sparse", b'S', b"1", magic), entry(b"a", b'0', &[b'x'; 90_000], magic)].concat();
    let archive = opened(&cut[..50_000]);
    assert_eq!(archive.list(), [("sparse", "unsupported".to_owned()), ("a", "damaged".to_owned())]);
}
