//! Columns of tables: what a heading says holds for every cell below it, however many rows further down.
//!
//! A table is told by its heading: a line of short cells one of which names a type, and lines below that are parted alike, by tabs
//! (sheets, tables of documents and web pages), bars (Markdown), semicolons or commas. Readers leave empty cells of a sheet out, so
//! a cell of a row that is shorter than the heading may stand below any heading that it can have moved away from. A table that goes
//! on on the next page keeps its heading there. Dumps of `PostgreSQL` name the columns in a statement above. On drawn pages
//! `cells` puts the tabs in.

use std::cell::RefCell;
use std::ops::Range;

use regex::Regex;

use super::rules::{Rules, is_word};

/// Characters of a heading's cell, and digits in it: more are a sentence, or a value.
const MOST_HEADING: usize = 60;
const MOST_DIGITS: usize = 4;
/// Bytes of a line, and its cells.
const MOST_LINE: usize = 1 << 16;
const MOST_CELLS: usize = 1024;
/// Lines in succession that are parted otherwise, as where a cell holds a line end, before a table has ended.
const MOST_MISFITS: usize = 2;

/// The cells of a line, by their bytes in it.
type Cells = Vec<Range<usize>>;

/// What parts the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parted {
    By(u8),
    /// There is one column.
    Alone,
}

/// How the lines of a table are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    parted: Parted,
    /// Whether it is of a sheet, where each line is a row.
    sheet: bool,
    /// Cells of its heading.
    cells: usize,
    /// Rows that must follow the heading: commas with blanks behind them part a sentence as well.
    least: usize,
    /// Whether they are still to come: the page ends with the heading.
    waits: bool,
}

/// The types that each cell of a heading names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    form: Form,
    kinds: Vec<Vec<usize>>,
    /// Types of columns that have a keyword in some cell.
    labelled: Vec<usize>,
    /// And those that have a heading in some cell beside which less sure values are none.
    doubted: Vec<usize>,
    /// Whether no line like it stands above: a row of a list of words may look like a heading.
    first: bool,
}

/// A heading, and the bytes of the rows below it.
#[derive(Debug)]
pub(super) struct Table {
    heading: Heading,
    /// The how manieth of its content it is.
    number: usize,
    pub(super) rows: Range<usize>,
    /// Whether it is the one before, of which more is known from here on.
    goes_on: bool,
}

/// The tables of a page, in order.
#[derive(Default)]
pub(super) struct Tables {
    all: Vec<Table>,
    /// The types that any heading names.
    named: Vec<usize>,
    /// The heading of the table that the page ends in.
    open: Option<Heading>,
    /// How many tables there are up to here, on the pages before too.
    count: usize,
    /// The line that was looked at last, and its cells: a row is asked for one value after another.
    last: RefCell<Option<(Range<usize>, Cells)>>,
}

/// What is known of the page that tables stand on.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    /// The heading of the table that the page before ended in.
    pub(super) heading: Option<Heading>,
    /// How many tables there are up to that page.
    pub(super) tables: usize,
    /// Whether the page is a part of a sheet: there a line is a row, also of one cell.
    sheet: bool,
    /// What the page is a part of.
    part: String,
}

impl Context {
    /// Goes on to a page, by its label: a table goes on from one part of a sheet, or of a text by lines, to the next.
    pub(super) fn turn(&mut self, label: Option<&str>) {
        let label = label.unwrap_or("");
        let name = label.rsplit_once(' ').filter(|(_, last)| last.ends_with(|char: char| char.is_ascii_digit()));
        let part = name.map_or(label, |(name, _)| name.trim_end_matches('s'));
        self.sheet = part.starts_with("sheet ");
        if part != self.part || !(self.sheet || part == "line") {
            self.heading = None;
        }
        part.clone_into(&mut self.part);
    }
}

