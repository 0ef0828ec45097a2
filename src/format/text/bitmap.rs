//! Pictures that are written as source of C: XBM and XPM. Nothing draws them, so one that is large enough for writing is a fault.

use crate::finding::{Fault, FaultReason};

/// Width and height from which on a picture may show a word; icons and pointers are smaller.
const WIDTH: u32 = 64;
const HEIGHT: u32 = 8;

/// Bytes in which a file says what it is.
const HEAD: usize = 4096;

/// The fault of a text that is a picture.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let head = &text[..text.floor_char_boundary(HEAD.min(text.len()))];
    let (name, width, height) = match head.trim_start() {
        head if head.starts_with("/* XPM */") || head.starts_with("! XPM2") => {
            let (width, height) = head.lines().skip(1).find_map(sizes)?;
            ("XPM", width, height)
        }
        head if head.contains("_bits[] = {") || head.contains("_bits[]={") => {
            ("XBM", defined(head, "_width")?, defined(head, "_height")?)
        }
        _ => return None,
    };
    let detail = || format!("it is a picture in the form of source ({name}), and nothing draws it");
    (width >= WIDTH && height >= HEIGHT).then(|| Fault::whole(FaultReason::Unsupported, detail()))
}

/// Width and height of an XPM: its first string of numbers.
fn sizes(line: &str) -> Option<(u32, u32)> {
    let line = line.trim().trim_start_matches('"');
    let mut numbers = line.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let is_numbers = line.starts_with(|c: char| c.is_ascii_digit());
    let both = numbers.next()?.parse().ok().zip(numbers.next()?.parse().ok());
    both.filter(|_| is_numbers)
}

/// The value of `#define name_width 16`.
fn defined(head: &str, what: &str) -> Option<u32> {
    let is_one = |name: &str| name.ends_with(what);
    head.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let value = (words.next() == Some("#define") && words.next().is_some_and(is_one)).then(|| words.next());
        value.flatten()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_is_written_as_source_is_a_fault_and_an_icon_is_none() {
        let xbm = |width: u32| {
            format!("#define im_width {width}\n#define im_height 24\nstatic char im_bits[] = {{\n0x00,0x01}};\n")
        };
        let xpm = |width: u32| format!("/* XPM */\nstatic char *x[] = {{\n\"{width} 24 2 1\",\n\"  c #FFFFFF\",\n");
        for picture in [xbm(600), xpm(120), "! XPM2\n120 24 2 1\n".to_owned()] {
            assert_eq!(fault(&picture).map(|fault| fault.reason), Some(FaultReason::Unsupported), "{picture}");
        }
        for text in [
            xbm(16),
            xpm(32),
            "#define my_width 900\nint main() {}\n".to_owned(),
            "/* XPM */ is how they begin\n".to_owned(),
        ] {
            assert_eq!(fault(&text), None, "{text}");
        }
    }
}
