//! Plain text, and everything that is plain text: Markdown, CSV, logs, source code. Cut into pages at line ends (`pages`).
//!
//! Nothing is lost: a line longer than a page is cut, form feeds end pages, files packed into a text are handed out, and what
//! lies over a limit, cannot be decoded or is no text at all is a fault.

mod bitmap;
mod console;
mod dump;
mod overstruck;
mod pages;
mod seven;
mod sheet;
mod tex;
pub(super) mod turned;

use std::io::Read as _;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::mail::message::safe;
use super::mail::transfer;
use super::packed::{self, Packed};
use super::{Document, Format, Source, charset, diagram, escapes, xml};
pub(crate) use dump::Dump;
pub(super) use pages::{Holding, Part, TextPages};
pub(super) use sheet::{Row, address, cut_sheet};

/// Reads plain text.
pub(super) struct PlainText;

impl Format for PlainText {
    fn name(&self) -> &'static str {
        "text"
    }

    fn version(&self) -> u32 {
        13
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["text"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (mut bytes, mut faults) = read_bounded(&source, settings)?;
        let mut binary = Vec::new();
        if let Some(Dump { rest, values, is_cut }) = Dump::of(&bytes) {
            let detail = "a binary value of the dump has no end";
            faults.extend(is_cut.then(|| Fault::whole(FaultReason::Damaged, detail)));
            (bytes, binary) = (rest, values);
        }
        let limit = settings.limits.content_text_bytes;
        let declared = bytes.starts_with(b"<?xml").then(|| charset::declared(&bytes)).flatten();
        let mut decoded = charset::decode_owned(bytes, declared);
        faults.extend(damage(&decoded));
        decoded.text = overstruck::as_printed(console::without_codes(decoded.text));
        let seven = Part { label: Some("text of seven bits".to_owned()), text: seven::decoded(&decoded.text) };
        let tex = Part { label: Some("words of commands".to_owned()), text: tex::words(&decoded.text, limit) };
        let is_xml = decoded.text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
        let (unmarked, over) = if is_xml { xml::unmarked(&decoded.text, limit) } else { (String::new(), false) };
        faults.extend(over.then(|| Fault::limit("content_text_bytes", limit, "the text of its entities")));
        let unmarked = Part { label: Some("text without its markup".to_owned()), text: unmarked };
        let diagram = diagram::read(&decoded.text);
        faults.extend((diagram.lost > 0).then(|| {
            let detail = format!("{} pages of a diagram in the text cannot be unpacked", diagram.lost);
            Fault::whole(FaultReason::Attachment, detail)
        }));
        let diagram = Part { label: Some("diagram".to_owned()), text: diagram.text };
        let text = escapes::decode(decoded.text);
        faults.extend(packed::fault(&text));
        faults.extend(packed::sealed(&text));
        faults.extend(bitmap::fault(&text));
        let (mut files, even) = packed::files_and_more(&text);
        faults.extend(even);
        let (uuencoded, broken) = uuencoded(&text);
        faults.extend(broken);
        files.extend(uuencoded);
        files.extend(Dump::files(binary));
        let beside = [unmarked, diagram, seven, tex].into_iter();
        let pages = beside.fold(TextPages::new(text, faults, settings), |pages, part| pages.with(part, settings));
        Ok(Box::new(pages.holding(files)))
    }
}

/// The files that are uuencoded in a text, and the fault of one that breaks off.
fn uuencoded(text: &str) -> (Vec<Packed>, Option<Fault>) {
    // Most texts have none.
    if !text.starts_with("begin ") && memchr::memmem::find(text.as_bytes(), b"\nbegin ").is_none() {
        return (Vec::new(), None);
    }
    let (_, blocks) = transfer::uuencoded(text.as_bytes());
    let is_open = blocks.iter().any(|block| !block.closed);
    let files = blocks.into_iter().map(|block| Packed { name: safe(&block.name), bytes: block.bytes }).collect();
    (files, is_open.then(|| Fault::whole(FaultReason::Damaged, "a uuencoded file in the text has no end")))
}

/// All bytes of a document that is read as a whole (`what`: a document, a metafile); none of one over `limits.whole_bytes`.
pub(super) fn read_whole(source: &Source, settings: &Settings, what: &str) -> Result<Vec<u8>, Fault> {
    let limit = settings.limits.whole_bytes;
    if source.size() > limit {
        return Err(Fault::limit("whole_bytes", limit, format!("{what} of {} bytes", source.size())));
    }
    source.bytes().map_err(|error| unreadable(&error))
}