impl Tables {
    /// Finds the tables of a text. `beginnings` are places in the lines that may be headings, one in each, in order.
    pub(super) fn of(rules: &Rules, text: &str, beginnings: &[usize], context: &Context) -> Self {
        let mut tables = Self { open: context.heading.clone(), count: context.tables, ..Self::default() };
        let mut beginnings = beginnings.iter().copied().peekable();
        tables.open = tables.open.and_then(|open| open.continued(text));
        if tables.open.is_some() {
            tables.all.push(tables.table(0, false));
        }
        let (mut at, mut misfits) = (0, 0);
        while at < text.len() {
            if tables.open.is_none() {
                let Some(&next) = beginnings.peek() else { break };
                at = line_start(text, next);
            }
            let end = line_end(text, at);
            let line = &text[at..end];
            let may_be_heading = beginnings.next_if(|next| *next < end).is_some();
            let heading = may_be_heading.then(|| Heading::of(rules, text, at..end, context.sheet)).flatten();
            let heading =
                heading.filter(|heading| tables.open.as_ref().is_none_or(|open| open.gives_way(heading, line)));
            if let Some(mut heading) = heading {
                if tables.open.as_ref().is_some_and(|open| !open.form.row(line).is_empty()) {
                    tables.extend(end);
                }
                let above = at.checked_sub(1).map_or("", |before| &text[line_start(text, before)..before]);
                heading.first = heading.form.row(above).len() < heading.form.cells;
                tables.head(heading, end + 1);
                misfits = 0;
            } else if let Some(open) = &tables.open {
                misfits = if open.form.row(line).is_empty() { misfits + 1 } else { 0 };
                if misfits == 0 {
                    tables.extend(end);
                } else if misfits > MOST_MISFITS {
                    tables.open = None;
                    misfits = 0;
                }
            }
            at = end + 1;
        }
        tables.all.retain(|table| !table.rows.is_empty());
        for table in &tables.all {
            unite(&mut tables.named, table.kinds());
        }
        tables
    }

    /// Leaves behind what the next page goes on under.
    pub(super) fn leave(self, context: &mut Context) {
        context.heading = self.open;
        context.tables = self.count;
    }

    /// All of them, each in the parts from which on more is known of it.
    pub(super) fn all(&self) -> impl Iterator<Item = &[Table]> {
        self.all.chunk_by(|_, next| next.goes_on)
    }

    /// Whether any heading names a type.
    pub(super) fn name(&self, kind: usize) -> bool {
        self.named.contains(&kind)
    }

    /// Whether a place is in a table that has a heading of a type.
    pub(super) fn has(&self, kind: usize, at: usize) -> bool {
        self.around(at).is_some_and(|table| table.heading.kinds.iter().any(|kinds| kinds.contains(&kind)))
    }

    /// The number of the table in which a range of the text fills a cell below a heading of a type.
    pub(super) fn label(&self, text: &str, kind: usize, range: &Range<usize>) -> Option<usize> {
        let table = self.around(range.start).filter(|_| self.has(kind, range.start))?;
        let mut last = self.last.borrow_mut();
        let known = last.take().filter(|(line, _)| line.contains(&range.start));
        // A line that is no row has no cells, and is looked at once: it may be long, and full of values.
        let (line, cells) = last.insert(known.unwrap_or_else(|| {
            let line = line_start(text, range.start)..line_end(text, range.start);
            let cells = table.heading.form.row(&text[line.clone()]);
            (line, cells)
        }));
        let start = line.start;
        let inside = |cell: &Range<usize>| start + cell.start <= range.start && range.end <= start + cell.end;
        let index = cells.iter().position(inside)?;
        let (from, to) = (start + cells[index].start, start + cells[index].end);
        let bare = |part: &str| !part.contains(char::is_alphanumeric);
        let fills = bare(&text[from..range.start]) && bare(&text[range.end..to]);
        let mut above = table.heading.above(index, cells.len());
        (fills && above.any(|kinds| kinds.contains(&kind))).then_some(table.number)
    }

    fn around(&self, at: usize) -> Option<&Table> {
        let after = self.all.partition_point(|table| table.rows.start <= at);
        self.all[..after].last().filter(|table| at < table.rows.end)
    }

