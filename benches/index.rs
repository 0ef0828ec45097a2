//! Speed and size of the index over synthetic documents: `cargo bench --bench index [-- DOCUMENTS]`.
//!
//! Half of the documents are Chinese, half English, each of about 600 bytes; the same numbers every time (a fixed seed).
//! It prints documents and megabytes a second of indexing (documents ready in memory, one commit at the end, merges
//! waited for), the size of the index against that of the text, and the times of a mix of queries on a warm cache.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a bench computes figures for display from small numbers, and prints them"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use misfile::config::Settings;
use misfile::document::{ContentHash, Kind};
use misfile::finding::{CoverageState, FaultReason, Level};
use misfile::index::{IndexDocument, IndexLocation, IndexWriter, Query, Searcher, page_hits};

/// Times that each query of the mix is asked.
const ROUNDS: usize = 50;

/// Queries by sort, so that the dear ones can be told from the cheap ones.
const MIX: &[(&str, &[&str])] = &[
    ("rare phrase", &["国家秘密", "密文件夹", "\"sealed envelope\""]),
    ("word", &["budget", "预算", "harbour"]),
    ("lone character", &["密", "海"]),
    ("and with filter", &["预算 zone:shared", "budget level:>=3 kind:pdf", "报告 path:/srv/share/dept7"]),
    ("or and not", &["budget OR 预算 OR harbour", "budget -harbour"]),
    ("prefix", &["harb*", "polq*"]),
    ("misspelt", &["budgat~1", "harbuor~2"]),
    ("misread", &["国家秘密~1", "密文件夹~1"]),
    ("filter alone", &["mtime:2026-01..2026-03", "fault:encrypted", "verdict:misfiled size:>1kb"]),
];

/// A small generator of numbers: the bench needs them repeatable, not good.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Small numbers far more often than great ones, as words are.
    fn skewed(&mut self, end: u64) -> u64 {
        let (a, b, c) = (self.below(end), self.below(end), self.below(end));
        a.min(b).min(c)
    }
}

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(200_000);
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let dir = folder.path().join("index");
    let documents = synthetic(count);
    let bytes: usize = documents.iter().flat_map(|document| &document.pages).map(String::len).sum();

    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut writer = IndexWriter::rebuild(&dir, &Settings::defaults().index).expect("an empty index");
    for document in &documents {
        writer.put(document.clone()).expect("put");
    }
    writer.commit(1).expect("commit");
    writer.close().expect("close");
    let (took, cpu) = (start.elapsed(), cpu_seconds() - cpu);
    let size = size_of(&dir);

    println!("indexing        {count} documents, {:.1} MB of text", mb(bytes as u64));
    println!("  time          {:.1} s, {cpu:.1} s of processors", took.as_secs_f64());
    println!("  documents/s   {:.0}, {:.0} a processor", count as f64 / took.as_secs_f64(), count as f64 / cpu);
    println!("  MB/s          {:.2}, {:.2} a processor", mb(bytes as u64) / took.as_secs_f64(), mb(bytes as u64) / cpu);
    println!("  index         {:.1} MB, {:.2} of the text", mb(size), size as f64 / bytes as f64);

    let mut writer = IndexWriter::open(&dir, &Settings::defaults().index).expect("opens");
    let start = Instant::now();
    for document in documents.iter().step_by((count / 1000).max(1)) {
        writer.put(document.clone()).expect("put");
    }
    writer.commit(2).expect("commit");
    println!("update of 1000  {:.1} ms with commit", ms(start.elapsed()));
    drop(writer);
    queries(&dir, &documents);
}

fn queries(dir: &Path, documents: &[IndexDocument]) {
    let searcher = Searcher::open(dir).expect("opens");
    println!("{:<16}{:>10}{:>10}{:>10}{:>10}", "query, top 20", "hits", "p50 ms", "p99 ms", "max ms");
    let mut all = Vec::new();
    for (sort, queries) in MIX {
        let (mut times, mut hits) = (Vec::new(), 0);
        for text in *queries {
            for _ in 0..ROUNDS {
                let start = Instant::now();
                let query = Query::parse(text).expect("a valid query");
                hits = searcher.search(&query, 20, 0).expect("searches").total.max(hits);
                times.push(start.elapsed());
            }
        }
        row(sort, &hits.to_string(), &mut times);
        all.append(&mut times);
    }
    row("all", "", &mut all);

    let query = Query::parse("预算 OR budget").expect("a valid query");
    let pages: Vec<&str> = documents.iter().flat_map(|document| &document.pages).map(String::as_str).collect();
    let pages = &pages[..pages.len().min(10_000)];
    let bytes: usize = pages.iter().map(|page| page.len()).sum();
    let start = Instant::now();
    let found = page_hits(&query, (1..).zip(pages), 5);
    let took = start.elapsed();
    let speed = mb(bytes as u64) / took.as_secs_f64();
    println!("page hits       {} of {} pages in {:.0} ms, {speed:.1} MB/s", found.total, pages.len(), ms(took));
}

