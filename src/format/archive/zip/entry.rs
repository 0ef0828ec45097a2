//! The bytes of one member of a ZIP.
//!
//! The `zip` library keeps a whole directory in memory, and of members of one name only the last. So it is given an
//! archive of a single member each time, made of new headers around the bytes in the file: it unpacks and deciphers.

use std::io::{self, Read};

use zip::ZipArchive;
use zip::read::ZipReadOptions;
use zip::result::ZipError;

use super::super::bytes::{Spliced, le16, le64, read_at};
use super::super::out::{damaged, encrypted, fault_of, packed_by};
use super::directory::Entry;
use crate::config::Limits;
use crate::config::passwords::Passwords;
use crate::finding::{Fault, FaultReason};
use crate::format::Source;

/// Bytes that another name may have more than the one of the directory, to be read at once with it.
const AHEAD: u64 = 256;

/// Where the bytes of a member begin, by its local header.
pub(super) fn data_start(source: &Source, entry: &Entry) -> Result<u64, Fault> {
    let local = read_at(source, entry.header, 30).map_err(|error| fault_of(&error))?;
    if !local.starts_with(b"PK\x03\x04") || local.len() < 30 {
        return Err(damaged("the directory names a place where no member begins"));
    }
    let lengths = [26, 28].map(|at| u64::from(le16(&local, at).unwrap_or_default()));
    Ok(entry.header.saturating_add(30 + lengths[0] + lengths[1]))
}

/// The name in the local header, where it is another one than the directory's: programs that unpack as bytes arrive go by it. A
/// header that keeps none, as those before an encrypted directory, has no other name.
pub(super) fn own_name(source: &Source, entry: &Entry) -> Option<Vec<u8>> {
    let ahead = 30 + entry.name.len() as u64 + AHEAD;
    let mut local = read_at(source, entry.header, ahead).ok().filter(|local| local.starts_with(b"PK\x03\x04"))?;
    let end = 30 + usize::from(le16(&local, 26)?);
    if end > local.len() {
        local = read_at(source, entry.header, end as u64).ok()?;
    }
    let name = local.get(30..end)?;
    let says_something = name.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    (says_something && name != entry.name).then(|| name.to_vec())
}

/// Opens a member and gives it to `take`.
pub(super) fn with<T>(
    source: &Source,
    entry: &Entry,
    start: u64,
    password: Option<&[u8]>,
    take: impl FnOnce(Result<&mut dyn Read, Fault>) -> T,
) -> T {
    let Some(alone) = alone(source, entry, start) else {
        return take(Err(Fault::whole(FaultReason::Limit, "a member of more than 4 GiB, packed, is not read")));
    };
    let mut archive = match ZipArchive::new(alone) {
        Ok(archive) => archive,
        Err(error) => return take(Err(fault(&error))),
    };
    match archive.by_index_with_options(0, ZipReadOptions::new().password(password)) {
        Ok(mut file) => take(Ok(&mut file)),
        Err(error) => take(Err(fault(&error))),
    }
}

/// An archive of this member alone.
fn alone(source: &Source, entry: &Entry, start: u64) -> Option<Spliced> {
    // Of one that was cut as much is unpacked as there is.
    let there = entry.packed.min(source.size().saturating_sub(start));
    let packed = u32::try_from(there).ok().filter(|packed| *packed < u32::MAX - 100)?;
    let unpacked = u32::try_from(entry.unpacked).unwrap_or(u32::MAX);
    let mut extra = entry.aes.clone().unwrap_or_default();
    if unpacked == u32::MAX {
        extra.extend([1_u16.to_le_bytes(), 8_u16.to_le_bytes()].as_flattened());
        extra.extend(entry.unpacked.to_le_bytes());
    }
    // The name of the member is none of its business, and may be anything.
    let common = [
        51_u16.to_le_bytes().as_slice(),
        &(entry.flags & 0x0f).to_le_bytes(),
        &entry.method.to_le_bytes(),
        &entry.time.to_le_bytes(),
        &entry.crc.to_le_bytes(),
        &packed.to_le_bytes(),
        &unpacked.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &u16::try_from(extra.len()).ok()?.to_le_bytes(),
    ]
    .concat();
    let head = [b"PK\x03\x04".as_slice(), &common, b"x", &extra].concat();
    let directory = [b"PK\x01\x02\x33\x00".as_slice(), &common, &[0; 14], b"x", &extra].concat();
    let offset = u32::try_from(head.len()).ok()?.checked_add(packed)?;
    let size = u32::try_from(directory.len()).ok()?;
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &size.to_le_bytes(), &offset.to_le_bytes(), &[0; 2]];
    let tail = [directory, end.concat()].concat();
    Some(Spliced { head, source: source.clone(), start, length: u64::from(packed), tail, position: 0 })
}

