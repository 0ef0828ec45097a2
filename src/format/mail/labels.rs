//! Text of messages in the character set that they name, or in the one that it really is.
//!
//! Labels of mail are often wrong (`gb2312` for GB18030, `us-ascii` for anything), so a label decides only where the bytes
//! leave a choice. Two sets are written in seven bits and would pass for ASCII: UTF-7 and HZ.

use base64::Engine as _;
use encoding_rs::{Encoding, UTF_8};

use crate::format::charset::{self, Decoded};
use crate::format::mail::transfer;
use crate::format::packed::LENIENT;

/// Code pages of Windows and the labels of the character sets they are.
const CODE_PAGES: &[(u32, &str)] = &[
    (874, "windows-874"),
    (932, "shift_jis"),
    (936, "gb18030"),
    (949, "euc-kr"),
    (950, "big5"),
    (10000, "macintosh"),
    (20866, "koi8-r"),
    (20932, "euc-jp"),
    (20936, "gb18030"),
    (21866, "koi8-u"),
    (50220, "iso-2022-jp"),
    (50221, "iso-2022-jp"),
    (50222, "iso-2022-jp"),
    (51932, "euc-jp"),
    (51936, "gb18030"),
    (51949, "euc-kr"),
    (52936, "hz-gb-2312"),
    (54936, "gb18030"),
    (65000, "utf-7"),
    (65001, "utf-8"),
];

/// The label of a code page; none for those without one.
pub(in crate::format) fn of_code_page(page: u32) -> Option<String> {
    let named = CODE_PAGES.iter().find(|entry| entry.0 == page).map(|entry| entry.1.to_owned());
    named.or_else(|| match page {
        1250..=1258 => Some(format!("windows-{page}")),
        28591..=28606 => Some(format!("iso-8859-{}", page - 28590)),
        _ => None,
    })
}

/// Decodes bytes that a label describes.
pub(in crate::format) fn decode(bytes: &[u8], label: Option<&str>) -> Decoded {
    let label = label.map(|label| label.trim().trim_matches(['"', '\'']).to_ascii_lowercase());
    if let Some(decoded) = label.as_deref().and_then(|label| of_seven_bits(bytes, label)) {
        return decoded;
    }
    // A set that is none says nothing.
    let none = [encoding_rs::REPLACEMENT, encoding_rs::X_USER_DEFINED];
    let declared = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    let declared = declared.filter(|encoding| !none.contains(encoding));
    if let Some(encoding) = declared.filter(|_| is_pairs_only(bytes)).filter(|it| charset::is_multi_byte(it)) {
        let (text, errors) = encoding.decode_without_bom_handling(bytes);
        if encoding != UTF_8 && !errors {
            return Decoded { encoding, ..whole(&text) };
        }
    }
    charset::decode(bytes, declared)
}

/// Decodes a document that says itself how it is written. Browsers of today show one in a set of seven bits as it stands, older
/// programs decode it: where that is not the same, both texts follow each other.
pub(in crate::format) fn decode_declared(bytes: Vec<u8>) -> Decoded {
    let decoded = charset::label(&bytes).and_then(|label| of_seven_bits(&bytes, &label));
    let declared = charset::declared(&bytes);
    let mut plain = charset::decode_owned(bytes, declared);
    if let Some(decoded) = decoded.filter(|decoded| decoded.text != plain.text) {
        plain.text.extend(["\n", &decoded.text]);
        plain.damaged += decoded.damaged;
    }
    plain
}

/// What a document itself says of how it is written.
pub(in crate::format) fn stated(bytes: &[u8]) -> Option<String> {
    let in_seven = charset::label(bytes).filter(|label| of_seven_bits(&[], label).is_some());
    in_seven.or_else(|| charset::declared(bytes).map(|encoding| encoding.name().to_owned()))
}

/// Decodes what is written in seven bits and would pass for ASCII; none if the label is of no such set.
fn of_seven_bits(bytes: &[u8], label: &str) -> Option<Decoded> {
    match label {
        "utf-7" | "unicode-1-1-utf-7" | "x-unicode-2-0-utf-7" => Some(whole(&utf7(bytes))),
        "hz-gb-2312" | "hz" => Some(charset::decode(&hz(bytes), Some(encoding_rs::GB18030))),
        _ => None,
    }
}

