use super::*;
use std::convert::Infallible;
use std::sync::mpsc::channel;

fn sight(text: &str, torn: &[&str]) -> Sight {
    Sight {
        text: text.to_owned(),
        torn: torn.iter().map(|&line| line.to_owned()).collect(),
        is_gone: false,
        files: [PathBuf::from("/p/compose.yml")].into(),
    }
}

/// What is shown of sights that follow each other.
fn shown(sights: impl IntoIterator<Item = Sight>) -> Vec<Option<View>> {
    let mut desk = Desk::default();
    let views = sights.into_iter().map(|sight| desk.see(sight).cloned());
    views.collect()
}

fn view(text: &str, torn: &[&str]) -> View {
    let Sight { text, torn, .. } = sight(text, torn);
    View {
        is_old: !torn.is_empty(),
        text,
        torn,
    }
}

#[test]
fn the_last_good_text_stays_while_a_file_is_torn() {
    let views = shown([
        sight("one", &[]),
        sight("nothing can be said", &["compose.yml:3"]),
        sight("nothing at all", &["compose.yml:4"]),
        sight("two", &[]),
        sight("", &["compose.yml:4"]),
    ]);
    assert_eq!(
        views,
        [
            view("one", &[]),
            view("one", &["compose.yml:3"]),
            view("one", &["compose.yml:4"]),
            view("two", &[]),
            view("two", &["compose.yml:4"]),
        ]
        .map(Some)
    );
}

#[test]
fn without_a_good_text_the_present_one_is_shown() {
    let views = shown([sight("a", &["x"]), sight("b", &["x"]), sight("b", &[])]);
    let present = |text| View {
        is_old: false,
        ..view(text, &["x"])
    };
    assert_eq!(
        views,
        [present("a"), present("b"), view("b", &[])].map(Some)
    );
}

#[test]
fn what_is_on_the_screen_is_not_drawn_again() {
    let views = shown([sight("a", &[]), sight("a", &[]), sight("b", &[])]);
    assert_eq!(views, [Some(view("a", &[])), None, Some(view("b", &[]))]);
}

#[test]
fn only_the_files_that_were_read_matter_and_every_new_name() {
    let mut desk = Desk::default();
    desk.see(sight("a", &[]));
    let saved = |path: &str| Change::Saved(path.into());
    assert!(desk.concerns(&saved("/p/compose.yml")));
    assert!(!desk.concerns(&saved("/p/server.log")));
    assert!(desk.concerns(&Change::Listed("/p/server.log".into())));
    assert!(desk.concerns(&Change::Unknown));
    // A file that cannot be parsed names no others: those are still waited for.
    let mut torn = sight("", &["compose.yml"]);
    torn.files = [PathBuf::from("/p/new.yml")].into();
    desk.see(torn);
    assert!(desk.concerns(&saved("/p/compose.yml")));
    assert!(desk.concerns(&saved("/p/new.yml")));
}

const PACE: Pace = Pace {
    quiet: Duration::from_millis(1),
    most: Duration::from_secs(60),
    again: Duration::ZERO,
};

#[test]
fn changes_that_come_together_are_one_look() {
    let (sender, changes) = channel();
    let path = PathBuf::from("/p/compose.yml");
    let burst = [
        Change::Saved("/p/other.txt".into()),
        Change::Listed("/p/compose.yml~".into()),
        Change::Saved(path.clone()),
    ];
    for change in burst.clone() {
        sender.send(change).expect("somebody listens");
    }
    let mut looks: Vec<Vec<Change>> = Vec::new();
    let mut sender = Some(sender);
    let mut views = Vec::new();
    let judge = |happened: &[Change]| {
        looks.push(happened.to_vec());
        if looks.len() == 2 {
            sender = None;
        }
        sight(&format!("look {}", looks.len()), &[])
    };
    let show = |view: &View| -> Result<(), Infallible> {
        views.push(view.text.clone());
        Ok(())
    };
    run(&changes, PACE, judge, show).expect("it never fails");
    assert_eq!(views, ["look 1", "look 2"]);
    assert_eq!(looks, [&[], &burst[1..]]);
}

#[test]
fn a_folder_that_is_gone_is_looked_for_without_a_change() {
    let (sender, changes) = channel();
    let mut sender = Some(sender);
    let mut looks = 0;
    let mut views = Vec::new();
    let judge = |_: &[Change]| {
        looks += 1;
        let mut sight = sight(&format!("look {looks}"), &[]);
        match looks {
            1 => {}
            2 | 3 => {
                sight.torn = vec!["gone".to_owned()];
                sight.is_gone = true;
            }
            _ => sender = None,
        }
        if looks == 1
            && let Some(sender) = &sender
        {
            sender.send(Change::Unknown).expect("somebody listens");
        }
        sight
    };
    let show = |view: &View| -> Result<(), Infallible> {
        views.push((view.text.clone(), view.torn.len()));
        Ok(())
    };
    run(&changes, PACE, judge, show).expect("it never fails");
    let text = |text: &str, torn| (text.to_owned(), torn);
    assert_eq!(
        views,
        [text("look 1", 0), text("look 1", 1), text("look 4", 0)]
    );
}

#[test]
fn it_ends_where_nothing_can_be_shown() {
    let (_sender, changes) = channel();
    let ended = run(&changes, PACE, |_| sight("a", &[]), |_| Err("closed"));
    assert_eq!(ended, Err("closed"));
}
