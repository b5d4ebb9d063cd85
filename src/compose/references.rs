//! What Docker refuses in a merged model: names that lead nowhere, and settings that exclude each other.
//!
//! Only services that are on count (compose-go v2.9.1, `loader/validate.go`), sections always (`validation/validation.go`).

use super::circles::circles;
use super::needs::{Need, Target, Use, Way, listed, needs};
use super::refused::{Code, Refused};
use super::service::Service;
use super::value::{Field, Mapping, Value};
use super::{conflicts, sections};
use crate::source::Span;
use crate::spelling::Speller;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Names by the section that they stand in.
type Spellers = HashMap<&'static str, Speller>;

/// What one service that is on needs.
pub(super) struct On {
    /// Its number among all services.
    pub(super) service: usize,
    pub(super) needs: Vec<Need>,
    /// The services whose images its build starts from, by the names that it gives them.
    contexts: Vec<(Box<str>, Need)>,
}

/// Gathers what is refused, one service at a time: none of them has to be kept for that.
pub(super) struct References<'a> {
    /// The sections beside the services.
    root: &'a Value,
    found: Vec<Refused>,
    on: Vec<On>,
    /// The services whose containers have a name of their own, by that.
    containers: HashMap<String, (String, Span)>,
    /// The profiles of services that are off as messages show them, where variables had a part in that.
    profiles: HashMap<usize, Vec<String>>,
    /// The services that are built.
    built: HashSet<usize>,
    /// The names that stand in each section, once one of them is misspelt.
    defined: Spellers,
}

impl<'a> References<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self {
            root,
            found: sections::check(root),
            on: Vec::new(),
            containers: HashMap::new(),
            profiles: HashMap::new(),
            built: HashSet::new(),
            defined: HashMap::new(),
        }
    }

    /// Adds a service that is on. `index` gives the numbers of services by name.
    pub(super) fn add(
        &mut self,
        service: usize,
        name: &str,
        field: &Field,
        index: impl Fn(&str) -> Option<usize>,
    ) {
        let one = One {
            root: self.root,
            name,
            service: &field.value,
            key: field.key,
        };
        one.check(&mut self.found, &mut self.defined);
        self.found.extend(conflicts::check(name, &field.value));
        self.container(name, &field.value);
        let needs = needs(&field.value).into_iter();
        let mut needs: Vec<Need> = needs.map(|need| Need::new(&need, &index)).collect();
        needs.shrink_to_fit();
        let contexts = contexts(&field.value).into_iter();
        let contexts = contexts.map(|(key, one)| (key.into(), Need::new(&one, &index)));
        let contexts = contexts.collect();
        self.always(service, name, field);
        self.on.push(On {
            service,
            needs,
            contexts,
        });
    }

    /// Adds a service that is off.
    pub(super) fn off(&mut self, service: usize, name: &str, field: &Field) {
        self.always(service, name, field);
        let profiles = field.value.get("profiles").map(Value::items);
        let profiles = profiles.unwrap_or_default();
        let is_given = |value: &Value| value.text() != Some(&value.written());
        if profiles.iter().any(is_given) {
            let written = profiles.iter().map(Value::written).collect();
            self.profiles.insert(service, written);
        }
    }

    /// What counts of a service also where it is off.
    fn always(&mut self, service: usize, name: &str, field: &Field) {
        self.found
            .extend(conflicts::check_always(name, &field.value));
        if field.value.get("build").is_some() {
            self.built.insert(service);
        }
    }

    /// Services whose containers are given the same name.
    fn container(&mut self, name: &str, service: &Value) {
        let named = service.get("container_name");
        let named = named.and_then(|value| Some((value.text()?, value)));
        let Some((text, value)) = named.filter(|(text, _)| !text.is_empty()) else {
            return;
        };
        let place = value.place();
        let own = (name.to_owned(), place);
        let Some((first, span)) = self.containers.insert(text.to_owned(), own) else {
            return;
        };
        let message = format!(
            "the container of `{first}` is named `{}` as well",
            value.written()
        );
        let path = format!("services.{name}.container_name");
        let mut refused = Refused::new(Code::Conflict, place, path, message);
        refused.labels.push((span, format!("the one of `{first}`")));
        let refused = refused.allowing("each container has a name of its own");
        self.found.push(refused);
    }

    /// All that is refused; `services` are all that there are, in the order of their numbers.
    pub(super) fn finish(self, services: &[Arc<Service>]) -> Vec<Refused> {
        let mut is_on = vec![false; services.len()];
        for one in &self.on {
            is_on[one.service] = true;
        }
        let mut found = self.found;
        let mut names: Option<Speller> = None;
        let shown = |service: usize| match self.profiles.get(&service) {
            Some(written) => written.join("` or `"),
            None => services[service].profiles.join("` or `"),
        };
        for one in &self.on {
            let name = &services[one.service].name;
            let needs = one.needs.iter();
            let mut judged = |need: &Need| match &need.target {
                Target::Unknown(wanted, written) => {
                    let names = names.get_or_insert_with(|| {
                        Speller::new(services.iter().map(|service| service.name.as_str()))
                    });
                    Some(unknown(name, need, (wanted, written), services, names))
                }
                Target::Service(target) => inactive(name, need, *target, services, &is_on, shown),
            };
            found.extend(needs.filter_map(&mut judged));
            for (key, need) in &one.contexts {
                let refused = judged(need);
                let refused = refused.or_else(|| {
                    let Target::Service(target) = need.target else {
                        return None;
                    };
                    let is_built = self.built.contains(&target);
                    (!is_built).then(|| not_built(name, need, &services[target].name))
                });
                found.extend(refused.map(|refused| Refused {
                    path: format!("services.{name}.build.additional_contexts.{key}"),
                    ..refused
                }));
            }
        }
        found.extend(circles(&self.on, services));
        found
    }
}

