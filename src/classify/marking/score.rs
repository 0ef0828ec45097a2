//! Mark or prose: what is seen of a hit on its own line, in points.
//!
//! The table is that of the specification (strength, share of the line, zone, height, letter case, label, sentence,
//! negative contexts), with four readings of our own that keep marks apart from talk about marks: fields of a line,
//! quoted marks, enumerations of levels, and damaged marks out of place. What needs the whole document is in `context`.

use std::ops::Range;

use super::line::{Edge, Line, Sheet, letters};
use super::normal::{Normal, fold};
use super::rules::{Kind, Rule, Rules, Strength};
use super::subject::Role;
use crate::document::{Ink, Origin};
use crate::finding::{Level, Signal};

/// Points that make 65, 75 and 85.
pub(super) const POSSIBLE: f32 = 3.0;
/// See [`POSSIBLE`].
pub(super) const PROBABLE: f32 = 5.0;
/// See [`POSSIBLE`].
pub(super) const CONFIRMED: f32 = 7.0;

/// Points at most of a mark that is for people: nothing parts it from the subject behind it, or nothing but its ink from its line, or
/// a statement on another page ends it.
pub(super) const UNPARTED: f32 = 4.5;

/// Characters around a mark in prose in which negative contexts count, also on neighbouring lines.
const CONTEXT_CHARS: usize = 40;

/// A rule's pattern on a line.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    /// Index of the rule.
    pub(super) rule: usize,
    /// First byte in the normalised line.
    pub(super) start: usize,
    /// One past the last byte in the normalised line.
    pub(super) end: usize,
    /// Whether only the pattern for recognized text matched.
    pub(super) tolerant: bool,
    /// Whether it is the copy with traditional characters folded that matched.
    pub(super) folded: bool,
    /// Whether it is the choice of a form that is ticked.
    pub(super) ticked: bool,
}

/// A hit with what was seen of it.
pub(super) struct Candidate {
    /// Index of the rule.
    pub(super) rule: usize,
    /// Whether only the pattern for recognized text matched.
    pub(super) tolerant: bool,
    /// Place of the page in the content.
    pub(super) page: usize,
    /// First byte in the page's text.
    pub(super) start: u32,
    /// One past the last byte in the page's text.
    pub(super) end: u32,
    /// First byte of the line in the page's text.
    pub(super) line: usize,
    /// One past the last byte of the line.
    pub(super) line_end: usize,
    /// Whether its line is several lines of the page.
    pub(super) joined: bool,
    /// The matched text, normalised and folded.
    pub(super) text: String,
    /// Share of the line's letters that are the mark's.
    pub(super) share: f32,
    /// Middle of the mark as a share of the page's height.
    pub(super) height: Option<f32>,
    /// The zone it stands in.
    pub(super) zone: Option<&'static str>,
    /// On a page without places: whether it stands alone among its first or last lines.
    pub(super) edges: [Option<Edge>; 2],
    /// The text of its line without figures, where it fills a cell of what may be a running head or foot.
    pub(super) head: Option<String>,
    /// Whether it is the choice of a form that is ticked.
    pub(super) ticked: bool,
    /// What its line is to the subject of a message.
    pub(super) role: Role,
    /// Level, rank and native word.
    pub(super) value: (Level, u8, String),
    /// Whether every word is recognized.
    pub(super) origin: Origin,
    /// What speaks for and against it.
    pub(super) signals: Vec<Signal>,
    /// Remarks.
    pub(super) flags: Vec<&'static str>,
}

impl Candidate {
    /// The points in all.
    pub(super) fn score(&self) -> f32 {
        self.signals.iter().map(|signal| signal.points).sum()
    }

    /// Adds what was seen.
    pub(super) fn add(&mut self, name: impl Into<String>, points: f32) {
        self.signals.push(Signal { name: name.into(), points });
    }

    /// Whether it stands alone on its line and nothing on the line speaks against it.
    pub(super) fn stands_alone(&self) -> bool {
        self.share >= 0.8 && self.signals.iter().all(|signal| signal.points >= -1.0)
    }

