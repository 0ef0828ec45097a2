//! Archives and compressed files: their members, streamed one after the other. They have no pages but for comments.
//!
//! Nothing is unpacked into memory as a whole, and names are handed on as they stand: what they may do is the receiver's
//! business. What lies in an archive and belongs to no member is handed out too if it is anything known, or is a fault.

#![allow(
    clippy::unnecessary_wraps,
    reason = "those that open archives are of one type, and so are those that hand out members"
)]

mod appended;
mod ar;
mod bytes;
mod cab;
mod cpio;
mod iso;
mod lha;
mod lzw;
mod names;
mod out;
mod rar;
mod rpm;
mod sevenz;
mod stream;
mod tar;
mod warc;
mod zip;

use std::sync::OnceLock;

use crate::config::Settings;
use crate::config::passwords::Passwords;
use crate::document::{Kind, Remark};
use crate::finding::Fault;

pub(crate) use zip::documents;

use super::text::{Holding, Part, TextPages};
use super::{Document, Format, Members, Source};
use out::Out;

/// Passwords to try. A reader knows them before it is locked; whoever set them first is not overruled.
static KNOWN: OnceLock<Passwords> = OnceLock::new();

/// Reads one family of archives.
pub(super) struct Archive {
    name: &'static str,
    version: u32,
    kinds: &'static [&'static str],
    open: Opener,
}

type Opener = for<'a> fn(Source, &Kind, Context<'a>) -> Result<Container<'a>, Fault>;

/// What an archive is opened with.
#[derive(Clone, Copy)]
struct Context<'a> {
    settings: &'a Settings,
    passwords: &'a Passwords,
}

pub(super) static ZIP: Archive =
    Archive { name: "zip", version: 4, kinds: &["zip", "jar", "apk", "kmz", "iwork"], open: zip::open };
pub(super) static TAR: Archive = Archive { name: "tar", version: 4, kinds: &["tar"], open: tar::open };
pub(super) static STREAM: Archive = Archive {
    name: "compressed",
    version: 1,
    kinds: &["gzip", "bzip2", "xz", "lzma", "zstd", "lz4", "lzip", "z"],
    open: stream::open,
};
pub(super) static SEVENZ: Archive = Archive { name: "7z", version: 1, kinds: &["7z"], open: sevenz::open };
pub(super) static RAR: Archive = Archive { name: "rar", version: 3, kinds: &["rar"], open: rar::open };
pub(super) static CAB: Archive = Archive { name: "cab", version: 1, kinds: &["cab"], open: cab::open };
pub(super) static ISO: Archive = Archive { name: "iso", version: 2, kinds: &["iso"], open: iso::open };
pub(super) static CPIO: Archive = Archive { name: "cpio", version: 1, kinds: &["cpio"], open: cpio::open };
pub(super) static AR: Archive = Archive { name: "ar", version: 1, kinds: &["ar"], open: ar::open };
pub(super) static RPM: Archive = Archive { name: "rpm", version: 1, kinds: &["rpm"], open: rpm::open };
pub(super) static LHA: Archive = Archive { name: "lha", version: 1, kinds: &["lha"], open: lha::open };
pub(super) static WARC: Archive = Archive { name: "warc", version: 1, kinds: &["warc"], open: warc::open };

pub(super) static APPENDED: Archive = Archive { name: "appended", version: 1, kinds: &["sfx"], open: appended::open };

impl Format for Archive {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn sequential(&self) -> bool {
        false
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        self.kinds
    }

    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        let _ = KNOWN.set(Passwords::of(settings)?);
        Ok(())
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        let passwords = KNOWN.get_or_init(Passwords::default);
        Ok(Box::new((self.open)(source, kind, Context { settings, passwords })?))
    }
}

/// Hands out the members of an open archive.
type Contents<'a> = Box<dyn Fn(&mut Out<'_>) -> Result<(), Fault> + 'a>;

/// An open archive.
struct Container<'a> {
    pages: TextPages,
    remarks: Vec<Remark>,
    contents: Contents<'a>,
}

impl<'a> Container<'a> {
    /// An archive with what it says about itself, and what is known to be amiss before its members are read.
    fn new(
        comments: Vec<Part>,
        faults: Vec<Fault>,
        context: Context<'_>,
        contents: impl Fn(&mut Out<'_>) -> Result<(), Fault> + 'a,
    ) -> Self {
        let pages = TextPages::of_parts(comments, faults, context.settings);
        Self { pages, remarks: Vec::new(), contents: Box::new(contents) }
    }
}

impl Holding for Container<'_> {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn opening(&self) -> Vec<Remark> {
        self.remarks.clone()
    }

    fn holds(&self) -> bool {
        true
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        (self.contents)(&mut Out::new(out))
    }
}

/// Where an archive that ends in a content begins and ends, if it is a ZIP; none if there is none, or it cannot be read.
pub(super) fn zip_bounds(source: &Source) -> Option<std::ops::Range<u64>> {
    zip::bounds(source)
}

/// A page of its own for what an archive says about itself.
fn comment(label: &str, text: String) -> Option<Part> {
    (!text.trim().is_empty()).then(|| Part { label: Some(label.to_owned()), text })
}

#[cfg(test)]
mod test_support {
    use super::*;
    use crate::format::test_support::{Collected, source};

    /// What an archive holds.
    pub(super) struct Held {
        pub(super) members: Vec<(String, Result<Vec<u8>, Fault>)>,
        /// Those of opening, and the one that ended the list of members.
        pub(super) faults: Vec<Fault>,
        pub(super) pages: Vec<(Option<String>, String)>,
        pub(super) remarks: Vec<Remark>,
    }

    impl Held {
        /// Names of members, and their text or the reason why it cannot be had.
        pub(super) fn list(&self) -> Vec<(&str, String)> {
            let said = |member: &Result<Vec<u8>, Fault>| match member {
                Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Err(fault) => fault.reason.to_string(),
            };
            self.members.iter().map(|(name, member)| (name.as_str(), said(member))).collect()
        }
    }

    /// Passwords as they stand in a file.
    pub(super) fn passwords(lines: &[&str]) -> Passwords {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600)).expect("mode");
        std::fs::write(file.path(), lines.join("\n")).expect("writes");
        let mut settings = Settings::defaults();
        settings.read.passwords_file = file.path().to_owned();
        Passwords::of(&settings).expect("good")
    }

    /// Opens an archive with these passwords and takes everything out.
    pub(super) fn held(format: &Archive, bytes: &[u8], lines: &[&str]) -> Result<Held, Fault> {
        held_with(format, bytes, &passwords(lines), &Settings::defaults())
    }

    pub(super) fn held_with(
        format: &Archive,
        bytes: &[u8],
        passwords: &Passwords,
        settings: &Settings,
    ) -> Result<Held, Fault> {
        let source = source(bytes);
        let kind = crate::kind::detect(&source.head(crate::kind::HEAD_BYTES).expect("reads"), &source);
        assert!(format.kinds.contains(&kind.as_str()), "{kind}");
        let opened = (format.open)(source, &kind, Context { settings, passwords })?;
        let mut collected = Collected::default();
        let ended = opened.members(&mut collected);
        let faults = opened.faults().into_iter().chain(ended.err()).collect();
        let pages = crate::format::test_support::texts(&opened);
        Ok(Held { members: collected.0, faults, pages, remarks: opened.remarks() })
    }
}
