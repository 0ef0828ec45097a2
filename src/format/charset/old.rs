//! Text of the time before Windows: Western and Polish of DOS, Western of old Macs, and Korean in Johab.
//!
//! The detector does not know these sets and takes one of Windows for them, in which `FÜR` is `FšR`. A set is taken only where that one
//! puts signs and capitals into the middle of words, and every byte of the text is a letter of its words in the other.

use encoding_rs::{EUC_KR, Encoding};

/// Bytes of a text that is looked at: of more the first pages tell nothing of the last.
const MOST: usize = 1 << 20;

/// Bytes beyond ASCII of a text of which the set can be told, and letters that stand out in the wrong set.
const FEW: usize = 3;
const ODD: usize = 2;

/// Syllables from which on Korean is no accident.
const SYLLABLES: usize = 8;

/// Sets of one byte a character, from 0x80 on.
const SETS: [&str; 4] = [
    // Code page 850.
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    // Code page 437.
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    // Code page 852.
    "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
    // Mac Roman.
    "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ",
];

/// Letters with signs of the languages that were written in these sets.
const LETTERS: &str = "äöüßàâçéèêëîïôùûñáíóúåæøœãõąćęłńśźżčďěňřšťůýžőűăâîșțìòÿ";

/// Signs that stand anywhere beside words.
const QUOTES: &str = "‘’“”„‚«»‹›…–—•°§ªº·†¿¡´\u{a0}";

/// Signs that stand beside words, and inside of them too.
const INSIDE: &str = "‘’–—“”·\u{a0}\u{ad}";

/// Signs that stand beside figures and alone, and not beside letters.
const FIGURES: &str = "¢£¥¤¦ˆ¬¯±¶¸¹¼½¾×÷˜ƒ‡‰µ¨";

/// The text, if it is in one of these sets. `guess` is what the detector takes it for.
pub(super) fn decode(bytes: &[u8], guess: &'static Encoding) -> Option<String> {
    if bytes.len() > MOST || has_utf8(bytes) {
        return None;
    }
    western(bytes, guess).or_else(|| johab(bytes))
}

/// Whether some line beyond ASCII is UTF-8.
fn has_utf8(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.any(|line| !line.is_ascii() && std::str::from_utf8(line).is_ok())
}

