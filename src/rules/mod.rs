//! The rules. Each is a file here, a page in `rules/`, and a line in the table below; what several of them need is in `shared`.

mod shared;

pub use shared::options::{Level, OptionKind, OptionValue, Options, Override, RuleOption};

use crate::baseline::{Known, Taken};
use crate::duration::Seconds;
use crate::finding::{Finding, Safety, Severity};
use crate::ignores::Ignore;
use crate::project::{ActiveService, Project, Stack};
use crate::source::{Sources, Span};
use std::collections::{BTreeMap, BTreeSet};

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

/// Makes a module of each name, and the table of their rules: by name, as the modules are. Behind `with` stands what the module
/// calls the rule's options, if it has any.
macro_rules! rules {
    ($($module:ident $(with $options:ident)?),* $(,)?) => {
        $(mod $module;)*

        /// All rules, by name.
        pub const RULES: &[Rule] = &[$($module::RULE),*];

        /// What can be said to them, by their names.
        const RULE_OPTIONS: &[(&str, &[RuleOption])] =
            &[$($(($module::RULE.name, &$module::$options),)?)*];
    };
}

rules! {
    allowance_below_dependency,
    attempts_named_as_seconds,
    cmd_shell_extra_arguments,
    cmd_shell_orphan,
    cmd_with_shell_operators,
    completed_on_long_running,
    compose_error,
    curl_without_fail,
    first_probe_after_start_period,
    health_field_invalid,
    healthcheck_disabled_but_awaited,
    healthcheck_never_fails,
    healthy_on_one_shot,
    healthy_without_healthcheck,
    job_timeout_below_waits,
    migrations_delay_health,
    one_shot_under_wait,
    overlay_shrinks_allowance,
    probe_localhost_ipv6,
    probe_outlives_interval,
    probe_tool_missing,
    probe_without_limit,
    readiness_as_health,
    restart_hides_crash,
    sleep_instead_of_wait with OPTIONS,
    slow_startup_step with OPTIONS,
    stacks_differ,
    stale_timing_text,
    start_interval_unset,
    start_interval_without_start_period,
    start_period_below_startup,
    start_period_far_above_startup with OPTIONS,
    started_but_has_healthcheck,
    startup_wait_beyond_start_period,
    unknown_timing,
    unused_ignore,
    up_without_limit,
    wait_below_budget,
    wait_cannot_fail,
    wait_counts_unhealthy,
    wait_fills_step,
    wait_timeout_races,
}

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// What a rule sees.
struct Context<'a> {
    project: &'a Project,
    options: &'a Options,
    /// The start periods after all fixes of this run, a map from service to value for each stack.
    raised: Vec<BTreeMap<String, Seconds>>,
    /// The comments that silence findings.
    ignores: Vec<Ignore>,
    /// Places of findings that the baseline knows, with their rules.
    known: BTreeSet<(&'static str, Span)>,
}

impl Context<'_> {
    /// Whether what a rule finds at a place of a service will be reported, and so be fixed.
    fn reports(&self, rule: &'static str, place: Span, service: &str) -> bool {
        unused_ignore::silencing(&self.ignores, rule, place).is_none()
            && !self.known.contains(&(rule, place))
            && !self.is_off(rule, place, service)
    }

    /// Whether the settings switch off what a rule finds at a place of a service.
    fn is_off(&self, rule: &'static str, place: Span, service: &str) -> bool {
        let path = self.project.store.sources().get(place.file).path();
        // Any severity will do: none that a rule gives is as weak.
        let own = (rule, Severity::Info);
        self.options.level(own, path, &[service]) == Level::Off
    }

    /// Gives findings the severities that the settings choose for them, and takes out those that they switch off.
    fn settle(&self, findings: &mut Vec<Finding>) -> Vec<Finding> {
        let sources = self.project.store.sources();
        let is_reported = |finding: &mut Finding| {
            let services = shared::services::services(finding, self.project);
            let path = sources.get(finding.primary.span.file).path();
            self.options.settle(finding, path, &services)
        };
        findings
            .extract_if(.., |finding| !is_reported(finding))
            .collect()
    }
}

