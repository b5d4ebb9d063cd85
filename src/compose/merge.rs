//! How a file's content meets that of the files before it.
//!
//! The rules are those of compose-go v2.9.1, `override/merge.go`: maps key by key, lists appended, but for the paths in
//! [`rule`]. What is merged there as a list of `NAME=value` is a map here: it comes to the same, and each value keeps its place.

use super::canonical::{dependencies, key_values, listed, names};
use super::fields::Fields;
use super::refused::{Code, Refused};
use super::scalars;
use super::value::{Combine, Data, Field, Value};
use crate::source::Span;
use crate::yaml::Resolved;

/// How two values of the same path meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Maps key by key, lists appended, anything else replaced.
    Plain,
    /// The later one alone.
    Replace,
    /// Both as `NAME=value`.
    KeyValues,
    /// Both as lists; a single text is a list of one.
    Append,
    /// Appended, but for what is there already.
    Hosts,
    /// Both as maps of conditions.
    Dependencies,
    /// Both as maps; a list names its keys.
    Names,
    /// Both as maps; a text is the context.
    Build,
    /// The options of the same driver are merged, those of another replaced.
    Logging,
    /// Maps are merged, numbers replaced.
    Limit,
    /// Merged by their subnet.
    Pools,
}

fn rule(path: &[&str]) -> Rule {
    match path {
        ["services", _, "command" | "entrypoint"] | ["services", _, "healthcheck", "test"] => {
            Rule::Replace
        }
        [
            "services",
            _,
            "environment" | "labels" | "annotations" | "sysctls",
        ]
        | [
            "services",
            _,
            "build",
            "args" | "labels" | "additional_contexts",
        ]
        | ["services", _, "deploy", "labels"]
        | ["networks" | "volumes", _, "labels"] => Rule::KeyValues,
        [
            "services",
            _,
            "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "tmpfs",
        ] => Rule::Append,
        ["services", _, "extra_hosts"] | ["services", _, "build", "extra_hosts"] => Rule::Hosts,
        ["services", _, "depends_on"] => Rule::Dependencies,
        ["services", _, "networks" | "models"] => Rule::Names,
        ["services", _, "build"] => Rule::Build,
        ["services", _, "logging"] => Rule::Logging,
        ["services", _, "ulimits", _] => Rule::Limit,
        ["networks", _, "ipam", "config"] => Rule::Pools,
        _ => Rule::Plain,
    }
}

/// `over` laid over `base`. What cannot meet is noted, and the later one stays.
pub(super) fn merge(
    mut base: Value,
    mut over: Value,
    path: &[&str],
    refused: &mut Vec<Refused>,
) -> Value {
    let rule = rule(path);
    // Docker does not look for a tag on a whole document.
    let is_override = over.combine() == Combine::Override && !path.is_empty();
    let replaces = is_override || rule == Rule::Replace;
    over.combined();
    if replaces || base.is_null() {
        return settle(over);
    }
    if over.is_null() {
        if rule == Rule::Pools {
            refused.push(no_override(&over, path, base.span));
        }
        return base;
    }
    // Docker makes nothing of a scalar that is to be a map.
    let is_text = |scalar| scalars::resolved(scalar) == Resolved::Str;
    let is_lost = match rule {
        Rule::Dependencies | Rule::Names => over.scalar().is_some(),
        Rule::Build => over.scalar().is_some_and(|scalar| !is_text(scalar)),
        _ => false,
    };
    if is_lost {
        return base;
    }
    match rule {
        Rule::Plain | Rule::Replace => {}
        Rule::KeyValues => {
            let is_map = over.mapping().is_some() && base.mapping().is_some() && !base.is_listed();
            key_values(&mut base);
            as_docker_lists(&mut over);
            key_values(&mut over);
            if path[0] == "volumes" {
                refused.extend(repeated(&base, &over, path));
            }
            return replace_keys(base, over, is_map);
        }
        Rule::Append => {
            listed(&mut base);
            listed(&mut over);
        }
        Rule::Hosts => return append_new(base, over),
        Rule::Dependencies => {
            dependencies(&mut base);
            dependencies(&mut over);
        }
        Rule::Names => {
            names(&mut base);
            names(&mut over);
        }
        Rule::Build => {
            // Docker takes a list here for a map, too.
            if !over.items().is_empty() {
                key_values(&mut over);
            }
            super::canonical::build(&mut base);
            super::canonical::build(&mut over);
        }
        Rule::Logging => {
            let driver = |value: &Value| value.get("driver").map(scalars::text);
            if let (Some(below), Some(above)) = (driver(&base), driver(&over))
                && below != above
            {
                return over;
            }
        }
        Rule::Limit => {
            if over.mapping().is_none() || base.mapping().is_none() {
                return over;
            }
        }
        Rule::Pools => return merge_pools(base, over, path, refused),
    }
    merge_plain(base, over, path, refused)
}

