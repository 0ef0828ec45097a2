//! Key stores: a file of passwords or private keys is a secret, sealed or not.

use super::{Detected, Detector, RuleInfo, Subject};
use crate::document::Origin;
use crate::finding::{Finding, Level, Signal, Stated};

/// What a page of a key store is called by the format that reads it (`format/keystore.rs`), and the rule.
const RULES: [(&str, &str, &str); 3] = [
    ("key store: KeePass", "file.kdbx", "KeePass database"),
    ("key store: PKCS#12", "file.pkcs12", "PKCS#12 key store"),
    ("key store: Java", "file.java_keystore", "Java key store"),
];

/// Sees key stores.
pub struct KeyStores;

/// What findings depend on besides the page.
pub fn stamp() -> String {
    "keystore 1".to_owned()
}

impl Detector for KeyStores {
    fn name(&self) -> &'static str {
        "keystore"
    }

    fn rules(&self) -> Vec<RuleInfo> {
        let rule = |(_, id, name): &(&str, &str, &str)| RuleInfo {
            id: (*id).to_owned(),
            whose: String::new(),
            name: (*name).to_owned(),
            level: Level::Classified,
        };
        RULES.iter().map(rule).collect()
    }

    fn detect(&self, subject: Subject<'_>, _: usize) -> Detected {
        // Nobody else names a page so: names that documents give their parts come in quotation marks.
        let seen = subject.pages.iter().filter_map(|page| {
            let (_, rule, name) = RULES.iter().find(|(label, ..)| page.label.as_deref() == Some(label))?;
            Some(Finding {
                detector: "keystore".to_owned(),
                rule: (*rule).to_owned(),
                page: page.number,
                start: 0,
                end: 0,
                boxes: Vec::new(),
                level: Level::Classified,
                rank: Level::Classified.rank(),
                native: (*name).to_owned(),
                confidence: 85,
                excerpt: (*name).to_owned(),
                origin: Origin::Layer,
                signals: vec![Signal { name: "the file's first bytes".to_owned(), points: 85.0 }],
                flags: Vec::new(),
                stated: Stated::default(),
            })
        });
        Detected { findings: seen.collect(), cut: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Page;

    #[test]
    fn every_key_store_has_its_rule_and_talk_of_one_has_none() {
        for (label, ..) in RULES {
            let page = Page { label: Some(label.to_owned()), ..Page::plain(1, "") };
            assert_eq!(KeyStores.detect(Subject { pages: &[page] }, 10).findings.len(), 1, "{label}");
        }
        let talk =
            Page { label: Some("sheet \"key store: KeePass\"".to_owned()), ..Page::plain(1, "key store: KeePass") };
        assert!(KeyStores.detect(Subject { pages: &[talk] }, 10).findings.is_empty());
    }
}
