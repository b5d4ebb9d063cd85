//! What lies outside of the project: it is named and not read, unless that is allowed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use upbeat::Checked;
use upbeat::finding::Severity;
use upbeat::project::Inputs;
use upbeat::rules::Options;
use upbeat::source::Store;

fn check(files: &[(&str, &str)]) -> Checked {
    let store = Store::memory(files.iter().copied());
    upbeat::check(store, &Inputs::default(), &Options::default())
}

/// The one finding: its place, and what it says.
fn told(checked: &Checked) -> (String, String) {
    assert!(
        checked.project.obstacles.is_empty(),
        "{:?}",
        checked.project.obstacles
    );
    assert_eq!(checked.findings.len(), 1, "{:?}", checked.findings);
    let finding = &checked.findings[0];
    assert_eq!(
        (finding.rule, finding.severity),
        ("unknown-timing", Severity::Info)
    );
    let sources = checked.project.store.sources();
    let place = finding.primary.span;
    let at = sources.start(place);
    let path = sources.get(place.file).path();
    (
        format!("{path}:{}:{} {}", at.line, at.column, sources.text(place)),
        finding.message.clone(),
    )
}

#[test]
fn what_extends_names_outside_is_told_at_its_place() {
    for path in [
        "../base.yml",
        "a/../../base.yml",
        "/etc/base.yml",
        "~/base.yml",
        "./.././../x/base.yml",
    ] {
        let text = format!("services:\n  app:\n    extends: {{file: {path}, service: a}}\n");
        let (place, message) = told(&check(&[
            ("compose.yml", &text),
            ("base.yml", "services: {a: {image: no}}\n"),
        ]));
        assert_eq!(place, format!("compose.yml:3:21 {path}"));
        let expected = format!(
            "`{path}` lies outside the project and is not read: what is extended is unknown"
        );
        assert_eq!(message, expected);
    }
}

#[test]
fn what_include_names_outside_is_told_at_its_place() {
    for (include, written) in [
        ("include: [../inc.yml]\n", "../inc.yml"),
        ("include:\n  - path: /srv/inc.yml\n", "/srv/inc.yml"),
        (
            "include:\n  - path: [inc.yml, ../over.yml]\n",
            "../over.yml",
        ),
    ] {
        let text = format!("{include}services: {{app: {{image: a}}}}\n");
        let checked = check(&[
            ("compose.yml", &text),
            ("inc.yml", "services: {x: {image: x}}\n"),
        ]);
        let (place, message) = told(&checked);
        assert!(place.ends_with(&format!(" {written}")), "{place}");
        let expected = format!(
            "`{written}` lies outside the project and is not read: the services that it includes are unknown"
        );
        assert_eq!(message, expected);
    }
    let text = "include:\n  - path: inc.yml\n    env_file: ../x.env\nservices: {app: {image: a}}\n";
    let (place, message) = told(&check(&[
        ("compose.yml", text),
        ("inc.yml", "services: {x: {image: x}}\n"),
    ]));
    assert_eq!(place, "compose.yml:3:15 ../x.env");
    assert!(
        message.ends_with("the variables that it sets are unknown"),
        "{message}"
    );
    let text = text.replace("env_file: ../x.env", "project_directory: ../..");
    let (_, message) = told(&check(&[
        ("compose.yml", &text),
        ("inc.yml", "services: {x: {image: x}}\n"),
    ]));
    assert!(message.starts_with("`../..` lies outside"), "{message}");
}

#[test]
fn what_stands_on_another_machine_is_named_and_never_fetched() {
    for path in [
        "git@github.com:owner/repo.git",
        "https://github.com/owner/repo.git#main:path",
        "https://example.com/compose.yml",
        "oci://registry.example/app:1",
        "ssh://git@host/repo.git",
    ] {
        let text = format!("include: [\"{path}\"]\nservices: {{app: {{image: a}}}}\n");
        let (place, message) = told(&check(&[("compose.yml", &text)]));
        assert_eq!(place, format!("compose.yml:1:11 \"{path}\""));
        let expected = format!(
            "`{path}` stands on another machine and is never fetched: the services that it includes are unknown"
        );
        assert_eq!(message, expected);
        let text = format!("services: {{app: {{extends: {{file: \"{path}\", service: x}}}}}}\n");
        let (_, message) = told(&check(&[("compose.yml", &text)]));
        assert!(
            message.starts_with(&format!("`{path}` stands on another machine")),
            "{message}"
        );
    }
}

