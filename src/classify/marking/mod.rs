//! The marking detector: classification and handling marks of 28 jurisdictions, of TLP and of companies, as
//! `models/markings.toml` describes them.
//!
//! The way of a page: `trigger` stops at lines that could hold a mark → `normal` normalises them → one pattern set says
//! which rules to ask → `score` weighs each hit on its line → `context` adds what the document shows → findings.
//!
//! Findings are made of the rules that mark something. Labels, copy numbers, urgency and document numbers are signals for
//! others. Marks of level 0 (UNCLASSIFIED, TLP:CLEAR, 公开, releases) are findings of level 0 if probable: `explain` shows
//! them, and they never raise a verdict.
//!
//! What it does not do: it knows no file names and no clock. What is to come is what comes after the day on which the rules were
//! written: a sitting of an examination, a day of declassification. A term counts as over only if it was by then.

mod boxes;
mod broken;
mod company;
mod condition;
mod context;
mod day;
mod declass;
mod excerpt;
mod line;
mod normal;
mod portion;
pub mod rules;
mod running;
pub(in crate::classify) mod schema;
mod score;
mod spelling;
mod stated;
mod struck;
mod subject;
mod term;
mod trigger;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use self::boxes::Choices;
use self::line::{Line, Sheet};
use self::normal::Normal;
use self::rules::{Kind, Rules, Strength};
use self::score::{CONFIRMED, Candidate, Hit, POSSIBLE, PROBABLE};
use self::struck::Struck;
use super::pattern::constant;
use super::site::Site;
use super::{Detected, Detector, RuleInfo, Subject, over};
use crate::config::Limits;
use crate::document::{Origin, Page};
use crate::finding::{Finding, Stated};

/// Bytes of a choice of a form that is looked at by itself.
const OPTION_BYTES: usize = 80;

/// Share of joined lines that a mark broken over them has.
const WHOLE: f32 = 0.8;

/// A list numbered with capitals, which portion marks must not be taken for.
static LISTED: LazyLock<Regex> = LazyLock::new(|| constant(r"(?m)^[ \t]{0,40}\([ABD]\)"));

/// Sees markings.
pub struct Marking {
    rules: Rules,
    limits: Limits,
}

/// What findings of markings depend on besides the text.
pub fn stamp(limits: &Limits) -> String {
    let Limits { line_mentions, form_boxes, exam_bytes, law_bytes, date_pages, date_bytes, .. } = limits;
    let limits = [line_mentions, form_boxes, exam_bytes, law_bytes, date_pages, date_bytes];
    format!("marking 15 {limits:?} {}", blake3::hash(rules::BUILT_IN.as_bytes()).to_hex())
}

impl Marking {
    /// With the built-in rules.
    pub fn built_in(limits: &Limits) -> anyhow::Result<Self> {
        Ok(Self { rules: Rules::built_in()?, limits: limits.clone() })
    }

    /// With those of the house laid over them.
    pub(super) fn with(site: &Site, limits: &Limits) -> anyhow::Result<Self> {
        Ok(Self { rules: Rules::with(site)?, limits: limits.clone() })
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The most points that a rule gets anywhere in some pages, for the check of rules.
    pub(super) fn best_score(&self, rule: usize, pages: &[Page]) -> Option<f32> {
        let (candidates, _) = self.candidates(Subject { pages }, 1000);
        candidates.iter().filter(|one| one.rule == rule).map(Candidate::score).reduce(f32::max)
    }

    /// Every hit with what speaks for and against it, in order of page and place; whether `most` cut it off.
    fn candidates(&self, subject: Subject<'_>, most: usize) -> (Vec<Candidate>, bool) {
        let sheets: Vec<Sheet<'_>> =
            subject.pages.iter().enumerate().map(|(index, page)| Sheet::new(page, index)).collect();
        let mut candidates = Vec::new();
        let mut cut = false;
        'pages: for sheet in &sheets {
            for mut line in sheet.lines(&self.rules) {
                let struck = Struck::of(&line.normal.text);
                let mut hits = self.hits(sheet, &line, &struck);
                line.set_aside(condition::set_aside(&self.rules, &line.normal.text, &mut hits));
                hits.retain(|hit| line.takes(hit.start, hit.end));
                let together = match struck.is_empty() {
                    true => company::shares(&self.rules, &line, &hits),
                    false => struck.shares(&line.normal.text, &hits),
                };
                for (hit, together) in hits.into_iter().zip(together) {
                    let mut candidate = score::score(&self.rules, sheet, &line, hit, together);
                    if struck.holds(&(hit.start..hit.end)) {
                        candidate.flag(struck::FLAG);
                    }
                    // Of lines that are joined all must be the mark: others only stand below one another.
                    if !line.joined || candidate.share >= WHOLE {
                        candidates.push(candidate);
                    }
                }
                if candidates.len() >= most {
                    cut = true;
                    break 'pages;
                }
            }
        }
        candidates.sort_by_key(|one| (one.page, one.start, one.end, one.rule));
        broken::apply(&sheets, &mut candidates);
        context::apply(&self.rules, &self.limits, &sheets, &mut candidates);
        let portions = candidates.iter().filter(|one| self.rules.rules[one.rule].kind == Kind::Portion);
        let mut pages: Vec<usize> = portions.map(|one| one.page).collect();
        pages.dedup();
        let listed =
            pages.iter().filter_map(|&at| sheets.get(at)).any(|sheet| LISTED.is_match(&sheet.page.text.content));
        portion::apply(&self.rules, &mut candidates, listed);
        declass::apply(&self.rules, &sheets, &mut candidates);
        struck::apply(&mut candidates);
        term::apply(&self.rules, &self.limits, &sheets, &mut candidates);
        (candidates, cut)
    }

