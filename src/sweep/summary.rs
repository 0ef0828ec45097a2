//! What a sweep ends with.

use std::collections::BTreeMap;

use serde::Serialize;

use super::provenance::Provenance;

/// How a sweep ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Everything was looked at.
    #[default]
    Complete,
    /// Stopped at its deadline or by a signal; the next sweep goes on.
    Stopped,
}

/// The counts of a sweep.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// How it ended.
    pub state: State,
    /// The limit that stopped it, if one did.
    pub limit: Option<String>,
    /// Files met.
    pub files: u64,
    /// Files known and unchanged.
    pub unchanged: u64,
    /// Events by kind (new, changed, moved, copied, gone, forgotten) since the last sweep that came to its end.
    pub events: BTreeMap<String, u64>,
    /// Links met and not followed.
    pub links: u64,
    /// Devices, sockets and pipes met and not read.
    pub special: u64,
    /// Files and folders met and not looked at for their names (`walk.ignore`).
    pub ignored: u64,
    /// Roots that could not be read, each with the system's reason.
    pub unreadable_roots: Vec<String>,
    /// Roots that hold nothing although files are known there: not mounted, probably. Nothing of them was taken for gone.
    pub suddenly_empty: Vec<String>,
    /// Files known from earlier sweeps that lie below none of this one's roots: what is known of them is as old as those.
    pub outside: u64,
    /// Documents inside others that were unpacked.
    pub members: u64,
    /// Contents that were read.
    pub contents_read: u64,
    /// Pages that were read.
    pub pages_read: u64,
    /// Pages whose pixels went through OCR.
    pub pages_ocred: u64,
    /// Pages that could not be read.
    pub page_faults: u64,
    /// Seconds from begin to end.
    pub wall_seconds: f64,
    /// CPU seconds of the readers, from their start to their end.
    pub reader_cpu_seconds: f64,
    /// CPU seconds of the readers inside the OCR engine.
    pub engine_cpu_seconds: f64,
    /// CPU seconds of the sweep's own process.
    pub sweep_cpu_seconds: f64,
    /// Peak resident memory of the largest reader, MiB.
    pub reader_peak_mib: u64,
    /// Peak resident memory of the sweep, MiB.
    pub sweep_peak_mib: u64,
    /// What it was read and judged with, and what held the readers.
    pub provenance: Provenance,
}
