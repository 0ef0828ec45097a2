//! `misfile retry`: what could not be read is read again, whatever came of it before.

use std::io::Write;
use std::path::PathBuf;

use super::{Answers, Context, remark, sweep};
use crate::catalog::{Catalog, CatalogView, FileRow, Filter};
use crate::error::Exit;
use crate::finding::FaultReason;
use crate::report::counted;

/// What another reading of the same bytes cannot change.
const HOPELESS: [FaultReason; 2] = [FaultReason::Unsupported, FaultReason::Attachment];

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only what lies at or below these paths
    paths: Vec<PathBuf>,
    /// Only documents with this fault (encrypted, damaged, timeout, …); may be repeated. Without it, all that another
    /// reading may help: not `unsupported` and `attachment`
    #[arg(long, value_name = "REASON", value_parser = |name: &str| name.parse::<FaultReason>())]
    fault: Vec<FaultReason>,
}

pub(super) fn run(context: &Context, args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let Answers { dir, view, .. } = context.answers()?;
    let below = super::known_paths(&view, &args.paths)?;
    let contents = faulty(&view, &args.fault, below.clone())?;
    // Zones are swept as they are configured; without any, wherever a sweep has looked.
    let roots = match below.is_empty() && context.settings.zone.is_empty() {
        true => view.roots()?,
        false => below,
    };
    drop(view);
    {
        let _lock = dir.lock()?;
        let mut catalog = Catalog::open(&dir, &context.settings.store)?;
        contents.iter().try_for_each(|content| catalog.read_again(*content))?;
        catalog.commit()?;
    }
    remark(context, &format!("{} to be read again", counted(contents.len() as u64, "document")));
    sweep::run(context, &sweep::Args::over(roots), out)
}

/// Contents with such a fault, each once, in the order of their first place.
fn faulty(view: &CatalogView, reasons: &[FaultReason], below: Vec<PathBuf>) -> anyhow::Result<Vec<i64>> {
    let wanted = |reason: FaultReason| match reasons {
        [] => !HOPELESS.contains(&reason),
        some => some.contains(&reason),
    };
    let mut contents = Vec::new();
    view.each_file(&Filter { below, ..Filter::default() }, |file: FileRow| {
        let faulty = file.coverage.faults.iter().any(|fault| wanted(fault.reason));
        // Of what could not be unpacked the container is read again.
        let content = match file.content {
            None if faulty && !file.location.members.is_empty() => {
                view.file(&file.location.path)?.and_then(|outer| outer.content)
            }
            content => content,
        };
        contents.extend(content.filter(|_| faulty).map(|(content, _)| content));
        Ok(())
    })?;
    let mut seen = std::collections::HashSet::new();
    contents.retain(|content| seen.insert(*content));
    Ok(contents)
}
