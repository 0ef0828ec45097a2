//! The one writer of the index.
//!
//! What is put or removed becomes visible, all together, with [`IndexWriter::commit`]; a crash before that leaves the state
//! of the commit before, and [`IndexWriter::last_seq`] says which that was. A fresh index is made beside the old one and
//! exchanged with it in one step. It decides nothing about when to commit and never repairs: it says what is wrong.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::indexer::IndexWriterOptions;
use tantivy::merge_policy::LogMergePolicy;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexReader, ReloadPolicy, Term};

use super::schema::{Fields, IndexDocument, SCHEMA_VERSION, order_of, schema};
use super::tokenizer::{GramTokenizer, TOKENIZER, TOKENIZER_VERSION};
use super::{IndexError, guarded};
use crate::config::IndexSettings;
use crate::document::ContentHash;
use crate::failpoint;
use crate::traditional;

/// The library's file that names the state of the index; without it there is none.
const META: &str = "meta.json";

/// Memory of one indexing thread, MiB: the library wants 15 at least, and small buffers make many small segments.
const THREAD_MIB: usize = 32;

/// Indexing threads at most: recognition is the bottleneck, and every thread is one more segment a commit.
const MAX_THREADS: usize = 4;

/// Share of deleted documents from which a segment is rewritten.
const DELETED_SHARE: f32 = 0.3;

/// What each commit carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// The last sequence number of the catalog that the index holds.
    pub(super) seq: u64,
    tokenizer: u32,
    schema: u32,
    /// Fingerprint of the table of characters.
    fold: String,
}

impl Stamp {
    fn new(seq: u64) -> Self {
        let fold = blake3::hash(traditional::TABLE.as_bytes()).to_hex()[..16].to_owned();
        Self { seq, tokenizer: TOKENIZER_VERSION, schema: SCHEMA_VERSION, fold }
    }
}

/// Opens the index in `dir` and checks that today's program can use it.
pub(super) fn open_index<D: Directory>(
    dir: &Path,
    wrapped: impl FnOnce(MmapDirectory) -> D,
) -> Result<(Index, Fields, Stamp), IndexError> {
    look(dir)?;
    let index = guarded(dir, || Index::open(wrapped(MmapDirectory::open(dir)?)))?;
    let stamp = read_stamp(dir, &index)?;
    let (schema, fields) = schema();
    if index.schema() != schema {
        return Err(IndexError::WrongVersion { dir: dir.to_owned(), detail: "it has other fields".to_owned() });
    }
    index.tokenizers().register(TOKENIZER, TextAnalyzer::from(GramTokenizer));
    Ok((index, fields, stamp))
}

/// Tells a missing index from a damaged one before the library makes files of its own.
fn look(dir: &Path) -> Result<(), IndexError> {
    let missing = || IndexError::Missing { dir: dir.to_owned() };
    let entries = fs::read_dir(dir).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => missing(),
        _ => IndexError::io(dir, error),
    })?;
    let mut empty = true;
    for entry in entries {
        let name = entry.map_err(|error| IndexError::io(dir, error))?.file_name();
        if name == META {
            return Ok(());
        }
        // Lock files and the list of managed files stay behind when everything else is deleted.
        empty &= name.to_string_lossy().starts_with('.');
    }
    if empty { Err(missing()) } else { Err(IndexError::damaged(dir, format!("{META} is missing"))) }
}

/// The stamp of the last commit, if today's program can use the index.
pub(super) fn read_stamp(dir: &Path, index: &Index) -> Result<Stamp, IndexError> {
    let meta = guarded(dir, || index.load_metas())?;
    let payload = meta.payload.ok_or_else(|| IndexError::damaged(dir, "its last commit has no stamp"))?;
    let stamp: Stamp = serde_json::from_str(&payload)
        .map_err(|_| IndexError::damaged(dir, "the stamp of its last commit is unreadable"))?;
    let expected = Stamp::new(stamp.seq);
    if stamp != expected {
        let detail = format!(
            "tokenizer {}, fields {}, characters {}; this program has {}, {}, {}",
            stamp.tokenizer, stamp.schema, stamp.fold, expected.tokenizer, expected.schema, expected.fold
        );
        return Err(IndexError::WrongVersion { dir: dir.to_owned(), detail });
    }
    Ok(stamp)
}

