//! How the program ends: every exit code and its meaning.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use crate::classify::check::InvalidRules;
use crate::config::ConfigError;
use crate::walk::RootError;

/// How the program ended. The lowest applicable of 10, 11 and 12 wins; 2 to 5 win over all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: everything was examined, nothing is misfiled.
    Clear,
    /// 2: the command line was wrong.
    Usage,
    /// 3: the configuration, or rules or lists of the house, are invalid; nothing was done.
    Config,
    /// 4: a root could not be read.
    Root,
    /// 5: catalog or index are damaged or cannot be used, or something that is needed is missing on this machine.
    Damaged,
    /// 10: something is misfiled.
    Misfiled,
    /// 11: nothing is misfiled, something is unverified or to be reviewed.
    Unverified,
    /// 12: stopped at the deadline or by a signal; the next run goes on.
    Stopped,
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Clear => 0,
            Self::Usage => 2,
            Self::Config => 3,
            Self::Root => 4,
            Self::Damaged => 5,
            Self::Misfiled => 10,
            Self::Unverified => 11,
            Self::Stopped => 12,
        }
    }

    /// The exit of an answer about files: what must not be where it is, what nobody can vouch for, and whether the work
    /// behind the answer was stopped before its end.
    pub fn of_counts(misfiled: u64, open: u64, stopped: bool) -> Self {
        match (misfiled, open, stopped) {
            (1.., _, _) => Self::Misfiled,
            (0, 1.., _) => Self::Unverified,
            (0, 0, true) => Self::Stopped,
            (0, 0, false) => Self::Clear,
        }
    }

    /// The same from files by verdict and by fault reason. What is unread only because a sweep was stopped is what
    /// *stopped* says, not *unverified*: running again is all it needs.
    pub fn of_verdicts<K: Borrow<str> + Ord>(
        verdicts: &BTreeMap<K, u64>,
        faults: &BTreeMap<K, u64>,
        stopped: bool,
    ) -> Self {
        let of = |counts: &BTreeMap<K, u64>, name: &str| counts.get(name).copied().unwrap_or_default();
        let postponed = if stopped { of(faults, "not_yet_read") } else { 0 };
        let open = of(verdicts, "unverified") + of(verdicts, "review");
        Self::of_counts(of(verdicts, "misfiled"), open.saturating_sub(postponed), stopped)
    }

    /// The exit that an error leads to.
    pub fn of(error: &anyhow::Error) -> Self {
        let is = |test: &dyn Fn(&(dyn std::error::Error + 'static)) -> bool| error.chain().any(test);
        if is(&|cause| cause.is::<UsageError>()) {
            Self::Usage
        } else if is(&|cause| cause.is::<ConfigError>() || cause.is::<InvalidRules>()) {
            Self::Config
        } else if is(&|cause| cause.is::<RootError>()) {
            Self::Root
        } else {
            // Catalog, index, readers that cannot start: what the program needs is not in order.
            Self::Damaged
        }
    }
}

/// A command line that parses but makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CatalogError;

    #[test]
    fn the_lowest_applicable_of_10_11_and_12_wins() {
        let codes = |misfiled, open, stopped| Exit::of_counts(misfiled, open, stopped).code();
        assert_eq!((codes(0, 0, false), codes(0, 0, true)), (0, 12));
        assert_eq!((codes(0, 3, false), codes(0, 3, true)), (11, 11));
        assert_eq!((codes(2, 3, false), codes(2, 0, true)), (10, 10));
    }

    #[test]
    fn what_only_a_stop_left_unread_is_12_and_what_else_is_open_is_11() {
        let verdicts = |unverified| BTreeMap::from([("unverified", unverified), ("clear", 9)]);
        let faults = BTreeMap::from([("not_yet_read", 2), ("damaged", 1)]);
        assert_eq!(Exit::of_verdicts(&verdicts(2), &faults, true), Exit::Stopped);
        assert_eq!(Exit::of_verdicts(&verdicts(3), &faults, true), Exit::Unverified);
        assert_eq!(Exit::of_verdicts(&verdicts(2), &faults, false), Exit::Unverified);
    }
    #[test]
    fn codes_are_those_of_the_manual() {
        let all = [
            Exit::Clear,
            Exit::Usage,
            Exit::Config,
            Exit::Root,
            Exit::Damaged,
            Exit::Misfiled,
            Exit::Unverified,
            Exit::Stopped,
        ];
        assert_eq!(all.map(Exit::code), [0, 2, 3, 4, 5, 10, 11, 12]);
    }

    #[test]
    fn an_error_keeps_its_exit_under_added_context() {
        let error = anyhow::Error::from(CatalogError::Full).context("sweep");
        assert_eq!(Exit::of(&error), Exit::Damaged);
        assert_eq!(Exit::of(&anyhow::Error::from(UsageError("no".into())).context("x")), Exit::Usage);
    }
}
