//! The tree against a second parser and against what is written.

mod common;

use granit_parser::{Event, Parser, StructureStyle};
use std::fmt::Write;
use std::fs;
use upbeat::source::Sources;
use upbeat::yaml::{self, Kind, NodeId, Style, Tree};

/// One event: what it is, its text, and its bytes where both parsers agree what they are.
type Seen = (String, String, Option<(usize, usize)>);

/// All events, and the bytes of all comments.
type Reading = (Vec<Seen>, Vec<(usize, usize)>);

fn ours(tree: &Tree) -> Reading {
    let mut events = Vec::new();
    for root in tree.documents() {
        walk(tree, *root, &mut events);
    }
    let comments = tree
        .comments()
        .iter()
        .map(|c| (c.range.start as usize, c.range.end as usize));
    (events, comments.collect())
}

fn walk(tree: &Tree, id: NodeId, events: &mut Vec<Seen>) {
    let node = tree.node(id);
    let range = Some((node.range.start as usize, node.range.end as usize));
    let mark = format!(
        "{}{}",
        if node.anchor.is_some() { "&" } else { "" },
        node.tag.map_or("", |t| &t.name)
    );
    match node.kind {
        Kind::Scalar { value, style } => {
            let exact = match style {
                Style::Plain => !value.is_empty(),
                Style::SingleQuoted | Style::DoubleQuoted => true,
                Style::Literal | Style::Folded => false,
            };
            events.push((
                format!("{style:?}{mark}"),
                value.to_string(),
                range.filter(|_| exact),
            ));
        }
        Kind::Alias(_) => events.push(("alias".into(), String::new(), range)),
        Kind::Sequence { items, .. } => {
            events.push((format!("sequence{mark}"), String::new(), None));
            for item in items {
                walk(tree, *item, events);
            }
            events.push(("end".into(), String::new(), None));
        }
        Kind::Mapping { entries, .. } => {
            events.push((format!("mapping{mark}"), String::new(), None));
            for entry in entries {
                walk(tree, entry.key, events);
                walk(tree, entry.value, events);
            }
            events.push(("end".into(), String::new(), None));
        }
    }
}

fn theirs(text: &str) -> Result<Reading, String> {
    let (mut events, mut comments) = (Vec::new(), Vec::new());
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|e| e.to_string())?;
        let range = span.byte_range().map(|r| (r.start, r.end));
        let mark = |anchor: usize, tag: Option<String>| {
            format!(
                "{}{}",
                if anchor > 0 { "&" } else { "" },
                tag.unwrap_or_default()
            )
        };
        match event {
            Event::Comment(..) => comments.extend(range),
            Event::Alias(_) => events.push(("alias".into(), String::new(), range)),
            Event::Scalar(value, style, anchor, tag) => {
                let style = format!("{style:?}");
                let empty = range.is_some_and(|(start, end)| start == end);
                let block = style == "Literal" || style == "Folded";
                let value = if style == "Plain" && empty {
                    String::new()
                } else {
                    value.to_string()
                };
                let tag = tag.map(|t| format!("{}{}", t.original_handle(), t.suffix()));
                events.push((
                    style + &mark(anchor, tag),
                    value,
                    range.filter(|_| !empty && !block),
                ));
            }
            Event::SequenceStart(StructureStyle::Flow | StructureStyle::Block, anchor, tag) => {
                let tag = tag.map(|t| format!("{}{}", t.original_handle(), t.suffix()));
                events.push((
                    format!("sequence{}", mark(anchor, tag)),
                    String::new(),
                    None,
                ));
            }
            Event::MappingStart(_, anchor, tag) => {
                let tag = tag.map(|t| format!("{}{}", t.original_handle(), t.suffix()));
                events.push((format!("mapping{}", mark(anchor, tag)), String::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                events.push(("end".into(), String::new(), None));
            }
            _ => {}
        }
    }
    Ok((events, comments))
}

