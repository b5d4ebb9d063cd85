//! What servers and frameworks print when they start: a table, one row a framework, with the lines that it was made from.
//!
//! Some tell a length of their own; of others only the moment is known at which they are ready, and needs timestamps.

use super::amount;
use super::model::Bound;
use crate::duration;
use std::ops::Range;

/// What one server prints.
struct Framework {
    #[cfg(test)]
    name: &'static str,
    /// Texts with which a container begins, whatever runs in it later.
    first: &'static [&'static str],
    /// Texts with which a process of it begins.
    process: &'static [&'static str],
    /// Lines with a length.
    rows: &'static [Row],
    /// Texts that say that it is ready, without a length.
    ready: &'static [&'static str],
    /// Texts that say that a server which was ready is not the one that counts: all parts stand in the line, in this order.
    temporary: &'static [&'static [&'static str]],
    /// Texts that say that another process of the same start follows.
    again: &'static [&'static str],
    #[cfg(test)]
    samples: &'static [(&'static str, tests::Sample)],
}

/// A line that says how long something took.
struct Row {
    parts: &'static [Part],
    says: Says,
}

/// What a row's length is.
#[derive(Clone, Copy)]
enum Says {
    /// That of the start.
    Ready(Bound),
    /// That of a step, by this name.
    Step(&'static str),
}

/// A part of a line.
enum Part {
    /// This text.
    Text(&'static str),
    /// Anything without a blank: a class name, a version.
    Word,
    /// Anything, up to and with this text.
    UpTo(&'static str),
    /// The framework's own seconds, without those of its process before it.
    Number,
    /// The number, of seconds without a unit.
    Seconds,
    /// The number, of milliseconds without a unit.
    Millis,
    /// The number with its unit.
    Duration,
    /// Minutes and seconds: `01:05.250s`.
    Clock,
}

use Part::{Clock, Duration, Millis, Number, Seconds, Text, UpTo, Word};
use Says::{Ready as IsReady, Step};
#[cfg(test)]
use tests::Sample;

const NONE: Framework = Framework {
    #[cfg(test)]
    name: "",
    first: &[],
    process: &[],
    rows: &[],
    ready: &[],
    temporary: &[],
    again: &[],
    #[cfg(test)]
    samples: &[],
};

/// The first row that fits counts, so the fuller line of a framework stands before the shorter one.
///
/// Spring's second number runs from the start of the process, which is the container's start where no script comes
/// first: exact. All the others start their watch later than the process (class loading, the runtime's own boot), and
/// are lower bounds.
const FRAMEWORKS: &[Framework] = &[
    Framework {
        #[cfg(test)]
        name: "Spring Boot",
        process: &[":: Spring Boot ::", " using Java "],
        rows: &[
            Row {
                parts: &[
                    Text("Started "),
                    Word,
                    Text(" in "),
                    Number,
                    Text(" seconds (process running for "),
                    Seconds,
                    Text(")"),
                ],
                says: IsReady(Bound::Exact),
            },
            Row {
                parts: &[
                    Text("Started "),
                    Word,
                    Text(" in "),
                    Number,
                    Text(" seconds (JVM running for "),
                    Seconds,
                    Text(")"),
                ],
                says: IsReady(Bound::Exact),
            },
        ],
        #[cfg(test)]
        samples: &[
            (
                "Started AzureApplication in 5.152 seconds (process running for 6.599)",
                Sample::Ready("6.599", "6.599", Bound::Exact),
            ),
            (
                "Started A in 17.2 seconds (JVM running for 17.9)",
                Sample::Ready("17.9", "17.9", Bound::Exact),
            ),
            (
                " :: Spring Boot ::                (v3.2.0)",
                Sample::Process,
            ),
            (
                "c.e.App : Starting App v1 using Java 21 with PID 1",
                Sample::Process,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Quarkus, and Keycloak on it",
        rows: &[Row {
            parts: &[
                Text("(powered by Quarkus "),
                Word,
                Text(" started in "),
                Duration,
            ],
            says: IsReady(Bound::Lower),
        }],
        #[cfg(test)]
        samples: &[(
            "Keycloak 25.0.6 on JVM (powered by Quarkus 3.8.5) started in 6.850s. Listening on: http://0.0.0.0:8080",
            Sample::Ready("6.85", "6.850s", Bound::Lower),
        )],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Tomcat, from 9 on and before",
        rows: &[
            Row {
                parts: &[Text("Server startup in ["), Millis, Text("] m")],
                says: IsReady(Bound::Lower),
            },
            Row {
                parts: &[Text("Server startup in "), Duration],
                says: IsReady(Bound::Lower),
            },
        ],
        #[cfg(test)]
        samples: &[
            (
                "Server startup in [305] milliseconds",
                Sample::Ready("0.305", "305", Bound::Lower),
            ),
            (
                "Server startup in [19,127] milliseconds",
                Sample::Ready("19.127", "19,127", Bound::Lower),
            ),
            (
                "Server startup in [4413944] ms",
                Sample::Ready("4413.944", "4413944", Bound::Lower),
            ),
            (
                "Server startup in 4413944 ms",
                Sample::Ready("4413.944", "4413944 ms", Bound::Lower),
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "WildFly: 0025 is a clean start, 0026 one with errors",
        rows: &[
            Row {
                parts: &[Text("WFLYSRV0025: "), UpTo(" started in "), Duration],
                says: IsReady(Bound::Lower),
            },
            Row {
                parts: &[Text("WFLYSRV0026: "), UpTo(" in "), Duration],
                says: IsReady(Bound::Lower),
            },
        ],
        #[cfg(test)]
        samples: &[
            (
                "WFLYSRV0025: WildFly Full 19.0.0.Final (WildFly Core 11.0.0.Final) started in 3332ms - Started 500 of 800 services",
                Sample::Ready("3.332", "3332ms", Bound::Lower),
            ),
            (
                "WFLYSRV0026: WildFly Full 19.0.0.Final started (with errors) in 3332ms",
                Sample::Ready("3.332", "3332ms", Bound::Lower),
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Next.js",
        rows: &[Row {
            parts: &[Text("✓ Ready in "), Duration],
            says: IsReady(Bound::Lower),
        }],
        #[cfg(test)]
        samples: &[
            (
                "✓ Ready in 1234ms",
                Sample::Ready("1.234", "1234ms", Bound::Lower),
            ),
            (
                " ✓ Ready in 6.1s",
                Sample::Ready("6.1", "6.1s", Bound::Lower),
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Vite",
        rows: &[Row {
            parts: &[Text("VITE "), Word, Text(" ready in "), Duration],
            says: IsReady(Bound::Lower),
        }],
        #[cfg(test)]
        samples: &[(
            "VITE v5.0.0  ready in 523 ms",
            Sample::Ready("0.523", "523 ms", Bound::Lower),
        )],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Flyway",
        rows: &[
            Row {
                parts: &[
                    Text("Successfully validated "),
                    UpTo(" (execution time "),
                    Clock,
                ],
                says: Step("Flyway validation"),
            },
            Row {
                parts: &[
                    Text("Successfully applied "),
                    UpTo(" (execution time "),
                    Clock,
                ],
                says: Step("Flyway migrations"),
            },
        ],
        #[cfg(test)]
        samples: &[
            (
                "Successfully validated 8 migrations (execution time 00:00.052s)",
                Sample::Step("Flyway validation", "0.052", "00:00.052s"),
            ),
            (
                "Successfully applied 3 migrations to schema \"public\", now at version v3 (execution time 01:05.250s)",
                Sample::Step("Flyway migrations", "65.25", "01:05.250s"),
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Gunicorn",
        process: &["Starting gunicorn "],
        ready: &["Listening at: "],
        #[cfg(test)]
        samples: &[
            (
                "[2019-12-05 11:57:27 +0000] [1] [INFO] Starting gunicorn 20.0.4",
                Sample::Process,
            ),
            (
                "[2019-12-05 11:57:27 +0000] [1] [INFO] Listening at: http://0.0.0.0:8000 (1)",
                Sample::Milestone,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Uvicorn",
        process: &["Started server process ["],
        ready: &["Application startup complete", "Uvicorn running on "],
        #[cfg(test)]
        samples: &[
            ("INFO:     Started server process [1]", Sample::Process),
            ("INFO:     Application startup complete.", Sample::Milestone),
            (
                "INFO:     Uvicorn running on http://0.0.0.0:8000",
                Sample::Milestone,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Django's development server",
        first: &["Watching for file changes with "],
        process: &["Performing system checks"],
        ready: &["Starting development server at "],
        #[cfg(test)]
        samples: &[
            ("Watching for file changes with StatReloader", Sample::First),
            ("Performing system checks...", Sample::Process),
            (
                "Starting development server at http://0.0.0.0:8000/",
                Sample::Milestone,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Puma",
        process: &["Puma starting in "],
        ready: &["* Listening on "],
        #[cfg(test)]
        samples: &[
            ("Puma starting in single mode...", Sample::Process),
            ("* Listening on http://0.0.0.0:4567", Sample::Milestone),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "NestJS: `+6ms` is the time since the line before",
        process: &["Starting Nest application"],
        ready: &["Nest application successfully started"],
        #[cfg(test)]
        samples: &[
            (
                "LOG [NestFactory] Starting Nest application...",
                Sample::Process,
            ),
            (
                "LOG [NestApplication] Nest application successfully started +6ms",
                Sample::Milestone,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "PostgreSQL, ready twice on a first boot",
        first: &[
            "The files belonging to this database system will be owned by",
            "PostgreSQL Database directory appears to contain a database",
        ],
        process: &["starting PostgreSQL "],
        ready: &["database system is ready to accept connections"],
        again: &["PostgreSQL init process complete"],
        #[cfg(test)]
        samples: &[
            (
                "The files belonging to this database system will be owned by user \"postgres\".",
                Sample::First,
            ),
            (
                "PostgreSQL Database directory appears to contain a database; Skipping initialization",
                Sample::First,
            ),
            (
                "2023-07-20 10:00:00.123 UTC [1] LOG:  starting PostgreSQL 15.3 on x86_64-pc-linux-musl",
                Sample::Process,
            ),
            (
                "PostgreSQL init process complete; ready for start up.",
                Sample::Again,
            ),
            (
                "2023-07-20 10:00:01.123 UTC [1] LOG:  database system is ready to accept connections",
                Sample::Milestone,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "MySQL and MariaDB, ready twice on a first boot: the temporary server has port 0",
        first: &[
            "Entrypoint script for MySQL Server ",
            "Entrypoint script for MariaDB Server ",
        ],
        process: &[" starting as process "],
        ready: &[": ready for connections."],
        again: &["init process done. Ready for start up"],
        temporary: &[&["ersion: '", " port: 0 "]],
        #[cfg(test)]
        samples: &[
            (
                "2023-07-20 10:00:00+00:00 [Note] [Entrypoint]: Entrypoint script for MySQL Server 8.0.34-1.el8 started.",
                Sample::First,
            ),
            (
                "2023-07-20 10:00:00+00:00 [Note] [Entrypoint]: Entrypoint script for MariaDB Server 1:11.8.2 started.",
                Sample::First,
            ),
            (
                "[System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.34) starting as process 1",
                Sample::Process,
            ),
            (
                "[System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.34'  socket: '/var/run/mysqld/mysqld.sock'  port: 0  MySQL Community Server - GPL.",
                Sample::Temporary,
            ),
            (
                "2023-07-20 10:00:00 0 [Note] mariadbd: ready for connections.",
                Sample::Milestone,
            ),
            (
                "Version: '11.8.2-MariaDB-ubu2404'  socket: '/run/mysqld/mysqld.sock'  port: 0  mariadb.org binary distribution",
                Sample::Temporary,
            ),
            (
                "Version: '11.8.2-MariaDB-ubu2404'  socket: '/run/mysqld/mysqld.sock'  port: 3306  mariadb.org binary distribution",
                Sample::Nothing,
            ),
            (
                "2023-07-20 10:00:09+00:00 [Note] [Entrypoint]: MySQL init process done. Ready for start up.",
                Sample::Again,
            ),
            ("mysqld: ready for connections.", Sample::Milestone),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "RabbitMQ",
        process: &[" Starting RabbitMQ "],
        ready: &["Server startup complete"],
        #[cfg(test)]
        samples: &[
            (
                "2023-07-20 10:00:00.123456+00:00 [info] <0.222.0>  Starting RabbitMQ 3.12.1 on Erlang 25.3.2.3",
                Sample::Process,
            ),
            (
                "Server startup complete; 4 plugins started.",
                Sample::Milestone,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "Redis",
        process: &["Redis is starting oO0Oo"],
        ready: &["Ready to accept connections"],
        #[cfg(test)]
        samples: &[
            (
                "1:C 20 Jul 2023 10:00:00.100 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
                Sample::Process,
            ),
            ("Ready to accept connections", Sample::Milestone),
            (
                "1:M 20 Jul 2023 10:00:00.123 * Ready to accept connections tcp",
                Sample::Milestone,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "nginx",
        process: &["event method"],
        ready: &["start worker processes"],
        #[cfg(test)]
        samples: &[
            (
                "2023/07/20 10:00:00 [notice] 1#1: using the \"epoll\" event method",
                Sample::Process,
            ),
            (
                "2023/07/20 10:00:00 [notice] 1#1: start worker processes",
                Sample::Milestone,
            ),
        ],
        ..NONE
    },
    Framework {
        #[cfg(test)]
        name: "others, of which only the ready line is known: what is logged behind it is no part of the start",
        ready: &[
            "Listening on ",
            "listening on ",
            "ready to accept connections",
            "ready for connections",
            "application successfully started",
        ],
        #[cfg(test)]
        samples: &[
            ("Server listening on port 3000", Sample::Milestone),
            ("Listening on 0.0.0.0:8080", Sample::Milestone),
            ("reply ready for connections", Sample::Milestone),
            ("ready to accept connections", Sample::Milestone),
            ("application successfully started", Sample::Milestone),
        ],
        ..NONE
    },
];

/// Texts that say that a process which is ready loads its code again: what follows is no start of a container.
const RELOADS: [&str; 2] = [" changed, reloading", "Reloading..."];

/// How often a row's first text may stand in a line: each place may cost a look at the whole line, and lines may be
/// megabytes long.
const MAX_PLACES: usize = 8;

/// What a line with a length says.
pub(super) struct Ready {
    /// The length of the start.
    pub length: duration::Seconds,
    /// Where its number stands.
    pub number: Range<usize>,
    /// What it proves.
    pub bound: Bound,
    /// How much of it the framework itself took, where the line tells that.
    pub own: Option<duration::Seconds>,
}

/// What a framework's line says.
pub(super) enum Line {
    /// It is ready, after so long.
    Ready(Ready),
    /// A step took so long, and where its number stands.
    Step(&'static str, duration::Seconds, Range<usize>),
    /// A milestone of the framework with this number.
    Mark(Mark, usize),
}

/// A milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The container begins.
    First,
    /// A process begins.
    Process,
    /// The server is ready.
    Ready,
    /// The server that was ready does not count.
    Temporary,
    /// Another process of the same start follows.
    Again,
    /// A process that is ready loads its code again.
    Reload,
}

/// What a text says.
pub(super) fn read(text: &str) -> Option<Line> {
    if text.contains(" in ") || text.contains(" time ") {
        let rows = FRAMEWORKS.iter().flat_map(|framework| framework.rows);
        if let Some(line) = rows.into_iter().find_map(|row| row.read(text)) {
            return Some(line);
        }
    }
    if RELOADS.iter().any(|phrase| text.contains(phrase)) {
        return Some(Line::Mark(Mark::Reload, 0));
    }
    let frameworks = FRAMEWORKS.iter().enumerate();
    let mut frameworks = frameworks;
    frameworks.find_map(|(number, framework)| Some(Line::Mark(framework.mark(text)?, number)))
}

/// Texts of which at least one stands in every line that is understood here.
pub(super) fn phrases() -> impl Iterator<Item = &'static str> {
    let of_framework = |framework: &'static Framework| {
        let temporary = framework.temporary.iter().filter_map(|parts| parts.last());
        let marks = [
            framework.first,
            framework.process,
            framework.ready,
            framework.again,
        ];
        let rows = framework.rows.iter().filter_map(Row::phrase);
        marks
            .into_iter()
            .flatten()
            .chain(temporary)
            .copied()
            .chain(rows)
    };
    FRAMEWORKS.iter().flat_map(of_framework).chain(RELOADS)
}

impl Framework {
    fn mark(&self, text: &str) -> Option<Mark> {
        let any = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
        let in_order = |parts: &[&str]| {
            let mut rest = Some(text);
            for part in parts {
                rest = rest
                    .and_then(|rest| rest.split_once(part))
                    .map(|(_, rest)| rest);
            }
            rest.is_some()
        };
        match self {
            _ if self.temporary.iter().any(|parts| in_order(parts)) => Some(Mark::Temporary),
            _ if any(self.again) => Some(Mark::Again),
            _ if any(self.first) => Some(Mark::First),
            _ if any(self.process) => Some(Mark::Process),
            _ if any(self.ready) => Some(Mark::Ready),
            _ => None,
        }
    }
}

impl Row {
    fn read(&self, text: &str) -> Option<Line> {
        let [Text(first), rest @ ..] = self.parts else {
            return None;
        };
        let mut places = text.match_indices(first).take(MAX_PLACES);
        let found = places.find_map(|(at, _)| fits(text, at + first.len(), rest))?;
        Some(match self.says {
            Says::Ready(bound) => Line::Ready(Ready { bound, ..found }),
            Says::Step(name) => Line::Step(name, found.length, found.number),
        })
    }

    /// The longest text of the row: the rarest, most likely. The blanks around it may be more.
    fn phrase(&self) -> Option<&'static str> {
        let texts = self.parts.iter().filter_map(|part| match part {
            Text(text) => Some(text.trim_start_matches(' ')),
            UpTo(text) => Some(*text),
            _ => None,
        });
        texts.max_by_key(|text| text.len())
    }
}

/// The line whose parts begin at byte `at`, as a lower bound; `None` if the text does not fit.
fn fits(text: &str, mut at: usize, parts: &[Part]) -> Option<Ready> {
    let mut own = None;
    let mut found = None;
    for part in parts {
        let start = at;
        let amount = match part {
            Text(expected) => {
                at = skip_text(text, at, expected)?;
                continue;
            }
            UpTo(expected) => {
                at += text[at..].find(expected)? + expected.len();
                continue;
            }
            Word => {
                at += text[at..].find(char::is_whitespace)?;
                if at == start {
                    return None;
                }
                continue;
            }
            Number | Seconds => amount::bare(text, at, SECOND)?,
            Millis => amount::bare(text, at, SECOND / 1_000)?,
            Duration => amount::duration(text, at)?,
            Clock => amount::clock(text, at)?,
        };
        at = amount.1;
        if matches!(part, Number) {
            own = Some(amount.0);
        } else {
            found = Some((amount.0, start..at));
        }
    }
    let (length, number) = found?;
    Some(Ready {
        length,
        number,
        bound: Bound::Lower,
        own,
    })
}

const SECOND: i64 = 1_000_000_000;

/// A blank that begins the expected text stands for any number of them: programs align their words.
fn skip_text(text: &str, at: usize, expected: &str) -> Option<usize> {
    let rest = &text[at..];
    let (rest, expected) = match expected.strip_prefix(' ') {
        Some(expected) if rest.starts_with(' ') => (rest.trim_start_matches(' '), expected),
        Some(_) => return None,
        None => (rest, expected),
    };
    let rest = rest.strip_prefix(expected)?;
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a line says.
    #[derive(Debug, PartialEq)]
    pub(super) enum Sample {
        /// Ready after so many seconds, the number's text, and what it proves.
        Ready(&'static str, &'static str, Bound),
        /// A step's name, its seconds, and the number's text.
        Step(&'static str, &'static str, &'static str),
        First,
        Process,
        Milestone,
        Temporary,
        Again,
        Nothing,
    }

    #[test]
    fn every_sample_says_what_stands_beside_it() {
        for (number, framework) in FRAMEWORKS.iter().enumerate() {
            assert!(!framework.samples.is_empty(), "{}", framework.name);
            for (text, sample) in framework.samples {
                let mark = |found, expected| {
                    assert_eq!(found, expected, "{text}");
                };
                match (read(text), sample) {
                    (Some(Line::Ready(ready)), Sample::Ready(length, place, bound)) => {
                        let found = (ready.length.to_string(), &text[ready.number], ready.bound);
                        assert_eq!(found, ((*length).to_owned(), *place, *bound), "{text}");
                    }
                    (
                        Some(Line::Step(name, length, at)),
                        Sample::Step(expected, seconds, place),
                    ) => {
                        let found = (name, length.to_string(), &text[at]);
                        assert_eq!(found, (*expected, (*seconds).to_owned(), *place), "{text}");
                    }
                    (Some(Line::Mark(found, of)), Sample::First) => {
                        mark((found, of), (Mark::First, number));
                    }
                    (Some(Line::Mark(found, of)), Sample::Process) => {
                        mark((found, of), (Mark::Process, number));
                    }
                    (Some(Line::Mark(found, of)), Sample::Milestone) => {
                        mark((found, of), (Mark::Ready, number));
                    }
                    (Some(Line::Mark(found, of)), Sample::Temporary) => {
                        mark((found, of), (Mark::Temporary, number));
                    }
                    (Some(Line::Mark(found, of)), Sample::Again) => {
                        mark((found, of), (Mark::Again, number));
                    }
                    (None, Sample::Nothing) => {}
                    _ => panic!("{}: {text} is not {sample:?}", framework.name),
                }
            }
        }
    }

    #[test]
    fn every_sample_is_let_through() {
        for framework in FRAMEWORKS {
            for (text, sample) in framework.samples {
                let passes = phrases().any(|phrase| text.contains(phrase));
                assert!(passes || *sample == Sample::Nothing, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_ready_line() {
        for text in [
            "Started App",
            "Started the long job in 5 seconds",
            "Started App in a few seconds",
            "Started App in 5 minutes",
            "Ready in 5s",
            "Server startup in [x] milliseconds",
            "VITE ",
            "Started ",
            "Successfully validated 8 migrations (execution time unknown)",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_row_begins_with_a_text_and_has_one_number() {
        for row in FRAMEWORKS.iter().flat_map(|framework| framework.rows) {
            assert!(matches!(row.parts.first(), Some(Text(_))));
            let counts = |part: &&Part| matches!(part, Seconds | Millis | Duration | Clock);
            assert_eq!(row.parts.iter().filter(counts).count(), 1);
        }
    }
}
