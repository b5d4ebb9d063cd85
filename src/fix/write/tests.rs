use super::*;
use std::error::Error;

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

fn change<'a>(path: &'a str, old: &'a str, new: &'a str) -> FileChange<'a> {
    FileChange {
        path: Path::new(path),
        old: old.as_bytes(),
        new,
    }
}

/// What is in a folder: names and texts.
fn listing(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut listing: Vec<_> = entries
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect();
    listing.sort();
    listing
}

fn named(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    files.iter().map(owned).collect()
}

#[test]
fn all_are_written_and_nothing_else_stays() {
    let folder = project(&[("a", "1\r\n"), ("b", "2"), ("c", "3")]);
    let changes = [change("a", "1\r\n", "one\r\n"), change("b", "2", "two")];
    write(folder.path(), &changes).unwrap();
    let expected = named(&[("a", "one\r\n"), ("b", "two"), ("c", "3")]);
    assert_eq!(listing(folder.path()), expected);
    write(folder.path(), &[]).unwrap();
}

#[test]
fn absolute_paths_below_the_root_will_do() {
    let folder = project(&[("a", "1")]);
    let path = folder.path().join("a");
    write(folder.path(), &[change(path.to_str().unwrap(), "1", "2")]).unwrap();
    assert_eq!(listing(folder.path()), named(&[("a", "2")]));
}

#[cfg(unix)]
#[test]
fn the_mode_stays() {
    use std::os::unix::fs::PermissionsExt;
    let folder = project(&[("run.sh", "1")]);
    let path = folder.path().join("run.sh");
    for mode in [0o755, 0o600, 0o664] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        fs::write(&path, "1").unwrap();
        write(folder.path(), &[change("run.sh", "1", "2")]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "2");
        let after = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(after & 0o7777, mode);
    }
}

#[test]
fn a_file_that_changed_stops_all() {
    let folder = project(&[("a", "1"), ("b", "other")]);
    let changes = [change("a", "1", "x"), change("b", "2", "y")];
    let error = write(folder.path(), &changes).unwrap_err();
    assert!(matches!(&error, WriteError::Changed { path } if path == Path::new("b")));
    assert_eq!(
        error.to_string(),
        "b: has changed since it was read; no file was changed: run upbeat again"
    );
    assert_eq!(listing(folder.path()), named(&[("a", "1"), ("b", "other")]));
}

#[test]
fn what_is_gone_or_no_file_stops_all() {
    let folder = project(&[("a", "1")]);
    fs::create_dir(folder.path().join("d")).unwrap();
    let gone = write(
        folder.path(),
        &[change("a", "1", "x"), change("b\x1b", "2", "y")],
    );
    let gone = gone.unwrap_err();
    assert!(gone.source().is_some());
    let message = gone.to_string();
    assert!(message.starts_with("b\\x1b: cannot find it: "), "{message}");
    assert!(message.ends_with("; no file was changed: run upbeat again if it was moved"));
    let folder_error = write(
        folder.path(),
        &[change("a", "1", "x"), change("d", "", "y")],
    );
    assert!(matches!(folder_error, Err(WriteError::NoFile { .. })));
    assert_eq!(listing(folder.path()), named(&[("a", "1"), ("d", "")]));
}

#[test]
fn a_rename_that_fails_is_rolled_back() {
    let folder = project(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let changes = [
        change("a", "1", "x"),
        change("b", "2", "y"),
        change("c", "3", "z"),
    ];
    let mut calls = 0;
    let error = write_with(folder.path(), &changes, |from, to| {
        calls += 1;
        if calls == 3 {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        fs::rename(from, to)
    });
    let message = error.unwrap_err().to_string();
    assert!(
        message.starts_with("c: cannot put the new text in place: "),
        "{message}"
    );
    assert!(message.ends_with("allow writing in its folder, or apply the output of --diff"));
    assert_eq!(calls, 5);
    let before = named(&[("a", "1"), ("b", "2"), ("c", "3")]);
    assert_eq!(listing(folder.path()), before);
}

#[test]
fn what_cannot_be_put_back_is_kept_and_named() {
    let folder = project(&[("a", "1"), ("b", "2")]);
    let changes = [change("a", "1", "x"), change("b", "2", "y")];
    let mut calls = 0;
    let error = write_with(folder.path(), &changes, |from, to| {
        calls += 1;
        if calls > 1 {
            return Err(io::Error::other("the disk is gone"));
        }
        fs::rename(from, to)
    });
    let Err(WriteError::NotRestored { path, copy, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(path, Path::new("a"));
    assert_eq!(fs::read_to_string(&copy).unwrap(), "1");
    let copy = copy.file_name().unwrap().to_str().unwrap();
    let left = named(&[(copy, "1"), ("a", "x"), ("b", "2")]);
    assert_eq!(listing(folder.path()), left);
}

#[test]
fn a_path_out_of_the_project_is_refused() {
    let folder = project(&[("a", "1")]);
    let root = folder.path().join("project");
    fs::create_dir(&root).unwrap();
    let error = write(&root, &[change("../a", "1", "x")]).unwrap_err();
    assert!(matches!(&error, WriteError::Outside { path, .. } if path == Path::new("../a")));
    assert!(
        error
            .to_string()
            .starts_with("../a: leads out of the project, to ")
    );
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "1");
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_and_refused_outside() {
    use std::os::unix::fs::symlink;
    let outside = project(&[("secret", "1")]);
    let folder = project(&[("real", "1")]);
    symlink(outside.path().join("secret"), folder.path().join("out")).unwrap();
    symlink(outside.path(), folder.path().join("folder")).unwrap();
    symlink("real", folder.path().join("link")).unwrap();

    for path in ["out", "folder/secret"] {
        let changes = [change("real", "1", "x"), change(path, "1", "x")];
        let error = write(folder.path(), &changes).unwrap_err();
        assert!(matches!(error, WriteError::Outside { .. }), "{error}");
    }
    assert_eq!(listing(outside.path()), named(&[("secret", "1")]));
    assert_eq!(fs::read_to_string(folder.path().join("real")).unwrap(), "1");

    write(folder.path(), &[change("link", "1", "x")]).unwrap();
    assert!(
        fs::symlink_metadata(folder.path().join("link"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(fs::read_to_string(folder.path().join("real")).unwrap(), "x");

    // Two ways to one file: the same text is written once, different ones are refused.
    let changes = [change("link", "x", "y"), change("real", "x", "y")];
    write(folder.path(), &changes).unwrap();
    let changes = [change("link", "y", "z"), change("real", "y", "other")];
    let error = write(folder.path(), &changes).unwrap_err();
    assert!(matches!(error, WriteError::Twice { .. }), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("real")).unwrap(), "y");
}

#[cfg(unix)]
#[test]
fn a_folder_without_write_permission_fails_cleanly() {
    use std::os::unix::fs::PermissionsExt;
    let folder = project(&[("a", "1")]);
    let mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    let result = write(folder.path(), &[change("a", "1", "x")]);
    mode(0o755);
    // Root writes anyway.
    let expected = if result.is_ok() { "x" } else { "1" };
    assert_eq!(listing(folder.path()), named(&[("a", expected)]));
}

#[test]
fn temporary_files_of_others_stay() {
    let process = std::process::id();
    let theirs = format!(".upbeat-{process}-0.tmp");
    let folder = project(&[("a", "1"), (&theirs, "theirs")]);
    write(folder.path(), &[change("a", "1", "x")]).unwrap();
    assert_eq!(
        listing(folder.path()),
        named(&[(&theirs, "theirs"), ("a", "x")])
    );
}
