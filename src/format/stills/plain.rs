//! Pictures that are little more than their pixels: PNM, Targa, DDS.

use std::io::Cursor;
use std::ops::Range;

use image::codecs::dds::DdsDecoder;
use image::codecs::pnm::PnmDecoder;
use image::codecs::tga::TgaDecoder;
use image::{DynamicImage, ImageDecoder};

use super::{Pictures, broken_off, dds, unreadable};
use crate::config::Limits;
use crate::finding::Fault;
use crate::format::captions::Captions;
use crate::format::raster::check_pixels;

/// PNMs behind one another that are looked for.
const PICTURES: usize = 100_000;
/// PNMs of one file whose comments are read.
const COMMENTED: usize = 1000;
/// Ends a Targa of the second version, behind two offsets.
const FOOTER: usize = 26;

/// Pictures behind one another.
pub(super) struct Plain {
    bytes: Vec<u8>,
    kind: &'static str,
    pictures: Vec<Range<usize>>,
}

impl Plain {
    pub(super) fn open(bytes: Vec<u8>, kind: &str) -> Result<Self, Fault> {
        let kind = ["pnm", "tga", "dds"].into_iter().find(|known| *known == kind);
        let kind = kind.ok_or_else(|| unreadable("it is no picture"))?;
        let mut pictures = Vec::new();
        let mut at = 0;
        while let Some(header) = (kind == "pnm").then(|| Pnm::at(bytes.get(at..)?)).flatten() {
            let end = at.saturating_add(header.bytes.unwrap_or(usize::MAX)).min(bytes.len());
            pictures.push(at..end);
            at = end + bytes[end..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if pictures.len() >= PICTURES || header.bytes.is_none() {
                break;
            }
        }
        if pictures.is_empty() {
            pictures.push(0..bytes.len());
        }
        Ok(Self { bytes, kind, pictures })
    }
}

fn decoded(decoder: impl ImageDecoder, limits: &Limits) -> Result<DynamicImage, Fault> {
    let (width, height) = decoder.dimensions();
    check_pixels(width, height, limits)?;
    DynamicImage::from_decoder(decoder).map_err(unreadable)
}

impl Pictures for Plain {
    fn count(&self) -> usize {
        self.pictures.len()
    }

    fn picture(&self, index: usize, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let range = self.pictures.get(index).cloned().ok_or_else(|| unreadable("there is no such picture"))?;
        let data = &self.bytes[range];
        match self.kind {
            "tga" => Ok((decoded(TgaDecoder::new(Cursor::new(data)).map_err(unreadable)?, limits)?, None)),
            "dds" if dds::is_plain(data) => {
                let (image, whole) = dds::picture(data, limits)?;
                Ok((image, (!whole).then(broken_off)))
            }
            "dds" => Ok((decoded(DdsDecoder::new(Cursor::new(data)).map_err(unreadable)?, limits)?, None)),
            _ => {
                let header = Pnm::at(data).ok_or_else(|| unreadable("it has no header"))?;
                check_pixels(header.width, header.height, limits)?;
                let missing = header.bytes.unwrap_or_default().saturating_sub(data.len());
                if missing == 0 {
                    return Ok((decoded(PnmDecoder::new(Cursor::new(data)).map_err(unreadable)?, limits)?, None));
                }
                // What is missing is blank paper; of a bitmap that is 0.
                let blank = if data.starts_with(b"P4") { 0 } else { u8::MAX };
                let whole = [data, &vec![blank; missing]].concat();
                Ok((decoded(PnmDecoder::new(Cursor::new(whole)).map_err(unreadable)?, limits)?, Some(broken_off())))
            }
        }
    }

