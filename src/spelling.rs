//! What a misspelt name was to be.

/// The name that is nearest to `word`, if one is near enough for a slip of the fingers.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let written = plain(word);
    let limit = match written.chars().count() {
        0..=2 => return None,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let near = names.into_iter().filter(|name| *name != word);
    let near = near.filter_map(|name| {
        let steps = distance(&written, &plain(name));
        (steps <= limit).then_some((steps, name))
    });
    near.min().map(|(_, name)| name.to_owned())
}

/// Case and the way in which words are joined are slips of their own kind: `dependsOn`, `depends-on`.
fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' ' | '.'))
        .flat_map(char::to_lowercase)
        .take(64)
        .collect()
}

/// The number of letters to insert, take away, change, or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut steps = change.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                steps = steps.min(before[j - 2] + 1);
            }
            row.push(steps);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        for (a, b, steps) in [
            ("", "", 0),
            ("image", "image", 0),
            ("imagee", "image", 1),
            ("imgae", "image", 1),
            ("prots", "ports", 1),
            ("volume", "volumes", 1),
            ("abc", "xyz", 3),
        ] {
            assert_eq!(distance(a, b), steps, "{a} {b}");
        }
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let names = ["image", "depends_on", "healthcheck", "ports", "tty"];
        for (word, meant) in [
            ("imagee", Some("image")),
            ("dependsOn", Some("depends_on")),
            ("depends-on", Some("depends_on")),
            ("health_check", Some("healthcheck")),
            ("HealthCheck", Some("healthcheck")),
            ("heathcheck", Some("healthcheck")),
            ("tt", None),
            ("replicas", None),
        ] {
            assert_eq!(nearest(word, names).as_deref(), meant, "{word}");
        }
    }
}
