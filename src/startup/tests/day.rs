//! A made day: the interleaved logs of eight services that are started again and again, and what they must come to.

use super::*;

/// What a service prints when it starts.
#[derive(Clone, Copy, Debug)]
enum Server {
    /// A script with headers and a total.
    Script,
    /// One without headers.
    Marks,
    Spring,
    Quarkus,
    Gunicorn,
    Postgres,
    Redis,
    /// A script, and a server behind it.
    Both,
}

const SERVERS: [Server; 8] = [
    Server::Script,
    Server::Marks,
    Server::Spring,
    Server::Quarkus,
    Server::Gunicorn,
    Server::Postgres,
    Server::Redis,
    Server::Both,
];

/// One start as it is drawn: the lengths of its parts in tenths of a second, after how many lines it crashes, and how long it runs.
#[derive(Clone, Debug)]
struct Drawn {
    parts: [u32; 3],
    crash: Option<usize>,
    runs: u32,
}

/// A line, by the tenths of a second since midnight.
type Printed = (u32, String);

fn seconds(tenths: u32) -> String {
    Seconds::from_millis(i64::from(tenths) * 100).to_string()
}

#[allow(clippy::too_many_lines)] // a table
/// The lines of one start that begins at `at`, and what is known after so many of them. Where `stamped`, Docker's timestamps are there.
fn printed(
    server: Server,
    at: u32,
    parts: [u32; 3],
    stamped: bool,
) -> (Vec<Printed>, Vec<Option<String>>) {
    let [a, b, c] = parts;
    let least = |tenths: u32| Some(format!("at least {}s", seconds(tenths)));
    let lines_only = |tenths: u32| stamped.then(|| least(tenths)).flatten();
    let mut lines: Vec<Printed> = Vec::new();
    let mut known = vec![None];
    let mut print = |after: u32, text: String, knows: Option<String>| {
        lines.push((at + after, text));
        known.push(knows);
    };
    let script = |print: &mut dyn FnMut(u32, String, Option<String>)| {
        print(0, "[2025-11-01 00:00:00] STEP 1/2: Wait".to_owned(), None);
        print(a, format!("✅ Wait completed in {}s", seconds(a)), least(a));
        print(a, "STEP 2/2: Migrate".to_owned(), least(a));
        print(
            a + b,
            format!("✅ Migrations completed in {}s", seconds(b)),
            least(a + b),
        );
        print(
            a + b + c,
            format!("║ Total startup time: {}s ║", seconds(a + b + c)),
            least(a + b + c),
        );
    };
    match server {
        Server::Script => script(&mut print),
        Server::Both => {
            script(&mut print);
            print(
                a + b + c + 1,
                "INFO:     Started server process [1]".to_owned(),
                least(a + b + c),
            );
            let all = a + b + c + 1 + a;
            print(
                all,
                "INFO:     Application startup complete.".to_owned(),
                lines_only(all).or(least(a + b + c)),
            );
        }
        Server::Marks => {
            print(
                a,
                format!("✅ Fixtures completed in {} ms", a * 100),
                least(a),
            );
            print(
                a + b,
                format!("✅ Migrations completed in {}s", seconds(b)),
                least(a + b),
            );
        }
        Server::Spring => {
            // What begins much longer before is a reload.
            let b = b.min(2 * a);
            print(
                1,
                " :: Spring Boot ::                (v3.2.0)".to_owned(),
                None,
            );
            let text = format!(
                "Started App in {} seconds (process running for {})",
                seconds(a),
                seconds(a + b)
            );
            print(a + b, text, Some(format!("{}s", seconds(a + b))));
        }
        Server::Quarkus => {
            let text = format!(
                "app 1 on JVM (powered by Quarkus 3.8.5) started in {}s. Listening on: http://x",
                seconds(a)
            );
            print(a + b, text, least(a));
        }
        Server::Gunicorn => {
            print(a, "[INFO] Starting gunicorn 20.0.4".to_owned(), None);
            print(
                a + b,
                "[INFO] Listening at: http://0.0.0.0:8000 (1)".to_owned(),
                lines_only(b),
            );
        }
        Server::Postgres => {
            print(
                0,
                "The files belonging to this database system will be owned by user \"postgres\"."
                    .to_owned(),
                None,
            );
            print(
                a,
                "LOG:  starting PostgreSQL 15.3 on x86_64".to_owned(),
                None,
            );
            print(
                a + 1,
                "LOG:  database system is ready to accept connections".to_owned(),
                lines_only(a + 1),
            );
            print(
                a + b,
                "PostgreSQL init process complete; ready for start up.".to_owned(),
                None,
            );
            print(
                a + b,
                "LOG:  starting PostgreSQL 15.3 on x86_64".to_owned(),
                None,
            );
            print(
                a + b + c,
                "LOG:  database system is ready to accept connections".to_owned(),
                lines_only(a + b + c),
            );
        }
        Server::Redis => {
            print(
                0,
                "# oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo".to_owned(),
                None,
            );
            print(
                a,
                "* Ready to accept connections tcp".to_owned(),
                lines_only(a),
            );
        }
    }
    (lines, known)
}