#[test]
fn a_path_that_hangs_on_a_variable_is_told_once() {
    let text = "include: [\"${WHERE}/inc.yml\"]\nservices: {app: {image: a}}\n";
    let (place, message) = told(&check(&[("compose.yml", text)]));
    assert_eq!(place, "compose.yml:1:11 \"${WHERE}/inc.yml\"");
    assert_eq!(
        message,
        "this path hangs on `WHERE`, set nowhere here: the services that it includes are unknown"
    );
    let text = "services:\n  app:\n    extends: {file: \"${WHERE}\", service: app}\n";
    let (_, message) = told(&check(&[("compose.yml", text)]));
    assert_eq!(
        message,
        "this path hangs on `WHERE`, set nowhere here: what is extended is unknown"
    );
}

#[test]
fn what_is_not_read_makes_nobody_sure() {
    // The base may bring the image, the interval, the network: no error hangs on what is not seen.
    let text = "services:\n  app:\n    extends: {file: ../base.yml, service: a}\n    networks: [elsewhere]\n    healthcheck: {test: x, retries: 3, start_period: 10s}\n";
    let inputs = Inputs {
        startups: vec![("app".to_owned(), upbeat::duration::Seconds::new(500))],
        ..Inputs::default()
    };
    let checked = upbeat::check(
        Store::memory([("compose.yml", text)]),
        &inputs,
        &Options::default(),
    );
    let found: Vec<_> = checked
        .findings
        .iter()
        .map(|f| (f.rule, f.severity))
        .collect();
    assert_eq!(
        found,
        [
            ("unknown-timing", Severity::Info),
            ("start-period-below-startup", Severity::Warning)
        ]
    );
    let note = "`../base.yml` could not be read: with it this may look different";
    assert!(
        checked.findings[1].notes.iter().any(|n| n == note),
        "{:?}",
        checked.findings[1].notes
    );
}

#[test]
fn the_values_of_variables_are_no_part_of_what_is_said() {
    let env = "TOKEN=s3cr3t\n";
    let text = "include: [\"https://${TOKEN}@example.com/x.git\"]\nservices: {app: {image: a}}\n";
    let (_, message) = told(&check(&[("compose.yml", text), (".env", env)]));
    assert!(
        message.starts_with("`https://${TOKEN}@example.com/x.git` stands"),
        "{message}"
    );
    let text = "services: {app: {extends: {file: \"/srv/${TOKEN}/x.yml\", service: a}}}\n";
    let (_, message) = told(&check(&[("compose.yml", text), (".env", env)]));
    assert!(
        message.starts_with("`/srv/${TOKEN}/x.yml` lies outside"),
        "{message}"
    );
}

