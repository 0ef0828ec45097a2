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
//! What it does not do: it knows no colours (red ink), no file names, and no clock, so an examination paper is level 1
//! also before its sitting, and terms do not expire. Both are flagged or readable in the finding.

mod context;
mod excerpt;
mod line;
mod normal;
mod portion;
pub mod rules;
mod schema;
mod score;
mod trigger;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use self::line::{Line, Sheet};
use self::rules::{Kind, Rules};
use self::score::{CONFIRMED, Candidate, Hit, POSSIBLE, PROBABLE};
use super::{Detected, Detector, RuleInfo, Subject};
use crate::document::{Origin, Page};
use crate::finding::Finding;

/// Hits of one rule on one line.
const HITS_PER_RULE: usize = 16;

/// A list numbered with capitals, which portion marks must not be taken for.
static LISTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^[ \t]{0,40}\([ABD]\)").expect("a constant pattern that a test compiles"));

/// Sees markings.
pub struct Marking {
    rules: Rules,
}

/// What findings of markings depend on besides the text.
pub fn stamp() -> String {
    format!("marking 1 {}", blake3::hash(rules::BUILT_IN.as_bytes()).to_hex())
}

impl Marking {
    /// With the built-in rules.
    pub fn built_in() -> anyhow::Result<Self> {
        Ok(Self { rules: Rules::built_in()? })
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
            for line in sheet.lines(&self.rules.trigger, &self.rules.vocabulary.page_number) {
                for hit in self.hits(&line) {
                    candidates.push(score::score(&self.rules, sheet, &line, hit));
                }
                if candidates.len() >= most {
                    cut = true;
                    break 'pages;
                }
            }
        }
        candidates.sort_by_key(|one| (one.page, one.start, one.end, one.rule));
        context::apply(&self.rules, &sheets, &mut candidates);
        let portions = candidates.iter().filter(|one| self.rules.rules[one.rule].kind == Kind::Portion);
        let mut pages: Vec<usize> = portions.map(|one| one.page).collect();
        pages.dedup();
        let listed =
            pages.iter().filter_map(|&at| sheets.get(at)).any(|sheet| LISTED.is_match(&sheet.page.text.content));
        portion::apply(&self.rules, &mut candidates, listed);
        (candidates, cut)
    }

    /// The rules that match a line; a hit inside the hit of another rule is no mark of its own.
    fn hits(&self, line: &Line<'_>) -> Vec<Hit> {
        let normal = &line.normal;
        let (from, to) = normal.core();
        if from >= to {
            return Vec::new();
        }
        let mut hits: Vec<Hit> = Vec::new();
        for (folded, text) in [(false, Some(&normal.text)), (true, normal.folded.as_ref())] {
            let Some(text) = text else { continue };
            let whole = 0..text.len();
            for range in [whole.clone(), from..to] {
                if range == (from..to) || from > 0 || to < text.len() {
                    self.collect(&text[range.clone()], range.start, folded, &mut hits);
                }
                if whole == (from..to) {
                    break;
                }
            }
            if line.words.iter().any(|word| word.origin == Origin::Ocr) {
                self.collect_tolerant(line, text, from..to, folded, &mut hits);
            }
        }
        hits.sort_unstable_by_key(|hit| (hit.start, hit.end, hit.rule, hit.tolerant, hit.folded));
        hits.dedup_by_key(|hit| (hit.start, hit.end, hit.rule));
        let inside = |hit: &Hit| {
            hits.iter().any(|other| {
                self.rules.rules[other.rule].kind != Kind::Portion
                    && other.start <= hit.start
                    && hit.end <= other.end
                    && (other.end - other.start) > (hit.end - hit.start)
            })
        };
        hits.iter().copied().filter(|hit| !inside(hit)).collect()
    }

    fn collect(&self, text: &str, offset: usize, folded: bool, hits: &mut Vec<Hit>) {
        for rule in self.rules.exact_hits(text) {
            let found =
                self.rules.rules[rule].regex.find_iter(text).take(HITS_PER_RULE).filter(|found| !found.is_empty());
            hits.extend(found.map(|found| Hit {
                rule,
                start: offset + found.start(),
                end: offset + found.end(),
                tolerant: false,
                folded,
            }));
        }
    }

    /// Patterns for recognized text, where every word that they touch is recognized.
    fn collect_tolerant(&self, line: &Line<'_>, text: &str, core: Range<usize>, folded: bool, hits: &mut Vec<Hit>) {
        for range in [0..text.len(), core] {
            for rule in self.rules.tolerant_hits(&text[range.clone()]) {
                let Some(regex) = &self.rules.rules[rule].regex_ocr else { continue };
                for found in regex.find_iter(&text[range.clone()]).take(HITS_PER_RULE) {
                    let (start, end) = (range.start + found.start(), range.start + found.end());
                    let (from, to) = line.normal.source(start, end);
                    let exact =
                        hits.iter().any(|hit| hit.rule == rule && !hit.tolerant && hit.start < end && start < hit.end);
                    if start < end && !exact && line.origin(from, to) == Origin::Ocr {
                        hits.push(Hit { rule, start, end, tolerant: true, folded });
                    }
                }
            }
        }
    }

    fn finding(&self, subject: Subject<'_>, candidate: Candidate) -> Option<Finding> {
        let rule = &self.rules.rules[candidate.rule];
        let page = subject.pages.get(candidate.page)?;
        let confidence = confidence(candidate.score())?;
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
        let findings = findings.into_iter().filter_map(|candidate| self.finding(subject, candidate)).collect();
        Detected { findings, cut }
    }
}

