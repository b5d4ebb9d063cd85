//! The table: one row a framework, with the lines that it was made from.

use super::Part::{Clock, Duration, Millis, Number, Seconds, Text, UpTo, Word};
use super::Says::{Ready as IsReady, Step};
#[cfg(test)]
use super::tests::Sample;
use super::{Framework, NONE, Row};
use crate::startup::model::Bound;

/// The first row that fits counts, so the fuller line of a framework stands before the shorter one.
///
/// Spring's second number runs from the start of the process, which is the container's start where no script comes
/// first: exact. All the others start their watch later than the process (class loading, the runtime's own boot), and
/// are lower bounds.
pub(super) const FRAMEWORKS: &[Framework] = &[
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
