//! How long it takes from a save to the new view of the story, beside a plain check of it in the same process.
//!
//! The loop waits until an editor is done ([`Pace::quiet`]); what is left beside that and the check is its own. Printed are
//! medians. Exit code 1 if the whole takes longer than [`LONGEST`], or if the loop's own part is more than [`MOST_RATIO`]
//! of a check.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use upbeat::project::Inputs;
use upbeat::report::{Format, Report, Style};
use upbeat::rules::Options;
use upbeat::source::Store;
use upbeat::watch::{self, Folders, Pace, Sight, View};

const RUNS: usize = 51;
/// What is felt as at once.
const LONGEST: Duration = Duration::from_millis(100);
/// The system tells, a thread wakes, folders are looked through: less than the check, which does that and more.
const MOST_RATIO: f64 = 1.0;

fn main() -> ExitCode {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/story/before");
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("its path");
    copy(&story, &root);

    let mut plain: Vec<Duration> = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        std::hint::black_box(look(&root));
        plain.push(start.elapsed());
    }
    let saved = saves(&root);
    let (plain, saved) = (median(plain), median(saved));
    let quiet = Pace::default().quiet;
    let own = saved.saturating_sub(quiet + plain);
    let ratio = own.as_secs_f64() / plain.as_secs_f64();
    let print =
        |what: &str, time: Duration| println!("{what:<28}{:>8.2} ms", time.as_secs_f64() * 1e3);
    print("check in process", plain);
    print("from a save to the view", saved);
    print("of that waiting for editors", quiet);
    print("of that the loop's own", own);
    println!(
        "{:<28}{ratio:>8.2} must be at most {MOST_RATIO}",
        "own part / check"
    );
    if ratio <= MOST_RATIO && saved <= LONGEST {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Saves a file of the project again and again: how long it takes until each is in the view.
fn saves(root: &Path) -> Vec<Duration> {
    let (sender, changes) = channel();
    let mut folders = Folders::new(sender).expect("a watcher");
    let (shown, views) = channel();
    let place = root.to_path_buf();
    // It ends with the process.
    std::thread::spawn(move || {
        let judge = |happened: &[watch::Change]| {
            for change in happened {
                folders.note(change);
            }
            let wanted: BTreeSet<PathBuf> = Store::disk(&place).folders().into_iter().collect();
            folders.watch(&wanted).expect("they can be watched");
            look(&place)
        };
        let show = |view: &View| -> Result<(), Infallible> {
            shown.send((Instant::now(), view.text.clone())).ok();
            Ok(())
        };
        watch::run(&changes, Pace::default(), judge, show)
    });
    let file = root.join("compose.staging.yml");
    let text = fs::read_to_string(&file).expect("the story's");
    next(&views, "compose.staging.yml:12:");
    let mut times = Vec::new();
    for run in 1..=RUNS {
        // Each save moves the findings down a line.
        let start = Instant::now();
        fs::write(&file, "#\n".repeat(run) + &text).expect("saved");
        let end = next(&views, &format!("compose.staging.yml:{}:", 12 + run));
        times.push(end - start);
    }
    times
}

/// When the view came that holds this.
fn next(views: &Receiver<(Instant, String)>, wanted: &str) -> Instant {
    loop {
        let (at, text) = views.recv_timeout(Duration::from_secs(60)).expect("a view");
        if text.contains(wanted) {
            return at;
        }
    }
}

/// The project judged and told, as `upbeat check` does it.
fn look(root: &Path) -> Sight {
    let checked = upbeat::check(Store::disk(root), &Inputs::default(), &Options::default());
    let report = Report {
        findings: &checked.findings,
        ignored: &checked.ignored,
        sources: checked.project.store.sources(),
        trees: &checked.project.trees,
        summary: &checked.summary(),
        prefix: "",
    };
    let mut out = Vec::new();
    report
        .render(Format::Full, Style::default(), &mut out)
        .expect("memory takes it");
    let store = &checked.project.store;
    Sight {
        text: String::from_utf8(out).expect("text"),
        files: store.known().map(|path| root.join(path)).collect(),
        ..Sight::default()
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("the story's");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a folder");
        } else {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
}
