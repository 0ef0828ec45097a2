//! Zones: named parts of storage with an exposure and a ceiling.
//!
//! Here are the configured ones. Which zone a file lies in is a question of its path alone: the deepest zone that holds
//! it wins, and what no zone holds lies in the default zone.

use std::path::{Path, PathBuf};

use crate::config::{Exposure, JudgeSettings, Settings};
use crate::finding::Level;

/// A named part of storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Name shown in findings.
    pub name: String,
    /// Root; empty for the default zone.
    pub path: PathBuf,
    /// How exposed.
    pub exposure: Exposure,
    /// Highest level that may lie there.
    pub ceiling: Level,
    /// Why we think so.
    pub evidence: String,
}

/// Every zone of a run.
#[derive(Clone, Debug)]
pub struct Zones {
    /// Deepest first, so that the first match is the right one.
    zones: Vec<Zone>,
    default: Zone,
}

impl Zones {
    /// The configured zones.
    pub fn configured(settings: &Settings) -> Self {
        let mut zones: Vec<Zone> = settings
            .zone
            .iter()
            .map(|zone| Zone {
                name: zone.name.clone(),
                // A zone configured through a link is the place the link leads to: paths are compared resolved.
                path: crate::walk::meant(&zone.path),
                exposure: zone.exposure,
                ceiling: zone.ceiling,
                evidence: "configured".to_owned(),
            })
            .collect();
        // Of two that lead to one place, which only links can make so, the one where less may lie holds.
        zones.sort_by(|a, b| {
            let depth = |zone: &Zone| std::cmp::Reverse(zone.path.components().count());
            depth(a).cmp(&depth(b)).then(a.ceiling.cmp(&b.ceiling)).then(a.name.cmp(&b.name))
        });
        let default = &settings.zone_default;
        let default = Zone {
            name: default.name.clone(),
            path: PathBuf::new(),
            exposure: default.exposure,
            ceiling: default.ceiling,
            evidence: "zone_default".to_owned(),
        };
        Self { zones, default }
    }

    /// The zone a path lies in.
    pub fn of(&self, path: &Path) -> &Zone {
        self.zones.iter().find(|zone| path.starts_with(&zone.path)).unwrap_or(&self.default)
    }

    /// Whether a configured zone holds a path.
    pub fn hold(&self, path: &Path) -> bool {
        self.zones.iter().any(|zone| path.starts_with(&zone.path))
    }

    /// Whether a configured zone begins at a path.
    pub fn has_root(&self, path: &Path) -> bool {
        self.zones.iter().any(|zone| zone.path == path)
    }

    /// The configured zones, by name.
    pub fn by_name(&self) -> Vec<&Zone> {
        let mut zones: Vec<&Zone> = self.zones.iter().collect();
        zones.sort_by(|a, b| a.name.cmp(&b.name));
        zones
    }

    /// What verdicts are given with: zones and policy.
    pub fn judged_with(&self, policy: &JudgeSettings) -> String {
        format!("{} {policy:?}", self.stamp())
    }

    /// A hash of everything a verdict depends on here.
    pub fn stamp(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for zone in self.zones.iter().chain([&self.default]) {
            hasher.update(
                format!("{:?}|{}|{}|{}\n", zone.name, zone.path.display(), zone.exposure.as_str(), zone.ceiling)
                    .as_bytes(),
            );
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(text: &str) -> Zones {
        Zones::configured(&Settings::parse(text, "test", Path::new("/srv")).expect("valid"))
    }

    #[test]
    fn the_deepest_zone_wins_and_a_name_that_only_begins_alike_does_not() {
        let zones = zones(
            "[[zone]]\nname='outer'\npath='a'\nexposure='shared'\nceiling=1\n\
             [[zone]]\nname='inner'\npath='a/b'\nexposure='cloud'\nceiling=0\n",
        );
        assert_eq!(zones.of(Path::new("/srv/a/b/x.pdf")).name, "inner");
        assert_eq!(zones.of(Path::new("/srv/a/x.pdf")).name, "outer");
        assert_eq!(zones.of(Path::new("/srv/ab/x.pdf")).name, "default");
        assert!(zones.hold(Path::new("/srv/a/x.pdf")) && !zones.hold(Path::new("/srv/ab/x.pdf")));
        assert!(zones.has_root(Path::new("/srv/a/b")) && !zones.has_root(Path::new("/srv/a/b/x.pdf")));
    }

    #[test]
    fn of_two_zones_that_links_make_one_folder_the_lower_ceiling_holds_whatever_their_names_are() {
        let folder = tempfile::tempdir().expect("folder");
        let real = folder.path().join("real");
        std::fs::create_dir(&real).expect("folder");
        std::os::unix::fs::symlink(&real, folder.path().join("link")).expect("link");
        for (first, second) in [("a", "b"), ("b", "a")] {
            let zone = |name: &str, path: &str, ceiling: u8| {
                let path = folder.path().join(path);
                format!("[[zone]]\nname='{name}'\npath='{}'\nexposure='shared'\nceiling={ceiling}\n", path.display())
            };
            let zones = zones(&(zone(first, "real", 4) + &zone(second, "link", 0)));
            assert_eq!(zones.of(&real.canonicalize().expect("there").join("x.pdf")).name, second);
        }
    }

    #[test]
    fn a_changed_ceiling_changes_the_stamp() {
        let zone = |ceiling| format!("[[zone]]\nname='z'\npath='a'\nexposure='shared'\nceiling={ceiling}\n");
        assert_ne!(zones(&zone(1)).stamp(), zones(&zone(2)).stamp());
    }
}
