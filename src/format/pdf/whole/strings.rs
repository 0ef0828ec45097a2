//! Text strings outside of pages (ISO 32000-2, 7.9.2.2): titles, names, keywords.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};

use crate::format::charset;

/// The text of a string. What has no mark should be in PDF's own encoding, and is in whatever its writer used.
pub(super) fn text(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => without_languages(&UTF_16BE.decode_without_bom_handling(rest).0),
        [0xff, 0xfe, rest @ ..] => without_languages(&UTF_16LE.decode_without_bom_handling(rest).0),
        [0xef, 0xbb, 0xbf, rest @ ..] => without_languages(&UTF_8.decode_without_bom_handling(rest).0),
        _ => charset::decode(bytes, None).text,
    };
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0').replace(['\r', '\0'], "\n")
}

/// Leaves out the codes of languages, which stand between two escapes (7.9.2.2.1).
fn without_languages(text: &str) -> String {
    text.split('\u{1b}').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn strings_are_read_in_every_encoding_that_writers_use() {
        let wide: Vec<u8> = "\u{feff}绝密 计划".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&wide), "绝密 计划");
        assert_eq!(text("\u{feff}\u{1b}zhCN\u{1b}机密".as_bytes()), "机密");
        assert_eq!(text(b"(unspecified)\0"), "(unspecified)");
        assert_eq!(text(&encoding_rs::GBK.encode("机密文件的标题").0), "机密文件的标题");
        assert_eq!(text(b"caf\xe9 du d\xe9part"), "café du départ");
    }
}
