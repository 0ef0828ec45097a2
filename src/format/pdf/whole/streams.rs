//! One stream: whether it unpacks to its end, and whether the picture in it is all there.
//!
//! Flate ends with a checksum (RFC 1950) that tells any damage. Fax, JBIG2 and JPEG have none: their strict decoders tell damage
//! that breaks their rules, and not every wrong pixel. Other packings, and pictures without any, tell only that bytes are
//! missing.

use hayro_ccitt::{DecoderContext, EncodingMode};
use hayro_syntax::object::{Array, Dict, FromBytes as _, Name, Object, Stream};
use weezl::{BitOrder, LzwStatus};
use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;

use crate::config::Limits;
use crate::finding::Fault;
use crate::format::inflate::{Refused, inflate, inflate_to};
use crate::format::{frames, jpeg};

/// What is wrong with a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It does not unpack to its end.
    Packed,
    /// The picture in it is not all there.
    Picture,
    /// It unpacks to more than a limit.
    Limit(Fault),
}

/// Filters of one stream; the standard has ten, and nobody packs a thing ten times.
const FILTERS: usize = 10;

/// The flaw of a page whose instructions are too many.
pub(super) fn too_many_instructions(limits: &Limits) -> Flaw {
    Flaw::Limit(Fault::limit("instruction_bytes", limits.instruction_bytes, "the instructions of the page"))
}

/// Goes through the filters of a stream. Gives back its data if they are `wanted` as instructions, of which PDFium makes many
/// times as much.
pub(super) fn unpack(stream: &Stream<'_>, limits: &Limits, wanted: bool) -> Result<Option<Vec<u8>>, Flaw> {
    let most = if wanted { limits.instruction_bytes } else { limits.unpacked_bytes };
    let over = || match wanted {
        true => too_many_instructions(limits),
        false => Flaw::Limit(Fault::limit("unpacked_bytes", most, "a packed part of the page")),
    };
    let mut data = stream.raw_data().into_owned();
    let filters = filters(stream.dict());
    if filters.len() > FILTERS {
        return Err(Flaw::Packed);
    }
    let last = filters.len().saturating_sub(1);
    // Of what nobody needs the bytes are counted and dropped.
    let mut dropped = 0;
    for (index, (name, parameters)) in filters.iter().enumerate() {
        let unpacked = match name.as_str() {
            "Crypt" => continue,
            "FlateDecode" | "Fl" if index == last && !wanted => {
                inflate_to(&data, most, |block| dropped += block.len() as u64).map(|()| Vec::new())
            }
            "FlateDecode" | "Fl" => inflate(&data, most),
            "LZWDecode" | "LZW" => lzw(&data, parameters.get::<u8>("EarlyChange") != Some(0), most),
            "RunLengthDecode" | "RL" => run_length(&data, most),
            "ASCIIHexDecode" | "AHx" | "ASCII85Decode" | "A85" => by_library(&data, name).ok_or(Refused::Damaged),
            "DCTDecode" | "DCT" => return is_whole_jpeg(&data, limits).map(|()| None),
            "JPXDecode" => return picture(is_whole_jpx(&data)),
            "CCITTFaxDecode" | "CCF" => return picture(is_whole_fax(&data, stream.dict(), parameters)),
            "JBIG2Decode" => return picture(is_whole_jbig2(&data, parameters)),
            _ => Err(Refused::Damaged),
        };
        data = unpacked.map_err(|refused| match refused {
            Refused::Damaged => Flaw::Packed,
            Refused::Limit => over(),
        })?;
    }
    let length = dropped.max(data.len() as u64);
    if length > most {
        return Err(over());
    }
    if least_bytes(stream.dict()).is_some_and(|least| length < least) {
        return Err(Flaw::Picture);
    }
    Ok(wanted.then_some(data))
}

fn picture(whole: bool) -> Result<Option<Vec<u8>>, Flaw> {
    if whole { Ok(None) } else { Err(Flaw::Picture) }
}

/// Names of the filters, the outermost first, with their parameters. In pictures inside content names are short.
fn filters<'a>(dictionary: &Dict<'a>) -> Vec<(String, Dict<'a>)> {
    let names = match either(dictionary, "Filter", "F") {
        Some(Object::Name(name)) => vec![name.as_str().to_owned()],
        Some(Object::Array(names)) => names.iter::<Name<'a>>().map(|name| name.as_str().to_owned()).collect(),
        _ => Vec::new(),
    };
    let parameters = match either(dictionary, "DecodeParms", "DP") {
        Some(Object::Dict(parameters)) => vec![parameters],
        Some(Object::Array(list)) => list.iter::<Object<'a>>().map(|one| one.into_dict().unwrap_or_default()).collect(),
        _ => Vec::new(),
    };
    names.into_iter().zip(parameters.into_iter().chain(std::iter::repeat(Dict::empty()))).collect()
}

fn either<'a>(dictionary: &Dict<'a>, long: &str, short: &str) -> Option<Object<'a>> {
    dictionary.get::<Object<'a>>(long).or_else(|| dictionary.get(short))
}

fn number(dictionary: &Dict<'_>, long: &str, short: &str) -> Option<u32> {
    dictionary.get::<u32>(long).or_else(|| dictionary.get(short))
}

/// Bytes that a picture must have, less a row; none if it is no picture, or of colours that are not counted here.
fn least_bytes(dictionary: &Dict<'_>) -> Option<u64> {
    let (width, height) = (number(dictionary, "Width", "W")?, number(dictionary, "Height", "H")?);
    let is_mask = dictionary.get::<bool>("ImageMask").or_else(|| dictionary.get("IM")).unwrap_or(false);
    let bits = if is_mask { 1 } else { number(dictionary, "BitsPerComponent", "BPC")? };
    let colours = if is_mask { 1 } else { colours(&either(dictionary, "ColorSpace", "CS")?)? };
    let row = u64::from(width).saturating_mul(u64::from(bits)).saturating_mul(colours).div_ceil(8);
    Some(row.saturating_mul(u64::from(height).saturating_sub(1)))
}

