//! Documents inside documents: wherever a container lies, what it holds gets locations and verdicts, and the container the worst
//! of them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;

use crate::catalog::{Catalog, MemberRow};
use crate::config::Settings;
use crate::decision::Decisions;
use crate::document::Location;
use crate::finding::{Coverage, Fault, Finding};
use crate::judge::{self, Judgement};
use crate::naming::Names;
use crate::zone::Zones;

/// What placing and judging goes by.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) zones: &'a Zones,
    pub(super) settings: &'a Settings,
    pub(super) decisions: &'a Decisions,
    pub(super) names: &'a Names<'a>,
    /// Documents in the file that was looked at last: counting them anew for each container in it would take forever.
    pub(super) counted: &'a RefCell<Option<(PathBuf, usize)>>,
}

impl Judge<'_> {
    /// Gives every document inside a content that lies at `container` its location, at all depths, and takes away those of
    /// members that it has no more. `outer` is why the file cannot be looked at, if so: nothing in it can then. A fault if there are
    /// more than the limit, or it lies too deep.
    pub(super) fn place(
        self,
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
    fn cut(self) -> Fault {
        let most = self.settings.limits.members_below;
        Fault::limit("members_below", most, "that many documents, or more, at all depths of one file")
    }

    /// The fault of a container that lies in too many others.
    fn too_deep(self, container: &Location) -> Option<Fault> {
        let most = self.settings.limits.nesting;
        (container.members.len() >= most as usize).then(|| Fault::limit("nesting", most, "containers in containers"))
    }

    /// Places members; true if not all of them could be.
    fn place_members(
        self,
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
            let (findings, mut coverage) = evidence(catalog, member.content)?;
            coverage.faults.extend(member.fault.clone());
            let judgement = self.judge(catalog, &location, member.content, &findings, &coverage)?;
            catalog.put_member(container, &zone.name, &member, &judgement)?;
        }
        Ok(cut)
    }

    /// The verdict of a location: by its own evidence, and no better than what lies in it.
    pub(super) fn judge(
        self,
        catalog: &Catalog,
        location: &Location,
        content: Option<i64>,
        findings: &[Finding],
        coverage: &Coverage,
    ) -> anyhow::Result<Judgement> {
        let ceiling = self.zones.of(&location.path).ceiling;
        let kind = content.map(|content| catalog.kind_of(content)).transpose()?;
        let named = self.names.findings(location, kind.as_ref())?;
        let findings =
            &if named.is_empty() { Cow::Borrowed(findings) } else { Cow::Owned([findings, &named].concat()) };
        let hash = match content.filter(|_| !self.decisions.is_empty() && !findings.is_empty()) {
            Some(content) => Some(catalog.hash_of(content)?),
            None => None,
        };
        let ruling = |finding: &Finding| Some(self.decisions.on(&finding.rule, hash.as_ref(), location)?.ruling);
        let own = judge::judge_with(findings, coverage, ceiling, &self.settings.judge, ruling);
        Ok(match catalog.worst_inside(location)? {
            Some(inside) if own.verdict.worse(inside) != own.verdict => {
                Judgement { verdict: inside, decided_by: Vec::new(), named }
            }
            _ => Judgement { named, ..own },
        })
    }

    /// Judges the containers of a location anew, from the inside out, as long as anything changes. Returns how many did.
    pub(super) fn lift(self, catalog: &mut Catalog, location: &Location) -> anyhow::Result<u64> {
        let (mut changed, mut inner) = (0, location.clone());
        while let Some(container) = inner.container() {
            let Some((place, content)) = catalog.place_at(&container)? else { break };
            let (findings, mut coverage) = evidence(catalog, content)?;
            coverage.faults.extend(place.fault.clone());
            let judgement = self.judge(catalog, &container, content, &findings, &coverage)?;
            if !catalog.set_verdict(&place, &judgement)? {
                break;
            }
            changed += 1;
            content.into_iter().try_for_each(|content| catalog.content_changed(content))?;
            inner = container;
        }
        Ok(changed)
    }
}

/// Findings and coverage of a content; none of either without one, and then it is not covered because of some fault.
pub(super) fn evidence(catalog: &Catalog, content: Option<i64>) -> anyhow::Result<(Vec<Finding>, Coverage)> {
    Ok(match content {
        Some(content) => catalog.evidence(content)?,
        None => Default::default(),
    })
}
