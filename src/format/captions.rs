//! What a picture says in words besides its pixels: captions, comments, keywords, in EXIF, XMP, IPTC and the comments of each
//! format.
//!
//! Left out is what cameras and programs write of themselves. Damage to metadata is no damage to a picture: what can be read of
//! them is.

mod files;

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};

use super::text::{Part, TextPages};
use super::{Source, charset, diagram, xmp};
pub(super) use files::of;

/// Bytes of one piece of metadata that are looked at: XMP of many pages of keywords has some.
const PIECE: u64 = xmp::BYTES as u64;
/// Pieces that are looked at.
const PIECES: usize = 100_000;
/// Directories of a TIFF that are looked at.
const DIRECTORIES: usize = 10_000;
/// Bytes of text that are kept.
const TEXT: usize = 1 << 20;

/// Names of entries that hold no words.
const TECHNICAL: &[&str] = &[
    "software",
    "creation time",
    "date:create",
    "date:modify",
    "date:timestamp",
    "signature",
    "producer",
    "creator",
    "encoder",
    "raw profile type",
    "gimp:",
    "colorspace",
    "png:",
    "exif:",
    "tiff:",
    "thumb::",
    "pdf:version",
    "jpeg:",
    "icc:",
    "xmp:",
];

/// Values that programs and cameras write by themselves.
const NOISE: &[&str] = &[
    "olympus digital camera",
    "sony dsc",
    "samsung",
    "dcim",
    "konica minolta digital camera",
    "minolta digital camera",
    "digital camera",
    "default",
    "created with gimp",
    "created with the gimp",
    "creator: gd-jpeg",
    "lavc",
    "lead technologies",
    "file written by adobe photoshop",
    "compressed by jpeg-recompress",
    "optimized by jpegmini",
    "imagej=",
    "ascii",
    "xv ",
    "intel(r) jpeg library",
    "handmade software",
    "dicom",
    "screenshot",
    "pfu scansnap",
    "processed by",
    "ver.",
    "unknown",
    "exif_jpeg_picture",
    "jpeg encoder copyright",
    "gif87a",
    "netscape2.0",
    "uleadsystems",
    "created by ",
    "created with ",
    "made with ",
];

/// Texts with names, without what nobody wrote.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Captions {
    text: String,
    values: BTreeSet<String>,
    /// There was no room for an entry: none more is looked at.
    full: bool,
    /// There is more than is looked at, or metadata that are not read.
    lost: bool,
}

impl Captions {
    /// The page `properties`; none if nobody wrote anything.
    pub(super) fn pages(self, settings: &Settings) -> TextPages {
        let part = Part { label: Some("properties".to_owned()), text: self.text };
        let detail = "what the picture says of itself is more than is looked at, or is not read";
        let lost = self.lost.then(|| Fault::whole(FaultReason::Limit, detail));
        TextPages::of_parts(vec![part], lost.into_iter().collect(), settings)
    }

