//! Key stores: databases of passwords, private keys with their certificates (PKCS#12), key stores of Java. They are sealed,
//! so nothing in them is read; that they lie there is what matters, and their page says so by its label.

use crate::config::Settings;
use crate::document::{Kind, PageSize};
use crate::finding::{Fault, FaultReason};

use super::{Document, Format, Layer, Objects, PageSource, Source};

/// Kinds, and what their page is called: the detector of key stores goes by it. No other format calls a page so.
const LABELS: [(&str, &str); 3] =
    [("kdbx", "key store: KeePass"), ("pkcs12", "key store: PKCS#12"), ("jks", "key store: Java")];

/// See the module.
pub(super) struct KeyStore;

impl Format for KeyStore {
    fn name(&self) -> &'static str {
        "keystore"
    }

    fn version(&self) -> u32 {
        1
    }

    fn sequential(&self) -> bool {
        false
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["kdbx", "pkcs12", "jks"]
    }

    fn open<'a>(&'a self, _: Source, kind: &Kind, _: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let label = LABELS.iter().find(|(name, _)| *name == kind.as_str()).map_or("key store", |(_, label)| label);
        Ok(Box::new(Sealed(label)))
    }
}

struct Sealed(&'static str);

impl Document for Sealed {
    fn page_count(&self) -> u32 {
        1
    }

    fn faults(&self) -> Vec<Fault> {
        vec![Fault::whole(FaultReason::Encrypted, format!("{}: what it holds is sealed", self.0))]
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        match number {
            1 => Ok(Box::new(Name(self.0))),
            _ => Err(Fault::on_page(number, FaultReason::Damaged, "there is no such page")),
        }
    }
}

struct Name(&'static str);

impl PageSource for Name {
    fn label(&self) -> Option<String> {
        Some(self.0.to_owned())
    }

    fn size(&self) -> PageSize {
        PageSize::default()
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        Ok(Layer { objects: Objects { text_only_format: true, ..Objects::default() }, ..Layer::default() })
    }

    fn render(&mut self, _: u32) -> Result<Option<image::DynamicImage>, Fault> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{open, settings};

    #[test]
    fn key_stores_are_told_by_their_bytes_and_are_sealed() {
        let settings = settings();
        let stores: [(&[u8], &str); 4] = [
            (b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\0\x04\0", "key store: KeePass"),
            (b"\x30\x82\x09\xa6\x02\x01\x03\x30\x82\x09\x60", "key store: PKCS#12"),
            (b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01", "key store: Java"),
            (b"\xce\xce\xce\xce\0\0\0\x02\0\0\0\x01", "key store: Java"),
        ];
        for (bytes, label) in stores {
            let document = open(bytes, &settings).expect("opens");
            assert_eq!(document.page(1).expect("there").label().as_deref(), Some(label));
            assert_eq!(document.faults()[0].reason, FaultReason::Encrypted);
        }
    }
}
