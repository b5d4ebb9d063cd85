//! What a misspelt name was to be.

/// The name that is nearest to `word`, if one is near enough for a slip of the fingers.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut written = Vec::new();
    plain(word, &mut written);
    let limit = match written.len() {
        0..=2 => return None,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let near = names.into_iter().filter(|name| *name != word);
    let (mut letters, mut rows) = (Vec::new(), Rows::default());
    let near = near.filter_map(|name| {
        plain(name, &mut letters);
        let steps = rows.distance(&written, &letters, limit)?;
        Some((steps, name))
    });
    near.min().map(|(_, name)| name.to_owned())
}

/// Case and the way in which words are joined are slips of their own kind: `dependsOn`, `depends-on`.
fn plain(word: &str, letters: &mut Vec<char>) {
    letters.clear();
    let kept = word
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | ' ' | '.'))
        .flat_map(char::to_lowercase);
    letters.extend(kept.take(64));
}

/// What is used again for each of many names.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    above: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    /// The number of letters to insert, take away, change, or swap with their neighbour; `None` above the limit.
    fn distance(&mut self, a: &[char], b: &[char], limit: usize) -> Option<usize> {
        if a.len().abs_diff(b.len()) > limit {
            return None;
        }
        let Self { before, above, row } = self;
        above.clear();
        above.extend(0..=b.len());
        let mut least_above = 0;
        for i in 1..=a.len() {
            row.clear();
            row.push(i);
            let mut least = i;
            for j in 1..=b.len() {
                let change = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut steps = change.min(above[j] + 1).min(row[j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    steps = steps.min(before[j - 2] + 1);
                }
                least = least.min(steps);
                row.push(steps);
            }
            // A swap reaches back two rows.
            if least.min(least_above) > limit {
                return None;
            }
            least_above = least;
            std::mem::swap(before, above);
            std::mem::swap(above, row);
        }
        Some(above[b.len()]).filter(|steps| *steps <= limit)
    }
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
            let letters = |word: &str| word.chars().collect::<Vec<char>>();
            let (a, b) = (letters(a), letters(b));
            let distance = |limit| Rows::default().distance(&a, &b, limit);
            assert_eq!(distance(9), Some(steps), "{a:?} {b:?}");
            assert_eq!(distance(steps), Some(steps), "{a:?} {b:?}");
            assert_eq!(steps.checked_sub(1).and_then(distance), None, "{a:?} {b:?}");
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
