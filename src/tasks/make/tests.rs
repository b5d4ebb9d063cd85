use super::super::{Exported, Task};
use super::{Makefile, read};
use crate::shell::{self, ComposeCommand, Environment};
use crate::source::{FileId, SourceFile, Sources, paths};
use std::sync::Arc;

/// Makefiles by their paths; the first is read.
struct Read {
    sources: Sources,
    makefile: Makefile,
}

fn make(files: &[(&str, &str)]) -> Read {
    let mut sources = Sources::default();
    let ids: Vec<FileId> = files
        .iter()
        .map(|(path, text)| sources.add(*path, *text))
        .collect();
    let opened: Vec<(String, FileId, Arc<SourceFile>)> = ids
        .iter()
        .zip(files)
        .map(|(id, (path, _))| ((*path).to_owned(), *id, sources.share(*id)))
        .collect();
    let mut open = |path: &str| {
        let found = opened.iter().find(|(other, _, _)| other == path)?;
        Some((found.1, Arc::clone(&found.2)))
    };
    let source = sources.share(ids[0]);
    let folder = Some(paths::parent(files[0].0));
    let makefile = read(ids[0], &source, folder, "", &mut open);
    Read { sources, makefile }
}

fn make_file(text: &str) -> Read {
    make(&[("Makefile", text)])
}

impl Read {
    fn task(&self, name: &str) -> &Task {
        let found = self.makefile.tasks.iter().find(|task| task.name == name);
        found.unwrap_or_else(|| panic!("{name}: {:?}", self.makefile.tasks))
    }

    /// The lines of a recipe as the shell gets them.
    fn lines(&self, name: &str) -> Vec<&str> {
        self.task(name)
            .scripts
            .iter()
            .map(|script| script.text.text())
            .collect()
    }

    fn commands(&self, name: &str) -> Vec<ComposeCommand> {
        let scripts = self.task(name).scripts.iter();
        let readings = scripts.map(|s| shell::read(&s.text, &Environment::new(), s.dialect));
        readings
            .flat_map(|reading| reading.compose_commands().cloned().collect::<Vec<_>>())
            .collect()
    }
}

/// The one line of the target `up`.
fn up(text: &str) -> String {
    let read = make_file(text);
    let lines = read.lines("up");
    assert_eq!(lines.len(), 1, "{text}");
    lines[0].to_owned()
}

#[test]
fn variables_are_filled_in_as_make_does() {
    for (before, line, expected) in [
        ("C = docker compose", "$(C) up", "docker compose up"),
        ("C := docker compose", "${C} up", "docker compose up"),
        ("C ::= a", "$C up", "a up"),
        ("C ?= a", "$(C)", "a"),
        ("C = a\nC ?= b", "$(C)", "a"),
        ("C = a\nC += b", "$(C)", "a b"),
        ("C += b", "$(C)", "b"),
        ("A = $(B)\nB = late", "$(A)", "late"),
        ("A := $(B)\nB = late", "x$(A)y", "xy"),
        ("C = a   # a comment", "$(C).", "a."),
        ("C = a \\\n    b", "$(C)", "a b"),
        ("override C = a", "$(C)", "a"),
        ("export C = a", "$(C)", "a"),
        ("E = p\nC_p = yes", "$(C_$(E))", "yes"),
        (
            "F = a.yml b.yml",
            "c $(addprefix -f ,$(F))",
            "c -f a.yml -f b.yml",
        ),
        (
            "F = a b",
            "c $(foreach f,$(F),-f $(f).yml)",
            "c -f a.yml -f b.yml",
        ),
        ("F = a b", "c $(F:%=-f %.yml)", "c -f a.yml -f b.yml"),
        ("F = a.yml b.yml", "$(F:.yml=.yaml)", "a.yaml b.yaml"),
        (
            "F = a b",
            "c $(patsubst %,-f %.yml,$(F))",
            "c -f a.yml -f b.yml",
        ),
        ("", "$(if $(X),yes,no) $(or $(X),b)", "no b"),
        (
            "define run\ndocker $(1)\nendef",
            "$(call run,ps)",
            "docker ps",
        ),
        ("", "echo $$HOME $$$$", "echo $HOME $$"),
        ("", "$(MAKE) -C sub", "make -C sub"),
        ("Q = @", "$(Q)docker ps", "docker ps"),
        ("", "@-docker ps", "docker ps"),
        ("", "echo $@", "echo up"),
        ("SHELL := /bin/bash", "a#b", "a#b"),
    ] {
        assert_eq!(
            up(&format!("{before}\nup:\n\t{line}\n")),
            expected,
            "{before}\n{line}"
        );
    }
}

