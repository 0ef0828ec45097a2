//! The key: what makes stored hashes worthless to whoever has only the registry.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};

/// 32 secret bytes. Each purpose gets a key of its own, derived from them.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// A new key from the kernel's random numbers.
    pub fn random() -> io::Result<Self> {
        random().map(Self)
    }

    /// The key that these bytes are.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key for one purpose. Purposes never share hashes.
    pub(super) fn derive(&self, purpose: &'static str) -> [u8; 32] {
        // The context string is fixed in the program, as BLAKE3 wants it; the secret is the key material.
        let mut hasher = blake3::Hasher::new_derive_key("misfile 2026 registered documents");
        hasher.update(&self.0).update(purpose.as_bytes());
        *hasher.finalize().as_bytes()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Random bytes of the kernel.
pub(super) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_have_different_keys_and_a_key_is_never_shown() {
        let key = Key::from_bytes([7; 32]);
        assert_ne!(key.derive("a"), key.derive("b"));
        assert_ne!(key.derive("a"), Key::from_bytes([8; 32]).derive("a"));
        assert_eq!(format!("{key:?}"), "Key(…)");
        assert_ne!(Key::random().expect("random"), Key::random().expect("random"));
    }
}
