//! The two files of a registry: `fingerprint.key` and `fingerprint.registry`, both readable by their owner only.
//!
//! The registry's file: a head (version, counts, stamp, checksum), the list of documents *encrypted* (names tell what a
//! document is about, so they do not lie in the clear beside a key that might be kept elsewhere), the sorted arrays, and
//! a keyed checksum over all. All numbers are little-endian. Without the key the file shows how many documents there
//! are, how many hashes each page has and how many of them pages share; nothing of text or names.
//! A file that is not exactly what was written is an error that names it, never an empty registry.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::key::{Key, random};
use super::limits::{Limits, Tuning};
use super::postings::{BUCKETS, Postings};
use super::registry::{Document, Id, Registry, Role, role_byte};
use crate::fields::Fields;

/// Version of the file *and* of what a shingle is: folding, window, sampling.
pub(super) const VERSION: u8 = 1;

const MAGIC: &[u8; 7] = b"MISFREG";
const KEY_FILE: &str = "fingerprint.key";
const REGISTRY_FILE: &str = "fingerprint.registry";

/// Bytes of the head: magic, version, key check, nonce, stamp, length of the list, hashes, checksum.
const HEAD: usize = 7 + 1 + 16 + 32 + 32 + 8 + 8 + 32;

/// Numbers that are read or written at a time.
const CHUNK: usize = 1 << 16;

/// The head of the file.
struct Head {
    key_check: [u8; 16],
    nonce: [u8; 32],
    stamp: [u8; 32],
    list_bytes: u64,
    hashes: u64,
}

/// Opens the registry of a folder; see [`Registry::open`].
pub(super) fn open(folder: &Path, limits: Limits) -> Result<Registry> {
    let (key_path, path) = (folder.join(KEY_FILE), folder.join(REGISTRY_FILE));
    match (exists(&key_path)?, exists(&path)?) {
        (false, false) => {
            let key = Key::random().map_err(failed(&key_path))?;
            Ok(Registry::empty(folder, key, limits, Tuning::default()))
        }
        (true, false) => Err(Error::Half { missing: path, present: key_path }),
        (false, true) => Err(Error::Half { missing: key_path, present: path }),
        (true, true) => {
            let key = read_key(&key_path)?;
            let mut registry = Registry::empty(folder, key, limits, Tuning::default());
            load(&mut registry, &path, key_path)?;
            Ok(registry)
        }
    }
}

/// The stamp in the head of the file; zeros without a file.
pub(super) fn stamp(folder: &Path) -> Result<[u8; 32]> {
    let path = folder.join(REGISTRY_FILE);
    if !exists(&path)? {
        return Ok([0; 32]);
    }
    let mut bytes = [0; HEAD];
    File::open(&path).and_then(|mut file| file.read_exact(&mut bytes)).map_err(short(&path))?;
    Head::parse(&bytes, &path).map(|head| head.stamp)
}

/// Writes both files; the key first, because a registry without its key is worth nothing.
pub(super) fn save(registry: &Registry, folder: &Path) -> Result<()> {
    let key_path = folder.join(KEY_FILE);
    match exists(&key_path)? {
        true if read_key(&key_path)? != registry.key => {
            return Err(Error::WrongKey { path: folder.join(REGISTRY_FILE), key: key_path });
        }
        true => (),
        false => replace(&key_path, |file| file.write_all(registry.key.as_bytes()))?,
    }
    replace(&folder.join(REGISTRY_FILE), |file| write(registry, file))
}

fn exists(path: &Path) -> Result<bool> {
    path.try_exists().map_err(failed(path))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |error| Error::Io { path: path.to_owned(), error }
}

/// Like [`failed`]; an end that comes too early is damage.
fn short(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Damaged { path: path.to_owned(), what: "it is too short" },
        _ => Error::Io { path: path.to_owned(), error },
    }
}

fn read_key(path: &Path) -> Result<Key> {
    let metadata = fs::metadata(path).map_err(failed(path))?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::OpenToOthers { path: path.to_owned(), mode });
    }
    let mut bytes = [0; 32];
    if metadata.len() != bytes.len() as u64 {
        return Err(Error::Damaged { path: path.to_owned(), what: "a key has 32 bytes" });
    }
    File::open(path).and_then(|mut file| file.read_exact(&mut bytes)).map_err(short(path))?;
    Ok(Key::from_bytes(bytes))
}

