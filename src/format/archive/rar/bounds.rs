//! How much unpacking a RAR may take, and which key of `limits` says so.
//!
//! The library refuses what is over its bounds for good, solid or not, so those are wide; a single member has a bound of its own.

use rars::{ArchiveReadOptions, Error, ErrorKind};

use super::super::out::{damaged, encrypted, fault_of};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};

/// Share of a reader's address space that unpacking may take.
const MEMORY_SHARE: u64 = 4;

/// Unpacked bytes below which nobody asks what they were packed into.
const HARMLESS: u64 = 64 << 20;

/// What an archive may unpack to.
pub(super) struct Bounds {
    limits: Limits,
    /// Bytes of the archive as it stands.
    packed: u64,
}

/// A number of bytes, and the key that bounds them.
#[derive(Clone, Copy)]
pub(super) struct Bound {
    pub(super) bytes: u64,
    key: &'static str,
    value: u64,
}

impl Bound {
    fn of(key: &'static str, value: u64) -> Self {
        Self { bytes: value, key, value }
    }

    /// The fault of what is over it.
    pub(super) fn fault(self, seen: &str) -> Fault {
        Fault::limit(self.key, self.value, seen)
    }
}

impl Bounds {
    pub(super) fn of(limits: &Limits, packed: u64) -> Self {
        Self { limits: limits.clone(), packed }
    }

    /// What one member may unpack to.
    pub(super) fn member(&self) -> Bound {
        self.expanded(Bound::of("unpacked_bytes", self.limits.unpacked_bytes))
    }

    /// What all members may unpack to.
    fn all(&self) -> Bound {
        self.expanded(Bound::of("members_bytes", self.limits.members_bytes))
    }

    /// The lower one of a bound and that of the expansion.
    fn expanded(&self, bound: Bound) -> Bound {
        let bytes = self.packed.saturating_mul(self.limits.expansion).max(HARMLESS);
        if bytes < bound.bytes { Bound { bytes, ..Bound::of("expansion", self.limits.expansion) } } else { bound }
    }

    /// The same for the library.
    pub(super) fn options<'p>(&self, password: Option<&'p [u8]>) -> ArchiveReadOptions<'p> {
        let memory = self.limits.reader_memory_mib.saturating_mul(1 << 20) / MEMORY_SHARE;
        ArchiveReadOptions::with_optional_password(password)
            .with_max_header_count(self.limits.archive_entries)
            .with_max_reader_workspace_bytes(memory)
            .with_rar50_dictionary_size_limit(memory)
            // Twice, for what is unpacked and not handed on. Also keeps the library from unpacking with several threads.
            .with_max_total_output_bytes(self.all().bytes.saturating_mul(2))
    }

    /// What an error of the library is.
    pub(super) fn fault(&self, error: &Error) -> Fault {
        match error.kind() {
            ErrorKind::PasswordRequired | ErrorKind::BadPassword => encrypted(),
            ErrorKind::ResourceLimit => self.limit(error),
            ErrorKind::UnsupportedFeature | ErrorKind::UnsupportedFormat => {
                Fault::whole(FaultReason::Unsupported, error.to_string())
            }
            ErrorKind::Io => fault_of(&std::io::Error::other(error.to_string())),
            _ => damaged(error.to_string()),
        }
    }

    /// The fault of what the library refused: with a key where one of ours bounds it.
    fn limit(&self, error: &Error) -> Fault {
        let seen = format!("unpacking a RAR ({error})");
        match error.root_cause() {
            Error::HeaderCountLimitExceeded { .. } => {
                Fault::limit("archive_entries", self.limits.archive_entries, "the number of entries of a RAR")
            }
            Error::TotalOutputLimitExceeded { .. } => self.all().fault(&seen),
            Error::Rar50DictionaryLimitExceeded { .. }
            | Error::Codec(rars::codec::Error::WorkspaceLimitExceeded(_)) => {
                Fault::limit("reader_memory_mib", self.limits.reader_memory_mib, seen)
            }
            // A bound of the library's own.
            _ => Fault::whole(FaultReason::Limit, seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn a_limit_is_named_after_what_was_refused() {
        let bounds = Bounds::of(&Settings::defaults().limits, 1000);
        let check = |error: Error, key: Option<&str>| {
            let fault = bounds.fault(&error.at_archive_offset(7));
            assert_eq!(fault.reason, FaultReason::Limit);
            match key {
                Some(key) => assert!(fault.detail.contains(&format!("limits.{key} = ")), "{}", fault.detail),
                None => assert!(!fault.detail.contains("limits."), "{}", fault.detail),
            }
        };
        check(Error::HeaderCountLimitExceeded { limit: 1, required: 2 }, Some("archive_entries"));
        check(Error::Rar50DictionaryLimitExceeded { limit: 1, required: 2 }, Some("reader_memory_mib"));
        check(Error::TotalOutputLimitExceeded { limit: 1, required: 2, used: 0 }, Some("expansion"));
        check(Error::Rar50BufferedDecodeLimitExceeded { limit: 1, required: 2 }, None);
    }

    #[test]
    fn the_lower_bound_counts_and_little_may_always_be_unpacked() {
        let mut limits = Settings::defaults().limits;
        (limits.expansion, limits.unpacked_bytes, limits.members_bytes) = (10, 1 << 30, 1 << 40);
        let member = |packed| Bounds::of(&limits, packed).member();
        assert_eq!((member(1).bytes, member(1).key), (HARMLESS, "expansion"));
        assert_eq!((member(50 << 20).bytes, member(50 << 20).key), (500 << 20, "expansion"));
        assert_eq!((member(1 << 30).bytes, member(1 << 30).key), (1 << 30, "unpacked_bytes"));
        assert_eq!(Bounds::of(&limits, 1 << 30).all().bytes, 10 << 30);
    }
}
