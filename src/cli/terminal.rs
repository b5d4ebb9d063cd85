//! What text for people needs: how wide it may be, colours, and lines that fit.

pub(super) use crate::report::wrap;

use super::Colour;
use crate::report::Links;
use std::io::{IsTerminal, stdout};
use std::path::Path;

/// No line is longer, however wide the terminal: long lines are hard to read.
const WIDEST: usize = 100;
/// What a narrow terminal is taken for at least.
const NARROWEST: usize = 40;

/// How wide text on standard output may be. What is piped gets lines of the widest kind, the same everywhere.
pub(super) fn width() -> usize {
    if stdout().is_terminal() {
        width_of_screen()
    } else {
        WIDEST
    }
}

/// How wide text on the terminal may be.
pub(super) fn width_of_screen() -> usize {
    let (columns, _) = terminal_size::terminal_size().map_or((WIDEST, 0), |(width, height)| {
        (usize::from(width.0), height.0)
    });
    columns.clamp(NARROWEST, WIDEST)
}

/// Whether standard output is a screen that obeys.
pub(super) fn is_screen() -> bool {
    stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Where links lead, if the terminal follows them.
pub(super) fn links(colour: Colour, is_terminal: bool, root: &Path) -> Option<Links> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if colour == Colour::Never || !is_terminal || !follows_links(variable) {
        return None;
    }
    let root = root.canonicalize().ok()?;
    let links = Links::new(root, host(), env!("CARGO_PKG_REPOSITORY"));
    Some(if is_kitty(variable) {
        links.with_lines()
    } else {
        links
    })
}

/// This host's name, by which a terminal on another one knows that the files are not its own. Where it is not known, it is left out.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// Whether a terminal with these variables follows links, as far as is known. Those which find `file:line:column` by themselves, such as
/// that of Visual Studio Code, do it better without.
fn follows_links(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is = |name: &str, values: &[&str]| {
        variable(name).is_some_and(|value| values.contains(&value.as_str()))
    };
    let is_from = |name: &str, first: u32| {
        let version = variable(name).and_then(|value| value.parse::<u32>().ok());
        version.is_some_and(|version| version >= first)
    };
    let has = |name: &str| variable(name).is_some();
    if is("TERM", &["dumb"]) || has("CI") && !is("CI", &["false", "0"]) {
        return false;
    }
    if let Some(force) = variable("FORCE_HYPERLINK") {
        return force != "0";
    }
    // These pass on what they understand, and say nothing of the terminal that they run in.
    if has("TMUX") || has("STY") {
        return false;
    }
    is("TERM_PROGRAM", &["iTerm.app", "WezTerm", "ghostty", "Hyper", "rio"])
        || is("TERM", &["alacritty", "foot", "foot-extra", "xterm-ghostty"])
        || is_kitty(&variable)
        || has("WT_SESSION")
        // 0.50.0 crashed on them.
        || is_from("VTE_VERSION", 5001)
        || is_from("KONSOLE_VERSION", 201_200)
}

fn is_kitty(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("KITTY_WINDOW_ID").is_some()
        || variable("TERM").is_some_and(|term| term == "xterm-kitty")
}

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    pub(super) on: bool,
}

impl Paint {
    fn with(self, codes: &str, text: &str) -> String {
        if self.on {
            format!("\x1b[{codes}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What is typed: commands and code.
    pub(super) fn code(self, text: &str) -> String {
        self.with("36", text)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(super) fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_only_where_they_are_followed() {
        let cases: [(&[(&str, &str)], bool); 16] = [
            (&[], false),
            (&[("TERM", "xterm-256color")], false),
            (&[("TERM_PROGRAM", "WezTerm")], true),
            (&[("TERM_PROGRAM", "Apple_Terminal")], false),
            (&[("TERM_PROGRAM", "vscode")], false),
            (&[("TERM", "xterm-kitty")], true),
            (&[("KITTY_WINDOW_ID", "1")], true),
            (&[("WT_SESSION", "0-1")], true),
            (&[("VTE_VERSION", "5000")], false),
            (&[("VTE_VERSION", "7600")], true),
            (&[("VTE_VERSION", "7600"), ("TMUX", "/tmp/x")], false),
            (&[("VTE_VERSION", "7600"), ("CI", "true")], false),
            (&[("VTE_VERSION", "7600"), ("TERM", "dumb")], false),
            (&[("VTE_VERSION", "7600"), ("FORCE_HYPERLINK", "0")], false),
            (&[("FORCE_HYPERLINK", "1"), ("TMUX", "/tmp/x")], true),
            (&[("FORCE_HYPERLINK", "1"), ("CI", "1")], false),
        ];
        for (variables, follows) in cases {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(follows_links(variable), follows, "{variables:?}");
        }
    }

    #[test]
    fn paint_only_when_it_is_on() {
        assert_eq!(Paint { on: false }.bold("x"), "x");
        assert_eq!(Paint { on: true }.bold("x"), "\x1b[1mx\x1b[0m");
    }
}