/// Writes a file beside its place, waits until it is on the disk, and puts it there.
fn replace(path: &Path, content: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let outcome = (|| {
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        let mut writer = BufWriter::with_capacity(1 << 20, &file);
        content(&mut writer)?;
        writer.flush()?;
        drop(writer);
        file.sync_all()?;
        fs::rename(&new, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    })();
    outcome.map_err(|error| {
        let _ = fs::remove_file(&new);
        Error::Io { path: path.to_owned(), error }
    })
}

impl Head {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD);
        bytes.extend_from_slice(MAGIC);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.key_check);
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.stamp);
        bytes.extend_from_slice(&self.list_bytes.to_le_bytes());
        bytes.extend_from_slice(&self.hashes.to_le_bytes());
        bytes.extend_from_slice(blake3::hash(&bytes).as_bytes());
        bytes
    }

    fn parse(bytes: &[u8; HEAD], path: &Path) -> Result<Self> {
        let damaged = |what| Error::Damaged { path: path.to_owned(), what };
        let (body, sum) = bytes.split_at(HEAD - 32);
        let mut from = Fields(body);
        if from.take(7) != Some(MAGIC) {
            return Err(damaged("it does not begin as a registry does"));
        }
        let version = from.array::<1>().map_or(0, |byte| byte[0]);
        if version != VERSION {
            return Err(Error::Version { path: path.to_owned(), found: version, known: VERSION });
        }
        if blake3::hash(body).as_bytes() != sum {
            return Err(damaged("the checksum of its head does not agree"));
        }
        let head = (|| {
            let (key_check, nonce, stamp) = (from.array()?, from.array()?, from.array()?);
            Some(Self { key_check, nonce, stamp, list_bytes: from.u64()?, hashes: from.u64()? })
        })();
        head.ok_or_else(|| damaged("its head is too short"))
    }
}

fn key_check(key: &Key) -> [u8; 16] {
    let mut check = [0; 16];
    check.copy_from_slice(&key.derive("check")[..16]);
    check
}

fn checksum(key: &Key) -> blake3::Hasher {
    blake3::Hasher::new_keyed(&key.derive("file"))
}

/// Encrypts and decrypts: exclusive or with BLAKE3's output under the key and a nonce that is used once.
fn veil(key: &Key, nonce: &[u8; 32], bytes: &mut [u8]) {
    let mut stream = blake3::Hasher::new_keyed(&key.derive("list"));
    let mut stream = stream.update(nonce).finalize_xof();
    let mut block = [0; 4096];
    for piece in bytes.chunks_mut(block.len()) {
        stream.fill(&mut block);
        piece.iter_mut().zip(block).for_each(|(byte, with)| *byte ^= with);
    }
}

fn write(registry: &Registry, file: &mut BufWriter<&File>) -> io::Result<()> {
    let Registry { key, documents, postings, .. } = registry;
    let nonce = random()?;
    let mut list = list_bytes(documents);
    veil(key, &nonce, &mut list);
    let (list_bytes, hashes) = (list.len() as u64, postings.rests.len() as u64);
    let head = Head { key_check: key_check(key), nonce, stamp: registry.stamp(), list_bytes, hashes };
    let mut sum = checksum(key);
    let mut put = |bytes: &[u8]| {
        sum.update(bytes);
        file.write_all(bytes)
    };
    put(&head.bytes())?;
    put(&list)?;
    let mut bytes = Vec::with_capacity(CHUNK * 4);
    for numbers in [&postings.starts, &postings.rests, &postings.pages] {
        for piece in numbers.chunks(CHUNK) {
            bytes.clear();
            piece.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
            put(&bytes)?;
        }
    }
    file.write_all(sum.finalize().as_bytes())
}