    /// Whether it is struck out.
    pub(super) fn is_struck(&self) -> bool {
        self.flags.contains(&super::struck::FLAG)
    }

    /// Adds a remark once.
    pub(super) fn flag(&mut self, name: &'static str) {
        if !self.flags.contains(&name) {
            self.flags.push(name);
        }
    }
}

/// What surrounds a hit on its line: its label, and the field of which it is the value.
#[allow(clippy::struct_excessive_bools, reason = "independent observations, each with its own points")]
struct Setting {
    /// First byte of the label, or of the hit.
    start: usize,
    folded: bool,
    labelled: bool,
    /// The label and its value in brackets of their own.
    bracketed: bool,
    quoted: bool,
    example: bool,
    /// Share of the line's letters.
    share: f32,
    /// Share of the letters of the field.
    field_share: f32,
}

/// Scores a hit on its line; `together` is the share of the line that it covers with the marks beside it.
pub(super) fn score(rules: &Rules, sheet: &Sheet<'_>, line: &Line<'_>, hit: Hit, together: Option<f32>) -> Candidate {
    let rule = &rules.rules[hit.rule];
    let (start, end) = line.normal.source(hit.start, hit.end);
    let text = &line.normal.text[hit.start..hit.end];
    let text = fold(text).unwrap_or_else(|| text.to_owned());
    let setting = Setting::of(rules, line, hit, together);
    let bounds = line.bounds(start, end);
    let (field_start, field_end) = line.normal.field(setting.start, hit.end);
    let (from, to) = line.normal.source(field_start, field_end);
    let field_bounds = line.bounds(from, to).or(bounds);
    let mut candidate = Candidate {
        rule: hit.rule,
        tolerant: hit.tolerant,
        page: sheet.index,
        start,
        end,
        line: line.range.start,
        line_end: line.range.end,
        joined: line.joined,
        value: value(rule, &text),
        share: setting.share,
        height: bounds
            .filter(|_| sheet.page.size.height > 0.0)
            .map(|bounds| (bounds.y + bounds.h / 2.0) / sheet.page.size.height),
        zone: bounds.zip(field_bounds).and_then(|(mark, field)| sheet.zone(&mark, &field)),
        edges: if bounds.is_none() && setting.share >= 0.8 { sheet.edges(&line.range) } else { [None; 2] },
        head: (setting.share < 0.8 && setting.field_share >= 0.8 && line.running.is_at_end)
            .then(|| line.normal.text.replace(|char: char| char.is_numeric(), "")),
        ticked: hit.ticked,
        role: line.role,
        origin: line.origin(start, end),
        text,
        signals: Vec::new(),
        flags: Vec::new(),
    };
    strength(&mut candidate, rule);
    place(&mut candidate, rule, line, &setting);
    if let Some(multiple) =
        bounds.and_then(|bounds| sheet.relative_height(bounds.h)).filter(|&multiple| multiple >= 1.3)
    {
        candidate.add(format!("height {multiple:.1} of the median"), 1.0);
    }
    ink(&mut candidate, line);
    manner(&mut candidate, rule, line, &setting);
    context(&mut candidate, rules, sheet, line, (&hit, &setting));
    let unparted = match candidate.role {
        // `SECRET harbour plan` may be marked, or have a title in capitals: people see which.
        Role::Lead => Some("nothing parts it from the subject"),
        // A stamp over a line of text, or red words of its own.
        Role::Stamp => Some("nothing but its ink parts it from the line"),
        _ => None,
    };
    if let Some(name) = unparted.filter(|_| candidate.score() > UNPARTED) {
        let rest = UNPARTED - candidate.score();
        candidate.add(name, rest);
    }
    candidate
}

fn strength(candidate: &mut Candidate, rule: &Rule) {
    let (name, points) = match rule.strength {
        Strength::S3 => ("strength S3", 5.0),
        Strength::S2 => ("strength S2", 3.0),
        Strength::S1 => ("strength S1", 1.0),
    };
    candidate.add(name, points);
    if candidate.tolerant {
        candidate.add("damaged", -0.5);
    }
}

