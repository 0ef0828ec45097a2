//! Compound files that are no known document: what embedded objects are made of. The file in a package is a document inside; one
//! that only says how something is shown holds nothing; anything else is not read, and a fault.

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::text::TextPages;
use crate::format::{Document, Format, Source};

use super::compound::ROOT;
use super::object::{self, is_manner};
use super::{Compound, Gathered, vba};

/// Reads compound files that no other format reads.
pub(in crate::format) struct Any;

/// Streams of controls and macros, and properties of a document, in small letters: they hold no document.
const NOTHING: &[&str] =
    &["\u{5}summaryinformation", "\u{5}documentsummaryinformation", "compobj", "project", "projectwm", "vba"];

impl Format for Any {
    fn name(&self) -> &'static str {
        "ole"
    }

    fn version(&self) -> u32 {
        3
    }

    fn sequential(&self) -> bool {
        false
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["ole"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let file = Compound::open(&source, settings)?;
        let mut faults: Vec<Fault> = file.fault().into_iter().collect();
        let members: Vec<_> = object::packed_in(&file, ROOT, "content").into_iter().collect();
        let parts = vba::parts(&file, settings.limits.content_text_bytes, &mut faults);
        // A packed file says nothing of what else there is.
        let packed = |name: &str| !members.is_empty() && object::is_packed(name);
        let nothing = |name: &str| is_manner(name) || packed(name) || NOTHING.contains(&name.to_lowercase().as_str());
        let unread: Vec<String> = file
            .children(ROOT)
            .map(|id| file.entry(id).name.clone())
            .filter(|name| !nothing(name))
            .map(|name| name.chars().filter(|c| !c.is_control()).take(40).collect())
            .collect();
        if !unread.is_empty() {
            let detail =
                format!("no reader for what is in this compound file: {}", unread[..unread.len().min(5)].join(", "));
            faults.push(Fault::whole(FaultReason::Unsupported, detail));
        }
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        Ok(Box::new(Gathered { pages, members, remarks: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::object::{compound, packed};
    use super::*;
    use crate::format::test_support::{members, open, settings, texts};

    #[test]
    fn a_packed_file_is_handed_out_and_what_nobody_reads_is_a_fault() {
        let settings = settings();
        let native = [&[9, 0, 0, 0], packed("secret.txt", b"TOP SECRET").as_slice()].concat();
        let held = compound(&[("\u{1}Ole10Native", native.as_slice()), ("\u{1}CompObj", b"x")]);
        let document = open(&held, &settings).expect("opens");
        assert_eq!(members(&*document), [("secret.txt".to_owned(), Ok(b"TOP SECRET".to_vec()))]);
        assert_eq!(document.faults(), []);
        let shown = compound(&[("\u{1}Ole", b"x".as_slice()), ("\u{3}ObjInfo", b"y")]);
        let document = open(&shown, &settings).expect("opens");
        assert!(document.faults().is_empty() && !document.has_members());
        let both = compound(&[("\u{1}Ole10Native", native.as_slice()), ("Contents of a plan", b"TOP SECRET")]);
        let document = open(&both, &settings).expect("opens");
        assert_eq!(members(&*document).len(), 1);
        assert!(document.faults()[0].detail.contains("Contents of a plan"));
        let odd = compound(&[("Contents of a plan", b"TOP SECRET".as_slice())]);
        let faults = open(&odd, &settings).expect("opens").faults();
        assert!(faults[0].detail.contains("Contents of a plan") && faults[0].reason == FaultReason::Unsupported);
    }

    #[test]
    fn the_macros_of_a_project_are_pages() {
        let settings = settings();
        let module = vba::packed(b"Attribute VB_Name = \"Module1\"\r\nMsgBox \"TOP SECRET\"\r\n");
        let project = compound(&[("VBA/Module1", module.as_slice()), ("VBA/dir", b"x"), ("PROJECT", b"y")]);
        let document = open(&project, &settings).expect("opens");
        assert_eq!(texts(&*document), [(Some("macros \"Module1\"".to_owned()), "MsgBox \"TOP SECRET\"".to_owned())]);
        assert_eq!(document.faults(), []);
    }
}
