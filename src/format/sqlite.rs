//! SQLite databases: every table is a part, a row a line, a value a cell; files in values are documents inside.
//!
//! Tables are read from their pages, without SQL: nothing that a database defines (views, triggers, virtual tables) is run.
//! What was deleted and is still in the file is a part too. A file of the write-ahead log beside the database is a file of its own
//! ([`log`]).

mod freed;
pub(super) mod log;
mod pages;
mod record;

use std::ops::ControlFlow;

use crate::config::{Limits, Settings};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::kind;

use super::packed::Packed;
use super::text::{Holding, Part, TextPages};
use super::{Document, Format, Members, Source, zeros};
use pages::{Database, Row};
use record::Value;

/// Bytes of a value that is nothing known from which on it may be a document nonetheless: shorter ones are keys and hashes.
const UNKNOWN: usize = 512;
/// Bytes of a value by which its kind is told.
const LOOK: usize = 4096;

/// Reads SQLite databases.
pub(super) struct Sqlite;

impl Format for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn version(&self) -> u32 {
        5
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["sqlite"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let damaged = || Fault::whole(FaultReason::Damaged, "the header is that of no SQLite database");
        let database = Database::open(source, &settings.limits).ok_or_else(damaged)?;
        let (tables, mut faults) = tables(&database, settings.limits.database_tables);
        let mut reading = Reading { room: settings.limits.content_text_bytes, files: false, cut: false, zeroed: false };
        let mut parts: Vec<Part> = tables.iter().map(|table| reading.part(&database, table, &mut faults)).collect();
        let schema: Vec<&str> = tables.iter().map(|table| table.sql.as_str()).filter(|sql| !sql.is_empty()).collect();
        parts.push(Part { label: Some("schema".to_owned()), text: schema.join("\n") });
        let (deleted, over) = database.deleted(reading.room);
        reading.cut |= over;
        parts.push(Part { label: Some("deleted rows".to_owned()), text: deleted });
        if reading.cut {
            let limit = settings.limits.content_text_bytes;
            faults.push(Fault::limit("content_text_bytes", limit, "the text of the database"));
        }
        if reading.zeroed {
            faults.push(Fault::whole(FaultReason::Damaged, "texts of the database were zeroed"));
        }
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        Ok(Box::new(Opened { database, tables, pages, files: reading.files }))
    }
}

struct Opened<'a> {
    database: Database<'a>,
    tables: Vec<Table>,
    pages: TextPages,
    files: bool,
}

impl Holding for Opened<'_> {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn holds(&self) -> bool {
        self.files
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        let mut number = 0;
        for table in &self.tables {
            let mut stopped = false;
            // Damage is a fault of the pages already.
            let _ = self.database.rows(table.root, &mut |row| {
                for bytes in row.values.iter().filter_map(file) {
                    number += 1;
                    let file = Packed::new(&table.name, number, bytes.to_vec());
                    stopped |= out.member(&file.name, &mut file.bytes.as_slice()).is_break();
                    if stopped {
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            });
            if stopped {
                break;
            }
        }
        Ok(())
    }
}

/// A table, view, index or trigger as the schema has it.
struct Table {
    name: String,
    sql: String,
    /// The page where its rows begin; 0 if it has none, or they are those of a table.
    root: u32,
}

/// What the schema, the table that begins on the first page, says, up to so many entries.
fn tables(database: &Database<'_>, most: usize) -> (Vec<Table>, Vec<Fault>) {
    let (mut tables, mut more) = (Vec::new(), false);
    let read = database.rows(1, &mut |row| {
        let [Value::Text(kind), Value::Text(name), _, root, sql, ..] = &row.values[..] else {
            return ControlFlow::Continue(());
        };
        if tables.len() >= most {
            more = true;
            return ControlFlow::Break(());
        }
        let root = match (kind.as_str(), root) {
            ("table", Value::Integer(root)) => u32::try_from(*root).unwrap_or_default(),
            _ => 0,
        };
        let sql = if let Value::Text(sql) = sql { sql.clone() } else { String::new() };
        tables.push(Table { name: name.clone(), sql, root });
        ControlFlow::Continue(())
    });
    let mut faults: Vec<Fault> = read.err().map(|why| of_table("the schema", &why)).into_iter().collect();
    faults.extend(more.then(|| Fault::limit("database_tables", most, "the number of entries of the schema")));
    (tables, faults)
}

