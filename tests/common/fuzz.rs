//! Fuzzing of the formats through real readers: mutated documents, and what must hold of whatever comes back.
//!
//! There is no coverage to steer by on the stable toolchain, so outcomes steer: a mutant that led to faults, sizes or decisions
//! not seen before becomes a seed of its own.
#![allow(dead_code, unreachable_pub, reason = "each binary that uses it uses a part")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};

use misfile::config::Settings;
use misfile::document::{Kind, Page};
use misfile::finding::{Fault, FaultReason};
use misfile::format::{FORMATS, Format, Source};
use misfile::kind;
use misfile::read::pool::{ContentJob, Event, Pool};
use misfile::read::process::ReaderCommand;
use misfile::read::reader;

/// Contents with the readers at a time.
const UNDER_WAY: usize = 8;
/// Longest mutant, bytes.
const LONGEST: usize = 256 << 10;

/// Numbers that depend on the seed alone (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).expect("it is below a usize")
    }
}

/// A document to start from, or one that was made of it.
#[derive(Clone)]
pub struct Seed {
    pub kind: Kind,
    pub bytes: Vec<u8>,
    /// The letters of the document that it was made of, if that had no fault.
    pub before: Option<Letters>,
}

/// How often each letter and digit stands in a document.
pub type Letters = BTreeMap<char, usize>;

/// Every small document of the fixtures and of the sample share that a format reads.
pub fn seeds(root: &Path) -> Vec<Seed> {
    let mut paths = Vec::new();
    for folder in ["tests/fixtures/format", "tests/fixtures/gate", "tests/fixtures/fuzz", "examples/share"] {
        collect(&root.join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("readable");
        let kind = kind_of(&bytes);
        (bytes.len() <= 60_000 && is_read(&kind)).then_some(Seed { kind, bytes, before: None })
    };
    paths.iter().filter_map(read).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => collect(&path, into),
            path => into.push(path),
        }
    }
}

fn kind_of(bytes: &[u8]) -> Kind {
    let source = Source::new(file_of(bytes)).expect("it has a size");
    kind::detect(&bytes[..bytes.len().min(kind::HEAD_BYTES)], &source)
}

fn is_read(kind: &Kind) -> bool {
    FORMATS.iter().any(|format| format.name() != "failing" && format.kinds().contains(&kind.as_str()))
}

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).and_then(|()| file.rewind()).expect("written");
    file
}

/// Words that mean something to some format, and numbers at the edges of theirs.
const WORDS: [&[u8]; 40] = [
    b"obj",
    b"endobj",
    b"stream\n",
    b"endstream",
    b"/Length 0",
    b"/Length 99999999999",
    b"/Kids [1 0 R]",
    b"/Count -1",
    b"/Filter [/FlateDecode /FlateDecode]",
    b"/Filter /JBIG2Decode",
    b"/Filter /DCTDecode",
    b"/Type /Pages",
    b"1 0 R",
    b"0 0 R",
    b"<<",
    b">>",
    b"[[[[[[[[",
    b"%%EOF",
    b"startxref\n0\n",
    b"/Encrypt 1 0 R",
    b"BT",
    b"Tj",
    b"BI ID EI",
    b"\xff\xd8\xff",
    b"\xff\xd9",
    b"\xff\xda",
    b"\xff\xc4",
    b"\xff\xdb",
    b"\x89PNG\r\n\x1a\n",
    b"IHDR",
    b"fcTL",
    b"GIF89a",
    b"RIFF",
    b"II*\0",
    b"<!DOCTYPE x [<!ENTITY a \"&a;\">]>",
    b"<table>",
    b"&#x10ffff;",
    b"\x81\x30\x81\x30",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
];
const NUMBERS: [u64; 12] =
    [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX];

