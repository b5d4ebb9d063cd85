//! Well-formed scripts, whose last line has to be seen whatever stands before it.

use libfuzzer_sys::arbitrary::{Result, Unstructured};

/// The seconds of the last line: no other line waits that long.
pub const LAST: i64 = 70_001;

/// A script of commands in commands that ends with a sleep of [`LAST`] seconds.
pub fn generate(data: &[u8]) -> Result<String> {
    let mut input = Unstructured::new(data);
    let mut script = String::new();
    let mut heredocs = 0;
    while !input.is_empty() && script.len() < 20_000 {
        command(&mut input, 5, &mut heredocs, &mut script)?;
        script.push('\n');
    }
    script.push_str(&format!("sleep {LAST}\n"));
    Ok(script)
}

fn nested(input: &mut Unstructured, depth: usize, heredocs: &mut usize) -> Result<String> {
    let mut inner = String::new();
    for _ in 0..=input.int_in_range(0..=2)? {
        command(input, depth - 1, heredocs, &mut inner)?;
        inner.push('\n');
    }
    Ok(inner)
}

fn command(
    input: &mut Unstructured,
    depth: usize,
    heredocs: &mut usize,
    out: &mut String,
) -> Result<()> {
    let choice = input.int_in_range(0..=if depth == 0 { 11 } else { 27 })?;
    let number = input.int_in_range(1..=600)?;
    let text = match choice {
        0 => format!("sleep {number}"),
        1 => format!("X={number} Y='a \"b' Z=\"${{X:-{number}}} $(echo x) `echo y`\""),
        2 => format!("local X=$1 Y=${{2:-{number}}}; ((X += $Y)) || :"),
        3 => "docker compose -f a.yml -f \"b c.yml\" up -d --wait || true".to_owned(),
        4 => format!("curl --retry {number} --retry-delay 2 -fsS http://localhost:8080/ >/dev/null 2>&1"),
        5 => format!("timeout {number} x && y | grep -q 'healthy' # it's a \"comment"),
        6 => "echo a\\ b \\' \\\" 'it'\\''s' \"$'x' \\\"q\\\" \\$\" $'a\\'b' ${X##*/} ${#X} \"${X//\\//}\"".to_owned(),
        7 => format!("[[ $X == *\"healthy\"* && ( -n $Y || $Z -lt {number} ) ]] && echo yes"),
        8 => "echo a \\\n  b |\n  cat &&\n  # between\n  echo c".to_owned(),
        9 => "A=(a \"b c\" $(d) # e\n  f); A+=(g); echo \"${A[@]}\" ${#A[@]}".to_owned(),
        10 => format!("echo ${{{{ inputs.wait || {number} }}}} > file; x < file &"),
        11 => format!("X=$((X + {number} * (2 - $Y) % 3)); let X++; cat <<< \"x $X\""),
        12 => format!("if x; then\n{}elif ! y; then\n{}else\n{}fi", nested(input, depth, heredocs)?, nested(input, depth, heredocs)?, nested(input, depth, heredocs)?),
        13 => format!("for i in $(seq {number}); do\n{}done", nested(input, depth, heredocs)?),
        14 => format!("for i in {{1..{number}}} a 'b'\ndo\n{}done > out", nested(input, depth, heredocs)?),
        15 => format!("for ((i = 0; i < {number}; i++)); do\n{}done", nested(input, depth, heredocs)?),
        16 => format!("E=0\nwhile [ $E -lt {number} ]; do\n{}E=$((E + 5))\ndone", nested(input, depth, heredocs)?),
        17 => format!("until x; do\n{}done", nested(input, depth, heredocs)?),
        18 => format!("case \"$X\" in\n  a|'b') {};;\n  (c*) {};;\n  *)\n{}esac", nested(input, depth, heredocs)?, nested(input, depth, heredocs)?, nested(input, depth, heredocs)?),
        19 => format!("f{number}() {{\n{}}}\nf{number} {number}", nested(input, depth, heredocs)?),
        20 => format!("(\n{})", nested(input, depth, heredocs)?),
        21 => format!("{{\n{}}} 2>&1 | tee log", nested(input, depth, heredocs)?),
        22 => format!("X=$(\n{})", nested(input, depth, heredocs)?),
        23..=25 => {
            *heredocs += 1;
            let end = format!("END{heredocs}");
            let inner = nested(input, depth, heredocs)?;
            let (program, open) = match choice {
                23 => ("ssh host", format!("'{end}'")),
                24 => ("ssh host", end.clone()),
                _ => ("bash -s -- 5", format!("\"{end}\"")),
            };
            format!("{program} <<{open} || true\n{inner}{end}")
        }
        // A quote in what is nested would end the word: it is left out of it.
        26 => format!("bash -c '{}'", nested(input, depth, heredocs)?.replace('\'', "")),
        _ => format!("function g{number} {{\n{}}}", nested(input, depth, heredocs)?),
    };
    out.push_str(&text);
    Ok(())
}
