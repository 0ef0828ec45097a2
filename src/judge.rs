//! Stage 5, judge: findings × coverage × zone → verdict. A table, nothing else.
//!
//! | evidence | coverage | verdict |
//! |---|---|---|
//! | decides (confidence ≥ `judge.decide`), above the ceiling | any | misfiled |
//! | for people (≥ `judge.review`) and no lone number, above the ceiling, or a text layer that contradicts its pixels, or a name its content | any | review |
//! | neither | a gap | unverified |
//! | neither | a kind that is configured not to be read, and no other gap | out of scope |
//! | neither | complete | clear |
//!
//! What people decided on a finding comes first: a false positive and one that is accepted where it lies decide nothing, one that
//! is confirmed decides whatever its confidence.
//!
//! The level of a document is the highest of the evidence that is sure (`judge.decide`, or confirmed), whatever the ceiling: one
//! that is accepted where it lies keeps it, a false positive gives none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::JudgeSettings;
use crate::decision::{Decision, Ruling};
use crate::finding::{Coverage, FaultReason, Finding, Level, Verdict};

/// A verdict, a level, and what they rest on.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What is to be said of the location.
    pub verdict: Verdict,
    /// The level of the document.
    pub level: Level,
    /// Why.
    pub grounds: Grounds,
}

/// What a judgement rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grounds {
    /// Native levels that the level rests on, highest first.
    pub natives: Vec<String>,
    /// Indices into the findings: the evidence that decided.
    pub decided_by: Vec<usize>,
    /// Numbers of the decisions of people that held, by the indices of the findings that they are about.
    pub decisions: BTreeMap<usize, i64>,
    /// What the name of the location says; counted behind the findings of its content.
    pub named: Vec<Finding>,
}

/// Judges content that lies under `ceiling`, as the evidence alone has it.
pub fn judge(findings: &[Finding], coverage: &Coverage, ceiling: Level, settings: &JudgeSettings) -> Judgement {
    judge_with(findings, coverage, ceiling, settings, |_| None)
}

/// The same with what people decided on findings, by their indices.
pub fn judge_with<'a>(
    findings: &[Finding],
    coverage: &Coverage,
    ceiling: Level,
    settings: &JudgeSettings,
    decided: impl Fn(usize) -> Option<&'a Decision>,
) -> Judgement {
    let decided: Vec<Option<&Decision>> = (0..findings.len()).map(decided).collect();
    let confidence = |index: usize| match decided[index].map(|decision| decision.ruling) {
        Some(Ruling::FalsePositive | Ruling::Accepted) => 0,
        Some(Ruling::Confirmed) => 100,
        None => findings[index].confidence,
    };
    let matching = |least: u8, test: &dyn Fn(&Finding) -> bool| -> Vec<usize> {
        (0..findings.len()).filter(|index| confidence(*index) >= least && test(&findings[*index])).collect()
    };
    let above = matching(settings.decide.max(1), &|finding| finding.level > ceiling);
    let doubtful = matching(settings.review.max(1), &|finding| {
        finding.level > ceiling && !finding.is_lone_number() || finding.is_pretence()
    });
    let faults = &coverage.faults;
    let out_of_scope = !faults.is_empty() && faults.iter().all(|fault| fault.reason == FaultReason::OutOfScope);
    let (verdict, decided_by) = match (above.is_empty(), doubtful.is_empty(), coverage.complete()) {
        (false, _, _) => (Verdict::Misfiled, above),
        (true, false, _) => (Verdict::Review, doubtful),
        (true, true, None) if out_of_scope => (Verdict::OutOfScope, Vec::new()),
        (true, true, None) => (Verdict::Unverified, Vec::new()),
        (true, true, Some(proof)) => (Verdict::Clear(proof), Vec::new()),
    };
    let sure = (0..findings.len()).filter(|index| {
        let accepted = decided[*index].is_some_and(|decision| decision.ruling == Ruling::Accepted);
        let confidence = if accepted { findings[*index].confidence } else { confidence(*index) };
        confidence >= settings.decide.max(1)
    });
    let (level, natives) = level(sure.map(|index| &findings[index]).collect());
    let numbers = decided.iter().enumerate().filter_map(|(index, decision)| Some((index, (*decision)?.id)));
    let grounds = Grounds { natives, decided_by, decisions: numbers.collect(), named: Vec::new() };
    Judgement { verdict, level, grounds }
}

