//! The order in which lines are read: rows from top to bottom, but columns of prose one after the other.
//!
//! Tables and columns look alike: both leave white lanes. Columns of prose have lines that fill them, without gaps; what has
//! not is read row by row. Only a list that keeps a beat of its own beside prose, as in the window of a program, is no part of its
//! rows.

use crate::document::Rect;

/// Rows that columns must share before they are columns.
const LEAST_ROWS: usize = 4;
/// Columns of prose are at least this wide, in heights of their lines.
const LEAST_WIDTH: f32 = 9.0;
/// A line that takes this share of its column fills it.
const FULL: f32 = 0.8;
/// The share of lines of a column that must fill it.
const MOSTLY: f32 = 0.45;
/// Parts of a line differ in height by less than this: a number set large, a letter without its tail.
const MOST_UNLIKE: f32 = 2.2;
/// White lanes are at least this wide, in heights of lines.
const LANE: f32 = 0.9;
/// Gaps this wide, in heights of lines, part the cells of a table.
const CELL_GAP: f32 = 2.0;

/// Entries of a list beside prose, at least.
const LEAST_ENTRIES: usize = 6;
/// The distance of two entries differs from that of most by less than this share, and the share of distances of which that holds.
const BEAT: f32 = 0.12;
const STEADY: f32 = 0.7;
/// Entries and lines are level if they differ by less than this, in heights of lines; of a list beside prose fewer than half are.
const LEVEL: f32 = 0.2;
/// Labels are level with a line, or stand in the middle between two, in their cells: of a list with a beat of its own a share of the entries
/// is off by neither, in distances of lines.
const ADRIFT: std::ops::RangeInclusive<f32> = 0.12..=0.38;
const LEAST_ADRIFT: f32 = 0.33;

/// Rows of boxes in reading order; in a row from left to right. Boxes are in a plane in which lines run to the right.
pub(super) fn rows(boxes: &[Rect]) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..boxes.len()).collect();
    ordered(boxes, &all, 0)
}

fn ordered(boxes: &[Rect], chosen: &[usize], depth: usize) -> Vec<Vec<usize>> {
    let rows = grouped(boxes, chosen);
    let height = typical(chosen.iter().map(|&index| boxes[index].h));
    let mut result = Vec::with_capacity(rows.len());
    let mut at = 0;
    while at < rows.len() {
        let columns = if depth < 4 { columns(boxes, &rows[at..], height) } else { None };
        match columns {
            Some((length, columns)) => {
                for column in columns {
                    result.extend(ordered(boxes, &column, depth + 1));
                }
                at += length;
            }
            None => {
                result.push(rows[at].clone());
                at += 1;
            }
        }
    }
    result
}

/// Boxes that stand beside each other.
fn grouped(boxes: &[Rect], chosen: &[usize]) -> Vec<Vec<usize>> {
    let middle = |index: usize| middle(&boxes[index]);
    let mut order = chosen.to_vec();
    order.sort_by(|&a, &b| middle(a).total_cmp(&middle(b)).then(boxes[a].x.total_cmp(&boxes[b].x)));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for index in order {
        let this = &boxes[index];
        // Only the last few rows can still be level with it.
        let from = rows.len().saturating_sub(8);
        let fits = rows[from..].iter().position(|row| {
            let gap = |other: usize| (boxes[other].x - this.right()).max(this.x - boxes[other].right());
            let nearest = row.iter().copied().min_by(|&a, &b| gap(a).total_cmp(&gap(b)));
            let level = nearest.is_some_and(|other| {
                let middles = (middle(other) - middle(index)).abs() < 0.5 * boxes[other].h.min(this.h);
                middles && alike(&boxes[other], this) || inside_rows(&boxes[other], this)
            });
            let free = row.iter().all(|&other| gap(other) > -0.3 * this.w.min(boxes[other].w));
            level && free
        });
        match fits {
            Some(row) => rows[from + row].push(index),
            None => rows.push(vec![index]),
        }
    }
    for row in &mut rows {
        row.sort_by(|&a, &b| boxes[a].x.total_cmp(&boxes[b].x));
    }
    rows.sort_by(|a, b| middle_of_row(boxes, a).total_cmp(&middle_of_row(boxes, b)));
    rows
}

fn middle(rect: &Rect) -> f32 {
    rect.y + rect.h / 2.0
}

/// The mean of the middles of its boxes.
fn middle_of_row(boxes: &[Rect], row: &[usize]) -> f32 {
    row.iter().map(|&index| middle(&boxes[index])).fold(0.0, |sum, y| sum + y) / count(row.len())
}

/// Whether two boxes may be parts of one line: a stamp beside a line is higher, or lies askew.
fn alike(a: &Rect, b: &Rect) -> bool {
    a.h.max(b.h) <= a.h.min(b.h) * MOST_UNLIKE
}

/// Whether the lower of two boxes lies within the rows of the higher one: a small mark beside a large letter.
fn inside_rows(a: &Rect, b: &Rect) -> bool {
    let (large, small) = if a.h > b.h { (a, b) } else { (b, a) };
    large.h < small.h * 2.0 && small.y >= large.y - small.h * 0.1 && small.bottom() <= large.bottom() + small.h * 0.1
}