fn row(name: &str, hits: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: f64| ms(times[((times.len() - 1) as f64 * share) as usize]);
    println!("{name:<16}{hits:>10}{:>10.2}{:>10.2}{:>10.2}", at(0.5), at(0.99), at(1.0));
}

/// Processor time of this process so far, all threads: what counts on a machine that does other work too.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn size_of(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).expect("lists").filter_map(Result::ok);
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// Documents of about 600 bytes, every second one Chinese.
fn synthetic(count: usize) -> Vec<IndexDocument> {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let words = [chinese_words(&mut numbers), english_words(&mut numbers)];
    (0..count).map(|number| document(number, &words, &mut numbers)).collect()
}

/// Twenty thousand words of two to four syllables, with the searched ones among the frequent.
fn english_words(numbers: &mut Numbers) -> Vec<String> {
    const SYLLABLES: [&str; 24] = [
        "ba", "cen", "di", "for", "gal", "hin", "ja", "kel", "lo", "mer", "nu", "pol", "qua", "ri", "sen", "ta", "un",
        "ver", "wil", "xa", "yor", "zin", "tion", "ment",
    ];
    let mut words: Vec<String> = (0..20_000)
        .map(|_| (0..2 + numbers.below(3)).map(|_| SYLLABLES[numbers.below(24) as usize]).collect())
        .collect();
    "budget".clone_into(&mut words[300]);
    "harbour".clone_into(&mut words[1500]);
    words
}

fn document(number: usize, words: &[Vec<String>; 2], numbers: &mut Numbers) -> IndexDocument {
    let chinese = number.is_multiple_of(2);
    let mut text = if chinese { han(&words[0], numbers) } else { english(&words[1], numbers) };
    if number.is_multiple_of(2_800) {
        text.push_str("属于国家秘密文件夹");
    }
    if number % 2_800 == 1 {
        text.push_str(" in a sealed envelope");
    }
    let department = numbers.below(40);
    let kind = ["pdf", "png", "text", "docx"][numbers.below(4) as usize];
    let path = format!("/srv/share/dept{department}/{}/file{number}.{kind}", numbers.below(50));
    let rare = numbers.below(1000) == 0;
    IndexDocument {
        content: ContentHash(*blake3::hash(&number.to_le_bytes()).as_bytes()),
        kind: Kind::new(kind),
        level: Level::try_from(numbers.skewed(5) as u8).expect("below five"),
        size: numbers.below(1 << 22),
        rules: if rare { vec!["cn.state.secret.full".to_owned()] } else { Vec::new() },
        detectors: Vec::new(),
        locations: vec![IndexLocation {
            name: format!("file{number}.{kind}"),
            path,
            zone: ["department", "shared", "cloud"][numbers.below(3) as usize].to_owned(),
            verdict: if rare { "misfiled" } else { "clear" }.to_owned(),
            coverage: if rare { CoverageState::None } else { CoverageState::Complete },
            faults: if rare { vec![FaultReason::Encrypted] } else { Vec::new() },
            mtime_ns: (1_735_689_600 + numbers.below(600 * 86_400) as i64) * 1_000_000_000,
        }],
        pages: vec![text],
    }
}

/// Twenty thousand words of two or three characters out of 3,500: text has far fewer pairs than chance would give.
fn chinese_words(numbers: &mut Numbers) -> Vec<String> {
    let mut words: Vec<String> = (0..20_000)
        .map(|_| {
            let length = 2 + numbers.below(4) / 3;
            (0..length).filter_map(|_| char::from_u32(0x4e00 + (numbers.skewed(3500) * 5) as u32)).collect()
        })
        .collect();
    "预算".clone_into(&mut words[300]);
    "报告".clone_into(&mut words[700]);
    words
}

/// About 200 characters in sentences.
fn han(words: &[String], numbers: &mut Numbers) -> String {
    let mut text = String::new();
    while text.len() < 600 {
        text.push_str(&words[numbers.skewed(20_000) as usize]);
        match numbers.below(16) {
            0 => text.push('，'),
            1 => text.push_str("。\n"),
            _ => {}
        }
    }
    text
}

fn english(words: &[String], numbers: &mut Numbers) -> String {
    let mut text = String::new();
    while text.len() < 600 {
        text.push_str(&words[numbers.skewed(20_000) as usize]);
        text.push_str(if numbers.below(12) == 0 { ". " } else { " " });
    }
    text
}
