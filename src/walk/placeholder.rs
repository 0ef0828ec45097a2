//! Recognises cloud placeholders from `stat` and extended attributes, before anything opens the file.
//!
//! Sources: Windows file attributes and reparse tags as Samba and ntfs-3g expose them; see the readiness rules.

use std::path::Path;

use super::Candidate;
use crate::finding::{Fault, FaultReason};

/// `FILE_ATTRIBUTE_OFFLINE`, `_RECALL_ON_OPEN`, `_RECALL_ON_DATA_ACCESS`.
const RECALL: [(u32, &str); 3] =
    [(0x1000, "OFFLINE"), (0x4_0000, "RECALL_ON_OPEN"), (0x40_0000, "RECALL_ON_DATA_ACCESS")];

/// Whether a root lies on a FUSE file system (ntfs-3g and the like), where Windows attributes can be asked for. Elsewhere
/// the question is not put: it would cost two system calls a file.
pub(super) fn may_hold_ntfs_attributes(root: &Path) -> bool {
    const FUSE_SUPER_MAGIC: i64 = 0x6573_5546;
    rustix::fs::statfs(root).is_ok_and(|stat| stat.f_type == FUSE_SUPER_MAGIC)
}

/// A fault if the file's content lies elsewhere.
pub(super) fn recognise(candidate: &Candidate, min_bytes: u64) -> Option<Fault> {
    let (path, ntfs) = (candidate.location.path.as_path(), candidate.root.ntfs);
    let fault = |why: &str| Some(Fault::whole(FaultReason::Placeholder, format!("{why}: reading would download it")));
    if icloud_stub(path) {
        return fault("an iCloud stub");
    }
    if let Some(name) = attributes(path, ntfs).and_then(|bits| RECALL.iter().find(|(bit, _)| bits & bit != 0)) {
        return fault(&format!("the file attribute {} is set", name.1));
    }
    if ntfs && let Some(tag) = reparse_tag(path).filter(|tag| cloud_tag(*tag)) {
        return fault(&format!("the reparse tag is 0x{tag:08X}"));
    }
    if candidate.blocks == 0 && candidate.identity.size >= min_bytes.max(1) {
        return fault("the file has a size and no blocks on disk");
    }
    None
}

/// `.name.icloud`: what macOS leaves of a file it moved to iCloud.
fn icloud_stub(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.len() > ".x.icloud".len() - 1 && name.starts_with('.') && name.ends_with(".icloud")
}

/// Windows attributes where a file server keeps them.
fn attributes(path: &Path, ntfs: bool) -> Option<u32> {
    let get = |name: &str| xattr::get(path, name).ok().flatten();
    if ntfs && let Some(value) = get("system.ntfs_attrib") {
        return value.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    }
    dos_attributes(&get("user.DOSATTRIB")?)
}

/// Samba's attribute: an older `0x…` text, or an NDR blob that begins with the text and holds a version and the bits.
fn dos_attributes(value: &[u8]) -> Option<u32> {
    let text_end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    let text = std::str::from_utf8(&value[..text_end]).ok()?;
    if let Some(hex) = text.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).ok();
    }
    // NDR `xattr_DOSATTRIB`: empty text and padding (4 bytes), version u16 twice, then valid_flags u32, attrib u32 (v3, v4)
    // or attrib u32 at once (v1, v2).
    let version = u16::from_le_bytes(*value.get(4..6)?.first_chunk()?);
    let offset = if version >= 3 { 12 } else { 8 };
    value.get(offset..offset + 4)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// The reparse tag that ntfs-3g exposes.
fn reparse_tag(path: &Path) -> Option<u32> {
    let value = xattr::get(path, "system.ntfs_reparse_data").ok().flatten()?;
    value.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// The CLOUD family, old OneDrive, and hierarchical storage managers.
fn cloud_tag(tag: u32) -> bool {
    tag & 0xFFFF_0FFF == 0x9000_001A || [0x8000_0015, 0xC000_0004, 0x8000_0006].contains(&tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samba_attributes_are_understood_in_both_forms() {
        assert_eq!(dos_attributes(b"0x1020\0"), Some(0x1020));
        let mut blob = vec![0, 0, 0, 0, 4, 0, 4, 0, 0x11, 0, 0, 0];
        blob.extend(0x40_0020_u32.to_le_bytes());
        assert_eq!(dos_attributes(&blob), Some(0x40_0020));
        assert_eq!(dos_attributes(&[0, 0, 0]), None);
    }

    #[test]
    fn every_member_of_the_cloud_family_is_a_placeholder() {
        assert!(cloud_tag(0x9000_001A) && cloud_tag(0x9000_601A) && cloud_tag(0x8000_0015));
        assert!(!cloud_tag(0xA000_000C), "a symbolic link is not one");
    }

    #[test]
    fn an_icloud_stub_is_known_by_its_name() {
        assert!(icloud_stub(Path::new("/x/.plan.pdf.icloud")));
        assert!(!icloud_stub(Path::new("/x/plan.icloud")) && !icloud_stub(Path::new("/x/.icloud")));
    }
}
