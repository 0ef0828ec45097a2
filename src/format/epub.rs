//! EPUB: books that are a ZIP of XHTML.
//!
//! Each document of the book is a part of its own, those of the spine first and in its order, then the rest of the manifest.
//! Of old tables of contents and style sheets the texts are parts. Pictures are handed out, and every other part but scripts and fonts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::config::{Limits, Settings};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::mail::labels;
use super::ofd::parts::{key, resolve};
use super::package::xml::Node;
use super::package::{Package, Packaged};
use super::text::{Part, TextPages, damage};
use super::{Document, Format, Source, html, xml};

/// Extensions of parts that hold nothing that a person wrote or drew for readers.
const FURNITURE: &[&str] = &["css", "js", "ncx", "opf", "ttf", "otf", "woff", "woff2", "xpgt", "smil", "pls"];
/// Ways to hide fonts that hide nothing else.
const FONT_KEYS: &[&str] = &["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];
/// Documents of a manifest that are read.
const DOCUMENTS: usize = 50_000;

/// Reads EPUB.
pub(super) struct Epub;

impl Format for Epub {
    fn name(&self) -> &'static str {
        "epub"
    }

    fn version(&self) -> u32 {
        7
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["epub"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let package = Package::open(&source, &settings.limits)?;
        let mut book = Book::new(&package, &settings.limits);
        book.encryption()?;
        book.read();
        let Book { parts, faults, used, .. } = book;
        let members = package.names().filter(|name| {
            let name = key(name);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            let is_furniture = name == "mimetype" || name.starts_with("meta-inf/") || FURNITURE.contains(&extension);
            // What macOS leaves in every archive.
            let is_litter = name.starts_with("__macosx/") || name.ends_with(".ds_store");
            let is_shown = || FURNITURE.contains(&extension) && package.is_shown(&name);
            !used.contains(&name) && !is_litter && (!is_furniture || is_shown())
        });
        let members = members.map(str::to_owned).collect();
        Ok(Box::new(Packaged {
            pages: TextPages::of_parts(parts, faults, settings).unpacked(),
            package,
            members,
            drawn: Vec::new(),
        }))
    }
}

struct Book<'a> {
    package: &'a Package,
    limits: &'a Limits,
    parts: Vec<Part>,
    properties: String,
    faults: Vec<Fault>,
    used: BTreeSet<String>,
    /// Bytes of text so far.
    length: usize,
}

/// What the package document lists.
#[derive(Default)]
struct Manifest {
    /// Parts and their media types, by id.
    items: BTreeMap<String, (String, String)>,
    spine: Vec<String>,
}

impl<'a> Book<'a> {
    fn new(package: &'a Package, limits: &'a Limits) -> Self {
        let (parts, faults, used) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { package, limits, parts, properties: String::new(), faults, used, length: 0 }
    }

    /// Books of shops are locked; keys of fonts lock nothing that is read.
    fn encryption(&mut self) -> Result<(), Fault> {
        let mut locked = 0_usize;
        let read = self.package.xml("META-INF/encryption.xml", |xml| {
            let mut depth = 0_usize;
            while let Some(node) = xml.node()? {
                let Node::Start(element) = node else { continue };
                match element.name() {
                    "EncryptedKey" => depth = 1,
                    "EncryptedData" => depth = 0,
                    "EncryptionMethod" if depth == 0 => {
                        let method = element.attribute("Algorithm").unwrap_or_default();
                        locked = locked.saturating_add(usize::from(!FONT_KEYS.contains(&method.as_str())));
                    }
                    _ => {}
                }
            }
            Ok(())
        });
        self.faults.extend(read.and_then(Result::err));
        if locked > 0 {
            return Err(Fault::whole(FaultReason::Encrypted, format!("{locked} parts of the book are encrypted")));
        }
        Ok(())
    }

    fn read(&mut self) {
        for part in self.roots() {
            let manifest = self.manifest(&part);
            self.used.insert(key(&part));
            let mut order: Vec<&(String, String)> = Vec::new();
            order.extend(manifest.spine.iter().filter_map(|id| manifest.items.get(id)));
            order.extend(manifest.items.values());
            if order.len() > DOCUMENTS {
                let detail =
                    format!("the book lists more than {DOCUMENTS} documents, and the rest is read out of order");
                self.faults.push(Fault::whole(FaultReason::Limit, detail));
            }
            for (place, media) in order.into_iter().take(DOCUMENTS) {
                let is_text =
                    media.contains("html") || media.ends_with("oeb1-document") || media.ends_with("dtbook+xml");
                if is_text && self.used.insert(key(place)) {
                    self.chapter(place);
                }
            }
        }
        let is_html =
            |name: &&str| key(name).rsplit_once('.').is_some_and(|(_, e)| ["xhtml", "html", "htm"].contains(&e));
        // What no manifest names is there nevertheless.
        let rest: Vec<String> = self.package.names().filter(is_html).map(str::to_owned).collect();
        for place in rest {
            if self.used.insert(key(&place)) {
                self.chapter(&place);
            }
        }
        if self.parts.is_empty() && self.faults.is_empty() {
            self.faults.push(Fault::whole(FaultReason::Damaged, "the book has no documents"));
        }
        self.beside();
        let properties = std::mem::take(&mut self.properties);
        self.parts.push(Part { label: Some("properties".to_owned()), text: properties });
    }

