//! Which document an Office package is: what it says of its main part. Folders are only a habit, and a part in another
//! program's folder does not change which program opens the file.

use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::format::archive::documents::{Directory, Member};
use crate::format::ofd::parts::resolve;

/// Bytes of a list of relations or of types that are read: a package of 50,000 parts has types of 10 MB. This is read before
/// any reader is asked, so it is little; what stands behind is decided by the usual names.
const LIST: u64 = 16 << 20;

/// Last words of the types of relations that name a main part: of Office, and of Visio.
const MAIN: &[&str] = &["officedocument", "document"];

/// What content types of main parts say, and the kinds of their documents. The first that fits counts.
const TYPES: &[(&str, &str)] = &[
    ("wordprocessingml", "docx"),
    ("ms-word", "docx"),
    ("ms-excel.sheet.binary", "xlsb"),
    ("spreadsheetml", "xlsx"),
    ("ms-excel", "xlsx"),
    ("presentationml", "pptx"),
    ("ms-powerpoint", "pptx"),
    ("visio", "vsdx"),
];

/// The kind of the package by the content type of the part that its relation calls the document; none if it does not say.
pub(crate) fn office_kind(directory: &Directory) -> Option<&'static str> {
    let member = |wanted: &str| directory.members().find(|member| member.name().eq_ignore_ascii_case(wanted));
    let mut main = None;
    each(&member("_rels/.rels")?, |element| {
        let kind = value(element, "Type").unwrap_or_default().to_ascii_lowercase();
        let last = kind.rsplit('/').next().unwrap_or_default();
        if element.local_name().as_ref() == "Relationship" && MAIN.contains(&last) && main.is_none() {
            main = value(element, "Target").map(|target| resolve("", &target).to_lowercase());
        }
    });
    let main = main?;
    let (mut own, mut usual) = (None, None);
    let extension = main.rsplit_once('.').map_or("", |(_, extension)| extension);
    each(&member("[Content_Types].xml")?, |element| {
        let is = |name: &str, wanted: &str| {
            value(element, name).is_some_and(|found| found.trim_start_matches('/').to_lowercase() == wanted)
        };
        match element.local_name().as_ref() {
            "Override" if own.is_none() && is("PartName", &main) => own = value(element, "ContentType"),
            "Default" if usual.is_none() && is("Extension", extension) => usual = value(element, "ContentType"),
            _ => {}
        }
    });
    kind_of_type(&own.or(usual)?)
}

/// The kind of the document whose main part is of a content type; none if that is of no Office document.
pub(in crate::format) fn kind_of_type(stated: &str) -> Option<&'static str> {
    let stated = stated.to_ascii_lowercase();
    TYPES.iter().find(|(words, _)| stated.contains(words)).map(|(_, kind)| *kind)
}

/// Every element of a list, up to where it is broken.
fn each(member: &Member<'_>, mut take: impl FnMut(&BytesStart<'_>)) {
    let read = |bytes: &mut dyn Read| {
        let mut reader = Reader::from_reader(BufReader::new(bytes.take(LIST)));
        let mut buffer = Vec::new();
        while let Ok(event) = reader.read_event_into(&mut buffer) {
            match event {
                Event::Start(element) | Event::Empty(element) => take(&element),
                Event::Eof => break,
                _ => {}
            }
            buffer.clear();
        }
    };
    member.reading(read);
}

/// The value of an attribute.
fn value(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = element.html_attributes().filter_map(Result::ok);
    all.find(|attribute| attribute.key.into_inner() == name).map(|attribute| attribute.value.into_owned())
}
