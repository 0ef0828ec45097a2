//! A document with every layer switched on: the same bytes, in which the list of layers has a name that nobody looks for.

use memchr::memmem;

/// Names of what switches layers off, and names of the same length that mean nothing.
const NAMES: [(&[u8], &[u8]); 2] = [(b"/OCProperties", b"/OCPropertieX"), (b"/ViewState", b"/ViewStatX")];

/// The document, or none if it keeps its list of layers where its name cannot be seen. `by_themselves` says that layers say
/// themselves that they are off.
pub(super) fn document(mut bytes: Vec<u8>, by_themselves: bool) -> Option<Vec<u8>> {
    for ((name, other), needed) in NAMES.into_iter().zip([true, by_themselves]) {
        let places: Vec<usize> = memmem::find_iter(&bytes, name).collect();
        if places.is_empty() && needed {
            return None;
        }
        for place in places {
            bytes[place..place + name.len()].copy_from_slice(&other[..name.len()]);
        }
    }
    Some(bytes)
}
