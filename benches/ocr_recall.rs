//! Recall of the OCR stage against ground truth, beside what plain Tesseract reads of the same images.
//!
//! `cargo bench --bench ocr_recall -- CORPUS [--sample N] [--plain] [--only PART]` reads every picture under `ocr_en`,
//! `ocr_zh`, `ocr_zh_strings` and `ocr_img_modes` that has a `.gt.txt` beside it, and prints a table by folder and source:
//! mean recall, the baseline's from `BASELINE_TESSERACT.tsv`, and seconds. `--plain` hands the unprepared image to the
//! engine, which checks the metric: it must come out near the baseline. Set `OMP_THREAD_LIMIT=1`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use image::GrayImage;
use misfile::config::Settings;
use misfile::ocr::tesseract::{self, Layout, Recognizer, Tesseract};
use misfile::ocr::{Line, OcrError};

const FOLDERS: [&str; 4] = ["ocr_en", "ocr_zh", "ocr_zh_strings", "ocr_img_modes"];

struct Options {
    corpus: PathBuf,
    sample: usize,
    plain: bool,
    only: String,
}

struct Row {
    name: String,
    ours: f64,
    baseline: Option<f64>,
    seconds: f64,
    preparation: f64,
    calls: u32,
}

/// CPU seconds of this process.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    #[allow(clippy::cast_precision_loss, reason = "seconds")]
    let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    seconds
}

/// An engine that counts what it costs.
struct Timed {
    engine: Tesseract,
    seconds: f64,
    calls: u32,
}

impl Timed {
    fn timed<T>(&mut self, call: impl FnOnce(&mut Tesseract) -> T) -> T {
        let start = cpu();
        let answer = call(&mut self.engine);
        self.seconds += cpu() - start;
        self.calls += 1;
        answer
    }
}

impl Recognizer for Timed {
    fn languages(&self) -> &[String] {
        self.engine.languages()
    }

    fn others(&self) -> &[String] {
        self.engine.others()
    }

    fn recognize(&mut self, image: &GrayImage, language: &str, layout: Layout) -> Result<Vec<Line>, OcrError> {
        self.timed(|engine| engine.recognize(image, language, layout))
    }

    fn orientation(&mut self, image: &GrayImage) -> Result<Option<(u8, f32)>, OcrError> {
        self.timed(|engine| engine.orientation(image))
    }
}

fn main() -> anyhow::Result<()> {
    let Some(options) = options() else {
        eprintln!("usage: ocr_recall CORPUS [--sample N] [--plain] [--only PART]");
        return Ok(());
    };
    let settings = Settings::defaults().ocr;
    let mut engine = Timed { engine: Tesseract::new(&settings)?, seconds: 0.0, calls: 0 };
    let baseline = baseline(&options.corpus);
    let mut rows = Vec::new();
    for (name, path) in
        items(&options.corpus)?.into_iter().filter(|(name, _)| name.contains(&options.only)).step_by(options.sample)
    {
        let truth = fs::read_to_string(path.with_file_name(format!("{}.gt.txt", file_name(&path))))?;
        let image = match image::open(&path) {
            Ok(image) => image,
            Err(error) => {
                eprintln!("{name}: {error}");
                continue;
            }
        };
        (engine.seconds, engine.calls) = (0.0, 0);
        let start = cpu();
        let text = if options.plain {
            plain(&mut engine, &image, &name)?
        } else {
            let read = tesseract::read_page(&mut engine, &image, &settings, None)?;
            let (turns, skew, unread) = (read.quarter_turns, read.skew_degrees, read.unread);
            eprintln!("{name}: {}, turned {turns}, skewed {skew:.2}, unread {unread:.2}", read.language);
            read.text.content
        };
        let seconds = cpu() - start;
        let ours = recall(&truth, &text, name.starts_with("ocr_zh"));
        eprintln!(
            "ROW {name} {ours:.4} {:.3} {seconds:.2} {}",
            baseline.get(&name).copied().unwrap_or(-1.0),
            engine.calls
        );
        rows.push(Row {
            baseline: baseline.get(&name).copied(),
            name,
            ours,
            seconds,
            preparation: seconds - engine.seconds,
            calls: engine.calls,
        });
    }
    report(&rows);
    Ok(())
}

