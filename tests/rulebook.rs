//! The pages in `rules/` tell the truth: every example is a small project, and is run.
//!
//! `UPDATE=1 cargo test --test rulebook` writes what upbeat prints and fixes into the pages.
#![allow(clippy::unwrap_used)] // Clippy sees tests in functions marked so, and not in their helpers.

#[path = "rulebook/book.rs"]
mod book;
#[path = "rulebook/page.rs"]
mod page;

use book::{Ran, pages};
use page::{Page, Run};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use upbeat::finding::Safety;
use upbeat::rules::{RULES, Rule};

/// All runs of a page, each with what it really prints.
fn runs(page: &Page) -> impl Iterator<Item = Ran<'_>> {
    page.runs().map(Ran::new)
}

/// The runs whose outcome with `--fix` the page shows.
fn fixing(page: &Page) -> impl Iterator<Item = &Run> {
    page.runs().filter(|run| !run.fixed.is_empty())
}

fn rule(page: &Page) -> &'static Rule {
    upbeat::rules::rule(&page.name).unwrap_or_else(|| panic!("{}: no such rule", page.name))
}

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    let pages: BTreeSet<&str> = pages().iter().map(|page| page.name.as_str()).collect();
    assert_eq!(pages, rules);
}

#[test]
fn a_page_starts_with_its_rules_name_severity_fix_and_group() {
    for page in pages() {
        let rule = rule(page);
        let fix = match rule.fix {
            Some(Safety::Safe) => "safe",
            Some(Safety::Unsafe) => "unsafe",
            Some(Safety::Display) => "by hand",
            None => "none",
        };
        let line = format!("{} · {fix} · {}", rule.severity.name(), rule.group);
        let head: Vec<&str> = page.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(head[..2], [format!("# {}", rule.name), line]);
    }
}

#[test]
fn a_page_has_its_sections_in_order_and_none_is_empty() {
    for page in pages() {
        let titles: Vec<&str> = page.sections.iter().map(|(title, _)| &**title).collect();
        let wanted = [
            "What it does",
            "Why",
            "Example",
            "Fix safety",
            "When to ignore it",
        ];
        assert_eq!(titles, wanted, "{}", page.name);
        for (title, prose) in &page.sections {
            assert!(*prose > 0, "{}: nothing stands in {title}", page.name);
        }
    }
}

#[test]
fn the_table_of_rules_embeds_these_very_pages() {
    for page in pages().iter().filter(|_| !book::is_updating()) {
        assert_eq!(rule(page).page, page.text, "{}", page.name);
    }
}

#[test]
fn every_console_block_shows_exactly_what_upbeat_prints() {
    for page in pages() {
        for ran in runs(page) {
            let what = format!("{}, `$ {}`", page.name, ran.run.command());
            book::assert_same(&what, &ran.run.shown(), &ran.printed());
        }
    }
}

/// How many runs of a page differ from each other, those left out that fix.
fn count(page: &Page, counts: impl Fn(&Run) -> bool) -> usize {
    let runs = page.runs().filter(|run| !run.fixes() && counts(run));
    let different: BTreeSet<_> = runs.map(|run| (&run.files, &run.args)).collect();
    different.len()
}

#[test]
fn every_page_has_two_examples_that_find_its_rule() {
    for page in pages() {
        let found = count(page, |run| run.reports(&page.name));
        assert!(found >= 2, "{}: {found}", page.name);
    }
}

#[test]
fn every_page_has_two_examples_that_are_clean() {
    for page in pages() {
        let clean = count(page, Run::is_clean);
        assert!(clean >= 2, "{}: {clean}", page.name);
    }
}

/// An overlay, or the lack of it, makes findings and cures them: that is shown side by side.
#[test]
fn every_page_has_an_example_with_an_overlay_that_finds_its_rule_and_is_clean() {
    for page in pages() {
        let runs: Vec<&Run> = page.runs().filter(|run| run.has_overlay()).collect();
        let is_both = runs.iter().any(|found| {
            let is_beside = |run: &&&Run| run.example == found.example && run.is_clean();
            found.reports(&page.name) && runs.iter().any(|run| is_beside(&run))
        });
        assert!(is_both, "{}", page.name);
    }
}

#[test]
fn examples_find_nothing_but_the_rule_of_their_page() {
    for page in pages() {
        for ran in runs(page) {
            let found = ran.findings();
            let other = found.iter().find(|finding| finding.rule != page.name);
            let command = ran.run.command();
            assert_eq!(other, None, "{}, `$ {command}`", page.name);
        }
    }
}

#[test]
fn outputs_hold_no_absolute_paths() {
    for page in pages() {
        for ran in runs(page) {
            let command = ran.run.command();
            let (folder, out) = (ran.folder(), &ran.out);
            assert!(!out.contains(&folder), "{}, `$ {command}`", page.name);
            let mut places = out.lines().filter_map(|line| line.split_once("┌─ "));
            let is_absolute = places.any(|(_, place)| place.starts_with('/'));
            assert!(!is_absolute, "{}, `$ {command}`", page.name);
        }
    }
}

#[test]
fn the_page_of_a_rule_with_a_fix_shows_a_fixed_file() {
    let is_made = |page: &&Page| matches!(rule(page).fix, Some(Safety::Safe | Safety::Unsafe));
    for page in pages().iter().filter(is_made) {
        assert!(fixing(page).any(Run::has_change), "{}", page.name);
    }
}

#[test]
fn fixing_gives_the_fixed_files_and_leaves_all_others_alone() {
    for page in pages() {
        for run in fixing(page) {
            let (shown, made) = (run.files_after(), Ran::fixing(run).files());
            for (path, shown) in &shown {
                let what = format!("{}, {path} after `$ {}`", page.name, run.command());
                book::assert_same(&what, shown, &made[path]);
            }
            assert_eq!(made.len(), shown.len(), "{}: new files", page.name);
        }
    }
}

#[test]
fn what_was_fixed_is_found_no_more() {
    for page in pages() {
        for run in fixing(page) {
            let left = Ran::fixing(run).again(false).findings();
            let takes = |safety: &str| match safety {
                "safe" => true,
                "unsafe" => run.allows_unsafe(),
                _ => false,
            };
            let mut left = left.iter().filter(|finding| finding.rule == page.name);
            let fixable = left.find(|finding| finding.fix.as_deref().is_some_and(takes));
            assert_eq!(fixable, None, "{}, `$ {}`", page.name, run.command());
        }
    }
}

#[test]
fn fixing_twice_changes_no_more_than_once() {
    for page in pages() {
        for run in fixing(page) {
            let once = Ran::fixing(run);
            let files = once.files();
            assert_eq!(once.again(true).files(), files, "{}", page.name);
        }
    }
}

#[test]
fn every_file_beside_the_table_is_a_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let files = fs::read_dir(root).expect("a folder").flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let mut stems: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".rs")?.replace('_', "-")))
        .filter(|stem| stem != "mod")
        .collect();
    stems.sort();
    let rules = RULES.iter().map(|rule| rule.name).collect::<Vec<_>>();
    assert_eq!(stems, rules);
}
