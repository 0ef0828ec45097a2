//! Mutated documents of every format through real readers: a short run of what `make fuzz` does for as long as it is told. What
//! found something is kept under `tests/fixtures/fuzz`, and is a seed here and there.

mod common;
#[path = "common/fuzz.rs"]
mod fuzz;

use common::root;
use fuzz::{Chance, Seed};

/// Mutants of this run: half a minute.
const MUTANTS: usize = 600;

fn check(mut next: impl FnMut() -> Option<Seed>) -> usize {
    let settings = fuzz::settings();
    let (mut problems, mut count) = (Vec::new(), 0);
    fuzz::run(env!("CARGO_BIN_EXE_misfile"), &settings, &mut next, |seed, outcome| {
        count += 1;
        if let Some(problem) = outcome.problem(&seed.kind, &settings.limits) {
            problems.push(format!("{} of {} bytes: {problem}", seed.kind, seed.bytes.len()));
        }
    });
    assert!(problems.is_empty(), "{problems:#?}");
    count
}

#[test]
fn whatever_a_document_holds_each_of_its_pages_is_read_or_a_fault() {
    let seeds = fuzz::seeds(root());
    assert!(seeds.len() > 60, "{} seeds", seeds.len());
    let (mut chance, mut left) = (Chance(20_261_126), MUTANTS);
    let next = || {
        left = left.checked_sub(1)?;
        Some(fuzz::mutate(&mut chance, &seeds))
    };
    assert_eq!(check(next), MUTANTS);
}

#[test]
fn seeds_are_read_as_they_are() {
    let seeds = fuzz::seeds(root());
    let (count, mut seeds) = (seeds.len(), seeds.into_iter());
    assert_eq!(check(|| seeds.next()), count);
}
