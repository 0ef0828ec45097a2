//! One stream: whether it unpacks to its end, and whether the picture in it decodes to its end.
//!
//! Packed data end with a checksum (RFC 1950) that tells any damage. Fax, JBIG2, JPEG and JPEG 2000 have none: their strict
//! decoders tell damage that breaks their rules, and not every wrong pixel.

use hayro_ccitt::{DecoderContext, EncodingMode};
use hayro_syntax::object::{Dict, FromBytes as _, Name, Object, Stream};
use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;

use crate::config::Limits;
use crate::finding::Fault;
use crate::format::inflate::{Refused, inflate};
use crate::format::{frames, jpeg};

/// What is wrong with a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It does not unpack to its end.
    Packed,
    /// The picture in it does not decode to its end.
    Picture,
    /// It unpacks to more than the limit.
    Limit(Fault),
}

/// Filters of one stream; the standard has ten, and nobody packs a thing ten times.
const FILTERS: usize = 10;

/// Goes through the filters of a stream. Gives back its data if they are `wanted` as instructions.
pub(super) fn unpack(stream: &Stream<'_>, limits: &Limits, wanted: bool) -> Result<Option<Vec<u8>>, Flaw> {
    let mut data = stream.raw_data().into_owned();
    let filters = filters(stream.dict());
    if filters.len() > FILTERS {
        return Err(Flaw::Packed);
    }
    let last = filters.len().saturating_sub(1);
    for (index, (name, parameters)) in filters.iter().enumerate() {
        let needed = wanted || index < last;
        match name.as_str() {
            "Crypt" => {}
            "FlateDecode" | "Fl" => data = unpacked(&data, limits, wanted, needed)?,
            "DCTDecode" | "DCT" => return picture(is_whole_jpeg(&data, limits)),
            "JPXDecode" => return picture(is_whole_jpx(&data)),
            "CCITTFaxDecode" | "CCF" => return picture(is_whole_fax(&data, stream.dict(), parameters)),
            "JBIG2Decode" => return picture(is_whole_jbig2(&data, parameters)),
            _ => data = by_library(&data, name, parameters).ok_or(Flaw::Packed)?,
        }
    }
    Ok(wanted.then_some(data))
}

fn picture(whole: bool) -> Result<Option<Vec<u8>>, Flaw> {
    if whole { Ok(None) } else { Err(Flaw::Picture) }
}

/// Names of the filters, the outermost first, with their parameters. In pictures inside content names are short.
fn filters<'a>(dictionary: &Dict<'a>) -> Vec<(String, Dict<'a>)> {
    let either = |long: &str, short: &str| dictionary.get::<Object<'a>>(long).or_else(|| dictionary.get(short));
    let names = match either("Filter", "F") {
        Some(Object::Name(name)) => vec![name.as_str().to_owned()],
        Some(Object::Array(names)) => names.iter::<Name<'a>>().map(|name| name.as_str().to_owned()).collect(),
        _ => Vec::new(),
    };
    let parameters = match either("DecodeParms", "DP") {
        Some(Object::Dict(parameters)) => vec![parameters],
        Some(Object::Array(list)) => list.iter::<Object<'a>>().map(|one| one.into_dict().unwrap_or_default()).collect(),
        _ => Vec::new(),
    };
    names.into_iter().zip(parameters.into_iter().chain(std::iter::repeat(Dict::empty()))).collect()
}

/// All that a stream unpacks to, if it is needed. What is wanted are instructions, of which PDFium makes many times as much.
fn unpacked(packed: &[u8], limits: &Limits, wanted: bool, needed: bool) -> Result<Vec<u8>, Flaw> {
    let (key, limit, what) = match wanted {
        true => ("instruction_bytes", limits.instruction_bytes, "the instructions of the page"),
        false => ("unpacked_bytes", limits.unpacked_bytes, "a packed part of the page"),
    };
    inflate(packed, limit, needed).map_err(|refused| match refused {
        Refused::Damaged => Flaw::Packed,
        Refused::Limit => Flaw::Limit(Fault::limit(key, limit, what)),
    })
}