/// A line as patterns see it, for the check of rules.
pub(super) fn normalised(text: &str) -> String {
    normal::Normal::new(text, 0, &[]).text
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{GateDecision, Ink, PageSize, Rect, Text, Word};

    fn page(number: u32, text: Text) -> Page {
        Page {
            number,
            size: PageSize { width: 1000.0, height: 1400.0 },
            text,
            gate: GateDecision::default(),
            ocr_confidence: None,
            ocr: false,
            layer_match: None,
            faults: Vec::new(),
            label: None,
        }
    }

    fn detect(pages: &[Page]) -> Vec<Finding> {
        static MARKING: LazyLock<Marking> = LazyLock::new(|| Marking::built_in().expect("the built-in rules compile"));
        MARKING.detect(Subject { pages }, 1000).findings
    }

    /// Rules, levels and confidences found in plain text.
    fn seen(text: &str) -> Vec<(String, u8, u8)> {
        let pages = [page(1, Text::plain(text))];
        detect(&pages).into_iter().map(|one| (one.rule, one.level.number(), one.confidence)).collect()
    }

    /// The highest level that is decided, and the highest that is for review.
    fn levels(text: &str) -> (u8, u8) {
        let seen = seen(text);
        let highest = |decided: bool| {
            seen.iter().filter(|one| (one.2 >= 75) == decided).map(|one| one.1).max().unwrap_or_default()
        };
        (highest(true), highest(false))
    }

    #[test]
    fn a_form_field_decides_wherever_it_stands() {
        assert_eq!(levels("密级：秘密  等级：紧急  时间：2023年5月10日  主题：报告").0, 3);
        assert_eq!(levels("密级：机密 第1版 分册名称：无").0, 3);
        assert_eq!(levels("本报告仅供内部培训（密级：机密），旨在提升能力。").0, 3);
        assert_eq!(levels("CLASSIFICATION: SECRET CAVEATS: NOFORN").0, 3);
    }

    #[test]
    fn talk_about_marks_is_not_a_mark() {
        for text in [
            "公开,内部,秘密★10年,机密★20年",
            "密级：机密、秘密",
            "绝密\n机密\n秘密\n",
            "常写在版头左上角,如「机密★1年」「秘密」。",
            "有保密期限的一并标注（如\"秘密★10年\"）。",
            "标记 \"密级：秘密\" 的文件",
            "information whose classification is no higher than\nCONFIDENTIAL.",
        ] {
            assert_eq!(levels(text).0, 0, "{text}: {:?}", seen(text));
        }
    }

    #[test]
    fn an_examination_paper_is_level_1_and_a_document_with_the_same_term_is_not() {
        let exam = seen("绝密★启用前\n学校：____ 姓名：____ 考号：____\n");
        assert_eq!(exam, [("cn.exam".to_owned(), 1, 85)]);
        assert_eq!(seen("绝密★考试结束前\n历史试题")[0].1, 1);
        assert_eq!(seen("绝密★启用前\n关于新印章的通知")[0].1, 4);
    }

    #[test]
    fn marks_in_a_text_that_is_about_marks_are_for_people_to_look_at() {
        let mentions = "处理涉及机密的文件时应当遵守国家秘密的有关规定，不得泄露秘密。\n".repeat(12);
        assert_eq!(levels(&format!("机密\n{mentions}")), (0, 3));
        assert_eq!(levels("机密\n"), (3, 0));
        let law: String = ["一", "二", "三", "四", "五", "六"].map(|n| format!("第{n}条 总则。\n")).concat();
        assert_eq!(levels(&format!("秘密\n{law}")), (0, 3));
    }

    #[test]
    fn portion_marks_count_from_three_paragraphs_on() {
        assert_eq!(levels("(S//NF) One paragraph.\n(U) Another.\n"), (0, 0));
        assert_eq!(levels("(S//NF) One paragraph.\n(U) Another.\n(U) Third.\n").0, 3);
        assert_eq!(levels("(A) one\n(B) two\n(C) three\n(C) four\n(C) five\n"), (0, 0));
    }

    #[test]
    fn a_conditional_release_lowers_by_one_level_and_never_clears() {
        let mut text = Text::default();
        let line = "SECRET//NOFORN (UNCLASSIFIED when separated from enclosure)";
        text.push_word("", line, Rect { x: 300.0, y: 60.0, w: 400.0, h: 20.0 }, 100, Origin::Layer);
        let finding = detect(&[page(1, text)]).into_iter().find(|one| one.rule == "us.s.banner").expect("found");
        assert_eq!(finding.level.number(), 2);
        assert!(finding.flags.contains(&"conditional_release".to_owned()));
    }

    #[test]
    fn a_bare_word_that_other_schemes_use_is_flagged() {
        let flags = |text: &str| detect(&[page(1, Text::plain(text))]).swap_remove(0).flags;
        assert_eq!(flags("机密"), ["ambiguous_scheme"]);
        assert_eq!(flags("000012\n机密\n特急"), ["official_head"]);
    }

    #[test]
    fn damaged_marks_are_found_in_recognized_text_only() {
        let with = |origin| {
            let mut text = Text::default();
            text.push_word("", "机窗女10年", Rect { x: 80.0, y: 60.0, w: 150.0, h: 20.0 }, 80, origin);
            detect(&[page(1, text)])
        };
        let found = with(Origin::Ocr).swap_remove(0);
        assert_eq!((found.rule.as_str(), found.level.number(), found.origin), ("cn.state.secret.full", 3, Origin::Ocr));
        assert_eq!(found.boxes, [Rect { x: 80.0, y: 60.0, w: 150.0, h: 20.0 }]);
        assert!(!found.excerpt.contains("10") && found.flags.contains(&"damaged".to_owned()));
        assert!(with(Origin::Layer).is_empty());
    }

    #[test]
    fn red_and_pale_ink_speak_for_a_mark_that_stands_alone() {
        let with = |ink| {
            let mut text = Text::default();
            text.push_word("", "秘密", Rect { x: 300.0, y: 500.0, w: 60.0, h: 20.0 }, 80, Origin::Ocr);
            text.words[0].ink = ink;
            detect(&[page(1, text)]).swap_remove(0)
        };
        let (plain, red, pale) = (with(Ink::Plain), with(Ink::Red), with(Ink::Pale));
        assert!(plain.confidence < red.confidence, "{} {}", plain.confidence, red.confidence);
        assert!(red.signals.iter().any(|signal| signal.name == "red ink"));
        assert!(pale.flags.contains(&"watermark".to_owned()) && !red.flags.contains(&"watermark".to_owned()));
    }

    #[test]
    fn no_excerpt_shows_more_than_the_level() {
        let text = "TOP SECRET//SAR-BUTTER POPCORN\n机密★2030年12月31日\nAcme Confidential\n";
        for finding in detect(&[page(1, Text::plain(text))]) {
            for content in ["BUTTER", "POPCORN", "2030", "Acme"] {
                assert!(!finding.excerpt.contains(content), "{}", finding.excerpt);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_with_any_words_is_classified_without_a_panic(
            content in "([机秘绝]密|★|密级：|SECRET|//|NOFORN|\\(S\\)|[ \t\n　]|。|\"|[a-zA-Z0-9é㊙Ⅱ\u{301}\u{fb01}]){0,60}",
            places in proptest::collection::vec((0_u32..300, 0_u32..12, -10.0_f32..1500.0, any::<bool>()), 0..12),
        ) {
            let mut words: Vec<Word> = places.iter().map(|&(start, length, y, ocr)| Word {
                start,
                end: start + length,
                bounds: Rect { x: y / 2.0, y, w: 40.0, h: 10.0 },
                confidence: 50,
                origin: if ocr { Origin::Ocr } else { Origin::Layer },
                ink: Ink::Plain,
            }).collect();
            words.sort_by_key(|word| word.start);
            let pages = [page(1, Text { content: content.clone(), words: words.clone() }), page(2, Text { content, words })];
            for finding in detect(&pages) {
                prop_assert!(finding.start < finding.end);
                prop_assert!(pages[0].text.content.get(finding.start as usize..finding.end as usize).is_some());
            }
        }

        #[test]
        fn whatever_blanks_and_widths_do_to_a_mark_the_prefilter_stops_at_it(
            mark in prop_oneof![Just("机密★长期"), Just("绝密"), Just("内部资料"), Just("TOP SECRET"), Just("商业秘密")],
            blank in prop_oneof![Just(" "), Just("　"), Just("  "), Just("\u{a0}")],
        ) {
            let spaced: String = mark.chars().flat_map(|char| [char.to_string(), blank.to_owned()]).collect();
            let wide: String = mark.chars().map(|char| match char {
                'A'..='Z' => char::from_u32(u32::from(char) + 0xfee0).unwrap_or(char),
                char => char,
            }).collect();
            prop_assert!(!seen(&wide).is_empty(), "{wide}");
            prop_assert!(!seen(&spaced).is_empty(), "{spaced}");
        }
    }
}
