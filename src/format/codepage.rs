//! Windows code pages and character sets of fonts, as binary Office documents and RTF name them.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, IBM866, KOI8_R, KOI8_U, MACINTOSH, SHIFT_JIS, UTF_8, UTF_16LE,
    WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256,
    WINDOWS_1257, WINDOWS_1258, X_MAC_CYRILLIC,
};

use super::zeros;

/// The code page that is UTF-16.
pub(super) const UTF_16: u32 = 1200;

/// The encoding of a Windows code page; the Western one for numbers nobody knows.
pub(super) fn encoding(page: u32) -> &'static Encoding {
    known(page).unwrap_or(WINDOWS_1252)
}

/// The encoding of a Windows code page, if it is one that can be decoded.
pub(super) fn known(page: u32) -> Option<&'static Encoding> {
    Some(match page {
        866 => IBM866,
        874 => WINDOWS_874,
        932 | 943 | 10001 => SHIFT_JIS,
        936 | 10008 | 20936 | 54936 => GB18030,
        949 | 1361 | 10003 | 51949 => EUC_KR,
        950 | 951 | 10002 => BIG5,
        UTF_16 => UTF_16LE,
        1250 => WINDOWS_1250,
        1251 => WINDOWS_1251,
        1252 | 28591 => WINDOWS_1252,
        1253 => WINDOWS_1253,
        1254 => WINDOWS_1254,
        1255 => WINDOWS_1255,
        1256 => WINDOWS_1256,
        1257 => WINDOWS_1257,
        1258 => WINDOWS_1258,
        10000 => MACINTOSH,
        10007 => X_MAC_CYRILLIC,
        20866 => KOI8_R,
        20932 | 51932 => EUC_JP,
        21866 => KOI8_U,
        65001 => UTF_8,
        _ => return None,
    })
}

/// The code page of a character set of fonts (`\fcharset`, `lfCharSet`); none if the document's own holds.
pub(super) fn of_font_charset(charset: u32) -> Option<u32> {
    Some(match charset {
        77 => 10000,
        78 => 10001,
        79 => 10003,
        80 => 10008,
        81 => 10002,
        128 => 932,
        129 => 949,
        130 => 1361,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178..=180 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

/// The code page of a language (`lid`), as old writers of documents mean it.
pub(super) fn of_language(lid: u16) -> u32 {
    match (lid & 0x3ff, lid) {
        (_, 0x0404 | 0x0c04 | 0x1404) => 950,
        (0x04, _) => 936,
        (0x11, _) => 932,
        (0x12, _) => 949,
        (0x19 | 0x22 | 0x23 | 0x02 | 0x2f, _) | (_, 0x0c1a) => 1251,
        (0x05 | 0x0e | 0x15 | 0x18 | 0x1a | 0x1b | 0x1c | 0x24, _) => 1250,
        (0x08, _) => 1253,
        (0x1f, _) => 1254,
        (0x0d, _) => 1255,
        (0x01 | 0x20 | 0x29, _) => 1256,
        (0x25..=0x27, _) => 1257,
        (0x2a, _) => 1258,
        (0x1e, _) => 874,
        _ => 1252,
    }
}

/// Decodes whole lines without looking for a mark of byte order; zeros are passed over ([`zeros::passed_over_in`]).
pub(super) fn decode(bytes: &[u8], page: u32) -> String {
    zeros::passed_over_in(with_zeros(bytes, page))
}

/// The same with the zeros in it: for pieces of lines, which they are passed over in once the line is whole.
pub(super) fn with_zeros(bytes: &[u8], page: u32) -> String {
    encoding(page).decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_read_by_code_page_font_and_language() {
        let secret = b"\xbb\xfa\xc3\xdc";
        assert_eq!(decode(secret, 936), "机密");
        assert_eq!(decode(secret, of_font_charset(134).expect("Chinese")), "机密");
        assert_eq!(decode(secret, of_language(0x0804)), "机密");
        assert_eq!(decode(b"caf\xe9", 99999), "café");
    }

    #[test]
    fn a_zero_in_a_word_does_not_cut_it() {
        assert_eq!(decode(b"TOP SEC\0RET\0", 1252), "TOP SECRET\nTOP SEC RET");
        assert_eq!(decode(b"\xbb\xfa\0\xc3\xdc", 936), "机密\n机 密");
        assert_eq!(decode(b"S\0E\0\0\0T\0", 1200), "SET\nSE T");
    }
}
