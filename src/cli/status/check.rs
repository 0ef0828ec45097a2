//! `misfile status --check`: whether catalog and index are sound and agree. The index is made anew if it does not; of the
//! catalog, which alone holds what was read, nothing is touched.

use std::collections::BTreeSet;

use crate::catalog::{CatalogView, DataDir};
use crate::config::Settings;
use crate::document::ContentHash;
use crate::index::{self, Searcher};
use crate::report::counted;

/// What a check came to.
pub(super) struct Outcome {
    /// What was looked at or mended, in words.
    pub(super) lines: Vec<String>,
    /// Something is wrong that only a backup or another sweep mends.
    pub(super) broken: bool,
}

/// Checks, and mends what can be.
pub(super) fn run(dir: &DataDir, view: &CatalogView, settings: &Settings) -> anyhow::Result<Outcome> {
    let _lock = dir.lock()?;
    let mut lines = Vec::new();
    let problems = view.check()?;
    let broken = !problems.is_empty();
    match broken {
        false => lines.push("catalog: sound".to_owned()),
        true => lines.extend(problems.into_iter().map(|problem| format!("catalog: {problem}"))),
    }
    match disagreement(dir, view)? {
        None => lines.push("index: sound, and holds what the catalog holds".to_owned()),
        Some(_) if broken => lines.push("index: not looked at before the catalog is sound".to_owned()),
        Some(why) => {
            let documents = index::rebuild(dir, settings, &|| false)?;
            lines.push(format!("index: {why}; mended: made anew of {}", counted(documents, "document")));
        }
    }
    Ok(Outcome { lines, broken })
}

/// Why the index is not what it should be; none if it is.
fn disagreement(dir: &DataDir, view: &CatalogView) -> anyhow::Result<Option<String>> {
    let held = Searcher::open(&dir.index()).and_then(|index| {
        index.verify()?;
        Ok((index.contents()?, index.last_seq()))
    });
    let (held, last_seq) = match held {
        Ok(held) => held,
        Err(error) => return Ok(Some(error.to_string())),
    };
    let last = view.last_seq()?.cast_unsigned();
    if last_seq < last {
        let behind = counted(last - last_seq, "change");
        return Ok(Some(format!("it is {behind} behind, as after a sweep that was cut off")));
    }
    let wanted: BTreeSet<ContentHash> = view.indexed_contents()?;
    let (missing, extra) = (wanted.difference(&held).count() as u64, held.difference(&wanted).count() as u64);
    let differs = missing + extra > 0;
    Ok(differs.then(|| format!("{} missing, {extra} that the catalog does not have", counted(missing, "document"))))
}
