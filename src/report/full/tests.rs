//! What the report for people looks like.

use super::super::tests::{finding, label, place, story};
use super::*;

fn rendered(findings: &[Finding], sources: &Sources, colours: bool) -> String {
    let summary = Summary::new(findings, 2, 1, 1, true);
    let style = Style {
        colours,
        ..Style::default()
    };
    let mut out = Vec::new();
    render(findings, sources, Some(&summary), style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn styled(findings: &[Finding], sources: &Sources, style: Style) -> String {
    let mut out = Vec::new();
    render(findings, sources, None, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn prose_is_as_wide_as_the_terminal() {
    let (sources, mut findings) = story();
    findings[0].notes = vec!["one two three four five six seven eight nine".to_owned()];
    let style = Style {
        width: Some(40),
        ..Style::default()
    };
    let text = styled(&findings, &sources, style);
    // 40 characters at most but for the lines of the files.
    let expected = "\
error[wait-below-budget]: MAX_WAIT=120
  gives up before the stack may be
  healthy (planned 140s)
  ┌─ .github/workflows/deploy.yml:5:20
";
    assert!(text.starts_with(expected), "{text}");
    let expected = "
  = one two three four five six seven
    eight nine
  = fix (safe): raise MAX_WAIT to 160 —
    apply with `upbeat --fix`

";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn places_and_rules_are_links_where_they_lead_somewhere() {
    let (sources, findings) = story();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    std::fs::create_dir_all(folder.path().join(".github/workflows")).unwrap();
    std::fs::write(folder.path().join(".github/workflows/deploy.yml"), "").unwrap();
    let links = super::super::Links::new(root, "here", "https://example.org/x");
    let style = |links| Style {
        links: Some(links),
        colours: true,
        ..Style::default()
    };
    let text = styled(&findings, &sources, style(&links));
    let version = env!("CARGO_PKG_VERSION");
    let rule = format!(
        "\x1b[1;31merror[\x1b]8;;https://example.org/x/blob/v{version}/rules/wait-below-budget.md\x1b\\wait-below-budget\x1b]8;;\x1b\\]"
    );
    assert!(text.starts_with(&rule), "{text:?}");
    let place = format!(
        " \x1b]8;;file://here{root}/.github/workflows/deploy.yml\x1b\\.github/workflows/deploy.yml:5:20\x1b]8;;\x1b\\\n"
    );
    assert!(text.contains(&place), "{text:?}");
    // There is no such file.
    assert!(text.contains(" compose.yml:4:17\n"), "{text:?}");
    let near = super::super::Links::new(root, "", "").with_lines();
    let text = styled(&findings, &sources, style(&near));
    assert!(text.starts_with("\x1b[1;31merror[wait-below-budget]\x1b"));
    let place = format!("file://{root}/.github/workflows/deploy.yml#5\x1b\\");
    assert!(text.contains(&place), "{text:?}");
    let plain = styled(
        &findings,
        &sources,
        Style {
            links: None,
            ..style(&links)
        },
    );
    assert!(!plain.contains("\x1b]") && !plain.contains('\u{1}'));
}

#[test]
fn nothing_hostile_comes_into_links() {
    let mut sources = Sources::default();
    let name = "x\x1b\\\x01é y\u{202e}#?%.yml";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), "").unwrap();
    let file = sources.add(name, "a: \"\x011\x02b\x03\" # 90s\n");
    let at = label(place(&sources, file, "90s"), "\x010\x02c");
    let mut found = finding(Severity::Warning, at, "\x01r\x02d\x03");
    found.notes = vec!["\x010\x02e".to_owned()];
    let root = folder.path().to_str().unwrap();
    let links = super::super::Links::new(root, "", "");
    let style = Style {
        links: Some(&links),
        ..Style::default()
    };
    let text = styled(&[found], &sources, style);
    let uri = format!("\x1b]8;;file://{root}/x%1B%5C%01%C3%A9%20y%E2%80%AE%23%3F%25.yml\x1b\\");
    assert!(text.contains(&uri), "{text:?}");
    assert_eq!(text.matches("\x1b]8;;").count(), 2, "{text:?}");
    assert!(!text.contains(['\u{1}', '\u{2}', '\u{3}']), "{text:?}");
}

#[test]
fn a_finding_over_two_files() {
    let (sources, findings) = story();
    let expected = "\
error[wait-below-budget]: MAX_WAIT=120 gives up before the stack may be healthy (planned 140s)
  ┌─ .github/workflows/deploy.yml:5:20
  │
5 │           MAX_WAIT=120
  │                    ^^^ gives up after 120s
  │
  ┌─ compose.yml:4:17
  │
4 │       interval: 45s
  │                 --- + 45s interval
5 │       timeout: 5s
6 │       start_period: 90s
  │                     --- backend: 90s start_period
  │
  = 90 + 5 + 45 = 140s
  = fix (safe): raise MAX_WAIT to 160 — apply with `upbeat --fix`

1 error (1 fixable with --fix) in 2 files, 1 stack, 1 wait
";
    assert_eq!(rendered(&findings, &sources, false), expected);
}

#[test]
fn severities_have_our_names() {
    let (sources, mut findings) = story();
    findings[0].severity = Severity::Info;
    findings[0].fix.as_mut().unwrap().safety = Safety::Display;
    let text = rendered(&findings, &sources, false);
    assert!(text.starts_with("info[wait-below-budget]: MAX_WAIT"));
    assert!(text.contains("= fix (by hand): raise MAX_WAIT to 160\n"));
    assert!(text.ends_with("\n1 info in 2 files, 1 stack, 1 wait\n"));
}

#[test]
fn colours_only_when_asked_for() {
    let (sources, findings) = story();
    let plain = rendered(&findings, &sources, false);
    let painted = rendered(&findings, &sources, true);
    assert!(!plain.contains('\x1b'));
    assert!(painted.starts_with("\x1b[1;31merror[wait-below-budget]\x1b[0;1m: MAX_WAIT"));
    let mut stripped = String::new();
    for (i, part) in painted.split('\x1b').enumerate() {
        let text = part.split_once('m').map_or(part, |(_, text)| text);
        stripped.push_str(if i == 0 { part } else { text });
    }
    assert_eq!(stripped, plain);
}

#[test]
fn no_blanks_at_the_ends_of_lines() {
    let mut sources = Sources::default();
    let file = sources.add("a.yml", "{ interval: 45s, timeout: 5s }   \n");
    let at = |text, words| label(place(&sources, file, text), words);
    let mut found = finding(Severity::Error, at("45s", "one"), "x");
    found.labels = vec![at("5s }", "two"), at("timeout", "three")];
    let text = rendered(&[found], &sources, false);
    assert!(text.contains("three\n") && text.contains("one\n"));
    assert!(!text.lines().any(|line| line.ends_with(' ')), "{text}");
}

#[test]
fn nothing_hostile_comes_through_and_carets_stay_in_place() {
    let mut sources = Sources::default();
    let text = "\u{feff}a: \"\x1b[2J\u{202e}\u{9b}1m\" # 90s\r\n";
    let file = sources.add("x\x1b[31m\n::error::.yml", text);
    let mut found = finding(
        Severity::Warning,
        label(place(&sources, file, "90s"), "too\rshort"),
        "\x1b]0;title\x07",
    );
    found.notes = vec!["a\n::error::b".to_owned()];
    let text = rendered(&[found], &sources, false);
    assert_eq!(
        text,
        "\
warning[wait-below-budget]: \\x1b]0;title\\x07
  ┌─ x\\x1b[31m\\n::error::.yml:1:17
  │
1 │ a: \"?[2J\u{fffd}¿1m\" # 90s
  │                 ^^^ too\\rshort
  │
  = a\\n::error::b

1 warning in 2 files, 1 stack, 1 wait
"
    );
}

#[test]
fn many_findings_in_a_giant_line_stay_small() {
    let mut sources = Sources::default();
    let file = sources.add("a.yml", "90s ".repeat(250_000));
    let at = label(place(&sources, file, "90s"), "here");
    let findings = vec![finding(Severity::Error, at, "x"); 500];
    assert!(rendered(&findings, &sources, false).len() < 500 * 400);
}

#[test]
fn every_place_renders() {
    let mut sources = Sources::default();
    let text = "\u{feff}\u{9b}é\t\r\n\r\n\nx\r";
    let file = sources.add("a.yml", text);
    let length = text.len();
    for start in 0..=length {
        for end in start..=length + 2 {
            let span = crate::source::Span::new(file, start..end);
            let mut found = finding(Severity::Error, label(span, "a"), "x");
            let other = crate::source::Span::new(file, start / 2..length);
            found.labels.push(label(other, "b"));
            assert!(rendered(&[found], &sources, true).contains("a.yml:"));
        }
    }
}
