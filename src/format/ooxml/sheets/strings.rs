//! The strings that cells share, in one piece of memory.

use super::super::gather::Gather;
use super::super::relations::{Relation, targets};
use super::binary;
use crate::finding::{Fault, FaultReason};
use crate::format::package::xml::{Node, Xml};

/// Strings that are kept: Excel has at most 17 thousand million cells, and no workbook a tenth of a thousandth of these.
const STRINGS: usize = 20_000_000;

/// Whether what stands above a name has other characters than those in which names are pronounced.
pub(super) fn is_worded(reading: &str) -> bool {
    let is_kana = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff65}'..='\u{ff9f}');
    reading.chars().any(|c| c.is_alphanumeric() && !is_kana(c))
}

/// Shared strings.
#[derive(Default)]
pub(super) struct Strings {
    all: String,
    ends: Vec<usize>,
    /// What is said of how strings are pronounced and is no pronunciation, a line each.
    readings: String,
    /// There are more of those than are kept.
    is_over: bool,
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
        if strings.is_over {
            gather.fault(Fault::limit("content_text_bytes", limit, "what stands above names in the workbook"));
        }
        strings
    }

    fn add(&mut self, xml: &mut Xml<'_>, limit: usize) -> Result<(), Fault> {
        let (mut writes, mut inside) = (false, false);
        while let Some(node) = xml.node()? {
            let mut is_reading = false;
            match node {
                Node::Start(element) => match element.name() {
                    "si" => inside = true,
                    "t" => writes = inside,
                    "rPh" => is_reading = true,
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
            if is_reading {
                let text = xml.text(limit)?;
                self.reading(&text, limit);
            }
            if self.all.len() > limit {
                return Err(Fault::limit("content_text_bytes", limit, "the strings of the workbook"));
            }
        }
        Ok(())
    }

    /// How a name is pronounced stands in kana, and its letters in the name. Anything else is shown above the name, and nowhere else.
    fn reading(&mut self, text: &str, limit: usize) {
        if !is_worded(text) {
            return;
        }
        match self.readings.len().saturating_add(text.len()) <= limit {
            true => self.readings.extend([text.trim(), "\n"]),
            false => self.is_over = true,
        }
    }

    /// Those that were read, once.
    pub(super) fn take_readings(&mut self) -> String {
        std::mem::take(&mut self.readings)
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