/// The writer. One at a time: a second one is refused, in this process and in others.
pub struct IndexWriter {
    dir: PathBuf,
    fields: Fields,
    writer: tantivy::IndexWriter,
    /// What the last commit holds.
    committed: IndexReader,
    /// First bytes of the names put since.
    fresh: HashSet<u64>,
    last_seq: u64,
}

impl IndexWriter {
    /// Opens the index for writing, with the state of its last commit.
    pub fn open(dir: &Path, settings: &IndexSettings) -> Result<Self, IndexError> {
        let (index, fields, stamp) = open_index(dir, |directory| directory)?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(|error| IndexError::io(dir, error))?;
        // Opening a searcher opens every file that the index names: what is missing or cut shows here.
        let committed = guarded(dir, || index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into())?;
        let writer: tantivy::IndexWriter = guarded(dir, || index.writer_with_options(options(settings)))?;
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
        writer.set_merge_policy(Box::new(policy));
        Ok(Self { dir: dir.to_owned(), fields, writer, committed, fresh: HashSet::new(), last_seq: stamp.seq })
    }

    /// Puts an empty index in place of whatever lies in `dir`, in one step, and opens it. Its `last_seq` is 0: the caller
    /// then puts everything that the catalog has.
    pub fn rebuild(dir: &Path, settings: &IndexSettings) -> Result<Self, IndexError> {
        make_empty(&beside(dir, "new")?)?;
        Self::put_in_place(dir)?;
        Self::open(dir, settings)
    }

    /// Makes an empty index beside `dir` and opens it: what lies in `dir` stays until [`IndexWriter::put_in_place`].
    pub fn open_beside(dir: &Path, settings: &IndexSettings) -> Result<Self, IndexError> {
        let fresh = beside(dir, "new")?;
        make_empty(&fresh)?;
        Self::open(&fresh, settings)
    }

    /// Removes what was made beside `dir` and is not to be used.
    pub fn remove_beside(dir: &Path) -> Result<(), IndexError> {
        let fresh = beside(dir, "new")?;
        match fs::remove_dir_all(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(IndexError::io(&fresh, error)),
            _ => Ok(()),
        }
    }

    /// Puts the index that was made beside `dir`, and closed, in the place of whatever lies there, in one step.
    pub fn put_in_place(dir: &Path) -> Result<(), IndexError> {
        let system = |error: io::Error| IndexError::io(dir, error);
        let old = match MmapDirectory::open(dir) {
            Ok(old) => Some(old),
            Err(_) if !dir.exists() => None,
            Err(error) => return Err(IndexError::of(dir, &error.into())),
        };
        // Held until the exchange is done: nobody writes into what is thrown away.
        let lock = old.as_ref().map(|old| old.acquire_lock(&INDEX_WRITER_LOCK)).transpose();
        let lock = lock.map_err(|error| IndexError::of(dir, &error.into()))?;
        let fresh = beside(dir, "new")?;
        failpoint::reached("index.exchange.before");
        if old.is_some() {
            exchange(dir, &fresh).map_err(system)?;
            failpoint::reached("index.exchange.after");
            fs::remove_dir_all(&fresh).map_err(system)?;
        } else {
            fs::rename(&fresh, dir).map_err(system)?;
        }
        drop(lock);
        if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::File::open(parent).and_then(|parent| parent.sync_all()).map_err(system)?;
        }
        Ok(())
    }

    /// Adds a content, or replaces what the index has of it.
    pub fn put(&mut self, document: IndexDocument) -> Result<(), IndexError> {
        self.remove(&document.content)?;
        self.fresh.insert(order_of(&document.content));
        let document = document.into_tantivy(&self.fields);
        guarded(&self.dir, || self.writer.add_document(document)).map(drop)
    }

    /// Removes a content; one that the index does not have is no error.
    pub fn remove(&mut self, content: &ContentHash) -> Result<(), IndexError> {
        let term = Term::from_field_bytes(self.fields.content, &content.0);
        // Each removal is looked up in each segment later, which is dear: most contents are new and need none.
        if self.fresh.contains(&order_of(content))
            || guarded(&self.dir, || self.committed.searcher().doc_freq(&term))? > 0
        {
            self.writer.delete_term(term);
        }
        Ok(())
    }

    /// Makes everything put and removed so far visible and durable, as the catalog's state of `seq`.
    pub fn commit(&mut self, seq: u64) -> Result<(), IndexError> {
        guarded(&self.dir, || commit(&mut self.writer, seq))?;
        guarded(&self.dir, || self.committed.reload())?;
        self.fresh.clear();
        self.last_seq = seq;
        Ok(())
    }

    /// The last sequence number of the catalog that the last commit holds; 0 for an empty index.
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Waits for merges that run in the background. Dropping the writer instead gives them up, which is safe.
    pub fn close(self) -> Result<(), IndexError> {
        guarded(&self.dir, || self.writer.wait_merging_threads())
    }
}