fn merge_plain(base: Value, mut over: Value, path: &[&str], refused: &mut Vec<Refused>) -> Value {
    if base.mapping().is_some() && over.mapping().is_some() {
        over.lies_over(base.mappings());
    }
    let data = std::mem::replace(&mut over.data, Data::Null);
    over.data = match (base.data, data) {
        (Data::Mapping(below), Data::Mapping(above)) => {
            Data::from(merge_fields(below.fields, above.fields, path, refused))
        }
        (Data::Sequence(below), Data::Sequence(above)) => {
            let above = above.into_iter().filter(is_kept);
            below.into_iter().chain(above).collect()
        }
        (Data::Mapping(_) | Data::Sequence(_), data) => {
            refused.push(no_override(&over, path, base.span));
            data
        }
        (_, data) => data,
    };
    over
}

/// What is laid over is of another kind.
fn no_override(over: &Value, path: &[&str], base: Span) -> Refused {
    let message =
        "this cannot be laid over what is there: one is a map or a list, the other is not";
    let place = path.join(".");
    let mut refused = Refused::new(Code::WrongType, over.span, place, message);
    refused
        .labels
        .push((base, "it is laid over this".to_owned()));
    refused.allowing("write both in the same form, or `!override` before this one")
}

fn is_kept(value: &Value) -> bool {
    value.combine() != Combine::Reset
}

fn merge_fields(
    mut base: Fields,
    over: Fields,
    path: &[&str],
    refused: &mut Vec<Refused>,
) -> Fields {
    for (key, field) in over {
        if !is_kept(&field.value) {
            base.shift_remove(&key);
            continue;
        }
        match base.get_mut(&key) {
            None => {
                let value = settle(field.value);
                base.insert(key, Field { value, ..field });
            }
            Some(below) => {
                let path = [path, &[key.as_str()]].concat();
                let value = std::mem::replace(&mut below.value, Value::null(&field.value));
                below.value = merge(value, field.value, &path, refused);
                below.key = field.key;
            }
        }
    }
    base
}

/// A value that meets nothing: what it resets inside itself is gone all the same.
pub(super) fn settle(mut value: Value) -> Value {
    settle_in_place(&mut value);
    value
}

fn settle_in_place(value: &mut Value) {
    value.combined();
    match &mut value.data {
        Data::Mapping(mapping) => {
            mapping.fields.retain(|_, field| is_kept(&field.value));
            for field in mapping.fields.values_mut() {
                settle_in_place(&mut field.value);
            }
        }
        Data::Sequence(items) => {
            if !items.iter().all(is_kept) {
                value.change_items(|items| items.retain(is_kept));
            }
            value.items_mut().iter_mut().for_each(settle_in_place);
        }
        Data::Null | Data::Scalar(_) => {}
    }
}