/// The longest run of rows, from the first, that share white lanes between columns of prose; its length, and the boxes of
/// each column.
fn columns(boxes: &[Rect], rows: &[Vec<usize>], height: f32) -> Option<(usize, Vec<Vec<usize>>)> {
    let (left, right) = rows.iter().flatten().fold((f32::MAX, f32::MIN), |(left, right), &index| {
        (left.min(boxes[index].x), right.max(boxes[index].right()))
    });
    let mut lanes = vec![(left, right)];
    let mut best = None;
    for (length, row) in rows.iter().enumerate() {
        lanes = shared(&lanes, boxes, row, height * LANE);
        if lanes.is_empty() {
            break;
        }
        if length + 1 >= LEAST_ROWS {
            best = Some((length + 1, lanes.clone()));
        }
    }
    let (length, lanes) = best?;
    let used: Vec<usize> = rows[..length].iter().flatten().copied().collect();
    let inner = |lane: &&(f32, f32)| {
        let has = |side: &dyn Fn(&Rect) -> bool| used.iter().any(|&index| side(&boxes[index]));
        has(&|rect| rect.right() <= lane.0 + 1.0) && has(&|rect| rect.x >= lane.1 - 1.0)
    };
    let cuts: Vec<f32> = lanes.iter().filter(inner).map(|lane| f32::midpoint(lane.0, lane.1)).collect();
    if cuts.is_empty() {
        return None;
    }
    let column_of = |index: usize| cuts.iter().filter(|cut| boxes[index].x + boxes[index].w / 2.0 > **cut).count();
    let mut columns = vec![Vec::new(); cuts.len() + 1];
    used.iter().for_each(|&index| columns[column_of(index)].push(index));
    let rows: Vec<Vec<Vec<usize>>> = columns.iter().map(|column| grouped(boxes, column)).collect();
    let prose: Vec<bool> = rows.iter().map(|rows| is_prose(boxes, rows, height)).collect();
    let stands_alone = |index: usize| {
        let beside = |other: usize| other + 1 == index || other == index + 1;
        (0..columns.len())
            .any(|other| beside(other) && prose[other] && is_list_beside(boxes, &rows[index], &rows[other], height))
    };
    (0..columns.len()).all(|index| prose[index] || stands_alone(index)).then_some((length, columns))
}

/// Whether a column is a list that has nothing to do with the rows of prose beside it: its entries follow each other at even
/// distances, and drift against those rows.
fn is_list_beside(boxes: &[Rect], list: &[Vec<usize>], prose: &[Vec<usize>], height: f32) -> bool {
    let middles = |rows: &[Vec<usize>]| -> Vec<f32> { rows.iter().map(|row| middle_of_row(boxes, row)).collect() };
    let (entries, lines) = (middles(list), middles(prose));
    if entries.len() < LEAST_ENTRIES {
        return false;
    }
    let steps: Vec<f32> = entries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let beat = typical(steps.iter().copied());
    let steady = steps.iter().filter(|step| (**step - beat).abs() <= beat * BEAT).count();
    // Those above and below the prose are level with nothing.
    let within = entries.iter().filter(|entry| lines.first() <= Some(*entry) && Some(*entry) <= lines.last());
    let off = |entry: &f32| lines.iter().map(|line| (line - entry).abs()).min_by(f32::total_cmp);
    let offs: Vec<f32> = within.filter_map(off).collect();
    let level = offs.iter().filter(|off| **off < height * LEVEL).count();
    let pitch = typical(lines.windows(2).map(|pair| pair[1] - pair[0]));
    let adrift = offs.iter().filter(|off| ADRIFT.contains(&(**off / pitch.max(1.0)))).count();
    count(steady) >= count(steps.len()) * STEADY
        && offs.len() >= LEAST_ENTRIES
        && level * 2 < offs.len()
        && count(adrift) >= count(offs.len()) * LEAST_ADRIFT
}

/// What stays white of lanes in a further row.
fn shared(lanes: &[(f32, f32)], boxes: &[Rect], row: &[usize], least: f32) -> Vec<(f32, f32)> {
    let mut result = lanes.to_vec();
    for &index in row {
        let (from, to) = (boxes[index].x, boxes[index].right());
        result = result
            .iter()
            .flat_map(|&(left, right)| [(left, right.min(from)), (left.max(to), right)])
            .filter(|(left, right)| right - left >= least)
            .collect();
        result.dedup();
    }
    result
}

