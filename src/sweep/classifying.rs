//! Classifying threads: the writer hands over the pages of a content that was read, and takes back what was seen in them.
//!
//! The rules are compiled when the first content comes: most sweeps of most nights read nothing.

use std::fs::File;
use std::sync::OnceLock;

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

/// Classifies until no more jobs come or nobody listens. `classifier` is shared by all threads.
pub(super) fn run(
    settings: &Settings,
    classifier: &OnceLock<Classifier>,
    jobs: &Receiver<Job>,
    out: &Sender<anyhow::Result<Classified>>,
) {
    for job in jobs {
        let classified = loaded(settings, classifier).map(|classifier| {
            let still = |file| probe::still(file, &job.identity, job.settled, &job.hash);
            let outcome = job.file.as_ref().map_or(Ok(()), still);
            let outcome = outcome.map(|()| classifier.classify(&job.pages, &settings.limits));
            Classified { content: job.content, bytes: job.bytes, coverage: job.coverage, outcome }
        });
        if out.send(classified).is_err() {
            return;
        }
    }
}

/// Bytes of the text of pages and of the places of their words.
pub(super) fn bytes_of(pages: &[Page]) -> usize {
    pages.iter().map(|page| page.text.content.len() + size_of_val(page.text.words.as_slice())).sum()
}

fn loaded<'a>(settings: &Settings, classifier: &'a OnceLock<Classifier>) -> anyhow::Result<&'a Classifier> {
    if let Some(loaded) = classifier.get() {
        return Ok(loaded);
    }
    // Two threads may load at once; the second one's is dropped.
    let loaded = Classifier::load(settings)?;
    Ok(classifier.get_or_init(|| loaded))
}
