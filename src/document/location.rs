//! Where bytes lie: a file, and the chain of members inside containers.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where bytes lie: a file, and the chain of members inside containers (`mail.eml!/offer.zip!/scan.pdf`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file, absolute. Need not be UTF-8.
    pub path: PathBuf,
    /// Names of members from the outermost container inwards; empty for the file itself.
    pub members: Vec<String>,
}

impl Location {
    /// The location of a file itself.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), members: Vec::new() }
    }

    /// The location of a member of the container here.
    #[must_use]
    pub fn inside(&self, member: &str) -> Self {
        let members = self.members.iter().cloned().chain([member.to_owned()]).collect();
        Self { path: self.path.clone(), members }
    }

    /// The container that it lies in, if it is a member.
    pub fn container(&self) -> Option<Self> {
        let (_, members) = self.members.split_last()?;
        Some(Self { path: self.path.clone(), members: members.to_vec() })
    }

    /// The bytes by which it is known: its path, and its members each behind a zero byte, which neither holds.
    pub fn key(&self) -> Vec<u8> {
        let mut key = self.path.as_os_str().as_bytes().to_vec();
        for member in &self.members {
            key.push(0);
            key.extend_from_slice(member.as_bytes());
        }
        key
    }

    /// The location with these bytes.
    pub fn from_key(key: &[u8]) -> Self {
        let mut parts = key.split(|byte| *byte == 0);
        let path = PathBuf::from(OsStr::from_bytes(parts.next().unwrap_or_default()));
        Self { path, members: parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect() }
    }

    /// The range of keys of everything in it: from the first up to but not including the second.
    pub fn below(&self) -> [Vec<u8>; 2] {
        [0, 1].map(|last| [self.key().as_slice(), &[last]].concat())
    }

    /// The location as it is shown, byte for byte: `/srv/a.zip!/b.docx`. Two locations may look alike.
    pub fn shown(&self) -> PathBuf {
        let mut shown = self.path.clone().into_os_string();
        for member in &self.members {
            shown.push("!/");
            shown.push(member);
        }
        shown.into()
    }

    /// The last component of the location, as a person reads it.
    pub fn name(&self) -> Cow<'_, str> {
        match self.members.last() {
            Some(member) => Cow::Borrowed(member),
            None => self.path.file_name().map_or(Cow::Borrowed(""), |name| name.to_string_lossy()),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shown().display())
    }
}

impl AsRef<Path> for Location {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_known_by_its_key_and_a_file_of_a_members_name_by_another() {
        let member = Location::file("/srv/a.zip").inside("b/c.docx").inside("media/d.png");
        assert_eq!(member.to_string(), "/srv/a.zip!/b/c.docx!/media/d.png");
        assert_eq!(Location::from_key(&member.key()), member);
        assert_ne!(member.key(), Location::file("/srv/a.zip!/b/c.docx!/media/d.png").key());
        let [first, end] = Location::file("/srv/a.zip").below();
        assert!(first < member.key() && member.key() < end);
        assert!(Location::file("/srv/a.zip/x").key() > end);
        assert_eq!(member.container().and_then(|one| one.container()), Some(Location::file("/srv/a.zip")));
    }
}