    /// A table goes on below a heading. One among its rows says more of its columns.
    fn head(&mut self, mut heading: Heading, from: usize) {
        let open = self.open.take().filter(|open| open.is_like(&heading));
        let goes_on = open.is_some();
        if let Some(open) = open {
            heading.kinds.iter_mut().zip(open.kinds).for_each(|(kinds, known)| unite(kinds, known));
            unite(&mut heading.labelled, open.labelled);
            unite(&mut heading.doubted, open.doubted);
            heading.first |= open.first;
        }
        self.open = Some(heading);
        self.count += usize::from(!goes_on);
        self.all.push(self.table(from, goes_on));
    }

    /// The rows from a place on, below the heading that holds there.
    fn table(&self, from: usize, goes_on: bool) -> Table {
        let heading = self.open.clone().expect("a heading stands above");
        Table { heading, number: self.count, rows: from..from, goes_on }
    }

    fn extend(&mut self, to: usize) {
        if let Some(table) = self.all.last_mut() {
            table.rows.end = to;
        }
    }
}

impl Table {
    /// The types that its heading names.
    pub(super) fn kinds(&self) -> Vec<usize> {
        let mut kinds = Vec::new();
        self.heading.kinds.iter().for_each(|named| unite(&mut kinds, named.clone()));
        kinds
    }

    /// Whether its heading is surely one: no line like it stands above.
    pub(super) fn is_headed(&self) -> bool {
        self.heading.first
    }

    /// Whether a keyword of a type of columns stands in its heading.
    pub(super) fn labels(&self, kind: usize) -> bool {
        self.heading.labelled.contains(&kind)
    }

    /// Whether a heading stands in it beside which less sure values of a type are none.
    pub(super) fn doubts(&self, kind: usize) -> bool {
        self.heading.doubted.contains(&kind)
    }

    /// The cells below headings of a type, without the blanks and quotes around them.
    pub(super) fn cells(&self, text: &str, kind: usize) -> Vec<Range<usize>> {
        let mut below = Vec::new();
        let mut at = self.rows.start;
        while at < self.rows.end {
            let end = line_end(text, at);
            let mut cells = self.heading.form.row(&text[at..end]);
            if cells.iter().all(|cell| is_rule(&text[at + cell.start..at + cell.end])) {
                cells.clear();
            }
            let is_below = |index: usize| self.heading.above(index, cells.len()).any(|kinds| kinds.contains(&kind));
            let wanted = cells.iter().enumerate().filter(|(index, _)| is_below(*index));
            below.extend(wanted.map(|(_, cell)| bare(text, at + cell.start..at + cell.end)));
            at = end + 1;
        }
        below.retain(|cell| !cell.is_empty());
        below
    }
}

impl Form {
    /// Whether rows follow in a text, or the rule below the heading; `misfits` lines may stand before them or between.
    fn has_rows(self, text: &str, misfits: usize) -> bool {
        let lines = text.lines().take(self.least + misfits);
        lines.filter(|line| !self.row(line).is_empty()).count() >= self.least
    }

    /// The cells of a line, if it may be a row.
    fn row(self, line: &str) -> Cells {
        if line.len() > MOST_LINE || line.trim().is_empty() {
            return Vec::new();
        }
        let cells = self.parted.cells(line);
        let fits = match self.parted {
            Parted::Alone => !line.contains('\t'),
            // Empty cells are left out, but a line without a tab is none of a table, unless it is of a sheet.
            Parted::By(b'\t') => cells.len() <= self.cells && (self.sheet || cells.len() > 1),
            Parted::By(_) => cells.len() == self.cells,
        };
        if fits { cells } else { Vec::new() }
    }
}

