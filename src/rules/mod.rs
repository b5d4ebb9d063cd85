//! The rules. Each is a file here, a page in `rules/`, and a line in the table below.

mod attempts_named_as_seconds;
mod compose_error;
mod health_field_invalid;
mod job_timeout_below_waits;
mod limits;
mod one_shot_under_wait;
mod probe_tool_missing;
mod sleep_instead_of_wait;
mod slow_startup_step;
mod stale_timing_text;
mod start_period_below_startup;
mod start_period_far_above_startup;
mod unknown_timing;
mod up_without_limit;
mod wait_below_budget;
mod wait_cannot_fail;
mod wait_counts_unhealthy;
mod wait_fills_step;
mod wait_timeout;
mod wait_timeout_below;
mod wait_timeout_races;

use crate::clock::BudgetModel;
use crate::duration::Seconds;
use crate::finding::{Finding, Safety, Severity};
use crate::project::{ActiveService, Project, Stack};
use crate::source::{Sources, Span};
use std::collections::BTreeMap;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, which is that of its page.
    pub name: &'static str,
    /// The highest severity that it can report.
    pub severity: Severity,
    /// The safest fix that it can offer.
    pub fix: Option<Safety>,
    /// What it is about: `timing`, `health`.
    pub group: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Its page, as Markdown.
    pub page: &'static str,
    check: fn(&Context, &mut Vec<Finding>),
}

/// All rules, by name.
pub const RULES: [Rule; 18] = [
    Rule {
        name: "attempts-named-as-seconds",
        severity: Severity::Info,
        fix: None,
        group: "waits",
        summary: "a number of attempts in a variable whose name says time",
        page: include_str!("../../rules/attempts-named-as-seconds.md"),
        check: attempts_named_as_seconds::check,
    },
    Rule {
        name: "compose-error",
        severity: Severity::Error,
        fix: Some(Safety::Unsafe),
        group: "compose",
        summary: "a compose file that Docker refuses",
        page: include_str!("../../rules/compose-error.md"),
        check: compose_error::check,
    },
    Rule {
        name: "health-field-invalid",
        severity: Severity::Error,
        fix: Some(Safety::Unsafe),
        group: "health",
        summary: "a healthcheck field that Docker refuses",
        page: include_str!("../../rules/health-field-invalid.md"),
        check: health_field_invalid::check,
    },
    Rule {
        name: "job-timeout-below-waits",
        severity: Severity::Warning,
        fix: Some(Safety::Safe),
        group: "waits",
        summary: "a limit of a job or step that is shorter than what it has to wait for",
        page: include_str!("../../rules/job-timeout-below-waits.md"),
        check: job_timeout_below_waits::check,
    },
    Rule {
        name: "one-shot-under-wait",
        severity: Severity::Warning,
        fix: None,
        group: "waits",
        summary: "a job under `up --wait` that nobody waits for to complete",
        page: include_str!("../../rules/one-shot-under-wait.md"),
        check: one_shot_under_wait::check,
    },
    Rule {
        name: probe_tool_missing::NAME,
        severity: Severity::Error,
        fix: None,
        group: "health",
        summary: "a probe that calls a tool which its image does not have",
        page: include_str!("../../rules/probe-tool-missing.md"),
        check: probe_tool_missing::check,
    },
    Rule {
        name: "sleep-instead-of-wait",
        severity: Severity::Info,
        fix: None,
        group: "waits",
        summary: "a bare sleep where `up --wait` would know when the stack is healthy",
        page: include_str!("../../rules/sleep-instead-of-wait.md"),
        check: sleep_instead_of_wait::check,
    },
    Rule {
        name: slow_startup_step::NAME,
        severity: Severity::Info,
        fix: None,
        group: "timing",
        summary: "a step of a start that takes long enough to be moved out of it",
        page: include_str!("../../rules/slow-startup-step.md"),
        check: slow_startup_step::check,
    },
    Rule {
        name: "stale-timing-text",
        severity: Severity::Info,
        fix: None,
        group: "waits",
        summary: "a comment or a message that states another time than the wait beside it has",
        page: include_str!("../../rules/stale-timing-text.md"),
        check: stale_timing_text::check,
    },
    Rule {
        name: "start-period-below-startup",
        severity: Severity::Error,
        fix: Some(Safety::Safe),
        group: "timing",
        summary: "a service that takes longer to start than its healthcheck grants",
        page: include_str!("../../rules/start-period-below-startup.md"),
        check: start_period_below_startup::check,
    },
    Rule {
        name: start_period_far_above_startup::NAME,
        severity: Severity::Info,
        fix: Some(Safety::Unsafe),
        group: "timing",
        summary: "a start_period that many starts have never come near",
        page: include_str!("../../rules/start-period-far-above-startup.md"),
        check: start_period_far_above_startup::check,
    },
    Rule {
        name: "unknown-timing",
        severity: Severity::Info,
        fix: None,
        group: "timing",
        summary: "timing that hangs on a variable or a file which is not here",
        page: include_str!("../../rules/unknown-timing.md"),
        check: unknown_timing::check,
    },
    Rule {
        name: "up-without-limit",
        severity: Severity::Info,
        fix: None,
        group: "waits",
        summary: "an `up` in CI that waits for healthchecks and that nothing ends",
        page: include_str!("../../rules/up-without-limit.md"),
        check: up_without_limit::check,
    },
    Rule {
        name: "wait-below-budget",
        severity: Severity::Error,
        fix: Some(Safety::Safe),
        group: "timing",
        summary: "a CI wait that gives up before the stack may be healthy",
        page: include_str!("../../rules/wait-below-budget.md"),
        check: wait_below_budget::check,
    },
    Rule {
        name: "wait-cannot-fail",
        severity: Severity::Warning,
        fix: None,
        group: "waits",
        summary: "a CI wait that runs out, and nothing fails",
        page: include_str!("../../rules/wait-cannot-fail.md"),
        check: wait_cannot_fail::check,
    },
    Rule {
        name: "wait-counts-unhealthy",
        severity: Severity::Error,
        fix: Some(Safety::Safe),
        group: "waits",
        summary: "a CI wait that takes `unhealthy` for `healthy`",
        page: include_str!("../../rules/wait-counts-unhealthy.md"),
        check: wait_counts_unhealthy::check,
    },
    Rule {
        name: "wait-fills-step",
        severity: Severity::Warning,
        fix: Some(Safety::Safe),
        group: "waits",
        summary: "a limit that passes together with the wait under it",
        page: include_str!("../../rules/wait-fills-step.md"),
        check: wait_fills_step::check,
    },
    Rule {
        name: "wait-timeout-races",
        severity: Severity::Warning,
        fix: None,
        group: "waits",
        summary: "a `--wait-timeout` that may pass at the moment of a verdict",
        page: include_str!("../../rules/wait-timeout-races.md"),
        check: wait_timeout_races::check,
    },
];

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// What rules are run with.
#[derive(Clone, Debug)]
pub struct Options {
    /// What waits are measured against.
    pub budget: BudgetModel,
    /// What fixes grant beyond the required number: 1.1 is a tenth more.
    pub margin: f64,
    /// Whether unsafe fixes will be applied, so that later rules count on them.
    pub allow_unsafe: bool,
    /// The rules that run, by name; `None` for all.
    pub select: Option<Vec<String>>,
    /// Rules that do not run, by name.
    pub ignore: Vec<String>,
    /// The severities of rules whose own do not count, by name.
    pub severities: BTreeMap<String, Severity>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            budget: BudgetModel::default(),
            margin: 1.1,
            allow_unsafe: false,
            select: None,
            ignore: Vec::new(),
            severities: BTreeMap::new(),
        }
    }
}

