//! Documents inside documents: wherever a container lies, what it holds gets locations and verdicts, and the container the worst
//! of them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;

use super::outdated::judged_with;
use crate::catalog::{Catalog, MemberRow};
use crate::config::Settings;
use crate::decision::Decisions;
use crate::document::{ContentHash, Kind, Location};
use crate::finding::{Coverage, Fault, Finding};
use crate::judge::{self, Judgement};
use crate::naming::Names;
use crate::zone::Zones;

/// What placing and judging goes by.
pub(super) struct Judge<'a> {
    pub(super) zones: &'a Zones,
    pub(super) settings: &'a Settings,
    decisions: Decisions,
    names: Names<'a>,
    /// Documents in the file that was looked at last: counting them anew for each container in it would take forever.
    counted: RefCell<Option<(PathBuf, usize)>>,
}

/// What is known of a content: the same for all places where it lies.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) findings: Vec<Finding>,
    coverage: Coverage,
    /// What its bytes are; none without a content.
    bytes: Option<(Kind, ContentHash)>,
}

impl Evidence {
    /// That of a content; without one there is none, and it is not covered because of some fault.
    pub(super) fn of(catalog: &Catalog, content: Option<i64>) -> anyhow::Result<Self> {
        let Some(content) = content else { return Ok(Self::default()) };
        let (findings, coverage) = catalog.evidence(content)?;
        Ok(Self { findings, coverage, bytes: Some(catalog.kind_and_hash(content)?) })
    }

    /// Without a content, and why.
    pub(super) fn none(fault: Fault) -> Self {
        Self { coverage: Coverage::none(fault), ..Self::default() }
    }
}

impl<'a> Judge<'a> {
    /// With the zones and settings of today and the decisions that hold now.
    pub(super) fn new(catalog: &Catalog, zones: &'a Zones, settings: &'a Settings) -> anyhow::Result<Self> {
        let decisions = Decisions::at(crate::now(), catalog.decisions()?)?;
        Ok(Self { zones, settings, decisions, names: Names::new(settings), counted: RefCell::default() })
    }

    /// What its verdicts are given with.
    pub(super) fn judged_with(&self) -> String {
        judged_with(self.zones, self.settings, &self.decisions)
    }

    /// Gives every document inside a content that lies at `container` its location, at all depths, and takes away those of
    /// members that it has no more. `outer` is why the file cannot be looked at, if so: nothing in it can then. A fault if there are
    /// more than the limit, or it lies too deep.
    pub(super) fn place(
        &self,
        catalog: &mut Catalog,
        container: &Location,
        content: i64,
        outer: Option<&Fault>,
    ) -> anyhow::Result<Option<Fault>> {
        let members = catalog.members(content)?;
        if members.is_empty() {
            catalog.remove_below(container)?;
            return Ok(None);
        }
        if let Some(fault) = self.too_deep(container) {
            catalog.remove_below(container)?;
            return Ok(Some(fault));
        }
        let file = Location::file(&container.path);
        let most = self.settings.limits.members_below;
        let counted = self.counted.borrow_mut().take().filter(|(path, _)| *path == file.path);
        let before = match counted {
            Some((_, count)) => count,
            None => catalog.count_below(&file)?,
        };
        let mut left = most.saturating_sub(before);
        let cut = self.place_members(catalog, container, &members, &mut left, outer)?;
        *self.counted.borrow_mut() = Some((file.path, most.saturating_sub(left)));
        Ok(cut.then(|| self.cut()))
    }

    /// The fault of a container of which not everything is kept account of.
    fn cut(&self) -> Fault {
        let most = self.settings.limits.members_below;
        Fault::limit("members_below", most, "that many documents, or more, at all depths of one file")
    }

    /// The fault of a container that lies in too many others.
    fn too_deep(&self, container: &Location) -> Option<Fault> {
        let most = self.settings.limits.nesting;
        (container.members.len() >= most as usize).then(|| Fault::limit("nesting", most, "containers in containers"))
    }

