//! What programs do in a container before its server answers, told by their command lines.

use crate::duration::Seconds;

/// Kinds of work that take time in a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkKind {
    /// The database's schema is changed.
    Migrations,
    /// Files for the web are gathered or compressed.
    StaticFiles,
    /// Packages are installed.
    Packages,
    /// The application is built.
    Build,
    /// Data is put into the database.
    Data,
}

impl WorkKind {
    /// As a noun: `database migrations`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Migrations => "database migrations",
            Self::StaticFiles => "static files",
            Self::Packages => "the installation of packages",
            Self::Build => "a build",
            Self::Data => "initial data",
        }
    }
}

/// A program with words behind it: these words, in this order, with others between them.
type Row = (&'static [&'static str], WorkKind);

use WorkKind::{Build, Data, Migrations, Packages, StaticFiles};

const WORK: [Row; 62] = [
    (&["manage.py", "migrate"], Migrations),
    (&["manage.py", "migrate_schemas"], Migrations),
    (&["django-admin", "migrate"], Migrations),
    (&["flask", "db", "upgrade"], Migrations),
    (&["alembic", "upgrade"], Migrations),
    (&["aerich", "upgrade"], Migrations),
    (&["prisma", "migrate", "deploy"], Migrations),
    (&["prisma", "db", "push"], Migrations),
    (&["knex", "migrate:latest"], Migrations),
    (&["sequelize", "db:migrate"], Migrations),
    (&["sequelize-cli", "db:migrate"], Migrations),
    (&["typeorm", "migration:run"], Migrations),
    (&["mikro-orm", "migration:up"], Migrations),
    (&["drizzle-kit", "migrate"], Migrations),
    (&["drizzle-kit", "push"], Migrations),
    (&["rails", "db:migrate"], Migrations),
    (&["rails", "db:prepare"], Migrations),
    (&["rails", "db:setup"], Migrations),
    (&["rake", "db:migrate"], Migrations),
    (&["rake", "db:prepare"], Migrations),
    (&["rake", "db:setup"], Migrations),
    (&["artisan", "migrate"], Migrations),
    (&["console", "doctrine:migrations:migrate"], Migrations),
    (&["phinx", "migrate"], Migrations),
    (&["flyway", "migrate"], Migrations),
    (&["liquibase", "update"], Migrations),
    (&["goose", "up"], Migrations),
    (&["dbmate", "up"], Migrations),
    (&["dbmate", "migrate"], Migrations),
    (&["migrate", "up"], Migrations),
    (&["atlas", "migrate", "apply"], Migrations),
    (&["sqlx", "migrate", "run"], Migrations),
    (&["diesel", "migration", "run"], Migrations),
    (&["mix", "ecto.migrate"], Migrations),
    (&["dotnet", "ef", "database", "update"], Migrations),
    (&["dotnet-ef", "database", "update"], Migrations),
    (&["manage.py", "collectstatic"], StaticFiles),
    (&["django-admin", "collectstatic"], StaticFiles),
    (&["manage.py", "compress"], StaticFiles),
    (&["manage.py", "compilemessages"], StaticFiles),
    (&["rails", "assets:precompile"], StaticFiles),
    (&["rake", "assets:precompile"], StaticFiles),
    (&["npm", "ci"], Packages),
    (&["npm", "install"], Packages),
    (&["yarn", "install"], Packages),
    (&["pnpm", "install"], Packages),
    (&["pip", "install"], Packages),
    (&["pip3", "install"], Packages),
    (&["composer", "install"], Packages),
    (&["bundle", "install"], Packages),
    (&["poetry", "install"], Packages),
    (&["uv", "sync"], Packages),
    (&["apt-get", "install"], Packages),
    (&["apk", "add"], Packages),
    (&["npm", "run", "build"], Build),
    (&["yarn", "build"], Build),
    (&["pnpm", "build"], Build),
    (&["next", "build"], Build),
    (&["manage.py", "loaddata"], Data),
    (&["prisma", "db", "seed"], Data),
    (&["artisan", "db:seed"], Data),
    (&["rails", "db:seed"], Data),
];

/// Options with which nothing is done.
const ONLY_LOOKS: [&str; 5] = ["--check", "--plan", "--dry-run", "--help", "--version"];

/// Options that say how long a program waits, whatever it is.
const WAITS: [&str; 5] = [
    "--wait",
    "--wait-timeout",
    "--wait-for",
    "--max-wait",
    "--wait-seconds",
];

/// Options that say so for a program that waits by its name.
const TIMEOUTS: [&str; 4] = ["--timeout", "-t", "--max-time", "--seconds"];

