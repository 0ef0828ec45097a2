//! Encrypted packages of ODF: opened with the passwords of the house, and handed out as the one document inside.
//!
//! Each part has a key of its own, made of the password by many rounds of a hash. Read is what programs have written since 2011
//! (AES-256 in CBC, keys by PBKDF2); Blowfish of before, and whole packages in one part (Argon2), stay closed.

use std::io::{Cursor, Read, Write as _};
use std::ops::ControlFlow;

use aes::Aes256;
use base64::Engine as _;
use cbc::Decryptor;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use flate2::read::DeflateDecoder;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::config::Settings;
use crate::document::Remark;
use crate::finding::{Fault, FaultReason};
use crate::format::Members;
use crate::format::ole::{Content, Gathered, Inside};
use crate::format::package::Package;
use crate::format::package::xml::{Element, Node};
use crate::format::packed::LENIENT;
use crate::format::text::TextPages;

/// Bytes of a part that its check sum is of.
const CHECKED: usize = 1024;
/// Bytes of a block, and of a key.
const BLOCK: usize = 16;
const KEY: usize = 32;

/// How a part is encrypted; what is missing is empty.
#[derive(Default)]
pub(super) struct Sealed {
    pub(super) path: String,
    algorithm: String,
    vector: Vec<u8>,
    derivation: String,
    salt: Vec<u8>,
    rounds: u32,
    start: String,
    check: String,
    sum: Vec<u8>,
}

impl Sealed {
    /// Takes in what an element of the manifest says of it.
    pub(super) fn learn(&mut self, element: &Element<'_>) {
        let text = |name| element.attribute(name).unwrap_or_default();
        let bytes = |name| LENIENT.decode(text(name).trim()).unwrap_or_default();
        match element.name() {
            "encryption-data" => (self.check, self.sum) = (text("checksum-type"), bytes("checksum")),
            "algorithm" => (self.algorithm, self.vector) = (text("algorithm-name"), bytes("initialisation-vector")),
            "key-derivation" => {
                (self.derivation, self.salt) = (text("key-derivation-name"), bytes("salt"));
                self.rounds = text("iteration-count").parse().unwrap_or_default();
            }
            "start-key-generation" => self.start = text("start-key-generation-name"),
            _ => {}
        }
    }

    /// Whether it is encrypted by a method that is read.
    fn is_known(&self) -> bool {
        self.algorithm.ends_with("aes256-cbc") && self.derivation.ends_with("PBKDF2") && self.vector.len() == BLOCK
    }

    /// What a password makes of the part, still packed; none if it is the wrong one.
    fn decrypt(&self, mut bytes: Vec<u8>, password: &str) -> Option<Vec<u8>> {
        let start = match self.start.ends_with("sha256") {
            true => Sha256::digest(password).to_vec(),
            false => Sha1::digest(password).to_vec(),
        };
        let mut key = [0; KEY];
        pbkdf2::pbkdf2_hmac::<Sha1>(&start, &self.salt, self.rounds, &mut key);
        let mut cipher = Decryptor::<Aes256>::new_from_slices(&key, &self.vector).ok()?;
        let (blocks, []) = bytes.as_chunks_mut::<BLOCK>() else { return None };
        blocks.iter_mut().for_each(|block| cipher.decrypt_block(block.into()));
        let padding = usize::from(*bytes.last()?);
        if !(1..=BLOCK).contains(&padding) {
            return None;
        }
        bytes.truncate(bytes.len() - padding);
        let checked = &bytes[..bytes.len().min(CHECKED)];
        let right = match self.check.to_ascii_lowercase() {
            check if check.ends_with("sha256-1k") => Sha256::digest(checked)[..] == self.sum,
            check if check.ends_with("sha1-1k") || check.ends_with("sha1/1k") => Sha1::digest(checked)[..] == self.sum,
            _ => false,
        };
        right.then_some(bytes)
    }
}

/// Adds what an element of the manifest says to the parts that are encrypted.
pub(super) fn note(sealed: &mut Vec<Sealed>, path: &mut String, element: &Element<'_>) {
    match element.name() {
        "file-entry" => *path = element.attribute("full-path").unwrap_or_default(),
        "encryption-data" => {
            let mut part = Sealed { path: std::mem::take(path), ..Sealed::default() };
            part.learn(element);
            sealed.push(part);
        }
        _ => sealed.iter_mut().last().into_iter().for_each(|part| part.learn(element)),
    }
}

