//! Archives by hand: what is stored, and headers of what is packed.

use std::io::Read;
use std::ops::ControlFlow;

use super::super::test_support::{Held, held, held_with, passwords};
use super::super::{Context, RAR};
use crate::config::Settings;
use crate::config::passwords::Passwords;
use crate::document::Remark;
use crate::finding::{Fault, FaultReason};
use crate::format::test_support::{Collected, fixture, source};
use crate::format::{Document as _, Members};

fn opened(bytes: &[u8]) -> Held {
    held(&RAR, bytes, &[]).expect("opens")
}

/// A block of RAR 4.
fn four(kind: u8, flags: u16, fields: &[u8]) -> Vec<u8> {
    let size = (7 + fields.len()) as u16;
    [&[0, 0, kind], &flags.to_le_bytes()[..], &size.to_le_bytes(), fields].concat()
}

fn four_file(name: &[u8], flags: u16, method: u8, data: &[u8]) -> Vec<u8> {
    let size = (data.len() as u32).to_le_bytes();
    let crc = crc32fast::hash(data).to_le_bytes();
    let length = (name.len() as u16).to_le_bytes();
    let fields = [&size[..], &size, &[2], &crc, &[0; 4], &[29, method], &length, &[0; 4], name].concat();
    [four(0x74, flags | 0x8000, &fields), data.to_vec()].concat()
}

fn four_archive(parts: &[Vec<u8>]) -> Vec<u8> {
    [b"Rar!\x1a\x07\0".to_vec(), four(0x73, 0, &[0; 6]), parts.concat(), four(0x7b, 0, &[])].concat()
}

/// A block of RAR 5.
fn five(fields: &[u8], extra: &[u8], data: &[u8]) -> Vec<u8> {
    let (kind, fields) = fields.split_first().expect("a type");
    let flags = u8::from(!extra.is_empty()) | (u8::from(!data.is_empty()) << 1);
    let mut header = vec![*kind, flags];
    header.extend((!extra.is_empty()).then_some(extra.len() as u8));
    header.extend((!data.is_empty()).then_some(data.len() as u8));
    header.extend([fields, extra].concat());
    [&[0; 4][..], &[header.len() as u8], &header, data].concat()
}

fn five_file(kind: u8, name: &str, method: u8, extra: &[u8], data: &[u8]) -> Vec<u8> {
    let crc = crc32fast::hash(data).to_le_bytes();
    // Method in bits 7 to 9, in two bytes of seven bits.
    let compression = [0x80, method];
    let fields =
        [&[kind, 4, data.len() as u8, 0][..], &crc, &compression, &[1, name.len() as u8], name.as_bytes()].concat();
    five(&fields, extra, data)
}

fn five_archive(parts: &[Vec<u8>]) -> Vec<u8> {
    [b"Rar!\x1a\x07\x01\0".to_vec(), five(&[1, 0], &[], &[]), parts.concat(), five(&[5, 0], &[], &[])].concat()
}

#[test]
fn what_is_stored_is_read_and_the_rest_is_told() {
    let expected = [
        ("a/stored.txt", "TOP SECRET"),
        ("packed.txt", "unsupported"),
        ("locked.txt", "encrypted"),
        ("half.txt", "unsupported"),
    ];
    let old = four_archive(&[
        four_file(b"a\\stored.txt", 0, 0x30, b"TOP SECRET"),
        four_file(b"folder", 0xe0, 0x30, b""),
        four_file(b"packed.txt", 0, 0x33, b"..."),
        four_file(b"locked.txt", 4, 0x30, b"..."),
        four_file(b"half.txt", 2, 0x30, b"..."),
    ]);
    let archive = opened(&old);
    assert_eq!(archive.list(), expected.map(|(name, said)| (name, said.to_owned())));
    assert_eq!(archive.faults, []);
    let new = five_archive(&[
        five_file(2, "a/stored.txt", 0, &[], b"TOP SECRET"),
        five_file(2, "packed.txt", 3, &[], b"..."),
        five_file(2, "locked.txt", 0, &[2, 1, 0], b"..."),
    ]);
    let archive = opened(&new);
    assert_eq!(
        archive.list(),
        expected[..3].iter().map(|(name, said)| (*name, (*said).to_owned())).collect::<Vec<_>>()
    );
    assert_eq!(archive.faults, []);
}

#[test]
fn names_in_unicode_and_comments_are_read() {
    // Two characters as they are (2), a run of the plain name (3).
    let coded = [0x4e, 0b1010_1100, 0x3a, 0x67, 0xc6, 0x5b, 2];
    let name = [b"??.txt\0".as_slice(), &coded].concat();
    let comment = [
        &10_u32.to_le_bytes()[..],
        &10_u32.to_le_bytes(),
        &[2, 0, 0, 0, 0, 0, 0, 0, 0, 29, 0x30, 3, 0, 0, 0, 0, 0],
        b"CMT",
    ]
    .concat();
    let bytes = four_archive(&[
        [four(0x7a, 0x8000, &comment), b"TOP SECRET".to_vec()].concat(),
        four_file(&name, 0x200, 0x30, b"x"),
    ]);
    let archive = opened(&bytes);
    assert_eq!(archive.list(), [("机密.txt", "x".to_owned())]);
    assert_eq!(archive.pages, [(Some("archive comment".to_owned()), "TOP SECRET".to_owned())]);
    let five =
        opened(&five_archive(&[five_file(3, "CMT", 0, &[], b"CONFIDENTIAL"), five_file(2, "机密", 0, &[], b"x")]));
    assert_eq!(five.list(), [("机密", "x".to_owned())]);
    assert_eq!(five.pages[0].1, "CONFIDENTIAL");
}