    /// Titles in old tables of contents, and texts that style sheets put on the pages.
    fn beside(&mut self) {
        let names: Vec<String> = self.package.names().map(str::to_owned).collect();
        for name in names {
            // What macOS leaves beside each file is none of the book.
            let place = key(&name);
            if place.starts_with("__macosx/") || place.rsplit('/').next().is_some_and(|base| base.starts_with("._")) {
                continue;
            }
            let is_table = match place.rsplit_once('.').map(|(_, extension)| extension) {
                Some("ncx") => true,
                Some("css") => false,
                _ => continue,
            };
            let bytes = match self.package.part(&name) {
                Ok(bytes) => bytes.unwrap_or_default(),
                Err(fault) => {
                    self.faults.push(fault);
                    continue;
                }
            };
            let decoded = labels::decode_declared(bytes);
            self.faults.extend(damage(&decoded));
            let text = match is_table {
                true => xml::text(&decoded.text).0,
                false => html::texts_of_style(&decoded.text, &mut BTreeSet::new()).join("\n"),
            };
            let room = self.limits.content_text_bytes.saturating_sub(self.length);
            if text.len() <= room {
                self.length += text.len();
                self.parts.push(Part { label: Some(format!("part \"{name}\"")), text });
            } else {
                let limit = self.limits.content_text_bytes;
                self.faults.push(Fault::limit("content_text_bytes", limit, "the text of the book"));
            }
        }
    }

    /// The package documents, most times one.
    fn roots(&mut self) -> Vec<String> {
        let mut roots = Vec::new();
        let read = self.package.xml("META-INF/container.xml", |xml| {
            while let Some(node) = xml.node()? {
                if let Node::Start(element) = node
                    && element.name() == "rootfile"
                    && roots.len() < DOCUMENTS
                {
                    roots.extend(element.attribute("full-path").map(|path| resolve("", &path)));
                }
            }
            Ok(())
        });
        self.faults.extend(read.and_then(Result::err));
        if roots.is_empty() {
            let is_one = |name: &&str| key(name).rsplit_once('.').is_some_and(|(_, extension)| extension == "opf");
            roots.extend(self.package.names().find(is_one).map(str::to_owned));
        }
        roots
    }

    fn manifest(&mut self, part: &str) -> Manifest {
        let mut manifest = Manifest::default();
        let mut in_metadata = false;
        let mut properties = String::new();
        let read = self.package.xml(part, |xml| {
            loop {
                let (name, property) = match xml.node()? {
                    Some(Node::Start(element)) => {
                        let get = |name: &str| element.attribute(name).unwrap_or_default();
                        match element.name() {
                            "metadata" => in_metadata = true,
                            "manifest" => in_metadata = false,
                            "item" => {
                                let place = resolve(part, &unescaped(&get("href")));
                                manifest.items.insert(get("id"), (place, get("media-type")));
                            }
                            "itemref" => manifest.spine.push(get("idref")),
                            _ => {}
                        }
                        if !get("content").is_empty() && in_metadata {
                            let _ = writeln!(properties, "{}: {}", get("name"), get("content"));
                        }
                        (element.name().to_owned(), get("property"))
                    }
                    Some(_) => continue,
                    None => return xml.uncut(),
                };
                if in_metadata && !["metadata", "dc-metadata", "x-metadata"].contains(&name.as_str()) {
                    let text = xml.text(self.limits.content_text_bytes)?;
                    let name = if property.is_empty() { name } else { property };
                    if !text.trim().is_empty() && properties.len() <= self.limits.content_text_bytes {
                        let _ = writeln!(properties, "{name}: {}", text.trim());
                    }
                }
            }
        });
        let missing = || Err(Fault::whole(FaultReason::Damaged, "the list of the book's documents is missing"));
        self.faults.extend(read.unwrap_or_else(missing).err());
        self.properties.push_str(&properties);
        manifest
    }

