//! The command line. One verb a file; parsing does nothing but parse, so errors come early and once.

mod decide;
mod doctor;
mod eval;
mod explain;
mod findings;
mod fingerprint;
mod generate;
mod index;
mod inspect;
mod names;
mod output;
mod progress;
mod ready;
mod reclassify;
mod retry;
mod rules;
mod search;
mod status;
mod sweep;
mod train;
mod zones;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::catalog::{CatalogError, CatalogView, DataDir, SweepRow, Totals};
use crate::config::Settings;
use crate::decision::Decisions;
use crate::error::{Exit, UsageError};
use crate::read::lock;
use crate::report::{Form, Objects, count_list, counted, shown_path};
use crate::sweep::judged_with;
use crate::zone::Zones;
use output::{Listener, Output};

/// Finds documents that lie where their content must not, reading everything on this machine.
#[derive(Debug, Parser)]
#[command(name = "misfile", version, max_term_width = 120, after_help = EXITS)]
pub struct Cli {
    /// Settings and zones; what it does not say keeps its default
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    config: Option<PathBuf>,
    /// Where the catalog and the index lie; without it `~/.local/share/misfile`
    #[arg(long, global = true, value_name = "DIR", help_heading = EVERYWHERE)]
    data: Option<PathBuf>,
    /// Form of the output; a table on a terminal, else JSON lines
    #[arg(long, global = true, value_name = "FORM", help_heading = EVERYWHERE)]
    format: Option<Form>,
    /// No progress and no remarks on standard error
    #[arg(long, short, global = true, help_heading = EVERYWHERE)]
    quiet: bool,
    /// Progress also where standard error is no terminal: a plain line a minute
    #[arg(long, short, global = true, conflicts_with = "quiet", help_heading = EVERYWHERE)]
    verbose: bool,
    /// End with the process that started this one
    #[arg(long, global = true, hide = true)]
    with_parent: bool,
    #[command(subcommand)]
    verb: Verb,
}

const EVERYWHERE: &str = "Options of every verb";

const EXITS: &str = "Exit codes: 0 all examined, nothing misfiled; 10 misfiled; 11 nothing misfiled, something unverified \
or to be reviewed; 12 neither, but stopped early and resumable; 2 usage; 3 configuration; 4 a root could not be read; \
5 catalog, index or machine not in order. The lowest of 10, 11 and 12 that applies wins, 2 to 5 win over all";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Walk, read, classify, judge and index what is new or changed
    Sweep(sweep::Args),
    /// Read and judge single files or folders and print it; nothing is stored
    Inspect(inspect::Args),
    /// What is misfiled, to be reviewed, or unverified
    Findings(findings::Args),
    /// Say of findings that they are false, accepted or confirmed
    Decide(decide::Args),
    /// What was decided, and how it stands
    Decisions(decide::ListArgs),
    /// Read again what could not be read, and sweep
    Retry(retry::Args),
    /// Why a file has its verdict: pages, evidence, gate decisions, stamps, zone
    Explain(explain::Args),
    /// Full-text search, with filters
    Search(search::Args),
    /// Judge stored text anew by today's rules and zones; reads no document
    Reclassify(reclassify::Args),
    /// What may move to a target and what must not, with lists for the transfer tool
    Ready(ready::Args),
    /// The configured zones, and whether they are there
    Zones,
    /// The last sweeps, totals, and whether the index holds everything
    Status(status::Args),
    /// Whether engines, languages, rules, locks, zones and data are in order, proved by reading a test page
    Doctor(doctor::Args),
    /// The full-text index
    #[command(subcommand)]
    Index(index::Action),
    /// Documents to be recognized wherever copies or photocopies of them lie
    #[command(subcommand)]
    Fingerprint(fingerprint::Action),
    /// How right the rules are on documents that somebody labelled; nothing is stored
    Eval(eval::Args),
    /// A model of topics from a folder of examples a category
    Train(train::Args),
    /// The rules that find markings, identifiers, secrets and topics
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
    verbose: bool,
    listener: Listener,
}

/// Parses and runs.
pub fn run() -> anyhow::Result<Exit> {
    let cli = Cli::parse();
    if matches!(cli.verb, Verb::Reader) {
        // It inherits the lock of the program that starts it, and adds its own.
        crate::read::reader::run()?;
        return Ok(Exit::Clear);
    }
    if cli.with_parent {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    }
    // The proof puts it on half-way: it shows what happens without it.
    if !matches!(&cli.verb, Verb::Doctor(args) if args.prove) {
        lock::no_outward_sockets()?;
    }
    // Everything this program writes may be about secrets.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let settings = match &cli.config {
        Some(file) => Settings::load(file)?,
        None => Settings::defaults(),
    };
    let listener = Listener::default();
    let (data, form, quiet, verbose) = (cli.data, cli.format, cli.quiet, cli.verbose);
    let mut context = Context { settings, data, form, quiet, verbose, listener: listener.clone() };
    if let Ok(data) = context.data_path() {
        // Where registered documents and the model of topics lie: rules look there, too.
        context.settings.store.data = data;
    }
    let mut out = Output::new(io::stdout().lock(), listener);
    let exit = context.verb(&cli.verb, &mut out).map_err(|error| context.placed(error))?;
    out.flush()?;
    Ok(exit)
}

