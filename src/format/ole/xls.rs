//! Excel 5 to 2003 and WPS Spreadsheets: a page for each sheet, hidden ones too.
//!
//! Headers come first, then rows with tabs between cells, texts of charts and boxes, comments, and footers last. Numbers
//! are written whole, dates as dates.

mod biff;
mod cells;
mod formula;
mod key;
mod sheet;
mod strings;
mod workbook;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::text::{Part, TextPages};
use crate::format::{Document, Format, Source};

use super::compound::{Compound, ROOT};
use super::{Gathered, drawing, object, properties, secured, vba};

/// Reads Excel workbooks.
pub(in crate::format) struct Xls;

impl Format for Xls {
    fn name(&self) -> &'static str {
        "xls"
    }

    fn version(&self) -> u32 {
        8
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["xls"]
    }

    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        secured::prepare(settings)
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let file = Compound::open(&source, settings)?;
        let mut faults: Vec<Fault> = file.fault().into_iter().chain(secured::rights(&file)).collect();
        let stream = file.stream("Workbook", &mut faults).or_else(|| file.stream("Book", &mut faults));
        let mut stream = stream.ok_or_else(|| Fault::whole(FaultReason::Damaged, "the workbook has no stream"))?;
        let remark = key::unlock(&mut stream)?;
        let read = workbook::read(&stream, settings, &mut faults);
        let mut parts = read.parts;
        parts.push(Part { label: Some("pivot cache".to_owned()), text: pivot_cache(&file, settings, &mut faults) });
        parts.extend(vba::parts(&file, settings.limits.content_text_bytes, &mut faults));
        parts.push(properties::part_of(&file, &mut faults));
        let mut members: Vec<_> = drawing::named(read.pictures).collect();
        let is_object = |name: &str| name.get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case("MBD"));
        members.extend(object::in_root(&file, is_object));
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        Ok(Box::new(Gathered { pages, members, remarks: remark.into_iter().collect() }))
    }
}

/// Texts of the data that pivot tables keep: their source may be gone.
fn pivot_cache(file: &Compound, settings: &Settings, faults: &mut Vec<Fault>) -> String {
    let (mut text, mut zeroed) = (String::new(), false);
    let Some(storage) = file.find(ROOT, "_SX_DB_CUR") else { return text };
    for id in file.children(storage) {
        for record in biff::records(&file.read(id).0) {
            zeroed |= record.is_zeroed();
            if record.id == biff::PIVOT_STRING && text.len() < settings.limits.content_text_bytes {
                let mut reader = strings::Reader::new(vec![record.body]);
                text += &reader.long_string().unwrap_or_default();
                text.push('\n');
                zeroed |= reader.zeros > 0;
            }
        }
    }
    faults.extend(zeroed.then(|| Fault::whole(FaultReason::Damaged, "a part of the data of pivot tables is zeros")));
    text
}

#[cfg(test)]
mod tests;