    /// Notes that something is left out.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// Keeps an entry if it says something that was not said.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        // That there are more is told already; a file may have millions of them.
        if self.full {
            return;
        }
        // Pictures of draw.io carry what they were made of.
        if diagram::may_be(value) {
            let diagram = diagram::read(value);
            self.say(&diagram.text);
            if diagram.lost > 0 {
                self.lose();
            }
            return;
        }
        let value = value.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        let (name_lower, lower) = (name.to_lowercase(), value.to_lowercase());
        let technical = TECHNICAL.iter().any(|noise| name_lower.starts_with(noise));
        let noise = NOISE.iter().any(|noise| lower.starts_with(noise));
        // Programs put the place of the file there.
        let path =
            name == "document name" && value.is_ascii() && (value.contains(['/', '\\']) || value.contains(".tif"));
        let wordless = value.chars().filter(|c| c.is_alphabetic()).count() < 2;
        let said = self.values.contains(value);
        if technical || noise || path || wordless || said {
            return;
        }
        if self.text.len() + value.len() > TEXT {
            self.full = true;
            return self.lose();
        }
        self.values.insert(value.to_owned());
        let _ = writeln!(self.text, "{name}: {value}");
    }

    /// Keeps lines as they are, as far as there is room.
    pub(super) fn say(&mut self, lines: &str) {
        let room = lines.floor_char_boundary(TEXT.saturating_sub(self.text.len()));
        self.lost |= room < lines.len();
        self.text.push_str(&lines[..room]);
    }

    /// Text in an encoding that nobody names.
    pub(super) fn add_bytes(&mut self, name: &str, value: &[u8]) {
        let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        self.add(name, &charset::decode(&value[..end], None).text);
    }

    /// An XMP packet.
    pub(super) fn xmp(&mut self, packet: &[u8]) {
        let Some(entries) = xmp::entries(packet) else { return self.lose() };
        for (name, value) in entries {
            self.add(&name, &value);
        }
    }

    /// The words in the directories of EXIF, which is a TIFF.
    pub(super) fn exif(&mut self, data: &[u8]) {
        self.directories(&|place, length| data.get(place..place.checked_add(length)?).map(<[u8]>::to_vec));
    }

    /// The words in the directories of a TIFF; those of one beyond 4 GiB have another form and are passed over.
    pub(super) fn tiff(&mut self, source: &Source) {
        self.directories(&|place, length| {
            let (place, length) = (place as u64, length as u64);
            let bytes = source.bytes_of(place..place.checked_add(length)?).ok()?;
            (bytes.len() as u64 == length).then_some(bytes)
        });
    }

    fn directories(&mut self, read: &dyn Fn(usize, usize) -> Option<Vec<u8>>) {
        let Some(mark) = read(0, 4) else { return };
        let file = Directory { read, big: mark.starts_with(b"MM") };
        if file.short(2) != Some(42) {
            return;
        }
        let mut todo: VecDeque<u32> = file.long(4).into_iter().collect();
        let mut seen = BTreeSet::new();
        // Frames have one each, and the camera's in each.
        for _ in 0..DIRECTORIES {
            let Some(at) = todo.pop_front() else { return };
            // Chains may bite their tail.
            if !seen.insert(at) {
                continue;
            }
            let at = at as usize;
            let count = usize::from(file.short(at).unwrap_or_default());
            for entry in (0..count).map(|index| at.saturating_add(2 + 12 * index)) {
                self.tag(&file, entry, &mut todo);
            }
            todo.extend(file.long(at.saturating_add(2 + 12 * count)).filter(|next| *next > 0));
        }
        self.lost |= todo.iter().any(|at| !seen.contains(at));
    }

    fn tag(&mut self, file: &Directory<'_>, entry: usize, todo: &mut VecDeque<u32>) {
        let (Some(tag), Some(kind), Some(count)) = (file.short(entry), file.short(entry + 2), file.long(entry + 4))
        else {
            return;
        };
        if tag == 0x8769 {
            file.long(entry + 8).into_iter().for_each(|at| todo.push_front(at));
            return;
        }
        if !matches!(tag, 0x010d..=0x013b | 0x02bc | 0x8298 | 0x83bb | 0x8649 | 0x9286 | 0x9c9b..=0x9c9f) {
            return;
        }
        let width = if kind == 4 { 4 } else { 1 };
        let size = (count as usize).saturating_mul(width);
        let place = if size <= 4 { Some(entry + 8) } else { file.long(entry + 8).map(|place| place as usize) };
        self.lost |= size as u64 > PIECE;
        let Some(value) = place.filter(|_| size as u64 <= PIECE).and_then(|place| (file.read)(place, size)) else {
            return;
        };
        let wide = if file.big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
        match tag {
            0x010d => self.add_bytes("document name", &value),
            0x010e => self.add_bytes("description", &value),
            0x011d => self.add_bytes("page name", &value),
            0x013b => self.add_bytes("artist", &value),
            0x8298 => self.add_bytes("copyright", &value),
            0x02bc => self.xmp(&value),
            0x83bb => self.iptc(&value),
            0x8649 => self.photoshop(&value),
            // The first eight bytes name the encoding.
            0x9286 if value.starts_with(b"UNICODE\0") => self.add("comment", &wide.decode(&value[8..]).0),
            0x9286 if value.starts_with(b"JIS\0") => {
                self.add("comment", &of_jis(value.get(8..).unwrap_or_default()));
                // Some cameras write what is no JIS under this name.
                self.add_bytes("comment", value.get(8..).unwrap_or_default());
            }
            0x9286 => self.add_bytes("comment", value.get(8..).unwrap_or_default()),
            0x9c9b => self.add("title", &encoding_rs::UTF_16LE.decode(&value).0),
            0x9c9c => self.add("comment", &encoding_rs::UTF_16LE.decode(&value).0),
            0x9c9d => self.add("author", &encoding_rs::UTF_16LE.decode(&value).0),
            0x9c9e => self.add("keywords", &encoding_rs::UTF_16LE.decode(&value).0),
            0x9c9f => self.add("subject", &encoding_rs::UTF_16LE.decode(&value).0),
            _ => {}
        }
    }

    /// Resources of Photoshop: IPTC, XMP and a caption are among them.
    pub(super) fn photoshop(&mut self, resources: &[u8]) {
        let mut rest = resources;
        for _ in 0..PIECES {
            let Some((number, data, behind)) = resource(rest) else { return };
            match number {
                1028 => self.iptc(data),
                1058 | 1059 => self.exif(data),
                1060 => self.xmp(data),
                _ => {}
            }
            rest = behind;
        }
        self.lose();
    }

    /// Records of IPTC (IIM, 2:5 and on).
    fn iptc(&mut self, records: &[u8]) {
        let mut rest = records;
        // UTF-8 is declared by an escape; without it anything may stand there.
        while let [0x1c, record, set, high, low, behind @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let Some((value, next)) = behind.split_at_checked(length) else { return };
            let name = match (record, set) {
                (2, 5) => "title",
                (2, 15 | 20) => "category",
                (2, 25) => "keywords",
                (2, 40) => "instructions",
                (2, 80) => "author",
                (2, 105) => "headline",
                (2, 110 | 115) => "source",
                (2, 116) => "copyright",
                (2, 120) => "caption",
                _ => "",
            };
            if !name.is_empty() {
                self.add_bytes(name, value);
            }
            rest = next;
        }
    }
}