fn place(candidate: &mut Candidate, rule: &Rule, line: &Line<'_>, setting: &Setting) {
    let (share, field) = (setting.share, setting.field_share);
    let prose = if rule.strength == Strength::S3 { -1.0 } else { -2.0 };
    let in_head = line.running.is_numbered && !setting.labelled;
    match (share, field) {
        _ if candidate.ticked => candidate.add("ticked", 3.0),
        (_, field) if field >= 0.8 && in_head && share < 0.8 => candidate.add("a cell beside a page number", 3.0),
        (share, _) if share >= 0.8 => candidate.add(format!("{:.0} % of the line", share * 100.0), 3.0),
        (share, _) if share >= 0.5 => candidate.add(format!("{:.0} % of the line", share * 100.0), 1.0),
        (_, field) if field >= 0.8 => candidate.add(format!("{:.0} % of its field", field * 100.0), 1.0),
        _ => candidate.add(format!("{:.0} % of the line", share * 100.0), prose),
    }
    if setting.labelled {
        candidate.add("label", 2.0);
    }
    if let Some(zone) = candidate.zone {
        candidate.add(format!("zone {zone}"), 2.0);
    } else if candidate.tolerant && rule.kind == Kind::Level && rule.strength != Strength::S3 && !setting.labelled {
        // Two damaged characters in the middle of a page are too little to decide by.
        candidate.add("damaged and out of place", -1.0);
    }
}

/// Stamps and red heads are red, some national marks blue; large pale writing is a watermark. Red prose is no mark.
fn ink(candidate: &mut Candidate, line: &Line<'_>) {
    if candidate.share < 0.5 {
        return;
    }
    match line.ink(candidate.start, candidate.end) {
        Ink::Plain => {}
        Ink::Pale => {
            candidate.add("pale ink", 1.5);
            candidate.flag("watermark");
        }
        Ink::Framed => candidate.add("inside a red frame", 1.5),
        colour => candidate.add(format!("{} ink", colour.as_str()), 1.5),
    }
}

/// Letter case, sentence, quotes.
fn manner(candidate: &mut Candidate, rule: &Rule, line: &Line<'_>, setting: &Setting) {
    let cased: Vec<char> = candidate.text.chars().filter(|&char| is_latin(char)).collect();
    if !cased.is_empty() && cased.iter().all(|char| !char.is_lowercase()) {
        candidate.add("capitals", 0.5);
    } else if !cased.is_empty() && cased.iter().all(|char| !char.is_uppercase()) {
        candidate.add("lower case", -1.0);
    }
    if candidate.role == Role::Head && cased.iter().any(|char| char.is_lowercase()) {
        // `Intern - summer of 2026`: an ordinary word as often.
        candidate.add("small letters before a subject", -2.0);
    }
    if !rule.kind.is_sentence() && !setting.bracketed && !line.running.is_numbered && is_sentence(&line.without_aside())
    {
        candidate.add("sentence", -2.0);
    }
    if setting.quoted {
        candidate.add("quoted", -4.0);
    } else if setting.example {
        candidate.add("given as an example", -3.0);
    }
}

