//! `misfile doctor`: is everything in order that a sweep needs? Proved by reading a test page in each language.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::unix::fs::PermissionsExt;

use anyhow::{Context as _, bail};

use super::Context;
use crate::catalog::{CatalogView, DataDir};
use crate::classify::rules;
use crate::config::Settings;
use crate::document::Kind;
use crate::error::Exit;
use crate::index::Searcher;
use crate::read::process::{ReaderCommand, ReaderProcess};
use crate::read::protocol::{Reply, SliceRequest};
use crate::zone::Zones;

/// A page to read in each language, and what stands on it.
const TEST_PAGES: [(&str, &[u8], &str); 2] = [
    ("eng", include_bytes!("../../models/testpages/eng.png"), include_str!("../../models/testpages/eng.txt")),
    (
        "chi_sim",
        include_bytes!("../../models/testpages/chi_sim.png"),
        include_str!("../../models/testpages/chi_sim.txt"),
    ),
];

/// Share of the page's characters that must be read.
const PROOF: f32 = 0.9;

pub(super) fn run(context: &Context, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut doctor = Doctor { out, ill: false };
    doctor.report("readers", readers(&context.settings))?;
    for language in &context.settings.ocr.languages {
        doctor.report(&format!("language {language}"), language_page(&context.settings, language))?;
    }
    doctor.report("rules", check_rules())?;
    let zones = Zones::configured(&context.settings);
    for zone in zones.by_name() {
        let listed = std::fs::read_dir(&zone.path).map(|_| zone.path.display().to_string());
        doctor.report(&format!("zone {}", zone.name), listed.map_err(anyhow::Error::from))?;
    }
    doctor.report("data", data(context))?;
    Ok(if doctor.ill { Exit::Damaged } else { Exit::Clear })
}

struct Doctor<'a> {
    out: &'a mut dyn Write,
    ill: bool,
}

impl Doctor<'_> {
    fn report(&mut self, what: &str, found: anyhow::Result<String>) -> anyhow::Result<()> {
        self.ill |= found.is_err();
        match found {
            Ok(detail) => writeln!(self.out, "ok    {what}: {detail}")?,
            Err(error) => writeln!(self.out, "ILL   {what}: {error:#}")?,
        }
        Ok(())
    }
}

/// Starts a reader: native libraries and models load.
fn readers(settings: &Settings) -> anyhow::Result<String> {
    let reader = ReaderProcess::start(&ReaderCommand::this_program(), settings)?;
    let stamps = reader.stamps();
    let formats: Vec<&str> = stamps.formats.iter().map(|(_, stamp)| stamp.as_str()).collect();
    Ok(format!(
        "{}; {}; each is held by limits on memory and CPU time, and dies with the sweep",
        stamps.engine,
        formats.join(", ")
    ))
}

/// Reads the test page of a language in a real reader.
fn language_page(settings: &Settings, language: &str) -> anyhow::Result<String> {
    let Some((_, png, expected)) = TEST_PAGES.iter().find(|(name, ..)| *name == language) else {
        bail!("its model loads, but there is no test page for it: reading is not proved");
    };
    let mut settings = settings.clone();
    settings.ocr.languages = vec![language.to_owned()];
    let mut reader = ReaderProcess::start(&ReaderCommand::this_program(), &settings)?;
    let mut file = File::from(rustix::fs::memfd_create("test page", rustix::fs::MemfdFlags::CLOEXEC)?);
    file.write_all(png)?;
    file.rewind()?;
    let mut read = String::new();
    let mut faults = Vec::new();
    let request = SliceRequest { kind: Kind::new("png"), first: 1, last: 1 };
    let outcome = reader.read(request, &file, |reply| match reply {
        Reply::Page(page) => read.push_str(&page.text.content),
        Reply::PageFault(fault) | Reply::Failed(fault) => faults.push(fault.to_string()),
        _ => {}
    });
    outcome.map_err(|death| anyhow::anyhow!("{death}"))?;
    let share = crate::read::gate::layer_match(expected, &read);
    if share < PROOF {
        bail!("only {:.0} % of the test page were read {}", share * 100.0, faults.join("; "));
    }
    Ok(format!("{:.0} % of the test page read", share * 100.0))
}

fn check_rules() -> anyhow::Result<String> {
    let problems = rules::check();
    match problems.first() {
        None => Ok("all match their examples".to_owned()),
        Some(first) => bail!("{} problems, the first: {first}; see `misfile rules check`", problems.len()),
    }
}

/// The data directory: private, readable, and the index beside it.
fn data(context: &Context) -> anyhow::Result<String> {
    let path = context.data_path()?;
    if !path.exists() {
        return Ok(format!("{} does not exist yet; the first sweep makes it", path.display()));
    }
    let mode = std::fs::metadata(&path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        bail!("{} has mode {mode:o}: others can look into it; chmod 700", path.display());
    }
    let dir = DataDir::open(&path)?;
    let view = CatalogView::open(&dir)?;
    let searcher = Searcher::open(&dir.index()).context("index")?;
    searcher.verify().context("index")?;
    let behind = view.last_seq()?.cast_unsigned().saturating_sub(searcher.last_seq());
    Ok(format!("{}, catalog and index open, {behind} changes to catch up", dir.path().display()))
}
