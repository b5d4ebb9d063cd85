//! The probes of healthchecks, word by word: what stands in the compose files, or in the project's own Dockerfiles.

use crate::compose::{Condition, NodeRef};
use crate::duration::{self, Seconds};
use crate::finding::Edit;
use crate::project::{ActiveService, Project, Stack};
use crate::rules::list;
use crate::shell::{Outline, UNKNOWN, outline};
use crate::source::{Mapped, Span};
use crate::yaml::{self, Kind, NodeId, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A probe, with everyone whose healthcheck it is.
pub struct Probe<'a> {
    /// `CMD` or `CMD-SHELL`, and the words behind it.
    pub test: &'a [String],
    /// Where it is written.
    pub place: Span,
    /// Whether a Dockerfile says so.
    pub in_image: bool,
    /// Whose it is. There is at least one.
    pub users: Vec<User<'a>>,
}

/// A service in a stack.
#[derive(Clone, Copy)]
pub struct User<'a> {
    /// The stack.
    pub stack: &'a Stack,
    /// The service.
    pub service: &'a ActiveService,
}

impl User<'_> {
    /// Where another service waits until this one is healthy.
    pub fn awaited(&self) -> Option<Span> {
        let others = self.stack.services.iter();
        let mut needs = others.flat_map(|other| &other.service.depends_on);
        let name = &self.service.service.name;
        needs
            .find(|need| need.condition == Condition::Healthy && need.service == *name)
            .map(|need| need.span)
    }
}

/// The services of some users, as messages name them: `web`, or `web` and `api`.
pub fn services(users: &[User]) -> String {
    list(&names(users))
}

/// Their names, each once.
pub fn names(users: &[User]) -> Vec<String> {
    let names = users.iter().map(|user| user.service.service.name.clone());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The names of their stacks, each once.
pub fn stacks(users: &[User]) -> Vec<String> {
    let mut stacks: Vec<String> = Vec::new();
    for user in users {
        if !stacks.contains(&user.stack.files.name) {
            stacks.push(user.stack.files.name.clone());
        }
    }
    stacks
}

/// The probes of a project, by place. Those that hang on what is not known are left out.
pub fn probes(project: &Project) -> Vec<Probe<'_>> {
    let mut found: BTreeMap<Span, Probe> = BTreeMap::new();
    for stack in &project.stacks {
        for service in &stack.services {
            let Some((test, place, in_image)) = probe(service) else {
                continue;
            };
            let probe = found.entry(place).or_insert(Probe {
                test,
                place,
                in_image,
                users: Vec::new(),
            });
            // Another stack may give the same text other variables.
            if probe.test == test {
                probe.users.push(User { stack, service });
            }
        }
    }
    found.into_values().collect()
}

fn probe(service: &ActiveService) -> Option<(&[String], Span, bool)> {
    use crate::compose::ServiceHealth;
    let (test, place, in_image) = match &service.service.health {
        ServiceHealth::Disabled(_) => return None,
        ServiceHealth::Check(check) if check.has_test => (&check.test, check.test_place?, false),
        ServiceHealth::Check(_) | ServiceHealth::Unset => {
            let check = service.entry.as_ref()?.check()?;
            (&check.test, check.span, true)
        }
    };
    (test.len() > 1).then_some((test, place, in_image))
}

/// A command of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, without its folder.
    pub program: String,
    /// The word of the test that the program stands in.
    pub word: usize,
    /// Its bytes in that word.
    pub at: Range<usize>,
    /// What it is given.
    pub arguments: Vec<String>,
    /// The limit that a `timeout` around it sets.
    pub limit: Option<Seconds>,
    /// Whether something reads what it prints.
    pub is_read: bool,
    /// Whether a shell starts it and waits for it, instead of becoming it.
    pub is_forked: bool,
}

