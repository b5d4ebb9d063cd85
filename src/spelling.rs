//! What a misspelt name was to be.

use std::collections::HashMap;

/// As many names are compared for the misspelt ones of one list; those that come later get no suggestion.
const MOST_COMPARED: usize = 200_000;

/// Looks for many misspelt names in the same list, where both may be long.
#[derive(Debug)]
pub struct Speller {
    names: Vec<String>,
    /// What has been found before: the same slip is often made many times.
    known: HashMap<String, Option<String>>,
    compared: usize,
}

impl Speller {
    /// A list of names that exist.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            names: names.into_iter().map(str::to_owned).collect(),
            known: HashMap::new(),
            compared: 0,
        }
    }

    /// All the names.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The name that is nearest to `word`, as [`nearest`] finds it.
    pub fn nearest(&mut self, word: &str) -> Option<String> {
        if let Some(known) = self.known.get(word) {
            return known.clone();
        }
        let found = self.compare(word, None);
        self.known.insert(word.to_owned(), found.clone());
        found
    }

    /// The same for who is sure not to mean `own`.
    pub fn nearest_but(&mut self, word: &str, own: &str) -> Option<String> {
        match self.nearest(word) {
            Some(found) if found == own => self.compare(word, Some(own)),
            found => found,
        }
    }

    /// `None` where enough has been compared.
    fn compare(&mut self, word: &str, own: Option<&str>) -> Option<String> {
        if self.compared + self.names.len() > MOST_COMPARED.max(self.names.len()) {
            return None;
        }
        self.compared += self.names.len();
        let others = self.names().filter(|name| Some(*name) != own);
        nearest(word, others)
    }
}

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
    fn a_long_list_is_gone_through_only_so_often() {
        let names: Vec<String> = (0..20_000).map(|i| format!("service-{i}")).collect();
        let mut speller = Speller::new(names.iter().map(String::as_str));
        let found = |speller: &mut Speller, i: usize| speller.nearest(&format!("servise-{i}"));
        for _ in 0..3 {
            assert_eq!(found(&mut speller, 17).as_deref(), Some("service-17"));
            assert_eq!(speller.compared, names.len());
        }
        let suggested = (0..20_000).filter(|i| found(&mut speller, *i).is_some());
        assert_eq!(suggested.count(), MOST_COMPARED / names.len());
        assert_eq!(speller.compared, MOST_COMPARED);
        // What has been found is found again.
        assert_eq!(found(&mut speller, 17).as_deref(), Some("service-17"));
        let mut speller = Speller::new(["web", "webs"]);
        assert_eq!(speller.nearest_but("wbe", "web"), None);
        assert_eq!(speller.nearest_but("wbes", "web").as_deref(), Some("webs"));
        let mut speller = Speller::new(["images", "imager"]);
        assert_eq!(
            speller.nearest_but("imagrs", "images").as_deref(),
            Some("imager")
        );
        // However long a list is, one name is looked for.
        let long = vec!["image"; MOST_COMPARED + 1];
        let mut speller = Speller::new(long);
        assert_eq!(speller.nearest("imagee").as_deref(), Some("image"));
        assert_eq!(speller.nearest("inage"), None);
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