/// Every node's bytes are what its kind says; block collections end with their last descendant.
fn check_bytes(tree: &Tree, text: &str) -> Result<(), String> {
    for id in tree.ids() {
        let node = tree.node(id);
        let bytes = &text[node.range.start as usize..node.range.end as usize];
        let ok = match node.kind {
            Kind::Scalar {
                style: Style::Plain,
                value,
            } => {
                bytes.is_empty() == value.is_empty()
                    && bytes.trim_matches([' ', '\t', '\n', '\r']) == bytes
            }
            Kind::Scalar {
                style: Style::SingleQuoted,
                ..
            } => bytes.len() > 1 && bytes.starts_with('\'') && bytes.ends_with('\''),
            Kind::Scalar {
                style: Style::DoubleQuoted,
                ..
            } => bytes.len() > 1 && bytes.starts_with('"') && bytes.ends_with('"'),
            Kind::Scalar {
                style: Style::Literal,
                ..
            } => bytes.starts_with('|'),
            Kind::Scalar {
                style: Style::Folded,
                ..
            } => bytes.starts_with('>'),
            Kind::Alias(_) => bytes.starts_with('*'),
            Kind::Sequence { flow: true, .. } => bytes.starts_with('[') && bytes.ends_with(']'),
            Kind::Mapping { flow: true, .. } => bytes.starts_with('{') == bytes.ends_with('}'),
            Kind::Sequence { flow: false, items } => {
                bytes.starts_with('-')
                    && items
                        .last()
                        .is_none_or(|last| tree.node(*last).range.end <= node.range.end)
            }
            Kind::Mapping {
                flow: false,
                entries,
            } => entries
                .iter()
                .all(|e| tree.node(e.value).range.end <= node.range.end),
        };
        if !ok {
            return Err(format!(
                "{:?} stands on {bytes:?} at {:?}",
                node.kind, node.range
            ));
        }
        if let Some(anchor) = &node.anchor {
            assert_eq!(
                &text[anchor.range.start as usize..anchor.range.end as usize],
                format!("&{}", anchor.name)
            );
        }
        if let Some(tag) = &node.tag {
            assert_eq!(
                &text[tag.range.start as usize..tag.range.end as usize],
                tag.name
            );
        }
    }
    Ok(())
}

/// Every scalar's text is found again from its bytes, part by part.
fn check_texts(tree: &Tree, sources: &Sources) -> Result<(), String> {
    let file = sources.get(tree.file());
    for id in tree.ids() {
        let Kind::Scalar { value, style } = tree.kind(id) else {
            continue;
        };
        let mapped = yaml::mapped(tree, file, id).expect("a scalar");
        if mapped.text() != value {
            return Err(format!(
                "{style:?} {value:?} is read as {:?}",
                mapped.text()
            ));
        }
        for (at, word) in value
            .split_whitespace()
            .map(|w| (w.as_ptr() as usize - value.as_ptr() as usize, w))
        {
            if !mapped.is_verbatim(at..at + word.len()) {
                if style == Style::Literal || (style == Style::Plain && !word.is_empty()) {
                    return Err(format!(
                        "{style:?}: {word:?} of {value:?} is not found in the file"
                    ));
                }
                continue;
            }
            let span = mapped.span(at..at + word.len());
            if sources.text(span) != word {
                return Err(format!(
                    "{word:?} of {value:?} is said to be {:?}",
                    sources.text(span)
                ));
            }
        }
    }
    Ok(())
}

fn read(text: &str) -> (Sources, Tree) {
    let mut sources = Sources::default();
    let file = sources.add("compose.yml", text);
    let tree = yaml::parse(file, text).unwrap_or_else(|p| panic!("{p:?}\n{text}"));
    (sources, tree)
}

