//! Every leaf of the effective models of real projects knows the bytes that it was made from: in its own file, in the one that it
//! extends, in a variable's default or in `.env`.
//!
//! No leaf is passed over: each belongs to one of the kinds below, and how many there are of each is printed.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use upbeat::compose::{Data, Environment, Loader, Places, Scalar, Value, read_env_file};
use upbeat::source::{FileKind, Span, Store, overlay_name, paths};
use upbeat::yaml::{Kind, Trees};

/// The `-f` lists of a project: each file alone, and each overlay over the base beside it.
fn lists(store: &Store) -> Vec<Vec<String>> {
    let files: Vec<&str> = store.of_kind(FileKind::Compose).collect();
    let mut lists: Vec<Vec<String>> = files.iter().map(|file| vec![(*file).to_owned()]).collect();
    for over in &files {
        let is_overlay = matches!(overlay_name(over), Some(Some(_)));
        let is_base = |base: &&&str| {
            paths::parent(base) == paths::parent(over) && matches!(overlay_name(base), Some(None))
        };
        for base in files.iter().filter(|_| is_overlay).filter(is_base) {
            lists.push(vec![(*base).to_owned(), (*over).to_owned()]);
        }
    }
    lists
}

/// All scalars of a value, with their key paths.
fn leaves<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, &'a Value)>) {
    match &value.data {
        Data::Null => {}
        Data::Scalar(_) => found.push((path.to_owned(), value)),
        Data::Sequence(items) => {
            for item in items {
                leaves(item, &format!("{path}[]"), found);
            }
        }
        Data::Mapping(mapping) => {
            for (key, field) in &mapping.fields {
                leaves(&field.value, &format!("{path}.{key}"), found);
            }
        }
    }
}

/// What Docker says where a short form says less: these words stand nowhere.
const IMPLIED: [&str; 15] = [
    "CMD-SHELL",
    "service_started",
    "true",
    "bind",
    "volume",
    "ingress",
    "tcp",
    "udp",
    "rwm",
    "all",
    ".",
    "default",
    "z",
    "Z",
    "rshared",
];

/// What a leaf is, or what is wrong with it.
fn kind(
    value: &Value,
    store: &Store,
    trees: &Trees,
    absolute: bool,
) -> Result<&'static str, String> {
    let scalar = value.scalar().expect("a scalar");
    let tree = trees.get(value.span.file).expect("it was read");
    if value.span != tree.span(value.node) {
        return Err("its span is not that of its node".to_owned());
    }
    if !value.pieces().is_empty() {
        return of_pieces(value, store, absolute);
    }
    let Kind::Scalar { value: written, .. } = tree.kind(value.node) else {
        let implied = IMPLIED.contains(&scalar.text.as_str());
        if implied || absolute && scalar.text.starts_with('/') {
            return Ok("implied by a map or a list");
        }
        return made(scalar, store.sources().text(value.span));
    };
    if written == scalar.text.as_str() {
        return read_again(value.span, store, &scalar.text);
    }
    made(scalar, written)
}

/// A text that is written: its bytes, read alone, give it again.
fn read_again(span: Span, store: &Store, text: &str) -> Result<&'static str, String> {
    let bytes = store.sources().text(span);
    if bytes == text {
        return Ok("written as it is");
    }
    let quoted = bytes.get(1..bytes.len().saturating_sub(1));
    if bytes.starts_with(['"', '\'']) && quoted == Some(text) {
        return Ok("written in quotes");
    }
    let alone = Store::memory([("alone.yml", format!("{bytes}\n"))]);
    let mut alone = alone;
    let file = alone.open("alone.yml").expect("it is there");
    let mut trees = Trees::default();
    let tree = trees
        .open(file, alone.sources())
        .map_err(|problem| format!("{bytes:?} is no YAML: {}", problem.message))?;
    let again = tree.documents().first().and_then(|root| tree.scalar(*root));
    let again = again.unwrap_or_default();
    // The line end behind a block is part of it only where it is there.
    if again == text || again.trim_end_matches('\n') == text.trim_end_matches('\n') {
        return Ok("written with escapes, or over several lines");
    }
    Err(format!("{bytes:?} gives {again:?}"))
}