/// The services whose images a build starts from.
fn contexts(service: &Value) -> Vec<(&str, Use<'_>)> {
    let contexts = service
        .get("build")
        .and_then(|build| build.get("additional_contexts"));
    let named = fields(contexts).filter_map(|(key, value, _)| {
        let one = Use {
            name: value.text()?.strip_prefix("service:")?,
            text: Some(value),
            span: value.place(),
            way: Way::Key("build"),
            required: true,
        };
        Some((key, one))
    });
    named.collect()
}

/// That a build starts from the image of a service which has no build.
fn not_built(name: &str, need: &Need, base: &str) -> Refused {
    let message = format!("`{base}`, from which `{name}` is built, is not built itself");
    let refused = Refused::new(Code::Conflict, need.span, "", message);
    refused.allowing("a `service:` here has a `build`; an image is `docker-image://NAME`")
}

/// A service that is needed and not there, by its name and how that is written.
fn unknown(
    name: &str,
    need: &Need,
    (wanted, written): (&str, &str),
    services: &[Arc<Service>],
    names: &mut Speller,
) -> Refused {
    let message = format!("there is no service `{written}`, which `{name}` needs");
    let path = need.path(name, services);
    let refused = Refused::new(Code::UndefinedService, need.span, path, message);
    // Nobody means the service itself.
    let mut refused = refused.meaning(names.nearest_but(wanted, name));
    refused.replaceable &= need.way.key() == "depends_on";
    // What `extends` brings along stands in a file that is right by itself.
    let own = services.iter().find(|service| service.name == name);
    if let Some(own) = own.filter(|own| own.key.file != need.span.file) {
        let text = format!("this `{name}` takes it over, and not `{written}` itself");
        refused.labels.push((own.key, text));
    }
    let others = names.names().filter(|other| *other != name);
    refused.allowing(words("services", others, names.names().len() - 1))
}

/// A service that is needed and off.
fn inactive(
    name: &str,
    need: &Need,
    there: usize,
    services: &[Arc<Service>],
    is_on: &[bool],
    profiles: impl Fn(usize) -> String,
) -> Option<Refused> {
    if is_on[there] || !need.required {
        return None;
    }
    let message = format!(
        "`{name}` needs `{}`, which is off without the profile `{}`",
        services[there].name,
        profiles(there)
    );
    let path = need.path(name, services);
    let refused = Refused::new(Code::InactiveDependency, need.span, path, message);
    Some(refused.allowing(
        "switch the profile on (--profile), take it away there, or write `required: false` here",
    ))
}

/// The keys of a map with their values and places.
pub(super) fn fields(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value, Span)> {
    let mapping: Option<&Mapping> = value.and_then(Value::mapping);
    let fields = mapping.into_iter().flat_map(|mapping| &mapping.fields);
    fields.map(|(name, field)| (name.as_str(), &field.value, field.key))
}

/// The volume that a mount names, and the text that it stands in.
fn volume(mount: &Value) -> Option<(&str, &Value)> {
    if mount.get("type").and_then(Value::text) == Some("volume") {
        let source = mount.get("source")?;
        return Some((source.text()?, source)).filter(|(name, _)| !name.is_empty());
    }
    let text = mount.text()?;
    let (source, rest) = text.split_once(':')?;
    let is_drive = source.len() == 1 && rest.starts_with(['/', '\\']);
    let is_path = source.is_empty() || source.starts_with(['.', '/', '~', '\\']) || is_drive;
    (!is_path && !rest.is_empty()).then_some((source, mount))
}

