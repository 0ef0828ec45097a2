//! Progress on standard error: a line that moves on a terminal; elsewhere nothing, or with `--verbose` a plain line a minute.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use super::Context;
use crate::report::{counted, human_seconds, shown_path};
use crate::sweep::{Progress, State, Summary};

/// Between plain lines. A night's sweep fills a screen or two of a log.
const PLAIN_EVERY: Duration = Duration::from_secs(60);

/// Where progress goes.
enum Place {
    Nowhere,
    Terminal(ProgressBar),
    /// When the next line is due.
    Log(Instant),
}

/// See the module.
pub(super) struct Meter {
    begun: Instant,
    place: Place,
}

impl Meter {
    pub(super) fn new(context: &Context) -> Self {
        let begun = Instant::now();
        let place = match (context.quiet, io::stderr().is_terminal(), context.verbose) {
            (false, true, _) => {
                let style =
                    ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}").expect("the template is valid");
                Place::Terminal(ProgressBar::new_spinner().with_style(style))
            }
            (false, false, true) => Place::Log(begun + PLAIN_EVERY),
            _ => Place::Nowhere,
        };
        Self { begun, place }
    }

    pub(super) fn show(&mut self, progress: &Progress) {
        // A closed standard error is no reason to stop.
        let _ = self.show_on(progress, Instant::now(), &mut io::stderr());
    }

    fn show_on(&mut self, progress: &Progress, now: Instant, log: &mut dyn Write) -> io::Result<()> {
        let past = now.saturating_duration_since(self.begun);
        match &mut self.place {
            Place::Terminal(bar) => {
                bar.set_message(line(progress, past));
                bar.tick();
            }
            Place::Log(due) if now >= *due => {
                *due = now + PLAIN_EVERY;
                writeln!(log, "misfile: {}: {}", human_seconds(past.as_secs_f64()), line(progress, past))?;
            }
            Place::Nowhere | Place::Log(_) => {}
        }
        Ok(())
    }

    /// A log gets a line when a sweep begins and when it ends, so that it tells how long each took also of short ones.
    pub(super) fn begin(&self, roots: &[PathBuf]) {
        let roots: Vec<String> = roots.iter().map(|root| shown_path(root)).collect();
        self.log(&format!("sweep of {} begins", roots.join(", ")));
    }

    pub(super) fn end(self, summary: &Summary) {
        let how = match summary.state {
            State::Complete => "complete",
            State::Stopped => "stopped early",
        };
        let (files, pages) = (counted(summary.files, "file"), counted(summary.pages_read, "page"));
        self.log(&format!("{}: sweep {how}: {files} met, {pages} read", human_seconds(summary.wall_seconds)));
        if let Place::Terminal(bar) = self.place {
            bar.finish_and_clear();
        }
    }

    fn log(&self, text: &str) {
        if matches!(self.place, Place::Log(_)) {
            // A closed standard error is no reason to stop.
            let _ = writeln!(io::stderr(), "misfile: {text}");
        }
    }
}

/// Files and pages done, rate, time left, and what takes longest.
fn line(progress: &Progress, past: Duration) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = progress.pages as f64 / past.as_secs_f64().max(0.1);
    let mut parts =
        vec![format!("{}, {} ({rate:.1}/s)", counted(progress.files, "file"), counted(progress.pages, "page"))];
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    if progress.pages_left > 0 && rate > 0.0 {
        // While the walk goes on, more may come.
        let least = if progress.walking { "at least " } else { "" };
        let left = HumanDuration(Duration::from_secs_f64(progress.pages_left as f64 / rate));
        parts.push(format!("{least}{left:#} left"));
    }
    if let Some((path, since)) = &progress.slowest {
        parts.push(format!("slowest: {} ({} s)", shown_path(path), since.as_secs()));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gets_one_plain_line_a_minute() {
        let begun = Instant::now();
        let mut meter = Meter { begun, place: Place::Log(begun + PLAIN_EVERY) };
        let progress = Progress { files: 1, pages: 120, walking: true, ..Progress::default() };
        let mut log = Vec::new();
        for second in 0..150 {
            meter.show_on(&progress, begun + Duration::from_secs(second), &mut log).expect("memory");
        }
        let log = String::from_utf8(log).expect("UTF-8");
        assert_eq!(
            log,
            "misfile: 1 min 00 s: 1 file, 120 pages (2.0/s)\nmisfile: 2 min 00 s: 1 file, 120 pages (1.0/s)\n"
        );
    }
}
