//! A page as it is written: its head, its sections, and its examples.
//!
//! An example is read from top to bottom, as one would follow it: a block with `file=PATH` writes that file, a `console`
//! block runs commands on what was written so far, and a block with `file=PATH fixed` shows that file as the last command
//! above leaves it with `--fix`. A heading starts the next example, in an empty folder.

use std::collections::BTreeMap;
use std::ops::Range;

/// The files of a project, by path.
pub type Files = BTreeMap<String, String>;

/// A page.
#[derive(Debug)]
pub struct Page {
    /// The name of its file, without the ending.
    pub name: String,
    /// All of it.
    pub text: String,
    /// Its sections, each with the number of its lines that are not blank.
    pub sections: Vec<(String, usize)>,
    /// Its console blocks, in order.
    pub consoles: Vec<Console>,
    /// How many headings were read: what stands below one is an example.
    headings: usize,
}

/// A console block.
#[derive(Debug)]
pub struct Console {
    /// The lines between the fences, from 0.
    pub lines: Range<usize>,
    /// What is run in it.
    pub runs: Vec<Run>,
}

/// One `$ upbeat …` in a console block.
#[derive(Debug)]
pub struct Run {
    /// The example that it belongs to.
    pub example: usize,
    /// The words behind `upbeat`.
    pub args: Vec<String>,
    /// What the page says that it prints.
    pub output: String,
    /// The exit code that the page tells.
    pub exit: i32,
    /// The project that it runs on.
    pub files: Files,
    /// What `--fix` makes of some of them.
    pub fixed: Vec<Fixed>,
}

/// A block with a fixed file.
#[derive(Debug)]
pub struct Fixed {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The lines between the fences, from 0.
    pub lines: Range<usize>,
}

impl Run {
    /// As it is typed.
    pub fn command(&self) -> String {
        format!("upbeat {}", self.args.join(" "))
            .trim_end()
            .to_owned()
    }

    /// What the page shows of it: the output and the exit code.
    pub fn shown(&self) -> String {
        transcript(&self.output, self.exit)
    }

    /// Whether its fixed files take unsafe fixes too.
    pub fn allows_unsafe(&self) -> bool {
        self.args.iter().any(|arg| arg == "--unsafe-fixes")
    }

    /// Whether it reports a rule.
    pub fn reports(&self, rule: &str) -> bool {
        self.output.contains(&format!("[{rule}]"))
    }

    /// Whether it finds nothing, and has seen everything.
    pub fn is_clean(&self) -> bool {
        self.output.starts_with("no findings: ") && self.exit == 0
    }

    /// Whether it fixes, or shows what would be fixed.
    pub fn fixes(&self) -> bool {
        let mut args = self.args.iter();
        args.any(|arg| arg == "--fix" || arg == "--diff")
    }

    /// Whether `--fix` changes a file that the page shows.
    pub fn has_change(&self) -> bool {
        let mut fixed = self.fixed.iter();
        fixed.any(|fixed| self.files[&fixed.path] != fixed.text)
    }

    /// Whether two files of one stack lie in its project: `compose.yml` beside `compose.NAME.yml`, or two files behind `-f`.
    pub fn has_overlay(&self) -> bool {
        let is_base = |path: &str| {
            let is_file = |name: &&str| path.ends_with(name);
            let bases = ["compose.yml", "compose.yaml"];
            bases.iter().find(|name| is_file(name)).map(|name| {
                let (before, ending) = (path.len() - name.len(), &name["compose".len()..]);
                (path[..before + "compose".len()].to_owned() + ".", ending)
            })
        };
        let mut bases = self.files.keys().filter_map(|path| is_base(path));
        let beside = bases.any(|(stem, ending)| {
            let mut paths = self.files.keys();
            paths.any(|path| {
                let name = path.strip_prefix(&stem);
                let name = name.and_then(|name| name.strip_suffix(ending));
                name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
            })
        });
        beside || self.args.iter().filter(|arg| *arg == "-f").count() > 1
    }

