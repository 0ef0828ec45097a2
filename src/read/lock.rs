//! The locks of a reader: what holds it when its input has taken it over.
//!
//! Two layers of the kernel, each complete in itself for what it can see: Landlock refuses every path, TCP port and signal;
//! a seccomp filter allows the few calls that reading needs and refuses all others. They are put on when libraries and
//! models are loaded and before the first byte of input, and cannot be taken off. Beside them stand the limits of
//! [`super::sandbox`].
//!
//! A refused call fails with EPERM and does not kill: libraries ask for small things (a font, a locale, the number of
//! processors) and read on without them, and a killed reader would cost the page.

mod syscalls;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context as _;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, LandlockStatus, Ruleset, RulesetAttr as _, RulesetStatus, Scope,
};
use seccompiler::{
    SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use serde::{Deserialize, Serialize};

use crate::config::Layer;

/// The newest Landlock whose rights are asked for; of an older kernel's, those that it knows hold.
const NEWEST_LANDLOCK: ABI = ABI::V10;

/// Whether a layer holds a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The layer.
    pub layer: Layer,
    /// Whether it holds.
    pub holds: bool,
    /// What it covers on this kernel, or why it does not hold.
    pub detail: String,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.holds { "holds" } else { "does not hold" };
        write!(f, "{} {word} ({})", self.layer, self.detail)
    }
}

/// Puts on `layers` for good, in the order in which they work: a filter put on first would refuse the other. The process
/// must have one thread.
pub fn lock(layers: &[Layer]) -> Vec<Held> {
    let held = |layer, found: Result<String, String>| Held {
        layer,
        holds: found.is_ok(),
        detail: found.unwrap_or_else(|why| why),
    };
    let wanted = |layer: &Layer| layers.contains(layer);
    let put_on = |layer: Layer| match layer {
        Layer::Landlock => held(layer, landlock()),
        Layer::Seccomp => held(layer, seccomp()),
    };
    Layer::ALL.into_iter().filter(wanted).map(put_on).collect()
}

/// The required layers that do not hold, in words; none if all do.
pub fn missing(required: &[Layer], held: &[Held]) -> Option<String> {
    let holds = |layer: &&Layer| !held.iter().any(|one| one.layer == **layer && one.holds);
    let reason = |layer: &Layer| {
        held.iter()
            .find(|one| one.layer == *layer)
            .map_or_else(|| format!("{layer} was not put on"), ToString::to_string)
    };
    let missing: Vec<String> = required.iter().filter(holds).map(reason).collect();
    (!missing.is_empty()).then(|| missing.join("; "))
}

/// No rule: every right that the kernel knows is refused.
fn landlock() -> Result<String, String> {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST_LANDLOCK))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(NEWEST_LANDLOCK)))
        .and_then(|rules| rules.scope(Scope::from_all(NEWEST_LANDLOCK)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(|error| error.to_string())?;
    match (status.landlock, status.ruleset) {
        (LandlockStatus::NotImplemented, _) => Err("this kernel is built without it".to_owned()),
        (LandlockStatus::NotEnabled, _) => Err("this kernel was started without it (lsm=…,landlock)".to_owned()),
        (_, RulesetStatus::NotEnforced) => Err("the kernel did not enforce it".to_owned()),
        (LandlockStatus::Available { effective_abi, .. }, _) => {
            Ok(format!("version {}: {}", effective_abi as i32, covered(effective_abi).join(", ")))
        }
    }
}

/// What a version of Landlock refuses.
fn covered(abi: ABI) -> Vec<&'static str> {
    let since = [
        (ABI::V1, "files"),
        (ABI::V4, "TCP"),
        (ABI::V6, "signals and abstract sockets"),
        (ABI::V9, "named sockets"),
        (ABI::V10, "UDP"),
    ];
    since.into_iter().filter(|(first, _)| abi >= *first).map(|(_, what)| what).collect()
}

/// Only what reading needs.
fn seccomp() -> Result<String, String> {
    let allowed = syscalls::allowed();
    let number = allowed.len();
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    apply(allowed, refuse, SeccompAction::Allow)?;
    Ok(format!("{number} calls are allowed"))
}

/// Called first thing in the program: no process of it opens a socket that leads outwards, whatever verb runs. Local
/// sockets stay: readers are spoken to through them.
pub fn no_outward_sockets() -> anyhow::Result<()> {
    let shut = shut_outward_sockets().map_err(anyhow::Error::msg);
    shut.context("outward sockets cannot be shut off: this needs a Linux kernel with seccomp filters")
}

fn shut_outward_sockets() -> Result<(), String> {
    let local = libc::AF_UNIX.cast_unsigned().into();
    let outward = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, local).map_err(in_words)?;
    let outward = || Ok::<_, String>(vec![SeccompRule::new(vec![outward.clone()]).map_err(in_words)?]);
    let mut refused = BTreeMap::new();
    for number in numbers(libc::SYS_socket) {
        refused.insert(number, outward()?);
    }
    // A ring would open sockets past every filter.
    refused.extend(numbers(libc::SYS_io_uring_setup).map(|number| (number, Vec::new())));
    apply(refused, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM.cast_unsigned()))
}

/// The numbers under which a call is known: on x86-64 a second one, of the x32 interface (`__X32_SYSCALL_BIT`), names the same
/// call where the kernel has that.
fn numbers(call: i64) -> impl Iterator<Item = i64> {
    [Some(call), cfg!(target_arch = "x86_64").then_some(call | 0x4000_0000)].into_iter().flatten()
}

fn apply(rules: syscalls::Rules, otherwise: SeccompAction, listed: SeccompAction) -> Result<(), String> {
    let machine = TargetArch::try_from(std::env::consts::ARCH).map_err(in_words)?;
    let filter = SeccompFilter::new(rules, otherwise, listed, machine).map_err(in_words)?;
    let program = seccompiler::BpfProgram::try_from(filter).map_err(in_words)?;
    seccompiler::apply_filter_all_threads(&program).map_err(in_words)
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn in_words(error: impl ToString) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_required_layer_that_does_not_hold_is_named_with_the_reason() {
        let held = |layer, holds| Held { layer, holds, detail: "because".to_owned() };
        let both = [held(Layer::Landlock, false), held(Layer::Seccomp, true)];
        assert_eq!(missing(&[Layer::Seccomp], &both), None);
        assert_eq!(missing(&[Layer::Landlock], &both).as_deref(), Some("landlock does not hold (because)"));
        assert_eq!(missing(&[Layer::Seccomp], &both[..1]).as_deref(), Some("seccomp was not put on"));
    }

    #[test]
    fn newer_versions_of_landlock_cover_more() {
        assert_eq!(covered(ABI::V3), ["files"]);
        assert_eq!(covered(ABI::V7), ["files", "TCP", "signals and abstract sockets"]);
    }
}
