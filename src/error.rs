//! How the program ends: every exit code and its meaning.

use crate::config::ConfigError;
use crate::walk::RootError;

/// How the program ended. The lowest applicable of 10, 11 and 12 wins; 2 to 5 win over all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: everything was examined, nothing is misfiled.
    Clear,
    /// 2: the command line was wrong.
    Usage,
    /// 3: the configuration is invalid; nothing was done.
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

    /// The exit that an error leads to.
    pub fn of(error: &anyhow::Error) -> Self {
        let is = |test: &dyn Fn(&(dyn std::error::Error + 'static)) -> bool| error.chain().any(test);
        if is(&|cause| cause.is::<UsageError>()) {
            Self::Usage
        } else if is(&|cause| cause.is::<ConfigError>()) {
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