/// Where GNU make is here, it says the same.
#[test]
fn make_itself_agrees() {
    let text = "\
E ?= dev
FILES = base.yml
ifeq ($(E),dev)
FILES += dev.yml
else
FILES += other.yml
endif
ifdef CI
FILES += ci.yml
endif
C := docker compose $(addprefix -f ,$(FILES))
LIST = $(foreach f,$(FILES),--env-file $(f:.yml=.env))
define run
$(C) run $(1) --rm $(2)
endef
.PHONY: up down
up: X = own
up: build
\t@$(C) up -d $(X) $@ # $$HOME
\t-echo $(strip  a   b ) $(dir a/b c) $(notdir a/b) $(lastword $(FILES)) $(firstword $(FILES))
\t$(call run,web,$(X)) $(if $(NONE),yes,no) $(or ,$(E)) $(subst a,b,aa) $(patsubst %.yml,%,$(FILES))
build: ; echo $(LIST)
";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("Makefile"), text).expect("a file");
    let mut make = std::process::Command::new("make");
    make.args(["-n", "up"])
        .current_dir(folder.path())
        .env_clear();
    make.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let Ok(output) = make.output() else {
        println!("skipped: no make here");
        return;
    };
    let read = make_file(text);
    let lines = [read.lines("build"), read.lines("up")].concat();
    let ours: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(ours.concat(), String::from_utf8_lossy(&output.stdout));
}

#[test]
fn what_only_a_run_tells_is_an_expression() {
    for line in [
        "$(shell ls)",
        "$(wildcard *.yml)",
        "$<",
        "$*",
        "$(HOME)",
        "$(L)",
        "$(call f",
        "$(V)",
    ] {
        let before = "L = $(L)\nV != ls\n";
        let text = up(&format!("{before}up:\n\tx {line} y\n"));
        if line == "$(call f" {
            assert_eq!(text, "x $(call f y");
        } else {
            assert_eq!(text, "x ${{ unknown }} y", "{line}");
        }
    }
    // What is not there may set it.
    assert_eq!(up("-include .env\nup:\n\tx $(C) y\n"), "x ${{ unknown }} y");
}

#[test]
fn conditions_are_followed_where_they_are_known() {
    let choose = |condition: &str| {
        up(&format!(
            "E ?= dev\nS := $(shell uname)\n{condition}\nF = yes\nelse\nF = no\nendif\nup:\n\t$(F)\n"
        ))
    };
    for (condition, expected) in [
        ("ifeq ($(E),dev)", "yes"),
        ("ifeq ($(E), prod)", "no"),
        ("ifeq \"$(E)\" 'dev'", "yes"),
        ("ifneq ($(strip $(E)),)", "yes"),
        ("ifneq (,$(filter x,$(S)))", "${{ unknown }}"),
        ("ifdef E", "yes"),
        ("ifdef CI", "no"),
        ("ifndef CI", "yes"),
        ("ifdef S", "${{ unknown }}"),
        ("ifeq ($(S),Darwin)", "${{ unknown }}"),
        ("ifeq ($(E),a)\nF = a\nelse ifeq ($(E),dev)", "yes"),
        ("ifeq ($(E),dev)\nF = a\nelse ifeq ($(E),dev)", "a"),
        ("ifeq ($(E),a)\nF = a\nelse ifeq ($(E),b)", "no"),
    ] {
        assert_eq!(choose(condition), expected, "{condition}");
    }
    let nested = "ifdef A\nifdef B\nF = x\nelse\nF = y\nendif\nelse\nF = z\nendif\nup:\n\t$(F)\n";
    assert_eq!(up(nested), "z");
    // More files under a condition that is not known: which there are is not known either.
    let more = "F = -f a\nifeq ($(shell x),y)\nF += -f b\nendif\nup:\n\tc $(F) up\n";
    assert_eq!(up(more), "c ${{ unknown }} up");
}

