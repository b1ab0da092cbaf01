//! A call that cannot be read: one sentence with what there is and the nearest of it.
//!
//! In: clap's error. Out: help and version on standard output, mistakes on standard error.

use std::process::ExitCode;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{CliArguments, failure, output};
use crate::project::read::nearest;

/// Prints what clap has to say.
pub(super) fn print(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        output::print(error.render().to_string().trim_end());
        return ExitCode::SUCCESS;
    }
    match sentence(error) {
        Some(sentence) => output::error(&format!("error: {sentence}")),
        None => output::error(error.render().to_string().trim_end()),
    }
    ExitCode::from(failure::SETTINGS)
}

/// What is said of a command or a flag that is not there; `None` where clap says enough.
fn sentence(error: &clap::Error) -> Option<String> {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(name)) => Some(name.as_str()),
        _ => None,
    };
    let (called, command) = called();
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = named(ContextKind::InvalidSubcommand)?;
            let known =
                command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help");
            let known: Vec<&str> = known.map(clap::Command::get_name).collect();
            Some(no("command", &format!("{called} {name}"), name, &known))
        }
        ErrorKind::UnknownArgument => {
            let name = named(ContextKind::InvalidArg)?;
            let typed = name.split('=').next().unwrap_or(name);
            let known = command.get_arguments().filter(|it| !it.is_hide_set());
            let known: Vec<String> =
                known.filter_map(clap::Arg::get_long).map(|it| format!("--{it}")).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let is_flag = typed.starts_with("--");
            is_flag.then(|| no("flag", &format!("{called} {typed}"), typed, &known))
        }
        _ => None,
    }
}

/// There is no such thing: which there are, and the nearest.
fn no(what: &str, typed: &str, name: &str, known: &[&str]) -> String {
    let near = match nearest(name, known.iter().copied()) {
        // Two letters the wrong way round in a short word: too far for the likeness of names.
        near if near.is_empty() => {
            let is_near = |it: &&&str| strsim::osa_distance(name, it) == 1;
            let near = known.iter().find(is_near);
            near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
        }
        near => near,
    };
    format!("there is no {what} `{typed}`: {}{near}", known.join(", "))
}

/// The command that was called, as far as its names are right: how it is called, and what it takes.
fn called() -> (String, clap::Command) {
    let mut command = CliArguments::command();
    command.build();
    let mut name = command.get_name().to_owned();
    let mut is_value = false;
    for typed in std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()) {
        if !is_value && let Some(inner) = command.find_subcommand(&typed) {
            name = format!("{name} {typed}");
            command = inner.clone();
        }
        // `--project run` names a folder.
        let flag = typed.strip_prefix("--").unwrap_or_default();
        let taken = command.get_arguments().find(|it| it.get_long() == Some(flag));
        is_value = taken.is_some_and(|it| it.get_action().takes_values());
    }
    (name, command)
}
