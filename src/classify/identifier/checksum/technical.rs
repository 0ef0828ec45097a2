//! Addresses and numbers of networks, telephones and places: what the form alone does not tell.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The calling codes of ITU-T E.164 with three digits; those with one or two are in [`calling_code`].
const THREE_DIGIT_CODES: &str = "211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 \
    236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 \
    265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 \
    378 379 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 \
    595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 \
    850 852 853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 \
    976 977 979 992 993 994 995 996 998";
const TWO_DIGIT_CODES: &str = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 \
    63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";

/// How many digits the assigned calling code has.
fn calling_code(digits: &str) -> Option<usize> {
    let listed =
        |list: &str, length: usize| digits.get(..length).is_some_and(|code| list.split(' ').any(|c| c == code));
    match digits.as_bytes().first()? {
        b'1' | b'7' => Some(1),
        _ if listed(TWO_DIGIT_CODES, 2) => Some(2),
        _ if listed(THREE_DIGIT_CODES, 3) => Some(3),
        _ => None,
    }
}

/// International telephone number (E.164), stripped: assigned calling code, and as many digits as its plan has.
pub(super) fn phone(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+').filter(|d| d.bytes().all(|b| b.is_ascii_digit())) else { return false };
    let Some(code) = calling_code(digits) else { return false };
    let national = digits.len().saturating_sub(code);
    digits.len() <= 15 && if code == 1 { national == 10 } else { (6..=13).contains(&national) }
}

/// Telephone number without a country's code, stripped: as many digits as national plans have, not one digit repeated, no date.
pub(super) fn national_phone(text: &str) -> bool {
    let uniform = text.bytes().all(|b| text.as_bytes().first() == Some(&b));
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(super::digits::number).unwrap_or(0);
    let is_date =
        |year, month, day| (1900..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let date = text.len() == 8
        && (is_date(number(0..4), number(4..6), number(6..8)) || is_date(number(4..8), number(2..4), number(0..2)));
    (7..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !uniform && !date
}

/// IPv4 address that can be somebody's: not unspecified, loopback, broadcast or multicast-to-all.
pub(super) fn ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok_and(|ip| !matches!(ip.octets()[0], 0 | 127 | 255))
}

/// IPv6 address that can be somebody's: neither unspecified nor loopback. Times of day do not parse; paths of programs
/// do (`f32::`, `a::b`), so two groups and a digit are asked for.
pub(super) fn ipv6(text: &str) -> bool {
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    let path = groups < 2 || !text.bytes().any(|b| b.is_ascii_digit());
    !path && text.parse::<Ipv6Addr>().is_ok_and(|ip| !ip.is_unspecified() && !ip.is_loopback())
}

/// Hardware address, as written: one separator throughout, not all zeros or ones.
pub(super) fn mac(text: &str) -> bool {
    let digits = text.replace([':', '-'], "");
    let one_separator = text.contains(':') != text.contains('-');
    one_separator && digits.bytes().any(|b| b != b'0') && digits.bytes().any(|b| !b.eq_ignore_ascii_case(&b'f'))
}

/// Latitude and longitude in decimal degrees, as written: in range.
pub(super) fn coordinates(text: &str) -> bool {
    let parts = text.split([',', '，', ' ', '\t', '\n', '\r']).map(|part| part.trim_end_matches(['N', 'S', 'E', 'W']));
    let degrees: Option<Vec<f64>> = parts.filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect();
    matches!(degrees.as_deref(), Some(&[latitude, longitude]) if latitude.abs() <= 90.0 && longitude.abs() <= 180.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_reached_counts() {
        assert!(ipv4("192.168.10.24") && !ipv4("127.0.0.1") && !ipv4("256.1.1.1"));
        assert!(ipv6("fe80::1") && !ipv6("f32::") && !ipv6("a::b") && !ipv6("12:34:56") && !ipv6("::1"));
        assert!(phone("+442070313000") && !phone("+9992070313000") && !phone("+44123"));
        assert!(national_phone("4515986") && !national_phone("20121001") && !national_phone("01102012"));
        assert!(mac("00:1A:2B:3C:4D:5E") && !mac("00:1A-2B:3C:4D:5E") && !mac("ff:ff:ff:ff:ff:ff"));
        assert!(coordinates("31.2304167N, 121.4737001E") && !coordinates("99.9042, 116.4073"));
    }
}
