//! Every packing, whole, joined, cut, and with something behind it.

use std::io::{Read as _, Write as _};

use super::super::STREAM;
use super::super::test_support::{Held, held};
use crate::finding::FaultReason;

const TEXT: &str = "TOP SECRET//SI//NOFORN and a line to repeat\n";

fn opened(bytes: &[u8]) -> Held {
    held(&STREAM, bytes, &[]).expect("opens")
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(data, flate2::Compression::default()).read_to_end(&mut packed).expect("packs");
    packed
}

fn lz4(data: &[u8]) -> Vec<u8> {
    let mut writer = lz4_flex::frame::FrameEncoder::new(Vec::new());
    writer.write_all(data).expect("packs");
    writer.finish().expect("ends")
}

fn xz(data: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(3)).expect("begins");
    writer.write_all(data).expect("packs");
    writer.finish().expect("ends")
}

fn lzip(data: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::LzipWriter::new(Vec::new(), lzma_rust2::LzipOptions::with_preset(3));
    writer.write_all(data).expect("packs");
    writer.finish().expect("ends")
}

fn lzma(data: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(3);
    let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).expect("begins");
    writer.write_all(data).expect("packs");
    writer.finish().expect("ends")
}

fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    bzip2::read::BzEncoder::new(data, bzip2::Compression::fast()).read_to_end(&mut packed).expect("packs");
    packed
}

/// LZW as `compress` writes it, with codes of 16 bits at most.
fn compress(data: &[u8]) -> Vec<u8> {
    let mut table: std::collections::HashMap<Vec<u8>, u32> = (0..256).map(|byte| (vec![byte as u8], byte)).collect();
    let (mut out, mut bits, mut next, mut group) = (b"\x1f\x9d\x90".to_vec(), 9_usize, 257_u32, Vec::<u32>::new());
    let flush = |group: &mut Vec<u32>, bits: usize, full: bool, out: &mut Vec<u8>| {
        let mut packed = vec![0_u8; if full { bits } else { (group.len() * bits).div_ceil(8) }];
        for (index, code) in group.iter().enumerate() {
            (0..bits)
                .filter(|bit| code >> bit & 1 == 1)
                .for_each(|bit| packed[(index * bits + bit) / 8] |= 1 << ((index * bits + bit) % 8));
        }
        out.extend(packed);
        group.clear();
    };
    let mut string: Vec<u8> = Vec::new();
    let mut emit = |code: u32, next: u32, out: &mut Vec<u8>| {
        group.push(code);
        if group.len() == 8 {
            flush(&mut group, bits, true, out);
        }
        if next > 1 << bits && bits < 16 {
            if !group.is_empty() {
                flush(&mut group, bits, true, out);
            }
            bits += 1;
        }
    };
    for byte in data {
        let longer = [string.as_slice(), &[*byte]].concat();
        if table.contains_key(&longer) {
            string = longer;
            continue;
        }
        let code = table[&string];
        if next < 1 << 16 {
            table.insert(longer, next);
            next += 1;
        }
        emit(code, next, &mut out);
        string = vec![*byte];
    }
    emit(table[&string], next, &mut out);
    flush(&mut group, bits, false, &mut out);
    out
}

fn packings(data: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("gzip", gzip(data)),
        ("bzip2", bzip2(data)),
        ("xz", xz(data)),
        ("lzma", lzma(data)),
        ("zstd", zstd::encode_all(data, 3).expect("packs")),
        ("lz4", lz4(data)),
        ("lzip", lzip(data)),
        ("compress", compress(data)),
    ]
}

/// Text that does not pack well, so that every table fills.
fn varied(lines: u32) -> String {
    (0..lines).map(|line| format!("{:x} {TEXT}", line.wrapping_mul(2_654_435_761))).collect()
}

#[test]
fn every_packing_gives_its_one_member() {
    for text in [TEXT.to_owned(), varied(20_000)] {
        for (name, packed) in packings(text.as_bytes()) {
            let archive = opened(&packed);
            assert_eq!(archive.members.len(), 1, "{name}");
            assert!(archive.list()[0].1 == text, "{name}: {}", archive.list()[0].1.len());
            assert_eq!(archive.faults, [], "{name}");
        }
    }
}

