//! The sweep: wires the stages with threads and bounded channels. It decides nothing.
//!
//! ```text
//!  walk threads ─► probe threads ─► coordinator (the one writer) ◄─► pool of readers
//! ```
//!
//! The coordinator takes candidates only while readers have room, keeps pages as they arrive, and classifies and judges a
//! content when its last page is in. It can be stopped at any instant: what was committed stays, the next sweep goes on.

mod coordinator;
mod outdated;
mod probing;
mod stamps;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context;
use crossbeam_channel::bounded;

use crate::catalog::{Catalog, DataDir};
use crate::classify::Classifier;
use crate::config::Settings;
use crate::read::pool::Pool;
use crate::read::process::ReaderCommand;
use crate::walk;
use crate::zone::Zones;

pub use coordinator::Progress;
pub use outdated::{Outdated, bring_up_to_date};
pub use stamps::Stamps;
pub use summary::{State, Summary};

/// What a sweep is told.
#[derive(Debug)]
pub struct Options<'a> {
    /// Folders or files to look at; resolved, none inside another.
    pub roots: Vec<PathBuf>,
    /// When to stop.
    pub deadline: Option<Instant>,
    /// Set from outside to stop at once.
    pub stop: &'a AtomicBool,
    /// How readers are started.
    pub reader: ReaderCommand,
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
    let classifier = Classifier::load(settings)?;
    let (events_in, events) = crossbeam_channel::unbounded();
    let pool = Pool::start(settings, options.reader.clone(), events_in)?;
    let stamps = Stamps::new(settings, pool.stamps());
    let roots: Vec<String> = options.roots.iter().map(|root| root.display().to_string()).collect();
    catalog.begin_sweep(&serde_json::to_string(&roots)?, crate::now())?;
    outdated::bring_up_to_date(catalog, &classifier, &zones, settings, &mut |_| {})?;

    let (met_in, met) = bounded(settings.limits.queue_candidates);
    let (probed_in, probed) = bounded(settings.limits.queue_contents);
    // Threads that came to their proper end. What was not met may be buried only if nobody was missing.
    let ended = AtomicUsize::new(0);
    let summary = std::thread::scope(|scope| {
        let ended = &ended;
        let walked = scope.spawn({
            let skip = dir.path().to_owned();
            move || {
                options.roots.iter().try_for_each(|root| walk::walk(root, settings, Some(&skip), &met_in))?;
                ended.fetch_add(1, Ordering::SeqCst);
                Ok::<(), globset::Error>(())
            }
        });
        for _ in 0..settings.walk.threads {
            let (met, probed_in, stamps) = (met.clone(), probed_in.clone(), &stamps);
            scope.spawn(move || match probing::run(dir, settings, stamps, &met, &probed_in) {
                Ok(()) => drop(ended.fetch_add(1, Ordering::SeqCst)),
                // Nobody listening means that the coordinator has ended with an error of its own.
                Err(error) => drop(probed_in.send(Err(error))),
            });
        }
        drop((met, probed_in));
        let coordinator = coordinator::Coordinator::new(catalog, settings, &zones, &classifier, &stamps, &pool);
        let all_ended = || ended.load(Ordering::SeqCst) == settings.walk.threads + 1;
        let summary = coordinator.run(probed, &events, options, &all_ended, show);
        walked.join().expect("the walk does not panic").context("walk.ignore")?;
        summary
    })?;
    drop(pool);
    let summary = Summary { wall_seconds: begun.elapsed().as_secs_f64(), ..summary };
    let state = match summary.state {
        State::Complete => crate::catalog::SweepState::Complete,
        State::Stopped => crate::catalog::SweepState::Stopped,
    };
    catalog.end_sweep(state, &serde_json::to_string(&summary)?, crate::now())?;
    Ok(summary)
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