fn options() -> Option<Options> {
    let mut options = Options { corpus: PathBuf::new(), sample: 1, plain: false, only: String::new() };
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--sample" => options.sample = arguments.next()?.parse().ok()?,
            "--only" => options.only = arguments.next()?,
            "--plain" => options.plain = true,
            _ => options.corpus = argument.into(),
        }
    }
    options.corpus.is_dir().then_some(options)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Pictures with ground truth, by name.
fn items(corpus: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut items = BTreeMap::new();
    for folder in FOLDERS {
        let Ok(entries) = fs::read_dir(corpus.join(folder)) else { continue };
        for entry in entries {
            let path = entry?.path();
            let name = file_name(&path);
            if !name.ends_with(".gt.txt") && path.with_file_name(format!("{name}.gt.txt")).is_file() {
                items.insert(format!("{folder}/{name}"), path);
            }
        }
    }
    Ok(items)
}

fn baseline(corpus: &Path) -> HashMap<String, f64> {
    let table = fs::read_to_string(corpus.join("BASELINE_TESSERACT.tsv")).unwrap_or_default();
    let row = |line: &str| {
        let mut cells = line.split('\t');
        let name = cells.next()?.to_owned();
        Some((name, cells.nth(1)?.parse().ok()?))
    };
    table.lines().filter_map(row).collect()
}

fn plain(engine: &mut dyn Recognizer, image: &image::DynamicImage, name: &str) -> anyhow::Result<String> {
    let language = if name.starts_with("ocr_zh") { "chi_sim" } else { "eng" };
    let lines = engine.recognize(&image.to_luma8(), language, Layout::Page)?;
    let words = lines.iter().flat_map(|line| &line.words).map(|word| word.text.as_str());
    Ok(words.collect::<Vec<_>>().join(" "))
}

/// The share of the truth's words (of two or more ASCII letters and digits; Han characters for Chinese) that were read,
/// each as often as it stands there. This is how the baseline was counted.
fn recall(truth: &str, text: &str, chinese: bool) -> f64 {
    let (truth, mut read) = (tokens(truth, chinese), tokens(text, chinese));
    let total: usize = truth.values().sum();
    let found: usize = truth.iter().map(|(token, &count)| count.min(read.remove(token).unwrap_or(0))).sum();
    #[allow(clippy::cast_precision_loss, reason = "counts of words")]
    let share = found as f64 / total.max(1) as f64;
    share
}

fn tokens(text: &str, chinese: bool) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    let mut add = |token: String| *counts.entry(token).or_insert(0) += 1;
    if chinese {
        text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).for_each(|c| add(c.to_string()));
    } else {
        let lower = text.to_lowercase();
        lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| word.len() > 1)
            .for_each(|word| add(word.to_owned()));
    }
    counts
}

fn report(rows: &[Row]) {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(row.name.split("__").next().unwrap_or_default()).or_default().push(row);
    }
    println!(
        "{:<32} {:>6} {:>9} {:>6} {:>8} {:>8} {:>6}",
        "group", "ours", "baseline", "count", "seconds", "not OCR", "calls"
    );
    for (group, rows) in &groups {
        let known: Vec<f64> = rows.iter().filter_map(|row| row.baseline).collect();
        let ours: Vec<f64> = rows.iter().map(|row| row.ours).collect();
        let [seconds, preparation, calls] =
            [|row: &Row| row.seconds, |row: &Row| row.preparation, |row: &Row| f64::from(row.calls)]
                .map(|column| mean(&rows.iter().map(|row| column(row)).collect::<Vec<_>>()));
        println!(
            "{group:<32} {:>6.4} {:>9.4} {:>6} {seconds:>8.2} {preparation:>8.3} {calls:>6.1}",
            mean(&ours),
            mean(&known),
            rows.len(),
        );
    }
    let change = |row: &Row| row.ours - row.baseline.unwrap_or(row.ours);
    let mut worst: Vec<&Row> = rows.iter().collect();
    worst.sort_by(|a, b| change(a).total_cmp(&change(b)));
    println!("\nlargest losses");
    for row in worst.iter().take(15).filter(|row| change(row) < -0.005) {
        println!("{:<70} {:>6.3} {:>9.3} {:>6.2} s", row.name, row.ours, row.baseline.unwrap_or_default(), row.seconds);
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
