//! A text layer that contradicts its pixels: what people see and what machines read are two documents.
//!
//! The reader compares a sample of the layer with what recognition reads at the same places and keeps both texts. Here a
//! poor match becomes a finding, so that somebody looks: hidden text of another page, unmapped glyphs, text under a
//! picture. It speaks for no level, so no ceiling is broken by it; it has confidence 65, and it is for the judge to treat
//! any `layer` finding as evidence below the decision threshold: *review*, whatever the zone's ceiling. Should one of the
//! two texts carry a mark, the marking detector finds that by itself.

use super::{Detected, Detector, RuleInfo, Subject, over};
use crate::document::{Origin, Page};
use crate::finding::{Finding, Level, Signal, Stated};

/// Its one rule.
const RULE: &str = "layer.mismatch";

/// Sees layers that their pixels contradict.
pub struct LayerMismatch {
    /// Below this share of matching characters, layer and pixels differ: `gate.sample_match`.
    pub least: f32,
}

/// What findings of mismatches depend on besides the text.
pub fn stamp(least: f32) -> String {
    format!("layer 1 {least}")
}

impl Detector for LayerMismatch {
    fn name(&self) -> &'static str {
        "layer"
    }

    fn rules(&self) -> Vec<RuleInfo> {
        let name = "a text layer that its pixels contradict".to_owned();
        vec![RuleInfo { id: RULE.to_owned(), whose: String::new(), name, level: Level::Public }]
    }

    fn detect(&self, subject: Subject<'_>, most: usize) -> Detected {
        let mut seen = subject.pages.iter().filter_map(|page| self.finding(page));
        let findings: Vec<Finding> = seen.by_ref().take(most).collect();
        Detected { findings, cut: over(seen.next().is_some(), most) }
    }
}

impl LayerMismatch {
    fn finding(&self, page: &Page) -> Option<Finding> {
        let share = page.layer_match.filter(|&share| share < self.least)?;
        Some(Finding {
            detector: "layer".to_owned(),
            rule: RULE.to_owned(),
            page: page.number,
            start: 0,
            end: 0,
            boxes: Vec::new(),
            level: Level::Public,
            rank: 0,
            native: String::new(),
            confidence: 65,
            excerpt: format!("layer and pixels differ (match {:.0} %)", share * 100.0),
            origin: Origin::Layer,
            signals: vec![Signal { name: format!("match {share:.2} below {:.2}", self.least), points: 0.0 }],
            flags: vec!["layer_mismatch".to_owned()],
            stated: Stated::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(layer_match: Option<f32>) -> Vec<Finding> {
        let page = Page { layer_match, ..Page::plain(7, "text") };
        LayerMismatch { least: 0.5 }.detect(Subject { pages: &[page] }, 10).findings
    }

    #[test]
    fn a_layer_that_its_pixels_contradict_is_a_finding_for_people() {
        let findings = seen(Some(0.12));
        assert_eq!(findings[0].excerpt, "layer and pixels differ (match 12 %)");
        assert_eq!((findings[0].page, findings[0].confidence, findings[0].level), (7, 65, Level::Public));
    }

    #[test]
    fn a_layer_that_agrees_or_was_not_sampled_is_none() {
        assert!(seen(Some(0.5)).is_empty());
        assert!(seen(None).is_empty());
    }
}
