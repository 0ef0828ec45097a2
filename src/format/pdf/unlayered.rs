//! A document with every layer switched on: the same bytes, in which what switches layers off has names that nobody looks for.

use std::ops::Range;

use memchr::memmem;

use super::whole::Switches;

/// Names of what switches layers off, and names of the same length that mean nothing.
const LIST: (&[u8], &[u8]) = (b"/OCProperties", b"/OCPropertieX");
const STATE: (&[u8], &[u8]) = (b"/ViewState", b"/ViewStatX");
/// The expression of a choice among layers, and rules of choices that want layers to be off: instead of those, one that wants any to
/// be on.
const CHOICES: [(&[u8], &[u8]); 3] = [(b"/VE", b"/VX"), (b"/AllOff", b"/AnyOn "), (b"/AnyOff", b"/AnyOn ")];

/// What begins the data of a stream, behind its dictionary, and what ends them.
const DATA: &[u8] = b"stream";
const DATA_END: &[u8] = b"endstream";

/// The document, or none if what switches its layers off stands where it cannot be seen.
pub(super) fn document(mut bytes: Vec<u8>, switches: Switches) -> Option<Vec<u8>> {
    let whole = 0..bytes.len();
    let listed = rename(&mut bytes, whole.clone(), LIST);
    let stated = rename(&mut bytes, whole, STATE);
    // The names of choices are short, and stand by chance among the data of pictures, or in texts.
    let objects = if switches.choices { between_data(&bytes) } else { Vec::new() };
    let mut chosen = 0;
    for names in CHOICES {
        for part in &objects {
            chosen += rename(&mut bytes, part.clone(), names);
        }
    }
    let is_seen = |needed: bool, count: usize| !needed || count > 0;
    (is_seen(switches.list, listed) && is_seen(switches.themselves, stated) && is_seen(switches.choices, chosen))
        .then_some(bytes)
}

/// Gives a name that stands in a part of the file by itself another one, and says how often it does.
fn rename(bytes: &mut [u8], part: Range<usize>, (name, other): (&[u8], &[u8])) -> usize {
    let places: Vec<usize> = memmem::find_iter(&bytes[part.clone()], name).map(|at| part.start + at).collect();
    let ends = |place: &usize| bytes.get(place + name.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
    let places: Vec<usize> = places.into_iter().filter(ends).collect();
    for place in &places {
        bytes[*place..place + name.len()].copy_from_slice(other);
    }
    places.len()
}

/// The parts of a file without the data of its streams. What only looks like data is not renamed, and whoever looks at the document
/// again sees that it still switches layers off.
fn between_data(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let mut begins = memmem::find_iter(bytes, DATA).filter(|at| {
        let is_line_end = matches!(bytes.get(at + DATA.len()), Some(b'\r' | b'\n'));
        is_line_end && bytes[..*at].trim_ascii_end().ends_with(b">>")
    });
    while let Some(begin) = begins.find(|begin| *begin >= start) {
        parts.push(start..begin);
        start = memmem::find(&bytes[begin..], DATA_END).map_or(bytes.len(), |length| begin + length);
    }
    parts.push(start..bytes.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"4 0 obj << /Type /OCMD /VE [/Not 5 0 R] >> endobj\n5 0 obj << /P /AllOff /VEX 1 >> endobj\n\
        6 0 obj << /Length 26 >>\nstream\n(/VE ) Tj /VE /AllOff endstrea\nendstream endobj\n\
        7 0 obj << /Length 3 >> stream\r\n/VE\r\nendstream\nendobj 8 0 obj << /VE[/Not 5 0 R] >>";

    fn switched(choices: bool) -> Option<String> {
        let switches = Switches { choices, ..Switches::default() };
        document(FILE.to_vec(), switches).map(|bytes| String::from_utf8(bytes).expect("ASCII"))
    }

    #[test]
    fn choices_among_layers_are_renamed_in_objects_and_not_in_what_pages_draw() {
        let file = switched(true).expect("its choices are seen");
        let expected = String::from_utf8(FILE.to_vec()).expect("ASCII");
        let expected = expected.replacen("/VE [", "/VX [", 1).replacen("/P /AllOff", "/P /AnyOn ", 1);
        assert_eq!(file, expected.replace("/VE[", "/VX["));
    }

    #[test]
    fn choices_among_layers_are_renamed_only_where_they_switch_any_off() {
        assert_eq!(switched(false).map(String::into_bytes), Some(FILE.to_vec()));
    }
}