/// The system could not read.
pub(super) fn unreadable(error: &std::io::Error) -> Fault {
    Fault::whole(FaultReason::Io, format!("reading failed: {error}"))
}

/// The bytes of a text file up to the limit, and the fault if there are more.
pub(super) fn read_bounded(source: &Source, settings: &Settings) -> Result<(Vec<u8>, Vec<Fault>), Fault> {
    let limit = settings.limits.content_text_bytes;
    let mut bytes = Vec::new();
    let read = source.clone().take(limit as u64).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(&error))?;
    let over = source.size() > bytes.len() as u64;
    let seen = || format!("a text of {} bytes", source.size());
    Ok((bytes, over.then(|| Fault::limit("content_text_bytes", limit, seen())).into_iter().collect()))
}

/// The faults of characters that could not be decoded, and of bytes that are no text.
///
/// A single one is a fault: nobody can say that the character lost was not the one that mattered.
pub(super) fn damage(decoded: &charset::Decoded) -> impl Iterator<Item = Fault> {
    let undecoded = (decoded.damaged > 0).then(|| {
        let characters = decoded.text.chars().count();
        let encoding = decoded.encoding.name();
        format!("{} of {characters} characters cannot be decoded (taken for {encoding})", decoded.damaged)
    });
    let binary =
        decoded.binary.map(|(first, bytes)| format!("{bytes} bytes are no text, the first of them at offset {first}"));
    let zeroed = (decoded.zeroed > 0).then(|| format!("{} bytes were zeroed", decoded.zeroed));
    undecoded.into_iter().chain(binary).chain(zeroed).map(|detail| Fault::whole(FaultReason::Damaged, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{members, open, settings};

    /// The text and the reasons of the faults of a content.
    fn read(bytes: &[u8]) -> (String, Vec<FaultReason>) {
        let settings = Settings::defaults();
        let document = open(bytes, &settings).expect("it is text");
        let mut text = String::new();
        for number in 1..=document.page_count() {
            text += &document.page(number).expect("there").layer().expect("has text").text.content;
        }
        (text, document.faults().into_iter().map(|fault| fault.reason).collect())
    }

    #[test]
    fn one_undecodable_character_is_a_fault() {
        let (text, faults) = read("机密文件机密文件".as_bytes().split_at(22).0);
        assert!(text.starts_with("机密文件机密"));
        assert_eq!(faults, [FaultReason::Damaged]);
    }

    #[test]
    fn text_that_turns_binary_far_in_is_read_as_far_as_it_goes_and_is_damaged() {
        let noise: Vec<u8> = (0..9000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
        let log = b"all is well\n".repeat(9000);
        let (text, faults) = read(&[&log, noise.as_slice(), b"\nTOP SECRET\n"].concat());
        assert!(text.starts_with("all is well") && text.contains("TOP SECRET"));
        assert_eq!(faults, [FaultReason::Damaged; 2]);
        let controls: Vec<u8> = noise.iter().map(|byte| byte & 0x3f).collect();
        assert_eq!(read(&[&log, controls.as_slice()].concat()).1, [FaultReason::Damaged]);
        // A hole may be where a marking was.
        assert_eq!(read(&[log.as_slice(), &[0; 9000], &log].concat()).1, [FaultReason::Damaged]);
    }

    #[test]
    fn a_hole_of_zeros_is_damage_and_single_zeros_are_separators() {
        // What begins so is no text: it stands behind the bytes by which kinds are told.
        let faults =
            |text: &[u8]| open(&[&b"prose\n".repeat(20_000), text].concat(), &settings()).expect("opens").faults();
        assert_eq!(faults(b"one\0two\0three, a list of names\n"), []);
        let found =
            faults(&[&b"a log that was written before "[..], &[0; 600], b"and after the power went\n"].concat());
        assert!(found.iter().any(|fault| fault.reason == FaultReason::Damaged), "{found:?}");
    }

    #[test]
    fn escapes_are_read_and_packed_files_are_handed_out() {
        assert!(read(b"<?xml version='1.0'?><t>&#26426;&#23494;</t>").0.contains("机密"));
        assert!(read(b"{\"t\":\"\\u673a\\u5bc6\"}").0.contains("机密"));
        let settings = settings();
        let document = open("5py65a+G5paH5Lu2".repeat(10).as_bytes(), &settings).expect("it is text");
        assert!(document.has_members() && document.faults().is_empty());
        let expected = ("base64-1.txt".to_owned(), Ok("机密文件".repeat(10).into_bytes()));
        assert_eq!(members(document.as_ref()), [expected]);
    }

    #[test]
    fn uuencoded_files_in_a_text_are_handed_out_and_a_cut_one_is_a_fault() {
        let settings = settings();
        let text = b"see\nbegin 644 a/b.txt\n#0V%T\n`\nend\nyours\n";
        let document = open(text, &settings).expect("it is text");
        assert_eq!(members(document.as_ref()), [("a_b.txt".to_owned(), Ok(b"Cat".to_vec()))]);
        assert_eq!(read(text), (String::from_utf8_lossy(text).into_owned(), Vec::new()));
        assert_eq!(read(b"begin 644 a.txt\n#0V%T\n").1, [FaultReason::Damaged]);
        assert_eq!(read(b"begin 644 words\nand so on in small letters\n").1, []);
    }

    #[test]
    fn a_diagram_in_a_text_is_a_page() {
        let settings = settings();
        let file = diagram::tests::packed(&["TOP SECRET"]);
        let document = open(file.as_bytes(), &settings).expect("opens");
        let pages = crate::format::test_support::texts(document.as_ref());
        assert!(pages.contains(&(Some("diagram".to_owned()), "Page-1\nTOP SECRET\n".to_owned())), "{pages:?}");
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn encrypted_text_inside_a_text_is_a_fault() {
        let line = "hQEMAYxzNzjhFKKr3g8qnHaO82odOdsdO2SHTekyIAywZqaMb8mc7qUj";
        let text = format!("Hi, see below\n-----BEGIN PGP MESSAGE-----\n\n{line}\n{line}\n");
        assert_eq!(read(text.as_bytes()).1, [FaultReason::Encrypted]);
    }

    #[test]
    fn what_a_printer_prints_twice_what_tex_sets_and_seven_bits_say_is_read() {
        assert_eq!(read(b"see\nT\x08TO\x08OP\x08P S\x08SECRET\n").0, "see\nTOP SECRET\n");
        let (text, faults) = read(b"\\documentclass{article}\n\\SetWatermarkText{TOP SECRET}\n");
        assert!(text.ends_with("\nTOP SECRET\n") && faults.is_empty(), "{text}");
        assert!(read(b"Hallo\n+AFQATwBQACAAUwBFAEMAUgBFAFQ-\n").0.ends_with("\nTOP SECRET\n"));
        assert_eq!(
            read(b"#define a_width 600\n#define a_height 99\nstatic char a_bits[] = {\n0x00};\n").1,
            [FaultReason::Unsupported]
        );
    }

    #[test]
    fn what_an_override_shows_backwards_is_read_as_shown_in_every_document() {
        let shown = (Some("lines as they are shown".to_owned()), "TOP SECRET\n".to_owned());
        let settings = settings();
        for document in [
            "see\n\u{202e}TERCES POT\u{202c}\n".to_owned(),
            "<!DOCTYPE html><p>see<p><bdo dir=RTL>TERCES <b>POT</b></bdo>".to_owned(),
            "<!DOCTYPE html><p>see<pre><bdo dir=rtl>\nTERCES POT</bdo></pre>".to_owned(),
            "<!DOCTYPE html><p>see<p><bdo dir=rtl>TERCES<bdo dir=ltr></bdo> POT</bdo>".to_owned(),
            "<!DOCTYPE html><p>see<p><bdo dir=rtl>TERCES <bdo dir=ltr>TOP</bdo></bdo>".to_owned(),
            "<!DOCTYPE html><p>see<p><bdo dir=ltr><bdo dir=rtl>TERCES<bdo dir=rtl> POT</bdo></bdo></bdo>".to_owned(),
            "{\\rtf1 see\\par \\u8238?TERCES POT\\u8236?\\par}".to_owned(),
        ] {
            let opened = open(document.as_bytes(), &settings).expect("opens");
            let pages = crate::format::test_support::texts(opened.as_ref());
            assert!(pages.contains(&shown), "{document}: {pages:?}");
        }
        assert!(read("\u{202e}TERCES POT\u{202c}\n".as_bytes()).0.contains("TERCES POT"));
    }

    #[test]
    fn what_markup_parts_is_joined_on_a_page_of_its_own() {
        let xml = b"<?xml version='1.0'?><article><para>This is <emphasis>T</emphasis>OP SEC<emphasis>RET</emphasis></para></article>";
        let settings = settings();
        let document = open(xml, &settings).expect("it is text");
        let pages = crate::format::test_support::texts(document.as_ref());
        assert_eq!(pages[1], (Some("text without its markup".to_owned()), "This is TOP SECRET\n".to_owned()));
        assert_eq!(document.faults(), []);
    }
}
