//! Classifying threads: the writer hands over the pages of a content that was read, and takes back what was seen in them.

use std::fs::File;

use crossbeam_channel::{Receiver, Sender};

use crate::classify::{Classification, Classifier};
use crate::config::Settings;
use crate::document::{ContentHash, Identity, Page};
use crate::finding::{Coverage, Fault};
use crate::probe;
use crate::read::pool::Ticket;

/// Classifying threads: a second one, so that one huge content does not hold all others up.
pub(super) const THREADS: usize = 2;
/// Contents that are being classified or wait for it; each holds its text.
pub(super) const UNDER_WAY: usize = 8;

/// A content that was read.
pub(super) struct Job {
    pub(super) content: Ticket,
    /// The file that it was read from, and what it was then; none of what was unpacked, which nobody else can write to.
    pub(super) file: Option<File>,
    pub(super) identity: Identity,
    /// Whether that tells a later change.
    pub(super) settled: bool,
    pub(super) hash: ContentHash,
    pub(super) pages: Vec<Page>,
    /// Bytes of memory that they take.
    pub(super) bytes: usize,
    pub(super) coverage: Coverage,
}

/// What came of it.
pub(super) struct Classified {
    pub(super) content: Ticket,
    /// Those of the job.
    pub(super) bytes: usize,
    pub(super) coverage: Coverage,
    /// A fault if the file no longer holds what was read.
    pub(super) outcome: Result<Classification, Fault>,
}

/// Classifies until no more jobs come or nobody listens.
pub(super) fn run(settings: &Settings, classifier: &Classifier, jobs: &Receiver<Job>, out: &Sender<Classified>) {
    for job in jobs {
        let still = |file| probe::still(file, &job.identity, job.settled, &job.hash);
        let outcome = job.file.as_ref().map_or(Ok(()), still);
        let outcome = outcome.map(|()| classifier.classify(&job.pages, &settings.limits));
        let classified = Classified { content: job.content, bytes: job.bytes, coverage: job.coverage, outcome };
        if out.send(classified).is_err() {
            return;
        }
    }
}

/// Bytes of the text of pages and of the places of their words.
pub(super) fn bytes_of(pages: &[Page]) -> usize {
    pages.iter().map(|page| page.text.content.len() + size_of_val(page.text.words.as_slice())).sum()
}