impl Heading {
    /// That of a line of a text, if it looks like one, rows follow and it names a type.
    fn of(rules: &Rules, text: &str, line: Range<usize>, sheet: bool) -> Option<Self> {
        let (line, below) = (&text[line.clone()], line.end + 1);
        if line.len() > MOST_LINE {
            return None;
        }
        let (parted, cells) = match copied(line) {
            Some(columns) => (Parted::By(b'\t'), columns),
            None => {
                let parted = Parted::of(line).or(sheet.then_some(Parted::Alone))?;
                // Most lines are sentences: their first words tell.
                if let Parted::By(sign) = parted
                    && memchr::memchr(b'"', line.as_bytes()).is_none()
                    && !line.split(char::from(sign)).all(is_heading)
                {
                    return None;
                }
                (parted, parted.cells(line))
            }
        };
        let below = text.get(below..).unwrap_or("");
        let least = if parted == Parted::By(b',') && line.contains(", ") { 2 } else { 1 };
        let waits = below.trim_start().is_empty();
        let form = Form { parted, sheet, cells: cells.len(), least, waits };
        // What the cells name is looked for last: it takes the most time.
        let may_be = cells.len() <= MOST_CELLS
            && cells.iter().all(|cell| is_heading(&line[cell.clone()]))
            && (waits || form.has_rows(below, 0));
        if !may_be {
            return None;
        }
        let mut labelled = Vec::new();
        let kinds: Vec<Vec<usize>> = cells.iter().map(|cell| kinds(rules, line, cell, &mut labelled)).collect();
        let beside = |kind: &usize| rules.types[*kind].unless_beside.as_ref();
        let speaks = |words: &Regex| cells.iter().any(|cell| words.is_match(&line[bare(line, cell.clone())]));
        let mut doubted = Vec::new();
        kinds.iter().for_each(|kinds| unite(&mut doubted, kinds.clone()));
        doubted.retain(|kind| beside(kind).is_some_and(speaks));
        let names = kinds.iter().any(|kinds| !kinds.is_empty());
        names.then_some(Self { form, kinds, labelled, doubted, first: false })
    }

    /// What is left of it on the next page: nothing, if that should begin with the rows and does not.
    fn continued(mut self, text: &str) -> Option<Self> {
        // The first row may be longer than a page, and parted where it has no cell.
        let stays = !self.form.waits || self.form.has_rows(text, MOST_MISFITS);
        self.form.waits &= text.trim().is_empty();
        (stays || self.form.waits).then_some(self)
    }

    /// Whether a line of its table that looks like a heading is one: a row with a word of some type in a remark is not. Numbers are
    /// of rows, and what says nothing new is left where it is.
    fn gives_way(&self, other: &Self, line: &str) -> bool {
        let is_new = |(known, named): (&Vec<usize>, &Vec<usize>)| named.iter().any(|kind| !known.contains(kind));
        let says_more = !self.is_like(other) || self.kinds.iter().zip(&other.kinds).any(is_new);
        self.form.row(line).is_empty()
            || says_more && self.form.parted.cells(line).into_iter().all(|cell| is_title(&line[cell]))
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.form.parted, self.form.cells) == (other.form.parted, other.form.cells)
    }

    /// What the headings say below which a cell may stand, by its number in a row of so many.
    fn above(&self, index: usize, cells: usize) -> impl Iterator<Item = &Vec<usize>> {
        let left_out = self.kinds.len().saturating_sub(cells);
        self.kinds.iter().skip(index).take(left_out + 1)
    }
}

/// What a cell of a heading names: types by their keywords, and those that are looked for in columns alone. Keywords of the latter
/// go to `labelled`: a password is surer where another column names the account.
fn kinds(rules: &Rules, line: &str, cell: &Range<usize>, labelled: &mut Vec<usize>) -> Vec<usize> {
    let text = &line[bare(line, cell.clone())];
    let (mut kinds, mut around) = (Vec::new(), Vec::new());
    rules.words.in_heading(text, &mut |word, start, end| {
        let labels = word.labels.iter().filter(|_| is_word(text, start, end));
        for kind in labels {
            if rules.types[*kind].column.is_some() { around.push(*kind) } else { kinds.push(*kind) }
        }
        let is_meant = |kind: &&usize| rules.types[**kind].column.as_ref().is_some_and(|column| column.is_match(text));
        kinds.extend(word.heads.iter().filter(is_meant));
    });
    unite(labelled, around);
    unite(&mut kinds, Vec::new());
    kinds
}

