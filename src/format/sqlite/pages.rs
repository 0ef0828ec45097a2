//! Pages of a database, and the trees of them in which rows lie (SQLite's file format, 1.6).

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::freed;
use super::record::{Value, values, varint};
use super::value_limit;
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::Source;

/// Bytes of the header of the first page.
const HEADER: usize = 100;

/// An open database.
pub(super) struct Database<'a> {
    source: Source,
    limits: &'a Limits,
    page_bytes: u64,
    /// Bytes of a page that are used.
    usable: usize,
    encoding: u32,
}

/// A row of a table.
pub(super) struct Row {
    pub(super) number: i64,
    pub(super) values: Vec<Value>,
}

/// Takes rows until it breaks.
type Take<'t> = dyn FnMut(&Row) -> ControlFlow<()> + 't;

impl<'a> Database<'a> {
    pub(super) fn open(source: Source, limits: &'a Limits) -> Option<Self> {
        let head = source.head(HEADER).ok()?;
        let page_bytes = match u16::from_be_bytes([*head.get(16)?, *head.get(17)?]) {
            1 => 65536,
            size if size >= 512 && size.is_power_of_two() => u64::from(size),
            _ => return None,
        };
        let usable = usize::try_from(page_bytes).ok()?.checked_sub(usize::from(*head.get(20)?))?;
        let encoding = u32::from_be_bytes(head.get(56..60)?.try_into().ok()?);
        (usable >= 480).then_some(Self { source, limits, page_bytes, usable, encoding })
    }

    /// The pages of a log, which are handed over one by one: none can be looked up by its number.
    pub(super) fn of_log(source: Source, limits: &'a Limits, size: usize, encoding: u32) -> Self {
        Self { source, limits, page_bytes: 0, usable: size, encoding }
    }

    fn page(&self, number: u32) -> Option<Vec<u8>> {
        let start = u64::from(number.checked_sub(1)?) * self.page_bytes;
        let bytes = self.source.bytes_of(start..start + self.page_bytes).ok()?;
        (bytes.len() as u64 == self.page_bytes).then_some(bytes)
    }

    /// What was deleted and is still there: the texts of free pages and of the free room on others, a line each, up to a limit; and
    /// whether there are more.
    pub(super) fn deleted(&self, most: usize) -> (String, bool) {
        let free = self.free_pages();
        let mut lines = String::new();
        let last = u32::try_from(self.source.size() / self.page_bytes).unwrap_or(u32::MAX);
        for number in 1..=last {
            let Some(page) = self.page(number) else { break };
            let head = if number == 1 { HEADER } else { 0 };
            let texts = match free.contains(&number) {
                true => self.freed(&page),
                false => page.get(..self.usable).and_then(|page| freed::on_page(page, head, self.encoding)),
            };
            lines.push_str(&texts.unwrap_or_default());
            if lines.len() > most {
                lines.truncate(lines.floor_char_boundary(most));
                return (lines, true);
            }
        }
        (lines, false)
    }

    /// The texts of a page in no tree: rows as they are, where it is a page of rows.
    pub(super) fn freed(&self, page: &[u8]) -> Option<String> {
        let head = if page.starts_with(b"SQLite format 3\0") { HEADER } else { 0 };
        let mut lines = String::new();
        let mut walk = Walk { database: self, seen: HashSet::new(), lost: 0, limit: None };
        let _ = walk.tree_page(page, head, &mut Vec::new(), &mut |row| {
            lines.extend(freed::line(&row.values));
            ControlFlow::Continue(())
        });
        // Rows that go on elsewhere, what was deleted before, and pages that were no rows.
        let whole = walk.lost == 0 && !lines.trim().is_empty();
        let more =
            if whole { freed::on_page(page, head, self.encoding) } else { Some(freed::runs(page, self.encoding)) };
        Some(lines + &more.unwrap_or_default()).filter(|lines| !lines.trim().is_empty())
    }

    /// The numbers of the pages that are free. The list ends where it bites its tail.
    fn free_pages(&self) -> HashSet<u32> {
        let number = |bytes: &[u8], at: usize| {
            bytes
                .get(at..at + 4)
                .map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
                .unwrap_or_default()
        };
        let mut free = HashSet::new();
        let mut next = self.source.head(HEADER).map(|head| number(&head, 32)).unwrap_or_default();
        while next > 0 && free.insert(next) {
            let Some(page) = self.page(next) else { break };
            let count = usize::try_from(number(&page, 4)).unwrap_or_default().min(page.len() / 4);
            free.extend((0..count).map(|index| number(&page, 8 + 4 * index)));
            next = number(&page, 0);
        }
        free
    }

