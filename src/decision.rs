//! Plain data about what people decided on findings: that one is a false positive, is accepted until a day, or is confirmed.
//!
//! A decision is of a rule, and of a content or of all files whose paths match a glob. Of a content it holds wherever that lies; what
//! is accepted is so only where no less may lie than where it was accepted. It never removes a finding: it says what the finding
//! counts for, and is counted itself.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};
use serde::Serialize;

use crate::document::{ContentHash, Location};
use crate::finding::{Level, names_rule};

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// The finding is wrong: it counts for nothing, anywhere.
    FalsePositive,
    /// The finding is right, and may stay where it is: it does not make its place misfiled.
    Accepted,
    /// The finding is right: it counts as sure.
    Confirmed,
}

impl Ruling {
    /// Every ruling.
    pub const ALL: [Self; 3] = [Self::FalsePositive, Self::Accepted, Self::Confirmed];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FalsePositive => "false_positive",
            Self::Accepted => "accepted",
            Self::Confirmed => "confirmed",
        }
    }

    /// The ruling with a stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ruling| ruling.as_str() == name)
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FalsePositive => "false positive",
            Self::Accepted => "accepted",
            Self::Confirmed => "confirmed",
        })
    }
}

/// What a decision is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A content, whatever its place is called.
    Content(ContentHash),
    /// Files whose paths match a glob, with everything in them.
    Paths(String),
}

/// How a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It holds.
    Active,
    /// Its day has come.
    Expired,
    /// Somebody took it back.
    Withdrawn,
}

impl Standing {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A decision of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub id: i64,
    /// What was decided.
    pub ruling: Ruling,
    /// The rule; a trailing `*` stands for anything.
    pub rule: String,
    /// What it is about.
    pub scope: Scope,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: String,
    /// When, seconds since 1970 UTC.
    pub made: i64,
    /// It holds only where this level or a higher one may lie; none: anywhere. What is accepted is so in places like those it was
    /// accepted in, and not where a copy of it turns up later.
    pub ceiling: Option<Level>,
    /// From when on it no longer holds.
    pub expires: Option<i64>,
    /// When it was taken back.
    pub withdrawn: Option<i64>,
}

impl Decision {
    /// How it stands at a time.
    pub fn standing(&self, now: i64) -> Standing {
        match (self.withdrawn, self.expires) {
            (Some(_), _) => Standing::Withdrawn,
            (None, Some(expires)) if expires <= now => Standing::Expired,
            (None, _) => Standing::Active,
        }
    }

    /// Whether it is about findings of a rule.
    pub fn covers_rule(&self, rule: &str) -> bool {
        names_rule(&self.rule, rule)
    }
}

/// A glob over whole paths, in which `*` ends at a `/` and `**` does not.
pub fn glob(paths: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(paths).literal_separator(true).build()?.compile_matcher())
}

/// The decisions that hold.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// The newest first: what was decided last counts.
    active: Vec<(Decision, Option<GlobMatcher>)>,
    stamp: String,
}

impl Decisions {
    /// Of all decisions those that hold at a time.
    pub fn at(now: i64, all: Vec<Decision>) -> Result<Self, globset::Error> {
        let mut active = Vec::new();
        for decision in all.into_iter().filter(|decision| decision.standing(now) == Standing::Active) {
            let matcher = match &decision.scope {
                Scope::Content(_) => None,
                Scope::Paths(paths) => Some(glob(paths)?),
            };
            active.push((decision, matcher));
        }
        active.sort_by_key(|(decision, _)| std::cmp::Reverse(decision.id));
        let ids: Vec<String> = active.iter().map(|(decision, _)| decision.id.to_string()).collect();
        Ok(Self { active, stamp: ids.join(" ") })
    }

    /// Changes when other decisions hold.
    pub fn stamp(&self) -> &str {
        &self.stamp
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// What holds of findings of a rule in a content at a location where levels up to `ceiling` may lie.
    pub fn on(
        &self,
        rule: &str,
        content: Option<&ContentHash>,
        location: &Location,
        ceiling: Level,
    ) -> Option<&Decision> {
        let about = |decision: &Decision, matcher: Option<&GlobMatcher>| {
            let covers = match &decision.scope {
                Scope::Content(hash) => content == Some(hash),
                Scope::Paths(_) => matcher.is_some_and(|matcher| matcher.is_match(&location.path)),
            };
            covers && decision.ceiling.is_none_or(|least| ceiling >= least)
        };
        let found = self
            .active
            .iter()
            .find(|(decision, matcher)| decision.covers_rule(rule) && about(decision, matcher.as_ref()));
        found.map(|(decision, _)| decision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(id: i64, rule: &str, scope: Scope, expires: Option<i64>) -> Decision {
        Decision {
            id,
            ruling: Ruling::Accepted,
            rule: rule.to_owned(),
            scope,
            reason: "archive".to_owned(),
            by: "ann".to_owned(),
            made: 1,
            ceiling: None,
            expires,
            withdrawn: None,
        }
    }

    #[test]
    fn the_last_decision_that_holds_counts() {
        let hash = ContentHash([1; 32]);
        let all = vec![
            decision(1, "cn.state.*", Scope::Content(hash), None),
            decision(2, "cn.state.secret", Scope::Paths("/srv/archive/**".to_owned()), None),
            decision(3, "cn.state.secret", Scope::Content(hash), Some(100)),
            Decision { withdrawn: Some(5), ..decision(4, "*", Scope::Content(hash), None) },
        ];
        let archive = Location::file("/srv/archive/a.zip").inside("b.pdf");
        let on = |now, rule: &str, content: Option<&ContentHash>, location: &Location| {
            let decisions = Decisions::at(now, all.clone()).expect("valid globs");
            decisions.on(rule, content, location, Level::Public).map(|decision| decision.id)
        };
        assert_eq!(on(99, "cn.state.secret", Some(&hash), &archive), Some(3));
        assert_eq!(on(100, "cn.state.secret", Some(&hash), &archive), Some(2));
        assert_eq!(on(100, "cn.state.secret", Some(&hash), &Location::file("/srv/b")), Some(1));
        assert_eq!(on(100, "us.secret", Some(&hash), &archive), None);
        assert_eq!(on(100, "cn.state.secret", None, &Location::file("/srv/b")), None);
    }

    #[test]
    fn what_is_accepted_is_so_only_where_no_less_may_lie() {
        let hash = ContentHash([1; 32]);
        let accepted = Decision { ceiling: Some(Level::Restricted), ..decision(1, "r", Scope::Content(hash), None) };
        let decisions = Decisions::at(1, vec![accepted]).expect("no globs");
        let holds = |ceiling| decisions.on("r", Some(&hash), &Location::file("/a"), ceiling).is_some();
        assert!(holds(Level::Restricted) && holds(Level::Classified) && !holds(Level::Internal));
    }

    #[test]
    fn a_star_ends_at_a_slash() {
        let matches = |glob: &str| super::glob(glob).expect("valid").is_match("/srv/archive/a/b.pdf");
        assert!(matches("/srv/archive/**") && matches("/srv/archive/*/b.pdf") && !matches("/srv/archive/*"));
    }

    #[test]
    fn the_stamp_changes_when_a_decision_expires() {
        let all = vec![decision(1, "*", Scope::Paths("*".to_owned()), Some(100))];
        let stamp = |now| Decisions::at(now, all.clone()).expect("valid glob").stamp().to_owned();
        assert_ne!(stamp(99), stamp(100));
    }
}