#[test]
fn joined_streams_are_one_member_and_zeros_are_padding() {
    for (name, packed) in
        packings(TEXT.as_bytes()).into_iter().filter(|(name, _)| !matches!(*name, "lzma" | "compress"))
    {
        let archive = opened(&[packed.as_slice(), &packed].concat());
        assert_eq!(archive.list(), [("content", TEXT.repeat(2))], "{name}");
        if name != "lzip" {
            let padded = opened(&[packed.as_slice(), &[0; 700]].concat());
            assert_eq!((padded.list(), padded.faults.clone()), (vec![("content", TEXT.to_owned())], vec![]), "{name}");
        }
    }
}

#[test]
fn bytes_behind_the_last_stream_are_a_fault() {
    for (name, packed) in packings(TEXT.as_bytes()).into_iter().filter(|(name, _)| *name != "compress") {
        let archive = opened(&[packed.as_slice(), b"hidden text that nobody unpacks"].concat());
        if name == "lzip" {
            assert_eq!(archive.list(), [("content", "damaged".to_owned())]);
            continue;
        }
        assert_eq!(archive.list(), [("content", TEXT.to_owned())], "{name}");
        assert_eq!(
            archive.faults.iter().map(|fault| fault.reason).collect::<Vec<_>>(),
            [FaultReason::Attachment],
            "{name}"
        );
    }
}

#[test]
fn a_stream_that_was_cut_or_changed_is_damaged() {
    let text = varied(20_000);
    for (name, packed) in packings(text.as_bytes()).into_iter().filter(|(name, _)| *name != "compress") {
        let cut = opened(&packed[..packed.len() * 2 / 3]);
        assert_eq!(cut.list()[0].1, "damaged", "{name}");
        let mut changed = packed.clone();
        changed[packed.len() / 2] ^= 0x55;
        // Without check sums nothing can tell.
        assert!(matches!(name, "lzma" | "lz4" | "zstd") || opened(&changed).list()[0].1 == "damaged", "{name}");
    }
}

#[test]
fn a_gzip_file_says_its_name_and_a_comment() {
    let name = encoding_rs::GBK.encode("绝密文件与会议纪要.txt").0.into_owned();
    let mut builder =
        flate2::GzBuilder::new().filename(name).comment("CONFIDENTIAL").write(Vec::new(), flate2::Compression::fast());
    builder.write_all(TEXT.as_bytes()).expect("packs");
    let archive = opened(&builder.finish().expect("ends"));
    assert_eq!(archive.list(), [("绝密文件与会议纪要.txt", TEXT.to_owned())]);
    assert_eq!(archive.pages, [(Some("archive comment".to_owned()), "CONFIDENTIAL".to_owned())]);
}

#[test]
fn frames_that_unpackers_skip_are_a_fault_unless_they_are_tables() {
    let frame = |magic: u32, data: &[u8]| [&magic.to_le_bytes()[..], &(data.len() as u32).to_le_bytes(), data].concat();
    let packed = zstd::encode_all(TEXT.as_bytes(), 3).expect("packs");
    let table = opened(&[packed.clone(), frame(0x184d_2a5e, &[0; 17]), packed.clone()].concat());
    assert_eq!((table.list(), table.faults.clone()), (vec![("content", TEXT.repeat(2))], vec![]));
    let hidden = opened(&[packed, frame(0x184d_2a51, b"hidden text")].concat());
    assert_eq!(hidden.faults[0].reason, FaultReason::Attachment);
}

#[test]
fn a_dictionary_that_takes_more_memory_than_there_is_is_a_fault() {
    let mut packed = lzma(TEXT.as_bytes());
    packed[1..5].copy_from_slice(&0xffff_0000_u32.to_le_bytes());
    assert_eq!(opened(&packed).list(), [("content", "memory".to_owned())]);
}