    /// The rules that match a line; a hit inside the hit of another rule is no mark of its own.
    fn hits(&self, sheet: &Sheet<'_>, line: &Line<'_>, strokes: &Struck) -> Vec<Hit> {
        let normal = &line.normal;
        let (from, to) = normal.core();
        if from >= to {
            return Vec::new();
        }
        let choices = self.choices(sheet, line);
        let struck: Vec<Range<usize>> =
            strokes.parts(normal.text.len()).filter_map(|part| option_of(normal, part)).collect();
        let parts: Vec<Range<usize>> = line
            .running
            .parts
            .iter()
            .cloned()
            .chain(choices.options(normal.text.len()).filter_map(|option| option_of(normal, option)))
            .chain(struck.iter().cloned())
            .chain(normal.labelled(&self.rules.vocabulary.label, &self.rules.vocabulary.level))
            .collect();
        let mut hits: Vec<Hit> = Vec::new();
        for (folded, text) in [(false, Some(&normal.text)), (true, normal.folded.as_ref())] {
            let Some(text) = text else { continue };
            let whole = 0..text.len();
            for range in [whole.clone(), from..to] {
                if range == (from..to) || from > 0 || to < text.len() {
                    self.collect(normal, &text[range.clone()], range.start, folded, &mut hits);
                }
                if whole == (from..to) {
                    break;
                }
            }
            for part in &parts {
                self.collect(normal, &text[part.clone()], part.start, folded, &mut hits);
            }
            if !strokes.is_empty() {
                let joined = strokes.joined(text);
                let mut whole = Vec::new();
                self.collect(normal, &joined.text, 0, folded, &mut whole);
                for mut hit in whole {
                    // A pattern may take in signs around its words.
                    let words = joined.words(hit.start..hit.end);
                    if words.is_empty() {
                        continue;
                    }
                    Range { start: hit.start, end: hit.end } = joined.source(&words);
                    // What the same rule finds in a piece is all that it says: banners take in words behind them.
                    let known = |one: &Hit| one.rule == hit.rule && one.start < hit.end && hit.start < one.end;
                    if strokes.crosses(&(hit.start..hit.end)) && !hits.iter().any(known) {
                        hits.push(hit);
                    }
                }
            }
            if line.words.iter().any(|word| word.origin == Origin::Ocr) {
                let all = [&[whole, from..to], struck.as_slice()].concat();
                self.collect_tolerant(line, text, &all, folded, &mut hits);
            }
        }
        let recognized = !line.words.is_empty() && line.words.iter().all(|word| word.origin == Origin::Ocr);
        if recognized && hits.is_empty() {
            let misspelt = self.rules.spellings.nearest(&normal.text);
            hits.extend(misspelt.map(|rule| Hit {
                rule,
                start: from,
                end: to,
                tolerant: true,
                folded: false,
                ticked: false,
            }));
        }
        hits.sort_unstable_by_key(|hit| (hit.start, hit.end, hit.rule, hit.tolerant, hit.folded));
        hits.dedup_by_key(|hit| (hit.start, hit.end, hit.rule));
        self.over_cells(normal, &mut hits);
        hits.retain_mut(|hit| {
            let ticked = choices.ticked(&normal.text, &(hit.start..hit.end), |at| normal.word_end(at));
            hit.ticked = ticked == Some(true);
            let rights = self.rules.rules[hit.rule].kind == Kind::Portion
                && self.rules.vocabulary.copyright.is_match(&normal.text[hit.start..]);
            ticked != Some(false) && !rights && normal.fills_cells(&(hit.start..hit.end))
        });
        let inside = self.inside(&hits);
        // The words of a label are its own: 秘密等级.
        let labels: Vec<Range<usize>> =
            self.rules.vocabulary.label.find_iter(&normal.text).map(|label| label.range()).collect();
        let in_label = |hit: &Hit| {
            let holds = |label: &Range<usize>| {
                label.start <= hit.start && hit.end <= label.end && normal.text[label.end..].starts_with(':')
            };
            labels.iter().any(holds)
        };
        hits.iter().copied().zip(inside).filter(|(hit, inside)| !inside && !in_label(hit)).map(|(hit, _)| hit).collect()
    }