/// A text in which variables had a part.
fn of_pieces(value: &Value, store: &Store, absolute: bool) -> Result<&'static str, String> {
    let (text, pieces) = (
        value.scalar().expect("a scalar").text.as_str(),
        value.pieces(),
    );
    let mut exact = true;
    for piece in pieces {
        let bytes = store.sources().text(piece.span);
        if piece.verbatim && bytes != piece.text {
            return Err(format!("{bytes:?} should be {:?}", piece.text));
        }
        exact &= piece.verbatim;
    }
    let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    // A block at the end of a file without a line end loses the one that the parser gave it.
    let is_whole = whole == text || whole.trim_end_matches('\n') == text;
    let is_path = absolute && text.starts_with('/');
    match (is_whole, exact) {
        (true, true) => Ok("pieces, each written as it is"),
        (true, false) => Ok("pieces, some with escapes"),
        (false, _) if is_path => Ok("a path, made absolute"),
        (false, _) => Err(format!("its pieces give {whole:?}")),
    }
}

/// A text that was made of what is written.
fn made(scalar: &Scalar, written: &str) -> Result<&'static str, String> {
    let text = scalar.text.as_str();
    if written.contains(text) {
        return Ok("a part of a short form");
    }
    if IMPLIED.contains(&text) {
        return Ok("implied by a short form");
    }
    if text.starts_with('/') {
        return Ok("a path, made absolute or tidied");
    }
    let is_number = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_number && written.contains('-') {
        return Ok("a port of a range");
    }
    if is_number {
        return Ok("a number, tidied");
    }
    // `/run/secrets/…` and `host=address` hold what is written.
    if !written.is_empty() && text.contains(written) {
        return Ok("a text around what is written");
    }
    Err(format!("{written:?} does not give {text:?}"))
}

#[test]
fn every_leaf_of_real_models_knows_the_bytes_that_it_was_made_from() {
    let Some(corpus) = common::corpus() else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut wrong, mut extended, mut from_env) = (Vec::new(), 0, 0);
    let projects = std::fs::read_dir(corpus).expect("a folder").flatten();
    for project in projects.filter(|project| project.path().is_dir()) {
        let mut store = Store::disk(project.path());
        for files in lists(&store) {
            for absolute in [false, true] {
                let folder = paths::parent(&files[0]).to_owned();
                let mut environment = Environment::default();
                let env = paths::join(&folder, ".env").and_then(|path| store.open(&path).ok());
                if let Some(env) = env {
                    let source = store.sources().share(env);
                    read_env_file(env, &source, &Environment::default(), &mut environment);
                }
                let mut trees = Trees::default();
                let mut loader = Loader::new(&mut store, &mut trees, &environment);
                loader.places = absolute.then(|| Places::new("/project", "/home/user"));
                let model = loader.load(&files, &folder).expect("they are there");
                let Some(root) = model.root else {
                    continue;
                };
                let mut found = Vec::new();
                leaves(&root, "", &mut found);
                for (path, value) in found {
                    extended += usize::from(!files.iter().any(|file| {
                        Path::new(file) == Path::new(store.sources().get(value.span.file).path())
                    }));
                    from_env += value
                        .pieces()
                        .iter()
                        .filter(|piece| Some(piece.span.file) == env)
                        .count();
                    match kind(value, &store, &trees, absolute) {
                        Ok(kind) => *counts.entry(kind).or_default() += 1,
                        Err(why) => wrong.push(format!("{}{path}: {why}", files.join(" + "))),
                    }
                }
            }
        }
    }
    for (kind, count) in &counts {
        println!("{count:7} {kind}");
    }
    println!(
        "{extended} leaves come from files that are extended or included, {from_env} pieces from env files"
    );
    assert!(extended > 0 && from_env > 0);
    assert!(
        wrong.is_empty(),
        "{} leaves:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