/// Puts types to others, sorted and without doubles.
fn unite(kinds: &mut Vec<usize>, more: Vec<usize>) {
    kinds.extend(more);
    kinds.sort_unstable();
    kinds.dedup();
}

/// Whether a cell may be of a heading: it is short, and no number. Empty ones are.
fn is_heading(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    cell.chars().count() <= MOST_HEADING && digits <= MOST_DIGITS && (digits == 0 || cell.contains(char::is_alphabetic))
}

/// Whether a cell may name a column beside others of numbers: letters, and a year or one digit at most (`IPv4`, `Password (2026)`).
fn is_title(cell: &str) -> bool {
    let mut numbers = cell.split(|char: char| !char.is_ascii_digit()).filter(|number| !number.is_empty());
    let is_year = |number: &str| number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let may_stand =
        numbers.next().is_none_or(|number| number.len() == 1 || is_year(number)) && numbers.next().is_none();
    may_stand && (cell.trim().is_empty() || cell.contains(char::is_alphabetic))
}

/// Whether a cell is of the rule below a heading of Markdown.
fn is_rule(cell: &str) -> bool {
    let cell = cell.trim();
    cell.contains('-') && cell.trim_start_matches(':').trim_end_matches(':').bytes().all(|byte| byte == b'-')
}

/// The columns of a statement that rows follow as `PostgreSQL`'s dumps have them: `COPY users (name, password) FROM stdin;`.
fn copied(line: &str) -> Option<Cells> {
    let is = |part: Option<&str>, word: &str| part.is_some_and(|part| part.eq_ignore_ascii_case(word));
    let line = line.trim_end();
    if !is(line.get(..5), "COPY ") || !is(line.len().checked_sub(11).and_then(|at| line.get(at..)), "FROM stdin;") {
        return None;
    }
    let (from, to) = (line.find('(')? + 1, line.rfind(')')?);
    let mut at = from;
    let columns = line.get(from..to)?.split(',').map(|column| {
        let start = at;
        at += column.len() + 1;
        start..start + column.len()
    });
    Some(columns.collect())
}

impl Parted {
    /// How a line is parted, if it is.
    fn of(line: &str) -> Option<Self> {
        [b'\t', b'|', b';', b','].into_iter().find(|sign| line.as_bytes().contains(sign)).map(Self::By)
    }

    /// The cells of a line. A sign inside quotes parts nothing; bars around a line stand outside of its cells.
    fn cells(self, line: &str) -> Vec<Range<usize>> {
        let Self::By(sign) = self else { return std::iter::once(0..line.len()).collect() };
        let mut range = 0..line.len();
        if sign == b'|' {
            range.start = line.len() - line.trim_start().trim_start_matches('|').len();
            let inner = line.trim_end();
            range.end = inner.strip_suffix('|').unwrap_or(inner).len().max(range.start);
        }
        let bytes = line.as_bytes();
        // A quotation begins where nothing but blanks stands in the cell so far.
        let (mut cells, mut start, mut quoted, mut blank) = (Vec::new(), range.start, false, true);
        for at in range.clone() {
            match bytes[at] {
                b'"' if sign != b'|' && (quoted || blank) => {
                    quoted = !quoted;
                    blank = false;
                }
                byte if byte == sign && !quoted => {
                    cells.push(start..at);
                    start = at + 1;
                    blank = true;
                }
                byte => blank &= byte.is_ascii_whitespace(),
            }
        }
        if quoted {
            // The quotation goes on in the next line, or is none: `5" disk`.
            return std::iter::once(0..line.len()).collect();
        }
        cells.push(start..range.end);
        cells
    }
}

/// A cell without the blanks and quotes around it.
fn bare(text: &str, cell: Range<usize>) -> Range<usize> {
    let part = text[cell.clone()].trim_start_matches(is_around);
    let start = cell.end - part.len();
    start..start + part.trim_end_matches(is_around).len()
}

fn is_around(char: char) -> bool {
    char.is_whitespace() || matches!(char, '"' | '`')
}

fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |found| found + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found)
}
