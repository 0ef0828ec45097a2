//! Seals and signatures of OFD: ASN.1 that holds the picture of the seal and its name (GB/T 38540, GM/T 0031).
//!
//! Nothing is verified. The picture is found by its place in the structure, and where the structure is another, by how
//! pictures begin.

/// Structures inside structures that are followed.
const NESTING: usize = 16;
/// Values that are looked at.
const VALUES: usize = 10_000;
/// How pictures, and the OFD that a seal may be, begin.
const PICTURES: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"PK\x03\x04", "ofd"),
    (b"BM", "bmp"),
    (b"\x97JB2\r\n\x1a\n", "jb2"),
    (b"<?xml", "svg"),
];

/// What a seal shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seal {
    /// What it is called: the writing on it, most times.
    pub(super) names: Vec<String>,
    /// Its pictures: what they claim to be, and their bytes.
    pub(super) pictures: Vec<(String, Vec<u8>)>,
}

/// A value of ASN.1.
struct Value<'a> {
    tag: u8,
    content: &'a [u8],
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const UTF8: u8 = 0x0c;
const IA5: u8 = 0x16;

/// Reads a seal, or a signed value with a seal in it.
pub(super) fn read(bytes: &[u8]) -> Seal {
    let mut seal = Seal::default();
    let mut left = VALUES;
    let followed = walk(bytes, 0, &mut left, &mut seal);
    // Of one with more values than are looked at, or deeper ones, what begins like a picture is taken as well.
    if seal.pictures.is_empty() || left == 0 || !followed {
        seal.pictures.extend(by_beginning(bytes));
    }
    seal
}

/// Looks at values; false if there are some that lie deeper than is followed.
fn walk(bytes: &[u8], depth: usize, left: &mut usize, seal: &mut Seal) -> bool {
    let values = values(bytes, left);
    if let [Value { tag: IA5 | UTF8, content: claimed }, Value { tag: OCTETS, content }, rest @ ..] = values.as_slice()
        && rest.first().is_some_and(|value| value.tag == INTEGER)
    {
        let claimed: String =
            claimed.iter().map(|byte| char::from(*byte)).filter(char::is_ascii_alphanumeric).collect();
        seal.pictures.push((claimed.to_ascii_lowercase(), content.to_vec()));
    }
    if let [Value { tag: INTEGER, .. }, Value { tag: UTF8, content }, ..] = values.as_slice() {
        seal.names.push(String::from_utf8_lossy(content).into_owned());
    }
    let mut followed = true;
    for value in values.iter().filter(|value| value.tag & 0x20 != 0) {
        followed &= depth < NESTING && walk(value.content, depth + 1, left, seal);
    }
    followed
}

/// The values that stand one behind the other, as far as they are whole.
fn values<'a>(mut bytes: &'a [u8], left: &mut usize) -> Vec<Value<'a>> {
    let mut values = Vec::new();
    while let Some((value, rest)) = value(bytes).filter(|_| *left > 0) {
        *left -= 1;
        bytes = rest;
        values.push(value);
    }
    values
}

fn value(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    // Tags of several bytes do not occur in seals.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x0f))?;
            (digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Value { tag: *tag, content }, rest))
}

/// What begins like a picture, to the end.
fn by_beginning(bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    // Two letters are too little to be told by in the middle of certificates.
    let long = PICTURES.iter().filter(|(magic, _)| magic.len() >= 3);
    let found = long.filter_map(|(magic, name)| memchr::memmem::find(bytes, magic).map(|at| (at, *name)));
    let (at, name) = found.min_by_key(|(at, _)| *at)?;
    Some((name.to_owned(), bytes.get(at..)?.to_vec()))
}

/// What a picture is by its beginning, for its name; else what it claims to be.
pub(super) fn extension<'a>(claimed: &'a str, bytes: &[u8]) -> &'a str {
    let known = PICTURES.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name);
    known.unwrap_or(if claimed.is_empty() { "bin" } else { claimed })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A value of ASN.1.
    pub(in crate::format::ofd) fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).expect("short").to_be_bytes();
        [&[tag, 0x82], length.as_slice(), content].concat()
    }

    /// A seal with a name and a picture, as GM/T 0031 has it.
    pub(in crate::format::ofd) fn seal(name: &str, kind: &str, picture: &[u8]) -> Vec<u8> {
        let header = der(0x30, &[der(IA5, b"ES"), der(INTEGER, &[4]), der(IA5, b"maker")].concat());
        let property = der(0x30, &[der(INTEGER, &[3]), der(UTF8, name.as_bytes()), der(0x30, &[])].concat());
        let shown = [der(IA5, kind.as_bytes()), der(OCTETS, picture), der(INTEGER, &[40]), der(INTEGER, &[40])];
        let information = [header, der(IA5, b"id"), property, der(0x30, &shown.concat())].concat();
        der(0x30, &[der(0x30, &information), der(OCTETS, b"certificate")].concat())
    }

    #[test]
    fn a_seal_shows_its_name_and_its_picture() {
        let expected =
            Seal { names: vec!["某某部机要章".to_owned()], pictures: vec![("png".to_owned(), b"dots".to_vec())] };
        assert_eq!(read(&seal("某某部机要章", "PNG", b"dots")), expected);
        let signed = der(0x30, &der(0x30, &[der(INTEGER, &[4]), seal("某某部机要章", "PNG", b"dots")].concat()));
        assert_eq!(read(&signed), expected, "inside a signed value");
    }

    #[test]
    fn a_second_picture_that_lies_too_deep_to_be_followed_is_found_by_its_beginning() {
        let deep = (0..2 * NESTING).fold(b"\x89PNG\r\n\x1a\nhidden".to_vec(), |inner, _| der(0x30, &inner));
        let seal = read(&der(0x30, &[seal("某某部机要章", "PNG", b"dots"), deep].concat()));
        assert_eq!(seal.pictures.len(), 2);
        assert!(seal.pictures[1].1.starts_with(b"\x89PNG\r\n\x1a\nhidden"));
    }

    #[test]
    fn a_picture_in_another_structure_is_found_by_its_beginning() {
        let found = read(b"another structure \x89PNG\r\n\x1a\n and so on");
        assert_eq!(found.pictures[0].0, "png");
        assert!(found.pictures[0].1.starts_with(b"\x89PNG"));
        assert_eq!(extension("png", b"PK\x03\x04"), "ofd");
    }

    #[test]
    fn endless_structures_are_followed_so_far_and_no_farther() {
        let mut deep = b"x".to_vec();
        for _ in 0..1000 {
            deep = der(0x30, &deep);
        }
        assert_eq!(read(&deep), Seal::default());
        assert_eq!(read(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Seal::default());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            read(&bytes);
        }
    }
}