fn load(registry: &mut Registry, path: &Path, key_path: PathBuf) -> Result<()> {
    let damaged = |what| Error::Damaged { path: path.to_owned(), what };
    let file = File::open(path).map_err(failed(path))?;
    let bytes_in_all = file.metadata().map_err(failed(path))?.len();
    let mut from = Summed { file: BufReader::with_capacity(1 << 20, file), sum: checksum(&registry.key) };
    let mut head = [0; HEAD];
    from.fill(&mut head).map_err(short(path))?;
    let head = Head::parse(&head, path)?;
    if head.key_check != key_check(&registry.key) {
        return Err(Error::WrongKey { path: path.to_owned(), key: key_path });
    }
    let fixed = (HEAD + (BUCKETS + 1) * 4 + 32) as u64;
    let expected = head.hashes.checked_mul(8).and_then(|pairs| pairs.checked_add(head.list_bytes)?.checked_add(fixed));
    if expected != Some(bytes_in_all) {
        return Err(damaged("its length is not the one in its head"));
    }
    let over = |limit, most| Error::Limit { name: path.display().to_string(), limit, most };
    if head.hashes > registry.limits.hashes.min(u64::from(u32::MAX)) {
        return Err(over("limits.registered_hashes", registry.limits.hashes));
    }
    // Both lengths were held against the length of the file.
    let length = |number: u64| usize::try_from(number).map_err(|_| damaged("it is longer than memory"));
    let mut list = vec![0; length(head.list_bytes)?];
    from.fill(&mut list).map_err(short(path))?;
    let starts = from.numbers(BUCKETS + 1).map_err(short(path))?;
    let rests = from.numbers(length(head.hashes)?).map_err(short(path))?;
    let pages = from.numbers(length(head.hashes)?).map_err(short(path))?;
    let mut sum = [0; 32];
    from.file.read_exact(&mut sum).map_err(short(path))?;
    if from.sum.finalize() != sum {
        return Err(damaged("its checksum does not agree"));
    }
    veil(&registry.key, &head.nonce, &mut list);
    let documents = parse_list(&list).ok_or_else(|| damaged("its list of documents cannot be read"))?;
    if documents.len() as u64 > registry.limits.documents {
        return Err(over("limits.registered_documents", registry.limits.documents));
    }
    documents.into_iter().for_each(|document| registry.push(document));
    registry.postings = Postings::settled_from(starts, rests, pages).ok_or_else(|| damaged("its arrays disagree"))?;
    Ok(())
}

/// A file that is summed while it is read.
struct Summed {
    file: BufReader<File>,
    sum: blake3::Hasher,
}

impl Summed {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact(bytes)?;
        self.sum.update(bytes);
        Ok(())
    }

    fn numbers(&mut self, many: usize) -> io::Result<Vec<u32>> {
        let mut numbers = Vec::with_capacity(many);
        let mut bytes = vec![0; CHUNK * 4];
        while numbers.len() < many {
            let piece = &mut bytes[..(many - numbers.len()).min(CHUNK) * 4];
            self.fill(piece)?;
            numbers.extend(piece.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)));
        }
        Ok(numbers)
    }
}

fn list_bytes(documents: &[Document]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let length = |bytes: &mut Vec<u8>, number: usize| bytes.extend_from_slice(&(number as u64).to_le_bytes());
    length(&mut bytes, documents.len());
    for document in documents {
        bytes.extend_from_slice(&document.id.0);
        bytes.extend_from_slice(&document.added.to_le_bytes());
        bytes.push(role_byte(document.role));
        bytes.extend_from_slice(&document.rate.to_le_bytes());
        bytes.extend_from_slice(&document.family.to_le_bytes());
        length(&mut bytes, document.name.len());
        bytes.extend_from_slice(document.name.as_bytes());
        length(&mut bytes, document.pages.len());
        document.pages.iter().for_each(|page| bytes.extend_from_slice(&page.to_le_bytes()));
    }
    bytes
}

fn parse_list(bytes: &[u8]) -> Option<Vec<Document>> {
    let mut from = Fields(bytes);
    let many = from.u64()?;
    let mut documents = Vec::new();
    for _ in 0..many {
        let (id, added, [role]) = (Id(from.array()?), from.u64()?, from.array()?);
        let role = if role == u8::MAX { Role::Common } else { Role::Sensitive(role) };
        let (rate, family) = (from.u32()?, from.u32()?);
        let length = usize::try_from(from.u64()?).ok()?;
        let name = std::str::from_utf8(from.take(length)?).ok()?.to_owned();
        let length = usize::try_from(from.u64()?).ok()?;
        let pages = from.take(length.checked_mul(4)?)?.as_chunks::<4>().0;
        let pages = pages.iter().map(|number| u32::from_le_bytes(*number)).collect();
        documents.push(Document { id, name, role, added, rate, family, pages });
    }
    from.0.is_empty().then_some(documents)
}
