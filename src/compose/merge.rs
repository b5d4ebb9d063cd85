//! How a file's content meets that of the files before it.
//!
//! The rules are those of compose-go v2.9.1, `override/merge.go`: maps key by key, lists appended, but for the paths in
//! [`rule`]. What is merged there as a list of `NAME=value` is a map here: it comes to the same, and each value keeps its place.

use super::canonical::{dependencies, key_values, listed, names};
use super::fields::Fields;
use super::scalars;
use super::value::{Combine, Data, Field, Value};
use crate::yaml::Problem;

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
    refused: &mut Vec<Problem>,
) -> Value {
    let rule = rule(path);
    let replaces = over.combine() == Combine::Override || rule == Rule::Replace;
    over.combined();
    if replaces || base.is_null() {
        return settle(over);
    }
    if over.is_null() {
        return base;
    }
    match rule {
        Rule::Plain | Rule::Replace => {}
        Rule::KeyValues => {
            key_values(&mut base);
            key_values(&mut over);
            return replace_keys(base, over);
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

fn merge_plain(base: Value, mut over: Value, path: &[&str], refused: &mut Vec<Problem>) -> Value {
    if base.mapping().is_some() && over.mapping().is_some() {
        over.lies_over(base.mappings());
    }
    over.data = match (base.data, over.data) {
        (Data::Mapping(below), Data::Mapping(above)) => {
            Data::from(merge_fields(below.fields, above.fields, path, refused))
        }
        (Data::Sequence(below), Data::Sequence(above)) => {
            let above = above.into_iter().filter(is_kept);
            below.into_iter().chain(above).collect()
        }
        (Data::Mapping(_) | Data::Sequence(_), data) => {
            let message = format!(
                "this cannot override `{}`, which is a map or a list in what it is laid over",
                path.join(".")
            );
            refused.push(Problem {
                span: over.span,
                message,
            });
            data
        }
        (_, data) => data,
    };
    over
}

fn is_kept(value: &Value) -> bool {
    value.combine() != Combine::Reset
}

fn merge_fields(
    mut base: Fields,
    over: Fields,
    path: &[&str],
    refused: &mut Vec<Problem>,
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

/// `NAME=value`: a name without a value takes the value away.
fn replace_keys(mut base: Value, mut over: Value) -> Value {
    let (Some(below), Some(above)) = (base.mapping_mut(), over.mapping_mut()) else {
        return over;
    };
    for (key, field) in std::mem::take(&mut above.fields) {
        if is_kept(&field.value) {
            below.fields.insert(key, field);
        } else {
            below.fields.shift_remove(&key);
        }
    }
    std::mem::swap(below, above);
    over.lies_over(base.mappings());
    over
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

/// `mergeIPAMConfig`: pools of the same subnet are one.
fn merge_pools(base: Value, mut over: Value, path: &[&str], refused: &mut Vec<Problem>) -> Value {
    let (Data::Sequence(pools), Data::Sequence(above)) = (base.data, &mut over.data) else {
        return over;
    };
    let mut pools = pools.into_vec();
    let subnet = |pool: &Value| pool.get("subnet").map(scalars::text);
    for pool in std::mem::take(above) {
        let same = pools
            .iter()
            .position(|known| subnet(known) == subnet(&pool));
        match same {
            None => pools.push(pool),
            Some(at) => {
                let known = std::mem::replace(&mut pools[at], Value::null(&pool));
                pools[at] = merge_plain(known, pool, path, refused);
            }
        }
    }
    over.data = Data::Sequence(pools.into());
    over
}