    fn captions(&self) -> Captions {
        let mut captions = Captions::default();
        match self.kind {
            "tga" => {
                let name = self.bytes.first().map_or(0, |length| usize::from(*length));
                captions.add_bytes("name", self.bytes.get(18..18 + name).unwrap_or_default());
                let footer = self.bytes.len().saturating_sub(FOOTER);
                let area = self.bytes.get(footer..footer + 4).and_then(|place| place.try_into().ok());
                let area = area.map_or(0, u32::from_le_bytes) as usize;
                if area > 0 && self.bytes[footer..].ends_with(b"TRUEVISION-XFILE.\0") {
                    // The author, four lines of comments, and far behind them the job.
                    for (name, place) in [("author", 2..43), ("comment", 43..367), ("job", 379..420)] {
                        let text = self.bytes.get(area..).and_then(|area| area.get(place)).unwrap_or_default();
                        let lines = text.split(|byte| *byte == 0).filter(|line| !line.is_empty());
                        lines.for_each(|line| captions.add_bytes(name, line));
                    }
                }
            }
            "pnm" => {
                if self.pictures.len() > COMMENTED {
                    captions.lose();
                }
                for range in self.pictures.iter().take(COMMENTED) {
                    for comment in Pnm::at(&self.bytes[range.clone()]).into_iter().flat_map(|header| header.comments) {
                        captions.add_bytes("comment", &comment);
                    }
                }
            }
            _ => {}
        }
        captions
    }

    fn end(&self) -> Option<u64> {
        let last = self.pictures.last().filter(|_| self.kind == "pnm")?;
        u64::try_from(last.end).ok()
    }
}

/// The header of a PNM.
struct Pnm {
    width: u32,
    height: u32,
    /// With its pixels; none if those are written in digits.
    bytes: Option<usize>,
    comments: Vec<Vec<u8>>,
}

/// Bytes of a header that are looked at.
const HEADER: usize = 64 << 10;

impl Pnm {
    fn at(data: &[u8]) -> Option<Self> {
        let form = data.strip_prefix(b"P")?.first().filter(|form| (b'1'..=b'7').contains(form))?;
        let mut tokens = Tokens { data: &data[..data.len().min(HEADER)], at: 2, comments: Vec::new() };
        let number = |tokens: &mut Tokens<'_>| tokens.next()?.parse::<u32>().ok();
        let (mut width, mut height, mut depth, mut largest) = (0, 0, 1, 1);
        if *form == b'7' {
            loop {
                match tokens.next()? {
                    "ENDHDR" => break,
                    "WIDTH" => width = number(&mut tokens)?,
                    "HEIGHT" => height = number(&mut tokens)?,
                    "DEPTH" => depth = number(&mut tokens)?,
                    "MAXVAL" => largest = number(&mut tokens)?,
                    _ => {}
                }
            }
        } else {
            (width, height) = (number(&mut tokens)?, number(&mut tokens)?);
            depth = if matches!(form, b'3' | b'6') { 3 } else { 1 };
            largest = if matches!(form, b'1' | b'4') { 1 } else { number(&mut tokens)? };
        }
        let row = match form {
            b'4' => u64::from(width).div_ceil(8),
            _ => u64::from(width) * u64::from(depth) * if largest > 255 { 2 } else { 1 },
        };
        let pixels = row.saturating_mul(u64::from(height)).saturating_add(tokens.at as u64 + 1);
        let bytes = (*form >= b'4').then(|| usize::try_from(pixels).unwrap_or(usize::MAX));
        Some(Self { width, height, bytes, comments: tokens.comments })
    }
}

struct Tokens<'a> {
    data: &'a [u8],
    at: usize,
    comments: Vec<Vec<u8>>,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a str> {
        loop {
            let rest = self.data.get(self.at..)?;
            let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let rest = &rest[blanks..];
            let comment = rest.first() == Some(&b'#');
            let end = |byte: &u8| if comment { *byte == b'\n' } else { byte.is_ascii_whitespace() };
            let length = rest.iter().position(end)?;
            self.at += blanks + length;
            if !comment {
                return std::str::from_utf8(&rest[..length]).ok();
            }
            self.comments.push(rest[1..length].to_vec());
        }
    }
}