impl Options {
    fn runs(&self, rule: &Rule) -> bool {
        let selected = self
            .select
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name == rule.name));
        selected && !self.ignore.iter().any(|name| name == rule.name)
    }

    /// Whether a fix of this safety will be applied.
    fn applies(&self, safety: Safety) -> bool {
        safety == Safety::Safe || (safety == Safety::Unsafe && self.allow_unsafe)
    }
}

/// What a rule sees.
struct Context<'a> {
    project: &'a Project,
    options: &'a Options,
    /// The start periods after all fixes of this run, a map from service to value for each stack.
    raised: Vec<BTreeMap<String, Seconds>>,
}

/// Runs the rules. Findings come by path, line and rule: the same every time.
pub fn check(project: &Project, options: &Options) -> Vec<Finding> {
    let mut context = Context {
        project,
        options,
        raised: vec![BTreeMap::new(); project.stacks.len()],
    };
    // Waits are fixed for the start periods that the fixes of this run set.
    if rule(start_period_below_startup::NAME).is_some_and(|rule| options.runs(rule)) {
        context.raised = start_period_below_startup::raised(&context);
    }
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| options.runs(rule)) {
        let first = findings.len();
        (rule.check)(&context, &mut findings);
        if let Some(severity) = options.severities.get(rule.name) {
            for finding in &mut findings[first..] {
                finding.severity = *severity;
            }
        }
    }
    sleep_instead_of_wait::leave_to_stronger(&mut findings);
    let sources = project.store.sources();
    findings.retain(|finding| {
        let path = sources.get(finding.primary.span.file).path();
        !project.store.is_excluded(path)
    });
    findings.sort_by_cached_key(|finding| order(finding, sources));
    findings
}

fn order(finding: &Finding, sources: &Sources) -> (String, u32, &'static str, String) {
    let Span { file, start, .. } = finding.primary.span;
    (
        sources.get(file).path().to_owned(),
        start,
        finding.rule,
        finding.message.clone(),
    )
}

/// `the stack a`, `the stacks a and b`.
fn stacks_words(names: &[String]) -> String {
    match names {
        [one] => format!("the stack `{one}`"),
        _ => format!("the stacks {}", list(names)),
    }
}

/// `a`, `a` and `b`, `a`, `b` and `c`.
fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Which files the stacks of a finding are: `stack staging: docker-compose.yml + compose.staging.yml`.
fn stacks_note(project: &Project, names: &[String]) -> String {
    let stacks = project.stacks.iter();
    let meant = stacks.filter(|stack| names.contains(&stack.files.name));
    let words: Vec<String> = meant.map(Stack::words).collect();
    let label = if words.len() == 1 { "stack" } else { "stacks" };
    format!("{label} {}", words.join(", "))
}

/// That some numbers are Docker's defaults, since nothing is written.
fn assumed_note<'a>(services: impl IntoIterator<Item = &'a ActiveService>) -> Option<String> {
    let words = services.into_iter().filter_map(|service| {
        let assumed = service.assumed();
        (!assumed.is_empty())
            .then(|| format!("{} of `{}`", assumed.join(", "), service.service.name))
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| {
        format!(
            "assumed, since it is not written: {} (Docker's defaults)",
            words.join("; ")
        )
    })
}