#[test]
fn sealed_lists_volumes_damage_and_bytes_behind_are_told() {
    let sealed = [b"Rar!\x1a\x07\0".to_vec(), four(0x73, 0x80, &[0; 6])].concat();
    assert_eq!(held(&RAR, &sealed, &[]).map(|_| ()).expect_err("sealed").reason, FaultReason::Encrypted);
    let sealed = [b"Rar!\x1a\x07\x01\0".to_vec(), five(&[4, 0, 0], &[], &[])].concat();
    assert_eq!(held(&RAR, &sealed, &[]).map(|_| ()).expect_err("sealed").reason, FaultReason::Encrypted);
    let volume = [b"Rar!\x1a\x07\0".to_vec(), four(0x73, 1, &[0; 6]), four(0x7b, 0, &[])].concat();
    assert_eq!(opened(&volume).faults[0].reason, FaultReason::Unsupported);
    let mut bytes = four_archive(&[four_file(b"a", 0, 0x30, b"SECRET")]);
    let behind = opened(&[bytes.as_slice(), b"hidden text"].concat());
    assert_eq!(behind.faults[0].reason, FaultReason::Attachment);
    let broken = opened(&[&bytes[..bytes.len() - 7], b"no block here".as_slice()].concat());
    assert_eq!(broken.faults[0].reason, FaultReason::Damaged);
    let place = memchr::memmem::find(&bytes, b"SECRET").expect("there");
    bytes[place] ^= 1;
    assert_eq!(opened(&bytes).list(), [("a", "damaged".to_owned())]);
}

/// What lies in the fixtures: see `tests/fixtures/make_archive_fixtures.py`.
fn packed_as_expected(archive: &Held) {
    let expected = [
        ("plans/a.txt", "TOP SECRET//SI\n".repeat(40)),
        ("会议/机密.txt", "机密★10年\n".repeat(40)),
        ("empty.txt", String::new()),
    ];
    assert_eq!(archive.list(), expected);
    assert_eq!(archive.faults, []);
}

#[test]
fn packed_members_of_old_and_new_archives_are_read_solid_or_not() {
    let new = opened(&fixture("packed.rar"));
    packed_as_expected(&new);
    assert_eq!(new.pages, [(Some("archive comment".to_owned()), "TOP SECRET//SI\n".repeat(4))]);
    packed_as_expected(&opened(&fixture("solid4.rar")));
}

#[test]
fn encrypted_members_are_read_with_a_known_password_and_told_without() {
    for name in ["encrypted.rar", "encrypted4.rar"] {
        let opened = held(&RAR, &fixture(name), &["wrong", "kiesel"]).expect("opens");
        packed_as_expected(&opened);
        assert_eq!(opened.remarks, [Remark::KnownPassword], "{name}");
        let told = held(&RAR, &fixture(name), &["wrong"]).expect("opens");
        assert!(told.list().iter().take(2).all(|(_, said)| said == "encrypted"), "{name}: {:?}", told.list());
        assert_eq!(told.remarks, []);
    }
    packed_as_expected(&held(&RAR, &fixture("sealed.rar"), &["kiesel"]).expect("opens"));
    let fault = held(&RAR, &fixture("sealed.rar"), &[]).map(|_| ()).expect_err("sealed");
    assert_eq!(fault.reason, FaultReason::Encrypted);
}

#[test]
fn a_comment_behind_a_sealed_list_is_read_with_the_password() {
    let archive = held(&RAR, &fixture("sealed_comment.rar"), &["wrong", "kiesel"]).expect("opens");
    packed_as_expected(&archive);
    assert_eq!(archive.pages, [(Some("archive comment".to_owned()), "TOP SECRET//SI\n".repeat(4))]);
}

#[test]
fn a_member_that_unpacks_to_more_than_the_limit_is_told_and_the_others_are_read() {
    let mut settings = Settings::defaults();
    settings.limits.unpacked_bytes = 580;
    let expected = [("plans/a.txt", "limit"), ("会议/机密.txt", "limit"), ("empty.txt", "")];
    for name in ["packed.rar", "solid4.rar"] {
        let archive = held_with(&RAR, &fixture(name), &Passwords::default(), &settings).expect("opens");
        assert_eq!(archive.list(), expected.map(|(name, said)| (name, said.to_owned())), "{name}");
    }
}

