//! What was met on the way through a page, counted and put into words.

use super::streams::Flaw;
use crate::finding::{Fault, FaultReason};

/// What was met on the way.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) drawn: usize,
    /// Objects that are named and not there.
    pub(super) missing: u32,
    /// Packed streams that do not unpack to their end.
    packed: u32,
    /// Pictures that do not decode to their end.
    pictures: u32,
    /// Instructions that are none.
    pub(super) instructions: u32,
    /// The limits that were reached.
    pub(super) limits: Vec<Fault>,
    /// Instructions are among them.
    pub(super) bomb: bool,
}

impl Tally {
    pub(super) fn count(&mut self, flaw: Option<Flaw>) {
        match flaw {
            None => {}
            Some(Flaw::Packed) => self.packed += 1,
            Some(Flaw::Picture) => self.pictures += 1,
            Some(Flaw::Limit(fault)) if self.limits.contains(&fault) => {}
            Some(Flaw::Limit(fault)) => self.limits.push(fault),
        }
    }

    pub(super) fn faults(self, number: u32) -> Vec<Fault> {
        let some = |count: u32, reason, one: &str, many: &str| {
            let detail = if count == 1 { one.to_owned() } else { format!("{count} {many}") };
            (count > 0).then(|| Fault::on_page(number, reason, detail))
        };
        let damaged = FaultReason::Damaged;
        let seen = [
            some(self.missing, damaged, "an object is missing", "objects are missing"),
            some(self.packed, damaged, "a packed part of the page is damaged", "packed parts of the page are damaged"),
            some(self.pictures, FaultReason::UnreadableImage, "a picture is damaged", "pictures are damaged"),
            some(
                self.instructions,
                damaged,
                "an instruction of the page cannot be understood",
                "instructions of the page cannot be understood",
            ),
        ];
        let limits = self.limits.into_iter().map(|fault| Fault { page: Some(number), ..fault });
        seen.into_iter().flatten().chain(limits).collect()
    }
}
