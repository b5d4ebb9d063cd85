use super::super::Task;
use super::read;
use crate::shell::{self, Environment};
use crate::source::Sources;

struct Read {
    sources: Sources,
    tasks: Vec<Task>,
}

fn just(text: &str) -> Read {
    let mut sources = Sources::default();
    let file = sources.add("app/justfile", text);
    let tasks = read(file, sources.get(file));
    Read { sources, tasks }
}

impl Read {
    fn task(&self, name: &str) -> &Task {
        let found = self.tasks.iter().find(|task| task.name == name);
        found.unwrap_or_else(|| panic!("{name}: {:?}", self.tasks))
    }

    fn lines(&self, name: &str) -> Vec<&str> {
        self.task(name)
            .scripts
            .iter()
            .map(|script| script.text.text())
            .collect()
    }
}

#[test]
fn expressions_are_filled_in() {
    for (before, inside, expected) in [
        ("f := \"a.yml\"", "f", "a.yml"),
        ("f := 'a\\n'", "f", "a\\n"),
        ("f := \"a\\tb\"", "f", "a\tb"),
        ("f := '''a.yml'''", " f ", "a.yml"),
        ("f := '''\na\nb'''", "f", "\na\nb"),
        ("d := 'x'\nf := d / 'a' + \".yml\"", "f", "x/a.yml"),
        ("f := g + '.yml'\ng := 'late'", "f", "late.yml"),
        ("f := env_var_or_default('F', \"d.yml\")", "f", "d.yml"),
        ("f := env('F', 'd.yml') # why", "f", "d.yml"),
        ("e := 'prod'", "if e == \"prod\" { 'a' } else { 'b' }", "a"),
        (
            "e := 'dev'",
            "if e == 'prod' { 'a' } else if e != 'x' { 'b' } else { 'c' }",
            "b",
        ),
        ("", "('a' + ('b'))", "ab"),
        ("", "join('a', 'b')", "a/b"),
        ("export f := 'a'", "f", "a"),
        ("f := `ls`", "f", "${{ unknown }}"),
        ("f := x'~/a'", "f", "${{ unknown }}"),
        ("f := f", "f", "${{ unknown }}"),
        ("", "nowhere", "${{ unknown }}"),
        ("", "env('F')", "${{ unknown }}"),
        ("", "os()", "${{ unknown }}"),
        (
            "e := env('E')",
            "if e == 'a' { 'b' } else { 'c' }",
            "${{ unknown }}",
        ),
        ("e := env('E')", "if e == 'a' { 'b' } else { 'b' }", "b"),
    ] {
        let read = just(&format!("{before}\n\nup:\n    x {{{{{inside}}}}} y\n"));
        assert_eq!(
            read.lines("up"),
            [format!("x {expected} y")],
            "{before} {inside}"
        );
    }
    let read = just("up:\n  echo {{{{x}} $HOME $$ {{\n");
    assert_eq!(read.lines("up"), ["echo {{x}} $HOME $$ {{"]);
}

#[test]
fn parameters_have_their_defaults() {
    let text = "f := 'base'\nup env='dev' $file=(f + '.yml') who *rest:\n  c {{env}} {{file}} {{who}} {{rest}}|\nrun +args: (up 'x')\n  c {{args}}\n";
    let read = just(text);
    assert_eq!(read.lines("up"), ["c dev base.yml ${{ unknown }} |"]);
    assert_eq!(read.lines("run"), ["c ${{ unknown }}"]);
}

#[test]
fn recipes_are_told_from_everything_else() {
    let text = "\
set shell := ['bash', '-cu']
set export
alias u := up
import 'x.just'
# a comment
[private]
@up: down && after
    @-one
    two \\
      three

    four
[windows]
win:
  no
down:; 
whole:
    #!/usr/bin/env bash
    set -e
    cat <<EOF
      x
    EOF
python:
    #!/usr/bin/env python3
    print('docker compose up')
";
    let read = just(text);
    assert_eq!(read.lines("up"), ["one", "two \\\n      three", "", "four"]);
    assert!(read.task("up").scripts[0].tolerated && !read.task("up").scripts[1].tolerated);
    assert_eq!(read.task("up").scripts[0].dialect, shell::Dialect::Bash);
    assert_eq!(
        read.lines("whole"),
        ["#!/usr/bin/env bash\nset -e\ncat <<EOF\n  x\nEOF\n"]
    );
    assert!(read.task("python").scripts.is_empty());
    let names: Vec<_> = read.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["up", "down", "whole", "python"]);
    let other = just("set shell := ['powershell.exe', '-Command']\nup:\n  docker compose up\n");
    assert!(other.task("up").scripts.is_empty());
}

