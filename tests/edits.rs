//! Edits change just what they are for: over real files, as they are and with Windows line ends, and by hand at the edges.

mod common;

use std::fs;
use upbeat::finding::Edit;
use upbeat::fix::plan::apply;
use upbeat::source::{SourceFile, Sources};
use upbeat::yaml::{self, EditError, Kind, NodeId, Tree};

/// A value as plain data, to compare trees by.
#[derive(Clone, Debug, PartialEq)]
enum Data {
    Text(String),
    List(Vec<Data>),
    Map(Vec<(Data, Data)>),
}

fn data(tree: &Tree, id: NodeId) -> Data {
    match tree.kind(tree.resolve(id)) {
        Kind::Scalar { value, .. } => Data::Text(value.to_string()),
        Kind::Sequence { items, .. } => {
            Data::List(items.iter().map(|item| data(tree, *item)).collect())
        }
        Kind::Mapping { entries, .. } => Data::Map(
            entries
                .iter()
                .map(|e| (data(tree, e.key), data(tree, e.value)))
                .collect(),
        ),
        Kind::Alias(_) => unreachable!("resolved"),
    }
}

fn read(text: &str) -> Option<(Sources, Tree)> {
    let mut sources = Sources::default();
    let file = sources.add("compose.yml", text);
    let tree = yaml::parse(file, text).ok()?;
    Some((sources, tree))
}

/// All documents of a text, with what `change` makes of the node at a path.
fn all(tree: &Tree) -> Vec<Data> {
    tree.documents()
        .iter()
        .map(|root| data(tree, *root))
        .collect()
}

type Maker = fn(&Tree, &SourceFile, NodeId) -> Result<Edit, EditError>;

/// Makes an edit at every `step`th node and compares what is read then with the old tree, nodes in order of the text.
fn sweep(
    text: &str,
    step: usize,
    make: Maker,
    expect: fn(&Tree, NodeId, &Tree) -> bool,
) -> (usize, usize) {
    let Some((sources, tree)) = read(text) else {
        return (0, 0);
    };
    let file = sources.get(tree.file());
    let (mut made, mut refused) = (0, 0);
    for id in tree.ids().step_by(step) {
        let Ok(edit) = make(&tree, file, id) else {
            refused += 1;
            continue;
        };
        let new = apply(text, std::slice::from_ref(&edit));
        let (_, new_tree) =
            read(&new).unwrap_or_else(|| panic!("{edit:?} breaks the file:\n{new}"));
        assert!(expect(&tree, id, &new_tree), "{edit:?} in\n{text}");
        made += 1;
    }
    (made, refused)
}