    /// Hands over the rows of the tree that begins on page `root`. What is damaged of it is passed over, and an error at the
    /// end; a database has no more pages than its file, and none twice.
    pub(super) fn rows(&self, root: u32, take: &mut Take<'_>) -> Result<(), Fault> {
        let mut walk = Walk { database: self, seen: HashSet::new(), lost: 0, limit: None };
        let mut todo = vec![root];
        while let Some(number) = todo.pop() {
            if number == 0 || !walk.seen.insert(number) {
                walk.lost += 1;
                continue;
            }
            let Some(page) = self.page(number) else {
                walk.lost += 1;
                continue;
            };
            if walk.tree_page(&page, if number == 1 { HEADER } else { 0 }, &mut todo, take).is_break() {
                break;
            }
        }
        match (walk.limit, walk.lost) {
            (Some(fault), _) => Err(fault),
            (None, 0) => Ok(()),
            (None, lost) => {
                Err(Fault::whole(FaultReason::Damaged, format!("{lost} of its pages or rows cannot be read")))
            }
        }
    }
}

struct Walk<'d> {
    database: &'d Database<'d>,
    seen: HashSet<u32>,
    lost: u64,
    limit: Option<Fault>,
}

impl Walk<'_> {
    /// A page of a tree: rows, or the pages below. Trees of rows without numbers have rows on every page.
    fn tree_page(&mut self, page: &[u8], head: usize, todo: &mut Vec<u32>, take: &mut Take<'_>) -> ControlFlow<()> {
        let byte = |at: usize| page.get(head + at).copied().unwrap_or_default();
        let (kind, count) = (byte(0), u16::from_be_bytes([byte(3), byte(4)]));
        let (inner, numbered) = match kind {
            2 => (true, false),
            5 => (true, true),
            10 => (false, false),
            13 => (false, true),
            _ => {
                self.lost += 1;
                return ControlFlow::Continue(());
            }
        };
        let first = head + if inner { 12 } else { 8 };
        let mut below = Vec::new();
        for index in 0..usize::from(count) {
            let place = page.get(first + 2 * index..first + 2 * index + 2);
            let cell = place.and_then(|place| page.get(usize::from(u16::from_be_bytes([place[0], place[1]]))..));
            let Some(mut cell) = cell else {
                self.lost += 1;
                continue;
            };
            if inner {
                let Some((child, rest)) = cell.split_at_checked(4) else {
                    self.lost += 1;
                    continue;
                };
                below.push(u32::from_be_bytes([child[0], child[1], child[2], child[3]]));
                cell = rest;
            }
            if inner && numbered {
                continue;
            }
            match self.row(cell, numbered) {
                Some(row) => take(&row)?,
                None => self.lost += 1,
            }
        }
        if inner {
            below.push(u32::from_be_bytes([byte(8), byte(9), byte(10), byte(11)]));
        }
        todo.extend(below.into_iter().rev());
        ControlFlow::Continue(())
    }

    fn row(&mut self, cell: &[u8], numbered: bool) -> Option<Row> {
        let (size, mut rest) = varint(cell)?;
        let mut number = 0;
        if numbered {
            (number, rest) = varint(rest)?;
        }
        if size > self.database.limits.unpacked_bytes {
            self.limit = Some(value_limit(self.database.limits));
            return None;
        }
        let record = self.record(usize::try_from(size).ok()?, rest, numbered)?;
        Some(Row { number: number.cast_signed(), values: values(&record, self.database.encoding)? })
    }

    /// The bytes of a record, of which the end may lie on further pages.
    fn record(&mut self, size: usize, cell: &[u8], numbered: bool) -> Option<Vec<u8>> {
        let usable = self.database.usable;
        let most = if numbered { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
        if size <= most {
            return cell.get(..size).map(<[u8]>::to_vec);
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let fitting = least + (size - least) % (usable - 4);
        let here = if fitting <= most { fitting } else { least };
        let mut record = cell.get(..here)?.to_vec();
        let mut next = u32::from_be_bytes(cell.get(here..here + 4)?.try_into().ok()?);
        while record.len() < size {
            if !self.seen.insert(next) {
                return None;
            }
            let page = self.database.page(next)?;
            next = u32::from_be_bytes(page.get(..4)?.try_into().ok()?);
            record.extend(page.get(4..usable)?.iter().take(size - record.len()));
        }
        Some(record)
    }
}
