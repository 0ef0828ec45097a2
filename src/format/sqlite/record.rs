//! Records: the values of a row (SQLite's file format, 2.1).

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A number of one to nine bytes, and what stands behind it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        if index == 8 {
            return Some((value << 8 | u64::from(*byte), &bytes[9..]));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

/// The values of a record; none if it is damaged. `encoding` is that of the header: 1, 2 or 3.
pub(super) fn values(record: &[u8], encoding: u32) -> Option<Vec<Value>> {
    let (length, _) = varint(record)?;
    let (head, mut body) = record.split_at_checked(usize::try_from(length).ok()?)?;
    let (_, mut kinds) = varint(head)?;
    let mut values = Vec::new();
    while !kinds.is_empty() {
        let (kind, rest) = varint(kinds)?;
        kinds = rest;
        let size = match kind {
            0..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            8..=11 => 0,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let (bytes, behind) = body.split_at_checked(size)?;
        body = behind;
        values.push(match kind {
            0 | 10 | 11 => Value::Null,
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            7 => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
            1..=6 => Value::Integer(integer(bytes)),
            kind if kind % 2 == 0 => Value::Bytes(bytes.to_vec()),
            _ => Value::Text(text(bytes, encoding)),
        });
    }
    Some(values)
}

fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |value, byte| value << 8 | i64::from(*byte))
}

/// The text of a value.
pub(super) fn text(bytes: &[u8], encoding: u32) -> String {
    let encoding = match encoding {
        2 => UTF_16LE,
        3 => UTF_16BE,
        _ => UTF_8,
    };
    let text = encoding.decode_without_bom_handling(bytes).0;
    // Programs put other encodings where UTF-8 should be.
    match encoding == UTF_8 && std::str::from_utf8(bytes).is_err() {
        true => crate::format::charset::decode(bytes, None).text,
        false => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_are_read() {
        assert_eq!(varint(&[0x7f, 1]), Some((127, &[1][..])));
        assert_eq!(varint(&[0x81, 0]), Some((128, &[][..])));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, &[][..])));
        assert_eq!(varint(&[0x80]), None);
        assert_eq!((integer(&[0xff, 0xfe]), integer(&[1, 0]), integer(&[])), (-2, 256, 0));
    }

    proptest::proptest! {
        #[test]
        fn no_record_makes_it_panic(record in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
            values(&record, 1);
        }
    }
}
