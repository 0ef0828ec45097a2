//! What a picture says in words besides its pixels: captions, comments, keywords, in EXIF, XMP, IPTC and the comments of each
//! format.
//!
//! Left out is what cameras and programs write of themselves. Damage to metadata is no damage to a picture: what can be read of
//! them is.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::io::{BufReader, Read, Seek, SeekFrom};

use image::ImageFormat;

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};

use super::text::{Part, TextPages};
use super::{Source, charset, inflate, xmp};

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
    values: Vec<String>,
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
        let value = value.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        let (name_lower, lower) = (name.to_lowercase(), value.to_lowercase());
        let technical = TECHNICAL.iter().any(|noise| name_lower.starts_with(noise));
        let noise = NOISE.iter().any(|noise| lower.starts_with(noise));
        // Programs put the place of the file there.
        let path =
            name == "document name" && value.is_ascii() && (value.contains(['/', '\\']) || value.contains(".tif"));
        let wordless = value.chars().filter(|c| c.is_alphabetic()).count() < 2;
        let said = self.values.iter().any(|known| known == value);
        if technical || noise || path || wordless || said {
            return;
        }
        if self.text.len() + value.len() > TEXT {
            return self.lose();
        }
        self.values.push(value.to_owned());
        let _ = writeln!(self.text, "{name}: {value}");
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

/// The captions of a picture in a file of this format.
pub(super) fn of(source: &Source, format: ImageFormat) -> Captions {
    let mut captions = Captions::default();
    let mut reader = BufReader::new(source.clone());
    // Where the file breaks off the captions end, and its pixels say that it does.
    let _ = match format {
        ImageFormat::Png => png(&mut reader, &mut captions),
        ImageFormat::Jpeg => jpeg(&mut reader, &mut captions),
        ImageFormat::Gif => gif(&mut reader, &mut captions),
        ImageFormat::WebP => webp(&mut reader, &mut captions),
        _ => None,
    };
    captions
}

type In = BufReader<Source>;

fn bytes<const COUNT: usize>(reader: &mut In) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    reader.read_exact(&mut bytes).ok().map(|()| bytes)
}

/// The next `length` bytes, or as many of them as are looked at; the reader stands behind them all.
fn piece(reader: &mut In, length: u64, captions: &mut Captions) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    if length > PIECE {
        captions.lose();
    }
    reader.by_ref().take(length.min(PIECE)).read_to_end(&mut data).ok()?;
    skip(reader, length.saturating_sub(data.len() as u64))?;
    Some(data)
}

fn skip(reader: &mut In, length: u64) -> Option<()> {
    reader.seek_relative(i64::try_from(length).ok()?).ok()
}

/// Chunks of text (PNG, 11.3.4).
fn png(reader: &mut In, captions: &mut Captions) -> Option<()> {
    reader.seek(SeekFrom::Start(8)).ok()?;
    for _ in 0..PIECES {
        let [a, b, c, d, kind @ ..] = bytes::<8>(reader)?;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        match &kind {
            b"tEXt" | b"zTXt" | b"iTXt" | b"eXIf" => png_text(&kind, &piece(reader, length, captions)?, captions),
            b"IEND" => return Some(()),
            _ => skip(reader, length)?,
        }
        skip(reader, 4)?;
    }
    captions.lose();
    Some(())
}

fn png_text(kind: &[u8], data: &[u8], captions: &mut Captions) {
    if kind == b"eXIf" {
        return captions.exif(data);
    }
    let Some(end) = memchr::memchr(0, data) else { return };
    let (name, value) = (String::from_utf8_lossy(&data[..end]), &data[end + 1..]);
    let mut lost = false;
    let mut unpacked = |packed: &[u8]| {
        let unpacked = inflate::inflate(packed, PIECE);
        lost = matches!(unpacked, Err(inflate::Refused::Limit));
        unpacked.unwrap_or_default()
    };
    let value = match (kind, value) {
        (b"tEXt", value) => value.to_vec(),
        (b"zTXt", [_, packed @ ..]) => unpacked(packed),
        (_, [packed, _, rest @ ..]) => {
            // Behind the language and the name in that language.
            let text = rest.splitn(3, |byte| *byte == 0).nth(2).unwrap_or_default();
            if *packed == 1 { unpacked(text) } else { text.to_vec() }
        }
        _ => return,
    };
    if lost {
        captions.lose();
    }
    if name == "XML:com.adobe.xmp" { captions.xmp(&value) } else { captions.add_bytes(&name, &value) }
}

