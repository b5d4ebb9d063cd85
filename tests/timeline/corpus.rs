//! Every stack of real projects, drawn. Where the real files are absent this says so and passes.

use super::common;
use super::xml;
use upbeat::clock::BudgetModel;
use upbeat::project::{Inputs, Project};
use upbeat::source::Store;
use upbeat::timeline::text::{self, Style};
use upbeat::timeline::{Scene, html, json, svg};

#[test]
fn every_stack_is_drawn_and_nothing_lies_on_anything() {
    let Some(corpus) = common::corpus() else {
        return;
    };
    let folders = std::fs::read_dir(corpus).expect("a folder").flatten();
    let (mut stacks, mut rows, mut lines, mut hits) = (0, 0, 0, 0);
    for folder in folders.filter(|entry| entry.path().is_dir()) {
        // All profiles on: the largest pictures.
        let inputs = Inputs {
            profiles: vec!["*".to_owned()],
            ..Inputs::default()
        };
        let project = Project::read(Store::disk(folder.path()), &inputs);
        for model in [BudgetModel::Planned, BudgetModel::Worst] {
            let scenes = Scene::all(&project, model);
            for ascii in [false, true] {
                let style = Style {
                    width: 80,
                    ascii,
                    colours: false,
                };
                let text = text::render(&scenes, style);
                let widest = text.lines().map(|line| line.chars().count()).max();
                assert!(widest.unwrap_or(0) <= 80, "{}", folder.path().display());
            }
            for scene in &scenes {
                xml::checked(&svg::render(scene));
                assert!(!scene.sentence.is_empty());
                stacks += 1;
                rows += scene.rows.len();
                lines += scene.lines.len();
                hits += usize::from(scene.first.is_some());
            }
            html::render(&scenes);
            json::render(&scenes);
        }
    }
    println!("{stacks} pictures, {rows} rows, {lines} lines, {hits} with a limit that is hit");
}
