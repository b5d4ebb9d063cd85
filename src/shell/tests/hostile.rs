//! Broken and hostile scripts: no panic, no endless work.

use super::{bash, read_with};
use crate::shell::{Dialect, Environment};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// What shell scripts are made of, to make broken ones of.
const PARTS: [&str; 76] = [
    " ",
    "\n",
    "\r\n",
    ";",
    ";;",
    "&",
    "&&",
    "|",
    "||",
    "!",
    "(",
    ")",
    "((",
    "))",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "]]",
    "<",
    ">",
    "<<EOF\n",
    "<<'EOF'\n",
    "<<-\"EOF\"\n",
    "\nEOF\n",
    "<<<",
    "'",
    "\"",
    "`",
    "\\",
    "\\\n",
    "$",
    "$(",
    "$((",
    "${",
    "${X:-",
    "${{ a }}",
    "${{",
    "#",
    "if",
    "then",
    "elif",
    "else",
    "fi",
    "while",
    "until",
    "do",
    "done",
    "for",
    "for i in",
    "in",
    "case",
    "esac",
    "*)",
    "function",
    "f()",
    "local X=$1",
    "X=1",
    "X+=(",
    "i=$((i+1))",
    "((i++))",
    "[ $i -lt 30 ]",
    "sleep 5",
    "exit 1",
    "break",
    "continue",
    "return",
    "docker compose -f a up -d",
    "ssh h",
    "bash -c",
    "timeout 5",
    "curl -m 5 http://x",
    "é",
    "{1..9}",
    "f",
];

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        bash(&text);
        read_with(&text, &Environment::new(), Dialect::Sh);
    }

    #[test]
    fn any_mix_is_read(parts in prop::collection::vec((0..PARTS.len(), any::<bool>()), 0..80)) {
        let mut text = String::new();
        for (part, blank) in parts {
            text.push_str(PARTS[part]);
            if blank {
                text.push(' ');
            }
        }
        bash(&text).summary();
    }

    #[test]
    fn cut_scripts_are_read(start in 0usize..900, end in 0usize..900, insert in 0..PARTS.len()) {
        let script = "f() { local m=${1:-5}; for i in $(seq $m); do [ \"$i\" -eq 3 ] && return 1; sleep 2; done; }\nssh h <<EOF\ncd /x\nE=0\nwhile [ \\$E -lt 9 ]; do\n if docker compose -f a ps | grep -q `echo x`; then exit 0; fi\n sleep 3\n E=\\$((E + 3))\ndone\nEOF\nf 9 || { echo \"no ${X:?y}\"; exit 1; }\ncase $X in a|b) timeout 3 bash -c 'until x; do sleep 1; done';; *) f;; esac\n";
        let (start, end) = (start.min(script.len()), end.min(script.len()));
        let text = format!("{}{}{}", &script[..start.min(end)], PARTS[insert], &script[start.max(end)..]);
        bash(&text).summary();
    }
}

/// No measure, but what tells an end from none: `benches/shell.sh` measures how time grows.
const PATIENCE: Duration = Duration::from_secs(120);

#[track_caller]
fn is_quick(name: &str, text: &str) {
    let start = Instant::now();
    bash(text);
    let taken = start.elapsed();
    assert!(
        taken < PATIENCE,
        "{name}: {} bytes took {taken:?}",
        text.len()
    );
}

#[test]
fn repetition_costs_no_more_than_its_length() {
    for part in PARTS {
        is_quick(part, &part.repeat(16_000 / part.len()));
        is_quick(part, &format!("{part} ").repeat(10_000 / part.len()));
        is_quick(part, &format!("{part}\n").repeat(10_000 / part.len()));
        is_quick(part, &format!("\"{part}\" ").repeat(10_000 / part.len()));
    }
}

#[test]
fn pairs_cost_no_more_than_their_length() {
    for a in PARTS {
        for b in [
            "$((",
            "<<EOF\n",
            "`",
            "if",
            "while x; do",
            "x &&",
            "case x in a)",
            "x=$x$x",
            "bash -c \"",
            "f() {",
            "((1+",
        ] {
            is_quick(&format!("{a} {b}"), &format!("{a} {b} ").repeat(60));
        }
    }
}

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    let lines: Vec<_> = (0..count).map(line).collect();
    lines.concat()
}

#[test]
fn explosions_are_damped() {
    let mut calls = String::new();
    for n in 0..40 {
        writeln!(calls, "f{n}() {{ f{0}; f{0}; }}", n + 1).unwrap();
    }
    calls.push_str("f0\n");
    is_quick("calls", &calls);
    is_quick("recursion", "f() { f; f; sleep 1; }\nf");
    is_quick(
        "doubling",
        &format!(
            "a=xxxxxxxx\n{}",
            "a=$a$a\nb=\"$a $a $b\"\ndocker compose $b up\n".repeat(3000)
        ),
    );
    is_quick(
        "elif",
        &format!(
            "if x; then a=1; {} fi",
            "elif [ $a -lt 3 ]; then a=2; sleep 1;\n".repeat(5000)
        ),
    );
    is_quick("chain", &"[ $a -lt 3 ] && a=1 || ".repeat(10_000));
    is_quick(
        "loops",
        &format!(
            "{}{}",
            "while x; do a=$((a+1)); ".repeat(90),
            "sleep 1; done; ".repeat(90)
        ),
    );
    is_quick(
        "continues",
        &format!("while x; do {} done", "a=1; x && continue; ".repeat(10_000)),
    );
    is_quick(
        "variables",
        &numbered(10_000, |n| format!("v{n}=1; x && v{n}=2\n")),
    );
    is_quick(
        "nested scripts",
        &format!(
            "f() {{ bash <<'EOF'\n{}\nEOF\n}}\n{}",
            "sleep 1\n".repeat(5000),
            "f\n".repeat(2000)
        ),
    );
    is_quick(
        "nested elif",
        &format!(
            "{}sleep 1",
            format!("if x; then :; {}", "elif y; then\n".repeat(39)).repeat(80)
        ),
    );
    is_quick("nested braces", &"${X:-\"".repeat(5000));
    is_quick("nested quotes", &"\"$(".repeat(5000));
    is_quick("nested ticks", &"echo `eval \"\\`".repeat(5000));
    is_quick("nested arithmetic", &format!("(({}", "-(!(".repeat(5000)));
    is_quick(
        "closed arithmetic",
        &format!("(({}1{}))", "-(!(".repeat(90), "))".repeat(90)),
    );
    is_quick(
        "nested shells",
        &format!("{}sleep 1", "bash -c \"eval ".repeat(300)),
    );
    is_quick("terms", &format!("a=$(({}))", "1+".repeat(100_000)));
    is_quick(
        "words",
        &format!("for i in {}; do sleep 1; done", "x ".repeat(100_000)),
    );
    is_quick(
        "calls with variables",
        &format!(
            "{}{}",
            numbered(500, |n| format!("export v{n}=1\n")),
            "./x.sh\n".repeat(2000)
        ),
    );
}
