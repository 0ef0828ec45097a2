//! Faults: what could not be fully read, and why. A fault is data, and a document with one is never clear.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why something could not be fully read: a closed set with stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultReason {
    /// Needs a password or a key.
    Encrypted,
    /// The bytes break the format's rules.
    Damaged,
    /// No reader for this kind.
    Unsupported,
    /// Embedded files that are not read yet.
    Attachment,
    /// Took longer than the wall-clock limit.
    Timeout,
    /// Took more CPU time than the limit.
    Cpu,
    /// Needed more memory than the limit.
    Memory,
    /// The reader process died.
    Crash,
    /// A limit from `pipeline.toml` was reached.
    Limit,
    /// Content lies in a cloud; opening it would download it.
    Placeholder,
    /// The system refused access.
    Permission,
    /// Gone between listing and opening.
    Vanished,
    /// Changed while it was read.
    ChangedWhileRead,
    /// Input or output error of the system.
    Io,
    /// Text was seen that could not be recognized.
    OcrFailed,
    /// An image that cannot be decoded.
    UnreadableImage,
    /// The sweep ended before the content was read; the next one goes on.
    NotYetRead,
    /// Its zone is configured no more: no sweep of the zones looks there.
    Outside,
    /// A kind that carries no text and is configured not to be read.
    OutOfScope,
    /// A stamp was seen, red and framed or in another colour over text, and no words in it could be read.
    UnreadRedStamp,
}

impl FaultReason {
    /// All reasons, in the order of declaration.
    pub const ALL: [Self; 20] = [
        Self::Encrypted,
        Self::Damaged,
        Self::Unsupported,
        Self::Attachment,
        Self::Timeout,
        Self::Cpu,
        Self::Memory,
        Self::Crash,
        Self::Limit,
        Self::Placeholder,
        Self::Permission,
        Self::Vanished,
        Self::ChangedWhileRead,
        Self::Io,
        Self::OcrFailed,
        Self::UnreadableImage,
        Self::NotYetRead,
        Self::Outside,
        Self::OutOfScope,
        Self::UnreadRedStamp,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Damaged => "damaged",
            Self::Unsupported => "unsupported",
            Self::Attachment => "attachment",
            Self::Timeout => "timeout",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Crash => "crash",
            Self::Limit => "limit",
            Self::Placeholder => "placeholder",
            Self::Permission => "permission",
            Self::Vanished => "vanished",
            Self::ChangedWhileRead => "changed_while_read",
            Self::Io => "io",
            Self::OcrFailed => "ocr_failed",
            Self::UnreadableImage => "unreadable_image",
            Self::NotYetRead => "not_yet_read",
            Self::Outside => "outside",
            Self::OutOfScope => "out_of_scope",
            Self::UnreadRedStamp => "unread_red_stamp",
        }
    }
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FaultReason {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name).ok_or_else(|| {
            let all: Vec<&str> = Self::ALL.iter().map(|reason| reason.as_str()).collect();
            format!("no fault reason is named {name:?}; there are: {}", all.join(", "))
        })
    }
}

/// Something that could not be fully read. It is a result, never only a log line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// The page, from 1; none when it concerns the whole content.
    pub page: Option<u32>,
    /// Why.
    pub reason: FaultReason,
    /// One sentence for a person; names limits, errno or library errors, never content.
    pub detail: String,
    /// How often and when it was met, of a fault that the catalog has kept.
    #[serde(skip)]
    pub tries: Option<Tries>,
}

/// How often and when a fault was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tries {
    /// Readings, or looks at a file, that ended with it one after the other.
    pub attempts: u32,
    /// The first of them, seconds since 1970 UTC.
    pub first: i64,
    /// The last of them, seconds since 1970 UTC.
    pub last: i64,
}

impl Fault {
    /// A fault of the whole content.
    pub fn whole(reason: FaultReason, detail: impl Into<String>) -> Self {
        Self { page: None, reason, detail: detail.into(), tries: None }
    }

    /// A fault of one page.
    pub fn on_page(page: u32, reason: FaultReason, detail: impl Into<String>) -> Self {
        Self { page: Some(page), ..Self::whole(reason, detail) }
    }

    /// A limit of `pipeline.toml` that was reached: names the limit, its value and the key that raises it.
    pub fn limit(key: &str, value: impl fmt::Display, seen: impl fmt::Display) -> Self {
        Self::whole(FaultReason::Limit, format!("{seen} is over limits.{key} = {value}; raise that key to read on"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.page {
            Some(page) => write!(f, "page {page}: {}: {}", self.reason, self.detail),
            None => write!(f, "{}: {}", self.reason, self.detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_reason_reads_back_from_its_name() {
        for reason in FaultReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }
}
