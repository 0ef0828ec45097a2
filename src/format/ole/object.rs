//! Embedded objects: the file that a package holds, or the storage made a compound file again.

use std::io::{Cursor, Write as _};

use crate::finding::{Fault, FaultReason};
use crate::kind;

use super::bytes::{size, u16};
use super::compound::{Compound, ROOT};
use super::{Content, Inside};

/// Streams that say how an object is shown, and hold nothing of it.
const MANNERS: &[&str] = &[
    "\u{1}CompObj",
    "\u{1}Ole",
    "\u{3}ObjInfo",
    "\u{3}LinkInfo",
    "\u{3}PRINT",
    "\u{3}EPRINT",
    "\u{1}Ole10ItemName",
    "\u{3}OCXNAME",
    "\u{3}PIC",
    "\u{3}META",
    "\u{3}ACCESSOBJSITEDATA",
    "Equation Native",
    // Where LibreOffice shows of the object what stands in `package_stream`.
    "properties_stream",
];

/// Streams that are a whole file.
const FILES: &[&str] = &["Package", "CONTENTS", "EmbeddedOdf", "package_stream"];

/// Depth of storages in an object.
const DEPTH: usize = 16;

/// Whether a stream only says how an object is shown.
pub(super) fn is_manner(name: &str) -> bool {
    let is_view = name.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case("\u{2}OlePres"));
    is_view || MANNERS.iter().any(|manner| name.eq_ignore_ascii_case(manner))
}

/// Whether a stream may be the file that a package is around.
pub(super) fn is_packed(name: &str) -> bool {
    FILES.iter().chain(&["\u{1}Ole10Native"]).any(|stream| name.eq_ignore_ascii_case(stream))
}

/// The file that a storage is a package around.
pub(super) fn packed_in(file: &Compound, storage: usize, name: &str) -> Option<Inside> {
    let read =
        |stream: &str| file.find(storage, stream).filter(|id| !file.entry(*id).storage).map(|id| file.read(id).0);
    for stream in FILES {
        if let Some(bytes) = read(stream).filter(|bytes| kind::of_head(&bytes[..bytes.len().min(4096)]).is_some()) {
            return Some(Inside::new(name, bytes));
        }
    }
    let (own, bytes) = native(&read("\u{1}Ole10Native")?);
    Some(Inside::new(own.unwrap_or_else(|| name.to_owned()), bytes))
}

/// The document in a storage; none if it only says how something is shown that lies elsewhere.
pub(in crate::format) fn embedded(file: &Compound, storage: usize, name: &str) -> Option<Inside> {
    // What lies beside a packed file is not passed over for it: then the storage is handed out as a whole.
    let beside = |id: usize| !is_manner(&file.entry(id).name) && !is_packed(&file.entry(id).name);
    if let Some(packed) = packed_in(file, storage, name).filter(|_| !file.children(storage).any(beside)) {
        return Some(packed);
    }
    // Macros hold code and no document.
    if file.find(storage, "VBA").is_some_and(|id| file.entry(id).storage) {
        return None;
    }
    let substance = |id: usize| !is_manner(&file.entry(id).name);
    if !file.children(storage).any(substance) {
        return None;
    }
    let content = rebuilt(file, storage).map_or_else(
        || Content::Fault(Fault::whole(FaultReason::Damaged, "the storage of the object cannot be read")),
        Content::Bytes,
    );
    Some(Inside { name: name.to_owned(), content })
}

/// The name and bytes of a file packed as an object of OLE 1; of other objects, all their bytes.
pub(in crate::format) fn native(stream: &[u8]) -> (Option<String>, Vec<u8>) {
    let body = stream.get(4..).unwrap_or_default();
    package(body).unwrap_or_else(|| {
        let length = size(stream, 0).unwrap_or_default().min(body.len());
        (None, if length > 0 { body[..length].to_vec() } else { body.to_vec() })
    })
}