/// Threads and memory. Below the library's least the memory is raised to it.
fn options(settings: &IndexSettings) -> IndexWriterOptions {
    let cores = available_parallelism().map_or(1, usize::from);
    let threads = (settings.writer_mib / THREAD_MIB).clamp(1, MAX_THREADS.min(cores));
    // The library takes 15 MiB to 4 GiB a thread.
    let mib = (settings.writer_mib / threads).clamp(16, 4000);
    IndexWriterOptions::builder()
        .num_worker_threads(threads)
        .memory_budget_per_thread(mib * 1024 * 1024)
        .num_merge_threads(1)
        .build()
}

/// `dir` with something behind its name.
fn beside(dir: &Path, suffix: &str) -> Result<PathBuf, IndexError> {
    let name = dir.file_name().ok_or_else(|| {
        IndexError::io(dir, io::Error::new(io::ErrorKind::InvalidInput, "an index directory needs a name"))
    })?;
    let mut name = name.to_owned();
    name.push(".");
    name.push(suffix);
    Ok(dir.with_file_name(name))
}

/// Makes an empty index with a first commit; leftovers of an earlier try are removed.
fn make_empty(dir: &Path) -> Result<(), IndexError> {
    let system = |error: io::Error| IndexError::io(dir, error);
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(system(error)),
        _ => {}
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(system)?;
    guarded(dir, || {
        let index = Index::create_in_dir(dir, schema().0)?;
        commit(&mut index.writer_with_options(IndexWriterOptions::builder().build())?, 0)
    })
}

/// Commits with the stamp of `seq`.
fn commit(writer: &mut tantivy::IndexWriter, seq: u64) -> tantivy::Result<()> {
    let stamp = serde_json::to_string(&Stamp::new(seq)).expect("numbers and a string are always JSON");
    failpoint::reached("index.commit.before");
    let mut prepared = writer.prepare_commit()?;
    failpoint::reached("index.commit.prepared");
    prepared.set_payload(&stamp);
    prepared.commit()?;
    failpoint::reached("index.commit.after");
    Ok(())
}

/// Exchanges two directories in one step; where the file system cannot, in two, with the new one complete before.
fn exchange(dir: &Path, fresh: &Path) -> io::Result<()> {
    match renameat_with(CWD, fresh, CWD, dir, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {
            let mut aside = dir.as_os_str().to_owned();
            aside.push(".old");
            let aside = PathBuf::from(aside);
            if aside.exists() {
                fs::remove_dir_all(&aside)?;
            }
            fs::rename(dir, &aside)?;
            fs::rename(fresh, dir)?;
            fs::rename(&aside, fresh)
        }
        Err(error) => Err(error.into()),
    }
}