/// A folder with a project in it and files beside.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        Self(folder)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0
            .path()
            .canonicalize()
            .expect("it is there")
            .join(path)
    }

    /// Runs the program in the project: the exit code, and what is printed to where.
    fn run(&self, arguments: &str) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_upbeat"))
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITLAB_CI")
            .current_dir(self.path("project"))
            .args(arguments.split_whitespace())
            .env("HOME", self.path("home"))
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (
            output.status.code().expect("a code"),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

const SLOW: &str = "services:\n  app:\n    image: a\n    healthcheck: {test: x, interval: 10s, retries: 3, start_period: 20s}\n";

#[test]
fn with_allow_outside_all_of_it_is_read() {
    let folder = Folder::new(&[
        ("shared/base.yml", SLOW),
        (
            "shared/more/inc.yml",
            "services: {b: {extends: {file: ../base.yml, service: app}}}\n",
        ),
        ("shared/more/.env", "X=y\n"),
        ("home/own.yml", SLOW),
        (
            "project/compose.yml",
            "include: [../shared/more/inc.yml]\nservices:\n  a: {extends: {file: ../shared/base.yml, service: app}}\n  c: {extends: {file: ~/own.yml, service: app}}\n",
        ),
    ]);
    let slow = "--startup a=200s --startup b=200s --startup c=200s --format short -q";
    let (code, out, err) = folder.run(&format!(". {slow} --allow-outside"));
    assert_eq!(code, 1, "{out}{err}");
    let shared = folder.path("shared/base.yml");
    let shared = shared.display();
    assert!(
        out.contains(&format!(
            "{shared}:4:69: error[start-period-below-startup]: `b` takes 200s"
        )),
        "{out}"
    );
    assert!(out.contains("`c` takes 200s"), "{out}");
    let (_, stacks, err) = folder.run("stacks . --allow-outside");
    assert!(stacks.contains("services   a, b, c"), "{stacks}{err}");
    // Nothing outside is changed.
    let (_, _, err) = folder.run(&format!(". {slow} --allow-outside --fix"));
    assert!(!err.contains("fixed:"), "{err}");
    assert_eq!(
        fs::read_to_string(folder.path("shared/base.yml")).expect("a file"),
        SLOW
    );
    // Without it the same is said to be unknown.
    let (code, out, err) = folder.run(". --format short -q");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(out.matches("info[unknown-timing]").count(), 3, "{out}");
}

#[test]
fn a_file_that_was_given_and_lies_outside_ends_with_2() {
    let folder = Folder::new(&[("other.yml", SLOW), ("project/compose.yml", SLOW)]);
    let absolute = folder.path("other.yml");
    for file in ["../other.yml", &absolute.to_string_lossy()] {
        let (code, out, err) = folder.run(&format!(". -f compose.yml -f {file} --format short"));
        assert_eq!(code, 2, "{out}");
        assert!(
            err.contains("it lies outside the project") && err.contains("--allow-outside"),
            "{err}"
        );
        let allowed = format!(". -f compose.yml -f {file} --allow-outside --format short");
        let (code, out, err) = folder.run(&allowed);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        let (_, out, _) = folder.run(&format!(
            "stacks . -f compose.yml -f {file} --allow-outside"
        ));
        assert!(
            out.contains(&format!("compose.yml + {}", absolute.display())),
            "{out}"
        );
    }
    let (code, _, err) = folder.run(". --env-file ../x.env");
    assert!(code == 2 && err.contains("x.env"), "{err}");
}

#[test]
fn commands_of_workflows_name_files_outside() {
    let workflow = "jobs:\n  d:\n    steps:\n      - run: docker compose --env-file ../x.env -f compose.yml -f ../over.yml up -d\n";
    let folder = Folder::new(&[
        (
            "over.yml",
            "services:\n  app: {healthcheck: {start_period: 90}}\n",
        ),
        ("x.env", "A=1\n"),
        ("project/compose.yml", SLOW),
        ("project/.github/workflows/d.yml", workflow),
    ]);
    let (code, out, err) = folder.run(". --format short -q");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("d.yml:4:67: info[unknown-timing]: `../over.yml` is not in this project"),
        "{out}"
    );
    let (code, out, _) = folder.run(". --format short -q --allow-outside");
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("over.yml:2:37: error[health-field-invalid]"),
        "{out}"
    );
    // An env file alone.
    let alone = workflow.replace(" -f ../over.yml", "");
    fs::write(folder.path("project/.github/workflows/d.yml"), alone).expect("a file");
    let (code, out, _) = folder.run(". --format short -q");
    assert_eq!(code, 0);
    assert!(out.contains("info[unknown-timing]: `../x.env` lies outside the project and is not read: the variables that it sets are unknown"), "{out}");
    assert_eq!(folder.run(". --format short -q --allow-outside").1, "");
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) {
    fs::create_dir_all(at.parent().expect("a folder")).expect("folders");
    std::os::unix::fs::symlink(target, at).expect("a link");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_project_are_not_followed() {
    let bad = "services:\n  app: {image: x, healthcheck: {start_period: 90}}\n";
    let folder = Folder::new(&[
        ("secret.yml", bad),
        ("secret.env", "GRACE=20s\n"),
        ("project/compose.yml", SLOW),
    ]);
    let secret = folder.path("secret.yml");
    let over = folder.path("project/compose.override.yml");
    link(&secret, &over);
    let (code, out, err) = folder.run(". --format short");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("compose.yml:1:1: info[unknown-timing]: `compose.override.yml` lies outside the project and is not read: the stack is judged without it\n"), "{out}");
    assert!(!out.contains("health-field-invalid"), "{out}");
    let (code, out, _) = folder.run(". --format short --allow-outside");
    assert!(
        code == 1 && out.contains("compose.override.yml:2:47: error[health-field-invalid]"),
        "{out}"
    );
    // Given by hand it is an error, and so is a stack of nothing else.
    let (code, _, err) = folder.run(". -f compose.yml -f compose.override.yml");
    assert!(
        code == 2 && err.contains("it lies outside the project"),
        "{err}"
    );
    fs::remove_file(&over).expect("removed");
    fs::remove_file(folder.path("project/compose.yml")).expect("removed");
    link(&secret, &folder.path("project/compose.yml"));
    let (code, _, err) = folder.run(".");
    assert!(
        code == 2 && err.contains("it lies outside the project"),
        "{err}"
    );
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_from_files_either() {
    let main = "include: [inc.yml]\nservices:\n  web:\n    image: a\n    extends: {file: base.yml, service: app}\n    healthcheck: {test: x, start_period: \"${GRACE}\"}\n";
    let folder = Folder::new(&[
        ("secret.yml", SLOW),
        ("secret.env", "GRACE=20s\n"),
        ("project/compose.yml", main),
    ]);
    for name in ["inc.yml", "base.yml"] {
        link(
            &folder.path("secret.yml"),
            &folder.path("project").join(name),
        );
    }
    link(&folder.path("secret.env"), &folder.path("project/.env"));
    let (code, out, err) = folder.run(". --format short -q");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 4, "{out}");
    assert!(lines[0].contains("`.env` lies outside"), "{out}");
    assert!(
        lines[1].starts_with("compose.yml:1:11: info[unknown-timing]: `inc.yml` lies outside"),
        "{out}"
    );
    assert!(
        lines[2].starts_with("compose.yml:5:21: info[unknown-timing]: `base.yml` lies outside"),
        "{out}"
    );
    assert!(lines[3].contains("hangs on `GRACE`"), "{out}");
    let (_, out, err) = folder.run(". --format short -q --allow-outside");
    assert_eq!(out, "", "{err}");
}