/// Filters that have no checksum and seldom occur: as the library of the second reader does it. It takes whole streams only.
fn by_library(data: &[u8], filter: &str, parameters: &Dict<'_>) -> Option<Vec<u8>> {
    let head = format!("<< /Length {} /Filter /{filter} /DecodeParms <<", data.len());
    let whole = [head.as_bytes(), parameters.data(), b">> >>\nstream\n", data, b"\nendstream"].concat();
    let stream = Stream::from_bytes(&whole)?;
    stream.decoded_data().ok().map(std::borrow::Cow::into_owned)
}

/// Followed code by code, and decoded strictly. PDFium looks for its beginning, and so do we.
fn is_whole_jpeg(data: &[u8], limits: &Limits) -> bool {
    let data = memchr::memmem::find(data, &[0xff, 0xd8]).map_or(data, |begin| &data[begin..]);
    let side = usize::from(u16::MAX);
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(side).set_max_height(side);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(data), options);
    if !frames::is_whole_jpeg(data) || decoder.decode_headers().is_err() {
        return false;
    }
    let pixels = decoder.dimensions().map_or(0, |(width, height)| width as u64 * height as u64);
    // A larger one has a fault of its own.
    pixels > limits.image_pixels || (jpeg::damage(data).is_none() && decoder.decode().is_ok())
}

/// Not decoded, which takes seconds: its headers must be sound, and its end must be there. Writers are free with the boxes around
/// its data, so they are not judged strictly.
fn is_whole_jpx(data: &[u8]) -> bool {
    // Boxes may follow the end of the codestream (ISO 15444-1, A.4 and I.5).
    let ends = data.windows(2).rev().any(|mark| mark == [0xff, 0xd9]);
    ends && hayro_jpeg2000::Image::new(data, &hayro_jpeg2000::DecodeSettings::default()).is_ok()
}

/// Whether every row decodes.
fn is_whole_fax(data: &[u8], dictionary: &Dict<'_>, parameters: &Dict<'_>) -> bool {
    let number = |dictionary: &Dict<'_>, key: &str| dictionary.get::<u32>(key);
    let flag = |key: &str, otherwise| parameters.get::<bool>(key).unwrap_or(otherwise);
    let height = number(dictionary, "Height").or_else(|| number(dictionary, "H"));
    let rows = height.or_else(|| number(parameters, "Rows")).unwrap_or(0);
    let settings = hayro_ccitt::DecodeSettings {
        columns: number(parameters, "Columns").unwrap_or(1728),
        rows,
        end_of_block: flag("EndOfBlock", true),
        end_of_line: flag("EndOfLine", false),
        rows_are_byte_aligned: flag("EncodedByteAlign", false),
        encoding: match parameters.get::<i32>("K").unwrap_or(0) {
            ..0 => EncodingMode::Group4,
            0 => EncodingMode::Group3_1D,
            1.. => EncodingMode::Group3_2D,
        },
        strict: true,
    };
    let mut counted = Rows(0);
    let decoded = hayro_ccitt::decode(data, &mut counted, &mut DecoderContext::new(settings));
    decoded.is_ok() && counted.0 >= rows
}

struct Rows(u32);

impl hayro_ccitt::Decoder for Rows {
    fn push_row(&mut self, _: &[u32]) {
        self.0 += 1;
    }
}

/// Whether every segment decodes, those that pictures share among them.
fn is_whole_jbig2(data: &[u8], parameters: &Dict<'_>) -> bool {
    let settings = hayro_jbig2::DecodeSettings { strict: true };
    let shared = parameters.get::<Stream<'_>>("JBIG2Globals").map(|shared| shared.decoded_data());
    let Ok(shared) = shared.transpose() else { return false };
    let shared = shared.map(|shared| hayro_jbig2::Globals::new(&shared, &settings)).transpose();
    shared.is_ok_and(|shared| hayro_jbig2::Page::new_embedded(data, shared.as_ref(), &settings).is_ok())
}