#[test]
fn recipes_are_told_from_everything_else() {
    let text = "\
.PHONY: up down
up: build   ## Start
\tone
# a comment
\ttwo \\
\t\tthree

ifdef NEVER
\tskipped
endif
\tfour
X = 1
\tY = 2
down stop:; five
build: | dir
dir: ; @six
a%: b%
\t$* $@
s: a: b
\tseven
";
    let read = make_file(text);
    assert_eq!(read.lines("up"), ["one", "two \\\n\tthree", "four"]);
    assert_eq!(read.lines("down"), ["five"]);
    assert_eq!(read.lines("dir"), ["six"]);
    assert_eq!(read.lines("s"), ["seven"]);
    assert_eq!(read.lines("a%"), ["${{ unknown }} ${{ unknown }}"]);
    let names: Vec<_> = read
        .makefile
        .tasks
        .iter()
        .map(|task| task.name.as_str())
        .collect();
    assert_eq!(names, ["up", "down", "dir", "a%", "s"]);
}

#[test]
fn targets_have_variables_of_their_own() {
    let text = "F = -f base.yml\nprod: F += -f prod.yml\nprod: up\nup dev:\n\tc $(F) $@\ndev: F = -f dev.yml\n";
    let read = make_file(text);
    assert_eq!(read.lines("up"), ["c -f base.yml up"]);
    assert_eq!(read.lines("dev"), ["c -f dev.yml dev"]);
    assert_eq!(read.lines("prod"), ["c -f base.yml -f prod.yml up"]);
}

#[test]
fn exported_variables_come_with_their_places() {
    let text = "export COMPOSE_FILE := a.yml:b.yml\nN = x\nexport N M\nT = 1\nup: export E = $(N)\nup:\n\tdocker compose up\n";
    let read = make_file(text);
    let exported: Vec<(&str, Option<&str>, &str)> = read
        .task("up")
        .exported
        .iter()
        .map(|Exported { name, value, span }| {
            (name.as_str(), value.as_deref(), read.sources.text(*span))
        })
        .collect();
    assert_eq!(
        exported,
        [
            ("COMPOSE_FILE", Some("a.yml:b.yml"), "a.yml:b.yml"),
            ("E", Some("x"), "$(N)"),
            ("N", Some("x"), "x")
        ]
    );
    let all = make(&[("Makefile", "A = 1\nB != ls\nexport\nup:\n\tx\n")]);
    let names: Vec<_> = all
        .task("up")
        .exported
        .iter()
        .map(|e| (e.name.as_str(), e.value.as_deref()))
        .collect();
    assert_eq!(names, [("A", Some("1")), ("B", None)]);
}

#[test]
fn included_files_are_read_in_place() {
    let read = make(&[
        (
            "sub/Makefile",
            "include mk/docker.mk\nup:\n\t$(C) up\n-include $(CURDIR)/local.mk\n",
        ),
        (
            "sub/mk/docker.mk",
            "C = docker compose -f a.yml\ndown:\n\t$(C) down\ninclude ../sub/mk/docker.mk\n",
        ),
        ("sub/local.mk", "C += -f b.yml\n"),
    ]);
    assert_eq!(read.lines("up"), ["docker compose -f a.yml -f b.yml up"]);
    assert_eq!(read.makefile.included, ["sub/mk/docker.mk", "sub/local.mk"]);
    let down = &read.task("down").scripts[0].text;
    let span = down.span(0..down.text().len());
    assert_eq!(read.sources.get(span.file).path(), "sub/mk/docker.mk");
    assert_eq!(read.task("down").folder.as_deref(), Some("sub"));
}

