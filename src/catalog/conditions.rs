//! What a reading that fell short depended on besides the content and its reader: limits, passwords, other languages.
//!
//! Only the stamps of those that a fault depends on are kept with a content, so that a new password has nothing read again but what
//! is encrypted, and another language nothing but what OCR could not read.

use crate::finding::{Fault, FaultReason};

/// Between the stamps that are kept.
const BETWEEN: char = ' ';

/// Today's stamps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    limits: String,
    passwords: String,
    languages: String,
}

impl Conditions {
    /// With the stamps of limits, passwords and other languages; none of them holds a blank.
    pub fn new(limits: &str, passwords: &str, languages: &str) -> Self {
        let named = |name: &str, stamp: &str| format!("{name}/{stamp}");
        Self {
            limits: named("limits", limits),
            passwords: named("passwords", passwords),
            languages: named("languages", languages),
        }
    }

    /// The stamps to keep with a reading that met these faults; none if no settings would have helped it.
    pub fn of(&self, faults: &[Fault], opened: bool) -> Option<String> {
        let mut stamps: Vec<&str> = faults.iter().flat_map(|fault| self.concerning(fault, opened)).collect();
        stamps.sort_unstable();
        stamps.dedup();
        (!stamps.is_empty()).then(|| stamps.join(&BETWEEN.to_string()))
    }

    /// The stamps that a fault depends on. A document that was never opened may have lost its time to passwords that were tried.
    fn concerning(&self, fault: &Fault, opened: bool) -> Vec<&str> {
        match fault.reason {
            FaultReason::Timeout | FaultReason::Cpu if !opened => vec![&self.limits, &self.passwords],
            FaultReason::Timeout | FaultReason::Cpu | FaultReason::Memory | FaultReason::Crash | FaultReason::Limit => {
                vec![&self.limits]
            }
            FaultReason::Encrypted => vec![&self.limits, &self.passwords],
            FaultReason::OcrFailed | FaultReason::UnreadRedStamp => vec![&self.limits, &self.languages],
            _ => Vec::new(),
        }
    }

    /// Whether all that a reading depended on is as it was. Stamps in another form, or an empty one, are not of today.
    pub fn hold(&self, kept: &str) -> bool {
        kept.split(BETWEEN)
            .all(|stamp| [&self.limits, &self.passwords, &self.languages].iter().any(|own| **own == stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(reason: FaultReason, opened: bool) -> Option<String> {
        Conditions::new("1", "1", "1").of(&[Fault::whole(reason, "so")], opened)
    }

    /// Whether a reading that ended with a fault holds after limits, passwords and languages changed, each for itself.
    fn holds(reason: FaultReason, opened: bool) -> [bool; 3] {
        let kept = kept(reason, opened).expect("it depends on settings");
        [["2", "1", "1"], ["1", "2", "1"], ["1", "1", "2"]]
            .map(|[limits, passwords, languages]| Conditions::new(limits, passwords, languages).hold(&kept))
    }

    #[test]
    fn a_new_password_concerns_what_is_encrypted_and_a_language_what_ocr_could_not_read() {
        assert_eq!(holds(FaultReason::Encrypted, true), [false, false, true]);
        assert_eq!(holds(FaultReason::OcrFailed, true), [false, true, false]);
        assert_eq!(holds(FaultReason::Limit, true), [false, true, true]);
        assert_eq!(holds(FaultReason::Timeout, true), [false, true, true]);
        assert_eq!(kept(FaultReason::Damaged, true), None);
    }

    #[test]
    fn what_ran_out_of_time_before_it_was_opened_may_have_lost_it_to_passwords() {
        assert_eq!(holds(FaultReason::Timeout, false), [false, false, true]);
    }

    #[test]
    fn every_fault_of_a_reading_counts_and_nothing_that_is_not_of_today_holds() {
        let today = Conditions::new("1", "1", "1");
        let faults = [FaultReason::OcrFailed, FaultReason::Encrypted].map(|reason| Fault::whole(reason, "so"));
        let kept = today.of(&faults, true).expect("they depend on settings");
        assert!(today.hold(&kept));
        assert!(!Conditions::new("1", "2", "1").hold(&kept) && !Conditions::new("1", "1", "2").hold(&kept));
        assert!(!today.hold("") && !today.hold("0120d0480110"));
    }
}