#[cfg(unix)]
#[test]
fn a_linked_folder_leads_out_as_well() {
    let main = "include: [sub/inc.yml]\nservices: {app: {image: a}}\n";
    let folder = Folder::new(&[("elsewhere/inc.yml", SLOW), ("project/compose.yml", main)]);
    link(&folder.path("elsewhere"), &folder.path("project/sub"));
    let (code, out, _) = folder.run(". --format short -q");
    assert_eq!(code, 0);
    assert!(
        out.contains("`sub/inc.yml` lies outside the project"),
        "{out}"
    );
}

#[test]
fn config_names_what_it_does_not_fetch() {
    let text = "include: [\"https://example.com/x.git\"]\nservices: {app: {image: a}}\n";
    let folder = Folder::new(&[("project/compose.yml", text), ("base.yml", SLOW)]);
    let (code, out, err) = folder.run("config");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("compose.yml:1:11: `https://example.com/x.git` stands on another"),
        "{err}"
    );
    // It reads wherever docker compose does.
    fs::write(
        folder.path("project/compose.yml"),
        "services: {a: {extends: {file: ../base.yml, service: app}}}\n",
    )
    .expect("a file");
    let (code, out, err) = folder.run("config --format json");
    assert!(
        code == 0 && out.contains("\"start_period\": \"20s\""),
        "{out}{err}"
    );
}
