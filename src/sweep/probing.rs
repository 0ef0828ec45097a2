//! Probing threads: what is known and unchanged is only ticked off; everything else is opened and named.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crossbeam_channel::{Receiver, Sender};

use super::stamps::Stamps;
use crate::catalog::{CatalogError, CatalogView, DataDir, Known};
use crate::config::Settings;
use crate::document::Location;
use crate::finding::{Fault, FaultReason};
use crate::probe::{self, Probe};
use crate::walk::{Candidate, Listing, Unreadable};

/// What probing tells the coordinator.
#[derive(Debug)]
pub(super) enum Probed {
    /// What of a folder needs no more than counting.
    Counted {
        /// Known locations, unchanged, read with today's stamps.
        same: Vec<i64>,
        /// Links that were not followed.
        links: u64,
        /// Devices, sockets and pipes.
        special: u64,
        /// Files and folders that are not looked at for their names.
        ignored: u64,
    },
    /// Opened and named.
    Open(Candidate, Probe),
    /// It cannot be had.
    Unreadable(Unreadable),
}

/// Probes until the walk ends or nobody listens.
pub(super) fn run(
    dir: &DataDir,
    settings: &Settings,
    stamps: &Stamps,
    listings: &Receiver<Listing>,
    out: &Sender<Result<Probed, CatalogError>>,
) -> Result<(), CatalogError> {
    let view = CatalogView::open(dir)?;
    for listing in listings {
        let Listing { files, unreadable, links, special, ignored } = listing;
        let known = view.known(files.iter().map(|file| -> &Path { &file.location.path }))?;
        let (mut same, mut other) = (Vec::new(), Vec::new());
        for (candidate, known) in files.into_iter().zip(known) {
            match known {
                Some(known) if unchanged(&known, &candidate, stamps) && inside_holds(&view, &known, stamps)? => {
                    same.push(known.id);
                }
                _ => other.push(candidate),
            }
        }
        let told = same.len() as u64 + links + special + ignored > 0;
        let counted = told.then_some(Probed::Counted { same, links, special, ignored });
        let unreadable = unreadable.into_iter().map(Probed::Unreadable);
        // Opened one after the other, as there is room for them: each holds a descriptor.
        let opened = other.into_iter().map(|candidate| open_walled(candidate, settings));
        for probed in counted.into_iter().chain(unreadable).chain(opened) {
            if out.send(Ok(probed)).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn unchanged(known: &Known, candidate: &Candidate, stamps: &Stamps) -> bool {
    known.identity == candidate.identity
        && known.settled
        && known.fault.is_none()
        && known.content.as_ref().is_some_and(|content| stamps.hold(content) && !content.too_deep)
}

/// Whether everything inside a container was read as it would be today.
fn inside_holds(view: &CatalogView, known: &Known, stamps: &Stamps) -> Result<bool, CatalogError> {
    let Some(container) = known.content.as_ref().filter(|content| content.members) else { return Ok(true) };
    Ok(view.inside(container.id)?.iter().all(|content| stamps.hold(content)))
}

/// Behind a wall: a defect met on one file's bytes is a fault of that file.
fn open_walled(candidate: Candidate, settings: &Settings) -> Probed {
    let (location, identity) = (candidate.location.clone(), Some(candidate.identity));
    catch_unwind(AssertUnwindSafe(|| open(candidate, settings))).unwrap_or_else(|_| {
        let fault = Fault::whole(FaultReason::Crash, "probing failed on its bytes");
        unreadable(location, identity, fault)
    })
}

fn open(candidate: Candidate, settings: &Settings) -> Probed {
    match probe::probe(&candidate, settings) {
        Ok(probe) => Probed::Open(candidate, probe),
        Err((identity, fault)) => unreadable(candidate.location, identity.or(Some(candidate.identity)), fault),
    }
}

fn unreadable(location: Location, identity: Option<crate::document::Identity>, fault: Fault) -> Probed {
    Probed::Unreadable(Unreadable { location, identity, fault, folder: false })
}
