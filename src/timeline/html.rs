//! The pictures with all numbers as one self-contained page: light and dark, without scripts, readable on a phone.

use super::row::{Known, Row, time};
use super::scene::{Entry, Scene};
use super::sentence;
use super::svg::{self, Extent, Lettered, prose, xml};
use super::told::origin_words;
use crate::clock::{BudgetModel, Condition, HealthCheck, Hit, LimitKind, OutcomeState};
use crate::duration::Seconds;
use crate::project::Measured;
use std::fmt::Write as _;

/// One page with all stacks.
pub fn render(scenes: &[Scene]) -> String {
    let names: Vec<&str> = scenes.iter().map(|scene| scene.name.as_str()).collect();
    let title = xml(&match names.as_slice() {
        [] | [_] | [_, _] | [_, _, _] => format!("The start of {}", names.join(", ")),
        _ => format!("The starts of {} stacks", names.len()),
    });
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{SHEET}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    for (index, scene) in scenes.iter().enumerate() {
        section(&mut out, scene, index);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn section(out: &mut String, scene: &Scene, index: usize) {
    let name = xml(&scene.name);
    let files = xml(&scene.files.join(" + "));
    let engine = xml(&scene.engine);
    let (first, others) = scene
        .sentence
        .split_first()
        .map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
    let mut html = format!(
        "<section aria-labelledby=\"stack-{index}\">\n\
         <p class=\"stack\"><b>{name}</b> {files}, engine {engine}</p>\n\
         <h2 id=\"stack-{index}\">{}</h2>\n",
        words(first)
    );
    for sentence in others {
        line(
            &mut html,
            format_args!("<p class=\"next\">{}</p>", words(sentence)),
        );
    }
    line(
        &mut html,
        format_args!(
            "<figure class=\"scroll\" tabindex=\"0\" aria-label=\"Picture of the start of {name}\">"
        ),
    );
    let (picture, letters) = svg::draw(scene, Extent::Chart(index));
    html.push_str(&picture);
    html.push_str("</figure>\n");
    limits(&mut html, scene, &letters);
    services(&mut html, scene);
    steps(&mut html, scene);
    foot(&mut html, scene);
    html.push_str("</section>\n");
    out.push_str(&html);
}

fn line(out: &mut String, arguments: std::fmt::Arguments) {
    out.write_fmt(arguments)
        .expect("writing to a string never fails");
    out.push('\n');
}

/// A sentence, with what stands between backticks as code.
fn words(text: &str) -> String {
    prose(text, &mut false, ("<code>", "</code>"))
}

/// What the cells of a column hold.
#[derive(Clone, Copy)]
enum Column {
    /// A name or a number.
    Plain,
    /// Many names.
    Long,
    /// A few words with names between backticks.
    Names,
    /// A sentence.
    Sentence,
}

use Column::{Long, Names, Plain, Sentence};

/// A table in a box of its own that scrolls.
fn table(out: &mut String, caption: &str, heads: &[(&str, Column)], rows: &[Vec<String>]) {
    let caption = xml(caption);
    line(
        out,
        format_args!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\n<table>\n<caption>{caption}</caption>"
        ),
    );
    let cells = heads
        .iter()
        .map(|(head, _)| format!("<th scope=\"col\">{}</th>", xml(head)));
    line(
        out,
        format_args!(
            "<thead><tr>{}</tr></thead>\n<tbody>",
            cells.collect::<String>()
        ),
    );
    for row in rows {
        let cells = row
            .iter()
            .zip(heads)
            .enumerate()
            .map(|(number, (cell, (_, column)))| match column {
                Plain if number == 0 => format!("<th scope=\"row\">{}</th>", xml(cell)),
                Plain => format!("<td>{}</td>", xml(cell)),
                Long => format!("<td class=\"words\">{}</td>", xml(cell)),
                Names => format!("<td>{}</td>", words(cell)),
                Sentence => format!("<td class=\"words\">{}</td>", words(cell)),
            });
        line(out, format_args!("<tr>{}</tr>", cells.collect::<String>()));
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

/// The limits from outside, and those of services that are hit.
fn limits(out: &mut String, scene: &Scene, letters: &[Lettered]) {
    const HEADS: [(&str, Column); 6] = [
        ("falls at", Plain),
        ("line", Plain),
        ("hit", Plain),
        ("limit", Names),
        ("what it says", Sentence),
        ("where", Plain),
    ];
    let shown = |entry: &(usize, &Entry)| entry.1.origin.is_some() || entry.1.limit.is_hit();
    let entries = scene.limits.iter().enumerate().filter(shown);
    let rows = entries.map(|(index, entry)| {
        let letter = letters.iter().find(|(_, limits)| limits.contains(&index));
        limit(scene, entry, letter.map(|(letter, _)| *letter))
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        table(out, "Limits", &HEADS, &rows);
    }
}

fn limit(scene: &Scene, entry: &Entry, letter: Option<char>) -> Vec<String> {
    let hit = match entry.limit.hit {
        _ if !entry.limit.reached => "never begins",
        Some(Hit::Surely) => "yes",
        Some(Hit::Possibly) => "maybe",
        _ => "no",
    };
    let name = entry.row.map_or("", |row| scene.rows[row].name.as_str());
    let subject = match (&entry.origin, entry.limit.kind) {
        (Some(origin), _) => origin_words(origin),
        (None, LimitKind::Grace(_)) => format!("start_period of {}", sentence::quoted(name)),
        (None, _) => format!("verdict on {}", sentence::quoted(name)),
    };
    let place = entry.place.as_ref();
    let place = place.map_or_else(String::new, |(file, at)| format!("{file}:{}", at.line));
    let letter = letter.map_or_else(String::new, |letter| letter.to_string());
    let at = if entry.limit.reached {
        time(entry.limit.at)
    } else {
        "–".to_owned()
    };
    vec![
        at,
        letter,
        hit.to_owned(),
        subject,
        entry.words.clone(),
        place,
    ]
}

/// The numbers of all services.
fn services(out: &mut String, scene: &Scene) {
    const HEADS: [&str; 12] = [
        "service",
        "starts at",
        "startup",
        "interval",
        "timeout",
        "retries",
        "start_period",
        "first probe",
        "allowance",
        "unhealthy if never ready",
        "outcome",
        "waits for",
    ];
    let rows: Vec<Vec<String>> = scene.rows.iter().map(service).collect();
    table(
        out,
        "Services, in the order of their planned starts",
        &HEADS.map(|head| match head {
            "waits for" => (head, Long),
            _ => (head, Plain),
        }),
        &rows,
    );
}

fn service(row: &Row) -> Vec<String> {
    let check = row.health.check();
    let number = |length: Option<Seconds>| length.map_or_else(|| "–".to_owned(), time);
    let waits = row
        .waits_for
        .iter()
        .map(|(service, condition)| match condition {
            Condition::Started => format!("{service} started"),
            Condition::Healthy => format!("{service} healthy"),
            Condition::Completed => format!("{service} completed"),
        });
    let waits: Vec<String> = waits.collect();
    let startup = row.startup.as_ref().map(Measured::words);
    let unhealthy = check.map(|check| {
        let (earliest, latest) = (check.earliest_unhealthy(), check.latest_unhealthy());
        format!("{} to {}", time(earliest), time(latest))
    });
    vec![
        row.name.clone(),
        if row.stopped_by.is_some() {
            "never".to_owned()
        } else {
            time(row.start)
        },
        or_dash(startup.unwrap_or_default()),
        number(check.map(|check| check.interval)),
        number(check.map(|check| check.timeout)),
        or_dash(
            check
                .map(|check| check.retries.to_string())
                .unwrap_or_default(),
        ),
        number(check.map(|check| check.start_period)),
        number(check.map(HealthCheck::first_probe)),
        number(check.map(HealthCheck::allowance)),
        or_dash(unhealthy.unwrap_or_default()),
        outcome(row),
        or_dash(waits.join(", ")),
    ]
}

fn or_dash(text: String) -> String {
    if text.is_empty() {
        "–".to_owned()
    } else {
        text
    }
}

fn outcome(row: &Row) -> String {
    if let Some(stopper) = &row.stopped_by {
        return format!("never starts, since {stopper} is unhealthy");
    }
    let Some(outcome) = &row.outcome else {
        return match row.health {
            Known::Check(_) => "startup not known".to_owned(),
            Known::None => "no healthcheck".to_owned(),
            Known::Unknown => "no healthcheck in sight".to_owned(),
        };
    };
    let between = |window: Option<(Seconds, Seconds)>| {
        window.map_or_else(String::new, |(from, to)| {
            format!(", at {} to {}", time(from), time(to))
        })
    };
    match outcome.state() {
        OutcomeState::Healthy => format!("healthy{}", between(row.healthy())),
        OutcomeState::Unhealthy => format!("unhealthy{}", between(row.unhealthy())),
        OutcomeState::Either => format!(
            "healthy{}, or unhealthy{}",
            between(row.healthy()),
            between(row.unhealthy())
        ),
    }
}

fn steps(out: &mut String, scene: &Scene) {
    for row in &scene.rows {
        let Some(startup) = row
            .startup
            .as_ref()
            .filter(|startup| !startup.steps.is_empty())
        else {
            continue;
        };
        let steps = startup.steps.iter();
        let steps: Vec<Vec<String>> = steps
            .map(|step| vec![step.name.clone(), time(step.seconds)])
            .collect();
        let caption = format!("Steps of the start of {}", row.name);
        table(out, &caption, &[("step", Plain), ("takes", Plain)], &steps);
    }
}

fn foot(out: &mut String, scene: &Scene) {
    let budgets = BudgetModel::ALL.map(|model| {
        format!(
            "<li><b>{model}</b> {}</li>",
            xml(&sentence::budget(scene, model))
        )
    });
    line(
        out,
        format_args!("<ul class=\"budgets\">{}</ul>", budgets.concat()),
    );
    if !scene.notes.is_empty() {
        let notes = scene
            .notes
            .iter()
            .map(|note| format!("<li>{}</li>", words(note)));
        line(
            out,
            format_args!("<ul class=\"notes\">{}</ul>", notes.collect::<String>()),
        );
    }
}

const SHEET: &str = "\
:root{color-scheme:light dark;--page:#f6f8fa;--card:#fff;--text:#1f2328;--muted:#59636e;--rule:#d1d9e0}
@media (prefers-color-scheme:dark){:root{--page:#010409;--card:#0d1117;--text:#e6edf3;--muted:#9198a1;--rule:#3d444d}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
main{max-width:1060px;margin:0 auto;padding:24px 16px}
section{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:22px 24px;margin:0 0 24px}
.stack{margin:0;color:var(--muted);font-size:13px;overflow-wrap:anywhere}
.stack b{color:var(--text);font-size:15px;margin-right:6px}
h1{font-size:13px;font-weight:400;color:var(--muted);margin:0 0 12px;overflow-wrap:anywhere}
h2{font-size:19px;line-height:1.4;font-weight:600;margin:6px 0 4px;overflow-wrap:anywhere}
.next{margin:0 0 4px;color:var(--muted);overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:16px -24px;padding:0 24px}
figure svg{display:block;width:100%;min-width:860px;height:auto;margin:0 -14px}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;white-space:nowrap;min-width:100%}
caption{text-align:left;font-weight:600;padding:0 0 6px}
th,td{text-align:left;padding:5px 14px 5px 0;border-top:1px solid var(--rule);vertical-align:top}
thead th{color:var(--muted);font-weight:400;border-top:0}
tbody th{font-weight:600}
td.words{min-width:300px;max-width:440px;white-space:normal}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:.93em}
h2 code,th code{font-weight:inherit}
ul{margin:12px 0 0;padding-left:18px;font-size:13px;overflow-wrap:anywhere}
.budgets{list-style:none;padding:0}
.notes{color:var(--muted)}
@media (max-width:600px){main{padding:8px}section{padding:16px}.scroll{margin:14px -16px;padding:0 16px}h1{padding:0 8px}h2{font-size:17px}}
";
