//! `upbeat completions` and `upbeat man`: what shells and `man` want to know, made from the arguments themselves.

use super::CLEAN;
use super::arguments::{Arguments, Completions, Man};
use super::error::{Error, no_output};
use clap::CommandFactory;
use std::io::{self, Write as _};

/// Prints the completions of a shell.
pub(super) fn completions(completions: &Completions) -> Result<u8, Error> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(completions.shell, &mut command, "upbeat", &mut script);
    print(&script)
}

/// Prints the manual's page, or writes the pages of all subcommands.
pub(super) fn man(man: &Man) -> Result<u8, Error> {
    // `help` needs no page.
    let command = Arguments::command().disable_help_subcommand(true);
    if let Some(folder) = &man.dir {
        return match clap_mangen::generate_to(command, folder) {
            Ok(()) => Ok(CLEAN),
            Err(error) => Err(Error::usage(
                format!("{}: cannot be written: {error}", folder.display()),
                "name a folder that is there",
            )),
        };
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|error| no_output(&error))?;
    print(&page)
}

fn print(text: &[u8]) -> Result<u8, Error> {
    let written = io::stdout().write_all(text);
    written.map_err(|error| no_output(&error))?;
    Ok(CLEAN)
}