/// Text of JIS X 0208, two bytes of seven bits a character, without the escapes of mail; with them it is that of mail. Nothing if it
/// is neither.
fn of_jis(bytes: &[u8]) -> String {
    if bytes.contains(&0x1b) {
        return encoding_rs::ISO_2022_JP.decode_without_bom_handling(bytes).0.into_owned();
    }
    let end = bytes.iter().rposition(|byte| *byte > b' ').map_or(0, |last| last + 1);
    let high: Vec<u8> = bytes[..end].iter().map(|byte| byte | 0x80).collect();
    let (text, is_broken) = encoding_rs::EUC_JP.decode_without_bom_handling(&high);
    if is_broken { String::new() } else { text.into_owned() }
}

/// Number and data of the first resource of Photoshop, and what stands behind it.
fn resource(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let rest = bytes.strip_prefix(b"8BIM")?;
    let number = u16::from_be_bytes(rest.get(..2)?.try_into().ok()?);
    // A name with its length before it, of an even size.
    let name = usize::from(*rest.get(2)?) + 1;
    let rest = rest.get(2 + name + (name & 1)..)?;
    let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
    let data = rest.get(4..length.checked_add(4)?)?;
    Some((number, data, rest.get(4 + length + (length & 1)..).unwrap_or_default()))
}

/// Numbers of a TIFF.
struct Directory<'a> {
    read: &'a dyn Fn(usize, usize) -> Option<Vec<u8>>,
    big: bool,
}

impl Directory<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        let bytes = (self.read)(at, 2)?.try_into().ok()?;
        Some(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = (self.read)(at, 4)?.try_into().ok()?;
        Some(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

#[cfg(test)]
#[allow(clippy::trivially_copy_pass_by_ref, reason = "fixtures are small and made here")]
mod tests;