/// One service that is on.
struct One<'a> {
    root: &'a Value,
    name: &'a str,
    service: &'a Value,
    key: Span,
}

impl One<'_> {
    fn check(&self, found: &mut Vec<Refused>, known: &mut Spellers) {
        found.extend(self.image());
        for (section, code) in [
            ("networks", Code::UndefinedNetwork),
            ("secrets", Code::UndefinedSecret),
            ("configs", Code::UndefinedConfig),
            ("models", Code::UndefinedModel),
        ] {
            let used = listed(self.service, section).into_iter();
            found.extend(used.filter_map(|one| self.defined(known, &one, "", section, code)));
        }
        if let Some(build) = self.service.get("build") {
            let code = Code::UndefinedSecret;
            let used = listed(build, "secrets").into_iter();
            found.extend(
                used.filter_map(|one| self.defined(known, &one, ".build", "secrets", code)),
            );
        }
        let mounts = self.service.get("volumes");
        let mounts = mounts.map(Value::items).unwrap_or_default();
        for (index, mount) in mounts.iter().enumerate() {
            let Some((name, text)) = volume(mount) else {
                continue;
            };
            let one = Use {
                name,
                text: Some(text),
                span: text.place(),
                way: Way::Item("volumes", index),
                required: true,
            };
            let refused = self.defined(known, &one, "", "volumes", Code::UndefinedVolume);
            // The place of a short mount is the whole of it.
            let source = mount.get("source");
            let is_long = source.is_some_and(|source| source.reference() != mount.reference());
            found.extend(refused.map(|refused| Refused {
                replaceable: refused.replaceable && is_long,
                ..refused
            }));
        }
    }

    fn path(&self) -> String {
        format!("services.{}", self.name)
    }

    fn image(&self) -> Option<Refused> {
        let image = self.service.get("image");
        let has_image = image.is_some_and(|image| image.text() != Some(""));
        // What is written with nothing behind it is refused for that.
        let is_there = |key| self.service.get(key).is_some();
        if has_image
            || is_there("build")
            || is_there("provider")
            || self.service.mapping().is_none()
        {
            return None;
        }
        let message = format!("`{}` has neither an image nor a build", self.name);
        let refused = Refused::new(Code::NoImage, self.key, self.path(), message);
        Some(refused.allowing("a service has `image`, `build`, or both"))
    }

    /// Whether a name that is used at `inner` of the service stands in its section.
    fn defined(
        &self,
        known: &mut Spellers,
        one: &Use,
        inner: &str,
        section: &'static str,
        code: Code,
    ) -> Option<Refused> {
        let defined = self.root.get(section);
        let is_default = section == "networks" && one.name == "default";
        if is_default || defined.is_some_and(|defined| defined.get(one.name).is_some()) {
            return None;
        }
        let defined = known
            .entry(section)
            .or_insert_with(|| Speller::new(fields(defined).map(|(name, ..)| name)));
        let what = section.trim_end_matches('s');
        let written = one.written();
        let message = match one.name {
            "" => format!("this says not which {what} `{}` uses", self.name),
            _ => format!("there is no {what} `{written}`, which `{}` uses", self.name),
        };
        let path = one.way.path(&format!("{}{inner}", self.path()), one.name);
        let refused = Refused::new(code, one.span, path, message);
        let refused = refused.meaning(defined.nearest(one.name));
        let advice = if one.name.is_empty() {
            "it has a `source`".to_owned()
        } else if defined.names().len() == 0 {
            let content = match section {
                "secrets" | "configs" => " { file: PATH }",
                "models" => " { model: NAME }",
                _ => "",
            };
            format!("name it at the top level: `{section}: {{ {written}:{content} }}`")
        } else {
            words(section, defined.names(), defined.names().len())
        };
        Some(refused.allowing(advice))
    }
}

/// `the services are a, b and 7 more`.
pub(super) fn words<'a>(what: &str, names: impl Iterator<Item = &'a str>, count: usize) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = names.take(SHOWN).map(|name| format!("`{name}`")).collect();
    match (count, count.saturating_sub(SHOWN)) {
        (0, _) => format!("there are no other {what}"),
        (_, 0) => format!("the {what} are {}", shown.join(", ")),
        (_, more) => format!("the {what} are {} and {more} more", shown.join(", ")),
    }
}
