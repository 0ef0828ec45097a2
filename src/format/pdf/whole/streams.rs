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

use super::{predictor, strings};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
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

/// What streams of a document are judged by.
#[derive(Clone, Copy)]
pub(super) struct Rules<'l> {
    pub(super) limits: &'l Limits,
    /// The lengths that are said are those before decryption.
    pub(super) encrypted: bool,
}

/// Bytes that a stream without a checksum may be longer or shorter than it says: people edit such files by hand.
const LENGTH: u64 = 64;

/// White space as nobody writes it, and as a lost sector leaves it.
const ZEROED: [u8; 16] = [0; 16];

/// Whether a part of a text was zeroed.
pub(super) fn is_zeroed(text: &[u8]) -> bool {
    memchr::memmem::find(text, &ZEROED).is_some()
}

/// The flaw of a page whose instructions are too many.
pub(super) fn too_many_instructions(limits: &Limits) -> Flaw {
    Flaw::Limit(Fault::limit("instruction_bytes", limits.instruction_bytes, "the instructions of the page"))
}

/// Goes through the filters of a stream. Gives back its data if they are `wanted` as instructions, of which PDFium makes many
/// times as much.
pub(super) fn unpack(stream: &Stream<'_>, rules: Rules<'_>, wanted: bool) -> Result<Option<Vec<u8>>, Flaw> {
    let limits = rules.limits;
    let over = match wanted {
        true => too_many_instructions(limits),
        false => Flaw::Limit(Fault::limit("unpacked_bytes", limits.unpacked_bytes, "a packed part of the page")),
    };
    let most = if wanted { limits.instruction_bytes } else { limits.unpacked_bytes };
    run(stream, rules, wanted, most, &|| over.clone())
}

/// The data of a stream that is no part of a page: a file, a form.
pub(super) fn data(stream: &Stream<'_>, rules: Rules<'_>) -> Result<Vec<u8>, Flaw> {
    let most = rules.limits.unpacked_bytes;
    let over = || Flaw::Limit(Fault::limit("unpacked_bytes", most, "a packed part of the document"));
    // A picture that is packed in its own way only is that picture.
    Ok(run(stream, rules, true, most, &over)?.unwrap_or_else(|| stream.raw_data().into_owned()))
}

/// A text beside the pages that is a stream, no longer than one page may be; `what` is what a fault calls it.
pub(super) fn text(stream: &Stream<'_>, rules: Rules<'_>, what: &str) -> Result<String, Fault> {
    let most = rules.limits.page_text_bytes;
    let over = || Flaw::Limit(Fault::limit("page_text_bytes", most, what));
    match run(stream, rules, true, u64::try_from(most).unwrap_or(u64::MAX), &over) {
        Ok(Some(data)) => Ok(strings::text(&data)),
        Err(Flaw::Limit(fault)) => Err(fault),
        Ok(None) | Err(Flaw::Packed | Flaw::Picture) => {
            Err(Fault::whole(FaultReason::Damaged, format!("{what} does not unpack to its end")))
        }
    }
}

