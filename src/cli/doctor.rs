//! `misfile doctor`: is everything in order that a sweep needs? Proved by reading a test page in each language.

mod prove;

use std::fs::File;
use std::io::{Seek, Write};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::Context;
use crate::catalog::{CatalogView, DataDir};
use crate::classify::{Classifier, check};
use crate::config::{OcrSettings, Settings};
use crate::document::Kind;
use crate::error::Exit;
use crate::index::Searcher;
use crate::read::process::{ReaderCommand, ReaderProcess};
use crate::read::protocol::{Reply, Request, SliceRequest};
use crate::read::prove::is_locked;
use crate::report::{self, Objects, counted, shown_path};
use crate::zone::Zones;

/// The name of a language, its page, and what stands on it.
macro_rules! test_page {
    ($language:literal) => {
        (
            $language,
            include_bytes!(concat!("../../models/testpages/", $language, ".png")),
            include_str!(concat!("../../models/testpages/", $language, ".txt")),
        )
    };
}

/// A page to read in each language (`scripts/make_test_pages.py`).
const TEST_PAGES: [(&str, &[u8], &str); 6] = [
    test_page!("eng"),
    test_page!("chi_sim"),
    test_page!("rus"),
    test_page!("ukr"),
    test_page!("kor"),
    test_page!("heb"),
];

/// Share of the page's characters that must be read.
const PROOF: f32 = 0.9;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Show that a reader that was taken over gets nowhere: every way out is tried in real readers, and a share is swept
    /// without any network
    #[arg(long)]
    pub(super) prove: bool,
    /// The share to sweep for the proof, instead of the test pages
    #[arg(long, requires = "prove", value_name = "DIR")]
    share: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut doctor = Doctor { objects: context.objects()?, out, checks: 0, ill: 0 };
    if args.prove {
        prove::run(&mut doctor, context, args.share.as_deref())?;
        return doctor.finish();
    }
    let require: Vec<&str> = context.settings.security.require.iter().map(|layer| layer.as_str()).collect();
    let require = if require.is_empty() {
        "nothing: documents are read without any lock if need be".to_owned()
    } else {
        require.join(", ")
    };
    doctor.report("security.require", Ok(require))?;
    let own = match is_locked() {
        Ok(true) => Ok("holds: no outward socket, whatever verb runs".to_owned()),
        Ok(false) => Err(anyhow::anyhow!("this process can make an outward socket")),
        Err(error) => Err(anyhow::anyhow!("a socket is not refused, but fails: {error}")),
    };
    doctor.report("lock of the program", own)?;
    let reader = ReaderProcess::start(&ReaderCommand::this_program(), &context.settings);
    doctor.report("readers", reader.as_ref().map(loaded).map_err(|error| anyhow::anyhow!("{error}")))?;
    for lock in reader.iter().flat_map(ReaderProcess::held) {
        // One that is required and does not hold has stopped the reader already.
        let word = if lock.holds { "holds" } else { "DOES NOT HOLD, and is not in security.require" };
        doctor.report(&format!("lock {}", lock.layer), Ok(format!("{word}: {}", lock.detail)))?;
    }
    doctor.report("OCR engine", engine(&context.settings.ocr))?;
    let settings = &context.settings;
    let ocr = &settings.ocr;
    let own = ocr.languages.iter().map(|one| (one, OcrSettings { languages: vec![one.clone()], ..ocr.clone() }));
    let others =
        ocr.other_languages.iter().map(|one| (one, OcrSettings { other_languages: vec![one.clone()], ..ocr.clone() }));
    for (language, alone) in own.chain(others) {
        doctor.report(&format!("language {language}"), language_page(settings, language, alone))?;
    }
    doctor.report("rules", check_rules(settings))?;
    let zones = Zones::configured(&context.settings);
    for zone in zones.by_name() {
        let place = shown_path(&zone.path);
        let listed = std::fs::read_dir(&zone.path).with_context(|| format!("{place}: cannot be listed"));
        doctor.report(&format!("zone {}", zone.name), listed.map(|_| place))?;
    }
    doctor.report("data", data(context).map_err(|error| context.placed(error)))?;
    doctor.finish()
}

struct Doctor<'a> {
    objects: Option<Objects>,
    out: &'a mut dyn Write,
    checks: u64,
    ill: u64,
}

impl Doctor<'_> {
    fn report(&mut self, what: &str, found: anyhow::Result<String>) -> anyhow::Result<()> {
        self.checks += 1;
        self.ill += u64::from(found.is_err());
        let ok = found.is_ok();
        let detail = found.unwrap_or_else(|error| format!("{error:#}"));
        let Some(objects) = &mut self.objects else {
            let word = if ok { "ok " } else { "ILL" };
            return Ok(writeln!(self.out, "{word}   {what}: {detail}")?);
        };
        let mut object = report::typed("check");
        object.insert("what", json!(what));
        object.insert("ok", json!(ok));
        object.insert("detail", json!(detail));
        Ok(objects.put(&object, self.out)?)
    }

    fn finish(self) -> anyhow::Result<Exit> {
        if let Some(mut objects) = self.objects {
            let mut object = report::typed("summary");
            object.insert("checks", json!(self.checks));
            object.insert("ill", json!(self.ill));
            objects.end(&object, self.out)?;
        }
        Ok(if self.ill > 0 { Exit::Damaged } else { Exit::Clear })
    }
}

