//! Addresses of crypto-currencies: `Base58Check`, Bech32 and Bech32m (BIP-173, BIP-350), EIP-55.

use sha2::{Digest, Sha256};
use sha3::{Digest as _, Keccak256};

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Longest Base58 text that is decoded; addresses have 25 to 35 characters, and decoding is quadratic.
const LONGEST_BASE58: usize = 64;
/// BIP-173 limits a Bech32 string to 90 characters.
const LONGEST_BECH32: usize = 90;

/// `Base58Check`: 25 bytes, the last four the head of the double SHA-256 of the others; version 0 (P2PKH) or 5 (P2SH).
/// Takes the address as written.
pub(super) fn base58check(text: &str) -> bool {
    let Some(bytes) = base58(text) else { return false };
    let [version, .., _, _, _, _] = bytes[..] else { return false };
    let (payload, check) = bytes.split_at(bytes.len() - 4);
    let hash = Sha256::digest(Sha256::digest(payload));
    bytes.len() == 25 && matches!(version, 0 | 5) && hash.starts_with(check)
}

fn base58(text: &str) -> Option<Vec<u8>> {
    if text.len() > LONGEST_BASE58 {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for byte in text.bytes() {
        let mut carry = BASE58.iter().position(|&b| b == byte)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = u8::try_from(carry % 256).ok()?;
            carry /= 256;
        }
        while carry > 0 {
            bytes.push(u8::try_from(carry % 256).ok()?);
            carry /= 256;
        }
    }
    // A leading 1 is a zero byte.
    bytes.extend(text.bytes().take_while(|&b| b == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

/// A segregated-witness address of the Bitcoin main net: Bech32 for version 0, Bech32m above; program of the length its
/// version has; all lower or all upper case. Takes the address as written.
pub(super) fn bech32(text: &str) -> bool {
    let mixed = text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase());
    if mixed || text.len() > LONGEST_BECH32 {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let Some(data) = lower.strip_prefix("bc1") else { return false };
    let symbol = |byte: u8| BECH32.iter().position(|&b| b == byte).and_then(|i| u8::try_from(i).ok());
    let Some(values) = data.bytes().map(symbol).collect::<Option<Vec<u8>>>() else { return false };
    let [version, ref program @ .., _, _, _, _, _, _] = values[..] else { return false };
    let expected = if version == 0 { 1 } else { 0x2bc8_30a3 };
    // The human-readable part "bc", expanded: high bits, a zero, low bits.
    let expanded = [3, 3, 0, 2, 3].into_iter().chain(values.iter().copied());
    polymod(expanded) == expected && program_fits(version, program)
}

/// The BCH code over GF(32) that Bech32 is built on.
fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.fold(1, |check, value| {
        let top = check >> 25;
        let shifted = (check & 0x01ff_ffff) << 5 ^ u32::from(value);
        let taps = GENERATOR.iter().enumerate().filter(|(i, _)| top >> i & 1 == 1);
        taps.fold(shifted, |check, (_, generator)| check ^ generator)
    })
}

/// Whether 5-bit groups are the bytes of a witness program: padding below five bits and zero, length as BIP-141 says.
fn program_fits(version: u8, program: &[u8]) -> bool {
    let bits = program.len() * 5;
    let padding = bits % 8;
    let clean = program.last().is_some_and(|last| padding < 5 && last & ((1 << padding) - 1) == 0);
    let bytes = bits / 8;
    clean && version <= 16 && if version == 0 { bytes == 20 || bytes == 32 } else { (2..=40).contains(&bytes) }
}

/// An Ethereum address whose letters spell the checksum of EIP-55: a letter is a capital if its place in the Keccak-256
/// of the lower-case address holds more than 7. Addresses in one case carry no checksum and are not for this check.
pub(super) fn eip55(text: &str) -> bool {
    let Some(address) = text.strip_prefix("0x").filter(|a| a.len() == 40 && a.bytes().all(|b| b.is_ascii_hexdigit()))
    else {
        return false;
    };
    let hash = Keccak256::digest(address.to_ascii_lowercase());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    address
        .bytes()
        .zip(nibbles)
        .all(|(letter, nibble)| letter.is_ascii_digit() || letter.is_ascii_uppercase() == (nibble > 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_addresses_pass() {
        assert!(base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(!base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        // Vectors of BIP-173 and BIP-350.
        assert!(bech32("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"));
        assert!(bech32("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"));
        assert!(!bech32("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4"), "invalid character");
        assert!(!bech32("BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R"), "invalid version");
        assert!(!bech32("bc1pw5dgrnzv"), "program of one byte");
        // Vectors of EIP-55.
        assert!(eip55("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert!(eip55("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"));
        assert!(!eip55("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    }
}