impl Context {
    fn verb(&self, verb: &Verb, out: &mut dyn Write) -> anyhow::Result<Exit> {
        match verb {
            Verb::Sweep(args) => sweep::run(self, args, out),
            Verb::Inspect(args) => inspect::run(self, args, out),
            Verb::Findings(args) => findings::run(self, args, out),
            Verb::Decide(args) => decide::run(self, args, out),
            Verb::Decisions(args) => decide::list(self, args, out),
            Verb::Retry(args) => retry::run(self, args, out),
            Verb::Explain(args) => explain::run(self, args, out),
            Verb::Search(args) => search::run(self, args, out),
            Verb::Reclassify(args) => reclassify::run(self, args, out),
            Verb::Ready(args) => ready::run(self, args, out),
            Verb::Zones => zones::run(self, out),
            Verb::Status(args) => status::run(self, args, out),
            Verb::Doctor(args) => doctor::run(self, args, out),
            Verb::Index(action) => index::run(self, action, out),
            Verb::Fingerprint(action) => fingerprint::run(self, action, out),
            Verb::Eval(args) => eval::run(self, args, out),
            Verb::Train(args) => train::run(self, args, out),
            Verb::Rules(action) => rules::run(self, action, out),
            Verb::Completions(args) => generate::completions(args, out),
            Verb::Man(args) => generate::man(args),
            Verb::Reader => Ok(Exit::Clear),
        }
    }

    /// An error about the catalog with the folder it lies in, unless it names that itself.
    fn placed(&self, error: anyhow::Error) -> anyhow::Error {
        let nameless = |cause: &(dyn std::error::Error + 'static)| {
            matches!(
                cause.downcast_ref(),
                Some(
                    CatalogError::Newer { .. }
                        | CatalogError::Full
                        | CatalogError::ReadOnly
                        | CatalogError::Unfolded
                        | CatalogError::Damaged(_)
                        | CatalogError::Other(_)
                )
            )
        };
        match self.data_path() {
            Ok(path) if error.chain().any(nameless) => error.context(format!("data in {}", shown_path(&path))),
            _ => error,
        }
    }

    /// The form asked for, or the one that fits where output goes.
    fn form(&self) -> Form {
        self.form.unwrap_or(if io::stdout().is_terminal() { Form::Table } else { Form::Jsonl })
    }

    /// Where objects go, for verbs that write a table or JSON; none for the table. CSV is refused.
    fn objects(&self) -> anyhow::Result<Option<Objects>> {
        match self.form() {
            Form::Table => Ok(None),
            Form::Jsonl => Ok(Some(Objects::lines())),
            Form::Json => Ok(Some(Objects::document())),
            Form::Csv => {
                let message = "this verb has no CSV form: use --format table, json or jsonl";
                Err(UsageError(message.to_owned()).into())
            }
        }
    }

    /// The same for verbs that do not list: text everywhere, objects only if asked for.
    fn asked_objects(&self) -> anyhow::Result<Option<Objects>> {
        self.form.map_or(Ok(None), |_| self.objects())
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
        let dir = DataDir::open(&self.data_path()?)?;
        self.warn_if_open(&dir);
        Ok(dir)
    }

    /// Says so if others can look into the data directory.
    fn warn_if_open(&self, dir: &DataDir) {
        if let Some(mode) = dir.open_to_others() {
            let place = shown_path(dir.path());
            remark(self, &format!("{place} has mode {mode:o}: others can look into it; `chmod 700` it"));
        }
    }

    /// The newest sweep that did not come to its end, with its roots that still wait for one.
    fn unfinished(&self, view: &CatalogView) -> anyhow::Result<Option<(SweepRow, Vec<PathBuf>)>> {
        // A zone that is configured no more keeps nobody waiting once nothing is known of it.
        let zones = Zones::configured(&self.settings);
        let wanted = |root: &Path| Ok(self.settings.zone.is_empty() || zones.hold(root) || view.knows_below(root)?);
        Ok(view.unfinished(wanted)?)
    }