/// All lines of a service's day, and what its starts come to.
fn day_of(server: Server, starts: &[Drawn], stamped: bool) -> (Vec<Printed>, Vec<String>) {
    let (mut lines, mut known) = (Vec::new(), Vec::new());
    let mut at = 10;
    for drawn in starts {
        let (all, knows) = printed(server, at, drawn.parts, stamped);
        // A script without headers that crashes tells two starts apart only where a step comes again.
        let crashes = drawn.crash.filter(|_| !matches!(server, Server::Marks));
        let count = crashes.map_or(all.len(), |crash| crash % all.len());
        known.extend(knows[count].clone());
        let end = all[..count].last().map_or(at, |(at, _)| *at);
        lines.extend_from_slice(&all[..count]);
        if count == all.len() {
            for n in 1..=3 {
                lines.push((
                    end + n * drawn.runs / 3,
                    format!("request {n} done in {n}00 ms, step {n} of it"),
                ));
            }
        }
        at = end + drawn.runs + 50;
    }
    (lines, known)
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let parts = (2_u32..900, 2_u32..900, 2_u32..900);
    (
        parts,
        prop::option::weighted(0.25, 0_usize..10),
        3_u32..20_000,
    )
        .prop_map(|((a, b, c), crash, runs)| Drawn {
            parts: [a, b, c],
            crash,
            runs,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_made_day_gives_what_its_generator_knows(
        days in prop::collection::vec(prop::collection::vec(drawn(), 1..5), 8),
        stamped in any::<bool>(),
        first_generation in any::<bool>(),
        runner in any::<bool>(),
        coloured in any::<bool>(),
        crlf in any::<bool>(),
    ) {
        // A runner's own timestamps measure as well, where Docker's are missing.
        let runner = runner && stamped;
        let mut all: Vec<(u32, usize, String)> = Vec::new();
        let mut expected: Vec<(String, Vec<String>)> = Vec::new();
        for (number, (server, starts)) in SERVERS.into_iter().zip(&days).enumerate() {
            let (lines, known) = day_of(server, starts, stamped);
            expected.push((format!("service{number}x"), known));
            all.extend(lines.into_iter().map(|(at, text)| (at, number, text)));
        }
        // By time; lines of one moment stay in their order.
        all.sort_by_key(|(at, ..)| *at);
        let mut log = Vec::new();
        for (at, number, text) in &all {
            let dash = if first_generation { '_' } else { '-' };
            let stamp = format!("2025-11-0{}T{:02}:{:02}:{:02}.{}00000000Z ", 1 + at / 864_000, at / 36_000 % 24, at / 600 % 60, at / 10 % 60, at % 10);
            let outer = if runner { "2025-11-01T10:30:00.1234567Z " } else { "" };
            let inner = if stamped { stamp.as_str() } else { "" };
            let (on, off) = if coloured { ("\u{1b}[36m", "\u{1b}[0m") } else { ("", "") };
            let end = if crlf { "\r\n" } else { "\n" };
            log.extend_from_slice(format!("{outer}{on}service{number}x{dash}1  |{off} {inner}{text}{end}").as_bytes());
            if *number == 3 {
                log.extend_from_slice(b"service3x-1  | \xff\xfe bytes of no text\n");
            }
        }
        let reading = read(&mut log.as_slice()).unwrap();
        for (service, known) in expected {
            let found: Vec<String> = reading.startups.iter()
                .filter(|startup| startup.service.as_deref() == Some(&service))
                .map(|startup| startup.ready.words())
                .collect();
            prop_assert_eq!(found, known, "{} in\n{}", service, String::from_utf8_lossy(&log));
        }
    }
}