/// A finding that a comment silences.
#[derive(Clone, Debug, PartialEq)]
pub struct Ignored {
    /// What is not reported.
    pub finding: Finding,
    /// Why; empty where nobody says.
    pub reason: String,
    /// The comment.
    pub comment: Span,
}

/// What the rules make of a project; all of it by path, line and rule: the same every time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// What is reported.
    pub findings: Vec<Finding>,
    /// What comments silence.
    pub ignored: Vec<Ignored>,
    /// What the baseline hides, and what it knows and is gone.
    pub taken: Taken,
}

/// Runs the rules; what they report.
pub fn check(project: &Project, options: &Options) -> Vec<Finding> {
    judge(project, options).findings
}

/// Runs the rules.
pub fn judge(project: &Project, options: &Options) -> Judged {
    let mut context = Context {
        project,
        options,
        raised: vec![BTreeMap::new(); project.stacks.len()],
        ignores: Vec::new(),
        known: BTreeSet::new(),
    };
    context.ignores = unused_ignore::read(&context);
    // Waits are fixed for the start periods that the fixes of this run set.
    if rule(start_period_below_startup::NAME).is_some_and(|rule| options.runs(rule)) {
        context.known = known(&context);
        context.raised = start_period_below_startup::raised(&context);
    }
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| options.runs(rule)) {
        (rule.check)(&context, &mut findings);
    }
    let off = context.settle(&mut findings);
    sleep_instead_of_wait::leave_to_stronger(&mut findings);
    let sources = project.store.sources();
    findings.retain(|finding| {
        let path = sources.get(finding.primary.span.file).path();
        !project.store.is_excluded(path)
    });
    let mut ignored = unused_ignore::silence(&context, &context.ignores, &mut findings, &off);
    // What is wrong with the comments has come in.
    context.settle(&mut findings);
    findings.sort_by_cached_key(|finding| order(finding, sources));
    ignored.sort_by_cached_key(|ignored| order(&ignored.finding, sources));
    let mut taken = Taken::default();
    if !options.baseline.is_empty() {
        let trees = &project.trees;
        // What is switched off is there all the same.
        let mut all = findings.clone();
        all.extend(off);
        let gone = options.baseline.take_from(&mut all, sources, trees).gone;
        taken = options.baseline.take_from(&mut findings, sources, trees);
        taken.gone = gone;
        // What did not run, or could not be seen, is not gone.
        let ran = |known: &Known| rule(&known.rule).is_none_or(|rule| options.runs(rule));
        let is_complete = project.obstacles.is_empty();
        taken.gone.retain(|known| is_complete && ran(known));
    }
    let scope = &options.scope;
    findings.retain(|finding| scope.holds(finding, sources));
    ignored.retain(|ignored| scope.holds(&ignored.finding, sources));
    taken.hidden.retain(|finding| scope.holds(finding, sources));
    Judged {
        findings,
        ignored,
        taken,
    }
}

/// The start periods that are too short and that the baseline knows: they stay as they are.
fn known(context: &Context) -> BTreeSet<(&'static str, Span)> {
    let baseline = &context.options.baseline;
    let mut found = Vec::new();
    if !baseline.is_empty() {
        start_period_below_startup::check(context, &mut found);
        // Those that comments silence, or the settings switch off, are not in it.
        context.settle(&mut found);
        found.retain(|finding| {
            let place = finding.primary.span;
            unused_ignore::silencing(&context.ignores, finding.rule, place).is_none()
        });
    }
    let project = context.project;
    let taken = baseline.take_from(&mut found, project.store.sources(), &project.trees);
    let hidden = taken.hidden.iter();
    hidden
        .map(|finding| (finding.rule, finding.primary.span))
        .collect()
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

/// What so many failures do.
fn failures(retries: u64) -> String {
    match retries {
        1 => "the first failure makes it unhealthy".to_owned(),
        count => format!("{count} failures in a row make it unhealthy"),
    }
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