#[test]
fn folders_are_where_recipes_run() {
    let folder = |text: &str| just(text).task("up").folder.clone();
    assert_eq!(folder("up:\n  x\n").as_deref(), Some("app"));
    assert_eq!(
        folder("set working-directory := '../b'\nup:\n  x\n").as_deref(),
        Some("b")
    );
    assert_eq!(
        folder("[working-directory: 'c']\nup:\n  x\n").as_deref(),
        Some("app/c")
    );
    assert_eq!(folder("[no-cd]\nup:\n  x\n"), None);
    let read = just("up:\n  c {{justfile_directory()}}/a.yml\n");
    let line = read.lines("up")[0].trim_start_matches("c ");
    assert_eq!(shell::in_project(line), Some("app/a.yml"));
}

#[test]
fn exported_variables_come_with_their_places() {
    let read =
        just("export COMPOSE_FILE := \"a.yml\" + \":b.yml\"\nn := 'x'\nup:\n  docker compose up\n");
    let exported = &read.task("up").exported;
    assert_eq!(exported.len(), 1);
    assert_eq!(exported[0].value.as_deref(), Some("a.yml:b.yml"));
    assert_eq!(
        read.sources.text(exported[0].span),
        "\"a.yml\" + \":b.yml\""
    );
}

#[test]
fn commands_lead_back_to_their_bytes() {
    let text = "dc := 'docker compose -f a.yml'\r\nup:\r\n    @{{dc}} -f {{'b.yml'}} up \\\r\n      -d\r\n";
    let read = just(text);
    let script = &read.task("up").scripts[0];
    let reading = shell::read(&script.text, &Environment::new(), script.dialect);
    let command = reading.compose_commands().next().expect("one");
    assert_eq!(
        read.sources.text(command.span),
        "{{dc}} -f {{'b.yml'}} up \\\r\n      -d"
    );
    let files: Vec<_> = command
        .files
        .iter()
        .map(|file| (file.text.as_deref(), read.sources.text(file.span)))
        .collect();
    assert_eq!(
        files,
        [(Some("a.yml"), "{{dc}}"), (Some("b.yml"), "{{'b.yml'}}")]
    );
}

#[test]
fn hostile_justfiles_end() {
    let deep = format!("f := {}\nup:\n  {{{{f}}}}\n", "(".repeat(10_000));
    let choices = format!("up:\n  {{{{{}}}}}\n", "if ".repeat(10_000));
    let doubling: Vec<String> = (0..15)
        .map(|n| format!("a{} := a{n} + a{n}\n", n + 1))
        .collect();
    let doubling = doubling.concat();
    let doubling = format!("a0 := 'xxxxxxxxxxxxxxxx'\n{doubling}up:\n  {{{{a15}}}}\n");
    for text in [
        deep.as_str(),
        choices.as_str(),
        doubling.as_str(),
        "up a='",
        "f := \"",
        "f := \"\\",
        "up:\n {{",
        "[",
        "up x=:\n y",
        ":=",
        "up *:\n x",
    ] {
        just(text);
    }
}

#[test]
fn every_beginning_of_a_justfile_is_read() {
    let text = "set shell := ['bash', \"é\"]\r\né := \"ü\\t\" + 'ß' / env('É', \"é\") # é\nexport b := if é == \"ü\" { `é` } else { x'~/é' }\n[no-cd]\n@up é *ü='ß' $x=(é + 'a'): (b 'é')\n  @-é {{é}} {{{{ {{ü + \"}}\"}} \\\n   é\n  #!é\nwhole:\n  #!/bin/sh é\n    é {{\n";
    for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        just(&text[..end]);
        just(&text[end..]);
    }
}