/// A document that differs from a seed in one to eight places.
pub fn mutate(chance: &mut Chance, seeds: &[Seed]) -> Seed {
    let seed = &seeds[chance.below(seeds.len())];
    let mut bytes = seed.bytes.clone();
    for _ in 0..=chance.below(8) {
        change(chance, &mut bytes, seeds);
    }
    bytes.truncate(LONGEST);
    // What a reader is told and what it gets may differ.
    let kind = if chance.below(20) == 0 { seeds[chance.below(seeds.len())].kind.clone() } else { seed.kind.clone() };
    Seed { kind, bytes, before: seed.before.clone() }
}

fn change(chance: &mut Chance, bytes: &mut Vec<u8>, seeds: &[Seed]) {
    let at = chance.below(bytes.len());
    let most = if chance.below(4) == 0 { 2000 } else { 16 };
    let length = 1 + chance.below(most);
    let end = (at + length).min(bytes.len());
    match chance.below(10) {
        0 | 1 if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
        2 if !bytes.is_empty() => bytes[at] = u8::try_from(chance.below(256)).expect("a byte"),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        5 => drop(bytes.splice(at..at, WORDS[chance.below(WORDS.len())].iter().copied())),
        6 => {
            let word = WORDS[chance.below(WORDS.len())];
            let end = (at + word.len()).min(bytes.len());
            bytes.splice(at..end, word.iter().copied());
        }
        7 => {
            let number = NUMBERS[chance.below(NUMBERS.len())];
            let width = [1, 2, 4, 8][chance.below(4)];
            let mut number = if chance.below(2) == 0 {
                number.to_le_bytes()[..width].to_vec()
            } else {
                number.to_be_bytes()[8 - width..].to_vec()
            };
            number.truncate(bytes.len() - at);
            bytes.splice(at..at + number.len(), number);
        }
        8 => {
            let other = &seeds[chance.below(seeds.len())].bytes;
            let from = chance.below(other.len());
            let part = &other[from..(from + length).min(other.len())];
            bytes.splice(at..end, part.iter().copied());
        }
        _ => bytes.truncate(at),
    }
}

/// What came of a mutant.
#[derive(Debug, Default)]
pub struct Outcome {
    opened: Option<u32>,
    pages: BTreeMap<u32, usize>,
    faults: Vec<Fault>,
    traits: BTreeSet<String>,
    letters: Letters,
}

impl Outcome {
    /// What is new about it is worth a seed: faults without their numbers, and sizes by their order.
    pub fn signature(&self, kind: &Kind) -> String {
        let plain = |fault: &Fault| {
            let detail: String = fault.detail.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
            format!("{}:{detail}", fault.reason)
        };
        let faults: BTreeSet<String> = self.faults.iter().map(plain).collect();
        let order = |number: usize| usize::BITS - number.leading_zeros();
        let text: usize = self.pages.values().sum();
        format!("{kind} {faults:?} {} {} {:?}", order(self.pages.len()), order(text), self.traits)
    }

    /// What must never come of any document.
    pub fn problem(&self, kind: &Kind, limits: &misfile::config::Limits) -> Option<String> {
        let panicked = self.faults.iter().find(|fault| fault.detail.contains("panicked"));
        if let Some(fault) = panicked {
            return Some(format!("a bug of ours: {fault}"));
        }
        let has_pixels = |format: &&&dyn Format| format.kinds().contains(&kind.as_str()) && format.has_pixels();
        let native = FORMATS.iter().any(|format| has_pixels(&format));
        if let Some(fault) = self.slow().filter(|_| !native) {
            return Some(format!("a hang of ours: {fault}"));
        }
        let Some(opened) = self.opened else {
            return (self.faults.is_empty()).then(|| "never opened, and nobody says why".to_owned());
        };
        let whole = self.faults.iter().any(|fault| fault.page.is_none());
        let unaccounted = (1..=opened.min(limits.pages))
            .find(|page| !self.pages.contains_key(page) && !self.faults.iter().any(|fault| fault.page == Some(*page)));
        match unaccounted {
            Some(page) if !whole => Some(format!("page {page} of {opened} is neither read nor a fault")),
            _ => None,
        }
    }

