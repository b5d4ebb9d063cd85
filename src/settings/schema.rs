//! The JSON Schema of the file, for editors.

use super::keys::{Key, MARGINS, Record, RuleValue, SETTINGS, Shape};
use super::reader::SEVERITY;
use crate::clock::BudgetModel;
use crate::duration;
use crate::rules::{Level, OptionKind, RULES, Rule, RuleOption};
use serde_json::{Map, Value as Json, json};

/// The file in which the repository keeps it.
pub const SCHEMA_NAME: &str = "upbeat.schema.json";

/// The schema, as it stands in its file.
pub fn schema() -> String {
    let mut schema = record(&SETTINGS);
    let head = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "upbeat.yml",
        "description": "The settings of upbeat; all of it is optional, and paths count from the project's root",
        // A file of comments.
        "type": ["object", "null"],
        "definitions": { "level": level(), "length": length() },
    });
    for (key, value) in head.as_object().into_iter().flatten() {
        schema.insert(key.clone(), value.clone());
    }
    let mut order = Map::new();
    for key in ["$schema", "title", "description"] {
        order.extend(schema.remove(key).map(|value| (key.to_owned(), value)));
    }
    order.extend(schema);
    let text = serde_json::to_string_pretty(&order).unwrap_or_default();
    format!("{text}\n")
}

fn shape(shape: &Shape) -> Json {
    match shape {
        Shape::Engine => json!({ "anyOf": [
            { "type": "string", "pattern": r"^\s*[vV]*(1[7-9]|20|2[2-9])([.+~-][0-9A-Za-z.+~-]*)?\s*$" },
            { "type": "number", "minimum": 17, "exclusiveMaximum": 30 },
        ] }),
        Shape::Budget => json!({ "enum": BudgetModel::ALL.map(BudgetModel::name) }),
        Shape::Margin => json!({ "anyOf": [
            { "type": "number", "minimum": MARGINS.start(), "maximum": MARGINS.end() },
            { "type": "string", "pattern": r"^\+?[0-9]+(\.[0-9]*)?$" },
        ] }),
        Shape::Length => json!({ "$ref": "#/definitions/length" }),
        // What looks like a number or a truth value is a text as well.
        Shape::Text => json!({ "type": ["string", "number", "boolean"], "minLength": 1 }),
        Shape::List(item, least) => {
            let mut list = json!({ "type": "array", "items": self::shape(item) });
            if *least > 0 {
                list["minItems"] = json!(least);
            }
            list
        }
        Shape::Map(value) => {
            json!({ "type": "object", "additionalProperties": self::shape(value) })
        }
        Shape::Record(keys) => Json::Object(record(keys)),
        Shape::Either(shapes) => {
            json!({ "anyOf": shapes.iter().map(self::shape).collect::<Vec<_>>() })
        }
        Shape::Rules(value) => rules(*value),
    }
}

fn record(record: &Record) -> Map<String, Json> {
    let described = |key: &Key| {
        let property = with_description(shape(&key.shape), key.about);
        (key.name.to_owned(), property)
    };
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    let properties: Map<String, Json> = record.keys.iter().map(described).collect();
    object.insert("properties".to_owned(), Json::Object(properties));
    object.insert("additionalProperties".to_owned(), json!(false));
    let needs = record.needs.iter().map(|keys| {
        let each: Vec<Json> = keys
            .iter()
            .map(|key| json!({ "required": [key] }))
            .collect();
        json!({ "anyOf": each })
    });
    let needs: Vec<Json> = needs.collect();
    if !needs.is_empty() {
        object.insert("allOf".to_owned(), Json::Array(needs));
    }
    object
}

/// Beside a `$ref` older drafts pass over everything else: the description is put around it.
fn with_description(schema: Json, about: &str) -> Json {
    let mut described = Map::new();
    described.insert("description".to_owned(), json!(about));
    match schema {
        Json::Object(fields) if !fields.contains_key("$ref") => described.extend(fields),
        other => {
            described.insert("allOf".to_owned(), json!([other]));
        }
    }
    Json::Object(described)
}

fn level() -> Json {
    json!({
        "description": "off, or the severity that the findings get",
        "enum": Level::ALL.map(Level::name),
    })
}

fn length() -> Json {
    json!({
        "description": "A length of time with its unit, such as 90s or 1m30s",
        "anyOf": [
            { "type": "string", "pattern": duration::pattern() },
            { "type": "number", "const": 0 },
        ],
    })
}

fn rules(value: RuleValue) -> Json {
    let level = json!({ "$ref": "#/definitions/level" });
    let described = |rule: &Rule| {
        let said = match value {
            RuleValue::Level => level.clone(),
            RuleValue::LevelOrOptions => json!({ "anyOf": [level, options(rule)] }),
        };
        (rule.name.to_owned(), with_description(said, rule.summary))
    };
    let properties: Map<String, Json> = RULES.iter().map(described).collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

/// A rule's map.
fn options(rule: &Rule) -> Json {
    let mut properties = Map::new();
    let level = json!({ "$ref": "#/definitions/level" });
    properties.insert(
        SEVERITY.to_owned(),
        with_description(level, "off, or the severity that its findings get"),
    );
    let options = rule.options().iter();
    properties.extend(options.map(|one| {
        let described = with_description(option(one), one.about);
        (one.name.to_owned(), described)
    }));
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "minProperties": 1,
    })
}

fn option(option: &RuleOption) -> Json {
    match option.kind {
        OptionKind::Length(_) => json!({ "$ref": "#/definitions/length" }),
        OptionKind::Times(usual) => {
            json!({ "type": "number", "minimum": 1, "default": usual })
        }
        OptionKind::Count(usual) => {
            json!({ "type": "integer", "minimum": 1, "default": usual })
        }
    }
}