/// `NAME=value`: a name without a value takes the value away. What is reset is so only where Docker still has a map: it makes
/// lists of two that are laid over each other.
fn replace_keys(mut base: Value, mut over: Value, is_map: bool) -> Value {
    let (Some(below), Some(above)) = (base.mapping_mut(), over.mapping_mut()) else {
        return over;
    };
    for (key, field) in std::mem::take(&mut above.fields) {
        if is_kept(&field.value) {
            below.fields.insert(key, field);
        } else if is_map {
            below.fields.shift_remove(&key);
        }
    }
    std::mem::swap(below, above);
    over.lies_over(base.mappings());
    over.listed();
    over
}

/// What comes out where Docker makes a list of `NAME=value`: of a number nothing, and of `NAME: [a, b]` two items, of which the
/// later wins.
fn as_docker_lists(value: &mut Value) {
    let is_text = |scalar| scalars::resolved(scalar) == Resolved::Str;
    if value.scalar().is_some_and(|scalar| !is_text(scalar)) {
        value.data = Data::from(Fields::default());
    }
    let Some(mapping) = value.mapping_mut() else {
        return;
    };
    mapping.fields.retain(|_, field| {
        if let Data::Sequence(items) = &mut field.value.data {
            let Some(last) = std::mem::take(items).into_vec().pop() else {
                return false;
            };
            field.value = last;
        }
        true
    });
}

/// What stands in both with the same value. Docker makes lists of the two, and takes no list that holds an item twice; elsewhere
/// it goes through the list before it looks.
fn repeated(base: &Value, over: &Value, path: &[&str]) -> Vec<Refused> {
    let fields = over.mapping().into_iter().flat_map(|over| &over.fields);
    let same = fields.filter_map(|(key, field)| {
        let known = base.mapping()?.fields.get(key)?;
        let equal = scalars::text(&known.value) == scalars::text(&field.value);
        (equal && is_kept(&field.value)).then_some((key, field, known))
    });
    same.map(|(key, field, known)| {
        let message =
            format!("`{key}` has this value already in a file that this one is laid over");
        let path = format!("{}.{key}", path.join("."));
        let mut refused = Refused::new(Code::DuplicateKey, field.key, path, message);
        refused.labels.push((known.key, "the first one".to_owned()));
        refused.allowing("write it in one of the files")
    })
    .collect()
}

/// `override/extra_hosts.go`: the same host may have several addresses.
fn append_new(mut base: Value, mut over: Value) -> Value {
    super::canonical::hosts(&mut base);
    super::canonical::hosts(&mut over);
    let known: Vec<String> = base.items().iter().map(scalars::text).collect();
    if let Data::Sequence(below) = base.data {
        over.change_items(|above| {
            above.retain(|item| !known.contains(&scalars::text(item)));
            above.splice(0..0, below);
        });
    }
    over
}

/// `mergeIPAMConfig`, which means to merge pools of the same subnet. Where there are several it goes through all pairs of them
/// and changes the earlier ones on the way, so that some are lost: what Docker runs is what comes out here.
fn merge_pools(base: Value, mut over: Value, path: &[&str], refused: &mut Vec<Refused>) -> Value {
    let (Data::Sequence(pools), Data::Sequence(above)) = (base.data, &mut over.data) else {
        return over;
    };
    let mut pools = pools.into_vec();
    let subnet = |pool: &Value| pool.get("subnet").map(scalars::text);
    let first = pools.len();
    pools.append(&mut std::mem::take(above).into_vec());
    let mut kept: Vec<usize> = Vec::new();
    for below in 0..first {
        for above in first..pools.len() {
            let wanted = subnet(&pools[above]);
            let is_new = !kept.iter().any(|at| subnet(&pools[*at]) == wanted);
            if is_new && wanted != subnet(&pools[below]) {
                kept.push(above);
                continue;
            }
            let known = std::mem::replace(&mut pools[below], Value::null(&over));
            pools[below] = merge_plain(known, pools[above].clone(), path, refused);
            let wanted = subnet(&pools[below]);
            match kept.iter().position(|at| subnet(&pools[*at]) == wanted) {
                Some(at) => kept[at] = below,
                None => kept.push(below),
            }
        }
    }
    over.data = kept.iter().map(|at| pools[*at].clone()).collect();
    over
}