/// Text that was decoded without a loss.
fn whole(text: &str) -> Decoded {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    Decoded { text, encoding: UTF_8, damaged: 0, binary: None, zeroed: 0 }
}

/// Whether bytes are UTF-8 whose foreign characters are all of two bytes. So are many words of GBK (一些 passes for
/// Cyrillic); Chinese in UTF-8 has three bytes a character and never looks so.
fn is_pairs_only(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let foreign = || text.chars().filter(|c| !c.is_ascii());
    foreign().next().is_some() && foreign().all(|c| c.len_utf8() == 2)
}

/// UTF-7: `+` begins UTF-16 in base64, and `-` or anything that is no base64 ends it.
fn utf7(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while let Some(plus) = rest.iter().position(|byte| *byte == b'+') {
        text.push_str(&String::from_utf8_lossy(&rest[..plus]));
        rest = &rest[plus + 1..];
        let length = rest.iter().position(|byte| !transfer::is_base64(*byte)).unwrap_or(rest.len());
        let (packed, after) = rest.split_at(length);
        if packed.is_empty() {
            text.push('+');
        } else {
            let units = LENIENT.decode(trimmed(packed)).unwrap_or_default();
            let units = units.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
        rest = after.strip_prefix(b"-").unwrap_or(after);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

/// Without the last character if it holds no whole byte.
fn trimmed(packed: &[u8]) -> &[u8] {
    if packed.len() % 4 == 1 { &packed[..packed.len() - 1] } else { packed }
}

/// HZ as the bytes of GB 2312: `~{` begins pairs of seven bits, `~}` ends them.
fn hz(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut inside) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'~', Some(b'{')) => (inside, at) = (true, at + 2),
            (b'~', Some(b'}')) => (inside, at) = (false, at + 2),
            (b'~', Some(b'~')) if !inside => {
                out.push(b'~');
                at += 2;
            }
            (b'~', Some(b'\n')) if !inside => at += 2,
            (b'\n', _) => {
                // A line ends what was not closed.
                inside = false;
                out.push(byte);
                at += 1;
            }
            _ => {
                out.push(if inside && byte > 0x20 { byte | 0x80 } else { byte });
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], label: &str) -> String {
        decode(bytes, Some(label)).text
    }

    #[test]
    fn a_page_that_says_that_it_is_written_in_seven_bits_is_decoded() {
        let page = |set: &str, text: &str, decoded: &str| {
            let seen = decode_declared(format!("<meta charset={set}>{text}").into_bytes()).text;
            let [as_it_stands, in_seven] = [text, decoded].map(|text| format!("<meta charset={set}>{text}"));
            assert_eq!(seen, if text == decoded { as_it_stands } else { format!("{as_it_stands}\n{in_seven}") });
        };
        page("utf-7", "TOP +AFMARQBDAFIARQBU-", "TOP SECRET");
        page("\"HZ-GB-2312\"", "~{;zC\\~}", "机密");
        page("utf-7", "TOP SECRET", "TOP SECRET");
        page("utf-8", "1 +AFM-", "1 +AFM-");
    }

    #[test]
    fn a_label_decides_where_bytes_leave_a_choice_and_not_where_they_contradict_it() {
        let gbk = encoding_rs::GBK.encode("一些").0;
        assert!(std::str::from_utf8(&gbk).is_ok());
        assert_eq!(text(&gbk, "gb2312"), "一些");
        assert_eq!(text("机密文件".as_bytes(), "gb2312"), "机密文件");
        assert_eq!(text(&encoding_rs::GB18030.encode("机密文件㐀").0, "us-ascii"), "机密文件㐀");
        assert_eq!(text("é".as_bytes(), "iso-8859-1"), "é");
    }

    #[test]
    fn sets_of_seven_bits_are_no_ascii() {
        assert_eq!(text(b"a +Zzpbxg- b 1 +- 1", "utf-7"), "a 机密 b 1 + 1");
        assert_eq!(text(b"a ~{;zC\\~} b ~~", "HZ-GB-2312"), "a 机密 b ~");
    }

    #[test]
    fn code_pages_have_labels() {
        assert_eq!(of_code_page(936).as_deref(), Some("gb18030"));
        assert_eq!(of_code_page(1252).as_deref(), Some("windows-1252"));
        assert_eq!(of_code_page(28605).as_deref(), Some("iso-8859-15"));
        assert_eq!(of_code_page(1), None);
    }
}