/// Goes through the filters; the data are given back if they are `wanted`, up to a limit.
fn run(
    stream: &Stream<'_>,
    rules: Rules<'_>,
    wanted: bool,
    most: u64,
    over: &dyn Fn() -> Flaw,
) -> Result<Option<Vec<u8>>, Flaw> {
    let Rules { limits, encrypted } = rules;
    let mut data = stream.raw_data().into_owned();
    let (said, stored) = (stream.dict().get::<u32>("Length"), data.len() as u64);
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
            "ASCIIHexDecode" | "AHx" | "ASCII85Decode" | "A85" if is_zeroed(&data) => Err(Refused::Damaged),
            "ASCIIHexDecode" | "AHx" | "ASCII85Decode" | "A85" => by_library(&data, name).ok_or(Refused::Damaged),
            "DCTDecode" | "DCT" | "JPXDecode" | "CCITTFaxDecode" | "CCF" | "JBIG2Decode" => {
                return is_whole_coded(name, &data, stream.dict(), parameters, limits).map(|()| None);
            }
            _ => Err(Refused::Damaged),
        };
        data = unpacked.map_err(|refused| match refused {
            Refused::Damaged => Flaw::Packed,
            Refused::Limit => over(),
        })?;
        // What nobody needs is counted as it is.
        if is_predicted(name) && (wanted || index < last) {
            data = predictor::undone(data, parameters).ok_or(Flaw::Packed)?;
        }
    }
    // Whatever has no checksum must at least be as long as it says; where it is not, the second reader has looked for its end.
    let checked = filters.iter().any(|(name, _)| matches!(name.as_str(), "FlateDecode" | "Fl" | "Crypt"));
    if !checked && !encrypted && said.is_some_and(|said| u64::from(said).abs_diff(stored) > LENGTH) {
        return Err(Flaw::Packed);
    }
    let length = dropped.max(data.len() as u64);
    if length > most {
        return Err(over());
    }
    if !is_whole_picture(stream.dict(), length) {
        return Err(Flaw::Picture);
    }
    Ok(wanted.then_some(data))
}

/// Whether a filter may say that bytes were predicted from those before them.
fn is_predicted(filter: &str) -> bool {
    matches!(filter, "FlateDecode" | "Fl" | "LZWDecode" | "LZW")
}

/// A picture in a coding of its own.
fn is_whole_coded(
    filter: &str,
    data: &[u8],
    dictionary: &Dict<'_>,
    parameters: &Dict<'_>,
    limits: &Limits,
) -> Result<(), Flaw> {
    let picture = |whole: bool| if whole { Ok(()) } else { Err(Flaw::Picture) };
    picture(can_be_painted(dictionary))?;
    match filter {
        "JPXDecode" => is_whole_jpx(data, limits),
        "CCITTFaxDecode" | "CCF" => picture(is_whole_fax(data, dictionary, parameters)),
        "JBIG2Decode" => picture(is_whole_jbig2(data, parameters)),
        _ => is_whole_jpeg(data, limits),
    }
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

/// Whether an unpacked stream is no picture, or one that can be painted and has the bytes that it must have. A row may be
/// missing, and some may be too many: writers round.
fn is_whole_picture(dictionary: &Dict<'_>, length: u64) -> bool {
    let Some((width, height)) = sides(dictionary) else { return !is_picture(dictionary) };
    let is_mask = dictionary.get::<bool>("ImageMask").or_else(|| dictionary.get("IM")).unwrap_or(false);
    let bits = if is_mask { Some(1) } else { number(dictionary, "BitsPerComponent", "BPC") };
    let Some(bits) = bits.filter(|bits| [1, 2, 4, 8, 16].contains(bits)) else { return false };
    let space = either(dictionary, "ColorSpace", "CS");
    let colours = match (&space, is_mask) {
        (_, true) => Colours::Known(1),
        (Some(space), false) => colours(space, !is_picture(dictionary)),
        (None, false) => Colours::None,
    };
    let Colours::Known(colours) = colours else { return colours == Colours::Elsewhere };
    let row = u64::from(width).saturating_mul(u64::from(bits)).saturating_mul(colours).div_ceil(8);
    // Predictors put a byte before each row, and some writers write each pixel of a mask twice.
    let fits = |times: u64| {
        let (row, height) = (row.saturating_mul(times), u64::from(height));
        let least = row.saturating_mul(height.saturating_sub(1));
        let most = row.saturating_add(1).saturating_mul(height.saturating_add(ROWS)).saturating_add(SPARE);
        (least..=most).contains(&length)
    };
    fits(1) || fits(2)
}

/// Rows and bytes that a picture may have too many.
const ROWS: u64 = 2;
const SPARE: u64 = 64;

/// Whether a picture that is coded as such has the entries without which it is not painted.
fn can_be_painted(dictionary: &Dict<'_>) -> bool {
    let space = either(dictionary, "ColorSpace", "CS");
    let paintable = space.is_none_or(|space| colours(&space, !is_picture(dictionary)) != Colours::None);
    sides(dictionary).is_some() && paintable
}

fn is_picture(dictionary: &Dict<'_>) -> bool {
    dictionary.get::<Name<'_>>("Subtype").is_some_and(|name| name.as_ref() == b"Image")
}

/// Width and height, if both are there.
fn sides(dictionary: &Dict<'_>) -> Option<(u32, u32)> {
    let sides = (number(dictionary, "Width", "W")?, number(dictionary, "Height", "H")?);
    (sides.0 > 0 && sides.1 > 0).then_some(sides)
}

/// Numbers of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colours {
    Known(u64),
    /// A name that is explained elsewhere, as in pictures among instructions.
    Elsewhere,
    /// No colour space that there is.
    None,
}

