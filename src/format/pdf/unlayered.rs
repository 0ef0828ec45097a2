//! A document with every layer switched on: the same bytes, in which what switches layers off has names that nobody looks for.

use memchr::memmem;

use super::whole::Switches;

/// Names of what switches layers off, and names of the same length that mean nothing.
const LIST: (&[u8], &[u8]) = (b"/OCProperties", b"/OCPropertieX");
const STATE: (&[u8], &[u8]) = (b"/ViewState", b"/ViewStatX");
/// The expression of a choice among layers, and rules of choices that want layers to be off: instead of those, one that wants any to
/// be on.
const CHOICES: [(&[u8], &[u8]); 3] = [(b"/VE", b"/VX"), (b"/AllOff", b"/AnyOn "), (b"/AnyOff", b"/AnyOn ")];

/// The document, or none if what switches its layers off stands where it cannot be seen.
pub(super) fn document(mut bytes: Vec<u8>, switches: Switches) -> Option<Vec<u8>> {
    let listed = rename(&mut bytes, LIST);
    let stated = rename(&mut bytes, STATE);
    let chosen = CHOICES.into_iter().map(|names| rename(&mut bytes, names)).sum::<usize>();
    let is_seen = |needed: bool, count: usize| !needed || count > 0;
    (is_seen(switches.list, listed) && is_seen(switches.themselves, stated) && is_seen(switches.choices, chosen))
        .then_some(bytes)
}

/// Gives a name that stands in the file by itself another one, and says how often it does.
fn rename(bytes: &mut [u8], (name, other): (&[u8], &[u8])) -> usize {
    let places: Vec<usize> = memmem::find_iter(bytes, name).collect();
    let ends = |place: &usize| bytes.get(place + name.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
    let places: Vec<usize> = places.into_iter().filter(ends).collect();
    for place in &places {
        bytes[*place..place + name.len()].copy_from_slice(other);
    }
    places.len()
}