/// Whether nothing but one node's text differs, which is `NEW` now.
fn only_text_changed(old: &Tree, id: NodeId, new: &Tree) -> bool {
    old.len() == new.len()
        && old.ids().all(
            |other| match (&old.node(other).kind, &new.node(other).kind) {
                (Kind::Scalar { value: a, .. }, Kind::Scalar { value: b, .. }) => {
                    if other == id {
                        &**b == NEW
                    } else {
                        a == b
                    }
                }
                (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
            },
        )
}

const NEW: &str = "3m20s";

fn replace(tree: &Tree, file: &SourceFile, id: NodeId) -> Result<Edit, EditError> {
    // A key's text may stand in an alias or a merge elsewhere; only values are ever replaced.
    let is_value = tree.ids().any(|other| match &tree.node(other).kind {
        Kind::Mapping { entries, .. } => entries
            .iter()
            .any(|e| e.value == id && tree.scalar(e.key) != Some("<<")),
        Kind::Sequence { items, .. } => items.contains(&id),
        _ => false,
    });
    if !is_value {
        return Err(EditError::WrongKind);
    }
    yaml::replace_scalar(tree, file, id, NEW)
}

fn insert(tree: &Tree, file: &SourceFile, id: NodeId) -> Result<Edit, EditError> {
    yaml::insert_key(tree, file, id, "x-added", NEW)
}

fn relist(tree: &Tree, file: &SourceFile, id: NodeId) -> Result<Edit, EditError> {
    yaml::list_to_mapping(tree, file, id, "c", |_| NEW.to_owned())
}

/// The mapping has one key more, behind the others; all else is as it was.
fn one_key_more(old: &Tree, id: NodeId, new: &Tree) -> bool {
    let Kind::Mapping { entries, .. } = &new.node(id).kind else {
        return false;
    };
    let added = entries
        .last()
        .is_some_and(|e| new.scalar(e.key) == Some("x-added") && new.scalar(e.value) == Some(NEW));
    let drop_added = |data: Data| drop_key(data, "x-added");
    added && all(new).into_iter().map(drop_added).collect::<Vec<_>>() == all(old)
}

fn drop_key(data: Data, key: &str) -> Data {
    match data {
        Data::Map(entries) => {
            let kept = entries
                .into_iter()
                .filter(|(k, _)| *k != Data::Text(key.to_owned()));
            Data::Map(kept.map(|(k, v)| (k, drop_key(v, key))).collect())
        }
        Data::List(items) => {
            Data::List(items.into_iter().map(|item| drop_key(item, key)).collect())
        }
        text @ Data::Text(_) => text,
    }
}

fn remove(tree: &Tree, file: &SourceFile, id: NodeId) -> Result<Edit, EditError> {
    let entries = tree.entries(id);
    let middle = entries.get(entries.len() / 2).ok_or(EditError::WrongKind)?;
    // What carries an anchor that others use cannot go.
    let range = tree.node(middle.value).range.clone();
    let anchored = tree.ids().any(|n| {
        tree.node(n).anchor.is_some()
            && tree.node(n).range.start >= range.start
            && tree.node(n).range.start <= range.end
    });
    if anchored || matches!(tree.node(id).kind, Kind::Alias(_)) {
        return Err(EditError::WrongKind);
    }
    let key = tree
        .scalar(middle.key)
        .ok_or(EditError::WrongKind)?
        .to_owned();
    yaml::remove_key(tree, file, id, &key)
}

fn one_key_less(old: &Tree, id: NodeId, new: &Tree) -> bool {
    let entries = old.entries(id);
    let gone = old
        .scalar(entries[entries.len() / 2].key)
        .unwrap_or_default();
    // The nodes before the mapping keep their numbers, so it is found again by its own.
    let kept = |e: &&yaml::Entry| old.scalar(e.key) != Some(gone);
    let expected: Vec<_> = entries
        .iter()
        .filter(kept)
        .map(|e| (data(old, e.key), data(old, e.value)))
        .collect();
    data(new, id) == Data::Map(expected)
}

#[test]
fn edits_over_real_files_change_what_they_are_for() {
    let Some(folder) = common::corpus() else {
        return;
    };
    let mut counts = [(0, 0); 4];
    let mut add = |index: usize, (made, refused): (usize, usize)| {
        counts[index] = (counts[index].0 + made, counts[index].1 + refused);
    };
    for (number, path) in common::yaml_files(&folder).iter().enumerate() {
        let Ok(text) = fs::read_to_string(path) else {
            continue;
        };
        let texts = if number % 2 == 0 || text.contains('\r') {
            text
        } else {
            text.replace('\n', "\r\n")
        };
        add(0, sweep(&texts, 41, replace, only_text_changed));
        add(1, sweep(&texts, 13, insert, one_key_more));
        add(2, sweep(&texts, 11, remove, one_key_less));
        add(3, sweep(&texts, 1, relist, keys_of_items));
    }
    println!(
        "made and refused: replace {:?}, insert {:?}, remove {:?}, list to mapping {:?}",
        counts[0], counts[1], counts[2], counts[3]
    );
    assert!(counts.iter().all(|(made, _)| *made > 100), "{counts:?}");
}

fn edited(
    text: &str,
    key: &str,
    make: impl Fn(&Tree, &SourceFile, NodeId) -> Result<Edit, EditError>,
) -> String {
    let (sources, tree) = read(text).expect("YAML");
    let root = tree.documents()[0];
    let node = if key.is_empty() {
        root
    } else {
        tree.get(root, key).expect("the key")
    };
    let edit = make(&tree, sources.get(tree.file()), node).expect("an edit");
    apply(text, &[edit])
}

#[test]
fn a_replaced_scalar_keeps_its_quotes_comment_and_line_end() {
    let replaced = |text: &str| {
        edited(text, "a", |tree, file, id| {
            yaml::replace_scalar(tree, file, id, "200s")
        })
    };
    assert_eq!(
        replaced("a: 90s   # c\r\nb: 1\r\n"),
        "a: 200s   # c\r\nb: 1\r\n"
    );
    assert_eq!(replaced("a: '90s' # c\n"), "a: '200s' # c\n");
    assert_eq!(replaced("{a: 90s, b: 1}\n"), "{a: 200s, b: 1}\n");
    assert_eq!(replaced("a:\nb: 1\n"), "a: 200s\nb: 1\n");
    assert_eq!(replaced("a: &x !!str 90s\n"), "a: &x !!str 200s\n");
    assert_eq!(replaced("\u{feff}a: 90s"), "\u{feff}a: 200s");
    assert_eq!(replaced("é: ü\na: 90s # ö\n"), "é: ü\na: 200s # ö\n");
}

#[test]
fn a_text_that_would_be_something_else_is_quoted() {
    let replaced = |new: &str| {
        edited("a: x\n", "a", |tree, file, id| {
            yaml::replace_scalar(tree, file, id, new)
        })
    };
    assert_eq!(replaced("true"), "a: \"true\"\n");
    assert_eq!(replaced("x: y"), "a: \"x: y\"\n");
    assert_eq!(replaced("3"), "a: 3\n");
    let quoted = |text: &str, new: &str| {
        edited(text, "a", |tree, file, id| {
            yaml::replace_scalar(tree, file, id, new)
        })
    };
    assert_eq!(quoted("a: 'x'\n", "it's"), "a: 'it''s'\n");
    assert_eq!(quoted("a: \"x\"\n", "\"\\"), "a: \"\\\"\\\\\"\n");
}

#[test]
fn an_inserted_key_follows_the_last_one_in_its_style() {
    let inserted = |text: &str| {
        edited(text, "h", |tree, file, id| {
            yaml::insert_key(tree, file, id, "p", "200s")
        })
    };
    assert_eq!(
        inserted("h:\n    a: 1 # c\n# d\nx: 1\n"),
        "h:\n    a: 1 # c\n    p: 200s\n# d\nx: 1\n"
    );
    assert_eq!(
        inserted("h:\r\n  a: 1\r\nx: 1\r\n"),
        "h:\r\n  a: 1\r\n  p: 200s\r\nx: 1\r\n"
    );
    assert_eq!(inserted("h:\n  a: 1"), "h:\n  a: 1\n  p: 200s");
    assert_eq!(inserted("h: {a: 1} # c\n"), "h: {a: 1, p: 200s} # c\n");
    assert_eq!(
        inserted("h: {\n  a: 1,\n}\n"),
        "h: {\n  a: 1, p: 200s,\n}\n"
    );
    assert_eq!(
        inserted("h:\n  a:\n    - 1\n    - 2\nx: 1\n"),
        "h:\n  a:\n    - 1\n    - 2\n  p: 200s\nx: 1\n"
    );
    assert_eq!(
        inserted("h:\n  a: |\n    text\n\nx: 1\n"),
        "h:\n  a: |\n    text\n  p: 200s\n\nx: 1\n"
    );
    assert_eq!(
        inserted("h:\n  <<: *x\n".replace("*x", "{b: 1}").as_str()),
        "h:\n  <<: {b: 1}\n  p: 200s\n"
    );
}

#[test]
fn a_removed_key_takes_its_line_and_its_comment() {
    let removed = |text: &str, key: &str| {
        edited(text, "", |tree, file, id| {
            yaml::remove_key(tree, file, id, key)
        })
    };
    assert_eq!(removed("a: 1\nb: 2 # c\nd: 3\n", "b"), "a: 1\nd: 3\n");
    assert_eq!(removed("a: 1\nb:\n  c: 2\n", "b"), "a: 1\n");
    assert_eq!(removed("a: 1\nb: 2", "b"), "a: 1");
    assert_eq!(removed("a: 1\r\nb: 2\r\n", "a"), "b: 2\r\n");
    assert_eq!(removed("{a: 1, b: 2}\n", "a"), "{b: 2}\n");
    assert_eq!(removed("{a: 1, b: 2}\n", "b"), "{a: 1}\n");
    let (sources, tree) = read("a: 1\n").expect("YAML");
    let root = tree.documents()[0];
    assert_eq!(
        yaml::remove_key(&tree, sources.get(tree.file()), root, "a"),
        Err(EditError::OnlyKey)
    );
    assert_eq!(
        yaml::remove_key(&tree, sources.get(tree.file()), root, "b"),
        Err(EditError::NoSuchKey)
    );
}

fn keyed(text: &str) -> String {
    edited(text, "h", |tree, file, id| {
        yaml::list_to_mapping(tree, file, id, "c", |name| format!("{name}1"))
    })
}

#[test]
fn a_list_of_names_becomes_a_mapping_with_all_comments_in_place() {
    assert_eq!(
        keyed("h:\n  - a\n  - 'b' # c\n# d\n\n  -   e  # f\nx: 1\n"),
        "h:\n  a:\n    c: a1\n  'b': # c\n    c: b1\n# d\n\n  e:  # f\n    c: e1\nx: 1\n"
    );
    // As far left as its key: a mapping has to stand further right.
    assert_eq!(
        keyed("h:\n- a\n- b\nx: 1\n"),
        "h:\n  a:\n    c: a1\n  b:\n    c: b1\nx: 1\n"
    );
    assert_eq!(
        keyed("h:\n    # d\n    - a\n"),
        "h:\n    # d\n    a:\n        c: a1\n"
    );
    assert_eq!(
        keyed("h:\r\n  - a # b\r\nx: 1\r\n"),
        "h:\r\n  a: # b\r\n    c: a1\r\nx: 1\r\n"
    );
    assert_eq!(
        keyed("x: 1\r\nh:\r\n  - a"),
        "x: 1\r\nh:\r\n  a:\r\n    c: a1"
    );
    assert_eq!(
        keyed("h: [a, \"b\"] # c\n"),
        "h: {a: {c: a1}, \"b\": {c: b1}} # c\n"
    );
    assert_eq!(
        keyed("h: [\n  a, # b\n  d,\n]\n"),
        "h: {\n  a: {c: a1}, # b\n  d: {c: d1},\n}\n"
    );
    assert_eq!(
        keyed("h: !override\n  - a\n"),
        "h: !override\n  a:\n    c: a1\n"
    );
}

#[test]
fn a_list_of_more_than_names_stays_one() {
    for text in [
        "h: []\n",
        "h: a\n",
        "h: [a, [b]]\n",
        "h:\n  - a: 1\n",
        "h:\n  - &x a\n",
        "h:\n  - a\n  - a\n",
        "h:\n  - |\n    a\n",
        "h:\n  - a\n    b\n",
        "h:\n  - - a\n",
    ] {
        let (sources, tree) = read(text).expect("YAML");
        let node = tree.get(tree.documents()[0], "h").expect("h");
        let file = sources.get(tree.file());
        let made = yaml::list_to_mapping(&tree, file, node, "c", str::to_owned);
        assert!(made.is_err(), "{text}: {made:?}");
    }
}

/// The list has its items as keys, each with its pair; all else is as it was.
fn keys_of_items(old: &Tree, id: NodeId, new: &Tree) -> bool {
    let items = old.items(id).iter().filter_map(|item| old.scalar(*item));
    let pair = || {
        Data::Map(vec![(
            Data::Text("c".to_owned()),
            Data::Text(NEW.to_owned()),
        )])
    };
    let expected: Vec<_> = items
        .map(|name| (Data::Text(name.to_owned()), pair()))
        .collect();
    // The nodes before the list keep their numbers, and those behind it their texts.
    let is_made = data(new, id) == Data::Map(expected);
    let roots = all(old).into_iter().zip(all(new));
    let unlisted = |old: Data, new: Data| unlist(old) == unlist(new);
    is_made && roots.into_iter().all(|(old, new)| unlisted(old, new))
}

/// Without the pairs that the edit makes: a map of them is the list of its keys.
fn unlist(data: Data) -> Data {
    let pair = Data::Map(vec![(
        Data::Text("c".to_owned()),
        Data::Text(NEW.to_owned()),
    )]);
    match data {
        Data::Map(entries) if !entries.is_empty() && entries.iter().all(|(_, v)| *v == pair) => {
            Data::List(entries.into_iter().map(|(key, _)| key).collect())
        }
        Data::Map(entries) => Data::Map(entries.into_iter().map(|(k, v)| (k, unlist(v))).collect()),
        Data::List(items) => Data::List(items.into_iter().map(unlist).collect()),
        text @ Data::Text(_) => text,
    }
}

#[test]
fn what_stands_on_several_lines_is_left_alone() {
    for text in [
        "a: |\n  x\n",
        "a: >-\n  x\n",
        "a: x\n  y\n",
        "a: \"x\n  y\"\n",
    ] {
        let (sources, tree) = read(text).expect("YAML");
        let node = tree.get(tree.documents()[0], "a").expect("a");
        assert_eq!(
            yaml::replace_scalar(&tree, sources.get(tree.file()), node, "1"),
            Err(EditError::NotOnOneLine),
            "{text}"
        );
    }
}
