//! Cabinets by the library's writer.

use std::io::{Cursor, Write as _};

use cab::{CabinetBuilder, CompressionType};

use super::super::CAB;
use super::super::test_support::held;

fn cabinet(packing: CompressionType, folders: &[&[(&str, &[u8])]]) -> Vec<u8> {
    let mut builder = CabinetBuilder::new();
    for files in folders {
        let folder = builder.add_folder(packing);
        for (name, _) in *files {
            folder.add_file(*name);
        }
    }
    let mut writer = builder.build(Cursor::new(Vec::new())).expect("builds");
    let mut all = folders.iter().flat_map(|files| files.iter());
    while let Some(mut file) = writer.next_file().expect("goes on") {
        file.write_all(all.next().expect("as many").1).expect("writes");
    }
    writer.finish().expect("ends").into_inner()
}

#[test]
fn files_of_every_folder_are_members_also_two_of_one_name() {
    let long: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    for packing in [CompressionType::None, CompressionType::MsZip] {
        let bytes = cabinet(
            packing,
            &[&[("a\\b.txt", b"SECRET"), ("long", &long), ("empty", b"")], &[("a\\b.txt", b"TOP SECRET")]],
        );
        let archive = held(&CAB, &bytes, &[]).expect("opens");
        let mut said = archive.list();
        said.retain(|(name, _)| *name == "a/b.txt");
        assert_eq!(said, [("a/b.txt", "SECRET".to_owned()), ("a/b.txt", "TOP SECRET".to_owned())]);
        assert!(archive.members.iter().any(|(name, bytes)| name == "long" && bytes.as_ref() == Ok(&long)));
        assert_eq!((archive.members.len(), archive.faults), (4, vec![]));
    }
}

#[test]
fn a_changed_block_is_damage_and_bytes_behind_are_a_fault() {
    let mut bytes = cabinet(CompressionType::None, &[&[("a", b"the first"), ("b", b"the other")]]);
    let behind = held(&CAB, &[bytes.as_slice(), b"hidden text"].concat(), &[]).expect("opens");
    assert_eq!((behind.members.len(), behind.faults.len()), (2, 1));
    let place = memchr::memmem::find(&bytes, b"first").expect("there");
    bytes[place] ^= 1;
    let archive = held(&CAB, &bytes, &[]).expect("opens");
    assert_eq!(archive.list(), [("a", "damaged".to_owned()), ("b", "damaged".to_owned())]);
    assert!(held(&CAB, &bytes[..50], &[]).is_err());
}