/// Finds the password of a member among those that are known.
pub(super) struct Keys<'a> {
    known: &'a Passwords,
    limits: &'a Limits,
    /// The one that opened the member before.
    last: Option<Vec<u8>>,
    /// Wrong ones that were tried so far.
    tries: usize,
}

impl<'a> Keys<'a> {
    pub(super) fn new(known: &'a Passwords, limits: &'a Limits) -> Self {
        Self { known, limits, last: None, tries: 0 }
    }

    /// The password that opens this member. Behind `limits.password_tries` wrong ones none is tried any more.
    pub(super) fn of(&mut self, source: &Source, entry: &Entry, start: u64) -> Result<Vec<u8>, Fault> {
        // The one that opened the member before is tried first.
        let known = self.known.iter().flat_map(written);
        let candidates: Vec<Vec<u8>> = self.last.clone().into_iter().chain(known).collect();
        let mut refused = encrypted();
        for candidate in candidates {
            if self.tries >= self.limits.password_tries {
                let over = Fault::limit("password_tries", self.limits.password_tries, "the number of wrong passwords");
                return Err(Fault {
                    reason: FaultReason::Encrypted,
                    detail: format!("it is encrypted; {}", over.detail),
                    ..over
                });
            }
            match self.opens(source, entry, start, &candidate) {
                Ok(()) => {
                    self.last = Some(candidate.clone());
                    return Ok(candidate);
                }
                Err(fault) if fault.reason == FaultReason::Unsupported => refused = fault,
                Err(_) => self.tries += 1,
            }
        }
        Err(refused)
    }

    /// One byte says whether a password is wrong, and is right for one of 256 wrong ones; the check sum at the end is sure.
    fn opens(&self, source: &Source, entry: &Entry, start: u64, password: &[u8]) -> Result<(), Fault> {
        with(source, entry, start, Some(password), |opened| {
            let read = io::copy(&mut opened?.take(self.limits.unpacked_bytes), &mut io::sink());
            read.map(|_| ()).map_err(|error| fault_of(&error))
        })
    }
}

/// How a password was put into bytes: as UTF-8, or in the code page of a Chinese machine.
fn written(password: &str) -> impl Iterator<Item = Vec<u8>> {
    let local = (!password.is_ascii()).then(|| encoding_rs::GB18030.encode(password).0.into_owned());
    std::iter::once(password.as_bytes().to_vec()).chain(local)
}

/// What an error of the library is.
fn fault(error: &ZipError) -> Fault {
    match error {
        ZipError::Io(error) => fault_of(error),
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => encrypted(),
        ZipError::CompressionMethodNotSupported(method) => packed_by(&format!("method {method}")),
        ZipError::UnsupportedArchive(detail) => Fault::whole(FaultReason::Unsupported, *detail),
        other => damaged(other.to_string()),
    }
}

/// Where a member's bytes end, with the record that some writers put behind them.
pub(super) fn data_end(source: &Source, entry: &Entry, start: u64) -> io::Result<u64> {
    let end = start.saturating_add(entry.packed);
    if entry.flags & 8 == 0 {
        return Ok(end);
    }
    let behind = read_at(source, end, 24)?;
    let marked = if behind.starts_with(b"PK\x07\x08") { 4 } else { 0 };
    let large = le64(&behind, marked + 4) == Some(entry.packed) && le64(&behind, marked + 12) == Some(entry.unpacked);
    Ok(end.saturating_add(marked as u64 + if large { 20 } else { 12 }))
}