    /// The native libraries died of it, or could not have enough of it: a fault of its page, and worth telling their authors.
    pub fn native(&self) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.reason == FaultReason::Crash).or(self.slow())
    }

    fn slow(&self) -> Option<&Fault> {
        self.faults.iter().find(|fault| matches!(fault.reason, FaultReason::Timeout | FaultReason::Cpu))
    }

    /// Its letters, if all of it was read.
    pub fn letters(self) -> Option<Letters> {
        self.faults.is_empty().then_some(self.letters)
    }

    /// Lost more than a fifth of the letters of the document that it was made of, and nobody says so. Most such documents are
    /// other valid ones; what is left is a hole.
    pub fn is_silent(&self, seed: &Seed) -> bool {
        let Some(before) = seed.before.as_ref().filter(|_| self.faults.is_empty()) else { return false };
        let (all, lost) = before.iter().fold((0, 0), |(all, lost), (letter, count)| {
            (all + count, lost + count.saturating_sub(self.letters.get(letter).copied().unwrap_or(0)))
        });
        !matches!(seed.kind.as_str(), "text" | "html") && lost * 5 > all
    }

    fn page(&mut self, page: &Page) {
        for letter in page.text.content.chars().filter(|c| c.is_alphanumeric()) {
            *self.letters.entry(letter).or_default() += 1;
        }
        self.pages.insert(page.number, page.text.content.len());
        self.faults.extend(page.faults.iter().cloned());
        self.traits.insert(format!("{:?} {}", page.gate.action, page.gate.reason));
    }
}

/// Readers with settings for speed: pages are rendered small, since what is read is noise.
pub fn settings() -> Settings {
    let mut settings = Settings::defaults();
    settings.ocr.page_height = 300;
    settings.gate.render_pixels = 300;
    settings.limits.pages = 40;
    settings.limits.frames = 40;
    settings.limits.page_wall_seconds = 30;
    settings.limits.image_pixels = 4_000_000;
    settings.limits.unpacked_bytes = 64 << 20;
    settings
}

/// Has `next` make documents until it has no more, and hands each to `done` with what came of it.
pub fn run(
    program: &str,
    settings: &Settings,
    mut next: impl FnMut() -> Option<Seed>,
    mut done: impl FnMut(Seed, Outcome),
) {
    let command = ReaderCommand { program: program.into(), arguments: vec!["reader".to_owned()] };
    let stamps = reader::stamps(settings).expect("a reader can work here");
    let pool = Pool::start(settings, command, stamps);
    let (mut under_way, mut ticket, mut more) = (HashMap::new(), 0, true);
    loop {
        while more && under_way.len() < UNDER_WAY {
            let Some(seed) = next() else {
                more = false;
                break;
            };
            ticket += 1;
            let (file, kind) = (file_of(&seed.bytes), seed.kind.clone());
            under_way.insert(ticket, (seed, Outcome::default()));
            pool.submit(ContentJob::new(ticket, file, kind));
        }
        if under_way.is_empty() {
            return;
        }
        match pool.events().recv().expect("the pool lives") {
            Event::Opened(of, opening) => {
                let outcome = &mut under_way.get_mut(&of).expect("under way").1;
                outcome.opened = Some(opening.pages);
                outcome.faults.extend(opening.faults);
            }
            Event::Page(of, page) => under_way.get_mut(&of).expect("under way").1.page(&page),
            Event::Fault(of, fault) => under_way.get_mut(&of).expect("under way").1.faults.push(fault),
            Event::Finished(of) => {
                let (seed, outcome) = under_way.remove(&of).expect("under way");
                done(seed, outcome);
            }
            Event::Started(_) | Event::Served(_) | Event::Member(..) | Event::MemberFault(..) => {}
            Event::Broken(why) => panic!("readers cannot be started any more: {why}"),
        }
    }
}
