//! Stored text against today's rules and zones: re-classifies and re-judges without reading anything.

use std::cell::RefCell;

use rayon::prelude::*;

use super::members::Judge;
use super::until::Until;
use crate::catalog::{Catalog, Place};
use crate::classify::{self, Classification, Classifier};
use crate::config::Settings;
use crate::decision::Decisions;
use crate::finding::{Coverage, Fault, FaultReason, Finding};
use crate::judge;
use crate::naming::{self, Names};
use crate::zone::Zones;

/// What was brought up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Contents classified anew.
    pub classified: u64,
    /// Locations whose verdict or zone changed.
    pub judged_otherwise: u64,
    /// Ended early: the next run goes on.
    pub stopped: bool,
}

/// Contents classified together: enough to keep all cores busy, few enough to stay small in memory.
const BATCH: usize = 32;

/// Commit after this many changes.
const COMMIT: usize = 2000;

/// What verdicts are given with: zones, policy, and the decisions that hold.
pub fn judged_with(zones: &Zones, settings: &Settings, decisions: &Decisions) -> String {
    format!("{} {} {}", zones.judged_with(&settings.judge), decisions.stamp(), naming::stamp(settings))
}

/// Judges anew where a decision is about something: after it was made or taken back. `before` is what verdicts would have been
/// given with until then. Returns how many verdicts changed.
pub fn judge_anew(
    catalog: &mut Catalog,
    zones: &Zones,
    settings: &Settings,
    contents: &[i64],
    before: &str,
) -> anyhow::Result<u64> {
    let decisions = Decisions::at(crate::now(), catalog.decisions()?)?;
    let counted = RefCell::new(None);
    let names = Names::new(settings);
    let judge = Judge { zones, settings, decisions: &decisions, names: &names, counted: &counted };
    let mut changed = 0;
    for content in contents {
        changed += judge_places(catalog, *content, judge)?;
        // Its findings are shown with what was decided on them, whatever the verdict.
        catalog.content_changed(*content)?;
    }
    // Nothing else changed since everything was judged: no zone, and no other decision expired.
    if catalog.meta("judged_with")?.is_some_and(|with| with == before) {
        catalog.set_meta("judged_with", &judged_with(zones, settings, &decisions))?;
    }
    Ok(changed)
}