/// A package: flags, label, name, kind 3, the name it had when it was packed, and the bytes.
pub(in crate::format) fn package(body: &[u8]) -> Option<(Option<String>, Vec<u8>)> {
    if u16(body, 0)? != 2 {
        return None;
    }
    let mut at = 2;
    let string = |at: &mut usize| -> Option<Vec<u8>> {
        let rest = body.get(*at..)?;
        let length = rest.iter().take(4096).position(|byte| *byte == 0)?;
        *at += length + 1;
        Some(rest[..length].to_vec())
    };
    let (label, path) = (string(&mut at)?, string(&mut at)?);
    if u16(body, at + 2)? != 3 {
        return None;
    }
    at = at.checked_add(8)?.checked_add(size(body, at + 4)?)?;
    let length = size(body, at)?;
    let bytes = body.get(at.checked_add(4)?..)?;
    let bytes = bytes[..length.min(bytes.len())].to_vec();
    let shown = |name: &[u8]| crate::format::charset::decode(name, None).text;
    let name = if label.is_empty() { shown(&path) } else { shown(&label) };
    let name = name.rsplit(['\\', '/']).next().unwrap_or_default().to_owned();
    Some(((!name.is_empty()).then_some(name), bytes))
}

/// A storage as a compound file of its own; none if it cannot be read whole, or lies too deep in itself.
fn rebuilt(file: &Compound, storage: usize) -> Option<Vec<u8>> {
    let mut made = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).ok()?;
    let mut open = vec![(storage, String::new(), 0)];
    while let Some((id, path, depth)) = open.pop() {
        for child in file.children(id) {
            let entry = file.entry(child);
            let below = format!("{path}/{}", entry.name);
            if entry.storage {
                made.create_storage(&below).ok()?;
                (depth < DEPTH).then_some(())?;
                open.push((child, below, depth + 1));
            } else {
                let (bytes, whole) = file.read(child);
                whole.then_some(())?;
                made.create_stream(&below).ok()?.write_all(&bytes).ok()?;
            }
        }
    }
    made.flush().ok()?;
    Some(made.into_inner().into_inner())
}

/// Every storage in the root that `wanted` names, as a document.
pub(super) fn in_root(file: &Compound, wanted: impl Fn(&str) -> bool) -> Vec<Inside> {
    let storages = file.children(ROOT).filter(|id| file.entry(*id).storage && wanted(&file.entry(*id).name));
    (1..).zip(storages).filter_map(|(number, id)| embedded(file, id, &format!("object {number}"))).collect()
}

/// A compound file of streams, whose paths have `/` between storages.
#[cfg(test)]
pub(in crate::format) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut made = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).expect("made");
    for (path, bytes) in streams {
        if let Some((storages, _)) = path.rsplit_once('/') {
            made.create_storage_all(storages).expect("made");
        }
        made.create_stream(path).expect("made").write_all(bytes).expect("written");
    }
    made.flush().expect("written");
    made.into_inner().into_inner()
}

/// A package of OLE 1 around a file.
#[cfg(test)]
pub(in crate::format) fn packed(name: &str, bytes: &[u8]) -> Vec<u8> {
    let number = |length: usize| u32::try_from(length).expect("short").to_le_bytes();
    let name = [name.as_bytes(), b"\0"].concat();
    [b"\x02\0", name.as_slice(), &name, b"\0\0\x03\0", &number(name.len()), &name, &number(bytes.len()), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_gives_the_file_it_holds_and_other_storages_a_compound_file() {
        let package = packed("C:\\secret.txt", b"TOP SECRET");
        let native = [&[9, 0, 0, 0], package.as_slice()].concat();
        let bytes =
            compound(&[("A/\u{1}Ole10Native", native.as_slice()), ("B/WordDocument", b"word"), ("C/\u{1}Ole", b"x")]);
        let file = Compound::of(bytes).expect("opens");
        let found = in_root(&file, |_| true);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].name, "secret.txt");
        assert!(matches!(&found[0].content, Content::Bytes(bytes) if bytes == b"TOP SECRET"));
        let Content::Bytes(inner) = &found[1].content else { panic!("it can be had") };
        let inner = Compound::of(inner.clone()).expect("opens");
        assert_eq!(inner.stream("WordDocument", &mut Vec::new()).expect("there"), b"word");
    }

    #[test]
    fn an_object_with_storages_deeper_than_are_followed_is_a_fault_and_not_half_of_it() {
        let whole = |depth: usize| {
            let path = format!("object/{}Contents", "inner/".repeat(depth));
            let file = Compound::of(compound(&[(&path, b"a plan")])).expect("opens");
            let storage = file.find(ROOT, "object").expect("there");
            matches!(embedded(&file, storage, "object").expect("an object").content, Content::Bytes(_))
        };
        assert!(whole(DEPTH) && !whole(DEPTH + 1));
    }
}
