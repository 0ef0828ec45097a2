//! What a sweep read and judged with, and what held its readers: for whoever must vouch for its answers.

use serde::Serialize;

use super::stamps::Stamps;
use crate::classify;
use crate::config::Settings;
use crate::read::lock::Held;

/// See the module. Kept with each sweep, and shown in reports.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Provenance {
    /// Name and version of this program.
    pub program: String,
    /// The running kernel's release.
    pub kernel: String,
    /// Each format's reader with the fingerprints of its libraries, and the OCR engine with those of its models.
    pub readers: Vec<String>,
    /// The rules, by fingerprint.
    pub rules: String,
    /// The locks without which nothing was to be read.
    pub require: Vec<String>,
    /// The locks of the readers, those that do not hold among them; of the reader held least. Empty if nothing had to be
    /// read.
    pub locks: Vec<Held>,
}

impl Provenance {
    /// Of a sweep in which no reader was started yet.
    pub fn new(settings: &Settings, stamps: &Stamps) -> Self {
        Self {
            program: concat!("misfile ", env!("CARGO_PKG_VERSION")).to_owned(),
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            readers: stamps.parts(),
            rules: classify::stamp(settings),
            require: settings.security.require.iter().map(ToString::to_string).collect(),
            locks: Vec::new(),
        }
    }

    /// Counts in a reader that was started.
    pub fn started(&mut self, held: Vec<Held>) {
        let holding = |locks: &[Held]| locks.iter().filter(|lock| lock.holds).count();
        if self.locks.is_empty() || holding(&held) < holding(&self.locks) {
            self.locks = held;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layer;

    #[test]
    fn the_reader_held_least_is_the_one_that_is_told_of() {
        let held = |holds| vec![Held { layer: Layer::Seccomp, holds, detail: String::new() }];
        let mut provenance = Provenance::default();
        [true, false, true].into_iter().for_each(|holds| provenance.started(held(holds)));
        assert_eq!(provenance.locks, held(false));
    }
}
