//! The story's Dockerfile and the forms that others use.

use super::{Image, ImageHealth, read};
use crate::source::{Mapped, Sources};

struct Read {
    sources: Sources,
    image: Image,
}

fn image_with(text: &str, target: Option<&str>, arguments: &[(&str, &str)]) -> Read {
    let mut sources = Sources::default();
    let file = sources.add("Dockerfile", text);
    let arguments: Vec<_> = arguments
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
        .collect();
    let mapped = Mapped::verbatim(file, text, 0);
    let image = read(&mapped, target, &arguments).expect("a Dockerfile");
    Read { sources, image }
}

fn image(text: &str) -> Read {
    image_with(text, None, &[])
}

fn words(command: Option<&super::Command>) -> Vec<&str> {
    let words = command.map(|command| command.words.iter().map(|word| word.text.as_str()));
    words.into_iter().flatten().collect()
}

#[test]
fn exec_and_shell_forms_are_words_with_their_places() {
    let read = image(
        "\u{feff}FROM python:3.13\nENTRYPOINT [\"/srv/start.sh\", \"--fast\"]\nCMD gunicorn app && \\\n  true\n",
    );
    let entrypoint = read.image.entrypoint.as_ref();
    assert_eq!(words(entrypoint), ["/srv/start.sh", "--fast"]);
    let word = &entrypoint.expect("written").words[1];
    assert_eq!(read.sources.text(word.span), "--fast");
    assert!(word.verbatim);
    let command = read.image.command.as_ref();
    assert_eq!(
        words(command),
        ["/bin/sh", "-c", "gunicorn app && \\\n  true"]
    );
    let script = &command.expect("written").words[2];
    assert_eq!(read.sources.text(script.span), script.text);
    assert!(script.verbatim);
    assert_eq!(read.image.base.as_deref(), Some("python:3.13"));
}

#[test]
fn an_entrypoint_takes_away_the_command_of_the_stage_below() {
    let text = "FROM a AS base\nCMD [\"x\"]\nFROM base\nENTRYPOINT [\"y\"]\n";
    assert_eq!(image(text).image.command, None);
    let text = "FROM a AS base\nENTRYPOINT [\"y\"]\nCMD [\"x\"]\nFROM base\n";
    assert_eq!(words(image(text).image.command.as_ref()), ["x"]);
    let text = "FROM a\nCMD [\"x\"]\nENTRYPOINT [\"y\"]\n";
    assert_eq!(words(image(text).image.command.as_ref()), ["x"]);
}

#[test]
fn the_stage_that_is_built_counts() {
    let text = "FROM a AS Dev\nCMD [\"dev\"]\nFROM b AS prod\nCMD [\"prod\"]\n";
    let command = |target| {
        let read = image_with(text, target, &[]);
        words(read.image.command.as_ref()).join(" ")
    };
    assert_eq!(command(None), "prod");
    assert_eq!(command(Some("dev")), "dev");
    assert_eq!(command(Some("0")), "dev");
    let mapped = Mapped::verbatim(Sources::default().add("Dockerfile", text), text, 0);
    let (message, _) = read(&mapped, Some("test"), &[]).expect_err("no such stage");
    assert_eq!(message, "there is no stage `test`");
}

#[test]
fn a_healthcheck_has_numbers_with_places_and_zeros_set_nothing() {
    let read = image(
        "FROM a\nHEALTHCHECK --interval=5s --start-period=1m30s --retries=0 --timeout=0s \\\n  CMD curl -f localhost\n",
    );
    let Some(ImageHealth::Check(check)) = &read.image.health else {
        panic!("a check");
    };
    assert_eq!(check.test, ["CMD-SHELL", "curl -f localhost"]);
    assert_eq!(
        check.interval.map(|n| n.value.to_string()),
        Some("5".into())
    );
    let period = check.start_period.expect("written");
    assert_eq!(period.value.to_string(), "90");
    assert_eq!(read.sources.text(period.span), "1m30s");
    assert_eq!((check.retries, check.timeout), (None, None));
    assert!(read.sources.text(check.span).starts_with("HEALTHCHECK"));
    let read = image("FROM a AS b\nHEALTHCHECK CMD x\nFROM b\nHEALTHCHECK NONE\n");
    assert!(matches!(read.image.health, Some(ImageHealth::None(_))));
    let read = image("FROM a\nHEALTHCHECK CMD [\"x\", \"y\"]\n");
    let Some(ImageHealth::Check(check)) = &read.image.health else {
        panic!("a check");
    };
    assert_eq!(check.test, ["CMD", "x", "y"]);
}