/// Segments before the picture: comments, and those of applications.
fn jpeg(reader: &mut In, captions: &mut Captions) -> Option<()> {
    reader.seek(SeekFrom::Start(2)).ok()?;
    for _ in 0..PIECES {
        let [mut mark] = bytes(reader)?;
        while mark == 0xff {
            [mark] = bytes(reader)?;
        }
        match mark {
            0 | 1 | 0xd0..=0xd8 => {}
            0xd9 | 0xda => return Some(()),
            _ => {
                let length = u64::from(u16::from_be_bytes(bytes(reader)?).saturating_sub(2));
                let data = piece(reader, length, captions)?;
                match mark {
                    0xfe => captions.add_bytes("comment", &data),
                    0xe1 => application(&data, captions),
                    0xed => {
                        if let Some(resources) = data.strip_prefix(b"Photoshop 3.0\0") {
                            captions.photoshop(resources);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    captions.lose();
    Some(())
}

fn application(data: &[u8], captions: &mut Captions) {
    if let Some(exif) = data.strip_prefix(b"Exif\0\0") {
        captions.exif(exif);
    } else if let Some(packet) = data.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
        captions.xmp(packet);
    } else if let Some(more) = data.strip_prefix(b"http://ns.adobe.com/xmp/extension/\0") {
        // Behind a digest and two numbers.
        captions.xmp(more.get(40..).unwrap_or_default());
    }
}

/// Comments, plain text, and XMP, which is no blocks but looks like them to those who do not know it.
fn gif(reader: &mut In, captions: &mut Captions) -> Option<()> {
    let header: [u8; 13] = bytes(reader)?;
    skip_colours(reader, header[10])?;
    for _ in 0..PIECES {
        match bytes(reader)? {
            [0x2c] => {
                let descriptor: [u8; 9] = bytes(reader)?;
                skip_colours(reader, descriptor[8])?;
                skip(reader, 1)?;
                blocks(reader, None)?;
            }
            [0x21] => {
                let [label] = bytes(reader)?;
                let data = blocks(reader, Some(captions))?;
                match label {
                    0xfe => captions.add_bytes("comment", &data),
                    0x01 => captions.add_bytes("text", data.get(12..).unwrap_or_default()),
                    0xff if data.starts_with(b"XMP DataXMP") => gif_xmp(&data, captions),
                    _ => {}
                }
            }
            _ => return Some(()),
        }
    }
    captions.lose();
    Some(())
}

/// XMP in a GIF: the bytes that say how long blocks are belong to it, and were left out.
fn gif_xmp(data: &[u8], captions: &mut Captions) {
    let text = String::from_utf8_lossy(data.get(11..).unwrap_or_default());
    captions.xmp(text.as_bytes());
}

fn skip_colours(reader: &mut In, flags: u8) -> Option<()> {
    if flags & 0x80 != 0 { skip(reader, 3 << ((flags & 7) + 1)) } else { Some(()) }
}

/// Data in blocks, as much of it as is looked at; that there is more is noted in `captions`.
fn blocks(reader: &mut In, mut captions: Option<&mut Captions>) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let [length] = bytes(reader)?;
        if length == 0 {
            return Some(data);
        }
        let mut block = [0; 255];
        let block = block.get_mut(..usize::from(length))?;
        reader.read_exact(block).ok()?;
        match captions.as_deref_mut() {
            Some(_) if data.len() < TEXT => data.extend_from_slice(block),
            Some(captions) => captions.lose(),
            None => {}
        }
    }
}

fn webp(reader: &mut In, captions: &mut Captions) -> Option<()> {
    skip(reader, 12)?;
    for _ in 0..PIECES {
        let [kind @ .., a, b, c, d] = bytes::<8>(reader)?;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        match &kind {
            b"EXIF" => {
                let data = piece(reader, length, captions)?;
                captions.exif(data.strip_prefix(b"Exif\0\0").unwrap_or(&data));
            }
            b"XMP " => {
                let data = piece(reader, length, captions)?;
                captions.xmp(&data);
            }
            _ => skip(reader, length)?,
        }
        skip(reader, length & 1)?;
    }
    captions.lose();
    Some(())
}

#[cfg(test)]
#[allow(clippy::trivially_copy_pass_by_ref, reason = "fixtures are small and made here")]
mod tests;
