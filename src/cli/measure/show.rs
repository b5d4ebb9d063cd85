//! Measured starts, for people and for programs.

use super::{Found, Measured};
use crate::duration::Seconds;
use crate::escape;
use crate::startup::{Ready, Startup, Step, Worst, worst};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The starts of each service, in the order in which services were met.
fn groups(measured: &Measured) -> Vec<(String, Vec<&Found>)> {
    let mut order: Vec<(String, Vec<&Found>)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for found in &measured.starts {
        let Startup {
            service,
            container,
            stack,
            ..
        } = &found.startup;
        let name = service.as_ref().or(container.as_ref());
        let name = name.map_or_else(|| "a service without a name".to_owned(), String::clone);
        let name = match stack {
            Some(stack) => format!("{name}, stack {stack}"),
            None => name,
        };
        let at = *known.entry(name.clone()).or_insert_with(|| {
            order.push((name, Vec::new()));
            order.len() - 1
        });
        order[at].1.push(found);
    }
    order
}

fn worst_of(starts: &[&Found]) -> Option<Worst> {
    let startups: Vec<&Startup> = starts.iter().map(|found| &found.startup).collect();
    worst(&startups)
}

/// For people.
pub(super) fn text(measured: &Measured) -> String {
    let mut out = String::new();
    for (number, (name, starts)) in groups(measured).into_iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let count = match starts.len() {
            1 => "1 start".to_owned(),
            count => format!("{count} starts"),
        };
        line(&mut out, 0, &format!("{name}: {count}"));
        for found in &starts {
            start(&mut out, found, starts.len() > 1);
        }
        if let Some(worst) = worst_of(&starts).filter(|worst| worst.count > 1) {
            summary(&mut out, &worst, &starts);
        }
    }
    for (tool, source) in &measured.missing {
        let name = tool.service.as_ref().or(tool.container.as_ref());
        let name = name.map_or("a container", String::as_str);
        let tool_line = format!(
            "- the probe of `{name}` calls `{}`, which its image does not have ({source}:{})",
            tool.tool, tool.place.line
        );
        line(&mut out, 0, &tool_line);
    }
    for note in &measured.notes {
        line(&mut out, 0, &format!("- {note}"));
    }
    out
}

fn line(out: &mut String, indent: usize, text: &str) {
    let text = escape::line(text);
    writeln!(out, "{:indent$}{text}", "").expect("a string takes everything");
}

fn start(out: &mut String, found: &Found, with_container: bool) {
    let startup = &found.startup;
    let mut head = vec![format!("{:<16}", startup.ready.words())];
    head.extend(startup.at.as_ref().map(|at| format!("started {at}")));
    head.extend(startup.container.clone().filter(|_| with_container));
    head.push(format!(
        "{}:{}",
        found.source,
        startup.ready.main().place.line
    ));
    let head = head.join("  ");
    line(out, 2, &head);
    for words in reasons(&startup.ready) {
        line(out, 4, &words);
    }
    if !startup.steps.is_empty() {
        line(out, 4, &format!("steps: {}", steps(&startup.steps)));
    }
}

/// Why each bound is one.
fn reasons(ready: &Ready) -> Vec<String> {
    match ready {
        Ready::Exactly(limit) => vec![format!("exact: {}", limit.why.words())],
        Ready::AtLeast(limit) => vec![format!("lower bound: {}", limit.why.words())],
        Ready::AtMost(limit) => vec![format!("upper bound: {}", limit.why.words())],
        Ready::Between(least, most) => vec![
            format!("lower bound: {}", least.why.words()),
            format!("upper bound: {}", most.why.words()),
        ],
    }
}

fn steps(steps: &[Step]) -> String {
    let steps = steps
        .iter()
        .map(|step| format!("{} {}s", step.name, step.seconds));
    steps.collect::<Vec<_>>().join(", ")
}

fn summary(out: &mut String, worst: &Worst, starts: &[&Found]) {
    let slowest = &starts[worst.slowest].startup;
    let words = if worst.composed {
        format!(
            "as much as {}s: the slowest steps of different starts, put together",
            worst.main()
        )
    } else {
        slowest.ready.words()
    };
    line(out, 2, &format!("worst: {words}"));
    if !worst.steps.is_empty() {
        let of = |(start, step): &(usize, usize)| starts[*start].startup.steps[*step].clone();
        let all: Vec<Step> = worst.steps.iter().map(of).collect();
        line(out, 4, &format!("steps: {}", steps(&all)));
    }
    line(
        out,
        2,
        &format!("median: {}s of {} starts", worst.median, worst.count),
    );
}

/// For programs.
pub(super) fn json(measured: &Measured) -> String {
    let startups: Vec<Json> = measured.starts.iter().map(one).collect();
    let services = groups(measured).into_iter().filter_map(|(_, starts)| {
        let worst = worst_of(&starts)?;
        let startup = &starts[0].startup;
        let steps = worst
            .steps
            .iter()
            .map(|(start, step)| step_json(&starts[*start].startup.steps[*step]));
        Some(json!({
            "service": startup.service,
            "container": if startup.service.is_none() { startup.container.clone() } else { None },
            "stack": startup.stack,
            "starts": worst.count,
            "median_s": worst.median.as_f64(),
            "worst_s": worst.main().as_f64(),
            "worst_at_most_s": worst.most.map(Seconds::as_f64),
            "composed": worst.composed,
            "steps": steps.collect::<Vec<_>>(),
        }))
    });
    let missing = measured.missing.iter().map(|(tool, source)| {
        json!({ "service": tool.service, "container": tool.container, "tool": tool.tool, "source": source, "line": tool.place.line })
    });
    let document = json!({
        "version": 1,
        "startups": startups,
        "services": services.collect::<Vec<_>>(),
        "missing_tools": missing.collect::<Vec<_>>(),
        "notes": measured.notes,
    });
    let document = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", escape::json(&document))
}

fn one(found: &Found) -> Json {
    let startup = &found.startup;
    let (least, most) = (startup.ready.least(), startup.ready.most());
    json!({
        "service": startup.service,
        "stack": startup.stack,
        "at": startup.at,
        "ready_s": startup.ready.main().seconds.as_f64(),
        "bound": startup.ready.bound().name(),
        "source": found.source,
        "steps": startup.steps.iter().map(step_json).collect::<Vec<_>>(),
        "container": startup.container,
        "line": startup.ready.main().place.line,
        "at_least_s": least.map(|limit| limit.seconds.as_f64()),
        "at_least_why": least.map(|limit| limit.why.name()),
        "at_most_s": most.map(|limit| limit.seconds.as_f64()),
        "at_most_why": most.map(|limit| limit.why.name()),
        "why": reasons(&startup.ready),
    })
}

fn step_json(step: &Step) -> Json {
    json!({ "name": step.name, "seconds": step.seconds.as_f64() })
}
