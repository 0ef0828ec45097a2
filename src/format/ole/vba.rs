//! Macros: the source of the modules of a VBA project (MS-OVBA), which says what it shows, asks and keeps to itself.
//!
//! Only the source is read. That the code which runs is another one (the compiled form beside it) is not looked for.

use crate::finding::{Fault, FaultReason};
use crate::format::codepage;
use crate::format::text::Part;

use super::Compound;
use super::bytes::u16;
use super::compound::ROOT;

/// Streams of a project that are no modules, by the begin of their names in small letters.
const NO_MODULES: &[&str] = &["dir", "_vba_project", "__srp_"];

/// Where a module keeps its source: packed, its first line begins so, behind three bytes of headers and a byte of flags.
const BEGIN: &[u8] = b"\0Attribut";

/// Bytes that a chunk unpacks to.
const CHUNK: usize = 4096;

/// Code page of a project that does not say one.
const WESTERN: u32 = 1252;

/// The modules of all projects in the root or one storage below it, a part each. One that cannot be read is a fault.
pub(super) fn parts(file: &Compound, most: usize, faults: &mut Vec<Fault>) -> Vec<Part> {
    let storages = file.children(ROOT).filter(|id| file.entry(*id).storage);
    let projects = std::iter::once(ROOT).chain(storages).filter_map(|storage| file.find(storage, "VBA"));
    let mut parts = Vec::new();
    for project in projects.filter(|id| file.entry(*id).storage) {
        let page = file.find(project, "dir").and_then(|id| code_page(&file.read(id).0)).unwrap_or(WESTERN);
        for id in file.children(project) {
            let entry = file.entry(id);
            let lower = entry.name.to_lowercase();
            if entry.storage || NO_MODULES.iter().any(|begin| lower.starts_with(begin)) {
                continue;
            }
            let (bytes, whole) = file.read(id);
            let start = memchr::memmem::find(&bytes, BEGIN).and_then(|at| at.checked_sub(3));
            let source = start.and_then(|start| unpacked(bytes.get(start..)?, most)).filter(|_| whole);
            let Some(source) = source else {
                let detail = format!("the macros in {} cannot be read", entry.name.escape_debug());
                faults.push(Fault::whole(FaultReason::Damaged, detail));
                continue;
            };
            let text = codepage::decode(&source, page);
            let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("Attribute VB_")).collect();
            parts.push(Part { label: Some(format!("macros \"{}\"", entry.name)), text: lines.join("\n") });
        }
    }
    parts
}

/// The code page that the list of a project's modules names.
fn code_page(dir: &[u8]) -> Option<u32> {
    let dir = unpacked(dir, 1 << 20)?;
    let at = memchr::memmem::find(&dir, b"\x03\0\x02\0\0\0")?;
    u16(&dir, at + 6).map(u32::from)
}

/// What a packed container holds, up to a chunk over `most`; none if it is none.
fn unpacked(container: &[u8], most: usize) -> Option<Vec<u8>> {
    let (signature, mut rest) = container.split_first()?;
    if *signature != 1 {
        return None;
    }
    let mut all = Vec::new();
    while let Some(header) = u16(rest, 0) {
        // Behind the last chunk stands whatever the file was padded with.
        if header >> 12 & 7 != 3 || all.len() > most {
            break;
        }
        let size = usize::from(header & 0xfff) + 3;
        let chunk = rest.get(2..size.min(rest.len()))?;
        if header >> 15 == 0 {
            all.extend_from_slice(chunk);
        } else {
            chunk_into(&mut all, chunk)?;
        }
        rest = rest.get(size..).unwrap_or_default();
    }
    Some(all)
}

/// Unpacks a chunk: bytes, and copies of what stands before in it.
fn chunk_into(all: &mut Vec<u8>, chunk: &[u8]) -> Option<()> {
    let start = all.len();
    let mut bytes = chunk.iter().copied();
    while let Some(flags) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { return Some(()) };
            if flags >> bit & 1 == 0 {
                all.push(first);
                continue;
            }
            let token = u16::from_le_bytes([first, bytes.next()?]);
            let here = all.len() - start;
            // As many bits are for the offset as the place needs, and four at least.
            let bits = (usize::BITS - here.checked_sub(1)?.leading_zeros()).clamp(4, 12);
            let length = usize::from(token & (0xffff >> bits)) + 3;
            let offset = usize::from(token >> (16 - bits)) + 1;
            if offset > here || here + length > CHUNK {
                return None;
            }
            for _ in 0..length {
                all.push(*all.get(all.len() - offset)?);
            }
        }
    }
    Some(())
}

/// A container of bytes that are not packed further than they must be: what tests put into documents.
#[cfg(test)]
pub(super) fn packed(source: &[u8]) -> Vec<u8> {
    let mut container = vec![1];
    for piece in source.chunks(2048) {
        let chunk: Vec<u8> = piece.chunks(8).flat_map(|eight| [&[0], eight].concat()).collect();
        let header = u16::try_from(chunk.len() - 1).expect("short") | 0xb000;
        container.extend(header.to_le_bytes());
        container.extend(chunk);
    }
    container
}

#[cfg(test)]
mod tests {
    use super::super::object::compound;
    use super::*;

    #[test]
    fn containers_are_unpacked_as_the_specification_shows() {
        // MS-OVBA 3.2.2: `#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa`.
        let container = b"\x01\x2f\xb0\x00\x23\x61\x61\x61\x62\x63\x64\x65\x82\x66\x00\x70\x61\x67\x68\x69\x6a\x01\x38\
            \x08\x61\x6b\x6c\x00\x30\x6d\x6e\x6f\x70\x06\x71\x02\x70\x04\x10\x72\x73\x74\x75\x76\x10\x77\x78\x79\x7a\x00\x3c";
        let expected = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa";
        assert_eq!(unpacked(container, 1 << 20).as_deref(), Some(expected.as_slice()));
        let source = "Attribute VB_Name = \"M\"\r\n".repeat(300);
        assert_eq!(unpacked(&packed(source.as_bytes()), 1 << 20).as_deref(), Some(source.as_bytes()));
    }

    #[test]
    fn macros_are_read_and_those_that_cannot_be_are_a_fault() {
        let module = packed(b"Attribute VB_Name = \"Module1\"\r\n' TOP SECRET plan\r\nMsgBox \"ask\"\r\n");
        let bytes = compound(&[
            ("VBA/Module1", [b"compiled", module.as_slice()].concat().as_slice()),
            ("VBA/Module2", b"nothing of the kind"),
            ("VBA/_VBA_PROJECT", b"x"),
        ]);
        let file = Compound::of(bytes).expect("opens");
        let mut faults = Vec::new();
        let parts = parts(&file, 1 << 20, &mut faults);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].text, "' TOP SECRET plan\nMsgBox \"ask\"");
        assert!(faults.len() == 1 && faults[0].detail.contains("Module2"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            bytes.splice(0..0, [1, 0x20, 0xb1]);
            unpacked(&bytes, 1 << 16);
        }
    }
}
