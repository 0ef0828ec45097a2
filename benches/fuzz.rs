//! `make fuzz MINUTES=10`: mutated documents through real readers for as long as told. A document that panics or hangs a reader,
//! or of which a page gets lost, ends in `target/fuzz/found`; one that kills a native library or holds it up, which costs
//! its page, in `target/fuzz/native`; one that lost text although nobody says so in `target/fuzz/silent`, to be looked at.
//!
//!     cargo bench --bench fuzz -- MINUTES [SEED]

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table")]

#[path = "../tests/common/fuzz.rs"]
mod fuzz;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fuzz::{Chance, Seed};

/// Seeds at most: what comes later takes the place of one by chance.
const SEEDS: usize = 4000;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let minutes: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let begun = Instant::now();
    let since = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let start: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(since);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [found, native, silent] = ["found", "native", "silent"].map(|name| root.join("target/fuzz").join(name));
    let settings = fuzz::settings();
    let seeds = std::cell::RefCell::new(fuzz::seeds(root));
    let first = seeds.borrow().len();
    let chance = std::cell::RefCell::new(Chance(start));
    let (mut seen, mut count, mut problems, mut natives, mut silents) = (HashSet::new(), 0_u64, 0_u64, 0_u64, 0_u64);
    println!("{minutes} minutes from {first} seeds, chance {start}");
    let mut as_they_are = seeds.borrow().clone().into_iter();
    let mut read = Vec::new();
    fuzz::run(
        env!("CARGO_BIN_EXE_misfile"),
        &settings,
        || as_they_are.next(),
        |seed, outcome| {
            read.push(Seed { before: outcome.letters(), ..seed });
        },
    );
    *seeds.borrow_mut() = read;
    let next = || {
        let left = begun.elapsed() < Duration::from_secs(60 * minutes);
        left.then(|| fuzz::mutate(&mut chance.borrow_mut(), &seeds.borrow()))
    };
    fuzz::run(env!("CARGO_BIN_EXE_misfile"), &settings, next, |seed, outcome| {
        count += 1;
        if let Some(problem) = outcome.problem(&seed.kind, &settings.limits) {
            problems += 1;
            println!("{problem}: {}", keep(&found, &seed).display());
        } else if let Some(fault) = outcome.native() {
            natives += 1;
            println!("{fault}: {}", keep(&native, &seed).display());
        }
        if outcome.is_silent(&seed) {
            silents += 1;
            keep(&silent, &seed);
        }
        if seen.insert(outcome.signature(&seed.kind)) {
            let seed = Seed { before: outcome.letters(), ..seed };
            let mut seeds = seeds.borrow_mut();
            match seeds.len() < SEEDS {
                true => seeds.push(seed),
                false => {
                    let place = first + chance.borrow_mut().below(SEEDS - first);
                    seeds[place] = seed;
                }
            }
        }
    });
    println!(
        "{count} documents, {} outcomes, {problems} problems, {natives} that kill or hold up native libraries, \
         {silents} that lost text in silence, {} seeds",
        seen.len(),
        seeds.borrow().len()
    );
    if problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes a document down, named by its content.
fn keep(folder: &Path, seed: &Seed) -> PathBuf {
    let path = folder.join(format!("{}.{}", &blake3::hash(&seed.bytes).to_hex()[..16], seed.kind));
    std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &seed.bytes)).expect("target can be written");
    path
}
