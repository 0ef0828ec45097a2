//! What only the whole document shows of a mark: repetition, the head of an official document, examination papers, laws
//! and policies that talk about secrecy, lists of levels, other evidence of the same scheme.

use std::ops::Range;

use super::day;
use super::line::{Edge, Sheet};
use super::normal::Normal;
use super::rules::{Kind, Need, Rule, Rules, Strength};
use super::score::{Candidate, PROBABLE};
use crate::config::Limits;
use crate::document::Page;

/// Marks of two pages stand at similar height within this share of the page.
const SIMILAR_HEIGHT: f32 = 0.04;
/// Lines of a page in which the head of an official document stands.
const HEAD_LINES: usize = 20;
/// Articles that make a text a law.
const LAW_ARTICLES: usize = 5;
/// Mentions that make a document one about secrecy, if they also outnumber marks that stand alone three to one.
const MENTIONS: usize = 10;
/// Candidates after one that are looked at for a list of levels.
const NEIGHBOURS: usize = 12;

/// Adds what the document shows to every candidate.
pub(super) fn apply(rules: &Rules, limits: &Limits, sheets: &[Sheet<'_>], candidates: &mut Vec<Candidate>) {
    if candidates.is_empty() {
        return;
    }
    needs(rules, limits.law_bytes, sheets, candidates);
    repetition(candidates);
    official_head(rules, sheets, candidates);
    enumerations(rules, sheets, candidates);
    statements(rules, candidates);
    examination(rules, limits.exam_bytes, sheets, candidates);
    talk(rules, limits.law_bytes, sheets, candidates);
    remarks(rules, candidates);
}

/// Rules of a language need its letters somewhere in the document; others need an end of their page.
fn needs(rules: &Rules, most: usize, sheets: &[Sheet<'_>], candidates: &mut Vec<Candidate>) {
    let needs = |candidate: &Candidate, need: Need| rules.rules[candidate.rule].needs == Some(need);
    candidates.retain(|one| !needs(one, Need::Edge) || one.ticked || one.zone.is_some() || one.edges != [None; 2]);
    let needy = |candidate: &Candidate| needs(candidate, Need::Kana);
    if candidates.iter().any(needy) && !sample(sheets, most).any(|text| text.contains(is_kana)) {
        candidates.retain(|candidate| !needy(candidate));
    }
}

/// The same mark on another page at similar height, or alone at the same end of pages without places.
fn repetition(candidates: &mut [Candidate]) {
    let mut repeated = repeated_at_height(candidates);
    repeated.extend(repeated_at_edge(candidates));
    repeated.extend(repeated_head(candidates));
    repeated.sort_unstable();
    repeated.dedup();
    for at in repeated {
        candidates[at].add("repeated on other pages", 2.0);
    }
}

fn repeated_at_edge(candidates: &[Candidate]) -> Vec<usize> {
    let mut places: Vec<(&str, Edge, usize, usize)> = candidates
        .iter()
        .enumerate()
        .flat_map(|(at, one)| {
            one.edges.into_iter().flatten().map(move |edge| (one.value.2.as_str(), edge, one.page, at))
        })
        .collect();
    places.sort_unstable();
    let same = |a: &(&str, Edge, usize, usize), b: &(&str, Edge, usize, usize)| (a.0, a.1) == (b.0, b.1);
    let several = places.chunk_by(same).filter(|group| group.iter().any(|one| one.2 != group[0].2));
    several.flatten().map(|one| one.3).collect()
}

/// A head or foot that other pages have too, page numbers aside: what fills a cell of it.
fn repeated_head(candidates: &[Candidate]) -> Vec<usize> {
    let mut heads: Vec<(&str, usize, usize)> =
        candidates.iter().enumerate().filter_map(|(at, one)| Some((one.head.as_deref()?, one.page, at))).collect();
    heads.sort_unstable();
    let several = heads.chunk_by(|a, b| a.0 == b.0).filter(|group| group.iter().any(|one| one.1 != group[0].1));
    several.flatten().map(|one| one.2).collect()
}

fn repeated_at_height(candidates: &[Candidate]) -> Vec<usize> {
    let mut places: Vec<(String, f32, usize, usize)> = candidates
        .iter()
        .enumerate()
        .filter_map(|(at, candidate)| Some((candidate.value.2.clone(), candidate.height?, candidate.page, at)))
        .collect();
    places.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.3.cmp(&b.3)));
    let near = |a: &(String, f32, usize, usize), b: &(String, f32, usize, usize)| {
        a.0 == b.0 && (a.1 - b.1).abs() <= SIMILAR_HEIGHT
    };
    let mut repeated: Vec<usize> = Vec::new();
    // Sorted by height, a mark on another page is reached over marks of the same page; 64 of them are enough to look at.
    for (index, place) in places.iter().enumerate() {
        let later = places[index + 1..].iter().take(64).take_while(|other| near(place, other));
        if let Some(other) = later.into_iter().find(|other| other.2 != place.2) {
            repeated.extend([place.3, other.3]);
        } else if places[..index].iter().rev().take(64).take_while(|other| near(place, other)).any(|o| o.2 != place.2) {
            repeated.push(place.3);
        }
    }
    repeated
}

