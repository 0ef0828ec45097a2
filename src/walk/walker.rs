//! The threads that list folders, and the stack of folders that they share.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crossbeam_channel::Sender;
use globset::GlobSet;
use rustix::fs::Dir;

use super::entry::{self, Entry};
use super::{Candidate, LISTING_FILES, Listing, Root, Unreadable, fault_of, open};
use crate::config::Settings;
use crate::document::Location;
use crate::finding::{Fault, FaultReason};

/// A folder to be listed.
struct Folder {
    path: PathBuf,
    depth: usize,
}

struct Folders {
    /// The last one in is the first one out: then no more wait than the depth times the widest folder.
    waiting: Vec<Folder>,
    /// Folders being listed: more may come of them.
    listing: usize,
    /// Nobody listens any more.
    over: bool,
}

/// What the listing threads share.
pub(super) struct Walker<'a> {
    root: Arc<Root>,
    settings: &'a Settings,
    ignored: GlobSet,
    skip: Option<&'a Path>,
    out: &'a Sender<Listing>,
    folders: Mutex<Folders>,
    changed: Condvar,
}

/// A folder being listed; when it is dropped, also by a panic, nobody waits for it any more.
struct Listed<'a, 'b>(&'a Walker<'b>);

impl Drop for Listed<'_, '_> {
    fn drop(&mut self) {
        self.0.lock().listing -= 1;
        self.0.changed.notify_all();
    }
}

impl<'a> Walker<'a> {
    pub(super) fn new(
        root: Arc<Root>,
        settings: &'a Settings,
        ignored: GlobSet,
        skip: Option<&'a Path>,
        out: &'a Sender<Listing>,
    ) -> Self {
        let first = Folder { path: root.path.clone(), depth: 0 };
        let folders = Mutex::new(Folders { waiting: vec![first], listing: 0, over: false });
        Self { root, settings, ignored, skip, out, folders, changed: Condvar::new() }
    }

    /// Lists everything, or ends when nobody listens.
    pub(super) fn run(&self) {
        std::thread::scope(|scope| (0..self.settings.walk.threads).for_each(|_| drop(scope.spawn(|| self.work()))));
    }

    fn lock(&self) -> MutexGuard<'_, Folders> {
        self.folders.lock().expect("no code panics while it holds the folders")
    }

    fn work(&self) {
        while let Some(folder) = self.next() {
            let listed = Listed(self);
            if !self.list(&folder) {
                self.lock().over = true;
            }
            drop(listed);
        }
    }

    /// The next folder; none when all are listed.
    fn next(&self) -> Option<Folder> {
        let mut folders = self.lock();
        loop {
            if folders.over {
                return None;
            }
            if let Some(folder) = folders.waiting.pop() {
                folders.listing += 1;
                return Some(folder);
            }
            if folders.listing == 0 {
                return None;
            }
            folders = self.changed.wait(folders).expect("no code panics while it holds the folders");
        }
    }

    /// Lists one folder; false if nobody listens.
    fn list(&self, folder: &Folder) -> bool {
        let mut listing = Listing::default();
        let opened = open::folder(&self.root.path, &folder.path).and_then(|opened| Ok(Dir::new(opened)?));
        match opened {
            Err(error) => listing.unreadable.push(unlisted(&folder.path, fault_of(&error))),
            Ok(mut entries) => {
                while let Some(entry) = entries.read() {
                    match entry {
                        Ok(entry) => self.meet(folder, &entries, &entry, &mut listing),
                        Err(error) => {
                            listing.unreadable.push(unlisted(&folder.path, fault_of(&error.into())));
                            break;
                        }
                    }
                    if listing.files.len() + listing.unreadable.len() >= LISTING_FILES
                        && self.out.send(std::mem::take(&mut listing)).is_err()
                    {
                        return false;
                    }
                }
            }
        }
        self.out.send(listing).is_ok()
    }

    /// Sorts one entry in.
    fn meet(&self, folder: &Folder, entries: &Dir, entry: &rustix::fs::DirEntry, listing: &mut Listing) {
        let name = OsString::from_vec(entry.file_name().to_bytes().to_vec());
        if name == "." || name == ".." {
            return;
        }
        if self.ignored.is_match(&name) {
            listing.ignored += 1;
            return;
        }
        let (path, depth) = (folder.path.join(name), folder.depth + 1);
        match entry::look(entries, entry) {
            Ok(Entry::Link) => listing.links += 1,
            Ok(Entry::Special) => listing.special += 1,
            Ok(Entry::File { identity, blocks }) => {
                let location = Location::file(path);
                listing.files.push(Candidate { location, root: Arc::clone(&self.root), identity, blocks });
            }
            Ok(Entry::Folder { .. }) if self.skip == Some(path.as_path()) => {}
            Ok(Entry::Folder { device }) if self.root.device.is_some_and(|own| own != device) => {
                let detail = "another file system is mounted here; walk.cross_filesystems = true looks into it";
                listing.unreadable.push(unlisted(&path, Fault::whole(FaultReason::Unsupported, detail)));
            }
            Ok(Entry::Folder { .. }) if depth >= self.settings.limits.depth => {
                let fault = Fault::limit("depth", self.settings.limits.depth, "a folder");
                listing.unreadable.push(unlisted(&path, fault));
            }
            Ok(Entry::Folder { .. }) => {
                self.lock().waiting.push(Folder { path, depth });
                self.changed.notify_one();
            }
            Err(error) => {
                let (location, fault) = (Location::file(path), fault_of(&error));
                listing.unreadable.push(Unreadable { location, identity: None, fault, folder: false });
            }
        }
    }
}

/// A folder whose entries are not known.
fn unlisted(path: &Path, fault: Fault) -> Unreadable {
    Unreadable { location: Location::file(path), identity: None, fault, folder: true }
}
