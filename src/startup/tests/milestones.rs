//! Servers that say when they are ready, and not how long it took.

use super::*;

fn minute(second: f64) -> String {
    format!("2025-01-13T01:39:{second:012.9}Z")
}

/// Lines with Docker's timestamps, by the seconds at which they were printed.
fn stamped(lines: &[(f64, &str)]) -> String {
    let mut log = String::new();
    for (second, text) in lines {
        writeln!(log, "app-1  | {} {text}", minute(*second)).unwrap();
    }
    log
}

/// The lower bounds, with their reasons.
#[track_caller]
fn comes_to(log: &str, expected: &[(&str, &str)]) {
    let startups = read_log(log);
    let found: Vec<(String, &str)> = startups
        .iter()
        .map(|startup| (startup.ready.words(), startup.ready.main().why.name()))
        .collect();
    let expected: Vec<(String, &str)> = expected
        .iter()
        .map(|(words, why)| ((*words).to_owned(), *why))
        .collect();
    assert_eq!(found, expected, "{log}");
}

#[test]
fn by_dockers_timestamps() {
    let gunicorn = [
        (1.0, "waiting for the database"),
        (
            3.0,
            "[2025-01-13 01:39:03 +0000] [1] [INFO] Starting gunicorn 20.0.4",
        ),
        (
            4.25,
            "[2025-01-13 01:39:04 +0000] [1] [INFO] Listening at: http://0.0.0.0:8000 (1)",
        ),
        (
            5.0,
            "[2025-01-13 01:39:05 +0000] [7] [INFO] Booting worker with pid: 7",
        ),
    ];
    let log = stamped(&gunicorn);
    comes_to(&log, &[("at least 1.25s", "lines")]);
    let startup = &read_log(&log)[0];
    assert_eq!(
        startup.at.as_deref(),
        Some("2025-01-13T01:39:03.000000000Z")
    );
    assert!(at(&log, startup.ready.main().place).contains("Listening at"));
    // Nobody says when.
    let texts = gunicorn
        .iter()
        .filter_map(|(_, text)| text.rsplit("] ").next());
    let bare = texts.collect::<Vec<_>>().join("\n");
    comes_to(&bare, &[]);
    // Cut off before it is ready, or in front of where it begins.
    comes_to(&stamped(&gunicorn[..2]), &[]);
    comes_to(&stamped(&gunicorn[2..]), &[]);
}

#[test]
fn by_the_programs_own_timestamps() {
    let log = "[2025-01-13 01:39:03 +0000] [1] [INFO] Starting gunicorn 20.0.4\n\
               [2025-01-13 01:39:10 +0000] [1] [INFO] Listening at: http://0.0.0.0:8000 (1)\n";
    // 3.999 to 10.000 is possible.
    comes_to(log, &[("at least 6s", "own-lines")]);
    let redis = "1:C 20 Jul 2023 10:00:00.100 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo\n\
                 1:M 20 Jul 2023 10:00:02.600 * Ready to accept connections tcp\n";
    comes_to(redis, &[("at least 2.499s", "own-lines")]);
    let nest = "[Nest] 1  - 11/01/2025, 11:59:58 AM     LOG [NestFactory] Starting Nest application...\n\
                [Nest] 1  - 11/01/2025, 12:00:03 PM     LOG [NestApplication] Nest application successfully started +6ms\n";
    comes_to(nest, &[("at least 4s", "own-lines")]);
    // One has a zone, the other none: nothing is known.
    comes_to(&log.replacen(" +0000", "", 1), &[]);
    // Clocks go back.
    comes_to(&log.replace("01:39:10", "01:38:10"), &[]);
}

#[test]
fn by_a_runners_timestamps() {
    let log = "2025-11-01T10:30:00.1000000Z app-1  | INFO:     Started server process [1]\n\
               2025-11-01T10:30:07.1000000Z app-1  | INFO:     Application startup complete.\n\
               2025-11-01T10:30:09.1000000Z app-1  | INFO:     Uvicorn running on http://0.0.0.0:8000\n";
    comes_to(log, &[("at least 6.9999999s", "runner-lines")]);
    assert_eq!(read_log(log)[0].at, None);
}

#[test]
fn a_script_before_the_server() {
    let log = stamped(&[
        (0.5, "STEP 1/2: Migrate"),
        (8.5, "✅ Migrations completed in 8s"),
        (8.5, "STEP 2/2: Static files"),
        (10.5, "✅ Static files completed in 2s"),
        (10.5, "Total startup time: 10s"),
        (11.0, "Starting gunicorn 20.0.4"),
        (13.0, "Listening at: http://0.0.0.0:8000 (1)"),
    ]);
    comes_to(&log, &[("at least 12.5s", "lines")]);
    assert_eq!(read_log(&log)[0].steps.len(), 2);
    let twice = format!("{log}{}", log.replace("01:39:", "01:45:"));
    comes_to(&twice, &[("at least 12.5s", "lines"); 2]);
}