fn of_table(name: &str, fault: &Fault) -> Fault {
    Fault { detail: format!("{name}: {}", fault.detail), ..fault.clone() }
}

/// Bytes of text that may still be kept, and what was met.
struct Reading {
    room: usize,
    files: bool,
    cut: bool,
    /// Whether zeros stand for characters of a text.
    zeroed: bool,
}

impl Reading {
    /// The rows of a table.
    fn part(&mut self, database: &Database<'_>, table: &Table, faults: &mut Vec<Fault>) -> Part {
        let label = Some(format!("table \"{}\"", table.name));
        // The statistics and counters of SQLite itself.
        if table.root == 0 || table.name.starts_with("sqlite_") {
            return Part { label, text: String::new() };
        }
        let columns = columns(&table.sql);
        let key = columns.iter().position(|(_, is_key)| *is_key);
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut text = names.join("\t") + "\n";
        let head = text.len();
        let read = database.rows(table.root, &mut |row| {
            self.row(row, key, &mut text);
            if self.cut { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        faults.extend(read.err().map(|why| of_table(&format!("table \"{}\"", table.name), &why)));
        if text.len() == head {
            text.clear();
        }
        Part { label, text }
    }

    fn row(&mut self, row: &Row, key: Option<usize>, text: &mut String) {
        let start = text.len();
        for (index, value) in row.values.iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            match value {
                // The number of a row stands in its key, and nowhere else.
                Value::Null if Some(index) == key => text.push_str(&row.number.to_string()),
                Value::Null => {}
                Value::Integer(number) => text.push_str(&number.to_string()),
                Value::Real(number) => text.push_str(&number.to_string()),
                Value::Text(words) => {
                    self.zeroed |= zeros::in_raw(words.as_bytes()) > 0;
                    text.push_str(words);
                }
                Value::Bytes(bytes) => match file(value) {
                    Some(_) => self.files = true,
                    None if is_text(bytes) => text.push_str(&super::charset::decode(bytes, None).text),
                    None => {}
                },
            }
        }
        text.push('\n');
        let size = text.len() - start;
        self.cut |= size > self.room;
        self.room = self.room.saturating_sub(size);
    }
}

fn is_text(bytes: &[u8]) -> bool {
    kind::of_head(&bytes[..bytes.len().min(LOOK)]) == Some("text")
}

/// The bytes of a value that may be a document.
fn file(value: &Value) -> Option<&[u8]> {
    let Value::Bytes(bytes) = value else { return None };
    let document = match kind::of_head(&bytes[..bytes.len().min(LOOK)]) {
        Some("text" | "font") => false,
        Some(_) => true,
        None => bytes.len() >= UNKNOWN,
    };
    document.then_some(bytes)
}

/// Names of the columns in the statement that made a table, and whether one is the number of the row by another name.
fn columns(sql: &str) -> Vec<(String, bool)> {
    let Some((_, list)) = sql.split_once('(') else { return Vec::new() };
    let (mut depth, mut columns, mut column) = (0_u32, Vec::new(), String::new());
    for c in list.chars() {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' if depth == 0 => break,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                columns.push(std::mem::take(&mut column));
                continue;
            }
            _ => {}
        }
        column.push(c);
    }
    columns.push(column);
    let named = |column: String| {
        let column = column.trim();
        let quote = column.chars().next().filter(|quote| matches!(quote, '"' | '`' | '[' | '\''));
        let end = |quote: char| if quote == '[' { ']' } else { quote };
        let name = match quote {
            Some(quote) => column[1..].split(end(quote)).next().unwrap_or_default(),
            None => column.split_whitespace().next().unwrap_or_default(),
        };
        let words = column.to_ascii_uppercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let rule = ["PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT"];
        let is_rule = quote.is_none() && rule.iter().any(|rule| words.starts_with(rule));
        (!is_rule && !name.is_empty()).then(|| (name.to_owned(), words.contains("INTEGER PRIMARY KEY")))
    };
    columns.into_iter().filter_map(named).collect()
}

/// The limit of a value's bytes.
fn value_limit(limits: &Limits) -> Fault {
    Fault::limit("unpacked_bytes", limits.unpacked_bytes, "a value of a table")
}

#[cfg(test)]
mod tests;
