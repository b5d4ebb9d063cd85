//! Where a script surely fails: read off its shape, and only where nothing is in doubt.

use super::ast::{Block, Item, Kind, Link, Pipeline, Simple, Word};

/// How many commands may stand between a loop and the `exit 1` behind it.
const LOOK: usize = 20;

/// Whether a block always ends badly.
pub(super) fn block_fails(block: &Block) -> bool {
    block
        .items
        .iter()
        .any(|item| item.rest.is_empty() && pipeline_fails(&item.first))
}

/// Whether a pipeline always ends the script badly.
pub(super) fn pipeline_fails(pipeline: &Pipeline) -> bool {
    let [command] = pipeline.commands.as_slice() else {
        return false;
    };
    match &command.kind {
        Kind::Simple(simple) => ends(simple) == Some(false),
        Kind::Group(body) => block_fails(body),
        Kind::Subshell(body) => block_fails(body) || body.items.last().is_some_and(last_fails),
        _ => false,
    }
}

/// Whether `logs && exit 1` is what an item is: at the end of a process it fails either way.
fn last_fails(item: &Item) -> bool {
    item.rest.iter().all(|(link, _)| *link == Link::And)
        && item
            .rest
            .last()
            .is_some_and(|(_, last)| pipeline_fails(last))
}

/// Whether a pipeline only ends a process of its own.
pub(super) fn is_subshell(pipeline: &Pipeline) -> bool {
    let last = pipeline.commands.last();
    last.is_some_and(|command| matches!(command.kind, Kind::Subshell(_)))
}

/// Whether a simple command ends the script, and whether well.
fn ends(simple: &Simple) -> Option<bool> {
    let mut words = simple.words.iter();
    match words.next()?.bare()? {
        "false" => Some(false),
        "exit" | "return" => {
            let status: i64 = words.next()?.plain()?.parse().ok()?;
            Some(status == 0)
        }
        _ => None,
    }
}

/// Whether the script fails once a loop in front of `items` has run out.
pub(super) fn fails_behind(items: &[Item]) -> bool {
    for item in items.iter().take(LOOK) {
        let last = item.rest.last().map_or(&item.first, |(_, p)| p);
        if pipeline_fails(last) {
            return true;
        }
        let [command] = item.first.commands.as_slice() else {
            continue;
        };
        match &command.kind {
            Kind::Simple(simple) if ends(simple).is_some() => return false,
            Kind::If { arms, otherwise } => {
                let mut bodies = arms.iter().map(|(_, body)| body).chain(otherwise);
                if bodies.any(block_fails) {
                    return true;
                }
            }
            Kind::Simple(_) | Kind::Group(_) | Kind::Subshell(_) => {}
            // Another wait or branch: what follows it belongs to that.
            _ => return false,
        }
    }
    false
}

/// Whether an item is a loop, or ends in one.
pub(super) fn ends_in_a_loop(item: &Item) -> bool {
    let last = item.rest.last().map_or(&item.first, |(_, p)| p);
    last.commands.iter().any(|command| {
        matches!(
            command.kind,
            Kind::Loop { .. } | Kind::For { .. } | Kind::CountingFor { .. }
        )
    })
}

/// Whether a pipeline is there for its answer: a test, a search.
pub(super) fn decides(pipeline: &Pipeline) -> bool {
    let Some(command) = pipeline.commands.last() else {
        return false;
    };
    match &command.kind {
        Kind::Test(_) | Kind::Arith(_) => true,
        Kind::Simple(simple) => {
            pipeline.negated
                || simple
                    .words
                    .first()
                    .and_then(Word::bare)
                    .is_some_and(|name| {
                        matches!(
                            name,
                            "[" | "test" | "grep" | "command" | "which" | "curl" | "false"
                        )
                    })
        }
        _ => false,
    }
}

/// Whether a loop's condition reads lines: such a loop goes through them and waits for nothing.
pub(super) fn reads_lines(condition: &Block) -> bool {
    let mut pipelines = condition.items.iter().flat_map(|item| {
        std::iter::once(&item.first).chain(item.rest.iter().map(|(_, pipeline)| pipeline))
    });
    pipelines.any(|pipeline| {
        pipeline.commands.iter().any(|command| match &command.kind {
            Kind::Simple(simple) => {
                let name = simple.words.first().and_then(Word::bare);
                name == Some("read") || name == Some("getopts")
            }
            _ => false,
        })
    })
}