/// Negative rows on the line, and around a mark in prose, in the copy that the mark was found in.
fn context(
    candidate: &mut Candidate,
    rules: &Rules,
    sheet: &Sheet<'_>,
    line: &Line<'_>,
    (hit, setting): (&Hit, &Setting),
) {
    let copy = |normal: &Normal| if setting.folded { fold(&normal.text) } else { None }.unwrap_or(normal.text.clone());
    let mut against: Vec<usize> = Vec::new();
    if rules.rules[candidate.rule].kind != Kind::Release {
        let text = copy(&line.normal);
        // What labels say is not context: 保密期限 names a field, no contract.
        let label = setting.start..label_end(rules, &line.normal, setting);
        let of_fields = rules.vocabulary.field.find_iter(&text).map(|field| field.range());
        // A sentence that is the mark, or a term in words, is no context of its own either.
        let is_sentence = matches!(rules.rules[candidate.rule].kind, Kind::Descriptor | Kind::LevelPeriod);
        let sentence = is_sentence.then_some(hit.start..hit.end);
        let labels: Vec<Range<usize>> = of_fields.chain([label.clone()]).chain(sentence).collect();
        against.extend(rules.negatives_in(&text).filter(|&at| {
            let in_label =
                |hit: regex::Match<'_>| labels.iter().any(|label| label.start <= hit.start() && hit.end() <= label.end);
            rules.negatives[at].regex.find_iter(&text).any(|hit| !in_label(hit))
        }));
        if candidate.share < 0.5 || matches!(candidate.role, Role::Lead | Role::Stamp) {
            let normal = sheet.around(candidate.start as usize, candidate.end as usize, CONTEXT_CHARS);
            let around = copy(&normal);
            let labels: Vec<&str> = labels.into_iter().filter_map(|label| text.get(label)).collect();
            // The head of a column beside that of the level.
            let is_head = |hit: &regex::Match<'_>| {
                normal.cell(hit.start()).is_some_and(|cell| rules.vocabulary.field.is_match(&format!("{cell}:")))
            };
            against.extend(rules.negatives_in(&around).filter(|&at| {
                let mut hits = rules.negatives[at].regex.find_iter(&around);
                hits.any(|hit| !labels.iter().any(|label| label.contains(hit.as_str())) && !is_head(&hit))
            }));
        }
    }
    against.sort_unstable();
    against.dedup();
    let conditional = rules.vocabulary.conditional.is_match(&line.normal.text);
    for at in against {
        let negative = &rules.negatives[at];
        let stated = rules.rules[candidate.rule].kind == Kind::Declass;
        if (conditional || stated) && negative.id == "neg.en.release" {
            // The level is lowered below; what holds under a condition is never ignored. A statement is what it says.
            continue;
        }
        candidate.add(format!("negative {}", negative.id), negative.weight);
        if negative.id == "neg.doc.training" {
            candidate.flag("training_sample");
        }
    }
    if conditional {
        candidate.flag("conditional_release");
        let lower = candidate.value.0.number().saturating_sub(1);
        candidate.value.0 = Level::try_from(lower).unwrap_or_default();
        candidate.value.1 = candidate.value.1.min(candidate.value.0.highest_rank());
    } else if rules.vocabulary.declassified.is_match(&line.normal.text) {
        candidate.flag("declassified");
    }
}

impl Setting {
    fn of(rules: &Rules, line: &Line<'_>, hit: Hit, together: Option<f32>) -> Self {
        let text = line.normal.text.as_str();
        let start = label_start(rules, line, hit);
        let labelled = start.is_some();
        let start = start.unwrap_or(hit.start);
        let covered = letters(&text[start..hit.end]);
        let (from, to) = line.normal.field(start, hit.end);
        // A pattern may take in the sign that ends its field.
        let last = hit.start + text[hit.start..hit.end].trim_end_matches(|char: char| !char.is_alphanumeric()).len();
        let (from, to) = if labelled { (start, value_end(&line.normal, last).min(to)) } else { (from, to) };
        let (before, after) =
            (text[..start].trim_end().chars().next_back(), text[hit.end..].trim_start().chars().next());
        // A value of a row of separated ones may be in quotes.
        let is_cell = labelled && line.normal.breaks.contains(&start) && line.normal.breaks.contains(&hit.end);
        let labelled = labelled || (hit.ticked && is_field(rules, &text[..hit.start]));
        let share = ratio(covered, line.letters).max(together.unwrap_or_default());
        Self {
            start,
            folded: hit.folded,
            labelled,
            bracketed: labelled
                && matches!((before, after), (Some('(' | '[' | '【' | '〔'), Some(')' | ']' | '】' | '〕'))),
            quoted: share < 0.8
                && !is_cell
                && matches!((before, after), (Some(open), Some(close)) if quotes(open, close)),
            example: share < 0.8 && rules.vocabulary.example.is_match(&text[..start]),
            share,
            field_share: ratio(covered, line.running.letters(text, from..to)),
        }
    }
}

