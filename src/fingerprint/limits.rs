//! Bounds, and the numbers that decide what a match is.

/// Bounds on what is held and compared, of `[limits]` in `pipeline.toml`. Reaching one is an error when adding, and said when
/// comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `registered_documents`.
    pub documents: u64,
    /// `registered_pages`: of one document.
    pub pages_per_document: u64,
    /// `registered_hashes`: in all, 8 bytes each in memory and on disk.
    pub hashes: u64,
    /// `registered_name_bytes`.
    pub name_bytes: u64,
    /// `compared_letters`: of one page.
    pub letters_per_page: u64,
    /// `compared_pages_per_hash`: a hash that few families have on more registered pages is not compared, which is said.
    pub pages_per_hash: u64,
    /// `compared_hits`: places where a text agrees with registered pages.
    pub hits: u64,
    /// `compared_matches`: registered documents reported for one text, the strongest first.
    pub matches: u64,
}

/// A limit that was reached while comparing: its key and its value.
pub type Reached = (&'static str, u64);

impl From<&crate::config::Limits> for Limits {
    fn from(limits: &crate::config::Limits) -> Self {
        Self {
            documents: limits.registered_documents,
            pages_per_document: limits.registered_pages,
            hashes: limits.registered_hashes,
            name_bytes: limits.registered_name_bytes,
            letters_per_page: limits.compared_letters,
            pages_per_hash: limits.compared_pages_per_hash,
            hits: limits.compared_hits,
            matches: limits.compared_matches,
        }
    }
}

impl Limits {
    pub(super) fn letters_reached(&self) -> Reached {
        ("compared_letters", self.letters_per_page)
    }

    pub(super) fn hits_reached(&self) -> Reached {
        ("compared_hits", self.hits)
    }

    pub(super) fn pages_per_hash_reached(&self) -> Reached {
        ("compared_pages_per_hash", self.pages_per_hash)
    }

    pub(super) fn matches_reached(&self) -> Reached {
        ("compared_matches", self.matches)
    }
}

/// What a shingle is, which are kept, and how much agreement is a match. Measured; see the numbers beside each.
///
/// Lengths are in *letters' worth*: a letter or digit is 1, a Han character 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tuning {
    /// Length of a shingle: 8 Latin letters, 4 Han characters. With 10, fewer windows survive (0.67 rather than 0.73 at
    /// 5 % errors) and boilerplate matched more often, not less.
    pub window: u32,
    /// Most hashes kept of a document before a coarser sampling rate is taken.
    pub hashes_per_document: u64,
    /// The coarsest sampling rate: one hash in so many.
    pub coarsest: u32,
    /// What a stretch must reach: length that agrees, less [`Self::penalty`] of the stretch's length.
    pub evidence: f32,
    /// The share of a stretch that must agree before it counts at all. With 0.25 rather than 0.15, a third of the
    /// paragraphs of 300 letters with 8 % errors were missed rather than a fifth.
    pub penalty: f32,
    /// Different hashes that must agree in a stretch.
    pub least_hits: u32,
    /// A hash that this many families of documents have counts in full; above, it counts `rare / families`.
    pub rare: u32,
    /// A hash that more families have than this counts nothing.
    pub common: u32,
    /// In a large registry both grow, because eight letters recur in any language: `rare` is at least one family in so
    /// many, and `common` ten in so many. At 10,000 documents of a small vocabulary, without this 43 % of registered
    /// pages with 5 % errors were found, with 1000 80 %, with 200 96 %; none brought a wrong match.
    pub rare_in: u32,
    /// Share of both documents that must agree to make them versions of one: a family.
    pub family: f32,
}

impl Tuning {
    /// The same for a registry of so many families.
    pub(super) fn for_families(self, families: u32) -> Self {
        let rare = self.rare.max(families / self.rare_in);
        Self { rare, common: self.common.max((families / self.rare_in).saturating_mul(10)), ..self }
    }
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            window: 8,
            hashes_per_document: 4096,
            coarsest: 16,
            evidence: 60.0,
            penalty: 0.15,
            least_hits: 4,
            rare: 2,
            common: 8,
            rare_in: 200,
            family: 0.5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_grows_with_a_large_registry_only() {
        let common = |families| {
            let tuning = Tuning::default().for_families(families);
            (tuning.rare, tuning.common)
        };
        assert_eq!(common(0), (2, 8));
        assert_eq!(common(199), (2, 8));
        assert_eq!(common(10_000), (50, 500));
    }
}