fn origins(text: &str, path: &str) -> Vec<String> {
    image(text).image.origins(path).collect()
}

#[test]
fn a_path_in_the_image_leads_back_to_the_context() {
    let folder = "FROM a\nWORKDIR /srv\nWORKDIR app\nCOPY . .\n";
    assert_eq!(origins(folder, "/srv/app/start.sh"), ["start.sh"]);
    let file = "FROM a\nCOPY docker/start.sh /start.sh\n";
    assert_eq!(origins(file, "/start.sh"), ["docker/start.sh"]);
    let into = "FROM a\nCOPY --chmod=755 docker/start.sh docker/other.sh /usr/local/bin/\n";
    let found = origins(into, "/usr/local/bin/start.sh");
    assert!(found.contains(&"docker/start.sh".to_owned()), "{found:?}");
    let pattern = "FROM a\nCOPY docker/*.sh /usr/local/bin/\n";
    assert_eq!(origins(pattern, "/usr/local/bin/a.sh"), ["docker/a.sh"]);
    assert!(origins(pattern, "/usr/local/bin/a.py").is_empty());
    let other = "FROM a\nCOPY --from=b /start.sh /start.sh\n";
    assert!(origins(other, "/start.sh").is_empty());
    let root = "FROM a\nCOPY start.sh /\n";
    assert!(origins(root, "/start.sh").contains(&"start.sh".to_owned()));
}

#[test]
fn variables_of_the_build_are_put_in_and_unknown_ones_are_not_guessed() {
    let text = "ARG TAG=3\nFROM python:$TAG\nARG HOME=/srv\nENV APP=${HOME}/app X=1\nWORKDIR $APP\nCOPY start.sh ${APP}/\n";
    let read = image(text);
    assert_eq!(read.image.base.as_deref(), Some("python:3"));
    assert_eq!(read.image.folder.as_deref(), Some("/srv/app"));
    let other = image_with(text, None, &[("HOME", "/opt"), ("TAG", "4")]);
    assert_eq!(other.image.base.as_deref(), Some("python:4"));
    assert_eq!(other.image.folder.as_deref(), Some("/opt/app"));
    assert_eq!(other.image.copies[0].to, "/opt/app");
    let unknown = image("FROM a\nWORKDIR $FROM_BASE\nCOPY . .\n");
    assert_eq!(unknown.image.folder, None);
    assert!(unknown.image.copies.is_empty());
    let spaced = image("FROM a\nENV KEY two words\nENV A=\"b c\" D=e\n");
    let held: Vec<_> = spaced.image.environment;
    let text = |value: &str| Some(value.to_owned());
    assert_eq!(
        held,
        [
            ("KEY".to_owned(), text("two words")),
            ("A".to_owned(), text("b c")),
            ("D".to_owned(), text("e"))
        ]
    );
}

#[test]
fn what_is_no_dockerfile_is_one_sentence_with_its_line() {
    let text = "FROM a\nRUN x\nNONSENSE y\n";
    let mut sources = Sources::default();
    let file = sources.add("Dockerfile", text);
    let (message, span) = read(&Mapped::verbatim(file, text, 0), None, &[]).expect_err("refused");
    assert!(!message.is_empty());
    assert_eq!(sources.start(span).line, 3);
}