    /// The project after `--fix`, as the page shows it.
    pub fn files_after(&self) -> Files {
        let mut files = self.files.clone();
        for fixed in &self.fixed {
            files.insert(fixed.path.clone(), fixed.text.clone());
        }
        files
    }
}

/// An output and the line that tells an exit code other than 0.
pub fn transcript(output: &str, exit: i32) -> String {
    let output = output.trim_end();
    match exit {
        0 => output.to_owned(),
        code => format!("{output}\nexit {code}"),
    }
}

impl Page {
    /// Reads a page.
    ///
    /// # Panics
    /// With the line where it is written wrongly.
    pub fn new(name: &str, text: &str) -> Self {
        let mut page = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            sections: Vec::new(),
            consoles: Vec::new(),
            headings: 0,
        };
        let lines: Vec<&str> = text.lines().collect();
        let mut files = Files::new();
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at];
            if let Some(info) = line.strip_prefix("```") {
                let end = (at + 1..lines.len())
                    .find(|&end| lines[end] == "```")
                    .unwrap_or_else(|| panic!("{name}:{}: the block has no end", at + 1));
                page.block(info, at + 1..end, &lines, &mut files);
                at = end;
            } else if line.starts_with('#') {
                files = Files::new();
                page.headings += 1;
                if let Some(title) = line.strip_prefix("## ") {
                    page.sections.push((title.to_owned(), 0));
                }
            } else if let Some((_, count)) = page.sections.last_mut() {
                *count += usize::from(!line.trim().is_empty());
            }
            at += 1;
        }
        page
    }

    /// Its lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    /// All runs of its examples.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.consoles.iter().flat_map(|console| &console.runs)
    }

    fn block(&mut self, info: &str, range: Range<usize>, lines: &[&str], files: &mut Files) {
        let at = format!("{}:{}", self.name, range.start);
        let mut words = info.split(' ');
        let language = words.next().unwrap_or_default();
        let path = words.next().and_then(|word| word.strip_prefix("file="));
        let fixed = words.next();
        let body = &lines[range.clone()];
        match (language, path, fixed) {
            ("console", None, None) => {
                let runs = console(body, files, self.headings, &at);
                self.consoles.push(Console { lines: range, runs });
            }
            (_, Some(path), None) => {
                files.insert(path.to_owned(), text(body));
            }
            (_, Some(path), Some("fixed")) => {
                let run = self.consoles.last_mut().and_then(|c| c.runs.last_mut());
                let run = run.unwrap_or_else(|| panic!("{at}: nothing was run above"));
                assert!(run.files.contains_key(path), "{at}: there is no {path}");
                run.fixed.push(Fixed {
                    path: path.to_owned(),
                    text: text(body),
                    lines: range,
                });
            }
            // A figure, or a formula.
            (_, None, None) => {}
            _ => panic!("{at}: write `file=PATH` or `file=PATH fixed`"),
        }
    }
}

fn text(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

fn console(lines: &[&str], files: &Files, example: usize, at: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for line in lines {
        if let Some(command) = line.strip_prefix("$ ") {
            let mut words = command.split_whitespace();
            assert_eq!(words.next(), Some("upbeat"), "{at}: only upbeat is run");
            runs.push(Run {
                example,
                args: words.map(str::to_owned).collect(),
                output: String::new(),
                exit: 0,
                files: files.clone(),
                fixed: Vec::new(),
            });
            continue;
        }
        let run = runs.last_mut();
        let run = run.unwrap_or_else(|| panic!("{at}: the block starts with no command"));
        if let Some(code) = line
            .strip_prefix("exit ")
            .and_then(|code| code.parse().ok())
        {
            run.exit = code;
        } else {
            run.output.push_str(line);
            run.output.push('\n');
        }
    }
    assert!(!runs.is_empty(), "{at}: nothing is run");
    runs
}