/// Numbers of a pixel in a colour space (ISO 32000-1, 8.6).
fn colours(space: &Object<'_>) -> Option<u64> {
    match space {
        Object::Name(name) => match name.as_str() {
            "DeviceGray" | "G" | "CalGray" => Some(1),
            "DeviceRGB" | "RGB" | "CalRGB" => Some(3),
            "DeviceCMYK" | "CMYK" => Some(4),
            _ => None,
        },
        Object::Array(space) => {
            let mut parts = space.iter::<Object<'_>>();
            match (parts.next()?.into_name()?.as_str(), parts.next()) {
                ("ICCBased", Some(Object::Stream(profile))) => profile.dict().get::<u32>("N").map(u64::from),
                ("Indexed" | "I" | "Separation" | "CalGray", _) => Some(1),
                ("CalRGB" | "Lab", _) => Some(3),
                ("DeviceN", Some(Object::Array(names))) => Some(Array::iter::<Object<'_>>(&names).count() as u64),
                _ => None,
            }
        }
        _ => None,
    }
}

/// LZW to its end mark (ISO 32000-1, 7.4.4). With `early` the codes grow one code earlier than they need to.
fn lzw(packed: &[u8], early: bool, limit: u64) -> Result<Vec<u8>, Refused> {
    let mut decoder = match early {
        true => weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
        false => weezl::decode::Decoder::new(BitOrder::Msb, 8),
    };
    let (mut data, mut block, mut rest) = (Vec::new(), vec![0; 64 << 10], packed);
    loop {
        let step = decoder.decode_bytes(rest, &mut block);
        rest = &rest[step.consumed_in..];
        data.extend_from_slice(&block[..step.consumed_out]);
        match step.status {
            _ if data.len() as u64 > limit => return Err(Refused::Limit),
            Ok(LzwStatus::Done) => return Ok(data),
            Ok(LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
            _ => return Err(Refused::Damaged),
        }
    }
}

/// Runs of bytes (ISO 32000-1, 7.4.5). The end mark is often left out.
fn run_length(packed: &[u8], limit: u64) -> Result<Vec<u8>, Refused> {
    let (mut data, mut rest) = (Vec::new(), packed);
    while let Some((length, after)) = rest.split_first() {
        let count = usize::from(*length);
        rest = match *length {
            ..128 => {
                let (literal, after) = after.split_at_checked(count + 1).ok_or(Refused::Damaged)?;
                data.extend_from_slice(literal);
                after
            }
            128 => break,
            129.. => {
                let (byte, after) = after.split_first().ok_or(Refused::Damaged)?;
                data.resize(data.len() + 257 - count, *byte);
                after
            }
        };
        if data.len() as u64 > limit {
            return Err(Refused::Limit);
        }
    }
    Ok(data)
}

/// The filters that make bytes of letters, as the library of the second reader does it. It takes whole streams only.
fn by_library(data: &[u8], filter: &str) -> Option<Vec<u8>> {
    let head = format!("<< /Length {} /Filter /{filter} >>\nstream\n", data.len());
    let whole = [head.as_bytes(), data, b"\nendstream"].concat();
    let stream = Stream::from_bytes(&whole)?;
    stream.decoded_data().ok().map(std::borrow::Cow::into_owned)
}

/// Followed code by code, and decoded strictly. PDFium looks for its beginning, and so do we.
fn is_whole_jpeg(data: &[u8], limits: &Limits) -> Result<(), Flaw> {
    let data = memchr::memmem::find(data, &[0xff, 0xd8]).map_or(data, |begin| &data[begin..]);
    let side = usize::from(u16::MAX);
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(side).set_max_height(side);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(data), options);
    if !frames::is_whole_jpeg(data) || decoder.decode_headers().is_err() {
        return Err(Flaw::Picture);
    }
    let pixels = decoder.dimensions().map_or(0, |(width, height)| width as u64 * height as u64);
    if pixels > limits.image_pixels {
        let what = format!("a picture of {pixels} pixels");
        return Err(Flaw::Limit(Fault::limit("image_pixels", limits.image_pixels, what)));
    }
    match jpeg::damage(data).is_none() && decoder.decode().is_ok() {
        true => Ok(()),
        false => Err(Flaw::Picture),
    }
}

/// Not decoded, which takes seconds: its headers must be sound, and its end must be there. Writers are free with the boxes around
/// its data, so they are not judged strictly.
fn is_whole_jpx(data: &[u8]) -> bool {
    // Boxes may stand before and behind the codestream (ISO 15444-1, A.4 and I.5).
    let begin = memchr::memmem::find(data, &[0xff, 0x4f, 0xff, 0x51]);
    let ends = begin.is_some_and(|begin| memchr::memmem::rfind(&data[begin..], &[0xff, 0xd9]).is_some());
    ends && hayro_jpeg2000::Image::new(data, &hayro_jpeg2000::DecodeSettings::default()).is_ok()
}

/// Whether every row decodes.
fn is_whole_fax(data: &[u8], dictionary: &Dict<'_>, parameters: &Dict<'_>) -> bool {
    let flag = |key: &str, otherwise| parameters.get::<bool>(key).unwrap_or(otherwise);
    let height = number(dictionary, "Height", "H");
    let rows = height.or_else(|| parameters.get::<u32>("Rows")).unwrap_or(0);
    let settings = hayro_ccitt::DecodeSettings {
        columns: parameters.get::<u32>("Columns").unwrap_or(1728),
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
