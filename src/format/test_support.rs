//! What tests of formats and of the gate share: fixtures, opened the way a reader opens them.

use std::io::{Read, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;

use image::DynamicImage;

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::kind;

use super::{Document, Members, Source, for_kind};

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

/// The documents inside a document, by name: their bytes, or why they cannot be had.
#[derive(Debug, Default)]
pub(crate) struct Collected(pub(crate) Vec<(String, Result<Vec<u8>, Fault>)>);

impl Members for Collected {
    fn member(&mut self, name: &str, bytes: &mut dyn Read) -> ControlFlow<()> {
        let mut all = Vec::new();
        let read = bytes.read_to_end(&mut all).map(|_| all);
        let damaged = |error| Fault::whole(FaultReason::Damaged, format!("{error}"));
        self.0.push((name.to_owned(), read.map_err(damaged)));
        ControlFlow::Continue(())
    }

    fn unreadable(&mut self, name: &str, fault: Fault) -> ControlFlow<()> {
        self.0.push((name.to_owned(), Err(fault)));
        ControlFlow::Continue(())
    }
}

/// Everything inside a document, one level down.
pub(crate) fn members(document: &dyn Document) -> Vec<(String, Result<Vec<u8>, Fault>)> {
    let mut collected = Collected::default();
    document.members(&mut collected).expect("all can be found");
    collected.0
}

/// The pages of a document: their labels and texts.
pub(crate) fn texts(document: &dyn Document) -> Vec<(Option<String>, String)> {
    let text = |number| {
        let mut page = document.page(number).expect("it is there");
        (page.label(), page.layer().expect("it has text").text.content)
    };
    (1..=document.page_count()).map(text).collect()
}

/// The pictures of all pages of a fixture.
pub(crate) fn pictures(name: &str, settings: &Settings) -> Result<Vec<DynamicImage>, Fault> {
    let document = open_fixture(name, settings)?;
    (1..=document.page_count())
        .map(|number| Ok(document.page(number)?.render(1000)?.expect("the format has pixels")))
        .collect()
}

/// A PDF of hand-written objects: the first is the catalog, and each has its place in the list, from 1, as its number.
pub(crate) fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = vec![format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1)];
    for (number, object) in (1..).zip(objects) {
        table.push(format!("{:010} 00000 n \n", bytes.len()));
        bytes.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
    }
    let end = bytes.len();
    let trailer =
        format!("{}trailer << /Size {} /Root 1 0 R >>\nstartxref\n{end}\n%%EOF\n", table.concat(), objects.len() + 1);
    bytes.extend(trailer.into_bytes());
    bytes
}

/// A PDF of one page of A4: a line in Helvetica, and a line in a font of glyph numbers that is embedded, with a map from
/// them to characters (Han, and mathematical letters beyond 16 bits) or without one.
pub(crate) fn glyph_numbers(mapped: bool) -> Vec<u8> {
    let stream = |entries: &str, data: &[u8]| {
        [format!("<< {entries} /Length {} >>\nstream\n", data.len()).as_bytes(), data, b"\nendstream"].concat()
    };
    let source = fixture("gate/chinese.pdf");
    let find = |what: &[u8], from: usize| {
        source[from..].windows(what.len()).position(|part| part == what).expect("the fixture has a font") + from
    };
    let start = find(b"stream", find(b"/Length1 ", 0)) + b"stream".len();
    let start = start + source[start..].iter().take_while(|byte| byte.is_ascii_whitespace()).take(2).count().min(2);
    let font = &source[start..find(b"endstream", start)];
    let content = "BT /F1 14 Tf 72 760 Td (An ordinary line of text that everybody can read) Tj ET \
        BT /F2 20 Tf 72 500 Td <000200030004000500060007000800090042004300440045004600470048> Tj ET";
    let map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <FFFF> \
        endcodespacerange 2 beginbfrange <0001> <0041> <4E07> <0042> <00FF> <D835DC42> endbfrange endcmap end end";
    let to_unicode = if mapped { "/ToUnicode 9 0 R" } else { "" };
    pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font \
          /Subtype /Type1 /BaseFont /Helvetica >> /F2 5 0 R >> >> >>"
            .to_vec(),
        stream("", content.as_bytes()),
        format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Made /Encoding /Identity-H /DescendantFonts [6 0 R] \
             {to_unicode} >>"
        )
        .into_bytes(),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Made /CIDSystemInfo << /Registry (Adobe) /Ordering \
          (Identity) /Supplement 0 >> /FontDescriptor 7 0 R /CIDToGIDMap /Identity /DW 1000 >>"
            .to_vec(),
        b"<< /Type /FontDescriptor /FontName /ABCDEF+Made /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900 \
          /Descent -200 /CapHeight 700 /StemV 80 /FontFile2 8 0 R >>"
            .to_vec(),
        stream("/Filter /FlateDecode /Length1 16484", font),
        stream("", map.as_bytes()),
    ])
}

/// An item of DER (X.690): its tag, its length, its bytes.
pub(crate) fn der(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("short").to_be_bytes();
    let length = if bytes.len() < 0x80 { vec![length[1]] } else { vec![0x82, length[0], length[1]] };
    [&[tag], length.as_slice(), bytes].concat()
}
