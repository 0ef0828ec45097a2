//! What systems and programs put beside the files of people: `AppleDouble` (`._name` of a Mac), `.DS_Store`, and the file by which
//! Office says who has a document open (`~$name`).
//!
//! What words are in them is a page: names of files, comments of the Finder, addresses that a file came from, names of people.
//! Attributes that are files themselves are handed out, and a fork of resources that has any is a fault.

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::kind;

use super::mail::message::{Content, Letter, Member, safe};
use super::text::{Part, TextPages, read_bounded};
use super::{Document, Format, Source, behind, charset};

/// Bytes of a fork of resources that has none: its header and an empty map.
const EMPTY_FORK: usize = 286;

/// Entries of an `AppleDouble`, and attributes in one.
const ENTRIES: usize = 1000;

/// Letters in a row that are a word and no chance.
const WORD: usize = 4;

/// Characters of a name in a `.DS_Store`: no system has longer ones.
const NAME: usize = 1024;

/// Bytes of the files in which Office says who has a document open: Word's have the fewest.
const OWNER_BYTES: std::ops::RangeInclusive<u64> = 162..=165;
/// Where the name stands a second time in one, behind its length: in UTF-16.
const OWNER_WIDE: [usize; 2] = [54, 55];

/// Reads what programs leave behind.
pub(super) struct Debris;

impl Format for Debris {
    fn name(&self) -> &'static str {
        "debris"
    }

    fn version(&self) -> u32 {
        2
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["appledouble", "ds-store", "office-owner"]
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let mut found = Found { limit: settings.limits.content_text_bytes, ..Found::default() };
        let (label, end) = match kind.as_str() {
            "appledouble" => ("attributes", found.double(&bytes)?),
            "ds-store" => ("folder", found.store(&bytes)),
            _ => {
                found.owner(&bytes);
                ("owner", bytes.len())
            }
        };
        faults.append(&mut found.faults);
        faults.extend(behind::fault_past(&source, (end as u64).min(source.size())));
        let pages =
            TextPages::of_parts(vec![Part { label: Some(label.to_owned()), text: found.text }], faults, settings);
        Ok(Box::new(Letter::new(pages, Vec::new(), found.members)))
    }
}

/// Whether a file is one in which Office says who has a document open, by its size and the name in it, which stands there twice.
pub(crate) fn is_owner(head: &[u8], source: &Source) -> bool {
    let narrow = head.first().and_then(|length| head.get(1..1 + usize::from(*length)));
    OWNER_BYTES.contains(&source.size())
        && narrow.is_some_and(|name| name.len() < OWNER_WIDE[0] && !name.contains(&0))
        && wide_owner(head).is_some()
}

/// The name in UTF-16 of who has a document open.
fn wide_owner(bytes: &[u8]) -> Option<String> {
    let is_name = |name: &String| !name.is_empty() && !name.contains(|c: char| c.is_control() || c == '\u{fffd}');
    OWNER_WIDE.into_iter().find_map(|at| {
        let (length, rest) = bytes.get(at..)?.split_first()?;
        let units = rest.get(1..1 + 2 * usize::from(*length)).filter(|_| rest[0] == 0)?;
        Some(encoding_rs::UTF_16LE.decode_without_bom_handling(units).0.into_owned()).filter(is_name)
    })
}

/// What was found in a file.
#[derive(Default)]
struct Found {
    text: String,
    /// Bytes of text that are kept.
    limit: usize,
    /// Lines that were said.
    said: BTreeSet<String>,
    members: Vec<Member>,
    faults: Vec<Fault>,
}

