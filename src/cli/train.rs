//! `misfile train`: a model of topics from folders of examples, one folder a category.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use serde_json::json;

use super::{Context, remark};
use crate::catalog::DataDir;
use crate::classify::topic::MODEL_FILE;
use crate::error::{Exit, UsageError};
use crate::read::process::ReaderCommand;
use crate::report::{self, counted, padded, shown_path};
use crate::topic::{ClassReport, Corpus, FOLDS, MOST_NAME, MOST_WRONG, Model, Report, Taken};
use crate::{inspect, walk};

/// A category of fewer documents may be learned, and badly.
const FEW: usize = 50;

#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// A folder that holds a folder a category, which hold documents
    dir: PathBuf,
    /// Where the model goes; without it `topic.model` of the settings, or `topics.model` in the data directory
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const HELP: &str = "\
Documents are read as `inspect` reads them, scans too. At least 2 categories of 5 different documents; 50 of each make a good
model. A folder named `none` is for documents of no category: they are learned and never told.

Five-fold cross-validation says how good the model is, on documents that it had not seen. `precision`, `recall` and `F1` are of
answers to every document; `told` is the share of a category's documents that get its name where the model must be sure, and
`wrong` how many of all that get it are others. `from` is the probability from which on it is told; a dash: never.";

/// What was met on the way.
#[derive(Default)]
struct Met {
    corpus: Corpus,
    /// Folders by the names that their categories get.
    folders: BTreeMap<String, String>,
    taken: BTreeMap<&'static str, u64>,
    unread: u64,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let objects = context.asked_objects()?;
    let root = walk::resolve_root(&args.dir)?;
    let place = match (&args.out, &context.settings.topic.model) {
        (Some(out), _) => out.clone(),
        (None, set) if !set.as_os_str().is_empty() => set.clone(),
        (None, _) => context.data_path()?.join(MODEL_FILE),
    };
    let started = Instant::now();
    let met = read(context, &root)?;
    if context.listener.gone() {
        return Ok(Exit::Stopped);
    }
    let read_in = started.elapsed().as_secs_f64();
    let (model, report) = met.corpus.train().map_err(|error| UsageError(error.to_string()))?;
    let trained_in = started.elapsed().as_secs_f64() - read_in;
    let bytes = model.to_bytes();
    if args.out.is_none() && context.settings.topic.model.as_os_str().is_empty() {
        let dir = DataDir::create(&context.data_path()?)?;
        let _lock = dir.lock()?;
        save(&place, &bytes)?;
    } else {
        save(&place, &bytes)?;
    }
    let summary = Summary { met: &met, model: &model, report: &report, bytes: bytes.len(), read_in, trained_in };
    match objects {
        None => summary.table(&place, out)?,
        Some(mut objects) => {
            for class in &report.classes {
                objects.put(&category(class), out)?;
            }
            objects.end(&summary.object(&place), out)?;
        }
    }
    let few = report.classes.iter().filter(|class| class.documents < FEW).count() as u64;
    if few > 0 {
        let categories = if few == 1 { "1 category has".to_owned() } else { format!("{few} categories have") };
        remark(
            context,
            &format!("{categories} fewer than {FEW} documents: the figures are rough, and more would help"),
        );
    }
    Ok(if met.unread > 0 { Exit::Unverified } else { Exit::Clear })
}

/// Reads every document below the folders.
fn read(context: &Context, root: &Path) -> anyhow::Result<Met> {
    let mut met = Met::default();
    // A model that is damaged must not keep a new one from being made.
    let mut settings = context.settings.clone();
    settings.topic.enabled = false;
    inspect::inspect(&settings, &[root.to_owned()], ReaderCommand::this_program(), |file, pages| {
        match folder(root, &file.location.path) {
            None => *met.taken.entry("in no folder").or_default() += 1,
            Some(folder) => {
                let name = named(&folder);
                if name.is_empty() || name.len() > MOST_NAME {
                    let message = format!("the folder {folder:?} cannot name a category: rename it");
                    return Err(UsageError(message).into());
                }
                let known = met.folders.entry(name.clone()).or_insert_with(|| folder.clone());
                if *known != folder {
                    let message = format!("the folders {known:?} and {folder:?} name one category, {name}: rename one");
                    return Err(UsageError(message).into());
                }
                let taken = met.corpus.add(&name, pages);
                let fault = file.coverage.faults.first().filter(|_| taken == Taken::Blank);
                if let Some(fault) = fault {
                    met.unread += 1;
                    super::complain(&anyhow::anyhow!(
                        "{}: not learned from: {fault}",
                        shown_path(&file.location.shown())
                    ));
                }
                *met.taken.entry(said(taken, fault.is_some())).or_default() += 1;
            }
        }
        Ok(if context.listener.gone() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(met)
}

/// What became of a document, in words.
fn said(taken: Taken, unread: bool) -> &'static str {
    match taken {
        Taken::Added => "learned from",
        Taken::Blank if unread => "not read",
        Taken::Blank => "without text",
        Taken::Twice => "the same as others",
        Taken::Full => "beyond what one model learns from",
    }
}

/// The first folder below `root` on the way to a file.
fn folder(root: &Path, file: &Path) -> Option<String> {
    let mut parts = file.strip_prefix(root).ok()?.components();
    let first = parts.next()?;
    parts.next()?;
    match first {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    }
}

/// A category's name of a folder's: part of a rule's name, which filters compare.
fn named(folder: &str) -> String {
    let part = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '.') { c } else { '_' };
    folder.chars().flat_map(char::to_lowercase).map(part).collect::<String>().trim_matches('_').to_owned()
}

/// Writes a file beside its place, readable by its owner only, and puts it there.
fn save(place: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = (|| {
        let mut file = tempfile::Builder::new().prefix(".topics").tempfile_in(parent)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(place).map_err(|error| error.error)?;
        File::open(parent)?.sync_all()
    })();
    written.with_context(|| format!("the model cannot be written to {}", shown_path(place)))
}

/// What is said at the end.
struct Summary<'a> {
    met: &'a Met,
    model: &'a Model,
    report: &'a Report,
    bytes: usize,
    read_in: f64,
    trained_in: f64,
}

