//! Stored text against today's rules and zones: re-classifies and re-judges without reading anything.

use rayon::prelude::*;

use super::members::{Evidence, Judge};
use super::until::Until;
use crate::catalog::{Catalog, PackedPages, Place, Rejudged};
use crate::classify::{self, Classification, Classifier};
use crate::config::Settings;
use crate::decision::{Decision, Decisions, Scope};
use crate::finding::{Fault, FaultReason};
use crate::naming;
use crate::zone::Zones;

/// What was brought up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Contents classified anew.
    pub classified: u64,
    /// Verdicts that changed.
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
    decision: &Decision,
    before: &str,
) -> anyhow::Result<u64> {
    let judge = Judge::new(catalog, zones, settings)?;
    let mut changed = 0;
    let contents = match &decision.scope {
        Scope::Content(hash) => catalog.content(hash)?.into_iter().map(|content| content.id).collect(),
        Scope::Paths(_) => catalog.found_in(&decision.rule)?,
    };
    for content in contents {
        changed += judge_places(catalog, content, &judge)?.verdicts;
        // Its findings are shown with what was decided on them, whatever the verdict.
        catalog.content_changed(content)?;
    }
    if let Scope::Paths(_) = decision.scope {
        // Names of files that cannot be looked at.
        changed += judge_unread(catalog, &judge, &|| false)?.unwrap_or_default();
    }
    // Nothing else changed since everything was judged: no zone, and no other decision expired.
    if catalog.meta("judged_with")?.is_some_and(|with| with == before) {
        catalog.set_meta("judged_with", &judge.judged_with())?;
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
    let judge = Judge::new(catalog, zones, settings)?;
    bring_up_to(&judge, catalog, None, until)
}

/// The same with a judge that goes on judging afterwards, and with rules that are loaded, if they are: else that is done once there is
/// something to classify.
pub(super) fn bring_up_to(
    judge: &Judge<'_>,
    catalog: &mut Catalog,
    loaded: Option<&Classifier>,
    until: Until<'_>,
) -> anyhow::Result<Outdated> {
    let judged_with = judge.judged_with();
    let rejudge = catalog.meta("judged_with")?.is_none_or(|before| before != judged_with);
    let mut outdated = Outdated::default();
    let stale = catalog.stale_contents(&classify::stamp(judge.settings))?;
    if !stale.is_empty() {
        if until.over() {
            outdated.stopped = true;
            return Ok(outdated);
        }
        let own;
        let classifier = match loaded {
            Some(loaded) => loaded,
            None => {
                own = Classifier::load(judge.settings)?;
                &own
            }
        };
        classify_anew(catalog, &stale, judge, classifier, until, &mut outdated)?;
        if outdated.stopped {
            return Ok(outdated);
        }
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

/// Classifies contents anew and judges where they lie. While a batch is classified, what came of the one before is written and
/// the one behind it is loaded.
fn classify_anew(
    catalog: &mut Catalog,
    stale: &[i64],
    judge: &Judge<'_>,
    classifier: &Classifier,
    until: Until<'_>,
    outdated: &mut Outdated,
) -> anyhow::Result<()> {
    let settings = judge.settings;
    let stamp = classify::stamp(settings);
    let mut batches = stale.chunks(BATCH);
    let mut loaded = load(catalog, batches.next())?;
    let mut classified = Vec::new();
    while !loaded.is_empty() {
        let batch = std::mem::take(&mut loaded);
        classified = std::thread::scope(|scope| {
            let classifying = scope.spawn(|| classify(classifier, settings, &batch));
            write(catalog, std::mem::take(&mut classified), judge, &stamp, outdated)?;
            match batches.next() {
                Some(_) if until.over() => outdated.stopped = true,
                next => loaded = load(catalog, next)?,
            }
            classifying.join().expect("detectors that panic are caught where they run")
        })?;
    }
    write(catalog, classified, judge, &stamp, outdated)?;
    Ok(catalog.commit()?)
}

/// The pages of the contents of a batch.
fn load(catalog: &Catalog, batch: Option<&[i64]>) -> anyhow::Result<Vec<(i64, PackedPages)>> {
    batch.unwrap_or_default().iter().map(|content| Ok((*content, catalog.visible(*content)?))).collect()
}

/// What is seen in them, on all cores.
fn classify(
    classifier: &Classifier,
    settings: &Settings,
    batch: &[(i64, PackedPages)],
) -> anyhow::Result<Vec<(i64, Classification)>> {
    let one =
        |(content, pages): &(i64, PackedPages)| Ok((*content, classifier.classify(&pages.unpack()?, &settings.limits)));
    batch.par_iter().map(one).collect()
}

/// Keeps what was seen.
fn write(
    catalog: &mut Catalog,
    classified: Vec<(i64, Classification)>,
    judge: &Judge<'_>,
    stamp: &str,
    outdated: &mut Outdated,
) -> anyhow::Result<()> {
    for (content, classification) in classified {
        let told = catalog.set_findings(content, &classification, stamp)?;
        outdated.classified += 1;
        let places = judge_places(catalog, content, judge)?;
        outdated.judged_otherwise += places.verdicts;
        if places.changed && !told {
            catalog.content_changed(content)?;
        }
    }
    if catalog.pending() > COMMIT {
        catalog.commit()?;
    }
    Ok(())
}

/// Judges every location anew; none if it ended early.
fn judge_everything(catalog: &mut Catalog, judge: &Judge<'_>, until: Until<'_>) -> anyhow::Result<Option<u64>> {
    let mut changed = 0;
    for content in catalog.placed_contents()? {
        if until.over() {
            return Ok(None);
        }
        let places = judge_places(catalog, content, judge)?;
        if places.changed {
            catalog.content_changed(content)?;
        }
        changed += places.verdicts;
        if catalog.pending() > COMMIT {
            catalog.commit()?;
        }
    }
    Ok(judge_unread(catalog, judge, &|| until.over())?.map(|unread| changed + unread))
}

/// Judges the places that have no content of their own; none if it ended early.
fn judge_unread(catalog: &mut Catalog, judge: &Judge<'_>, over: &dyn Fn() -> bool) -> anyhow::Result<Option<u64>> {
    let mut changed = 0;
    for place in catalog.places(None)? {
        if over() {
            return Ok(None);
        }
        let evidence = Evidence::none(Fault::whole(FaultReason::NotYetRead, "no content"));
        let location = place.location.clone();
        let rejudged = judge_place(catalog, place, &evidence, judge)?;
        changed += u64::from(rejudged == Rejudged::Verdict);
        if rejudged != Rejudged::Same {
            changed += judge.lift(catalog, &location)?;
        }
    }
    Ok(Some(changed))
}

/// What judging the places of a content anew came to.
#[derive(Clone, Copy, Default)]
pub(super) struct Places {
    /// Whether anything of them changed.
    changed: bool,
    /// Verdicts that did, also of what they lie in.
    verdicts: u64,
}

/// Judges every place of a content. The caller has the index told of the content.
pub(super) fn judge_places(catalog: &mut Catalog, content: i64, judge: &Judge<'_>) -> anyhow::Result<Places> {
    let evidence = Evidence::of(catalog, Some(content))?;
    let mut places = Places::default();
    for place in catalog.places(Some(content))? {
        let location = place.location.clone();
        let rejudged = judge_place(catalog, place, &evidence, judge)?;
        places.verdicts += u64::from(rejudged == Rejudged::Verdict);
        if rejudged != Rejudged::Same {
            places.changed = true;
            places.verdicts += judge.lift(catalog, &location)?;
        }
    }
    Ok(places)
}

/// Judges one place. A zone that is configured no more takes its files out of every sweep's sight: what was clear there is
/// so no longer, until somebody looks again or has them forgotten.
fn judge_place(
    catalog: &mut Catalog,
    mut place: Place,
    evidence: &Evidence,
    judge: &Judge<'_>,
) -> anyhow::Result<Rejudged> {
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
    let judgement = judge.judge(catalog, &place.location, evidence, place.fault.as_ref())?;
    Ok(catalog.set_judgement(&place, &judgement)?)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::catalog::{Conditions, DataDir};
    use crate::document::{ContentHash, Identity, Kind};
    use crate::finding::Coverage;

    #[test]
    fn a_stop_is_heard_before_everything_is_classified_anew_and_the_rest_is_left_for_the_next_run() {
        let outer = tempfile::tempdir().expect("temporary folder");
        let settings = Settings::defaults();
        let dir = DataDir::create(outer.path()).expect("made");
        let mut catalog = Catalog::open(&dir, &settings.store).expect("opens");
        let identity = Identity { device: 1, inode: 1, size: 0, mtime_ns: 1, ctime_ns: 1 };
        let hash = ContentHash([1; 32]);
        let content = catalog.begin_reading(&hash, &identity, &Kind::new("text"), "today").expect("begun");
        catalog.finish_reading(content, &Coverage::default(), &Conditions::default()).expect("finished");
        let zones = Zones::configured(&settings);
        let mut run = |stop| {
            let until = Until { deadline: None, stop: &AtomicBool::new(stop) };
            bring_up_to_date(&mut catalog, &zones, &settings, until).expect("runs")
        };
        assert_eq!(run(true), Outdated { stopped: true, ..Outdated::default() });
        assert_eq!(run(false).classified, 1);
    }
}
