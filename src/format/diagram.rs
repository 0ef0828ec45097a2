//! Diagrams of draw.io: their labels, which their files, and the pictures and pages made of them, hold packed.
//!
//! A page of such a diagram is XML, percent-encoded, deflated and then base64; or it is XML as it stands. Its labels are attributes, and
//! hold HTML.

use std::borrow::Cow;
use std::io::Read as _;

use base64::Engine as _;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::html;
use super::packed::LENIENT;

/// Bytes that the pages of one diagram may unpack to.
const UNPACKED: usize = 64 << 20;

/// Attributes that hold what is shown.
const SHOWN: [&str; 4] = ["value", "label", "tooltip", "name"];

/// What a diagram says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Diagram {
    /// Its labels, a line each.
    pub(super) text: String,
    /// Pages that could not be unpacked.
    pub(super) lost: usize,
}

/// Whether a text may hold a diagram.
pub(super) fn may_be(text: &str) -> bool {
    let has = |name: &str| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some();
    has("mxfile") || has("mxGraphModel")
}

/// The labels of the diagrams in a text.
pub(super) fn read(text: &str) -> Diagram {
    let mut diagram = Diagram::default();
    if !may_be(text) {
        return diagram;
    }
    let text = if text.contains("%3Cmx") { Cow::Owned(unescaped(text)) } else { Cow::Borrowed(text) };
    // Strings in JSON.
    let text = if text.contains("\\\"") || text.contains("\\u00") {
        Cow::Owned(plain_signs(&text).replace("\\\"", "\"").replace("\\/", "/").replace("\\n", "\n"))
    } else {
        text
    };
    let mut room = UNPACKED;
    let mut rest = &*text;
    if !rest.contains("<diagram") {
        diagram.labels(rest);
        return diagram;
    }
    while let Some((_, page)) = rest.split_once("<diagram") {
        let (page, behind) = page.split_once("</diagram>").unwrap_or((page, ""));
        rest = behind;
        let Some((head, body)) = page.split_once('>') else { continue };
        diagram.labels(&format!("<diagram {head}/>"));
        match body.trim() {
            "" => {}
            body if body.starts_with('<') => diagram.labels(body),
            packed => match unpacked(packed, room) {
                Some(page) if !page.contains("<mxGraphModel") => diagram.lost += 1,
                Some(page) => {
                    room = room.saturating_sub(page.len());
                    diagram.labels(&page);
                }
                None => diagram.lost += 1,
            },
        }
    }
    diagram
}

/// A page as XML; none if it is damaged, or larger than there is room.
fn unpacked(packed: &str, room: usize) -> Option<String> {
    let packed: String = packed.split_whitespace().collect();
    let bytes = LENIENT.decode(packed).ok()?;
    let mut page = Vec::new();
    let most = u64::try_from(room).ok()?;
    let mut unpack = flate2::read::DeflateDecoder::new(bytes.as_slice()).take(most + 1);
    unpack.read_to_end(&mut page).ok()?;
    let page = Some(page).filter(|page| page.len() <= room)?;
    Some(unescaped(&String::from_utf8_lossy(&page)))
}

/// Signs of XML as programs write them in JSON that is to stand in a page: `\u003cdiagram\u003e`.
fn plain_signs(text: &str) -> String {
    let signs = [("3c", "<"), ("3C", "<"), ("3e", ">"), ("3E", ">"), ("22", "\""), ("26", "&"), ("27", "'")];
    signs.iter().fold(text.to_owned(), |text, (code, sign)| text.replace(&format!("\\u00{code}"), sign))
}

fn unescaped(text: &str) -> String {
    String::from_utf8_lossy(&html::percent_decoded(text)).into_owned()
}

impl Diagram {
    /// Takes the labels of a page.
    fn labels(&mut self, page: &str) {
        let mut reader = Reader::from_str(page);
        reader.config_mut().check_end_names = false;
        loop {
            let element = match reader.read_event() {
                Ok(Event::Start(element) | Event::Empty(element)) => element,
                // What is no XML is read as text in any case.
                Ok(Event::Eof) | Err(_) => break,
                Ok(_) => continue,
            };
            let shown = element.html_attributes().filter_map(Result::ok);
            for attribute in shown.filter(|attribute| SHOWN.contains(&attribute.key.local_name().into_inner())) {
                let value = html::piece(&attribute.value, false).text;
                // A label is HTML inside of XML.
                let text = html::piece(&value, false).text;
                self.text
                    .extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]));
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;

    use super::*;

    /// A diagram with these labels, packed as the program packs it.
    pub(in crate::format) fn packed(labels: &[&str]) -> String {
        let cells: String = labels.iter().flat_map(|label| ["<mxCell id=\"a\" value=\"", *label, "\"/>"]).collect();
        let page = format!("<mxGraphModel><root>{cells}</root></mxGraphModel>");
        let page =
            page.replace('%', "%25").replace('<', "%3C").replace('>', "%3E").replace('"', "%22").replace('&', "%26");
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(page.as_bytes()).expect("packs");
        let page = base64::prelude::BASE64_STANDARD.encode(packer.finish().expect("packs"));
        format!("<mxfile host=\"app\"><diagram id=\"x\" name=\"Page-1\">{page}</diagram></mxfile>")
    }

    #[test]
    fn labels_of_a_packed_diagram_are_read() {
        let file = packed(&["TOP SECRET", "&lt;b&gt;绝密&lt;/b&gt;&lt;br&gt;second &amp;amp; third"]);
        assert_eq!(read(&file), Diagram { text: "Page-1\nTOP SECRET\n绝密\nsecond & third\n".to_owned(), lost: 0 });
        let encoded: String = file.replace('<', "%3C").replace('>', "%3E").replace('"', "%22").replace('+', "%2B");
        assert_eq!(read(&encoded).text.lines().nth(1), Some("TOP SECRET"));
        let in_json = format!("{{\"xml\":\"{}\"}}", file.replace('"', "\\\"").replace('/', "\\/"));
        assert_eq!(read(&in_json).text.lines().nth(1), Some("TOP SECRET"));
        let in_page = in_json.replace('<', "\\u003c").replace('>', "\\u003E").replace("\\\"", "\\u0022");
        assert_eq!(read(&in_page).text.lines().nth(1), Some("TOP SECRET"), "{in_page}");
    }

    #[test]
    fn labels_of_a_plain_diagram_are_read_and_what_does_not_unpack_is_lost() {
        let plain = "<mxfile><diagram><mxGraphModel><mxCell value=\"SECRET\"/></mxGraphModel></diagram></mxfile>";
        assert_eq!(read(plain), Diagram { text: "SECRET\n".to_owned(), lost: 0 });
        assert_eq!(read("<mxGraphModel><mxCell value=\"SECRET\"/></mxGraphModel>").text, "SECRET\n");
        assert_eq!(read("<mxfile><diagram>no base64!</diagram></mxfile>").lost, 1);
        assert_eq!(read("a text"), Diagram::default());
    }
}
