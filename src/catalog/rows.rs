//! What the catalog answers with: files, sweeps, totals, and the filter that says which files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::decision::Decision;
use crate::document::{ContentHash, Identity, Kind, Location, Remark};
use crate::finding::{Coverage, FaultReason, Finding, Level, Verdict, names_rule};

/// A file as reports show it.
#[derive(Clone, Debug)]
pub struct FileRow {
    /// Where.
    pub location: Location,
    /// Name of its zone.
    pub zone: String,
    /// Number and hash of its content, if it could be had.
    pub content: Option<(i64, ContentHash)>,
    /// What the bytes are; none without content.
    pub kind: Option<Kind>,
    /// Bytes.
    pub size: u64,
    /// What `stat` said when it was last looked at.
    pub identity: Identity,
    /// Whether that identity tells a later change.
    pub settled: bool,
    /// Level of the document, and of what it holds.
    pub level: Level,
    /// Native levels it rests on.
    pub natives: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Indices of the findings that decided.
    pub decided_by: Vec<usize>,
    /// How much was examined.
    pub coverage: Coverage,
    /// Evidence.
    pub findings: Vec<Finding>,
    /// What people decided on findings, by their indices.
    pub decisions: BTreeMap<usize, Decision>,
    /// What is remarkable about how it was opened.
    pub remarks: Vec<Remark>,
    /// When content or verdict last changed, and how.
    pub since: Since,
    /// Whether it could be looked at when it was last met. If not, what is known of it is older, or nothing.
    pub looked_at: bool,
    /// A folder that cannot be listed: it stands for everything below it.
    pub folder: bool,
    /// What pages are called that are more than a number, by number.
    pub labels: BTreeMap<u32, String>,
    /// Stamps of reading and classification.
    pub stamps: (Option<String>, Option<String>),
}

/// How a file came to be what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Sweep in which content or verdict last changed.
    pub sweep: i64,
    /// The verdict before; none if the file was not known.
    pub before: Option<String>,
    /// What happened to it in that sweep: new, changed, moved or copied. None: only what is thought of it changed.
    pub event: Option<String>,
    /// Where it was moved or copied from.
    pub origin: Option<PathBuf>,
}

/// A file or member of which no content was ever read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadRow {
    /// Where.
    pub location: Location,
    /// Name of its zone.
    pub zone: String,
    /// Stable name of its verdict.
    pub verdict: String,
    /// Why it was not read.
    pub fault: FaultReason,
    /// When it was last changed, nanoseconds since 1970-01-01 UTC.
    pub mtime_ns: i64,
}

/// A file that is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneRow {
    /// Where it lay.
    pub path: PathBuf,
    /// Sweep that found it gone, or was told to forget it.
    pub sweep: i64,
    /// `gone` or `forgotten`.
    pub event: String,
    /// The verdict it had; none if that was not kept.
    pub before: Option<String>,
}

impl FileRow {
    /// Name of its kind, or `folder`; none for a file without content.
    pub fn kind_name(&self) -> Option<&str> {
        if self.folder { Some("folder") } else { self.kind.as_ref().map(Kind::as_str) }
    }

    /// Of a file to be reviewed the highest level that the doubtful evidence speaks for, with its native words, if that
    /// is above what is decided.
    pub fn suspected(&self) -> Option<(Level, &str)> {
        let doubtful = self.decided_by.iter().filter_map(|index| self.findings.get(*index));
        let highest = doubtful.max_by_key(|finding| (finding.level, finding.rank))?;
        let suspected = self.verdict == Verdict::Review && highest.level > self.level;
        suspected.then_some((highest.level, highest.native.as_str()))
    }
}

/// Which files.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Name of a zone.
    pub zone: Option<String>,
    /// Stable names of verdicts; empty: all.
    pub verdicts: Vec<String>,
    /// Least level, decided or suspected.
    pub level: Option<Level>,
    /// Detector of at least one finding.
    pub detector: Option<String>,
    /// Rule of at least one finding; a trailing `*` stands for anything.
    pub rule: Option<String>,
    /// Reason of at least one fault.
    pub fault: Option<FaultReason>,
    /// Content or verdict changed in this sweep or later.
    pub since_sweep: Option<i64>,
    /// Whatever `verdicts` says, also what is clear and was misfiled or to be reviewed before that change.
    pub mended: bool,
    /// These paths and everything below them; empty: all.
    pub below: Vec<PathBuf>,
}

/// A sweep as `status` shows it.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the columns of table sweep")]
pub struct SweepRow {
    pub id: i64,
    pub started: i64,
    pub ended: Option<i64>,
    pub state: String,
    pub roots: String,
    pub summary: Option<String>,
}

/// Counts over everything.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Files by verdict, folders that cannot be listed among them.
    pub verdicts: BTreeMap<String, u64>,
    /// Folders that cannot be listed.
    pub folders: u64,
    /// Documents inside others: they are counted among the verdicts, too.
    pub members: u64,
    /// Files not wholly read.
    pub incomplete_files: u64,
    /// Pages known to be unread, over all contents, and pages of files that cannot be looked at any more.
    pub unread_pages: u64,
    /// Faults by reason: how many files have it.
    pub faults: BTreeMap<String, u64>,
}

/// A content that the index is to take in or to drop.
#[derive(Clone, Debug)]
pub struct IndexRow {
    /// Sequence number of its last change.
    pub seq: i64,
    /// Number.
    pub content: i64,
    /// Name of the content.
    pub hash: ContentHash,
}

impl Filter {
    /// Whether a path lies where it is asked for.
    pub fn covers(&self, path: &Path) -> bool {
        self.below.is_empty() || self.below.iter().any(|root| path.starts_with(root))
    }

    /// The parts that SQL does not do.
    pub(super) fn matches(&self, file: &FileRow) -> bool {
        let rule = |pattern: &String| file.findings.iter().any(|finding| names_rule(pattern, &finding.rule));
        let detector = |name: &String| file.findings.iter().any(|finding| finding.detector == *name);
        let fault = |reason: FaultReason| file.coverage.faults.iter().any(|fault| fault.reason == reason);
        let level = |least: Level| file.level >= least || file.suspected().is_some_and(|(level, _)| level >= least);
        self.level.is_none_or(level)
            && self.rule.as_ref().is_none_or(rule)
            && self.detector.as_ref().is_none_or(detector)
            && self.fault.is_none_or(fault)
    }
}
