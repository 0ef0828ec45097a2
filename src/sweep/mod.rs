//! The sweep: wires the stages with threads and bounded channels. It decides nothing.
//!
//! ```text
//!  walk threads ─► probe threads ─► coordinator (the one writer) ◄─► pool of readers
//!                                                  ▲
//!                                                  └────────────► classifying threads
//! ```
//!
//! The coordinator takes candidates only while readers have room, keeps pages as they arrive, and judges a content when its
//! last page is in and classified. Readers and rules are loaded when the first content must be read. It can be stopped at any instant: what was committed stays, the next sweep goes on.

mod classifying;
mod coordinator;
mod gone;
mod members;
mod outdated;
mod probing;
mod provenance;
mod stamps;
mod summary;
mod until;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use crossbeam_channel::bounded;

use crate::catalog::{Catalog, DataDir, SweepState, roots_text};
use crate::classify::Classifier;
use crate::config::Settings;
use crate::read::pool::Pool;
use crate::read::process::ReaderCommand;
use crate::read::reader;
use crate::read::sandbox;
use crate::walk::{self, RootError};
use crate::zone::Zones;

use coordinator::{Coordinator, Tools};
use members::Judge;

pub use coordinator::Progress;
pub use outdated::{Outdated, bring_up_to_date, judge_anew, judged_with};
pub use provenance::Provenance;
pub use stamps::Stamps;
pub use summary::{State, Summary};
pub use until::Until;

/// What a sweep is told.
#[derive(Debug)]
pub struct Options<'a> {
    /// Folders or files to look at; resolved, none inside another.
    pub roots: Vec<PathBuf>,
    /// Roots that cannot be read.
    pub unreadable: Vec<RootError>,
    /// A root that is empty now really is, and not merely unmounted.
    pub accept_empty: bool,
    /// What is known outside the roots is forgotten when the sweep has come to its end, if all of them could be read: a root
    /// that cannot be found may lie elsewhere today.
    pub forget_outside: bool,
    /// When to stop.
    pub until: Until<'a>,
    /// How readers are started.
    pub reader: ReaderCommand,
}

impl Options<'_> {
    /// The roots that can be read, and those that cannot.
    fn all_roots(&self) -> Vec<PathBuf> {
        self.roots.iter().chain(self.unreadable.iter().map(|one| &one.path)).cloned().collect()
    }
}

/// Runs one sweep. `show` is called several times a second with what is under way.
pub fn run(
    settings: &Settings,
    dir: &DataDir,
    catalog: &mut Catalog,
    options: &Options<'_>,
    show: &mut dyn FnMut(&Progress),
) -> anyhow::Result<Summary> {
    let begun = Instant::now();
    let zones = Zones::configured(settings);
    let reads_with = reader::stamps(settings)?;
    let stamps = Stamps::new(settings, &reads_with);
    let all_roots = options.all_roots();
    // A slip of the keyboard is no place that anybody waits for.
    let mut waited_for: Vec<&Path> = options.roots.iter().map(PathBuf::as_path).collect();
    for RootError { path, .. } in &options.unreadable {
        if is_meant(catalog, &zones, path)? {
            waited_for.push(path);
        }
    }
    // Rules that do not load are found before anything is written.
    let classifier = Classifier::load(settings)?;
    catalog.begin_sweep(&roots_text(waited_for.into_iter()), crate::now())?;
    let judge = Judge::new(catalog, &zones, settings)?;
    let outdated = outdated::bring_up_to(&judge, catalog, Some(&classifier), options.until)?;
    let readers_before = sandbox::children_cpu_milliseconds();
    let mut summary = match outdated.stopped {
        true => Summary { state: State::Stopped, provenance: Provenance::new(settings, &stamps), ..Summary::default() },
        false => {
            let folder = dir.path().to_owned();
            let pool = Pool::start_in(settings, options.reader.clone(), reads_with, folder);
            look(dir, catalog, options, &judge, &With { stamps: &stamps, pool: &pool, classifier: &classifier }, show)?
        }
    };
    // The pool and with it every reader is over: the system has counted them, those that were killed among them.
    let readers = sandbox::children_cpu_milliseconds().saturating_sub(readers_before);
    summary.reader_cpu_seconds = Duration::from_millis(readers).as_secs_f64();
    summary.unreadable_roots = options.unreadable.iter().map(ToString::to_string).collect();
    summary.outside = catalog.count_outside(outermost(all_roots).iter())?;
    summary.wall_seconds = begun.elapsed().as_secs_f64();
    if options.roots.is_empty() {
        // A sweep that could look nowhere has swept nothing.
        summary.state = State::Stopped;
    }
    let state = match summary.state {
        State::Complete => SweepState::Complete,
        State::Stopped => SweepState::Stopped,
    };
    catalog.end_sweep(state, &serde_json::to_string(&summary)?, crate::now())?;
    Ok(summary)
}

