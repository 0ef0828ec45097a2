//! Names of members whose encoding nobody wrote down: UTF-8 where they are, else what all names of the archive together
//! look like, else code page 437, in which the first archivers wrote.

use encoding_rs::Encoding;

use crate::format::charset;

/// Bytes of names that the detector is shown.
const SAMPLE: usize = 64 << 10;

/// Code page 437 from 0x80 on.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// How the names of an archive are written.
#[derive(Default)]
pub(super) struct Names {
    sample: Vec<u8>,
    encoding: Option<&'static Encoding>,
}

impl Names {
    /// Names that are seen before the first is decoded.
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n [u8]>) -> Self {
        let mut all = Self::default();
        names.for_each(|name| all.see(name));
        all.settled()
    }

    /// Takes a name into account.
    pub(super) fn see(&mut self, name: &[u8]) {
        if self.sample.len() < SAMPLE && std::str::from_utf8(name).is_err() {
            self.sample.extend(name.iter().take(SAMPLE));
            self.sample.push(b'\n');
        }
    }

    /// Makes up its mind.
    pub(super) fn settled(mut self) -> Self {
        let detected = charset::decode(&self.sample, None);
        let wide = charset::is_multi_byte(detected.encoding) && detected.damaged == 0;
        let cyrillic = matches!(detected.encoding.name(), "IBM866" | "windows-1251" | "KOI8-U" | "KOI8-R");
        self.encoding = (!self.sample.is_empty() && (wide || cyrillic)).then_some(detected.encoding);
        self.sample = Vec::new();
        self
    }

    /// A name in characters.
    pub(super) fn decode(&self, name: &[u8]) -> String {
        if let Ok(valid) = std::str::from_utf8(name) {
            return valid.to_owned();
        }
        let detected = self.encoding.map(|encoding| encoding.decode_without_bom_handling(name));
        if let Some((text, false)) = detected {
            return text.into_owned();
        }
        // One that does not go with the others may have come from another machine.
        let alone = charset::decode(name, None);
        if charset::is_multi_byte(alone.encoding) && alone.damaged == 0 {
            return alone.text;
        }
        name.iter().map(|byte| cp437(*byte)).collect()
    }
}

/// A character of code page 437.
fn cp437(byte: u8) -> char {
    let high = byte.checked_sub(0x80).and_then(|index| CP437.chars().nth(usize::from(index)));
    high.unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: &'static Encoding, names: &[&str]) -> Vec<String> {
        let bytes: Vec<Vec<u8>> = names.iter().map(|name| encoding.encode(name).0.into_owned()).collect();
        let all = Names::of(bytes.iter().map(Vec::as_slice));
        bytes.iter().map(|name| all.decode(name)).collect()
    }

    #[test]
    fn names_are_decoded_by_what_all_of_them_look_like() {
        let chinese = ["会议/机密文件.txt", "绝密.doc", "报告.pdf", "plain.txt"];
        assert_eq!(decoded(encoding_rs::GBK, &chinese), chinese);
        assert_eq!(decoded(encoding_rs::UTF_8, &chinese), chinese);
        let japanese = ["文章1.txt", "秘密の書類.doc", "ひらがなカタカナ.txt"];
        assert_eq!(decoded(encoding_rs::SHIFT_JIS, &japanese), japanese);
        let taiwanese = ["機密文件.doc", "會議紀錄與報告.txt"];
        assert_eq!(decoded(encoding_rs::BIG5, &taiwanese), taiwanese);
        let russian = ["Секретный документ.txt", "Отчёт о работе.doc"];
        assert_eq!(decoded(encoding_rs::IBM866, &russian), russian);
    }

    #[test]
    fn western_names_without_a_code_page_are_of_the_first_archivers() {
        assert_eq!(CP437.chars().count(), 128);
        let all = Names::of([b"Gr\x81\xe1e aus K\x94ln.txt".as_slice()].into_iter());
        assert_eq!(all.decode(b"Gr\x81\xe1e aus K\x94ln.txt"), "Grüße aus Köln.txt");
    }
}
