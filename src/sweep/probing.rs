//! Probing threads: what is known and unchanged is only ticked off; everything else is opened and named.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender};

use super::stamps::Stamps;
use crate::catalog::{CatalogError, CatalogView, DataDir, Known, KnownContent};
use crate::config::Settings;
use crate::document::{Identity, Location};
use crate::finding::{Fault, FaultReason};
use crate::probe::{self, Probe};
use crate::walk::{Candidate, Met};

/// What probing tells the coordinator.
#[derive(Debug)]
pub(super) enum Probed {
    /// Known locations, unchanged, read with today's stamps.
    Same(Vec<i64>),
    /// Opened and named.
    Open(Candidate, Probe),
    /// It cannot be had.
    Unreadable { location: Location, identity: Option<Identity>, fault: Fault, folder: bool },
}

/// Unchanged files are ticked off in batches: there may be millions, and a message each would cost more than the look-up.
const BATCH: usize = 256;

/// Probes until the walk ends or nobody listens.
pub(super) fn run(
    dir: &DataDir,
    settings: &Settings,
    stamps: &Stamps,
    met: &Receiver<Met>,
    out: &Sender<Result<Probed, CatalogError>>,
) -> Result<(), CatalogError> {
    let view = CatalogView::open(dir)?;
    let mut same = Vec::with_capacity(BATCH);
    for met in met {
        let probed = match met {
            Met::Special => continue,
            Met::Unreadable { location, identity, fault, folder } => {
                Probed::Unreadable { location, identity, fault, folder }
            }
            Met::File(candidate) => match view.known(&candidate.location.path)? {
                Some(known) if unchanged(&known, &candidate, stamps) => {
                    same.push(known.id);
                    if same.len() < BATCH {
                        continue;
                    }
                    Probed::Same(std::mem::take(&mut same))
                }
                _ => open_walled(candidate, settings),
            },
        };
        if out.send(Ok(probed)).is_err() {
            return Ok(());
        }
    }
    let _ = out.send(Ok(Probed::Same(same)));
    Ok(())
}

fn unchanged(known: &Known, candidate: &Candidate, stamps: &Stamps) -> bool {
    let read = |content: &KnownContent| {
        let limits = content.limited_by.as_deref().is_none_or(|limits| limits == stamps.limits());
        content.done && limits && content.read_with == stamps.of(&content.kind)
    };
    known.identity == candidate.identity && known.fault.is_none() && known.content.as_ref().is_some_and(read)
}

/// Behind a wall: a defect met on one file's bytes is a fault of that file.
fn open_walled(candidate: Candidate, settings: &Settings) -> Probed {
    let (location, identity) = (candidate.location.clone(), Some(candidate.identity));
    catch_unwind(AssertUnwindSafe(|| open(candidate, settings))).unwrap_or_else(|_| {
        let fault = Fault::whole(FaultReason::Crash, "probing failed on its bytes");
        Probed::Unreadable { location, identity, fault, folder: false }
    })
}

fn open(candidate: Candidate, settings: &Settings) -> Probed {
    match probe::probe(&candidate.root, &candidate.location.path, &settings.limits) {
        Ok(probe) => Probed::Open(candidate, probe),
        Err((identity, fault)) => Probed::Unreadable {
            identity: identity.or(Some(candidate.identity)),
            location: candidate.location,
            fault,
            folder: false,
        },
    }
}
