//! Services that wait for each other.

use super::references::Use;
use super::refused::{Code, Refused};
use std::collections::HashMap;

/// Every circle once, at the need that closes it.
pub(super) fn circles(services: &[(&str, Vec<Use>)]) -> Vec<Refused> {
    let index: HashMap<&str, usize> = services
        .iter()
        .enumerate()
        .map(|(i, (name, _))| (*name, i))
        .collect();
    let mut done = vec![false; services.len()];
    let mut found = Vec::new();
    for start in 0..services.len() {
        // A way through the services: each with the number of its needs that have been followed.
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((service, next)) = way.last().copied() {
            let Some(need) = services[service].1.get(next).filter(|_| !done[service]) else {
                done[service] = true;
                way.pop();
                continue;
            };
            if let Some(last) = way.last_mut() {
                last.1 += 1;
            }
            let Some(&target) = index.get(need.name) else {
                continue;
            };
            match way.iter().position(|(other, _)| *other == target) {
                Some(begin) => found.push(circle(services, &way[begin..])),
                None if !done[target] => way.push((target, 0)),
                None => {}
            }
        }
    }
    found
}

fn circle(services: &[(&str, Vec<Use>)], way: &[(usize, usize)]) -> Refused {
    let names: Vec<&str> = way
        .iter()
        .map(|(service, _)| services[*service].0)
        .collect();
    let needs: Vec<&Use> = way
        .iter()
        .map(|(service, next)| &services[*service].1[next - 1])
        .collect();
    let last = needs[needs.len() - 1];
    let message = format!(
        "services wait for each other in a circle: {} -> {}",
        names.join(" -> "),
        names[0]
    );
    let mut refused = Refused::new(Code::DependencyCycle, last.span, &last.path, message);
    let others = names.iter().zip(&needs[..needs.len() - 1]);
    refused.labels = others
        .map(|(name, need)| (need.span, format!("`{name}` waits for `{}`", need.name)))
        .collect();
    refused.allowing("take out one of these dependencies")
}
