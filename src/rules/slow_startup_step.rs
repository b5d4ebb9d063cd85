//! `slow-startup-step`: a step of a start that takes long enough to be moved out of it.

use super::{Context, OptionKind, Rule, RuleOption};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, Step};
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const NAME: &str = "slow-startup-step";

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Info,
    fix: None,
    group: "timing",
    summary: "a step of a start that takes long enough to be moved out of it",
    page: include_str!("../../rules/slow-startup-step.md"),
    check,
};

/// What can be said to it.
pub(super) const OPTIONS: [RuleOption; 1] = [LIMIT];

const LIMIT: RuleOption = RuleOption {
    name: "limit",
    about: "how long a step may take, whatever it does; without it 30 or 60 seconds, by what the step does",
    kind: OptionKind::Length(None),
};

/// What a step does, by its name, and from when on that is slow.
struct Kind {
    /// Parts of names, in lower case.
    words: &'static [&'static str],
    limit: Seconds,
    advice: &'static str,
}

impl Kind {
    /// From when on such a step is slow; the settings may say one length for all.
    fn limit(&self, context: &Context) -> Seconds {
        let said = context.options.length(NAME, &LIMIT);
        said.unwrap_or(self.limit)
    }
}

/// The first that fits counts; the last fits all.
const KINDS: [Kind; 4] = [
    Kind {
        words: &["migrat", "schema", "alembic", "prisma", "flyway"],
        limit: Seconds::new(60),
        advice: "run migrations before the deployment, in a job that the service waits for with `service_completed_successfully`; keep data migrations out of schema changes",
    },
    Kind {
        words: &["static", "collect", "assets"],
        limit: Seconds::new(30),
        advice: "collect static files while the image is built, or serve them from a volume or a CDN that outlives the container",
    },
    Kind {
        words: &[
            "database", "postgres", "mysql", "mariadb", "wait", "connect",
        ],
        limit: Seconds::new(30),
        advice: "let Compose wait: `depends_on` with `condition: service_healthy`; where the database is healthy and this still takes long, look at credentials, network and its log",
    },
    Kind {
        words: &[""],
        limit: Seconds::new(60),
        advice: "what need not happen at every start belongs into the image or into a job of its own",
    },
];

/// A service with its slow steps, the slowest first.
struct State<'a> {
    stack: usize,
    service: &'a ActiveService,
    slow: Vec<(&'a Step, &'static Kind)>,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut by_place: BTreeMap<Span, Vec<State>> = BTreeMap::new();
    for (stack, read) in context.project.stacks.iter().enumerate() {
        for service in &read.services {
            let startup = service.startup.iter();
            let steps = startup.flat_map(|startup| &startup.steps);
            let mut slow: Vec<(&Step, &Kind)> = steps
                .map(|step| (step, kind(&step.name)))
                .filter(|(step, kind)| step.seconds > kind.limit(context))
                .collect();
            if slow.is_empty() {
                continue;
            }
            slow.sort_by_key(|(step, _)| std::cmp::Reverse(step.seconds));
            let state = State {
                stack,
                service,
                slow,
            };
            // What one log tells of a service of several stacks is told once.
            let place = state.slow[0].0.span.unwrap_or(service.service.key);
            by_place.entry(place).or_default().push(state);
        }
    }
    for states in by_place.into_values() {
        let names = |state: &State| context.project.stacks[state.stack].files.name.clone();
        let stacks: Vec<String> = states.iter().map(names).collect();
        let first = states.iter().min_by_key(|state| {
            let service = &state.service.service;
            let is_off = context.is_off(NAME, service.key, &service.name);
            (is_off, service.key)
        });
        findings.extend(first.map(|state| state.finding(context, &stacks)));
    }
}

fn kind(name: &str) -> &'static Kind {
    let name = name.to_lowercase();
    let fits = |kind: &&Kind| kind.words.iter().any(|word| name.contains(word));
    let last = &KINDS[KINDS.len() - 1];
    KINDS.iter().find(fits).unwrap_or(last)
}

impl State<'_> {
    fn finding(&self, context: &Context, stacks: &[String]) -> Finding {
        let name = &self.service.service.name;
        let (slowest, _) = self.slow[0];
        let all = self.service.startup.as_ref();
        let of = all
            .map(|startup| format!(" of {}s", startup.ready))
            .unwrap_or_default();
        let labels = self.slow.iter().filter_map(|(step, kind)| {
            Some(Label {
                span: step.span?,
                text: format!(
                    "`{}`: {}s, slow from {}s on",
                    step.name,
                    step.seconds,
                    kind.limit(context)
                ),
            })
        });
        let mut notes: Vec<String> = Vec::new();
        for (_, kind) in &self.slow {
            let advice = kind.advice.to_owned();
            if !notes.contains(&advice) {
                notes.push(advice);
            }
        }
        notes.extend(all.and_then(crate::project::Measured::history_words));
        notes.push(super::stacks_note(context.project, stacks));
        let missing = &context.project.stacks[self.stack].missing;
        notes.extend(super::start_period_below_startup::incomplete_note(missing));
        let steps: Vec<serde_json::Value> = self
            .slow
            .iter()
            .map(|(step, kind)| {
                json!({ "name": step.name, "seconds": step.seconds.as_f64(), "limit_s": kind.limit(context).as_f64() })
            })
            .collect();
        Finding {
            rule: NAME,
            severity: Severity::Info,
            message: format!(
                "the step `{}` takes {}s{of} until `{name}` is ready",
                slowest.name, slowest.seconds
            ),
            primary: Label {
                span: self.service.service.key,
                text: match self.slow.len() {
                    1 => "one step of its start is slow".to_owned(),
                    count => format!("{count} steps of its start are slow"),
                },
            },
            labels: labels.collect(),
            notes,
            fix: None,
            data: json!({ "service": name, "stacks": stacks, "steps": steps }),
        }
    }
}