#[test]
fn commands_lead_back_to_their_bytes() {
    let text = "\u{feff}COMPOSE = docker compose -f a.yml -f b.yml\r\nup:\r\n\t@cd x && $(COMPOSE) \\\r\n\t  up -d web\r\n\techo; docker compose -f $(CURDIR)/c.yml up\r\n";
    let read = make(&[("app/Makefile", text)]);
    let commands = read.commands("up");
    let places: Vec<_> = commands.iter().map(|c| read.sources.text(c.span)).collect();
    assert_eq!(
        places,
        [
            "$(COMPOSE) \\\r\n\t  up -d web",
            "docker compose -f $(CURDIR)/c.yml up"
        ]
    );
    let files: Vec<_> = commands
        .iter()
        .flat_map(|c| &c.files)
        .map(|f| f.text.clone().unwrap())
        .collect();
    assert_eq!(files[..2], ["a.yml", "b.yml"]);
    assert_eq!(shell::in_project(&files[2]), Some("app/c.yml"));
    assert_eq!(read.sources.text(commands[0].files[1].span), "$(COMPOSE)");
    assert_eq!(read.sources.text(commands[0].services[0].span), "web");
    assert_eq!(read.sources.start(commands[0].span).line, 3);
}

#[test]
fn a_shell_for_the_whole_recipe() {
    let text = ".ONESHELL:\nSHELL = bash\nup:\n\tcd a\n\t-docker compose up\n";
    let read = make_file(text);
    assert_eq!(read.lines("up"), ["cd a\n-docker compose up\n"]);
    let two = make(&[("Makefile", "up:\n\t-cd a\n\tdocker compose up\n")]);
    let tolerated: Vec<_> = two.task("up").scripts.iter().map(|s| s.tolerated).collect();
    assert_eq!(tolerated, [true, false]);
}

#[test]
fn the_place_of_the_makefile_is_known() {
    let root = "ROOT := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))\nup:\n\tdocker compose -f $(ROOT)a.yml -f $(abspath b.yml) -f $(shell pwd)/c.yml up\n";
    let read = make(&[("app/Makefile", root)]);
    let files = read.commands("up")[0].files.clone();
    let files: Vec<_> = files
        .iter()
        .map(|f| shell::in_project(f.text.as_deref()?))
        .collect();
    assert_eq!(
        files,
        [Some("app/a.yml"), Some("app/b.yml"), Some("app/c.yml")]
    );
}

#[test]
fn hostile_makefiles_end() {
    let doubling: Vec<String> = (0..60)
        .map(|n| format!("A{} = $(A{n})$(A{n})\n", n + 1))
        .collect();
    let doubling = doubling.concat();
    let text = format!("A0 = x\n{doubling}up:\n\t$(A60)\n");
    assert!(up(&text).contains("unknown"));
    for text in [
        "$(",
        "a:\n\t$(",
        "define x\n",
        "ifeq (",
        "ifeq\nelse\nendif\nendif\n",
        "=\n",
        ":\n\tx\n",
        "a: b: c: = d\n",
        "export\n\n",
        "\t\tx",
        "include",
        "a\\",
        "a:\n\tb\\",
        "$(foreach)",
        "$(call)\n",
        "x = $(patsubst %)\nup:\n\t$(x)",
    ] {
        make_file(text);
    }
    let deep = format!("up:\n\t{}x{}\n", "$(if a,".repeat(5000), ")".repeat(5000));
    make(&[("Makefile", &deep)]);
    let rules = "a b c d: a b c d\n\t$@\n".repeat(2000);
    make(&[("Makefile", &format!("a: X = 1\n{rules}"))]);
}

#[test]
fn every_beginning_of_a_makefile_is_read() {
    let text = "é := ü # ß\r\nA ?= $(if $(é),-f é.yml,${B:%.a=%.ö})\nifeq ($(A),\"é\")\nB += x\nelse ifdef é\nB = y\nendif\ndefine D =\n\té $(1)\nendef\nexport é A\nup é: X := ü\nup é: \\\n  b ; @-$(call D,é) \\\n\té\n\t$(foreach f,a é,-f $(f)) $$é $é $(A\n-include é.mk\n";
    for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        make_file(&text[..end]);
        make_file(&text[end..]);
    }
}
