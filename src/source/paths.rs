//! Paths inside a project: relative to its root, with `/` on every system.

/// The folder of a path; empty for the root, `/` for that of the machine.
pub fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => "",
    }
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether a file's name ends in this, behind a dot.
pub fn has_ending(path: &str, ending: &str) -> bool {
    let parts = name(path).rsplit_once('.');
    parts.is_some_and(|(_, own)| own == ending)
}

/// `path` as seen from `folder`, with `.` and `..` taken out; `None` where it leads out of the root or is absolute.
pub fn join(folder: &str, path: &str) -> Option<String> {
    if folder.starts_with('/')
        || path.starts_with('/')
        || path.starts_with('~')
        || path.get(1..3) == Some(":\\")
    {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// An absolute `path`, or one seen from an absolute folder, with `.` and `..` taken out.
pub fn absolute(folder: &str, path: &str) -> String {
    let seen_from = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = Vec::new();
    for part in seen_from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_root() {
        assert_eq!(join("a/b", "../c.yml").as_deref(), Some("a/c.yml"));
        assert_eq!(join("", "./c.yml").as_deref(), Some("c.yml"));
        assert_eq!(join("a", "../../c.yml"), None);
        assert_eq!(join("a", "/etc/passwd"), None);
        assert_eq!(parent("a/b.yml"), "a");
        assert_eq!(parent("b.yml"), "");
        assert_eq!(name("a/b.yml"), "b.yml");
        assert_eq!(parent("/b.yml"), "/");
        assert_eq!(absolute("/a/b", "../c/./d.yml"), "/a/c/d.yml");
        assert_eq!(absolute("/a/b", "/x/../y.yml"), "/y.yml");
        assert_eq!(absolute("/a", "../../../b"), "/b");
    }
}
