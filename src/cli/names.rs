//! Names that filters may use. One that nothing is called by is refused: its empty answer would look like a good one.

use std::collections::BTreeSet;

use super::Context;
use crate::catalog::CatalogView;
use crate::classify::Classifier;
use crate::error::UsageError;
use crate::index::NameWanted;
use crate::kind;
use crate::naming;
use crate::zone::Zones;

/// Names that are listed in full if there are no more than these.
const LISTED: usize = 12;

/// Refuses a name of something, if today's program and configuration know nothing that is called so and the catalog holds
/// nothing from before. Names are the same if `as_compared` says the same of them. Fields that take no names have nothing to
/// refuse.
pub(super) fn check(
    context: &Context,
    view: &CatalogView,
    wanted: &NameWanted,
    as_compared: impl Fn(&str) -> String,
) -> anyhow::Result<()> {
    let NameWanted { field, name: value, begins } = wanted;
    let names: BTreeSet<String> = match *field {
        "zone" => {
            let zones = Zones::configured(&context.settings);
            let configured = zones.by_name().into_iter().map(|zone| zone.name.clone());
            configured.chain(view.zones()?).collect()
        }
        "kind" => kind::names().map(str::to_owned).chain(view.kinds()?).collect(),
        "detector" | "rule" | "topic" => {
            let classifier = Classifier::load(&context.settings)?;
            let found = view.found_by()?;
            let topic = |rule: &str| {
                let topic = rule.strip_prefix("topic.")?;
                Some(topic.strip_prefix("model.").unwrap_or(topic).to_owned())
            };
            match *field {
                "topic" => {
                    let rules = classifier.rules().into_iter().map(|rule| rule.id);
                    rules.chain(found.into_iter().map(|(_, rule)| rule)).filter_map(|rule| topic(&rule)).collect()
                }
                "rule" => classifier
                    .rules()
                    .into_iter()
                    .chain(naming::rules())
                    .map(|rule| rule.id)
                    .chain(found.into_iter().map(|(_, rule)| rule))
                    .collect(),
                _ => classifier
                    .detectors()
                    .into_iter()
                    .chain([naming::DETECTOR.to_owned()])
                    .chain(found.into_iter().map(|(name, _)| name))
                    .collect(),
            }
        }
        _ => return Ok(()),
    };
    let wanted = as_compared(value);
    let is = |name: &&String| match begins {
        true => as_compared(name).starts_with(&wanted),
        false => as_compared(name) == wanted,
    };
    if names.iter().any(|name| is(&name)) {
        return Ok(());
    }
    let nearest = names.iter().min_by_key(|name| strsim::levenshtein(name, &wanted));
    let known = match nearest {
        None => "there is none at all".to_owned(),
        Some(_) if names.len() <= LISTED => {
            format!("there are: {}", names.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
        }
        Some(nearest) => format!("the nearest is {nearest}"),
    };
    Err(UsageError(format!("no {field} is called {value:?}; {known}")).into())
}