impl Found {
    /// Adds a line, once.
    fn say(&mut self, line: &str) {
        let line = line.trim_matches(|c: char| c.is_control() || c.is_whitespace());
        // What is over the limit of a text is a fault when pages are made of it.
        let has_room = self.text.len() <= self.limit;
        if has_room && !line.is_empty() && self.said.insert(line.to_owned()) {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// Adds the words that stand anywhere in a comment or attribute, which may be in the sets of old systems.
    fn words_of_any_set(&mut self, bytes: &[u8]) {
        for run in bytes.split(|byte| *byte < b' ' && *byte != b'\t') {
            // As one: what pieces of it are valid UTF-8 may be halves of characters of another set.
            if run.len() >= WORD && std::str::from_utf8(run).is_err() {
                let decoded = charset::decode(run, None);
                if decoded.damaged == 0 && decoded.text.chars().filter(|c| c.is_alphanumeric()).count() >= WORD {
                    self.say(&decoded.text);
                    // Which set of one byte a character it is cannot be seen in a few words, and here it is likely that of Macs.
                    if !charset::is_multi_byte(decoded.encoding) {
                        self.say(&encoding_rs::MACINTOSH.decode_without_bom_handling(run).0);
                    }
                }
            }
        }
        self.words(bytes);
    }

    /// Adds the words that stand anywhere in bytes: UTF-8, and UTF-16 of the order of Macs.
    fn words(&mut self, bytes: &[u8]) {
        for run in bytes.split(|byte| *byte < b' ' && *byte != b'\t') {
            for piece in run.utf8_chunks() {
                if piece.valid().chars().filter(|c| c.is_alphanumeric()).count() >= WORD {
                    self.say(piece.valid());
                }
            }
        }
        for start in 0..2 {
            let pairs = bytes.get(start..).unwrap_or_default().chunks_exact(2);
            let units = pairs.map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let mut word = String::new();
            for unit in char::decode_utf16(units).map(Result::unwrap_or_default).chain(['\0']) {
                if is_letter(unit) {
                    word.push(unit);
                    continue;
                }
                // Two letters of one byte each look like one of the East, and so does one in the other order of bytes.
                let latin = |byte: u8| (b' '..=b'~').contains(&byte);
                let is_narrow = |[high, low]: [u8; 2]| latin(high) && (latin(low) || low == 0);
                if 2 * word.encode_utf16().filter(|unit| is_narrow(unit.to_be_bytes())).count()
                    <= word.encode_utf16().count()
                    && word.chars().filter(|c| c.is_alphanumeric()).count() >= WORD
                {
                    self.say(&word);
                }
                word.clear();
            }
        }
    }

    /// The parts of an `AppleDouble`, and where they end.
    fn double(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let broken = || Fault::whole(FaultReason::Damaged, "the list of what stands beside a Mac's file is broken");
        let count =
            bytes.get(24..26).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]]))).ok_or_else(broken)?;
        let mut end = 26 + 12 * count;
        let mut room = bytes.len();
        for index in 0..count.min(ENTRIES) {
            let at = 26 + 12 * index;
            let (id, start, length) =
                (long(bytes, at), long(bytes, at + 4).unwrap_or_default(), long(bytes, at + 8).unwrap_or_default());
            let last = start.checked_add(length).ok_or_else(broken)?;
            let Some(entry) = bytes.get(start..last) else {
                self.faults.push(broken());
                continue;
            };
            end = end.max(last);
            let Some(left) = room.checked_sub(length) else {
                self.overlaid();
                break;
            };
            room = left;
            match id {
                // The file itself.
                Some(1) => self.hand_out("data", entry),
                Some(2) if length > EMPTY_FORK => {
                    let detail = format!("{length} bytes of resources of a Mac's file are not read");
                    self.faults.push(Fault::whole(FaultReason::Unsupported, detail));
                    self.words(entry);
                }
                Some(9) => self.finder(bytes, entry),
                _ => self.words_of_any_set(entry),
            }
        }
        Ok(end)
    }

    /// What the Finder says of a file, and the attributes behind it.
    fn finder(&mut self, bytes: &[u8], entry: &[u8]) {
        let attributes = entry.get(34..).filter(|rest| rest.starts_with(b"ATTR")).unwrap_or_default();
        let count = attributes.get(34..36).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])));
        let (mut at, mut room) = (36_usize, bytes.len());
        for _ in 0..count.min(ENTRIES) {
            let place = long(attributes, at).zip(long(attributes, at + 4));
            let name = attributes.get(at + 10).map_or(0, |length| usize::from(*length));
            let Some((name, (start, length))) = attributes.get(at + 11..at + 11 + name).zip(place) else { break };
            at = (at + 11 + name.len()).next_multiple_of(4);
            let Some(value) = start.checked_add(length).and_then(|end| bytes.get(start..end)) else { continue };
            let Some(left) = room.checked_sub(length) else {
                self.overlaid();
                break;
            };
            room = left;
            let name = charset::decode(name, None).text.trim_end_matches('\0').to_owned();
            let known = kind::of_head(&value[..value.len().min(4096)]);
            if !matches!(known, None | Some("plist" | "text")) {
                self.hand_out(&name, value);
            }
            self.say(&name);
            self.words_of_any_set(value);
        }
        // What no attribute is about.
        self.words_of_any_set(entry);
    }

    /// Entries of more bytes than there are lie over each other, which no system writes: the others would be the same once more, a
    /// thousand times.
    fn overlaid(&mut self) {
        let detail = "parts of what stands beside a Mac's file lie over each other; not all of them are read";
        self.faults.push(Fault::whole(FaultReason::Damaged, detail));
    }

    fn hand_out(&mut self, name: &str, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.members.push(Member { name: safe(name), content: Content::Held(bytes.to_vec()) });
        }
    }

    /// The records of a `.DS_Store`, and where its last block ends.
    fn store(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() > 12) {
            // A name, then what is said of the file and in which form, each in four letters.
            let name = long(rest, 0).filter(|length| (1..=NAME).contains(length)).and_then(|length| {
                let units = rest.get(4..4 + 2 * length)?;
                let is_named = rest.get(4 + 2 * length..12 + 2 * length)?.iter().all(u8::is_ascii_alphanumeric);
                is_named.then_some(units)
            });
            match name {
                Some(units) => {
                    self.say(&encoding_rs::UTF_16BE.decode_without_bom_handling(units).0);
                    at += 4 + units.len();
                }
                None => at += 1,
            }
        }
        self.words(bytes);
        blocks_end(bytes).unwrap_or(bytes.len())
    }

    fn owner(&mut self, bytes: &[u8]) {
        let length = bytes.first().map_or(0, |length| usize::from(*length));
        self.say(&charset::decode(bytes.get(1..1 + length).unwrap_or_default(), None).text);
        self.say(&wide_owner(bytes).unwrap_or_default());
        // What stands behind the names is what was in memory there.
        self.words(bytes);
        let little: Vec<u8> =
            bytes.get(OWNER_WIDE[0]..).unwrap_or_default().chunks_exact(2).flat_map(|two| [two[1], two[0]]).collect();
        self.words(&little);
    }
}