/// A fixture of RAR 4 with more flags in the block at a place.
fn with_flags(name: &str, place: impl Fn(&[u8]) -> usize, flags: u8) -> Vec<u8> {
    let mut bytes = fixture(name);
    let at = place(&bytes);
    bytes[at + 3] |= flags;
    let end = at + usize::from(u16::from_le_bytes([bytes[at + 5], bytes[at + 6]]));
    let sum = crc32fast::hash(&bytes[at + 2..end]) as u16;
    bytes[at..at + 2].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// An archive whose main header says that it is solid, as no header of a file does.
fn solid_and_encrypted() -> Vec<u8> {
    with_flags("encrypted4.rar", |_| 7, 8)
}

/// Takes what is left after a number of members.
struct Later(usize, Collected);

impl Members for Later {
    fn skip(&mut self) -> bool {
        let skipped = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        skipped
    }

    fn member(&mut self, name: &str, bytes: &mut dyn Read) -> ControlFlow<()> {
        self.1.member(name, bytes)
    }

    fn unreadable(&mut self, name: &str, fault: Fault) -> ControlFlow<()> {
        self.1.unreadable(name, fault)
    }
}

fn later(bytes: &[u8], lines: &[&str], skipped: usize) -> Held {
    let (settings, passwords, source) = (Settings::defaults(), passwords(lines), source(bytes));
    let kind = crate::kind::detect(&source.head(crate::kind::HEAD_BYTES).expect("reads"), &source);
    let context = Context { settings: &settings, passwords: &passwords };
    let opened = super::open(source, &kind, context).expect("opens");
    let mut later = Later(skipped, Collected::default());
    let faults = opened.members(&mut later).err().into_iter().collect();
    Held { members: later.1.0, faults, pages: Vec::new(), remarks: Vec::new() }
}

#[test]
fn the_members_of_a_later_slice_of_a_solid_archive_are_read() {
    let empty = [("empty.txt", String::new())];
    assert_eq!(later(&fixture("solid4.rar"), &[], 2).list(), empty);
    assert_eq!(later(&solid_and_encrypted(), &["kiesel"], 2).list(), empty);
    let second = later(&solid_and_encrypted(), &["kiesel"], 1);
    assert_eq!(second.list()[0].1, "机密★10年\n".repeat(40));
}

#[test]
fn all_of_a_solid_archive_that_no_password_opens_is_encrypted_and_behind_a_split_member_all_is_in_another_volume() {
    let locked = held(&RAR, &solid_and_encrypted(), &["wrong"]).expect("opens");
    assert_eq!(locked.list(), ["plans/a.txt", "会议/机密.txt", "empty.txt"].map(|name| (name, "encrypted".to_owned())));
    assert_eq!(locked.faults, []);
    packed_as_expected(&held(&RAR, &solid_and_encrypted(), &["wrong", "kiesel"]).expect("opens"));
    let rest = later(&solid_and_encrypted(), &[], 2);
    assert_eq!((rest.list(), rest.faults.as_slice()), (vec![("empty.txt", "encrypted".to_owned())], &[][..]));
    let place = |bytes: &[u8]| memchr::memmem::find(bytes, b"plans/a.txt").expect("there") - 32;
    let split = opened(&with_flags("solid4.rar", place, 2));
    assert_eq!(split.members.len(), 3);
    let told = |member: &Result<Vec<u8>, Fault>| member.as_ref().is_err_and(|fault| fault.detail.contains("volume"));
    assert!(split.members.iter().all(|(_, member)| told(member)), "{:?}", split.members);
}

#[test]
fn passwords_are_tried_on_encrypted_members_only() {
    let archive = held(&RAR, &fixture("packed.rar"), &["wrong", "kiesel"]).expect("opens");
    packed_as_expected(&archive);
    assert_eq!(archive.remarks, []);
}

#[test]
fn bytes_behind_an_archive_with_an_encrypted_list_are_told() {
    let behind = |bytes: &[u8]| {
        let archive = held(&RAR, &[&fixture("sealed.rar"), bytes].concat(), &["kiesel"]).expect("opens");
        assert_eq!(archive.list().len(), 3);
        archive.faults.iter().map(|fault| fault.reason).collect::<Vec<_>>()
    };
    assert_eq!(behind(b""), []);
    assert_eq!(behind(&[0; 512]), []);
    assert_eq!(behind(b"hidden text"), [FaultReason::Attachment]);
}

#[test]
fn no_damaged_byte_gives_another_text_without_a_word() {
    let texts = ["TOP SECRET//SI\n".repeat(40), "机密★10年\n".repeat(40), String::new()];
    for name in ["packed.rar", "solid4.rar"] {
        let whole = fixture(name);
        for at in 8..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            let Ok(archive) = held(&RAR, &bytes, &[]) else { continue };
            for (member, outcome) in &archive.members {
                let is_known = |bytes: &Vec<u8>| texts.iter().any(|text| text.as_bytes() == bytes);
                assert!(outcome.as_ref().map_or(true, is_known), "{name}, byte {at}: {member}");
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_damage_makes_unpacking_panic(at in 20_usize..200, value in proptest::num::u8::ANY, name in 0_usize..3) {
        let mut bytes = fixture(["packed.rar", "solid4.rar", "encrypted.rar"][name]);
        let at = at % bytes.len();
        bytes[at] = value;
        let _ = held(&RAR, &bytes, &[]);
    }
}
