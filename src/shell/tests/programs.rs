//! The programs that a script runs, and whether they are come to.

use super::{Dialect, Environment, read_with};

fn programs(script: &str, arguments: &[&str]) -> Vec<String> {
    let mut environment = Environment::new();
    environment.tell_programs();
    let given = |text: &&str| Some(crate::shell::Given::new(*text, None));
    environment.set_arguments(arguments.iter().map(given).collect());
    let read = read_with(script, &environment, Dialect::Bash);
    read.summary()
}

#[test]
fn programs_are_told_with_what_functions_hand_them() {
    let script = "step() { n=$1; shift 1; \"$@\"; }\nstep 1 python manage.py check_database --wait 60\nstep 2 python manage.py migrate\nexec \"$@\"\n";
    assert_eq!(
        programs(script, &["gunicorn", "app"]),
        [
            "sure python manage.py check_database --wait 60",
            "sure python manage.py migrate",
            "sure gunicorn app"
        ]
    );
}

#[test]
fn branches_may_be_come_to_and_what_stands_behind_the_end_is_not() {
    let script = "if [ \"$RUN\" = yes ]; then a; else b; fi\n[ -f x ] && c\ncase $1 in web) d;; esac\ne && f\ng || h\nunused() { i; }\nexec j\nk\n";
    assert_eq!(
        programs(script, &[]),
        [
            "maybe a", "maybe b", "maybe c", "maybe d", "sure e", "sure f", "sure g", "maybe h",
            "sure j", "never k", "never i"
        ]
    );
    assert_eq!(
        programs("true || a\nfalse && b\nexit 0\nc\n", &[]),
        ["never a", "never b", "never c"]
    );
}

#[test]
fn what_starts_a_container_hands_its_program_on() {
    let script = "tini -g -- dumb-init -- gosu app a b\nsu-exec app:app c\n";
    assert_eq!(programs(script, &[]), ["sure a b", "sure c"]);
}

#[test]
fn nothing_is_told_that_was_not_asked_for() {
    let read = read_with("a\nb\n", &Environment::new(), Dialect::Bash);
    assert!(read.reading.events.is_empty());
}
