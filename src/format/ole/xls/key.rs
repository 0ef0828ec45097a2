//! Encrypted workbooks (RC4, with the hashes of Office 97 or 2002): opened in place if a known password does.
//!
//! Excel itself encrypts workbooks that are protected against changes, with a password everybody has. Those obfuscated in
//! the way of Excel 95 (XOR) are not opened.

use md5::{Digest as _, Md5};
use sha1::{Digest as _, Sha1};

use crate::document::Remark;
use crate::finding::{Fault, FaultReason};

use super::super::bytes::{part, size, u16};
use super::super::secured;
use super::biff;

/// Bytes that one key encrypts.
const BLOCK: usize = 1024;

/// Records that are never encrypted: what is needed to find and open the others.
const OPEN: [u16; 7] = [biff::BEGIN, biff::FILE_PASS, 0x00e1, 0x0138, 0x0194, 0x0195, 0x0196];

/// How keys are made from a password.
struct Method<'a> {
    newer: bool,
    key_bytes: usize,
    salt: &'a [u8],
    verifier: &'a [u8],
    hash: &'a [u8],
}

/// Opens an encrypted workbook in place, if a known password does; nothing is to be done to others.
pub(super) fn unlock(stream: &mut [u8]) -> Result<Option<Remark>, Fault> {
    let mut lead = biff::records(stream).take_while(|record| record.id != biff::SHEET).take(32);
    let locked = lead.find(|record| record.id == biff::FILE_PASS).map(|record| record.body.to_vec());
    drop(lead);
    let Some(body) = locked else { return Ok(None) };
    let opens = Method::of(&body).and_then(|method| {
        let mut known = secured::passwords();
        known.find_map(|(password, remark)| {
            method.seed(password).map(|seed| (method.newer, method.key_bytes, seed, remark))
        })
    });
    let Some((newer, key_bytes, seed, remark)) = opens else {
        return Err(Fault::whole(FaultReason::Encrypted, "the workbook needs a password"));
    };
    decrypt(stream, |block| block_key(newer, key_bytes, &seed, block));
    Ok(Some(remark))
}

impl<'a> Method<'a> {
    fn of(body: &'a [u8]) -> Option<Self> {
        if u16(body, 0)? != 1 {
            return None;
        }
        let parts = |at: usize, hash: usize| {
            let (salt, verifier) = (body.get(at..at + 16)?, body.get(at + 16..at + 32)?);
            Some((salt, verifier, hash))
        };
        if u16(body, 2)? == 1 {
            let (salt, verifier, at) = parts(6, 38)?;
            return Some(Self { newer: false, key_bytes: 16, salt, verifier, hash: body.get(at..at + 16)? });
        }
        let header = size(body, 10)?.min(body.len());
        let bits = size(body, 14 + 16)?;
        let at = 14 + header + 4;
        let (salt, verifier, hash) = parts(at, at + 36)?;
        let key_bytes = if bits == 0 { 5 } else { (bits / 8).clamp(1, 16) };
        Some(Self { newer: true, key_bytes, salt, verifier, hash: body.get(hash..hash + 20)? })
    }

    /// What all keys are made of, if the password is right.
    fn seed(&self, password: &str) -> Option<Vec<u8>> {
        let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let seed = if self.newer {
            Sha1::digest([self.salt, &password].concat()).to_vec()
        } else {
            let first = Md5::digest(&password);
            let again = [&first[..5], self.salt].concat().repeat(16);
            Md5::digest(again)[..5].to_vec()
        };
        let mut both = [self.verifier, self.hash].concat();
        apply(&block_key(self.newer, self.key_bytes, &seed, 0), &mut both);
        let (verifier, hash) = both.split_at(16);
        let right = if self.newer { Sha1::digest(verifier)[..] == *hash } else { Md5::digest(verifier)[..] == *hash };
        right.then_some(seed)
    }
}

