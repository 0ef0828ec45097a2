//! Encrypted Office documents: opened with the password that Office itself knows, and with those of the house.
//!
//! What opens is handed out as the one document inside, and read by whatever reads its kind. The library that decrypts does
//! not trust lengths, but it follows the directory of a file by recursion: it gets a file made anew of what it needs.

use std::io::{Cursor, Write as _};
use std::sync::OnceLock;

use crate::config::Settings;
use crate::config::passwords::Passwords;
use crate::document::{Kind, Remark};
use crate::finding::{Fault, FaultReason};
use crate::format::text::TextPages;
use crate::format::{Document, Format, Source};
use crate::kind;

use super::compound::{Compound, ROOT};
use super::{Gathered, Inside};

/// The password with which Excel itself encrypts: everybody opens such a file without being asked.
pub(super) const BUILT_IN: &str = "VelvetSweatshop";

/// Passwords to try. A reader knows them before it is locked; whoever set them first is not overruled.
static KNOWN: OnceLock<Passwords> = OnceLock::new();

/// Storages of the protection by rights, by name.
const RIGHTS: [&str; 2] = ["\u{6}DataSpaces", "\u{9}DRMContent"];

/// Reads encrypted documents of Office 2007 and later.
pub(in crate::format) struct Secured;

impl Format for Secured {
    fn name(&self) -> &'static str {
        "ooxml-encrypted"
    }

    fn version(&self) -> u32 {
        2
    }

    fn sequential(&self) -> bool {
        false
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["ooxml-encrypted"]
    }

    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        prepare(settings)
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let document = opened(&source, settings, "the Office document needs a password")?;
        Ok(Box::new(document))
    }
}

/// Learns the passwords of the house.
pub(in crate::format) fn prepare(settings: &Settings) -> anyhow::Result<()> {
    let passwords = Passwords::of(settings)?;
    let _ = KNOWN.set(passwords);
    Ok(())
}

/// The passwords of the house.
pub(in crate::format) fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.get().into_iter().flat_map(Passwords::iter)
}

/// The passwords to try, and what is remarkable about the one that opens.
pub(super) fn passwords() -> impl Iterator<Item = (&'static str, Remark)> {
    let known = known().map(|password| (password, Remark::KnownPassword));
    std::iter::once((BUILT_IN, Remark::EmptyPassword)).chain(known)
}

/// A document whose one member is what a password opens.
pub(super) fn opened(source: &Source, settings: &Settings, closed: &str) -> Result<Gathered, Fault> {
    let limit = settings.limits.repair_bytes;
    if source.size() > limit as u64 {
        let seen = format!("an encrypted document of {} bytes", source.size());
        return Err(Fault::limit("repair_bytes", limit, seen));
    }
    let file = Compound::open(source, settings)?;
    if let Some(fault) = rights(&file) {
        return Err(fault);
    }
    let encrypted = || Fault::whole(FaultReason::Encrypted, closed);
    let plain = remade(&file).ok_or_else(encrypted)?;
    for (password, remark) in passwords() {
        // A wrong password may give bytes too.
        let decrypted = office_crypto::decrypt_from_bytes(plain.clone(), password).ok();
        let is_document = |bytes: &Vec<u8>| {
            matches!(kind::of_head(&bytes[..bytes.len().min(4096)]), Some("zip" | "ole")) && *bytes != plain
        };
        if let Some(bytes) = decrypted.filter(is_document) {
            return Ok(Gathered {
                pages: TextPages::of_parts(Vec::new(), file.fault().into_iter().collect(), settings),
                members: vec![Inside::new("decrypted document", bytes)],
                remarks: vec![remark],
            });
        }
    }
    Err(encrypted())
}

/// The fault of a document that rights management protects: what can be read of it says no more than that.
pub(super) fn rights(file: &Compound) -> Option<Fault> {
    let protected = file.find(ROOT, RIGHTS[1]).is_some() || is_under_rights(file);
    let detail = "the document is protected by rights management, and no password opens it";
    protected.then(|| Fault::whole(FaultReason::Encrypted, detail))
}

/// Whether the data spaces of a file say that rights management encrypts it.
fn is_under_rights(file: &Compound) -> bool {
    let Some(spaces) = file.find(ROOT, RIGHTS[0]) else { return false };
    let storages: Vec<usize> = file.children(spaces).collect();
    let names = storages.iter().flat_map(|id| file.children(*id)).chain(storages.iter().copied());
    names.map(|id| file.entry(id).name.to_ascii_lowercase()).any(|name| name.contains("drm"))
}

/// A compound file of the streams in the root.
fn remade(file: &Compound) -> Option<Vec<u8>> {
    let mut made = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).ok()?;
    for id in file.children(ROOT).filter(|id| !file.entry(*id).storage) {
        let (bytes, _) = file.read(id);
        made.create_stream(format!("/{}", file.entry(id).name)).ok()?.write_all(&bytes).ok()?;
    }
    made.flush().ok()?;
    Some(made.into_inner().into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ole::object::compound;
    use crate::format::test_support::{open, settings};

    #[test]
    fn what_no_password_opens_is_encrypted_and_not_damaged() {
        let settings = settings();
        let fault = |streams: &[(&str, &[u8])]| open(&compound(streams), &settings).map(|_| ()).expect_err("closed");
        let closed = fault(&[("EncryptionInfo", &[4, 0, 4, 0]), ("EncryptedPackage", &[0; 5000])]);
        assert_eq!(closed.reason, FaultReason::Encrypted);
        let rights =
            fault(&[("EncryptedPackage", &[0; 5000]), ("\u{6}DataSpaces/DataSpaceInfo/DRMEncryptedDataSpace", b"x")]);
        assert!(rights.reason == FaultReason::Encrypted && rights.detail.contains("rights management"));
    }

    #[test]
    fn an_encrypted_document_over_the_limit_is_a_fault() {
        let mut settings = settings();
        settings.limits.repair_bytes = 1000;
        let bytes = compound(&[("EncryptionInfo", &[4, 0, 4, 0]), ("EncryptedPackage", &[0; 5000])]);
        assert_eq!(open(&bytes, &settings).map(|_| ()).expect_err("over it").reason, FaultReason::Limit);
    }
}