/// The document that one of the passwords opens; none if none does, or the method is not read.
pub(super) fn opened<'p>(
    package: &Package,
    sealed: &[Sealed],
    mut passwords: impl Iterator<Item = &'p str>,
    settings: &Settings,
) -> Result<Option<Gathered>, Fault> {
    let Some(first) = sealed.first().filter(|_| sealed.iter().all(Sealed::is_known)) else { return Ok(None) };
    let most = settings.limits.key_rounds;
    let mut left = most;
    let mut spend = |part: &Sealed| {
        // Encrypted it is in any case, and other passwords may take fewer tries.
        let over =
            || Fault { reason: FaultReason::Encrypted, ..Fault::limit("key_rounds", most, "the work for its keys") };
        left = left.checked_sub(u64::from(part.rounds)).ok_or_else(over)?;
        Ok(())
    };
    let Some(packed) = package.part(&first.path)? else { return Ok(None) };
    let password = loop {
        let Some(password) = passwords.next() else { return Ok(None) };
        spend(first)?;
        if first.decrypt(packed.clone(), password).is_some() {
            break password;
        }
    };
    sealed.iter().try_for_each(spend)?;
    let bytes = remade(package, sealed, password, settings)?;
    let mut faults = package.faults().to_vec();
    let mut members =
        Beside { found: vec![Inside::new("decrypted document", bytes)], left: settings.limits.repair_bytes };
    faults.extend(package.beside_to(&mut members).err());
    Ok(Some(Gathered {
        pages: TextPages::of_parts(Vec::new(), faults, settings),
        members: members.found,
        remarks: vec![Remark::KnownPassword],
    }))
}

/// Takes what lies beside the parts of a package.
struct Beside {
    found: Vec<Inside>,
    /// Bytes that are still taken.
    left: usize,
}

impl Members for Beside {
    fn member(&mut self, name: &str, bytes: &mut dyn Read) -> ControlFlow<()> {
        let mut held = Vec::new();
        let read = bytes.take(self.left as u64 + 1).read_to_end(&mut held);
        let content = match read {
            Ok(_) if held.len() > self.left => {
                Content::Fault(Fault::limit("repair_bytes", self.left, "what lies beside the parts"))
            }
            Ok(_) => {
                self.left -= held.len();
                Content::Bytes(held)
            }
            Err(_) => Content::Fault(Fault::whole(FaultReason::Damaged, "it cannot be read")),
        };
        self.found.push(Inside { name: name.to_owned(), content });
        ControlFlow::Continue(())
    }

    fn unreadable(&mut self, name: &str, fault: Fault) -> ControlFlow<()> {
        self.found.push(Inside { name: name.to_owned(), content: Content::Fault(fault) });
        ControlFlow::Continue(())
    }
}

/// The package with its parts decrypted, and without the manifest, which says that they are not.
fn remade(package: &Package, sealed: &[Sealed], password: &str, settings: &Settings) -> Result<Vec<u8>, Fault> {
    let limit = settings.limits.repair_bytes;
    let damaged = |what: &str| Fault::whole(FaultReason::Damaged, what);
    let mut made = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut size = 0;
    for name in package.names().filter(|name| *name != "META-INF/manifest.xml") {
        let bytes = package.part(name)?.unwrap_or_default();
        let bytes = match sealed.iter().find(|part| part.path == name) {
            None => bytes,
            Some(part) => {
                let packed = part.decrypt(bytes, password);
                let packed = packed.ok_or_else(|| damaged("a part is not what the document's password opens"))?;
                let mut plain = Vec::new();
                let unpacked = DeflateDecoder::new(packed.as_slice()).take(limit as u64 + 1).read_to_end(&mut plain);
                unpacked.map_err(|_| damaged("a part that was decrypted is damaged"))?;
                plain
            }
        };
        size += bytes.len();
        if size > limit {
            return Err(Fault::limit("repair_bytes", limit, "an encrypted document that unpacks to more"));
        }
        let written = made.start_file(name, options).and_then(|()| Ok(made.write_all(&bytes)?));
        written.map_err(|error| damaged(&error.to_string()))?;
    }
    made.finish().map(Cursor::into_inner).map_err(|error| damaged(&error.to_string()))
}