/// The highest level of findings, and the native levels it rests on, highest first.
fn level(mut sure: Vec<&Finding>) -> (Level, Vec<String>) {
    sure.sort_by(|a, b| (b.level, b.rank, &a.native).cmp(&(a.level, a.rank, &b.native)));
    let level = sure.first().map_or(Level::Public, |finding| finding.level);
    let mut natives: Vec<String> = Vec::new();
    for finding in sure.iter().filter(|finding| finding.level > Level::Public) {
        if !natives.contains(&finding.native) {
            natives.push(finding.native.clone());
        }
    }
    (level, natives)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::decision::Scope;
    use crate::document::Origin;
    use crate::finding::{DISGUISED, Fault, LONE_NUMBER, Stated};

    fn finding(level: Level, confidence: u8) -> Finding {
        Finding {
            detector: "marking".into(),
            rule: "rule".into(),
            page: 1,
            start: 0,
            end: 1,
            boxes: vec![],
            level,
            rank: 50,
            native: "机密".into(),
            confidence,
            excerpt: String::new(),
            origin: Origin::Layer,
            signals: vec![],
            flags: vec![],
            stated: Stated::default(),
        }
    }

    fn decision(ruling: Ruling) -> Decision {
        let scope = Scope::Paths("**".to_owned());
        let words = || "word".to_owned();
        let (expires, withdrawn, ceiling) = (None, None, None);
        Decision {
            id: 7,
            ruling,
            rule: words(),
            scope,
            reason: words(),
            by: words(),
            made: 1,
            ceiling,
            expires,
            withdrawn,
        }
    }

    fn verdict(findings: &[Finding], faults: usize, ceiling: Level) -> &'static str {
        let faults = vec![Fault::whole(FaultReason::Damaged, "cut short"); faults];
        let coverage = Coverage { pages: 1, examined: 1, ocr_pages: 0, faults };
        judge(findings, &coverage, ceiling, &Settings::defaults().judge).verdict.as_str()
    }

    #[test]
    fn a_lone_number_asks_nobody_to_look_unless_somebody_confirmed_it() {
        let lone = Finding { flags: vec![LONE_NUMBER.to_owned()], ..finding(Level::Classified, 65) };
        assert_eq!(verdict(std::slice::from_ref(&lone), 0, Level::Internal), "clear");
        assert_eq!(verdict(&[lone.clone(), finding(Level::Classified, 65)], 0, Level::Internal), "review");
        let coverage = Coverage { pages: 1, examined: 1, ocr_pages: 0, faults: vec![] };
        let settings = Settings::defaults().judge;
        let decision = decision(Ruling::Confirmed);
        let confirmed = judge_with(&[lone], &coverage, Level::Internal, &settings, |_| Some(&decision));
        assert_eq!((confirmed.verdict.as_str(), confirmed.level), ("misfiled", Level::Classified));
    }

    #[test]
    fn what_is_out_of_scope_is_neither_clear_nor_unverified_and_hides_nothing() {
        let settings = Settings::defaults().judge;
        let out = Coverage::none(Fault::whole(FaultReason::OutOfScope, "mp4"));
        let verdict = |findings: &[Finding], coverage: &Coverage| {
            judge(findings, coverage, Level::Internal, &settings).verdict.as_str()
        };
        assert_eq!(verdict(&[], &out), "out_of_scope");
        assert_eq!(verdict(&[finding(Level::Classified, 85)], &out), "misfiled");
        let mut both = out.clone();
        both.faults.push(Fault::whole(FaultReason::Damaged, "cut short"));
        assert_eq!(verdict(&[], &both), "unverified");
    }

    #[test]
    fn what_people_decided_comes_before_confidence() {
        let settings = Settings::defaults().judge;
        let findings = [finding(Level::Classified, 85), finding(Level::Classified, 65)];
        let verdict = |of: &[usize], ruling: Ruling| {
            let decision = decision(ruling);
            let decided = |index: usize| of.contains(&index).then_some(&decision);
            let judged = judge_with(&findings, &Coverage::default(), Level::Internal, &settings, decided);
            assert!(judged.grounds.decisions.keys().eq(of) && judged.grounds.decisions.values().all(|id| *id == 7));
            (judged.verdict.as_str(), judged.grounds.decided_by)
        };
        assert_eq!(verdict(&[], Ruling::Accepted), ("misfiled", vec![0]));
        assert_eq!(verdict(&[0], Ruling::Accepted), ("review", vec![1]));
        assert_eq!(verdict(&[0, 1], Ruling::FalsePositive), ("clear", vec![]));
        assert_eq!(verdict(&[0, 1], Ruling::Confirmed), ("misfiled", vec![0, 1]));
    }

    #[test]
    fn the_level_is_that_of_what_is_sure_or_confirmed_and_not_of_what_is_wrong() {
        let settings = Settings::defaults().judge;
        let doubtful = [finding(Level::Classified, 65)];
        let sure = [finding(Level::Classified, 85)];
        let level = |findings: &[Finding], ruling: Option<Ruling>| {
            let decision = ruling.map(decision);
            let judged = judge_with(findings, &Coverage::default(), Level::Internal, &settings, |_| decision.as_ref());
            (judged.level, judged.grounds.natives)
        };
        let (none, found) = ((Level::Public, vec![]), (Level::Classified, vec!["机密".to_owned()]));
        assert_eq!(level(&doubtful, None), none);
        assert_eq!(level(&doubtful, Some(Ruling::Confirmed)), found);
        assert_eq!(level(&doubtful, Some(Ruling::Accepted)), none);
        assert_eq!(level(&sure, None), found);
        assert_eq!(level(&sure, Some(Ruling::Accepted)), found);
        assert_eq!(level(&sure, Some(Ruling::FalsePositive)), none);
    }

    #[test]
    fn a_level_above_the_ceiling_is_misfiled_and_one_at_the_ceiling_is_not() {
        assert_eq!(verdict(&[finding(Level::Classified, 85)], 0, Level::Internal), "misfiled");
        assert_eq!(verdict(&[finding(Level::Classified, 85)], 0, Level::Classified), "clear");
    }

    #[test]
    fn evidence_below_the_decision_threshold_is_for_people_to_look_at() {
        assert_eq!(verdict(&[finding(Level::Classified, 65)], 0, Level::Internal), "review");
        assert_eq!(verdict(&[finding(Level::Classified, 64)], 0, Level::Internal), "clear");
    }

    #[test]
    fn a_gap_in_coverage_is_never_clear_and_never_hides_evidence() {
        assert_eq!(verdict(&[], 1, Level::Top), "unverified");
        assert_eq!(verdict(&[finding(Level::Top, 75)], 1, Level::Internal), "misfiled");
    }

    #[test]
    fn a_layer_that_contradicts_its_pixels_is_for_people_whatever_its_level() {
        let mismatch = Finding { detector: "layer".into(), ..finding(Level::Public, 65) };
        assert_eq!(verdict(&[mismatch], 0, Level::Top), "review");
    }

    #[test]
    fn a_document_under_the_name_of_another_kind_is_for_people_whatever_its_level() {
        let disguised = Finding { flags: vec![DISGUISED.to_owned()], ..finding(Level::Internal, 65) };
        assert_eq!(verdict(std::slice::from_ref(&disguised), 0, Level::Top), "review");
        assert_eq!(verdict(&[Finding { flags: vec![], ..disguised }], 0, Level::Top), "clear");
    }

    #[test]
    fn the_evidence_that_decided_is_named() {
        let findings = [finding(Level::Internal, 85), finding(Level::Top, 75)];
        let judgement = judge(&findings, &Coverage::default(), Level::Internal, &Settings::defaults().judge);
        assert_eq!(judgement.grounds.decided_by, [1]);
    }
}