#[test]
fn postgres_is_ready_twice_on_a_first_boot() {
    let first = [
        (
            0.0,
            "The files belonging to this database system will be owned by user \"postgres\".",
        ),
        (
            2.0,
            "2025-01-13 01:39:02.000 UTC [48] LOG:  starting PostgreSQL 15.3 on x86_64",
        ),
        (
            3.0,
            "2025-01-13 01:39:03.000 UTC [48] LOG:  database system is ready to accept connections",
        ),
        (
            4.0,
            "2025-01-13 01:39:04.000 UTC [48] LOG:  database system is shut down",
        ),
        (4.5, "PostgreSQL init process complete; ready for start up."),
        (
            5.0,
            "2025-01-13 01:39:05.000 UTC [1] LOG:  starting PostgreSQL 15.3 on x86_64",
        ),
        (
            6.0,
            "2025-01-13 01:39:06.000 UTC [1] LOG:  database system is ready to accept connections",
        ),
    ];
    comes_to(&stamped(&first), &[("at least 6s", "lines")]);
    let second = [
        (
            20.0,
            "2025-01-13 01:39:20.000 UTC [1] LOG:  database system is shut down",
        ),
        (
            30.0,
            "PostgreSQL Database directory appears to contain a database; Skipping initialization",
        ),
        (
            30.5,
            "2025-01-13 01:39:30.500 UTC [1] LOG:  starting PostgreSQL 15.3 on x86_64",
        ),
        (
            31.0,
            "2025-01-13 01:39:31.000 UTC [1] LOG:  database system is ready to accept connections",
        ),
    ];
    let both = [first.as_slice(), second.as_slice()].concat();
    comes_to(
        &stamped(&both),
        &[("at least 6s", "lines"), ("at least 1s", "lines")],
    );
    // Its end alone, and its beginning alone.
    comes_to(&stamped(&first[4..]), &[("at least 1s", "lines")]);
    comes_to(&stamped(&first[..4]), &[("at least 3s", "lines")]);
}

#[test]
fn mariadb_and_mysql_are_ready_twice_on_a_first_boot() {
    let mariadb = [
        (
            0.0,
            "[Note] [Entrypoint]: Entrypoint script for MariaDB Server 1:11.8.2 started.",
        ),
        (
            0.5,
            "[Note] [Entrypoint]: Entrypoint script for MariaDB Server 1:11.8.2 started.",
        ),
        (
            3.0,
            "[Note] Starting MariaDB 11.8.2 source revision x as process 104",
        ),
        (
            3.0,
            "0 [Note] mariadbd (server 11.8.2) starting as process 104 ...",
        ),
        (9.0, "0 [Note] mariadbd: ready for connections."),
        (
            9.0,
            "Version: '11.8.2-MariaDB'  socket: '/run/mysqld/mysqld.sock'  port: 0  mariadb.org binary distribution",
        ),
        (
            30.0,
            "[Note] [Entrypoint]: MariaDB init process done. Ready for start up.",
        ),
        (
            30.5,
            "0 [Note] mariadbd (server 11.8.2) starting as process 1 ...",
        ),
        (41.0, "0 [Note] mariadbd: ready for connections."),
        (
            41.0,
            "Version: '11.8.2-MariaDB'  socket: '/run/mysqld/mysqld.sock'  port: 3306  mariadb.org binary distribution",
        ),
    ];
    comes_to(&stamped(&mariadb), &[("at least 40.5s", "lines")]);
    let mysql = [
        (
            0.0,
            "[Note] [Entrypoint]: Entrypoint script for MySQL Server 8.0.34-1.el8 started.",
        ),
        (
            2.0,
            "[System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.34) starting as process 124",
        ),
        (
            9.0,
            "[Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.34'  socket: '/x'  port: 0  MySQL",
        ),
        (
            20.0,
            "[Note] [Entrypoint]: MySQL init process done. Ready for start up.",
        ),
        (
            20.5,
            "[System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.34) starting as process 1",
        ),
        (
            25.0,
            "[Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.34'  socket: '/x'  port: 3306  MySQL",
        ),
    ];
    comes_to(&stamped(&mysql), &[("at least 25s", "lines")]);
}

#[test]
fn a_crash_before_it_is_ready_is_no_part_of_the_next_start() {
    let log = stamped(&[
        (1.0, "Starting gunicorn 20.0.4"),
        (20.0, "Starting gunicorn 20.0.4"),
        (22.0, "Listening at: http://0.0.0.0:8000 (1)"),
    ]);
    comes_to(&log, &[("at least 2s", "lines")]);
    let log = format!(
        "{}app-1 exited with code 1\n{}",
        stamped(&[(1.0, "STEP 1/2: A"), (3.0, "✅ A completed in 2s")]),
        stamped(&[
            (10.0, "Starting gunicorn 20.0.4"),
            (11.5, "Listening at: http://x")
        ]),
    );
    comes_to(
        &log,
        &[("at least 2s", "steps"), ("at least 1.5s", "lines")],
    );
}

#[test]
fn a_reload_is_no_start_of_a_container() {
    let log = stamped(&[
        (1.0, "Watching for file changes with StatReloader"),
        (1.5, "Performing system checks..."),
        (4.0, "Starting development server at http://0.0.0.0:8000/"),
        (9.0, "/app/views.py changed, reloading."),
        (9.5, "Watching for file changes with StatReloader"),
        (10.0, "Performing system checks..."),
        (11.0, "Starting development server at http://0.0.0.0:8000/"),
    ]);
    comes_to(&log, &[("at least 3s", "lines")]);
}

#[test]
fn another_servers_message_is_not_ones_own() {
    let log = stamped(&[
        (1.0, "Starting gunicorn 20.0.4"),
        (50.0, "redis said: Ready to accept connections"),
        (90.0, "Listening at: http://x"),
    ]);
    comes_to(&log, &[]);
}
