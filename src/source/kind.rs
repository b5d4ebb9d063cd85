//! What a file is, by its name and place.

use super::paths;

/// What a file is to upbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A compose file: base, override or overlay.
    Compose,
    /// A GitHub workflow (or one of Forgejo or Gitea, which read the same syntax).
    Workflow,
    /// An action of the same: `action.yml`.
    Action,
    /// A pipeline of GitLab.
    GitLab,
    /// A pipeline of `CircleCI`.
    CircleCi,
    /// A pipeline of Azure.
    Azure,
    /// A pipeline of Bitbucket.
    Bitbucket,
    /// Variables: `.env` and its relatives.
    Env,
    /// A shell script.
    Script,
    /// What an image is built from.
    Dockerfile,
    /// A Makefile, or what one includes.
    Makefile,
    /// A justfile.
    Justfile,
}

/// The shells whose scripts are read.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "ksh", "zsh"];

/// The kind of the file at `path`, relative to the root; `None` for files that say nothing about timing.
pub fn kind(path: &str) -> Option<FileKind> {
    let name = paths::name(path);
    let yaml = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"));
    if let Some(stem) = yaml {
        let folder = paths::parent(path);
        let is_workflow = [".github", ".forgejo", ".gitea"].iter().any(|host| {
            let tail = format!("{host}/workflows");
            folder == tail || folder.ends_with(&format!("/{tail}"))
        });
        if is_workflow {
            return Some(FileKind::Workflow);
        }
        match stem {
            "action" => return Some(FileKind::Action),
            ".gitlab-ci" => return Some(FileKind::GitLab),
            "bitbucket-pipelines" => return Some(FileKind::Bitbucket),
            "config" if paths::name(folder) == ".circleci" => return Some(FileKind::CircleCi),
            _ if stem.starts_with("azure-pipelines") || stem.starts_with(".azure-pipelines") => {
                return Some(FileKind::Azure);
            }
            _ => {}
        }
        let words = |c: char| matches!(c, '.' | '-' | '_');
        return stem
            .split(words)
            .any(|word| word == "compose")
            .then_some(FileKind::Compose);
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let mut words = name.split(['.', '-']);
    if words.any(|word| matches!(word, "Dockerfile" | "Containerfile" | "dockerfile"))
        && ending != Some("dockerignore")
    {
        return Some(FileKind::Dockerfile);
    }
    if matches!(name, "Makefile" | "makefile" | "GNUmakefile") || ending == Some("mk") {
        return Some(FileKind::Makefile);
    }
    if name
        .trim_start_matches('.')
        .eq_ignore_ascii_case("justfile")
    {
        return Some(FileKind::Justfile);
    }
    if ending == Some("env") || name.starts_with(".env.") {
        return Some(FileKind::Env);
    }
    matches!(ending, Some("sh" | "bash")).then_some(FileKind::Script)
}

/// Whether only its first line tells what the file at `path` is: its name has no ending.
pub fn is_bare(path: &str) -> bool {
    !paths::name(path).contains('.')
}

/// The shell in the first line of a script: `bash` in `#!/usr/bin/env bash`.
pub fn shebang(text: &str) -> Option<&str> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_whitespace().map(paths::name);
    words.find(|word| SHELLS.contains(word))
}

/// What stands between `compose` and the file's ending: `None` for a base file (`compose.yml`), `Some("staging")` for
/// `compose.staging.yml`. Files with other names are nothing to the search for stacks.
pub fn overlay_name(path: &str) -> Option<Option<&str>> {
    let name = paths::name(path);
    let stem = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"))?;
    let rest = stem
        .strip_prefix("docker-compose")
        .or_else(|| stem.strip_prefix("compose"))?;
    if rest.is_empty() {
        return Some(None);
    }
    let overlay = rest.strip_prefix(['.', '-', '_'])?;
    (!overlay.is_empty()).then_some(Some(overlay))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_name_and_place() {
        assert_eq!(kind("docker-compose.yml"), Some(FileKind::Compose));
        assert_eq!(kind("deploy/compose.staging.yaml"), Some(FileKind::Compose));
        assert_eq!(kind("docker/dev-compose.yml"), Some(FileKind::Compose));
        assert_eq!(kind("composer.yml"), None);
        let others = [
            ("action.yml", FileKind::Action),
            (".github/actions/x/action.yaml", FileKind::Action),
            (".gitlab-ci.yml", FileKind::GitLab),
            (".circleci/config.yml", FileKind::CircleCi),
            ("azure-pipelines.deploy.yml", FileKind::Azure),
            ("bitbucket-pipelines.yml", FileKind::Bitbucket),
        ];
        for (path, expected) in others {
            assert_eq!(kind(path), Some(expected), "{path}");
        }
        assert_eq!(kind("config.yml"), None);
        assert_eq!(
            kind(".github/workflows/compose.yml"),
            Some(FileKind::Workflow)
        );
        assert_eq!(kind("x/.github/workflows/a.yaml"), Some(FileKind::Workflow));
        assert_eq!(kind("workflows/a.yaml"), None);
        assert_eq!(kind("a/.env.staging"), Some(FileKind::Env));
        assert_eq!(kind("wait.sh"), Some(FileKind::Script));
        for path in ["Dockerfile", "a/Dockerfile.prod", "api.Dockerfile"] {
            assert_eq!(kind(path), Some(FileKind::Dockerfile), "{path}");
        }
        assert_eq!(kind("Dockerfile.dockerignore"), None);
        assert_eq!(kind("a/Makefile"), Some(FileKind::Makefile));
        assert_eq!(kind("mk/docker.mk"), Some(FileKind::Makefile));
        assert_eq!(kind(".justfile"), Some(FileKind::Justfile));
        assert_eq!(kind("Justfile"), Some(FileKind::Justfile));
        assert_eq!(kind("Makefile.am"), None);
        assert_eq!(shebang("#!/usr/bin/env -S bash -e\nx"), Some("bash"));
        assert_eq!(shebang("#!/bin/sh"), Some("sh"));
        assert_eq!(shebang("#!/usr/bin/python3\nsh"), None);
        assert_eq!(shebang("sh"), None);
        assert_eq!(overlay_name("a/docker-compose.yml"), Some(None));
        assert_eq!(overlay_name("compose.staging.yml"), Some(Some("staging")));
        assert_eq!(overlay_name("docker-compose-dev.yml"), Some(Some("dev")));
        assert_eq!(overlay_name("app.yml"), None);
    }
}
