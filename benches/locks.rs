//! What the locks cost: starting a reader and reading a folder with all of them on and with none, in turn, in one run.
//!
//!     cargo bench --bench locks -- [FOLDER]       without one: the sample share

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use misfile::config::{Layer, Settings};
use misfile::document::Kind;
use misfile::format::{FORMATS, Source};
use misfile::kind;
use misfile::read::process::{ReaderCommand, ReaderProcess};
use misfile::read::protocol::{Request, SliceRequest};

/// Turns of each of the two.
const TURNS: usize = 5;

/// What a turn took.
struct Turn {
    start: Duration,
    read: Duration,
    cpu_ms: u64,
    peak_kib: u64,
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let folder = folder.map_or_else(|| root.join("examples/share"), PathBuf::from);
    let documents = documents(&folder);
    println!("{} documents below {}, {TURNS} turns each", documents.len(), folder.display());
    let mut turns: [Vec<Turn>; 2] = Default::default();
    for _ in 0..TURNS {
        for (index, layers) in [Layer::ALL.as_slice(), &[]].into_iter().enumerate() {
            turns[index].push(turn(&documents, layers));
        }
    }
    for (name, turns) in ["all locks", "no locks"].iter().zip(&turns) {
        println!(
            "{name}: start {:.0} ms, reading {:.2} s wall, {:.2} s CPU, peak {} MiB",
            median(turns.iter().map(|turn| turn.start.as_secs_f64() * 1000.0)),
            median(turns.iter().map(|turn| turn.read.as_secs_f64())),
            median(turns.iter().map(cpu)),
            turns.iter().map(|turn| turn.peak_kib / 1024).max().unwrap_or_default(),
        );
    }
    let ratio = |of: &dyn Fn(&Turn) -> f64| median(turns[0].iter().zip(&turns[1]).map(|(on, off)| of(off) / of(on)));
    println!(
        "throughput with locks against without, turn by turn: {:.3} by CPU, {:.3} by wall",
        ratio(&cpu),
        ratio(&|turn| turn.read.as_secs_f64())
    );
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a few minutes")]
fn cpu(turn: &Turn) -> f64 {
    turn.cpu_ms as f64 / 1000.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Everything below a folder that some format reads.
fn documents(folder: &Path) -> Vec<(PathBuf, Kind)> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            match entry.file_type().expect("a type") {
                kind if kind.is_dir() => folders.push(path),
                kind if kind.is_file() => {
                    let source = Source::new(File::open(&path).expect("opens")).expect("has a size");
                    let kind = kind::detect(&source.head(kind::HEAD_BYTES).expect("reads"), &source);
                    let is_read = FORMATS.iter().any(|format| format.kinds().contains(&kind.as_str()));
                    found.extend(is_read.then_some((path, kind)));
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// Starts a reader with these locks and has it read everything.
fn turn(documents: &[(PathBuf, Kind)], layers: &[Layer]) -> Turn {
    let command = ReaderCommand { program: env!("CARGO_BIN_EXE_misfile").into(), arguments: vec!["reader".to_owned()] };
    let mut settings = Settings::defaults();
    settings.security.require = Vec::new();
    let begun = Instant::now();
    let mut reader = ReaderProcess::start_with(&command, &settings, layers).expect("a reader");
    let (start, begun) = (begun.elapsed(), Instant::now());
    let (mut cpu_ms, mut peak_kib) = (0, 0);
    for (content, (path, kind)) in (0..).zip(documents) {
        let request = SliceRequest { content, kind: kind.clone(), first: 1, last: u32::MAX };
        let file = File::open(path).expect("opens");
        let cost = reader.read(&Request::Read(request), &file, &settings.limits, |_| true).expect("it reads");
        cpu_ms += cost.cpu_ms;
        peak_kib = cost.peak_kib;
    }
    Turn { start, read: begun.elapsed(), cpu_ms, peak_kib }
}
