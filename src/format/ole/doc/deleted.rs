//! Text that was deleted while changes were tracked: it is still there, and is marked.

use std::ops::Range;

use super::super::bytes::{part, size, u16};

/// Bytes of a page of formatting.
const PAGE: usize = 512;

/// The command "deleted".
const DELETED: u16 = 0x0800;

/// Runs of deleted text that are marked.
pub(super) const MOST: usize = 100_000;

/// Where in the main stream deleted text stands, by the table of formatting of characters, and whether the pages of that table are
/// all there: none is the header, none is without runs.
pub(super) fn ranges(main: &[u8], table: &[u8]) -> (Vec<Range<usize>>, bool) {
    let count = table.len().saturating_sub(4) / 8;
    let numbers = (0..count).filter_map(|index| size(table, 4 * (count + 1) + 4 * index));
    let pages = || numbers.clone().map(|number| (number, part(main, number.saturating_mul(PAGE), PAGE)));
    let is_sound = pages().all(|(number, page)| number > 0 && page.get(PAGE - 1).is_some_and(|runs| *runs > 0));
    let mut ranges: Vec<Range<usize>> =
        pages().map(|(_, page)| page).filter(|page| page.len() == PAGE).flat_map(page_ranges).take(MOST).collect();
    ranges.retain(|range| range.start < range.end);
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    (ranges, is_sound)
}

fn page_ranges(page: &[u8]) -> Vec<Range<usize>> {
    let runs = usize::from(page[PAGE - 1]);
    let run = |index: usize| {
        let range = size(page, 4 * index)?..size(page, 4 * index + 4)?;
        let at = 2 * usize::from(*page.get(4 * (runs + 1) + index)?);
        let commands = part(page, at + 1, usize::from(*page.get(at)?));
        (at > 0 && is_deleted(commands)).then_some(range)
    };
    (0..runs).filter_map(run).collect()
}

/// Whether commands of formatting say that text is deleted.
fn is_deleted(commands: &[u8]) -> bool {
    let mut at = 0;
    let mut deleted = false;
    while let Some(command) = u16(commands, at) {
        if command == DELETED {
            deleted = commands.get(at + 2) == Some(&1);
        }
        at += 2 + match command >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            _ => 1 + commands.get(at + 2).map_or(0, |length| usize::from(*length)),
        };
    }
    deleted
}

/// The deleted ones among the `count` characters of a piece that stands at `at` in the main stream and is read from
/// character `first` on.
pub(super) fn within(deleted: &[Range<usize>], at: usize, count: usize, wide: bool, first: usize) -> Vec<Range<usize>> {
    let bytes = if wide { 2 } else { 1 };
    let end = at.saturating_add(count.saturating_mul(bytes));
    let begin = deleted.partition_point(|range| range.end <= at);
    let touched = deleted.iter().skip(begin).take_while(|range| range.start < end);
    let place = |place: usize| first + (place.clamp(at, end) - at) / bytes;
    touched.map(|range| place(range.start)..place(range.end)).collect()
}
