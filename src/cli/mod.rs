//! The command line. One verb a file; parsing does nothing but parse, so errors come early and once.

mod doctor;
mod explain;
mod findings;
mod generate;
mod index;
mod inspect;
mod ready;
mod reclassify;
mod rules;
mod search;
mod status;
mod sweep;
mod zones;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::catalog::{CatalogView, DataDir};
use crate::config::Settings;
use crate::error::{Exit, UsageError};
use crate::report::{Form, shown_path};

/// Finds documents that lie where their content must not, reading everything on this machine.
#[derive(Debug, Parser)]
#[command(name = "misfile", version, max_term_width = 120, after_help = EXITS)]
pub struct Cli {
    /// Settings and zones; what it does not say keeps its default
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the catalog and the index lie
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Form of the output; a table on a terminal, else JSON lines
    #[arg(long, global = true, value_name = "FORM")]
    format: Option<Form>,
    /// No progress and no remarks on standard error
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    verb: Verb,
}

const EXITS: &str = "Exit codes: 0 all examined, nothing misfiled; 10 misfiled; 11 nothing misfiled, something unverified \
or to be reviewed; 12 stopped early, resumable; 2 usage; 3 configuration; 4 a root could not be read; 5 catalog, index or \
machine not in order";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Walk, read, classify, judge and index; incremental
    Sweep(sweep::Args),
    /// The same for single files or folders, printed; nothing is stored
    Inspect(inspect::Args),
    /// What is misfiled, to be reviewed, or unverified
    Findings(findings::Args),
    /// Why: pages, evidence, gate decisions, stamps, zone
    Explain(explain::Args),
    /// Full-text search
    Search(search::Args),
    /// Stored text against today's rules and zones
    Reclassify(reclassify::Args),
    /// May it move to a target? Lists for the transfer tool
    Ready(ready::Args),
    /// Configured zones
    Zones,
    /// Last sweeps, totals, index
    Status(status::Args),
    /// Are engines, languages, models and the data directory in order? Proved by reading a test page
    Doctor,
    /// The index
    #[command(subcommand)]
    Index(index::Action),
    /// The rules
    #[command(subcommand)]
    Rules(rules::Action),
    /// Completions for a shell
    Completions(generate::CompletionArgs),
    /// Manual pages, into a folder
    Man(generate::ManArgs),
    /// A reader process; started by the sweep
    #[command(hide = true)]
    Reader,
}

/// What every verb gets.
pub(crate) struct Context {
    settings: Settings,
    data: Option<PathBuf>,
    form: Option<Form>,
    quiet: bool,
}

/// Parses and runs.
pub fn run() -> anyhow::Result<Exit> {
    let cli = Cli::parse();
    if matches!(cli.verb, Verb::Reader) {
        crate::read::reader::run()?;
        return Ok(Exit::Clear);
    }
    // Everything this program writes may be about secrets.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let settings = match &cli.config {
        Some(file) => Settings::load(file)?,
        None => Settings::defaults(),
    };
    let context = Context { settings, data: cli.data, form: cli.format, quiet: cli.quiet };
    let mut out = BufWriter::new(io::stdout().lock());
    let exit = context.verb(&cli.verb, &mut out)?;
    out.flush()?;
    Ok(exit)
}

impl Context {
    fn verb(&self, verb: &Verb, out: &mut dyn Write) -> anyhow::Result<Exit> {
        match verb {
            Verb::Sweep(args) => sweep::run(self, args, out),
            Verb::Inspect(args) => inspect::run(self, args, out),
            Verb::Findings(args) => findings::run(self, args, out),
            Verb::Explain(args) => explain::run(self, args, out),
            Verb::Search(args) => search::run(self, args, out),
            Verb::Reclassify(args) => reclassify::run(self, args, out),
            Verb::Ready(args) => ready::run(self, args, out),
            Verb::Zones => zones::run(self, out),
            Verb::Status(args) => status::run(self, args, out),
            Verb::Doctor => doctor::run(self, out),
            Verb::Index(action) => index::run(self, action, out),
            Verb::Rules(action) => rules::run(self, action, out),
            Verb::Completions(args) => Ok(generate::completions(args, out)),
            Verb::Man(args) => generate::man(args),
            Verb::Reader => Ok(Exit::Clear),
        }
    }

    /// The form asked for, or the one that fits where output goes.
    fn form(&self) -> Form {
        self.form.unwrap_or(if io::stdout().is_terminal() { Form::Table } else { Form::Jsonl })
    }

    /// Whether to write a table, for verbs that write a table or JSON lines; other forms are refused.
    fn table(&self) -> anyhow::Result<bool> {
        match self.form() {
            Form::Table => Ok(true),
            Form::Jsonl => Ok(false),
            Form::Json | Form::Csv => {
                Err(UsageError("this verb writes a table or JSON lines: use --format table or jsonl".to_owned()).into())
            }
        }
    }

    /// The data directory's path: the flag, the setting, or the user's place.
    fn data_path(&self) -> anyhow::Result<PathBuf> {
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        if !self.settings.store.data.as_os_str().is_empty() {
            return Ok(self.settings.store.data.clone());
        }
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        let base = std::env::var_os("XDG_DATA_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from).or_else(home);
        Ok(base.context("no HOME to keep data in; name a folder with --data")?.join("misfile"))
    }

    /// The existing data directory.
    fn data(&self) -> anyhow::Result<DataDir> {
        Ok(DataDir::open(&self.data_path()?)?)
    }
}

/// Paths as the catalog has them; one at or below which nothing is known is refused: an empty answer would look like a good
/// one.
fn known_paths(view: &CatalogView, paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let resolve = |path: &PathBuf| path.canonicalize().or_else(|_| std::path::absolute(path));
    let resolved = paths.iter().map(resolve).collect::<Result<Vec<PathBuf>, io::Error>>()?;
    for path in &resolved {
        if !view.knows_below(path)? {
            return Err(UsageError(format!("{}: no sweep has seen anything there", shown_path(path))).into());
        }
    }
    Ok(resolved)
}

/// A flag that SIGINT and SIGTERM set.
fn stop_on_signals() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// A remark on standard error.
fn remark(context: &Context, text: &str) {
    if !context.quiet {
        // A closed standard error is no reason to stop.
        let _ = writeln!(io::stderr(), "misfile: {text}");
    }
}

/// The command as clap knows it: for completions and manual pages.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Whether somebody closed the pipe we write to.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io || json == Some(io::ErrorKind::BrokenPipe)
    };
    error.chain().any(broken)
}

/// Prints an error with its causes on one line.
pub fn complain(error: &anyhow::Error) {
    let _ = writeln!(io::stderr(), "misfile: {error:#}");
}