impl Probe<'_> {
    /// The script that a shell reads, and which word it is.
    pub fn script(&self) -> Option<(usize, &str)> {
        script(self.test)
    }

    /// What its script comes to; `None` where no shell reads it.
    pub fn outline(&self) -> Option<Outline> {
        self.script().map(|(_, text)| outline(text))
    }

    /// Its commands.
    pub fn commands(&self) -> Vec<Command> {
        let Some((word, text)) = self.script() else {
            let words = self.test[1..].iter().enumerate();
            let words = words.map(|(at, text)| (text.clone(), at + 1, 0..text.len()));
            let command = command(words.collect(), false, false);
            return command.into_iter().collect();
        };
        let outlined = outline(text).commands.into_iter();
        let commands = outlined.filter_map(|outlined| {
            let words = outlined.words.into_iter();
            let words = words.map(|own| (own.text, word, own.at));
            command(words.collect(), outlined.is_read, !outlined.is_last)
        });
        commands.collect()
    }

    /// The list or text that is written, where one place writes it.
    fn node(&self, project: &Project) -> Option<NodeRef> {
        let check = self.users[0].service.check().filter(|_| !self.in_image)?;
        let writers = check.written.iter().rev();
        let found = writers.into_iter().find_map(|(node, _)| {
            let tree = project.trees.get(node.file)?;
            let value = tree.entry(node.node, "test")?.value;
            Some(NodeRef {
                file: node.file,
                node: tree.resolve(value),
            })
        })?;
        let tree = project.trees.get(found.file)?;
        let holds = tree.span(found.node).range();
        let is_it = found.file == self.place.file && holds.contains(&(self.place.start as usize));
        (is_it && !is_lent(tree, found.node)).then_some(found)
    }

    /// The place of some bytes of a word in the compose file, where they stand there just so.
    fn locate(&self, project: &Project, word: usize, range: Range<usize>) -> Option<Span> {
        let node = self.node(project)?;
        let tree = project.trees.get(node.file)?;
        let item = match tree.kind(node.node) {
            Kind::Sequence { items, .. } => *items.get(word)?,
            _ => node.node,
        };
        let file = project.store.sources().get(node.file);
        let raw = yaml::mapped(tree, file, item)?;
        let places = undoubled(&raw, &self.test[word])?;
        let range = places[range.start]..places[range.end - 1] + 1;
        raw.is_verbatim(range.clone()).then(|| raw.span(range))
    }

    /// Gives a command one more option, in front of the others.
    pub fn add_option(&self, project: &Project, command: &Command, option: &str) -> Option<Edit> {
        let node = self.node(project)?;
        let tree = project.trees.get(node.file)?;
        let file = project.store.sources().get(node.file);
        let is_list = matches!(tree.kind(node.node), Kind::Sequence { .. });
        if is_list && self.script().is_none() {
            return yaml::insert_item(tree, file, node.node, command.word, option).ok();
        }
        let place = self.locate(project, command.word, command.at.clone())?;
        Some(Edit {
            span: Span::new(place.file, place.range().end..place.range().end),
            text: format!(" {option}"),
            amount: None,
        })
    }

    /// Replaces its first word, `CMD` or `CMD-SHELL`, where that is written.
    pub fn set_form(&self, project: &Project, form: &str) -> Option<Edit> {
        let node = self.node(project)?;
        let tree = project.trees.get(node.file)?;
        let Kind::Sequence { items, .. } = tree.kind(node.node) else {
            return None;
        };
        let file = project.store.sources().get(node.file);
        yaml::replace_scalar(tree, file, *items.first()?, form).ok()
    }

    /// Replaces the whole list by one of these words, where it stands on one line and none of it comes from elsewhere.
    pub fn set_list(&self, project: &Project, words: &[&str]) -> Option<Edit> {
        let node = self.node(project)?;
        let tree = project.trees.get(node.file)?;
        let Kind::Sequence { items, flow: true } = tree.kind(node.node) else {
            return None;
        };
        let file = project.store.sources().get(node.file);
        let span = tree.span(node.node);
        let is_plain = |(item, word): (&yaml::NodeId, &String)| tree.scalar(*item) == Some(word);
        let is_own = items.len() == self.test.len() && items.iter().zip(self.test).all(is_plain);
        if !is_own || file.text()[span.range()].contains('\n') {
            return None;
        }
        let quoted: Vec<String> = words
            .iter()
            .map(|word| serde_json::Value::from(*word).to_string())
            .collect();
        Some(Edit {
            span,
            text: format!("[{}]", quoted.join(", ")),
            amount: None,
        })
    }
}

