//! `misfile rules`: what is looked for, whether the rules do what their examples say, and what they say of a text.

use std::io::Write;

use serde_json::json;

use super::Context;
use crate::classify::{Classifier, check};
use crate::document::Page;
use crate::error::{Exit, UsageError};
use crate::naming;
use crate::report::{self, counted};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Action {
    /// Check every rule against its own examples and counter-examples
    Check,
    /// List every rule: id, whose, level and name
    List,
    /// Print a rule as it is written
    Show {
        /// The rule, as findings name it
        id: String,
    },
    /// Say what the rules find in a text, and why
    Test {
        /// The text; `-` reads it from standard input
        text: String,
    },
}

pub(super) fn run(context: &Context, action: &Action, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match action {
        Action::Check => check(context, out),
        Action::List => list(context, out),
        Action::Show { id } => show(context, id, out),
        Action::Test { text } => test(context, text, out),
    }
}

fn check(context: &Context, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.asked_objects()?;
    let mut problems: Vec<String> = check::check().iter().map(ToString::to_string).collect();
    // Those of the house, with its lists and its table of levels.
    problems.extend(Classifier::load(&context.settings).err().map(|error| format!("{error:#}")));
    for problem in &problems {
        match &mut objects {
            None => writeln!(out, "{problem}")?,
            Some(objects) => {
                let mut object = report::typed("problem");
                object.insert("problem", json!(problem));
                objects.put(&object, out)?;
            }
        }
    }
    match &mut objects {
        None if problems.is_empty() => writeln!(out, "all rules are in order")?,
        None => writeln!(out, "{}", counted(problems.len() as u64, "problem"))?,
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("problems", json!(problems.len()));
            objects.end(&object, out)?;
        }
    }
    Ok(if problems.is_empty() { Exit::Clear } else { Exit::Config })
}

fn list(context: &Context, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut objects = context.asked_objects()?;
    let mut all = Classifier::load(&context.settings)?.rules();
    all.extend(naming::rules());
    for rule in &all {
        match &mut objects {
            None => writeln!(out, "{:32} {:4} level {}  {}", rule.id, rule.whose, rule.level, rule.name)?,
            Some(objects) => {
                let mut object = report::typed("rule");
                object.insert("rule", json!(rule.id));
                object.insert("whose", json!(rule.whose));
                object.insert("level", json!(rule.level));
                object.insert("name", json!(rule.name));
                objects.put(&object, out)?;
            }
        }
    }
    if let Some(objects) = &mut objects {
        let mut object = report::typed("summary");
        object.insert("rules", json!(all.len()));
        objects.end(&object, out)?;
    }
    Ok(Exit::Clear)
}

fn show(context: &Context, id: &str, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if let Some(source) = check::source_of_house(&context.settings, id)?.or_else(|| check::source(id)) {
        writeln!(out, "# {}:{}\n{}", source.file, source.line, source.text)?;
        return Ok(Exit::Clear);
    }
    let list = context.settings.keyword_list.iter().find(|list| id.strip_prefix("keyword.") == Some(&list.name));
    let row = context.settings.policy.iter().find(|row| id.strip_prefix("policy.") == Some(&row.name));
    match (list, row) {
        (Some(list), _) => writeln!(out, "# a list of the house, level {}\n{}", list.level, list.file.display())?,
        (None, Some(row)) => {
            writeln!(out, "# a row of the policy in the settings, level {}", row.level)?;
            for one in &row.when {
                writeln!(out, "at least {} of {}, {} %", one.at_least, one.rule, one.confidence)?;
            }
        }
        (None, None) => {
            return Err(UsageError(format!("no rule is named {id:?} in a file; `misfile rules list` lists all")).into());
        }
    }
    Ok(Exit::Clear)
}

/// The text is taken for a page without places, as a text file is.
fn test(context: &Context, text: &str, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let text = if text == "-" { std::io::read_to_string(std::io::stdin())? } else { text.to_owned() };
    let classified = Classifier::load(&context.settings)?.classify(&[Page::plain(1, text)], &context.settings.limits);
    let mut objects = context.asked_objects()?;
    for finding in &classified.findings {
        match &mut objects {
            None => {
                writeln!(
                    out,
                    "{}  level {}, {} %  {}",
                    finding.rule, finding.level, finding.confidence, finding.excerpt
                )?;
                for signal in &finding.signals {
                    writeln!(out, "    {:+6.1}  {}", signal.points, signal.name)?;
                }
            }
            Some(objects) => objects.put(&report::finding_object(finding), out)?,
        }
    }
    match &mut objects {
        None if classified.findings.is_empty() => writeln!(out, "nothing is found")?,
        None => {}
        Some(objects) => {
            let mut object = report::typed("summary");
            object.insert("findings", json!(classified.findings.len()));
            object.insert("fault", json!(classified.fault));
            objects.end(&object, out)?;
        }
    }
    let Some(fault) = &classified.fault else { return Ok(Exit::Clear) };
    super::complain(&anyhow::anyhow!("not all of the text was looked at: {fault}"));
    Ok(Exit::Unverified)
}