    /// Places members; true if not all of them could be.
    fn place_members(
        &self,
        catalog: &mut Catalog,
        container: &Location,
        members: &[MemberRow],
        left: &mut usize,
        outer: Option<&Fault>,
    ) -> anyhow::Result<bool> {
        for stale in catalog.stale_members(container, members)? {
            catalog.remove_member(&stale)?;
            *self.counted.borrow_mut() = None;
        }
        let zone = self.zones.of(&container.path);
        let mut cut = false;
        for member in members {
            let location = container.inside(&member.name);
            let known = catalog.is_placed(&location)?;
            if !known && *left == 0 {
                cut = true;
                continue;
            }
            *left = left.saturating_sub(usize::from(!known));
            let mut member = member.clone();
            let inner = match member.content {
                Some(content) => catalog.members(content)?,
                None => Vec::new(),
            };
            if catalog.content_at(&location)? != member.content || inner.is_empty() {
                catalog.remove_below(&location)?;
            }
            member.fault = member.fault.or_else(|| outer.cloned());
            if !inner.is_empty() {
                let missing = match self.too_deep(&location) {
                    Some(fault) => Some(fault),
                    None => self.place_members(catalog, &location, &inner, left, outer)?.then(|| self.cut()),
                };
                cut |= missing.as_ref().is_some_and(|fault| *fault == self.cut());
                member.fault = member.fault.or(missing);
            }
            let evidence = Evidence::of(catalog, member.content)?;
            let judgement = self.judge(catalog, &location, &evidence, member.fault.as_ref())?;
            catalog.put_member(container, &zone.name, &member, &judgement)?;
        }
        Ok(cut)
    }

    /// The verdict of a location: by the evidence of its content and what keeps this place of it from being looked at, and no
    /// better than what lies in it.
    pub(super) fn judge(
        &self,
        catalog: &Catalog,
        location: &Location,
        evidence: &Evidence,
        fault: Option<&Fault>,
    ) -> anyhow::Result<Judgement> {
        let Evidence { findings, coverage, bytes } = evidence;
        let zone = self.zones.of(&location.path);
        let (kind, hash) = bytes.as_ref().map(|(kind, hash)| (kind, hash)).unzip();
        let named = self.names.findings(location, kind, &zone.path)?;
        let findings =
            if named.is_empty() { Cow::Borrowed(findings) } else { Cow::Owned([&findings[..], &named].concat()) };
        let coverage = match fault {
            Some(fault) => {
                let faults = coverage.faults.iter().chain([fault]).cloned().collect();
                &Coverage { faults, ..*coverage }
            }
            None => coverage,
        };
        let decided = |index: usize| self.decisions.on(&findings[index].rule, hash, location, zone.ceiling);
        let mut judgement = judge::judge_with(&findings, coverage, zone.ceiling, &self.settings.judge, decided);
        let (inside, level) = catalog.worst_inside(location)?;
        if let Some(inside) = inside.filter(|inside| judgement.verdict.worse(*inside) != judgement.verdict) {
            (judgement.verdict, judgement.grounds.decided_by) = (inside, Vec::new());
        }
        judgement.level = judgement.level.max(level);
        judgement.grounds.named = named;
        Ok(judgement)
    }

    /// Judges the containers of a location anew, from the inside out, as long as anything changes. Returns how many did.
    pub(super) fn lift(&self, catalog: &mut Catalog, location: &Location) -> anyhow::Result<u64> {
        let (mut changed, mut inner) = (0, location.clone());
        while let Some(container) = inner.container() {
            let Some((place, content)) = catalog.place_at(&container)? else { break };
            let evidence = Evidence::of(catalog, content)?;
            let judgement = self.judge(catalog, &container, &evidence, place.fault.as_ref())?;
            if !catalog.set_judgement(&place, &judgement)? {
                break;
            }
            changed += 1;
            content.into_iter().try_for_each(|content| catalog.content_changed(content))?;
            inner = container;
        }
        Ok(changed)
    }
}