/// What a reader that started has loaded.
fn loaded(reader: &ReaderProcess) -> String {
    let stamps = reader.stamps();
    let formats: Vec<&str> = stamps.formats.iter().map(|(_, stamp)| stamp.as_str()).collect();
    format!(
        "{}; {}; each is held by limits on memory and CPU time, and dies with the sweep",
        stamps.engine,
        formats.join(", ")
    )
}

/// Which engine reads, and what is lost with it.
fn engine(settings: &OcrSettings) -> anyhow::Result<String> {
    let chosen = crate::ocr::chosen(settings);
    let strange = crate::ocr::strange_models(settings)?;
    if !strange.is_empty() && settings.models.as_os_str().is_empty() {
        bail!(
            "{}: not as `make models` brings it, so damaged: remove it and run that again (a folder of your own is ocr.models)",
            strange.join(", ")
        );
    }
    let why = if settings.engine == chosen { "as configured" } else { "chosen by what is installed" };
    let lost = match chosen {
        "tesseract" => {
            "; stamps, watermarks, vertical text, forms and much Chinese are read far less well than by paddle, whose models \
             come with `make models`"
        }
        _ => "",
    };
    let own = if strange.is_empty() { String::new() } else { format!("; your own: {}", strange.join(", ")) };
    Ok(format!("{chosen}, {why}{lost}{own}"))
}

/// Reads the test page of a language in a real reader.
fn language_page(settings: &Settings, language: &str, alone: OcrSettings) -> anyhow::Result<String> {
    let Some((_, png, expected)) = TEST_PAGES.iter().find(|(name, ..)| *name == language) else {
        bail!("its model loads, but there is no test page for it: reading is not proved");
    };
    let settings = Settings { ocr: alone, ..settings.clone() };
    let mut reader = ReaderProcess::start(&ReaderCommand::this_program(), &settings)?;
    let mut file = File::from(rustix::fs::memfd_create("test page", rustix::fs::MemfdFlags::CLOEXEC)?);
    file.write_all(png)?;
    file.rewind()?;
    let mut read = String::new();
    let mut faults = Vec::new();
    let request = SliceRequest { content: 0, kind: Kind::new("png"), first: 1, last: 1 };
    let outcome = reader.read(&Request::Read(request), &file, &settings.limits, |reply| {
        match reply {
            Reply::Page(page) => read.push_str(&page.text.content),
            Reply::PageFault(fault) | Reply::Failed(fault) => faults.push(fault.to_string()),
            _ => {}
        }
        true
    });
    outcome.map_err(|(death, _)| anyhow::anyhow!("{death}"))?;
    let share = crate::read::gate::layer_match(expected, &read);
    if share < PROOF {
        bail!("only {:.0} % of the test page were read {}", share * 100.0, faults.join("; "));
    }
    Ok(format!("{:.0} % of the test page read", share * 100.0))
}

/// The program's rules, and those of the house with its lists and its table of levels.
fn check_rules(settings: &Settings) -> anyhow::Result<String> {
    let problems = check::check();
    match problems.first() {
        None => {
            let count = Classifier::load(settings)?.rules().len();
            Ok(format!("{count}; all match their examples"))
        }
        Some(first) => {
            bail!("{}, the first: {first}; see `misfile rules check`", counted(problems.len() as u64, "problem"))
        }
    }
}

/// The data directory: private, readable, and the index beside it.
fn data(context: &Context) -> anyhow::Result<String> {
    let path = context.data_path()?;
    if !path.exists() {
        return Ok(format!("{} does not exist yet; the first sweep makes it", path.display()));
    }
    let dir = DataDir::open(&path)?;
    if let Some(mode) = dir.open_to_others() {
        bail!("{} has mode {mode:o}: others can look into it; chmod 700", path.display());
    }
    let view = CatalogView::open(&dir)?;
    let searcher = Searcher::open(&dir.index()).context("index")?;
    searcher.verify().context("index")?;
    let behind = view.last_seq()?.cast_unsigned().saturating_sub(searcher.last_seq());
    let behind = match behind {
        0 => "the index holds everything".to_owned(),
        number => format!("the index is {} behind; the next sweep catches up", counted(number, "change")),
    };
    let free = free_mib(dir.path())?;
    if free < LEAST_FREE_MIB {
        bail!("{}: only {free} MiB of the disk are free", shown_path(dir.path()));
    }
    let place = shown_path(dir.path());
    Ok(format!("{place}: catalog and index open ({behind}; `status --check` reads them wholly), {free} MiB free"))
}

/// Room below which a sweep will probably not come to its end.
const LEAST_FREE_MIB: u64 = 256;

fn free_mib(path: &std::path::Path) -> anyhow::Result<u64> {
    let disk = rustix::fs::statvfs(path).with_context(|| shown_path(path))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize) >> 20)
}
