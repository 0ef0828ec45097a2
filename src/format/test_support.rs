//! What tests of formats and of the gate share: fixtures, opened the way a reader opens them.

use std::io::Write as _;
use std::path::PathBuf;

use image::DynamicImage;

use crate::config::Settings;
use crate::finding::Fault;
use crate::kind;

use super::{Document, Source, for_kind};

fn path(name: &str) -> PathBuf {
    let folder = if name.contains('/') { "" } else { "format/" };
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{folder}{name}"))
}

/// The bytes of a fixture: under `tests/fixtures/format`, or of another folder there if the name has one.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Bytes as a source.
pub(crate) fn source(bytes: &[u8]) -> Source {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("writes");
    Source::new(file).expect("has a size")
}

/// Settings with the library of the working copy.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::defaults();
    settings.read.pdfium = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/libpdfium.so");
    settings
}

/// Opens bytes by their content.
pub(crate) fn open<'a>(bytes: &[u8], settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
    let source = source(bytes);
    let kind = kind::detect(&source.head(kind::HEAD_BYTES).expect("reads"), &source);
    let format = for_kind(&kind).unwrap_or_else(|| panic!("nothing reads {kind}"));
    format.prepare(settings).expect("its libraries are there");
    format.open(source, &kind, settings)
}

/// Opens a fixture.
pub(crate) fn open_fixture<'a>(name: &str, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
    open(&fixture(name), settings)
}

/// The pictures of all pages of a fixture.
pub(crate) fn pictures(name: &str, settings: &Settings) -> Result<Vec<DynamicImage>, Fault> {
    let document = open_fixture(name, settings)?;
    (1..=document.page_count())
        .map(|number| Ok(document.page(number)?.render(1000)?.expect("the format has pixels")))
        .collect()
}