/// Whether rows of a column are lines of prose: they fill it, and have no gaps.
fn is_prose(boxes: &[Rect], rows: &[Vec<usize>], height: f32) -> bool {
    if rows.len() < LEAST_ROWS - 1 {
        return false;
    }
    let start = |row: &Vec<usize>| boxes[row[0]].x;
    let end = |row: &Vec<usize>| row.iter().map(|&index| boxes[index].right()).fold(f32::MIN, f32::max);
    let left = rows.iter().map(start).fold(f32::MAX, f32::min);
    let width = rows.iter().map(end).fold(f32::MIN, f32::max) - left;
    let full = rows.iter().filter(|row| end(row) - start(row) >= width * FULL).count();
    let gaps = rows
        .iter()
        .filter(|row| row.windows(2).any(|pair| boxes[pair[1]].x - boxes[pair[0]].right() > height * CELL_GAP))
        .count();
    width >= height * LEAST_WIDTH && count(full) >= count(rows.len()) * MOSTLY && gaps * 3 <= rows.len()
}

/// The median; zero of nothing.
pub(super) fn typical(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[allow(clippy::cast_precision_loss, reason = "a few thousand lines")]
fn count(value: usize) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(x: f32, y: f32, w: f32) -> Rect {
        Rect { x, y, w, h: 20.0 }
    }

    fn read(boxes: &[Rect]) -> Vec<usize> {
        rows(boxes).concat()
    }

    #[test]
    fn two_columns_of_prose_are_read_one_after_the_other_below_their_head() {
        let mut boxes = vec![line(300.0, 0.0, 400.0)];
        for row in 1..9_u8 {
            let y = f32::from(row) * 30.0;
            boxes.push(line(0.0, y, if row == 8 { 120.0 } else { 440.0 }));
            boxes.push(line(500.0, y + 2.0, 450.0));
        }
        boxes.push(line(480.0, 300.0, 20.0));
        let expected: Vec<usize> =
            [0].into_iter().chain((1..17).step_by(2)).chain((2..17).step_by(2)).chain([17]).collect();
        assert_eq!(read(&boxes), expected);
    }

    #[test]
    fn a_table_is_read_row_by_row() {
        let boxes: Vec<Rect> = (0..10_u8)
            .flat_map(|row| {
                let y = f32::from(row) * 40.0;
                let ragged = f32::from(row % 4) * 40.0;
                [line(0.0, y, 120.0 + ragged), line(400.0, y, 90.0), line(700.0, y, 150.0)]
            })
            .collect();
        assert_eq!(read(&boxes), (0..30).collect::<Vec<_>>());
    }

    /// Labels at a distance, from a place on, and lines beside them.
    fn beside(labels: (u8, f32, f32), lines: (u8, f32)) -> (Vec<Rect>, usize) {
        let label = |row: u8| line(0.0, labels.1 + f32::from(row) * labels.2, 100.0 + f32::from(row % 3) * 20.0);
        let mut boxes: Vec<Rect> = (0..labels.0).map(label).collect();
        let listed = boxes.len();
        boxes.extend(
            (0..lines.0).map(|row| line(200.0, f32::from(row) * lines.1, if row % 4 == 3 { 300.0 } else { 600.0 })),
        );
        (boxes, listed)
    }

    #[test]
    fn a_list_beside_prose_with_a_beat_of_its_own_is_read_before_it() {
        let (boxes, _) = beside((10, 0.0, 37.0), (16, 29.0));
        assert_eq!(read(&boxes), (0..boxes.len()).collect::<Vec<_>>());
    }

    #[test]
    fn labels_of_a_form_are_read_with_their_rows_wherever_in_these_they_stand() {
        // Level with every line, with every second, and in the middle of cells of two lines.
        for (labels, lines) in
            [((16, 0.0, 29.0), (16, 29.0)), ((8, 0.0, 58.0), (16, 29.0)), ((8, 14.5, 58.0), (16, 29.0))]
        {
            let (mut boxes, listed) = beside(labels, lines);
            // Places are never found to the pixel.
            boxes[..listed].iter_mut().zip([1.0, -1.0, 0.0].iter().cycle()).for_each(|(label, off)| label.y += off);
            let read = read(&boxes);
            let second = read.iter().position(|index| *index == 1).expect("the second label");
            let first_line = read.iter().position(|index| *index == listed).expect("the first line");
            assert!(first_line < second, "{labels:?}: {read:?}");
        }
    }

    #[test]
    fn parts_of_a_line_and_lines_of_unequal_height_stay_in_their_rows() {
        let large = Rect { x: 210.0, y: -4.0, w: 60.0, h: 28.0 };
        let boxes = [line(280.0, 1.0, 100.0), large, line(0.0, 0.0, 200.0), line(0.0, 30.0, 390.0)];
        assert_eq!(read(&boxes), [2, 1, 0, 3]);
    }

    #[test]
    fn a_stamp_amid_a_line_is_a_line_of_its_own() {
        let stamp = Rect { x: 150.0, y: -18.0, w: 120.0, h: 56.0 };
        let boxes = [line(0.0, 0.0, 140.0), stamp, line(280.0, 0.0, 200.0)];
        assert!(rows(&boxes).contains(&vec![1]), "{:?}", rows(&boxes));
    }

    #[test]
    fn a_row_that_drifts_downwards_stays_one_row() {
        let boxes: Vec<Rect> =
            (0..6_u8).map(|part| line(f32::from(part) * 110.0, f32::from(part) * 6.0, 100.0)).collect();
        assert_eq!(rows(&boxes).len(), 1);
    }
}
