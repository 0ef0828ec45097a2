//! The PDFium library: where it lies, which one it is, and that a process binds it once.
//!
//! It is loaded before the reader is locked; nothing is opened by path afterwards.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::Context as _;

use super::pdfium::{Pdfium, PdfiumError};
use crate::config::Settings;

/// The library; a process can bind it once.
static PDFIUM: OnceLock<Pdfium> = OnceLock::new();

/// Which library it is.
static FINGERPRINT: OnceLock<String> = OnceLock::new();

/// The library, if it was loaded.
pub(super) fn get() -> Option<&'static Pdfium> {
    PDFIUM.get()
}

/// Which library is loaded, or would be, for the stamp of what it reads.
pub(super) fn stamp(settings: &Settings) -> anyhow::Result<String> {
    match FINGERPRINT.get() {
        Some(loaded) => Ok(loaded.clone()),
        None => fingerprint(find_library(&settings.read.pdfium)?.as_deref()),
    }
}

/// Loads the library, once.
pub(super) fn load(settings: &Settings) -> anyhow::Result<()> {
    if PDFIUM.get().is_some() {
        return Ok(());
    }
    let library = find_library(&settings.read.pdfium)?;
    let bindings = match &library {
        Some(path) => Pdfium::bind_to_library(path).map_err(describe).with_context(|| path.display().to_string()),
        None => Pdfium::bind_to_system_library().map_err(describe).context("libpdfium.so"),
    };
    let fingerprint = fingerprint(library.as_deref())?;
    match bindings {
        Ok(bindings) => {
            FINGERPRINT.get_or_init(|| fingerprint);
            PDFIUM.get_or_init(|| Pdfium::new(bindings));
            Ok(())
        }
        // Another thread was faster; only tests have more than one.
        Err(_) if PDFIUM.get().is_some() => Ok(()),
        Err(error) => {
            Err(error).context("PDFium cannot be loaded; run `make models`, or set read.pdfium to libpdfium.so")
        }
    }
}

/// Where libpdfium lies: as configured, beside the program, in `models/` above it; none for the system's place.
fn find_library(configured: &std::path::Path) -> anyhow::Result<Option<PathBuf>> {
    let name = Pdfium::pdfium_platform_library_name();
    crate::installed::find(std::path::Path::new(&name), configured)
        .map_err(|file| anyhow::anyhow!("read.pdfium: there is no file {}; run `make models`", file.display()))
}

/// The first digits of the library's BLAKE3; the system's own is not looked for.
fn fingerprint(library: Option<&std::path::Path>) -> anyhow::Result<String> {
    let Some(library) = library else { return Ok("of the system".to_owned()) };
    let mut hasher = blake3::Hasher::new();
    let file = std::fs::File::open(library).with_context(|| library.display().to_string())?;
    hasher.update_reader(file).with_context(|| library.display().to_string())?;
    Ok(hasher.finalize().to_hex()[..12].to_owned())
}

fn describe(error: PdfiumError) -> anyhow::Error {
    match error {
        PdfiumError::LoadLibraryError(error) => anyhow::anyhow!("{error}"),
        other => anyhow::anyhow!("{other:?}"),
    }
}