/// Copy number, urgency or document number alone on a line near the top of the page: the head of an official document.
fn official_head(rules: &Rules, sheets: &[Sheet<'_>], candidates: &mut [Candidate]) {
    let is_furniture_of = |rule: &&Rule| rule.jurisdiction == "CN" && matches!(rule.kind, Kind::Layout | Kind::Copyno);
    let furniture: Vec<&Rule> = rules.rules.iter().filter(is_furniture_of).collect();
    let mut known: Option<(usize, bool)> = None;
    for candidate in candidates.iter_mut() {
        let rule = &rules.rules[candidate.rule];
        if rule.jurisdiction != "CN" || candidate.share < 0.8 {
            continue;
        }
        if known.is_none_or(|(page, _)| page != candidate.page) {
            let Some(sheet) = sheets.get(candidate.page) else { continue };
            let head = sheet.page.text.content.lines().take(HEAD_LINES).filter(|line| is_furniture(line)).any(|line| {
                let normal = Normal::new(line, 0, &[]);
                let (start, end) = normal.core();
                let text = &normal.text[start..end];
                furniture.iter().any(|rule| {
                    // All of the line but a bracket or two.
                    rule.regex.find(text).is_some_and(|hit| hit.len() + 3 >= text.len() && hit.len() > 3)
                })
            });
            known = Some((candidate.page, head));
        }
        let rule_below = |page: &Page| page.red_rule.zip(candidate.height).is_some_and(|(rule, mark)| mark < rule);
        if known.is_some_and(|(_, head)| head) {
            candidate.add("head of an official document", 2.0);
            candidate.flag("official_head");
        } else if sheets.get(candidate.page).is_some_and(|sheet| rule_below(sheet.page)) {
            candidate.add("red rule below it", 2.0);
            candidate.flag("official_head");
        }
    }
}

/// Short, and with a digit unless very short: what a copy number, an urgency or a document number looks like.
fn is_furniture(line: &str) -> bool {
    let line = line.trim();
    let digits = line.contains(|char: char| char.is_ascii_digit() || ('０'..='９').contains(&char));
    line.len() <= 30 || (line.len() <= 96 && digits)
}

/// Different levels of one scheme on a line or on neighbouring lines are a list of levels, not a mark.
fn enumerations(rules: &Rules, sheets: &[Sheet<'_>], candidates: &mut [Candidate]) {
    // `Confidential` of a firm is one of the list too.
    let word = |candidate: &Candidate| {
        rules.rules[candidate.rule].kind == Kind::Corp && candidate.text.chars().all(char::is_alphabetic)
    };
    let names = |candidate: &Candidate| {
        let named = rules.rules[candidate.rule].kind.names_level() || word(candidate);
        let stands = !candidate.ticked && !candidate.is_struck();
        named && candidate.value.0.number() >= 2 && !candidate.tolerant && stands
    };
    let mut listed: Vec<(usize, f32)> = Vec::new();
    for (at, one) in candidates.iter().enumerate().filter(|(_, one)| names(one)) {
        for (other_at, other) in candidates.iter().enumerate().skip(at + 1).take(NEIGHBOURS) {
            if other.page != one.page || other.start < one.end || !names(other) {
                continue;
            }
            let scheme = rules.rules[one.rule].jurisdiction == rules.rules[other.rule].jurisdiction
                || (word(one) && is_cased(&other.text))
                || (word(other) && is_cased(&one.text));
            if !scheme || one.value.2 == other.value.2 || one.text.eq_ignore_ascii_case(&other.text) {
                continue;
            }
            if one.line == other.line {
                listed.extend([(at, -4.0), (other_at, -4.0)]);
            } else if one.zone.is_none()
                && other.zone.is_none()
                && one.share.min(other.share) >= 0.5
                && adjacent(sheets, one, other)
            {
                listed.extend([(at, -3.0), (other_at, -3.0)]);
            }
        }
    }
    for ladder in ladders(rules, sheets, candidates) {
        // Whichever schemes know a word of it, `SECRET` is a level of France too, and where two lines of it read as one.
        let within = |one: &Candidate| ladder.range.start <= one.line && one.line_end <= ladder.range.end;
        let from = candidates.partition_point(|one| (one.page, one.start as usize) < (ladder.page, ladder.range.start));
        let of_page = (from..candidates.len()).take_while(|&at| candidates[at].page == ladder.page);
        let inside = of_page.take_while(|&at| (candidates[at].start as usize) < ladder.range.end);
        let is_level = |one: &Candidate| names(one) || (one.joined && rules.rules[one.rule].kind == Kind::Corp);
        listed.extend(
            inside
                .filter(|&at| within(&candidates[at]) && candidates[at].zone.is_none() && is_level(&candidates[at]))
                .map(|at| (at, -3.0)),
        );
    }
    listed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    listed.dedup_by_key(|entry| entry.0);
    for (at, points) in listed {
        candidates[at].add("one of a list of levels", points);
    }
}

/// A document has one statement of whom it may go to; several different ones are a list of what there is.
fn statements(rules: &Rules, candidates: &mut [Candidate]) {
    let is_one = |one: &Candidate| {
        let rule = &rules.rules[one.rule];
        rule.kind == Kind::Descriptor && !rule.values.is_empty()
    };
    let mut said: Vec<(usize, &str)> =
        candidates.iter().filter(|one| is_one(one)).map(|one| (one.rule, one.value.2.as_str())).collect();
    said.sort_unstable();
    said.dedup();
    let listed: Vec<usize> =
        said.chunk_by(|a, b| a.0 == b.0).filter(|kinds| kinds.len() > 1).map(|kinds| kinds[0].0).collect();
    for candidate in candidates.iter_mut().filter(|one| listed.contains(&one.rule)) {
        candidate.add("one of a list of statements", -4.0);
    }
}

/// Lines of a page that each are a level and follow each other.
struct Ladder {
    page: usize,
    /// Their bytes in the text of the page.
    range: Range<usize>,
}

/// Words of a ladder: two levels may stand below each other on a document that was marked twice.
const RUNGS: usize = 3;

/// The lists of three levels and more, `PUBLIC` among them, that stand in lines of their own: in the choices of a form, or in strings of
/// JSON, between which there are quotes and names.
fn ladders(rules: &Rules, sheets: &[Sheet<'_>], candidates: &[Candidate]) -> Vec<Ladder> {
    let is_rung = |one: &&Candidate| {
        let kind = rules.rules[one.rule].kind;
        let is_word = one.text.chars().all(char::is_alphabetic);
        let named = kind.names_level() || (matches!(kind, Kind::Corp | Kind::Release) && is_word);
        named && !one.joined && !one.tolerant && !one.ticked && !one.is_struck() && one.share >= 0.8
    };
    let rungs: Vec<&Candidate> = candidates.iter().filter(is_rung).collect();
    let follow = |one: &&Candidate, next: &&Candidate| {
        one.page == next.page && (one.line == next.line || near(sheets, one, next))
    };
    let mut ladders = Vec::new();
    for rungs in rungs.chunk_by(follow) {
        let mut words: Vec<String> = rungs.iter().map(|one| one.text.to_lowercase()).collect();
        words.sort_unstable();
        words.dedup();
        if let ([first, ..], [.., last]) = (rungs, rungs)
            && words.len() >= RUNGS
        {
            ladders.push(Ladder { page: first.page, range: first.line..last.line_end });
        }
    }
    ladders
}

/// Whether at most one line lies between two candidates.
fn adjacent(sheets: &[Sheet<'_>], one: &Candidate, other: &Candidate) -> bool {
    little_between(sheets, one, other, |_| true)
}

/// The same where quotes and brackets of a program alone on their line count for nothing.
fn near(sheets: &[Sheet<'_>], one: &Candidate, other: &Candidate) -> bool {
    let is_sign = |line: &str| line.contains(['"', '[', ']', '{', '}']) && !line.contains(char::is_alphanumeric);
    little_between(sheets, one, other, |line| !is_sign(line))
}

/// Whether at most one line that counts lies between two candidates, and little text.
fn little_between(sheets: &[Sheet<'_>], one: &Candidate, other: &Candidate, counts: impl Fn(&str) -> bool) -> bool {
    let text = sheets.get(one.page).map_or("", |sheet| sheet.page.text.content.as_str());
    text.get(one.line_end..other.line).is_some_and(|between| {
        // What lies before the first line end and behind the last one are the candidates' own lines.
        let lines = between.matches('\n').count().saturating_sub(1);
        between.len() < 200 && between.split('\n').skip(1).take(lines).filter(|line| counts(line)).count() <= 1
    })
}

/// `绝密★启用前` on a page with the words of an examination: public after the sitting, and found everywhere.
fn examination(rules: &Rules, most: usize, sheets: &[Sheet<'_>], candidates: &mut Vec<Candidate>) {
    let Some(exam) = rules.rules.iter().position(|rule| rule.id == "cn.exam") else { return };
    let mut known: Option<(usize, bool)> = None;
    let term = |one: &Candidate| one.rule == exam || rules.vocabulary.exam_term.is_match(&one.text);
    // The pages behind the first of a paper repeat its mark, and its words stand on the first.
    let first_is_marked = candidates.iter().any(|one| one.page == 0 && term(one));
    candidates.retain_mut(|candidate| {
        let rule = &rules.rules[candidate.rule];
        let is_exam = candidate.rule == exam;
        let state = rule.kind == Kind::LevelPeriod && rule.jurisdiction == "CN";
        if !state || !(is_exam || term(candidate)) {
            return true;
        }
        if known.is_none_or(|(page, _)| page != candidate.page) {
            let pages = [sheets.get(candidate.page), sheets.first().filter(|_| first_is_marked)];
            let texts = || pages.into_iter().flatten().map(|sheet| beginning(&sheet.page.text.content, most));
            let words = texts().any(|text| has_exam_words(rules, text));
            known = Some((candidate.page, words && !texts().any(|text| is_to_come(rules, text))));
        }
        let exam_page = known.is_some_and(|(_, words)| words);
        if exam_page && !is_exam {
            let rule = &rules.rules[exam];
            candidate.rule = exam;
            candidate.value = (rule.level, rule.rank, rule.native.clone());
        }
        if exam_page {
            candidate.flag("exam");
        }
        exam_page || !is_exam
    });
}

/// The part of a page that is looked through for words of an examination.
fn beginning(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// Whether a paper says that it is sat after the day of the rules: before the sitting its mark holds.
fn is_to_come(rules: &Rules, text: &str) -> bool {
    let dated = text.lines().filter(|line| line.contains("20") || line.contains("２０"));
    dated.map(|line| Normal::new(line, 0, &[]).text).any(|line| {
        let said = rules.vocabulary.sitting.find(&line);
        said.and_then(|said| day::latest(said.as_str())).is_some_and(|day| day > rules.vocabulary.as_of)
    })
}

/// Words of an examination, other than in the term of the mark itself.
fn has_exam_words(rules: &Rules, text: &str) -> bool {
    let text = Normal::new(text, 0, &[]).text;
    let terms: Vec<_> = rules.vocabulary.exam_term.find_iter(&text).map(|hit| hit.range()).collect();
    let in_term = |hit: regex::Match<'_>| terms.iter().any(|term| term.start < hit.end() && hit.start() < term.end);
    rules.vocabulary.exam_page.find_iter(&text).any(|hit| !in_term(hit))
}

/// Laws name every level, policies and training texts show them: what is not in its place is no mark there.
fn talk(rules: &Rules, most: usize, sheets: &[Sheet<'_>], candidates: &mut [Candidate]) {
    let mentions =
        candidates.iter().filter(|one| one.value.0.number() >= 2 && one.score() < super::score::POSSIBLE).count();
    let alone = candidates.iter().filter(|one| one.value.0.number() >= 2 && one.stands_alone()).count();
    let about = mentions >= MENTIONS && mentions > alone.saturating_mul(3);
    let weak = |candidate: &Candidate| rules.rules[candidate.rule].strength != Strength::S3;
    let placed = |candidate: &Candidate| {
        candidate.zone.is_some() || candidate.signals.iter().any(|signal| signal.name.starts_with("head of"))
    };
    let is_law = candidates.iter().any(|one| weak(one) && !placed(one) && one.score() >= super::score::POSSIBLE)
        && sample(sheets, most).flat_map(str::lines).filter(|line| rules.vocabulary.article.is_match(line)).count()
            >= LAW_ARTICLES;
    for candidate in candidates.iter_mut().filter(|one| !placed(one)) {
        if about {
            candidate.add("document about secrecy", -2.0);
        } else if is_law && weak(candidate) {
            candidate.add("text of a law", -2.0);
        }
    }
}

/// Remarks that other candidates cause.
fn remarks(rules: &Rules, candidates: &mut [Candidate]) {
    let mut sure: Vec<&str> = Vec::new();
    for candidate in candidates.iter().filter(|one| one.score() >= PROBABLE) {
        let rule = &rules.rules[candidate.rule];
        if rule.strength == Strength::S3 && rule.level.number() >= 2 {
            sure.push(rule.jurisdiction.as_str());
        }
    }
    sure.sort_unstable();
    sure.dedup();
    for candidate in candidates.iter_mut() {
        let rule = &rules.rules[candidate.rule];
        let scheme = sure.binary_search(&rule.jurisdiction.as_str()).is_ok();
        if rule.ambiguous && !scheme && !candidate.text.contains('★') && !candidate.flags.contains(&"official_head") {
            candidate.flag("ambiguous_scheme");
        }
        if rule.kind == Kind::Release {
            candidate.flag("release");
        }
        if candidate.tolerant {
            candidate.flag("damaged");
        }
    }
}

/// The first bytes of the document, in pages.
fn sample<'a>(sheets: &'a [Sheet<'a>], most: usize) -> impl Iterator<Item = &'a str> {
    let mut left = most;
    sheets.iter().map(|sheet| sheet.page.text.content.as_str()).take_while(move |text| {
        let go = left > 0;
        left = left.saturating_sub(text.len());
        go
    })
}

/// Whether it is written in letters that have a case.
fn is_cased(text: &str) -> bool {
    text.contains(|char: char| char.is_lowercase() || char.is_uppercase())
}

fn is_kana(char: char) -> bool {
    matches!(char, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}')
}
