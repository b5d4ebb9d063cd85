//! The way from a script back to the YAML that it stands in.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use upbeat::ci::{self, System};
use upbeat::source::{FileId, SourceFile, Sources};
use upbeat::yaml::{self, Kind, Style, Tree};
use upbeat_fuzz::{GENERATED, hold, mutate, scalar};

const SYSTEMS: [System; 6] = [
    System::Workflow,
    System::Action,
    System::GitLab,
    System::CircleCi,
    System::Azure,
    System::Bitbucket,
];

/// Line breaks of YAML 1.1 alone, and a byte order mark that stands within a text.
const ODD: [char; 4] = ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed, &mutate::YAML)
});

fuzz_target!(|data: &[u8]| {
    let mut sources = Sources::default();
    if let Some((&GENERATED, rest)) = data.split_first() {
        if let Ok(written) = scalar::generate(rest) {
            let file = sources.add("a.yml", written.yaml.as_str());
            stands_where_it_was_written(file, sources.get(file), &written);
        }
        return;
    }
    let text = String::from_utf8_lossy(data);
    let file = sources.add("a.yml", &*text);
    let source = sources.get(file);
    let Ok(tree) = yaml::parse(file, source.text()) else {
        return;
    };
    scalars(&tree, source);
    for system in SYSTEMS {
        for job in ci::read(system, &tree, source, None).jobs {
            for script in job.steps.into_iter().filter_map(|step| step.script) {
                hold::positions(source, &script.text);
                hold::script(source, &script.text);
            }
        }
    }
});

/// Every scalar leads back, and its letters to themselves.
fn scalars(tree: &Tree, source: &SourceFile) {
    for id in tree.ids() {
        let Kind::Scalar { value, style } = tree.kind(id) else {
            continue;
        };
        let mapped = yaml::mapped(tree, source, id).expect("a scalar");
        assert_eq!(mapped.text(), value);
        hold::positions(source, &mapped);
        // Where the parser takes what is no line break of YAML 1.2 for one, the scalar is known as a whole.
        let is_odd = source.text().chars().skip(1).any(|c| ODD.contains(&c));
        if style != Style::DoubleQuoted && !is_odd {
            for (at, c) in value
                .char_indices()
                .filter(|(_, c)| c.is_ascii_alphanumeric())
            {
                assert!(
                    mapped.is_verbatim(at..at + c.len_utf8()),
                    "{c:?} at {at} of {value:?} has no place"
                );
            }
        }
    }
}

/// The scalar is read as it was meant, and each of its characters leads to where it was put.
fn stands_where_it_was_written(file: FileId, source: &SourceFile, written: &scalar::Written) {
    let tree = yaml::parse(file, source.text())
        .unwrap_or_else(|problem| panic!("{problem:?} in\n{}", written.yaml));
    let key = tree
        .ids()
        .find(|id| tree.scalar(*id) == Some("run"))
        .expect("its key");
    let entries = tree.ids().flat_map(|id| tree.entries(id));
    let entry = entries
        .into_iter()
        .find(|entry| entry.key == key)
        .expect("its entry");
    let mapped = yaml::mapped(&tree, source, entry.value).expect("a scalar");
    assert_eq!(mapped.text(), written.text, "in\n{}", written.yaml);
    hold::positions(source, &mapped);
    for ((at, c), place) in written.text.char_indices().zip(&written.places) {
        let range = at..at + c.len_utf8();
        if let Some(place) = *place {
            assert!(
                mapped.is_verbatim(range.clone()),
                "{c:?} at {at} in\n{}",
                written.yaml
            );
            assert_eq!(
                mapped.span(range).range().start,
                place,
                "{c:?} at {at} in\n{}",
                written.yaml
            );
        }
    }
}