/// What kind of work a command line is, if it is any. `None` stands for a word that is not known.
pub fn work(words: &[Option<&str>]) -> Option<WorkKind> {
    let texts: Vec<&str> = words.iter().flatten().copied().collect();
    if texts.iter().any(|word| ONLY_LOOKS.contains(word)) {
        return None;
    }
    let fits = |row: &[&str]| {
        let mut texts = texts.iter();
        let mut row = row.iter();
        let is_program =
            |text: &&str, program: &str| text.rsplit('/').next().unwrap_or_default() == program;
        let program = row.next().copied().unwrap_or_default();
        // Behind the program's interpreter and its package runner, and not somewhere among the arguments.
        texts.by_ref().take(4).any(|text| is_program(text, program))
            && row.all(|word| texts.any(|text| text == word))
    };
    WORK.iter()
        .find(|(row, _)| fits(row))
        .map(|(_, kind)| *kind)
}

/// How long a program waits by its own options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitLimit {
    /// The longest that it waits.
    pub limit: Seconds,
    /// The word that says so.
    pub word: usize,
}

/// The limit in `check_database --wait 60` or `wait_for_db --timeout=60`; a number without a unit counts seconds.
pub fn wait_limit(words: &[Option<&str>]) -> Option<WaitLimit> {
    let names = words.iter().flatten().take(5);
    let is_wait = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        !name.starts_with('-')
            && name
                .split(['-', '_', '.', ':'])
                .any(|part| part == "wait" || part == "waitfor" || part == "waitfordb")
    };
    let waits = names.copied().any(is_wait);
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        let Some(word) = word else {
            continue;
        };
        let (name, behind) = if let Some((name, value)) = word.split_once('=') {
            (name, Some((value, at)))
        } else {
            let next = words.get(at + 1).copied().flatten();
            (*word, next.map(|next| (next, at + 1)))
        };
        if WAITS.contains(&name) || (waits && TIMEOUTS.contains(&name)) {
            let read = behind.and_then(|(value, word)| Some((length(value)?, word)));
            found = read
                .map(|(limit, word)| WaitLimit { limit, word })
                .or(found);
        }
    }
    found
}

/// `60`, `60s`, `1m`.
fn length(text: &str) -> Option<Seconds> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: i64 = digits.parse().ok().filter(|count| *count > 0)?;
    let unit = match &text[digits.len()..] {
        "" | "s" | "sec" | "seconds" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(Seconds::new(
        count.checked_mul(unit).filter(|all| *all < 1_000_000)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Option<&str>> {
        let words = text.split(' ');
        words
            .map(|word| Some(word).filter(|word| *word != "?"))
            .collect()
    }

    #[test]
    fn every_row_is_known_by_its_own_words() {
        for (row, kind) in WORK {
            let line = row.join(" ");
            assert_eq!(work(&words(&line)), Some(kind), "{line}");
            assert_eq!(work(&words(&format!("{line} --dry-run"))), None, "{line}");
        }
    }

    #[test]
    fn interpreters_and_options_stand_between() {
        for line in [
            "python manage.py migrate --noinput",
            "python -m manage.py migrate",
            "/venv/bin/python /app/manage.py migrate",
            "npx prisma migrate deploy",
            "bundle exec rails db:migrate",
            "flask --app web db upgrade",
            "alembic -c alembic.ini upgrade head",
            "migrate -path /m -database ? up",
        ] {
            assert_eq!(work(&words(line)), Some(Migrations), "{line}");
        }
        for line in [
            "python manage.py makemigrations",
            "python manage.py showmigrations",
            "python manage.py runserver migrate.local",
            "echo about to run python manage.py-migrate",
            "gunicorn app",
            "?",
        ] {
            assert_eq!(work(&words(line)), None, "{line}");
        }
    }

    #[test]
    fn a_limit_is_read_off_the_options_of_what_waits() {
        let read = |line: &str| wait_limit(&words(line)).map(|limit| (limit.limit, limit.word));
        let seconds = |count| Seconds::new(count);
        assert_eq!(
            read("python manage.py check_database --wait 60"),
            Some((seconds(60), 4))
        );
        assert_eq!(
            read("python manage.py wait_for_db --timeout=2m"),
            Some((seconds(120), 3))
        );
        assert_eq!(read("./wait-for-db.sh -t 30"), Some((seconds(30), 2)));
        for line in [
            "gunicorn app --timeout 120",
            "server --wait",
            "server --wait yes",
            "wait_for_db --timeout ?",
            "curl --max-time 5 host",
            "wait_for_db --timeout 0",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