/// The key of a block.
fn block_key(newer: bool, key_bytes: usize, seed: &[u8], block: u32) -> Vec<u8> {
    let material = [seed, &block.to_le_bytes()].concat();
    if !newer {
        return Md5::digest(material).to_vec();
    }
    let mut key = part(&Sha1::digest(material), 0, key_bytes).to_vec();
    if key_bytes == 5 {
        // Keys of 40 bits are filled up.
        key.resize(16, 0);
    }
    key
}

/// Decrypts the bodies of records; their headers are open and take part of the key all the same.
fn decrypt(stream: &mut [u8], key: impl Fn(u32) -> Vec<u8>) {
    let mut plain = stream.to_vec();
    for (block, bytes) in (0..).zip(plain.chunks_mut(BLOCK)) {
        apply(&key(block), bytes);
    }
    let places: Vec<(u16, usize, usize)> =
        biff::records(stream).map(|record| (record.id, record.at + 4, record.body.len())).collect();
    for (id, at, length) in places.into_iter().filter(|place| !OPEN.contains(&place.0)) {
        // Where a sheet begins stands open.
        let skip = if id == biff::SHEET { length.min(4) } else { 0 };
        stream[at + skip..at + length].copy_from_slice(&plain[at + skip..at + length]);
    }
}

/// RC4.
fn apply(key: &[u8], bytes: &mut [u8]) {
    let mut state: [u8; 256] = std::array::from_fn(|index| u8::try_from(index).unwrap_or_default());
    let mut j = 0_u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    for byte in bytes {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        let sum = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
        *byte ^= state[usize::from(sum)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("short");
        [&id.to_le_bytes(), length.to_le_bytes().as_slice(), body].concat()
    }

    #[test]
    fn rc4_is_rc4() {
        let mut bytes = *b"Plaintext";
        apply(b"Key", &mut bytes);
        assert_eq!(bytes, [0xbb, 0xf3, 0x16, 0xe8, 0xd9, 0x40, 0xaf, 0x0a, 0xd3]);
    }

    #[test]
    fn a_workbook_with_the_password_of_excel_itself_opens() {
        for newer in [false, true] {
            let header = [[0; 4], 32_u32.to_le_bytes()].concat();
            let lead = if newer {
                [&[1, 0, 2, 0, 2, 0], header.as_slice(), &[0; 16], &128_u32.to_le_bytes(), &[0; 12], &[16, 0, 0, 0]]
                    .concat()
            } else {
                vec![1, 0, 1, 0, 1, 0]
            };
            let (salt, verifier) = ([7; 16], [9; 16]);
            let hash = if newer { Sha1::digest(verifier).to_vec() } else { Md5::digest(verifier).to_vec() };
            let gap: &[u8] = if newer { &[20, 0, 0, 0] } else { &[] };
            let made = |verifier: &[u8], hash: &[u8]| [&lead, salt.as_slice(), verifier, gap, hash].concat();
            // The seed does not depend on the verifier, so it can be made with any.
            let password: Vec<u8> = secured::BUILT_IN.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let seed = if newer {
                Sha1::digest([salt.as_slice(), &password].concat()).to_vec()
            } else {
                Md5::digest([&Md5::digest(&password)[..5], &salt].concat().repeat(16))[..5].to_vec()
            };
            let mut both = [verifier.to_vec(), hash].concat();
            apply(&block_key(newer, 16, &seed, 0), &mut both);
            let plain = [
                record(biff::BEGIN, &[0; 16]),
                record(biff::FILE_PASS, &made(&both[..16], &both[16..])),
                record(biff::LABEL, &b"SECRET".repeat(400)),
            ]
            .concat();
            let mut stream = plain.clone();
            decrypt(&mut stream, |block| block_key(newer, 16, &seed, block));
            assert_ne!(stream, plain);
            assert_eq!(unlock(&mut stream).expect("opens"), Some(Remark::EmptyPassword));
            assert_eq!(stream, plain);
        }
    }
}
