//! Services that wait for each other.

use super::needs::{Need, Target};
use super::references::On;
use super::refused::{Code, Refused};
use super::service::Service;
use std::sync::Arc;

/// Every circle of the services that are on once, at the need that closes it.
pub(super) fn circles(on: &[On], services: &[Arc<Service>]) -> Vec<Refused> {
    let mut index: Vec<Option<usize>> = vec![None; services.len()];
    for (number, one) in on.iter().enumerate() {
        index[one.service] = Some(number);
    }
    let target = |need: &Need| match need.target {
        Target::Service(target) => index[target],
        Target::Unknown(..) => None,
    };
    let (mut done, mut is_on_way) = (vec![false; on.len()], vec![false; on.len()]);
    let mut found = Vec::new();
    for start in 0..on.len() {
        // A way through the services: each with the number of its needs that have been followed.
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        is_on_way[start] = true;
        while let Some((service, next)) = way.last().copied() {
            let Some(need) = on[service].needs.get(next).filter(|_| !done[service]) else {
                done[service] = true;
                is_on_way[service] = false;
                way.pop();
                continue;
            };
            if let Some(last) = way.last_mut() {
                last.1 += 1;
            }
            let Some(target) = target(need) else {
                continue;
            };
            if is_on_way[target] {
                let begin = way.iter().position(|(other, _)| *other == target);
                found.push(circle(on, services, &way[begin.unwrap_or_default()..]));
            } else if !done[target] {
                is_on_way[target] = true;
                way.push((target, 0));
            }
        }
    }
    found
}

fn circle(on: &[On], services: &[Arc<Service>], way: &[(usize, usize)]) -> Refused {
    let name = |service: usize| services[on[service].service].name.as_str();
    let names: Vec<&str> = way.iter().map(|(service, _)| name(*service)).collect();
    let needs: Vec<&Need> = way
        .iter()
        .map(|(service, next)| &on[*service].needs[next - 1])
        .collect();
    let (last, user) = (needs[needs.len() - 1], names[names.len() - 1]);
    let message = format!(
        "services wait for each other in a circle: {} -> {}",
        names.join(" -> "),
        names[0]
    );
    let path = last.path(user, services);
    let mut refused = Refused::new(Code::DependencyCycle, last.span, path, message);
    let targets = names[1..].iter();
    let others = names.iter().zip(targets).zip(&needs[..needs.len() - 1]);
    refused.labels = others
        .map(|((name, target), need)| (need.span, format!("`{name}` waits for `{target}`")))
        .collect();
    refused.allowing("take out one of these dependencies")
}