    /// Of hits in order, whether each lies inside a longer one.
    fn inside(&self, hits: &[Hit]) -> Vec<bool> {
        let mut inside = Vec::with_capacity(hits.len());
        // How far the hits reach that begin before those that are looked at.
        let mut reach = 0;
        for group in hits.chunk_by(|a, b| a.start == b.start) {
            let holds = |hit: &&Hit| self.rules.rules[hit.rule].kind != Kind::Portion;
            let farthest = group.iter().filter(holds).map(|hit| hit.end).max().unwrap_or(0);
            inside.extend(group.iter().map(|hit| hit.end <= reach || hit.end < farthest));
            reach = reach.max(farthest);
        }
        inside
    }

    /// Takes out what goes over the end of a cell where something in one cell says more: `北方公司 | 机密` is no `公司机密`.
    fn over_cells(&self, normal: &Normal, hits: &mut Vec<Hit>) {
        let text = normal.text.as_str();
        let is_over = |hit: &Hit| normal.breaks.iter().any(|at| (hit.start + 1..hit.end).contains(at));
        if normal.breaks.is_empty() || !hits.iter().any(is_over) {
            return;
        }
        let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        let parted_before =
            |hit: &Hit| normal.breaks.contains(&hit.start) || !is_word(text[..hit.start].chars().next_back());
        let parted_behind = |hit: &Hit| normal.breaks.contains(&hit.end) || !is_word(text[hit.end..].chars().next());
        let whole: Vec<Hit> = hits.iter().copied().filter(|hit| !is_over(hit)).collect();
        let level = |hit: &Hit| self.rules.rules[hit.rule].level;
        let is_less = |hit: &Hit| {
            let within = !parted_before(hit) || !parted_behind(hit);
            whole.iter().any(|other| {
                let fills = parted_before(other) && parted_behind(other);
                other.start < hit.end && hit.start < other.end && (within || (fills && level(other) > level(hit)))
            })
        };
        hits.retain(|hit| !(is_over(hit) && is_less(hit)));
    }

    /// The choices of a form on a line.
    fn choices(&self, sheet: &Sheet<'_>, line: &Line<'_>) -> Choices {
        let text = line.normal.text.as_str();
        if text.is_ascii() && !text.contains(['[', '(']) {
            return Choices::default();
        }
        let (above, below) = sheet.beside(&line.range);
        let choices = Choices::of(text, above, below, self.limits.form_boxes);
        if choices.is_empty() && self.rules.vocabulary.label.is_match(text) { Choices::of_field(text) } else { choices }
    }

