//! Pictures and films that a short magic number does not tell: by their headers.

use crate::format::Source;

/// A file of the ISO media formats, by the brand that it calls its own, or that it says it can be taken for.
pub(super) fn iso_media(head: &[u8]) -> &'static str {
    let length = head.first_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length) as usize);
    let brands = head.get(8..length.clamp(12, 1024).min(head.len())).unwrap_or_default().as_chunks::<4>().0;
    match brands.first() {
        Some(b"qt  ") => return "mov",
        Some(b"M4A " | b"M4B ") => return "m4a",
        _ => {}
    }
    // The second word is a version.
    let named = |names: &[&[u8; 4]]| brands.iter().enumerate().any(|(at, brand)| at != 1 && names.contains(&brand));
    if named(&[b"avif", b"avis"]) {
        return "avif";
    }
    let pictures = [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"heif", b"mif1", b"mif2", b"msf1", b"miaf"];
    if named(&pictures) { "heic" } else { "mp4" }
}

/// A PCX: its version, runs, bits, and a header whose reserved byte is zero before one to four planes.
pub(super) fn is_pcx(head: &[u8]) -> bool {
    let begin = matches!(head, [0x0a, 0 | 2..=5, 1, 1 | 2 | 4 | 8, ..]);
    begin && head.get(64) == Some(&0) && head.get(65).is_some_and(|planes| (1..=4).contains(planes))
}

/// A PNM: `P1` to `P6`, sizes in digits, and for the forms in digits nothing but digits; or `P7` with its keywords.
pub(super) fn is_pnm(head: &[u8]) -> bool {
    let [b'P', form @ b'1'..=b'7', blank, ..] = head else { return false };
    if !blank.is_ascii_whitespace() {
        return false;
    }
    let reach = &head[2..head.len().min(1024)];
    let lines =
        reach.split(|byte| *byte == b'\n').map(|line| line.split(|byte| *byte == b'#').next().unwrap_or_default());
    let bare: Vec<u8> = lines.collect::<Vec<_>>().join(&b'\n');
    if *form == b'7' {
        return bare.trim_ascii_start().starts_with(b"WIDTH") || bare.trim_ascii_start().starts_with(b"HEIGHT");
    }
    let mut numbers = bare.split(u8::is_ascii_whitespace).filter(|token| !token.is_empty());
    let is_side =
        |token: Option<&[u8]>| token.is_some_and(|token| token.len() < 7 && token.iter().all(u8::is_ascii_digit));
    let sides = is_side(numbers.next()) && is_side(numbers.next());
    sides && (*form >= b'4' || numbers.all(|token| token.iter().all(u8::is_ascii_digit)))
}

/// A Targa: the mark at its end, or a header whose pixels fill the file.
pub(super) fn is_targa(head: &[u8], source: &Source) -> bool {
    let [name, table, form, header @ ..] = head else { return false };
    let Some(&[_, _, count, more, bits, _, _, _, _, w, wide, h, high, depth, _]) = header.first_chunk::<15>() else {
        return false;
    };
    let known = matches!((table, form), (1, 1 | 9) | (0, 2 | 3 | 10 | 11)) && matches!(depth, 8 | 15 | 16 | 24 | 32);
    let (width, height) = (u64::from(u16::from_le_bytes([w, wide])), u64::from(u16::from_le_bytes([h, high])));
    if !known || width == 0 || height == 0 {
        return false;
    }
    let colours =
        if *table == 1 { u64::from(u16::from_le_bytes([count, more])) * u64::from(bits).div_ceil(8) } else { 0 };
    let pixels = width * height * u64::from(depth).div_ceil(8);
    let tail = source.bytes_of(source.size().saturating_sub(18)..source.size()).unwrap_or_default();
    tail == b"TRUEVISION-XFILE.\0" || *form < 9 && 18 + u64::from(*name) + colours + pixels == source.size()
}