fn western(bytes: &[u8], guess: &'static Encoding) -> Option<String> {
    let foreign = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    // Every language that was written so has many letters without a sign.
    if foreign < FEW || foreign * 5 > letters || super::is_multi_byte(guess) {
        return None;
    }
    let (_, odd) = words(&guess.decode_without_bom_handling(bytes).0, false);
    if odd < ODD || odd * 4 < foreign {
        return None;
    }
    SETS.iter().find_map(|set| {
        let set: Vec<char> = set.chars().collect();
        let character = |byte: &u8| match byte.checked_sub(0x80) {
            Some(high) => set.get(usize::from(high)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
            None => char::from(*byte),
        };
        let text: String = bytes.iter().map(character).collect();
        let (good, odd) = words(&text, true);
        (odd == 0 && good >= FEW && good * 5 >= foreign * 3).then_some(text)
    })
}

/// Characters beyond ASCII that are letters of their words, and those that cannot be. `strict`: no others than usual ones are letters.
fn words(text: &str, strict: bool) -> (usize, usize) {
    let characters: Vec<char> = text.chars().collect();
    let at = |index: Option<usize>| index.and_then(|index| characters.get(index)).copied().unwrap_or(' ');
    let (mut good, mut odd) = (0, 0);
    for (index, c) in characters.iter().copied().enumerate().filter(|(_, c)| !c.is_ascii()) {
        let (before, after) = (at(index.checked_sub(1)), at(Some(index + 1)));
        let is_part = |c: char| c.is_alphabetic() || !c.is_ascii() && !INSIDE.contains(c);
        let is_usual = || c.to_lowercase().all(|lower| LETTERS.contains(lower));
        let is_right = match () {
            () if c.is_control() || c == char::REPLACEMENT_CHARACTER => false,
            () if c.is_alphabetic() && !(FIGURES.contains(c) || QUOTES.contains(c)) => {
                // A letter alone is a word in French and Polish, and anything in the wrong set.
                let is_word = is_part(before) || is_part(after);
                let fits = (!strict || is_usual()) && has_case(&characters, index);
                good += usize::from(fits);
                fits || !strict && !is_word
            }
            () if INSIDE.contains(c) => true,
            () if QUOTES.contains(c) => !(is_part(before) && is_part(after)),
            () if FIGURES.contains(c) => !is_part(before) && !is_part(after),
            // Frames of tables, where they are few: long ones look like Chinese to the detector.
            () => {
                !is_part(before) && !is_part(after)
                    || matches!(c, '\u{2500}'..='\u{25a0}') && !before.is_alphabetic() && !after.is_alphabetic()
            }
        };
        odd += usize::from(!is_right);
    }
    (good, odd)
}

/// Letters of a word that are looked at on either side of one: no word is longer.
const WORD: usize = 64;

/// Whether a letter has the case of its word: capitals stand at its beginning, or all of them are.
fn has_case(characters: &[char], index: usize) -> bool {
    let is_letter = |c: &&char| c.is_alphabetic();
    let before = characters[..index].iter().rev().take(WORD).take_while(is_letter);
    let after = characters[index + 1..].iter().take(WORD).take_while(is_letter);
    let begins = index == 0 || !characters[index - 1].is_alphabetic();
    let plain: Vec<char> = before.chain(after).copied().filter(char::is_ascii).collect();
    let c = characters[index];
    match () {
        () if c == 'ß' => true,
        () if c.is_uppercase() => begins && c != 'Ÿ' || !plain.iter().any(char::is_ascii_lowercase),
        () => plain.len() < 2 || plain.iter().any(char::is_ascii_lowercase),
    }
}

/// Korean in Johab: every pair of bytes must be a syllable of the usual ones, or a sign.
fn johab(bytes: &[u8]) -> Option<String> {
    let (mut text, mut rest, mut syllables) = (String::new(), bytes, 0);
    while let Some((&lead, behind)) = rest.split_first() {
        if lead.is_ascii() {
            text.push(char::from(lead));
            rest = behind;
            continue;
        }
        let (&trail, behind) = behind.split_first()?;
        rest = behind;
        let usual = |bytes: [u8; 2]| match EUC_KR.decode_without_bom_handling_and_without_replacement(&bytes) {
            Some(sign) if bytes.iter().all(|byte| *byte > 0xa0) => sign.chars().next(),
            _ => None,
        };
        let c = match lead {
            0x88..=0xd3 => {
                syllables += 1;
                syllable(u16::from_be_bytes([lead, trail])).filter(|c| {
                    let c = c.to_string();
                    let (coded, _, is_lost) = EUC_KR.encode(&c);
                    !is_lost && coded.iter().all(|byte| *byte > 0xa0)
                })?
            }
            0xd9..=0xde | 0xe0..=0xf9 => usual(sign(lead, trail)?)?,
            _ => return None,
        };
        text.push(c);
    }
    (syllables >= SYLLABLES).then_some(text)
}

/// A syllable in three times five bits: its first letter, its vowel and its last letter.
fn syllable(pair: u16) -> Option<char> {
    let part = |shift: u32| u32::from(pair >> shift & 31);
    let (first, vowel, last) = (part(10), part(5), part(0));
    let first = first.checked_sub(2).filter(|first| *first < 19)?;
    let vowel = match vowel {
        3..=7 => vowel - 3,
        10..=15 => vowel - 5,
        18..=23 => vowel - 7,
        26..=29 => vowel - 9,
        _ => return None,
    };
    let last = match last {
        1..=17 => last - 1,
        19..=29 => last - 2,
        _ => return None,
    };
    char::from_u32(0xac00 + (first * 21 + vowel) * 28 + last)
}

/// A sign or a Chinese character, as EUC-KR writes it.
fn sign(lead: u8, trail: u8) -> Option<[u8; 2]> {
    let column = match trail {
        0x31..=0x7e => trail - 0x31,
        0x91..=0xfe => trail - 0x43,
        _ => return None,
    };
    let row = match lead {
        0xd9..=0xde => 2 * (lead - 0xd9),
        _ => 2 * (lead - 0xe0) + 41,
    };
    let (row, column) = if column < 94 { (row, column) } else { (row + 1, column - 94) };
    Some([0xa1 + row, 0xa1 + column])
}

#[cfg(test)]
mod tests {
    use super::super::decode;

    fn bytes(set: &str, text: &str) -> Vec<u8> {
        let byte = |c: char| match set.chars().position(|known| known == c) {
            Some(high) => u8::try_from(high).expect("a set has 128 characters") + 0x80,
            None => u8::try_from(c).expect("in the set"),
        };
        text.chars().map(byte).collect()
    }

    #[test]
    fn text_of_dos_and_old_macs_is_read() {
        assert!(super::SETS.iter().all(|set| set.chars().count() == 128));
        let [western, first, polish, mac] = super::SETS;
        let german =
            "Protokoll über die Hafenarbeiten.\nVS - NUR FÜR DEN DIENSTGEBRAUCH\nDie Kräne werden im Mai gestrichen.\n";
        let french = "Procès-verbal de la réunion.\nTRÈS SECRET\nLes grues seront peintes à la fin de l'été.\n";
        let cases = [
            (western, german),
            (first, german),
            (mac, german),
            (western, french),
            (mac, french),
            (polish, "Protokół z zebrania o pracach portowych.\nŚCIŚLE TAJNE\nŻurawie zostaną pomalowane w maju.\n"),
        ];
        for (set, text) in cases {
            assert_eq!(decode(&bytes(set, text), None).text, text);
        }
    }

    #[test]
    fn text_of_windows_stays_what_it_is() {
        for text in [
            "Voilà, le café est prêt à être servi. “Déjà vu”, dit-il — c’est l’été.",
            "Die Größe der Häfen – „geprüft“ für 20 € und 5½ m², Übersicht ÄÖÜ",
            "word—word and it’s “quoted” … naïve™ ½ cup, 20 µm, 30°, £5 and ¥7",
            "¿Qué pasó? El niño comió piñas. ¡AÑO NUEVO!",
            "Œuvre d’Ÿ, façade, ŠKODA in Žilina, 1–3 µm, «l’été»",
        ] {
            let bytes = encoding_rs::WINDOWS_1252.encode(text).0;
            assert_eq!(super::decode(&bytes, encoding_rs::WINDOWS_1252), None, "{text}");
        }
        let polish = "Protokół z zebrania.\nŚCIŚLE TAJNE\nŻurawie zostaną pomalowane w maju.\n";
        assert_eq!(decode(&encoding_rs::WINDOWS_1250.encode(polish).0, None).text, polish);
    }

    #[test]
    fn korean_in_johab_is_read_and_other_writing_is_none() {
        let korean = b"\xd0w\xa0e \x89\xb7\xaca \xd2A\xb7\x81\x9d\xa2\xb7\xb3\x93\xa1\x94a.\n\x94\x81\xb6A\xa7\xa1\n\xc7a\x9dA\xb7\xa5\xb7e \xb5\xa1\xb6\xa9\xb5A \xc3\xa9\xd0s\x93\xa1\x94a.\n";
        assert_eq!(decode(korean, None).text, "항만 공사 회의록입니다.\n대외비\n크레인은 오월에 칠합니다.\n");
        let euc = encoding_rs::EUC_KR.encode("항만 공사 회의록입니다.\n대외비\n크레인은 오월에 칠합니다.\n").0;
        assert_eq!(super::johab(&euc), None);
        for (encoding, text) in [
            (encoding_rs::GBK, "会议纪要：出席人员如下，请各部门遵照执行，不得外传。"),
            (encoding_rs::BIG5, "會議紀錄：出席人員如下，請各部門遵照執行，不得外傳。"),
            (encoding_rs::SHIFT_JIS, "会議録：秘密の書類を持ち出してはいけません。"),
        ] {
            assert_eq!(super::johab(&encoding.encode(text).0), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            super::decode(&bytes, encoding_rs::WINDOWS_1252);
            super::johab(&bytes);
        }
    }
}