/// The parts that a manifest calls encrypted.
pub(super) fn parts(package: &Package, most: usize) -> Result<Vec<Sealed>, Fault> {
    let mut sealed = Vec::new();
    let read = package.xml("META-INF/manifest.xml", |xml| {
        let (mut path, mut left) = (String::new(), most);
        while let Some(node) = xml.node()? {
            if let Node::Start(element) = node {
                let over = || Fault::limit("page_objects", most, "a list of encrypted parts of that many elements");
                left = left.checked_sub(1).ok_or_else(over)?;
                note(&mut sealed, &mut path, &element);
            }
        }
        Ok(())
    });
    read.unwrap_or(Ok(()))?;
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use aes::Aes256;
    use cbc::Encryptor;
    use cbc::cipher::BlockModeEncrypt as _;
    use flate2::Compression;
    use flate2::read::DeflateEncoder;

    use super::*;
    use crate::format::odf::tests::typed;
    use crate::format::test_support::{members, open, settings, source, texts};

    const SALT: &[u8] = b"salt of the part";
    const VECTOR: [u8; BLOCK] = [7; BLOCK];

    /// A part as `LibreOffice` encrypts it with "kiesel", and what the manifest says of it.
    fn sealed(path: &str, plain: &[u8]) -> (Vec<u8>, String) {
        let mut packed = Vec::new();
        DeflateEncoder::new(plain, Compression::default()).read_to_end(&mut packed).expect("packs");
        let sum = Sha256::digest(&packed[..packed.len().min(CHECKED)]);
        let padding = BLOCK - packed.len() % BLOCK;
        packed.extend(vec![u8::try_from(padding).expect("small"); padding]);
        let mut key = [0; KEY];
        pbkdf2::pbkdf2_hmac::<Sha1>(&Sha256::digest("kiesel"), SALT, 1000, &mut key);
        let mut cipher = Encryptor::<Aes256>::new_from_slices(&key, &VECTOR).expect("a key");
        packed.as_chunks_mut::<BLOCK>().0.iter_mut().for_each(|block| cipher.encrypt_block(block.into()));
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let entry = format!(
            "<m:file-entry m:full-path=\"{path}\"><m:encryption-data m:checksum-type=\"urn:x#sha256-1k\" m:checksum=\"{}\">\
             <m:algorithm m:algorithm-name=\"http://www.w3.org/2001/04/xmlenc#aes256-cbc\" m:initialisation-vector=\"{}\"/>\
             <m:key-derivation m:key-derivation-name=\"PBKDF2\" m:key-size=\"32\" m:iteration-count=\"1000\" m:salt=\"{}\"/>\
             <m:start-key-generation m:start-key-generation-name=\"http://www.w3.org/2000/09/xmldsig#sha256\"/>\
             </m:encryption-data></m:file-entry>",
            base64(&sum),
            base64(&VECTOR),
            base64(SALT),
        );
        (packed, entry)
    }

    /// A document of a line of text and a picture, encrypted.
    fn document() -> Vec<u8> {
        let text = "<office:body><office:text><text:p>绝密★启用前</text:p></office:text></office:body>";
        let (content, of_content) = sealed("content.xml", text.as_bytes());
        let (picture, of_picture) = sealed("Pictures/a.png", b"\x89PNG\r\n\x1a\n and more");
        let manifest = format!("<m:manifest xmlns:m=\"x\">{of_content}{of_picture}</m:manifest>");
        typed(
            "application/vnd.oasis.opendocument.text",
            &[("content.xml", &content), ("Pictures/a.png", &picture), ("META-INF/manifest.xml", manifest.as_bytes())],
        )
    }

    fn opened_with(bytes: &[u8], passwords: &[&str]) -> Result<Option<Gathered>, Fault> {
        let settings = settings();
        let package = Package::open(&source(bytes), &settings.limits).expect("a package");
        let sealed = parts(&package, 1000).expect("a manifest");
        opened(&package, &sealed, passwords.iter().copied(), &settings)
    }

    #[test]
    fn a_password_of_the_house_opens_a_document_and_its_pictures() {
        let document = opened_with(&document(), &["granit", "kiesel"]).expect("opens").expect("with the second");
        assert_eq!(document.remarks, [Remark::KnownPassword]);
        let inner = members(&document).remove(0);
        assert_eq!(inner.0, "decrypted document");
        let settings = settings();
        let plain = inner.1.expect("whole");
        let plain = open(&plain, &settings).expect("a document");
        assert_eq!(texts(plain.as_ref())[0].1.trim(), "绝密★启用前");
        assert_eq!(members(plain.as_ref())[0].0, "Pictures/a.png");
        assert_eq!(plain.faults(), []);
    }

    #[test]
    fn what_lies_behind_a_document_is_handed_out_beside_what_a_password_opens() {
        let bytes = [document(), b"%PDF-1.7\nthe offer behind it".to_vec()].concat();
        let opened = opened_with(&bytes, &["kiesel"]).expect("opens").expect("with it");
        let names: Vec<String> = members(&opened).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names[1].starts_with("bytes behind the document"), "{names:?}");
    }

    #[test]
    fn without_the_right_password_a_document_stays_closed() {
        assert!(opened_with(&document(), &["granit", "basalt"]).expect("no fault").is_none());
        assert_eq!(open(&document(), &settings()).map(|_| ()).expect_err("closed").reason, FaultReason::Encrypted);
    }

    #[test]
    fn keys_that_take_forever_are_a_fault() {
        let bytes = document();
        let mut settings = settings();
        settings.limits.key_rounds = 2999;
        let package = Package::open(&source(&bytes), &settings.limits).expect("a package");
        let sealed = parts(&package, 1000).expect("a manifest");
        let tried = |passwords: &[&str]| opened(&package, &sealed, passwords.iter().copied(), &settings).map(|_| ());
        // A thousand for the password, and as many for each of two parts.
        let fault = tried(&["kiesel"]).expect_err("too much");
        assert!(fault.reason == FaultReason::Encrypted && fault.detail.contains("limits.key_rounds = 2999"), "{fault}");
        assert!(tried(&["granit", "basalt"]).is_ok());
        assert!(tried(&["granit", "basalt", "marmor"]).is_err());
    }

    #[test]
    fn a_list_of_encrypted_parts_that_is_too_long_is_a_fault_and_not_half_of_it() {
        let bytes = document();
        let settings = settings();
        let package = Package::open(&source(&bytes), &settings.limits).expect("a package");
        let fault = parts(&package, 4).map(|_| ()).expect_err("too long");
        assert!(fault.reason == FaultReason::Limit && fault.detail.contains("limits.page_objects = 4"), "{fault}");
    }
}
