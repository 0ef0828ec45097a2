//! Archives of `tests/fixtures/make_archive_fixtures.py`.

use super::super::SEVENZ;
use super::super::test_support::held;
use crate::document::Remark;
use crate::finding::FaultReason;
use crate::format::test_support::fixture;

const MEMBERS: [(&str, &str); 3] =
    [("plans/a.txt", "TOP SECRET//SI\n"), ("会议/机密.txt", "机密★10年\n"), ("empty.txt", "")];

#[test]
fn members_of_a_solid_archive_are_read() {
    let archive = held(&SEVENZ, &fixture("solid.7z"), &[]).expect("opens");
    assert_eq!(archive.list(), MEMBERS.map(|(name, text)| (name, text.to_owned())));
    assert_eq!((archive.faults, archive.remarks), (vec![], vec![]));
}

#[test]
fn encrypted_members_and_encrypted_lists_open_with_a_known_password_alone() {
    let bytes = fixture("encrypted.7z");
    let closed = held(&SEVENZ, &bytes, &["wrong", "false"]).expect("opens");
    let said: Vec<_> = closed.list().into_iter().map(|(_, said)| said).collect();
    assert_eq!(said, ["encrypted", "encrypted", ""]);
    for name in ["encrypted.7z", "sealed.7z"] {
        let open = held(&SEVENZ, &fixture(name), &["wrong", "kiesel"]).expect("opens");
        assert_eq!(open.list(), MEMBERS.map(|(name, text)| (name, text.to_owned())), "{name}");
        assert_eq!(open.remarks, [Remark::KnownPassword]);
    }
    let sealed = held(&SEVENZ, &fixture("sealed.7z"), &["wrong"]).map(|_| ()).expect_err("closed");
    assert_eq!(sealed.reason, FaultReason::Encrypted);
}

#[test]
fn blocks_that_another_password_closes_are_encrypted_and_not_damaged() {
    let bytes = fixture("two_passwords.7z");
    let archive = held(&SEVENZ, &bytes, &["kiesel"]).expect("opens");
    let open = archive.list();
    assert!(open[0].1.starts_with("TOP SECRET"), "{open:?}");
    assert_eq!(open[1].1, "encrypted");
    let closed = held(&SEVENZ, &bytes, &[]).expect("opens");
    assert!(closed.list().iter().all(|(_, said)| said == "encrypted"));
}

#[test]
fn a_changed_byte_is_damage_of_the_members_behind_it_and_a_cut_one_of_the_whole() {
    let whole = fixture("solid.7z");
    let mut changed = whole.clone();
    changed[45] ^= 0x55;
    let archive = held(&SEVENZ, &changed, &[]).expect("opens");
    assert_eq!(archive.members.len(), 3);
    assert!(archive.list().iter().any(|(_, said)| said == "damaged"), "{:?}", archive.list());
    let cut = held(&SEVENZ, &whole[..whole.len() - 20], &[]).map(|_| ()).expect_err("cut");
    assert!(cut.reason == FaultReason::Damaged && cut.detail.contains("volumes"), "{cut}");
    let behind = held(&SEVENZ, &[whole.as_slice(), b"hidden text"].concat(), &[]).expect("opens");
    assert_eq!(behind.faults[0].reason, FaultReason::Attachment);
    let far = [whole.as_slice(), &vec![0; 2 << 20], b"hidden text"].concat();
    assert_eq!(held(&SEVENZ, &far, &[]).expect("opens").faults.len(), 1);
    let padded = [whole.as_slice(), &vec![0; 2 << 20]].concat();
    assert_eq!(held(&SEVENZ, &padded, &[]).expect("opens").faults, []);
}
