//! A model as bytes: magic, version, a checksum of all that follows, the length when unpacked, and zstd.
//!
//! Inside: version of the features, bits of the hash, documents, categories (name, threshold, bias, slope, offset, scale),
//! buckets as distances, weights. Numbers are little-endian. Bytes that are not exactly what was written are refused; nothing
//! larger than the bounds below is allocated whatever a file says.

use super::error::{Error, Result};
use super::features::{BITS, VERSION as FEATURES};
use super::model::{Class, Model};
use super::{MOST_CATEGORIES, MOST_NAME};
use crate::fields::Fields;

/// Version of the form of the file.
const VERSION: u8 = 1;
const MAGIC: &[u8; 7] = b"MISFTOP";
/// Magic, version, checksum, length.
const HEAD: usize = 7 + 1 + 32 + 4;
/// Bytes of a file, and of what it unpacks to: 2^18 buckets of 64 categories are 17 MiB.
pub const MOST_BYTES: usize = 32 << 20;
/// zstd's: models are written once and read often.
const PACKING: i32 = 12;

impl Model {
    /// The model as bytes: the same model is the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = vec![FEATURES, u8::try_from(BITS).expect("a few bits")];
        body.extend(self.documents.to_le_bytes());
        body.extend(count(self.classes.len()).to_le_bytes());
        for class in &self.classes {
            body.push(u8::try_from(class.name.len()).expect("names are bounded"));
            body.extend(class.name.as_bytes());
            for number in [class.least, class.bias, class.slope, class.offset, class.scale] {
                body.extend(number.to_le_bytes());
            }
        }
        body.extend(count(self.buckets.len()).to_le_bytes());
        let mut before = 0;
        for bucket in &self.buckets {
            let mut distance = bucket - before;
            while distance >= 0x80 {
                body.push(u8::try_from(distance & 0x7f).expect("seven bits") | 0x80);
                distance >>= 7;
            }
            body.push(u8::try_from(distance).expect("seven bits"));
            before = *bucket;
        }
        body.extend(self.weights.iter().map(|weight| weight.to_le_bytes()[0]));
        let packed = zstd::bulk::compress(&body, PACKING).expect("memory suffices for a bounded model");
        let mut checked = count(body.len()).to_le_bytes().to_vec();
        checked.extend(packed);
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        bytes.extend(blake3::hash(&checked).as_bytes());
        bytes.extend(checked);
        bytes
    }

    /// Reads what [`Model::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let checksum = Self::checksum(bytes)?;
        let checked = bytes.get(HEAD - 4..).unwrap_or_default();
        if blake3::hash(checked) != checksum {
            return Err(Error::Damaged("its checksum is another"));
        }
        let (length, packed) = checked.split_at_checked(4).ok_or(Error::Damaged("it is too short"))?;
        let length = u32::from_le_bytes(*length.first_chunk().expect("four bytes")) as usize;
        if length > MOST_BYTES || packed.len() > MOST_BYTES {
            return Err(Error::Damaged("it is larger than a model can be"));
        }
        let body = zstd::bulk::decompress(packed, length).map_err(|_| Error::Damaged("it cannot be unpacked"))?;
        parse(&mut Fields(&body))?.ok_or(Error::Damaged("its parts do not fit each other"))
    }

    /// The checksum that the first bytes of a file name: it tells models apart without reading them.
    pub fn checksum(head: &[u8]) -> Result<blake3::Hash> {
        let mut fields = Fields(head);
        if fields.array::<7>().as_ref() != Some(MAGIC) {
            return Err(Error::Damaged("it does not begin as a model does"));
        }
        match fields.array() {
            Some([VERSION]) => {}
            Some([found]) => return Err(Error::Version { found, known: VERSION }),
            None => return Err(Error::Damaged("it is too short")),
        }
        fields.array().map(blake3::Hash::from_bytes).ok_or(Error::Damaged("it is too short"))
    }

    /// Bytes of a file that [`Model::checksum`] needs.
    pub const CHECKSUM_BYTES: usize = HEAD;
}

fn count(number: usize) -> u32 {
    u32::try_from(number).expect("a model is bounded far below 4 GiB")
}

/// The parts of a model; none if they are not what was written.
fn parse(from: &mut Fields<'_>) -> Result<Option<Model>> {
    match from.array() {
        Some([FEATURES, bits]) if u32::from(bits) == BITS => {}
        Some([found, _]) => return Err(Error::Version { found, known: FEATURES }),
        None => return Ok(None),
    }
    Ok(parts(from))
}

fn parts(from: &mut Fields<'_>) -> Option<Model> {
    let documents = from.u32()?;
    let many = from.u32()? as usize;
    if !(1..=MOST_CATEGORIES).contains(&many) {
        return None;
    }
    let mut classes = Vec::new();
    for _ in 0..many {
        let [length] = from.array()?;
        let name = std::str::from_utf8(from.take(usize::from(length))?).ok()?.to_owned();
        let mut number = || from.array().map(f32::from_le_bytes).filter(|number| number.is_finite());
        let (least, bias, slope, offset, scale) = (number()?, number()?, number()?, number()?, number()?);
        if name.is_empty() || name.len() > MOST_NAME || name.chars().any(char::is_control) {
            return None;
        }
        classes.push(Class { name, least, bias, slope, offset, scale });
    }
    let rows = from.u32()? as usize;
    if rows > 1 << BITS {
        return None;
    }
    let mut buckets: Vec<u32> = Vec::new();
    for _ in 0..rows {
        let bucket = buckets.last().copied().unwrap_or(0).checked_add(distance(from)?)?;
        if bucket >= 1 << BITS || buckets.last().is_some_and(|last| *last >= bucket) {
            return None;
        }
        buckets.push(bucket);
    }
    let weights = from.take(rows.checked_mul(many)?)?.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
    from.0.is_empty().then(|| Model::of(classes, documents, buckets, weights))
}

/// A number in groups of seven bits, the lowest first.
fn distance(from: &mut Fields<'_>) -> Option<u32> {
    let mut number = 0;
    for shift in [0, 7, 14] {
        let [byte] = from.array()?;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
