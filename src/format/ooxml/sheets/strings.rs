//! The strings that cells share, in one piece of memory.

use super::super::gather::Gather;
use super::super::relations::{Relation, targets};
use super::binary;
use crate::finding::{Fault, FaultReason};
use crate::format::package::xml::{Node, Xml};

/// Strings that are kept: Excel has at most 17 thousand million cells, and no workbook a tenth of a thousandth of these.
const STRINGS: usize = 20_000_000;

/// Shared strings.
#[derive(Default)]
pub(super) struct Strings {
    all: String,
    ends: Vec<usize>,
}

impl Strings {
    /// Reads the table of a workbook.
    pub(super) fn read(gather: &mut Gather<'_>, relations: &[Relation]) -> Self {
        let mut strings = Self::default();
        let limit = gather.settings.limits.content_text_bytes;
        let parts: Vec<&str> = targets(relations, &["sharedStrings"]).collect();
        for part in parts {
            match binary::is_binary(part) {
                true => binary::strings(gather, part, |text| strings.push(text, limit)),
                false => gather.xml(part, |xml| strings.add(xml, limit)),
            }
        }
        strings
    }

    fn add(&mut self, xml: &mut Xml<'_>, limit: usize) -> Result<(), Fault> {
        let (mut writes, mut inside) = (false, false);
        while let Some(node) = xml.node()? {
            let mut skip = false;
            match node {
                Node::Start(element) => match element.name() {
                    "si" => inside = true,
                    "t" => writes = inside,
                    // How a name is pronounced: its letters stand in the name.
                    "rPh" => skip = true,
                    _ => {}
                },
                Node::End(element) => match element.name() {
                    "t" => writes = false,
                    "si" => {
                        self.push("", limit)?;
                        inside = false;
                    }
                    _ => {}
                },
                Node::Text(text) if writes => self.all.push_str(&text),
                Node::Text(_) => {}
            }
            if skip {
                xml.skip()?;
            }
            if self.all.len() > limit {
                return Err(Fault::limit("content_text_bytes", limit, "the strings of the workbook"));
            }
        }
        Ok(())
    }

    /// Adds a string, or its end.
    fn push(&mut self, text: &str, limit: usize) -> Result<(), Fault> {
        if self.all.len().saturating_add(text.len()) > limit {
            return Err(Fault::limit("content_text_bytes", limit, "the strings of the workbook"));
        }
        if self.ends.len() >= STRINGS {
            let detail = format!("the workbook has more than {STRINGS} strings");
            return Err(Fault::whole(FaultReason::Limit, detail));
        }
        self.all.push_str(text);
        self.ends.push(self.all.len());
        Ok(())
    }

    /// A string by its number.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let start = index.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
        self.all.get(*start..*self.ends.get(index)?)
    }
}