/// Whether a character is one that words are of: nearly every pair of bytes is some character.
fn is_letter(c: char) -> bool {
    let ranges =
        [' '..='~', '\u{a0}'..='\u{52f}', '\u{3000}'..='\u{9fff}', '\u{ac00}'..='\u{d7a3}', '\u{ff00}'..='\u{ffef}'];
    ranges.iter().any(|range| range.contains(&c))
}

/// One past the last block of a `.DS_Store`: a block says in one number where it is and how large.
fn blocks_end(bytes: &[u8]) -> Option<usize> {
    let list = long(bytes, 8)?.checked_add(4)?;
    let length = long(bytes, 12)?;
    let count = long(bytes, list)?.min(ENTRIES);
    let block = |index: usize| {
        let place = u32::try_from(long(bytes, list + 8 + 4 * index)?).ok()?;
        let (start, size) = ((place & !31) as usize, 1_usize.checked_shl(place & 31)?);
        start.checked_add(size)?.checked_add(4).filter(|_| place > 0)
    };
    let last = (0..count).filter_map(block).max().unwrap_or_default();
    Some(last.max(list.checked_add(length)?))
}

/// Four bytes, the highest first.
fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_be_bytes([four[0], four[1], four[2], four[3]])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{members, open, settings, texts};

    fn number(value: usize) -> [u8; 4] {
        u32::try_from(value).expect("short").to_be_bytes()
    }

    /// An `AppleDouble` of entries.
    fn double(entries: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let mut file =
            [b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ".as_slice(), &[0, entries.len().to_le_bytes()[0]]].concat();
        let mut start = 26 + 12 * entries.len();
        for (id, entry) in entries {
            file.extend([id.to_be_bytes(), number(start), number(entry.len())].concat());
            start += entry.len();
        }
        file.extend(entries.iter().flat_map(|(_, entry)| entry.clone()));
        file
    }

    /// What the Finder says, with one attribute; it is the first of two entries.
    fn finder(name: &str, value: &[u8]) -> Vec<u8> {
        let head = 36 + (11 + name.len() + 1).next_multiple_of(4);
        let place = number(26 + 24 + 34 + head);
        let attributes = [
            b"ATTR".as_slice(),
            &[0; 28],
            &[0, 0, 0, 1],
            &place,
            &number(value.len()),
            &[0, 0],
            &[name.len().to_le_bytes()[0] + 1],
        ];
        let mut entry = [[0; 34].as_slice(), &attributes.concat(), name.as_bytes(), b"\0"].concat();
        entry.resize(34 + head, 0);
        [entry, value.to_vec()].concat()
    }

    #[test]
    fn what_a_mac_says_beside_a_file_is_text_and_resources_are_a_fault() {
        let settings = settings();
        let wide: Vec<u8> = "绝密计划".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let comment = [b"bplist00\x64".as_slice(), &wide, &[8, 0, 0, 0]].concat();
        let file = double(&[(9, finder("com.apple.metadata:kMDItemFinderComment", &comment)), (2, vec![0; 286])]);
        let document = open(&file, &settings).expect("opens");
        let (label, text) = texts(&*document).remove(0);
        assert_eq!(label.as_deref(), Some("attributes"));
        assert!(text.contains("kMDItemFinderComment") && text.contains("绝密计划"), "{text}");
        assert_eq!(document.faults(), []);
        let forked = double(&[(9, vec![0; 32]), (2, [vec![0; 300], b"TOP SECRET".to_vec()].concat())]);
        let document = open(&forked, &settings).expect("opens");
        assert_eq!(document.faults()[0].reason, FaultReason::Unsupported);
        assert_eq!(texts(&*document)[0].1, "TOP SECRET\n");
        let behind = [file, b"a letter that stands behind the end, and is TOP SECRET\n".to_vec()].concat();
        assert_eq!(open(&behind, &settings).expect("opens").faults()[0].reason, FaultReason::Attachment);
    }

    #[test]
    fn an_attribute_that_is_a_document_and_the_file_itself_are_handed_out() {
        let settings = settings();
        let file = double(&[(9, finder("com.example.copy", b"%PDF-1.7\n")), (1, b"TOP SECRET".to_vec())]);
        let document = open(&file, &settings).expect("opens");
        let names: Vec<String> = members(&*document).into_iter().map(|member| member.0).collect();
        assert_eq!(names, ["com.example.copy", "data"]);
    }

    #[test]
    fn a_comment_in_the_set_of_an_old_system_is_read() {
        let settings = settings();
        let comment = encoding_rs::GB18030.encode("绝密文件，不得外传").0.into_owned();
        let record = [&[0, 0, 0, 9], comment.as_slice(), &[0; 5]].concat();
        for file in [
            double(&[(9, finder("comment", &record))]),
            double(&[(4, comment)]),
            double(&[(4, encoding_rs::MACINTOSH.encode("Diffusion restreinte à l’équipe dirigeante").0.into_owned())]),
        ] {
            let document = open(&file, &settings).expect("opens");
            let text = texts(&*document).remove(0).1;
            assert!(text.contains("绝密文件，不得外传") || text.contains("restreinte à l’équipe"), "{text}");
            assert_eq!(document.faults(), []);
        }
    }

    #[test]
    fn entries_that_lie_over_each_other_are_read_as_often_as_there_are_bytes_and_are_a_fault() {
        let settings = settings();
        let mut file = double(&vec![(1, Vec::new()); 200]);
        let (start, body) = (file.len(), [b"TOP SECRET".as_slice(), &b" ".repeat(90_000)].concat());
        for index in 0..200 {
            let at = 26 + 12 * index;
            file[at + 4..at + 12].copy_from_slice(&[number(start), number(body.len())].concat());
        }
        file.extend(body);
        let document = open(&file, &settings).expect("opens");
        assert_eq!(document.faults()[0].reason, FaultReason::Damaged);
        assert_eq!(members(&*document).len(), 1);
    }

    #[test]
    fn names_and_comments_in_a_store_of_the_finder_are_text() {
        let wide = |text: &str| {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            [&number(units.len() / 2), units.as_slice()].concat()
        };
        let records =
            [wide("机密.docx"), b"cmmtustr".to_vec(), wide("秘"), wide("plan.txt"), b"Ilocblob".to_vec(), vec![0; 20]];
        let mut file = [b"\0\0\0\x01Bud1".as_slice(), &number(2048), &number(32), &[0; 20], &records.concat()].concat();
        file.resize(2052, 0);
        // One block of 2048 bytes.
        file.extend([number(1), number(0), number(11)].concat());
        file.resize(2084, 0);
        let settings = settings();
        let document = open(&file, &settings).expect("opens");
        let text = texts(&*document).remove(0).1;
        assert!(text.contains("机密.docx\n") && text.contains("plan.txt\n"), "{text}");
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn who_has_a_document_open_is_text() {
        let mut file = [&[5], b"Anton".as_slice()].concat();
        file.resize(54, b' ');
        file.extend([0, 5, 0]);
        file.extend("Anton".encode_utf16().flat_map(u16::to_le_bytes));
        while file.len() + 1 < 162 {
            file.extend([b' ', 0]);
        }
        file.resize(162, 0);
        let settings = settings();
        let document = open(&file, &settings).expect("opens");
        assert_eq!(texts(&*document)[0], (Some("owner".to_owned()), "Anton\n".to_owned()));
        assert_eq!(document.faults(), []);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let settings = settings();
            for lead in [b"\0\x05\x16\x07\0\x02\0\0".as_slice(), b"\0\0\0\x01Bud1\0\0\0\x10"] {
                if let Ok(document) = open(&[lead, &bytes].concat(), &settings) {
                    texts(&*document);
                }
            }
        }
    }
}