    fn collect(&self, normal: &Normal, text: &str, offset: usize, folded: bool, hits: &mut Vec<Hit>) {
        for rule in self.rules.exact_hits(text) {
            let found = self.rules.rules[rule].regex.find_iter(text).filter(|found| !found.is_empty());
            let of = |found: regex::Match<'_>| Hit {
                rule,
                start: offset + found.start(),
                end: offset + found.end(),
                tolerant: false,
                folded,
                ticked: false,
            };
            let sure = self.rules.rules[rule].strength == Strength::S3;
            let most = self.limits.line_mentions;
            let kept = found.map(of).enumerate().filter(|(at, hit)| *at < most || sure || is_set_apart(normal, hit));
            hits.extend(kept.map(|(_, hit)| hit));
        }
    }

    /// Patterns for recognized text, where every word that they touch is recognized.
    fn collect_tolerant(&self, line: &Line<'_>, text: &str, parts: &[Range<usize>], folded: bool, hits: &mut Vec<Hit>) {
        for range in parts {
            for rule in self.rules.tolerant_hits(&text[range.clone()]) {
                let Some(regex) = &self.rules.rules[rule].regex_ocr else { continue };
                for found in regex.find_iter(&text[range.clone()]) {
                    let (start, end) = (range.start + found.start(), range.start + found.end());
                    let (from, to) = line.normal.source(start, end);
                    let exact =
                        hits.iter().any(|hit| hit.rule == rule && !hit.tolerant && hit.start < end && start < hit.end);
                    if start < end && !exact && line.origin(from, to) == Origin::Ocr {
                        hits.push(Hit { rule, start, end, tolerant: true, folded, ticked: false });
                    }
                }
            }
        }
    }

    fn finding(&self, subject: Subject<'_>, candidate: Candidate, stated: Stated) -> Option<Finding> {
        let rule = &self.rules.rules[candidate.rule];
        let page = subject.pages.get(candidate.page)?;
        let most = if rule.for_people { confidence(POSSIBLE) } else { None };
        let confidence = confidence(candidate.score()).map(|one| most.map_or(one, |most| one.min(most)))?;
        let original = page.text.content.get(candidate.start as usize..candidate.end as usize)?;
        let words = page.text.words.iter().filter(|word| word.start < candidate.end && candidate.start < word.end);
        let bounds = words.map(|word| word.bounds).reduce(|a, b| a.union(&b));
        let (level, rank, native) = candidate.value;
        Some(Finding {
            detector: "marking".to_owned(),
            rule: rule.id.clone(),
            page: page.number,
            start: candidate.start,
            end: candidate.end,
            boxes: bounds.into_iter().collect(),
            level,
            rank,
            excerpt: excerpt::mask(original, &native, rule.regex.as_str()),
            native,
            confidence,
            origin: candidate.origin,
            signals: candidate.signals,
            flags: candidate.flags.into_iter().map(str::to_owned).collect(),
            stated,
        })
    }
}

impl Detector for Marking {
    fn name(&self) -> &'static str {
        "marking"
    }

    fn rules(&self) -> Vec<RuleInfo> {
        let info = |rule: &rules::Rule| RuleInfo {
            id: rule.id.clone(),
            whose: rule.jurisdiction.clone(),
            name: rule.native.clone(),
            level: rule.level,
        };
        self.rules.rules.iter().map(info).collect()
    }

    fn detect(&self, subject: Subject<'_>, most: usize) -> Detected {
        let (all, cut) = self.candidates(subject, most.saturating_mul(4).max(64));
        let mut findings: Vec<Candidate> = Vec::new();
        for candidate in all {
            let least = if candidate.value.0.number() == 0 { PROBABLE } else { POSSIBLE };
            if candidate.score() < least {
                continue;
            }
            // Of marks at one place the likeliest holds, then the highest, then the first in the rules.
            let weight = |one: &Candidate| (one.score(), one.value.1);
            match findings.last_mut() {
                Some(rival) if rival.page == candidate.page && candidate.start < rival.end => {
                    let (before, now) = (weight(rival), weight(&candidate));
                    if now.0 > before.0 || (now.0 >= before.0 && now.1 > before.1) {
                        *rival = candidate;
                    }
                }
                _ => findings.push(candidate),
            }
        }
        let stated = stated::of(&self.rules, subject.pages, &findings);
        let findings = findings.into_iter().zip(stated);
        let findings = findings.filter_map(|(candidate, stated)| self.finding(subject, candidate, stated)).collect();
        Detected { findings, cut: over(cut, most) }
    }
}

/// A line as patterns see it, for the check of rules.
pub(super) fn normalised(text: &str) -> String {
    normal::Normal::new(text, 0, &[]).text
}

/// A choice without the signs at its ends, if a mark may be all of it.
fn option_of(normal: &Normal, option: Range<usize>) -> Option<Range<usize>> {
    let words = (option.len() <= OPTION_BYTES).then(|| running::bare(normal, &option, &[]))?;
    (!words.is_empty()).then_some(words)
}

/// Whether anything but a blank between words parts a hit from what stands before it, or behind it.
fn is_set_apart(normal: &Normal, hit: &Hit) -> bool {
    let text = normal.text.as_str();
    let parted = |at: usize, char: Option<char>| {
        normal.breaks.binary_search(&at).is_ok()
            || char.is_none_or(|char| !char.is_alphanumeric() && !matches!(char, ' ' | ',' | '、' | '。' | '.'))
            || (!text.is_ascii() && normal.seams.binary_search(&at).is_ok())
    };
    let before = text[..hit.start].trim_end().chars().next_back();
    parted(hit.start, before) || parted(hit.end, text[hit.end..].trim_start().chars().next())
}

/// 85, 75, 65 or nothing.
fn confidence(score: f32) -> Option<u8> {
    match score {
        score if score >= CONFIRMED => Some(85),
        score if score >= PROBABLE => Some(75),
        score if score >= POSSIBLE => Some(65),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
