//! Documents inside documents: wherever a container lies, what it holds gets locations and verdicts, and the container the worst
//! of them.

use crate::catalog::{Catalog, MemberRow};
use crate::config::Settings;
use crate::decision::Decisions;
use crate::document::Location;
use crate::finding::{Coverage, Fault, Finding};
use crate::judge::{self, Judgement};
use crate::zone::Zones;

/// What placing and judging goes by.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) zones: &'a Zones,
    pub(super) settings: &'a Settings,
    pub(super) decisions: &'a Decisions,
}

impl Judge<'_> {
    /// Gives every document inside a content that lies at `container` its location, at all depths, and takes away those of
    /// members that it has no more. A fault if there are more than the limit.
    pub(super) fn place(
        self,
        catalog: &mut Catalog,
        container: &Location,
        content: i64,
    ) -> anyhow::Result<Option<Fault>> {
        let members = catalog.members(content)?;
        if members.is_empty() {
            catalog.remove_below(container)?;
            return Ok(None);
        }
        let file = Location::file(&container.path);
        let most = self.settings.limits.members_below;
        let mut left = most.saturating_sub(catalog.count_below(&file)?);
        self.place_members(catalog, container, &members, &mut left)?;
        Ok((left == 0)
            .then(|| Fault::limit("members_below", most, "that many documents, or more, at all depths of it")))
    }

    fn place_members(
        self,
        catalog: &mut Catalog,
        container: &Location,
        members: &[MemberRow],
        left: &mut usize,
    ) -> anyhow::Result<()> {
        for stale in catalog.stale_members(container, members)? {
            catalog.remove_member(&stale)?;
        }
        let zone = self.zones.of(&container.path);
        for member in members {
            let location = container.inside(&member.name);
            let known = catalog.is_placed(&location)?;
            if !known && *left == 0 {
                return Ok(());
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
            if !inner.is_empty() {
                let most = self.settings.limits.nesting;
                match location.members.len() < most as usize {
                    true => self.place_members(catalog, &location, &inner, left)?,
                    false => member.fault = Some(Fault::limit("nesting", most, "containers in containers")),
                }
            }
            let (findings, mut coverage) = evidence(catalog, member.content)?;
            coverage.faults.extend(member.fault.clone());
            let judgement = self.judge(catalog, &location, member.content, &findings, &coverage)?;
            catalog.put_member(container, &zone.name, &member, &judgement)?;
        }
        Ok(())
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
        let hash = match content.filter(|_| !self.decisions.is_empty() && !findings.is_empty()) {
            Some(content) => Some(catalog.hash_of(content)?),
            None => None,
        };
        let ruling = |finding: &Finding| Some(self.decisions.on(&finding.rule, hash.as_ref(), location)?.ruling);
        let own = judge::judge_with(findings, coverage, ceiling, &self.settings.judge, ruling);
        Ok(match catalog.worst_inside(location)? {
            Some(inside) if own.verdict.worse(inside) != own.verdict => {
                Judgement { verdict: inside, decided_by: Vec::new() }
            }
            _ => own,
        })
    }

    /// Judges the containers of a location anew, from the inside out, as long as anything changes. Returns how many did.
    pub(super) fn lift(self, catalog: &mut Catalog, location: &Location) -> anyhow::Result<u64> {
        let (mut changed, mut inner) = (0, location.clone());
        while let Some(container) = inner.container() {
            let Some((mut place, content)) = catalog.place_at(&container)? else { break };
            let (findings, mut coverage) = evidence(catalog, content)?;
            place.zone.clone_from(&self.zones.of(&container.path).name);
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
fn evidence(catalog: &Catalog, content: Option<i64>) -> anyhow::Result<(Vec<Finding>, Coverage)> {
    Ok(match content {
        Some(content) => catalog.evidence(content)?,
        None => Default::default(),
    })
}