/// Numbers of a pixel in a colour space (ISO 32000-1, 8.6); `inline` in a picture among instructions.
fn colours(space: &Object<'_>, inline: bool) -> Colours {
    let known = |name: &str| match name {
        "DeviceGray" | "G" | "CalGray" | "Indexed" | "I" | "Separation" => Some(1),
        "DeviceRGB" | "RGB" | "CalRGB" | "Lab" => Some(3),
        "DeviceCMYK" | "CMYK" => Some(4),
        _ => None,
    };
    let found = match space {
        Object::Name(name) if inline => return known(name.as_str()).map_or(Colours::Elsewhere, Colours::Known),
        Object::Name(name) => known(name.as_str()),
        Object::Array(space) => {
            let mut parts = space.iter::<Object<'_>>();
            match (parts.next().and_then(Object::into_name), parts.next()) {
                (Some(name), Some(Object::Stream(profile))) if name.as_ref() == b"ICCBased" => {
                    profile.dict().get::<u32>("N").filter(|n| [1, 3, 4].contains(n)).map(u64::from)
                }
                (Some(name), Some(Object::Array(names))) if name.as_ref() == b"DeviceN" => {
                    Some(Array::iter::<Object<'_>>(&names).count() as u64)
                }
                (Some(name), _) => known(name.as_str()),
                _ => None,
            }
        }
        _ => None,
    };
    found.map_or(Colours::None, Colours::Known)
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
    check_pixels(pixels, limits)?;
    match jpeg::damage(data).is_none() && decoder.decode().is_ok() {
        true => Ok(()),
        false => Err(Flaw::Picture),
    }
}

/// Whether the codestream decodes (ISO 15444-1, annex A). Writers are free with the boxes around it, so these are not judged.
fn is_whole_jpx(data: &[u8], limits: &Limits) -> Result<(), Flaw> {
    let begin = memchr::memmem::find(data, &[0xff, 0x4f, 0xff, 0x51]).ok_or(Flaw::Picture)?;
    let end = memchr::memmem::rfind(&data[begin..], &[0xff, 0xd9]).ok_or(Flaw::Picture)?;
    let settings = hayro_jpeg2000::DecodeSettings { strict: true, ..Default::default() };
    let codestream = &data[begin..begin + end + 2];
    let image = hayro_jpeg2000::Image::new(codestream, &settings).map_err(|_| Flaw::Picture)?;
    check_pixels(u64::from(image.width()) * u64::from(image.height()), limits)?;
    let mut decoder = hayro_jpeg2000::DecoderContext::default();
    image.decode(&mut decoder).map(drop).map_err(|_| Flaw::Picture)
}

/// The decoders of pictures take memory for all that a header promises.
fn check_pixels(pixels: u64, limits: &Limits) -> Result<(), Flaw> {
    let what = || format!("a picture of {pixels} pixels");
    match pixels > limits.image_pixels {
        true => Err(Flaw::Limit(Fault::limit("image_pixels", limits.image_pixels, what()))),
        false => Ok(()),
    }
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