    fn chapter(&mut self, place: &str) {
        if self.length > self.limits.content_text_bytes {
            return;
        }
        let bytes = match self.package.part(place) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                return self.faults.push(Fault::whole(FaultReason::Damaged, "a document of the book is missing"));
            }
            Err(fault) => return self.faults.push(fault),
        };
        let decoded = labels::decode_declared(bytes);
        self.faults.extend(damage(&decoded));
        let html::Piece { text, aside, files: embedded, drawings } = html::piece(&decoded.text, true);
        self.faults.extend(html::unrendered(drawings));
        if embedded > 0 {
            let detail = format!("{embedded} pictures packed into a document of the book are not read");
            self.faults.push(Fault::whole(FaultReason::Attachment, detail));
        }
        self.length = self.length.saturating_add(text.len()).saturating_add(aside.len());
        self.parts.push(Part { label: Some(format!("document \"{place}\"")), text });
        self.parts.push(Part { label: Some(format!("document \"{place}\", comments")), text: aside });
    }
}

/// An address with its escapes (`%20`) resolved, without the place in the document.
pub(super) fn unescaped(address: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let Some((first, next)) = rest.split_first() {
        let hex = next.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = next.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = next;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::package::tests::package;
    use crate::format::test_support::{members, open, settings, texts};

    const CONTAINER: &[u8] = b"<container><rootfiles><rootfile full-path=\"OPS/a.opf\"/></rootfiles></container>";
    const MANIFEST: &str = "<package><metadata><dc:title>\u{6807}\u{9898}</dc:title><meta property=\"belongs-to\">\u{5bc6}\u{7ea7}</meta>\
        <meta name=\"n\" content=\"c\"/></metadata><manifest><item id=\"2\" href=\"two.xhtml\" media-type=\"application/xhtml+xml\"/>\
        <item id=\"1\" href=\"a%20b.xhtml\" media-type=\"application/xhtml+xml\"/><item id=\"n\" href=\"nav.xhtml\" \
        media-type=\"application/xhtml+xml\"/></manifest><spine><itemref idref=\"1\"/><itemref idref=\"2\" linear=\"no\"/></spine></package>";

    fn book(more: &[(&str, &[u8])]) -> Vec<u8> {
        let mut parts: Vec<(&str, &[u8])> = vec![
            ("META-INF/container.xml", CONTAINER),
            ("OPS/a.opf", MANIFEST.as_bytes()),
            ("OPS/two.xhtml", b"<html><head><title/></head><body><p>two</p></body></html>"),
            ("OPS/a b.xhtml", b"<html><body><p>one</p><img alt='seen' src='i.png'/></body></html>"),
            ("OPS/nav.xhtml", b"<html><body>contents</body></html>"),
            ("OPS/extra.html", b"<p>not in the manifest"),
            ("OPS/i.png", b"picture"),
            ("OPS/s.css", b"p{}"),
        ];
        parts.extend_from_slice(more);
        package(&parts)
    }

    #[test]
    fn chapters_are_read_in_order_and_the_rest_after_them() {
        let settings = settings();
        let bytes = book(&[("META-INF/encryption.xml", b"<e><EncryptedData><EncryptionMethod Algorithm=\"http://www.idpf.org/2008/embedding\"/></EncryptedData></e>")]);
        let document = open(&bytes, &settings).expect("opens");
        assert_eq!(document.faults(), []);
        let read = texts(document.as_ref());
        let texts: Vec<String> = read.iter().map(|(_, text)| text.trim().to_owned()).collect();
        let properties = "title: 标题\nbelongs-to: 密级\nn: c";
        assert_eq!(texts, ["one\nseen", "two", "contents", "not in the manifest", properties]);
        assert_eq!(read[0].0.as_deref(), Some("document \"OPS/a b.xhtml\""));
        let names: Vec<String> = members(document.as_ref()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["OPS/i.png"]);
    }

    #[test]
    fn titles_of_old_tables_and_texts_of_styles_are_read() {
        let settings = settings();
        let table = b"<ncx><navMap><navPoint><navLabel><text>TOP SECRET</text></navLabel></navPoint></navMap></ncx>";
        let bytes = book(&[
            ("t.ncx", table.as_slice()),
            ("s.css", b"p{color:red} p::before{content:'NOFORN'}"),
            ("__MACOSX/._s.css", b"\0\x05\x16\x07\0\0\xff"),
        ]);
        let document = open(&bytes, &settings).expect("opens");
        let texts = texts(document.as_ref());
        for (label, text) in [("part \"t.ncx\"", "TOP SECRET\n"), ("part \"s.css\"", "NOFORN")] {
            assert!(texts.contains(&(Some(label.to_owned()), text.to_owned())), "{texts:?}");
        }
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn a_locked_book_is_encrypted() {
        let bytes = book(&[("META-INF/encryption.xml", b"<e><EncryptedData><EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/></EncryptedData></e>")]);
        assert_eq!(open(&bytes, &settings()).err().expect("locked").reason, FaultReason::Encrypted);
    }
}
