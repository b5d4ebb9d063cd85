//! A stack is read a service at a time where its files allow it, and as a whole where they do not: both come to the same.
//!
//! A tag on `services` means nothing to Docker, but lets a file be read as a whole.

mod common;

use std::path::Path;
use upbeat::project::{Inputs, Project};
use upbeat::rules::Options;
use upbeat::source::{FileKind, Store};

type Files = Vec<(String, String)>;

/// The files with a tag on `services`, and whether there was a place for one.
fn tagged(files: &Files) -> Option<Files> {
    let tag = |text: &str| -> String {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let lines = lines.iter().enumerate().map(|(at, line)| {
            let inside = lines.get(at + 1).is_some_and(|next| next.starts_with(' '));
            let in_braces = line.starts_with("services: {");
            if in_braces || (line.trim_end() == "services:" && inside) {
                line.replacen("services:", "services: !!map", 1)
            } else {
                (*line).to_owned()
            }
        });
        lines.collect()
    };
    let tagged: Files = files
        .iter()
        .map(|(path, text)| (path.clone(), tag(text)))
        .collect();
    (tagged != *files).then_some(tagged)
}

/// All that is known of a stack's services, and all that is reported, without places.
fn seen(files: &Files, inputs: &Inputs) -> Vec<String> {
    let checked = upbeat::check(
        Store::memory(files.iter().cloned()),
        inputs,
        &Options::default(),
    );
    let mut seen = services(&checked.project);
    seen.extend(checked.findings.iter().map(|finding| {
        let labels = finding.labels.iter().map(|label| &label.text);
        let labels: Vec<_> = labels.collect();
        format!(
            "{} {:?} {} {:?} {labels:?} {:?}",
            finding.rule, finding.severity, finding.message, finding.notes, finding.data["path"]
        )
    }));
    let obstacles = checked.project.obstacles.iter();
    seen.extend(obstacles.map(|obstacle| format!("{} {}", obstacle.path, obstacle.message)));
    seen
}

fn services(project: &Project) -> Vec<String> {
    let mut seen = Vec::new();
    for stack in &project.stacks {
        for one in &stack.services {
            let service = &one.service;
            let needs = service.depends_on.iter();
            let needs: Vec<_> = needs
                .map(|need| (&need.service, need.condition, need.required))
                .collect();
            seen.push(format!(
                "{} {} {:?} {:?} {:?} {:?} {:?} {needs:?} {:?}",
                stack.files.name,
                service.name,
                service.image,
                service.build,
                service.container_name,
                service.profiles,
                service.published,
                one.clock
            ));
        }
    }
    let mut uses: Vec<_> = project
        .uses
        .iter()
        .map(|(name, places)| {
            let places: std::collections::BTreeSet<_> = places.iter().collect();
            format!("{name} {}", places.len())
        })
        .collect();
    uses.sort();
    seen.extend(uses);
    seen
}

/// Compares both ways; whether there was something to compare.
fn compare(name: &str, files: &Files, inputs: &Inputs) -> bool {
    let Some(tagged) = tagged(files) else {
        return false;
    };
    let (apart, whole) = (seen(files, inputs), seen(&tagged, inputs));
    for (apart, whole) in apart.iter().zip(&whole) {
        assert_eq!(apart, whole, "{name}");
    }
    assert_eq!(apart.len(), whole.len(), "{name}");
    true
}

#[test]
fn small_files_come_to_the_same_both_ways() {
    let mut compared = 0;
    for case in common::refused::cases() {
        let files = vec![("compose.yml".to_owned(), case.text)];
        let inputs = Inputs {
            files: vec!["compose.yml".to_owned()],
            ..Inputs::default()
        };
        compared += usize::from(compare(&case.name, &files, &inputs));
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn small_projects_come_to_the_same_both_ways() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compose");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let files = common::files_of(&entry.path());
        let name = entry.file_name().to_string_lossy().into_owned();
        compared += usize::from(compare(&name, &files, &Inputs::default()));
    }
    assert!(compared > 10, "{compared}");
}

#[test]
fn real_projects_come_to_the_same_both_ways() {
    let Some(corpus) = common::corpus() else {
        return;
    };
    let mut compared = 0;
    for project in std::fs::read_dir(corpus).expect("a folder").flatten() {
        let mut store = Store::disk(project.path());
        let kinds = [FileKind::Compose, FileKind::Workflow, FileKind::Env];
        let paths: Vec<String> = kinds
            .iter()
            .flat_map(|kind| store.of_kind(*kind).map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let read = paths.into_iter().filter_map(|path| {
            let file = store.open(&path).ok()?;
            let text = store.sources().get(file).text().to_owned();
            Some((path, text))
        });
        let files: Files = read.collect();
        let name = project.file_name().to_string_lossy().into_owned();
        compared += usize::from(compare(&name, &files, &Inputs::default()));
    }
    println!("{compared} projects alike");
}