impl Summary<'_> {
    fn table(&self, place: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
        let columns = self.report.classes.iter().map(|class| class.name.chars().count() * 2).max().unwrap_or(0);
        let columns = columns.clamp(8, 40);
        let head = padded("category", columns);
        writeln!(out, "{head}  documents  precision  recall    F1  told  wrong  from")?;
        for class in &self.report.classes {
            let least = if class.least > 1.0 { "   -".to_owned() } else { format!("{:.2}", class.least) };
            let (answers, wrong) = class.answers;
            let wrong = format!("{wrong}/{answers}");
            writeln!(
                out,
                "{}  {:9}  {:9.3}  {:6.3} {:5.3}  {:3.0}% {wrong:>6}  {least}",
                padded(&class.name, columns),
                class.documents,
                class.precision,
                class.recall,
                class.f1,
                class.answered * 100.0,
            )?;
        }
        let Report { macro_f1, accuracy, answered, wrong, .. } = self.report;
        writeln!(out, "cross-validation in {FOLDS} parts: macro-F1 {macro_f1:.3}, {:.1} % right", accuracy * 100.0)?;
        let aim = MOST_WRONG * 100.0;
        let (told, wrong) = (answered * 100.0, wrong * 100.0);
        writeln!(
            out,
            "where it must be sure: {told:.1} % told, {wrong:.1} % of them wrong (aim: {aim:.0} %), none of the rest"
        )?;
        let met: Vec<String> = self.met.taken.iter().map(|(what, count)| format!("{count} {what}")).collect();
        writeln!(out, "documents: {}", met.join(", "))?;
        let (read, trained, size) = (self.read_in, self.trained_in, counted(self.bytes as u64, "byte"));
        writeln!(out, "read in {read:.1} s, trained in {trained:.1} s; {size} in {}", shown_path(place))?;
        Ok(writeln!(out, "`misfile reclassify` gives topics to what is known already")?)
    }

    fn object(&self, place: &Path) -> report::Object {
        let mut object = report::typed("summary");
        object.insert("macro_f1", json!(self.report.macro_f1));
        object.insert("accuracy", json!(self.report.accuracy));
        object.insert("told", json!(self.report.answered));
        object.insert("wrong", json!(self.report.wrong));
        object.insert("documents", json!(self.model.documents()));
        object.insert("met", json!(self.met.taken));
        object.insert("read_seconds", json!(self.read_in));
        object.insert("trained_seconds", json!(self.trained_in));
        object.insert("bytes", json!(self.bytes));
        object.insert("model", json!(place.to_string_lossy()));
        object
    }
}

fn category(class: &ClassReport) -> report::Object {
    let mut object = report::typed("category");
    object.insert("category", json!(class.name));
    object.insert("documents", json!(class.documents));
    object.insert("precision", json!(class.precision));
    object.insert("recall", json!(class.recall));
    object.insert("f1", json!(class.f1));
    object.insert("from", json!((class.least <= 1.0).then_some(class.least)));
    object.insert("told", json!(class.answered));
    object.insert("answers", json!(class.answers.0));
    object.insert("wrong", json!(class.answers.1));
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_folder_names_the_category_however_deep_a_document_lies() {
        let of = |file: &str| folder(Path::new("/set"), Path::new(file));
        assert_eq!(of("/set/合同/2026/a.pdf").as_deref(), Some("合同"));
        assert_eq!(of("/set/a.pdf"), None);
        assert_eq!(named("Board Minutes (old)"), "board_minutes__old");
        assert_eq!(named("合同"), "合同");
    }

    #[test]
    fn a_model_is_readable_by_its_owner_only_and_replaces_the_one_before() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let place = dir.path().join("topics.model");
        save(&place, b"one").expect("written");
        save(&place, b"two").expect("written");
        assert_eq!(std::fs::read(&place).expect("there"), b"two");
        assert_eq!(place.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(dir.path().read_dir().expect("a folder").count(), 1);
    }
}