/// Re-classifies what other rules classified, and re-judges everything if zones or policy changed since.
pub fn bring_up_to_date(
    catalog: &mut Catalog,
    zones: &Zones,
    settings: &Settings,
    until: Until<'_>,
) -> anyhow::Result<Outdated> {
    let stamp = classify::stamp(settings);
    let decisions = Decisions::at(crate::now(), catalog.decisions()?)?;
    let counted = RefCell::new(None);
    let names = Names::new(settings);
    let judge = Judge { zones, settings, decisions: &decisions, names: &names, counted: &counted };
    let judged_with = judged_with(zones, settings, &decisions);
    let rejudge = catalog.meta("judged_with")?.is_none_or(|before| before != judged_with);
    let mut outdated = Outdated::default();
    let stale = catalog.stale_contents(&stamp)?;
    let classifier = if stale.is_empty() { None } else { Some(Classifier::load(settings)?) };
    for batch in stale.chunks(BATCH) {
        if until.over() {
            return Ok(Outdated { stopped: true, ..outdated });
        }
        let classifier = classifier.as_ref().expect("there is a stale content");
        let readings = batch
            .iter()
            .map(|content| Ok((*content, catalog.visible(*content)?.0)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let classified: Vec<(i64, Classification)> = readings
            .par_iter()
            .map(|(content, pages)| (*content, classifier.classify(pages, &settings.limits)))
            .collect();
        for (content, classification) in classified {
            let (level, natives) = judge::level(&classification.findings, &settings.judge);
            catalog.set_findings(content, &classification, (level, &natives), &stamp)?;
            outdated.classified += 1;
            outdated.judged_otherwise += judge_places(catalog, content, judge)?;
        }
        catalog.commit()?;
    }
    if rejudge {
        let changed = judge_everything(catalog, judge, until)?;
        outdated.stopped = changed.is_none();
        outdated.judged_otherwise += changed.unwrap_or_default();
        if !outdated.stopped {
            catalog.set_meta("judged_with", &judged_with)?;
        }
    }
    catalog.commit()?;
    Ok(outdated)
}

/// Judges every location anew; none if it ended early.
fn judge_everything(catalog: &mut Catalog, judge: Judge<'_>, until: Until<'_>) -> anyhow::Result<Option<u64>> {
    let mut changed = 0;
    for content in catalog.placed_contents()? {
        if until.over() {
            return Ok(None);
        }
        changed += judge_places(catalog, content, judge)?;
        if catalog.pending() > COMMIT {
            catalog.commit()?;
        }
    }
    for place in catalog.places(None)? {
        if until.over() {
            return Ok(None);
        }
        let coverage = Coverage::none(Fault::whole(FaultReason::NotYetRead, "no content"));
        changed += u64::from(judge_place(catalog, place, None, &[], &coverage, judge)?);
    }
    Ok(Some(changed))
}

/// Judges every place of a content; returns how many changed.
pub(super) fn judge_places(catalog: &mut Catalog, content: i64, judge: Judge<'_>) -> anyhow::Result<u64> {
    let (findings, coverage) = catalog.evidence(content)?;
    let mut changed = 0;
    for place in catalog.places(Some(content))? {
        let location = place.location.clone();
        if judge_place(catalog, place, Some(content), &findings, &coverage, judge)? {
            changed += 1 + judge.lift(catalog, &location)?;
        }
    }
    if changed > 0 {
        catalog.content_changed(content)?;
    }
    Ok(changed)
}

/// Judges one place. A zone that is configured no more takes its files out of every sweep's sight: what was clear there is
/// so no longer, until somebody looks again or has them forgotten.
fn judge_place(
    catalog: &mut Catalog,
    mut place: Place,
    content: Option<i64>,
    findings: &[Finding],
    coverage: &Coverage,
    judge: Judge<'_>,
) -> anyhow::Result<bool> {
    let zones = judge.zones;
    let path = &place.location.path;
    let zone = zones.of(path);
    if place.fault.is_none() && place.zone != zone.name && !zones.hold(path) {
        let detail = format!(
            "it lay in zone {:?}, which is configured no more: `sweep PATH` looks at it again, \
             `sweep --forget-outside` has it forgotten",
            place.zone
        );
        place.fault = Some(Fault::whole(FaultReason::Outside, detail));
    }
    place.zone.clone_from(&zone.name);
    let faults = coverage.faults.iter().chain(&place.fault).cloned().collect();
    let coverage = Coverage { faults, ..*coverage };
    let judgement = judge.judge(catalog, &place.location, content, findings, &coverage)?;
    Ok(catalog.set_verdict(&place, &judgement)?)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::catalog::DataDir;
    use crate::document::{ContentHash, Identity, Kind};

    #[test]
    fn a_stop_is_heard_before_everything_is_classified_anew_and_the_rest_is_left_for_the_next_run() {
        let outer = tempfile::tempdir().expect("temporary folder");
        let settings = Settings::defaults();
        let dir = DataDir::create(outer.path()).expect("made");
        let mut catalog = Catalog::open(&dir, &settings.store).expect("opens");
        let identity = Identity { device: 1, inode: 1, size: 0, mtime_ns: 1, ctime_ns: 1 };
        let hash = ContentHash([1; 32]);
        let content = catalog.begin_reading(&hash, &identity, &Kind::new("text"), "today").expect("begun");
        catalog.finish_reading(content, &Coverage::default(), "limits").expect("finished");
        let zones = Zones::configured(&settings);
        let mut run = |stop| {
            let until = Until { deadline: None, stop: &AtomicBool::new(stop) };
            bring_up_to_date(&mut catalog, &zones, &settings, until).expect("runs")
        };
        assert_eq!(run(true), Outdated { stopped: true, ..Outdated::default() });
        assert_eq!(run(false).classified, 1);
    }
}
