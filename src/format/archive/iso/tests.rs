//! An image by hand.

use super::super::ISO;
use super::super::test_support::{Held, held, held_with, passwords};
use crate::config::Settings;
use crate::finding::FaultReason;

fn record(name: &[u8], extent: u32, size: u32, flags: u8, system: &[u8]) -> Vec<u8> {
    let mut record = vec![0, 0];
    record.extend([extent.to_le_bytes(), extent.to_be_bytes(), size.to_le_bytes(), size.to_be_bytes()].concat());
    record.extend([0; 7]);
    record.extend([flags, 0, 0, 1, 0, 0, 1, name.len() as u8]);
    record.extend(name);
    if name.len().is_multiple_of(2) {
        record.push(0);
    }
    record.extend(system);
    record[0] = record.len() as u8;
    record
}

fn descriptor(kind: u8, root: u32) -> Vec<u8> {
    let mut descriptor = [vec![kind], b"CD001\x01".to_vec()].concat();
    descriptor.resize(2048, 0);
    descriptor[40..50].copy_from_slice(b"VOLUMENAME");
    if kind == 2 {
        descriptor[88..91].copy_from_slice(b"%/E");
    }
    descriptor[156..190].copy_from_slice(&record(&[0], root, 2048, 2, b""));
    descriptor
}

/// A primary tree of two files and a folder, a second tree with one of the files, and what stands in sectors from 25 on.
fn image(second: bool) -> Vec<u8> {
    let mut sectors = vec![vec![0; 2048]; 16];
    sectors.push(descriptor(1, 20));
    sectors.push(if second { descriptor(2, 22) } else { descriptor(255, 0) });
    sectors.extend([descriptor(255, 0), vec![0; 2048]]);
    let own = [record(&[0], 20, 2048, 2, b""), record(&[1], 20, 2048, 2, b"")].concat();
    let long = [b"NM\x0f\x01\x00".as_slice(), b"secret.txt"].concat();
    let root = [own.clone(), record(b"SECRET.TXT;1", 25, 6, 0, &long), record(b"SUB", 21, 2048, 2, b"")];
    sectors.push(root.concat());
    // A folder that holds the root again.
    sectors.push([own.clone(), record(b"HIDDEN.TXT;1", 26, 10, 0, b""), record(b"LOOP", 20, 2048, 2, b"")].concat());
    let name: Vec<u8> = "机密.txt;1".encode_utf16().flat_map(u16::to_be_bytes).collect();
    sectors.push([own, record(&name, 25, 6, 0, b"")].concat());
    sectors.extend([vec![], vec![], b"SECRET".to_vec(), b"TOP SECRET".to_vec()]);
    sectors.iter_mut().for_each(|sector| sector.resize(2048, 0));
    sectors.concat()
}

fn opened(bytes: &[u8]) -> Held {
    held(&ISO, bytes, &[]).expect("opens")
}

#[test]
fn files_have_their_long_names_and_folders_that_hold_themselves_end() {
    let archive = opened(&image(false));
    assert_eq!(archive.list(), [("secret.txt", "SECRET".to_owned()), ("SUB/HIDDEN.TXT", "TOP SECRET".to_owned())]);
    assert_eq!(archive.faults, []);
    assert_eq!(archive.pages, [(Some("volume".to_owned()), "VOLUMENAME".to_owned())]);
}

#[test]
fn what_only_the_second_tree_has_is_handed_out_too() {
    let archive = opened(&image(true));
    assert_eq!(archive.list(), [("机密.txt", "SECRET".to_owned()), ("SUB/HIDDEN.TXT", "TOP SECRET".to_owned())]);
}

#[test]
fn an_image_that_was_cut_or_has_another_file_system_is_a_fault() {
    let whole = image(false);
    assert_eq!(opened(&whole[..25 * 2048 + 3]).list()[0].1, "damaged");
    let mut udf = whole.clone();
    udf[18 * 2048 + 1..18 * 2048 + 6].copy_from_slice(b"NSR02");
    assert_eq!(opened(&udf).faults[0].reason, FaultReason::Unsupported);
    let mut settings = Settings::defaults();
    settings.limits.archive_entries = 2;
    let archive = held_with(&ISO, &whole, &passwords(&[]), &settings).expect("opens");
    assert_eq!(archive.faults[0].reason, FaultReason::Limit);
    let mut settings = Settings::defaults();
    settings.limits.archive_folder_bytes = 2000;
    let archive = held_with(&ISO, &whole, &passwords(&[]), &settings).expect("opens");
    let fault = &archive.faults[0];
    assert!(
        fault.reason == FaultReason::Limit && fault.detail.contains("limits.archive_folder_bytes = 2000"),
        "{fault}"
    );
}