/// The beginning of the label that stands before the mark, or inside the hit at its beginning.
pub(super) fn label_start(rules: &Rules, line: &Line<'_>, hit: Hit) -> Option<usize> {
    let text = line.normal.text.as_str();
    let separator = |between: &str, at: usize| {
        let signs = if hit.tolerant { ":;.,。—-_" } else { ":—-_" };
        // Quotes around the value, and what makes a label bold in Markdown, part nothing by themselves.
        let around = " *`\"'“„«([<";
        let few =
            between.chars().count() <= 7 && between.chars().all(|char| signs.contains(char) || around.contains(char));
        few && (between.contains(|char| signs.contains(char)) || line.normal.breaks.contains(&at))
    };
    rules
        .vocabulary
        .label
        .find_iter(&text[..hit.end])
        .find(|label| {
            let inside = label.start() >= hit.start && label.end() < hit.end;
            let between =
                if inside { &text[label.end()..hit.end] } else { text.get(label.end()..hit.start).unwrap_or("") };
            if inside { between.starts_with([':', ';', '.', ',']) } else { separator(between, hit.start) }
        })
        .map(|label| label.start().min(hit.start))
}

/// Whether the label of a field stands somewhere before one of its choices.
fn is_field(rules: &Rules, before: &str) -> bool {
    rules.vocabulary.label.find_iter(before).any(|label| {
        let rest = before[label.end()..].chars().next();
        rest.is_none_or(|char| !char.is_alphanumeric())
    })
}

/// Where the label that begins at the setting's start ends.
fn label_end(rules: &Rules, normal: &Normal, setting: &Setting) -> usize {
    let label = setting.labelled.then(|| rules.vocabulary.label.find_at(&normal.text, setting.start)).flatten();
    label.map_or(setting.start, |label| label.end())
}

/// Where the value of a form field ends that goes on at `end`: at a blank or a sign that separates.
fn value_end(normal: &Normal, end: usize) -> usize {
    let text = normal.text.as_str();
    let sign =
        text[end..].find([' ', ',', ';', '(', ')', ']', '】', '。', '"', '”', '」']).map_or(text.len(), |at| end + at);
    normal.seams.iter().copied().find(|&seam| seam >= end).map_or(sign, |seam| seam.min(sign))
}

fn quotes(open: char, close: char) -> bool {
    matches!(
        (open, close),
        ('「', '」')
            | ('『', '』')
            | ('“' | '”', '”' | '“')
            | ('"', '"')
            | ('‘', '’')
            | ('\'', '\'')
            | ('`', '`')
            | ('«', '»')
            | ('„', '“')
    )
}

/// Ends like a sentence, or reads like one.
fn is_sentence(text: &str) -> bool {
    let text = text.trim_end();
    if text.ends_with(['。', '!', '?']) {
        return true;
    }
    let comma_then_stop = text.find(',').is_some_and(|at| text[at..].contains('。'));
    let full_stop = text.ends_with('.') || text.contains(". ");
    comma_then_stop || (full_stop && text.split(' ').filter(|word| word.contains(char::is_alphanumeric)).count() > 6)
}

/// Latin letters that have a case.
fn is_latin(char: char) -> bool {
    char.is_alphabetic() && char < '\u{250}' && (char.is_lowercase() || char.is_uppercase())
}

pub(super) fn ratio(part: usize, whole: usize) -> f32 {
    // Lengths of lines: far below the precision of f32.
    #[allow(clippy::cast_precision_loss, reason = "letters of a line are far fewer than 2^24")]
    let share = part as f32 / whole.max(1) as f32;
    share.min(1.0)
}

/// Level, rank and native word of what was matched.
fn value(rule: &Rule, text: &str) -> (Level, u8, String) {
    match rule.values.iter().find(|value| value.regex.is_match(text)) {
        Some(value) => (value.level, value.rank, value.native.clone()),
        None => (rule.level, rule.rank, rule.native.clone()),
    }
}
