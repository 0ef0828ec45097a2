//! The list of registered documents, and their hashes.
//!
//! A document is kept as an id, a name, the number of hashes of each page, and the hashes; its text is not. Documents
//! that agree for the most part (versions, drafts) are one *family*: what many families have is boilerplate and tells
//! nothing, what ten versions of one document have tells that it is this one.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::key::Key;
use super::limits::{Limits, Tuning};
use super::matching::{self, Compared};
use super::normal::letters;
use super::postings::Postings;
use super::shingle::{FINEST, Shingled, Shingler};
use super::store;

/// What a document is called inside: a keyed hash of its letters. The same text has the same id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub [u8; 16]);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

/// What a document is registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// To be found; with the level that it has (0 to 4).
    Sensitive(u8),
    /// Letterheads, forms, laws, standard clauses: what is in it tells nothing, wherever it is found.
    Common,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub id: Id,
    /// What the user calls it.
    pub name: String,
    /// What it is registered for.
    pub role: Role,
    /// When it was added, seconds since 1970-01-01 UTC.
    pub added: u64,
    /// Pages.
    pub pages: usize,
    /// Hashes kept.
    pub shingles: u64,
    /// One hash in so many is kept.
    pub rate: u32,
}

/// A document as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) added: u64,
    pub(super) rate: u32,
    pub(super) family: u32,
    /// Hashes of each page.
    pub(super) pages: Vec<u32>,
}

/// Registered documents. Comparing takes `&self` and works from many threads.
pub struct Registry {
    pub(super) key: Key,
    pub(super) limits: Limits,
    pub(super) tuning: Tuning,
    pub(super) shingler: Shingler,
    pub(super) documents: Vec<Document>,
    /// The document of each page, all pages of all documents in order.
    pub(super) owners: Vec<u32>,
    /// The first page of each document.
    pub(super) firsts: Vec<u32>,
    pub(super) postings: Postings,
    /// Families, at least as many as there are.
    pub(super) families: u32,
    folder: PathBuf,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry({} documents, {:?})", self.documents.len(), self.postings)
    }
}

impl Registry {
    /// The registry in a folder, which must exist. Without both its files it is empty, and has a new key.
    pub fn open(folder: &Path, limits: Limits) -> Result<Self> {
        store::open(folder, limits)
    }

    /// An empty registry that nobody has written yet.
    pub(super) fn empty(folder: &Path, key: Key, limits: Limits, tuning: Tuning) -> Self {
        let shingler = Shingler::new(&key, tuning.window, limits.letters_per_page);
        let (documents, owners, firsts) = (Vec::new(), Vec::new(), Vec::new());
        let (postings, folder) = (Postings::default(), folder.to_owned());
        Self { key, limits, tuning, shingler, documents, owners, firsts, postings, families: 0, folder }
    }

    /// The stamp of the registry in a folder, from the head of its file alone; nothing is registered: zeros.
    pub fn stamp_of(folder: &Path) -> Result<[u8; 32]> {
        store::stamp(folder)
    }

    /// Writes key and registry so that either the old or the new state is there, whenever the machine stops.
    pub fn save(&mut self) -> Result<()> {
        self.postings.settle();
        store::save(self, &self.folder)
    }

    /// Registers a document, page by page; `added` in seconds since 1970. Nothing is written before [`Self::save`].
    pub fn add(&mut self, name: &str, role: Role, added: u64, pages: &[&str]) -> Result<Id> {
        let over = |limit, most| Error::Limit { name: name.to_owned(), limit, most };
        let Limits { documents, pages_per_document, name_bytes, hashes, letters_per_page, .. } = self.limits;
        check(self.documents.len(), documents).map_err(|most| over("limits.registered_documents", most))?;
        check(pages.len(), pages_per_document.saturating_add(1))
            .map_err(|_| over("limits.registered_pages", pages_per_document))?;
        check(name.len(), name_bytes.saturating_add(1))
            .map_err(|_| over("limits.registered_name_bytes", name_bytes))?;
        let id = self.id(pages);
        if let Some(known) = self.documents.iter().find(|document| document.id == id) {
            return Err(Error::Known { name: name.to_owned(), as_name: known.name.clone() });
        }
        let shingled: Vec<Shingled> = pages.iter().map(|page| self.shingler.page(page)).collect();
        if shingled.iter().any(|page| page.cut) {
            return Err(over("limits.compared_letters", letters_per_page));
        }
        let rate = self.rate(&shingled);
        let kept = shingled.iter().map(|page| kept(page, rate)).collect::<Vec<u32>>();
        self.enough(name, role, &shingled)?;
        let total = kept.iter().map(|&many| u64::from(many)).sum::<u64>() + self.postings.len() as u64;
        if total > hashes.min(u64::from(u32::MAX)) {
            return Err(over("limits.registered_hashes", hashes));
        }
        let family = self.family(&shingled, role);
        self.push(Document { id, name: name.to_owned(), role, added, rate, family, pages: kept });
        let first = self.firsts[self.firsts.len() - 1];
        for (page, number) in shingled.iter().zip(first..) {
            let kept = page.shingles.iter().filter(|shingle| shingle.rate >= rate);
            kept.for_each(|shingle| self.postings.insert(shingle.hash, number));
        }
        self.postings.relieve();
        Ok(id)
    }