    /// Whether verdicts were given by the zones, the policy and the decisions that hold now; says so if not.
    fn is_current(&self, view: &CatalogView) -> anyhow::Result<bool> {
        let zones = Zones::configured(&self.settings);
        let decisions = Decisions::at(crate::now(), view.decisions()?)?;
        let today = judged_with(&zones, &self.settings, &decisions);
        let current = view.meta("judged_with")?.is_none_or(|with| with == today);
        if !current {
            let changed = "the configuration changed since these verdicts were given, or a decision expired; \
                           `misfile reclassify` gives them anew";
            remark(self, changed);
        }
        Ok(current)
    }

    /// The catalog for an answer.
    fn answers(&self) -> anyhow::Result<Answers> {
        let dir = self.data()?;
        let view = CatalogView::open(&dir)?;
        let current = self.is_current(&view)?;
        Ok(Answers { current, ..self.answers_of(dir, view)? })
    }

    /// The same of a catalog that is open.
    fn answers_of(&self, dir: DataDir, view: CatalogView) -> anyhow::Result<Answers> {
        if view.sweeps(Some(1))?.is_empty() {
            return Err(CatalogError::NoSweep(dir.path().to_owned()).into());
        }
        let unfinished = self.unfinished(&view)?;
        if let Some((sweep, roots)) = &unfinished {
            let state =
                if sweep.state == "running" { "is under way, or was cut off" } else { "did not come to its end" };
            let roots: Vec<String> = roots.iter().map(|root| shown_path(root)).collect();
            let below = format!("below {}", roots.join(", "));
            remark(self, &format!("the last sweep {state} {below}: files that it did not reach are missing here"));
        }
        let complete = unfinished.is_none();
        Ok(Answers { dir, view, complete, current: true })
    }
}

/// What answers are given from. A catalog that no sweep has filled has no answer: an empty one would look like a good one.
struct Answers {
    dir: DataDir,
    view: CatalogView,
    /// Whether the last sweeps of all places came to their ends.
    complete: bool,
    /// Whether verdicts are those of today's configuration and of the decisions that hold now.
    current: bool,
}

/// Paths as the catalog has them; one at or below which nothing is known is refused: an empty answer would look like a good
/// one.
fn known_paths(view: &CatalogView, paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    paths_if(paths, |path| Ok(view.knows_below(path)?))
}

/// The same for a verb that also looks at what is there now.
fn known_or_present_paths(view: &CatalogView, paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    paths_if(paths, |path| Ok(path.symlink_metadata().is_ok() || view.knows_below(path)?))
}

fn paths_if(paths: &[PathBuf], good: impl Fn(&Path) -> anyhow::Result<bool>) -> anyhow::Result<Vec<PathBuf>> {
    let resolve = |path: &PathBuf| path.canonicalize().or_else(|_| std::path::absolute(path));
    let resolved = paths.iter().map(resolve).collect::<Result<Vec<PathBuf>, io::Error>>()?;
    for path in &resolved {
        if !good(path)? {
            return Err(UsageError(format!("{}: no sweep has seen anything there", shown_path(path))).into());
        }
    }
    Ok(resolved)
}

/// `12 known files`, and how many of them lie in others or are folders.
fn known_files(totals: &Totals) -> String {
    let mut notes = Vec::new();
    if totals.members > 0 {
        notes.push(format!("{} of them inside others", totals.members));
    }
    match totals.folders {
        0 => {}
        1 => notes.push("1 of them a folder that cannot be listed".to_owned()),
        many => notes.push(format!("{many} of them folders that cannot be listed")),
    }
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
    format!("{}{notes}", counted(totals.verdicts.values().sum(), "known file"))
}

/// What of everything known was not read.
fn unread(totals: &Totals, out: &mut dyn Write) -> anyhow::Result<()> {
    let files = counted(totals.incomplete_files, "file");
    let (pages, reasons) = (counted(totals.unread_pages, "known page"), count_list(&totals.faults));
    let by = if totals.faults.is_empty() { String::new() } else { format!("; files by reason: {reasons}") };
    Ok(writeln!(out, "unread      {files} not or not fully, {pages}{by}")?)
}

/// A flag that SIGINT and SIGTERM set.
fn stop_on_signals() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    // A closed terminal ends a sweep like a request to end.
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
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

/// From now on a panic says where it happened, and not what it said: the message of a text cut in the middle of a
/// character quotes that text, which may be a document's.
pub fn withhold_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        // Nothing can be said without standard error.
        let _ = writeln!(io::stderr(), "misfile: a bug at {place}; its message may quote a document and is withheld");
    }));
}

/// Prints an error with its causes on one line.
pub fn complain(error: &anyhow::Error) {
    let _ = writeln!(io::stderr(), "misfile: {error:#}");
}
