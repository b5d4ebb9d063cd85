//! The picture of a finding in the README is what a terminal shows. `UPDATE=1 cargo test --test pictures` draws it anew; the one of a
//! timeline comes from `UPDATE=1 cargo test --test timeline`.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use upbeat::project::Inputs;
use upbeat::report::{Style, full};
use upbeat::rules::Options;
use upbeat::source::Store;

/// A character's width and a line's height.
const CELL: (f64, f64) = (7.8, 18.0);
const MARGIN: f64 = 16.0;

/// The colours of a dark terminal, by the codes that choose them.
const COLOURS: [(&str, &str); 5] = [
    ("31", "#ff7b72"),
    ("33", "#e3b341"),
    ("34", "#79c0ff"),
    ("36", "#56d4dd"),
    ("", "#e6edf3"),
];

#[test]
fn the_picture_of_a_finding() {
    let drawn = svg(
        "A finding: a start_period that is too short for a measured start",
        &finding(),
    );
    let document = roxmltree::Document::parse(&drawn).expect("XML");
    let shown: String = document
        .descendants()
        .filter(roxmltree::Node::is_text)
        .filter_map(|node| node.text())
        .collect();
    assert!(shown.contains("sure to end healthy"), "{shown}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/finding.svg");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, drawn).expect("written");
        return;
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(kept == drawn, "docs/finding.svg: UPDATE=1 draws it anew");
}

/// What a terminal of 100 columns shows of the story's bad day.
fn finding() -> String {
    let files = common::story("before");
    let log = "logs/backend-bad-day.log";
    let (_, text) = files.iter().find(|(path, _)| path == log).expect("a log");
    let text = text.clone();
    let files = files.into_iter().filter(|(path, _)| path != log);
    let mut store = Store::memory(files);
    let mut inputs = Inputs::default();
    let log = store.add(log, text);
    inputs.logs.push((Some("backend".to_owned()), log));
    let options = Options {
        select: Some(vec!["start-period-below-startup".to_owned()]),
        ..Options::default()
    };
    let checked = upbeat::check(store, &inputs, &options);
    let sources = checked.project.store.sources();
    let one = checked.findings.iter();
    let one = one.filter(|one| sources.get(one.primary.span.file).path() == "compose.staging.yml");
    let one: Vec<_> = one.cloned().collect();
    assert_eq!(one.len(), 1);
    let style = Style {
        colours: true,
        width: Some(100),
        ..Style::default()
    };
    let mut out = b"$ upbeat check --log backend=logs/backend-bad-day.log\n".to_vec();
    full::render(&one, sources, None, style, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("text").trim_end().to_owned()
}

/// A part of a line that looks the same.
struct Run {
    column: usize,
    bold: bool,
    colour: &'static str,
    text: String,
}

/// The parts of a line. Colours last until they are taken back, also over the ends of lines.
fn runs(line: &str, bold: &mut bool, colour: &mut &'static str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut column = 0;
    for (index, part) in line.split("\x1b[").enumerate() {
        let mut text = part;
        if index > 0 {
            let (codes, behind) = part.split_once('m').expect("a colour");
            text = behind;
            for code in codes.split(';') {
                match code {
                    "0" => (*bold, *colour) = (false, ""),
                    "1" => *bold = true,
                    code => {
                        let known = COLOURS.iter().find(|(known, _)| *known == code);
                        *colour = known.expect("a colour of ours").0;
                    }
                }
            }
        }
        if !text.trim().is_empty() {
            let blanks = text.chars().take_while(|c| *c == ' ').count();
            runs.push(Run {
                column: column + blanks,
                bold: *bold,
                colour,
                text: text.trim().to_owned(),
            });
        }
        column += text.chars().count();
    }
    runs
}

fn svg(title: &str, screen: &str) -> String {
    let (mut bold, mut colour) = (false, "");
    let lines: Vec<Vec<Run>> = screen
        .lines()
        .map(|line| runs(line, &mut bold, &mut colour))
        .collect();
    let last = |run: &Run| run.column + run.text.chars().count();
    let columns = lines.iter().flatten().map(last).max().expect("a line");
    let length = |cells: usize, size: f64| f64::from(u32::try_from(cells).expect("few")) * size;
    let (width, height) = (
        length(columns, CELL.0) + 2.0 * MARGIN,
        length(lines.len(), CELL.1) + 2.0 * MARGIN,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n<title id=\"title\">{title}</title>\n<style>\ntext{{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}}\n.b{{font-weight:700}}\n"
    );
    for (code, value) in COLOURS {
        writeln!(out, ".c{code}{{fill:{value}}}").expect("written");
    }
    writeln!(
        out,
        "</style>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>"
    )
    .expect("written");
    for (row, line) in lines.iter().enumerate() {
        let y = MARGIN + length(row, CELL.1) + 13.0;
        for run in line {
            let x = MARGIN + length(run.column, CELL.0);
            // As wide as its cells, whatever the font is.
            let wide = length(run.text.chars().count(), CELL.0);
            let bold = if run.bold { " b" } else { "" };
            let text = upbeat::escape::xml(&run.text);
            let colour = run.colour;
            writeln!(
                out,
                "<text class=\"c{colour}{bold}\" x=\"{x:.1}\" y=\"{y:.0}\" textLength=\"{wide:.1}\" lengthAdjust=\"spacingAndGlyphs\">{text}</text>"
            )
            .expect("written");
        }
    }
    out + "</svg>\n"
}
