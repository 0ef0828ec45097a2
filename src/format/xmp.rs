//! XMP: what the metadata of a document, of whatever format, say about it in words.
//!
//! Kept is what a person wrote or a labelling program set: titles, descriptions, keywords, captions, rights, custom entries.
//! Left out are dates, identifiers, programs, and the properties of cameras and colours.

use std::fmt::Write as _;

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::charset;

/// Bytes of XMP that are looked at; what people write into it takes a few kilobytes.
pub(super) const BYTES: usize = 16 << 20;

/// Prefixes of vocabularies in which nobody writes anything.
const TECHNICAL: &[&str] = &[
    "aux",
    "crd",
    "crs",
    "exif",
    "exifEX",
    "illustrator",
    "pdfaExtension",
    "pdfaField",
    "pdfaid",
    "pdfaProperty",
    "pdfaSchema",
    "pdfaType",
    "pdfd",
    "pdfuaid",
    "pdfx_id",
    "pdfxid",
    "prism",
    "stDim",
    "stEvt",
    "stFnt",
    "stMfs",
    "stRef",
    "stVer",
    "tiff",
    "x",
    "xap",
    "xapG",
    "xapMM",
    "xapTPg",
    "xml",
    "xmlns",
    "xmp",
    "xmpDM",
    "xmpG",
    "xmpMM",
    "xmpTPg",
];

/// Elements and attributes without words among those of other vocabularies.
const WORDLESS: &[&str] = &[
    "dc:format",
    "dc:date",
    "dc:language",
    "dc:type",
    "dc:identifier",
    "dc:source",
    "pdf:Producer",
    "pdf:Trapped",
    "pdf:PDFVersion",
    "photoshop:ColorMode",
    "photoshop:ICCProfile",
    "photoshop:DateCreated",
    "photoshop:DocumentAncestors",
    "photoshop:LegacyIPTCDigest",
    "photoshop:SidecarForExtension",
    "xmpRights:Marked",
    "rdf:about",
    "rdf:parseType",
    "rdf:resource",
    "rdf:ID",
    "rdf:nodeID",
    "rdf:datatype",
];

/// The entries of some XMP, in their order: name and value. None if it declares entities, or is longer or deeper than anybody's
/// metadata are.
pub(super) fn entries(xmp: &[u8]) -> Option<Vec<(String, String)>> {
    if xmp.len() > BYTES {
        return None;
    }
    let text = charset::decode(xmp, None).text;
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    let mut reading = Reading::default();
    loop {
        match reader.read_event() {
            Ok(Event::DocType(_)) => return None,
            Ok(Event::Start(element)) => {
                reading.attributes(&element);
                reading.begin(element.name().as_ref());
                if reading.open.len() > DEPTH {
                    return None;
                }
            }
            Ok(Event::Empty(element)) => reading.attributes(&element),
            Ok(Event::End(_)) => reading.end(),
            Ok(Event::Text(text)) => reading.text.push_str(&text),
            Ok(Event::CData(text)) => reading.text.push_str(&text),
            Ok(Event::GeneralRef(name)) => {
                let _ = write!(reading.text, "&{};", &*name);
            }
            // What stands before damage is kept: it is the document's metadata and not its text.
            Ok(Event::Eof) | Err(_) => return Some(reading.entries),
            Ok(_) => {}
        }
    }
}

#[derive(Default)]
struct Reading {
    /// Names of the open elements that say something; the others are empty.
    open: Vec<String>,
    text: String,
    entries: Vec<(String, String)>,
}

/// Elements inside one another; XMP has about ten.
const DEPTH: usize = 200;

impl Reading {
    fn begin(&mut self, name: &str) {
        self.say();
        self.open.push(name.to_owned());
    }

    fn end(&mut self) {
        self.say();
        self.open.pop();
    }

    /// Keeps the text that was read, under the name of what is open.
    fn say(&mut self) {
        let text = std::mem::take(&mut self.text);
        // The item of a list belongs to the element around the list.
        let name = self.open.iter().rev().find(|name| !name.starts_with("rdf:")).cloned();
        let technical = self.open.iter().any(|name| !is_wordy(name) && !name.starts_with("rdf:") && !is_frame(name));
        if let Some(name) = name.filter(|name| !technical && !is_frame(name)) {
            self.keep(&name, &text);
        }
    }

