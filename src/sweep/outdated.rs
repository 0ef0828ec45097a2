//! Stored text against today's rules and zones: re-classifies and re-judges without reading anything.

use rayon::prelude::*;

use crate::catalog::Catalog;
use crate::classify::{Classification, Classifier};
use crate::config::Settings;
use crate::finding::{Coverage, Fault, FaultReason};
use crate::judge;
use crate::zone::Zones;

/// What was brought up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Contents classified anew.
    pub classified: u64,
    /// Locations whose verdict or zone changed.
    pub judged_otherwise: u64,
}

/// Contents classified together: enough to keep all cores busy, few enough to stay small in memory.
const BATCH: usize = 32;

/// Commit after this many changes.
const COMMIT: usize = 2000;

/// Re-classifies what other rules classified, and re-judges everything if zones or policy changed since.
pub fn bring_up_to_date(
    catalog: &mut Catalog,
    classifier: &Classifier,
    zones: &Zones,
    settings: &Settings,
    show: &mut dyn FnMut(u64),
) -> anyhow::Result<Outdated> {
    let stamp = classifier.stamp();
    let judged_with = zones.judged_with(&settings.judge);
    let rejudge = catalog.meta("judged_with")?.is_none_or(|before| before != judged_with);
    let mut outdated = Outdated::default();
    let stale = catalog.stale_contents(&stamp, false)?;
    for batch in stale.chunks(BATCH) {
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
            outdated.judged_otherwise += judge_places(catalog, content, zones, settings)?;
        }
        catalog.commit()?;
        show(outdated.classified);
    }
    if rejudge {
        outdated.judged_otherwise += judge_everything(catalog, zones, settings)?;
        catalog.set_meta("judged_with", &judged_with)?;
    }
    catalog.commit()?;
    Ok(outdated)
}

/// Judges every location anew.
fn judge_everything(catalog: &mut Catalog, zones: &Zones, settings: &Settings) -> anyhow::Result<u64> {
    let mut changed = 0;
    for content in catalog.stale_contents("", true)? {
        changed += judge_places(catalog, content, zones, settings)?;
        if catalog.pending() > COMMIT {
            catalog.commit()?;
        }
    }
    for path in catalog.contentless()? {
        let coverage = Coverage::none(Fault::whole(FaultReason::NotYetRead, "no content"));
        let zone = zones.of(&path);
        let judgement = judge::judge(&[], &coverage, zone.ceiling, &settings.judge);
        changed += u64::from(catalog.set_verdict(&path, &zone.name, &judgement)?);
    }
    Ok(changed)
}

/// Judges every place of a content; returns how many changed.
pub(super) fn judge_places(
    catalog: &mut Catalog,
    content: i64,
    zones: &Zones,
    settings: &Settings,
) -> anyhow::Result<u64> {
    let (findings, coverage) = catalog.evidence(content)?;
    let mut changed = 0;
    for (path, fault) in catalog.places(content)? {
        let zone = zones.of(&path);
        let coverage = Coverage { faults: coverage.faults.iter().cloned().chain(fault).collect(), ..coverage };
        let judgement = judge::judge(&findings, &coverage, zone.ceiling, &settings.judge);
        changed += u64::from(catalog.set_verdict(&path, &zone.name, &judgement)?);
    }
    if changed > 0 {
        catalog.content_changed(content)?;
    }
    Ok(changed)
}