    /// Forgets a document.
    pub fn remove(&mut self, id: Id) -> Result<Registered> {
        let at = self.documents.iter().position(|document| document.id == id);
        let at = at.ok_or_else(|| Error::Unknown(id.to_string()))?;
        let gone = self.documents.remove(at);
        let first = self.firsts[at];
        let past = first + u32::try_from(gone.pages.len()).expect("pages are counted in u32");
        self.postings.remove(first, past);
        (self.owners, self.firsts) = (Vec::new(), Vec::new());
        std::mem::take(&mut self.documents).into_iter().for_each(|document| self.push(document));
        Ok(line(&gone))
    }

    /// The documents of this name: names need not be unique.
    pub fn named(&self, name: &str) -> Vec<Id> {
        self.documents.iter().filter(|document| document.name == name).map(|document| document.id).collect()
    }

    /// Whether nothing is registered.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Every registered document, in the order of adding.
    pub fn list(&self) -> Vec<Registered> {
        self.documents.iter().map(line).collect()
    }

    /// The registered documents that the pages of a text hold parts of.
    pub fn matches(&self, pages: &[&str]) -> Compared {
        let pages: Vec<Shingled> = pages.iter().map(|page| self.shingler.page(page)).collect();
        matching::compare(self, &pages)
    }

    /// Changes when what is registered changes; tells nothing about it.
    pub fn stamp(&self) -> [u8; 32] {
        let mut lines: Vec<&Document> = self.documents.iter().collect();
        lines.sort_by_key(|document| document.id);
        let mut hasher = blake3::Hasher::new_keyed(&self.key.derive("stamp"));
        hasher.update(&[store::VERSION]);
        for document in lines {
            hasher.update(&document.id.0).update(&[role_byte(document.role)]);
            hasher.update(&document.rate.to_le_bytes()).update(&document.family.to_le_bytes());
            hasher.update(&(document.name.len() as u64).to_le_bytes()).update(document.name.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    pub(super) fn push(&mut self, document: Document) {
        let number = u32::try_from(self.documents.len()).expect("Limits::documents is below 2^32");
        self.firsts.push(u32::try_from(self.owners.len()).expect("pages are counted in u32"));
        self.owners.resize(self.owners.len() + document.pages.len(), number);
        self.families = self.families.max(document.family + 1);
        self.documents.push(document);
    }

    fn id(&self, pages: &[&str]) -> Id {
        let mut hasher = blake3::Hasher::new_keyed(&self.key.derive("id"));
        for page in pages {
            let (letters, _) = letters(page, self.limits.letters_per_page);
            let bytes: Vec<u8> = letters.iter().flat_map(|letter| u32::from(letter.c).to_le_bytes()).collect();
            hasher.update(&(letters.len() as u64).to_le_bytes()).update(&bytes);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Id(id)
    }

    /// The finest rate that keeps no more hashes than one document should have.
    fn rate(&self, pages: &[Shingled]) -> u32 {
        let mut rate = FINEST;
        let many = |rate| pages.iter().map(|page| u64::from(kept(page, rate))).sum::<u64>();
        while rate < self.tuning.coarsest && many(rate) > self.tuning.hashes_per_document {
            rate *= 2;
        }
        rate
    }

    /// Whether a copy of the whole document would be a match.
    fn enough(&self, name: &str, role: Role, pages: &[Shingled]) -> Result<()> {
        let letters = pages.iter().flat_map(|page| &page.shingles).map(|one| u64::from(FINEST * one.step)).sum();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        let least = match role {
            Role::Sensitive(_) => (self.tuning.evidence / (1.0 - self.tuning.penalty)).ceil() as u64 + 20,
            Role::Common => u64::from(FINEST),
        };
        if letters < least {
            return Err(Error::TooLittle { name: name.to_owned(), letters, least });
        }
        Ok(())
    }

    /// The family of the registered document that this is a version of; otherwise its own.
    fn family(&self, pages: &[Shingled], role: Role) -> u32 {
        let own = self.families;
        if role == Role::Common {
            return own;
        }
        let least = self.tuning.family;
        let compared = matching::compare(self, pages);
        let version = |one: &&matching::Match| one.share_of_document >= least && one.share_of_subject >= least;
        let found = compared.matches.iter().find(version);
        let known = found.and_then(|one| self.documents.iter().find(|document| document.id == one.document));
        known.map_or(own, |document| document.family)
    }
}

/// Whether one more than `have` is allowed.
fn check(have: usize, most: u64) -> std::result::Result<(), u64> {
    if (have as u64) < most { Ok(()) } else { Err(most) }
}

/// Hashes of a page that a rate keeps.
fn kept(page: &Shingled, rate: u32) -> u32 {
    u32::try_from(page.shingles.iter().filter(|shingle| shingle.rate >= rate).count()).unwrap_or(u32::MAX)
}

fn line(document: &Document) -> Registered {
    Registered {
        id: document.id,
        name: document.name.clone(),
        role: document.role,
        added: document.added,
        pages: document.pages.len(),
        shingles: document.pages.iter().map(|&many| u64::from(many)).sum(),
        rate: document.rate,
    }
}

/// A role in one byte.
pub(super) fn role_byte(role: Role) -> u8 {
    match role {
        Role::Sensitive(level) => level,
        Role::Common => u8::MAX,
    }
}