/// Whether an alias takes a test or a word of it elsewhere: into another list, or into a command. A test that is the test of
/// several services is one probe, which has them all.
fn is_lent(tree: &Tree, test: NodeId) -> bool {
    let resolved = |item: &NodeId| tree.resolve(*item);
    let words: Vec<NodeId> = tree.items(test).iter().map(resolved).collect();
    let mut own_aliases = BTreeSet::new();
    for id in tree.ids() {
        if let Kind::Mapping { entries, .. } = tree.kind(id) {
            let tests = entries
                .iter()
                .filter(|e| tree.scalar(e.key) == Some("test"));
            own_aliases.extend(tests.map(|entry| entry.value));
        }
    }
    tree.ids().any(|id| {
        let Kind::Alias(_) = tree.kind(id) else {
            return false;
        };
        let target = tree.resolve(id);
        words.contains(&target) || target == test && !own_aliases.contains(&id)
    })
}

/// Where each byte of a word stands in the text that it was written as: there `$$` is a dollar sign. `None` where variables are put in.
fn undoubled(raw: &Mapped, word: &str) -> Option<Vec<usize>> {
    let mut places = Vec::with_capacity(word.len());
    let mut made = Vec::with_capacity(word.len());
    let mut bytes = raw.text().bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'$' {
            bytes.next().filter(|(_, next)| *next == b'$')?;
        }
        places.push(at);
        made.push(byte);
    }
    (made == word.as_bytes()).then_some(places)
}

/// The script of a test that a shell reads, and which word it is.
pub fn script(test: &[String]) -> Option<(usize, &str)> {
    let at = match test.first()?.as_str() {
        "CMD-SHELL" => 1,
        _ => 1 + script_word(&test[1..])?,
    };
    Some((at, test.get(at)?))
}

/// Which word is the script in `sh -c SCRIPT`.
fn script_word(words: &[String]) -> Option<usize> {
    let shells = ["sh", "bash", "ash", "dash", "ksh", "zsh"];
    let is_shell = shells.contains(&base_name(words.first()?));
    let options = words.iter().enumerate().skip(1);
    let mut options = options.take_while(|(_, word)| word.starts_with('-') && is_shell);
    let (at, _) = options.find(|(_, word)| !word.starts_with("--") && word.contains('c'))?;
    (at + 1 < words.len()).then_some(at + 1)
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A command without what is wrapped around it.
fn command(
    mut words: Vec<(String, usize, Range<usize>)>,
    is_read: bool,
    mut is_forked: bool,
) -> Option<Command> {
    let mut limit: Option<Seconds> = None;
    loop {
        let taken = match base_name(&words.first()?.0) {
            "exec" => {
                is_forked = false;
                1
            }
            "command" => 1,
            "timeout" => {
                // `timeout` has started its program: the shell may be gone, the program is a child all the same.
                let Some((at, own)) = timeout(&words) else {
                    break;
                };
                limit = match (limit, own) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                is_forked = true;
                at
            }
            _ => break,
        };
        if taken >= words.len() {
            break;
        }
        words.drain(..taken);
    }
    let (text, word, at) = words.first()?.clone();
    Some(Command {
        program: base_name(&text).to_owned(),
        word,
        at,
        arguments: words.into_iter().skip(1).map(|(text, ..)| text).collect(),
        limit,
        is_read,
        is_forked,
    })
}

/// Where the program behind `timeout` stands, and the limit.
fn timeout(words: &[(String, usize, Range<usize>)]) -> Option<(usize, Option<Seconds>)> {
    let mut at = 1;
    while let Some((word, ..)) = words.get(at).filter(|(word, ..)| word.starts_with('-')) {
        // Old busybox has `-t SECONDS` for the limit.
        if word == "-t" {
            return Some((at + 2, seconds(&words.get(at + 1)?.0)));
        }
        at += 1 + usize::from(["-k", "-s", "--signal", "--kill-after"].contains(&word.as_str()));
    }
    Some((at + 1, seconds(&words.get(at)?.0)))
}

/// `5`, `2.5`, `5s`, `1m`.
pub fn seconds(text: &str) -> Option<Seconds> {
    match text.parse::<f64>() {
        Ok(number) => Seconds::from_f64(number).filter(|length| *length > Seconds::ZERO),
        Err(_) => duration::parse(text).ok(),
    }
}

/// Short options behind one dash, taken apart as `getopt` does: `-sfo /dev/null` is `s`, `f`, and `o` with its value.
pub fn short_options<'a>(
    arguments: &'a [String],
    with_value: &str,
) -> Vec<(char, Option<&'a str>)> {
    let mut found = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            break;
        }
        let Some(letters) = argument.strip_prefix('-').filter(|l| !l.starts_with('-')) else {
            continue;
        };
        for (at, letter) in letters.char_indices() {
            if with_value.contains(letter) {
                let value = &letters[at + letter.len_utf8()..];
                let value = if value.is_empty() {
                    rest.next().map(String::as_str)
                } else {
                    Some(value)
                };
                found.push((letter, value));
                break;
            }
            found.push((letter, None));
        }
    }
    found
}