/// Whether a root that cannot be read is meant to be there: it is that of a zone, or something is known below it.
fn is_meant(catalog: &Catalog, zones: &Zones, root: &Path) -> anyhow::Result<bool> {
    Ok(zones.has_root(root) || catalog.knows_below(root)?)
}

/// What documents are read and classified with.
struct With<'a> {
    stamps: &'a Stamps,
    pool: &'a Pool,
    classifier: &'a Classifier,
}

/// Walks, probes, reads, classifies and judges, each in threads of its own.
fn look(
    dir: &DataDir,
    catalog: &mut Catalog,
    options: &Options<'_>,
    judge: &Judge<'_>,
    with: &With<'_>,
    show: &mut dyn FnMut(&Progress),
) -> anyhow::Result<Summary> {
    let settings = judge.settings;
    let With { stamps, pool, classifier } = *with;
    let (listings_in, listings) = bounded(settings.limits.queue_candidates.div_ceil(walk::LISTING_FILES));
    let (probed_in, probed) = bounded(settings.limits.queue_contents);
    let (to_classify, jobs) = bounded(classifying::UNDER_WAY);
    let (classified_in, classified) = bounded(classifying::UNDER_WAY);
    // Threads that came to their proper end. What was not met may be buried only if nobody was missing.
    let ended = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let ended = &ended;
        let walked = scope.spawn(move || {
            let skip = Some(dir.path());
            options.roots.iter().try_for_each(|root| walk::walk(root, settings, skip, &listings_in))?;
            ended.fetch_add(1, Ordering::SeqCst);
            Ok::<(), globset::Error>(())
        });
        for _ in 0..settings.walk.threads {
            let (listings, probed_in) = (listings.clone(), probed_in.clone());
            scope.spawn(move || match probing::run(dir, settings, stamps, &listings, &probed_in) {
                Ok(()) => drop(ended.fetch_add(1, Ordering::SeqCst)),
                // Nobody listening means that the coordinator has ended with an error of its own.
                Err(error) => drop(probed_in.send(Err(error))),
            });
        }
        for _ in 0..classifying::THREADS {
            let (jobs, classified_in) = (jobs.clone(), classified_in.clone());
            scope.spawn(move || classifying::run(settings, classifier, &jobs, &classified_in));
        }
        drop((listings, probed_in, jobs, classified_in));
        let tools = Tools { judge, stamps, pool, probed, to_classify, classified };
        let all_ended = || ended.load(Ordering::SeqCst) == settings.walk.threads + 1;
        let summary = Coordinator::new(catalog, tools).run(options, &all_ended, show);
        walked.join().expect("the walk does not panic").context("walk.ignore")?;
        summary
    })
}

/// Roots without those that lie inside another one.
pub fn outermost(mut roots: Vec<PathBuf>) -> Vec<PathBuf> {
    roots.sort();
    roots.dedup();
    let all = roots.clone();
    let inside = |root: &Path| all.iter().any(|other| other.as_path() != root && root.starts_with(other));
    roots.retain(|root| !inside(root));
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_inside_another_is_walked_once() {
        let roots = ["/srv/a/b", "/srv/a", "/srv/ab", "/srv/a"].map(PathBuf::from).to_vec();
        assert_eq!(outermost(roots), ["/srv/a", "/srv/ab"].map(PathBuf::from));
    }
}