fn check(text: &str) {
    let (sources, tree) = read(text);
    check_bytes(&tree, text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    check_texts(&tree, &sources).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let theirs = theirs(text).expect("the other parser reads it");
    assert_eq!(ours(&tree), theirs, "{text}");
}

#[test]
fn real_files_are_read_as_by_another_parser() {
    let Some(folder) = common::corpus() else {
        return;
    };
    let (mut read_files, mut events, mut wrong) = (0, 0, Vec::new());
    for path in common::yaml_files(&folder) {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let theirs = theirs(&text);
        let mut sources = Sources::default();
        let file = sources.add("x.yml", &*text);
        let tree = match (yaml::parse(file, &text), &theirs) {
            (Ok(tree), _) => tree,
            (Err(_), Err(_)) => continue,
            (Err(problem), Ok(_)) => {
                wrong.push(format!("{}: refused: {problem:?}", path.display()));
                continue;
            }
        };
        read_files += 1;
        if let Err(e) = check_bytes(&tree, &text).and_then(|()| check_texts(&tree, &sources)) {
            wrong.push(format!("{}: {e}", path.display()));
        }
        let Ok(theirs) = theirs else { continue };
        let ours = ours(&tree);
        events += ours.0.len();
        if ours != theirs {
            let at = ours.0.iter().zip(&theirs.0).position(|(a, b)| a != b);
            let difference = at.map(|i| (&ours.0[i], &theirs.0[i]));
            let comment = ours.1.iter().zip(&theirs.1).find(|(a, b)| a != b);
            wrong.push(format!(
                "{}: {difference:?} {comment:?} {} {}",
                path.display(),
                ours.1.len(),
                theirs.1.len()
            ));
        }
    }
    println!("{read_files} files, {events} events alike");
    assert!(
        wrong.is_empty(),
        "{} files differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(read_files > 0, "the corpus has no YAML");
}

#[test]
fn every_style_is_read_with_its_bytes() {
    check("a: \"x \\t y\"   # c\nb: &an !t [1, 2, ]\nc: |\n  x\n\n  y\nd:\ne: *an\n");
    check("g: >-  # hi\n  folded\n  more\n\n  par\n    code\n  end\nh: plain\n  more # c\n");
    check("k: |+\n  a\n\n\nl: >+\n  a\n\nm: x\n");
    check("k: |2\n    a\n   b\nl: x\n");
    check("- - a\n  - b\n-\n  - c\n- d: e\n  f:\n  - g\n- \n");
    check("? k\n: v\n? &a l\n: !x w\n");
    check("a: 'it''s'\nb: 'two\n  lines\n\n  here'\nc: \"a\\\n  b\n  c\"\n");
    check("x: &m\n  &k b: c\ny: &s\n- 1\nz: !override\n  q: 1\nw: !reset []\nv: !reset\nu: 1\n");
    check("{a: {b: c}, d: [e, {f: g}], h}\n");
    check("[a: b, c: d]\n");
    check("a: # c1\n  # c2\n  b: 1 # c3\n# c4\n");
    check("a: 1\n---\nb: 2\n...\n---\n# only\nc: 3\n");
}

#[test]
fn windows_line_ends_a_byte_order_mark_and_umlauts_shift_nothing() {
    check("\u{feff}é: \"ü\" # ö\r\nb: |\r\n  ä\r\n  b\r\nc: >\r\n  x\r\n  y\r\nd: 1\r\n");
    let (sources, tree) = read("\u{feff}é: ü # ö\r\nb: x\r\n");
    let root = tree.documents()[0];
    let value = tree.get(root, "b").expect("b");
    assert_eq!(sources.text(tree.span(value)), "x");
    assert_eq!(sources.start(tree.span(value)).line, 2);
    let first = tree.entries(root)[0].value;
    assert_eq!(sources.start(tree.span(first)).column, 4);
}

#[test]
fn odd_breaks_blanks_and_ends_cost_no_place() {
    // Only blanks, tabs and the two line ends are white space; a carriage return alone is a line end.
    check("a:\n  b: nginx\u{2028}\r\n");
    check("a\u{85}: 1\n");
    let stays = |text: &str| {
        let (sources, tree) = read(text);
        check_texts(&tree, &sources).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let is_it = |id: &NodeId| {
            tree.scalar(*id)
                .is_some_and(|text| text.contains("sleep 5"))
        };
        let id = tree.ids().find(is_it).expect("it");
        let mapped = yaml::mapped(&tree, sources.get(tree.file()), id).expect("a scalar");
        let at = mapped.text().find("sleep 5").expect("it");
        assert!(mapped.is_verbatim(at..at + 7), "{text:?}");
        assert_eq!(sources.text(mapped.span(at..at + 7)), "sleep 5");
    };
    stays("a: |\n  x\r  sleep 5\r\n  y\n");
    stays("a: >\n  x\r  y\r\r  sleep 5\n");
    stays("|\n---x\nsleep 5\n");
    stays("a: |\n  x\n  sleep 5\n  ");
    stays("a: &b\n  # why\n\n  # else\n  sleep 5\n");
    stays("a: &b # why\n  sleep 5\n");
    stays("? a\nsleep 5:\n");
    stays("? b: |1-\n     sleep 5\n");
}

#[test]
fn a_brace_within_a_word_is_no_mapping_to_repair() {
    for text in ["- ${PORT| # x\n}:80\n  - b\n", "- app:{x # y\nb:}\n  - c\n"] {
        let mut sources = Sources::default();
        let file = sources.add("compose.yml", text);
        assert!(yaml::parse(file, text).is_err(), "{text}");
    }
}

#[test]
fn a_bracket_at_its_keys_own_column_is_accepted_as_docker_does() {
    let (sources, tree) =
        read("x:\n  k: [\n \"a b\",\n c\n  d, # it's ]\n  ]\nz:\n  y: {\n  a: b\n  }\n");
    let root = tree.documents()[0];
    let k = tree.get(tree.get(root, "x").expect("x"), "k").expect("k");
    let texts: Vec<_> = tree
        .items(k)
        .iter()
        .map(|item| tree.scalar(*item).expect("scalar"))
        .collect();
    assert_eq!(texts, ["a b", "c d"]);
    assert!(sources.text(tree.span(k)).ends_with("it's ]\n  ]"));
    let y = tree.get(tree.get(root, "z").expect("z"), "y").expect("y");
    assert_eq!(tree.scalar(tree.get(y, "a").expect("a")), Some("b"));
    assert_eq!(tree.comments().len(), 1);
}

#[test]
fn merge_keys_are_followed_and_own_keys_win() {
    let (_, tree) =
        read("b: &b {i: 1, r: 2}\nc: &c {r: 3, t: 4}\nx:\n  <<: [*b, *c]\n  i: 9\ny:\n  <<: *c\n");
    let root = tree.documents()[0];
    let value = |at: &str, key: &str| tree.scalar(tree.get(tree.get(root, at)?, key)?);
    assert_eq!(value("x", "i"), Some("9"));
    assert_eq!(value("x", "r"), Some("2"));
    assert_eq!(value("x", "t"), Some("4"));
    assert_eq!(value("y", "t"), Some("4"));
    assert_eq!(value("y", "i"), None);
}

/// What is wrong with a text, and where.
fn problem(text: &str) -> (upbeat::source::Position, String) {
    let mut sources = Sources::default();
    let file = sources.add("x.yml", text);
    match yaml::parse(file, text) {
        Ok(tree) => (
            sources.start(tree.problems()[0].span),
            tree.problems()[0].message.clone(),
        ),
        Err(problem) => (sources.start(problem.span), problem.message),
    }
}

#[test]
fn what_docker_refuses_is_said_with_its_place() {
    let (at, message) = problem("a: 1\nb: 2\na: 3\n");
    assert_eq!((at.line, at.column), (3, 1));
    assert!(
        message.contains("`a` stands here a second time, the first one is on line 1"),
        "{message}"
    );
    assert!(
        problem("a: &x\n  b: *x\n")
            .1
            .contains("inside its own anchor")
    );
    assert!(problem("a: *x\n").1.contains("no YAML"));
    assert!(
        problem(&("[".repeat(200) + &"]".repeat(200)))
            .1
            .contains("levels deep")
    );
    assert!(problem(&"- ".repeat(200)).1.contains("levels deep"));
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").expect("written");
    }
    assert!(
        problem(&bomb).1.contains("larger than"),
        "{:?}",
        problem(&bomb)
    );
    let (at, message) = problem("services:\n  a:\n    x: [1, 2\n  b: 3\n");
    assert!(message.contains("no YAML"), "{message}");
    assert!(at.line >= 3, "{at:?}");
}

#[test]
fn a_directive_that_yaml_does_not_have_is_refused_where_it_stands() {
    let (at, message) = problem("# é\n%YAM\u{fffd} 1\n---\na: b\n");
    assert!(message.contains("no directive `%YAM\u{fffd}`"), "{message}");
    assert_eq!((at.line, at.column), (2, 1));
    let (at, _) = problem("a: b\n...\n%X y\n---\na: b\n");
    assert_eq!(at.line, 3);
    for text in [
        "%YAML 1.2\n---\na: é\n",
        "%TAG ! tag:x,2000:\n---\na: b\n",
        "a: |\n  text\n%x: y\n",
    ] {
        let mut sources = Sources::default();
        let file = sources.add("x.yml", text);
        if let Ok(tree) = yaml::parse(file, text) {
            check_texts(&tree, &sources).expect("places");
        }
    }
}

#[test]
fn deep_or_wide_input_ends_soon() {
    for text in [
        "? ".repeat(20_000),
        "- ".repeat(200_000),
        "{".repeat(100_000),
        "a: [".repeat(50_000),
    ] {
        let mut sources = Sources::default();
        let file = sources.add("x.yml", &*text);
        assert!(yaml::parse(file, &text).is_err());
    }
}

#[test]
fn random_text_never_panics() {
    use proptest::prelude::*;
    proptest!(|(text in "[-a:?#&*!|>'\"%@`{}\\[\\], \n\r\t0é]{0,60}")| {
        let mut sources = Sources::default();
        let file = sources.add("x.yml", &*text);
        if let Ok(tree) = yaml::parse(file, &text) {
            check_texts(&tree, &sources).ok();
            for id in tree.ids() {
                let span = tree.span(id);
                prop_assert!(text.get(span.range()).is_some());
            }
        }
    });
}

#[test]
fn tabs_behind_a_colon_are_blanks_as_they_are_to_docker() {
    let text = "a:\tx\nb:\t\t  \"y\" # c:\td\nc: |\n  k:\tv\nd:\n  e:\t[1,\t2]\n";
    let mut sources = Sources::default();
    let file = sources.add("x.yml", text);
    let tree = yaml::parse(file, text).expect("YAML");
    let root = tree.documents()[0];
    for (key, value) in [("a", "x"), ("b", "y"), ("c", "k:\tv\n")] {
        let node = tree.get(root, key).expect("a key");
        assert_eq!(tree.scalar(node), Some(value), "{key}");
    }
    let quoted = tree.get(root, "b").expect("a key");
    assert_eq!(sources.text(tree.span(quoted)), "\"y\"");
    // Where something else is wrong as well, that is told.
    assert!(yaml::parse(file, "a:\tx\nb: ]\n").is_err());
}