/// The value of a long option, `--name VALUE` or `--name=VALUE`.
pub fn long_option<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == name {
            return rest.next().map(String::as_str);
        }
        let value = argument.strip_prefix(name);
        if let Some(value) = value.and_then(|value| value.strip_prefix('=')) {
            return Some(value);
        }
    }
    None
}

/// Whether a word of a shell may hold more than one sees: it begins with what the shell puts in.
pub fn is_open(word: &str) -> bool {
    word.starts_with(UNKNOWN)
}

/// The short options of curl that take a value.
pub const CURL_VALUES: &str = "AbcCdDeEFHhKmoPQrtTuUwxXyYz";

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_are_taken_apart() {
        let arguments = words("-sfo /dev/null -m5 -X POST http://x --max-time=3");
        assert_eq!(
            short_options(&arguments, CURL_VALUES),
            [
                ('s', None),
                ('f', None),
                ('o', Some("/dev/null")),
                ('m', Some("5")),
                ('X', Some("POST")),
            ]
        );
        assert_eq!(long_option(&arguments, "--max-time"), Some("3"));
        assert_eq!(
            long_option(&words("--max-time 7 x"), "--max-time"),
            Some("7")
        );
        assert_eq!(long_option(&arguments, "--max"), None);
    }

    #[test]
    fn wrappers_are_taken_off() {
        let wrapped = |text: &str| {
            let words = words(text).into_iter();
            let words = words.map(|word| (word, 1, 0..1)).collect();
            let command = command(words, false, true).expect("a command");
            (command.program, command.limit.map(Seconds::as_f64))
        };
        let is = |program: &str, limit| (program.to_owned(), limit);
        assert_eq!(wrapped("timeout 5 curl x"), is("curl", Some(5.0)));
        assert_eq!(
            wrapped("exec timeout -k 1 2m /bin/curl x"),
            is("curl", Some(120.0))
        );
        assert_eq!(wrapped("timeout -t 3 curl x"), is("curl", Some(3.0)));
        assert_eq!(wrapped("curl x"), is("curl", None));
        assert_eq!(wrapped("exec"), is("exec", None));
        assert_eq!(wrapped("timeout"), is("timeout", None));
    }

    #[test]
    fn the_script_of_a_shell_is_a_word_of_its_own() {
        assert_eq!(script_word(&words("/bin/sh -c x")), Some(2));
        assert_eq!(script_word(&words("bash -e -lc x y")), Some(3));
        assert_eq!(script_word(&words("sh x.sh -c")), None);
        assert_eq!(script_word(&words("curl -c x")), None);
    }
}
