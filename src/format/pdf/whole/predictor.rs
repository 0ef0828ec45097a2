//! Bytes of which only the differences from those before them, or above them, were packed (ISO 32000-1, 7.4.4.4).

use hayro_syntax::object::Dict;

/// Predictors: differences from the pixel before, as TIFF has them (section 14), and from then on those of PNG, where each row says
/// which of them is its own (ISO/IEC 15948, 9.2).
const TIFF: u32 = 2;
const PNG: u32 = 10;

/// The bytes as they were, or none if that cannot be told. PDFium takes other predictors for none, and so do we.
pub(super) fn undone(data: Vec<u8>, parameters: &Dict<'_>) -> Option<Vec<u8>> {
    let number = |key: &str, otherwise: u32| parameters.get::<u32>(key).unwrap_or(otherwise);
    let predictor = number("Predictor", 1);
    if predictor != TIFF && predictor < PNG {
        return Some(data);
    }
    let (colours, bits, columns) = (number("Colors", 1), number("BitsPerComponent", 8), number("Columns", 1));
    let pixel = u64::from(colours).checked_mul(u64::from(bits))?;
    let row = usize::try_from(pixel.checked_mul(u64::from(columns))?.div_ceil(8)).ok()?;
    let pixel = usize::try_from(pixel.div_ceil(8)).ok()?;
    if row == 0 || pixel == 0 {
        return None;
    }
    match (predictor, bits) {
        (TIFF, 8) => Some(tiff(data, row, pixel)),
        // Nobody packs texts in other ways.
        (TIFF, _) => None,
        _ => png(&data, row, pixel),
    }
}

fn tiff(mut data: Vec<u8>, row: usize, pixel: usize) -> Vec<u8> {
    for row in data.chunks_mut(row) {
        for at in pixel..row.len() {
            row[at] = row[at].wrapping_add(row[at - pixel]);
        }
    }
    data
}

/// The last row may be shorter than the others.
fn png(data: &[u8], row: usize, pixel: usize) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(data.len());
    let mut above: Vec<u8> = Vec::new();
    for coded in data.chunks(row.checked_add(1)?) {
        let (kind, coded) = coded.split_first()?;
        let mut current = coded.to_vec();
        for at in 0..current.len() {
            let of = |row: &[u8], back: usize| at.checked_sub(back).and_then(|at| row.get(at)).copied().unwrap_or(0);
            let (left, up, corner) = (of(&current, pixel), of(&above, 0), of(&above, pixel));
            let predicted = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => nearest(left, up, corner),
                _ => return None,
            };
            current[at] = current[at].wrapping_add(predicted);
        }
        plain.extend_from_slice(&current);
        above = current;
    }
    Some(plain)
}

/// The one of three bytes that is nearest to left and up without the corner.
fn nearest(left: u8, up: u8, corner: u8) -> u8 {
    let (to_left, to_up) = (up.abs_diff(corner), left.abs_diff(corner));
    let to_corner = (i16::from(left) + i16::from(up) - 2 * i16::from(corner)).unsigned_abs();
    if to_left <= to_up && u16::from(to_left) <= to_corner {
        left
    } else if u16::from(to_up) <= to_corner {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use hayro_syntax::object::FromBytes as _;

    use super::*;

    fn told(parameters: &str, data: &[u8]) -> Option<Vec<u8>> {
        let parameters = format!("<< {parameters} >>");
        undone(data.to_vec(), &Dict::from_bytes(parameters.as_bytes()).expect("a dictionary"))
    }

    #[test]
    fn rows_are_what_they_were_before_they_were_predicted_in_any_way() {
        let rows = [
            [0, 10, 20, 30, 40],
            // Of the byte before it.
            [1, 11, 10, 10, 10],
            // Of the byte above it.
            [2, 1, 1, 1, 1],
            // Of the mean of both.
            [3, 7, 7, 7, 7],
            // Of the nearest, which is the one above it.
            [4, 1, 1, 1, 1],
        ];
        let expected = [[10, 20, 30, 40], [11, 21, 31, 41], [12, 22, 32, 42], [13, 24, 35, 45], [14, 25, 36, 46]];
        let found = told("/Predictor 12 /Columns 4", &rows.concat()).expect("known");
        assert_eq!(found, expected.concat());
        assert_eq!((nearest(9, 5, 5), nearest(5, 9, 5), nearest(9, 1, 5)), (9, 9, 5));
        let short = told("/Predictor 15 /Columns 4", &[0, 1, 2, 3, 4, 2, 1, 1]).expect("known");
        assert_eq!(short, [1, 2, 3, 4, 2, 3]);
        assert_eq!(told("/Predictor 2 /Columns 3", &[1, 1, 1, 5, 1, 1]).expect("known"), [1, 2, 3, 5, 6, 7]);
        assert_eq!(told("/Predictor 2 /Colors 2 /Columns 2", &[1, 9, 1, 1]).expect("known"), [1, 9, 2, 10]);
        assert_eq!(told("", b"plain").expect("known"), b"plain");
    }

    #[test]
    fn what_cannot_be_told_is_not_taken_for_data() {
        assert_eq!(told("/Predictor 12 /Columns 4", &[9, 1, 2, 3, 4]), None, "there is no such way");
        assert_eq!(told("/Predictor 12 /Columns 0", b"text"), None);
        assert_eq!(told("/Predictor 2 /BitsPerComponent 4 /Columns 4", b"text"), None);
        let large = "/Predictor 12 /Colors 4294967295 /BitsPerComponent 4294967295 /Columns 4294967295";
        assert_eq!(told(large, b"text"), None);
    }
}
