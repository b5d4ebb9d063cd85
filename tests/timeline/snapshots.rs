//! Whole pictures of the story, as they were looked at. `UPDATE=1 cargo test --test timeline` draws them anew: look at them again then.

use super::case::Case;
use super::scene;
use std::fs;
use std::path::Path;
use upbeat::timeline::svg;
use upbeat::timeline::text::{self, Style};

fn is_fresh(path: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, drawn).unwrap();
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    for (number, (is, should)) in kept.lines().zip(drawn.lines()).enumerate() {
        assert_eq!(is, should, "{}:{}", path.display(), number + 1);
    }
    assert_eq!(
        kept.len(),
        drawn.len(),
        "{}: UPDATE=1 draws it anew",
        path.display()
    );
}

fn drawn(state: &str, day: Option<&'static str>, stack: &str, style: Style) -> String {
    let scene = scene(&Case::story(state, day), stack);
    text::render(&[scene], style)
}

#[test]
fn the_bad_day_in_80_columns() {
    let style = Style {
        width: 80,
        ascii: false,
        colours: false,
    };
    is_fresh(
        "fixtures/timeline/bad-day-80.txt",
        &drawn("before", Some("bad"), "staging", style),
    );
}

#[test]
fn the_bad_day_in_120_columns_of_ascii() {
    let style = Style {
        width: 120,
        ascii: true,
        colours: false,
    };
    is_fresh(
        "fixtures/timeline/bad-day-120-ascii.txt",
        &drawn("before", Some("bad"), "production", style),
    );
}

#[test]
fn afterwards_in_80_columns_of_ascii() {
    let style = Style {
        width: 80,
        ascii: true,
        colours: false,
    };
    is_fresh(
        "fixtures/timeline/after-80-ascii.txt",
        &drawn("after", Some("bad"), "staging", style),
    );
}

#[test]
fn the_bad_day_in_colours() {
    let style = Style {
        width: 100,
        ascii: false,
        colours: true,
    };
    is_fresh(
        "fixtures/timeline/bad-day-colours.txt",
        &drawn("before", Some("bad"), "staging", style),
    );
}

/// The picture in the README.
#[test]
fn the_picture_of_the_bad_day() {
    let scene = scene(&Case::story("before", Some("bad")), "staging");
    is_fresh("docs/bad-day.svg", &svg::render(&scene));
}