    fn attributes(&mut self, element: &BytesStart<'_>) {
        if self.open.iter().any(|name| !is_wordy(name) && !name.starts_with("rdf:") && !is_frame(name)) {
            return;
        }
        for attribute in element.attributes().flatten() {
            let name = attribute.key.as_ref();
            if is_wordy(name) && !name.starts_with("rdf:") && name.contains(':') {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                self.keep(name, &value.unwrap_or_default());
            }
        }
    }

    fn keep(&mut self, name: &str, text: &str) {
        let text = unescape(text).unwrap_or_else(|_| text.into());
        let text = text.trim();
        // What is no letter says nothing: numbers, true and false aside.
        if text.chars().any(char::is_alphabetic) && !matches!(text, "True" | "False" | "true" | "false") {
            self.entries.push((name.to_owned(), text.to_owned()));
        }
    }
}

/// Elements around everything.
fn is_frame(name: &str) -> bool {
    matches!(name, "x:xmpmeta" | "x:xapmeta" | "xapmeta" | "xmpmeta")
}

/// Whether an entry of this name may hold words.
fn is_wordy(name: &str) -> bool {
    let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
    !TECHNICAL.contains(&prefix) && !WORDLESS.iter().any(|wordless| wordless.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: &str = "<?xpacket begin='\u{feff}' id='W5M0'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>\
        <rdf:Description rdf:about='' xmlns:dc='d' xmp:CreatorTool='Word' photoshop:Headline='The headline' pdfx:MSIP_Label_a_Name='Secret'>\
        <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>绝密 &amp; plan</rdf:li></rdf:Alt></dc:title>\
        <dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject><xmp:CreateDate>2020</xmp:CreateDate>\
        <xmpMM:History><rdf:Seq><rdf:li stEvt:action='saved' x='y'>changed</rdf:li></rdf:Seq></xmpMM:History>\
        <custom:Level>机密</custom:Level></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>";

    #[test]
    fn what_people_wrote_is_kept_and_what_programs_wrote_is_not() {
        let expected = [
            ("photoshop:Headline", "The headline"),
            ("pdfx:MSIP_Label_a_Name", "Secret"),
            ("dc:title", "绝密 & plan"),
            ("dc:subject", "one"),
            ("dc:subject", "two"),
            ("custom:Level", "机密"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(entries(PACKET.as_bytes()), Some(expected.to_vec()));
        let wide: Vec<u8> = PACKET.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(entries(&wide), Some(expected.to_vec()));
    }

    #[test]
    fn entities_are_refused() {
        assert_eq!(entries(b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x:xmpmeta><dc:title>&a;</dc:title></x:xmpmeta>"), None);
    }

    #[test]
    fn what_is_longer_or_deeper_than_metadata_is_refused_and_text_beside_elements_is_kept() {
        let deep = |depth: usize| format!("{}words{}", "<dc:a>".repeat(depth), "</dc:a>".repeat(depth));
        assert_eq!(entries(deep(DEPTH).as_bytes()).map(|entries| entries.len()), Some(1));
        assert_eq!(entries(deep(DEPTH + 1).as_bytes()), None);
        assert_eq!(entries(&vec![b' '; BYTES + 1]), None);
        let mixed = entries(b"<dc:title>before<dc:x>inside</dc:x>after</dc:title>").expect("read");
        assert_eq!(mixed.into_iter().map(|entry| entry.1).collect::<Vec<_>>(), ["before", "inside", "after"]);
    }

    #[test]
    fn damaged_packets_keep_what_stands_before_the_damage() {
        let cut = &PACKET[..PACKET.find("two").expect("there")];
        assert_eq!(entries(cut.as_bytes()).map(|entries| entries.len()), Some(4));
    }

    proptest::proptest! {
        #[test]
        fn no_xmp_makes_it_panic(text in "(<[a-z:/!?]{0,4}|>|&[a-z#0-9]{0,4};?|[a-z\"'= ]{0,4}){0,40}") {
            entries(text.as_bytes());
        }
    }
}
